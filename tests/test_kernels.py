"""Functional analysis by numbers: cases by hand, laws, and SciPy and scikit-learn as oracles."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, linprog
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import pairwise

from mmlhelpers import kernels


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Integrals

sizes = st.floats(0, 10).map(lambda x: x if x > 1e-100 else 0.0)  # products of smaller ones are refused
pieces = st.lists(st.tuples(sizes, sizes), min_size=1, max_size=8)


@given(pieces, st.integers(1, 50))
def test_layers_stay_below_the_integral_and_come_within_a_step(parts, n_levels):
    f, mu = np.array(parts).T
    layers, exact = kernels.layer_integral(f, mu, n_levels), f @ mu
    assert layers <= exact + 1e-9
    assert exact - layers <= f.max() / n_levels * mu.sum() + 1e-9


@given(pieces, st.integers(1, 20))
def test_halving_the_steps_never_lowers_the_sum(parts, n_levels):
    f, mu = np.array(parts).T
    assert kernels.layer_integral(f, mu, n_levels) <= kernels.layer_integral(f, mu, 2 * n_levels) + 1e-9


def test_layers_of_a_function_with_three_values():
    assert kernels.layer_integral([0, 1, 3], [5, 2, 1], 3) == 5


# Fixed points


def test_the_cosine_has_one_fixed_point():
    result = kernels.fixed_point(np.cos, 0.2, 1e-13)
    assert float(result.x) == pytest.approx(brentq(lambda x: np.cos(x) - x, 0, 1), abs=1e-12)
    assert result.converged


@given(st.integers(0, 2**31))
def test_the_last_distance_bounds_the_error_of_a_contraction(seed):
    rng = np.random.default_rng(seed)
    M, c = rng.normal(size=(4, 4)), rng.normal(size=4)
    q = 0.8
    M *= q / np.abs(M).sum(axis=1).max()
    result = kernels.fixed_point(lambda x: M @ x + c, np.zeros(4), 1e-4)
    error = np.abs(result.x - np.linalg.solve(np.eye(4) - M, c)).max()
    assert error <= q / (1 - q) * result.distances[-1] + 1e-12
    assert np.all(result.distances[1:] <= q * result.distances[:-1] + 1e-15)


def test_a_map_that_runs_away_is_stopped():
    with pytest.raises(ValueError, match="is it a contraction"), np.errstate(over="ignore"):
        kernels.fixed_point(lambda x: x**2, 3.0)


def test_too_few_steps_are_told():
    assert not kernels.fixed_point(np.cos, 0.2, 1e-13, max_steps=3).converged


def test_values_agree_with_a_linear_program(rng):
    P = rng.dirichlet(np.ones(5), size=(3, 5))
    R = rng.normal(size=(5, 3))
    values, policy = kernels.value_iteration(P, R, 0.9, 1e-12)
    # The least v with v >= R + discount P v for every action.
    rows = np.concatenate([0.9 * P[a] - np.eye(5) for a in range(3)])
    wanted = linprog(np.ones(5), rows, -R.T.ravel(), bounds=(None, None)).x
    np.testing.assert_allclose(values.x, wanted, atol=1e-7)
    chosen = P[policy, np.arange(5)]
    of_policy = np.linalg.solve(np.eye(5) - 0.9 * chosen, R[np.arange(5), policy])
    np.testing.assert_allclose(of_policy, values.x, atol=1e-9)


# Kernels


def test_kernels_agree_with_scikit_learn(rng):
    X, Y = rng.normal(size=(6, 3)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(
        kernels.gaussian_kernel(X, Y, 0.7), pairwise.rbf_kernel(X, Y, gamma=1 / (2 * 0.49)), atol=1e-14
    )
    np.testing.assert_allclose(
        kernels.polynomial_kernel(X, Y, 3, 2.0), pairwise.polynomial_kernel(X, Y, 3, 1, 2.0), rtol=1e-12
    )


@given(st.integers(0, 2**31), st.floats(0.1, 3))
def test_kernel_matrices_have_no_negative_eigenvalue(seed, width):
    X = np.random.default_rng(seed).normal(size=(12, 2))
    for K in (kernels.gaussian_kernel(X, X, width), kernels.polynomial_kernel(X, X, 2)):
        assert np.linalg.eigvalsh(K)[0] >= -1e-12 * np.trace(K)


def test_ridge_agrees_with_scikit_learn(rng):
    X, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    a = kernels.kernel_ridge(kernels.gaussian_kernel(X, X, 0.8), y, 0.3)
    theirs = KernelRidge(alpha=0.3, kernel="rbf", gamma=1 / (2 * 0.64)).fit(X, y)
    np.testing.assert_allclose(a, theirs.dual_coef_, rtol=1e-9)


def test_several_targets_are_fitted_one_by_one(rng):
    X, Y = rng.normal(size=(9, 2)), rng.normal(size=(9, 3))
    K = kernels.polynomial_kernel(X, X, 2)
    one_by_one = np.column_stack([kernels.kernel_ridge(K, y, 0.3) for y in Y.T])
    np.testing.assert_allclose(kernels.kernel_ridge(K, Y, 0.3), one_by_one, rtol=1e-12)


def test_ridge_has_the_least_cost_of_all_coefficients(rng):
    X, y = rng.normal(size=(8, 1)), rng.normal(size=8)
    K = kernels.gaussian_kernel(X, X, 1.0)
    cost = lambda a: np.sum((y - K @ a) ** 2) + 0.5 * a @ K @ a  # noqa: E731 - a formula
    a = kernels.kernel_ridge(K, y, 0.5)
    assert all(cost(a) <= cost(a + 0.1 * rng.normal(size=8)) for _ in range(50))


def test_the_posterior_agrees_with_scikit_learn(rng):
    X, new, y = rng.normal(size=(15, 2)), rng.normal(size=(7, 2)), rng.normal(size=15)
    k = lambda A, B: kernels.gaussian_kernel(A, B, 0.9)  # noqa: E731 - a formula
    ours = kernels.gaussian_process(k(X, X), k(new, X), np.ones(7), y, 0.1)
    theirs = GaussianProcessRegressor(RBF(0.9), alpha=0.1, optimizer=None).fit(X, y)
    mean, deviation = theirs.predict(new, return_std=True)
    np.testing.assert_allclose(ours.mean, mean, atol=1e-12)
    np.testing.assert_allclose(ours.deviation, deviation, atol=1e-10)
    assert ours.log_likelihood == pytest.approx(theirs.log_marginal_likelihood_value_)


def test_the_posterior_mean_is_kernel_ridge(rng):
    X, new, y = rng.normal(size=(9, 1)), rng.normal(size=(5, 1)), rng.normal(size=9)
    K, K_new = kernels.gaussian_kernel(X, X, 1.0), kernels.gaussian_kernel(new, X, 1.0)
    ours = kernels.gaussian_process(K, K_new, np.ones(5), y, 0.2)
    np.testing.assert_allclose(ours.mean, K_new @ kernels.kernel_ridge(K, y, 0.2), atol=1e-13)
    assert np.all(ours.deviation <= 1)


FAULTS = {
    "values and measure must have one length": lambda: kernels.layer_integral([1, 2], [1], 3),
    "nothing negative": lambda: kernels.layer_integral([-1.0], [1], 3),
    "f must keep the shape": lambda: kernels.fixed_point(lambda x: [1, 2], 0.0),
    "moves must be probabilities": lambda: kernels.value_iteration([[[2.0]]], [[0.0]], 0.5),
    "discount must be from 0": lambda: kernels.value_iteration([[[1.0]]], [[0.0]], 1.0),
    "same number of columns": lambda: kernels.gaussian_kernel([[1, 2]], [[1]], 1),
    "width must be a positive number": lambda: kernels.gaussian_kernel([[1]], [[1]], 0),
    "degree must be a whole number": lambda: kernels.polynomial_kernel([[1]], [[1]], 0),
    "y must have 2 entries": lambda: kernels.kernel_ridge(np.eye(2), [1], 1),
    "weight must be a positive number": lambda: kernels.kernel_ridge(np.eye(2), [1, 2], 0),
    "width must be a single number": lambda: kernels.gaussian_kernel([[1]], [[1]], "wide"),
    "weight must be a single number": lambda: kernels.kernel_ridge(np.eye(2), [1, 2], None),
    "noise must be finite": lambda: kernels.gaussian_process([[1]], [[1]], [1], [1], np.nan),
    "discount must be a single number": lambda: kernels.value_iteration([[[1.0]]], [[0.0]], "half"),
    r"moves must be finite, got nan at \[0, 0, 0\]": lambda: kernels.value_iteration(
        [[[np.nan]]], [[0]], 0.5
    ),
    "start must be an array, not empty": lambda: kernels.fixed_point(np.cos, []),
    "start must be an array with real numbers": lambda: kernels.fixed_point(np.cos, "a"),
    "y must be columns": lambda: kernels.kernel_ridge(np.eye(2), 1.0, 1),
    "least eigenvalue -1": lambda: kernels.kernel_ridge([[0, 1], [1, 0]], [1, 2], 0.5),
    "K_new must have shape": lambda: kernels.gaussian_process(np.eye(2), np.eye(3), [1, 1, 1], [1, 2], 1),
}


@pytest.mark.parametrize("message", FAULTS)
def test_faults_are_named(message):
    with pytest.raises(ValueError, match=message):
        FAULTS[message]()


# Numbers at every scale


@pytest.mark.parametrize("power", [-1060, -500, -300, -30, 30, 300, 500, 1010])
def test_kernels_know_neither_unit_nor_offset(power, rng):
    X, Y = rng.integers(-8, 9, size=(5, 2)) / 4, rng.integers(-8, 9, size=(4, 2)) / 4
    want = kernels.gaussian_kernel(X, Y, 0.75)
    unit = 2.0**power
    np.testing.assert_allclose(kernels.gaussian_kernel(X * unit, Y * unit, 0.75 * unit), want, rtol=1e-14)
    np.testing.assert_allclose(kernels.gaussian_kernel(X + 2.0**30, Y + 2.0**30, 0.75), want, rtol=1e-14)


def test_kernels_of_samples_far_apart_and_at_one_place():
    np.testing.assert_array_equal(
        kernels.gaussian_kernel([[0.0], [1e300]], [[0.0], [1e300]], 1e-300), np.eye(2)
    )
    np.testing.assert_array_equal(kernels.gaussian_kernel([[0.0]], [[1e-200]], 1e200), [[1.0]])


def test_a_process_scales_with_its_unit(rng):
    K = kernels.gaussian_kernel(*[rng.normal(size=(5, 1))] * 2, 1.0)
    y, across = rng.normal(size=5), K[:2] * 0.9
    want = kernels.gaussian_process(K, across, np.ones(2), y, 0.1)
    for power in (-400, -150, 150, 400):
        square = 4.0**power
        got = kernels.gaussian_process(
            K * square, across * square, np.full(2, square), y * 2.0**power, 0.1 * square
        )
        np.testing.assert_allclose(np.ldexp(got.mean, -power), want.mean, rtol=1e-12)
        np.testing.assert_allclose(np.ldexp(got.deviation, -power), want.deviation, rtol=1e-12)
        assert got.log_likelihood == pytest.approx(want.log_likelihood - 5 * power * np.log(2))


def test_maps_that_work_in_place_do_not_seem_to_stand_still():
    def halve(x):
        x *= 0.5
        return x

    buffer = np.empty(2)

    def reuse(x):
        return np.multiply(x, 0.5, out=buffer)

    start = np.array([1.0, 2.0])
    for f in (halve, reuse):
        found = kernels.fixed_point(f, start)
        np.testing.assert_allclose(found.x, 0, atol=1e-9)
        assert len(found.distances) > 30
    np.testing.assert_array_equal(start, [1.0, 2.0])
    with pytest.raises(ValueError, match="f must return real numbers"):
        kernels.fixed_point(lambda x: x * 1j, start)


@pytest.mark.proves("kernels.fixed_point")
@pytest.mark.parametrize("tolerance", [1e-3, 1e-10, 0.0])
def test_fixed_points_have_converged_where_they_say_so(tolerance):
    found = kernels.fixed_point(lambda x: x / 2 + 1, [0.0, 5.0], tolerance)
    assert found.converged
    for x in map(Fraction, found.x.tolist()):  # the map is exact here, and so is its last step
        assert abs(x - (x - 1) * 2) <= Fraction(tolerance) * 1


@pytest.mark.proves("kernels.value_iteration")
@pytest.mark.parametrize("power", [-900, -30, 30, 900])
def test_values_scale_with_the_rewards(power, rng):
    moves, rewards = rng.dirichlet(np.ones(4), size=(2, 4)), rng.integers(-9, 10, size=(4, 2)) * 1.0
    want, policy = kernels.value_iteration(moves, rewards, 0.5, 1e-9)
    unit = 2.0**power
    got, same = kernels.value_iteration(moves, rewards * unit, 0.5, 1e-9 * unit)
    np.testing.assert_array_equal(got.x / unit, want.x)
    np.testing.assert_array_equal(same, policy)
    assert got.converged
    single = moves.astype(np.float32)
    np.testing.assert_allclose(kernels.value_iteration(single, rewards, 0.5)[0].x, want.x, rtol=1e-5)
    # The criterion in exact arithmetic: one more step changes no value by more than the tolerance.
    P, R = ([Fraction(v) for v in part.ravel().tolist()] for part in (moves, rewards))
    x = [Fraction(v) for v in want.x.tolist()]
    for s in range(4):
        worth = [R[2 * s + a] + sum(P[16 * a + 4 * s + t] * x[t] for t in range(4)) / 2 for a in range(2)]
        assert abs(max(worth) - x[s]) <= Fraction(1e-9)


def test_what_no_float_holds_is_refused():
    with pytest.raises(ValueError, match="X and Y have a power"):
        kernels.polynomial_kernel([[1e200]], [[1e100]], 2)
    with pytest.raises(ValueError, match="the integral of values by measure is larger"):
        kernels.layer_integral([1e200], [1e200], 3)
    with pytest.raises(ValueError, match="K_new must hold covariances that fit K and k_new"):
        kernels.gaussian_process([[1.0]], [[2.0]], [1.0], [1.0], 0.1)
    with pytest.raises(ValueError, match="k_new must hold variances"):
        kernels.gaussian_process([[1.0]], [[0.5]], [-1.0], [1.0], 0.1)
    assert kernels.layer_integral([1e200, 5e-324], [1e100, 1e-100], 2) == pytest.approx(1e300)
    assert kernels.polynomial_kernel([[1e-200]], [[1e200]], 2, 0.0)[0, 0] == pytest.approx(1.0)
