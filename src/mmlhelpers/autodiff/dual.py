"""Dual numbers: the derivative goes along with the value."""

import functools
import operator
from typing import Any

import numpy as np

from mmlhelpers.autodiff._groups import as_input
from mmlhelpers.autodiff._traced import ENTRYWISE, FORWARD, JOINT, Rule, Traced, call, written


class Dual(Traced):
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
        if level < 0:  # written by a reader: whole numbers and lists too
            value, tangent = _as_floats(value, "value"), _as_floats(tangent, "tangent")
        self.value, self.tangent, self.level = value, tangent, level

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Dual":
        values = tuple(x.value if _is_dual(x, self.level) else x for x in args)
        out = call(function, *values, **kwargs)
        with np.errstate(all="ignore"):
            tangent = self._tangent(function, args, values, out, kwargs)
        if np.shape(tangent) != np.shape(out):
            tangent = np.broadcast_to(tangent, np.shape(out))
        return Dual(out, tangent, self.level)

    def _tangent(self, function: Rule, args: Any, values: Any, out: Any, kwargs: dict[str, Any]) -> Any:
        """Add up what every argument that moves contributes."""
        if function in JOINT:
            moves = (x.tangent if _is_dual(x, self.level) else np.zeros(np.shape(x)) for x in args)
            return call(function, *moves, **kwargs)
        moving = [(i, x.tangent) for i, x in enumerate(args) if _is_dual(x, self.level)]
        return functools.reduce(operator.add, (_push(function, i, t, out, values, kwargs) for i, t in moving))

    def __repr__(self) -> str:
        """Show value and derivative."""
        return f"Dual({written(self.value)}, {written(self.tangent)})"


def _is_dual(y: Any, level: int) -> bool:
    """Tell a result that moves with the input from one that does not."""
    return isinstance(y, Dual) and y.level == level


def _as_floats(x: Any, name: str) -> Any:
    """Read what a reader writes as floats; floats and what remembers stay as they are."""
    if isinstance(x, Traced | float | np.floating) or (isinstance(x, np.ndarray) and x.dtype.kind == "f"):
        return x
    return as_input(x, name)[()]


def _push(function: Rule, i: int, t: Any, out: Any, values: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Carry the derivative `t` of argument i through a function."""
    if function in ENTRYWISE:
        return ENTRYWISE[function][i](t, out, *values)
    if function in FORWARD:
        return FORWARD[function][i](t, out, *values, **kwargs)
    return call(function, *values[:i], t, *values[i + 1 :], **kwargs)  # linear in each argument
