"""The numbers of a model: one flat buffer, and named views into it."""

import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mmlhelpers._checks import as_count

Numbers = NDArray[Any]  # float32 or float64, as the parameters are
Shapes = Mapping[str, tuple[int, ...]]

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
_MOST = np.iinfo(np.intp).max // 8  # numbers in one array


class Parameters(Mapping[str, Numbers]):
    r"""Named arrays side by side in one flat buffer, and a second buffer of that form for gradients.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        Name and shape of each array of parameters, in the order of the buffer.
    dtype : dtype
        Precision: float32 or float64.
    statistics : dict of str to tuple of int, optional
        Name and shape of further arrays that belong to the model but are not trained, such as running means.

    Attributes
    ----------
    flat : (p,) ndarray
        All parameters; zero at first.
    gradient : (p,) ndarray
        The gradient of the loss by each of them.
    state : (p + s,) ndarray
        The parameters and then the statistics: all that has to be kept to keep the model.

    Raises
    ------
    ValueError
        If `dtype` is neither float32 nor float64, a name stands twice, or no array can hold so many numbers.

    Notes
    -----
    The named arrays are views, made once: writing to `flat` changes them, and an optimiser moves everything
    by one operation. Exact.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> p = Parameters({"W": (2, 3), "b": (3,)})
    >>> p.flat[:] = np.arange(9)
    >>> p["b"]
    array([6., 7., 8.])
    """

    def __init__(
        self, shapes: Shapes, dtype: DTypeLike = np.float64, statistics: Shapes | None = None
    ) -> None:
        if _as_dtype(dtype) not in DTYPES:
            raise ValueError(f"dtype must be float32 or float64, got {np.dtype(dtype)}")
        shapes, statistics = _as_shapes(shapes, "shapes"), _as_shapes(statistics or {}, "statistics")
        twice = sorted(set(shapes) & set(statistics))
        if twice:
            raise ValueError(f"statistics must have other names than shapes, got {twice[0]!r} in both")
        n_trained = sum(math.prod(shape) for shape in shapes.values())
        everything = {**shapes, **statistics}
        n = sum(math.prod(shape) for shape in everything.values())
        if n > _MOST:
            raise ValueError(f"shapes must hold at most {_MOST} numbers, got {n}: make the layers smaller")
        self.state: Numbers = np.zeros(n, dtype)
        self.flat: Numbers = self.state[:n_trained]
        self.gradient: Numbers = np.zeros(n_trained, dtype)
        self._views = _views(self.state, everything)
        self._gradients = _views(self.gradient, shapes)

    def __getitem__(self, name: str) -> Numbers:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def gradient_of(self, name: str) -> Numbers:
        """View the gradient by one array of parameters, in its shape."""
        return self._gradients[name]

    def save(self, path: str | os.PathLike[str], dtype: DTypeLike | None = None) -> None:
        """Write all arrays, statistics included, to an .npz file, as they are or in another precision.

        The file has the name that is given; no ending is added.
        """
        write_arrays(path, in_precision(self, dtype))

    def load(self, path: str | os.PathLike[str]) -> None:
        """Read what `save` wrote; names and shapes must agree, or nothing is read."""
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        got, wanted = ({name: a.shape for name, a in group.items()} for group in (arrays, self))
        if got != wanted:
            name = next(name for name in [*wanted, *got] if got.get(name) != wanted.get(name))
            raise ValueError(
                f"{os.fspath(path)} must hold the parameters of this model, got shape {got.get(name)} for "
                f"{name!r} where {wanted.get(name)} was wanted: build the model that was saved, then load"
            )
        for name, array in arrays.items():
            self[name][...] = array


def in_precision(weights: Mapping[str, Numbers], dtype: DTypeLike | None) -> dict[str, Numbers]:
    """Round arrays for a file; refuse a precision in which some number has no place."""
    if dtype is not None and _as_dtype(dtype).kind != "f":
        raise ValueError(f"dtype must be a precision of floats, such as float16, got {np.dtype(dtype)}")
    with np.errstate(over="ignore"):
        rounded = {name: np.asarray(array, dtype or array.dtype) for name, array in weights.items()}
    for name, array in weights.items():
        if np.any(np.isinf(rounded[name]) & np.isfinite(array)):
            raise ValueError(f"dtype {np.dtype(dtype)} is too small for the numbers of {name!r}")
    return rounded


def write_arrays(
    path: str | os.PathLike[str], arrays: Mapping[str, Any], *, compressed: bool = False
) -> None:
    """Write an .npz file of exactly this name (NumPy itself would add an ending), or into an open file."""
    # NumPy 2.0 would store an argument allow_pickle as one more array; these arrays hold numbers alone.
    save = np.savez_compressed if compressed else np.savez
    if hasattr(path, "write"):
        save(path, **arrays)
        return
    with open(path, "wb") as file:
        save(file, **arrays)


def _as_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """Read the name of a precision."""
    try:
        return np.dtype(dtype)
    except TypeError:
        raise ValueError(f"dtype must be a precision of NumPy, such as np.float32, got {dtype!r}") from None


def _as_shapes(shapes: Shapes, name: str) -> dict[str, tuple[int, ...]]:
    """Read the sizes of arrays by name."""
    return {
        key: tuple(as_count(n, f"{name}[{key!r}]", 0) for n in shape) for key, shape in dict(shapes).items()
    }


def _views(buffer: Numbers, shapes: Shapes) -> dict[str, Numbers]:
    """Cut a flat buffer into named arrays, without copies."""
    views, start = {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        views[name] = buffer[start : start + size].reshape(shape)
        start += size
    return views
