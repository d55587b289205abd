r"""Arithmetic coding: any model that predicts the next symbol, turned into a compressor.

Throughout, an interval of whole numbers from `low` to `high`, both included, stands for an interval of
numbers from 0 to 1; a `model` has ``probabilities()`` of the next symbol and ``update(symbol)``.
"""

import copy
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_distribution, as_number
from mmlhelpers.information._arguments import Labels, as_binary, as_labels

__all__ = ["ContextModel", "Model", "arithmetic_decode", "arithmetic_encode", "code_length"]

_BITS = 60
_TOP, _HALF, _QUARTER = (1 << _BITS) - 1, 1 << (_BITS - 1), 1 << (_BITS - 2)
_TOTAL = 1 << 48  # shares of the interval; a symbol gets at least one of them
_MOST_SYMBOLS = 1 << 16


class Model(Protocol):
    """What predicts the next symbol from those it was updated with."""

    def probabilities(self) -> ArrayLike:
        """Give the probabilities of the next symbol.

        Returns
        -------
        (k,) array_like
            Probabilities that sum to one.
        """
        ...

    def update(self, symbol: int) -> None:
        """Take notice of a symbol.

        Parameters
        ----------
        symbol : int
            What was read.
        """
        ...


class ContextModel:
    r"""Predict each symbol from the few before it, learning while it reads.

    Parameters
    ----------
    n_symbols : int
        Size of the alphabet.
    order : int
        How many symbols back it looks, 0 or more.
    trust : float
        How many imaginary symbols each context starts with, spread as the next shorter one would predict.

    Raises
    ------
    ValueError
        If a count is too small or `trust` is not positive.

    Notes
    -----
    With counts :math:`c(s)` of what followed the last :math:`k` symbols so far, the probability of :math:`s`
    is :math:`(c(s) + a\,p_{k-1}(s)) / (\sum_t c(t) + a)`, where :math:`a` is the trust and :math:`p_{-1}` is
    uniform. It is the posterior mean of a Dirichlet prior, and never zero.

    Examples
    --------
    >>> model = ContextModel(2)
    >>> for symbol in (0, 0, 1):
    ...     model.update(symbol)
    >>> model.probabilities()
    array([0.6, 0.4])
    """

    def __init__(self, n_symbols: int, order: int = 0, trust: float = 2.0) -> None:
        self.n_symbols = as_count(n_symbols, "n_symbols", 1, _MOST_SYMBOLS)
        self.order = as_count(order, "order", 0)
        self.trust = as_number(trust, "trust")
        if self.trust <= 0:
            raise ValueError(f"trust must be a positive number, got {trust!r}")
        self._recent: deque[int] = deque(maxlen=self.order)
        self._counts: defaultdict[tuple[int, ...], Array] = defaultdict(lambda: np.zeros(self.n_symbols))

    def probabilities(self) -> Array:
        """Give the probabilities of the next symbol.

        Returns
        -------
        (n_symbols,) ndarray
            Probabilities that sum to one, none of them zero.
        """
        p = np.full(self.n_symbols, 1 / self.n_symbols)
        for context in self._contexts():
            if context in self._counts:
                counts = self._counts[context]
                p = (counts + self.trust * p) / (counts.sum() + self.trust)
        return p

    def update(self, symbol: int) -> None:
        """Take notice of a symbol.

        Parameters
        ----------
        symbol : int
            What was read, from 0 and below `n_symbols`.

        Raises
        ------
        ValueError
            If there is no such symbol.
        """
        symbol = as_count(symbol, "symbol", 0, self.n_symbols - 1)
        for context in self._contexts():
            self._counts[context][symbol] += 1
        self._recent.append(symbol)

    def __deepcopy__(self, memo: object) -> "ContextModel":
        """Copy the counts."""
        twin = ContextModel(self.n_symbols, self.order, self.trust)
        twin._recent.extend(self._recent)
        for context, counts in self._counts.items():
            twin._counts[context] = counts.copy()
        return twin

    def _contexts(self) -> Iterator[tuple[int, ...]]:
        """Yield the last symbols: none, one, two, up to the order."""
        recent = tuple(self._recent)
        return (recent[len(recent) - length :] for length in range(len(recent) + 1))


def code_length(symbols: ArrayLike, model: Model) -> Array:
    r"""Add up the surprise of a model that predicts each symbol before it sees it.

    Parameters
    ----------
    symbols : (n,) array_like of int
        What is read.
    model : Model
        What predicts; a copy of it learns, it stays as it was.

    Returns
    -------
    (n,) ndarray
        Surprise at each symbol, :math:`-\log_2 q(x_i \mid x_1 \dots x_{i-1})`, in bits. Their sum is, within
        two bits, what `arithmetic_encode` needs.

    Raises
    ------
    ValueError
        If the symbols are not whole numbers that the model knows.

    Notes
    -----
    Relative error a few :math:`\varepsilon`.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> code_length([0, 0], ContextModel(2))
    array([1.        , 0.5849625])
    """
    surprises = [-np.log2(p[symbol]) for symbol, p in _read(symbols, model)]
    return np.array(surprises) + 0.0


