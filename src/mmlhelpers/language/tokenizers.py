"""Text to whole numbers and back: one number a character, or a byte-pair code learnt from a text."""

import itertools
import re
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import as_count, as_text
from mmlhelpers.language._tokens import as_tokens

Tokens = NDArray[np.int64]
Pair = tuple[int, int]

#: A word with the space before it, a run of other signs, or white space; together they make up any text.
_PIECE = re.compile(r" ?\w+| ?[^\w\s]+|\s+")


class Characters:
    """A code with one token a character; made by `characters`.

    Parameters
    ----------
    alphabet : str
        The characters in order; token i stands for the i-th.
    """

    def __init__(self, alphabet: str) -> None:
        self.alphabet, self.size = alphabet, len(alphabet)
        self._number = {character: i for i, character in enumerate(alphabet)}

    def encode(self, text: str) -> Tokens:
        """Write a text as numbers.

        Parameters
        ----------
        text : str
            A text in the alphabet.

        Returns
        -------
        (n,) ndarray of int
            One number a character.

        Raises
        ------
        ValueError
            If a character is not in the alphabet.
        """
        try:
            return np.array([self._number[character] for character in as_text(text, "text")], dtype=np.int64)
        except KeyError as missing:
            raise ValueError(
                f"text must consist of the alphabet {self.alphabet!r}, got {missing.args[0]!r}; "
                "leave it out, or use byte_pairs, which can write everything"
            ) from None

    def decode(self, tokens: ArrayLike) -> str:
        """Turn numbers back into text.

        Parameters
        ----------
        tokens : (n,) array_like of int
            Numbers below the size of the alphabet.

        Returns
        -------
        str
            The text.

        Raises
        ------
        ValueError
            If a number is out of range.
        """
        return "".join(self.alphabet[i] for i in as_tokens(tokens, self.size, "tokens", least=0))


class BytePairs:
    """A code that begins with the 256 bytes and joins frequent pairs; made by `byte_pairs`.

    Parameters
    ----------
    merges : sequence of (int, int)
        The pairs in the order in which they were joined; pair i became token 256 + i.
    """

    def __init__(self, merges: list[Pair]) -> None:
        self.merges = [_as_pair(pair, 256 + i) for i, pair in enumerate(merges)]
        self.size = 256 + len(self.merges)
        self._rank = {pair: rank for rank, pair in enumerate(self.merges)}
        self._spelling = [bytes([i]) for i in range(256)]
        for left, right in self.merges:
            self._spelling.append(self._spelling[left] + self._spelling[right])

    def encode(self, text: str) -> Tokens:
        """Write any text as numbers.

        Parameters
        ----------
        text : str
            Any Unicode text; lone surrogates are written too.

        Returns
        -------
        (n,) ndarray of int
            At most one number a byte of UTF-8.
        """
        known: dict[str, list[int]] = {}
        tokens: list[int] = []
        for piece in _PIECE.findall(as_text(text, "text")):
            if piece not in known:
                known[piece] = self._join(list(piece.encode("utf-8", "surrogatepass")))
            tokens += known[piece]
        return np.array(tokens, dtype=np.int64)

    def decode(self, tokens: ArrayLike) -> str:
        """Turn numbers back into text.

        Parameters
        ----------
        tokens : (n,) array_like of int
            Numbers below `size`.

        Returns
        -------
        str
            The text; where the bytes are not UTF-8, as in the middle of a sign, a replacement character.

        Raises
        ------
        ValueError
            If a number is out of range.
        """
        spelt = b"".join(self._spelling[i] for i in as_tokens(tokens, self.size, "tokens", least=0))
        try:
            return spelt.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return spelt.decode("utf-8", "replace")

    def pieces(self, text: str) -> list[str]:
        """Cut a text where its tokens end.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        list of str
            What each token stands for, in order.
        """
        return [self.decode([token]) for token in self.encode(text)]

    def _join(self, tokens: list[int]) -> list[int]:
        """Apply the merges to the bytes of one piece, the earliest merge first."""
        while len(tokens) > 1:
            rank, pair = min((self._rank.get(pair, self.size), pair) for pair in _pairs(tokens))
            if rank == self.size:
                break
            tokens = _joined(tokens, pair, 256 + rank)
        return tokens


def characters(text: str) -> Characters:
    """Make the code whose tokens are the characters of a text, in order of their code points.

    Parameters
    ----------
    text : str
        Any text that is not empty.

    Returns
    -------
    Characters
        With `encode`, `decode` and `size`.

    Raises
    ------
    ValueError
        If `text` is empty.

    Notes
    -----
    Exact: `decode(encode(s)) == s` for every text `s` over the same characters.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> code = characters("abba")
    >>> code.encode("baa"), code.decode([0, 1])
    (array([1, 0, 0]), 'ab')
    """
    if not as_text(text, "text"):
        raise ValueError("text must not be empty: its characters become the alphabet")
    return Characters("".join(sorted(set(text))))


def byte_pairs(text: str, n_merges: int) -> BytePairs:
    """Learn a byte-pair code: again and again, make the most frequent pair of tokens a token.

    Parameters
    ----------
    text : str
        Text to learn from.
    n_merges : int
        Largest number of pairs to join; fewer are joined when no pair occurs twice.

    Returns
    -------
    BytePairs
        With `encode`, `decode`, `pieces`, `merges` and `size`.

    Raises
    ------
    ValueError
        If `n_merges` is negative.

    Notes
    -----
    Exact: `decode(encode(s)) == s` for every Unicode text `s`. Pairs are counted inside words, to which the
    space before them belongs. Of equally frequent pairs the one with the smallest numbers is joined.

    References
    ----------
    Sennrich, Haddow and Birch (2016), Neural machine translation of rare words with subword units,
    doi:10.18653/v1/P16-1162.

    Examples
    --------
    >>> byte_pairs("low lower lowest", 3).pieces("low slow")
    ['low', ' ', 's', 'low']
    """
    n_merges = as_count(n_merges, "n_merges", 0)
    pieces = Counter(_PIECE.findall(as_text(text, "text")))
    words = [list(piece.encode("utf-8", "surrogatepass")) for piece in pieces]
    times = list(pieces.values())
    counts: Counter[Pair] = Counter()
    holders: defaultdict[Pair, set[int]] = defaultdict(set)
    for i, word in enumerate(words):
        for pair in _pairs(word):
            counts[pair] += times[i]
            holders[pair].add(i)
    merges: list[Pair] = []
    while len(merges) < n_merges and counts:
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        if counts[best] < 2:
            break
        for i in sorted(holders[best]):
            for pair in _pairs(words[i]):
                counts[pair] -= times[i]
            words[i] = _joined(words[i], best, 256 + len(merges))
            for pair in _pairs(words[i]):
                counts[pair] += times[i]
                holders[pair].add(i)
        merges.append(best)
        del counts[best], holders[best]
    return BytePairs(merges)


def _as_pair(pair: Pair, size: int) -> Pair:
    """Read two tokens that are there already when the pair is joined."""
    tokens = [as_count(token, "each token in merges", 0, size - 1) for token in pair]
    if len(tokens) != 2:
        raise ValueError(f"merges must be pairs of tokens, got {pair!r:.80}")
    return tokens[0], tokens[1]


def _pairs(tokens: list[int]) -> list[Pair]:
    return list(itertools.pairwise(tokens))


def _joined(tokens: list[int], pair: Pair, new: int) -> list[int]:
    """Replace every occurrence of a pair, from the left."""
    out, i = [], 0
    while i < len(tokens):
        if tuple(tokens[i : i + 2]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(tokens[i])
            i += 1
    return out
