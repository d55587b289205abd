r"""Convolution and pooling: on one picture, on batches with many channels, and backwards.

Throughout, `image` is one grey picture (h, w) and `kernel` a small table (a, b) that is slid over it. Batches
`x` have the layout (channels, height, width, pictures): with the pictures last, what one weight of a kernel
meets is one long run of memory. `w` (c_out, c_in, a, b) are the kernels of a layer, `y` its output and `dy`
the gradient of a loss by `y`. `stride` is the step of the window and `padding` the width of the frame of
zeros around each picture, both in pixels. Floats keep their precision: float32 in, float32 out; whole
numbers, such as the bytes of a photograph, become float64. In batches NaN and infinity are taken through,
without a warning. All is dimensionless.

A layer *correlates*: it does not flip the kernel. A convolution does.
"""

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, Mask, as_array, as_count, as_floats, as_items, as_matrix
from mmlhelpers._scale import scaled, unscaled

# Inf times zero is nan, which is taken through: nobody needs to hear of it twice.
_quiet = np.errstate(over="ignore", invalid="ignore")
_BLOCK = 2**16  # numbers in the patches of a block of rows: few enough to stay in a processor's cache


class Separated(NamedTuple):
    """A kernel as the product of a `column` (a,) and a `row` (b,); `exact` if nothing was lost."""

    column: Array
    row: Array
    exact: bool


class Pooled(NamedTuple):
    """The largest entry `y` of every 2 by 2 square, and where it stood: `low` row, `right` column."""

    y: Array
    low: Mask
    right: Mask


class _Plan(NamedTuple):
    """Sizes of an output, and how many of its rows are computed at a time."""

    height: int
    width: int
    rows: int


# Sizes


def output_size(n: int, k: int, stride: int = 1, padding: int = 0) -> int:
    r"""Count the places of a window along one side.

    Parameters
    ----------
    n, k : int
        Length of the side and of the window, in pixels.
    stride, padding : int
        Step of the window; zeros added at both ends.

    Returns
    -------
    int
        :math:`\lfloor (n + 2p - k)/s \rfloor + 1`.

    Raises
    ------
    ValueError
        If a size is out of range or the window does not fit even once.

    Examples
    --------
    >>> output_size(32, 3, padding=1), output_size(7, 3, stride=2)
    (32, 3)
    """
    n, k = as_count(n, "n", 1), as_count(k, "k", 1)
    stride, padding = as_count(stride, "stride", 1), as_count(padding, "padding", 0)
    if n + 2 * padding < k:
        raise ValueError(f"a window of {k} pixels does not fit into {n} + 2 * {padding}: raise padding")
    return (n + 2 * padding - k) // stride + 1


def receptive_field(layers: Iterable[tuple[int, int]]) -> list[int]:
    r"""Measure how many pixels of the input one unit of each layer sees, along one side.

    Parameters
    ----------
    layers : iterable of (int, int)
        Window and stride of every layer, first layer first; pooling is a layer too.

    Returns
    -------
    list of int
        :math:`r_l = r_{l-1} + (k_l - 1)\,s_1 \cdots s_{l-1}` with :math:`r_0 = 1`, for every layer.

    Raises
    ------
    ValueError
        If a window or a stride is less than one.

    Examples
    --------
    >>> receptive_field([(3, 1), (3, 1)]), receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)])
    ([3, 5], [3, 4, 8, 10])
    """
    seen, jump, sizes = 1, 1, []
    layers = np.asarray(layers) if isinstance(layers, np.ndarray) else layers  # a matrix has matrices as rows
    for i, layer in enumerate(as_items(layers, "layers")):
        sides = [*as_items(layer, f"layers[{i}]")]
        if len(sides) != 2:
            raise ValueError(f"layers[{i}] must be a window and a stride, got {layer!r:.80}")
        k, stride = (
            as_count(side, f"{word} of layers[{i}]", 1)
            for side, word in zip(sides, ("window", "stride"), strict=True)
        )
        seen += (k - 1) * jump
        jump *= stride
        sizes.append(seen)
    return sizes


