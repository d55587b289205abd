"""The gradients and the Hessian of the chapter on linear regression."""

import numpy as np

from derivatives import Derivative


def squares(w, X, y):
    return np.sum((X @ w - y) ** 2)


def slope(w, X, y):
    """As the page writes it."""
    return 2 * X.T @ (X @ w - y)


def sample(rng):
    return rng.normal(size=3), rng.normal(size=(8, 3)), rng.normal(size=8)


def ridge_sample(rng):
    return *sample(rng), rng.uniform(0.1, 2)


DERIVATIVES = [
    Derivative("eq-grad-ols", squares, slope, sample),
    Derivative("eq-hess-ols", slope, lambda w, X, y: 2 * X.T @ X, sample),
    Derivative(
        "eq-grad-ridge-sum",
        lambda w, X, y, weight: squares(w, X, y) + weight * np.sum(w**2),
        lambda w, X, y, weight: slope(w, X, y) + 2 * weight * w,
        ridge_sample,
    ),
]
