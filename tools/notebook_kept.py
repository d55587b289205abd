"""Compiled pages are kept in _build/pages as long as nothing changes that they are made from."""

import functools
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import verdicts
from notebook_source import ROOT, TEXTS, files

KEPT = ROOT / "_build" / "pages"
# What every page is compiled with, its own text and what it refers to aside.
SHARED = (
    "_config.yml",
    "_toc.yml",
    "book/data/quizzes/*",
    "book/references.bib",
    "src/*",
    "tools/notebook_*.py",
)

Compiled = TypeVar("Compiled")


def kept(text: Path, refers_to: object, compiled: Callable[[Path], Compiled]) -> Compiled:
    """The page of a text: as it was kept, or compiled anew, as a text that is not the book's always is."""
    if text.parent != TEXTS or os.environ.get("FRESH", "0") not in {"", "0"}:
        return compiled(text)
    key = made_from(text, refers_to)
    file = KEPT / f"{text.stem}.pickle"
    if (found := read(file)) and found[0] == key:
        return found[1]
    page = compiled(text)
    KEPT.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")  # two gates may do this at the same time
    part.write_bytes(pickle.dumps((key, page)))
    part.replace(file)
    return page


def made_from(text: Path, refers_to: object) -> str:
    """The hash of all that decides what a text is compiled to."""
    return verdicts.files_key(files(text), shared(), refers_to)


@functools.cache
def shared() -> str:
    """The hash of what all pages are compiled with."""
    return verdicts.files_key(verdicts.tree(*SHARED), verdicts.tools())


def read(file: Path) -> tuple | None:
    """What is kept in a file; one that is missing, torn or of older tools holds nothing."""
    try:
        return pickle.loads(file.read_bytes())
    except Exception:  # what a torn file raises depends on where it is torn
        return None
