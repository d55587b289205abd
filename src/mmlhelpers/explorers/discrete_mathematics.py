"""Interactive figures of the section on discrete mathematics."""

from __future__ import annotations

import functools
import math
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmlhelpers import discrete
from mmlhelpers._checks import Array
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.explorers._core import Choice, Control, Number, Scene, explorer
from mmlhelpers.plotting import GRID, INK, MUTED, ROLE

__all__ = ["bloom_filter", "edit_table", "shatter_lab"]

# Edit distance

_WORDS = {
    "gaussain → gaussian": ("gaussain", "gaussian"),
    "tensor → vector": ("tensor", "vector"),
    "kernel → colonel": ("kernel", "colonel"),
    "loss → gloss": ("loss", "gloss"),
}


@explorer(
    Choice("words", options=tuple(_WORDS)),
    Control("change", start=1, low=0, high=3, step=1, label="cost of a change"),
    Control("insert", start=1, low=1, high=3, step=1, label="cost of an insertion"),
    alt="A table of numbers with the letters of one word down the side and of another along the top. A path "
    "of framed cells leads from the upper left corner to the lower right one.",
    caption="Each number is the cheapest way to turn a beginning of the first word into a beginning of the "
    "second; a deletion costs 1. The frames follow one cheapest path. At which cost of a change is it "
    "given up for a deletion and an insertion?",
)
def edit_table(words: str, change: int, insert: int) -> Scene:
    """Fill the table of edit distances and frame a cheapest path."""
    a, b = _WORDS[words]
    result = discrete.edit_distance(a, b, insert=insert, delete=1, change=change)
    figure = canvas(4.1)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    ax.set(xlim=(-1.6, 7.6 + 1), ylim=(8.6, -1.6), xticks=[], yticks=[])
    ax.axis("off")
    for j, letter in enumerate(b):
        ax.text(j + 1, -1, letter, ha="center", va="center", color=ROLE["target"], fontsize=12)
    for i, letter in enumerate(a):
        ax.text(-1, i + 1, letter, ha="center", va="center", color=ROLE["data"], fontsize=12)
    path = _places(result.steps)
    ax.plot(*np.array(path)[:, ::-1].T, "s", markersize=20, color=ROLE["model"], fillstyle="none")
    for (i, j), cost in np.ndenumerate(result.table):
        on_path = (i, j) in path
        ax.text(
            j,
            i,
            f"{cost:.0f}",
            ha="center",
            va="center",
            color=INK if on_path else MUTED,
            fontsize=10,
            fontweight="bold" if on_path else "normal",
        )
    kinds = [_kind(step) for step in result.steps]
    return Scene(
        figure,
        {
            "distance": result.distance,
            "kept": kinds.count("kept"),
            "changed": kinds.count("changed"),
            "deleted": kinds.count("deleted"),
            "inserted": kinds.count("inserted"),
        },
    )


