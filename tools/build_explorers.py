"""Draw the frames of all explorers for the site, in parallel, and keep them in _build/explorers.

    python tools/build_explorers.py [--force] [NAME ...]

writes for each explorer NAME.js, the packed frames that a page loads, and NAME.json, the card its markup is
made from. An explorer is redrawn when its function, a module of mmlhelpers that it uses, the house style or
NumPy, matplotlib, Pillow or scikit-learn changed; to find that out nothing is imported but the standard
library.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from explorer_keys import ROOT, explorer_keys

CACHE = ROOT / "_build" / "explorers"
CHUNK = 8


def build(names: Sequence[str] = (), *, force: bool = False) -> list[str]:
    """Draw what is missing or out of date; return one message for each explorer that failed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        # Two builds at once would draw everything twice. This kind of lock is not passed on to the workers.
        fcntl.lockf(lock, fcntl.LOCK_EX)
        keys = explorer_keys()
        for path in CACHE.glob("*.js*"):
            if path.stem not in keys:
                path.unlink()
        unknown = [
            f"there is no explorer {name!r}; there are {', '.join(keys)}"
            for name in names
            if name not in keys
        ]
        stale = [
            name for name in names or keys if name in keys and (force or _stored_key(name) != keys[name])
        ]
        return unknown + (_draw_all(stale, keys) if stale else [])


def _draw_all(names: Sequence[str], keys: dict[str, str]) -> list[str]:
    from tqdm import tqdm

    os.environ.update(
        OPENBLAS_NUM_THREADS="1", MPLBACKEND="agg"
    )  # one process a processor is parallel enough
    failures = []
    with ProcessPoolExecutor() as pool:
        jobs: dict[str, list[Future]] = {}
        for name in names:
            try:
                size = _load(name).size
            except Exception as error:
                failures.append(str(error))
                continue
            jobs[name] = [
                pool.submit(_draw_some, name, i, min(i + CHUNK, size)) for i in range(0, size, CHUNK)
            ]
        everything = [job for parts in jobs.values() for job in parts]
        for _ in tqdm(
            as_completed(everything), "explorer frames", len(everything), unit_scale=CHUNK, unit="frame"
        ):
            pass
    for name, parts in jobs.items():
        error = next((job.exception() for job in parts if job.exception()), None)
        if error:
            failures.append(str(error))
            continue
        _store(name, keys[name], [frame for job in parts for frame in job.result()])
    return failures


def _draw_some(name: str, first: int, last: int) -> list:
    from mmlhelpers.explorers import _frames

    explorer = _load(name)
    return [_frames.draw(explorer, parameters) for parameters in list(explorer.grid())[first:last]]


def _load(name: str):
    section, _, function = name.partition(".")
    return getattr(importlib.import_module(f"mmlhelpers.explorers.{section}"), function)


def _store(name: str, key: str, frames: list) -> None:
    from mmlhelpers.explorers import _frames

    explorer = _load(name)
    start = frames[list(explorer.grid()).index(explorer.start)]
    script = _frames.asset(explorer, frames)
    card = {"key": key, "asset_bytes": len(script), **_frames.card(explorer, start)}
    # The card goes last: a build that is interrupted leaves no card that promises frames which are not there.
    for path, text in (
        (CACHE / f"{name}.js", script),
        (CACHE / f"{name}.json", json.dumps(card, ensure_ascii=False)),
    ):
        new = path.with_suffix(path.suffix + ".new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def _stored_key(name: str) -> str | None:
    card = CACHE / f"{name}.json"
    return json.loads(card.read_text(encoding="utf-8"))["key"] if card.exists() else None


def main() -> int:
    """Build from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these explorers, e.g. linear_algebra.plane_map"
    )
    parser.add_argument("--force", action="store_true", help="draw again what has not changed")
    arguments = parser.parse_args()
    failures = build(arguments.names, force=arguments.force)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
