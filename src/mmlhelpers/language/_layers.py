"""The fast forms of what a transformer is made of, forward and backward, on rows of tokens.

Throughout, `x` and `y` are what goes in and out, `dx` and `dy` their gradients; `B` texts of `n` tokens stand
below each other as `B n` rows of width `d`; `h` heads have width `d / h`. Sums over short rows are written as
products with a vector, which is several times faster than `sum(axis=-1)`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import Array
from mmlhelpers.nn._layers import spread

#: No exponential of scores below this can overflow or vanish in float32, so none needs a shift.
SAFE_SCORE = 40.0
#: Queries that are compared with keys at a time: fewer waste less on the future, more cost fewer calls.
BLOCK = 32
EPSILON = 1e-5  # added to a variance before its root is taken


class NormMemory(NamedTuple):
    """Rows of mean zero and variance one, (B n, d), and the factor that made them so, (B n, 1)."""

    unit: Array
    factor: Array


def norm(x: Array) -> NormMemory:
    """Give every row the mean zero and the variance one."""
    average = np.full(x.shape[1], 1 / x.shape[1], dtype=x.dtype)
    unit = x - (x @ average)[:, None]
    variance = np.einsum("ij,ij->i", unit, unit) * average[0]
    factor = (1 / np.sqrt(variance + x.dtype.type(EPSILON)))[:, None]
    if np.isinf(variance).any():
        factor = spread(unit, (-1,), EPSILON)[1][:, None]
    unit *= factor
    return NormMemory(unit, factor)


def norm_backward(d_unit: Array, memory: NormMemory) -> Array:
    """Take out of a gradient its mean and its part along the normalised row, and scale it back, in place."""
    unit, factor = memory
    average = np.full(unit.shape[1], 1 / unit.shape[1], dtype=unit.dtype)
    along = np.einsum("ij,ij->i", d_unit, unit) * average[0]
    d_unit -= (d_unit @ average)[:, None]
    d_unit -= unit * along[:, None]
    d_unit *= factor
    return d_unit


def gained(unit: Array, gain: Array, W: Array, columns: Any = 1) -> Array:
    """Scale normalised rows by `gain`, multiply by a matrix and scale the result's columns: one product."""
    out: Array = unit @ (gain[:, None] * W * columns)
    return out


def gained_backward(
    dy: Array, unit: Array, gain: Array, W: Array, dW: Array, d_gain: Array, columns: Any = 1
) -> Array:
    """Write the gradients by the matrix and by the gain, and return that by the normalised rows."""
    np.matmul(unit.T, dy, out=dW)
    dW *= columns
    np.einsum("ij,ij->i", dW, W, out=d_gain)
    dW *= gain[:, None]
    d_unit: Array = dy @ (gain[:, None] * W * columns).T
    return d_unit


class AttentionMemory(NamedTuple):
    """What the way back needs; the queries are scaled, the weights not yet divided by their sums."""

    Q: Array
    K: Array
    V: Array
    weights: list[Array]  # for each block of queries, (B, h, block, keys up to its end)
    shares: Array  # (B n, d): one over the sum of weights, for every entry of an output row
    rows: Array  # (B n, d), the outputs

    def divided(self) -> Array:
        """Put the weights of all blocks into one array, (B, h, n, n), and make its rows add up to one."""
        B, n_heads, n, _ = self.Q.shape
        whole = np.zeros((B, n_heads, n, n), dtype=self.Q.dtype)
        for (start, stop), weights in zip(_blocks(n), self.weights, strict=True):
            whole[:, :, start:stop, :stop] = weights
        whole /= whole.sum(axis=-1, keepdims=True)
        return whole


