"""Run notebooks with the versions that Colab has, from their first cell on, which installs the package.

    python tools/check_colab.py [--python PYTHON] [NAME ...]

An environment in _build/colab has Colab's versions and no package of the book. The notebook's own first cell
must bring it, from this clone in the place of the published repository, and replace nothing that is there;
then every cell must print what is committed. Without a name one notebook is run.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from notebook_citations import repository
from notebook_probe import SKIPPED, shown
from notebook_run import ENVIRONMENT, TIMEOUT, target
from notebook_source import ROOT, texts
from tqdm import tqdm

PLACE = ROOT / "_build" / "colab"
#: What a runtime of Colab has of the libraries that a reader's cells meet. A binary of each is there for
#: Python 3.11 and 3.12; the newest runtime differs in NumPy 2.1.3 on Python 3.13.
VERSIONS = [
    "numpy==2.0.2",
    "matplotlib==3.10.0",
    "pyparsing==3.2.3",
    "ipywidgets==7.7.1",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "scikit-learn==1.6.1",
    "setuptools==75.2.0",
]
DEFAULT = "01_linear_algebra"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"notebooks whose name contains this (default: {DEFAULT})")
    parser.add_argument("--python", default=sys.executable, help="the Python of the environment")
    options = parser.parse_args(arguments)
    python = environment(options.python)
    wrong = []
    for text in texts():
        if any(name in text.stem for name in options.names or [DEFAULT]):
            wrong += [f"{text.stem}: {line}" for line in check(python, text)]
    print("\n".join(wrong) or "Every cell printed what is committed, and nothing was replaced.")
    return bool(wrong)


def environment(python: str) -> Path:
    """Make the environment if it is not there; return its Python."""
    own = PLACE / "bin" / "python"
    if not own.exists():
        subprocess.run([python, "-m", "venv", PLACE], check=True)
    forget_package(own)
    subprocess.run([own, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *VERSIONS], check=True)
    return own


def check(python: Path, text: Path) -> Iterator[str]:
    """Run one notebook where the package is missing, and say what was replaced or is printed otherwise."""
    forget_package(python)
    before = installed(python)
    committed = nbformat.read(target(text), as_version=4)
    ran = nbformat.from_dict(committed)
    asyncio.run(run(python, ran))
    after = installed(python)
    yield from (f"the first cell replaced {name}" for name in sorted(before - after))
    pairs = [pair for pair in zip(ran.cells, committed.cells, strict=True) if pair[0].cell_type == "code"]
    for count, (cell, wanted) in enumerate(pairs[1:], 2):  # the first one shows what pip says
        got, want = shown(cell.outputs), shown(wanted.outputs)
        if got != want and not SKIPPED & set(cell.metadata.get("tags", [])):
            yield f"In [{count}] shows {got}\n    and not {want}"


def forget_package(python: Path) -> None:
    """Remove the book's package."""
    subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "mmlhelpers"], check=True)


def installed(python: Path) -> set[str]:
    """The packages of the environment with their versions."""
    freeze = [python, "-m", "pip", "freeze", "--all", "--exclude", "mmlhelpers"]
    return set(subprocess.run(freeze, check=True, capture_output=True, text=True).stdout.split("\n"))


async def run(python: Path, notebook: nbformat.NotebookNode) -> None:
    """Run all cells in a kernel of another Python; git looks into this clone when it is sent to the web."""
    manager = AsyncKernelManager()
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=command, display_name="Colab", language="python")
    clone = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ROOT}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository(),
    }
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    client = NotebookClient(notebook, km=manager, timeout=5 * TIMEOUT, coalesce_streams=True)
    with tqdm(total=len(notebook.cells), unit="cell") as bar:
        async with client.async_setup_kernel(env=own | ENVIRONMENT | clone, cwd=str(PLACE)):
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index)
                bar.update()


if __name__ == "__main__":
    sys.exit(main())
