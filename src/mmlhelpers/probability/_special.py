"""Special functions behind the distributions, from their series and continued fractions; arrays broadcast.

Throughout, `a` and `b` are shape parameters, positive, and `x` the point asked about. Where two regions need
different expansions, both are evaluated, each at a harmless point outside its own region.
"""

import math

import numpy as np

from mmlhelpers._checks import Array

TINY = 1e-300  # stands for zero in a denominator
EPSILON = float(np.finfo(float).eps)
SETTLED = 1e-15  # a factor this near to one is one up to the rounding of the four products behind it

#: Logarithm of the gamma function and complementary error function, entry by entry.
log_gamma = np.vectorize(math.lgamma, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])


def x_log_y(x: Array, y: Array) -> Array:
    """Return x log y, which is 0 where x is 0, whatever y."""
    with np.errstate(divide="ignore"):
        product: Array = np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y)))
    return product


def gamma_tails(a: Array, x: Array) -> tuple[Array, Array]:
    """Split the integral of t^(a-1) e^-t over t > 0, as a share of its total: the parts below and above x."""
    a, x = np.broadcast_arrays(a, x)
    front = np.exp(x_log_y(a, x) - x - log_gamma(a))
    series = x < a + 1
    below = front * _gamma_series(a, np.where(series, x, a))
    above = front * _gamma_fraction(a, np.where(series, a + 2, x))
    return np.where(series, below, 1 - above), np.where(series, 1 - below, above)


def _gamma_series(a: Array, x: Array) -> Array:
    """Sum x^k / (a (a+1) ... (a+k)) over k."""
    term = total = 1 / a
    k = 0
    while np.any(np.abs(term) > EPSILON / 4 * total):
        k += 1
        term = term * x / (a + k)
        total = total + term
    return total


def _gamma_fraction(a: Array, x: Array) -> Array:
    """Evaluate the continued fraction 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ...)))."""
    b = x + 1 - a
    c, d = np.full_like(x, 1 / TINY), 1 / b
    value, factor, k = d, np.full_like(x, 2.0), 0
    while np.any(np.abs(factor - 1) > SETTLED):
        k += 1
        b = b + 2
        d = 1 / _away_from_zero(b - k * (k - a) * d)
        c = _away_from_zero(b - k * (k - a) / c)
        factor = c * d
        value = value * factor
    return value


def beta_below(a: Array, b: Array, x: Array) -> Array:
    """Integrate t^(a-1) (1-t)^(b-1) from 0 to x, divided by the integral up to 1."""
    a, b, x = np.broadcast_arrays(a, b, x)
    swap = x > (a + 1) / (a + b + 2)  # there the fraction for the other tail converges faster
    p, q, z = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x)
    front = np.exp(x_log_y(p, z) + x_log_y(q, 1 - z) + log_gamma(p + q) - log_gamma(p) - log_gamma(q))
    tail = front * _beta_fraction(p, q, z) / p
    below: Array = np.where(swap, 1 - tail, tail)
    return below


def _beta_fraction(a: Array, b: Array, x: Array) -> Array:
    """Evaluate Lentz's continued fraction of the incomplete beta integral."""
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, factor, k = d, np.full_like(x, 2.0), 0
    while np.any(np.abs(factor - 1) > SETTLED):
        k += 1
        even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
        odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
        factor = np.ones_like(x)
        for coefficient in (even, odd):
            d = 1 / _away_from_zero(1 + coefficient * d)
            c = _away_from_zero(1 + coefficient / c)
            factor = factor * c * d
        value = value * factor
    return value


def _away_from_zero(x: Array) -> Array:
    """Replace what would be divided by zero."""
    safe: Array = np.where(np.abs(x) < TINY, TINY, x)
    return safe
