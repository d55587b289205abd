"""The exercises of the chapter on graphs: slow truths, judges and the inputs they are tried on."""

import itertools
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    as_truths,
    closeness,
    floats,
    require_close,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show


def _graph(n: int, *edges: tuple[int, int]) -> Array:
    return _wires(n, *((i, j, 1.0) for i, j in edges))


def _wires(n: int, *edges: tuple[int, int, float]) -> Array:
    A = np.zeros((n, n))
    for i, j, weight in edges:
        A[i, j] = A[j, i] = weight
    return A


_CIRCLES = ((0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3))


@by_hand
def star_spectrum(value: Any) -> None:
    """List the eigenvalues of the Laplacian of a star with six nodes."""
    got = as_numbers(value, "six numbers", (6,))
    if abs(got.sum() - 10) > HAND:
        raise NotYet(f"wanted a sum of 10, the sum of the degrees, got {show(got.sum(), unlike=10.0)}")
    if got.min() < -HAND or np.sum(np.abs(got) <= HAND) != 1:
        raise NotYet(
            f"wanted the eigenvalue 0 once, as the star is connected, and no negative one, got {show(value)}"
        )
    if not np.allclose(np.sort(got), [0, 1, 1, 1, 1, 6], rtol=0, atol=HAND):
        raise NotYet(f"wanted the eigenvalues with their multiplicities, got {show(value)}")


@by_hand
def gambler(value: Any) -> None:
    """Give the chance of reaching 10 coins from 3."""
    got = as_numbers(value, "one probability", ())
    if not 0 <= got <= 1:
        raise NotYet(f"wanted one probability, from 0 to 1, got {show(value)}")
    if abs(got - 0.3) > HAND:
        raise NotYet(f"wanted the value at 3 of a straight line from 0 at 0 to 1 at 10, got {show(value)}")


@specification(
    rule("each triangle counts once", _graph(3, (0, 1), (1, 2), (0, 2))),
    rule("each node has a number of its own", _graph(6, *_CIRCLES)),
    rule("without triangles the numbers are zero", _graph(4, (0, 1), (2, 3))),
    rule("a circle of four is no triangle", _graph(5, (0, 1), (1, 2), (2, 3), (0, 3), (3, 4))),
    rule("an edge may belong to several triangles", _graph(4, *itertools.combinations(range(4), 2))),
    rule("a node may have no edges", _graph(4, (1, 2), (2, 3), (1, 3))),
    rule(
        "an edge may belong to several triangles",
        _graph(7, (5, 0), (0, 2), (2, 5), (5, 6), (6, 0), (0, 3), (3, 1), (6, 2), (4, 6)),
    ),
)
def triangles_at(A: Array) -> Array:
    """Try all triples of nodes."""
    counts = np.zeros(len(A))
    for i, j, k in itertools.combinations(range(len(A)), 3):
        if A[i, j] and A[j, k] and A[i, k]:
            counts[[i, j, k]] += 1
    return counts


