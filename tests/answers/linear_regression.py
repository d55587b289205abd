"""Answers to the exercises of the chapter on linear regression."""

from fractions import Fraction

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from checkers import Answers, fractions, listed, single, spoiling, tupled
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.preprocessing import StandardScaler

from mmlhelpers import linalg, optim, probability


def fitted(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def errors(X, y, lost=None, centre=False, axis=1):
    Q, R = np.linalg.qr(X)
    r = y - Q @ (Q.T @ y)
    r = r - centre * r.mean()
    lost = X.shape[1] if lost is None else lost
    return np.sqrt(r @ r / (len(y) - lost)) * np.linalg.norm(np.linalg.inv(R), axis=axis)


def errors_of_single_columns(X, y):
    r = y - X @ fitted(X, y)
    return np.sqrt(r @ r / (len(y) - X.shape[1])) / np.linalg.norm(X, axis=0)


def miss(X, w, y):
    return np.mean((X @ w - np.ravel(y)) ** 2)


def miss_of_columns(X, w, y):
    return np.mean((X @ w[:, None] - y) ** 2)


def standardised(train, test, ddof=0):
    return (test - train.mean(axis=0)) / train.std(axis=0, ddof=ddof)


def left_out(X, y, weight, power=2, average=np.mean, in_leverage=1.0, intercept=False):
    if intercept:
        X, y = X - X.mean(axis=0), y - y.mean()
    A = X.T @ X + weight * np.eye(X.shape[1])
    H = X @ np.linalg.solve(A, X.T)
    in_H = X @ np.linalg.solve(X.T @ X + in_leverage * weight * np.eye(X.shape[1]), X.T)
    return average((y - H @ y) ** 2 / (1 - np.diag(in_H)) ** power)


def left_out_by_peer(X, y, weight):
    model = Ridge(weight, fit_intercept=False, solver="svd")
    return -cross_val_score(model, X, y, cv=LeaveOneOut(), scoring="neg_mean_squared_error").mean()


def generalised(X, y, weight):
    A = X.T @ X + weight * np.eye(X.shape[1])
    H = X @ np.linalg.solve(A, X.T)
    return np.mean(((y - H @ y) / (1 - np.trace(H) / len(y))) ** 2)


def own(x, B):
    return x - B @ fitted(B, x)


def partial(x, B, y):
    return own(x, B) @ y / (own(x, B) @ own(x, B))


def centred_slope(x, B, y):
    return (x - x.mean()) @ y / ((x - x.mean()) @ (x - x.mean()))


def steepest(A, b, n_steps):
    x = np.zeros(len(b))
    for _ in range(n_steps):
        r = b - A @ x
        x = x + (r @ r) / (r @ A @ r) * r
    return x


def conjugate(A, b, n_steps, beta=lambda new, old: (new @ new) / (old @ old), start=0.0):
    x = start * b
    r = p = b - A @ x
    for _ in range(n_steps):
        Ap = A @ p
        alpha = (r @ r) / (p @ Ap)
        x, new = x + alpha * p, r - alpha * Ap
        p, r = new + beta(new, r) * p, new
    return x


def by_lanczos(A, b, n_steps):
    Q = np.zeros((len(b), n_steps))
    Q[:, 0] = b / np.linalg.norm(b)
    for j in range(1, n_steps):
        q = A @ Q[:, j - 1]
        q -= Q[:, :j] @ (Q[:, :j].T @ q)
        Q[:, j] = q / np.linalg.norm(q)
    return Q @ np.linalg.solve(Q.T @ A @ Q, Q.T @ b)


def in_place(A, b, n_steps):
    x, p = np.zeros_like(b), b.copy()
    for _ in range(n_steps):
        alpha = (b @ b) / (p @ A @ p)
        x += alpha * p
        old = b @ b
        b -= alpha * (A @ p)
        p *= (b @ b) / old
        p += b
    return x


def early(X, y, rate, n_steps, reached=lambda s, rate, t: 1 - (1 - rate * s**2) ** t):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return Vt.T @ (reached(s, rate, n_steps) * (U.T @ y) / s)


def early_by_power(X, y, rate, n_steps):
    M = np.eye(X.shape[1]) - rate * X.T @ X
    return (np.eye(len(M)) - np.linalg.matrix_power(M, n_steps)) @ fitted(X, y)


def early_by_loop(X, y, rate, n_steps):
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w -= rate * (X.T @ (X @ w - y))
    return w


def mirror(x, sign=np.copysign):
    v = x.astype(float)
    v[0] += sign(np.linalg.norm(x), x[0])
    return v / np.linalg.norm(v)


def mirror_without_cancelling(x):
    """Take the image on the same side, and write the difference of the first entry without cancelling."""
    v = x.copy()
    rest, length = np.linalg.norm(x[1:]), np.linalg.norm(x)
    if rest == 0:
        return np.eye(len(x))[0]
    v[0] = -(rest**2) / (x[0] + length) if x[0] > 0 else x[0] - length
    return v / np.linalg.norm(v)


def reflector(x):
    v = np.linalg.qr(x[:, None], mode="raw")[0][0]
    v = np.concatenate([[1.0], v[1:]])
    return v / np.linalg.norm(v)


ERRORS_RULE = "the squares of the residuals are divided by n - d"
AVERAGE_RULE = "squares of one difference for each sample are averaged"
ONCE_RULE = "each sample is left out once, and the squares are averaged"

ANSWERS = {
    "line_by_hand": Answers(
        mutants=[
            ("wanted the intercept first, then the slope", [1.5, 0.5]),
            ("wanted residuals that add up to zero, got [1, 0, 2]", [0, 1]),
            ("wanted residuals that add up to zero", [0.5, 1.4]),
            ("wanted residuals orthogonal to x", [2, 0]),
            ("wanted residuals orthogonal to x", [1, 1]),
            ("wanted three decimals, got 0.505", [0.505, 1.495]),
            ("wanted two numbers, intercept and slope, got 1.5", 1.5),
        ],
        disguises=[
            [0.5, 1.5],
            (Fraction(1, 2), Fraction(3, 2)),
            np.float32([0.5, 1.5]),
            np.polynomial.Polynomial.fit([0, 1, 2], [1, 1, 4], 1).convert().coef,
        ],
    ),
    "left_out_by_hand": Answers(
        mutants=[
            ("the prediction without the 9, got 5", 5),
            ("wanted the miss, got 1.5, the prediction", 1.5),
            ("divided by one minus the leverage, got 3.3333", 5 * (1 - 1 / 3)),
            ("divided by one minus the leverage, got 15", 5 / (1 / 3)),
            ("divided by one minus the leverage, got 3.75", 3.75),
            ("wanted one number, got [7.5, 1]", [7.5, 1]),
        ],
        disguises=[7.5, Fraction(15, 2), [7.5], np.float32(7.5), np.array(5 / (1 - 1 / 3)), -7.5],
    ),
    "ridge_by_hand": Answers(
        mutants=[
            ("with the penalty, got 2.8, the one without", 2.8),
            ("the weight of ridge, got 1.8, that of the lasso", 1.8),
            ("wanted the weight, got 0.5, the factor", 0.5),
            ("x.x plus the penalty, got 0.4667", 14 / 30),  # the square of the penalty
            ("x.x plus the penalty, got 1.8667", 14 / 7.5),  # half of it
            ("x.x plus the penalty, got 1.42", 1.42),
        ],
        disguises=[1.4, Fraction(7, 5), [1.4], np.float32(1.4), np.array(14 / 10)],
    ),
    "standard_errors": Answers(
        mutants=[
            (ERRORS_RULE, lambda X, y: np.zeros(X.shape[1])),
            (ERRORS_RULE, lambda X, y: errors(X, y, lost=0)),
            (ERRORS_RULE, lambda X, y: errors(X, y, lost=1)),
            (ERRORS_RULE, lambda X, y: errors(X, y) ** 2),
            (ERRORS_RULE, lambda X, y: errors(X, y, axis=0)),
            (ERRORS_RULE, errors_of_single_columns),
            (ERRORS_RULE, lambda X, y: errors(X, y)[1:]),
            ("residuals need not add up to zero", lambda X, y: errors(X, y, centre=True)),
            (
                "columns may have any units",
                lambda X, y: errors(X, y) if np.linalg.cond(X) < 1e4 else np.ones(2),
            ),
        ],
        disguises=[
            errors,
            lambda X, y: probability.fit_linear(X, y).standard_errors,
            lambda X, y: np.sqrt(
                np.sum((y - X @ fitted(X, y)) ** 2) / (len(y) - X.shape[1]) * np.diag(np.linalg.inv(X.T @ X))
            ),
            tupled(errors),
            single(errors),
            spoiling(errors),
        ],
    ),
    "mean_square_miss": Answers(
        mutants=[
            ("targets may come as a column", lambda X, w, y: np.mean((X @ w - y) ** 2)),
            (AVERAGE_RULE, miss_of_columns),
            (AVERAGE_RULE, lambda X, w, y: miss(X, w, y) * len(X)),
            (AVERAGE_RULE, lambda X, w, y: np.sqrt(miss(X, w, y))),
            (AVERAGE_RULE, lambda X, w, y: miss(X, w, y) * len(X) / (len(X) - 1)),
            (AVERAGE_RULE, lambda X, w, y: np.mean(np.abs(X @ w - np.ravel(y)))),
            (AVERAGE_RULE, lambda X, w, y: np.mean(X @ w - np.ravel(y)) ** 2),
            (AVERAGE_RULE, lambda X, w, y: np.var(X @ w - np.ravel(y))),
            (
                "targets may come as a column",
                lambda X, w, y: miss(X, w, np.full(len(X), y.flat[0])) if y.ndim == 2 else miss(X, w, y),
            ),
            (
                "a single sample is enough",
                lambda X, w, y: np.mean((X @ w - y.squeeze()) ** 2) if len(X) > 1 else 0.0,
            ),
        ],
        disguises=[
            miss,
            lambda X, w, y: float(np.sum((X @ w - y.reshape(-1)) ** 2)) / len(y),
            lambda X, w, y: [np.linalg.norm(X @ w - y.flatten()) ** 2 / len(X)],
            single(miss),
            fractions(miss),
        ],
    ),
    "standardise_new": Answers(
        mutants=[
            ("from the training set alone", lambda a, b: standardised(np.vstack([a, b]), b)),
            ("from the training set alone", lambda a, b: standardised(b, b)),
            ("from the training set alone", lambda a, b: standardised(a, a)[: len(b)]),
            ("from the training set alone", lambda a, b: (b - a.mean(axis=0)) / b.std(axis=0)),
            ("from the training set alone", lambda a, b: b - a.mean(axis=0)),
            ("from the training set alone", lambda a, b: (b - a.mean(axis=0)) / a.var(axis=0)),
            ("from the training set alone", lambda a, b: (b - a.mean()) / a.std()),
            ("this breaks: mean and spread", lambda a, b: standardised(a, b, ddof=1)),
        ],
        disguises=[
            standardised,
            lambda a, b: StandardScaler().fit(a).transform(b),
            listed(standardised),
            single(standardised),
            spoiling(standardised),
        ],
    ),
    "ridge_left_out_error": Answers(
        mutants=[
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a, power=0)),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a, power=1)),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a, average=np.sum)),
            (ONCE_RULE, lambda X, y, a: np.sqrt(left_out(X, y, a))),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a, in_leverage=0)),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a * len(y))),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a, intercept=True)),
            (ONCE_RULE, lambda X, y, a: left_out(X, y, a**2 + (a == 1))),
            (ONCE_RULE, generalised),
        ],
        disguises=[
            left_out,
            left_out_by_peer,
            lambda X, y, a: [float(left_out(X, y, a))],
            single(left_out),
            fractions(left_out),
        ],
    ),
    "partial_coefficient": Answers(
        mutants=[
            ("explain is taken off x", lambda x, B, y: x @ y / (x @ x)),
            ("explain is taken off x", lambda x, B, y: own(x, B) @ y),
            ("explain is taken off x", lambda x, B, y: own(x, B) @ y / (x @ x)),
            ("explain is taken off x", lambda x, B, y: x @ own(y, B) / (x @ x)),
            ("explain is taken off x", lambda x, B, y: own(x, B) @ y / (own(y, B) @ own(y, B))),
            ("explain is taken off x", lambda x, B, y: np.corrcoef(own(x, B), own(y, B))[0, 1]),
            ("B may have several columns", centred_slope),
            ("B may have several columns", lambda x, B, y: partial(x, B[:, :1], y)),
            (
                "explain is taken off x",
                lambda x, B, y: fitted(np.column_stack([x, B]), y)[-1],
            ),
            (
                "B need not hold a column of ones",
                lambda x, B, y: partial(x, np.column_stack([np.ones(len(x)), B]), y),
            ),
        ],
        disguises=[
            partial,
            lambda x, B, y: linalg.least_squares(B, x).residual @ own(y, B) / (own(x, B) @ x),
            lambda x, B, y: scipy.linalg.lstsq(np.column_stack([x, B]), y)[0][0],
            single(partial),
            fractions(partial),
            lambda x, B, y: [partial(x, B, y)],
        ],
    ),
    "cg_point": Answers(
        mutants=[
            ("a step remembers the directions before it", steepest),
            ("the first step goes along b", lambda A, b, n: np.linalg.solve(A, b)),
            ("the first step goes along b", lambda A, b, n: np.zeros(len(b))),
            ("the first step goes along b", lambda A, b, n: conjugate(A, b, n - 1)),
            ("the first step goes along b", lambda A, b, n: conjugate(A, b, n + 1)),
            ("the first step goes along b", lambda A, b, n: conjugate(A, b, n, start=1.0)),
            ("a step remembers", lambda A, b, n: conjugate(A, b, n, lambda new, old: 1.0)),
            ("a step remembers", lambda A, b, n: conjugate(A, b, n, lambda u, v: (v @ v) / (u @ u))),
            (
                "a step remembers",
                lambda A, b, n: conjugate(A, b, n, lambda u, v: np.sqrt((u @ u) / (v @ v))),
            ),
            (
                "there are n_steps steps",
                lambda A, b, n: conjugate(A, b, min(n, 2)),
            ),
        ],
        disguises=[
            conjugate,
            lambda A, b, n: optim.conjugate_gradients(A, b, max_steps=n).x,
            lambda A, b, n: scipy.sparse.linalg.cg(A, b, maxiter=n, rtol=0)[0],
            by_lanczos,
            in_place,
            listed(conjugate),
            single(conjugate),
        ],
    ),
    "stopped_early": Answers(
        mutants=[
            ("one step from zero", lambda X, y, rate, n: fitted(X, y)),
            ("one step from zero", lambda X, y, rate, n: early(X, y, rate, n + 1)),
            ("one step from zero", lambda X, y, rate, n: early(X, y, rate, n - 1)),
            ("one step from zero", lambda X, y, rate, n: early(X, y, 2 * rate, n)),
            ("one step from zero", lambda X, y, rate, n: early(X, y, rate / len(y), n)),
            (
                "one step from zero",
                lambda X, y, r, n: early(X, y, r, n, lambda s, r, t: 1 - (1 - r * s) ** t),
            ),
            (
                "one step from zero",
                lambda X, y, r, n: early(X, y, r, n, lambda s, r, t: -np.expm1(-r * t * s**2)),
            ),
            ("one step from zero", lambda X, y, r, n: early(X, y, r, n, lambda s, r, t: (1 - r * s**2) ** t)),
            ("one step from zero", lambda X, y, r, n: linalg.ridge_path(X, y, [1 / (n * r)]).coefficients[0]),
            (
                "the fraction reached depends on the number of steps",
                lambda X, y, r, n: early(X, y, r, n, lambda s, r, t: t * r * s**2),
            ),
            (
                "a long step may overshoot",
                lambda X, y, r, n: early(X, y, r, n, lambda s, r, t: 1 - np.abs(1 - r * s**2) ** t),
            ),
        ],
        disguises=[early, early_by_power, early_by_loop, tupled(early), single(early), spoiling(early)],
    ),
    "mirror_normal": Answers(
        mutants=[
            (
                "this breaks: the first entry may be negative",
                lambda x: mirror(x, lambda a, b: -a) * (x[0] > 0),
            ),
            ("nothing cancels when the first entry is nearly all", lambda x: mirror(x, lambda a, b: -a)),
            ("nothing cancels when it is negative, either", lambda x: mirror(x, lambda a, b: a)),
            ("clears all entries but the first", lambda x: x / np.linalg.norm(x)),
            ("wanted length 1, got", lambda x: 2 * mirror(x)),
            ("clears all entries but the first", lambda x: np.eye(len(x))[0]),
            ("the first entry may be zero", lambda x: mirror(x, lambda a, b: np.sign(b) * a)),
            ("wanted length 1, got", lambda x: x + np.copysign(np.linalg.norm(x), x[0]) * np.eye(len(x))[0]),
            ("wanted length 1, got", lambda x: np.round(mirror(x), 4)),
        ],
        disguises=[
            mirror,
            lambda x: -mirror(x),
            mirror_without_cancelling,
            reflector,
            tupled(mirror),
            single(mirror),
        ],
    ),
}
