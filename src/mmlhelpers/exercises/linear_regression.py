"""The exercises of the chapter on linear regression: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (n, d) are arrays of float64; samples are rows.
"""

import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    HAND,
    NotYet,
    as_numbers,
    closeness,
    floats,
    require_three_decimals,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show

# By hand


@by_hand
def line_by_hand(value: Any) -> None:
    """Fit a line to (0, 1), (1, 1), (2, 4)."""
    w = as_numbers(value, "two numbers, intercept and slope", (2,))
    if np.allclose(w, [1.5, 0.5], rtol=0, atol=HAND):
        raise NotYet("wanted the intercept first, then the slope")
    r = floats(1, 1, 4) - w[0] - w[1] * floats(0, 1, 2)
    if abs(r.sum()) > 10 * HAND:
        raise NotYet(f"wanted residuals that add up to zero, got {show(r)} with sum {show(float(r.sum()))}")
    if abs(r[1] + 2 * r[2]) > 10 * HAND:
        raise NotYet(f"wanted residuals orthogonal to x = (0, 1, 2), got {show(r)}")
    for got, wanted in zip(w, (0.5, 1.5), strict=True):
        require_three_decimals(got, wanted)


@by_hand
def left_out_by_hand(value: Any) -> None:
    """Miss of the last of 1, 2, 9 by the mean of the others, from the residual and the leverage."""
    got = abs(as_numbers(value, "one number", ()))  # the miss of a prediction may be counted from either
    if abs(got - 5) <= HAND:
        raise NotYet(f"wanted the miss of the prediction without the 9, got {show(value)}, the miss with it")
    if abs(got - 1.5) <= HAND:
        raise NotYet(f"wanted the miss, got {show(value)}, the prediction")
    if not abs(got - 7.5) <= HAND:
        raise NotYet(f"wanted the residual divided by one minus the leverage, got {show(value)}")


@by_hand
def ridge_by_hand(value: Any) -> None:
    """Ridge slope through the origin for x = (1, 2), y = (2, 6) and a weight of 5."""
    got = as_numbers(value, "one number", ())
    if abs(got - 2.8) <= HAND:
        raise NotYet(f"wanted the weight with the penalty, got {show(value)}, the one without")
    if abs(got - 1.8) <= HAND:
        raise NotYet(f"wanted the weight of ridge, got {show(value)}, that of the lasso")
    if abs(got - 0.5) <= HAND:
        raise NotYet(f"wanted the weight, got {show(value)}, the factor")
    if not abs(got - 1.4) <= HAND:
        raise NotYet(f"wanted x.y divided by x.x plus the penalty, got {show(value)}")


# Functions

_LINE = floats([1, 0], [1, 1], [1, 2], [1, 3])
_WIDE = floats([1, 2, 0], [1, -1, 1], [1, 0, 3], [1, 1, -2], [1, 4, 1])
_BARE = floats([0.5, -2], [1.5, 0.25], [-1, 3], [2, 0.75], [0.25, -1.5], [3, 1])  # no column of ones
_UNITS = _BARE * floats(1e-3, 250)
_TARGETS = floats(0.5, 3, -1.25, 4, 2.5, -0.75)


@specification(
    rule(
        "the squares of the residuals are divided by n - d, and the result is a root",
        _LINE,
        floats(0, 1, 2, 4),
    ),
    rule("columns may be correlated", _WIDE, floats(1, 0, 2, 5, 3)),
    rule("residuals need not add up to zero", _BARE, _TARGETS),
    rule("columns may have any units", _UNITS, 1e4 * _TARGETS),
    rule("one column is enough", _BARE[:4, :1], _TARGETS[:4]),
)
def standard_errors(X: Array, y: Array) -> Array:
    """Estimate the noise from the residuals and propagate it through the pseudoinverse, entry by entry."""
    P = np.linalg.pinv(X)
    r = y - X @ (P @ y)
    variance = sum(e**2 for e in r) / (len(y) - X.shape[1])
    return np.array([math.sqrt(variance * sum(c**2 for c in row)) for row in P])


@specification(
    rule(
        "squares of one difference for each sample are averaged", _LINE, floats(1, 1.25), floats(0, 1, 2, 4)
    ),
    rule("targets may come as a column, shape (n, 1)", _LINE, floats(0.5, 1.25), floats(0, 1, 2, 4)[:, None]),
    rule("targets may come as a vector", _WIDE, floats(0, 1, 1), floats(1, 0, 2, 5, 3)),
    rule("a single sample is enough", _BARE[:1], floats(0.5, 0.25), floats(3.5)[:, None]),
    rule("numbers may have any size", _UNITS, floats(-2e3, 0.01), 1e-2 * _TARGETS[:, None]),
)
def mean_square_miss(X: Array, w: Array, y: Array) -> float:
    """Sum over the samples, one after another; the targets may come as a column."""
    targets = [float(np.ravel(y)[i]) for i in range(len(X))]
    return sum((t - float(row @ w)) ** 2 for t, row in zip(targets, X, strict=True)) / len(X)


@specification(
    rule("mean and spread come from the training set alone", floats([0, 1], [2, 5]), floats([4, 3], [1, 1])),
    rule("test samples come one at a time", floats([1], [2], [6]), floats([100])),
    rule("every column has a mean and a spread", _UNITS, _UNITS[1::2] + floats(1e-3, -40)),
    rule(
        "the spread has the divisor n, as in the stub",
        _BARE[:3],
        _BARE[2:],
    ),
)
def standardise_new(train: Array, test: Array) -> Array:
    """Learn mean and spread from the training part alone, and apply them entry by entry."""
    columns = [(c.mean(), math.sqrt(np.mean((c - c.mean()) ** 2))) for c in train.T]
    return np.array([[(v - m) / s for v, (m, s) in zip(row, columns, strict=True)] for row in test])


