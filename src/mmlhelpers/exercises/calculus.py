"""The exercises of the chapter on calculus: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (m, n) are arrays of float64; `g` is a gradient with respect to an output.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import calculus
from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    HAND,
    NotYet,
    as_numbers,
    as_wholes,
    floats,
    require_close,
    require_three_decimals,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import Counted
from mmlhelpers.exercises._writing import show

# Functions


@requirement(
    rule("the square of the root is c", 2.0),
    rule("the square of the root is c", 9.0),
    rule("ten digits, of a large root", 1e6),
    rule("ten digits, of a small root", 1e-6),
    rule("the square of the root is c", 1.0),
    rule("ten digits, on either side of one", 0.3),
    rule("ten digits, on either side of one", 54321.0),
)
def newton_sqrt(got: Any, c: float) -> None:
    """Accept a positive root to ten digits."""
    root = float(as_numbers(got, f"a number whose square is {show(c)} to ten digits", ()))
    if root < 0:
        raise NotYet(f"wanted the positive root, got {show(root)}")
    if not abs(root * root / c - 1) <= 2e-10:
        square = show(root * root, unlike=c)
        text = show(root, unlike=math.sqrt(c))
        raise NotYet(
            f"wanted a number whose square is {show(c)} to ten digits, got {text} with square {square}"
        )


@specification(
    rule("the quotient of dual numbers has a value and a derivative", 3.0, 1.0, 2.0, 0.0),
    rule("the derivative of the denominator counts too", 1.0, 0.0, 2.0, 1.0),
    rule("the quotient rule divides by the square of b", 5.0, -2.0, 4.0, 3.0),
    rule("the denominator may be negative", 0.5, 2.25, -0.75, 0.5),
    rule("numbers may have any size", 2e4, -3e-4, 5e-3, 7e2),
)
def dual_divide(a: float, da: float, b: float, db: float) -> Array:
    """Return value and derivative of a quotient of two dual numbers."""
    return floats(a / b, (da * b - a * db) / b**2)


@specification(
    rule("raising one score lowers all other probabilities", floats(0.5, 0.25, 0.25), floats(1, 0, 0)),
    rule("the Jacobian is diag(p) - p p^T", floats(0.2, 0.3, 0.5), floats(1, -2, 0.5)),
    rule("a gradient that is the same for all scores changes nothing", floats(0.25, 0.75), floats(1, 1)),
    rule("unlikely classes move little", floats(1e-6, 0.25, 0.749999), floats(300, -40.5, 25)),
    rule("one class alone cannot change", floats(1), floats(3)),
)
def softmax_backward(p: Array, g: Array) -> Array:
    """Multiply by the transposed Jacobian, written out."""
    return (np.diag(p) - np.outer(p, p)).T @ g


@specification(
    rule("the gradient is twice the transposed pseudoinverse", floats([1, 0, 2], [0, 1, 1])),
    rule("the gradient has the shape of X", floats([1, 2, 3, 4], [0, 1, 0, -1])),
    rule("one row of one number is a cloud too", floats([3])),
    rule("X may have any size", 1e-3 * floats([1.5, -0.5, 2], [0.25, 1, -1], [0.5, 0.75, 1.25])),
    rule("X may have any size", 1e3 * floats([-1.5, 0.5, 2, 1], [0.25, 1, -1, 0.5])),
)
def log_det_gram_gradient(X: Array) -> Array:
    """Measure the gradient of log det (X X^T) by extrapolated differences."""
    return _measured_gradient(lambda X: np.linalg.slogdet(X @ X.T)[1], X)


@specification(
    rule("A x = b stays true while A moves", floats([2, 0], [0, 4]), floats(2, 4), floats([1, 0], [0, 0])),
    rule("A x = b stays true while A moves", floats([2, 1], [0, 3]), floats(1, -1), floats([0, 1], [1, 0])),
    rule(
        "A x = b stays true while A moves",
        floats([3, 1, 0], [1, 2, 0], [0, 1, 1]),
        floats(1, 0, 2),
        floats([1, 2, 0], [0, -1, 1], [1, 0, 0]),
    ),
    rule(
        "neither A nor its change need be symmetric",
        floats([0.5, 2], [-1, 0.25]),
        floats(-1.5, 0.5),
        floats([0.1, 0.7], [0, -0.3]),
    ),
    rule(
        "the derivative is linear in dA, however large",
        floats([0.5, 2], [-1, 0.25]),
        floats(2, 0.75),
        floats([40, -10], [25, 5]),
    ),
)
def solution_change(A: Array, b: Array, dA: Array) -> Array:
    """Measure how the solution moves when the matrix does, in units in which it moves little."""
    size = float(np.abs(dA).max())
    return size * calculus.richardson(lambda t: np.linalg.solve(A + t * dA / size, b), 0.0, h=1e-2)


def _tilted_bowl(w: Array) -> Array:
    return np.array([2 * w[0] + w[1], w[0] + 6 * w[1]])


def _ripples(w: Array) -> Array:
    return np.cos(w) + w[::-1]


@specification(
    rule("H v is the derivative of the gradient along v", _tilted_bowl, floats(0, 0), floats(1, 0)),
    rule("v need not have length one", _tilted_bowl, floats(2, -1), floats(1, 2)),
    rule("H belongs to the point w", _ripples, floats(0.5, -1, 2), floats(1, 1, -1)),
    rule("six digits", _ripples, floats(-2.5, 0.25), floats(0.5, -3)),
    rule("two calls of gradient are enough", Counted(_ripples, 2), floats(1.5, 0.75, -0.5), floats(1, 0, -1)),
    within=1e-6,
)
def hessian_times_vector(gradient: Callable[[Array], Array], w: Array, v: Array) -> Array:
    """Measure the derivative of the gradient along v by extrapolated differences."""
    return calculus.richardson(lambda t: gradient(w + t * v), 0.0, h=1e-2)


@specification(
    rule(
        "the gradient is the blame of the hidden units times the input",
        floats(1, 2),
        1.0,
        floats([0.5, 0], [0, 0.5], [0.5, -0.5]),
        floats(1, -1, 2),
    ),
    rule(
        "the gradient has the shape of W1",
        floats(1, -1, 0.5),
        0.0,
        floats([0.2, -0.4, 1], [1, 0.3, 0]),
        floats(0.5, 2),
    ),
    rule("no input, no blame for the first layer", floats(0, 0), 2.0, floats([1, 1], [1, -1]), floats(1, 1)),
    rule("saturated units learn little", floats(3, -2), -1.5, floats([2, 1], [0.5, -1.5]), floats(20, -30)),
)
def first_layer_gradient(x: Array, y: float, W1: Array, w2: Array) -> Array:
    """Measure the gradient of half the squared error with respect to the first weights."""
    return _measured_gradient(lambda W: 0.5 * (w2 @ np.tanh(W @ x) - y) ** 2, W1)


def _bowl(x: Array) -> float:
    return float(x[0] ** 2 + 3 * x[1] ** 2)


def _saddle(x: Array) -> float:
    return float(x[0] * x[1] * x[2])


def _wave(x: Array) -> float:
    return float(np.exp(x[0]) * np.sin(3 * x[1]) / 100)


@requirement(
    rule("the slope is that of f along each coordinate", _bowl, floats(1, 2)),
    rule("the slope is that of f along each coordinate", _bowl, floats(-3, 0.5)),
    rule("one coordinate moves at a time, from x", _saddle, floats(1, 2, 3)),
    rule("six digits, for a function that curves", _wave, floats(1.5, -0.75)),
    kept=["x"],
)
def measured_gradient(got: Any, f: Callable[[Array], float], x: Array) -> None:
    """Accept every difference formula that is right to six digits."""
    require_close(got, _measured_gradient(f, x), within=1e-6)


@specification(
    rule("mean and standard deviation depend on x too", floats(1, 2, 3), floats(1, 0, 0)),
    rule("the part along z is taken off as well", floats(0, 1, 3, 4), floats(1, -1, 0.5, 2)),
    rule("moving all entries together changes nothing", floats(2, -1, 5), floats(1, 1, 1)),
    rule("the gradient is divided by s", 1e3 * floats(0.25, -1.5, 2, 0.5, 0.75), floats(3, 0.5, -1, 2, 0)),
    rule("the gradient is divided by s", 1e-3 * floats(1.5, -2, 0.25), floats(0.5, 2, -1)),
)
def layer_norm_backward(x: Array, g: Array) -> Array:
    """Measure the gradient of g times the normalised vector."""
    return _measured_gradient(lambda x: g @ ((x - x.mean()) / x.std(ddof=0)), x)


@specification(
    rule("the product is built from the output", floats(4, 4, 4, 1)),
    rule("the product is built from the output, whatever is cheapest", floats(100, 50, 10, 1)),
    rule("the running product has as many rows as the output", floats(1, 10, 50, 100)),
    rule("one Jacobian alone costs nothing", floats(3, 2)),
    rule("widths may go up and down", floats(5, 2, 7, 3, 6, 2)),
)
def products_backward(sizes: Array) -> float:
    """Count the multiplications of a chain of Jacobians, beginning at the output."""
    count, rows = 0.0, sizes[-1]
    for inner, columns in zip(sizes[-2:0:-1], sizes[-3::-1], strict=True):
        count += rows * inner * columns
    return float(count)


def _measured_gradient(f: Callable[[Array], Any], x: Array) -> Array:
    """Measure all partial derivatives by extrapolated central differences, to about ten digits."""
    size = float(np.abs(x).max(initial=0.0)) or 1.0  # the step is a hundredth of it
    ones = size * np.eye(x.size).reshape(-1, *x.shape)
    slopes = [calculus.richardson(functools.partial(_along, f, x, one), 0.0, h=1e-2) for one in ones]
    return np.reshape(slopes, x.shape) / size


def _along(f: Callable[[Array], Any], x: Array, direction: Array, t: Array) -> Any:
    """Walk from x along a direction."""
    return np.asarray(f(x + t * direction))


# By hand: a reason may tell what to look at, never the answer


@by_hand
def gradient_by_hand(value: Any) -> None:
    """Find the gradient of x^2 y - 3 y^2 at (2, 1)."""
    gradient = as_numbers(value, "two numbers, the partial derivatives with respect to x and y", (2,))
    truth = np.array([2.0 * 2 * 1, 2.0**2 - 6 * 1])
    for i, name in enumerate("xy"):
        if abs(gradient[i] - truth[i]) > HAND:
            raise NotYet(
                f"look at the derivative with respect to {name} again: hold the other variable fixed, "
                f"got {show(value)}"
            )


@by_hand
def derivatives_of_cubed_size(value: Any) -> None:
    """Say how often |x|^3 is differentiable at 0."""
    times = as_wholes(value, "a whole number", ())
    if times < 2:
        raise NotYet(f"it can be differentiated more than {show(value)} times: try once more from both sides")
    if times > 2:
        raise NotYet(f"not {show(value)} times: the derivative before has a corner at 0")


@by_hand
def bowl_learning_rate(value: Any) -> None:
    """Find the border of stable learning rates for 3 w1^2 + w2^2 / 2."""
    rate = as_numbers(value, "one number", ())
    if abs(rate - 2 / 1) <= HAND:
        raise NotYet(f"{show(value)} suits the flat direction; the steep one has already left the bowl")
    if abs(rate - 1 / 6) <= HAND:
        raise NotYet(f"{show(value)} promises most, but the border is farther out")
    require_three_decimals(rate, 2 / 6)
    if abs(rate - 2 / 6) > HAND:
        raise NotYet(f"wanted 2 over the largest curvature, an eigenvalue of the Hessian, got {show(value)}")
