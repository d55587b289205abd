"""Special functions behind the distributions, from their series and continued fractions; arrays broadcast.

Throughout, `a` and `b` are shape parameters, positive, and `x` the point asked about. Where two regions need
different expansions, both are evaluated, each at a harmless point outside its own region. Both tails are
computed on their own where they are small, so that neither is one minus the other.
"""

import math

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers._scale import EPSILON

TINY = 1e-300  # stands for zero in a denominator
SETTLED = 1e-15  # a factor this near to one is one up to the rounding of the four products behind it
_HUGE = 2.0**1000
_DEAD = -1500.0  # the logarithm of a factor that makes everything vanish
_ROUGH = 60  # steps after which factors that rounding keeps a little apart from one are let go
_LONGEST = 100_000  # steps of a fraction after which only rounding can keep its factors from one

_LOG_ROOT = math.log(2 * math.pi) / 2
_STIRLING = 16.0  # from here on seven terms of the series are exact to rounding
_DIRECT = 32.0  # up to here logarithms of gamma functions cost no digits
_UNIFORM = 1e5  # from here on an incomplete gamma integral is a normal tail and a small correction
_UNIFORM_BETA = 1e7  # the same for an incomplete beta integral, with one term of the correction
_GRADUAL = math.exp(-1.0)  # above it the series in powers of log(x)/2 converges quickly
_GRADUAL_TERMS = 12
_FLATTEST = 0.2  # |eta| beyond which every tail with a parameter from `_UNIFORM` on is below 1e-300


def _log_gamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except OverflowError:
        return math.inf


#: Logarithm of the gamma function and complementary error function, entry by entry.
log_gamma = np.vectorize(_log_gamma, otypes=[float])
erfc = np.vectorize(math.erfc, otypes=[float])


def x_log_y(x: Array, y: Array) -> Array:
    """Return x log y, which is 0 where x is 0, whatever y."""
    with np.errstate(divide="ignore"):
        product: Array = np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y)))
    return product


def stirling_rest(a: Array) -> Array:
    """Return log(a!) - (a + 1/2) log a + a - log(2 pi)/2: what Stirling's formula leaves out."""
    large, small = np.maximum(a, _STIRLING), np.clip(a, TINY, _STIRLING)
    w = (1 / large) ** 2
    series = 1 / 12 - w * (
        1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * (691 / 360360 - w / 156))))
    )
    direct = log_gamma(small + 1) - (small + 0.5) * np.log(small) + small - _LOG_ROOT
    rest: Array = np.where(a >= _STIRLING, series / large, direct)
    return rest


def deviance(x: Array, mean: Array, excess: Array) -> Array:
    """Return x log(x / mean) + mean - x, never negative; `excess` is mean - x, with all its digits."""
    x, mean, excess = np.broadcast_arrays(x, mean, excess)
    half = np.where(np.maximum(x, mean) > _HUGE, 0.5, 1.0)  # of numbers whose sum would be none
    total = half * x + half * mean
    near = half * np.abs(excess) < 0.1 * total
    v = np.where(near, half * excess / np.where(near, total, 1.0), 0.0)
    series, square = np.zeros_like(v), v * v
    for k in range(21, 1, -2):
        series = (1 / k) + square * series
    close = excess * v - 2 * (x * v * square * series)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        log_ratio = np.log(x / mean)
        log_ratio = np.where(np.isfinite(log_ratio), log_ratio, np.log(x) - np.log(mean))
        apart = np.where(x == 0, mean, x * log_ratio + excess)
    result: Array = np.where(near, close, apart)
    return result


def poisson_log_mass(x: Array, mean: Array) -> Array:
    """Return x log(mean) - mean - log(x!), also where its three terms are large and nearly cancel."""
    x, mean = np.broadcast_arrays(x, mean)
    large = x >= _DIRECT
    safe = np.where(large, x, 1.0)
    saddle = -stirling_rest(safe) - deviance(safe, mean, mean - safe) - _LOG_ROOT - np.log(safe) / 2
    small = np.where(large, 1.0, x)
    mass: Array = np.where(large, saddle, x_log_y(small, mean) - mean - log_gamma(small + 1))
    return mass


