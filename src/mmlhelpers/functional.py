r"""Elementary functions that several sections share: squashing functions, softmax, log-sum-exp.

Throughout, `x` is an array of any shape, or anything that NumPy's functions work on, such as the tensors of
`mmlhelpers.autodiff`: every function here is a composition of functions that have a derivative rule.
Floats keep their precision: float32 in, float32 out. All quantities are dimensionless.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_array, as_matrix, as_vector
from mmlhelpers._scale import mean, scaled

__all__ = [
    "Loss",
    "cross_entropy",
    "hinge_loss",
    "log_sum_exp",
    "logistic_loss",
    "mean_squared_error",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
]


def sigmoid(x: ArrayLike) -> Array:
    r"""Squash numbers into the interval from 0 to 1.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray
        :math:`\sigma(x) = 1 / (1 + e^{-x})`, same shape.

    Notes
    -----
    Computed as :math:`e^{-\log(1 + e^{-x})}`, which neither overflows nor loses the digits of small values:
    the relative error is about :math:`(1 + |x|)\,\varepsilon`.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> sigmoid([-1e4, 0.0, 1e4])
    array([0. , 0.5, 1. ])
    """
    return np.exp(-softplus(-_as_numbers(x)))


def softplus(x: ArrayLike) -> Array:
    r"""Bend the line smoothly where ReLU has its corner.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray
        :math:`\log(1 + e^{x})`, same shape; its derivative is the sigmoid.

    Notes
    -----
    Does not overflow; the error is a few :math:`\varepsilon` relative to the result.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> softplus([-1e4, 0.0, 1e4])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+04])
    """
    x = _as_numbers(x)
    with np.errstate(invalid="ignore"):  # NaN comes out again, without a warning
        numbers: Array = np.logaddexp(x, 0.0) if not np.iscomplexobj(x) else _complex_softplus(x)
    return numbers


def _complex_softplus(z: Any) -> Any:
    """Continue the function to complex numbers, for derivatives by complex steps."""
    right = z.real > 0
    return np.where(right, z, 0) + np.log1p(np.exp(np.where(right, -z, z)))


def relu(x: ArrayLike) -> Array:
    r"""Cut off what is negative.

    Parameters
    ----------
    x : array_like
        Real numbers of any shape.

    Returns
    -------
    ndarray
        :math:`\max(x, 0)`, same shape.

    Notes
    -----
    Exact. There is no derivative at 0; `mmlhelpers.autodiff` takes one half there, the mean of both slopes.

    References
    ----------
    Book, section "Calculus: how models learn".

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    numbers: Array = np.maximum(_as_numbers(x), 0.0)
    return numbers


def log_sum_exp(x: ArrayLike, axis: int = -1) -> Array:
    r"""Add up exponentials and take the logarithm: a smooth maximum.

    Parameters
    ----------
    x : array_like
        Real numbers; minus infinity counts as an absent entry.
    axis : int
        The axis that is summed away.

    Returns
    -------
    ndarray
        :math:`\log \sum_i e^{x_i}`, one axis less.

    Raises
    ------
    ValueError
        If `x` holds NaN or plus infinity, or nothing but minus infinity along `axis`.

    Notes
    -----
    The largest entry is taken out first, :math:`m + \log \sum_i e^{x_i - m}`, so nothing overflows. The error
    is about :math:`\varepsilon (1 + |m|)`, plus :math:`\varepsilon` for each doubling of the entries.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-grad-lse).

    Examples
    --------
    >>> log_sum_exp([[1e4, 1e4], [0.0, 0.0]])
    array([1.00006931e+04, 6.93147181e-01])
    """
    x = _as_numbers(x)
    top = _top(x, axis)
    total = np.log(_total(np.exp(_below(x, top)), axis))
    sums: Array = _like(np.squeeze(total + top, axis=axis), x)
    return sums


def softmax(x: ArrayLike, axis: int = -1) -> Array:
    r"""Turn scores into positive weights that add up to one.

    Parameters
    ----------
    x : array_like
        Scores; minus infinity gets the weight 0.
    axis : int
        The axis along which the weights add up to one.

    Returns
    -------
    ndarray
        :math:`e^{x_i} / \sum_j e^{x_j}`, same shape.

    Raises
    ------
    ValueError
        If `x` holds NaN or plus infinity, or nothing but minus infinity along `axis`.

    Notes
    -----
    The largest score is subtracted first, which changes nothing but keeps the exponentials at most 1. The
    relative error of a weight is about :math:`(1 + |x_i - \max_j x_j|)\,\varepsilon`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-jac-softmax).

    Examples
    --------
    >>> softmax([1e4, 1e4, -1e4])
    array([0.5, 0.5, 0. ])
    """
    x = _as_numbers(x)
    weights = np.exp(_below(x, _top(x, axis)))
    shares: Array = _like(weights / _total(weights, axis), x)
    return shares


