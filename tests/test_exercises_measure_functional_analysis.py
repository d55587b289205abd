"""The checkers of measure and functional analysis: references pass; mistakes and garbage are told so."""

import checkers
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmlhelpers import exercises, kernels


def iterate_by(rule):
    """Iterate until the rule, a function of the step and q, is small enough."""

    def iterate(f, q, start, tolerance):
        x, new = start, f(start)
        while rule(abs(new - x), q) > tolerance:
            x, new = new, f(new)
        return new

    return iterate


REFERENCES = {
    "integral": lambda values, measures: np.dot(values[values != 0], measures[values != 0]),
    "iterate": lambda f, q, start, tolerance: float(
        kernels.fixed_point(lambda x: np.asarray(f(float(x))), start, tolerance * (1 - q), 10_000).x
    ),
    "conditional_mean": lambda y, classes: (lambda same: same @ y / same.sum(axis=1))(
        (classes[:, None] == classes).astype(float)
    ),
    "laplace_kernel": lambda X, Z: np.exp(-cdist(X, Z)),
}

MISTAKES = {
    "infinity times zero": ("integral", lambda values, measures: np.sum(values * measures), "got nan"),
    "absolute values": ("integral", lambda v, m: np.dot(abs(v[v != 0]), m[v != 0]), "wanted 0, got 4"),
    "short steps": ("iterate", iterate_by(lambda step, q: step), "the steps are short"),
    "start": ("iterate", lambda f, q, start, tolerance: start, "wanted an error"),
    "mean of all": ("conditional_mean", lambda y, c: np.full(len(y), y.mean()), "wanted [2, 2, 10]"),
    "one a class": (
        "conditional_mean",
        lambda y, c: np.array([y[c == k].mean() for k in np.unique(c)]),
        "of shape (2,)",
    ),
    "sums": ("conditional_mean", lambda y, c: np.bincount(c, weights=y)[c], "wanted"),
    "squared distance": ("laplace_kernel", lambda X, Z: np.exp(-(cdist(X, Z) ** 2)), "wanted"),
    "city blocks": ("laplace_kernel", lambda X, Z: np.exp(-cdist(X, Z, "cityblock")), "wanted"),
    "no kernel": ("laplace_kernel", lambda X, Z: 1 - cdist(X, Z), "got [[1, 0, -2]]"),
    "nothing": ("laplace_kernel", lambda X, Z: None, "got None"),
    "an error": ("integral", lambda values, measures: values["x"], "IndexError"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_an_independent_solution_passes(name):
    assert checkers.verdict(name, REFERENCES[name]) == "correct"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_so(mistake):
    name, function, told = MISTAKES[mistake]
    assert told in checkers.verdict(name, function)


def test_answers_by_hand():
    assert str(exercises.answer("fat_cantor", 0.5)) == "correct"
    assert str(exercises.answer("limits_exchange", [True, False, True, False, True])) == "correct"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("fat_cantor", 0, "sum of all lengths removed"),
        ("fat_cantor", 2, "from 0 to 1"),
        ("fat_cantor", "half", "one number"),
        ("limits_exchange", [True] * 5, "got 3"),
        ("limits_exchange", [1, 0, 1, 0, 1], "five truths"),
        ("limits_exchange", None, "five truths"),
    ],
)
def test_wrong_answers_are_told_so(name, value, told):
    assert told in str(exercises.answer(name, value))


test_garbage_never_raises = checkers.garbage_test(REFERENCES, ["fat_cantor", "limits_exchange"])
