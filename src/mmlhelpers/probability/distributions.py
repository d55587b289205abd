r"""Distributions: each with density or mass, its logarithm, cumulative function, quantiles, samples, moments.

Throughout, `x` is a value that the variable may take, `q` a probability from 0 to 1, and parameters may be
arrays: everything broadcasts. For a variable that counts, the *density* at `x` is the mass :math:`P(X = x)`;
otherwise it is a density, whose integral over an interval is a probability and which may itself exceed one.

Cumulative functions are accurate to 3e-12, relatively, in both tails, and to 1e-10 for parameters above a
hundred thousand, however large. A density so small or a variance so large that no float holds it is zero or
infinite; what is asked in any unit is answered in it.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_generator, as_symmetric, as_vector
from mmlhelpers._scale import EPSILON, exponent, scaled
from mmlhelpers.probability._arguments import (
    as_finite,
    as_positive,
    as_probabilities,
    as_probability,
    as_shape,
    as_size,
    unwrap,
)
from mmlhelpers.probability._special import (
    beta_log_front,
    beta_tails,
    erfc,
    gamma_tails,
    log_gamma,
    poisson_log_mass,
    stirling_rest,
    x_log_y,
)

_MANY = 64  # from here on logarithms of gamma functions would cancel
_MOST = 2**53  # up to here every count is a float
_MOST_DRAWN = 2.0**62  # of the counts that NumPy draws
_LARGEST = 2.0**500  # up to here products of two parameters are floats
_REMOTE = 2.0**30  # squares beside which one is nothing
_PATIENCE = 60  # halvings after which a quantile must be tiny beside its bracket
_SMALLEST = 2.0**-1074
_NEWTON = 1e-9  # relative error at which one more step of Newton, which squares it, is the last
_ROUNDING = 1e-13  # for counts, a cumulative value this near below q has reached it


class Distribution(ABC):
    """What every distribution of one number can do; a family is a subclass with its formulas.

    Attributes
    ----------
    counts : bool
        Whether the values are whole numbers.
    """

    counts: ClassVar[bool] = False

    @property
    def support(self) -> tuple[Any, Any]:
        """Give the smallest and the largest value that can occur.

        Returns
        -------
        tuple of float
            Possibly infinite, and an array where a parameter is one.
        """
        return self._support()

    @property
    def mean(self) -> Any:
        """Give the expectation.

        Returns
        -------
        float or ndarray
            In the shape of the parameters; nan where there is none.
        """
        return self._mean()

    @property
    def variance(self) -> Any:
        """Give the expected squared distance from the mean.

        Returns
        -------
        float or ndarray
            In the shape of the parameters; nan or infinite where there is none.
        """
        with np.errstate(over="ignore"):
            return self._variance()

    @property
    def sd(self) -> Any:
        """Give the standard deviation, the root of the variance.

        Returns
        -------
        float or ndarray
            In the unit of the variable.
        """
        with np.errstate(over="ignore"):
            return self._sd()

    def __repr__(self) -> str:
        """Show the family and its parameters."""
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"

    def log_density(self, x: ArrayLike) -> Any:
        """Compute the natural logarithm of the density or mass.

        Parameters
        ----------
        x : (...) array_like
            Where to evaluate.

        Returns
        -------
        (...) ndarray
            Minus infinity outside the support.
        """
        values = as_finite(x, "x")
        low, high = self.support
        inside = (values >= low) & (values <= high)
        if self.counts:
            inside &= values == np.round(values)
        safe = np.where(
            inside, values, self._centre()
        )  # the formula may fail outside; there its result is not used
        with np.errstate(over="ignore"):  # so far out that the density is zero
            return np.where(inside, self._log_density(safe), -np.inf)[()]

    def density(self, x: ArrayLike) -> Any:
        """Compute the density, or for counts the probability of exactly `x`.

        Parameters
        ----------
        x : (...) array_like
            Where to evaluate.

        Returns
        -------
        (...) ndarray
            Zero outside the support.
        """
        return np.exp(self.log_density(x))

    def cdf(self, x: ArrayLike) -> Any:
        """Compute the probability of a value of at most `x`.

        Parameters
        ----------
        x : (...) array_like
            Where to evaluate.

        Returns
        -------
        (...) ndarray
            From 0 to 1.
        """
        low, high = self.support
        values = as_finite(x, "x")
        values = np.floor(values) if self.counts else values
        below, above = values < low, values >= high
        safe = np.where(below | above, self._centre(), values)
        with np.errstate(over="ignore"):
            inside = np.clip(self._cdf(safe), 0.0, 1.0)  # which rounding may leave
            return np.where(below, 0.0, np.where(above, 1.0, inside))[()]

    def quantile(self, q: ArrayLike) -> Any:
        """Find the smallest value that is not exceeded with probability `q`.

        Parameters
        ----------
        q : (...) array_like
            Probabilities from 0 to 1.

        Returns
        -------
        (...) ndarray
            Ends of the support for 0 and 1.

        Raises
        ------
        ValueError
            If some `q` is not a probability.

        Notes
        -----
        Newton's method, kept inside a bracket: as accurate as the cumulative function allows.
        """
        level, (standard, placed) = as_probability(q, "q"), self._standard()
        if standard is not self:  # in units of its own, so that neither offset nor unit cost digits
            return placed(standard.quantile(level))
        low, high = (np.asarray(end, float) for end in self.support)
        centre = np.asarray(self._centre(), float)
        level, low, high, centre = np.broadcast_arrays(level, low, high, centre)
        if self.counts:
            found = self._bisect_counts(level, low, high, centre)
        else:
            found = self._invert(level, low, high, centre)
        return np.where(level == 0, low, np.where(level == 1, high, found))[()]

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> Any:
        """Draw independent values.

        Parameters
        ----------
        rng : Generator
            Source of randomness.
        size : int or tuple of int, optional
            Shape of the result; that of the parameters if left out.

        Returns
        -------
        (size) ndarray
            Draws, as floats.
        """
        rng = as_generator(rng, "rng")
        return np.asarray(self._sample(rng, as_size(size)), dtype=float)[()]

    def _support(self) -> tuple[Any, Any]:
        return -np.inf, np.inf

    @abstractmethod
    def _mean(self) -> Any: ...

    @abstractmethod
    def _variance(self) -> Any: ...

    @abstractmethod
    def _log_density(self, x: Array) -> Array: ...

    @abstractmethod
    def _cdf(self, x: Array) -> Array: ...

    @abstractmethod
    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any: ...

    def _sd(self) -> Any:
        return np.sqrt(self._variance())

    def _standard(self) -> tuple["Distribution", Callable[[Any], Any]]:
        """Return the same family without offset and unit, and what brings its values back."""
        return self, lambda x: x

    def _centre(self) -> Any:
        """Return a point of the support where all formulas are harmless."""
        return self._mean()

    def _invert(self, q: Array, low: Array, high: Array, centre: Array) -> Array:
        """Solve cdf(x) = q by Newton's method, halving a bracket where a step would leave it."""
        low, high = self._widen(q, low, centre, -1), self._widen(q, high, centre, 1)
        x = np.clip(centre, low, high)
        for step in range(1100):  # enough to halve down to the smallest float; it ends far earlier
            excess = np.asarray(self.cdf(x)) - q
            low, high = np.where(excess < 0, x, low), np.where(excess < 0, high, x)
            middle = low / 2 + high / 2
            if step > _PATIENCE:  # what is so small is found by halving its exponent
                root = np.sqrt(np.maximum(low, _SMALLEST)) * np.sqrt(np.maximum(high, _SMALLEST))
                middle = np.where((low >= 0) & (high > 4 * low), root, middle)
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                slope = np.asarray(self.density(x))
                newton = np.where(np.isfinite(slope), x - excess / slope, np.nan)
            last, x = x, np.where((newton >= low) & (newton <= high), newton, middle)
            close = np.abs(excess) <= _NEWTON * np.minimum(q, 1 - q)
            if np.all(close | (np.abs(x - last) <= 4 * np.spacing(np.abs(x)))):
                break
        return x

    def _bisect_counts(self, q: Array, low: Array, high: Array, centre: Array) -> Array:
        """Halve a bracket of whole numbers until its ends are neighbours."""
        goal = q * (1 - _ROUNDING)
        low, high = low - 1, self._widen(goal, high, np.ceil(centre), 1)
        while np.any(high - low > np.maximum(1.0, np.spacing(high))):
            middle = np.floor(low / 2 + high / 2)
            reached = self.cdf(middle) >= goal
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return high

    def _widen(self, q: Array, end: Array, centre: Array, side: int) -> Array:
        """Replace an infinite end of the support by a point beyond the quantile."""
        width = np.where(np.isfinite(end), 0.0, 1.0)
        start = np.where(np.isfinite(end), end, centre)
        inside = (q > 0) & (q < 1)
        steps = itertools.chain([4.0] * 16, itertools.repeat(2.0**32))
        while True:
            point: Array = start + side * width
            missed = inside & (width > 0) & ((self.cdf(point) - q) * side < 0)
            if not missed.any():
                return point
            with np.errstate(over="ignore"):
                width = _finite(np.where(missed, next(steps) * width, width), "the quantile of q")


