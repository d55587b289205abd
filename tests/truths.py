"""Right answers for the laws: definitions with fifty digits, in fractions, or by SciPy's special functions.

Each takes the arguments of the function that it judges, by name, and returns the answer or some of its parts.
"""

from fractions import Fraction

import numpy as np
import scipy.special
from oracles import MP, exact


def entrywise(f):
    """Apply a function of fifty digits to every number of `x`; NaN and infinities stay with NumPy's rules."""

    def truth(x):
        x = np.asarray(x)
        return np.array([float(f(MP.mpf(float(v)))) for v in x.ravel()]).reshape(x.shape)

    return truth


sigmoid = entrywise(lambda x: 1 / (1 + MP.exp(-x)))
softplus = entrywise(lambda x: MP.log1p(MP.exp(x)) if x < 1e4 else x)
relu = entrywise(lambda x: max(x, 0))


def log_sum_exp(x):
    return np.array([float(_logarithm_of_sum(row)) for row in np.asarray(x)])


def _logarithm_of_sum(row):
    row = exact(row)
    top = max(row)
    return top + MP.log(MP.fsum(MP.exp(v - top) for v in row))


def softmax(x):
    rows = [[MP.exp(v - max(row)) for v in row] for row in map(exact, np.asarray(x))]
    return np.array([[float(v / MP.fsum(row)) for v in row] for row in rows]).reshape(np.shape(x))


def _mean(parts):
    return {"value": float(MP.fsum(parts) / len(parts))}


def mean_squared_error(prediction, target):
    return _mean([(p - t) ** 2 for p, t in zip(exact(prediction), exact(target), strict=True)])


def logistic_loss(score, label):
    signed = [v if y else -v for v, y in zip(exact(score), label, strict=True)]
    return _mean([MP.log1p(MP.exp(-v)) if v > -1e4 else -v for v in signed])


def cross_entropy_of_logits(logits, classes):
    if np.abs(logits).max() > 1e307:  # differences of which are no floats
        return {"value": None}
    rows = zip(np.asarray(logits), classes, strict=True)
    return _mean([_logarithm_of_sum(row) - exact(row)[c] for row, c in rows])


def hinge_loss(score, label):
    return _mean([max(MP.mpf(0), 1 - int(y) * v) for v, y in zip(exact(score), label, strict=True)])


def in_order(values):
    return {"values": np.sort(np.asarray(values, dtype=float))}


def edit_distance(a, b, insert, delete, change):
    """Fill the table in fractions."""
    insert, delete, change = (Fraction(float(cost)) for cost in (insert, delete, change))
    above = [j * insert for j in range(len(b) + 1)]
    for i, letter in enumerate(a, 1):
        row = [i * delete]
        for j, other in enumerate(b):
            swap = above[j] + (0 if letter == other else change)
            row.append(min(above[j + 1] + delete, row[j] + insert, swap))
        above = row
    return {"distance": float(above[-1])}


# Probability and information


def _shares(p):
    p = exact(p)
    return [v / MP.fsum(p) for v in p]


def entropy(p, base):
    return _in_units(-MP.fsum(v * MP.log(v) for v in _shares(p) if v), base)


def cross_entropy(p, q, base):
    pairs = list(zip(_shares(p), _shares(q), strict=True))
    if any(a and not b for a, b in pairs):
        return float("inf")
    return _in_units(-MP.fsum(a * MP.log(b) for a, b in pairs if a), base)


def kl_divergence(p, q, base):
    return cross_entropy(p, q, base) if np.isinf(cross_entropy(p, q, base)) else _divergence(p, q, base)


def _divergence(p, q, base):
    pairs = zip(_shares(p), _shares(q), strict=True)
    return _in_units(MP.fsum(a * MP.log(a / b) for a, b in pairs if a), base)


def mutual_information(joint, base):
    shares = np.array(_shares(joint), dtype=object).reshape(np.shape(joint))
    apart = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    pairs = zip(shares.ravel(), apart.ravel(), strict=True)
    return _in_units(MP.fsum(a * MP.log(a / b) for a, b in pairs if a), base)


