"""Each time a function says `converged`, its criterion holds at the point that it returned, without rounding.

The criteria are computed in fractions or with fifty digits. Where the proof stands with the other tests of a
module, that test carries the mark `proves`.
"""

import importlib
import operator
import re
import typing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from oracles import MP, exact
from test_api import numerical_functions

from mmlhelpers import information, optim
from mmlhelpers import probability as pr

HERE = Path(__file__).parent
SRC = HERE.parent / "src"
EPSILON = Fraction(2) ** -52
LEAST = Fraction(2) ** -1074
UNITS = (0, -30, 30, -300, 300)


def fractions(values):
    return [Fraction(v) for v in np.ravel(values).tolist()]


def length_within(parts, limit):
    """Say whether a vector of fractions is at most so long."""
    return sum(part * part for part in parts) <= limit * limit


# Gradients that are known exactly, each with the sizes of the terms that are summed: their roundings


H, B = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.25], [0.0, 0.25, 4.0]]), np.array([1.0, -1.5, 3.0])


def bowl_terms(x, e=0):
    """Return the terms of each entry of the gradient of a quadratic."""
    rows, unit = [fractions(row) for row in H], Fraction(2) ** e
    x = fractions(x)
    return [
        [unit * h * v for h, v in zip(row, x, strict=True)] + [-unit * b]
        for row, b in zip(rows, fractions(B), strict=True)
    ]


def valley_terms(x):
    """Return the terms of each entry of the gradient of Rosenbrock's function."""
    a, b = fractions(x)
    return [[-400 * a * b, 400 * a**3, Fraction(-2), 2 * a], [200 * b, -200 * a * a]]


def assert_level(terms, tolerance, slack=EPSILON * 8):
    """Hold the exact gradient against the tolerance, with room for what rounding does to its terms."""
    room = sum(slack * sum(map(abs, row)) + LEAST for row in terms)
    assert length_within([sum(row) for row in terms], Fraction(tolerance) * (1 + 8 * EPSILON) + room)


def bowl(e=0):
    return optim.quadratic(np.ldexp(H, e), np.ldexp(B, e))


DESCENTS = {
    optim.gradient_descent: 1e-12,
    optim.steepest_descent: 1e-6,  # which compares values, and so cannot see shorter gradients
    optim.newton: 1e-12,
    optim.bfgs: 1e-12,
    optim.lbfgs: 1e-12,
}


@pytest.mark.proves(
    "optim.descent.gradient_descent",
    "optim.descent.steepest_descent",
    "optim.second_order.newton",
    "optim.second_order.bfgs",
    "optim.second_order.lbfgs",
)
@pytest.mark.parametrize("method", DESCENTS, ids=lambda method: method.__name__)
def test_descent_has_converged_where_the_exact_gradient_is_short(method):
    finest, searches = DESCENTS[method], method not in (optim.gradient_descent, optim.newton)
    for e in UNITS[:3] if searches else UNITS:
        rate = {"learning_rate": 0.25 * 2.0**-e} if method is optim.gradient_descent else {}
        for tolerance in np.ldexp([1e-3, finest], e):
            path = method(bowl(e), np.ones(3), tolerance=tolerance, **rate)
            assert path.converged
            assert_level(bowl_terms(path.x, e), tolerance)
    if method is not optim.gradient_descent:
        valley = method(optim.rosenbrock(), [-1.2, 1.0], tolerance=1e-3)
        assert valley.converged
        assert_level(valley_terms(valley.x), 1e-3)


