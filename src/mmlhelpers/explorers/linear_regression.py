"""Interactive figures of the chapter on linear regression."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mmlhelpers import datasets, linalg, optim, probability
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE

__all__ = ["line_and_points", "polynomial_fit", "regularisation_path"]


def _close(x: float, y: float, tolerance: float = 1e-6) -> bool:
    return bool(np.isclose(x, y, rtol=tolerance, atol=tolerance))


def _with_ones(x: Array) -> Array:
    return np.column_stack([np.ones(len(x)), x])


# Line and points

_X = np.arange(1.0, 10.0)
_Y = np.array([1.6, 2.6, 2.3, 3.7, 3.9, 4.2, 5.6, 5.4, 6.6])


@explorer(
    Control("x", start=11, low=0, high=11, step=1, label="your point, x"),
    Control("y", start=1, low=0, high=9, step=1, label="your point, y"),
    alt="Nine points near a rising line and a tenth far to the right and low, which pulls the line down from "
    "the dashed line of the nine. Below, a curve of leverage against position, lowest in the middle, with a "
    "dot high on its right end.",
    caption="Move the tenth point (square). The solid line is fitted to all ten, the dashed one to the other "
    "nine, the cross is the mean point. Below stands the share that the point has in its own fitted value.",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def line_and_points(x: int, y: int) -> Scene:
    """Fit a line to nine fixed points and one that the reader drags."""
    xs, ys = np.append(_X, x), np.append(_Y, y)
    fit = probability.fit_linear(_with_ones(xs), ys)
    nine = probability.fit_linear(_with_ones(_X), _Y).coefficients
    figure = canvas(4.8)
    _draw_lines(figure.add_axes((0.15, 0.43, 0.82, 0.55)), xs, ys, fit.coefficients, nine)
    _draw_leverage(figure.add_axes((0.15, 0.11, 0.82, 0.2)), x, fit.leverage[-1])
    return Scene(
        figure,
        {
            "slope": fit.coefficients[1],
            "slope without it": nine[1],
            "leverage": fit.leverage[-1],
            "residual": fit.residuals[-1],
            "left-out residual": fit.left_out_residuals[-1],
            "Cook's distance": fit.cook_distances[-1],
            "height at the mean x": float(fit.coefficients @ [1, xs.mean()]),
        },
    )


def _draw_lines(ax: Axes, xs: Array, ys: Array, line: Array, nine: Array) -> None:
    ends = np.array([-1.0, 12.0])
    ax.plot(ends, nine[0] + nine[1] * ends, color=MUTED, linestyle="--", linewidth=1.6, label="without it")
    ax.plot(ends, line[0] + line[1] * ends, color=ROLE["model"], linewidth=2, label="all ten")
    ax.plot([xs[-1]] * 2, [ys[-1], line[0] + line[1] * xs[-1]], color=INK, linestyle="-", linewidth=1.2)
    ax.plot(_X, _Y, "o", color=ROLE["data"], markersize=6)
    ax.plot(xs[-1], ys[-1], "s", color=ROLE["gradient"], markeredgecolor=PAPER, markersize=10, zorder=5)
    ax.plot(xs.mean(), ys.mean(), "P", color=ROLE["target"], markeredgecolor=PAPER, markersize=11, zorder=4)
    ax.set(xlim=(-0.8, 11.8), ylim=(-0.8, 11.2), xticks=range(0, 12, 2), yticks=range(0, 10, 2))
    ax.legend(loc="upper left", fontsize=9.5, borderpad=0.2, ncols=2)


def _leverage_at(x: Any) -> Any:
    """Leverage of a tenth point at x: the nine have mean 5 and sum of squares 60."""
    share = 1 / 9 + (x - 5.0) ** 2 / 60
    return share / (1 + share)


def _draw_leverage(ax: Axes, x: float, leverage: float) -> None:
    grid = np.linspace(-0.8, 11.8, 60)
    ax.plot(grid, _leverage_at(grid), color=ROLE["gradient"], linewidth=1.6)
    ax.plot(x, leverage, "s", color=ROLE["gradient"], markeredgecolor=PAPER, markersize=9)
    ax.set(xlim=(-0.8, 11.8), ylim=(0, 0.6), yticks=(0, 0.2, 0.4), xticks=range(0, 12, 2))
    ax.set(xlabel="x of your point", ylabel="leverage")


@line_and_points.invariant
def the_line_meets_the_mean_point(parameters: Any, n: Any) -> bool:
    """Hold the picture to the first normal equation."""
    return _close(n["height at the mean x"], (_Y.sum() + parameters["y"]) / 10)


@line_and_points.invariant
def the_left_out_residual_is_the_distance_from_the_dashed_line(parameters: Any, n: Any) -> bool:
    """Fit the nine anew by NumPy, and compare with the shortcut."""
    slope, intercept = np.polyfit(_X, _Y, 1)
    distance = parameters["y"] - intercept - slope * parameters["x"]
    return _close(n["left-out residual"], distance) and _close(n["residual"], distance * (1 - n["leverage"]))


@line_and_points.invariant
def leverage_depends_on_the_place_alone(parameters: Any, n: Any) -> bool:
    """Compare with the formula, which knows no targets."""
    return _close(n["leverage"], float(_leverage_at(parameters["x"])))


# Ridge and lasso paths

_LOG_WEIGHTS = np.linspace(0, 5, 81)
_SHOWN = {"bmi": ("data", "-"), "s1": ("model", "--"), "s2": ("gradient", "-."), "s5": ("target", ":")}


@functools.cache
def _standardised() -> tuple[Array, Array, tuple[str, ...]]:
    table = datasets.diabetes()
    return table.X * np.sqrt(len(table.X)), table.y - table.y.mean(), table.feature_names


def _coefficients(penalty: str, log_weights: Array) -> Array:
    """Minimise half the sum of squares plus the penalty, for weights in descending order, (k, 10)."""
    Z, y, _ = _standardised()
    weights = 10.0**log_weights
    if penalty == "ridge":
        return linalg.ridge_path(Z, y, weights).coefficients
    return optim.lasso_path(Z, y, weights / len(y), tolerance=1e-9)


@functools.cache
def _path(penalty: str) -> Array:
    return _coefficients(penalty, _LOG_WEIGHTS[::-1])[::-1]


@explorer(
    Choice("penalty", options=("ridge", "lasso")),
    Control("weight", start=2.0, low=0.0, high=5.0, step=0.25, label="weight, log₁₀ λ"),
    alt="Above, ten coefficients against the logarithm of the weight, four of them coloured: s1 starts far "
    "below zero, s2 above, and all tend to zero on the right; a vertical line marks the weight. Below, the "
    "ten coefficients there as bars.",
    caption="Coefficients of the diabetes table against the weight of the penalty, and as bars at the weight "
    "chosen. Ridge takes the sum of squares plus λ times the squared length, the lasso half the sum of "
    "squares plus λ times the sum of absolute values.",
    play="weight",
)
def regularisation_path(penalty: str, weight: float) -> Scene:
    """Show the coefficients of ridge or lasso along their path and at one weight."""
    Z, y, names = _standardised()
    w = _coefficients(penalty, np.array([weight]))[0]
    figure = canvas(4.8)
    _draw_paths(figure.add_axes((0.15, 0.53, 0.82, 0.45)), _path(penalty), weight, names)
    _draw_bars(figure.add_axes((0.15, 0.08, 0.82, 0.29)), w, names)
    left = y - Z @ w
    spent = float(np.count_nonzero(w))
    if penalty == "ridge":
        spent = float(linalg.ridge_path(Z, y, [10.0**weight]).degrees_of_freedom[0])
    return Scene(
        figure,
        {
            **{name: round(float(w[names.index(name)]), 3) + 0.0 for name in _SHOWN},
            "not zero": int(np.count_nonzero(w)),
            "degrees of freedom": spent,
            "R² on these patients": float(1 - left @ left / (y @ y)),
        },
    )


def _draw_paths(ax: Axes, path: Array, weight: float, names: tuple[str, ...]) -> None:
    others = [np.column_stack([_LOG_WEIGHTS, path[:, j]]) for j, n in enumerate(names) if n not in _SHOWN]
    ax.add_collection(LineCollection(others, colors=MUTED, linewidths=0.8))
    for name, (role, style) in _SHOWN.items():
        curve = path[:, names.index(name)]
        ax.plot(_LOG_WEIGHTS, curve, color=ROLE[role], linestyle=style, linewidth=1.8, label=name)
    ax.axvline(weight, ymax=0.86, color=INK, linewidth=1.2)  # the legend stands above
    ax.set(xlim=(-0.1, 5.1), ylim=(-42, 58), yticks=(-40, -20, 0, 20, 40))
    ax.set(xlabel="log₁₀ λ", ylabel="coefficient")
    ax.legend(loc="upper center", fontsize=9.5, ncols=4, borderpad=0.2, handlelength=1.6, columnspacing=1.0)


def _draw_bars(ax: Axes, w: Array, names: tuple[str, ...]) -> None:
    colours = [ROLE[_SHOWN[name][0]] if name in _SHOWN else MUTED for name in names]
    ax.bar(range(10), w, color=colours, edgecolor=INK, width=0.7)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set(ylim=(-42, 42), yticks=(-40, 0, 40), xlim=(-0.6, 9.6), ylabel="coefficient")
    ax.set_xticks(range(10), names, fontsize=9.5)
    ax.tick_params(axis="x", length=0)


@regularisation_path.invariant
def the_slope_of_the_squares_balances_the_penalty(parameters: Any, n: Any) -> bool:
    """Check the conditions of a minimum, for either penalty, where the coefficients are those read out."""
    Z, y, names = _standardised()
    weight = 10.0 ** parameters["weight"]
    w = _coefficients(parameters["penalty"], np.array([parameters["weight"]]))[0]
    if any(abs(n[name] - w[names.index(name)]) > 1e-3 for name in _SHOWN):
        return False
    pull = Z.T @ (y - Z @ w)
    if parameters["penalty"] == "ridge":
        return bool(np.allclose(pull, weight * w, rtol=1e-6, atol=1e-6))
    inside = bool(
        np.all(np.abs(pull) <= weight + 5.0)
    )  # the solver stops at a small gap, on a scale of 20,000
    return inside and bool(np.all(np.abs(pull - weight * np.sign(w))[w != 0] <= 5.0))


@regularisation_path.invariant
def no_penalty_fits_better_than_least_squares(_parameters: Any, n: Any) -> bool:
    """Compare with the fit by all ten without a penalty."""
    Z, y, _ = _standardised()
    r = linalg.least_squares(Z, y).residual
    return bool(0 <= n["R² on these patients"] <= 1 - (r @ r) / (y @ y) + 1e-9)


@regularisation_path.invariant
def only_the_lasso_has_zeros(parameters: Any, n: Any) -> bool:
    """Count coefficients, and compare with the degrees of freedom."""
    if parameters["penalty"] == "ridge":
        return bool(n["not zero"] == 10 and 0 < n["degrees of freedom"] < 10)
    return bool(n["not zero"] == n["degrees of freedom"])


# Polynomial fits

_GRID = np.linspace(-1, 1, 81)
_TABLES = 8


def _truth(x: Array) -> Array:
    return np.sin(3 * x)


def _smoother(n: int, degree: int) -> tuple[Array, Array]:
    """Return the readings' places (n,) and an orthonormal basis (n, degree + 1) of polynomials there."""
    x = np.linspace(-1, 1, n)
    return x, np.linalg.qr(np.polynomial.legendre.legvander(x, degree))[0]


