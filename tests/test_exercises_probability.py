"""The checkers of the probability chapter: a reference passes, mistakes are told so, garbage never raises."""

import math
import re

import numpy as np
import pytest
import scipy.special
import scipy.stats
from checkers import named
from sklearn.metrics import roc_auc_score

from mmlhelpers import exercises


def birthday_by_logarithms(m):
    """The same product through log-gamma, searched by halving."""
    low, high = 0, 2 * math.isqrt(m) + 2  # for so many the chance is surely above one half
    while high - low > 1:
        n = (low + high) // 2
        log_differ = np.log1p(-np.arange(n) / m).sum() if n <= m else -np.inf
        low, high = (n, high) if log_differ > -math.log(2) + 1e-12 else (low, n)
    return high


def permutation_by_scipy(x, y):
    result = scipy.stats.permutation_test(
        (x, y),
        lambda a, b, axis: np.abs(a.mean(axis=axis) - b.mean(axis=axis)),
        alternative="greater",
        vectorized=True,
    )
    return result.pvalue


def square_and_value():
    P = np.zeros((3, 3))
    P[[0, 1, 2], [2, 1, 2]] = 1 / 3
    return P


def em_step(X, weights, P, axis=1):
    joint = np.log(weights) + X @ np.log(P).T + (1 - X) @ np.log(1 - P).T
    r = scipy.special.softmax(joint, axis=axis)
    return r.sum(axis=0) / len(X), r.T @ X / r.sum(axis=0)[:, None]


def mixture(x, weights, means, sds):
    joint = np.log(weights) + scipy.stats.norm(means, sds).logpdf(x[:, None])
    return scipy.special.logsumexp(joint, axis=1)


def underflowing_mixture(x, weights, means, sds):
    return np.log(scipy.stats.norm(means, sds).pdf(x[:, None]) @ weights)


