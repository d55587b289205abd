"""Interactive figures of the section on graphs and spectral methods."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mmlhelpers import graphs
from mmlhelpers._checks import Array
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.explorers._core import Choice, Control, Number, Scene, explorer
from mmlhelpers.plotting import GRID, INK, MUTED, ROLE

__all__ = ["bottleneck", "heat", "surfer"]


def _draw_edges(ax: Axes, places: Array, A: Array) -> None:
    i, j = np.nonzero(np.triu(A))
    lines = list(np.stack([places[i], places[j]], axis=1))
    ax.add_collection(LineCollection(lines, colors=MUTED, linewidths=0.8))
    ax.set(xticks=[], yticks=[])
    ax.axis("off")


# Two groups and the bridges between them

_HALF = 8
_LEFT = np.arange(2 * _HALF) < _HALF


@functools.cache
def _two_rings() -> tuple[Array, Array]:
    """Place two rings of nodes beside each other, and order all pairs across by their distance."""
    angle = 2 * np.pi * (np.arange(_HALF) + 0.5) / _HALF
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    mirrored, apart = ring * [-1, 1], np.array([1.5, 0.0])
    places = np.concatenate([ring - apart, mirrored + apart])
    pairs = np.array([(i, _HALF + j) for i in range(_HALF) for j in range(_HALF)])
    distance = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    return places, pairs[np.argsort(distance.round(6), kind="stable")]


@functools.cache
def _joined(bridges: int, chords: str) -> Array:
    """Join each ring's nodes to their nearest in the ring, and the rings by some bridges."""
    reach = {"ring": 1, "next but one": 2, "everybody": _HALF // 2}[chords]
    inside = {tuple(sorted((i, (i + r) % _HALF))) for i in range(_HALF) for r in range(1, reach + 1)}
    edges = [pair for start in (0, _HALF) for pair in np.array(sorted(inside)) + start]
    return graphs.adjacency(2 * _HALF, [*edges, *_two_rings()[1][:bridges]])


@explorer(
    Control("bridges", start=2, low=1, high=20, step=1),
    Choice(
        "chords", options=("ring", "next but one", "everybody"), start="next but one", label="who knows whom"
    ),
    alt="Two rings of eight nodes with edges between them. The nodes on the two sides of the sweep cut have "
    "different shapes, and the edges that the cut crosses are dashed. Below, a diamond on a scale between "
    "two marks: the conductance of the cut between Cheeger's two bounds.",
    caption="Nodes by the side of the sweep cut. On the scale below, the conductance found (diamond) lies "
    "between half of λ₂ and √(2λ₂). How many bridges until the cut no longer separates left from right?",
    play="bridges",
)
def bottleneck(bridges: int, chords: str) -> Scene:
    """Cut two joined rings by the second eigenvector."""
    A = _joined(bridges, chords)
    places, _ = _two_rings()
    values, vectors = graphs.spectral_embedding(A, 2)
    # Rounded, so that nodes which are equal by symmetry stay on one side on every machine.
    cut = graphs.sweep_cut(A, (vectors[:, 1] / np.sqrt(A.sum(axis=1))).round(9))
    low, high = values[1] / 2, np.sqrt(2 * values[1])
    figure = canvas(3.6)
    ax = figure.add_axes((0.01, 0.32, 0.98, 0.67))
    crossing = A * (cut.inside[:, None] != cut.inside)
    _draw_edges(ax, places, A - crossing)
    i, j = np.nonzero(np.triu(crossing))
    ax.plot(*np.stack([places[i], places[j]]).transpose(2, 0, 1), "--", color=ROLE["gradient"], linewidth=1.6)
    for side, marker, role in ((cut.inside, "o", "data"), (~cut.inside, "s", "model")):
        ax.plot(*places[side].T, marker, color=ROLE[role], markersize=10)
    ax.set(xlim=(-2.7, 2.7), ylim=(-1.15, 1.15))
    scale = figure.add_axes((0.06, 0.17, 0.88, 0.06))
    scale.plot([low, high], [0, 0], color=MUTED)
    scale.plot([low, high], [0, 0], "|", color=INK, markersize=14)
    scale.plot(cut.conductance, 0, "D", color=ROLE["gradient"], markersize=8)
    scale.set(xlim=(-0.02, 1.45), ylim=(-1, 1), yticks=[], xlabel="conductance", xticks=[0, 0.5, 1])
    scale.spines[["left", "right", "top"]].set_visible(False)
    return Scene(
        figure,
        {
            "λ₂ / 2": Number(low, digits=3),
            "conductance of the cut": Number(cut.conductance, digits=3),
            "√(2 λ₂)": Number(high, digits=3),
            "conductance, left from right": Number(graphs.conductance(A, _LEFT), digits=3),
            "edges cut": int(crossing.sum() / 2),
        },
    )


@bottleneck.invariant
def cheeger_holds(_p: Any, n: Any) -> bool:
    """Keep the conductance found between the two bounds."""
    return bool(
        n["λ₂ / 2"] <= n["conductance of the cut"] + 1e-12
        and n["conductance of the cut"] <= n["√(2 λ₂)"] + 1e-12
    )


@bottleneck.invariant
def every_bridge_crosses_from_left_to_right(p: Any, n: Any) -> bool:
    """Divide the bridges by the volume of one ring, which has half of all."""
    inside = {"ring": 2, "next but one": 4, "everybody": 7}[p["chords"]] * _HALF
    wanted = p["bridges"] / (inside + p["bridges"])
    return bool(abs(n["conductance, left from right"] - wanted) < 1e-12)


# The random surfer

_PAGES = np.array([[0.0, 1.0], [1.3, 0.0], [-1.3, 0.0], [-0.8, -1.2], [0.8, -1.2]])
#: Towards the side of each page where no link leaves or ends; there its number stands.
_AWAY = np.array([[0, 1], [1, 0], [-1, 0], [0, -1], [0, -1]])
_LINKS = np.array(
    [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 0, 0, 1, 1], [1, 0, 0, 0, 1], [1, 0, 0, 0, 0]], dtype=float
)


