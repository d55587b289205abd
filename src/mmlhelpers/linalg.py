r"""Linear algebra as the book does it: elimination, subspaces, projections, eigenvalues, singular values.

Throughout, `A` is the matrix asked about, `m` and `n` its numbers of rows and columns, `r` its rank;
`Q` has orthonormal columns, `U`, `sigma`, `Vt` are the factors of :math:`A = U \Sigma V^\top`, and a basis is
a matrix with one vector a column. All quantities are dimensionless.

What counts as zero is decided in one place: a number is negligible when it is at most
:math:`\max(m, n)\,\varepsilon` times the largest of its kind, with :math:`\varepsilon = 2^{-52}`.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import (
    Array,
    Mask,
    as_count,
    as_mask,
    as_matrix,
    as_square,
    as_symmetric,
    as_tolerance,
    as_vector,
)


class Echelon(NamedTuple):
    """The reduced row echelon form `R` (m, n) and the columns of its pivots, from left to right."""

    R: Array
    pivots: tuple[int, ...]


class LU(NamedTuple):
    """Factors of ``A[order] = L @ U``: `L` unit lower, `U` upper triangular, `order` the rows of `A`."""

    order: NDArray[np.intp]
    L: Array
    U: Array


class Subspaces(NamedTuple):
    """Orthonormal bases of the four fundamental subspaces, one vector a column."""

    column: Array
    left_null: Array
    row: Array
    null: Array


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


class Completion(NamedTuple):
    """The completed matrix, and `history`: the root-mean-square error on the known entries at each step."""

    filled: Array
    history: Array
    converged: bool


# Products and elimination


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
    (m, n), p = A.shape, B.shape[1]
    if n != B.shape[0]:
        raise ValueError(f"A {A.shape} has {n} columns but B {B.shape} has {len(B)} rows: make them agree")
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
    R = as_matrix(A, "A").copy()
    m, n = R.shape
    negligible = _negligible(R.shape, np.abs(R).max())
    pivots: list[int] = []
    for j in range(n):
        i = len(pivots)  # the row for the next pivot
        if i == m:
            break
        p = i + int(np.argmax(np.abs(R[i:, j])))
        if abs(R[p, j]) <= negligible:
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
    U = as_square(A, "A").copy()
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
    :math:`\kappa(A)\,\varepsilon`, see `condition_number`.

    Examples
    --------
    >>> solve([[2, 1], [1, 3]], [3, 4])
    array([1., 1.])
    """
    factors, b = _invertible_lu(A), as_vector(b, "b")
    n = len(factors.L)
    if len(b) != n:
        raise ValueError(f"b has length {len(b)} but A {factors.L.shape} has {n} rows: make them agree")
    return _solve_factored(factors, b)


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
    factors = _invertible_lu(A)
    return _solve_factored(factors, np.eye(len(factors.L)))


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

    Notes
    -----
    Error about :math:`n\varepsilon` times the product of the row norms of `A`, so a singular matrix need
    not give an exact zero; to decide that, use `rank`.

    Examples
    --------
    >>> determinant([[0, 1], [1, 0]])
    -1.0
    """
    order, _, U = lu(A)
    inversions = np.count_nonzero(np.triu(order[:, None] > order))
    return float((-1) ** inversions * np.prod(np.diag(U))) + 0.0


# Rank, subspaces, projections


def rank(A: ArrayLike, tolerance: float | None = None) -> int:
    r"""Count the singular values that are not negligible.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    tolerance : float, optional
        Singular values up to this size count as zero; :math:`\max(m, n)\,\varepsilon\,\sigma_1` by default.

    Returns
    -------
    int
        The numerical rank.

    Raises
    ------
    ValueError
        If `tolerance` is negative.

    Notes
    -----
    Every matrix of lower rank is farther from `A` than `tolerance` in the spectral norm. For data with an
    error larger than rounding, pass the size of that error.

    Examples
    --------
    >>> rank([[1, 2], [2, 4]])
    1
    """
    A = as_matrix(A, "A")
    return _count_significant(np.linalg.svd(A, compute_uv=False), A.shape, tolerance)


def null_space(A: ArrayLike) -> Array:
    r"""Find an orthonormal basis of the vectors that a matrix sends to zero.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.

    Returns
    -------
    (n, n - r) ndarray
        One basis vector a column; no column when only zero is sent to zero.

    Notes
    -----
    The right singular vectors of the negligible singular values; ``A @ null_space(A)`` is zero to about
    :math:`\varepsilon\,\sigma_1`. With two or more columns the basis may turn within the space from machine
    to machine: the projection ``N @ N.T`` does not.

    Examples
    --------
    >>> null_space([[0.0, 2.0]])
    array([[1.],
           [0.]])
    """
    return four_subspaces(A).null


def four_subspaces(A: ArrayLike) -> Subspaces:
    r"""Find orthonormal bases of the four fundamental subspaces.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix, of rank `r` in the sense of `rank`.

    Returns
    -------
    Subspaces
        `column` (m, r) and `left_null` (m, m - r), which split the space of outputs, `row` (n, r) and
        `null` (n, n - r), which split the space of inputs.

    Notes
    -----
    One full singular value decomposition, :math:`O(m^2 n + n^3)`; orthonormal to about :math:`\varepsilon`.
    A basis of two or more vectors is one of many: compare projections, not vectors.

    References
    ----------
    Strang (1993), The fundamental theorem of linear algebra, doi:10.2307/2324660.

    Examples
    --------
    >>> [basis.shape for basis in four_subspaces([[1, 2, 3], [2, 4, 6]])]
    [(2, 1), (2, 1), (3, 1), (3, 2)]
    """
    A = as_matrix(A, "A")
    U, sigma, Vt = np.linalg.svd(A)
    r, V = _count_significant(sigma, A.shape), Vt.T
    return Subspaces(*(basis * _signs(basis) + 0.0 for basis in (U[:, :r], U[:, r:], V[:, :r], V[:, r:])))


def gram_schmidt(A: ArrayLike) -> Array:
    r"""Turn a basis into an orthonormal one, vector by vector.

    Parameters
    ----------
    A : (m, n) array_like
        Basis, one vector a column; full column rank.

    Returns
    -------
    (m, n) ndarray
        `Q` with orthonormal columns, the first `k` of which span what the first `k` columns of `A` do.

    Raises
    ------
    ValueError
        If `A` lacks full column rank.

    Notes
    -----
    The modified form: each finished direction is removed from all later vectors at once. ``Q.T @ Q`` differs
    from the identity by about :math:`\kappa(A)\,\varepsilon`. Cost :math:`2mn^2`.

    References
    ----------
    Björck (1967), Solving linear least squares problems by Gram-Schmidt orthogonalization,
    doi:10.1007/BF01934122.

    Examples
    --------
    >>> gram_schmidt([[2, 1], [0, 3]])
    array([[1., 0.],
           [0., 1.]])
    """
    Q = _as_basis(A, "A").copy()
    for j in range(Q.shape[1]):
        Q[:, j] /= np.linalg.norm(Q[:, j])
        Q[:, j + 1 :] -= np.outer(Q[:, j], Q[:, j] @ Q[:, j + 1 :])
    return Q


def project(x: ArrayLike, B: ArrayLike) -> Array:
    r"""Project a point orthogonally onto the span of the columns of a basis.

    Parameters
    ----------
    x : (n,) array_like
        Point to project.
    B : (n, k) array_like
        Basis, one vector a column; full column rank, :math:`k \le n`.

    Returns
    -------
    (n,) ndarray
        The closest point of the span in the Euclidean norm.

    Raises
    ------
    ValueError
        If the lengths disagree, or `B` lacks full column rank.

    Notes
    -----
    With :math:`B = QR` the projection is :math:`Q Q^\top x`. Forming :math:`(B^\top B)^{-1}`
    would square the condition number. Cost :math:`O(nk^2)`; error about
    :math:`\kappa(B)\,\varepsilon \lVert x \rVert`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 5.3.

    Examples
    --------
    >>> project([3.0, 4.0], [[1.0], [0.0]])
    array([3., 0.])
    """
    x, Q = as_vector(x, "x"), _orthonormal(B)
    if len(x) != len(Q):
        raise ValueError(f"x has length {len(x)} but B has {len(Q)} rows: make them agree")
    return Q @ (Q.T @ x)


def projection_matrix(B: ArrayLike) -> Array:
    r"""Build the matrix that projects orthogonally onto the span of the columns of a basis.

    Parameters
    ----------
    B : (n, k) array_like
        Basis, one vector a column; full column rank, :math:`k \le n`.

    Returns
    -------
    (n, n) ndarray
        `P`, symmetric, with ``P @ P = P``.

    Raises
    ------
    ValueError
        If `B` lacks full column rank.

    Notes
    -----
    :math:`P = Q Q^\top` from :math:`B = QR`; error about :math:`\kappa(B)\,\varepsilon`. To project a few
    points call `project`, which needs :math:`nk` numbers instead of :math:`n^2`.

    Examples
    --------
    >>> projection_matrix([[1.0], [0.0]])
    array([[1., 0.],
           [0., 0.]])
    """
    Q = _orthonormal(B)
    return Q @ Q.T


# Eigenvalues and singular values


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
    values, vectors = np.linalg.eigh(as_symmetric(A, "A"))
    return _sorted_eigen(values, vectors)


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
    U, sigma, Vt = np.linalg.svd(as_matrix(A, "A"), full_matrices=False)
    signs = _signs(Vt.T)
    return SVD(U * signs + 0.0, sigma, Vt * signs[:, None] + 0.0)


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
    A = as_square(A, "A")
    n = len(A)
    v = np.random.default_rng(0).normal(size=n) if start is None else as_vector(start, "start")
    if len(v) != n or not v.any():
        raise ValueError(f"start must be a nonzero vector of length {n}, got {v[:4]} of length {len(v)}")
    tolerance, max_steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 1)
    v, converged = v / np.linalg.norm(v), False
    history = [v]
    for _ in range(max_steps):
        w = A @ v
        size = np.linalg.norm(w)
        converged = bool(np.linalg.norm(w - (v @ w) * v) <= tolerance * size)
        if converged:
            break
        v = w / size
        history.append(v)
    return Iteration(float(v @ A @ v), v * _signs(v[:, None])[0], np.array(history), converged)


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
    scale = _power_of_two(A)
    D, V = A / scale, np.eye(len(A))
    size = np.linalg.norm(D)
    history = [_off_diagonal(D)]
    while history[-1] > tolerance * size and len(history) <= max_sweeps:
        for p, q in _pairs(len(D)):
            J = _rotation(D[p, p], D[q, q], D[p, q])
            D[:, [p, q]] = D[:, [p, q]] @ J
            D[[p, q]] = J.T @ D[[p, q]]
            D[p, q] = D[q, p] = 0.0  # what the turn was for, free of rounding
            V[:, [p, q]] = V[:, [p, q]] @ J
        history.append(_off_diagonal(D))
    values, vectors = _sorted_eigen(scale * np.diag(D), V)
    relative = np.array(history) / (size or 1.0)
    return JacobiEigen(values, vectors, relative, bool(history[-1] <= tolerance * size))


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
        signs = _signs(turned.U)
        return turned._replace(U=turned.Vt.T * signs + 0.0, Vt=(turned.U * signs).T + 0.0)
    tolerance, max_sweeps = as_tolerance(tolerance, "tolerance"), as_count(max_sweeps, "max_sweeps", 1)
    scale = _power_of_two(A)
    W, V = A / scale, np.eye(A.shape[1])
    noise = np.finfo(float).eps * float(np.linalg.norm(W))
    history: list[float] = []
    converged = False
    while not converged and len(history) < max_sweeps:
        history.append(_orthogonalize_columns_inplace(W, V, noise))
        converged = history[-1] <= tolerance
    sizes = np.linalg.norm(W, axis=0)
    largest_first = np.argsort(-sizes, kind="stable")
    kept = largest_first[: _count_significant(sizes[largest_first], A.shape)]
    signs = _signs(V[:, kept])
    return JacobiSVD(
        W[:, kept] / sizes[kept] * signs + 0.0,
        scale * sizes[kept],
        (V[:, kept] * signs).T + 0.0,
        np.array(history),
        converged,
    )


# Low rank


def low_rank(A: ArrayLike, k: int) -> Array:
    r"""Find the best approximation of a matrix among those of rank at most `k`.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    k : int
        Number of terms to keep, from 0 to :math:`\min(m, n)`.

    Returns
    -------
    (m, n) ndarray
        :math:`\sum_{i \le k} \sigma_i u_i v_i^\top`.

    Raises
    ------
    ValueError
        If `k` is out of range.

    Notes
    -----
    Best in the spectral norm, where the error is :math:`\sigma_{k+1}`, and in the Frobenius norm, where it
    is :math:`\sqrt{\sum_{i>k} \sigma_i^2}`. The approximation is unique when
    :math:`\sigma_k > \sigma_{k+1}`.

    References
    ----------
    Eckart and Young (1936), The approximation of one matrix by another of lower rank,
    doi:10.1007/BF02288367.

    Examples
    --------
    >>> low_rank([[3, 0], [0, 1]], 1)
    array([[3., 0.],
           [0., 0.]])
    """
    A = as_matrix(A, "A")
    k = as_count(k, "k", 0, min(A.shape))
    U, sigma, Vt = svd(A)
    return (U[:, :k] * sigma[:k]) @ Vt[:k]


def pseudoinverse(A: ArrayLike, tolerance: float | None = None) -> Array:
    r"""Compute the Moore-Penrose inverse.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    tolerance : float, optional
        Singular values up to this size count as zero; :math:`\max(m, n)\,\varepsilon\,\sigma_1` by default.

    Returns
    -------
    (n, m) ndarray
        :math:`A^+ = V \Sigma^+ U^\top`; :math:`A^+ b` is the shortest least-squares solution of
        :math:`Ax = b`.

    Raises
    ------
    ValueError
        If `tolerance` is negative.

    Notes
    -----
    Relative error about :math:`\varepsilon\,\sigma_1/\sigma_r`. It jumps when the rank changes: a singular
    value just above the tolerance has a huge inverse.

    References
    ----------
    Penrose (1955), A generalized inverse for matrices, doi:10.1017/S0305004100030401.

    Examples
    --------
    >>> pseudoinverse([[2, 0], [0, 0]])
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    A = as_matrix(A, "A")
    U, sigma, Vt = svd(A)
    r = _count_significant(sigma, A.shape, tolerance)
    return (Vt[:r].T / sigma[:r]) @ U[:, :r].T


