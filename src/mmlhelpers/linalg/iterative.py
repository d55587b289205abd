"""Systems that are solved by multiplying: conjugate gradients on any linear operator."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, has_converged, norm, unscaled
from mmlhelpers.linalg._common import Operator, as_operator, within_range

Watch = Callable[[Array, float], object]

_NOTHING = EPSILON**2  # a residual so small beside the first says nothing
_ROUNDING = 64 * EPSILON  # a residual so small beside b is what rounding leaves
_ROOM = 100  # exponents of b with which squares of a residual 1e-32 times as large do not vanish


class LinearSolve(NamedTuple):
    """The last point `x` (n,), the norms (k + 1,) of the residual at the start and after each step."""

    x: Array
    residual_norms: Array
    converged: bool

    @property
    def n_steps(self) -> int:
        """Count the steps that were made, each one product with the operator.

        Returns
        -------
        int
            Zero if the start was good enough.
        """
        return len(self.residual_norms) - 1


def conjugate_gradients(
    operator: ArrayLike | Operator,
    b: ArrayLike,
    *,
    preconditioner: ArrayLike | Operator | None = None,
    start: ArrayLike | None = None,
    tolerance: float = 1e-8,
    absolute_tolerance: float = 0.0,
    max_steps: int | None = None,
    watch: Watch | None = None,
) -> LinearSolve:
    r"""Solve a symmetric positive definite system by products with its matrix alone.

    Parameters
    ----------
    operator : (n, n) array_like or callable
        The matrix :math:`A`, or the function that multiplies a vector (n,) by it. The function may return the
        same array every time: it is read before the next call.
    b : (n,) array_like
        Right-hand side.
    preconditioner : (n, n) array_like or callable, optional
        A symmetric positive definite stand-in for :math:`A^{-1}` that is cheap to apply, as a matrix or as a
        function of the residual (n,).
    start : (n,) array_like, optional
        First guess; zero by default.
    tolerance : float
        Stop when the residual norm is at most this (:math:`\varepsilon^2` at least) times the norm of `b`.
    absolute_tolerance : float
        Or when it is at most this, in the unit of `b`.
    max_steps : int, optional
        Stop after this many steps in any case; `10 n` by default.
    watch : callable, optional
        Called with the point and the residual norm at the start and after each step. The point may be the
        working array: copy it to keep it.

    Returns
    -------
    LinearSolve
        `x` (n,), `residual_norms` (k + 1,), and `converged`: whether the residual of `x`, computed anew, is
        at most the larger of `tolerance` and 64 :math:`\varepsilon` times the norm of `b`, or
        `absolute_tolerance`.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, the sizes disagree, or a direction shows that the operator or the
        preconditioner is not positive definite. That a function is linear and symmetric is not checked.

    Notes
    -----
    From zero, step `k` has the least error :math:`\lVert x - A^{-1}b \rVert_A` of all points spanned by
    :math:`b, Ab, \dots, A^{k-1}b`; it shrinks at least like
    :math:`2\,((\sqrt\kappa - 1)/(\sqrt\kappa + 1))^k`. The residual is updated, not recomputed: it follows
    the true one to about :math:`\varepsilon\,\lVert A \rVert \max_k \lVert x_k \rVert` times the number of
    steps. Where it is below the limit but the one computed anew is not, steps go on from that one as long as
    this halves it. The units of matrices and vectors do not matter. A step makes no array of its own: one
    product, two dot products and three updates.

    References
    ----------
    Hestenes and Stiefel (1952), Methods of conjugate gradients for solving linear systems,
    doi:10.6028/jres.049.044.

    Examples
    --------
    >>> solved = conjugate_gradients([[2, 0], [0, 8]], [2, 8])
    >>> solved.x, solved.n_steps, solved.converged
    (array([1., 1.]), 2, True)
    """
    b = as_vector(b, "b")
    multiply, e = as_operator(operator, "operator", len(b), symmetric=True)
    if preconditioner is not None:
        preconditioner, _ = as_operator(preconditioner, "preconditioner", len(b), symmetric=True)
    tolerance = max(as_tolerance(tolerance, "tolerance"), _NOTHING)
    absolute = as_tolerance(absolute_tolerance, "absolute_tolerance")
    steps = 10 * len(b) if max_steps is None else as_count(max_steps, "max_steps", 0)
    x, f = _first_point(multiply, b, start, e)
    b = np.ldexp(b, -f)
    look = _in_units_of_the_caller(watch, f, f - e)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused by name
        absolute = float(np.ldexp(absolute, -f))
        x, norms, converged = _iterate(multiply, b, preconditioner, x, (tolerance, absolute), steps, look)
    x = unscaled(x, f - e, "the solution x of operator @ x = b")
    return LinearSolve(x, unscaled(norms, f, "the norm of b", may_vanish=True), converged)


def _iterate(
    multiply: Operator,
    b: Array,
    preconditioner: Operator | None,
    x: Array,
    tolerances: tuple[float, float],
    steps: int,
    watch: Watch,
) -> tuple[Array, list[float], bool]:
    """Move `x` in rounds of steps, each of which starts from a residual computed anew."""
    (tolerance, absolute), size = tolerances, norm(b)
    r = b - multiply(x) if x.any() else b.copy()
    norms = [norm(r)]
    watch(x, norms[0])
    limit = max(tolerance * size, absolute, _NOTHING * norms[0])
    while True:
        before = norm(r)
        _walk(multiply, preconditioner, x, r, norms, limit, steps, watch)
        if norms[-1] > limit:
            return x, norms, False
        if len(norms) > 1:  # the residual was updated, not recomputed
            r = b - multiply(x)
        rest = norm(r)
        if has_converged(rest, max(tolerance, _ROUNDING), size) or rest <= absolute:
            return x, norms, True
        norms[-1] = rest
        if rest > before / 2 or len(norms) > steps:  # rounding lets it come no nearer
            return x, norms, False


def _walk(
    multiply: Operator,
    preconditioner: Operator | None,
    x: Array,
    r: Array,
    norms: list[float],
    limit: float,
    steps: int,
    watch: Watch,
) -> None:
    """Take conjugate steps from `x` and its residual, both changed in place, and note the norms."""
    p, rho = np.zeros_like(r), 1.0
    work = np.empty_like(r)
    while norms[-1] > limit and len(norms) <= steps:
        z = r if preconditioner is None else preconditioner(r)
        rho, rho_before = _positive(r @ z, "preconditioner"), rho
        p *= rho / rho_before  # of no effect in the first step, where p is zero
        p += z
        q = multiply(p)
        alpha = rho / _positive(p @ q, "operator")
        x += np.multiply(alpha, p, out=work)
        r -= np.multiply(alpha, q, out=work)
        norms.append(norm(r))
        watch(x, norms[-1])


def _first_point(multiply: Operator, b: Array, start: ArrayLike | None, e: int) -> tuple[Array, int]:
    """Return a fresh array to move, and the exponent of the unit in which residuals keep their squares.

    With the operator over ``2**e`` and `b` over ``2**f``, the point is over ``2**(f - e)``.
    """
    if start is None:
        return np.zeros_like(b), within_range(b, _ROOM)[1]
    x = as_vector(start, "start")
    if len(x) != len(b):
        raise ValueError(f"start has length {len(x)} but b has {len(b)}: make them agree")
    with np.errstate(over="ignore", invalid="ignore"):
        image = np.ldexp(multiply(x), e)
    if not np.isfinite(image).all():
        raise ValueError(
            "operator must give finite products, got an infinite one for start: scale start down"
        )
    f = within_range(np.stack([b, image]), _ROOM)[1]
    return unscaled(x, e - f, "start, in the unit of b and operator,") if e != f else x.copy(), f


def _in_units_of_the_caller(watch: Watch | None, f: int, g: int) -> Watch:
    """Return `watch` for residuals over ``2**f`` and points over ``2**g``."""
    if watch is None:
        return lambda _, __: None
    watch = as_function(watch, "watch")
    if f == g == 0:
        return watch
    return lambda x, size: watch(np.ldexp(x, g), float(np.ldexp(size, f)))


def _positive(product: Any, name: str) -> float:
    """Refuse a product that a positive definite matrix cannot give."""
    if not 0 < product < math.inf:
        raise ValueError(
            f"{name} must be positive definite, but gives v @ (M @ v) = {product:.6g} for some v; "
            "add a positive multiple of the identity, or use a direct method"
        )
    return float(product)
