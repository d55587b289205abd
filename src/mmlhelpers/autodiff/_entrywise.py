"""Rules of functions that act on each entry alone.

Throughout the rules, `g` is the incoming gradient (the derivative of the final number by `out`), `out` the
value computed, `x` and `y` the inputs; a rule returns the derivative of the final number by its input. At a
corner the mean of both slopes is taken.
"""

from typing import Any

import numpy as np

from mmlhelpers.autodiff._traced import ENTRYWISE, FORWARD, RULES, STEPS, WRITTEN, Rule, call, plain


def _larger(x: Any, y: Any) -> Any:
    """Return 1 where x is larger than y, one half where they are equal."""
    x, y = plain(x), plain(y)
    return np.asarray(np.greater(x, y) + 0.5 * np.equal(x, y), dtype=np.result_type(x, y, np.float16))


def _power_base(g: Any, out: Any, x: Any, y: Any) -> Any:
    if isinstance(y, int | float):  # a Python number leaves float32 as it is
        return g * (y * x ** (y - 1)) if y else g * 0.0
    if np.asarray(plain(y)).dtype.kind in ("b", "u"):  # which have no -1
        y = y.astype(float)
    return g * y * x ** np.where(plain(y) == 0, 1.0, y - 1)  # x**0 has slope 0 at x = 0 too


def _power_exponent(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Use that 0**y stays 0 when y moves, as long as y is above 0."""
    still = (plain(x) == 0) & (plain(y) > 0)
    return g * out * np.log(np.where(still, 1.0, x))


def _hypotenuse(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Take slope 0 at the corner, as the length of a vector does."""
    return g * (x / np.where(plain(out) == 0, 1.0, out))


def _angle(x: Any, y: Any) -> tuple[Any, Any]:
    """Divide both legs by the square of the hypotenuse, without forming it."""
    length = np.hypot(x, y)
    return x / length / length, y / length / length


LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))

ENTRYWISE |= {
    np.add: (lambda g, out, x, y: g, lambda g, out, x, y: g),
    np.subtract: (lambda g, out, x, y: g, lambda g, out, x, y: -g),
    np.multiply: (lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    np.divide: (lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y),
    np.power: (_power_base, _power_exponent),
    np.negative: (lambda g, out, x: -g,),
    np.positive: (lambda g, out, x: g,),
    np.absolute: (lambda g, out, x: g * np.sign(x),),
    np.square: (lambda g, out, x: 2 * g * x,),
    np.sqrt: (lambda g, out, x: g / (2 * out),),
    np.cbrt: (lambda g, out, x: g / (3 * out * out),),
    np.reciprocal: (lambda g, out, x: -(g * out) * out,),
    np.exp: (lambda g, out, x: g * out,),
    np.exp2: (lambda g, out, x: g * out * LN2,),
    np.expm1: (lambda g, out, x: g * (out + 1),),
    np.log: (lambda g, out, x: g / x,),
    np.log2: (lambda g, out, x: g / x / LN2,),
    np.log10: (lambda g, out, x: g / x / LN10,),
    np.log1p: (lambda g, out, x: g / (1 + x),),
    np.sin: (lambda g, out, x: g * np.cos(x),),
    np.cos: (lambda g, out, x: -g * np.sin(x),),
    np.tan: (lambda g, out, x: g * (1 + out**2),),
    np.arcsin: (lambda g, out, x: g / np.sqrt((1 - x) * (1 + x)),),
    np.arccos: (lambda g, out, x: -g / np.sqrt((1 - x) * (1 + x)),),
    np.arctan: (lambda g, out, x: g / (1 + x**2),),
    np.arctan2: (
        lambda g, out, y, x: g * _angle(y, x)[1],
        lambda g, out, y, x: -g * _angle(y, x)[0],
    ),
    np.hypot: (_hypotenuse, lambda g, out, x, y: _hypotenuse(g, out, y, x)),
    np.sinh: (lambda g, out, x: g * np.cosh(x),),
    np.cosh: (lambda g, out, x: g * np.sinh(x),),
    np.tanh: (lambda g, out, x: g * (1 - out * out),),
    np.arcsinh: (lambda g, out, x: g / np.hypot(x, 1.0),),
    np.arccosh: (lambda g, out, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)),),
    np.arctanh: (lambda g, out, x: g / ((1 - x) * (1 + x)),),
    np.logaddexp: (lambda g, out, x, y: g * np.exp(x - out), lambda g, out, x, y: g * np.exp(y - out)),
    np.maximum: (lambda g, out, x, y: g * _larger(x, y), lambda g, out, x, y: g * _larger(y, x)),
    np.minimum: (lambda g, out, x, y: g * _larger(y, x), lambda g, out, x, y: g * _larger(x, y)),
}
RULES.update(ENTRYWISE)


# Choices: the condition is plain, and what is not chosen counts nothing, infinite or not


def _where(condition: Any, *branches: Any) -> Any:
    return call(np.where, plain(condition), *branches) if branches else np.where(plain(condition))


def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


FORWARD[np.where] = (
    lambda g, out, c, x, y: g * 0.0,  # never asked: conditions are plain
    lambda g, out, c, x, y: np.where(c, g, 0.0),
    lambda g, out, c, x, y: np.where(c, 0.0, g),
)
RULES[np.where] = FORWARD[np.where]
WRITTEN |= {np.where: _where, np.clip: _clip}

STEPS |= {
    *(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.sign, np.isfinite),
    *(np.isnan, np.isinf, np.logical_and, np.logical_or, np.logical_not, np.signbit, np.any, np.all),
    *(np.isclose, np.allclose, np.array_equal, np.argmax, np.argmin, np.argsort, np.count_nonzero),
    *(np.shape, np.ndim, np.size, np.iscomplexobj, np.zeros_like, np.ones_like, np.full_like),
}


def unused(function: Rule, position: int, asked: Any, args: Any, constant: Any) -> Any:
    """Narrow the mask of entries that are asked for: a factor that is a plain zero asks for nothing."""
    if function is np.where:
        chosen = np.asarray(plain(args[0]), dtype=bool)
        return asked & (chosen if position == 1 else ~chosen)
    if function in (np.maximum, np.minimum):
        weights = ENTRYWISE[function][position](np.ones(np.shape(asked)), None, *args)
        return asked & (weights > 0)
    factors: dict[Rule, int] = {np.multiply: 1 - position, np.power: 1, np.divide: 0}
    factor = factors.get(function, position)
    if factor == position or not constant(factor):
        return asked
    return asked & (np.asarray(plain(args[factor])) != 0)
