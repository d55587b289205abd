"""Interactive figures of the optimization chapter."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import optim
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, arrow, plane

__all__ = ["derby", "kkt_board", "momentum_plane", "step_size"]


def _close(x: float, y: float, tolerance: float = 1e-9) -> bool:
    return bool(np.isclose(x, y, rtol=tolerance, atol=tolerance))


# Step-size stability

_STARTS = {
    "both directions": np.array([1.0, 1.0]),
    "flat direction only": np.array([1.0, 0.0]),
    "steep direction only": np.array([0.0, 1.0]),
}
_PATH = 40


@explorer(
    Choice("kappa", options=("1", "4", "16", "64", "200"), start="16", label="condition number κ"),
    Control("step", start=1.7, low=0.1, high=2.5, step=0.1, label="step α times L"),
    Choice("start", options=tuple(_STARTS)),
    alt="Flat elliptic level lines with a path that zigzags across the valley towards the centre. Below, "
    "two bars for the factors of the flat and the steep direction, both shorter than the line at one.",
    caption="One step multiplies the flat part of the error by 1 − α/κ and the steep part by 1 − α (in "
    "units in which L = 1). Find the step that bounces for ever, and for each κ the step at which both "
    "bars are nearest to each other.",
    play="step",
)
def step_size(kappa: str, step: float, start: str) -> Scene:
    """Follow gradient descent with a fixed step on a bowl with curvatures 1/kappa and 1."""
    curvatures = np.array([1 / float(kappa), 1.0])
    path = optim.gradient_descent(
        optim.quadratic(np.diag(curvatures)), _STARTS[start], step, tolerance=0.0, max_steps=_PATH
    ).points
    factors = np.abs(1 - step * curvatures)
    radius = float(factors.max())
    present = _STARTS[start] != 0
    figure = canvas(4.6)
    ax = figure.add_axes((0.1, 0.48, 0.88, 0.5))
    ax.add_collection(LineCollection(_bowl_lines(kappa), colors=MUTED, linewidths=0.8))
    ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[], yticks=[])
    ax.set(xlabel="flat direction", ylabel="steep direction")
    ax.plot(*path.T, "o-", color=ROLE["gradient"], markersize=3.5, linewidth=1.2)
    ax.plot(*path[0], "s", color=ROLE["gradient"], markersize=7)
    ax.plot(0, 0, "+", color=INK, markersize=12)
    bars = figure.add_axes((0.1, 0.12, 0.86, 0.23))
    colours = [ROLE["data"], ROLE["model"]]
    bars.barh(["flat", "steep"], factors, color=colours, height=0.55, edgecolor=INK)
    bars.axvline(1, color=INK, linestyle="--", linewidth=1.2)
    bars.set(xlim=(0, 1.6), xlabel="factor of each step, bounces for ever at 1")
    bars.tick_params(axis="y", labelrotation=90, length=0)
    bars.set_yticks([0, 1], ["flat", "steep"], va="center")
    worst = float(factors[present].max())
    return Scene(
        figure,
        {
            "factor, flat": factors[0],
            "factor, steep": factors[1],
            "largest factor": radius,
            "best possible": (float(kappa) - 1) / (float(kappa) + 1),
            "steps to 10⁻⁶": _steps_needed(worst),
            "the path": _fate(worst),
        },
    )


@functools.cache
def _bowl_lines(kappa: str) -> list[Array]:
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, 91), np.linspace(-1.5, 1.5, 91))
    return _level_lines(x, y, x**2 / float(kappa) + y**2, [0.02, 0.1, 0.3, 0.7, 1.2, 2])


def _level_lines(x: Array, y: Array, heights: Array, levels: ArrayLike) -> list[Array]:
    """Trace level lines once, as polygons that are cheap to draw in every frame."""
    traced = Figure().add_subplot().contour(x, y, heights, levels=np.asarray(levels))
    return [np.asarray(line) for lines in traced.allsegs for line in lines if len(line)]


def _steps_needed(factor: float) -> float:
    """Count the steps that shrink an error by a million."""
    if factor >= 1 - 1e-12:
        return np.inf
    return 1.0 if factor < 1e-12 else float(np.ceil(np.log(1e-6) / np.log(factor) - 1e-9))


def _fate(factor: float) -> str:
    if abs(factor - 1) < 1e-9:
        return "bounces for ever"
    return "arrives" if factor < 1 else "leaves the bowl"


@step_size.invariant
def leaves_exactly_above_two_over_l(parameters: Any, n: Any) -> bool:
    """Let the steep direction decide, unless the start has no part along it."""
    steep = "flat" not in parameters["start"] or parameters["kappa"] == "1"
    leaves = steep and n["factor, steep"] > 1 + 1e-9
    as_the_step_says = _close(n["factor, steep"], abs(1 - parameters["step"]))
    return as_the_step_says and bool((n["the path"] == "leaves the bowl") == leaves)


@step_size.invariant
def no_step_beats_the_best_possible_factor(_parameters: Any, n: Any) -> bool:
    """Hold the picture to the theorem of the best fixed step."""
    return bool(n["largest factor"] >= n["best possible"] - 1e-12)


@step_size.invariant
def as_many_steps_as_said_are_enough_and_one_less_is_not(parameters: Any, n: Any) -> bool:
    """Multiply the start by the matrix of one step, again and again."""
    steps = n["steps to 10⁻⁶"]
    if not np.isfinite(steps) or steps > 10_000:
        return True
    x, factors = _STARTS[parameters["start"]], np.array([n["factor, flat"], n["factor, steep"]])
    before, after = np.max(x * factors ** (steps - 1)), np.max(x * factors**steps)
    return bool(after <= 1e-6 * (1 + 1e-6) and before > 1e-6 * (1 - 1e-6))


# The momentum plane

_KAPPA = 25.0
_ROOT = np.sqrt(_KAPPA)
_BEST_STEP, _BEST_BETA = 4 / (1 + 1 / _ROOT) ** 2, ((_ROOT - 1) / (_ROOT + 1)) ** 2


def _roots(step: float, beta: float, curvature: float) -> tuple[complex, complex]:
    """Roots of the recursion e' = (1 + beta - step * curvature) e - beta e_before."""
    half = (1 + beta - step * curvature) / 2
    square = half**2 - beta
    root = complex(square) ** 0.5 if abs(square) > 1e-12 else 0j
    return complex(half + root), complex(half - root)


