"""Objectives that the book minimises again and again, each with its gradient and Hessian."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers import functional
from mmlhelpers._checks import Array, as_matrix, as_symmetric, as_tolerance, as_vector
from mmlhelpers._scale import exponent
from mmlhelpers.optim._paths import Objective

ALL = slice(None)
_FAR = 480  # exponents of two beyond which a sum of squares does not fit


def quadratic(H: ArrayLike, b: ArrayLike | None = None) -> Objective:
    r"""Make the quadratic :math:`\tfrac12 x^\top H x - b^\top x`.

    Parameters
    ----------
    H : (n, n) array_like
        Symmetric matrix, the Hessian.
    b : (n,) array_like, optional
        Linear part; zero by default.

    Returns
    -------
    Objective
        Value, gradient `H x - b` and Hessian.

    Raises
    ------
    ValueError
        If `H` is not symmetric, or the sizes disagree.

    Notes
    -----
    Exact up to rounding.

    Examples
    --------
    >>> quadratic([[1, 0], [0, 4]]).value(np.array([2.0, 1.0]))
    4.0
    """
    H = as_symmetric(H, "H")
    b = np.zeros(len(H)) if b is None else as_vector(b, "b")
    if len(b) != len(H):
        raise ValueError(f"b has length {len(b)} but H {H.shape} has {len(H)} rows: make them agree")
    return Objective(
        value=_quiet(lambda x: float(0.5 * x @ H @ x - b @ x)),
        gradient=_quiet(lambda x: H @ x - b),
        hessian=lambda x: H.copy(),
    )


def least_squares(X: ArrayLike, y: ArrayLike, ridge: float = 0.0) -> Objective:
    r"""Make half the mean squared error of a linear model, with an L2 penalty.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row.
    y : (n,) array_like
        Targets.
    ridge : float
        Weight of :math:`\tfrac12 \lVert w \rVert^2`, not negative.

    Returns
    -------
    Objective
        :math:`\tfrac{1}{2n} \lVert Xw - y \rVert^2 + \tfrac12\,\text{ridge}\,\lVert w \rVert^2`, a mean over
        samples.

    Raises
    ------
    ValueError
        If the sizes disagree, or `ridge` is negative.

    Notes
    -----
    Each evaluation is one or two products with `X`; the Hessian :math:`X^\top X / n + \text{ridge}\,I` is
    constant.

    Examples
    --------
    >>> least_squares([[1.0], [2.0]], [1.0, 4.0]).gradient(np.array([1.0]))
    array([-2.])
    """
    X, y, ridge, identity = _samples(X, y, ridge)

    @_quiet
    def value(w: Array, rows: Any = ALL) -> float:
        return float(0.5 * np.mean((X[rows] @ w - y[rows]) ** 2) + 0.5 * ridge * w @ w)

    @_quiet
    def gradient(w: Array, rows: Any = ALL) -> Array:
        g: Array = (X[rows] @ w - y[rows]) @ X[rows] / len(y[rows]) + ridge * w
        return g

    @_quiet
    def hessian(w: Array, rows: Any = ALL) -> Array:
        H: Array = X[rows].T @ X[rows] / len(y[rows]) + ridge * identity
        return H

    return Objective(value, gradient, hessian, len(y))


def logistic_regression(X: ArrayLike, y: ArrayLike, ridge: float = 0.0) -> Objective:
    r"""Make the mean cross-entropy of a logistic model, with an L2 penalty.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row.
    y : (n,) array_like
        Labels 0 or 1.
    ridge : float
        Weight of :math:`\tfrac12 \lVert w \rVert^2`, not negative.

    Returns
    -------
    Objective
        :math:`\tfrac1n \sum_i [\log(1 + e^{z_i}) - y_i z_i] + \tfrac12\,\text{ridge}\,\lVert w \rVert^2` in
        nats, with :math:`z = Xw`; a mean over samples.

    Raises
    ------
    ValueError
        If the sizes disagree, a label is neither 0 nor 1, or `ridge` is negative. The gradient raises it at
        weights that separate the labels, if `ridge` is 0: there is no minimum then.

    Notes
    -----
    Stable for scores of any size. Scikit-learn's `C` is 1 / (n ridge). The scores of all samples at the last
    point are remembered, so that a value and the gradient there cost two passes over `X` together.

    Examples
    --------
    >>> logistic_regression([[1.0], [-1.0]], [1, 0]).value(np.zeros(1))
    0.6931471805599453
    """
    X, y, ridge, identity = _samples(X, y, ridge)
    if not np.isin(y, (0.0, 1.0)).all():
        raise ValueError(f"y must hold the labels 0 and 1, got {y[~np.isin(y, (0.0, 1.0))][0]:.6g}")

    @_remembering_the_last
    def loss(w: Array, rows: Any) -> functional.Loss:
        return functional.logistic_loss(X[rows] @ w, y[rows])

    @_quiet
    def value(w: Array, rows: Any = ALL) -> float:
        return loss(w, rows).value + 0.5 * ridge * float(w @ w)

    @_quiet
    def gradient(w: Array, rows: Any = ALL) -> Array:
        if ridge == 0 and rows is ALL:
            _refuse_separation(X @ w, y)
        g: Array = loss(w, rows).gradient @ X[rows] + ridge * w
        return g

    @_quiet
    def hessian(w: Array, rows: Any = ALL) -> Array:
        p = functional.sigmoid(X[rows] @ w)
        H: Array = (X[rows].T * (p * (1 - p))) @ X[rows] / len(p) + ridge * identity
        return H

    return Objective(value, gradient, hessian, len(y))


def rosenbrock() -> Objective:
    r"""Make Rosenbrock's curved valley :math:`(1 - x_1)^2 + 100\,(x_2 - x_1^2)^2`.

    Returns
    -------
    Objective
        A function of two variables with its only minimum, zero, at (1, 1).

    Notes
    -----
    Not convex: the Hessian has a negative eigenvalue above the valley. At the minimum its condition number is
    2508.

    References
    ----------
    Rosenbrock (1960), An automatic method for finding the greatest or least value of a function,
    doi:10.1093/comjnl/3.3.175.

    Examples
    --------
    >>> rosenbrock().value(np.array([-1.0, 1.0]))
    4.0
    """

    def value(x: Array) -> float:
        return float((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)

    def gradient(x: Array) -> Array:
        above = x[1] - x[0] ** 2
        return np.array([-2 * (1 - x[0]) - 400 * x[0] * above, 200 * above])

    def hessian(x: Array) -> Array:
        return np.array([[2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0]], [-400 * x[0], 200.0]])

    return Objective(value, gradient, hessian)


def _quiet(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function overflow without a warning: far out it is infinite, which the methods notice."""

    @functools.wraps(function)
    def quiet(*args: Any) -> Any:
        with np.errstate(over="ignore", invalid="ignore"):
            return function(*args)

    return quiet


