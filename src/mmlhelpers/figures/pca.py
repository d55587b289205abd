"""Figures of the section on principal component analysis.

Throughout, `X` holds samples as rows, `Z` the same with standardised columns; every function returns a new
Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmlhelpers import linalg, plotting
from mmlhelpers._checks import Array

__all__ = [
    "eigen_digits",
    "noise_and_wine",
    "randomized_errors",
    "regression_and_axis",
    "whitened_clouds",
    "wine_scores",
]

_PAIR = (6.0, 3.1)
_CLASSES = (("data", "o"), ("model", "^"), ("target", "s"))
#: Negative entries orange, zero white, positive ones blue.
_SIGNED = LinearSegmentedColormap.from_list(
    "signed", [plotting.ROLE["model"], plotting.PAPER, plotting.ROLE["data"]]
)


def regression_and_axis(X: Array, regression: float, axis: float) -> Figure:
    """Draw two centred columns with regression line and principal axis, and what each minimises.

    Parameters
    ----------
    X : (n, 2) ndarray
        Centred samples.
    regression, axis : float
        Slopes of the two lines through the origin.

    Returns
    -------
    Figure
        Vertical residuals on the left, perpendicular ones on the right.
    """
    shown = X[::6]
    fig, axes = plt.subplots(1, 2, figsize=_PAIR, sharey=True)
    for ax, slope, role, name in zip(
        axes, (regression, axis), ("target", "model"), ("regression", "principal axis"), strict=True
    ):
        across = np.array([1.0, slope]) / np.hypot(1.0, slope)
        feet = (
            np.column_stack([shown[:, 0], slope * shown[:, 0]])
            if role == "target"
            else np.outer(shown @ across, across)
        )
        ax.plot(*X.T, "o", color=plotting.MUTED, markersize=2.5, alpha=0.5)
        for point, foot in zip(shown, feet, strict=True):
            ends = np.transpose([point, foot])
            ax.plot(*ends, color=plotting.ROLE["gradient"], linestyle="-", linewidth=1.2)
        ax.plot(*shown.T, "o", color=plotting.ROLE["data"], markersize=4)
        plotting.line_through(ax, [1.0, slope], role, linestyle="-" if role == "model" else "--")
        ax.set(aspect="equal", xlim=(-1.9, 2.3), ylim=(-1.6, 1.8), title=name, xlabel="sepal length (cm)")
    axes[0].set_ylabel("petal width (cm)")
    return fig


def eigen_digits(pca: linalg.PrincipalComponents) -> Figure:
    """Show the mean digit, the first eleven directions, and the share of the variance that k of them keep.

    Parameters
    ----------
    pca : PrincipalComponents
        Of pictures with a square number of pixels, all directions kept.

    Returns
    -------
    Figure
        Twelve small pictures on the left, a curve on the right.
    """
    side = round(len(pca.mean) ** 0.5)
    fig = plt.figure(figsize=(6.0, 3.6))
    halves: Any = fig.subfigures(1, 2, width_ratios=(1.15, 1))  # the stubs know of one half only
    left, right = halves
    panels = left.subplots(4, 3).ravel()
    plotting.picture(panels[0], -pca.mean.reshape(side, side), "mean", limits=(-16, 0))
    for i, ax in enumerate(panels[1:]):
        direction = pca.directions[:, i].reshape(side, side)
        _signed_picture(ax, direction, f"{i + 1}: {pca.shares[i]:.0%}")
    _kept_curve(right.subplots(), np.cumsum(pca.shares))
    return fig


def _signed_picture(ax: Axes, image: Array, title: str) -> None:
    limit = np.abs(image).max()
    plotting.picture(ax, image, title)
    ax.images[0].set(cmap=_SIGNED, clim=(-limit, limit))


def _kept_curve(ax: Axes, kept: Array) -> None:
    ax.plot(np.arange(1, len(kept) + 1), kept, color=plotting.ROLE["data"], linestyle="-")
    for i, share in enumerate((0.9, 0.95, 0.99)):
        k = int(np.searchsorted(kept, share)) + 1
        ax.plot([k, k], [0.62 - 0.12 * i, kept[k - 1]], color=plotting.MUTED, linestyle=":", linewidth=1)
        ax.plot(k, kept[k - 1], "o", color=plotting.ROLE["model"], markersize=6)
        ax.annotate(f"{share:.0%} with {k}", (k, 0.62 - 0.12 * i), ha="center", va="top", fontsize=9.5)
    ax.set(xlabel="components k", ylabel="share of the variance kept", xlim=(0, 66), ylim=(0, 1.04))


def wine_scores(X: Array, Z: Array, y: NDArray[np.int64]) -> Figure:
    """Scatter the first two scores of raw and of standardised samples, marked by class.

    Parameters
    ----------
    X, Z : (n, d) ndarray
        The samples as recorded, and standardised.
    y : (n,) ndarray of int
        Classes 0, 1, 2.

    Returns
    -------
    Figure
        Two planes of scores.
    """
    fig, axes = plt.subplots(1, 2, figsize=(6.0, 3.4))
    for ax, samples, title in zip(axes, (X, Z), ("as recorded", "standardised"), strict=True):
        scores = linalg.principal_components(samples, 2).scores(samples)
        for c, (role, marker) in enumerate(_CLASSES):
            ax.plot(
                *scores[y == c].T,
                marker,
                color=plotting.ROLE[role],
                markersize=4,
                alpha=0.7,
                label=f"grower {c + 1}",
            )
        ax.set(xlabel="first score", title=title)
    axes[0].set_ylabel("second score")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=9.5)
    return fig


def whitened_clouds() -> Figure:
    """Draw a tilted cloud, its whitened scores, and the same turned back, with three points to follow.

    Returns
    -------
    Figure
        Three planes.
    """
    rng = np.random.default_rng(1)
    turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
    X = rng.normal(size=(250, 2)) * [1.8, 0.5] @ turn.T
    X = X - X.mean(axis=0)
    pca = linalg.principal_components(X, 2)
    white = pca.whiten(X)
    along, across = np.argsort(white, axis=0).T
    followed = [along[8], along[-9], across[-5]]
    fig, axes = plt.subplots(1, 3, figsize=(6.0, 2.4), sharey=True)
    clouds = (X, white, white @ pca.directions.T)
    for ax, points, title in zip(axes, clouds, ("centred", "whitened", "turned back"), strict=True):
        plotting.plane(ax, 4.2)
        ax.plot(*points.T, "o", color=plotting.MUTED, markersize=2, alpha=0.6)
        for i, (role, marker) in zip(followed, _CLASSES, strict=True):
            ax.plot(*points[i], marker, color=plotting.ROLE[role], markersize=9)
        ax.set(title=title, xticks=(-3, 0, 3), yticks=(-3, 0, 3))
    return fig


def noise_and_wine(values: Array, Z: Array) -> Figure:
    """Draw eigenvalues of noise under their limiting density, and those of a table among shuffled ones.

    Parameters
    ----------
    values : (100,) ndarray
        Eigenvalues of the covariance of 400 samples of noise.
    Z : (n, d) ndarray
        A standardised table.

    Returns
    -------
    Figure
        A histogram on the left, a scree plot on the right.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.4))
    ratio = len(values) / 400
    x = np.linspace(0.01, 2.6, 400)
    left.hist(values, bins=np.linspace(0, 2.6, 27), density=True, color=plotting.ROLE["data"], alpha=0.45)
    left.plot(x, linalg.marchenko_pastur_density(x, ratio), color=plotting.ROLE["model"], linestyle="-")
    left.set(xlabel="eigenvalue", ylabel="density", title="pure noise")
    _scree(right, Z)
    return fig


