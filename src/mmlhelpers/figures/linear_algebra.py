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
    "bills_as_lines",
    "blank_pixels",
    "circle_to_ellipse",
    "descent_on_bowls",
    "four_subspaces",
    "line_with_residuals",
    "low_rank_pictures",
    "parallelogram_in_box",
    "principal_axes",
    "quadratic_forms",
    "ratings_tables",
    "readers_as_arrows",
    "repeated_maps",
    "shortest_solution",
    "turned_arrows",
    "whole_combinations",
]

_PAIR = (4.8, 2.5)  # so small that letters can be read on a phone


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


def parallelogram_in_box(A: Array) -> Figure:
    """Draw the image of the unit square in the smallest upright box, and cut the rest of the box into pieces.

    Parameters
    ----------
    A : (2, 2) ndarray
        Positive entries and a positive determinant, so that the pieces fit.

    Returns
    -------
    Figure
        One plane; each of the six pieces around the parallelogram carries its area.
    """
    (a, b), (c, d) = A
    width, height = a + b, c + d
    pieces = [  # each a polygon, in pairs of equal area
        ([(0, 0), (a, 0), (a, c)], a * c / 2),
        ([(b, d), (width, height), (b, height)], a * c / 2),
        ([(a, 0), (width, 0), (width, c), (a, c)], b * c),
        ([(0, d), (b, d), (b, height), (0, height)], b * c),
        ([(a, c), (width, c), (width, height)], b * d / 2),
        ([(0, 0), (b, d), (0, d)], b * d / 2),
    ]
    fig, ax = plt.subplots(figsize=(4.6, 0.6 + 4.2 * height / width))
    for corners, area in pieces:
        x, y = np.array(corners).T
        ax.fill(x, y, facecolor="none", edgecolor=plotting.MUTED, linestyle=":", linewidth=1.2)
        ax.text(x.mean(), y.mean(), f"{area:g}", color=plotting.MUTED, ha="center", va="center")
    role = plotting.ROLE["model"]
    ax.fill([0, a, width, b], [0, c, height, d], facecolor=(role, 0.25), edgecolor=role, linestyle="-")
    ax.text(width / 2, height / 2, f"{a * d - b * c:g}", color=role, ha="center", va="center", fontsize=14)
    plotting.arrow(ax, A[:, 0], label="$Ae_1$", offset=(-36.0, 5.0))
    plotting.arrow(ax, A[:, 1], label="$Ae_2$", offset=(6.0, -14.0))
    ax.set(xlim=(-0.1, width + 0.1), ylim=(-0.1, height + 0.1), aspect="equal")
    ax.set(xticks=np.arange(width + 1), yticks=np.arange(height + 1))
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
    plotting.picture(left, mean / mean.max(), "mean of all")
    plotting.picture(right, 1 - 0.15 * ~blank - 0.85 * blank, "always zero: black")
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
    fig, (before, after) = plt.subplots(1, 2, figsize=(5.0, 3.3))
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


