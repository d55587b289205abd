r"""Means and variances that survive rounding, and Bayes' theorem over a list of hypotheses.

A summary holds `n`, the mean and the sum of squared distances from it; two summaries can be merged, so data
may come in pieces. Throughout, `ddof` is what the sum of squares is divided by, subtracted from `n`: 0 for a
population, 1 for a sample.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_matrix, as_vector
from mmlhelpers._scale import unscaled
from mmlhelpers.probability._arguments import as_probabilities


class Moments(NamedTuple):
    """How many samples there were, their mean, and their summed squared distances from it; both (d,)."""

    n: int
    mean: Array
    squares: Array

    def variance(self, ddof: int) -> Array:
        """Divide the squares by `n` (ddof 0: population) or by `n` - 1 (ddof 1: sample).

        Parameters
        ----------
        ddof : int
            0 or 1.

        Returns
        -------
        (d,) ndarray
            Variances.
        """
        if ddof not in (0, 1) or self.n <= ddof:
            raise ValueError(f"ddof must be 0 or 1 and less than n = {self.n}, got {ddof}")
        return self.squares / (self.n - ddof)


def moments(X: ArrayLike) -> Moments:
    r"""Summarise samples by their mean and squared distances, in two passes.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row.

    Returns
    -------
    Moments
        `n`, `mean` (d,) and `squares` (d,).

    Notes
    -----
    The second pass measures from the mean of the first, so nothing large is subtracted from anything large:
    the relative error of the squares is about :math:`n\varepsilon`, where that of :math:`\sum x^2 - n \bar
    x^2` is :math:`\varepsilon` times the squared ratio of mean and spread. What rounding left in the mean is
    taken out again.

    References
    ----------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
    doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> moments([[1.0], [2.0], [6.0]])
    Moments(n=3, mean=array([3.]), squares=array([14.]))
    """
    samples = as_matrix(X, "X")
    n, e = len(samples), np.frexp(np.abs(samples).max(axis=0))[1]
    part = np.ldexp(samples, -e)  # each column in a unit of its own, so that no square overflows
    mean = part.mean(axis=0)
    deviations = part - mean
    correction = deviations.sum(axis=0)
    squares = np.maximum((deviations**2).sum(axis=0) - correction**2 / n, 0.0)
    still = np.ptp(part, axis=0) == 0
    mean, squares = np.where(still, part[0], mean + correction / n), np.where(still, 0.0, squares)
    return Moments(n, np.ldexp(mean, e), unscaled(squares, 2 * e, "the sum of squared distances in X"))


def merge_moments(first: Moments, second: Moments) -> Moments:
    r"""Combine the summaries of two sets of samples into that of both together.

    Parameters
    ----------
    first, second : Moments
        Summaries with equal `d`.

    Returns
    -------
    Moments
        What `moments` would say about all samples at once.

    Notes
    -----
    The squares are :math:`S_1 + S_2 + \delta^2 \, n_1 n_2 / (n_1 + n_2)` with the difference :math:`\delta`
    of the means; as accurate as `moments`. With one sample in `second` this is Welford's update.

    References
    ----------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
    doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> merge_moments(moments([[1.0], [2.0]]), moments([[6.0]]))
    Moments(n=3, mean=array([3.]), squares=array([14.]))
    """
    if np.shape(first.mean) != np.shape(second.mean):
        raise ValueError(
            f"first has shape {np.shape(first.mean)} but second {np.shape(second.mean)}: make them agree"
        )
    n = first.n + second.n
    with np.errstate(over="ignore", invalid="ignore"):
        delta = second.mean - first.mean
        part, e = np.frexp(delta)
        squares = first.squares + second.squares + np.ldexp(part**2 * (first.n * second.n / n), 2 * e)
    if not np.isfinite(squares).all():
        raise ValueError("first and second have means too far apart: their squared distance is no float")
    return Moments(n, first.mean + delta * (second.n / n), squares)


def bayes(prior: ArrayLike, likelihood: ArrayLike) -> Any:
    r"""Update the probabilities of hypotheses by what was observed.

    Parameters
    ----------
    prior : (k,) array_like
        Probability of each hypothesis before; they sum to one.
    likelihood : (k,) array_like
        Probability (or density) of the observation under each hypothesis.

    Returns
    -------
    (k,) ndarray
        Probability of each hypothesis after: :math:`P(H_i \mid E) = P(H_i)P(E \mid H_i) / \sum_j P(H_j)P(E
        \mid H_j)`.

    Raises
    ------
    ValueError
        If no hypothesis with positive prior allows the observation, the prior does not sum to one, or a
        likelihood is negative.

    Notes
    -----
    Exact to rounding. For many observations at once add logarithms and subtract the largest first: products
    of a thousand probabilities underflow.

    Examples
    --------
    >>> bayes([0.5, 0.5], [0.9, 0.3])
    array([0.75, 0.25])
    """
    prior, likelihood = as_probabilities(prior, "prior"), as_vector(likelihood, "likelihood")
    if prior.shape != likelihood.shape:
        raise ValueError(f"prior has length {len(prior)} but likelihood {len(likelihood)}: make them agree")
    if likelihood.min() < 0:
        raise ValueError(f"likelihood must not be negative, got {likelihood.min():.6g}")
    parts, exponents = zip(np.frexp(prior), np.frexp(likelihood), strict=True)
    part, e = parts[0] * parts[1], exponents[0] + exponents[1]
    joint = np.ldexp(part, e - e.max(where=part > 0, initial=-(2**20)))  # products may be beyond all floats
    if not part.any():
        raise ValueError(
            "likelihood is zero for every hypothesis with positive prior: the observation is impossible"
        )
    return joint / joint.sum()
