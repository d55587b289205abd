"""The exercises of the case study on language models: slow truths, judges, the inputs they are tried on.

Rows are tokens: queries, keys and values are (n, d) arrays of float64; tokens are whole numbers.
"""

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import CLOSE, HAND, NotYet, Unreadable, as_numbers, as_texts, floats
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show


def _normal(seed: int, *shape: int) -> Array:
    """Draw a fixed table of numbers with two decimals."""
    return np.round(np.random.default_rng(seed).normal(size=shape), 2)


# By hand


@by_hand
def perplexity_of_four(value: Any) -> None:
    """Find the perplexity of a text of four tokens with probabilities 1/2, 1/8, 1/4, 1/4."""
    number = as_numbers(value, "one number", ())
    if abs(number - 2) <= HAND:
        raise NotYet(f"wanted the perplexity, got {show(value)}, the mean surprise in bits")
    if not abs(number - 4) <= HAND:
        raise NotYet(f"wanted one over the geometric mean of the four probabilities, got {show(value)}")


@by_hand
def score_gradient(value: Any) -> None:
    """Carry a gradient through two equal weights to the two scores."""
    numbers = as_numbers(value, "two numbers", (2,))
    if np.allclose(numbers, [0, 4], rtol=0, atol=HAND):
        raise NotYet(
            f"wanted the gradient with respect to the scores, got {show(value)}, that of the weights"
        )
    if not abs(numbers.sum()) <= 2 * HAND:
        raise NotYet(f"wanted two numbers that add up to 0, got {show(value)}")
    if not np.allclose(numbers, [-1, 1], rtol=0, atol=HAND):
        raise NotYet(f"wanted each weight times what its gradient has above the mean, got {show(value)}")


@by_hand
def millions_of_parameters(value: Any) -> None:
    """Count the parameters of GPT-2 small, in millions."""
    number = float(as_numbers(value, "one number, in millions", ()))
    tables = "(V + n) d for the tables"
    for known, near, fault in (
        (84.935, 0.3, "embeddings and positions too, got the layers alone"),
        (123.532, 0.1, "positions too, got layers and embedding"),
        (162.916, 1, "the tied embedding counted once, got it twice"),
        (124.440, 0.06, "a number without offsets, got one with them"),
        (124_318_464, 1e6, "millions, got single parameters"),
    ):
        if abs(number - known) < near:
            raise NotYet(f"wanted {fault}: {show(value)}")
    if abs(number - 124) > HAND and abs(number - 124.318) > 0.06:  # whole millions are enough
        raise NotYet(f"wanted 12 L d² for the layers and {tables}, got {show(value)} million")


# Functions


@requirement(
    rule(
        "the most frequent pair is joined, of equally frequent ones the first in the alphabet",
        [["l", "o", "w"], ["l", "o", "w", "e", "r"], ["l", "o", "w", "e", "s", "t"]],
    ),
    rule("of equally frequent pairs the first in the alphabet is joined", [["b", "c"], ["a", "b"]]),
    rule("tokens may have several letters", [["lo", "w"], ["lo", "w", "e", "r"], ["s", "lo", "w"]]),
    rule("a pair is joined from the left", [["a", "a", "a"], ["b", "a", "a", "a", "a"]]),
    rule(
        "a pair is joined wherever it stands",
        [["c", "b", "a", "c", "b"], ["a", "c", "a"], ["x", "c", "b"], ["c", "b"]],
    ),
    rule("a pair is counted each time", [["d", "e", "d", "e", "d", "e"], ["a", "b"], ["a", "b"]]),
    rule("pairs do not reach across words", [["b", "z"], ["a"], ["b", "y"], ["a"], ["b", "z"], ["a"]]),
    rule("tokens are joined, not letters", [["el", "o"], ["l", "o"], ["l", "o"], ["el", "ow"]]),
)
def byte_pair_step(got: Any, words: list[list[str]]) -> None:
    """Join the most frequent pair, of equally frequent ones the first in the alphabet."""
    counts: dict[tuple[str, str], int] = {}
    for word in words:
        for pair in itertools.pairwise(word):
            counts[pair] = counts.get(pair, 0) + 1
    left, right = sorted(counts, key=lambda pair: (-counts[pair], pair))[0]
    wanted = []
    for word in words:
        joined = "\0".join(["", *word, ""])  # every token between two marks
        while f"\0{left}\0{right}\0" in joined:
            joined = joined.replace(f"\0{left}\0{right}\0", f"\0{left}{right}\0", 1)
        wanted.append(joined.strip("\0").split("\0"))
    if not isinstance(got, list | tuple | np.ndarray):
        raise Unreadable(f"wanted {show(wanted)}, got {show(got)}")
    if [as_texts(word, f"{show(wanted)}, words of tokens") for word in got] != wanted:
        raise NotYet(f"wanted {show(wanted)}, got {show(got)}")


