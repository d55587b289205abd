"""The exercises of the chapter on discrete mathematics: slow truths, judges and the inputs to try."""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet, as_numbers, as_texts, floats
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show


@by_hand
def models_compared(value: Any) -> None:
    """Solve 2 M exp(-2 n t^2) = 0.05 for M with t = 0.02."""
    got = as_numbers(value, "two numbers, for 10,000 and for 20,000 samples", (2,))
    for n, number in zip((10_000, 20_000), got, strict=True):
        most = math.floor(0.025 * math.exp(2 * n * 0.02**2))
        if number != most:
            way = "many" if number > most else "few"
            shown = show(float(number), unlike=float(most))
            raise NotYet(f"wanted the largest whole number for {n:,} samples, got {shown}: too {way}")


@specification(
    rule("one sample stays where it is", 1, [0.5]),
    rule("step i swaps place i with one of the places from i on", 3, [0.0, 0.0, 0.9]),
    rule("each of the n - i places is equally likely", 3, [0.4, 0.6, 0.9]),
    rule("the two places are swapped", 3, [0.99, 0.99, 0.99]),
    rule("each of the n - i places is equally likely", 6, [0.1, 0.95, 0.5, 0.3, 0.7, 0.2]),
    rule("draws[i] belongs to step i", 8, [0.75, 0.31, 0.02, 0.66, 0.0, 0.97, 0.48, 0.13]),
    rule("n may be large", 40, [(0.37 + 0.618 * i) % 1 for i in range(40)]),
)
def shuffled(n: int, draws: list[float]) -> list[int]:
    """Draw without putting back: what is left takes the place of what was drawn."""
    order, left = [], list(range(n))
    for i, draw in enumerate(draws):
        j = int(draw * (n - i))
        order.append(left[j])
        left[j] = left[0]  # a swap moves the first of what is left to the place drawn
        left.pop(0)
    return order


@specification(
    rule("letters count in the order of both words", "gradient", "graded"),
    rule("a letter may occur more than once", "aab", "azb"),
    rule("the longest sequence counts, not the first that is found", "abcbdab", "bdcaba"),
    rule("a word may be empty", "", "matrix"),
    rule("a word may be empty", "matrix", ""),
    rule("a letter may occur more than once", "aaaa", "aa"),
    rule("letters count in the order of both words", "stream", "master"),
    rule("letters need not stand side by side", "axbyczd", "abcd"),
    rule("the longest sequence counts, not the first that is found", "xabcd", "abcdx"),
    rule("words may have nothing in common", "abc", "xyz"),
)
def common(a: str, b: str) -> int:
    """Try all subsequences of the first word, the longest first."""
    for length in range(len(a), 0, -1):
        for letters in itertools.combinations(a, length):
            rest = iter(b)
            if all(letter in rest for letter in letters):
                return length
    return 0


@requirement(
    rule("each node comes before all that it needs", {"loss": ["h"], "h": ["x"]}, "loss"),
    rule("a connection may skip a layer", {"loss": ["x", "h"], "h": ["x"]}, "loss"),
    rule("a connection may skip a layer", {"loss": ["h", "x"], "h": ["x"]}, "loss"),
    rule(
        "connections may skip many layers",
        {"y": ["a", "d"], "a": ["b"], "b": ["c"], "c": ["d"], "d": ["x"]},
        "y",
    ),
    rule(
        "only what the output depends on is listed",
        {"y": ["p", "q"], "p": ["x"], "q": ["x"], "other": ["y", "x"]},
        "y",
    ),
    rule("the output may need nothing", {"b": ["a"]}, "a"),
    rule("a node may be needed twice by another", {"square": ["h", "h"], "h": ["w", "x", "w"]}, "square"),
    rule(
        "a node waits for all that need it",
        {"e": ["d", "a"], "d": ["c", "b"], "c": ["b", "a"], "b": ["a", "z"], "a": ["z"], "f": ["a"]},
        "e",
    ),
    rule(
        "each node comes before all that it needs",
        {"x": [], "k": ["x", "w"], "w": [], "s": ["k", "v"], "v": ["x"], "o": ["v", "s", "k"]},
        "o",
    ),
)
def backward_order(order: Any, needs: dict[str, list[str]], output: str) -> None:
    """Accept any order in which each node that the output depends on comes before all that it needs."""
    names = as_texts(order, "a list of the names of nodes")
    reached = {output}
    while more := {other for node in reached for other in needs.get(node, [])} - reached:
        reached |= more
    if sorted(names) != sorted(reached):
        raise NotYet(f"wanted each of {show(sorted(reached))} exactly once, got {show(names)}")
    for node, others in needs.items():
        for other in others:
            if node in reached and names.index(node) > names.index(other):
                raise NotYet(
                    f"wanted {node} before {other}, which it needs, got {show(names)}: the gradient of "
                    f"{other} would be sent on before the part through {node} has arrived"
                )


