r"""Models that count: n-grams with additive and with Kneser-Ney smoothing.

Throughout, `tokens` are whole numbers from 0 to `size` - 1, a context is the tokens before the one to be
guessed, and a gram is a context with the token after it. Logarithms are natural: losses are in nats a token.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_count, as_tolerance
from mmlhelpers.language._tokens import as_tokens

Tokens = NDArray[np.int64]


_HUGE = 2.0**900  # beside it all counts are nothing, and its sums overflow
_CHARACTERS = 0x110000  # how many different ones a string can hold


class _Followers(NamedTuple):
    """The tokens seen after a context, and how often each."""

    tokens: Tokens
    counts: Array


_Table = dict[str, _Followers]  # a context as a string whose characters are its tokens


class NGram:
    r"""A model that guesses a token from the `order` - 1 before it; made by `additive` or `kneser_ney`.

    Parameters
    ----------
    order : int
        Length of a gram, at least 1.
    size : int
        Number of different tokens, V.
    tables : list of dict
        For every context length from 0 on, what followed each context.
    discounts : list of float, optional
        What Kneser-Ney takes from every count, by context length.
    alpha : float
        What additive smoothing adds to every count.
    """

    def __init__(
        self,
        order: int,
        size: int,
        tables: list[_Table],
        discounts: Sequence[float] | None = None,
        alpha: float = 0.0,
    ) -> None:
        self.order, self.size, self.alpha = order, size, alpha
        self._tables, self._discounts = tables, discounts
        self._known: dict[str, Array] = {}

    def probabilities(self, context: ArrayLike) -> Array:
        """Give the probability of every token after a context.

        Parameters
        ----------
        context : (k,) array_like of int
            The tokens so far; the last `order` - 1 count, fewer are allowed.

        Returns
        -------
        (size,) ndarray
            Shares that add up to one.

        Raises
        ------
        ValueError
            If a token is out of range.
        """
        tokens = as_tokens(context, self.size, "context", least=0)
        return self._after(_key(tokens[len(tokens) - self.order + 1 :] if self.order > 1 else tokens[:0]))

    def text_loss(self, tokens: ArrayLike) -> float:
        """Average the surprise of a text, each token but the first guessed from those before it.

        Parameters
        ----------
        tokens : (n,) array_like of int
            A text of at least two tokens.

        Returns
        -------
        float
            Cross-entropy in nats a token; infinite where a token was thought impossible.

        Raises
        ------
        ValueError
            If a token is out of range, or there are fewer than two.
        """
        tokens = as_tokens(tokens, self.size, "tokens", least=2)
        text, back = _key(tokens), self.order - 1
        shares = [self._after(text[max(0, i - back) : i])[tokens[i]] for i in range(1, len(tokens))]
        with np.errstate(divide="ignore"):
            return float(-np.mean(np.log(shares)))

    def reader(self) -> Callable[[ArrayLike], Array]:
        """Begin to read a text bit by bit.

        Returns
        -------
        callable
            From the next tokens, (k,), to the logarithms of the probabilities of the token after them, (V,).
        """
        read = np.zeros(0, dtype=np.int64)

        def extend(tokens: ArrayLike) -> Array:
            nonlocal read
            read = np.concatenate([read, as_tokens(tokens, self.size, "tokens", least=0)])[-self.order :]
            with np.errstate(divide="ignore"):
                logits: Array = np.log(self.probabilities(read))
            return logits

        return extend

    def _after(self, context: str) -> Array:
        """Distribution after a context, remembered."""
        if context not in self._known:
            self._known[context] = (
                self._additive(context) if self._discounts is None else self._kneser_ney(context)
            )
        return self._known[context]

    def _additive(self, context: str) -> Array:
        counts = np.full(self.size, self.alpha)
        seen = self._tables[len(context)].get(context)
        if seen is not None:
            counts[seen.tokens] += seen.counts
        if self.alpha > _HUGE:
            counts /= self.alpha
        total = counts.sum()
        return counts / total if total > 0 else np.full(self.size, 1 / self.size)

    def _kneser_ney(self, context: str) -> Array:
        assert self._discounts is not None
        shorter = self._after(context[1:]) if context else np.full(self.size, 1 / self.size)
        seen = self._tables[len(context)].get(context)
        if seen is None:
            return shorter
        discount, total = self._discounts[len(context)], seen.counts.sum()
        shares: Array = discount * len(seen.tokens) / total * shorter
        shares[seen.tokens] += (seen.counts - discount) / total
        return shares


def additive(tokens: ArrayLike, size: int, order: int, alpha: float = 1.0) -> NGram:
    r"""Count grams, and add a little to every count.

    Parameters
    ----------
    tokens : (n,) array_like of int
        Text to learn from.
    size : int
        Number of different tokens, V.
    order : int
        Length of a gram: 1 ignores the context, 2 looks at one token.
    alpha : float
        What is added to each count; 0 gives the relative frequencies.

    Returns
    -------
    NGram
        :math:`p(w \mid h) = (c(hw) + \alpha) / (c(h) + \alpha V)`; uniform after a context never seen.

    Raises
    ------
    ValueError
        If `tokens` has fewer than `order` entries or one out of range, or `alpha` is negative.

    Notes
    -----
    Exact up to rounding. Time and memory grow like the number of different grams.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> additive([0, 1, 0, 1, 0, 0], size=2, order=2).probabilities([0])
    array([0.4, 0.6])
    """
    tokens, order = _as_text(tokens, size, order)
    text = _key(tokens)
    tables = [_followers(Counter(_grams(text, m + 1))) for m in range(order)]
    return NGram(order, size, tables, alpha=as_tolerance(alpha, "alpha"))


def kneser_ney(tokens: ArrayLike, size: int, order: int) -> NGram:
    r"""Count grams, take a discount from each, and give it to shorter contexts.

    Parameters
    ----------
    tokens : (n,) array_like of int
        Text to learn from.
    size : int
        Number of different tokens, V.
    order : int
        Length of the longest gram.

    Returns
    -------
    NGram
        :math:`p(w \mid h) = \frac{c(hw) - D}{c(h)} + \frac{D\,N(h)}{c(h)}\, p(w \mid h')`, where :math:`h'`
        is `h` without its first token and :math:`N(h)` the number of different tokens seen after `h`. In
        shorter contexts a gram is counted once for every different token before it.

    Raises
    ------
    ValueError
        If `tokens` has fewer than `order` entries or one out of range.

    Notes
    -----
    For every length the discount is :math:`D = n_1 / (n_1 + 2 n_2)`, from the numbers of grams seen once and
    twice. The longest context backs off to the uniform distribution in the end, so no share is zero.

    References
    ----------
    Kneser and Ney (1995), Improved backing-off for M-gram language modeling,
    doi:10.1109/ICASSP.1995.479394.

    Examples
    --------
    >>> model = kneser_ney([0, 1, 0, 1, 0, 0, 2], size=3, order=2)
    >>> bool(np.isclose(model.probabilities([1]).sum(), 1))
    True
    """
    tokens, order = _as_text(tokens, size, order)
    counts = [Counter(_grams(_key(tokens), order))]
    for _ in range(order - 1):
        # A gram of a shorter length counts once for every different token that stood before it.
        counts.append(Counter(gram[1:] for gram in counts[-1]))
    counts.reverse()
    return NGram(order, size, [_followers(c) for c in counts], [_discount(c) for c in counts])


def _as_text(tokens: ArrayLike, size: int, order: int) -> tuple[Tokens, int]:
    """Read what to learn from, and check that it has at least one gram."""
    size, order = as_count(size, "size", 1, _CHARACTERS), as_count(order, "order", 1)
    return as_tokens(tokens, size, "tokens", least=order), order


def _key(tokens: Tokens) -> str:
    """Write tokens as characters, so that grams are slices of a string."""
    return "".join(map(chr, tokens.tolist()))


def _grams(text: str, length: int) -> Iterable[str]:
    return (text[i : i + length] for i in range(len(text) - length + 1))


def _followers(counts: Counter[str]) -> _Table:
    """Sort grams by their context."""
    table: defaultdict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for gram, count in sorted(counts.items()):
        tokens, numbers = table[gram[:-1]]
        tokens.append(ord(gram[-1]))
        numbers.append(count)
    return {h: _Followers(np.array(w), np.array(c, dtype=float)) for h, (w, c) in table.items()}


def _discount(counts: Counter[str]) -> float:
    once, twice = (sum(count == n for count in counts.values()) for n in (1, 2))
    return once / (once + 2 * twice) if once and twice else 0.5