def _rate(step: Array, beta: Array) -> Array:
    """Largest modulus of a root over both ends of the spectrum; the middle is never worse."""
    worst = np.zeros(np.broadcast(step, beta).shape)
    for curvature in (1 / _KAPPA, 1.0):
        half = (1 + beta - step * curvature) / 2
        square = half**2 - beta
        real = np.abs(half) + np.sqrt(np.maximum(square, 0))
        worst = np.maximum(worst, np.where(square > 0, real, np.sqrt(beta)))
    return worst


@explorer(
    Control("step", start=1.8, low=0.2, high=4.0, step=0.2, label="step α times L"),
    Control("beta", start=0.0, low=0.0, high=0.95, step=0.05, label="momentum β"),
    alt="Above, level lines of the rate over step and momentum: a narrow valley with its lowest point "
    "marked by a cross, and a dot at the chosen pair on the lower edge. Below, the error of a run falls "
    "slowly along a line.",
    caption="The rate is the larger root of the recursion, for a condition number of 25. Move the dot: "
    "along a vertical line the rate first falls and then rises again as the square root of β. Beyond the "
    "thick line the method diverges; momentum moves that line to larger steps.",
    handle=Handle(moves=("step", "beta"), at=lambda p: (p["step"], p["beta"])),
)
def momentum_plane(step: float, beta: float) -> Scene:
    """Show the rate of the heavy ball on a bowl with curvatures 1/25 and 1, and one run."""
    rate = float(_rate(np.array(step), np.array(beta)))
    figure = canvas(5.0)
    _draw_map(figure.add_axes((0.15, 0.49, 0.82, 0.49)), step, beta)
    _draw_run(figure.add_axes((0.15, 0.1, 0.82, 0.26)), step, beta, rate)
    return Scene(
        figure,
        {
            "rate": rate,
            "best rate": (_ROOT - 1) / (_ROOT + 1),
            "without momentum at best": (_KAPPA - 1) / (_KAPPA + 1),
            "roots, flat": _roots(step, beta, 1 / _KAPPA),
            "roots, steep": _roots(step, beta, 1.0),
            "steps per digit": -1 / np.log10(rate) if rate < 1 - 1e-12 else np.inf,
        },
    )


