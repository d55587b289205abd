"""The checkers of discrete mathematics: references pass; stubs, typical mistakes and garbage are told so."""

import itertools
import math

import checkers
import pytest
from scipy.optimize import brentq

from mmlhelpers import discrete, exercises


def swap_from(first):
    """Shuffle by swaps with a place drawn from `first(i)` on."""

    def shuffled(n, draws):
        order = list(range(n))
        for i in range(n):
            j = first(i) + int(draws[i] * (n - first(i)))
            order[i], order[j] = order[j], order[i]
        return order

    return shuffled


def common_by_edits(a, b):
    """Insertions and deletions alone leave what is common: use a change that never pays."""
    return (len(a) + len(b) - discrete.edit_distance(a, b, change=3).distance) / 2


def backward_by_sort(needs, output):
    reachable, waiting = {}, [output]
    while waiting:
        node = waiting.pop()
        reachable[node] = needs.get(node, [])
        waiting += reachable[node]
    return discrete.topological_order(reachable)[::-1]


def backward_by_breadth(needs, output):
    order, waiting = [], [output]
    while waiting:
        node = waiting.pop(0)
        if node not in order:
            order.append(node)
            waiting += needs.get(node, [])
    return order


def bloom_by_root(n, error):
    bits = brentq(lambda m: 2 ** (-m / n * math.log(2)) - error, n * 0.1, n * 100)
    return math.ceil(bits - 1e-6), round(bits / n * math.log(2))


def path_forward(scores, moves):
    best, came_from = scores[0], []
    for score in scores[1:]:
        came_from.append((best[:, None] + moves).argmax(axis=0))
        best = (best[:, None] + moves).max(axis=0) + score
    path = [int(best.argmax())]
    for previous in reversed(came_from):
        path.append(int(previous[path[-1]]))
    return path[::-1]


REFERENCES = {
    "shuffled": swap_from(lambda i: i),
    "common": common_by_edits,
    "backward_order": backward_by_sort,
    "bloom_size": bloom_by_root,
    "best_path": path_forward,
}

MISTAKES = {
    "every place each time": ("shuffled", swap_from(lambda i: 0), "wanted"),
    "letters, not sequences": ("common", lambda a, b: len(set(a) & set(b)), "wanted 2, got 1"),
    "side by side": (
        "common",
        lambda a, b: max(
            (j - i for i, j in itertools.combinations(range(len(a) + 1), 2) if a[i:j] in b), default=0
        ),
        "wanted",
    ),
    "breadth first": ("backward_order", backward_by_breadth, "which it needs"),
    "forward": (
        "backward_order",
        lambda needs, output: backward_by_sort(needs, output)[::-1],
        "wanted loss before h",
    ),
    "everything": (
        "backward_order",
        lambda needs, output: discrete.topological_order(needs)[::-1],
        "exactly once",
    ),
    "bits of the information bound": (
        "bloom_size",
        lambda n, error: (math.ceil(n * math.log2(1 / error)), round(math.log2(1 / error))),
        "wanted [9586, 7]",
    ),
    "greedy": ("best_path", lambda scores, moves: scores.argmax(axis=1), "wanted [0, 0, 0]"),
    "moves turned around": ("best_path", lambda scores, moves: path_forward(scores, moves.T), "wanted"),
    "a number": ("backward_order", lambda needs, output: 3, "wanted a list of the names"),
    "nothing": ("common", lambda a, b: None, "got None"),
    "an error": ("best_path", lambda scores, moves: scores[99], "IndexError"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_an_independent_solution_passes(name):
    assert checkers.verdict(name, REFERENCES[name]) == "correct"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_so(mistake):
    name, function, told = MISTAKES[mistake]
    assert told in checkers.verdict(name, function)


def test_counts_of_models_by_hand():
    assert str(exercises.answer("models_compared", [74, 222_152])) == "correct"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([75, 222_152], "too many"),
        ([74, 148], "too few"),
        (74, "wanted two numbers"),
        (["many", "more"], "wanted two numbers"),
        (None, "wanted two numbers"),
    ],
)
def test_wrong_counts_of_models_are_told_so(value, told):
    assert told in str(exercises.answer("models_compared", value))


test_garbage_never_raises = checkers.garbage_test(REFERENCES, ["models_compared"])
