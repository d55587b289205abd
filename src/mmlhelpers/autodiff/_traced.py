"""Numbers that remember where they came from, and the tables where their rules are found."""

import functools
import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

Rule = Callable[..., Any]
_LOOSE = (list, tuple, Fraction, Decimal)  # what is no array yet

#: Every function with a derivative rule, and its rules: one for each argument that can be differentiated.
RULES: dict[Rule, "tuple[Rule, ...] | PerArgument"] = {}
#: Functions that act on each entry alone: the same rule serves backward and forward.
ENTRYWISE: dict[Rule, tuple[Rule, ...]] = {}
#: Functions that only move entries or add them up: backward, they move what is known about entries too.
MOVING: set[Rule] = set()
#: How the derivative `t` of one argument goes forward, where it does not do so as backward.
FORWARD: dict[Rule, tuple[Rule, ...]] = {}
#: Functions of which all arguments move together, linearly: they act on all the derivatives at once.
JOINT: set[Rule] = set()
#: Functions that are written with others.
WRITTEN: dict[Rule, Rule] = {}
#: Functions whose result does not change when the input moves a little: plain numbers come out.
STEPS: set[Rule] = set()
#: What to use in place of functions without a rule, by the name of the function.
INSTEAD: dict[str, str] = {}
#: How many arguments a function takes by position, where NumPy's next one is another than ours.
POSITIONS: dict[Rule, int] = {}


