"""The data sets of the book: pictures and tables that come with scikit-learn, and one small invented table.

Nothing here reads the network. Every function returns the same numbers on every call.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import Array, Mask, as_count

PHOTOS = ("china", "flower")
LUMINANCE = np.array([0.299, 0.587, 0.114])  # weights of red, green and blue, as in ITU-R BT.601


class Table(NamedTuple):
    """Samples as rows of `X` (n, d), their classes or scores `y` (n,), names, and where they come from."""

    X: Array
    y: NDArray[np.int64]
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str


class Ratings(NamedTuple):
    """Half-star ratings `R`, where they are `known`, and the `truth` behind them; all of shape (8, 8)."""

    R: Array
    known: Mask
    truth: Array
    readers: tuple[str, ...]
    titles: tuple[str, ...]


def photo(name: str = "china", shape: tuple[int, int] | None = None, gray: bool = True) -> Array:
    r"""Load a photograph as numbers from 0 (black) to 1 (white).

    Parameters
    ----------
    name : str
        Either "china" or "flower".
    shape : tuple of int, optional
        Height and width in pixels, at most the original (427, 640), which is the default.
    gray : bool
        Whether to return brightness only; otherwise red, green and blue.

    Returns
    -------
    (height, width) ndarray, or (height, width, 3) if not `gray`
        Brightness, from 0 to 1.

    Raises
    ------
    ValueError
        If there is no photograph of that name, or `shape` is larger than it.

    Notes
    -----
    Each pixel of a smaller picture is the mean over the box of original pixels it covers, parts of pixels
    included, so the mean brightness stays the same. Another proportion than 2 : 3 distorts the picture.
    Brightness is 0.299 red + 0.587 green + 0.114 blue.

    References
    ----------
    china.jpg by danielbuechele and flower.jpg by vultilion, both CC BY 2.0, as shipped with scikit-learn.

    Examples
    --------
    >>> photo("china", shape=(64, 96)).shape
    (64, 96)
    """
    if name not in PHOTOS:
        raise ValueError(f"name must be one of {', '.join(PHOTOS)}, got {name!r}")
    pixels: Array = _bundled().load_sample_image(f"{name}.jpg") / 255
    if gray:
        pixels = pixels @ LUMINANCE
    if shape is None:
        return pixels
    if np.shape(shape) != (2,):
        raise ValueError(f"shape must be a pair (height, width), got {shape!r}")
    (height, width), (tall, wide) = shape, pixels.shape[:2]
    rows = _box_means(as_count(height, "shape[0]", 1, tall), tall)
    columns = _box_means(as_count(width, "shape[1]", 1, wide), wide)
    small: Array = np.einsum("ia,ab...,jb->ij...", rows, pixels, columns, optimize=True)
    return small


def digits() -> Table:
    """Load 1797 handwritten digits of 8 by 8 pixels.

    Returns
    -------
    Table
        `X` (1797, 64), the pixels row by row, from 0 (paper) to 16 (ink); `y` (1797,), the digit.

    Notes
    -----
    Exact: whole numbers. Reshape a row to (8, 8) to see the digit.

    References
    ----------
    Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning Repository,
    doi:10.24432/C50P49; the test part, as bundled with scikit-learn.

    Examples
    --------
    >>> digits().X.shape
    (1797, 64)
    """
    return _table(_bundled().load_digits())


def wine() -> Table:
    """Load the chemical analysis of 178 wines from three growers.

    Returns
    -------
    Table
        `X` (178, 13), a measured quantity a column, each in its own unit; `y` (178,), the grower, 0 to 2.

    Notes
    -----
    As recorded, not standardised: the columns differ in scale by a factor of thousands.

    References
    ----------
    Aeberhard and Forina (1992), Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J; as bundled with
    scikit-learn.

    Examples
    --------
    >>> wine().feature_names[:2]
    ('alcohol', 'malic_acid')
    """
    return _table(_bundled().load_wine())


def iris() -> Table:
    """Load four measurements of 150 iris flowers of three species.

    Returns
    -------
    Table
        `X` (150, 4), lengths and widths of sepal and petal in centimetres; `y` (150,), the species, 0 to 2.

    Notes
    -----
    As recorded, 50 flowers of each species.

    References
    ----------
    Fisher (1936), The use of multiple measurements in taxonomic problems,
    doi:10.1111/j.1469-1809.1936.tb02137.x; as bundled with scikit-learn.

    Examples
    --------
    >>> iris().target_names
    ('setosa', 'versicolor', 'virginica')
    """
    return _table(_bundled().load_iris())


def breast_cancer() -> Table:
    """Load measurements of cell nuclei from 569 breast tumours.

    Returns
    -------
    Table
        `X` (569, 30), a measured quantity a column, each in its own unit; `y` (569,), 0 for a malignant
        tumour and 1 for a benign one.

    Notes
    -----
    As recorded, not standardised: 212 malignant, 357 benign.

    References
    ----------
    Wolberg, Mangasarian, Street and Street (1995), Breast Cancer Wisconsin (Diagnostic), UCI Machine
    Learning Repository, doi:10.24432/C5DW2B; as bundled with scikit-learn.

    Examples
    --------
    >>> breast_cancer().target_names
    ('malignant', 'benign')
    """
    return _table(_bundled().load_breast_cancer())


def diabetes() -> Table:
    """Load ten measurements of 442 diabetes patients, and how the disease went on within a year.

    Returns
    -------
    Table
        `X` (442, 10), each column with mean 0 and sum of squares 1, dimensionless; `y` (442,), a score of
        the progression, whole numbers from 25 to 346. There are no classes, so `target_names` is empty.

    Notes
    -----
    The columns come scaled like this; a coefficient is the change of the score over a whole column length.

    References
    ----------
    Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression, doi:10.1214/009053604000000067;
    as bundled with scikit-learn.

    Examples
    --------
    >>> diabetes().feature_names[:4]
    ('age', 'sex', 'bmi', 'bp')
    """
    return _table(_bundled().load_diabetes())


def ratings() -> Ratings:
    """Return how eight readers rated eight books: all of it made up for this book.

    Returns
    -------
    Ratings
        `R` (8, 8), a reader a row and a title a column: ratings from 1 to 5 in half stars, and 0 where
        `known` (8, 8) is False; `truth` (8, 8), the ratings before rounding and hiding, of rank 2.

    Notes
    -----
    Neither the readers nor the books exist. A rating is `generosity * quality + taste * genre`: how kindly
    the reader rates times how good the book is, plus how much the reader prefers adventure (1) to quiet
    (-1) times how adventurous the book is. The four numbers are drawn uniformly with a fixed seed, then each
    reader's opinion of two titles is hidden.

    Examples
    --------
    >>> R, known, truth, readers, titles = ratings()
    >>> R.shape, int(known.sum())
    ((8, 8), 48)
    """
    readers = ("Amara", "Bram", "Chloe", "Darius", "Elif", "Fumiko", "Goran", "Hana")
    titles = (
        "Storm over Kestrel Bay",
        "The Salt Road",
        "Nine Lanterns North",
        "A Compass of Wolves",
        "Letters to a Gardener",
        "The Quiet Orchard",
        "Tea at Half Past Rain",
        "An Inventory of Sundays",
    )
    rng = np.random.default_rng(15)
    generosity, taste = rng.uniform(0.9, 1.1, 8), rng.uniform(-1.0, 1.0, 8)
    quality, adventure = rng.uniform(2.5, 3.4, 8), rng.uniform(0.4, 1.2, 8)
    genre = adventure * np.repeat([1.0, -1.0], 4)  # the first four titles are the adventures
    truth = np.outer(generosity, quality) + np.outer(taste, genre)
    known = rng.permuted(np.tile(np.arange(8) >= 2, (8, 1)), axis=1)
    return Ratings(np.where(known, np.round(2 * truth) / 2, 0.0), known, truth, readers, titles)


def _bundled() -> Any:
    """Import what brings the real data, only when a reader asks for it."""
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError(
            "this data set comes with scikit-learn, which is not installed: run pip install scikit-learn"
        ) from error
    return datasets


def _table(bunch: Any) -> Table:
    """Put a data set of scikit-learn into the form of the book."""
    return Table(
        bunch.data.astype(np.float64),
        bunch.target.astype(np.int64),
        tuple(bunch.feature_names),
        tuple(str(name) for name in getattr(bunch, "target_names", ())),
        bunch.DESCR,
    )


def _box_means(n_boxes: int, n: int) -> Array:
    """Return the matrix (n_boxes, n) that averages n numbers over n_boxes boxes of equal length."""
    edges = np.linspace(0, n, n_boxes + 1)[:, None]
    first, last = np.maximum(edges[:-1], np.arange(n)), np.minimum(edges[1:], np.arange(1, n + 1))
    overlap: Array = np.maximum(last - first, 0.0)
    return overlap * n_boxes / n
