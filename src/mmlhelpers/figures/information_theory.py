"""Figures of the section on information theory.

Throughout, bits are base-two logarithms, and every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmlhelpers import datasets, information, plotting, probability
from mmlhelpers._checks import Array

__all__ = [
    "feature_bars",
    "honest_and_fitted",
    "order_and_disorder",
    "proper_scores",
    "questions",
    "rates_and_errors",
    "two_directions",
]

#: Colour and marker of a class, in this order.
_CLASSES = (("data", "o"), ("model", "^"), ("target", "s"))


def order_and_disorder(photo: NDArray[np.int64], shuffled: NDArray[np.int64]) -> Figure:
    """Draw a picture and its shuffled pixels, with histograms of grey levels and of neighbours' differences.

    Parameters
    ----------
    photo, shuffled : (h, w) ndarray of int
        Grey levels from 0 to 255.

    Returns
    -------
    Figure
        Pictures on the left, histograms on the right.
    """
    fig, axes = plt.subplots(2, 2, figsize=(6.0, 4.4), width_ratios=(1, 1.15))
    (top, levels), (bottom, steps) = axes
    for ax, picture, title in ((top, photo, "in order"), (bottom, shuffled, "shuffled")):
        # Noise does not compress: 32 greys look like 256 and halve the file.
        plotting.picture(ax, picture // 8, title, limits=(0, 31))
    wide: Array = np.arange(0.0, 257.0, 4.0)
    levels.stairs(_shares(photo, wide), wide, color=plotting.ROLE["data"], fill=True, alpha=0.35)
    levels.stairs(_shares(shuffled, wide), wide, color=plotting.ROLE["model"], linestyle="--")
    levels.set(xlabel="grey level", ylabel="share", title="the same for both")
    wide = np.arange(-153.5, 152.5, 4.0)
    for picture, role, style, name in (
        (photo, "data", "-", "in order"),
        (shuffled, "model", "--", "shuffled"),
    ):
        shares = _shares(np.diff(picture, axis=1), wide)
        steps.stairs(shares, wide, color=plotting.ROLE[role], linestyle=style, linewidth=1.5, label=name)
    steps.set(xlabel="difference to the left neighbour", ylabel="share")
    steps.legend(fontsize=9)
    return fig


def _shares(values: NDArray[np.int64], edges: Array) -> Array:
    """Count the share of values in each bin."""
    shares: Array = np.histogram(values, edges)[0] / values.size
    return shares


def honest_and_fitted(honest: Sequence[float], fitted: Sequence[float]) -> Figure:
    """Draw bits a letter against the number of letters looked back.

    Parameters
    ----------
    honest : (k,) sequence of float
        Mean surprise of models that predict each letter before they see it.
    fitted : (k,) sequence of float
        Entropy given the letters before, counted from the finished text.

    Returns
    -------
    Figure
        One panel with two curves.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    for values, role, style, name in (
        (honest, "target", "o-", "predicted before it is seen"),
        (fitted, "model", "^--", "counted from the finished text"),
    ):
        ax.plot(range(len(values)), values, style, color=plotting.ROLE[role], label=name)
    ax.set(xlabel="letters looked back", ylabel="bits a letter", ylim=(0, 5.3), xticks=range(len(honest)))
    ax.legend()
    return fig


def proper_scores(p: float) -> Figure:
    """Draw the expected penalty of a forecast for three rules of scoring.

    Parameters
    ----------
    p : float
        True probability of heads.

    Returns
    -------
    Figure
        One panel with three curves and their least points.
    """
    q = np.linspace(0.01, 0.99, 197)
    curves = {
        "logarithm, −log of what came": (-p * np.log(q) - (1 - p) * np.log(1 - q), "data", "-", "o"),
        "square of the error": (p * (1 - q) ** 2 + (1 - p) * q**2, "target", "--", "s"),
        "absolute error": (p * (1 - q) + (1 - p) * q, "model", "-.", "^"),
    }
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    for name, (penalty, role, style, marker) in curves.items():
        ax.plot(q, penalty, color=plotting.ROLE[role], linestyle=style, label=name)
        best = penalty.argmin()
        ax.plot(q[best], penalty[best], marker, color=plotting.ROLE[role], markersize=9)
    ax.axvline(p, ymax=0.75, color=plotting.MUTED, linestyle=":", linewidth=1.2)
    ax.set(xlabel="reported probability of heads", ylabel="expected penalty", ylim=(0, 1.6), xlim=(0, 1.02))
    ax.legend(fontsize=9, loc="upper center")
    return fig


