"""The checkers of calculus: references pass, stubs, typical mistakes and garbage are told so, none raises."""

import numpy as np
import pytest
from checkers import named

from mmlhelpers import autodiff, exercises


def heron(c):
    root = max(c, 1.0)
    for _ in range(60):
        root = (root + c / root) / 2
    return root


def centred(f, x, h=1e-5):
    slope = np.zeros(len(x))
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = h
        slope[i] = (f(x + step) - f(x - step)) / (2 * h)
    return slope


def one_sided(f, x, h=1e-8):
    return np.array([(f(x + h * one) - f(x)) / h for one in np.eye(len(x))])


def perturbs_a_copy(f, x, h=1e-5):
    slope = np.zeros(len(x))
    for i in range(len(x)):
        z = x.copy()
        z[i] += h
        slope[i] = (f(x) - f(x)) / h
    return slope


def never_steps_back(f, x, h=1e-5):
    slope = np.zeros(len(x))
    for i in range(len(x)):
        before = f(x)
        x[i] += 0.1
        slope[i] = (f(x) - before) / 0.1
    return slope


def layer_norm(x, g):
    s = x.std(ddof=0)
    z = (x - x.mean()) / s
    return (g - g.mean() - z * (g @ z) / len(x)) / s


def backward_count(sizes):
    return sizes[-1] * sum(sizes[i] * sizes[i - 1] for i in range(1, len(sizes) - 1))


def dual_by_package(a, da, b, db):
    quotient = autodiff.Dual(a, da) / autodiff.Dual(b, db)
    return quotient.value, quotient.tangent


# name: references, [(mistake, what the line must say)]
FUNCTIONS = {
    "newton_sqrt": (
        [heron, np.sqrt, lambda c: np.float64(c**0.5)],
        [
            (lambda c: c, "c = 2 wanted a number whose square is 2 to ten digits, got 2"),
            (lambda c: (1 + c) / 2, "got 1.5"),
            (lambda c: -np.sqrt(c), "got -1.4142"),
            (lambda c: c / 0, "raised ZeroDivisionError"),
            (lambda c: np.nan, "got nan"),
        ],
    ),
    "dual_divide": (
        [dual_by_package, lambda a, da, b, db: [a / b, da / b - a * db / b / b]],
        [
            (lambda a, da, b, db: (a / b, da / db if db else 0.5), "for a = 1, da = 0, b = 2, db = 1"),
            (lambda a, da, b, db: (a / b, (da * b + a * db) / b**2), "wanted [0.5, -0.25], got [0.5, 0.25]"),
            (lambda a, da, b, db: a / b, "got 1.5"),
        ],
    ),
    "softmax_backward": (
        [lambda p, g: p * (g - p @ g), lambda p, g: (np.diag(p) - np.outer(p, p)) @ g],
        [
            (lambda p, g: p * (1 - p) * g, "wanted [0.25, -0.125, -0.125], got [0.25, 0, 0]"),
            (lambda p, g: g - p @ g, "got [0.5, -0.5, -0.5]"),
            (lambda p, g: g, "not yet"),
        ],
    ),
    "log_det_gram_gradient": (
        [lambda X: 2 * np.linalg.solve(X @ X.T, X), lambda X: 2 * np.linalg.pinv(X).T],
        [
            (lambda X: np.linalg.pinv(X).T, "not yet: for X = [[1, 0, 2], [0, 1, 1]] wanted"),
            (lambda X: 2 * np.linalg.inv(X), "raised LinAlgError"),
            (lambda X: 2 * np.linalg.pinv(X), "of shape (3, 2), not (2, 3)"),
        ],
    ),
    "solution_change": (
        [
            lambda A, b, dA: -np.linalg.solve(A, dA @ np.linalg.solve(A, b)),
            lambda A, b, dA: -np.linalg.inv(A) @ dA @ np.linalg.inv(A) @ b,
        ],
        [
            (
                lambda A, b, dA: np.linalg.solve(A, dA @ np.linalg.solve(A, b)),
                "wanted [-0.5, 0], got [0.5, 0]",
            ),
            (lambda A, b, dA: -np.linalg.solve(A, dA @ b), "got [-1, 0]"),
            (lambda A, b, dA: 0 * b, "got [0, 0]"),
        ],
    ),
    "hessian_times_vector": (
        [lambda gradient, w, v: (gradient(w + 1e-5 * v) - gradient(w - 1e-5 * v)) / 2e-5],
        [
            (lambda gradient, w, v: gradient(v) - gradient(w), "not yet"),
            (lambda gradient, w, v: gradient(w) * v, "wanted [2, 1], got [0, 0]"),
            (lambda gradient, w, v: (gradient(w + 1e-2 * v) - gradient(w)) / 1e-2, "w = [0.5, -1, 2]"),
        ],
    ),
    "first_layer_gradient": (
        [
            lambda x, y, W1, w2: np.outer((w2 @ np.tanh(W1 @ x) - y) * w2 * (1 - np.tanh(W1 @ x) ** 2), x),
            lambda x, y, W1, w2: autodiff.grad(lambda W: 0.5 * (w2 @ np.tanh(W @ x) - y) ** 2)(W1),
        ],
        [
            (lambda x, y, W1, w2: np.outer((w2 @ np.tanh(W1 @ x) - y) * w2, x), "not yet: for x = [1, 2]"),
            (lambda x, y, W1, w2: np.zeros_like(W1), "not yet"),
            (
                lambda x, y, W1, w2: np.outer(
                    x, (w2 @ np.tanh(W1 @ x) - y) * w2 * (1 - np.tanh(W1 @ x) ** 2)
                ),
                "of shape (2, 3), not (3, 2)",
            ),
        ],
    ),
    "measured_gradient": (
        [centred, one_sided],
        [
            (perturbs_a_copy, "wanted [2, 12] to six digits, got [0, 0]"),
            (never_steps_back, "not yet"),
            (lambda f, x: f(x), "got 13"),
        ],
    ),
    "layer_norm_backward": (
        [layer_norm],
        [
            (lambda x, g: g / x.std(ddof=0), "not yet: for x = [1, 2, 3], g = [1, 0, 0]"),
            (lambda x, g: (g - g.mean()) / x.std(ddof=0), "not yet"),
            (lambda x, g: layer_norm(x, g) * np.sqrt((len(x) - 1) / len(x)), "not yet"),
        ],
    ),
    "products_backward": (
        [backward_count],
        [
            (lambda sizes: np.prod(sizes), "wanted 32, got 64"),
            (lambda sizes: backward_count(sizes[::-1]), "wanted 32, got 80"),
            (lambda sizes: 0, "wanted 32, got 0"),
        ],
    ),
}

