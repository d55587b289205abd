"""Derivatives, Taylor polynomials, integrals, roots, differential equations: values, laws, peers, errors."""

import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from mmlhelpers import calculus

EPS = np.finfo(float).eps
near = st.floats(-2, 2)


# Derivatives


def test_differences_of_a_parabola_by_hand():
    # (3.5^2 - 3^2) / 0.5 = 6.5 and (3.5^2 - 2.5^2) / 1 = 6
    assert calculus.forward_difference(np.square, 3.0, 0.5) == 6.5
    assert calculus.central_difference(np.square, 3.0, 0.5) == 6.0


@given(near)
def test_each_method_reaches_the_accuracy_it_states(x):
    truth, size = np.cos(x), 1.0
    h1, h2 = 2.0**-26, 2.0**-17
    assert abs(calculus.forward_difference(np.sin, x) - truth) <= h1 / 2 + 2 * EPS * size / h1 + EPS
    assert abs(calculus.central_difference(np.sin, x) - truth) <= h2**2 / 6 + 2 * EPS * size / h2 + EPS
    assert abs(calculus.richardson(np.sin, x) - truth) <= 2**4 * EPS * size * 2**8
    assert abs(calculus.complex_step(np.sin, x) - truth) <= 4 * EPS


def test_the_errors_shrink_with_the_stated_powers_of_the_step():
    h = np.array([0.1, 0.05])
    forward = np.abs(calculus.forward_difference(np.exp, 1.0, h) - math.e)
    central = np.abs(calculus.central_difference(np.exp, 1.0, h) - math.e)
    extrapolated = np.abs([calculus.richardson(np.exp, 1.0, step, levels=2) - math.e for step in h])
    orders = [np.log2(e[0] / e[1]) for e in (forward, central, extrapolated)]
    np.testing.assert_allclose(orders, [1, 2, 4], atol=0.06)


def test_richardson_is_exact_for_polynomials_that_its_levels_reach():
    slope = calculus.richardson(lambda x: x**7, 1.0, h=0.5, levels=4)
    np.testing.assert_allclose(slope, 7, rtol=1e-13)


def test_numerical_jacobian_agrees_with_scipy():
    def f(x):
        return np.array([x[0] * np.sin(x[1]), x[1] ** 2, np.exp(x[0] - x[1])])

    x = np.array([0.3, -0.8])
    np.testing.assert_allclose(
        calculus.numerical_jacobian(f, x), scipy.optimize.approx_fprime(x, f), atol=1e-6
    )
    exact = [[np.sin(-0.8), 0.3 * np.cos(-0.8)], [0, -1.6], [np.exp(1.1), -np.exp(1.1)]]
    np.testing.assert_allclose(calculus.numerical_jacobian(f, x), exact, atol=1e-9)


def test_numerical_jacobian_keeps_every_shape():
    assert calculus.numerical_jacobian(lambda x: x.T @ x, np.ones((2, 3))).shape == (3, 3, 2, 3)
    assert calculus.numerical_jacobian(np.sum, np.ones((2, 3))).shape == (2, 3)
    assert calculus.numerical_jacobian(lambda x: x**2, 3.0).shape == ()


@pytest.mark.parametrize(
    "method", [calculus.forward_difference, calculus.central_difference, calculus.complex_step]
)
def test_a_step_of_zero_and_a_point_at_infinity_are_refused(method):
    with pytest.raises(ValueError, match="h must not be 0"):
        method(np.sin, 1.0, 0.0)
    with pytest.raises(ValueError, match="x must be finite"):
        method(np.sin, np.inf)
    with pytest.raises(ValueError, match="x must be an array with real numbers, got entries of type"):
        method(np.sin, "one")


def test_richardson_wants_a_level():
    with pytest.raises(ValueError, match="levels must be a whole number from 1"):
        calculus.richardson(np.sin, 1.0, levels=0)


# Taylor polynomials