@functools.cache
def _rate_lines(level: float) -> list[Array]:
    steps, betas = np.meshgrid(np.linspace(0.02, 4.2, 140), np.linspace(0, 0.98, 120))
    return _level_lines(steps, betas, _rate(steps, betas), [level])


def _draw_map(ax: Axes, step: float, beta: float) -> None:
    for level in (0.75, 0.8, 0.85, 0.9, 0.95):
        ax.add_collection(LineCollection(_rate_lines(level), colors=MUTED, linewidths=0.8))
        # Above the tip of the valley the rate is the root of beta: there stands the number.
        ax.annotate(
            f"{level:g}", (2.0, level**2), color=MUTED, fontsize=9.5, va="center", backgroundcolor=PAPER
        )
    ax.add_collection(LineCollection(_rate_lines(1.0), colors=INK, linewidths=2.2))
    ax.plot(_BEST_STEP, _BEST_BETA, "P", color=ROLE["target"], markersize=10, label="best pair")
    ax.plot(
        step, beta, "o", color=ROLE["model"], markeredgecolor=PAPER, markersize=10, label="yours", zorder=5
    )
    ax.set(xlim=(0, 4.2), ylim=(-0.03, 0.98), ylabel="momentum β", xlabel="step α times L")
    ax.grid(False)
    ax.legend(loc="lower right", fontsize=9.5, borderpad=0.2)


def _draw_run(ax: Axes, step: float, beta: float, rate: float) -> None:
    bowl = optim.quadratic(np.diag([1 / _KAPPA, 1.0]))
    points = optim.gradient_descent(bowl, [1, 1], step, optim.momentum(beta), 0.0, max_steps=60).points
    errors = np.linalg.norm(points, axis=1)
    k = np.arange(61)
    ax.semilogy(k, errors[0] * rate**k, color=ROLE["target"], linestyle="--", label="slope of the rate")
    ax.semilogy(range(len(errors)), errors, ".", color=ROLE["model"], markersize=5, label="measured")
    ax.set(xlim=(0, 60), ylim=(1e-9, 1e3), xlabel="step", ylabel="error", yticks=(1e-8, 1e-4, 1))
    ax.set_yticklabels(("10⁻⁸", "10⁻⁴", "1"))
    ax.minorticks_off()
    ax.legend(loc="lower left", fontsize=9.5, borderpad=0.2)


@momentum_plane.invariant
def rate_is_the_spectral_radius_of_one_step(parameters: Any, n: Any) -> bool:
    """Take eigenvalues of the matrix of one step, for both curvatures and three between."""
    step, beta, worst = parameters["step"], parameters["beta"], 0.0
    for curvature in np.linspace(1 / _KAPPA, 1.0, 5):
        one_step = np.array([[1 + beta - step * curvature, -beta], [1.0, 0.0]])
        worst = max(worst, float(np.abs(np.linalg.eigvals(one_step)).max()))
    return _close(worst, n["rate"], 1e-6)  # a double root is found to the square root of rounding only


@momentum_plane.invariant
def no_pair_beats_the_best_rate(_parameters: Any, n: Any) -> bool:
    """Find the bottom of the valley where the theorem says."""
    at_the_best = float(_rate(np.array(_BEST_STEP), np.array(_BEST_BETA)))
    return _close(n["best rate"], at_the_best, 1e-6) and bool(n["rate"] >= n["best rate"] - 1e-12)


