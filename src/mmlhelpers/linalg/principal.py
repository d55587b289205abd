"""Principal components: of samples, through their covariance or without it, and of a kernel matrix."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_matrix, as_symmetric
from mmlhelpers._scale import EPSILON, centered, exponent, has_converged, norm, scaled, unscaled
from mmlhelpers.linalg._common import column_signs, negligible

_EXTRA = 10  # directions iterated beside those asked for
_ROWS = 4096  # rows whose products may be added in single precision
_LOOKS = (5, 8)  # blocks of the Krylov space at which to look whether the eigenvectors are in it


class PrincipalComponents(NamedTuple):
    """The plane nearest to the samples: its point `mean` (d,) and orthonormal `directions` (d, k).

    The `variances` (k,) along them are mean squares (divisor n) in squared units of the samples; `total`
    is their sum over all directions, those left out included.
    """

    mean: Array
    directions: Array
    variances: Array
    total: float

    @property
    def shares(self) -> Array:
        """Share of the total variance that lies along each direction.

        Returns
        -------
        (k,) ndarray
            Numbers from 0 to 1, descending.

        Raises
        ------
        ValueError
            If the samples do not vary at all.

        Examples
        --------
        >>> principal_components([[3, 0], [-3, 0], [0, 1], [0, -1]], 2).shares
        array([0.9, 0.1])
        """
        if self.total == 0:
            raise ValueError("samples X that do not vary have no variance to be shared: total is 0")
        return self.variances / self.total

    def scores(self, X: ArrayLike) -> Array:
        """Find the coordinates of samples along the directions.

        Parameters
        ----------
        X : (m, d) array_like
            Samples as rows, those of the fit or others; the mean of the fit is taken off in any case.

        Returns
        -------
        (m, k) ndarray
            One coordinate for each direction.

        Raises
        ------
        ValueError
            If `X` has another number of columns than the samples of the fit.

        Examples
        --------
        >>> principal_components([[0, 0], [2, 2]], 1).scores([[1, 1], [3, 3]]).round(4) + 0.0
        array([[0.    ],
               [2.8284]])
        """
        X = as_matrix(X, "X")
        if X.shape[1] != len(self.mean):
            raise ValueError(
                f"X {X.shape} must have {len(self.mean)} columns, as many as the samples of the fit had, "
                f"got {X.shape[1]}"
            )
        return (X - self.mean) @ self.directions

    def rebuild(self, scores: ArrayLike) -> Array:
        """Return the points of the plane that have these coordinates.

        Parameters
        ----------
        scores : (m, k) array_like
            Coordinates, one row a point.

        Returns
        -------
        (m, d) ndarray
            The points, in the units of the samples.

        Raises
        ------
        ValueError
            If `scores` has another number of columns than there are directions.

        Examples
        --------
        >>> principal_components([[0, 0], [2, 2]], 1).rebuild([[0.0]])
        array([[1., 1.]])
        """
        scores = as_matrix(scores, "scores")
        if scores.shape[1] != len(self.variances):
            raise ValueError(
                f"scores {scores.shape} must have {len(self.variances)} columns, one a direction, "
                f"got {scores.shape[1]}"
            )
        return scores @ self.directions.T + self.mean

    def whiten(self, X: ArrayLike) -> Array:
        """Measure each score in standard deviations, so that the samples of the fit have covariance one.

        Parameters
        ----------
        X : (m, d) array_like
            Samples as rows.

        Returns
        -------
        (m, k) ndarray
            Scores divided by the root of their variance, dimensionless.

        Raises
        ------
        ValueError
            If one of the directions has no variance, or `X` does not fit.

        Notes
        -----
        Errors of a score are divided by the same root: what is nearly constant becomes nearly noise.

        Examples
        --------
        >>> principal_components([[0, 0], [2, 2]], 1).whiten([[0, 0], [2, 2]])
        array([[-1.],
               [ 1.]])
        """
        flat = np.flatnonzero(self.variances <= negligible(self.directions.shape, self.variances[0]))
        if flat.size:
            raise ValueError(
                f"{len(self.variances)} directions are to be whitened, but along the one at place {flat[0]} "
                f"the samples do not vary: keep at most {flat[0]} directions"
            )
        return self.scores(X) / np.sqrt(self.variances)


class KernelComponents(NamedTuple):
    """Coordinates `scores` (n, k) of the samples in feature space, `variances` (k,) along them, `total`."""

    scores: Array
    variances: Array
    total: float


def principal_components(X: ArrayLike, k: int, method: str = "svd") -> PrincipalComponents:
    r"""Find the plane of dimension `k` that is nearest to the samples.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows, in any unit. "gram" multiplies float32 in single precision, twice as fast.
    k : int
        Number of directions, from 1 to :math:`\min(n, d)`.
    method : str
        "svd" decomposes the centred samples, to full accuracy. "gram" finds the leading eigenvectors of the
        smaller of the two matrices of inner products of the centred columns or rows: much faster when one
        of n and d is large, at the price of small variances.

    Returns
    -------
    PrincipalComponents
        `mean` (d,); `directions` (d, k), one a column, largest entry positive; `variances` (k,) descending;
        `total`, the mean squared distance to the mean.

    Raises
    ------
    ValueError
        If `k` is out of range or there is no such method.

    Notes
    -----
    With "svd" standard deviations are within about :math:`\varepsilon\,\sigma_1` of the exact ones; with
    "gram" variances are within about :math:`10^{-11}\,\sigma_1^2` (float32: :math:`10^{-5}`), and those below
    are not to be trusted.
    A direction is as accurate as that error divided by the gap to the next variance. "gram" builds a block
    Krylov space for the leading eigenvectors and decomposes the whole matrix if residuals are not small then.

    References
    ----------
    Pearson (1901), On lines and planes of closest fit, doi:10.1080/14786440109462720.
    Golub and Van Loan (2013), Matrix Computations, section 10.3.

    Examples
    --------
    >>> pca = principal_components([[1, 0], [-1, 0], [3, 1], [-3, -1]], 1)
    >>> pca.shares.round(3)
    array([0.992])
    """
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(_METHODS)}, got {method!r}")
    moved, mean, e = _moved_and_scaled(X)
    k, n = as_count(k, "k", 1, min(moved.shape)), len(moved)
    directions, squares, total = _METHODS[method](moved, k)
    directions, squares = np.asarray(directions, np.float64), np.asarray(squares, np.float64)
    directions = directions * column_signs(directions) + 0.0
    total = float(unscaled(total / n, 2 * e, "the variance of X"))
    return PrincipalComponents(mean, directions, np.ldexp(squares / n, 2 * e), total)


def center_kernel(K: ArrayLike) -> Array:
    r"""Turn inner products of vectors into those of the same vectors with their mean taken off.

    Parameters
    ----------
    K : (n, n) array_like
        Symmetric matrix of inner products.

    Returns
    -------
    (n, n) ndarray
        :math:`HKH` with :math:`H = I - \tfrac1n \mathbf{1}\mathbf{1}^\top`: rows and columns sum to zero.

    Raises
    ------
    ValueError
        If `K` is not symmetric.

    Notes
    -----
    Exact up to rounding of the size of the entries of `K`.

    References
    ----------
    Schölkopf, Smola and Müller (1998), Nonlinear component analysis as a kernel eigenvalue problem,
    doi:10.1162/089976698300017467.

    Examples
    --------
    >>> center_kernel([[4, 0], [0, 0]])
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    K, e = scaled(as_symmetric(K, "K"))
    return unscaled(_center(K), e, "the centred K")


