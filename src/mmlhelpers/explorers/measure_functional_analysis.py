"""Interactive figures of the section on measure theory and functional analysis."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import kernels
from mmlhelpers._checks import Array
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.explorers._core import Choice, Control, Number, Scene, explorer
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE

__all__ = ["cobweb", "random_functions", "two_integrals"]

# Two ways to add up

_FINE = (np.arange(4096) + 0.5) / 4096
_FUNCTIONS: dict[str, tuple[Callable[[Array], Array], float]] = {
    "parabola": (lambda x: 4 * x * (1 - x), 2 / 3),
    "two steps": (lambda x: np.where(x < 0.37, 0.3, 1.0), 0.37 * 0.3 + 0.63),
    "fast wave": (lambda x: (1 + np.cos(64 * np.pi * x)) / 2, 0.5),
    "steep corner": (lambda x: x**12, 1 / 13),
}


@explorer(
    Choice("function", options=tuple(_FUNCTIONS)),
    Control("n", start=8, low=2, high=32, step=2, label="strips or levels"),
    alt="The same curve twice. Above, upright strips from the left value of each piece. Below, horizontal "
    "layers, each as wide as the set where the curve is at least as high.",
    caption="Riemann adds strips by place, Lebesgue layers by value. Try the wave with 32 strips: each is "
    "measured at the same height. Which sum is never too large?",
    play="n",
)
def two_integrals(function: str, n: int) -> Scene:
    """Add up a function by place and by value."""
    f, exact = _FUNCTIONS[function]
    y = f(_FINE)
    left = np.arange(n) / n
    riemann = float(f(left).mean())
    layers = kernels.layer_integral(y, np.full(len(y), 1 / len(y)), n)
    figure = canvas(4.4)
    for bottom, title in ((0.57, f"by place: {riemann:.3f}"), (0.07, f"by value: {layers:.3f}")):
        ax = figure.add_axes((0.09, bottom, 0.88, 0.36))
        ax.set_title(title, loc="left", fontsize=10.5)
        ax.set(xlim=(0, 1), ylim=(0, 1.08), xticks=[0, 0.5, 1], yticks=[0, 1])
        if bottom > 0.5:
            ax.bar(left, f(left), 1 / n, align="edge", color=PAPER, edgecolor=ROLE["data"])
        else:
            h = y.max() / n
            for k in range(1, n + 1):
                inside = np.where(y >= k * h - 1e-12, k * h, np.nan)
                ax.plot(_FINE[::8], inside[::8], color=ROLE["model"], linestyle="-", linewidth=1.2)
        ax.plot(_FINE[::8], y[::8], color=INK, linestyle="-", linewidth=0.9)
    return Scene(
        figure,
        {
            "integral": Number(exact, digits=4),
            "sum by place": Number(riemann, digits=4),
            "sum by value": Number(layers, digits=4),
            "error by place": Number(abs(riemann - exact), digits=2),
            "error by value": Number(abs(layers - exact), digits=2),
        },
    )


@two_integrals.invariant
def layers_are_never_too_large_and_at_most_one_level_short(p: Any, n: Any) -> bool:
    """Hold the sum by value to its theorem, up to the grid on which sets are measured."""
    return bool(-1e-3 <= n["integral"] - n["sum by value"] <= 1 / p["n"] + 1e-3)


@two_integrals.invariant
def strips_err_by_the_rise_and_fall_over_their_width(p: Any, n: Any) -> bool:
    """Bound the error by place by the total variation divided by the number of strips."""
    variation = {"parabola": 2, "two steps": 0.7, "fast wave": 64, "steep corner": 1}[p["function"]]
    return bool(n["error by place"] <= variation / p["n"] + 1e-9)


# A map applied again and again


@explorer(
    Control("slope", start=-0.7, low=-1.2, high=1.2, step=0.1),
    Choice("start", options=("0.1", "0.9", "1.8")),
    alt="The line y = x and a second line with the chosen slope. From the start a path goes upright to the "
    "second line, level to the first, and so on: stairs or a spiral towards where the lines cross.",
    caption="Each step goes upright to the map and level to the diagonal. Compare the error with Banach's "
    "bound. What happens at slope 1, at −1, and beyond?",
    play="slope",
)
def cobweb(slope: float, start: str) -> Scene:
    """Iterate a straight map x -> 1 + slope (x - 1) and draw its cobweb."""
    n_steps = 12
    x = [float(start)]
    for _ in range(n_steps):
        x.append(1 + slope * (x[-1] - 1))
    path = np.array(x)
    figure = canvas(4.2)
    ax = figure.add_axes((0.1, 0.1, 0.87, 0.87))
    line = np.array([-1.5, 3.5])
    ax.plot(line, line, "--", color=MUTED, linewidth=1)
    ax.plot(line, 1 + slope * (line - 1), color=ROLE["model"])
    web = np.repeat(path, 2)
    shown = np.clip(np.column_stack([web[:-1], np.concatenate([[path[0]], web[2:]])]), -9, 9)
    ax.plot(*shown.T, color=ROLE["gradient"], linestyle="-", linewidth=1.1)
    ax.plot(path[0], path[0], "o", color=ROLE["gradient"], markersize=6)
    ax.plot(1, 1, "s", color=INK, markersize=5)
    ax.set(xlim=(-0.2, 2.2), ylim=(-0.2, 2.2), xticks=[0, 1, 2], yticks=[0, 1, 2])
    error = abs(path[-1] - 1)
    q = abs(slope)
    bound = q**n_steps / (1 - q) * abs(path[1] - path[0]) if q < 1 - 1e-12 else np.inf
    return Scene(
        figure,
        {
            "error at first": Number(float(abs(path[0] - 1)), digits=3),
            "error after 12 steps": Number(float(error), digits=3),
            "Banach's bound": Number(float(bound), digits=3),
            "it": "arrives" if q < 1 - 1e-12 else "never arrives",
        },
    )


@cobweb.invariant
def the_error_stays_below_the_bound(p: Any, n: Any) -> bool:
    """Hold the error to Banach's bound, and the bound to its formula."""
    q = abs(p["slope"])
    if q > 1 - 1e-12:
        return bool(n["Banach's bound"] == np.inf)
    formula = q**12 / (1 - q) * abs(1 - p["slope"]) * n["error at first"]
    return bool(abs(n["Banach's bound"] - formula) < 1e-9 and n["error after 12 steps"] <= formula + 1e-12)


