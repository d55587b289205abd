"""How eigenvalues are really computed: reduction to Hessenberg form, shifted QR steps, Rayleigh quotients."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_square, as_symmetric, as_tolerance, as_vector
from mmlhelpers._scale import EPSILON, exponent, has_converged, norm, scaled, unscaled
from mmlhelpers.linalg._common import column_signs
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
    Q, H, e = _reduce(as_square(A, "A"))
    return Hessenberg(Q, unscaled(H, e, "the reduced form of A"))


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
    _, reduced, e = _reduce(as_square(A, "A"))
    H = reduced.astype(np.complex128)
    limit = as_count(max_steps, "max_steps", 1)
    n_steps = waited = 0
    end = len(H)  # the rows from `end` on are done
    while end > 1:
        start = _start_of_block(H, end)
        if start == end - 1:
            end, waited = start, 0
            continue
        if waited == limit:
            raise ValueError(f"no eigenvalue of A split off within max_steps = {limit} steps: allow more")
        waited, n_steps = waited + 1, n_steps + 1
        _qr_step_inplace(H[start:end, start:end], _shift(H, end, waited))
    values = _unscaled(np.diag(H), e)
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
    A, e = scaled(as_symmetric(A, "A"))
    v, _ = scaled(as_vector(start, "start"))
    if len(v) != len(A) or not v.any():
        raise ValueError(f"start must be a nonzero vector of length {len(A)}, got length {len(v)}")
    tolerance, size = max(as_tolerance(tolerance, "tolerance"), 16 * EPSILON), norm(A)
    v = v / norm(v)
    history = [v]
    for _ in range(as_count(max_steps, "max_steps", 1)):
        if has_converged(_residual(A, v), tolerance, size):
            break
        w, _ = scaled(_solve_shifted(A, v, tolerance * size))
        v = w / norm(w)
        history.append(v)
    converged = has_converged(_residual(A, v), tolerance, size)
    value = float(unscaled(v @ A @ v, e, "the eigenvalue of A"))
    return Iteration(value, v * column_signs(v[:, None])[0], np.array(history), converged)


def _solve_shifted(A: Array, v: Array, aside: float) -> Array:
    """Solve with the Rayleigh quotient of `v` as shift, moved aside if no vector comes out."""
    rho, identity = v @ A @ v, np.eye(len(A))
    try:
        w = np.asarray(np.linalg.solve(A - rho * identity, v), dtype=np.float64)
        if np.isfinite(w).all():
            return w
    except np.linalg.LinAlgError:  # the quotient is an eigenvalue to the last bit, the vector is not yet
        pass
    return np.asarray(np.linalg.solve(A - (rho + aside) * identity, v), dtype=np.float64)


def _unscaled(values: Complex, e: int) -> Complex:
    """Put real and imaginary parts back to the unit of `A`."""
    parts = np.stack([values.real, values.imag])
    real, imag = unscaled(parts, e, "an eigenvalue of A")
    return np.asarray(real + 1j * imag, dtype=np.complex128)


def _reduce(A: Array) -> tuple[Array, Array, int]:
    """Return `Q` and ``H / 2**e``."""
    H, e = scaled(A)
    n = len(H)
    Q = np.eye(n)
    for j in range(n - 2):
        v = H[j + 1 :, j].copy()
        if np.abs(v).max() > _NOTHING:
            v[0] += np.copysign(norm(v), v[0])
            v /= norm(v)
            H[j + 1 :] -= 2 * np.outer(v, v @ H[j + 1 :])
            H[:, j + 1 :] -= 2 * np.outer(H[:, j + 1 :] @ v, v)
            Q[:, j + 1 :] -= 2 * np.outer(Q[:, j + 1 :] @ v, v)
        H[j + 2 :, j] = 0.0
    return Q, H, e


def _residual(A: Array, v: Array) -> float:
    return float(norm(A @ v - (v @ A @ v) * v))


def _start_of_block(H: Complex, end: int) -> int:
    """Clear negligible subdiagonal entries and return where the block that ends at `end` starts."""
    for i in range(end - 1, 0, -1):
        beside = abs(H[i, i]) + abs(H[i - 1, i - 1])
        if abs(H[i, i - 1]) <= np.finfo(float).eps * (beside if beside else norm(H)):
            H[i, i - 1] = 0.0
            return i
    return 0


def _shift(H: Complex, end: int, waited: int) -> complex:
    """Return the eigenvalue of the last block of two that is nearer to its last entry."""
    block = H[end - 2 : end, end - 2 : end].ravel()
    unit = 2.0 ** exponent(np.abs(block))  # products of entries that are small beside the rest would vanish
    a, b, c, d = block / unit
    if waited % 10 == 0:
        return complex(unit * (d + abs(c)))
    middle, root = (a + d) / 2, np.sqrt(((a - d) / 2) ** 2 + b * c)
    return complex(unit * min((middle + root, middle - root), key=lambda value: abs(value - d)))


def _qr_step_inplace(block: Complex, shift: complex) -> None:
    """Replace a block by ``R @ Q`` of its shifted factors; what couples it to others is not needed."""
    moved = shift * np.eye(len(block))
    Q, R = np.linalg.qr(block - moved)
    block[:] = np.triu(R @ Q, -1) + moved