def kernel_components(K: ArrayLike, k: int) -> KernelComponents:
    r"""Find principal components from inner products alone, for features that nobody has to write down.

    Parameters
    ----------
    K : (n, n) array_like
        Values of a kernel at all pairs of samples: symmetric, without negative eigenvalues. Not yet centred.
    k : int
        Number of components, from 1 to n.

    Returns
    -------
    KernelComponents
        `scores` (n, k), of each column the largest entry positive; `variances` (k,), their mean squares;
        `total`, the mean squared distance to the mean in feature space.

    Raises
    ------
    ValueError
        If `K` is not symmetric or has a negative eigenvalue, or `k` is out of range.

    Notes
    -----
    With ``K = X @ X.T`` these are the scores of `principal_components`, up to signs. Cost :math:`O(n^3)`.
    Scores are within about :math:`\sqrt{n\varepsilon\lambda_1}` of the exact ones for components of no
    variance, and far better for the leading ones.

    References
    ----------
    Schölkopf, Smola and Müller (1998), Nonlinear component analysis as a kernel eigenvalue problem,
    doi:10.1162/089976698300017467.

    Examples
    --------
    >>> kernel_components([[4, 0], [0, 0]], 1).scores
    array([[ 1.],
           [-1.]])
    """
    K, e = scaled(as_symmetric(K, "K"))
    centred = _center(K)
    n = len(centred)
    k = as_count(k, "k", 1, n)
    values, vectors = np.linalg.eigh(centred)
    noise = n * EPSILON * float(np.abs(K).max())
    if values[0] < -1e-8 * values[-1] - n * noise:
        with np.errstate(over="ignore"):
            least = np.ldexp(values[0], e)
        raise ValueError(
            f"K {centred.shape} must have no negative eigenvalue, as a matrix of inner products has none, "
            f"got {least:.3g} after centring: is it a kernel?"
        )
    squares, vectors = np.maximum(values[::-1][:k], 0.0), vectors[:, ::-1][:, :k]
    half, odd = divmod(e, 2)
    scores = vectors * column_signs(vectors) * np.sqrt(np.ldexp(squares, odd)) + 0.0
    total = float(unscaled(np.trace(centred) / n, e, "the variance in K"))
    return KernelComponents(np.ldexp(scores, half), np.ldexp(squares / n, e), total)


# The routes


