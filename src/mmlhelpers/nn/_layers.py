r"""The layers of the book: a forward pass, and a backward pass that was derived by hand.

Throughout: `x` is the input and `y` the output of a layer, examples along the first axis; `dy` and `dx` are
the derivatives of the loss by them, in their shapes; `weights` and `gradients` hold the layer's arrays by
name. `forward` also returns what `backward` will need. A Generator among the arguments of `forward` says that
the network is being trained: `Dropout` drops, `BatchNorm` uses the batch. Without one it is evaluated.

Inputs keep their precision, float32 or float64; whole numbers become float64. NaN and infinity are taken
through, without a warning: it is `train` that stops when numbers break.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mmlhelpers import functional
from mmlhelpers._checks import as_count, as_floats, as_generator, as_items, as_number
from mmlhelpers._scale import exponent
from mmlhelpers.nn._parameters import Numbers
from mmlhelpers.nn.initialisers import Initialiser, scaled_normal
from mmlhelpers.nn.layers import Arrays, Layer, Rng, Sizes

# Up to so many numbers a sum in single precision keeps four digits at the worst; longer ones run in float64.
_MANY = 2**11
quiet = np.errstate(over="ignore", invalid="ignore")


class Dense(Layer):
    r"""Every output is a weighted sum of every input, plus a bias.

    Parameters
    ----------
    n_in, n_out : int
        Numbers of inputs and outputs.
    initialiser : callable, optional
        Draws the weights: `scaled_normal` with the gain :math:`\sqrt 2` by default, made for ReLU.

    Raises
    ------
    ValueError
        If a size is not a whole number from 1.

    Notes
    -----
    :math:`y = xW + b` with `W` (n_in, n_out), for `x` (..., n_in). Backward:
    :math:`\partial_W = x^\top \partial_y`, :math:`\partial_b` the sum of the rows of :math:`\partial_y`,
    :math:`\partial_x = \partial_y W^\top`. Error a few machine epsilons times the root
    of the number of terms.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> weights = {"W": np.array([[1.0, 2.0]]), "b": np.array([0.0, 10.0])}
    >>> Dense(1, 2).forward(np.array([[3.0]]), weights)[0]
    array([[ 3., 16.]])
    """

    def __init__(self, n_in: int, n_out: int, initialiser: Initialiser | None = None) -> None:
        self.n_in, self.n_out = as_count(n_in, "n_in", 1), as_count(n_out, "n_out", 1)
        self.initialiser = initialiser or scaled_normal(np.sqrt(2))

    def shapes(self) -> Sizes:
        """Name the weights `W` (n_in, n_out) and the bias `b` (n_out,)."""
        return {"W": (self.n_in, self.n_out), "b": (self.n_out,)}

    def initialise(self, weights: Arrays, rng: Rng) -> None:
        """Draw `W`; `b` stays zero."""
        weights["W"][...] = self.initialiser(self.n_in, self.n_out, rng)

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Compute x W + b; the memory is x."""
        x = as_input(x, self.n_in)
        y = x @ weights["W"]
        y += weights["b"]
        return y, x

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Share the gradient out between weights, bias and input."""
        dy = as_slope(dy, (*memory.shape[:-1], self.n_out))
        x, flat = memory.reshape(-1, self.n_in), dy.reshape(-1, self.n_out)
        np.matmul(x.T, flat, out=gradients["W"])
        gradients["b"][...] = _sum(flat, (0,))
        W = weights["W"]
        if memory.ndim == 2 and not memory.flags.c_contiguous:
            return (W @ dy.T).T  # laid out in memory as the input, which spares the layer below a copy
        return dy @ W.T


# Each activation: its value at z, and its derivative at z where the value is y.
Curve = tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]
ACTIVATIONS: dict[str, Curve] = {
    "identity": (lambda z: z, lambda z, y: np.ones_like(z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z, y: z > 0),
    "tanh": (np.tanh, lambda z, y: 1 - y**2),
    "sigmoid": (functional.sigmoid, lambda z, y: y * (1 - y)),
    "softplus": (functional.softplus, lambda z, y: functional.sigmoid(z)),
}


class Activation(Layer):
    r"""Bend every number by the same curve.

    Parameters
    ----------
    name : str
        One of "identity", "relu", "tanh", "sigmoid", "softplus".

    Raises
    ------
    ValueError
        If there is no curve of that name.

    Notes
    -----
    Backward: :math:`\partial_x = \partial_y \odot \varphi'(x)`, entry by entry. At its corner ReLU gets the
    slope 0 (`mmlhelpers.autodiff` takes one half). Accuracy as in `mmlhelpers.functional`.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> Activation("relu").forward(np.array([[-1.0, 2.0]]), {})[0]
    array([[0., 2.]])
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or name not in ACTIVATIONS:
            raise ValueError(f"name must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
        self.name = name
        self._value, self._slope = ACTIVATIONS[name]

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Apply the curve; the memory is the input and the output."""
        x = as_floats(x, "x")
        y = self._value(x)
        return y, (x, y)

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Multiply by the slope, entry by entry."""
        dx: Numbers = as_slope(dy, memory[1].shape) * self._slope(*memory)
        return dx


class Dropout(Layer):
    r"""Silence a random share of the numbers while training, and scale up the others to keep the mean.

    Parameters
    ----------
    rate : float
        Share that is silenced, from 0 to below 1.
    shared : tuple of int
        Axes along which one decision holds for all entries, for instance height and width of an image.

    Raises
    ------
    ValueError
        If `rate` is out of range.

    Notes
    -----
    Training: :math:`y = x \odot m` with entries of `m` that are :math:`1/(1 - \text{rate})`, or 0 with
    probability `rate`, so that the mean of `y` is `x`. Evaluation: :math:`y = x`.

    References
    ----------
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), Dropout: a simple way to prevent
    neural networks from overfitting, Journal of Machine Learning Research 15, 1929-1958.

    Examples
    --------
    >>> y, m = Dropout(0.75).forward(np.ones((1000, 2)), {}, np.random.default_rng(0))
    >>> np.unique(y)
    array([0., 4.])
    """

    def __init__(self, rate: float, shared: tuple[int, ...] = ()) -> None:
        self.rate, self.shared = as_share(rate, "rate"), _as_axes(shared, "shared")

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Multiply by a random mask, which is the memory."""
        x = as_floats(x, "x")
        if rng is None or self.rate == 0:
            return x, None
        rng, shape = as_generator(rng, "rng"), list(x.shape)
        for axis in self.shared:
            if not -x.ndim <= axis < x.ndim:
                raise ValueError(f"x must have the axes shared = {self.shared}, got shape {x.shape}")
            shape[axis] = 1
        mask = (rng.random(shape, dtype=np.float32) >= self.rate) * x.dtype.type(1 / (1 - self.rate))
        return x * mask, mask

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Multiply by the same mask."""
        dy = as_floats(dy, "dy")
        if memory is None:
            return dy
        sizes = zip(dy.shape, memory.shape, strict=False)
        if dy.ndim != memory.ndim or any(m not in (1, n) for n, m in sizes):
            raise ValueError(f"dy must have the shape of the output, to fit {memory.shape}, got {dy.shape}")
        dx: Numbers = dy * memory
        return dx


class BatchNorm(Layer):
    r"""Give every feature mean 0 and variance 1 over the batch, then a learned scale and shift.

    Parameters
    ----------
    n : int
        Number of features.
    axis : int
        The axis of the features; means are taken over all others.
    memory : float
        Share of the running mean and variance that survives a step, from 0 to below 1.
    epsilon : float
        Added to the variance, above 0.

    Raises
    ------
    ValueError
        If a parameter is out of range, or a batch of one example is trained on.

    Notes
    -----
    Training: :math:`y = \gamma \odot \hat x + \beta` with :math:`\hat x = (x - \mu)/\sqrt{\sigma^2 +
    \epsilon}` from the batch (variance with :math:`1/m`); with means over the batch in brackets, backward is
    :math:`\partial_x = \gamma / \sqrt{\sigma^2 + \epsilon}\;(\partial_y - \langle \partial_y \rangle -
    \hat x \langle \partial_y \hat x \rangle)`. Evaluation: running means and variances (with
    :math:`1/(m-1)`). Means are subtracted first, so a large common offset costs no more digits than it must.

    References
    ----------
    Book, section "Neural networks and backpropagation"; Ioffe and Szegedy (2015), Batch normalization:
    accelerating deep network training by reducing internal covariate shift, doi:10.48550/arXiv.1502.03167.

    Examples
    --------
    >>> from mmlhelpers.nn import Sequential
    >>> network = Sequential([BatchNorm(1)], np.random.default_rng(0))
    >>> network.forward(np.array([[1.0], [3.0]]), np.random.default_rng(0))[0]
    array([[-1.],
           [ 1.]])
    """

    def __init__(self, n: int, axis: int = -1, memory: float = 0.9, epsilon: float = 1e-5) -> None:
        self.n, self.axis, self.epsilon = as_count(n, "n", 1), axis, _as_epsilon(epsilon)
        self.memory = as_share(memory, "memory")

    def shapes(self) -> Sizes:
        """Name the scale `gamma` (n,) and the shift `beta` (n,)."""
        return {"gamma": (self.n,), "beta": (self.n,)}

    def statistics(self) -> Sizes:
        """Name the running `mean` (n,) and `variance` (n,)."""
        return {"mean": (self.n,), "variance": (self.n,)}

    def initialise(self, weights: Arrays, rng: Rng) -> None:
        """Start with scale 1, shift 0, running mean 0 and running variance 1."""
        weights["gamma"][...] = 1
        weights["variance"][...] = 1

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Standardise by the batch in training, by the running statistics in evaluation."""
        x = as_input(x, self.n, self.axis)
        others, shape = self._layout(x)
        training = rng is not None
        if rng is not None:
            rng = as_generator(rng, "rng")
            if x.size < 2 * self.n:
                raise ValueError(
                    f"x must hold at least two examples to train batch normalisation, got shape {x.shape}"
                )
            mean = _mean(x, others)
            centred = x - mean.reshape(shape)
            variance, scale = spread(centred, others, self.epsilon, x)
            self._remember(weights, mean, variance, x.size // self.n)
        else:
            centred, variance = x - weights["mean"].reshape(shape), weights["variance"]
            scale = 1 / np.sqrt(variance + self.epsilon)
        scale = scale.reshape(shape)
        x_hat = centred * scale
        y = weights["gamma"].reshape(shape) * x_hat + weights["beta"].reshape(shape)
        return y, (x_hat, scale, training)

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Take the mean and the part along x_hat out of the gradient, as the batch took them out of x."""
        x_hat, scale, training = memory
        dy = as_slope(dy, x_hat.shape)
        others, shape = self._layout(dy)
        gradients["beta"][...] = _sum(dy, others)
        gradients["gamma"][...] = _sum(dy * x_hat, others)
        if training:
            m = dy.size // self.n
            dy = dy - (gradients["beta"].reshape(shape) + x_hat * gradients["gamma"].reshape(shape)) / m
        dx: Numbers = weights["gamma"].reshape(shape) * scale * dy
        return dx

    def _layout(self, x: Numbers) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the axes to average over, and the shape in which n numbers meet x."""
        axis = self.axis % x.ndim
        return tuple(i for i in range(x.ndim) if i != axis), tuple(
            self.n if i == axis else 1 for i in range(x.ndim)
        )

    def _remember(self, weights: Arrays, mean: Numbers, variance: Numbers, m: int) -> None:
        """Move the running statistics towards those of the batch."""
        weights["mean"][...] += (1 - self.memory) * (mean - weights["mean"])
        weights["variance"][...] += (1 - self.memory) * (variance * (m / (m - 1)) - weights["variance"])


class LayerNorm(Layer):
    r"""Give every example mean 0 and variance 1 over its features, then a learned scale and shift.

    Parameters
    ----------
    n : int
        Number of features, along the last axis.
    epsilon : float
        Added to the variance, above 0.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    The formulas of `BatchNorm` in training, with means over the last axis: no example sees another, and
    training and evaluation are the same.

    References
    ----------
    Book, section "Neural networks and backpropagation"; Ba, Kiros and Hinton (2016), Layer normalization,
    doi:10.48550/arXiv.1607.06450.

    Examples
    --------
    >>> weights = {"gamma": np.ones(2), "beta": np.zeros(2)}
    >>> LayerNorm(2, epsilon=1e-12).forward(np.array([[1.0, 3.0]]), weights)[0]
    array([[-1.,  1.]])
    """

    def __init__(self, n: int, epsilon: float = 1e-5) -> None:
        self.n, self.epsilon = as_count(n, "n", 1), _as_epsilon(epsilon)

    def shapes(self) -> Sizes:
        """Name the scale `gamma` (n,) and the shift `beta` (n,)."""
        return {"gamma": (self.n,), "beta": (self.n,)}

    def initialise(self, weights: Arrays, rng: Rng) -> None:
        """Start with scale 1 and shift 0."""
        weights["gamma"][...] = 1

    @quiet
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Standardise every example by itself."""
        x = as_input(x, self.n)
        centred = x - _mean(x, (-1,))[..., None]
        scale = spread(centred, (-1,), self.epsilon, x)[1][..., None]
        x_hat = centred * scale
        return weights["gamma"] * x_hat + weights["beta"], (x_hat, scale)

    @quiet
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Take the mean and the part along x_hat out of the gradient, example by example."""
        x_hat, scale = memory
        dy = as_slope(dy, x_hat.shape)
        examples = tuple(range(dy.ndim - 1))
        gradients["beta"][...] = _sum(dy, examples)
        gradients["gamma"][...] = _sum(dy * x_hat, examples)
        dx_hat = dy * weights["gamma"]
        along = np.mean(dx_hat * x_hat, axis=-1, keepdims=True)
        dx: Numbers = scale * (dx_hat - dx_hat.mean(axis=-1, keepdims=True) - x_hat * along)
        return dx


def as_input(x: Any, n: int, axis: int = -1) -> Numbers:
    """Read an input, and refuse one that was made for another layer."""
    numbers: Numbers = as_floats(x, "x")
    if not -numbers.ndim <= axis < numbers.ndim or numbers.shape[axis] != n:
        raise ValueError(f"x must have {n} features along axis {axis}, got shape {numbers.shape}")
    return numbers


def as_slope(dy: Any, shape: tuple[int, ...]) -> Numbers:
    """Read the gradient by an output of this shape."""
    slope: Numbers = as_floats(dy, "dy")
    if slope.shape != shape:
        raise ValueError(f"dy must have the shape {shape} of the output, got {slope.shape}")
    return slope


def _sum(x: Numbers, axes: tuple[int, ...]) -> Numbers:
    """Add up along axes: NumPy adds runs of memory in pairs, but rows one by one, many of them in float64."""
    n = math.prod(x.shape[axis] for axis in axes)
    in_runs = x.flags.c_contiguous and axes in ((-1,), tuple(range(x.ndim - len(axes), x.ndim)))
    total: Numbers = np.add.reduce(x, axis=axes, dtype=x.dtype if in_runs or n <= _MANY else np.float64)
    return total.astype(x.dtype, copy=False)


def _mean(x: Numbers, axes: tuple[int, ...]) -> Numbers:
    """Average along axes, in the precision of `_sum`."""
    average: Numbers = _sum(x, axes) / x.dtype.type(math.prod(x.shape[axis] for axis in axes))
    return average


def spread(
    centred: Numbers, axes: tuple[int, ...], epsilon: float, x: Numbers | None = None
) -> tuple[Numbers, Numbers]:
    """Return the variance, and the factor that turns numbers without mean into such of variance one.

    If `x` is finite but not its sum or a difference from its mean, it is refused.
    """
    variance = _mean(centred**2, axes)
    scale = 1 / np.sqrt(variance + epsilon)
    if not (near := np.isfinite(variance)).all():  # the others may still be good: their squares are not
        fits = np.isfinite(centred).all()
        if not fits and x is not None and np.isfinite(x).all():
            raise ValueError(
                f"x must be small enough for its sums to be floats, got {x.min():.2g} to {x.max():.2g}: "
                "divide it by a number of that size"
            )
        unit = 2.0 ** -exponent(centred) if fits else np.nan
        part = centred * centred.dtype.type(unit)
        with np.errstate(divide="ignore"):  # of the others, which have their scale
            scale = np.where(near, scale, unit / np.sqrt(_mean(part**2, axes) + epsilon * unit**2))
        variance = np.minimum(variance, np.finfo(centred.dtype).max)
    return variance, scale.astype(centred.dtype, copy=False)


def _as_axes(value: Any, name: str) -> tuple[int, ...]:
    """Read axes, of which negative ones count from the end."""
    axes = tuple(as_items(value, name))
    if not all(isinstance(axis, int | np.integer) for axis in axes):
        raise ValueError(f"{name} must be axes, whole numbers, got {value!r:.80}")
    return axes


def as_share(value: float, name: str) -> float:
    """Read a number from 0 to below 1."""
    share = as_number(value, name)
    if not 0 <= share < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, got {value!r}")
    return share


def _as_epsilon(epsilon: float) -> float:
    """Read a number above 0."""
    if not as_number(epsilon, "epsilon") > 0:
        raise ValueError(f"epsilon must be above 0, got {epsilon!r}")
    return float(epsilon)
