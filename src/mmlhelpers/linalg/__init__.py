r"""Linear algebra as the book does it: elimination, subspaces, projections, eigenvalues, singular values.

Throughout, `A` is the matrix asked about, `m` and `n` its numbers of rows and columns, `r` its rank;
`Q` has orthonormal columns, `U`, `sigma`, `Vt` are the factors of :math:`A = U \Sigma V^\top`, and a basis is
a matrix with one vector a column. All quantities are dimensionless.

What counts as zero is decided in one place: a number is negligible when it is at most
:math:`\max(m, n)\,\varepsilon` times the largest of its kind, with :math:`\varepsilon = 2^{-52}`. Where
columns, or rows, may have units of their own (least squares, bases, systems to be solved) they are first
brought to one size.

Units do not matter: data times a power of two give the answer times a power of two, to the last bit, and
what no float can hold is refused with a ValueError. Residuals that decide whether something `converged` are
computed in double precision, and so true to a small multiple of
:math:`\varepsilon\,\lVert A \rVert \lVert x \rVert`.
"""

from mmlhelpers.linalg.blocks import (
    BlockSVD,
    block_covariance,
    block_least_squares,
    block_svd,
    tsqr,
)
from mmlhelpers.linalg.eigen_algorithms import (
    Hessenberg,
    QRAlgorithm,
    hessenberg,
    qr_algorithm,
    rayleigh_iteration,
)
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
from mmlhelpers.linalg.factorizations import classical_gram_schmidt
from mmlhelpers.linalg.floating import FloatParts, backward_error, compensated_sum, float_parts
from mmlhelpers.linalg.iterative import LinearSolve, conjugate_gradients
from mmlhelpers.linalg.krylov import Arnoldi, Lanczos, arnoldi, gmres, lanczos
from mmlhelpers.linalg.least_squares import (
    QR,
    LeastSquares,
    Ridge,
    least_squares,
    qr_householder,
    ridge_path,
)
from mmlhelpers.linalg.low_rank import (
    Completion,
    complete_low_rank,
    condition_number,
    low_rank,
    pseudoinverse,
)
from mmlhelpers.linalg.noise import (
    Edges,
    Spike,
    marchenko_pastur_density,
    marchenko_pastur_edges,
    spike_limit,
)
from mmlhelpers.linalg.poisson import multigrid_cycle, poisson_by_sines, poisson_multiply
from mmlhelpers.linalg.principal import (
    KernelComponents,
    PrincipalComponents,
    center_kernel,
    kernel_components,
    principal_components,
)
from mmlhelpers.linalg.randomized import RandomizedSVD, randomized_svd
from mmlhelpers.linalg.sketching import TraceEstimate, estimate_trace
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
    "QR",
    "SVD",
    "Arnoldi",
    "BlockSVD",
    "Completion",
    "Echelon",
    "Edges",
    "Eigen",
    "FloatParts",
    "Hessenberg",
    "Iteration",
    "JacobiEigen",
    "JacobiSVD",
    "KernelComponents",
    "Lanczos",
    "LeastSquares",
    "LinearSolve",
    "PrincipalComponents",
    "QRAlgorithm",
    "RandomizedSVD",
    "Ridge",
    "Spike",
    "Subspaces",
    "TraceEstimate",
    "arnoldi",
    "backward_error",
    "block_covariance",
    "block_least_squares",
    "block_svd",
    "center_kernel",
    "classical_gram_schmidt",
    "compensated_sum",
    "complete_low_rank",
    "condition_number",
    "conjugate_gradients",
    "determinant",
    "eigh",
    "eigh_jacobi",
    "estimate_trace",
    "float_parts",
    "four_subspaces",
    "gmres",
    "gram_schmidt",
    "hessenberg",
    "inverse",
    "kernel_components",
    "lanczos",
    "least_squares",
    "low_rank",
    "lu",
    "marchenko_pastur_density",
    "marchenko_pastur_edges",
    "matmul_loops",
    "multigrid_cycle",
    "null_space",
    "poisson_by_sines",
    "poisson_multiply",
    "power_iteration",
    "principal_components",
    "project",
    "projection_matrix",
    "pseudoinverse",
    "qr_algorithm",
    "qr_householder",
    "randomized_svd",
    "rank",
    "rayleigh_iteration",
    "ridge_path",
    "row_echelon",
    "solve",
    "spike_limit",
    "svd",
    "svd_jacobi",
    "tsqr",
]
