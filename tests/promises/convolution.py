"""Convolution and pooling, of one picture and of batches, forward and backward."""

import numpy as np
import truths

from mmlhelpers import convolution
from promises import ROWS, THROUGH, numbers, promise

PLACES = "pixels have places: another order is another picture"
IMAGE = {"image": numbers(4, 5), "kernel": numbers(2, 3)}
TAKEN = {"nan": THROUGH, "inf": THROUGH, "single": True}

promise(
    convolution.output_size,
    {"n": 8, "k": 3, "stride": 2, "padding": 1},
    units="pixels are counted",
    order="takes no arrays",
    without={"layout": "takes counts, and no arrays"},
)
promise(
    convolution.receptive_field,
    {"layers": [[3, 1], [2, 2], [3, 1]]},
    units="windows are counted in pixels",
    order=PLACES,
    refuses={"layers": "bool float32 float16"},
)
for function in (convolution.correlate, convolution.convolve, convolution.fft_convolve):
    promise(
        function,
        IMAGE,
        units={"image": 1, "kernel": 1},
        order=PLACES,
        oracle=truths.convolution if function is not convolution.correlate else None,
    )
promise(
    convolution.separate,
    {"kernel": numbers(3, 2)},
    units={"kernel^2": 1},  # the root of a singular value goes to each of the two
    order=PLACES,
)
promise(
    convolution.correlation_matrix,
    {"kernel": numbers(2, 2), "shape": (3, 4)},
    units={"kernel": 1},
    order=PLACES,
)
promise(convolution.patches, {"image": numbers(3, 4), "shape": (2, 2)}, units={"image": 1}, order=PLACES)


def of_pictures(function):
    """Call a function of batches with the pictures as rows."""

    def call(x, **rest):
        if np.ndim(x) == 4:
            x = np.moveaxis(np.asanyarray(x), 0, -1)
        answer = function(x, **rest)
        return [np.moveaxis(part, -1, 0) for part in (answer if isinstance(answer, tuple) else [answer])]

    return call


LAYER = {"x": numbers(3, 2, 4, 5), "w": numbers(2, 2, 3, 2), "padding": 1}
for function in (convolution.conv2d, convolution.conv2d_loops):
    promise(
        function,
        LAYER,
        call=of_pictures(function),
        units={"x": 1, "w": 1},
        order={"x": ROWS},
        examples=1,
        **TAKEN,
    )
promise(
    convolution.conv2d_pool,
    LAYER,
    call=of_pictures(convolution.conv2d_pool),
    units={"x": 1, "w": 1},
    order={"x": ROWS},
    **TAKEN,
)
promise(
    convolution.max_pool,
    {"x": numbers(3, 2, 4, 5)},
    call=of_pictures(convolution.max_pool),
    units={"x": 1},
    order={"x": ROWS},
    **TAKEN,
)
promise(
    convolution.max_pool_backward,
    {"dy": numbers(2, 2, 2, 3), "x": numbers(2, 5, 4, 3)},
    call=lambda dy, x: convolution.max_pool_backward(dy, convolution.max_pool(x), np.shape(x)),
    units={"dy": 1, "x": 0},
    order=PLACES,
    nan={"dy": THROUGH, "x": "allowed"},
    inf="allowed",
)
promise(
    convolution.conv2d_backward,
    {"dy": numbers(2, 3, 3, 2), "x": numbers(1, 4, 4, 2), "w": numbers(2, 1, 2, 2)},
    units={"dy": 1, "x": {"1": 1}, "w": {"0": 1}},
    order=PLACES,
    **TAKEN,
)
promise(
    convolution.conv2d_pool_backward,
    {"dy": numbers(2, 2, 2, 2), "x": numbers(1, 5, 5, 2), "w": numbers(2, 1, 2, 2)},
    call=lambda dy, x, w: convolution.conv2d_pool_backward(dy, convolution.conv2d_pool(x, w), x, w),
    units={"dy": 1, "x": {"1": 1}, "w": {"0": 1}},
    order=PLACES,
    nan={"dy": THROUGH, "x": THROUGH, "w": THROUGH},
    inf=THROUGH,
    single=True,
)
