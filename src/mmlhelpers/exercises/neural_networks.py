"""The exercises of the chapter on neural networks: slow truths, judges and the inputs they are tried on.

Samples are rows: `X` (n, d), targets `Y` (n, k), classes `c` (n,); weights `W1` (d, h) and `W2` (h, k).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import functional
from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def network_parameters(value: Any) -> None:
    """Count weights and biases of a network with 64 inputs, 128 hidden units and 10 classes."""
    number = as_numbers(value, "one number", ())
    if number == 64 * 128 + 128 * 10:
        raise NotYet("wanted all parameters, got the weights only: every unit has a bias too")
    if number != 64 * 128 + 128 + 128 * 10 + 10:
        raise NotYet(f"wanted weights and biases of both layers, got {show(value)}")


@by_hand
def tiny_backward(value: Any) -> None:
    """Find the gradient by w1 of (w2 relu(w1 x) - y)^2 / 2 at x = 2, w1 = 1.5, w2 = -2, y = 1."""
    number = as_numbers(value, "one number", ())
    if abs(number + 7) <= HAND:
        raise NotYet(f"wanted the gradient by w1, got {show(value)}, the blame of the output")
    if not abs(number - 28) <= HAND:
        raise NotYet(f"wanted the blame of the hidden unit times its input, got {show(value)}")


@by_hand
def zero_start(value: Any) -> None:
    """Say which of the gradients by W1, b1, W2, b2 are zero when all of these are zero."""
    truths = list(value) if isinstance(value, list | tuple | np.ndarray) else []
    if len(truths) != 4 or not all(isinstance(v, bool | np.bool_) for v in truths):
        raise NotYet(f"wanted a list of four truths for W1, b1, W2, b2, got {show(value)}")
    if truths != [True, True, True, False]:
        raise NotYet(
            f"wanted True where the gradient is zero, got {show(value)}: go through the four formulas"
        )


# Functions

_X = floats([1, 0.5], [-1, 2], [0.3, -0.7])
_W1 = floats([0.5, -1, 0.2], [1, 0.4, -0.6])
_W2 = floats([1, -0.5], [0.3, 2], [-1, 0.8])
_Y = floats([1, 0], [0, 1], [0.5, -1])


@specification(
    (_X, _Y, _W1, _W2),
    (_X[:1], _Y[:1], 2 * _W1, _W2),
    (_X, np.zeros((3, 2)), _W1, -_W2),
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
    (floats(1, 2, 4), floats(1, 0, 0)),
    (floats(0, 1, -1, 5), floats(0.5, -1, 2, 0)),
    (floats(3, 1), floats(2, 7)),
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
    (_X, np.array([0, 1, 1]), _W1, _W2),
    (_X[1:], np.array([1, 0]), -_W1, _W2),
)
def relu_network_gradient(X: Array, c: Any, W1: Array, W2: Array) -> Array:
    """Take the derivative by every weight from complex steps, which know nothing of backpropagation."""

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
    (floats(1, 2, 3, 4), np.array([1, 0, 1, 1]), 0.25, True),
    (floats(1, 2, 3, 4), np.array([1, 0, 1, 1]), 0.25, False),
    (floats(1, -2), np.array([0, 1]), 0.5, True),
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
    if not isinstance(result, list | tuple) or len(result) != 4:
        raise NotYet(f"wanted the four arrays W1, b1, w2, b2, got {show(result)}")
    arrays = [
        as_numbers(part, f"{name} of shape {shape}")
        for part, (name, shape) in zip(result, _XOR_SHAPES.items(), strict=True)
    ]
    for array, (name, shape) in zip(arrays, _XOR_SHAPES.items(), strict=True):
        if array.shape != shape:
            raise NotYet(f"wanted {name} of shape {shape}, got shape {array.shape}")
    W1, b1, w2, b2 = arrays
    output = np.tanh(_CORNERS @ W1 + b1) @ w2 + b2
    if not np.all((output > 0.1) == [False, True, True, False]) or not np.abs(output).min() > 0.1:
        raise NotYet(
            f"wanted outputs below -0.1, above 0.1, above 0.1, below -0.1 at (0,0), (0,1), (1,0), (1,1), "
            f"got {show(output)}"
        )


def _leaky(z: Array) -> Array:
    """ReLU that lets a fifth of what is negative through."""
    return np.where(z > 0, z, 0.2 * z)


@requirement((functional.relu,), (np.tanh,), (_leaky,))
def best_gain(gain: Any, phi: Callable[[Array], Array]) -> None:
    """Accept the gain one over the root mean square of phi(z), z standard normal, to three digits."""
    value = as_numbers(gain, "one number", ())
    z = np.linspace(0, 12, 24_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean_square = float(np.trapezoid((phi(z) ** 2 + phi(-z) ** 2) * density, z))
    wanted = 1 / math.sqrt(mean_square)
    if not abs(value - wanted) <= 2e-3:
        size = value * math.sqrt(mean_square)
        raise NotYet(
            f"wanted a gain that gives the result the mean square 1, got {show(value)}, root {show(size)}"
        )


@requirement(
    (floats([2, 0], [0, 3], [1, 0], [4, 0]), np.array([0, 1, 1, 0])),
    (floats([5, 0, 1], [0, 9, 0], [8, 2, 1], [1, 0, 6], [4, 3, 0]), np.array([0, 1, 1, 2, 0])),
)
def temperature(T: Any, z: Array, c: Any) -> None:
    """Accept the temperature at which the mean loss of z / T is least, to three digits."""
    value = as_numbers(T, "one number", ())
    if not value > 0:
        raise NotYet(f"wanted a temperature above 0, got {show(T)}")

    def slope(beta: float) -> float:
        p = functional.softmax(beta * z)
        return float(np.mean(np.sum(p * z, axis=1) - z[np.arange(len(c)), c]))

    low, high = 1e-6, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    if not abs(value * low - 1) <= 2e-3:
        loss = functional.cross_entropy(z / value, c).value
        raise NotYet(f"wanted the temperature with the least loss, got {show(value)} with loss {show(loss)}")
