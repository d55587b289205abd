"""Answers to the exercises of the chapter on graphs."""

import itertools
from fractions import Fraction

import numpy as np
from checkers import Answers, fractions, single, spoiling, tupled

from mmlhelpers import graphs


def laplacian(A):
    return np.diag(A.sum(axis=1)) - A


def triangles(A):
    return np.diag(np.linalg.matrix_power(A, 3)) / 2


def triangles_by_neighbours(A):
    sets = [set(np.flatnonzero(row)) for row in A]
    return [sum(len(near & sets[j]) for j in near) // 2 for near in sets]


def triangles_by_spectrum(A):
    values, vectors = np.linalg.eigh(A)
    return vectors**2 @ values**3 / 2


def triangles_by_pairs(A):
    return [sum(bool(A[i, j]) for i, j in itertools.combinations(np.flatnonzero(row), 2)) for row in A]


def pairs_of_neighbours(A):
    degrees = A.sum(axis=1)
    return degrees * (degrees - 1) / 2


def surfer(links, damping, stuck="any", jump=True, steps=500, weight=None):
    n, out = len(links), links.sum(axis=1)
    x = np.full(n, 1 / n)
    for _ in range(steps):
        moved = (x / np.maximum(out, 1)) @ links
        lost = x * (out == 0)
        if stuck == "any":
            moved = moved + lost.sum() / n
        elif stuck == "stays":
            moved = moved + lost
        elif stuck == "others":
            moved = moved + (lost.sum() - lost) / max(n - 1, 1)
        elif stuck == "linked":
            moved = (
                moved + lost.sum() * (out > 0) / max((out > 0).sum(), 1) + lost.sum() / n * (not out.any())
            )
        elif stuck == "first":
            moved[0] += lost.sum()
        elif stuck == "each":
            moved = moved + lost.sum()
        x = damping * moved + jump * (1 - damping) / n
    return x


def surfer_rescaled(links, damping):
    """Let the surfers get lost; shares of those who are left are the same."""
    x = surfer(links, damping, stuck=None)
    return x / x.sum()


def surfer_by_eigenvector(links, damping):
    n = len(links)
    links = np.where(links.any(axis=1)[:, None], links, 1)
    G = damping * links / links.sum(axis=1)[:, None] + (1 - damping) / n
    values, vectors = np.linalg.eig(G.T)
    x = vectors[:, np.argmax(values.real)].real
    return x / x.sum()


def side_of_first(x):
    return x * x[0] > 0


def second(A, column=1):
    return np.linalg.eigh(laplacian(A))[1][:, column]


def halves(A):
    return side_of_first(second(A))


def halves_of(matrix, column=1):
    return lambda A: side_of_first(np.linalg.eigh(matrix(A))[1][:, column])


def normalised(A):
    d = A.sum(axis=1)
    return laplacian(A) / np.sqrt(np.outer(d, d))


def halves_by_power(A):
    """Iterate on what is left of the largest eigenvalue, orthogonally to the constants."""
    M = 2 * A.sum(axis=1).max() * np.eye(len(A)) - laplacian(A)
    x = np.random.default_rng(0).normal(size=len(A))
    for _ in range(20_000):
        x = M @ (x - x.mean())
        x /= np.linalg.norm(x)
    return side_of_first(x)


def equal_halves(A):
    x = second(A)
    if len(A) % 2:
        return side_of_first(x)
    return x > np.median(x) if x[0] > np.median(x) else x <= np.median(x)


def grounded(A, i, j):
    keep = np.arange(len(A)) != j
    return np.linalg.inv(laplacian(A)[keep][:, keep])[i - (i > j), i - (i > j)]


def by_pseudoinverse(A, i, j, cross=2.0, ends=1.0):
    P = np.linalg.pinv(laplacian(A))
    return P[i, i] + ends * P[j, j] - cross * P[i, j]


def by_energy(A, i, j):
    """Divide a unit of tension by the current it drives."""
    ends = np.isin(np.arange(len(A)), [i, j])
    potentials = graphs.harmonic_labels(A, ends, np.eye(len(A))[i])
    return 1 / (potentials @ laplacian(A) @ potentials)


def by_trees(A, i, j):
    """Divide the weights of spanning forests by those of spanning trees."""
    rest = np.delete(np.arange(len(A)), [i, j])
    L = laplacian(A)
    return np.linalg.det(L[np.ix_(rest, rest)]) / np.linalg.det(np.delete(np.delete(L, j, 0), j, 1))


def by_star_mesh(A, i, j):
    """Remove one node after another; its neighbours are joined instead."""
    A = A.copy()
    for k in set(range(len(A))) - {i, j}:
        row = A[k].copy()
        if row.any():
            A += np.outer(row, row) / row.sum()
        A[k], A[:, k] = 0, 0
        np.fill_diagonal(A, 0)
    return [1 / A[i, j]]


def shortest(A, i, j):
    with np.errstate(divide="ignore"):
        length = 1 / A
    for k in range(len(A)):
        length = np.minimum(length, length[:, [k]] + length[k])
    return length[i, j]


STAR = np.zeros((6, 6))
STAR[0, 1:] = STAR[1:, 0] = 1

ANSWERS = {
    "star_spectrum": Answers(
        mutants=[
            ("wanted a sum of 10, the sum of the degrees, got 0", [0] * 6),
            ("the sum of the degrees, got 9", [0, 1, 1, 1, 1, 5]),
            ("the sum of the degrees, got 6", [0, 1, 1, 1, 1, 2]),
            ("the sum of the degrees, got 10.004", [0, 1, 1, 1, 1, 6.004]),
            ("wanted the eigenvalue 0 once, as the star is connected", [5, 1, 1, 1, 1, 1]),
            ("wanted the eigenvalue 0 once", [0, 0, 1, 1, 2, 6]),
            ("no negative one, got [-1, 0, 1, 2, 2, 6]", [-1, 0, 1, 2, 2, 6]),
            ("with their multiplicities, got [0, 1, 1, 1, 2, 5]", [0, 1, 1, 1, 2, 5]),
            ("wanted six numbers, got [0, 1, 6]", [0, 1, 6]),
        ],
        disguises=[
            [0, 1, 1, 1, 1, 6],
            (6, 1, 1, 0, 1, 1),
            np.linalg.eigvalsh(laplacian(STAR)),
            np.float32([0, 1, 1, 1, 1, 6]),
            [Fraction(0), *[Fraction(1)] * 4, Fraction(6)],
        ],
    ),
    "gambler": Answers(
        mutants=[
            ("a straight line from 0 at 0 to 1 at 10, got 0.5", 0.5),
            ("a straight line from 0 at 0 to 1 at 10, got 0.7", 0.7),
            ("a straight line from 0 at 0 to 1 at 10, got 1/3", Fraction(1, 3)),
            ("a straight line from 0 at 0 to 1 at 10, got 0.125", 0.5**3),
            ("a straight line from 0 at 0 to 1 at 10, got 0.4286", 3 / 7),
            ("wanted one probability, from 0 to 1, got 30", 30),
            ("wanted one probability", [0.3, 0.7]),
        ],
        disguises=[0.3, 3 / 10, Fraction(3, 10), [0.3], np.float32(0.3), np.array(0.3), np.float16(0.3)],
    ),
    "triangles_at": Answers(
        mutants=[
            ("wanted [1, 1, 1], got [2, 2, 2]", lambda A: A.sum(axis=1)),
            ("wanted [1, 1, 1], got [2, 2, 2]", lambda A: np.diag(A @ A @ A)),
            ("each triangle counts once", lambda A: 2 / 3 * triangles(A)),
            ("of shape (), not (3,)", lambda A: np.trace(A @ A @ A) / 6),
            ("each triangle counts once", lambda A: (A @ A @ A).sum(axis=1) / 2),
            ("each node has a number of its own", lambda A: np.full(len(A), np.trace(A @ A @ A) / 6)),
            ("each node has a number of its own", pairs_of_neighbours),
            ("each node has a number of its own", lambda A: (A @ A).sum(axis=1) / 4),
            ("without triangles the numbers are zero", lambda A: np.maximum(triangles(A), 1)),
            (
                "a circle of four is no triangle",
                lambda A: triangles(A) + (np.trace(np.linalg.matrix_power(A, 4)) > 40) * (len(A) == 5),
            ),
            ("an edge may belong to several triangles", lambda A: np.minimum(triangles(A), 1)),
            ("an edge may belong to several triangles", lambda A: ((A @ A > 0) * A).sum(axis=1) / 2),
            ("a node may have no edges", lambda A: triangles(A)[A.any(axis=1)]),
        ],
        disguises=[
            triangles,
            triangles_by_neighbours,
            triangles_by_spectrum,
            triangles_by_pairs,
            lambda A: (A @ A * A).sum(axis=1) / 2,
            lambda A: np.einsum("ij,jk,ki->i", A, A, A) / 2,
            single(triangles),
            fractions(triangles),
            spoiling(triangles),
        ],
    ),
    "pagerank": Answers(
        mutants=[
            ("wanted scores that sum to 1, got sum 0.2531", lambda *case: surfer(*case, stuck=None)),
            ("wanted scores that sum to 1, got sum 2", lambda *case: 2 * surfer(*case)),
            ("the surfer follows links and jumps", lambda *case: surfer(*case, jump=False)),
            ("from a page without links the surfer jumps", lambda *case: surfer(*case, stuck="stays")),
            ("from a page without links the surfer jumps", lambda *case: surfer(*case, stuck="others")),
            ("from a page without links the surfer jumps", lambda *case: surfer(*case, stuck="linked")),
            ("from a page without links the surfer jumps", lambda *case: surfer(*case, stuck="first")),
            ("wanted scores that sum to 1, got sum ", lambda *case: surfer(*case, stuck="each")),
            ("from a page without links", lambda links, d: np.full(len(links), 1 / len(links))),
            ("from a page without links the surfer jumps", lambda links, d: surfer(links.T, d)),
            ("from a page without links the surfer jumps", lambda links, d: surfer(links, 1 - d)),
            ("from a page without links the surfer jumps", lambda links, d: surfer(links, 1.0)),
            (
                "several pages may have no links",
                lambda links, d: (
                    surfer_rescaled(np.where(links.any(axis=1), links, 0), d)
                    if (links.sum(axis=1) == 0).sum() > 1
                    else surfer(links, d)
                ),
            ),
            (
                "row i holds the links",
                lambda links, d: surfer(
                    links if not links.all(axis=1).any() and (links.sum(axis=1) == 0).any() else links.T, d
                ),
            ),
            ("every share of jumps is allowed", lambda links, d: surfer(links, max(d, 0.5))),
            ("every share of jumps is allowed", lambda links, d: surfer(links, d, steps=60)),
            ("no page may have links", lambda links, d: surfer(links, d) if links.any() else 0 * links[0]),
            ("wanted 2 scores", lambda links, d: surfer(links, d)[:, None]),
        ],
        disguises=[
            surfer,
            surfer_rescaled,
            surfer_by_eigenvector,
            lambda links, d: graphs.pagerank(links, d, 1e-14).scores,
            single(surfer),
            fractions(surfer),
            tupled(surfer),
            spoiling(surfer),
        ],
    ),
    "split": Answers(
        mutants=[
            ("friends stay together", lambda A: side_of_first(second(A, -1))),
            (
                "wanted the nodes [0, 1, 2] on the side of node 0, got [0, 1, 2, 3, 4, 5]",
                lambda A: np.ones(len(A), dtype=bool),
            ),
            ("wanted True for node 0, which is on its own side", lambda A: ~halves(A)),
            ("wanted 6 truths, True on the side of node 0", second),
            ("wanted 6 truths, True on the side of node 0", lambda A: np.flatnonzero(halves(A))),
            ("friends stay together", lambda A: side_of_first(second(A, 2))),
            ("friends stay together", lambda A: np.arange(len(A)) == 0),
            (
                "friends stay together",
                lambda A: (A[0] > 0) | (np.arange(len(A)) < 2) if len(A) != 6 else np.arange(len(A)) % 2 == 0,
            ),
            ("nodes may have any numbers", lambda A: -second(A) * second(A)[-1] > 0),
            ("the sides may have different sizes", equal_halves),
            ("the eigenvector is that of the Laplacian D - A", halves_of(normalised)),
            ("the eigenvector is that of the Laplacian D - A", halves_of(lambda A: A, -2)),
            ("weights count", lambda A: halves((A > 0) * 1.0)),
            ("weights may have any size", lambda A: halves(np.maximum(A, 1e-6 * (1 - np.eye(len(A)))))),
            ("weights may have any size", lambda A: halves(np.minimum(A, 1e6))),
        ],
        disguises=[
            halves,
            halves_by_power,
            lambda A: np.sign(second(A)) == np.sign(second(A)[0]),
            lambda A: side_of_first(np.linalg.svd(laplacian(A))[0][:, -2]),
            lambda A: [int(b) for b in halves(A)],
            lambda A: np.float32(halves(A)),
            lambda A: tuple(np.bool_(b) for b in halves(A)),
            halves_of(lambda A: -laplacian(A), -2),
            spoiling(halves),
        ],
    ),
    "resistance": Answers(
        mutants=[
            ("wanted 2, got inf", lambda A, i, j: 1 / A[i, j] if A[i, j] else np.inf),
            ("wanted 2, got 0.5", lambda A, i, j: 1 / by_pseudoinverse(A, i, j)),
            ("wanted 2, got 8", lambda A, i, j: A.sum() * by_pseudoinverse(A, i, j)),
            ("wanted 2, got 0.5556", lambda A, i, j: by_pseudoinverse(A, i, j, cross=0, ends=0)),
            ("wanted 2, got 1.5556", lambda A, i, j: by_pseudoinverse(A, i, j, cross=1)),
            ("whatever way it takes", lambda A, i, j: by_pseudoinverse(A, i, j, cross=0)),
            ("every further path lowers the resistance", shortest),
            (
                "every further path lowers the resistance",
                lambda A, i, j: 1 / A[i, j] if A[i, j] else shortest(A, i, j),
            ),
            ("weights are conductivities", lambda A, i, j: grounded((A > 0) * 1.0, i, j)),
            ("weights are conductivities", lambda A, i, j: grounded(1 / np.where(A > 0, A, np.inf), i, j)),
            (
                "any two nodes may be asked about",
                lambda A, i, j: grounded(A, i, j) if i < j else -grounded(A, i, j),
            ),
            ("any two nodes may be asked", lambda A, i, j: np.linalg.inv(laplacian(A)[:-1, :-1])[i, i]),
            ("conductivities may have any size", lambda A, i, j: grounded(A + 1e-12, i, j)),
            (
                "conductivities may have any size",
                lambda A, i, j: (
                    np.linalg.inv(laplacian(A) + 1e-9 * np.eye(len(A)))[[i, j], [i, j]].sum()
                    - 2 * np.linalg.inv(laplacian(A) + 1e-9 * np.eye(len(A)))[i, j]
                    if A.max() < 1e-3
                    else by_trees(A, i, j)
                ),
            ),
        ],
        disguises=[
            by_pseudoinverse,
            grounded,
            by_energy,
            by_trees,
            by_star_mesh,
            lambda A, i, j: (
                np.linalg.lstsq(laplacian(A), np.eye(len(A))[i] - np.eye(len(A))[j])[0]
                @ (np.eye(len(A))[i] - np.eye(len(A))[j])
            ),
            single(grounded),
            fractions(grounded),
            spoiling(grounded),
        ],
    ),
}
