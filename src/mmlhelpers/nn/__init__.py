"""Neural networks: parameters in one flat buffer, layers with a forward and a backward, losses, training.

A layer knows its sizes and nothing else: weights, data and what the backward pass needs are handed to it. A
model owns its parameters and can say its loss and its gradient; `train` needs no more than that.
"""

from mmlhelpers.nn._layers import Activation, BatchNorm, Dense, Dropout, LayerNorm
from mmlhelpers.nn._parameters import Parameters
from mmlhelpers.nn.initialisers import Initialiser, glorot_uniform, orthogonal, scaled_normal
from mmlhelpers.nn.layers import Layer
from mmlhelpers.nn.models import Classifier, Regressor, Sequential
from mmlhelpers.nn.training import History, Model, train

__all__ = [
    "Activation",
    "BatchNorm",
    "Classifier",
    "Dense",
    "Dropout",
    "History",
    "Initialiser",
    "Layer",
    "LayerNorm",
    "Model",
    "Parameters",
    "Regressor",
    "Sequential",
    "glorot_uniform",
    "orthogonal",
    "scaled_normal",
    "train",
]