def feature_bars(
    names: Sequence[str], coarse: Sequence[tuple[float, float]], raw: Sequence[tuple[float, float]]
) -> Figure:
    """Draw the information in each feature, and the part that shuffled labels reach as well.

    Parameters
    ----------
    names : (d,) sequence of str
        What the features are called.
    coarse, raw : (d,) sequence of (float, float)
        Bits about the class, and bits after shuffling, from binned and from raw values.

    Returns
    -------
    Figure
        Two bars a feature.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.6))
    places = np.arange(len(names))
    for shift, pairs, role, label in (
        (-0.2, coarse, "data", "by quarters"),
        (0.2, raw, "model", "raw values"),
    ):
        found, chance = np.array(pairs).T
        ax.bar(places + shift, found, 0.36, color=plotting.ROLE[role], alpha=0.75, label=label)
        ax.bar(places + shift, chance, 0.36, color=plotting.PAPER, edgecolor=plotting.ROLE[role], hatch="///")
    ax.axhline(np.log2(3), color=plotting.INK, linestyle="--", linewidth=1.2)
    ax.annotate("all there is to know", (-0.42, np.log2(3) + 0.03), fontsize=9)
    ax.set_xticks(places, [name.removesuffix(" (cm)") for name in names])
    ax.set(ylabel="bits about the species", ylim=(0, 1.8))
    ax.legend(fontsize=9, loc="upper left", bbox_to_anchor=(0.0, 0.87))
    return fig


def questions(
    iris: datasets.Table, thresholds: Array, gains: Sequence[float], tree: information.Node
) -> Figure:
    """Draw the gain of every threshold for petal length, and the cuts of a tree of depth two.

    Parameters
    ----------
    iris : Table
        The iris data.
    thresholds, gains : (k,) sequence of float
        Thresholds for petal length, and their gains in bits.
    tree : Node
        Tree whose root asks for petal length and whose second question for petal width.

    Returns
    -------
    Figure
        Gains on the left, the plane of the petals on the right.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.5))
    left.plot(thresholds, gains, color=plotting.ROLE["data"], drawstyle="steps-post")
    left.set(xlabel="threshold for petal length (cm)", ylabel="gain (bits)", ylim=(0, 1))
    for species, (role, marker) in enumerate(_CLASSES):
        length, width = iris.X[iris.y == species, 2:].T
        right.plot(
            length,
            width,
            marker,
            color=plotting.ROLE[role],
            markersize=4,
            alpha=0.7,
            label=iris.target_names[species],
        )
    _cut(right, tree)
    right.set(xlabel="petal length (cm)", ylabel="petal width (cm)", xlim=(0.8, 7.1), ylim=(0, 2.7))
    fig.legend(
        *right.get_legend_handles_labels(), loc="outside upper right", ncols=3, fontsize=9, handletextpad=0
    )
    return fig


def _cut(ax: Axes, tree: information.Node) -> None:
    """Draw the first question as a line across the plane, the second as one to the right of it."""
    if tree.split and tree.no and tree.no.split:
        first, second = tree.split.threshold, tree.no.split.threshold
        ax.axvline(first, color=plotting.INK, linestyle="-", linewidth=1.5)
        ax.plot([first, 7.1], [second, second], color=plotting.INK, linestyle="--", linewidth=1.5)


def two_directions(reverse: Sequence[tuple[float, float, float]], forward: tuple[float, float]) -> Figure:
    """Draw a density with two humps, and the normals that the two directions of the divergence choose.

    Parameters
    ----------
    reverse : sequence of (float, float, float)
        Mean, deviation and bound of each reverse fit.
    forward : (float, float)
        Mean and deviation of the forward fit.

    Returns
    -------
    Figure
        One panel.
    """
    x = np.linspace(-6, 6, 481)
    density = 0.65 * probability.Normal(-2, 0.7).density(x) + 0.35 * probability.Normal(2, 0.7).density(x)
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    ax.fill_between(x, density, color=plotting.ROLE["data"], alpha=0.25, linewidth=0, label="two humps")
    ax.plot(
        x,
        probability.Normal(*forward).density(x),
        color=plotting.ROLE["target"],
        linestyle="--",
        label="forward",
    )
    for i, (mean, sd, _) in enumerate(reverse):
        ax.plot(
            x,
            probability.Normal(mean, sd).density(x),
            color=plotting.ROLE["model"],
            linestyle=("-", "-.")[i % 2],
            label=("reverse, from the left", "reverse, from the right")[i % 2],
        )
    ax.set(xlabel="z", ylabel="density", ylim=(0, 0.78))
    ax.legend(fontsize=9, ncols=2, loc="upper center")
    return fig


def rates_and_errors(noise: float, repeats: Mapping[int, float], hamming: float) -> Figure:
    """Draw codes for a channel that flips bits by their rate and their errors, and what no code reaches.

    Parameters
    ----------
    noise : float
        Probability that a bit is flipped, below one half.
    repeats : mapping of int to float
        Share of wrong bits after a majority vote, by the number of repetitions.
    hamming : float
        Share of wrong bits with Hamming's code.

    Returns
    -------
    Figure
        One panel, vertical axis logarithmic.
    """
    errors = np.geomspace(1e-6, noise, 200)
    capacity = 1 - information.entropy([noise, 1 - noise])
    limit = capacity / np.array([1 - information.entropy([e, 1 - e]) for e in errors])
    fig, ax = plt.subplots(figsize=(6.0, 3.8))
    ax.fill_betweenx(errors, limit, 1.1, color=plotting.MUTED, alpha=0.2, linewidth=0)
    ax.plot(limit, errors, color=plotting.INK, label="limit")
    ax.plot(
        [1 / n for n in repeats],
        list(repeats.values()),
        "o:",
        color=plotting.ROLE["model"],
        label="repetition",
    )
    for n, error in repeats.items():
        if n <= 9:
            ax.annotate(str(n), (1 / n, error), xytext=(6, -11), textcoords="offset points", fontsize=9)
    ax.plot(4 / 7, hamming, "^", color=plotting.ROLE["target"], markersize=9, label="Hamming")
    ax.annotate("impossible", (0.72, 1e-4), color=plotting.INK, fontsize=11)
    ax.set(xlabel="rate: bits sent per use", ylabel="share of wrong bits", xlim=(0, 1.1), ylim=(1e-6, 0.3))
    ax.set_yscale("log")
    ax.legend(fontsize=9, loc="lower right")
    return fig
