"""The surface on which explorers draw."""

from matplotlib.figure import Figure

#: Width of every canvas in inches: as wide as a phone, so that its letters stay readable there.
WIDTH = 4.2


def canvas(height: float) -> Figure:
    """Return an empty figure of a height in inches; who draws places the axes."""
    return Figure(figsize=(WIDTH, height), layout="none")  # type: ignore[arg-type]  # missing in the stubs
