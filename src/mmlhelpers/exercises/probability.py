"""The exercises of the chapter on probability and statistics: slow truths, judges and their inputs.

Samples are vectors (n,); labels are 0 and 1.
"""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    as_parts,
    closeness,
    floats,
    require_close,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show

# Functions


@specification(
    rule("the chance that two share a birthday is at least one half", 365),
    rule("with one birthday two people share it", 1),
    rule("a chance of exactly one half is enough", 2),
    rule("the number is exact, no approximation by a root", 6),
    rule("the number is exact, no approximation by a root", 9),
    rule("the chance that two share a birthday is at least one half", 1000),
    rule("m may be large", 10**6),
    rule("m may be 2^32", 2**32),
)
def birthday_people(m: int) -> int:
    """Multiply the chances that everybody so far differs, until less than half is left."""
    all_differ, n = 1.0, 0
    while all_differ > 0.5:
        all_differ *= 1 - n / m
        n += 1
    return n


VALUES = floats(-1, 0, 1)


@requirement(())
def uncorrelated_but_dependent(got: Any) -> None:
    """Accept every table of joint probabilities with covariance zero that is no product."""
    P, close = as_numbers(got, "a table of shape (3, 3)", (3, 3)), closeness(got)
    if P.min() < -close:
        raise NotYet(f"wanted probabilities, none of them negative, got {show(P)}")
    if abs(P.sum() - 1) > close:
        raise NotYet(
            f"wanted probabilities that sum to one, got {show(P)} with sum {show(P.sum(), unlike=1)}"
        )
    x, y = P.sum(axis=1), P.sum(axis=0)
    covariance = VALUES @ P @ VALUES - (VALUES @ x) * (VALUES @ y)
    if abs(covariance) > close:
        raise NotYet(f"wanted covariance zero, got {show(P)} with covariance {show(covariance)}")
    if np.allclose(P, np.outer(x, y), atol=CLOSE):
        raise NotYet(f"wanted dependent variables, got {show(P)}, the product of its row and column sums")


@specification(
    rule("a multiple of the largest has the expectation theta", floats(2)),
    rule("the largest counts, wherever it stands", floats(1, 3, 2)),
    rule("the multiple depends on n alone", floats(0.2, 0.9, 0.4, 0.5, 0.1)),
    rule("observations may have any size", 1e4 * floats(0.25, 1.5, 0.75, 0.5)),
    rule("observations may have any size", 1e-4 * floats(0.75, 0.25)),
)
def uniform_upper(x: Array) -> float:
    """Stretch the largest observation so that its expectation is the end of the interval."""
    return float(x.max() + x.max() / len(x))


@specification(
    rule(
        "it is the share of all splits, the observed one too, that differ as much",
        floats(1, 2, 3),
        floats(4, 5, 6),
    ),
    rule("a difference of the other sign counts too", floats(0, 4), floats(1, 3, 2.5)),
    rule("means are compared, not sums", floats(1, 5, 9, 2), floats(8, 7)),
    rule("a difference as large as the observed one counts", floats(1, 1), floats(1, 1)),
    rule("rounding must not break a tie", floats(0.1, 0.7, 0.3), floats(0.4, 0.2, 0.6)),
    rule("equal observations are different observations", floats(1, 1, 2), floats(5, 1)),
    rule("small differences are differences", 1e-6 * floats(5.5, -0.5, 4), 1e-6 * floats(0.25, 3, -2, 0.75)),
)
def exact_p_value(x: Array, y: Array) -> float:
    """Count the splits of the pooled sample whose means differ at least as much as those observed."""
    pooled, n = np.concatenate([x, y]), len(x)
    observed = abs(x.mean() - y.mean())
    splits = list(itertools.combinations(range(len(pooled)), n))
    extreme = 0
    for chosen in splits:
        mask = np.isin(np.arange(len(pooled)), chosen)
        extreme += abs(pooled[mask].mean() - pooled[~mask].mean()) >= observed - 1e-12
    return extreme / len(splits)


@specification(
    rule(
        "the share of pairs in which the positive has the larger score",
        floats(0.1, 0.4, 0.35, 0.8),
        floats(0, 0, 1, 1),
    ),
    rule("samples may stand in any order", floats(3, 1, 2), floats(1, 0, 1)),
    rule("scores need be no probabilities", floats(-300, 2.5, 0.25, -1, 40), floats(0, 0, 1, 1, 0)),
    rule("a tie counts one half", floats(1, 1, 1, 1), floats(0, 1, 0, 1)),
    rule("a tie counts one half", floats(2, 1, 2, 3, 2), floats(1, 0, 0, 1, 1)),
)
def auc(scores: Array, labels: Array) -> float:
    """Compare every positive with every negative; a tie is half a win."""
    wins = [float(p > q) + 0.5 * float(p == q) for p in scores[labels == 1] for q in scores[labels == 0]]
    return sum(wins) / len(wins)


@specification(
    rule("each is the minimum over all j >= i", floats(0.01, 0.02, 0.03)),
    rule("the result has the original order", floats(0.04, 0.001, 0.03, 0.2)),
    rule("each is the minimum over all j >= i", floats(0.9, 0.95)),
    rule("the result has the original order", floats(0.05, 0.04, 0.001, 0.8, 0.01)),
    rule("of equal p-values the last decides for all", floats(0.03, 0.004, 0.03, 0.5, 0.03)),
    rule("one test alone is left as it is", floats(0.25)),
)
def benjamini_hochberg(p: Array) -> Array:
    """For each p-value, take the smallest m q / rank over all q at least as large."""
    m = len(p)
    return np.array([min(m * q / np.sum(p <= q) for q in p if q >= p_i) for p_i in p])


