"""Telling pictures apart: layers for pictures, the convolutional network, and ways to look inside it."""

from mmlhelpers.vision._layers import Convolution, Flatten, Images, Rectifier
from mmlhelpers.vision.networks import (
    adversarial_step,
    convnet,
    feature_maps,
    fit,
    flips_and_shifts,
    input_gradient,
    occlusion_map,
    pretrained,
    probabilities,
)

__all__ = [
    "Convolution",
    "Flatten",
    "Images",
    "Rectifier",
    "adversarial_step",
    "convnet",
    "feature_maps",
    "fit",
    "flips_and_shifts",
    "input_gradient",
    "occlusion_map",
    "pretrained",
    "probabilities",
]