def beta_log_front(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the logarithm of x^a y^b / B(a, b), where y = 1 - x with all its digits."""
    n = a + b
    large = n >= 2 * _DIRECT
    p, q, z, w = (np.where(large, u, safe) for u, safe in ((a, _DIRECT), (b, _DIRECT), (x, 0.5), (y, 0.5)))
    m = p + q
    shift = q * z - p * w  # m z - p, and p - m w
    saddle = (
        (np.log(p) + np.log(q / m)) / 2
        - _LOG_ROOT
        + (stirling_rest(m) - stirling_rest(p) - stirling_rest(q))
        - (deviance(p, m * z, shift) + deviance(q, m * w, -shift))
    )
    p, q = np.where(large, 1.0, a), np.where(large, 1.0, b)
    with np.errstate(divide="ignore"):
        log_x, log_y = (np.where(u < 0.5, np.log(u), np.log1p(-v)) for u, v in ((x, y), (y, x)))
    direct = p * log_x + q * log_y + log_gamma(p + q) - log_gamma(p) - log_gamma(q)
    front: Array = np.where(large, saddle, direct)
    return front


def gamma_tails(a: Array, x: Array) -> tuple[Array, Array]:
    """Split the integral of t^(a-1) e^-t over t > 0, as a share of its total: the parts below and above x."""
    a, x = np.broadcast_arrays(a, x)
    uniform, series = a >= _UNIFORM, x < a + 1
    p, z = np.where(uniform, 1.0, a), np.where(uniform, 1.0, x)
    front = _gamma_front(p, z)
    below = front * _gamma_series(p, np.where(series & ~uniform, z, p))
    above = front * _gamma_fraction(p, np.where(series | uniform, p + 2, z))
    low, high = _gamma_uniform(np.where(uniform, a, _UNIFORM), np.where(uniform, x, _UNIFORM))
    return (
        np.where(uniform, low, np.where(series, below, 1 - above)),
        np.where(uniform, high, np.where(series, 1 - below, above)),
    )


def _gamma_front(a: Array, x: Array) -> Array:
    """Return x^a e^-x / Gamma(a)."""
    large = a >= _DIRECT
    p, z = np.where(large, a, _DIRECT), np.where(large, x, _DIRECT)
    saddle = np.sqrt(p / (2 * np.pi)) * np.exp(-stirling_rest(p) - deviance(p, z, z - p))
    p, z = np.where(large, 1.0, a), np.where(large, 1.0, x)
    front: Array = np.where(large, saddle, np.exp(x_log_y(p, z) - z - log_gamma(p)))
    return front


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
    while np.any(np.abs(factor - 1) > (SETTLED if k < _ROUGH else 8 * SETTLED)) and k < _LONGEST:
        k += 1
        b = b + 2
        d = 1 / _away_from_zero(b - k * (k - a) * d)
        c = _away_from_zero(b - k * (k - a) / c)
        factor = c * d
        value = value * factor
    return value


def _gamma_uniform(a: Array, x: Array) -> tuple[Array, Array]:
    """Return both tails for large `a` by Temme's expansion, DLMF 8.12: normal tails, corrected."""
    far = deviance(a, x, x - a)  # a eta^2 / 2
    side = np.sign(x - a)
    eta = np.minimum(np.sqrt(2 * far / a), _FLATTEST) * side
    first = np.polynomial.polynomial.polyval(
        eta, [-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600, 1 / 25515, -571 / 261273600]
    )
    second = np.polynomial.polynomial.polyval(eta, [-1 / 540, -1 / 288, 1 / 378, -77 / 77760])
    rest = np.exp(-far) / np.sqrt(2 * np.pi * a) * (first + second / a)
    root = side * np.sqrt(far)
    return erfc(-root) / 2 - rest, erfc(root) / 2 + rest


def beta_tails(a: Array, b: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Split the integral of t^(a-1) (1-t)^(b-1) at x, as shares; `y` is 1 - x, with all its digits."""
    a, b, x, y = np.broadcast_arrays(a, b, x, y)
    swap = x > (a + 1) / (a + b + 2)  # there the fraction for the other tail converges faster
    p, q = np.where(swap, b, a), np.where(swap, a, b)
    z, w = np.where(swap, y, x), np.where(swap, x, y)
    gradual = (q < 1) & (p >= _DIRECT) & (z > _GRADUAL)
    uniform = np.minimum(p, q) >= _UNIFORM_BETA
    even = (p + q >= 2 * _DIRECT) & (np.minimum(p, q) >= 1) & ~uniform
    plain = ~(gradual | uniform | even)
    tail = np.zeros(p.shape)
    alive = beta_log_front(p, q, z, w) > _DEAD  # a part that is zero needs no fraction, which would be long
    for where, evaluate in (
        (gradual, _beta_gradual),
        (uniform, _beta_uniform),
        (even & alive, _beta_even),
        (plain & alive, _beta_plain),
    ):
        if where.any():
            tail[where] = evaluate(p[where], q[where], z[where], w[where])
    return np.where(swap, 1 - tail, tail), np.where(swap, tail, 1 - tail)


def _beta_plain(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the part below by Gauss's continued fraction, with Lentz's method."""
    c = np.ones_like(x)
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value, factor, k = d, np.full_like(x, 2.0), 0
    while np.any(np.abs(factor - 1) > (SETTLED if k < _ROUGH else 8 * SETTLED)) and k < _LONGEST:
        k += 1
        even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
        odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
        factor = np.ones_like(x)
        for coefficient in (even, odd):
            d = 1 / _away_from_zero(1 + coefficient * d)
            c = _away_from_zero(1 + coefficient / c)
            factor = factor * c * d
        value = value * factor
    return np.asarray(np.exp(beta_log_front(a, b, x, y)) * value / a)


def _beta_even(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the part below by the even part of that fraction, in which a y - b x does not cancel."""
    shift = a * y - b * x

    def _denominator(k: int) -> Array:
        early = k + k * (b - k) * x / (a + 2 * k - 1) if k else 0.0
        return np.asarray(early + (a + k) * (shift + 1 + k * (1 + y)) / (a + 2 * k + 1))

    value = c = _away_from_zero(_denominator(0))
    d, factor, k = np.zeros_like(x), np.full_like(x, 2.0), 0
    while np.any(np.abs(factor - 1) > (SETTLED if k < _ROUGH else 8 * SETTLED)) and k < _LONGEST:
        k += 1
        step = (a + k - 1) / (a + 2 * k - 1)
        numerator = step * ((a + b + k - 1) / (a + 2 * k - 1)) * (k * (b - k)) * x * x
        d = 1 / _away_from_zero(_denominator(k) + numerator * d)
        c = _away_from_zero(_denominator(k) + numerator / c)
        factor = c * d
        value = value * factor
    return np.asarray(np.exp(beta_log_front(a, b, x, y)) / value)


def _beta_gradual(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the part below for large `a` and `b` below 1, by incomplete gamma integrals, DLMF 8.18."""
    middle, log_x = a + (b - 1) / 2, np.log1p(-y)
    u = -middle * log_x
    front = _gamma_front(b, u)
    ratio = (a - 0.5) * np.log1p(b / a) - b + b * np.log((a + b) / middle)
    ratio = np.exp(ratio + stirling_rest(a + b) - stirling_rest(a))
    part = gamma_tails(b, u)[1]
    total, p, power, shape = part, [np.ones_like(b)], np.ones_like(x), b
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(front > 0, part / front, 0.0)
    for n in range(1, _GRADUAL_TERMS):
        part = (shape * (shape + 1) * part + (u + shape + 1) * power) / (4 * middle**2)
        power, shape = power * (log_x / 2) ** 2, shape + 2
        mixed = sum((m * b - n) * p[n - m] / math.factorial(2 * m + 1) for m in range(1, n))
        p.append((b - 1) / math.factorial(2 * n + 1) + mixed / n)
        total = total + front * p[n] * part
    return np.asarray(ratio * total)


def _beta_uniform(a: Array, b: Array, x: Array, y: Array) -> Array:
    """Return the part below for large `a` and `b` by Temme, DLMF 8.18: a normal tail, corrected."""
    n = a + b
    shift = b * x - a * y  # n (x - mean)
    far = deviance(a, n * x, shift) + deviance(b, n * y, -shift)
    w = shift / (np.sqrt(a) * np.sqrt(b))
    eta = np.sign(shift) * np.sqrt(2 * far / n)
    centre = np.abs(w) * np.sqrt(n) < 1e-4
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = 1 / eta - 1 / w
    gap = np.where(centre, (b - a) / (3 * np.sqrt(a) * np.sqrt(b)), gap)
    rest = np.exp(-far) / np.sqrt(2 * np.pi * n) * gap
    return np.asarray(erfc(-np.sign(shift) * np.sqrt(far)) / 2 + rest)


def _away_from_zero(x: Array) -> Array:
    """Replace what would be divided by zero."""
    safe: Array = np.where(np.abs(x) < TINY, TINY, x)
    return safe
