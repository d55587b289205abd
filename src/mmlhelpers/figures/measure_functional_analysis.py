"""Figures of the section on measure theory and functional analysis.

Every function that draws returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import kernels, plotting
from mmlhelpers._checks import Array

__all__ = [
    "best_predictions",
    "bump_and_typewriter",
    "cantor_stages",
    "columns_and_layers",
    "contractions",
    "sum_of_kernels",
    "swamp_world",
    "two_priors",
    "value_map",
]

_PAIR = (6.0, 3.1)
_STYLES = ("-", "--", "-.", ":")

_ROWS, _COLUMNS = 6, 8
_GOAL = (0, 7)
_SWAMP = ((1, 3), (1, 4), (2, 3), (2, 4), (3, 3), (3, 4), (4, 4))
_DIRECTIONS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left


def swamp_world() -> tuple[Array, Array]:
    """Describe a grid of 6 by 8 places with a swamp and a goal.

    Returns
    -------
    moves : (4, 48, 48) ndarray
        For up, right, down and left the probabilities of the next place: four fifths for the place meant, one
        fifth for staying; a border keeps the agent where it is, and the goal keeps it for ever.
    rewards : (48, 4) ndarray
        Minus one a step, minus ten from a place in the swamp, zero at the goal.
    """
    n = _ROWS * _COLUMNS
    moves, rewards = np.zeros((4, n, n)), np.full((n, 4), -1.0)
    for s in range(n):
        i, j = divmod(s, _COLUMNS)
        for action, (di, dj) in enumerate(_DIRECTIONS):
            meant = min(max(i + di, 0), _ROWS - 1) * _COLUMNS + min(max(j + dj, 0), _COLUMNS - 1)
            moves[action, s, meant] += 0.8
            moves[action, s, s] += 0.2
    for i, j in _SWAMP:
        rewards[i * _COLUMNS + j] = -10.0
    goal = _GOAL[0] * _COLUMNS + _GOAL[1]
    moves[:, goal], rewards[goal] = np.eye(n)[goal], 0.0
    return moves, rewards


def value_map(values: ArrayLike, policy: ArrayLike) -> Figure:
    """Show the value of each place of the swamp world and the best move there.

    Parameters
    ----------
    values : (48,) array_like
        Values, row by row.
    policy : (48,) array_like of int
        Best moves: 0 up, 1 right, 2 down, 3 left.

    Returns
    -------
    Figure
        The grid with shades, arrows, dots in the swamp, and a star at the goal.
    """
    grid, best = np.reshape(values, (_ROWS, _COLUMNS)), np.reshape(policy, (_ROWS, _COLUMNS))
    fig, ax = plt.subplots(figsize=(5.4, 3.7))
    ax.imshow(grid, cmap="Blues_r", vmin=grid.min() * 1.6, vmax=0)
    for (i, j), action in np.ndenumerate(best):
        if (i, j) == _GOAL:
            ax.plot(j, i, "*", color=plotting.ROLE["model"], markersize=16)
            continue
        di, dj = _DIRECTIONS[int(action)]
        ends = (j + 0.28 * dj, i + 0.28 * di), (j - 0.28 * dj, i - 0.28 * di)
        ax.annotate("", *ends, arrowprops={"arrowstyle": "-|>", "color": plotting.INK})
    for i, j in _SWAMP:
        corners = [(dx, dy) for dx in (-0.35, 0.35) for dy in (-0.35, 0.35)]
        ax.plot(*np.add([j, i], corners).T, ".", color=plotting.INK, markersize=4)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    return fig


def cantor_stages(n: int) -> Figure:
    """Draw what is left of the unit interval after 0, 1, ..., n removals of middle thirds.

    Parameters
    ----------
    n : int
        Number of removals.

    Returns
    -------
    Figure
        One row of bars for each stage, with the length that is left.
    """
    fig, ax = plt.subplots(figsize=(6.0, 2.6))
    starts = np.zeros(1)
    for step in range(n + 1):
        width = 3.0**-step
        ax.bar(starts, 0.55, width, -step - 0.275, align="edge", color=plotting.ROLE["data"])
        ax.text(1.03, -step, f"{(2 / 3) ** step:.3f}", va="center")
        starts = np.concatenate([starts, starts + 2 * width / 3])
    ax.text(1.03, 0.9, "length", va="center")
    ax.set(xlim=(0, 1.16), ylim=(-n - 0.5, 1.3), ylabel="removals")
    ax.set_xticks([0, 1 / 3, 2 / 3, 1], ["0", "1/3", "2/3", "1"])
    ax.set_yticks(range(-n, 1), [str(step) for step in range(n, -1, -1)])
    ax.grid(False)
    return fig


def columns_and_layers(values: ArrayLike) -> Figure:
    """Draw the mean of some values as an area, cut into columns by place and into layers by height.

    Parameters
    ----------
    values : (n,) array_like
        Positive values, each with the probability 1 / n.

    Returns
    -------
    Figure
        Columns in the given order on the left, layers on the right.
    """
    y = np.asarray(values, dtype=float)
    n = len(y)
    heights = np.concatenate([[0.0], np.sort(y)])
    above = np.arange(n, 0, -1) / n  # share of the values that reach each layer
    fig, (left, right) = plt.subplots(1, 2, figsize=_PAIR, sharey=True)
    edge: dict[str, Any] = {"align": "edge", "edgecolor": plotting.PAPER, "linewidth": 0.6}
    left.bar(np.arange(n) / n, y, 1 / n, color=plotting.ROLE["data"], **edge)
    right.barh(heights[:-1], above, np.diff(heights), color=plotting.ROLE["model"], **edge)
    left.set(xlabel="place", ylabel="value", title=f"columns: value × 1/{n}", xlim=(0, 1))
    right.set(xlabel="share of places above", title="layers: share × height", xlim=(0, 1))
    return fig


def bump_and_typewriter(bump: Callable[[int, Array], Array], keys: NDArray[np.bool_], at: float) -> Figure:
    """Draw bumps that grow over ever shorter intervals, and the keys of a typewriter line after line.

    Parameters
    ----------
    bump : callable
        From n and points of the unit interval to the values of the n-th function.
    keys : (k, m) ndarray of bool
        For each key whether it strikes each of m midpoints of the unit interval.
    at : float
        The place to watch, from 0 to 1.

    Returns
    -------
    Figure
        Four bumps on the left; on the right one bar for each key, thick if it strikes the place.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.6))
    x = np.linspace(-0.05, 1, 2101)
    for n, colour, style in zip((2, 4, 8, 16), plotting.ROLE.values(), _STYLES, strict=True):
        left.plot(x, bump(n, x), color=colour, linestyle=style, linewidth=1.6, label=f"n = {n}")
    left.set(xlabel="x", ylabel="value", title="bumps", xlim=(-0.05, 1))
    left.legend(fontsize=10)
    m = keys.shape[1]
    begin, width = keys.argmax(axis=1) / m, keys.mean(axis=1)
    struck = keys[:, int(at * m)]
    rows = np.arange(1, len(keys) + 1)
    for chosen, colour, thick in ((struck, plotting.ROLE["model"], 0.75), (~struck, plotting.MUTED, 0.3)):
        right.barh(rows[chosen], width[chosen], thick, begin[chosen], color=colour)
    right.axvline(at, color=plotting.INK, linestyle="--", linewidth=1)
    right.set(xlabel="x", ylabel="key", title="typewriter", xlim=(0, 1), ylim=(len(keys) + 1, 0))
    right.set_yticks(range(5, len(keys) + 1, 5))
    return fig


