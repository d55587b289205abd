"""Rules of functions that make one number of many: sums, products, largest entries, lengths.

At a tie the winners share the gradient; the length of a zero vector has the subgradient zero.
"""

from typing import Any

import numpy as np

from mmlhelpers.autodiff._traced import FORWARD, MOVING, POSITIONS, RULES, WRITTEN, Traced, call, plain


def _kept(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Give a reduced array its lost axes back, with length 1."""
    if keepdims or axis is None:
        return out if keepdims else np.reshape(out, (1,) * np.ndim(x))
    n_axes = np.ndim(x) or 1  # a single number may be added up along an axis that it has not
    axes = {i % n_axes for i in (axis if isinstance(axis, tuple) else (axis,))}
    return np.reshape(out, tuple(1 if i in axes else n for i, n in enumerate(np.shape(x))))


def _spread(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Copy the gradient of a sum to every summand."""
    return np.broadcast_to(_kept(g, x, axis, keepdims), np.shape(x))


def _winners(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Weights of the entries that are the largest; several share."""
    x = plain(x)
    ties = x == _kept(plain(out), x, axis, keepdims)
    return (ties / np.sum(ties, axis=axis, keepdims=True)).astype(x.dtype)


def _back_by(weights: Any) -> Any:
    """Make the rule of a reduction whose entries count with weights."""

    def rule(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return _spread(g, out, x, axis, keepdims) * weights(out, x, axis, keepdims)

    return rule


def _forward_by(weights: Any) -> Any:
    def rule(t: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return np.sum(t * weights(out, x, axis, keepdims), axis=axis, keepdims=keepdims)

    return rule


def products_of_others(x: Any) -> Any:
    """Multiply, for each entry of the last axis, all the others: by halves, without any division."""
    n = np.shape(x)[-1]
    if n == 1:
        return np.ones(np.shape(x), plain(x).dtype)
    odd = x[..., 2 * (n // 2) :]
    left, right = x[..., : n - n % 2 : 2], x[..., 1::2]
    outside = products_of_others(np.concatenate([left * right, odd], axis=-1))
    pairs = outside[..., : n // 2]
    both = np.stack([pairs * right, pairs * left], axis=-1)
    both = np.reshape(both, (*np.shape(x)[:-1], n - n % 2))
    return np.concatenate([both, outside[..., n // 2 :]], axis=-1)


def _others(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Multiply all entries but one along some axes."""
    whole = axis is None or not np.ndim(x)
    axes = range(np.ndim(x)) if whole else axis if isinstance(axis, tuple) else (axis,)
    reduced = sorted(i % np.ndim(x) for i in axes)
    order = [i for i in range(np.ndim(x)) if i not in reduced] + reduced
    turned = np.transpose(x, order)
    flat = np.reshape(turned, (*np.shape(turned)[: np.ndim(x) - len(reduced)], -1))
    return np.transpose(np.reshape(products_of_others(flat), np.shape(turned)), np.argsort(order))


def _cumsum_back(g: Any, out: Any, x: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(g))), np.shape(x))
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def length(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Euclidean length along one or two axes, or of all entries; as NumPy computes it."""
    if isinstance(x, Traced):
        return call(length, x, axis=axis, keepdims=keepdims)
    return np.linalg.norm(x, axis=axis, keepdims=keepdims)


def _unit(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Divide by the length, at any scale; zero where all is zero."""
    top = np.max(np.abs(plain(x)), axis=axis, keepdims=True, initial=0.0)
    scaled = x / np.exp2(np.frexp(top)[1] - 1.0, dtype=top.dtype)
    squares = np.sum(scaled * scaled, axis=axis, keepdims=True)
    return scaled * (top > 0) / np.sqrt(squares + (top == 0))


MOVING |= {np.sum, np.cumsum}
RULES |= {
    np.sum: (_spread,),
    np.cumsum: (_cumsum_back,),
    np.max: (_back_by(_winners),),
    np.prod: (_back_by(_others),),
    length: (_back_by(_unit),),
}
FORWARD |= {
    np.max: (_forward_by(_winners),),
    np.prod: (_forward_by(_others),),
    length: (_forward_by(_unit),),
}
POSITIONS |= {np.sum: 2, np.max: 2, np.prod: 2, np.cumsum: 2}


def _mean(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    total = np.sum(a, axis=axis, keepdims=keepdims)
    return total / (np.size(a) // max(np.size(total), 1))


def _var(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    distance = a - _mean(a, axis, keepdims=True)
    total = np.sum(distance * distance, axis=axis, keepdims=keepdims)
    return total / max(np.size(a) // max(np.size(total), 1) - ddof, 0)


def _std(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.sqrt(_var(a, axis, ddof=ddof, keepdims=keepdims))


def _average(a: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return _mean(a, axis)
    if np.shape(weights) != np.shape(a):  # one weight for each place along the axis
        lined_up = np.reshape(weights, (-1, *(1,) * (np.ndim(a) - 1 - axis % np.ndim(a))))
        weights = np.broadcast_to(lined_up, np.shape(a))
    return np.sum(a * weights, axis=axis) / np.sum(weights, axis=axis)


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    vectors = np.ndim(x) == 1 if axis is None else not isinstance(axis, tuple) or len(axis) == 1
    if ord is None or (ord == 2 and vectors) or (ord == "fro" and not vectors):
        return length(x, axis, keepdims)
    if vectors and ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if vectors and ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    raise TypeError(
        f"autodiff has no rule for the norm of order {ord!r} of {'vectors' if vectors else 'matrices'}: "
        "it has those of order 2, 1 and inf of vectors, and the Frobenius norm"
    )


def _largest(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return call(np.max, a, axis=axis, keepdims=keepdims)


def _smallest(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return -_largest(-a, axis, keepdims=keepdims)


WRITTEN |= {
    np.mean: _mean,
    np.var: _var,
    np.std: _std,
    np.average: _average,
    np.linalg.norm: _norm,
    np.amax: _largest,
    np.min: _smallest,
    np.amin: _smallest,
    np.ptp: lambda a, axis=None: _largest(a, axis) + _largest(-a, axis),
}