def _scree(ax: Axes, Z: Array) -> None:
    """Draw the eigenvalues of a table and the 95 % level of those of shuffled tables."""
    n, d = Z.shape
    rng = np.random.default_rng(0)
    shuffled = [linalg.principal_components(rng.permuted(Z, axis=0), d).variances for _ in range(50)]
    places = np.arange(1, d + 1)
    ax.plot(
        places, linalg.principal_components(Z, d).variances, "o-", color=plotting.ROLE["data"], label="wines"
    )
    level = np.quantile(shuffled, 0.95, axis=0)
    ax.fill_between(places, 0, level, color=plotting.ROLE["model"], alpha=0.25, label="shuffled")
    edge = linalg.marchenko_pastur_edges(d / n).high
    ax.axhline(edge, color=plotting.INK, linestyle="--", linewidth=1.2, label="edge of noise")
    ax.set(xlabel="place", ylabel="eigenvalue", title="wines", ylim=(0, 5), xticks=(1, 4, 7, 10, 13))
    ax.legend(fontsize=9.5)


def randomized_errors(A: Array, k: int, powers: Sequence[int]) -> Figure:
    """Draw the singular values of a table, and how well the randomised method finds the first k of them.

    Parameters
    ----------
    A : (m, n) ndarray
        The table.
    k : int
        How many singular values to look for.
    powers : sequence of int
        Numbers of power iterations, one curve each; at most four.

    Returns
    -------
    Figure
        Singular values on the left, relative errors on the right, both on a logarithmic scale.
    """
    sigma = linalg.svd(A).sigma
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 3.4))
    places = np.arange(1, len(sigma) + 1)
    left.loglog(places[:-1], sigma[:-1], color=plotting.ROLE["data"], linestyle="-")
    left.axvline(k, color=plotting.INK, linestyle="--", linewidth=1.2)
    left.set(xlabel="place", ylabel="singular value")
    looks = (("data", "o"), ("model", "^"), ("target", "s"), ("gradient", "D"))
    for q, (role, marker) in zip(powers, looks, strict=False):
        found = linalg.randomized_svd(A, k, np.random.default_rng(2), n_power=q)
        errors = np.maximum(1 - found.sigma / sigma[:k], 1e-9)  # below, only rounding is left
        right.semilogy(
            places[:k],
            errors,
            marker + "-",
            color=plotting.ROLE[role],
            markersize=4,
            linewidth=1,
            label=f"{q}",
        )
    right.set(xlabel="place", ylabel="relative error", xticks=(1, 5, 10, 15, 20))
    fig.legend(
        *right.get_legend_handles_labels(), title="powers", loc="outside upper right", ncols=4, fontsize=9.5
    )
    return fig
