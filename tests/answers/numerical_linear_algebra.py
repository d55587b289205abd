"""Answers to the exercises of the chapter on numerical linear algebra."""

import math
from fractions import Fraction

import numpy as np
import scipy.linalg
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.spatial.distance import cdist, pdist, squareform

from mmlhelpers import linalg


def roots_by_formula(p, q):
    root = math.sqrt(p * p - q)
    return sorted([p + root, p - root], key=abs, reverse=True)


def roots(p, q):
    large = p + math.copysign(math.sqrt(p * p - q), p)
    return [large, q / large]


def roots_by_cases(p, q):
    root = np.sqrt((p - np.sqrt(abs(q))) * (p + np.sqrt(abs(q)))) if q > 0 else np.hypot(p, np.sqrt(-q))
    large = p + root if p > 0 else p - root
    return np.array([large, q / large])


def roots_by_halves(p, q):
    """Divide by p first, so that one plus a root is left."""
    factor = 1 + math.sqrt(1 - q / p / p)
    return p * factor, q / (p * factor)


def products(X, repair=lambda below: below):
    squares = np.sum(X**2, axis=1)
    with np.errstate(invalid="ignore"):
        return np.sqrt(repair(squares[:, None] + squares - 2 * X @ X.T))


def positive(below):
    return np.maximum(below, 0)


def centred(X, centre=None, repair=positive):
    return products(X - (X.mean(axis=0) if centre is None else centre), repair)


def unclipped(below):
    return below


def no_diagonal(below, clip=positive):
    below = clip(below)
    below[np.diag_indices(len(below))] = 0
    return below


def distances_by_loops(X):
    return [[np.linalg.norm(x - y) for y in X] for x in X]


def root_determinant(A):
    return np.sum(np.log(np.diag(np.linalg.cholesky(A))))


def log_det(A):
    return 2 * root_determinant(A)


def log_det_scaled(A, dimension=True):
    scale = np.abs(A).max()
    with np.errstate(divide="ignore"):
        times = len(A) if dimension else 1
        return np.linalg.slogdet(A / scale)[1] + times * np.log(scale)


def banded(lower, diagonal, upper, b):
    bands = np.zeros((3, len(diagonal)))
    bands[0, 1:], bands[1], bands[2, :-1] = upper, diagonal, lower
    return scipy.linalg.solve_banded((1, 1), bands, b)


def thomas(lower, diagonal, upper, b, changed=True, both=True, back=True):
    d, x = diagonal.copy(), b.copy()
    for i in range(1, len(d)):
        factor = lower[i - 1] / (d if changed else diagonal)[i - 1]
        d[i] -= factor * upper[i - 1]
        if both:
            x[i] -= factor * x[i - 1]
    x[-1] /= d[-1]
    for i in range(len(d) - 2, -1, -1):
        x[i] = (x[i] - back * upper[i] * x[i + 1]) / d[i]
    return x


def thomas_upwards(lower, diagonal, upper, b):
    return thomas(upper[::-1], diagonal[::-1], lower[::-1], b[::-1])[::-1]


def thomas_in_lists(lower, diagonal, upper, b):
    """Scale the rows as they come, as textbooks do."""
    c, e = [], []
    for i in range(len(diagonal)):
        pivot = diagonal[i] - (lower[i - 1] * c[-1] if i else 0)
        e.append((b[i] - (lower[i - 1] * e[-1] if i else 0)) / pivot)
        c.append(upper[i] / pivot if i < len(upper) else 0)
    for i in reversed(range(len(e) - 1)):
        e[i] -= c[i] * e[i + 1]
    return e


def in_place(lower, diagonal, upper, b):
    for i, (l, u) in enumerate(zip(lower, upper, strict=True)):
        b[i + 1] -= l / diagonal[i] * b[i]
        diagonal[i + 1] -= l / diagonal[i] * u
    b[-1] /= diagonal[-1]
    for i in reversed(range(len(upper))):
        b[i] = (b[i] - upper[i] * b[i + 1]) / diagonal[i]
    return b


def dense(lower, diagonal, upper):
    A = np.zeros((len(diagonal), len(diagonal)))
    for i, value in enumerate(diagonal):
        A[i, i] = value
    for i, (l, u) in enumerate(zip(lower, upper, strict=True)):
        A[i + 1, i], A[i, i + 1] = l, u
    return A


