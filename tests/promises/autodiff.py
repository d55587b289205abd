"""Derivatives along a tape and with dual numbers, for functions that NumPy writes."""

import numpy as np
from test_api import methods

from mmlhelpers import autodiff
from promises import ROWS, SAME, exempt, method, numbers, promise

PLACES = "entries belong to the function"
SINGLE = {"single": True, "names": ("f", "g")}


def f(x):
    """Bend, and mix all entries."""
    return np.sum(np.sin(x) * np.cos(x[::-1])) + np.max(x)


def g(x):
    return np.sin(x) * np.sum(np.cos(x))


def size(x):
    """Measure without squares, so that every unit will do."""
    return np.sum(np.abs(x))


for make, becomes in ((autodiff.grad, ROWS), (autodiff.value_and_grad, {"0": SAME, "1": ROWS})):
    promise(
        make,
        {"x": numbers(3), "scale": 0.5},
        call=lambda x, scale, make=make: make(lambda x: scale * size(x))(x),
        units={"x": {"0": 1}, "scale": 1},
        order={"x": becomes},
        nan={"x": "refused", "scale": "allowed"},
        inf={"x": "refused", "scale": "allowed"},
        takes={"x": "near the largest float"},  # whose sum overflows in the reader's own function
        **SINGLE,
    )
promise(
    autodiff.jvp,
    {"x": numbers(3), "v": numbers(3)},
    call=lambda x, v: autodiff.jvp(g, x, v),
    units={"v": {"1": 1}},
    order={"x v": ROWS},
    **SINGLE,
)
promise(
    autodiff.vjp,
    {"x": numbers(3), "g": numbers(3)},
    call=lambda x, g: autodiff.vjp(np.sin, x)[1](g),
    units={"g": 1},
    order={"x g": ROWS},
    **SINGLE,
)
promise(
    autodiff.hvp,
    {"x": numbers(3), "v": numbers(3)},
    call=lambda x, v: autodiff.hvp(f, x, v),
    units={"v": 1},
    order=PLACES,
    **SINGLE,
)
for make, function in ((autodiff.jacobian, g), (autodiff.hessian, f)):
    promise(
        make,
        {"x": numbers(3)},
        call=lambda x, make=make, function=function: make(function)(x),
        units="the functions are curved",
        order=PLACES,
        **SINGLE,
    )
promise(
    autodiff.record,
    {"x": numbers(3)},
    call=lambda x: np.asarray(autodiff.record(size, x)[1].value),
    units={"x": 1},
    order={"x": SAME},
    takes={"x": "near the largest float"},
    **SINGLE,
)


def checked(factor):
    """Check a gradient times a factor."""

    def call(x, scale):
        scale = float(scale)
        claim = autodiff.grad(lambda x: factor * scale * size(x))
        return {"correct": autodiff.check_gradient(lambda x: scale * size(x), x, claim).correct}

    return call


for word, factor in (("", 1.0), ("a wrong gradient", 1.01)):
    promise(
        autodiff.check_gradient,
        {"x": numbers(3), "scale": 0.5},
        call=checked(factor),
        case=word,
        units={"x": 0, "scale": 0},
        order={"x": SAME},
        names=("f", "gradient"),
        without={"content": "a corner at zero and a scale of zero have no slope to compare"},
    )

for cls in (autodiff.Tensor, autodiff.Dual, autodiff.Tape):
    for path in methods(cls):
        exempt(method(cls, path.rpartition(".")[2]), "a function of NumPy, or a part of the tape")
