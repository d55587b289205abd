"""Interactive figures of the chapter on information theory."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmlhelpers import datasets, functional, information, probability, sampling
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Number, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, picture

__all__ = ["code_builder", "forecast_triangle", "noisy_channel", "two_arrows"]

Bits = NDArray[np.int64]


def _close(x: float, y: float, tolerance: float = 1e-9) -> bool:
    return bool(np.isclose(x, y, rtol=tolerance, atol=tolerance))


# Huffman's tree for blocks of letters

_LONGEST_BLOCK = 4


@explorer(
    Control("p", start=0.9, low=0.5, high=0.95, step=0.05, label="probability of A"),
    Control("block", start=2, low=1, high=_LONGEST_BLOCK, step=1, label="letters in a block"),
    alt="A small binary tree that grows to the right with four leaves, the blocks AA, AB, BA and BB, each"
    " with its probability and its word. Below, the bits a letter for blocks of one to four letters come"
    " down towards a dashed line, the entropy.",
    caption="Each leaf is a block with its probability and its word: a step up in the tree is a 0, a step "
    "down a 1. Below, the mean number of bits a letter: one at least for single letters, less for longer "
    "blocks, and never below the entropy, the dashed line.",
)
def code_builder(p: float, block: int) -> Scene:
    """Grow Huffman's tree for blocks of independent letters A and B."""
    names, shares, words = _blocks(p, block)
    figure = canvas(5.4)
    _draw_tree(figure.add_axes((0.02, 0.32, 0.96, 0.66)), names, shares, words)
    lengths = [_mean_length(p, n) for n in range(1, _LONGEST_BLOCK + 1)]
    entropy = information.entropy([p, 1 - p])
    ax = figure.add_axes((0.16, 0.1, 0.8, 0.18))
    ax.axhline(entropy, color=INK, linestyle="--", linewidth=1.2)
    ax.plot(range(1, _LONGEST_BLOCK + 1), lengths, "o-", color=ROLE["data"], markersize=5, linewidth=1.2)
    ax.plot(block, lengths[block - 1], "s", color=ROLE["model"], markersize=9)
    ax.set(xlim=(0.8, _LONGEST_BLOCK + 0.2), ylim=(0, 1.15), xticks=range(1, _LONGEST_BLOCK + 1))
    ax.set(yticks=(0, 0.5, 1), xlabel="letters in a block", ylabel="bits a letter")
    return Scene(
        figure,
        {
            "entropy": Number(entropy, "bits a letter"),
            "Huffman": Number(lengths[block - 1], "bits a letter"),
            "excess": Number(lengths[block - 1] - entropy, "bits a letter"),
            "words": len(words),
            "Kraft sum": information.kraft_sum(len(word) for word in words),
        },
    )


def _blocks(p: float, block: int) -> tuple[tuple[str, ...], Array, tuple[str, ...]]:
    """Name all blocks, with their probabilities and their words."""
    names = tuple("".join(letters) for letters in itertools.product("AB", repeat=block))
    shares = np.array([p ** name.count("A") * (1 - p) ** name.count("B") for name in names])
    return names, shares, information.huffman_code(shares)


def _mean_length(p: float, block: int) -> float:
    """Average the length of the words, for each letter of a block."""
    _, shares, words = _blocks(p, block)
    return float(shares @ [len(word) for word in words]) / block


