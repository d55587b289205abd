"""Figures of the section on calculus.

Throughout, `f` is a function that works on arrays, `h` are steps, and every function returns a new Figure
that nobody has shown yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmlhelpers import calculus, plotting
from mmlhelpers._checks import Array

__all__ = [
    "critical_points",
    "descent_losses",
    "difference_errors",
    "edges",
    "fan",
    "flow_and_steps",
    "gradient_through_depth",
    "neuron_graph",
    "polar_pieces",
    "rectangles",
    "slopes_at_a_kink",
    "squeezed_pieces",
    "taylor_polynomials",
    "under_the_microscope",
]

_STYLES = (("data", "-"), ("model", "--"), ("target", "-."), ("gradient", ":"))


def under_the_microscope() -> Figure:
    """Zoom into a smooth curve and into a corner, three magnifications each.

    Returns
    -------
    Figure
        Two rows of three panels; the tangent of the smooth curve is dashed.
    """
    fig, axes = plt.subplots(2, 3, figsize=(6.0, 3.8), sharex="col")
    for column, width in zip(axes.T, (1.0, 0.1, 0.01), strict=True):
        t = np.linspace(-width, width, 201)
        bend = t + 0.8 * t * t - 0.5 * t * t * t
        column[0].plot(t, bend, color=plotting.ROLE["data"], linestyle="-", label="curve")
        column[0].plot(t, t, color=plotting.ROLE["model"], linestyle="--", linewidth=1.5, label="tangent")
        column[1].plot(t, np.abs(t), color=plotting.ROLE["data"], linestyle="-")
        column[0].set(title=f"width {2 * width:g}", ylim=(-1.5 * width, 1.5 * width))
        column[1].set(ylim=(-0.5 * width, 1.1 * width), xticks=(-width, 0, width), xlabel="distance h")
    axes[0, 0].legend(fontsize=8, loc="upper left", handlelength=1.4, borderpad=0)
    axes[0, 0].set_ylabel("smooth")
    axes[1, 0].set_ylabel("corner")
    for ax in axes.flat:
        ax.set(yticks=(0,))
    return fig


def taylor_polynomials(degrees: Sequence[int]) -> Figure:
    """Draw ln(1 + x) and some of its Taylor polynomials at 0.

    Parameters
    ----------
    degrees : sequence of int
        Four degrees.

    Returns
    -------
    Figure
        One plane; the interval of convergence is shaded.
    """
    fig, ax = plt.subplots()
    x = np.linspace(-0.95, 2, 300)
    ax.axvspan(-1, 1, color=plotting.ROLE["target"], alpha=0.1, linewidth=0)
    ax.plot(x, np.log1p(x), color=plotting.INK, linestyle="-", label="ln(1 + x)", linewidth=2.5)
    for degree, (role, style) in zip(degrees, _STYLES, strict=True):
        coefficients = [0, *((-1.0) ** (k + 1) / k for k in range(1, degree + 1))]
        y = calculus.taylor_polynomial(coefficients, 0.0, x)
        y = np.where(np.abs(y) < 3, y, np.nan)
        ax.plot(x, y, color=plotting.ROLE[role], linestyle=style, label=f"degree {degree}", linewidth=1.6)
    ax.set(xlim=(-1, 2), ylim=(-2.6, 2.2), xlabel="x")
    ax.annotate("distance from the\ncentre below 1", (-0.3, -2.3), color=plotting.ROLE["target"], fontsize=9)
    ax.legend(loc="upper left", fontsize=9, ncols=2)
    return fig


def difference_errors(f: Callable[[Any], Any], x: float, truth: float, h: Array) -> Figure:
    """Draw the errors of numerical derivatives against the step.

    Parameters
    ----------
    f : callable
        Works on real and complex arrays.
    x : float
        Where.
    truth : float
        The derivative there.
    h : (n,) ndarray
        Positive steps.

    Returns
    -------
    Figure
        One pair of logarithmic axes; errors below 1e-15 are drawn at 1e-15.
    """
    slopes = {
        "forward": calculus.forward_difference(f, x, h),
        "central": calculus.central_difference(f, x, h),
        "Richardson, two steps": calculus.richardson(f, x, h, levels=2),
        "complex step": np.array([calculus.complex_step(f, x, step) for step in h]),
    }
    fig, ax = plt.subplots()
    for (name, slope), (role, style), marker in zip(slopes.items(), _STYLES, "osD^", strict=True):
        error = np.maximum(np.abs(slope - truth), 1e-15)
        ax.loglog(
            h, error, color=plotting.ROLE[role], linestyle=style, marker=marker, markersize=3.5, label=name
        )
    ax.set(xlabel="step h", ylabel="error of the slope", ylim=(4e-16, 10))
    ax.legend(fontsize=9, loc="upper center")
    return fig


def fan() -> Figure:
    """Shade the function xy/(x² + y²) on a square around the origin.

    Returns
    -------
    Figure
        One square with level rays.
    """
    t = np.linspace(-1, 1, 200)
    x, y = np.meshgrid(t, t)
    fig, ax = plt.subplots(figsize=(4.8, 4.0))
    shades = ax.imshow(x * y / (x * x + y * y), extent=(-1, 1, -1, 1), origin="lower", cmap="gray")
    for (x1, y1), text in {
        (0.62, 0.62): "½",
        (0.62, -0.62): "−½",
        (0.75, 0.0): "0",
        (0.0, 0.75): "0",
    }.items():
        colour = plotting.PAPER if text == "−½" else plotting.INK
        ax.annotate(text, (x1, y1), color=colour, ha="center", va="center", fontsize=13)
    ax.set(xlabel="x", ylabel="y", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    ax.grid(False)
    fig.colorbar(shades, ticks=(-0.5, 0, 0.5), shrink=0.8)
    return fig


def edges(image: Array, steepness: Array) -> Figure:
    """Show a photograph beside the length of its gradient.

    Parameters
    ----------
    image : (h, w) ndarray
        Grey levels between 0 and 1.
    steepness : (h - 2, w - 2) ndarray
        Length of the gradient in each pixel.

    Returns
    -------
    Figure
        Two pictures; a long gradient is dark.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.0, 2.3))
    plotting.picture(left, image, "brightness f")
    plotting.picture(right, 1 - np.minimum(steepness / 0.3, 1), "length of its gradient")
    return fig


