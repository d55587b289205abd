"""Products, elimination and what follows from it: solutions, inverse, determinant."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_matrix, as_square, as_vector
from mmlhelpers._scale import TINIEST, scaled, scaled_columns, unscaled
from mmlhelpers.linalg._common import negligible

_FAR = -100  # the exponent of a row that is far smaller than its columns
_SMALL = 2.0**-900  # entries below may lose digits when they are multiplied by numbers up to one


class Echelon(NamedTuple):
    """The reduced row echelon form `R` (m, n) and the columns of its pivots, from left to right."""

    R: Array
    pivots: tuple[int, ...]


class LU(NamedTuple):
    """Factors of ``A[order] = L @ U``: `L` unit lower, `U` upper triangular, `order` the rows of `A`."""

    order: NDArray[np.intp]
    L: Array
    U: Array


def matmul_loops(A: ArrayLike, B: ArrayLike) -> Array:
    r"""Multiply two matrices exactly as the defining sum is written.

    Parameters
    ----------
    A : (m, n) array_like
        Left factor.
    B : (n, p) array_like
        Right factor.

    Returns
    -------
    (m, p) ndarray
        The product, with entries :math:`C_{ij} = \sum_k A_{ik} B_{kj}`.

    Raises
    ------
    ValueError
        If `A` does not have as many columns as `B` has rows.

    Notes
    -----
    Three nested loops, :math:`mnp` multiplications: the slow truth beside ``A @ B``. Each entry is within
    :math:`n\varepsilon \sum_k |A_{ik}||B_{kj}|` of the exact one.

    Examples
    --------
    >>> matmul_loops([[1, 2], [3, 4]], [[0, 1], [1, 0]])
    array([[2., 1.],
           [4., 3.]])
    """
    A, B = as_matrix(A, "A"), as_matrix(B, "B")
    if A.shape[1] != len(B):
        raise ValueError(
            f"A {A.shape} has {A.shape[1]} columns but B {B.shape} has {len(B)} rows: make them agree"
        )
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        C = _multiply(A, B)
    if np.isfinite(C).all() and np.abs(C).max() >= TINIEST:
        return C
    (A, e), (B, f) = scaled(A), scaled(B)
    return unscaled(_multiply(A, B), e + f, "the product of A and B")


def _multiply(A: Array, B: Array) -> Array:
    (m, n), p = A.shape, B.shape[1]
    C = np.zeros((m, p))
    for i in range(m):
        for j in range(p):
            for k in range(n):
                C[i, j] += A[i, k] * B[k, j]
    return C


def row_echelon(A: ArrayLike) -> Echelon:
    r"""Bring a matrix into reduced row echelon form by elimination with partial pivoting.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.

    Returns
    -------
    Echelon
        `R` (m, n), whose pivots are 1 and alone in their columns, and the tuple `pivots` of their columns.

    Notes
    -----
    A column has no pivot when every candidate is at most :math:`\max(m, n)\,\varepsilon` times the largest
    entry of `A`. That decision is all or nothing: for a rank from measured data use `rank`. Cost
    :math:`O(mnr)`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 3.4.

    Examples
    --------
    >>> row_echelon([[1, 2, 3], [2, 4, 7]])
    Echelon(R=array([[1., 2., 0.],
           [0., 0., 1.]]), pivots=(0, 2))
    """
    R, _ = scaled(as_matrix(A, "A"))  # pivots become one: the unit of A is not in the result
    m, n = R.shape
    noise = negligible(R.shape, np.abs(R).max())
    pivots: list[int] = []
    for j in range(n):
        i = len(pivots)  # the row for the next pivot
        if i == m:
            break
        p = i + int(np.argmax(np.abs(R[i:, j])))
        if abs(R[p, j]) <= noise:
            R[i:, j] = 0.0
            continue
        R[[i, p]] = R[[p, i]]
        R[i] /= R[i, j]
        others = np.arange(m) != i
        R[others] -= np.outer(R[others, j], R[i])
        pivots.append(j)
    return Echelon(R + 0.0, tuple(pivots))  # + 0.0 turns -0.0 into 0.0


def lu(A: ArrayLike) -> LU:
    r"""Factor a square matrix into triangles by elimination with partial pivoting.

    Parameters
    ----------
    A : (n, n) array_like
        Any square matrix, singular ones included.

    Returns
    -------
    LU
        `order` (n,), `L` (n, n) and `U` (n, n) with ``A[order] = L @ U``.

    Notes
    -----
    No multiplier in `L` exceeds 1. Cost :math:`\tfrac23 n^3`; the product reproduces ``A[order]`` to about
    :math:`n\varepsilon\,\lVert L \rVert \lVert U \rVert`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 3.4.

    Examples
    --------
    >>> order, L, U = lu([[1, 2], [4, 4]])
    >>> order, L, U
    (array([1, 0]), array([[1.  , 0.  ],
           [0.25, 1.  ]]), array([[4., 4.],
           [0., 1.]]))
    """
    A, e = as_square(A, "A"), 0
    with np.errstate(over="ignore", invalid="ignore"):
        factors = _factor(A)
    if not np.isfinite(factors.U).all() or 0 < np.abs(factors.U).max() < _SMALL:
        A, e = scaled(A)  # only then, since it may lose what is small beside the largest entry
        factors = _factor(A)
    return factors._replace(U=unscaled(factors.U, e, "the factor U of A"))


def _factor(A: Array) -> LU:
    """Eliminate, in whatever unit."""
    U = A.copy()
    n = len(U)
    order, L = np.arange(n), np.eye(n)
    for j in range(n):
        p = j + int(np.argmax(np.abs(U[j:, j])))
        for rows in (order, L[:, :j], U):
            rows[[j, p]] = rows[[p, j]]
        if U[j, j] != 0:
            L[j + 1 :, j] = U[j + 1 :, j] / U[j, j]
            U[j + 1 :, j + 1 :] -= np.outer(L[j + 1 :, j], U[j, j + 1 :])
            U[j + 1 :, j] = 0.0
    return LU(order, L, U)


def solve(A: ArrayLike, b: ArrayLike) -> Array:
    r"""Solve a square system of linear equations.

    Parameters
    ----------
    A : (n, n) array_like
        Invertible matrix.
    b : (n,) array_like
        Right-hand side.

    Returns
    -------
    (n,) ndarray
        The one `x` with ``A @ x = b``.

    Raises
    ------
    ValueError
        If the sizes disagree, or `A` is singular to working precision.

    Notes
    -----
    One LU factorisation, then forward and back substitution. Relative error about
    :math:`\kappa(A)\,\varepsilon`, see `condition_number`. `A` counts as singular if a pivot is negligible
    once columns and rows have one size, so that no unit decides it.

    Examples
    --------
    >>> solve([[2, 1], [1, 3]], [3, 4])
    array([1., 1.])
    """
    (factors, rows, e), b = _invertible_lu(A), as_vector(b, "b")
    n = len(factors.L)
    if len(b) != n:
        raise ValueError(f"b has length {len(b)} but A {factors.L.shape} has {n} rows: make them agree")
    digits, f = np.frexp(b)
    f = f - rows
    g = int(f[b != 0].max()) if b.any() else 0
    return unscaled(_solve_factored(factors, np.ldexp(digits, f - g)), g - e, "the solution of A x = b")


def inverse(A: ArrayLike) -> Array:
    r"""Invert a matrix by solving one system for each column of the identity.

    Parameters
    ----------
    A : (n, n) array_like
        Invertible matrix.

    Returns
    -------
    (n, n) ndarray
        The matrix that undoes `A` from either side.

    Raises
    ------
    ValueError
        If `A` is not square, or singular to working precision.

    Notes
    -----
    The `n` solves share one LU factorisation. Relative error about :math:`\kappa(A)\,\varepsilon`. To solve
    ``A @ x = b`` call `solve`: it is three times cheaper and no less accurate.

    Examples
    --------
    >>> inverse([[1, 1], [0, 1]])
    array([[ 1., -1.],
           [ 0.,  1.]])
    """
    factors, rows, e = _invertible_lu(A)
    inverted = _solve_factored(factors, np.eye(len(e)))
    return unscaled(inverted, -e[:, None] - rows, "the inverse of A")


def determinant(A: ArrayLike) -> float:
    r"""Compute the signed volume by which a matrix scales space.

    Parameters
    ----------
    A : (n, n) array_like
        Any square matrix.

    Returns
    -------
    float
        The product of the pivots, negative when the row exchanges form an odd permutation.

    Raises
    ------
    ValueError
        If it is larger than any float, or smaller although no pivot is zero.

    Notes
    -----
    Error about :math:`n\varepsilon` times the product of the row norms of `A`, so a singular matrix need
    not give an exact zero; to decide that, use `rank`.

    Examples
    --------
    >>> determinant([[0, 1], [1, 0]])
    -1.0
    """
    part, rows, e = _of_one_size(as_square(A, "A"))
    order, _, U = _factor(part)
    inversions = np.count_nonzero(np.triu(order[:, None] > order))
    product, f = _product(np.diag(U))
    return (
        float((-1) ** inversions * unscaled(product, f + int(e.sum() + rows.sum()), "the determinant of A"))
        + 0.0
    )


def _of_one_size(A: Array) -> tuple[Array, NDArray[np.intp], NDArray[np.intp]]:
    """Return ``A / 2**(rows[:, None] + columns)`` with columns of one size, and both exponents.

    Rows are left alone, since they decide which entries are pivots, unless their sizes differ so much that
    numbers might vanish or overflow.
    """
    part, columns = scaled_columns(A)
    rows = scaled_columns(part.T)[1]
    if rows.min() >= _FAR and np.count_nonzero(part) == np.count_nonzero(A):
        rows = np.zeros_like(rows)
    else:
        turned, rows = scaled_columns(A.T)
        part, columns = scaled_columns(turned.T)
    return part, rows, columns


def _invertible_lu(A: ArrayLike) -> tuple[LU, NDArray[np.intp], NDArray[np.intp]]:
    """Factor a square matrix over ``2**(rows[:, None] + e)``, or say where elimination ran out of pivots.

    A pivot is nothing when it is negligible once columns and rows have one size: neither the units of the
    unknowns nor those of the equations matter.
    """
    A = as_square(A, "A")
    part, rows, e = _of_one_size(A)
    factors = _factor(part)
    turned, f = scaled_columns(part.T)
    pivots = np.ldexp(np.diag(factors.U), -f[factors.order])
    missing = np.abs(pivots) <= negligible(A.shape, np.abs(turned).max())
    if missing.any():
        raise ValueError(
            f"A {A.shape} is singular to working precision: elimination finds no pivot in column "
            f"{np.argmax(missing)}, which depends on the columns before it; for a "
            "least-squares answer use pseudoinverse(A)"
        )
    return factors, rows, e


def _product(factors: Array) -> tuple[float, int]:
    """Return ``(p, e)`` for which the product of all is ``p * 2**e``."""
    partial = np.cumprod(factors)
    if np.all((np.abs(partial) >= TINIEST) & np.isfinite(partial)):
        return float(np.prod(factors)), 0
    mantissas, exponents = np.frexp(factors)
    product, total = 1.0, int(exponents.sum())
    for mantissa in mantissas:
        product, e = math.frexp(product * mantissa)
        total += e
    return product, total


def _solve_factored(factors: LU, b: Array) -> Array:
    """Solve for one right-hand side (n,) or several (n, p), given the factors of `A`."""
    order, L, U = factors
    return _substitute(U, _substitute(L, b[order], range(len(L))), reversed(range(len(U))))


def _substitute(T: Array, b: Array, order: Iterable[int]) -> Array:
    """Solve a triangular system, one unknown after another in the given order."""
    x = np.zeros_like(b)
    for i in order:
        x[i] = (b[i] - T[i] @ x) / T[i, i]  # unknowns not reached yet still stand as zeros
    return x
