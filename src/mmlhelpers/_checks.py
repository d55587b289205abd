"""Checks on what a caller hands over: the right shape, numbers only, nothing empty, nothing infinite.

Each check takes the value and the name the caller knows it by, and returns the value in the form that the
numerics use. What does not fit is refused with a ValueError that says what was wanted and what was got.

Types. Whole numbers of any width, truth values (0 and 1) and floats of any precision are read as float64
before anything is computed, so that nothing wraps around and sums are not rounded to three or seven digits;
single numbers may also be Fraction or Decimal. What is returned is float64, unless a docstring promises the
type of the input (networks, activations). Refused by name is what cannot be read as it was meant: text,
complex numbers, dates, objects, sets and other collections without an order, masked entries.
"""

import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from decimal import Decimal
from fractions import Fraction
from numbers import Number
from typing import Any, SupportsIndex, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Item = TypeVar("Item")
Function = TypeVar("Function", bound=Callable[..., Any])

_MOST_AXES = 64  # of NumPy's arrays
SYMMETRY = 1e-10  # largest difference across the diagonal, relative to the largest entry
_WHOLE = 1e-8  # how far from one probabilities in double precision may sum to
_ROUGHEST = 1e-2  # the same for many probabilities in half precision


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


def as_floats(value: ArrayLike, name: str) -> NDArray[Any]:
    """Read real numbers in any shape, in the precision they come in: float32 and float64 stay what they are.

    For networks and activations. Everything else becomes float64 (whole numbers, truths, half precision).
    NaN, infinities and empty arrays pass. A subclass of ndarray that a reader wrote, to count operations for
    instance, stays what it is.
    """
    array = as_array(value, name)
    if isinstance(value, np.ndarray) and type(value) not in (np.ndarray, np.matrix, np.ma.MaskedArray):
        array = value
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array with real numbers, got entries of type {array.dtype}")
    kept = np.float32 if array.dtype.newbyteorder("=") == np.float32 else np.float64
    with np.errstate(over="ignore"):  # of wider floats, which become infinite
        return array.astype(kept, copy=False)


def as_square(value: ArrayLike, name: str) -> Array:
    """Read a square matrix, (n, n)."""
    A = _as_floats(value, name, (2,), "a square matrix of shape (n, n)")
    if A.shape[0] != A.shape[1]:
        raise ValueError(f"{name} must be a square matrix of shape (n, n), got shape {A.shape}")
    return A


def as_symmetric(value: ArrayLike, name: str) -> Array:
    """Read a symmetric matrix, (n, n), and remove what rounding left of asymmetry."""
    A = as_square(value, name)
    with np.errstate(over="ignore"):
        difference = np.abs(A - A.T)
    if not difference.any():
        return A.copy()
    if difference.max() > SYMMETRY * np.abs(A).max():
        i, j = np.unravel_index(np.argmax(difference), A.shape)
        raise ValueError(
            f"{name} {A.shape} must be symmetric, got {name}[{i}, {j}] = {A[i, j]:.12g} but "
            f"{name}[{j}, {i}] = {A[j, i]:.12g}; if the difference is noise, pass ({name} + {name}.T) / 2"
        )
    return A / 2 + A.T / 2  # the sum of two of the largest floats would be none


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
    if isinstance(value, bool):  # which Python would count as 0 or 1
        raise ValueError(f"{name} must be {wanted}, got the truth value {value}")
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} must be {wanted}, got {value!r}") from None
    if count < least or (most is not None and count > most):
        raise ValueError(f"{name} must be {wanted}, got {count}")
    return count


def as_number(value: float | Fraction | Decimal, name: str) -> float:
    """Read a finite real number: of NumPy, of Python, a Fraction or a Decimal."""
    if isinstance(value, int | Fraction | Decimal):  # of any length
        try:
            value = float(value)
        except OverflowError:
            raise ValueError(f"{name} must be a single number, got one beyond the largest float") from None
    return float(_as_floats(value, name, (0,), "a single number"))


def as_tolerance(value: float, name: str) -> float:
    """Read a finite number that is not negative."""
    number = as_number(value, name)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number:.6g}")
    return number


