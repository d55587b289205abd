"""A matplotlib figure as compact SVG: one element a line, no style attributes, no ids but those referred to.

A strict content security policy forbids style attributes, and frames compress well only when their equal
parts are equal line by line; matplotlib's own output serves neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmlhelpers import plotting
from mmlhelpers.explorers._recorder import Recorder
from mmlhelpers.explorers._style import house_style
from mmlhelpers.explorers._ticks import copy_ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_VARIABLE = {
    **{colour.lower(): f"var(--role-{role})" for role, colour in plotting.ROLE.items()},
    plotting.INK.lower(): "var(--ink)",
    plotting.MUTED.lower(): "var(--muted)",
    plotting.GRID.lower(): "var(--grid)",
    plotting.PAPER.lower(): "var(--paper)",
}


def elements(figure: Figure, salt: str, *, themed: bool) -> list[str]:
    """Draw a figure as the elements inside an SVG document, one a line, on transparent paper.

    The salt keeps the ids of different figures on one page apart. With `themed`, house colours become the
    site's CSS variables, and pictures WebP.
    """
    figure.set_dpi(72)  # one unit of the SVG, so that places asked for after drawing are in its coordinates
    width, height = figure.get_size_inches() * 72
    recorder = Recorder(width, height, salt, _VARIABLE if themed else {}, kind="webp" if themed else "png")
    papers = [paper for paper in (figure.patch, *(axes.patch for axes in figure.axes)) if paper.get_visible()]
    for paper in papers:
        paper.set_visible(False)
    for axes in figure.axes:
        copy_ticks(axes)
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)  # a place given spares the search for one
    with house_style():
        figure.draw(recorder)
    for paper in papers:
        paper.set_visible(True)
    return recorder.finish()


def document(figure: Figure, salt: str) -> str:
    """Draw a figure as one SVG element in its own colours, which fills the width it is given."""
    inside = "".join(elements(figure, salt, themed=False))
    return f'<svg viewBox="{view_box(figure)}" font-family="sans-serif" style="width: 100%">{inside}</svg>'


def view_box(figure: Figure) -> str:
    """Size of a figure in points, as SVG wants it."""
    width, height = figure.get_size_inches() * 72
    return f"0 0 {width:g} {height:g}"
