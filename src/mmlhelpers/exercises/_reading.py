"""How a checker reads what the reader hands over: the value counts, not the clothes that it comes in.

Numbers may be floats of any width, whole numbers, fractions or decimals, in a list, a tuple or an array.
Truths may be 0 and 1. What comes in fewer digits is judged by the digits that it has.
"""

import math
import numbers
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from mmlhelpers._checks import Array, Mask
from mmlhelpers.exercises._writing import MANY, WIDTH, show

CLOSE = 1e-8  # how near a number must come to the wanted one, or to the largest wanted if that is below 1
HAND = 1e-3  # an answer by hand may be rounded to three decimals
_ROUNDINGS = 16  # of the width of a float, which a sum of a few products may collect
_COARSE = 1e-5  # so wide that several roundings would hide a fault
_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
_ROUNDED = 0.015  # relative difference of what was rounded to two digits
_NOTHING = 1e-12  # wanted numbers all smaller than this are rounding errors of zero


class NotYet(Exception):
    """Raised by a judge; the message says what was wanted and what was got."""


class Unreadable(NotYet):
    """What came back is not of the wanted kind, so that no rule can be said to be broken."""


def floats(*rows: Any) -> Array:
    """Write a vector as its entries, a matrix as its rows."""
    return np.array(rows, dtype=float)


def as_numbers(got: Any, wanted: str, shape: tuple[int, ...] | None = None) -> Array:
    """Read real numbers, if a shape is given finite ones of that shape; `wanted` says in words what it is."""
    array = _real(got)
    if array is None:
        raise Unreadable(f"wanted {wanted}, got {show(got)}")
    if shape == () and array.size == 1:  # one number in a list is one number
        array = array.reshape(())
    if shape is not None and not (array.shape == shape and np.isfinite(array).all()):
        of_shape = f" of shape {array.shape}" if array.ndim > 1 and array.size else ""
        raise Unreadable(f"wanted {wanted}, got {show(got)}{of_shape}")
    return array


def as_wholes(got: Any, wanted: str, shape: tuple[int, ...]) -> Array:
    """Read whole numbers; what rounding has left of a difference is removed."""
    array = as_numbers(got, wanted, shape)
    wholes = np.round(array)
    if not np.all(np.abs(array - wholes) <= CLOSE * np.maximum(1, np.abs(wholes))):
        raise Unreadable(f"wanted {wanted}, got {show(array, unlike=wholes)}")
    return wholes


def as_truths(got: Any, wanted: str, n: int) -> Mask:
    """Read n truths; 0 and 1 are truths, whatever kind of number they are."""
    array = _array(got)
    if array is not None and array.dtype.kind == "O":
        array = _array([float(v) if isinstance(v, bool | np.bool_) else v for v in array.flat])
    if array is not None:
        array = array.astype(np.float64) if array.dtype.kind == "b" else _real(array)
    if (
        array is None
        or array.shape != (n,)
        or not np.all((np.abs(array) < CLOSE) | (np.abs(array - 1) < CLOSE))
    ):
        raise Unreadable(f"wanted {wanted}, got {show(got)}")
    return array > 0.5


def as_parts(got: Any, names: Sequence[str]) -> list[Any]:
    """Read several results returned together, one for each name."""
    if not isinstance(got, list | tuple | np.ndarray) or len(got) != len(names):
        kind = {2: "a pair", 3: "three results"}.get(len(names), f"{len(names)} results")
        raise Unreadable(f"wanted {kind} ({', '.join(names)}), got {show(got)}")
    return list(got)


def as_texts(got: Any, wanted: str) -> list[str]:
    """Read a list, tuple or array of strings."""
    if not isinstance(got, list | tuple | np.ndarray) or not all(isinstance(text, str) for text in got):
        raise Unreadable(f"wanted {wanted}, got {show(got)}")
    return [str(text) for text in got]


def closeness(got: Any, within: float = CLOSE) -> float:
    """Return the relative difference allowed: `within`, or what the float type of the answer can hold."""
    array = _array(got)
    if array is None or array.dtype.kind != "f":
        return within
    epsilon = float(np.finfo(array.dtype).eps)
    return max(within, epsilon if epsilon > _COARSE else _ROUNDINGS * epsilon)


