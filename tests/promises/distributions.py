"""Distributions: densities, cumulative functions, quantiles, samples; and what results can be asked."""

import numpy as np
import truths

from mmlhelpers import probability as pr
from mmlhelpers.probability.inference import Bootstrap
from mmlhelpers.probability.moments import Moments
from mmlhelpers.probability.regression import Regression
from promises import ROWS, SAME, Rng, definite, method, numbers, positive, probabilities, promise, whole

COUNTS = "counts have no unit"
DRAWN = "the seed draws other samples when the rows are permuted"
LOG2 = np.log(2)

REAL = {
    pr.Normal: ({"mu": 0.5, "sigma": 1.5}, "mu sigma x"),
    pr.Uniform: ({"low": -4.5, "high": 4.5}, "low high x"),
    pr.Gamma: ({"shape": 2.5, "rate": 0.5}, "rate^-1 x"),
    pr.Cauchy: ({"location": 0.5, "scale": 1.5}, "location scale x"),
    pr.StudentT: ({"df": 4.5}, None),
    pr.Beta: ({"a": 2.5, "b": 1.5}, None),
}
COUNTING = {
    pr.Bernoulli: {"p": 0.25},
    pr.Binomial: {"n": 5, "p": 0.25},
    pr.Poisson: {"rate": 2.5},
}


def without_x(key):
    return key.replace(" x", "")


for family, (own, unit) in REAL.items():
    x = (
        positive(4)
        if family is pr.Gamma
        else positive(4).map(lambda x: x / 8)
        if family is pr.Beta
        else numbers(4)
    )
    none = "shapes have no unit"
    promise(
        method(family, "cdf"),
        own | {"x": x},
        units={unit: 0} if unit else none,
        order={"x": ROWS},
        oracle=truths.CUMULATIVE.get(family.__name__),
    )
    promise(
        method(family, "density"),
        own | {"x": x},
        units={unit: -1} if unit else none,
        order={"x": ROWS},
    )
    promise(
        method(family, "log_density"),
        own | {"x": x},
        units={unit: lambda value, exponent: value - exponent * LOG2} if unit else none,
        order={"x": ROWS},
    )
    promise(
        method(family, "quantile"),
        own | {"q": [0.125, 0.5, 0.0625, 0.875]},
        units={without_x(unit): 1} if unit else none,
        order={"q": ROWS},
        examples=1,  # Newton's method for parameters of any size takes its time
    )
    promise(
        method(family, "sample"),
        own | {"rng": Rng(0), "size": 3},
        units={without_x(unit): 1} if unit else none,
        order="takes no arrays",
        without={"layout": "takes numbers, and no arrays"},
    )
for family, own in COUNTING.items():
    for name in ("cdf", "density", "log_density"):
        promise(
            method(family, name),
            own | {"x": whole(4, high=4)},
            units=COUNTS,
            order={"x": ROWS},
            oracle=truths.CUMULATIVE.get(family.__name__) if name == "cdf" else None,
        )
    promise(
        method(family, "quantile"),
        own | {"q": [0.125, 0.5, 0.0625, 0.875]},
        units=COUNTS,
        order={"q": ROWS},
    )
    promise(
        method(family, "sample"),
        own | {"rng": Rng(0), "size": 3},
        units=COUNTS,
        order="takes no arrays",
        without={"layout": "takes numbers, and no arrays"},
    )
CLASSES = {"n": 5, "p": probabilities(3)}
for name in ("log_density", "density", "cdf"):
    promise(
        method(pr.Multinomial, name),
        CLASSES | {"x": [2, 1, 2]},
        units=COUNTS,
        order={"p x": SAME},
    )
promise(method(pr.Multinomial, "sample"), CLASSES | {"rng": Rng(0)}, units=COUNTS, order=DRAWN)
PLANE = {"mean": numbers(2), "covariance": definite(2)}
promise(
    method(pr.MultivariateNormal, "log_density"),
    PLANE | {"x": numbers(3, 2)},
    units={"mean covariance^2 x": lambda value, exponent: value - 2 * exponent * LOG2},
    order={"x": ROWS},
)
promise(
    method(pr.MultivariateNormal, "sample"),
    PLANE | {"rng": Rng(0), "size": 3},
    units={"mean covariance^2": 1},
    order=DRAWN,
)

# What results can be asked


def bootstrapped(data, level, name):
    return getattr(pr.bootstrap(data, lambda sets: sets.mean(axis=-1), np.random.default_rng(0), 200), name)(
        level
    )


for name in ("percentile", "bca"):
    promise(
        method(Bootstrap, name),
        {"data": numbers(8), "level": 0.75},
        call=lambda data, level, name=name: bootstrapped(data, level, name),
        units={"data": 1},
        order=DRAWN,
        shift={"data": 1},
        names=("statistic",),
    )
promise(
    method(Moments, "variance"),
    {"X": numbers(5, 2), "ddof": 1},
    call=lambda X, ddof: pr.moments(X).variance(ddof),
    units={"X": 2},
    order={"X": SAME},
    shift={"X": 0},
)
promise(
    method(Regression, "predict"),
    {"X": numbers(8, 2), "y": numbers(8), "X_new": numbers(3, 2), "level": 0.75},
    call=lambda X, y, X_new, level: pr.fit_linear(X, y).predict(X_new, level),
    units={"y": 1, "X X_new": 0},
    order={"X_new": ROWS, "X y": SAME},
    names=("X",),
)
