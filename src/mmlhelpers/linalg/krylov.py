r"""Krylov methods: the best that can be made of :math:`b, Ab, A^2b, \dots`, by products with a matrix.

Throughout, `operator` is the matrix :math:`A` or the function that multiplies a vector by it, `Q` has
orthonormal columns that span the vectors above, and `H` or `T` is :math:`A` as seen from there.
"""

from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, has_converged, norm, scaled, unscaled
from mmlhelpers.linalg._common import Operator, as_operator, column_signs
from mmlhelpers.linalg.iterative import LinearSolve

_ROUNDING = 64 * EPSILON  # a residual so small beside b is what rounding leaves


class Arnoldi(NamedTuple):
    """``A @ Q[:, :k] = Q @ H``: `Q` (n, k + 1) with orthonormal columns, `H` (k + 1, k) upper Hessenberg.

    If the space could grow no further, `Q` is (n, k) and `H` (k, k).
    """

    Q: Array
    H: Array


class Lanczos(NamedTuple):
    """Approximate eigenvalues (k,), descending, unit vectors (n, k), and the residual norm (k,) of each."""

    values: Array
    vectors: Array
    residuals: Array


def arnoldi(operator: ArrayLike | Operator, start: ArrayLike, n_steps: SupportsIndex) -> Arnoldi:
    r"""Build an orthonormal basis of a Krylov space, one product with the matrix a column.

    Parameters
    ----------
    operator : (n, n) array_like or callable
        The matrix, or the function that multiplies a vector (n,) by it.
    start : (n,) array_like
        First vector, not zero.
    n_steps : int
        Number of products, from 1 to n.

    Returns
    -------
    Arnoldi
        `Q` and `H`; fewer columns if the space is invariant, so that it cannot grow.

    Raises
    ------
    ValueError
        If the sizes disagree, `start` is zero or `n_steps` out of range.

    Notes
    -----
    Each new vector is orthogonalised twice, so that `Q` stays orthonormal to a small multiple of
    :math:`\varepsilon`. Cost beside the products: :math:`4nk^2`.

    References
    ----------
    Arnoldi (1951), The principle of minimized iterations in the solution of the matrix eigenvalue problem,
    doi:10.1090/qam/42792.

    Examples
    --------
    >>> arnoldi([[0, 1], [1, 0]], [1, 0], 1).H
    array([[0.],
           [1.]])
    """
    b = _start(start)
    multiply, e = as_operator(operator, "operator", len(b), symmetric=False)
    Q, H = _build(multiply, b, n_steps)
    return Arnoldi(Q, unscaled(H, e, "operator, as seen from the Krylov space,"))


def _build(multiply: Operator, b: Array, n_steps: SupportsIndex) -> Arnoldi:
    k = as_count(n_steps, "n_steps", 1, len(b))
    Q, H = np.zeros((len(b), k + 1), order="F"), np.zeros((k + 1, k))
    Q[:, 0] = b / norm(b)
    for j in range(k):
        if not _extend(multiply, Q, H, j):
            return Arnoldi(Q[:, : j + 1], H[: j + 1, : j + 1])
    return Arnoldi(Q, H)


def gmres(
    operator: ArrayLike | Operator,
    b: ArrayLike,
    *,
    tolerance: float = 1e-8,
    max_steps: SupportsIndex | None = None,
) -> LinearSolve:
    r"""Solve any square system by the vector of the Krylov space with the least residual.

    Parameters
    ----------
    operator : (n, n) array_like or callable
        The matrix :math:`A`, symmetric or not, or the function that multiplies a vector (n,) by it.
    b : (n,) array_like
        Right-hand side, not zero.
    tolerance : float
        Stop when the residual norm is at most this times the norm of `b`.
    max_steps : int, optional
        Stop after this many steps in any case; `n` by default. All vectors so far are kept.

    Returns
    -------
    LinearSolve
        `x` (n,), `residual_norms` (k + 1,), which never grow, and `converged`: whether the residual of `x`,
        computed anew, is at most the larger of `tolerance` and 64 :math:`\varepsilon` times the norm of `b`.
        Where it is not although the small problem says so, the last of the norms is the true one.

    Raises
    ------
    ValueError
        If the sizes disagree or `b` is zero.

    Notes
    -----
    Step `k` has the least :math:`\lVert b - Ax \rVert` of all combinations of
    :math:`b, Ab, \dots, A^{k-1}b`. The norms are those of the small problem; they follow the true ones to
    about :math:`\varepsilon\,\lVert A \rVert \lVert x \rVert`. Cost beside the products: :math:`4nk^2`.

    References
    ----------
    Saad and Schultz (1986), GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear
    systems, doi:10.1137/0907058.

    Examples
    --------
    >>> solved = gmres([[0, 1], [-1, 0]], [1, 2])
    >>> solved.x.round(10), solved.n_steps
    (array([-2.,  1.]), 2)
    """
    b = _start(b, "b")
    b, f = scaled(b)
    n, size = len(b), norm(b)
    multiply, e = as_operator(operator, "operator", n, symmetric=False)
    tolerance = as_tolerance(tolerance, "tolerance")
    most = n if max_steps is None else min(as_count(max_steps, "max_steps", 0), n)
    Q, H = np.zeros((n, most + 1), order="F"), np.zeros((most + 1, most))
    Q[:, 0] = b / size
    y: Array = np.zeros(0)
    norms, grows = [size], True
    while not has_converged(norms[-1], tolerance, size) and len(y) < most and grows:
        j = len(y)
        grows = _extend(multiply, Q, H, j)
        target = np.zeros(j + 2)
        target[0] = size
        small = H[: j + 2, : j + 1]
        y = np.asarray(np.linalg.lstsq(small, target, rcond=None)[0], dtype=np.float64)
        norms.append(norm(target - small @ y))
    x = Q[:, : len(y)] @ y
    rest = norm(b - multiply(x)) if len(y) else size  # the true one; so far it was that of the small problem
    converged = has_converged(rest, max(tolerance, _ROUNDING), size)
    if has_converged(norms[-1], tolerance, size) and not converged:
        norms[-1] = rest
    x = unscaled(x, f - e, "the solution x of operator @ x = b")
    return LinearSolve(x, unscaled(norms, f, "the norm of b", may_vanish=True), converged)


