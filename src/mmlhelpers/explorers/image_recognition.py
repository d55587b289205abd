"""Interactive figures of the chapter on image recognition."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mmlhelpers import convolution, datasets, nn, vision
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Number, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, picture

__all__ = [
    "adversarial_dial",
    "animal_designer",
    "feature_maps",
    "kernel_workbench",
    "sliding_window",
    "threshold_and_costs",
]


def _close(x: float, y: float, tolerance: float = 1e-9) -> bool:
    return bool(np.isclose(x, y, rtol=tolerance, atol=tolerance))


def _pixels(ax: Axes, image: Array, title: str = "", limits: tuple[float, float] = (0.0, 1.0)) -> Axes:
    """Show a picture with all its pixels as they are; 64 grey levels keep the site's file small."""
    low, high = limits
    levels = np.round(np.clip((np.asarray(image, float) - low) / (high - low), 0, 1) * 63) / 63
    ax = picture(ax, levels, title)
    ax.images[0].set_interpolation("none")
    return ax


@functools.cache
def _model() -> nn.Classifier:
    return vision.pretrained()


# The sliding window

_GRID = np.array(
    [
        [0, 0, 1, 3, 3, 3],
        [0, 0, 1, 3, 3, 3],
        [0, 1, 2, 3, 3, 3],
        [0, 1, 3, 3, 2, 1],
        [1, 2, 3, 2, 1, 0],
        [3, 3, 2, 1, 0, 0],
    ]
)
_SMALL = {
    "edge": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "cross": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "corner": np.array([[1, 2, 0], [2, 0, 0], [0, 0, -3]]),
}


@explorer(
    Choice("kernel", options=tuple(_SMALL)),
    Choice("kernel_is", options=("used as it is", "turned by 180°"), label="the kernel is"),
    Control("row", start=0, low=0, high=3, step=1),
    Control("column", start=1, low=0, high=3, step=1),
    alt="A table of 6 by 6 small numbers with a frame around 3 by 3 of them, a kernel of nine weights, "
    "and a table of 4 by 4 answers in which the one at the place of the frame is marked.",
    caption="Multiply what the frame covers by the weights at the same place, add up, and compare with the "
    "marked answer. Used as it is, the kernel correlates; turned by 180°, it convolves. Which of the "
    "three kernels does not care, and which one changes all signs?",
    play="column",
)
def sliding_window(kernel: str, kernel_is: str, row: int, column: int) -> Scene:
    """Show one place of a window: what it covers, its weights, and the answer."""
    weights = _SMALL[kernel] if "as" in kernel_is else _SMALL[kernel][::-1, ::-1]
    answers = convolution.correlate(_GRID, weights)
    covered = _GRID[row : row + 3, column : column + 3]
    figure = canvas(4.75)
    table = figure.add_axes((0.02, 0.44, 0.55, 0.5))
    _table(table, _GRID, "picture")
    _frame(table, row, column, 3, "data")
    _table(figure.add_axes((0.66, 0.56, 0.3, 0.265)), weights, "kernel")
    below = figure.add_axes((0.02, 0.02, 0.37, 0.335))
    _table(below, answers.astype(int), "answers")
    _frame(below, row, column, 1, "model")
    words = figure.add_axes((0.45, 0.02, 0.53, 0.335))
    words.set_axis_off()
    for i, (pixels, line) in enumerate(zip(covered, weights, strict=True)):
        terms = " ".join(f"{w:+d}·{p}".replace("-", "−") for w, p in zip(line, pixels, strict=True))
        words.text(0.0, 0.8 - 0.2 * i, terms, fontsize=10, color=INK)
    total = f"= {answers[row, column]:.0f}".replace("-", "−")
    words.text(0.0, 0.16, total, fontsize=12, color=ROLE["model"], fontweight="bold")
    return Scene(
        figure,
        {
            "answer here": answers[row, column],
            "sum of the weights": float(weights.sum()),
            "sum of all answers": answers.sum(),
        },
    )


def _table(ax: Axes, numbers: Array, title: str) -> None:
    """Write a small table of whole numbers."""
    n = len(numbers)
    ax.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_title(title, loc="left", fontsize=10)
    for (i, j), value in np.ndenumerate(numbers):
        ax.text(j, i, f"{value}".replace("-", "−"), ha="center", va="center", fontsize=10.5, color=INK)


