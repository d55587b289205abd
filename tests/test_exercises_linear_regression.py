"""The checkers of linear regression: references pass; stubs, typical mistakes and garbage are told so."""

import checkers
import numpy as np
import scipy.linalg
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.preprocessing import StandardScaler

from mmlhelpers import linalg, optim, probability


def population_errors(X, y):
    r = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    return np.sqrt(r @ r / len(y) * np.diag(np.linalg.inv(X.T @ X)))


def both_standardised(train, test):
    both = np.vstack([train, test])
    return (test - both.mean(axis=0)) / both.std(axis=0, ddof=0)


def ridge_by_peer(X, y, weight):
    model = Ridge(weight, fit_intercept=False)
    return -cross_val_score(model, X, y, cv=LeaveOneOut(), scoring="neg_mean_squared_error").mean()


def ridge_unscaled(X, y, weight):
    w = linalg.ridge_path(X, y, [weight]).coefficients[0]
    return np.mean((y - X @ w) ** 2)


def steepest(A, b, n_steps):
    x = np.zeros(len(b))
    for _ in range(n_steps):
        r = b - A @ x
        x = x + (r @ r) / (r @ A @ r) * r
    return x


def early_by_filter(X, y, rate, n_steps, power=0):
    U, sigma, Vt = np.linalg.svd(X, full_matrices=False)
    return Vt.T @ ((1 - (1 - rate * sigma**2) ** (n_steps + power)) * (U.T @ y) / sigma)


def mirror(x, sign=1):
    v = x.copy()
    v[0] += sign * np.copysign(np.linalg.norm(x), x[0])
    return v / np.linalg.norm(v)


FUNCTION_ANSWERS = {
    "standard_errors": (
        lambda X, y: probability.fit_linear(X, y).standard_errors,
        [lambda X, y: np.zeros(X.shape[1]), population_errors],
    ),
    "mean_square_miss": (
        lambda X, w, y: float(np.mean((X @ w - y.ravel()) ** 2)),
        [lambda X, w, y: np.mean((X @ w - y) ** 2), lambda X, w, y: np.sum((X @ w - y.ravel()) ** 2)],
    ),
    "standardise_new": (
        lambda train, test: StandardScaler().fit(train).transform(test),
        [
            both_standardised,
            lambda train, test: (test - train.mean(axis=0)) / train.std(axis=0, ddof=1),
            lambda train, test: test,
        ],
    ),
    "ridge_left_out_error": (ridge_by_peer, [ridge_unscaled, lambda X, y, weight: 0.0]),
    "partial_coefficient": (
        lambda x, B, y: scipy.linalg.lstsq(np.column_stack([x, B]), y)[0][0],
        [lambda x, B, y: x @ y / (x @ x), lambda x, B, y: x @ y],
    ),
    "cg_point": (
        lambda A, b, n: optim.conjugate_gradients(A, b, max_steps=n).x,
        [steepest, lambda A, b, n: np.linalg.solve(A, b), lambda A, b, n: np.zeros(len(b))],
    ),
    "stopped_early": (
        early_by_filter,
        [
            lambda X, y, rate, n: np.linalg.lstsq(X, y, rcond=None)[0],
            lambda X, y, rate, n: early_by_filter(X, y, rate, n, power=1),
        ],
    ),
    "mirror_normal": (
        mirror,
        [lambda x: mirror(x, -1), lambda x: x / np.linalg.norm(x), lambda x: 2 * mirror(x), lambda x: [1.0]],
    ),
}
HAND_ANSWERS = {
    "line_by_hand": ([0.5, 1.5], [[0, 0], [1.5, 0.5], [2, 0], [1, 1], 3, "line", None]),
    "left_out_by_hand": (7.5, [0, 5, 3.75, [7.5, 1], None]),
    "ridge_by_hand": (1.4, [0, 2.8, 1.8, [1], "half"]),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)