@specification(
    rule(
        "what the discount takes off is shared by the number of contexts",
        floats([0, 3, 1], [2, 0, 2], [1, 0, 0]),
        0.5,
    ),
    rule("the discount may be any", floats([5, 1], [1, 0]), 0.75),
    rule(
        "each context has a number of successors",
        floats([4, 4, 0, 1], [0, 1, 0, 0], [2, 0, 3, 3], [1, 1, 1, 1]),
        0.4,
    ),
    rule("contexts are counted, not occurrences", floats([900, 2, 0], [0, 30, 1], [0, 0, 4000]), 0.9),
)
def kneser_ney_pairs(counts: Array, discount: float) -> Array:
    """Write each share as the formula says, one pair after the other."""
    size = len(counts)
    continuation = [sum(counts[h, w] > 0 for h in range(size)) for w in range(size)]
    shares = np.zeros((size, size))
    for h in range(size):
        total, different = sum(counts[h]), sum(c > 0 for c in counts[h])
        for w in range(size):
            shorter = continuation[w] / sum(continuation)
            shares[h, w] = (max(counts[h, w] - discount, 0) + discount * different * shorter) / total
    return shares


_QKV = [
    (_normal(1, 3, 2), _normal(2, 3, 2), _normal(3, 3, 2)),
    (_normal(4, 5, 3), _normal(5, 5, 3), _normal(6, 5, 2)),
]
_LARGE = (4 * _normal(14, 4, 3), 3 * _normal(15, 4, 3), 1e4 * _normal(16, 4, 1))
_FUTURE = "what comes later has no weight, however well it fits"
_FITTING = (
    floats([12, 1], [10, -1], [11, 0.5]),
    floats([-20, 1], [-15, 2], [25, 3]),  # the last fits by far the best
    floats([1, 2], [3, -1], [-2, 5]),
)
_PAST = "a token averages over its past alone, with weights that add up to one"


@specification(
    rule(_PAST, *_QKV[0]),
    rule("scores are divided by the root of the width of the keys", *_QKV[1]),
    rule("numbers may have any size", *_LARGE),
    rule(_FUTURE, *_FITTING),
    rule("one token sees itself", *(part[:1] for part in _QKV[1])),
)
def causal_attention(Q: Array, K: Array, V: Array) -> Array:
    """Average over the past of every token, written as sums."""
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        fits = [math.exp(Q[i] @ K[j] / math.sqrt(Q.shape[1])) for j in range(i + 1)]
        for j in range(i + 1):
            out[i] += fits[j] / sum(fits) * V[j]
    return out


@specification(
    rule("scores are divided by the root of the width", _normal(7, 2, 4), _normal(8, 3, 4)),
    rule("the divisor grows with the width", _normal(9, 3, 64), _normal(10, 4, 64)),
    rule("there may be fewer keys than queries", 3 * _normal(17, 5, 3), _normal(18, 2, 3)),
    rule("one key takes all", _normal(19, 2, 1), _normal(20, 1, 1)),
)
def look_weights(Q: Array, K: Array) -> Array:
    """Divide the scores by the root of the width, exponentiate, divide by the sums."""
    fits = np.array([[math.exp(q @ k / math.sqrt(len(q))) for k in K] for q in Q])
    return np.array([row / sum(row) for row in fits])


@specification(
    rule("the pair is turned against the clock", floats(1, 0), 1, math.pi / 2),
    rule("the angle is place times speed", floats(3, -4), 7, 0.3),
    rule("a negative place turns back", floats(0.5, 2), -2, 1.0),
    rule("at place zero nothing turns", floats(-0.25, 1.75), 0, 0.7),
    rule("pairs and places may have any size", floats(2e3, -0.5e3), 4000, 0.01),
    rule("pairs and places may have any size", floats(2.5e-4, 1e-4), 3, 0.9),
)
def turn_pair(x: Array, place: int, speed: float) -> Array:
    """Multiply by a complex number of modulus one."""
    z = complex(*x) * np.exp(1j * speed * place)
    return np.array([z.real, z.imag])


