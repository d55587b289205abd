"""Answers to the exercises of the chapter on principal components."""

from fractions import Fraction

import numpy as np
import scipy.linalg
from checkers import Answers, fractions, listed, single, spoiling, tupled
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA
from sklearn.preprocessing import KernelCenterer

from mmlhelpers import linalg


def directions(X, k, centre=True, decide=lambda V: V[np.abs(V).argmax(axis=0), range(V.shape[1])]):
    V = np.linalg.svd(X - centre * X.mean(axis=0))[2][:k].T
    return V * np.sign(decide(V))


def directions_by_peer(X, k):
    V = PCA(k, svd_solver="full").fit(X).components_.T
    return V * np.sign(V[np.abs(V).argmax(axis=0), range(k)])


def scaled_directions(X, k):
    return directions(X / X.std(axis=0), k)


def scores(X, new, V):
    return (new - X.mean(axis=0)) @ V


def lost(X, k, power=2, average=len, centre=True, stop=None):
    sigma = np.linalg.svd(X - centre * X.mean(axis=0), compute_uv=False)
    return np.sum(sigma[k:stop] ** power) / average(X)


def lost_by_rebuilding(X, k):
    pca = linalg.principal_components(X, k)
    return np.mean(np.sum((X - pca.rebuild(pca.scores(X))) ** 2, axis=1))


def white(X, power=0.5, rows=False, divisor=0, centre=True):
    centred = X - X.mean(axis=0)
    values, V = np.linalg.eigh(centred.T @ centred / (len(X) - divisor))
    return (centred if centre else X) @ (V.T if rows else V) / values**power


def white_by_cholesky(X):
    centred = X - X.mean(axis=0)
    L = np.linalg.cholesky(centred.T @ centred / len(X))
    return scipy.linalg.solve_triangular(L, centred.T, lower=True).T


def white_in_the_old_axes(X):
    U, _, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return np.sqrt(len(X)) * U @ Vt


def white_but_other_samples(X):
    noise = np.random.default_rng(0).normal(size=X.shape)
    return np.linalg.qr(noise - noise.mean(axis=0)).Q * np.sqrt(len(X))


def distance(X, x, k):
    pca = linalg.principal_components(X, k)
    return np.sum((x - pca.rebuild(pca.scores([x]))[0]) ** 2)


def distance_by_projection(X, x, k, centre=True, keep=False):
    m = X.mean(axis=0)
    V = np.linalg.svd(X - m)[2][:k].T
    d = x - m * centre
    return np.sum((V.T @ d) ** 2) if keep else d @ d - np.sum((V.T @ d) ** 2)


def distance_by_neighbour(X, x, k):
    return np.min(np.sum((X - x) ** 2, axis=1))


def kernel(K, plus=1.0, columns=1.0):
    rows = K.mean(axis=1, keepdims=True)
    return K - rows - columns * rows.T + plus * K.mean()


def kernel_normalised(K):
    C = kernel(K)
    root = np.sqrt(np.diag(C))
    return C / np.outer(root, root)


def placed(D, k, factor=0.5, root=0.5, centre=True):
    n = len(D)
    H = np.eye(n) - centre / n
    values, V = np.linalg.eigh(-factor * H @ D @ H)
    return V[:, -k:] * np.maximum(values[-k:], 0) ** root


def placed_by_triangulation(D, k):
    """Put the first point at zero, and factor the inner products of the others with it."""
    G = (D[1:, :1] + D[:1, 1:] - D[1:, 1:]) / 2
    values, V = np.linalg.eigh(G)
    points = np.zeros((len(D), k))
    kept = min(k, len(G))
    points[1:, :kept] = V[:, -kept:] * np.sqrt(np.maximum(values[-kept:], 0))
    return points


def moved(X, w, rate, n_passes, forget=1.0, normal=False, fresh=True):
    for _ in range(n_passes):
        first = w
        for x in X:
            y = (w if fresh else first) @ x
            w = w + rate * y * (x - forget * y * w)
            if normal:
                w = w / np.linalg.norm(w)
    return w


