"""Figures of the section on probability and statistics.

Every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmlhelpers import probability as pr
from mmlhelpers._checks import Array
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE
from mmlhelpers.probability.inference import Bootstrap

__all__ = [
    "bootstrap_replicates",
    "calibration",
    "distribution_zoo",
    "likelihood_curves",
    "shuffled_differences",
    "simpson_in_iris",
    "two_samplers",
]

_ROLES = ("data", "model", "target")
_STYLES = ("-", "--", "-.")
_MARKERS = ("o", "s", "^")


def distribution_zoo() -> Figure:
    """Draw four families: binomial on Poisson, normal, gamma and beta.

    Returns
    -------
    Figure
        Two by two panels.
    """
    fig, ((counts, bell), (waiting, belief)) = plt.subplots(2, 2, figsize=(6.0, 4.8))
    k = np.arange(9)
    counts.bar(k, pr.Poisson(2.0).density(k), width=0.7, color=ROLE["data"], alpha=0.35, label="Poisson(2)")
    counts.plot(k, pr.Binomial(50, 0.04).density(k), "o", color=ROLE["model"], label="Binomial(50, 0.04)")
    x = np.linspace(-3.5, 3.5, 141)
    bell.plot(x, pr.Normal().density(x), color=ROLE["data"], label="Normal(0, 1)")
    middle = x[np.abs(x) <= 1]
    bell.fill_between(middle, pr.Normal().density(middle), color=ROLE["data"], alpha=0.25, linewidth=0)
    x = np.linspace(0, 9, 181)
    for shape, role, style in zip((1.0, 2.0, 4.0), _ROLES, _STYLES, strict=True):
        waiting.plot(
            x, pr.Gamma(shape).density(x), color=ROLE[role], linestyle=style, label=f"Gamma({shape:g})"
        )
    x = np.linspace(0, 1, 101)
    for (a, b), role, style in zip(((1, 1), (3, 2), (14, 6)), _ROLES, _STYLES, strict=True):
        belief.plot(x, pr.Beta(a, b).density(x), color=ROLE[role], linestyle=style, label=f"Beta({a}, {b})")
    counts.set(xlabel="count", ylabel="mass", ylim=(0, 0.4))
    bell.set(xlabel="value", ylabel="density", ylim=(0, 0.5))
    waiting.set(xlabel="waiting time", ylabel="density", ylim=(0, 1.15))
    belief.set(xlabel="probability", ylabel="density", ylim=(0, 5.4))
    for ax in fig.axes:
        ax.legend(fontsize=9, loc="upper left" if ax is belief else "upper right", borderpad=0)
    return fig


def simpson_in_iris(X: Array, y: Array, names: Sequence[str]) -> Figure:
    """Scatter two columns by group, with the least-squares line of each group and of all.

    Parameters
    ----------
    X : (n, 2) ndarray
        Sepal length and sepal width, in centimetres.
    y : (n,) ndarray
        Group of each row, 0 to 2.
    names : sequence of str
        Names of the groups.

    Returns
    -------
    Figure
        One plane.
    """
    fig, ax = plt.subplots(figsize=(6.0, 4.2))
    for k, name in enumerate(names):
        group = X[y == k]
        color = ROLE[_ROLES[k]]
        ax.scatter(
            group[:, 0],
            group[:, 1],
            s=22,
            marker=_MARKERS[k],
            color=color,
            alpha=0.55,
            linewidths=0,
            label=name,
        )
        _line(ax, group, color, "-")
    _line(ax, X, INK, "--", label="all flowers")
    ax.set(xlabel="sepal length (cm)", ylabel="sepal width (cm)")
    ax.legend(fontsize=9, loc="upper right", ncols=2)
    return fig


def likelihood_curves(share: float, sizes: Sequence[int]) -> Figure:
    """Draw log-likelihoods of a coin's bias for samples of one share and several sizes, with their parabolas.

    Parameters
    ----------
    share : float
        Share of heads.
    sizes : sequence of int
        Three numbers of flips.

    Returns
    -------
    Figure
        One panel.
    """
    fig, ax = plt.subplots()
    p = np.linspace(0.3, 0.95, 261)
    for n, role in zip(sizes, _ROLES, strict=True):
        heads = share * n
        curve = heads * np.log(p / share) + (n - heads) * np.log((1 - p) / (1 - share))
        ax.plot(p, curve, color=ROLE[role], linestyle="-", label=f"{n} flips")
        parabola = -n * (p - share) ** 2 / (2 * share * (1 - share))
        ax.plot(p, parabola, color=ROLE[role], linestyle="--", linewidth=1.2)
    ax.axvline(share, color=MUTED, linewidth=0.8, linestyle=":")
    ax.set(ylim=(-4, 0.3), xlim=(0.3, 0.95), xlabel="probability of heads", ylabel="log-likelihood (nats)")
    ax.legend(fontsize=9, loc="upper left", title="outermost to innermost", title_fontsize=9)
    return fig


def calibration(forecasts: Mapping[str, Array], y: Array) -> Figure:
    """Draw observed shares against predicted probabilities, a curve for each forecast.

    Parameters
    ----------
    forecasts : mapping of str to (n,) ndarray
        Two forecasts: predicted probabilities by name.
    y : (n,) ndarray
        What happened, 0 or 1.

    Returns
    -------
    Figure
        One square panel.
    """
    fig, ax = plt.subplots(figsize=(4.6, 4.4))
    ax.plot([0, 1], [0, 1], color=MUTED, linestyle=":", linewidth=1.2)
    for (name, p), role, style, marker in zip(forecasts.items(), _ROLES, _STYLES, _MARKERS, strict=False):
        predicted, observed, counts = pr.calibration_curve(p, y, n_bins=5)
        ax.plot(predicted, observed, color=ROLE[role], linestyle=style, linewidth=1.2)
        ax.scatter(
            predicted,
            observed,
            s=8 * np.sqrt(counts) + 8,
            marker=marker,
            color=ROLE[role],
            label=name,
            zorder=3,
        )
    ax.set(xlabel="predicted probability of malignant", ylabel="observed share", aspect="equal")
    ax.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    ax.legend(fontsize=9, loc="upper left")
    return fig


def shuffled_differences(relabelled: Array, difference: float) -> Figure:
    """Draw the histogram of relabelled differences with the observed one and its mirror image.

    Parameters
    ----------
    relabelled : (n_resamples,) ndarray
        Differences of means after shuffling, in centimetres.
    difference : float
        Observed difference.

    Returns
    -------
    Figure
        One panel.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    lattice = 0.004  # lengths are recorded to 0.1 cm, so a difference of two means of 50 moves in such steps
    edges = lattice * np.arange(np.floor(relabelled.min() / lattice) - 0.5, relabelled.max() / lattice + 4, 3)
    _histogram(ax, relabelled, list(edges))
    ax.axvline(difference, color=ROLE["model"], linestyle="-")
    ax.axvline(-difference, color=ROLE["model"], linestyle="--")
    ax.set(xlabel="difference in mean sepal width after shuffling (cm)", ylabel="density")
    return fig


