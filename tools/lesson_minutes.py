"""How long a lesson takes to read: words, displayed formulas and code cells, what is folded left out."""

import math
import re

import nbformat

WORDS = 150  # read in a minute
FORMULA = 20  # seconds for a displayed formula
CELL = 40  # seconds for a code cell with its output
FOLDED = re.compile(r"^(`{3,})\{(?:prf:proof|hint|solution[\w-]*)\}.*?^\1\s*$", re.MULTILINE | re.DOTALL)
DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)


def minutes(cells: list[nbformat.NotebookNode]) -> int:
    """Minutes for the cells of a lesson, at least one."""
    seconds = 0.0
    deeper = solving = False
    for cell in cells:
        if cell.cell_type == "markdown":
            for section in re.split(r"^(?=## )", cell.source, flags=re.MULTILINE):
                if section.startswith("## "):
                    deeper = section.startswith("## Deeper")
                if not deeper:
                    seconds += prose(section)
            gates = re.findall(r"\{solution-(start|end)\}", cell.source)
            solving = gates[-1] == "start" if gates else solving
        elif not deeper and not solving:
            seconds += CELL
    return max(1, math.ceil(seconds / 60))


def prose(text: str) -> float:
    """Seconds for a piece of prose."""
    open_text = FOLDED.sub("", text)
    formulas = len(DISPLAYED.findall(open_text))
    words = len(re.findall(r"[A-Za-z]{2,}", DISPLAYED.sub("", open_text)))
    return 60 * words / WORDS + FORMULA * formulas