@specification(
    rule("new tokens look at all keys up to their own", *_QKV[0], 2),
    rule("token t looks at keys up to t", *_QKV[1], 2),
    rule("token t looks at keys up to t", *_QKV[1], 3),
    rule("nothing may have been read", *_QKV[0], 0),
    rule("one token may be new", *_LARGE, 3),
    rule(_FUTURE, *_FITTING, 1),
)
def cached_attention(Q: Array, K: Array, V: Array, n_read: int) -> Array:
    """Give the causal outputs of all tokens from `n_read` on."""
    return causal_attention(Q, K, V)[n_read:]


@requirement(
    rule("a token follows as it did before", np.array([3, 1, 2, 3, 1, 2, 3]), 4),
    rule("a token follows as it did before", np.array([0, 4, 1, 3, 0, 4, 1, 3, 0]), 5),
    rule("patterns have any length", np.array([5, 2, 7, 1, 0, 5, 2, 7, 1, 0, 5, 2]), 8),
    rule("one repetition is enough", np.array([6, 0, 9, 2, 6, 0]), 11),
    rule("a pattern may be short, and repeated often", np.array([1, 0, 1, 0, 1, 0, 1, 0, 1]), 3),
    rule("a pattern may be one token", np.array([2, 2, 2, 2]), 4),
)
def copy_next(got: Any, tokens: NDArray[np.int64], size: int) -> None:
    """Accept any array of guesses that is right from the first repetition on."""
    guesses = as_numbers(got, f"one token for each of the {len(tokens)} places")
    if guesses.shape != tokens.shape:
        raise NotYet(f"wanted one token for each of the {len(tokens)} places, got {show(guesses)}")
    period = next(i for i in range(1, len(tokens)) if tokens[i] == tokens[0])
    wanted = np.resize(tokens[:period], len(tokens) + 1)[period + 1 :]
    if not np.allclose(guesses[period:], wanted, rtol=0, atol=CLOSE):
        told = show(guesses[period:], unlike=wanted)
        raise NotYet(f"wanted {show(wanted)} from place {period} on, got {told}")


@specification(
    rule("the fewest best tokens that reach the share are kept", floats(0.5, 0.3, 0.2), 0.6),
    rule("tokens stay at their places", floats(0.1, 0.4, 0.2, 0.3), 0.5),
    rule("what is kept is divided by its sum", floats(0.05, 0.9, 0.05), 0.3),
    rule("rounding must not keep a token too many", floats(0.7, 0.1, 0.15, 0.05), 0.85),
    rule("rounding must not keep a token too many", floats(0.7, 0.02, 0.1, 0.08, 0.06, 0.04), 0.8),
    rule("of equal probabilities the first comes first", floats(0.1, 0.3, 0.1, 0.3, 0.1, 0.1), 0.65),
    rule("of equal probabilities the first comes first", floats(0.25, 0.25, 0.25, 0.25), 0.5),
    rule("of equal probabilities the first comes first", np.tile([0.02, 0.03], 20), 0.32),
    rule("what is missing must be no more than rounding", floats(0.1, 0.299999, 0.100001, 0.5), 0.8),
    rule("a share of one keeps all", floats(0.3, 0.1, 0.6), 1.0),
)
def nucleus(p: Array, share: float) -> Array:
    """Take the best again and again until the share is reached."""
    kept: list[int] = []
    while sum(p[kept]) < share - 1e-12:
        kept.append(max((i for i in range(len(p)) if i not in kept), key=lambda i: p[i]))
    out = np.zeros(len(p))
    out[kept] = p[kept] / sum(p[kept])
    return out


@specification(
    rule("the fit of a query and a key is a sum of products of exponentials", *_QKV[0]),
    rule("keys and values may have different widths", *_QKV[1]),
    rule("texts may be long", np.abs(_normal(11, 40, 3)), np.abs(_normal(12, 40, 3)), _normal(13, 40, 2)),
    rule("numbers may have any size", *_LARGE),
    rule("one token sees itself", *(part[:1] for part in _QKV[1])),
)
def linear_attention(Q: Array, K: Array, V: Array) -> Array:
    """Weight the past by products of positive features, with all weights written out."""
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        fits = np.array([np.exp(Q[i]) @ np.exp(K[j]) for j in range(i + 1)])
        out[i] = fits @ V[: i + 1] / fits.sum()
    return out
