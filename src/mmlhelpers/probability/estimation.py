r"""Estimation: maximum likelihood, Fisher information, logistic regression, Gaussian mixtures, calibration.

Throughout, `X` is (n, d) with a sample a row, `y` (n,) its labels 0 and 1, `w` (d,) the weights,
`p` (n,) predicted probabilities of a one, and a log-likelihood is a sum over the samples, in nats.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import functional
from mmlhelpers._checks import Array, as_count, as_function, as_matrix, as_number, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, TINIEST, exponent, scaled_columns, unscaled
from mmlhelpers.probability._arguments import as_probability
from mmlhelpers.probability.distributions import Distribution, MultivariateNormal, expectation

Family = Callable[[float], Distribution]

_GOLDEN = (np.sqrt(5) - 1) / 2
_MODERATE = 6  # columns of 2**-6 to 2**6 stay as they are
_FAR = 200  # exponent, and ratio of offset and spread, from which on samples are scaled and moved
_ROUNDING = 1e-14  # of a mean log-likelihood, relative to its size
_EMPTY = 1e-250  # a component with so few samples has none
_STANDSTILL = 1e-2  # a step that moves scores by more has not arrived
_SEPARATED = (
    "X and y are separated by a hyperplane, so the likelihood grows for ever with the weights: pass a "
    "prior_precision above zero"
)


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
        If `low` is not below `high`, the data are impossible for a parameter tried, the peak is at an end, or
        the log-likelihood is too flat, or the range too narrow, for a curvature.

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
    family = as_function(family, "family")
    data, low, high = as_vector(x, "x"), as_number(low, "low"), as_number(high, "high")
    if not low < high or not np.isfinite(high - low):
        raise ValueError(f"low must be below high, got low = {low} and high = {high}")

    def _height(theta: float) -> float:
        """Compute the log-likelihood."""
        value = float(np.sum(family(theta).log_density(data)))
        if not np.isfinite(value):
            raise ValueError(
                f"x is impossible for the parameter {theta:.6g}: choose low and high so that it is not"
            )
        return value

    a, b = low, high
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c, at_d = _height(c), _height(d)
    while b - a > max(1e-9 * (high - low), 4 * np.spacing(max(abs(a), abs(b)))):
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
            f"the log-likelihood has its peak at an end of {low:g} to {high:g}: look in a wider range"
        )
    h = 1e-4 * min(peak - low, high - peak)
    drop = 2 * _height(peak) - _height(peak - h) - _height(peak + h)
    if not drop > 8 * EPSILON * abs(_height(peak)) or peak + h == peak:
        raise ValueError(
            f"the log-likelihood of x is too flat around {peak:.6g} to see its curvature in steps of {h:.3g}"
            ": subtract an offset, or look in a wider range"
        )
    return Estimate(peak, float(h * drop**-0.5), _height(peak))


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

    Raises
    ------
    ValueError
        If the family does not reach so far as a step, or the result is beyond the range of floats.

    Notes
    -----
    The score is a central difference with a step of 1e-5 times the parameter, or 1e-7 if that is larger; the
    expectation is that of `expectation`: relative error about 1e-8.

    Examples
    --------
    >>> from mmlhelpers.probability import Poisson
    >>> print(f"{fisher_information(Poisson, 4.0):.6f}")
    0.250000
    """
    family = as_function(family, "family")
    theta = as_number(theta, "theta")
    h = 1e-5 * max(abs(theta), 1e-2)
    try:
        above, below = family(theta + h), family(theta - h)
    except ValueError as error:
        raise ValueError(
            f"theta = {theta:.6g} must be farther than {h:.3g} from the end of its range: {error}"
        ) from None

    def _squared_score(x: Array) -> Array:
        """Square the slope of the log-density."""
        return np.asarray((above.log_density(x) - below.log_density(x)) ** 2)

    (part, e), (step, k) = math.frexp(expectation(family(theta), _squared_score)), math.frexp(2 * h)
    return float(unscaled(part / step**2, e - 2 * k, "the information about theta"))


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
    return _loss(X, y, _weights(w, X))


