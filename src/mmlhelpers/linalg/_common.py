"""What several modules of linear algebra use: operators, the zero of floating point, signs and scales."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_numbers, as_square, as_symmetric, as_tolerance
from mmlhelpers._scale import exponent, scaled

Operator = Callable[[Array], Array]

_SQUARED = 500  # an exponent with which squares are floats
_ROOM = 300  # exponents within which three numbers can be multiplied, and six digits of each be lost


def negligible(shape: tuple[int, ...], largest: float) -> float:
    """Return the size up to which a number counts as zero beside the largest of its kind."""
    return float(max(shape) * np.finfo(float).eps * largest)


def count_significant(
    sigma: NDArray[np.floating], shape: tuple[int, ...], tolerance: float | None = None, e: int = 0
) -> int:
    """Count the singular values ``sigma * 2**e`` above the tolerance."""
    if tolerance is None:
        return int(np.count_nonzero(sigma > negligible(shape, sigma[0])))
    with np.errstate(over="ignore", under="ignore"):
        return int(np.count_nonzero(sigma > np.ldexp(as_tolerance(tolerance, "tolerance"), -e)))


def column_signs(V: Array) -> Array:
    """Return the signs that make the largest entry of each column positive; of equals, the first decides."""
    size = np.abs(V)
    first = np.argmax(size >= (1 - 1e-6) * size.max(axis=0), axis=0)
    return np.where(V[first, np.arange(V.shape[1])] < 0, -1.0, 1.0)


def within_range(x: Array, room: int) -> tuple[Array, int]:
    """Return ``(x / 2**e, e)``, with `e` zero unless the largest entry is beyond ``2**room`` or its inverse.

    Then it comes just within: what is only multiplied by few numbers may hold entries of very different size,
    which `scaled` might lose, and what is within range already costs nothing.
    """
    square, most = float(np.vdot(x, x)), 4.0 ** min(room, _SQUARED)
    if x.size <= square * most and square <= most:  # the quick answer, where it can be told from the norm
        return x, 0
    e = exponent(x)
    e = max(e - room, 0) + min(e + room, 0)
    return (np.asarray(np.ldexp(x, -e)), e) if e else (x, 0)


def scaled_svd(A: Array) -> tuple[Array, Array, Array, int]:
    """Return the factors of ``A / 2**e`` and `e`: for formulas that square or invert the singular values."""
    A, e = scaled(A)
    U, sigma, Vt = np.linalg.svd(A, full_matrices=False)
    signs = column_signs(Vt.T)
    return U * signs + 0.0, np.asarray(sigma, dtype=np.float64), Vt * signs[:, None] + 0.0, e


def as_operator(value: ArrayLike | Operator, name: str, n: int, *, symmetric: bool) -> tuple[Operator, int]:
    """Read a matrix, or a function whose answer to zero is checked, as a function on (n,), over ``2**e``.

    A matrix is brought within range; the unit of a function's answers is not known, and its `e` is zero.
    """
    if not callable(value):
        A = (as_symmetric if symmetric else as_square)(value, name)
        if len(A) != n:
            raise ValueError(f"{name} {A.shape} does not fit a vector of length {n}: make them agree")
        part, e = within_range(A, _ROOM)
        return lambda v: part @ v, e
    got = np.shape(as_numbers(value(np.zeros(n)), f"what {name} gives"))
    if got != (n,):
        raise ValueError(f"{name} must turn a vector of shape {(n,)} into one of the same shape, got {got}")
    return value, 0