@pytest.mark.proves("optim.descent.stochastic_gradient_descent")
@pytest.mark.parametrize("e", UNITS)
def test_stochastic_descent_has_converged_where_the_gradient_over_all_samples_is_short(e):
    X, y = np.array([[1.0, 0.5], [2.0, -1.0], [0.5, 3.0]]), np.ldexp([2.0, 1.0, 6.5], e)
    w = [Fraction(1), Fraction(2)]
    y[:] = np.ldexp([2.0, 0.0, 6.5], e)  # which the weights 1 and 2 meet, so that the spread dies out
    path = optim.stochastic_gradient_descent(
        optim.least_squares(X, y), [0, 0], 0.1, np.random.default_rng(0), n_epochs=99, tolerance=2.0**e * 1e-9
    )
    assert path.converged
    rows = [fractions(row) for row in X]
    off = [a - b * Fraction(2) ** e for a, b in zip(fractions(path.x), w, strict=True)]
    rest = [sum(a * b for a, b in zip(row, off, strict=True)) for row in rows]
    terms = [[row[j] * r / 3 for row, r in zip(rows, rest, strict=True)] for j in range(2)]
    assert_level(terms, 2.0**e * 1e-9, slack=EPSILON * 2**33)  # the terms cancel down to their last digits


@pytest.mark.proves("optim.second_order.levenberg_marquardt")
@pytest.mark.parametrize("e", [0, -30, 30, -300, 300])
def test_damped_least_squares_have_converged_where_the_exact_slope_is_short(e):
    """The residuals x^2 - 4, x y - 2 and y - 2 do not vanish together."""
    unit = Fraction(2) ** e

    def residual(x):
        return np.ldexp([x[0] ** 2 - 4, x[0] * x[1] - 2, x[1] - 2], e)

    def jacobian(x):
        return np.ldexp([[2 * x[0], 0.0], [x[1], x[0]], [0.0, 1.0]], e)

    for tolerance in (1e-3, 1e-8):
        found = optim.levenberg_marquardt(residual, jacobian, [3.0, 0.5], tolerance=tolerance * 4.0**e)
        x, y = fractions(found.x)
        terms = [[2 * x**3, -8 * x, x * y * y, -2 * y], [x * x * y, -2 * x, y, Fraction(-2)]]
        assert found.converged
        assert_level([[unit * unit * t for t in row] for row in terms], Fraction(tolerance) * unit**2)


def test_a_slope_that_vanishes_in_its_units_is_no_stationary_point():
    tiny = 2.0**-600
    found = optim.levenberg_marquardt(
        lambda x: tiny * (x - 3), lambda x: tiny * np.eye(1), [1.0], tolerance=0.0
    )
    assert found.converged == (found.x == 3)


@pytest.mark.proves("optim.descent.conjugate_gradients")
@pytest.mark.parametrize("tolerance", [1e-3, 1e-8, 1e-15, 0.0])
@pytest.mark.parametrize("e", [*UNITS, 60])
def test_conjugate_gradients_have_converged_where_the_exact_gradient_is_short(tolerance, e):
    b = np.ldexp(B, e)
    path = optim.conjugate_gradients(H, b, tolerance=tolerance)
    terms = [
        [h * v for h, v in zip(fractions(row), fractions(path.x), strict=True)] + [-t]
        for row, t in zip(H, fractions(b), strict=True)
    ]
    assert path.converged
    assert length_within(
        [sum(row) for row in terms],
        Fraction(tolerance) * (1 + 8 * EPSILON) + 80 * EPSILON * sum(map(abs, fractions(b))),
    )


def gradient_map(x, rate, weight, e=0):
    """Return the exact step from `x` over the rate: the slope, thresholded."""
    found = []
    for v, row in zip(fractions(x), bowl_terms(x, e), strict=True):
        ahead, t = v - rate * sum(row), rate * weight
        found.append((v - max(abs(ahead) - t, Fraction(0)) * (1 if ahead > 0 else -1)) / rate)
    return found


@pytest.mark.proves("optim.proximal.proximal_gradient", "optim.proximal.nesterov")
@pytest.mark.parametrize("tolerance", [1e-3, 1e-8, 1e-13])
def test_proximal_steps_have_converged_where_the_exact_step_is_short(tolerance):
    for e in UNITS:
        rate, weight = 0.2 * 2.0**-e, 0.25 * 2.0**e
        level = float(np.ldexp(tolerance, e))
        for path, w in (
            (optim.proximal_gradient(bowl(e), optim.l1(weight), np.ones(3), rate, tolerance=level), weight),
            (optim.proximal_gradient(bowl(e), optim.l1(weight), np.ones(3), rate, True, level), weight),
            (optim.nesterov(bowl(e), np.ones(3), rate, tolerance=level), 0),
        ):
            assert path.converged
            # Ahead of the last point by less than it, the step is as short there.
            room = 1 + Fraction(2)
            assert length_within(gradient_map(path.x, Fraction(rate), Fraction(w), e), Fraction(level) * room)