def _loss(X: Array, y: Array, w: Array) -> float:
    """Sum log(1 + e^-z) over the scores z of the true class."""
    with np.errstate(over="ignore", invalid="ignore"):
        z = X @ w
    if not np.isfinite(z).all():
        raise ValueError("X and w have scores that are larger than any float: scale them down")
    return float(np.sum(functional.softplus(np.where(y == 1, -z, z))))


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
        Stop when no component of the gradient exceeds `tolerance` times `n`. A column whose largest entry is
        above 64 or below 1/64 is first divided by a power of two, so that its unit does not matter.
    max_steps : int
        Largest number of steps.

    Returns
    -------
    Logistic
        `w` (d,), `covariance` (d, d) (the inverse of the Hessian), `history` and whether it `converged`.

    Raises
    ------
    ValueError
        If the shapes disagree or a label is neither 0 nor 1; or if there is no prior, and a hyperplane
        separates the classes, perhaps with samples on it, so that larger weights are always better, or a
        column is a combination of the others, so that many weights are equally good.

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
    prior_precision, tolerance = (
        as_tolerance(prior_precision, "prior_precision"),
        as_tolerance(tolerance, "tolerance"),
    )
    n, d = X.shape
    if prior_precision == 0 and np.linalg.matrix_rank(scaled_columns(X)[0]) < d:
        raise ValueError(
            f"X {X.shape} has a column that is a combination of the others: leave it out, or pass a "
            "prior_precision above zero"
        )
    e = np.frexp(np.abs(X).max(axis=0))[1]
    e = np.where(np.abs(e) > _MODERATE, e, 0)
    X = np.ldexp(X, -e)
    with np.errstate(over="ignore"):
        prior = np.ldexp(prior_precision, -2 * e)  # of the weights of the scaled columns
    if not np.isfinite(prior).all():
        raise ValueError("X and prior_precision have units too different: scale X up")
    w = np.zeros(d)
    history = [_objective(w, X, y, prior)]
    for _ in range(as_count(max_steps, "max_steps", 1)):
        p = functional.sigmoid(X @ w)
        gradient = X.T @ (p - y) + prior * w
        hessian = (X.T * (p * (1 - p))) @ X + np.diag(prior)
        covariance = _inverse(hessian)
        step = covariance @ gradient
        if np.abs(gradient).max() <= tolerance * n:
            if (
                prior_precision == 0 and np.abs(X @ step).max() > _STANDSTILL
            ):  # each step adds about one to the scores, for ever
                raise ValueError(_SEPARATED)
            return _logistic(w, covariance, e, history, True)
        while _objective(w - step, X, y, prior) > history[-1] + 1e-12 * n:
            step = step / 2
        w = w - step
        history.append(_objective(w, X, y, prior))
        if prior_precision == 0 and np.all((2 * y - 1) * (X @ w) > 0):
            raise ValueError(_SEPARATED)
    return _logistic(w, covariance, e, history, False)


def _logistic(
    w: Array, covariance: Array, e: NDArray[np.intp], history: list[float], converged: bool
) -> Logistic:
    """Bring the weights back to the units of the columns."""
    return Logistic(
        unscaled(w, -e, "a weight for X"),
        unscaled(covariance, -(e[:, None] + e), "a variance of a weight for X"),
        np.array(history),
        converged,
    )


