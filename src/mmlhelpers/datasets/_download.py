"""Fetching a published file when a reader asks: resumed after a break, checked before it is used."""

import http.client
import math
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from mmlhelpers._progress import track

CHUNK = 2**20  # bytes read at a time
PATIENCE = 30  # seconds without a byte until the connection counts as broken


class Remote(NamedTuple):
    """Where a file is published, its size in bytes, and its checksum as "algorithm:digits"."""

    url: str
    size: int
    checksum: str


def cache(name: str) -> Path:
    """Return the folder of the reader's cache for the files of a data set."""
    return Path(_pooch().os_cache("mmlhelpers")) / name


def fetch(remote: Remote, folder: Path) -> Path:
    """Return the path of the file in the folder, after downloading it if it is not there yet.

    A file with another checksum is deleted. What came before a break stays in a file that ends in .part, and
    the next call goes on from there.
    """
    name = remote.url.rpartition("/")[2]
    download = partial(_resume, part=folder / f"{name}.part", size=remote.size)
    try:
        path = _pooch().retrieve(remote.url, remote.checksum, name, folder, downloader=download)
    except ValueError:
        raise ValueError(
            f"{remote.url} gave another file than the one published (its checksum differs): it was deleted; "
            "try again, or get the file elsewhere and pass its path"
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionError(
            f"{remote.url} could not be downloaded ({error}): call again to go on from there, "
            "or get the file elsewhere and pass its path"
        ) from None
    return Path(path)


def _resume(url: str, target: str, _: Any, *, part: Path, size: int) -> None:
    """Download what is missing of the part, then put the whole where the checksum is tested."""
    have = part.stat().st_size if part.exists() else 0
    if have < size:
        request = Request(url, headers={"Range": f"bytes={have}-"})
        with urlopen(request, timeout=PATIENCE) as response:
            goes_on = response.status == http.HTTPStatus.PARTIAL_CONTENT
            chunks = iter(partial(response.read, CHUNK), b"")
            total = math.ceil((size - have * goes_on) / CHUNK)
            with part.open("ab" if goes_on else "wb") as file:
                for chunk in track(chunks, f"downloading {part.stem}, MB", total):
                    file.write(chunk)
                    if file.tell() > size:  # not the published file: leave the rest to the checksum
                        break
    if (have := part.stat().st_size) < size:
        raise ConnectionError(f"it broke off after {have} of {size} bytes")
    part.replace(target)


def _pooch() -> Any:
    """Import what knows where caches are and tests checksums, only when a reader asks for it."""
    try:
        import pooch  # type: ignore[import-untyped]  # pooch ships no types
    except ImportError as error:
        raise ImportError("downloads need pooch, which is not installed: run pip install pooch") from error
    return pooch
