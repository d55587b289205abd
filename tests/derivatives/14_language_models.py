"""The gradients of attention and the Jacobian of layer normalisation."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import attention


def softmax_rows(S):
    """As the page writes it, so that complex numbers can go in."""
    return np.exp(S) / np.sum(np.exp(S), axis=-1, keepdims=True)


def loss(Q, K, V, G):
    return np.sum(G * (softmax_rows(Q @ K.T / np.sqrt(Q.shape[1])) @ V))


def tables(rng):
    """Five queries, seven keys and values, and the gradient that arrives at the outputs."""
    return [rng.normal(size=shape) for shape in ((5, 4), (7, 4), (7, 3), (5, 3))]


def gradients(Q, K, V, G):
    weights = attention.scaled_dot_product(Q, K, V).weights
    return attention.scaled_dot_product_backward(G, Q, K, V, weights)


def sample_first(first):
    """Sample the tables, the one that is differentiated first."""

    def sample(rng):
        drawn = tables(rng)
        return (drawn.pop(first), *drawn)

    return sample


def scores_gradient(S, V, G):
    A = softmax_rows(S)
    d_weights = G @ V.T
    return A * (d_weights - np.sum(A * d_weights, axis=1, keepdims=True))


def normalised(x):
    centred = x - np.mean(x)
    return centred / np.sqrt(np.mean(centred**2))


def layer_norm_jacobian(x):
    d, unit = len(x), normalised(x)
    return (np.eye(d) - np.ones((d, d)) / d - np.outer(unit, unit) / d) / x.std(ddof=0)


DERIVATIVES = [
    Derivative(
        "eq-grad-attention-values",
        lambda V, Q, K, G: loss(Q, K, V, G),
        lambda V, Q, K, G: gradients(Q, K, V, G).V,
        sample_first(2),
    ),
    Derivative(
        "eq-grad-attention-weights",
        lambda A, V, G: np.sum(G * (A @ V)),
        lambda A, V, G: G @ V.T,
        lambda rng: (rng.normal(size=(5, 7)), *tables(rng)[2:]),
    ),
    Derivative(
        "eq-grad-attention-scores",
        lambda S, V, G: np.sum(G * (softmax_rows(S) @ V)),
        scores_gradient,
        lambda rng: (rng.normal(size=(5, 7)), *tables(rng)[2:]),
    ),
    Derivative(
        "eq-grad-attention-queries",
        loss,
        lambda Q, K, V, G: gradients(Q, K, V, G).Q,
        sample_first(0),
    ),
    Derivative(
        "eq-grad-attention-keys",
        lambda K, Q, V, G: loss(Q, K, V, G),
        lambda K, Q, V, G: gradients(Q, K, V, G).K,
        sample_first(1),
    ),
    Derivative(
        "eq-jac-layer-norm",
        normalised,
        layer_norm_jacobian,
        lambda rng: rng.normal(size=6),
    ),
]
