"""The gradients of the chapter on information theory."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import functional


def soft_cross_entropy(z, p):
    """As the page writes it, so that complex numbers can go in."""
    q = np.exp(z) / np.sum(np.exp(z))
    return -np.sum(p * np.log(q))


def soft_targets(rng):
    return rng.normal(size=5), rng.dirichlet(np.ones(5))


def latent_price(parameters):
    m, s = parameters
    return (m**2 + s**2 - 1) / 2 - np.log(s)


DERIVATIVES = [
    Derivative(
        "eq-grad-soft-cross-entropy",
        soft_cross_entropy,
        lambda z, p: functional.softmax(z) - p,
        soft_targets,
    ),
    Derivative(
        "eq-grad-latent-price",
        latent_price,
        lambda parameters: np.array([parameters[0], parameters[1] - 1 / parameters[1]]),
        lambda rng: np.array([rng.normal(), rng.uniform(0.3, 2)]),
    ),
]
