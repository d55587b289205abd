"""Interactive figures of the linear algebra chapter."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import datasets, linalg
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Number, Scene, explorer
from mmlhelpers.explorers._canvas import WIDTH, canvas
from mmlhelpers.plotting import GRID, INK, MUTED, PAPER, ROLE, arrow, line_through, picture, plane

__all__ = ["image_compressor", "plane_map", "power_race", "projection"]

_CIRCLE = np.array([np.cos(np.linspace(0, 2 * np.pi, 73)), np.sin(np.linspace(0, 2 * np.pi, 73))])  # (2, 73)
_LETTER = (
    0.12 * np.array([[0, 0], [0, 7], [4, 7], [4, 6], [1, 6], [1, 4], [3, 4], [3, 3], [1, 3], [1, 0]]).T
)  # (2, 10)
#: What the second column of the 2x2 laboratory may be, given the first.
_SECOND: dict[str, Callable[[Array], Array]] = {
    "(0, 1)": lambda _: np.array([0.0, 1.0]),
    "(½, 1)": lambda _: np.array([0.5, 1.0]),
    "(−1, ½)": lambda _: np.array([-1.0, 0.5]),
    "Ae₁ turned left by 90°": lambda first: np.array([-first[1], first[0]]),
    "Ae₁ turned right by 90°": lambda first: np.array([first[1], -first[0]]),
    "half of Ae₁": lambda first: first / 2,
}


def _bare_plane(figure: Figure, box: tuple[float, float, float, float], x: ArrayLike, y: ArrayLike) -> Axes:
    """Add a piece of the plane with nothing around it."""
    ax = plane(figure.add_axes(box), 1)
    ax.set(xlim=x, ylim=y, xticks=(), yticks=())
    ax.spines[:].set_visible(False)
    return ax


def _unit_grid(ax: Axes) -> None:
    """Draw the grid of units as one piece: ticks would take most of the time that a frame takes."""
    units = range(-4, 5)
    lines = [((t, -5), (t, 5)) for t in units] + [((-5, t), (5, t)) for t in units]
    ax.add_collection(LineCollection(lines, colors=GRID, linewidths=0.6, zorder=0.5), autolim=False)


def _polar(degrees: float) -> Array:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def _close(x: float, y: float) -> bool:
    return bool(np.isclose(x, y, rtol=1e-9, atol=1e-9))


# The 2x2 laboratory


@explorer(
    Control("x", start=1.5, low=-2.0, high=2.0, step=0.5, label="Ae₁, first entry"),
    Control("y", start=0.5, low=-1.5, high=1.5, step=0.5, label="Ae₁, second entry"),
    Choice("second", options=tuple(_SECOND), label="Ae₂"),
    alt="A 2 by 2 matrix bends the square grid into a slanted one, the unit circle into an ellipse with "
    "two half-axes and the letter F into a slanted F; two straight lines mark the eigen-directions.",
    caption="A matrix is known by what it does to e₁ and e₂. Move the tip of Ae₁ and watch the letter. Later "
    "lessons look at the rest: the letter is mirrored exactly when the determinant is negative; the "
    "eigen-directions are there only while the eigenvalues are real; the ellipse has the singular "
    "values as half-axes.",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def plane_map(x: float, y: float, second: str) -> Scene:
    """Show what a 2x2 matrix does to the grid, the unit circle and a letter."""
    first = np.array([x, y])
    A = np.column_stack([first, _SECOND[second](first)])  # (2, 2)
    eigenvalues, directions = _eigen(A)
    U, sigma, _ = linalg.svd(A)
    half_axes = U * sigma * np.where(U[1] > 0, -1, 1)  # (2, 2), downwards, where the arrows seldom are
    figure = canvas(4.5)
    ax = _bare_plane(figure, (0, 0.065, 1, 0.933), (-2.6, 2.6), (-2.6, 2.6))
    _unit_grid(ax)
    _bent_grid(ax, A)
    for value, direction in directions:
        line_through(ax, direction, "gradient", linestyle="-.", label="eigen-direction")
        _along(ax, direction, f"λ = {value:.2f}", "gradient")
    green = ROLE["target"]
    ax.fill(
        *(A @ _LETTER),
        facecolor=(green, 0.5),
        edgecolor=green,
        linestyle="-",
        linewidth=1,
        label="letter",
        zorder=3,
    )
    ax.plot(*(A @ _CIRCLE), color=ROLE["model"], linestyle="-", label="circle", zorder=3)
    for number, axis in zip("₁₂", half_axes.T, strict=True):
        ax.plot(*zip((0, 0), axis, strict=True), color=ROLE["model"], linestyle=":", zorder=3)
        if np.linalg.norm(axis) > 0.1:
            place = axis * (1 + 0.2 / np.linalg.norm(axis))
            ax.annotate(f"σ{number}", place, color=ROLE["model"], ha="center", va="center", zorder=6)
    arrow(ax, A[:, 0], label="Ae₁", offset=(11, 3))
    arrow(ax, A[:, 1], label="Ae₂")
    _legend(figure, ax)
    kinds = {0: "none real", 1: "one", 2: "two"}
    return Scene(
        figure,
        {
            "det A": linalg.determinant(A),
            "trace A": np.trace(A),
            "eigenvalues": eigenvalues,
            "eigen-directions": "every one"
            if np.allclose(A, A[0, 0] * np.eye(2))
            else kinds[len(directions)],
            "σ₁": sigma[0],
            "σ₂": sigma[1],
            "rank A": linalg.rank(A),
            "area ratio": _area(A @ _LETTER) / _area(_LETTER),
        },
    )


def _eigen(A: Array) -> tuple[tuple[complex, complex], list[tuple[float, Array]]]:
    """Eigenvalues of a 2x2 matrix, and a direction for each real one that differs from the others."""
    half_trace, determinant = np.trace(A) / 2, A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
    square = half_trace**2 - determinant
    root = 0.0 if abs(square) < 1e-12 else np.sqrt(complex(square))
    values = (complex(half_trace + root), complex(half_trace - root))
    real = sorted({v.real for v in values}, reverse=True) if values[0].imag == 0 else []
    return values, [(value, linalg.svd(A - value * np.eye(2)).Vt[-1]) for value in real]


def _bent_grid(ax: Axes, A: Array) -> None:
    ends = np.array([-6.0, 6.0])
    lines = [A @ np.array([(t, t), ends]) for t in range(-6, 7)] + [
        A @ np.array([ends, (t, t)]) for t in range(-6, 7)
    ]
    ax.add_collection(
        LineCollection([line.T for line in lines], colors=ROLE["data"], linewidths=0.5, alpha=0.75)
    )
    ax.fill(*(A @ np.array([[0, 1, 1, 0], [0, 0, 1, 1]])), color=ROLE["data"], alpha=0.15, linewidth=0)


def _along(ax: Axes, direction: Array, text: str, role: str) -> None:
    """Write beside a line through the origin, near the rim and on the upper side."""
    x, y = direction * (1 if direction[1] > 0 or (direction[1] == 0 and direction[0] > 0) else -1)
    place = np.array([x, y]) / max(abs(x), abs(y)) * 2.35
    side, towards = (-5, "right") if x > 0 else (5, "left")
    look: dict[str, Any] = {"color": ROLE[role], "ha": towards, "va": "bottom", "zorder": 6}
    ax.annotate(text, tuple(place), xytext=(side, 0), textcoords="offset points", **look)


def _legend(figure: Figure, ax: Axes) -> None:
    entries = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    figure.legend(
        entries.values(), entries.keys(), loc="lower center", ncols=len(entries), fontsize=10, borderpad=0
    )


def _area(polygon: Array) -> float:
    """Area inside a closed polygon, corners as columns, by the shoelace formula."""
    x, y = polygon
    return float(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)


@plane_map.invariant
def area_ratio_is_the_size_of_the_determinant(_parameters: Any, n: Any) -> bool:
    """Compare the letter's area with the determinant that elimination finds."""
    return _close(n["area ratio"], abs(n["det A"]))