def require_three_decimals(got: Any, wanted: float) -> None:
    """Refuse an answer by hand that is nearly right: it was rounded too early."""
    if HAND < abs(float(got) - wanted) < _ROUNDED * abs(wanted):
        raise NotYet(f"wanted three decimals, got {show(float(got))}, which was rounded too early")


def require_close(
    got: Any,
    wanted: Any,
    name: str = "",
    within: float = CLOSE,
    size: float | None = None,
    because: str = "",
) -> None:
    """Refuse numbers (called `name`) of another shape than the wanted ones, or too far from them.

    They are wanted `because` of a rule, "orthonormal columns", that the line then begins with.

    Differences are relative to each wanted number, or to `size`: if it is not given, to the largest wanted
    number or to one, whichever is smaller.
    """
    truth = np.asarray(wanted, dtype=np.float64)
    if _largest(truth) <= _NOTHING:
        truth = np.where(np.abs(truth) <= _NOTHING, 0.0, truth)
    equals = f"{name} = " if name else ""
    start = f"{because}, {equals}" if because else equals
    result = as_numbers(got, f"{start}{show(truth)}")
    if truth.shape == () and result.size == 1:
        result = result.reshape(())
    if result.shape != truth.shape:
        shapes = f"of shape {result.shape}, not {truth.shape}"
        raise NotYet(f"wanted {start}{show(truth)}, got {equals}{show(got)} {shapes}")
    if _near(result, truth, closeness(got, within), _size(truth) if size is None else size):
        return
    digits = f" to {_IN_WORDS[round(-math.log10(within))]} digits" if within > CLOSE else ""
    want, have = _told_apart(truth, result)
    raise NotYet(f"wanted {start}{want}{digits}, got {equals}{have}")


def _told_apart(truth: Array, result: Array) -> tuple[str, str]:
    """Write two arrays so that they look different, large ones by their worst entry."""
    texts = show(truth, unlike=result), show(result, unlike=truth)
    if texts[0] != texts[1] and (truth.size <= MANY or max(map(len, texts)) < WIDTH):
        return texts
    place, (want, have) = _worst(truth, result)
    return f"{show(want, unlike=have)} at {place}", f"{show(have, unlike=want)} there"


def _near(result: Array, truth: Array, close: float, size: float) -> bool:
    """Tell whether all differences are small, relative to the wanted number or to the size."""
    exact = result == truth  # infinities among them
    with np.errstate(invalid="ignore"):
        near = np.abs(result - truth) <= close * np.maximum(np.abs(truth), size)
    return bool(np.all(exact | (near & np.isfinite(result) & np.isfinite(truth))))


def _size(truth: Array) -> float:
    """Return the size that differences are relative to; zeros have none."""
    return min(1.0, _largest(truth)) or 1.0


def _largest(truth: Array) -> float:
    """Return the size of the largest finite entry."""
    return float(np.abs(truth[np.isfinite(truth)]).max(initial=0.0))


def _worst(truth: Array, result: Array) -> tuple[str, tuple[float, float]]:
    """Find the place of the largest difference, and what was wanted and got there."""
    with np.errstate(invalid="ignore"):
        difference = np.where(truth == result, 0.0, np.abs(truth - result))
    place = np.unravel_index(int(np.argmax(np.nan_to_num(difference, nan=np.inf))), truth.shape)
    return str([int(i) for i in place]), (float(truth[place]), float(result[place]))


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    """Read an array of anything; None if rows differ in length, entries are masked, or it is no array."""
    if np.ma.is_masked(value):
        return None
    try:
        return np.asarray(value)
    except (ValueError, TypeError):
        return None


def _real(value: Any) -> Array | None:
    """Read real numbers of any kind, in any shape; None if something else is among them."""
    array = _array(value)
    if array is None:
        return None
    if array.dtype.kind == "c" and not array.imag.any():
        array = array.real
    if array.dtype.kind == "O" and all(map(_is_real, array.flat)):
        try:
            return np.array([float(x) for x in array.flat]).reshape(array.shape)
        except (OverflowError, ValueError):
            return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def _is_real(value: Any) -> bool:
    return isinstance(value, numbers.Real | Decimal) and not isinstance(value, bool)
