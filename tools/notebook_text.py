"""Read a notebook's text: MyST in; cells, and the line of the text each code cell stands on, out."""

import collections
import dataclasses
import hashlib
import importlib
import json
import re
from pathlib import Path

import jupytext.myst
import nbformat
import yaml
from notebook_boxes import expand_boxes
from notebook_markup import expand_macros, expand_quizzes
from notebook_source import TextError, read_source

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
OPTIONS = {"tags", "alt", "classes", "caption", "name"}
EXPLORER = re.compile(r"^explorers\.show\(\s*(\w+)\.(\w+)", re.MULTILINE)
EXPLORER_MODULE = re.compile(r"^from mmlhelpers\.explorers import (\w+)(?: as (\w+))?$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Page:
    """A compiled source: the notebook without outputs, and the file and line where every cell begins."""

    path: Path
    notebook: nbformat.NotebookNode
    places: list[tuple[Path, int]]


def read_page(path: Path) -> Page:
    """Compile the source of one notebook. Nothing is executed, and equal texts give equal notebooks."""
    source = read_source(path)
    try:
        raw = jupytext.myst.myst_to_notebook(quote_options(source.text), add_source_map=True)
    except (jupytext.myst.MystMetadataParsingError, yaml.YAMLError) as error:
        line = re.search(r"at line (\d+)", str(error))
        place = source.places[int(line[1]) - 1 if line else 0]
        raise TextError(*place, f"options cannot be read: {error}") from error
    starts = raw.metadata["source_map"]
    lines = source.text.splitlines()
    places = [
        source.places[first_line(lines, start, cell) - 1]
        for cell, start in zip(raw.cells, starts, strict=True)
    ]
    modules = {alias or name: name for name, alias in EXPLORER_MODULE.findall(source.text)}
    seen: collections.Counter[str] = collections.Counter()
    for cell, start in zip(raw.cells, starts, strict=True):
        try:
            compile_cell(cell, modules)
        except ValueError as error:
            raise TextError(*source.places[start], str(error)) from error
        key = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        cell["id"] = f"{key}-{seen[key]}"
        seen[key] += 1
    fold_solutions(raw.cells)
    notebook = nbformat.v4.new_notebook(cells=raw.cells, metadata={"kernelspec": KERNEL})
    notebook.nbformat_minor = 5
    return Page(path, notebook, places)


def quote_options(text: str) -> str:
    """Quote options that are sentences, so that they may hold colons and backslashes; no line moves."""
    out, in_options = [], False
    for line in text.splitlines():
        option = re.match(r":(?!tags)(\w+): (?!\")(.+)$", line) if in_options else None
        out.append(f":{option[1]}: {json.dumps(option[2].strip(), ensure_ascii=False)}" if option else line)
        in_options = line.startswith("```{code-cell}") or (in_options and line.startswith(":"))
    return "\n".join(out) + "\n"


def first_line(text: list[str], start: int, cell: nbformat.NotebookNode) -> int:
    """The line, counted from 1, on which the source of a cell begins."""
    source = cell.source.splitlines()
    return 1 + next((i for i in range(start, len(text)) if text[i : i + len(source)] == source), start)


def compile_cell(cell: nbformat.NotebookNode, modules: dict[str, str]) -> None:
    """Turn what an author writes into what notebook front ends and the site understand."""
    if cell.cell_type == "markdown":
        if "{code-cell}" in cell.source:
            raise ValueError(
                "a code cell inside a list or another directive never runs; move it to the margin"
            )
        cell.source = expand_macros(expand_boxes(expand_quizzes(cell.source)))
        return
    options = dict(cell.metadata)
    if unknown := sorted(set(options) - OPTIONS):
        raise ValueError(f"unknown option {unknown[0]!r}; a code cell takes {', '.join(sorted(OPTIONS))}")
    if found := EXPLORER.search(cell.source):
        options |= explorer_options(modules.get(found[1], found[1]), found[2])
    if "alt" in options and (fault := alt_fault(options["alt"])):
        raise ValueError(fault)
    image = {key: options.pop(key) for key in ("alt", "classes") if key in options}
    figure = {key: expand_macros(options.pop(key)) for key in ("caption", "name") if key in options}
    mystnb = {key: value for key, value in (("image", image), ("figure", figure)) if value}
    cell.metadata = nbformat.from_dict(options | ({"mystnb": mystnb} if mystnb else {}))


def fold_solutions(cells: list[nbformat.NotebookNode]) -> None:
    """Fold the code of solutions in JupyterLab, as the site does, so that nobody reads it by accident."""
    inside = False
    for cell in cells:
        if cell.cell_type == "markdown":
            gates = re.findall(r"\{solution-(start|end)\}", cell.source)
            inside = gates[-1] == "start" if gates else inside
        elif inside:
            cell.metadata["jupyter"] = {"source_hidden": True}


def explorer_options(module: str, name: str) -> dict[str, str]:
    """What the site needs to put the moving figure in the place of its picture."""
    try:
        explorer = getattr(importlib.import_module(f"mmlhelpers.explorers.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"no explorer {module}.{name}: {error}") from error
    return {"alt": explorer.alt, "classes": f"mml-explorer {module}.{name}"}


def alt_fault(alt: str) -> str | None:
    """Why a text cannot stand in for a picture, or None if it can."""
    if not 40 <= len(alt) <= 300:
        return f"alt text has {len(alt)} characters; say in 40 to 300 what the figure shows"
    if re.match(r"(a |an |the )?(plot|figure|image|picture|graph|chart)\b", alt, re.IGNORECASE):
        return f"alt text begins with {alt.split()[0]!r} or the like; begin with what is to be seen"
    if re.search(r"\.(png|svg|jpe?g)\b|[/\\]\w+[/\\]", alt):
        return "alt text looks like a file name; say what the figure shows"
    return None
