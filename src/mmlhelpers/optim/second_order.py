"""Methods that know or learn the curvature: Newton, Levenberg-Marquardt, BFGS and L-BFGS."""

from collections import deque
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_function, as_square, as_tolerance, as_vector
from mmlhelpers._scale import TINIEST, exponent, scaled
from mmlhelpers.optim._paths import EPSILON, Objective, Path, Recorder, as_positive, as_start, norm
from mmlhelpers.optim._search import backtrack, slope_along, wolfe

FLAT = 1e-8  # smallest curvature used by Newton's method, relative to the largest
_MOST_DAMPING = 1e100  # beside a matrix of numbers near one: no step is left
Pair = tuple[Array, Array]


def newton(
    objective: Objective, start: ArrayLike, damped: bool = True, tolerance: float = 1e-8, max_steps: int = 100
) -> Path:
    r"""Jump to the minimum of the second-order Taylor polynomial, again and again.

    Parameters
    ----------
    objective : Objective
        What to minimise, with its Hessian.
    start : (n,) array_like
        First point.
    damped : bool
        Whether to search along the step and to turn round directions of negative curvature. Otherwise the
        pure method: whole steps, towards any stationary point.
    tolerance : float
        Stop when :math:`\lVert \nabla f(x) \rVert` is at most this.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points; a step costs a gradient, a Hessian and :math:`O(n^3)`.

    Raises
    ------
    ValueError
        If the Hessian is missing, or singular in the pure method.

    Notes
    -----
    Near a minimum with an invertible, Lipschitz Hessian the number of correct digits doubles each step. The
    damped method divides by the absolute eigenvalues, at least 1e-8 of the largest.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, chapter 3, doi:10.1007/978-0-387-40065-5.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> newton(quadratic([[2, 0], [0, 8]], [2, 8]), [5, 5]).points[1]
    array([1., 1.])
    """
    x, record, tolerance = as_start(start), Recorder(objective), as_tolerance(tolerance, "tolerance")
    value = record.silent_value(x)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(as_count(max_steps, "max_steps", 0) + 1):
            g = record.gradient(x)
            finite = record.keep(x, norm(g), value)
            if not finite or record.norms[-1] <= tolerance:
                return record.path(finite)
            if damped:
                d = _descent_direction(record.hessian(x), g)
                length, value = backtrack(record, x, d, slope_along(g, d), value)
                x = x + length * d
            else:
                x = x - _solve(record.hessian(x), g)
                value = record.silent_value(x)
    return record.path(False)


def levenberg_marquardt(
    residual: Callable[[Array], Array],
    jacobian: Callable[[Array], Array],
    start: ArrayLike,
    damping: float = 1e-3,
    tolerance: float = 1e-8,
    max_steps: int = 200,
) -> Path:
    r"""Minimise :math:`\tfrac12 \lVert r(x) \rVert^2` by Gauss-Newton steps, shortened where they fail.

    Parameters
    ----------
    residual : callable
        From `x` (n,) to the residuals (m,).
    jacobian : callable
        From `x` to the derivatives of the residuals, (m, n).
    start : (n,) array_like
        First point.
    damping : float
        First factor of the identity added to :math:`J^\top J`, relative to its largest diagonal entry, above
        0.
    tolerance : float
        Stop when :math:`\lVert J^\top r \rVert` is at most this.
    max_steps : int
        Stop after this many trials in any case.

    Returns
    -------
    Path
        The points that lowered the value; residuals are counted as values, Jacobians as gradients.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the Jacobian does not fit the residuals.

    Notes
    -----
    The damping is divided by 10 after a success and multiplied by 10 after a failure. Small residuals make it
    as fast as Newton's method without second derivatives.

    References
    ----------
    Marquardt (1963), An algorithm for least-squares estimation of nonlinear parameters, doi:10.1137/0111030.

    Examples
    --------
    >>> path = levenberg_marquardt(lambda x: x**2 - 4, lambda x: np.diag(2 * x), [3.0])
    >>> path.x
    array([2.])
    """
    residual, jacobian = as_function(residual, "residual"), as_function(jacobian, "jacobian")
    x, tolerance = as_start(start), as_tolerance(tolerance, "tolerance")
    damping, e = as_positive(damping, "damping"), exponent(as_vector(_residuals(residual, x), "residual(x)"))

    def half_square(x: Array) -> float:  # in units of 4**e, so that it fits
        r = np.ldexp(_residuals(residual, x), -e)
        return float(0.5 * r @ r) if np.isfinite(r).all() else float("inf")

    record = Recorder(Objective(half_square, lambda x: x))
    value, moved, factor = record.value(x), True, 0.0
    for _ in range(as_count(max_steps, "max_steps", 0) + 1):
        if moved:
            r, J, f = _linearized(residual, jacobian, x, e)
            record.n_gradients += 1
            g, JtJ = J.T @ r, J.T @ J
            with np.errstate(over="ignore"):
                length = float(np.ldexp(norm(g), e + f))
            with np.errstate(over="ignore"):
                record.keep(x, length, float(np.ldexp(value, 2 * e)))
            if length <= tolerance and (tolerance or not g.any()):  # a length may vanish in these units
                return record.path(True)
            factor = factor or damping * float(np.diag(JtJ).max() or 1.0)
        step = np.ldexp(_damped_step(JtJ, g, factor), e - f)
        new = record.value(x + step) if np.isfinite(step).all() else float("inf")
        moved = new <= value + 10 * EPSILON * value
        factor = factor * 0.1 if moved else min(10.0 * factor, _MOST_DAMPING)
        x, value = (x + step, new) if moved else (x, value)
    return record.path(False)