# One picture


def correlate(image: ArrayLike, kernel: ArrayLike, stride: int = 1, padding: int = 0) -> Array:
    r"""Slide a window over a picture: products with the kernel, added up at every place.

    Parameters
    ----------
    image : (h, w) array_like
        Grey levels.
    kernel : (a, b) array_like
        Weights of the window.
    stride, padding : int
        Step of the window; zeros around the picture.

    Returns
    -------
    ndarray
        :math:`y_{ij} = \sum_{uv} k_{uv}\, x_{i + u,\, j + v}` where the whole window fits.

    Raises
    ------
    ValueError
        If the window does not fit.

    Notes
    -----
    One product and one addition of whole pictures for each weight, `a b` in all. Rounding of an inner
    product of length `a b`.

    Examples
    --------
    >>> correlate([[0, 0, 1, 1], [0, 0, 1, 1]], [[-1, 1]])
    array([[0., 1., 0.], [0., 1., 0.]])
    """
    x, k = as_matrix(image, "image"), as_matrix(kernel, "kernel")

    def multiply(x: Array, k: Array) -> Array:
        return np.asarray(conv2d(x[None, :, :, None], k[None, None], stride, padding)[0, :, :, 0])

    return _in_range(multiply, x, k)


def convolve(image: ArrayLike, kernel: ArrayLike) -> Array:
    r"""Let every pixel spread the kernel, and add up.

    Parameters
    ----------
    image : (h, w) array_like
        Grey levels.
    kernel : (a, b) array_like
        What one bright pixel becomes.

    Returns
    -------
    (h + a - 1, w + b - 1) ndarray
        :math:`y_{ij} = \sum_{uv} k_{uv}\, x_{i - u,\, j - v}`, the full convolution.

    Notes
    -----
    A correlation with the kernel turned by 180 degrees, over a picture framed by zeros.

    Examples
    --------
    >>> convolve([[1, 0, 2]], [[1, 10]])
    array([[ 1., 10.,  2., 20.]])
    """
    x, k = as_matrix(image, "image"), as_matrix(kernel, "kernel")
    (a, b), (height, width) = k.shape, x.shape
    framed = np.zeros((height + 2 * a - 2, width + 2 * b - 2))
    framed[a - 1 : a - 1 + height, b - 1 : b - 1 + width] = x
    return correlate(framed, k[::-1, ::-1])


def fft_convolve(image: ArrayLike, kernel: ArrayLike) -> Array:
    r"""Convolve through the Fourier transform, which turns convolutions into products.

    Parameters
    ----------
    image : (h, w) array_like
        Grey levels.
    kernel : (a, b) array_like
        What one bright pixel becomes.

    Returns
    -------
    (h + a - 1, w + b - 1) ndarray
        The same as `convolve`.

    Notes
    -----
    About :math:`n \log n` operations for `n` pixels, however large the kernel. Absolute error a few
    :math:`\varepsilon` times the largest possible sum.

    Examples
    --------
    >>> bool(np.allclose(fft_convolve([[1, 0, 2]], [[1, 10]]), [[1, 10, 2, 20]]))
    True
    """
    x, k = as_matrix(image, "image"), as_matrix(kernel, "kernel")
    shape = tuple(n + m - 1 for n, m in zip(x.shape, k.shape, strict=True))

    def multiply(x: Array, k: Array) -> Array:
        return np.asarray(np.fft.irfft2(np.fft.rfft2(x, shape) * np.fft.rfft2(k, shape), shape))

    return _in_range(multiply, x, k)


@np.errstate(all="ignore")
def _in_range(multiply: Callable[[Array, Array], Array], x: Array, k: Array) -> Array:
    """Convolve, with both scaled if something overflows on the way; a sum that does so itself is refused."""
    y = multiply(x, k)
    if np.isfinite(y).all():
        return y
    (x, e), (k, f) = scaled(x), scaled(k)
    return unscaled(multiply(x, k), e + f, "the convolution of image and kernel")


