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

__all__ = ["eigenvalues", "oversmoothing", "two_clusterings", "waves"]

_GROUPS = (("o", "data"), ("s", "model"))


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
        ax.set_title(f"{k} waves, λ = {2 - 2 * np.cos(2 * np.pi * k / n):.2f}", loc="left", fontsize=10)
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
    fig, (left, middle, right) = plt.subplots(1, 3, figsize=(6.6, 2.1), sharey=True)
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