class Normal(Distribution):
    r"""The normal distribution, what sums of many small contributions look like.

    Parameters
    ----------
    mu : (...) array_like
        Mean.
    sigma : (...) array_like
        Standard deviation, positive, in the unit of `mu`.

    Examples
    --------
    >>> print(f"{Normal().cdf(1.96):.4f}")
    0.9750
    """

    def __init__(self, mu: ArrayLike = 0.0, sigma: ArrayLike = 1.0) -> None:
        self.mu: Any = unwrap(as_finite(mu, "mu"))
        self.sigma: Any = unwrap(as_positive(sigma, "sigma"))

    def _mean(self) -> Any:
        return self.mu

    def _variance(self) -> Any:
        return np.square(self.sigma)

    def _sd(self) -> Any:
        return self.sigma

    def _standard(self) -> tuple[Distribution, Callable[[Any], Any]]:
        return _placed(self, self.mu, self.sigma, Normal)

    def _log_density(self, x: Array) -> Array:
        z = _units_from(x, self.mu, self.sigma)
        value: Array = -(z**2) / 2 - np.log(self.sigma) - np.log(2 * np.pi) / 2
        return value

    def _cdf(self, x: Array) -> Array:
        value: Array = erfc(-_units_from(x, self.mu, self.sigma) / np.sqrt(2)) / 2
        return value

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.normal(self.mu, self.sigma, size)