def lanczos(operator: ArrayLike | Operator, start: ArrayLike, n_steps: SupportsIndex) -> Lanczos:
    r"""Approximate the outer eigenvalues of a symmetric matrix from a Krylov space.

    Parameters
    ----------
    operator : (n, n) array_like or callable
        The symmetric matrix, or the function that multiplies a vector (n,) by it.
    start : (n,) array_like
        First vector, not zero; a random one has a part along every eigenvector.
    n_steps : int
        Number of products, from 1 to n.

    Returns
    -------
    Lanczos
        `values` (k,) descending, the eigenvalues of :math:`Q^\top A Q`; `vectors` (n, k), one a column, each
        with its largest entry positive; `residuals` (k,), the norms of ``A @ v - value * v``.

    Raises
    ------
    ValueError
        If a matrix is not symmetric, the sizes disagree, `start` is zero or `n_steps` out of range. That a
        function is symmetric is not checked.

    Notes
    -----
    Within each residual of its value lies an eigenvalue. Every new vector is orthogonalised against all
    before: without that, eigenvalues come back as false copies. Repeated eigenvalues are found once.

    References
    ----------
    Lanczos (1950), An iteration method for the solution of the eigenvalue problem of linear differential and
    integral operators, doi:10.6028/jres.045.026.

    Examples
    --------
    >>> lanczos(np.diag([5.0, 2.0, 1.0]), [1, 1, 1], 3).values
    array([5., 2., 1.])
    """
    b = _start(start)
    multiply, e = as_operator(operator, "operator", len(b), symmetric=True)
    Q, H = _build(multiply, b, n_steps)
    k = H.shape[1]
    T = H[:k] / 2 + H[:k].T / 2  # tridiagonal but for rounding
    values, small = np.linalg.eigh(T)
    values, small = values[::-1], small[:, ::-1]
    beyond = H[k, k - 1] if len(H) > k else 0.0
    vectors = Q[:, :k] @ small
    values = unscaled(values, e, "the largest eigenvalue of operator")
    residuals = unscaled(np.abs(beyond * small[-1]), e, "a residual of operator", may_vanish=True)
    return Lanczos(values, vectors * column_signs(vectors), residuals)


def _extend(multiply: Operator, Q: Array, H: Array, j: int) -> bool:
    """Fill column `j` of `H` and column `j + 1` of `Q`; tell whether the space grew."""
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused by name
        w = np.array(multiply(Q[:, j]), dtype=np.float64)
    before, size = Q[:, : j + 1], norm(w)
    if not np.isfinite(size):
        raise ValueError(f"operator must give finite products, got norm {size} in step {j + 1}")
    for _ in range(2):
        parts = before.T @ w
        w -= before @ parts
        H[: j + 1, j] += parts
    rest = norm(w)
    if rest <= len(w) * EPSILON * size:
        return False
    H[j + 1, j] = rest
    Q[:, j + 1] = w / rest
    return True


def _start(value: ArrayLike, name: str = "start") -> Array:
    """Read a vector that is not zero."""
    b = as_vector(value, name)
    if not b.any():
        raise ValueError(f"{name} must not be zero: a Krylov space needs a direction to start from")
    return b