@pytest.mark.parametrize("rate", [1e-17, 1e-30, 1e-300])
def test_steps_that_vanish_beside_their_point_are_no_convergence(rate):
    for path in (
        optim.proximal_gradient(bowl(), optim.l1(0.25), np.ones(3), rate, max_steps=3),
        optim.nesterov(bowl(), np.ones(3), rate, max_steps=3),
    ):
        assert not path.converged


@pytest.mark.parametrize("tolerance", [1e-12, 1e-14, 1e-16, 0.0])
def test_a_gap_that_rounding_may_hide_is_not_called_closed(tolerance):
    X = np.random.default_rng(3).normal(size=(12, 4))
    y = X @ [1.0, -2.0, 0.0, 3.0] + 0.1
    found = optim.lasso(X, y, 0.25, tolerance=tolerance, max_steps=300)
    n, w, rows, targets = len(y), fractions(found.x), [fractions(row) for row in X], fractions(y)
    r = [t - sum(a * v for a, v in zip(row, w, strict=True)) for row, t in zip(rows, targets, strict=True)]
    pull = max(abs(sum(row[j] * t for row, t in zip(rows, r, strict=True))) / n for j in range(4))
    v = [t / n * min(Fraction(1), Fraction(1, 4) / pull) for t in r]
    value = sum(t * t for t in r) / (2 * n) + sum(map(abs, w)) / 4
    gap = value - sum(s * t for s, t in zip(v, targets, strict=True)) + n * sum(t * t for t in v) / 2
    assert found.converged == (tolerance > 4e-15)
    assert not found.converged or gap <= Fraction(tolerance) * sum(t * t for t in targets) / (2 * n)


@pytest.mark.proves("optim.constrained.linear_svm")
@pytest.mark.parametrize("e", [0, -40, 40])
def test_a_support_vector_machine_has_converged_where_its_exact_gap_is_small(e):
    X = np.array([[0.0, 1.0], [1.5, 0.25], [2.0, 3.0], [3.0, 0.5], [1.0, 1.0]])
    y, C = np.array([-1, 1, -1, 1, 1]), 1.5
    found = optim.linear_svm(np.ldexp(X, e), y, C * 4.0**-e)
    w = [v * Fraction(2) ** e for v in fractions(found.w)]
    alpha = [a * Fraction(4) ** e for a in fractions(found.alpha)]
    rows, b = [fractions(row) for row in X], Fraction(found.b)
    margins = [
        int(t) * (sum(a * v for a, v in zip(row, w, strict=True)) + b) for row, t in zip(rows, y, strict=True)
    ]
    primal = sum(v * v for v in w) / 2 + Fraction(C) * sum(max(Fraction(0), 1 - m) for m in margins)
    own = [sum(a * int(t) * row[j] for a, t, row in zip(alpha, y, rows, strict=True)) for j in range(2)]
    dual = sum(alpha) - sum(v * v for v in own) / 2
    assert found.path.converged
    assert all(0 <= a <= Fraction(C) for a in alpha)
    assert abs(sum(a * int(t) for a, t in zip(alpha, y, strict=True))) <= Fraction(4e-9)
    assert abs(primal - dual) <= 8 * len(y) * Fraction(2.5e-9)


# Probability and information


CHANNELS = {
    "flips": ([[0.875, 0.125], [0.125, 0.875]], lambda log2: 1 + log2(0.125) / 8 + log2(0.875) * 7 / 8),
    "losses": ([[0.75, 0.25, 0.0], [0.0, 0.25, 0.75]], lambda log2: MP.mpf(3) / 4),
    "zeros": ([[1.0, 0.0], [0.5, 0.5]], lambda log2: log2(MP.mpf(5) / 4)),
    "names": (np.eye(4), lambda log2: MP.mpf(2)),
}