def _draw_tree(ax: Axes, names: tuple[str, ...], shares: Array, words: tuple[str, ...]) -> None:
    """Draw the tree from left to right, leaves in the order of their words, and a line of text at each."""
    order = sorted(range(len(words)), key=lambda i: words[i])
    height = {words[i]: -(row + 0.5) / len(order) for row, i in enumerate(order)}
    deepest = max(len(word) for word in words)
    inner = sorted(
        {word[:cut] for word in words for cut in range(len(word))}, key=lambda node: (-len(node), node)
    )
    for node in inner:
        height[node] = (height[node + "0"] + height[node + "1"]) / 2
    edges = []
    for node in inner:
        x, y = len(node) / deepest, height[node]
        for child in (node + "0", node + "1"):
            edges.append([(x, y), (x, height[child]), ((len(node) + 1) / deepest, height[child])])
    edges += [[(len(word) / deepest, height[word]), (1.02, height[word])] for word in words]
    ax.add_collection(LineCollection(edges, colors=MUTED, linewidths=1.2))
    ax.plot(
        [len(word) / deepest for word in words],
        [height[word] for word in words],
        "o",
        color=ROLE["model"],
        markersize=5,
    )
    for i in order:
        text = f"{names[i]}\N{EM SPACE}{shares[i]:.6f}\N{EM SPACE}{words[i]}"
        ax.annotate(text, (1.05, height[words[i]]), va="center", fontsize=9.5)
    ax.set(xlim=(-0.03, 2.45), ylim=(-1, 0))
    ax.axis("off")


@code_builder.invariant
def the_mean_length_lies_between_the_entropy_and_the_promise(parameters: Any, n: Any) -> bool:
    """Hold the code to the theorem about blocks."""
    return bool(n["entropy"] - 1e-12 <= n["Huffman"] < n["entropy"] + 1 / parameters["block"]) and _close(
        n["excess"], n["Huffman"] - n["entropy"]
    )


@code_builder.invariant
def the_words_use_up_everything(parameters: Any, n: Any) -> bool:
    """Find no room for a further word, and one word for every block."""
    return bool(n["Kraft sum"] == 1.0 and n["words"] == 2 ** parameters["block"])


@code_builder.invariant
def a_fair_coin_cannot_be_compressed(parameters: Any, n: Any) -> bool:
    """Spend one bit on each letter of a fair coin, whatever the blocks."""
    return parameters["p"] != 0.5 or (_close(n["entropy"], 1) and _close(n["Huffman"], 1))


# Forecasts in a triangle

_TRUTHS = {
    "mostly fine": (0.7, 0.2, 0.1),
    "anything": (1 / 3, 1 / 3, 1 / 3),
    "never rain": (0.5, 0.5, 0.0),
}
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, math.sqrt(3) / 2]])


def _forecast(q1: float, rest: float) -> Array:
    return np.array([q1, (1 - q1) * rest, (1 - q1) * (1 - rest)])


def _place(parameters: Any) -> tuple[float, float]:
    x, y = _forecast(parameters["fine"], parameters["cloudy"]) @ _CORNERS
    return float(x), float(y)


@explorer(
    Choice("truth", options=tuple(_TRUTHS)),
    Control("fine", start=0.1, low=0.1, high=0.8, step=0.1, label="forecast: fine"),
    Control("cloudy", start=0.3, low=0.1, high=0.9, step=0.2, label="cloudy, of the rest"),
    alt="A triangle whose corners are fine, cloudy and rain, with rounded level lines around the truth near"
    " the corner fine and the forecast far from it, near rain. Below, a bar of the entropy and behind it the"
    " divergence, longer than the entropy.",
    caption="Every point of the triangle is a forecast. The level lines show the divergence from the truth, "
    "the cross; they crowd at the edges, where something is ruled out. Below, what the forecast costs: the "
    "entropy, which nobody can avoid, and the divergence on top.",
    handle=Handle(moves=("fine", "cloudy"), at=_place),
)
def forecast_triangle(truth: str, fine: float, cloudy: float) -> Scene:
    """Split the cross-entropy of a forecast into entropy and divergence."""
    p, q = np.array(_TRUTHS[truth]), _forecast(fine, cloudy)
    nats = {"base": math.e}
    entropy, cross = information.entropy(p, **nats), information.cross_entropy(p, q, **nats)
    forward, reverse = information.kl_divergence(p, q, **nats), information.kl_divergence(q, p, **nats)
    figure = canvas(5.0)
    _draw_triangle(figure.add_axes((0.02, 0.3, 0.96, 0.69)), truth, p, q)
    ax = figure.add_axes((0.05, 0.12, 0.9, 0.12))
    ax.barh(0, entropy, color=ROLE["data"], edgecolor=INK, height=0.8)
    ax.barh(0, forward, left=entropy, color=ROLE["model"], edgecolor=INK, height=0.4)
    ax.set(xlim=(0, 2.8), ylim=(-0.5, 0.5), yticks=[], xticks=(0, 1, 2))
    ax.set_xlabel("nats: entropy, then divergence (narrow)")
    return Scene(
        figure,
        {
            "entropy H(p)": Number(entropy, "nats"),
            "cross-entropy H(p, q)": Number(cross, "nats"),
            "D(p‖q)": Number(forward, "nats"),
            "D(q‖p)": Number(reverse, "nats"),
            "largest difference": float(np.abs(p - q).sum() / 2),
            "Pinsker's bound": math.sqrt(forward / 2),
        },
    )