class Bernoulli(Distribution):
    """One trial: 1 with probability `p`, 0 otherwise.

    Parameters
    ----------
    p : (...) array_like
        Probability of a one.

    Examples
    --------
    >>> print(Bernoulli(0.25).density([0, 1]))
    [0.75 0.25]
    """

    counts: ClassVar[bool] = True

    def __init__(self, p: ArrayLike) -> None:
        self.p: Any = unwrap(as_probability(p, "p"))

    def _support(self) -> tuple[Any, Any]:
        return 0.0, 1.0

    def _mean(self) -> Any:
        return self.p

    def _variance(self) -> Any:
        return self.p * (1 - self.p)

    def _log_density(self, x: Array) -> Array:
        return x_log_y(x, self.p) + x_log_y(1 - x, 1 - np.asarray(self.p))

    def _cdf(self, x: Array) -> Array:
        value: Array = 1 - self.p + 0 * x
        return value

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.binomial(1, self.p, size)


class Binomial(Distribution):
    """The number of ones in `n` independent trials.

    Parameters
    ----------
    n : int
        Number of trials.
    p : (...) array_like
        Probability of a one in each.

    Examples
    --------
    >>> print(Binomial(4, 0.5).density(2))
    0.375
    """

    counts: ClassVar[bool] = True

    def __init__(self, n: int, p: ArrayLike) -> None:
        self.n = as_count(n, "n", 1, _MOST)
        self.p: Any = unwrap(as_probability(p, "p"))

    def _support(self) -> tuple[Any, Any]:
        return 0.0, float(self.n)

    def _mean(self) -> Any:
        return self.n * self.p

    def _variance(self) -> Any:
        return self.n * self.p * (1 - self.p)

    def _log_density(self, x: Array) -> Array:
        p, n = np.asarray(self.p), float(self.n)
        if self.n < _MANY:
            ways = log_gamma(n + 1) - log_gamma(x + 1) - log_gamma(n - x + 1)
            return np.asarray(ways + x_log_y(x, p) + x_log_y(n - x, 1 - p))
        inside = (x > 0) & (x < n) & (p > 0) & (p < 1)
        k, share = np.where(inside, x, 1.0), np.where(inside, p, 0.5)
        front = beta_log_front(k, n - k, share, 1 - share) - np.log(k) - np.log1p(-k / n)
        return np.where(inside, front, x_log_y(x, p) + (n - x) * np.log1p(-np.minimum(p, 1 - EPSILON)))

    def _cdf(self, x: Array) -> Array:
        # At least n - x zeros: the same event as "the (n-x)th smallest of n uniforms is below 1 - p".
        p = np.asarray(self.p)
        return beta_tails(np.maximum(self.n - x, 1.0), x + 1, 1 - p, p)[0]

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.binomial(self.n, self.p, size)


