"""The gradients and Jacobians of the chapter on neural networks."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import functional, nn


def cross_entropy(Z, c):
    """As the page writes it, so that complex numbers can go in."""
    return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - Z[np.arange(len(c)), c])


def batch(rng, n=5, d=4, h=3, k=2):
    """A random network of two layers, and a batch."""
    c = rng.integers(0, k, n)
    return rng.normal(size=(n, d)), c, *(rng.normal(size=s) for s in ((d, h), h, (h, k), k))


def deltas(Z1, c, W2, b2):
    """The two deltas of the theorem, in its order."""
    A1 = np.tanh(Z1)
    D2 = (functional.softmax(A1 @ W2 + b2) - np.eye(len(b2))[c]) / len(c)
    return D2, D2 @ W2.T * (1 - A1**2)


def loss_of_hidden(Z1, c, W2, b2):
    return cross_entropy(np.tanh(Z1) @ W2 + b2, c)


def hidden_sample(rng):
    X, c, W1, b1, W2, b2 = batch(rng)
    return X @ W1 + b1, c, W2, b2


def loss_of_weights(p, X, c, b1, b2, shapes):
    W1, W2 = unpack(p, shapes)
    return cross_entropy(np.tanh(X @ W1 + b1) @ W2 + b2, c)


def unpack(p, shapes):
    cut = shapes[0][0] * shapes[0][1]
    return p[:cut].reshape(shapes[0]), p[cut:].reshape(shapes[1])


def gradient_of_weights(p, X, c, b1, b2, shapes):
    W1, W2 = unpack(p, shapes)
    D2, D1 = deltas(X @ W1 + b1, c, W2, b2)
    return np.concatenate([np.ravel(X.T @ D1), np.ravel(np.tanh(X @ W1 + b1).T @ D2)])


def weights_sample(rng):
    X, c, W1, b1, W2, b2 = batch(rng)
    return np.concatenate([W1.ravel(), W2.ravel()]), X, c, b1, b2, (W1.shape, W2.shape)


def loss_of_biases(p, X, c, W1, W2):
    return cross_entropy(np.tanh(X @ W1 + p[: W1.shape[1]]) @ W2 + p[W1.shape[1] :], c)


def gradient_of_biases(p, X, c, W1, W2):
    h = W1.shape[1]
    D2, D1 = deltas(X @ W1 + p[:h], c, W2, p[h:])
    return np.concatenate([D1.T @ np.ones(len(X)), D2.T @ np.ones(len(X))])


def biases_sample(rng):
    X, c, W1, b1, W2, b2 = batch(rng)
    return np.concatenate([b1, b2]), X, c, W1, W2


EPSILON = 1e-5


def standardise(x):
    centred = x - np.mean(x)
    return centred / np.sqrt(np.mean(centred**2) + EPSILON)


def standardise_jacobian(x):
    m = len(x)
    s = np.sqrt(x.var(ddof=0) + EPSILON)
    x_hat = standardise(x)
    return (np.eye(m) - np.ones((m, m)) / m - np.outer(x_hat, x_hat) / m) / s


def standardise_by_the_layer(x):
    """The package's backward pass, one unit gradient from above a column."""
    weights = {"gamma": np.ones(1), "beta": np.zeros(1), "mean": np.zeros(1), "variance": np.ones(1)}
    room = {"gamma": np.empty(1), "beta": np.empty(1)}
    layer = nn.BatchNorm(1, epsilon=EPSILON)
    _, memory = layer.forward(x[:, None], weights, np.random.default_rng(0))
    rows = [layer.backward(one[:, None], memory, weights, room)[:, 0] for one in np.eye(len(x))]
    np.testing.assert_allclose(rows, standardise_jacobian(x), atol=1e-12)
    return np.array(rows)


def temperature_slope(beta, z, c):
    p = functional.softmax(beta * z)
    return np.mean(np.sum(p * z, axis=1) - z[np.arange(len(c)), c])


DERIVATIVES = [
    Derivative(
        "eq-grad-nn-logits",
        cross_entropy,
        lambda Z, c: (functional.softmax(Z) - np.eye(Z.shape[1])[c]) / len(c),
        lambda rng: (rng.normal(size=(5, 3)), rng.integers(0, 3, 5)),
    ),
    Derivative(
        "eq-grad-nn-hidden",
        loss_of_hidden,
        lambda Z1, c, W2, b2: deltas(Z1, c, W2, b2)[1],
        hidden_sample,
    ),
    Derivative("eq-grad-nn-weights", loss_of_weights, gradient_of_weights, weights_sample),
    Derivative("eq-grad-nn-biases", loss_of_biases, gradient_of_biases, biases_sample),
    Derivative(
        "eq-jac-nn-standardise", standardise, standardise_by_the_layer, lambda rng: rng.normal(size=6)
    ),
    Derivative(
        "eq-grad-nn-temperature",
        lambda beta, z, c: cross_entropy(beta * z, c),
        temperature_slope,
        lambda rng: (rng.uniform(0.5, 2), rng.normal(size=(6, 3)), rng.integers(0, 3, 6)),
    ),
]