def _moved_and_scaled(value: ArrayLike) -> tuple[NDArray[Any], Array, int]:
    """Return the samples about their mean over ``2**e``, in their own precision, and the mean."""
    if _is_single(value):  # the mean and the differences in float64, but no table of them
        single = np.empty_like(value)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.asarray(np.mean(value, axis=0, dtype=np.float64))
            np.subtract(value, mean, out=single, casting="same_kind")
            finite = np.isfinite(single.sum(axis=0, dtype=np.float64)).all()
        if finite:  # then so is every entry, and no second look at them is needed
            single, e = _divided(single)
            return single, mean, e
    part, first = scaled(as_matrix(value, "X"))
    moved, mean = centered(part)
    moved, second = _divided(moved)
    return moved, np.ldexp(mean[0], first), first + second


def _is_single(value: ArrayLike) -> TypeGuard[NDArray[np.float32]]:
    """Tell a table of single precision, which stays as it is; all else becomes float64."""
    if not isinstance(value, np.ndarray) or np.ma.isMaskedArray(value):
        return False
    return value.dtype == np.float32 and value.ndim == 2 and value.size > 0


def _divided(moved: NDArray[Any]) -> tuple[NDArray[Any], int]:
    e = exponent(max(moved.max(), -moved.min()))
    moved /= moved.dtype.type(2.0**e)
    return moved, e


def _by_svd(centred: Array, k: int) -> tuple[Array, Array, float]:
    """Decompose the centred samples; return directions, sums of squares along them, and of all."""
    _, sigma, Vt = np.linalg.svd(centred, full_matrices=False)
    return Vt[:k].T, sigma[:k] ** 2, float(np.sum(sigma**2))


def _by_gram(centred: Array, k: int) -> tuple[Array, Array, float]:
    """Decompose inner products of the centred columns, or of the centred rows if there are fewer."""
    n, d = centred.shape
    if n >= d:
        G = _products_of_columns(centred)
        squares, directions = _leading_eigen(G, k)
    else:
        G = centred @ centred.T
        squares, vectors = _leading_eigen(G, k)
        directions = np.linalg.qr(centred.T @ vectors).Q  # they are orthogonal; this gives length one
    return directions, np.maximum(squares, 0.0), float(np.trace(G))


def _products_of_columns(centred: Array) -> Array:
    """Add up the inner products of the columns; sums of many rows in single precision by blocks."""
    if centred.dtype == np.float64 or len(centred) <= _ROWS:
        return centred.T @ centred  # NumPy sees that the factors are one, and does half the work
    G = np.zeros((centred.shape[1],) * 2)
    for start in range(0, len(centred), _ROWS):
        block = centred[start : start + _ROWS]
        G += block.T @ block
    return G


def _center(K: Array) -> Array:
    means = K.mean(axis=0)
    centred: Array = K - means - means[:, None] + means.mean()
    return centred


_METHODS: dict[str, Callable[[Array, int], tuple[Array, Array, float]]] = {
    "svd": _by_svd,
    "gram": _by_gram,
}


def _leading_eigen(G: Array, k: int) -> tuple[Array, Array]:
    """Find the `k` largest eigenvalues of a symmetric matrix and their eigenvectors."""
    size = k + _EXTRA
    found = _krylov_eigen(G, k, size) if 2 * size * _LOOKS[-1] <= len(G) else None
    if found is None:
        values, vectors = np.linalg.eigh(G)
        found = values[::-1][:k], vectors[:, ::-1][:, :k]
    return found


def _krylov_eigen(G: Array, k: int, size: int) -> tuple[Array, Array] | None:
    """Look for eigenvectors among the combinations of Q, GQ, GGQ, ... for a random Q; None if not there."""
    start = np.random.default_rng(0).normal(size=(len(G), size)).astype(G.dtype)
    basis = np.linalg.qr(G @ start).Q
    images = G @ basis
    found = None
    while found is None and basis.shape[1] < _LOOKS[-1] * size:
        new = images[:, -size:]
        for _ in range(2):  # the second time removes what rounding left
            new = np.linalg.qr(new - basis @ (basis.T @ new)).Q
        basis, images = np.hstack([basis, new]), np.hstack([images, G @ new])
        if basis.shape[1] // size in _LOOKS:
            found = _ritz(basis, images, k)
    return found


def _ritz(basis: Array, images: Array, k: int) -> tuple[Array, Array] | None:
    """Find the leading eigenvectors in the span of a basis, given its images; None if they are not good."""
    values, Y = np.linalg.eigh(basis.T @ images)
    values, Y = values[::-1][:k], Y[:, ::-1][:, :k]
    vectors = basis @ Y
    residual = norm(images @ Y - vectors * values, axis=0).max()
    skew = np.abs(vectors.T @ vectors - np.eye(k)).max()
    tolerance = np.finfo(basis.dtype).eps ** 0.75
    good = skew <= tolerance and has_converged(residual, tolerance, values[0])
    return (values, vectors) if good else None