def _as_numbers(x: Any) -> Any:
    """Read lists and whole numbers as floats; leave floats, and what behaves like an array, as they are."""
    if hasattr(x, "__array_ufunc__") and not isinstance(x, np.ndarray | np.generic):
        return x
    array = as_array(x, "x")
    if array.dtype.kind in "fc":
        return array
    if array.dtype.kind not in "biu":
        raise ValueError(f"x must hold numbers, got entries of type {array.dtype}: pass floats")
    return array.astype(np.float64)


def _top(x: Any, axis: int) -> Any:
    """Find the largest entry along an axis, which stays; complex numbers are compared by their real parts."""
    shape = np.shape(x)
    if not (-len(shape) <= axis < len(shape) and shape[axis]):
        raise ValueError(f"x must have entries along axis {axis}, got shape {shape}")
    top = np.max(x.real if np.iscomplexobj(x) else x, axis=axis, keepdims=True)
    if not np.all(np.isfinite(top)):
        raise ValueError(
            "x must hold no NaN and no plus infinity, and a finite number along the axis, "
            f"got {np.ravel(top)[~np.isfinite(np.ravel(top))][0]} as its largest entry"
        )
    return top


def _below(x: Any, top: Any) -> Any:
    """Subtract the largest entry; a distance that overflows weighs nothing, as it should."""
    with np.errstate(over="ignore"):
        return x - top


def _total(weights: Any, axis: int) -> Any:
    """Add up along an axis, which stays; short floats in double precision, or many rows would lose digits."""
    if isinstance(weights, np.ndarray) and weights.dtype in (np.float32, np.float16):
        return np.sum(weights, axis=axis, keepdims=True, dtype=np.float64)
    return np.sum(weights, axis=axis, keepdims=True)


def _like(y: Any, x: Any) -> Any:
    """Return a result in the precision of its argument."""
    return y.astype(x.dtype, copy=False) if isinstance(x, np.ndarray) and x.dtype != y.dtype else y


# Losses


class Loss(NamedTuple):
    """A mean loss over samples, and its gradient by the model's outputs, in their shape."""

    value: float
    gradient: Array


def mean_squared_error(prediction: ArrayLike, target: ArrayLike) -> Loss:
    r"""Average the squares of the errors.

    Parameters
    ----------
    prediction : (n,) array_like
        What the model says.
    target : (n,) array_like
        What was observed, in the same unit.

    Returns
    -------
    Loss
        :math:`\tfrac1n \sum_i (\hat y_i - y_i)^2` and its gradient :math:`\tfrac2n (\hat y - y)`.

    Raises
    ------
    ValueError
        If the lengths disagree.

    Notes
    -----
    Relative error a few :math:`\varepsilon`.

    References
    ----------
    Book, section "Optimization: how we solve learning problems", equation (eq-grad-mse).

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [0.0, 4.0])
    Loss(value=2.5, gradient=array([ 1., -2.]))
    """
    predicted, observed = _paired(prediction, target, "prediction", "target")
    with np.errstate(over="ignore"):
        difference = predicted - observed
        value = float(np.mean(difference**2))
        if np.isinf(value):  # of the squares or their sum, though perhaps not of the mean
            part, e = scaled(difference) if np.isfinite(difference).all() else (difference, 0)
            value = float(np.ldexp(np.mean(part**2), 2 * e))
        return Loss(value, 2 / len(difference) * difference)


