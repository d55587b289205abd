"""How eigenvalues are really computed: reduction to Hessenberg form, shifted QR steps, Rayleigh quotients."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_square, as_symmetric, as_tolerance, as_vector
from mmlhelpers.linalg._common import column_signs, power_of_two
from mmlhelpers.linalg.spectral import Iteration

Complex = NDArray[np.complex128]

_NOTHING = 1e-150  # a number so small beside the matrix is zero: and its square would vanish


class Hessenberg(NamedTuple):
    """The factors of ``A = Q @ H @ Q.T``: `Q` orthogonal, `H` zero below the first subdiagonal."""

    Q: Array
    H: Array


class QRAlgorithm(NamedTuple):
    """All eigenvalues (n,), by real and then imaginary part, descending; and the QR steps they took."""

    values: Complex
    n_steps: int


def hessenberg(A: ArrayLike) -> Hessenberg:
    r"""Clear all below the first subdiagonal by reflections from both sides.

    Parameters
    ----------
    A : (n, n) array_like
        Square matrix.

    Returns
    -------
    Hessenberg
        `Q` (n, n) orthogonal, `H` (n, n) with the eigenvalues of `A`; tridiagonal if `A` is symmetric.

    Notes
    -----
    ``Q @ H @ Q.T`` differs from `A` by a small multiple of :math:`n\varepsilon\lVert A \rVert_F`. Cost
    :math:`\tfrac{10}{3} n^3`, and :math:`\tfrac43 n^3` more for `Q`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 7.4.

    Examples
    --------
    >>> hessenberg([[1, 2, 2], [3, 1, 0], [4, 0, 1]]).H.round(4) + 0.0
    array([[ 1. , -2.8, -0.4],
           [-5. ,  1. ,  0. ],
           [ 0. ,  0. ,  1. ]])
    """
    A = as_square(A, "A")
    scale = power_of_two(A)
    H, n = A / scale, len(A)
    Q = np.eye(n)
    for j in range(n - 2):
        v = H[j + 1 :, j].copy()
        if np.abs(v).max() > _NOTHING:
            v[0] += np.copysign(np.linalg.norm(v), v[0])
            v /= np.linalg.norm(v)
            H[j + 1 :] -= 2 * np.outer(v, v @ H[j + 1 :])
            H[:, j + 1 :] -= 2 * np.outer(H[:, j + 1 :] @ v, v)
            Q[:, j + 1 :] -= 2 * np.outer(Q[:, j + 1 :] @ v, v)
        H[j + 2 :, j] = 0.0
    return Hessenberg(Q, H * scale)


def qr_algorithm(A: ArrayLike, *, max_steps: SupportsIndex = 30) -> QRAlgorithm:
    r"""Find all eigenvalues of a square matrix by shifted QR steps.

    Parameters
    ----------
    A : (n, n) array_like
        Real square matrix.
    max_steps : int
        Steps allowed for each eigenvalue; two or three are usual.

    Returns
    -------
    QRAlgorithm
        `values` (n,) complex, by descending real, then imaginary part; `n_steps` in all.

    Raises
    ------
    ValueError
        If an eigenvalue does not split off within `max_steps`.

    Notes
    -----
    The shift is the eigenvalue of the last two by two block that is nearer to its last entry, and another
    number every tenth step, to break cycles. Backward stable: the result is exact for a matrix within a
    small multiple of :math:`n\varepsilon\lVert A \rVert_F` of `A`.

    References
    ----------
    Francis (1961), The QR transformation, doi:10.1093/comjnl/4.3.265.

    Examples
    --------
    >>> qr_algorithm([[2, 1], [1, 2]]).values.real
    array([3., 1.])
    """
    H = hessenberg(A).H.astype(np.complex128)
    limit = as_count(max_steps, "max_steps", 1)
    n_steps = waited = 0
    end = len(H)  # the rows from `end` on are done
    while end > 1:
        start = _start_of_block(H, end)
        if start == end - 1:
            end, waited = start, 0
            continue
        if waited == limit:
            raise ValueError(
                f"no eigenvalue split off within max_steps = {limit} steps: allow more, or scale A"
            )
        waited, n_steps = waited + 1, n_steps + 1
        _qr_step_inplace(H[start:end, start:end], _shift(H, end, waited))
    values = np.diag(H)
    return QRAlgorithm(values[np.lexsort((-values.imag, -values.real))], n_steps)


def rayleigh_iteration(
    A: ArrayLike, start: ArrayLike, *, tolerance: float = 1e-12, max_steps: SupportsIndex = 50
) -> Iteration:
    r"""Find an eigenpair of a symmetric matrix by inverse iteration with the best guess as its shift.

    Parameters
    ----------
    A : (n, n) array_like
        Symmetric matrix.
    start : (n,) array_like
        First vector, not zero; which eigenpair is found depends on it.
    tolerance : float
        Stop when :math:`\lVert Av - \rho v \rVert` is at most this (16 :math:`\varepsilon` at least) times
        :math:`\lVert A \rVert_F`.
    max_steps : int
        Stop after this many solved systems in any case.

    Returns
    -------
    Iteration
        `value`, `vector` (n,) with its largest entry positive, `history` (n_steps + 1, n) of unit vectors,
        `converged`.

    Raises
    ------
    ValueError
        If `A` is not symmetric, or `start` does not fit it or is zero.

    Notes
    -----
    The number of correct digits about triples in a step, once the angle to an eigenvector is small. An
    eigenvalue lies within `tolerance` :math:`\lVert A \rVert_F` of `value`.

    References
    ----------
    Parlett (1974), The Rayleigh quotient iteration and some generalizations for nonnormal matrices,
    doi:10.1090/S0025-5718-1974-0405823-3.

    Examples
    --------
    >>> round(rayleigh_iteration([[2, 1], [1, 2]], [1, 0.5]).value, 10)
    3.0
    """
    A, v = as_symmetric(A, "A"), as_vector(start, "start")
    if len(v) != len(A) or not v.any():
        raise ValueError(f"start must be a nonzero vector of length {len(A)}, got length {len(v)}")
    limit = max(as_tolerance(tolerance, "tolerance"), 16 * float(np.finfo(float).eps)) * np.linalg.norm(A)
    v = v / np.linalg.norm(v)
    history = [v]
    for _ in range(as_count(max_steps, "max_steps", 1)):
        if _residual(A, v) <= limit:
            break
        rho, identity = v @ A @ v, np.eye(len(A))
        try:
            w = np.linalg.solve(A - rho * identity, v)
        except np.linalg.LinAlgError:  # the quotient is an eigenvalue to the last bit, the vector is not yet
            w = np.linalg.solve(A - (rho + limit) * identity, v)
        v = np.asarray(w / np.linalg.norm(w), dtype=np.float64)
        history.append(v)
    converged = bool(_residual(A, v) <= limit)
    return Iteration(float(v @ A @ v), v * column_signs(v[:, None])[0], np.array(history), converged)


def _residual(A: Array, v: Array) -> float:
    return float(np.linalg.norm(A @ v - (v @ A @ v) * v))


def _start_of_block(H: Complex, end: int) -> int:
    """Clear negligible subdiagonal entries and return where the block that ends at `end` starts."""
    for i in range(end - 1, 0, -1):
        beside = abs(H[i, i]) + abs(H[i - 1, i - 1])
        if abs(H[i, i - 1]) <= np.finfo(float).eps * (beside if beside else np.linalg.norm(H)):
            H[i, i - 1] = 0.0
            return i
    return 0


def _shift(H: Complex, end: int, waited: int) -> complex:
    """Return the eigenvalue of the last block of two that is nearer to its last entry."""
    a, b, c, d = H[end - 2 : end, end - 2 : end].ravel()
    if waited % 10 == 0:
        return complex(d + abs(c))
    middle, root = (a + d) / 2, np.sqrt(((a - d) / 2) ** 2 + b * c)
    return complex(min((middle + root, middle - root), key=lambda value: abs(value - d)))


def _qr_step_inplace(block: Complex, shift: complex) -> None:
    """Replace a block by ``R @ Q`` of its shifted factors; what couples it to others is not needed."""
    moved = shift * np.eye(len(block))
    Q, R = np.linalg.qr(block - moved)
    block[:] = np.triu(R @ Q, -1) + moved
