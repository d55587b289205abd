"""Iterations, sums, noise, the Poisson problem, principal components, random sketches, blocks of rows."""

import numpy as np
from hypothesis import strategies as st

from mmlhelpers import linalg
from promises import BOTH, ROWS, SAME, Rng, definite, method, numbers, positive, promise, symmetric

GRID = "the values have places on a grid"


def spread(n):
    """Draw symmetric matrices whose eigenvalues are far apart."""
    return numbers(n, n, low=-0.25, high=0.25).map(lambda A: A + A.T + np.diag(2.0 ** np.arange(n)[::-1]))


promise(linalg.hessenberg, {"A": numbers(4, 4)}, units={"A": {"H": 1}}, order="the first row stays first")
promise(
    linalg.qr_algorithm,
    {"A": symmetric(4)},
    units={"A": {"values": 1}},
    order={"A": {"n_steps": None}},
    square=("A",),
    loose=("n_steps",),
)
promise(
    linalg.rayleigh_iteration,
    {"A": spread(4), "start": np.array([1.0, 0.25, 0.125, 0.5])},
    units={"A": {"value": 1}, "start": 0},
    order={"A start": {"vector": ROWS, "history": None}},
    square=("A",),
)
promise(
    linalg.power_iteration,
    {"A": spread(4), "start": np.array([1.0, 0.25, 0.125, 0.5])},
    units={"A": {"value": 1}, "start": 0},
    order={"A start": {"vector": ROWS, "history": None}},
    square=("A",),
)
promise(
    linalg.conjugate_gradients,
    {"operator": definite(4), "b": numbers(4)},
    units={"operator": {"x": -1}, "b": {"x": 1, "residual_norms": 1}, "operator b": {"residual_norms": 1}},
    order={"operator b": {"x": ROWS}},
    square=("operator",),
    loose=("residual_norms",),
    rtol=1e-6,
)
promise(
    linalg.conjugate_gradients,
    {
        "operator": definite(4),
        "b": numbers(4),
        "preconditioner": np.diag([1.0, 0.5, 2.0, 1.5]),
        "start": numbers(4),
        "tolerance": 1e-8,
        "absolute_tolerance": 1e-9,
    },
    units={
        "operator start^-1": {"x": -1},
        "operator b absolute_tolerance": {"residual_norms": 1},
        "preconditioner": 0,
    },
    order={"operator b preconditioner start": {"x": ROWS}},
    square=("operator", "preconditioner"),
    loose=("residual_norms",),
    rtol=1e-6,
    case="preconditioned",
)
promise(
    linalg.arnoldi,
    {"operator": spread(4), "start": np.array([1.0, 0.5, 0.25, 0.5]), "n_steps": 3},
    units={"operator": {"H": 1}, "start": 0},
    order={"operator start": {"Q": ROWS}},
    square=("operator",),
)
promise(
    linalg.lanczos,
    {"operator": spread(4), "start": np.array([1.0, 0.5, 0.25, 0.5]), "n_steps": 3},
    units={"operator": {"values": 1, "residuals": 1}, "start": 0},
    order={"operator start": {"vectors": ROWS}},
    square=("operator",),
)
promise(
    linalg.gmres,
    {"operator": spread(4), "b": numbers(4)},
    units={"operator": {"x": -1}, "b": {"x": 1, "residual_norms": 1}, "operator b": {"residual_norms": 1}},
    order={"operator b": {"x": ROWS}},
    square=("operator",),
    loose=("residual_norms",),
    rtol=1e-6,
)
promise(
    linalg.float_parts,
    {"value": 0.15625},
    units="powers and bits are what it shows",
    order="one number has no rows",
    without={"units": "it shows the exponent itself", "layout": "takes one number"},
)
promise(
    linalg.compensated_sum,
    {"x": numbers(5)},
    units={"x": 1},
    order={"x": SAME},
    refuses={"x": "bool uint8 int64"},
)
promise(
    linalg.marchenko_pastur_edges,
    {"ratio": 0.25, "variance": 2.0},
    units={"variance": 1},
    order="two numbers have no rows",
    without={"layout": "takes two numbers"},
)
promise(
    linalg.marchenko_pastur_density,
    {"x": positive(5), "ratio": 0.25, "variance": 2.0},
    units={"x variance": -1},
    order={"x": ROWS},
)
promise(
    linalg.spike_limit,
    {"strength": 3.0, "ratio": 0.25},
    units="the noise has variance one",
    order="two numbers have no rows",
    without={"layout": "takes two numbers"},
)
promise(linalg.poisson_multiply, {"v": numbers(9)}, units={"v": 1}, order=GRID)
promise(linalg.poisson_by_sines, {"b": numbers(9)}, units={"b": 1}, order=GRID)
promise(linalg.multigrid_cycle, {"r": numbers(9)}, units={"r": 1}, order=GRID)

