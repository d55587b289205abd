"""The gradients of the chapter on image recognition."""

import numpy as np

from derivatives import Derivative
from mmlhelpers import convolution


def correlation(x, w):
    """The sum of the page, written so that complex numbers can go in."""
    (h, width), (a, b) = x.shape, w.shape
    places = (h - a + 1, width - b + 1)
    return sum(w[u, v] * x[u : u + places[0], v : v + places[1]] for u in range(a) for v in range(b))


def kernel_sample(rng):
    """A window, the picture, and what arrives from above: the loss is a weighted sum of the answers."""
    return rng.normal(size=(3, 2)), rng.normal(size=(6, 7)), rng.normal(size=(4, 6))


def picture_sample(rng):
    w, x, delta = kernel_sample(rng)
    return x, w, delta


def pooled(x):
    h, w = x.shape
    return x.reshape(h // 2, 2, w // 2, 2).max(axis=(1, 3))


def pooling_gradient(x, delta):
    batch = x[None, :, :, None]
    back = convolution.max_pool_backward(delta[None, :, :, None], convolution.max_pool(batch), batch.shape)
    return back[0, :, :, 0]


def distinct_sample(rng):
    """Pixels that differ by at least a tenth, so that no winner changes."""
    return rng.permutation(24).reshape(4, 6) / 10, rng.normal(size=(2, 3))


DERIVATIVES = [
    Derivative(
        "eq-grad-conv-kernel",
        lambda w, x, delta: np.sum(delta * correlation(x, w)),
        lambda w, x, delta: convolution.correlate(x, delta),
        kernel_sample,
    ),
    Derivative(
        "eq-grad-conv-input",
        lambda x, w, delta: np.sum(delta * correlation(x, w)),
        lambda x, w, delta: convolution.convolve(delta, w),
        picture_sample,
    ),
    Derivative(
        "eq-grad-max-pool",
        lambda x, delta: np.sum(delta * pooled(x)),
        pooling_gradient,
        distinct_sample,
        analytic=False,
    ),
]