def condition_number(A: ArrayLike) -> float:
    r"""Divide the largest singular value by the smallest.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.

    Returns
    -------
    float
        The condition number in the spectral norm, at least 1; ``inf`` when `A` lacks full rank in the
        sense of `rank`.

    Notes
    -----
    Relative errors of the data may grow by this factor in the solution of a system. Its own relative error
    is about itself times :math:`\varepsilon`, so beyond :math:`1/(\max(m, n)\,\varepsilon)` no digit would
    be right and the matrix counts as singular.

    Examples
    --------
    >>> condition_number([[2, 0], [0, 0.5]])
    4.0
    """
    A = as_matrix(A, "A")
    sigma = np.linalg.svd(A, compute_uv=False)
    return float(sigma[0] / sigma[-1]) if _count_significant(sigma, A.shape) == len(sigma) else np.inf


def complete_low_rank(
    R: ArrayLike, known: ArrayLike, k: int, n_steps: int = 1000, tolerance: float = 1e-6
) -> Completion:
    r"""Fill the unknown entries of a matrix so that it is nearly of rank `k`.

    Parameters
    ----------
    R : (m, n) array_like
        Table, for example of ratings; its unknown entries are never looked at and may be NaN.
    known : (m, n) array_like of bool
        True where `R` is known, at least once in every row and every column.
    k : int
        Rank of the model, from 1 to :math:`\min(m, n)`.
    n_steps : int
        Stop after this many steps in any case.
    tolerance : float
        Stop when a step changes the table by at most this fraction of its Frobenius norm.

    Returns
    -------
    Completion
        `filled` (m, n), known entries as given, the others from the best model of rank `k`; `history`
        (n_steps,), the root-mean-square error of the model on the known entries; `converged`.

    Raises
    ------
    ValueError
        If the shapes disagree, a row or column is entirely unknown, or `k`, `n_steps` or `tolerance` is out
        of range.

    Notes
    -----
    Starting from column means, each step takes the best rank-`k` approximation and puts the known entries
    back. The error on the known entries never grows. It may settle in a local minimum, and a small error
    there says nothing about the unknown entries: keep some known ones aside to test.

    References
    ----------
    Mazumder, Hastie and Tibshirani (2010), Spectral regularization algorithms for learning large incomplete
    matrices, Journal of Machine Learning Research 11, 2287-2322.

    Examples
    --------
    >>> known = [[True, True], [True, False]]
    >>> complete_low_rank([[1, 2], [2, 0]], known, k=1).filled.round(2)
    array([[1., 2.],
           [2., 4.]])
    """
    known = as_mask(known, "known", np.shape(R))
    R = as_matrix(np.where(known, R, 0.0), "R")
    _refuse_empty_lines(known)
    k, n_steps = as_count(k, "k", 1, min(R.shape)), as_count(n_steps, "n_steps", 1)
    tolerance = as_tolerance(tolerance, "tolerance")
    filled = np.where(known, R, R.sum(axis=0) / known.sum(axis=0))
    history: list[float] = []
    converged = False
    while len(history) < n_steps and not converged:
        model = low_rank(filled, k)
        history.append(np.sqrt(np.mean((model - R)[known] ** 2)))
        change = np.where(known, 0.0, model - filled)
        filled += change
        converged = bool(np.linalg.norm(change) <= tolerance * np.linalg.norm(filled))
    return Completion(filled, np.array(history), converged)


