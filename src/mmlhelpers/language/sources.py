r"""Texts to learn from: the book's own prose, the reader's files, and sources whose entropy is known."""

import os
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmlhelpers import functional
from mmlhelpers._checks import Array, as_count, as_generator, as_items, as_number
from mmlhelpers.language.transformer import Transformer, restore

Tokens = NDArray[np.int64]
_DATA = resources.files("mmlhelpers.language") / "data"
#: Models whose weights come with the package.
SHIPPED = ("characters", "induction_1", "induction_2")


_SHARPEST = 1e6  # more would not make a text more certain


def corpus(path: str | os.PathLike[str] | None = None) -> str:
    """Read a text to learn from.

    Parameters
    ----------
    path : path, optional
        A text file in UTF-8; without one, the prose of the first four chapters of this book, frozen as its
        first version.

    Returns
    -------
    str
        The text, line ends as in the file.

    Raises
    ------
    ValueError
        If the file is empty or not in UTF-8.

    Notes
    -----
    Exact. The book's corpus is made by `tools/make_corpus.py`: formulas, code and markup are taken out, and
    sentences that need them left out.

    Examples
    --------
    >>> corpus()[:45]
    'You need school algebra and a little Python. '
    """
    content = (_DATA / "book_1.txt").read_bytes() if path is None else Path(path).read_bytes()
    name = "the corpus" if path is None else os.fspath(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"path must lead to a text in UTF-8, but {name} has another encoding at byte {error.start}: "
            "save it as UTF-8 and try again"
        ) from None
    if not text.strip():
        raise ValueError(
            f"path must lead to a text that is not empty, but {name} has nothing but white space"
        )
    return text


def shipped(name: str) -> Transformer:
    """Load a model that was trained as the page trains it and comes with the package.

    Parameters
    ----------
    name : str
        "characters", the model of the book's corpus; "induction_1" or "induction_2", models of repeated
        patterns with one and with two layers.

    Returns
    -------
    Transformer
        In float32; its weights are stored in half precision.

    Raises
    ------
    ValueError
        If there is no model of that name.

    Notes
    -----
    Half precision keeps three decimal digits of a weight; the loss changes by less than a thousandth.

    Examples
    --------
    >>> shipped("induction_1").n_layers
    1
    """
    if name not in SHIPPED:
        raise ValueError(f"name must be one of {', '.join(SHIPPED)}, got {name!r}")
    with resources.as_file(_DATA / f"{name}.npz") as path:
        return restore(path)


class Markov(NamedTuple):
    """A source that draws each token from the `order` before it, and its entropy rate in nats a token.

    `shares` (V, ..., V) has one axis for each token of the context, oldest first, and a last one for the next
    token, along which it adds up to one.
    """

    shares: Array
    entropy_rate: float

    def draw(self, n: int, rng: np.random.Generator) -> Tokens:
        """Draw a text.

        Parameters
        ----------
        n : int
            Number of tokens.
        rng : Generator
            Source of the draws.

        Returns
        -------
        (n,) ndarray of int
            The text, after a thousand tokens that are thrown away.
        """
        rng = as_generator(rng, "rng")
        n = as_count(n, "n", 1)
        steps, size, order = np.cumsum(self.shares, axis=-1), len(self.shares), self.shares.ndim - 1
        text = list(rng.integers(size, size=order))
        for u in rng.random(n + 1000):
            row = steps[tuple(text[-order:])]
            text.append(int(min(np.searchsorted(row, u, side="right"), size - 1)))
        return np.array(text[-n:], dtype=np.int64)


def markov(size: int, order: int, rng: np.random.Generator, sharpness: float = 2.0) -> Markov:
    r"""Make a random source with a memory, and compute how unpredictable it is.

    Parameters
    ----------
    size : int
        Number of different tokens, V.
    order : int
        Number of tokens that the next one depends on, at least 1.
    rng : Generator
        Source of the logits, which are normal with standard deviation `sharpness`.
    sharpness : float
        0 makes all tokens equally likely; large values make the text nearly certain.

    Returns
    -------
    Markov
        With `draw` and `entropy_rate`.

    Raises
    ------
    ValueError
        If `size` or `order` is too small.

    Notes
    -----
    The entropy rate is the mean, over contexts h in the long run, of :math:`-\sum_w p(w|h) \log p(w|h)`. No
    model has a smaller cross-entropy. Contexts are weighted by 10,000 steps of the chain, which leaves an
    error far below 1e-9 here.

    References
    ----------
    Cover and Thomas (2006), Elements of information theory, section 4.2, doi:10.1002/047174882X.

    Examples
    --------
    >>> bool(np.isclose(markov(4, 1, np.random.default_rng(0), sharpness=0).entropy_rate, np.log(4)))
    True
    """
    rng = as_generator(rng, "rng")
    size, order = as_count(size, "size", 2), as_count(order, "order", 1)
    if not abs(as_number(sharpness, "sharpness")) <= _SHARPEST:
        raise ValueError(f"sharpness must be from {-_SHARPEST:g} to {_SHARPEST:g}, got {sharpness:g}")
    shares = functional.softmax(float(sharpness) * rng.normal(size=(size,) * (order + 1)))
    contexts = np.full((size,) * order, float(size) ** -order)
    for _ in range(10_000):
        contexts = (contexts[..., None] * shares).sum(axis=0)  # the oldest token is forgotten
    entropies = -np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=-1)
    return Markov(shares, float(np.sum(contexts * entropies)))


