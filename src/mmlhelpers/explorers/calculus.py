"""Interactive figures of the calculus chapter."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mmlhelpers import autodiff, calculus
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, arrow, plane

__all__ = ["gradient_compass", "jacobian_zoom", "secant_to_tangent", "tape_player"]

_EPS = float(np.finfo(float).eps)


# Secant to tangent

_Function = Callable[[Any], Any]
#: Name: the function, its derivative, and the sizes of its second and third derivatives at a point.
_CURVES: dict[str, tuple[_Function, _Function, _Function, _Function]] = {
    "(x² − 2)²": (
        lambda x: (x * x - 2) * (x * x - 2),
        lambda x: 4 * x * (x * x - 2),
        lambda x: 12 * x * x - 8,
        lambda x: 24 * x,
    ),
    "exp x": (np.exp, np.exp, np.exp, np.exp),
    "sin x": (np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)),
}
_EXPONENTS = np.arange(-16, 1)


@functools.cache
def _errors(curve: str, x: float) -> tuple[Array, Array, Array]:
    """Errors of forward and central differences and of the complex step, for all steps; at least 1e-16."""
    f, slope, *_ = _CURVES[curve]
    h = 10.0**_EXPONENTS
    estimates = (
        calculus.forward_difference(f, x, h),
        calculus.central_difference(f, x, h),
        np.array([calculus.complex_step(f, x, step) for step in h]),
    )
    forward, central, imaginary = (np.maximum(np.abs(e - slope(x)), 1e-16) for e in estimates)
    return forward, central, imaginary


@explorer(
    Choice("curve", options=tuple(_CURVES), label="function"),
    Control("x", start=1.1, low=-1.3, high=1.9, step=0.8, label="point x"),
    Control("k", start=0, low=0, high=16, step=1, label="k, for the step h = 10⁻ᵏ"),
    alt="Above, a curve with its tangent and a dashed secant through two of its points. Below, on "
    "logarithmic axes, the error of the secant's slope against the step: a V, with the complex step "
    "as a line that falls and stays low.",
    caption="Above, the secant turns into the tangent as h shrinks. Below, the error of its slope: the V of "
    "the forward difference has its lowest point near the predicted best step, the central one "
    "further right and lower. Left of it the picture above looks perfect and the number is "
    "worthless.",
    play="k",
)
def secant_to_tangent(curve: str, x: float, k: int) -> Scene:
    """Let the step of a secant shrink until rounding spoils its slope."""
    f, slope, second, third = _CURVES[curve]
    h = 10.0**-k
    secant = float(calculus.forward_difference(f, x, h))
    figure = canvas(5.3)
    above, below = figure.add_axes((0.11, 0.58, 0.86, 0.4)), figure.add_axes((0.19, 0.1, 0.78, 0.38))
    _secant(above, f, x, h, secant, slope(x))
    forward, central, imaginary = _errors(curve, x)
    at = len(_EXPONENTS) - 1 - k
    for error, role, style, marker, name in (
        (forward, "data", "-", "o", "forward"),
        (central, "model", "--", "s", "central"),
        (imaginary, "target", ":", "^", "complex step"),
    ):
        below.semilogy(_EXPONENTS, error, color=ROLE[role], linestyle=style, linewidth=1.5, label=name)
        below.plot(-k, error[at], marker, color=ROLE[role], markeredgecolor=PAPER, clip_on=False, zorder=5)
    below.set(xlim=(-16.4, 0.4), ylim=(5e-17, 50), xlabel="log₁₀ h", ylabel="error of the slope")
    below.set(xticks=range(-16, 1, 4), yticks=(1e-16, 1e-12, 1e-8, 1e-4, 1))
    below.set_yticklabels(("10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "1"))
    below.minorticks_off()
    below.axvline(-k, color=MUTED, linestyle="-", linewidth=0.8, zorder=1)
    below.legend(loc="lower left", bbox_to_anchor=(0.0, 0.1), fontsize=9.5, borderpad=0, handlelength=1.8)
    bend, twist = max(abs(float(second(x))), 0.1), max(abs(float(third(x))), 0.1)
    size = max(abs(float(f(x))), _EPS)
    return Scene(
        figure,
        {
            "step h": h,
            "f′(x)": float(slope(x)),
            "slope of the secant": secant,
            "error, forward": float(forward[at]),
            "error, central": float(central[at]),
            "error, complex step": float(imaginary[at]),
            "predicted best h, forward": 2 * np.sqrt(_EPS * size / bend),
            "predicted best h, central": np.cbrt(3 * _EPS * size / twist),
        },
    )


def _secant(ax: Axes, f: _Function, x: float, h: float, secant: float, slope: float) -> None:
    t = np.linspace(-2.2, 2.9, 120)
    ax.plot(t, f(t), color=ROLE["data"], linestyle="-", label="f")
    ax.plot(t, f(x) + slope * (t - x), color=ROLE["target"], linestyle=":", linewidth=1.5, label="tangent")
    ax.plot(t, f(x) + secant * (t - x), color=ROLE["model"], linestyle="--", linewidth=1.5, label="secant")
    ax.plot([x, x + h], [f(x), f(x + h)], "o", color=INK, markersize=5, zorder=5)
    low, high = (-1.6, 1.6) if f is np.sin else (-1.5, 7.5)
    ax.set(xlim=(-2.2, 2.9), ylim=(low, high))
    ax.legend(loc="upper left", fontsize=9.5, borderpad=0, handlelength=1.8)


@secant_to_tangent.invariant
def each_difference_keeps_its_bound(parameters: Any, n: Any) -> bool:
    """Bound the error as the theorem of the best step does, on an interval as long as the step."""
    f, _, second, third = _CURVES[parameters["curve"]]
    x, h = parameters["x"], n["step h"]
    t = np.linspace(x - h, x + h, 101)
    size, bend, twist = (np.abs(g(t)).max() for g in (f, second, third))
    # A few roundings inside f, and that of x + h, which moves the point by at most one spacing.
    noise = 8 * _EPS * (size + 1 + abs(n["f′(x)"]) * (abs(x) + 1)) / h
    return bool(
        n["error, forward"] <= h / 2 * bend + noise + 1e-15
        and n["error, central"] <= h * h / 6 * twist + noise + 1e-15
    )


@secant_to_tangent.invariant
def complex_step_does_not_suffer_from_rounding(parameters: Any, n: Any) -> bool:
    """From h = 1e-8 downward its error is rounding alone."""
    return bool(parameters["k"] < 8 or n["error, complex step"] <= 1e-14)


# Jacobian zoom

_GRID_LINES = np.linspace(-0.5, 0.5, 5)
_W1 = np.array([[1.2, -0.6], [0.5, 1.1], [-0.8, 0.7]])
_W2 = np.array([[0.9, 0.3, -0.8], [-0.2, 1.0, 0.6]])
_MAPS: dict[str, Callable[[Any], Any]] = {
    "polar: (r, θ) to (x, y)": lambda q: np.stack([q[0] * np.cos(q[1]), q[0] * np.sin(q[1])]),
    "bent grid": lambda q: np.stack([q[0] + 0.3 * q[1] ** 2, q[1] + 0.4 * np.sin(2 * q[0])]),
    "two layers of tanh": lambda q: np.tanh(_W2 @ np.tanh(_W1 @ q)),
}
_SIZES = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01)


@explorer(
    Choice("map", options=tuple(_MAPS)),
    Control("x", start=1.0, low=0.5, high=2.0, step=0.5, label="first coordinate of the centre"),
    Control("y", start=0.5, low=0.0, high=1.0, step=0.5, label="second coordinate"),
    Control("zoom", start=0, low=0, high=6, step=1, label="zoom"),
    alt="A square patch around a point and its image under the map to polar coordinates: a bent patch, "
    "drawn with full lines, beside the dashed parallelogram into which the Jacobian takes the "
    "square.",
    caption="Full lines: the image of a small square under the map. Dashed: the parallelogram that the "
    "Jacobian makes of it. Both windows zoom in together. The patch shrinks, but the gap shrinks "
    "faster: soon you cannot tell the two apart, and the ratio of the areas is the determinant.",
    play="zoom",
)
def jacobian_zoom(map: str, x: float, y: float, zoom: int) -> Scene:
    """Zoom into a map of the plane until it is its Jacobian."""
    f, center, side = _MAPS[map], np.array([x, y]), _SIZES[zoom]
    J = autodiff.jacobian(f)(center)
    image = f(center[:, None])
    square, border = _patch_lines(side), _border(side)
    bent = [f(center[:, None] + line) - image for line in square]
    straight = [J @ line for line in square]
    figure = canvas(2.3)
    left, right = figure.add_axes((0.01, 0.02, 0.4, 0.84)), figure.add_axes((0.45, 0.02, 0.54, 0.96))
    _window(left, 0.62 * side, (square, "data", "-"))
    reach = 1.1 * max(np.abs(line).max() for line in (*bent, *straight))
    _window(right, reach, (bent, "data", "-"), (straight, "model", (0, (4, 3))))
    left.set_title(f"square of side {side:g}", fontsize=10, loc="center")
    area = _area(f(center[:, None] + border))
    gap = np.linalg.norm(f(center[:, None] + border) - image - J @ border, axis=0).max()
    return Scene(
        figure,
        {
            "side of the square": side,
            "det J": float(np.linalg.det(J)),
            "area ratio": area / side**2,
            "largest gap": float(gap),
            "gap / side": float(gap / side),
        },
    )


def _window(ax: Axes, limit: float, *families: tuple[list[Array], str, Any]) -> None:
    """Draw families of lines around the origin, each in its role and style."""
    for lines, role, style in families:
        paths = [line.T for line in lines]
        ax.add_collection(LineCollection(paths, colors=ROLE[role], linestyles=[style], linewidths=1.2))
    ax.plot(0, 0, "o", color=INK, markersize=4, zorder=5)
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    ax.axis("off")


def _patch_lines(side: float) -> list[Array]:
    t = np.linspace(-0.5, 0.5, 17)
    lines = [np.array([np.full_like(t, c), t]) for c in _GRID_LINES] + [
        np.array([t, np.full_like(t, c)]) for c in _GRID_LINES
    ]
    return [side * line for line in lines]


def _border(side: float) -> Array:
    """Points around a square, (2, n)."""
    t, one = np.linspace(-0.5, 0.5, 401)[:-1], np.full(400, 0.5)
    return side * np.hstack([[t, -one], [one, t], [-t, one], [-one, -t]])


def _area(polygon: Array) -> float:
    """Signed area inside a closed polygon by the shoelace formula, from its first corner."""
    x, y = polygon - polygon[:, :1]
    return float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) / 2)


@jacobian_zoom.invariant
def area_ratio_tends_to_the_determinant(_parameters: Any, n: Any) -> bool:
    """Allow a difference of the order of the side squared: linear terms cancel by symmetry."""
    return bool(abs(n["area ratio"] - n["det J"]) <= 3 * n["side of the square"] ** 2 + 1e-6)


@jacobian_zoom.invariant
def gap_shrinks_with_the_square_of_the_side(_parameters: Any, n: Any) -> bool:
    """Allow what second derivatives below 3 allow, with the half diagonal as the distance."""
    return bool(n["largest gap"] <= 3 * n["side of the square"] ** 2 / 2 + 1e-12)


# Tape player

_INPUTS = ("w", "x", "b")
_TARGET = 1.0
#: Where the lines of the tape stand in the picture, and what they are called.
_PLACES = ((0.5, 4.1), (0.5, 2.6), (0.5, 1.1), (2.1, 3.35), (3.7, 2.6), (5.5, 2.6), (4.5, 0.7), (2.5, 0.7))
_NAMES = ("w", "x", "b", "wx", "wx + b", "tanh", "− y", "( )²")
_LINES = len(_NAMES)
_FORWARD = _LINES - len(_INPUTS)  # operations


def _neuron(w: Any, x: Any, b: Any) -> Any:
    return np.square(np.tanh(w * x + b) - _TARGET)


@explorer(
    Control("step", start=5, low=0, high=10, step=1, label="step"),
    Control("w", start=2.0, low=-2.0, high=2.0, step=1.0, label="weight w"),
    Control("x", start=0.5, low=-1.0, high=1.0, step=0.5, label="input x"),
    alt="Eight circles joined by arrows: inputs w, x and b lead through wx, wx + b and tanh to a "
    "squared error. Each circle shows its value; after the forward pass all values are known and no "
    "gradient yet.",
    caption="Steps 1 to 5 run forward and fill in the values (blue); steps 6 to 10 run backward and fill in "
    "the derivative of the loss with respect to each number (purple). The bias b is −0.5 and the target y "
    "is 1. Set x to 0: which gradient vanishes? Set w to 0: which one then?",
    play="step",
)
def tape_player(step: int, w: float, x: float) -> Scene:
    """Step through the tape of one neuron, forward and backward."""
    tape, loss = autodiff.record(_neuron, w, x, -0.5)
    seen = len(_INPUTS) + min(step, _FORWARD)
    sweep = [list(gradients) for _, gradients in tape.backward(loss)]
    known: Sequence[Any] = [None] * _LINES if step <= _FORWARD else sweep[step - _FORWARD - 1]
    values = [float(node.out) for node in tape.nodes]
    figure = canvas(3.9)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.2, 6.2), ylim=(-0.5, 5.1))
    ax.axis("off")
    active = (
        len(_INPUTS) + step - 1
        if 0 < step <= _FORWARD
        else _LINES - (step - _FORWARD)
        if step > _FORWARD
        else -1
    )
    for line, node in enumerate(tape.nodes):
        for _, parent in node.parents:
            _edge(ax, _PLACES[parent], _PLACES[line], backward=step > _FORWARD and line == active)
    for line, place in enumerate(_PLACES):
        gradient = known[line]
        _node(ax, place, _NAMES[line], values[line] if line < seen else None, gradient, line == active)
    shown = [np.nan if known[i] is None else float(known[i]) for i in range(len(_INPUTS))]
    return Scene(
        figure,
        {
            "doing": "nothing yet"
            if step == 0
            else f"{'forward' if step <= _FORWARD else 'backward'}: {_NAMES[active]}",
            "loss": values[-1] if seen == _LINES else np.nan,
            "∂L/∂w": shown[0],
            "∂L/∂x": shown[1],
            "∂L/∂b": shown[2],
        },
    )


def _edge(ax: Axes, start: tuple[float, float], end: tuple[float, float], *, backward: bool) -> None:
    colour, width = (ROLE["gradient"], 2.2) if backward else (MUTED, 1.0)
    tip, tail = (start, end) if backward else (end, start)
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 18, "shrinkB": 18}
    ax.annotate("", tip, xytext=tail, arrowprops=style)


def _node(
    ax: Axes, place: tuple[float, float], name: str, value: float | None, gradient: Any, active: bool
) -> None:
    """Draw a circle with a name, the value above it and the gradient below."""
    rim: dict[str, Any] = {"markeredgecolor": INK if active else MUTED, "markeredgewidth": 3 if active else 1}
    ax.plot(*place, "o", markersize=35, color=PAPER, **rim)
    ax.annotate(name, place, ha="center", va="center", fontsize=10 if len(name) < 6 else 9.5, zorder=5)
    for number, height, role in ((value, 20, "data"), (gradient, -20, "gradient")):
        if number is not None:
            look: dict[str, Any] = {
                "ha": "center",
                "va": "bottom" if height > 0 else "top",
                "fontsize": 12,
                "zorder": 6,
            }
            paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
            text = f"{number + 0.0:.3g}".replace("-", "−")
            at: dict[str, Any] = {"xytext": (0, height), "textcoords": "offset points"}
            ax.annotate(text, place, color=ROLE[role], bbox=paper, **look, **at)


@tape_player.invariant
def gradients_agree_with_central_differences(parameters: Any, n: Any) -> bool:
    """At the last step all three are known; before, those known are already right."""
    at = np.array([parameters["w"], parameters["x"], -0.5])
    measured = calculus.numerical_jacobian(lambda p: _neuron(*p), at)
    shown = np.array([n["∂L/∂w"], n["∂L/∂x"], n["∂L/∂b"]])
    if parameters["step"] == 10 and np.isnan(shown).any():
        return False
    return bool(np.allclose(shown[~np.isnan(shown)], measured[~np.isnan(shown)], atol=1e-7))


@tape_player.invariant
def each_factor_gets_the_other_times_the_gradient_of_the_product(parameters: Any, n: Any) -> bool:
    """Compare the gradients of w and x with that of b, once they are known, and not before their turn."""
    w, x, b = (n[f"∂L/∂{name}"] for name in _INPUTS)
    if np.isnan(n["loss"]) != (parameters["step"] < _FORWARD) or np.isnan(w) != (parameters["step"] < 10):
        return False
    return bool(np.isnan(w) or np.allclose([w, x], [b * parameters["x"], b * parameters["w"]], rtol=1e-9))


# Gradient compass


def _hills(q: Any) -> Any:
    """Shape a bowl: stretched, tilted, with a ripple; its lowest point is (-0.5, 0)."""
    x, y = q[0] + 0.5, q[1]
    return 0.5 * x**2 + y**2 + 0.6 * x * y + 0.5 * np.sin(x) ** 2


@functools.cache
def _landscape() -> tuple[Array, Array, Array]:
    x, y = np.meshgrid(np.linspace(-2.2, 2.2, 45), np.linspace(-1.8, 1.8, 37))
    return x, y, _hills(np.stack([x, y]))


@explorer(
    Control("x", start=1.0, low=-1.5, high=1.5, step=0.5, label="point, first coordinate"),
    Control("y", start=0.5, low=-1.0, high=1.0, step=0.5, label="point, second coordinate"),
    Control("angle", start=0, low=0, high=315, step=45, label="direction", unit="°"),
    alt="Level lines of a tilted valley with a point, the gradient arrow at a right angle to the level "
    "line through it, and a shorter arrow for the chosen direction. Below, slope against direction "
    "is one wave of a cosine.",
    caption="The slope in a direction is the shadow of the gradient on it, so over all directions it is one "
    "wave: highest along the gradient, zero along the level line, lowest backward. Move the point, "
    "turn the needle, and find where the wave is flat.",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def gradient_compass(x: float, y: float, angle: float) -> Scene:
    """Compare the slope in one direction with the gradient."""
    point, u = np.array([x, y]), np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    g = autodiff.grad(_hills)(point)
    figure = canvas(5.1)
    ax, wave = figure.add_axes((0, 0.325, 1, 0.675)), figure.add_axes((0.14, 0.1, 0.82, 0.2))
    plane(ax, (2.2, 1.8))
    ax.set(xticks=(), yticks=())
    ax.contour(
        *_landscape(),
        levels=np.array([0.05, 0.2, 0.5, 0.9, 1.4, 2.1, 3.0, 4.2]),
        colors=MUTED,
        linewidths=0.7,
    )
    slope, length = float(g @ u), float(np.linalg.norm(g))
    if length > 1e-9:
        across = np.array([-g[1], g[0]]) / length
        ax.axline((x, y), (x + across[0], y + across[1]), color=ROLE["target"], linestyle=":", linewidth=1.5)
        arrow(ax, point + 0.2 * g, tail=point, role="gradient", label="∇f, a fifth")
    arrow(ax, point + 0.6 * u, tail=point, role="model", label="u", linestyle="-")
    ax.plot(*point, "o", color=INK, markersize=6, zorder=6)
    degrees = np.arange(0, 361, 10)
    slopes = g[0] * np.cos(np.radians(degrees)) + g[1] * np.sin(np.radians(degrees))
    wave.plot(degrees, slopes, color=ROLE["gradient"], linestyle="-", linewidth=1.5)
    wave.axhline(0, color=MUTED, linestyle="-", linewidth=0.8)
    wave.plot(angle, slope, "o", color=ROLE["model"], markeredgecolor=PAPER, clip_on=False, zorder=5)
    wave.set(
        xlim=(0, 360),
        ylim=(-4.5, 4.5),
        xticks=range(0, 361, 90),
        yticks=(-4, 0, 4),
        xlabel="direction in degrees",
    )
    wave.set_ylabel("slope")
    steepest = float(np.degrees(np.arctan2(g[1], g[0])) % 360) if length > 1e-9 else np.nan
    return Scene(
        figure,
        {
            "f": float(_hills(point)),
            "∂f/∂x": float(g[0]),
            "∂f/∂y": float(g[1]),
            "slope in direction u": slope,
            "steepest slope ‖∇f‖": length,
            "steepest direction": "none" if length <= 1e-9 else f"{steepest:.0f}°",
        },
    )


@gradient_compass.invariant
def slope_agrees_with_a_central_difference(parameters: Any, n: Any) -> bool:
    """Measure the slope that the dot product with the gradient predicts."""
    point, angle = np.array([parameters["x"], parameters["y"]]), np.radians(parameters["angle"])
    u = np.array([np.cos(angle), np.sin(angle)])
    measured = calculus.central_difference(lambda t: _hills(point + t * u), 0.0, 1e-5)
    return bool(abs(n["slope in direction u"] - measured) < 1e-8)


@gradient_compass.invariant
def steepest_slope_is_the_length_of_the_gradient_and_no_direction_exceeds_it(
    _parameters: Any, n: Any
) -> bool:
    """Cauchy-Schwarz, with its case of equality."""
    length = n["steepest slope ‖∇f‖"]
    same = np.isclose(length, np.hypot(n["∂f/∂x"], n["∂f/∂y"]), rtol=1e-12)
    return bool(same and abs(n["slope in direction u"]) <= length + 1e-12)