def separate(kernel: ArrayLike) -> Separated:
    r"""Split a kernel into a column times a row, as nearly as possible.

    Parameters
    ----------
    kernel : (a, b) array_like
        Any kernel.

    Returns
    -------
    Separated
        :math:`\sqrt{\sigma_1}\,u_1` and :math:`\sqrt{\sigma_1}\,v_1`, the row with a non-negative sum; exact
        if the other singular values are below :math:`10^{-12}\sigma_1`.

    Notes
    -----
    The nearest kernel of rank one; two passes of `a` and `b` weights replace one of `a b`.

    References
    ----------
    Book, section "Linear algebra: the language of data", on the singular value decomposition.

    Examples
    --------
    >>> separate([[1, 2, 1], [2, 4, 2], [1, 2, 1]]).row
    array([1., 2., 1.])
    """
    U, sigma, Vt = np.linalg.svd(as_matrix(kernel, "kernel"))
    sign = 1.0 if Vt[0].sum() >= 0 else -1.0
    root = sign * np.sqrt(sigma[0])
    return Separated(root * U[:, 0], root * Vt[0], bool(np.all(sigma[1:] <= 1e-12 * sigma[0])))


def correlation_matrix(kernel: ArrayLike, shape: tuple[int, int], padding: int = 0) -> Array:
    """Write the sliding of a kernel as a matrix that acts on pictures read row by row.

    Parameters
    ----------
    kernel : (a, b) array_like
        Weights of the window.
    shape : (int, int)
        Height and width of the pictures.
    padding : int
        Zeros around the picture.

    Returns
    -------
    (m, h * w) ndarray
        `A` with ``A @ image.ravel() == correlate(image, kernel, padding=padding).ravel()``.

    Notes
    -----
    Column `j` is the answer to the picture whose pixel `j` is one. Almost all entries are zero, and along
    diagonals they repeat: at most `a b` different numbers.

    Examples
    --------
    >>> correlation_matrix([[1, 2]], (1, 3))
    array([[1., 2., 0.], [0., 1., 2.]])
    """
    k = as_matrix(kernel, "kernel")
    height, width = _as_sides(shape)
    pixels = np.eye(height * width).reshape(1, height, width, -1)
    matrix: Array = conv2d(pixels, k[None, None], padding=padding)[0].reshape(-1, height * width)
    return matrix


def patches(image: ArrayLike, shape: tuple[int, int], stride: int = 1, padding: int = 0) -> Array:
    """Collect what a window sees at each of its places, a column each (im2col).

    Parameters
    ----------
    image : (h, w) array_like
        Grey levels.
    shape : (int, int)
        Height and width of the window.
    stride, padding : int
        Step of the window; zeros around the picture.

    Returns
    -------
    (a * b, m) ndarray
        Window read row by row, places read row by row: ``kernel.ravel() @ patches(image, kernel.shape)`` is
        the correlation.

    Raises
    ------
    ValueError
        If the window does not fit.

    Examples
    --------
    >>> patches([[1, 2, 3]], (1, 2))
    array([[1., 2.], [2., 3.]])
    """
    x, shape = as_matrix(image, "image")[None, :, :, None], _as_sides(shape)
    stride, padding = as_count(stride, "stride", 1), as_count(padding, "padding", 0)
    plan = _plan(x.shape, (1, 1, *shape), stride, padding)
    columns = np.empty((1, *shape, plan.height, plan.width, 1))
    _gather(_padded(x, padding), columns, 0, stride)
    return columns.reshape(shape[0] * shape[1], -1)


# Batches