@momentum_plane.invariant
def the_roots_of_each_direction_multiply_to_beta(parameters: Any, n: Any) -> bool:
    """So no rate is below the square root of beta."""
    products = [a * b for a, b in (n["roots, flat"], n["roots, steep"])]
    return all(_close(abs(p - parameters["beta"]), 0) for p in products) and bool(
        n["rate"] ** 2 >= parameters["beta"] - 1e-9
    )


# The optimiser derby

_BUDGET = 100


def _saddle() -> optim.Objective:
    return optim.Objective(
        lambda x: float(0.5 * x[0] ** 2 - 0.5 * x[1] ** 2 + 0.25 * x[1] ** 4 + 0.25),
        lambda x: np.array([x[0], x[1] ** 3 - x[1]]),
        lambda x: np.diag([1.0, 3 * x[1] ** 2 - 1]),
    )


def _plateau() -> optim.Objective:
    def value(x: Array) -> float:
        return float(1 - np.exp(-0.5 * x @ x))

    return optim.Objective(
        value,
        lambda x: x * (1 - value(x)),
        lambda x: (np.eye(2) - np.outer(x, x)) * (1 - value(x)),
    )


def _beale() -> optim.Objective:
    """Make Beale's function, the sum of three squared residuals c - a (1 - b^i), least at (3, 0.5)."""
    c, i = np.array([1.5, 2.25, 2.625]), np.array([1, 2, 3])

    def parts(x: Array) -> tuple[Array, Array, Array]:
        a, b = x
        residual = c - a * (1 - b**i)
        jacobian = np.column_stack([b**i - 1, a * i * b ** (i - 1)])
        bend = residual @ (a * i * (i - 1) * b ** np.maximum(i - 2, 0))
        twist = residual @ (i * b ** (i - 1))
        return residual, jacobian, 2 * np.array([[0, twist], [twist, bend]])

    def gradient(x: Array) -> Array:
        residual, jacobian, _ = parts(x)
        return 2 * jacobian.T @ residual

    def hessian(x: Array) -> Array:
        _, jacobian, rest = parts(x)
        return 2 * jacobian.T @ jacobian + rest

    return optim.Objective(lambda x: float(np.sum(parts(x)[0] ** 2)), gradient, hessian)


class _Surface(NamedTuple):
    """What is raced on: start, window shown (x from, to, y from, to), and the minima, of height zero."""

    make: Callable[[], optim.Objective]
    start: tuple[float, float]
    window: tuple[float, float, float, float]
    lowest: tuple[tuple[float, float], ...]


_SURFACES = {
    "stretched bowl": _Surface(
        lambda: optim.quadratic(np.diag([1.0, 50.0])), (-1.8, 0.6), (-2.2, 2.2, -1.1, 1.1), ((0, 0),)
    ),
    "curved valley": _Surface(optim.rosenbrock, (-1.2, 1.0), (-1.7, 1.7, -0.6, 1.8), ((1, 1),)),
    "saddle": _Surface(_saddle, (1.6, 0.01), (-2, 2, -1.5, 1.5), ((0, 1), (0, -1))),
    "plateau": _Surface(_plateau, (2.4, 1.6), (-2, 3.2, -1.6, 2.4), ((0, 0),)),
    "Beale's cliffs": _Surface(_beale, (1.0, 1.2), (0, 4, -0.6, 1.6), ((3, 0.5),)),
}
_RULES = {
    "plain": optim.plain(),
    "momentum": optim.momentum(0.9),
    "Nesterov": optim.nesterov_momentum(0.9),
    "AdaGrad": optim.adagrad(),
    "RMSProp": optim.rmsprop(),
    "Adam": optim.adam(),
}
_RIVALS = (
    "plain, momentum, Nesterov",
    "plain, AdaGrad, RMSProp",
    "plain, momentum, Adam",
    "momentum, Adam, Newton",
)
_LOOKS = (("data", "-", "o"), ("model", "--", "s"), ("gradient", "-.", "^"))


