"""What the tests of all checkers share: wrong and right answers as data, and the clothes of a right one."""

import copy
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mmlhelpers import exercises
from mmlhelpers.exercises._registry import FUNCTIONS


class Answers(NamedTuple):
    """What readers may hand in for one exercise: functions, or for an answer by hand values.

    `mutants` are pairs: words of the rule that the line must hold, and an answer that breaks this rule only.
    `disguises` are right answers, each in other clothes or found in another way.
    """

    mutants: list[tuple[str, Any]]
    disguises: list[Any]


def listed(function):
    """Return the result as a list of Python's own numbers."""
    return lambda *arguments: np.asarray(function(*arguments)).tolist()


def tupled(function):
    """Return the result as a tuple, of tuples if it is a table."""

    def tuples(values):
        return tuple(map(tuples, values)) if isinstance(values, list) else values

    return lambda *arguments: tuples(np.asarray(function(*arguments)).tolist())


def single(function):
    """Return the result in single precision."""
    return lambda *arguments: np.asarray(function(*arguments), dtype=np.float32)


def fractions(function):
    """Return the result as fractions, which are no floats."""

    def exact(values):
        return list(map(exact, values)) if isinstance(values, list) else Fraction(values)

    return lambda *arguments: exact(np.asarray(function(*arguments), dtype=float).tolist())


def spoiling(function):
    """Overwrite the arrays and lists that were handed over, as work in place does."""

    def spoils(*arguments):
        result = copy.deepcopy(function(*arguments))
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument.fill(0)
            elif isinstance(argument, list):
                argument.clear()
        return result

    return spoils


def named(name, function):
    """Give a function the name that its exercise asks for."""

    def wrapper(*arguments):
        return function(*arguments)

    wrapper.__name__ = name
    return wrapper


def verdict(name, answer):
    """Hand in a function, or an answer by hand, and read the line that comes back."""
    return str(exercises.check(named(name, answer)) if name in FUNCTIONS else exercises.answer(name, answer))