def _parts(n: int, degree: int, noise: float) -> tuple[float, float]:
    """Squared bias and variance, means over the places of the readings."""
    x, Q = _smoother(n, degree)
    miss = _truth(x) - Q @ (Q.T @ _truth(x))
    return float(np.mean(miss**2)), float(noise**2 * np.sum((Q @ Q.T) ** 2) / n)


@explorer(
    Control("degree", start=1, low=0, high=9, step=1),
    Choice("noise", options=("0.1", "0.3", "0.6"), start="0.3"),
    Choice("n", options=("10", "20", "40"), start="10", label="readings"),
    alt="Above, ten noisy points around a wave, thin straight lines fitted to eight tables and their thick "
    "mean, which misses the bends. Below, squared bias falls and variance rises with the degree; a dot marks "
    "the error at degree one.",
    caption="Above, the truth (dotted), one table, thin fits to eight tables, and the mean of all fits there "
    "could be (thick). Below, the parts of the error on new readings against the degree. Find the degree of "
    "the least error, then change the noise and the number of readings.",
    play="degree",
)
def polynomial_fit(degree: int, noise: str, n: str) -> Scene:
    """Fit polynomials to several noisy tables and split the error into bias and variance."""
    sigma, count = float(noise), int(n)
    figure = canvas(5.0)
    _draw_fits(figure.add_axes((0.13, 0.5, 0.85, 0.48)), degree, sigma, count)
    _draw_parts(figure.add_axes((0.17, 0.1, 0.81, 0.29)), degree, sigma, count)
    bias, variance = _parts(count, degree, sigma)
    powers = np.vander(np.linspace(-1, 1, count), degree + 1)
    return Scene(
        figure,
        {
            "bias, squared": bias if bias > 1e-12 else 0.0,
            "variance": variance,
            "error on new readings": sigma**2 + bias + variance,
            "error on these readings": max(sigma**2 + bias - variance, 0.0),
            "condition number of powers": linalg.condition_number(powers),
        },
    )


