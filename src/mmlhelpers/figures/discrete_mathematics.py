"""Figures of the section on discrete mathematics.

Every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import discrete, plotting

__all__ = [
    "calls_and_questions",
    "capacity",
    "growth",
    "hashed_products",
    "luck",
    "narrowed",
    "sketch_errors",
]

_STYLES = (":", "--", "-")


def narrowed(photo: ArrayLike, narrow: ArrayLike) -> Figure:
    """Show a picture, the same squeezed to a smaller width, and a version narrowed in another way.

    Parameters
    ----------
    photo : (m, n) array_like
        Grey values from 0 to 1.
    narrow : (m, k) array_like
        The narrowed picture, k at most n.

    Returns
    -------
    Figure
        Three pictures of equal height.
    """
    photo, narrow = np.asarray(photo), np.asarray(narrow)
    n, k = photo.shape[1], narrow.shape[1]
    nearest = (np.arange(k) + 0.5) * n / k
    pictures = {"original": photo, "squeezed": photo[:, nearest.astype(int)], "seams removed": narrow}
    widths = [picture.shape[1] for picture in pictures.values()]
    fig, axes = plt.subplots(1, 3, figsize=(6.4, 2.1), width_ratios=widths)
    for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
        plotting.picture(ax, picture, title)
    return fig


def capacity(dimensions: Sequence[int]) -> Figure:
    """Draw the share of labelings that hyperplanes produce against the number of points a dimension.

    Parameters
    ----------
    dimensions : sequence of int
        Three numbers of dimensions, at least 1.

    Returns
    -------
    Figure
        One curve for each number of dimensions.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.0))
    for d, style, colour in zip(dimensions, _STYLES, plotting.ROLE.values(), strict=False):
        n = np.arange(1, 4 * d + 1)
        share = [discrete.count_dichotomies(int(m), d) / 2 ** int(m) for m in n]
        ax.plot(n / d, share, style, color=colour, label=f"{d} dimensions")
    ax.axhline(0.5, color=plotting.MUTED, linewidth=0.8)
    ax.axvline(2, color=plotting.MUTED, linewidth=0.8)
    ax.set(xlabel="points for each dimension", ylabel="share of labelings")
    ax.legend()
    return fig


def luck(accuracies: ArrayLike, margin: float) -> Figure:
    """Draw how the accuracies of models that only guess spread, and how far a guarantee for all reaches.

    Parameters
    ----------
    accuracies : (n,) array_like
        Shares of right answers, from 0 to 1.
    margin : float
        The distance from one half that all of them keep to, dimensionless.

    Returns
    -------
    Figure
        A histogram of the accuracies, their maximum marked, between two lines at the margin.
    """
    values, counts = np.unique(np.asarray(accuracies), return_counts=True)
    fig, ax = plt.subplots(figsize=(6.0, 2.8))
    ax.bar(values, counts, width=0.016, color=plotting.ROLE["data"])
    ax.plot(values[-1], counts[-1], "v", color=plotting.ROLE["model"], markersize=9, label="the best")
    for side, label in ((-1, None), (1, "margin for all")):
        ax.axvline(0.5 + side * margin, color=plotting.INK, linestyle="--", label=label)
    ax.set(xlabel="accuracy", ylabel="students", xlim=(0.1, 0.9), ylim=(0, 140))
    ax.legend(loc="upper right", bbox_to_anchor=(0.88, 1))
    return fig


def growth(sizes: ArrayLike, comparisons: Mapping[str, Sequence[int]]) -> Figure:
    """Draw counted comparisons against the size of the problem, both on logarithmic scales.

    Parameters
    ----------
    sizes : (n,) array_like of int
        Numbers sorted, ascending.
    comparisons : mapping
        From the name of a method to its (n,) counts; at most three methods.

    Returns
    -------
    Figure
        One line for each method.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    for (name, counts), marker, colour in zip(
        comparisons.items(), "os^", plotting.ROLE.values(), strict=False
    ):
        ax.loglog(sizes, counts, f"{marker}-", color=colour, label=name)
    ax.set(xlabel="numbers to sort", ylabel="comparisons")
    ax.legend()
    return fig


def calls_and_questions(calls: ArrayLike) -> Figure:
    """Draw how many calls a recursion makes and how many different questions it asks.

    Parameters
    ----------
    calls : (n + 1, n + 1) array_like
        Calls for each pair of lengths from 0 to n.

    Returns
    -------
    Figure
        Two curves against the length of two equally long words, vertical axis logarithmic.
    """
    both = np.diag(np.asarray(calls))
    lengths = np.arange(len(both))
    fig, ax = plt.subplots(figsize=(6.0, 3.0))
    ax.semilogy(lengths, both, "-", color=plotting.ROLE["model"], label="calls")
    ax.semilogy(lengths, (lengths + 1) ** 2, "--", color=plotting.ROLE["data"], label="different questions")
    ax.set(xlabel="letters in each word", ylabel="number")
    ax.legend()
    return fig


def sketch_errors(rows: ArrayLike, excesses: Sequence[NDArray[np.int64]], total: int) -> Figure:
    """Draw how much counts are overestimated against the counters spent on a row.

    Parameters
    ----------
    rows : (k,) array_like of int
        Counters a row, ascending.
    excesses : sequence of (n,) ndarray of int
        For each of them by how much each key is overestimated.
    total : int
        Number of additions.

    Returns
    -------
    Figure
        Mean and largest excess with the bound, both axes logarithmic.
    """
    m = np.asarray(rows)
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    ax.loglog(m, 2 * total / m, "--", color=plotting.INK, linewidth=1.4, label="2N/m")
    for name, reduce, role, marker in (("largest", np.max, "model", "s"), ("mean", np.mean, "data", "o")):
        ax.loglog(m, [reduce(e) for e in excesses], f"{marker}-", color=plotting.ROLE[role], label=name)
    ax.set(xlabel="counters a row, m", ylabel="times counted too often")
    ax.set_xticks(m, [str(size) for size in m])
    ax.minorticks_off()
    ax.legend()
    return fig


def hashed_products(products: Mapping[str, Sequence[float]], truth: float) -> Figure:
    """Draw how the inner products of hashed vectors spread around the true one.

    Parameters
    ----------
    products : mapping of str to (n,) sequence of float
        Inner products after hashing, by the name of the method; two methods.
    truth : float
        The inner product before.

    Returns
    -------
    Figure
        A histogram for each method over one axis, the truth as a dashed line.
    """
    fig, axes = plt.subplots(2, 1, figsize=(6.0, 3.2), sharex=True, sharey=True)
    everything = np.concatenate([np.asarray(values) for values in products.values()])
    edges = np.linspace(everything.min(), everything.max(), 51)
    for ax, (name, values), role in zip(axes, products.items(), ("data", "model"), strict=True):
        ax.hist(np.asarray(values), edges, color=plotting.ROLE[role])
        ax.axvline(truth, color=plotting.INK, linestyle="--", label="truth")
        ax.plot(np.mean(values), 0, "^", color=plotting.INK, markersize=8, clip_on=False, label="mean")
        ax.set(title=name, ylabel="draws")
    axes[0].legend()
    axes[1].set_xlabel("inner product after hashing")
    return fig
