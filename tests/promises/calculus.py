"""Derivatives, integrals, roots and differential equations by numbers."""

import numpy as np

from mmlhelpers import calculus
from promises import ROWS, numbers, positive, promise


def f(x):
    return np.sin(x) + x**2 / 4


def growth(t, y):
    return y * (1 + t / 4)


POINT = {"f": f, "x": numbers(3)}

for function in (
    calculus.forward_difference,
    calculus.central_difference,
    calculus.richardson,
    calculus.complex_step,
):
    promise(function, POINT, units={"f": 1}, order={"x": ROWS}, rtol=1e-7)
promise(
    calculus.numerical_jacobian,
    {"f": lambda x: np.sin(x) * x[..., :1], "x": numbers(3)},
    units={"f": 1},
    order="the derivatives have two axes, of results and of arguments",
    rtol=1e-7,
)
promise(
    calculus.taylor_coefficients,
    {"f": np.exp, "center": 0.5, "degree": 4, "radius": 1.0},
    units={"f": 1},
    order="one number goes in",
    without={"layout": "numbers and functions only"},
)
promise(
    calculus.taylor_polynomial,
    {"coefficients": numbers(4), "center": 0.5, "x": numbers(3)},
    units={"coefficients": 1},
    order={"x": ROWS},
)
for function in (calculus.trapezoid, calculus.simpson, calculus.gauss_legendre):
    promise(
        function,
        {"f": lambda x: x**2 / 4 + x, "a": -0.5, "b": 1.5, "n": 4},
        units={"f": 1},
        order="numbers go in",
        without={"layout": "numbers and functions only"},
    )


def third(a, b, tolerance):
    """Look for a point in a part of the interval that has no unit."""
    return calculus.bisection(lambda x: (x - a) - 0.3 * (b - x), a, b, tolerance)


promise(
    calculus.bisection,
    {"a": 0.0, "b": 1.0, "tolerance": 1e-12},
    call=lambda a, b, tolerance: third(*map(float, (a, b)), tolerance),
    units={"a b tolerance": {"x": 1, "history": 1}},
    order="numbers go in",
    names=("f",),
    without={"layout": "numbers and functions only"},
)
promise(
    calculus.bisection,
    {"f": lambda x: x - 0.3, "a": 0.0, "b": 1.0},
    case="unit of the function",
    units={"f": 0},
    order="numbers go in",
    without={"layout": "numbers and functions only"},
)


def from_twice_the_root(x):
    """Start from x towards 3/8 of it, with values that have no unit."""
    start = np.float64(x)
    return calculus.newton(
        lambda t: t / start * (t / start - 0.375), lambda t: (2 * t / start - 0.375) / start, x
    )


promise(
    calculus.newton,
    {"x": 2.0},
    call=from_twice_the_root,
    units={"x": {"x": 1, "history": 1}},
    order="numbers go in",
    names=("f",),
    without={"layout": "numbers and functions only"},
)
promise(
    calculus.newton,
    {"f": lambda x: x**2 - 2, "slope": lambda x: 2 * x, "x": 1.0},
    case="unit of the function",
    units={"f slope": 0},
    order="numbers go in",
    without={"layout": "numbers and functions only"},
)
for function in (calculus.euler, calculus.heun, calculus.runge_kutta):
    promise(
        function,
        {"field": growth, "y": numbers(2), "t": positive(4).map(np.sort)},
        units={"y": 1},
        order="times follow each other",
    )
