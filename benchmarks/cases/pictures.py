"""Convolution: one layer there and back, and a whole training step of the small network for pictures."""

from typing import Any

import numpy as np

from benchmarks.cases.agreement import largest_difference
from benchmarks.harness import Contest, case
from mmlhelpers import convolution, optim, vision

BATCH, RATE = 64, 1e-3
IMAGES = np.random.default_rng(0).random((BATCH, 32, 32, 3), np.float32)
LABELS = np.random.default_rng(1).integers(0, 2, BATCH)

LAYOUT = "Pictures last: a weight of a window meets one long run of memory. Patches that fit the cache."
DIRECT = (
    "The peer convolves without collecting patches, with instructions that a matrix product cannot match."
)
STEP = {
    "title": "Training step of a small convolutional network, Adam",
    "n": "64 pictures of 32 by 32, 16 and 32 channels",
    "dtype": "float32",
    "package": "torch",
    "decides": LAYOUT,
}


@case(peer="PyTorch, default layout", goal=0.9, **STEP)
def convnet_step() -> Contest:
    return step_contest(last=False)


@case(peer="PyTorch, channels last", goal=1.6, **STEP)
def convnet_step_channels_last() -> Contest:
    return step_contest(last=True)


@case(
    title="One 3 by 3 convolution, forward and backward",
    n="64 pictures of 16 by 16, 16 to 32 channels",
    dtype="float32",
    peer="PyTorch, conv2d",
    package="torch",
    goal=2.6,
    decides=DIRECT,
)
def convolution_layer() -> Contest:
    import torch

    rng = np.random.default_rng(0)
    x = rng.normal(size=(16, 16, 16, BATCH)).astype(np.float32)
    w = rng.normal(size=(32, 16, 3, 3)).astype(np.float32)
    dy = rng.normal(size=(32, 16, 16, BATCH)).astype(np.float32)
    their_x, their_dy = (torch.tensor(z.transpose(3, 0, 1, 2).copy()) for z in (x, dy))
    their_w = torch.tensor(w, requires_grad=True)
    their_x.requires_grad_()

    def ours() -> Any:
        return convolution.conv2d(x, w, padding=1), *convolution.conv2d_backward(dy, x, w, padding=1)

    def peer() -> Any:
        y = torch.nn.functional.conv2d(their_x, their_w, padding=1)
        dx, dw = torch.autograd.grad(y, (their_x, their_w), their_dy)
        return *(z.detach().numpy().transpose(1, 2, 3, 0) for z in (y, dx)), dw.numpy()

    def difference(a: Any, b: Any) -> float:
        return max(largest_difference(one, other) for one, other in zip(a, b, strict=True))

    flops = 3 * 2 * w.size * dy[0].size
    return Contest(ours, peer, difference, 1e-4, "the largest difference, relative", flops=flops)


def step_contest(last: bool) -> Contest:
    """Start both sides from the same weights; the first gradients are compared."""
    import torch
    from torch import nn

    model = vision.convnet(np.random.default_rng(2))
    memory, t, rule = tuple(np.zeros((2, model.parameters.size), np.float32)), 0, optim.adam()
    rng = np.random.default_rng(0)

    layout = torch.channels_last if last else torch.contiguous_format
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 8 * 8, 2),
    ).to(memory_format=layout)
    with torch.no_grad():
        for mine, theirs in zip(model.network.weights.values(), network.parameters(), strict=True):
            theirs.copy_(torch.tensor(mine.T if mine.shape == (2048, 2) else mine))
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    pictures = torch.tensor((4 * IMAGES - 2).transpose(0, 3, 1, 2).copy()).to(memory_format=layout)
    labels = torch.tensor(LABELS)

    def ours() -> Any:
        nonlocal memory, t
        t += 1
        model.loss_and_gradient(IMAGES, LABELS, rng)
        direction, memory = rule.direction(model.parameters, model.gradient, memory, t)
        model.parameters[...] -= RATE * direction
        return [model.network.weights.gradient_of(name) for name in model.network.weights]

    def peer() -> Any:
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(pictures), labels).backward()
        optimizer.step()
        return [p.grad.numpy() for p in network.parameters()]

    def difference(a: Any, b: Any) -> float:
        pairs = zip(a, (g.T if g.shape == (2, 2048) else g for g in b), strict=True)
        return max(largest_difference(one, other) for one, other in pairs)

    kernels, places = (3 * 16 * 9, 16 * 32 * 9), (32 * 32, 16 * 16)
    products = 2 * kernels[0] * places[0] + 3 * kernels[1] * places[1] + 3 * 2 * 2048
    return Contest(
        ours, peer, difference, 1e-3, "the largest difference of a gradient, relative", 2 * BATCH * products
    )
