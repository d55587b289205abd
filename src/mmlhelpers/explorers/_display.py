"""How a notebook shows an explorer: sliders with a kernel, one picture when the book is built."""

from __future__ import annotations

import base64
import html
import math
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mmlhelpers.explorers._core import Choice, Control, Explorer, Scene

if TYPE_CHECKING:
    import ipywidgets

#: Width and height of the read-outs' column and of the widgets, in CSS units.
_WIDE = {"width": "24rem"}


def show(explorer: Explorer) -> None:
    """Show an explorer in a notebook.

    Parameters
    ----------
    explorer : Explorer
        A function decorated with `mmlhelpers.explorers.explorer`.

    Raises
    ------
    TypeError
        If the argument is not an Explorer.

    Notes
    -----
    With a kernel the figure is redrawn at any value of its sliders. When the environment variable
    ``MML_STATIC`` is set to something other than 0, as in the book's build, there is one display: the
    starting picture, and as plain text the positions of the controls, the read-outs and the summary of what
    was drawn.

    Examples
    --------
    >>> from mmlhelpers.explorers import linear_algebra as explore
    >>> show(explore.plane_map)  # doctest: +SKIP
    """
    if not isinstance(explorer, Explorer):
        raise TypeError(f"show wants an explorer, a function decorated with @explorer, but got {explorer!r}")
    if os.environ.get("MML_STATIC", "0") not in ("", "0"):
        _show_start(explorer)
    else:
        from IPython.display import display

        display(_widget(explorer))  # type: ignore[no-untyped-call]  # IPython has no annotation for it


def _show_start(explorer: Explorer) -> None:
    import matplotlib.style
    from IPython.display import display

    from mmlhelpers import plotting

    scene = explorer()
    with matplotlib.style.context("mmlhelpers.plotting.book"):
        picture = plotting.png(scene.figure)
    width, height = (round(110 * inches) for inches in scene.figure.get_size_inches())
    bundle = {
        "image/png": base64.b64encode(picture).decode(),
        "text/plain": f"{_summary(explorer, scene)}\n{plotting.summarize(scene.figure)}",
    }
    display(bundle, raw=True, metadata={"image/png": {"width": width, "height": height}})  # type: ignore[no-untyped-call]  # as above


def _summary(explorer: Explorer, scene: Scene) -> str:
    numbers = ", ".join(f"{name} = {text}" for name, text in scene.readouts.items())
    return f"Explorer {explorer.name} at {explorer.describe(explorer.start)}\n  {numbers}"


def _widget(explorer: Explorer) -> ipywidgets.Widget:
    """Put the picture beside its controls and read-outs; it is redrawn whenever a control moves."""
    import ipywidgets

    controls = {control.name: _control_widget(control) for control in explorer.controls}
    picture, numbers = ipywidgets.HTML(), ipywidgets.HTML()
    reset = ipywidgets.Button(description="Reset")

    def redraw(_change: object = None) -> None:
        picture.value, numbers.value = _live(
            explorer, {name: w.value for name, w in controls.items()}, picture.value
        )

    reset.on_click(_resetter(explorer, controls))
    for widget in controls.values():
        widget.observe(redraw, names="value")
    redraw()
    caption = ipywidgets.HTML(f"<p style='max-width: 40rem'>{html.escape(explorer.caption)}</p>")
    side = ipywidgets.VBox([*controls.values(), reset, numbers], layout={"min_width": "20rem"})
    return ipywidgets.VBox([ipywidgets.HBox([picture, side], layout={"flex_flow": "row wrap"}), caption])


def _control_widget(control: Control | Choice) -> Any:
    import ipywidgets

    look = {"description": control.title, "style": {"description_width": "9rem"}, "layout": _WIDE}
    if isinstance(control, Choice):
        return ipywidgets.Dropdown(options=control.options, value=control.start, **look)
    if control.whole:
        return ipywidgets.IntSlider(value=control.start, min=control.low, max=control.high, step=1, **look)
    step = control.step / 10
    decimals = max(0, math.ceil(-math.log10(step)))
    return ipywidgets.FloatSlider(
        value=control.start,
        min=control.low,
        max=control.high,
        step=step,
        readout_format=f".{decimals}f",
        **look,
    )


def _resetter(explorer: Explorer, controls: dict[str, Any]) -> Callable[[object], None]:
    def reset(_button: object) -> None:
        for name, value in explorer.start.items():
            controls[name].value = value

    return reset


def _live(explorer: Explorer, parameters: dict[str, Any], last_picture: str) -> tuple[str, str]:
    """Picture and read-outs as HTML; an error becomes a sentence beside the last good picture."""
    from mmlhelpers.explorers._svg import document

    try:
        scene = explorer(**parameters)
        svg, numbers = document(scene.figure, explorer.name), _table(scene)
    except (
        Exception
    ) as error:  # the reader sees what went wrong and can move on; a traceback would pile up at each step
        where = explorer.describe(parameters)
        said = f"{explorer.name} cannot be drawn at {where}: {type(error).__name__}: {error}"
        return last_picture, f"<p role='alert'>{html.escape(said)}</p>"
    card = (
        "<div style='width: 26rem; max-width: 100%; background: white; color: black' role='img' "
        f"aria-label='{html.escape(explorer.alt)}'>{svg}</div>"
    )
    return card, numbers


def _table(scene: Scene) -> str:
    look = "text-align: left; padding-right: 1.5em; font-weight: normal"
    rows = (
        f"<tr><th scope='row' style='{look}'>{html.escape(name)}</th>"
        f"<td style='font-variant-numeric: tabular-nums'>{html.escape(text)}</td></tr>"
        for name, text in scene.readouts.items()
    )
    return f"<table aria-live='polite'>{''.join(rows)}</table>"