def _method(name: str) -> Any:
    """Make the method of arrays that is NumPy's function of the same name."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(np, name)(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"Do as `np.{name}` does."
    return method


class PerArgument:
    """Rules of a function of any number of arguments: `make(i)` is that of the i-th."""

    def __init__(self, make: Callable[[int], Rule]) -> None:
        self.make = make

    def __getitem__(self, i: int) -> Rule:
        return self.make(i)


class Traced(np.lib.mixins.NDArrayOperatorsMixin):
    """What a Tensor and a Dual share: both behave like arrays, and of several the newest acts."""

    __slots__ = ()

    level: int
    value: Any

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            raise TypeError(_refused_call(ufunc, method, kwargs))
        if len(args) == 1 and ufunc in RULES:
            return self._apply(ufunc, args, kwargs)  # no other number could be newer
        return call(ufunc, *args)

    def __array_function__(self, function: Rule, types: Any, args: Any, kwargs: Any) -> Any:
        if function in WRITTEN:
            _check_options(function, WRITTEN[function], len(args), kwargs)
            return WRITTEN[function](*args, **kwargs)
        if any(holds_traced(x) for x in kwargs.values()):
            raise TypeError(f"autodiff wants arrays by position: np.{name_of(function)}(x, ...)")
        return call(function, *args, **kwargs)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(
            f"a {type(self).__name__} is no plain array: use NumPy functions on it (np.stack, not np.array)"
        )

    def __float__(self) -> float:
        raise TypeError(
            f"float(x) forgets where a {type(self).__name__} came from: use NumPy's functions, "
            "such as np.exp and not math.exp"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"a {type(self).__name__} cannot be changed in place: make a new one with np.where "
            "or np.concatenate"
        )

    def _changed(self, symbol: str, result: Any) -> Any:
        """Rebind a number; an array would change under other names too, which nobody could follow."""
        if self.ndim:
            raise TypeError(
                f"x {symbol}= y changes an array in place, which autodiff does not follow: "
                f"write x = x {symbol} y"
            )
        return result

    def __iadd__(self, other: Any) -> Any:
        return self._changed("+", self + other)

    def __isub__(self, other: Any) -> Any:
        return self._changed("-", self - other)

    def __imul__(self, other: Any) -> Any:
        return self._changed("*", self * other)

    def __itruediv__(self, other: Any) -> Any:
        return self._changed("/", self / other)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({written(self)})"

    def __len__(self) -> int:
        return len(plain(self))

    def __bool__(self) -> bool:
        return bool(plain(self))

    def __getitem__(self, index: Any) -> Any:
        if holds_traced(index):
            raise TypeError("an index must be plain numbers or truths, got one that autodiff follows")
        return call(take, self, index)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return np.shape(plain(self))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.size(plain(self)))

    @property
    def dtype(self) -> Any:
        """Type of the entries."""
        return np.asarray(plain(self)).dtype

    @property
    def T(self) -> Any:
        """The transpose."""
        return call(np.transpose, self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Add up entries, as `np.sum` does."""
        return np.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Average entries, as `np.mean` does."""
        return np.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Find the largest entry, as `np.max` does; equal ones share the gradient."""
        return np.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Find the smallest entry, as `np.min` does; equal ones share the gradient."""
        return np.min(self, axis=axis, keepdims=keepdims)

    def dot(self, other: Any) -> Any:
        """Multiply as `np.dot` does."""
        return np.dot(self, other)

    def reshape(self, *shape: Any) -> Any:
        """Arrange the entries in another shape, as `np.reshape` does."""
        return call(np.reshape, self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """Put the axes in another order, as `np.transpose` does."""
        return call(np.transpose, self, *((axes[0] if len(axes) == 1 else axes),) * bool(axes))

    def ravel(self) -> Any:
        """Arrange the entries in one row, as `np.ravel` does."""
        return call(np.reshape, self, -1)

    def copy(self) -> Any:
        """Return the same numbers: nothing changes them."""
        return self

    flatten = ravel
    clip, cumsum, diagonal, prod, repeat = map(_method, ("clip", "cumsum", "diagonal", "prod", "repeat"))
    squeeze, std, swapaxes, take, trace, var = map(
        _method, ("squeeze", "std", "swapaxes", "take", "trace", "var")
    )


def take(x: Any, index: Any) -> Any:
    """Read entries; as a function, so that it can have a rule."""
    return x[index]


def plain(x: Any) -> Any:
    """Strip a number of everything it remembers."""
    while isinstance(x, Traced):
        x = x.value
    return x


def holds_traced(x: Any) -> bool:
    """Tell whether a number remembers, or a list or tuple holds such a number."""
    if isinstance(x, list | tuple):
        return any(holds_traced(item) for item in x)
    return isinstance(x, Traced)


def call(function: Rule, *args: Any, **kwargs: Any) -> Any:
    """Call a function on numbers of which some may remember; the one made last acts on the others."""
    newest = None
    for x in args:
        if isinstance(x, _LOOSE) and (isinstance(x, Fraction | Decimal) or holds_traced(x)):
            return call(function, *map(_as_one, args), **kwargs)
        if isinstance(x, Traced) and (newest is None or x.level > newest.level):
            newest = x
    if newest is None:
        return function(*args, **kwargs)
    if function in RULES:
        if kwargs or len(args) > 1:
            _check_options(function, RULES[function][-1], len(args), kwargs)
        return newest._apply(function, args, kwargs)
    if function in STEPS:
        return function(*map(plain, args), **kwargs)
    raise TypeError(_refused_function(function))


def _as_one(x: Any) -> Any:
    """Make one array of a list of numbers that remember, and a float of an exact number."""
    if isinstance(x, Fraction | Decimal):
        return float(x)
    return np.stack([_as_one(item) for item in x]) if isinstance(x, list | tuple) and holds_traced(x) else x


@functools.cache
def _parameters(rule: Rule) -> tuple[tuple[str, ...], bool]:
    """Name what a rule or a written function takes, and whether it takes any number by position."""
    parameters = inspect.signature(rule).parameters.values()
    names = tuple(p.name for p in parameters if p.name not in ("g", "out"))
    return names, any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def _check_options(function: Rule, rule: Rule, count: int, kwargs: dict[str, Any]) -> None:
    """Refuse options that the rule does not cover."""
    if isinstance(function, np.ufunc):
        return
    names, many = _parameters(rule)
    unknown = kwargs.keys() - set(names)
    if unknown and "kwargs" not in names:
        raise TypeError(
            f"autodiff does not know the option {min(unknown)} of np.{name_of(function)}, only "
            f"{', '.join(names[1:]) or 'the plain call'}"
        )
    if count > POSITIONS.get(function, len(names)) and not many:
        raise TypeError(
            f"np.{name_of(function)} got {count} arguments by position: name the options, such as axis=0"
        )


def _refused_call(ufunc: np.ufunc, method: str, kwargs: dict[str, Any]) -> str:
    """Say what to write in place of a reduction, an in-place operation or an option."""
    name = ufunc.__name__
    known = f"autodiff knows np.{name} only as a plain call without options"
    if method != "__call__":
        return f"{known}, not np.{name}.{method}: use np.sum, np.prod, np.max or np.cumsum"
    if "out" in kwargs:
        return f"{known}: arrays are not changed in place; write x = x + y for x += y, no out="
    return known


def _refused_function(function: Rule) -> str:
    """Say that a function has no rule, and what has one."""
    name = name_of(function)
    if name in INSTEAD:
        return f"autodiff has no rule for {name}: {INSTEAD[name]}"
    known = ", ".join(sorted({name_of(f) for f in [*RULES, *WRITTEN]}))
    return f"autodiff has no rule for {name}; it has rules for {known}"


def name_of(function: Rule) -> str:
    """Name a function as a reader knows it."""
    return function.__name__.strip("_")


def written(value: Any) -> str:
    """Write a number or an array with a few digits."""
    value = plain(value)
    return f"{value:.6g}" if np.ndim(value) == 0 else np.array2string(value, precision=4)
