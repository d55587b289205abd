"""Samplers leave their target invariant, diagnostics know what they should, and errors say what to do."""

import numpy as np
import oracles
import pytest
import scipy.stats

from mmlhelpers import sampling

N = 200_000  # chains of a single step, all started exactly in the target
ALPHA = 1e-6  # a true sampler fails once in a million seeds; the seeds are fixed

COVARIANCE = np.array([[1.0, 0.7], [0.7, 2.0]])
PRECISION = np.linalg.inv(COVARIANCE)


def correlated(theta):
    return -0.5 * np.einsum("ci,ij,cj->c", theta, PRECISION, theta), -theta @ PRECISION


def logistic_prior(theta):
    """A standard normal prior times the likelihood of one success: not normal, known up to a factor."""
    z = theta[:, 0]
    return -(z**2) / 2 - np.logaddexp(0, -z), (-z + 1 / (1 + np.exp(z)))[:, None]


def exact_start(rng):
    """Draws from `logistic_prior` by rejection: accept a normal draw with its probability of success."""
    z = rng.normal(size=4 * N)
    return z[rng.random(4 * N) < 1 / (1 + np.exp(-z))][:N, None]


def assert_invariant(before, after):
    """Kolmogorov and Smirnov, and a z-test of the variance, between the start and one step later."""
    assert scipy.stats.ks_2samp(before, after).pvalue > ALPHA
    square = (before - before.mean()) ** 2 - (after - after.mean()) ** 2
    z = square.mean() / (square.std(ddof=1) / np.sqrt(len(square)))
    assert abs(z) < scipy.stats.norm.isf(ALPHA / 2)


SAMPLERS = {
    "metropolis": lambda target, start, rng: sampling.metropolis(lambda t: target(t)[0], start, 1.5, 1, rng),
    "hamiltonian": lambda target, start, rng: sampling.hamiltonian(target, start, 0.9, 3, 1, rng),
    "hamiltonian, two scales": lambda target, start, rng: sampling.hamiltonian(
        target, start, np.linspace(0.6, 1.2, start.shape[1]), 2, 1, rng
    ),
}
samplers = pytest.mark.parametrize("step", SAMPLERS.values(), ids=SAMPLERS.keys())


@samplers
def test_one_step_leaves_a_correlated_normal_invariant(step):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(N, 2)) @ np.linalg.cholesky(COVARIANCE).T
    draws, acceptance = step(correlated, start, rng)
    assert 0.2 < acceptance < 0.98  # refusals happen, so forgetting them would show
    assert not np.array_equal(draws[0], start)
    for direction in ([1, 0], [0, 1], [1, 1], [1, -1]):
        assert_invariant(start @ direction, draws[0] @ direction)


@samplers
def test_one_step_leaves_a_skewed_posterior_invariant(step):
    rng = np.random.default_rng(1)
    start = exact_start(rng)
    draws, _ = step(logistic_prior, start, rng)
    assert_invariant(start[:, 0], draws[0, :, 0])


def test_invariance_test_notices_a_sampler_that_never_refuses():
    rng = np.random.default_rng(2)
    start = exact_start(rng)
    proposal = start[:, 0] + 0.3 * rng.normal(size=N)  # every proposal accepted
    with pytest.raises(AssertionError):
        assert_invariant(start[:, 0], proposal)


@samplers
def test_a_step_refused_stays_where_it_was(step):
    rng = np.random.default_rng(3)
    start = rng.normal(size=(500, 2))
    draws, acceptance = step(correlated, start, rng)
    assert np.mean((draws[0] != start).any(axis=1)) == pytest.approx(acceptance)


def test_metropolis_never_enters_a_region_of_density_zero():
    def half(theta):
        return np.where(theta[:, 0] > 0, -theta[:, 0], -np.inf)

    draws, _ = sampling.metropolis(half, np.ones((20, 1)), 1.0, 500, np.random.default_rng(0))
    assert draws.min() > 0


def test_long_chains_find_the_moments():
    rng = np.random.default_rng(0)
    draws, _ = sampling.hamiltonian(correlated, np.zeros((50, 2)), 0.6, 5, 400, rng)
    flat = draws[50:].reshape(-1, 2)
    error = 4 / np.sqrt(sampling.effective_sample_size(draws[50:, :, 1]))
    np.testing.assert_allclose(flat.mean(axis=0), 0, atol=error * np.sqrt(2))
    np.testing.assert_allclose(np.cov(flat, rowvar=False, ddof=1), COVARIANCE, atol=4 * error)


def test_leapfrog_can_be_run_backwards():
    rng = np.random.default_rng(0)
    theta, momentum = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    leap = np.full((5, 1), 0.3)
    end, push, _, gradient = sampling._glide(correlated, theta, momentum, correlated(theta)[1], leap, 7)
    back, push_back, _, _ = sampling._glide(correlated, end, -push, gradient, leap, 7)
    np.testing.assert_allclose(back, theta, atol=1e-12)
    np.testing.assert_allclose(-push_back, momentum, atol=1e-12)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_effective_sample_size_of_an_autoregression(correlation):
    rng = np.random.default_rng(0)
    n, m = 4000, 8
    x = np.empty((n, m))
    x[0] = rng.normal(size=m)
    for i in range(1, n):
        x[i] = correlation * x[i - 1] + np.sqrt(1 - correlation**2) * rng.normal(size=m)
    wanted = n * m * (1 - correlation) / (1 + correlation)
    assert sampling.effective_sample_size(x) == pytest.approx(wanted, rel=0.1)
    assert sampling.r_hat(x) == pytest.approx(1, abs=0.01)


