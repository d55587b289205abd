"""Rank, the four subspaces and projections."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_matrix, as_vector
from mmlhelpers._scale import norm, scaled, scaled_columns, unscaled
from mmlhelpers.linalg._common import column_signs, count_significant


class Subspaces(NamedTuple):
    """Orthonormal bases of the four fundamental subspaces, one vector a column."""

    column: Array
    left_null: Array
    row: Array
    null: Array


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
    A, e = scaled(as_matrix(A, "A"))
    return count_significant(np.linalg.svd(A, compute_uv=False), A.shape, tolerance, e)


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
    A, _ = scaled(as_matrix(A, "A"))
    U, sigma, Vt = np.linalg.svd(A)
    r, V = count_significant(sigma, A.shape), Vt.T
    return Subspaces(
        *(basis * column_signs(basis) + 0.0 for basis in (U[:, :r], U[:, r:], V[:, :r], V[:, r:]))
    )


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
        If `A` lacks full column rank, its columns brought to one size.

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
    Q = _as_basis(A, "A")
    for j in range(Q.shape[1]):
        Q[:, j] /= norm(Q[:, j])
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
        If the lengths disagree, or `B` lacks full column rank, its columns brought to one size.

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
    x, e = scaled(x)
    return unscaled(Q @ (Q.T @ x), e, "the projection of x")


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
        If `B` lacks full column rank, its columns brought to one size.

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


def _as_basis(B: ArrayLike, name: str) -> Array:
    """Read a matrix with independent columns, and bring them to one size: their units say nothing."""
    B, _ = scaled_columns(as_matrix(B, name))
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