@explorer(
    Control("damping", start=0.85, low=0.0, high=0.95, step=0.05, label="damping α"),
    Choice("extra", options=("as on the page", "1 has no link", "3 links to 2"), label="links"),
    alt="Five pages as discs whose areas are their ranks, with arrows for the links. Page 0 at the top is "
    "largest, page 1, to which it links, nearly as large.",
    caption="The area of each page is its PageRank. With α = 0 the links do not matter. Which page gains "
    "most as α grows, and what does it cost in steps? Take page 1's link away: where does its rank go?",
    play="damping",
)
def surfer(damping: float, extra: str) -> Scene:
    """Rank five pages for a damping and a small change of the links."""
    links = _LINKS.copy()
    if extra == "1 has no link":
        links[1] = 0
    if extra == "3 links to 2":
        links[3, 2] = 1
    result = graphs.pagerank(links, damping, 1e-8)
    area = 4000 * result.scores
    radius = np.sqrt(area) / 2  # in points, as Matplotlib takes the square of the width for the area
    figure = canvas(3.7)
    ax = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    for i, j in np.argwhere(links > 0):
        ax.annotate(
            "",
            _PAGES[j],
            _PAGES[i],
            arrowprops={
                "arrowstyle": "-|>",
                "color": MUTED,
                "shrinkA": radius[i] + 2,
                "shrinkB": radius[j] + 2,
                "connectionstyle": "arc3,rad=0.12",
            },
        )
    ax.scatter(_PAGES[:, 0], _PAGES[:, 1], s=area, color=ROLE["data"], linewidths=0)
    for page, away in enumerate(_AWAY):
        ax.annotate(
            f"{page}",
            _PAGES[page],
            away * (radius[page] + 9),
            textcoords="offset points",
            ha="center",
            va="center",
            color=INK,
            fontsize=12,
            fontweight="bold",
        )
    ax.set(xlim=(-2.0, 2.0), ylim=(-1.8, 1.75), xticks=[], yticks=[])
    ax.axis("off")
    numbers: dict[str, Any] = {
        f"page {i}": Number(float(score), digits=3) for i, score in enumerate(result.scores)
    }
    return Scene(figure, numbers | {"steps to 8 digits": len(result.changes)})


