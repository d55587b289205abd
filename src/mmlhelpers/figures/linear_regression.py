"""Figures of the chapter on linear regression.

Throughout, `x` is one feature and `y` the targets of the same samples, and every function returns a new
Figure that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import linalg, plotting, probability
from mmlhelpers._checks import Array

__all__ = ["bands", "bias_and_variance", "diagnostics", "double_descent", "fitted_line", "work_curves"]

_PAIR = (6.0, 3.2)
_SMALL: dict[str, Any] = {"markersize": 3, "linestyle": "none", "color": plotting.ROLE["data"], "alpha": 0.6}


def fitted_line(x: Array, y: Array, w: Array) -> Figure:
    """Draw samples, the line through them, the mean point and some of the misses.

    Parameters
    ----------
    x, y : (n,) ndarray
        Body mass index in standard deviations, and disease progression.
    w : (2,) ndarray
        Intercept and slope.

    Returns
    -------
    Figure
        One panel.
    """
    fig, ax = plt.subplots()
    ax.plot(x, y, "o", **_SMALL)
    ends = np.array([x.min(), x.max()])
    ax.plot(ends, w[0] + w[1] * ends, color=plotting.ROLE["model"], linestyle="-")
    some = np.argsort(x, kind="stable")[20::36]
    ax.vlines(x[some], y[some], w[0] + w[1] * x[some], color=plotting.INK, linewidth=1)
    ax.plot(
        round(x.mean(), 6) + 0.0,
        y.mean(),
        "P",
        color=plotting.ROLE["target"],
        markersize=12,
        markeredgecolor="white",
    )
    ax.set(xlabel="body mass index (standard deviations)", ylabel="progression after a year")
    return fig


def work_curves(curves: Sequence[Array], per_pass: Sequence[int], mirrors: float, level: float) -> Figure:
    """Draw how the excess loss of two methods falls with the work, beside the price of a direct one.

    Parameters
    ----------
    curves : sequence of (k,) ndarray
        Excess of the loss over its least value, relative to the start; stochastic gradients first, then
        conjugate gradients.
    per_pass : sequence of int
        How many entries of each curve make one pass over the data.
    mirrors : float
        Passes that the direct method costs.
    level : float
        Relative excess below which the data themselves are not accurate.

    Returns
    -------
    Figure
        One panel, both axes logarithmic.
    """
    fig, ax = plt.subplots()
    names = ("stochastic gradients", "conjugate gradients")
    looks = (("data", "-"), ("model", "--"))
    for name, curve, steps, (role, style) in zip(names, curves, per_pass, looks, strict=True):
        passes = np.arange(1, len(curve)) / steps
        seen = curve[1:] > 1e-7
        ax.loglog(
            passes[seen],
            curve[1:][seen],
            color=plotting.ROLE[role],
            linestyle=style,
            linewidth=1.6,
            label=name,
        )
    ax.axvline(mirrors, color=plotting.ROLE["target"], linestyle="-.", label="mirrors: all digits here")
    ax.axhline(level, color=plotting.MUTED, linestyle=":", label="accuracy of the data")
    ax.set(xlabel="passes over the data", ylabel="excess loss, relative", ylim=(1e-7, 3))
    ax.legend(fontsize=9, loc="lower left")
    return fig


def diagnostics(fit: probability.Regression, fitted: Array) -> Figure:
    """Draw residuals against fitted values, and left-out residuals against leverage.

    Parameters
    ----------
    fit : Regression
        The fit.
    fitted : (n,) ndarray
        Its fitted values.

    Returns
    -------
    Figure
        Two panels.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=_PAIR)
    left.plot(fitted, fit.residuals, "o", **_SMALL)
    order, width = np.argsort(fitted, kind="stable"), 60
    running = [np.convolve(v[order], np.ones(width) / width, mode="valid") for v in (fitted, fit.residuals)]
    left.plot(*running, color=plotting.ROLE["model"], linestyle="-")
    left.axhline(0, color=plotting.INK, linewidth=1)
    left.set(xlabel="fitted value", ylabel="residual")
    scaled = fit.left_out_residuals / fit.noise
    right.plot(fit.leverage, scaled, "o", **_SMALL)
    h = np.linspace(0.002, 0.14, 200)
    for distance, style in ((0.03, "--"), (0.1, "-")):
        edge = np.sqrt(distance * len(fit.coefficients) / h)
        for sign in (1, -1):
            right.plot(h, sign * edge, color=plotting.ROLE["gradient"], linestyle=style, linewidth=1.2)
        right.annotate(f"{distance:g}", (0.14, edge[-1]), color=plotting.ROLE["gradient"], fontsize=9)
    right.set(xlabel="leverage", ylabel="left-out residual / s", ylim=(-4.5, 4.5), xlim=(0, 0.155))
    return fig