def _frame(ax: Axes, row: int, column: int, size: int, role: str) -> None:
    ax.add_patch(
        Rectangle((column - 0.5, row - 0.5), size, size, fill=False, edgecolor=ROLE[role], linewidth=2.5)
    )


@sliding_window.invariant
def answer_is_the_sum_of_products(parameters: Any, n: Any) -> bool:
    """Write the sum as the chapter does, with offsets that count backwards for a convolution."""
    i, j, k = parameters["row"], parameters["column"], _SMALL[parameters["kernel"]]
    turned = "turned" in parameters["kernel_is"]
    places = [(u, v) for u in range(3) for v in range(3)]
    total = sum(
        k[2 - u, 2 - v] * _GRID[i + u, j + v] if turned else k[u, v] * _GRID[i + u, j + v] for u, v in places
    )
    return _close(n["answer here"], float(total))


@sliding_window.invariant
def turning_keeps_the_cross_and_negates_the_edge(parameters: Any, n: Any) -> bool:
    """Compare with the answer of the kernel as it is."""
    as_it_is = sliding_window.draw(**{**parameters, "kernel_is": "used as it is"}).values["answer here"]
    sign = {"cross": 1, "edge": -1 if "turned" in parameters["kernel_is"] else 1}.get(parameters["kernel"])
    return sign is None or _close(n["answer here"], sign * as_it_is)


# The kernel workbench

_KERNELS = {
    "box blur": np.full((3, 3), 1 / 9),
    "Gaussian blur": np.outer([1, 2, 1], [1, 2, 1]) / 16,
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "edges across": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "edges down": np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "diagonal edges": np.array([[0.0, 1, 2], [-1, 0, 1], [-2, -1, 0]]),
    "Laplace": np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "relief": np.array([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}
_CROP = (slice(6, 54), slice(10, 82))


@functools.cache
def _photo() -> Array:
    return datasets.photo("china", shape=(72, 108))[_CROP]


@explorer(
    Choice("kernel", options=tuple(_KERNELS), start="edges across"),
    Choice("stride", options=("1", "2", "4")),
    Choice("padding", options=("0", "1", "2")),
    alt="A grey photograph of temple roofs, nine weights, and below what the kernel makes of the "
    "photograph: edges between left and right stand out bright or dark on grey.",
    caption="Where the weights sum to zero, a flat area becomes zero, shown as grey; where they sum to one, "
    "it stays as it is. Padding adds a frame of zeros, and edges with it. A stride of two keeps every"
    " second answer in both directions.",
)
def kernel_workbench(kernel: str, stride: str, padding: str) -> Scene:
    """Show a photograph, a kernel, and what the kernel makes of it."""
    photo, weights = _photo(), _KERNELS[kernel]
    answer = convolution.correlate(photo, weights, int(stride), int(padding))
    total = float(weights.sum())
    figure = canvas(5.2)
    _pixels(figure.add_axes((0.02, 0.55, 0.62, 0.4)), photo, "photograph")
    ax = figure.add_axes((0.68, 0.6, 0.31, 0.25))
    ax.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5), xticks=[], yticks=[], aspect="equal")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.set_title("kernel", loc="left", fontsize=10)
    for (i, j), weight in np.ndenumerate(weights):
        ax.text(j, i, _fraction(weight), ha="center", va="center", fontsize=10, color=INK)
    low, high = (-1.0, 1.0) if abs(total) < 1e-12 else (0.0, 1.0)
    height, width = answer.shape
    scale = 0.84 / max(width / 76, 1)
    box = (0.02, 0.02, scale * width / 76 * int(stride) if int(stride) > 1 else scale * width / 76, 0.46)
    _pixels(figure.add_axes(box), answer, f"answer, {height} by {width}", (low, high)).set_anchor("NW")
    return Scene(
        figure,
        {
            "height of the answer": height,
            "width of the answer": width,
            "sum of the weights": total,
            "answer to a flat grey of 0.5": convolution.correlate(np.full((3, 3), 0.5), weights)[0, 0],
            "rank of the kernel": int(np.linalg.matrix_rank(weights)),
        },
    )


