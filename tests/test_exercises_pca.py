"""The checkers of principal components: references pass; stubs, typical mistakes and garbage are told so."""

import checkers
import numpy as np
import scipy.linalg
from sklearn.cross_decomposition import CCA
from sklearn.decomposition import PCA
from sklearn.preprocessing import KernelCenterer

from mmlhelpers.exercises._registry import FUNCTIONS


def directions_by_peer(X, k):
    V = PCA(k, svd_solver="full").fit(X).components_.T
    return V * np.sign(V[np.abs(V).argmax(axis=0), range(k)])


def uncentred_directions(X, k):
    V = np.linalg.svd(X)[2][:k].T
    return V * np.sign(V[np.abs(V).argmax(axis=0), range(k)])


def negative_directions(X, k):
    return -directions_by_peer(X, k)


def left_out_by_peer(X, k):
    pca = PCA(k).fit(X)
    return np.mean(np.sum((X - pca.inverse_transform(pca.transform(X))) ** 2, axis=1))


def left_out_with_wrong_divisor(X, k):
    return np.sum(PCA().fit(X).explained_variance_[k:])


def whiten_by_cholesky(X):
    centred = X - X.mean(axis=0)
    L = np.linalg.cholesky(centred.T @ centred / len(X))
    return scipy.linalg.solve_triangular(L, centred.T, lower=True).T


def whiten_with_variances(X):
    centred = X - X.mean(axis=0)
    values, V = np.linalg.eigh(centred.T @ centred / len(X))
    return centred @ V / values


def whiten_with_other_divisor(X):
    return PCA(whiten=True).fit_transform(X)


def white_but_not_these_samples(X):
    return np.linalg.qr(np.random.default_rng(0).normal(size=X.shape)).Q * np.sqrt(len(X))


def novelty_by_peer(X, x, k):
    pca = PCA(k).fit(X)
    return np.sum((x - pca.inverse_transform(pca.transform([x]))[0]) ** 2)


def kernel_without_the_plus(K):
    rows = K.mean(axis=1, keepdims=True)
    return K - rows - rows.T


def map_by_eigen(D, k):
    n = len(D)
    H = np.eye(n) - 1 / n
    values, V = np.linalg.eigh(-H @ D @ H / 2)
    return V[:, -k:] * np.sqrt(values[-k:])


def map_without_the_half(D, k):
    return np.sqrt(2) * map_by_eigen(D, k)


def oja_by_matrices(X, w, rate, n_passes):
    for _ in range(n_passes):
        for x in X:
            w = (np.eye(len(w)) + rate * np.outer(x, x)) @ w - rate * (w @ x) ** 2 * w
    return w


def oja_normalised(X, w, rate, n_passes):
    for _ in range(n_passes):
        for x in X:
            w = w + rate * (w @ x) * x
            w = w / np.linalg.norm(w)
    return w


def careful_range(A, probes, n_power):
    Q = scipy.linalg.orth(A @ probes)
    for _ in range(n_power):
        Q = np.linalg.qr(A @ np.linalg.qr(A.T @ Q).Q).Q
    return Q


def careless_range(A, probes, n_power):
    Y = A @ probes
    for _ in range(n_power):
        Y = A @ (A.T @ Y)
    return np.linalg.qr(Y).Q


def correlations_by_angles(X, Y):
    angles = scipy.linalg.subspace_angles(X - X.mean(axis=0), Y - Y.mean(axis=0))
    return np.sort(np.cos(angles))[::-1]


def plain_cross_covariance(X, Y):
    return np.linalg.svd((X - X.mean(axis=0)).T @ (Y - Y.mean(axis=0)) / len(X), compute_uv=False)


FUNCTION_ANSWERS = {
    "principal_directions": (directions_by_peer, [uncentred_directions, negative_directions]),
    "scores_of_new": (
        lambda X, new, V: (new - X.mean(axis=0)) @ V,
        [lambda X, new, V: (new - new.mean(axis=0)) @ V, lambda X, new, V: new @ V],
    ),
    "left_out": (left_out_by_peer, [lambda X, k: 0.0, left_out_with_wrong_divisor]),
    "whiten": (
        whiten_by_cholesky,
        [whiten_with_variances, whiten_with_other_divisor, white_but_not_these_samples, lambda X: X],
    ),
    "novelty": (
        novelty_by_peer,
        [
            lambda X, x, k: np.sum((x - X.mean(axis=0)) ** 2),
            lambda X, x, k: np.sqrt(novelty_by_peer(X, x, k)),
        ],
    ),
    "centred_kernel": (
        lambda K: KernelCenterer().fit_transform(K.copy()),
        [lambda K: K - K.mean(), kernel_without_the_plus],
    ),
    "map_from_distances": (map_by_eigen, [lambda D, k: np.zeros((len(D), k)), map_without_the_half]),
    "oja": (oja_by_matrices, [lambda X, w, r, n: w, oja_normalised]),
    "power_range": (
        careful_range,
        [careless_range, lambda A, P, q: A @ P, lambda A, P, q: np.eye(len(A))[:, : P.shape[1]]],
    ),
    "canonical_correlations": (
        correlations_by_angles,
        [lambda X, Y: np.zeros(min(X.shape[1], Y.shape[1])), plain_cross_covariance],
    ),
}
HAND_ANSWERS = {
    "component_by_hand": ([6, 6 / 7], [[0, 0], [6, 6], [1, 1 / 7], 6, None]),
    "standardised_pair": (0.8, [0, 0.6, 1.6, 0.4, [0.8, 0.2], "four fifths"]),
    "noise_by_hand": (
        [4 / 9, 16 / 9, 4 / 3],
        [[0, 0, 0], [2 / 3, 4 / 3, 4 / 3], [4 / 9, 16 / 9, 1 / 3], [4 / 9, 16 / 9]],
    ),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)


def test_the_slow_truth_of_canonical_correlations_agrees_with_the_peer():
    X, Y = FUNCTIONS["canonical_correlations"].cases[0].arguments
    U, V = CCA(2, scale=False, tol=1e-12, max_iter=10_000).fit_transform(X, Y)
    measured = [abs(np.corrcoef(U[:, i], V[:, i])[0, 1]) for i in range(2)]
    np.testing.assert_allclose(correlations_by_angles(X, Y), measured, atol=1e-6)
