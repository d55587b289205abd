"""Interactive figures of the case study on language models."""

from __future__ import annotations

import functools
import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mmlhelpers import attention, functional, language
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Number, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, arrow, picture, plane

__all__ = [
    "attention_board",
    "cost_calculator",
    "decoding_room",
    "microscope",
    "position_lab",
    "tokenizer",
    "writer",
]

_SMALL = 9.5


def _close(x: Any, y: Any, tolerance: float = 1e-9) -> bool:
    return bool(np.allclose(x, y, rtol=tolerance, atol=tolerance))


def _page(figure: Figure) -> Axes:
    """Make the whole canvas a sheet of paper, one unit wide and high."""
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    return ax


def _spelt(text: str) -> str:
    """Show white space as signs that can be seen."""
    return text.replace(" ", "␣").replace("\n", "↵")


# The tokenizer

_SENTENCES = {
    "a sentence of the book": "The largest eigenvalue of a covariance matrix",
    "another subject": "The quick brown fox jumps over the lazy dog",
    "a language without spaces": "線形代数 is linear algebra",
}
_CELLS = 16  # characters in a line


@functools.cache
def _merges() -> list[tuple[int, int]]:
    return language.byte_pairs(language.corpus(), 300).merges


@explorer(
    Choice("text", options=tuple(_SENTENCES)),
    Control("merges", start=60, low=0, high=300, step=20, label="number of merges"),
    alt="A sentence cut into tokens, each in a box: short words and endings are whole, longer words are "
    "in several pieces, and spaces belong to the word after them.",
    caption="The merges are learnt from the corpus of this chapter. Each box is a token, with the space in "
    "front of it; a box with dots holds a part of a letter. Follow one word: after which number of merges "
    "is it whole? And what do the same merges do for a text of another kind?",
    play="merges",
)
def tokenizer(text: str, merges: int) -> Scene:
    """Cut a sentence into byte pairs."""
    code = language.BytePairs(_merges()[:merges])
    sentence = _SENTENCES[text]
    tokens = code.encode(sentence)
    figure = canvas(2.5)
    ax = _page(figure)
    x, y, cell = 0.02, 0.82, 0.96 / _CELLS
    for i, piece in enumerate(code.pieces(sentence)):
        whole = "\N{REPLACEMENT CHARACTER}" not in piece
        shown = _spelt(piece) if whole else "··"
        width = max(len(shown), 1.3) * cell
        if x + width > 0.99:
            x, y = 0.02, y - 0.19
        colour = list(ROLE.values())[i % 4]
        ax.add_patch(
            Rectangle((x, y), width - 0.006, 0.145, facecolor=PAPER, edgecolor=colour, linewidth=1.4)
        )
        ax.text(x + width / 2 - 0.003, y + 0.07, shown, ha="center", va="center", color=INK, fontsize=10)
        x += width
    ax.text(0.02, 0.07, f"{len(tokens)} tokens out of {code.size}", color=MUTED, fontsize=10)
    last = code.decode([code.size - 1]) if merges else ""
    return Scene(
        figure,
        {
            "characters": len(sentence),
            "tokens": len(tokens),
            "characters a token": len(sentence) / len(tokens),
            "newest token": f"“{_spelt(last)}”" if last else "–",
            "size of the vocabulary": code.size,
            "characters that come back": sum(
                a == b for a, b in zip(sentence, code.decode(tokens), strict=True)
            ),
        },
    )


@tokenizer.invariant
def decoding_undoes_encoding(_parameters: Any, n: Any) -> bool:
    """Hold the code to its promise for every text."""
    return bool(n["characters that come back"] == n["characters"])


@tokenizer.invariant
def a_token_is_a_byte_or_more(parameters: Any, n: Any) -> bool:
    """Count bytes: without merges there are as many tokens, with merges never more."""
    n_bytes = len(_SENTENCES[parameters["text"]].encode())
    return bool(n["tokens"] <= n_bytes and (parameters["merges"] > 0 or n["tokens"] == n_bytes))


# The writer