def best_predictions(x: Array, y: Array, edges: Array, means: Array) -> Figure:
    """Draw samples with the best line and with the best function that is constant on classes of x.

    Parameters
    ----------
    x, y : (n,) ndarray
        What is known, and what is to be predicted.
    edges : (k - 1,) ndarray
        Borders between the k classes of x.
    means : (k,) ndarray
        Mean of y in each class.

    Returns
    -------
    Figure
        A cloud, a straight line and a staircase.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.6))
    ends = np.array([x.min(), x.max()])
    slope, height = np.polyfit(x, y, 1)
    ax.plot(x, y, ".", color=plotting.MUTED, markersize=3, alpha=0.6)
    ax.plot(ends, height + slope * ends, "--", color=plotting.ROLE["data"], label="best line")
    ax.stairs(
        means,
        np.concatenate([ends[:1], edges, ends[1:]]),
        baseline=None,
        color=plotting.ROLE["model"],
        linewidth=2.5,
        label="mean of each class",
    )
    ax.set(xlabel="body-mass index (scaled)", ylabel="progress of the disease", ylim=(0, 360))
    ax.legend(loc="lower right")
    return fig


def contractions(distances: Mapping[float, Array]) -> Figure:
    """Draw how far neighbouring iterates of contractions are apart, with the bounds of their factors.

    Parameters
    ----------
    distances : mapping of float to (k,) ndarray
        For each factor, below 1, the distances between neighbouring iterates; at most four factors.

    Returns
    -------
    Figure
        One curve and one thin line for each factor, down to a millionth.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    for (q, d), colour, marker in zip(distances.items(), plotting.ROLE.values(), "os^D", strict=False):
        steps, seen = np.arange(len(d)), d > 1e-6  # below, nothing is left to see
        ax.semilogy(steps, d[0] * q**steps, ":", color=colour, linewidth=1.4)
        ax.semilogy(steps[seen], d[seen], "-", color=colour, marker=marker, markersize=4, label=f"γ = {q}")
    ax.set(xlabel="step", ylabel="distance to the next iterate", ylim=(5e-7, 30))
    ax.legend()
    return fig


