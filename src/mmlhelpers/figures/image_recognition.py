"""Figures of the section on image recognition.

Throughout, `images` are pictures (n, height, width, 3) from 0 to 1, `labels` (n,) are 0 for a cat and 1 for a
dog, and every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import convolution, datasets, nn, plotting, probability, vision
from mmlhelpers._checks import Array, Mask

__all__ = [
    "ablation",
    "contact_sheet",
    "evidence",
    "filtered",
    "first_layer",
    "honesty",
    "learning",
    "one_change",
    "shared_weights",
    "shortcut",
    "templates",
]

_NAMES = ("cat", "dog")
_COLOURS = (*plotting.ROLE.values(), plotting.INK, plotting.MUTED)
_MARKERS = ("s", "^", "D", "v", "P", "X")
Labels = NDArray[np.int64]


def contact_sheet(images: Array, labels: Labels) -> Figure:
    """Show the first eight cats above the first eight dogs.

    Parameters
    ----------
    images : (n, h, w, 3) ndarray
        Pictures.
    labels : (n,) ndarray
        Classes.

    Returns
    -------
    Figure
        Two rows of eight.
    """
    fig, axes = plt.subplots(2, 8, figsize=(6.4, 1.9))
    for row, kind in zip(axes, (0, 1), strict=True):
        for ax, image in zip(row, images[labels == kind], strict=False):
            plotting.picture(ax, image)
        row[0].set_ylabel(_NAMES[kind])
    return fig


def one_change(names: Sequence[str], seed: int) -> Figure:
    """Draw one pet with one factor moved through its range, a row a factor.

    Parameters
    ----------
    names : sequence of str
        Factors of `datasets.PET_FACTORS` that are numbers.
    seed : int
        Which pet.

    Returns
    -------
    Figure
        A row of six drawings for each factor.
    """
    fig, axes = plt.subplots(len(names), 6, figsize=(6.4, 1.15 * len(names)))
    for row, name in zip(axes, names, strict=True):
        low, high = datasets.PET_FACTORS[name].ends
        for ax, value in zip(row, np.linspace(low, high, 6), strict=True):
            pet = datasets.draw_pets(1, np.random.default_rng(seed), **{name: value})
            plotting.picture(ax, pet.images[0])
        row[0].set_ylabel(name)
    return fig


def templates(images: Array, labels: Labels, weights: Array) -> Figure:
    """Show the mean cat, the mean dog, their difference and the weights of a linear classifier.

    Parameters
    ----------
    images : (n, h, w, 3) ndarray
        Pictures.
    labels : (n,) ndarray
        Classes.
    weights : (h * w * 3, 2) ndarray
        One column a class.

    Returns
    -------
    Figure
        Four pictures; in the last two grey is zero.
    """
    cat, dog = (images[labels == kind].mean(axis=0) for kind in (0, 1))
    template = (weights[:, 1] - weights[:, 0]).reshape(images.shape[1:])
    titles = ("mean cat", "mean dog", "dog minus cat", "logistic regression")
    fig, axes = plt.subplots(1, 4, figsize=(6.4, 2.0))
    for ax, picture, title in zip(
        axes, (cat, dog, _stretched(dog - cat), _stretched(template)), titles, strict=True
    ):
        plotting.picture(ax, picture, title)
    return fig


def filtered(photo: Array) -> Figure:
    """Show a photograph and what five kernels make of it.

    Parameters
    ----------
    photo : (h, w) ndarray
        Grey levels from 0 to 1.

    Returns
    -------
    Figure
        Six pictures; the edges are shown with grey for zero.
    """
    blur = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    kernels = {
        "blurred (Gauss)": (blur, False),
        "edges across (Sobel)": (sobel, True),
        "edges down (Sobel)": (sobel.T, True),
        "Laplace": (laplace, True),
        "sharpened": (np.pad([[1]], 1) - laplace, False),
    }
    fig, axes = plt.subplots(3, 2, figsize=(6.0, 6.4))
    plotting.picture(axes.flat[0], photo, "photograph")
    for ax, (name, (kernel, signed)) in zip(axes.flat[1:], kernels.items(), strict=True):
        answer = convolution.correlate(photo, kernel)
        plotting.picture(ax, _stretched(answer) if signed else np.clip(answer, 0, 1), name)
    return fig


def shared_weights() -> Figure:
    """Show the matrix of a 3 by 3 kernel beside a full matrix of the same shape.

    Returns
    -------
    Figure
        Two matrices of 36 rows and 64 columns; white is zero.
    """
    kernel = np.array([[1.0, 2, 1], [-2, 4, -2], [-1, -4, -1]])
    sparse = convolution.correlation_matrix(kernel, (8, 8))
    dense = np.random.default_rng(0).normal(size=sparse.shape)
    fig, axes = plt.subplots(1, 2, figsize=(6.4, 2.3))
    for ax, matrix, name in zip(axes, (sparse, dense), ("9 weights, shared", "2,304 weights"), strict=True):
        ax.imshow(matrix, cmap="PuOr", vmin=-4, vmax=4)
        ax.grid(False)
        ax.set(xlabel="pixel", title=name, xticks=[], yticks=[])
    axes[0].set_ylabel("place of the window")
    return fig


def learning(history: nn.History, level: float) -> Figure:
    """Draw the loss of every step, and the accuracy after every pass over the data.

    Parameters
    ----------
    history : History
        Of `nn.train`; its samples are accuracies.
    level : float
        Accuracy of a baseline.

    Returns
    -------
    Figure
        Two panels.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.0))
    loss = history.train_loss
    width = 25
    mean = np.convolve(loss, np.ones(width) / width, mode="valid")
    left.plot(loss, color=plotting.MUTED, linewidth=0.6, linestyle="-")
    left.plot(np.arange(width - 1, len(loss)), mean, color=plotting.ROLE["model"], linestyle="-")
    left.axhline(np.log(2), color=plotting.INK, linestyle=":", linewidth=1)
    left.set(xlabel="step", ylabel="loss of the batch, nats", ylim=(0, 0.9))
    right.plot(100 * np.array(history.samples), "o-", color=plotting.ROLE["model"])
    right.axhline(100 * level, color=plotting.ROLE["data"], linestyle="--")
    right.set(xlabel="passes over the data", ylabel="recognised, per cent", ylim=(45, 100))
    return fig


