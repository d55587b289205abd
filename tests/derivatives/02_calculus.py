"""The gradients, Jacobians and Hessians of the chapter on calculus."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import functional


def softmax(z):
    """Without the maximum, so that complex numbers can go in."""
    return np.exp(z) / np.sum(np.exp(z))


def covariance_of(z):
    p = functional.softmax(z)
    return np.diag(p) - np.outer(p, p)


def polar(q):
    return np.stack([q[0] * np.cos(q[1]), q[0] * np.sin(q[1])])


def neuron(w, x, b, y):
    return (np.tanh(w * x + b) - y) ** 2


def neuron_slope(w, x, b, y):
    t = np.tanh(w * x + b)
    return 2 * (t - y) * (1 - t**2) * x


def three_layers(W2, W1, W3, x):
    """Loss of a network of widths 3, 4, 2, 2 as a function of its second layer."""
    return 0.5 * np.sum((np.tanh(W3 @ np.tanh(W2 @ np.tanh(W1 @ x))) - 1) ** 2)


def gradient_of_layer_two(W2, W1, W3, x):
    """The recursion of the page: two steps back, then what came in times the blame."""
    a1 = np.tanh(W1 @ x)
    a2 = np.tanh(W2 @ a1)
    a3 = np.tanh(W3 @ a2)
    delta3 = (a3 - 1) * (1 - a3**2)
    delta2 = (W3.T @ delta3) * (1 - a2**2)
    return np.outer(delta2, a1)


def well_conditioned(rng):
    return rng.normal(size=(3, 3)) + 4 * np.eye(3)


DERIVATIVES = [
    Derivative(
        "eq-grad-sigmoid",
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: functional.sigmoid(x) * (1 - functional.sigmoid(x)),
        lambda rng: rng.normal(),
    ),
    Derivative(
        "eq-grad-valley",
        lambda w: w[0] ** 2 + 10 * w[1] ** 2,
        lambda w: np.array([2 * w[0], 20 * w[1]]),
        lambda rng: rng.normal(size=2),
    ),
    Derivative(
        "eq-jac-polar",
        polar,
        lambda q: np.array([[np.cos(q[1]), -q[0] * np.sin(q[1])], [np.sin(q[1]), q[0] * np.cos(q[1])]]),
        lambda rng: rng.normal(size=2),
    ),
    Derivative(
        "eq-jac-layer",
        lambda x, W, b: np.tanh(W @ x + b),
        lambda x, W, b: np.diag(1 - np.tanh(W @ x + b) ** 2) @ W,
        lambda rng: (rng.normal(size=2), rng.normal(size=(3, 2)), rng.normal(size=3)),
    ),
    Derivative(
        "eq-grad-quadratic",
        lambda x, A: x @ A @ x,
        lambda x, A: (A + A.T) @ x,
        lambda rng: (rng.normal(size=4), rng.normal(size=(4, 4))),
    ),
    Derivative(
        "eq-hess-quadratic",
        lambda x, A: (A + A.T) @ x,
        lambda x, A: A + A.T,
        lambda rng: (rng.normal(size=4), rng.normal(size=(4, 4))),
    ),
    Derivative(
        "eq-grad-least-squares",
        lambda w, X, y: 0.5 * np.sum((X @ w - y) ** 2),
        lambda w, X, y: X.T @ (X @ w - y),
        lambda rng: (rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)),
    ),
    Derivative(
        "eq-hess-least-squares",
        lambda w, X, y: X.T @ (X @ w - y),
        lambda w, X, y: X.T @ X,
        lambda rng: (rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)),
    ),
    Derivative(
        "eq-jac-inverse",
        np.linalg.inv,
        lambda X: -np.einsum("ik,lj->ijkl", np.linalg.inv(X), np.linalg.inv(X)),  # -X^{-1} dX X^{-1}
        well_conditioned,
    ),
    Derivative(
        "eq-grad-log-det",
        lambda X: np.log(np.linalg.det(X)),
        lambda X: np.linalg.inv(X).T,
        well_conditioned,
    ),
    Derivative("eq-jac-softmax", softmax, covariance_of, lambda rng: rng.normal(size=4)),
    Derivative(
        "eq-grad-lse",
        lambda z: np.log(np.sum(np.exp(z))),
        functional.softmax,
        lambda rng: rng.normal(size=4),
    ),
    Derivative("eq-hess-lse", softmax, covariance_of, lambda rng: rng.normal(size=4)),
    Derivative("eq-grad-neuron", neuron, neuron_slope, lambda rng: tuple(rng.normal(size=4))),
    Derivative(
        "eq-grad-weights",
        three_layers,
        gradient_of_layer_two,
        lambda rng: tuple(rng.normal(size=s) for s in [(2, 4), (4, 3), (2, 2), (3,)]),
    ),
]
