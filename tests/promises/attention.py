"""Attention, its gradients, positions."""

from mmlhelpers import attention
from promises import ROWS, SAME, exempt, numbers, promise

QKV = {"Q": numbers(3, 4), "K": numbers(5, 4), "V": numbers(5, 2)}

exempt(attention.causal_mask, "one count in, truths out")
promise(
    attention.scaled_dot_product,
    QKV,
    units={"V": {"output": 1}, "Q K^-1": 0},
    order={"Q": ROWS, "K V": {"output": SAME, "weights": None}},
    single=True,
)
promise(
    attention.streaming,
    QKV,
    units={"V": 1, "Q K^-1": 0},
    order={"Q": ROWS, "K V": SAME},
)
