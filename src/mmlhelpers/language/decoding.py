r"""From logits to text: temperature, top-k and top-p, and the loop that goes on writing."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import functional
from mmlhelpers._checks import Array, as_array, as_count, as_generator, as_number, as_tolerance
from mmlhelpers.language._tokens import as_tokens


class Readable(Protocol):
    """A language model that can be read to: `NGram` and `Transformer`; `size` is its number of tokens."""

    size: int

    def reader(self) -> Callable[[ArrayLike], Array]:
        """Return a function from the next tokens to the logits of the token after them."""


def shape(
    logits: ArrayLike, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> Array:
    r"""Turn the logits of the next token into the probabilities that it is drawn with.

    Parameters
    ----------
    logits : (V,) array_like
        Scores; minus infinity is allowed for some.
    temperature : float
        Divides the logits: below 1 sharper, above 1 flatter; 0 takes the best alone.
    top_k : int, optional
        Keep only so many of the best tokens.
    top_p : float, optional
        Keep the fewest tokens, best first, whose probabilities add up to at least this; from 0 to 1.

    Returns
    -------
    (V,) ndarray
        Probabilities that add up to one.

    Raises
    ------
    ValueError
        If a logit is NaN or plus infinity, all are minus infinity, or a parameter is out of range.

    Notes
    -----
    The temperature acts first, then `top_k`, then `top_p`. Of equal logits the one with the smaller number
    is better. Relative error a few :math:`\varepsilon`.

    References
    ----------
    Holtzman et al. (2020), The curious case of neural text degeneration, doi:10.48550/arXiv.1904.09751.

    Examples
    --------
    >>> shape(np.log([0.5, 0.3, 0.2]), top_p=0.6)
    array([0.625, 0.375, 0.   ])
    """
    scores, temperature = _as_logits(logits), as_tolerance(temperature, "temperature")
    best_first = np.argsort(-scores, kind="stable")
    if temperature == 0:
        certain: Array = np.eye(1, len(scores), best_first[0])[0]
        return certain
    with np.errstate(over="ignore"):
        sharp = scores / temperature
        if not np.isfinite(sharp.max()):  # the distance to the best may still be a float
            sharp = (scores - scores.max()) / temperature
        p = functional.softmax(sharp)[best_first]
    if top_k is not None:
        p[as_count(top_k, "top_k", 1) :] = 0
    p /= p.sum()
    if top_p is not None:
        top_p = as_number(top_p, "top_p")
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p must be above 0 and at most 1, got {top_p}")
        # A token stays if those better than it do not yet make up the share; rounding may not add one.
        p[1:][np.cumsum(p)[:-1] >= top_p * (1 - 1e-12)] = 0
        p /= p.sum()
    probabilities = np.empty_like(p)
    probabilities[best_first] = p
    return probabilities


def generate(
    model: Readable,
    prompt: ArrayLike,
    n_tokens: int,
    rng: np.random.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> NDArray[np.int64]:
    """Let a model go on writing.

    Parameters
    ----------
    model : Readable
        An `NGram` or a `Transformer`.
    prompt : (k,) array_like of int
        How the text begins; at least one token.
    n_tokens : int
        Number of tokens to write.
    rng : Generator
        Source of the draws: one uniform number a token.
    temperature, top_k, top_p : float, int and float
        As of `shape`.

    Returns
    -------
    (k + n_tokens,) ndarray of int
        The prompt and what follows it.

    Raises
    ------
    ValueError
        If the prompt is empty or holds what is no token of the model, or a parameter is out of range.

    Notes
    -----
    A transformer keeps what it has read in its cache, so that a token costs as much as the last one.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> from mmlhelpers import language
    >>> model = language.additive([0, 1, 2, 0, 1, 2], size=3, order=2, alpha=0)
    >>> generate(model, [0], 4, np.random.default_rng(0))
    array([0, 1, 2, 0, 1])
    """
    rng = as_generator(rng, "rng")
    written = as_tokens(prompt, model.size, "prompt").tolist()
    read = model.reader()
    logits = read(np.array(written))
    for _ in range(as_count(n_tokens, "n_tokens", 0)):
        steps = np.cumsum(shape(logits, temperature, top_k, top_p))
        # Scaled, because the sum of the shares may miss one by a rounding error.
        written.append(int(np.searchsorted(steps, rng.random() * steps[-1], side="right")))
        logits = read(written[-1:])
    return np.array(written, dtype=np.int64)


def _as_logits(value: ArrayLike) -> Array:
    """Read one row of scores, of which some may be minus infinity."""
    scores = as_array(value, "logits")
    if scores.ndim != 1 or scores.size == 0 or scores.dtype.kind not in "biuf":
        raise ValueError(
            f"logits must be numbers of shape (V,), not empty, got {scores.dtype} of shape {scores.shape}"
        )
    if not np.isfinite(scores.max()):  # NaN is the largest of all
        raise ValueError(f"logits must hold no NaN and no plus infinity, but a finite number, got {scores}")
    return scores.astype(np.float64, copy=False)