def test_r_hat_worked_by_hand():
    draws = np.array(
        [[0.0, 2.0], [2.0, 4.0], [0.0, 2.0], [2.0, 4.0]]
    )  # halves: means 1, 3, 1, 3; variances 2
    assert sampling.r_hat(draws) == pytest.approx(np.sqrt((0.5 * 2 + 4 / 3) / 2))


def test_r_hat_notices_chains_apart_a_drift_and_a_standstill():
    rng = np.random.default_rng(0)
    x, apart = rng.normal(size=(1000, 4)), np.array([0, 0, 0, 3])
    assert sampling.r_hat(x + apart) > 1.5
    assert sampling.r_hat(x + np.linspace(0, 4, 1000)[:, None]) > 1.3
    assert sampling.r_hat(np.ones((10, 2))) == np.inf
    assert sampling.effective_sample_size(np.ones((10, 2))) == 0
    assert sampling.effective_sample_size(x + apart) < 50


@pytest.mark.parametrize("seed", range(3))
def test_mean_field_of_a_normal_is_exact(seed):
    rng = np.random.default_rng(seed)
    B = rng.normal(size=(4, 4))
    precision, mean = B @ B.T + np.eye(4), rng.normal(size=4)

    def target(theta):
        offset = theta - mean
        return -0.5 * np.einsum("ci,ij,cj->c", offset, precision, offset), -offset @ precision

    fit = sampling.mean_field(target, np.zeros(4), rng, tolerance=1e-10, max_steps=5000)
    assert fit.converged
    np.testing.assert_allclose(fit.mean, mean, atol=1e-7)
    np.testing.assert_allclose(fit.sd, np.diag(precision) ** -0.5, rtol=1e-7)
    bound = 2 * np.log(2 * np.pi) - 0.5 * np.log(np.diag(precision)).sum()
    assert fit.history[-1] == pytest.approx(bound, rel=1e-7)


def test_mean_field_bound_lies_below_the_evidence():
    fit = sampling.mean_field(logistic_prior, [0.0], np.random.default_rng(0), n_draws=2000)
    grid = np.linspace(-12, 12, 20_001)
    evidence = np.log(np.exp(logistic_prior(grid[:, None])[0]).sum() * (grid[1] - grid[0]))
    assert evidence - 0.02 < fit.history[-1] < evidence + 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda rng: sampling.metropolis(lambda t: t[:, 0], [[0.0]], 0.0, 5, rng),
            "step must be positive, got 0",
        ),
        (
            lambda rng: sampling.metropolis(lambda t: np.full(len(t), -np.inf), [[0.0], [1.0]], 1.0, 5, rng),
            "start row 0 has density zero: begin where it is positive",
        ),
        (
            lambda rng: sampling.metropolis(lambda t: t, [[0.0]], 1.0, 5, rng),
            r"one value for each of 1 points, got",
        ),
        (lambda rng: sampling.hamiltonian(correlated, [0.0, 0.0], 0.1, 5, 5, rng), "start must be a matrix"),
        (lambda rng: sampling.r_hat(np.ones((3, 2))), r"draws \(3, 2\) must hold at least four steps"),
        (lambda rng: sampling.mean_field(correlated, [0.0, 0.0], rng, rate=0.0), "rate must be above 0"),
        (
            lambda rng: sampling.mean_field(correlated, [0.0, 0.0], rng, n_draws=4),
            "n_draws must be a whole number",
        ),
    ],
)
def test_samplers_name_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


# Numbers at every scale


@pytest.mark.parametrize("value", [0.5, 0.1, 0.3, 1 / 3, 7e9 / 3, 5e-324, -1.7e308])
@pytest.mark.parametrize("n_steps", [4, 100, 1001])
def test_frozen_chains_are_not_praised(value, n_steps):
    draws = np.full((n_steps, 4), value)
    assert sampling.r_hat(draws) == np.inf
    assert sampling.effective_sample_size(draws) == 0.0
    apart = draws * [1.0, 0.5, 1.0, 1.0]
    assert sampling.r_hat(apart) == np.inf
    assert sampling.effective_sample_size(apart) == 0.0


@pytest.mark.parametrize("diagnose", [sampling.r_hat, sampling.effective_sample_size])
def test_diagnostics_know_neither_unit_nor_offset_nor_the_order_of_chains(diagnose):
    draws = np.random.default_rng(0).integers(-9, 10, size=(400, 3)).cumsum(axis=0) / 8
    want = diagnose(draws)
    for power in (-1060, -500, -300, -30, 30, 300, 500, 1010):
        assert diagnose(np.ldexp(draws, power)) == want
    for offset in (1e8, 2.0**30, -1.7e9):
        assert diagnose(draws + offset) == pytest.approx(want, rel=1e-12)
    assert diagnose(draws[:, ::-1]) == pytest.approx(want, rel=1e-12)
    assert diagnose(np.asfortranarray(draws)[::-1][::-1]) == want
    assert diagnose(draws.astype(np.float32)) == want
    assert diagnose((8 * draws).astype(np.int16)) == want


