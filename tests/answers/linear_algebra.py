"""Answers to the exercises of the chapter on linear algebra."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import scipy.linalg
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.spatial.transform import Rotation


def cosine(x, y):
    return x @ y / np.linalg.norm(x) / np.linalg.norm(y)


def foot(x, w, c):
    return x - (w @ x - c) / (w @ w) * w


def foot_in_place(x, w, c):
    x -= (w @ x - c) / (w @ w) * w
    w[:] = np.nan
    return x


def null_space(A, tolerance=None):
    return np.linalg.svd(A)[2][np.linalg.matrix_rank(A, tolerance) :].T


def null_space_by_eigenvectors(A):
    values, vectors = np.linalg.eigh(A.T @ A / np.abs(A).max() ** 2)
    return vectors[:, values < 1e-12]


EINSUM = ["ij,j->i", "ii->", "ik,kj->ij", "ij->ji", "i,j->ij", "ij,ij->", "nij,njk->nik", "i,ij,j->"]


def einsum_with(number, string):
    return lambda: [*EINSUM[: number - 1], string, *EINSUM[number:]]


def root_by_eigenvectors(A):
    values, Q = scipy.linalg.eigh(A)
    return (Q * np.sqrt(np.maximum(values, 0))) @ Q.T


def root_without_maximum(A):
    values, Q = np.linalg.eigh(A)
    return (Q * np.sqrt(values)) @ Q.T


def root_with_small_values_cut(A):
    values, Q = np.linalg.eigh(A)
    return (Q * np.sqrt(np.where(values > 1e-6, values, 0))) @ Q.T


def root_with_one_sign_turned(A):
    values, Q = np.linalg.eigh(A)
    return (Q * np.sqrt(np.maximum(values, 0)) * np.where(np.arange(len(A)) == len(A) - 1, -1, 1)) @ Q.T


def root_by_singular_vectors(A):
    _, sigma, Vt = scipy.linalg.svd(A)
    return (Vt.T * np.sqrt(sigma)) @ Vt


def updated(A_inv, u, v):
    a, w = A_inv @ u, v @ A_inv
    return A_inv - np.outer(a, w) / (1 + v @ a)


def updated_by_columns(A_inv, u, v):
    u, v = u[:, None], v[:, None]
    return A_inv - (A_inv @ u) @ (v.T @ A_inv) / (1 + v.T @ A_inv @ u)


def updated_in_place(A_inv, u, v):
    a, w = A_inv @ u, v @ A_inv
    s = v @ a
    for i in range(len(u)):
        for j in range(len(u)):
            A_inv[i, j] -= a[i] * w[j] / (1 + s)
    return A_inv


def fibonacci_by_power(n):
    return int(np.linalg.matrix_power(np.array([[1, 1], [1, 0]], dtype=object), n)[0, 1])


def fibonacci_by_loop(n, first=0):
    a, b = first, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def rotation_by_svd(X, Y, flip=-1):
    U, _, Vt = np.linalg.svd(Y.T @ X)
    signs = np.ones(len(U))
    signs[flip] = np.sign(np.linalg.det(U @ Vt))
    return U * signs @ Vt


def rotation_by_angle(X, Y):
    """In the plane by one angle, in space by SciPy."""
    if X.shape[1] == 3:
        return Rotation.align_vectors(Y, X)[0].as_matrix()
    angle = np.arctan2(np.sum(X[:, 0] * Y[:, 1] - X[:, 1] * Y[:, 0]), np.sum(X * Y))
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def orthogonal_by_svd(X, Y):
    U, _, Vt = np.linalg.svd(Y.T @ X)
    return U @ Vt


def bound(A):
    return np.sqrt(np.linalg.norm(A, 1) * np.linalg.norm(A, np.inf))


ANSWERS = {
    "cosine_similarity": Answers(
        mutants=[
            ("divided by both lengths", lambda x, y: x @ y),
            ("divided by both lengths", lambda x, y: x @ y / (x @ x) / (y @ y)),
            ("divided by both lengths", lambda x, y: np.arccos(cosine(x, y))),
            ("negative beyond a right angle", lambda x, y: abs(cosine(x, y))),
            ("negative beyond a right angle", lambda x, y: np.sqrt(1 - np.sin(np.arccos(cosine(x, y))) ** 2)),
            ("lengths do not matter", lambda x, y: x @ y / (np.linalg.norm(x) * np.linalg.norm(y) + 1e-8)),
        ],
        disguises=[
            cosine,
            lambda x, y: np.array([1 - scipy.spatial.distance.cosine(x, y)]),
            single(cosine),
            fractions(cosine),
            lambda x, y: Decimal(float(cosine(x, y))),
            spoiling(cosine),
        ],
    ),
    "project_onto_hyperplane": Answers(
        mutants=[
            ("lies on the hyperplane, from x", lambda x, w, c: x - (w @ x - c) * w),
            ("lies on the hyperplane, from x", lambda x, w, c: x - (w @ x - c) / np.linalg.norm(w) * w),
            ("lies on the hyperplane, from x", lambda x, w, c: x - (w @ x) / (w @ w) * w),
            ("lies on the hyperplane, from x", lambda x, w, c: x + (w @ x - c) / (w @ w) * w),
            ("whatever c is", lambda x, w, c: x - (w @ x - abs(c)) / (w @ w) * w),
            ("a point on the hyperplane stays", lambda x, w, c: foot(x, w, c) + (w @ x == c)),
            ("on either side", lambda x, w, c: x - max(w @ x - c, 0) / (w @ w) * w),
            ("w may have any length", lambda x, w, c: x - (w @ x - c) / (w @ w + 1e-10) * w),
        ],
        disguises=[
            listed(foot),
            single(foot),
            foot_in_place,
            lambda x, w, c: x + np.linalg.pinv(w[None]) @ (c - w[None] @ x),
        ],
    ),
    "null_space_basis": Answers(
        mutants=[
            ("one vector a column, got one of shape", lambda A: np.linalg.svd(A)[2].T),
            ("one vector a column, got one of shape", lambda A: null_space(A).T),
            ("wanted A @ N = ", lambda A: np.linalg.svd(A)[2][: -np.linalg.matrix_rank(A)].T),
            ("wanted orthonormal columns", lambda A: 2 * null_space(A)),
            ("wanted orthonormal columns", lambda A: null_space(A) + null_space(A)[:, :1]),
            (
                "full column rank forgets nothing",
                lambda A: np.linalg.svd(A)[2][min(np.linalg.matrix_rank(A), A.shape[1] - 1) :].T,
            ),
            ("rounding left of a singular value", lambda A: null_space(A, 0)),
            ("relative to the largest singular value", lambda A: null_space(A, 1e-10)),
            ("relative to the largest singular value", lambda A: null_space(A, 1e-3)),
        ],
        disguises=[
            null_space,
            scipy.linalg.null_space,
            null_space_by_eigenvectors,
            listed(lambda A: -null_space(A)[:, ::-1]),
            single(null_space),
        ],
    ),
    "einsum_strings": Answers(
        mutants=[
            ("wanted a list of 8 strings, got 7", lambda: EINSUM[:7]),
            ("formula 1, A_ij x_j, 'ij,j->j' does not compute it", einsum_with(1, "ij,j->j")),
            ("formula 1, A_ij x_j, einsum refuses", einsum_with(1, "ij,i->j")),
            ("formula 2, sum_i A_ii, 'ii->i' does not", einsum_with(2, "ii->i")),
            ("formula 2, sum_i A_ii, 'ij->' does not", einsum_with(2, "ij->")),
            ("formula 3, A_ik B_kj, 'ki,kj->ij' does not", einsum_with(3, "ki,kj->ij")),
            ("formula 4, A_ji, 'ij->ij' does not", einsum_with(4, "ij->ij")),
            ("formula 5, x_i y_j, 'i,j->ji' does not", einsum_with(5, "i,j->ji")),
            ("formula 6, sum_ij A_ij B_ij, 'ij,ij->ij' does not", einsum_with(6, "ij,ij->ij")),
            ("formula 7, B_nij C_njk, 'nij,njk->ik' does not", einsum_with(7, "nij,njk->ik")),
            ("formula 8, x_i A_ij x_j, 'i,ij,j->i' does not", einsum_with(8, "i,ij,j->i")),
        ],
        disguises=[
            lambda: EINSUM,
            lambda: ("ij,j", "ii", "ij,jk", "ji", "i,j", "ij,ij->", "bij,bjk->bik", "a,ab,b->"),
            lambda: np.array(EINSUM),
            lambda: [" ij , j -> i ", "...ii->...", *EINSUM[2:]],
        ],
    ),
    "symmetric_square_root": Answers(
        mutants=[
            ("wanted S @ S = [[2, 1], [1, 2]], got S @ S = [[3,", np.sqrt),
            ("wanted no negative eigenvalue", lambda A: -root_by_eigenvectors(A)),
            ("wanted no negative eigenvalue", root_with_one_sign_turned),
            ("wanted S @ S = ", lambda A: np.linalg.cholesky(A + 1e-12 * np.eye(len(A)))),
            ("wanted S @ S = ", lambda A: A),
            ("a size of 1e-8 is not nothing", root_with_small_values_cut),
            ("that rounding left below zero counts as zero", root_without_maximum),
        ],
        disguises=[
            root_by_eigenvectors,
            root_by_singular_vectors,
            tupled(root_by_eigenvectors),
            single(root_by_eigenvectors),
            lambda A: np.matrix(root_by_eigenvectors(A)),
        ],
    ),
    "inverse_after_update": Answers(
        mutants=[
            ("A becomes A + u v^T", lambda A_inv, u, v: A_inv),
            ("A becomes A + u v^T", lambda A_inv, u, v: updated(A_inv, v, u)),
            ("A becomes A + u v^T", lambda A_inv, u, v: updated(A_inv, -u, v)),
            ("divided by 1 + s", lambda A_inv, u, v: A_inv - np.outer(A_inv @ u, v @ A_inv)),
            (
                "A need not be symmetric",
                lambda A_inv, u, v: A_inv - np.outer(A_inv @ u, A_inv @ v) / (1 + v @ A_inv @ u),
            ),
            (
                "no solve, no inverse",
                lambda A_inv, u, v: np.linalg.inv(np.linalg.inv(A_inv) + np.outer(u, v)),
            ),
            (
                "no solve, no inverse",
                lambda A_inv, u, v: np.linalg.solve(np.eye(len(u)) + np.outer(A_inv @ u, v), A_inv),
            ),
        ],
        disguises=[updated, updated_by_columns, updated_in_place, listed(updated), single(updated)],
    ),
    "fibonacci": Answers(
        mutants=[
            ("the first numbers are 0, 1, 1", lambda n: fibonacci_by_power(n + 1)),
            ("the first numbers are 0, 1, 1", lambda n: n),
            ("sum of the two before", lambda n: min(n, 1) if n < 3 else 2 ** (n - 2)),
            ("which rounding a power is not", lambda n: round(((1 + 5**0.5) / 2) ** n / 5**0.5)),
            ("which floats are not", lambda n: float(fibonacci_by_power(n))),
            ("does not fit into 64 bits", lambda n: int(np.linalg.matrix_power([[1, 1], [1, 0]], n)[0, 1])),
            ("exact up to n = 300", lambda n: fibonacci_by_loop(n) % 2**128),
        ],
        disguises=[
            fibonacci_by_power,
            fibonacci_by_loop,
            lambda n: sum(math.comb(n - 1 - k, k) for k in range((n + 1) // 2)),
            lambda n: Fraction(fibonacci_by_loop(n)),
            lambda n: np.linalg.matrix_power(np.array([[1, 1], [1, 0]], dtype=object), n)[0, 1:],
            lambda n: np.int64(fibonacci_by_loop(n)) if n < 93 else fibonacci_by_loop(n),
        ],
    ),
    "best_rotation": Answers(
        mutants=[
            ("X @ R.T lies near Y", lambda X, Y: rotation_by_svd(Y, X)),
            ("X @ R.T lies near Y", lambda X, Y: np.eye(X.shape[1])),
            ("R is orthogonal", lambda X, Y: np.linalg.lstsq(X, Y)[0].T),
            ("a mirror image is not allowed", orthogonal_by_svd),
            ("a mirror image is not allowed", lambda X, Y: rotation_by_svd(X, Y, flip=0)),
            ("the origin stays", lambda X, Y: rotation_by_svd(X - X.mean(axis=0), Y)),
        ],
        disguises=[
            rotation_by_svd,
            rotation_by_angle,
            tupled(rotation_by_angle),
            single(rotation_by_svd),
            spoiling(rotation_by_svd),
        ],
    ),
    "norm_bound": Answers(
        mutants=[
            ("the root of the product of two norms", lambda A: np.abs(A).sum()),
            ("the root of the product of two norms", lambda A: bound(A) ** 2),
            ("sums are of absolute values", lambda A: np.sqrt(A.sum(axis=0).max() * A.sum(axis=1).max())),
            ("one norm is of the columns", lambda A: np.linalg.norm(A, 2)),
            ("one norm is of the columns", lambda A: np.linalg.norm(A, 1)),
            ("one norm is of the columns", lambda A: np.linalg.norm(A, np.inf)),
            ("wherever it stands", lambda A: np.sqrt(np.abs(A[:, -1]).sum() * np.linalg.norm(A, np.inf))),
        ],
        disguises=[
            bound,
            lambda A: float(bound(A.T)),
            single(bound),
            lambda A: math.sqrt(max(map(sum, abs(A).tolist())) * max(map(sum, abs(A).T.tolist()))),
        ],
    ),
    "plane_normal": Answers(
        mutants=[
            ("orthogonal to (1, 1, 0), got [1, 1, 0], whose dot product with it is 2", [1, 1, 0]),
            ("orthogonal to (0, 1, 1)", [1, -1, -1]),
            ("wanted a direction, got the zero vector", [0, 0, 0]),
            ("wanted a vector of three numbers", [1, -1]),
            ("orthogonal to (1, 1, 0)", [1e-6, 1e-6, -1e-6]),
        ],
        disguises=[
            [1, -1, 1],
            (-2, 2, -2),
            np.array([0.577, -0.577, 0.577]),
            [Fraction(1, 3), Fraction(-1, 3), Fraction(1, 3)],
            np.float32([1e-6, -1e-6, 1e-6]),
        ],
    ),
    "trace_of_commutator": Answers(
        mutants=[
            ("sum of the diagonals of AB and of -BA, got 1", 1),
            ("sum of the diagonals of AB and of -BA, got 0.001", 0.001),
            ("wanted one number", [0, 0]),
            ("wanted one number", np.zeros((2, 2))),
        ],
        disguises=[0, 0.0, np.float32(0), Fraction(0), 1e-17, -0.0],
    ),
    "eigenvalues_rank_one": Answers(
        mutants=[
            ("repeated ones as often as they occur", [1, 6]),
            ("add up to the sum of the diagonal, got [0, 0, 5] with sum 5", [0, 0, 5]),
            ("the sum fits, but they are others", [2, 3, 3]),
            ("the sum fits, but they are others", [0, 2, 6]),
            ("add up to the sum of the diagonal", [1, 1, 5]),
        ],
        disguises=[
            [1, 1, 6],
            (6, 1, 1),
            np.array([1.0, 6.0, 1.0], dtype=np.float32),
            [Fraction(1), 6, 1.0],
            np.linalg.eigvals(np.eye(3) + np.outer([1, 2, 2], [3, 0, 1])),
        ],
    ),
}