def test_taylor_coefficients_of_known_series():
    k = np.arange(9)
    factorials = np.array([math.factorial(i) for i in k])
    np.testing.assert_allclose(calculus.taylor_coefficients(np.exp, 0.0, 8), 1 / factorials, atol=1e-15)
    log = calculus.taylor_coefficients(np.log1p, 0.0, 8, radius=0.5)
    np.testing.assert_allclose(log[1:], (-1.0) ** (k[1:] + 1) / k[1:], atol=1e-12)
    moved = calculus.taylor_coefficients(np.exp, 1.0, 8)
    np.testing.assert_allclose(moved, math.e / factorials, atol=1e-14)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), near, near)
def test_taylor_of_a_polynomial_is_the_polynomial(coefficients, center, x):
    p = np.polynomial.Polynomial(coefficients)
    expanded = calculus.taylor_coefficients(p, center, len(coefficients) - 1)
    np.testing.assert_allclose(calculus.taylor_polynomial(expanded, center, x), p(x), atol=1e-10)


def test_taylor_refuses_what_makes_no_sense():
    with pytest.raises(ValueError, match="degree must be a whole number from 0"):
        calculus.taylor_coefficients(np.exp, 0.0, -1)
    with pytest.raises(ValueError, match="radius must be positive"):
        calculus.taylor_coefficients(np.exp, 0.0, 3, radius=0.0)


# Integrals


def test_rules_are_exact_for_the_degrees_they_state_and_for_no_more():
    for rule, n, degree in (
        (calculus.trapezoid, 2, 1),
        (calculus.simpson, 2, 3),
        (calculus.gauss_legendre, 3, 5),
    ):
        for power in range(degree + 1):
            np.testing.assert_allclose(
                rule(lambda x, p=power: x**p, 0.0, 2.0, n), 2 ** (power + 1) / (power + 1), rtol=1e-14
            )
        truth = 2 ** (degree + 2) / (degree + 2)
        assert abs(rule(lambda x, p=degree + 1: x**p, 0.0, 2.0, n) - truth) > 1e-3


def test_errors_of_rules_fall_with_the_stated_order():
    truth = math.e - 1
    orders = [
        np.log2(abs(rule(np.exp, 0, 1, 8) - truth) / abs(rule(np.exp, 0, 1, 16) - truth))
        for rule in (calculus.trapezoid, calculus.simpson)
    ]
    np.testing.assert_allclose(orders, [2, 4], atol=0.02)


@pytest.mark.parametrize("n", [1, 2, 5, 20, 64])
def test_legendre_points_agree_with_numpy(n):
    x, weights = calculus._legendre_points(n)
    order = np.argsort(x)
    expected, expected_weights = np.polynomial.legendre.leggauss(n)
    np.testing.assert_allclose(x[order], expected, atol=1e-14)
    np.testing.assert_allclose(weights[order], expected_weights, atol=64 * EPS)


@given(near, near)
def test_integrals_agree_with_scipy_and_turn_their_sign_with_the_interval(a, b):
    def f(x):
        return np.exp(-(x**2)) * np.cos(3 * x)

    truth = scipy.integrate.quad(f, a, b)[0]
    np.testing.assert_allclose(calculus.gauss_legendre(f, a, b, 40), truth, atol=1e-12)
    np.testing.assert_allclose(calculus.simpson(f, b, a, 400), -truth, atol=1e-6)


def test_rules_name_what_is_wrong():
    with pytest.raises(ValueError, match="n must be even, got 3"):
        calculus.simpson(np.exp, 0, 1, 3)
    with pytest.raises(ValueError, match="n must be a whole number from 1"):
        calculus.trapezoid(np.exp, 0, 1, 0)
    with pytest.raises(ValueError, match="b must be finite"):
        calculus.gauss_legendre(np.exp, 0, np.inf, 4)


# Roots