class Poisson(Distribution):
    """How often something rare happens in many independent chances.

    Parameters
    ----------
    rate : (...) array_like
        Expected number, positive.

    Examples
    --------
    >>> print(f"{Poisson(2.0).density(0):.4f}")
    0.1353
    """

    counts: ClassVar[bool] = True

    def __init__(self, rate: ArrayLike) -> None:
        self.rate: Any = unwrap(as_positive(rate, "rate"))

    def _support(self) -> tuple[Any, Any]:
        return 0.0, np.inf

    def _mean(self) -> Any:
        return self.rate

    def _variance(self) -> Any:
        return self.rate

    def _log_density(self, x: Array) -> Array:
        return poisson_log_mass(x, np.asarray(self.rate))

    def _cdf(self, x: Array) -> Array:
        # At most x events before time 1: the waiting time for event x + 1 is longer.
        return gamma_tails(x + 1, np.asarray(self.rate))[1]

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        if np.any(np.asarray(self.rate) > _MOST_DRAWN):
            raise ValueError(f"rate must be at most {_MOST_DRAWN:.3g} to be drawn from, got {self.rate}")
        return rng.poisson(self.rate, size)


class Uniform(Distribution):
    """Every point of an interval alike.

    Parameters
    ----------
    low, high : (...) array_like
        Ends of the interval, `low` below `high`.

    Examples
    --------
    >>> print(Uniform(0.0, 0.5).density(0.2))
    2.0
    """

    def __init__(self, low: ArrayLike = 0.0, high: ArrayLike = 1.0) -> None:
        self.low: Any = unwrap(as_finite(low, "low"))
        self.high: Any = unwrap(as_finite(high, "high"))
        if np.any(self.low >= self.high):
            raise ValueError(f"low must be below high, got low = {self.low} and high = {self.high}")
        with np.errstate(over="ignore"):
            if not np.isfinite(np.asarray(self.high) - self.low).all():
                raise ValueError(f"low and high must have a finite distance, got {self.low} and {self.high}")

    def _support(self) -> tuple[Any, Any]:
        return self.low, self.high

    def _mean(self) -> Any:
        return np.asarray(self.low) / 2 + np.asarray(self.high) / 2

    def _variance(self) -> Any:
        return np.square(np.asarray(self.high) - self.low) / 12

    def _sd(self) -> Any:
        return (np.asarray(self.high) - self.low) / np.sqrt(12)

    def _standard(self) -> tuple[Distribution, Callable[[Any], Any]]:
        return _placed(self, self.low, np.asarray(self.high) - self.low, Uniform)

    def _log_density(self, x: Array) -> Array:
        value: Array = -np.log(np.asarray(self.high) - self.low) + 0 * x
        return value

    def _cdf(self, x: Array) -> Array:
        value: Array = (x - self.low) / (np.asarray(self.high) - self.low)
        return value

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.uniform(self.low, self.high, size)


