"""A figure in numbers: what was drawn, in a few words a test can compare."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import AxLine, Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.quiver import Quiver
from matplotlib.spines import Spine
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array


def summarize(fig: Figure) -> str:
    """Describe the data in a figure: one line for each Axes, one phrase for each thing drawn.

    Parameters
    ----------
    fig : Figure
        Any figure.

    Returns
    -------
    str
        Kinds, counts, ranges and means at three significant digits, and the words written in it. Amplitudes
        that differ by one per cent and flipped signs change it; fonts and line widths do not.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> fig, ax = plt.subplots(figsize=(6, 3.6))
    >>> _ = ax.plot([0, 1, 2], [0, 1, 4])
    >>> print(summarize(fig))
    Figure 6 x 3.6 in
      axes 1: line[3] x 0..2 y 0..4 mean 1.67
    """
    width, height = fig.get_size_inches()
    lines = [f"Figure {width:.3g} x {height:.3g} in"]
    for i, ax in enumerate(fig.axes, 1):
        lines.append(f"  axes {i}: " + "; ".join(_phrases(ax)))
    return "\n".join(lines)


def _phrases(ax: Axes) -> Iterator[str]:
    words = " / ".join(w for w in (ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()) if w)
    if words:
        yield f'"{words}"'
    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    if bars:
        yield f"bars[{len(bars)}] {_spread([bar.get_height() for bar in bars])}"
    for artist in ax.get_children():
        phrase = _phrase(artist)
        if phrase and artist is not ax.patch and artist not in bars:
            yield phrase
    notes = [text.get_text() for text in ax.texts if text.get_text()]
    if notes:
        yield "words " + ", ".join(notes)


def _phrase(artist: Artist) -> str:
    match artist:
        case Spine():
            return ""
        case AxLine():
            return f"endless line {_direction(artist)}"
        case Line2D():
            x, y = (np.asarray(v, float) for v in artist.get_data(orig=False))
            return f"line[{x.size}] x {_ends(x)} y {_spread(y)}"
        case Quiver():
            return f"arrows[{artist.N}] u {_spread(artist.U)} v {_spread(artist.V)}"
        case AxesImage():
            values = np.asarray(artist.get_array(), float)
            return f"image{list(values.shape)} {_spread(values)}"
        case FancyArrowPatch():
            # The patch keeps its two ends privately; its path is bent and shortened for display.
            tail, tip = artist._posA_posB  # type: ignore[attr-defined]
            return f"arrow {_point(tail)} to {_point(tip)}"
        case Patch():
            points = artist.get_patch_transform().transform(artist.get_path().vertices)
            return f"patch[{len(points)}] x {_spread(points[:, 0])} y {_spread(points[:, 1])}"
        case Collection():
            return _collection(artist)
    return ""


def _collection(artist: Collection) -> str:
    points = np.asarray(artist.get_offsets(), float)
    if isinstance(artist, PathCollection) and len(points) > 0:
        phrase = f"scatter[{len(points)}]"
    else:
        vertices = [path.vertices for path in artist.get_paths()]
        points = np.concatenate(vertices) if vertices else np.zeros((0, 2))
        kind = "segments" if isinstance(artist, LineCollection) else "areas"
        phrase = f"{kind}[{len(vertices)}]"
    phrase += f" x {_spread(points[:, 0])} y {_spread(points[:, 1])}"
    values = artist.get_array()
    return phrase if values is None else phrase + f" values {_spread(values)}"


def _spread(values: ArrayLike) -> str:
    v = _finite(values)
    if v.size == 0:
        return "none"
    low, high, mean = v.min(), v.max(), v.mean()
    scale = max(abs(low), abs(high))
    return f"{_digits(low, scale)}..{_digits(high, scale)} mean {_digits(mean, scale)}"


def _ends(values: ArrayLike) -> str:
    v = _finite(values)
    scale = float(np.abs(v).max(initial=0.0))
    return f"{_digits(v[0], scale)}..{_digits(v[-1], scale)}" if v.size else "none"


def _point(point: ArrayLike) -> str:
    x, y = np.asarray(point, float)
    scale = max(abs(x), abs(y))
    return f"({_digits(x, scale)}, {_digits(y, scale)})"


def _direction(line: AxLine) -> str:
    ends = [_point(end) for end in (line.get_xy1(), line.get_xy2()) if end is not None]
    slope = line.get_slope()
    return "through " + " and ".join(ends) + ("" if slope is None else f" with slope {slope:.3g}")


def _digits(value: float, scale: float) -> str:
    # What is zero beside the largest value differs between machines in every digit: it is zero here.
    return "0" if abs(value) <= 1e-9 * scale else f"{value:.3g}"


def _finite(values: ArrayLike) -> Array:
    v: Array = np.ma.masked_invalid(np.ma.asarray(values, dtype=float)).compressed()
    return v