def _inverse(hessian: Array) -> Array:
    """Invert the second derivative of the objective, which is singular where a direction costs nothing."""
    size = 1 / np.sqrt(np.maximum(np.diag(hessian), TINIEST))
    if np.linalg.cond(hessian * np.outer(size, size)) > 1 / (4 * EPSILON):
        raise ValueError(_SEPARATED + "; or two columns of X are nearly equal: leave one out")
    return np.linalg.inv(hessian).astype(float)


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
        Stop when a step changes the mean log-likelihood by less. What rounding may hide, about 1e-14 of it,
        is added to the change.
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
        If `means` and `X` have different numbers of columns, a component loses all its samples, or a
        covariance is singular, as that of constant columns without `floor`.

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
    d, k, floor = X.shape[1], len(centres), as_tolerance(floor, "floor")
    unit, middle = _unit_and_offset(X)
    with np.errstate(over="ignore"):
        X, centres = (np.ldexp(part, -unit) - middle for part in (X, centres))
        if not np.isfinite(centres).all():
            raise ValueError("means must be near the samples in X, got some beyond all floats in their unit")
        ridge = float(np.ldexp(floor, -2 * unit)) * np.eye(d)
    if not np.isfinite(ridge).all():
        raise ValueError(
            f"floor must be in squared units of X, got {floor:.3g} for numbers about {2.0**unit:.3g}"
        )
    weights = np.full(k, 1 / k)
    covariances = np.tile(np.cov(X, rowvar=False, ddof=0).reshape(d, d) + ridge, (k, 1, 1))
    history: list[float] = []
    converged = False
    for step in range(as_count(max_steps, "max_steps", 1) + 1):
        responsibilities, level = _expect(X, weights, centres, covariances)
        history.append(level)
        converged = step > 0 and abs(level - history[-2]) + _ROUNDING * (1 + abs(level)) < tolerance
        if converged or step == max_steps:
            break
        counts = responsibilities.sum(axis=0)
        if counts.min() < _EMPTY:
            raise ValueError(
                f"means must each be near some samples, but component {counts.argmin()} lost all"
            )
        weights, centres = counts / len(X), responsibilities.T @ X / counts[:, None]
        offsets = X - centres[:, None]  # (k, n, d)
        covariances = np.einsum("nk,kni,knj->kij", responsibilities, offsets, offsets, optimize=True)
        covariances = covariances / counts[:, None, None] + ridge
    return Mixture(
        weights,
        unscaled(centres + middle, unit, "a mean of X"),
        unscaled(covariances, 2 * unit, "a covariance of X"),
        responsibilities,
        np.array(history) - unit * d * np.log(2),
        converged,
    )


def _unit_and_offset(X: Array) -> tuple[int, Array]:
    """Choose a power of two and what to subtract, one and zero unless the numbers are far from one."""
    unit = exponent(X) if abs(exponent(X)) > _FAR else 0
    part = np.ldexp(X, -unit)
    middle = np.median(part, axis=0)
    return unit, np.where(np.abs(middle) > _FAR * np.ptp(part, axis=0), middle, 0.0)


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
    which = np.minimum(np.floor(p * n_bins * (1 + 2 * EPSILON)).astype(int), n_bins - 1)  # 0.29 * 100 is 29
    counts = np.bincount(which, minlength=n_bins)
    full = counts > 0
    sums = [np.bincount(which, weights=v, minlength=n_bins)[full] for v in (p, y)]
    return Calibration(sums[0] / counts[full], sums[1] / counts[full], counts[full])


def _objective(w: Array, X: Array, y: Array, prior: Array) -> float:
    return _loss(X, y, w) + float((prior / 2 * w) @ w)


def _expect(X: Array, weights: Array, means: Array, covariances: Array) -> tuple[Array, float]:
    """Responsibilities (n, k), and the mean log-likelihood of a sample."""
    try:
        parts = [MultivariateNormal(m, C) for m, C in zip(means, covariances, strict=True)]
    except ValueError:
        raise ValueError(
            "floor must be larger for this X: a component has shrunk to a covariance that is singular"
        ) from None
    joint = np.column_stack([part.log_density(X) for part in parts]) + np.log(weights)
    if np.any(lost := joint.max(axis=1) == -np.inf):
        raise ValueError(f"means must be near the samples, but row {int(lost.argmax())} of X is far from all")
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
