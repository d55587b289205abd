"""Gradient methods, second-order methods, penalties and constraints."""

import numpy as np
import truths

from mmlhelpers import optim
from promises import ALLOWED, ROWS, SAME, Rng, definite, exempt, numbers, positive, promise, symmetric, whole

H = np.array([[2.0, 0.5], [0.5, 1.0]])
B = np.array([1.0, -1.5])
BOWL = optim.quadratic(H, B)
AXES = "coordinates belong to the objective"
NUMBERS = {"layout": "only numbers go in"}


def end(method, **fixed):
    """Keep the end of a path, and whether it converged."""

    def call(**arguments):
        path = method(**(arguments | fixed))
        return {"x": path.x, "converged": path.converged}

    return call


# Objectives, each at a point of its own


def at_a_point(make):
    """Ask value, gradient and Hessian of an objective, at a point of as many numbers as it has columns."""

    def call(**arguments):
        f, n = make(**arguments), np.shape(arguments.get("X", arguments.get("H")))[1]
        point = np.array([1.0, -2.0, 0.5])[:n]
        return {"value": f.value(point), "gradient": f.gradient(point), "hessian": f.hessian(point)}

    return call


exempt(optim.rosenbrock, "takes nothing; the tests know its values")
promise(
    optim.quadratic,
    {"H": symmetric(3), "b": numbers(3)},
    call=at_a_point(optim.quadratic),
    takes={"H": "near the largest float"},  # whose value is infinity minus infinity; methods refuse that
    units={"H b": 1},
    order=AXES,
)
promise(
    optim.least_squares,
    {"X": numbers(4, 2), "y": numbers(4), "ridge": 0.5},
    call=at_a_point(optim.least_squares),
    units={"X y ridge^2": 2},
    order={"X y": SAME},
    inf=ALLOWED,
    nan={"X": "refused", "y": "refused"},
)
promise(
    optim.logistic_regression,
    {"X": numbers(4, 2), "y": whole(4, high=1), "ridge": 0.5},
    call=at_a_point(optim.logistic_regression),
    units="scores are logarithms, which have no unit",
    order={"X y": SAME},
)

# Rules, schedules, clipping


def first_direction(make):
    """Ask a rule for its second step, with a memory of its first."""

    def call(g, **parameters):
        rule, x = make(**parameters), np.ones(len(g))
        memory = tuple(np.zeros(len(g)) for _ in range(rule.n_slots))
        return rule.direction(x, np.array(g, dtype=float), memory, 1)[0]

    return call


exempt(optim.plain, "takes nothing, and hands the gradient on")
for make in (optim.momentum, optim.nesterov_momentum):
    promise(
        make,
        {"beta": 0.5},
        call=lambda beta, make=make: first_direction(make)([1.0, -2.0], beta=beta),
        units="a share has no unit",
        order=AXES,
        without=NUMBERS,
    )
for make, parameters in {
    optim.adagrad: {"epsilon": 1e-8},
    optim.rmsprop: {"beta": 0.5, "epsilon": 1e-8},
    optim.adam: {"beta1": 0.5, "beta2": 0.75, "epsilon": 1e-8},
    optim.adamw: {"decay": 0.5, "beta1": 0.5, "beta2": 0.75, "epsilon": 1e-8},
}.items():
    promise(
        make,
        parameters,
        call=lambda make=make, **parameters: first_direction(make)([1.0, -2.0], **parameters),
        units="shares have no unit, and epsilon that of a gradient",
        order=AXES,
        without=NUMBERS,
    )
promise(
    optim.step_decay,
    {"start": 0.5, "factor": 0.5, "every": 2},
    call=lambda start, factor, every: [optim.step_decay(start, factor, every)(t) for t in (1, 2, 5)],
    units={"start": 1},
    order="numbers go in",
    without=NUMBERS,
)
promise(
    optim.inverse_time,
    {"start": 0.5, "half_life": 3.0},
    call=lambda start, half_life: [optim.inverse_time(start, half_life)(t) for t in (1, 2, 5)],
    units={"start": 1},
    order="numbers go in",
    without=NUMBERS,
)
promise(
    optim.cosine,
    {"peak": 0.5, "n_steps": 10, "warm_up": 2},
    call=lambda peak, n_steps, warm_up: [optim.cosine(peak, n_steps, warm_up)(t) for t in (1, 2, 5)],
    units={"peak": 1},
    order="numbers go in",
    without=NUMBERS,
)
promise(
    optim.clip_norm,
    {"g": numbers(3), "limit": 1.0},
    units={"g limit": 1},
    order={"g": ROWS},
    single=True,
)

# Methods

START = {"objective": BOWL, "start": numbers(2)}
promise(
    optim.gradient_descent,
    START | {"learning_rate": 0.25, "tolerance": 1e-8, "max_steps": 200},
    units={"objective tolerance learning_rate^-1": {"values": 1, "gradient_norms": 1}},
    order=AXES,
    examples=1,
)
promise(
    optim.stochastic_gradient_descent,
    {"X": numbers(4, 2), "y": numbers(4), "learning_rate": 1 / 32, "rng": Rng(0)},
    call=lambda X, y, learning_rate, rng: optim.stochastic_gradient_descent(
        optim.least_squares(X, y), np.zeros(np.shape(X)[1]), learning_rate, rng, n_epochs=2
    ),
    units={"y": {"points": 1, "values": 2, "gradient_norms": 1}},
    order="the generator says in which order rows are seen",
)
promise(
    optim.backtracking,
    {"objective": optim.quadratic([[8.0]]), "x": [1.0], "direction": [-8.0], "first": 1.0},
    units={"objective": {"value": 1}},
    order="one coordinate only",
    inf={"objective": ALLOWED},
)
METHODS = {
    optim.steepest_descent: 1e-6,
    optim.newton: 1e-8,
    optim.bfgs: 1e-8,
    optim.lbfgs: 1e-8,
}
for method, tolerance in METHODS.items():
    promise(
        method,
        START | {"tolerance": tolerance, "max_steps": 2000},
        call=end(method),
        units={"objective tolerance": 0},
        order=AXES,
        rtol=1e-4,
        examples=1,
    )
