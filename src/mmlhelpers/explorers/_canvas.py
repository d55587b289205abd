"""The surface on which explorers draw."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mmlhelpers.explorers._ticks import copy_ticks

#: Width of every canvas in inches: as wide as a phone, so that its letters stay readable there.
WIDTH = 4.2


def canvas(height: float) -> Figure:
    """Return an empty figure of a height in inches; who draws places the axes."""
    return _Canvas(figsize=(WIDTH, height), layout="none")  # type: ignore[arg-type]  # missing in the stubs


class _Canvas(Figure):
    """A figure whose axes are made quickly, for there will be thousands."""

    def add_axes(self, *args: Any, **options: Any) -> Axes:
        axes = super().add_axes(*args, **options)
        copy_ticks(axes)
        return axes
