"""Answers to the exercises of the chapter on measure and functional analysis."""

import itertools
import math
from fractions import Fraction

import numpy as np
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.spatial.distance import cdist

from mmlhelpers import kernels


def there(values, measures):
    return np.sum(values[values != 0] * measures[values != 0])


def by_layers(values, measures):
    """Add up layers: above zero the measure of {f > t}, below zero that of {f < t}."""
    total = 0.0
    for sign in (1, -1):
        levels = np.unique(np.append(sign * values[sign * values > 0], 0))
        for low, high in itertools.pairwise(levels):
            total += sign * (high - low) * measures[sign * values >= high].sum()
    return total


def a_thousand_times(f, q, start, tolerance):
    for _ in range(1000):
        start = f(start)
    return start


def iterate_until(enough, old=False):
    """Iterate until a function of the step, q and the tolerance says so."""

    def iterate(f, q, start, tolerance):
        x, new = start, f(start)
        while not enough(abs(new - x), q, tolerance):
            x, new = new, f(new)
        return x if old else new

    return iterate


def certainly(step, q, tolerance):
    return q / (1 - q) * step <= tolerance


def planned(f, q, start, tolerance):
    """Count the steps beforehand, from the first one."""
    first = abs(f(start) - start)
    n_steps = 1
    while q**n_steps / (1 - q) * first > tolerance:
        n_steps += 1
    for _ in range(n_steps):
        start = f(start)
    return start


def planned_by_logarithms(f, q, start, tolerance):
    first = abs(f(start) - start)
    for _ in range(math.ceil(math.log(tolerance * (1 - q) / first) / math.log(q)) if first else 0):
        start = f(start)
    return start


def endless(f, q, start, tolerance):
    while True:
        new = f(start)
        if abs(new - start) * q / (1 - q) < -tolerance:
            return new
        start = new


def by_bins(y, classes, least=1):
    return (np.bincount(classes, weights=y) / np.maximum(np.bincount(classes), least))[classes]


def by_projection(y, classes):
    same = (classes[:, None] == classes).astype(float)
    return same @ y / same.sum(axis=1)


def by_unique(y, classes):
    _, places, counts = np.unique(classes, return_inverse=True, return_counts=True)
    sums = np.zeros(len(counts))
    np.add.at(sums, places, y)
    return (sums / counts)[places]


def in_place(y, classes):
    for own in set(classes.tolist()):
        y[classes == own] = y[classes == own].mean()
    return y


def by_runs(y, classes):
    """Average over neighbours of one class only."""
    run = np.cumsum(np.append(0, np.diff(classes) != 0))
    return by_bins(y, run)


def left_out(y, classes):
    same = (classes[:, None] == classes) & ~np.eye(len(y), dtype=bool)
    return np.where(same.any(axis=1), same @ y / np.maximum(same.sum(axis=1), 1), y)


def kernel(X, Z):
    return np.exp(-np.linalg.norm(X[:, None] - Z, axis=-1))


def kernel_of(distance):
    return lambda X, Z: np.exp(-cdist(X, Z, distance))


def kernel_in_place(X, Z):
    K = np.empty((len(X), len(Z)))
    for j, z in enumerate(Z):
        K[:, j] = np.exp(-np.sqrt(((X - z) ** 2).sum(axis=1)))
    return K


