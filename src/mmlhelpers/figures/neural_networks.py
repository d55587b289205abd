"""Figures of the section on neural networks.

Throughout, `X` (n, d) holds samples as rows and `c` (n,) their classes, and every function returns a new
Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmlhelpers import functional, nn, plotting
from mmlhelpers._checks import Array
from mmlhelpers.probability.estimation import Calibration

__all__ = [
    "confusions",
    "folded_plane",
    "half_precision_range",
    "polygons",
    "reliability",
    "spectra",
    "two_passes",
    "validation_curves",
]

Labels = NDArray[np.int64]

_LOOKS = (
    ("data", "-", "o"),
    ("model", "--", "s"),
    ("target", "-.", "^"),
    ("gradient", ":", "D"),
)


def folded_plane(X: Array, c: Labels, W1: Array, b1: Array, w2: Array) -> Figure:
    """Draw two classes in the plane and, beside it, as two ReLU units see them.

    Parameters
    ----------
    X : (n, 2) ndarray
        Points.
    c : (n,) ndarray
        Classes 0 and 1.
    W1 : (2, 2) ndarray
        Weights of the hidden units.
    b1 : (2,) ndarray
        Their biases.
    w2 : (2,) ndarray
        Weights of the output, which says class 1 above one half.

    Returns
    -------
    Figure
        Inputs on the left, hidden values on the right, the region of class 1 shaded in both.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.2))
    side = np.linspace(-0.5, 2.5, 151)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    hidden = functional.relu(X @ W1 + b1)
    for ax, points, output in (
        (left, X, functional.relu(grid @ W1 + b1) @ w2),
        (right, hidden, grid @ w2),
    ):
        ax.contourf(side, side, output, levels=[0.5, 99], colors=[plotting.ROLE["model"]], alpha=0.15)
        ax.contour(side, side, output, levels=[0.5], colors=plotting.INK, linewidths=1.2)
        for label, role, marker in ((0, "data", "o"), (1, "model", "^")):
            ax.plot(*points[c == label].T, marker, color=plotting.ROLE[role], markersize=10)
        ax.set(aspect="equal", xticks=[0, 1, 2], yticks=[0, 1, 2])
    left.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-0.4, 1.4), ylim=(-0.4, 1.4), xticks=[0, 1], yticks=[0, 1])
    right.set(xlabel="first hidden unit", ylabel="second hidden unit", xlim=(-0.3, 2.4), ylim=(-0.6, 1.6))
    right.annotate(
        "both points of class 1", hidden[1], xytext=(-46, -22), textcoords="offset points", fontsize=9
    )
    return fig


def polygons(f: Callable[[Array], Array], networks: Mapping[int, Array], x: Array) -> Figure:
    """Draw a curve, the polygons that networks make of it, and their errors.

    Parameters
    ----------
    f : callable
        The curve, from (m,) to (m,).
    networks : mapping of int to (m,) ndarray
        What networks of so many units say at `x`.
    x : (m,) ndarray
        From 0 to 1.

    Returns
    -------
    Figure
        Curves above, sizes of the errors below.
    """
    fig, (top, bottom) = plt.subplots(2, 1, figsize=(6.0, 4.4), sharex=True, height_ratios=(3, 2))
    top.plot(x, f(x), color=plotting.MUTED, linestyle="-", linewidth=4, alpha=0.5, label="sine")
    for (n, values), (role, style, marker) in zip(networks.items(), _LOOKS, strict=False):
        colour = plotting.ROLE[role]
        top.plot(x, values, color=colour, linestyle=style, linewidth=1.4, label=f"{n} units")
        knots = np.arange(n) / n
        top.plot(knots, np.interp(knots, x, values), marker, color=colour, markersize=5)
        error = np.maximum(np.abs(values - f(x)), 1e-4)
        bottom.semilogy(x, error, color=colour, linestyle=style, linewidth=1.2)
    top.set(ylabel="output")
    top.legend(fontsize=9)
    bottom.set(xlabel="x", ylabel="error", ylim=(1e-4, 1))
    return fig


