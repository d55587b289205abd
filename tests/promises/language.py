"""Language models: tokens, counting models, the transformer, decoding, sources."""

import tempfile
from pathlib import Path

import numpy as np

from mmlhelpers import language
from promises import ALLOWED, ROWS, SAME, Rng, exempt, method, numbers, promise, whole

COUNTED = "tokens are counted, and have no unit"
READ = "tokens are read in their order"


def tokens(*names):
    """Say that tokens are whole numbers."""
    return {"refuses": dict.fromkeys(names, "bool float32 float16")}


exempt(language.corpus, "reads a text from a file")
exempt(language.shipped, "reads shipped weights by their name")
promise(
    language.cost,
    {"size": 50, "context": 16, "width": 8, "n_layers": 2, "hidden": 32},
    units=COUNTED,
    order="takes no arrays",
    without={"layout": "takes counts, and no arrays"},
)
exempt(language.characters, "text in, a code out")
exempt(language.byte_pairs, "text in, a code out")
exempt(method(language.Characters, "encode"), "text in, tokens out")
exempt(method(language.BytePairs, "encode"), "text in, tokens out")
exempt(method(language.BytePairs, "pieces"), "text in, texts out")
for code in (language.characters("promise"), language.byte_pairs("a promise a promise", 5)):
    promise(
        method(type(code), "decode"),
        {"tokens": whole(6, high=5)},
        call=code.decode,
        units=COUNTED,
        order=READ,
        **tokens("tokens"),
    )

# Models that count


def after(model):
    return model.probabilities([1])


TEXT = {"tokens": whole(12, high=2), "size": 3, "order": 2}
promise(
    language.additive,
    TEXT | {"alpha": 0.5},
    call=lambda **arguments: after(language.additive(**arguments)),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)
promise(
    language.kneser_ney,
    TEXT,
    call=lambda **arguments: after(language.kneser_ney(**arguments)),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)


def counted():
    return language.additive([0, 1, 2, 0, 1, 2, 2], size=3, order=2)


promise(
    method(language.NGram, "probabilities"),
    {"context": whole(4, high=2)},
    call=lambda context: counted().probabilities(context),
    units=COUNTED,
    order=READ,
    **tokens("context"),
)
promise(
    method(language.NGram, "text_loss"),
    {"tokens": whole(6, high=2)},
    call=lambda tokens: counted().text_loss(tokens),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)
promise(
    method(language.NGram, "reader"),
    {"tokens": whole(6, high=2)},
    call=lambda tokens: counted().reader()(tokens),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)

# The transformer


def small(positions="learned"):
    return language.Transformer(
        5,
        8,
        width=8,
        n_layers=1,
        n_heads=2,
        positions=positions,
        rng=np.random.default_rng(0),
        dtype=np.float64,
    )


TEXTS = {"x": whole(3, 6, high=4)}
PAIRS = TEXTS | {"y": whole(3, 6, high=4)}


def loss_and_gradient(x, y):
    model = small("rotary")
    return {"loss": model.loss_and_gradient(x, y), "gradient": model.gradient}


promise(
    method(language.Transformer, "loss_and_gradient"),
    PAIRS,
    call=loss_and_gradient,
    units=COUNTED,
    order={"x y": SAME},
    **tokens("x", "y"),
)
promise(
    method(language.Transformer, "loss"),
    PAIRS,
    call=lambda x, y: small().loss(x, y),
    units=COUNTED,
    order={"x y": SAME},
    **tokens("x", "y"),
)
promise(
    method(language.Transformer, "logits"),
    TEXTS,
    call=lambda x: small("sinusoidal").logits(x),
    units=COUNTED,
    order={"x": ROWS},
    **tokens("x"),
)
promise(
    method(language.Transformer, "attention_weights"),
    TEXTS,
    call=lambda x: small("none").attention_weights(x)[0],
    units=COUNTED,
    order={"x": ROWS},
    **tokens("x"),
)
promise(
    method(language.Transformer, "text_loss"),
    {"tokens": whole(20, high=4)},
    call=lambda tokens: small().text_loss(tokens),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)
promise(
    method(language.Transformer, "reader"),
    {"tokens": whole(12, high=4)},
    call=lambda tokens: small("rotary").reader()(tokens),
    units=COUNTED,
    order=READ,
    **tokens("tokens"),
)


def stored(gain):
    """Write a model to a file and read it again."""
    model = small()
    model.weights["gain"][...] = gain
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        return language.restore(Path(folder) / "model", dtype=np.float64).weights["gain"]


for function in (method(language.Transformer, "save"), language.restore):
    promise(
        function,
        {"gain": numbers(8)},
        call=stored,
        takes={"gain": "text complex objects dates masked"},  # the array is written by NumPy
        units={"gain": 1},
        order={"gain": ROWS},
        nan=ALLOWED,
        inf=ALLOWED,
        without={"layout": "the parameters decide, not the array that is written to them"},
        examples=1,
    )

# Decoding and sources

promise(
    language.shape,
    {"logits": numbers(6), "temperature": 0.5, "top_p": 0.75},
    units={"logits temperature": 0},
    order={"logits": ROWS},
    inf={"logits": ALLOWED},
    shift={"logits": 0},
)
promise(
    language.shape,
    {"logits": numbers(6), "top_k": 3},
    case="best three",
    units="logits are exponents, and have no unit",
    order={"logits": ROWS},
    inf={"logits": ALLOWED},
    shift={"logits": 0},
)
promise(
    language.generate,
    {"prompt": whole(3, high=2), "n_tokens": 4, "rng": Rng(), "temperature": 0.5, "top_p": 0.75},
    call=lambda **arguments: language.generate(counted(), **arguments),
    units=COUNTED,
    order=READ,
    **tokens("prompt"),
)
promise(
    language.markov,
    {"size": 3, "order": 1, "rng": Rng(), "sharpness": 2.0},
    units="logits are exponents, and have no unit",
    order="takes no arrays",
    without={"layout": "takes numbers, and no arrays"},
    examples=1,
)
promise(
    method(language.Markov, "draw"),
    {"n": 5, "rng": Rng()},
    call=lambda n, rng: language.markov(3, 2, np.random.default_rng(1)).draw(n, rng),
    units=COUNTED,
    order="takes no arrays",
    without={"layout": "takes numbers, and no arrays"},
    examples=1,
)
promise(
    language.induction,
    {"n_texts": 3, "rng": Rng(), "size": 6, "length": 12, "periods": [2, 4], "jumps": 0.25},
    units=COUNTED,
    order="draws come in their order",
    refuses={"periods": "bool float32 float16"},
)
