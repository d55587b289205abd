"""Compile notebooks/text/NN_slug.md to notebooks/NN_slug.ipynb, executed; the same text gives the same bytes.

Only the parts that changed are run, with the cells they need. What a part was made from is remembered in
_build/notebooks.json; without that memory (a fresh clone) a committed notebook is trusted as long as its
cells are those of its text.
"""

import argparse
import asyncio
import itertools
import os
import sys
from pathlib import Path

import nbformat
import notebook_memory
import notebook_source
from notebook_parts import Part, parts
from notebook_rules import measures
from notebook_run import run
from notebook_source import TextError
from notebook_text import Page, read_page
from tqdm import tqdm


def form(notebook: nbformat.NotebookNode) -> list[tuple]:
    """What an author wrote, outputs aside: by this a notebook is compared with its text."""
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]


def difference(page: Page) -> tuple[Path, int] | None:
    """Where the text begins to differ from its notebook, or None; a torn one differs from its first line."""
    pairs = itertools.zip_longest(form(page.notebook), form(notebook_memory.committed(page)))
    changed = next((index for index, (written, there) in enumerate(pairs) if written != there), None)
    return None if changed is None else page.places[min(changed, len(page.places) - 1)]


async def run_all(stale: dict[Path, list[Part]], pages: list[Page], jobs: int, memory: dict) -> list[str]:
    """Execute the stale parts of pages side by side; return what went wrong, one message a page."""
    cells = sum(len({index for part in found for index in part.slice}) for found in stale.values())
    gate = asyncio.Semaphore(jobs)
    with tqdm(total=cells, unit="cell", desc="notebooks") as bar:

        async def one(page: Page) -> str | None:
            async with gate:
                try:
                    await run(page, stale[page.path], bar.update)
                except TextError as error:
                    return str(error)
                notebook_memory.remember(page, memory)
                return None

        return [fault for fault in await asyncio.gather(*map(one, pages)) if fault]


def choose(slug: str | None) -> list[Path]:
    """The texts asked for: all, or those whose file name contains the slug."""
    texts = [path for path in notebook_source.texts() if not slug or slug in path.stem]
    if not texts:
        sys.exit(f"no text in {notebook_source.TEXTS} is called {slug or 'NN_slug.md'}")
    return texts


def check(pages: list[Page]) -> bool:
    """Say of every page how it measures and where its notebook differs from it; whether one does."""
    places = {page.path: difference(page) for page in pages}
    for page in pages:
        print(f"{page.path.stem}: {measures(page.notebook)}")
        if place := places[page.path]:
            print(TextError(*place, f"here the notebook differs; run `make nb ONE={page.path.stem}`"))
    return any(places.values())


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
    memory = notebook_memory.recall()
    texts = choose(options.one)
    if not (options.check or options.force):
        texts = [text for text in texts if not notebook_memory.is_untouched(text, memory)]
    try:
        pages = [read_page(text) for text in texts]
    except TextError as error:
        sys.exit(str(error))
    if options.check:
        return check(pages)
    stale = {
        page.path: parts(page.notebook) if options.force else notebook_memory.carry_over(page, memory)
        for page in pages
    }
    changed = [page for page in pages if stale[page.path] or difference(page)]
    problems = asyncio.run(run_all(stale, changed, options.jobs, memory)) if changed else []
    for page in pages:
        if page not in changed:
            notebook_memory.remember(page, memory)
    count = sum(len(stale[page.path]) for page in changed)
    summary = f"notebooks written: {len(changed)} ({count} parts run); the others are up to date"
    print("\n".join(problems) or summary, file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
