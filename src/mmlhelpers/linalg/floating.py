"""Numbers as a computer keeps them, sums that do not forget, and how wrong an answer is."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mmlhelpers._checks import as_array, as_number, as_square, as_vector
from mmlhelpers._scale import norm, scaled


class FloatParts(NamedTuple):
    """The fields of a float as words of 0 and 1, the number they stand for, and the gap to the next one.

    `value` is the sign times 2 to the `power` times a number from 1 below 2; subnormal numbers, whose
    exponent field is all zeros, have a number below 1 there instead.
    """

    sign: str
    exponent: str
    fraction: str
    value: float
    power: int
    spacing: float


def float_parts(value: float, dtype: DTypeLike = np.float64) -> FloatParts:
    r"""Take a floating-point number apart into sign, exponent and fraction.

    Parameters
    ----------
    value : float
        Any finite number; it is rounded to the format first.
    dtype : dtype
        ``np.float16``, ``np.float32`` or ``np.float64``.

    Returns
    -------
    FloatParts
        The bit fields `sign`, `exponent`, `fraction`; the rounded `value`; the `power` of two; `spacing`, the
        distance from the size of `value` to the next larger number of the format.

    Raises
    ------
    ValueError
        If the format is none of the three, or `value` is not finite or too large for it.

    Notes
    -----
    Exact. Half of `spacing` bounds the rounding error of any number that is rounded to `value`.

    References
    ----------
    IEEE (2019), Standard for floating-point arithmetic, doi:10.1109/IEEESTD.2019.8766229.

    Examples
    --------
    >>> parts = float_parts(-6.5, np.float16)
    >>> parts.sign, parts.exponent, parts.fraction, parts.power
    ('1', '10001', '1010000000', 2)
    """
    format_ = np.dtype(dtype)
    if format_ not in (np.float16, np.float32, np.float64):
        raise ValueError(f"dtype must be float16, float32 or float64, got {format_}")
    with np.errstate(over="ignore"):
        number = np.asarray(as_number(value, "value")).astype(format_)
    if not np.isfinite(number):
        raise ValueError(f"value must be one finite number within the range of {format_}, got {value!r}")
    info = np.finfo(number.dtype)
    whole = int(number.view(f"u{format_.itemsize}"))
    bits = format(whole, f"0{info.bits}b")
    exponent = bits[1 : 1 + info.nexp]
    power = max(int(exponent, 2), 1) - (2 ** (info.nexp - 1) - 1)
    spacing = math.ldexp(1.0, power - info.nmant)
    return FloatParts(bits[0], exponent, bits[1 + info.nexp :], float(number), power, spacing)


def compensated_sum(x: NDArray[np.floating[Any]]) -> np.floating[Any]:
    r"""Add numbers one after another and carry along what each addition rounds away.

    Parameters
    ----------
    x : (n,) ndarray
        Floating-point numbers of one format.

    Returns
    -------
    numpy floating scalar
        The sum, in the format of `x`, with which every step was made.

    Raises
    ------
    ValueError
        If `x` is not a vector of finite floats.

    Notes
    -----
    The error is at most :math:`(2u + O(nu^2)) \sum |x_i|` with :math:`u` the unit roundoff; adding without
    the correction has :math:`nu` instead. One addition in four is the sum; the others find its error.

    References
    ----------
    Kahan (1965), Further remarks on reducing truncation errors, doi:10.1145/363707.363723.

    Examples
    --------
    >>> x = np.array([1.0, 1e-16, 1e-16, 1e-16])
    >>> float(compensated_sum(x) - 1), float(np.cumsum(x)[-1] - 1)
    (2.220446049250313e-16, 0.0)
    """
    x = as_array(x, "x")
    if x.dtype.kind != "f":
        raise ValueError(
            f"x must hold floating-point numbers, got {x.dtype}: convert it with x.astype(float)"
        )
    as_vector(x, "x")
    total: np.floating[Any] = x.dtype.type(0)
    lost = total
    with np.errstate(over="ignore", invalid="ignore"):
        for number in x:
            term = number - lost
            bigger = total + term
            lost = (bigger - total) - term  # what was added, minus what should have been
            total = bigger
    if not np.isfinite(total):
        raise ValueError(
            f"a partial sum of x is larger than any {x.dtype}: scale x down, or take a wider type"
        )
    return total


def backward_error(A: ArrayLike, x: ArrayLike, b: ArrayLike) -> float:
    r"""Measure how little a system must be changed for an approximate solution to be exact.

    Parameters
    ----------
    A : (n, n) array_like
        Matrix of the system.
    x : (n,) array_like
        Approximate solution.
    b : (n,) array_like
        Right-hand side.

    Returns
    -------
    float
        The least :math:`\eta` for which :math:`(A + E)x = b + e` with :math:`\lVert E \rVert_2 \le
        \eta\lVert A \rVert_2` and :math:`\lVert e \rVert \le \eta\lVert b \rVert`.

    Raises
    ------
    ValueError
        If the sizes disagree, or `A` and `b`, or `x` and `b`, are zero.

    Notes
    -----
    It is :math:`\lVert b - Ax \rVert / (\lVert A \rVert_2 \lVert x \rVert + \lVert b \rVert)`. Where it is of
    the size of :math:`\varepsilon`, its digits are rounding noise.

    References
    ----------
    Rigal and Gaches (1967), On the compatibility of a given solution with the data of a linear system,
    doi:10.1145/321406.321416.

    Examples
    --------
    >>> backward_error([[3, 0], [0, 1]], [1, 0], [5, 0])
    0.25
    """
    A, x, b = as_square(A, "A"), as_vector(x, "x"), as_vector(b, "b")
    if not len(A) == len(x) == len(b):
        raise ValueError(f"A {A.shape}, x of length {len(x)} and b of length {len(b)} do not fit together")
    (A, e), (x, f), (b, g) = scaled(A), scaled(x), scaled(b)
    if not b.any() and not (A.any() and x.any()):
        raise ValueError("A x and b must not both be zero for sizes to be compared with them")
    unit = max((p for p, there in ((e + f, A.any() and x.any()), (g, b.any())) if there), default=0)
    A, b = np.ldexp(A, e + f - unit), np.ldexp(b, g - unit)
    size = float(np.linalg.norm(A, 2)) * norm(x) + norm(b)
    return float(norm(b - A @ x) / size)
