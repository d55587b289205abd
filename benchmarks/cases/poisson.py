"""Conjugate gradients on the grid of a Poisson problem, with the matrix as a function of the vector."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases.agreement import largest_difference
from benchmarks.harness import Contest, case
from mmlhelpers import linalg

SIDE, TOLERANCE = 512, 1e-6
WIDTH = SIDE + 1  # the zero behind a row is neighbour of its end and of the next row's beginning
BLOCK = 1 << 15  # numbers that are worked on while they are in the cache
ABOUT = {
    "title": "Poisson's equation by conjugate gradients, residual 1e-6",
    "n": f"{SIDE} x {SIDE} grid",
    "dtype": "float64",
    "package": "scipy",
}


@case(
    peer="SciPy, cg with a CSR matrix",
    goal=0.45,
    decides="A function that subtracts neighbours reads far less than a product with a stored matrix.",
    **ABOUT,
)
def poisson_csr() -> Contest:
    from scipy import sparse

    ends = np.ones(SIDE)
    second = sparse.diags_array([-ends[1:], 2 * ends, -ends[1:]], offsets=[-1, 0, 1])
    one = sparse.eye_array(SIDE)
    return contest((sparse.kron(second, one) + sparse.kron(one, second)).tocsr(), lambda b: b)


@case(
    peer="SciPy, cg with the same function",
    goal=0.8,
    decides="With the same function on both sides, passes over vectors are left, nearly the same ones.",
    **ABOUT,
)
def poisson_function() -> Contest:
    from scipy.sparse.linalg import LinearOperator

    n = (SIDE + 2) * WIDTH
    return contest(LinearOperator((n, n), matvec=negative_laplacian(), dtype=float), with_halo)


def contest(operator: Any, layout: Callable[[Any], Any]) -> Contest:
    """Solve with both; `layout` brings the right-hand side of the grid into the form the operator wants."""
    from scipy.sparse.linalg import cg

    load = np.random.default_rng(0).normal(size=(SIDE, SIDE))
    b, peer_b = with_halo(load), np.ravel(layout(load))
    multiply = negative_laplacian()

    def peer() -> Any:
        return cg(operator, peer_b, rtol=TOLERANCE, maxiter=10 * SIDE)[0]

    def difference(ours: Any, peer: Any) -> float:
        on_grid = peer.reshape(SIDE, SIDE) if len(peer) == SIDE**2 else grid(peer)
        return largest_difference(grid(ours), on_grid)

    return Contest(
        lambda: linalg.conjugate_gradients(multiply, b, tolerance=TOLERANCE).x,
        peer,
        difference,
        1e-4,
        "largest difference of the solutions, relative",
    )


def with_halo(values: Any) -> Any:
    """Lay a grid out as one sequence, with a row of zeros above and below and a zero behind every row."""
    padded = np.zeros((SIDE + 2, WIDTH))
    padded[1:-1, :SIDE] = values
    return padded.ravel()


def grid(sequence: Any) -> Any:
    """Take the grid out of its sequence."""
    return sequence.reshape(SIDE + 2, WIDTH)[1:-1, :SIDE]


def negative_laplacian() -> Callable[[Any], Any]:
    """Make the function: four times a number less its neighbours, which lie 1 and WIDTH places away."""
    answer = np.zeros((SIDE + 2) * WIDTH)
    last = len(answer) - WIDTH
    blocks = [(first, min(first + BLOCK, last)) for first in range(WIDTH, last, BLOCK)]
    behind_rows = answer.reshape(SIDE + 2, WIDTH)[:, SIDE]

    def multiply(v: Any) -> Any:
        for first, end in blocks:
            out = answer[first:end]
            np.multiply(v[first:end], 4.0, out=out)
            for distance in (-WIDTH, -1, 1, WIDTH):
                out -= v[first + distance : end + distance]
        behind_rows[:] = 0.0
        return answer

    return multiply
