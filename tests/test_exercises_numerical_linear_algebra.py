"""The checkers of numerical linear algebra: references pass; stubs, mistakes and garbage are told so."""

import math

import checkers
import numpy as np
import pytest
from checkers import named
from scipy.linalg import solve_banded
from scipy.spatial.distance import cdist

from mmlhelpers import exercises, linalg


def roots_by_formula(p, q):
    root = math.sqrt(p * p - q)
    return sorted([p + root, p - root], key=abs, reverse=True)


def roots_without_cancellation(p, q):
    large = p + math.copysign(math.sqrt(p * p - q), p)
    return [large, q / large]


def distances_by_products(X):
    squares = np.sum(X**2, axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * X @ X.T, 0))


def banded(lower, diagonal, upper, b):
    bands = np.zeros((3, len(diagonal)))
    bands[0, 1:], bands[1], bands[2, :-1] = upper, diagonal, lower
    return solve_banded((1, 1), bands, b)


REFERENCES = {
    "quadratic_roots": roots_without_cancellation,
    "pair_distances": lambda X: cdist(X, X),
    "log_determinant": lambda A: np.linalg.slogdet(A).logabsdet,
    "solve_tridiagonal": banded,
    "add_row": lambda R, row: linalg.tsqr([R, row[None]]),
}

MISTAKES = {
    "cancellation": ("quadratic_roots", roots_by_formula, "for the second root"),
    "smaller root first": (
        "quadratic_roots",
        lambda p, q: roots_without_cancellation(p, q)[::-1],
        "wanted 2",
    ),
    "one root": ("quadratic_roots", lambda p, q: [p], "wanted two roots"),
    "products": ("pair_distances", distances_by_products, "wanted"),
    "squares": ("pair_distances", lambda X: cdist(X, X) ** 2, "got"),
    "underflow": ("log_determinant", lambda A: np.log(np.linalg.det(A)), "wanted -"),
    "half": (
        "log_determinant",
        lambda A: np.sum(np.log(np.diag(np.linalg.cholesky(A)))),
        "wanted 2.7726, got 1.3863",
    ),
    "bands exchanged": ("solve_tridiagonal", lambda l, d, u, b: banded(u, d, l, b), "wanted"),
    "only the diagonal": ("solve_tridiagonal", lambda l, d, u, b: b / d, "wanted [1, 1]"),
    "row forgotten": ("add_row", lambda R, row: R, "wanted"),
    "only added": ("add_row", lambda R, row: R + row, "wanted [[5]], got [[7]]"),
    "a row too many": ("add_row", lambda R, row: np.vstack([R, row]), "wanted a triangle of shape"),
    "squared": (
        "add_row",
        lambda R, row: np.linalg.cholesky(R.T @ R + np.outer(row, row)),
        "zeros below the diagonal",
    ),
    "nothing": ("pair_distances", lambda X: None, "got None"),
    "a word": ("quadratic_roots", lambda p, q: "two", "wanted two roots"),
    "an error": ("add_row", lambda R, row: R[99], "IndexError"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_an_independent_solution_passes(name):
    assert checkers.verdict(name, REFERENCES[name]) == "correct"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_so(mistake):
    name, function, reason = MISTAKES[mistake]
    verdict = exercises.check(named(name, function))
    assert not verdict
    assert reason in str(verdict)


def test_the_counter_answer_is_judged_without_giving_it_away():
    assert exercises.answer("counter_stops", [2048, 16777216])
    for wrong, reason in (
        ([1, 1], "still moves on"),
        ([2048, 2**25], "stopped before"),
        ([2048], "wanted two numbers"),
        ("many", "wanted two numbers"),
        (None, "wanted two numbers"),
    ):
        verdict = str(exercises.answer("counter_stops", wrong))
        assert verdict.startswith("not yet")
        assert reason in verdict
        assert "16777216" not in verdict


def test_counters_do_stop_there():
    for dtype, stop in ((np.float16, 2048), (np.float32, 16777216)):
        assert dtype(stop) + dtype(1) == dtype(stop)
        assert dtype(stop - 1) + dtype(1) == dtype(stop)
