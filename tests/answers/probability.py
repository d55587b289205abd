"""Answers to the exercises of the chapter on probability and statistics."""

import itertools
import math
from fractions import Fraction

import numpy as np
import scipy.special
import scipy.stats
from checkers import Answers, fractions, listed, single, spoiling, tupled
from sklearn.metrics import roc_auc_score


def birthday(m, half=0.5, strict=True):
    differ, n = 1.0, 0
    while differ > half if strict else differ >= half:
        differ *= 1 - n / m
        n += 1
    return n


def birthday_by_logarithms(m):
    """Search the same product by halving."""
    low, high = 0, 2 * math.isqrt(m) + 2  # for so many the chance is surely above one half
    while high - low > 1:
        n = (low + high) // 2
        log_differ = np.log1p(-np.arange(n) / m).sum() if n <= m else -np.inf
        low, high = (n, high) if log_differ > -math.log(2) + 1e-12 else (low, n)
    return np.int64(high)


def square_and_value():
    P = np.zeros((3, 3))
    P[[0, 1, 2], [2, 1, 2]] = 1 / 3
    return P


def table(*rows):
    return lambda: np.array(rows)


def largest(x):
    return (1 + 1 / len(x)) * x.max()


def p_value(x, y, tolerance=1e-12, size=abs, one_more=0, by=np.mean):
    pooled, n = np.concatenate([x, y]), len(x)
    indices = range(len(pooled))
    extremes = [
        size(by(pooled[list(first)]) - by(pooled[[i for i in indices if i not in first]]))
        >= size(by(x) - by(y)) - tolerance
        for first in itertools.combinations(indices, n)
    ]
    return (sum(extremes) + one_more) / (len(extremes) + one_more)


def p_value_of_values(x, y):
    pooled, n = np.concatenate([x, y]), len(x)
    firsts = np.array([sum(first) for first in set(itertools.combinations(pooled.tolist(), n))])
    differences = np.abs(firsts / n - (pooled.sum() - firsts) / len(y))
    return np.mean(differences >= abs(x.mean() - y.mean()) - 1e-12)


def permutation_by_scipy(x, y):
    return scipy.stats.permutation_test(
        (x, y),
        lambda a, b, axis: np.abs(a.mean(axis=axis) - b.mean(axis=axis)),
        alternative="greater",
        vectorized=True,
    ).pvalue


def area(scores, labels, tie=0.5):
    difference = scores[labels == 1][:, None] - scores[labels == 0]
    return np.mean((difference > 0) + tie * (difference == 0))


def area_by_ranks(scores, labels, method="average"):
    positive = labels == 1
    n, m = positive.sum(), (~positive).sum()
    return (scipy.stats.rankdata(scores, method)[positive].sum() - n * (n + 1) / 2) / (n * m)


def adjusted(p, running=True, back=True, other_way=False):
    order, m = np.argsort(p, kind="stable"), len(p)
    scaled = p[order] * m / np.arange(1, m + 1)
    if running:
        scaled = np.minimum.accumulate(scaled[::-1])[::-1]
    if not back:
        return scaled
    result = np.empty(m)
    result[order] = scaled
    return scaled[order] if other_way else result


def holm(p):
    order, m = np.argsort(p), len(p)
    result = np.empty(m)
    result[order] = np.maximum.accumulate(np.minimum(p[order] * np.arange(m, 0, -1), 1))
    return result


def resampled(x, n_resamples, rng, size=None, replace=True):
    shape = (n_resamples, len(x) if size is None else size)
    sets = (
        x[rng.integers(len(x), size=shape)] if replace else rng.permuted(np.tile(x, (n_resamples, 1)), axis=1)
    )
    return sets.mean(axis=1).std(ddof=1)


def mixture(x, weights, means, sds):
    joint = np.log(weights) + scipy.stats.norm(means, sds).logpdf(x[:, None])
    return scipy.special.logsumexp(joint, axis=1)


def mixture_in_floats(x, weights, means, sds):
    return np.log(scipy.stats.norm(means, sds).pdf(x[:, None]) @ weights)


def em_step(X, weights, P, axis=1, zeros=True, hard=False):
    joint = np.log(weights) + X @ np.log(P).T + zeros * (1 - X) @ np.log(1 - P).T
    r = scipy.special.softmax(joint, axis=axis)
    if hard:
        r = np.eye(len(weights))[r.argmax(axis=1)]
    return r.sum(axis=0) / len(X), r.T @ X / r.sum(axis=0)[:, None]


