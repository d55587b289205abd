"""What every method of this package takes and returns: an objective goes in, the whole path comes out."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_function, as_made, as_number, as_vector
from mmlhelpers._scale import EPSILON, norm

__all__ = ["EPSILON", "Objective", "Path", "Recorder", "as_objective", "as_positive", "as_start", "norm"]


class Objective(NamedTuple):
    """A function to be minimised, with its derivatives.

    `value(x)` is a number, `gradient(x)` has the shape (n,) of `x`, `hessian(x)` is (n, n). Where the value
    is a mean over `n_samples` samples, all three also take the rows to average over as a second argument.
    """

    value: Callable[..., float]
    gradient: Callable[..., Array]
    hessian: Callable[..., Array] | None = None
    n_samples: int | None = None


class Path(NamedTuple):
    """Where a method went: one row a step, the start included, and what it cost.

    `points` (k + 1, n), `values` (k + 1,) of the objective, `gradient_norms` (k + 1,) or what the method's
    stopping rule watches in their place. `converged` says that the stated rule holds at the last point, for
    the gradient as the objective computes it: what rounding does inside of the objective no method can know.
    The three counts are the evaluations that the method needed to move; values computed only for this record
    are not among them.
    """

    points: Array
    values: Array
    gradient_norms: Array
    converged: bool
    n_values: int
    n_gradients: int
    n_hessians: int

    @property
    def x(self) -> Array:
        """The last point, (n,)."""
        last: Array = self.points[-1]
        return last

    @property
    def n_steps(self) -> int:
        """How many steps were made."""
        return len(self.points) - 1


def as_objective(value: Objective) -> Objective:
    """Read an objective whose value and derivatives can be called."""
    value = as_made(value, Objective, "objective", "an Objective(value, gradient)")
    as_function(value.value, "objective.value")
    as_function(value.gradient, "objective.gradient")
    if value.hessian is not None:
        as_function(value.hessian, "objective.hessian")
    return value


class Recorder:
    """Calls an objective, counts the calls, and keeps the points it is given."""

    def __init__(self, objective: Objective) -> None:
        self.objective = as_objective(objective)
        self.points: list[Array] = []
        self.values: list[float] = []
        self.norms: list[float] = []
        self.n_values = self.n_gradients = self.n_hessians = 0

    def value(self, x: Array, *rows: Any) -> float:
        """Evaluate the objective, and count it."""
        self.n_values += 1
        return self.silent_value(x, *rows)

    def silent_value(self, x: Array, *rows: Any) -> float:
        """Evaluate the objective uncounted; where it is no number or a warning, it is infinite."""
        value = float(self._asked(self.objective.value, x, *rows))
        return float("inf") if np.isnan(value) else value

    def _asked(self, function: Callable[..., Any], x: Array, *rows: Any) -> Any:
        """Call a part of the objective without warnings; if it fails at the start, say so."""
        with np.errstate(all="ignore"):
            if self.points:
                return function(x, *rows)
            try:
                return function(x, *rows)
            except (ValueError, IndexError) as error:
                raise ValueError(
                    f"objective must take a start of shape {x.shape}, but fails: {error}"
                ) from error

    def gradient(self, x: Array, *rows: Any) -> Array:
        """Evaluate the gradient, count it and check its shape."""
        self.n_gradients += 1
        g = np.array(self._asked(self.objective.gradient, x, *rows), dtype=np.float64)
        if g.shape != x.shape:
            raise ValueError(f"gradient must return shape {x.shape}, the shape of start, got {g.shape}")
        return g

    def hessian(self, x: Array) -> Array:
        """Evaluate the Hessian, count it and check its shape."""
        if self.objective.hessian is None:
            raise ValueError("objective.hessian is missing: pass Objective(value, gradient, hessian)")
        self.n_hessians += 1
        H = np.array(self._asked(self.objective.hessian, x), dtype=np.float64)
        if H.shape != (len(x), len(x)):
            raise ValueError(f"hessian must return shape {(len(x), len(x))}, got {H.shape}")
        return H

    def keep(self, x: Array, norm: float, value: float | None = None) -> bool:
        """Add a finite point to the path and say whether it was one; a missing value is not counted."""
        value = self.silent_value(x) if value is None else value
        finite = bool(np.isfinite(x).all() and np.isfinite(norm) and np.isfinite(value))
        if not finite and not self.points:
            raise ValueError(
                f"start must be a point where the objective is finite, got the value {value:.6g} and a "
                f"gradient of length {norm:.6g}: scale the objective or start elsewhere"
            )
        if finite:
            self.points.append(x)
            self.values.append(value)
            self.norms.append(norm)
        return finite

    def path(self, converged: bool) -> Path:
        """Hand over what was kept."""
        kept = (np.array(self.points), np.array(self.values), np.array(self.norms))
        return Path(*kept, converged, self.n_values, self.n_gradients, self.n_hessians)


def as_start(start: ArrayLike) -> Array:
    """Read a starting point as a fresh array, (n,)."""
    return as_vector(start, "start").copy()


def as_positive(value: float, name: str) -> float:
    """Read a finite number above zero."""
    number = as_number(value, name)
    if not number > 0:
        raise ValueError(f"{name} must be a finite number above 0, got {number:.6g}")
    return number