def test_newton_for_the_root_of_two_by_hand():
    root = calculus.newton(lambda x: x**2 - 2, lambda x: 2 * x, 1.0)
    np.testing.assert_allclose(root.history[:4], [1, 3 / 2, 17 / 12, 577 / 408], rtol=1e-15)
    assert root.converged


@given(st.floats(0.1, 100))
def test_newton_and_bisection_agree_with_scipy(c):
    def f(x):
        return x**3 - c

    truth = scipy.optimize.brentq(f, 0, 10, xtol=1e-13)
    np.testing.assert_allclose(calculus.newton(f, lambda x: 3 * x**2, 5.0).x, truth, rtol=1e-11)
    np.testing.assert_allclose(calculus.bisection(f, 0.0, 10.0).x, truth, atol=1e-11)


def test_newton_says_when_it_fails():
    assert not calculus.newton(lambda x: x**2 + 1, lambda x: 2 * x, 0.0).converged  # a level tangent
    assert not calculus.newton(np.cbrt, lambda x: np.cbrt(x) / (3 * x), 1.0, max_steps=20).converged


def test_bisection_halves_the_interval_each_step():
    history = calculus.bisection(lambda x: x - 0.3, 0.0, 1.0, tolerance=1e-3).history
    np.testing.assert_allclose(np.abs(np.diff(history)), 0.5 ** np.arange(2, len(history) + 1), rtol=1e-12)
    assert abs(history[-1] - 0.3) < 1e-3


def test_bisection_ends_where_floats_end_and_accepts_a_root_at_an_end():
    assert calculus.bisection(lambda x: x - 1e6, 0.0, 3e6, tolerance=0.0).x == pytest.approx(1e6, rel=1e-15)
    assert abs(calculus.bisection(lambda x: x, 0.0, 1.0).x) < 1e-12
    assert abs(calculus.bisection(lambda x: x - 1, 0.0, 1.0).x - 1) < 1e-12


def test_bisection_wants_a_change_of_sign():
    with pytest.raises(ValueError, match=r"f must change its sign between a and b, got f\(0.0\) = 1"):
        calculus.bisection(lambda x: x**2 + 1, 0.0, 1.0)


# Differential equations


def test_one_step_of_each_method_by_hand():
    # y' = -y, step 1: 1 - 1;  1 - 1 + 1/2;  1 - 1 + 1/2 - 1/6 + 1/24
    ends = [
        method(lambda t, y: -y, [1.0], [0.0, 1.0])[-1, 0]
        for method in (calculus.euler, calculus.heun, calculus.runge_kutta)
    ]
    np.testing.assert_allclose(ends, [0, 1 / 2, 3 / 8], atol=1e-15)


@pytest.mark.parametrize(
    ("method", "order"), [(calculus.euler, 1), (calculus.heun, 2), (calculus.runge_kutta, 4)]
)
def test_the_error_falls_with_the_stated_order_even_when_the_field_depends_on_time(method, order):
    def error(n):
        y = method(lambda t, y: np.cos(t) * y, [1.0], np.linspace(0, 2, n + 1))
        return abs(y[-1, 0] - np.exp(np.sin(2)))

    assert np.log2(error(40) / error(80)) == pytest.approx(order, abs=0.15)