def em_step_by_loops(X, weights, P):
    r = []
    for row in X:
        joint = [w * math.prod(np.where(row == 1, p, 1 - p)) for w, p in zip(weights, P, strict=True)]
        r.append([value / sum(joint) for value in joint])
    columns = list(zip(*r, strict=True))
    new_P = [[sum(a * b for a, b in zip(c, x, strict=True)) / sum(c) for x in X.T] for c in columns]
    return [[sum(c) / len(X) for c in columns], new_P]


THIRD = Fraction(1, 3)

ANSWERS = {
    "birthday_people": Answers(
        mutants=[
            ("for m = 365 wanted 23, got 182", lambda m: m // 2),
            ("the chance that two share a birthday", math.isqrt),
            ("the chance that two share a birthday", lambda m: birthday(m) - 1),
            ("with one birthday two people share it", lambda m: birthday(m) if m > 1 else 1),
            ("a chance of exactly one half is enough", lambda m: birthday(m, strict=False)),
            ("no approximation by a root", lambda m: max(2, round(math.sqrt(2 * m * math.log(2)) + 0.3))),
            ("for m = 2 wanted 2, got 3", lambda m: math.ceil(0.5 + math.sqrt(0.25 + 2 * m * math.log(2)))),
            ("m may be 2^32", lambda m: birthday(m) if m < 2**31 else 0),
        ],
        disguises=[birthday, birthday_by_logarithms, lambda m: [float(birthday(m))], fractions(birthday)],
    ),
    "uncorrelated_but_dependent": Answers(
        mutants=[
            ("wanted dependent variables", table(*[[1 / 9] * 3] * 3)),
            ("the product of its row and column sums", lambda: np.outer([0.5, 0.3, 0.2], [0.1, 0.6, 0.3])),
            ("wanted covariance zero, got", lambda: np.eye(3) / 3),
            ("sum to one, got", lambda: np.ones((3, 3))),
            ("with sum 0.9999", lambda: np.round(square_and_value(), 4)),
            ("none of them negative", table([0, 0, 1], [1, -1, 0], [0, 0, 0])),
            ("wanted a table of shape (3, 3), got", lambda: np.full((2, 2), 0.25)),
        ],
        disguises=[
            square_and_value,
            lambda: square_and_value().T,
            lambda: np.float32(square_and_value()),
            lambda: [[0, 0, THIRD], [0, THIRD, 0], [0, 0, THIRD]],
            table((0, 0.25, 0), (0.25, 0, 0.25), (0, 0.25, 0)),
        ],
    ),
    "uniform_upper": Answers(
        mutants=[
            ("for x = [2] wanted 4, got 2", lambda x: x.max()),
            ("the multiple depends on n alone", lambda x: 2 * x.mean()),
            ("a multiple of the largest has the expectation", lambda x: x.max() * len(x) / (len(x) + 1)),
            ("a multiple of the largest has the expectation", lambda x: x.max() + 1 / len(x)),
            ("the largest counts, wherever it stands", lambda x: (1 + 1 / len(x)) * x[-1]),
            ("observations may have any size", lambda x: (1 + 1 / len(x)) * max(x.max(), 0.1)),
        ],
        disguises=[
            largest,
            lambda x: x.max() * (len(x) + 1) / len(x),
            single(largest),
            fractions(largest),
            lambda x: [max(x) + max(x) / len(x)],
        ],
    ),
    "exact_p_value": Answers(
        mutants=[
            ("wanted 0.1, got 0.0213", lambda x, y: scipy.stats.ttest_ind(x, y).pvalue),
            ("the share of all splits, the observed one too", lambda x, y: p_value(x, y, one_more=1)),
            (
                "the share of all splits, the observed one too",
                lambda x, y: p_value(x, y) - 1 / math.comb(len(x) + len(y), len(x)),
            ),
            ("the share of all splits, the observed one too", lambda x, y: p_value(x, y, size=lambda d: d)),
            ("the share of all splits, the observed one too", lambda x, y: p_value(x, y, tolerance=-1e-12)),
            (
                "a difference of the other sign counts too",
                lambda x, y: p_value(x, y, size=lambda d: -d) * (1 + (len(x) == len(y))),
            ),
            (
                "means are compared, not sums",
                lambda x, y: p_value(x, y, by=np.sum) if len(x) > 2 else p_value(x, y),
            ),
            ("rounding must not break a tie", lambda x, y: p_value(x, y, tolerance=0)),
            ("equal observations are different observations", p_value_of_values),
            ("small differences are differences", lambda x, y: p_value(x, y, tolerance=1e-5)),
        ],
        disguises=[
            p_value,
            permutation_by_scipy,
            spoiling(p_value),
            single(p_value),
            lambda x, y: Fraction(p_value(x, y)).limit_denominator(1000),
        ],
    ),
    "auc": Answers(
        mutants=[
            ("in which the positive has the larger score", lambda s, y: np.mean(s)),
            ("wanted 0.75, got 0.25", lambda s, y: 1 - area(s, y)),
            (
                "in which the positive has the larger score",
                lambda s, y: np.sum(s[y == 1][:, None] > s[y == 0]),
            ),
            ("samples may stand in any order", lambda s, y: area(s, np.sort(y))),
            ("scores need be no probabilities", lambda s, y: area(np.clip(s, 0, None), y)),
            ("a tie counts one half", lambda s, y: area(s, y, tie=0)),
            ("a tie counts one half", lambda s, y: area(s, y, tie=1)),
            ("a tie counts one half", lambda s, y: area_by_ranks(s, y, "ordinal")),
        ],
        disguises=[
            area,
            area_by_ranks,
            lambda s, y: roc_auc_score(y, s),
            lambda s, y: [float(area(s, y))],
            single(area),
        ],
    ),
    "benjamini_hochberg": Answers(
        mutants=[
            ("wanted [0.03, 0.03, 0.03], got [0.03, 0.06, 0.09]", lambda p: np.minimum(len(p) * p, 1)),
            ("each is the minimum over all j >= i", holm),
            ("the result has the original order", lambda p: adjusted(p, back=False)),
            ("the result has the original order", lambda p: adjusted(p, other_way=True)),
            ("of equal p-values the last decides", lambda p: adjusted(p, running=len(set(p)) == len(p))),
            ("each is the minimum over all j >= i", lambda p: p),
            ("each is the minimum over all j >= i", lambda p: p * len(p) / (np.argsort(np.argsort(p)) + 2)),
            ("one test alone", lambda p: adjusted(p) if len(p) > 1 else [1.0]),
        ],
        disguises=[
            adjusted,
            scipy.stats.false_discovery_control,
            listed(adjusted),
            single(adjusted),
            spoiling(adjusted),
        ],
    ),
    "bootstrap_standard_error": Answers(
        mutants=[
            (
                "near 1.41, got 0; this breaks: it is the spread of means",
                lambda x, n, rng: resampled(x, n, rng, replace=False),
            ),
            ("means of samples drawn with replacement", lambda x, n, rng: x.std(ddof=1) / np.sqrt(len(x))),
            ("near 1.41, got 3.", lambda x, n, rng: rng.choice(x, (n, len(x))).std(ddof=1)),
            ("means of samples drawn with replacement", lambda x, n, rng: resampled(x, n, rng) ** 2),
            (
                "means of samples drawn with replacement",
                lambda x, n, rng: np.median(rng.choice(x, (n, len(x))), axis=1).std(),
            ),
            ("each sample is as large as the data", lambda x, n, rng: resampled(x, n, rng, size=5)),
            (
                "means of samples drawn with replacement",
                lambda x, n, rng: resampled(x[:-1], n, rng, size=len(x)),
            ),
            ("data may have any size and sign", lambda x, n, rng: resampled(np.abs(x), n, rng)),
        ],
        disguises=[
            resampled,
            lambda x, n, rng: np.std([rng.choice(x, size=len(x)).mean() for _ in range(n)]),
            lambda x, n, rng: np.array([x.std(ddof=0) / np.sqrt(len(x))]),
            single(resampled),
            lambda x, n, rng: Fraction(float(resampled(x, n, np.random.default_rng(7)))),
        ],
    ),
    "log_mixture_density": Answers(
        mutants=[
            ("weighted sum of normal densities", lambda x, w, m, s: mixture(x, w, m, s).sum()),
            ("weighted sum of normal densities", lambda x, w, m, s: np.exp(mixture(x, w, m, s))),
            (
                "weighted sum of normal densities",
                lambda x, w, m, s: mixture(x, w, m, s) + np.log(2 * np.pi) / 2,
            ),
            ("weighted sum of normal densities", lambda x, w, m, s: mixture(x, 2 * w, m, s)),
            (
                "weighted sum of normal densities",
                lambda x, w, m, s: np.max(np.log(w) + scipy.stats.norm(m, s).logpdf(x[:, None]), axis=1),
            ),
            (
                "weights, means and spreads belong together",
                lambda x, w, m, s: mixture(x, np.ones(len(w)) / len(w), m, s),
            ),
            ("weights, means and spreads belong together", lambda x, w, m, s: mixture(x, w, m, np.sqrt(s))),
            ("wanted [-1229.04, -824.04], got [-inf, -inf]", mixture_in_floats),
            ("one observation far out", lambda x, w, m, s: np.maximum(mixture(x, w, m, s), -700)),
            ("one observation far out", lambda x, w, m, s: np.log(np.exp(mixture(x, w, m, s)) + 1e-300)),
        ],
        disguises=[
            mixture,
            lambda x, w, m, s: [
                np.logaddexp.reduce(np.log(w) + scipy.stats.norm.logpdf(value, m, s)) for value in x
            ],
            single(mixture),
            tupled(mixture),
            spoiling(mixture),
        ],
    ),
    "bernoulli_mixture_step": Answers(
        mutants=[
            ("wanted weights = [0.5444, 0.4556], got weights = [0.5, 0.5]", lambda X, w, P: (w, P)),
            ("wanted a pair (weights, P)", lambda X, w, P: float(em_step(X, w, P)[0][0])),
            ("wanted weights = ", lambda X, w, P: em_step(X, w, P)[::-1]),
            ("wanted weights = ", lambda X, w, P: (em_step(X, w, P)[0] * len(X), em_step(X, w, P)[1])),
            ("wanted P = ", lambda X, w, P: (em_step(X, w, P)[0], em_step(X, w, P)[1].T)),
            ("wanted P = ", lambda X, w, P: (em_step(X, w, P)[0], em_step(X, w, P)[1] * w[:, None])),
            ("wanted weights = ", lambda X, w, P: em_step(X, w, P, zeros=False)),
            ("wanted weights = ", lambda X, w, P: em_step(X, w, P, hard=True)),
            ("the weights enter the responsibilities", lambda X, w, P: em_step(X, np.ones(len(w)), P)),
            ("wanted weights = ", lambda X, w, P: em_step(X, w, P, axis=0)),
        ],
        disguises=[
            em_step,
            em_step_by_loops,
            lambda *case: list(map(np.float32, em_step(*case))),
            lambda *case: tuple(part.tolist() for part in em_step(*case)),
            spoiling(em_step),
        ],
    ),
    "screening_posterior": Answers(
        mutants=[
            ("asked is the other way round", 0.99),
            ("share of true alarms among all alarms, got 0.25", 0.25),
            ("share of true alarms among all alarms", 0.005),
            ("share of true alarms among all alarms", 0.9802),
            ("wanted a probability, from 0 to 1, got 19.92", 19.92),
        ],
        disguises=[495 / 2485, 0.199, np.float32(0.1992), Fraction(495, 2485), [0.1992], np.array(0.1992)],
    ),
    "largest_of_four": Answers(
        mutants=[
            ("above 1/2 and below 1, got 0.5", 0.5),
            ("above 1/2 and below 1, got 1", 1),
            ("above 1/2 and below 1, got 0.75", 0.75),
            ("above 1/2 and below 1, got 0.8409", 0.5**0.25),
            ("wanted one number", [0.8, 0.8]),
        ],
        disguises=[4 / 5, 0.8, Fraction(4, 5), [0.8], np.float16(0.8)],
    ),
    "flips_needed": Answers(
        mutants=[
            ("Hoeffding's bound allows, got 50000: the bound is below 0.05 there", [50_000, 50_000]),
            ("Chebyshev's bound allows, got 25000: the bound is still above 0.05 there", [25_000, 18_445]),
            ("Hoeffding's bound allows, got 18444: the bound is still above 0.05 there", [50_000, 18_444]),
            ("Hoeffding's bound allows, got 14979", [50_000, 14_979]),
            ("Chebyshev's bound allows", [18_445, 50_000]),
            ("wanted two sample sizes", 50_000),
        ],
        disguises=[
            [50_000, 18_445],
            (0.25 / (0.05 * 0.01**2), math.log(40) / (2 * 0.01**2)),
            np.array([50_000, 18_445]),
            [np.float32(50_000), Fraction(18_445)],
            (50_000.0, 18_444.4),
        ],
    ),
}
