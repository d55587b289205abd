"""Eigenvalues and singular values."""

import math
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_matrix, as_square, as_symmetric, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, has_converged, norm, scaled, unscaled
from mmlhelpers.linalg._common import column_signs, count_significant, scaled_svd


class Eigen(NamedTuple):
    """Eigenvalues (n,) in descending order and the unit eigenvectors (n, n), one a column."""

    values: Array
    vectors: Array


class SVD(NamedTuple):
    """Factors of ``A = U @ np.diag(sigma) @ Vt`` with `sigma` in descending order."""

    U: Array
    sigma: Array
    Vt: Array


class JacobiEigen(NamedTuple):
    """Eigenvalues and eigenvectors, with `history` (n_sweeps + 1,): the size of the off-diagonal part."""

    values: Array
    vectors: Array
    history: Array
    converged: bool


class JacobiSVD(NamedTuple):
    """Singular value factors, with `history` (n_sweeps,): the largest cosine between two columns."""

    U: Array
    sigma: Array
    Vt: Array
    history: Array
    converged: bool


class Iteration(NamedTuple):
    """What power iteration found, and `history` (n_steps + 1, n): the unit vectors it went through."""

    value: float
    vector: Array
    history: Array
    converged: bool


def eigh(A: ArrayLike) -> Eigen:
    r"""Find the eigenvalues and orthonormal eigenvectors of a symmetric matrix.

    Parameters
    ----------
    A : (n, n) array_like
        Symmetric matrix.

    Returns
    -------
    Eigen
        `values` (n,) descending; `vectors` (n, n), one a column, each with its largest entry positive.

    Raises
    ------
    ValueError
        If `A` is not symmetric.

    Notes
    -----
    ``np.linalg.eigh`` with a fixed order and fixed signs. Eigenvalues are within about
    :math:`n\varepsilon\lVert A \rVert_2`; eigenvectors within that divided by the gap to the next
    eigenvalue. Entries that are largest to six digits count as a tie, and the first of them decides the sign.

    Examples
    --------
    >>> values, vectors = eigh([[2, 1], [1, 2]])
    >>> values, vectors
    (array([3., 1.]), array([[ 0.70710678,  0.70710678],
           [ 0.70710678, -0.70710678]]))
    """
    A, e = scaled(as_symmetric(A, "A"))
    values, vectors = np.linalg.eigh(A)
    return _sorted_eigen(unscaled(values, e, "the largest eigenvalue of A"), vectors)


def svd(A: ArrayLike) -> SVD:
    r"""Decompose a matrix into orthonormal directions and the factors by which it stretches them.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.

    Returns
    -------
    SVD
        `U` (m, k), `sigma` (k,) descending and `Vt` (k, n) with :math:`k = \min(m, n)`. Each right singular
        vector, a row of `Vt`, has its largest entry positive; `U` follows.

    Notes
    -----
    The reduced form of ``np.linalg.svd`` with fixed signs. Singular values are within about
    :math:`\varepsilon\,\sigma_1`; ties between entries are broken as in `eigh`.

    Examples
    --------
    >>> svd([[0, 2], [1, 0]])
    SVD(U=array([[1., 0.],
           [0., 1.]]), sigma=array([2., 1.]), Vt=array([[0., 1.],
           [1., 0.]]))
    """
    U, sigma, Vt, e = scaled_svd(as_matrix(A, "A"))
    return SVD(U, unscaled(sigma, e, "the largest singular value of A"), Vt)


