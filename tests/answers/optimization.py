"""Answers to the exercises of the chapter on optimization."""

from fractions import Fraction

import numpy as np
import scipy.optimize
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.special import softmax

from mmlhelpers import optim


def ridge_step(X, ridge):
    values = np.linalg.eigvalsh(X.T @ X / len(X)) + ridge
    return 2 / (values[0] + values[-1])


def ridge_step_by_singular_values(X, ridge):
    sigma = np.zeros(X.shape[1])
    sigma[: min(X.shape)] = np.linalg.svd(X, compute_uv=False)
    return 2 / (sigma.min() ** 2 / len(X) + sigma.max() ** 2 / len(X) + 2 * ridge)


def ridge_step_by_thin_svd(X, ridge):
    squares = np.linalg.svd(X, compute_uv=False) ** 2 / len(X)
    return 2 / (squares[0] + squares[-1] + 2 * ridge)


def said_minus_right(z, c):
    return softmax(z) - np.eye(len(z))[c]


def said_minus_right_in_place(z, c):
    z -= z.max()
    np.exp(z, out=z)
    z /= z.sum()
    z[c] -= 1
    return z


def softmax_without_shift(z, c):
    return np.exp(z) / np.exp(z).sum() - np.eye(len(z))[c]


def softmax_clipped(z, c):
    return softmax(np.clip(z, -300, 300)) - np.eye(len(z))[c]


def adam(x, gradients, rate, mean=True, square=True, start=1, eps=1e-8, inside=0.0):
    m = s = np.zeros_like(x)
    for t, g in enumerate(gradients, start):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
        m_hat = m / (1 - 0.9**t) if mean else m
        s_hat = s / (1 - 0.999**t) if square else s
        x = x - rate * m_hat / (np.sqrt(s_hat + inside) + eps)
    return x


def adam_by_rule(x, gradients, rate):
    rule, memory = optim.adam(), (np.zeros_like(x), np.zeros_like(x))
    for t, g in enumerate(gradients, 1):
        direction, memory = rule.direction(x, g, memory, t)
        x = x - rate * direction
    return x


def adam_in_place(x, gradients, rate):
    m, s = np.zeros_like(x), np.zeros_like(x)
    for t, g in enumerate(gradients, 1):
        m += 0.1 * (g - m)
        s += 0.001 * (g * g - s)
        x -= rate * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return x


def adam_with_one_memory(x, gradients, rate):
    m = s = np.zeros_like(x)
    for t, g in enumerate(gradients, 1):
        m *= 0.9
        m += 0.1 * g
        s *= 0.999
        s += 0.001 * g**2
        x = x - rate * m / (1 - 0.9**t) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return x


def shares(v):
    u = np.sort(v)[::-1]
    theta = (np.cumsum(u) - 1) / np.arange(1, len(v) + 1)
    return np.maximum(v - theta[np.flatnonzero(u > theta)[-1]], 0)


def shares_by_root(v):
    def spare(theta):
        return np.maximum(v - theta, 0).sum() - 1

    return np.maximum(v - scipy.optimize.brentq(spare, v.min() - 1, v.max(), xtol=1e-13), 0)


def shares_without_sorting(v):
    theta = (np.cumsum(v) - 1) / np.arange(1, len(v) + 1)
    return np.maximum(v - theta[np.flatnonzero(v > theta)[-1]], 0)


def shares_by_clipping_once(v):
    return np.maximum(v - (v.sum() - 1) / len(v), 0)


def water(noise, power):
    quietest = np.sort(noise)
    levels = (power + np.cumsum(quietest)) / np.arange(1, len(noise) + 1)
    return np.maximum(levels[np.flatnonzero(levels > quietest)[-1]] - noise, 0)


def water_by_root(noise, power):
    top = noise.max() + power
    level = scipy.optimize.brentq(lambda u: np.maximum(u - noise, 0).sum() - power, 0, top, xtol=1e-15 * top)
    return np.maximum(level - noise, 0)


