"""Build Python for the browser into ``lite/`` of the site: JupyterLite, kernel, package and lessons.

    python tools/build_lite.py

What it is made of comes from the locks: JupyterLite from requirements-dev.txt, the kernel's core from
book/vendor/package-lock.json, packages of pure Python from requirements-browser.txt. All of it is served by
the site. Packages that are compiled for the browser (NumPy, matplotlib and their like) are not on the
package index; the kernel fetches them, when a reader runs something, from the address that its own
distribution pins, and refuses a file whose hash is not the one in its lock.

The result is kept in ``_build/lite`` under the hash of what it is made of. The environment variable
MML_LITE=0 leaves it out. If it cannot be built, the site stands without it and its pages say so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cut_lessons
import lite_front
import lite_kernel
import nbformat
import yaml
from lite_contents import notebook_for_the_browser
from notebook_source import texts
from verdicts import ROOT, files_key, tools, tree

HTML = ROOT / "_build" / "html"
BUILT = ROOT / "_build" / "lite"
SOURCES = (
    "notebooks/*",
    "src/*",
    "_config.yml",
    "tools/*lite*.py",
    "tools/cut_lessons.py",
    "tools/lesson_pages.py",
    "tools/make_zips.py",
    "tools/notebook_*.py",
    "book/vendor/package-lock.json",
    "requirements-browser.txt",
)


def main() -> int:
    return 0 if put(HTML) else 1


def put(html: Path) -> bool:
    """Bring Python for the browser into a site; where that fails, say so, and leave the site as it is."""
    if os.environ.get("MML_LITE") == "0":
        print("Python for the browser is left out (MML_LITE=0).")
        return True
    key = files_key(tree(*SOURCES), tools())
    site, there = BUILT / "site", html / "lite"
    try:
        if not holds(site, key):
            print("Building Python for the browser ...", flush=True)
            build(site, key)
        if not holds(there, key):
            replace(site, there)
    except (OSError, subprocess.CalledProcessError, StopIteration) as error:
        print(
            f"\nThe site has no Python for the browser: {error}. Everything else is there.", file=sys.stderr
        )
        return False
    return True


def holds(folder: Path, key: str) -> bool:
    """Whether a folder is what is built from the sources with this hash."""
    mark = folder / "key"
    return mark.exists() and mark.read_text(encoding="utf-8") == key


def replace(site: Path, there: Path) -> None:
    """Put a copy in the place of what was there; files are shared with the original where possible."""
    fresh = there.with_name("lite.fresh")
    for old in (fresh, there):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(site, fresh, copy_function=share)
    fresh.rename(there)


def share(source: str, target: str) -> None:
    """Give a file a second name, or copy it where the file system has no second names."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def build(site: Path, key: str) -> None:
    """Make the folder anew; a build that fails leaves the last one alone."""
    work, fresh = BUILT / "work", BUILT / "fresh"
    for old in (work, fresh):
        shutil.rmtree(old, ignore_errors=True)
    pyodide = work / "static" / "pyodide"
    lite_kernel.write_kernel(pyodide, BUILT / "wheels")
    write_notebooks(work / "files")
    lite_front.write_settings(work)
    lite_front.run_builder(work, fresh)
    for page in fresh.rglob("*.html"):
        lite_front.add_policy(page)
    (fresh / "facts.js").write_text(lite_kernel.facts(pyodide), encoding="utf-8")
    (fresh / "key").write_text(key, encoding="utf-8")
    shutil.rmtree(work)
    shutil.rmtree(site, ignore_errors=True)
    fresh.rename(site)


def write_notebooks(folder: Path) -> None:
    """Write the notebook of each lesson, made ready for the kernel in the browser."""
    site = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    for text in texts():
        (folder / text.stem).mkdir(parents=True)
        for name, lesson in cut_lessons.cut(text).items():
            notebook = notebook_for_the_browser(lesson, lite_kernel.fetched_megabytes(), site)
            (folder / text.stem / f"{name}.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
