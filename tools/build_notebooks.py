"""Compile notebooks/text/NN_slug.md to notebooks/NN_slug.ipynb, executed; the same text gives the same bytes.

Only what changed is run. What a notebook was made from is remembered in _build/notebooks.json; without that
memory (a fresh clone) a committed notebook is trusted as long as its cells are those of its text.
"""

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import re
import sys
from pathlib import Path

import nbformat
from notebook_markup import QUIZZES
from notebook_rules import measures
from notebook_run import run, target
from notebook_text import ROOT, Page, TextError, read_page
from tqdm import tqdm

TEXTS = ROOT / "notebooks" / "text"
SECTIONS = {"figures", "explorers", "exercises"}
MEMORY = ROOT / "_build" / "notebooks.json"


def form(notebook: nbformat.NotebookNode) -> list[tuple]:
    """What an author wrote, outputs aside: by this a notebook is compared with its text."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


def difference(page: Page) -> int | None:
    """The line from which the text differs from its notebook, or None; a torn one differs from its first."""
    try:
        built = form(nbformat.read(target(page.path), as_version=4))
    except (FileNotFoundError, nbformat.reader.NotJSONError):
        return 1
    pairs = itertools.zip_longest(form(page.notebook), built)
    changed = next((index for index, (written, there) in enumerate(pairs) if written != there), None)
    return None if changed is None else page.lines[min(changed, len(page.lines) - 1)]


def digest(*paths: Path) -> str:
    """One hash of the contents of several files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths if path.exists())).hexdigest()


def ingredients(text: Path) -> str:
    """A hash of all that the outputs depend on: text, quizzes, package with its data, locked versions.

    The figures, explorers and checkers of a section count only for a text that names the section.
    """
    words = set(re.findall(r"\w+", text.read_text(encoding="utf-8")))
    package = [
        path
        for path in sorted((ROOT / "src").rglob("*"))
        if path.suffix in {".py", ".mplstyle", ".npz", ".txt"}
        and (path.parent.name not in SECTIONS or path.stem.startswith("_") or path.stem in words)
    ]
    return digest(text, *sorted(QUIZZES.glob("*.yml")), *package, ROOT / "requirements.txt")


def is_fresh(page: Page, memory: dict) -> bool:
    """Whether a notebook needs no run. One that came from elsewhere (a clone, a pull) is trusted."""
    known = memory.get(page.path.name)
    came_from_elsewhere = known is None or known["notebook"] != digest(target(page.path))
    return difference(page) is None and (came_from_elsewhere or known["made_from"] == ingredients(page.path))


async def run_all(pages: list[Page], jobs: int, memory: dict) -> list[str]:
    """Execute pages side by side; return what went wrong, one message a page."""
    cells = sum(cell.cell_type == "code" for page in pages for cell in page.notebook.cells)
    gate = asyncio.Semaphore(jobs)
    with tqdm(total=cells, unit="cell", desc="notebooks") as bar:

        async def one(page: Page) -> str | None:
            async with gate:
                made_from = ingredients(page.path)
                try:
                    await run(page, bar.update)
                except TextError as error:
                    return str(error)
                memory[page.path.name] = {"made_from": made_from, "notebook": digest(target(page.path))}
                return None

        return [fault for fault in await asyncio.gather(*map(one, pages)) if fault]


def choose(slug: str | None) -> list[Path]:
    """The texts asked for: all, or those whose file name contains the slug."""
    texts = sorted(path for path in TEXTS.glob("[0-9][0-9]_*.md") if not slug or slug in path.stem)
    if not texts:
        sys.exit(f"no text in {TEXTS} is called {slug or 'NN_slug.md'}")
    return texts


def check(pages: list[Page]) -> bool:
    """Say of every page how it measures and where its notebook differs from it; whether one does."""
    lines = {page.path: difference(page) for page in pages}
    for page in pages:
        print(f"{page.path.stem}: {measures(page.notebook)}")
        if line := lines[page.path]:
            print(
                TextError(page.path, line, f"here the notebook differs; run `make nb ONE={page.path.stem}`")
            )
    return any(lines.values())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", metavar="SLUG", help="only the notebooks whose name contains this")
    parser.add_argument(
        "--check", action="store_true", help="run nothing; say which notebooks differ from their text"
    )
    parser.add_argument("--force", action="store_true", help="run also what has not changed")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count(), help="kernels at a time (default: processors)"
    )
    options = parser.parse_args(arguments)
    try:
        pages = [read_page(text) for text in choose(options.one)]
    except TextError as error:
        sys.exit(str(error))
    if options.check:
        return check(pages)
    memory = json.loads(MEMORY.read_text()) if MEMORY.exists() else {}
    stale = [page for page in pages if options.force or not is_fresh(page, memory)]
    problems = asyncio.run(run_all(stale, options.jobs, memory)) if stale else []
    for page in pages:  # remember what was trusted, so that a later change of the package is noticed
        if page not in stale:
            memory[page.path.name] = {
                "made_from": ingredients(page.path),
                "notebook": digest(target(page.path)),
            }
    MEMORY.parent.mkdir(exist_ok=True)
    MEMORY.write_text(json.dumps(memory, indent=1))
    print(
        "\n".join(problems) or f"{len(stale)} of {len(pages)} notebooks run, the others are up to date",
        file=sys.stderr,
    )
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
