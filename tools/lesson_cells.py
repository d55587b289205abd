"""What of code cells the static pages show: less of what only runs, more of where names come from.

In the notebook an explorer is called and a stub is checked; on a page the figure stands there by itself, and
what a check says of an unsolved exercise helps nobody.
"""

import copy
import re

import nbformat

SHOWS_EXPLORER = re.compile(r"(#.*\n)*explorers\.show\([\w.]+\)\s*")
UNSOLVED = "not yet:"
PROMPT = "Setup of this chapter: what is imported"


def for_page(
    cells: list[nbformat.NotebookNode], setup: list[nbformat.NotebookNode]
) -> list[nbformat.NotebookNode]:
    """A lesson's cells, with the set-up of its chapter folded before the first code that is shown."""
    shown = [on_page(cell) for cell in cells]
    first = next((i for i, cell in enumerate(shown) if is_read(cell)), len(shown))
    return [*shown[:first], *(folded(cell) for cell in setup if first < len(shown)), *shown[first:]]


def on_page(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A cell without what serves only where it runs."""
    if cell.cell_type != "code":
        return cell
    cell = copy.deepcopy(cell)
    if SHOWS_EXPLORER.fullmatch(cell.source):
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
    cell.outputs = [output for output in cell.outputs if not printed(output).startswith(UNSOLVED)]
    return cell


def printed(output: nbformat.NotebookNode) -> str:
    """The text of an output, whether it was printed or is the value of the last line."""
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def is_read(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell shows code to the reader of a page."""
    hidden = {"remove-input", "remove-cell", "hide-input"} & set(cell.metadata.get("tags", []))
    return cell.cell_type == "code" and not hidden


def is_setup(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell before the first lesson imports what the lessons use."""
    return cell.cell_type == "code" and re.search(r"^(from|import) ", cell.source, re.MULTILINE) is not None


def folded(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A set-up cell as its pages show it."""
    cell = copy.deepcopy(cell)
    cell.metadata["tags"] = ["hide-input"]
    cell.metadata["mystnb"] = {"code_prompt_show": PROMPT, "code_prompt_hide": PROMPT}
    cell.outputs = []
    return cell