def _places(steps: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the cells that a path passes, both corners included."""
    places = [(0, 0)]
    for old, new in steps:
        i, j = places[-1]
        places.append((i + bool(old), j + bool(new)))
    return places


def _kind(step: tuple[str, str]) -> str:
    old, new = step
    if old and new:
        return "kept" if old == new else "changed"
    return "deleted" if old else "inserted"


@edit_table.invariant
def the_path_costs_the_distance(p: Any, n: Any) -> bool:
    """Pay for every step of the path."""
    paid = p["change"] * n["changed"] + p["insert"] * n["inserted"] + n["deleted"]
    return bool(paid == n["distance"])


@edit_table.invariant
def the_path_uses_every_letter(p: Any, n: Any) -> bool:
    """Meet each letter of both words once."""
    a, b = _WORDS[p["words"]]
    both = n["kept"] + n["changed"]
    return bool(both + n["deleted"] == len(a) and both + n["inserted"] == len(b))


# Bloom filter


@explorer(
    Control("keys", start=20, low=4, high=60, step=4, label="keys n"),
    Control("hashes", start=4, low=1, high=8, step=1, label="hash functions k"),
    alt="A grid of 200 small squares, some filled: the bits that are set. Below, a curve of the probability "
    "of a wrong yes against the number of hash functions, with a dot at the present number.",
    caption="A Bloom filter of 200 bits (filled: set) and its probability of a wrong yes for every number of "
    "hash functions. Where is the least, and how full is the filter there?",
    play="keys",
)
def bloom_filter(keys: int, hashes: int) -> Scene:
    """Fill a Bloom filter of 200 bits and compare its errors with the formula."""
    m = 200
    seen = discrete.BloomFilter(m, hashes, np.random.default_rng(0))
    old, new = _keys()
    seen.add(old[:keys])
    figure = canvas(4.0)
    ax = figure.add_axes((0.02, 0.55, 0.96, 0.43))
    i, j = np.divmod(np.arange(m), 25)
    ax.plot(j[~seen.bits], i[~seen.bits], "s", color=GRID, fillstyle="none", markersize=8)
    ax.plot(j[seen.bits], i[seen.bits], "s", color=ROLE["data"], markersize=8)
    ax.set(xlim=(-0.7, 24.7), ylim=(7.6, -0.6), xticks=[], yticks=[])
    ax.axis("off")
    curve = figure.add_axes((0.17, 0.14, 0.8, 0.36))
    k = np.arange(1, 9)
    curve.plot(k, _predicted(k, keys, m), "o-", color=ROLE["model"], markersize=4)
    curve.plot(hashes, _predicted(hashes, keys, m), "o", color=ROLE["model"], markersize=10)
    curve.set(xlim=(0.7, 8.3), ylim=(1e-7, 1.5), yscale="log", xlabel="hash functions k", ylabel="wrong yes")
    curve.set_xticks(k)
    curve.set_yticks([1e-6, 1e-3, 1], ["10⁻⁶", "10⁻³", "1"])
    curve.minorticks_off()
    return Scene(
        figure,
        {
            "bits set": Number(float(seen.bits.mean() * 100), "%", 3),
            "wrong yes, predicted": Number(float(_predicted(hashes, keys, m)), digits=3),
            "wrong yes, of 2,000 new keys": Number(float(seen.contains(new).mean()), digits=3),
            "old keys found": int(seen.contains(old[:keys]).sum()),
            "best k": Number(m / keys * math.log(2), digits=3),
        },
    )


@functools.cache
def _keys() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys = np.random.default_rng(1).choice(2**31 - 1, size=2060, replace=False)
    return keys[:60], keys[60:]


def _predicted(k: Any, n: int, m: int) -> Any:
    return (1 - np.exp(-k * n / m)) ** k


@bloom_filter.invariant
def no_key_is_forgotten(p: Any, n: Any) -> bool:
    """Find every key that was added."""
    return bool(n["old keys found"] == p["keys"])


@bloom_filter.invariant
def errors_follow_the_share_of_bits_set(p: Any, n: Any) -> bool:
    """Expect a wrong yes with the share of set bits to the power k, within five standard errors."""
    rho = (n["bits set"] / 100) ** p["hashes"]
    return bool(abs(n["wrong yes, of 2,000 new keys"] - rho) <= 5 * math.sqrt(rho * (1 - rho) / 2000) + 1e-3)


# Shattering

_CLASSES = ("thresholds", "intervals", "half-planes", "rectangles")
_VC = dict(zip(_CLASSES, (1, 2, 3, 4), strict=True))


@explorer(
    Choice("models", options=_CLASSES, start="half-planes", label="class of models"),
    Control("points", start=4, low=1, high=7, step=1, label="points n"),
    Control("labeling", start=3, low=0, high=6, step=1, label="show labeling number"),
    alt="Up to seven points, filled circles for one label and empty squares for the other. Below them two "
    "curves against the number of points: all labelings, doubling, and those the class produces, which "
    "fall behind.",
    caption="A labeling that the class produces, and below the number of labelings it can produce (solid) "
    "beside all 2ⁿ (dashed). Thresholds and intervals look at the horizontal place only. At which n does "
    "each class fall behind?",
)
def shatter_lab(models: str, points: int, labeling: int) -> Scene:
    """Count the labelings that a class of models produces on points in general position."""
    X = _places_of_points()[:points]
    found = _labelings(models, points)
    labels = found[labeling * (len(found) - 1) // 6]
    counts = [len(_labelings(models, n)) for n in range(1, 8)]
    figure = canvas(4.4)
    ax = figure.add_axes((0.04, 0.46, 0.92, 0.52))
    ax.plot(*X[labels].T, "o", color=ROLE["data"], markersize=12)
    ax.plot(*X[~labels].T, "s", color=ROLE["model"], markersize=11, fillstyle="none", markeredgewidth=2)
    ax.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), xticks=[], yticks=[])
    curve = figure.add_axes((0.17, 0.12, 0.8, 0.27))
    n = np.arange(1, 8)
    curve.plot(n, 2.0**n, "--", color=MUTED)
    curve.plot(n, counts, "o-", color=ROLE["target"], markersize=4)
    curve.plot(points, counts[points - 1], "o", color=ROLE["target"], markersize=10)
    curve.set(yscale="log", xlabel="points n", ylabel="labelings", ylim=(1.5, 150))
    curve.set_yticks([2, 8, 32, 128], ["2", "8", "32", "128"])
    curve.minorticks_off()
    return Scene(
        figure,
        {
            "labelings produced": counts[points - 1],
            "all labelings": 2**points,
            "shattered": "yes" if counts[points - 1] == 2**points else "no",
            "VC dimension": _VC[models],
            "Sauer and Shelah's bound": sum(math.comb(points, k) for k in range(_VC[models] + 1)),
        },
    )


@functools.cache
def _places_of_points() -> Array:
    """Place the first four like the points of a compass, which rectangles shatter, and three between them."""
    angles = np.deg2rad([90, 0, 270, 180, 40, 215, 318])
    radii = np.array([1.0, 0.95, 1.05, 0.9, 0.55, 0.6, 0.5])
    return np.column_stack([radii * np.sin(angles + 0.15), radii * np.cos(angles + 0.15)])


@functools.cache
def _labelings(models: str, n: int) -> NDArray[np.bool_]:
    """List the labelings that a class produces on the first n points."""
    X = _places_of_points()[:n]
    if models == "half-planes" and n >= 2:
        return discrete.halfspace_labelings(X)
    columns = [np.zeros(n, dtype=bool)]
    if models == "rectangles":
        for chosen in (c for size in range(1, min(n, 4) + 1) for c in combinations(range(n), size)):
            corner = X[list(chosen)]
            low, high = corner.min(axis=0), corner.max(axis=0)
            columns.append(np.all((low <= X) & (high >= X), axis=1))
    else:
        ranks = np.argsort(np.argsort(X[:, 0]))
        starts = range(n) if models == "intervals" else range(1)
        columns += [(ranks >= i) & (ranks < j) for i in starts for j in range(i + 1, n + 1)]
    if models == "half-planes":  # a single point
        columns.append(np.ones(n, dtype=bool))
    return np.unique(np.array(columns), axis=0)


@shatter_lab.invariant
def growth_stays_below_sauer_and_shelah(_p: Any, n: Any) -> bool:
    """Never produce more labelings than the bound allows, nor than there are."""
    return bool(n["labelings produced"] <= min(n["Sauer and Shelah's bound"], n["all labelings"]))


@shatter_lab.invariant
def all_labelings_up_to_the_dimension_and_not_beyond(p: Any, n: Any) -> bool:
    """Shatter these points exactly up to the VC dimension."""
    all_of_them = abs(n["labelings produced"] - 2 ** p["points"]) < 0.1
    return bool(all_of_them == (p["points"] <= _VC[p["models"]])) and n["shattered"] == (
        "yes" if all_of_them else "no"
    )
