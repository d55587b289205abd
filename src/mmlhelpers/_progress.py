"""A progress bar for long loops that a reader starts; nothing of it reaches a built page."""

import os
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def track(iterable: Iterable[Item], description: str, total: int | None = None) -> Iterable[Item]:
    """Yield the items of a loop and show how far it is, once it has run for a second.

    Silent where the environment variable ``MML_STATIC`` is set to something other than 0, as in the book's
    build, and where tqdm is not installed.
    """
    if os.environ.get("MML_STATIC", "0") not in ("", "0"):
        return iterable
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]  # tqdm ships no types
    except ImportError:
        return iterable
    bar: Iterable[Item] = tqdm(iterable, desc=description, total=total, delay=1.0, leave=False)
    return bar
