"""Each method of optim: problems with known minima, a law, an independent truth, and its errors."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from problems import CONVEX, SMOOTH
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.svm import SVC

from mmlhelpers import optim
from mmlhelpers.optim import Objective
from mmlhelpers.optim.second_order import _two_loops

vectors = arrays(float, 4, elements=st.floats(-5, 5))
small = st.floats(-3, 3)
METHODS = {
    "gradient descent": lambda f, x: optim.gradient_descent(f, x, 0.015),
    "heavy ball": lambda f, x: optim.gradient_descent(f, x, 0.01, optim.momentum(0.8)),
    "nesterov momentum": lambda f, x: optim.gradient_descent(f, x, 0.01, optim.nesterov_momentum(0.8)),
    "nesterov": lambda f, x: optim.nesterov(f, x, 0.01),
    "steepest descent": optim.steepest_descent,
    "adagrad": lambda f, x: optim.gradient_descent(f, x, 0.5, optim.adagrad()),
    "rmsprop": lambda f, x: optim.gradient_descent(f, x, optim.cosine(0.02, 5000), optim.rmsprop()),
    "adam": lambda f, x: optim.gradient_descent(f, x, 0.02, optim.adam(), max_steps=20_000),
    "newton": optim.newton,
    "bfgs": optim.bfgs,
    "lbfgs": lambda f, x: optim.lbfgs(f, x, memory=3),
}
# RMSProp divides by the size of a gradient that vanishes: its last digits wait for the schedule to end.
LOOSE = {"rmsprop": 1e-3}


def objective(problem):
    return Objective(problem.value, problem.gradient, problem.hessian)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def samples(n=40, d=5):
    X = random(n, d)
    return X, X @ np.arange(1.0, d + 1) + 0.3 * random(n, seed=1)


def labels(n=40, d=3):
    X = random(n, d, seed=2)
    return X, (X[:, 0] - X[:, 1] + 0.8 * random(n, seed=3) > 0).astype(float)


def assert_gradient(f, x):
    h, eye = 1e-5, np.eye(len(x))
    slopes = [(f.value(x + h * e) - f.value(x - h * e)) / (2 * h) for e in eye]
    np.testing.assert_allclose(f.gradient(x), slopes, rtol=1e-6, atol=1e-6)
    bends = [(f.gradient(x + h * e) - f.gradient(x - h * e)) / (2 * h) for e in eye]
    np.testing.assert_allclose(f.hessian(x), bends, rtol=1e-6, atol=1e-5)


# Problems x methods


@pytest.mark.parametrize(("problem", "method"), list(itertools.product(SMOOTH, METHODS)))
def test_every_method_finds_every_minimum_and_says_so(problem, method):
    given = SMOOTH[problem]
    path = METHODS[method](objective(given), given.start)
    np.testing.assert_allclose(path.x, given.minimiser, atol=LOOSE.get(method, 1e-5))
    assert path.converged or method in LOOSE
    np.testing.assert_array_equal(path.points[0], given.start)
    assert len(path.points) == len(path.values) == len(path.gradient_norms) == path.n_steps + 1


@pytest.mark.parametrize("method", METHODS)
def test_counts_are_those_of_the_calls_made_to_move(method):
    calls, given = {"gradient": 0}, CONVEX["tilted bowl"]

    def gradient(x):
        calls["gradient"] += 1
        return given.gradient(x)

    path = METHODS[method](Objective(given.value, gradient, given.hessian), given.start)
    assert path.n_gradients == calls["gradient"] > 0


@pytest.mark.parametrize("method", ["steepest descent", "newton", "bfgs", "lbfgs"])
@pytest.mark.parametrize("problem", SMOOTH)
def test_methods_with_a_line_search_never_go_up(problem, method):
    values = METHODS[method](objective(SMOOTH[problem]), SMOOTH[problem].start).values
    assert np.all(np.diff(values) <= 1e-14 * np.abs(values[:-1]))


@pytest.mark.parametrize("method", METHODS)
def test_a_start_at_the_minimum_needs_no_step(method):
    given = CONVEX["tilted bowl"]
    path = METHODS[method](objective(given), given.minimiser)
    assert path.converged
    assert path.n_steps == 0


# Objectives


@given(arrays(float, 2, elements=small))
def test_rosenbrock_has_the_derivatives_it_says(x):
    assert_gradient(optim.rosenbrock(), x)


def test_models_have_the_derivatives_they_say():
    assert_gradient(optim.least_squares(*samples(), 0.3), random(5, seed=4))
    assert_gradient(optim.logistic_regression(*labels(), 0.1), random(3, seed=4))


def test_a_mean_over_all_rows_is_the_mean_over_batches():
    f, w = optim.least_squares(*samples(), ridge=0.5), random(5, seed=4)
    halves = np.arange(20), np.arange(20, 40)
    np.testing.assert_allclose(f.gradient(w), sum(f.gradient(w, rows) for rows in halves) / 2, rtol=1e-13)
    assert f.value(w) == pytest.approx(sum(f.value(w, rows) for rows in halves) / 2, rel=1e-13)


def test_ridge_agrees_with_scikit_learn():
    X, y = samples()
    H = optim.least_squares(X, y, 0.3).hessian(np.zeros(5))
    peer = Ridge(alpha=0.3 * len(y), fit_intercept=False, solver="cholesky").fit(X, y)
    np.testing.assert_allclose(np.linalg.solve(H, X.T @ y / len(y)), peer.coef_, rtol=1e-10)


def test_logistic_regression_agrees_with_scikit_learn():
    X, y = labels()
    path = optim.newton(optim.logistic_regression(X, y, ridge=0.1), np.zeros(3))
    peer = LogisticRegression(C=1 / (0.1 * len(y)), fit_intercept=False, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(path.x, peer.coef_[0], atol=1e-6)


def test_logistic_regression_remembers_a_point_and_not_the_array_it_came_in():
    f, w = optim.logistic_regression(*labels(), 0.1), np.ones(3)
    f.value(w)
    w[0] = -2.0
    fresh = optim.logistic_regression(*labels(), 0.1)
    assert f.value(w) == fresh.value(w)
    np.testing.assert_array_equal(f.gradient(w), fresh.gradient(w))
    np.testing.assert_array_equal(f.gradient(w, np.arange(5)), fresh.gradient(w, np.arange(5)))


def test_adam_follows_its_definition_with_corrected_means_for_three_steps():
    gradients, x = random(3, 4, seed=6), random(4, seed=7)
    rule, memory = optim.adamw(0.3, 0.8, 0.9, 1e-3), (np.zeros(4), np.zeros(4))
    for t in range(1, 4):
        direction, memory = rule.direction(x, gradients[t - 1], memory, t)
        mean = sum(0.2 * 0.8 ** (t - s) * gradients[s - 1] for s in range(1, t + 1)) / (1 - 0.8**t)
        square = sum(0.1 * 0.9 ** (t - s) * gradients[s - 1] ** 2 for s in range(1, t + 1)) / (1 - 0.9**t)
        np.testing.assert_allclose(direction, mean / (np.sqrt(square) + 1e-3) + 0.3 * x, rtol=1e-12)


# First-order rules: one step worked by hand, then laws


@pytest.mark.parametrize(
    ("rule", "second"),
    [
        (optim.plain(), 2.0),
        (optim.momentum(0.5), 0.5 * 4 + 2),
        (optim.nesterov_momentum(0.5), 2 + 0.5 * (0.5 * 4 + 2)),
        (optim.adagrad(), 2 / np.sqrt(16 + 4)),
        (optim.rmsprop(0.75), 2 / np.sqrt(0.75 * 4 + 1)),
        (optim.adam(0.5, 0.75), (0.25 * 4 + 0.5 * 2) / 0.75 / np.sqrt((0.1875 * 16 + 0.25 * 4) / 0.4375)),
    ],
    ids=["plain", "momentum", "nesterov", "adagrad", "rmsprop", "adam"],
)
def test_second_direction_after_gradients_4_and_2_worked_by_hand(rule, second):
    memory = tuple(np.zeros(1) for _ in range(rule.n_slots))
    _, memory = rule.direction(np.zeros(1), np.array([4.0]), memory, 1)
    direction, _ = rule.direction(np.zeros(1), np.array([2.0]), memory, 2)
    assert direction[0] == pytest.approx(second, rel=1e-7)


@given(vectors.map(lambda g: np.round(g, 6)))
def test_first_step_of_adam_has_the_size_of_the_learning_rate(g):
    f = Objective(lambda x: float(g @ x), lambda x: g)
    path = optim.gradient_descent(f, np.zeros(4), 0.1, optim.adam(epsilon=1e-300), max_steps=1)
    np.testing.assert_allclose(path.x, -0.1 * np.sign(g), rtol=1e-12)


def test_momentum_is_the_three_term_recurrence():
    f = objective(CONVEX["stretched bowl"])
    x = optim.gradient_descent(f, [3, 3, 3], 0.02, optim.momentum(0.7), max_steps=5).points
    for k in range(1, 5):
        step = x[k] - 0.02 * f.gradient(x[k]) + 0.7 * (x[k] - x[k - 1])
        np.testing.assert_allclose(x[k + 1], step, rtol=1e-13)


def test_gradient_descent_contracts_every_mode_by_its_factor():
    path = optim.gradient_descent(optim.quadratic(np.diag([1.0, 10.0])), [1, 1], 0.15, max_steps=7)
    np.testing.assert_allclose(path.points, [[0.85**k, (-0.5) ** k] for k in range(8)], rtol=1e-13)


def test_decoupled_decay_multiplies_the_point_before_adam_moves_it():
    g, zeros = np.array([3.0]), (np.zeros(1), np.zeros(1))
    x = np.array([4.0])
    decayed, _ = optim.adamw(0.5).direction(x, g, zeros, 1)
    free, _ = optim.adam().direction(x, g, zeros, 1)
    np.testing.assert_allclose(x - 0.1 * decayed, (1 - 0.1 * 0.5) * x - 0.1 * free, rtol=1e-15)


def test_a_step_too_long_ends_as_not_converged_and_finite_until_then():
    path = optim.gradient_descent(optim.quadratic(np.diag([1.0, 10.0])), [1, 1], 0.21, max_steps=100_000)
    assert not path.converged
    assert np.isfinite(path.points[:-2]).all()


# Stochastic descent


def test_a_batch_of_everything_is_gradient_descent():
    f, rng = optim.least_squares(*samples()), np.random.default_rng(0)
    path = optim.stochastic_gradient_descent(f, np.zeros(5), 0.1, rng, batch_size=40, n_epochs=6)
    full = optim.gradient_descent(f, np.zeros(5), 0.1, max_steps=6)
    np.testing.assert_allclose(path.points, full.points, rtol=1e-12)


def test_an_epoch_sees_every_sample_once():
    seen = []
    f = Objective(lambda x: 0.0, lambda x, rows=None: seen.append(rows) or np.ones_like(x), n_samples=10)
    optim.stochastic_gradient_descent(f, [0.0], 0.1, np.random.default_rng(0), batch_size=4, n_epochs=2)
    rows = [r for r in seen if r is not None]
    assert [len(r) for r in rows] == [4, 4, 2, 4, 4, 2]
    assert sorted(np.concatenate(rows[:3])) == sorted(np.concatenate(rows[3:])) == list(range(10))


def test_noise_of_a_constant_step_has_the_variance_that_theory_says():
    # f = a x^2 / 2 with gradient noise of variance s^2: stationary variance eta s^2 / (2 a - eta a^2).
    a, s, eta = 2.0, 1.5, 0.2
    noise = iter(np.random.default_rng(0).normal(scale=s, size=200_000))
    f = Objective(
        lambda x: 0.0, lambda x, rows=None: a * x + next(noise) if rows is not None else x, n_samples=1
    )
    rng = np.random.default_rng(1)
    path = optim.stochastic_gradient_descent(f, [0.0], eta, rng, n_epochs=60_000)
    assert np.var(path.points[1000:], ddof=0) == pytest.approx(eta * s**2 / (2 * a - eta * a**2), rel=0.03)


def test_stochastic_descent_stops_when_the_full_gradient_is_short():
    X = random(20, 3)
    f = optim.least_squares(X, X @ np.ones(3))
    rng = np.random.default_rng(0)
    path = optim.stochastic_gradient_descent(f, np.zeros(3), 0.1, rng, n_epochs=500, tolerance=1e-6)
    assert path.converged
    assert path.gradient_norms[-1] <= 1e-6 < path.gradient_norms[-2]


# Schedules and clipping


def test_cosine_with_warm_up_worked_by_hand():
    rate = optim.cosine(2.0, 12, warm_up=4)
    np.testing.assert_allclose([rate(t) for t in (1, 4, 8, 12, 99)], [0.5, 2, 1, 0, 0], atol=1e-15)


def test_schedules_start_at_their_first_rate():
    assert optim.step_decay(0.3, 0.1, 5)(1) == optim.step_decay(0.3, 0.1, 5)(5) == 0.3
    assert optim.step_decay(0.3, 0.1, 5)(6) == pytest.approx(0.03)
    assert optim.inverse_time(0.3, 4)(1) == 0.3
    assert optim.inverse_time(0.3, 4)(5) == pytest.approx(0.15)


@given(vectors, st.floats(0.1, 20))
def test_clipping_keeps_the_direction_and_bounds_the_length(g, limit):
    clipped = optim.clip_norm(g, limit)
    assert np.linalg.norm(clipped) <= limit * (1 + 1e-12)
    np.testing.assert_allclose(clipped * np.linalg.norm(g), g * np.linalg.norm(clipped), atol=1e-10)
    if np.linalg.norm(g) <= limit:
        np.testing.assert_array_equal(clipped, g)


@pytest.mark.parametrize(("given", "wanted"), [("f4", "f4"), ("f8", "f8"), ("i8", "f8")])
@pytest.mark.parametrize("limit", [1.0, 10.0])
def test_clipping_keeps_the_precision_of_floats(given, wanted, limit):
    assert optim.clip_norm(np.array([3, 4], given), limit).dtype == wanted


# Conjugate gradients


def test_conjugate_gradients_need_as_many_steps_as_there_are_eigenvalues():
    Q = np.linalg.qr(random(9, 9))[0]
    H = Q @ np.diag([1, 1, 1, 5, 5, 5, 20, 20, 20]) @ Q.T
    path = optim.conjugate_gradients(H, np.ones(9), tolerance=1e-10)
    assert path.converged
    assert path.n_steps == 3
    np.testing.assert_allclose(H @ path.x, np.ones(9), atol=1e-9)


def test_conjugate_gradients_beat_every_point_of_the_krylov_space():
    H, b = np.diag([1.0, 3.0, 7.0, 20.0]), np.ones(4)
    path = optim.conjugate_gradients(H, b)
    basis = np.column_stack([b, H @ b])
    best = np.linalg.solve(basis.T @ H @ basis, basis.T @ b)
    np.testing.assert_allclose(path.points[2], basis @ best, rtol=1e-10)


# Line search and second order


@given(vectors.filter(lambda x: np.linalg.norm(x) > 0.1))
def test_backtracking_obeys_armijo_and_the_step_before_did_not(x):
    f = optim.quadratic(np.diag([1.0, 4.0, 9.0, 40.0]))
    g = f.gradient(x)
    length, value = optim.backtracking(f, x, -g)
    wanted = lambda t: f.value(x) - 0.1 * t * (g @ g)  # noqa: E731 - a formula, used twice
    assert value == f.value(x - length * g) <= wanted(length) + 1e-12
    assert length == 1 or f.value(x - 2 * length * g) > wanted(2 * length)


def test_newton_solves_a_quadratic_in_one_step():
    given = CONVEX["tilted bowl"]
    for damped in (True, False):
        path = optim.newton(objective(given), given.start, damped=damped)
        np.testing.assert_allclose(path.points[1], given.minimiser, atol=1e-12)


def test_pure_newton_walks_to_a_saddle_and_the_damped_method_away_from_it():
    f = Objective(
        lambda x: float(0.5 * x[0] ** 2 - 0.5 * x[1] ** 2 + 0.25 * x[1] ** 4),
        lambda x: np.array([x[0], -x[1] + x[1] ** 3]),
        lambda x: np.diag([1.0, -1 + 3 * x[1] ** 2]),
    )
    np.testing.assert_allclose(optim.newton(f, [1, 0.3], damped=False).x, [0, 0], atol=1e-8)
    np.testing.assert_allclose(optim.newton(f, [1, 0.3]).x, [0, 1], atol=1e-8)


def test_pure_newton_doubles_the_correct_digits():
    f = Objective(lambda x: float(np.exp(x[0]) - x[0]), lambda x: np.exp(x) - 1, lambda x: np.diag(np.exp(x)))
    errors = np.abs(optim.newton(f, [0.5], damped=False).points[:4, 0])
    np.testing.assert_allclose(errors[1:] / errors[:-1] ** 2, 0.5, rtol=0.2)  # f''' / (2 f'') = 1/2


@given(arrays(float, (4, 4), elements=small), vectors, vectors)
def test_secant_update_stays_positive_definite_and_satisfies_the_secant_equation(A, s, y):
    H = A @ A.T + np.eye(4)
    if s @ y < 0.1:
        with pytest.raises(ValueError, match="s @ y must be above 0"):
            optim.secant_update(H, s, -y if s @ y > 0 else y if s @ y < 0 else 0 * y)
        return
    new = optim.secant_update(H, s, y)
    np.testing.assert_allclose(new @ y, s, atol=1e-8 * np.abs(new).max())
    np.testing.assert_allclose(new, new.T, atol=1e-12 * np.abs(new).max())
    rho = 1 / (s @ y)
    left = np.eye(4) - rho * np.outer(s, y)
    np.testing.assert_allclose(new, left @ H @ left.T + rho * np.outer(s, s), atol=1e-10 * np.abs(new).max())
    assert np.linalg.eigvalsh(new)[0] > -1e-12 * np.abs(new).max()


def test_two_loops_multiply_by_the_matrix_of_the_updates():
    pairs = [(s, s + 0.3 * t) for s, t in zip(random(3, 5), random(3, 5, seed=1), strict=True)]
    H = 0.7 * np.eye(5)
    for s, y in pairs:
        H = optim.secant_update(H, s, y)
    g = random(5, seed=2)
    np.testing.assert_allclose(_two_loops(g, pairs, 0.7), H @ g, rtol=1e-10)


def test_quasi_newton_methods_agree_with_scipy_on_rosenbrock():
    peer = scipy.optimize.minimize(scipy.optimize.rosen, [-1.2, 1.0], jac=scipy.optimize.rosen_der)
    for method in (optim.bfgs, optim.lbfgs):
        path = method(optim.rosenbrock(), [-1.2, 1.0])
        np.testing.assert_allclose(path.x, peer.x, atol=1e-6)
        assert path.n_values < 2 * peer.nfev


def test_levenberg_marquardt_agrees_with_scipy():
    t = np.linspace(0, 4, 30)
    y = 2.5 * np.exp(-1.3 * t) + 0.4 + 0.02 * random(30)

    def residual(x):
        return x[0] * np.exp(-x[1] * t) + x[2] - y

    def jacobian(x):
        e = np.exp(-x[1] * t)
        return np.column_stack([e, -x[0] * t * e, np.ones_like(t)])

    path = optim.levenberg_marquardt(residual, jacobian, [1.0, 0.2, 0.0])
    peer = scipy.optimize.least_squares(residual, [1.0, 0.2, 0.0], jacobian, xtol=1e-14, gtol=1e-14)
    np.testing.assert_allclose(path.x, peer.x, rtol=1e-6)
    assert path.converged
    assert np.all(np.diff(path.values) <= 1e-15)


# Penalties


@given(vectors, st.floats(0, 3))
def test_soft_threshold_minimises_its_definition(v, t):
    x = optim.soft_threshold(v, t)
    grid = np.linspace(-6, 6, 241)
    cost = lambda z: 0.5 * (z - v) ** 2 + t * np.abs(z)  # noqa: E731 - a formula, used twice
    assert np.all(cost(x) <= cost(grid[:, None]) + 1e-12)


@given(vectors)
def test_simplex_projection_satisfies_its_kkt_conditions(v):
    x = optim.project_simplex(v)
    assert x.min() >= 0
    assert x.sum() == pytest.approx(1, abs=1e-12)
    theta = (v - x)[x > 0]
    np.testing.assert_allclose(theta, theta[0], atol=1e-12)
    assert np.all(v[x == 0] <= theta[0] + 1e-12)
    np.testing.assert_allclose(optim.project_simplex(x), x, atol=1e-12)


def test_lasso_on_orthogonal_columns_is_soft_thresholding_worked_by_hand():
    path = optim.lasso(np.eye(3) * np.sqrt(3), [6.0, -3.0, 0.5], weight=1.0)
    np.testing.assert_allclose(
        path.x, (np.array([6, -3, 0.5]) / np.sqrt(3) - [1, -1, 0]) * [1, 1, 0], atol=1e-12
    )


@pytest.mark.parametrize("weight", [0.05, 0.5, 3.0])
def test_three_ways_to_the_lasso_agree_with_scikit_learn(weight):
    X, y = samples()
    peer = Lasso(alpha=weight, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y).coef_
    f, rate = optim.least_squares(X, y), len(y) / np.linalg.norm(X, 2) ** 2
    np.testing.assert_allclose(optim.lasso(X, y, weight, tolerance=1e-14).x, peer, atol=1e-6)
    for accelerate in (False, True):
        path = optim.proximal_gradient(f, optim.l1(weight), np.zeros(5), rate, accelerate)
        assert path.converged
        np.testing.assert_allclose(path.x, peer, atol=1e-6)


def test_lasso_gap_bounds_the_distance_to_the_least_value():
    X, y = samples()
    path, best = optim.lasso(X, y, 0.5, tolerance=1e-15), optim.lasso(X, y, 0.5, tolerance=1e-15).values[-1]
    assert np.all(path.values - best <= path.gradient_norms + 1e-12)
    assert np.all(np.diff(path.values) <= 1e-14)


def test_all_lasso_coefficients_are_zero_from_the_largest_correlation_on():
    X, y = samples()
    least = np.abs(X.T @ y).max() / len(y)
    W = optim.lasso_path(X, y, [least, 0.99 * least])
    assert np.count_nonzero(W[0]) == 0 < np.count_nonzero(W[1])


def test_projected_gradient_stays_on_the_simplex_and_agrees_with_the_program():
    f = optim.quadratic([[4, 1, 0], [1, 2, 0], [0, 0, 1]], [1, 2, 0.3])
    path = optim.proximal_gradient(f, optim.simplex(), [1, 0, 0], 0.2)
    program = optim.quadratic_program(
        f.hessian(0), [-1, -2, -0.3], -np.eye(3), np.zeros(3), np.ones((1, 3)), [1.0]
    )
    assert np.all(path.points >= 0)
    np.testing.assert_allclose(path.points.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(path.x, program.x, atol=1e-7)


@pytest.mark.parametrize("accelerate", [False, True])
def test_values_stay_below_the_proved_bounds(accelerate):
    f = optim.quadratic(np.diag(np.geomspace(1e-4, 1, 30)), np.zeros(30))
    path = optim.proximal_gradient(f, optim.no_penalty(), np.ones(30), 1.0, accelerate, max_steps=300)
    k = np.arange(1, path.n_steps + 1)
    bound = 2 * 30 / (k + 1) ** 2 if accelerate else 30 / (2 * k)
    assert np.all(path.values[1:] <= bound)


# Constraints


def test_program_with_one_active_wall_worked_by_hand():
    # Nearest point to (2, 0) with x1 <= 1: the wall pushes back with force 1.
    x, multipliers, _, path = optim.quadratic_program(np.eye(2), [-2, 0], [[1, 0], [0, 1]], [1, 5])
    np.testing.assert_allclose(x, [1, 0], atol=1e-8)
    np.testing.assert_allclose(multipliers, [1, 0], atol=1e-7)
    assert path.converged


@pytest.mark.parametrize("seed", range(6))
def test_program_satisfies_kkt_and_agrees_with_scipy(seed):
    rng = np.random.default_rng(seed)
    B, c, G, h = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=(7, 4)), rng.uniform(0.5, 2, 7)
    A, b, Q = rng.normal(size=(1, 4)), np.zeros(1), B @ B.T
    x, z, v, path = optim.quadratic_program(Q, c, G, h, A, b)
    assert path.converged
    np.testing.assert_allclose(Q @ x + c + G.T @ z + A.T @ v, 0, atol=1e-7)
    np.testing.assert_allclose(z * (h - G @ x), 0, atol=1e-7)
    assert np.all(z >= 0)
    assert np.all(G @ x <= h + 1e-7)
    walls = [
        {"type": "ineq", "fun": lambda x: h - G @ x},
        {"type": "eq", "fun": lambda x: A @ x - b},
    ]
    peer = scipy.optimize.minimize(
        lambda x: 0.5 * x @ Q @ x + c @ x, np.zeros(4), constraints=walls, options={"ftol": 1e-14}
    )
    assert 0.5 * x @ Q @ x + c @ x == pytest.approx(peer.fun, abs=1e-6)


def test_program_needs_few_steps_when_costs_are_a_thousand_times_larger():
    rng = np.random.default_rng(4)
    B, c, G, h = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=(7, 4)), rng.uniform(0.5, 2, 7)
    path = optim.quadratic_program(B @ B.T, 1e3 * c, G, h, rng.normal(size=(1, 4)), [0.0]).path
    assert path.converged
    assert path.n_steps <= 18


def test_multiplier_is_the_price_of_moving_the_wall():
    def least(height):
        x = optim.quadratic_program(np.diag([1.0, 3.0]), [-2, 0], [[1, 1]], [height]).x
        return 0.5 * x @ np.diag([1.0, 3.0]) @ x - 2 * x[0]

    price = optim.quadratic_program(np.diag([1.0, 3.0]), [-2, 0], [[1, 1]], [1.0]).multipliers[0]
    assert (least(1 - 1e-3) - least(1 + 1e-3)) / 2e-3 == pytest.approx(price, abs=1e-5)


def test_program_without_a_feasible_point_says_that_it_did_not_converge():
    path = optim.quadratic_program(np.eye(1), [0.0], [[1.0], [-1.0]], [-1.0, -1.0]).path
    assert not path.converged


SEPARABLE = np.random.default_rng(5).normal(size=(40, 2)) + 2.5 * np.where(np.arange(40) % 2, 1, -1)[:, None]


@pytest.mark.parametrize(
    ("unit", "offset", "C"), [(1e3, 0.0, 1.0), (1.0, 288.0, 1.0), (1.0, 1.7e9, 1.0), (1.0, 0.0, 1e4)]
)
def test_svm_finds_the_widest_margin_in_any_unit_and_at_any_place(unit, offset, C):
    y = np.where(np.arange(40) % 2, 1, -1)
    usual = optim.linear_svm(SEPARABLE, y, C=100.0)  # no sample is inside: so a larger C changes nothing
    assert usual.path.converged
    assert usual.alpha.max() < 1
    svm = optim.linear_svm(unit * (SEPARABLE + offset), y, C)
    assert svm.path.converged
    np.testing.assert_allclose(svm.w * unit, usual.w, rtol=1e-5)
    margins = y * (unit * (SEPARABLE + offset) @ svm.w + svm.b)
    assert margins.min() == pytest.approx(1, abs=1e-5)


def test_svm_says_if_the_gap_is_open():
    svm = optim.linear_svm([[0.0], [1e3]], [-1, 1], C=1e12)
    primal = svm.w @ svm.w / 2
    assert svm.path.converged == (svm.gap <= 1e-6 * primal)


@pytest.mark.parametrize("C", [0.1, 1.0, 10.0])
def test_svm_agrees_with_scikit_learn_and_closes_the_gap(C):
    X, y = labels()
    svm = optim.linear_svm(X, 2 * y - 1, C)
    peer = SVC(C=C, kernel="linear", tol=1e-9).fit(X, y)
    np.testing.assert_allclose(svm.w, peer.coef_[0], atol=1e-5)
    assert svm.b == pytest.approx(peer.intercept_[0], abs=1e-5)
    assert 0 <= svm.gap + 1e-6 <= 2e-6
    assert np.all((svm.alpha >= 0) & (svm.alpha <= C))


# Errors

f = optim.quadratic(np.eye(2))
MISTAKES = {
    "start must be a vector": lambda: optim.gradient_descent(f, [[1.0]], 0.1),
    "learning_rate must be a finite number above 0": lambda: optim.gradient_descent(f, [1, 1], -0.1),
    "beta must be at least 0 and below 1": lambda: optim.momentum(1.0),
    r"gradient must return shape \(2,\)": lambda: optim.newton(f._replace(gradient=lambda x: 1.0), [1, 1]),
    r"hessian must return shape \(2, 2\)": lambda: optim.newton(f._replace(hessian=lambda x: x), [1, 1]),
    "objective.hessian is missing": lambda: optim.newton(f._replace(hessian=None), [1, 1]),
    "the Hessian is singular": lambda: optim.newton(optim.quadratic([[0.0]], [1.0]), [1], damped=False),
    "objective.n_samples is missing": lambda: optim.stochastic_gradient_descent(
        f, [1, 1], 0.1, np.random.default_rng(0)
    ),
    "direction must point downhill": lambda: optim.backtracking(f, [1, 1], [1, 1]),
    "objective does not fall from 1 with any step .*: check its gradient": lambda: optim.steepest_descent(
        f._replace(gradient=lambda x: -x), [1, 1]
    ),
    "objective has no step with both conditions of Wolfe": lambda: optim.bfgs(
        Objective(lambda x: float(x[0]), np.ones_like), [0.0]
    ),
    "H must be positive definite": lambda: optim.conjugate_gradients(np.diag([1.0, -1.0]), [0, 1]),
    r"b has length 3 but H \(2, 2\)": lambda: optim.quadratic(np.eye(2), [1, 2, 3]),
    r"y has length 1 but X \(2, 2\)": lambda: optim.least_squares(np.eye(2), [1]),
    "y must hold the labels 0 and 1": lambda: optim.logistic_regression(np.eye(2), [1, 2]),
    "column 1 of X is zero": lambda: optim.lasso([[1, 0], [2, 0]], [1, 2], 0.1),
    "start has length 1": lambda: optim.lasso(np.eye(2), [1, 2], 0.1, [0.0]),
    "weight must be a finite number above 0": lambda: optim.lasso(np.eye(2), [1, 2], 0.0),
    r"G must have shape \(1, 2\)": lambda: optim.quadratic_program(np.eye(2), [0, 0], [[1.0]], [1.0]),
    r"Q must be positive definite along A x = 0": lambda: optim.quadratic_program(
        np.zeros((2, 2)), [0, 0], [[1.0, 0.0]], [1.0]
    ),
    "y must hold -1 and 1, both": lambda: optim.linear_svm(np.eye(2), [1, 1]),
    "jacobian must return shape": lambda: optim.levenberg_marquardt(lambda x: x, lambda x: x, [1, 1]),
    "warm_up must be": lambda: optim.cosine(1.0, 5, warm_up=5),
    "limit must be": lambda: optim.clip_norm([1.0], 0.0),
}


@pytest.mark.parametrize("message", MISTAKES)
def test_mistakes_are_named(message):
    with pytest.raises(ValueError, match=message):
        MISTAKES[message]()


# Every scale


def kkt(Q, c, G, h, A, b, found):
    """Largest violation of each condition of optimality, beside the numbers in it, in rational arithmetic."""

    def exact(M):
        return [[Fraction(v) for v in row] for row in np.atleast_2d(M).tolist()]

    def times(M, x):
        return [sum((m * v for m, v in zip(row, x, strict=True)), Fraction(0)) for row in M]

    x, z, v = (
        [Fraction(t) for t in part.tolist()]
        for part in (found.x, found.multipliers, found.equality_multipliers)
    )
    Q, G, A = exact(Q), exact(G), exact(A)
    c, h, b = ([Fraction(t) for t in np.asarray(part, float).tolist()] for part in (c, h, b))
    slope = [s + t for s, t in zip(times(Q, x), c, strict=True)]
    push = [
        s + t
        for s, t in zip(
            times(list(zip(*G, strict=True)), z), times(list(zip(*A, strict=True)), v), strict=True
        )
    ]
    size = max(map(abs, c))
    room = [t - s for s, t in zip(times(G, x), h, strict=True)]
    return [
        max(abs(s + t) for s, t in zip(slope, push, strict=True)) / size,
        max(abs(s - t) for s, t in zip(times(A, x), b, strict=True)) / max(map(abs, b)),
        max(-min(room), Fraction(0)) / max(map(abs, h)),
        max(-min(z), Fraction(0)) / max(map(abs, z)),
        max(abs(s * t) for s, t in zip(room, z, strict=True)) / (max(map(abs, h)) * max(map(abs, z))),
    ]


@pytest.mark.proves("optim.constrained.quadratic_program")
@pytest.mark.parametrize("e", [0, -33, 33, -300, 300])
@pytest.mark.parametrize("f", [0, -33, 33, -150, 150])
def test_a_program_called_solved_satisfies_its_conditions_exactly_in_every_unit(e, f):
    Q, c = np.ldexp([[2.0, 0.5, 0], [0.5, 1.0, 0], [0, 0, 3]], e), np.ldexp([-9.0, -8.0, 1.0], e + f)
    G, h = np.array([[1.0, 0.5, 0.0], [0.0, 0.0, -1.0]]), np.ldexp([1.5, 0.25], f)
    A, b = np.array([[1.0, -1.0, 1.0]]), np.ldexp([0.25], f)
    found = optim.quadratic_program(Q, c, G, h, A, b)
    assert found.path.converged
    assert max(kkt(Q, c, G, h, A, b, found)) < 1e-7
    plain = optim.quadratic_program(
        np.ldexp(Q, -e), np.ldexp(c, -e - f), G, np.ldexp(h, -f), A, np.ldexp(b, -f)
    )
    np.testing.assert_allclose(np.ldexp(found.x, -f), plain.x, rtol=1e-7)


def test_rows_of_a_program_may_have_units_of_their_own():
    c, G, h = [-9.0, -8.0], np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([1.5, 1.0])
    plain = optim.quadratic_program(np.eye(2), c, G, h)
    rows = np.array([2.0**-80, 2.0**200])
    found = optim.quadratic_program(np.eye(2), c, rows[:, None] * G, rows * h)
    np.testing.assert_allclose(found.x, plain.x, rtol=1e-7)
    np.testing.assert_allclose(found.multipliers * rows, plain.multipliers, rtol=1e-7)


@pytest.mark.parametrize("e", [-300, -40, 40, 200])
def test_a_support_vector_machine_does_not_care_for_the_unit_of_its_samples(e):
    X, c = labels()
    plain, scaled = (optim.linear_svm(np.ldexp(X, u), 2 * c - 1, 4.0 ** (-u)) for u in (0, e))
    np.testing.assert_allclose(np.ldexp(scaled.w, e), plain.w, rtol=1e-6)
    assert scaled.b == pytest.approx(plain.b, rel=1e-6)
    with pytest.raises(ValueError, match="C must count beside the squares of X"):
        optim.linear_svm(np.ldexp(X, 400), 2 * c - 1)


@pytest.mark.parametrize("e", [-600, -300, 300, 600])
@pytest.mark.parametrize("f", [-300, 0, 300])
def test_the_lasso_is_scaled_with_its_data_to_the_bit(e, f):
    X, y = samples()
    plain = optim.lasso(X, y, 0.25)
    if -1000 < e + f < 900:
        scaled = optim.lasso(np.ldexp(X, e), np.ldexp(y, f), np.ldexp(0.25, e + f))
        assert scaled.converged
        np.testing.assert_array_equal(scaled.x, np.ldexp(plain.x, f - e))
    with pytest.raises(ValueError, match="weight must count beside X and y"):
        optim.lasso(np.ldexp(X, 400), y, 0.25)


@pytest.mark.proves("optim.proximal.lasso")
@pytest.mark.parametrize("e", [0, -300, 300])
def test_a_lasso_called_solved_has_the_gap_that_it_says_in_exact_arithmetic(e):
    X, y = samples(n=12, d=3)
    path = optim.lasso(np.ldexp(X, e), y, np.ldexp(0.25, e))
    n, weight, w = len(y), Fraction(1, 4), [Fraction(t) for t in np.ldexp(path.x, e).tolist()]
    rows, targets = [[Fraction(t) for t in row] for row in X.tolist()], [Fraction(t) for t in y.tolist()]
    r = [t - sum(a * v for a, v in zip(row, w, strict=True)) for row, t in zip(rows, targets, strict=True)]
    value = sum(t * t for t in r) / (2 * n) + weight * sum(map(abs, w))
    pull = max(abs(sum(row[j] * t for row, t in zip(rows, r, strict=True))) / n for j in range(3))
    v = [t / n * min(Fraction(1), weight / pull) for t in r]
    dual = sum(s * t for s, t in zip(v, targets, strict=True)) - Fraction(n, 2) * sum(t * t for t in v)
    assert path.converged
    assert 0 <= value - dual <= Fraction(1.001e-10) * sum(t * t for t in targets) / (2 * n)


@pytest.mark.parametrize("e", [-500, -300, 0, 300, 500])
def test_clipping_keeps_the_direction_at_every_scale(e):
    np.testing.assert_allclose(
        optim.clip_norm(np.ldexp([30.0, 40.0], e), 2.0**-600), np.ldexp([0.6, 0.8], -600)
    )
    np.testing.assert_allclose(optim.clip_norm([1.7e308, 1.7e308], 1.0), np.sqrt([0.5, 0.5]))
    assert optim.clip_norm(np.float32([3e20, 4e20]), 5.0).dtype == np.float32


@pytest.mark.parametrize("shift", [0.0, 1e6, -1e17, 1e200])
def test_projections_onto_the_simplex_sum_to_one_however_far_the_point_is(shift):
    p = optim.project_simplex(np.array([0.0, 1.0, 5.0]) * max(1.0, abs(shift)) + shift)
    assert p.sum() == pytest.approx(1, abs=1e-9)
    assert p.min() >= 0


@pytest.mark.parametrize("e", [-300, -30, 30, 300])
def test_damped_least_squares_are_scaled_with_the_residual(e):
    def residual(x):
        return np.ldexp([x[0] ** 2 - 4, x[0] * x[1] - 2], e)

    def jacobian(x):
        return np.ldexp([[2 * x[0], 0.0], [x[1], x[0]]], e)

    path = optim.levenberg_marquardt(residual, jacobian, [3.0, 0.5], tolerance=1e-8 * 4.0**e)
    assert path.converged
    np.testing.assert_allclose(path.x, [2, 1], rtol=1e-7)


def test_trial_points_outside_of_the_domain_are_rejected():
    path = optim.levenberg_marquardt(  # the first step of Gauss and Newton leads to -1.6
        lambda x: np.log(x) + 2, lambda x: (1 / x)[:, None] * np.eye(1), [0.9], damping=1e-12
    )
    assert path.converged
    assert path.x == pytest.approx(np.exp(-2))
    assert np.isfinite(path.points).all()
    barrier = Objective(lambda x: x[0] - np.log(x[0]), lambda x: 1 - 1 / x, lambda x: np.diag(x**-2.0))
    for method in (optim.bfgs, optim.lbfgs, optim.newton, optim.steepest_descent):
        assert method(barrier, [5.0]).x == pytest.approx(1)


def test_what_has_no_minimum_or_no_start_is_refused_by_name():
    X, y = np.array([[1.0, 2.0], [1.0, -1.0], [1.0, 3.0]]), [1, 0, 1]
    for method in (optim.bfgs, optim.newton, optim.steepest_descent):
        with pytest.raises(
            ValueError, match="X separates the labels y, so that the objective has no minimum"
        ):
            method(optim.logistic_regression(X, y), [0.0, 0.0])
        with pytest.raises(ValueError, match="start must be a point where the objective is finite"):
            method(Objective(lambda x: np.inf, lambda x: x, lambda x: np.eye(1)), [1.0])
        with pytest.raises(ValueError, match=r"objective must take a start of shape \(3,\), but fails"):
            method(optim.quadratic(np.eye(2)), [1.0, 1.0, 1.0])
    assert optim.newton(optim.logistic_regression(X, y, 0.1), [0.0, 0.0]).converged
    with pytest.raises(ValueError, match="X must have squares that neither overflow nor vanish"):
        optim.least_squares([[1e200]], [1.0])
    with pytest.raises(ValueError, match="g must have squares below the largest float"):
        optim.adam().direction(np.ones(1), np.array([1e200]), (np.zeros(1), np.zeros(1)), 1)


@pytest.mark.parametrize("e", [-300, 300])
def test_secant_updates_are_scaled_with_the_step_to_the_bit(e):
    H, s, y = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([1.0, 0.5]), np.array([2.0, 0.25])
    scaled = optim.secant_update(np.ldexp(H, e), np.ldexp(s, e), y)
    np.testing.assert_array_equal(scaled, np.ldexp(optim.secant_update(H, s, y), e))
