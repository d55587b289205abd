"""The exercises of the chapter on optimization: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (n, d) are arrays of float64; samples are rows.
"""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, as_truths, closeness, floats
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import without
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def convex_or_not(value: Any) -> None:
    """Say which of six functions are convex."""
    truths = as_truths(value, "a list of six truths, True for convex", 6)
    wrong = int(np.sum(truths != (True, True, False, True, True, False)))
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
    if x.min() < -HAND:
        raise NotYet(f"wanted shares that are not negative, got {show(value)}")
    if abs(x.sum() - 1) > HAND:
        raise NotYet(f"wanted shares that sum to 1, got {show(value)}, sum {show(x.sum(), unlike=1)}")
    if not np.allclose(x, [0.6, 0.4, 0], atol=HAND):
        raise NotYet(
            f"wanted the nearest such point, got {show(value)}: the conditions fix one threshold for all"
        )


# Functions


@specification(
    rule("the best step is two over the sum of the extreme curvatures", floats([1, 0], [0, 2]), 0.0),
    rule("the ridge is added to every eigenvalue", floats([1, 1], [1, -1], [2, 0]), 0.5),
    rule("fewer rows than columns leave curvatures of zero", floats([1, 2, 2]), 0.5),
    rule("linearly dependent columns leave curvatures of zero", floats([1, 2], [2, 4]), 0.1),
    rule("data may have any size", 1e3 * floats([0.5, -1.5], [2, 0.25], [1, 1], [-0.75, 3]), 2e4),
    rule("data may have any size", 1e-3 * floats([0.5, -1.5], [2, 0.25], [1, 1], [-0.75, 3]), 3e-7),
)
def best_ridge_step(X: Array, ridge: float) -> float:
    """Take the two extreme eigenvalues of the Hessian."""
    values = np.linalg.eigvals(X.T @ X / len(X) + ridge * np.eye(X.shape[1])).real
    return float(2 / (values.min() + values.max()))


@specification(
    rule("one is taken off at place c", floats(0, 0), 1),
    rule("the derivative of log-sum-exp is the softmax", floats(2, -1, 0.5), 0),
    rule("large logits must not overflow", floats(1e4, -1e4), 1),
    rule("the softmax does not change under a shift, however large", floats(10000, 9999), 0),
    rule("the softmax does not change under a shift, however large", floats(-10000, -10001.5, -10000.25), 2),
)
def cross_entropy_gradient(z: Array, c: int) -> Array:
    """Subtract the one-hot class from the softmax, entry by entry."""
    top = max(z)
    total = sum(math.exp(value - top) for value in z)
    return np.array([math.exp(value - top) / total - (j == c) for j, value in enumerate(z)])


@specification(
    rule(
        "both running means are divided by what they lack at the start",
        floats(1),
        [floats(4), floats(2)],
        0.1,
    ),
    rule(
        "the running means are of g and of g^2, entry by entry",
        floats(1, -2),
        [floats(0.5, 100), floats(0.5, -100), floats(1, 1)],
        0.01,
    ),
    rule("1e-8 is added to the root", floats(0.25, -0.5), [floats(3e-8, 0), floats(-1e-8, 2e-8)], 0.5),
    rule("without gradients nothing moves", floats(0.5, 2), [], 0.1),
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
    rule("one number is taken off all entries that stay positive", floats(0.9, 0.6, -1)),
    rule("what is on the simplex stays", floats(0.2, 0.3, 0.5)),
    rule("entries may all be negative", floats(-3, -4)),
    rule("the largest entry may take all", floats(5, 1, 1, 0.9)),
    rule("entries may stand in any order", floats(-0.5, 0.75, 0.1, 0.9, 0.55)),
    rule("what is too small as a whole is filled up", floats(0.1, 0.25, -0.05)),
    rule("entries may have any size", floats(300.25, -1e4, 300.5)),
    rule("one entry alone becomes one", floats(-0.25)),
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
    rule("noise and power add up to one level for all channels in use", floats(1, 2), 3.0),
    rule("channels above the level get nothing", floats(1, 2, 10), 3.0),
    rule("channels may stand in any order", floats(0.5, 0.1, 4, 1), 1.0),
    rule("little power goes to the quietest channel alone", floats(3, 0.75, 2), 0.25),
    rule("noise may have any size", floats(2.5e3, 1e3, 4e3, 1.5e3), 2e3),
    rule("noise may have any size", floats(2.5e-4, 1e-4, 4e-4), 3e-4),
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
    rule(
        "each coefficient is soft-thresholded and divided by q",
        floats([1, 0], [0, 1]),
        floats(4, 1),
        floats(0, 0),
        0.5,
    ),
    rule(
        "each coefficient uses the new values of those before it",
        floats([1, 1], [1, -1], [2, 1]),
        floats(3, 1, 4),
        floats(1, 1),
        0.2,
    ),
    rule(
        "coefficients may be negative, and the weight zero",
        floats([0.5, 2, -1], [1.5, -0.25, 0], [0, 1, 1], [-1, 0.75, 2]),
        floats(-1.5, 0.25, 3, -2),
        floats(0.5, 0, -0.75),
        0.0,
    ),
    rule(
        "the residual goes without the part of the coefficient itself",
        floats([1, 2], [3, 1], [0, 1]),
        floats(0, 0, 0),
        floats(1, -1),
        0.1,
    ),
    rule(
        "data may have any size",
        1e3 * floats([0.5, 2], [1.5, -0.25], [0, 1]),
        1e-2 * floats(-1.5, 0.25, 3),
        1e-5 * floats(0.5, -2),
        2.5,
    ),
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


WATCHED_PAIRS = [(without(s, np.outer), without(y, np.outer)) for s, y in PAIRS]


@specification(
    rule("each pair updates H by the formula of BFGS", floats(1, 2, 3), PAIRS[:1]),
    rule("the pairs come oldest first", floats(1, -1, 2), PAIRS[:2]),
    rule("the pairs come oldest first", floats(0, 0, 1), PAIRS),
    rule("without pairs H is the identity", floats(2, 1, 1), []),
    rule("no matrix is formed", without(floats(0.5, -1.5, 2), np.outer), WATCHED_PAIRS),
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
    rule(
        "data may have any size", 1e-3 * floats([1.5, 4, -1], [-2, 0.5, 3], [0.25, -1, -2]), floats(1, -1, 1)
    ),
    rule("samples may all have one label", floats([0.5, 20], [30, -0.25]), floats(-1, -1)),
)
def separating_direction(w: Any, X: Array, y: Array) -> None:
    """Accept weights that classify every sample right by a margin of at least one."""
    close = closeness(w)
    w = as_numbers(w, f"weights of shape {(X.shape[1],)}", (X.shape[1],))
    margins = y * (X @ w)
    if not margins.min() >= 1 - close:
        text = show(margins, unlike=np.maximum(margins, 1))
        raise NotYet(f"wanted all margins y * (X @ w) at least 1, got {text}")
