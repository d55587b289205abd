r"""Objectives with a corner or a wall: proximal gradient, projections, the lasso.

Throughout, the objective is `f + p`: `f` smooth with its gradient, `p` a penalty known by its value and its
proximal map :math:`\operatorname{prox}_{t p}(v) = \arg\min_x \tfrac{1}{2t} \lVert x - v \rVert^2 + p(x)`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_made, as_matrix, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, TINIEST, scaled, unscaled
from mmlhelpers.optim._paths import Objective, Path, Recorder, as_objective, as_positive, as_start, norm

_ROUNDING = 16 * EPSILON  # of a duality gap, relative to the value at zero
_LARGE = 2.0**10  # entries from here on cost digits of the projection unless they are moved


class Penalty(NamedTuple):
    """A convex penalty: its value at `x`, infinite outside its set, and `prox(v, t)`, its proximal map."""

    value: Callable[[Array], float]
    prox: Callable[[Array, float], Array]


def _as_penalty(value: Penalty) -> Penalty:
    """Read a penalty whose value and proximal map can be called."""
    value = as_made(value, Penalty, "penalty", "a Penalty(value, prox)")
    as_function(value.value, "penalty.value")
    as_function(value.prox, "penalty.prox")
    return value


def soft_threshold(v: ArrayLike, threshold: float) -> Array:
    r"""Move every entry towards zero by a fixed amount, and no further than zero.

    Parameters
    ----------
    v : (n,) array_like
        Any point.
    threshold : float
        Amount, not negative.

    Returns
    -------
    (n,) ndarray
        :math:`\operatorname{sign}(v_i) \max(|v_i| - \text{threshold}, 0)`: the proximal map of the 1-norm.

    Raises
    ------
    ValueError
        If `threshold` is negative.

    Notes
    -----
    Exact up to one rounding.

    Examples
    --------
    >>> soft_threshold([3.0, -0.5, -2.0], 1.0)
    array([ 2.,  0., -1.])
    """
    v, threshold = as_vector(v, "v"), as_tolerance(threshold, "threshold")
    return np.sign(v) * np.maximum(np.abs(v) - threshold, 0.0) + 0.0  # + 0.0 turns -0.0 into 0.0


def project_simplex(v: ArrayLike) -> Array:
    r"""Project a point onto the probability simplex.

    Parameters
    ----------
    v : (n,) array_like
        Any point.

    Returns
    -------
    (n,) ndarray
        The nearest point with non-negative entries that sum to one.

    Notes
    -----
    The projection is :math:`\max(v_i - \theta, 0)`; sorting finds :math:`\theta` in :math:`O(n \log n)`. The
    sum is one to about :math:`n\varepsilon \max|v_i|`.

    References
    ----------
    Held, Wolfe and Crowder (1974), Validation of subgradient optimization, doi:10.1007/BF01580223.

    Examples
    --------
    >>> project_simplex([0.9, 0.6, -1.0])
    array([0.65, 0.35, 0.  ])
    """
    point = as_vector(v, "v")
    with np.errstate(over="ignore"):
        if np.abs(point).max() > _LARGE:  # beside which the sum, one, would vanish
            point = point - point.max()  # a shift changes no projection
        descending = np.sort(point)[::-1]
        thresholds = (np.cumsum(descending) - 1) / np.arange(1, len(point) + 1)
    theta = thresholds[np.flatnonzero(descending > thresholds)[-1]]
    projected: Array = np.maximum(point - theta, 0.0)
    return projected


def no_penalty() -> Penalty:
    """Make the penalty that is zero everywhere.

    Returns
    -------
    Penalty
        Its proximal map changes nothing.

    Notes
    -----
    Exact. With it, `proximal_gradient` is gradient descent.

    Examples
    --------
    >>> no_penalty().prox(np.array([2.0]), 0.1)
    array([2.])
    """
    return Penalty(lambda x: 0.0, lambda v, t: v)


def l1(weight: float) -> Penalty:
    """Make the lasso penalty, a multiple of the sum of absolute values.

    Parameters
    ----------
    weight : float
        Factor, not negative.

    Returns
    -------
    Penalty
        Its proximal map is `soft_threshold` by `t * weight`.

    Raises
    ------
    ValueError
        If `weight` is negative.

    Notes
    -----
    Exact up to rounding.

    References
    ----------
    Tibshirani (1996), Regression shrinkage and selection via the lasso,
    doi:10.1111/j.2517-6161.1996.tb02080.x.

    Examples
    --------
    >>> l1(2.0).value(np.array([1.0, -3.0]))
    8.0
    """
    weight = as_tolerance(weight, "weight")
    return Penalty(lambda x: weight * float(np.abs(x).sum()), lambda v, t: soft_threshold(v, t * weight))


def simplex() -> Penalty:
    """Make the wall around the probability simplex.

    Returns
    -------
    Penalty
        Zero on the simplex, to 1e-9, and infinite elsewhere; its proximal map is `project_simplex`.

    Notes
    -----
    With it, `proximal_gradient` is projected gradient descent.

    Examples
    --------
    >>> simplex().value(np.array([0.5, 0.5])), simplex().value(np.array([1.0, 1.0]))
    (0.0, inf)
    """

    def value(x: Array) -> float:
        return 0.0 if x.min() >= -1e-9 and abs(x.sum() - 1) <= 1e-9 else float("inf")

    return Penalty(value, lambda v, t: project_simplex(v))


def proximal_gradient(
    objective: Objective,
    penalty: Penalty,
    start: ArrayLike,
    learning_rate: float,
    accelerate: bool = False,
    tolerance: float = 1e-8,
    max_steps: int = 10_000,
) -> Path:
    r"""Take a gradient step for the smooth part, then the proximal map of the penalty.

    Parameters
    ----------
    objective : Objective
        Smooth part.
    penalty : Penalty
        The rest: `l1`, `simplex`, `no_penalty`, or one of your own.
    start : (n,) array_like
        First point, where the penalty is finite.
    learning_rate : float
        Step, above 0; at most 1 / L for the proved rates.
    accelerate : bool
        Whether to step from a point ahead, with Nesterov's sequence (FISTA), or not (ISTA).
    tolerance : float
        Stop when the next point is at most this times the learning rate away, both from the present point
        and from the point ahead; what rounding may hide of a step is added to it.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points and the values of `f + p`; `gradient_norms` holds what the stopping rule compares with
        `tolerance`; without penalty and acceleration that is the gradient norm.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    For convex `f` with an `L`-Lipschitz gradient the value is above the least one by at most
    :math:`L \lVert x_0 - x^\star \rVert^2 / 2k` after `k` steps, accelerated by
    :math:`2 L \lVert x_0 - x^\star \rVert^2 / (k + 1)^2`.

    References
    ----------
    Beck and Teboulle (2009), A fast iterative shrinkage-thresholding algorithm for linear inverse problems,
    doi:10.1137/080716542.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> proximal_gradient(quadratic([[1.0]], [3.0]), l1(1.0), [0.0], learning_rate=1.0).x
    array([2.])
    """
    objective, penalty = as_objective(objective), _as_penalty(penalty)
    x, record = (
        as_start(start),
        Recorder(objective._replace(value=lambda x: objective.value(x) + penalty.value(x))),
    )
    rate, tolerance = as_positive(learning_rate, "learning_rate"), as_tolerance(tolerance, "tolerance")
    ahead, t = x, 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(as_count(max_steps, "max_steps", 0) + 1):
            g = record.gradient(ahead)
            if not np.isfinite(g).all():
                record.keep(x, norm(g))  # refuses a start outside of the domain
                return record.path(False)
            trial = ahead - rate * g
            if not np.isfinite(trial).all():
                record.keep(x, norm(g))
                return record.path(False)
            new = penalty.prox(trial, rate)
            finite = record.keep(x, max(norm(ahead - new), norm(x - new)) / rate)
            hidden = 2 * EPSILON * (norm(ahead) / rate + norm(g))  # a step may vanish beside its point
            if not finite or record.norms[-1] + hidden <= tolerance:
                return record.path(finite)
            t_new = (1 + (1 + 4 * t * t) ** 0.5) / 2 if accelerate else 1.0
            ahead, x, t = new + (t - 1) / t_new * (new - x), new, t_new
    return record.path(False)


def nesterov(
    objective: Objective,
    start: ArrayLike,
    learning_rate: float,
    tolerance: float = 1e-8,
    max_steps: int = 10_000,
) -> Path:
    r"""Take every gradient at a point ahead on the way: Nesterov's accelerated gradient.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    start : (n,) array_like
        First point.
    learning_rate : float
        Step, above 0; at most 1 / L for the proved rate.
    tolerance : float
        Stop when the next point is at most this times the learning rate away, both from the present point
        and from the point ahead; what rounding may hide of a step is added to it.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points; `gradient_norms` holds what the stopping rule compares with `tolerance`.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    `proximal_gradient` without a penalty, accelerated: the same proved rate. The values need not fall at each
    step.

    References
    ----------
    Nesterov (2018), Lectures on Convex Optimization, section 2.2, doi:10.1007/978-3-319-91578-4.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> nesterov(quadratic([[1.0]], [3.0]), [0.0], learning_rate=1.0).x
    array([3.])
    """
    return proximal_gradient(objective, no_penalty(), start, learning_rate, True, tolerance, max_steps)


def lasso(
    X: ArrayLike,
    y: ArrayLike,
    weight: float,
    start: ArrayLike | None = None,
    tolerance: float = 1e-10,
    max_steps: int = 10_000,
) -> Path:
    r"""Fit a linear model with an L1 penalty, one coefficient at a time.

    The value is :math:`\tfrac{1}{2n}\lVert Xw - y \rVert^2 + \text{weight}\,\lVert w \rVert_1`.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row, no column zero.
    y : (n,) array_like
        Targets.
    weight : float
        Weight of the penalty, above 0.
    start : (d,) array_like, optional
        First coefficients; zero by default.
    tolerance : float
        Stop when the duality gap is at most this times the value at zero, :math:`\lVert y \rVert^2 / 2n`.
        One that rounding may hide, about 1e-14, is never reached.
    max_steps : int
        Stop after this many passes over the coefficients in any case.

    Returns
    -------
    Path
        The coefficients after each pass; `gradient_norms` holds the duality gaps, which bound how far the
        value is from the least one.

    Raises
    ------
    ValueError
        If the sizes disagree, a column is zero or `weight` is not above 0.

    Notes
    -----
    Each coefficient is set to its exact minimiser by `soft_threshold`. A pass costs :math:`O(nd + d^2)`. The
    objective is that of scikit-learn's Lasso with alpha = `weight` and no intercept.

    References
    ----------
    Friedman, Hastie and Tibshirani (2010), Regularization paths for generalized linear models via coordinate
    descent, doi:10.18637/jss.v033.i01.

    Examples
    --------
    >>> lasso([[1.0, 0.0], [0.0, 1.0]], [4.0, 1.0], weight=1.0).x
    array([2., 0.])
    """
    X, y, weight = as_matrix(X, "X"), as_vector(y, "y"), as_positive(weight, "weight")
    n, d = X.shape
    if len(y) != n:
        raise ValueError(f"y has length {len(y)} but X {X.shape} has {n} rows: make them agree")
    (X, e), (y, f) = scaled(X), scaled(y)
    weight = _in_units(weight, e + f, EPSILON * float(np.abs(X.T @ y).max()) / n)
    gram = X.T @ X / n
    if not np.diag(gram).all():
        j = int(np.argmin(np.diag(gram)))
        raise ValueError(f"column {j} of X is zero, or nothing beside the largest: leave it out")
    w = np.zeros(d) if start is None else as_start(start)
    if len(w) != d:
        raise ValueError(f"start has length {len(w)} but X {X.shape} has {d} columns: make them agree")
    w = unscaled(w, e - f, "start in the units of y and X")
    enough = (as_tolerance(tolerance, "tolerance") - _ROUNDING) * float(y @ y) / (2 * n)
    record = Recorder(Objective(lambda w: 0.0, lambda w: w))
    for step in range(as_count(max_steps, "max_steps", 0) + 1):
        r = y - X @ w
        value = float(r @ r / (2 * n) + weight * np.abs(w).sum())
        record.keep(w.copy(), value - _dual_value(X, y, r / n, weight), value)
        record.n_gradients += 1
        if record.norms[-1] <= enough or step == max_steps:
            break
        slopes = r @ X / n  # minus the gradient of the smooth part, kept up to date
        for j in range(d):
            pull = float(slopes[j] + gram[j, j] * w[j])
            change = math.copysign(max(abs(pull) - weight, 0.0), pull) / gram[j, j] - w[j]
            if change:
                w[j] += change
                slopes = slopes - change * gram[j]
    return _in_units_of_the_caller(record.path(record.norms[-1] <= enough), e, f)


def _in_units(weight: float, e: int, least: float) -> float:
    """Divide the weight by 2**e; one that is larger than every pull is as good as any such."""
    part = (
        float(np.ldexp(weight, max(-e, -1074))) if weight < math.ldexp(1.0, min(e + 200, 1023)) else 2.0**200
    )
    if part < max(least, TINIEST):
        raise ValueError(f"weight must count beside X and y, got {weight:.6g}: scale them together")
    return part


def _in_units_of_the_caller(path: Path, e: int, f: int) -> Path:
    """Give points their factor 2**(f - e), and values theirs, 4**f."""
    with np.errstate(over="ignore"):
        values, gaps = np.ldexp(path.values, 2 * f), np.ldexp(path.gradient_norms, 2 * f)
    if not np.isfinite(values).all():
        raise ValueError("y must have squares that fit, got larger ones: scale y and weight down")
    points = unscaled(path.points, f - e, "the coefficients of y by X")
    return path._replace(points=points, values=values, gradient_norms=gaps)


def lasso_path(X: ArrayLike, y: ArrayLike, weights: ArrayLike, tolerance: float = 1e-10) -> Array:
    r"""Follow the lasso coefficients while the weight of the penalty changes.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row, no column zero.
    y : (n,) array_like
        Targets.
    weights : (k,) array_like
        Weights of the penalty, above 0; descending order makes each solution a good start for the next.
    tolerance : float
        Relative duality gap of every solution, see `lasso`.

    Returns
    -------
    (k, d) ndarray
        The coefficients, one row a weight.

    Raises
    ------
    ValueError
        If the sizes disagree or a weight is not above 0.

    Notes
    -----
    For weights of at least :math:`\max_j |x_j^\top y| / n` all coefficients are zero.

    Examples
    --------
    >>> lasso_path([[1.0, 0.0], [0.0, 1.0]], [4.0, 1.0], [2.0, 1.0, 0.25])
    array([[0. , 0. ],
           [2. , 0. ],
           [3.5, 0.5]])
    """
    w = np.zeros(as_matrix(X, "X").shape[1])
    rows = []
    for weight in as_vector(weights, "weights"):
        w = lasso(X, y, float(weight), w, tolerance).x
        rows.append(w)
    return np.array(rows)


def _dual_value(X: Array, y: Array, v: Array, weight: float) -> float:
    """Value of the lasso's dual at the residual over n, scaled until it is feasible."""
    v = v * min(1.0, weight / max(float(np.abs(X.T @ v).max()), weight))
    return float(v @ y - 0.5 * len(y) * (v @ v))
