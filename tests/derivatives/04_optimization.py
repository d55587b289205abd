"""The gradients and Hessians of the chapter on optimization."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import functional, optim


def mean_cross_entropy(Z, c):
    """As the page writes it, so that complex numbers can go in."""
    rows = np.arange(len(c))
    return np.mean(np.log(np.sum(np.exp(Z), axis=1)) - Z[rows, c])


def mean_logistic(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)


def away_from_corners(rng, n=7):
    """Scores with all margins at least a tenth away from one."""
    y = rng.choice([-1.0, 1.0], size=n)
    margin = 1 + rng.choice([-1, 1], size=n) * rng.uniform(0.1, 2, size=n)
    return y * margin, y


def logistic_sample(rng):
    return rng.normal(size=3), rng.normal(size=(8, 3)), rng.integers(0, 2, size=8).astype(float)


def logistic_gradient(w, X, y):
    return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y)


def logistic_hessian(w, X, y):
    p = functional.sigmoid(X @ w)
    return X.T @ np.diag(p * (1 - p)) @ X / len(y)


def softmax(z):
    return np.exp(z) / np.sum(np.exp(z))


def softmax_hessian(z):
    s = functional.softmax(z)
    return np.diag(s) - np.outer(s, s)


def residual(x, t):
    """The cooling curve of the page, two further shapes mixed in so that no column is constant."""
    return x[0] * np.exp(-x[1] * t) + x[2] * t - np.sin(t)


def residual_jacobian(x, t):
    e = np.exp(-x[1] * t)
    return np.stack([e, -x[0] * t * e, t], axis=1)


def residual_hessian(x, t):
    e = np.exp(-x[1] * t)
    bends = np.zeros((len(t), 3, 3))
    bends[:, 0, 1] = bends[:, 1, 0] = -t * e
    bends[:, 1, 1] = x[0] * t**2 * e
    J = residual_jacobian(x, t)
    return J.T @ J + np.einsum("i,ijk->jk", residual(x, t), bends)


def residual_sample(rng):
    return rng.uniform(0.5, 1.5, size=3), np.linspace(0.1, 2, 6)


def ridge_value(w, X, y, weight):
    return np.sum((X @ w - y) ** 2) / (2 * len(y)) + weight / 2 * np.sum(w**2)


def ridge_gradient(w, X, y, weight):
    return X.T @ (X @ w - y) / len(y) + weight * w


def ridge_sample(rng):
    return rng.normal(size=4), rng.normal(size=(9, 4)), rng.normal(size=9), rng.uniform(0.1, 1)


DERIVATIVES = [
    Derivative(
        "eq-grad-mse",
        lambda z, y: np.mean((z - y) ** 2),
        lambda z, y: functional.mean_squared_error(z, y).gradient,
        lambda rng: (rng.normal(size=5), rng.normal(size=5)),
    ),
    Derivative(
        "eq-grad-logistic-score",
        mean_logistic,
        lambda z, y: functional.logistic_loss(z, y).gradient,
        lambda rng: (rng.normal(size=6), rng.integers(0, 2, size=6).astype(float)),
    ),
    Derivative(
        "eq-grad-cross-entropy",
        mean_cross_entropy,
        lambda Z, c: functional.cross_entropy(Z, c).gradient,
        lambda rng: (rng.normal(size=(5, 3)), rng.integers(0, 3, size=5)),
    ),
    Derivative(
        "eq-grad-hinge",
        lambda z, y: np.mean(np.maximum(0, 1 - y * z)),
        lambda z, y: functional.hinge_loss(z, y).gradient,
        away_from_corners,
        analytic=False,
    ),
    Derivative(
        "eq-grad-linear-model",
        lambda w, X, y: mean_logistic(X @ w, y),
        lambda w, X, y: X.T @ functional.logistic_loss(X @ w, y).gradient,
        logistic_sample,
    ),
    Derivative("eq-hess-logistic-weights", logistic_gradient, logistic_hessian, logistic_sample),
    Derivative("eq-hess-softmax", softmax, softmax_hessian, lambda rng: rng.normal(size=4)),
    Derivative(
        "eq-grad-residuals",
        lambda x, t: 0.5 * np.sum(residual(x, t) ** 2),
        lambda x, t: residual_jacobian(x, t).T @ residual(x, t),
        residual_sample,
    ),
    Derivative(
        "eq-hess-residuals",
        lambda x, t: residual_jacobian(x, t).T @ residual(x, t),
        residual_hessian,
        residual_sample,
    ),
    Derivative(
        "eq-grad-ridge",
        ridge_value,
        lambda w, X, y, weight: optim.least_squares(X, y, weight).gradient(w),
        ridge_sample,
    ),
    Derivative(
        "eq-hess-ridge",
        ridge_gradient,
        lambda w, X, y, weight: optim.least_squares(X, y, weight).hessian(w),
        ridge_sample,
    ),
]
