r"""Linear algebra as the book does it: elimination, subspaces, projections, eigenvalues, singular values.

Throughout, `A` is the matrix asked about, `m` and `n` its numbers of rows and columns, `r` its rank;
`Q` has orthonormal columns, `U`, `sigma`, `Vt` are the factors of :math:`A = U \Sigma V^\top`, and a basis is
a matrix with one vector a column. All quantities are dimensionless.

What counts as zero is decided in one place: a number is negligible when it is at most
:math:`\max(m, n)\,\varepsilon` times the largest of its kind, with :math:`\varepsilon = 2^{-52}`.
"""

from mmlhelpers.linalg.elimination import (
    LU,
    Echelon,
    determinant,
    inverse,
    lu,
    matmul_loops,
    row_echelon,
    solve,
)
from mmlhelpers.linalg.low_rank import (
    Completion,
    complete_low_rank,
    condition_number,
    low_rank,
    pseudoinverse,
)
from mmlhelpers.linalg.spectral import (
    SVD,
    Eigen,
    Iteration,
    JacobiEigen,
    JacobiSVD,
    eigh,
    eigh_jacobi,
    power_iteration,
    svd,
    svd_jacobi,
)
from mmlhelpers.linalg.subspaces import (
    Subspaces,
    four_subspaces,
    gram_schmidt,
    null_space,
    project,
    projection_matrix,
    rank,
)

__all__ = [
    "LU",
    "SVD",
    "Completion",
    "Echelon",
    "Eigen",
    "Iteration",
    "JacobiEigen",
    "JacobiSVD",
    "Subspaces",
    "complete_low_rank",
    "condition_number",
    "determinant",
    "eigh",
    "eigh_jacobi",
    "four_subspaces",
    "gram_schmidt",
    "inverse",
    "low_rank",
    "lu",
    "matmul_loops",
    "null_space",
    "power_iteration",
    "project",
    "projection_matrix",
    "pseudoinverse",
    "rank",
    "row_echelon",
    "solve",
    "svd",
    "svd_jacobi",
]
