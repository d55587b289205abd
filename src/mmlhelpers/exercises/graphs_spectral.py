"""The exercises of the chapter on graphs: slow truths, judges and the inputs they are tried on."""

import itertools
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import NotYet, as_numbers, require_close
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show


def _graph(n: int, *edges: tuple[int, int]) -> Array:
    A = np.zeros((n, n))
    for i, j in edges:
        A[i, j] = A[j, i] = 1
    return A


_CIRCLES = ((0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3))


@by_hand
def star_spectrum(value: Any) -> None:
    """List the eigenvalues of the Laplacian of a star with six nodes."""
    got = as_numbers(value, "six numbers", (6,))
    if abs(got.sum() - 10) > 1e-6:
        raise NotYet(f"wanted a sum of 10, the sum of the degrees, got {got.sum():g}")
    if not np.allclose(np.sort(got), [0, 1, 1, 1, 1, 6], atol=1e-6):
        raise NotYet(f"wanted the eigenvalues with their multiplicities, got {show(value)}")


@by_hand
def gambler(value: Any) -> None:
    """Give the chance of reaching 10 coins from 3."""
    got = as_numbers(value, "one probability", ())
    if not 0 <= got <= 1:
        raise NotYet(f"wanted one probability, got {show(value)}")
    if abs(got - 0.3) > 1e-6:
        raise NotYet(f"wanted the value at 3 of a straight line from 0 at 0 to 1 at 10, got {show(value)}")


@specification((_graph(3, (0, 1), (1, 2), (0, 2)),), (_graph(6, *_CIRCLES),), (_graph(4, (0, 1), (2, 3)),))
def triangles_at(A: Array) -> Array:
    """Try all triples of nodes."""
    counts = np.zeros(len(A))
    for i, j, k in itertools.combinations(range(len(A)), 3):
        if A[i, j] and A[j, k] and A[i, k]:
            counts[[i, j, k]] += 1
    return counts


@requirement(
    (np.array([[0.0, 1], [1, 0]]), 0.85),
    (np.array([[0.0, 1, 1], [0, 0, 1], [0, 0, 0]]), 0.85),
    (np.array([[0.0, 0, 0], [0, 0, 0], [1, 1, 0]]), 0.5),
)
def pagerank(scores: Any, links: Array, damping: float) -> None:
    """Hold the scores to the equation that defines them."""
    n = len(links)
    x = as_numbers(scores, f"{n} scores", (n,))
    if abs(x.sum() - 1) > 1e-8:
        raise NotYet(f"wanted scores that sum to 1, got sum {x.sum():.4f}")
    follow = np.array([row / row.sum() if row.any() else np.full(n, 1 / n) for row in links])
    require_close(x, np.linalg.solve(np.eye(n) - damping * follow.T, np.full(n, (1 - damping) / n)))


@requirement(
    (_graph(6, *_CIRCLES),),
    (_graph(5, (0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (2, 4)) * 1.0,),
    (np.array([[0, 3, 0, 0.5], [3, 0, 0, 0], [0, 0, 0, 2], [0.5, 0, 2, 0]]),),
)
def split(side: Any, A: Array) -> None:
    """Accept the sign of the smoothest function that is not constant."""
    n = len(A)
    array = np.asarray(side)
    if array.dtype != np.bool_ or array.shape != (n,):
        raise NotYet(f"wanted {n} truths, got {show(side)}")
    x = np.linalg.eigh(np.diag(A.sum(axis=1)) - A)[1][:, 1]
    sure = np.abs(x) > 1e-9
    wanted = x * x[0] > 0
    if not array[0]:
        raise NotYet("wanted True for node 0, which is on its own side")
    if (array != wanted)[sure].any():
        cut = A[array][:, ~array].sum()
        raise NotYet(
            f"wanted the sides {show(np.flatnonzero(wanted))} and the rest, got edges of weight {cut:g} cut"
        )


@specification(
    (_graph(3, (0, 1), (1, 2)), 0, 2),
    (_graph(3, (0, 1), (1, 2), (0, 2)), 0, 1),
    (np.array([[0, 2.0, 0], [2, 0, 4], [0, 4, 0]]), 0, 2),
    (_graph(6, *_CIRCLES), 0, 5),
)
def resistance(A: Array, i: int, j: int) -> float:
    """Ground one end and solve for the potentials of the others."""
    L = np.diag(A.sum(axis=1)) - A
    others = [k for k in range(len(A)) if k != j]
    current = np.array([float(k == i) for k in others])
    return float(np.linalg.solve(L[np.ix_(others, others)], current)[others.index(i)])
