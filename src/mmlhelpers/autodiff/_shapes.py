"""Rules of functions that move entries: their arrangement, pieces read and put together, choices, copies."""

import itertools
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from mmlhelpers.autodiff._traced import (
    JOINT,
    MOVING,
    RULES,
    WRITTEN,
    PerArgument,
    Rule,
    Traced,
    call,
    holds_traced,
    plain,
    take,
)


def summed_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Add up what broadcasting had copied."""
    if np.shape(g) == shape:
        return g
    extra = tuple(range(np.ndim(g) - len(shape)))
    if extra:
        g = np.sum(g, axis=extra)
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(g)[i] != 1)
    return np.sum(g, axis=stretched, keepdims=True) if stretched else g


def put(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Write entries into zeros; entries read twice add up."""
    if isinstance(g, Traced):
        return call(put, g, index, shape)
    zeros = np.zeros(shape, dtype=np.asarray(g).dtype)
    np.add.at(zeros, index, g)
    return zeros


def _inverse(axes: Any) -> Any:
    """Invert a permutation of axes, of which some may be counted from the end."""
    return None if axes is None else np.argsort(np.mod(axes, len(axes)))


def _join(*arrays: Any, axis: int, ends: Any) -> Any:
    return np.concatenate(arrays, axis)


def _piece(i: int) -> Rule:
    """Make the rule of the i-th array that was joined: it gets its piece of the gradient back."""

    def rule(g: Any, out: Any, *arrays: Any, axis: int, ends: Any) -> Any:
        return g[(slice(None),) * axis + (slice(ends[i], ends[i + 1]),)]

    return rule


MOVING |= {
    np.reshape,
    np.transpose,
    np.swapaxes,
    np.expand_dims,
    np.squeeze,
    np.broadcast_to,
    take,
    put,
    _join,
}
JOINT.add(_join)
RULES |= {
    np.reshape: (lambda g, out, x, shape, order="C": np.reshape(g, np.shape(x), order=order),),
    np.transpose: (lambda g, out, x, axes=None: np.transpose(g, _inverse(axes)),),
    np.swapaxes: (lambda g, out, x, i, j: np.swapaxes(g, i, j),),
    np.expand_dims: (lambda g, out, x, axis: np.reshape(g, np.shape(x)),),
    np.squeeze: (lambda g, out, x, axis=None: np.reshape(g, np.shape(x)),),
    np.broadcast_to: (lambda g, out, x, shape: summed_to(g, np.shape(x)),),
    take: (lambda g, out, x, index: put(g, index, np.shape(x)),),
    put: (lambda g, out, x, index, shape: g[index],),
    _join: PerArgument(_piece),
}


def _concatenate(arrays: Any, axis: Any = 0) -> Any:
    arrays = [_array(a) for a in arrays]
    if axis is None:
        arrays, axis = [np.reshape(a, -1) for a in arrays], 0
    axis = range(np.ndim(arrays[0]))[axis]
    ends = (0, *itertools.accumulate(np.shape(a)[axis] for a in arrays))
    return call(_join, *arrays, axis=axis, ends=ends)


def _array(x: Any) -> Any:
    """Make one array of nested lists in which some numbers may remember."""
    if holds_traced(x):
        return x if isinstance(x, Traced) else np.stack([_array(item) for item in x])
    return np.asarray(x)


def _stack(arrays: Any, axis: int = 0) -> Any:
    return _concatenate([np.expand_dims(_array(a), axis) for a in arrays], axis)


def _vstack(tup: Any) -> Any:
    return _concatenate([_two_axes(_array(a)) for a in tup])


def _two_axes(a: Any) -> Any:
    return a if np.ndim(a) > 1 else np.reshape(a, (1, -1))


def _hstack(tup: Any) -> Any:
    arrays = [np.reshape(a, -1) if np.ndim(a) == 0 else a for a in map(_array, tup)]
    return _concatenate(arrays, 0 if np.ndim(arrays[0]) == 1 else 1)


def _column_stack(tup: Any) -> Any:
    return _concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in map(_array, tup)], 1)


def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    return _concatenate([_array(arr), _array(values)], axis)