def two_passes(n: int, d: int, h: int, k: int) -> Figure:
    """Draw the forward and the backward pass of a network of two layers with all shapes.

    Parameters
    ----------
    n, d, h, k : int
        Samples, inputs, hidden units, classes.

    Returns
    -------
    Figure
        Boxes joined by arrows: downwards on the left, upwards beside it, the gradients on the right.
    """
    fig, ax = plt.subplots(figsize=(4.2, 5.0))
    ax.set(xlim=(-0.42, 3.78), ylim=(4.45, -0.45))
    ax.axis("off")
    forward = (("X", (n, d)), ("Z₁", (n, h)), ("A₁", (n, h)), ("Z₂", (n, k)), ("L", ()))
    backward = (("Δ₁", (n, h)), ("Δ₂W₂ᵀ", (n, h)), ("Δ₂", (n, k)))
    for row, (name, shape) in enumerate(forward):
        _box(ax, 0, row, name, shape, "data")
    for row, (name, shape) in enumerate(backward, start=1):
        _box(ax, 1.75, row, name, shape, "gradient")
    steps = (f"W₁ {(d, h)}\nb₁ {(h,)}", "bend φ", f"W₂ {(h, k)}\nb₂ {(k,)}", "softmax,\n−log")
    for row, text in enumerate(steps):
        plotting.arrow(ax, (0, row + 0.7), (0, row + 0.3))
        ax.text(0.14, row + 0.5, text, va="center", fontsize=9.5, color=plotting.INK)
    for row, text in ((1, "⊙ φ′(Z₁)"), (2, "· W₂ᵀ")):
        plotting.arrow(ax, (1.75, row + 0.3), (1.75, row + 0.7), role="gradient")
        ax.text(1.89, row + 0.5, text, va="center", fontsize=9.5, color=plotting.INK)
    plotting.arrow(ax, (1.6, 3.3), (0.35, 3.95), role="gradient")
    for row, layer, came_in, shapes in ((0, "₁", "X", ((d, h), (h,))), (2, "₂", "A₁", ((h, k), (k,)))):
        plotting.arrow(ax, (2.85, row + 0.78), (2.15, row + 0.95), role="gradient", linestyle="--")
        lines = f"∇W{layer} = {came_in}ᵀΔ{layer}\n{shapes[0]}\n∇b{layer} = Δ{layer}ᵀ1\n{shapes[1]}"
        ax.text(
            3.2, row + 0.4, lines, ha="center", va="center", fontsize=9.5, color=plotting.ROLE["gradient"]
        )
    return fig


def _box(ax: Axes, x: float, y: float, name: str, shape: tuple[int, ...], role: str) -> None:
    """Write a name and a shape into a frame."""
    frame = {"boxstyle": "round,pad=0.35", "facecolor": plotting.PAPER, "edgecolor": plotting.ROLE[role]}
    text = f"{name}\n{shape if shape else 'number'}"
    ax.text(x, y, text, ha="center", va="center", fontsize=9.5, color=plotting.ROLE[role], bbox=frame)


def spectra(spectra: Mapping[str, Array]) -> Figure:
    """Draw the singular values of products of matrices.

    Parameters
    ----------
    spectra : mapping of str to (n,) ndarray
        Singular values, largest first, by name.

    Returns
    -------
    Figure
        One panel, vertical axis logarithmic and cut at a millionth.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    for (name, values), (role, style, _) in zip(spectra.items(), _LOOKS, strict=False):
        seen = values[values > 1e-6]
        ax.semilogy(np.arange(1, len(seen) + 1), seen, color=plotting.ROLE[role], linestyle=style, label=name)
    ax.set(xlabel="number of the singular value", ylabel="singular value", ylim=(1e-6, 1e3))
    ax.legend()
    return fig


def validation_curves(histories: Mapping[str, nn.History]) -> Figure:
    """Draw the validation losses of several trainings.

    Parameters
    ----------
    histories : mapping of str to History
        What training returned, by name; validated once an epoch.

    Returns
    -------
    Figure
        One panel; the lowest point of each curve is marked.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.4))
    for (name, history), (role, style, marker) in zip(histories.items(), _LOOKS, strict=False):
        losses = history.validation
        epochs, best = np.arange(1, len(losses) + 1), int(losses.argmin())
        width = 4 if name == "early stopping" else 1.8
        ax.plot(
            epochs, losses, color=plotting.ROLE[role], linestyle=style, linewidth=width, label=name, alpha=0.8
        )
        ax.plot(epochs[best], losses[best], marker, color=plotting.ROLE[role], markersize=8)
    ax.set(xlabel="epoch", ylabel="loss on held-out digits", ylim=(0.4, 1.2))
    ax.legend(fontsize=9, ncols=2)
    return fig