@cobweb.invariant
def each_step_multiplies_the_error_by_the_slope(p: Any, n: Any) -> bool:
    """Know the error of a straight map exactly."""
    return bool(abs(n["error after 12 steps"] - abs(p["slope"]) ** 12 * n["error at first"]) < 1e-9)


# Random functions


@functools.cache
def _observations() -> tuple[Array, Array]:
    rng = np.random.default_rng(2)
    x = np.sort(np.concatenate([rng.uniform(0, 0.45, 9), rng.uniform(0.7, 1, 7)]))
    return x, np.sin(7 * x) + 0.15 * rng.normal(size=len(x))


@explorer(
    Choice(
        "width",
        options=("0.02", "0.1", "0.2", "0.4", "0.8"),
        start="0.2",
        label="width of the kernel",
    ),
    Choice("noise", options=("0.001", "0.02", "0.5"), start="0.02", label="variance of the noise"),
    Control("points", start=16, low=2, high=16, step=2),
    alt="Points, a curve through or near them, and a band around it that is narrow near points and wide in "
    "the gap between them and beyond the ends. A pale dashed curve shows the truth.",
    caption="Mean and band of two standard deviations of a Gaussian process given the points (dashed: the "
    "truth). Which width and noise have the largest likelihood, and what do they do in the gap?",
)
def random_functions(width: str, noise: str, points: int) -> Scene:
    """Condition a Gaussian process on some points."""
    x, y = _observations()
    chosen = np.linspace(0, len(x) - 1, points).round().astype(int)
    x, y = x[chosen], y[chosen]
    grid = np.linspace(-0.1, 1.1, 181)  # three points to the narrowest width

    def k(a: Array, b: Array) -> Array:
        return kernels.gaussian_kernel(a[:, None], b[:, None], float(width))

    belief = kernels.gaussian_process(k(x, x), k(grid, x), np.ones(len(grid)), y, float(noise))
    at_points = kernels.gaussian_process(k(x, x), k(x, x), np.ones(len(x)), y, float(noise))
    figure = canvas(3.2)
    ax = figure.add_axes((0.1, 0.11, 0.87, 0.87))
    band = 2 * belief.deviation
    ax.fill_between(grid, belief.mean - band, belief.mean + band, color=ROLE["model"], alpha=0.2, linewidth=0)
    ax.plot(grid, belief.mean, color=ROLE["model"])
    ax.plot(x, y, "o", color=ROLE["data"], markersize=5)
    ax.plot(grid, np.sin(7 * grid), "--", color=MUTED, linewidth=0.8)
    ax.set(xlim=(-0.1, 1.1), ylim=(-2.6, 2.6), xticks=[0, 0.5, 1], yticks=[-2, 0, 2])
    return Scene(
        figure,
        {
            "log-likelihood": Number(belief.log_likelihood, digits=4),
            "log-likelihood a point": Number(belief.log_likelihood / points, digits=3),
            "deviation in the gap": Number(float(np.interp(0.57, grid, belief.deviation)), digits=3),
            "largest deviation at a point": Number(float(at_points.deviation.max()), digits=3),
        },
    )


@random_functions.invariant
def no_band_is_wider_than_before_the_data(_p: Any, n: Any) -> bool:
    """Never be less certain than the prior."""
    return bool(0 <= n["deviation in the gap"] <= 1 + 1e-9)


@random_functions.invariant
def at_a_point_the_noise_bounds_the_deviation(p: Any, n: Any) -> bool:
    """Know a value that was observed at least as well as one observation tells it."""
    noise = float(p["noise"])
    return bool(n["largest deviation at a point"] <= np.sqrt(noise / (1 + noise)) + 1e-6)
