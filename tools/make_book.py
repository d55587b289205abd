"""Build the book: run the parts of notebooks that changed, then make the site; start nothing for nothing."""

import subprocess
import sys

import build_book
from verdicts import ROOT, Verdicts, files_key, tools, tree

#: What the notebooks are made from, and the notebooks.
SOURCES = (
    "notebooks/*",
    "book/data/quizzes/*",
    "book/*.md",
    "book/references.bib",
    "_toc.yml",
    "src/*",
    "tools/build_notebooks.py",
    "tools/notebook_*.py",
    "_config.yml",
    "requirements.txt",
)


def key() -> str:
    """The hash of all that decides whether a notebook must be run."""
    return files_key(tree(*SOURCES), tools())


def main() -> int:
    store = Verdicts("notebooks")
    if not store.known("all", key()):
        command = [sys.executable, ROOT / "tools" / "build_notebooks.py"]
        if code := subprocess.run(command, check=False).returncode:
            return code
        store.passed({"all": key()})  # what was run has changed the notebooks
    build_book.main()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped. What is done is kept; `make book` goes on from here.")