def water_without_sorting(noise, power):
    levels = (power + np.cumsum(noise)) / np.arange(1, len(noise) + 1)
    return np.maximum(levels[np.flatnonzero(levels > noise)[-1]] - noise, 0)


def lasso(X, y, w, weight, order=1, scaled=True, own=True, n=None):
    w, n = w.copy(), n or len(y)
    for j in range(len(w))[::order]:
        x = X[:, j]
        p = x @ (y - X @ w + own * x * w[j]) / n
        w[j] = np.sign(p) * max(abs(p) - weight, 0) / (x @ x / n if scaled else 1)
    return w


def lasso_all_at_once(X, y, w, weight):
    rests = [y - X @ w + X[:, j] * w[j] for j in range(len(w))]
    return np.array([lasso(X[:, [j]], rest, w[[j]], weight)[0] for j, rest in enumerate(rests)])


def lasso_divided_first(X, y, w, weight):
    w = w.copy()
    for j in range(len(w)):
        x = X[:, j]
        best = x @ (y - X @ w + x * w[j]) / (x @ x)
        w[j] = np.sign(best) * max(abs(best) - weight, 0)
    return w


def lasso_by_search(X, y, w, weight):
    for j in range(len(w)):
        x, rest = X[:, j], y - X @ w + X[:, j] * w[j]
        smooth = [(x @ rest - len(y) * sign * weight) / (x @ x) for sign in (1, -1)]
        costs = {c: np.sum((rest - x * c) ** 2) / (2 * len(y)) + weight * abs(c) for c in (0.0, *smooth)}
        w[j] = min(costs, key=costs.get)
    return w


def two_loops(g, pairs, backward=True):
    q, remembered = g, []
    for s, y in reversed(pairs) if backward else pairs:
        remembered.append((s @ q) / (s @ y))
        q = q - remembered[-1] * y
    for s, y in pairs:
        q = q + (remembered.pop() - (y @ q) / (s @ y)) * s
    return q


def two_loops_scaled(g, pairs):
    """Start from a multiple of the identity, as the common variant does."""
    q, remembered = g, []
    for s, y in reversed(pairs):
        remembered.append((s @ q) / (s @ y))
        q = q - remembered[-1] * y
    if pairs:
        s, y = pairs[-1]
        q = q * (s @ y) / (y @ y)
    for s, y in pairs:
        q = q + (remembered.pop() - (y @ q) / (s @ y)) * s
    return q


def two_loops_by_recursion(g, pairs):
    if not pairs:
        return g
    s, y = pairs[-1]
    a = (s @ g) / (s @ y)
    q = two_loops_by_recursion(g - a * y, pairs[:-1])
    return q + (a - (y @ q) / (s @ y)) * s


def by_dense_matrix(g, pairs):
    H = np.eye(len(g))
    for s, y in pairs:
        keep = np.eye(len(g)) - np.outer(s, y) / (s @ y)
        H = keep @ H @ keep.T + np.outer(s, s) / (s @ y)
    return H @ g


def by_descent(X, y):
    n, w = len(y), np.zeros(X.shape[1])
    rate = 4 * n / np.linalg.norm(X, 2) ** 2
    while (y * (X @ w)).min() < 1:
        w = w + rate * X.T @ (y / (1 + np.exp(y * (X @ w)))) / n
    return w


def by_linear_program(X, y):
    return scipy.optimize.linprog(
        np.zeros(X.shape[1]), -y[:, None] * X, -np.ones(len(y)), bounds=(None, None)
    ).x


def by_perceptron(X, y, margin=0.0):
    w = np.zeros(X.shape[1])
    while (y * (X @ w)).min() <= margin:
        i = np.argmin(y * (X @ w))
        w = w + y[i] * X[i] / (X[i] @ X[i])
    return w


CONVEX = [True, True, False, True, True, False]


