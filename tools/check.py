"""Run every gate, two at a time; show progress, go on after failures, end with a table and one plain line.

A gate whose inputs are those of its last success is not run again: the table says since when it passes. Gates
of many parts (notebooks, tests, pages) see to that themselves. FRESH=1 runs everything.
"""

import argparse
import concurrent.futures
import dataclasses
import re
import subprocess
import sys
import time
from pathlib import Path

import verdicts
from gates import GATES, Gate
from verdicts import ROOT

LOGS = ROOT / "_build" / "logs"
LANES = 2


@dataclasses.dataclass(frozen=True)
class Result:
    """How a gate ended: passed, failed or skipped, after how many seconds, and why."""

    outcome: str
    seconds: float = 0.0
    reason: str = ""


def run(gate: Gate, results: dict[str, concurrent.futures.Future]) -> Result:
    """Run one gate with its output in a log."""
    if gate.needs in results and results[gate.needs].result().outcome != "passed":
        return Result("skipped", reason=f"{gate.needs} did not pass")
    store, key = verdicts.Verdicts("gates"), key_of(gate)
    if key and (since := store.known(gate.name, key)):
        return Result("passed", reason=f"unchanged since {since}")
    say(f"start    {gate.name}")
    program, *arguments = map(str, gate.command)
    start = time.monotonic()
    with log(gate).open("w", encoding="utf-8") as output:
        done = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    result = judge(done.returncode, time.monotonic() - start, log(gate).read_text(encoding="utf-8"))
    if key and result.outcome == "passed":
        store.passed({gate.name: key})
    say(f"{result.outcome:8} {gate.name} ({result.seconds:.0f} s) {result.reason}".rstrip())
    if result.outcome == "failed":
        tail = log(gate).read_text(encoding="utf-8").splitlines()[-40:]
        say("\n".join(f"    {line}" for line in [*tail, f"the whole log: {log(gate).relative_to(ROOT)}"]))
    return result


def key_of(gate: Gate) -> str:
    """The hash of all that a gate reads, or nothing if it names no files."""
    if not gate.reads:
        return ""
    site = [path for path in (ROOT / "_build" / "html").rglob("*") if path.is_file()] if gate.site else []
    return verdicts.files_key([*verdicts.tree(*gate.reads), *site], gate.command, verdicts.tools())


def judge(returncode: int, seconds: float, output: str) -> Result:
    """Tell a gate whose every test was skipped from one that passed; pass on what it says of its parts."""
    last = output.rstrip().rpartition("\n")[2]
    parts = last if re.search(r"\d+ unchanged$", last) else ""
    if returncode:
        return Result("failed", seconds, parts)
    if re.search(r"\d+ skipped", last) and " passed" not in last:
        reasons = re.findall(r"^SKIPPED \[\d+\] [^:]+(?::\d+)?: (.+)$", output, re.MULTILINE)
        return Result("skipped", seconds, reasons[0] if reasons else "every test was skipped")
    return Result("passed", seconds, parts)


def log(gate: Gate) -> Path:
    """Where the output of a gate is kept."""
    return LOGS / f"{re.sub(r'[^a-z]+', '-', gate.name.lower())}.log"


def say(text: str) -> None:
    """Print at once, whole lines only, so that two lanes do not mix."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def is_meant(word: str, gate: Gate) -> bool:
    """Whether a word is the whole name of a gate or, if no gate has that name, a part of it."""
    return word == gate.name if any(word == other.name for other in GATES) else word in gate.name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "only", nargs="*", help="run the gates of these names, or whose name contains one of them"
    )
    only = parser.parse_args().only
    gates = [gate for gate in GATES if not only or any(is_meant(word, gate) for word in only)]
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
