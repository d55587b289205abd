"""Independent truths: definitions written out, exact fractions, fifty digits. Slow, and independent."""

import math
import operator
from fractions import Fraction
from itertools import permutations

import mpmath
import numpy as np

#: Arithmetic with fifty digits.
MP = mpmath.MPContext()
MP.dps = 50
EPSILON = float(np.finfo(float).eps)


def exact(values):
    """Read floats as numbers of fifty digits, in a flat list; none is changed."""
    return [MP.mpf(float(value)) for value in np.ravel(values)]


def relative_error(got, wanted):
    """Return how far a float lies from a number of fifty digits, as a share of that number."""
    return float(abs(MP.mpf(float(got)) - wanted) / abs(wanted))


def determinant_by_permutations(A):
    """Sum over all permutations, exactly as Leibniz wrote it."""
    n = len(A)
    total = 0.0
    for order in permutations(range(n)):
        crossings = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        total += (-1) ** crossings * math.prod(A[i][order[i]] for i in range(n))
    return total


def row_echelon_by_fractions(A):
    """Reduce a matrix of whole numbers without rounding; return its rows and the columns of the pivots."""
    rows = [[Fraction(int(entry)) for entry in row] for row in A]
    pivots = []
    for j in range(len(rows[0])):
        i = len(pivots)
        below = [k for k in range(i, len(rows)) if rows[k][j] != 0]
        if not below:
            continue
        rows[i], rows[below[0]] = rows[below[0]], rows[i]
        rows[i] = [entry / rows[i][j] for entry in rows[i]]
        for k in range(len(rows)):
            if k != i:
                factor = rows[k][j]
                rows[k] = [entry - factor * pivot for entry, pivot in zip(rows[k], rows[i], strict=True)]
        pivots.append(j)
    return np.array(rows, dtype=float), tuple(pivots)


def solve_by_fractions(A, b):
    """Solve a square system without rounding; entries are fractions, whole numbers or floats as they are."""
    rows = [[*map(Fraction, row), Fraction(target)] for row, target in zip(A, b, strict=True)]
    for j in range(len(rows)):
        pivot = next(k for k in range(j, len(rows)) if rows[k][j])
        rows[j], rows[pivot] = rows[pivot], rows[j]
        rows[j] = [entry / rows[j][j] for entry in rows[j]]
        for k in range(len(rows)):
            if k != j and rows[k][j]:
                factor = rows[k][j]
                rows[k] = [entry - factor * above for entry, above in zip(rows[k], rows[j], strict=True)]
    return [row[-1] for row in rows]


def dot(u, v):
    """Sum products without rounding, given fractions."""
    return sum(map(operator.mul, u, v))


def assert_orthonormal(Q, atol=1e-10):
    """Columns of length 1 at right angles."""
    np.testing.assert_allclose(Q.T @ Q, np.eye(Q.shape[1]), atol=atol)


def assert_same_span(Q, P, atol=1e-10):
    """Two orthonormal bases of one subspace: equal projections."""
    assert Q.shape == P.shape
    np.testing.assert_allclose(Q @ Q.T, P @ P.T, atol=atol)
