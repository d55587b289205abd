"""Cut a notebook into its parts, and find out which cells a part needs to run alone.

A part reaches from one heading of the second level to the next. What stands before the first is the set-up
that all share. A part needs the cells before it that made what it uses; they are found as a compiler would,
backwards through the names that cells read, bind and change.
"""

import dataclasses
import re

import nbformat
from notebook_flow import Flow, flow

HEADING = re.compile(r"(?:^\((?P<label>[\w-]+)\)=\n)?^## (?P<title>.+)$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a notebook: its own cells, and the cells before it that it needs (indices of code cells)."""

    name: str
    cells: tuple[int, ...]
    setup: tuple[int, ...]
    needs: tuple[int, ...]

    @property
    def slice(self) -> tuple[int, ...]:
        """All that a fresh kernel must run, in order."""
        return tuple(sorted({*self.setup, *self.needs, *self.cells}))


def parts(notebook: nbformat.NotebookNode) -> list[Part]:
    """The parts of a notebook in order; the set-up comes first, as a part that needs nothing."""
    owned: dict[str, list[int]] = {"set-up": []}
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            owned[next(reversed(owned))].append(index)
            continue
        for heading in HEADING.finditer(cell.source):
            owned.setdefault(heading["label"] or slug(heading["title"]), [])
    setup = tuple(owned["set-up"])
    flows = {index: flow(notebook.cells[index].source) for cells in owned.values() for index in cells}
    return [
        Part(name, tuple(cells), setup, tuple(needed(cells, setup, flows)) if name != "set-up" else ())
        for name, cells in owned.items()
        if cells
    ]


def slug(title: str) -> str:
    """A name made of a heading."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower()))


def needed(cells: list[int], setup: tuple[int, ...], flows: dict[int, Flow]) -> list[int]:
    """The cells before a part, set-up aside, that made or changed what it uses.

    Going backwards, a name is wanted from where it is used to where it is bound. What a function uses it may
    find only when it is called, so those names are wanted to the end. But a function of the part itself is
    called after the cells of the part above it, and finds what they bind.
    """
    own, found_when_called = set(), set()
    for index in cells:
        own |= flows[index].binds
        found_when_called |= flows[index].later - own
    drawn = frozenset().union(*(found.draws for found in flows.values()))
    modules = frozenset().union(*(found.imports for found in flows.values()))  # calls do not change these
    found: set[int] = set()
    while True:
        before = set(found)
        wanted = found_when_called.union(*(flows[index].later for index in found))
        for index in sorted((index for index in flows if index <= cells[-1]), reverse=True):
            here = flows[index]
            changes = here.binds | (here.changes - modules) | (here.reads & drawn)
            if index not in cells and not changes & wanted:
                continue
            found |= {index} - {*cells, *setup}
            wanted = (wanted - here.binds) | here.reads
        if found == before:
            return sorted(found)
