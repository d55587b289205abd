"""The exercises of the chapter on linear algebra: slow truths, judges and the inputs they are tried on.

Vectors (n,) and matrices (m, n) are arrays of float64; points are rows.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    Unreadable,
    as_numbers,
    as_texts,
    closeness,
    floats,
    require_close,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import SOLVERS, without
from mmlhelpers.exercises._writing import show

# Functions


@specification(
    rule("the inner product is divided by both lengths", floats(3, 4), floats(4, 3)),
    rule("orthogonal vectors have the cosine zero", floats(1, 0, 0), floats(0, 2, 0)),
    rule("the cosine is negative beyond a right angle", floats(1, -2, 2), floats(-2, 4, -4)),
    rule("lengths do not matter", floats(3e-4, -1e-4, 2.5e-4), floats(1.5e-5, 2e-5, -0.5e-5)),
    rule("lengths do not matter", floats(12.5, -300.25), floats(1e6, 2.5e5)),
)
def cosine_similarity(x: Array, y: Array) -> float:
    """Divide the inner product by both lengths."""
    inner = sum(a * b for a, b in zip(x, y, strict=True))
    return float(inner / math.hypot(*x) / math.hypot(*y))


@specification(
    rule(
        "the nearest point lies on the hyperplane, from x in the direction of w",
        floats(3, 4),
        floats(0, 2),
        2.0,
    ),
    rule("the nearest point lies on the hyperplane, whatever c is", floats(1, 1, 1), floats(1, 2, 2), -4.0),
    rule("a point on the hyperplane stays where it is", floats(2, -1), floats(3, 4), 2.0),
    rule("x may lie on either side", floats(0.5, -1.5), floats(1, -2), 7.25),
    rule("w may have any length", floats(0.5, 2, -1), floats(1e-5, 3e-5, 2e-5), -4e-5),
)
def project_onto_hyperplane(x: Array, w: Array, c: float) -> Array:
    """Solve for the nearest point and its multiplier: x' + t w = x and w.x' = c."""
    n, unit = len(x), math.hypot(*w)
    w = w / unit
    system = np.block([[np.eye(n), w[:, None]], [w[None, :], np.zeros((1, 1))]])
    nearest: Array = np.linalg.solve(system, np.append(x, c / unit))[:n]
    return nearest


FORGETFUL = floats([0.5, -1.5, 2, 0.25], [1.5, 0.75, -1, 3])
FORGETFUL = np.vstack([FORGETFUL, FORGETFUL[0] / 3 - FORGETFUL[1] / 7])  # the rank is hidden by rounding


@requirement(
    (floats([1, 0, 2, 0], [0, 1, 0, 3]),),
    rule("a matrix of full column rank forgets nothing", floats([1, 0], [0, 2], [3, 0])),
    rule("what rounding left of a singular value is negligible", floats([1, 2, 3], [2, 4, 6])),
    rule("what rounding left of a singular value is negligible", floats([1, 1, 0], [0, 1, 1], [1, 2, 1])),
    rule("what rounding left of a singular value is negligible", FORGETFUL),
    rule("negligible is relative to the largest singular value", 1e12 * FORGETFUL),
    rule("negligible is relative to the largest singular value", 1e-14 * FORGETFUL),
)
def null_space_basis(N: Any, A: Array) -> None:
    """Accept every orthonormal basis: right number of columns, sent to zero, orthonormal."""
    n = A.shape[1]
    shape, close = (n, n - int(np.linalg.matrix_rank(A))), closeness(N)
    basis = as_numbers(N, f"a basis of shape {shape}")
    if basis.shape != shape:
        raise NotYet(f"wanted a basis of shape {shape}, one vector a column, got one of shape {basis.shape}")
    require_close(A @ basis, np.zeros((len(A), shape[1])), "A @ N", close, size=float(np.abs(A).max()))
    require_close(basis.T @ basis, np.eye(shape[1]), "N.T @ N", close, because="orthonormal columns")


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
    texts = as_texts(strings, f"a list of {n} strings")
    if len(texts) != n:
        raise NotYet(f"wanted a list of {n} strings, got {len(texts)}")
    for number, (string, (formula, operands, truth)) in enumerate(
        zip(texts, EINSUM_FORMULAS, strict=True), 1
    ):
        where = f"for formula {number}, {formula},"
        try:
            result = np.einsum(string, *operands)
        except (ValueError, TypeError, IndexError) as error:
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
    rule("a size of 1e-8 is not nothing", floats([2.5e-8, -1e-8], [-1e-8, 0.5e-8])),
    rule("a size of 1e8 is no obstacle", floats([2.5e8, -1e8, 0], [-1e8, 0.75e8, 1e7], [0, 1e7, 3e8])),
    rule("an eigenvalue that rounding left below zero counts as zero", floats([1, 0], [0, -1e-17])),
)
def symmetric_square_root(S: Any, A: Array) -> None:
    """Accept the symmetric positive semidefinite matrix whose square is A."""
    close, size = closeness(S), float(np.abs(A).max())
    S = as_numbers(S, f"a matrix of shape {A.shape}")
    if S.shape != A.shape:
        raise NotYet(f"wanted a matrix of shape {A.shape}, got one of shape {S.shape}")
    require_close(S @ S, A, "S @ S", close, size)
    require_close(S.T, S, "S.T", close, math.sqrt(size), because="a symmetric matrix")
    least = float(np.linalg.eigvalsh(S)[0])
    if least < -math.sqrt(close * size):  # a zero eigenvalue of A, off by rounding, has a root of this size
        raise NotYet(f"wanted no negative eigenvalue, got {show(S)} with eigenvalue {show(least)}")


@specification(
    rule("A becomes A + u v^T", np.eye(2), floats(1, 0), floats(0, 1)),
    rule("the correction is divided by 1 + s", floats([0.5, 0], [0, 0.25]), floats(1, 2), floats(3, 1)),
    rule(
        "A need not be symmetric",
        floats([1, -1, 1], [0, 1, -1], [0, 0, 1]),
        floats(1, 0, 2),
        floats(0, 1, 1),
    ),
    rule(
        "A_inv may have any size",
        1e-4 * floats([3, 1, 0.5], [-1, 2, 0], [0.25, 1, 4]),
        1e3 * floats(1, -0.5, 2),
        floats(-1.5, 0.5, 1),
    ),
    rule(
        "no solve, no inverse",
        without(floats([2, 0.5], [-1, 3]), *SOLVERS),
        floats(0.5, -1),
        floats(2, 1.5),
    ),
)
def inverse_after_update(A_inv: Array, u: Array, v: Array) -> Array:
    """Go back to A, update it and invert it anew."""
    return np.linalg.inv(np.linalg.inv(A_inv) + np.outer(u, v)).astype(np.float64)


@requirement(
    rule("the first numbers are 0, 1, 1", 0),
    rule("the first numbers are 0, 1, 1", 1),
    rule("the first numbers are 0, 1, 1", 2),
    rule("each number is the sum of the two before", 10),
    rule("the number is exact, which rounding a power is not", 71),
    rule("the number is exact, which floats are not", 79),
    rule("the number is exact, though it does not fit into 64 bits", 93),
    rule("the number is exact up to n = 300", 300),
)
def fibonacci(got: Any, n: int) -> None:
    """Accept the exact whole number, of whatever type."""
    wanted, following = 0, 1
    for _ in range(n):
        wanted, following = following, wanted + following
    if as_numbers(got, f"the whole number {wanted}").size != 1:
        raise Unreadable(f"wanted one whole number, got {show(got)}")
    if np.asarray(got).item() != wanted:  # before it becomes a float
        raise NotYet(f"wanted {wanted}, got {show(got, unlike=wanted)}")


@specification(
    rule("X @ R.T lies near Y", floats([1, 0], [0, 2]), floats([0, 1], [-2, 0])),
    rule(
        "R is orthogonal",
        floats([2, 0], [0, 1], [-2, -1]),
        floats([1, 2], [-1, 0], [0, -3]),
    ),
    rule(
        "the origin stays where it is",
        floats([5, 1], [6.5, 1], [5, 3]),
        floats([-1, 4], [-1.5, 6], [-3, 4.5]),
    ),
    rule(
        "R has determinant +1: a mirror image is not allowed", floats([1, 0], [0, 2]), floats([1, 0], [0, -2])
    ),
    rule(
        "R has determinant +1: a mirror image is not allowed",
        floats([1, 0, 0], [0, 2, 0], [0, 0, 3], [1, 1, 1]),
        floats([0, 1, 0], [-2, 0, 0], [0, 0.5, -3], [-1, 1, 1]),
    ),
    rule(
        "sizes do not matter",
        1e-5 * floats([2, 0.5], [0, 1.5], [1, 1]),
        floats([1e3, 2e3], [-1e3, 0], [0, 1e3]),
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
    rule("the bound is the root of the product of two norms", floats([3, 0], [0, 4])),
    rule("one norm is of the columns, the other of the rows", floats([0, 7], [0, 0], [1, 1])),
    rule("sums are of absolute values", floats([1, -2, 3], [-4, 5, -6])),
    rule(
        "the largest column sum counts, wherever it stands", floats([0.5, -9, 0.25, 1], [1.5, -2.5, 0, 0.125])
    ),
    rule("entries may have any size", floats([1e-6, -2.5e-5], [3e-6, 0.5e-6])),
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
                f"whose dot product with it is {show(inner)}"
            )


@by_hand
def trace_of_commutator(value: Any) -> None:
    """Find the trace of AB - BA for square A and B."""
    if abs(as_numbers(value, "one number, the same for all A and B", ())) > CLOSE:
        raise NotYet(f"wanted the sum of the diagonals of AB and of -BA, got {show(value)}")


@by_hand
def eigenvalues_rank_one(value: Any) -> None:
    """Find the eigenvalues of I + u v^T for u = (1, 2, 2) and v = (3, 0, 1), with multiplicity."""
    A = np.eye(3) + np.outer([1.0, 2.0, 2.0], [3.0, 0.0, 1.0])
    values = as_numbers(value, "three eigenvalues, repeated ones as often as they occur", (3,))
    if abs(values.sum() - np.trace(A)) > HAND:
        raise NotYet(
            f"wanted eigenvalues that add up to the sum of the diagonal, got {show(value)} "
            f"with sum {show(values.sum(), unlike=np.trace(A))}"
        )
    if not np.allclose(np.sort(values), np.sort(np.linalg.eigvals(A).real), atol=HAND):
        raise NotYet(f"wanted the eigenvalues, got {show(value)}: the sum fits, but they are others")
