"""What the site gets of an explorer: all its frames, packed into a script, and a card for the page."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from mmlhelpers.explorers import _svg
from mmlhelpers.explorers._core import Choice, Control, Explorer, Parameters, Scene
from mmlhelpers.explorers._style import house_style


class Frame(NamedTuple):
    """One point of the grid as the page shows it."""

    lines: list[str]
    readouts: dict[str, str]
    handle: tuple[float, float] | None


def draw(explorer: Explorer, parameters: Parameters) -> Frame:
    """Draw one frame and check the explorer's laws on it; what fails is named with its control values."""
    where = f"explorer {explorer.name} at {explorer.describe(parameters)}"
    try:
        with house_style():
            scene = explorer(**parameters)
            broken = explorer.broken_laws(parameters, scene)
            lines = _svg.elements(scene.figure, explorer.name, themed=True)
    except Exception as error:
        raise ValueError(f"{where} raised {type(error).__name__}: {error}") from error
    if broken:
        raise ValueError(f"{where} breaks its own law {', '.join(broken)}: the numbers are {scene.values}")
    return Frame(lines, scene.readouts, _handle(explorer, parameters, scene))


def draw_all(explorer: Explorer, points: Sequence[Parameters]) -> list[Frame]:
    """Draw several frames; the style is entered once for all."""
    with house_style():
        return [draw(explorer, parameters) for parameters in points]


def _handle(explorer: Explorer, parameters: Parameters, scene: Scene) -> tuple[float, float] | None:
    if explorer.handle is None:
        return None
    figure = scene.figure
    x, y = figure.axes[explorer.handle.axes].transData.transform(explorer.handle.at(parameters))
    return round(float(x), 1), round(float(figure.bbox.height - y), 1)


def asset(explorer: Explorer, frames: Sequence[Frame]) -> str:
    """Pack all frames into a script that registers itself under the explorer's name.

    A frame is longer than the window of gzip, so that equal lines of neighbouring frames must be found
    beforehand: every line is stored once, and a frame is the list of its lines, each as the distance from the
    line after the last one.
    """
    _check_same_readouts(explorer, frames)
    numbers: dict[str, int] = {}
    content = {
        "frames": [
            _steps([numbers.setdefault(line, len(numbers)) for line in frame.lines]) for frame in frames
        ],
        "lines": list(numbers),
        "readouts": [list(frame.readouts.values()) for frame in frames],
        "handles": [frame.handle for frame in frames] if explorer.handle else None,
        "texts": [_texts(control) for control in explorer.controls],
    }
    packed = gzip.compress(_json(content).encode(), compresslevel=9, mtime=0)
    text = base64.b64encode(packed).decode()
    return f'(window.mmlExplorers ??= {{}})["{explorer.name}"] = "{text}";\n'


def card(explorer: Explorer, start: Frame) -> dict[str, Any]:
    """Everything the page's markup needs, so that no page has to draw or import anything."""
    return {
        "name": explorer.name,
        "alt": explorer.alt,
        "caption": explorer.caption,
        "play": explorer.play,
        "handle": explorer.handle.moves if explorer.handle else None,
        "controls": [_control(control) for control in explorer.controls],
        "readouts": start.readouts,
        "view_box": _svg.view_box(explorer().figure),
        "picture": start.lines,
        "frames": explorer.size,
        "laws": sorted(explorer.invariants),
    }


def _check_same_readouts(explorer: Explorer, frames: Sequence[Frame]) -> None:
    names = list(frames[0].readouts)
    for parameters, frame in zip(explorer.grid(), frames, strict=True):
        if list(frame.readouts) != names:
            raise ValueError(
                f"explorer {explorer.name} at {explorer.describe(parameters)} "
                f"reads out {list(frame.readouts)}, but elsewhere {names}"
            )


def _steps(indices: list[int]) -> list[int]:
    return [index - last - 1 for last, index in zip([-1, *indices], indices, strict=False)]


def _texts(control: Control | Choice) -> list[str]:
    return [control.text(value) for value in control.grid]  # type: ignore[arg-type]  # a grid holds what its control writes


def _control(control: Control | Choice) -> dict[str, Any]:
    grid = list(control.grid)
    kind = "choice" if isinstance(control, Choice) else "slider"
    index = grid.index(control.start)
    return {
        "name": control.name,
        "label": control.title,
        "kind": kind,
        "start": index,
        "grid": grid,
        "texts": _texts(control),
    }


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