@pytest.mark.proves("information.channels.channel_capacity")
@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("tolerance", [1e-3, 1e-9, 1e-13])
def test_a_capacity_has_converged_where_the_true_one_is_so_near(name, tolerance):
    W, capacity = CHANNELS[name]
    found = information.channel_capacity(W, tolerance)
    true = capacity(lambda x: MP.log(x, 2))
    assert found.converged
    assert -1e-14 <= true - MP.mpf(found.bits) <= tolerance
    p, W = exact(found.p), [exact(row) for row in W]
    out = [MP.fsum(q * row[j] for q, row in zip(p, W, strict=True)) for j in range(len(W[0]))]
    reached = MP.fsum(
        q * t * MP.log(t / o, 2)
        for q, row in zip(p, W, strict=True)
        for t, o in zip(row, out, strict=True)
        if q * t
    )
    assert reached >= MP.mpf(found.bits) - 1e-14


def mean_log_likelihood(X, mixture):
    """Compute it for one column, with fifty digits."""
    parts = [exact(part) for part in (mixture.weights, mixture.means, mixture.covariances)]
    total = MP.mpf(0)
    for x in exact(X):
        density = MP.fsum(
            w * MP.exp(-((x - m) ** 2) / (2 * v)) / MP.sqrt(2 * MP.pi * v)
            for w, m, v in zip(*parts, strict=True)
        )
        total += MP.log(density)
    return total / len(X)


@pytest.mark.proves("probability.estimation.fit_mixture")
@pytest.mark.parametrize("tolerance", [1e-3, 1e-9, 1e-13, 0.0])
@pytest.mark.parametrize("floor", [1e-6, 0.5])
def test_a_mixture_has_converged_where_the_last_step_changed_the_likelihood_by_less(tolerance, floor):
    X = np.r_[-1.25, -1.0, -0.5, 1.0, 1.5, 1.75, 2.0][:, None]
    found = pr.fit_mixture(X, [[-1.0], [1.0]], tolerance=tolerance, floor=floor, max_steps=400)
    assert found.converged == (tolerance > 0)
    if found.converged:
        steps = len(found.history) - 2
        before = pr.fit_mixture(X, [[-1.0], [1.0]], tolerance=0.0, floor=floor, max_steps=max(steps, 1))
        change = mean_log_likelihood(X, found) - mean_log_likelihood(X, before)
        assert steps > 0
        assert abs(change) < tolerance


# The count


def says_converged(kind, seen=()):
    """Tell whether a result of this type has a field `converged`, itself or in one of its parts."""
    if kind in seen:
        return False
    fields = getattr(kind, "_fields", ())
    inner = typing.get_type_hints(kind).values() if fields else typing.get_args(kind)
    return "converged" in fields or any(says_converged(part, (*seen, kind)) for part in inner)


def function_at(path):
    """Find a public function, or a method of a class, by its path in the package."""
    names, depth = path.split("."), 1
    while (SRC / "mmlhelpers").joinpath(*names[: depth + 1]).with_suffix(".py").exists():
        depth += 1
    return operator.attrgetter(".".join(names[depth:]))(
        importlib.import_module(".".join(["mmlhelpers", *names[:depth]]))
    )


def proved():
    """Read the paths in the marks `proves` of all tests."""
    found = set()
    for path in HERE.glob("test_*.py"):
        for mark in re.findall(
            r"@pytest\.mark\.proves\((.*?)\)", path.read_text(encoding="utf-8"), re.DOTALL
        ):
            found |= set(re.findall(r'"(.*?)"', mark))
    return found


def test_every_function_that_says_converged_has_a_proof():
    saying = {
        path
        for path in numerical_functions(SRC)
        if says_converged(typing.get_type_hints(function_at(path)).get("return"))
    }
    assert len(saying) >= 29
    assert saying == proved(), f"without a proof: {sorted(saying - proved())}"
