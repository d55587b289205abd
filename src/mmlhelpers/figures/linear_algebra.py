"""Figures of the section on linear algebra.

Throughout, `A` and `X` are matrices as on the page; every function returns a new Figure, not yet shown.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmlhelpers import linalg, plotting
from mmlhelpers._checks import Array

__all__ = [
    "blank_pixels",
    "circle_to_ellipse",
    "descent_on_bowls",
    "four_subspaces",
    "low_rank_pictures",
    "principal_axes",
    "ratings_tables",
    "readers_as_arrows",
]

_PAIR = (6.0, 3.1)


def readers_as_arrows(ada: Array, bo: Array, cy: Array) -> Figure:
    """Draw three readers as arrows in the plane of two books.

    Parameters
    ----------
    ada, bo, cy : (2,) ndarray
        Ratings of the two books, 0 to 5.

    Returns
    -------
    Figure
        One plane with three arrows.
    """
    fig, ax = plt.subplots(figsize=(4.2, 4.2))
    plotting.arrow(ax, ada, role="data", label="Ada", offset=(-32.0, 2.0))
    plotting.arrow(ax, bo, role="model", label="Bo")
    plotting.arrow(ax, cy, role="target", label="Cy")
    ax.set(xlim=(0, 5), ylim=(0, 5), aspect="equal", xlabel="rating of book 1", ylabel="rating of book 2")
    return fig


def blank_pixels(X: Array) -> Figure:
    """Show the average of small square pictures and the pixels that are zero in all of them.

    Parameters
    ----------
    X : (n, d) ndarray
        One picture a row, d a square number, grey levels from 0.

    Returns
    -------
    Figure
        The mean picture beside the map of blank pixels.
    """
    side = round(X.shape[1] ** 0.5)
    blank = (X == 0).all(axis=0).reshape(side, side)
    fig, (left, right) = plt.subplots(1, 2, figsize=_PAIR)
    mean = X.mean(axis=0).reshape(side, side)
    plotting.picture(left, mean / mean.max(), "average of all pictures")
    plotting.picture(right, 1 - 0.15 * ~blank - 0.85 * blank, "zero in every picture: black")
    for i, j in np.argwhere(blank):
        right.annotate("0", (j, i), color=plotting.PAPER, ha="center", va="center")
    return fig


def four_subspaces(A: Array) -> Figure:
    """Draw the four subspaces of a 2 by 2 matrix of rank one, and three points that it sends to one.

    Parameters
    ----------
    A : (2, 2) ndarray
        A matrix of rank one.

    Returns
    -------
    Figure
        Input plane on the left, output plane on the right.
    """
    column, left_null, row, null = linalg.four_subspaces(A)
    fig, (before, after) = plt.subplots(1, 2, figsize=(6.0, 3.5))
    for ax, kept, lost, names in (
        (before, row, null, ("row space", "null space")),
        (after, column, left_null, ("column space", "left null space")),
    ):
        plotting.line_through(plotting.plane(ax, 2.0), kept[:, 0], "data", linestyle="-", label=names[0])
        plotting.line_through(ax, lost[:, 0], "model", label=names[1])
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), fontsize=9)
    points = 0.35 * row + null * np.array([[-1.2, 0.0, 1.2]])
    points = points * np.sign(points[1, 1])
    before.axline(points[:, 0], points[:, 2], color=plotting.MUTED, linestyle=":", linewidth=1.2)
    for name, point in zip("abc", points.T, strict=True):
        before.plot(*point, "o", color=plotting.INK)
        before.annotate(name, point, xytext=(6, 4), textcoords="offset points")
    after.plot(*(A @ points[:, 1]), "o", color=plotting.INK)
    after.annotate("Aa = Ab = Ac", A @ points[:, 1], xytext=(-10, -2), textcoords="offset points", ha="right")
    before.set_title("input x")
    after.set_title("output Ax")
    return fig


def principal_axes(X: Array, names: Sequence[str]) -> Figure:
    """Scatter two centred columns with the eigenvectors of their covariance, two standard deviations long.

    Parameters
    ----------
    X : (n, 2) ndarray
        Centred data.
    names : sequence of str
        What the two columns measure.

    Returns
    -------
    Figure
        One plane.
    """
    values, Q = linalg.eigh(np.cov(X, rowvar=False, ddof=0))
    fig, ax = plt.subplots(figsize=(4.6, 4.4))
    ax.scatter(X[:, 0], X[:, 1], s=14, color=plotting.ROLE["data"], alpha=0.45, linewidths=0)
    for value, q, role, style in zip(values, Q.T, ("model", "target"), ("-", "--"), strict=True):
        plotting.arrow(
            ax, 2 * np.sqrt(value) * q, role=role, linestyle=style, label=f"$\\lambda$ = {value:.2f}"
        )
    ax.set(xlim=(-3.8, 3.8), ylim=(-3.8, 3.8), aspect="equal")
    x, y = (f"{name.replace('_', ' ')} (standardised)" for name in names)
    ax.set(xlabel=x, ylabel=y)
    return fig


def circle_to_ellipse(A: Array) -> Figure:
    """Draw the unit circle with the right singular vectors, and its image with the left ones.

    Parameters
    ----------
    A : (2, 2) ndarray
        Any invertible matrix.

    Returns
    -------
    Figure
        Circle on the left, ellipse on the right.
    """
    U, sigma, Vt = linalg.svd(A)
    angles = np.linspace(0, 2 * np.pi, 200)
    circle = np.vstack([np.cos(angles), np.sin(angles)])
    fig, (before, after) = plt.subplots(1, 2, figsize=_PAIR)
    limit = 1.2 * max(1.0, sigma[0])
    for ax, curve, arrows, names in (
        (before, circle, Vt, ("$v_1$", "$v_2$")),
        (after, A @ circle, (U * sigma).T, ("$\\sigma_1 u_1$", "$\\sigma_2 u_2$")),
    ):
        plotting.plane(ax, limit).plot(*curve, color=plotting.MUTED, linestyle="-", linewidth=1.5)
        plotting.arrow(ax, arrows[0], role="data", label=names[0])
        plotting.arrow(ax, arrows[1], role="model", label=names[1], linestyle="--", offset=(6.0, -8.0))
    return fig


def low_rank_pictures(image: Array, ranks: Sequence[int]) -> Figure:
    """Show the best approximations of a picture for some ranks, and the picture itself.

    Parameters
    ----------
    image : (h, w) ndarray
        Grey levels between 0 and 1.
    ranks : sequence of int
        Three ranks, one panel each.

    Returns
    -------
    Figure
        Four pictures, each with its relative error and the share of numbers stored.
    """
    h, w = image.shape
    fig, axes = plt.subplots(2, 2, figsize=(4.8, 4.2))
    for ax, k in zip(axes.flat, ranks, strict=False):
        approximation = linalg.low_rank(image, k)
        error = np.linalg.norm(image - approximation) / np.linalg.norm(image)
        share = k * (h + w + 1) / (h * w)
        plotting.picture(ax, approximation, f"k = {k}\nerror {error:.1%}, storage {share:.1%}")
    plotting.picture(axes.flat[-1], image, f"the original\n{h} x {w} numbers")
    return fig


def descent_on_bowls(condition_numbers: Sequence[float]) -> Figure:
    """Draw gradient descent with the best fixed step on two bowls of given condition numbers.

    Parameters
    ----------
    condition_numbers : sequence of float
        One bowl each, at least 1.

    Returns
    -------
    Figure
        Contours and the first steps of the path, side by side.
    """
    fig, axes = plt.subplots(1, len(condition_numbers), figsize=_PAIR, sharey=True)
    for ax, kappa in zip(axes, condition_numbers, strict=True):
        _bowl(ax, np.array([1.0, kappa]), start=np.array([4.0, 1.2]))
        ax.set_title(f"condition number {kappa}")
    axes[0].set_ylabel("$x_2$")
    return fig


def _bowl(ax: Axes, curvatures: Array, start: Array) -> None:
    x, y = np.meshgrid(np.linspace(-4.5, 4.5, 121), np.linspace(-2, 2, 81))
    heights = 0.5 * (curvatures[0] * x**2 + curvatures[1] * y**2)
    ax.contour(x, y, heights, levels=0.5 * np.geomspace(0.2, 60, 9), colors=plotting.MUTED, linewidths=0.8)
    factors = 1 - 2 / curvatures.sum() * curvatures
    path = start * factors ** np.arange(20)[:, None]
    ax.plot(*path.T, "o-", color=plotting.ROLE["gradient"], markersize=3, linewidth=1.2)
    ax.plot(0, 0, "+", color=plotting.INK, markersize=10)
    ax.set(xlabel="$x_1$", xlim=(-4.5, 4.5), ylim=(-2, 2))
    ax.grid(False)


def ratings_tables(
    R: Array, known: Array, completed: Array, truth: Array, readers: Sequence[str], titles: Sequence[str]
) -> Figure:
    """Show the known, the completed and the true ratings side by side.

    Parameters
    ----------
    R : (m, n) ndarray
        Ratings, 1 to 5, one reader a row.
    known : (m, n) ndarray of bool
        Where `R` is known.
    completed, truth : (m, n) ndarray
        The same table as the method fills it, and as it really is.
    readers, titles : sequence of str
        Names of the rows and of the columns.

    Returns
    -------
    Figure
        Three tables with the ratings written in.
    """
    fig, axes = plt.subplots(3, 1, figsize=(6.0, 8.6))
    tables = (("known", np.where(known, R, np.nan)), ("completed with rank two", completed), ("true", truth))
    for ax, (name, table) in zip(axes, tables, strict=True):
        plotting.picture(ax, table, name, limits=(0, 5))
        for (i, j), value in np.ndenumerate(table):
            if np.isfinite(value):
                colour = plotting.INK if value > 2.5 else plotting.PAPER
                weight = "normal" if known[i, j] else "bold"
                ax.annotate(f"{value:.1f}", (j, i), ha="center", va="center", color=colour, weight=weight)
        ax.set_yticks(range(len(readers)), readers)
        ax.set_aspect("auto")
    axes[-1].set_xticks(range(len(titles)), titles, rotation=30, ha="right")
    return fig
