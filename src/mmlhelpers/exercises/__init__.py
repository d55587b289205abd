"""Checkers for the reader's own functions and for answers worked out by hand.

A section of the book has one file here. It is found by itself: what it registers, `check` and `answer` know.
"""

import importlib
import pkgutil

from mmlhelpers.exercises._registry import Verdict, answer, check

__all__ = ["Verdict", "answer", "check"]


def _register_sections() -> None:
    """Import every file of this folder, so that its exercises are known."""
    for section in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{section.name}")


_register_sections()