@_quiet
def conv2d_loops(x: Array, w: Array, stride: int = 1, padding: int = 0) -> Array:
    r"""Apply a layer of kernels exactly as its sum is written, in seven loops.

    Parameters
    ----------
    x : (c_in, h, w, n) ndarray
        Pictures.
    w : (c_out, c_in, a, b) ndarray
        Kernels.
    stride, padding : int
        Step of the window; zeros around the pictures.

    Returns
    -------
    (c_out, h', w', n) ndarray
        :math:`y_{o i j n} = \sum_{c u v} w_{o c u v}\, x_{c,\, si + u - p,\, sj + v - p,\, n}`.

    Raises
    ------
    ValueError
        If the channels of `x` and `w` differ, or the window does not fit.

    Notes
    -----
    The specification of `conv2d`, and about ten thousand times slower.

    Examples
    --------
    >>> conv2d_loops(np.ones((2, 3, 3, 1)), np.ones((1, 2, 2, 2)))[0, :, :, 0]
    array([[8., 8.], [8., 8.]])
    """
    x, w, stride, padding, plan = _as_layer(x, w, stride, padding)
    c_out, c_in, a, b = w.shape
    y = np.zeros((c_out, plan.height, plan.width, x.shape[3]), np.result_type(x, w))
    framed = _padded(x, padding)
    for o in range(c_out):
        for i in range(plan.height):
            for j in range(plan.width):
                for n in range(x.shape[3]):
                    for c in range(c_in):
                        for u in range(a):
                            for v in range(b):
                                pixel = framed[c, stride * i + u, stride * j + v, n]
                                y[o, i, j, n] += w[o, c, u, v] * pixel
    return y


@_quiet
def conv2d(x: Array, w: Array, stride: int = 1, padding: int = 0) -> Array:
    """Apply a layer of kernels to a batch of pictures.

    Parameters
    ----------
    x : (c_in, h, w, n) ndarray
        Pictures.
    w : (c_out, c_in, a, b) ndarray
        Kernels.
    stride, padding : int
        Step of the window; zeros around the pictures.

    Returns
    -------
    (c_out, h', w', n) ndarray
        What `conv2d_loops` returns, up to rounding.

    Raises
    ------
    ValueError
        If the channels of `x` and `w` differ, or the window does not fit.

    Notes
    -----
    The patches of a few rows at a time (as many as a cache holds) are laid out as columns, and one matrix
    product answers for all of them.

    References
    ----------
    Chellapilla, Puri and Simard (2006), High performance convolutional neural networks for document
    processing, hal:inria-00112631.

    Examples
    --------
    >>> conv2d(np.ones((2, 3, 3, 1)), np.ones((1, 2, 2, 2)))[0, :, :, 0]
    array([[8., 8.], [8., 8.]])
    """
    x, w, stride, padding, plan = _as_layer(x, w, stride, padding)
    framed = _padded(x, padding)
    y = np.empty((len(w), plan.height, plan.width, x.shape[3]), np.result_type(x, w))
    weights = w.reshape(len(w), -1)
    for rows, columns in _blocks(framed, w.shape, plan, stride):
        np.matmul(weights, _flat(columns), out=_flat_rows(y[:, rows]))
    return y


@_quiet
def conv2d_backward(
    dy: Array, x: Array, w: Array, stride: int = 1, padding: int = 0, *, input_gradient: bool = True
) -> tuple[Array | None, Array]:
    r"""Carry a gradient back through `conv2d`.

    Parameters
    ----------
    dy : (c_out, h', w', n) ndarray
        Gradient of the loss by the output.
    x : (c_in, h, w, n) ndarray
        The pictures that went in.
    w : (c_out, c_in, a, b) ndarray
        Kernels.
    stride, padding : int
        As in the forward pass.
    input_gradient : bool
        Whether the gradient by `x` is wanted; a first layer does without.

    Returns
    -------
    dx : (c_in, h, w, n) ndarray or None
        Gradient by the pictures.
    dw : (c_out, c_in, a, b) ndarray
        Gradient by the kernels, summed over the pictures.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    The patches are collected a second time instead of being kept: that is faster than reading them from
    memory. Rounding of inner products of length `h' w' n` for `dw`, of `c_out a b` for `dx`.

    References
    ----------
    Book, section "Image recognition", equations (eq-grad-conv-kernel) and (eq-grad-conv-input).

    Examples
    --------
    >>> x, w = np.array([[[[1.0], [2.0], [4.0]]]]), np.array([[[[3.0, 5.0]]]])
    >>> dx, dw = conv2d_backward(np.ones((1, 1, 2, 1)), x, w)
    >>> dw.ravel(), dx.ravel()
    (array([3., 6.]), array([3., 8., 5.]))
    """
    x, w, stride, padding, plan = _as_layer(x, w, stride, padding)
    dy = _as_batch(dy, "dy")
    wanted = (len(w), plan.height, plan.width, x.shape[3])
    if dy.shape != wanted:
        raise ValueError(f"dy must have the shape {wanted} of the output, got {dy.shape}")
    return _backward(lambda rows: dy[:, rows], x, w, plan, stride, padding, input_gradient)


