"""One process at a time: a lock on a file that ends with its process, on Linux, macOS and Windows."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None
    import msvcrt


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in this block with the same path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        if fcntl:
            fcntl.lockf(file, fcntl.LOCK_EX)  # this kind is not passed on to processes started inside
        else:
            while not _taken(file.fileno()):
                pass
        yield  # closing the file gives the lock back


def _taken(descriptor: int) -> bool:
    """Try for ten seconds, as long as Windows waits by itself."""
    try:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    except OSError:
        return False
    return True
