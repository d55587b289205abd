"""Cut a chapter's notebook into pages: the chapter's own page, and one for each of its lessons.

A lesson reaches from one heading of the second level to the next; on its page its headings stand one level
higher. What comes before the first is the chapter's page, which also shows the map of its lessons.
"""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import nbformat

if TYPE_CHECKING:  # what compiles texts is not at hand wherever notebooks are cut
    from notebook_text import Page

HEADING = re.compile(r"(?:^\([\w-]+\)=\n)*^## .+$", re.MULTILINE)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)

PREFIX = re.compile(r"^(lesson-(?:\d\d-)?|sec-(?:[a-z]{2}-|pca-)?)")


@dataclasses.dataclass(frozen=True)
class LessonPage:
    """One lesson as a page: the name in its address, its title, its labels and its cells."""

    name: str
    title: str
    labels: tuple[str, ...]
    cells: list[nbformat.NotebookNode]


def pages(notebook: nbformat.NotebookNode) -> tuple[list[nbformat.NotebookNode], list[LessonPage]]:
    """The cells of the chapter's own page, and its lessons in order."""
    front: list[nbformat.NotebookNode] = []
    lessons: list[LessonPage] = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            (lessons[-1].cells if lessons else front).append(cell)
            continue
        for heading, text in pieces(cell.source):
            if heading:
                lessons.append(begun(heading))
            if text.strip():
                (lessons[-1].cells if lessons else front).append(part_of(cell, text))
    return front, lessons


def with_outputs(page: Page, run: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The rich form of a page with the outputs of its plain one; cells that were not run stay without."""
    for cell, plain, ran in zip(*map(code_of, (page.rich.notebook, page.notebook, run)), strict=False):
        if plain.source == ran.source:
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return page.rich.notebook


def code_of(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def pieces(source: str) -> Iterator[tuple[str, str]]:
    """Cut prose before every heading of the second level; (heading with its labels, text with them)."""
    hidden = FENCED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)  # same places, no code
    heads = [(match.start(), match[0]) for match in HEADING.finditer(hidden)]
    ends = [start for start, _ in heads] + [len(source)]
    yield "", source[: ends[0]]
    for (start, head), end in zip(heads, ends[1:], strict=True):
        yield head, source[start:end]


def begun(heading: str) -> LessonPage:
    """A lesson without cells, named by its last label without what all labels of the chapter begin with."""
    title = re.search(r"^## (.+)$", heading, re.MULTILINE)[1]
    labels = tuple(LABEL.findall(heading))
    named = [label for label in labels if label.startswith("lesson-")] or labels  # a lesson's own label first
    name = PREFIX.sub("", named[-1]) if named else "-".join(re.findall(r"[a-z0-9]+", title.lower()))
    return LessonPage(name.replace("-", "_"), title, labels, [])


def part_of(cell: nbformat.NotebookNode, text: str) -> nbformat.NotebookNode:
    """A cell with some of the text of another, its headings one level higher."""
    part = copy.deepcopy(cell)
    part.source = raised(text.strip())
    return part


def raised(text: str) -> str:
    """The text with every heading one level higher; code is left alone."""
    out, end = [], 0
    for block in FENCED.finditer(text):
        out += [re.sub(r"^##", "#", text[end : block.start()], flags=re.MULTILINE), block[0]]
        end = block.end()
    return "".join([*out, re.sub(r"^##", "#", text[end:], flags=re.MULTILINE)])
