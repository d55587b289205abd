"""Matrices whose rank, singular values or eigenvalues are known on paper."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

GOLDEN = (1 + math.sqrt(5)) / 2


class Problem(NamedTuple):
    """A matrix with its singular values in descending order."""

    A: np.ndarray
    sigma: list[float]


def turned(sigma, m, n, seed):
    """Give a matrix (m, n) these singular values and random directions."""
    rng = np.random.default_rng(seed)
    k = len(sigma)
    U, V = (np.linalg.qr(rng.normal(size=(size, k)))[0] for size in (m, n))
    return Problem((U * sigma) @ V.T, list(sigma))


def lauchli(small):
    """Three columns that agree except for a small entry each: squaring them loses the difference."""
    return Problem(np.vstack([np.ones(3), small * np.eye(3)]), [math.sqrt(3 + small**2), small, small])


SINGULAR = {
    "identity": Problem(np.eye(3), [1, 1, 1]),
    "zero": Problem(np.zeros((3, 2)), [0, 0]),
    "one number": Problem(np.array([[-2.0]]), [2]),
    "row": Problem(np.array([[3.0, 4.0]]), [5]),
    "column": Problem(np.array([[3.0], [4.0]]), [5]),
    "shear": Problem(np.array([[1.0, 1.0], [0.0, 1.0]]), [GOLDEN, GOLDEN - 1]),
    "nilpotent": Problem(np.array([[0.0, 5.0], [0.0, 0.0]]), [5, 0]),
    "rank one": Problem(np.outer([1.0, 2.0, 2.0], [3.0, 0.0, 4.0]), [15, 0, 0]),
    "all ones": Problem(np.ones((4, 6)), [math.sqrt(24), 0, 0, 0]),
    "lauchli": lauchli(1e-5),
    "tall": turned([3, 2, 1], 7, 3, seed=1),
    "wide": turned([3, 2, 1], 3, 7, seed=2),
    "repeated": turned([2, 2, 2, 1, 1], 6, 5, seed=3),
    "deficient": turned([4, 3, 0, 0], 5, 4, seed=4),
    "stretched": turned([1e4, 1, 1e-4], 4, 3, seed=5),
    "tiny": Problem(np.diag([3e-12, 2e-12]), [3e-12, 2e-12]),
    "huge": Problem(np.diag([2e12, 3e12]), [3e12, 2e12]),
}

SYMMETRIC = {
    "identity": (np.eye(3), [1, 1, 1]),
    "zero": (np.zeros((2, 2)), [0, 0]),
    "exchange": (np.array([[0.0, 1.0], [1.0, 0.0]]), [1, -1]),
    "two by two": (np.array([[2.0, 1.0], [1.0, 2.0]]), [3, 1]),
    "all ones": (np.ones((4, 4)), [4, 0, 0, 0]),
    "second differences": (
        2 * np.eye(6) - np.eye(6, k=1) - np.eye(6, k=-1),
        [2 - 2 * math.cos(k * math.pi / 7) for k in range(6, 0, -1)],
    ),
    "ring": (
        np.roll(np.eye(5), 1, axis=1) + np.roll(np.eye(5), -1, axis=1),
        sorted((2 * math.cos(2 * math.pi * k / 5) for k in range(5)), reverse=True),
    ),
    "huge": (1e12 * np.array([[2.0, 1.0], [1.0, 2.0]]), [3e12, 1e12]),
}

# Functions of several variables with their minima: (value, gradient, hessian), start, minimiser.


class Minimum(NamedTuple):
    """A smooth function with its derivatives, where to start, and where its minimum is."""

    value: Callable[[np.ndarray], float]
    gradient: Callable[[np.ndarray], np.ndarray]
    hessian: Callable[[np.ndarray], np.ndarray]
    start: list[float]
    minimiser: list[float]


def bowl(H, minimiser, start):
    """Half of (x - m)' H (x - m)."""
    H, m = np.array(H, dtype=float), np.array(minimiser, dtype=float)
    return Minimum(
        lambda x: 0.5 * (x - m) @ H @ (x - m), lambda x: H @ (x - m), lambda x: H, start, minimiser
    )


def log_cosh(scales, start):
    """Sum of log cosh(c x): curved at the bottom, straight far away, where Newton's pure step overshoots."""
    c = np.array(scales, dtype=float)
    return Minimum(
        lambda x: float(np.sum(np.logaddexp(c * x, -c * x))),
        lambda x: c * np.tanh(c * x),
        lambda x: np.diag((c / np.cosh(c * x)) ** 2),
        start,
        [0.0] * len(c),
    )


def _curved_valley(x):
    return float((1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2)


def _curved_valley_gradient(x):
    return np.array(
        [-2 * (1 - x[0]) - 40 * x[0] * (x[1] - x[0] ** 2), 20 * (x[1] - x[0] ** 2)],
    )


def _curved_valley_hessian(x):
    return np.array([[2 - 40 * (x[1] - 3 * x[0] ** 2), -40 * x[0]], [-40 * x[0], 20.0]])


CONVEX = {
    "round bowl": bowl(np.eye(3), [1, 2, 3], [0, 0, 0]),
    "tilted bowl": bowl([[3, 1], [1, 2]], [1, -1], [4, 4]),
    "stretched bowl": bowl(np.diag([1, 5, 25]), [0, 1, -1], [3, 3, 3]),
    "log cosh": log_cosh([1, 2], [2, -1.5]),
}

SMOOTH = CONVEX | {
    "curved valley": Minimum(
        _curved_valley, _curved_valley_gradient, _curved_valley_hessian, [-1.0, 1.5], [1.0, 1.0]
    ),
}
