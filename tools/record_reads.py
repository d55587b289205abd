"""A plugin of pytest: keep which files of the repository each test file read, and if it started programs.

What a test imports is found by reading the source (see `imports`); this finds the rest: texts, notebooks,
data, folders that were listed. Programs that a test starts read unseen: such a test file says what they read
in a list READS of patterns, or counts as reading everything.
"""

import json
import os
import sys
from pathlib import Path

import pytest
from verdicts import BUILT, ROOT, name

OPENED = {"open": 0, "os.listdir": 0, "os.scandir": 0}  # audited event: which of its arguments is the path
STARTED = {"subprocess.Popen", "os.posix_spawn", "os.exec"}
EVERYTHING = "."


class Recorder:
    """What is read while each test file is collected and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reads: dict[str, set[str]] = {}
        self.unit: str | None = None
        sys.addaudithook(self.notice)

    def notice(self, event: str, arguments: tuple) -> None:
        """Keep what the present test file reads; called for every event that Python audits."""
        if self.unit is None or (event not in OPENED and event not in STARTED):
            return
        found = self.reads.setdefault(self.unit, set())
        if event in STARTED:
            found.add(EVERYTHING)
        elif isinstance(path := arguments[OPENED[event]], str | bytes | os.PathLike):
            place = os.path.relpath(os.path.abspath(os.fsdecode(path)), ROOT)
            if not place.startswith("..") and not set(Path(place).parts) & BUILT:
                found.add(place)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector):
        """While a file is collected, what is read is its own."""
        before, self.unit = self.unit, unit(collector.path) if isinstance(collector, pytest.File) else None
        try:
            return (yield)
        finally:
            self.unit = before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item):
        """While a test runs, what is read is its file's."""
        self.unit = unit(item.path)
        self.reads.setdefault(self.unit, set())
        try:
            return (yield)
        finally:
            self.unit = None

    def pytest_sessionfinish(self) -> None:
        """Write down what was read; with several workers, each writes its own."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        found = {name: sorted(paths) for name, paths in self.reads.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{worker}.json").write_text(json.dumps(found), encoding="utf-8")


def unit(path: Path) -> str:
    """The name of a test file."""
    return name(path)


def pytest_configure(config: pytest.Config) -> None:
    """Record only where a folder for it is named."""
    if folder := os.environ.get("MML_READS"):
        config.pluginmanager.register(Recorder(Path(folder)), "reads")