@functools.cache
def _level_lines(truth: str) -> list[Array]:
    """Trace the level lines of the divergence over the triangle, once for each truth."""
    p, near = np.array(_TRUTHS[truth]), 1e-3
    x, y = np.meshgrid(np.linspace(0, 1, 161), np.linspace(0, _CORNERS[2, 1], 141))
    q3 = y / _CORNERS[2, 1]
    q = np.stack([1 - (x - q3 / 2) - q3, x - q3 / 2, q3])
    inside = q.min(axis=0) > near
    heights = np.full(x.shape, np.nan)
    heights[inside] = -p @ np.log(q[:, inside])
    heights -= information.entropy(p, math.e)
    traced = Figure().add_subplot().contour(x, y, heights, levels=[0.05, 0.2, 0.5, 1.0, 1.5])
    return [np.asarray(line) for lines in traced.allsegs for line in lines if len(line)]


def _draw_triangle(ax: Axes, truth: str, p: Array, q: Array) -> None:
    ax.add_collection(LineCollection(_level_lines(truth), colors=MUTED, linewidths=0.9))
    ax.plot(*_CORNERS[[0, 1, 2, 0]].T, color=INK, linewidth=1.4, linestyle="-")
    ax.plot(*(p @ _CORNERS), "P", color=ROLE["target"], markersize=11, label="truth p", zorder=4)
    ax.plot(
        *(q @ _CORNERS), "o", color=ROLE["model"], markeredgecolor=PAPER, markersize=11, label="forecast q"
    )
    for name, (x, y), va in zip(("fine", "cloudy", "rain"), _CORNERS, ("top", "top", "bottom"), strict=True):
        ax.annotate(
            name, (x, y), xytext=(0, -4 if va == "top" else 4), textcoords="offset points", ha="center", va=va
        )
    ax.set(xlim=(-0.12, 1.12), ylim=(-0.1, 0.97), aspect="equal")
    ax.axis("off")
    ax.legend(loc="upper left", fontsize=9.5, borderpad=0.2)


@forecast_triangle.invariant
def cross_entropy_is_entropy_plus_divergence(_parameters: Any, n: Any) -> bool:
    """Split the cost as the page does."""
    return _close(n["cross-entropy H(p, q)"], n["entropy H(p)"] + n["D(p‖q)"])


@forecast_triangle.invariant
def pinskers_inequality_holds(_parameters: Any, n: Any) -> bool:
    """Bound the largest difference by both directions of the divergence."""
    bounded = n["largest difference"] ** 2 <= min(n["D(p‖q)"], n["D(q‖p)"]) / 2 + 1e-12
    return bool(bounded) and _close(n["Pinsker's bound"] ** 2, n["D(p‖q)"] / 2)


