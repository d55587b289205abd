"""What was found out before: verdicts, each kept under the hash of all that it depends on.

A gate asks `Verdicts.known` before it runs something and calls `passed` after it. Only success is kept: what
failed runs again. The environment variable FRESH=1 ignores what is known (and still keeps what is found).
"""

import datetime
import fnmatch
import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from file_lock import alone

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / "_build" / "verdicts.json"
BUILT = {"_build", ".venv", ".git", "__pycache__", "node_modules", ".ruff_cache", ".ipynb_checkpoints"}


class Verdicts:
    """The verdicts of one gate, by name of the unit."""

    def __init__(self, gate: str, store: Path | None = None) -> None:
        self.gate = gate
        self.store = store or STORE
        fresh = os.environ.get("FRESH", "0") not in {"", "0"}
        self.kept = {} if fresh else read(self.store).get(gate, {})

    def known(self, unit: str, key: str) -> str | None:
        """Since when a unit is known to pass with this key, or None."""
        kept = self.kept.get(unit)
        return kept["since"] if kept and kept["key"] == key else None

    def passed(self, keys: dict[str, str]) -> None:
        """Keep, in one step, that units pass with these keys; other gates may do so at the same time."""
        with alone(self.store.with_suffix(".lock")):
            everything = read(self.store)
            now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
            for unit, key in keys.items():
                everything.setdefault(self.gate, {})[unit] = {"key": key, "since": now}
            part = self.store.with_suffix(".part")
            part.write_text(json.dumps(everything, indent=0), encoding="utf-8")
            part.replace(self.store)
        self.kept |= read(self.store).get(self.gate, {})


def read(store: Path) -> dict:
    """All verdicts of a store; a store that is missing or torn knows nothing."""
    try:
        return json.loads(store.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def key(*parts: object) -> str:
    """One hash of texts, of files (by their contents and names) and of whatever has a short text form."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update((name(part) if isinstance(part, Path) else str(part)).encode() + b"\0")
        if isinstance(part, Path):
            digest.update(contents(part))
    return digest.hexdigest()


def files_key(paths: Iterable[Path], *more: object) -> str:
    """One hash of several files, whatever their order."""
    return key(*sorted(set(paths)), *more)


def name(path: Path) -> str:
    """The name of a file within the repository, so that a moved checkout keeps its verdicts."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def contents(path: Path) -> bytes:
    """The hash of a file, or the names in a folder; what is missing has a hash of its own."""
    if path.is_dir():
        return "\0".join(sorted(entry.name for entry in path.iterdir() if entry.name not in BUILT)).encode()
    try:
        state = path.stat()
    except FileNotFoundError:
        return b"missing"
    return hashed(path, state.st_mtime_ns, state.st_size)


@functools.cache
def hashed(path: Path, changed: int, size: int) -> bytes:
    """The hash of a file as it was when it was last changed."""
    return hashlib.sha256(path.read_bytes()).digest()


def is_cut(folder: Path) -> bool:
    """Whether a folder holds the pages that are cut from a chapter for the site."""
    return folder.parent == ROOT / "notebooks" and re.match(r"\d\d_", folder.name) is not None


def tree(*patterns: str) -> list[Path]:
    """The files of the repository that fit a pattern; what is built or installed is none of them."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(entry for entry in set(folders) - BUILT if not is_cut(Path(folder, entry)))
        found += [Path(folder, entry) for entry in sorted(names)]
    return [path for path in found if any(fnmatch.fnmatch(name(path), pattern) for pattern in patterns)]


@functools.cache
def tools() -> str:
    """The hash of what every gate stands on: the lock, and the versions that are installed."""
    installed = sorted(f"{found.name}=={found.version}" for found in importlib.metadata.distributions())
    return key(ROOT / "requirements-dev.txt", ROOT / "pyproject.toml", platform.python_version(), *installed)
