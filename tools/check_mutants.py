"""Show that nbval would notice a wrong number: in every notebook, a changed constant must change an output.

Two mutants a notebook, one in a cell that shows a value and one in a cell that draws. A constant may have no
consequence (a tolerance, the size of a figure) or raise an error, which proves nothing: the next is tried.
"""

import ast
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from notebook_run import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
NBVAL = ["-m", "pytest", "-c", "tests/nbval.ini", "--rootdir=.", "-x", "-q"]
TRIES = 8
SKIPPED = {"raises-exception", "nbval-ignore-output"}  # tags of cells whose outputs nbval does not compare


def constants(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, changed text) for every number of a cell, in bytes of its UTF-8 form."""
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
            changed = node.value + 1 if isinstance(node.value, int) else node.value * 1.01 or 0.01
            start, end = (
                starts[node.lineno - 1] + node.col_offset,
                starts[node.end_lineno - 1] + node.end_col_offset,
            )
            yield start, end, repr(changed)


def draws(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell shows a picture."""
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def mutants(notebook: nbformat.NotebookNode, drawing: bool) -> list[tuple[int, str]]:
    """All (cell index, changed source) of one kind, shuffled the same way every time."""
    found = []
    for index, cell in enumerate(notebook.cells):
        compared = (
            cell.cell_type == "code" and cell.outputs and not set(cell.metadata.get("tags", [])) & SKIPPED
        )
        if compared and draws(cell) == drawing:
            source = cell.source.encode()
            for start, end, changed in constants(cell.source):
                found.append((index, (source[:start] + changed.encode() + source[end:]).decode()))
    return sorted(found, key=lambda item: hashlib.sha256(repr(item).encode()).digest())


def verdict(notebook: nbformat.NotebookNode, index: int, source: str) -> str:
    """Run the notebook up to its changed cell: "caught", "missed", "raised", or why it could not be tried."""
    mutant = nbformat.from_dict(notebook | {"cells": notebook.cells[: index + 1]})
    mutant.cells[index] = nbformat.from_dict(mutant.cells[index] | {"source": source})
    last = sum(cell.cell_type == "code" for cell in mutant.cells) - 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.ipynb"
        nbformat.write(mutant, path)
        run = subprocess.run(
            [sys.executable, *NBVAL, path],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return "missed"
    if not re.search(rf"^FAILED .*::Cell {last}\b", run.stdout, re.MULTILINE):
        return f"nbval fails even without the change:\n{run.stdout[-1500:]}{run.stderr[-500:]}"
    return "caught" if "Cell outputs differ" in run.stdout else "raised"


def check(path: Path, drawing: bool) -> tuple[bool, str]:
    """Whether nbval catches a mutant of one kind, and the story of the attempts."""
    notebook = nbformat.read(path, as_version=4)
    story = [f"{path.stem}, a cell that {'draws' if drawing else 'shows a value'}:"]
    candidates = mutants(notebook, drawing)[:TRIES]
    for index, source in candidates:
        outcome = verdict(notebook, index, source)
        old, new = notebook.cells[index].source.splitlines(), source.splitlines()
        changed = next(line.strip() for line in new if line not in old)
        story.append(f"  cell {index + 1}, `{changed}`: {outcome}")
        if outcome not in {"missed", "raised"}:
            return outcome == "caught", "\n".join(story)
    # A page without figures (or without numbers in them) has nothing to change there.
    return drawing and not candidates, "\n".join(
        [*story, "  no mutant was caught" if candidates else "  no constant"]
    )


def main() -> int:
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    jobs = [(path, drawing) for path in paths for drawing in (False, True)]
    good = bool(jobs)
    with concurrent.futures.ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2)) as pool:
        for caught, story in pool.map(lambda job: check(*job), jobs):
            print(story, flush=True)
            good &= caught
    print("every notebook has its mutants caught" if good else "nbval is blind where no mutant was caught")
    return not good


if __name__ == "__main__":
    sys.exit(main())
