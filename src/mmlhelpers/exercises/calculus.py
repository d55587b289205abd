"""The exercises of the chapter on calculus: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (m, n) are arrays of float64; `g` is the gradient by what a function returned.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import calculus
from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

# Functions


@requirement((2.0,), (9.0,), (1e6,), (1e-6,), (1.0,))
def newton_sqrt(got: Any, c: float) -> None:
    """Accept a positive root to ten digits."""
    root = as_numbers(got, f"a number whose square is {c:g} to ten digits", ())
    if not abs(root * root / c - 1) < 1e-10 or root < 0:
        raise NotYet(f"wanted a number whose square is {c:g} to ten digits, got {show(got)}")


@specification(
    (3.0, 1.0, 2.0, 0.0),
    (1.0, 0.0, 2.0, 1.0),
    (5.0, -2.0, 4.0, 3.0),
)
def dual_divide(a: float, da: float, b: float, db: float) -> Array:
    """Return value and derivative of a quotient of two dual numbers."""
    return floats(a / b, (da * b - a * db) / b**2)


@specification(
    (floats(0.5, 0.25, 0.25), floats(1, 0, 0)),
    (floats(0.2, 0.3, 0.5), floats(1, -2, 0.5)),
    (floats(0.25, 0.75), floats(1, 1)),  # the same for all scores: nothing changes
)
def softmax_backward(p: Array, g: Array) -> Array:
    """Multiply by the transposed Jacobian, written out."""
    return (np.diag(p) - np.outer(p, p)).T @ g


@specification(
    (floats([1, 0, 2], [0, 1, 1]),),
    (floats([1, 2, 3, 4], [0, 1, 0, -1]),),
    (floats([3]),),
)
def log_det_gram_gradient(X: Array) -> Array:
    """Measure the gradient of log det (X X^T) by extrapolated differences."""
    return _measured_gradient(lambda X: np.linalg.slogdet(X @ X.T)[1], X)


@specification(
    (floats([2, 0], [0, 4]), floats(2, 4), floats([1, 0], [0, 0])),
    (floats([2, 1], [0, 3]), floats(1, -1), floats([0, 1], [1, 0])),
    (floats([3, 1, 0], [1, 2, 0], [0, 1, 1]), floats(1, 0, 2), floats([1, 2, 0], [0, -1, 1], [1, 0, 0])),
)
def solution_change(A: Array, b: Array, dA: Array) -> Array:
    """Measure how the solution moves when the matrix does."""
    return calculus.richardson(lambda t: np.linalg.solve(A + t * dA, b), 0.0, h=1e-2)


def _tilted_bowl(w: Array) -> Array:
    return np.array([2 * w[0] + w[1], w[0] + 6 * w[1]])


def _ripples(w: Array) -> Array:
    return np.cos(w) + w[::-1]


@specification(
    (_tilted_bowl, floats(0, 0), floats(1, 0)),
    (_tilted_bowl, floats(2, -1), floats(1, 2)),
    (_ripples, floats(0.5, -1, 2), floats(1, 1, -1)),
)
def hessian_times_vector(gradient: Callable[[Array], Array], w: Array, v: Array) -> Array:
    """Measure the derivative of the gradient along v by extrapolated differences."""
    return calculus.richardson(lambda t: gradient(w + t * v), 0.0, h=1e-2)


@specification(
    (floats(1, 2), 1.0, floats([0.5, 0], [0, 0.5], [0.5, -0.5]), floats(1, -1, 2)),
    (floats(1, -1, 0.5), 0.0, floats([0.2, -0.4, 1], [1, 0.3, 0]), floats(0.5, 2)),
    (floats(0, 0), 2.0, floats([1, 1], [1, -1]), floats(1, 1)),  # no input: no blame for the first layer
)
def first_layer_gradient(x: Array, y: float, W1: Array, w2: Array) -> Array:
    """Measure the gradient of half the squared error by the first weights."""
    return _measured_gradient(lambda W: 0.5 * (w2 @ np.tanh(W @ x) - y) ** 2, W1)


def _bowl(x: Array) -> float:
    return float(x[0] ** 2 + 3 * x[1] ** 2)


def _saddle(x: Array) -> float:
    return float(x[0] * x[1] * x[2])


@requirement((_bowl, floats(1, 2)), (_bowl, floats(-3, 0.5)), (_saddle, floats(1, 2, 3)))
def measured_gradient(got: Any, f: Callable[[Array], float], x: Array) -> None:
    """Accept every difference formula that is right to six digits."""
    slope = as_numbers(got, f"a gradient of shape {x.shape}")
    truth = _measured_gradient(f, x)
    if slope.shape != x.shape or not np.allclose(slope, truth, rtol=1e-6, atol=1e-6):
        raise NotYet(f"wanted {show(truth)} to six digits, got {show(got)}")


@specification(
    (floats(1, 2, 3), floats(1, 0, 0)),
    (floats(0, 1, 3, 4), floats(1, -1, 0.5, 2)),
    (floats(2, -1, 5), floats(1, 1, 1)),  # a common shift of the output has no source
)
def layer_norm_backward(x: Array, g: Array) -> Array:
    """Measure the gradient of g times the normalised vector."""
    return _measured_gradient(lambda x: g @ ((x - x.mean()) / x.std(ddof=0)), x)


@specification((floats(4, 4, 4, 1),), (floats(100, 50, 10, 1),), (floats(1, 10, 50, 100),), (floats(3, 2),))
def products_backward(sizes: Array) -> float:
    """Count the multiplications of a chain of Jacobians, beginning at the output."""
    count, rows = 0.0, sizes[-1]
    for inner, columns in zip(sizes[-2:0:-1], sizes[-3::-1], strict=True):
        count += rows * inner * columns
    return float(count)


def _measured_gradient(f: Callable[[Array], Any], x: Array) -> Array:
    """Measure all partial derivatives by extrapolated central differences, to about ten digits."""
    ones = np.eye(x.size).reshape(-1, *x.shape)
    slopes = [calculus.richardson(functools.partial(_along, f, x, one), 0.0, h=1e-2) for one in ones]
    return np.reshape(slopes, x.shape)


def _along(f: Callable[[Array], Any], x: Array, direction: Array, t: Array) -> Any:
    """Walk from x along a direction."""
    return np.asarray(f(x + t * direction))


# By hand: a reason may tell what to look at, never the answer


@by_hand
def gradient_by_hand(value: Any) -> None:
    """Find the gradient of x^2 y - 3 y^2 at (2, 1)."""
    gradient = as_numbers(value, "two numbers, the partial derivatives by x and by y", (2,))
    truth = np.array([2.0 * 2 * 1, 2.0**2 - 6 * 1])
    for i, name in enumerate("xy"):
        if abs(gradient[i] - truth[i]) > HAND:
            raise NotYet(
                f"look at the derivative by {name} again: hold the other variable fixed, got {show(value)}"
            )


@by_hand
def derivatives_of_cubed_size(value: Any) -> None:
    """Say how often |x|^3 is differentiable at 0."""
    times = as_numbers(value, "a whole number", ())
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
    if abs(rate - 2 / 6) > HAND:
        raise NotYet(f"wanted 2 over the largest curvature, an eigenvalue of the Hessian, got {show(value)}")
