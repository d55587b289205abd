"""Random numbers at work: Markov chains and the bootstrap."""

from typing import Any

import numpy as np

from benchmarks.harness import Contest, case
from mmlhelpers import probability, sampling

CHAINS, DIMENSION, STEPS, STEP = 1_000, 10, 200, 0.75
SAMPLES, RESAMPLES = 1_000, 10_000


def log_density(theta: Any) -> Any:
    """Evaluate a normal density at many points, up to a constant."""
    return -0.5 * np.einsum("ij,ij->i", theta, theta)


@case(
    title=f"Metropolis, {STEPS} steps of {CHAINS:,} chains",
    n=f"normal density in {DIMENSION} dimensions",
    dtype="float64",
    peer="emcee, its Metropolis move, vectorised",
    package="emcee",
    goal=0.2,
    decides="Drawing random numbers, once all chains move together.",
)
def metropolis() -> Contest:
    import emcee

    start = np.random.default_rng(0).normal(size=(CHAINS, DIMENSION))
    rng = np.random.default_rng(1)

    def ours() -> Any:
        return sampling.metropolis(log_density, start, STEP, STEPS, rng).acceptance

    def peer() -> Any:
        moves = emcee.moves.GaussianMove(STEP**2)
        chains = emcee.EnsembleSampler(CHAINS, DIMENSION, log_density, moves=moves, vectorize=True)
        chains.run_mcmc(start, STEPS)
        return chains.acceptance_fraction.mean()

    means = "difference of the acceptance rates"
    return Contest(ours, peer, lambda ours, peer: abs(ours - peer), 0.01, means)


@case(
    title=f"Bootstrap of a mean with an interval, {RESAMPLES:,} resamples",
    n=f"{SAMPLES:,} samples",
    dtype="float64",
    peer="SciPy, bootstrap",
    package="scipy",
    goal=0.65,
    decides="Drawing indices and picking numbers, in chunks that stay in the cache.",
)
def bootstrap() -> Contest:
    return contest()


@case(
    title=f"Bootstrap of a mean with an interval, {RESAMPLES:,} resamples",
    n=f"{SAMPLES:,} samples",
    dtype="float64",
    peer="SciPy, bootstrap in batches of 100",
    package="scipy",
    goal=0.85,
    decides="Drawing indices and picking numbers, in chunks that stay in the cache.",
)
def bootstrap_batched() -> Contest:
    return contest(batch=100)


def contest(**options: Any) -> Contest:
    """Find the interval of the accelerated and corrected bootstrap, the peer's default too."""
    from scipy import stats

    rng = np.random.default_rng(0)
    x = rng.exponential(size=SAMPLES)

    def ours() -> Any:
        interval = probability.bootstrap(x, lambda sets: sets.mean(axis=1), rng, RESAMPLES).bca()
        return np.array(interval[-2:])

    def peer() -> Any:
        found = stats.bootstrap((x,), np.mean, n_resamples=RESAMPLES, rng=rng, axis=-1, **options)
        return np.array(found.confidence_interval)

    def difference(ours: Any, peer: Any) -> float:
        return float(np.abs(ours - peer).max() / (peer[1] - peer[0]))

    return Contest(ours, peer, difference, 0.05, "largest difference of the ends, as a share of the interval")
