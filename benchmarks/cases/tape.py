"""Automatic differentiation: what recording and going back costs beside the arithmetic."""

from typing import Any

import numpy as np

from benchmarks.cases.agreement import largest_difference
from benchmarks.harness import Contest, case
from mmlhelpers import autodiff

ROUNDS = 25  # each of four small operations


@case(
    title="A hundred small operations on a tape, forward and backward",
    n="arrays of 10 numbers",
    dtype="float64",
    peer="PyTorch, autograd",
    package="torch",
    goal=0.5,
    decides="What an operation costs before it computes anything: the tape is a plain list in order of "
    "creation, so that going back needs no search.",
)
def tape_small() -> Contest:
    return contest(10)


@case(
    title="A hundred operations on a tape, forward and backward",
    n="arrays of 100,000 numbers",
    dtype="float64",
    peer="PyTorch, autograd",
    package="torch",
    goal=1.0,
    decides="Memory: the values that the backward pass needs do not fit into the cache.",
)
def tape_large() -> Contest:
    return contest(100_000)


def contest(n: int) -> Contest:
    """Differentiate the same chain of multiplications, additions, subtractions and tanh."""
    import torch

    x, w, b = np.random.default_rng(0).normal(size=(3, n)) / 2

    def chain(x: Any, w: Any, b: Any, tanh: Any) -> Any:
        for _ in range(ROUNDS):
            x = tanh(w * x + b) - b
        return x

    gradient = autodiff.grad(lambda group: np.sum(chain(*group, np.tanh)))
    leaves = [torch.tensor(part, requires_grad=True) for part in (x, w, b)]

    def peer() -> Any:
        total = chain(*leaves, torch.tanh).sum()
        return torch.autograd.grad(total, leaves)

    return Contest(
        lambda: gradient((x, w, b)),
        peer,
        lambda ours, peer: max(
            largest_difference(mine, theirs.numpy()) for mine, theirs in zip(ours, peer, strict=True)
        ),
        1e-12,
        "the largest difference of a derivative, relative",
    )
