"""Models: a chain of layers with its parameters, and what it is trained to do."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from mmlhelpers._checks import as_floats, as_generator, as_items
from mmlhelpers.nn._losses import mean_squared_error, softmax_cross_entropy
from mmlhelpers.nn._parameters import Numbers, Parameters
from mmlhelpers.nn.layers import Layer, Sizes


class Sequential:
    """Layers one after the other, with all their parameters in one buffer.

    Parameters
    ----------
    layers : sequence of Layer
        The layers, first to last.
    rng : Generator
        Source of the first weights.
    dtype : dtype
        Precision: float32 or float64.

    Attributes
    ----------
    weights : Parameters
        All arrays, named by the position of the layer and the name that the layer has for it: "0.W".

    Raises
    ------
    ValueError
        If there is no layer, or `dtype` is neither float32 nor float64.

    Notes
    -----
    The backward pass is exact up to rounding in `dtype`. A pass keeps one array a layer, or a few.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> from mmlhelpers.nn import Activation, Dense
    >>> network = Sequential([Dense(4, 3), Activation("relu"), Dense(3, 2)], np.random.default_rng(0))
    >>> network.predict(np.ones((5, 4))).shape, network.parameters.size
    ((5, 2), 23)
    """

    def __init__(
        self, layers: Sequence[Layer], rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> None:
        rng, self.layers = as_generator(rng, "rng"), list(as_items(layers, "layers"))
        if not self.layers:
            raise ValueError("layers must hold at least one layer, got none")
        for i, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise ValueError(f"layers[{i}] must be a layer of mmlhelpers.nn, made, got {layer!r:.80}")
        names = [f"{i}." for i in range(len(layers))]
        shapes = _named(names, [layer.shapes() for layer in layers])
        self.weights = Parameters(shapes, dtype, _named(names, [layer.statistics() for layer in layers]))
        self._weights = [
            {key: self.weights[name + key] for key in {**layer.shapes(), **layer.statistics()}}
            for name, layer in zip(names, layers, strict=True)
        ]
        self._gradients = [
            {key: self.weights.gradient_of(name + key) for key in layer.shapes()}
            for name, layer in zip(names, layers, strict=True)
        ]
        for layer, weights in zip(self.layers, self._weights, strict=True):
            layer.initialise(weights, rng)

    @property
    def parameters(self) -> Numbers:
        """All parameters, (p,).

        Returns
        -------
        (p,) ndarray
            A view: writing to it changes the network.
        """
        return self.weights.flat

    @property
    def gradient(self) -> Numbers:
        """The gradient that the last backward pass wrote.

        Returns
        -------
        (p,) ndarray
            In the order of the parameters.
        """
        return self.weights.gradient

    @property
    def state(self) -> Numbers:
        """The parameters and then the running statistics.

        Returns
        -------
        (p + s,) ndarray
            All that is needed to keep the network.
        """
        return self.weights.state

    def forward(self, x: ArrayLike, rng: np.random.Generator | None = None) -> tuple[Numbers, list[Any]]:
        """Compute the output, and what each layer needs for the backward pass.

        Parameters
        ----------
        x : (n, ...) array_like
            Input; it is read in the precision of the parameters.
        rng : Generator, optional
            Given in training, left out in evaluation.

        Returns
        -------
        tuple of ndarray and list
            The output, and the memory that `backward` takes.
        """
        rng = None if rng is None else as_generator(rng, "rng")
        memory, y = [], self._in_precision(x, "x")
        for layer, weights in zip(self.layers, self._weights, strict=True):
            y, kept = layer.forward(y, weights, rng)
            memory.append(kept)
        if rng is None and np.isnan(y).any():  # in training the loss will tell
            _refuse_huge(x)
        return y, memory

    def backward(self, dy: Numbers, memory: list[Any]) -> Numbers:
        """Write the gradient by all parameters.

        Parameters
        ----------
        dy : ndarray
            Gradient of the loss by the output, in its shape.
        memory : list
            What `forward` returned beside it.

        Returns
        -------
        ndarray
            Gradient by the input, in its shape.
        """
        dy = self._in_precision(dy, "dy")
        for i in range(len(self.layers) - 1, -1, -1):
            dy = self.layers[i].backward(dy, memory[i], self._weights[i], self._gradients[i])
        return dy

    def predict(self, x: ArrayLike) -> Numbers:
        """Compute the output in evaluation.

        Parameters
        ----------
        x : (n, ...) array_like
            Input.

        Returns
        -------
        ndarray
            Output, in the precision of the parameters.
        """
        return self.forward(x)[0]

    def _in_precision(self, x: ArrayLike, name: str) -> Numbers:
        """Read numbers in the precision of the parameters."""
        with np.errstate(over="ignore"):
            return as_floats(x, name).astype(self.parameters.dtype, copy=False)


def _refuse_huge(x: ArrayLike) -> None:
    """Refuse an input so large that sums of its multiples are no floats; what was broken before passes."""
    numbers = as_floats(x, "x")
    size, most = np.abs(numbers).max(initial=0), math.sqrt(np.finfo(numbers.dtype).max)
    if most < size < math.inf:
        raise ValueError(
            f"x must hold numbers up to {most:.2g} for this network, whose sums overflow, got {size:.2g}: "
            "divide it by its spread"
        )


def _named(prefixes: list[str], groups: list[Sizes]) -> Sizes:
    """Join the arrays of all layers, each name after the prefix of its layer."""
    pairs = zip(prefixes, groups, strict=True)
    return {prefix + key: shape for prefix, group in pairs for key, shape in group.items()}


class _Task:
    """A network and the loss that it is trained on: what `train` needs."""

    def __init__(self, network: Sequential, loss: Callable[[Numbers, Any], tuple[float, Numbers]]) -> None:
        self.network, self._loss = network, loss
        self.parameters, self.gradient, self.state = network.parameters, network.gradient, network.state

    def loss_and_gradient(self, x: Numbers, y: Any, rng: np.random.Generator) -> float:
        """Go forward and backward in training: return the mean loss, fill the gradient."""
        output, memory = self.network.forward(x, as_generator(rng, "rng"))
        loss, slope = self._loss(output, y)
        if math.isnan(loss):
            _refuse_huge(x)
        self.network.backward(slope, memory)
        return loss

    def loss(self, x: ArrayLike, y: Any) -> float:
        """Compute the mean loss in evaluation."""
        loss = self._loss(self.network.predict(x), y)[0]
        if math.isnan(loss):
            _refuse_huge(x)
        return loss


class Classifier(_Task):
    """A network whose outputs are the logits of classes, trained on the cross-entropy.

    Parameters
    ----------
    network : Sequential
        From (n, d) inputs, or images or tokens, to (..., k) logits.

    Notes
    -----
    Labels are whole numbers from 0 to k - 1 in the shape of the logits without their last axis. Losses are
    means over them, in nats, stable for logits of any size.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> from mmlhelpers.nn import Dense
    >>> model = Classifier(Sequential([Dense(2, 2)], np.random.default_rng(0)))
    >>> model.parameters[:] = 0
    >>> model.loss([[1.0, 2.0]], [1])
    0.6931471805
    """

    def __init__(self, network: Sequential) -> None:
        super().__init__(network, softmax_cross_entropy)


class Regressor(_Task):
    """A network whose outputs are numbers, trained on the mean of squared errors.

    Parameters
    ----------
    network : Sequential
        From (n, d) inputs to (n, k) predictions.

    Notes
    -----
    Targets have the shape of the predictions; (n,) will do where there is one. Losses are means over all
    numbers.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> from mmlhelpers.nn import Dense
    >>> model = Regressor(Sequential([Dense(2, 1)], np.random.default_rng(0)))
    >>> model.parameters[:] = 0
    >>> model.loss([[1.0, 2.0]], [3.0])
    9.0
    """

    def __init__(self, network: Sequential) -> None:
        super().__init__(network, mean_squared_error)