@surfer.invariant
def ranks_sum_to_one(_p: Any, n: Any) -> bool:
    """Keep the surfer somewhere."""
    return bool(abs(sum(n[f"page {i}"] for i in range(5)) - 1) < 1e-9)


@surfer.invariant
def a_page_gets_what_jumps_and_links_bring(p: Any, n: Any) -> bool:
    """Add up the rank of page 2: jumps, page 1 when it is stuck, and page 3 when it links there."""
    stuck = n["page 1"] / 5 if p["extra"] == "1 has no link" else 0.0
    linked = n["page 3"] / 3 if p["extra"] == "3 links to 2" else 0.0
    return bool(abs(n["page 2"] - (1 - p["damping"]) / 5 - p["damping"] * (stuck + linked)) < 1e-6)


# Heat


@explorer(
    Control("time", start=0.5, low=0.0, high=5.0, step=0.25),
    Control("bridges", start=1, low=1, high=9, step=2),
    alt="Two rings of nodes joined by bridges. Filled areas of the nodes show their heat: at first all in "
    "one node of the left ring, then spread over that ring, in the end equal everywhere. Below, the heat of "
    "the two rings against time.",
    caption="All heat begins in one node on the left. Below, the heat of the left ring (solid) and of the "
    "right one (dashed) over time. With one bridge there are two speeds. What are they, in terms of "
    "eigenvalues?",
    play="time",
)
def heat(time: float, bridges: int) -> Scene:
    """Let heat spread over two joined rings."""
    A = _joined(bridges, "next but one")
    places, _ = _two_rings()
    start = np.zeros(len(A))
    start[3] = 1.0  # at the far left
    x = graphs.diffuse(A, start, time)
    values = np.linalg.eigvalsh(graphs.laplacian(A))
    figure = canvas(4.0)
    ax = figure.add_axes((0.01, 0.42, 0.98, 0.57))
    _draw_edges(ax, places, A)
    ax.plot(*places.T, "o", color=GRID, markersize=19)
    ax.scatter(places[:, 0], places[:, 1], s=360 * np.sqrt(np.maximum(x, 0)), color=ROLE["model"], zorder=3)
    ax.set(xlim=(-2.8, 2.8), ylim=(-1.25, 1.25))
    curve = figure.add_axes((0.14, 0.14, 0.82, 0.25))
    times, left = _left_heat(bridges)
    curve.plot(times, left, color=ROLE["model"])
    curve.plot(times, 1 - left, "--", color=ROLE["data"])
    curve.plot([time, time], [x[_LEFT].sum(), x[~_LEFT].sum()], "o", color=INK, markersize=5)
    curve.set(xlim=(-0.1, 5.1), ylim=(-0.05, 1.05), xlabel="time", ylabel="heat", yticks=[0, 0.5, 1])
    return Scene(
        figure,
        {
            "heat, left ring": Number(float(x[_LEFT].sum()), digits=3),
            "warmest node": Number(float(x.max()), digits=3),
            "coldest node": Number(float(abs(x.min())), digits=3),
            "λ₂": Number(float(values[1]), digits=3),
            "λ₃": Number(float(values[2]), digits=3),
            "distance from even": Number(float(np.linalg.norm(x - 1 / len(x))), digits=3),
        },
    )


@functools.cache
def _left_heat(bridges: int) -> tuple[Array, Array]:
    A = _joined(bridges, "next but one")
    values, vectors = np.linalg.eigh(graphs.laplacian(A))
    times = np.linspace(0, 5, 41)
    weights = vectors[_LEFT].sum(axis=0) * vectors[3]
    return times, np.exp(-np.outer(times, values)) @ weights


@heat.invariant
def it_evens_out_at_least_as_fast_as_promised(p: Any, n: Any) -> bool:
    """Hold the picture to the theorem on heat."""
    bound = np.exp(-n["λ₂"] * p["time"]) * np.sqrt(1 - 1 / (2 * _HALF))
    return bool(n["distance from even"] <= bound + 1e-9)


@heat.invariant
def the_left_ring_never_has_less_than_half(_p: Any, n: Any) -> bool:
    """Keep more heat on the side where it began, as the two sides mirror each other."""
    return bool(0.5 - 1e-9 <= n["heat, left ring"] <= 1 + 1e-9)
