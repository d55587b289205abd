"""The exercises of the chapter on linear regression: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (n, d) are arrays of float64; samples are rows.
"""

import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def line_by_hand(value: Any) -> None:
    """Fit a line to (0, 1), (1, 1), (2, 4)."""
    w = as_numbers(value, "two numbers, intercept and slope", (2,))
    if np.allclose(w, [1.5, 0.5], atol=HAND):
        raise NotYet("wanted the intercept first, then the slope")
    r = floats(1, 1, 4) - w[0] - w[1] * floats(0, 1, 2)
    if abs(r.sum()) > 10 * HAND:
        raise NotYet(f"wanted residuals that add up to zero, got {show(r)}")
    if abs(r[1] + 2 * r[2]) > 10 * HAND:
        raise NotYet(f"wanted residuals orthogonal to x = (0, 1, 2), got {show(r)}")


@by_hand
def left_out_by_hand(value: Any) -> None:
    """Miss of the last of 1, 2, 9 by the mean of the others, from the residual and the leverage."""
    got = as_numbers(value, "one number", ())
    if abs(got - 5) <= HAND:
        raise NotYet("wanted the residual of the prediction without it, got the residual with it")
    if not abs(got - 7.5) <= HAND:
        raise NotYet(f"wanted the residual divided by one minus the leverage, got {show(value)}")


@by_hand
def ridge_by_hand(value: Any) -> None:
    """Ridge slope through the origin for x = (1, 2), y = (2, 6) and a weight of 5."""
    got = as_numbers(value, "one number", ())
    if abs(got - 2.8) <= HAND:
        raise NotYet("wanted the slope with the penalty, got the one without")
    if not abs(got - 1.4) <= HAND:
        raise NotYet(f"wanted x.y divided by x.x plus the weight, got {show(value)}")


# Functions

_LINE = floats([1, 0], [1, 1], [1, 2], [1, 3])
_WIDE = floats([1, 2, 0], [1, -1, 1], [1, 0, 3], [1, 1, -2], [1, 4, 1])


@specification((_LINE, floats(0, 1, 2, 4)), (_WIDE, floats(1, 0, 2, 5, 3)))
def standard_errors(X: Array, y: Array) -> Array:
    """Estimate the noise from the residuals and propagate it through the pseudoinverse, entry by entry."""
    P = np.linalg.pinv(X)
    r = y - X @ (P @ y)
    variance = sum(e**2 for e in r) / (len(y) - X.shape[1])
    return np.array([math.sqrt(variance * sum(c**2 for c in row)) for row in P])


@specification(
    (_LINE, floats(1, 1), floats(0, 1, 2, 4)[:, None]),
    (_WIDE, floats(0, 1, 1), floats(1, 0, 2, 5, 3)),
)
def mean_square_miss(X: Array, w: Array, y: Array) -> float:
    """Sum over the samples, one after another; the targets may come as a column."""
    targets = [float(np.ravel(y)[i]) for i in range(len(X))]
    return sum((t - float(row @ w)) ** 2 for t, row in zip(targets, X, strict=True)) / len(X)


@specification(
    (floats([0, 1], [2, 5]), floats([4, 3], [1, 1])),
    (floats([1], [2], [6]), floats([100])),
)
def standardise_new(train: Array, test: Array) -> Array:
    """Learn mean and spread from the training part alone, and apply them entry by entry."""
    columns = [(c.mean(), math.sqrt(np.mean((c - c.mean()) ** 2))) for c in train.T]
    return np.array([[(v - m) / s for v, (m, s) in zip(row, columns, strict=True)] for row in test])


@specification(
    (_LINE, floats(0, 1, 2, 4), 1.0),
    (_WIDE, floats(1, 0, 2, 5, 3), 0.5),
    (floats([1, 2, 3], [0, 1, 1]), floats(1, 2), 2.0),  # more columns than samples
)
def ridge_left_out_error(X: Array, y: Array, weight: float) -> float:
    """Fit as often as there are samples."""
    total, n = 0.0, len(y)
    for i in range(n):
        rest = [j for j in range(n) if j != i]
        A = X[rest].T @ X[rest] + weight * np.eye(X.shape[1])
        total += float(y[i] - X[i] @ np.linalg.solve(A, X[rest].T @ y[rest])) ** 2
    return total / n


@specification(
    (floats(1, 2, 3, 5), floats([1], [1], [1], [1]), floats(1, 3, 2, 6)),
    (floats(2, -1, 0, 1, 4), floats([1, 0], [1, 1], [1, 3], [1, -2], [1, 1]), floats(1, 0, 2, 5, 3)),
)
def partial_coefficient(x: Array, B: Array, y: Array) -> float:
    """Take the first coefficient of the whole fit."""
    return float(np.linalg.lstsq(np.column_stack([x, B]), y, rcond=None)[0][0])


@specification(
    (floats([2, 0], [0, 8]), floats(2, 8), 1),
    (floats([4, 1, 0], [1, 3, 1], [0, 1, 2]), floats(1, 2, 3), 2),
    (floats([4, 1, 0], [1, 3, 1], [0, 1, 2]), floats(1, 2, 3), 3),
)
def cg_point(A: Array, b: Array, n_steps: int) -> Array:
    """Find the best combination of b, Ab, ... in the energy norm directly."""
    K = np.column_stack([np.linalg.matrix_power(A, k) @ b for k in range(n_steps)])
    best: Array = K @ np.linalg.solve(K.T @ A @ K, K.T @ b)
    return best


@specification(
    (_LINE, floats(0, 1, 2, 4), 0.05, 1),
    (_LINE, floats(0, 1, 2, 4), 0.05, 20),
    (_WIDE, floats(1, 0, 2, 5, 3), 0.01, 7),
)
def stopped_early(X: Array, y: Array, learning_rate: float, n_steps: int) -> Array:
    """Walk."""
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w = w - learning_rate * X.T @ (X @ w - y)
    return w


@requirement((floats(3, 4),), (floats(-1, 2, 2),), (floats(1, 1e-9, 0),), (floats(0, 5),))
def mirror_normal(v: Any, x: Array) -> None:
    """Accept a unit vector whose mirror clears all entries of x but the first, to rounding."""
    v = as_numbers(v, f"a unit vector of shape {x.shape}", x.shape)
    if not abs(np.linalg.norm(v) - 1) <= 1e-12:
        raise NotYet(f"wanted length 1, got {show(v)} of length {show(float(np.linalg.norm(v)))}")
    left = np.abs((x - 2 * v * (v @ x))[1:]).max()
    if not left <= 1e-14 * np.linalg.norm(x):
        raise NotYet(
            f"wanted zeros below the first entry of the mirror image, got {left:.0e}: does anything cancel?"
        )