def ablation(runs: Mapping[str, nn.History]) -> Figure:
    """Draw how several runs went, and their last losses on the pictures seen and on those put aside.

    Parameters
    ----------
    runs : mapping of str to History
        Runs with a validation, by name.

    Returns
    -------
    Figure
        Left, the loss on the pictures put aside against the step. Right, one line a run, from the loss on
        what was seen to the loss on the rest.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.4, 3.6))
    styles = zip(_COLOURS, _MARKERS, strict=True)
    for place, ((name, run), (colour, marker)) in enumerate(zip(runs.items(), styles, strict=True)):
        left.plot(run.checked, run.validation, marker=marker, color=colour, linestyle="-", linewidth=1.3)
        seen, new = float(run.train_loss[-30:].mean()), float(run.validation[-1])
        right.plot([seen, new], [place, place], color=plotting.MUTED, linestyle="-", linewidth=1.5)
        right.plot(seen, place, "o", color=plotting.PAPER, markeredgecolor=colour, markeredgewidth=1.5)
        right.plot(new, place, marker, color=colour, label=name)
    left.set(xlabel="step", ylabel="loss on pictures put aside, nats", ylim=(0, None))
    right.set_yticks(range(len(runs)), list(runs))
    right.invert_yaxis()
    right.set(xlabel="loss at the end, nats", xlim=(0, None))
    return fig


def honesty(p: Array, labels: Labels, right: Mask, cases: Mapping[str, Mask]) -> Figure:
    """Draw a calibration curve, and the accuracy with and without several conditions.

    Parameters
    ----------
    p : (n,) ndarray
        Probability of a dog.
    labels : (n,) ndarray
        Classes.
    right : (n,) ndarray of bool
        Whether the answer was right.
    cases : mapping of str to (n,) ndarray of bool
        Where each condition holds.

    Returns
    -------
    Figure
        Two panels with Wilson intervals.
    """
    fig, (left, axis) = plt.subplots(1, 2, figsize=(6.4, 3.2))
    curve = probability.calibration_curve(p, labels, n_bins=5)
    left.plot([0, 1], [0, 1], color=plotting.MUTED, linestyle=":")
    for predicted, observed, count in zip(*curve, strict=True):
        low, high = probability.wilson_interval(round(observed * count), int(count))
        left.plot([predicted, predicted], [low, high], color=plotting.ROLE["model"], linestyle="-")
        left.plot(predicted, observed, "o", color=plotting.ROLE["model"])
    left.set(xlabel="probability said", ylabel="share of dogs", xlim=(0, 1), ylim=(-0.03, 1.03))
    for place, where in enumerate(cases.values()):
        for at, offset, role, marker, name in (
            (where, -0.13, "model", "s", "with"),
            (~where, 0.13, "data", "o", "without"),
        ):
            hits, n = int(right[at].sum()), int(at.sum())
            low, high = probability.wilson_interval(hits, n)
            y = place + offset
            axis.plot([100 * low, 100 * high], [y, y], color=plotting.ROLE[role], linestyle="-")
            axis.plot(
                100 * hits / n, y, marker, color=plotting.ROLE[role], label=name if place == 0 else None
            )
    axis.set_yticks(range(len(cases)), list(cases))
    axis.invert_yaxis()
    axis.set(xlabel="recognised, per cent")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
    return fig


def first_layer(model: nn.Classifier, image: Array) -> Figure:
    """Show the kernels of the first layer, a picture, and four of the channels that they make.

    Parameters
    ----------
    model : Classifier
        A network as `vision.convnet` builds it.
    image : (h, w, 3) ndarray
        One picture.

    Returns
    -------
    Figure
        A sheet of kernels on the left, the picture and its four strongest channels on the right.
    """
    kernels = model.network.weights["1.W"]
    channels = vision.feature_maps(model, image)[0]
    strongest = np.argsort(-channels.mean(axis=(1, 2)), kind="stable")[:4]
    fig = plt.figure(figsize=(6.4, 2.7))
    sheet, show = fig.subfigures(1, 2, width_ratios=(1, 1.5))  # type: ignore[misc]  # two, so an array of them
    for ax, kernel in zip(sheet.subplots(4, 4).flat, kernels, strict=True):
        plotting.picture(ax, _stretched(np.moveaxis(kernel, 0, 2)))
    panels = show.subplots(2, 3).flat
    plotting.picture(panels[0], image, "picture")
    for ax, number in zip((panels[1], panels[2], panels[4], panels[5]), strongest, strict=True):
        plotting.picture(ax, channels[number], f"channel {number + 1}", limits=(0, channels[number].max()))
    panels[3].set_axis_off()
    return fig


def evidence(model: nn.Classifier, images: Array, labels: Labels) -> Figure:
    """Show pictures with their occlusion maps and saliency maps.

    Parameters
    ----------
    model : Classifier
        A network for pictures.
    images : (n, h, w, 3) ndarray
        A few pictures.
    labels : (n,) ndarray
        Classes.

    Returns
    -------
    Figure
        One column a picture.
    """
    fig, axes = plt.subplots(3, len(images), figsize=(1.75 * len(images) + 0.6, 5.4), squeeze=False)
    slopes = np.abs(vision.input_gradient(model, images, labels)).max(axis=3)
    p = vision.probabilities(model, images)
    for column, image, label, slope, dog in zip(axes.T, images, labels, slopes, p, strict=True):
        plotting.picture(column[0], image, f"{_NAMES[label]}, p(dog) {dog:.0%}")
        _evidence_map(column[1], vision.occlusion_map(model, image))
        plotting.picture(column[2], 1 - slope / slope.max())
    for ax, name in zip(axes[:, 0], ("picture", "occlusion", "saliency"), strict=True):
        ax.set_ylabel(name)
    return fig


def shortcut(images: Array, lazy: nn.Classifier, honest: nn.Classifier) -> Figure:
    """Show pictures and what speaks for a dog in them, for two networks.

    Parameters
    ----------
    images : (n, h, w, 3) ndarray
        A few pictures.
    lazy, honest : Classifier
        A network trained with a shortcut, and one trained without.

    Returns
    -------
    Figure
        One row a picture.
    """
    fig, axes = plt.subplots(len(images), 3, figsize=(5.6, 1.9 * len(images)), squeeze=False)
    for row, image in zip(axes, images, strict=True):
        plotting.picture(row[0], image)
        for ax, model in zip(row[1:], (lazy, honest), strict=True):
            _evidence_map(ax, vision.occlusion_map(model, image))
    for ax, name in zip(axes[0], ("picture", "with the shortcut", "honest"), strict=True):
        ax.set_title(name, loc="left", fontsize=10)
    return fig


def _evidence_map(ax: Axes, evidence: ArrayLike) -> None:
    """Colour what speaks for a dog orange and what speaks for a cat blue-violet, white for neither."""
    values = np.asarray(evidence)
    reach = float(np.abs(values).max())
    plotting.picture(ax, values)
    ax.images[0].set(cmap="PuOr_r", clim=(-reach, reach))


def _stretched(values: Array) -> Array:
    """Map numbers to grey levels so that zero is the middle grey and the largest is black or white."""
    levels: Array = 0.5 + 0.5 * values / np.abs(values).max()
    return levels