@plane_map.invariant
def product_of_singular_values_is_the_size_of_the_determinant(_parameters: Any, n: Any) -> bool:
    """Compare the ellipse's area with the determinant."""
    return _close(n["σ₁"] * n["σ₂"], abs(n["det A"]))


@plane_map.invariant
def eigenvalues_sum_to_the_trace_and_multiply_to_the_determinant(_parameters: Any, n: Any) -> bool:
    """Both hold for complex eigenvalues as well."""
    first, second = n["eigenvalues"]
    return _close(abs(first + second - n["trace A"]), 0) and _close(abs(first * second - n["det A"]), 0)


# The projection machine


@explorer(
    Control("x", start=1.0, low=-3.0, high=3.0, step=1.0, label="b, first entry"),
    Control("y", start=3.0, low=-1.0, high=3.0, step=1.0, label="b, second entry"),
    Control("angle", start=45, low=0, high=150, step=15, label="angle of the line", unit="°"),
    alt="An arrow b, a line through the origin and the point p of the line nearest to b; the dashed "
    "residual from p to b meets the line at a right angle, and a circle around b touches the line "
    "only at p.",
    caption="The nearest point p of the line is where the residual r = b − p meets it at a right angle: the "
    "dotted circle around b touches the line there and nowhere else.",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def projection(x: float, y: float, angle: float) -> Scene:
    """Project a point of the plane onto a line through the origin."""
    b, a = np.array([x, y]), _polar(angle)
    p = linalg.project(b, a[:, None])
    r = b - p
    figure = canvas(3.6)
    ax = _bare_plane(figure, (0, 0, 1, 1), (-3.9, 3.9), (-2.3, 4.385))
    _unit_grid(ax)
    line_through(ax, a, "model")
    arrow(ax, a, role="gradient", label="a", offset=(2, -14))
    distance = np.linalg.norm(r)
    ax.plot(*(b[:, None] + distance * _CIRCLE), color=MUTED, linestyle=":", linewidth=1.2)
    if distance > 1e-9:
        _right_angle(ax, p, a, r / distance)
        arrow(ax, b, tail=p, role="target", linestyle="--")
        ax.annotate("r", tuple((b + p) / 2), xytext=(6, 2), textcoords="offset points", color=ROLE["target"])
    arrow(ax, p, role="model")
    ax.annotate("p", tuple(p), xytext=(4, -14), textcoords="offset points", color=ROLE["model"])
    arrow(ax, b, label="b", offset=(11, 3))
    length = np.linalg.norm(b)
    return Scene(
        figure,
        {
            "c = aᵀb": a @ b,
            "p = c a": f"({p[0] + 0.0:.2f}, {p[1] + 0.0:.2f})".replace("-0.00", "0.00").replace("-", "−"),
            "‖b‖": length,
            "‖p‖": np.linalg.norm(p),
            "‖r‖": distance,
            "aᵀr": a @ r,
            "cos ∠(a, b)": a @ b / length if length else np.nan,
        },
    )


def _right_angle(ax: Axes, corner: Array, along: Array, up: Array) -> None:
    """Mark the right angle on the side of the line that points back to the origin."""
    side = 0.28 * (-along if corner @ along > 0 else along)
    path = np.array([corner + side, corner + side + 0.28 * up, corner + 0.28 * up])
    ax.plot(*path.T, color=INK, linestyle="-", linewidth=1)


@projection.invariant
def pythagoras_holds(_parameters: Any, n: Any) -> bool:
    """Add up the squares of the two legs."""
    return _close(n["‖p‖"] ** 2 + n["‖r‖"] ** 2, n["‖b‖"] ** 2)


@projection.invariant
def residual_is_orthogonal_to_the_line(_parameters: Any, n: Any) -> bool:
    """Check that the right angle is one."""
    return _close(n["aᵀr"], 0)


@projection.invariant
def no_sampled_point_of_the_line_is_nearer(parameters: Any, n: Any) -> bool:
    """Forty-one other points of the line lie at least as far from b."""
    b, a = np.array([parameters["x"], parameters["y"]]), _polar(parameters["angle"])
    distances = np.linalg.norm(b[:, None] - np.outer(a, np.linspace(-5, 5, 41)), axis=0)
    return bool(distances.min() >= n["‖r‖"] - 1e-9)


# The image compressor


class _Compression(NamedTuple):
    """A grey picture, directions for its columns, and the relative error that the first k of them leave."""

    image: Array  # (64, 96)
    directions: Array  # (64, 64)
    errors: Array  # (65,)
    sigma: Array  # (64,)


@functools.cache
def _compression(photo: str) -> _Compression:
    name, _, random = photo.partition(", ")
    image = datasets.photo(name, shape=(64, 96))
    U, sigma, _ = linalg.svd(image)
    normal = np.random.default_rng(0).normal(size=(64, 64))
    directions = linalg.gram_schmidt(normal) if random else U
    energy = np.sum((directions.T @ image) ** 2, axis=1)  # (64,), what each direction contributes
    left = np.append(np.cumsum(energy[::-1])[::-1], 0.0)  # (65,)
    return _Compression(image, directions, np.sqrt(left / left[0]), sigma)


@explorer(
    Choice("photo", options=("china", "flower", "china, random directions"), label="picture"),
    Control("rank", start=8, low=0, high=64, step=1, label="rank k"),
    alt="A coarse grey photograph of a Chinese temple rebuilt from 8 of 64 singular vectors: roof and "
    "columns are there, fine detail is not. Below, the relative error falls steeply at first, then "
    "slowly, as the rank grows.",
    caption="Predict how many of the 64 singular vectors you need before you recognise the temple, and "
    "before you stop seeing a difference; then move the rank. The dots are the singular values, the "
    "line is the error that the ones left out make. Then try random directions of the same rank: no "
    "k directions do better than the first k singular vectors.",
)
def image_compressor(photo: str, rank: int) -> Scene:
    """Rebuild a picture from k directions: the singular vectors, or random ones."""
    image, directions, errors, sigma = _compression(photo)
    Q = directions[:, :rank]
    rebuilt = Q @ (Q.T @ image)  # (64, 96)
    m, n = image.shape
    figure = canvas(4.85)
    # The screen rounds to 64 grey levels, which keeps the site's file small; the numbers do not.
    above = picture(
        figure.add_axes((0, 1 - 2.8 / 4.85, 1, 2.8 / 4.85)), np.round(np.clip(rebuilt, 0, 1) * 63) / 63
    )
    above.images[0].set_interpolation(
        "none"
    )  # keeps the 64 by 96 pixels as they are instead of enlarging them
    ax = figure.add_axes((0.15, 0.115, 0.82, 0.275))
    ax.semilogy(errors[:-1], color=ROLE["model"], linestyle="-", label="relative error")
    ax.semilogy(
        range(1, m + 1),
        sigma / np.linalg.norm(sigma),
        ".",
        color=ROLE["data"],
        markersize=3.5,
        label="σₖ / ‖A‖",
    )
    ax.axvline(rank, color=INK, linestyle="--", linewidth=1)
    ax.plot(
        rank,
        max(errors[rank], 1e-3),
        "o",
        color=ROLE["model"],
        markeredgecolor=PAPER,
        clip_on=False,
        zorder=5,
    )
    ax.set(
        xlim=(0, m),
        ylim=(1e-3, 1.5),
        xticks=range(0, m + 1, 16),
        xlabel="rank k",
        yticks=(1e-3, 1e-2, 1e-1, 1),
    )
    ax.set_yticklabels(("0.001", "0.01", "0.1", "1"))
    ax.minorticks_off()
    ax.legend(loc="upper right", fontsize=10, borderpad=0)
    noise = np.mean((image - rebuilt) ** 2)
    return Scene(
        figure,
        {
            "relative error": np.linalg.norm(image - rebuilt) / np.linalg.norm(image),
            "PSNR": Number(10 * np.log10(1 / noise) if noise > 1e-24 else np.inf, "dB"),
            "numbers stored": rank * (m + n + 1),
            "storage ratio": Number(100 * rank * (m + n + 1) / (m * n), "%"),
        },
    )


@image_compressor.invariant
def error_is_the_root_of_the_energy_left_out(parameters: Any, n: Any) -> bool:
    """Singular vectors leave out the tail of the squared singular values; no other directions leave less."""
    squares = _compression(parameters["photo"]).sigma ** 2
    least = np.sqrt(squares[parameters["rank"] :].sum() / squares.sum())
    if "random" in parameters["photo"]:
        return bool(n["relative error"] >= least - 1e-9)
    return _close(n["relative error"], least)


@image_compressor.invariant
def one_more_direction_never_hurts(parameters: Any, n: Any) -> bool:
    """Compare the error with that at the rank below."""
    before = _compression(parameters["photo"]).errors[max(parameters["rank"] - 1, 0)]
    return bool(n["relative error"] <= before + 1e-9)


# The power iteration race

_TILT = 25.0
_STEPS = 10
_RATIOS = ("−0.99", "−0.8", "−0.5", "0.2", "0.5", "0.8", "0.99")


def _ratio(option: str) -> float:
    return float(option.replace("−", "-"))


@explorer(
    Choice("ratio", options=_RATIOS, start="0.8", label="λ₂ / λ₁"),
    Control("angle", start=70, low=10, high=90, step=20, label="start, angle to v₁", unit="°"),
    Control("steps", start=6, low=0, high=_STEPS, step=1, label="steps"),
    alt="Unit vectors on a circle turn towards the dashed line of the first eigenvector, each step a "
    "little less; below, the tangent of their angle to it falls along a straight line on a "
    "logarithmic scale.",
    caption="Each step multiplies by A and rescales to length one. On the logarithmic scale the error falls "
    "along a straight line whose slope is log |λ₂ / λ₁|. Press Play.",
    play="steps",
    handle=Handle(moves=("angle",), at=lambda p: tuple(_polar(_TILT + p["angle"]))),
)
def power_race(ratio: str, angle: float, steps: int) -> Scene:
    """Follow power iteration on a symmetric 2x2 matrix with eigenvalues 1 and `ratio`."""
    V = np.column_stack([_polar(_TILT), _polar(_TILT + 90)])  # (2, 2), eigenvectors as columns
    A = V @ np.diag([1.0, _ratio(ratio)]) @ V.T
    path = linalg.power_iteration(A, _polar(_TILT + angle), tolerance=1e-14, max_steps=_STEPS).history[
        : steps + 1
    ]
    along, across = np.abs(V.T @ path.T)  # parts of each iterate along v1 and v2
    tangents = across / np.where(along > 1e-9, along, np.nan)
    slope = np.polyfit(range(len(path)), np.log10(tangents), 1)[0] if len(path) > 1 else np.nan
    figure = canvas(4.95)
    width, height = 1.18 * WIDTH / 3.05, 1.18
    circle = _bare_plane(figure, (0, 1 - 3.05 / 4.95, 1, 3.05 / 4.95), (-width, width), (-height, height))
    _draw_circle(circle, V, path)
    _draw_errors(figure.add_axes((0.17, 0.105, 0.8, 0.265)), tangents, _ratio(ratio))
    return Scene(
        figure,
        {
            "angle to v₁": Number(np.degrees(np.arctan2(across[-1], along[-1])), "°"),
            "measured slope": slope,
            "log₁₀ |λ₂ / λ₁|": np.log10(abs(_ratio(ratio))),
            "steps per digit": -1 / slope,
        },
    )


def _draw_circle(ax: Axes, V: Array, path: ArrayLike) -> None:
    ax.plot(*_CIRCLE, color=MUTED, linestyle="-", linewidth=1)
    for name, direction, role, style in (("v₁", V[:, 0], "target", "--"), ("v₂", V[:, 1], "gradient", ":")):
        line_through(ax, direction, role, linestyle=style)
        ax.annotate(
            name, tuple(1.08 * direction), xytext=(2, -12), textcoords="offset points", color=ROLE[role]
        )
    *before, last = np.asarray(path)
    for v in before:
        ax.plot(*zip((0, 0), v, strict=True), color=ROLE["data"], linestyle="-", linewidth=0.7, alpha=0.75)
    ax.plot(*np.asarray(path).T, "o", color=ROLE["data"], markersize=4)
    arrow(ax, last, label="xₖ", offset=(8, 2))


def _draw_errors(ax: Axes, tangents: Array, ratio: float) -> None:
    k = np.arange(_STEPS + 1)
    if np.isfinite(tangents[0]):
        ax.semilogy(k, tangents[0] * abs(ratio) ** k, color=ROLE["model"], linestyle="--", label="predicted")
    ax.semilogy(
        range(len(tangents)),
        tangents,
        "o",
        color=ROLE["data"],
        markersize=5,
        label="measured",
        clip_on=False,
        zorder=5,
    )
    ax.set(xlim=(0, _STEPS), ylim=(1e-7, 20), xticks=range(0, _STEPS + 1, 2), yticks=(1e-6, 1e-4, 1e-2, 1))
    ax.set_yticklabels(("10⁻⁶", "10⁻⁴", "0.01", "1"))
    ax.minorticks_off()
    ax.set(xlabel="step", ylabel="tan of angle")
    ax.grid(True, color=GRID)
    ax.legend(loc="lower left", fontsize=10, borderpad=0)


@power_race.invariant
def measured_slope_is_the_logarithm_of_the_ratio(parameters: Any, n: Any) -> bool:
    """Agree within two per cent, after a step and unless the start is at a right angle to v1."""
    slope, predicted = n["measured slope"], np.log10(abs(_ratio(parameters["ratio"])))
    if parameters["steps"] == 0 or parameters["angle"] == 90:
        return bool(np.isnan(slope))
    return bool(abs(slope - predicted) <= 0.02 * abs(predicted))


@power_race.invariant
def a_start_at_a_right_angle_stays_there(parameters: Any, n: Any) -> bool:
    """Without any part along v1 there is nothing to grow."""
    return parameters["angle"] != 90 or _close(n["angle to v₁"].real, 90)
