"""Figures of the section on discrete mathematics.

Every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import discrete, plotting

__all__ = ["capacity", "growth", "luck", "narrowed"]

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
