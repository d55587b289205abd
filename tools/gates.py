"""The gates: what must hold before a change of the book is published."""

import dataclasses
import re

from verdicts import ROOT

CODE = ["src", "tests", "tools", "benchmarks", "book/_ext", "conftest.py"]
# Modules whose functions a reader calls: no private ones, no checkers, no explorers (their controls tell).
PUBLIC = [
    path
    for path in sorted((ROOT / "src").rglob("*.py"))
    if not re.search(r"/_(?!_init)|/(exercises|explorers)/[a-z]", str(path))
]


@dataclasses.dataclass(frozen=True)
class Gate:
    """One check: a command of the environment, the gate that must pass before it, and the files it reads.

    A gate that names no files decides itself what there is to do.
    """

    name: str
    command: list
    needs: str = ""
    reads: tuple[str, ...] = ()
    site: bool = False  # whether it also reads the built site


PYTHON = ("*.py", "pyproject.toml")
# The longest first; what needs the site last.
GATES = [
    Gate("site build", ["python", "tools/build_book.py"]),
    Gate("unit tests", ["python", "tools/check_tests.py"]),
    Gate("nbval", ["python", "tools/check_notebooks.py"]),
    Gate("nbval, other machine", ["python", "tools/check_notebooks.py", "--other"]),
    Gate(
        "notebooks equal their text",
        ["python", "tools/build_notebooks.py", "--check"],
        reads=(
            "notebooks/*",
            "book/data/quizzes/*",
            "book/*.md",
            "book/references.bib",
            "_toc.yml",
            "tools/*.py",
            "src/mmlhelpers/explorers/*",
            "_config.yml",
        ),
    ),
    Gate("types", ["mypy"], reads=PYTHON),
    Gate("format", ["ruff", "format", "--check", *CODE], reads=PYTHON),
    Gate("lint", ["ruff", "check", "."], reads=(*PYTHON, "*.ipynb")),
    Gate("layers", ["lint-imports", "--no-cache"], reads=PYTHON),
    Gate("docstrings", ["numpydoc", "lint", *PUBLIC], reads=PYTHON),
    Gate("spelling", ["codespell"], reads=("*",)),
    Gate(
        "site tests",
        ["pytest", "-q", "tests/test_site.py", "tests/test_site_search.py"],
        needs="site build",
        reads=(
            "tests/test_site*",
            "tests/data/search_*",
            "book/_static/*",
            "_config.yml",
            "src/mmlhelpers/plotting/*",
        ),
        site=True,
    ),
    # The last gate runs alone most of the time, so it may use every processor.
    Gate("browser tests", ["python", "tools/check_browser.py"], needs="site build"),
]
