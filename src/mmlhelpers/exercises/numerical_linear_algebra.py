"""The exercises of the chapter on numerical linear algebra: slow truths, judges and the inputs to try."""

import math
from fractions import Fraction
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet, as_numbers, require_close
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show


@by_hand
def counter_stops(value: Any) -> None:
    """Count up until the gap between neighbours is two: adding one is a tie, and ties go to the even one."""
    got = as_numbers(value, "two numbers, for half and for single precision", (2,))
    for name, digits, number in zip(("half", "single"), (10, 23), got, strict=True):
        stop = 2.0 ** (digits + 1)
        if number != stop:
            way = "still moves on from there" if number < stop else "stopped before"
            raise NotYet(f"in {name} precision a counter at {number:.10g} is wrong: it {way}")


@requirement((1.5, 2.0), (5e7, 1.0), (-5e7, 1.0), (1e9, 3.0), (2.0, -5.0), (-3.0, 0.0))
def quadratic_roots(roots: Any, p: float, q: float) -> None:
    """Compute the root of larger size in whole numbers; the other is q divided by it."""
    got = as_numbers(roots, "two roots, the one of larger size first", (2,))
    large, exact_q = _large_root(p, q), Fraction(q)
    for name, number, wanted in zip(
        ("first", "second"), got, (float(large), float(exact_q / large)), strict=True
    ):
        if not math.isclose(number, wanted, rel_tol=1e-12):
            raise NotYet(f"wanted {wanted:.10g} for the {name} root, got {number:.10g}")


def _large_root(p: float, q: float) -> Fraction:
    """Return p plus or minus the root of p^2 - q, whichever is larger in size, to fifty digits."""
    square = Fraction(p) ** 2 - Fraction(q)
    scale = 10**50
    root = Fraction(math.isqrt(int(square * scale**2)), scale)
    return Fraction(p) + (root if p >= 0 else -root)


_POINTS = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 0.0]])


@specification(
    (_POINTS,),
    (np.array([[1e8], [1e8 + 1.0]]),),  # whole numbers: what goes wrong is the same on every machine
    (_POINTS + 1e6,),
    (_POINTS * 0.001 + 1e5,),
)
def pair_distances(X: Array) -> Array:
    """Subtract first, then square."""
    return np.array([[math.dist(x, y) for y in X] for x in X])


def _covariance(n: int, length: float) -> Array:
    x = np.arange(float(n))
    K: Array = np.exp(-np.abs(x[:, None] - x) / length)
    return K


@specification(
    (np.diag([2.0, 8.0]),),
    (np.array([[2.0, 1.0], [1.0, 2.0]]),),
    (1e-3 * _covariance(150, 2.0),),
    (1e3 * _covariance(150, 2.0),),
)
def log_determinant(A: Array) -> float:
    """Eliminate, and add the logarithms of the pivots."""
    U, total = A.astype(float), 0.0
    for j in range(len(U)):
        total += math.log(U[j, j])
        for i in range(j + 1, len(U)):
            U[i] -= U[i, j] / U[j, j] * U[j]
    return total


@specification(
    (np.array([1.0]), np.array([2.0, 2.0]), np.array([1.0]), np.array([3.0, 3.0])),
    (-np.ones(4), 2.0 * np.ones(5), -np.ones(4), np.array([1.0, 0, 0, 0, 1])),
    (np.array([1.0, 2]), np.array([4.0, 5, 6]), np.array([-1.0, 1]), np.array([1.0, 2, 3])),
    (np.zeros(0), np.array([4.0]), np.zeros(0), np.array([2.0])),
)
def solve_tridiagonal(lower: Array, diagonal: Array, upper: Array, b: Array) -> Array:
    """Write the matrix out and solve."""
    A = np.diag(lower, -1) + np.diag(diagonal) + np.diag(upper, 1)
    return np.asarray(np.linalg.solve(A, b), dtype=np.float64)


@requirement(
    (np.array([[3.0]]), np.array([4.0])),
    (np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([0.0, 5.0])),
    (np.array([[1.0, 2.0, 0.5], [0.0, 3.0, -1.0], [0.0, 0.0, 2.0]]), np.array([2.0, -1.0, 4.0])),
    (np.eye(3), np.zeros(3)),
    (np.diag([1e6, 1.0]), np.array([1.0, 1e-3])),
)
def add_row(triangle: Any, R: Array, row: Array) -> None:
    """Accept the triangle of R with the row below it, up to the signs of its rows."""
    got = as_numbers(triangle, f"a triangle of shape {R.shape}", R.shape)
    if np.abs(np.tril(got, -1)).max() > 1e-10 * np.abs(got).max():
        raise NotYet(f"wanted zeros below the diagonal, got {show(got)}")
    truth = np.linalg.qr(np.vstack([R, row])).R
    signs = [np.where(np.diag(T) < 0, -1.0, 1.0)[:, None] for T in (got, truth)]
    require_close(got * signs[0], truth * signs[1])