class Texts(NamedTuple):
    """Inputs `x` (B, n) and targets `y` (B, n), the next tokens; -1 where nobody can know, not counted."""

    x: Tokens
    y: Tokens


def induction(
    n_texts: int,
    rng: np.random.Generator,
    size: int = 16,
    length: int = 32,
    periods: tuple[int, int] = (4, 12),
    jumps: float = 0.2,
) -> Texts:
    """Draw texts that repeat a random pattern of unknown length, and jump within it.

    Parameters
    ----------
    n_texts : int
        Number of texts B.
    rng : Generator
        Source of patterns, of their lengths and of the jumps.
    size : int
        Number of different tokens; a pattern holds no token twice.
    length : int
        Number of tokens of each text.
    periods : (int, int)
        Shortest and longest pattern.
    jumps : float
        Share of the tokens after the first round that begin anew somewhere in the pattern.

    Returns
    -------
    Texts
        Tokens and targets, (B, length - 1) each.

    Raises
    ------
    ValueError
        If a pattern cannot be longer than it is short, has more tokens than there are, or does not begin
        again within the text.

    Notes
    -----
    A text begins with the pattern and its first token again; from there on the next token is what followed
    this one before, unless there is a jump. Only these targets count, so the best possible loss is 0 and the
    best accuracy 1. Because of the jumps, neither the place nor the period helps: one has to look.

    References
    ----------
    Olsson et al. (2022), In-context learning and induction heads, doi:10.48550/arXiv.2209.11895.

    Examples
    --------
    >>> induction(1, np.random.default_rng(0), size=4, length=8, periods=(3, 3), jumps=0)
    Texts(x=array([[2, 0, 1, 2, 0, 1, 2]]), y=array([[-1, -1, -1,  0,  1,  2,  0]]))
    """
    rng = as_generator(rng, "rng")
    n_texts, size, length = (
        as_count(n_texts, "n_texts", 1),
        as_count(size, "size", 1),
        as_count(length, "length", 3),
    )
    short, long = _as_periods(periods)
    if not 0 <= as_number(jumps, "jumps") <= 1:
        raise ValueError(f"jumps must be a share from 0 to 1, got {jumps!r}")
    if not 1 <= short <= long <= min(size, length - 2):
        raise ValueError(
            f"periods must be two numbers, 1 <= shortest <= longest <= {min(size, length - 2)}, got {periods}"
        )
    patterns = rng.permuted(np.tile(np.arange(size), (n_texts, 1)), axis=1)
    period = rng.integers(short, long + 1, size=n_texts)
    jump = (rng.random((n_texts, length)) < jumps) & (np.arange(length) > period[:, None])
    landing = rng.integers(period[:, None], size=(n_texts, length))
    phase = np.zeros((n_texts, length), dtype=np.int64)
    for t in range(1, length):
        phase[:, t] = np.where(jump[:, t], landing[:, t], (phase[:, t - 1] + 1) % period)
    texts = np.take_along_axis(patterns, phase, axis=1)
    known = (np.arange(length) > period[:, None]) & ~jump
    return Texts(texts[:, :-1], np.where(known, texts, -1)[:, 1:])


def _as_periods(periods: tuple[int, int]) -> tuple[int, int]:
    """Read a shortest and a longest pattern."""
    ends = [as_count(n, f"periods[{i}]", 1) for i, n in enumerate(as_items(periods, "periods"))]
    if len(ends) != 2:
        raise ValueError(f"periods must be two numbers, the shortest and the longest, got {periods!r:.80}")
    return ends[0], ends[1]