# name: reference, [(mistake, what the line must say)]
FUNCTIONS = {
    "birthday_people": (
        birthday_by_logarithms,
        [
            (lambda m: m // 2, "for m = 365 wanted 23, got 182"),
            (lambda m: math.ceil(math.sqrt(2 * m * math.log(2))), "for m = 1000 wanted|wanted 2, got|wanted"),
        ],
    ),
    "uncorrelated_but_dependent": (
        square_and_value,
        [
            (lambda: np.full((3, 3), 1 / 9), "wanted dependent variables, got .* the product of its row and"),
            (lambda: np.eye(3) / 3, "wanted covariance zero, got .* with covariance 0.6667"),
            (lambda: np.ones((3, 3)), "sum to one, got .* with sum 9"),
            (lambda: np.full((2, 2), 0.25), r"of shape \(3, 3\), got"),
        ],
    ),
    "uniform_upper": (
        lambda x: x.max() * (len(x) + 1) / len(x),
        [
            (lambda x: x.max(), r"for x = \[2\] wanted 4, got 2"),
            (lambda x: 2 * x.mean(), r"for x = \[0.2, 0.9, 0.4, 0.5, 0.1\] wanted 1.08, got 0.84"),
            (lambda x: x.max() * len(x) / (len(x) + 1), "wanted 4, got 1"),
        ],
    ),
    "exact_p_value": (
        permutation_by_scipy,
        [
            (lambda x, y: permutation_by_scipy(x, y) / 2, "wanted 0.1, got 0.05"),
            (lambda x, y: scipy.stats.ttest_ind(x, y).pvalue, "wanted 0.1, got 0.0213"),
        ],
    ),
    "auc": (
        lambda scores, labels: roc_auc_score(labels, scores),
        [
            (
                lambda s, y: np.mean(s[y == 1][:, None] > s[y == 0]),
                r"for scores = \[1, 1, 1, 1\], labels = .* wanted 0.5, got 0",
            ),
            (lambda s, y: 1 - roc_auc_score(y, s), "wanted 0.75, got 0.25"),
        ],
    ),
    "benjamini_hochberg": (
        lambda p: scipy.stats.false_discovery_control(p),
        [
            (lambda p: np.minimum(len(p) * p, 1), r"wanted \[0.03, 0.03, 0.03\], got \[0.03, 0.06, 0.09\]"),
            (
                lambda p: np.sort(scipy.stats.false_discovery_control(p)),
                r"for p = \[0.04, 0.001, 0.03, 0.2\] wanted",
            ),
        ],
    ),
    "bootstrap_standard_error": (
        lambda x, n, rng: (
            np.median(np.abs(rng.choice(x, (n, len(x))).mean(axis=1) - x.mean())) / 0.6745
            if len(x) > 9
            else x.std(ddof=0) / np.sqrt(len(x))
        ),
        [
            (
                lambda x, n, rng: rng.permuted(np.tile(x, (n, 1)), axis=1).mean(axis=1).std(ddof=1),
                "wanted a standard error near 1.41, got 0",
            ),
            (lambda x, n, rng: rng.choice(x, (n, len(x))).std(ddof=1), "near 1.41, got 3.1"),
        ],
    ),
    "log_mixture_density": (
        mixture,
        [
            (underflowing_mixture, r"for x = \[100, -80\], .* wanted \[-1229.04, -824.04\], got"),
            (lambda x, w, m, s: mixture(x, np.ones(len(w)), m, s), "wanted"),
        ],
    ),
    "bernoulli_mixture_step": (
        em_step,
        [
            (lambda X, w, P: (w, P), r"weights: wanted \[0.5444, 0.4556\], got \[0.5, 0.5\]"),
            (lambda X, w, P: em_step(X, w, P)[0], r"wanted a pair \(weights, P\)"),
            (lambda X, w, P: em_step(X, np.ones(len(w)), P), r"weights: wanted|P: wanted"),
            (lambda X, w, P: em_step(X, w, P, axis=0), "weights: wanted"),
        ],
    ),
}

# name: right answers, [(wrong answer, what the line must say)]
BY_HAND = {
    "screening_posterior": (
        [0.199, 495 / 2485, np.float32(0.1992)],
        [(0.99, "asked is the other way round"), (0.25, "share of true alarms among all alarms, got 0.25")],
    ),
    "largest_of_four": (
        [0.8, 4 / 5],
        [(0.5, "above 1/2 and below 1, got 0.5"), ([0.8, 0.8], "wanted one number")],
    ),
    "flips_needed": (
        [[50_000, 18_445], (50_000, 18_444.4)],
        [
            ([50_000, 50_000], "the smallest n that Hoeffding's bound allows, got 50000"),
            ([25_000, 18_445], "the smallest n that Chebyshev's bound allows"),
            (50_000, "wanted two sample sizes"),
        ],
    ),
}

GARBAGE = [
    None,
    "text",
    np.nan,
    np.inf,
    1j,
    [],
    {},
    [[1, 2], [3]],
    np.full((3, 3), np.nan),
    object(),
    len,
    [None] * 2,
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reference_is_correct(name):
    assert str(exercises.check(named(name, FUNCTIONS[name][0]))) == "correct"


@pytest.mark.parametrize(
    ("name", "mistake", "line"), [(n, m, line) for n, (_, wrong) in FUNCTIONS.items() for m, line in wrong]
)
def test_typical_mistake_is_told(name, mistake, line):
    verdict = exercises.check(named(name, mistake))
    assert not verdict
    assert re.search(line, str(verdict))


@pytest.mark.parametrize("name", BY_HAND)
def test_right_answer_by_hand_is_correct(name):
    for value in BY_HAND[name][0]:
        assert str(exercises.answer(name, value)) == "correct"


@pytest.mark.parametrize(
    ("name", "value", "line"), [(n, v, line) for n, (_, wrong) in BY_HAND.items() for v, line in wrong]
)
def test_wrong_answer_by_hand_is_told(name, value, line):
    verdict = exercises.answer(name, value)
    assert not verdict
    assert re.search(line, str(verdict))


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_garbage_is_one_line_and_never_raises(garbage):
    verdicts = [exercises.check(named(name, lambda *arguments: garbage)) for name in FUNCTIONS]
    verdicts += [exercises.answer(name, garbage) for name in BY_HAND]
    for verdict in verdicts:
        assert not verdict
        assert re.fullmatch(r"not yet: .{10,600}", str(verdict))
        assert " at 0x" not in str(verdict)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_in_the_function_is_reported(name):
    def fail(*arguments):
        raise ZeroDivisionError("division by zero")

    assert "your function raised ZeroDivisionError: division by zero" in str(
        exercises.check(named(name, fail))
    )
