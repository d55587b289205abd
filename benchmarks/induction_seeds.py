"""Measure how surely one and two layers of attention learn to copy: five seeds each, as the page trains them.

    .venv/bin/python benchmarks/induction_seeds.py

It writes tests/data/induction_seeds.json, which tests/test_language.py holds against what the book says.
"""

import json
from pathlib import Path

import numpy as np

from mmlhelpers import language, nn, optim

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "induction_seeds.json"
STEPS = 1000


def accuracy(n_layers: int, seed: int) -> float:
    """Train as the page does; return the share of right answers among the 1,000 texts held out."""
    rng = np.random.default_rng(seed)
    model = language.Transformer(16, 31, n_layers=n_layers, n_heads=2, hidden=0, rng=rng)
    nn.train(
        model,
        batches=lambda rng: language.induction(32, rng),
        steps=STEPS,
        rule=optim.adam(beta2=0.99),
        clip=1.0,
        rng=rng,
        learning_rate=optim.cosine(0.01, STEPS, warm_up=50),
        description=f"layers: {n_layers}, seed: {seed}",
    )
    held_out = language.induction(1000, np.random.default_rng(99))
    guess = model.logits(held_out.x).argmax(axis=-1)
    return float(np.mean((guess == held_out.y)[held_out.y >= 0]))


def main() -> None:
    measured = {str(n): [round(accuracy(n, seed), 4) for seed in range(5)] for n in (1, 2)}
    TARGET.write_text(json.dumps({"steps": STEPS, "accuracy_by_layers": measured}, indent=1) + "\n", "utf-8")
    print(measured)


if __name__ == "__main__":
    main()
