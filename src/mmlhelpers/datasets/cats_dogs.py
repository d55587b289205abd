"""Photographs of cats and dogs: of CIFAR-10, of the Oxford-IIIT Pet data, of any folder of two classes."""

from os import PathLike
from pathlib import Path

import numpy as np

from mmlhelpers._checks import as_count
from mmlhelpers.datasets._download import Remote, cache, fetch
from mmlhelpers.datasets.pets import Pets

REMOTES = {
    "cifar10": (
        Remote(
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            170_052_171,
            "md5:c32a1d4ab5d03f1284b67883e8d87530",
        ),
    ),
    "oxford_pets": (
        Remote(
            "https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz",
            19_173_078,
            "sha256:52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91",
        ),
        Remote(
            "https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
            791_918_971,
            "sha256:67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d",
        ),
    ),
}


def load_cats_dogs(
    path: str | PathLike[str] | None = None,
    source: str = "folder",
    *,
    size: int = 32,
    download: bool = False,
) -> Pets:
    r"""Load photographs of cats and dogs, cropped to squares and made small.

    Parameters
    ----------
    path : str or PathLike, optional
        Folder where the photographs are: for "cifar10" the published archive, or what is in it; for
        "oxford_pets" both archives, or what is in them; for "folder" one folder for each of two classes.
        By default a folder in your cache.
    source : str
        "cifar10", "oxford_pets" or "folder".
    size : int
        Height and width of the pictures, in pixels.
    download : bool
        Whether to fetch the published files, unless they are there: 170 MB for "cifar10", 811 MB for
        "oxford_pets".

    Returns
    -------
    Pets
        `images` (n, size, size, 3) in float32, from 0 to 1; `labels` (n,), 0 for a cat and 1 for a dog, or
        0 and 1 for your two folders in alphabetical order; `factors`: "test", 1 for what is set aside for
        testing, and 0 otherwise (not for "folder"); "breed", 1 to 37 (for "oxford_pets"); "file", the name
        (not for "cifar10"). They come well mixed, in the same order every time, so that any part of them is
        a sample.

    Raises
    ------
    ValueError
        If `source` or `size` is none, a file is broken, or a folder holds something else.
    FileNotFoundError
        If the files are not there and no download was asked for.
    ConnectionError
        If a download breaks off; the next call goes on from there.
    ImportError
        If a download is asked for, and pooch is not installed.

    Notes
    -----
    The largest square in the middle is kept, and a pixel of the small picture is the mean over those it
    covers. Archives are read without being unpacked, and pickles without being run. A download is compared
    with its published checksum; another file is deleted. CIFAR-10 has 10,000 training and 2,000 test pictures
    of cats and dogs, Oxford-IIIT Pet 3,680 and 3,669 photographs of 12 breeds of cats and 25 of dogs.

    References
    ----------
    Krizhevsky (2009), Learning multiple layers of features from tiny images. Parkhi, Vedaldi, Zisserman and
    Jawahar (2012), Cats and dogs, doi:10.1109/CVPR.2012.6248092.

    Examples
    --------
    >>> photos = load_cats_dogs(source="cifar10", download=True)  # doctest: +SKIP
    >>> photos.images.shape  # doctest: +SKIP
    (12000, 32, 32, 3)
    """
    from mmlhelpers.datasets._readers import READERS  # it brings Pillow, which only photographs need

    if source not in READERS:
        raise ValueError(f"source must be one of {', '.join(READERS)}, got {source!r}")
    size = as_count(size, "size", 1)
    if source not in REMOTES and (download or path is None):
        raise ValueError("source 'folder' reads pictures of your own: path must say where they are")
    folder = Path(path) if path is not None else cache(source)
    if download:
        for remote in REMOTES[source]:
            fetch(remote, folder)
    if not folder.exists():
        hint = "pass download=True to fetch it" if source in REMOTES else "check path"
        raise FileNotFoundError(f"there is no {folder}: {hint}")
    images, labels, factors = READERS[source](folder, size)
    photos = Pets(
        np.array(images, np.float32) / np.float32(255),
        np.array(labels, np.int64),
        {name: np.array(values) for name, values in factors.items()},
    )
    return photos.take(np.random.default_rng(0).permutation(len(labels)))
