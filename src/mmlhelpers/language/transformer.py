r"""A transformer that reads text from left to right: training, evaluation, a cache of keys and values.

Throughout, `V` is the number of different tokens, `n` the number of tokens of a text, `d` the width; `B`
texts are handed over as whole numbers (B, n).
"""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mmlhelpers import attention, functional
from mmlhelpers._checks import Array, as_array, as_count, as_generator
from mmlhelpers.language import _layers as fast
from mmlhelpers.language._tokens import as_tokens
from mmlhelpers.nn import Parameters
from mmlhelpers.nn._layers import as_share
from mmlhelpers.nn._parameters import in_precision, write_arrays

Tokens = NDArray[np.int64]

POSITIONS = ("learned", "sinusoidal", "rotary", "none")
#: Windows of a long text that are evaluated at a time.
BATCH = 64


class Transformer:
    r"""Embeddings, layers of attention and of ReLU networks on a residual stream, tied output.

    Parameters
    ----------
    size : int
        Number of different tokens, V.
    context : int
        Longest text that can be read at once.
    width : int
        Length d of the row that stands for a token.
    n_layers, n_heads : int
        Number of layers, and of attention heads in each; `n_heads` divides `width`.
    hidden : int, optional
        Units of the ReLU network of each layer; 4 d by default, 0 leaves it out.
    positions : str
        "learned", "sinusoidal" (both added to the embeddings), "rotary" (turns queries and keys) or "none".
    dropout : float
        Share of the entries dropped in training, after the embedding and after every part of a layer.
    rng : Generator
        Source of the first weights.
    dtype : dtype
        Precision: float32, or float64 for checks.

    Attributes
    ----------
    weights : Parameters
        All arrays by name: "embedding" (V, d), for layer i "i.gain_1" (d,), "i.qkv" (d, 3 d), "i.mix" (d, d),
        "i.gain_2" (d,), "i.up" (d, hidden), "i.down" (hidden, d), and "gain" (d,).

    Raises
    ------
    ValueError
        If a number is out of range or `positions` unknown.

    Notes
    -----
    A layer adds to the stream first the attention, then the network, each of the normalised stream. No linear
    map has an offset and normalisation has a gain only, so the number of parameters is exactly
    :math:`V d + n d + L\,(4 d^2 + 2 d\,d_{\text{hidden}} + 2 d) + d`. Output logits are products with the
    embeddings. The gradient agrees with central differences to 1e-7 in float64.

    References
    ----------
    Radford et al. (2019), Language models are unsupervised multitask learners. Book, section "Case study:
    language models".

    Examples
    --------
    >>> model = Transformer(5, 8, width=4, n_layers=1, n_heads=2, rng=np.random.default_rng(0))
    >>> model.logits([[0, 1, 2]]).shape
    (1, 3, 5)
    """

    def __init__(
        self,
        size: int,
        context: int,
        *,
        width: int = 64,
        n_layers: int = 2,
        n_heads: int = 4,
        hidden: int | None = None,
        positions: str = "learned",
        dropout: float = 0.0,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float32,
    ) -> None:
        rng = as_generator(rng, "rng")
        self.size, self.context = as_count(size, "size", 2), as_count(context, "context", 1)
        self.width, self.n_layers = as_count(width, "width", 2), as_count(n_layers, "n_layers", 1)
        self.n_heads = as_count(n_heads, "n_heads", 1)
        self.hidden = 4 * self.width if hidden is None else as_count(hidden, "hidden", 0)
        if self.width % self.n_heads or (positions == "rotary" and self.width // self.n_heads % 2):
            raise ValueError(
                f"n_heads must divide width = {width}, into heads of even width if positions are rotary, "
                f"got {n_heads}"
            )
        if positions not in POSITIONS:
            raise ValueError(f"positions must be one of {', '.join(POSITIONS)}, got {positions!r}")
        self.positions, self.dropout = positions, as_share(dropout, "dropout")
        self.weights = Parameters(self._shapes(), dtype)
        self.parameters, self.gradient = self.weights.flat, self.weights.gradient
        self._fixed = attention.sinusoidal(self.context, self.width) if positions == "sinusoidal" else None
        self._initialise(rng)

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        d = self.width
        shapes: dict[str, tuple[int, ...]] = {"embedding": (self.size, d)}
        if self.positions == "learned":
            shapes["positions"] = (self.context, d)
        for i in range(self.n_layers):
            shapes |= {f"{i}.gain_1": (d,), f"{i}.qkv": (d, 3 * d), f"{i}.mix": (d, d)}
            if self.hidden:
                shapes |= {f"{i}.gain_2": (d,), f"{i}.up": (d, self.hidden), f"{i}.down": (self.hidden, d)}
        return shapes | {"gain": (d,)}

    def _initialise(self, rng: np.random.Generator) -> None:
        """Draw weights that keep the size of the stream: what adds to it starts small."""
        for name, array in self.weights.items():
            kind = name.rpartition(".")[2]
            if kind.startswith("gain"):
                array[...] = 1
                continue
            deviation = {"embedding": self.width**-0.5, "positions": 0.02}.get(kind, array.shape[0] ** -0.5)
            if kind in ("mix", "down"):
                deviation /= (2 * self.n_layers) ** 0.5
            array[...] = rng.normal(0, deviation, array.shape)

    # Training and evaluation

    def loss_and_gradient(self, x: ArrayLike, y: ArrayLike, rng: np.random.Generator | None = None) -> float:
        """Go forward and backward on one batch, and fill `gradient`.

        Parameters
        ----------
        x, y : (B, n) array_like of int
            Texts, and for each token the one that follows it; a `y` below 0 does not count.
        rng : Generator, optional
            Source of dropout; without one nothing is dropped.

        Returns
        -------
        float
            Cross-entropy in nats a token that counts.
        """
        rng = None if rng is None else as_generator(rng, "rng")
        texts, targets = self._as_texts(x), self._as_targets(x, y)
        out, memory = self._forward(texts, rng)
        loss, d_logits = fast.cross_entropy(self._project(out), targets)
        gain, embedding, g = self.weights["gain"], self.weights["embedding"], self.weights.gradient_of
        # The rows of the embedding are the columns of the output's matrix.
        d_out = fast.gained_backward(d_logits, out, gain, embedding.T, g("embedding").T, g("gain"))
        self._backward(d_out, memory, texts)
        return loss

    def loss(self, x: ArrayLike, y: ArrayLike) -> float:
        """Average the surprise over texts; nothing is dropped.

        Parameters
        ----------
        x, y : (B, n) array_like of int
            Texts, and for each token the one that follows it; a `y` below 0 does not count.

        Returns
        -------
        float
            Cross-entropy in nats a token that counts.
        """
        out, _ = self._forward(self._as_texts(x), None)
        return fast.cross_entropy(self._project(out), self._as_targets(x, y))[0]

    def logits(self, x: ArrayLike) -> Array:
        """Score every next token at every place.

        Parameters
        ----------
        x : (B, n) array_like of int
            Texts of at most `context` tokens.

        Returns
        -------
        (B, n, V) ndarray
            Logits.
        """
        texts = self._as_texts(x)
        return self._project(self._forward(texts, None)[0]).reshape(*texts.shape, self.size)

    def attention_weights(self, x: ArrayLike) -> Array:
        """Show where each head looks.

        Parameters
        ----------
        x : (B, n) array_like of int
            Texts of at most `context` tokens.

        Returns
        -------
        (L, B, h, n, n) ndarray
            Weights by layer, text and head; rows add up to one.
        """
        _, memory = self._forward(self._as_texts(x), None)
        return np.stack([kept["attention"].divided() for kept in memory["layers"]])

    def text_loss(self, tokens: ArrayLike) -> float:
        """Average the surprise of a long text, each token but the first guessed from those before it.

        Parameters
        ----------
        tokens : (m,) array_like of int
            A text of at least two tokens.

        Returns
        -------
        float
            Cross-entropy in nats a token. The text is read in windows of `context` tokens that overlap by
            half, and a token is scored in the window where it has more tokens before it.

        Raises
        ------
        ValueError
            If a token is out of range, or there are fewer than two.
        """
        text = as_tokens(tokens, self.size, "tokens", least=2)
        n, half = min(self.context, len(text) - 1), max(1, min(self.context, len(text) - 1) // 2)
        starts = np.array([*range(0, len(text) - n - 1, half), len(text) - n - 1])
        surprises = np.empty(len(text) - 1)
        for first in reversed(range(0, len(starts), BATCH)):  # what has more before it is written last
            windows = starts[first : first + BATCH, None] + np.arange(n)
            scores = self.logits(text[windows])
            of_next = np.take_along_axis(scores, text[windows + 1][..., None], axis=-1)[..., 0]
            lost = functional.log_sum_exp(scores) - of_next
            for start, row in reversed(list(zip(starts[first : first + BATCH], lost, strict=True))):
                surprises[start : start + n] = row
        return float(surprises.mean())

    # One token at a time

    def reader(self) -> Callable[[ArrayLike], Array]:
        """Begin to read a text bit by bit; nothing that was read is computed again.

        Returns
        -------
        callable
            From the next tokens, (k,), to the logits of the token after them, (V,). It remembers keys and
            values; when `context` tokens are full it goes on from the last half of them.
        """
        cache, read = self._empty(), np.zeros(0, dtype=np.int64)

        def extend(tokens: ArrayLike) -> Array:
            nonlocal cache, read
            new = as_tokens(tokens, self.size, "tokens")
            read = np.concatenate([read, new])
            if len(read) > self.context:
                read = read[-max(1, self.context // 2) :]
                cache, new = self._empty(), read
            last: Array = self._extend(cache, new)[-1]
            return last

        return extend

    def _empty(self) -> "_Cache":
        return _Cache([], [])

    def _extend(self, cache: "_Cache", tokens: Tokens) -> Array:
        """Read on: logits (k, V) of k new tokens, whose keys and values join the cache."""
        w, d = self.weights, self.width
        start = cache.keys[0].shape[1] if cache.keys else 0
        places = np.arange(start, start + len(tokens))
        stream = w["embedding"][tokens] + self._offsets(places)
        mask = places[:, None] >= np.arange(start + len(tokens))
        for i in range(self.n_layers):
            qkv = fast.gained(fast.norm(stream).unit, w[f"{i}.gain_1"], w[f"{i}.qkv"])
            Q, K, V = (fast.heads(qkv[:, j * d : (j + 1) * d], 1, self.n_heads)[0] for j in range(3))
            if self.positions == "rotary":
                Q, K = (attention.rotary(M, places) for M in (Q, K))
            K, V = cache.join(i, K, V)
            mixed = attention.scaled_dot_product(Q, K, V, mask).output
            stream = stream + mixed.swapaxes(0, 1).reshape(-1, d) @ w[f"{i}.mix"]
            if self.hidden:
                up = fast.gained(fast.norm(stream).unit, w[f"{i}.gain_2"], w[f"{i}.up"])
                stream = stream + np.maximum(up, 0) @ w[f"{i}.down"]
        return self._project(fast.norm(stream).unit)

    # Files

    def save(self, path: str | os.PathLike[str], dtype: DTypeLike | None = None) -> None:
        """Write sizes and weights to an .npz file without pickles.

        Parameters
        ----------
        path : path or file
            Where to write; the file has the name that is given, no ending is added.
        dtype : dtype, optional
            Precision of the weights in the file, that of the parameters by default.
        """
        sizes = [self.size, self.context, self.width, self.n_layers, self.n_heads, self.hidden]
        about: dict[str, Any] = {"sizes": sizes, "kind": np.array(self.positions)}
        write_arrays(path, about | in_precision(self.weights, dtype), compressed=True)

    # The passes

    def _as_texts(self, x: ArrayLike) -> Tokens:
        texts = as_array(x, "x")
        if texts.ndim != 2 or not 1 <= texts.shape[1] <= self.context:
            raise ValueError(
                f"x must be texts (B, n) of 1 to context = {self.context} tokens, got shape {texts.shape}"
            )
        return as_tokens(texts.ravel(), self.size, "x").reshape(texts.shape)

    def _as_targets(self, x: ArrayLike, y: ArrayLike) -> Tokens:
        """Read the tokens that follow, in one line; those below 0 do not count."""
        targets = as_array(y, "y")
        if targets.shape != np.shape(x) or targets.dtype.kind not in "iu":
            raise ValueError(
                f"y must be whole numbers in the shape {np.shape(x)} of x, got {targets.dtype} in shape "
                f"{targets.shape}"
            )
        if not 0 <= targets.max() < self.size:
            raise ValueError(
                f"y must be from 0 to {self.size - 1}, or below 0 where it does not count, and count "
                f"somewhere, got {targets.max()} at most"
            )
        return targets.astype(np.int64).ravel()

    def _offsets(self, places: NDArray[np.int64]) -> Any:
        """Return what is added to the embeddings at these places."""
        if self.positions == "learned":
            return self.weights["positions"][places]
        return 0 if self._fixed is None else self._fixed[places].astype(self.parameters.dtype)

    def _project(self, unit: Array) -> Array:
        """Multiply normalised rows by the last gain and by the embeddings: the logits."""
        return fast.gained(unit, self.weights["gain"], self.weights["embedding"].T)

    def _columns(self) -> Array:
        """Make the factors of the columns of queries, 1 / sqrt(d / h), and of keys and values, 1."""
        columns = np.ones(3 * self.width, dtype=self.parameters.dtype)
        columns[: self.width] = (self.width // self.n_heads) ** -0.5
        return columns

    def _forward(self, x: Tokens, rng: np.random.Generator | None) -> tuple[Array, dict[str, Any]]:
        """Compute the normalised stream after the last layer, (B n, d), and what the way back needs."""
        (B, n), d, w, columns = x.shape, self.width, self.weights, self._columns()
        stream = w["embedding"].take(x.ravel(), axis=0)
        stream.reshape(B, n, d)[...] += self._offsets(np.arange(n))
        dropped = fast.drop(stream, self.dropout, rng)
        layers = []
        for i in range(self.n_layers):
            kept: dict[str, Any] = {"norm_1": fast.norm(stream)}
            qkv = fast.gained(kept["norm_1"].unit, w[f"{i}.gain_1"], w[f"{i}.qkv"], columns)
            Q, K, V = (fast.heads(qkv[:, j * d : (j + 1) * d], B, self.n_heads) for j in range(3))
            if self.positions == "rotary":
                Q[...], K[...] = attention.rotary(Q), attention.rotary(K)
            mixed, kept["attention"] = fast.causal_attention(Q, K, V)
            added = mixed @ w[f"{i}.mix"]
            kept["dropped_1"] = fast.drop(added, self.dropout, rng)
            stream += added
            if self.hidden:
                kept["norm_2"] = fast.norm(stream)
                up = fast.gained(kept["norm_2"].unit, w[f"{i}.gain_2"], w[f"{i}.up"])
                kept["up"] = np.maximum(up, 0, out=up)
                added = up @ w[f"{i}.down"]
                kept["dropped_2"] = fast.drop(added, self.dropout, rng)
                stream += added
            layers.append(kept)
        last = fast.norm(stream)
        return last.unit, {"layers": layers, "norm": last, "dropped": dropped}

    def _backward(self, d_out: Array, memory: dict[str, Any], x: Tokens) -> None:
        """Fill the gradient; that of the embedding already holds the part of the output."""
        (B, n), d, w, g = x.shape, self.width, self.weights, self.weights.gradient_of
        columns = self._columns()
        d_stream = fast.norm_backward(d_out, memory["norm"])
        for i in reversed(range(self.n_layers)):
            kept = memory["layers"][i]
            if self.hidden:
                d_added = _undropped(d_stream, kept["dropped_2"])
                np.matmul(kept["up"].T, d_added, out=g(f"{i}.down"))
                d_up = d_added @ w[f"{i}.down"].T
                d_up *= kept["up"] > 0
                d_stream += self._through(d_up, kept["norm_2"], f"{i}.gain_2", f"{i}.up")
            d_added = _undropped(d_stream, kept["dropped_1"])
            np.matmul(kept["attention"].rows.T, d_added, out=g(f"{i}.mix"))
            d_qkv = np.empty((B * n, 3 * d), dtype=d_out.dtype)
            parts = [fast.heads(d_qkv[:, j * d : (j + 1) * d], B, self.n_heads) for j in range(3)]
            fast.causal_attention_backward(d_added @ w[f"{i}.mix"].T, kept["attention"], *parts)
            if self.positions == "rotary":
                for part in parts[:2]:
                    part[...] = attention.rotary(part, -np.arange(n))
            d_stream += self._through(d_qkv, kept["norm_1"], f"{i}.gain_1", f"{i}.qkv", columns)
        d_stream = _undropped(d_stream, memory["dropped"])
        if self.positions == "learned":
            g("positions")[n:] = 0
            np.sum(d_stream.reshape(B, n, d), axis=0, out=g("positions")[:n])
        fast.rows_by_token(x.ravel(), d_stream, g("embedding"))

    def _through(self, dy: Array, normed: fast.NormMemory, gain: str, matrix: str, columns: Any = 1) -> Array:
        """Carry a gradient back through a matrix, a gain and a normalisation."""
        w, g = self.weights, self.weights.gradient_of
        d_unit = fast.gained_backward(dy, normed.unit, w[gain], w[matrix], g(matrix), g(gain), columns)
        return fast.norm_backward(d_unit, normed)


class _Cache(NamedTuple):
    """Keys and values of every layer, (h, k, d / h) each."""

    keys: list[Array]
    values: list[Array]

    def join(self, layer: int, K: Array, V: Array) -> tuple[Array, Array]:
        """Put new keys and values behind the old ones, and return all."""
        if layer == len(self.keys):
            self.keys.append(K)
            self.values.append(V)
        else:
            self.keys[layer] = np.concatenate([self.keys[layer], K], axis=1)
            self.values[layer] = np.concatenate([self.values[layer], V], axis=1)
        return self.keys[layer], self.values[layer]


def _undropped(gradient: Array, factors: Array | None) -> Array:
    """Carry a gradient back through dropout."""
    return gradient if factors is None else gradient * factors


def restore(path: str | os.PathLike[str], dtype: DTypeLike = np.float32) -> Transformer:
    """Build the model that `Transformer.save` wrote.

    Parameters
    ----------
    path : path
        An .npz file.
    dtype : dtype
        Precision of the parameters, float32 or float64.

    Returns
    -------
    Transformer
        The same sizes and weights; without dropout.

    Raises
    ------
    ValueError
        If the file holds something else.

    Notes
    -----
    Exact up to the precision in which the weights were written. Nothing in the file is executed.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> Transformer(5, 8, width=4, n_heads=2, rng=np.random.default_rng(0)).save(file)
    >>> _ = file.seek(0)
    >>> restore(file).context
    8
    """
    with np.load(path, allow_pickle=False) as stored:
        if not {"sizes", "kind"} <= set(stored.files) or stored["sizes"].shape != (6,):
            raise ValueError(f"path must be a file that Transformer.save wrote, got one with {stored.files}")
        size, context, width, n_layers, n_heads, hidden = (int(s) for s in stored["sizes"])
        model = Transformer(
            size,
            context,
            width=width,
            n_layers=n_layers,
            n_heads=n_heads,
            hidden=hidden,
            positions=str(stored["kind"]),
            rng=np.random.default_rng(0),
            dtype=dtype,
        )
        for name, array in model.weights.items():
            if name not in stored.files or stored[name].shape != array.shape:
                raise ValueError(
                    f"path must be a file that Transformer.save wrote, with {name!r} of shape {array.shape}"
                )
            array[...] = stored[name]
    return model