def logistic_loss(score: ArrayLike, label: ArrayLike) -> Loss:
    r"""Average the cross-entropy of two classes, from scores.

    Parameters
    ----------
    score : (n,) array_like
        Log-odds of class 1.
    label : (n,) array_like
        Observed class, 0 or 1.

    Returns
    -------
    Loss
        :math:`\tfrac1n \sum_i [\log(1 + e^{z_i}) - y_i z_i]` in nats and its gradient
        :math:`\tfrac1n (\sigma(z) - y)`.

    Raises
    ------
    ValueError
        If the lengths disagree or a label is neither 0 nor 1.

    Notes
    -----
    Stable for scores of any size; absolute error about :math:`\varepsilon \max(1, |z|)`.

    References
    ----------
    Book, section "Optimization: how we solve learning problems", equation
    (eq-grad-logistic-score).

    Examples
    --------
    >>> logistic_loss([0.0, 1e4], [1, 0])
    Loss(value=5000.346573590, gradient=array([-0.25,  0.5 ]))
    """
    z, y = _paired(score, label, "score", "label", allowed=(0.0, 1.0))
    return Loss(mean(softplus((1 - 2 * y) * z)), (sigmoid(z) - y) / len(z))


def cross_entropy(logits: ArrayLike, classes: ArrayLike) -> Loss:
    r"""Average the surprise of the observed classes under a softmax.

    Parameters
    ----------
    logits : (n, k) array_like
        One row of scores a sample.
    classes : (n,) array_like
        Observed classes, whole numbers from 0 to k - 1.

    Returns
    -------
    Loss
        :math:`\tfrac1n \sum_i [\operatorname{lse}(z_i) - z_{i c_i}]` in nats and its gradient, (n, k), which
        is :math:`\tfrac1n` of softmax minus the one-hot classes.

    Raises
    ------
    ValueError
        If the numbers of rows disagree or a class is out of range.

    Notes
    -----
    Stable for logits of any size; absolute error about :math:`\varepsilon \max(1, |z|)`.

    References
    ----------
    Book, section "Optimization: how we solve learning problems", equation (eq-grad-cross-entropy).

    Examples
    --------
    >>> cross_entropy([[0.0, 0.0]], [1])
    Loss(value=0.69314718056, gradient=array([[ 0.5, -0.5]]))
    """
    z = as_matrix(logits, "logits")
    n, k = z.shape
    c = as_vector(classes, "classes")
    if len(c) != n or not np.isin(c, np.arange(k)).all():
        raise ValueError(
            f"classes must be {n} whole numbers from 0 to {k - 1} to fit logits {z.shape}, got {c[:9]}"
        )
    observed = np.arange(n), c.astype(np.int64)
    gradient = softmax(z)
    gradient[observed] -= 1
    # Distances below the top score, so that nothing is lost when all logits are large.
    below = _below(z, z.max(axis=1, keepdims=True))
    return Loss(float(np.mean(log_sum_exp(below) - below[observed])), gradient / n)


def hinge_loss(score: ArrayLike, label: ArrayLike) -> Loss:
    r"""Average by how much each sample misses the margin.

    Parameters
    ----------
    score : (n,) array_like
        Output of the classifier, whose sign is the answer.
    label : (n,) array_like
        Observed class, -1 or 1.

    Returns
    -------
    Loss
        :math:`\tfrac1n \sum_i \max(0, 1 - y_i z_i)` and the subgradient that is :math:`-y_i/n` where the
        margin is missed and 0 elsewhere, the corner included.

    Raises
    ------
    ValueError
        If the lengths disagree or a label is neither -1 nor 1.

    Notes
    -----
    Relative error a few :math:`\varepsilon`.

    References
    ----------
    Book, section "Optimization: how we solve learning problems", equation (eq-grad-hinge).

    Examples
    --------
    >>> hinge_loss([2.0, 0.5], [1, -1])
    Loss(value=0.75, gradient=array([0. , 0.5]))
    """
    z, y = _paired(score, label, "score", "label", allowed=(-1.0, 1.0))
    missing = np.maximum(0.0, 1 - y * z)
    return Loss(mean(missing), -y * (missing > 0) / len(z) + 0.0)  # + 0.0 turns -0.0 into 0.0


def _paired(
    output: ArrayLike, truth: ArrayLike, name: str, other: str, allowed: tuple[float, ...] = ()
) -> tuple[Array, Array]:
    """Read outputs and truths of equal length; truths only of the allowed values, if any are named."""
    z, y = as_vector(output, name), as_vector(truth, other)
    if len(z) != len(y):
        raise ValueError(f"{other} has length {len(y)} but {name} has length {len(z)}: make them agree")
    if allowed and not np.isin(y, allowed).all():
        wrong = y[~np.isin(y, allowed)][0]
        raise ValueError(f"{other} must be one of {allowed}, got {wrong:.6g}")
    return z, y
