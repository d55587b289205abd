"""Systems that are solved by multiplying: conjugate gradients on any linear operator."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_tolerance, as_vector
from mmlhelpers.linalg._common import Operator, as_operator

# A residual so small beside b is zero: its square may vanish.
_NOTHING = float(np.finfo(np.float64).eps) ** 2


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
    watch: Callable[[Array, float], object] | None = None,
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
        Or when it is at most this.
    max_steps : int, optional
        Stop after this many steps in any case; `10 n` by default.
    watch : callable, optional
        Called with the point and the residual norm at the start and after each step. The point is the working
        array: copy it to keep it.

    Returns
    -------
    LinearSolve
        `x` (n,), `residual_norms` (k + 1,), `converged`.

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
    steps. A step makes no array of its own: one product, two dot products and three updates.

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
    multiply = as_operator(operator, "operator", len(b), symmetric=True)
    if preconditioner is not None:
        preconditioner = as_operator(preconditioner, "preconditioner", len(b), symmetric=True)
    limit = max(
        max(as_tolerance(tolerance, "tolerance"), _NOTHING) * float(np.linalg.norm(b)),
        as_tolerance(absolute_tolerance, "absolute_tolerance"),
    )
    steps = 10 * len(b) if max_steps is None else as_count(max_steps, "max_steps", 0)
    x, r = _first_point(multiply, b, start)
    norms = [float(np.linalg.norm(r))]
    if watch:
        watch(x, norms[0])
    p, rho = np.zeros_like(b), 1.0
    work = np.empty_like(b)
    while norms[-1] > limit and len(norms) <= steps:
        z = r if preconditioner is None else preconditioner(r)
        rho, rho_before = _positive(r @ z, "preconditioner"), rho
        p *= rho / rho_before  # of no effect in the first step, where p is zero
        p += z
        q = multiply(p)
        alpha = rho / _positive(p @ q, "operator")
        x += np.multiply(alpha, p, out=work)
        r -= np.multiply(alpha, q, out=work)
        norms.append(float(np.linalg.norm(r)))
        if watch:
            watch(x, norms[-1])
    return LinearSolve(x, np.array(norms), norms[-1] <= limit)


def _first_point(multiply: Operator, b: Array, start: ArrayLike | None) -> tuple[Array, Array]:
    """Return a fresh array to move, and the residual there."""
    if start is None:
        return np.zeros_like(b), b.copy()
    x = as_vector(start, "start").copy()
    if len(x) != len(b):
        raise ValueError(f"start has length {len(x)} but b has {len(b)}: make them agree")
    return x, b - multiply(x)


def _positive(product: Any, name: str) -> float:
    """Refuse a product that a positive definite matrix cannot give."""
    if not product > 0:
        raise ValueError(
            f"{name} must be positive definite, but gives v @ (M @ v) = {product:.6g} for some v; "
            "add a positive multiple of the identity, or use a direct method"
        )
    return float(product)