def _run(surface: str, name: str, rate: float, noisy: bool) -> optim.Path:
    """Let one method walk until its gradients are spent."""
    f, start = _SURFACES[surface].make(), _SURFACES[surface].start
    if noisy:
        rng = np.random.default_rng(0)
        size = 0.2 * np.linalg.norm(f.gradient(np.array(start)))
        exact = f.gradient
        f = f._replace(gradient=lambda x: exact(x) + size * rng.normal(size=2))
    if name == "Newton":
        return optim.gradient_descent(f, start, 1.0, _newton_rule(f), max_steps=_BUDGET - 1)
    return optim.gradient_descent(f, start, rate, _RULES[name], max_steps=_BUDGET - 1)


def _newton_rule(f: optim.Objective) -> optim.Rule:
    """Divide the gradient by the size of each curvature, at least a tenth, and never search."""

    def direction(x: Array, g: Array, memory: tuple[Array, ...], t: int) -> tuple[Array, tuple[Array, ...]]:
        assert f.hessian is not None
        curvatures, Q = np.linalg.eigh(f.hessian(x))
        return Q @ ((Q.T @ g) / np.maximum(np.abs(curvatures), 0.1)), memory

    return optim.Rule(0, direction)


@explorer(
    Choice("surface", options=tuple(_SURFACES), start="curved valley"),
    Choice("rivals", options=_RIVALS, start="plain, momentum, Adam"),
    Control("rate", start=-3.0, low=-3.0, high=-1.0, step=0.5, label="log₁₀ of the learning rate"),
    Choice("noise", options=("exact gradients", "noisy gradients"), label="gradients"),
    alt="Level lines of a curved valley with three paths from the same start: plain descent creeps, "
    "momentum runs along the floor, Adam barely moves. Below, the value of each against the number of "
    "gradients.",
    caption="A hundred gradients each, one learning rate for all. No method wins everywhere: change the "
    "surface and the rate, then add noise. Newton's method ignores the rate and pays for a Hessian with "
    "every gradient.",
)
def derby(surface: str, rivals: str, rate: float, noise: str) -> Scene:
    """Race three methods over a surface with the same number of gradients."""
    names = rivals.split(", ")
    value = _SURFACES[surface].make().value
    paths = {name: _run(surface, name, 10**rate, noise.startswith("noisy")) for name in names}
    figure = canvas(5.2)
    ax = figure.add_axes((0.02, 0.44, 0.96, 0.5))
    _draw_surface(ax, surface)
    curves = figure.add_axes((0.17, 0.1, 0.8, 0.25))
    ends = {}
    for (name, path), (role, style, marker) in zip(paths.items(), _LOOKS, strict=True):
        inside = np.clip(path.points, -10, 10)
        ax.plot(*inside.T, color=ROLE[role], linestyle=style, linewidth=1.6, label=name)
        ax.plot(*inside[-1], marker, color=ROLE[role], markeredgecolor=PAPER, markersize=8, zorder=5)
        heights = np.where(np.isfinite(path.values), path.values, 1e9)
        curves.semilogy(np.clip(heights, 1e-8, 1e6), color=ROLE[role], linestyle=style, linewidth=1.6)
        ends[name] = float(value(path.x)) if np.abs(path.x).max() < 100 else np.inf
    figure.legend(*ax.get_legend_handles_labels(), loc="upper center", ncols=3, fontsize=9.5, borderpad=0.1)
    curves.set(xlim=(0, _BUDGET), ylim=(1e-8, 1e4), xlabel="gradients", ylabel="f")
    curves.set_yticks([1e-8, 1e-4, 1, 1e4], ["10⁻⁸", "10⁻⁴", "1", "10⁴"])
    curves.minorticks_off()
    order = sorted(names, key=lambda name: ends[name])
    numbers: dict[str, str | float] = {}
    for place, name in zip(("1st", "2nd", "3rd"), order, strict=True):
        numbers |= {f"{place}, method": name, f"{place}, f": ends[name]}
    return Scene(figure, numbers | {"gradients, at most": max(path.n_gradients for path in paths.values())})


