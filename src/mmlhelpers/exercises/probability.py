"""The exercises of the chapter on probability and statistics: slow truths, judges and their inputs.

Samples are vectors (n,); labels are 0 and 1.
"""

import itertools
import math
from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import CLOSE, HAND, NotYet, as_numbers, floats, require_close
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

# Functions


@specification((365,), (1,), (2,), (1000,), (10**6,), (2**32,))
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
    P = as_numbers(got, "a table of shape (3, 3)", (3, 3))
    if not ((P >= 0).all() and abs(P.sum() - 1) <= CLOSE):
        raise NotYet(f"wanted probabilities that sum to one, got {show(P)} with sum {show(P.sum())}")
    x, y = P.sum(axis=1), P.sum(axis=0)
    covariance = VALUES @ P @ VALUES - (VALUES @ x) * (VALUES @ y)
    if abs(covariance) > CLOSE:
        raise NotYet(f"wanted covariance zero, got {show(P)} with covariance {show(covariance)}")
    if np.allclose(P, np.outer(x, y), atol=CLOSE):
        raise NotYet(f"wanted dependent variables, got {show(P)}, the product of its row and column sums")


@specification((floats(2),), (floats(1, 3, 2),), (floats(0.2, 0.9, 0.4, 0.5, 0.1),))
def uniform_upper(x: Array) -> float:
    """Stretch the largest observation so that its expectation is the end of the interval."""
    return float(x.max() + x.max() / len(x))


@specification(
    (floats(1, 2, 3), floats(4, 5, 6)),
    (floats(0, 4), floats(1, 3, 2)),
    (floats(1, 5, 9, 2), floats(8, 7)),
    (floats(1, 1), floats(1, 1)),
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
    (floats(0.1, 0.4, 0.35, 0.8), floats(0, 0, 1, 1)),
    (floats(3, 1, 2), floats(1, 0, 1)),
    (floats(1, 1, 1, 1), floats(0, 1, 0, 1)),
    (floats(2, 1, 2, 3, 2), floats(1, 0, 0, 1, 1)),
)
def auc(scores: Array, labels: Array) -> float:
    """Compare every positive with every negative; a tie is half a win."""
    wins = [float(p > q) + 0.5 * float(p == q) for p in scores[labels == 1] for q in scores[labels == 0]]
    return sum(wins) / len(wins)


@specification(
    (floats(0.01, 0.02, 0.03),),
    (floats(0.04, 0.001, 0.03, 0.2),),
    (floats(0.9, 0.95),),
    (floats(0.05, 0.04, 0.001, 0.8, 0.01),),
)
def benjamini_hochberg(p: Array) -> Array:
    """For each p-value, take the smallest m q / rank over all q at least as large."""
    m = len(p)
    return np.array([min(m * q / np.sum(p <= q) for q in p if q >= p_i) for p_i in p])


@requirement(
    (floats(1, 2, 3, 4, 10), 4000, np.random.default_rng(1)),
    (np.arange(40.0), 4000, np.random.default_rng(2)),
)
def bootstrap_standard_error(got: Any, x: Array, n_resamples: int, rng: np.random.Generator) -> None:
    """Accept what lies within five per cent of the exact bootstrap standard error of the mean."""
    wanted = x.std(ddof=0) / math.sqrt(len(x))
    error = as_numbers(got, f"a standard error near {wanted:.3g}", ())
    if not abs(error - wanted) <= 0.05 * wanted:
        raise NotYet(f"wanted a standard error near {wanted:.3g}, got {show(got)}")


@specification(
    (floats(0, 1), floats(0.5, 0.5), floats(0, 1), floats(1, 1)),
    (
        floats(
            2,
        ),
        floats(0.2, 0.3, 0.5),
        floats(-1, 0, 3),
        floats(1, 2, 0.5),
    ),
    (floats(100, -80), floats(0.9, 0.1), floats(0, 1), floats(1, 2)),
)
def log_mixture_density(x: Array, weights: Array, means: Array, sds: Array) -> Array:
    """Add the components' densities in logarithms, one at a time."""
    total = np.full(len(x), -np.inf)
    for w, m, s in zip(weights, means, sds, strict=True):
        total = np.logaddexp(total, np.log(w) - ((x - m) / s) ** 2 / 2 - np.log(s * np.sqrt(2 * np.pi)))
    return total


BITS = floats([1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 0])


@requirement(
    (BITS, floats(0.5, 0.5), floats([0.8, 0.7, 0.2], [0.3, 0.4, 0.6])),
    (BITS[:, :2], floats(0.2, 0.3, 0.5), floats([0.5, 0.9], [0.6, 0.2], [0.1, 0.4])),
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
    if not isinstance(got, list | tuple) or len(got) != 2:
        raise NotYet(f"wanted a pair (weights, P), got {show(got)}")
    for name, part, wanted in (
        ("weights", got[0], counts / n),
        ("P", got[1], responsibilities.T @ X / counts[:, None]),
    ):
        try:
            require_close(part, wanted)
        except NotYet as reason:
            raise NotYet(f"{name}: {reason}") from None


# By hand: a reason may tell what to look at, never the answer


@by_hand
def screening_posterior(value: Any) -> None:
    """Find the posterior of illness after an alarm: prevalence 0.5 %, sensitivity 99 %, specificity 98 %."""
    got = as_numbers(value, "a probability", ())
    true_alarms, false_alarms = 0.005 * 0.99, 0.995 * 0.02
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
    wanted = (0.25 / (0.05 * 0.01**2), math.log(2 / 0.05) / (2 * 0.01**2))
    for name, got, size in zip(("Chebyshev", "Hoeffding"), sizes, wanted, strict=True):
        if abs(got - size) > 1:
            raise NotYet(f"wanted the smallest n that {name}'s bound allows, got {show(got)}")
