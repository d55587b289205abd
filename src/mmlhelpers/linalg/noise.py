r"""What the eigenvalues of a covariance look like when there is nothing but noise, or noise and one signal.

Throughout, `ratio` is :math:`\gamma = d/n`, features per sample, and the noise has independent entries. All
statements are limits as n and d grow together with their ratio fixed.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_number, as_numbers
from mmlhelpers._scale import exponent, scaled, unscaled


class Edges(NamedTuple):
    """The two ends of the eigenvalues of pure noise."""

    low: float
    high: float


class Spike(NamedTuple):
    """Where one strong direction shows up: its sample `eigenvalue`, and the squared cosine `overlap`."""

    eigenvalue: float
    overlap: float


def marchenko_pastur_edges(ratio: float, variance: float = 1.0) -> Edges:
    r"""Return the smallest and the largest eigenvalue that the covariance of pure noise has in the limit.

    Parameters
    ----------
    ratio : float
        Features per sample :math:`\gamma = d/n`, positive.
    variance : float
        Variance of every feature, positive.

    Returns
    -------
    Edges
        :math:`v(1 - \sqrt\gamma)^2` and :math:`v(1 + \sqrt\gamma)^2`, in the unit of `variance`. With
        :math:`\gamma > 1` a share :math:`1 - 1/\gamma` of the eigenvalues is zero besides.

    Raises
    ------
    ValueError
        If an argument is not positive.

    Notes
    -----
    Exact in the limit. The largest eigenvalue of a finite sample is off by the order of :math:`n^{-2/3}`.

    References
    ----------
    Marchenko and Pastur (1967), Distribution of eigenvalues for some sets of random matrices,
    doi:10.1070/SM1967v001n04ABEH001994.

    Examples
    --------
    >>> marchenko_pastur_edges(0.25)
    Edges(low=0.25, high=2.25)
    """
    ratio, variance = _positive(ratio, "ratio"), _positive(variance, "variance")
    edges, e = scaled(_edges(ratio))
    unit, f = scaled(variance)
    low, high = unscaled(edges * unit, e + f, "the upper edge for this ratio and variance")
    return Edges(float(low), float(high))


def marchenko_pastur_density(x: ArrayLike, ratio: float, variance: float = 1.0) -> Array:
    r"""Evaluate the limiting density of the eigenvalues of the covariance of pure noise.

    Parameters
    ----------
    x : array_like
        Where, in the unit of `variance`; any shape.
    ratio : float
        Features per sample :math:`\gamma = d/n`, positive.
    variance : float
        Variance :math:`v` of every feature, positive.

    Returns
    -------
    ndarray
        :math:`\sqrt{(b - x)(x - a)} / (2\pi\gamma v x)` between the edges a and b, zero elsewhere; same shape
        as `x`.

    Raises
    ------
    ValueError
        If `ratio` or `variance` is not positive.

    Notes
    -----
    It integrates to one if :math:`\gamma \le 1` and to :math:`1/\gamma` otherwise, where the missing share of
    eigenvalues is exactly zero. At :math:`\gamma = 1` it is infinite at 0, where 0 is returned.

    References
    ----------
    Marchenko and Pastur (1967), Distribution of eigenvalues for some sets of random matrices,
    doi:10.1070/SM1967v001n04ABEH001994.

    Examples
    --------
    >>> marchenko_pastur_density([0.1, 1.0, 3.0], 0.25).round(4)
    array([0.    , 0.6164, 0.    ])
    """
    ratio, variance = _positive(ratio, "ratio"), _positive(variance, "variance")
    e = exponent(variance)
    variance = math.ldexp(variance, -e)
    low, high = (variance * edge for edge in _edges(ratio))
    if not math.isfinite(high):
        raise ValueError("the upper edge for this ratio and variance is larger than any float: scale x down")
    with np.errstate(over="ignore"):  # what becomes infinite is outside
        x = np.ldexp(as_numbers(x, "x"), -e)
    inside = (x > low) & (x < high)
    at = np.where(inside, x, low / 2 + high / 2)
    density: Array = (
        np.sqrt(np.maximum(high - at, 0))
        * np.sqrt(np.maximum(at - low, 0))
        / at
        / (2 * np.pi * variance)
        / ratio
    )
    return unscaled(density * inside, -e, "the density for this variance and ratio")


def spike_limit(strength: float, ratio: float) -> Spike:
    r"""Say where one direction of variance `strength` shows up among noise of variance one.

    Parameters
    ----------
    strength : float
        Variance :math:`\ell` of the samples along the direction, at least 1.
    ratio : float
        Features per sample :math:`\gamma = d/n`, positive.

    Returns
    -------
    Spike
        Limit of the largest sample eigenvalue, and of the squared cosine between its eigenvector and the true
        direction.

    Raises
    ------
    ValueError
        If `strength` is below 1 or `ratio` is not positive.

    Notes
    -----
    Above the threshold :math:`\ell > 1 + \sqrt\gamma` they are :math:`\ell(1 + \gamma/(\ell - 1))` and
    :math:`(1 - \gamma/(\ell - 1)^2) / (1 + \gamma/(\ell - 1))`; up to it the eigenvalue is the edge of the
    noise and the overlap is zero.

    References
    ----------
    Baik, Ben Arous and Péché (2005), Phase transition of the largest eigenvalue for nonnull complex sample
    covariance matrices, doi:10.1214/009117905000000233.
    Paul (2007), Asymptotics of sample eigenstructure for a large dimensional spiked covariance model,
    Statistica Sinica 17, 1617-1642.

    Examples
    --------
    >>> spike_limit(3.0, 0.25)
    Spike(eigenvalue=3.375, overlap=0.8333333333333334)
    """
    ratio = _positive(ratio, "ratio")
    strength = as_number(strength, "strength")
    if strength < 1:
        raise ValueError(f"strength must be at least 1, the variance of the noise, got {strength!r}")
    excess = strength - 1
    if excess <= ratio**0.5:
        return Spike(marchenko_pastur_edges(ratio).high, 0.0)
    (part, e), (growth, f) = scaled(strength), scaled(1 + ratio / excess)
    eigenvalue = unscaled(part * growth, e + f, "the eigenvalue for this strength and ratio")
    return Spike(float(eigenvalue), (1 - ratio / excess / excess) / (1 + ratio / excess))


def _edges(ratio: float) -> tuple[float, float]:
    """Return the edges for variance one; the lower as a quotient, since the difference cancels near one."""
    root = ratio**0.5
    return ((1 - ratio) / (1 + root)) ** 2, (1 + root) ** 2


def _positive(value: float, name: str) -> float:
    """Read a finite positive number."""
    number = as_number(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be a finite number above 0, got {value}")
    return number