@functools.cache
def _counted(order: int) -> tuple[language.NGram, float, float]:
    """Return the model of an order, and its bits a character on the training text and on the test."""
    tokens = _code().encode(language.corpus())
    cut = int(0.9 * len(tokens))
    model = language.kneser_ney(tokens[:cut], _code().size, order)
    # The first tenth of the training text is as long as the test, and enough.
    losses = (model.text_loss(part) / np.log(2) for part in (tokens[: cut // 9], tokens[cut:]))
    return (model, *losses)


@functools.cache
def _code() -> language.Characters:
    return language.characters(language.corpus())


def _longest_copy(text: str) -> str:
    """Find the longest piece of a text that stands in the corpus."""
    corpus, best = language.corpus(), ""
    for start in range(len(text)):
        while start + len(best) < len(text) and text[start : start + len(best) + 1] in corpus:
            best = text[start : start + len(best) + 1]
    return best


@explorer(
    Control("order", start=3, low=1, high=6, step=1, label="order"),
    Control("temperature", start=1.0, low=0.25, high=1.5, step=0.25, label="temperature"),
    Choice("draw", options=("first", "second")),
    alt="Seven lines of invented text, in which syllables and short words look like English but long words "
    "do not.",
    caption="A counting model with Kneser–Ney smoothing goes on after “The ”. Raise the order until it "
    "spells, then lower the temperature until it repeats itself. The longest piece that stands in the "
    "book says how much of it is copied.",
)
def writer(order: int, temperature: float, draw: str) -> Scene:
    """Let a counting model write."""
    model, training, test = _counted(order)
    rng = np.random.default_rng(1 if draw == "first" else 2)
    written = language.generate(model, _code().encode("The "), 240, rng, temperature)
    text = _code().decode(written)
    p = language.shape(np.log(model.probabilities(written)), temperature)
    figure = canvas(2.9)
    ax = _page(figure)
    lines = textwrap.wrap(text.replace("\n", " ").replace("'", "’"), 37)
    for i, line in enumerate(lines[:8]):
        ax.text(0.02, 0.93 - 0.115 * i, line, fontsize=10.5, color=INK, va="center")
    return Scene(
        figure,
        {
            "bits a character, training": Number(training, digits=3),
            "bits a character, test": Number(test, digits=3),
            "longest piece from the book": f"“{_spelt(_longest_copy(text))}”",
            "likeliest next": f"“{_spelt(_code().alphabet[int(p.argmax())])}”",
            "its probability": Number(float(p.max()), digits=3),
            "sum of probabilities": float(p.sum()),
        },
    )


@writer.invariant
def probabilities_add_up_to_one(_parameters: Any, n: Any) -> bool:
    """Hold smoothing and temperature to the axioms."""
    return _close(n["sum of probabilities"], 1)


@writer.invariant
def the_book_the_model_knows_is_easier(parameters: Any, n: Any) -> bool:
    """Compare training and test once the order is large enough to remember anything."""
    test, training = n["bits a character, test"], n["bits a character, training"]
    return bool(test > training) or parameters["order"] == 1


# The attention calculator

_KEYS = np.array([[2.0, 0.6], [0.4, 1.9], [-1.7, 1.1], [-1.4, -1.4], [1.2, -1.7]])
_VALUES = _KEYS  # what is looked up stands where it is looked for, so that both can be seen
_SCALES = {"divided by √2": 2**-0.5, "times 4": 4.0}


@explorer(
    Control("x", start=0.8, low=-2.4, high=2.4, step=0.8, label="query, first coordinate"),
    Control("y", start=0.8, low=-2.4, high=2.4, step=0.8, label="query, second coordinate"),
    Choice("scale", options=tuple(_SCALES), label="scores"),
    Choice("mask", options=("all five", "the first three"), label="keys that may be seen"),
    alt="Five numbered keys around the origin with a polygon through them, a query as an arrow, and the "
    "output as a square inside the polygon, near the keys in the query's direction. Below, bars of weights.",
    caption="Values stand where their keys are. Move the query: its direction chooses among the keys, its "
    "length says how decidedly. The output never leaves the polygon of the values that may be seen.",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def attention_board(x: float, y: float, scale: str, mask: str) -> Scene:
    """Look up with one query among five keys of the plane."""
    n_seen = 5 if mask == "all five" else 3
    seen = np.arange(5)[None] < n_seen
    query = np.array([[x, y]])
    output, weights = attention.scaled_dot_product(query, _KEYS, _VALUES, seen, _SCALES[scale])
    output, weights = output[0], weights[0]
    figure = canvas(5.0)
    ax = plane(figure.add_axes((0.09, 0.35, 0.88, 0.63)), (3.1, 2.65))
    hull = _KEYS[:n_seen]
    ax.fill(*hull.T, facecolor="none", edgecolor=MUTED, linewidth=1.2)
    for i, (key, weight) in enumerate(zip(_KEYS, weights, strict=True)):
        ax.plot(*key, "o", color=ROLE["data"] if i < n_seen else MUTED, markersize=5 + 14 * weight**0.5)
        ax.annotate(f"{i + 1}", key * (1 + 0.5 / np.linalg.norm(key)), ha="center", va="center", color=INK)
    arrow(ax, query[0], role="gradient", label="q" if np.any(query) else None)
    ax.plot(*output, "s", color=ROLE["model"], markeredgecolor=PAPER, markersize=11, zorder=6)
    ax.set(xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    bars = figure.add_axes((0.14, 0.1, 0.83, 0.17))
    bars.bar(range(1, 6), weights, color=ROLE["data"], edgecolor=INK)
    bars.set(ylim=(0, 1), xlabel="key", ylabel="weight", yticks=[0, 1], xticks=range(1, 6))
    positive = weights[weights > 0]
    return Scene(
        figure,
        {
            "scores": tuple(query[0] @ _KEYS.T * _SCALES[scale]),
            "weights": tuple(np.round(weights, 4) + 0.0),
            "output": tuple(output),
            "entropy of the weights": Number(
                float(-np.sum(positive * np.log2(positive))) + 0.0, "bits", digits=3
            ),
        },
    )


@attention_board.invariant
def weights_are_shares(_parameters: Any, n: Any) -> bool:
    """Add them up."""
    return _close(sum(n["weights"]), 1, 5e-4) and min(n["weights"]) >= 0


@attention_board.invariant
def output_stays_in_the_polygon(parameters: Any, n: Any) -> bool:
    """Stand on every side of the polygon and look left: keys run against the clock."""
    corners = _KEYS[: 5 if parameters["mask"] == "all five" else 3]
    sides = np.roll(corners, -1, axis=0) - corners
    to_output = np.array(n["output"]) - corners
    return bool(np.all(sides[:, 0] * to_output[:, 1] - sides[:, 1] * to_output[:, 0] >= -1e-9))


@attention_board.invariant
def the_output_is_an_average_of_values_that_may_be_seen(parameters: Any, n: Any) -> bool:
    """Average again with the weights shown, which have four decimals."""
    hidden = n["weights"][5 if parameters["mask"] == "all five" else 3 :]
    return _close(np.array(n["weights"]) @ _VALUES, n["output"], 2e-3) and not any(hidden)


# The position lab

_REACH = np.arange(-32, 33)


@explorer(
    Choice("width", options=("4", "16", "64"), start="16", label="coordinates d"),
    Choice("base", options=("10", "100", "10000"), start="10000", label="base"),
    Control("place", start=32, low=32, high=64, step=8, label="place of the query"),
    alt="The dot product of two positions against their distance, symmetric about zero with its peak "
    "there, falling in waves on both sides. Below, the first rows of the code as grey stripes.",
    caption="Above: the score of a query at the chosen place with keys up to 32 places around it, both "
    "turned from the same vector, as a share of the largest. Below: cosines and sines of the first 48 "
    "places. Move the place: what changes? Then find what a small base does to distances.",
)
def position_lab(width: str, base: str, place: int) -> Scene:
    """Compare rotary scores of one vector with itself at all distances."""
    d, turn = int(width), float(base)
    vector = np.ones((len(_REACH), d)) / d**0.5
    query = attention.rotary(vector[:1], [place], turn)
    scores = (query @ attention.rotary(vector, place + _REACH, turn).T)[0]
    figure = canvas(4.2)
    ax = figure.add_axes((0.16, 0.55, 0.81, 0.42))
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.plot(_REACH, scores, color=ROLE["model"])
    ax.set(
        xlim=(-32, 32),
        ylim=(-1.1, 1.15),
        xlabel=f"place of the key minus that of the query, {place}",
        ylabel="score",
    )
    ax.set(xticks=[-32, -16, 0, 16, 32], yticks=[-1, 0, 1])
    code = attention.sinusoidal(48, d, turn)
    below = picture(figure.add_axes((0.16, 0.05, 0.81, 0.33)), np.round((code.T + 1) / 2, 2))
    below.set_aspect("auto")
    below.set_title("code: one column a place", loc="left", fontsize=_SMALL)
    next_peak = _next_peak(scores[32:])
    return Scene(
        figure,
        {
            "score at distance 0": scores[32],
            "at distance 1": scores[33],
            "at distance 8": scores[40],
            "at distance −8": scores[24],
            "next peak": Number(next_peak[0]),
            "its height": Number(next_peak[1], digits=3),
        },
    )


def _next_peak(scores: Array) -> tuple[float, float]:
    """Find the first peak after distance 0 and its height."""
    inside = (scores[1:-1] > scores[:-2] + 1e-9) & (scores[1:-1] > scores[2:] + 1e-9)
    at = np.flatnonzero(inside)
    return (float(at[0] + 1), float(scores[at[0] + 1])) if len(at) else (np.nan, np.nan)


@position_lab.invariant
def only_the_distance_counts(parameters: Any, n: Any) -> bool:
    """Write the score as a mean of cosines, in which the place does not occur."""
    d, base = int(parameters["width"]), float(parameters["base"])
    speeds = base ** (-np.arange(0, d, 2) / d)
    wanted = [np.mean(np.cos(speeds * distance)) for distance in (0, 1, 8)]
    return _close(wanted, [n["score at distance 0"], n["at distance 1"], n["at distance 8"]])


@position_lab.invariant
def both_sides_are_alike(_parameters: Any, n: Any) -> bool:
    """Compare eight places before with eight places after."""
    return _close(n["at distance 8"], n["at distance −8"])


# The decoding room

_NEXT = ("model", "gradient", "matrix", "loss", "data", "mean", "cat", "zebra")
_LOGITS = np.array([2.6, 2.3, 1.7, 1.5, 0.8, 0.2, -1.2, -2.5])
_KEEP = {"all": None, "5": 5, "2": 2}
_SHARE = {"1": None, "0.9": 0.9, "0.6": 0.6}


@explorer(
    Control("temperature", start=1.0, low=0.0, high=2.5, step=0.25, label="temperature"),
    Choice("top_k", options=tuple(_KEEP), label="keep the best k"),
    Choice("top_p", options=tuple(_SHARE), label="keep a share p"),
    alt="Eight words with two bars each: what the model says, and what is drawn from. At temperature one "
    "with everything kept the two are the same; the first four words share most of the probability.",
    caption="What comes after “the”? The hollow bars are the model's probabilities, the filled ones those "
    "that a word is drawn with. The temperature acts first, then k, then p. Which setting can take a word "
    "away, and which only makes it rarer?",
    play="temperature",
)
def decoding_room(temperature: float, top_k: str, top_p: str) -> Scene:
    """Shape the probabilities of eight next words."""
    said = functional.softmax(_LOGITS)
    drawn = language.shape(_LOGITS, temperature, _KEEP[top_k], _SHARE[top_p])
    figure = canvas(3.4)
    ax = figure.add_axes((0.22, 0.15, 0.75, 0.82))
    rows = np.arange(8)[::-1]
    ax.barh(rows, drawn, 0.44, color=ROLE["model"], label="drawn with")
    ax.barh(rows, said, 0.8, facecolor="none", edgecolor=INK, linewidth=1.2, label="the model says")
    ax.set(xlim=(0, 1), yticks=rows, xlabel="probability", xticks=[0, 0.5, 1])
    ax.set_yticklabels(_NEXT, fontsize=10)
    ax.legend(loc="lower right", fontsize=_SMALL)
    kept = drawn[drawn > 0]
    hundred = _zebras(drawn)
    return Scene(
        figure,
        {
            "words that can be drawn": len(kept),
            "largest probability": Number(float(drawn.max()), digits=3),
            "entropy": Number(float(-np.sum(kept * np.log2(kept))) + 0.0, "bits", digits=3),
            "perplexity": Number(float(np.exp(-np.sum(kept * np.log(kept)))), digits=3),
            "zebras in a hundred draws": hundred,
            "sum": float(drawn.sum()),
        },
    )


def _zebras(p: Array) -> int:
    """Count the last word among a hundred draws, the same for every frame's random numbers."""
    u = np.random.default_rng(0).random(100)
    return int(np.sum(np.searchsorted(np.cumsum(p) / p.sum(), u, side="right") == len(p) - 1))


@decoding_room.invariant
def what_is_drawn_adds_up_to_one(_parameters: Any, n: Any) -> bool:
    """Hold every setting to the axioms."""
    return _close(n["sum"], 1)


@decoding_room.invariant
def no_more_words_than_k(parameters: Any, n: Any) -> bool:
    """Count them; temperature 0 keeps one."""
    most = 1 if parameters["temperature"] == 0 else _KEEP[parameters["top_k"]] or 8
    return bool(n["words that can be drawn"] <= most)


@decoding_room.invariant
def a_higher_temperature_is_flatter(parameters: Any, n: Any) -> bool:
    """Compare the entropy with those of temperatures nearby, where nothing is cut off."""
    if parameters["temperature"] == 0 or parameters["top_k"] != "all" or parameters["top_p"] != "1":
        return True
    colder, warmer = (language.shape(_LOGITS, parameters["temperature"] * factor) for factor in (0.9, 1.1))
    return bool(-np.sum(colder * np.log2(colder)) < n["entropy"] < -np.sum(warmer * np.log2(warmer)))


# The induction microscope


@functools.cache
def _copier(n_layers: int) -> language.Transformer:
    return language.shipped(f"induction_{n_layers}")


@explorer(
    Choice("layers", options=("2", "1"), label="layers of the model"),
    Control("period", start=6, low=3, high=11, step=1, label="length of the pattern"),
    Choice("change", options=("nothing", "one token of the second round"), label="changed"),
    alt="A square map of attention weights with bright diagonals that begin where the pattern repeats. "
    "Below, two rows of numbers: the text, and under it what the model says comes next, mostly right.",
    caption="Above: where the last layer looks, one row a token, darker is more. Below: the tokens, and "
    "under each the model's guess of the next one; a wrong guess after the first repetition is framed. "
    "Compare one layer with two. Then change one token: which guesses suffer?",
)
def microscope(layers: str, period: int, change: str) -> Scene:
    """Look into a trained model that copies patterns."""
    rng = np.random.default_rng(period)
    text = np.resize(rng.permutation(16)[:period], 25)
    if change != "nothing":
        text[period + period // 2] = next(t for t in range(16) if t not in text)
    x, y = text[:-1], text[1:]
    model = _copier(int(layers))
    weights = model.attention_weights(x[None])[-1, 0].mean(axis=0)
    p = functional.softmax(model.logits(x[None])[0])
    guess = p.argmax(axis=1)
    known = np.arange(len(x)) >= period
    figure = canvas(5.2)
    title = f"layer {layers}: where each token looks"
    picture(figure.add_axes((0.13, 0.3, 0.76, 0.62)), np.round(1 - weights, 2), title)
    ax = _page(figure)
    ax.set_zorder(-1)
    step = 0.97 / 12
    for i in range(len(x)):
        at, row = 0.05 + step * (i % 12), 0.235 - 0.13 * (i // 12)
        ax.text(at, row, f"{x[i]}", ha="center", va="center", fontsize=10, color=ROLE["data"])
        ax.text(at, row - 0.05, f"{guess[i]}", ha="center", va="center", fontsize=10, color=ROLE["model"])
        if known[i] and guess[i] != y[i]:
            frame = Rectangle((at - 0.036, row - 0.074), 0.072, 0.046, fill=False, edgecolor=ROLE["gradient"])
            ax.add_patch(frame)
    behind = np.roll(x[:, None] == x, 1, axis=1) & np.tri(len(x), dtype=bool)
    behind[:, 0] = False
    return Scene(
        figure,
        {
            "guesses that count": int(known.sum()),
            "right": int(np.sum((guess == y)[known])),
            "mean probability of the truth": Number(
                round(float(p[np.arange(len(x)), y][known].mean()), 3), digits=2
            ),
            "induction score": Number(
                round(float((weights * behind).sum(axis=1)[known].mean()), 3), digits=2
            ),
            "looks at the future": float(np.abs(np.triu(weights, 1)).max()),
            "a row of the map adds up to": Number(round(float(weights.sum(axis=1).mean()), 4)),
        },
    )


@microscope.invariant
def nobody_looks_at_the_future(_parameters: Any, n: Any) -> bool:
    """Look above the diagonal."""
    return bool(n["looks at the future"] == 0) and _close(n["a row of the map adds up to"], 1, 1e-4)


@microscope.invariant
def two_layers_copy_what_repeats(parameters: Any, n: Any) -> bool:
    """Ask for all guesses to be right where the task is the one that was trained."""
    trained = parameters["change"] == "nothing" and parameters["layers"] == "2" and parameters["period"] > 3
    return not trained or n["right"] == n["guesses that count"]


# The cost calculator


@explorer(
    Choice("width", options=("64", "768", "4096", "12288"), start="768", label="width d"),
    Control("layers", start=12, low=12, high=96, step=12, label="layers L"),
    Choice("context", options=("64", "1024", "32768"), start="1024", label="context n"),
    alt="Three horizontal bars that divide the parameters, the operations a token and the kept numbers of a "
    "model among embeddings, attention and networks; the networks take about half of the first two.",
    caption="A vocabulary of 50,257 tokens, four times d hidden units. Where do the parameters sit, and "
    "where do the operations go? Lengthen the context and watch the share of comparing tokens grow.",
)
def cost_calculator(width: str, layers: int, context: str) -> Scene:
    """Count what a transformer holds and does."""
    d, L, n, V = int(width), layers, int(context), 50_257
    cost = language.cost(V, n, d, L)
    held = np.array([(V + n) * d, 4 * L * d * d, 8 * L * d * d, 0.0])
    done = np.array([2.0 * V * d, 8 * L * d * d, 16 * L * d * d, 4 * L * n * d])
    figure = canvas(2.6)
    ax = figure.add_axes((0.05, 0.2, 0.92, 0.42))
    for row, parts in enumerate((held, done)):
        left = 0.0
        for part, colour in zip(parts / parts.sum(), ROLE.values(), strict=True):
            ax.barh(1 - row, part, 0.45, left=left, color=colour, edgecolor=PAPER)
            left += part
        name = ("parameters", "operations a token")[row]
        ax.text(0, 1.27 - row, name, fontsize=10, color=INK, va="bottom")
    ax.set(xlim=(0, 1), ylim=(-0.3, 1.6), yticks=[], xticks=[0, 0.5, 1], xlabel="share")
    names = ("embeddings", "attention: matrices", "networks", "attention: comparing")
    for i, (name, colour) in enumerate(zip(names, ROLE.values(), strict=True)):
        figure.text(0.05 + 0.44 * (i % 2), 0.93 - 0.1 * (i // 2), f"■ {name}", color=colour, fontsize=10)
    return Scene(
        figure,
        {
            "parameters": Number(float(cost.parameters), digits=4),
            "operations a token": Number(float(cost.flops), digits=4),
            "share of comparing": Number(100 * done[3] / done.sum(), "%", digits=3),
            "kept for one text, half precision": Number(cost.cache * n * 2 / 2**20, "MiB", digits=4),
            "training on 20 tokens a parameter": Number(60.0 * cost.parameters * cost.flops, "operations", 3),
        },
    )


@cost_calculator.invariant
def parts_add_up(parameters: Any, n: Any) -> bool:
    """Count again, gains apart, which are too few to matter."""
    d, L, V = int(parameters["width"]), parameters["layers"], 50_257
    context = int(parameters["context"])
    return _close(n["parameters"], 12 * L * d * d + (V + context) * d + (2 * L + 1) * d, 1e-12)


@cost_calculator.invariant
def comparing_grows_with_the_context(parameters: Any, n: Any) -> bool:
    """Compare with the share of a layer by layer count."""
    d, L, context = (int(parameters[name]) for name in ("width", "layers", "context"))
    share = 100 * 4 * L * context * d / (24 * L * d * d + 4 * L * context * d + 2 * 50_257 * d)
    return _close(n["share of comparing"], share)
