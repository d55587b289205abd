"""Least squares three ways, and ridge regression for many weights at once.

Throughout, `A` (m, n) is the design matrix, `b` (m,) the targets and `x` (n,) the coefficients.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_matrix, as_vector
from mmlhelpers.linalg._common import count_significant
from mmlhelpers.linalg.spectral import svd


class QR(NamedTuple):
    """The factors of ``A = Q @ R``: orthonormal columns and an upper triangle."""

    Q: Array
    R: Array


class LeastSquares(NamedTuple):
    """The coefficients `x` (n,), what they leave over, and how far to trust them.

    `residual` (m,) is ``b - A @ x``, `rank` the numerical rank of `A`, `condition` the largest of its
    singular values over the smallest that is not negligible.
    """

    x: Array
    residual: Array
    rank: int
    condition: float


class Ridge(NamedTuple):
    """Coefficients (k, n), one row a weight, and the degrees of freedom (k,) that each row spends."""

    coefficients: Array
    degrees_of_freedom: Array


def qr_householder(A: ArrayLike) -> QR:
    r"""Make a matrix triangular by reflections, one a column.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix with :math:`m \ge n`.

    Returns
    -------
    QR
        `Q` (m, n) with orthonormal columns, `R` (n, n) upper triangular, with ``Q @ R`` equal to `A`.

    Raises
    ------
    ValueError
        If `A` has fewer rows than columns.

    Notes
    -----
    Column `j` is mirrored onto the axis `j`, away from itself, so that nothing cancels. ``Q.T @ Q`` differs
    from the identity by a small multiple of :math:`\varepsilon`, whatever the condition number of `A`. Cost
    :math:`2mn^2`, and as much again for `Q`.

    References
    ----------
    Householder (1958), Unitary triangularization of a nonsymmetric matrix, doi:10.1145/320941.320947.

    Examples
    --------
    >>> np.abs(qr_householder([[3, 1], [4, 2]]).R)
    array([[5. , 2.2],
           [0. , 0.4]])
    """
    A = as_matrix(A, "A")
    _refuse_wide(A)
    R, mirrors = _reflect(A)
    Q = np.eye(*A.shape)
    for j, v in reversed(list(enumerate(mirrors))):
        _mirror_inplace(Q[j:, j:], v)
    return QR(Q, R)


def least_squares(A: ArrayLike, b: ArrayLike, method: Literal["qr", "svd", "normal"] = "qr") -> LeastSquares:
    r"""Find the coefficients whose combination of columns comes nearest to a target.

    Parameters
    ----------
    A : (m, n) array_like
        Design matrix, one sample a row.
    b : (m,) array_like
        Targets.
    method : {"qr", "svd", "normal"}
        Householder reflections; singular values, which alone serve every rank; or the normal equations
        :math:`A^\top A x = A^\top b`, to compare with.

    Returns
    -------
    LeastSquares
        `x` (n,), of all minimisers the shortest; `residual` (m,); `rank`; `condition`.

    Raises
    ------
    ValueError
        If the sizes disagree, the method is unknown, `A` lacks full column rank and the method is not "svd",
        or :math:`A^\top A` is singular in floating point.

    Notes
    -----
    Relative error of `x` about :math:`\varepsilon\,(\kappa + \kappa^2 \lVert r \rVert / (\lVert A \rVert
    \lVert x \rVert))` for "qr" and "svd", with :math:`\kappa` the condition and :math:`r` the residual, but
    :math:`\varepsilon\,\kappa^2` for "normal". Cost about :math:`mn^2` for "normal", :math:`2mn^2` for "qr"
    and three times that for "svd"; the condition costs another :math:`2mn^2`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, sections 5.3 and 5.5.

    Examples
    --------
    >>> least_squares([[1, 0], [1, 1], [1, 2]], [1, 2, 6]).x
    array([0.5, 2.5])
    """
    A, b = _problem(A, b)
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}, got {method!r}")
    sigma = np.linalg.svd(A, compute_uv=False)
    r = count_significant(sigma, A.shape)
    if r < A.shape[1] and method != "svd":
        raise ValueError(
            f"A {A.shape} has rank {r}, so many coefficients fit equally well: "
            'take method="svd" for the shortest, or leave out columns that depend on the others'
        )
    x = _METHODS[method](A, b)
    return LeastSquares(x, b - A @ x, r, float(sigma[0] / sigma[r - 1]) if r else np.inf)


def ridge_path(A: ArrayLike, b: ArrayLike, weights: ArrayLike) -> Ridge:
    r"""Fit ridge regression for many weights of its penalty from one singular value decomposition.

    Parameters
    ----------
    A : (m, n) array_like
        Design matrix, one sample a row; without a column of ones if the intercept is not to be shrunk.
    b : (m,) array_like
        Targets.
    weights : (k,) array_like
        Weights :math:`\lambda`, above 0.

    Returns
    -------
    Ridge
        `coefficients` (k, n), row by row the minimisers of
        :math:`\lVert Ax - b \rVert^2 + \lambda \lVert x \rVert^2`, and `degrees_of_freedom` (k,), the traces
        :math:`\sum_i \sigma_i^2/(\sigma_i^2 + \lambda)` of the matrices that turn `b` into its fit.

    Raises
    ------
    ValueError
        If the sizes disagree, or a weight is not above 0.

    Notes
    -----
    Each part along a singular direction is multiplied by :math:`\sigma/(\sigma^2 + \lambda)`. Relative error
    about :math:`\varepsilon\,\sigma_1/\sqrt\lambda`, never worse than for least squares. In scikit-learn's
    Ridge, alpha is :math:`\lambda`; in `optim.least_squares`, `ridge` is :math:`\lambda/m`.

    References
    ----------
    Hoerl and Kennard (1970), Ridge regression: biased estimation for nonorthogonal problems,
    doi:10.1080/00401706.1970.10488634.

    Examples
    --------
    >>> path = ridge_path([[1, 0], [0, 2]], [2, 4], [1, 4])
    >>> path.coefficients
    array([[1. , 1.6],
           [0.4, 1. ]])
    >>> path.degrees_of_freedom
    array([1.3, 0.7])
    """
    A, b = _problem(A, b)
    weights = as_vector(weights, "weights")
    if weights.min() <= 0:
        raise ValueError(
            f"weights must be above 0, got {weights.min():.6g}: without a penalty, use least_squares"
        )
    U, sigma, Vt = svd(A)
    denominators = sigma**2 + weights[:, None]  # (k, n)
    return Ridge((sigma * (U.T @ b) / denominators) @ Vt, np.sum(sigma**2 / denominators, axis=1))


def _by_qr(A: Array, b: Array) -> Array:
    """Reflect the target along with the columns, then substitute back."""
    R, mirrors = _reflect(A)
    c = b.copy()
    for j, v in enumerate(mirrors):
        _mirror_inplace(c[j:], v)
    x = np.zeros(len(R))
    for i in reversed(range(len(R))):
        x[i] = (c[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


def _by_svd(A: Array, b: Array) -> Array:
    """Divide by the singular values that are not negligible."""
    U, sigma, Vt = svd(A)
    r = count_significant(sigma, A.shape)
    x: Array = Vt[:r].T @ (U[:, :r].T @ b / sigma[:r])
    return x


def _by_normal_equations(A: Array, b: Array) -> Array:
    """Solve as the textbook formula says."""
    try:
        x = np.asarray(np.linalg.solve(A.T @ A, A.T @ b), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(
            f'A.T @ A is singular in floating point, although A {A.shape} is not: take method="qr"'
        ) from None
    return x


_METHODS = {"qr": _by_qr, "svd": _by_svd, "normal": _by_normal_equations}


def _reflect(A: Array) -> tuple[Array, list[Array]]:
    """Return the triangle `R` and the unit normals of the mirrors; mirror `j` moves places from `j` on."""
    T, mirrors = A.copy(), []
    for j in range(A.shape[1]):
        v = T[j:, j].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        length = np.linalg.norm(v)
        v = v / length if length > 0 else v  # a column of zeros is triangular already
        _mirror_inplace(T[j:, j:], v)
        mirrors.append(v)
    return np.triu(T[: A.shape[1]]), mirrors


def _mirror_inplace(T: Array, v: Array) -> None:
    """Subtract twice the part along the unit vector `v` from every column."""
    T -= 2 * np.multiply.outer(v, v @ T)


def _problem(A: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """Read a design matrix and as many targets as it has rows."""
    A, b = as_matrix(A, "A"), as_vector(b, "b")
    if len(b) != len(A):
        raise ValueError(f"b has length {len(b)} but A {A.shape} has {len(A)} rows: make them agree")
    return A, b


def _refuse_wide(A: Array) -> None:
    if A.shape[0] < A.shape[1]:
        raise ValueError(f"A {A.shape} must have at least as many rows as columns: pass A.T, or use svd")
