"""Entropies, codes, channels, arithmetic coding and decision trees."""

import truths

from mmlhelpers import information
from promises import ROWS, SAME, definite, exempt, method, numbers, positive, probabilities, promise, whole

SHARES = "probabilities sum to one"
COUNTED = "symbols are counted"
PLACES = "symbols come in their order"
BITS = {"refuses": {"data": "float32 float16", "words": "float32 float16"}}

for function in (information.entropy,):
    promise(
        function, {"p": probabilities(4), "base": 2.5}, units=SHARES, order={"p": SAME}, oracle=truths.entropy
    )
for function in (information.cross_entropy, information.kl_divergence):
    promise(
        function,
        {"p": probabilities(4), "q": probabilities(4), "base": 2.5},
        units=SHARES,
        order={"p q": SAME},
        oracle=getattr(truths, function.__name__),
    )
for function in (information.conditional_entropy, information.mutual_information):
    promise(
        function,
        {"joint": probabilities(12).map(lambda p: p.reshape(4, 3)), "base": 2.5},
        units=SHARES,
        order={"joint": SAME},
        oracle=getattr(truths, function.__name__, None),
    )
promise(
    information.joint_distribution,
    {"x": whole(8, high=2), "y": whole(8, high=3)},
    units="labels are names",
    order={"x y": SAME},
    refuses={"x": "float32 float16", "y": "float32 float16"},
)
promise(
    information.kl_normals,
    {
        "mean": numbers(2),
        "covariance": definite(2),
        "mean_q": numbers(2),
        "covariance_q": definite(2),
    },
    units={"mean covariance^2 mean_q covariance_q^2": 0},
    order="coordinates stand on both axes of the covariances",
)

# Codes

for function in (information.kraft_sum, information.canonical_code):
    promise(
        function,
        {"lengths": [2, 2, 3, 3]},
        units="lengths are counted in bits",
        order="words belong to places",
        refuses={"lengths": "bool float32 float16"},
    )
promise(information.huffman_code, {"weights": positive(5)}, units={"weights": 0}, order="ties go by place")
CODE = ("0", "10", "110", "111")
promise(
    information.encode,
    {"symbols": whole(6, high=3)},
    call=lambda symbols: information.encode(symbols, CODE),
    units=COUNTED,
    order=PLACES,
    refuses={"symbols": "float32 float16"},
)
exempt(information.decode, "a string of bits in, symbols out")

# Channels

promise(
    information.channel_capacity,
    {"W": probabilities(3, 3), "tolerance": 1e-6, "max_steps": 2000},
    units=SHARES,
    order={"W": {"p": ROWS, "n_steps": None, "gap": None}},
    loose=("n_steps", "gap"),
    rtol=1e-5,
    examples=1,
)
promise(
    information.hamming_encode,
    {"data": whole(3, 4, high=1)},
    units=COUNTED,
    order={"data": ROWS},
    refuses={"data": "float32 float16"},
)
promise(
    information.hamming_decode,
    {"words": whole(3, 7, high=1)},
    units=COUNTED,
    order={"words": ROWS},
    refuses={"words": "float32 float16"},
)

# Arithmetic coding


def model(trust=2.0):
    return information.ContextModel(3, order=1, trust=trust)


SYMBOLS = {"symbols": whole(6, high=2)}
promise(
    information.arithmetic_encode,
    SYMBOLS,
    call=lambda symbols: information.arithmetic_encode(symbols, model()),
    units=COUNTED,
    order=PLACES,
    refuses={"symbols": "float32 float16"},
)
promise(
    information.code_length,
    SYMBOLS,
    call=lambda symbols: information.code_length(symbols, model()),
    units=COUNTED,
    order=PLACES,
    refuses={"symbols": "float32 float16"},
)
exempt(information.arithmetic_decode, "a string of bits in, symbols out")


def learnt(symbol, trust):
    learning = model(trust)
    learning.update(symbol)
    return learning.probabilities()


for name in ("probabilities", "update"):
    promise(
        method(information.ContextModel, name),
        {"symbol": 1, "trust": 1.5},
        call=learnt,
        units="trust is counted in symbols",
        order="takes no arrays",
        without={"layout": "takes numbers, and no arrays"},
    )

# Trees

SAMPLES = {"X": numbers(8, 2), "y": whole(8, high=1)}
CLASSES = {"refuses": {"y": "float32 float16"}}
promise(
    information.best_split,
    SAMPLES,
    units={"X": {"threshold": 1}},
    order={"X y": SAME},
    shift={"X": {"threshold": 1}},
    **CLASSES,
)
promise(
    information.grow_tree,
    SAMPLES | {"least_gain": 0.125},
    units={"X": None},
    order={"X y": SAME},
    **CLASSES,
)


def tree():
    return information.grow_tree([[-1.0, 2.0], [2.0, 0.0], [3.0, -1.0]], [0, 1, 0])


promise(
    information.predict,
    {"X": numbers(5, 2)},
    call=lambda X: information.predict(tree(), X),
    units="thresholds have the unit of the samples that the tree has seen",
    order={"X": ROWS},
)
promise(
    information.leaves,
    {"X": numbers(8, 2), "y": whole(8, high=1)},
    call=lambda X, y: information.leaves(information.grow_tree(X, y)),
    units={"X": 0},
    order={"X y": SAME},
    **CLASSES,
)
