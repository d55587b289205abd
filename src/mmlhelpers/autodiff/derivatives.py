"""What a reader calls: gradients, Jacobians, Hessians, and their products with vectors."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_array, as_count, as_function
from mmlhelpers.autodiff._groups import as_direction, as_input, map_groups
from mmlhelpers.autodiff._traced import Traced, plain
from mmlhelpers.autodiff.dual import Dual, _is_dual
from mmlhelpers.autodiff.tape import LEVELS, Tape, Tensor


def record(f: Callable[..., Any], *args: ArrayLike) -> tuple[Tape, Tensor]:
    """Run a function once and keep the tape.

    Parameters
    ----------
    f : callable
        Written with NumPy functions that have a rule; returns one array.
    *args : array_like
        Its arguments; each becomes an input of the tape, under the name that the function gives it.

    Returns
    -------
    (Tape, Tensor)
        The tape and the result, which stands on its last line.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule, or its result does not depend on its arguments.

    Notes
    -----
    The values are those of the plain run, to the last bit.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> tape, y = record(lambda x: x**2 + x, 3.0)
    >>> y, len(tape.nodes)
    (Tensor(12), 3)
    """
    f = as_function(f, "f")
    tape = Tape()
    names = list(inspect.signature(f).parameters)
    inputs = [tape.input(x, name) for x, name in zip(args, names, strict=False)]
    out = f(*inputs)
    if not isinstance(out, Tensor):
        raise TypeError(f"f must return a result that depends on its arguments, got {out!r}")
    return tape, out


def vjp(f: Callable[[Any], Any], x: Any) -> tuple[Any, Callable[[Any], Any]]:
    r"""Run a function and prepare its backward pass.

    Parameters
    ----------
    f : callable
        From `x` to one array.
    x : array_like, or list, tuple, dict of arrays
        Where.

    Returns
    -------
    (ndarray, callable)
        The value :math:`f(x)`, and the map :math:`g \mapsto J^\top g`, with the structure of `x`.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule.
    ValueError
        If `x` is not finite, or `g` has not the shape of the value.

    Notes
    -----
    Exact up to rounding. One pass costs a small multiple of running `f`, whatever the size of `x`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-vjp).

    Examples
    --------
    >>> value, pull = vjp(lambda x: x**2, [1.0, 2.0])
    >>> value, pull([1.0, 10.0])
    (array([1., 4.]), array([ 2., 40.]))
    """
    f = as_function(f, "f")
    tape = Tape()
    inputs = map_groups(lambda leaf: tape.input(leaf, "x"), x)
    out = f(inputs)
    on_tape = isinstance(out, Tensor) and out.tape is tape
    value = out.value if on_tape else out

    def pull(g: Any) -> Any:
        if as_array(plain(g), "g").dtype.kind not in "biuf":
            raise ValueError(f"g must be an array of real numbers, got {g!r:.80}: pass floats")
        if np.shape(g) != np.shape(value):
            raise ValueError(f"g must have the shape {np.shape(value)} of the value, got {np.shape(g)}")
        if not np.all(np.isfinite(plain(g))):
            raise ValueError("g must be finite, got NaN or infinity: remove or replace such entries")
        gradients = tape.gradients(out, g) if on_tape else []
        return map_groups(lambda leaf: _gradient_of(leaf, gradients), inputs)

    return _own(value), pull


def _own(x: Any) -> Any:
    """Give the caller an array that nobody else holds, and that may be written to."""
    return x.copy() if isinstance(x, np.ndarray) else x


def _gradient_of(leaf: Tensor, gradients: list[Any]) -> Any:
    """Read the gradient of an input in its precision; where nothing depends on it, it is zero."""
    g = gradients[leaf.index] if leaf.index < len(gradients) else None
    if isinstance(g, Traced):
        return g
    dtype = plain(leaf).dtype
    return np.zeros(leaf.shape, dtype)[()] if g is None else np.array(g, dtype)[()]


def jvp(f: Callable[[Any], Any], x: Any, v: Any) -> tuple[Any, Any]:
    r"""Run a function and its derivative in one direction together, with dual numbers.

    Parameters
    ----------
    f : callable
        From `x` to an array, or a group of them.
    x, v : array_like, or list, tuple, dict of arrays
        Where, and in which direction; same structure and shapes.

    Returns
    -------
    (ndarray, ndarray)
        The value :math:`f(x)` and the product :math:`J v`, of the same structure.

    Raises
    ------
    TypeError
        If `f` uses a function without a rule.
    ValueError
        If `x` or `v` is not finite, or their shapes differ.

    Notes
    -----
    Exact up to rounding. One direction costs a small multiple of running `f`; nothing is kept.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-jvp).

    Examples
    --------
    >>> jvp(np.square, [1.0, 2.0], [0.0, 1.0])
    (array([1., 4.]), array([0., 4.]))
    """
    f = as_function(f, "f")
    level = next(LEVELS)
    out = f(map_groups(lambda p, d: Dual(as_input(p, "x"), as_direction(d, p), level), x, v))
    values = map_groups(lambda y: _own(y.value if _is_dual(y, level) else y), out)
    return values, map_groups(lambda y: _tangent_of(y, level), out)


def _tangent_of(y: Any, level: int) -> Any:
    """Read how fast a result moves, in its precision."""
    if not _is_dual(y, level):
        return np.zeros(np.shape(y))[()]
    t = y.tangent
    if isinstance(t, Traced):
        return t
    if np.isnan(t).any() and np.isfinite(plain(y)).all():
        raise ValueError(
            "the derivative at x is not determined: an infinite slope meets a direction in which nothing "
            "moves; move x a little, or choose the branch with np.where"
        )
    return np.array(t, np.asarray(plain(y)).dtype)[()]


def value_and_grad(f: Callable[..., Any], argnum: int = 0) -> Callable[..., tuple[Any, Any]]:
    """Make of a function with one number as its result the function that also returns the gradient.

    Parameters
    ----------
    f : callable
        Returns a single number.
    argnum : int
        The argument asked about, counted from 0.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns the value and the gradient, which has the structure of that
        argument.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or the argument is not finite.

    Notes
    -----
    Exact up to rounding; the cost is a small multiple of running `f`, whatever the size of the argument.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> value, slope = value_and_grad(lambda w: np.sum(w**2))([1.0, 2.0])
    >>> float(value), slope
    (5.0, array([2., 4.]))
    """
    f = as_function(f, "f")

    argnum = as_count(argnum, "argnum", 0)

    def with_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if argnum >= len(args):
            raise ValueError(
                f"argnum = {argnum} must count one of the arguments without a name, got {len(args)}"
            )
        value, pull = vjp(lambda x: f(*args[:argnum], x, *args[argnum + 1 :], **kwargs), args[argnum])
        if np.shape(value) != ():
            raise ValueError(
                f"f must return a single number, got shape {np.shape(value)}: sum it, or use vjp"
            )
        return value, pull(1.0)

    return with_gradient


def grad(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Make of a function with one number as its result the function that returns its gradient.

    Parameters
    ----------
    f : callable
        Returns a single number.
    argnum : int
        The argument asked about, counted from 0.

    Returns
    -------
    callable
        Takes the arguments of `f`, returns the gradient, which has the structure of that argument. May be
        differentiated again.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or the argument is not finite.

    Notes
    -----
    Exact up to rounding; the cost is a small multiple of running `f`, whatever the size of the argument.

    References
    ----------
    Book, section "Calculus: how models learn", "A tape remembers what the chain rule needs".

    Examples
    --------
    >>> grad(lambda w: np.sum(w**2))([1.0, 2.0])
    array([2., 4.])
    >>> float(grad(grad(np.square))(5.0))
    2.0
    """
    both = value_and_grad(f, argnum)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def hvp(f: Callable[[Any], Any], x: Any, v: Any) -> Any:
    r"""Multiply the Hessian by a vector without forming it.

    Parameters
    ----------
    f : callable
        From `x` to a single number.
    x, v : array_like, or list, tuple, dict of arrays
        Where, and in which direction; same structure and shapes.

    Returns
    -------
    ndarray
        :math:`H(x)\,v`, with the structure of `x`.

    Raises
    ------
    ValueError
        If the result of `f` is no single number, or `x` and `v` do not fit.

    Notes
    -----
    The gradient, differentiated in the direction `v`: dual numbers run through a tape. Exact up to rounding,
    at a small multiple of the cost of `f`.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-hvp).

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1], [1.0, 3.0], [1.0, 0.0])
    array([6., 2.])
    """
    return jvp(grad(f), x, v)[1]