def test_runge_kutta_agrees_with_scipy_on_a_pendulum():
    def field(t, y):
        return [y[1], -np.sin(y[0])]

    t = np.linspace(0, 5, 501)
    truth = scipy.integrate.solve_ivp(field, (0, 5), [1.0, 0.0], t_eval=t, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(calculus.runge_kutta(field, [1.0, 0.0], t), truth.y.T, atol=1e-8)


def test_differential_equations_want_vectors():
    with pytest.raises(ValueError, match="y must be a vector of shape"):
        calculus.euler(lambda t, y: y, 1.0, [0.0, 1.0])
    with pytest.raises(ValueError, match="t must be a vector of shape"):
        calculus.heun(lambda t, y: y, [1.0], 1.0)


# Every scale, every kind of number


@pytest.mark.parametrize("unit", [1.0, 2.0**-300, 2.0**-560, 2.0**-700, 2.0**700])
def test_bisection_compares_signs_and_not_products(unit):
    found = calculus.bisection(lambda x: unit * (x - 0.3), 0.0, 1.0)
    assert found.x == pytest.approx(0.3, abs=1e-12)
    with pytest.raises(ValueError, match="f must change its sign between a and b"):
        calculus.bisection(lambda x: unit * (x + 1), 0.0, 1.0)
    found = calculus.bisection(lambda x: x / unit - 0.3, 0.0, unit, tolerance=1e-12 * unit)
    assert found.x / unit == pytest.approx(0.3, abs=1e-12)


def test_bisection_refuses_a_tolerance_that_the_interval_meets_at_once_and_values_that_are_no_numbers():
    with pytest.raises(ValueError, match="tolerance must be below the length of the interval, 1e-20"):
        calculus.bisection(lambda x: x - 3e-21, 0.0, 1e-20)
    with pytest.raises(ValueError, match=r"f must be a number between a and b, got NaN at 0\.5"):
        calculus.bisection(lambda x: np.nan if x == 0.5 else x - 0.3, 0.0, 1.0)


@pytest.mark.proves("calculus.bisection")
@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (1e6, 3e6), (-1e308, 1.7e308)])
def test_bisection_ends_where_it_says_in_exact_arithmetic(a, b):
    root, tolerance = Fraction(a) + (Fraction(b) - Fraction(a)) / 3, 1e-9
    found = calculus.bisection(lambda x: 1.0 if Fraction(float(x)) > root else -1.0, a, b, tolerance)
    assert found.converged
    assert abs(Fraction(found.x) - root) <= max(Fraction(tolerance), Fraction(np.spacing(abs(found.x))))


@pytest.mark.proves("calculus.newton")
@pytest.mark.parametrize("unit", [1.0, 2.0**-300, 2.0**-500, 2.0**500])
def test_newton_calls_a_step_small_beside_its_points_only(unit):
    found = calculus.newton(lambda x: x / unit * (x / unit) - 2, lambda x: 2 * x / unit / unit, unit)
    assert found.converged
    assert found.x / unit == pytest.approx(np.sqrt(2), rel=1e-14)
    step = abs(Fraction(found.history[-1]) - Fraction(found.history[-2]))
    assert step <= Fraction(1e-12) * max(map(Fraction, np.abs(found.history[-2:])))


def test_newton_stays_at_the_last_finite_point():
    found = calculus.newton(np.arctan, lambda x: 1 / (1 + x**2), 3.0)
    assert not found.converged
    assert np.isfinite(found.history).all()


def test_values_in_whole_numbers_do_not_wrap():
    def steps(x):
        return np.asarray(3 - np.asarray(x), dtype=np.uint8)

    assert calculus.forward_difference(steps, 0.0, h=1.0) == -1
    np.testing.assert_array_equal(calculus.numerical_jacobian(steps, [1.0], h=1.0), [[-1]])
    assert calculus.trapezoid(lambda x: np.full(len(x), 200, np.uint8), 0, 2, 4) == 400


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calculus.central_difference(np.exp, 1e3), r"f\(x\) must be finite, got inf"),
        (lambda: calculus.complex_step(np.exp, 1e3), r"f\(x \+ ih\) must be finite"),
        (lambda: calculus.simpson(lambda x: 1 / x, 0.0, 1.0, 2), "f between a and b must be finite, got inf"),
        (
            lambda: calculus.taylor_coefficients(lambda z: 1 / (z - 2), 1.0, 2),
            "f around center must be finite",
        ),
        (lambda: calculus.euler(lambda t, y: y**2, [1e200], [0, 1, 2]), "field must keep the state finite"),
        (lambda: calculus.taylor_polynomial([1, 1, 1], 0.0, 1e200), "the polynomial at x must be finite"),
    ],
)
def test_what_leaves_the_finite_numbers_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
