r"""Automatic differentiation of NumPy programs, backward over a tape and forward with dual numbers.

Write the function with NumPy; `grad` and its relatives call it with arguments that also remember where they
came from. A `Tensor` stands on a `Tape`, the list of all operations in order of creation; a `Dual` carries
its derivative along. Both look their derivatives up in one flat table, `RULES`.

Throughout: `g` is the incoming gradient (the derivative of the final number by `out`), `out` the value
computed, `x` and `y` the inputs; a rule returns the derivative of the final number by its input. Arguments
that are differentiated are arrays of floats, or lists, tuples and dicts of them; integers are read as
floats, and float32 stays float32. All derivatives are exact up to rounding.
"""

import collections
import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers import calculus
from mmlhelpers._checks import Array

__all__ = [
    "RULES",
    "Dual",
    "Tape",
    "Tensor",
    "check_gradient",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "record",
    "value_and_grad",
    "vjp",
]

Rule = Callable[..., Any]


# Shapes: what a rule needs to give each gradient the shape of its input


def _summed_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Add up what broadcasting had copied."""
    if np.shape(g) == shape:
        return g
    extra = tuple(range(np.ndim(g) - len(shape)))
    if extra:
        g = np.sum(g, axis=extra)
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and np.shape(g)[i] != 1)
    return np.sum(g, axis=stretched, keepdims=True) if stretched else g


def _kept(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Give a reduced array its lost axes back, with length 1."""
    if keepdims or axis is None:
        return out if keepdims else np.reshape(out, (1,) * np.ndim(x))
    axes = {i % np.ndim(x) for i in (axis if isinstance(axis, tuple) else (axis,))}
    return np.reshape(out, tuple(1 if i in axes else n for i, n in enumerate(np.shape(x))))


