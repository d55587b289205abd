"""Run the tests, file by file, that may end otherwise than they did: only what they read and import counts.

    python tools/check_tests.py [--jobs N] [PATH ...]

A test file is run again when it, anything it imports, or anything that it was seen to read has changed. The
verdict of the other files stands.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import verdicts
from imports import closure, data_beside
from record_reads import EVERYTHING
from verdicts import ROOT

READS = ROOT / "_build" / "reads.json"
WORK = ROOT / "_build" / "tests"
ALWAYS = [ROOT / "conftest.py", ROOT / "tools" / "check_tests.py", ROOT / "tools" / "record_reads.py"]
NO_TESTS = 5


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path, help="only these files (default: package and tests)")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    options = parser.parse_args(arguments)
    store = verdicts.Verdicts("tests")
    reads = json.loads(READS.read_text(encoding="utf-8")) if READS.exists() else {}
    units = {verdicts.name(path.resolve()): path.resolve() for path in options.paths or test_files()}
    stale = [
        name
        for name, path in units.items()
        if name not in reads or not store.known(name, key(path, reads[name]))
    ]
    failed = run(stale, options.jobs, reads) if stale else set()
    READS.parent.mkdir(exist_ok=True)
    READS.write_text(json.dumps(reads), encoding="utf-8")
    store.passed({name: key(units[name], reads[name]) for name in stale if name not in failed})
    print("\n".join(f"failed: {name}" for name in sorted(failed)), end="\n" if failed else "")
    print(
        f"{len(stale) - len(failed)} files passed, {len(failed)} failed, {len(units) - len(stale)} unchanged"
    )
    return bool(failed)


def test_files() -> list[Path]:
    """The test files that need no site, and the modules of the package that show examples."""
    tests = set((ROOT / "tests").glob("test_*.py")) - set((ROOT / "tests").glob("test_site*.py"))
    examples = [path for path in (ROOT / "src").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8")]
    return sorted(tests) + sorted(examples)


def key(path: Path, reads: list[str]) -> str:
    """The hash of all that the verdict of a test file depends on."""
    used = closure(path)
    seen = {ROOT / place for place in reads if place != EVERYTHING}
    if EVERYTHING in reads:
        seen |= set(verdicts.tree(*(declared(path) or ["*"])))
    if any("import_module(" in file.read_text(encoding="utf-8") for file in used):
        seen |= set((ROOT / "src").rglob("*.py"))  # which modules, only a run can tell
    return verdicts.files_key([*used, *data_beside(used), *seen, *ALWAYS], verdicts.tools())


def declared(path: Path) -> list[str]:
    """The patterns of what the programs read that a test file starts, as it states them in READS."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "READS":
            return ast.literal_eval(node.value)
    return []


def run(units: list[str], jobs: int, reads: dict[str, list[str]]) -> set[str]:
    """Run test files; return those that failed, and keep in `reads` what each has read."""
    shutil.rmtree(WORK, ignore_errors=True)
    report = WORK / "report.xml"
    parallel = ["-n", str(jobs), "--dist=loadfile"] if jobs > 1 else ["-p", "no:xdist"]
    command = [
        "pytest",
        "-q",
        "-c",
        "pyproject.toml",
        f"--rootdir={ROOT}",
        "-p",
        "record_reads",
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
    ]
    places = os.pathsep.join(filter(None, [str(ROOT / "tools"), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", *command, *parallel, *units],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": places, "MML_READS": str(WORK), "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    for found in WORK.glob("*.json"):
        for name, paths in json.loads(found.read_text(encoding="utf-8")).items():
            reads[name] = sorted({*paths, *(reads.get(name, []) if name not in units else [])})
    for name in units:
        reads.setdefault(name, [])
    if done.returncode not in {0, 1, NO_TESTS} or not report.exists():
        return set(units)
    failed = {
        verdicts.name((ROOT / case.get("file", "")).resolve())
        for case in ElementTree.parse(report).iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    }
    # A run that failed without a test that did (an error of the tools) proves nothing.
    return failed & set(units) if failed or done.returncode != 1 else set(units)


if __name__ == "__main__":
    sys.exit(main())