def _damped_step(JtJ: Array, g: Array, factor: float) -> Array:
    """Solve for a step; where the damping does not make it unique, it is infinite."""
    try:
        step: Array = np.linalg.solve(JtJ + factor * np.eye(len(g)), -g).astype(np.float64)
    except np.linalg.LinAlgError:
        return np.full(len(g), np.inf)
    return step


def _residuals(residual: Callable[[Array], Array], x: Array, name: str = "residual") -> Array:
    """Evaluate the residuals; at a trial point outside of their domain they may be anything."""
    with np.errstate(all="ignore"):
        try:
            return np.array(residual(x), dtype=np.float64)
        except (ValueError, IndexError, TypeError) as error:
            raise ValueError(f"{name} must take a start of shape {x.shape}, but fails: {error}") from error


def _linearized(
    residual: Callable[[Array], Array], jacobian: Callable[[Array], Array], x: Array, e: int
) -> tuple[Array, Array, int]:
    """Return the residuals over 2**e, the Jacobian over 2**f, and f."""
    r = as_vector(_residuals(residual, x), "residual(x)")
    J = _residuals(jacobian, x, "jacobian")
    if J.shape != (len(r), len(x)):
        raise ValueError(f"jacobian must return shape {(len(r), len(x))}, got {J.shape}")
    if not np.isfinite(J).all():
        raise ValueError("jacobian must be finite where the residuals are, got NaN or infinity")
    J, f = scaled(J)
    return np.ldexp(r, -e), J, f


def bfgs(objective: Objective, start: ArrayLike, tolerance: float = 1e-8, max_steps: int = 1000) -> Path:
    r"""Learn the inverse Hessian from the gradients met on the way, and use it as Newton would.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    start : (n,) array_like
        First point.
    tolerance : float
        Stop when :math:`\lVert \nabla f(x) \rVert` is at most this.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points; the evaluations of the line searches are counted.

    Raises
    ------
    ValueError
        If a parameter is out of range, or a line search fails.

    Notes
    -----
    The searches keep :math:`s^\top y > 0`, and with it every approximation positive definite. A step costs
    :math:`O(n^2)`; convergence is faster than linear near a minimum with positive definite Hessian.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, chapter 6, doi:10.1007/978-0-387-40065-5.

    Examples
    --------
    >>> from mmlhelpers.optim import rosenbrock
    >>> bfgs(rosenbrock(), [-1.2, 1.0]).x
    array([1., 1.])
    """
    inverse: Array | None = None

    def direction(g: Array, pairs: deque[Pair]) -> Array:
        nonlocal inverse
        if not pairs:
            return -g
        s, y = pairs[-1]
        if inverse is None:
            inverse = _share_of(s, y) * np.eye(len(g))
        inverse = secant_update(inverse, s, y)
        return -inverse @ g

    return _quasi_newton(objective, start, direction, 1, tolerance, max_steps)


def lbfgs(
    objective: Objective, start: ArrayLike, memory: int = 10, tolerance: float = 1e-8, max_steps: int = 1000
) -> Path:
    r"""Do what `bfgs` does with the last few steps only, in memory proportional to their number.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    start : (n,) array_like
        First point.
    memory : int
        Steps remembered.
    tolerance : float
        Stop when :math:`\lVert \nabla f(x) \rVert` is at most this.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points; the evaluations of the line searches are counted.

    Raises
    ------
    ValueError
        If a parameter is out of range, or a line search fails.

    Notes
    -----
    A step costs four products with the remembered vectors, `4 memory n` operations, beside the evaluations.

    References
    ----------
    Liu and Nocedal (1989), On the limited memory BFGS method for large scale optimization,
    doi:10.1007/BF01589116.

    Examples
    --------
    >>> from mmlhelpers.optim import rosenbrock
    >>> lbfgs(rosenbrock(), [-1.2, 1.0]).x
    array([1., 1.])
    """

    def direction(g: Array, pairs: deque[Pair]) -> Array:
        if not pairs:
            return -g
        s, y = pairs[-1]
        return -_two_loops(g, pairs, _share_of(s, y))

    return _quasi_newton(objective, start, direction, as_count(memory, "memory", 1), tolerance, max_steps)


