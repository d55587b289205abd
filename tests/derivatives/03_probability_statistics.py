"""The gradients and Hessians of the chapter on probability and statistics."""

import numpy as np

from derivatives import Derivative


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def normal_log_likelihood(theta, x):
    mu, sigma = theta
    return np.sum(-(((x - mu) / sigma) ** 2) / 2 - np.log(sigma))


def normal_score(theta, x):
    mu, sigma = theta
    return np.array([np.sum(x - mu) / sigma**2, -len(x) / sigma + np.sum((x - mu) ** 2) / sigma**3])


def logistic_loss(w, X, y):
    z = X @ w
    return np.sum(np.log(1 + np.exp(z)) - y * z)


def logistic_gradient(w, X, y):
    return X.T @ (sigmoid(X @ w) - y)


def logistic_hessian(w, X, y):
    p = sigmoid(X @ w)
    return X.T @ np.diag(p * (1 - p)) @ X


def logistic_sample(rng):
    return rng.normal(size=3), rng.normal(size=(7, 3)), rng.integers(0, 2, 7)


DERIVATIVES = [
    Derivative(
        "eq-grad-normal",
        normal_log_likelihood,
        normal_score,
        lambda rng: (np.array([rng.normal(), rng.uniform(0.5, 2)]), rng.normal(size=6)),
    ),
    Derivative("eq-grad-logistic", logistic_loss, logistic_gradient, logistic_sample),
    Derivative("eq-hess-logistic", logistic_gradient, logistic_hessian, logistic_sample),
    Derivative(
        "eq-grad-posterior",
        lambda w, X, y: -logistic_loss(w, X, y) - 0.3 / 2 * np.sum(w**2),
        lambda w, X, y: X.T @ (y - sigmoid(X @ w)) - 0.3 * w,
        logistic_sample,
    ),
]
