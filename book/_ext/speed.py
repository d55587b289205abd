"""Numbers of the page on speed, from the stored measurements in ``benchmarks/results.json``.

A page may write ``{{ speed NAME }}``; the names are those of the functions in ``PIECES``, each of which turns
the records into Markdown. No number of a measurement is typed anywhere else.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "results.json"
MARK = re.compile(r"\{\{ speed (\w+) \}\}")
Records = list[dict[str, Any]]


def count(records: Records) -> str:
    """How many comparisons there are, in how many the package is the faster, and how many goals are met."""
    faster = sum(record["ratio"] < 1 for record in records)
    met = sum(record["ratio"] <= record["goal"] for record in records)
    return (
        f"Of {len(records)} comparisons, the package needs less time than its peer in {faster} and more in "
        f"{len(records) - faster}; {met} reach the goal that was set before."
    )


def table(records: Records) -> str:
    """All ratios, the smallest first."""
    head = ["| work, and beside whom | ratio | goal |", "|---|---|---|"]
    rows = [
        f"| {heading(record)}: {duration(record['ours_s'])}; {record['peer']}: {duration(record['peer_s'])} "
        f"| {ratio(record)} | {record['goal']:.2f} {'reached' if reached(record) else '**missed**'} |"
        for record in sorted(records, key=lambda record: record["ratio"])
    ]
    return "\n".join(head + rows)


def slower(records: Records) -> str:
    """The comparisons that the peer wins, the worst first."""
    lost = sorted((record for record in records if record["ratio"] >= 1), key=lambda record: -record["ratio"])
    lines = [
        f"- {heading(record)}: {record['peer']} needs {duration(record['peer_s'])}, "
        f"the package {duration(record['ours_s'])}."
        for record in lost
    ]
    return "\n".join(lines) or "In this measurement there is none."


def missed(records: Records) -> str:
    """The goals that were not reached though the peer is not faster."""
    lines = [
        f"- {heading(record)}: {record['ratio']:.2g} times as long as {record['peer']}, where "
        f"{record['goal']:.2g} was wanted."
        for record in sorted(records, key=lambda record: record["ratio"] / record["goal"])
        if record["goal"] < record["ratio"] < 1
    ]
    return "\n".join(lines) or "There is none."


def decides(records: Records) -> str:
    """For each work what decides, the share of what the machine can do, and how well the results agree."""
    works: dict[str, Records] = {}
    for record in sorted(records, key=lambda record: (record["title"], record["n"], record["peer"])):
        works.setdefault(heading(record), []).append(record)
    return "\n\n".join(f"**{work}**\n: {explanation(beside)}" for work, beside in works.items())


def machine(records: Records) -> str:
    """What was measured on, as sentences; spans where runs differ."""
    machines = [record["machine"] for record in records]
    names = sorted({f"{m['processor']}, {m['processors']} processors, {m['system']}" for m in machines})
    blas = sorted({m["blas"] for m in machines})
    single = span([m["gemm_flops"]["float32"] / 1e9 for m in machines])
    double = span([m["gemm_flops"]["float64"] / 1e9 for m in machines])
    memory = span([m["bandwidth"] / 1e9 for m in machines])
    load = span([record["load"] for record in records])
    return (
        f"Machine: {'; '.join(names)}. NumPy's linear algebra: {'; '.join(blas)}. On one thread "
        f"it multiplies matrices at {single} billion operations a second in float32 and {double} in "
        f"float64, and copies memory at {memory} GB/s. When a case began, {load} programs on average were "
        f"running or waiting for a processor. Versions: {versions(records)}."
    )


PIECES: dict[str, Callable[[Records], str]] = {
    piece.__name__: piece for piece in (count, table, slower, missed, decides, machine)
}


def heading(record: dict[str, Any]) -> str:
    return f"{record['title']}, {record['n']}, {record['dtype']}"


def explanation(beside: Records) -> str:
    """What is to be said of one work beside one or several peers."""
    sentences = [record["decides"] for record in beside]
    sentences += [
        f"{record['limit']['share']:.0%} of the machine's rate of {record['limit']['of']}."
        for record in beside[:1]
        if record["limit"]
    ]
    sentences += [
        f"Beside {record['peer']}: {record['accuracy']['means']} {power(record['accuracy']['difference'])}, "
        f"at most {power(record['accuracy']['tolerance'])} allowed."
        for record in beside
    ]
    return " ".join(dict.fromkeys(sentences)).replace("%", " %")


def power(number: float) -> str:
    """Write a small number with one digit and a power of ten."""
    digit, exponent = f"{number:.0e}".split("e")
    return f"${digit} \\cdot 10^{{{int(exponent)}}}$" if number else "$0$"


def reached(record: dict[str, Any]) -> bool:
    return record["ratio"] <= record["goal"]


def ratio(record: dict[str, Any]) -> str:
    low, high = record["spread"]
    return f"{record['ratio']:.2f} ({low:.2f} to {high:.2f})"


def duration(seconds: float) -> str:
    """Write a time with two digits or more, in the unit that fits."""
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g}\N{NO-BREAK SPACE}{unit}"
    return f"{seconds / 1e-6:.3g}\N{NO-BREAK SPACE}µs"


def span(numbers: list[float]) -> str:
    low, high = f"{min(numbers):.3g}", f"{max(numbers):.3g}"
    return low if low == high else f"{low} to {high}"


def versions(records: Records) -> str:
    found = sorted({f"{name} {number}" for record in records for name, number in record["versions"].items()})
    return ", ".join(found)


def fill(text: str, records: Records) -> str:
    """Put the pieces in their places; a name that does not exist is refused."""
    if unknown := set(MARK.findall(text)) - PIECES.keys():
        raise ExtensionError(f"no piece on speed is called {sorted(unknown)}; there are: {', '.join(PIECES)}")
    return MARK.sub(lambda found: PIECES[found[1]](records), text)


def read(app, docname, source):
    if MARK.search(source[0]):
        app.env.note_dependency(str(FILE))
        source[0] = fill(source[0], json.loads(FILE.read_text(encoding="utf-8")))


def setup(app):
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
