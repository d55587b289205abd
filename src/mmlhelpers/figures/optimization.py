"""Figures of the section on optimization.

Throughout, `points` are the rows of a path, `X` and `y` samples and targets as on the page, and every
function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import functional, optim, plotting
from mmlhelpers._checks import Array

__all__ = [
    "activation_sizes",
    "coefficient_paths",
    "corners",
    "error_curves",
    "margin_losses",
    "schedules_and_noise",
    "svm_margin",
    "tangents",
]

_PAIR = (6.0, 3.1)
_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
_COLOURS = (*plotting.ROLE.values(), plotting.INK, plotting.MUTED)


def tangents() -> Figure:
    """Draw a convex curve and one with two valleys, with three tangents each.

    Returns
    -------
    Figure
        Two curves side by side.
    """
    x = np.linspace(-2.2, 2.2, 300)
    fig, (left, right) = plt.subplots(1, 2, figsize=_PAIR)
    curves: tuple[tuple[Axes, Callable[[Any], Any], Callable[[Any], Any]], ...] = (
        (
            left,
            lambda x: np.logaddexp(0, 2 * x) + 0.4 * x**2,
            lambda x: 2 * functional.sigmoid(2 * x) + 0.8 * x,
        ),
        (right, lambda x: x**4 - 2 * x**2 + x / 2, lambda x: 4 * x**3 - 4 * x + 0.5),
    )
    for ax, f, slope in curves:
        ax.plot(x, f(x), color=plotting.ROLE["data"], linestyle="-")
        for at in (-1.5, 0.3, 1.3):
            line = f(at) + slope(at) * (x - at)
            ax.plot(x, line, color=plotting.ROLE["gradient"], linestyle="--", linewidth=1.2)
            ax.plot(at, f(at), "o", color=plotting.ROLE["gradient"], markersize=5)
        ax.set(xlabel="x", xlim=(-2.2, 2.2))
    level = np.roots([4, 0, -4, 0.5]).real
    right.plot(level, level**4 - 2 * level**2 + level / 2, "s", color=plotting.INK, markersize=6)
    left.set(ylabel="f(x)", title="convex", ylim=(-1.5, 7))
    right.set(title="not convex", ylim=(-3, 4))
    return fig


def margin_losses() -> Figure:
    """Draw the losses of one sample against its margin.

    Returns
    -------
    Figure
        One panel with four curves.
    """
    margin = np.linspace(-3, 3, 301)
    one = np.ones(1)
    curves: dict[str, tuple[ArrayLike, str, str]] = {
        "hinge": ([functional.hinge_loss([m], one).value for m in margin], "data", "-"),
        "cross-entropy": ([functional.logistic_loss([m], one).value for m in margin], "model", "--"),
        "square of 1 − p": ((1 - functional.sigmoid(margin)) ** 2, "gradient", "-."),
    }
    fig, ax = plt.subplots()
    ax.step([-3, 0, 3], [1, 0, 0], where="post", color=plotting.MUTED, linestyle=":", label="mistake or not")
    for name, (values, role, style) in curves.items():
        ax.plot(margin, values, color=plotting.ROLE[role], linestyle=style, label=name)
    ax.set(xlabel="margin: score times true sign", ylabel="loss of one sample", ylim=(-0.1, 4))
    ax.legend()
    return fig


def error_curves(paths: Mapping[str, Array], solution: Array) -> Figure:
    """Draw the relative error of several paths against the number of steps.

    Parameters
    ----------
    paths : mapping of str to (k + 1, n) ndarray
        Points of each path, by the name of the method.
    solution : (n,) ndarray
        Where they should arrive.

    Returns
    -------
    Figure
        One panel, both axes logarithmic; step k stands at k + 1.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.8))
    for (name, points), colour, style in zip(paths.items(), _COLOURS, _STYLES, strict=False):
        errors = np.linalg.norm(points - solution, axis=1) / np.linalg.norm(solution)
        seen = errors > 1e-9  # below, only rounding is left
        seen[: np.argmin(seen) + 1] = True
        curve = np.maximum(errors, 1e-9)[: int(seen.sum())]
        ax.loglog(
            np.arange(1, len(curve) + 1), curve, color=colour, linestyle=style, label=name, linewidth=1.6
        )
    ax.axhline(1e-6, color=plotting.MUTED, linestyle=":", linewidth=1)
    ax.set(xlabel="steps + 1", ylabel="relative error of the weights", ylim=(5e-10, 3))
    ax.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return fig


