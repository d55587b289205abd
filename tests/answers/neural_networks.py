"""Answers to the exercises of the chapter on neural networks."""

from fractions import Fraction

import numpy as np
import scipy.integrate
import scipy.optimize
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.special import log_softmax, softmax

from mmlhelpers import autodiff, functional


def hidden(X, Y, W1, W2, slope=lambda A: 1 - A**2, mean=len):
    A = np.tanh(X @ W1)
    return X.T @ ((A @ W2 - Y) / mean(X) @ W2.T * slope(A))


def hidden_by_autodiff(X, Y, W1, W2):
    return autodiff.grad(lambda W: 0.5 * np.mean(np.sum((np.tanh(X @ W) @ W2 - Y) ** 2, axis=1)))(W1)


def hidden_by_sums(X, Y, W1, W2):
    total = np.zeros_like(W1)
    for x, y in zip(X, Y, strict=True):
        a = np.tanh(x @ W1)
        total += np.outer(x, W2 @ (a @ W2 - y) * (1 - a**2))
    return total / len(X)


def relu_gradient(X, c, W1, W2, mask=lambda z, D: z > 0, mean=len, axis=1, hot=True):
    z = X @ W1
    D2 = (softmax(np.maximum(z, 0) @ W2, axis=axis) - hot * np.eye(W2.shape[1])[c]) / mean(X)
    D = D2 @ W2.T
    return X.T @ (D * mask(z, D))


def relu_by_autodiff(X, c, W1, W2):
    def loss(W):
        logits = np.maximum(X @ W, 0) @ W2
        largest = np.max(np.maximum(X @ W1, 0) @ W2, axis=1, keepdims=True)
        sums = np.log(np.sum(np.exp(logits - largest), axis=1))
        return np.mean(sums - np.sum((logits - largest) * np.eye(W2.shape[1])[c], axis=1))

    return autodiff.grad(loss)(W1)


def through(x, d, ddof=0, mean=1.0, spread=1.0):
    s = x.std(ddof=ddof)
    x_hat = (x - x.mean()) / s
    return (d - mean * d.mean() - spread * x_hat * np.mean(x_hat * d)) / s


def through_by_autodiff(x, d):
    x, d = np.asarray(x), np.asarray(d)
    return autodiff.grad(lambda x: np.sum((x - np.mean(x)) / np.sqrt(np.mean((x - np.mean(x)) ** 2)) * d))(x)


def through_by_matrix(x, d):
    n, s = len(x), x.std()
    x_hat = (x - x.mean()) / s
    return (np.eye(n) - 1 / n - np.outer(x_hat, x_hat) / n) @ d / s


def through_without_slash(x, d):
    level = x - sum(x) / len(x)
    square = sum(level**2) / len(x)
    return ((d - sum(d) / len(d)) - level * (sum(level * d) / len(x) / square)) / square**0.5


def dropped(x, keep, rate, training):
    return x * keep / (1 - rate) if training else x


def in_place(x, keep, rate, training):
    if training:
        x[keep == 0] = 0
        x /= 1 - rate
    return x


def xor(W=2.4, w2=0.4, b2=-0.4):
    return np.full((2, 2), W), np.array([-W / 2, -3 * W / 2]), np.array([w2, -w2]), b2