@forecast_triangle.invariant
def the_other_direction_is_infinite_where_something_never_happens(parameters: Any, n: Any) -> bool:
    """Add it up from its definition: only the reverse direction minds the rain without bound."""
    p, q = _TRUTHS[parameters["truth"]], _forecast(parameters["fine"], parameters["cloudy"])
    terms = [b * math.log(b / a) if a > 0 else math.inf for a, b in zip(p, q, strict=True)]
    return _close(n["D(q‖p)"], sum(terms))


# The two directions of the divergence

_SD = 0.7
_X = np.linspace(-9, 9, 1441)
_CELL = _X[1] - _X[0]


@explorer(
    Control("distance", start=2.0, low=0.0, high=3.0, step=0.25, label="half the distance of the humps"),
    Choice("left", options=("0.5", "0.65", "0.8"), start="0.65", label="weight of the left hump"),
    alt="A tinted density with a larger hump on the left and a smaller one on the right. A dashed bell, the"
    " forward fit, spreads over both. A solid narrow bell, the reverse fit, sits on the left hump, a thin"
    " one on the right.",
    caption="One normal for two humps. The forward fit, dashed, takes over their mean and variance. The "
    "reverse fit, solid, is the best of three climbs of the lower bound, from the left, from the right and "
    "from the middle; the others, thin, stopped elsewhere, as long as there is an elsewhere.",
    play="distance",
)
def two_arrows(distance: float, left: str) -> Scene:
    """Fit one normal to two humps, in both directions of the divergence."""
    share, centre = np.array([float(left), 1 - float(left)]), np.array([-distance, distance])
    density = probability.Normal(centre, _SD).density(_X[:, None]) @ share
    mean = float(share @ centre)
    forward = mean, math.sqrt(_SD**2 + share @ (centre - mean) ** 2)
    starts = (-distance - 0.1, distance + 0.1, mean)
    climbs = sorted((_climb(distance, left, start) for start in starts), key=lambda fit: -fit[2])
    figure = canvas(4.0)
    ax = figure.add_axes((0.16, 0.14, 0.81, 0.66))
    ax.fill_between(_X[::8], density[::8], color=ROLE["data"], alpha=0.25, linewidth=0, label="two humps")
    _draw_bell(ax, *forward, color=ROLE["target"], linestyle="--", label="forward")
    for other, label in zip(climbs[1:], ("other climbs", None), strict=True):
        _draw_bell(ax, *other[:2], color=ROLE["model"], linestyle="-.", linewidth=1.0, label=label)
    _draw_bell(ax, *climbs[0][:2], color=ROLE["model"], linestyle="-", label="reverse")
    ax.set(xlim=(-5.5, 5.5), ylim=(0, 0.65), xlabel="z", ylabel="density", yticks=(0, 0.2, 0.4, 0.6))
    figure.legend(*ax.get_legend_handles_labels(), loc="upper center", ncols=2, fontsize=9.5)
    return Scene(
        figure,
        {
            "forward: mean": forward[0],
            "forward: deviation": forward[1],
            "reverse: mean": climbs[0][0],
            "reverse: deviation": climbs[0][1],
            "D(humps‖forward)": Number(_divergence(density, _bell(*forward)), "nats"),
            "D(reverse‖humps)": Number(_divergence(_bell(*climbs[0][:2]), density), "nats"),
        },
    )


@functools.cache
def _climb(distance: float, left: str, start: float) -> tuple[float, float, float]:
    """Climb the lower bound from a place: mean, deviation and bound, to three decimals like the climb."""
    share, centre = np.array([float(left), 1 - float(left)]), np.array([-distance, distance])

    def humps(z: Array) -> tuple[Array, Array]:
        parts = np.log(share / _SD) - (z - centre) ** 2 / (2 * _SD**2)
        slope = functional.softmax(parts) * (centre - z) / _SD**2
        return functional.log_sum_exp(parts) - math.log(2 * math.pi) / 2, slope.sum(axis=1, keepdims=True)

    fit = sampling.mean_field(humps, [start], np.random.default_rng(0), rate=0.4, tolerance=1e-5)
    mean, sd, bound = (round(float(number), 3) + 0.0 for number in (fit.mean[0], fit.sd[0], fit.history[-1]))
    return mean, sd, bound


