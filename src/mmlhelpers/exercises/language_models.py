"""The exercises of the case study on language models: slow truths, judges, the inputs they are tried on.

Rows are tokens: queries, keys and values are (n, d) arrays of float64; tokens are whole numbers.
"""

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
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
        raise NotYet("wanted the perplexity, got the mean surprise in bits")
    if not abs(number - 4) <= HAND:
        raise NotYet(f"wanted one over the geometric mean of the four probabilities, got {show(value)}")


@by_hand
def score_gradient(value: Any) -> None:
    """Carry a gradient through two equal weights to the two scores."""
    numbers = as_numbers(value, "two numbers", (2,))
    if np.allclose(numbers, [0, 4], atol=HAND):
        raise NotYet("wanted the gradient by the scores, got the gradient by the weights")
    if not abs(numbers.sum()) <= HAND:
        raise NotYet(f"wanted two numbers that add up to 0, got {show(value)}")
    if not np.allclose(numbers, [-1, 1], atol=HAND):
        raise NotYet(f"wanted each weight times what its gradient has above the mean, got {show(value)}")


@by_hand
def millions_of_parameters(value: Any) -> None:
    """Count the parameters of GPT-2 small, in millions."""
    number = as_numbers(value, "one number, in millions", ())
    if abs(number - 84.9) < 0.3:
        raise NotYet("wanted embeddings and positions too, got the layers alone")
    if abs(number - 162.9) < 1:
        raise NotYet("wanted the tied embedding counted once, got it twice")
    if not abs(number - 124.3) < 0.2:
        raise NotYet(f"wanted 12 L d² for the layers and (V + n) d for the tables, got {show(value)} million")


# Functions


@requirement(
    ([["l", "o", "w"], ["l", "o", "w", "e", "r"], ["l", "o", "w", "e", "s", "t"]],),
    ([["lo", "w"], ["lo", "w", "e", "r"], ["s", "lo", "w"]],),
    ([["a", "a", "a"], ["b", "a", "a"]],),
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
    if (
        not isinstance(got, list)
        or [list(word) if isinstance(word, list) else word for word in got] != wanted
    ):
        raise NotYet(f"wanted {show(wanted)}, got {show(got)}")


@specification(
    (floats([0, 3, 1], [2, 0, 2], [1, 0, 0]), 0.5),
    (floats([5, 1], [1, 0]), 0.75),
    (floats([4, 4, 0, 1], [0, 1, 0, 0], [2, 0, 3, 3], [1, 1, 1, 1]), 0.4),
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


@specification(*_QKV)
def causal_attention(Q: Array, K: Array, V: Array) -> Array:
    """Average over the past of every token, written as sums."""
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        fits = [math.exp(Q[i] @ K[j] / math.sqrt(Q.shape[1])) for j in range(i + 1)]
        for j in range(i + 1):
            out[i] += fits[j] / sum(fits) * V[j]
    return out


@specification((_normal(7, 2, 4), _normal(8, 3, 4)), (_normal(9, 3, 64), _normal(10, 4, 64)))
def look_weights(Q: Array, K: Array) -> Array:
    """Divide the scores by the root of the width, exponentiate, divide by the sums."""
    fits = np.array([[math.exp(q @ k / math.sqrt(len(q))) for k in K] for q in Q])
    return np.array([row / sum(row) for row in fits])


@specification(
    (floats(1, 0), 1, math.pi / 2),
    (floats(3, -4), 7, 0.3),
    (floats(0.5, 2), -2, 1.0),
)
def turn_pair(x: Array, place: int, speed: float) -> Array:
    """Multiply by a complex number of modulus one."""
    z = complex(*x) * np.exp(1j * speed * place)
    return np.array([z.real, z.imag])


@specification(*[(q, k, v, 2) for q, k, v in _QKV])
def cached_attention(Q: Array, K: Array, V: Array, n_read: int) -> Array:
    """Give the causal outputs of all tokens from `n_read` on."""
    return causal_attention(Q, K, V)[n_read:]


@requirement(
    (np.array([3, 1, 2, 3, 1, 2, 3]), 4),
    (np.array([0, 4, 1, 3, 0, 4, 1, 3, 0]), 5),
    (np.array([5, 2, 7, 1, 0, 5, 2, 7, 1, 0, 5, 2]), 8),
)
def copy_next(got: Any, tokens: NDArray[np.int64], size: int) -> None:
    """Accept any array of guesses that is right from the first repetition on."""
    guesses = as_numbers(got, f"one token for each of the {len(tokens)} places", tokens.shape)
    period = next(i for i in range(1, len(tokens)) if tokens[i] == tokens[0])
    wanted = np.resize(tokens[:period], len(tokens) + 1)[period + 1 :]
    if not np.array_equal(guesses[period:], wanted):
        raise NotYet(f"wanted {show(wanted)} from place {period} on, got {show(guesses[period:])}")


@specification(
    (floats(0.5, 0.3, 0.2), 0.6),
    (floats(0.1, 0.4, 0.2, 0.3), 0.5),
    (floats(0.25, 0.25, 0.25, 0.25), 1.0),
    (floats(0.05, 0.9, 0.05), 0.3),
)
def nucleus(p: Array, share: float) -> Array:
    """Take the best again and again until the share is reached."""
    kept: list[int] = []
    while sum(p[kept]) < share - 1e-12:
        kept.append(max((i for i in range(len(p)) if i not in kept), key=lambda i: p[i]))
    out = np.zeros(len(p))
    out[kept] = p[kept] / sum(p[kept])
    return out


@specification(*_QKV, (np.abs(_normal(11, 40, 3)), np.abs(_normal(12, 40, 3)), _normal(13, 40, 2)))
def linear_attention(Q: Array, K: Array, V: Array) -> Array:
    """Weight the past by products of positive features, with all weights written out."""
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        fits = np.array([np.exp(Q[i]) @ np.exp(K[j]) for j in range(i + 1)])
        out[i] = fits @ V[: i + 1] / fits.sum()
    return out
