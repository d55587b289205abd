"""The referee: a gradient against central differences."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers import calculus
from mmlhelpers._checks import Array
from mmlhelpers.autodiff._derivatives import grad
from mmlhelpers.autodiff._groups import as_input


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
        Largest error that passes, relative to the largest entry or to 1, whichever is larger.

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
    Central differences with step 1e-5 are themselves exact to about 1e-10 times the size of the third
    derivative and of `f`; at a corner of `f`, such as relu at 0, they tell nothing.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-central).

    Examples
    --------
    >>> check_gradient(lambda x: np.sum(x**3), [1.0, 2.0], gradient=lambda x: 3 * x)
    wrong in entry [1]: the gradient says 6, the central difference 12, relative error 0.5
    """
    point: Array = as_input(x, "x")
    claimed = np.asarray((gradient or grad(f))(point), dtype=float)
    if claimed.shape != point.shape:
        raise ValueError(f"gradient must have the shape {point.shape} of x, got {claimed.shape}")
    measured = calculus.numerical_jacobian(f, point)
    errors = np.abs(claimed - measured) / max(1.0, float(np.abs(measured).max()))
    where = tuple(int(i) for i in np.unravel_index(np.argmax(errors), point.shape))
    worst = float(errors[where])
    return GradientCheck(worst <= tolerance, worst, where, float(claimed[where]), float(measured[where]))