def _blocks(n: int) -> list[tuple[int, int]]:
    """Cut n queries into blocks: those of a block need no keys behind its end."""
    return [(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]


def causal_attention(Q: Array, K: Array, V: Array) -> tuple[Array, AttentionMemory]:
    """Attend to the past: scaled queries, keys and values (B, h, n, d / h) to rows (B n, d).

    The exponentials are divided by their sums after the product with the values, where there are fewer
    numbers to divide.
    """
    B, n_heads, n, width = Q.shape
    rows, sums = np.empty((B * n, n_heads * width), dtype=Q.dtype), np.empty((B, n_heads, n), dtype=Q.dtype)
    out, every = heads(rows, B, n_heads), []
    safe = _longest(Q) * _longest(K) < SAFE_SCORE  # by Cauchy and Schwarz no score is larger
    for start, stop in _blocks(n):
        past = np.tri(stop - start, dtype=Q.dtype)
        weights = Q[:, :, start:stop] @ K[:, :, :stop].transpose(0, 1, 3, 2)
        if not safe:
            weights[..., start:] += np.where(past > 0, 0, -np.inf).astype(Q.dtype)
            weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights[..., start:] *= past
        sums[..., start:stop] = weights @ np.ones(stop, dtype=Q.dtype)
        np.matmul(weights, V[:, :, :stop], out=out[:, :, start:stop])
        every.append(weights)
    shares = 1 / (sums.transpose(0, 2, 1).reshape(B * n, n_heads) @ _head_of_entry(n_heads, width, Q.dtype))
    rows *= shares
    return rows, AttentionMemory(Q, K, V, every, shares, rows)


def causal_attention_backward(
    d_rows: Array, memory: AttentionMemory, dQ: Array, dK: Array, dV: Array
) -> None:
    """Carry the gradient of the outputs, (B n, d), back to scaled queries, keys and values, written in place.

    The sum over a row of gradient times weights equals that of gradient times output, which is shorter.
    """
    Q, K, V, every, shares, rows = memory
    B, n_heads, n, width = Q.shape
    d_rows = d_rows * shares
    along = (d_rows * rows) @ _head_of_entry(n_heads, width, rows.dtype).T
    d_out, along = heads(d_rows, B, n_heads), heads(along, B, n_heads)  # (B, h, n, d / h) and (B, h, n, 1)
    for (start, stop), weights in reversed([*zip(_blocks(n), every, strict=True)]):
        part = d_out[:, :, start:stop]
        d_scores = part @ V[:, :, :stop].transpose(0, 1, 3, 2)
        d_scores -= along[:, :, start:stop]
        d_scores *= weights
        np.matmul(d_scores, K[:, :, :stop], out=dQ[:, :, start:stop])
        if stop == n:  # the last block reaches all keys
            np.matmul(weights.transpose(0, 1, 3, 2), part, out=dV)
            np.matmul(d_scores.transpose(0, 1, 3, 2), Q[:, :, start:], out=dK)
        else:
            dV[:, :, :stop] += weights.transpose(0, 1, 3, 2) @ part
            dK[:, :, :stop] += d_scores.transpose(0, 1, 3, 2) @ Q[:, :, start:stop]


def _head_of_entry(n_heads: int, width: int, dtype: np.dtype[Any]) -> Array:
    """Say which head an entry of a row belongs to, as a matrix (h, d): a product spreads or sums quickly."""
    return np.repeat(np.eye(n_heads, dtype=dtype), width, axis=1)


def _longest(parts: Array) -> float:
    """Length of the longest row of any head."""
    B, n_heads, n, width = parts.shape
    rows = parts.transpose(0, 2, 1, 3).reshape(B * n, n_heads * width)
    squares = (rows * rows) @ _head_of_entry(n_heads, width, rows.dtype).T
    return float(np.sqrt(squares.max()))


def heads(rows: Array, B: int, n_heads: int) -> Array:
    """View rows (B n, d) as heads (B, h, n, d / h), without a copy."""
    n = len(rows) // B
    return rows.reshape(B, n, n_heads, -1).transpose(0, 2, 1, 3)


def cross_entropy(logits: Array, targets: NDArray[np.int64]) -> tuple[float, Array]:
    """Average the surprise of the targets; targets below 0 do not count. Overwrites the logits.

    Returns the loss in nats and the gradient by the logits, (rows, V).
    """
    rows = np.arange(len(targets))
    counted = targets >= 0
    n_counted, targets = int(counted.sum()), np.where(counted, targets, 0)
    logits -= logits.max(axis=1, keepdims=True)
    of_target = logits[rows, targets]
    np.exp(logits, out=logits)
    sums = logits @ np.ones(logits.shape[1], dtype=logits.dtype)
    loss = float(np.sum((np.log(sums) - of_target) * counted, dtype=np.float64) / n_counted)
    logits /= sums[:, None]
    logits[rows, targets] -= 1
    logits *= (counted / logits.dtype.type(n_counted)).astype(logits.dtype)[:, None]
    return loss, logits


def rows_by_token(tokens: NDArray[np.int64], rows: Array, out: Array) -> None:
    """Add each row to the row of `out` that belongs to its token: sorted first, then summed in runs."""
    order = np.argsort(tokens, kind="stable")
    ordered = tokens[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    out[ordered[starts]] += np.add.reduceat(rows[order], starts)


def drop(x: Array, rate: float, rng: np.random.Generator | None) -> Array | None:
    """Set entries to zero at random and scale up the others, in place; return the factors, None if all 1."""
    if rng is None or not rate:
        return None
    factors = (rng.random(x.shape, dtype=np.float32) >= rate) * x.dtype.type(1 / (1 - rate))
    x *= factors
    return factors
