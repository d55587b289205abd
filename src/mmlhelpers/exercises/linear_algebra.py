"""The exercises of the chapter on linear algebra: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (m, n) are arrays of float64; points are rows.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._registry import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    by_hand,
    floats,
    require_close,
    requirement,
    show,
    specification,
)

# Functions


@specification(
    (floats(3, 4), floats(4, 3)),
    (floats(1, 0, 0), floats(0, 2, 0)),
    (floats(1, -2, 2), floats(-2, 4, -4)),
)
def cosine_similarity(x: Array, y: Array) -> float:
    """Divide the inner product by both lengths."""
    inner = sum(a * b for a, b in zip(x, y, strict=True))
    return float(inner / math.hypot(*x) / math.hypot(*y))


@specification(
    (floats(3, 4), floats(0, 2), 2.0),
    (floats(1, 1, 1), floats(1, 2, 2), -4.0),
    (floats(2, -1), floats(3, 4), 2.0),  # already on the hyperplane
)
def project_onto_hyperplane(x: Array, w: Array, c: float) -> Array:
    """Solve for the nearest point and its multiplier: x' + t w = x and w.x' = c."""
    n = len(x)
    system = np.block([[np.eye(n), w[:, None]], [w[None, :], np.zeros((1, 1))]])
    nearest: Array = np.linalg.solve(system, np.append(x, c))[:n]
    return nearest


@requirement(
    (floats([1, 2, 3], [2, 4, 6]),),
    (floats([1, 1, 0], [0, 1, 1], [1, 2, 1]),),
    (floats([1, 0, 2, 0], [0, 1, 0, 3]),),
    (floats([1, 0], [0, 2], [3, 0]),),
)
def null_space_basis(N: Any, A: Array) -> None:
    """Accept every orthonormal basis: right number of columns, sent to zero, orthonormal."""
    n = A.shape[1]
    shape = (n, n - int(np.linalg.matrix_rank(A)))
    N = as_numbers(N, f"a basis of shape {shape}", shape)
    if not np.allclose(A @ N, 0, atol=CLOSE):
        raise NotYet(f"wanted A @ N = 0, got A @ N = {show(A @ N)}")
    if not np.allclose(N.T @ N, np.eye(shape[1]), atol=CLOSE):
        raise NotYet(f"wanted orthonormal columns, N.T @ N = I, got N.T @ N = {show(N.T @ N)}")


EINSUM_A, EINSUM_B = floats([1, 2, 3], [4, 5, 6]), floats([1, 0, -1], [2, 1, 3])
EINSUM_SQUARE, EINSUM_X, EINSUM_Y = floats([1, 2], [3, 5]), floats(2, -1), floats(1, 3, 2)
EINSUM_BATCH = np.arange(12.0).reshape(2, 2, 3), np.arange(24.0).reshape(2, 3, 4) - 9
EINSUM_FORMULAS: tuple[tuple[str, tuple[Array, ...], Callable[..., Any]], ...] = (
    ("A_ij x_j", (EINSUM_A, EINSUM_Y), lambda A, x: A @ x),
    ("sum_i A_ii", (EINSUM_SQUARE,), np.trace),
    ("A_ik B_kj", (EINSUM_SQUARE, EINSUM_B), lambda A, B: A @ B),
    ("A_ji", (EINSUM_A,), np.transpose),
    ("x_i y_j", (EINSUM_X, EINSUM_Y), np.outer),
    ("sum_ij A_ij B_ij", (EINSUM_A, EINSUM_B), lambda A, B: np.sum(A * B)),
    ("B_nij C_njk", EINSUM_BATCH, lambda B, C: np.array([b @ c for b, c in zip(B, C, strict=True)])),
    ("x_i A_ij x_j", (EINSUM_X, EINSUM_SQUARE, EINSUM_X), lambda x, A, y: x @ A @ y),
)


@requirement(())
def einsum_strings(strings: Any) -> None:
    """Accept every string with which einsum computes the formula."""
    n = len(EINSUM_FORMULAS)
    if not isinstance(strings, list | tuple) or len(strings) != n:
        raise NotYet(f"wanted a list of {n} strings, got {show(strings)}")
    for number, (string, (formula, operands, truth)) in enumerate(
        zip(strings, EINSUM_FORMULAS, strict=True), 1
    ):
        where = f"for formula {number}, {formula},"
        if not isinstance(string, str):
            raise NotYet(f"{where} wanted a string, got {show(string)}")
        try:
            result = np.einsum(string, *operands)
        except ValueError as error:
            raise NotYet(f"{where} einsum refuses {show(string)}: {error}") from None
        try:
            require_close(result, truth(*operands))
        except NotYet as reason:
            raise NotYet(f"{where} {show(string)} does not compute it: {reason}") from None


@requirement(
    (floats([4, 0], [0, 9]),),
    (floats([2, 1], [1, 2]),),
    (floats([1, 1], [1, 1]),),  # singular
    (floats([5, 4, 0], [4, 5, 0], [0, 0, 1]),),
)
def symmetric_square_root(S: Any, A: Array) -> None:
    """Accept the symmetric positive semidefinite matrix whose square is A."""
    S = as_numbers(S, f"a matrix of shape {A.shape}", A.shape)
    if not np.allclose(S @ S, A, atol=CLOSE):
        raise NotYet(f"wanted S @ S = A, got S @ S = {show(S @ S)}")
    if not np.allclose(S, S.T, atol=CLOSE):
        raise NotYet(f"wanted a symmetric matrix, got {show(S)}")
    least = np.linalg.eigvalsh(S)[0]
    if least < -math.sqrt(CLOSE):  # a zero eigenvalue of A, off by rounding, has a root of this size
        raise NotYet(f"wanted no negative eigenvalue, got {show(S)} with eigenvalue {show(least)}")


@specification(
    (np.eye(2), floats(1, 0), floats(0, 1)),
    (floats([0.5, 0], [0, 0.25]), floats(1, 2), floats(3, 1)),
    (floats([1, -1, 1], [0, 1, -1], [0, 0, 1]), floats(1, 0, 2), floats(0, 1, 1)),
)
def inverse_after_update(A_inv: Array, u: Array, v: Array) -> Array:
    """Go back to A, update it and invert it anew."""
    return np.linalg.inv(np.linalg.inv(A_inv) + np.outer(u, v)).astype(np.float64)


@requirement((0,), (1,), (2,), (10,), (71,), (93,), (300,))
def fibonacci(got: Any, n: int) -> None:
    """Accept the exact whole number, as a Python int."""
    wanted, following = 0, 1
    for _ in range(n):
        wanted, following = following, wanted + following
    if not isinstance(got, int) or got != wanted:
        kind = f" of type {type(got).__name__}" if show(got) == str(wanted) else ""
        raise NotYet(f"wanted the Python int {wanted}, got {show(got)}{kind}")


@specification(
    (floats([1, 0], [0, 2]), floats([0, 1], [-2, 0])),
    (floats([2, 0], [0, 1], [1, 1]), floats([1, 2], [-1, 0], [0, 1])),
    (floats([1, 0], [0, 2]), floats([1, 0], [0, -2])),  # a mirror image: no rotation fits exactly
    (
        floats([1, 0, 0], [0, 2, 0], [0, 0, 3], [1, 1, 1]),
        floats([0, 1, 0], [-2, 0, 0], [0, 0.5, -3], [-1, 1, 1]),
    ),
)
def best_rotation(X: Array, Y: Array) -> Array:
    """Minimise the sum of |R x - y|^2 over rotations R, for the rows x of X and y of Y: X @ R.T is near Y."""
    U, _, Vt = np.linalg.svd(Y.T @ X)
    signs = np.ones(len(U))
    signs[-1] = np.sign(np.linalg.det(U @ Vt))
    R: Array = (U * signs) @ Vt
    return R


@specification(
    (floats([3, 0], [0, 4]),),
    (floats([1, -2, 3], [-4, 5, -6]),),
    (floats([0, 7], [0, 0], [1, -1]),),
)
def norm_bound(A: Array) -> float:
    """Add up every column and every row by hand."""
    columns = max(sum(abs(a) for a in column) for column in A.T.tolist())
    rows = max(sum(abs(a) for a in row) for row in A.tolist())
    return math.sqrt(columns * rows)


# By hand: a reason may tell what to look at, never the answer


@by_hand
def plane_normal(value: Any) -> None:
    """Find a normal of the plane spanned by (1, 1, 0), (0, 1, 1) and (1, 2, 1)."""
    normal = as_numbers(value, "a vector of three numbers", (3,))
    if not normal.any():
        raise NotYet("wanted a direction, got the zero vector")
    for spanning in ((1, 1, 0), (0, 1, 1)):
        inner = normal @ spanning
        if abs(inner) > HAND * np.linalg.norm(normal):
            raise NotYet(
                f"wanted a vector orthogonal to {spanning}, got {show(value)}, "
                f"whose inner product with it is {show(inner)}"
            )


@by_hand
def trace_of_commutator(value: Any) -> None:
    """Find the trace of AB - BA for square A and B."""
    if as_numbers(value, "one number, the same for all A and B", ()) != 0:
        raise NotYet(f"wanted the sum of the diagonals of AB and of -BA, got {show(value)}")


@by_hand
def eigenvalues_rank_one(value: Any) -> None:
    """Find the eigenvalues of I + u v^T for u = (1, 2, 2) and v = (3, 0, 1), with multiplicity."""
    A = np.eye(3) + np.outer([1.0, 2.0, 2.0], [3.0, 0.0, 1.0])
    values = as_numbers(value, "three eigenvalues, repeated ones as often as they occur", (3,))
    if abs(values.sum() - np.trace(A)) > HAND:
        raise NotYet(
            f"wanted eigenvalues that add up to the trace, got {show(value)} with sum {show(values.sum())}"
        )
    if not np.allclose(np.sort(values), np.sort(np.linalg.eigvals(A).real), atol=HAND):
        raise NotYet(f"wanted the eigenvalues, got {show(value)}: the sum fits, but they are others")