def _draw_fits(ax: Axes, degree: int, sigma: float, n: int) -> None:
    x = np.linspace(-1, 1, n)
    noise = np.random.default_rng(n).normal(size=(_TABLES, n))
    tables = np.vstack([_truth(x) + sigma * noise, _truth(x)])
    fits = np.polynomial.legendre.legfit(x, tables.T, degree)
    curves = np.polynomial.legendre.legval(_GRID, fits)
    thin = [np.column_stack([_GRID, curve]) for curve in curves[:-1]]
    ax.add_collection(LineCollection(thin, colors=ROLE["model"], linewidths=0.8, alpha=0.7))
    ax.plot(_GRID, curves[-1], color=ROLE["model"], linewidth=2.4, label="mean of fits")
    ax.plot(_GRID, _truth(_GRID), color=INK, linestyle=":", linewidth=2, label="truth")
    ax.plot(x, tables[0], "o", color=ROLE["data"], markersize=5, label="one table")
    ax.set(xlim=(-1.05, 1.05), ylim=(-2.6, 2.6), xticks=(-1, 0, 1), yticks=(-2, -1, 0, 1, 2))
    ax.legend(loc="upper left", fontsize=9.5, borderpad=0.2, ncols=2, columnspacing=1.0)


def _draw_parts(ax: Axes, degree: int, sigma: float, n: int) -> None:
    degrees = np.arange(10)
    bias, variance = np.array([_parts(n, int(d), sigma) for d in degrees]).T
    total = sigma**2 + bias + variance
    ax.semilogy(degrees, total, color=ROLE["model"], linewidth=2, label="error")
    ax.semilogy(
        degrees, np.maximum(bias, 1e-9), color=ROLE["gradient"], linestyle="-.", linewidth=1.6, label="bias²"
    )
    ax.semilogy(degrees, variance, color=ROLE["target"], linestyle="--", linewidth=1.6, label="variance")
    ax.plot(degree, total[degree], "o", color=ROLE["model"], markeredgecolor=PAPER, markersize=9, zorder=5)
    ax.set(xlim=(-0.3, 9.3), ylim=(1e-4, 20), xticks=range(10), yticks=(1e-4, 1e-2, 1), xlabel="degree")
    ax.minorticks_off()
    ax.legend(loc="upper center", fontsize=9.5, borderpad=0.2, ncols=3, columnspacing=1.0, handlelength=1.6)


@polynomial_fit.invariant
def every_coefficient_costs_the_same_variance(parameters: Any, n: Any) -> bool:
    """Hold the picture to the theorem: noise variance times coefficients over readings."""
    promised = float(parameters["noise"]) ** 2 * (parameters["degree"] + 1) / int(parameters["n"])
    return _close(n["variance"], promised, 1e-9)


@polynomial_fit.invariant
def old_and_new_readings_differ_by_twice_the_variance(_parameters: Any, n: Any) -> bool:
    """Compare the two errors."""
    return _close(n["error on new readings"] - n["error on these readings"], 2 * n["variance"], 1e-9)


@polynomial_fit.invariant
def a_higher_degree_never_adds_bias(parameters: Any, n: Any) -> bool:
    """Compare with the next degree; as many coefficients as readings leave no bias at all."""
    count, degree = int(parameters["n"]), parameters["degree"]
    if degree + 1 == count:
        return bool(n["bias, squared"] == 0 and _close(n["error on these readings"], 0))
    return bool(_parts(count, degree + 1, 1.0)[0] <= n["bias, squared"] + 1e-12)
