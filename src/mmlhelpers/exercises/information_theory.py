"""The exercises of the chapter on information theory: slow truths, judges and the inputs they are tried on.

Distributions are arrays (k,) that sum to one; symbols and classes are whole numbers from 0.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    as_texts,
    as_wholes,
    floats,
    require_three_decimals,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show

Labels = NDArray[np.int64]


def _labels(*entries: int) -> Labels:
    return np.array(entries, dtype=np.int64)


# By hand


@by_hand
def xor_information(value: Any) -> None:
    """Find I(X; Y) and I(X; Y | Z) in bits for two fair bits and their exclusive or."""
    found = as_numbers(value, "two numbers", (2,))
    if not abs(found[0]) <= HAND:
        raise NotYet(
            f"wanted in the first place what one bit tells about the other alone, got {show(found[0])}"
        )
    if not abs(found[1] - 1) <= HAND:
        raise NotYet(
            f"wanted in the second place what X tells about Y once Z is known, got {show(found[1])}: "
            "what is Y then, if you know X?"
        )


@by_hand
def huffman_by_hand(value: Any) -> None:
    """Find the lengths of Huffman's words for the probabilities 0.4, 0.3, 0.2 and 0.1."""
    lengths = as_wholes(value, "four whole numbers from 1", (4,))
    if not np.all(lengths >= 1):
        raise NotYet(f"wanted four whole numbers from 1, got {show(value)}")
    if (kraft := float(np.sum(2.0**-lengths))) > 1:
        raise NotYet(f"wanted lengths with a Kraft sum of at most 1, got {show(value)}, sum {show(kraft)}")
    if (mean := float(lengths @ [0.4, 0.3, 0.2, 0.1])) > 1.9 + HAND:
        raise NotYet(f"wanted the shortest mean, got {show(value)} with mean {show(mean)}")


@by_hand
def bits_and_choices(value: Any) -> None:
    """Turn a loss of 2 nats a token, with four letters a token, into bits a letter and perplexity."""
    found = as_numbers(value, "two numbers", (2,))
    require_three_decimals(found[0], 2 / math.log(2) / 4)
    if not abs(found[0] - 2 / math.log(2) / 4) <= HAND:
        raise NotYet(
            f"wanted bits a letter in the first place, got {show(found[0])}: a nat is 1/log 2 bits, "
            "and a token is shared by four letters"
        )
    if not abs(found[1] - math.exp(2)) <= 5 * HAND:  # 7.39 will do
        raise NotYet(
            f"wanted the perplexity of a token in the second place, got {show(found[1])}: "
            "how many equally likely tokens surprise as much?"
        )


# Functions


@requirement(
    ([1, 2, 3, 3],),
    rule("the words have the order of the lengths", [3, 1, 2, 3]),
    rule("the Kraft sum may be one, with equal lengths", [2, 2, 2, 2]),
    rule("the words have the order of the lengths", [4, 3, 2, 1, 4]),
    rule("the Kraft sum may be less than one", [5, 2, 7, 3, 5]),
    rule("one word alone is a code", [3]),
)
def prefix_code(words: Any, lengths: list[int]) -> None:
    """Accept words of 0 and 1 with these lengths, none of which is the beginning of another."""
    words = as_texts(words, "a list of strings")
    if any(set(word) - {"0", "1"} for word in words):
        raise NotYet(f"wanted words of 0 and 1 only, got {show(words)}")
    if [len(word) for word in words] != lengths:
        raise NotYet(f"wanted words of lengths {show(lengths)}, in this order, got {show(words)}")
    for i, word in enumerate(words):
        for j, other in enumerate(words):
            if i != j and other.startswith(word):
                raise NotYet(
                    f"wanted no word to be the beginning of another, got {show(word)} and {show(other)}"
                )


@specification(
    rule("the mean is taken over what happens, p, in nats", floats(0.6, 0.3, 0.1), floats(0.1, 0.2, 0.7)),
    rule("what never happens counts nothing", floats(0.5, 0.5, 0), floats(0.25, 0.25, 0.5)),
    rule("what never happens counts nothing, expected or not", floats(1, 0), floats(1, 0)),
    rule("what happens and was impossible costs infinity", floats(0.5, 0.5), floats(1, 0)),
    rule("what happens rarely counts too", floats(1e-6, 0.25, 0.749999), floats(0.5, 0.25, 0.25)),
    rule("what was expected rarely costs much", floats(0.125, 0.875), floats(1e-30, 1)),
)
def divergence(p: Array, q: Array) -> float:
    """Add up p log(p/q), value by value, in nats."""
    total = 0.0
    for happens, expected in zip(p, q, strict=True):
        if happens > 0:
            total += happens * math.log(happens / expected) if expected > 0 else math.inf
    return total