def moved_by_matrices(X, w, rate, n_passes):
    for x in np.tile(X, (n_passes, 1)):
        w = (np.eye(len(w)) + rate * np.outer(x, x)) @ w - rate * (w @ x) ** 2 * w
    return w


def moved_in_place(X, w, rate, n_passes):
    for _ in range(n_passes):
        for x in X:
            y = w @ x
            w += rate * (y * x - y**2 * w)
    return w


def careful(A, probes, n_power, each=np.linalg.qr):
    Q = each(A @ probes)[0]
    for _ in range(n_power):
        Q = each(A @ each(A.T @ Q)[0])[0]
    return np.linalg.qr(Q).Q


def careless(A, probes, n_power):
    Y = A @ probes
    for _ in range(n_power):
        Y = A @ (A.T @ Y)
    return np.linalg.qr(Y).Q


def whitened_cross(X, Y, ddof=0):
    Xw, Yw = white(X), white(Y)
    return np.linalg.svd(Xw.T @ Yw / (len(X) - ddof), compute_uv=False)


def by_angles(X, Y, centre=True):
    angles = scipy.linalg.subspace_angles(X - centre * X.mean(axis=0), Y - centre * Y.mean(axis=0))
    return np.sort(np.cos(angles))[::-1]


def by_bases(X, Y):
    Q, R = (np.linalg.qr(M - M.mean(axis=0)).Q for M in (X, Y))
    return np.linalg.svd(Q.T @ R)[1]


def by_iterations(X, Y):
    k = min(X.shape[1], Y.shape[1])
    model = CCA(k, tol=1e-15, max_iter=100_000)
    U, V = model.fit_transform(X, Y)
    return [abs(np.corrcoef(U[:, i], V[:, i])[0, 1]) for i in range(k)]


def entrywise(X, Y):
    both = np.corrcoef(X.T, Y.T)[: X.shape[1], X.shape[1] :]
    return np.linalg.svd(both, compute_uv=False)


DIVISOR = "squared distances are averaged, with divisor n"
WHITE = "the covariance, with divisor n, becomes the identity"
PLANE = "only the distance from the plane counts"
MEANS = "rows and columns lose their means, and the mean of everything comes back"
MAP = "the distances of the points squared are D"

