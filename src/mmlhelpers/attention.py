r"""Attention: soft look-up with dot products, forward and backward, masks, positions, a streaming form.

Throughout, `Q` are queries (..., n, d), `K` keys (..., m, d), `V` values (..., m, v), and a mask is True
where a query may look at a key, in a shape that broadcasts to (..., n, m). Axes in front are texts or heads.
What goes forward accepts the tensors of `mmlhelpers.autodiff` too (not `streaming`, `rotary`).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers import functional
from mmlhelpers._checks import (
    Array,
    Mask,
    as_array,
    as_count,
    as_floats,
    as_items,
    as_number,
    as_tolerance,
    as_vector,
)

__all__ = [
    "Attention",
    "Gradients",
    "Heads",
    "causal_mask",
    "multi_head",
    "multi_head_backward",
    "padding_mask",
    "rotary",
    "scaled_dot_product",
    "scaled_dot_product_backward",
    "sinusoidal",
    "streaming",
]


class Attention(NamedTuple):
    """What was looked up, `output` (..., n, v), and the shares of the values in it, `weights` (..., n, m)."""

    output: Any
    weights: Any


class Gradients(NamedTuple):
    """Gradients of a loss by queries, keys and values, each in the shape of the thing itself."""

    Q: Array
    K: Array
    V: Array


class Heads(NamedTuple):
    """Weights of an attention layer with heads: columns of `Q`, `K`, `V` (d, d) by head; `O` (d, d) mixes."""

    Q: Any
    K: Any
    V: Any
    O: Any


# What overflows is refused by name at the end, so nobody needs a warning on the way.
_quiet = np.errstate(over="ignore", invalid="ignore")

# Masks


def causal_mask(n: int) -> Mask:
    """Let every token look at itself and at those before it.

    Parameters
    ----------
    n : int
        Number of tokens.

    Returns
    -------
    (n, n) ndarray of bool
        True on and below the diagonal.

    Raises
    ------
    ValueError
        If `n` is not at least 1.

    Notes
    -----
    Exact.

    Examples
    --------
    >>> causal_mask(2)
    array([[ True, False],
           [ True,  True]])
    """
    return np.tri(as_count(n, "n", 1), dtype=bool)


def padding_mask(lengths: ArrayLike, n: int) -> Mask:
    """Let nobody look at the filling behind the end of a shorter text.

    Parameters
    ----------
    lengths : (b,) array_like of int
        Number of real tokens of each text, from 1 to `n`.
    n : int
        Number of tokens after filling.

    Returns
    -------
    (b, 1, n) ndarray of bool
        True at real tokens; the axis of length 1 stands for the queries.

    Raises
    ------
    ValueError
        If a length is not from 1 to `n`.

    Notes
    -----
    Exact. With heads, put an axis for them behind the first: ``mask[:, None]``.

    Examples
    --------
    >>> padding_mask([2, 3], 3)[:, 0]
    array([[ True,  True, False],
           [ True,  True,  True]])
    """
    n, counts = as_count(n, "n", 1), as_array(lengths, "lengths")
    if counts.ndim != 1 or counts.dtype.kind not in "iu" or np.any((counts < 1) | (counts > n)):
        raise ValueError(f"lengths must be whole numbers from 1 to n = {n}, got {lengths!r:.80}")
    return np.arange(n) < counts[:, None, None]


# Attention


@_quiet
def scaled_dot_product(
    Q: Any, K: Any, V: Any, mask: Mask | None = None, scale: float | None = None
) -> Attention:
    r"""Average values, weighted by how well their keys agree with a query.

    Parameters
    ----------
    Q : (..., n, d) array_like
        Queries.
    K : (..., m, d) array_like
        Keys.
    V : (..., m, v) array_like
        Values.
    mask : (..., n, m) ndarray of bool, optional
        True where a query may look; everywhere by default.
    scale : float, optional
        Factor of the scores, :math:`1/\sqrt d` by default.

    Returns
    -------
    Attention
        :math:`\operatorname{softmax}(QK^\top \cdot \text{scale})\,V`, the softmax over each row, and the
        weights.

    Raises
    ------
    ValueError
        If shapes do not fit, something is NaN or infinite, or a query may look nowhere.

    Notes
    -----
    Stable for scores of any size. Time and memory grow like :math:`nm`; `streaming` needs less memory.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, doi:10.48550/arXiv.1706.03762. Book, section "Case
    study: language models", equation (eq-attention).

    Examples
    --------
    >>> scaled_dot_product([[4.0, 0.0]], [[4.0, 0.0], [0.0, 4.0]], [[1.0], [0.0]]).output.round(3)
    array([[1.]])
    """
    Q, K, V = _as_rows(Q, "Q"), _as_rows(K, "K"), _as_rows(V, "V")
    if Q.shape[-1] != K.shape[-1] or K.shape[-2] != V.shape[-2]:
        raise ValueError(
            "Q and K must have rows of one length, K and V one number of rows, "
            f"got Q {Q.shape}, K {K.shape}, V {V.shape}"
        )
    return _attend(_scores(Q, K, _scale(scale, Q.shape[-1]), "Q and K"), V, mask)


@_quiet
def scaled_dot_product_backward(
    d_output: Array, Q: Array, K: Array, V: Array, weights: Array, scale: float | None = None
) -> Gradients:
    r"""Carry the gradient of the output of attention back to queries, keys and values.

    Parameters
    ----------
    d_output : (..., n, v) ndarray
        Gradient of the loss by the output.
    Q, K, V : ndarray
        What went in, without broadcasting over leading axes.
    weights : (..., n, m) ndarray
        The weights that came out.
    scale : float, optional
        The factor of the scores, as on the way forward.

    Returns
    -------
    Gradients
        With :math:`G = \partial\ell/\partial O`: :math:`A^\top G` for the values, and with
        :math:`\Delta = A \odot (GV^\top - \operatorname{rowsum}(GV^\top \odot A))` the scaled
        :math:`\Delta K` for the queries and :math:`\Delta^\top Q` for the keys.

    Raises
    ------
    ValueError
        If shapes do not fit, or something is NaN or infinite.

    Notes
    -----
    A masked place has weight 0 and gets gradient 0, so the mask need not be known. Relative error a few
    :math:`\varepsilon` times the square root of the sizes.

    References
    ----------
    Book, section "Case study: language models", equations (eq-grad-attention-values) to
    (eq-grad-attention-keys).

    Examples
    --------
    >>> Q, K, V = np.eye(2), np.eye(2), np.array([[1.0], [0.0]])
    >>> weights = scaled_dot_product(Q, K, V).weights
    >>> scaled_dot_product_backward(np.ones((2, 1)), Q, K, V, weights).V
    array([[1.],
           [1.]])
    """
    parts = {"d_output": d_output, "Q": Q, "K": K, "V": V, "weights": weights}
    d_output, Q, K, V, weights = (np.asarray(_as_rows(part, name)) for name, part in parts.items())
    n, m = Q.shape[:-1], K.shape[-2]
    if (d_output.shape, weights.shape, V.shape[:-1]) != ((*n, V.shape[-1]), (*n, m), K.shape[:-1]):
        raise ValueError(
            "d_output must be (..., n, v), Q (..., n, d), K (..., m, d), V (..., m, v), weights (..., n, m), "
            f"got {', '.join(f'{name} {np.shape(part)}' for name, part in parts.items())}"
        )
    scale = _scale(scale, Q.shape[-1])
    d_weights = d_output @ np.swapaxes(V, -1, -2)
    d_scores = weights * (d_weights - np.sum(d_weights * weights, axis=-1, keepdims=True)) * scale
    gradients = d_scores @ K, np.swapaxes(d_scores, -1, -2) @ Q, np.swapaxes(weights, -1, -2) @ d_output
    return Gradients(*(_finite(g, "d_output, Q, K, V and weights give gradients") for g in gradients))


@_quiet
def multi_head(X: Any, heads: Heads, n_heads: int, mask: Mask | None = None) -> Attention:
    r"""Attend with several heads at once, each in its own part of the coordinates.

    Parameters
    ----------
    X : (..., n, d) array_like
        Tokens as rows.
    heads : Heads
        Four matrices (d, d).
    n_heads : int
        Number of heads h, which divides d.
    mask : (n, n) ndarray of bool, optional
        True where a token may look.

    Returns
    -------
    Attention
        Output (..., n, d): the outputs of the heads side by side, times `heads.O`; weights (..., h, n, n).

    Raises
    ------
    ValueError
        If `n_heads` does not divide d, or shapes do not fit.

    Notes
    -----
    The scores of a head are :math:`X W_Q W_K^\top X^\top / \sqrt{d/h}`: a form of rank at most d/h.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> I = np.eye(4)
    >>> multi_head(np.ones((3, 4)), Heads(I, I, I, I), 2).weights.shape
    (2, 3, 3)
    """
    X, heads = _as_rows(X, "X"), _as_heads(heads)
    if X.shape[-1] != len(heads.Q):
        raise ValueError(f"X must have rows of the width {len(heads.Q)} of heads, got shape {X.shape}")
    Q, K, V = (_split(_finite(X @ W, "X and heads give products"), n_heads) for W in heads[:3])
    scores = _scores(Q, K, _scale(None, Q.shape[-1]), "X and heads")
    mixed, weights = _attend(scores, V, mask)
    return Attention(_finite(_merge(mixed) @ heads.O, "X and heads give products"), weights)


@_quiet
def multi_head_backward(d_output: Array, X: Array, heads: Heads, weights: Array) -> tuple[Array, Heads]:
    r"""Carry the gradient of the output of `multi_head` back to the tokens and to the four matrices.

    Parameters
    ----------
    d_output : (..., n, d) ndarray
        Gradient of the loss by the output.
    X : (..., n, d) ndarray
        Tokens.
    heads : Heads
        Matrices of the layer.
    weights : (..., h, n, n) ndarray
        The weights that came out.

    Returns
    -------
    tuple of ndarray and Heads
        Gradients by `X`, (..., n, d), and by the four matrices, (d, d) each, summed over texts.

    Raises
    ------
    ValueError
        If shapes do not fit, or something is NaN or infinite.

    Notes
    -----
    The queries, keys and values are computed again, which costs less than keeping them. Accuracy as of
    `scaled_dot_product_backward`.

    References
    ----------
    Book, section "Case study: language models".

    Examples
    --------
    >>> I, X = np.eye(4), np.ones((3, 4))
    >>> dX, d_heads = multi_head_backward(X, X, Heads(I, I, I, I), np.full((2, 3, 3), 1 / 3))
    >>> dX.shape, d_heads.O[0]
    ((3, 4), array([3., 3., 3., 3.]))
    """
    parts = {"d_output": d_output, "X": X, "weights": weights}
    d_output, X, weights = (np.asarray(_as_rows(part, name)) for name, part in parts.items())
    heads, (*b, n, d) = _as_heads(heads), X.shape
    if weights.ndim > 2 and d % weights.shape[-3]:
        raise ValueError(f"weights must be of heads that divide the width {d} of X, got {weights.shape[-3]}")
    if d != len(heads.Q) or d_output.shape != X.shape or weights.shape != (*b, *weights.shape[-3:-2], n, n):
        raise ValueError(
            f"X and d_output must be (..., n, {len(heads.Q)}) to fit heads, and weights (..., h, n, n), "
            f"got X {X.shape}, d_output {d_output.shape}, weights {weights.shape}"
        )
    n_heads = weights.shape[-3]
    what = "d_output, X, heads and weights give gradients"
    Q, K, V = (_split(_finite(X @ W, what), n_heads) for W in heads[:3])
    d_mixed = _split(_finite(d_output @ heads.O.T, what), n_heads)
    d_O = _outer(_merge(weights @ V), d_output)
    d_parts = [_merge(g) for g in scaled_dot_product_backward(d_mixed, Q, K, V, weights)]
    dX = sum(g @ W.T for g, W in zip(d_parts, heads[:3], strict=True))
    d_heads = Heads(*[*(_outer(X, g) for g in d_parts), d_O])
    return np.asarray(_finite(dX, what)), Heads(*(_finite(g, what) for g in d_heads))


@_quiet
def streaming(Q: Any, K: Any, V: Any, causal: bool = False, block: int = 64) -> Array:
    r"""Attend without ever holding the whole matrix of weights.

    Parameters
    ----------
    Q : (n, d) array_like
        Queries.
    K : (m, d) array_like
        Keys.
    V : (m, v) array_like
        Values.
    causal : bool
        Whether query i may look at keys up to i only.
    block : int
        Number of keys seen at a time.

    Returns
    -------
    (n, v) ndarray
        The output of `scaled_dot_product`.

    Raises
    ------
    ValueError
        If shapes do not fit or `block` is not at least 1.

    Notes
    -----
    Every query keeps the largest score so far, the sum of the exponentials below it and the sum of the values
    weighted by them; when a larger score comes, both sums are scaled down. Memory :math:`n \cdot` `block`
    instead of :math:`nm`; the same result up to a few :math:`\varepsilon`.

    References
    ----------
    Milakov and Gimelshein (2018), Online normalizer calculation for softmax, doi:10.48550/arXiv.1805.02867.
    Dao et al. (2022), FlashAttention, doi:10.48550/arXiv.2205.14135.

    Examples
    --------
    >>> Q = np.eye(3)
    >>> bool(np.allclose(streaming(Q, Q, Q, block=2), scaled_dot_product(Q, Q, Q).output))
    True
    """
    Q, K, V = (np.asarray(_as_rows(M, name)) for M, name in ((Q, "Q"), (K, "K"), (V, "V")))
    block, (*_, n, d) = as_count(block, "block", 1), Q.shape
    if not Q.ndim == K.ndim == V.ndim == 2 or K.shape[1] != d or len(K) != len(V):
        raise ValueError(
            "Q, K and V must be matrices, Q and K with rows of one length, K and V with one number of rows, "
            f"got Q {Q.shape}, K {K.shape}, V {V.shape}"
        )
    top, total, mixed = np.full((n, 1), -np.inf), np.zeros((n, 1)), np.zeros((n, V.shape[1]))
    for start in range(0, len(K), block):
        scores = _scores(Q, K[start : start + block], d**-0.5, "Q and K")
        if causal:
            seen = np.arange(n)[:, None] >= start + np.arange(scores.shape[1])
            scores = np.where(seen, scores, -np.inf)
        higher = np.maximum(top, scores.max(axis=1, keepdims=True))
        anchor = np.where(np.isfinite(higher), higher, 0.0)  # a query may have seen nothing yet
        shrink, exponentials = np.exp(top - anchor), np.exp(scores - anchor)
        total = shrink * total + exponentials.sum(axis=1, keepdims=True)
        mixed = shrink * mixed + exponentials @ V[start : start + block]
        top = higher
    return mixed / total


# Positions


@_quiet
def sinusoidal(n: int, d: int, base: float = 10_000.0) -> Array:
    r"""Give every position a point: angles that turn at different speeds, as cosines and sines.

    Parameters
    ----------
    n : int
        Number of positions.
    d : int
        Number of coordinates, even.
    base : float
        The slowest pair turns about `base` times as slowly as the fastest.

    Returns
    -------
    (n, d) ndarray
        Columns :math:`2i` and :math:`2i + 1` are :math:`\cos \omega_i t` and :math:`\sin \omega_i t` with
        :math:`\omega_i = \text{base}^{-2i/d}` and t = 0, 1, ...

    Raises
    ------
    ValueError
        If `d` is odd or `base` is not positive.

    Notes
    -----
    Absolute error about :math:`n\,\varepsilon`.

    References
    ----------
    Vaswani et al. (2017), Attention is all you need, doi:10.48550/arXiv.1706.03762.

    Examples
    --------
    >>> sinusoidal(2, 4).round(2)
    array([[1.  , 0.  , 1.  , 0.  ],
           [0.54, 0.84, 1.  , 0.01]])
    """
    angles = _angles(np.arange(float(as_count(n, "n", 1))), as_count(d, "d", 2), base)
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).reshape(n, d)


@_quiet
def rotary(X: Any, positions: ArrayLike | None = None, base: float = 10_000.0) -> Array:
    r"""Turn every pair of coordinates of a row by an angle that grows with its position.

    Parameters
    ----------
    X : (..., n, d) array_like
        Queries or keys; d is even.
    positions : (n,) array_like, optional
        Position of each row, 0, 1, ... by default; negative ones turn back.
    base : float
        As of `sinusoidal`.

    Returns
    -------
    (..., n, d) ndarray
        Rows of the same lengths, whose dot products depend on positions only through their differences.

    Raises
    ------
    ValueError
        If d is odd, there is not one position for each row, or `base` is not positive.

    Notes
    -----
    Coordinates :math:`2i` and :math:`2i + 1` are turned by :math:`\omega_i t`, see `sinusoidal`. A rotation's
    transpose is its inverse: gradients are carried back by ``rotary(dX, -positions)``.

    References
    ----------
    Su et al. (2021), RoFormer: enhanced transformer with rotary position embedding,
    doi:10.48550/arXiv.2104.09864.

    Examples
    --------
    >>> rotary([[1.0, 0.0], [1.0, 0.0]]).round(2)
    array([[1.  , 0.  ],
           [0.54, 0.84]])
    """
    rows = np.asarray(_as_rows(X, "X"))
    n, d = rows.shape[-2:]
    places = np.arange(float(n)) if positions is None else as_vector(positions, "positions")
    if len(places) != n:
        raise ValueError(f"positions must be {n}, one for each row of X {rows.shape}, got {len(places)}")
    if d % 2:
        raise ValueError(
            f"X must have an even number of columns, which turn in pairs, got shape {rows.shape}"
        )
    angles = _angles(places, d, base)
    cosines, sines = np.cos(angles).astype(rows.dtype), np.sin(angles).astype(rows.dtype)
    even, odd = rows[..., 0::2], rows[..., 1::2]
    turned = np.empty_like(rows)
    turned[..., 0::2] = even * cosines - odd * sines
    turned[..., 1::2] = even * sines + odd * cosines
    return turned


# Helpers


def _as_rows(value: Any, name: str) -> Any:
    """Read rows of finite numbers, with any axes before them; tensors and arrays stay what they are."""
    traced = hasattr(value, "__array_ufunc__") and not isinstance(value, np.ndarray | np.generic)
    rows = value if traced else as_floats(value, name)
    if len(rows.shape) < 2 or 0 in rows.shape:
        raise ValueError(f"{name} must have shape (..., n, d), not empty, got shape {rows.shape}")
    if not np.all(np.isfinite(rows)):
        raise ValueError(f"{name} must be finite, got NaN or infinity: remove or replace such entries")
    return rows


def _as_heads(heads: Heads) -> Heads:
    """Read four square matrices of one size."""
    matrices = [_as_rows(W, f"heads[{i}]") for i, W in enumerate(as_items(heads, "heads"))]
    shapes = [tuple(W.shape) for W in matrices]
    if len(shapes) != 4 or shapes != 4 * [2 * shapes[0][:1]]:
        raise ValueError(f"heads must be four square matrices of one size, got shapes {shapes}")
    return Heads(*matrices)


def _scale(scale: float | None, d: int) -> float:
    """Return the factor of the scores."""
    return float(d) ** -0.5 if scale is None else as_number(scale, "scale")


def _scores(Q: Any, K: Any, scale: float, whose: str) -> Any:
    """Multiply queries by keys, and say it if the products have no place in the floats."""
    return _finite(Q @ np.swapaxes(K, -1, -2) * scale, f"{whose} give scores")


def _attend(scores: Any, V: Any, mask: Mask | None) -> Attention:
    """Average values by the softmax of scores."""
    if mask is not None:
        scores = scores + _closed(mask, scores.shape)
    weights = functional.softmax(scores)
    return Attention(weights @ V, weights)


def _finite(numbers: Any, what: str) -> Any:
    """Refuse what left the floats."""
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{what} beyond the largest float: scale them down")
    return numbers


def _closed(mask: Mask, shape: tuple[int, ...]) -> Array:
    """Write a mask as numbers to be added to scores: 0 where one may look, minus infinity elsewhere."""
    mask = as_array(mask, "mask")
    if mask.dtype != np.bool_ or mask.ndim > len(shape):
        raise ValueError(f"mask must be True or False and fit scores {shape}, got {mask.dtype} {mask.shape}")
    try:
        np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask has shape {mask.shape}, but the scores {shape}: make them agree") from None
    if not mask.any(axis=-1).all():
        raise ValueError("mask leaves a query no key to look at: let it look at itself at least")
    return np.where(mask, 0.0, -np.inf)


def _split(rows: Any, n_heads: int) -> Any:
    """Cut rows (..., n, d) into heads (..., h, n, d / h)."""
    *axes, n, d = rows.shape
    if d % as_count(n_heads, "n_heads", 1):
        raise ValueError(f"n_heads must divide the width {d}, got {n_heads}")
    return np.swapaxes(np.reshape(rows, (*axes, n, n_heads, d // n_heads)), -2, -3)


def _merge(parts: Any) -> Any:
    """Put heads (..., h, n, k) side by side as rows (..., n, h k)."""
    *axes, h, n, k = parts.shape
    return np.reshape(np.swapaxes(parts, -2, -3), (*axes, n, h * k))


def _outer(x: Array, g: Array) -> Array:
    """Sum x gᵀ over all rows: the gradient by the matrix of a linear map."""
    return x.reshape(-1, x.shape[-1]).T @ g.reshape(-1, g.shape[-1])


def _angles(positions: Array, d: int, base: float) -> Array:
    """Angle of each pair of coordinates at each position, (n, d / 2)."""
    if d % 2:
        raise ValueError(f"d must be even, since coordinates turn in pairs, got {d}")
    if as_tolerance(base, "base") == 0:
        raise ValueError(f"base must be positive, got {base!r}")
    angles: Array = positions[:, None] * as_number(base, "base") ** (-np.arange(0, d, 2) / d)
    return np.asarray(_finite(angles, f"positions and base = {base} give angles"))
