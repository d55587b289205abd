"""How a checker writes what was given, wanted and got: short, never misleading, on every machine the same."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

WIDTH = 120  # longest value shown, in characters
MANY = 24  # longest array shown entry by entry
DIGITS = 4  # shown after the point, if they are enough to see the difference
MOST_DIGITS = 17  # tell any two floats apart
_NOTHING = 1e-31  # of the largest entry, which is as good as zero in an input too
_NOISE = 1e-14  # an entry this much smaller than the largest is rounding, different on every machine
_SHORT = 9  # characters of a number that is not rounded
_WHOLE = 1e15  # whole numbers below are written in full

_ABSENT = object()


def show(value: Any, unlike: Any = _ABSENT) -> str:
    """Write a value in one short line, with so many digits that it does not look like `unlike`."""
    if unlike is _ABSENT:
        return _shorten(_write(value, DIGITS))
    for digits in range(DIGITS, MOST_DIGITS + 1):
        texts = [_shorten(_write(one, digits)) for one in (value, unlike)]
        if texts[0] != texts[1]:
            break
    return texts[0]


def show_input(value: Any) -> str:
    """Write what a function was given, in which small numbers are no rounding errors."""
    return _shorten(_write(value, DIGITS, noise=_NOTHING))


def _shorten(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _write(value: Any, digits: int, noise: float = _NOISE) -> str:
    """Write a value, its numbers to so many digits, and as zero what is noise beside the largest."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "bUO":
        return _write(value.tolist(), digits, noise)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_write(item, digits, noise) for item in value)}]"
    if isinstance(value, dict):
        pairs = [f"{_write(key, digits)}: {_write(item, digits, noise)}" for key, item in value.items()]
        return f"{{{', '.join(pairs)}}}"
    if value is None or isinstance(value, bool | int | str):
        return repr(value)
    if isinstance(value, Fraction | Decimal):
        return str(value)
    if (
        isinstance(value, float | complex | np.ndarray | np.generic)
        and np.asarray(value).dtype.kind in "iufc"
    ):
        return _write_array(np.asarray(value), digits, noise)
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__.strip('_')}"
    return f"an object of type {type(value).__name__}"


def _write_array(array: np.ndarray[Any, Any], digits: int, noise: float) -> str:
    """Write numbers independently of NumPy's print options."""
    if array.size == 0:
        return f"an empty array of shape {array.shape}"
    finite = np.abs(array[np.isfinite(array)])
    least = noise * float(finite.max(initial=0.0)) if array.size > 1 and digits < MOST_DIGITS else 0.0
    text = np.array2string(
        array, separator=", ", threshold=MANY, formatter={"all": lambda x: _number(x, digits, least)}
    )
    return " ".join(text.split())


def _number(x: Any, digits: int, least: float) -> str:
    """Write one number: whole and short ones in full, others rounded, small ones to their leading digits."""
    if isinstance(x, complex | np.complexfloating):
        return f"{x:.{digits + 2}g}"
    if abs(x) <= least:
        return "0"
    if isinstance(x, np.integer) or (abs(x) < _WHOLE and x == np.round(x)):
        return f"{int(x)}"
    if len(exact := repr(float(x))) <= _SHORT:
        return exact
    if abs(x) < 10.0 ** (2 - digits):
        return f"{x:.{digits - 1}g}"
    return f"{round(float(x), digits):.{min(digits + 2, MOST_DIGITS)}g}"
