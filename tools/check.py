"""Run every gate, two at a time; show progress, go on after failures, end with a table and one plain line."""

import argparse
import concurrent.futures
import dataclasses
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

from notebook_run import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "_build" / "logs"
LANES = 2
WORKERS = max(1, (os.cpu_count() or 1) // LANES)  # processes of a gate that can use several
CODE = ["src", "tests", "tools", "benchmarks", "book/_ext", "conftest.py"]
# Modules whose functions a reader calls: no private ones, no checkers, no explorers (their controls tell).
PUBLIC = [
    path
    for path in sorted((ROOT / "src").rglob("*.py"))
    if not re.search(r"/_(?!_init)|/(exercises|explorers)/[a-z]", str(path))
]
NBVAL = ["pytest", "-c", "tests/nbval.ini", "--rootdir=.", "-n", WORKERS, "--dist=loadfile", "notebooks"]
UNIT = ["pytest", "-n", WORKERS, "--ignore=tests/browser", "--ignore=tests/test_site.py"]
# A second machine, as far as this one can play it: other kernels for the same sums, elsewhere two threads.
OTHER_MACHINE = ENVIRONMENT | {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
if platform.machine() in {"x86_64", "AMD64"}:
    features = "X86_V3 X86_V4 AVX512_ICL"
    OTHER_MACHINE = ENVIRONMENT | {"OPENBLAS_CORETYPE": "Sandybridge", "NPY_DISABLE_CPU_FEATURES": features}


@dataclasses.dataclass(frozen=True)
class Gate:
    """One check: a command of the environment, and the gate that must pass before it."""

    name: str
    command: list
    needs: str = ""
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Result:
    """How a gate ended: passed, failed or skipped, after how many seconds, and why."""

    outcome: str
    seconds: float = 0.0
    reason: str = ""


# The longest first; what needs the site last.
GATES = [
    Gate("site build", ["python", "tools/build_book.py"]),
    Gate("notebooks equal their text", ["python", "tools/build_notebooks.py", "--check"]),
    Gate("unit tests", UNIT, environment={"OPENBLAS_NUM_THREADS": "1"}),  # more would wait for one another
    Gate("nbval", NBVAL, environment=ENVIRONMENT),
    Gate("nbval, other machine", NBVAL, environment=OTHER_MACHINE),
    Gate("nbval catches mutants", ["python", "tools/check_mutants.py"]),
    Gate("types", ["mypy"]),
    Gate("format", ["ruff", "format", "--check", *CODE]),
    Gate("lint", ["ruff", "check", "."]),
    Gate("layers", ["lint-imports", "--no-cache"]),
    Gate("docstrings", ["numpydoc", "lint", *PUBLIC]),
    Gate("spelling", ["codespell"]),
    Gate("site tests", ["pytest", "-n", WORKERS, "tests/test_site.py"], needs="site build"),
    # The last gate runs alone most of the time, so it may use every processor.
    Gate("browser tests", ["pytest", "-n", WORKERS * LANES, "-rs", "tests/browser"], needs="site build"),
]


def run(gate: Gate, results: dict[str, concurrent.futures.Future]) -> Result:
    """Run one gate with its output in a log."""
    if gate.needs in results and results[gate.needs].result().outcome != "passed":
        return Result("skipped", reason=f"{gate.needs} did not pass")
    say(f"start    {gate.name}")
    program, *arguments = map(str, gate.command)
    start = time.monotonic()
    with log(gate).open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=ROOT,
            env=os.environ | gate.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    result = judge(done.returncode, time.monotonic() - start, log(gate).read_text(encoding="utf-8"))
    say(f"{result.outcome:8} {gate.name} ({result.seconds:.0f} s) {result.reason}".rstrip())
    if result.outcome == "failed":
        tail = log(gate).read_text(encoding="utf-8").splitlines()[-40:]
        say("\n".join(f"    {line}" for line in [*tail, f"the whole log: {log(gate).relative_to(ROOT)}"]))
    return result


def judge(returncode: int, seconds: float, output: str) -> Result:
    """Tell a gate whose every test was skipped from one that passed."""
    if returncode:
        return Result("failed", seconds)
    last = output.rstrip().rpartition("\n")[2]
    if re.search(r"\d+ skipped", last) and " passed" not in last:
        reasons = re.findall(r"^SKIPPED \[\d+\] [^:]+(?::\d+)?: (.+)$", output, re.MULTILINE)
        return Result("skipped", seconds, reasons[0] if reasons else "every test was skipped")
    return Result("passed", seconds)


def log(gate: Gate) -> Path:
    """Where the output of a gate is kept."""
    return LOGS / f"{re.sub(r'[^a-z]+', '-', gate.name.lower())}.log"


def say(text: str) -> None:
    """Print at once, whole lines only, so that two lanes do not mix."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="run the gates whose name contains one of these")
    only = parser.parse_args().only
    gates = [gate for gate in GATES if not only or any(word in gate.name for word in only)]
    if not gates:
        parser.error(f"no gate is called {only}; there are: {', '.join(gate.name for gate in GATES)}")
    LOGS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    futures: dict[str, concurrent.futures.Future] = {}
    with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
        for gate in gates:
            futures[gate.name] = lanes.submit(run, gate, futures)
        while concurrent.futures.wait(futures.values(), timeout=30).not_done:
            busy = [name for name, future in futures.items() if future.running()]
            say(f"...      {time.monotonic() - start:.0f} s: {', '.join(busy)}")
    results = {name: future.result() for name, future in futures.items()}
    say(
        "\n"
        + "\n".join(f"{r.outcome:8}{r.seconds:6.0f} s  {name}  {r.reason}" for name, r in results.items())
    )
    outcomes = [result.outcome for result in results.values()]
    say(", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped")))
    return "failed" in outcomes


if __name__ == "__main__":
    sys.exit(main())
