"""The referee: a gradient against central differences."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_function, as_tolerance
from mmlhelpers._scale import EPSILON, exponent, has_converged
from mmlhelpers.autodiff._groups import as_input
from mmlhelpers.autodiff.derivatives import grad

_NEAR = 10  # exponents of two of x up to which the step is 1e-5 itself
_ROUNDING = 8.0  # roundings in a value


class GradientCheck(NamedTuple):
    """Whether a gradient is right; if not, where it is wrong most, what it claims and what is measured."""

    correct: bool
    error: float
    where: tuple[int, ...]
    claimed: float
    measured: float

    def __repr__(self) -> str:
        """Say it in one line."""
        if self.correct:
            return "correct"
        where = f" in entry {list(self.where)}" if self.where else ""
        return (
            f"wrong{where}: the gradient says {self.claimed:.6g}, the central difference "
            f"{self.measured:.6g}, relative error {self.error:.2g}"
        )


def check_gradient(
    f: Callable[[Any], Any],
    x: ArrayLike,
    gradient: Callable[[Any], Any] | None = None,
    tolerance: float = 1e-7,
) -> GradientCheck:
    """Compare a gradient with central differences, entry by entry.

    Parameters
    ----------
    f : callable
        From an array to a single number.
    x : array_like
        Where; a random point sees more than a round one.
    gradient : callable, optional
        From `x` to the gradient to be checked; that of `grad` if left out.
    tolerance : float
        Largest error that passes, relative to the largest slope that the values of `f` show around `x`.

    Returns
    -------
    GradientCheck
        Verdict, largest error, and where it is.

    Raises
    ------
    ValueError
        If the gradient has not the shape of `x`, or `x` is not finite.

    Notes
    -----
    The step is 1e-5, times the power of two nearest to the size of `x` where that is far from 1: an error is
    found in any unit. Central differences are themselves exact to about 1e-10 times the size of the third
    derivative and of `f`, which is allowed for; at a corner of `f`, such as relu at 0, they tell nothing.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-central).

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**3), [1.0, 2.0], gradient=lambda x: 3 * x)
    wrong in entry [1]: the gradient says 6, the central difference 12, relative error 0.5
    """
    f = as_function(f, "f")
    point: Array = as_input(x, "x").astype(np.float64)
    if not point.size:
        raise ValueError(f"x must not be empty, got shape {point.shape}")
    tolerance = as_tolerance(tolerance, "tolerance")
    claimed = np.asarray((gradient or grad(f))(point.copy()), dtype=float)
    if claimed.shape != point.shape:
        raise ValueError(f"gradient must have the shape {point.shape} of x, got {claimed.shape}")
    if not np.isfinite(claimed).all():
        raise ValueError("gradient must be finite, got NaN or infinity: choose another x")
    measured, slope, noise = _measured(f, point)
    errors = np.abs(claimed - measured)
    where = tuple(int(i) for i in np.unravel_index(np.argmax(errors), point.shape))
    worst = float(errors[where])
    relative = worst / slope if slope else float(worst > 0)
    correct = has_converged(worst, 1.0, tolerance * slope + noise)
    return GradientCheck(correct, relative, where, float(claimed[where]), float(measured[where]))


def _measured(f: Callable[[Any], Any], point: Array) -> tuple[Array, float, float]:
    """Return central differences, the largest of them, and what rounding of values and points may change."""
    e = exponent(point)
    h, size = math.ldexp(1e-5, e if abs(e) > _NEAR else 0), math.ldexp(1.0, e)
    if not math.ldexp(h, -52):
        raise ValueError("x must have entries that carry all digits, got denormal ones: scale them up")
    middle, slopes, largest, bend = _value(f, point), np.zeros(point.shape), 0.0, 0.0
    with np.errstate(all="ignore"):
        for i in np.ndindex(point.shape):
            one = np.zeros(point.shape)
            one[i] = h
            right, left = _value(f, point + one), _value(f, point - one)
            slopes[i] = (right - left) / (2 * h)
            largest = max(largest, abs(right), abs(left), abs(middle))
            bend = max(bend, abs(right - 2 * middle + left) / h)
        slope = float(np.max(np.abs(slopes)))
        rounding = _ROUNDING * EPSILON * (largest / h + (bend + slope) * (size / h))
    return slopes, slope, float(rounding)


def _value(f: Callable[[Any], Any], x: Array) -> float:
    """Evaluate the function at a point of its own, where it must be finite."""
    with np.errstate(all="ignore"):
        value = float(np.asarray(f(x.copy())).item())
    if not math.isfinite(value):
        raise ValueError(f"f must be finite around x, got {value}: choose another x")
    return value
