"""How far a long loop is; nothing of it reaches a built page."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any, Self, TypeVar

Item = TypeVar("Item")
#: Seconds between two lines where there is no terminal.
PAUSE = 5.0


class Progress:
    """A bar on a terminal and in a notebook; elsewhere, as in a log file, one plain line every few seconds.

    What is done in less than a second shows no bar, and in less than `PAUSE` no line.

    Parameters
    ----------
    description : str
        What is being done.
    total : int, optional
        How many steps there are, if that is known.
    """

    def __init__(self, description: str, total: int | None = None) -> None:
        self.description, self.total, self.done = description, total, 0
        self._began = self._said = time.monotonic()
        self._bar = _bar(description, total) if _shows_bars() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, steps: int = 1, doing: str = "") -> None:
        """Count steps that are done, and say what is being done now."""
        self.done += steps
        if self._bar is not None:
            if doing:
                self._bar.set_postfix_str(doing, refresh=False)
            self._bar.update(steps)
        elif time.monotonic() - self._said >= PAUSE:
            self._said = time.monotonic()
            print(self._line(self._said - self._began, doing), file=sys.stderr, flush=True)

    def _line(self, seconds: float, doing: str) -> str:
        counted = f"{self.done} of {self.total}" if self.total else f"{self.done}"
        left = f", about {_duration(seconds * (self.total / self.done - 1))} left" if self.total else ""
        return f"{self.description}: {counted} after {_duration(seconds)}{left}{doing and f' ({doing})'}"


def track(iterable: Iterable[Item], description: str, total: int | None = None) -> Iterable[Item]:
    """Yield the items of a loop and show how far it is, once it has run for a while.

    Silent where the environment variable ``MML_STATIC`` is set to something other than 0, as in the book's
    build.
    """
    if os.environ.get("MML_STATIC", "0") not in ("", "0"):
        return iterable
    if total is None and isinstance(iterable, Sized):
        total = len(iterable)
    return _tracked(iterable, description, total)


def _tracked(iterable: Iterable[Item], description: str, total: int | None) -> Iterator[Item]:
    with Progress(description, total) as progress:
        for item in iterable:
            yield item
            progress.step()


def _bar(description: str, total: int | None) -> Any:
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]  # tqdm ships no types
    except ImportError:
        return None
    return tqdm(desc=description, total=total, delay=1.0, leave=False)


def _shows_bars() -> bool:
    """Whether there is something that can draw over a line: a terminal, or a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return sys.stderr.isatty() or hasattr(shell, "kernel")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
