"""The checkers of optimization: references pass; stubs, typical mistakes and garbage are told so."""

import checkers
import numpy as np
import scipy.optimize
from scipy.special import softmax

from mmlhelpers import optim


def ridge_by_singular_values(X, ridge):
    sigma = np.zeros(X.shape[1])
    sigma[: min(X.shape)] = np.linalg.svd(X, compute_uv=False)
    return 2 / (sigma.min() ** 2 / len(X) + sigma.max() ** 2 / len(X) + 2 * ridge)


def gradient_by_scipy(z, c):
    return softmax(z) - np.eye(len(z))[c]


def adam_by_rule(x, gradients, rate, rule=None):
    rule = rule or optim.adam()
    memory = (np.zeros_like(x), np.zeros_like(x))
    for t, g in enumerate(gradients, 1):
        direction, memory = rule.direction(x, g, memory, t)
        x = x - rate * direction
    return x


def adam_uncorrected(x, gradients, rate):
    m = s = np.zeros_like(x)
    for g in gradients:
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        x = x - rate * m / (np.sqrt(s) + 1e-8)
    return x


def simplex_by_root(v):
    spare = lambda theta: np.maximum(v - theta, 0).sum() - 1  # noqa: E731 - a formula
    return np.maximum(v - scipy.optimize.brentq(spare, v.min() - 1, v.max(), xtol=1e-15), 0)


def water_by_root(noise, power):
    level = scipy.optimize.brentq(lambda u: np.maximum(u - noise, 0).sum() - power, 0, 100, xtol=1e-14)
    return np.maximum(level - noise, 0)


def lasso_by_threshold(X, y, w, weight):
    w = w.copy()
    for j in range(len(w)):
        x = X[:, j]
        pull = x @ (y - X @ w + x * w[j]) / len(y)
        w[j] = optim.soft_threshold([pull], weight)[0] / (x @ x / len(y))
    return w


def lasso_all_at_once(X, y, w, weight):
    new = [
        lasso_by_threshold(X[:, [j]], y - X @ w + X[:, j] * w[j], w[[j]], weight)[0] for j in range(len(w))
    ]
    return np.array(new)


def lasso_without_scaling(X, y, w, weight):
    w = w.copy()
    for j in range(len(w)):
        x = X[:, j]
        w[j] = optim.soft_threshold([x @ (y - X @ w + x * w[j]) / len(y)], weight)[0]
    return w


def two_loop_by_updates(g, pairs):
    H = np.eye(len(g))
    for s, y in pairs:
        H = optim.secant_update(H, s, y)
    return H @ g


def two_loop_in_one_order(g, pairs):
    q, memory = g, []
    for s, y in pairs:
        memory.append((s @ q) / (s @ y))
        q = q - memory[-1] * y
    for s, y in pairs:
        q = q + (memory.pop() - (y @ q) / (s @ y)) * s
    return q


def separation_by_linear_program(X, y):
    return scipy.optimize.linprog(
        np.zeros(X.shape[1]), -y[:, None] * X, -np.ones(len(y)), bounds=(None, None)
    ).x


FUNCTION_ANSWERS = {
    "best_ridge_step": (
        ridge_by_singular_values,
        [lambda X, r: 1.0, lambda X, r: 1 / (np.linalg.norm(X, 2) ** 2 / len(X) + r)],
    ),
    "cross_entropy_gradient": (
        gradient_by_scipy,
        [lambda z, c: np.exp(z) / np.exp(z).sum(), lambda z, c: np.eye(len(z))[c] - softmax(z)],
    ),
    "adam_path": (adam_by_rule, [adam_uncorrected, lambda x, g, r: x]),
    "onto_simplex": (
        simplex_by_root,
        [
            lambda v: np.maximum(v, 0) / max(np.maximum(v, 0).sum(), 1e-9),
            lambda v: v - (v.sum() - 1) / len(v),
        ],
    ),
    "water_filling": (
        water_by_root,
        [lambda v, p: np.full(len(v), p / len(v)), lambda v, p: (p + v.sum()) / len(v) - v],
    ),
    "lasso_pass": (lasso_by_threshold, [lambda X, y, w, a: w, lasso_all_at_once, lasso_without_scaling]),
    "two_loop": (two_loop_by_updates, [lambda g, pairs: g, two_loop_in_one_order]),
    "separating_direction": (
        separation_by_linear_program,
        [lambda X, y: X.T @ y, lambda X, y: np.zeros(len(y))],
    ),
}
HAND_ANSWERS = {
    "convex_or_not": ([True, True, False, True, True, False], [[False] * 6, [True] * 6, "yes", [True]]),
    "newton_runs_away": (-8.0, [0, 0.8944, 8, [1, 2], None]),
    "simplex_by_kkt": ([0.6, 0.4, 0], [[0, 0, 0], [4 / 7, 3 / 7, 0], [0.7, 0.5, -0.2], 1, "third"]),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)