def _block(arrays: Any) -> Any:
    """Join the innermost lists along the last axis, those around them along the axis before, and so on."""
    depth, axes = _nesting(arrays)
    return _joined(arrays, depth, max(depth, axes))


def _joined(part: Any, depth: int, axes: int) -> Any:
    """Join a part that holds so many levels of lists; axes are put before those that an array lacks."""
    if depth:
        return _concatenate([_joined(inner, depth - 1, axes) for inner in part], -depth)
    part = _array(part)
    return np.reshape(part, (1,) * (axes - np.ndim(part)) + np.shape(part))


def _nesting(part: Any) -> tuple[int, int]:
    """Return the levels of lists, which must be equal everywhere, and the most axes of an array."""
    if not isinstance(part, list):
        return 0, np.ndim(part)
    if not part:
        raise ValueError("np.block wants no empty list: leave it out")
    depths, axes = zip(*map(_nesting, part), strict=True)
    if len(set(depths)) > 1:
        raise ValueError("np.block wants lists of one depth: put brackets around single arrays, too")
    return depths[0] + 1, max(axes)


def moving(function: Any) -> Rule:
    """Follow a function that only moves entries, by moving their numbers."""

    def moved(x: Any, *args: Any, **kwargs: Any) -> Any:
        numbers = function(np.arange(np.size(x)).reshape(np.shape(x)), *args, **kwargs)
        flat = np.reshape(x, -1)
        if isinstance(numbers, list | tuple):
            return [flat[part] for part in numbers]
        return flat[numbers]

    return moved


def _diag(v: Any, k: int = 0) -> Any:
    if np.ndim(v) != 1:
        if np.ndim(v) > 2:
            raise ValueError(f"np.diag wants a vector or a matrix, got shape {np.shape(v)}: use np.diagonal")
        return np.diagonal(v, k)
    n = len(v) + abs(k)
    rows = np.arange(len(v)) + max(-k, 0)
    return call(put, v, (rows, rows + k), (n, n))


def _pad(array: Any, pad_width: Any, mode: str = "constant") -> Any:
    outside = mode == "constant"
    numbers = np.pad(np.arange(np.size(array)).reshape(np.shape(array)), pad_width, mode=mode)  # type: ignore[call-overload]
    copies = np.reshape(array, -1)[numbers]
    return np.where(np.pad(np.ones(np.shape(array), bool), pad_width), copies, 0.0) if outside else copies


def _sort(a: Any, axis: Any = -1) -> Any:
    if axis is None:
        a, axis = np.reshape(a, -1), 0
    order = np.argsort(plain(a), axis=axis, kind="stable")
    return np.take_along_axis(a, order, axis)


def _diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    before = (slice(None),) * normalize_axis_index(axis, np.ndim(a))
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


def _below(m: Any, k: int) -> Any:
    """Mark the entries on the k-th diagonal of each matrix and below it."""
    return np.tril(np.ones(np.shape(m), dtype=bool), k)


_ONLY_MOVED: tuple[Any, ...] = (
    *(np.flip, np.flipud, np.fliplr, np.rot90, np.roll, np.repeat, np.tile, np.moveaxis, np.diagonal),
    *(np.take, np.take_along_axis, np.delete, np.split, np.array_split, np.matrix_transpose),
    *(np.atleast_1d, np.atleast_2d, np.atleast_3d, np.lib.stride_tricks.sliding_window_view),
)
WRITTEN.update({function: moving(function) for function in _ONLY_MOVED})
WRITTEN |= {
    np.concatenate: _concatenate,
    np.stack: _stack,
    np.vstack: _vstack,
    np.hstack: _hstack,
    np.column_stack: _column_stack,
    np.append: _append,
    np.block: _block,
    np.diag: _diag,
    np.pad: _pad,
    np.sort: _sort,
    np.diff: _diff,
    np.ravel: lambda a, order="C": np.reshape(a, -1, order=order),
    np.copy: lambda a: a,
    np.tril: lambda m, k=0: np.where(_below(m, k), m, 0.0),
    np.triu: lambda m, k=0: np.where(_below(m, k - 1), 0.0, m),
}