ANSWERS = {
    "component_by_hand": Answers(
        mutants=[
            ("wanted the larger root of the characteristic polynomial first, got 1", [1, 1 / 7]),
            ("wanted the larger root of the characteristic polynomial first, got 0.8571", [6 / 7, 6]),
            ("wanted the larger root", [5, 5 / 7]),
            ("wanted the share of the total variance, the trace, second, got 6", [6, 6]),
            ("wanted the share of the total variance", [6, 6**2 / 37]),
            ("wanted three decimals, got 0.86", [6, 0.86]),
            ("wanted two numbers", 6),
        ],
        disguises=[
            [6, 6 / 7],
            (6, Fraction(6, 7)),
            [6.0, 0.857],
            np.float32([6, 6 / 7]),
            np.linalg.eigvalsh([[5, 2], [2, 2]])[1] / np.array([1, 7]),
        ],
    ),
    "standardised_pair": Answers(
        mutants=[
            ("wanted the share of the total, got 1.6, the variance itself", 1.6),
            ("the larger eigenvalue of the correlation matrix over its trace, got 0.2", 0.2),
            ("the larger eigenvalue of the correlation matrix over its trace, got 0.36", 0.36),
            ("the larger eigenvalue of the correlation matrix over its trace, got 0.6", 0.6),
            ("wanted one number, got [0.8, 0.2]", [0.8, 0.2]),
        ],
        disguises=[0.8, Fraction(4, 5), [0.8], np.float16(0.8), (1 + 0.6) / 2],
    ),
    "noise_by_hand": Answers(
        mutants=[
            (
                "squares of one minus and one plus a root as edges, got [0.6667, 1.3333]",
                [2 / 3, 4 / 3, 4 / 3],
            ),
            ("squares of one minus and one plus a root", [0.79, 1.235, 4 / 3]),  # the ratio, not its root
            ("squares of one minus and one plus a root", [4.0, 16.0, 4.0]),  # the ratio upside down
            ("wanted the lower edge first, then the upper", [16 / 9, 4 / 9, 4 / 3]),
            ("from which a direction is seen at all, got 0.3333", [4 / 9, 16 / 9, 1 / 3]),
            ("from which a direction is seen at all, got 1.7778", [4 / 9, 16 / 9, 16 / 9]),
            ("wanted three decimals, got 0.44", [0.44, 1.78, 1.33]),
            ("wanted three numbers, two edges and a strength", [4 / 9, 16 / 9]),
        ],
        disguises=[
            [4 / 9, 16 / 9, 4 / 3],
            (Fraction(4, 9), Fraction(16, 9), Fraction(4, 3)),
            [0.444, 1.778, 1.333],
            np.float32([4 / 9, 16 / 9, 4 / 3]),
        ],
    ),
    "principal_directions": Answers(
        mutants=[
            ("the samples are centred", lambda X, k: directions(X, k, centre=False)),
            ("the samples are centred", lambda X, k: -directions(X, k)),
            ("the samples are centred", scaled_directions),
            ("the samples are centred", lambda X, k: directions(X, X.shape[1])[:, -k:]),
            ("the largest variance first", lambda X, k: directions(X, k)[:, ::-1]),
            ("directions are columns", lambda X, k: directions(X, k).T if k > 1 else directions(X, k)),
            (
                "the entry of largest size is positive",
                lambda X, k: directions(X, k, decide=lambda V: V.sum(axis=0)),
            ),
            ("is positive", lambda X, k: directions(X, k, decide=lambda V: V[-1])),
            ("is positive", lambda X, k: directions(X, k, decide=lambda V: V[0])),
            (
                "is positive",
                lambda X, k: directions(
                    X, k, decide=lambda V: np.where((V > 0).sum(axis=0) * 2 >= len(V), 1, -1)
                ),
            ),
            ("directions are columns", lambda X, k: np.abs(directions(X, k))),
        ],
        disguises=[
            directions,
            directions_by_peer,
            lambda X, k: directions_by_peer(100 * X, k),
            listed(directions),
            single(directions),
            spoiling(directions),
        ],
    ),
    "scores_of_new": Answers(
        mutants=[
            ("the mean is that of the old samples", lambda X, new, V: (new - new.mean(axis=0)) @ V),
            ("the mean is that of the old samples", lambda X, new, V: new @ V),
            ("the mean is that of the old samples", lambda X, new, V: scores(X, X, V)),
            ("the mean is that of the old samples", lambda X, new, V: scores(np.vstack([X, new]), new, V)),
            ("the mean is that of the old samples", lambda X, new, V: (new - X.mean()) @ V),
            (
                "the mean is that of the old samples",
                lambda X, new, V: (new - X.mean(axis=0)) / X.std(axis=0) @ V,
            ),
            (
                "a single sample has scores too",
                lambda X, new, V: scores(X, new, V)[0] if len(new) == 1 else scores(X, new, V),
            ),
            (
                "directions are the columns of V",
                lambda X, new, V: scores(X, new, V[:, ::-1] if V.shape[1] == 3 else V),
            ),
        ],
        disguises=[
            scores,
            lambda X, new, V: np.array([V.T @ (x - X.mean(axis=0)) for x in new]),
            lambda X, new, V: new @ V - X.mean(axis=0) @ V,
            tupled(scores),
            single(scores),
            spoiling(scores),
        ],
    ),
    "left_out": Answers(
        mutants=[
            (DIVISOR, lambda X, k: 0.0),
            (DIVISOR, lambda X, k: lost(X, k, average=lambda X: len(X) - 1)),
            (DIVISOR, lambda X, k: lost(X, k, average=np.size)),
            (DIVISOR, lambda X, k: lost(X, k, power=1)),
            (DIVISOR, lambda X, k: lost(X, k, average=lambda X: 1)),
            (DIVISOR, lambda X, k: lost(X, 0) - lost(X, k)),
            (DIVISOR, lambda X, k: lost(X, k) / lost(X, 0)),
            (DIVISOR, lambda X, k: np.sqrt(lost(X, k))),
            ("the plane goes through the mean", lambda X, k: lost(X, k, centre=X.mean() < 5 and 1)),
            ("all that is left out counts", lambda X, k: lost(X, k, stop=min(k + 2, X.shape[1]))),
            ("k directions are kept", lambda X, k: lost(X, k % 2)),
        ],
        disguises=[
            lost,
            lost_by_rebuilding,
            lambda X, k: np.sum(np.sort(np.linalg.eigvalsh(np.atleast_2d(np.cov(X.T, ddof=0))))[::-1][k:]),
            lambda X, k: [float(lost(X, k))],
            single(lost),
            fractions(lost),
        ],
    ),
    "whiten": Answers(
        mutants=[
            ("wanted white samples, covariance = ", lambda X: white(X, power=1, rows=True)),
            ("wanted white samples, covariance = ", lambda X: white(X, power=1)),
            ("wanted white samples, covariance = ", lambda X: white(X, rows=True)),
            ("wanted white samples, covariance = ", lambda X: white(X, power=0)),
            (WHITE, PCA(whiten=True).fit_transform),
            ("wanted centred samples, mean = ", lambda X: white(X, centre=False)),
            ("wanted a linear map of the centred samples", white_but_other_samples),
            (WHITE, lambda X: (X - X.mean(axis=0)) / X.std(axis=0)),
            ("wanted a linear map of the centred samples", lambda X: white(X)[::-1]),
        ],
        disguises=[
            white,
            white_by_cholesky,
            white_in_the_old_axes,
            tupled(white),
            single(white),
            spoiling(white),
        ],
    ),
    "novelty": Answers(
        mutants=[
            (PLANE, lambda X, x, k: np.sum((x - X.mean(axis=0)) ** 2)),
            (PLANE, lambda X, x, k: np.sqrt(distance(X, x, k))),
            (PLANE, lambda X, x, k: distance_by_projection(X, x, k, keep=True)),
            (PLANE, lambda X, x, k: distance_by_projection(X, x, k, centre=False)),
            (PLANE, lambda X, x, k: distance(X, x, k) / len(x)),
            (PLANE, lambda X, x, k: distance(np.vstack([X, x]), x, k)),
            (PLANE, distance_by_neighbour),
            ("this breaks: ", lambda X, x, k: distance(X, x, 1)),
        ],
        disguises=[
            distance,
            distance_by_projection,
            lambda X, x, k: [distance(X, x, k)],
            single(distance),
            fractions(distance),
            spoiling(distance),
        ],
    ),
    "centred_kernel": Answers(
        mutants=[
            (MEANS, lambda K: K - K.mean()),
            (MEANS, lambda K: kernel(K, plus=0)),
            (MEANS, lambda K: kernel(K, plus=-1)),
            (MEANS, lambda K: kernel(K, columns=0, plus=0)),
            (MEANS, lambda K: kernel(K, plus=2)),
            (MEANS, kernel_normalised),
            (MEANS, lambda K: K - np.diag(K).mean()),
        ],
        disguises=[
            lambda K: KernelCenterer().fit_transform(K.copy()),
            lambda K: K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean(),
            lambda K: (
                scipy.linalg.null_space(np.ones((1, len(K))))
                @ scipy.linalg.null_space(np.ones((1, len(K)))).T
                @ K
                @ (np.eye(len(K)) - 1 / len(K))
            ),
            listed(lambda K: K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()),
            single(lambda K: K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()),
        ],
    ),
    "map_from_distances": Answers(
        mutants=[
            ("wanted squared distances = ", lambda D, k: np.zeros((len(D), k))),
            (MAP, lambda D, k: placed(D, k, factor=1)),
            (MAP, lambda D, k: placed(D, k, root=1)),
            (MAP, lambda D, k: placed(D, k, root=0)),
            (MAP, lambda D, k: placed(D, k, centre=0)),
            (MAP, lambda D, k: placed(np.sqrt(D), k)),
            (MAP, lambda D, k: np.pad(placed(D, k)[:, 1:], ((0, 0), (0, 1)))),
            ("wanted points of shape (6, 2)", lambda D, k: placed(D, k).T),
            (MAP, lambda D, k: placed(D, k)[::-1]),
        ],
        disguises=[
            placed,
            placed_by_triangulation,
            lambda D, k: linalg.kernel_components(-D / 2, k).scores,
            lambda D, k: placed(D, k) @ np.diag([-1.0] * k) + 3 * np.sqrt(D.max()),
            tupled(placed),
            single(placed),
        ],
    ),
    "oja": Answers(
        mutants=[
            ("w moves by rate times y (x - y w)", lambda X, w, r, n: w),
            ("w moves by rate times y (x - y w)", lambda X, w, r, n: moved(X, w, r, n, forget=0)),
            (
                "w moves by rate times y (x - y w)",
                lambda X, w, r, n: moved(X, w, r, n, forget=0, normal=True),
            ),
            ("w moves by rate times y (x - y w)", lambda X, w, r, n: moved(X, w, r, n, forget=-1)),
            ("w moves by rate times y (x - y w)", lambda X, w, r, n: moved(X, w, r, n, normal=True)),
            ("the score is computed anew", lambda X, w, r, n: moved(X, w, r, n, fresh=False)),
            ("the score is computed anew", lambda X, w, r, n: moved(X[::-1], w, r, n)),
            ("passed over n_passes times", lambda X, w, r, n: moved(X, w, r, 1)),
            ("passed over n_passes times", lambda X, w, r, n: moved(np.repeat(X, n, axis=0), w, r, 1)),
            ("without a pass w stays", lambda X, w, r, n: moved(X, w, r, max(n, 1))),
        ],
        disguises=[moved, moved_by_matrices, moved_in_place, listed(moved), single(moved)],
    ),
    "power_range": Answers(
        mutants=[
            ("nothing is lost to rounding between the powers", careless),
            ("wanted orthonormal columns, Q^T Q = ", lambda A, P, q: A @ P),
            ("nothing is lost to rounding", lambda A, P, q: np.eye(len(A))[:, : P.shape[1]]),
            ("nothing is lost to rounding", lambda A, P, q: np.linalg.qr(P).Q),
            ("nothing is lost to rounding", lambda A, P, q: careful(A, P, 0)),
            ("without a power A is multiplied once", lambda A, P, q: careful(A, P, max(q, 1))),
            ("one power makes the range better", lambda A, P, q: careful(A, P, q + (0 < q < 4))),
            ("n_power powers are taken", lambda A, P, q: careful(A, P, q - (q == 3))),
            ("without a power", lambda A, P, q: np.linalg.svd(A)[0][:, : P.shape[1]]),
        ],
        disguises=[
            careful,
            lambda A, P, q: careful(A, P, q, each=lambda Y: scipy.linalg.lu(Y, permute_l=True)),
            lambda A, P, q: careful(A, P, q) * -1,
            lambda A, P, q: careful(A, P, q)[:, ::-1],
            tupled(careful),
            single(careful),
        ],
    ),
    "canonical_correlations": Answers(
        mutants=[
            ("both tables are whitened", lambda X, Y: np.zeros(min(X.shape[1], Y.shape[1]))),
            (
                "both tables are whitened",
                lambda X, Y: np.linalg.svd(
                    (X - X.mean(axis=0)).T @ (Y - Y.mean(axis=0)) / len(X), compute_uv=False
                ),
            ),
            ("both tables are whitened", lambda X, Y: whitened_cross(X, Y, ddof=1)),
            ("both tables are whitened", lambda X, Y: by_angles(X, Y) ** 2),
            ("both tables are whitened", lambda X, Y: by_angles(X, Y)[::-1]),
            ("both tables are whitened", entrywise),
            ("both tables are whitened", lambda X, Y: by_angles(X, Y, centre=False)),
            ("both tables are whitened", lambda X, Y: by_angles(X, Y)[:1]),
            (
                "as many as the smaller number of columns",
                lambda X, Y: np.pad(by_angles(X, Y), (0, X.shape[1] - min(X.shape[1], Y.shape[1]))),
            ),
        ],
        disguises=[
            by_bases,
            whitened_cross,
            by_angles,
            by_iterations,
            listed(by_bases),
            single(by_bases),
            spoiling(by_bases),
        ],
    ),
}
