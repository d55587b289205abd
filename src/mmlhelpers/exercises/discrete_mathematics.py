"""The exercises of the chapter on discrete mathematics: slow truths, judges and the inputs to try."""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet, as_numbers
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show


@by_hand
def models_compared(value: Any) -> None:
    """Solve 2 M exp(-2 n t^2) = 0.05 for M with t = 0.02."""
    got = as_numbers(value, "two numbers, for 10,000 and for 20,000 samples", (2,))
    for n, number in zip((10_000, 20_000), got, strict=True):
        most = math.floor(0.025 * math.exp(2 * n * 0.02**2))
        if number != most:
            way = "many" if number > most else "few"
            raise NotYet(f"wanted the largest whole number for {n:,} samples, got {number:g}: too {way}")


@specification(
    (1, [0.5]),
    (3, [0.0, 0.0, 0.9]),
    (3, [0.4, 0.6, 0.9]),
    (3, [0.99, 0.99, 0.99]),
    (6, [0.1, 0.95, 0.5, 0.3, 0.7, 0.2]),
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
    ("gradient", "graded"),
    ("aab", "azb"),
    ("abcbdab", "bdcaba"),
    ("", "matrix"),
    ("aaaa", "aa"),
    ("stream", "master"),
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
    ({"loss": ["h"], "h": ["x"]}, "loss"),
    ({"loss": ["h", "x"], "h": ["x"]}, "loss"),
    ({"y": ["a", "d"], "a": ["b"], "b": ["c"], "c": ["d"], "d": ["x"]}, "y"),
    ({"y": ["p", "q"], "p": ["x"], "q": ["x"], "other": ["y", "x"]}, "y"),
)
def backward_order(order: Any, needs: dict[str, list[str]], output: str) -> None:
    """Accept any order in which each node that the output depends on comes before all that it needs."""
    if not isinstance(order, list | tuple) or not all(isinstance(node, str) for node in order):
        raise NotYet(f"wanted a list of the names of nodes, got {show(order)}")
    reached = {output}
    while more := {other for node in reached for other in needs.get(node, [])} - reached:
        reached |= more
    if sorted(order) != sorted(reached):
        raise NotYet(f"wanted each of {sorted(reached)} exactly once, got {show(order)}")
    for node, others in needs.items():
        for other in others:
            if node in reached and order.index(node) > order.index(other):
                raise NotYet(
                    f"wanted {node} before {other}, which it needs, got {show(order)}: the gradient of "
                    f"{other} would be sent on before the part through {node} has arrived"
                )


@specification((1000, 0.01), (1, 0.5), (10**6, 1e-4), (50, 0.2))
def bloom_size(n: int, error: float) -> Array:
    """Search the best number of functions, then the bits that half fill the filter."""
    k = -math.log2(error)
    return np.array([math.ceil(n * k / math.log(2)), round(k)], dtype=float)


def _grid(*rows: Any) -> Array:
    return np.array(rows, dtype=float)


@specification(
    (_grid([1, 0]), _grid([0, 0], [0, 0])),
    (_grid([2, 0], [0, 1], [3, 0]), _grid([0, -5], [-5, 0])),
    (_grid([0, 1, 0], [2, 0, 1.5], [0, 0.5, 1]), _grid([1, -1, 0], [0, 0.5, -2], [0.25, 0, 1])),
)
def best_path(scores: Array, moves: Array) -> Array:
    """Try every sequence of sounds."""
    T, S = scores.shape

    def total(path: tuple[int, ...]) -> float:
        heard = sum(scores[t, sound] for t, sound in enumerate(path))
        return float(heard + sum(moves[a, b] for a, b in itertools.pairwise(path)))

    return np.array(max(itertools.product(range(S), repeat=T), key=total))
