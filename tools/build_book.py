"""Build the site into ``_build/next`` and, only if that succeeds, put it in the place of ``_build/html``.

Pages come first, each explorer with its starting picture; then Python for the browser (see build_lite.py);
then the frames are drawn, and those of each explorer are put into the finished site as soon as they are
there. Where nothing changed, nothing is started.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

import build_explorers
import build_lite
from verdicts import Verdicts, files_key, tools, tree

#: What the site is made from. The frames know themselves what they depend on; they are among it.
SOURCES = (
    "_config.yml",
    "_toc.yml",
    "book/*",
    "notebooks/*",
    "src/*",
    "benchmarks/results.json",
    "tools/build_book.py",
    "tools/*explorer*.py",
    "tools/lesson_*.py",
    "tools/notebook_*.py",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=build_explorers.ROOT, help="folder of _config.yml")
    root = parser.parse_args().root.resolve()
    html = root / "_build" / "html"
    key = files_key(tree(*SOURCES), tools(), root, os.environ.get("MML_REPOSITORY_URL"))
    restore(html)
    there = (html / "index.html").exists()
    if there and Verdicts("site").known("all", key):
        build_lite.put(html)  # it knows itself what it depends on
        print("Nothing changed since the site was built.")
    else:
        if not there or not Verdicts("site").known("pages", key):
            publish(build(root), html)
            Verdicts("site").passed({"pages": key})
        build_lite.put(html)
        draw_frames(html)
        Verdicts("site").passed({"all": key})
    print(f"The book is ready. Open {html / 'index.html'} in a browser, or run: make serve")


def build(root: Path) -> Path:
    """Return the folder of the freshly built site; on a failure, end and leave the last good site alone."""
    following = root / "_build" / "next"
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    options = ["-W", "-n", "--keep-going", "--path-output", str(following)]
    print("Building the pages ...", flush=True)
    # Sphinx writes again what was changed, and does not look at who writes it.
    writers = files_key(tree("book/_ext/*", "book/_theme/*", "tools/lesson_*.py", "tools/notebook_*.py"))
    if not Verdicts("site").known("writers", writers):
        shutil.rmtree(following / "_build" / ".doctrees", ignore_errors=True)
    # What is not drawn yet is drawn after the pages: they can be read meanwhile.
    later = os.environ | {"MML_FRAMES": "later"}
    if subprocess.run([jupyter_book, "build", root, *options], env=later, check=False).returncode != 0:
        # Sphinx would not read the faulty pages again, and so not warn again.
        shutil.rmtree(following / "_build" / ".doctrees", ignore_errors=True)
        kept = " The last good site stays in _build/html." if (root / "_build" / "html").exists() else ""
        sys.exit(f"The site was not built: see the warnings above, each names its file and line.{kept}")
    Verdicts("site").passed({"writers": writers})
    return following / "_build" / "html"


def publish(built: Path, html: Path) -> None:
    """Put a copy of the built site in place; the original stays, so that the next build has less to do."""
    fresh, old = html.with_name("html.fresh"), html.with_name("html.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(built, fresh)
    if html.exists():
        html.rename(old)
    fresh.rename(html)
    shutil.rmtree(old, ignore_errors=True)


def restore(html: Path) -> None:
    """Bring the last site back if a build was interrupted at the moment of putting the next in its place."""
    old = html.with_name("html.old")
    if old.exists() and not html.exists():
        old.rename(html)


def draw_frames(html: Path) -> None:
    """Draw what is missing of the explorers, and put it into the site, one explorer at a time."""
    folder = html / "_static" / "explorers"
    missing = build_explorers.undrawn()
    if missing:
        print(
            f"\nThe pages can be read now: {html / 'index.html'}\nNow the frames of {len(missing)} figures "
            "that move are drawn; each moves as soon as its frames are there. If you stop this, "
            "`make book` goes on where it stopped.",
            flush=True,
        )
    failures = build_explorers.build(stored=lambda script: put(script, folder))
    if failures:
        sys.exit("\n".join(f"error: {failure}" for failure in failures))
    for script in build_explorers.CACHE.glob("*.js"):  # what an interrupted run had drawn but not put there
        if script.read_bytes() != (folder / script.name).read_bytes():
            put(script, folder)


def put(script: Path, folder: Path) -> None:
    """Put a file into the site in one step; a reader may be loading it."""
    new = folder / f"{script.name}.new"
    shutil.copy2(script, new)
    new.replace(folder / script.name)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. What is done is kept; `make book` goes on from here.")
