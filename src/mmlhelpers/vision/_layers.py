"""Layers for pictures: convolution with pooling, bias with ReLU, and the two ends of a network of them.

`Images` takes pictures as (n, height, width, channels); between it and `Flatten` a batch has the layout of
`mmlhelpers.convolution`, (channels, height, width, n). NaN and infinity are taken through. Otherwise as in
`mmlhelpers.nn.layers`.
"""

from typing import Any

import numpy as np

from mmlhelpers import convolution
from mmlhelpers._checks import as_count, as_floats
from mmlhelpers.nn import Layer, scaled_normal
from mmlhelpers.nn._layers import as_input, as_slope, quiet
from mmlhelpers.nn._parameters import Numbers
from mmlhelpers.nn.layers import Arrays, Rng, Sizes

_STRIP = 16  # pictures turned at once: their pixels stay in the cache


class Images(Layer):
    r"""Centre the pixels of pictures, :math:`4x - 2`, and put the pictures last.

    Notes
    -----
    From (n, height, width, channels), values 0 to 1, to (channels, height, width, n), values -2 to 2.

    Examples
    --------
    >>> y, _ = Images().forward(np.full((5, 4, 3, 1), 0.75), {})
    >>> y.shape, float(y[0, 0, 0, 0])
    ((1, 4, 3, 5), 1.0)
    """

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Turn the batch around; there is nothing to remember."""
        x = _as_batch(x, "(n, height, width, channels)")
        n, *shape = x.shape
        flat, turned = x.reshape(n, -1), np.empty((x[0].size, n), x.dtype)
        for start in range(0, n, _STRIP):
            strip = 4 * flat[start : start + _STRIP]
            strip -= 2
            turned[:, start : start + _STRIP] = strip.T
        return np.moveaxis(turned.reshape(*shape, n), 2, 0), None

    @quiet
    def backward(self, dy: Any, memory: Any, weights: Arrays, gradients: Arrays) -> Any:
        """Turn the gradient back, if the first convolution was asked for one."""
        if dy is None:
            return None
        slope = _as_batch(dy, "(channels, height, width, n)", "dy")
        return 4 * np.ascontiguousarray(slope.transpose(3, 1, 2, 0))


class Convolution(Layer):
    r"""Slide several kernels over the pictures, and keep the largest answer of every 2 by 2 square.

    Parameters
    ----------
    c_in, c_out : int
        Numbers of channels that go in and come out.
    size : int
        Side of the kernels, an odd number: the pictures are padded so that they keep their size until the
        pooling.
    first : bool
        Whether this is the first layer with weights: then training does without the gradient by the input.

    Raises
    ------
    ValueError
        If a size is not a whole number from 1, or `size` is even.

    Notes
    -----
    No bias: `Rectifier` adds it. The work is done by `mmlhelpers.convolution.conv2d_pool`.

    Examples
    --------
    >>> layer = Convolution(3, 16)
    >>> layer.shapes()
    {'W': (16, 3, 3, 3)}
    >>> layer.forward(np.ones((3, 8, 6, 5)), {"W": np.ones((16, 3, 3, 3))})[0].shape
    (16, 4, 3, 5)
    """

    def __init__(self, c_in: int, c_out: int, size: int = 3, *, first: bool = False) -> None:
        self.c_in, self.c_out = as_count(c_in, "c_in", 1), as_count(c_out, "c_out", 1)
        self.size, self.first = as_count(size, "size", 1), first
        if size % 2 == 0:
            raise ValueError(f"size must be odd, so that a kernel has a middle, got {size}")

    def shapes(self) -> Sizes:
        """Kernels `W` (c_out, c_in, size, size)."""
        return {"W": (self.c_out, self.c_in, self.size, self.size)}

    def initialise(self, weights: Arrays, rng: Rng) -> None:
        """Draw the kernels so that, with ReLU behind them, the size of a signal is kept."""
        draw = scaled_normal(np.sqrt(2))
        weights["W"][...] = draw(self.c_in * self.size**2, self.c_out, rng).T.reshape(weights["W"].shape)

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Correlate and pool; the memory holds the input and the winners."""
        pooled = convolution.conv2d_pool(x, weights["W"], padding=self.size // 2)
        return pooled.y, (x, pooled, rng is not None)

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Any:
        """Give every gradient to its winner, then to the kernels and to the input."""
        x, pooled, training = memory
        dx, gradients["W"][...] = convolution.conv2d_pool_backward(
            dy,
            pooled,
            x,
            weights["W"],
            padding=self.size // 2,
            input_gradient=not (self.first and training),
        )
        return dx


class Rectifier(Layer):
    r"""Add a bias to every channel and cut off what is negative.

    Parameters
    ----------
    channels : int
        Number of channels.

    Raises
    ------
    ValueError
        If it is not a whole number from 1.

    Notes
    -----
    :math:`y = \max(x + b, 0)`. It may stand behind the pooling: adding a number and cutting off keep the
    order, so they commute with a maximum, and there is only a quarter of the numbers left.

    Examples
    --------
    >>> Rectifier(2).forward(np.ones((2, 1, 1, 1)), {"b": np.array([-3.0, 1.0])})[0].ravel()
    array([0., 2.])
    """

    def __init__(self, channels: int) -> None:
        self.channels = as_count(channels, "channels", 1)

    def shapes(self) -> Sizes:
        """Biases `b` (channels,)."""
        return {"b": (self.channels,)}

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Add and cut; the memory is the output."""
        x = _as_batch(as_input(x, self.channels, axis=0), "(channels, height, width, n)")
        y = x + weights["b"][:, None, None, None]
        np.maximum(y, 0, out=y)
        return y, y

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Let the gradient through where the output is positive."""
        dx: Numbers = as_slope(dy, memory.shape) * (memory > 0)
        np.sum(dx.reshape(self.channels, -1), axis=1, out=gradients["b"])
        return dx


class Flatten(Layer):
    """Make one row of numbers of every picture.

    Notes
    -----
    From (c, h, w, n) to (n, c * h * w), without a copy.

    Examples
    --------
    >>> Flatten().forward(np.ones((8, 3, 3, 5)), {})[0].shape
    (5, 72)
    """

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Reshape; the memory is the shape."""
        x = _as_batch(x, "(channels, height, width, n)")
        return x.reshape(-1, x.shape[3]).T, x.shape

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Reshape back."""
        dy = as_slope(dy, (memory[3], int(np.prod(memory[:3]))))
        return np.ascontiguousarray(dy.T).reshape(memory)


def _as_batch(value: Any, wanted: str, name: str = "x") -> Numbers:
    """Read pictures as floats, with four axes and not empty."""
    x: Numbers = as_floats(value, name)
    if x.ndim != 4 or not x.size:
        raise ValueError(f"{name} must be pictures {wanted}, not empty, got shape {x.shape}")
    return x
