"""Mutants: would the comparison of outputs notice a wrong number? Tried in the kernel that runs a notebook.

A probe stands before a cell. It runs changed copies of that cell, each in a copy of the kernel's process, and
compares what they show with what is committed. So a mutant costs one cell, not a run up to it, and leaves no
trace. A constant may have no consequence (a tolerance, the size of a figure) or raise an error, which proves
nothing: then the next is tried.
"""

import ast
import hashlib
import json
import os
import signal
import time
from pathlib import Path

import nbformat

PLACES = 4  # cells of a part in which constants are changed
TRIES = 4  # changed constants a cell, and one comparison
PATIENCE = 60  # seconds for one mutant
SKIPPED = {"raises-exception", "nbval-ignore-output"}  # tags of cells whose outputs are not compared
OUTCOMES = ("missed", "caught", "raised")


def changes(source: str) -> list[str]:
    """The source again and again, each time with one number changed; at the end with a comparison turned."""
    tree = ast.walk(ast.parse(source))
    found = [(node, changed(node)) for node in tree if isinstance(node, ast.Constant | ast.Compare)]
    spliced = [(isinstance(node, ast.Compare), splice(source, node, new)) for node, new in found if new]
    return [text for _, text in sorted(spliced, key=lambda item: (item[0], lot(item[1])))]


def changed(node: ast.expr) -> str | None:
    """Another number in the place of a number, `a < b` in the place of `a > b`, or None."""
    if isinstance(node, ast.Compare):
        turned = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
        operators = [turned.get(type(operator)) for operator in node.ops]
        if None in operators:
            return None
        return ast.unparse(ast.Compare(node.left, [new() for new in operators], node.comparators))
    if type(node.value) is int:
        return repr(node.value + 1)
    return repr(node.value * 1.01 or 0.01) if type(node.value) is float else None


def splice(source: str, node: ast.expr, new: str) -> str:
    """The source with the text of one expression replaced; places are counted in bytes."""
    text, starts = source.encode(), [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    start = starts[node.lineno - 1] + node.col_offset
    end = starts[node.end_lineno - 1] + node.end_col_offset
    return (text[:start] + new.encode() + text[end:]).decode()


def draws(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell shows a picture."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def mutants(notebook: nbformat.NotebookNode, cells: tuple[int, ...], drawing: bool) -> dict[int, list[str]]:
    """Changed sources of a few cells of one kind, chosen by lot, but always the same lot."""
    found = {}
    for index in cells:
        cell = notebook.cells[index]
        compared = cell.outputs and not set(cell.metadata.get("tags", [])) & SKIPPED
        if compared and draws(cell) == drawing and (changed := changes(cell.source)):
            found[index] = [*changed[:TRIES], *changed[TRIES:][-1:]]
    chosen = sorted(found, key=lambda index: lot(found[index][0]))[:PLACES]
    return {index: found[index] for index in sorted(chosen)}


def lot(text: str) -> bytes:
    """A number drawn for a text, the same every time."""
    return hashlib.sha256(text.encode()).digest()


def shown(outputs: list[dict]) -> tuple[str, list[str]]:
    """What is compared of the outputs of a cell: what it printed, and the text of what it displayed."""
    printed = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    return printed, [output["data"].get("text/plain", "") for output in outputs if "data" in output]


def probe(folder: str, number: int) -> None:
    """Try the mutants of one place, unless one of its part and kind was caught before; keep the story."""
    place = json.loads((Path(folder) / f"{number}.json").read_text(encoding="utf-8"))
    stories = Path(folder) / f"{place['group']}.jsonl"
    if stories.exists() and '"caught"' in stories.read_text(encoding="utf-8"):
        return
    for source in place["sources"]:
        outcome = tried(source, (place["wanted"][0], place["wanted"][1]))
        with stories.open("a", encoding="utf-8") as story:
            story.write(json.dumps([place["cell"], changed_line(place["source"], source), outcome]) + "\n")
        if outcome == "caught":
            return


def tried(source: str, wanted: tuple[str, list[str]]) -> str:
    """Run a changed cell in a copy of this process and say what came of it."""
    child = os.fork()
    if child == 0:
        code = OUTCOMES.index("raised")
        try:
            code = OUTCOMES.index(outcome(source, wanted))
        finally:
            os._exit(code)
    for _ in range(PATIENCE * 50):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return OUTCOMES[os.waitstatus_to_exitcode(status)] if os.WIFEXITED(status) else "raised"
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "took too long"


def outcome(source: str, wanted: tuple[str, list[str]]) -> str:
    """Run a changed cell in this kernel, and compare what it shows."""
    from IPython import get_ipython
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        result = get_ipython().run_cell(source, store_history=False)
    if not result.success:
        return "raised"
    displayed = [output.data.get("text/plain", "") for output in captured.outputs]
    return "missed" if (captured.stdout, displayed) == wanted else "caught"


def changed_line(old: str, new: str) -> str:
    """The line in which two sources differ, as it is in the second."""
    before = old.splitlines()
    return next((line.strip() for line in new.splitlines() if line not in before), new)