def _spread(g: Any, out: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Copy the gradient of a sum to every summand."""
    return np.broadcast_to(_kept(g, x, axis, keepdims), np.shape(x))


def _winners(out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Weights of the entries that are the largest; several share."""
    x = _plain(x)
    ties = x == _kept(_plain(out), x, axis, keepdims)
    return (ties / np.sum(ties, axis=axis, keepdims=True)).astype(x.dtype)


def _rows(x: Any) -> Any:
    return np.reshape(x, (1, -1)) if np.ndim(x) == 1 else x


def _columns(y: Any) -> Any:
    return np.reshape(y, (-1, 1)) if np.ndim(y) == 1 else y


def _product_gradient(g: Any, x: Any, y: Any) -> Any:
    """Give the gradient of a matrix product the two axes that vectors lack."""
    if np.ndim(x) == 1:
        g = np.expand_dims(g, -1 if np.ndim(y) == 1 else -2)
    return np.expand_dims(g, -1) if np.ndim(y) == 1 else g


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    full = _product_gradient(g, x, y) @ np.swapaxes(_columns(y), -1, -2)
    return np.reshape(_summed_to(full, np.shape(_rows(x))), np.shape(x))


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    full = np.swapaxes(_rows(x), -1, -2) @ _product_gradient(g, x, y)
    return np.reshape(_summed_to(full, np.shape(_columns(y))), np.shape(y))


def _transposed(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _take(x: Any, index: Any) -> Any:
    """Read entries; as a function, so that it can have a rule."""
    return x[index]


def _put(g: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Write entries into zeros; entries read twice add up."""
    if isinstance(g, _Traced):
        return _call(_put, g, index, shape)
    zeros = np.zeros(shape, dtype=np.asarray(g).dtype)
    np.add.at(zeros, index, g)
    return zeros


def _larger(x: Any, y: Any) -> Any:
    """Return 1 where x is larger than y, one half where they are equal."""
    return (np.sign(_plain(x) - _plain(y)) + 1) / 2


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(y, int | float):  # a Python number leaves float32 as it is
        return g * (y * x ** (y - 1)) if y else g * 0.0
    return g * y * x ** np.where(y == 0, 1.0, y - 1)  # x**0 has slope 0 at x = 0 too


# The table of derivatives: one rule for each argument

#: Functions that act on each entry alone: the same rule serves backward and forward.
_ENTRYWISE: dict[Rule, tuple[Rule, ...]] = {
    np.add: (lambda g, out, x, y: g, lambda g, out, x, y: g),
    np.subtract: (lambda g, out, x, y: g, lambda g, out, x, y: -g),
    np.multiply: (lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    np.divide: (lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y),
    np.power: (_power_base, lambda g, out, x, y: g * out * np.log(x)),
    np.negative: (lambda g, out, x: -g,),
    np.positive: (lambda g, out, x: g,),
    np.absolute: (lambda g, out, x: g * np.sign(x),),
    np.square: (lambda g, out, x: 2 * g * x,),
    np.sqrt: (lambda g, out, x: g / (2 * out),),
    np.reciprocal: (lambda g, out, x: -g * out**2,),
    np.exp: (lambda g, out, x: g * out,),
    np.expm1: (lambda g, out, x: g * (out + 1),),
    np.log: (lambda g, out, x: g / x,),
    np.log1p: (lambda g, out, x: g / (1 + x),),
    np.sin: (lambda g, out, x: g * np.cos(x),),
    np.cos: (lambda g, out, x: -g * np.sin(x),),
    np.tan: (lambda g, out, x: g * (1 + out**2),),
    np.arctan: (lambda g, out, x: g / (1 + x**2),),
    np.sinh: (lambda g, out, x: g * np.cosh(x),),
    np.cosh: (lambda g, out, x: g * np.sinh(x),),
    np.tanh: (lambda g, out, x: g * (1 - out * out),),
    np.logaddexp: (lambda g, out, x, y: g * np.exp(x - out), lambda g, out, x, y: g * np.exp(y - out)),
    np.maximum: (lambda g, out, x, y: g * _larger(x, y), lambda g, out, x, y: g * _larger(y, x)),
    np.minimum: (lambda g, out, x, y: g * _larger(y, x), lambda g, out, x, y: g * _larger(x, y)),
}

#: Functions that are linear in the argument with a rule: forward, the function acts on the derivative.
_LINEAR: dict[Rule, tuple[Rule, ...]] = {
    np.sum: (_spread,),
    np.matmul: (_matmul_left, _matmul_right),
    np.reshape: (lambda g, out, x, shape: np.reshape(g, np.shape(x)),),
    np.transpose: (lambda g, out, x, axes=None: np.transpose(g, None if axes is None else np.argsort(axes)),),
    np.swapaxes: (lambda g, out, x, i, j: np.swapaxes(g, i, j),),
    np.expand_dims: (lambda g, out, x, axis: np.reshape(g, np.shape(x)),),
    np.squeeze: (lambda g, out, x, axis=None: np.reshape(g, np.shape(x)),),
    np.broadcast_to: (lambda g, out, x, shape: _summed_to(g, np.shape(x)),),
    _take: (lambda g, out, x, index: _put(g, index, np.shape(x)),),
    _put: (lambda g, out, x, index, shape: g[index],),
}

#: The rest, with a rule of their own for the forward direction: `t` is the derivative carried by the input.
_OTHER: dict[Rule, tuple[tuple[Rule, ...], tuple[Rule, ...]]] = {
    np.max: (
        (
            lambda g, out, x, axis=None, keepdims=False: (
                _spread(g, out, x, axis, keepdims) * _winners(out, x, axis, keepdims)
            ),
        ),
        (
            lambda t, out, x, axis=None, keepdims=False: np.sum(
                t * _winners(out, x, axis, keepdims), axis=axis, keepdims=keepdims
            ),
        ),
    ),
    np.where: (
        (
            lambda g, out, c, x, y: g * 0.0,  # never asked: conditions are plain
            lambda g, out, c, x, y: _summed_to(np.where(c, g, 0.0), np.shape(x)),
            lambda g, out, c, x, y: _summed_to(np.where(c, 0.0, g), np.shape(y)),
        ),
        (
            lambda t, out, c, x, y: t * 0.0,
            lambda t, out, c, x, y: np.where(c, t, 0.0),
            lambda t, out, c, x, y: np.where(c, 0.0, t),
        ),
    ),
    np.linalg.inv: (
        (lambda g, out, x: -_transposed(out) @ g @ _transposed(out),),
        (lambda t, out, x: -out @ t @ out,),
    ),
    np.linalg.det: (
        (lambda g, out, x: np.reshape(g * out, (*np.shape(out), 1, 1)) * _transposed(np.linalg.inv(x)),),
        (lambda t, out, x: out * np.sum(np.linalg.inv(x) * _transposed(t), axis=(-2, -1)),),
    ),
}

#: Every function with a derivative rule, and its rules: one for each argument that can be differentiated.
RULES: dict[Rule, tuple[Rule, ...]] = {
    **_ENTRYWISE,
    **_LINEAR,
    **{function: backward for function, (backward, _) in _OTHER.items()},
}

#: Functions whose result does not change when the input moves a little: plain numbers come out.
_STEPS: set[Rule] = {
    *(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.sign, np.isfinite),
    *(np.argmax, np.argmin, np.shape, np.ndim, np.size, np.iscomplexobj),
}


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    total = np.sum(x, axis=axis, keepdims=keepdims)
    return total * (np.size(total) / np.size(x))


def _stack(arrays: Any) -> Any:
    shape = (len(arrays), *np.shape(arrays[0]))
    return sum(_put(array, i, shape) for i, array in enumerate(arrays))


#: Functions that are written with others.
_WRITTEN: dict[Rule, Rule] = {
    np.mean: _mean,
    np.min: lambda x, axis=None, keepdims=False: -np.max(-x, axis=axis, keepdims=keepdims),
    np.dot: lambda x, y: x @ y,
    np.outer: lambda x, y: np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1)),
    np.trace: lambda x: np.sum(x * np.eye(*np.shape(x))),
    np.stack: _stack,
    np.linalg.norm: lambda x: np.sqrt(np.sum(x * x)),
}


# Numbers that remember


class _Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """What a Tensor and a Dual share: both behave like arrays, and of several the newest acts."""

    __slots__ = ()

    level: int
    value: Any

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            raise TypeError(f"autodiff knows np.{ufunc.__name__} only as a plain call without options")
        if len(args) == 1 and ufunc in RULES:
            return self._apply(ufunc, args, kwargs)  # no other number could be newer
        return _call(ufunc, *args)

    def __array_function__(self, function: Rule, types: Any, args: Any, kwargs: Any) -> Any:
        if function in _WRITTEN:
            return _WRITTEN[function](*args, **kwargs)
        return _call(function, *args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(
            f"a {type(self).__name__} is no plain array: use NumPy functions on it (np.stack, not np.array)"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_written(self)})"

    def __len__(self) -> int:
        return len(_plain(self))

    def __bool__(self) -> bool:
        return bool(_plain(self))

    def __getitem__(self, index: Any) -> Any:
        return _call(_take, self, index)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return np.shape(_plain(self))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def T(self) -> Any:
        """The transpose."""
        return _call(np.transpose, self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Add up entries, as `np.sum` does."""
        return np.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Average entries, as `np.mean` does."""
        return np.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Find the largest entry, as `np.max` does; equal ones share the gradient."""
        return np.max(self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: Any) -> Any:
        """Arrange the entries in another shape, as `np.reshape` does."""
        return _call(np.reshape, self, shape[0] if len(shape) == 1 else shape)


def _plain(x: Any) -> Any:
    """Strip a number of everything it remembers."""
    while isinstance(x, _Traced):
        x = x.value
    return x


def _call(function: Rule, *args: Any, **kwargs: Any) -> Any:
    """Call a function on numbers of which some may remember; the one made last acts on the others."""
    newest = None
    for x in args:
        if isinstance(x, _Traced) and (newest is None or x.level > newest.level):
            newest = x
    if newest is None:
        return function(*args, **kwargs)
    if function in RULES:
        return newest._apply(function, args, kwargs)
    if function in _STEPS:
        return function(*map(_plain, args), **kwargs)
    known = ", ".join(sorted(_name(f) for f in [*RULES, *_WRITTEN]))
    raise TypeError(f"autodiff has no rule for {_name(function)}; it has rules for {known}")


def _name(function: Rule) -> str:
    return function.__name__.strip("_")


_NO_OPTIONS: dict[str, Any] = {}
_LEVELS = itertools.count()  # a derivative begun later is inside those begun before


class Node(NamedTuple):
    """One line of a tape: what was computed, from what, and which nodes that came from.

    `parents` holds pairs: the position of an argument and the number of its node. An input has no function.
    """

    function: Rule | None
    args: Sequence[Any]
    kwargs: dict[str, Any]
    out: Any
    parents: Sequence[tuple[int, int]]


def _operator(function: Rule) -> Any:
    """Make an operator of two numbers, and its mirror image for a plain number on the left."""

    def forward(x: Any, y: Any) -> Any:
        a = x.value
        if type(y) is Tensor and y.tape is x.tape:
            b = y.value
            return Tensor(function(a, b), x.tape, function, (a, b), ((0, x.index), (1, y.index)))
        if isinstance(y, _Traced):
            return _call(function, x, y)
        return Tensor(function(a, y), x.tape, function, (a, y), ((0, x.index),))

    def mirrored(x: Any, y: Any) -> Any:
        return Tensor(function(y, x.value), x.tape, function, (y, x.value), ((1, x.index),))

    return forward, mirrored


class Tensor(_Traced):
    """An array that stands on a tape; NumPy's functions on it write themselves down there.

    Parameters
    ----------
    value : ndarray
        The numbers.
    tape : Tape
        Where it is written down.
    function : callable or None
        What made it.
    args : sequence
        From what: arrays, and plain arguments.
    parents : sequence of (int, int)
        Which of the arguments stand on the tape, and on which line.
    kwargs : dict
        Options of the function.
    """

    __slots__ = ("index", "tape", "value")

    def __init__(
        self,
        value: Any,
        tape: "Tape",
        function: Rule | None,
        args: Sequence[Any],
        parents: Sequence[tuple[int, int]],
        kwargs: dict[str, Any] = _NO_OPTIONS,
    ) -> None:
        lines = tape.lines
        self.value, self.tape, self.index = value, tape, len(lines)
        lines.append((function, args, kwargs, value, parents))

    @property
    def level(self) -> int:  # type: ignore[override]
        """Which derivative it belongs to.

        Returns
        -------
        int
            Larger for a derivative that was begun later, and so is inside.
        """
        return self.tape.level

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Tensor":
        if len(args) == 1:
            value, index = self.value, self.index
            return Tensor(function(value, **kwargs), self.tape, function, (value,), ((0, index),), kwargs)
        tape, values, parents = self.tape, list(args), []
        for i, x in enumerate(args):
            if type(x) is Tensor and x.tape is tape:
                values[i] = x.value
                parents.append((i, x.index))
        # What still remembers something older acts by itself.
        return Tensor(function(*values, **kwargs), tape, function, values, parents, kwargs)

    # The mixin has all operators, by way of NumPy; for the frequent ones that way is too long.
    __add__, __radd__ = _operator(np.add)
    __sub__, __rsub__ = _operator(np.subtract)
    __mul__, __rmul__ = _operator(np.multiply)
    __truediv__, __rtruediv__ = _operator(np.divide)
    __pow__, __rpow__ = _operator(np.power)
    __matmul__, __rmatmul__ = _operator(np.matmul)


class Tape:
    """The list of all operations in order of creation, so that every line comes after what it needs.

    Examples
    --------
    >>> tape, y = record(lambda w, x: np.tanh(w * x), 2.0, 0.25)
    >>> print(tape)
    line  operation  of    value
       0  w                    2
       1  x                 0.25
       2  multiply   0, 1    0.5
       3  tanh       2    0.4621
    """

    def __init__(self) -> None:
        self.level = next(_LEVELS)
        self.lines: list[tuple[Any, ...]] = []  # nodes as plain tuples, which are made faster
        self.names: list[str] = []

    @property
    def nodes(self) -> list[Node]:
        """All lines, with names for what stands in them.

        Returns
        -------
        list of Node
            In order of creation.

        Examples
        --------
        >>> record(lambda w: w * 3.0, 2.0)[0].nodes[1].parents
        ((0, 0),)
        """
        return [Node(*line) for line in self.lines]

    def input(self, value: Any, name: str = "input") -> Tensor:
        """Write down a number that the derivative is asked for.

        Parameters
        ----------
        value : array_like
            The numbers; integers are read as floats.
        name : str
            What the printed tape calls it.

        Returns
        -------
        Tensor
            The same numbers, standing on the tape.
        """
        self.names.append(name)
        value = _as_input(value, name)
        return Tensor(value, self, None, (), ())

    def backward(self, output: Tensor, g: Any = 1.0, keep: bool = True) -> Iterator[tuple[int, list[Any]]]:
        """Walk the tape backward, one line a step, and hand every gradient on to the parents.

        Parameters
        ----------
        output : Tensor
            Where to begin.
        g : array_like
            The gradient there, in the shape of `output`.
        keep : bool
            Whether lines already passed keep their gradients, to be shown.

        Yields
        ------
        (int, list)
            The line just passed, and the gradients known so far, one a line, None where still unknown.

        Examples
        --------
        >>> tape, y = record(lambda w, x: np.tanh(w * x), 2.0, 0.25)
        >>> [line for line, gradients in tape.backward(y)]
        [3, 2, 1, 0]
        """
        gradients: list[Any] = [None] * (output.index + 1)
        gradients[-1] = g if isinstance(g, _Traced) else np.asarray(g, dtype=_plain(output).dtype)
        for line in range(output.index, -1, -1):
            g, (function, args, kwargs, out, parents) = gradients[line], self.lines[line]
            if g is not None and function is not None:
                rules = RULES[function]
                for position, parent in parents:
                    rule, known = rules[position], gradients[parent]
                    share = rule(g, out, *args, **kwargs) if kwargs else rule(g, out, *args)  # faster
                    if share.shape != args[position].shape:
                        share = _summed_to(share, args[position].shape)
                    gradients[parent] = share if known is None else known + share
                if not keep:
                    gradients[line] = None
            yield line, gradients

    def table(self, gradients: list[Any] | None = None) -> str:
        """Write the tape as a table, with the gradients known so far.

        Parameters
        ----------
        gradients : list, optional
            One a line, as `backward` yields them.

        Returns
        -------
        str
            One line of text for every line of the tape.
        """
        names = iter(self.names)
        rows = [["line", "operation", "of", "value"] + ["gradient"] * (gradients is not None)]
        for line, node in enumerate(self.nodes):
            operation = next(names) if node.function is None else _name(node.function)
            parents = ", ".join(str(parent) for _, parent in node.parents)
            rows.append([str(line), operation, parents, _brief(node.out)])
            if gradients is not None:
                rows[-1].append(_brief(gradients[line]) if line < len(gradients) else "")
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = (False, True, True, False, False)
        return "\n".join(
            "  ".join(f"{c:<{w}}" if at else f"{c:>{w}}" for c, w, at in zip(row, widths, left, strict=False))
            for row in rows
        )

    def __str__(self) -> str:
        """Write the tape without gradients."""
        return self.table()


def _written(value: Any) -> str:
    """Write a number or an array with a few digits."""
    value = _plain(value)
    return f"{value:.6g}" if np.ndim(value) == 0 else np.array2string(value, precision=4)


def _brief(value: Any) -> str:
    """Write a number, or the shape of an array."""
    value = _plain(value)
    if value is None:
        return ""
    return f"{float(value) + 0.0:.4g}" if np.ndim(value) == 0 else f"{np.shape(value)}"


class Dual(_Traced):
    r"""A number with its derivative: :math:`x + \dot x\,\epsilon` with :math:`\epsilon^2 = 0`.

    Parameters
    ----------
    value : array_like
        Where.
    tangent : array_like
        How fast it moves, same shape.
    level : int, optional
        Which derivative it belongs to; those of one level may meet. All that readers make share one.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(9, 6)
    """

    __slots__ = ("level", "tangent", "value")

    def __init__(self, value: Any, tangent: Any, level: int = -1) -> None:
        self.value, self.tangent, self.level = value, tangent, level

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Dual":
        values = tuple(x.value if _is_dual(x, self.level) else x for x in args)
        out = _call(function, *values, **kwargs)
        moving = [(i, x.tangent) for i, x in enumerate(args) if _is_dual(x, self.level)]
        moves = [_push(function, i, t, out, values, kwargs) for i, t in moving]
        tangent = moves[0] if len(moves) == 1 else moves[0] + moves[1]
        if np.shape(tangent) != np.shape(out):
            tangent = np.broadcast_to(tangent, np.shape(out))
        return Dual(out, tangent, self.level)

    def __repr__(self) -> str:
        """Show value and derivative."""
        return f"Dual({_written(self.value)}, {_written(self.tangent)})"


def _push(function: Rule, i: int, t: Any, out: Any, values: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Carry the derivative `t` of argument i through a function."""
    if function in _ENTRYWISE:
        return _ENTRYWISE[function][i](t, out, *values)
    if function in _LINEAR:
        return _call(function, *values[:i], t, *values[i + 1 :], **kwargs)
    return _OTHER[function][1][i](t, out, *values, **kwargs)


# What a reader calls


def record(f: Callable[..., Any], *args: ArrayLike) -> tuple[Tape, Tensor]:
    """Run a function once and keep the tape.

    Parameters
    ----------
    f : callable
        Written with NumPy functions that have a rule; returns one array.
    *args : array_like
        Its arguments; each becomes an input of the tape, under the name that the function gives it.

    Returns
    -------
    (Tape, Tensor)
        The tape and the result, which stands on its last line.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule, or its result does not depend on its arguments.

    Notes
    -----
    The values are those of the plain run, to the last bit.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> tape, y = record(lambda x: x**2 + x, 3.0)
    >>> y, len(tape.nodes)
    (Tensor(12), 3)
    """
    tape = Tape()
    names = list(inspect.signature(f).parameters)
    inputs = [tape.input(x, name) for x, name in zip(args, names, strict=False)]
    out = f(*inputs)
    if not isinstance(out, Tensor):
        raise TypeError(f"f must return a result that depends on its arguments, got {out!r}")
    return tape, out


def vjp(f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
    r"""Run a function and prepare its backward pass.

    Parameters
    ----------
    f : callable
        From `x` to one array.
    x : array_like, or list, tuple, dict of arrays
        Where.

    Returns
    -------
    (ndarray, callable)
        The value :math:`f(x)`, and the map :math:`g \mapsto J^\top g`, with the structure of `x`.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule.
    ValueError
        If `x` is not finite, or `g` has not the shape of the value.

    Notes
    -----
    Exact up to rounding. One pass costs a small multiple of running `f`, whatever the size of `x`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-vjp).

    Examples
    --------
    >>> value, pull = vjp(lambda x: x**2, [1.0, 2.0])
    >>> value, pull([1.0, 10.0])
    (array([1., 4.]), array([ 2., 40.]))
    """
    tape = Tape()
    inputs = _map(lambda leaf: tape.input(leaf, "x"), x)
    out = f(inputs)
    on_tape = isinstance(out, Tensor) and out.tape is tape
    value = out.value if on_tape else out

    def pull(g: Any) -> Any:
        if np.shape(g) != np.shape(value):
            raise ValueError(f"g must have the shape {np.shape(value)} of the value, got {np.shape(g)}")
        walk = tape.backward(out, g, keep=False) if on_tape else [(0, [])]
        _, gradients = collections.deque(walk, maxlen=1)[0]
        return _map(lambda leaf: _leaf_gradient(leaf, gradients), inputs)

    return value, pull


def jvp(f: Callable[[Any], Any], x: Any, v: Any) -> tuple[Any, Any]:
    r"""Run a function and its derivative in one direction together, with dual numbers.

    Parameters
    ----------
    f : callable
        From `x` to an array, or a group of them.
    x, v : array_like, or list, tuple, dict of arrays
        Where, and in which direction; same structure and shapes.

    Returns
    -------
    (ndarray, ndarray)
        The value :math:`f(x)` and the product :math:`J v`, of the same structure.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule.
    ValueError
        If `x` or `v` is not finite, or their shapes differ.

    Notes
    -----
    Exact up to rounding. One direction costs a small multiple of running `f`; nothing is kept.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-jvp).

    Examples
    --------
    >>> jvp(np.square, [1.0, 2.0], [0.0, 1.0])
    (array([1., 4.]), array([0., 4.]))
    """
    level = next(_LEVELS)
    out = f(_map(lambda p, d: Dual(_as_input(p, "x"), _as_direction(d, p), level), x, v))
    values = _map(lambda y: y.value if _is_dual(y, level) else y, out)
    return values, _map(lambda y: y.tangent if _is_dual(y, level) else np.zeros(np.shape(y))[()], out)


def _is_dual(y: Any, level: int) -> bool:
    """Tell a result that moves with the input from one that does not."""
    return isinstance(y, Dual) and y.level == level


def value_and_grad(f: Callable[..., Any], argnum: int = 0) -> Callable[..., tuple[Any, Any]]:
    """Make of a function with one number as its result the function that also returns the gradient.

    Parameters
    ----------
    f : callable
        Returns a single number.
    argnum : int
        The argument asked about, counted from 0.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns the value and the gradient, which has the structure of that
        argument.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or the argument is not finite.

    Notes
    -----
    Exact up to rounding; the cost is a small multiple of running `f`, whatever the size of the argument.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> value, slope = value_and_grad(lambda w: np.sum(w**2))([1.0, 2.0])
    >>> float(value), slope
    (5.0, array([2., 4.]))
    """

    def with_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        value, pull = vjp(lambda x: f(*args[:argnum], x, *args[argnum + 1 :], **kwargs), args[argnum])
        if np.shape(value) != ():
            raise ValueError(
                f"f must return a single number, got shape {np.shape(value)}: sum it, or use vjp"
            )
        return value, pull(1.0)

    return with_gradient


def grad(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Make of a function with one number as its result the function that returns its gradient.

    Parameters
    ----------
    f : callable
        Returns a single number.
    argnum : int
        The argument asked about, counted from 0.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns the gradient, which has the structure of that argument. May be
        differentiated again.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or the argument is not finite.

    Notes
    -----
    Exact up to rounding; the cost is a small multiple of running `f`, whatever the size of the argument.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> grad(lambda w: np.sum(w**2))([1.0, 2.0])
    array([2., 4.])
    >>> float(grad(grad(np.square))(5.0))
    2.0
    """
    both = value_and_grad(f, argnum)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def hvp(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    r"""Multiply the Hessian by a vector without forming it.

    Parameters
    ----------
    f : callable
        From `x` to a single number.
    x, v : array_like, or list, tuple, dict of arrays
        Where, and in which direction; same structure and shapes.

    Returns
    -------
    ndarray
        :math:`H(x)\,v`, with the structure of `x`.

    Raises
    ------
    ValueError
        If the result of `f` is no single number, or `x` and `v` do not fit.

    Notes
    -----
    The gradient, differentiated in the direction `v`: dual numbers run through a tape. Exact up to rounding,
    at a small multiple of the cost of `f`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-hvp).

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], [1.0, 3.0], [1.0, 0.0])
    array([6., 2.])
    """
    return jvp(grad(f), x, v)[1]


def jacobian(f: Callable[[Any], Any]) -> Callable[[ArrayLike], Array]:
    r"""Make of a function the function that returns its Jacobian.

    Parameters
    ----------
    f : callable
        From an array to an array.

    Returns
    -------
    callable
        From `x` to all :math:`\partial f_i / \partial x_j`: the shape of the result, then the shape of `x`.

    Raises
    ------
    ValueError
        When called: if `x` is not finite.

    Notes
    -----
    One backward pass for each entry of the result. Exact up to rounding.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-jacobian).

    Examples
    --------
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))([2.0, 5.0])
    array([[5., 2.],
           [1., 1.]])
    """

    def at(x: ArrayLike) -> Array:
        value, pull = vjp(f, x)
        rows = [pull(one) for one in np.eye(np.size(value)).reshape(-1, *np.shape(value))]
        return np.reshape(rows, (*np.shape(value), *np.shape(rows[0])))

    return at


def hessian(f: Callable[[Any], Any]) -> Callable[[ArrayLike], Array]:
    r"""Make of a function with one number as its result the function that returns its Hessian.

    Parameters
    ----------
    f : callable
        From an array to a single number.

    Returns
    -------
    callable
        From `x` to all :math:`\partial^2 f / \partial x_i \partial x_j`: the shape of `x` twice.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or `x` is not finite.

    Notes
    -----
    One Hessian-vector product for each entry of `x`. Exact up to rounding.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-hessian).

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 3.0])
    array([[6., 2.],
           [2., 0.]])
    """

    def at(x: ArrayLike) -> Array:
        shape = np.shape(x)
        columns = [hvp(f, x, one) for one in np.eye(int(np.prod(shape))).reshape(-1, *shape)]
        return np.reshape(columns, shape * 2)  # symmetric, so that columns are rows

    return at


class GradientCheck(NamedTuple):
    """Whether a gradient is right; if not, where it is wrong most, what it claims and what is measured."""

    correct: bool
    error: float
    where: tuple[int, ...]
    claimed: float
    measured: float

    def __repr__(self) -> str:
        """Say it in one line."""
        if self.correct:
            return "correct"
        where = f" in entry {list(self.where)}" if self.where else ""
        return (
            f"wrong{where}: the gradient says {self.claimed:.6g}, the central difference "
            f"{self.measured:.6g}, relative error {self.error:.2g}"
        )


def check_gradient(
    f: Callable[[Any], Any],
    x: ArrayLike,
    gradient: Callable[[Any], Any] | None = None,
    tolerance: float = 1e-7,
) -> GradientCheck:
    """Compare a gradient with central differences, entry by entry.

    Parameters
    ----------
    f : callable
        From an array to a single number.
    x : array_like
        Where; a random point sees more than a round one.
    gradient : callable, optional
        From `x` to the gradient to be checked; that of `grad` if left out.
    tolerance : float
        Largest error that passes, relative to the largest entry or to 1, whichever is larger.

    Returns
    -------
    GradientCheck
        Verdict, largest error, and where it is.

    Raises
    ------
    ValueError
        If the gradient has not the shape of `x`, or `x` is not finite.

    Notes
    -----
    Central differences with step 1e-5 are themselves exact to about 1e-10 times the size of the third
    derivative and of `f`; at a corner of `f`, such as relu at 0, they tell nothing.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-central).

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**3), [1.0, 2.0], gradient=lambda x: 3 * x)
    wrong in entry [1]: the gradient says 6, the central difference 12, relative error 0.5
    """
    point: Array = _as_input(x, "x")
    claimed = np.asarray((gradient or grad(f))(point), dtype=float)
    if claimed.shape != point.shape:
        raise ValueError(f"gradient must have the shape {point.shape} of x, got {claimed.shape}")
    measured = calculus.numerical_jacobian(f, point)
    errors = np.abs(claimed - measured) / max(1.0, float(np.abs(measured).max()))
    where = tuple(int(i) for i in np.unravel_index(np.argmax(errors), point.shape))
    worst = float(errors[where])
    return GradientCheck(worst <= tolerance, worst, where, float(claimed[where]), float(measured[where]))


# Inputs: arrays, and lists, tuples and dicts of arrays


def _is_group(x: Any) -> bool:
    """Tell a group of arrays from a list of numbers, which is an array."""
    if isinstance(x, list):
        return any(isinstance(item, np.ndarray | _Traced) or _is_group(item) for item in x)
    return isinstance(x, tuple | dict)


def _map(function: Callable[..., Any], x: Any, *others: Any) -> Any:
    """Apply a function to every array of a group and to what stands in the same place of other groups."""
    if not _is_group(x):
        return function(x, *others)
    if isinstance(x, dict):
        return {key: _map(function, x[key], *(other[key] for other in others)) for key in x}
    items = [_map(function, *same) for same in zip(x, *others, strict=True)]
    return tuple(items) if isinstance(x, tuple) else items


def _as_input(x: Any, name: str) -> Any:
    """Read an array of finite floats of any shape; what already remembers passes."""
    if isinstance(x, _Traced):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of real numbers, got entries of type {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity: remove or replace such entries")
    return array if array.dtype.kind == "f" else array.astype(float)


def _as_direction(v: Any, x: Any) -> Any:
    """Read a direction in which `x` moves."""
    v = _as_input(v, "v")
    if np.shape(v) != np.shape(x):
        raise ValueError(f"v must have the shape {np.shape(x)} of x, got {np.shape(v)}")
    return v


def _leaf_gradient(leaf: Tensor, gradients: list[Any]) -> Any:
    """Read the gradient of an input; one that the result does not depend on has gradient zero."""
    g = gradients[leaf.index] if leaf.index < len(gradients) else None
    if g is None:
        return np.zeros(leaf.shape)[()]
    return g if isinstance(g, _Traced) else np.asarray(g)[()]