def schedules_and_noise(
    schedules: Mapping[str, Callable[[int], float]], n_steps: int, X: Array, y: Array
) -> Figure:
    """Draw learning rates against the step, and where two constant steps leave stochastic descent.

    Parameters
    ----------
    schedules : mapping of str to callable
        Learning rates by name, functions of the step counted from 1.
    n_steps : int
        How many steps to draw.
    X : (n, 2) ndarray
        Two features.
    y : (n,) ndarray
        Targets.

    Returns
    -------
    Figure
        Schedules on the left, clouds of iterates on the right.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.6))
    t = np.arange(1, n_steps + 1)
    for (name, rate), colour, style in zip(schedules.items(), _COLOURS, _STYLES, strict=False):
        left.plot(t, [rate(int(i)) for i in t], color=colour, linestyle=style, label=name)
    left.set(xlabel="step", ylabel="learning rate")
    fig.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4, fontsize=9)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    f = optim.least_squares(X, y)
    for step, role, marker in ((0.1, "model", "o"), (0.01, "data", "^")):
        path = optim.stochastic_gradient_descent(
            f, best, step, np.random.default_rng(0), batch_size=4, n_epochs=8, record_every=2
        )
        points = path.points[50:]
        right.plot(
            *points.T, marker, color=plotting.ROLE[role], markersize=3, alpha=0.6, label=f"step {step}"
        )
    right.plot(*best, "+", color=plotting.INK, markersize=12, markeredgewidth=2)
    right.set(xlabel="weight of bmi", ylabel="weight of s5")
    right.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handletextpad=0)
    return fig


def activation_sizes(sizes: Mapping[str, ArrayLike]) -> Figure:
    """Draw how large the activations of each layer are for several scales of the weights.

    Parameters
    ----------
    sizes : mapping of str to sequence of float
        Root mean square of each layer, by the name of the scale.

    Returns
    -------
    Figure
        One panel, vertical axis logarithmic.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    for (name, values), colour, style in zip(sizes.items(), _COLOURS, _STYLES, strict=False):
        layers = np.asarray(values)
        ax.semilogy(range(len(layers)), layers, color=colour, linestyle=style, label=name)
        ax.annotate(
            name, (len(layers) - 1, layers[-1]), xytext=(5, -4), textcoords="offset points", color=colour
        )
    ax.set(xlabel="layer", ylabel="size of the activations", xlim=(0, 38))
    return fig


