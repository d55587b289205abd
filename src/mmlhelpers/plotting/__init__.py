"""The house style, colours by role, and small verbs that draw on an Axes.

Throughout, ``ax`` comes first and is returned, so that verbs can be nested; ``role`` is a key of `ROLE`.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from numpy.typing import ArrayLike
from PIL import Image

from mmlhelpers.plotting._summary import summarize

__all__ = [
    "GRID",
    "INK",
    "MUTED",
    "PAPER",
    "ROLE",
    "arrow",
    "line_through",
    "picture",
    "plane",
    "png",
    "show",
    "summarize",
    "use_style",
]

#: What a colour means, in figures and in formulas alike; each passes 4.5:1 on white paper.
ROLE = {"data": "#0072B2", "model": "#B8470B", "target": "#00775A", "gradient": "#9C3D78"}
INK = "#1D232A"
MUTED = "#59636E"
GRID = "#D9DEE3"
PAPER = "#FFFFFF"

#: File of the house style.
STYLE = Path(__file__).with_name("book.mplstyle")


def use_style() -> None:
    """Load the look of the book's figures and print numbers with four digits.

    Raises
    ------
    ImportError
        If NumPy is older than 2.0, which knows no such way to print.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["lines.linewidth"]
    2.0
    """
    if np.lib.NumpyVersion(np.__version__) < "2.0.0":
        raise ImportError(
            f"mmlhelpers needs NumPy 2.0 or newer, and this is NumPy {np.__version__}: "
            "run `pip install --upgrade numpy`, then restart the kernel"
        )
    plt.style.use(STYLE)
    # The 1.25 form prints 3.618 and True where NumPy 2 would print np.float64(3.618...) and np.True_.
    np.set_printoptions(precision=4, suppress=True, legacy="1.25")
    try:
        from IPython import get_ipython
    except ImportError:  # a plain interpreter has no display to set
        return
    shell = get_ipython()
    if shell is not None:
        shell.run_line_magic("precision", "%.4g")
        # Where IPython is old, as on Colab, that does not reach NumPy's numbers.
        shell.display_formatter.formatters["text/plain"].for_type(np.float64, _print_number)


def _print_number(number: np.float64, printer: Any, cycle: bool) -> None:
    printer.text(f"{number:.4g}")


def show(fig: Figure, dpi: int = 220) -> None:
    """Display a figure once: its picture, and its numbers as plain text.

    The text is what makes a figure testable: two runs agree when their summaries do, whatever the fonts.

    Parameters
    ----------
    fig : Figure
        The figure to show; it is closed afterwards.
    dpi : int
        Dots per inch of the picture; it is shown at 110, so 220 is crisp on a screen of high density.
        Photographs, which compress badly, do with less.

    See Also
    --------
    summarize : The text that stands beside the picture.

    Examples
    --------
    >>> fig, ax = plt.subplots()
    >>> _ = ax.plot([0, 1], [0, 2])
    >>> show(fig)  # doctest: +SKIP
    """
    from IPython.display import display

    width, height = (round(110 * inches) for inches in fig.get_size_inches())
    bundle = {"image/png": base64.b64encode(png(fig, dpi)).decode(), "text/plain": summarize(fig)}
    plt.close(fig)
    display(bundle, raw=True, metadata={"image/png": {"width": width, "height": height}})  # type: ignore[no-untyped-call]  # unannotated


def png(fig: Figure, dpi: int = 220) -> bytes:
    """Draw a figure as a PNG of at most 256 colours, a third of the size of the full palette.

    Parameters
    ----------
    fig : Figure
        Any figure.
    dpi : int
        Dots per inch.

    Returns
    -------
    bytes
        The file's content, the same for the same figure.

    Examples
    --------
    >>> png(plt.figure())[1:4]
    b'PNG'
    """
    drawn, packed = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png", dpi=dpi)
    few = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(packed, "PNG", optimize=True, dpi=(dpi, dpi))
    return packed.getvalue()


def plane(ax: Axes, limit: float | tuple[float, float]) -> Axes:
    """Make an Axes a piece of the plane: equal units, faint axes through the origin.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    limit : float or (float, float)
        The plane shows ``-limit`` to ``limit`` in both directions, or ``x`` and ``y`` by their own limits.

    Returns
    -------
    Axes
        The same Axes.

    Examples
    --------
    >>> use_style()
    >>> plane(plt.figure().add_subplot(), 2).get_xlim()
    (-2.0, 2.0)
    """
    x, y = limit if isinstance(limit, tuple) else (limit, limit)
    ax.axhline(0, color=MUTED, linewidth=0.8, linestyle="-", zorder=1)
    ax.axvline(0, color=MUTED, linewidth=0.8, linestyle="-", zorder=1)
    ax.set(xlim=(-x, x), ylim=(-y, y), aspect="equal")
    return ax


def arrow(
    ax: Axes,
    tip: ArrayLike,
    tail: ArrayLike = (0.0, 0.0),
    role: str = "data",
    label: str | None = None,
    *,
    linestyle: str = "-",
    offset: tuple[float, float] = (6.0, 4.0),
) -> Axes:
    """Draw a vector of the plane from its tail to its tip.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    tip, tail : (2,) array_like
        End and start in data coordinates.
    role : str
        Key of `ROLE`.
    label : str, optional
        Text beside the tip, in the same colour.
    linestyle : str
        Second cue beside the colour.
    offset : (float, float)
        Where the label stands, in points from the tip.

    Returns
    -------
    Axes
        The same Axes.

    Examples
    --------
    >>> ax = arrow(plt.figure().add_subplot(), [1.0, 2.0], label="x")
    >>> len(ax.patches), ax.texts[0].get_text()
    (1, 'x')
    """
    tip, tail = (tuple(np.asarray(point, dtype=float)) for point in (tip, tail))
    style = "-|>,head_length=5,head_width=2.5"
    patch = FancyArrowPatch(tail, tip, arrowstyle=style, color=ROLE[role], linewidth=2, shrinkA=0, shrinkB=0)
    patch.set(linestyle=linestyle, zorder=4)
    ax.add_patch(patch)
    ax.update_datalim([tail, tip])
    if label:
        ax.annotate(label, tip, xytext=offset, textcoords="offset points", color=ROLE[role], zorder=5)
    return ax


def line_through(
    ax: Axes, direction: ArrayLike, role: str = "model", *, linestyle: str = "--", label: str | None = None
) -> Axes:
    """Draw the line through the origin in a direction, across the whole plane shown.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    direction : (2,) array_like
        Any nonzero vector along the line.
    role : str
        Key of `ROLE`.
    linestyle : str
        Second cue beside the colour.
    label : str, optional
        Entry of the legend.

    Returns
    -------
    Axes
        The same Axes.

    Examples
    --------
    >>> len(line_through(plt.figure().add_subplot(), [2.0, 1.0]).lines)
    1
    """
    ax.axline(
        (0, 0),
        tuple(np.asarray(direction, float)),
        color=ROLE[role],
        linestyle=linestyle,
        label=label,
        zorder=2,
    )
    return ax


def picture(ax: Axes, image: ArrayLike, title: str = "", *, limits: Iterable[float] = (0.0, 1.0)) -> Axes:
    """Show an array as a picture, without ticks or grid.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    image : (h, w) or (h, w, 3) array_like
        Grey levels or colours.
    title : str
        A few words above it.
    limits : (float, float)
        Values shown as black and as white; ignored for colours.

    Returns
    -------
    Axes
        The same Axes.

    Examples
    --------
    >>> picture(plt.figure().add_subplot(), np.eye(3), "identity").get_title(loc="left")
    'identity'
    """
    low, high = limits
    ax.imshow(np.asarray(image), cmap="gray", vmin=low, vmax=high)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    if title:
        ax.set_title(title, loc="left", fontsize=10)
    return ax
