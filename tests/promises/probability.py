"""Distributions, moments, estimation, inference, regression and the judging of classifiers."""

import numpy as np
import truths

from mmlhelpers import probability as pr
from promises import (
    ROWS,
    SAME,
    Rng,
    exempt,
    numbers,
    positive,
    probabilities,
    promise,
    whole,
)

EACH = "values are asked one by one"
COUNTS = "counts have no unit"
SHARES = "probabilities have no unit"
DRAWN = "the seed draws other samples when the rows are permuted"
LOG2 = np.log(2)

promise(
    pr.moments,
    {"X": numbers(5, 2)},
    oracle=truths.moments,
    units={"X": {"mean": 1, "squares": 2}},
    order={"X": SAME},
    shift={"X": {"mean": 1}},
)
promise(
    pr.merge_moments,
    {"X": numbers(5, 2)},
    call=lambda X: pr.merge_moments(pr.moments(X[:2]), pr.moments(X[2:])),
    units={"X": {"mean": 1, "squares": 2}},
    order={"X": SAME},
    shift={"X": {"mean": 1}},
    names=("first",),
)
promise(
    pr.bayes,
    {"prior": probabilities(3), "likelihood": positive(3)},
    units={"likelihood": 0},
    order={"prior likelihood": ROWS},
    oracle=truths.bayes,
)

promise(
    pr.mean_interval,
    {"x": numbers(6)},
    units={"x": 1},
    order={"x": SAME},
    shift={"x": 1},
)
promise(
    pr.wilson_interval,
    {"successes": whole(3, high=9), "n": 10},
    units=COUNTS,
    order={"successes": ROWS},
)
promise(
    pr.welch_test,
    {"x": numbers(6), "y": numbers(4)},
    units={"x y": 0},
    order={"x": SAME, "y": SAME},
    shift={"x y": 0},
)
promise(
    pr.permutation_test,
    {"x": numbers(5), "y": numbers(4), "rng": Rng(0), "n_resamples": 19},
    units={"x y": {"difference": 1, "relabelled": 1}},
    order=DRAWN,
    shift={"x y": 0},
)
promise(
    pr.bootstrap,
    {"data": numbers(6), "rng": Rng(0), "n_resamples": 20},
    call=lambda data, rng, n_resamples: pr.bootstrap(data, lambda x: np.mean(x, axis=1), rng, n_resamples),
    units={"data": 1},
    order=DRAWN,
    shift={"data": 1},
    names=("statistic",),
)
promise(
    pr.holm,
    {"p_values": [0.25, 0.0625, 0.5, 0.125]},
    units=SHARES,
    order={"p_values": ROWS},
    oracle=truths.holm,
)

TABLE = {"X": numbers(8, 2), "y": numbers(8)}
promise(
    pr.fit_linear,
    TABLE,
    units={
        "X": {"coefficients": -1, "covariance": -2},
        "y": {"coefficients": 1, "covariance": 2, "residuals": 1, "noise": 1},
    },
    order={"X y": {"residuals": ROWS, "leverage": ROWS}},
)
OVERLAP = {"X": numbers(8, 1).map(lambda X: np.abs(X) + 0.5), "y": [0, 1, 0, 1, 1, 0, 1, 0]}
promise(
    pr.logistic_loss,
    {"w": numbers(2), "X": numbers(5, 2), "y": [0, 1, 0, 1, 1]},
    units={"w X^-1": 0},
    order={"X y": SAME},
)
promise(
    pr.fit_logistic,
    OVERLAP,
    units={"X": {"w": -1, "covariance": -2}},
    order={"X y": SAME},
    loose=("history",),
    rtol=1e-6,
)
promise(
    pr.fit_mixture,
    {"X": [[-1.25], [-1.0], [1.0], [1.5], [-0.75]], "means": [[-1.0], [1.0]], "floor": 0.0625},
    units={
        "X means floor^2": {
            "means": 1,
            "covariances": 2,
            "history": lambda value, exponent: value - exponent * LOG2,
        }
    },
    order={"X": {"responsibilities": ROWS}},
    rtol=1e-6,
)
promise(
    pr.calibration_curve,
    {"p": [0.25, 0.5, 0.75, 0.375, 0.0625], "y": [0, 1, 1, 0, 1]},
    units=SHARES,
    order={"p y": SAME},
)
exempt(
    pr.maximum_likelihood, "a family of distributions, whose parameter has a unit of its own, is maximised"
)
exempt(pr.expectation, "a distribution and a function in, the average of its values out")
exempt(pr.fisher_information, "a family of distributions and one number in, one number out")

promise(
    pr.mcnemar,
    {"first_right": [True, True, False, True], "second_right": [False, True, True, False]},
    units="truths have no unit",
    without={"dtype": "only truths are taken", "content": "truths are never odd"},
    order={"first_right second_right": SAME},
    refuses={"first_right": "uint8 int64 float32 float16", "second_right": "uint8 int64 float32 float16"},
)
promise(
    pr.confusion_matrix,
    {"y": whole(6, high=2), "predicted": whole(6, high=2), "n_classes": 3},
    units="classes are names",
    order={"y predicted": SAME},
)
promise(
    pr.roc_curve,
    {"y": [0, 1, 1, 0, 1], "scores": numbers(5)},
    units={"scores": {"thresholds": 1}},
    order={"y scores": SAME},
)
