"""Adam alone: what an update rule costs once the gradients are known."""

from typing import Any

import numpy as np

from benchmarks.cases.agreement import largest_difference
from benchmarks.harness import Contest, case
from mmlhelpers import optim

STEPS, RATE = 5, 1e-3
Shapes = list[tuple[int, ...]]

SMALL: Shapes = [(64, 128), (128,), (128, 10), (10,)]
LARGE: Shapes = [(784, 128), (128,), (128, 64), (64,), (64, 10), (10,)]
BLOCK: Shapes = [(64,), (64,), (64, 192), (192,), (64, 64), (64,)]
BLOCK += [(64,), (64,), (64, 256), (256,), (256, 64), (64,)]
TRANSFORMER: Shapes = [(65, 64), (64, 64), *BLOCK, *BLOCK, (64,), (64,), (64, 65), (65,)]

FLAT = "All parameters lie in one flat array, so that a step takes a dozen calls for any number of layers."
PASSES = "With few and large arrays the calls no longer matter: both sides go over the numbers a dozen times."
FUSED = "Written in C++, the peer's step goes once over the numbers, NumPy's a dozen times."


def about(shapes: Shapes) -> dict[str, str]:
    n = sum(int(np.prod(shape)) for shape in shapes)
    return {
        "title": "Adam, five steps with known gradients",
        "n": f"{n:,} parameters in {len(shapes)} arrays",
        "dtype": "float32",
        "package": "torch",
    }


@case(peer="PyTorch, Adam", goal=0.35, decides=FLAT, **about(SMALL))
def adam_small() -> Contest:
    return contest(SMALL)


@case(peer="PyTorch, Adam", goal=0.35, decides=FLAT, **about(TRANSFORMER))
def adam_transformer() -> Contest:
    return contest(TRANSFORMER)


@case(peer="PyTorch, fused Adam", goal=1.0, decides=FUSED, **about(TRANSFORMER))
def adam_transformer_fused() -> Contest:
    return contest(TRANSFORMER, fused=True)


@case(peer="PyTorch, Adam", goal=1.0, decides=PASSES, **about(LARGE))
def adam_large() -> Contest:
    return contest(LARGE)


def contest(shapes: Shapes, **options: Any) -> Contest:
    """Let both sides go on from where they stand, with the same gradients in turn."""
    import torch

    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    start, *gradients = np.random.default_rng(0).normal(size=(1 + STEPS, ends[-1])).astype(np.float32)
    rule = optim.adam()
    x, memory, t = start.copy(), (np.zeros_like(start), np.zeros_like(start)), 0

    def ours() -> Any:
        nonlocal memory, t
        for g in gradients:
            t += 1
            direction, memory = rule.direction(x, g, memory, t)
            x[...] -= RATE * direction
        return x

    def tensors(flat: Any) -> list[Any]:
        parts = np.split(flat, ends[:-1])
        return [torch.tensor(part.reshape(shape)) for part, shape in zip(parts, shapes, strict=True)]

    parameters, turns = tensors(start), [tensors(g) for g in gradients]
    optimizer = torch.optim.Adam(parameters, lr=RATE, **options)

    def peer() -> Any:
        for turn in turns:
            for parameter, g in zip(parameters, turn, strict=True):
                parameter.grad = g
            optimizer.step()
        return parameters

    def difference(ours: Any, peer: Any) -> float:
        return largest_difference(ours, np.concatenate([parameter.numpy().ravel() for parameter in peer]))

    return Contest(ours, peer, difference, 1e-6, "largest difference of a parameter, relative")