def _bell(mean: float, sd: float) -> Array:
    density: Array = probability.Normal(mean, sd).density(_X)
    return density


def _draw_bell(ax: Axes, mean: float, sd: float, **style: Any) -> None:
    ax.plot(_X[::8], _bell(mean, sd)[::8], **style)


def _divergence(p: Array, q: Array) -> float:
    """Integrate p log(p/q) over the grid, to four decimals, which is what the fits deserve."""
    terms = p * (np.log(p + 1e-300) - np.log(q + 1e-300)) - p + q
    return round(float(np.sum(terms) * _CELL), 4) + 0.0


@two_arrows.invariant
def neither_fit_can_be_improved_by_taking_the_other(parameters: Any, n: Any) -> bool:
    """Measure each fit by both directions: each wins in its own."""
    share, distance = float(parameters["left"]), parameters["distance"]
    density = probability.Normal(np.array([-distance, distance]), _SD).density(_X[:, None]) @ [
        share,
        1 - share,
    ]
    forward = _bell(n["forward: mean"], n["forward: deviation"])
    reverse = _bell(n["reverse: mean"], n["reverse: deviation"])
    return bool(
        n["D(humps‖forward)"] <= _divergence(density, reverse)
        and n["D(reverse‖humps)"] <= _divergence(forward, density) + 1e-3
    )


@two_arrows.invariant
def one_hump_is_fitted_exactly_in_both_directions(parameters: Any, n: Any) -> bool:
    """Put the humps on top of each other: a normal, and both directions find it."""
    exact = [n[f"{way}: {what}"] for way in ("forward", "reverse") for what in ("mean", "deviation")]
    return parameters["distance"] != 0 or bool(np.allclose(exact, [0, _SD, 0, _SD], atol=1e-3))


@two_arrows.invariant
def the_forward_fit_is_never_narrower(_parameters: Any, n: Any) -> bool:
    """Cover with the forward fit, pick with the reverse one."""
    return bool(n["forward: deviation"] >= n["reverse: deviation"] - 1e-3)


# A picture through a noisy channel


def _as_sent(data: Bits) -> Bits:
    return data.reshape(-1, 4)


def _repeated(times: int) -> tuple[Callable[[Bits], Bits], Callable[[Bits], Bits]]:
    """Send every bit several times, and let the majority decide."""

    def send(data: Bits) -> Bits:
        return np.repeat(data.reshape(-1, 1), times, axis=1)

    def read(received: Bits) -> Bits:
        wins: Bits = (2 * received.sum(axis=1) > times).astype(np.int64)
        return wins

    return send, read


#: How to send bits and how to read them again, and bits of data for each bit sent.
_CODES: dict[str, tuple[Callable[[Bits], Bits], Callable[[Bits], Bits], float]] = {
    "as they are": (_as_sent, _as_sent, 1.0),
    "each three times": (*_repeated(3), 1 / 3),
    "each five times": (*_repeated(5), 1 / 5),
    "Hamming's code": (
        lambda data: information.hamming_encode(data.reshape(-1, 4)),
        information.hamming_decode,
        4 / 7,
    ),
}


