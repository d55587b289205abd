"""Run the committed notebooks again and compare their outputs, part by part; only what may have changed.

    python tools/check_notebooks.py [--other] [--alone] [NAME ...]

The stale parts of a notebook are run in a fresh kernel, with the cells they need, by nbval. On the first
machine every part also has its mutants: changed constants that the comparison must notice. `--other` plays
another machine: other kernels for the same sums. `--alone` shows that each part runs alone. A verdict holds
as long as the cells, their outputs and all of the package that they use are the same.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import verdicts
from notebook_check import Check
from notebook_parts import parts
from notebook_run import ENVIRONMENT
from notebook_source import ROOT, texts
from notebook_text import read_page

WORK = ROOT / "_build" / "check"
# A second machine, as far as this one can play it: other kernels for the same sums, elsewhere two threads.
OTHER = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
if platform.machine() in {"x86_64", "AMD64"}:
    features = "X86_V3 X86_V4 AVX512_ICL"
    OTHER = {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": features}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only the notebooks whose name contains one of these")
    parser.add_argument("--other", action="store_true", help="play another machine")
    parser.add_argument("--jobs", type=int, default=1, help="kernels at a time")
    parser.add_argument("--alone", action="store_true", help="run every part in a kernel of its own")
    options = parser.parse_args(arguments)
    environment = ENVIRONMENT | (OTHER if options.other else {})
    gate = "nbval, other machine" if options.other else "nbval, alone" if options.alone else "nbval"
    folder = WORK / gate.replace(", ", "-").replace(" ", "-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    chosen = [path for path in texts() if any(name in path.stem for name in options.names or [""])]
    store = verdicts.Verdicts(gate)
    alone = {
        path: [part.name for part in parts(read_page(path).notebook)] for path in chosen if options.alone
    }
    checks = [
        Check(path, store, environment, folder, name) for path in chosen for name in alone.get(path, [""])
    ]
    stale = [check for check in checks if check.stale]
    for check in stale:
        check.write(probes=gate == "nbval")
    results = nbval(stale, options.jobs, environment, folder) if stale else {}
    faults = [fault for check in stale for fault in check.judge(results)]
    for check in stale:
        print("\n".join(check.stories()), end="\n" if check.stories() else "")
        store.passed(check.passed)
    print("\n".join(faults), end="\n" if faults else "")
    passed = sum(len(check.passed) for check in stale)
    failed = sum(len(check.stale) for check in stale) - passed
    unchanged = sum(len(check.parts) - len(check.stale) for check in checks)
    print(f"{passed} parts passed, {failed} failed, {unchanged} unchanged")
    return bool(failed)


def nbval(checks: list[Check], jobs: int, environment: dict[str, str], folder: Path) -> dict[tuple, str]:
    """Run the notebooks of some checks; what went wrong, or nothing, for (name of the notebook, cell)."""
    report = folder / "report.xml"
    command = ["-m", "pytest", "-c", "tests/nbval.ini", f"--rootdir={folder}", "-q", f"--junitxml={report}"]
    parallel = ["-n", str(jobs), "--dist=loadfile"] if jobs > 1 else ["-p", "no:xdist"]
    paths = [str(check.path) for check in sorted(checks, key=lambda check: -check.size)]
    places = os.pathsep.join(filter(None, [str(ROOT / "tools"), os.environ.get("PYTHONPATH")]))
    subprocess.run(
        [sys.executable, *command, *parallel, *paths],
        cwd=ROOT,
        env=os.environ | environment | {"PYTHONPATH": places},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return read_report(report) if report.exists() else {}


def read_report(report: Path) -> dict[tuple, str]:
    """Every cell that nbval ran, with what was wrong with it or an empty text: {(notebook, cell): text}."""
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = [child for child in case if child.tag in {"failure", "error"}]
        notebook = case.get("classname", "").removesuffix(".ipynb").rpartition(".")[2]
        found[notebook, case.get("name")] = "\n".join(child.text or "no reason given" for child in wrong)
    return found


if __name__ == "__main__":
    sys.exit(main())