def bootstrap_replicates(boot: Bootstrap) -> Figure:
    """Draw the histogram of bootstrap replicates with the estimate and its percentile interval.

    Parameters
    ----------
    boot : Bootstrap
        Result of `probability.bootstrap`.

    Returns
    -------
    Figure
        One panel.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    _histogram(ax, boot.replicates, 40)
    ax.axvline(boot.estimate, color=ROLE["model"], linestyle="-")
    for end in boot.percentile():
        ax.axvline(end, color=ROLE["model"], linestyle="--")
    ax.set(xlabel="slope of the resampled data", ylabel="density")
    return fig


def two_samplers(walk: Array, roll: Array) -> Figure:
    """Scatter the draws of two samplers in the plane of two weights.

    Parameters
    ----------
    walk, roll : (n_steps, n_chains, 2) ndarray
        Draws of random-walk Metropolis and of Hamiltonian Monte Carlo.

    Returns
    -------
    Figure
        Two panels with the same axes.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.5), sharex=True, sharey=True)
    for ax, draws, role in ((left, walk, "data"), (right, roll, "model")):
        ax.scatter(*draws.reshape(-1, 2)[::2].T, s=4, color=ROLE[role], alpha=0.35, linewidths=0)
        ax.set(xlabel="weight of radius")
    left.plot(*walk[:, 0].T, color=INK, linewidth=0.8, linestyle="-")
    left.set(ylabel="weight of perimeter", title="Metropolis")
    right.set(title="Hamiltonian Monte Carlo")
    return fig


def _line(ax: Axes, points: Array, color: str, style: str, label: str | None = None) -> None:
    """Draw the least-squares line over the range of the points."""
    slope, intercept = np.polyfit(points[:, 0], points[:, 1], 1)
    ends = np.array([points[:, 0].min(), points[:, 0].max()])
    ax.plot(ends, intercept + slope * ends, color=color, linestyle=style, label=label)


def _histogram(ax: Axes, values: Array, bins: int | Sequence[float]) -> None:
    ax.hist(values, bins=bins, density=True, color=ROLE["data"], alpha=0.45, edgecolor=PAPER, linewidth=0.3)
