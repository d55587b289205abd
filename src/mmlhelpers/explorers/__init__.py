"""Interactive figures: one pure drawing function serves the site, the live notebook and print.

An author writes a function of a few parameters that returns a `Scene` (a figure and the numbers to read out)
and decorates it with `explorer`; a notebook shows it with `show`. This package imports neither NumPy nor
matplotlib until something is drawn, so that a build can find out quickly that nothing changed.
"""

from mmlhelpers.explorers._core import (
    Choice,
    Control,
    Explorer,
    Handle,
    Number,
    Scene,
    explorer,
    format_number,
)
from mmlhelpers.explorers._display import show

__all__ = [
    "Choice",
    "Control",
    "Explorer",
    "Handle",
    "Number",
    "Scene",
    "explorer",
    "format_number",
    "show",
]
