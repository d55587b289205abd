"""Checks on what a caller hands over: the right shape, numbers only, nothing empty, nothing infinite.

Each check takes the value and the name the caller knows it by, and returns the value in the form that the
numerics use. What does not fit is refused with a ValueError that says what was wanted and what was got.
"""

import operator
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SYMMETRY = 1e-10  # largest difference across the diagonal, relative to the largest entry


def as_vector(value: ArrayLike, name: str) -> Array:
    """Read a non-empty sequence of finite real numbers, (n,)."""
    return _as_floats(value, name, 1, "a vector of shape (n,)")


def as_matrix(value: ArrayLike, name: str) -> Array:
    """Read a non-empty table of finite real numbers, (m, n)."""
    return _as_floats(value, name, 2, "a matrix of shape (m, n)")


def as_square(value: ArrayLike, name: str) -> Array:
    """Read a square matrix, (n, n)."""
    A = _as_floats(value, name, 2, "a square matrix of shape (n, n)")
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
    mask = np.asarray(value)
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


def as_tolerance(value: float, name: str) -> float:
    """Read a finite number that is not negative."""
    number = _as_floats(value, name, 0, "a single number")
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number:.6g}")
    return float(number)


def as_distribution(value: ArrayLike, name: str) -> Array:
    """Read probabilities in any shape that sum to one, and remove what rounding left of a difference."""
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite probabilities that sum to one, got {value!r:.80}")
    p = array.astype(np.float64)
    if p.min() < 0:
        raise ValueError(f"{name} must hold probabilities, got {p.min():.6g}, which is negative")
    if abs(p.sum() - 1) > 1e-8:
        raise ValueError(f"{name} must sum to one, got {p.sum():.6g}; divide counts by their sum")
    scaled: Array = p / p.sum()
    return scaled


def _as_floats(value: ArrayLike, name: str, ndim: int, wanted: str) -> Array:
    """Read an array with a given number of axes as float64; `wanted` says it in words."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        raise ValueError(f"{name} must be {wanted}, got rows of unequal length") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be {wanted} with real numbers, got entries of type {array.dtype}")
    if array.ndim != ndim or array.size == 0:
        raise ValueError(f"{name} must be {wanted}, not empty, got shape {array.shape}")
    array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        raise ValueError(
            f"{name} must be finite, got {array[tuple(where)]} at {where}: remove or replace such entries"
        )
    return array
