r"""Posteriors without integrals: Markov chains, their diagnostics, and mean-field variational inference.

Throughout, a *target* is a function of many points at once: it takes `theta` (c, d), one point a row, and
returns the logarithms of an unnormalised density (c,), for the gradient methods together with their gradients
(c, d). Chains run side by side: `draws` is (n_steps, n_chains, d). Logarithms are natural. Where a target has
no value (nan), or a point is so far off that it overflows, the density counts as zero.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_generator, as_matrix, as_tolerance, as_vector
from mmlhelpers._progress import track
from mmlhelpers._scale import scaled

LogDensity = Callable[[Array], Array]
LogDensityAndGradient = Callable[[Array], tuple[Array, Array]]

_JITTER = 0.2  # the step of a trajectory varies by this share, so that no length resonates with the target


class Chains(NamedTuple):
    """The points visited, `draws` (n_steps, n_chains, d), and the share of proposals that were accepted."""

    draws: Array
    acceptance: float


class MeanField(NamedTuple):
    """Means and deviations (d,) of independent normals, the bound at each step in nats, and how it ended."""

    mean: Array
    sd: Array
    history: Array
    converged: bool


def metropolis(
    log_density: LogDensity, start: ArrayLike, step: ArrayLike, n_steps: int, rng: np.random.Generator
) -> Chains:
    r"""Draw from a density known up to a factor, by random steps that are accepted or refused.

    Parameters
    ----------
    log_density : callable
        From points (c, d) to logarithms of the unnormalised density (c,); minus infinity where it is zero.
    start : (n_chains, d) array_like
        Where the chains begin; each must have positive density.
    step : float or (d,) array_like
        Standard deviation of a proposed step, in the unit of each coordinate.
    n_steps : int
        Number of draws of each chain.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Chains
        All points after `start`, repeated where a proposal was refused, and the acceptance rate.

    Raises
    ------
    ValueError
        If `step` is not positive, a chain starts where the density is zero, or the density is infinite.

    Notes
    -----
    A proposal is accepted with probability :math:`\min(1, \pi(\theta')/\pi(\theta))`; the target is exactly
    invariant, and how fast it is reached depends on `step`. In one dimension an acceptance of about 0.44 is
    best, in many 0.23.

    References
    ----------
    Metropolis and others (1953), doi:10.1063/1.1699114; book, section "Probability and statistics".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> draws, acceptance = metropolis(lambda t: -(t**2).sum(axis=1) / 2, np.zeros((4, 1)), 2.4, 1000, rng)
    >>> draws.shape, 0.4 < acceptance < 0.5
    ((1000, 4, 1), True)
    """
    log_density = as_function(log_density, "log_density")
    rng = as_generator(rng, "rng")
    theta = as_matrix(start, "start").copy()
    step, n_steps = _steps(step, theta), as_count(n_steps, "n_steps", 1)
    with np.errstate(over="ignore", invalid="ignore"):
        level = _level(log_density(theta.copy()), theta)
    draws = np.empty((n_steps, *theta.shape))
    n_accepted = 0
    for i in track(range(n_steps), "Metropolis"):
        with np.errstate(over="ignore", invalid="ignore"):
            proposal = theta + step * rng.normal(size=theta.shape)
            proposed_level = _no_peak(log_density(proposal.copy()), proposal)
        accepted = np.log1p(-rng.random(len(theta))) < proposed_level - level
        theta[accepted], level = proposal[accepted], np.where(accepted, proposed_level, level)
        draws[i] = theta
        n_accepted += int(accepted.sum())
    return Chains(draws, n_accepted / (n_steps * len(theta)))


def hamiltonian(
    target: LogDensityAndGradient,
    start: ArrayLike,
    step: ArrayLike,
    n_leaps: int,
    n_steps: int,
    rng: np.random.Generator,
) -> Chains:
    r"""Draw from a smooth density by letting a frictionless particle glide over its negative logarithm.

    Parameters
    ----------
    target : callable
        From points (c, d) to logarithms of the unnormalised density (c,) and their gradients (c, d).
    start : (n_chains, d) array_like
        Where the chains begin.
    step : float or (d,) array_like
        Length of a leap for each coordinate, in its unit; it varies by 20 % between trajectories.
    n_leaps : int
        Leaps of a trajectory.
    n_steps : int
        Number of draws of each chain.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Chains
        The points at the ends of the trajectories and the acceptance rate.

    Raises
    ------
    ValueError
        If `step` is not positive, a chain starts where the density is zero, or the density is infinite.

    Notes
    -----
    The leapfrog scheme keeps volumes and can be run backwards, so accepting with probability :math:`\min(1,
    e^{H - H'})` leaves the target exactly invariant. The energy error falls with the square of `step`; an
    acceptance of 0.65 to 0.9 is good. Without the variation of the step a trajectory may return to its start
    for ever.

    References
    ----------
    Neal (2011), MCMC using Hamiltonian dynamics, doi:10.1201/b10905-6; book, section "Probability and
    statistics".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def normal(t):
    ...     return -(t**2).sum(axis=1) / 2, -t
    >>> draws, acceptance = hamiltonian(normal, np.zeros((4, 3)), 0.5, 4, 100, rng)
    >>> draws.shape, acceptance > 0.8
    ((100, 4, 3), True)
    """
    target = as_function(target, "target")
    rng = as_generator(rng, "rng")
    theta = as_matrix(start, "start").copy()
    step = _steps(step, theta)
    n_steps, n_leaps = as_count(n_steps, "n_steps", 1), as_count(n_leaps, "n_leaps", 1)
    with np.errstate(over="ignore", invalid="ignore"):
        level, gradient = target(theta.copy())
    level, gradient = _level(level, theta), _gradient(gradient, theta).copy()
    draws = np.empty((n_steps, *theta.shape))
    n_accepted = 0
    for i in track(range(n_steps), "Hamiltonian Monte Carlo"):
        momentum = rng.normal(size=theta.shape)
        leap = step * rng.uniform(1 - _JITTER, 1 + _JITTER, size=(len(theta), 1))
        with np.errstate(over="ignore", invalid="ignore"):  # of a particle that flies off, which is refused
            end, end_momentum, end_level, end_gradient = _glide(
                target, theta, momentum, gradient, leap, n_leaps
            )
            end_level = _no_peak(end_level, end)
            gain = end_level - (end_momentum**2).sum(axis=1) / 2 - level + (momentum**2).sum(axis=1) / 2
        accepted = np.log1p(-rng.random(len(theta))) < gain
        theta[accepted], gradient = end[accepted], np.where(accepted[:, None], end_gradient, gradient)
        level = np.where(accepted, end_level, level)
        draws[i] = theta
        n_accepted += int(accepted.sum())
    return Chains(draws, n_accepted / (n_steps * len(theta)))


def r_hat(draws: ArrayLike) -> float:
    r"""Compare the spread between chains with the spread within them.

    Parameters
    ----------
    draws : (n_steps, n_chains) array_like
        One quantity along every chain, at least four steps.

    Returns
    -------
    float
        About 1 when the chains agree, more when some have not arrived; above 1.01 run longer. Infinite if no
        chain moves.

    Notes
    -----
    Each chain is cut in two, so that a drift shows too. With the mean `W` of the variances within and the
    variance `B/n` of the means, :math:`\hat R = \sqrt{((n-1)/n \cdot W + B/n) / W}`. One is necessary, not
    sufficient: all chains may miss the same mode.

    References
    ----------
    Gelman and Rubin (1992), doi:10.1214/ss/1177011136; Vehtari and others (2021), doi:10.1214/20-BA1221.

    Examples
    --------
    >>> print(f"{r_hat(np.random.default_rng(0).normal(size=(1000, 4))):.2f}")
    1.00
    """
    _, within, total = _spreads(_halves(draws))
    return math.sqrt(total / within) if within > 0 else np.inf


def effective_sample_size(draws: ArrayLike) -> float:
    r"""Count the independent draws that would estimate the mean as well as these dependent ones.

    Parameters
    ----------
    draws : (n_steps, n_chains) array_like
        One quantity along every chain, at least four steps.

    Returns
    -------
    float
        Equivalent number of independent draws; the standard error of the mean is the standard deviation over
        its root. Zero if no chain moves.

    Notes
    -----
    The total number over :math:`1 + 2\sum_t \rho_t`. The autocorrelations combine all (halved) chains; the
    sum stops where a pair of neighbours turns negative, and pairs may not grow (Geyer). Relative accuracy
    about 10 % for a thousand effective draws.

    References
    ----------
    Geyer (1992), doi:10.1214/ss/1177011137; Vehtari and others (2021), doi:10.1214/20-BA1221.

    Examples
    --------
    >>> independent = np.random.default_rng(0).normal(size=(1000, 4))
    >>> 3000 < effective_sample_size(independent) < 5000
    True
    """
    chains = _halves(draws)
    n, n_chains = chains.shape
    centred, within, total = _spreads(chains)
    if within == 0:
        return 0.0
    spectrum = np.fft.rfft(centred, 2 * n, axis=0)
    covariances = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[:n].mean(axis=1) / n  # (n,), by lag
    rho = 1 - (within - covariances * n / (n - 1)) / total
    rho[0] = 1.0
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    last = np.argmax(pairs < 0) if np.any(pairs < 0) else len(pairs)
    pairs = np.minimum.accumulate(pairs[:last])
    time = max(2 * pairs.sum() - 1, 1 / np.log10(n * n_chains))  # a negative sum would promise too much
    return float(n * n_chains / time)


def mean_field(
    target: LogDensityAndGradient,
    start: ArrayLike,
    rng: np.random.Generator,
    *,
    rate: float = 0.2,
    n_draws: int = 64,
    tolerance: float = 1e-6,
    max_steps: int = 2000,
) -> MeanField:
    r"""Fit independent normals to a density by maximising the evidence lower bound.

    Parameters
    ----------
    target : callable
        From points (c, d) to logarithms of the unnormalised density (c,) and their gradients (c, d).
    start : (d,) array_like
        Means to start from; the standard deviations start at 1, so measure the coordinates in units that are
        not too far from their spread.
    rng : Generator
        Source of randomness.
    rate : float
        Share of the way taken in each step, above 0 and at most 1: strongly correlated targets need less.
    n_draws : int
        Points at which the target is averaged, the same in every step; more than 2 d.
    tolerance : float
        Stop when a step moves no mean by more than this many standard deviations, and no precision by this
        share.
    max_steps : int
        Largest number of steps.

    Returns
    -------
    MeanField
        Means, standard deviations, the bound after each step, and whether it `converged`.

    Raises
    ------
    ValueError
        If `n_draws` is too small for the dimension, `rate` is not above 0 and at most 1, or the target or its
        gradient is not finite at a point tried.

    Notes
    -----
    With :math:`\theta = m + s \odot z` the bound is :math:`E[\log \pi(\theta)] + \sum_i \log s_i + \tfrac d2
    \log 2\pi e`. The expectation is an average over fixed `z` with exact mean zero and covariance one, so a
    normal target has its exact answer: precisions :math:`1/s_i^2 = (\Sigma^{-1})_{ii}`. Steps follow the
    natural gradient: the precision moves towards :math:`-E[z_i\,\partial_i \log \pi]/s_i` and the mean by
    :math:`s_i^2\,E[\partial_i \log \pi]`.

    References
    ----------
    Blei, Kucukelbir and McAuliffe (2017), doi:10.1080/01621459.2017.1285773; book, section "Probability and
    statistics".

    Examples
    --------
    >>> def normal(t):
    ...     return -2 * (t**2).sum(axis=1), -4 * t
    >>> print(mean_field(normal, [1.0, 2.0], np.random.default_rng(0)).sd)
    [0.5 0.5]
    """
    target = as_function(target, "target")
    rng = as_generator(rng, "rng")
    mean = as_vector(start, "start").copy()
    d = len(mean)
    rate, tolerance = as_tolerance(rate, "rate"), as_tolerance(tolerance, "tolerance")
    if not 0 < rate <= 1:
        raise ValueError(f"rate must be above 0 and at most 1, got {rate:.6g}")
    z = _balanced_normals(as_count(n_draws, "n_draws", 2 * d + 2), d, rng)
    precision = np.ones(d)
    history: list[float] = []
    converged = False
    for _ in track(range(as_count(max_steps, "max_steps", 1)), "variational inference"):
        sd = precision**-0.5
        level, gradient = _finite(target, mean + sd * z)
        history.append(float(level.mean() + np.log(sd).sum() + d / 2 * np.log(2 * np.pi * np.e)))
        curvature = np.maximum(
            -(gradient * z).mean(axis=0) / sd, precision / 10
        )  # keeps the precision positive
        move = rate * gradient.mean(axis=0) / curvature
        change = rate * (curvature - precision)
        converged = bool(
            np.all(np.abs(move) <= tolerance * sd) and np.all(np.abs(change) <= tolerance * precision)
        )
        if converged:
            break
        mean, precision = mean + move, precision + change
    return MeanField(mean, precision**-0.5, np.array(history), converged)


def _finite(target: LogDensityAndGradient, theta: Array) -> tuple[Array, Array]:
    """Evaluate a target that must have a density and a slope everywhere."""
    with np.errstate(over="ignore", invalid="ignore"):
        level, gradient = target(theta.copy())
        level, gradient = _no_peak(level, theta), _gradient(gradient, theta)
    good = np.isfinite(level) & np.isfinite(gradient).all(axis=1)
    if not good.all():
        raise ValueError(
            f"the target must be finite with a finite gradient, got something else at "
            f"{theta[int(np.argmin(good))]}: begin nearer, or measure in another unit"
        )
    return level, gradient


def _glide(
    target: LogDensityAndGradient, theta: Array, momentum: Array, gradient: Array, leap: Array, n_leaps: int
) -> tuple[Array, Array, Array, Array]:
    """Follow the leapfrog scheme: half a kick, then moves and kicks in turn, the last kick half again."""
    momentum = momentum + leap / 2 * gradient
    for i in range(n_leaps):
        theta = theta + leap * momentum
        level, gradient = target(theta.copy())
        momentum = momentum + (leap if i < n_leaps - 1 else leap / 2) * gradient
    return theta, momentum, level, gradient


def _steps(step: ArrayLike, theta: Array) -> Array:
    array = as_vector(np.atleast_1d(np.asarray(step)), "step")
    if len(array) not in (1, theta.shape[1]):
        raise ValueError(f"step must be one number or {theta.shape[1]}, one a coordinate, got {len(array)}")
    if array.min() <= 0:
        raise ValueError(f"step must be positive, got {array.min():.6g}")
    return array


def _level(level: ArrayLike, theta: Array) -> Array:
    """Check the first evaluation of a target, and keep a copy: the target may use its array again."""
    level = _no_peak(level, theta)
    if not np.isfinite(level).all():
        raise ValueError(
            f"start row {int(np.argmin(np.isfinite(level)))} has density zero: begin where it is positive"
        )
    return level.copy()


def _no_peak(level: ArrayLike, theta: Array) -> Array:
    """Read one logarithm for each point, and refuse an infinite density, from which no chain would move."""
    levels = np.asarray(level, dtype=np.float64)
    if levels.shape != (len(theta),):
        raise ValueError(
            f"the target must return one value for each of {len(theta)} points, got shape {levels.shape}"
        )
    if np.any(levels == np.inf):
        raise ValueError(
            f"the target must be finite, got a density of inf at {theta[int(np.argmax(levels))]}"
        )
    return levels


def _gradient(gradient: ArrayLike, theta: Array) -> Array:
    """Read a gradient for each point."""
    gradients = np.asarray(gradient, dtype=np.float64)
    if gradients.shape != theta.shape:
        raise ValueError(
            f"the target must return gradients of shape {theta.shape}, got shape {gradients.shape}"
        )
    return gradients


def _halves(draws: ArrayLike) -> Array:
    """Cut every chain in two."""
    chains, _ = scaled(as_matrix(draws, "draws"))
    half = len(chains) // 2
    if half < 2:
        raise ValueError(f"draws {chains.shape} must hold at least four steps, one a row")
    return np.hstack([chains[:half], chains[-half:]])


def _spreads(chains: Array) -> tuple[Array, float, float]:
    """Centred chains, the mean variance within them, and the estimate of the whole variance, in one unit.

    Offsets and units cancel, and what never moves has no variance, not one of rounding.
    """
    n = len(chains)
    chains, _ = scaled(chains - np.median(chains))
    frozen = np.ptp(chains, axis=0) == 0
    means = np.where(frozen, chains[0], chains.mean(axis=0))
    centred = chains - means
    within = float((centred**2).sum() / ((n - 1) * chains.shape[1]))
    between = float(means.var(ddof=1)) if np.ptp(means) > 0 else 0.0
    return centred, within, (n - 1) / n * within + between


def _balanced_normals(n: int, d: int, rng: np.random.Generator) -> Array:
    """Draw about normal points (2 * (n // 2), d) whose odd moments are zero and whose covariance is one."""
    half = rng.normal(size=(n // 2, d))
    L = np.linalg.cholesky(half.T @ half / len(half))
    white = np.linalg.solve(L, half.T).T
    return np.vstack([white, -white])
