"""Prefix codes: the words that fit given lengths, and the shortest ones for given probabilities."""

import heapq
from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import as_count, as_items, as_vector
from mmlhelpers._scale import scaled
from mmlhelpers.information._arguments import Labels, as_binary, as_labels, as_words

__all__ = ["canonical_code", "decode", "encode", "huffman_code", "kraft_sum"]

_LONGEST = 100_000  # bits of a word


def kraft_sum(lengths: Iterable[int]) -> float:
    r"""Add up how much of all binary strings words of these lengths take.

    Parameters
    ----------
    lengths : iterable of int
        Lengths of the words in bits, at least 1.

    Returns
    -------
    float
        :math:`\sum_i 2^{-l_i}`; at most one exactly if there is a prefix code with these lengths.

    Raises
    ------
    ValueError
        If there is no length, or one is not a whole number from 1.

    Notes
    -----
    Summed as a fraction and rounded once: exactly one only if the words take everything.

    References
    ----------
    Kraft (1949) and McMillan (1956), doi:10.1109/TIT.1956.1056818; book, section "Information theory".

    Examples
    --------
    >>> kraft_sum([1, 2, 3, 3])
    1.0
    """
    return float(_kraft(_lengths(lengths)))


def canonical_code(lengths: Iterable[int]) -> tuple[str, ...]:
    """Give words of these lengths, none the beginning of another, in the order of a dictionary.

    Parameters
    ----------
    lengths : iterable of int
        Length of each symbol's word in bits, at least 1.

    Returns
    -------
    tuple of str
        The words, in the order of the symbols. Shorter ones come first in the dictionary, and of equal ones
        those of earlier symbols.

    Raises
    ------
    ValueError
        If a length is not a whole number from 1, or there is no such code because the Kraft sum exceeds one.

    Notes
    -----
    Exact. The lengths alone determine the code, so a file need not store the words.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> canonical_code([2, 1, 3, 3])
    ('10', '0', '110', '111')
    """
    wanted = _lengths(lengths)
    if (total := _kraft(wanted)) > 1:
        raise ValueError(
            f"lengths must have a Kraft sum of at most 1, got {float(total):.6g}: make words longer"
        )
    words = [""] * len(wanted)
    free, width = 0, 0  # the first word of this width that is not taken
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(wanted)):
        free, width = free << (length - width), length
        words[symbol] = f"{free:0{length}b}"
        free += 1
    return tuple(words)


def huffman_code(weights: ArrayLike) -> tuple[str, ...]:
    """Find the prefix code with the shortest mean length (Huffman).

    Parameters
    ----------
    weights : (k,) array_like
        Probability or count of each symbol, not negative; at least two symbols.

    Returns
    -------
    tuple of str
        A word of 0 and 1 for each symbol, in the order of `weights`.

    Raises
    ------
    ValueError
        If there are fewer than two symbols, or a weight is negative.

    Notes
    -----
    Exact: no prefix code, and no other code that can be decoded, has a shorter mean. Symbols that never occur
    get words too. Among equally light groups the older one is merged first, which keeps words short. Cost
    :math:`O(k^2)` at worst.

    References
    ----------
    Huffman (1952), doi:10.1109/JRPROC.1952.273898; book, section "Information theory".

    Examples
    --------
    >>> huffman_code([0.5, 0.25, 0.125, 0.125])
    ('0', '10', '110', '111')
    """
    w, _ = scaled(as_vector(weights, "weights"))  # sums of the largest floats overflow
    if len(w) < 2 or w.min() < 0:
        raise ValueError(
            f"weights must be at least two numbers, none negative, got {len(w)} from {w.min():.6g}"
        )
    lengths = [0] * len(w)
    groups = [(float(weight), age, [age]) for age, weight in enumerate(w)]
    heapq.heapify(groups)
    for age in range(len(w), 2 * len(w) - 1):
        (light, _, first), (next_light, _, second) = heapq.heappop(groups), heapq.heappop(groups)
        for symbol in first + second:
            lengths[symbol] += 1
        heapq.heappush(groups, (light + next_light, age, first + second))
    return canonical_code(lengths)


def encode(symbols: ArrayLike, code: Sequence[str]) -> str:
    """Write symbols as the words of a prefix code, one after another.

    Parameters
    ----------
    symbols : (n,) array_like of int
        What to write, numbers from 0 and below the number of words.
    code : sequence of str
        Word of each symbol.

    Returns
    -------
    str
        The bits, as characters 0 and 1.

    Raises
    ------
    ValueError
        If `code` is no prefix code or has no word for a symbol.

    Notes
    -----
    Exact; `decode` reads it back.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> encode([0, 2, 1], ["0", "10", "11"])
    '01110'
    """
    words = as_words(code)
    return "".join(words[symbol] for symbol in as_labels(symbols, "symbols", len(words)))


def decode(bits: str, code: Sequence[str]) -> Labels:
    """Read the symbols back from the bits of a prefix code.

    Parameters
    ----------
    bits : str
        Characters 0 and 1.
    code : sequence of str
        Word of each symbol.

    Returns
    -------
    (n,) ndarray of int
        The symbols.

    Raises
    ------
    ValueError
        If `code` is no prefix code, or `bits` does not end with the end of a word.

    Notes
    -----
    Exact. No word is the beginning of another, so the first one that fits is the one that was meant.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> decode("01110", ["0", "10", "11"])
    array([0, 2, 1])
    """
    symbol_of = {word: symbol for symbol, word in enumerate(as_words(code))}
    symbols, word = [], ""
    for bit in as_binary(bits, "bits"):
        word += bit
        if word in symbol_of:
            symbols.append(symbol_of[word])
            word = ""
    if word:
        raise ValueError(f"bits must end with the end of a word, but {word:.40} is left over")
    return np.array(symbols, dtype=np.int64)


def _lengths(lengths: Iterable[int]) -> list[int]:
    """Read lengths of words."""
    parts = enumerate(as_items(lengths, "lengths"))
    wanted = [as_count(length, f"lengths[{i}]", 1, _LONGEST) for i, length in parts]
    if not wanted:
        raise ValueError("lengths must hold at least one length, got none")
    return wanted


def _kraft(lengths: list[int]) -> Fraction:
    """Add up two to the minus each length, exactly."""
    longest = max(lengths)
    return Fraction(sum(1 << (longest - length) for length in lengths), 1 << longest)