# Helpers


def _negligible(shape: tuple[int, ...], largest: float) -> float:
    """Return the size up to which a number counts as zero beside the largest of its kind."""
    return float(max(shape) * np.finfo(float).eps * largest)


def _count_significant(
    sigma: NDArray[np.floating], shape: tuple[int, ...], tolerance: float | None = None
) -> int:
    """Count the singular values above the tolerance."""
    limit = _negligible(shape, sigma[0]) if tolerance is None else as_tolerance(tolerance, "tolerance")
    return int(np.count_nonzero(sigma > limit))


def _invertible_lu(A: ArrayLike) -> LU:
    """Factor a square matrix, or say in which column elimination ran out of pivots."""
    A = as_square(A, "A")
    factors = lu(A)
    missing = np.abs(np.diag(factors.U)) <= _negligible(A.shape, np.abs(A).max())
    if missing.any():
        raise ValueError(
            f"A {A.shape} is singular to working precision: elimination finds no pivot in column "
            f"{np.argmax(missing)}, which depends on the columns before it; for a "
            "least-squares answer use pseudoinverse(A)"
        )
    return factors


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


def _as_basis(B: ArrayLike, name: str) -> Array:
    """Read a matrix with independent columns."""
    B = as_matrix(B, name)
    r = rank(B)
    if r < B.shape[1]:
        raise ValueError(
            f"{name} {B.shape} lacks full column rank: its columns span only {r} dimensions; "
            "leave out columns that depend on the others"
        )
    return B


