"""Checks on what a caller hands over: the right shape, numbers only, nothing empty, nothing infinite.

Each check takes the value and the name the caller knows it by, and returns the value in the form that the
numerics use. What does not fit is refused with a ValueError that says what was wanted and what was got.
"""

import operator
from collections.abc import Collection, Iterable, Iterator
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Item = TypeVar("Item")

_MOST_AXES = 64  # of NumPy's arrays
SYMMETRY = 1e-10  # largest difference across the diagonal, relative to the largest entry


def as_vector(value: ArrayLike, name: str) -> Array:
    """Read a non-empty sequence of finite real numbers, (n,)."""
    return _as_floats(value, name, (1,), "a vector of shape (n,)")


def as_matrix(value: ArrayLike, name: str) -> Array:
    """Read a non-empty table of finite real numbers, (m, n)."""
    return _as_floats(value, name, (2,), "a matrix of shape (m, n)")


def as_columns(value: ArrayLike, name: str) -> Array:
    """Read one or several columns of finite real numbers, (n,) or (n, p)."""
    return _as_floats(value, name, (1, 2), "columns of shape (n,) or (n, p)")


def as_numbers(value: ArrayLike, name: str) -> Array:
    """Read finite real numbers in any shape that is not empty."""
    return _as_floats(value, name, range(_MOST_AXES + 1), "an array")


def as_square(value: ArrayLike, name: str) -> Array:
    """Read a square matrix, (n, n)."""
    A = _as_floats(value, name, (2,), "a square matrix of shape (n, n)")
    if A.shape[0] != A.shape[1]:
        raise ValueError(f"{name} must be a square matrix of shape (n, n), got shape {A.shape}")
    return A


def as_symmetric(value: ArrayLike, name: str) -> Array:
    """Read a symmetric matrix, (n, n), and remove what rounding left of asymmetry."""
    A = as_square(value, name)
    difference = np.abs(A - A.T)
    if difference.max() > SYMMETRY * np.abs(A).max():
        i, j = np.unravel_index(np.argmax(difference), A.shape)
        raise ValueError(
            f"{name} {A.shape} must be symmetric, got {name}[{i}, {j}] = {A[i, j]:.6g} but "
            f"{name}[{j}, {i}] = {A[j, i]:.6g}; if the difference is noise, pass ({name} + {name}.T) / 2"
        )
    return (A + A.T) / 2


def as_mask(value: ArrayLike, name: str, shape: tuple[int, ...]) -> Mask:
    """Read an array of truth values of a given shape."""
    mask = as_array(value, name)
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise ValueError(
            f"{name} must be True or False in shape {shape}, got {mask.dtype} in shape {mask.shape}"
        )
    return mask


def as_count(value: SupportsIndex, name: str, least: int, most: int | None = None) -> int:
    """Read a whole number between two bounds, both allowed."""
    wanted = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be {wanted}, got {value!r}") from None
    if count < least or (most is not None and count > most):
        raise ValueError(f"{name} must be {wanted}, got {count}")
    return count


def as_number(value: float, name: str) -> float:
    """Read a finite real number."""
    return float(_as_floats(value, name, (0,), "a single number"))


def as_tolerance(value: float, name: str) -> float:
    """Read a finite number that is not negative."""
    number = as_number(value, name)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number:.6g}")
    return number


def as_distribution(value: ArrayLike, name: str) -> Array:
    """Read probabilities in any shape that sum to one, and remove what rounding left of a difference."""
    array = as_array(value, name)
    if array.dtype.kind not in "biuf" or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite probabilities that sum to one, got {value!r:.80}")
    p = array.astype(np.float64)
    if p.min() < 0:
        raise ValueError(f"{name} must hold probabilities, got {p.min():.6g}, which is negative")
    if abs(p.sum() - 1) > 1e-8:
        raise ValueError(f"{name} must sum to one, got {p.sum():.6g}; divide counts by their sum")
    scaled: Array = p / p.sum()
    return scaled


def as_text(value: str, name: str) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text (str), got {value!r:.80}")
    return value


def as_items(value: Iterable[Item], name: str) -> Iterator[Item]:
    """Read something that has parts, one after another."""
    try:
        return iter(value)
    except TypeError:
        raise ValueError(f"{name} must be a sequence, got {value!r:.80}") from None


def as_array(value: ArrayLike, name: str) -> NDArray[Any]:
    """Read entries of any kind in any shape, as long as they have one."""
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows of unequal length") from None


def _as_floats(value: ArrayLike, name: str, axes: Collection[int], wanted: str) -> Array:
    """Read an array with an allowed number of axes as float64; `wanted` says it in words."""
    array = as_array(value, name)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be {wanted} with real numbers, got entries of type {array.dtype}")
    if array.ndim not in axes or array.size == 0:
        raise ValueError(f"{name} must be {wanted}, not empty, got shape {array.shape}")
    array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        place = f" at {where}: remove or replace such entries" if where else ""
        raise ValueError(f"{name} must be finite, got {array[tuple(where)]}{place}")
    return array
