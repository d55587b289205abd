"""The networks for pictures, what they say about them, and their layers."""

import numpy as np

from mmlhelpers import vision
from promises import ALLOWED, ROWS, THROUGH, Rng, exempt, method, numbers, promise, whole

BRIGHT = "brightness has a scale, from black to white"
PIXELS = "pixels have places: another order is another picture"
LABELS = {"refuses": {"labels": "bool float32 float16"}}
FEW = numbers(3, 8, 8, 3, low=0.0, high=1.0)
CLASSES = whole(3, high=1)


def small():
    """A network for pictures of 8 by 8 pixels, with biases that matter."""
    model = vision.convnet(np.random.default_rng(0), (3, 4), 8, dtype=np.float64)
    model.parameters[:] += 0.1
    return model


def asked(function, **rest):
    """Call a function with the small network."""
    return lambda **arguments: function(small(), **arguments, **rest)


exempt(vision.pretrained, "reads the shipped weights, and takes nothing")
promise(
    vision.convnet,
    {"rng": Rng(), "channels": [3, 4], "size": 8, "dropout": 0.25},
    call=lambda **arguments: vision.convnet(**arguments).parameters.copy(),
    units="shares and counts have no unit",
    order="layers come in their order",
    refuses={"channels": "bool float32 float16"},
)
promise(
    vision.fit,
    {
        "images": numbers(64, 8, 8, 3, low=0.0, high=1.0),
        "labels": whole(64, high=1),
        "peak": 0.005,
        "rng": Rng(),
    },
    call=lambda images, labels, peak, rng: _fitted(images, labels, peak, rng),
    units=BRIGHT,
    order="batches are drawn by place",
    names=("learning_rate", "loss"),
    raises=(FloatingPointError,),
    examples=1,
    **LABELS,
)


def _fitted(images, labels, peak, rng):
    model = small()
    told = vision.fit(model, images, labels, rng, steps=2, peak=peak)
    return {"loss": told.train_loss, "parameters": model.parameters}


promise(
    vision.probabilities,
    {"images": FEW},
    call=asked(vision.probabilities),
    units=BRIGHT,
    order={"images": ROWS},
)
promise(
    vision.input_gradient,
    {"images": FEW, "labels": CLASSES},
    call=asked(vision.input_gradient),
    units=BRIGHT,
    order={"images labels": ROWS},
    **LABELS,
)
promise(
    vision.adversarial_step,
    {"images": FEW, "labels": CLASSES, "epsilon": 0.0625},
    call=asked(vision.adversarial_step),
    units=BRIGHT,
    order={"images labels": ROWS},
    **LABELS,
)
promise(
    vision.occlusion_map,
    {"image": numbers(8, 8, 3, low=0.0, high=1.0), "size": 4, "stride": 2, "grey": 0.5},
    call=asked(vision.occlusion_map),
    units=BRIGHT,
    order=PIXELS,
    rtol=1e-7,  # differences of logits
)
promise(
    vision.feature_maps,
    {"image": numbers(8, 8, 3, low=0.0, high=1.0)},
    call=asked(vision.feature_maps),
    units=BRIGHT,
    order=PIXELS,
)
promise(
    vision.flips_and_shifts,
    {"images": FEW, "labels": CLASSES, "batch": 2, "reach": 1, "rng": Rng()},
    call=lambda rng, **arguments: vision.flips_and_shifts(**arguments)(rng),
    units=BRIGHT,
    order="pictures are drawn by place",
    single=True,
    **LABELS,
)


# Layers. Pictures lie along the last axis of what passes between them.

TAKEN = {"nan": THROUGH, "inf": ALLOWED, "single": True, "order": PIXELS}
for Class in (vision.Images, vision.Convolution, vision.Rectifier, vision.Flatten):
    for name in ("shapes", "statistics", "initialise"):
        exempt(method(Class, name), "sizes and first weights, which the constructor decides")


def layer(make, x, weights=None, dy=None):
    """Return the output of a layer, or the gradients by its input and by its weights."""
    single = getattr(x, "dtype", None) == np.float32
    arrays = {
        name: np.asarray(value, np.float32 if single else float) for name, value in (weights or {}).items()
    }
    y, memory = make().forward(x, arrays)
    if dy is None:
        return y
    gradients = {name: np.zeros_like(value) for name, value in arrays.items()}
    return {"dx": make().backward(dy, memory, arrays, gradients)} | gradients


PICTURES = {"x": numbers(2, 4, 4, 3)}
KERNELS = {"W": np.random.default_rng(0).normal(size=(2, 2, 3, 3))}
LAYERS = {
    vision.Images: (vision.Images, {"x": None}, None, (3, 2, 4, 4)),
    vision.Convolution: (lambda: vision.Convolution(2, 2), {"x": 1}, KERNELS, (2, 2, 2, 3)),
    vision.Rectifier: (lambda: vision.Rectifier(2), {"x": None}, {"b": [0.5, -0.25]}, (2, 4, 4, 3)),
    vision.Flatten: (vision.Flatten, {"x": 1}, None, (3, 32)),
}
for Class, (make, degrees, weights, shape) in LAYERS.items():
    promise(
        method(Class, "forward"),
        PICTURES,
        call=lambda x, make=make, weights=weights: layer(make, x, weights),
        units=degrees,
        **TAKEN,
    )
    promise(
        method(Class, "backward"),
        PICTURES | {"dy": numbers(*(shape if Class is not vision.Images else (4, 4, 3, 2)))},
        call=lambda x, dy, make=make, weights=weights: layer(make, x, weights, dy),
        units={"dy": 1},
        **TAKEN | {"nan": {"x": ALLOWED, "dy": THROUGH}},
    )