def _orthonormal(B: ArrayLike) -> Array:
    """Return an orthonormal basis (n, k) of the span of the columns of `B`."""
    return np.linalg.qr(_as_basis(B, "B"))[0]


def _signs(V: Array) -> Array:
    """Return the signs that make the largest entry of each column positive; of equals, the first decides."""
    size = np.abs(V)
    first = np.argmax(size >= (1 - 1e-6) * size.max(axis=0), axis=0)
    return np.where(V[first, np.arange(V.shape[1])] < 0, -1.0, 1.0)


def _sorted_eigen(values: Array, vectors: Array) -> Eigen:
    """Put eigenvalues into descending order and fix the signs of the eigenvectors."""
    largest_first = np.argsort(-values, kind="stable")
    vectors = vectors[:, largest_first]
    return Eigen(values[largest_first], vectors * _signs(vectors) + 0.0)


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
    return float(np.linalg.norm(D - np.diag(np.diag(D))))


def _power_of_two(A: Array) -> float:
    """Return a power of two near the largest entry: dividing by it is exact and keeps squares in range."""
    return math.ldexp(1.0, math.frexp(np.abs(A).max())[1] - 1)


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


def _refuse_empty_lines(known: Mask) -> None:
    """Refuse a row or column about which nothing is known."""
    for axis, line in ((1, "row"), (0, "column")):
        empty = np.flatnonzero(~known.any(axis=axis))
        if empty.size:
            raise ValueError(
                f"known must have a True in every {line}, got none in {line} {empty[0]}: leave it out"
            )