def power_iteration(
    A: ArrayLike, start: ArrayLike | None = None, tolerance: float = 1e-10, max_steps: int = 1000
) -> Iteration:
    r"""Find the eigenvalue of largest size by applying the matrix again and again.

    Parameters
    ----------
    A : (n, n) array_like
        Square matrix.
    start : (n,) array_like, optional
        First vector, not zero; a fixed normal draw by default.
    tolerance : float
        Stop when :math:`\lVert Av - \lambda v \rVert \le` `tolerance` :math:`\lVert Av \rVert`.
    max_steps : int
        Stop after this many multiplications in any case.

    Returns
    -------
    Iteration
        `value`, the Rayleigh quotient :math:`v^\top A v`; the unit `vector` (n,), largest entry positive;
        `history` (n_steps + 1, n), the unit vectors from the start on; `converged`.

    Raises
    ------
    ValueError
        If `start` does not fit `A` or is zero, or `tolerance` or `max_steps` is out of range.

    Notes
    -----
    The angle to the eigenvector shrinks by :math:`|\lambda_2 / \lambda_1|` a step. For a symmetric matrix
    some eigenvalue is within `tolerance` :math:`\lVert Av \rVert` of `value`. There is no convergence when
    two eigenvalues share the largest size, as a complex pair does, and a start without any part along the
    first eigenvector finds another one.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 7.3.

    Examples
    --------
    >>> result = power_iteration([[2, 1], [1, 2]])
    >>> result.converged, round(result.value, 6), result.vector.round(4)
    (True, 3.0, array([0.7071, 0.7071]))
    """
    A, e = scaled(as_square(A, "A"))
    n = len(A)
    v = np.random.default_rng(0).normal(size=n) if start is None else as_vector(start, "start")
    if len(v) != n or not v.any():
        raise ValueError(f"start must be a nonzero vector of length {n}, got {v[:4]} of length {len(v)}")
    tolerance, max_steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 1)
    v, _ = scaled(v)
    v, converged = v / norm(v), False
    history = [v]
    for _ in range(max_steps):
        w = A @ v
        size = norm(w)
        converged = has_converged(norm(w - (v @ w) * v), tolerance, size)
        if converged:
            break
        v = w / size
        history.append(v)
    value = float(unscaled(v @ A @ v, e, "the eigenvalue of A"))
    return Iteration(value, v * column_signs(v[:, None])[0], np.array(history), converged)


def eigh_jacobi(A: ArrayLike, tolerance: float = 1e-14, max_sweeps: int = 30) -> JacobiEigen:
    r"""Diagonalise a symmetric matrix by plane rotations, from scratch.

    Parameters
    ----------
    A : (n, n) array_like
        Symmetric matrix.
    tolerance : float
        Stop when the off-diagonal part is at most `tolerance` times the matrix, in the Frobenius norm.
    max_sweeps : int
        Stop after this many sweeps in any case.

    Returns
    -------
    JacobiEigen
        `values` and `vectors` as from `eigh`; `history` (n_sweeps + 1,), the relative size of the
        off-diagonal part before each sweep and at the end; `converged`.

    Raises
    ------
    ValueError
        If `A` is not symmetric, or `tolerance` or `max_sweeps` is out of range.

    Notes
    -----
    A sweep visits every pair of axes and turns it so that the entry they share becomes zero. Later turns
    spoil that zero, but the sum of squares off the diagonal falls with every turn, and in the end it squares
    from sweep to sweep. Eigenvalues are within about (`tolerance` + :math:`n\varepsilon`)
    :math:`\lVert A \rVert_F`. Cost :math:`O(n^3)` a sweep.

    References
    ----------
    Forsythe and Henrici (1960), The cyclic Jacobi method, doi:10.1090/S0002-9947-1960-0109825-2.

    Examples
    --------
    >>> eigh_jacobi([[2, 1], [1, 2]]).values
    array([3., 1.])
    """
    A = as_symmetric(A, "A")
    tolerance, max_sweeps = as_tolerance(tolerance, "tolerance"), as_count(max_sweeps, "max_sweeps", 1)
    (D, e), V = scaled(A), np.eye(len(A))
    size = norm(D)
    history = [_off_diagonal(D)]
    while not has_converged(history[-1], tolerance, size) and len(history) <= max_sweeps:
        for p, q in _pairs(len(D)):
            J = _rotation(D[p, p], D[q, q], D[p, q])
            D[:, [p, q]] = D[:, [p, q]] @ J
            D[[p, q]] = J.T @ D[[p, q]]
            D[p, q] = D[q, p] = 0.0  # what the turn was for, free of rounding
            V[:, [p, q]] = V[:, [p, q]] @ J
        history.append(_off_diagonal(D))
    values = unscaled(np.diag(D), e, "the largest eigenvalue of A")
    values, vectors = _sorted_eigen(values, V)
    relative = np.array(history) / (size or 1.0)
    return JacobiEigen(values, vectors, relative, has_converged(history[-1], tolerance, size))


