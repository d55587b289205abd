"""Convolution and pooling."""

from mmlhelpers import convolution
from promises import numbers, promise

PLACES = "pixels have places: another order is another picture"

for function in (convolution.correlate, convolution.convolve, convolution.fft_convolve):
    promise(
        function,
        {"image": numbers(4, 5), "kernel": numbers(2, 3)},
        units={"image": 1, "kernel": 1},
        order=PLACES,
    )