def sweeps(lower, diagonal, upper, b, n_sweeps=300):
    x = np.zeros(len(b))
    for _ in range(n_sweeps):
        beside = np.zeros(len(b))
        beside[1:] += lower * x[:-1]
        beside[:-1] += upper * x[1:]
        x = (b - beside) / diagonal
    return x


def rotated(R, row, sign=1.0, hypot=np.hypot, turn_row=True, columns=None):
    R, row = np.array(R), np.array(row)
    for j in range(len(R) if columns is None else min(columns, len(R))):
        h = hypot(R[j, j], row[j])
        c, s = (R[j, j] / h, row[j] / h) if h > 0 else (1.0, 0.0)
        turned = c * R[j] + sign * s * row, c * row - sign * s * R[j]
        R[j], row = turned if turn_row else (turned[0], row)
    return R


def without_care(R, row):
    R, row = R.copy(), row.copy()
    for j in range(len(R)):
        h = np.sqrt(R[j, j] ** 2 + row[j] ** 2)
        c, s = R[j, j] / h, row[j] / h
        R[j], row = c * R[j] + s * row, c * row - s * R[j]
    return R


def squared(R, row):
    return np.linalg.cholesky(R.T @ R + np.outer(row, row)).T


def cholesky_by_hand(R, row):
    S = R.T @ R + np.outer(row, row)
    U = np.zeros_like(S)
    for i in range(len(S)):
        U[i, i] = math.sqrt(max(S[i, i] - U[:i, i] @ U[:i, i], 0))
        if U[i, i] > 0:
            U[i, i + 1 :] = (S[i, i + 1 :] - U[:i, i] @ U[:i, i + 1 :]) / U[i, i]
    return U


def mirrored(R, row):
    """Use a mirror of two coordinates for each column instead of a rotation."""
    R, row = R.copy(), row.copy()
    for j in range(len(R)):
        v = np.array([R[j, j], row[j]])
        length = np.linalg.norm(v)
        if length == 0:
            continue
        v[0] += math.copysign(length, v[0])
        pair = np.vstack([R[j], row])
        pair = pair - 2 * np.outer(v, v @ pair) / (v @ v)
        R[j], row = pair
        R[j, :j] = 0
    return R


