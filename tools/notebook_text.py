"""Read a notebook's text: MyST in; cells, and the line of the text each cell stands on, out.

A text has two forms. The plain one is committed and run: every notebook front end renders it. The rich one is
MyST, from which the site is made, with the outputs of the plain one.
"""

import collections
import dataclasses
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jupytext.myst
import nbformat
import yaml
from notebook_boxes import MYST, Writer, expand_boxes
from notebook_cells import PlainCells
from notebook_kept import kept
from notebook_markup import expand_macros, expand_quizzes
from notebook_options import explorer_modules, quote_options, read_options
from notebook_plain import Plainer
from notebook_quotes import PLAIN
from notebook_source import Source, TextError, read_source
from notebook_targets import targets

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
Place = tuple[Path, int]


@dataclasses.dataclass(frozen=True)
class Form:
    """A notebook without outputs, and the file and line where every cell begins."""

    notebook: nbformat.NotebookNode
    places: list[Place]


@dataclasses.dataclass(frozen=True)
class Page:
    """A compiled source: the notebook that is committed, where its cells begin, and the site's form of it."""

    path: Path
    notebook: nbformat.NotebookNode
    places: list[Place]
    rich: Form


def read_page(path: Path) -> Page:
    """The compiled source of one notebook. Nothing is executed, and equal texts give equal notebooks."""
    return kept(path, targets(), compile_page)


def compile_page(path: Path) -> Page:
    """Compile the source of one notebook into both forms."""
    source = read_source(path)
    modules = explorer_modules(source.text)
    rich: list[tuple[nbformat.NotebookNode, Place]] = []
    plain = PlainCells(Plainer(path.stem, targets()))
    for cell, start, place in read_cells(source):
        try:
            if cell.cell_type == "markdown":
                rich.append((nbformat.v4.new_markdown_cell(expanded(cell.source, MYST)), place))
                plain.add_prose(expanded(cell.source, PLAIN), place)
            else:
                options = read_options(cell, modules)
                rich.append((rich_code(cell.source, options), place))
                tags, alt, caption = (options.get(key) for key in ("tags", "alt", "caption"))
                plain.add_code(cell.source, place, tags or [], alt or "", caption or "")
        except ValueError as error:
            raise TextError(*source.places[start], str(error)) from error
    whole = assembled(plain.finished())
    return Page(path, whole.notebook, whole.places, assembled(rich))


def read_cells(source: Source) -> Iterator[tuple[nbformat.NotebookNode, int, Place]]:
    """The cells of a text, each with its line among all lines, and file and line where it begins."""
    try:
        raw = jupytext.myst.myst_to_notebook(quote_options(source.text), add_source_map=True)
    except (jupytext.myst.MystMetadataParsingError, yaml.YAMLError) as error:
        line = re.search(r"at line (\d+)", str(error))
        place = source.places[int(line[1]) - 1 if line else 0]
        raise TextError(*place, f"options cannot be read: {error}") from error
    lines = source.text.splitlines()
    for cell, start in zip(raw.cells, raw.metadata["source_map"], strict=True):
        yield cell, start, source.places[first_line(lines, start, cell) - 1]


def assembled(cells: Iterable[tuple[nbformat.NotebookNode, Place]]) -> Form:
    """A notebook of cells, with ids that are made of their sources."""
    seen: collections.Counter[str] = collections.Counter()
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    notebook.nbformat_minor = 5
    places = []
    for cell, place in cells:
        key = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        cell["id"] = f"{key}-{seen[key]}"
        seen[key] += 1
        notebook.cells.append(cell)
        places.append(place)
    return Form(notebook, places)


def first_line(text: list[str], start: int, cell: nbformat.NotebookNode) -> int:
    """The line, counted from 1, on which the source of a cell begins."""
    source = cell.source.splitlines()
    return 1 + next((i for i in range(start, len(text)) if text[i : i + len(source)] == source), start)


def expanded(prose: str, writer: Writer) -> str:
    """Prose with its quizzes, boxes and macros written out in one form."""
    if "{code-cell}" in prose:
        raise ValueError("a code cell inside a list or another directive never runs; move it to the margin")
    return expand_macros(expand_boxes(expand_quizzes(prose, writer), writer))


def rich_code(source: str, options: dict[str, Any]) -> nbformat.NotebookNode:
    """A code cell as the site understands it."""
    image = {key: options[key] for key in ("alt", "classes") if key in options}
    figure = {key: options[key] for key in ("caption", "name") if key in options}
    mystnb = {key: value for key, value in (("image", image), ("figure", figure)) if value}
    tags = {"tags": options["tags"]} if "tags" in options else {}
    return nbformat.v4.new_code_cell(source, metadata=tags | ({"mystnb": mystnb} if mystnb else {}))