def critical_points() -> Figure:
    """Draw level lines around a minimum, a saddle and a point where the second-order test is silent.

    Returns
    -------
    Figure
        Three planes; levels below that of the point are dashed.
    """
    t = np.linspace(-1.5, 1.5, 121)
    x, y = np.meshgrid(t, t)
    cases = {"minimum": x**2 + 2 * y**2, "saddle": x**2 - 1.2 * y**2, "valley floor": x**2 + y**4}
    fig, axes = plt.subplots(1, 3, figsize=(6.0, 2.7), sharey=True)
    for ax, (name, z) in zip(axes, cases.items(), strict=True):
        levels = np.array([-2.0, -1.0, -0.4, -0.1, 0.1, 0.4, 1.0, 2.0])
        for low, style, role in ((True, "dashed", "model"), (False, "solid", "data")):
            part = levels[(levels < 0) == low]
            if z.min() < part.max():
                ax.contour(x, y, z, levels=part, colors=plotting.ROLE[role], linestyles=style, linewidths=1.3)
        ax.plot(0, 0, "o", color=plotting.INK, markersize=4)
        ax.set(aspect="equal", title=name, xlabel="$w_1$", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        ax.grid(False)
    axes[0].set_ylabel("$w_2$")
    return fig


def descent_losses(runs: Mapping[float, Array]) -> Figure:
    """Draw the losses of gradient descent for several learning rates.

    Parameters
    ----------
    runs : mapping of float to (n,) ndarray
        Losses by learning rate in units of 1/L.

    Returns
    -------
    Figure
        One plane with a logarithmic vertical axis.
    """
    fig, ax = plt.subplots()
    for (rate, losses), (role, style) in zip(
        runs.items(), (_STYLES[0], *_STYLES[2:], _STYLES[1]), strict=True
    ):
        ax.semilogy(losses, color=plotting.ROLE[role], linestyle=style, label=f"$\\alpha$ = {rate:g} / L")
    ax.set(xlabel="step", ylabel="loss")
    ax.set_yticks((0.2, 0.5, 1, 2, 5), ("0.2", "0.5", "1", "2", "5"))
    ax.minorticks_off()
    ax.legend(fontsize=9)
    return fig


def flow_and_steps() -> Figure:
    """Draw the gradient flow on a valley and gradient descent with a long and a short step.

    Returns
    -------
    Figure
        Level lines and three paths.
    """
    curvatures = np.array([1.0, 6.0])
    start = np.array([3.0, 1.4])
    fig, ax = plt.subplots(figsize=(6.0, 3.3))
    _valley(ax, curvatures)
    times = np.linspace(0, 5, 120)
    ax.plot(
        *(start * np.exp(-np.outer(times, curvatures))).T,
        color=plotting.INK,
        linestyle="--",
        label="gradient flow",
    )
    for alpha, n_steps, role, style, marker in (
        (0.28, 14, "gradient", "-", "o"),
        (0.06, 60, "target", ":", "s"),
    ):
        path = calculus.euler(lambda t, w: -curvatures * w, start, alpha * np.arange(n_steps + 1))
        label = f"steps of {alpha:g}"
        ax.plot(
            *path.T,
            color=plotting.ROLE[role],
            linestyle=style,
            marker=marker,
            markersize=3.5,
            linewidth=1.2,
            label=label,
        )
    ax.plot(0, 0, "+", color=plotting.INK, markersize=10)
    ax.legend(loc="upper left", fontsize=9)
    return fig


def _valley(ax: Axes, curvatures: Array) -> None:
    x, y = np.meshgrid(np.linspace(-0.6, 3.4, 121), np.linspace(-1.2, 1.6, 81))
    z = 0.5 * (curvatures[0] * x**2 + curvatures[1] * y**2)
    ax.contour(x, y, z, levels=np.geomspace(0.05, 14, 9), colors=plotting.MUTED, linewidths=0.7)
    ax.set(xlim=(-0.6, 3.4), ylim=(-1.2, 1.6), aspect="equal", xlabel="$w_1$", ylabel="$w_2$")
    ax.grid(False)


def gradient_through_depth(runs: Mapping[str, Array]) -> Figure:
    """Draw how long the gradient is after each layer on its way back.

    Parameters
    ----------
    runs : mapping of str to (n,) ndarray
        Lengths by name of the network, from the last layer to the first.

    Returns
    -------
    Figure
        One plane with a logarithmic vertical axis.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.8))
    looks = (*_STYLES, ("data", (0, (5, 1, 1, 1))))
    for (name, norms), (role, style) in zip(runs.items(), looks, strict=True):
        ax.semilogy(range(1, len(norms) + 1), norms, color=plotting.ROLE[role], linestyle=style)
        shown = norms[norms > 1e-14]
        ax.annotate(
            name,
            (len(shown), shown[-1]),
            xytext=(4, 0),
            textcoords="offset points",
            color=plotting.ROLE[role],
            fontsize=9,
            va="bottom" if len(shown) < len(norms) else "center",
        )
    ax.set(
        xlabel="layers passed, from the output back",
        ylabel="length of the gradient",
        ylim=(1e-14, 1e8),
        xlim=(1, 68),
    )
    ax.set_xticks((1, 10, 20, 30, 40, 50))
    return fig


def neuron_graph(w: float, x: float, b: float, y: float) -> Figure:
    """Draw the operations of one neuron with its squared error, and every number of both passes.

    Parameters
    ----------
    w, x, b, y : float
        Weight, input, bias and the wanted output.

    Returns
    -------
    Figure
        Beside each circle its value, and below that the derivative of L; on each edge the local slope.
    """
    t = float(np.tanh(w * x + b))
    e, bend = t - y, 1 - t * t
    dz = 2 * e * bend
    places = {"w": (0, 5), "x": (2, 5), "u": (1, 4), "b": (3, 4), "z": (2, 3), "t": (2, 2)}
    places |= {"y": (4, 2), "e": (3, 1), "L": (3, 0)}
    values = {"w": w, "x": x, "u": w * x, "b": b, "z": w * x + b, "t": t, "y": y, "e": e, "L": e * e}
    slopes = {
        "w": dz * x,
        "x": dz * w,
        "u": dz,
        "b": dz,
        "z": dz,
        "t": 2 * e,
        "y": -2 * e,
        "e": 2 * e,
        "L": 1.0,
    }
    edges = {"wu": x, "xu": w, "uz": 1.0, "bz": 1.0, "zt": bend, "te": 1.0, "ye": -1.0, "eL": 2 * e}
    fig, ax = plt.subplots(figsize=(4.6, 5.6))
    for edge, slope in edges.items():  # named by its two ends
        tail, tip = np.array(places[edge[0]]), np.array(places[edge[1]])
        ax.plot(*np.column_stack([tail, tip]), color=plotting.MUTED, linestyle="-", linewidth=1.2, zorder=1)
        box: dict[str, Any] = {"facecolor": plotting.PAPER, "edgecolor": "none", "pad": 1.0}
        across, up = 0.5 * (tail + tip)
        ax.text(
            across, up, f"{slope:.4g}", color=plotting.MUTED, fontsize=9, ha="center", va="center", bbox=box
        )
    for name, (across, up) in places.items():
        ax.plot(across, up, "o", markersize=24, color=plotting.PAPER, markeredgecolor=plotting.INK, zorder=2)
        ax.text(across, up, f"${name}$", ha="center", va="center", fontsize=12)
        beside: dict[str, Any] = {"ha": "left", "fontsize": 10, "zorder": 3}
        ax.text(
            across + 0.36,
            up + 0.03,
            f"{values[name]:.4g}",
            va="bottom",
            color=plotting.ROLE["data"],
            **beside,
        )
        ax.text(
            across + 0.36,
            up - 0.03,
            f"{slopes[name]:.4g}",
            va="top",
            color=plotting.ROLE["gradient"],
            **beside,
        )
    ax.set(xlim=(-0.4, 5.1), ylim=(-0.4, 5.4))
    ax.axis("off")
    return fig


def slopes_at_a_kink() -> Figure:
    """Draw the ReLU with lines through its kink that stay below it.

    Returns
    -------
    Figure
        One plane; the slopes of the lines are 0, 1/2 and 1.
    """
    fig, ax = plt.subplots(figsize=(4.6, 3.2))
    z = np.array([-1.0, 0.0, 1.0])
    ax.plot(z, np.maximum(z, 0), color=plotting.INK, linestyle="-", linewidth=3, label="ReLU")
    for slope, (role, style) in zip((0.0, 0.5, 1.0), _STYLES[1:], strict=True):
        ax.plot(z, slope * z, color=plotting.ROLE[role], linestyle=style, label=f"slope {slope:g}")
    ax.set(xlabel="z", xticks=(-1, 0, 1), yticks=(0, 1), ylim=(-1.05, 1.05))
    ax.legend(fontsize=9)
    return fig


def rectangles(counts: Sequence[int]) -> Figure:
    """Draw the area below x squared between rectangles that are too small and too large.

    Parameters
    ----------
    counts : sequence of int
        How many rectangles, one panel each.

    Returns
    -------
    Figure
        As many panels as counts, side by side; the steps above the curve are hatched.
    """
    fig, axes = plt.subplots(1, len(counts), figsize=(6.0, 3.0), sharey=True)
    fine = np.linspace(0, 1, 101)
    for ax, n in zip(axes, counts, strict=True):
        left = np.arange(n) / n
        low, high = left**2, (left + 1 / n) ** 2
        ax.bar(
            left, low, 1 / n, align="edge", color=plotting.ROLE["data"], alpha=0.35, edgecolor=plotting.INK
        )
        gap: dict[str, Any] = {"facecolor": "none", "hatch": "///", "edgecolor": plotting.ROLE["model"]}
        ax.bar(left, high - low, 1 / n, bottom=low, align="edge", linewidth=0.6, **gap)
        ax.plot(fine, fine**2, color=plotting.INK, linestyle="-")
        ax.set(title=f"{n} pieces", xlabel="x", xticks=(0, 0.5, 1))
    return fig


def squeezed_pieces(n: int) -> Figure:
    """Draw what squaring does to equal pieces of [0, 1] that hold equal shares of the probability.

    Parameters
    ----------
    n : int
        How many pieces.

    Returns
    -------
    Figure
        Two panels, one below the other: the density of x, and that of x squared; all bars have one area.
    """
    fig, axes = plt.subplots(2, 1, figsize=(5.2, 4.4))
    edges = np.arange(n + 1) / n
    for ax, ends, name in zip(axes, (edges, edges**2), ("x", "y = x²"), strict=True):
        width = np.diff(ends)
        ax.bar(
            ends[:-1],
            1 / n / width,
            width,
            align="edge",
            color=plotting.ROLE["data"],
            alpha=0.35,
            edgecolor=plotting.INK,
        )
        ax.set(xlabel=name, ylabel="density", xlim=(0, 1), ylim=(0, 4.2))
    y = np.linspace(0.015, 1, 200)
    axes[1].plot(y, 0.5 / np.sqrt(y), color=plotting.ROLE["model"], linestyle="--", label="1 / (2√y)")
    axes[1].legend(fontsize=9)
    return fig


def polar_pieces() -> Figure:
    """Draw the pieces of the plane that belong to equal steps in radius and angle.

    Returns
    -------
    Figure
        One plane with three rings of twelve pieces; two pieces of equal steps are filled.
    """
    fig, ax = plt.subplots(figsize=(4.2, 4.2))
    plotting.plane(ax, 3.2)
    turn = np.linspace(0, 2 * np.pi, 181)
    for r in (1, 2, 3):
        ax.plot(r * np.cos(turn), r * np.sin(turn), color=plotting.MUTED, linestyle="-", linewidth=0.8)
    for angle in turn[::15]:
        ax.plot(
            [0, 3 * np.cos(angle)], [0, 3 * np.sin(angle)], color=plotting.MUTED, linestyle=":", linewidth=0.8
        )
    part = turn[15:31]
    for r, role in ((1, "data"), (3, "model")):
        inner, outer = (r - 1) * np.exp(1j * part), r * np.exp(1j * part[::-1])
        edge = np.concatenate([inner, outer])
        ax.fill(edge.real, edge.imag, color=plotting.ROLE[role], alpha=0.5)
    return fig
