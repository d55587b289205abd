"""The exercises of the chapter on measure and functional analysis: slow truths, judges and inputs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, as_truths, closeness, floats
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import Counted
from mmlhelpers.exercises._writing import show


@by_hand
def fat_cantor(value: Any) -> None:
    """Give the measure of what is never removed."""
    got = as_numbers(value, "one number from 0 to 1", ())
    if not 0 <= got <= 1:
        raise NotYet(f"wanted one number from 0 to 1, got {show(value)}")
    if abs(got - 0.5) > HAND:
        raise NotYet(f"wanted one minus the sum of all lengths removed, got {show(value)}")


@by_hand
def limits_exchange(value: Any) -> None:
    """Say for which of five sequences limit and integral exchange."""
    got = as_truths(value, "a list of five truths, True where they exchange", 5)
    n_right = int(np.sum(got == [True, False, True, False, True]))
    if n_right < 5:
        raise NotYet(f"wanted five right answers, got {n_right}: compute the integrals")


@specification(
    rule("each value counts with its measure", floats(1, 2, 3), floats(0.5, 0.25, 0.25)),
    rule("zero times infinity is zero", floats(0, 2), floats(np.inf, 3)),
    rule("zero times infinity is zero", floats(-1, 0, 4), floats(2, np.inf, 0.5)),
    rule("measures need not sum to one", floats(0.25, -1.5, 2), floats(3, 0.2, 7.5)),
    rule("zero times infinity is zero", floats(0, 0), floats(np.inf, np.inf)),
    rule("a set of finite measure may have the value zero too", floats(0, 1.5, -0.0), floats(2.5, 0.3, 4)),
    rule("a set may have measure zero", floats(3, -0.75), floats(0, 1.2)),
    rule("a small value is not zero", floats(2.5e-10, 0, -1e-12), floats(4e10, np.inf, 7e11)),
    rule("values may have any size", floats(3e8, -2.5e9), floats(1e-3, 0.4)),
    rule("each value counts with its measure", floats(0.37, -1.113, 2.91), floats(0.1237, 1.31, 0.2173)),
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


def _at_a_snails_pace(x: float) -> float:
    return 0.999 * x + 0.002


def _far(x: float) -> float:
    return 0.95 * x - 2e5


def _constant(x: float) -> float:
    return 2.5 + 0 * x


_ENDLESS = 100_000  # calls: what has not stopped by then never will


def _contraction(text: str, f: Callable[[float], float], q: float, start: float, tolerance: float) -> Any:
    return rule(text, Counted(f, _ENDLESS), q, start, tolerance)


@requirement(
    _contraction("the error of the new point is at most the tolerance", _halfway, 0.5, 0.0, 1e-6),
    _contraction("the steps may be short although the way is long", _slowly, 0.99, 0.0, 1e-3),
    _contraction("the steps may be short although the way is long", _at_a_snails_pace, 0.999, 0.0, 1e-3),
    _contraction("steps may go to and fro", _to_and_fro, 0.9, 5.0, 1e-4),
    _contraction("the factor of a step may be smaller than q", math.cos, math.sin(1), 1.0, 1e-8),
    _contraction("numbers may have any size", _far, 0.95, 1e6, 25.0),
    _contraction("start and limit may have any sign", _halfway, 0.5, -300.5, 0.25),
    _contraction("the start may be the limit", _halfway, 0.5, 2.0, 1e-9),
    _contraction("q may be zero", _constant, 0.0, -1.0, 1e-6),
)
def iterate(x: Any, f: Callable[[float], float], q: float, start: float, tolerance: float) -> None:
    """Accept a point whose error is certainly within the tolerance."""
    got = as_numbers(x, "one number", ())
    exact = start
    for _ in range(20_000):
        exact = f(exact)
    error = abs(float(got) - exact)
    if not error <= tolerance + closeness(x, 0.0) * abs(exact):
        most, got_error = show(tolerance, unlike=error), show(error, unlike=tolerance)
        raise NotYet(f"wanted an error of at most {most}, got {got_error}")


@specification(
    rule("each sample gets the mean of its class", floats(1, 3, 10), np.array([0, 0, 1])),
    rule(
        "a class need not stand together",
        floats(1, 2, 3, 4),
        np.array([2, 0, 2, 0]),
    ),
    rule("a class may have one sample", floats(5.5), np.array([3])),
    rule(
        "classes have different sizes",
        floats(-0.5, 2.25, 1, -7, 0.75, 3),
        np.array([1, 4, 1, 0, 1, 4]),
    ),
    rule("all samples may be in one class", floats(0.3, -0.7, 2), np.array([1, 1, 1])),
    rule("y may have any size", 1e-6 * floats(2.5317, -1, 4, 0.5), np.array([1, 0, 0, 1])),
    rule("y may have any size", 1e6 * floats(2.5, -1, 4, 0.5) + 0.25, np.array([0, 1, 1, 0])),
)
def conditional_mean(y: Array, classes: Array) -> Array:
    """Average over the samples that share the class, one sample after another."""
    return np.array([np.mean([v for v, c in zip(y, classes, strict=True) if c == own]) for own in classes])


@specification(
    rule("the kernel is exp(-distance)", np.zeros((1, 1)), floats([0], [1], [3])),
    rule("the distance is the length of the difference", floats([0, 0], [3, 4]), floats([2, 1])),
    rule(
        "row i belongs to X[i], column j to Z[j]",
        floats([0.5, -1, 2], [1.5, 0.25, 0]),
        floats([-0.75, 0, 1], [0.5, -1, 2.5]),
    ),
    rule(
        "row i belongs to X[i], column j to Z[j]",
        floats([0.2, 0.1], [-0.4, 0.3], [1, -0.6], [0.7, 0.9]),
        floats([0.1, 0.8], [0.5, -0.2]),
    ),
    rule("a small distance is a distance", 1e-6 * floats([1], [2.5]), 1e-6 * floats([-30], [4])),
    rule("no entry is negative, however far the points", floats([10, -2.5]), floats([0.5, 1], [9, -3])),
)
def laplace_kernel(X: Array, Z: Array) -> Array:
    """Take one pair after another."""
    return np.array([[math.exp(-math.dist(x, z)) for z in Z] for x in X])
