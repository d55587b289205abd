"""Elimination, factors, subspaces, singular values and what follows from them."""

import numpy as np

from mmlhelpers import linalg
from promises import BOTH, ROWS, SAME, definite, numbers, positive, promise, symmetric

SIGNS = "the signs of a basis follow its largest entry, and reflections the first row"
PIVOTS = "the order of the rows decides which are pivots"


def well(n):
    """Draw invertible matrices, each row with one large entry."""
    return numbers(n, n, low=-1.0, high=1.0).map(lambda A: A + 5 * np.roll(np.eye(n), 1, axis=0))


def tall(m, n):
    """Draw matrices with independent columns."""
    return numbers(m, n, low=-1.0, high=1.0).map(lambda A: A + 4 * np.eye(m, n))


def sketch(shape):
    """Draw tables whose leading singular values are far apart."""
    return numbers(*shape, low=-0.5, high=0.5).map(lambda A: A + np.diag([9.0, 5.0, 2.0, 1.0])[: shape[0]])


promise(
    linalg.matmul_loops,
    {"A": numbers(3, 4), "B": numbers(4, 2)},
    units={"A": 1, "B": 1, "A B": 2, "A B^-1": 0},
    order={"A": ROWS},
)
promise(linalg.row_echelon, {"A": numbers(3, 4)}, units={"A": 0}, order={"A": SAME})
promise(linalg.lu, {"A": well(4)}, units={"A": {"U": 1}}, order=PIVOTS)
promise(
    linalg.solve,
    {"A": well(3), "b": numbers(3)},
    units={"A": -1, "b": 1, "A b": 0, "A^-1 b": 2},
    order={"A b": SAME},
)
promise(linalg.inverse, {"A": well(3)}, units={"A": -1}, order="its columns are permuted instead")
promise(linalg.determinant, {"A": well(3)}, units={"A": 3}, order="its sign may turn")
promise(linalg.classical_gram_schmidt, {"A": tall(5, 3), "passes": 2}, units={"A": 0}, order={"A": ROWS})
promise(linalg.gram_schmidt, {"A": tall(5, 3)}, units={"A": 0}, order={"A": ROWS})
promise(linalg.project, {"x": numbers(5), "B": tall(5, 2)}, units={"x": 1, "B": 0}, order={"x B": ROWS})
promise(linalg.projection_matrix, {"B": tall(5, 2)}, units={"B": 0}, order={"B": BOTH})
promise(linalg.rank, {"A": numbers(3, 4)}, units={"A": 0}, order={"A": SAME})
promise(
    linalg.rank,
    {"A": numbers(3, 4), "tolerance": 0.5},
    units={"A tolerance": 0},
    order={"A": SAME},
    case="tolerance",
)
promise(linalg.null_space, {"A": tall(5, 4).map(lambda A: A.T)}, units={"A": 0}, order={"A": SAME})
promise(
    linalg.four_subspaces,
    {"A": tall(4, 3)},
    units={"A": 0},
    order="a basis of two or more vectors is one of many",
)
promise(
    linalg.eigh,
    {"A": symmetric(4)},
    units={"A": {"values": 1}},
    order={"A": {"vectors": None}},
    square=("A",),
)
promise(
    linalg.eigh_jacobi,
    {"A": symmetric(4)},
    units={"A": {"values": 1}},
    order={"A": {"vectors": None, "history": None}},
    square=("A",),
)
promise(linalg.svd, {"A": tall(5, 3)}, units={"A": {"sigma": 1}}, order={"A": {"U": ROWS}})
promise(
    linalg.svd_jacobi,
    {"A": tall(5, 3)},
    units={"A": {"sigma": 1}},
    order={"A": {"U": ROWS}},
    loose=("history",),
)
promise(linalg.low_rank, {"A": numbers(4, 3), "k": 2}, units={"A": 1}, order={"A": ROWS})
promise(linalg.pseudoinverse, {"A": tall(4, 3)}, units={"A": -1}, order="its columns are permuted instead")
promise(linalg.condition_number, {"A": tall(4, 3)}, units={"A": 0}, order={"A": SAME})
promise(
    linalg.complete_low_rank,
    {
        "R": positive(4, 3),
        "known": np.array([[1, 1, 0], [1, 0, 1], [1, 1, 0], [0, 1, 1]], dtype=bool),
        "k": 1,
        "n_steps": 400,
        "tolerance": 1e-6,
    },
    units={"R": {"filled": 1, "history": 1}},
    order={"R known": {"filled": ROWS}},
    refuses={"known": "float32 float16 uint8 int64"},
)
promise(
    linalg.qr_householder,
    {"A": tall(5, 3)},
    units={"A": {"R": 1}},
    order=SIGNS,
)
for way in ("qr", "svd", "normal"):
    promise(
        linalg.least_squares,
        {"A": tall(6, 3), "b": numbers(6), "method": way},
        units={
            "A": {"x": -1},
            "b": {"x": 1, "residual": 1},
            "A b": {"residual": 1},
        },
        order={"A b": {"residual": ROWS}},
        case=way,
    )
promise(
    linalg.ridge_path,
    {"A": tall(5, 3), "b": numbers(5), "weights": positive(2)},
    units={
        "b": {"coefficients": 1},
        "A weights^2": {"coefficients": -1},
        "A b weights^2": 0,
    },
    order={"A b": SAME, "weights": ROWS},
)
promise(
    linalg.backward_error,
    {"A": definite(3), "x": numbers(3), "b": numbers(3)},
    units={"A b": 0, "x b": 0, "A x^-1": 0},
    order={"A b": SAME},
)
