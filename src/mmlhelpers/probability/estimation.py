r"""Estimation: maximum likelihood, Fisher information, logistic regression, Gaussian mixtures, calibration.

Throughout, `X` is (n, d) with a sample a row, `y` (n,) its labels 0 and 1, `w` (d,) the weights,
`p` (n,) predicted probabilities of a one, and a log-likelihood is a sum over the samples, in nats.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import functional
from mmlhelpers._checks import Array, as_count, as_matrix, as_tolerance, as_vector
from mmlhelpers.probability._arguments import as_probability
from mmlhelpers.probability.distributions import Distribution, MultivariateNormal, expectation

Family = Callable[[float], Distribution]

_GOLDEN = (np.sqrt(5) - 1) / 2


class Estimate(NamedTuple):
    """A maximum likelihood estimate, its standard error from the curvature, and the log-likelihood there."""

    value: float
    standard_error: float
    log_likelihood: float


class Logistic(NamedTuple):
    """Weights `w` (d,), their `covariance` (d, d), and the objective after each Newton step, in nats."""

    w: Array
    covariance: Array
    history: Array
    converged: bool


class Mixture(NamedTuple):
    """Shares (k,), means (k, d), covariances (k, d, d); share of each sample in each component, (n, k).

    `history` holds the mean log-likelihood of a sample before each step and after the last.
    """

    weights: Array
    means: Array
    covariances: Array
    responsibilities: Array
    history: Array
    converged: bool


class Calibration(NamedTuple):
    """For each occupied bin: mean prediction, observed share of ones, and number of samples."""

    predicted: Array
    observed: Array
    counts: NDArray[np.intp]


def maximum_likelihood(family: Family, x: ArrayLike, low: float, high: float) -> Estimate:
    r"""Find the parameter under which the data are most probable.

    Parameters
    ----------
    family : callable
        From a parameter to the distribution of one observation.
    x : (n,) array_like
        Independent observations.
    low, high : float
        Where to look; between them the log-likelihood has one peak.

    Returns
    -------
    Estimate
        The peak, one over the root of the curvature there, and the height.

    Raises
    ------
    ValueError
        If `low` is not below `high`, the data are impossible for a parameter tried, or the peak is at an end.

    Notes
    -----
    Golden-section search. A peak is flat, so its place is found to about 1e-8 of its width; the curvature
    comes from a second difference, with relative error 1e-5.

    Examples
    --------
    >>> from mmlhelpers.probability import Poisson
    >>> print(f"{maximum_likelihood(Poisson, [2, 0, 4], 0.1, 10).value:.4f}")
    2.0000
    """
    data = as_vector(x, "x")
    if not low < high:
        raise ValueError(f"low must be below high, got low = {low} and high = {high}")

    def _height(theta: float) -> float:
        """Compute the log-likelihood."""
        value = float(np.sum(family(theta).log_density(data)))
        if not np.isfinite(value):
            raise ValueError(
                f"x is impossible for the parameter {theta:.6g}: choose low and high so that it is not"
            )
        return value

    a, b = float(low), float(high)
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c, at_d = _height(c), _height(d)
    while b - a > 1e-9 * (high - low):
        if at_c >= at_d:
            b, d, at_d = d, c, at_c
            c = b - _GOLDEN * (b - a)
            at_c = _height(c)
        else:
            a, c, at_c = c, d, at_d
            d = a + _GOLDEN * (b - a)
            at_d = _height(d)
    peak = (a + b) / 2
    if min(peak - low, high - peak) < 1e-6 * (high - low):
        raise ValueError(
            f"the log-likelihood has its peak at an end of {low} to {high}: look in a wider range"
        )
    h = 1e-4 * min(peak - low, high - peak)
    curvature = (2 * _height(peak) - _height(peak - h) - _height(peak + h)) / h**2
    return Estimate(peak, float(curvature**-0.5), _height(peak))


def fisher_information(family: Family, theta: float) -> float:
    r"""Measure how much one observation says about a parameter.

    Parameters
    ----------
    family : callable
        From a parameter to the distribution of one observation.
    theta : float
        The parameter; the support must not depend on it.

    Returns
    -------
    float
        :math:`I(\theta) = E\bigl[(\partial_\theta \log p_\theta(X))^2\bigr]`, in one over its squared unit.

    Notes
    -----
    The score is a central difference, the expectation that of `expectation`: relative error about 1e-8.

    Examples
    --------
    >>> from mmlhelpers.probability import Poisson
    >>> print(f"{fisher_information(Poisson, 4.0):.6f}")
    0.250000
    """
    h = 1e-5 * max(abs(theta), 1e-2)

    def _squared_score(x: Array) -> Array:
        """Square the slope of the log-density."""
        score = (family(theta + h).log_density(x) - family(theta - h).log_density(x)) / (2 * h)
        return np.asarray(score**2)

    return expectation(family(theta), _squared_score)


def logistic_loss(w: ArrayLike, X: ArrayLike, y: ArrayLike) -> float:
    r"""Sum the cross-entropies of a logistic model: its negative log-likelihood.

    Parameters
    ----------
    w : (d,) array_like
        Weights.
    X : (n, d) array_like
        One sample a row; for an intercept with a column of ones.
    y : (n,) array_like
        Labels, 0 or 1.

    Returns
    -------
    float
        :math:`\sum_i \log(1 + e^{z_i}) - y_i z_i` with :math:`z = Xw`, in nats.

    Raises
    ------
    ValueError
        If the shapes disagree or a label is neither 0 nor 1.

    Notes
    -----
    Stable for scores of any size: no probability is formed, so none is rounded to 0 or 1.

    References
    ----------
    Book, section "Probability and statistics", equation (eq-logistic-loss).

    Examples
    --------
    >>> print(f"{logistic_loss([0.0], [[1.0], [2.0]], [0, 1]):.4f}")
    1.3863
    """
    X, y = _labelled(X, y)
    z = X @ _weights(w, X)
    return float(np.sum(functional.softplus(z) - y * z))


def fit_logistic(
    X: ArrayLike, y: ArrayLike, *, prior_precision: float = 0.0, tolerance: float = 1e-8, max_steps: int = 50
) -> Logistic:
    r"""Fit a logistic model by Newton's method.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row, independent columns; for an intercept with a column of ones.
    y : (n,) array_like
        Labels, 0 or 1.
    prior_precision : float
        One over the variance of a normal prior on each weight; 0 is maximum likelihood.
    tolerance : float
        Stop when no component of the gradient exceeds `tolerance` times `n`.
    max_steps : int
        Largest number of steps.

    Returns
    -------
    Logistic
        `w` (d,), `covariance` (d, d) (the inverse of the Hessian), `history` and whether it `converged`.

    Raises
    ------
    ValueError
        If the shapes disagree, a label is neither 0 nor 1, or a hyperplane separates the classes and there is
        no prior: then larger weights are always better, and no largest likelihood exists.

    Notes
    -----
    The objective is convex; a step that does not lower it is halved. Near the minimum errors square with each
    step.

    References
    ----------
    Book, section "Probability and statistics", equations (eq-grad-logistic) and (eq-hess-logistic).

    Examples
    --------
    >>> fit_logistic([[1.0], [1.0], [1.0], [1.0]], [1, 1, 1, 0]).w  # the log odds, log 3
    array([1.09861229])
    """
    X, y = _labelled(X, y)
    prior_precision = as_tolerance(prior_precision, "prior_precision")
    n, d = X.shape
    w = np.zeros(d)
    history = [_objective(w, X, y, prior_precision)]
    for _ in range(as_count(max_steps, "max_steps", 1)):
        p = functional.sigmoid(X @ w)
        gradient = X.T @ (p - y) + prior_precision * w
        hessian = (X.T * (p * (1 - p))) @ X + prior_precision * np.eye(d)
        covariance: Array = np.linalg.inv(hessian).astype(float)
        if np.abs(gradient).max() <= tolerance * n:
            return Logistic(w, covariance, np.array(history), True)
        step = covariance @ gradient
        while _objective(w - step, X, y, prior_precision) > history[-1] + 1e-12 * n:
            step = step / 2
        w = w - step
        history.append(_objective(w, X, y, prior_precision))
        if prior_precision == 0 and np.all((2 * y - 1) * (X @ w) > 0):
            raise ValueError(
                "X and y are separated by a hyperplane, so the likelihood grows for ever with the weights: "
                "pass a prior_precision above zero"
            )
    return Logistic(w, covariance, np.array(history), False)


def fit_mixture(
    X: ArrayLike, means: ArrayLike, *, tolerance: float = 1e-6, max_steps: int = 500, floor: float = 1e-6
) -> Mixture:
    r"""Fit a mixture of normal distributions by expectation maximisation.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row.
    means : (k, d) array_like
        Means to start from; all covariances start as that of `X`, all shares equal.
    tolerance : float
        Stop when a step raises the mean log-likelihood by less.
    max_steps : int
        Largest number of steps.
    floor : float
        Added to each variance, in squared units of `X`, so that no component collapses onto one sample.

    Returns
    -------
    Mixture
        Shares, means, covariances, responsibilities, history and whether it `converged`.

    Raises
    ------
    ValueError
        If `means` and `X` have different numbers of columns.

    Notes
    -----
    Responsibilities are computed from logarithms. Without `floor` no step lowers the likelihood; the result
    depends on the start. Cost of a step :math:`O(n k d^2)`.

    References
    ----------
    Dempster, Laird and Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x.

    Examples
    --------
    >>> fit_mixture([[-1.1], [-0.9], [0.9], [1.1]], [[-0.5], [0.5]]).weights
    array([0.5, 0.5])
    """
    X, centres = as_matrix(X, "X"), as_matrix(means, "means")
    if centres.shape[1] != X.shape[1]:
        raise ValueError(f"means {centres.shape} must have as many columns as X {X.shape}")
    ridge = as_tolerance(floor, "floor") * np.eye(X.shape[1])
    k = len(centres)
    weights = np.full(k, 1 / k)
    covariances = np.tile(np.cov(X, rowvar=False, ddof=0).reshape(ridge.shape) + ridge, (k, 1, 1))
    history: list[float] = []
    converged = False
    for step in range(as_count(max_steps, "max_steps", 1) + 1):
        responsibilities, level = _expect(X, weights, centres, covariances)
        history.append(level)
        converged = step > 0 and level - history[-2] < tolerance
        if converged or step == max_steps:
            break
        counts = responsibilities.sum(axis=0)
        weights, centres = counts / len(X), responsibilities.T @ X / counts[:, None]
        offsets = X - centres[:, None]  # (k, n, d)
        covariances = np.einsum("nk,kni,knj->kij", responsibilities, offsets, offsets, optimize=True)
        covariances = covariances / counts[:, None, None] + ridge
    return Mixture(weights, centres, covariances, responsibilities, np.array(history), converged)


def calibration_curve(p: ArrayLike, y: ArrayLike, n_bins: int = 10) -> Calibration:
    """Compare predicted probabilities with what happened, in bins of equal width.

    Parameters
    ----------
    p : (n,) array_like
        Predicted probabilities of a one.
    y : (n,) array_like
        What happened, 0 or 1.
    n_bins : int
        Number of bins between 0 and 1; empty ones are left out.

    Returns
    -------
    Calibration
        Mean prediction, share of ones and count of each occupied bin.

    Raises
    ------
    ValueError
        If the lengths disagree, a prediction is no probability, or an outcome is neither 0 nor 1.

    Notes
    -----
    Exact. The share of ones in a bin of `m` samples has a standard error of up to 1 / (2 sqrt(m)): small bins
    scatter.

    Examples
    --------
    >>> calibration_curve([0.1, 0.3, 0.9], [0, 1, 1], n_bins=2)
    Calibration(predicted=array([0.2, 0.9]), observed=array([0.5, 1. ]), counts=array([2, 1]))
    """
    p = as_probability(as_vector(p, "p"), "p")
    y = _labels(y, len(p), "p")
    n_bins = as_count(n_bins, "n_bins", 1)
    which = np.minimum((p * n_bins).astype(int), n_bins - 1)
    counts = np.bincount(which, minlength=n_bins)
    full = counts > 0
    sums = [np.bincount(which, weights=v, minlength=n_bins)[full] for v in (p, y)]
    return Calibration(sums[0] / counts[full], sums[1] / counts[full], counts[full])


def _objective(w: Array, X: Array, y: Array, prior_precision: float) -> float:
    return logistic_loss(w, X, y) + prior_precision / 2 * float(w @ w)


def _expect(X: Array, weights: Array, means: Array, covariances: Array) -> tuple[Array, float]:
    """Responsibilities (n, k), and the mean log-likelihood of a sample."""
    parts = zip(means, covariances, strict=True)
    joint = np.column_stack([MultivariateNormal(m, C).log_density(X) for m, C in parts]) + np.log(weights)
    total = functional.log_sum_exp(joint, axis=1)
    return np.exp(joint - total[:, None]), float(total.mean())


def _labelled(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    samples = as_matrix(X, "X")
    return samples, _labels(y, len(samples), "X")


def _labels(y: ArrayLike, n: int, partner: str) -> Array:
    labels = as_vector(y, "y")
    if len(labels) != n:
        raise ValueError(f"y has length {len(labels)} but {partner} has {n} samples: make them agree")
    if not np.isin(labels, (0, 1)).all():
        raise ValueError(f"y must hold labels 0 and 1, got {labels[~np.isin(labels, (0, 1))][0]:.6g}")
    return labels


def _weights(w: ArrayLike, X: Array) -> Array:
    weights = as_vector(w, "w")
    if len(weights) != X.shape[1]:
        raise ValueError(
            f"w has length {len(weights)} but X {X.shape} has {X.shape[1]} columns: make them agree"
        )
    return weights
