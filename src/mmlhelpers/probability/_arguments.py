"""Checks on the arguments of distributions: numbers in any shape, positive ones, probabilities."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_array, as_count, as_distribution, as_number, as_vector
from mmlhelpers._scale import TINIEST


def as_finite(value: ArrayLike, name: str) -> Array:
    """Read finite real numbers in any shape."""
    if isinstance(value, Fraction | Decimal):
        return np.asarray(as_number(value, name))
    array = as_array(value, name)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, got entries of type {array.dtype}")
    with np.errstate(over="ignore"):  # of wider floats, which become infinite
        array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {array[~np.isfinite(array)][0]}: remove such entries")
    return array


def as_positive(value: ArrayLike, name: str) -> Array:
    """Read numbers above zero."""
    array = as_finite(value, name)
    if array.size and array.min() <= 0:
        raise ValueError(f"{name} must be positive, got {array.min():.6g}")
    return array


def as_size(size: int | tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Read how many draws are wanted: a number, a shape, or nothing."""
    if size is None:
        return None
    sizes = size if isinstance(size, tuple | list) else (size,)
    return tuple(as_count(n, "size", 0) for n in sizes)


def as_shape(value: ArrayLike, name: str, most: float = np.inf) -> Array:
    """Read positive numbers whose reciprocals are floats, too."""
    array = as_positive(value, name)
    if array.size and array.max() > most:
        raise ValueError(f"{name} must be at most {most:.3g}, got {array.max():.6g}")
    if array.size and array.min() < TINIEST:
        raise ValueError(f"{name} must be at least {TINIEST:.3g}, got {array.min():.6g}")
    return array


def as_probability(value: ArrayLike, name: str) -> Array:
    """Read numbers from 0 to 1."""
    array = as_finite(value, name)
    if array.size and (array.min() < 0 or array.max() > 1):
        raise ValueError(f"{name} must lie between 0 and 1, got {array.min():.6g} to {array.max():.6g}")
    return array


def as_probabilities(value: ArrayLike, name: str) -> Array:
    """Read a list (k,) of probabilities that sum to one, as nearly as their type allows."""
    as_vector(value, name)
    return as_distribution(value, name)


def as_open_probability(value: float, name: str) -> float:
    """Read one number strictly between 0 and 1."""
    number = as_number(value, name)
    if not 0 < number < 1:
        raise ValueError(f"{name} must be one number strictly between 0 and 1, got {value!r}")
    return number


def as_samples(value: ArrayLike, name: str, least: int) -> Array:
    """Read samples along the last axis, (..., n), with at least so many of them."""
    array = as_finite(value, name)
    if array.ndim == 0 or array.shape[-1] < least or array.size == 0:
        raise ValueError(
            f"{name} must hold at least {least} values along its last axis, got shape {array.shape}"
        )
    return array


def unwrap(value: Array) -> Any:
    """Return a single number as float, otherwise the array."""
    return float(value) if value.ndim == 0 else value