_PAIRS = floats(  # the surfer rarely moves from one pair to the other
    [0, 1, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [1, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0],
)


@requirement(
    rule("the surfer follows links and jumps", floats([0, 1], [1, 0]), 0.85),
    rule(
        "from a page without links the surfer jumps to any page",
        floats([0, 1, 1], [0, 0, 1], [0, 0, 0]),
        0.85,
    ),
    rule("several pages may have no links", floats([0, 0, 0], [0, 0, 0], [1, 1, 0]), 0.5),
    rule(
        "row i holds the links of page i",
        floats([0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0]),
        0.7,
    ),
    rule("every share of jumps is allowed", floats([0, 1, 1], [0, 0, 0], [0, 1, 0]), 0.125),
    rule("every share of jumps is allowed", _PAIRS, 0.9),
    rule("no page may have links", np.zeros((3, 3)), 0.85),
    rule("there may be one page", np.zeros((1, 1)), 0.6),
)
def pagerank(scores: Any, links: Array, damping: float) -> None:
    """Hold the scores to the equation that defines them."""
    n = len(links)
    x = as_numbers(scores, f"{n} scores", (n,))
    total = float(x.sum())
    if abs(total - 1) > closeness(scores):
        raise NotYet(f"wanted scores that sum to 1, got sum {show(total, unlike=1.0)}")
    follow = np.array([row / row.sum() if row.any() else np.full(n, 1 / n) for row in links])
    require_close(scores, np.linalg.solve(np.eye(n) - damping * follow.T, np.full(n, (1 - damping) / n)))


# Signs of the second eigenvectors of A, L and the normalised L all differ:
_TAILS = ((0, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 6), (3, 5), (4, 5), (5, 6))
_FIVE_AND_THREE = (*itertools.combinations(range(5), 2), *itertools.combinations((5, 6, 7), 2), (4, 5))
_WEIGHTS = ((0, 1, 3.0), (0, 3, 0.5), (2, 3, 2.0))


@requirement(
    rule("friends stay together", _graph(6, *_CIRCLES)),
    rule("nodes may have any numbers", _graph(6, (0, 5), (5, 1), (1, 2), (2, 3), (3, 4))),
    rule("the eigenvector is that of the Laplacian D - A", _graph(7, *_TAILS)),
    rule("the sides may have different sizes", _graph(8, *_FIVE_AND_THREE)),
    rule("weights count", _wires(4, (0, 1, 0.5), (0, 3, 2.0), (2, 3, 3.0))),
    rule("weights may have any size", 1e-9 * _wires(5, *_WEIGHTS, (1, 4, 0.25), (2, 4, 0.5))),
    rule("weights may have any size", 1e7 * _wires(5, *_WEIGHTS, (1, 4, 0.25), (0, 2, 0.75))),
)
def split(side: Any, A: Array) -> None:
    """Accept the sign of the smoothest function that is not constant."""
    got = as_truths(side, f"{len(A)} truths, True on the side of node 0", len(A))
    x = np.linalg.eigh(np.diag(A.sum(axis=1)) - A)[1][:, 1]
    sure = np.abs(x) > CLOSE
    wanted = x * x[0] > 0
    if not got[0]:
        raise NotYet("wanted True for node 0, which is on its own side")
    if (got != wanted)[sure].any():
        cut = float(A[got][:, ~got].sum())
        raise NotYet(
            f"wanted the nodes {show(np.flatnonzero(wanted))} on the side of node 0, "
            f"got {show(np.flatnonzero(got))}, which cuts edges of weight {show(cut)}"
        )


@specification(
    rule("it is v_i - v_j for a unit current, whatever way it takes", _graph(3, (0, 1), (1, 2)), 0, 2),
    rule("every further path lowers the resistance", _graph(3, (0, 1), (1, 2), (0, 2)), 0, 1),
    rule("weights are conductivities", _wires(3, (0, 1, 2), (1, 2, 4)), 0, 2),
    rule("it is v_i - v_j for a unit current, whatever way it takes", _graph(6, *_CIRCLES), 0, 5),
    rule("any two nodes may be asked about", _graph(6, *_CIRCLES, (0, 4)), 5, 2),
    rule(
        "every further path lowers the resistance",
        _wires(5, (0, 1, 0.5), (1, 2, 2.25), (2, 3, 0.75), (3, 4, 3), (0, 4, 1.5), (1, 3, 0.2)),
        3,
        1,
    ),
    rule(
        "conductivities may have any size",
        _wires(4, (0, 1, 3e-7), (1, 2, 2e-7), (2, 3, 5e-7), (0, 3, 1e-7)),
        2,
        0,
    ),
    rule(
        "conductivities may have any size",
        _wires(4, (0, 1, 3e6), (1, 2, 2e6), (2, 3, 5e5), (0, 3, 1e6)),
        1,
        3,
    ),
)
def resistance(A: Array, i: int, j: int) -> float:
    """Ground one end and solve for the potentials of the others."""
    L = np.diag(A.sum(axis=1)) - A
    others = [k for k in range(len(A)) if k != j]
    current = np.array([float(k == i) for k in others])
    return float(np.linalg.solve(L[np.ix_(others, others)], current)[others.index(i)])
