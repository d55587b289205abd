"""Answers to the exercises of the chapter on calculus."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from checkers import Answers, fractions, listed, single, spoiling, tupled

from mmlhelpers import autodiff


def heron(c, tolerance=0, n_steps=60):
    root = max(c, 1.0)
    for _ in range(n_steps):
        if abs(root * root - c) < tolerance:
            break
        root = (root + c / root) / 2
    return root


def heron_from_below(c):
    root = min(c, 1.0)
    for _ in range(60):
        root -= (root * root - c) / (2 * root)
    return root


def quotient(a, da, b, db):
    return a / b, (da * b - a * db) / b**2


def quotient_by_package(a, da, b, db):
    dual = autodiff.Dual(a, da) / autodiff.Dual(b, db)
    return dual.value, dual.tangent


def through_softmax(p, g):
    return p * (g - p @ g)


def gram_gradient(X):
    return 2 * np.linalg.solve(X @ X.T, X)


def change(A, b, dA):
    return -np.linalg.solve(A, dA @ np.linalg.solve(A, b))


def along(gradient, w, v, h=1e-5):
    return (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)


def along_forward(gradient, w, v, h=1e-7):
    return (gradient(w + h * v) - gradient(w)) / h


def whole_hessian(gradient, w, v):
    return np.array([along(gradient, w, one) for one in np.eye(len(w))]).T @ v


def first_layer(x, y, W1, w2):
    a = np.tanh(W1 @ x)
    return np.outer((w2 @ a - y) * w2 * (1 - a**2), x)


def first_layer_by_package(x, y, W1, w2):
    return autodiff.grad(lambda W: 0.5 * (w2 @ np.tanh(W @ x) - y) ** 2)(W1)


def centred(f, x, h=1e-5):
    return np.array([(f(x + h * one) - f(x - h * one)) / (2 * h) for one in np.eye(len(x))])


def one_sided(f, x, h=1e-8):
    return np.array([(f(x + h * one) - f(x)) / h for one in np.eye(len(x))])


def perturbs_a_copy(f, x, h=1e-5):
    return np.array([(f(x) - f(x)) / h for _ in x])


def never_steps_back(f, x, h=1e-5):
    z, slope = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        before = f(z)
        z[i] += 0.1
        slope[i] = (f(z) - before) / 0.1
    return slope


def leaves_x_changed(f, x):
    slope = centred(f, x)
    x += 1e-5
    return slope


def steps_in_place(f, x, h=1e-6):
    slope = []
    for i in range(len(x)):
        x[i] += h
        up = f(x)
        x[i] -= 2 * h
        slope.append((up - f(x)) / (2 * h))
        x[i] += h
    return slope


def layer_norm(x, g, ddof=0):
    s = x.std(ddof=ddof)
    z = (x - x.mean()) / s
    return (g - g.mean() - z * (g @ z) / len(x)) / s


def layer_norm_by_matrix(x, g):
    n, s = len(x), x.std()
    z = (x - x.mean()) / s
    return (np.eye(n) - np.ones((n, n)) / n - np.outer(z, z) / n) @ g / s


def backward_count(sizes):
    return sizes[-1] * sum(sizes[i] * sizes[i - 1] for i in range(1, len(sizes) - 1))


def least_count(sizes):
    if len(sizes) < 3:
        return 0
    joins = range(1, len(sizes) - 1)
    return min(
        least_count(sizes[: k + 1]) + least_count(sizes[k:]) + sizes[0] * sizes[k] * sizes[-1] for k in joins
    )


ANSWERS = {
    "newton_sqrt": Answers(
        mutants=[
            ("wanted a number whose square is 2 to ten digits, got 2 with square 4", lambda c: c),
            ("the square of the root is c", lambda c: (1 + c) / 2),
            ("wanted the positive root, got -1.4142", lambda c: -np.sqrt(c)),
            ("got 1.414213562 with square 1.999999999;", lambda c: round(np.sqrt(c), 9)),
            ("ten digits, of a small root", lambda c: heron(c, tolerance=1e-9)),
            ("ten digits, of a large root", lambda c: heron(c, n_steps=8)),
            ("on either side of one", lambda c: np.sqrt(c) if c >= 1 or c < 1e-3 else heron(c, n_steps=2)),
            ("raised ZeroDivisionError", lambda c: c / 0),
        ],
        disguises=[
            heron,
            heron_from_below,
            np.sqrt,
            lambda c: [c**0.5],
            lambda c: Decimal(c).sqrt(),
            fractions(heron),
        ],
    ),
    "dual_divide": Answers(
        mutants=[
            ("a value and a derivative", lambda a, da, b, db: (a / b, 0.0)),
            ("a value and a derivative", lambda a, da, b, db: a / b),
            ("a value and a derivative", lambda a, da, b, db: quotient(a, da, b, db)[::-1]),
            (
                "the derivative of the denominator counts too",
                lambda a, da, b, db: (a / b, da / db if db else 0.5),
            ),
            ("the derivative of the denominator counts too", lambda a, da, b, db: (a / b, da / b)),
            (
                "wanted [0.5, -0.25], got [0.5, 0.25]; this breaks: the derivative of the denominator",
                lambda a, da, b, db: (a / b, (da * b + a * db) / b**2),
            ),
            ("a value and a derivative", lambda a, da, b, db: (a / b, (da * b - a * db) / b)),
            ("the denominator may be negative", lambda a, da, b, db: (a / b, (da * abs(b) - a * db) / b**2)),
        ],
        disguises=[
            quotient,
            quotient_by_package,
            lambda a, da, b, db: [a / b, da / b - a * db / b / b],
            single(quotient),
            fractions(quotient),
            lambda *numbers: np.array(quotient(*map(Fraction, numbers))),
        ],
    ),
    "softmax_backward": Answers(
        mutants=[
            ("raising one score lowers all other probabilities", lambda p, g: p * (1 - p) * g),
            ("raising one score lowers all other probabilities", lambda p, g: g - p @ g),
            ("raising one score lowers all other probabilities", lambda p, g: p * g),
            ("raising one score lowers all other probabilities", lambda p, g: p * (g - g.mean())),
            ("the Jacobian is diag(p) - p p^T", lambda p, g: p * (g - p @ abs(g))),
            ("the Jacobian is diag(p) - p p^T", lambda p, g: p * (g - p @ g) if g.min() >= 0 else p * g),
        ],
        disguises=[
            through_softmax,
            lambda p, g: (np.diag(p) - np.outer(p, p)) @ g,
            listed(through_softmax),
            single(through_softmax),
            lambda p, g: p * np.array([sum(p * (entry - g)) for entry in g]),
        ],
    ),
    "log_det_gram_gradient": Answers(
        mutants=[
            ("twice the transposed pseudoinverse", lambda X: np.linalg.pinv(X).T),
            ("twice the transposed pseudoinverse", lambda X: 2 * X),
            ("of shape (3, 2), not (2, 3)", lambda X: 2 * np.linalg.pinv(X)),
            ("raised LinAlgError", lambda X: 2 * np.linalg.inv(X)),
            ("X may have any size", lambda X: 2 * np.linalg.solve(X @ X.T + 1e-9 * np.eye(len(X)), X)),
        ],
        disguises=[
            gram_gradient,
            lambda X: 2 * np.linalg.pinv(X).T,
            lambda X: 2 * np.linalg.inv(X @ X.T) @ X,
            tupled(gram_gradient),
            single(gram_gradient),
        ],
    ),
    "solution_change": Answers(
        mutants=[
            ("wanted [-0.5, 0], got [0.5, 0]; this breaks: A x = b stays true", lambda *case: -change(*case)),
            ("A x = b stays true while A moves", lambda A, b, dA: -np.linalg.solve(A, dA @ b)),
            ("A x = b stays true while A moves", lambda A, b, dA: 0 * b),
            ("A x = b stays true while A moves", lambda A, b, dA: -dA @ np.linalg.solve(A, b)),
            ("A x = b stays true while A moves", lambda A, b, dA: change(A, b, dA.T)),
            (
                "linear in dA, however large",
                lambda A, b, dA: (
                    np.linalg.solve(A + 1e-8 * dA, b) - np.linalg.solve(A, b)
                    if abs(dA).max() > 9
                    else change(A, b, dA)
                ),
            ),
        ],
        disguises=[
            change,
            lambda A, b, dA: -np.linalg.inv(A) @ dA @ np.linalg.inv(A) @ b,
            spoiling(change),
            single(change),
            listed(change),
        ],
    ),
    "hessian_times_vector": Answers(
        mutants=[
            ("the derivative of the gradient along v", lambda gradient, w, v: gradient(v) - gradient(w + v)),
            ("the derivative of the gradient along v", lambda gradient, w, v: gradient(w) * v),
            ("the derivative of the gradient along v", lambda gradient, w, v: along(gradient, w, v) / 2),
            ("v need not have length one", lambda gradient, w, v: along(gradient, w, v / np.linalg.norm(v))),
            ("H belongs to the point w", lambda gradient, w, v: gradient(v)),
            ("H belongs to the point w", lambda gradient, w, v: along(gradient, 0 * w, v)),
            ("H belongs to the point w", lambda gradient, w, v: along_forward(gradient, w, v, 1e-2)),
            ("two calls of gradient are enough", whole_hessian),
            ("wanted at most 2 calls of ripples, got one more", lambda g, w, v: along(g, w, v) + 0 * g(w)),
        ],
        disguises=[
            along,
            along_forward,
            lambda gradient, w, v: along(gradient, w, v, 1e-3),
            lambda gradient, w, v: along(gradient, w, v / np.linalg.norm(v)) * np.linalg.norm(v),
            lambda gradient, w, v: (gradient(w) - gradient(w - 1e-7 * v)) / 1e-7,
            listed(along),
            single(along),
        ],
    ),
    "first_layer_gradient": Answers(
        mutants=[
            ("the blame of the hidden units times the input", lambda x, y, W1, w2: np.zeros_like(W1)),
            (
                "the blame of the hidden units times the input",
                lambda x, y, W1, w2: np.outer((w2 @ np.tanh(W1 @ x) - y) * w2, x),
            ),
            (
                "the blame of the hidden units times the input",
                lambda x, y, W1, w2: np.outer(w2 * (1 - np.tanh(W1 @ x) ** 2), x),
            ),
            (
                "the blame of the hidden units times the input",
                lambda x, y, W1, w2: np.outer((w2 @ np.tanh(W1 @ x) - y) * (1 - np.tanh(W1 @ x) ** 2), x),
            ),
            ("the blame of the hidden units times the input", lambda *case: -first_layer(*case)),
            ("of shape (2, 3), not (3, 2)", lambda *case: first_layer(*case).T),
            ("no input, no blame", lambda x, *rest: first_layer(x, *rest) + (not x.any())),
        ],
        disguises=[
            first_layer,
            first_layer_by_package,
            listed(first_layer),
            single(first_layer),
            lambda x, y, W1, w2: ((w2 @ np.tanh(W1 @ x) - y) * w2 / np.cosh(W1 @ x) ** 2)[:, None] * x,
        ],
    ),
    "measured_gradient": Answers(
        mutants=[
            ("wanted [2, 12] to six digits, got [0, 0]; this breaks: the slope", perturbs_a_copy),
            ("the slope is that of f", never_steps_back),
            ("wanted [2, 12], got 13 of shape (), not (2,)", lambda f, x: f(x)),
            ("wanted [2, 12] to six digits, got [2.00001, 12.00003]", lambda f, x: one_sided(f, x, 1e-5)),
            ("for a function that curves", lambda f, x: centred(f, x, 0.1)),
            ("wanted x left as it was, got x = [1.00001, 2.00001]", leaves_x_changed),
        ],
        disguises=[
            centred,
            one_sided,
            steps_in_place,
            tupled(centred),
            single(centred),
            lambda f, x: (4 * centred(f, x, 1e-3) - centred(f, x, 2e-3)) / 3,
        ],
    ),
    "layer_norm_backward": Answers(
        mutants=[
            ("mean and standard deviation depend on x too", lambda x, g: g / x.std()),
            ("mean and standard deviation depend on x too", lambda x, g: (g - g.mean()) / x.std()),
            ("mean and standard deviation depend on x too", lambda x, g: layer_norm(x, g, ddof=1)),
            (
                "mean and standard deviation depend on x too",
                lambda x, g: layer_norm(x, g) * np.sqrt(1 - 1 / len(x)),
            ),
            ("mean and standard deviation depend on x too", lambda x, g: layer_norm(x, g) * x.std()),
            ("the part along z is taken off as well", lambda x, g: layer_norm(x, abs(g))),
            (
                "moving all entries together",
                lambda x, g: (
                    layer_norm(x, g) if g.std() else g / x.std() - x * (g @ x) / len(x) / x.std() ** 3
                ),
            ),
            ("got [0.20412, -0.40824, 0.20412]", lambda x, g: layer_norm(x, g) * x.std() / (x.std() + 1e-5)),
        ],
        disguises=[
            layer_norm,
            layer_norm_by_matrix,
            single(layer_norm),
            listed(layer_norm),
            spoiling(layer_norm),
        ],
    ),
    "products_backward": Answers(
        mutants=[
            ("built from the output", np.prod),
            (
                "wanted 32, got 80; this breaks: the product is built from the output",
                lambda s: backward_count(s[::-1]),
            ),
            ("built from the output", lambda sizes: 0),
            ("built from the output", lambda sizes: sizes[-1] * np.sum(sizes[1:] * sizes[:-1])),
            ("as many rows as the output", lambda sizes: backward_count(sizes) / sizes[-1]),
            ("as many rows as the output", least_count),
            (
                "one Jacobian alone costs nothing",
                lambda sizes: backward_count(sizes) if len(sizes) > 2 else np.prod(sizes),
            ),
        ],
        disguises=[
            backward_count,
            lambda sizes: int(backward_count(sizes)),
            lambda sizes: sizes[-1] * np.sum(sizes[1:-1] * sizes[:-2]),
            lambda sizes: Fraction(int(backward_count(sizes))),
            single(backward_count),
        ],
    ),
    "gradient_by_hand": Answers(
        mutants=[
            ("derivative with respect to x", [0, 0]),
            ("derivative with respect to y", [4, 4]),
            ("derivative with respect to x", [-4, 2]),
            ("derivative with respect to x", [-2, 4]),
            ("wanted two numbers", 4),
        ],
        disguises=[[4, -2], (4.0, -2.0), np.array([4, -2]), np.float32([4, -2]), [Fraction(4), Decimal(-2)]],
    ),
    "derivatives_of_cubed_size": Answers(
        mutants=[
            ("more than 0 times", 0),
            ("more than 1 times", 1),
            ("not 3 times", 3),
            ("wanted a whole number, got 2.5", 2.5),
            ("wanted a whole number, got inf", np.inf),
            ("wanted a whole number", [2, 2]),
        ],
        disguises=[2, 2.0, np.int64(2), [2], np.float32(2)],
    ),
    "bowl_learning_rate": Answers(
        mutants=[
            ("suits the flat direction", 2),
            ("promises most", 1 / 6),
            ("wanted 2 over the largest curvature", 0.5),
            ("wanted 2 over the largest curvature", 2 / 3),
            ("wanted three decimals, got 0.33", 0.33),
            ("wanted one number", "a third"),
        ],
        disguises=[1 / 3, 0.333, np.float64(1) / 3, Fraction(1, 3), Fraction(2, 6), np.float16(1 / 3)],
    ),
}
