"""Numbers that hold at every scale: norms, means, distances and tests that no unit of the data can fool.

Floats reach from 5e-324 to 1.8e308, but squares already vanish or overflow half way. What a formula squares,
it therefore divides by a power of two first: that is exact, so that nothing changes where nothing was wrong.

Which function to use when:

- an algorithm that multiplies or squares its data: `scaled` at the entrance, `unscaled` at the exit;
  `scaled_columns` where each column has a unit of its own (rank, least squares);
- a norm, of anything, along anything: `norm`;
- a mean, or a table about its mean: `mean`, `centered`;
- distances between samples: `squared_distances`;
- "do these differ at all?": `has_no_spread`, never ``variance == 0``;
- "is this small enough to stop?": `has_converged`, never a bare ``residual <= tolerance * size``.

All sums run in float64 whatever the type of the data, and the results are float64.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EPSILON = float(np.finfo(np.float64).eps)
TINIEST = float(np.finfo(np.float64).tiny)  # of the floats that carry all digits

_SAFE = 2.0**-500  # the square of a norm from here on has all its digits
_SAFE_SQUARE = _SAFE**2
_FAR = 2.0**10  # an offset so many times the spread costs three digits of the mean, which a second pass mends
_CANCELLED = 2.0**-20  # so small beside its two parts, a difference has lost six digits
_AT_ONCE = 2**20  # numbers held beside a table of distances


def exponent(x: ArrayLike) -> int:
    """Return the `e` for which the largest absolute value lies in [2**e, 2**(e + 1)); 0 for zeros.

    From -1074 to 1023, so that ``2.0**e`` is always a float. Entries must be finite.
    """
    x = np.asarray(x, dtype=np.float64)
    largest = max(float(x.max(initial=0.0)), -float(x.min(initial=0.0)))
    return math.frexp(largest)[1] - 1 if largest else 0


def scaled(x: ArrayLike) -> tuple[Array, int]:
    """Return ``(x / 2**e, e)`` with the largest absolute value in [1, 2): use it before anything is squared.

    Exact, but for entries below 2**-1022 times the largest, which vanish. `unscaled` is the way back.
    """
    e = exponent(x)
    return np.asarray(np.asarray(x, dtype=np.float64) / math.ldexp(1.0, e)), e


def scaled_columns(A: ArrayLike) -> tuple[Array, NDArray[np.intp]]:
    """Return ``(A / 2**e, e)`` with columns (m, n) of norm in [1, 2), `e` (n,): for deciding rank.

    Exact, as `scaled`. A column of zeros stays as it is, with `e` = 0. The coefficients `x` of `A` are
    ``ldexp(y, -e)`` for the coefficients `y` of the scaled columns.
    """
    part: Array = np.asarray(A, dtype=np.float64)
    with np.errstate(over="ignore", under="ignore"):
        squares = np.add.reduce(part * part, axis=0)
    if np.all((squares >= _SAFE_SQUARE) & (squares < np.inf)):  # as in most tables, and to the same bits
        e = (np.frexp(np.sqrt(squares))[1] - 1).astype(np.intp)
        return part * np.ldexp(1.0, -e), e
    e = np.zeros(part.shape[1], dtype=np.intp)
    for size in (_largest, _length):
        sizes = size(part)
        step = np.where(sizes > 0, np.frexp(sizes)[1] - 1, 0)
        part, e = np.asarray(np.ldexp(part, -step)), e + step
    return part, e


def unscaled(y: ArrayLike, e: int | NDArray[np.intp], what: str, *, may_vanish: bool = False) -> Array:
    """Return ``y * 2**e``, or refuse it if no float holds the result; `what` says whose it is, for readers.

    Refused are results of which an entry overflows, and those of which all digits that count vanish: the
    largest entry falls below 2**-1022 although it is not zero. Single small entries are rounded as ever, and
    with `may_vanish` all of them: for errors and residuals, of which nothing but their size matters.
    """
    y = np.asarray(y, dtype=np.float64)
    with np.errstate(over="ignore", under="ignore"):
        result = np.asarray(np.ldexp(y, e))
    largest = np.max(np.abs(result), initial=0.0)
    if np.isfinite(y).all() and not np.isfinite(largest):
        raise ValueError(f"{what} is larger than any float: scale the data down, for example by 2**-512")
    if not may_vanish and largest < TINIEST and y.any():
        raise ValueError(f"{what} is smaller than any float: scale the data up, for example by 2**512")
    return result


def norm(x: ArrayLike, axis: int | None = None) -> Any:
    """Return the Euclidean norm of all entries (Frobenius), or of the vectors along an axis.

    It neither overflows nor vanishes unless the norm itself does. As fast as ``np.linalg.norm``, and equal
    to it to the last bit, wherever that is right. A float without `axis`, otherwise an array. What is
    infinite or nan gives inf or nan.
    """
    x = np.asarray(x)
    if axis is None and x.dtype == np.float64:  # as in most loops
        flat = x.ravel(order="K")
        s = float(np.vdot(flat, flat))  # the one product that is silent about overflow
        if _SAFE_SQUARE <= s < math.inf:
            return math.sqrt(s)
    x = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64, copy=False)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        plain = np.linalg.norm(x, axis=axis) if axis is not None else np.linalg.norm(x.ravel(order="K"))
        good = (plain >= _SAFE) & (plain < np.inf)
        if np.all(good):
            return plain if axis is not None else float(plain)
        size = np.abs(x)
        largest = np.max(size, axis=axis, keepdims=True, initial=0.0)
        e = np.where(np.isfinite(largest), np.frexp(largest)[1], 0)
        part = np.ldexp(size, -e)
        slow = np.ldexp(np.sqrt(np.sum(part * part, axis=axis)), np.squeeze(e, axis=axis))
        result = np.where(good, plain, slow)
    return result if axis is not None else float(result)


def mean(x: ArrayLike, axis: int | None = None) -> Any:
    """Return the mean, with the sum in float64: it overflows for no data."""
    x = np.asarray(x)
    with np.errstate(over="ignore", invalid="ignore"):
        plain = np.mean(x, axis=axis, dtype=np.float64)
    if np.isfinite(plain).all() or not np.isfinite(x).all():
        return plain if axis is not None else float(plain)
    part, e = scaled(x)
    result = np.ldexp(np.mean(part, axis=axis), e)
    return result if axis is not None else float(result)


def centered(X: ArrayLike, axis: int = 0) -> tuple[Array, Array]:
    """Return ``(X - center, center)`` with the mean along an axis as center: use it before squares.

    A large common offset costs nothing but the digits that the data themselves lack: where it is many times
    the spread, the mean of what is left is removed once more. The `center` keeps the axis, with length 1.
    Columns whose deviations overflow must be scaled before.
    """
    X = np.asarray(X, dtype=np.float64)
    center = np.expand_dims(np.asarray(mean(X, axis=axis)), axis)
    moved = X - center
    if np.any(np.abs(center) > _FAR * np.max(np.abs(moved), axis=axis, keepdims=True, initial=0.0)):
        rest = np.mean(moved, axis=axis, keepdims=True)
        constant = (
            np.ptp(X, axis=axis, keepdims=True) == 0
        )  # its mean may be off by a rounding; the rest is 0
        moved = np.where(constant, 0.0, moved - rest)
    return moved, center


def has_no_spread(x: ArrayLike, axis: int | None = None, *, ulps: float = 4.0) -> Any:
    """Tell whether numbers are all the same: their range is at most a few roundings of the largest of them.

    Whole numbers must be equal; floats may differ by `ulps` times the epsilon of their own type, which is
    what computing one number by several routes leaves. A truth without `axis`, otherwise an array of them.
    """
    x = np.asarray(x)
    epsilon = float(np.finfo(x.dtype).eps) if x.dtype.kind == "f" else 0.0
    high, low = x.max(axis=axis), x.min(axis=axis)
    if not epsilon:
        same = high == low
    else:
        high, low = np.asarray(high, dtype=np.float64), np.asarray(low, dtype=np.float64)
        with np.errstate(over="ignore", under="ignore"):
            same = high - low <= ulps * epsilon * np.maximum(np.abs(high), np.abs(low))
    return np.asarray(same) if axis is not None else bool(same)


def has_converged(residual: float, tolerance: float, size: float) -> bool:
    """Tell whether a residual is at most `tolerance` times `size`, which infinity and nan never are.

    Take both from `norm`, so that zero means zero. With `size` or `tolerance` zero, only a residual of zero
    has converged.
    """
    residual, size = float(residual), float(size)
    if not (math.isfinite(residual) and math.isfinite(size)):
        return False
    if residual == 0 or tolerance == 0 or size == 0:
        return residual == 0
    limit = tolerance * size
    if TINIEST <= limit < math.inf:
        return residual <= limit
    (a, e), (b, f) = math.frexp(residual), math.frexp(size)  # the product left the range: compare exponents
    c, g = math.frexp(tolerance)
    return math.ldexp(a / (b * c), max(min(e - f - g, 1000), -1000)) <= 1


def squared_distances(X: ArrayLike, Y: ArrayLike) -> tuple[Array, int]:
    """Return ``(D, e)``: the squared distances between rows of `X` (n, d) and of `Y` (m, d) are ``D * 4**e``.

    Rows are scaled and moved to a common center, then multiplied out; what cancels is computed again from the
    differences. The relative error of an entry is about d times epsilon unless it is below 1e-292 of the
    largest.
    """
    X, Y, e = _scaled_together(X, Y)
    D, close = _multiplied_out(X, Y)
    for pairs, differences in _differences(X, Y, close):
        D.flat[pairs] = np.sum(differences**2, axis=1)
    return D, e


def _largest(A: Array) -> Array:
    return np.asarray(np.max(np.abs(A), axis=0, initial=0.0))


def _length(A: Array) -> Array:
    return np.asarray(np.sqrt(np.add.reduce(A * A, axis=0)))


def _scaled_together(X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array, int]:
    X, Y = np.asarray(X, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    e = max(exponent(part) for part in (X, Y) if part.any()) if X.any() or Y.any() else 0
    unit = math.ldexp(1.0, e)
    return X / unit, Y / unit, e


def _multiplied_out(X: Array, Y: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return x.x - 2 x.y + y.y (n, m) about a common center, and the places where it cancels."""
    center = (np.minimum(X.min(axis=0), Y.min(axis=0)) + np.maximum(X.max(axis=0), Y.max(axis=0))) / 2
    X, Y = X - center, Y - center
    parts = np.sum(X * X, axis=1)[:, None] + np.sum(Y * Y, axis=1)
    D = parts - 2 * (X @ Y.T)
    return D, np.flatnonzero(_CANCELLED * parts >= D)


def _differences(X: Array, Y: Array, pairs: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], Array]]:
    """Yield places in the table of pairs and the differences of their rows, as many as memory may hold."""
    step = max(1, _AT_ONCE // X.shape[1])
    for start in range(0, len(pairs), step):
        part = pairs[start : start + step]
        i, j = np.divmod(part, len(Y))
        yield part, X[i] - Y[j]
