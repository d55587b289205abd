"""Which parts of a notebook need no run: what they were made from is remembered in _build/notebooks.json."""

import hashlib
import json
from pathlib import Path

import nbformat
import notebook_kept
import verdicts
from notebook_keys import made_from, sources
from notebook_parts import Part, parts
from notebook_run import target
from notebook_source import ROOT
from notebook_targets import targets
from notebook_text import Page

MEMORY = ROOT / "_build" / "notebooks.json"


def recall() -> dict:
    """What is remembered: for each text the hash of its notebook, and of what each part was made from."""
    return json.loads(MEMORY.read_text(encoding="utf-8")) if MEMORY.exists() else {}


def remember(page: Page, memory: dict) -> None:
    """Keep what the parts of a notebook were made from, so that a later change of the package is noticed."""
    keys = {part.name: made_from(page.notebook, part) for part in parts(page.notebook)}
    memory[page.path.name] = {"notebook": digest(page), "parts": keys, "whole": whole(page.path)}
    MEMORY.parent.mkdir(exist_ok=True)
    MEMORY.write_text(json.dumps(memory, indent=1), encoding="utf-8")


def is_untouched(text: Path, memory: dict) -> bool:
    """Whether nothing changed since the notebook of a text was last found or put in order."""
    return memory.get(text.name, {}).get("whole") == whole(text)


def whole(text: Path) -> str:
    """The hash of a notebook and of all that it is compiled from and run with."""
    return verdicts.key(notebook_kept.made_from(text, targets()), target(text))


def carry_over(page: Page, memory: dict) -> list[Part]:
    """Take the outputs of what did not change from the notebook on disk; return the parts to be run.

    A notebook that came from elsewhere (a clone, a pull) is trusted where its cells are those of the text.
    """
    built = committed(page)
    known = memory.get(page.path.name, {})
    keys = known.get("parts", {}) if known.get("notebook") == digest(page) else {}
    before = {part.name: part for part in parts(built)}
    stale = []
    for part in parts(page.notebook):
        old = before.get(part.name)
        if old is None or is_stale(page.notebook, part, built, old, keys.get(part.name)):
            stale.append(part)
            continue
        for index, place in zip(part.cells, old.cells, strict=True):
            page.notebook.cells[index].outputs = built.cells[place].outputs
    return stale


def is_stale(
    new: nbformat.NotebookNode, part: Part, built: nbformat.NotebookNode, old: Part, key: str | None
) -> bool:
    """Whether a part may show something else than it did: by its cells, the package, or where it stands."""
    return (
        sources(new, part) != sources(built, old)
        or (key is not None and key != made_from(new, part))
        # A traceback quotes the number of its cell.
        or (shows_error(built, old) and count_before(new, part) != count_before(built, old))
    )


def shows_error(notebook: nbformat.NotebookNode, part: Part) -> bool:
    """Whether a part shows a traceback."""
    outputs = (output for index in part.cells for output in notebook.cells[index].outputs)
    return any(output.output_type == "error" for output in outputs)


def count_before(notebook: nbformat.NotebookNode, part: Part) -> int:
    """The number of code cells before a part."""
    return sum(cell.cell_type == "code" for cell in notebook.cells[: part.cells[0]])


def committed(page: Page) -> nbformat.NotebookNode:
    """The notebook on disk; one that is missing or torn has no cells."""
    try:
        return nbformat.read(target(page.path), as_version=4)
    except (FileNotFoundError, nbformat.reader.NotJSONError):
        return nbformat.v4.new_notebook()


def digest(page: Page) -> str:
    """A hash of the notebook on disk."""
    path = target(page.path)
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()