@specification(
    rule("m = n k / ln 2 comes first, then k, where the error is 2^-k", 1000, 1 / 128),
    rule("m is rounded up", 3, 0.5),
    rule("k is rounded to the nearest whole number, but not before m is computed", 51, 0.2),
    rule("k is rounded to the nearest whole number, but not before m is computed", 700, 0.3),
    rule("m is rounded up", 1000, 0.01),
    rule("n may be large", 10**6, 1e-4),
    rule("the error may be tiny", 123_456_789, 2.5e-9),
)
def bloom_size(n: int, error: float) -> Array:
    """Search the best number of functions, then the bits that half fill the filter."""
    k = -math.log2(error)
    return np.array([math.ceil(n * k / math.log(2)), round(k)], dtype=float)


_SCORES = floats([0, 1, 0], [2, 0, 1.5], [0, 0.5, 1])
_MOVES = floats([1, -1, 0], [0, 0.5, -2], [0.25, 0, 1])
_FALSE_START = floats([0, 1.75, 1.25], [-1, -0.25, 1], [1.75, -1, 0.5], [1, 1.25, -0.75])
_EITHER_WAY = floats([-1.75, 0.75, -0.75], [0.75, -0.75, 0], [-0.75, 0, 1])
_LONG = floats([0.3, -0.2], [-1.1, 0.4], [0.25, 0.6], [1.5, -0.7], [-0.1, 0.35], [0.8, 0.9], [-2, -0.5])


@specification(
    rule("the path follows the scores where moves cost nothing", floats([1, 0]), floats([0, 0], [0, 0])),
    rule("moves count", floats([2, 0], [0, 1], [3, 0]), floats([0, -5], [-5, 0])),
    rule(
        "the path with the largest sum may begin with the worse sound",
        _FALSE_START,
        _EITHER_WAY,
    ),
    rule("moves[a, b] is for b after a", _SCORES, _MOVES),
    rule("moves[a, b] is for b after a", _LONG, floats([0.1, -0.6], [0.45, -0.3])),
    rule("the sum is asked for, so scores may be negative", _LONG - 3, floats([-2, -0.25], [-1, -2.5])),
    rule(
        "a move may be forbidden, with score minus infinity",
        floats([0.5, -1, 0], [2, 0, 0.25], [0, 1, 3], [1, 0.5, -1]),
        floats([-np.inf, 1, 0], [0, -np.inf, 0.3], [0.2, 0, -np.inf]),
    ),
    rule("there may be one sound", floats([0.5], [-1], [2]), floats([0.25])),
    rule("scores and moves may have any size", 1e-6 * _SCORES[::-1], 1e-6 * _MOVES.T),
    rule("scores and moves may have any size", 1e6 * _FALSE_START + 0.5, 1e6 * _EITHER_WAY),
)
def best_path(scores: Array, moves: Array) -> Array:
    """Try every sequence of sounds."""
    T, S = scores.shape

    def total(path: tuple[int, ...]) -> float:
        heard = sum(scores[t, sound] for t, sound in enumerate(path))
        return float(heard + sum(moves[a, b] for a, b in itertools.pairwise(path)))

    return np.array(max(itertools.product(range(S), repeat=T), key=total))