@specification(
    rule("each sample is left out once, and the squares are averaged", _LINE, floats(0, 1, 2, 4), 1.0),
    rule("the penalty counts in the leverages", _WIDE, floats(1, 0, 2, 5, 3), 0.5),
    rule("there may be more columns than samples", floats([1, 2, 3], [0, 1, 1]), floats(1, 2), 2.0),
    rule("there is no intercept", _BARE, 5 + _TARGETS, 3.0),
    rule("weight and targets may have any size", 1e2 * _BARE, 1e-3 * _TARGETS, 4e4),
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
    rule(
        "what the columns of B explain is taken off x",
        floats(1, 2, 3, 5),
        floats([1], [1], [1], [1]),
        floats(1, 3, 2, 6),
    ),
    rule(
        "B may have several columns",
        floats(2, -1, 0, 1, 4),
        floats([1, 0], [1, 1], [1, 3], [1, -2], [1, 1]),
        floats(1, 0, 2, 5, 3),
    ),
    rule("B need not hold a column of ones", _TARGETS + 2, _BARE, floats(1.5, 0, -2, 5, 3.25, 7)),
    rule("numbers may have any size", 1e-3 * _TARGETS, _UNITS, 1e3 * floats(1.5, 0, -2, 5, 3.25, 7)),
)
def partial_coefficient(x: Array, B: Array, y: Array) -> float:
    """Take the first coefficient of the whole fit, with columns of one size."""
    C = np.column_stack([x, B])
    lengths = np.linalg.norm(C, axis=0)
    return float(np.linalg.lstsq(C / lengths, y, rcond=None)[0][0] / lengths[0])


_STIFF = floats([4, 1, 0], [1, 3, 1], [0, 1, 2])
_FOUR = floats([5, 1, 0.5, 0], [1, 4, -1, 0.25], [0.5, -1, 3, 1], [0, 0.25, 1, 2])


@specification(
    rule("the first step goes along b, to the least value", floats([2, 0], [0, 8]), floats(2, 8), 1),
    rule("a step remembers the directions before it", _STIFF, floats(1, 2, 3), 2),
    rule("there are n_steps steps, no more and no fewer", _FOUR, floats(1, -2.5, 0.75, 3), 3),
    rule("as many steps as unknowns solve the system", _STIFF, floats(1, 2, 3), 3),
    rule("A and b may have any size", 1e-3 * _FOUR, 1e4 * floats(0.5, 1, -2, 0.25), 2),
)
def cg_point(A: Array, b: Array, n_steps: int) -> Array:
    """Find the best combination of b, Ab, ... in the energy norm directly."""
    powers = [np.linalg.matrix_power(A, k) @ b for k in range(n_steps)]
    K = np.column_stack([v / np.linalg.norm(v) for v in powers])
    best: Array = K @ np.linalg.solve(K.T @ A @ K, K.T @ b)
    return best


@specification(
    rule("one step from zero goes along the gradient", _LINE, floats(0, 1, 2, 4), 0.05, 1),
    rule("the fraction reached depends on the number of steps", _LINE, floats(0, 1, 2, 4), 0.05, 20),
    rule("each singular direction has a fraction of its own", _WIDE, floats(1, 0, 2, 5, 3), 0.01, 7),
    rule("a long step may overshoot", _LINE, floats(1.5, -1, 2.25, 4), 0.11, 3),
    rule("without a step it is still at zero", _BARE, _TARGETS, 0.02, 0),
    rule("numbers may have any size", 1e-2 * _BARE, 1e3 * _TARGETS, 250.0, 11),
)
def stopped_early(X: Array, y: Array, learning_rate: float, n_steps: int) -> Array:
    """Walk."""
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w = w - learning_rate * X.T @ (X @ w - y)
    return w


@requirement(
    rule("v is normal to a mirror that clears all entries but the first", floats(3, 4)),
    rule("the first entry may be negative", floats(-1, 2, 2)),
    rule("nothing cancels when the first entry is nearly all", floats(1, 1e-9, 0)),
    rule("nothing cancels when it is negative, either", floats(-1, 1e-9, -1e-9)),
    rule("the first entry may be zero", floats(0, 5)),
    rule("x may have its image already", floats(2.5, 0, 0)),
    rule("x may have any length", 1e-5 * floats(0.75, -0.25, 1.5, 2)),
    rule("x may have any length", 1e5 * floats(-0.75, 0.3, -1.5)),
)
def mirror_normal(v: Any, x: Array) -> None:
    """Accept a unit vector whose mirror clears all entries of x but the first, to rounding."""
    digits = closeness(v, 1e-15)
    v = as_numbers(v, f"a unit vector of shape {x.shape}", x.shape)
    length = float(np.linalg.norm(v))
    if not abs(length - 1) <= max(1e-12, digits):
        raise NotYet(f"wanted length 1, got {show(v)} of length {show(length, unlike=1)}")
    left = np.abs((x - 2 * v * (v @ x))[1:])
    if not np.all(left <= np.maximum(1e-14 * np.linalg.norm(x), 2 * digits * np.abs(x[1:]))):
        raise NotYet(
            f"wanted zeros below the first entry of the mirror image, got {left.max():.0e}: "
            f"does anything cancel?"
        )
