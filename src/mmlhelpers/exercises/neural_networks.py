"""The exercises of the chapter on neural networks: slow truths, judges and the inputs they are tried on.

Samples are rows: `X` (n, d), targets `Y` (n, k), classes `c` (n,); weights `W1` (d, h) and `W2` (h, k).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import functional
from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, as_parts, as_truths, floats
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import without
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def network_parameters(value: Any) -> None:
    """Count weights and biases of a network with 64 inputs, 128 hidden units and 10 classes."""
    number = as_numbers(value, "one number", ())
    if number == 64 * 128 + 128 * 10:
        raise NotYet(f"wanted all parameters, got {show(value)}, the weights: every unit has a bias too")
    if abs(number - (64 * 128 + 128 + 128 * 10 + 10)) > HAND:
        raise NotYet(f"wanted weights and biases of both layers, got {show(value)}")


@by_hand
def tiny_backward(value: Any) -> None:
    """Find the derivative with respect to w1 of (w2 relu(w1 x) - y)^2 / 2, at one point."""
    number = as_numbers(value, "one number", ())
    for known, name in ((-7, "the blame of the output"), (14, "the blame of the hidden unit")):
        if abs(number - known) <= HAND:
            raise NotYet(f"wanted the gradient with respect to w1, got {show(value)}, {name}")
    if abs(number + 21) <= HAND:
        raise NotYet(f"wanted the gradient with respect to w1, got {show(value)}, the one for w2")
    if not abs(number - 28) <= HAND:
        raise NotYet(f"wanted the blame of the hidden unit times its input, got {show(value)}")


@by_hand
def zero_start(value: Any) -> None:
    """Say which of the gradients with respect to W1, b1, W2, b2 are zero when all of these are zero."""
    truths = as_truths(value, "a list of four truths for W1, b1, W2, b2", 4)
    if truths.tolist() != [True, True, True, False]:
        raise NotYet(
            f"wanted True where the gradient is zero, got {show(value)}: go through the four formulas"
        )


# Functions

_X = floats([1, 0.5], [-1, 2], [0.3, -0.7])
_W1 = floats([0.5, -1, 0.2], [1, 0.4, -0.6])
_W2 = floats([1, -0.5], [0.3, 2], [-1, 0.8])
_Y = floats([1, 0], [0, 1], [0.5, -1])
_WIDE = floats([0.2, -1.5, 2, 0.75], [1.25, 0.5, -0.3, -2])  # two samples of four features
_WIDE_W1 = floats([0.8, 0.9], [0.1, 0.7], [-0.6, 0.8], [0.5, 0.35])
_WIDE_W2 = floats([0.9, -1.2, 0.4], [-0.5, 0.3, 1.1])


@specification(
    rule("the gradient is the input times the blame of the hidden units, averaged", _X, _Y, _W1, _W2),
    rule("a single sample is a batch too", _X[:1], _Y[:1], 2 * _W1, _W2),
    rule("targets may be zero", _X, np.zeros((3, 2)), _W1, -_W2),
    rule("there may be any number of units", _WIDE, floats([1, 0, -2], [0.5, 3, 1]), _WIDE_W1, _WIDE_W2),
    rule("numbers may have any size", 1e-3 * _X, 1e3 * _Y, 20 * _W1, 1e2 * _W2),
)
def hidden_weights_gradient(X: Array, Y: Array, W1: Array, W2: Array) -> Array:
    """Add up blame times input, sample by sample and unit by unit."""
    n, gradient = len(X), np.zeros_like(W1)
    for x, y in zip(X, Y, strict=True):
        a = [math.tanh(sum(x[i] * W1[i, j] for i in range(len(x)))) for j in range(W1.shape[1])]
        error = [sum(a[j] * W2[j, k] for j in range(len(a))) - y[k] for k in range(len(y))]
        for j in range(len(a)):
            blame = sum(error[k] * W2[j, k] for k in range(len(y))) * (1 - a[j] ** 2)
            for i in range(len(x)):
                gradient[i, j] += x[i] * blame / n
    return gradient


@specification(
    rule("mean and spread depend on every number", floats(1, 2, 4), floats(1, 0, 0)),
    rule("the spread has the divisor n", floats(0, 1, -1, 5), floats(0.5, -1, 2, 0)),
    rule("two numbers are standardised to the same pair whatever they are", floats(3, 1), floats(2, 7)),
    rule(
        "numbers may have any size",
        1e5 + 1e3 * floats(0.5, -2, 0.75, 3, 1),
        1e4 * floats(1, -0.5, 2, 0.25, -3),
    ),
    rule("numbers may have any size", 1e-4 * floats(2.5, -1, 0.3), floats(0.2, 1.5, -0.7)),
    rule("no matrix is formed", without(floats(1.5, -2, 0.25, 3), np.outer), floats(1, 0.5, -1.25, 2)),
)
def standardise_gradient(x: Array, delta: Array) -> Array:
    """Multiply by the Jacobian, written out as a matrix."""
    n = len(x)
    s = math.sqrt(sum((x - x.mean()) ** 2) / n)
    x_hat = (x - x.mean()) / s
    J = (np.eye(n) - np.ones((n, n)) / n - np.outer(x_hat, x_hat) / n) / s
    product: Array = J.T @ delta
    return product


@specification(
    rule("the mean loss falls along the input times the masked blame", _X, np.array([0, 1, 1]), _W1, _W2),
    rule("a unit passes blame where its input was positive", _X[1:], np.array([1, 0]), -_W1, _W2),
    rule("there may be more classes than two", _WIDE, np.array([2, 0]), _WIDE_W1, _WIDE_W2),
    rule("a single sample is a batch too", _WIDE[:1], np.array([1]), -_WIDE_W1, _WIDE_W2),
    rule("numbers may have any size", 1e2 * _X, np.array([1, 0, 1]), 1e-2 * _W1, -2 * _W2),
)
def relu_network_gradient(X: Array, c: Any, W1: Array, W2: Array) -> Array:
    """Differentiate with respect to every weight by complex steps, which know nothing of backpropagation."""

    def loss(W: Any) -> Any:
        z = X @ W
        logits = z * (z.real > 0) @ W2
        return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(c)), c])

    gradient = np.zeros_like(W1)
    for index in np.ndindex(W1.shape):
        moved = W1.astype(complex)
        moved[index] += 1e-20j
        gradient[index] = loss(moved).imag / 1e-20
    return gradient


@specification(
    rule("what is kept in training is scaled up", floats(1, 2, 3.5, 4), np.array([1, 0, 1, 0]), 0.2, True),
    rule("nothing happens at evaluation", floats(1, 2, 3.5, 4), np.array([1, 0, 1, 1]), 0.25, False),
    rule("the rate is a share that is dropped", floats(1, -2.5, 0.75), np.array([1, 1, 0]), 0.9, True),
    rule("the mask may hold truths", floats(0.5, -2, 30), np.array([False, True, True]), 0.6, True),
    rule("the rate may be zero", floats(-0.25, 1e4), np.array([1, 1]), 0.0, True),
)
def dropped(x: Array, keep: Any, rate: float, training: bool) -> Array:
    """Decide entry by entry."""
    if not training:
        return x
    return np.array([value / (1 - rate) if kept else 0.0 for value, kept in zip(x, keep, strict=True)])


_CORNERS = floats([0, 0], [0, 1], [1, 0], [1, 1])
_XOR_SHAPES: dict[str, tuple[int, ...]] = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}


@requirement(())
def xor_weights(result: Any) -> None:
    """Accept W1, b1, w2, b2 of two tanh units whose output is positive exactly for the class 1."""
    parts = as_parts(result, tuple(_XOR_SHAPES))
    W1, b1, w2, b2 = (
        as_numbers(part, f"{name} of shape {shape}", shape)
        for part, (name, shape) in zip(parts, _XOR_SHAPES.items(), strict=True)
    )
    output = np.tanh(_CORNERS @ W1 + b1) @ w2 + b2
    wanted = np.array([-0.1, 0.1, 0.1, -0.1])
    if not np.all(output * np.sign(wanted) > 0.1):
        raise NotYet(
            f"wanted outputs below -0.1, above 0.1, above 0.1, below -0.1 at (0,0), (0,1), (1,0), (1,1), "
            f"got {show(output, unlike=wanted)}"
        )


def _leaky(z: Array) -> Array:
    """ReLU that lets a fifth of what is negative through."""
    return np.where(z > 0, z, 0.2 * z)


def _lifted(z: Array) -> Array:
    """Bend to large values, whose mean is not zero."""
    return 40 * (np.tanh(z) + 1.5)


def _is_right_to_three_digits(got: float, wanted: float) -> bool:
    """Tell whether a number differs by at most half a unit of the third digit, and some rounding."""
    return bool(abs(got - wanted) <= 0.51 * 10.0 ** (math.floor(math.log10(wanted)) - 2))


@requirement(
    rule("the gain is one over the root of the mean square", functional.relu),
    rule("the gain is one over the root of the mean square", np.tanh),
    rule("what is negative counts too", _leaky),
    rule("the mean square is not the variance, and any size will do", _lifted),
)
def best_gain(gain: Any, phi: Callable[[Array], Array]) -> None:
    """Accept the gain one over the root mean square of phi(z), z standard normal, to three digits."""
    value = float(as_numbers(gain, "one number", ()))
    z = np.linspace(0, 12, 24_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean_square = float(np.trapezoid((phi(z) ** 2 + phi(-z) ** 2) * density, z))
    if not _is_right_to_three_digits(value, 1 / math.sqrt(mean_square)):
        size = show(value * value * mean_square, unlike=1.0)
        raise NotYet(
            f"wanted a gain that gives the result the mean square 1, got {show(value)}, which gives {size}"
        )


_LOGITS = floats([5, 0, 1], [0, 9, 0], [8, 2, 1], [1, 0, 6], [4, 3, 0])


@requirement(
    rule("the mean loss is least there", floats([2, 0], [0, 3], [1, 0], [4, 0]), np.array([0, 1, 1, 0])),
    rule("there may be more classes than two", _LOGITS, np.array([0, 1, 1, 2, 0])),
    rule("logits that are too small want a temperature below one", 0.1 * _LOGITS, np.array([0, 1, 2, 2, 0])),
    rule("logits may have any size", 60 * _LOGITS[:4, :2] + 5, np.array([0, 1, 1, 0])),
)
def temperature(T: Any, z: Array, c: Any) -> None:
    """Accept the temperature at which the mean loss of z / T is least, to three digits."""
    value = float(as_numbers(T, "one number", ()))
    if not value > 0:
        raise NotYet(f"wanted a temperature above 0, got {show(T)}")

    def slope(beta: float) -> float:
        p = functional.softmax(beta * z)
        return float(np.mean(np.sum(p * z, axis=1) - z[np.arange(len(c)), c]))

    low, high = 1e-6, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    if not _is_right_to_three_digits(value, 1 / low):
        losses = [functional.cross_entropy(z / temperature, c).value for temperature in (value, 1 / low)]
        loss, least = show(losses[0], unlike=losses[1]), show(losses[1], unlike=losses[0])
        raise NotYet(
            f"wanted the temperature with the least loss, {least}, got {show(value)} with loss {loss}"
        )