def _fraction(weight: float) -> str:
    """Write a weight as a whole number, or as ninths or sixteenths."""
    for denominator in (1, 9, 16):
        above = weight * denominator
        if abs(above - round(above)) < 1e-9:
            text = f"{round(above)}" if denominator == 1 else f"{round(above)}/{denominator}"
            return text.replace("-", "−")
    return f"{weight:.2f}"


@kernel_workbench.invariant
def size_of_the_answer_is_that_of_the_formula(parameters: Any, n: Any) -> bool:
    """Count the places of the window along both sides."""
    stride, padding = int(parameters["stride"]), int(parameters["padding"])
    places = [(side + 2 * padding - 3) // stride + 1 for side in _photo().shape]
    return bool(places == [n["height of the answer"], n["width of the answer"]])


@kernel_workbench.invariant
def flat_areas_are_multiplied_by_the_sum_of_the_weights(_parameters: Any, n: Any) -> bool:
    """So a kernel with sum zero makes them zero."""
    return _close(n["answer to a flat grey of 0.5"], 0.5 * n["sum of the weights"])


@kernel_workbench.invariant
def rank_one_means_separable(parameters: Any, n: Any) -> bool:
    """Rebuild the kernel from its column and its row."""
    parts = convolution.separate(_KERNELS[parameters["kernel"]])
    return bool(parts.exact == (n["rank of the kernel"] == 1))


# Feature maps

_STILL: dict[str, Any] = {
    "x": 0.0,
    "y": 0.0,
    "scale": 1.1,
    "tilt": 0.0,
    "turn": 0.0,
    "noise": 0.01,
    "before": "nothing",
    "behind": "nothing",
    "light": 0.1,
    "brightness": 0.0,
    "contrast": 1.0,
}
_CAT = {"species": "cat", "ears": "upright", "muzzle": 0.1, "nose": 0.1, "whiskers": 0.9, "tongue": "in"}
_DOG = {"species": "dog", "ears": "hanging", "muzzle": 0.9, "nose": 0.9, "whiskers": 0.0, "tongue": "out"}
_SITTERS: dict[str, dict[str, Any]] = {
    "a cat": {**_CAT, "coat": "ginger"},
    "a dog": {**_DOG, "coat": "brown"},
    "a cat with folded ears": {**_CAT, "ears": "folded", "coat": "grey"},
    "a dog with upright ears": {**_DOG, "ears": "upright", "tongue": "in", "coat": "cream"},
    "a cat behind a post": {**_CAT, "coat": "white", "before": "post", "object_place": 0.2},
}


@functools.cache
def _sitter(name: str) -> Array:
    one = datasets.draw_pets(1, np.random.default_rng(3), **{**_STILL, **_SITTERS[name]})
    image: Array = one.images[0]
    return image


def _species(name: str) -> int:
    return int(_SITTERS[name]["species"] == "dog")


@functools.cache
def _maps(name: str) -> list[Array]:
    return vision.feature_maps(_model(), _sitter(name))


@explorer(
    Choice("image", options=tuple(_SITTERS), label="picture"),
    Control("channel", start=1, low=1, high=16, step=1),
    alt="A drawn cat, one channel of the first layer, in which some outlines are bright, and two channels"
    " of the second layer, coarser, with a few bright spots.",
    caption="Bright means: this window found what it looks for. A unit of the first layer sees 4 pixels along"
    " a side, one of the second sees 10. Look for channels that answer to eyes, to outlines, to flat "
    "areas, and for those that stay dark.",
    play="channel",
)
def feature_maps(image: str, channel: int) -> Scene:
    """Show a drawing and what some windows of both layers make of it."""
    first, second = _maps(image)
    panels = (
        (_sitter(image), "the drawing", 1.0),
        (first[channel - 1], f"layer 1, channel {channel}", float(first.max())),
        (second[channel - 1], f"layer 2, channel {channel}", float(second.max())),
        (second[channel + 15], f"layer 2, channel {channel + 16}", float(second.max())),
    )
    figure = canvas(4.6)
    for place, (values, title, top) in enumerate(panels):
        corner = (0.02 + 0.5 * (place % 2), 0.51 - 0.5 * (place // 2))
        _pixels(figure.add_axes((*corner, 0.46, 0.42)), values, title, (0.0, top))
    return Scene(
        figure,
        {
            "strongest answer, layer 1": float(first[channel - 1].max()),
            "silent units, layer 1": Number(100 * float(np.mean(first[channel - 1] == 0)), "%", 3),
            "strongest answer, layer 2": float(second[channel - 1].max()),
            "silent units, layer 2": Number(100 * float(np.mean(second[channel - 1] == 0)), "%", 3),
        },
    )


@feature_maps.invariant
def the_numbers_are_those_of_the_maps(parameters: Any, n: Any) -> bool:
    """Look up the channel again: its strongest answer, never below zero, and how much of it is silent."""
    for layer, maps in enumerate(_maps(parameters["image"]), 1):
        channel = maps[parameters["channel"] - 1]
        silent = 100 * float(np.mean(channel == 0))
        if not (channel.min() >= 0 and _close(n[f"strongest answer, layer {layer}"], float(channel.max()))):
            return False
        if not _close(n[f"silent units, layer {layer}"], silent):
            return False
    return True


@feature_maps.invariant
def layer_one_is_one_window_and_nothing_else(parameters: Any, n: Any) -> bool:
    """Compute the channel from its own kernel alone."""
    weights, c = _model().network.weights, parameters["channel"] - 1
    x = np.moveaxis(4 * _sitter(parameters["image"]) - 2, 2, 0)[..., None].astype(float)
    y = convolution.max_pool(convolution.conv2d(x, weights["1.W"][c : c + 1].astype(float), 1, 1)).y
    scale = weights["2.gamma"][c] / np.sqrt(weights["2.variance"][c] + 1e-5)
    answer = max(0.0, float((scale * (y - weights["2.mean"][c]) + weights["2.beta"][c]).max()))
    return _close(answer, n["strongest answer, layer 1"], 1e-4)  # single precision


# The animal designer

#: Halfway between the species, so that the controls decide.
_BETWEEN: dict[str, Any] = {
    "ear_tip": 0.4,
    "head_width": 1.0,
    "eye_size": 0.92,
    "eyes": "amber",
    "markings": "none",
}


@functools.cache
def _designed(ears: str, muzzle: float, whiskers: str, tongue: str, coat: str) -> tuple[Array, Array, float]:
    """Return the picture, its occlusion map and the log-odds of a dog."""
    pet = datasets.draw_pets(
        1,
        np.random.default_rng(5),
        species="cat",
        ears=ears,
        muzzle=muzzle,
        nose=muzzle,
        whiskers=0.9 if whiskers == "strong" else 0.1,
        tongue=tongue,
        coat=coat,
        **_STILL,
        **_BETWEEN,
    )
    logits = _model().network.predict(pet.images)[0]
    return pet.images[0], vision.occlusion_map(_model(), pet.images[0]), float(logits[1] - logits[0])


@explorer(
    Choice("ears", options=("upright", "hanging")),
    Control("muzzle", start=0.5, low=0.0, high=1.0, step=0.25, label="muzzle and nose"),
    Choice("whiskers", options=("strong", "faint")),
    Choice("tongue", options=("in", "out")),
    Choice("coat", options=("ginger", "black", "white")),
    alt="A drawn cat with upright ears, a map of the squares that speak for a cat or a dog, mostly for a "
    "cat, and a bar of the log-odds that reaches far to the side of the cat.",
    caption="Orange squares speak for a dog, purple ones for a cat: when they are covered, the log-odds "
    "change by that much. Change one thing at a time. Which single change moves the bar most, and "
    "does the evidence move to where you changed something?",
)
def animal_designer(ears: str, muzzle: float, whiskers: str, tongue: str, coat: str) -> Scene:
    """Draw an animal from its parameters and ask the shipped network about it."""
    image, evidence, odds = _designed(ears, muzzle, whiskers, tongue, coat)
    p = 1 / (1 + np.exp(-odds))
    figure = canvas(3.3)
    _pixels(figure.add_axes((0.02, 0.3, 0.46, 0.6)), image, "your animal")
    reach = max(float(np.abs(evidence).max()), 0.5)
    ax = picture(figure.add_axes((0.52, 0.3, 0.46, 0.6)), np.round(evidence, 2), "evidence for a dog")
    ax.images[0].set(cmap="PuOr_r", clim=(-reach, reach), interpolation="none")
    bar = figure.add_axes((0.08, 0.15, 0.84, 0.07))
    bar.barh([0], [np.clip(odds, -24, 24)], color=ROLE["model"], height=1.0)
    bar.axvline(0, color=INK, linewidth=1.2)
    bar.set(xlim=(-24, 24), ylim=(-0.5, 0.5), yticks=[], xticks=(-20, -10, 0, 10, 20))
    bar.set_xticklabels(("−20", "−10", "0", "10", "20"))
    gap = 4 * "\N{NO-BREAK SPACE}"  # ordinary spaces melt into one in the browser
    bar.set_xlabel(f"← cat{gap}log-odds of a dog{gap}dog →")
    strongest = np.unravel_index(np.abs(evidence).argmax(), evidence.shape)
    return Scene(
        figure,
        {
            "probability of a dog": Number(p, digits=2),
            "log-odds of a dog": Number(odds, digits=2),
            "the answer": "dog" if odds > 0 else "cat",
            "strongest square": Number(float(evidence[strongest]), digits=2),
        },
    )


@animal_designer.invariant
def probability_odds_and_answer_say_the_same(_parameters: Any, n: Any) -> bool:
    """Go from the probability back to the log-odds, and cut at one half."""
    p = n["probability of a dog"]
    same = bool(0 < p < 1) and _close(np.log(p) - np.log1p(-p), n["log-odds of a dog"], 1e-6)
    return same and bool((n["the answer"] == "dog") == (p > 0.5))


@animal_designer.invariant
def the_strongest_square_is_measured_by_covering_it(parameters: Any, n: Any) -> bool:
    """Cover the square again, alone."""
    image, evidence, odds = _designed(**parameters)
    i, j = np.unravel_index(np.abs(evidence).argmax(), evidence.shape)
    covered = image.copy()
    covered[4 * i : 4 * i + 8, 4 * j : 4 * j + 8] = 0.5
    p = float(vision.probabilities(_model(), covered[None])[0])
    return bool(abs(odds - np.log(p / (1 - p)) - n["strongest square"]) < 0.02 * (1 + abs(odds)))


# The adversarial dial

_EPSILONS = np.round(np.arange(0, 0.0301, 0.0025), 4)


class _Attack(NamedTuple):
    """A picture with its class, the gradient of its loss, and a random direction of signs."""

    image: Array
    label: int
    gradient: Array
    random: Array


@functools.cache
def _attack(name: str) -> _Attack:
    image, label = _sitter(name), _species(name)
    gradient = vision.input_gradient(_model(), image[None], [label])[0]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=image.shape)
    return _Attack(image, label, gradient, signs)


@functools.cache
def _accuracy_under_attack() -> dict[str, Array]:
    """Measure the share of 200 drawings recognised, for every size of the change and both directions."""
    pets = datasets.draw_pets(200, np.random.default_rng(11))
    signs = np.random.default_rng(12).choice([-1.0, 1.0], size=pets.images.shape)
    shares: dict[str, list[float]] = {"along the gradient": [], "at random": []}
    for epsilon in _EPSILONS:
        worst = vision.adversarial_step(_model(), pets.images, pets.labels, float(epsilon))
        for name, images in (
            ("along the gradient", worst),
            ("at random", np.clip(pets.images + epsilon * signs, 0, 1)),
        ):
            says_dog = vision.probabilities(_model(), images.astype(np.float32)) > 0.5
            shares[name].append(float(np.mean(says_dog == pets.labels)))
    return {name: np.array(values) for name, values in shares.items()}


@explorer(
    Choice(
        "image",
        options=("a dog with upright ears", "a cat behind a post", "a cat with folded ears"),
        label="picture",
    ),
    Choice("direction", options=("along the gradient", "at random")),
    Control("epsilon", start=0.01, low=0.0, high=0.03, step=0.0025, label="largest change ε"),
    alt="A drawn dog with upright ears, the change of its pixels magnified, and a curve of the share of "
    "drawings recognised, which falls steeply as the change along the gradient grows, and hardly for "
    "random changes.",
    caption="Every pixel moves by ε, up or down, as far as black and white allow: along the sign of the "
    "gradient, or at random. The curve is the share of 200 drawings that are still recognised. "
    "Find the least ε at which the network changes its mind about the picture, and ask whether you would. "
    "About one of the three it never does.",
    play="epsilon",
)
def adversarial_dial(image: str, direction: str, epsilon: float) -> Scene:
    """Change a picture by epsilon in every pixel and ask the network again."""
    attack = _attack(image)
    signs = np.sign(attack.gradient) if "gradient" in direction else attack.random
    changed = np.clip(attack.image + epsilon * signs, 0, 1)
    p = float(vision.probabilities(_model(), changed[None].astype(np.float32))[0])
    figure = canvas(4.9)
    _pixels(figure.add_axes((0.02, 0.56, 0.46, 0.39)), changed, "changed picture")
    _pixels(
        figure.add_axes((0.52, 0.56, 0.46, 0.39)), 0.5 + 16 * (changed - attack.image), "change, 16 times"
    )
    ax = figure.add_axes((0.15, 0.12, 0.81, 0.34))
    for (name, shares), role, style in zip(
        _accuracy_under_attack().items(), ("model", "data"), ("-", "--"), strict=True
    ):
        ax.plot(_EPSILONS, 100 * shares, style, color=ROLE[role], label=name)
        if name == direction:
            at = int(np.argmin(np.abs(_EPSILONS - epsilon)))
            ax.plot(epsilon, 100 * shares[at], "o", color=ROLE[role], markeredgecolor=PAPER, markersize=10)
            share = shares[at]
    ax.set(xlim=(-0.001, 0.031), ylim=(-4, 104), xlabel="largest change ε", ylabel="recognised, %")
    ax.set(xticks=(0, 0.01, 0.02, 0.03), yticks=(0, 50, 100))
    ax.legend(loc="center right", fontsize=9.5, borderpad=0.2)
    return Scene(
        figure,
        {
            "probability of a dog": Number(p, digits=2),
            "the answer": "dog" if p > 0.5 else "cat",
            "loss promised to first order": Number(
                float(epsilon * np.sum(attack.gradient * signs)), "nats", 2
            ),
            "largest change": float(np.abs(changed - attack.image).max()),
            "of 200 drawings recognised": Number(100 * share, "%", 3),
        },
    )


@adversarial_dial.invariant
def no_pixel_moves_further_than_epsilon(parameters: Any, n: Any) -> bool:
    """Compare the largest change with the dial."""
    return bool(n["largest change"] <= parameters["epsilon"] + 1e-6)


@adversarial_dial.invariant
def the_promise_along_the_gradient_is_epsilon_times_its_one_norm(parameters: Any, n: Any) -> bool:
    """Also hold that no other direction promises more."""
    most = parameters["epsilon"] * float(np.abs(_attack(parameters["image"]).gradient).sum())
    promised = n["loss promised to first order"]
    return (
        _close(promised, most, 1e-5)
        if "gradient" in parameters["direction"]
        else bool(promised <= most + 1e-9)
    )


@adversarial_dial.invariant
def the_gradient_harms_at_least_as_much_as_chance(parameters: Any, n: Any) -> bool:
    """Compare the two shares at the same size."""
    at = int(np.argmin(np.abs(_EPSILONS - parameters["epsilon"])))
    shares = _accuracy_under_attack()
    shown = n["of 200 drawings recognised"] / 100
    as_computed = abs(shown - shares[parameters["direction"]][at]) < 1e-9
    return bool(as_computed and shares["along the gradient"][at] <= shares["at random"][at] + 1e-12)


# Thresholds and costs

_COSTS = {"1 and 1": (1, 1), "3 and 1": (3, 1), "10 and 1": (10, 1), "1 and 3": (1, 3), "1 and 10": (1, 10)}
_CUTS = np.round(np.arange(0.02, 0.9801, 0.004), 3)  # as fine as the live slider


class _Judged(NamedTuple):
    """Of 1,000 drawings, the share of cats called dogs and of dogs missed at every threshold."""

    p: Array
    labels: Array


@functools.cache
def _judged() -> _Judged:
    # Harder than usual, so that there is something to weigh: things in front, and a noisy camera.
    pets = datasets.draw_pets(1000, np.random.default_rng(13), noise=0.1, before="post")
    return _Judged(vision.probabilities(_model(), pets.images), pets.labels.astype(float))


@functools.cache
def _counts() -> Array:
    """Count true dogs, missed dogs, false dogs and true cats at every threshold, (4, m)."""
    p, labels = _judged()
    says_dog = p[None] >= _CUTS[:, None]
    dog = labels[None] == 1
    cells = (says_dog & dog, ~says_dog & dog, says_dog & ~dog, ~says_dog & ~dog)
    counts: Array = np.array([cell.sum(axis=1) for cell in cells])
    return counts


def _cost(costs: str) -> Array:
    """Measure the mean cost of a picture at every threshold."""
    false_dog, missed_dog = _COSTS[costs]
    _, missed, false, _ = _counts()
    mean: Array = (false_dog * false + missed_dog * missed) / len(_judged().p)
    return mean


@explorer(
    Choice("costs", options=tuple(_COSTS), label="cost of a false dog and of a missed dog"),
    Control("threshold", start=0.5, low=0.02, high=0.98, step=0.04),
    alt="Above, a curve of dogs found against cats called dogs, which rises steeply to the upper left "
    "corner, with a dot near the corner. Below, the mean cost of a picture against the threshold, "
    "flat and lowest at thresholds below one half.",
    caption="Above, each threshold is a point of the curve. Below, the measured cost; the dotted line is the "
    "threshold that the theorem recommends if the probabilities are true. These 1,000 drawings are "
    "harder than most: all behind a post, all with much noise.",
    play="threshold",
)
def threshold_and_costs(costs: str, threshold: float) -> Scene:
    """Move the threshold along the ROC curve and watch the cost."""
    at = int(np.argmin(np.abs(_CUTS - threshold)))
    found, missed, false, cats = (int(cell) for cell in _counts()[:, at])
    curve, cost = _counts(), _cost(costs)
    false_dog, missed_dog = _COSTS[costs]
    figure = canvas(5.0)
    ax = figure.add_axes((0.15, 0.58, 0.8, 0.39))
    x, y = curve[2] / (curve[2] + curve[3]), curve[0] / (curve[0] + curve[1])
    ax.plot([1, *x, 0], [1, *y, 0], color=ROLE["model"], linestyle="-")
    ax.plot(x[at], y[at], "o", color=ROLE["target"], markeredgecolor=PAPER, markersize=10)
    ax.set(xlim=(-0.02, 0.6), ylim=(0.4, 1.02), xlabel="cats called dogs", ylabel="dogs found")
    ax.set(xticks=(0, 0.2, 0.4, 0.6), yticks=(0.4, 0.6, 0.8, 1.0))
    below = figure.add_axes((0.15, 0.11, 0.8, 0.32))
    below.plot(_CUTS, cost, color=ROLE["data"], linestyle="-")
    below.plot(_CUTS[at], cost[at], "o", color=ROLE["target"], markeredgecolor=PAPER, markersize=10)
    below.axvline(false_dog / (false_dog + missed_dog), color=MUTED, linestyle=":")
    below.set(xlim=(0, 1), ylim=(0, 1.1 * cost.max()), xlabel="threshold", ylabel="mean cost")
    below.set(xticks=(0, 0.5, 1))
    return Scene(
        figure,
        {
            "dogs found, missed": f"{found}, {missed}",
            "cats recognised, called dogs": f"{cats}, {false}",
            "mean cost": Number(float(cost[at]), digits=3),
            "least mean cost": Number(float(cost.min()), digits=3),
            "threshold of the theorem": false_dog / (false_dog + missed_dog),
        },
    )


@threshold_and_costs.invariant
def every_picture_is_counted_once_and_the_theorem_knows_the_costs(parameters: Any, n: Any) -> bool:
    """Add the four cells, and divide the costs."""
    cells = [int(text) for name in list(n)[:2] for text in n[name].split(", ")]
    false_dog, missed_dog = _COSTS[parameters["costs"]]
    return sum(cells) == len(_judged().p) and _close(
        n["threshold of the theorem"], false_dog / (false_dog + missed_dog)
    )


@threshold_and_costs.invariant
def cost_is_that_of_the_two_kinds_of_mistakes(parameters: Any, n: Any) -> bool:
    """Work the cost out from the cells."""
    missed, false = (int(n[name].split(", ")[1]) for name in list(n)[:2])
    false_dog, missed_dog = _COSTS[parameters["costs"]]
    return _close(n["mean cost"], (false_dog * false + missed_dog * missed) / len(_judged().p))


@threshold_and_costs.invariant
def no_threshold_is_cheaper_than_the_cheapest(_parameters: Any, n: Any) -> bool:
    """Compare with the least."""
    return bool(n["mean cost"] >= n["least mean cost"] - 1e-12)
