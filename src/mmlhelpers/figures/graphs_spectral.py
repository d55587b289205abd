"""Figures of the section on graphs and spectral methods.

Every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import graphs, plotting
from mmlhelpers._checks import Array

__all__ = [
    "eigenvalues",
    "heat_curves",
    "links_and_ranks",
    "oversmoothing",
    "sweep",
    "two_clusterings",
    "waves",
]

_GROUPS = (("o", "data"), ("s", "model"))
_ARROW = {
    "arrowstyle": "-|>",
    "connectionstyle": "arc3,rad=0.12",
    "color": plotting.MUTED,
    "shrinkA": 11,
    "shrinkB": 13,
}
_PAGES = np.array([[0.0, 1.0], [1.3, 0.0], [-1.3, 0.0], [-0.8, -1.2], [0.8, -1.2]])


def waves(n: int, frequencies: Sequence[int]) -> Figure:
    """Draw eigenvectors of the Laplacian of a cycle over its nodes.

    Parameters
    ----------
    n : int
        Number of nodes.
    frequencies : sequence of int
        Full waves around the cycle, four numbers.

    Returns
    -------
    Figure
        One panel for each frequency, titled with the eigenvalue.
    """
    fig, axes = plt.subplots(2, 2, figsize=(6.0, 3.0), sharex=True, sharey=True)
    j = np.arange(n)
    for ax, k in zip(axes.flat, frequencies, strict=True):
        ax.plot(j, np.cos(2 * np.pi * k * j / n), ".-", color=plotting.ROLE["data"], linewidth=1)
        value = 2 - 2 * np.cos(2 * np.pi * k / n)
        ax.set_title(f"{k} wave{'s' * (k > 1)}, λ = {value:.2f}", loc="left", fontsize=10)
        ax.set_yticks([-1, 0, 1])
    return fig


def two_clusterings(X: ArrayLike, first: ArrayLike, second: ArrayLike) -> Figure:
    """Show points with the labels of k-means, their neighbour graph, and the labels of its eigenvectors.

    Parameters
    ----------
    X : (n, 2) array_like
        Points.
    first, second : (n,) array_like of int
        Labels 0 and 1 by k-means and by the graph of ten nearest neighbours.

    Returns
    -------
    Figure
        Three panels.
    """
    X = np.asarray(X)
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(6.6, 1.65), sharey=True)
    _mark(left, X, np.asarray(first))
    left.set_title("k-means", loc="left", fontsize=10)
    i, j = np.nonzero(np.triu(graphs.nearest_neighbors(X, 10)))
    lines = np.stack([X[i], X[j]], axis=1)
    middle.add_collection(LineCollection(list(lines), colors=plotting.MUTED, linewidths=0.4))
    middle.set_title("ten nearest", loc="left", fontsize=10)
    _mark(right, X, np.asarray(second))
    right.set_title("spectral", loc="left", fontsize=10)
    for ax in (left, middle, right):
        ax.set(xlim=(-1.4, 2.4), ylim=(-0.9, 1.4), xticks=[], yticks=[], aspect="equal")
    return fig


def _mark(ax: Axes, X: Array, labels: Array) -> None:
    for label, (marker, role) in enumerate(_GROUPS):
        ax.plot(*X[labels == label].T, marker, color=plotting.ROLE[role], markersize=3, fillstyle="none")


def eigenvalues(values: ArrayLike) -> Figure:
    """Draw eigenvalues in ascending order.

    Parameters
    ----------
    values : (k,) array_like
        Eigenvalues.

    Returns
    -------
    Figure
        Dots over their numbers, from 1.
    """
    fig, ax = plt.subplots(figsize=(6.0, 2.6))
    ax.plot(np.arange(1, np.size(values) + 1), values, "o", color=plotting.ROLE["data"])
    ax.set(xlabel="number", ylabel="eigenvalue")
    ax.set_xticks([1, 5, 10, 15, 20])
    return fig


def oversmoothing(ks: Sequence[int], scores: Sequence[float]) -> Figure:
    """Draw accuracy against the number of smoothings.

    Parameters
    ----------
    ks : sequence of int
        Numbers of smoothings.
    scores : sequence of float
        Accuracies from 0 to 1.

    Returns
    -------
    Figure
        One curve over a logarithmic axis.
    """
    fig, ax = plt.subplots(figsize=(6.0, 2.6))
    ax.plot(ks, scores, "o-", color=plotting.ROLE["model"])
    ax.set(xscale="log", xlabel="number of smoothings", ylabel="accuracy", ylim=(0, 1))
    return fig


def sweep(A: ArrayLike, y: ArrayLike, second: float) -> Figure:
    """Draw the conductance of every cut of a sweep, between the bounds of Cheeger's inequality.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix, all degrees positive.
    y : (n,) array_like
        Where the minimum of the second eigenvalue is attained.
    second : float
        The second eigenvalue of the normalised Laplacian.

    Returns
    -------
    Figure
        Conductance against the number of nodes on the side of the small values.
    """
    A, y = np.asarray(A), np.asarray(y)
    levels = np.sort(y)[:-1]
    cuts = [graphs.conductance(A, y > level) for level in levels]
    fig, ax = plt.subplots(figsize=(6.0, 3.0))
    ax.plot(np.arange(1, len(y)), cuts, "-", color=plotting.ROLE["data"], label="conductance")
    best = int(np.argmin(cuts))
    ax.plot(best + 1, cuts[best], "v", color=plotting.ROLE["model"], markersize=9, label="the sweep cut")
    for bound, style, name in (
        (np.sqrt(2 * second), "--", r"$\sqrt{2\lambda_2}$"),
        (second / 2, ":", r"$\lambda_2/2$"),
    ):
        ax.axhline(bound, color=plotting.INK, linestyle=style, linewidth=1.2, label=name)
    ax.set(xlabel="nodes below the threshold", ylabel="conductance", ylim=(0, None))
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=10)
    return fig


def links_and_ranks(links: ArrayLike, scores: ArrayLike) -> Figure:
    """Draw five pages with their links, and compare the share of links that reach them with their ranks.

    Parameters
    ----------
    links : (5, 5) array_like
        One where the page of the row links to that of the column.
    scores : (5,) array_like
        Their ranks, which sum to one.

    Returns
    -------
    Figure
        The pages as circles with arrows on the left, two bars for each on the right.
    """
    links, scores = np.asarray(links), np.asarray(scores)
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.0), width_ratios=(1.0, 1.2))
    for i, j in np.argwhere(links > 0):
        left.annotate("", _PAGES[j], _PAGES[i], arrowprops=_ARROW)
    left.scatter(*_PAGES.T, s=420, color=plotting.PAPER, edgecolors=plotting.ROLE["data"], linewidths=2)
    for page, (x, y) in enumerate(_PAGES):
        left.text(x, y, str(page), ha="center", va="center", fontweight="bold")
    left.set(xlim=(-1.8, 1.8), ylim=(-1.7, 1.5), aspect="equal")
    left.axis("off")
    pages = np.arange(5)
    shares = links.sum(axis=0) / links.sum()
    right.bar(
        pages - 0.2,
        shares,
        0.38,
        color=plotting.PAPER,
        edgecolor=plotting.MUTED,
        hatch="///",
        label="share of links",
    )
    right.bar(pages + 0.2, scores, 0.38, color=plotting.ROLE["data"], label="PageRank")
    right.set(xlabel="page", ylabel="share", xticks=pages)
    right.legend()
    return fig


def heat_curves(times: ArrayLike, heats: ArrayLike, labels: ArrayLike) -> Figure:
    """Draw the heat of every node against time, with two groups of nodes told apart.

    Parameters
    ----------
    times : (k,) array_like
        Positive times.
    heats : (k, n) array_like
        Heat of each node at each time.
    labels : (n,) array_like of int
        Zero or one for each node.

    Returns
    -------
    Figure
        One thin curve for each node over a logarithmic axis, and one thick curve for the mean of each group.
    """
    times, heats, labels = np.asarray(times), np.asarray(heats), np.asarray(labels)
    mean = heats[0].mean()
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    for label, (style, role, name) in enumerate((("-", "model", "with the source"), ("--", "data", "other"))):
        inside, colour = heats[:, labels == label], plotting.ROLE[role]
        nodes = [np.column_stack([times, node]) for node in inside.T]
        ax.add_collection(LineCollection(nodes, colors=colour, linestyles=style, linewidths=0.5, alpha=0.6))
        ax.semilogx(times, inside.mean(axis=1), style, color=colour, linewidth=3, label=name)
    ax.axhline(mean, color=plotting.INK, linestyle=":", linewidth=1.2, label="mean of all")
    ax.set(xlabel="time", ylabel="heat of a node", xlim=(times[0], times[-1]), ylim=(0, 3.2 * mean))
    ax.legend(title="group", loc="upper right")
    return fig
