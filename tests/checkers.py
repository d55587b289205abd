"""What the tests of all checkers share: named functions, and three tests made from tables of answers."""

import numpy as np
import pytest

from mmlhelpers import exercises
from mmlhelpers.exercises._registry import FUNCTIONS

GARBAGE = [None, "four", [1, [2]], {}, float("nan"), np.zeros((2, 2, 2)), 1j]


def named(name, function):
    """Give a function the name that its exercise asks for."""

    def wrapper(*arguments):
        return function(*arguments)

    wrapper.__name__ = name
    return wrapper


def verdict(name, function):
    """Hand a function in for an exercise, and read the line that comes back."""
    return str(exercises.check(named(name, function)))


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
