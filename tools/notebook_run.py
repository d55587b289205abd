"""Execute one compiled page in a fresh kernel, and put its notebook in place or say which line failed."""

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from notebook_rules import Fault, output_faults, source_faults
from notebook_text import Page, TextError

# What every run of a notebook shares, whatever the shell of its author says. Arithmetic runs in one thread:
# sums in a fixed order have the same last digit next time.
ENVIRONMENT = {
    "MML_STATIC": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
FILE_FRAME = re.compile(r"(?:\x1b\[[\d;]*m)*File ")
TIMEOUT = 120  # seconds a cell may take
# After a failed cell the client closes sockets it still listens on; tornado would report that at length.
logging.getLogger("tornado").setLevel(logging.CRITICAL)


def target(text: Path) -> Path:
    """The notebook made from a text."""
    return text.parents[1] / f"{text.stem}.ipynb"


async def run(page: Page, progress: Callable[[], object]) -> None:
    """Execute a page in a fresh kernel and write its notebook; on any fault the notebook on disk stays."""
    refuse(page, source_faults(page.notebook))
    started = [0]
    client = NotebookClient(
        page.notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(target(page.path).parent)}},
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
        on_cell_executed=lambda **_: progress(),
    )
    try:
        with tempfile.TemporaryDirectory() as profile:  # no start-up files or history of whoever builds
            await client.async_execute(env=os.environ | ENVIRONMENT | {"IPYTHONDIR": profile})
    except CellExecutionError as error:
        raise TextError(page.path, *where_it_raised(page, error)) from error
    except (CellTimeoutError, DeadKernelError) as error:
        message = (
            f"cell {started[-1] + 1} ran longer than {TIMEOUT} s, or ended its kernel: {error}".splitlines()[
                0
            ]
        )
        raise TextError(page.path, page.lines[started[-1]], message) from error
    keep_own_frames(page.notebook)
    refuse(page, output_faults(page.notebook))
    page.notebook.metadata.pop("language_info", None)
    write(page.notebook, target(page.path))


def keep_own_frames(notebook: nbformat.NotebookNode) -> None:
    """Leave out of every traceback the files it passed: their paths are those of this machine."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    for output in outputs:
        if output.output_type == "error":
            output.traceback = [frame for frame in output.traceback if not FILE_FRAME.match(frame)]


def refuse(page: Page, faults: Iterator[Fault]) -> None:
    """Raise the first fault, if there is one, with its place in the text."""
    for index, message in faults:
        raise TextError(page.path, page.lines[index], f"cell {index + 1} {message}")


def where_it_raised(page: Page, error: CellExecutionError) -> tuple[int, str]:
    """The line of the text that failed, and the sentence that says so."""
    code = [i for i, cell in enumerate(page.notebook.cells) if cell.cell_type == "code"]
    failed = next(
        i for i in code for output in page.notebook.cells[i].outputs if output.output_type == "error"
    )
    frames = re.findall(r"Cell In\[(\d+)\], line (\d+)", re.sub(r"\x1b\[[\d;]*m", "", error.traceback))
    run_count, line_in_cell = map(int, frames[-1]) if frames else (code.index(failed) + 1, 1)
    line = page.lines[code[run_count - 1]] + line_in_cell - 1
    source = page.path.read_text(encoding="utf-8").splitlines()[line - 1].strip()
    return line, f"cell {failed + 1} raised {error.ename}: {error.evalue}\n    {source}"


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Put a notebook in place in one step, so that an interruption never leaves half a file."""
    part = path.with_suffix(".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    part.replace(path)