@_quiet
def max_pool(x: Array) -> Pooled:
    r"""Keep the largest entry of every 2 by 2 square.

    Parameters
    ----------
    x : (c, h, w, n) ndarray
        A batch; of an odd side, the last row or column is left out.

    Returns
    -------
    Pooled
        `y` of shape (c, h // 2, w // 2, n) and where its entries stood. Of equal entries the first wins, row
        by row.

    Raises
    ------
    ValueError
        If a side is shorter than two pixels.

    Notes
    -----
    Exact, in the type that `x` has. The larger of two rows first, then of two columns.

    Examples
    --------
    >>> max_pool(np.array([[1.0, 5], [7, 2]]).reshape(1, 2, 2, 1)).y.ravel()
    array([7.])
    """
    x = _as_batch(x, "x", exact=True)
    pooled = _empty_pool(x.shape, x.dtype)
    for start in range(0, x.shape[1], 2):  # two rows at a time stay in the cache
        rows = slice(start, start + 2)
        _pool_rows(x[:, rows], pooled, rows)
    return pooled


@_quiet
def max_pool_backward(dy: Array, pooled: Pooled, shape: tuple[int, ...]) -> Array:
    """Send each gradient back to where the largest entry stood.

    Parameters
    ----------
    dy : (c, h // 2, w // 2, n) ndarray
        Gradient by the output.
    pooled : Pooled
        What `max_pool` returned.
    shape : tuple of int
        Shape of what went in, (c, h, w, n).

    Returns
    -------
    (c, h, w, n) ndarray
        Gradient by the input: zero at all places that did not win.

    Raises
    ------
    ValueError
        If `dy` does not have the shape of `pooled.y`.

    Notes
    -----
    Exact.

    Examples
    --------
    >>> x = np.array([[1.0, 5], [7, 2]]).reshape(1, 2, 2, 1)
    >>> max_pool_backward(np.array([[[[3.0]]]]), max_pool(x), x.shape).reshape(2, 2)
    array([[0., 0.], [3., 0.]])
    """
    dy = _as_batch(dy, "dy")
    if dy.shape != pooled.y.shape:
        raise ValueError(f"dy must have the shape {pooled.y.shape} of the output, got {dy.shape}")
    if len(shape) != 4 or _pooled_shape(shape) != dy.shape:
        raise ValueError(f"shape must be that of what was pooled to {dy.shape}, got {shape!r:.80}")
    dx = np.empty(shape, dy.dtype)
    for start in range(0, shape[1], 2):
        rows = slice(start, min(start + 2, shape[1]))
        _unpool_rows(dy, pooled, rows, dx[:, rows])
    return dx


