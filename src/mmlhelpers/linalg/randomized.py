"""Randomised decompositions: a few random combinations of the columns tell nearly all."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_generator, as_matrix
from mmlhelpers._scale import norm, scaled, unscaled
from mmlhelpers.linalg._common import column_signs

_PROBES = 10  # random vectors that the error is tried on
_FACTOR = 10.0  # by how much the largest answer is stretched to be a bound


class RandomizedSVD(NamedTuple):
    """Leading factors `U` (m, k), `sigma` (k,), `Vt` (k, n), and a bound on what they leave out.

    The spectral norm of ``A - (U * sigma) @ Vt`` is at most `error_bound`, unless chance was against it: the
    probability of that is at most `failure`.
    """

    U: Array
    sigma: Array
    Vt: Array
    error_bound: float
    failure: float


def randomized_svd(
    A: ArrayLike, k: int, rng: np.random.Generator, *, n_power: int = 2, oversampling: int = 10
) -> RandomizedSVD:
    r"""Find the leading singular values and vectors by looking at random combinations of the columns.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    k : int
        Number of terms, from 1 to :math:`\min(m, n)`.
    rng : Generator
        Source of randomness.
    n_power : int
        How often the combinations are multiplied by :math:`AA^\top`, from 0; each makes large singular
        values stand out more and costs two passes over `A`.
    oversampling : int
        How many combinations are drawn beyond `k`, from 0.

    Returns
    -------
    RandomizedSVD
        `U`, `sigma` and `Vt` as from `svd`, the first k terms only, each row of `Vt` with its largest entry
        positive; `error_bound` on the spectral norm of the rest, which holds with probability at least
        1 - `failure`.

    Raises
    ------
    ValueError
        If `k`, `n_power` or `oversampling` is out of range.

    Notes
    -----
    The columns are orthonormalised after every multiplication, so that small singular values are not rounded
    away. No approximation of rank k has an error below :math:`\sigma_{k+1}`. The bound is 10
    :math:`\sqrt{2/\pi}` times the largest length among ten random images of the rest: usually some tens
    of times too careful, but it assumes nothing about `A`. Passes over `A`: 3 + 2 `n_power`.

    References
    ----------
    Halko, Martinsson and Tropp (2011), Finding structure with randomness, algorithms 4.4 and 5.1, lemma 4.1,
    doi:10.1137/090771806.

    Examples
    --------
    >>> A = np.outer([1.0, 2.0, 2.0], [3.0, 4.0])
    >>> randomized_svd(A, 1, np.random.default_rng(0)).sigma
    array([15.])
    """
    rng = as_generator(rng, "rng")
    A, e = scaled(as_matrix(A, "A"))
    k = as_count(k, "k", 1, min(A.shape))
    n_power, oversampling = as_count(n_power, "n_power", 0), as_count(oversampling, "oversampling", 0)
    Q = _find_range(A, min(k + oversampling, *A.shape), n_power, rng)
    U, sigma, Vt = np.linalg.svd(Q.T @ A, full_matrices=False)
    signs = column_signs(Vt[:k].T)
    U, sigma, Vt = Q @ U[:, :k] * signs + 0.0, sigma[:k], Vt[:k] * signs[:, None] + 0.0
    probes = rng.normal(size=(A.shape[1], _PROBES))
    rest = A @ probes - (U * sigma) @ (Vt @ probes)
    bound = _FACTOR * math.sqrt(2 / math.pi) * float(norm(rest, axis=0).max())
    sigma = unscaled(sigma, e, "the largest singular value of A")
    return RandomizedSVD(
        U, sigma, Vt, float(unscaled(bound, e, "the error bound of A", may_vanish=True)), _FACTOR**-_PROBES
    )


def _find_range(A: Array, size: int, n_power: int, rng: np.random.Generator) -> Array:
    """Return orthonormal columns (m, size) that nearly span the leading left singular vectors."""
    Q = np.linalg.qr(A @ rng.normal(size=(A.shape[1], size))).Q
    for _ in range(n_power):
        Q = np.linalg.qr(A.T @ Q).Q
        Q = np.linalg.qr(A @ Q).Q
    return Q
