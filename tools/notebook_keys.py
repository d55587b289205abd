"""What the outputs of a part of a notebook depend on, as one hash: its cells, and the package they use."""

import functools
import re
from pathlib import Path

import nbformat
import verdicts
from imports import closure_of, data_beside, used_modules
from notebook_parts import Part
from notebook_source import ROOT

HANDED_IN = re.compile(r"exercises\.(?:check|answer)\(\s*\"?(\w+)")


def sources(notebook: nbformat.NotebookNode, part: Part) -> list[str]:
    """The sources of the cells that a part runs, in order."""
    return [notebook.cells[index].source for index in part.slice]


def made_from(notebook: nbformat.NotebookNode, part: Part) -> str:
    """The hash of all that decides what the cells of a part show: cells, package, data, locked versions."""
    written = sources(notebook, part)
    return verdicts.files_key([*package(tuple(written)), ROOT / "requirements.txt"], *written)


@functools.cache
def package(written: tuple[str, ...]) -> set[Path]:
    """The files of the package that cells use, with the data that are shipped with them."""
    # A cell may hold a syntax error on purpose: it uses nothing.
    parsed = "\n".join(source for source in written if is_python(source))
    used = closure_of(used_modules(parsed))
    checkers = {file for name in HANDED_IN.findall(parsed) for file in judges(name)}
    return set(used) | data_beside(used) | checkers


@functools.cache
def judges(name: str) -> tuple[Path, ...]:
    """The sections of checkers that know an exercise; the package finds its sections only when it runs."""
    sections = (ROOT / "src" / "mmlhelpers" / "exercises").glob("[a-z]*.py")
    return tuple(file for file in sections if re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")))


def is_python(source: str) -> bool:
    """Whether a cell can be parsed."""
    try:
        compile(source, "cell", "exec")
    except SyntaxError:
        return False
    return True