def sum_of_kernels(x: Array, y: Array, weights: Array, width: float) -> Figure:
    """Draw noisy values, the weighted Gaussian kernels at their places, and the sum of these.

    Parameters
    ----------
    x : (n, 1) ndarray
        Samples.
    y, weights : (n,) ndarray
        Values and the weights of the kernels.
    width : float
        Width of the kernel, positive.

    Returns
    -------
    Figure
        Points, n thin bumps and one curve.
    """
    grid = np.linspace(-0.6, 1.6, 221)[:, None]
    bumps = kernels.gaussian_kernel(grid, x, width) * weights  # (221, n)
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    lines = [np.column_stack([grid, bump]) for bump in bumps.T]
    ax.add_collection(LineCollection(lines, colors=plotting.MUTED, linewidths=0.7, label="$a_i\\,k(x_i, x)$"))
    ax.plot(grid, bumps.sum(axis=1), "-", color=plotting.ROLE["model"], label="their sum")
    ax.plot(x, y, "o", color=plotting.ROLE["data"], markersize=4.5, label="values")
    ax.set(xlabel="x", ylabel="value", xlim=(-0.6, 1.6))
    ax.legend(fontsize=10)
    return fig


def two_priors(
    covariances: Mapping[str, Callable[[Array, Array], Array]], x: Array, y: Array, noise: float
) -> Figure:
    """Draw random functions of two kernels, and what is believed after some values were seen.

    Parameters
    ----------
    covariances : mapping of str to callable
        Two kernels by name, from points (m, 1) and (n, 1) to their matrix (m, n); one on the diagonal.
    x : (n, 1) ndarray
        Samples.
    y : (n,) ndarray
        Values seen there.
    noise : float
        Variance of the noise, positive.

    Returns
    -------
    Figure
        A column for each kernel: draws above, mean and band of two standard deviations below.
    """
    grid = np.linspace(-0.3, 1.3, 161)[:, None]
    normal = np.random.default_rng(0).normal(size=(161, 3))
    fig, axes = plt.subplots(2, 2, figsize=(6.0, 4.4), sharex=True, sharey=True)
    for (name, k), (above, below) in zip(covariances.items(), axes.T, strict=True):
        draws = np.linalg.cholesky(k(grid, grid) + 1e-6 * np.eye(161)) @ normal
        for draw, colour, style in zip(draws.T, plotting.ROLE.values(), _STYLES, strict=False):
            above.plot(grid, draw, color=colour, linestyle=style, linewidth=1.2)
        belief = kernels.gaussian_process(k(x, x), k(grid, x), np.ones(161), y, noise)
        _band(below, grid[:, 0], belief)
        below.plot(x, y, "o", color=plotting.ROLE["data"], markersize=5)
        above.set_title(name)
        below.set(xlabel="x", xlim=(-0.3, 1.3), ylim=(-3, 3))
    axes[0, 0].set_ylabel("f(x), before")
    axes[1, 0].set_ylabel("f(x), after")
    return fig


def _band(ax: Axes, grid: Array, belief: kernels.Posterior) -> None:
    """Draw means with a band of two standard deviations."""
    low, high = belief.mean - 2 * belief.deviation, belief.mean + 2 * belief.deviation
    ax.fill_between(grid, low, high, color=plotting.ROLE["model"], alpha=0.2, linewidth=0)
    ax.plot(grid, belief.mean, "-", color=plotting.ROLE["model"])