class Gamma(Distribution):
    """The waiting time for event number `shape` of a steady stream; exponential where that is 1.

    Parameters
    ----------
    shape : (...) array_like
        Positive; number of events where it is whole.
    rate : (...) array_like
        Events per unit of time, positive.

    Examples
    --------
    >>> print(f"{Gamma(1.0, 2.0).cdf(0.5):.4f}")
    0.6321
    """

    def __init__(self, shape: ArrayLike, rate: ArrayLike = 1.0) -> None:
        self.shape: Any = unwrap(as_shape(shape, "shape"))
        self.rate: Any = unwrap(as_positive(rate, "rate"))
        with np.errstate(over="ignore"):
            _finite(np.asarray(self.shape) / self.rate, "shape / rate")

    def _support(self) -> tuple[Any, Any]:
        return 0.0, np.inf

    def _mean(self) -> Any:
        return self.shape / self.rate

    def _variance(self) -> Any:
        return np.asarray(self.shape) / self.rate / self.rate

    def _sd(self) -> Any:
        return np.sqrt(self.shape) / self.rate

    def _standard(self) -> tuple[Distribution, Callable[[Any], Any]]:
        if np.all(np.asarray(self.rate) == 1):
            return self, lambda x: x
        return Gamma(self.shape), lambda x: np.asarray(x / np.asarray(self.rate))[()]

    def _log_density(self, x: Array) -> Array:
        a, rate = np.asarray(self.shape), np.asarray(self.rate)
        small, z = a < _MANY, self.rate * x
        direct = a * np.log(rate) + x_log_y(a - 1, x) - z - log_gamma(np.where(small, a, 1.0))
        if np.all(small):
            return np.asarray(direct)
        positive = np.where(
            z > 0, z, 1.0
        )  # there it is rate / z times the mass of a Poisson variable, times a
        saddle = poisson_log_mass(np.where(small, 1.0, a), positive) + np.log(a) + np.log(rate / positive)
        return np.where(small, direct, np.where(z > 0, saddle, -np.inf))

    def _cdf(self, x: Array) -> Array:
        return gamma_tails(np.asarray(self.shape), np.minimum(self.rate * x, np.finfo(float).max))[0]

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.gamma(self.shape, 1 / np.asarray(self.rate), size)


class Beta(Distribution):
    """What is believed about a probability after `a` - 1 ones and `b` - 1 zeros, from a flat prior.

    Parameters
    ----------
    a, b : (...) array_like
        Positive.

    Examples
    --------
    >>> print(Beta(2.0, 1.0).mean)
    0.6666666666666666
    """

    def __init__(self, a: ArrayLike, b: ArrayLike) -> None:
        self.a: Any = unwrap(as_shape(a, "a", _LARGEST))
        self.b: Any = unwrap(as_shape(b, "b", _LARGEST))

    def _support(self) -> tuple[Any, Any]:
        return 0.0, 1.0

    def _mean(self) -> Any:
        return self.a / (self.a + self.b)

    def _variance(self) -> Any:
        total = np.asarray(self.a) + self.b
        return (self.a / total) * (self.b / total) / (total + 1)

    def _log_density(self, x: Array) -> Array:
        a, b = np.asarray(self.a), np.asarray(self.b)
        inside = (a + b >= _MANY) & (x > 0) & (x < 1)
        p, q, z = np.where(inside, a, 1.0), np.where(inside, b, 1.0), np.where(inside, x, 0.5)
        saddle = beta_log_front(p, q, z, 1 - z) - np.log(z) - np.log1p(-z)
        p, q = np.where(inside, 1.0, a), np.where(inside, 1.0, b)
        front = log_gamma(p + q) - log_gamma(p) - log_gamma(q)
        return np.where(inside, saddle, front + x_log_y(p - 1, x) + x_log_y(q - 1, 1 - x))

    def _cdf(self, x: Array) -> Array:
        return beta_tails(np.asarray(self.a), np.asarray(self.b), x, 1 - x)[0]

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.beta(self.a, self.b, size)


