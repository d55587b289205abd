r"""Convex quadratic programs by an interior-point method, and the support vector machine as one of them.

Throughout, the program is: minimise :math:`\tfrac12 x^\top Q x + c^\top x` subject to :math:`Gx \le h` and
:math:`Ax = b`. `s` are the slacks `h - G x`, `z` the multipliers of the inequalities, `v` those of the
equations.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_matrix, as_symmetric, as_tolerance, as_vector
from mmlhelpers._scale import exponent, scaled, unscaled
from mmlhelpers.optim._paths import Path, Recorder, as_positive
from mmlhelpers.optim.objectives import quadratic

_NEAR = 6  # exponents of two up to which data are left as they are


_FAR = 8  # times its spread: from there on the distance of X from zero costs digits
_FINER = 1e-3  # part of the tolerance where the gap is too large
_GAP = 1e-6  # of primal and dual value of a converged support vector machine, relative
_RANGE = 400  # of exponents in which the price of a margin, and what it is multiplied by, fit


class Program(NamedTuple):
    """Solution of a quadratic program: point (n,), multipliers (m,) and (p,), and the path to it."""

    x: Array
    multipliers: Array
    equality_multipliers: Array
    path: Path


class SVM(NamedTuple):
    """A linear classifier sign(w.x + b), the dual variables `alpha` (n,) behind it, and its duality gap."""

    w: Array
    b: float
    alpha: Array
    gap: float
    path: Path


def quadratic_program(
    Q: ArrayLike,
    c: ArrayLike,
    G: ArrayLike,
    h: ArrayLike,
    A: ArrayLike | None = None,
    b: ArrayLike | None = None,
    tolerance: float = 1e-9,
    max_steps: int = 60,
) -> Program:
    r"""Solve a convex quadratic program from the inside of its walls.

    Parameters
    ----------
    Q : (n, n) array_like
        Symmetric positive semidefinite matrix.
    c : (n,) array_like
        Linear part of the objective.
    G : (m, n) array_like
        One inequality a row.
    h : (m,) array_like
        Right-hand sides of the inequalities.
    A : (p, n) array_like, optional
        One equation a row, rows independent.
    b : (p,) array_like, optional
        Right-hand sides of the equations.
    tolerance : float
        Stop when the largest entry of the four KKT residuals is at most this times one plus the largest
        entry of `c`, `h` and `b`, all in units near one.
    max_steps : int
        Stop after this many Newton steps in any case.

    Returns
    -------
    Program
        The solution; `path.gradient_norms` holds the largest KKT residual of each step, relative to the data.

    Raises
    ------
    ValueError
        If the sizes disagree, `Q` is not symmetric, or a Newton step does not exist.

    Notes
    -----
    Newton's method for the KKT conditions with the complementarity :math:`s_i z_i = 0` relaxed to
    :math:`s_i z_i = \mu` and :math:`\mu` sent to zero (predictor and corrector of Mehrotra). Usually 10 to 20
    steps of :math:`O((n + p)^3 + m n^2)`. A program without any feasible point ends with `path.converged`
    false.

    References
    ----------
    Nocedal and Wright (2006), Numerical Optimization, section 16.6, doi:10.1007/978-0-387-40065-5.

    Examples
    --------
    >>> solution = quadratic_program(np.eye(2), [-2.0, 0.0], [[1.0, 0.0]], [1.0])
    >>> solution.x, solution.multipliers
    (array([1., 0.]), array([1.]))
    """
    Q, c, G, h = as_symmetric(Q, "Q"), as_vector(c, "c"), as_matrix(G, "G"), as_vector(h, "h")
    n, m = len(c), len(h)
    A = np.zeros((0, n)) if A is None else as_matrix(A, "A")
    b = np.zeros(0) if b is None else as_vector(b, "b")
    wanted = {"Q": (Q, (n, n)), "G": (G, (m, n)), "A": (A, (len(b), n))}
    for name, (matrix, shape) in wanted.items():
        if matrix.shape != shape:
            raise ValueError(
                f"{name} must have shape {shape} to fit c {c.shape}, h {h.shape}, b {b.shape}, "
                f"got {matrix.shape}"
            )
    tolerance, steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 0)
    units = _Units.of(Q, c, G, h, A, b)
    program = _interior_point(units.divided(Q, c, G, h, A, b), tolerance, steps)
    return units.multiplied(program)


@np.errstate(all="ignore")  # numbers that run away tell that nothing is feasible
def _interior_point(data: tuple[Array, ...], tolerance: float, max_steps: int) -> Program:
    """Follow the central path of a program whose numbers are about one."""
    Q, c, G, h, A, b = data
    record = Recorder(quadratic(Q, -c))
    x, v = np.zeros(len(c)), np.zeros(len(b))
    s, z = np.maximum(1.0, h), np.ones(len(h))
    scale = 1 + max(np.abs(array).max(initial=0.0) for array in (c, h, b))
    worst = np.inf
    for step in range(max_steps + 1):
        residuals = Q @ x + c + G.T @ z + A.T @ v, A @ x - b, G @ x + s - h
        mu = float(s @ z) / len(h)
        worst = max(np.abs(r).max(initial=0.0) for r in (*residuals, s * z)) / scale
        if not record.keep(x, float(worst)) or worst <= tolerance or step == max_steps:
            break
        record.n_gradients += 1
        try:
            change = _predict_and_correct(_NewtonSystem(Q, G, A, s, z), residuals, mu)
        except np.linalg.LinAlgError:
            if step:  # rounding: no nearer to the walls than this
                break
            raise ValueError(
                "no Newton step exists: Q must be positive definite along A x = 0, A of full row rank"
            ) from None
        if not all(np.isfinite(part).all() for part in change):  # multipliers run away: nothing is feasible
            break
        dx, ds, dz, dv = change
        length = min(1.0, 0.99 * _longest(s, ds), 0.99 * _longest(z, dz))
        x, v, s, z = x + length * dx, v + length * dv, s + length * ds, z + length * dz
    return Program(x, z, v, record.path(bool(worst <= tolerance)))


def linear_svm(X: ArrayLike, y: ArrayLike, C: float = 1.0, tolerance: float = 1e-9) -> SVM:
    r"""Train a support vector machine by its dual program.

    Parameters
    ----------
    X : (n, d) array_like
        One sample a row.
    y : (n,) array_like
        Labels -1 or 1, both present.
    C : float
        Price of a unit of margin violated, above 0.
    tolerance : float
        Largest KKT residual, see `quadratic_program`.

    Returns
    -------
    SVM
        The classifier, the dual variables, and the gap between primal and dual value.

    Raises
    ------
    ValueError
        If the sizes disagree, a label is neither -1 nor 1, a class is missing, or `C` is not above 0.

    Notes
    -----
    The primal is :math:`\tfrac12 \lVert w \rVert^2 + C \sum_i \max(0, 1 - y_i(w^\top x_i + b))`, as in
    scikit-learn's SVC with a linear kernel. `path.converged` says that primal and dual value agree to six
    digits. The intercept is the multiplier of the dual's one equation. Cost :math:`O(n^3)` a step.

    References
    ----------
    Cortes and Vapnik (1995), Support-vector networks, doi:10.1007/BF00994018.

    Examples
    --------
    >>> svm = linear_svm([[0.0], [2.0]], [-1, 1], C=10.0)
    >>> svm.w, round(svm.b, 6)
    (array([1.]), -1.0)
    """
    X, y, C = as_matrix(X, "X"), as_vector(y, "y"), as_positive(C, "C")
    n = len(y)
    if len(X) != n:
        raise ValueError(f"y has length {n} but X {X.shape} has {len(X)} rows: make them agree")
    if set(np.unique(y)) != {-1.0, 1.0}:
        raise ValueError(f"y must hold -1 and 1, both, got the values {np.unique(y)[:5].tolist()}")
    X, middle = _near_zero(X)
    e = _if_far(exponent(X))
    with np.errstate(all="ignore"):
        X, price = np.ldexp(X, -e), float(np.ldexp(C, 2 * e))
    if not 2.0**-_RANGE < price < 2.0**_RANGE:
        raise ValueError(f"C must count beside the squares of X, got {C:.6g}: scale X to about one")
    tolerance = as_tolerance(tolerance, "tolerance")
    svm = _svm(X, y, price, tolerance)
    if not svm.path.converged:  # the dual variables are small beside the price: ask for more of their digits
        svm = _svm(X, y, price, _FINER * tolerance / max(1.0, price * float(np.sum(X**2, axis=1).max())))
    path = svm.path._replace(
        points=np.ldexp(svm.path.points, -2 * e), values=np.ldexp(svm.path.values, -2 * e)
    )
    w, gap = unscaled(svm.w, -e, "w for this X"), float(np.ldexp(svm.gap, -2 * e))
    return SVM(w, float(svm.b - w @ middle), np.minimum(np.ldexp(svm.alpha, -2 * e), C), gap, path)


def _near_zero(X: Array) -> tuple[Array, Array]:
    """Move samples that lie far from zero for their spread, and say by how much: margins do not change."""
    X, e = scaled(X)
    low, high = X.min(axis=0), X.max(axis=0)
    middle = np.where(np.abs(low + high) > _FAR * (high - low), (low + high) / 2, 0.0)
    return np.ldexp(X - middle, e), np.ldexp(middle, e)


def _svm(X: Array, y: Array, price: float, tolerance: float) -> SVM:
    """Solve the dual, and call it converged if the primal value says so too."""
    n, signed = len(y), y[:, None] * X
    walls, heights = np.vstack([-np.eye(n), np.eye(n)]), np.append(np.zeros(n), np.full(n, price))
    program = quadratic_program(signed @ signed.T, -np.ones(n), walls, heights, y[None, :], [0.0], tolerance)
    alpha, w, b = np.clip(program.x, 0.0, price), signed.T @ program.x, float(program.equality_multipliers[0])
    primal = 0.5 * w @ w + price * np.maximum(0, 1 - y * (X @ w + b)).sum()
    dual = alpha.sum() - 0.5 * np.sum((signed.T @ alpha) ** 2)
    path = program.path._replace(converged=bool(primal - dual <= _GAP * primal))
    return SVM(w, b, alpha, float(primal - dual), path)


class _Units(NamedTuple):
    """Powers of two that bring a program to numbers about one: of x, of the objective, of each row."""

    x: int
    objective: int
    walls: NDArray[np.intp]
    equations: NDArray[np.intp]

    @classmethod
    def of(cls, Q: Array, c: Array, G: Array, h: Array, A: Array, b: Array) -> "_Units":
        """Read the units off the data; what is about one already keeps its own."""
        walls, equations = _row_exponents(G), _row_exponents(A)
        with np.errstate(all="ignore"):
            sides = np.append(np.ldexp(h, -walls), np.ldexp(b, -equations))
        if not np.isfinite(sides).all():
            raise ValueError(
                "h and b must fit to the rows of G and A, got rows of nearly nothing: leave them out"
            )
        x = exponent(sides) if sides.any() else exponent(c) - exponent(Q) if c.any() and Q.any() else 0
        x = _if_far(x)
        sizes = [exponent(part) + power * x for part, power in ((Q, 2), (c, 1)) if part.any()]
        return cls(x, _if_far(max(sizes, default=0)), walls, equations)

    def divided(self, Q: Array, c: Array, G: Array, h: Array, A: Array, b: Array) -> tuple[Array, ...]:
        """Return the data of the program in these units."""
        u, w = self.x, self.objective
        with np.errstate(all="ignore"):
            return (
                np.ldexp(Q, 2 * u - w),
                np.ldexp(c, u - w),
                np.ldexp(G, -self.walls[:, None]),
                np.ldexp(h, -self.walls - u),
                np.ldexp(A, -self.equations[:, None]),
                np.ldexp(b, -self.equations - u),
            )

    def multiplied(self, program: Program) -> Program:
        """Return the solution in the units of the caller."""
        u, w = self.x, self.objective
        path = program.path
        what = "the objective of Q and c at the solution"
        return Program(
            unscaled(program.x, u, "the solution x for h and b"),
            unscaled(program.multipliers, w - u - self.walls, "the multipliers of G"),
            unscaled(program.equality_multipliers, w - u - self.equations, "the multipliers of A"),
            path._replace(
                points=unscaled(path.points, u, "the path to the solution for h and b"),
                values=unscaled(path.values, w, what),
            ),
        )


def _row_exponents(G: Array) -> NDArray[np.intp]:
    """Find the power of two of each row that is far from one."""
    return np.array([_if_far(exponent(row)) for row in G], dtype=np.intp)


def _if_far(e: int) -> int:
    """Leave alone what is within a factor of 64 of one."""
    return e if abs(e) > _NEAR else 0


class _NewtonSystem:
    """The linear system of one interior-point step, for several right-hand sides."""

    def __init__(self, Q: Array, G: Array, A: Array, s: Array, z: Array) -> None:
        self.G, self.s, self.z, self.n = G, s, z, len(Q)
        p = len(A)
        self.K = np.block([[Q + (G.T * (z / s)) @ G, A.T], [A, np.zeros((p, p))]])

    def solve(
        self, dual: Array, equal: Array, primal: Array, product: Array
    ) -> tuple[Array, Array, Array, Array]:
        """Return the changes of x, s, z and v that remove the four residuals to first order."""
        G, s, z, n = self.G, self.s, self.z, self.n
        top = -dual - G.T @ ((z * primal - product) / s)
        change = np.linalg.solve(self.K, np.append(top, -equal))
        dx, dv = change[:n], change[n:]
        ds = -primal - G @ dx
        return dx, ds, (-product - z * ds) / s, dv


def _predict_and_correct(newton: _NewtonSystem, residuals: tuple[Array, ...], mu: float) -> tuple[Array, ...]:
    """Find the step by Mehrotra's rule: how far the plain step gets decides how much to stay central."""
    s, z = newton.s, newton.z
    dual, equal, primal = residuals
    _, ds, dz, _ = newton.solve(dual, equal, primal, s * z)
    ahead = s + min(1.0, _longest(s, ds)) * ds, z + min(1.0, _longest(z, dz)) * dz
    centring = (ahead[0] @ ahead[1] / len(s) / mu) ** 3
    return newton.solve(dual, equal, primal, s * z + ds * dz - centring * mu)


def _longest(s: Array, ds: Array) -> float:
    """Find the longest step that keeps `s` from becoming negative."""
    shrinking = ds < 0
    return float(np.min(-s[shrinking] / ds[shrinking], initial=np.inf))
