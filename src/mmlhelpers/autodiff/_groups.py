"""Inputs: arrays of floats, and lists, tuples and dicts of arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import as_array
from mmlhelpers.autodiff._traced import Traced


def is_group(x: Any) -> bool:
    """Tell a group of arrays from a list of numbers, which is an array."""
    if isinstance(x, list):
        return any(isinstance(item, np.ndarray | Traced) or is_group(item) for item in x)
    return isinstance(x, tuple | dict)


def map_groups(function: Callable[..., Any], x: Any, *others: Any) -> Any:
    """Apply a function to every array of a group and to what stands in the same place of other groups."""
    if not is_group(x):
        return function(x, *others)
    if isinstance(x, dict):
        return {key: map_groups(function, x[key], *(other[key] for other in others)) for key in x}
    items = [map_groups(function, *same) for same in zip(x, *others, strict=True)]
    return tuple(items) if isinstance(x, tuple) else items


def as_input(x: Any, name: str) -> Any:
    """Read an array of finite floats of any shape; what already remembers passes."""
    if isinstance(x, Traced):
        return x
    array = as_array(x, name)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of real numbers, got entries of type {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got NaN or infinity: remove or replace such entries")
    return array.astype(array.dtype if array.dtype.kind == "f" else float)  # a copy: the caller may change x


def as_direction(v: Any, x: Any) -> Any:
    """Read a direction in which `x` moves."""
    v = as_input(v, "v")
    if np.shape(v) != np.shape(x):
        raise ValueError(f"v must have the shape {np.shape(x)} of x, got {np.shape(v)}")
    return v
