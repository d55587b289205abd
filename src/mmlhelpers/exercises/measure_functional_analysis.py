"""The exercises of the chapter on measure and functional analysis: slow truths, judges and inputs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show


@by_hand
def fat_cantor(value: Any) -> None:
    """Give the measure of what is never removed."""
    got = as_numbers(value, "one number from 0 to 1", ())
    if not 0 <= got <= 1:
        raise NotYet(f"wanted one number from 0 to 1, got {show(value)}")
    if abs(got - 0.5) > 1e-6:
        raise NotYet(f"wanted one minus the sum of all lengths removed, got {show(value)}")


@by_hand
def limits_exchange(value: Any) -> None:
    """Say for which of five sequences limit and integral exchange."""
    if not isinstance(value, list | tuple) or len(value) != 5 or not all(isinstance(v, bool) for v in value):
        raise NotYet(f"wanted a list of five truths, True where they exchange, got {show(value)}")
    wrong = sum(a != b for a, b in zip(value, (True, False, True, False, True), strict=True))
    if wrong:
        raise NotYet(f"wanted five right answers, got {5 - wrong}: compute the integrals")


@specification(
    (floats(1, 2, 3), floats(0.5, 0.25, 0.25)),
    (floats(0, 2), floats(np.inf, 3)),
    (floats(-1, 0, 4), floats(2, np.inf, 0.5)),
)
def integral(values: Array, measures: Array) -> float:
    """Add piece by piece, with zero times infinity zero."""
    return float(sum(v * m for v, m in zip(values, measures, strict=True) if v != 0))


def _halfway(x: float) -> float:
    return 0.5 * x + 1


def _slowly(x: float) -> float:
    return 0.99 * x + 0.03


def _to_and_fro(x: float) -> float:
    return -0.9 * x + 1.9


@requirement(
    (_halfway, 0.5, 0.0, 1e-6),
    (_slowly, 0.99, 0.0, 1e-3),
    (_to_and_fro, 0.9, 5.0, 1e-4),
    (math.cos, math.sin(1), 1.0, 1e-8),
)
def iterate(x: Any, f: Callable[[float], float], q: float, start: float, tolerance: float) -> None:
    """Accept a point whose error is certainly within the tolerance."""
    got = as_numbers(x, "one number", ())
    exact = start
    for _ in range(20_000):
        exact = f(exact)
    error = abs(float(got) - exact)
    if not error <= tolerance:
        raise NotYet(
            f"wanted an error of at most {tolerance:g}, got {error:.1e}: the steps are short, the way is not"
        )


@specification(
    (floats(1, 3, 10), np.array([0, 0, 1])),
    (floats(1, 2, 3, 4), np.array([2, 0, 2, 0])),
    (floats(5), np.array([3])),
)
def conditional_mean(y: Array, classes: Array) -> Array:
    """Average over the samples that share the class, one sample after another."""
    return np.array([np.mean([v for v, c in zip(y, classes, strict=True) if c == own]) for own in classes])


@specification(
    (np.zeros((1, 1)), np.array([[0.0], [1.0], [3.0]])),
    (np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[2.0, 1.0]])),
)
def laplace_kernel(X: Array, Z: Array) -> Array:
    """Take one pair after another."""
    return np.array([[math.exp(-math.dist(x, z)) for z in Z] for x in X])
