"""The exercises of the chapter on optimization: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (n, d) are arrays of float64; samples are rows.
"""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import CLOSE, HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def convex_or_not(value: Any) -> None:
    """Say which of six functions are convex."""
    if not isinstance(value, list | tuple) or len(value) != 6 or not all(isinstance(v, bool) for v in value):
        raise NotYet(f"wanted a list of six truths, True for convex, got {show(value)}")
    wrong = sum(a != b for a, b in zip(value, (True, True, False, True, True, False), strict=True))
    if wrong:
        raise NotYet(f"wanted six right answers, got {6 - wrong}: try a chord between two points")


@by_hand
def newton_runs_away(value: Any) -> None:
    """Find Newton's next point for f(x) = sqrt(1 + x^2) from x = 2."""
    point = as_numbers(value, "one number", ())
    if abs(point - 2 / math.sqrt(5)) <= HAND:
        raise NotYet("wanted the point after a step of Newton's method, got the slope at 2")
    if not abs(point + 8) <= HAND:
        raise NotYet(f"wanted 2 minus the first derivative over the second, got {show(value)}")


@by_hand
def simplex_by_kkt(value: Any) -> None:
    """Project (0.8, 0.6, -0.2) onto the probability simplex."""
    x = as_numbers(value, "three numbers", (3,))
    if abs(x.sum() - 1) > HAND or x.min() < 0:
        raise NotYet(
            f"wanted shares that are not negative and sum to 1, got {show(value)}, sum {show(x.sum())}"
        )
    if not np.allclose(x, [0.6, 0.4, 0], atol=HAND):
        raise NotYet(
            f"wanted the nearest such point, got {show(value)}: the conditions fix one threshold for all"
        )


# Functions


@specification(
    (floats([1, 0], [0, 2]), 0.0),
    (floats([1, 1], [1, -1], [2, 0]), 0.5),
    (floats([1, 2], [2, 4]), 0.1),  # without the penalty there would be no curvature along one direction
)
def best_ridge_step(X: Array, ridge: float) -> float:
    """Take the two extreme eigenvalues of the Hessian."""
    values = np.linalg.eigvals(X.T @ X / len(X) + ridge * np.eye(X.shape[1])).real
    return float(2 / (values.min() + values.max()))


@specification(
    (floats(0, 0), 1),
    (floats(2, -1, 0.5), 0),
    (floats(1e4, -1e4), 1),
)
def cross_entropy_gradient(z: Array, c: int) -> Array:
    """Subtract the one-hot class from the softmax, entry by entry."""
    top = max(z)
    total = sum(math.exp(value - top) for value in z)
    return np.array([math.exp(value - top) / total - (j == c) for j, value in enumerate(z)])


@specification(
    (floats(1), [floats(4), floats(2)], 0.1),
    (floats(1, -2), [floats(0.5, 100), floats(0.5, -100), floats(1, 1)], 0.01),
)
def adam_path(x: Array, gradients: list[Array], rate: float) -> Array:
    """Write the running means as weighted sums, which sum to one after the correction."""
    for t in range(1, len(gradients) + 1):
        ages = np.arange(t)[::-1]
        mean, square = (
            sum(beta**age * g**power for age, g in zip(ages, gradients, strict=False)) / sum(beta**ages)
            for beta, power in ((0.9, 1), (0.999, 2))
        )
        x = x - rate * mean / (np.sqrt(square) + 1e-8)
    return x


@specification(
    (floats(0.9, 0.6, -1),),
    (floats(0.2, 0.3, 0.5),),
    (floats(-3, -4),),
    (floats(5, 1, 1, 0.9),),
)
def onto_simplex(v: Array) -> Array:
    """Bisect for the threshold at which the positive parts sum to one."""
    low, high = v.min() - 1, v.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(v - middle, 0).sum() > 1 else (low, middle)
    shares: Array = np.maximum(v - low, 0.0)
    return shares


@specification(
    (floats(1, 2), 3.0),
    (floats(1, 2, 10), 3.0),
    (floats(0.5, 0.1, 4, 1), 1.0),
)
def water_filling(noise: Array, power: float) -> Array:
    """Try every set of channels in use, and keep the best that is possible."""
    best, most = np.zeros(len(noise)), -1.0
    for size in range(1, len(noise) + 1):
        for used in map(list, itertools.combinations(range(len(noise)), size)):
            shares = np.zeros(len(noise))
            shares[used] = (power + noise[used].sum()) / size - noise[used]
            capacity = float(np.sum(np.log1p(np.maximum(shares, 0) / noise)))
            if shares.min() >= 0 and capacity > most:
                best, most = shares, capacity
    return best


@specification(
    (floats([1, 0], [0, 1]), floats(4, 1), floats(0, 0), 0.5),
    (floats([1, 1], [1, -1], [2, 1]), floats(3, 1, 4), floats(1, 1), 0.2),
    (floats([1, 2], [3, 1], [0, 1]), floats(0, 0, 0), floats(1, -1), 0.1),
)
def lasso_pass(X: Array, y: Array, w: Array, weight: float) -> Array:
    """Set one coefficient after another to the best of its candidates: zero and the two smooth branches."""
    w = w.astype(float).copy()
    n = len(y)
    for j in range(len(w)):
        x, rest = X[:, j], y - X @ w + X[:, j] * w[j]
        candidates = [0.0] + [float((x @ rest / n - sign * weight) / (x @ x / n)) for sign in (1, -1)]
        costs = [np.sum((rest - x * c) ** 2) / (2 * n) + weight * abs(c) for c in candidates]
        w[j] = candidates[int(np.argmin(costs))]
    return w


PAIRS = [
    (floats(1, 0, 1), floats(2, 1, 1)),
    (floats(0, 1, -1), floats(0.5, 2, -1)),
    (floats(1, 1, 0), floats(1, 3, 0)),
]


@specification(
    (floats(1, 2, 3), PAIRS[:1]),
    (floats(1, -1, 2), PAIRS[:2]),
    (floats(0, 0, 1), PAIRS),
    (floats(2, 1, 1), []),
)
def two_loop(g: Array, pairs: list[tuple[Array, Array]]) -> Array:
    """Update the dense matrix from the identity, oldest pair first, and multiply."""
    H = np.eye(len(g))
    for s, y in pairs:
        rho = 1 / (s @ y)
        left = np.eye(len(g)) - rho * np.outer(s, y)
        H = left @ H @ left.T + rho * np.outer(s, s)
    product: Array = H @ g
    return product


@requirement(
    (floats([1, 4], [1, -3], [0, 5], [-2, -1]), floats(1, 1, 1, -1)),
    (floats([0.1, 3], [1, 0], [-0.2, 3], [-3, 1]), floats(1, 1, -1, -1)),
)
def separating_direction(w: Any, X: Array, y: Array) -> None:
    """Accept weights that classify every sample right by a margin of at least one."""
    w = as_numbers(w, f"weights of shape {(X.shape[1],)}", (X.shape[1],))
    margins = y * (X @ w)
    if not margins.min() >= 1 - CLOSE:
        raise NotYet(f"wanted all margins y * (X @ w) at least 1, got {show(margins)}")
