"""What several modules of linear algebra use: operators, the zero of floating point, signs and scales."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_numbers, as_square, as_symmetric, as_tolerance

Operator = Callable[[Array], Array]


def negligible(shape: tuple[int, ...], largest: float) -> float:
    """Return the size up to which a number counts as zero beside the largest of its kind."""
    return float(max(shape) * np.finfo(float).eps * largest)


def count_significant(
    sigma: NDArray[np.floating], shape: tuple[int, ...], tolerance: float | None = None
) -> int:
    """Count the singular values above the tolerance."""
    limit = negligible(shape, sigma[0]) if tolerance is None else as_tolerance(tolerance, "tolerance")
    return int(np.count_nonzero(sigma > limit))


def column_signs(V: Array) -> Array:
    """Return the signs that make the largest entry of each column positive; of equals, the first decides."""
    size = np.abs(V)
    first = np.argmax(size >= (1 - 1e-6) * size.max(axis=0), axis=0)
    return np.where(V[first, np.arange(V.shape[1])] < 0, -1.0, 1.0)


def power_of_two(A: Array) -> float:
    """Return a power of two near the largest entry: dividing by it is exact and keeps squares in range."""
    return math.ldexp(1.0, math.frexp(np.abs(A).max())[1] - 1)


def as_operator(value: ArrayLike | Operator, name: str, n: int, *, symmetric: bool) -> Operator:
    """Read a matrix, or a function whose answer to zero is checked, as a function on (n,)."""
    if not callable(value):
        A = (as_symmetric if symmetric else as_square)(value, name)
        if len(A) != n:
            raise ValueError(f"{name} {A.shape} does not fit a vector of length {n}: make them agree")
        return lambda v: A @ v
    got = np.shape(as_numbers(value(np.zeros(n)), f"what {name} gives"))
    if got != (n,):
        raise ValueError(f"{name} must turn a vector of shape {(n,)} into one of the same shape, got {got}")
    return value
