"""Interactive figures of the chapter on neural networks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mmlhelpers import functional, nn, optim
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE

__all__ = ["backward_pass", "bends", "depth_and_gain", "playground"]

# Enough bends

_CURVES: dict[str, Callable[[Array], Array]] = {
    "sine": lambda x: np.sin(2 * np.pi * x),
    "kink": lambda x: 2 * np.abs(x - 0.4) - 0.6,
    "step": lambda x: np.where(x < 0.45, -0.8, 0.8),
}
_BENDS = {"sine": 4 * np.pi**2}  # largest second derivative
_FINE = np.linspace(0, 1, 401)


@explorer(
    Choice("curve", options=tuple(_CURVES)),
    Control("units", start=4, low=1, high=24, step=1, label="hidden units n"),
    alt="A sine wave and a polygon of four pieces drawn by four ReLU units; the polygon meets the sine at "
    "its knots and cuts its hills off.",
    caption="The network with n ReLU units whose knots stand at 0, 1/n, 2/n and so on. Which n catch the "
    "kink exactly? Does the error at the step ever fall?",
    play="units",
)
def bends(curve: str, units: int) -> Scene:
    """Draw a curve and the polygon that one hidden layer makes of it."""
    f = _CURVES[curve]
    knots = np.arange(units + 1) / units
    slopes = np.diff(f(knots)) * units
    weights = np.diff(slopes, prepend=0.0)
    network = functional.relu(_FINE[:, None] - knots[:-1]) @ weights + f(np.zeros(1))
    error = float(np.abs(network - f(_FINE)).max())
    figure = canvas(3.3)
    ax = figure.add_axes((0.13, 0.16, 0.84, 0.8))
    ax.plot(_FINE, f(_FINE), color=ROLE["target"], linestyle="--", linewidth=2.2, label="curve")
    ax.plot(_FINE, network, color=ROLE["model"], linestyle="-", linewidth=1.8, label="network")
    ax.plot(knots[:-1], f(knots[:-1]), "o", color=ROLE["model"], markersize=5, label="knots")
    ax.set(xlim=(-0.02, 1.02), ylim=(-1.25, 1.45), xlabel="x", xticks=(0, 0.5, 1), yticks=(-1, 0, 1))
    ax.legend(loc="upper right", ncols=3, fontsize=9.5, borderpad=0.2, columnspacing=1, handlelength=1.6)
    bound = _BENDS[curve] / (8 * units**2) if curve in _BENDS else "none"
    numbers: dict[str, Any] = {
        "largest error": error,
        "promised": bound,
        "parameters": 3 * units + 1,
        "bends in use": int(np.sum(np.abs(weights[1:]) > 1e-9)),
    }
    return Scene(figure, numbers)


@bends.invariant
def the_error_is_within_the_promise(_parameters: Any, n: Any) -> bool:
    """Promise a sine M / (8 n^2)."""
    return n["promised"] == "none" or bool(n["largest error"] <= n["promised"] + 1e-12)


@bends.invariant
def the_network_is_linear_interpolation(parameters: Any, n: Any) -> bool:
    """Interpolate once more, by numpy."""
    f, knots = _CURVES[parameters["curve"]], np.linspace(0, 1, parameters["units"] + 1)
    wanted = np.abs(np.interp(_FINE, knots, f(knots)) - f(_FINE)).max()
    return bool(abs(wanted - n["largest error"]) < 1e-9)


# One backward pass, step by step

_W1 = np.array([[0.8, -0.5], [0.4, 1.0]])  # rows: inputs, columns: hidden units
_B1 = np.array([0.1, -0.3])
_W2 = np.array([1.2, -0.7])
_B2 = 0.2
_TARGET = 1.0
_STEPS = (
    "inputs",
    "z, a: hidden",
    "output, loss",
    "δ of the output",
    "δ of the hidden",
    "gradients",
)
_PLACES = {
    "x₁": (0.0, 1.0),
    "x₂": (0.0, -1.0),
    "h₁": (1.5, 1.0),
    "h₂": (1.5, -1.0),
    "ŷ": (3.0, 0.0),
}
_INPUTS = {"x = (1, 2)": np.array([1.0, 2.0]), "x = (−2, 1)": np.array([-2.0, 1.0])}


class _Pass(NamedTuple):
    """All numbers of one forward and backward pass."""

    z: Array
    a: Array
    output: float
    loss: float
    d2: float
    d1: Array
    dW1: Array
    dW2: Array


def _both_passes(x: Array, W1: Array, bend: str) -> _Pass:
    z = x @ W1 + _B1
    a = np.tanh(z) if bend == "tanh" else np.maximum(z, 0)
    output = float(a @ _W2 + _B2)
    d2 = output - _TARGET
    slope = 1 - a**2 if bend == "tanh" else (z > 0).astype(float)
    d1 = d2 * _W2 * slope
    return _Pass(z, a, output, 0.5 * d2**2, d2, d1, np.outer(x, d1), d2 * a)


def _first_layer(w: float) -> Array:
    W1 = _W1.copy()
    W1[0, 0] = w
    return W1


@explorer(
    Choice("stage", options=_STEPS, label="step"),
    Control("w", start=0.8, low=-1.2, high=1.8, step=1.0, label="weight from x₁ to h₁"),
    Choice("bend", options=("tanh", "ReLU")),
    Choice("inputs", options=tuple(_INPUTS), label="input"),
    alt="A network with two inputs, two hidden units and one output; circles joined by lines with their "
    "weights. The inputs are filled in, everything else is still empty.",
    caption="Half the squared error for the target 1. Go through the steps and say each number before it "
    "appears. Which gradients are zero when a ReLU is off, and why is each gradient of a weight a product "
    "of two numbers that already stand there?",
)
def backward_pass(stage: str, w: float, bend: str, inputs: str) -> Scene:
    """Fill in the numbers of a small network, forward and then backward."""
    x, W1, at = _INPUTS[inputs], _first_layer(w), _STEPS.index(stage)
    p = _both_passes(x, W1, bend)
    figure = canvas(4.0)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.6, 3.6), ylim=(-2.1, 1.9))
    ax.axis("off")
    _draw_edges(ax, W1, p, show_gradients=at >= 5)
    texts = {f"x{i}": f"{value:g}".replace("-", "−") for i, value in zip("₁₂", x, strict=True)}
    texts |= {f"h{i}": "" for i in "₁₂"} | {"ŷ": ""}
    if at >= 1:
        texts |= {
            f"h{i}": f"z {z:.2f}\na {a:.2f}".replace("-", "−") for i, z, a in zip("₁₂", p.z, p.a, strict=True)
        }
    if at >= 2:
        texts["ŷ"] = f"ŷ {p.output:.2f}\nL {p.loss:.2f}".replace("-", "−")
    for name, text in texts.items():
        _draw_node(ax, name, text)
    if at >= 3:
        _draw_delta(ax, "ŷ", p.d2)
    if at >= 4:
        _draw_delta(ax, "h₁", p.d1[0])
        _draw_delta(ax, "h₂", p.d1[1])
    numbers: dict[str, Any] = {
        "a₁": p.a[0],
        "a₂": p.a[1],
        "loss": p.loss,
        "δ output": p.d2,
        "δ₁": p.d1[0] + 0.0,
        "δ₂": p.d1[1] + 0.0,
        "∂L/∂w": p.dW1[0, 0] + 0.0,
    }
    hidden_until = {"a₁": 1, "a₂": 1, "loss": 2, "δ output": 3, "δ₁": 4, "δ₂": 4, "∂L/∂w": 5}
    return Scene(figure, {name: v if at >= hidden_until[name] else "?" for name, v in numbers.items()})


def _draw_node(ax: Axes, name: str, text: str) -> None:
    x, y = _PLACES[name]
    ax.plot(x, y, "o", markersize=45, color=PAPER, markeredgecolor=ROLE["data"], markeredgewidth=1.6)
    ax.text(x, y, text or name, ha="center", va="center", fontsize=10, color=INK)


def _draw_delta(ax: Axes, name: str, value: float) -> None:
    x, y = _PLACES[name]
    shift = 0.56 if y >= 0 else -0.56
    text = f"δ {value + 0.0:.2f}".replace("-", "−")
    ax.text(x, y + shift, text, ha="center", va="center", fontsize=10.5, color=ROLE["gradient"])


def _draw_edges(ax: Axes, W1: Array, p: _Pass, show_gradients: bool) -> None:
    """Draw every weight, and its gradient once it is known."""
    edges = [(f"x{i + 1}", f"h{j + 1}", W1[i, j], p.dW1[i, j]) for i in range(2) for j in range(2)] + [
        (f"h{j + 1}", "ŷ", _W2[j], p.dW2[j]) for j in range(2)
    ]
    small = str.maketrans("12", "₁₂")
    for tail, head, weight, gradient in edges:
        start, end = (np.array(_PLACES[name.translate(small)]) for name in (tail, head))
        ax.plot(*zip(start, end, strict=True), color=MUTED, linestyle="-", linewidth=1.2, zorder=0)
        # Crossing edges carry their number near the tail, straight ones in the middle.
        share = 0.34 if start[1] * end[1] < 0 else 0.5
        text = f"{weight:.1f}" + (f"\n∂ {gradient + 0.0:.2f}" if show_gradients else "")
        x, y = start + share * (end - start)
        ax.text(
            x,
            y,
            text.replace("-", "−"),
            ha="center",
            va="center",
            fontsize=9.5,
            color=ROLE["gradient"] if show_gradients else INK,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        )


@backward_pass.invariant
def the_gradient_is_what_a_small_change_of_the_weight_does(parameters: Any, n: Any) -> bool:
    """Move the weight by a little and compare the losses."""
    if n["∂L/∂w"] == "?":
        return True
    x = _INPUTS[parameters["inputs"]]
    up, down = (
        _both_passes(x, _first_layer(parameters["w"] + h), parameters["bend"]).loss for h in (1e-6, -1e-6)
    )
    return bool(abs((up - down) / 2e-6 - n["∂L/∂w"]) < 1e-6)


@backward_pass.invariant
def the_delta_of_a_hidden_unit_is_weight_times_delta_times_slope(parameters: Any, n: Any) -> bool:
    """Read the slope off the value of the unit."""
    if n["δ₁"] == "?":
        return True
    for delta, a, weight in ((n["δ₁"], n["a₁"], _W2[0]), (n["δ₂"], n["a₂"], _W2[1])):
        slope = 1 - a**2 if parameters["bend"] == "tanh" else float(a > 0)
        if abs(delta - n["δ output"] * weight * slope) > 1e-9:
            return False
    return True


@backward_pass.invariant
def a_unit_that_is_off_gets_no_blame(parameters: Any, n: Any) -> bool:
    """Let no gradient pass a ReLU whose value is zero."""
    off = parameters["bend"] == "ReLU" and n["a₁"] == 0.0
    return not off or n["∂L/∂w"] in ("?", 0.0)


# The playground

_N_POINTS = 120
_EPOCHS = (0, 10, 30, 100, 300)
_TIE = 1e-9  # where all hidden units are off both classes have equal scores, and class 0 is said
_BENDS_BY_NAME = {"tanh": "tanh", "ReLU": "relu"}


class _Trained(NamedTuple):
    """Parameters after each number of epochs that is shown, and the loss of every epoch."""

    parameters: tuple[Array, ...]
    losses: Array


@functools.cache
def _points(data: str) -> tuple[Array, NDArray[np.int64]]:
    rng = np.random.default_rng(3)
    c = np.arange(_N_POINTS) % 2
    t = rng.uniform(0, 1, _N_POINTS)
    if data == "two clouds":
        X = np.where(c[:, None], 0.6, -0.6) + 0.3 * rng.normal(size=(_N_POINTS, 2))
    elif data == "rings":
        radius, angle = 0.4 + 0.65 * c, 2 * np.pi * t
        X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        X = X + 0.08 * rng.normal(size=X.shape)
    else:  # two half moons that reach into each other
        angle = np.pi * (t + c)
        X = 0.75 * np.column_stack([np.cos(angle) - 0.5 + c, np.sin(angle) - 0.3 + 0.6 * c])
        X = X + 0.08 * rng.normal(size=X.shape)
    return X, c


def _network(units: str, bend: str) -> nn.Classifier:
    layers = [nn.Dense(2, int(units)), nn.Activation(_BENDS_BY_NAME[bend]), nn.Dense(int(units), 2)]
    return nn.Classifier(nn.Sequential(layers, np.random.default_rng(4)))


@functools.cache
def _trained(data: str, units: str, bend: str) -> _Trained:
    """Train once, and keep the parameters on the way."""
    X, c = _points(data)
    model = _network(units, bend)
    history = nn.train(
        model,
        X,
        c,
        rule=optim.adam(),
        learning_rate=0.03,
        rng=np.random.default_rng(0),
        epochs=_EPOCHS[-1],
        batch=20,
        sample=lambda m: (m.parameters.copy(), m.loss(X, c)),
    )
    parameters, losses = zip(*history.samples, strict=True)
    return _Trained(tuple(parameters[epoch] for epoch in _EPOCHS), np.array(losses))


@explorer(
    Choice("data", options=("two clouds", "rings", "moons"), start="rings"),
    Choice("units", options=("1", "2", "3", "8"), start="3", label="hidden units"),
    Choice("bend", options=("tanh", "ReLU")),
    Choice("epochs", options=tuple(map(str, _EPOCHS)), start="300"),
    alt="An inner cloud and an outer ring of points in the plane; the region that the network gives to the "
    "inner class is a rounded triangle around it. Below, the loss falls with the epochs.",
    caption="Adam with batches of 20, always from the same seed. Find the least number of units for each "
    "data set, then look at the same network after 0, 10 and 30 epochs: when does the border take its shape?",
)
def playground(data: str, units: str, bend: str, epochs: str) -> Scene:
    """Draw what a small network has learned after some epochs."""
    X, c = _points(data)
    at = _EPOCHS.index(int(epochs))
    trained = _trained(data, units, bend)
    model = _network(units, bend)
    model.parameters[:] = trained.parameters[at]
    side = np.linspace(-1.7, 1.7, 49)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    z = model.network.predict(grid.reshape(-1, 2))
    surface = (z[:, 1] - z[:, 0]).reshape(49, 49)
    answers = model.network.predict(X).argmax(axis=1)
    figure = canvas(5.0)
    ax = figure.add_axes((0.06, 0.31, 0.9, 0.68))
    ax.contourf(side, side, surface, levels=[_TIE, 1e9], colors=[ROLE["model"]], alpha=0.18)
    if surface.min() < _TIE < surface.max():
        ax.contour(side, side, surface, levels=[_TIE], colors=INK, linewidths=1.5)
    for label, role, marker in ((0, "data", "o"), (1, "model", "^")):
        ax.plot(*X[c == label].T, marker, color=ROLE[role], markersize=4.5, markeredgecolor=PAPER)
    ax.plot(*X[answers != c].T, "x", color=INK, markersize=8, linestyle="none")
    ax.set(xlim=(-1.7, 1.7), ylim=(-1.7, 1.7), xticks=[], yticks=[], aspect="equal")
    curve = figure.add_axes((0.2, 0.1, 0.76, 0.16))
    curve.semilogy(np.maximum(trained.losses, 1e-4), color=ROLE["gradient"], linestyle="-", linewidth=1.6)
    curve.plot(int(epochs), max(trained.losses[int(epochs)], 1e-4), "o", color=INK, markersize=7)
    curve.set(xlim=(-5, 305), ylim=(5e-4, 5), xlabel="epoch", ylabel="loss", xticks=(0, 100, 200, 300))
    curve.set_yticks([1e-3, 1], ["0.001", "1"])
    curve.minorticks_off()
    right = int(np.sum(answers == c))
    share = float(np.mean(surface > _TIE))
    numbers: dict[str, Any] = {
        "loss": float(trained.losses[int(epochs)]),
        "mistakes": len(c) - right,
        "accuracy": right / len(c),
        "parameters": model.parameters.size,
        "share of the plane said to be class 1": round(share, 2),
    }
    return Scene(figure, numbers)


@playground.invariant
def the_loss_is_that_of_the_formula(parameters: Any, n: Any) -> bool:
    """Compute the cross-entropy again, without the layers."""
    X, c = _points(parameters["data"])
    h = int(parameters["units"])
    p = _trained(parameters["data"], parameters["units"], parameters["bend"]).parameters[
        _EPOCHS.index(int(parameters["epochs"]))
    ]
    W1, b1, W2, b2 = np.split(p, np.cumsum([2 * h, h, 2 * h]))
    z = X @ W1.reshape(2, h) + b1
    a = np.tanh(z) if parameters["bend"] == "tanh" else functional.relu(z)
    wanted = functional.cross_entropy(a @ W2.reshape(h, 2) + b2, c).value
    return bool(abs(wanted - n["loss"]) < 1e-9 * (1 + wanted))


@playground.invariant
def mistakes_and_accuracy_are_about_the_same_points(_parameters: Any, n: Any) -> bool:
    """Count all points once."""
    return bool(abs(n["accuracy"] * _N_POINTS + n["mistakes"] - _N_POINTS) < 1e-9)


@playground.invariant
def parameters_are_the_weights_and_biases_of_two_layers(parameters: Any, n: Any) -> bool:
    """Count 2 weights in, 1 bias and 2 weights out for each unit, and 2 biases at the end."""
    return bool(n["parameters"] == 5 * int(parameters["units"]) + 2)


# Depth and gain

_LAYER_WIDTH = 64
_LAYERS = 50


@functools.cache
def _unit_weights() -> Array:
    rng = np.random.default_rng(0)
    weights: Array = rng.normal(size=(_LAYERS, _LAYER_WIDTH, _LAYER_WIDTH)) / np.sqrt(_LAYER_WIDTH)
    return weights


@functools.cache
def _sizes(bend: str, gain: float, depth: int) -> tuple[Array, Array]:
    """Return the root mean square of the values after each layer, and of the gradient before each."""
    rng = np.random.default_rng(1)
    a, slopes, forward = rng.normal(size=(16, _LAYER_WIDTH)), [], []
    a = a / np.sqrt(np.mean(a**2))
    for W in _unit_weights()[:depth]:
        z = gain * a @ W
        a = {"none": z, "tanh": np.tanh(z), "ReLU": np.maximum(z, 0)}[bend]
        slopes.append({"none": np.ones_like(z), "tanh": 1 - a**2, "ReLU": z > 0}[bend])
        forward.append(np.sqrt(np.mean(a**2)))
    g, backward = rng.normal(size=a.shape), []
    g = g / np.sqrt(np.mean(g**2))
    for W, slope in zip(_unit_weights()[:depth][::-1], slopes[::-1], strict=True):
        g = gain * (g * slope) @ W.T
        backward.append(np.sqrt(np.mean(g**2)))
    return np.array(forward), np.array(backward[::-1])


@explorer(
    Choice("bend", options=("none", "ReLU", "tanh"), start="ReLU"),
    Control("gain", start=1.0, low=0.6, high=2.4, step=0.2),
    Choice("depth", options=("5", "20", "50"), start="50", label="layers"),
    alt="Two curves against the layer on a logarithmic axis: the size of the values falls from left to "
    "right along a line, the size of the gradient falls from right to left.",
    caption="Layers of 64 units with normal weights of standard deviation gain/√64. Values enter at the left "
    "with size 1, the gradient enters at the right with size 1. For each bend find the gain at which both "
    "curves are nearest to level.",
)
def depth_and_gain(bend: str, gain: float, depth: str) -> Scene:
    """Follow the size of values forward and of the gradient backward through many layers."""
    forward, backward = _sizes(bend, gain, int(depth))
    layers = np.arange(1, int(depth) + 1)
    figure = canvas(3.6)
    ax = figure.add_axes((0.17, 0.15, 0.8, 0.7))
    low, high = 1e-12, 1e12
    ax.axhspan(1e-2, 1e2, color=ROLE["target"], alpha=0.12, linewidth=0)
    for sizes, role, style, marker, name in (
        (forward, "data", "-", "o", "values →"),
        (backward, "gradient", "--", "s", "← gradient"),
    ):
        seen = np.clip(sizes, low, high)
        ax.semilogy(layers, seen, color=ROLE[role], linestyle=style, linewidth=1.8, label=name)
        end = -1 if role == "data" else 0
        ax.plot(layers[end], seen[end], marker, color=ROLE[role], markersize=7)
    ax.set(xlim=(0, int(depth) + 1), ylim=(low / 3, high * 3), xlabel="layer", ylabel="size")
    ax.set_yticks([1e-12, 1e-6, 1, 1e6, 1e12], ["10⁻¹²", "10⁻⁶", "1", "10⁶", "10¹²"])
    ax.minorticks_off()
    figure.legend(*ax.get_legend_handles_labels(), loc="upper center", ncols=2, fontsize=10, borderpad=0.2)
    numbers: dict[str, Any] = {
        "values at the end": float(forward[-1]),
        "gradient at the start": float(backward[0]),
        "factor a layer, values": float(forward[-1] ** (1 / int(depth))),
        "factor a layer, gradient": float(backward[0] ** (1 / int(depth))),
        "verdict": _verdict(float(forward[-1]), float(backward[0])),
    }
    return Scene(figure, numbers)


def _verdict(forward: float, backward: float) -> str:
    if max(forward, backward) > 100:
        return "explodes"
    return "vanishes" if min(forward, backward) < 0.01 else "alive"


@depth_and_gain.invariant
def without_a_bend_or_with_relu_the_gain_comes_out_as_a_power(parameters: Any, n: Any) -> bool:
    """Scale a homogeneous network: the gain to the power of the depth stands in front of everything."""
    if parameters["bend"] == "tanh":
        return True
    forward, backward = _sizes(parameters["bend"], 1.0, int(parameters["depth"]))
    power = parameters["gain"] ** int(parameters["depth"])
    pairs = ((n["values at the end"], forward[-1]), (n["gradient at the start"], backward[0]))
    return all(bool(np.isclose(value, power * size, rtol=1e-9)) for value, size in pairs)


@depth_and_gain.invariant
def a_factor_in_every_layer_makes_the_whole(parameters: Any, n: Any) -> bool:
    """Take the factors to the power of the depth."""
    pairs = (
        (n["factor a layer, values"], n["values at the end"]),
        (n["factor a layer, gradient"], n["gradient at the start"]),
    )
    return all(bool(np.isclose(factor ** int(parameters["depth"]), size)) for factor, size in pairs)
