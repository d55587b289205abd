"""Run cases one after another, each in a process of its own, and store what they find."""

import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks import cases, machine, results
from benchmarks.harness import CASES, Disagreement, measure


def run(names: Iterable[str], seconds: float) -> bool:
    """Measure and store every case; print a line for each, and say whether all succeeded."""
    where, succeeded = machine.describe(), True
    fresh = multiprocessing.get_context("spawn")  # what one case loads or keeps must not slow the next
    with ProcessPoolExecutor(1, mp_context=fresh, max_tasks_per_child=1) as lane:
        futures = {name: lane.submit(record_of, name, where, seconds) for name in names}
        for name, future in futures.items():
            try:
                record = future.result()
            except (Disagreement, ImportError) as error:
                print(f"{name}: not measured. {error}", flush=True)
                succeeded = False
            else:
                results.merge([record])
                print(line(record), flush=True)
    return succeeded


def record_of(name: str, where: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Run one case and add what it was run on."""
    cases.load()
    one, load = CASES[name], machine.load()
    found = measure(one, seconds)
    limit = machine.share_of_limit(found.pop("work"), found["ours_s"], one.dtype, where)
    about = {"limit": limit, "machine": where, "load": load, "versions": machine.versions(one.package)}
    return found | about


def line(record: dict[str, Any]) -> str:
    """One record in one line."""
    low, high = record["spread"]
    verdict = "reached" if record["ratio"] <= record["goal"] else "MISSED"
    return (
        f"{record['name']:24} {record['ours_s']:9.3g} s, {record['peer']}: {record['peer_s']:.3g} s, "
        f"ratio {record['ratio']:.2f} ({low:.2f} to {high:.2f}), goal {record['goal']:.2f} {verdict}"
    )