@_quiet
def conv2d_pool(x: Array, w: Array, stride: int = 1, padding: int = 0) -> Pooled:
    """Apply a layer of kernels and pool its answer, without ever keeping the answer.

    Parameters
    ----------
    x : (c_in, h, w, n) ndarray
        Pictures.
    w : (c_out, c_in, a, b) ndarray
        Kernels.
    stride, padding : int
        Step of the window; zeros around the pictures.

    Returns
    -------
    Pooled
        What ``max_pool(conv2d(x, w, stride, padding))`` returns.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an answer is shorter than two pixels.

    Notes
    -----
    A few rows are pooled while they are still in the cache: memory for the whole answer, four times as large
    as what is kept, would cost more time than the pooling.

    Examples
    --------
    >>> conv2d_pool(np.arange(16.0).reshape(1, 4, 4, 1), np.ones((1, 1, 1, 1))).y.ravel()
    array([ 5.,  7., 13., 15.])
    """
    x, w, stride, padding, plan = _as_layer(x, w, stride, padding, even=True)
    framed = _padded(x, padding)
    pooled = _empty_pool((len(w), plan.height, plan.width, x.shape[3]), np.result_type(x, w))
    weights = w.reshape(len(w), -1)
    answer = _scratch("block", (len(w), plan.rows, plan.width, x.shape[3]), pooled.y.dtype)
    for rows, columns in _blocks(framed, w.shape, plan, stride):
        block = answer[:, : rows.stop - rows.start]
        np.matmul(weights, _flat(columns), out=_flat_rows(block))
        _pool_rows(block, pooled, rows)
    return pooled


