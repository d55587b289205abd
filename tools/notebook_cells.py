"""The cells of a notebook's plain form: those of its text, captions, and folds where front ends have them."""

import dataclasses
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from notebook_citations import repository
from notebook_plain import Plainer
from notebook_quotes import fold

Cell = nbformat.NotebookNode
Place = tuple[Path, int]
HEADING = re.compile(r"^(?P<level>#+) (?P<title>.+)$", re.MULTILINE)
BLOCK = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)$", re.MULTILINE | re.DOTALL)
INSTALL = """\
# On Colab the book's package is missing; it is installed from the book's repository (it is not on PyPI).
from importlib.util import find_spec

if find_spec("mmlhelpers") is None:
    get_ipython().run_line_magic("pip", "install --quiet git+{repository}")

"""
#: JupyterLab shows the first line of a folded cell; it must not be the answer.
SOLUTION = "# solution\n"
#: What folds the code in JupyterLab and notebook 7, and in Colab. The output would show the answer too.
FOLDED = {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form"}
COLLAPSED = {"jp-MarkdownHeadingCollapsed": True}


@dataclasses.dataclass(frozen=True)
class Piece:
    """A cell or a part of one; where it begins in the text, and which cell of the text it comes from."""

    cell: Cell
    place: Place
    origin: int

    @property
    def level(self) -> int:
        """The level of the heading that it begins with, or 0."""
        heading = HEADING.match(self.cell.source) if self.cell.cell_type == "markdown" else None
        return len(heading["level"]) if heading else 0


class PlainCells:
    """Collects the cells of one notebook in order."""

    def __init__(self, plainer: Plainer) -> None:
        self.plainer = plainer
        self.pieces: list[Piece] = []
        self.origin = 0

    def add_prose(self, text: str, place: Place) -> None:
        """Take in a cell of prose, cut at its headings."""
        self.origin += 1
        self.pieces += [
            Piece(nbformat.v4.new_markdown_cell(part), place, self.origin)
            for part in cut(self.plainer.prose(text))
        ]

    def add_code(self, source: str, place: Place, tags: list[str], alt: str, caption: str) -> None:
        """Take in a cell of code, and put the caption of its figure under it."""
        self.origin += 1
        lead, metadata = self.lead(source), {"tags": tags} if tags else {}
        if alt:
            metadata["alt"] = alt
        if self.plainer.solved:
            metadata |= FOLDED
        cell = nbformat.v4.new_code_cell(lead + source, metadata=metadata)
        self.pieces.append(Piece(cell, (place[0], place[1] - lead.count("\n")), self.origin))
        if caption:
            words = nbformat.v4.new_markdown_cell(self.plainer.caption(caption))
            self.pieces.append(Piece(words, place, self.origin))

    def lead(self, source: str) -> str:
        """What stands before the code that an author wrote."""
        if self.plainer.solved:
            return SOLUTION
        first = all(piece.cell.cell_type == "markdown" for piece in self.pieces)
        return INSTALL.format(repository=repository()) if first and "mmlhelpers" in source else ""

    def finished(self) -> Iterator[tuple[Cell, Place]]:
        """The cells with the sections folded that go deeper."""
        for section in sections(self.pieces):
            yield from deeper(section) if is_deeper(section) else joined(section)


def cut(text: str) -> list[str]:
    """Prose cut before each of its headings; a # in a block of code is none."""
    hidden = BLOCK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)  # same places
    places = [0, *(match.start() for match in HEADING.finditer(hidden)), len(text)]
    parts = (text[start:end].strip() for start, end in itertools.pairwise(places))
    return [part for part in parts if part]


def sections(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """The pieces in groups: each section that goes deeper by itself, and what stands between them."""
    group: list[Piece] = []
    for piece in pieces:
        ends = is_deeper(group) and 0 < piece.level <= group[0].level
        if group and (ends or is_deeper([piece])):
            yield group
            group = []
        group.append(piece)
    yield group


def is_deeper(section: list[Piece]) -> bool:
    """Whether a section begins with a heading that says so."""
    return bool(section and section[0].level and section[0].cell.source.lstrip("#").startswith(" Deeper: "))


def joined(pieces: list[Piece]) -> Iterator[tuple[Cell, Place]]:
    """The cells of some pieces: what was cut out of one cell becomes one cell again."""
    waiting: list[Piece] = []
    for piece in pieces:
        cut_from_one = waiting and waiting[-1].origin == piece.origin
        both_prose = waiting and waiting[-1].cell.cell_type == piece.cell.cell_type == "markdown"
        if waiting and not (cut_from_one and both_prose):
            yield merged(waiting)
            waiting = []
        waiting.append(piece)
    yield from [merged(waiting)] if waiting else []


def merged(pieces: list[Piece]) -> tuple[Cell, Place]:
    """One cell of prose, or of code."""
    first = pieces[0]
    if first.cell.cell_type == "markdown":
        first.cell.source = "\n\n".join(piece.cell.source for piece in pieces)
    return first.cell, first.place


def deeper(section: list[Piece]) -> Iterator[tuple[Cell, Place]]:
    """A section that goes deeper, as a fold; no fold of prose holds code, so there the heading folds."""
    first, *others = section
    heading, _, text = first.cell.source.partition("\n")
    if all(piece.cell.cell_type == "markdown" for piece in section):
        rest = "\n\n".join([text.strip(), *(piece.cell.source for piece in others)])
        yield nbformat.v4.new_markdown_cell(f"{heading}\n\n{fold('Read on', rest)}"), first.place
        return
    yield nbformat.v4.new_markdown_cell(heading, metadata=COLLAPSED), first.place
    if text.strip():
        first.cell.source = text.strip()
        others = [first, *others]
    yield from joined(others)
