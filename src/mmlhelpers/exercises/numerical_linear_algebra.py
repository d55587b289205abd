"""The exercises of the chapter on numerical linear algebra: slow truths, judges and the inputs to try."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    NotYet,
    as_numbers,
    as_parts,
    closeness,
    floats,
    require_close,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import SOLVERS, without
from mmlhelpers.exercises._writing import show


@by_hand
def counter_stops(value: Any) -> None:
    """Count up until the gap between neighbours is two: adding one is a tie, and ties go to the even one."""
    got = as_numbers(value, "two numbers, for half and for single precision", (2,))
    for name, digits, number in zip(("half", "single"), (10, 23), got, strict=True):
        stop = 2.0 ** (digits + 1)
        if number != stop:
            way = "still moves on from there" if number < stop else "stopped before"
            shown = show(float(number), unlike=stop)
            raise NotYet(f"in {name} precision a counter at {shown} is wrong: it {way}")


_FULL = 1e-12  # full accuracy, a few roundings aside


@requirement(
    rule("both solve x^2 - 2 p x + q = 0, the one of larger size first", 1.5, 2.0),
    rule("the root of smaller size is q divided by the other", 5e7, 1.0),
    rule("p may be negative", -5e7, 1.0),
    rule("the root of smaller size is q divided by the other", 30123.25, 0.75),
    rule("the roots may have different signs", 2.0, -5.0),
    rule("the roots may have different signs", -3e6, -2.5),
    rule("a root may be zero", -3.0, 0.0),
    rule("p and q may have any size", 2.5e-5, 3e-14),
    rule("p and q may have any size", -1.5e9, 7e12),
)
def quadratic_roots(roots: Any, p: float, q: float) -> None:
    """Compute the root of larger size in whole numbers; the other is q divided by it."""
    large, exact_q = _large_root(p, q), Fraction(q)
    names = ("first root", "second root")
    wanted = (float(large), float(exact_q / large))
    for name, number, truth in zip(names, as_parts(roots, names), wanted, strict=True):
        as_numbers(number, f"one number for the {name}", ())
        require_close(number, truth, name, within=_FULL, size=0.0)


def _large_root(p: float, q: float) -> Fraction:
    """Return p plus or minus the root of p^2 - q, whichever is larger in size, to fifty digits."""
    square = Fraction(p) ** 2 - Fraction(q)
    scale = 10**50
    root = Fraction(math.isqrt(int(square * scale**2)), scale)
    return Fraction(p) + (root if p >= 0 else -root)


_POINTS = floats([0, 0], [3, 4], [3, 0])
_CLOUD = floats([0.25, -1, 3], [1.5, 2, 0.75], [-2, 0.5, 0.25], [0.25, -1, 2.5])
# Every point stands twice, and has so many digits that some squared distance of a pair is rounded below zero.
_PAIRS = np.repeat(1000 + 17 * np.sin(np.arange(24.0)).reshape(8, 3), 2, axis=0)


@requirement(
    rule("distances are the roots of the sums of squares", _POINTS),
    rule("what all points share must not cancel", floats([1e8], [1e8 + 1])),  # the same on every machine
    rule("what all points share must not cancel", _POINTS + 1e6),
    rule("what all points share must not cancel", 0.001 * _POINTS + 1e4),
    rule("each coordinate has a mean of its own", _CLOUD + floats(4e7, -3e6, 20)),
    rule("equal points are at distance zero", floats([7.5, -2], [0.25, 1], [7.5, -2], [0.25, 1]) + 1e4),
    rule("what rounding leaves below zero is distance zero", _PAIRS),
    rule("coordinates may have any size", 1e-5 * _CLOUD),
    rule("coordinates may have any size", 1e5 * _CLOUD),
    rule("there may be one point", floats([2.5, -1e3])),
)
def pair_distances(got: Any, X: Array) -> None:
    """Subtract first, then square; six digits of the largest distance are what a fast product can give."""
    truth = np.array([[math.dist(x, y) for y in X] for x in X])
    require_close(got, truth, within=1e-6, size=float(truth.max()))


def _covariance(n: int, length: float) -> Array:
    x = np.arange(float(n))
    K: Array = np.exp(-np.abs(x[:, None] - x) / length)
    return K


@specification(
    rule("the whole determinant counts, not its root", np.diag([2.0, 8.0])),
    rule("it is the natural logarithm", floats([2, 1], [1, 2])),
    rule("entries beside the diagonal count", floats([2.5, -1, 0.5], [-1, 1.75, 0.25], [0.5, 0.25, 3])),
    rule("one number is a matrix too", floats([0.25])),
    rule("the determinant may underflow", 1e-3 * _covariance(150, 2.0)),
    rule("the determinant may overflow", 1e3 * _covariance(150, 2.0)),
    rule("the determinant may be one", floats([2, 1], [1, 1])),
    rule("a small determinant is not zero", 1e-6 * floats([2.5, 1], [1, 1.5])),
)
def log_determinant(A: Array) -> float:
    """Eliminate, and add the logarithms of the pivots."""
    U, total = A.astype(float), 0.0
    for j in range(len(U)):
        total += math.log(U[j, j])
        for i in range(j + 1, len(U)):
            U[i] -= U[i, j] / U[j, j] * U[j]
    return total


def _watched(*arrays: Array) -> tuple[Array, ...]:
    """Forbid to write the matrix out and to solve it as a full one."""
    return tuple(without(array, np.diag, np.diagflat, *SOLVERS) for array in arrays)


@specification(
    rule("all three diagonals count, with their signs", floats(1), floats(2, 2), floats(1), floats(3, 3)),
    rule(
        "each pivot has been changed by the row above",
        -np.ones(4),
        2 * np.ones(5),
        -np.ones(4),
        floats(1, 0, 0, 0, 1),
    ),
    rule(
        "lower stands below the diagonal, upper above",
        floats(1, 2),
        floats(4, 5, 6),
        floats(-1, 1),
        floats(1, 2, 3),
    ),
    rule("there may be one unknown", np.zeros(0), floats(4), np.zeros(0), floats(2.5)),
    rule(
        "rows may have nothing to do with each other",
        floats(0, 1.5, 0),
        floats(2.5, -3, 4, 0.5),
        floats(0, -0.25, 0),
        floats(-1, 0.75, 2, 3),
    ),
    rule(
        "elimination gives all digits", -np.ones(59), 2 * np.ones(60), -np.ones(59), np.sin(np.arange(60.0))
    ),
    rule(
        "numbers may have any size",
        1e-6 * floats(1.5, -2),
        1e-6 * floats(-4, 5, 3.5),
        1e-6 * floats(0.5, 1),
        1e4 * floats(2, 0.5, -7),
    ),
    rule(
        "the matrix is never written out",
        *_watched(floats(1.5, -2, 0.5), floats(-4, 5, 3.5, 2), floats(0.5, 1, -1), floats(2, 0.5, -7, 1)),
    ),
)
def solve_tridiagonal(lower: Array, diagonal: Array, upper: Array, b: Array) -> Array:
    """Write the matrix out and solve."""
    A = np.diag(lower, -1) + np.diag(diagonal) + np.diag(upper, 1)
    return np.asarray(np.linalg.solve(A, b), dtype=np.float64)


_FACTORIZATIONS = (np.linalg.qr, np.linalg.cholesky, np.linalg.svd, np.linalg.lstsq)


@requirement(
    rule("R^T R + row row^T is kept", floats([3]), floats(4)),
    rule("each entry of the row is turned into R", floats([1, 2], [0, 3]), floats(0, 5)),
    rule(
        "each entry of the row is turned into R",
        floats([1, 2, 0.5], [0, 3, -1], [0, 0, 2]),
        floats(2, -1, 4),
    ),
    rule("a row of zeros changes nothing", floats([1.5, -0.25], [0, 2]), np.zeros(2)),
    rule(
        "diagonal entries may be negative", floats([-1.5, 2, 1], [0, 0.5, 3], [0, 0, -2]), floats(1, 0.25, -3)
    ),
    rule("R may have any size", 1e-5 * floats([1.5, 2], [0, 0.5]), 1e-5 * floats(-2, 0.75)),
    rule("sizes may differ", np.diag([1e6, 1.0]), floats(1, 1e-3)),
    rule("nothing is squared", floats([1e6, 1e6], [0, 1e-2]), floats(1e6, 999999.5)),
    rule("where both entries are zero there is nothing to turn", np.zeros((2, 2)), floats(1.5, -2)),
    rule(
        "rotations suffice, no new factorization",
        without(floats([2, -0.5, 1], [0, 1.5, 3], [0, 0, 0.25]), *_FACTORIZATIONS),
        without(floats(0.5, 2, -1), *_FACTORIZATIONS),
    ),
)
def add_row(triangle: Any, R: Array, row: Array) -> None:
    """Accept the triangle of R with the row below it, up to the signs of its rows."""
    got = as_numbers(triangle, f"a triangle of shape {R.shape}", R.shape)
    if np.abs(np.tril(got, -1)).max() > max(1e-10, closeness(triangle, 0.0)) * np.abs(got).max():
        raise NotYet(f"wanted zeros below the diagonal, got {show(got)}")
    signs = np.where(np.diag(got) < 0, -1.0, 1.0)[:, None]
    require_close(got * signs, _triangle(R, row), within=closeness(triangle))


def _triangle(R: Array, row: Array) -> Array:
    """Return the triangle that belongs to R^T R + row row^T, with sixty digits in between."""
    d = len(R)
    with localcontext() as context:
        context.prec = 60
        rows = [[Decimal(float(x)) for x in line] for line in (*R, row)]
        T = [[Decimal(0)] * d for _ in range(d)]
        for i in range(d):
            for j in range(i, d):
                rest = sum((line[i] * line[j] for line in rows), Decimal(0))
                rest -= sum((T[k][i] * T[k][j] for k in range(i)), Decimal(0))
                T[i][j] = rest.sqrt() if i == j else rest / T[i][i] if T[i][i] else Decimal(0)
    return floats(*T)
