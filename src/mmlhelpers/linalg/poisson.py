r"""The Poisson problem on a square, matrix-free: four times each value minus its four neighbours.

Throughout, a vector (n,) holds the values at the :math:`n = m^2` inner points of a square grid, row by row;
on the border they are zero. The matrix is :math:`-\Delta` times the square of the grid's spacing.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_vector
from mmlhelpers._scale import scaled, unscaled
from mmlhelpers.linalg._common import within_range

_ROOM = 900  # exponents between which sums of a few values neither overflow nor vanish


def poisson_multiply(v: ArrayLike) -> Array:
    r"""Multiply by the matrix of the five-point star without ever forming it.

    Parameters
    ----------
    v : (n,) array_like
        Values at the points of a square grid, row by row.

    Returns
    -------
    (n,) ndarray
        Four times each value minus the values above, below, left and right.

    Raises
    ------
    ValueError
        If n is no square number.

    Notes
    -----
    Relative error a few :math:`\varepsilon` beside :math:`8 \max |v|`. Cost :math:`5n`.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 4.8.

    Examples
    --------
    >>> poisson_multiply([1, 0, 0, 0])
    array([ 4., -1., -1.,  0.])
    """
    grid, e = within_range(_grid(v, "v"), _ROOM)
    product = _star(grid).ravel()
    return unscaled(product, e, "the product with v") if e else product


def poisson_by_sines(b: ArrayLike) -> Array:
    r"""Solve the Poisson problem directly: in a basis of sine waves its matrix is diagonal.

    Parameters
    ----------
    b : (n,) array_like
        Right-hand side at the points of a square grid, row by row.

    Returns
    -------
    (n,) ndarray
        The solution.

    Raises
    ------
    ValueError
        If n is no square number.

    Notes
    -----
    Relative error a small multiple of :math:`\varepsilon \log n`, in the norm. Cost :math:`O(n \log n)`, by
    fast Fourier transforms.

    References
    ----------
    Golub and Van Loan (2013), Matrix Computations, section 4.8.

    Examples
    --------
    >>> poisson_by_sines([4, -1, -1, 0]).round(10) + 0.0
    array([1., 0., 0., 0.])
    """
    grid, e = scaled(_grid(b, "b"))
    m = len(grid)
    one = 4 * np.sin(np.pi * np.arange(1, m + 1) / (2 * (m + 1))) ** 2
    waves = _sine_transform(_sine_transform(grid).T).T / (one[:, None] + one)
    solution = (_sine_transform(_sine_transform(waves).T).T * (2 / (m + 1)) ** 2).ravel()
    return unscaled(solution, e, "the solution for b")


def multigrid_cycle(r: ArrayLike) -> Array:
    r"""Solve the Poisson problem roughly, on a ladder of coarser and coarser grids: a preconditioner.

    Parameters
    ----------
    r : (n,) array_like
        Right-hand side at the points of an m by m grid, row by row, with m one less than a power of two.

    Returns
    -------
    (n,) ndarray
        An approximate solution that depends linearly on `r`, by a symmetric positive definite matrix.

    Raises
    ------
    ValueError
        If n is no square number, or m + 1 no power of two.

    Notes
    -----
    One V-cycle: a damped Jacobi step, the same for what is left on a grid of half as many points a side, and
    another Jacobi step. The error shrinks by a factor that does not depend on n. Cost about :math:`40n`.

    References
    ----------
    Briggs, Henson and McCormick (2000), A multigrid tutorial, doi:10.1137/1.9780898719505.

    Examples
    --------
    >>> multigrid_cycle([8.0])
    array([2.])
    """
    grid = _grid(r, "r")
    if (len(grid) + 1) & len(grid):
        raise ValueError(
            f"r must live on a grid whose side is one less than a power of two, got {len(grid)}: "
            "take 15, 31, 63, ..."
        )
    grid, e = within_range(grid, _ROOM)
    solution = _cycle(grid).ravel()
    return unscaled(solution, e, "the solution for r") if e else solution


_JACOBI = 0.8 / 4  # four fifths of the inverse diagonal: damps the waves that a coarser grid cannot see


def _cycle(r: Array) -> Array:
    if len(r) == 1:
        return r / 4
    u = _JACOBI * r
    coarse = _cycle(_restrict(_restrict(r - _star(u)).T).T)
    u += _prolong(_prolong(coarse).T).T
    u += _JACOBI * (r - _star(u))
    return u


def _star(u: Array) -> Array:
    y = 4 * u
    y[1:] -= u[:-1]
    y[:-1] -= u[1:]
    y[:, 1:] -= u[:, :-1]
    y[:, :-1] -= u[:, 1:]
    return y


def _prolong(coarse: Array) -> Array:
    """Put a value halfway between any two rows, zeros beyond the border included."""
    fine = np.zeros((2 * len(coarse) + 1, coarse.shape[1]))
    fine[1::2] = coarse
    fine[2::2] += coarse / 2
    fine[:-1:2] += coarse / 2
    return fine


def _restrict(fine: Array) -> Array:
    """Do the transpose of `_prolong`."""
    coarse: Array = fine[1::2] + (fine[:-1:2] + fine[2::2]) / 2
    return coarse


def _sine_transform(rows: Array) -> Array:
    """Replace each row x by the sums over i of x_i sin(pi i k / (m + 1)), k = 1, ..., m."""
    k, m = rows.shape
    odd = np.zeros((k, 2 * m + 2))
    odd[:, 1 : m + 1] = rows
    odd[:, m + 2 :] = -rows[:, ::-1]
    return -np.fft.rfft(odd)[:, 1 : m + 1].imag / 2


def _grid(value: ArrayLike, name: str) -> Array:
    """Read a vector as a square table."""
    v = as_vector(value, name)
    m = math.isqrt(len(v))
    if m * m != len(v):
        raise ValueError(f"{name} must hold the values of a square grid, got {len(v)}, no square number")
    return v.reshape(m, m)
