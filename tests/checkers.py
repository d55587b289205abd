"""What the tests of all checkers share: wrong and right answers as data, and the clothes of a right one."""

import copy
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

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


GARBAGE = [None, "four", [1, [2]], {}, float("nan"), np.zeros((2, 2, 2)), 1j]


def named(name, function):
    """Give a function the name that its exercise asks for."""

    def wrapper(*arguments):
        return function(*arguments)

    wrapper.__name__ = name
    return wrapper


def verdict(name, answer):
    """Hand in a function, or an answer by hand, and read the line that comes back."""
    return str(exercises.check(named(name, answer)) if name in FUNCTIONS else exercises.answer(name, answer))


def garbage_test(functions, by_hand):
    """Make the test that no checker of these exercises accepts or raises on what makes no sense."""

    @pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
    def test(garbage):
        for name in functions:
            assert FUNCTIONS[name].cases
            assert verdict(name, lambda *arguments: garbage).startswith("not yet: ")
        for name in by_hand:
            assert str(exercises.answer(name, garbage)).startswith("not yet: ")

    return test


def tests_of(functions, by_hand):
    """Make the tests of functions, name: (reference, mistakes), and answers by hand, name: (right, wrong)."""

    @pytest.mark.parametrize("name", functions)
    def of_functions(name):
        reference, mistakes = functions[name]
        assert verdict(name, reference) == "correct"
        for mistake in mistakes:
            told = verdict(name, mistake)
            assert told.startswith("not yet: ")
            assert "wanted" in told

    @pytest.mark.parametrize("name", by_hand)
    def of_answers(name):
        right, wrong = by_hand[name]
        assert exercises.answer(name, right)
        for value in wrong:
            assert str(exercises.answer(name, value)).startswith("not yet: wanted")

    return of_functions, of_answers, garbage_test(functions, by_hand)