def test_a_burn_in_far_away_does_not_hide_that_chains_move():
    draws = np.random.default_rng(0).normal(size=(200, 4))
    draws[0] = 1e12
    assert np.isfinite(sampling.r_hat(draws))
    assert sampling.effective_sample_size(draws) > 0


@samplers
def test_chains_scale_with_the_unit_of_their_target(step):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(20, 2))
    want = step(correlated, start, np.random.default_rng(1)).draws
    assert not np.array_equal(want[0], start)

    def reused(theta):
        """Write into the same arrays at each call, and over the argument."""
        level, slope = correlated(theta)
        reused.level[: len(level)], reused.slope[: len(slope)] = level, slope
        theta[:] = np.nan
        return reused.level, reused.slope

    reused.level, reused.slope = np.empty(20), np.empty((20, 2))
    np.testing.assert_array_equal(step(reused, start, np.random.default_rng(1)).draws, want)


@pytest.mark.parametrize("power", [-500, -300, -30, 30, 300, 500])
def test_draws_scale_when_target_start_and_step_do(power):
    unit = 2.0**power

    def scaled(theta):
        level, slope = correlated(theta / unit)
        return level, slope / unit

    start = np.random.default_rng(0).normal(size=(5, 2))
    for run in (
        lambda target, unit: sampling.metropolis(
            lambda t: target(t)[0], start * unit, unit, 50, np.random.default_rng(1)
        ),
        lambda target, unit: sampling.metropolis(
            lambda t: target(t)[0], start * unit, [unit, 2 * unit], 50, np.random.default_rng(1)
        ),
    ):
        want, got = run(correlated, 1.0), run(scaled, unit)
        np.testing.assert_array_equal(got.draws / unit, want.draws)
        assert got.acceptance == want.acceptance


def test_a_particle_that_flies_off_is_refused_without_a_warning():
    def steep(theta):
        return -(theta**4).sum(axis=1), -4 * theta**3

    start = np.full((3, 1), 2.0)
    draws, acceptance = sampling.hamiltonian(steep, start, 1e3, 40, 5, np.random.default_rng(0))
    assert acceptance == 0
    np.testing.assert_array_equal(draws, np.full((5, 3, 1), 2.0))
    draws, acceptance = sampling.metropolis(lambda t: steep(t)[0], start, 1e308, 5, np.random.default_rng(0))
    assert acceptance == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: sampling.metropolis(lambda t: t[:, 0], [[0.0]], [1.0, 1.0], 1, rng), "step must be one"),
        (
            lambda rng: sampling.metropolis(
                lambda t: np.where(t[:, 0] == 0, 0.0, np.inf), [[0.0]], 1.0, 1, rng
            ),
            "the target must be finite, got a density of inf",
        ),
        (
            lambda rng: sampling.hamiltonian(lambda t: (t[:, 0], t[:, 0]), [[0.0, 0.0]], 1.0, 1, 1, rng),
            r"gradients of shape \(1, 2\), got shape \(1,\)",
        ),
        (
            lambda rng: sampling.mean_field(lambda t: (-(t**2).sum(axis=1), np.nan * t), [0.0], rng),
            "the target must be finite with a finite gradient",
        ),
    ],
)
def test_targets_that_no_chain_can_follow_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


@pytest.mark.proves("sampling.mean_field")
@pytest.mark.parametrize("power", [-20, 0, 3])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-6])
def test_variational_inference_has_converged_where_it_says_so(power, tolerance):
    unit = 2.0**power
    sd = np.array([1.0, 3.0]) * unit
    centre = np.array([0.5, -2.0]) * unit

    def target(theta):
        z = (theta - centre) / sd
        return -(z**2).sum(axis=1) / 2, -z / sd

    found = sampling.mean_field(target, np.zeros(2), np.random.default_rng(0), rate=0.5, tolerance=tolerance)
    assert found.converged
    for m, s, c, true in zip(*map(oracles.exact, (found.mean, found.sd, centre, sd)), strict=True):
        # For a normal target, step and curvature are known exactly.
        assert abs(m - c) / 2 <= tolerance * s * (1 + oracles.MP.mpf(10) ** -12)
        assert abs(1 / true**2 - 1 / s**2) / 2 <= tolerance / s**2 * (1 + oracles.MP.mpf(10) ** -8)


def test_variational_inference_far_from_its_unit_says_that_it_has_not_converged():
    for unit in (2.0**-300, 2.0**500):
        found = sampling.mean_field(
            lambda t, unit=unit: (-((t / unit) ** 2).sum(axis=1) / 2, -(t / unit) / unit),
            [unit],
            np.random.default_rng(0),
            max_steps=50,
        )
        assert not found.converged