def gain(phi, half=False, power=-0.5, centre=False, reach=12):
    z = np.linspace(0 if half else -reach, reach, 20_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    h = z[1] - z[0]
    mean = centre * np.sum(phi(z) * density) * h
    return (np.sum((phi(z) - mean) ** 2 * density) * h) ** power


def gain_by_quadrature(phi):
    square = lambda z: float(phi(np.array([z]))[0]) ** 2 * np.exp(-(z**2) / 2)  # noqa: E731
    total = scipy.integrate.quad(square, -12, 0)[0] + scipy.integrate.quad(square, 0, 12)[0]
    return np.sqrt(np.sqrt(2 * np.pi) / total)


def gain_by_hermite(phi):
    z, w = np.polynomial.hermite_e.hermegauss(180)
    return np.sqrt(w.sum() / (w @ phi(z) ** 2))


def gain_by_chance(phi):
    z = np.random.default_rng(0).normal(size=1_000_000)
    return 1 / np.sqrt(np.mean(phi(np.concatenate([z, -z])) ** 2))


def best_temperature(z, c):
    def slope(beta):
        p = softmax(beta * z, axis=1)
        return np.mean(np.sum(p * z, axis=1) - z[np.arange(len(c)), c])

    return 1 / scipy.optimize.brentq(slope, 1e-9, 1e3, xtol=1e-14)


def temperature_by_search(z, c, square=False):
    def loss(log_T):
        logs = log_softmax(z / np.exp(log_T), axis=1)
        if square:
            return np.sum((np.exp(logs) - np.eye(z.shape[1])[c]) ** 2)
        return -np.sum(logs[np.arange(len(c)), c])

    return np.exp(
        scipy.optimize.minimize_scalar(loss, bounds=(-7, 7), method="bounded", options={"xatol": 1e-9}).x
    )


def temperature_of_a_grid(z, c):
    return min(np.arange(0.25, 400, 0.25), key=lambda T: functional.cross_entropy(z / T, c).value)


HIDDEN = "the gradient is the input times the blame of the hidden units, averaged"
RELU = "the mean loss falls along the input times the masked blame"
EVERY = "mean and spread depend on every number"
UP = "what is kept in training is scaled up"
GAIN = "the gain is one over the root of the mean square"
LEAST = "the mean loss is least there"
OUTPUTS = "wanted outputs below -0.1, above 0.1, above 0.1, below -0.1 at (0,0), (0,1), (1,0), (1,1), got"

ANSWERS = {
    "network_parameters": Answers(
        mutants=[
            ("got 9472, the weights: every unit has a bias too", 64 * 128 + 128 * 10),
            ("wanted weights and biases of both layers, got 9600", 64 * 128 + 128 + 128 * 10),
            ("wanted weights and biases of both layers, got 9482", 64 * 128 + 128 * 10 + 10),
            ("wanted weights and biases of both layers, got 9674", 9610 + 64),
            ("wanted weights and biases of both layers, got 81920", 64 * 128 * 10),
            ("wanted weights and biases of both layers, got 9610.5", 9610.5),
        ],
        disguises=[9610, 9610.0, [9610], np.float32(9610), Fraction(9610), np.int64(9610)],
    ),
    "tiny_backward": Answers(
        mutants=[
            ("with respect to w1, got -7, the blame of the output", -7),
            ("with respect to w1, got 14, the blame of the hidden unit", 14),
            ("with respect to w1, got -21, the one for w2", -21),
            ("the blame of the hidden unit times its input, got -28", -28),
            ("the blame of the hidden unit times its input, got 0", 0),
            ("the blame of the hidden unit times its input, got 21", 14 * 1.5),
            ("the blame of the hidden unit times its input, got 56", 56),
        ],
        disguises=[28, 28.0, [28], np.float16(28), Fraction(56, 2), np.array(28)],
    ),
    "zero_start": Answers(
        mutants=[
            ("wanted True where the gradient is zero, got [True, True, True, True]", [True] * 4),
            ("wanted True where the gradient is zero, got [False, False", [False] * 4),
            ("wanted True where the gradient is zero", [True, True, False, False]),
            ("wanted True where the gradient is zero", [False, False, False, True]),
            ("wanted True where the gradient is zero", np.array([1, 0, 1, 0])),
            ("wanted a list of four truths for W1, b1, W2, b2", [True, False]),
            ("wanted a list of four truths for W1, b1, W2, b2", ["W1", "b1", "W2", "b2"]),
        ],
        disguises=[
            [True, True, True, False],
            (1, 1, 1, 0),
            np.array([True, True, True, False]),
            [np.bool_(1), np.bool_(1), np.bool_(1), np.bool_(0)],
            [1.0, 1.0, 1.0, 0.0],
        ],
    ),
    "hidden_weights_gradient": Answers(
        mutants=[
            (HIDDEN, lambda X, Y, W1, W2: np.zeros_like(W1)),
            (HIDDEN, lambda *case: hidden(*case, slope=np.ones_like)),
            (HIDDEN, lambda *case: hidden(*case, slope=lambda A: 1 - A)),
            (HIDDEN, lambda X, Y, W1, W2: hidden(X, Y, W1, W2, slope=lambda A: 1 - (X @ W1) ** 2)),
            (HIDDEN, lambda *case: hidden(*case, mean=lambda X: 1)),
            (HIDDEN, lambda *case: hidden(*case, mean=lambda X: X.size)),
            (HIDDEN, lambda *case: 2 * hidden(*case)),
            (HIDDEN, lambda *case: -hidden(*case)),
            (HIDDEN, lambda *case: hidden(*case).T),
            (HIDDEN, lambda X, Y, W1, W2: hidden(X, 0 * Y, W1, W2)),
        ],
        disguises=[
            hidden,
            hidden_by_autodiff,
            hidden_by_sums,
            listed(hidden),
            single(hidden),
            spoiling(hidden),
        ],
    ),
    "standardise_gradient": Answers(
        mutants=[
            (EVERY, lambda x, d: d / x.std()),
            (EVERY, lambda x, d: d),
            (EVERY, lambda x, d: through(x, d, mean=0)),
            (EVERY, lambda x, d: through(x, d, spread=0)),
            (EVERY, lambda x, d: through(x, d, ddof=1)),
            (EVERY, lambda x, d: through(x, d, spread=-1)),
            (EVERY, lambda x, d: through(x, d) * x.std()),
            (EVERY, lambda x, d: through(x, d, spread=len(x))),
            ("no matrix is formed", through_by_matrix),
        ],
        disguises=[
            through,
            through_by_autodiff,
            through_without_slash,
            tupled(through),
            single(through),
            spoiling(through),
        ],
    ),
    "relu_network_gradient": Answers(
        mutants=[
            (RELU, lambda *case: relu_gradient(*case, axis=0)),
            (RELU, lambda *case: relu_gradient(*case, mean=lambda X: 1)),
            (RELU, lambda *case: relu_gradient(*case, mask=lambda z, D: D > 0)),
            (RELU, lambda *case: relu_gradient(*case, mask=lambda z, D: 1)),
            (RELU, lambda *case: relu_gradient(*case, mask=lambda z, D: z < 0)),
            (RELU, lambda *case: relu_gradient(*case, mask=lambda z, D: np.maximum(z, 0))),
            (RELU, lambda *case: relu_gradient(*case, hot=False)),
            (RELU, lambda *case: -relu_gradient(*case)),
            (
                "there may be more classes than two",
                lambda X, c, W1, W2: relu_gradient(X, np.minimum(c, 1), W1, W2),
            ),
        ],
        disguises=[
            relu_gradient,
            relu_by_autodiff,
            lambda *case: relu_gradient(*case, mask=lambda z, D: np.heaviside(z, 0)),
            tupled(relu_gradient),
            single(relu_gradient),
            spoiling(relu_gradient),
        ],
    ),
    "dropped": Answers(
        mutants=[
            (UP, lambda x, keep, rate, training: x * keep),
            (UP, lambda x, keep, rate, training: x * keep / keep.mean() if training else x),
            (UP, lambda x, keep, rate, training: x * keep / rate if training and rate else x),
            (UP, lambda x, keep, rate, training: x * keep * (1 - rate) if training else x),
            (UP, lambda x, keep, rate, training: x * (1 - keep) / (1 - rate) if training else x),
            (UP, lambda x, keep, rate, training: x / (1 - rate) if training else x),
            (UP, lambda x, keep, rate, training: x if training else x * keep / (1 - rate)),
            ("nothing happens at evaluation", lambda x, keep, rate, training: x * keep / (1 - rate)),
            (
                "nothing happens at evaluation",
                lambda x, keep, rate, training: x * keep / (1 - rate) if training else x * (1 - rate),
            ),
            (
                "this breaks: what is kept",
                lambda x, keep, rate, training: (x * keep / (1 - rate))[keep > 0] if training else x,
            ),
        ],
        disguises=[
            dropped,
            in_place,
            lambda x, keep, rate, training: np.where(keep, x / (1 - rate), 0) if training else x,
            listed(dropped),
            single(dropped),
            fractions(dropped),
        ],
    ),
    "xor_weights": Answers(
        mutants=[
            (OUTPUTS, lambda: (np.zeros((2, 2)), np.zeros(2), np.zeros(2), 0.0)),
            (OUTPUTS, lambda: xor(w2=-0.4, b2=0.4)),
            (OUTPUTS, lambda: xor(b2=0.0)),
            (OUTPUTS, lambda: xor(w2=0.14, b2=-0.14)),
            (OUTPUTS, lambda: ([[1, 1], [1, 1]], [0, -1], [1, -2], 0.0)),  # made for ReLU
            ("wanted W1 of shape (2, 2), got", lambda: (np.eye(3), np.zeros(2), np.ones(2), -0.5)),
            ("wanted w2 of shape (2,), got", lambda: (*xor()[:2], xor()[2][:, None], -0.4)),
            ("wanted 4 results (W1, b1, w2, b2)", lambda: xor()[:3]),
        ],
        disguises=[
            xor,
            lambda: (np.full((2, 2), 4), np.array([-2, -6]), np.array([1, -1]), -1),
            lambda: [[[5.0, -5.0], [-5.0, 5.0]], [-2.5, -2.5], (1, 1), [1]],
            lambda: [np.float32(part) for part in xor()],
            lambda: ([[Fraction(4)] * 2] * 2, [-2, -6], [Fraction(3), -3], Fraction(-3)),
        ],
    ),
    "best_gain": Answers(
        mutants=[
            (GAIN, lambda phi: 1.0),
            (GAIN, lambda phi: np.sqrt(2)),
            (GAIN, lambda phi: gain(phi, power=0.5)),
            (GAIN, lambda phi: gain(phi, power=-1)),
            (GAIN, lambda phi: gain(phi, centre=True)),
            (GAIN, lambda phi: gain(phi, half=True)),
            (
                "what is negative counts too",
                lambda phi: gain(phi) if phi(-1.0) in (0, np.tanh(-1)) else gain(functional.relu),
            ),
            ("the mean square is not the variance", lambda phi: gain(phi, centre=phi(0.0) != 0)),
            (GAIN, lambda phi: gain(phi, reach=1)),
            (GAIN, lambda phi: gain(phi) if phi is not np.tanh else 5 / 3),
            ("wanted one number, got", lambda phi: gain(phi) * np.ones(2)),
        ],
        disguises=[
            gain,
            gain_by_quadrature,
            gain_by_hermite,
            gain_by_chance,
            lambda phi: [float(f"{gain(phi):.3g}")],
            single(gain),
            fractions(gain),
        ],
    ),
    "temperature": Answers(
        mutants=[
            (LEAST, lambda z, c: 1.0),
            (LEAST, lambda z, c: 1 / best_temperature(z, c)),
            ("wanted a temperature above 0, got -", lambda z, c: -best_temperature(z, c)),
            ("wanted a temperature above 0, got 0", lambda z, c: 0),
            (LEAST, lambda z, c: temperature_by_search(z, c, square=True)),
            (LEAST, lambda z, c: best_temperature(z, c) ** 2),
            (LEAST, lambda z, c: z.std()),
            (LEAST, temperature_of_a_grid),
            ("a temperature below one", lambda z, c: max(best_temperature(z, c), 1)),
        ],
        disguises=[
            best_temperature,
            temperature_by_search,
            lambda z, c: [float(f"{best_temperature(z, c):.3g}")],
            single(best_temperature),
            fractions(best_temperature),
        ],
    ),
}