def corners(a: Array, H: Array, radius: float = 1.0) -> Figure:
    """Draw the level lines of a bowl with the balls of the 1-norm and of the 2-norm that it first touches.

    Parameters
    ----------
    a : (2,) ndarray
        Bottom of the bowl, outside both balls.
    H : (2, 2) ndarray
        Its Hessian, positive definite.
    radius : float
        Radius of both balls.

    Returns
    -------
    Figure
        The 1-norm on the left, the 2-norm on the right, each with its constrained minimum.
    """
    angles = np.linspace(0, 2 * np.pi, 721)
    circle = radius * np.column_stack([np.cos(angles), np.sin(angles)])
    diamond = circle / np.abs(circle).sum(axis=1, keepdims=True) * radius
    x, y = np.meshgrid(np.linspace(-1.6, 2.6, 141), np.linspace(-1.6, 2.6, 141))
    offsets = np.stack([x - a[0], y - a[1]], axis=-1)
    heights = 0.5 * np.einsum("...i,ij,...j->...", offsets, H, offsets)
    fig, axes = plt.subplots(1, 2, figsize=(6.0, 3.4), sharey=True)
    for ax, ball, name in zip(axes, (diamond, circle), ("|w₁| + |w₂| ≤ 1", "w₁² + w₂² ≤ 1"), strict=True):
        costs = 0.5 * np.einsum("ni,ij,nj->n", ball - a, H, ball - a)
        best = ball[costs.argmin()]
        levels = costs.min() * np.array([0.15, 0.5, 1.0, 1.7, 2.6])
        ax.contour(x, y, heights, levels=levels, colors=plotting.MUTED, linewidths=1)
        ax.fill(*ball.T, color=plotting.ROLE["data"], alpha=0.2, linewidth=0)
        ax.plot(*ball.T, color=plotting.ROLE["data"], linestyle="-", linewidth=1.5)
        ax.plot(*a, "+", color=plotting.INK, markersize=10)
        ax.plot(*best, "o", color=plotting.ROLE["model"], markersize=8)
        plotting.plane(ax, 1.0)
        ax.set(xlim=(-1.6, 2.6), ylim=(-1.4, 2.2), xlabel="$w_1$", title=name)
    axes[0].set_ylabel("$w_2$")
    return fig


def coefficient_paths(weights: Array, lasso: Array, ridge: Array, names: Sequence[str]) -> Figure:
    """Draw the coefficients of lasso and ridge against the weight of the penalty.

    Parameters
    ----------
    weights : (k,) ndarray
        Weights of the penalty, relative to the largest.
    lasso, ridge : (k, d) ndarray
        Coefficients, one row a weight.
    names : sequence of str
        What the features are called.

    Returns
    -------
    Figure
        Lasso on the left, ridge on the right, weights falling from left to right.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.0, 3.9), sharey=True)
    for ax, paths, title in zip(axes, (lasso, ridge), ("lasso", "ridge"), strict=True):
        for j, name in enumerate(names):
            colour, style = _COLOURS[j % 6], _STYLES[j % 4 if j < 6 else (j + 1) % 4]
            ax.semilogx(weights, paths[:, j], color=colour, linestyle=style, linewidth=1.4, label=name)
        ax.set(xlabel="weight of the penalty", title=title, xlim=(weights.max(), weights.min()))
    axes[0].set_ylabel("coefficient")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=9)
    return fig


def svm_margin(X: Array, y: Array, svm: optim.SVM, names: Sequence[str]) -> Figure:
    """Draw two classes, the line between them, its margin and the support vectors.

    Parameters
    ----------
    X : (n, 2) ndarray
        Two features.
    y : (n,) ndarray
        Labels -1 and 1.
    svm : SVM
        The trained classifier.
    names : sequence of str
        What the two features are called.

    Returns
    -------
    Figure
        One plane.
    """
    fig, ax = plt.subplots(figsize=(5.4, 4.0))
    for label, role, marker in ((-1, "data", "o"), (1, "model", "^")):
        ax.plot(
            *X[y == label].T, marker, color=plotting.ROLE[role], markersize=4, alpha=0.7, linestyle="none"
        )
    held = svm.alpha > 1e-6 * svm.alpha.max()
    ax.plot(*X[held].T, "o", color=plotting.INK, fillstyle="none", markersize=11, linestyle="none")
    low, high = X.min(axis=0) - 0.2, X.max(axis=0) + 0.2
    for level, style in ((-1, ":"), (0, "-"), (1, ":")):
        _border(ax, svm, level, np.array([low[0], high[0]]), style)
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return fig


def _border(ax: Axes, svm: optim.SVM, level: float, x: Array, style: str) -> None:
    """Draw the line w.x + b = level across the plane shown."""
    y = (level - svm.b - svm.w[0] * x) / svm.w[1]
    ax.plot(x, y, color=plotting.ROLE["target"], linestyle=style, linewidth=2 if level == 0 else 1.4)