@specification(
    rule("the term is (k - 1)/(2 n log 2), in bits", _labels(5, 5)),
    rule("k counts the values that were seen", _labels(3, 0, 2, 1, 0)),
    rule("one value alone is certain", _labels(7)),
    rule("the term is (k - 1)/(2 n log 2), in bits", _labels(1, 1, 1, 1)),
    rule("large samples need little correction", _labels(1200, 0, 345, 17, 90)),
)
def miller_madow(counts: Labels) -> float:
    """Correct the entropy of the shares by its first-order bias, in bits."""
    n = sum(counts)
    plug_in = sum(-c / n * math.log2(c / n) for c in counts if c > 0)
    return float(plug_in + (sum(c > 0 for c in counts) - 1) / (2 * n * math.log(2)))


def _gain(x: Array, y: Labels, threshold: float) -> float:
    """Information gain of a threshold in bits, from the definition."""

    def entropy(classes: Labels) -> float:
        shares = [float(np.mean(classes == c)) for c in set(classes.tolist())]
        return -sum(share * math.log2(share) for share in shares)

    yes = x <= threshold
    parts = [y[part] for part in (yes, ~yes) if part.any()]
    return entropy(y) - sum(len(part) / len(y) * entropy(part) for part in parts)


UNEQUAL = floats(0.5, 1.25, 2, 2.75, 3, 4.5, 5, 6.25, 7, 8)


@requirement(
    rule("the answer is yes where x is at most t", floats(1, 2, 3, 4), _labels(0, 0, 1, 1)),
    rule("values may stand in any order", floats(5, 1, 4, 2, 3), _labels(1, 1, 2, 0, 0)),
    rule("equal values stay together", floats(2, 2, 2, 7, 7, 9), _labels(0, 1, 0, 1, 1, 0)),
    rule("values may have any size and sign", floats(-250.5, 1e4, 0.25, -3, 12.5), _labels(3, 0, 3, 3, 0)),
    rule("what counts is the information, no other purity", UNEQUAL, _labels(0, 1, 1, 0, 0, 1, 1, 0, 1, 1)),
)
def best_threshold(threshold: Any, x: Array, y: Labels) -> None:
    """Accept every threshold whose answer tells as much about the class as any can."""
    number = as_numbers(threshold, "one number", ())
    most = max(_gain(x, y, float(value)) for value in x)
    gain = _gain(x, y, float(number))
    if gain < most - CLOSE:
        wanted, got = show(most, unlike=gain), show(gain, unlike=most)
        raise NotYet(f"wanted a threshold that gains {wanted} bits, got {show(threshold)}, which gains {got}")


@specification(
    rule("the probability is (c + 1)/(m + k)", _labels(1, 1, 1, 0), 2),
    rule("what followed the last symbol counts, not how often it came", _labels(0, 1, 0, 1, 0, 1), 2),
    rule("symbols that never came have their share too", _labels(2, 0, 2, 1, 2, 0, 0), 4),
    rule("the first symbol costs log2 k", _labels(1), 3),
    rule("each symbol is paid for before it is counted", _labels(1, 1, 0, 1, 1, 0, 1, 1, 2, 1, 0), 3),
)
def bigram_bits(symbols: Labels, k: int) -> float:
    """Count afresh at every symbol what followed the last one so far, and one of each in addition."""
    bits = math.log2(k)
    for t in range(1, len(symbols)):
        followers = [symbols[s + 1] for s in range(t - 1) if symbols[s] == symbols[t - 1]]
        bits -= math.log2((followers.count(symbols[t]) + 1) / (len(followers) + k))
    return bits


@specification(
    rule("without a tilt all values are equally likely", floats(1, 2, 3, 4, 5, 6), 3.5),
    rule("the distribution has the mean", floats(1, 2, 3, 4, 5, 6), 4.5),
    rule("the mean may be low", floats(1, 2, 3, 4, 5, 6), 1.2),
    rule("the weights are exp(theta f)", floats(0, 1, 10), 2.0),
    rule("values may stand in any order", floats(0.75, -2.5, 4, 0.25), -0.5),
    rule("equal values are equally likely", floats(2, -20, 2, 31.5), 12.25),
    within=1e-6,
)
def maximum_entropy(values: Array, mean: float) -> Array:
    """Bisect for the exponent at which weights exp(theta * value) have the mean."""
    low, high = -100.0, 100.0
    p = np.ones(len(values)) / len(values)
    for _ in range(200):
        theta = (low + high) / 2
        exponents = theta * values
        p = np.exp(exponents - exponents.max())
        p /= p.sum()
        low, high = (low, theta) if p @ values > mean else (theta, high)
    return p