def with_one_turned(i):
    return [truth != (j == i) for j, truth in enumerate(CONVEX)]


ANSWERS = {
    "best_ridge_step": Answers(
        mutants=[
            ("two over the sum of the extreme curvatures", lambda X, r: 1.0),
            (
                "two over the sum of the extreme curvatures",
                lambda X, r: 1 / (np.linalg.norm(X, 2) ** 2 / len(X) + r),
            ),
            ("two over the sum of the extreme curvatures", lambda X, r: ridge_step(X * np.sqrt(len(X)), r)),
            ("two over the sum of the extreme curvatures", lambda X, r: ridge_step(X, r) / 2),
            ("the ridge is added to every eigenvalue", lambda X, r: ridge_step(X, 0)),
            ("the ridge is added to every eigenvalue", lambda X, r: ridge_step(X, r / len(X))),
            ("the ridge is added to every eigenvalue", lambda X, r: ridge_step(X, r / 2)),
            ("wanted 0.2, got 0.1053; this breaks: fewer rows than columns", ridge_step_by_thin_svd),
            (
                "dependent columns leave curvatures of zero",
                lambda X, r: (
                    ridge_step(X, r)
                    if len(X) == 1
                    else 2
                    / (
                        sum(v for v in np.linalg.eigvalsh(X.T @ X / len(X))[[0, -1]] if v > 1e-9)
                        + 2 * r
                        + (np.linalg.matrix_rank(X) < 2)
                    )
                ),
            ),
        ],
        disguises=[
            ridge_step,
            ridge_step_by_singular_values,
            single(ridge_step),
            fractions(ridge_step),
            lambda X, r: [2 / np.sum(np.linalg.eigvalsh(X.T @ X / len(X) + r * np.eye(X.shape[1]))[[0, -1]])],
        ],
    ),
    "cross_entropy_gradient": Answers(
        mutants=[
            ("one is taken off at place c", lambda z, c: softmax(z)),
            ("one is taken off at place c", lambda z, c: -said_minus_right(z, c)),
            ("one is taken off at place c", lambda z, c: said_minus_right(z, c - 1)),
            ("one is taken off at place c", lambda z, c: softmax(z) - 1),
            ("the derivative of log-sum-exp is the softmax", lambda z, c: said_minus_right(2 * z, c)),
            ("large logits must not overflow", softmax_without_shift),
            (
                "wanted [-0.2689, 0.2689], got [-0.5, 0.5]; this breaks: the softmax does not change",
                softmax_clipped,
            ),
            ("does not change under a shift", lambda z, c: said_minus_right(np.maximum(z, -9000), c)),
        ],
        disguises=[
            said_minus_right,
            said_minus_right_in_place,
            listed(said_minus_right),
            single(said_minus_right),
            lambda z, c: [1 / np.exp(np.minimum(z - a, 700)).sum() - (j == c) for j, a in enumerate(z)],
        ],
    ),
    "adam_path": Answers(
        mutants=[
            ("divided by what they lack at the start", lambda *case: adam(*case, mean=False, square=False)),
            ("divided by what they lack at the start", lambda *case: adam(*case, mean=False)),
            ("divided by what they lack at the start", lambda *case: adam(*case, square=False)),
            ("divided by what they lack at the start", lambda *case: adam(*case, start=2)),
            ("divided by what they lack at the start", lambda x, gradients, rate: x),
            ("divided by what they lack at the start", lambda *case: 2 * case[0] - adam(*case)),
            ("divided by what they lack at the start", adam_with_one_memory),
            (
                "entry by entry",
                lambda x, g, r: adam(x, g, r) if len(x) == 1 else adam(x, [np.full(2, a[0]) for a in g], r),
            ),
            ("1e-8 is added to the root", lambda *case: adam(*case, eps=1e-12)),
            ("1e-8 is added to the root", lambda *case: adam(*case, eps=0, inside=1e-16)),
            ("without gradients nothing moves", lambda x, g, r: adam(x, g, r) if g else adam(x, [x], r)),
        ],
        disguises=[adam, adam_by_rule, adam_in_place, listed(adam), single(adam)],
    ),
    "onto_simplex": Answers(
        mutants=[
            (
                "one number is taken off all entries",
                lambda v: np.maximum(v, 0) / max(np.maximum(v, 0).sum(), 1e-9),
            ),
            ("one number is taken off all entries", lambda v: v - (v.sum() - 1) / len(v)),
            ("one number is taken off all entries", softmax),
            ("one number is taken off all entries", shares_by_clipping_once),
            ("entries may all be negative", lambda v: shares(v) if v.max() > 0 else 0 * v),
            ("entries may stand in any order", shares_without_sorting),
            (
                "entries may stand in any order",
                lambda v: shares(np.sort(v)[::-1]) if v.min() < 0 < v.max() else shares(v),
            ),
            (
                "too small as a whole is filled up",
                lambda v: shares(v) if np.maximum(v, 0).sum() >= 1 or v.max() < 0 else np.maximum(v, 0),
            ),
        ],
        disguises=[
            shares,
            shares_by_root,
            listed(shares),
            single(shares),
            optim.project_simplex,
            spoiling(shares),
        ],
    ),
    "water_filling": Answers(
        mutants=[
            ("one level for all channels in use", lambda v, p: np.full(len(v), p / len(v))),
            ("one level for all channels in use", lambda v, p: p * v / v.sum()),
            ("one level for all channels in use", lambda v, p: water(v, p) / p),
            ("one level for all channels in use", lambda v, p: np.where(v == v.min(), p, 0)),
            ("channels above the level get nothing", lambda v, p: (p + v.sum()) / len(v) - v),
            ("channels above the level get nothing", lambda v, p: np.maximum((p + v.sum()) / len(v) - v, 0)),
            ("channels may stand in any order", water_without_sorting),
            ("channels may stand in any order", lambda v, p: water(np.sort(v), p)),
            ("noise may have any size", lambda v, p: np.maximum(0, water(v, p) - 1e-6 * (v < 1e-3))),
        ],
        disguises=[water, water_by_root, tupled(water), single(water), spoiling(water)],
    ),
    "lasso_pass": Answers(
        mutants=[
            ("soft-thresholded and divided by q", lambda X, y, w, a: w),
            ("soft-thresholded and divided by q", lambda *case: lasso(*case, scaled=False)),
            ("soft-thresholded and divided by q", lasso_divided_first),
            ("soft-thresholded and divided by q", lambda *case: lasso(*case, n=1)),
            ("soft-thresholded and divided by q", lambda X, y, w, a: lasso(X, y, w, 0)),
            ("uses the new values of those before it", lasso_all_at_once),
            ("uses the new values of those before it", lambda *case: lasso(*case, order=-1)),
            ("uses the new values of those before it", lambda *case: lasso(*case, own=False)),
            ("uses the new values of those before it", lambda *case: lasso(*case[:2], lasso(*case), case[3])),
            (
                "without the part of the coefficient itself",
                lambda X, y, w, a: lasso(X, y, w, a) if y.any() else lasso(X, y, w, a, own=False),
            ),
            ("coefficients may be negative", lambda *case: np.maximum(lasso(*case), 0)),
        ],
        disguises=[
            lasso,
            lasso_by_search,
            spoiling(lasso),
            listed(lasso),
            single(lasso),
        ],
    ),
    "two_loop": Answers(
        mutants=[
            ("each pair updates H by the formula of BFGS", lambda g, pairs: g),
            ("each pair updates H by the formula of BFGS", two_loops_scaled),
            (
                "each pair updates H by the formula of BFGS",
                lambda g, pairs: two_loops(g, [(y, s) for s, y in pairs]),
            ),
            ("the pairs come oldest first", lambda g, pairs: two_loops(g, pairs, backward=False)),
            ("the pairs come oldest first", lambda g, pairs: two_loops(g, pairs[::-1])),
            ("the pairs come oldest first", lambda g, pairs: two_loops(g, pairs[-1:])),
            ("without pairs H is the identity", lambda g, pairs: two_loops(g, pairs) if pairs else 0 * g),
            (
                "wanted a way without np.outer, got a call of it; this breaks: no matrix is formed",
                by_dense_matrix,
            ),
        ],
        disguises=[
            two_loops,
            two_loops_by_recursion,
            listed(two_loops),
            single(two_loops),
            lambda g, pairs: fractions(two_loops)(g, pairs),
        ],
    ),
    "separating_direction": Answers(
        mutants=[
            ("wanted all margins y * (X @ w) at least 1", lambda X, y: X.T @ y),
            ("wanted weights of shape (2,)", lambda X, y: np.zeros(len(y))),
            ("wanted all margins y * (X @ w) at least 1", lambda X, y: np.zeros(X.shape[1])),
            ("wanted all margins y * (X @ w) at least 1", by_perceptron),
            (
                "wanted all margins",
                lambda X, y: by_linear_program(X, y) / np.linalg.norm(by_linear_program(X, y)),
            ),
            ("wanted all margins", lambda X, y: -by_linear_program(X, y)),
            ("0.99999", lambda X, y: by_linear_program(X, y) * 0.99999),
            ("data may have any size", lambda X, y: by_linear_program(X, y) * min(1, np.abs(X).max())),
            ("samples may all have one label", lambda X, y: by_linear_program(X, y) * (len(set(y)) > 1)),
        ],
        disguises=[
            by_descent,
            by_linear_program,
            lambda X, y: by_perceptron(X, y, margin=1),
            lambda X, y: tuple(np.ceil(2e3 * by_linear_program(X, y)).astype(int)),
            lambda X, y: np.float32(by_linear_program(X, y)),
        ],
    ),
    "convex_or_not": Answers(
        mutants=[
            ("wanted a list of six truths", "yes"),
            ("wanted a list of six truths", [True]),
            ("wanted six right answers, got 2", [False] * 6),
            ("wanted six right answers, got 4", [True] * 6),
            *[("wanted six right answers, got 5", with_one_turned(i)) for i in range(6)],
        ],
        disguises=[
            CONVEX,
            tuple(CONVEX),
            np.array(CONVEX),
            [np.bool_(v) for v in CONVEX],
            [1, 1, 0, 1, 1, 0],
        ],
    ),
    "newton_runs_away": Answers(
        mutants=[
            ("got the slope at 2", 0.8944),
            ("2 minus the first derivative over the second, got 0", 0),
            ("2 minus the first derivative over the second, got 8", 8),
            ("2 minus the first derivative over the second, got 12", 12),
            ("2 minus the first derivative over the second, got -0.5", -0.5),
            ("wanted one number", [1, 2]),
        ],
        disguises=[-8, -8.0, Fraction(-8), [-8], np.float32(-8)],
    ),
    "simplex_by_kkt": Answers(
        mutants=[
            ("sum to 1, got [0, 0, 0], sum 0", [0, 0, 0]),
            ("the conditions fix one threshold for all", [4 / 7, 3 / 7, 0]),
            ("wanted shares that are not negative", [11 / 15, 8 / 15, -4 / 15]),
            ("the conditions fix one threshold for all", [1, 0, 0]),
            ("sum to 1, got [0.6, 0.6, 0], sum 1.2", [0.6, 0.6, 0]),
            ("wanted three numbers", 1),
        ],
        disguises=[
            [0.6, 0.4, 0],
            (0.8 - 0.2, 0.6 - 0.2, -5.6e-17),
            np.float32([0.6, 0.4, 0]),
            [Fraction(3, 5), Fraction(2, 5), 0],
            np.array([0.6, 0.4, 0.0]),
        ],
    ),
}