@functools.cache
def _surface_lines(surface: str) -> list[Array]:
    make, _, (left, right, bottom, top), _ = _SURFACES[surface]
    x, y = np.meshgrid(np.linspace(left, right, 70), np.linspace(bottom, top, 70))
    value = make().value
    heights = np.array([value(np.array(point)) for point in zip(x.ravel(), y.ravel(), strict=True)])
    levels = np.quantile(heights, [0.01, 0.04, 0.1, 0.2, 0.35, 0.55, 0.8])
    return _level_lines(x, y, heights.reshape(x.shape), levels)


def _draw_surface(ax: Axes, surface: str) -> None:
    _, start, window, lowest = _SURFACES[surface]
    ax.add_collection(LineCollection(_surface_lines(surface), colors=MUTED, linewidths=0.7))
    ax.plot(*np.transpose(lowest), "+", color=INK, markersize=12, markeredgewidth=2, linestyle="none")
    ax.plot(*start, "D", color=INK, markersize=5)
    ax.set(xlim=window[:2], ylim=window[2:], xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


@derby.invariant
def the_places_hold_the_rivals_in_order_with_the_heights_they_reach(parameters: Any, n: Any) -> bool:
    """Let every method run once more."""
    names = [n[f"{place}, method"] for place in ("1st", "2nd", "3rd")]
    heights = [n[f"{place}, f"] for place in ("1st", "2nd", "3rd")]
    reached = []
    for name in names:
        noisy = parameters["noise"].startswith("noisy")
        path = _run(parameters["surface"], name, 10 ** parameters["rate"], noisy)
        outside = np.abs(path.x).max() >= 100
        reached.append(np.inf if outside else _SURFACES[parameters["surface"]].make().value(path.x))
    same = np.allclose(heights, reached, rtol=1e-9, atol=1e-12)
    return same and heights == sorted(heights) and sorted(names) == sorted(parameters["rivals"].split(", "))


@derby.invariant
def nobody_spends_more_than_the_budget(_parameters: Any, n: Any) -> bool:
    """Gradients are counted by the methods themselves."""
    return bool(n["gradients, at most"] <= _BUDGET)


# The KKT board

#: Second fence beside x1 + x2 <= 2: normal and height.
_FENCES = {
    "x₁ ≤ 1": (np.array([1.0, 0.0]), 1.0),
    "x₂ ≤ ½": (np.array([0.0, 1.0]), 0.5),
    "x₁ ≥ x₂": (np.array([-1.0, 1.0]), 0.0),
    "x₁ ≥ 0": (np.array([-1.0, 0.0]), 0.0),
}


@explorer(
    Control("x", start=2.5, low=-1.0, high=3.0, step=0.5, label="target, first entry"),
    Control("y", start=1.5, low=-1.0, high=3.0, step=0.5, label="target, second entry"),
    Choice("fence", options=tuple(_FENCES), label="second fence"),
    alt="A plane with a shaded region bounded by two fences and a target outside it. From the nearest "
    "point of the region, at the corner of both fences, an arrow points to the target and two arrows push "
    "back along the normals.",
    caption="The dot is the point of the region nearest to the target. There the pull towards the target "
    "balances the pushes of the fences, each its multiplier times its normal. Move the target: when does a "
    "push vanish, and can a fence that is not touched push?",
    handle=Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])),
)
def kkt_board(x: float, y: float, fence: str) -> Scene:
    """Project a target onto the region behind two fences, and draw the multipliers as forces."""
    target = np.array([x, y])
    normal, height = _FENCES[fence]
    G, h = np.array([[1.0, 1.0], normal]), np.array([2.0, height])
    program = optim.quadratic_program(np.eye(2), -target, G, h, tolerance=1e-10)
    point, prices = program.x, np.where(program.multipliers > 1e-4, program.multipliers, 0.0)
    figure = canvas(4.3)
    ax = plane(figure.add_axes((0, 0.12, 1, 0.88)), 3.4)
    ax.set(xlim=(-2.6, 4.0), ylim=(-2.7, 3.8), xticks=range(-2, 4), yticks=range(-2, 4))
    ax.tick_params(length=0, labelbottom=False, labelleft=False)
    _draw_region(ax, G, h)
    if np.linalg.norm(target - point) > 1e-6:
        arrow(ax, target, tail=point, role="data", label="pull")
    for price, row, role, style, name in zip(
        prices, G, ("model", "gradient"), ("-", "--"), "₁₂", strict=True
    ):
        if price:
            tip = point - price * row
            label = f"−λ{name}∇g{name}"
            arrow(ax, tip, tail=point, role=role, linestyle=style, label=label, offset=(-8, -14))
    ax.plot(*target, "P", color=ROLE["target"], markersize=11, zorder=6, label="target")
    ax.plot(*point, "o", color=INK, markersize=8, zorder=7, label="nearest point")
    figure.legend(*ax.get_legend_handles_labels(), loc="lower center", ncols=2, fontsize=10, borderpad=0)
    walls = [f"fence {name}" for name, gap in zip("12", h - G @ point, strict=True) if gap < 1e-4]
    return Scene(
        figure,
        {
            "x₁": _rounded(point[0]),
            "x₂": _rounded(point[1]),
            "λ₁": _rounded(prices[0]),
            "λ₂": _rounded(prices[1]),
            "touched": " and ".join(walls) or "none",
            "distance": _rounded(float(np.linalg.norm(target - point))),
            "balanced": "yes" if np.abs(point - target + G.T @ prices).max() < 1e-4 else "no",
        },
    )