# name: right, [(wrong, what the line must say)]
ANSWERS = {
    "gradient_by_hand": (
        [[4, -2], (4.0, -2.0), np.array([4, -2])],
        [
            ([0, 0], "derivative by x"),
            ([4, 4], "derivative by y"),
            (4, "wanted two numbers"),
        ],
    ),
    "derivatives_of_cubed_size": (
        [2, 2.0],
        [
            (0, "more than 0 times"),
            (1, "more than 1 times"),
            (3, "not 3 times"),
            ([2, 2], "wanted a whole number"),
        ],
    ),
    "bowl_learning_rate": (
        [1 / 3, 0.3333, np.float64(1) / 3],
        [
            (2, "suits the flat direction"),
            (1 / 6, "promises most"),
            (0.5, "wanted 2 over the largest curvature"),
            ("a third", "wanted one number"),
        ],
    ),
}
GARBAGE = (None, "text", [1, [2, 3]], object(), {}, np.zeros((0, 2)), 1j, [np.nan, np.inf], print)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_references_pass(name):
    for reference in FUNCTIONS[name][0]:
        assert exercises.check(named(name, reference)).line == "correct"


@pytest.mark.parametrize(
    ("name", "mistake", "said"), [(name, *pair) for name, (_, pairs) in FUNCTIONS.items() for pair in pairs]
)
def test_mistakes_are_told(name, mistake, said):
    verdict = exercises.check(named(name, mistake))
    assert not verdict
    assert verdict.line.startswith("not yet: for ")
    assert said in verdict.line


@pytest.mark.parametrize("name", FUNCTIONS)
def test_garbage_is_told_and_never_raises(name):
    for value in GARBAGE:
        assert not exercises.check(named(name, lambda *_, value=value: value))
    assert not exercises.check(named(name, lambda: 0))


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_by_hand(name):
    right, wrong = ANSWERS[name]
    for value in right:
        assert exercises.answer(name, value).line == "correct"
    for value, said in wrong:
        verdict = exercises.answer(name, value)
        assert not verdict
        assert said in verdict.line
    for value in GARBAGE:
        assert not exercises.answer(name, value)
