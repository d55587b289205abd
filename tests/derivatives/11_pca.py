"""The gradients of the chapter on principal component analysis."""

import numpy as np

from derivatives import Derivative


def covariance(rng, n, d):
    X = rng.normal(size=(n, d))
    X = X - X.mean(axis=0)
    return X, X.T @ X / n


def rayleigh_gradient(w, S):
    return 2 / (w @ w) * (S @ w - (w @ S @ w) / (w @ w) * w)


def autoencoder_loss(W, X):
    return np.sum((X - X @ W @ W.T) ** 2) / len(X)


def autoencoder_gradient(W, X):
    S = X.T @ X / len(X)
    return 2 * (S @ W @ W.T @ W + W @ W.T @ S @ W - 2 * S @ W)


DERIVATIVES = [
    Derivative(
        "eq-grad-rayleigh",
        lambda w, S: (w @ S @ w) / (w @ w),
        rayleigh_gradient,
        lambda rng: (rng.normal(size=4), covariance(rng, 9, 4)[1]),
    ),
    Derivative(
        "eq-grad-autoencoder",
        autoencoder_loss,
        autoencoder_gradient,
        lambda rng: (rng.normal(size=(5, 2)), covariance(rng, 8, 5)[0]),
    ),
]
