"""Draw the frames of all explorers for the site, in parallel, and keep them in _build/explorers.

    python tools/build_explorers.py [--force] [--starts] [NAME ...]

writes for each explorer NAME.json, the card that its markup is made from, and NAME.js, the packed frames that
a page loads. Cards hold the starting picture and are drawn first, within seconds. Frames are drawn one
explorer after another and stored as soon as the last one is done, so that an interrupted run goes on where it
stopped. An explorer is redrawn when its function, a module of mmlhelpers that it uses, the house style or
NumPy, matplotlib, Pillow or scikit-learn changed; to find that out nothing is imported but the standard
library.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from explorer_keys import ROOT, explorer_keys
from explorer_pool import Pool, asset
from file_lock import alone

from mmlhelpers._progress import Progress

CACHE = ROOT / "_build" / "explorers"


def build(
    names: Sequence[str] = (),
    *,
    force: bool = False,
    starts: bool = False,
    stored: Callable[[Path], object] = lambda _script: None,
) -> list[str]:
    """Draw what is missing or out of date, with `starts` cards only; return one message for each failure.

    `stored` is called with each script of frames as soon as it is there.
    """
    with alone(CACHE / "lock"):  # two builds at once would draw everything twice
        keys = explorer_keys()
        for path in CACHE.glob("*.js*"):
            if path.stem not in keys:
                path.unlink()
        failures = [
            f"there is no explorer {name!r}; there are {', '.join(keys)}"
            for name in names
            if name not in keys
        ]
        wanted = {name: keys[name] for name in names or keys if name in keys}
        cards = {name: key for name, key in wanted.items() if force or card_key(name) != key}
        if cards:
            failures += _draw_starts(cards)
        frames = {
            name: key
            for name, key in wanted.items()
            if card_key(name) == key and (force or frames_key(name) != key)
        }
        return failures + (_draw_frames(frames, stored) if frames and not starts else [])


def undrawn() -> list[str]:
    """Names of the explorers whose frames are missing or out of date."""
    return [name for name, key in explorer_keys().items() if frames_key(name) != key]


def card_key(name: str) -> str | None:
    """The key with which the card of an explorer was made, if there is one."""
    card = CACHE / f"{name}.json"
    return json.loads(card.read_text(encoding="utf-8"))["key"] if card.exists() else None


def frames_key(name: str) -> str | None:
    """The key with which the frames of an explorer were drawn, if they are there; it is their first line."""
    script = CACHE / f"{name}.js"
    if not script.exists():
        return None
    with script.open(encoding="utf-8") as lines:
        return lines.readline().removeprefix("// ").strip()


def _draw_starts(keys: dict[str, str]) -> list[str]:
    failures = []
    with Pool() as pool, Progress("starting pictures of explorers", len(keys)) as progress:
        for name, job in [(name, pool.card(name)) for name in keys]:
            try:
                _write(f"{name}.json", json.dumps({"key": keys[name], **job.result()}, ensure_ascii=False))
            except Exception as error:
                failures.append(str(error))
            progress.step(doing=name)
    return failures


def _draw_frames(keys: dict[str, str], stored: Callable[[Path], object]) -> list[str]:
    failures = []
    sizes = {
        name: json.loads((CACHE / f"{name}.json").read_text(encoding="utf-8"))["frames"] for name in keys
    }
    with Pool() as pool, Progress("frames of explorers", sum(sizes.values())) as progress:
        # The pool takes them in this order, so one explorer is done after another.
        jobs = {name: list(pool.frames(name, size)) for name, size in sizes.items()}
        for name, parts in jobs.items():
            try:
                frames = []
                for part in parts:
                    frames += part.result()
                    progress.step(len(part.result()), doing=name)
                stored(_write(f"{name}.js", f"// {keys[name]}\n{asset(name, frames)}"))
            except Exception as error:
                failures.append(str(error))
            parts.clear()  # frames take memory
    return failures


def _write(name: str, text: str) -> Path:
    """Put a file in place in one step."""
    path = CACHE / name
    new = path.with_suffix(path.suffix + ".new")
    new.write_text(text, encoding="utf-8")
    return new.replace(path)


def main() -> int:
    """Build from the command line; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these explorers, e.g. linear_algebra.plane_map"
    )
    parser.add_argument("--force", action="store_true", help="draw again what has not changed")
    parser.add_argument("--starts", action="store_true", help="draw the starting pictures only")
    arguments = parser.parse_args()
    failures = build(arguments.names, force=arguments.force, starts=arguments.starts)
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
