"""Derivatives that the pages display, one file a chapter: NN_slug.py holds a list DERIVATIVES.

The label is that of the equation in the text: eq-grad-..., eq-jac-... or eq-hess-.... The test
compares each with central differences and, where the function is analytic, with the complex step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple


class Derivative(NamedTuple):
    """A formula on a page: what it claims to be the derivative of what, and where to try it.

    `sample(rng)` returns the point, or a tuple of the point and further arguments that `function` and
    `formula` take as well; shapes should not be square. `function` returns a number or an array.
    `formula` returns all d function_i / d point_j: the shape of the value, then the shape of the point.
    For a Hessian, `function` is the gradient. `analytic` is False where complex numbers cannot be put in
    (absolute values, maxima, logaddexp).
    """

    label: str
    function: Callable[..., Any]
    formula: Callable[..., Any]
    sample: Callable[..., Any]
    analytic: bool = True