def bills_as_lines(systems: Sequence[tuple[Array, Array]]) -> Figure:
    """Draw two equations with two unknowns as two lines, one panel a system.

    Parameters
    ----------
    systems : sequence of ((2, 2) ndarray, (2,) ndarray)
        Matrix and right side of each system; no equation may have a zero factor at the second unknown.

    Returns
    -------
    Figure
        As many panels as systems, side by side; a single solution is marked.
    """
    fig, axes = plt.subplots(1, len(systems), figsize=(1.6 * len(systems), 2.3), sharey=True)
    x1 = np.array([0.0, 6.0])
    for ax, (A, b) in zip(axes, systems, strict=True):
        for row, value, role, style in zip(A, b, ("data", "model"), ("-", "--"), strict=True):
            ax.plot(x1, (value - row[0] * x1) / row[1], color=plotting.ROLE[role], linestyle=style)
        if linalg.rank(A) == 2:
            ax.plot(*linalg.solve(A, b), "o", color=plotting.INK, zorder=5)
        ax.set(
            xlim=(0, 6),
            ylim=(0, 9),
            title=f"determinant {linalg.determinant(A):.3g}",
        )
    axes[0].set_ylabel("price of a cake")
    axes[len(axes) // 2].set_xlabel("price of a coffee")
    return fig


def whole_combinations(pairs: Sequence[Array]) -> Figure:
    """Draw the combinations of two arrows with whole coefficients, one panel a pair.

    Parameters
    ----------
    pairs : sequence of (2, 2) ndarray
        Two arrows each, as columns.

    Returns
    -------
    Figure
        As many planes as pairs, side by side.
    """
    whole = np.arange(-6, 7)
    coefficients = np.stack(np.meshgrid(whole, whole)).reshape(2, -1)  # (2, 169)
    fig, axes = plt.subplots(1, len(pairs), figsize=(2.4 * len(pairs), 2.5))
    for ax, A in zip(axes, pairs, strict=True):
        plotting.plane(ax, 5.5)
        ax.plot(*(A @ coefficients), "o", color=plotting.MUTED, markersize=3.5)
        for column, role in zip(A.T, ("model", "data"), strict=True):
            plotting.arrow(ax, column, role=role)
        ax.set(xticks=(), yticks=())
    return fig


def line_with_residuals(t: Array, b: Array, w: Array) -> Figure:
    """Draw points, a line through them, and what the line leaves of each.

    Parameters
    ----------
    t, b : (n,) ndarray
        Coordinates of the points.
    w : (2,) ndarray
        Height at 0 and slope of the line.

    Returns
    -------
    Figure
        One panel.
    """
    fitted = w[0] + w[1] * t
    fig, ax = plt.subplots(figsize=(4.2, 2.8))
    ax.axline((0, w[0]), slope=w[1], color=plotting.ROLE["model"])
    ax.vlines(t, fitted, b, color=plotting.ROLE["target"], linestyle="--")
    ax.plot(t, fitted, "s", color=plotting.ROLE["model"], markersize=4)
    ax.plot(t, b, "o", color=plotting.ROLE["data"], zorder=5)
    for place, low, high in zip(t, fitted, b, strict=True):
        ax.annotate(
            f"{high - low:+.3g}", (place, (low + high) / 2), xytext=(5, -3), textcoords="offset points"
        )
    ax.set(
        xlim=(t.min() - 0.3, t.max() + 0.4),
        ylim=(0, 1.1 * b.max()),
        xlabel="hours of practice",
        ylabel="points",
    )
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
    fig, ax = plt.subplots(figsize=(4.6, 3.9))
    ax.scatter(X[:, 0], X[:, 1], s=14, color=plotting.ROLE["data"], alpha=0.45, linewidths=0)
    for value, q, role, style in zip(values, Q.T, ("model", "target"), ("-", "--"), strict=True):
        plotting.arrow(
            ax, 2 * np.sqrt(value) * q, role=role, linestyle=style, label=f"$\\lambda$ = {value:.2f}"
        )
    ax.set(xlim=(-3.4, 3.4), ylim=(-2.4, 3.4), aspect="equal")
    x, y = (f"{name.replace('_', ' ')} (standardised)" for name in names)
    ax.set(xlabel=x, ylabel=y)
    return fig


def turned_arrows(A: Array) -> Figure:
    """Draw unit arrows, each joined to where a matrix with two real eigenvalues takes it.

    Parameters
    ----------
    A : (2, 2) ndarray
        Symmetric matrix; its eigenvectors are drawn as lines.

    Returns
    -------
    Figure
        One plane with sixteen arrows, among them the eigenvectors.
    """
    values, Q = linalg.eigh(A)
    fig, ax = plt.subplots(figsize=(4.6, 4.6))
    plotting.plane(ax, 1.15 * values[0])
    start = np.arctan2(Q[1, 0], Q[0, 0])
    for angle in start + np.arange(16) * np.pi / 8:
        x = np.array([np.cos(angle), np.sin(angle)])
        ax.plot(*np.column_stack([x, A @ x]), color=plotting.MUTED, linestyle=":", linewidth=1, zorder=2)
        plotting.arrow(ax, x, role="data")
        ax.plot(*(A @ x), "o", color=plotting.ROLE["model"], markersize=5, zorder=5)
    for value, q, role, style in zip(values, Q.T, ("target", "gradient"), ("--", "-."), strict=True):
        plotting.line_through(ax, q, role, linestyle=style, label=f"$\\lambda$ = {value:.3g}")
    ax.legend(loc="lower center")
    return fig


def repeated_maps(matrices: Sequence[Array], start: Array, n_steps: int) -> Figure:
    """Draw what becomes of one point when a matrix is applied again and again.

    Parameters
    ----------
    matrices : sequence of (2, 2) ndarray
        One panel each, titled with the largest absolute value of an eigenvalue.
    start : (2,) ndarray
        The first point.
    n_steps : int
        How often each matrix is applied.

    Returns
    -------
    Figure
        As many planes as matrices, side by side.
    """
    fig, axes = plt.subplots(1, len(matrices), figsize=(1.7 * len(matrices), 2.1))
    for ax, A in zip(axes, matrices, strict=True):
        path = [start]
        for _ in range(n_steps):
            path.append(A @ path[-1])
        points = np.array(path)  # (n_steps + 1, 2)
        plotting.plane(ax, 1.15 * float(np.abs(points).max()))
        ax.plot(*points.T, "o-", color=plotting.ROLE["data"], markersize=3.5, linewidth=0.8)
        ax.plot(*start, "s", color=plotting.ROLE["model"], markersize=6, zorder=5)
        ax.set_title(f"$|\\lambda|$ = {np.abs(np.linalg.eigvals(A)).max():.3g}")
        ax.set(xticks=(), yticks=())
    return fig


def quadratic_forms(matrices: Sequence[Array]) -> Figure:
    """Draw the level curves of x -> x^T A x, with the directions of the eigenvectors.

    Parameters
    ----------
    matrices : sequence of (2, 2) ndarray
        Symmetric matrices, one panel each, titled with the eigenvalues.

    Returns
    -------
    Figure
        As many planes as matrices, side by side; negative levels are dashed.
    """
    side = np.linspace(-2, 2, 81)
    x, y = np.meshgrid(side, side)
    fig, axes = plt.subplots(1, len(matrices), figsize=(1.7 * len(matrices), 2.1))
    for ax, A in zip(axes, matrices, strict=True):
        heights = A[0, 0] * x**2 + 2 * A[0, 1] * x * y + A[1, 1] * y**2
        values, Q = linalg.eigh(A)
        plotting.plane(ax, 2)
        levels = (-8, -4, -2, -0.5, 0.5, 2, 4, 8)
        ax.contour(x, y, heights, levels, colors=plotting.ROLE["data"], linewidths=1)
        for q, role, style in zip(Q.T, ("target", "gradient"), ("--", "-."), strict=True):
            plotting.line_through(ax, q, role, linestyle=style)
        ax.set_title(f"$\\lambda$ = {values[0]:.3g}, {values[1]:.3g}")
        ax.set(xticks=(), yticks=())
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


def shortest_solution(A: Array, b: Array) -> Figure:
    """Draw all least squares solutions of a system of rank one, and the shortest of them.

    Parameters
    ----------
    A : (m, 2) ndarray
        A matrix of rank one.
    b : (m,) ndarray
        Right-hand side.

    Returns
    -------
    Figure
        The plane of x with the line of solutions and three arrows to it.
    """
    shortest = linalg.pseudoinverse(A) @ b
    along = linalg.null_space(A)[:, 0]
    fig, ax = plt.subplots(figsize=(4.2, 4.2))
    plotting.plane(ax, 1.5)
    start, end = (shortest - along).tolist(), (shortest + along).tolist()
    ax.axline(start, end, color=plotting.ROLE["data"], linestyle="--", label="all solutions")
    for shift in (-0.8, 0.8):
        plotting.arrow(ax, shortest + shift * along, role="target")
    plotting.arrow(ax, shortest, role="model", label="$x^+$", offset=(8.0, 6.0))
    ax.legend(loc="lower left", fontsize=9)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
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
        Contours and the first steps of the path, one bowl below the other, with equal units on both axes.
    """
    fig, axes = plt.subplots(len(condition_numbers), 1, figsize=(5.0, 5.4), sharex=True)
    for ax, kappa in zip(axes, condition_numbers, strict=True):
        _bowl(ax, np.array([1.0, kappa]), start=np.array([4.0, 1.2]))
        ax.set_title(f"condition number {kappa}")
        ax.set_ylabel("$x_2$")
    axes[-1].set_xlabel("$x_1$")
    return fig


def _bowl(ax: Axes, curvatures: Array, start: Array) -> None:
    x, y = np.meshgrid(np.linspace(-4.5, 4.5, 121), np.linspace(-2, 2, 81))
    heights = 0.5 * (curvatures[0] * x**2 + curvatures[1] * y**2)
    ax.contour(x, y, heights, levels=0.5 * np.geomspace(0.2, 60, 9), colors=plotting.MUTED, linewidths=0.8)
    factors = 1 - 2 / curvatures.sum() * curvatures
    path = start * factors ** np.arange(20)[:, None]
    ax.plot(*path.T, "o-", color=plotting.ROLE["gradient"], markersize=3, linewidth=1.2)
    ax.plot(0, 0, "+", color=plotting.INK, markersize=10)
    ax.set(xlim=(-4.5, 4.5), ylim=(-2, 2), aspect="equal")
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
