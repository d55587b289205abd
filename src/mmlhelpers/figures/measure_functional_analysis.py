"""Figures of the section on measure theory and functional analysis."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import plotting
from mmlhelpers._checks import Array

__all__ = ["swamp_world", "value_map"]

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