def svd_jacobi(A: ArrayLike, tolerance: float = 1e-14, max_sweeps: int = 30) -> JacobiSVD:
    r"""Decompose a matrix by turning its columns until they are orthogonal, from scratch.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix, of rank `r`.
    tolerance : float
        Stop when no cosine between two columns exceeds this.
    max_sweeps : int
        Stop after this many sweeps in any case.

    Returns
    -------
    JacobiSVD
        The compact form `U` (m, r), `sigma` (r,) descending, `Vt` (r, n): as `svd`, without the negligible
        singular values. `history` (n_sweeps,), the largest cosine met in each sweep; `converged`.

    Raises
    ------
    ValueError
        If `tolerance` or `max_sweeps` is out of range.

    Notes
    -----
    The rotations are those of `eigh_jacobi` for :math:`A^\top A`, which is never formed, so that the
    condition number is not squared. Singular values are within about :math:`n\varepsilon\,\sigma_1`.
    Cost :math:`O(mn^2)` a sweep.

    References
    ----------
    Demmel and Veselić (1992), Jacobi's method is more accurate than QR, doi:10.1137/0613074.

    Examples
    --------
    >>> svd_jacobi([[0, 2], [1, 0]]).sigma
    array([2., 1.])
    """
    A = as_matrix(A, "A")
    if A.shape[0] < A.shape[1]:  # turn the fewer: a wide matrix has more columns than directions
        turned = svd_jacobi(A.T, tolerance, max_sweeps)
        signs = column_signs(turned.U)
        return turned._replace(U=turned.Vt.T * signs + 0.0, Vt=(turned.U * signs).T + 0.0)
    tolerance, max_sweeps = as_tolerance(tolerance, "tolerance"), as_count(max_sweeps, "max_sweeps", 1)
    (W, e), V = scaled(A), np.eye(A.shape[1])
    noise = EPSILON * norm(W)
    history: list[float] = []
    converged = False
    while not converged and len(history) < max_sweeps:
        history.append(_orthogonalize_columns_inplace(W, V, noise))
        converged = history[-1] <= tolerance
    sizes = norm(W, axis=0)
    largest_first = np.argsort(-sizes, kind="stable")
    kept = largest_first[: count_significant(sizes[largest_first], A.shape)]
    signs = column_signs(V[:, kept])
    return JacobiSVD(
        W[:, kept] / sizes[kept] * signs + 0.0,
        unscaled(sizes[kept], e, "the largest singular value of A"),
        (V[:, kept] * signs).T + 0.0,
        np.array(history),
        converged,
    )


def _sorted_eigen(values: Array, vectors: Array) -> Eigen:
    """Put eigenvalues into descending order and fix the signs of the eigenvectors."""
    largest_first = np.argsort(-values, kind="stable")
    vectors = vectors[:, largest_first]
    return Eigen(values[largest_first], vectors * column_signs(vectors) + 0.0)


def _pairs(n: int) -> Iterator[tuple[int, int]]:
    """Run through all pairs p < q, row by row."""
    return combinations(range(n), 2)


def _rotation(a: float, b: float, c: float) -> Array:
    """Return the rotation `J` by at most 45 degrees for which ``J.T @ [[a, c], [c, b]] @ J`` is diagonal."""
    sign = np.copysign(1.0, b - a)
    angle = np.arctan2(sign * 2 * c, sign * (b - a)) / 2
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, sine], [-sine, cosine]])


def _off_diagonal(D: Array) -> float:
    """Return the Frobenius norm of what is off the diagonal."""
    return float(norm(D - np.diag(np.diag(D))))


def _orthogonalize_columns_inplace(W: Array, V: Array, noise: float) -> float:
    """Turn each pair of columns of `W`, and of `V` with it, to a right angle; return the largest cosine.

    Columns of length up to `noise` are what rounding left of zero: they have no direction to speak of.
    """
    largest = 0.0
    for p, q in _pairs(W.shape[1]):
        a, b, c = (float(W[:, i] @ W[:, j]) for i, j in ((p, p), (q, q), (p, q)))
        if c == 0 or min(a, b) <= noise**2:
            continue
        largest = max(largest, abs(c) / (math.sqrt(a) * math.sqrt(b)))
        J = _rotation(a, b, c)
        for columns in (W, V):
            columns[:, [p, q]] = columns[:, [p, q]] @ J
    return largest
