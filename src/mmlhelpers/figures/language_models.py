"""Figures of the case study on language models.

Throughout, losses are in bits a character, weights of attention are rows that add up to one, and every
function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmlhelpers import attention, functional, plotting
from mmlhelpers._checks import Array
from mmlhelpers.language import Transformer

__all__ = ["look_sharply", "maps", "orders", "smoothing", "training", "word_map"]

_PAIR = (6.0, 3.1)
_MARKERS = ("o", "s", "^", "D")


def orders(losses: Mapping[str, Sequence[float]]) -> Figure:
    """Draw the losses of counting models against their order.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        Bits a character for the orders from one on, by name.

    Returns
    -------
    Figure
        One panel, one curve a name; the first is dashed.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    styles = zip(losses.items(), ("data", "data", "model"), ("--", "-", "-"), _MARKERS, strict=False)
    for (name, values), role, style, marker in styles:
        ax.plot(
            range(1, len(values) + 1),
            values,
            color=plotting.ROLE[role],
            linestyle=style,
            marker=marker,
            label=name,
        )
    ax.set(
        xlabel="order: characters seen, the guessed one included", ylabel="bits a character", ylim=(0, None)
    )
    ax.legend(fontsize=9)
    return fig


def word_map(points: Array, words: Sequence[str], pattern: Sequence[Sequence[str]]) -> Figure:
    """Draw words as points of the plane, marked by their class.

    Parameters
    ----------
    points : (V, 2) ndarray
        Coordinates of each word.
    words : sequence of str
        The words.
    pattern : sequence of sequences of str
        The classes.

    Returns
    -------
    Figure
        One panel; each class has a marker, a colour and its words beside it.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.6))
    number = {word: i for i, word in enumerate(words)}
    middle = points.mean(axis=0)
    for members, role, marker in zip(pattern, plotting.ROLE, _MARKERS, strict=True):
        places = points[[number[word] for word in members]]
        ax.plot(*places.T, marker, color=plotting.ROLE[role], markersize=8, alpha=0.8)
        centre = places.mean(axis=0)
        ax.annotate(
            ", ".join(members),
            centre,
            xytext=(0, 18 if centre[1] >= middle[1] else -24),
            textcoords="offset points",
            color=plotting.ROLE[role],
            ha="center",
        )
    ax.margins(0.35, 0.3)
    ax.set(xlabel="second coordinate", ylabel="third coordinate")
    return fig


def smoothing() -> Figure:
    """Draw attention as a smoother of noisy points, for keys that are far from and near to each other.

    Returns
    -------
    Figure
        Forty points and two curves.
    """
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 6, 40))
    y = np.sin(x) + 0.3 * rng.normal(size=40)
    grid = np.linspace(0, 6, 200)
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    ax.plot(x, y, "o", color=plotting.ROLE["data"], markersize=4, label="keys and values")
    for sharpness, role, style in ((20.0, "gradient", "-"), (2.0, "model", "--")):
        # A key (x, -x²/2) and a query (q, 1) have the product qx - x²/2: the square is complete.
        keys, queries = np.column_stack([x, -(x**2) / 2]), np.column_stack([grid, np.ones(200)])
        curve = attention.scaled_dot_product(queries, keys, y[:, None], scale=sharpness).output
        label = f"output, scores times {sharpness:g}"
        ax.plot(grid, curve[:, 0], color=plotting.ROLE[role], linestyle=style, label=label)
    ax.set(xlabel="query", ylabel="value")
    ax.legend(fontsize=9)
    return fig


def look_sharply(widths: Sequence[int] = (4, 64, 1024)) -> Figure:
    """Draw the sorted weights of random queries over 16 keys, without and with the root of the width.

    Parameters
    ----------
    widths : sequence of int
        Widths of queries and keys.

    Returns
    -------
    Figure
        Left without, right with the root; one curve a width.
    """
    fig, axes = plt.subplots(1, 2, figsize=_PAIR, sharey=True)
    for width, role, marker in zip(widths, plotting.ROLE, _MARKERS, strict=False):
        rng = np.random.default_rng(width)
        scores = rng.normal(size=(500, width)) @ rng.normal(size=(16, width)).T
        for ax, scale in zip(axes, (1.0, width**-0.5), strict=True):
            weights = -np.sort(-functional.softmax(scores * scale), axis=1)
            ax.plot(
                range(1, 17),
                weights.mean(axis=0),
                color=plotting.ROLE[role],
                marker=marker,
                markersize=4,
                linewidth=1.2,
                label=f"width {width}",
            )
    axes[0].set(ylabel="mean weight", xlabel="key, best first", title="scores as they are", ylim=(0, 1))
    axes[1].set(xlabel="key, best first", title="divided by the root")
    axes[0].legend(fontsize=9)
    return fig


def maps(model: Transformer, tokens: NDArray[np.int64]) -> Figure:
    """Draw where each layer looks in one text.

    Parameters
    ----------
    model : Transformer
        Two layers.
    tokens : (n,) ndarray of int
        A text.

    Returns
    -------
    Figure
        One square a layer, the mean of its heads: rows are the tokens that look, columns where they look.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.0, 3.3), sharey=True)
    for layer, (ax, heads) in enumerate(zip(axes, model.attention_weights(tokens[None])[:, 0], strict=True)):
        ax.imshow(heads.mean(axis=0), cmap="Greys", vmin=0, vmax=1)
        ax.set(title=f"layer {layer + 1}", xlabel="place looked at")
        ax.grid(False)
    axes[0].set_ylabel("place that looks")
    return fig


def training(losses: Sequence[float], every: int, lines: Mapping[str, float]) -> Figure:
    """Draw the loss in training between lines that mean something.

    Parameters
    ----------
    losses : sequence of float
        Bits a character on held-out text, the first before the first step.
    every : int
        Steps between two of them.
    lines : mapping of str to float
        Losses of three other models, by name.

    Returns
    -------
    Figure
        One panel.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.6))
    steps = every * np.arange(len(losses))
    ax.plot(steps, losses, "o-", color=plotting.ROLE["model"], label="transformer", markersize=5)
    for (name, value), style in zip(lines.items(), ("--", "-.", "-"), strict=True):
        ax.axhline(value, color=plotting.ROLE["data"], linestyle=style, linewidth=1.2, label=name)
    ax.set(xlabel="step", ylabel="bits a character, test", ylim=(1.85, 3))
    ax.legend(fontsize=9)
    return fig
