"""The stored measurements: one record a comparison, in `results.json`, sorted by name."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("results.json")

NUMBER = (int, float)
SCHEMA: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "title": str,
    "n": str,
    "dtype": str,
    "threads": int,
    "ours_s": NUMBER,
    "peer": str,
    "peer_s": NUMBER,
    "ratio": NUMBER,
    "spread": list,
    "pairs": int,
    "goal": NUMBER,
    "accuracy": dict,
    "limit": (dict, type(None)),
    "decides": str,
    "machine": dict,
    "load": NUMBER,
    "versions": dict,
}


def problems(record: dict[str, Any]) -> list[str]:
    """Say in words what is wrong with a record; nothing if it is complete and makes sense."""
    wrong = [f"{key} is missing or of the wrong type" for key in SCHEMA if not _fits(record, key)]
    wrong += [f"{key} is unknown" for key in record.keys() - SCHEMA.keys()]
    if wrong:
        return wrong
    low, high = record["spread"]
    checks = {
        "times and goal are above 0": min(record["ours_s"], record["peer_s"], record["goal"]) > 0,
        "the median lies between the quartiles": 0 < low <= record["ratio"] <= high,
        "both ways did the same work": record["accuracy"]["difference"] <= record["accuracy"]["tolerance"],
        "the share of a limit is above 0": record["limit"] is None or record["limit"]["share"] > 0,
        "there are enough pairs": record["pairs"] >= 7,
    }
    return [f"not so: {sentence}" for sentence, holds in checks.items() if not holds]


def read(path: Path = FILE) -> list[dict[str, Any]]:
    """Read all records; none if the file is not there yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def merge(records: Iterable[dict[str, Any]], path: Path = FILE) -> None:
    """Put records in the place of those with the same names; the others stay."""
    new = {record["name"]: record for record in records}
    for name, record in new.items():
        if wrong := problems(record):
            raise ValueError(f"record {name!r} is not stored: {'; '.join(wrong)}")
    merged = {record["name"]: record for record in read(path)} | new
    text = json.dumps([merged[name] for name in sorted(merged)], indent=1, ensure_ascii=False)
    draft = path.with_suffix(".draft")
    draft.write_text(text + "\n", encoding="utf-8")
    os.replace(draft, path)  # a run that is interrupted leaves the old file whole


def _fits(record: dict[str, Any], key: str) -> bool:
    return key in record and isinstance(record[key], SCHEMA[key]) and not isinstance(record[key], bool)
