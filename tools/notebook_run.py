"""Execute parts of one compiled page in a fresh kernel, and put its notebook in place or say what failed."""

import copy
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from notebook_parts import Part
from notebook_rules import Fault, output_faults, source_faults
from notebook_source import TextError
from notebook_text import Page, Place

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
    return text.parent.parent / f"{text.stem}.ipynb"


async def run(page: Page, stale: list[Part], progress: Callable[[], object]) -> None:
    """Execute the stale parts of a page in a fresh kernel, each with the cells that it needs.

    Cells that are run only because others need them keep their outputs. Every cell is counted as in a run of
    the whole page. The notebook is written at the end; on any fault the one on disk stays.
    """
    refuse(page.rich.places, source_faults(page.rich.notebook))
    code = [index for index, cell in enumerate(page.notebook.cells) if cell.cell_type == "code"]
    own = {index for part in stale for index in part.cells}
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
    )
    try:
        with tempfile.TemporaryDirectory() as profile:  # no start-up files or history of whoever builds
            async with client.async_setup_kernel(env=os.environ | ENVIRONMENT | {"IPYTHONDIR": profile}):
                for index in sorted({index for part in stale for index in part.slice}):
                    started.append(index)
                    await count_on(client, code.index(index) + 1)
                    cell = page.notebook.cells[index]
                    await client.async_execute_cell(cell if index in own else copy.deepcopy(cell), index)
                    progress()
    except CellExecutionError as error:
        raise TextError(*where_it_raised(page, error, started[-1])) from error
    except (CellTimeoutError, DeadKernelError) as error:
        why = f"ran longer than {TIMEOUT} s, or ended its kernel: {error}".splitlines()[0]
        raise TextError(*page.places[started[-1]], f"cell {started[-1] + 1} {why}") from error
    finish(page)


async def count_on(client: NotebookClient, count: int) -> None:
    """Give the next cell its number: tracebacks quote it."""
    await ensure_async(
        client.kc.execute(
            f"get_ipython().execution_count = {count}", silent=True, reply=True, timeout=TIMEOUT
        )
    )


def finish(page: Page) -> None:
    """Count the cells from the top, look at the outputs, and write the notebook."""
    code = (cell for cell in page.notebook.cells if cell.cell_type == "code")
    for count, cell in enumerate(code, 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    keep_own_frames(page.notebook)
    describe_pictures(page.notebook)
    refuse(page.places, output_faults(page.notebook))
    page.notebook.metadata.pop("language_info", None)
    write(page.notebook, target(page.path))


def keep_own_frames(notebook: nbformat.NotebookNode) -> None:
    """Leave out of every traceback the files it passed: their paths are those of this machine."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    for output in outputs:
        if output.output_type == "error":
            output.traceback = [frame for frame in output.traceback if not FILE_FRAME.match(frame)]


def describe_pictures(notebook: nbformat.NotebookNode) -> None:
    """Put the alternative text of a cell beside its picture, where nbconvert and others look for it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "alt" in cell.metadata and "image/png" in output.get("data", {}):
                output.metadata.setdefault("image/png", {})["alt"] = cell.metadata["alt"]


def refuse(places: list[Place], faults: Iterator[Fault]) -> None:
    """Raise the first fault, if there is one, with its place in the text."""
    for index, message in faults:
        raise TextError(*places[index], f"cell {index + 1} {message}")


def where_it_raised(page: Page, error: CellExecutionError, failed: int) -> tuple[Path, int, str]:
    """File and line of the text that failed, and the sentence that says so."""
    code = [i for i, cell in enumerate(page.notebook.cells) if cell.cell_type == "code"]
    frames = re.findall(r"Cell In\[(\d+)\], line (\d+)", re.sub(r"\x1b\[[\d;]*m", "", error.traceback))
    run_count, line_in_cell = map(int, frames[-1]) if frames else (code.index(failed) + 1, 1)
    file, first = page.places[code[run_count - 1]]
    line = first + line_in_cell - 1
    source = file.read_text(encoding="utf-8").splitlines()[line - 1].strip()
    return file, line, f"cell {failed + 1} raised {error.ename}: {error.evalue}\n    {source}"


def write(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Put a notebook in place in one step, so that an interruption never leaves half a file."""
    part = path.with_suffix(".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    part.replace(path)
