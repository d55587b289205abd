"""Processes that draw explorers. NumPy and matplotlib are imported only when there is something to draw."""

from __future__ import annotations

import gc
import importlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

CHUNK = 16


class Pool(ProcessPoolExecutor):
    """One process a processor; what waits is dropped when the build is interrupted."""

    def __init__(self) -> None:
        os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MPLBACKEND="agg")
        super().__init__(initializer=_begin)

    def __exit__(self, failure, *rest) -> None:
        self.shutdown(cancel_futures=failure is not None)

    def card(self, name: str) -> Future:
        """Draw the starting picture, and make the card of an explorer."""
        return self.submit(_card, name)

    def frames(self, name: str, size: int) -> Iterator[Future]:
        """Draw all frames of an explorer, some at a time."""
        for first in range(0, size, CHUNK):
            yield self.submit(_draw, name, first, min(first + CHUNK, size))


def _begin() -> None:
    """Import once, and let the collector of garbage never look at it again."""
    import mmlhelpers.explorers._frames  # noqa: F401  # it is kept in sys.modules

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build is told, and lets what is begun be finished
    gc.freeze()


def _card(name: str) -> dict:
    from mmlhelpers.explorers import _frames

    explorer = _load(name)
    return _frames.card(explorer, _frames.draw(explorer, explorer.start))


def _draw(name: str, first: int, last: int) -> list:
    from mmlhelpers.explorers import _frames

    explorer = _load(name)
    gc.disable()  # a figure is garbage only when its frame is done: look once, not hundreds of times
    try:
        return _frames.draw_all(explorer, list(explorer.grid())[first:last])
    finally:
        gc.enable()
        gc.collect()


def asset(name: str, frames: list) -> str:
    """Pack the frames of an explorer."""
    from mmlhelpers.explorers import _frames

    return _frames.asset(_load(name), frames)


def _load(name: str):
    section, _, function = name.partition(".")
    return getattr(importlib.import_module(f"mmlhelpers.explorers.{section}"), function)
