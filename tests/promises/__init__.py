"""What every public function of the numerics promises, and the laws that hold it to its word.

An entry names a function, shows arguments that it takes, and states its promises; `tests/test_promises.py`
makes the tests of it. A public function of the numerics without an entry fails a test. How to write one:

    promise(
        linalg.solve,
        {"A": numbers(3, 3), "b": numbers(3)},
        units={"A": -1, "b": 1},
        order={"A b": SAME},
    )

Put it into the file named after the module, and run `pytest tests/test_promises.py -k elimination.solve`.

Arguments: values, or strategies of Hypothesis. `numbers`, `positive`, `whole`, `symmetric`, `definite`,
`probabilities` make arrays of a shape; lists of numbers become arrays; `Rng(0)` becomes a fresh generator at
every call. A Python float is "one number", a Python int a count. Functions among the arguments are allowed:
"f times c" then means that its value is multiplied. One strategy of whole dictionaries will do as well.

`units`: for each argument (or several that are multiplied together: "X width", "X noise^2") the power of the
factor that the answer gets: a number for all its floats, or a dictionary by field, 0 for those not named,
None for those with no law, a function (value, exponent) -> value for others. A string says why there is no
law; the answer is then only asked to be no nan.

`order`: for each argument, or several together ("X y"), what becomes of the answer if the rows are permuted:
SAME, ROWS (rows permuted alike), BOTH (rows and columns), or a dictionary by field, SAME for those not named,
None for those with no law. Arguments named in `square` are permuted on both axes. A string says why there is
no law.

The rest is optional:

- `call`: a function of the same arguments, where the result is a function or an object, or arguments are hard
  to write down. For a method write `method(Normal, "log_density")`: its arguments and those of the class.
- `case`: a word, for the second entry of a function (another method, another shape).
- `shift`: as `units`, for numbers added (1e8, 1.7e9): 0 for the same answer, 1 for one that moves along.
- `nan`, `inf`: REFUSED by default, THROUGH (they come out again), ALLOWED (they have a meaning); or by
  argument, {"logits": ALLOWED}.
- `single`: float32 in, float32 out.
- `whole`: other arguments for the laws with whole numbers. `refuses`: kinds of numbers that an argument does
  not take, {"p": "bool uint8"}.
- `takes`: what an argument takes that others refuse, or fails at by itself, {"x": "complex text"}.
- `oracle`: a function of the same arguments with the right answer, or parts of it, or None where it does not
  know; asked wherever no law says the answer. `tests/truths.py` has them.
- `loose`: fields that rounding may change, such as a number of steps. `rtol`: allowed error, relative to the
  largest number of a field, 1e-9 by default.
- `examples`: how many inputs Hypothesis looks for, 3 by default; 1 for slow functions.
- `names`: other words by which a refusal may name an argument. `raises`: errors besides ValueError.
- `without`: laws that make no sense here, each with a reason, {"content": "counts only"}.

Functions of no numbers are `exempt(f, reason)`.

What holds for everything, without a word: arguments are not changed; the only error is a ValueError that
names an argument; no warning escapes; no nan comes out that did not go in; nothing infinite is called
converged; one seed gives one answer; the same numbers in other dress (float32, float16, bool, uint8, int64,
other layouts, lists) give the answer of float64, and a Fraction or a Decimal that of the float or a refusal.
Factors are 2^±30, 2^±300, 2^±500 and 2^±600; beyond 2^±30 a refusal may stand for the scaled answer.
"""

import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

SAME, ROWS, BOTH = "same", "rows", "both"
REFUSED, THROUGH, ALLOWED = "refused", "through", "allowed"

PROMISES: dict[str, "Promise"] = {}
EXEMPT: dict[str, str] = {}


class Rng(NamedTuple):
    """Stands for a generator with this seed, made anew at every call."""

    seed: int = 0


@dataclass(frozen=True)
class Promise:
    """All that an entry says; the docstring of the package explains the fields."""

    name: str
    call: Callable[..., Any]
    arguments: st.SearchStrategy
    units: Mapping[str, Any] | str
    order: Mapping[str, Any] | str
    square: tuple[str, ...] = ()
    shift: Mapping[str, Any] = field(default_factory=dict)
    nan: str = REFUSED
    inf: str = REFUSED
    single: bool = False
    whole: Mapping[str, Any] = field(default_factory=dict)
    refuses: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    oracle: Callable[..., Any] | None = None
    loose: tuple[str, ...] = ()
    rtol: float = 1e-9
    examples: int = 3
    names: tuple[str, ...] = ()
    raises: tuple[type[Exception], ...] = ()
    without: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    known: tuple[str, ...] = ()

    def left_out(self):
        """Return the reasons of the laws that are not asked."""
        stated = {"units": self.units, "order": self.order}
        return {law: why for law, why in stated.items() if isinstance(why, str)} | dict(self.without)


