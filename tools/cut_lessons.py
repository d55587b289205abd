"""Cut the committed notebooks into one notebook a lesson, for places that open what a reader came from.

    python tools/cut_lessons.py [FOLDER]

writes FOLDER/NN_slug/lesson.ipynb, `lessons` if no folder is named. Each begins with the chapter's set-up and
the cells of other lessons that it needs, so it runs alone. This tool needs no more than a reader of the
notebooks has installed.
"""

import re
import sys
from pathlib import Path

import nbformat
from lesson_pages import begun, pages, pieces
from notebook_parts import parts
from notebook_source import ROOT, read_source, texts

BESIDE = re.compile(r"\]\((?=\d\d_\w+\.ipynb)")  # a link to a notebook in the same folder


def main() -> None:
    folder = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "lessons")
    for text in texts():
        for name, notebook in cut(text).items():
            path = folder / text.stem / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def cut(text: Path) -> dict[str, nbformat.NotebookNode]:
    """The notebooks of a chapter's lessons, by the names that their pages on the site have."""
    whole = nbformat.read(ROOT / "notebooks" / f"{text.stem}.ipynb", as_version=nbformat.NO_CONVERT)
    needs = {part.cells[0]: (*part.setup, *part.needs) for part in parts(whole)}
    index_of = {cell.id: index for index, cell in enumerate(whole.cells)}
    named = names(text)
    found = {}
    for page in pages(whole)[1]:
        title, *own = page.cells
        first = next((index_of[cell.id] for cell in own if cell.cell_type == "code"), None)
        cells = [title, *(whole.cells[index] for index in needs.get(first, ())), *own]
        found[named[page.title]] = numbered(nbformat.from_dict(whole | {"cells": cells}))
    return found


def names(text: Path) -> dict[str, str]:
    """The name of each lesson by its title; only the text has the labels that names are made from."""
    lessons = (begun(heading) for heading, _ in pieces(read_source(text).text) if heading)
    return {lesson.title: lesson.name for lesson in lessons}


def numbered(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with names of its own for its cells, and links that lead to where the chapters are."""
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "markdown":
            cell.source = BESIDE.sub("](../../notebooks/", cell.source)
    return notebook


if __name__ == "__main__":
    main()