def secant_update(H: Array, s: Array, y: Array) -> Array:
    r"""Change an inverse Hessian as little as possible so that it maps `y` to `s`.

    Parameters
    ----------
    H : (n, n) ndarray
        Symmetric positive definite approximation of the inverse Hessian.
    s : (n,) ndarray
        Step made.
    y : (n,) ndarray
        Change of the gradient over it, with :math:`s^\top y > 0`.

    Returns
    -------
    (n, n) ndarray
        :math:`(I - \rho s y^\top) H (I - \rho y s^\top) + \rho s s^\top` with :math:`\rho = 1 / s^\top y`.

    Raises
    ------
    ValueError
        If :math:`s^\top y` is not above 0.

    Notes
    -----
    The result is symmetric positive definite; relative error about the machine epsilon times its condition
    number.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, section 6.1, doi:10.1007/978-0-387-40065-5.

    Examples
    --------
    >>> secant_update(np.eye(2), np.array([1.0, 0.0]), np.array([4.0, 0.0]))
    array([[0.25, 0.  ],
           [0.  , 1.  ]])
    """
    H, s, y = as_square(H, "H"), as_vector(s, "s"), as_vector(y, "y")
    if not len(H) == len(s) == len(y):
        raise ValueError(f"s {s.shape} and y {y.shape} must have the length of H {H.shape}: make them agree")
    (s, a), (y, b) = scaled(s), scaled(y)
    if not s @ y > 0:
        raise ValueError(
            f"s @ y must be above 0, got {s @ y:.6g} in their own units: search the step with the conditions "
            "of Wolfe"
        )
    with np.errstate(all="ignore"):
        H = np.ldexp(H, b - a)
        rho, Hy = 1 / (s @ y), H @ y
        cross = np.outer(s, Hy)
        new = H - rho * (cross + cross.T) + (rho**2 * (y @ Hy) + rho) * np.outer(s, s)
        new = np.ldexp(new, a - b)
    if not np.isfinite(new).all():
        raise ValueError("H must fit to s and y: the new one is larger than any float")
    return np.asarray(new)


def _share_of(s: Array, y: Array) -> float:
    """Divide s.y by y.y, at any scale."""
    with np.errstate(all="ignore"):
        square = float(y @ y)
    if TINIEST <= square < np.inf:
        return float((s @ y) / square)
    part, e = scaled(y)
    return float(np.ldexp((s @ part) / (part @ part), -e))


def _two_loops(g: Array, pairs: Iterable[Pair], scale: float) -> Array:
    """Multiply a vector by the inverse Hessian that remembered steps describe, without forming it."""
    q, stack = g, []
    pairs = list(pairs)
    for s, y in reversed(pairs):
        a = (s @ q) / (s @ y)
        stack.append(a)
        q = q - a * y
    q = scale * q
    for s, y in pairs:
        q = q + (stack.pop() - (y @ q) / (s @ y)) * s
    return q


def _quasi_newton(
    objective: Objective,
    start: ArrayLike,
    direction: Callable[[Array, deque[Pair]], Array],
    memory: int,
    tolerance: float,
    max_steps: int,
) -> Path:
    """Walk along quasi-Newton directions with Wolfe steps; remember the last steps and gradient changes."""
    x, record, tolerance = as_start(start), Recorder(objective), as_tolerance(tolerance, "tolerance")
    pairs: deque[Pair] = deque(maxlen=memory)
    value, g = record.value(x), record.gradient(x)
    for _ in range(as_count(max_steps, "max_steps", 0)):
        if not record.keep(x, norm(g), value):
            return record.path(False)
        if record.norms[-1] <= tolerance:
            return record.path(True)
        d = direction(g, pairs)
        (length, value), g_new = wolfe(record, x, d, slope_along(g, d), value)
        pairs.append((length * d, g_new - g))
        x, g = x + length * d, g_new
    return record.path(record.keep(x, norm(g), value) and norm(g) <= tolerance)


def _descent_direction(H: Array, g: Array) -> Array:
    """Newton's direction with the absolute values of the eigenvalues, none of them too small."""
    values, Q = np.linalg.eigh((H + H.T) / 2)
    sizes = np.maximum(np.abs(values), FLAT * (np.abs(values).max() or 1.0))
    direction: Array = -Q @ ((Q.T @ g) / sizes)
    return direction


def _solve(H: Array, g: Array) -> Array:
    """Solve for a pure Newton step."""
    try:
        step: Array = np.linalg.solve(H, g).astype(np.float64)
    except np.linalg.LinAlgError:
        raise ValueError(
            "the Hessian is singular: Newton's pure step does not exist, use damped=True"
        ) from None
    return step
