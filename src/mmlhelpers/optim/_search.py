r"""Line searches: how far to go in a direction that points down.

Throughout, `slope` is the derivative :math:`\nabla f(x)^\top d` along the direction `d`, negative for a way
down. A change of the value below rounding error counts as no change, so that a search near a minimum still
ends.
"""

from typing import NamedTuple

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.optim._paths import EPSILON, Recorder

ENOUGH = 0.1  # share of the decrease along the tangent that a step must achieve
CURVATURE = 0.9  # share of the slope that may be left at the end of a Wolfe step
SEARCH_STEPS = 40


class Step(NamedTuple):
    """What a line search chose: the factor of the direction and the value of the objective there."""

    length: float
    value: float


@np.errstate(all="ignore")  # a step may lead out of the floats; it is then too long
def backtrack(record: Recorder, x: Array, d: Array, slope: float, value: float, first: float = 1.0) -> Step:
    """Halve a step until the value falls enough, from a value and a slope that are known already."""
    check_descent(slope)
    length, slack = first, 10 * EPSILON * abs(value)
    for _ in range(SEARCH_STEPS):
        new = record.value(x + length * d)
        if new <= value + ENOUGH * length * slope + slack:
            return Step(length, new)
        length /= 2
    raise ValueError(
        f"objective does not fall from {value:.6g} with any step from {first} down to {length:.1e}: "
        "check its gradient"
    )


@np.errstate(all="ignore")
def wolfe(record: Recorder, x: Array, d: Array, slope: float, value: float) -> tuple[Step, Array]:
    """Bracket and bisect until the value falls and the slope flattens enough; return the gradient too."""
    check_descent(slope)
    low, high, length, slack = 0.0, float("inf"), 1.0, 10 * EPSILON * abs(value)
    for _ in range(SEARCH_STEPS):
        new = record.value(x + length * d)
        if not new <= value + ENOUGH * length * slope + slack:
            high = length  # too long, or outside of the domain
        else:
            g = record.gradient(x + length * d)
            if slope_along(g, d) >= CURVATURE * slope:
                return Step(length, new), g
            low = length
        length = (low + high) / 2 if high < float("inf") else 2 * low
    raise ValueError(
        f"objective has no step with both conditions of Wolfe from the value {value:.6g}: "
        "is it bounded below?"
    )


def slope_along(g: Array, d: Array) -> float:
    """Multiply a gradient by a direction; what overflows is infinite, without a warning."""
    with np.errstate(all="ignore"):
        return float(g @ d)


def check_descent(slope: float) -> None:
    """Refuse a direction that does not point downhill."""
    if not slope < 0:
        raise ValueError(
            f"direction must point downhill, but the slope of the objective along it is {slope:.6g}: turn it "
            "round, or scale an objective whose squares vanish"
        )
