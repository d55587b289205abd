"""Reading photographs in the forms in which they are published: archives, batches, lists, folders.

Each reader returns the pictures (size, size, 3), their labels and their factors. Archives are read without
being unpacked, pickles without being run.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from mmlhelpers._progress import track
from mmlhelpers.datasets._pickles import read_batch

Found = tuple[list[NDArray[np.uint8]], Sequence[int], dict[str, Sequence[Any]]]

CIFAR_SIZE = 32  # pixels along a side
CIFAR_WIDTH = 3 * CIFAR_SIZE**2  # bytes of a picture
CIFAR_CLASSES = (3, 5)  # cat, dog
CIFAR_FORMS = (
    "cifar-10-binary.tar.gz",
    "cifar-10-batches-bin",
    "cifar-10-python.tar.gz",
    "cifar-10-batches-py",
)
PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"}


def _read_cifar10(folder: Path, size: int) -> Found:
    """Read the cats and dogs among the batches, in their binary or their Python form."""
    images, labels, test = [], [], []
    for name, data in _files(_one_of(folder, *CIFAR_FORMS), _is_batch):
        if not name.endswith(".bin"):
            rows, classes = read_batch(data, CIFAR_WIDTH)
        elif len(data) % (1 + CIFAR_WIDTH) == 0:
            records = np.frombuffer(data, np.uint8).reshape(-1, 1 + CIFAR_WIDTH)
            rows, classes = records[:, 1:], records[:, 0].tolist()
        else:
            raise ValueError(f"{name} is cut off: delete it, then download it again")
        rows = rows[np.isin(classes, CIFAR_CLASSES)]
        images += list(rows.reshape(-1, 3, CIFAR_SIZE, CIFAR_SIZE).transpose(0, 2, 3, 1))
        labels += [CIFAR_CLASSES.index(c) for c in classes if c in CIFAR_CLASSES]
        test += [int(name.startswith("test"))] * len(rows)
    if not images:
        raise ValueError(f"there are no cats and dogs of CIFAR-10 in {folder}: download it again")
    if size != CIFAR_SIZE:
        images = [_square(Image.fromarray(image), size) for image in images]
    return images, labels, {"test": test}


def _is_batch(name: str) -> bool:
    """Tell whether a file holds pictures of CIFAR-10."""
    return name.removesuffix(".bin") in {"test_batch", *(f"data_batch_{i}" for i in range(1, 6))}


def _read_oxford_pets(folder: Path, size: int) -> Found:
    """Read the photographs that the list of the Oxford-IIIT Pet data names."""
    annotations = _one_of(folder, "annotations.tar.gz", "annotations")
    texts = dict(_files(annotations, {"list.txt", "test.txt"}.__contains__))
    if len(texts) < 2:
        raise ValueError(f"list.txt and test.txt must both be among the annotations, in {annotations}")
    listed, tested = (
        [line.split() for line in texts[name].decode().splitlines() if line.strip()] for name in sorted(texts)
    )
    # A line is a name, a breed from 1 to 37, a species (1 a cat, 2 a dog), and the breed within the species.
    known = {line[0]: (int(line[1]), int(line[2]) - 1) for line in listed if line[0][0] != "#"}
    for_testing = {line[0] for line in tested}
    pictures = _files(
        _one_of(folder, "images.tar.gz", "images"),
        lambda name: name.endswith(".jpg") and PurePath(name).stem in known,
    )
    found = {
        PurePath(name).stem: _open(io.BytesIO(data), name, size)
        for name, data in track(pictures, "reading photographs", len(known))
    }
    if missing := known.keys() - found.keys():
        raise ValueError(
            f"{len(missing)} listed pictures are missing in {folder}, {min(missing)}.jpg among them"
        )
    breeds, labels = zip(*(known[name] for name in found), strict=True)
    factors = {"test": [int(name in for_testing) for name in found], "breed": breeds, "file": list(found)}
    return list(found.values()), labels, factors


def _read_folder(folder: Path, size: int) -> Found:
    """Read the pictures of two folders; the one whose name comes first is class 0."""
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if len(classes) != 2:
        names = ", ".join(entry.name for entry in classes) or "none"
        raise ValueError(f"{folder} must hold two folders, one for each class, got {names}")
    files = [(label, file) for label, entry in enumerate(classes) for file in _pictures(entry)]
    images = [_open(file, str(file), size) for _, file in track(files, "reading photographs")]
    return images, [label for label, _ in files], {"file": [file.name for _, file in files]}


def _pictures(folder: Path) -> list[Path]:
    """List the pictures of a class."""
    files = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in PICTURES]
    if not files:
        raise ValueError(
            f"{folder} holds no pictures, that is, files ending in {', '.join(sorted(PICTURES))}"
        )
    return files


def _open(file: Path | io.BytesIO, name: str, size: int) -> NDArray[np.uint8]:
    """Read a picture as camera and photographer meant it: upright, red, green and blue."""
    try:
        with Image.open(file) as image:
            image.draft("RGB", (2 * size, 2 * size))  # JPEG: skip details that averaging would remove
            return _square(ImageOps.exif_transpose(image).convert("RGB"), size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{name} cannot be read as a picture ({error}): remove or replace the file"
        ) from None


def _square(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """Crop to the largest square in the middle, and average over boxes."""
    return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BOX))


def _one_of(folder: Path, *names: str) -> Path:
    """Return the first of the named files and folders that there is; it may be the path itself."""
    if folder.name in names:
        return folder
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(
        f"there is no {' or '.join(names)} in {folder}: check path, or pass download=True"
    )


def _files(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of files in a folder or an archive, which is not unpacked."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if wanted(file.name) and file.is_file():
                yield file.name, file.read_bytes()
        return
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                content = archive.extractfile(member) if wanted(PurePath(member.name).name) else None
                if content:
                    yield PurePath(member.name).name, content.read()
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is no whole archive ({error}): delete it, then download it again") from None


READERS = {"cifar10": _read_cifar10, "oxford_pets": _read_oxford_pets, "folder": _read_folder}