def jacobian(f: Callable[[Any], Any]) -> Callable[[ArrayLike], Array]:
    r"""Make of a function the function that returns its Jacobian.

    Parameters
    ----------
    f : callable
        From an array to an array.

    Returns
    -------
    callable
        From `x` to all :math:`\partial f_i / \partial x_j`: the shape of the result, then the shape of `x`.

    Raises
    ------
    ValueError
        When called: if `x` is not finite.

    Notes
    -----
    One backward pass for each entry of the result. Exact up to rounding.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-jacobian).

    Examples
    --------
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))([2.0, 5.0])
    array([[5., 2.],
           [1., 1.]])
    """
    f = as_function(f, "f")

    def at(x: ArrayLike) -> Array:
        value, pull = vjp(f, x)
        ones = np.eye(np.size(value)).reshape(np.size(value), *np.shape(value))
        return np.reshape([pull(one) for one in ones], (*np.shape(value), *np.shape(x)))

    return at


def hessian(f: Callable[[Any], Any]) -> Callable[[ArrayLike], Array]:
    r"""Make of a function with one number as its result the function that returns its Hessian.

    Parameters
    ----------
    f : callable
        From an array to a single number.

    Returns
    -------
    callable
        From `x` to all :math:`\partial^2 f / \partial x_i \partial x_j`: the shape of `x` twice.

    Raises
    ------
    ValueError
        When called: if the result of `f` is no single number, or `x` is not finite.

    Notes
    -----
    One Hessian-vector product for each entry of `x`. Exact up to rounding.

    References
    ----------
    Book, section "Calculus: how models learn", equation (eq-hessian).

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 3.0])
    array([[6., 2.],
           [2., 0.]])
    """
    f = as_function(f, "f")

    def at(x: ArrayLike) -> Array:
        shape = np.shape(as_input(x, "x"))
        size = int(np.prod(shape))
        columns = [hvp(f, x, one) for one in np.eye(size).reshape(size, *shape)]
        return np.reshape(columns, shape * 2)  # symmetric, so that columns are rows

    return at
