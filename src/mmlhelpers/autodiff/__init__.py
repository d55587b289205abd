r"""Automatic differentiation of NumPy programs, backward over a tape and forward with dual numbers.

Write the function with NumPy; `grad` and its relatives call it with arguments that also remember where they
came from. A `Tensor` stands on a `Tape`, the list of all operations in order of creation; a `Dual` carries
its derivative along. Both look their derivatives up in one flat table, `RULES`.

Throughout: `g` is the incoming gradient (the derivative of the final number by `out`), `out` the value
computed, `x` and `y` the inputs; a rule returns the derivative of the final number by its input. Arguments
that are differentiated are arrays of floats, or lists, tuples and dicts of them; integers are read as
floats, and float32 stays float32. All derivatives are exact up to rounding.

Conventions: values are those of the plain run, to the last bit. Inputs and constants are copied when they
are written down, so that an array changed later changes no gradient; gradients are fresh arrays of the
input's type. At a corner the mean of both slopes is taken, equal winners share, the length of a zero vector
has the subgradient zero. What a choice leaves out (`np.where`, `np.maximum`, an index) counts nothing, be it
infinite or not; an infinite slope that meets a zero elsewhere is refused. So is a function or an option
without a rule, with what to use in its place.
"""

from mmlhelpers.autodiff import _entrywise, _matrices, _products, _reductions, _shapes
from mmlhelpers.autodiff._traced import RULES
from mmlhelpers.autodiff.checker import GradientCheck, check_gradient
from mmlhelpers.autodiff.derivatives import grad, hessian, hvp, jacobian, jvp, record, value_and_grad, vjp
from mmlhelpers.autodiff.dual import Dual
from mmlhelpers.autodiff.tape import Node, Tape, Tensor

__all__ = [
    "RULES",
    "Dual",
    "GradientCheck",
    "Node",
    "Tape",
    "Tensor",
    "check_gradient",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "record",
    "value_and_grad",
    "vjp",
]

_FAMILIES = (_entrywise, _matrices, _products, _reductions, _shapes)  # which fill the table of rules
