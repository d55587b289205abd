"""Print results with their names, so that nobody has to decode a tuple."""

from __future__ import annotations

from typing import Any


def show(**values: Any) -> None:
    """Print named values, one below the other.

    Parameters
    ----------
    **values : number, array_like, str or bool
        What to print, by the name it is printed with; an underscore in a name becomes a space, so that
        ``angle_in_degrees=36.87`` says its unit.

    Raises
    ------
    ValueError
        If no value is given.

    Notes
    -----
    Numbers are rounded to four significant digits, and nothing is printed as -0. Arrays and sequences stand
    in brackets, a matrix with one row a line. What is printed is for reading: compute with the values.

    Examples
    --------
    >>> import numpy as np
    >>> show(angle_in_degrees=36.8699, length=2, signs=(1, -1), A=np.array([[1.0, 0.5], [0.0, -0.0]]))
    angle in degrees = 36.87
    length = 2
    signs = (1, -1)
    A = [[1  0.5]
         [0  0  ]]
    """
    if not values:
        raise ValueError("show needs at least one value by name, for example show(length=2.0)")
    for name, value in values.items():
        start = f"{name.replace('_', ' ')} = "
        print(start + _text(value).replace("\n", "\n" + " " * len(start)))


def _text(value: Any) -> str:
    """Write a value: text as it is, sequences by their parts, arrays in columns."""
    import numpy as np

    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(part)}" for key, part in value.items())
    if isinstance(value, tuple | list):
        inside = ", ".join(_text(part) for part in value)
        comma = "," if len(value) == 1 else ""  # as Python writes a shape of one size
        return f"({inside}{comma})" if isinstance(value, tuple) else f"[{inside}]"
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return _text(value.tolist() if value.dtype == object else list(value))
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return _columns(value)
    return _number(value)


def _columns(array: Any) -> str:
    """Write an array, its rows below one another and its columns aligned."""
    import numpy as np

    written = np.array([_number(entry) for entry in array.ravel()], dtype=object).reshape(array.shape)
    width = max((len(entry) for entry in written.ravel()), default=0)
    return np.array2string(
        written, separator="  ", formatter={"all": lambda entry: str(entry).ljust(width)}, threshold=200
    )


def _number(value: Any) -> str:
    """Write a number with four significant digits, a truth as True or False, anything else as it is."""
    import numpy as np

    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    try:
        return f"{value + 0:.4g}" if isinstance(value, float | complex | np.inexact) else f"{value}"
    except (TypeError, ValueError):
        return f"{value}"