def _rounded(value: float) -> float:
    """Round away what the solver's tolerance leaves."""
    return round(float(value), 4) + 0.0


def _draw_region(ax: Axes, G: Array, h: Array) -> None:
    x, y = np.meshgrid(np.linspace(-2.6, 4, 34), np.linspace(-2.7, 3.8, 34))
    worst = np.max([row[0] * x + row[1] * y - height for row, height in zip(G, h, strict=True)], axis=0)
    ax.contourf(x, y, worst, levels=[-50, 0], colors=[ROLE["data"]], alpha=0.13)
    for row, height, role, style, name in zip(G, h, ("model", "gradient"), ("-", "--"), "12", strict=True):
        foot = height * row / (row @ row)
        ends = foot + np.array([[-9.0], [9.0]]) * np.array([-row[1], row[0]])
        ax.plot(*ends.T, color=ROLE[role], linestyle=style, linewidth=1.8, label=f"fence {name}")


@kkt_board.invariant
def pull_and_pushes_balance(parameters: Any, n: Any) -> bool:
    """Stationarity: the point minus the target plus the normals times their prices is zero."""
    normal, _ = _FENCES[parameters["fence"]]
    rest = np.array([n["x₁"] - parameters["x"], n["x₂"] - parameters["y"]])
    rest = rest + n["λ₁"] * np.ones(2) + n["λ₂"] * normal
    return n["balanced"] == "yes" and bool(np.abs(rest).max() < 1e-3)


@kkt_board.invariant
def a_fence_that_is_not_touched_has_no_price(parameters: Any, n: Any) -> bool:
    """Complementary slackness, and no price is negative."""
    normal, height = _FENCES[parameters["fence"]]
    point = np.array([n["x₁"], n["x₂"]])
    gaps = np.array([2 - point.sum(), height - normal @ point])
    prices = np.array([n["λ₁"], n["λ₂"]])
    return bool(np.all(gaps > -1e-3) and np.all(prices >= 0) and np.abs(prices * gaps).max() < 1e-3)


@kkt_board.invariant
def no_sampled_point_of_the_region_is_nearer(parameters: Any, n: Any) -> bool:
    """Ask a grid of rivals inside both fences."""
    normal, height = _FENCES[parameters["fence"]]
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 41), np.linspace(-4, 4, 41)), axis=-1).reshape(-1, 2)
    inside = grid[(grid.sum(axis=1) <= 2) & (grid @ normal <= height)]
    distances = np.linalg.norm(inside - [parameters["x"], parameters["y"]], axis=1)
    return bool(distances.min() >= n["distance"] - 1e-3)
