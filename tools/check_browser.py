"""Ask the pages and explorers of the built site in a real browser, those that may have changed.

    python tools/check_browser.py [--jobs N]

A page is asked again when its file, a style, a script, a picture or the tests changed; an explorer when its
frames did, or what moves it; Python for the browser when it was built anew; all other tests when anything
else of the site did.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import verdicts
from verdicts import ROOT

SITE = ROOT / "_build" / "html"
REPORT = ROOT / "_build" / "browser.xml"
REST = "rest"
LITE = "lite"  # Python for the browser, which has a test file of its own
PATIENCE = 150  # seconds for one test
TESTS = ("tests/browser/*.py", "tests/watching.py", "tests/firefox.py", "tools/check_browser.py")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="browsers at a time")
    options = parser.parse_args(arguments)
    if not (SITE / "index.html").exists():
        sys.exit("there is no site: run `make book` first")
    store = verdicts.Verdicts("browser")
    keys = dict(units())
    stale = [unit for unit, key in keys.items() if not store.known(unit, key)]
    failed, skipped = run(stale, options.jobs) if stale else (set(), set())
    store.passed({unit: keys[unit] for unit in stale if unit not in failed | skipped})
    counts = [f"{len(stale) - len(failed | skipped)} pages passed", f"{len(failed)} failed"]
    print(
        f"{len(skipped)} skipped"  # there is no browser
        if skipped and skipped == set(stale)
        else ", ".join([*counts, f"{len(keys) - len(stale)} unchanged"])
    )
    return bool(failed)


def units() -> Iterator[tuple[str, str]]:
    """What is asked by itself, each with the hash of all that its verdict depends on."""
    static = SITE / "_static"
    shared = [
        path for path in sorted(static.rglob("*")) if path.is_file() and path.parent.name != "explorers"
    ]
    tests = verdicts.files_key(verdicts.tree(*TESTS), browser(), verdicts.tools())
    common = verdicts.files_key(shared, tests)
    lite = SITE / "lite"
    for page in sorted(SITE.rglob("*.html")):
        if page.name not in {"index.html", "404.html"} and lite not in page.parents:
            name = page.relative_to(SITE).as_posix()
            yield f"test_page[{name}]", verdicts.key(common, page, *used(page, static / "explorers"))
    for frames in sorted((static / "explorers").glob("*.js")):
        sources = verdicts.tree(
            "src/mmlhelpers/*.py"
        )  # the numbers are compared with those that Python computes
        yield f"test_explorer[{frames.stem}]", verdicts.files_key([frames, *sources], common)
    everything = [path for path in SITE.rglob("*") if path.is_file()]
    python = [path for path in everything if lite in path.parents]
    yield REST, verdicts.files_key(set(everything) - set(python), tests)
    yield LITE, verdicts.files_key([*python, *shared], tests)


def used(page: Path, folder: Path) -> list[Path]:
    """The frames and pictures that a page loads."""
    text = page.read_text(encoding="utf-8")
    frames = [folder / f"{name}.js" for name in sorted(set(re.findall(r'data-explorer="([\w.]+)"', text)))]
    pictures = [page.parent / name for name in sorted(set(re.findall(r'<img [^>]*src="([^":?]+)"', text)))]
    return [path.resolve() for path in [*frames, *pictures]]


def browser() -> str:
    """The version of the browser that is found, as far as it says one."""
    sys.path.insert(0, str(ROOT / "tests"))
    from watching import found

    path = found()
    if path is None:
        return "no browser"
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def run(stale: list[str], jobs: int) -> tuple[set[str], set[str]]:
    """Run the tests of some units; return those that failed twice and those that were skipped.

    A browser may stand still, or be late on a busy machine: what failed is asked once more, in a new one, and
    named. A fault of the page is there again.
    """
    failed, skipped = ask(stale, jobs)
    if failed and failed != set(stale):
        print(f"once more: {', '.join(sorted(failed))}", flush=True)
        failed, _ = ask(sorted(failed), 1)
    return failed, skipped - failed


def ask(stale: list[str], jobs: int) -> tuple[set[str], set[str]]:
    """Run the tests of some units once; a test that takes minutes ends its process, not the run."""
    REPORT.unlink(missing_ok=True)
    command = ["pytest", "-q", "-rs", f"--junitxml={REPORT}", "tests/browser"]
    patience = ["-o", f"faulthandler_timeout={PATIENCE}", "-o", "faulthandler_exit_on_timeout=true"]
    done = subprocess.run(
        [sys.executable, "-m", *command, *patience, "-n", str(min(jobs, len(stale)))],
        cwd=ROOT,
        env=os.environ | {"MML_UNITS": json.dumps(stale)},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode not in {0, 1} or not REPORT.exists():
        return set(stale), set()
    failed, skipped = ended("failure", stale) | ended("error", stale), ended("skipped", stale)
    skipped -= ended("", stale)  # a part of a unit was tried
    # A run that failed without a test that did (an error of the tools) proves nothing.
    return failed if failed or not done.returncode else set(stale), skipped - failed


def ended(how: str, stale: list[str]) -> set[str]:
    """The units with a test that ended in some way; without a way, that passed."""
    cases = [
        case
        for case in ElementTree.parse(REPORT).iter("testcase")
        if (case.find(how) is not None if how else not len(case))
    ]
    return {unit(case.get("classname"), case.get("name"), stale) for case in cases}


def unit(place: str, name: str, stale: list[str]) -> str:
    """The unit of a test, by its file as the report writes it and its name."""
    if place.endswith("test_lite"):
        return LITE
    return name if name in stale else REST


if __name__ == "__main__":
    sys.exit(main())