ANSWERS = {
    "fat_cantor": Answers(
        mutants=[
            ("wanted one minus the sum of all lengths removed, got 0", 0),
            ("wanted one minus the sum of all lengths removed, got 0.75", 3 / 4),
            ("wanted one minus the sum of all lengths removed, got 2/3", Fraction(2, 3)),
            ("wanted one minus the sum of all lengths removed, got 0.625", 1 - 1 / 4 - 2 / 16),
            ("wanted one minus the sum of all lengths removed, got 1", 1.0),
            ("wanted one number from 0 to 1, got 1.5", 1.5),
            ("wanted one number from 0 to 1, got [0.5, 0.5]", [0.5, 0.5]),
        ],
        disguises=[
            1 / 2,
            Fraction(1, 2),
            [0.5],
            np.float16(0.5),
            1 - sum(2 ** (n - 1) / 4**n for n in range(1, 40)),
        ],
    ),
    "limits_exchange": Answers(
        mutants=[
            ("wanted five right answers, got 2: compute the integrals", [False] * 5),
            ("wanted five right answers, got 3", [True] * 5),
            ("wanted five right answers, got 4", [True, False, True, False, False]),  # unbounded, but a roof
            ("wanted five right answers, got 4", [True, True, True, False, True]),
            ("wanted five right answers, got 4", [True, False, True, True, True]),
            ("wanted five right answers, got 0", [False, True, False, True, False]),
            ("wanted a list of five truths, True where they exchange, got [1, 3, 5]", [1, 3, 5]),
            ("wanted a list of five truths", ["yes", "no", "yes", "no", "yes"]),
        ],
        disguises=[
            [True, False, True, False, True],
            np.array([True, False, True, False, True]),
            [np.bool_(x) for x in (1, 0, 1, 0, 1)],
            (1, 0, 1, 0, 1),
            np.float32([1, 0, 1, 0, 1]),
            [abs(i) < 0.01 for i in np.array([1e-3, 1, 0, 1, 1e-4])],
        ],
    ),
    "integral": Answers(
        mutants=[
            ("wanted 1.75, got 2", lambda v, m: v.mean()),
            ("each value counts with its measure", lambda v, m: np.sum(v)),
            ("wanted 6, got nan; this breaks: zero times infinity is zero", lambda v, m: np.sum(v * m)),
            ("zero times infinity is zero", lambda v, m: np.inf if np.isinf(m).any() else v @ m),
            ("wanted 0, got 4", lambda v, m: there(np.abs(v), m)),
            ("zero times infinity is zero", lambda v, m: there(np.maximum(v, 0), m)),
            (
                "measures need not sum to one",
                lambda v, m: there(v, m / m.sum()) if np.isfinite(m).all() else there(v, m),
            ),
            ("zero times infinity is zero", lambda v, m: there(v, m) if v.any() else np.nan),
            (
                "a set of finite measure may have the value zero",
                lambda v, m: there(v, m) + m[(v == 0) & np.isfinite(m)].sum(),
            ),
            ("a set may have measure zero", lambda v, m: there(v, np.where(m == 0, 1, m))),
            ("a small value is not zero", lambda v, m: there(np.where(np.isclose(v, 0), 0, v), m)),
            ("values may have any size", lambda v, m: there(np.clip(v, -1e6, 1e6), m)),
        ],
        disguises=[
            there,
            by_layers,
            lambda v, m: np.nansum(v * m),
            lambda v, m: np.sum(v * m, where=v != 0),
            lambda v, m: math.fsum(a * b if a else 0 for a, b in zip(v, m, strict=True)),
            lambda v, m: np.where(np.isinf(m), 0, m) @ v,
            lambda v, m: [there(v, m)],
            single(there),
            fractions(there),
        ],
    ),
    "iterate": Answers(
        mutants=[
            (
                "the steps may be short although the way is long",
                iterate_until(lambda step, q, tolerance: step <= tolerance),
            ),
            ("the error of the new point", iterate_until(lambda step, q, tolerance: q * step <= tolerance)),
            ("the steps may be short although the way is long", a_thousand_times),
            ("wanted an error of at most 1e-06, got ", iterate_until(certainly, old=True)),
            ("wanted an error of at most 1e-06, got 2", lambda f, q, start, tolerance: start),
            ("wanted an error of at most 1e-06, got 1", lambda f, q, start, tolerance: f(start)),
            (
                "wanted an error of at most 1e-06, got ",
                iterate_until(lambda step, q, tolerance: (1 - q) / q * step <= 8 * tolerance),
            ),
            (
                "the steps may be short although the way is long",
                iterate_until(lambda step, q, tolerance: 10 * step <= tolerance),
            ),
            (
                "steps may go to and fro",
                lambda f, q, start, tolerance: (
                    iterate_until(certainly)(f, q, start, tolerance) if start < 5 else start
                ),
            ),
            (
                "numbers may have any size",
                lambda f, q, start, tolerance: planned(f, q, start, tolerance * max(1, abs(start) / 10)),
            ),
            (
                "the start may be the limit",
                lambda f, q, start, tolerance: (
                    start + 1 if f(start) == start else iterate_until(certainly)(f, q, start, tolerance)
                ),
            ),
            ("q may be zero", planned_by_logarithms),
            ("wanted at most 100000 calls of halfway, got one more", endless),
            ("wanted one number, got", lambda f, q, start, tolerance: (start, f(start))),
        ],
        disguises=[
            iterate_until(certainly),
            iterate_until(lambda step, q, tolerance: step <= (1 - q) * tolerance),
            planned,
            lambda f, q, start, tolerance: [iterate_until(certainly)(f, q, start, tolerance)],
            lambda f, q, start, tolerance: np.float32(iterate_until(certainly)(f, q, start, tolerance)),
            lambda f, q, start, tolerance: Fraction(planned(f, q, start, tolerance)),
            lambda f, q, start, tolerance: float(
                kernels.fixed_point(lambda x: np.asarray(f(float(x))), start, tolerance * (1 - q), 10_000).x
            ),
        ],
    ),
    "conditional_mean": Answers(
        mutants=[
            ("wanted [2, 2, 10], got [4.6667, 4.6667, 4.6667]", lambda y, c: np.full(len(y), y.mean())),
            ("of shape (2,), not (3,)", lambda y, c: [y[c == k].mean() for k in np.unique(c)]),
            ("each sample gets the mean", lambda y, c: np.bincount(c, weights=y)[c]),
            ("each sample gets the mean", lambda y, c: by_bins(y, c) / len(y)),
            ("each sample gets the mean", left_out),
            ("wanted [2, 2, 10], got [1, 1, 10]", lambda y, c: [y[c == own][0] for own in c]),
            ("a class need not stand together", by_runs),
            ("a class need not stand together", lambda y, c: np.sort(by_bins(y, c))),
            (
                "a class need not stand together",
                lambda y, c: np.array([y[c == k].mean() for k in np.unique(c)])[c],
            ),
            (
                "a class may have one sample",
                lambda y, c: by_bins(y, c, least=2) if len(y) == 1 else by_bins(y, c),
            ),
            ("classes have different sizes", lambda y, c: np.array([np.median(y[c == own]) for own in c])),
            (
                "classes have different sizes",
                lambda y, c: np.array([(y[c == own].min() + y[c == own].max()) / 2 for own in c]),
            ),
            (
                "all samples may be in one class",
                lambda y, c: by_bins(y, c) if len(set(c)) > 1 or len(y) == 1 else y,
            ),
            ("y may have any size", lambda y, c: np.round(by_bins(y, c), 8)),
        ],
        disguises=[
            by_bins,
            by_projection,
            by_unique,
            in_place,
            single(by_bins),
            fractions(by_bins),
            listed(by_bins),
            spoiling(by_bins),
        ],
    ),
    "laplace_kernel": Answers(
        mutants=[
            ("wanted [[1, 0.3679, 0.0498]], got [[1, 0, -2]]", lambda X, Z: 1 - cdist(X, Z)),
            ("the kernel is exp(-distance)", lambda X, Z: np.exp(-(cdist(X, Z) ** 2))),
            ("the kernel is exp(-distance)", lambda X, Z: np.exp(-cdist(X, Z) / 2)),
            ("the kernel is exp(-distance)", lambda X, Z: np.exp(cdist(X, Z))),
            ("of shape (3, 1), not (1, 3)", lambda X, Z: kernel(Z, X)),
            ("of shape (1, 1), not (1, 3)", lambda X, Z: kernel(X, X)),
            ("the distance is the length of the difference", kernel_of("cityblock")),
            ("the distance is the length of the difference", kernel_of("chebyshev")),
            (
                "row i belongs to X[i], column j to Z[j]",
                lambda X, Z: kernel(Z, X) if len(X) == len(Z) else kernel(X, Z),
            ),
            (
                "row i belongs to X[i]",
                lambda X, Z: kernel(X, Z) if len(X) != len(Z) else np.exp(-np.linalg.norm(X - Z, axis=1)),
            ),
            (
                "row i belongs to X[i]",
                lambda X, Z: (
                    kernel(X, Z)
                    if min(len(X), len(Z)) == 1
                    else np.exp(-np.linalg.norm(X[:, None] - Z, axis=1))
                ),
            ),
            ("a small distance is a distance", lambda X, Z: np.where(cdist(X, Z) < 1e-4, 1, kernel(X, Z))),
            ("no entry is negative", lambda X, Z: kernel(X, Z) - (cdist(X, Z) > 9)),
        ],
        disguises=[
            kernel,
            kernel_of("euclidean"),
            kernel_in_place,
            lambda X, Z: [[math.e ** -math.hypot(*(x - z)) for z in Z] for x in X],
            lambda X, Z: kernel(Z, X).T,
            single(kernel),
            tupled(kernel),
            fractions(kernel),
            spoiling(kernel),
        ],
    ),
}