promise(
    optim.levenberg_marquardt,
    {
        "residual": lambda x: np.array([x[0] ** 2 - 4, x[0] * x[1] - 2]),
        "jacobian": lambda x: np.array([[2 * x[0], 0.0], [x[1], x[0]]]),
        "start": np.array([3.0, 0.5]),
        "tolerance": 1e-8,
    },
    call=end(optim.levenberg_marquardt),
    units={"residual jacobian tolerance^2": 0},
    order=AXES,
    rtol=1e-6,
    examples=1,
)
promise(
    optim.secant_update,
    {"H": definite(2), "s": [1.0, 0.5], "y": [2.0, 0.25]},
    units={"s H": 1},
    order=AXES,
)
promise(
    optim.conjugate_gradients,
    {"H": definite(3), "b": numbers(3), "tolerance": 1e-8},
    call=end(optim.conjugate_gradients),
    units={"b tolerance": {"x": 1}, "H b tolerance": 0},
    order=AXES,
    rtol=1e-6,
)

# Penalties and constraints

promise(
    optim.soft_threshold,
    {"v": numbers(4), "threshold": 1.0},
    oracle=truths.soft_threshold,
    units={"v threshold": 1},
    order={"v": ROWS},
)
promise(
    optim.project_simplex,
    {"v": numbers(4)},
    oracle=truths.project_simplex,
    units="the simplex has the unit one",
    order={"v": ROWS},
    shift={"v": 0},
)
exempt(optim.no_penalty, "takes nothing, and changes nothing")
exempt(optim.simplex, "takes nothing; its projection has an entry of its own")
promise(
    optim.l1,
    {"weight": 0.5},
    call=lambda weight: {
        "value": optim.l1(weight).value(np.array([1.0, -3.0])),
        "prox": optim.l1(weight).prox(np.array([1.0, -3.0]), 0.5),
    },
    units={"weight": {"value": 1, "prox": None}},
    order=AXES,
    names=("threshold",),
    without=NUMBERS,
)
promise(
    optim.proximal_gradient,
    START | {"weight": 0.25, "learning_rate": 0.25, "tolerance": 1e-8, "max_steps": 200},
    call=lambda objective, start, weight, learning_rate, **rest: optim.proximal_gradient(
        objective, optim.l1(weight), start, learning_rate, **rest
    ),
    units={"objective weight tolerance learning_rate^-1": {"values": 1, "gradient_norms": 1}},
    order=AXES,
    examples=1,
)
promise(
    optim.nesterov,
    START | {"learning_rate": 0.25, "tolerance": 1e-8, "max_steps": 200},
    units={"objective tolerance learning_rate^-1": {"values": 1, "gradient_norms": 1}},
    order=AXES,
    examples=1,
)
LASSO = {"X": numbers(5, 2), "y": numbers(5), "weight": 0.25}
promise(
    optim.lasso,
    LASSO,
    units={
        "X y weight^2": {"values": 2, "gradient_norms": None},
        "y weight": {"points": 1, "values": 2, "gradient_norms": None},
        "X weight": {"points": -1, "gradient_norms": None},
    },
    order={"X y": {"gradient_norms": None}},
    rtol=1e-6,
    examples=1,
)
promise(
    optim.lasso_path,
    {"X": numbers(5, 2), "y": numbers(5), "weights": [1.0, 0.5, 0.25]},
    units={"X y weights^2": 0, "y weights": 1, "X weights": -1},
    order={"X y": SAME},
    rtol=1e-6,
    names=("weight",),
    examples=1,
)
WALLS = {
    "Q": definite(2),
    "c": numbers(2, low=-99.0, high=-90.0),  # which pulls the point into the corner
    "G": np.array([[1.0, 0.5], [-0.25, 1.0]]),
    "h": positive(2),
}


def solution(**data):
    found = optim.quadratic_program(**data)._asdict()
    return {name: part for name, part in found.items() if name != "path"}


promise(
    optim.quadratic_program,
    WALLS,
    call=solution,
    units={
        "Q c": {"multipliers": 1},
        "c h": {"x": 1, "multipliers": 1},
        "G h": {"multipliers": -1},
    },
    order={"G h": {"multipliers": ROWS}},
    rtol=1e-6,
    examples=2,
)
promise(
    optim.quadratic_program,
    WALLS | {"A": np.array([[1.0, 1.0]]), "b": [-0.25]},
    call=solution,
    case="with an equation",
    units={
        "Q c": {"multipliers": None, "equality_multipliers": 1},
        "c h b": {"x": 1, "multipliers": None, "equality_multipliers": 1},
        "A b": {"multipliers": None, "equality_multipliers": -1},
    },
    order={"G h": {"multipliers": None}},
    rtol=1e-6,
    examples=2,
)


def machine(X, y, C):
    svm = optim.linear_svm(X, y, C)
    return {"w": svm.w, "b": svm.b, "alpha": svm.alpha}


promise(
    optim.linear_svm,
    {
        "X": np.array([[0.0, 1.0], [1.5, 0.25], [2.0, 3.0], [3.0, 0.5]]),
        "y": np.array([-1, 1, -1, 1]),
        "C": 1.0,
    },
    call=machine,
    units={"X C^-2": {"w": -1, "alpha": -2}},
    order={"X y": {"alpha": ROWS}},
    rtol=1e-5,
)