class StudentT(Distribution):
    """A standard normal divided by its own estimated standard deviation.

    Parameters
    ----------
    df : (...) array_like
        Degrees of freedom, positive: the sample size less one.

    Examples
    --------
    >>> print(f"{StudentT(4.0).quantile(0.975):.3f}")
    2.776
    """

    def __init__(self, df: ArrayLike) -> None:
        self.df: Any = unwrap(as_shape(df, "df"))

    def _mean(self) -> Any:
        return np.where(np.asarray(self.df) > 1, 0.0, np.nan)[()]

    def _variance(self) -> Any:
        df = np.asarray(self.df)
        finite = df / np.where(df > 2, df - 2, 1.0)
        return np.where(df > 2, finite, np.where(df > 1, np.inf, np.nan))[()]

    def _centre(self) -> Any:
        return 0.0

    def _log_density(self, x: Array) -> Array:
        df = np.asarray(self.df)
        large = df / 2 >= _MANY / 2
        half = np.where(large, df / 2, 1.0)
        ratio = stirling_rest(half + 0.5) - stirling_rest(half) + half * np.log1p(0.5 / half) - 0.5
        small = np.where(large, 1.0, df)
        front = log_gamma((small + 1) / 2) - log_gamma(small / 2) - np.log(small * np.pi) / 2
        front = np.where(large, ratio - np.log(2 * np.pi) / 2, front)
        value: Array = front - (df + 1) / 2 * self._log_one_plus(x)
        return value

    def _log_one_plus(self, x: Array) -> Array:
        """Return log(1 + x^2 / df), for any x."""
        log_size, far, square = self._sizes(x)
        return np.where(far, 2 * log_size, np.log1p(square))

    def _sizes(self, x: Array) -> tuple[Array, Array, Array]:
        """Return the logarithm of |x| / sqrt(df), whether it is remote, and its square where it is not."""
        df = np.asarray(self.df)
        with np.errstate(over="ignore", divide="ignore"):
            size = np.abs(x) / np.sqrt(df)
            log_size = np.log(np.abs(x)) - np.log(df) / 2  # where the quotient is no float, too
        far = size > _REMOTE
        return log_size, far, np.where(far, 1.0, size) ** 2

    def _cdf(self, x: Array) -> Array:
        df = np.asarray(self.df)
        log_size, far, square = self._sizes(x)  # where it is remote, the tail is its first power
        within, _ = beta_tails(df / 2, np.asarray(0.5), 1 / (1 + square), square / (1 + square))
        half = np.asarray(0.5)
        log_tail = beta_log_front(df / 2, half, half, half) + (df + 1) / 2 * np.log(2)
        last = np.exp(log_tail - df * np.where(far, log_size, 0.0)) * 2 / df
        tail = np.where(far, last, within) / 2
        value: Array = np.where(x < 0, tail, 1 - tail)
        return value

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        return rng.standard_t(self.df, size)


class Cauchy(Distribution):
    """A bell without a mean: where a ray from a lamp at height `scale` in a random direction meets the floor.

    Parameters
    ----------
    location : (...) array_like
        Median.
    scale : (...) array_like
        Half the distance between the quartiles, positive.

    Examples
    --------
    >>> print(Cauchy().quantile(0.75))
    1.0
    """

    def __init__(self, location: ArrayLike = 0.0, scale: ArrayLike = 1.0) -> None:
        self.location: Any = unwrap(as_finite(location, "location"))
        self.scale: Any = unwrap(as_positive(scale, "scale"))

    def _mean(self) -> Any:
        return np.nan * self.scale

    def _variance(self) -> Any:
        return np.nan * self.scale

    def _standard(self) -> tuple[Distribution, Callable[[Any], Any]]:
        return _placed(self, self.location, self.scale, Cauchy)

    def _centre(self) -> Any:
        return self.location

    def _log_density(self, x: Array) -> Array:
        z = _units_from(x, self.location, self.scale)
        value: Array = -2 * np.log(np.hypot(1.0, z)) - np.log(np.pi) - np.log(self.scale)
        return value

    def _cdf(self, x: Array) -> Array:
        z = _units_from(x, self.location, self.scale)
        return np.asarray(np.arctan2(1.0, -z) / np.pi)

    def _sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None) -> Any:
        units = rng.standard_cauchy(np.shape(self.mean) if size is None else size)
        with np.errstate(over="ignore"):
            return _finite(self.location + self.scale * units, "a draw of this scale")


def _units_from(x: Array, origin: Any, unit: Any) -> Array:
    """Return (x - origin) / unit, also where the difference is beyond all floats."""
    with np.errstate(over="ignore"):
        z = np.asarray((x - origin) / unit)
        return z if np.isfinite(z).all() else np.asarray((x / 4 - np.asarray(origin) / 4) / unit * 4)


def _placed(
    itself: Distribution, origin: Any, unit: Any, family: Callable[[], Distribution]
) -> tuple[Distribution, Callable[[Any], Any]]:
    """Return the standard member of a family, and what moves its values to an origin and a unit."""
    if np.all(np.asarray(origin) == 0) and np.all(np.asarray(unit) == 1):
        return itself, lambda x: x

    def place(x: Any) -> Any:
        with np.errstate(over="ignore"):
            values = np.asarray(origin) + np.asarray(unit) * np.where(np.isinf(x), 0.0, x)
        return np.where(np.isinf(x), x, _finite(values, "the quantile of q"))[()]

    return family(), place


def _finite(values: Any, name: str) -> Any:
    """Refuse what is larger than any float."""
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is larger than any float: choose another unit")
    return values


