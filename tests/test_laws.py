"""The laws notice the faults they are there for: small functions, each with one fault of a known kind."""

import warnings
from typing import NamedTuple

import laws
import numpy as np
import pytest
from promises import ROWS, SAME, Promise, Rng, _as_strategy
from test_promises import hold

from mmlhelpers._checks import as_numbers


class Found(NamedTuple):
    x: float
    converged: bool


def checked(x):
    """Read finite floats, or refuse x by name."""
    return as_numbers(x, "x")


def norm_by_squares(x):
    return float(np.sqrt(np.sum(np.ldexp(checked(x), 0) ** 2)))


def absolute_tolerance(x):
    x = checked(x)
    return float(np.mean(x)) if np.ptp(x) > 1e-8 else 0.0


def infinity_converges(x):
    with np.errstate(over="ignore"):
        total = float(np.sum(checked(x) ** 2))
    return Found(total, total <= 2 * total)


def sign_by_total_of_both(x):
    x = checked(x)
    return bool(x[0] * x[1] < 0)


def wraps(x):
    return np.max(x) - x if checked(x).size else x


def half_precision(x):
    return float(np.sum(np.asarray(checked(x), dtype=np.float16)))


def by_memory(x):
    checked(x)
    return float(np.frombuffer(np.asarray(x).tobytes(), np.asarray(x).dtype.kind + "8")[0])


def sorts_in_place(x):
    checked(x)
    x.sort()
    return float(x[0])


def takes_nan(x):
    return float(np.nanmean(np.where(np.isfinite(x), x, 0)))


def divides_by_spread(x):
    x = checked(x)
    return (x - x.mean()) / x.std()


def negative_zero(x):
    return np.signbit(checked(x))


def index_error(x):
    return float(np.asarray(x, dtype=float)[0])


def anonymous(x):
    if not np.isfinite(x).all():
        raise ValueError("bad input")
    return float(np.sum(x))


def variance_by_cancellation(x):
    x = checked(x)
    return float(np.mean(x**2) - np.mean(x) ** 2)


def first_counts_twice(x):
    x = checked(x)
    return float(x.sum() + x[0])


def global_generator(x, rng):
    return float(checked(x).sum() + np.random.random())  # noqa: NPY002


def warns(x):
    warnings.warn("a word to nobody", stacklevel=1)
    return float(checked(x).sum())


def reads_text(x):
    return float(np.sum(checked(np.asarray(x).astype(float) if np.asarray(x).dtype.kind == "U" else x)))


def looks_behind_masks(x):
    return float(np.sum(checked(np.asarray(x))))


def sums_in_one_go(x):
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sum(checked(x) * 2) - np.sum(checked(x) * 2))


FAULTS = {
    "units": (norm_by_squares, absolute_tolerance, infinity_converges, sign_by_total_of_both, warns),
    "dtype": (wraps,),
    "layout": (by_memory, sorts_in_place, index_error),
    "content": (
        takes_nan,
        divides_by_spread,
        negative_zero,
        anonymous,
        variance_by_cancellation,
        reads_text,
        looks_behind_masks,
        sums_in_one_go,
    ),
    "order": (first_counts_twice,),
    "seed": (global_generator,),
}
DEGREES = {
    "infinity_converges": {"x": {"x": 2}},
    "sign_by_total_of_both": {"x": 0},
    "variance_by_cancellation": {"x": 2},
}


def promise_of(function, law):
    name = function.__name__
    arguments = {"x": [0.5, -2.0, 1.25, 3.0]} | ({"rng": Rng(0)} if law == "seed" else {})
    entry = {"units": DEGREES.get(name, {"x": 1}), "order": {"x": SAME}, "shift": {"x": 0}}
    return Promise(name, function, _as_strategy(arguments), **entry)


CASES = [(law, function) for law, functions in FAULTS.items() for function in functions]


@pytest.mark.parametrize(("law", "function"), CASES, ids=[f"{f.__name__}-{law}" for law, f in CASES])
def test_a_law_notices_the_fault(law, function):
    with pytest.raises(pytest.fail.Exception, match=function.__name__):
        hold(promise_of(function, law), law)


def centred(x):
    x = checked(x)
    if np.abs(x).max() > 2.0**1020:
        raise ValueError("x must leave room for differences: scale it down")
    unit = np.abs(x).max() or 1.0
    return (x / unit - (x / unit).mean()) * unit


def test_offsets_of_several_arguments_and_wrong_answers_are_noticed():
    arguments = _as_strategy({"x": [0.5, -2.0, 1.25], "y": [1.0, 2.0, -3.5]})

    def total_of_both(x, y):
        return float(np.sum(as_numbers(x, "x") / 8) + np.sum(as_numbers(y, "y") / 8))

    entry = {"units": "none is asked here", "order": "none is asked here"}
    with pytest.raises(pytest.fail.Exception, match=r"total_of_both with x y \+ 1e\+08"):
        hold(Promise("total_of_both", total_of_both, arguments, shift={"x y": 0}, **entry), "content")
    with pytest.raises(pytest.fail.Exception, match=r"total_of_both with .*wanted 7"):
        hold(Promise("total_of_both", total_of_both, arguments, oracle=lambda x, y: 7.0, **entry), "content")
    hold(Promise("total_of_both", total_of_both, arguments, oracle=lambda x, y: None, **entry), "content")


@pytest.mark.parametrize("law", laws.LAWS)
def test_a_sound_function_keeps_every_law(law):
    entry = {"units": {"x": 1}, "order": {"x": ROWS}, "shift": {"x": 0}}
    hold(Promise("centred", centred, _as_strategy({"x": [0.5, -2.0, 1.25, 3.0]}), **entry), law)


def test_a_scalar_is_asked_as_fraction_and_decimal():
    def halved(x):
        if not isinstance(x, float | int):
            return 0.0  # reads what it does not know as nothing
        return x / 2

    with pytest.raises(pytest.fail.Exception, match="x as Fraction"):
        hold(Promise("halved", halved, _as_strategy({"x": 1.5}), {"x": 1}, "one number only"), "dtype")
