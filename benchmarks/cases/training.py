"""A small network trained: batches, forward, backward and update together."""

from typing import Any

import numpy as np

from benchmarks.cases.agreement import largest_difference
from benchmarks.harness import Contest, case
from mmlhelpers import nn, optim

SIZES, BATCH, STEPS, RATE = (64, 128, 10), 64, 20, 1e-3


@case(
    title="Training a network 64-128-10, twenty steps of Adam",
    n=f"batches of {BATCH}",
    dtype="float32",
    peer="PyTorch, eager",
    package="torch",
    goal=0.6,
    decides="What a call costs: the matrices are so small that a step is mostly calls.",
)
def train_small_network() -> Contest:
    import torch

    rng = np.random.default_rng(0)
    n_in, n_hidden, n_out = SIZES
    layers = [nn.Dense(n_in, n_hidden), nn.Activation("relu"), nn.Dense(n_hidden, n_out)]
    model = nn.Classifier(nn.Sequential(layers, rng, np.float32))
    start = model.parameters.copy()
    inputs = rng.normal(size=(STEPS, BATCH, n_in)).astype(np.float32)
    batches = list(zip(inputs, rng.integers(n_out, size=(STEPS, BATCH)), strict=True))

    def ours() -> Any:
        model.parameters[...] = start
        nn.train(model, rule=optim.adam(), learning_rate=RATE, rng=rng, batches=batches, steps=STEPS)
        return model.parameters.copy()

    dense = [torch.nn.Linear(n_in, n_hidden), torch.nn.Linear(n_hidden, n_out)]
    network = torch.nn.Sequential(dense[0], torch.nn.ReLU(), dense[1])
    loss = torch.nn.CrossEntropyLoss()
    tensors = [(torch.tensor(x), torch.tensor(y)) for x, y in batches]
    weights = [torch.tensor(model.network.weights[name]) for name in ("0.W", "0.b", "2.W", "2.b")]

    def peer() -> Any:
        with torch.no_grad():
            for parameter, weight in zip(network.parameters(), weights, strict=True):
                parameter.copy_(weight.T if weight.ndim == 2 else weight)
        optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
        for x, y in tensors:
            optimizer.zero_grad()
            loss(network(x), y).backward()
            optimizer.step()
        return np.concatenate([p.detach().numpy().T.ravel() for p in network.parameters()])

    means = "largest difference of a parameter at the end, relative"
    multiplications = BATCH * (n_in * n_hidden + n_hidden * n_out)
    backward = BATCH * n_hidden * n_out  # to the hidden layer; nobody asks for the gradient of the data
    flops = 2 * STEPS * (2 * multiplications + backward)
    return Contest(ours, peer, largest_difference, 1e-3, means, flops=flops)
