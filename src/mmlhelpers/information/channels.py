"""Noisy channels: how much gets through them at best, and a code that corrects their errors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_array, as_count, as_tolerance
from mmlhelpers.information._arguments import as_channel

__all__ = ["Capacity", "channel_capacity", "hamming_decode", "hamming_encode"]

Bits = NDArray[np.int64]

_ROUNDING = 1e-14  # of a difference of two bounds in bits

#: Column j is j + 1 in binary, so that the check of a word with one wrong bit spells its place.
_CHECK = np.array([[0, 0, 0, 1, 1, 1, 1], [0, 1, 1, 0, 0, 1, 1], [1, 0, 1, 0, 1, 0, 1]])
_DATA = [2, 4, 5, 6]  # places of the four data bits; the others, 0, 1 and 3, hold parities


class Capacity(NamedTuple):
    """Capacity in bits a use, the best input (m,), and how sure: the truth lies within `gap` above `bits`."""

    bits: float
    p: Array
    gap: float
    n_steps: int
    converged: bool


def channel_capacity(W: ArrayLike, tolerance: float = 1e-9, max_steps: int = 100_000) -> Capacity:
    r"""Find the input that gets most information through a noisy channel (Blahut and Arimoto).

    Parameters
    ----------
    W : (m, k) array_like
        Probability of each output (column) given each input (row).
    tolerance : float
        Stop when the capacity is known to so many bits.
    max_steps : int
        Largest number of steps.

    Returns
    -------
    Capacity
        A lower bound of the capacity in bits a use, the input that reaches it, the distance to an upper
        bound, the number of steps, and whether the gap fell to the tolerance.

    Raises
    ------
    ValueError
        If a row of `W` is no distribution.

    Notes
    -----
    Each step multiplies :math:`p(x)` by :math:`2^{d(x)}`, :math:`d(x) = D(W_x \Vert pW)`, and rescales. The
    capacity lies between :math:`\log_2 \sum_x p(x) 2^{d(x)}` and :math:`\max_x d(x)`; after :math:`n` steps
    the first is at most :math:`\log_2(m) / n` too small. A tolerance that rounding may hide, about 1e-14, is
    never reached.

    References
    ----------
    Blahut (1972), doi:10.1109/TIT.1972.1054855; Arimoto (1972), doi:10.1109/TIT.1972.1054753; book, section
    "Information theory".

    Examples
    --------
    >>> channel_capacity([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]).bits
    1.0
    """
    W = as_channel(W, "W")
    tolerance, max_steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 1)
    W = W[:, W.max(axis=0) > 0]  # an output that never comes tells nothing
    own = np.sum(W * np.log2(W, out=np.zeros_like(W), where=W > 0), axis=1)  # minus the entropy of each row
    p = np.full(len(W), 1 / len(W))
    for n_steps in range(1, max_steps + 1):  # noqa: B007 - its last value is reported
        d = own - W @ np.log2(np.maximum(p @ W, np.finfo(float).tiny))  # (m,) bits
        weights = p * 2 ** (d - d.max())
        low = float(np.log2(weights.sum()) + d.max())
        gap = max(0.0, float(d.max()) - low)
        p = weights / weights.sum()
        if gap + _ROUNDING <= tolerance:
            break
    return Capacity(max(0.0, low), p, gap, n_steps, gap + _ROUNDING <= tolerance)


def hamming_encode(data: ArrayLike) -> Bits:
    """Protect every four bits by three parities (Hamming's code of length 7).

    Parameters
    ----------
    data : (n, 4) array_like of int
        Bits, 0 or 1.

    Returns
    -------
    (n, 7) ndarray of int
        Words of which any two differ in at least three places.

    Raises
    ------
    ValueError
        If `data` is not of shape (n, 4) or holds something else than 0 and 1.

    Notes
    -----
    Exact. Places 3, 5, 6 and 7, counted from one, hold the data; place :math:`2^j` makes the number of ones
    even among the places whose binary form contains :math:`2^j`.

    References
    ----------
    Hamming (1950), doi:10.1002/j.1538-7305.1950.tb00463.x; book, section "Information theory".

    Examples
    --------
    >>> hamming_encode([[1, 0, 1, 1]])
    array([[0, 1, 1, 0, 0, 1, 1]])
    """
    bits = _as_bits(data, "data", 4)
    words = np.zeros((len(bits), 7), dtype=np.int64)
    words[:, _DATA] = bits
    words[:, [3, 1, 0]] = words @ _CHECK.T % 2
    return words


def hamming_decode(words: ArrayLike) -> Bits:
    """Repair one wrong bit in every word of seven, and return the four data bits.

    Parameters
    ----------
    words : (n, 7) array_like of int
        Received bits, 0 or 1.

    Returns
    -------
    (n, 4) ndarray of int
        Data of the nearest word of the code.

    Raises
    ------
    ValueError
        If `words` is not of shape (n, 7) or holds something else than 0 and 1.

    Notes
    -----
    Exact: right whenever at most one of the seven bits is wrong; with two wrong bits always wrong.

    References
    ----------
    Hamming (1950), doi:10.1002/j.1538-7305.1950.tb00463.x; book, section "Information theory".

    Examples
    --------
    >>> hamming_decode([[0, 1, 1, 0, 1, 1, 1]])
    array([[1, 0, 1, 1]])
    """
    bits = _as_bits(words, "words", 7).copy()
    place = (bits @ _CHECK.T % 2) @ [4, 2, 1]  # (n,), counted from one; 0 means that all is well
    wrong = np.flatnonzero(place)
    bits[wrong, place[wrong] - 1] ^= 1
    return bits[:, _DATA]


def _as_bits(value: ArrayLike, name: str, width: int) -> Bits:
    """Read rows of so many bits."""
    bits = as_array(value, name)
    if bits.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold only 0 and 1, got entries of type {bits.dtype}")
    if bits.ndim != 2 or bits.shape[1] != width:
        raise ValueError(f"{name} must be bits of shape (n, {width}), got shape {bits.shape}")
    if not np.isin(bits, (0, 1)).all():
        raise ValueError(f"{name} must hold only 0 and 1, got {bits[~np.isin(bits, (0, 1))][0]!r}")
    return bits.astype(np.int64)
