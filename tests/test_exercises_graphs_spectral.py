"""The checkers of graphs: references pass; stubs, typical mistakes and garbage are told so."""

import checkers
import numpy as np
import pytest

from mmlhelpers import exercises, graphs


def laplacian(A):
    return np.diag(A.sum(axis=1)) - A


def surfer(links, damping, stuck=True, jump=True):
    n, out = len(links), links.sum(axis=1)
    x = np.full(n, 1 / n)
    for _ in range(500):
        moved = (x / np.maximum(out, 1)) @ links + stuck * x[out == 0].sum() / n
        x = damping * moved + jump * (1 - damping) / n
    return x


def resistance_by_energy(A, i, j):
    """Divide a unit of tension by the current it drives."""
    ends = np.isin(np.arange(len(A)), [i, j])
    potentials = graphs.harmonic_labels(A, ends, np.eye(len(A))[i])
    return 1 / (potentials @ laplacian(A) @ potentials)


def side_of_first(x):
    return x * x[0] > 0


REFERENCES = {
    "triangles_at": lambda A: np.diag(np.linalg.matrix_power(A, 3)) / 2,
    "pagerank": lambda links, damping: graphs.pagerank(links, damping, 1e-14).scores,
    "split": lambda A: side_of_first(np.linalg.svd(laplacian(A))[0][:, -2]),
    "resistance": resistance_by_energy,
}

MISTAKES = {
    "each triangle twice": ("triangles_at", lambda A: np.diag(A @ A @ A), "wanted [1, 1, 1], got [2, 2, 2]"),
    "one number": ("triangles_at", lambda A: np.trace(A @ A @ A) / 6, "of shape ()"),
    "lost surfers": (
        "pagerank",
        lambda links, damping: surfer(links, damping, stuck=False),
        "sum to 1, got sum",
    ),
    "no jumps": ("pagerank", lambda links, damping: surfer(links, damping, jump=False), "wanted"),
    "equal shares": ("pagerank", lambda links, damping: np.full(len(links), 1 / len(links)), "wanted"),
    "roughest": ("split", lambda A: side_of_first(np.linalg.eigh(laplacian(A))[1][:, -1]), "cut"),
    "constant": ("split", lambda A: np.ones(len(A), dtype=bool), "wanted the sides"),
    "other side": (
        "split",
        lambda A: ~side_of_first(np.linalg.eigh(laplacian(A))[1][:, 1]),
        "wanted True for node 0",
    ),
    "numbers": ("split", lambda A: np.linalg.eigh(laplacian(A))[1][:, 1], "truths"),
    "direct wire": ("resistance", lambda A, i, j: 1 / A[i, j] if A[i, j] else np.inf, "wanted 2, got inf"),
    "conductivities added as lengths": ("resistance", lambda A, i, j: A.sum() / 2, "wanted"),
    "nothing": ("resistance", lambda A, i, j: None, "got None"),
    "an error": ("triangles_at", lambda A: A[99], "IndexError"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_an_independent_solution_passes(name):
    assert checkers.verdict(name, REFERENCES[name]) == "correct"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_so(mistake):
    name, function, told = MISTAKES[mistake]
    assert told in checkers.verdict(name, function)


def test_answers_by_hand_in_any_order():
    assert str(exercises.answer("star_spectrum", [6, 1, 1, 0, 1, 1])) == "correct"
    assert str(exercises.answer("gambler", 0.3)) == "correct"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("star_spectrum", [0, 1, 1, 1, 1, 5], "wanted a sum of 10"),
        ("star_spectrum", [0, 0, 1, 1, 2, 6], "multiplicities"),
        ("star_spectrum", [0, 1, 6], "wanted six numbers"),
        ("star_spectrum", "all", "wanted six numbers"),
        ("gambler", 0.5, "straight line"),
        ("gambler", 3, "one probability"),
        ("gambler", None, "one probability"),
    ],
)
def test_wrong_answers_are_told_so(name, value, told):
    assert told in str(exercises.answer(name, value))


test_garbage_never_raises = checkers.garbage_test(REFERENCES, ["star_spectrum", "gambler"])
