"""Least squares three ways, and ridge regression for many weights at once.

Throughout, `A` (m, n) is the design matrix, `b` (m,) the targets and `x` (n,) the coefficients.
"""

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_matrix, as_vector
from mmlhelpers._scale import EPSILON, exponent, norm, scaled, scaled_columns, unscaled
from mmlhelpers.linalg._common import column_signs, count_significant, scaled_svd


class QR(NamedTuple):
    """The factors of ``A = Q @ R``: orthonormal columns and an upper triangle."""

    Q: Array
    R: Array


class LeastSquares(NamedTuple):
    """The coefficients `x` (n,), what they leave over, and how far to trust them.

    `residual` (m,) is ``b - A @ x``, `rank` the numerical rank of `A` with its columns brought to one size,
    `condition` the largest singular value of `A`, as it is, over the smallest that is not negligible.
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
    A, e = scaled_columns(as_matrix(A, "A"))
    _refuse_wide(A)
    R, mirrors = _reflect(A)
    Q = np.eye(*A.shape)
    for j, v in reversed(list(enumerate(mirrors))):
        _mirror_inplace(Q[j:, j:], v)
    return QR(Q, unscaled(R, e, "the factor R of A"))


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
    Rank is decided after the columns are brought to one size, so that their units do not matter. Relative
    error of `x` about :math:`\varepsilon\,(\kappa + \kappa^2 \lVert r \rVert / (\lVert A \rVert
    \lVert x \rVert))` for "qr" and "svd", with :math:`\kappa` the condition after that and :math:`r` the
    residual, but :math:`\varepsilon\,\kappa^2` for "normal", with the condition before. Cost about
    :math:`mn^2` for "normal", :math:`2mn^2` for "qr" and three times that for "svd"; rank and condition cost
    another :math:`4mn^2`.

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
    columns, e = scaled_columns(A)
    (part, first), (target, f) = scaled(A), scaled(b)
    sigma = np.linalg.svd(part, compute_uv=False)
    r = _rank(columns, e, sigma)
    if r < A.shape[1] and method != "svd":
        raise ValueError(
            f"A {A.shape} has rank {r}, so many coefficients fit equally well: "
            'take method="svd" for the shortest, or leave out columns that depend on the others'
        )
    if method == "svd":
        y, e = _by_svd(columns, target, r, e)
    elif method == "qr":
        y = _by_qr(columns, target)
    else:
        y, e = _by_normal_equations(part, target), np.full_like(e, first)
    x = unscaled(y, f - e, "the solution x of A x = b")
    kept = min(r, count_significant(sigma, A.shape))
    return LeastSquares(x, _residual(A, x, b), r, float(sigma[0] / sigma[kept - 1]) if kept else np.inf)


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
    U, sigma, Vt, e = scaled_svd(A)
    b, f = scaled(b)
    roots = np.array([max(exponent(root), e) for root in np.sqrt(weights)])  # (k,) of the larger unit
    sigma = np.ldexp(sigma, e - roots[:, None])  # (k, n)
    squares = sigma**2
    denominators = squares + np.ldexp(weights, -2 * roots)[:, None]
    parts = np.divide(sigma * (U.T @ b), denominators, out=np.zeros_like(sigma), where=denominators > 0)
    shares = np.divide(squares, denominators, out=np.zeros_like(sigma), where=denominators > 0)
    x = unscaled(parts @ Vt, f - roots[:, None], "the coefficients for A, b and weights")
    return Ridge(x, np.sum(shares, axis=1))


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


def _by_svd(A: Array, b: Array, r: int, e: NDArray[np.intp]) -> tuple[Array, NDArray[np.intp]]:
    """Divide by the `r` singular values that count of columns over ``2**e``, and find the shortest solution.

    Of the columns as they are, that is: what the null space adds is taken off in the units of the caller.
    """
    U, sigma, Vt = np.linalg.svd(A, full_matrices=False)
    signs = column_signs(Vt.T)
    U, Vt = U * signs, Vt * signs[:, None]
    y: Array = Vt[:r].T @ (U[:, :r].T @ b / sigma[:r])
    if r == len(e) or (e == e[0]).all():
        return y, e
    noise = len(e) * EPSILON * (64 * sigma[0] / sigma[r - 1] if r else 1.0)  # in the rows, by perturbation
    x, f = _shortest(Vt[:r], Vt[:r] @ y, e, float(noise))
    beside = np.ldexp(x, e - f)
    fits = norm(Vt[:r] @ (beside - y)) <= math.sqrt(EPSILON) * norm(y)
    return (x, np.full_like(e, f)) if fits else (y, e)  # a solution in any case


def _shortest(rows: Array, c: Array, e: NDArray[np.intp], noise: float) -> tuple[Array, int]:
    """Find the shortest `x` with ``rows @ (x * 2**e) = c``, over ``2**-f``; return it and `f`.

    Large columns first, the rows are made an echelon, so that each starts with its largest number; then they
    can be brought to one size, and nothing is lost however different the units are.
    """
    largest_first = np.argsort(-e, kind="stable")
    T, c, e = rows[:, largest_first].copy(), c.copy(), e[largest_first]
    pivots: list[int] = []
    for j in range(T.shape[1]):
        i = len(pivots)
        v = T[i:, j].copy()
        if norm(v) <= noise:  # what depends on the columns before
            T[i:, j] = 0.0
            continue
        v = _mirror_of(v)
        _mirror_inplace(T[i:, j:], v)
        _mirror_inplace(c[i:], v)
        T[i + 1 :, j] = 0.0
        pivots.append(j)
    x, r = np.zeros(len(e)), len(pivots)
    if not r:
        return x, 0
    f = e[pivots]
    pivots_first = [*pivots, *(j for j in range(len(e)) if j not in pivots)]  # where reflections are stable
    Q, R = np.linalg.qr(np.ldexp(T[:r], e - f[:, None])[:, pivots_first].T)
    x[largest_first[pivots_first]] = Q @ np.linalg.solve(R.T, np.ldexp(c[:r], f[-1] - f))
    return x, int(f[-1])


def _by_normal_equations(A: Array, b: Array) -> Array:
    """Solve as the textbook formula says."""
    try:
        x = np.asarray(np.linalg.solve(A.T @ A, A.T @ b), dtype=np.float64)
    except np.linalg.LinAlgError:
        x = np.full(A.shape[1], np.nan)
    if not np.isfinite(x).all():
        raise ValueError(
            f'A.T @ A is singular in floating point, although A {A.shape} is not: take method="qr"'
        )
    return x


_METHODS = ("qr", "svd", "normal")
_MODERATE = 250  # exponents of which products, and sums of many, are far from the ends of the floats


def _residual(A: Array, x: Array, b: Array) -> Array:
    """Return ``b - A @ x``, where the products may overflow or vanish although the residual does not."""
    if max(abs(exponent(part)) for part in (A, x, b)) < _MODERATE:
        return np.asarray(b - A @ x)
    (A, e), (x, f), (b, g) = scaled(A), scaled(x), scaled(b)
    unit = max(e + f if x.any() else g, g)
    rest = np.ldexp(b, g - unit) - A @ np.ldexp(x, e + f - unit)
    return unscaled(rest, unit, "the residual b - A x", may_vanish=True)


def _rank(columns: Array, e: NDArray[np.intp], sigma: NDArray[np.floating]) -> int:
    """Count the singular values that are not negligible once columns, over ``2**e``, have one size."""
    if (e != e[0]).any():  # otherwise those of the matrix as it is are the same
        sigma = np.linalg.svd(np.linalg.qr(columns, mode="r"), compute_uv=False)
    return count_significant(sigma, columns.shape)


def _reflect(A: Array) -> tuple[Array, list[Array]]:
    """Return the triangle `R` and the unit normals of the mirrors; mirror `j` moves places from `j` on."""
    T, mirrors = A.copy(), []
    for j in range(A.shape[1]):
        v = _mirror_of(T[j:, j].copy())
        _mirror_inplace(T[j:, j:], v)
        mirrors.append(v)
    return np.triu(T[: A.shape[1]]), mirrors


def _mirror_of(v: Array) -> Array:
    """Return the unit normal of the mirror that sends `v` to the first axis, away from itself."""
    v[0] += np.copysign(norm(v), v[0])
    length = norm(v)
    return v / length if length > 0 else v  # zeros lie on the axis already


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
