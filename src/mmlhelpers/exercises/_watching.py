"""Inputs that watch what the reader's function does with them, for rules that the result does not show.

A watching input is used like what it stands for. When a rule is broken, it raises at once; the judge gets the
plain input, which watches nothing.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet
from mmlhelpers.exercises._writing import show

SOLVERS = (np.linalg.inv, np.linalg.pinv, np.linalg.solve, np.linalg.lstsq)


class Counted:
    """A function that may be called so many times and no more.

    Parameters
    ----------
    function : callable
        What is called.
    most : int
        How many calls the exercise allows.
    """

    def __init__(self, function: Callable[..., Any], most: int) -> None:
        self.plain, self.most, self.calls = function, most, 0
        self.__name__ = function.__name__

    def __call__(self, *arguments: Any) -> Any:
        """Call the function, unless it was called too often."""
        self.calls += 1
        if self.calls > self.most:
            raise NotYet(f"wanted at most {self.most} calls of {self.__name__.strip('_')}, got one more")
        return self.plain(*arguments)


class Without(np.ndarray[Any, Any]):
    """An array on which some of NumPy's functions are forbidden; `without` makes one.

    What is computed from it forbids the same, as long as NumPy does the computing; SciPy's functions, and
    lists, are not seen.
    """

    forbidden: tuple[Callable[..., Any], ...] = ()

    def __array_finalize__(self, parent: Any) -> None:
        """Pass the ban on to what is computed."""
        self.forbidden = getattr(parent, "forbidden", ())

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Refuse what is forbidden, and leave the rest to NumPy."""
        if function in self.forbidden:
            name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
            raise NotYet(f"wanted a way without {name}, got a call of it")
        result = super().__array_function__(function, types, args, kwargs)
        if isinstance(result, Without) or not isinstance(result, np.ndarray):
            return result
        return without(result, *self.forbidden)  # joined of several arrays, none of them its parent

    def __deepcopy__(self, memo: Any) -> "Without":
        """Copy the numbers and keep the ban."""
        return without(np.array(self.plain), *self.forbidden)

    @property
    def plain(self) -> Array:
        """The numbers alone."""
        return self.view(np.ndarray)


def without(array: Array, *forbidden: Callable[..., Any]) -> Without:
    """Return an array that refuses to be handed to these functions of NumPy."""
    watched = array.view(Without)
    watched.forbidden = forbidden
    return watched


def plain(value: Any) -> Any:
    """Return a copy of inputs, lists and tuples of them too, that watches nothing."""
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    return copy.deepcopy(getattr(value, "plain", value))


def require_unchanged(name: str, left: Any, was: Any) -> None:
    """Refuse a function that changed an input which the exercise wants left as it was."""
    if not np.allclose(left, was, rtol=1e-12, atol=1e-12):  # a step forth and back may round
        raise NotYet(f"wanted {name} left as it was, got {name} = {show(left, unlike=was)}")
