"""What a layer is: sizes, a forward pass, and a backward pass that was derived by hand."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from mmlhelpers.nn._parameters import Numbers

Arrays = dict[str, Numbers]
Sizes = dict[str, tuple[int, ...]]
Rng = np.random.Generator


class Layer(ABC):
    """One step of a network: it knows its sizes, and keeps nothing between calls."""

    def shapes(self) -> Sizes:
        """Name the arrays of weights.

        Returns
        -------
        dict of str to tuple of int
            Name and shape of each; none by default.
        """
        return {}

    def statistics(self) -> Sizes:
        """Name the arrays that are kept but not trained, such as running means.

        Returns
        -------
        dict of str to tuple of int
            Name and shape of each; none by default.
        """
        return {}

    def initialise(self, weights: Arrays, rng: Rng) -> None:  # noqa: B027  # a layer without weights does nothing
        """Fill the weights in place.

        Parameters
        ----------
        weights : dict of str to ndarray
            All arrays of the layer, statistics included; zero before the call.
        rng : Generator
            Source of what is random.
        """

    @abstractmethod
    def forward(self, x: Numbers, weights: Arrays, rng: Rng | None = None) -> tuple[Numbers, Any]:
        """Compute the output, and what the backward pass will need.

        Parameters
        ----------
        x : (n, ...) ndarray
            Input, examples along the first axis.
        weights : dict of str to ndarray
            All arrays of the layer.
        rng : Generator, optional
            Given in training, where dropout drops and batch normalisation uses the batch; left out in
            evaluation.

        Returns
        -------
        tuple of ndarray and object
            The output, and the memory that `backward` takes.
        """

    @abstractmethod
    def backward(self, dy: Numbers, memory: Any, weights: Arrays, gradients: Arrays) -> Numbers:
        """Carry the gradient of the loss back through the layer.

        Parameters
        ----------
        dy : (n, ...) ndarray
            Gradient by the output, in its shape.
        memory : object
            What `forward` returned beside it.
        weights : dict of str to ndarray
            All arrays of the layer.
        gradients : dict of str to ndarray
            Room for the gradients by the weights, which are written, not added.

        Returns
        -------
        ndarray
            Gradient by the input, in its shape.
        """