class Method(NamedTuple):
    """A method with the class whose objects it is called on."""

    cls: type
    name: str

    def __call__(self, **arguments):
        own = [a for a in inspect.signature(self.cls).parameters if a in arguments]
        thing = self.cls(**{a: arguments.pop(a) for a in own})
        return getattr(thing, self.name)(**arguments)


method = Method


def path_of(function):
    """Return the name under which the finder of public functions knows it."""
    if isinstance(function, Method):
        return f"{path_of(function.cls)}.{function.name}"
    return f"{function.__module__}.{function.__qualname__}".removeprefix("mmlhelpers.")


def parameters_of(function):
    """Name all arguments that a call takes."""
    if isinstance(function, Method):
        own, taken = function.cls, getattr(function.cls, function.name)
        return (*inspect.signature(own).parameters, *inspect.signature(taken).parameters)
    return (*inspect.signature(function).parameters,)


def promise(function, arguments, *, units, order, call=None, case="", **rest):
    """Enter what a function promises."""
    path, known = path_of(function), parameters_of(function)
    if call is None and isinstance(arguments, dict) and (wrong := set(arguments) - set(known)):
        raise TypeError(f"{path} has no argument {wrong.pop()!r}")
    if isinstance(arguments, dict):
        _check_names(path, arguments, {"units": units, "order": order} | rest)
    name = f"{path} ({case})" if case else path
    rest |= {"path": path, "known": known}
    PROMISES[name] = Promise(name, call or function, _as_strategy(arguments), units, order, **rest)


def _check_names(path, arguments, said):
    """Refuse promises about arguments that are not there: they would never be asked."""
    spoken = {"units", "order", "shift", "nan", "inf", "refuses", "takes", "whole"}
    keys = [key for what in spoken if isinstance(said.get(what), dict) for key in said[what]]
    named = {name for key in keys for name in parts_of(key)} | set(said.get("square", ()))
    if wrong := named - set(arguments):
        raise TypeError(f"{path} promises something of {wrong.pop()!r}, which is not among its arguments")
    if wrong := set(said.get("without", ())) - {"units", "dtype", "layout", "content", "order", "seed"}:
        raise TypeError(f"{path} leaves out {wrong.pop()!r}, which is no law")


def exempt(function, reason):
    """Say why no law can be asked of a function."""
    EXEMPT[path_of(function)] = reason


def entries():
    """Read every file of entries, and return all promises."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return PROMISES


def _as_strategy(arguments):
    if isinstance(arguments, st.SearchStrategy):
        return _apart(arguments)
    return _apart(st.fixed_dictionaries({name: _as_part(value) for name, value in arguments.items()}))


def _as_part(value):
    return value if isinstance(value, st.SearchStrategy) else st.just(_as_value(value))


@st.composite
def _apart(draw, arguments):
    """Draw arguments that have nothing to do with each other."""
    _made[0] = itertools.count()
    return draw(arguments)


def _as_value(value):
    """Turn lists of numbers into arrays, and leave everything else."""
    if isinstance(value, list) and not any(isinstance(part, np.ndarray) for part in value):
        try:
            array = np.array(value)
        except ValueError:
            return value
        return array if array.dtype.kind in "biufc" else value
    return value


def parts_of(key):
    """Read "X noise^2" as {"X": 1, "noise": 2}."""
    found = re.findall(r"(\w+)(?:\^(-?\d+))?", key)
    return {name: int(power or 1) for name, power in found}


# Strategies. All arrays are random numbers without special relations; Hypothesis picks the seeds, and the
# simplest is 0. All zeros, constants and duplicates are asked by the law of content anyway.

SEEDS = st.integers(0, 10**6)
_made = [itertools.count()]  # numbers the arrays of one set of arguments, so that no two are alike


def _spread(seed, shape, low, high):
    return np.random.default_rng([seed, next(_made[0])]).uniform(low, high, shape)


def numbers(*shape, low=-4.0, high=4.0):
    """Draw multiples of 1/16, which half precision holds exactly, with both signs."""
    return SEEDS.map(lambda seed: np.ceil(16 * _spread(seed, shape, low, high)) / 16)


def positive(*shape, high=4.0):
    """Draw multiples of 1/16 above zero."""
    return numbers(*shape, low=1 / 64, high=high)


def whole(*shape, low=0, high=9):
    """Draw whole numbers from low to high, both allowed."""
    return SEEDS.map(lambda seed: np.floor(_spread(seed, shape, low, high + 1)).astype(int))


def symmetric(n):
    """Draw symmetric matrices."""
    return numbers(n, n).map(lambda A: np.triu(A) + np.triu(A, 1).T)


def definite(n):
    """Draw symmetric matrices with eigenvalues of at least 1/2."""
    return numbers(n, n, low=-2.0, high=2.0).map(lambda A: A @ A.T + np.eye(n) / 2)


def probabilities(*shape):
    """Draw distributions along the last axis."""
    return positive(*shape).map(lambda p: p / p.sum(axis=-1, keepdims=True))
