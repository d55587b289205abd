"""One training step of a character transformer: forward, backward, AdamW."""

from typing import Any

import numpy as np

from benchmarks.harness import Contest, case
from mmlhelpers import language, optim

SIZE, CONTEXT, WIDTH, LAYERS, HEADS, BATCH = 73, 64, 64, 2, 4, 32
RATE = 1e-3

ABOUT = {
    "title": "Training step of a character transformer (2 layers, width 64, 4 heads)",
    "n": "32 texts of 64 tokens",
    "dtype": "float32",
    "package": "torch",
}
DECIDES = (
    "Six tenths is matrix products. The rest: exponentials without a shift under a checked bound, divided "
    "only after the product with the values; half of the future left out; heads as views without copies."
)


@case(peer="PyTorch, fused attention", goal=0.95, decides=DECIDES, **ABOUT)
def transformer_step() -> Contest:
    return contest(fused=True)


@case(peer="PyTorch, plain attention", goal=0.85, decides=DECIDES, **ABOUT)
def transformer_step_plain() -> Contest:
    return contest(fused=False)


def contest(fused: bool) -> Contest:
    """Let both sides train on the same batch from the same weights, each going on from where it stands."""
    import torch

    rng = np.random.default_rng(0)
    model = language.Transformer(SIZE, CONTEXT, width=WIDTH, n_layers=LAYERS, n_heads=HEADS, rng=rng)
    x, y = rng.integers(SIZE, size=(2, BATCH, CONTEXT))
    weights = {name: torch.tensor(array.copy(), requires_grad=True) for name, array in model.weights.items()}
    tx, ty = torch.tensor(x), torch.tensor(y).ravel()
    adamw = torch.optim.AdamW(weights.values(), lr=RATE, weight_decay=0.01)
    rule = optim.adamw(0.01)
    memory, t = (np.zeros_like(model.parameters), np.zeros_like(model.parameters)), 0

    def ours() -> float:
        nonlocal memory, t
        t += 1
        loss = model.loss_and_gradient(x, y)
        direction, memory = rule.direction(model.parameters, model.gradient, memory, t)
        model.parameters[...] -= np.float32(RATE) * direction
        return loss

    def peer() -> Any:
        adamw.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits(weights, tx, fused), ty)
        loss.backward()
        adamw.step()
        return loss.detach()

    tokens = BATCH * CONTEXT
    cost = language.cost(SIZE, CONTEXT, WIDTH, LAYERS)
    return Contest(
        ours=ours,
        peer=peer,
        difference=lambda ours, peer: abs(ours - float(peer)) / ours,
        tolerance=1e-5,
        means="the difference of the losses, relative",
        flops=3 * cost.flops * tokens,
    )


def logits(w: dict[str, Any], x: Any, fused: bool) -> Any:
    """Write the same model as its users would in PyTorch, from the same weights."""
    import torch
    import torch.nn.functional as F

    def norm(rows: Any, gain: Any) -> Any:
        return F.layer_norm(rows, (WIDTH,), gain)

    B, n = x.shape
    future = torch.ones(n, n, dtype=torch.bool).triu(1)
    stream = w["embedding"][x] + w["positions"][:n]
    for i in range(LAYERS):
        qkv = norm(stream, w[f"{i}.gain_1"]) @ w[f"{i}.qkv"]
        Q, K, V = (part.view(B, n, HEADS, -1).transpose(1, 2) for part in qkv.split(WIDTH, 2))
        if fused:
            mixed = F.scaled_dot_product_attention(Q, K, V, is_causal=True)
        else:
            scores = (Q @ K.transpose(-2, -1)) * Q.shape[-1] ** -0.5
            mixed = scores.masked_fill(future, -torch.inf).softmax(-1) @ V
        stream = stream + mixed.transpose(1, 2).reshape(B, n, WIDTH) @ w[f"{i}.mix"]
        stream = stream + F.relu(norm(stream, w[f"{i}.gain_2"]) @ w[f"{i}.up"]) @ w[f"{i}.down"]
    return (norm(stream, w["gain"]) @ w["embedding"].T).view(-1, SIZE)