def as_distribution(value: ArrayLike, name: str) -> Array:
    """Read probabilities in any shape that sum to one, and remove what rounding left of a difference.

    How far the sum may be from one depends on the type that the probabilities come in: see `sum_tolerance`.
    """
    array = as_array(value, name)
    if array.dtype.kind not in "biuf" or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite probabilities that sum to one, got {value!r:.80}")
    with np.errstate(over="ignore"):  # of wider floats, which become infinite
        p = array.astype(np.float64)
    if p.min() < 0 or p.max() > 2:  # whose sum could be no float
        raise ValueError(
            f"{name} must hold probabilities, got {p.min():.6g} to {p.max():.6g}: divide counts by their sum"
        )
    total, tolerance = float(p.sum()), sum_tolerance(array)
    if not abs(total - 1) <= tolerance:
        raise ValueError(
            f"{name} must sum to one, got {total:.10g}, off by more than {tolerance:.2g}: "
            "divide counts by their sum"
        )
    scaled: Array = p / total
    return scaled


def sum_tolerance(p: ArrayLike, axis: int | None = None) -> float:
    """Return how far from one the sum of probabilities may be that were rounded to their own type.

    1e-8 in double precision; for n numbers in single or half precision half an epsilon each, up to 1e-2.
    """
    p = np.asarray(p)
    if p.dtype.kind != "f":
        return _WHOLE
    n = p.size if axis is None else p.shape[axis]
    return max(_WHOLE, min(max(n, 4) * float(np.finfo(p.dtype).eps) / 2, _ROUGHEST))


def as_text(value: str, name: str) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text (str), got {value!r:.80}")
    return value


def as_generator(value: np.random.Generator, name: str) -> np.random.Generator:
    """Read a random generator; a seed, None and the module np.random are none."""
    if not isinstance(value, np.random.Generator):
        raise ValueError(
            f"{name} must be a random generator, got {value!r:.80}: pass np.random.default_rng(0)"
        )
    return value


def as_function(value: Function, name: str) -> Function:
    """Read something that can be called."""
    if not callable(value):
        raise ValueError(
            f"{name} must be a function, got {value!r:.80}: pass the function itself, not one of its values"
        )
    return value


def as_made(value: Item, kind: type[Item], name: str, wanted: str) -> Item:
    """Read an object of a class of the package; `wanted` says in words how it is made."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be {wanted}, got {value!r:.80}")
    return value


def as_items(value: Iterable[Item], name: str) -> Iterator[Item]:
    """Read something that has parts, one after another."""
    try:
        return iter(value)
    except TypeError:
        raise ValueError(f"{name} must be a sequence, got {value!r:.80}") from None


def as_array(value: ArrayLike, name: str) -> NDArray[Any]:
    """Read entries of any kind in any shape, as long as they have one and an order."""
    if type(value) is np.ndarray:  # as in most calls
        return value
    if isinstance(value, Set | Mapping | Iterator):
        raise ValueError(f"{name} must be an array, got a {type(value).__name__}: pass a list, in an order")
    if np.ma.is_masked(value):
        raise ValueError(f"{name} must be an array without masked entries: fill them, or leave them out")
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows of unequal length") from None


def _as_floats(value: ArrayLike, name: str, axes: Collection[int], wanted: str) -> Array:
    """Read an array with an allowed number of axes as float64; `wanted` says it in words."""
    array = as_array(value, name)
    if array.dtype.kind not in "biuf":
        cure = ""
        if array.dtype.kind == "O" and array.size and isinstance(array.flat[0], Number | Decimal):
            cure = f" ({type(array.flat[0]).__name__}): pass np.array({name}, dtype=float)"
        raise ValueError(
            f"{name} must be {wanted} with real numbers, got entries of type {array.dtype}{cure}"
        )
    if array.ndim not in axes or array.size == 0:
        raise ValueError(f"{name} must be {wanted}, not empty, got shape {array.shape}")
    with np.errstate(over="ignore"):  # of wider floats, which become infinite
        array = array.astype(np.float64, copy=False)
    if not np.isfinite(array).all():
        where = [int(i) for i in np.argwhere(~np.isfinite(array))[0]]
        place = f" at {where}: remove or replace such entries" if where else ""
        raise ValueError(f"{name} must be finite, got {array[tuple(where)]}{place}")
    return array