SAMPLES = numbers(8, 3, low=-0.5, high=0.5).map(
    lambda X: X + np.array([[4, 2, 1], [4, -2, -1], [-4, 2, -1], [-4, -2, 1]] * 2)
)
FIT = {"mean": 1, "variances": 2, "total": 2}
for way in ("svd", "gram"):
    promise(
        linalg.principal_components,
        {"X": SAMPLES, "k": 2, "method": way},
        units={"X": FIT},
        order={"X": SAME},
        shift={"X": {"mean": 1}},
        rtol=1e-5,
        case=way,
    )
FITTED = linalg.principal_components([[0, 0, 1], [4, 0, 0], [0, 2, 0], [4, 2, 1]], 2)
for name, degree in (("scores", 1), ("whiten", 0)):
    promise(
        method(linalg.PrincipalComponents, name),
        {"X": SAMPLES},
        call=lambda X, name=name: getattr(linalg.principal_components(X, 2), name)(X),
        units={"X": degree},
        order={"X": ROWS},
        shift={"X": 0},
        rtol=1e-5,
        names=("k",),
    )
promise(
    method(linalg.PrincipalComponents, "rebuild"),
    {"scores": numbers(4, 2)},
    call=FITTED.rebuild,
    units="the mean of the samples is added",
    order={"scores": ROWS},
)
promise(linalg.center_kernel, {"K": definite(4)}, units={"K": 1}, order={"K": BOTH}, square=("K",))
promise(
    linalg.kernel_components,
    {"K": definite(4), "k": 2},
    units={"K": {"scores": 0.5, "variances": 1, "total": 1}},
    order={"K": {"scores": ROWS}},
    square=("K",),
)
promise(
    linalg.randomized_svd,
    {"A": numbers(6, 5), "k": 2, "rng": Rng(0)},
    units={"A": {"sigma": 1, "error_bound": 1}},
    order={"A": {"U": ROWS}},
    loose=("error_bound",),
)
promise(
    linalg.estimate_trace,
    {"operator": numbers(4, 4), "n": 4, "rng": Rng(0), "n_probes": 5},
    units={"operator": 1},
    order="the probes are not permuted with it",
)
BLOCKS = st.tuples(numbers(6, 4), numbers(5, 4)).map(list)
promise(
    linalg.block_covariance,
    {"blocks": BLOCKS},
    units={"blocks": 2},
    order={"blocks": SAME},
    shift={"blocks": 0},
)
promise(linalg.tsqr, {"blocks": BLOCKS}, units={"blocks": 1}, order={"blocks": SAME})
promise(linalg.block_least_squares, {"blocks": BLOCKS}, units={"blocks": 0}, order={"blocks": SAME})
promise(
    linalg.block_svd,
    {"blocks": BLOCKS, "k": 2, "rng": Rng(0)},
    units={"blocks": {"sigma": 1}},
    order={"blocks": SAME},
)
