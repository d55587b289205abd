"""Low rank: truncation, pseudoinverse, conditioning, completion."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, Mask, as_array, as_count, as_mask, as_matrix, as_tolerance
from mmlhelpers._scale import has_converged, norm, scaled, unscaled
from mmlhelpers.linalg._common import count_significant, scaled_svd


class Completion(NamedTuple):
    """The completed matrix, and `history`: the root-mean-square error on the known entries at each step."""

    filled: Array
    history: Array
    converged: bool


def low_rank(A: ArrayLike, k: int) -> Array:
    r"""Find the best approximation of a matrix among those of rank at most `k`.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    k : int
        Number of terms to keep, from 0 to :math:`\min(m, n)`.

    Returns
    -------
    (m, n) ndarray
        :math:`\sum_{i \le k} \sigma_i u_i v_i^\top`.

    Raises
    ------
    ValueError
        If `k` is out of range.

    Notes
    -----
    Best in the spectral norm, where the error is :math:`\sigma_{k+1}`, and in the Frobenius norm, where it
    is :math:`\sqrt{\sum_{i>k} \sigma_i^2}`. The approximation is unique when
    :math:`\sigma_k > \sigma_{k+1}`.

    References
    ----------
    Eckart and Young (1936), The approximation of one matrix by another of lower rank,
    doi:10.1007/BF02288367.

    Examples
    --------
    >>> low_rank([[3, 0], [0, 1]], 1)
    array([[3., 0.],
           [0., 0.]])
    """
    A = as_matrix(A, "A")
    k = as_count(k, "k", 0, min(A.shape))
    model, e = _truncated(A, k)
    return unscaled(model, e, "the approximation of A")


def _truncated(A: Array, k: int) -> tuple[Array, int]:
    """Return the best approximation over ``2**e``."""
    U, sigma, Vt, e = scaled_svd(A)
    return (U[:, :k] * sigma[:k]) @ Vt[:k], e


def pseudoinverse(A: ArrayLike, tolerance: float | None = None) -> Array:
    r"""Compute the Moore-Penrose inverse.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.
    tolerance : float, optional
        Singular values up to this size count as zero; :math:`\max(m, n)\,\varepsilon\,\sigma_1` by default.

    Returns
    -------
    (n, m) ndarray
        :math:`A^+ = V \Sigma^+ U^\top`; :math:`A^+ b` is the shortest least-squares solution of
        :math:`Ax = b`.

    Raises
    ------
    ValueError
        If `tolerance` is negative.

    Notes
    -----
    Relative error about :math:`\varepsilon\,\sigma_1/\sigma_r`. It jumps when the rank changes: a singular
    value just above the tolerance has a huge inverse.

    References
    ----------
    Penrose (1955), A generalized inverse for matrices, doi:10.1017/S0305004100030401.

    Examples
    --------
    >>> pseudoinverse([[2, 0], [0, 0]])
    array([[0.5, 0. ],
           [0. , 0. ]])
    """
    A = as_matrix(A, "A")
    U, sigma, Vt, e = scaled_svd(A)
    r = count_significant(sigma, A.shape, tolerance, e)
    return unscaled((Vt[:r].T / sigma[:r]) @ U[:, :r].T, -e, "the pseudoinverse of A")


def condition_number(A: ArrayLike) -> float:
    r"""Divide the largest singular value by the smallest.

    Parameters
    ----------
    A : (m, n) array_like
        Any matrix.

    Returns
    -------
    float
        The condition number in the spectral norm, at least 1; ``inf`` when `A` lacks full rank in the
        sense of `rank`.

    Notes
    -----
    Relative errors of the data may grow by this factor in the solution of a system. Its own relative error
    is about itself times :math:`\varepsilon`, so beyond :math:`1/(\max(m, n)\,\varepsilon)` no digit would
    be right and the matrix counts as singular.

    Examples
    --------
    >>> condition_number([[2, 0], [0, 0.5]])
    4.0
    """
    A, _ = scaled(as_matrix(A, "A"))
    sigma = np.linalg.svd(A, compute_uv=False)
    return float(sigma[0] / sigma[-1]) if count_significant(sigma, A.shape) == len(sigma) else np.inf


def complete_low_rank(
    R: ArrayLike, known: ArrayLike, k: int, n_steps: int = 1000, tolerance: float = 1e-6
) -> Completion:
    r"""Fill the unknown entries of a matrix so that it is nearly of rank `k`.

    Parameters
    ----------
    R : (m, n) array_like
        Table, for example of ratings; its unknown entries are never looked at and may be NaN.
    known : (m, n) array_like of bool
        True where `R` is known, at least once in every row and every column.
    k : int
        Rank of the model, from 1 to :math:`\min(m, n)`.
    n_steps : int
        Stop after this many steps in any case.
    tolerance : float
        Stop when a step changes the table by at most this fraction of its Frobenius norm.

    Returns
    -------
    Completion
        `filled` (m, n), known entries as given, the others from the best model of rank `k`; `history`
        (n_steps,), the root-mean-square error of the model on the known entries; `converged`.

    Raises
    ------
    ValueError
        If the shapes disagree, a row or column is entirely unknown, or `k`, `n_steps` or `tolerance` is out
        of range.

    Notes
    -----
    Starting from column means, each step takes the best rank-`k` approximation and puts the known entries
    back. The error on the known entries never grows. It may settle in a local minimum, and a small error
    there says nothing about the unknown entries: keep some known ones aside to test.

    References
    ----------
    Mazumder, Hastie and Tibshirani (2010), Spectral regularization algorithms for learning large incomplete
    matrices, Journal of Machine Learning Research 11, 2287-2322.

    Examples
    --------
    >>> known = [[True, True], [True, False]]
    >>> complete_low_rank([[1, 2], [2, 0]], known, k=1).filled.round(2)
    array([[1., 2.],
           [2., 4.]])
    """
    table = as_array(R, "R")
    if table.dtype.kind not in "biuf":
        as_matrix(table, "R")  # which says what is wrong with it
    known = as_mask(known, "known", table.shape)
    table = as_matrix(np.where(known, table, 0), "R")
    R, e = scaled(table)
    _refuse_empty_lines(known)
    k, n_steps = as_count(k, "k", 1, min(R.shape)), as_count(n_steps, "n_steps", 1)
    tolerance = as_tolerance(tolerance, "tolerance")
    filled = np.where(known, R, R.sum(axis=0) / known.sum(axis=0))
    n_known = np.count_nonzero(known)
    history: list[float] = []
    converged = False
    while len(history) < n_steps and not converged:
        model, f = _truncated(filled, k)
        model = np.ldexp(model, f)
        history.append(norm((model - R)[known]) / np.sqrt(n_known))
        change = np.where(known, 0.0, model - filled)
        filled += change
        converged = has_converged(norm(change), tolerance, norm(filled))
    filled = np.where(known, table, unscaled(filled, e, "the completion of R"))
    return Completion(filled, unscaled(history, e, "the error on R", may_vanish=True), converged)


def _refuse_empty_lines(known: Mask) -> None:
    """Refuse a row or column about which nothing is known."""
    for axis, line in ((1, "row"), (0, "column")):
        empty = np.flatnonzero(~known.any(axis=axis))
        if empty.size:
            raise ValueError(
                f"known must have a True in every {line}, got none in {line} {empty[0]}: leave it out"
            )