class Multinomial:
    r"""How many of `n` independent trials fall into each of `k` classes.

    Parameters
    ----------
    n : int
        Number of trials.
    p : (k,) array_like
        Probability of each class; they sum to one.

    Raises
    ------
    ValueError
        If `p` is not a list of probabilities that sum to one.

    Examples
    --------
    >>> print(f"{Multinomial(3, [0.5, 0.25, 0.25]).density([1, 1, 1]):.4f}")
    0.1875
    """

    def __init__(self, n: int, p: ArrayLike) -> None:
        self.n = as_count(n, "n", 1, _MOST)
        self.p = as_probabilities(p, "p")

    @property
    def mean(self) -> Array:
        """Give the expected counts.

        Returns
        -------
        (k,) ndarray
            One for each class.
        """
        expected: Array = self.n * self.p
        return expected

    @property
    def covariance(self) -> Array:
        """Give the covariances of the counts.

        Returns
        -------
        (k, k) ndarray
            Negative off the diagonal: one class takes from another.
        """
        table: Array = self.n * (np.diag(self.p) - np.outer(self.p, self.p))
        return table

    def log_density(self, x: ArrayLike) -> Any:
        """Compute the natural logarithm of the probability of exactly these counts.

        Parameters
        ----------
        x : (..., k) array_like
            Counts, one for each class.

        Returns
        -------
        (...) ndarray
            Minus infinity unless they are whole, not negative, and sum to `n`.
        """
        values = self._counts(x)
        values = np.minimum(values, self.n + 1.0)  # larger counts are as impossible, and have a sum
        whole = ((values >= 0) & (values == np.round(values))).all(axis=-1)
        possible = whole & (np.maximum(values, 0).sum(axis=-1) == self.n)
        safe = np.where(possible[..., None], values, 0.0)
        ways = log_gamma(self.n + 1) - log_gamma(safe + 1).sum(axis=-1)
        return np.where(possible, ways + x_log_y(safe, self.p).sum(axis=-1), -np.inf)[()]

    def density(self, x: ArrayLike) -> Any:
        """Compute the probability of exactly these counts.

        Parameters
        ----------
        x : (..., k) array_like
            Counts, one for each class.

        Returns
        -------
        (...) ndarray
            Probabilities.
        """
        return np.exp(self.log_density(x))

    def cdf(self, x: ArrayLike) -> float:
        r"""Compute the probability that no class has more than its given count.

        Parameters
        ----------
        x : (k,) array_like
            One bound for each class.

        Returns
        -------
        float
            Probability that all `k` bounds hold at once.

        Notes
        -----
        The joint masses are coefficients of a product of polynomials, one factor :math:`\sum_{j \le x_i} (n
        p_i z)^j e^{-n p_i} / j!` for each class: the one of :math:`z^n`, divided by the Poisson mass of `n`.
        Relative accuracy 1e-12 for `n` up to 1000; cost :math:`O(k n^2)`.
        """
        bounds = np.minimum(np.floor(self._counts(x)), self.n)
        if bounds.ndim > 1:
            raise ValueError(f"x must be one list of {len(self.p)} bounds, got shape {bounds.shape}")
        if bounds.min() < 0:
            return 0.0
        product = np.ones(1)
        for bound, expected in zip(bounds, self.mean, strict=True):
            j = np.arange(bound + 1)
            masses = np.exp(poisson_log_mass(j, np.asarray(expected)))
            product = np.convolve(product, masses)[: self.n + 1]
        if len(product) <= self.n:
            return 0.0
        return float(product[self.n] / Poisson(self.n).density(self.n))

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] | None = None) -> Array:
        """Draw independent counts.

        Parameters
        ----------
        rng : Generator
            Source of randomness.
        size : int or tuple of int, optional
            How many draws; one if left out.

        Returns
        -------
        (size, k) ndarray
            Counts, as floats.
        """
        rng = as_generator(rng, "rng")
        return rng.multinomial(self.n, self.p, as_size(size)).astype(float)

    def _counts(self, x: ArrayLike) -> Array:
        values = as_finite(x, "x")
        if values.ndim == 0 or values.shape[-1] != len(self.p):
            raise ValueError(
                f"x must hold a count for each of the {len(self.p)} classes, got shape {values.shape}"
            )
        return values