@_quiet
def conv2d_pool_backward(
    dy: Array,
    pooled: Pooled,
    x: Array,
    w: Array,
    stride: int = 1,
    padding: int = 0,
    *,
    input_gradient: bool = True,
) -> tuple[Array | None, Array]:
    """Carry a gradient back through `conv2d_pool`.

    Parameters
    ----------
    dy : (c_out, h', w', n) ndarray
        Gradient of the loss by the pooled answer.
    pooled : Pooled
        What `conv2d_pool` returned.
    x : (c_in, h, w, n) ndarray
        The pictures that went in.
    w : (c_out, c_in, a, b) ndarray
        Kernels.
    stride, padding : int
        As in the forward pass.
    input_gradient : bool
        Whether the gradient by `x` is wanted.

    Returns
    -------
    dx : (c_in, h, w, n) ndarray or None
        Gradient by the pictures.
    dw : (c_out, c_in, a, b) ndarray
        Gradient by the kernels, summed over the pictures.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    `max_pool_backward` and `conv2d_backward` in one, a few rows at a time.

    Examples
    --------
    >>> x, w = np.arange(16.0).reshape(1, 4, 4, 1), np.ones((1, 1, 1, 1))
    >>> pooled = conv2d_pool(x, w)
    >>> conv2d_pool_backward(np.ones_like(pooled.y), pooled, x, w)[1].item()  # 5 + 7 + 13 + 15
    40.0
    """
    x, w, stride, padding, plan = _as_layer(x, w, stride, padding, even=True)
    dy = _as_batch(dy, "dy")
    if dy.shape != pooled.y.shape or dy.shape[1:3] != (plan.height // 2, plan.width // 2):
        raise ValueError(f"dy must have the shape {pooled.y.shape} of the pooled answer, got {dy.shape}")
    block = _scratch("block", (len(w), plan.rows, plan.width, x.shape[3]), dy.dtype)

    def slopes(rows: slice) -> Array:
        part = block[:, : rows.stop - rows.start]
        _unpool_rows(dy, pooled, rows, part)
        return part

    return _backward(slopes, x, w, plan, stride, padding, input_gradient)


# A block of rows at a time


def _backward(
    slopes: Callable[[slice], Array],
    x: Array,
    w: Array,
    plan: _Plan,
    stride: int,
    padding: int,
    input_gradient: bool,
) -> tuple[Array | None, Array]:
    """Carry a gradient back through a layer; `slopes` gives a block of its rows."""
    framed = _padded(x, padding)
    weights, dw = w.reshape(len(w), -1), np.zeros((w[0].size, len(w)), np.result_type(x, w))
    dframed = np.zeros_like(framed) if input_gradient else None
    for rows, columns in _blocks(framed, w.shape, plan, stride):
        slope = _flat_rows(slopes(rows))
        dw += _flat(columns) @ slope.T  # this way round the product is faster
        if dframed is not None:
            np.matmul(weights.T, slope, out=_flat(columns))  # the patches have served
            _scatter(columns, dframed, rows.start, stride)
    return (None if dframed is None else _unpadded(dframed, padding)), dw.T.reshape(w.shape)


def _empty_pool(shape: tuple[int, ...], dtype: Any) -> Pooled:
    """Make room for what pooling a batch of this shape returns."""
    c, height, width, n = _pooled_shape(shape)
    if min(height, width) < 1:
        raise ValueError(f"x must be a batch (c, h, w, n) of sides at least 2, got {shape}")
    y = np.empty((c, height, width, n), dtype)
    return Pooled(y, np.empty((c, height, 2 * width, n), bool), np.empty(y.shape, bool))


def _pooled_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Say what shape pooling leaves of a batch (c, h, w, n)."""
    return shape[0], shape[1] // 2, shape[2] // 2, shape[3]


def _pool_rows(x: Array, pooled: Pooled, rows: slice) -> None:
    """Pool a block of rows, the first of them an even one, into its place."""
    height, width = x.shape[1] // 2, pooled.low.shape[2]
    place = slice(rows.start // 2, rows.start // 2 + height)
    top, bottom = (x[:, row : 2 * height : 2, :width] for row in (0, 1))
    np.greater(bottom, top, out=pooled.low[:, place])
    taller = np.maximum(top, bottom, out=_scratch("taller", top.shape, x.dtype))
    left, right = taller[:, :, 0::2], taller[:, :, 1::2]
    np.greater(right, left, out=pooled.right[:, place])
    np.maximum(left, right, out=pooled.y[:, place])


def _unpool_rows(dy: Array, pooled: Pooled, rows: slice, dx: Array) -> None:
    """Write a block of rows of the gradient by what was pooled."""
    height, width = dx.shape[1] // 2, pooled.low.shape[2]
    place = slice(rows.start // 2, rows.start // 2 + height)
    slope, low = dy[:, place], pooled.low[:, place]
    taller = _scratch("taller", low.shape, dy.dtype)
    # Products with truth values are much cheaper than assignments through a mask.
    np.multiply(slope, pooled.right[:, place], out=taller[:, :, 1::2])
    np.subtract(slope, taller[:, :, 1::2], out=taller[:, :, 0::2])
    top, bottom = (dx[:, row : 2 * height : 2, :width] for row in (0, 1))
    np.multiply(taller, low, out=bottom)
    np.subtract(taller, bottom, out=top)
    dx[:, 2 * height :] = 0  # an odd last row or column takes no part
    dx[:, :, width:] = 0


def _as_sides(shape: tuple[int, int]) -> tuple[int, int]:
    """Read a height and a width."""
    sides = [as_count(n, f"shape[{i}]", 1) for i, n in enumerate(as_items(shape, "shape"))]
    if len(sides) != 2:
        raise ValueError(f"shape must be a height and a width, got {shape!r:.80}")
    return sides[0], sides[1]


def _as_batch(value: ArrayLike, name: str, *, exact: bool = False) -> Array:
    """Read a batch, or the kernels of a layer: four axes, floats in their precision, NaN and all.

    With `exact`, whole numbers stay what they are: nothing is computed with them.
    """
    batch: Array = as_array(value, name) if exact else as_floats(value, name)
    if batch.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array with real numbers, got entries of type {batch.dtype}")
    if batch.ndim != 4 or batch.size == 0:
        raise ValueError(f"{name} must have four axes and not be empty, got shape {batch.shape}")
    return batch


def _as_layer(
    x: ArrayLike, w: ArrayLike, stride: int, padding: int, *, even: bool = False
) -> tuple[Array, Array, int, int, _Plan]:
    """Read what every layer takes, and plan its output; `even` asks for an even number of rows a block."""
    pictures, kernels = _as_batch(x, "x"), _as_batch(w, "w")
    stride, padding = as_count(stride, "stride", 1), as_count(padding, "padding", 0)
    plan = _plan(pictures.shape, kernels.shape, stride, padding, even=even)
    return pictures, kernels, stride, padding, plan


def _plan(x: tuple[int, ...], w: tuple[int, ...], stride: int, padding: int, *, even: bool = False) -> _Plan:
    """Check that pictures and kernels fit together, and work out sizes."""
    if x[0] != w[1]:
        raise ValueError(
            f"x must be (channels, h, w, pictures) and w (outputs, channels, a, b) with as many channels, "
            f"got {x} and {w}"
        )
    height = output_size(x[1], w[2], stride, padding)
    width = output_size(x[2], w[3], stride, padding)
    row = w[1] * w[2] * w[3] * width * x[3]
    rows = max(1, min(height, _BLOCK // row))
    return _Plan(height, width, 2 * -(-rows // 2) if even else rows)


def _blocks(framed: Array, w: tuple[int, ...], plan: _Plan, stride: int) -> Iterator[tuple[slice, Array]]:
    """Yield the patches of a few output rows after another, in one buffer that is used again."""
    buffer = _scratch("columns", (*w[1:], plan.rows, plan.width, framed.shape[3]), framed.dtype)
    for start in range(0, plan.height, plan.rows):
        rows = slice(start, min(start + plan.rows, plan.height))
        columns = (
            buffer
            if rows.stop - start == plan.rows
            else np.ascontiguousarray(buffer[:, :, :, : rows.stop - start])
        )
        _gather(framed, columns, start, stride)
        yield rows, columns


def _gather(framed: Array, columns: Array, start: int, stride: int) -> None:
    """Copy what every weight of the window meets, in `columns` (c, a, b, rows, width, n)."""
    for u, v, window in _windows(framed, columns.shape, start, stride):
        columns[:, u, v] = window


def _scatter(columns: Array, framed: Array, start: int, stride: int) -> None:
    """Add back to every pixel what the windows that met it say: the transpose of `_gather`."""
    for u, v, window in _windows(framed, columns.shape, start, stride):
        window += columns[:, u, v]


def _windows(
    framed: Array, shape: tuple[int, ...], start: int, stride: int
) -> Iterator[tuple[int, int, Array]]:
    """Yield, for each weight of the window, the pixels it meets at all places of a block."""
    _, a, b, rows, width, _ = shape
    for u in range(a):
        top = start * stride + u
        for v in range(b):
            yield u, v, framed[:, top : top + rows * stride : stride, v : v + width * stride : stride]


_kept = threading.local()


def _scratch(role: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """Borrow memory for a temporary array that no function returns: new memory costs more than its use."""
    wanted = math.prod(shape) * np.dtype(dtype).itemsize
    memory = getattr(_kept, role, None)
    if memory is None or memory.nbytes < wanted:
        memory = np.empty(wanted, np.uint8)
        setattr(_kept, role, memory)
    borrowed: Array = memory[:wanted].view(dtype).reshape(shape)
    return borrowed


def _flat(columns: Array) -> Array:
    """See the patches of a block as a matrix: weights of the window by places."""
    c, a, b = columns.shape[:3]
    return columns.reshape(c * a * b, -1)


def _flat_rows(y: Array) -> Array:
    """See a block of rows of an output as a matrix: channels by places."""
    return y.reshape(len(y), -1)


def _padded(x: Array, padding: int) -> Array:
    if padding == 0:
        return x
    c, height, width, n = x.shape
    framed = _scratch("framed", (c, height + 2 * padding, width + 2 * padding, n), x.dtype)
    framed[:] = 0
    _unpadded(framed, padding)[:] = x
    return framed


def _unpadded(framed: Array, padding: int) -> Array:
    inside = slice(padding, -padding or None)
    return framed[:, inside, inside]