def bands(x: Array, y: Array) -> Figure:
    """Draw a line with its confidence band and its prediction band.

    Parameters
    ----------
    x, y : (n,) ndarray
        Body mass index in standard deviations, and disease progression.

    Returns
    -------
    Figure
        One panel; both bands at 95 %.
    """
    fit = probability.fit_linear(np.column_stack([np.ones(len(x)), x]), y)
    grid = np.linspace(x.min() - 0.5, x.max() + 0.5, 120)
    rows = np.column_stack([np.ones(len(grid)), grid])
    mean, new = fit.predict(rows, noise=False), fit.predict(rows)
    fig, ax = plt.subplots()
    ax.plot(x, y, "o", **_SMALL)
    ax.fill_between(
        grid, mean.low, mean.high, color=plotting.ROLE["model"], alpha=0.35, linewidth=0, label="the mean"
    )
    ax.plot(grid, mean.value, color=plotting.ROLE["model"], linestyle="-", linewidth=1.4)
    ax.plot(grid, new.low, color=plotting.INK, linestyle="--", linewidth=1.4, label="a new patient")
    ax.plot(grid, new.high, color=plotting.INK, linestyle="--", linewidth=1.4)
    ax.set(xlabel="body mass index (standard deviations)", ylabel="progression after a year")
    ax.legend(loc="upper left", fontsize=9)
    return fig


def bias_and_variance(left_out: ArrayLike, n: int = 40, noise: float = 0.3) -> Figure:
    """Draw bias, variance and errors of polynomial fits to readings of sin(3x) against their degree.

    Parameters
    ----------
    left_out : (k,) array_like
        Mean squares of the left-out residuals of one table, for degrees 0 to k - 1.
    n : int
        Number of readings, evenly spaced on [-1, 1].
    noise : float
        Standard deviation of the noise.

    Returns
    -------
    Figure
        One panel, vertical axis logarithmic.
    """
    left_out = np.asarray(left_out)
    x, degrees = np.linspace(-1, 1, n), np.arange(len(left_out))
    mu = np.sin(3 * x)
    Q = np.linalg.qr(np.polynomial.legendre.legvander(x, len(left_out) - 1))[0]
    bias = np.array([np.mean((mu - Q[:, : d + 1] @ (Q[:, : d + 1].T @ mu)) ** 2) for d in degrees])
    variance = noise**2 * (degrees + 1) / n
    curves = (
        ("expected, new readings", noise**2 + bias + variance, "model", "-"),
        ("expected, training", noise**2 + bias - variance, "data", "--"),
        ("bias, squared", bias, "gradient", "-."),
        ("variance", variance, "target", ":"),
    )
    fig, ax = plt.subplots(figsize=(6.0, 3.8))
    for name, curve, role, style in curves:
        seen = curve > 1e-5
        ax.semilogy(
            degrees[seen],
            curve[seen],
            color=plotting.ROLE[role],
            linestyle=style,
            marker="o",
            ms=3,
            label=name,
        )
    ax.semilogy(
        degrees,
        left_out,
        "x",
        color=plotting.INK,
        linestyle="none",
        markersize=7,
        label="left out, one table",
    )
    ax.set(xlabel="degree", ylabel="mean squared error", ylim=(1e-3, 1))
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2, fontsize=9)
    return fig


def double_descent(
    sizes: Sequence[int], measured: Array, risk: Callable[[int], float], w: Array, n: int, noise: float
) -> Figure:
    """Draw the test error of the shortest fit against the number of features, beside that of tuned ridge.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of features tried.
    measured : (k,) ndarray
        Their median test errors.
    risk : callable
        From a number of features to the expected test error.
    w : (D,) ndarray
        The true weights.
    n : int
        Number of samples.
    noise : float
        Standard deviation of the noise.

    Returns
    -------
    Figure
        One panel, horizontal axis logarithmic.
    """
    fig, ax = plt.subplots()
    for low, high in ((4, n - 2), (n + 2, len(w))):
        d = np.unique(np.geomspace(low, high, 80).astype(int))
        label = "expected" if low == 4 else None
        ax.semilogx(d, [risk(int(k)) for k in d], color=plotting.ROLE["model"], linestyle="-", label=label)
    ax.semilogx(sizes, measured, "o", color=plotting.ROLE["data"], markersize=5, label="median of 60 tables")
    tuned = [_tuned_ridge(d, w, n, noise) for d in sizes]
    ax.semilogx(
        sizes,
        tuned,
        color=plotting.ROLE["target"],
        linestyle="--",
        marker="^",
        ms=4,
        label="best ridge, mean",
    )
    ax.axvline(n, color=plotting.MUTED, linestyle=":", linewidth=1)
    ax.annotate("d = n", (n, 0.3), xytext=(5, 0), textcoords="offset points", color=plotting.MUTED)
    ax.set(xlabel="number of features d", ylabel="test error", ylim=(0, 4))
    ax.set_xticks([5, 10, 20, 40, 100, 400], ["5", "10", "20", "40", "100", "400"])
    ax.minorticks_off()
    ax.legend(fontsize=9, loc="upper left")
    return fig


def _tuned_ridge(d: int, w: Array, n: int, noise: float, n_tables: int = 20) -> float:
    """Mean test error of ridge with the best of some weights, over a few tables."""
    weights, errors = np.geomspace(1, 300, 12), np.zeros(12)
    for seed in range(n_tables):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(n, len(w)))
        y = X @ w + noise * rng.normal(size=n)
        misses = linalg.ridge_path(X[:, :d], y, weights).coefficients - w[:d]
        errors += np.sum(misses**2, axis=1) + np.sum(w[d:] ** 2) + noise**2
    return float(errors.min() / n_tables)
