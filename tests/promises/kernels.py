"""Integrals by levels, fixed points, kernels, Gaussian processes."""

import numpy as np
import truths

from mmlhelpers import kernels
from promises import ROWS, SAME, definite, numbers, positive, probabilities, promise

promise(
    kernels.layer_integral,
    {"values": positive(5), "measure": positive(5), "n_levels": 4},
    units={"values": 1, "measure": 1},
    order={"values measure": SAME},
)
promise(
    kernels.fixed_point,
    {"f": lambda x: x / 2, "start": numbers(3)},
    units="the tolerance is absolute",
    order={"start": {"x": ROWS}},
)
promise(
    kernels.value_iteration,
    {"moves": probabilities(2, 3, 3), "rewards": numbers(3, 2), "discount": 0.5, "tolerance": 1e-10},
    units={"rewards tolerance": {"0": 1}},
    order="states stand on both axes of the moves",
    rtol=1e-8,
)
promise(
    kernels.gaussian_kernel,
    {"X": numbers(4, 2), "Y": numbers(3, 2), "width": 1.5},
    oracle=truths.gaussian_kernel,
    units={"X Y width": 0},
    order={"X": ROWS},
    shift={"X Y": 0},
)
promise(
    kernels.polynomial_kernel,
    {"X": numbers(4, 2), "Y": numbers(3, 2), "degree": 2, "offset": 0.0},
    units={"X": 2, "Y": 2},
    order={"X": ROWS},
)
promise(
    kernels.kernel_ridge,
    {"K": definite(4), "y": numbers(4), "weight": 0.5},
    units={"y": 1, "K weight": -1},
    order={"K y": ROWS},
    square=("K",),
)


def log_density_moves(n):
    return lambda value, exponent: value - n * exponent * np.log(2)


promise(
    kernels.gaussian_process,
    {
        "K": definite(4),
        "K_new": numbers(3, 4, low=-0.25, high=0.25),
        "k_new": positive(3).map(lambda k: k + 1),
        "y": numbers(4),
        "noise": 0.5,
    },
    units={
        "K^2 K_new^2 k_new^2 noise^2 y": {
            "mean": 1,
            "deviation": 1,
            "log_likelihood": log_density_moves(4),
        },
        "y": {"mean": 1, "log_likelihood": None},
    },
    order={"K_new k_new": {"mean": ROWS, "deviation": ROWS}},
)