class MultivariateNormal:
    r"""Correlated normal variables.

    Parameters
    ----------
    mean : (d,) array_like
        Their means.
    covariance : (d, d) array_like
        Their covariances, symmetric and positive definite.

    Raises
    ------
    ValueError
        If the shapes disagree, or some combination of the variables has no positive variance.

    Notes
    -----
    With the Cholesky factor :math:`\Sigma = LL^\top`, a draw is :math:`\mu + Lz` with standard normal
    :math:`z`, and the squared distance in the exponent is :math:`\lVert L^{-1}(x - \mu) \rVert^2`.

    Examples
    --------
    >>> MultivariateNormal([0, 0], [[2, 1], [1, 2]]).mean
    array([0., 0.])
    """

    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        self.mean, self.covariance = as_vector(mean, "mean"), as_symmetric(covariance, "covariance")
        if len(self.mean) != len(self.covariance):
            shape = self.covariance.shape
            raise ValueError(f"mean has length {len(self.mean)} but covariance {shape}: make them agree")
        part, e = scaled(self.covariance)
        if e % 2:
            part, e = part * 2, e - 1
        try:
            self._L = np.ldexp(np.linalg.cholesky(part), e // 2)
        except np.linalg.LinAlgError:
            least = np.ldexp(np.linalg.eigvalsh(part)[0], e)
            raise ValueError(
                f"covariance must be positive definite, but its smallest eigenvalue is {least:.3g}: "
                "some combination of the variables is constant; leave one out or add a little to the diagonal"
            ) from None

    def log_density(self, x: ArrayLike) -> Any:
        """Compute the natural logarithm of the density.

        Parameters
        ----------
        x : (..., d) array_like
            Points.

        Returns
        -------
        (...) ndarray
            One number for each point.
        """
        points = as_finite(x, "x")
        d = len(self.mean)
        if points.ndim == 0 or points.shape[-1] != d:
            raise ValueError(f"x must hold points of dimension {d}, got shape {points.shape}")
        e = exponent(self._L)
        with np.errstate(over="ignore", invalid="ignore"):
            offsets = (points / 2 - self.mean / 2).reshape(-1, d).T * 2  # halves do not overflow in between
            z = np.linalg.solve(np.ldexp(self._L, -e), np.ldexp(offsets, -e))  # (d, n)
            far = (z**2).sum(axis=0)
            far = np.where(np.isnan(far), np.inf, far)
        value = -far / 2 - np.log(np.diag(self._L)).sum() - d / 2 * np.log(2 * np.pi)
        return value.reshape(points.shape[:-1])[()]

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...] = ()) -> Array:
        """Draw independent points.

        Parameters
        ----------
        rng : Generator
            Source of randomness.
        size : int or tuple of int
            How many.

        Returns
        -------
        (size, d) ndarray
            Points.
        """
        rng = as_generator(rng, "rng")
        shape = as_size(size) or ()
        draws: Array = self.mean + rng.normal(size=(*shape, len(self.mean))) @ self._L.T
        return draws


def expectation(distribution: Distribution, f: Callable[[Array], Array]) -> float:
    r"""Average a function of a random variable over its distribution.

    Parameters
    ----------
    distribution : Distribution
        Of the variable, with scalar parameters.
    f : callable
        From an array of values to an array of the same shape.

    Returns
    -------
    float
        :math:`E[f(X)] = \sum_x f(x)\,P(X = x)`, or :math:`\int f(x)\,p(x)\,dx`.

    Notes
    -----
    Between the quantiles of 1e-14 and 1 - 1e-14: all counts are summed; an integral is taken by Gauss's rule
    with 12 nodes on 256 equal pieces. Relative accuracy 1e-10 for a smooth `f` that grows no faster than a
    polynomial and a density without heavy tails or poles; what has no expectation gets a meaningless finite
    number.

    Examples
    --------
    >>> print(f"{expectation(Poisson(3.0), lambda x: x**2):.6f}")
    12.000000
    """
    f = as_function(f, "f")
    low, high = (distribution.quantile(q) for q in (1e-14, 1 - 1e-14))
    if distribution.counts:
        x = np.arange(low, high + 1)
        return float(np.sum(f(x) * distribution.density(x)))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    edges = np.linspace(low, high, 257)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (1 + nodes)
    return float(np.sum(f(x) * distribution.density(x) * half * weights))