def _in_units(nats, base):
    return float(nats / MP.log(MP.mpf(float(base))))


def moments(X):
    """Return exact means and sums of squared deviations of columns."""
    columns = [[Fraction(float(v)) for v in column] for column in np.asarray(X).T]
    means = [sum(column) / len(column) for column in columns]
    squares = [sum((v - m) ** 2 for v in column) for column, m in zip(columns, means, strict=True)]
    return {"mean": np.array([float(m) for m in means]), "squares": np.array([_nearest(s) for s in squares])}


def _nearest(x):
    """Round a fraction to a float, or to infinity."""
    try:
        return float(x)
    except OverflowError:
        return float("inf")


def holm(p_values):
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def bayes(prior, likelihood):
    parts = [p * v for p, v in zip(exact(prior), exact(likelihood), strict=True)]
    return np.array([float(part / MP.fsum(parts)) for part in parts])


CUMULATIVE = {
    "Normal": lambda x, mu, sigma: [
        float(MP.ncdf(max(min((v - m) / s, MP.mpf(100)), MP.mpf(-100)))) for v, m, s in _triples(x, mu, sigma)
    ],
    "Cauchy": lambda x, location, scale: [
        float(MP.atan2(1, -(v - m) / s) / MP.pi) for v, m, s in _triples(x, location, scale)
    ],
    "StudentT": lambda x, df: _if_moderate(df, lambda: scipy.special.stdtr(df, x)),
    "Gamma": lambda x, shape, rate: _if_moderate(shape, lambda: scipy.special.gammainc(shape, rate * x)),
    "Beta": lambda x, a, b: _if_moderate(a * b, lambda: scipy.special.betainc(a, b, np.clip(x, 0, 1))),
    "Poisson": lambda x, rate: _if_moderate(rate, lambda: np.where(x < 0, 0.0, scipy.special.pdtr(x, rate))),
}


def _triples(x, origin, unit):
    return [(v, MP.mpf(float(origin)), MP.mpf(float(unit))) for v in exact(x)]


def _if_moderate(size, answer):
    """Ask SciPy where it is known to be right."""
    with np.errstate(all="ignore"):
        return answer() if 1e-3 < size < 1e3 else None


# Optimisation and pictures


def soft_threshold(v, threshold):
    t = Fraction(float(threshold))
    numbers = [Fraction(float(x)) for x in v]
    return np.array([float(max(x - t, Fraction(0)) + min(x + t, Fraction(0))) for x in numbers])


def project_simplex(v):
    v = [Fraction(float(x)) for x in v]
    sums, total = [], Fraction(0)
    for k, x in enumerate(sorted(v, reverse=True), 1):
        total += x
        sums.append((x, (total - 1) / k))
    lowered = next(level for x, level in reversed(sums) if x > level)
    return np.array([float(max(x - lowered, Fraction(0))) for x in v])


def convolution(image, kernel):
    """Spread every pixel, in fractions."""
    (h, w), (a, b) = np.shape(image), np.shape(kernel)
    full = [[Fraction(0)] * (w + b - 1) for _ in range(h + a - 1)]
    for i, j in np.ndindex(h, w):
        for u, v in np.ndindex(a, b):
            full[i + u][j + v] += Fraction(float(image[i][j])) * Fraction(float(kernel[u][v]))
    return np.array([[_nearest(value) for value in row] for row in full])


def gaussian_kernel(X, Y, width):
    unit = 2 * Fraction(float(width)) ** 2
    rows = [[[Fraction(float(v)) for v in row] for row in part] for part in (X, Y)]
    squares = [[sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for y in rows[1]] for x in rows[0]]
    powers = [[square / unit for square in row] for row in squares]
    return np.array([[float(MP.exp(-MP.mpf(t.numerator) / t.denominator)) for t in row] for row in powers])