@requirement(
    rule(
        "it is the spread of means of samples drawn with replacement",
        floats(1, 2, 3, 4, 10),
        4000,
        np.random.default_rng(1),
    ),
    rule("each sample is as large as the data", np.arange(40.0), 4000, np.random.default_rng(2)),
    rule(
        "data may have any size and sign",
        1e-3 * floats(-2.5, 0.75, -9, 0.25, 1.5, -0.5),
        4000,
        np.random.default_rng(3),
    ),
)
def bootstrap_standard_error(got: Any, x: Array, n_resamples: int, rng: np.random.Generator) -> None:
    """Accept what lies within five per cent of the exact bootstrap standard error of the mean."""
    wanted = x.std(ddof=0) / math.sqrt(len(x))
    error = float(as_numbers(got, f"a standard error near {wanted:.3g}", ()))
    if not abs(error - wanted) <= 0.05 * wanted:
        raise NotYet(f"wanted a standard error near {wanted:.3g}, got {error:.3g}")


@specification(
    rule(
        "the density is the weighted sum of normal densities",
        floats(0, 1),
        floats(0.5, 0.5),
        floats(0, 1),
        floats(1, 1),
    ),
    rule(
        "weights, means and spreads belong together",
        floats(2),
        floats(0.2, 0.3, 0.5),
        floats(-1, 0, 3),
        floats(1, 2, 0.5),
    ),
    rule(
        "one observation far out does not make it minus infinity",
        floats(100, -80),
        floats(0.9, 0.1),
        floats(0, 1),
        floats(1, 2),
    ),
    rule(
        "data may have any size",
        1e6 * floats(0.25, -1.5, 0.75),
        floats(0.35, 0.65),
        1e6 * floats(-1, 0.5),
        1e5 * floats(0.5, 3),
    ),
    rule(
        "narrow components are no obstacle",
        floats(0.001, 0.25),
        floats(0.7, 0.3),
        floats(0, 0.0005),
        floats(1e-3, 1e-4),
    ),
)
def log_mixture_density(x: Array, weights: Array, means: Array, sds: Array) -> Array:
    """Add the components' densities in logarithms, one at a time."""
    total = np.full(len(x), -np.inf)
    for w, m, s in zip(weights, means, sds, strict=True):
        total = np.logaddexp(total, np.log(w) - ((x - m) / s) ** 2 / 2 - np.log(s * np.sqrt(2 * np.pi)))
    return total


BITS = floats([1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 0])


@requirement(
    rule(
        "the step averages over the responsibilities, which count ones and zeros",
        BITS,
        floats(0.5, 0.5),
        floats([0.8, 0.7, 0.2], [0.3, 0.4, 0.6]),
    ),
    rule(
        "the weights enter the responsibilities",
        BITS[:, :2],
        floats(0.2, 0.3, 0.5),
        floats([0.5, 0.9], [0.6, 0.2], [0.1, 0.4]),
    ),
    rule(
        "there may be one component",
        floats([1, 0, 0, 1], [0, 0, 1, 1], [1, 0, 1, 1]),
        floats(1),
        floats([0.25, 0.5, 0.125, 0.75]),
    ),
)
def bernoulli_mixture_step(got: Any, X: Array, weights: Array, P: Array) -> None:
    """Accept the shares and probabilities after one step of expectation maximisation."""
    n, k = len(X), len(weights)
    responsibilities = np.zeros((n, k))
    for i in range(n):
        for j in range(k):
            responsibilities[i, j] = weights[j] * math.prod(
                p if bit else 1 - p for p, bit in zip(P[j], X[i], strict=True)
            )
        responsibilities[i] /= responsibilities[i].sum()
    counts = responsibilities.sum(axis=0)
    new_weights, new_P = as_parts(got, ("weights", "P"))
    require_close(new_weights, counts / n, "weights")
    require_close(new_P, responsibilities.T @ X / counts[:, None], "P")


# By hand: a reason may tell what to look at, never the answer


@by_hand
def screening_posterior(value: Any) -> None:
    """Find the posterior of illness after an alarm: prevalence 0.5 %, sensitivity 99 %, specificity 98 %."""
    got = as_numbers(value, "a probability", ())
    true_alarms, false_alarms = 0.005 * 0.99, 0.995 * 0.02
    if not 0 <= got <= 1:
        raise NotYet(f"wanted a probability, from 0 to 1, got {show(value)}")
    if abs(got - 0.99) <= HAND:
        raise NotYet(f"got {show(value)}, the probability of an alarm if ill; asked is the other way round")
    if abs(got - true_alarms / (true_alarms + false_alarms)) > HAND:
        raise NotYet(f"wanted the share of true alarms among all alarms, got {show(value)}")


@by_hand
def largest_of_four(value: Any) -> None:
    """Find the expectation of the largest of four uniform numbers."""
    got = as_numbers(value, "one number", ())
    if abs(got - 4 / 5) > HAND:
        raise NotYet(f"wanted the average of the largest of four, above 1/2 and below 1, got {show(value)}")


@by_hand
def flips_needed(value: Any) -> None:
    """Find the sample sizes that Chebyshev and Hoeffding ask for: within 0.01 with probability 95 %."""
    sizes = as_numbers(value, "two sample sizes, Chebyshev's first", (2,))
    wanted = (50_000, math.log(2 / 0.05) / (2 * 0.01**2))
    for name, got, size in zip(("Chebyshev", "Hoeffding"), sizes, wanted, strict=True):
        if abs(got - size) > 0.01 and abs(got - math.ceil(size)) > 0.01:
            side = "still above" if got < size else "below"
            raise NotYet(
                f"wanted the smallest n that {name}'s bound allows, got {show(float(got))}: "
                f"the bound is {side} 0.05 there"
            )
