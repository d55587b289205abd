r"""Inference: intervals, tests, the bootstrap, and corrections for asking many questions.

Throughout, samples stand along the last axis, so that thousands of repetitions of an experiment are one call;
`level` is the confidence level and `rng` the source of randomness. P-values are two-sided.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_array, as_count, as_function, as_generator, as_vector
from mmlhelpers._progress import track
from mmlhelpers._scale import TINIEST, centered, exponent, has_no_spread, norm, scaled, unscaled
from mmlhelpers.probability._arguments import as_finite, as_open_probability, as_probability, as_samples
from mmlhelpers.probability.distributions import Normal, StudentT

_CHUNK = 2**17  # numbers held at a time when resampling: they stay in the cache
_TIE = 1e-12  # relative difference of statistics that rounding can make
_MOST_TRIALS = 2**53  # up to here every count is a float


class Interval(NamedTuple):
    """Two ends; arrays where several intervals were asked for at once."""

    low: Any
    high: Any


class Welch(NamedTuple):
    """A test statistic, dimensionless, its degrees of freedom, and the two-sided p-value."""

    statistic: Any
    df: Any
    p_value: Any


class PermutationTest(NamedTuple):
    """The difference of means, those of relabelled data (n_resamples,), and the two-sided p-value."""

    difference: float
    relabelled: Array
    p_value: float


class Bootstrap(NamedTuple):
    """An estimate, its `replicates` from resampled data, and the `jackknife`: each sample left out once."""

    estimate: float
    replicates: Array
    jackknife: Array

    def percentile(self, level: float = 0.95) -> Interval:
        """Cut equal tails off the replicates.

        Parameters
        ----------
        level : float
            Share that is kept.

        Returns
        -------
        Interval
            Two quantiles of the replicates.
        """
        tail = (1 - as_open_probability(level, "level")) / 2
        return Interval(*_quantiles(self.replicates, [tail, 1 - tail]))

    def bca(self, level: float = 0.95) -> Interval:
        r"""Cut tails that correct for bias and for a spread that changes with the estimate.

        Parameters
        ----------
        level : float
            Share that is kept, nominally.

        Returns
        -------
        Interval
            Two quantiles of the replicates, at levels moved as below.

        Notes
        -----
        With :math:`z_0` the normal quantile of the share of replicates below the estimate and the
        acceleration :math:`a = \sum_i d_i^3 / \bigl(6 (\sum_i d_i^2)^{3/2}\bigr)`, where :math:`d_i` is the
        mean of the jackknife values minus value `i`, the level :math:`\Phi(z)` moves to :math:`\Phi\bigl(z_0
        + (z_0 + z) / (1 - a(z_0 + z))\bigr)`. Replicates that equal the estimate to twelve digits count half.
        """
        tail = (1 - as_open_probability(level, "level")) / 2
        beyond = self.replicates / 2 - self.estimate / 2  # halves, so that no difference overflows
        slack = _TIE * np.abs(self.replicates).max()
        share = (np.mean(beyond < -slack) + np.mean(beyond <= slack)) / 2
        if not 0 < share < 1 or has_no_spread(self.jackknife):
            raise ValueError(
                "the estimate lies outside all replicates, or no sample changes it: nothing can be corrected"
            )
        d, _ = scaled(-centered(scaled(self.jackknife)[0])[0])
        acceleration = (d**3).sum() / (6 * (d**2).sum() ** 1.5)
        z0, z = Normal().quantile(share), Normal().quantile([tail, 1 - tail])
        moved = Normal().cdf(z0 + (z0 + z) / (1 - acceleration * (z0 + z)))
        return Interval(*_quantiles(self.replicates, moved))


def mean_interval(x: ArrayLike, level: float = 0.95) -> Interval:
    r"""Compute Student's interval for the mean of each sample.

    Parameters
    ----------
    x : (..., n) array_like
        Samples along the last axis, at least two.
    level : float
        Share of experiments in which the interval shall contain the mean.

    Returns
    -------
    Interval
        Ends (...), in the unit of `x`.

    Notes
    -----
    :math:`\bar x \pm t\,s/\sqrt n` with the sample standard deviation `s` (ddof 1) and the quantile `t` of
    the t distribution with n - 1 degrees of freedom: exact for normal data, approximate for large `n`
    otherwise.

    References
    ----------
    Student (1908), The probable error of a mean, doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> low, high = mean_interval([1.0, 2.0, 3.0])
    >>> print(f"{low:.3f} {high:.3f}")
    -0.484 4.484
    """
    still, (x, e) = _constant(x, "x"), scaled(as_samples(x, "x", 2))
    n = x.shape[-1]
    t = StudentT(n - 1).quantile(0.5 + as_open_probability(level, "level") / 2)
    centre, sd = _mean_and_sd(x, still)
    reach = t * sd / np.sqrt(n)
    low, high = (unscaled(end, e, "an end of the interval for x") for end in (centre - reach, centre + reach))
    return Interval(low[()], high[()])


def wilson_interval(successes: ArrayLike, n: int, level: float = 0.95) -> Interval:
    r"""Compute Wilson's interval for a probability.

    Parameters
    ----------
    successes : (...) array_like
        Numbers of successes.
    n : int
        Number of independent trials.
    level : float
        Share of experiments in which the interval shall contain the probability, nominally.

    Returns
    -------
    Interval
        Ends (...), between 0 and 1.

    Raises
    ------
    ValueError
        If there are more successes than trials, fewer than none, or some that are not whole.

    Notes
    -----
    All `p` that a normal test would not reject, the roots of :math:`(\hat p - p)^2 = z^2 p(1 - p)/n`. Never
    empty, not even for no successes; coverage near `level` also for small `n`.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> low, high = wilson_interval(0, 10)
    >>> print(f"{low:.3f} {high:.3f}")
    0.000 0.278
    """
    n = as_count(n, "n", 1, _MOST_TRIALS)
    counts = as_finite(successes, "successes")
    if (broken := counts != np.floor(counts)).any():
        raise ValueError(f"successes must be whole numbers, got {counts[broken][0]:.6g}")
    share = as_probability(counts / n, "successes / n")
    z2 = Normal().quantile(0.5 + as_open_probability(level, "level") / 2) ** 2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    high = centre + reach
    low = share**2 / (1 + z2 / n) / high  # the product of the two roots, over the other one
    return Interval(low[()], np.minimum(high, 1.0)[()])


def welch_test(x: ArrayLike, y: ArrayLike) -> Welch:
    r"""Test whether two normal samples may have the same mean, without assuming equal variances.

    Parameters
    ----------
    x : (..., n) array_like
        First samples along the last axis, at least two.
    y : (..., m) array_like
        Second samples.

    Returns
    -------
    Welch
        Statistic, degrees of freedom and two-sided p-value, each (...).

    Raises
    ------
    ValueError
        If both samples are constant, to within four roundings: then there is no spread to compare the
        difference with.

    Notes
    -----
    :math:`t = (\bar x - \bar y)/\sqrt{s_x^2/n + s_y^2/m}` with sample variances (ddof 1); the degrees of
    freedom of Welch and Satterthwaite make the t distribution a good approximation. P-values to about 1e-12.

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28.

    Examples
    --------
    >>> print(f"{welch_test([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).p_value:.4f}")
    0.2209
    """
    still, rigid = _constant(x, "x"), _constant(y, "y")
    x, y = as_samples(x, "x", 2), as_samples(y, "y", 2)
    n, m = x.shape[-1], y.shape[-1]
    if np.any(still & rigid):
        raise ValueError(
            "x and y are both constant: there is no spread to compare the difference of the means with"
        )
    e = max(exponent(x), exponent(y))
    x, y = np.ldexp(x, -e), np.ldexp(y, -e)
    origin = x[..., :1]  # an offset of both costs no digits
    (mean, sd), (other, spread) = _mean_and_sd(x - origin, still), _mean_and_sd(y - origin, rigid)
    a, b = sd / np.sqrt(n), spread / np.sqrt(m)
    error = np.hypot(a, b)
    if not np.all(error > TINIEST):
        raise ValueError("x and y must have a spread that counts beside their size: take an offset off both")
    with np.errstate(over="ignore"):
        statistic = (mean - other) / error
    share = (a / error) ** 2
    df = 1 / (share**2 / (n - 1) + (1 - share) ** 2 / (m - 1))
    far = np.minimum(np.abs(statistic), np.finfo(float).max)
    return Welch(statistic, df, 2 * StudentT(df).cdf(-far))


def permutation_test(
    x: ArrayLike, y: ArrayLike, rng: np.random.Generator, n_resamples: int = 9999
) -> PermutationTest:
    r"""Test whether labels matter, by shuffling them.

    Parameters
    ----------
    x : (n,) array_like
        First group.
    y : (m,) array_like
        Second group.
    rng : Generator
        Source of randomness.
    n_resamples : int
        How often the labels are shuffled.

    Returns
    -------
    PermutationTest
        Difference of the means, those after shuffling, and the two-sided p-value.

    Notes
    -----
    The p-value :math:`(1 + \#\{|d^*| \ge |d|\}) / (1 + B)` counts the data themselves as one labelling, so
    the test is exact for every number `B` of shuffles when the two groups come from one distribution.
    Differences that are equal to twelve digits of the largest deviation from the median are ties.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> permutation_test([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], rng).p_value < 0.02
    True
    """
    rng = as_generator(rng, "rng")
    x, y = as_vector(x, "x"), as_vector(y, "y")
    n_resamples = as_count(n_resamples, "n_resamples", 1)
    n = len(x)
    pooled, e = scaled(np.concatenate([x, y]))
    pooled, finer = scaled(pooled - np.median(pooled))  # an offset costs no digits, nor the unit
    difference = pooled[:n].mean() - pooled[n:].mean()
    relabelled = []
    for size in _chunks(n_resamples, len(pooled), "permutations"):
        shuffled = rng.permuted(np.tile(pooled, (size, 1)), axis=1)
        relabelled.append(shuffled[:, :n].mean(axis=1) - shuffled[:, n:].mean(axis=1))
    values = np.concatenate(relabelled)
    as_large = np.abs(values) >= abs(difference) - _TIE * np.abs(pooled).max()
    difference, values = (
        unscaled(d, e + finer, "a difference of means of x and y") for d in (difference, values)
    )
    return PermutationTest(float(difference), values, float((1 + as_large.sum()) / (1 + n_resamples)))


def bootstrap(
    data: ArrayLike, statistic: Callable[[Array], Array], rng: np.random.Generator, n_resamples: int = 10_000
) -> Bootstrap:
    """Estimate how a statistic varies, by drawing samples with replacement from the data.

    Parameters
    ----------
    data : (n,) or (n, d) array_like
        One sample a row, at least two.
    statistic : callable
        From resampled data (b, n) or (b, n, d) to (b,) values: it works on many sets at once.
    rng : Generator
        Source of randomness.
    n_resamples : int
        How many sets to draw.

    Returns
    -------
    Bootstrap
        Estimate, replicates and jackknife values; its methods `percentile` and `bca` give intervals.

    Raises
    ------
    ValueError
        If there are fewer than two samples, or the statistic returns another shape or something infinite.

    Notes
    -----
    Each replicate draws `n` rows with replacement, whole rows, so that what belongs together stays together.
    The ends of an interval from 10,000 replicates vary by about one per cent of its length.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, doi:10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> result = bootstrap([1.0, 2.0, 3.0, 4.0], lambda x: x.mean(axis=1), rng)
    >>> result.estimate, result.jackknife
    (2.5, array([3.        , 2.66666667, 2.33333333, 2.        ]))
    """
    statistic = as_function(statistic, "statistic")
    rng = as_generator(rng, "rng")
    rows = as_finite(data, "data")
    if rows.ndim not in (1, 2) or len(rows) < 2 or rows.size == 0:
        raise ValueError(f"data must hold at least two samples, one a row, got shape {rows.shape}")
    n = len(rows)

    def _apply(sets: Array) -> Array:
        """Evaluate the statistic, and check its shape."""
        with np.errstate(all="ignore"):  # what is not finite is refused below
            values = np.asarray(statistic(sets), dtype=float)
        if values.shape != (len(sets),):
            raise ValueError(
                f"statistic must return one value for each set, shape {(len(sets),)}, got {values.shape}"
            )
        if not np.isfinite(values).all():
            raise ValueError(
                f"statistic must be finite for every set, got {values[~np.isfinite(values)][0]}: a set "
                "may hold one sample many times"
            )
        return values

    chunks = _chunks(as_count(n_resamples, "n_resamples", 1), rows.size, "resamples")
    replicates = [_apply(rows[rng.integers(n, size=(size, n))]) for size in chunks]
    others = np.arange(n - 1)
    leave_one_out = others + (others >= np.arange(n)[:, None])  # row i has all numbers but i
    estimate = float(_apply(rows[None].copy())[0])
    return Bootstrap(estimate, np.concatenate(replicates), _apply(rows[leave_one_out]))


def holm(p_values: ArrayLike) -> Array:
    r"""Correct p-values for having asked several questions, by Holm's method.

    Parameters
    ----------
    p_values : (m,) array_like
        P-values of the single tests.

    Returns
    -------
    (m,) ndarray
        Adjusted p-values. Rejecting those up to :math:`\alpha` makes any false rejection at all with
        probability at most :math:`\alpha`, however the tests depend on each other.

    Notes
    -----
    The smallest is multiplied by `m`, the next by m - 1, and so on; none may fall below the one before.
    Exact.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics
    6, 65-70.

    Examples
    --------
    >>> holm([0.04, 0.01, 0.03])
    array([0.06, 0.03, 0.06])
    """
    p = as_probability(as_vector(p_values, "p_values"), "p_values")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1.0)
    return adjusted


def _constant(value: ArrayLike, name: str) -> Any:
    """Tell which samples along the last axis are one number, up to rounding in the type that they come in."""
    array = as_array(value, name)
    as_samples(array, name, 2)
    return np.asarray(has_no_spread(array, axis=-1))


def _mean_and_sd(x: Array, constant: Any) -> tuple[Array, Array]:
    """Return the means of samples (..., n), and their standard deviations, zero where they are constant."""
    origin = x[..., :1]
    moved = np.where(constant[..., None], 0.0, x - origin)
    mean = moved.mean(axis=-1, keepdims=True)
    sd = norm(moved - mean, axis=-1) / np.sqrt(x.shape[-1] - 1)
    return np.asarray((origin + mean)[..., 0]), np.asarray(sd)


def _quantiles(values: Array, levels: Any) -> Array:
    """Interpolate quantiles, whatever the unit."""
    part, e = scaled(values)
    return unscaled(np.quantile(part, levels), e, "a quantile of the replicates")


def _chunks(total: int, width: int, description: str) -> Any:
    """Split a number of resamples into chunks whose arrays stay small."""
    size = max(_CHUNK // width, 1)
    sizes = [min(size, total - start) for start in range(0, total, size)]
    return track(sizes, description)