def _refuse_separation(z: Array, y: Array) -> None:
    """Refuse weights that put every sample on its side: longer ones are better still, without end."""
    if np.min((2 * y - 1) * z) > 0:
        raise ValueError(
            "X separates the labels y, so that the objective has no minimum: the weights would grow without "
            "end; pass a ridge above 0"
        )


def _remembering_the_last(
    loss: Callable[[Array, Any], functional.Loss],
) -> Callable[[Array, Any], functional.Loss]:
    """Keep the latest loss over all samples: its value and its gradient are asked for one after the other."""
    last: tuple[Array, functional.Loss] | None = None

    def remembered(w: Array, rows: Any) -> functional.Loss:
        nonlocal last
        if rows is not ALL:  # batches differ each time
            return loss(w, rows)
        if last is None or not np.array_equal(w, last[0]):
            last = w.copy(), loss(w, rows)
        return last[1]

    return remembered


def _samples(X: ArrayLike, y: ArrayLike, ridge: float) -> tuple[Array, Array, float, Array]:
    """Read samples, targets and penalty, and the identity that the penalty multiplies."""
    X, y = as_matrix(X, "X"), as_vector(y, "y")
    if len(X) != len(y):
        raise ValueError(f"y has length {len(y)} but X {X.shape} has {len(X)} rows: make them agree")
    for name, array in (("X", X), ("y", y)):
        if array.any() and abs(exponent(array)) > _FAR:
            raise ValueError(
                f"{name} must have squares that neither overflow nor vanish, got a largest entry near "
                f"2^{exponent(array)}: scale it"
            )
    return X, y, as_tolerance(ridge, "ridge"), np.eye(X.shape[1])