def half_precision_range(gradient: Array, scale: float) -> Figure:
    """Draw the sizes of gradient entries, plain and scaled, with the range of half precision.

    Parameters
    ----------
    gradient : (p,) ndarray
        Entries that are not zero.
    scale : float
        Factor of the loss.

    Returns
    -------
    Figure
        Two histograms, one above the other, with a common logarithmic axis.
    """
    limits = np.finfo(np.float16)
    low, high = np.log10(float(limits.smallest_subnormal)), np.log10(float(limits.max))
    fig, axes = plt.subplots(2, 1, figsize=(6.0, 3.6), sharex=True, sharey=True)
    for ax, factor, role, text in zip(
        axes, (1.0, scale), ("data", "model"), ("as it is", f"loss times {scale:,.0f}"), strict=True
    ):
        sizes = np.log10(np.abs(factor * gradient))
        ax.hist(sizes, bins=np.arange(-14, 6, 0.5), color=plotting.ROLE[role], edgecolor=plotting.PAPER)
        ax.axvspan(low, high, color=plotting.ROLE["target"], alpha=0.12, linewidth=0)
        for edge in (low, high):
            ax.axvline(edge, color=plotting.INK, linestyle="--", linewidth=1.2)
        ax.axvline(np.log10(float(limits.smallest_normal)), color=plotting.INK, linestyle=":", linewidth=1.2)
        ax.set(title=text, ylabel="entries")
    axes[1].set(xlabel="size of the entry, power of ten", xlim=(-14, 6))
    return fig


def confusions(matrix: Labels, pictures: Array, truth: Labels, answers: Labels) -> Figure:
    """Draw a confusion matrix and some of the pictures that were misread.

    Parameters
    ----------
    matrix : (10, 10) ndarray
        Counts, truth down and answer across.
    pictures : (4, 64) ndarray
        Pixels from 0 (paper) to 1 (ink).
    truth, answers : (4,) ndarray
        What they are and what was said.

    Returns
    -------
    Figure
        The table on the left, four pictures on the right.
    """
    fig = plt.figure(figsize=(6.2, 4.0))
    panels = fig.subplot_mosaic([["table", "0", "1"], ["table", "2", "3"]], width_ratios=(4, 1, 1))
    ax = panels.pop("table")
    ax.imshow(np.sqrt(matrix), cmap="Blues", vmax=8)
    for (i, j), count in np.ndenumerate(matrix):
        if count:
            colour = plotting.PAPER if count > 20 else plotting.INK
            ax.text(j, i, str(count), ha="center", va="center", fontsize=11, color=colour)
    ax.set(xticks=range(10), yticks=range(10), xlabel="answer", ylabel="truth")
    ax.grid(False)
    for ax, image, right, said in zip(panels.values(), pictures, truth, answers, strict=False):
        plotting.picture(ax, 1 - image.reshape(8, 8), f"{right}, read {said}")
    return fig


def reliability(curves: Mapping[str, Calibration]) -> Figure:
    """Draw how often classifiers are right against how sure they are.

    Parameters
    ----------
    curves : mapping of str to Calibration
        Confidence, accuracy and count of each bin, by the name of the classifier.

    Returns
    -------
    Figure
        One square panel with the diagonal.
    """
    fig, ax = plt.subplots(figsize=(5.4, 4.0))
    ax.plot([0, 1], [0, 1], color=plotting.MUTED, linestyle=":", label="as it should be")
    for (name, (confidence, accuracy, counts)), (role, style, marker) in zip(
        curves.items(), _LOOKS, strict=False
    ):
        colour, many = plotting.ROLE[role], counts >= 5  # fewer say nothing
        ax.plot(confidence[many], accuracy[many], color=colour, linestyle=style, label=name)
        ax.scatter(confidence[many], accuracy[many], s=20 + counts[many] / 2, color=colour, marker=marker)
    ax.set(xlabel="mean confidence", ylabel="share of right answers", xlim=(0.3, 1.02), ylim=(0.2, 1.05))
    ax.legend(fontsize=9)
    return fig