ANSWERS = {
    "counter_stops": Answers(
        mutants=[
            ("in half precision a counter at 1 is wrong: it still moves on from there", [1, 1]),
            ("in half precision a counter at 1024 is wrong: it still moves on", [2**10, 2**24]),
            ("in half precision a counter at 2049 is wrong: it stopped before", [2049, 2**24]),
            ("in half precision a counter at 65504 is wrong: it stopped before", [65504, 2**24]),
            ("in single precision a counter at 8388608 is wrong: it still moves on", [2**11, 2**23]),
            ("in single precision a counter at 33554432 is wrong: it stopped before", [2**11, 2**25]),
            ("in single precision a counter at 16777215 is wrong: it still moves on", [2048, 16777215]),
            ("in half precision a counter at 16777216 is wrong", [2**24, 2**11]),
            ("wanted two numbers, for half and for single precision", 2**11),
        ],
        disguises=[
            [2**11, 2**24],
            (2048.0, 16777216.0),
            np.array([2048, 16777216], dtype=np.float32),
            [np.float16(2048), Fraction(2**24)],
            [2e3 + 48, np.int32(2) ** 24],
        ],
    ),
    "quadratic_roots": Answers(
        mutants=[
            ("wanted first root = 2, got first root = 1;", lambda p, q: roots(p, q)[::-1]),
            ("the one of larger size first", lambda p, q: sorted(roots(p, q))),
            ("the root of smaller size is q divided by the other", roots_by_formula),
            (
                "wanted second root = 1.244886e-05, got second root = 1.244885e-05",
                lambda p, q: roots_by_formula(p, q) if abs(p) < 1e6 else roots(p, q),
            ),
            ("p may be negative", lambda p, q: (p + math.sqrt(p * p - q), q / (p + math.sqrt(p * p - q)))),
            ("wanted first root = 2", lambda p, q: (-roots(p, q)[0], -roots(p, q)[1])),
            ("wanted first root = 2", lambda p, q: [2 * x for x in roots(2 * p, q)]),
            (
                "the roots may have different signs",
                lambda p, q: (roots(p, q)[0], abs(q / roots(p, q)[0])) if p > 0 else roots(p, q),
            ),
            (
                "the roots may have different signs",
                lambda p, q: roots(p, q) if q > 0 else sorted(roots(p, q), reverse=True),
            ),
            (
                "a root may be zero",
                lambda p, q: (roots(p, q)[0], math.exp(math.log(abs(q)) - 1)) if q == 0 else roots(p, q),
            ),
            (
                "p and q may have any size",
                lambda p, q: (roots(p, q)[0], q / (roots(p, q)[0] + 1e-12)) if abs(p) < 1 else roots(p, q),
            ),
            ("wanted a pair (first root, second root), got 1.5", lambda p, q: p),
            ("wanted second root = 1, got", lambda p, q: (roots(p, q)[0], q / roots(p, q)[0] * (1 + 1e-10))),
        ],
        disguises=[roots, roots_by_cases, roots_by_halves, single(roots), fractions(roots), tupled(roots)],
    ),
    "pair_distances": Answers(
        mutants=[
            ("distances are the roots of the sums of squares", lambda X: cdist(X, X) ** 2),
            ("distances are the roots of the sums of squares", lambda X: cdist(X, X, "cityblock")),
            ("of shape (3,), not (3, 3)", pdist),
            (
                "[[100000000], [100000001]] wanted [[0, 1], [1, 0]] to six digits, got [[0, 0], [0, 0]]",
                products,
            ),
            ("what all points share must not cancel", lambda X: products(X, positive)),
            ("what all points share must not cancel", lambda X: products(X, np.abs)),
            (
                "what all points share must not cancel",
                lambda X: products(X / X.std(axis=0).max(), positive) * X.std(axis=0).max(),
            ),
            ("wanted [[0, 5, 3], ", lambda X: centred(X, X.mean(axis=1)[:, None])),
            ("each coordinate has a mean of its own", lambda X: centred(X, X.mean())),
            ("each coordinate has a mean of its own", lambda X: centred(X, np.median(X))),
            (
                "equal points are at distance zero",
                lambda X: np.where(cdist(X, X) == 0, 1e-3, cdist(X, X)) * (1 - np.eye(len(X))),
            ),
            ("what rounding leaves below zero is distance zero", lambda X: centred(X, repair=unclipped)),
            (
                "what rounding leaves below zero is distance zero",
                lambda X: centred(X, repair=lambda below: no_diagonal(below, unclipped)),
            ),
            ("coordinates may have any size", lambda X: np.where(cdist(X, X) < 1e-4, 0, cdist(X, X))),
            ("coordinates may have any size", lambda X: np.minimum(cdist(X, X), 1e5)),
            ("there may be one point", lambda X: cdist(X, X) if len(X) > 1 else 0),
        ],
        disguises=[
            lambda X: centred(X, repair=no_diagonal),
            centred,
            lambda X: centred(X, X[0]),
            lambda X: centred(X, (X.min(axis=0) + X.max(axis=0)) / 2),
            lambda X: squareform(pdist(X)),
            distances_by_loops,
            lambda X: np.linalg.norm(X[:, None] - X, axis=-1),
            single(distances_by_loops),
        ],
    ),
    "log_determinant": Answers(
        mutants=[
            ("wanted 2.7726, got 1.3863", root_determinant),
            ("the whole determinant counts", np.linalg.det),
            ("got 1.2041", lambda A: log_det(A) / math.log(10)),
            ("got 4;", lambda A: log_det(A) / math.log(2)),
            ("wanted 1.0986, got 1.3863", lambda A: np.log(np.diag(A)).sum()),
            ("it is the natural logarithm", lambda A: np.log(np.diag(A)).sum()),
            ("entries beside the diagonal count", lambda A: log_det(np.abs(A))),
            ("the determinant may underflow", lambda A: np.log(np.linalg.det(A) + 1e-300)),
            ("the determinant may underflow", lambda A: np.log(np.linalg.det(A))),
            ("the determinant may underflow", lambda A: np.log(np.prod(np.diag(np.linalg.cholesky(A)) ** 2))),
            (
                "the determinant may overflow",
                lambda A: np.log(np.linalg.det(A * 10)) - len(A) * np.log(10) if A[0, 0] > 9 else log_det(A),
            ),
            ("wanted 2.7726, got 0.6931", lambda A: log_det_scaled(A, dimension=False)),
            (
                "a small determinant is not zero",
                lambda A: (
                    np.log(np.maximum(np.linalg.eigvalsh(A), 1e-5)).sum() if A[0, 0] < 1e-5 else log_det(A)
                ),
            ),
        ],
        disguises=[
            log_det,
            lambda A: np.linalg.slogdet(A).logabsdet,
            lambda A: np.log(np.linalg.eigvalsh(A)).sum(),
            log_det_scaled,
            lambda A: [math.fsum(np.log(np.abs(np.diag(scipy.linalg.lu(A)[2]))))],
            lambda A: np.log(scipy.linalg.ldl(A)[1].diagonal()).sum(),
            single(log_det),
            fractions(log_det),
            spoiling(log_det),
        ],
    ),
    "solve_tridiagonal": Answers(
        mutants=[
            ("wanted [1, 1], got [1.5, 1.5]; this breaks: all three diagonals", lambda l, d, u, b: b / d),
            ("all three diagonals count, with their signs", lambda l, d, u, b: thomas(0 * l, d, u, b)),
            (
                "all three diagonals count, with their signs",
                lambda l, d, u, b: thomas(l, d, u, b, back=False),
            ),
            (
                "all three diagonals count, with their signs",
                lambda l, d, u, b: thomas(l, d, u, b, both=False),
            ),
            ("each pivot has been changed", lambda l, d, u, b: thomas(l, d, u, b, changed=False)),
            ("lower stands below the diagonal, upper above", lambda l, d, u, b: thomas(u, d, l, b)),
            ("lower stands below", lambda l, d, u, b: thomas(l, d, l, b)),
            ("there may be one unknown", lambda l, d, u, b: thomas(l, d, u, b) if len(b) > 1 else b),
            (
                "rows may have nothing to do with each other",
                lambda l, d, u, b: thomas(l, d, u, b) if np.all(l != 0) else b / d,
            ),
            ("elimination gives all digits", sweeps),
            ("numbers may have any size", lambda l, d, u, b: thomas(l, d + 1e-12, u, b)),
            (
                "the matrix is never written out",
                lambda l, d, u, b: np.linalg.solve(np.diag(l, -1) + np.diag(d) + np.diag(u, 1), b),
            ),
            (
                "without np.linalg.solve, got a call of it",
                lambda l, d, u, b: np.linalg.solve(dense(l, d, u), b),
            ),
            ("without np.linalg.lstsq", lambda l, d, u, b: np.linalg.lstsq(dense(l, d, u), b)[0]),
        ],
        disguises=[
            thomas,
            thomas_upwards,
            thomas_in_lists,
            banded,
            in_place,
            single(thomas),
            fractions(thomas),
            listed(thomas),
        ],
    ),
    "add_row": Answers(
        mutants=[
            ("wanted [[5]], got [[3]]", lambda R, row: R),
            ("wanted [[5]], got [[7]]", lambda R, row: R + row),
            ("wanted a triangle of shape (1, 1), got [[3], [4]]", lambda R, row: np.vstack([R, row])),
            ("wanted zeros below the diagonal", lambda R, row: squared(R, row).T),
            ("R^T R + row row^T is kept", lambda R, row: rotated(R, row, hypot=lambda a, b: a + b)),
            ("each entry of the row is turned into R", lambda R, row: rotated(R, row, columns=1)),
            ("each entry of the row is turned into R", lambda R, row: rotated(R, row, turn_row=False)),
            ("wanted [[5]], got [[1.4]]", lambda R, row: rotated(R, row, sign=-1)),
            ("a row of zeros changes nothing", lambda R, row: rotated(R, row) if row.any() else 0 * R),
            (
                "diagonal entries may be negative",
                lambda R, row: rotated(np.abs(R), row) if (np.diag(R) < 0).any() else rotated(R, row),
            ),
            ("R may have any size", lambda R, row: np.round(rotated(R, row), 9)),
            ("nothing is squared", squared),
            ("nothing is squared", cholesky_by_hand),
            ("where both entries are zero there is nothing to turn", without_care),
            ("without np.linalg.qr, got a call of it", lambda R, row: np.linalg.qr(np.vstack([R, row])).R),
            (
                "rotations suffice, no new factorization",
                lambda R, row: np.linalg.qr(np.concatenate([R, row[None]]), mode="r"),
            ),
        ],
        disguises=[
            rotated,
            mirrored,
            lambda R, row: -rotated(R, row),
            lambda R, row: linalg.tsqr([R, row[None]]),
            lambda R, row: rotated(R, row) * np.where(np.arange(len(R)) % 2, -1, 1)[:, None],
            single(rotated),
            fractions(rotated),
            spoiling(rotated),
        ],
    ),
}