@explorer(
    Control("noise", start=0.1, low=0.0, high=0.5, step=0.05, label="probability of a flip"),
    Choice("code", options=tuple(_CODES), start="each three times"),
    alt="Two pictures of sixteen handwritten digits, sent and received, the received one with some speckles."
    " Below, the capacity falls from one to zero as flips go from none to one half; a square, the code,"
    " lies at rate one third, below the curve.",
    caption="Above, the picture as it was sent and as it came out. Below, the capacity of the channel "
    "against the probability of a flip; the square is the code. Below the curve errors could be as rare as "
    "you like, with longer codes than these; above it they cannot.",
    play="noise",
)
def noisy_channel(noise: float, code: str) -> Scene:
    """Send sixteen digits through a channel that flips bits."""
    send, read, rate = _CODES[code]
    data = _digit_bits()
    sent = send(data)
    flips = np.random.default_rng(0).random(sent.shape) < noise
    received = read(sent ^ flips).reshape(data.shape)
    figure = canvas(4.6)
    for left, title, bits in ((0.02, "sent", data), (0.51, "received", received)):
        picture(figure.add_axes((left, 0.44, 0.47, 0.5)), 15 - _mosaic(bits), title, limits=(0, 15))
    ax = figure.add_axes((0.15, 0.12, 0.81, 0.27))
    grid = np.linspace(0, 0.5, 101)
    ax.plot(grid, [_capacity(e) for e in grid], color=ROLE["data"], linestyle="-")
    ax.plot(noise, rate, "s", color=ROLE["model"], markersize=9, zorder=4)
    ax.set(xlim=(-0.02, 0.52), ylim=(0, 1.08), xticks=(0, 0.1, 0.2, 0.3, 0.4, 0.5), yticks=(0, 0.5, 1))
    ax.set(xlabel="probability of a flip", ylabel="bits per use")
    return Scene(
        figure,
        {
            "bits sent for one of data": 1 / rate,
            "rate": rate,
            "capacity": _capacity(noise),
            "wrong bits": Number(100 * float(np.mean(received != data)), "%", 3),
            "expected": Number(100 * _expected_errors(noise, code), "%", 3),
        },
    )


@functools.cache
def _digit_bits() -> Bits:
    """Write the first sixteen digits, four a row with a margin, as bits, four a pixel: (1600, 4)."""
    digits = np.minimum(datasets.digits().X[:16], 15).astype(np.int64).reshape(4, 4, 8, 8)
    framed = np.pad(digits, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows = framed.transpose(0, 2, 1, 3).reshape(-1, 1)
    bits: Bits = rows >> np.array([3, 2, 1, 0]) & 1
    return bits


def _mosaic(bits: Bits) -> Array:
    levels: Array = (bits @ [8, 4, 2, 1]).reshape(40, 40).astype(float)
    return levels


def _capacity(noise: float) -> float:
    return 1 - information.entropy([noise, 1 - noise])


def _expected_errors(noise: float, code: str) -> float:
    """Average the wrong bits over all patterns of flips: a code like these treats all data alike."""
    _, read, rate = _CODES[code]
    width = round(4 / rate) if code == "Hamming's code" else round(1 / rate)
    if width == 1:
        return noise
    patterns = np.array(list(itertools.product((0, 1), repeat=width)))
    weights = patterns.sum(axis=1)
    chances = noise**weights * (1 - noise) ** (width - weights)
    wrong = read(patterns).reshape(len(patterns), -1).mean(axis=1)
    return float(chances @ wrong)


@noisy_channel.invariant
def wrong_bits_are_as_many_as_expected(_parameters: Any, n: Any) -> bool:
    """Stay within five standard deviations for 6400 bits, which come in fours at worst."""
    expected = n["expected"] / 100
    deviation = math.sqrt(4 * expected * (1 - expected) / 6400)
    return bool(abs(n["wrong bits"] / 100 - expected) <= 5 * deviation)


@noisy_channel.invariant
def the_capacity_is_that_of_the_algorithm(parameters: Any, n: Any) -> bool:
    """Let the algorithm of Blahut and Arimoto find the capacity of the same channel."""
    e = parameters["noise"]
    return _close(n["capacity"], information.channel_capacity([[1 - e, e], [e, 1 - e]]).bits, 1e-8)


@noisy_channel.invariant
def no_code_beats_the_capacity(_parameters: Any, n: Any) -> bool:
    """Hold the code to the converse of the coding theorem."""
    return bool(n["rate"] * _capacity(n["expected"] / 100) <= n["capacity"] + 1e-9)
