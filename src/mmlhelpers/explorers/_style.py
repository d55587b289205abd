"""The house style while an explorer draws."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib

from mmlhelpers import plotting

_inside = False


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style; one within another costs nothing, so that a loop may enter it once."""
    global _inside
    if _inside:
        yield
        return
    with matplotlib.rc_context(_settings()):
        _inside = True
        try:
            yield
        finally:
            _inside = False


@functools.cache
def _settings() -> Any:
    style: Any = matplotlib.rc_params_from_file(plotting.STYLE, use_default_template=False)
    # Axes stay where the function puts them: a layout that follows the labels would make frames jump.
    return {**style, "figure.constrained_layout.use": False}
