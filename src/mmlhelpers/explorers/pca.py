"""Interactive figures of the chapter on principal component analysis."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from mmlhelpers import datasets, linalg
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Handle, Number, Scene, explorer
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.plotting import INK, MUTED, PAPER, ROLE, line_through, picture

__all__ = ["digit_rebuilt", "kernel_width", "noise_floor", "one_unit", "rotate_axis"]

_CLASSES = (("data", "o"), ("model", "^"), ("target", "s"))


def _close(x: float, y: float) -> bool:
    return bool(np.isclose(x, y, rtol=1e-9, atol=1e-9))


def _polar(degrees: float) -> Array:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


# Rotating the axis


@functools.cache
def _cloud(name: str) -> tuple[Array, NDArray[np.int64]]:
    """Return centred samples (n, 2) and their groups (n,)."""
    if name == "iris petals":
        iris = datasets.iris()
        X, groups = iris.X[:, 2:], iris.y
    else:
        rng = np.random.default_rng(3)
        groups = np.repeat([0, 1], 60)
        if name == "a round cloud":
            groups = 0 * groups
        sizes, shift = ([1.6, 0.25], [0.0, 1.5]) if groups.any() else ([1.0, 1.0], [0.0, 0.0])
        X = rng.normal(size=(120, 2)) * sizes + np.outer(groups, shift)
    return X - X.mean(axis=0), groups


@explorer(
    Choice("cloud", options=("iris petals", "a round cloud", "two long groups"), label="samples"),
    Control("angle", start=10, low=0, high=175, step=5, label="direction of the axis", unit="°"),
    alt="Points in a plane with an axis through their mean, and short segments from every point to the "
    "axis. Below, a bar of constant length split into the variance kept and the mean squared "
    "residual.",
    caption="The bar is the total variance, split into what the scores keep and what the residuals lose. Turn"
    " the axis: its length never changes. Which direction keeps most, for the flowers and for the two"
    " groups, and does the round cloud have one?",
    play="angle",
    handle=Handle(moves=("angle",), at=lambda p: tuple(2.6 * _polar(p["angle"]))),
)
def rotate_axis(cloud: str, angle: float) -> Scene:
    """Project samples onto an axis and split their variance."""
    X, groups = _cloud(cloud)
    w = _polar(angle)
    scores = X @ w
    kept = float(np.mean(scores**2))
    lost = float(np.mean(np.sum((X - np.outer(scores, w)) ** 2, axis=1)))
    best = float(linalg.principal_components(X, 1).variances[0])
    figure = canvas(4.9)
    ax = figure.add_axes((0.01, 0.26, 0.98, 0.73))
    feet = np.outer(scores, w)
    ax.add_collection(
        LineCollection(list(np.stack([X, feet], axis=1)), colors=ROLE["gradient"], linewidths=0.5)
    )
    for group, (role, marker) in enumerate(_CLASSES[: groups.max() + 1]):
        ax.plot(*X[groups == group].T, marker, color=ROLE[role], markersize=3.5)
    line_through(ax, w, "model", linestyle="-")
    ax.plot(*(2.6 * w), "o", color=ROLE["model"], markeredgecolor=PAPER, markersize=11, zorder=5)
    ax.set(xlim=(-3.9, 3.9), ylim=(-3.4, 3.4), aspect="equal", xticks=(), yticks=())
    ax.spines[:].set_visible(False)
    _split_bar(figure.add_axes((0.05, 0.1, 0.9, 0.09)), kept, lost, best)
    return Scene(
        figure,
        {
            "variance kept": kept,
            "mean squared residual": lost,
            "sum": kept + lost,
            "share kept": Number(100 * kept / (kept + lost), "%", digits=3),
            "best share": Number(100 * best / (kept + lost), "%", digits=3),
        },
    )


def _split_bar(ax: Axes, kept: float, lost: float, best: float) -> None:
    total = kept + lost
    ax.barh(0, kept / total, color=ROLE["data"], edgecolor=INK)
    ax.barh(0, lost / total, left=kept / total, color=PAPER, edgecolor=ROLE["gradient"], linewidth=1.5)
    ax.axvline(best / total, color=INK, linestyle="--", linewidth=1.5)
    ax.set(xlim=(0, 1), ylim=(-0.5, 0.5), yticks=(), xticks=(0, 0.5, 1))
    ax.set_xticklabels(("0", "share of the variance kept; dashed: the best", "1"), fontsize=9.5)
    ax.grid(False)


@rotate_axis.invariant
def variance_and_residual_add_up_to_the_total(parameters: Any, n: Any) -> bool:
    """Let Pythagoras hold for all samples at once."""
    X, _ = _cloud(parameters["cloud"])
    return _close(n["sum"], float(np.mean(np.sum(X**2, axis=1))))


@rotate_axis.invariant
def no_direction_keeps_more_than_the_first_component(_parameters: Any, n: Any) -> bool:
    """Compare with the eigenvalue."""
    return bool(n["share kept"] <= n["best share"] + 1e-9)


@rotate_axis.invariant
def the_variance_is_a_quadratic_form(parameters: Any, n: Any) -> bool:
    """Compute it from the covariance instead of the scores."""
    X, _ = _cloud(parameters["cloud"])
    w = _polar(parameters["angle"])
    return _close(n["variance kept"], float(w @ (X.T @ X / len(X)) @ w))


# Rebuilding a digit

_SAMPLES = {"a zero": 0, "a three": 3, "a four": 4, "a seven": 7, "an eight": 8}  # rows of the table


@functools.cache
def _digit_components() -> tuple[linalg.PrincipalComponents, Array]:
    X = datasets.digits().X
    pca = linalg.principal_components(X, 64)
    errors = np.sqrt(np.maximum(1 - np.cumsum(np.append(0, pca.shares)), 0.0))
    return pca, errors


@explorer(
    Choice("digit", options=tuple(_SAMPLES), start="a three"),
    Control("components", start=6, low=0, high=60, step=3, label="components k"),
    alt="Three small pictures: a digit, the same rebuilt from a few components, blurred, and the "
    "difference. Below, the error falls with the number of components, for this digit and for all on "
    "average.",
    caption="Left the digit, in the middle the mean plus k components, right what is still missing. The line "
    "is the error of this digit, the dashed one that of all 1797. When can you read it?",
    play="components",
)
def digit_rebuilt(digit: str, components: int) -> Scene:
    """Rebuild a digit from the mean and its first scores."""
    pca, typical = _digit_components()
    x = datasets.digits().X[_SAMPLES[digit]]
    scores = pca.scores(x[None])[0]
    rebuilt = pca.mean + pca.directions[:, :components] @ scores[:components]
    distance = float(np.linalg.norm(x - pca.mean))
    # Summed from the smallest score on: a difference of two large sums would leave rounding, not zero.
    left = np.sqrt(np.append(np.cumsum(scores[::-1] ** 2)[::-1], 0)) / distance
    figure = canvas(3.9)
    pictures = (("digit", x), ("rebuilt", rebuilt), ("missing", 8 + (x - rebuilt) / 2))
    for i, (title, pixels) in enumerate(pictures):
        ax = figure.add_axes((0.02 + 0.33 * i, 0.52, 0.3, 0.4))
        # The screen rounds to 32 grey levels, which keeps the site's file small; the numbers do not.
        picture(ax, np.round((1 - np.clip(pixels, 0, 16) / 16).reshape(8, 8) * 31) / 31, title)
        ax.images[0].set_interpolation("none")
    ax = figure.add_axes((0.14, 0.14, 0.83, 0.32))
    ax.plot(typical, color=MUTED, linestyle="--", label="all digits")
    ax.plot(left, color=ROLE["model"], linestyle="-", label="this one")
    ax.plot(components, left[components], "o", color=ROLE["model"], markeredgecolor=PAPER, zorder=5)
    ax.set(xlim=(0, 64), ylim=(0, 1.05), xticks=(0, 20, 40, 60), yticks=(0, 0.5, 1), xlabel="components k")
    ax.set_ylabel("error")
    ax.legend(fontsize=9.5, borderpad=0.1)
    missing = float(np.linalg.norm(x - rebuilt))
    return Scene(
        figure,
        {
            "error of this digit": Number(100 * missing / distance, "%", digits=3),
            "error of all digits": Number(100 * typical[components], "%", digits=3),
            "variance kept": Number(100 * (1 - typical[components] ** 2), "%", digits=3),
            "score k": scores[components - 1] if components else np.nan,
        },
    )


@digit_rebuilt.invariant
def the_missing_part_and_the_scores_make_a_right_triangle(parameters: Any, n: Any) -> bool:
    """Add up the squares of the scores and of what is missing."""
    pca, _ = _digit_components()
    x = datasets.digits().X[_SAMPLES[parameters["digit"]]] - pca.mean
    scores = pca.directions[:, : parameters["components"]].T @ x
    return _close(n["error of this digit"] ** 2 / 1e4 + scores @ scores / (x @ x), 1)


@digit_rebuilt.invariant
def the_error_of_all_digits_is_the_root_of_the_share_left_out(_parameters: Any, n: Any) -> bool:
    """Let the two read-outs agree."""
    return _close(n["error of all digits"] ** 2 / 100 + n["variance kept"], 100)


# One unit


@functools.cache
def _wine() -> tuple[Array, NDArray[np.int64], int]:
    """Return the standardised wines, their growers, and the column of proline."""
    wine = datasets.wine()
    Z = (wine.X - wine.X.mean(axis=0)) / wine.X.std(axis=0, ddof=0)
    return Z, wine.y, wine.feature_names.index("proline")


@explorer(
    Control("factor", start=0.0, low=-2.0, high=2.0, step=0.1, label="log₁₀ of the factor of proline"),
    alt="Scores of 178 wines on two components, three groups with different markers. Below, a bar for "
    "each of thirteen measurements: their weights in the first component, none of them dominant.",
    caption="All measurements standardised, then proline multiplied by a factor, as a change of its unit "
    "would. Above the scores, marked by grower; below the weights of the thirteen measurements in the"
    " first component, proline last. Find the factor at which proline takes over, and see what "
    "happens to the groups.",
    play="factor",
)
def one_unit(factor: float) -> Scene:
    """Change the unit of one measurement."""
    Z, y, proline = _wine()
    X = Z.copy()
    X[:, proline] *= 10**factor
    pca = linalg.principal_components(X, 2)
    scores = pca.scores(X) / np.sqrt(pca.variances[0])
    scores *= np.sign(scores[y == 0].mean(axis=0) - scores[y == 1].mean(axis=0))  # no frame is mirrored
    weights = pca.directions[:, 0] ** 2
    figure = canvas(4.9)
    ax = figure.add_axes((0.1, 0.42, 0.88, 0.56))
    for grower, (role, marker) in enumerate(_CLASSES):
        ax.plot(*scores[y == grower].T, marker, color=ROLE[role], markersize=4, label=f"grower {grower + 1}")
    ax.set(xlim=(-2.6, 3.4), ylim=(-2.6, 2.6), xticks=(), yticks=())
    ax.set(xlabel="first score", ylabel="second score")
    ax.legend(loc="upper right", fontsize=9.5, borderpad=0.1, handletextpad=0.1)
    bars = figure.add_axes((0.16, 0.12, 0.82, 0.2))
    colours = [INK if i == proline else ROLE["data"] for i in range(len(weights))]
    bars.bar(range(len(weights)), weights, color=colours)
    bars.set(ylim=(0, 1.05), xticks=(), yticks=(0, 0.5, 1), ylabel="weight²", xlabel="measurement")
    return Scene(
        figure,
        {
            "factor": Number(10**factor, digits=3),
            "proline's weight²": Number(100 * weights[proline], "%", digits=3),
            "share of the first component": Number(100 * pca.shares[0], "%", digits=3),
            "variance of proline": Number(100 * 10 ** (2 * factor) / pca.total, "%", digits=3),
        },
    )


@one_unit.invariant
def the_total_variance_is_that_of_the_columns(parameters: Any, n: Any) -> bool:
    """Twelve columns have variance one, proline the square of the factor."""
    square = 10.0 ** (2 * parameters["factor"])
    return _close(n["variance of proline"], 100 * square / (12 + square))


@one_unit.invariant
def the_first_component_beats_every_single_column(parameters: Any, n: Any) -> bool:
    """Try the coordinate axes, which are directions too; no share exceeds the whole."""
    largest = max(1.0, 10.0 ** (2 * parameters["factor"])) / (12 + 10.0 ** (2 * parameters["factor"]))
    return bool(100 * largest - 1e-9 <= n["share of the first component"] <= 100)


# The noise floor

_FEATURES = 120
_RATIOS = {"1200 samples": 1200, "480 samples": 480, "240 samples": 240, "120 samples": 120}


@functools.cache
def _noise(samples: int) -> Array:
    return np.random.default_rng(samples).normal(size=(samples, _FEATURES))


@explorer(
    Choice("samples", options=tuple(_RATIOS), start="480 samples"),
    Control("strength", start=1.0, low=1.0, high=4.0, step=0.2, label="variance ℓ along one direction"),
    alt="A histogram of 120 eigenvalues between about a quarter and two and a quarter, under the curve of"
    " Marchenko and Pastur, and a marker at the largest eigenvalue, at the upper edge of the curve.",
    caption="Eigenvalues of the covariance of 120 features: noise of variance one and a single direction with"
    " variance ℓ. The triangle is the largest, the dotted line its limit. When does it leave the "
    "bulk, and how near is its direction to the truth then?",
    play="strength",
)
def noise_floor(samples: str, strength: float) -> Scene:
    """Hide a direction of a given variance in noise."""
    n = _RATIOS[samples]
    X = _noise(n).copy()
    X[:, 0] *= np.sqrt(strength)
    values, vectors = linalg.eigh(X.T @ X / n)
    ratio = _FEATURES / n
    edges, limit = linalg.marchenko_pastur_edges(ratio), linalg.spike_limit(strength, ratio)
    figure = canvas(3.4)
    ax = figure.add_axes((0.13, 0.16, 0.84, 0.8))
    high = 6.0
    x = np.linspace(0.02, edges.high + 0.01, 160)
    counts, bins = np.histogram(values, bins=np.linspace(0, high, 49))
    density = counts / (_FEATURES * (bins[1] - bins[0]))
    ax.stairs(np.minimum(density, 2.0), bins, fill=True, color=ROLE["data"], alpha=0.45)
    curve = np.minimum(linalg.marchenko_pastur_density(x, ratio), 2.0)
    ax.plot(x, curve, color=ROLE["target"], linestyle="-", label="limit for noise")
    ax.vlines(limit.eigenvalue, 0, 1.35, color=ROLE["model"], linestyle=":", label="limit of the largest")
    ax.plot(values[0], 0.06, "v", color=ROLE["model"], markersize=10, label="largest")
    ax.set(xlim=(0, high), ylim=(0, 2.0), yticks=(0, 1, 2), xlabel="eigenvalue", ylabel="density")
    ax.legend(loc="upper right", fontsize=9.5, borderpad=0.2)
    return Scene(
        figure,
        {
            "largest eigenvalue": values[0],
            "its limit": limit.eigenvalue,
            "edge of the noise": edges.high,
            "cosine² to the truth": vectors[0, 0] ** 2,
            "limit of the cosine²": limit.overlap,
            "seen from ℓ =": 1 + np.sqrt(ratio),
            "mean eigenvalue": values.mean(),
        },
    )


@noise_floor.invariant
def eigenvalues_keep_the_mean_square_of_the_entries(parameters: Any, n: Any) -> bool:
    """Take the trace without eigenvalues."""
    X = _noise(_RATIOS[parameters["samples"]])
    squares = np.mean(X**2, axis=0)
    return _close(n["mean eigenvalue"] * _FEATURES, squares[1:].sum() + parameters["strength"] * squares[0])


@noise_floor.invariant
def the_limit_leaves_the_edge_exactly_above_the_threshold(parameters: Any, n: Any) -> bool:
    """Compare eigenvalue, overlap and threshold."""
    seen = parameters["strength"] > n["seen from ℓ ="] + 1e-9
    outside = n["its limit"] > n["edge of the noise"] + 1e-9
    return bool(seen == outside == (n["limit of the cosine²"] > 0))


@noise_floor.invariant
def the_largest_eigenvalue_is_the_squared_norm_of_the_samples(parameters: Any, n: Any) -> bool:
    """Take a singular value instead of an eigenvalue."""
    X = _noise(_RATIOS[parameters["samples"]]).copy()
    X[:, 0] *= np.sqrt(parameters["strength"])
    return _close(n["largest eigenvalue"], float(np.linalg.norm(X, 2)) ** 2 / len(X))


# The width of a kernel

_SHAPES = ("two rings", "two moons")


@functools.cache
def _curved(name: str) -> tuple[Array, NDArray[np.int64], Array]:
    """Return samples (n, 2), their groups (n,), and all squared distances (n, n)."""
    rng = np.random.default_rng(5)
    groups = np.repeat([0, 1], 60)
    if name == "two rings":
        angle, radius = rng.uniform(0, 2 * np.pi, 120), np.where(groups == 0, 1.0, 3.0)
        X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    else:
        angle = rng.uniform(0, np.pi, 120)
        moon = np.column_stack([2 * np.cos(angle), 2 * np.sin(angle)])
        X = np.where(groups[:, None] == 0, moon, [2.0, 0.8] - moon) - [1.0, 0.4]
    X = X + 0.12 * rng.normal(size=X.shape)
    return X, groups, np.sum((X[:, None] - X) ** 2, axis=-1)


@explorer(
    Choice("shape", options=_SHAPES, label="samples"),
    Control("width", start=0.0, low=-1.0, high=1.5, step=0.1, label="log₁₀ of the width of the kernel"),
    alt="Above, two rings of points, one inside the other, with different markers. Below, their first two"
    " kernel scores: the outer ring has become a clump on one side, the inner ring a cloud on the other.",
    caption="Above the samples, below their first two scores with a Gaussian kernel of the chosen width. Make"
    " it wide: the scores become a copy of the samples. Make it narrow: every sample becomes a "
    "dimension of its own. Where between do the groups fall apart along one axis?",
)
def kernel_width(shape: str, width: float) -> Scene:
    """Score curved samples with a Gaussian kernel."""
    X, groups, squared = _curved(shape)
    found = linalg.kernel_components(np.exp(-squared / (2 * 10 ** (2 * width))), 2)
    figure = canvas(5.0)
    above = figure.add_axes((0.2, 0.55, 0.6, 0.43))
    below = figure.add_axes((0.12, 0.09, 0.85, 0.4))
    scores = found.scores / np.abs(found.scores).max()
    for group, (role, marker) in enumerate(_CLASSES[:2]):
        for ax, points in ((above, X), (below, scores)):
            ax.plot(*points[groups == group].T, marker, color=ROLE[role], markersize=4)
    above.set(xlim=(-4, 4), ylim=(-3.6, 3.6), aspect="equal", xticks=(), yticks=())
    below.set(xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), xticks=(), yticks=())
    below.set(xlabel="first kernel score", ylabel="second")
    return Scene(
        figure,
        {
            "width": Number(10**width, digits=3),
            "share of the first score": Number(100 * found.variances[0] / found.total, "%", digits=3),
            "share of the second score": Number(100 * found.variances[1] / found.total, "%", digits=3),
            "told apart by the first": Number(100 * _told_apart(found.scores[:, 0], groups), "%", digits=3),
        },
    )


def _told_apart(scores: Array, groups: NDArray[np.int64]) -> float:
    """Return the share of samples on the right side of the best threshold."""
    ordered = groups[np.argsort(scores)]
    below = np.append(0, np.cumsum(ordered))  # members of group 1 below each threshold
    right = (np.arange(len(groups) + 1) - below + groups.sum() - below) / len(groups)
    return float(np.maximum(right, 1 - right).max())


@kernel_width.invariant
def shares_fall_and_stay_below_the_whole(_parameters: Any, n: Any) -> bool:
    """Order the variances."""
    first, second = n["share of the first score"], n["share of the second score"]
    return bool(first >= second - 1e-9 and first + second <= 100 + 1e-9)


@kernel_width.invariant
def a_threshold_is_at_least_as_good_as_none(_parameters: Any, n: Any) -> bool:
    """Both groups are of the same size."""
    return bool(50 - 1e-9 <= n["told apart by the first"] <= 100 + 1e-9)


@kernel_width.invariant
def a_wide_kernel_gives_back_the_linear_shares(parameters: Any, n: Any) -> bool:
    """Compare with plain components once the width is ten times the data."""
    if parameters["width"] < 1.4:
        return True
    X, _, _ = _curved(parameters["shape"])
    linear = 100 * linalg.principal_components(X, 1).shares[0]
    return bool(abs(n["share of the first score"] - linear) < 2)