def arithmetic_encode(symbols: ArrayLike, model: Model) -> str:
    r"""Write symbols as one number: the more probable the model finds them, the fewer bits it needs.

    Parameters
    ----------
    symbols : (n,) array_like of int
        What to write.
    model : Model
        What predicts the next symbol; a copy of it learns, it stays as it was.

    Returns
    -------
    str
        The bits, as characters 0 and 1.

    Raises
    ------
    ValueError
        If the symbols are not whole numbers that the model knows.

    Notes
    -----
    Exact: `arithmetic_decode` with the same model reads it back, on the same machine (models that compute
    with rounding may differ on another). The length exceeds :math:`-\log_2 q(x)` by at most two bits, and by
    what is lost when probabilities are rounded to multiples of :math:`2^{-48}`: nothing that shows. What the
    model finds more surprising than 48 bits costs 48.

    References
    ----------
    Witten and others (1987), doi:10.1145/214762.214771; book, section "Information theory".

    Examples
    --------
    >>> len(arithmetic_encode([0] * 1000, ContextModel(2)))
    11
    """
    low, high, pending, bits = 0, _TOP, 0, []
    for symbol, p in _read(symbols, model):
        low, high = _narrow(low, high, _edges(p), symbol)
        while (step := _shift(low, high)) is not None:
            offset, bit = step
            low, high = 2 * (low - offset), 2 * (high - offset) + 1
            if bit is None:
                pending += 1
            else:
                bits.append(str(bit) + str(1 - bit) * pending)
                pending = 0
    last = int(low >= _QUARTER)
    bits.append(str(last) + str(1 - last) * (pending + 1))
    return "".join(bits)


def arithmetic_decode(bits: str, n: int, model: Model) -> Labels:
    """Read symbols back from the bits of `arithmetic_encode`.

    Parameters
    ----------
    bits : str
        Characters 0 and 1.
    n : int
        How many symbols were written.
    model : Model
        The model they were written with, in the state before the first symbol; it stays as it was.

    Returns
    -------
    (n,) ndarray of int
        The symbols.

    Raises
    ------
    ValueError
        If `bits` holds other characters or `n` is negative.

    Notes
    -----
    Exact, see `arithmetic_encode`. Any bits mean something: with another model, or bits damaged on the way,
    other symbols come out, and nothing warns.

    References
    ----------
    Witten and others (1987), doi:10.1145/214762.214771; book, section "Information theory".

    Examples
    --------
    >>> bits = arithmetic_encode([2, 0, 1, 0], ContextModel(3))
    >>> arithmetic_decode(bits, 4, ContextModel(3))
    array([2, 0, 1, 0])
    """
    coming = iter(as_binary(bits, "bits") + "0" * _BITS)
    model, symbols = copy.deepcopy(model), []
    low, high, value = 0, _TOP, int("".join(islice(coming, _BITS)), 2)
    for _ in range(as_count(n, "n", 0)):
        edges = _edges(as_distribution(model.probabilities(), "probabilities of the model"))
        share = ((value - low + 1) * _TOTAL - 1) // (high - low + 1)
        symbols.append(int(np.searchsorted(edges, share, side="right")) - 1)
        low, high = _narrow(low, high, edges, symbols[-1])
        while (step := _shift(low, high)) is not None:
            low, high, value = (2 * (number - step[0]) for number in (low, high, value))
            high, value = high + 1, value + int(next(coming, "0"))
        model.update(symbols[-1])
    return np.array(symbols, dtype=np.int64)


def _read(symbols: ArrayLike, model: Model) -> Iterator[tuple[int, Array]]:
    """Yield each symbol with the probabilities that a copy of the model gave before it saw the symbol."""
    model = copy.deepcopy(model)
    for symbol in as_labels(symbols, "symbols").tolist():
        p = as_distribution(model.probabilities(), "probabilities of the model")
        if symbol >= len(p) or p[symbol] == 0:
            raise ValueError(f"symbols must be possible under the model of {len(p)} symbols, got {symbol}")
        yield symbol, p
        model.update(symbol)


def _edges(p: Array) -> NDArray[np.int64]:
    """Cut the whole into shares (k + 1,), near the probabilities and at least one for every symbol."""
    edges = np.zeros(len(p) + 1, dtype=np.int64)
    edges[1:] = np.cumsum(p) * (_TOTAL - len(p))
    edges += np.arange(len(p) + 1)
    edges[-1] = _TOTAL
    return edges


def _narrow(low: int, high: int, edges: NDArray[np.int64], symbol: int) -> tuple[int, int]:
    """Keep the part of the interval that belongs to a symbol."""
    width = high - low + 1
    return (
        low + width * int(edges[symbol]) // _TOTAL,
        low + width * int(edges[symbol + 1]) // _TOTAL - 1,
    )


def _shift(low: int, high: int) -> tuple[int, int | None] | None:
    """Find what can be taken off before doubling: a half that is decided, or the middle, bit to follow."""
    if high < _HALF:
        return 0, 0
    if low >= _HALF:
        return _HALF, 1
    if low >= _QUARTER and high < _HALF + _QUARTER:
        return _QUARTER, None
    return None
