"""Attention, its gradients, positions."""

from hypothesis import strategies as st

from mmlhelpers import attention
from promises import ROWS, SAME, numbers, promise, whole

SCORES = "scores are exponents: another unit is another temperature"
TOKENS = "tokens have places: each sees those before it"
QKV = {"Q": numbers(3, 4), "K": numbers(5, 4), "V": numbers(5, 2)}
W = {f"W_{name}": numbers(4, 4) for name in "QKVO"}
HEADS = {"heads": st.builds(attention.Heads, *W.values())}


def heads(W_Q, W_K, W_V, W_O):
    return attention.Heads(W_Q, W_K, W_V, W_O)


promise(
    attention.causal_mask,
    {"n": 3},
    units="tokens are counted",
    order="takes no arrays",
    without={"layout": "takes a count, and no arrays"},
)
promise(
    attention.padding_mask,
    {"lengths": [2, 3, 1], "n": 3},
    units="lengths are counts of tokens",
    order={"lengths": ROWS},
    refuses={"lengths": "bool float32 float16"},
)
promise(
    attention.scaled_dot_product,
    QKV,
    units={"V": {"output": 1}, "Q K^-1": 0},
    order={"Q": ROWS, "K V": {"output": SAME, "weights": None}},
    single=True,
)
promise(
    attention.scaled_dot_product,
    QKV | {"scale": 0.25},
    case="scaled",
    units={"V": {"output": 1}, "Q K^-1": 0, "Q scale^-1": 0},
    order={"Q": ROWS},
)
promise(attention.streaming, QKV, units={"V": 1, "Q K^-1": 0}, order={"Q": ROWS, "K V": SAME})
promise(
    attention.streaming,
    {"Q": numbers(3, 4), "K": numbers(3, 4), "V": numbers(3, 2), "causal": True, "block": 2},
    case="causal",
    units={"V": 1, "Q K^-1": 0},
    order=TOKENS,
)
promise(
    attention.scaled_dot_product_backward,
    QKV | {"d_output": numbers(3, 2), "weights": numbers(3, 5)},
    units={
        "d_output": 1,
        "V": {"Q": 1, "K": 1},
        "Q": {"K": 1},
        "K": {"Q": 1},
    },
    order={"Q d_output weights": {"Q": ROWS, "K": SAME, "V": SAME}},
    single=True,
)
promise(
    attention.multi_head,
    {"X": numbers(3, 4), "n_heads": 2} | HEADS,
    units={"heads": None},
    order={"X": {"output": ROWS, "weights": None}},
    single=True,
)
promise(
    attention.multi_head,
    {"X": numbers(3, 4)} | W,
    case="matrix by matrix",
    call=lambda X, **W: attention.multi_head(X, heads(**W), 2),
    units={"W_O": {"output": 1}, "W_V": {"output": 1}, "W_Q W_K^-1": 0},
    order="asked in the other entry",
    without={"content": "asked in the other entry"},
)
promise(
    attention.multi_head_backward,
    {"d_output": numbers(3, 4), "X": numbers(3, 4), "weights": numbers(2, 3, 3)} | HEADS,
    units={"d_output": 1, "heads": None},
    order="the weights belong to pairs of tokens",
    single=True,
)
promise(
    attention.sinusoidal,
    {"n": 3, "d": 4, "base": 100.0},
    units="angles have no unit",
    order="takes no arrays",
    without={"layout": "takes numbers, and no arrays"},
)
promise(
    attention.rotary,
    {"X": numbers(3, 4), "positions": whole(3).map(lambda t: t.astype(float)), "base": 100.0},
    units={"X": 1},
    order={"X positions": ROWS},
    single=True,
)
promise(
    attention.rotary,
    {"X": numbers(3, 4)},
    case="positions in order",
    units={"X": 1},
    order=TOKENS,
    single=True,
)
