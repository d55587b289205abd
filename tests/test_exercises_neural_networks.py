"""The checkers of the chapter on neural networks: references pass, mistakes are told, nothing raises."""

import checkers
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize
from scipy.special import log_softmax, softmax

from mmlhelpers import autodiff, exercises, functional


def first_layer(X, Y, W1, W2):
    loss = lambda W: 0.5 * np.mean(np.sum((np.tanh(X @ W) @ W2 - Y) ** 2, axis=1))  # noqa: E731
    return autodiff.grad(loss)(W1)


def first_layer_without_slope(X, Y, W1, W2):
    return X.T @ ((np.tanh(X @ W1) @ W2 - Y) @ W2.T) / len(X)


def standardise(x, delta):
    f = lambda x: np.sum((x - np.mean(x)) / np.sqrt(np.mean((x - np.mean(x)) ** 2)) * delta)  # noqa: E731
    return autodiff.grad(f)(x)


def relu_gradient(X, c, W1, W2, *, mask=True, mean=True, axis=1):
    z = X @ W1
    D2 = (softmax(np.maximum(z, 0) @ W2, axis=axis) - np.eye(2)[c]) / (len(c) if mean else 1)
    return X.T @ (D2 @ W2.T * ((z > 0) if mask else 1))


def gain_by_quadrature(phi):
    density = lambda z: np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    square = lambda z: float(phi(np.array([z]))[0]) ** 2 * density(z)  # noqa: E731
    return (scipy.integrate.quad(square, -12, 0)[0] + scipy.integrate.quad(square, 0, 12)[0]) ** -0.5


def temperature_by_scipy(z, c):
    loss = lambda T: -np.mean(log_softmax(z / T, axis=1)[np.arange(len(c)), c])  # noqa: E731
    return scipy.optimize.minimize_scalar(
        loss, bounds=(0.05, 50), method="bounded", options={"xatol": 1e-8}
    ).x


def xor_by_hand():
    return [[4.0, 4.0], [4.0, 4.0]], [-2.0, -6.0], [1.0, -1.0], -1.0


FUNCTION_ANSWERS = {
    "hidden_weights_gradient": (
        first_layer,
        [
            lambda X, Y, W1, W2: np.zeros_like(W1),
            first_layer_without_slope,
            lambda *a: len(a[0]) * first_layer(*a),
        ],
    ),
    "standardise_gradient": (
        standardise,
        [lambda x, d: d / x.std(ddof=0), lambda x, d: (d - d.mean()) / x.std(ddof=0), lambda x, d: d],
    ),
    "relu_network_gradient": (
        relu_gradient,
        [
            lambda *a: relu_gradient(*a, mask=False),
            lambda *a: relu_gradient(*a, mean=False),
            lambda *a: relu_gradient(*a, axis=0),
        ],
    ),
    "dropped": (
        lambda x, keep, rate, training: np.where(keep, x / (1 - rate), 0) if training else x,
        [
            lambda x, keep, rate, training: x * keep / (1 - rate),
            lambda x, keep, rate, training: x * keep if training else x,
            lambda x, keep, rate, training: x,
        ],
    ),
    "xor_weights": (
        xor_by_hand,
        [
            lambda: (np.zeros((2, 2)), np.zeros(2), np.zeros(2), 0.0),
            lambda: (np.eye(2), np.zeros(2), np.ones(2), -0.5),
            lambda: (np.eye(3), np.zeros(2), np.ones(2), -0.5),
        ],
    ),
    "best_gain": (
        gain_by_quadrature,
        [lambda phi: 1.0, lambda phi: np.sqrt(2), lambda phi: 1 / gain_by_quadrature(phi)],
    ),
    "temperature": (
        temperature_by_scipy,
        [lambda z, c: 1.0, lambda z, c: 1 / temperature_by_scipy(z, c), lambda z, c: -1.0, lambda z, c: 0],
    ),
}
HAND_ANSWERS = {
    "network_parameters": (9610, [9472, 0, [1, 2], None]),
    "tiny_backward": (28, [-7, -28, 0, "many"]),
    "zero_start": ([True, True, True, False], [[True] * 4, [False] * 4, "all", [1, 1, 1, 0]]),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)


def test_truths_may_come_as_an_array():
    assert exercises.answer("zero_start", np.array([True, True, True, False]))
    line = str(exercises.answer("zero_start", np.array([True] * 4)))
    assert line.startswith("not yet: wanted True where the gradient is zero, got [True, True, True, True]")


def test_known_gains():
    assert gain_by_quadrature(functional.relu) == pytest.approx(np.sqrt(2))
    assert gain_by_quadrature(np.tanh) == pytest.approx(1.5925, abs=1e-4)
