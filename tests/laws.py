"""The laws that `tests/promises` is held to; each is a function of a promise and of arguments for it."""

import re
import traceback
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from promises import ALLOWED, BOTH, REFUSED, ROWS, SAME, THROUGH, Rng, parts_of

EXPONENTS = (30, -30, 300, -300, 500, -500, 600, -600)
SINGLE_EXPONENTS = (30, -30, 70, -70)  # in float32, which squares of the last leave
MODEST = 30  # up to this exponent of two a scaled answer is due, beyond it a refusal will do
TINY = 2.0**-1022  # below it numbers lose digits, and so may answers
ROUNDING = {"float16": 2e-2, "float32": 1e-4}
OFFSETS = (1e8, 1.7e9)  # a large mean; seconds since 1970


class Refusal(NamedTuple):
    """A ValueError that names an argument."""

    message: str


# Calling


def outcome(promise, arguments, what):
    """Call the function: return the parts of its answer, or its refusal; nothing else may happen."""
    fresh = {k: np.random.default_rng(v.seed) if isinstance(v, Rng) else v for k, v in arguments.items()}
    before = {k: _frozen(v) for k, v in arguments.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            answer = parts(promise.call(**fresh))
        except Exception as error:
            answer = _refusal(promise, error, arguments, what)
    if not isinstance(answer, Refusal) and promise.inf == REFUSED and answer.get("converged", False):
        finite = all(np.isfinite(part).all() for part in answer.values() if _is_float(part))
        broken(not finite, promise, what, f"infinite, and called converged: {_shown(answer)}")
    changed = [k for k, v in arguments.items() if before[k] != _frozen(v)]
    broken(changed, promise, what, f"{', '.join(changed)} was changed by the call")
    return answer


def broken(condition, promise, what, message):
    assert not condition, f"{promise.name} with {what}: {message}"


def _refusal(promise, error, arguments, what):
    allowed = type(error) is ValueError or isinstance(error, promise.raises)
    broken(not allowed, promise, what, f"{type(error).__name__} {_place(error)}: {error}")
    named = any(_names(str(error), name) for name in (*arguments, *promise.known, *promise.names))
    broken(not named, promise, what, f"the refusal names no argument: {error}")
    return Refusal(str(error))


def _place(error):
    """Say where in the package an error was raised."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "mmlhelpers" in f.filename]
    where = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "NumPy"
    return f"in {where}"


def _names(message, name):
    return re.search(rf"\b{re.escape(name)}\b", message) is not None


def _frozen(value):
    """Return what tells whether an argument was changed."""
    if isinstance(value, np.ndarray):
        return value.tobytes() if value.dtype != object else [*map(repr, value.ravel())]
    if isinstance(value, list | tuple):
        return [_frozen(part) for part in value]
    if isinstance(value, dict):
        return {k: _frozen(part) for k, part in value.items()}
    return None if callable(value) else repr(value)


def parts(answer, path="") -> dict[str, Any]:
    """Take an answer apart into arrays and words, each with its place; functions and objects are left out."""
    if isinstance(answer, np.ndarray | np.generic | bool | int | float | complex):
        return {path: np.asarray(answer)}
    if isinstance(answer, str | bytes | None):
        return {path: answer}
    if isinstance(answer, list) and answer and all(isinstance(x, int | float) for x in answer):
        return {path: np.asarray(answer)}
    if isinstance(answer, tuple) and hasattr(answer, "_fields"):
        pairs = answer._asdict().items()
    elif isinstance(answer, list | tuple):
        pairs = enumerate(answer)
    else:
        pairs = answer.items() if isinstance(answer, dict) else ()
    found = {}
    for name, part in pairs:
        found |= parts(part, f"{path}.{name}" if path else str(name))
    return found


# Comparing


def close(got, want, rtol):
    """Say whether two parts of answers agree, relative to the largest number."""
    if not isinstance(got, np.ndarray) or not isinstance(want, np.ndarray):
        return type(got) is type(want) and got == want
    if got.shape != want.shape:
        return False
    if got.dtype.kind not in "fc" and want.dtype.kind not in "fc":
        return bool(np.all(got == want))
    if got.dtype in (np.float32, np.complex64):
        rtol, tiny, small = max(rtol, ROUNDING["float32"]), 2.0**-126, 2.0**-100
        with np.errstate(over="ignore"):
            want = want.astype(got.dtype)
    else:
        tiny, small = TINY, 2.0**-960
    got, want = got.astype(complex), want.astype(complex)
    finite = np.abs(want[np.isfinite(want)])
    scale = finite.max() if finite.size else 0.0
    allowed = rtol * scale + (tiny if scale < small else 0)
    with np.errstate(all="ignore"):
        same = (got == want) | (np.isnan(got) & np.isnan(want)) | (np.abs(got - want) <= allowed)
    return bool(np.all(same))


def agree(promise, got, want, what, rtol=None):
    """Demand that two outcomes agree: both answers the same, or both refused."""
    if isinstance(want, Refusal) or isinstance(got, Refusal):
        words = f"{_shown(got)}, wanted {_shown(want)}"
        broken(isinstance(want, Refusal) != isinstance(got, Refusal), promise, what, words)
        return
    broken(list(got) != list(want), promise, what, f"the answer has parts {list(got)}, wanted {list(want)}")
    for path, part in want.items():
        if _field(path) not in promise.loose:
            here = f"{path + ' is ' if path else ''}{_shown(got[path])}, wanted {_shown(part)}"
            broken(not close(got[path], part, rtol or promise.rtol), promise, what, here)


def sane(promise, arguments, what, *, nan=False):
    """Demand an answer without nan, or a refusal; the oracle's answer, if there is one."""
    got = outcome(promise, arguments, what)
    if isinstance(got, Refusal):
        return got
    floats = {path: part for path, part in got.items() if _is_float(part)}
    for path, part in floats.items():
        broken(not nan and np.isnan(part).any(), promise, what, f"{path or 'the answer'} is {_shown(part)}")
    if promise.oracle is not None and not nan:
        want = parts(promise.oracle(**arguments))
        known = {path: part for path, part in want.items() if part is not None}
        agree(promise, {path: got.get(path) for path in known}, known, what)
    return got


def _is_float(part):
    return isinstance(part, np.ndarray) and part.dtype.kind in "fc"


def _field(path):
    return path.partition(".")[0]


def _shown(part):
    if isinstance(part, Refusal):
        return f"a refusal ({part.message})"
    if isinstance(part, dict):
        return "an answer (" + ", ".join(f"{k} {_shown(v)}" for k, v in part.items())[:200] + ")"
    return " ".join(f"{part}".split())[:200]


# Changing arguments


def change(value, f, kinds="f"):
    """Apply a function to every array of these kinds in an argument."""
    if isinstance(value, np.ndarray):
        return f(value) if value.dtype.kind in kinds and value.ndim else value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return value if isinstance(value, Rng) else type(value)(*(change(part, f, kinds) for part in value))
    if isinstance(value, list | tuple):
        return type(value)(change(part, f, kinds) for part in value)
    return value


def times(value, factor):
    """Multiply an argument: numbers, arrays, or what a function returns."""
    if callable(value) and not isinstance(value, type):
        return lambda *arguments: times(value(*arguments), factor)
    if isinstance(value, float):
        return value * factor
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(times(part, factor) for part in value))
    return change(value, lambda a: a * factor, "fc")


def arrays(arguments, kinds="f"):
    """Name the arguments that hold arrays of these kinds."""
    found = []
    for name, value in arguments.items():
        change(value, lambda a, name=name: found.append(name) or a, kinds)
    return list(dict.fromkeys(found))


def single_numbers(arguments, kind):
    return [name for name, value in arguments.items() if type(value) is kind]


def tried(promise, law, any_change):
    """Demand a reason where a law has nothing to ask."""
    broken(not any_change, promise, f"the law of {law}", "nothing to ask; say why in without=")


# The laws


def units(promise, arguments):
    """Multiply arguments by powers of two: the answer is scaled as promised, or refused."""
    scaled = {} if isinstance(promise.units, str) else promise.units
    _scaled_together(promise, arguments, scaled, EXPONENTS)
    if promise.single:
        _scaled_together(promise, arguments | _in_single(arguments), scaled, SINGLE_EXPONENTS)
    alone = {*arrays(arguments), *single_numbers(arguments, float)} - {k for k in scaled if k in arguments}
    for name in alone:
        for e in EXPONENTS:
            sane(promise, arguments | {name: times(arguments[name], 2.0**e)}, f"{name} times 2^{e}")


def _scaled_together(promise, arguments, scaled, exponents):
    base = outcome(promise, arguments, "its arguments")
    word = " in float32" if exponents is SINGLE_EXPONENTS else ""
    for key, degrees in scaled.items():
        powers = parts_of(key)
        for e in exponents:
            if max(abs(e * power) for power in powers.values()) <= exponents[-2] * 5 / 3:
                changed = {n: times(arguments[n], 2.0 ** (e * power)) for n, power in powers.items()}
                _scaled_answer(promise, base, arguments | changed, degrees, e, f"{key} times 2^{e}{word}")


def _in_single(arguments):
    return {n: change(arguments[n], lambda a: a.astype(np.float32)) for n in arrays(arguments)}


def _scaled_answer(promise, base, arguments, degrees, e, what):
    got = outcome(promise, arguments, what)
    if isinstance(base, Refusal):
        return agree(promise, got, base, what)
    want = {path: _times_power(part, path, degrees, e) for path, part in base.items()}
    fits = all(np.isfinite(want[p]).all() for p in base if _is_float(want[p]) and np.isfinite(base[p]).all())
    if isinstance(got, Refusal):
        known = any(part is not None for part in want.values())
        broken(abs(e) <= MODEST and fits and known, promise, what, f"refused: {got.message}")
        return None
    kept = [p for p in base if want[p] is not None]
    return agree(promise, {p: got.get(p) for p in kept}, {p: want[p] for p in kept}, what)


def _times_power(part, path, degrees, e):
    """Scale a part of an answer as promised; None where nothing is promised."""
    degree = degrees.get(_field(path), 0) if isinstance(degrees, dict) else degrees
    if degree is None or not _is_float(part):
        return None if degree is None else part
    if callable(degree):
        return np.asarray(degree(part, e))
    with np.errstate(all="ignore"):
        scaled = part
        for _ in range(4):  # in four steps, since the factor alone may overflow where the answer does not
            scaled = scaled * 2.0 ** (e * degree / 4)
    return np.asarray(scaled)


def dtype(promise, arguments):
    """Dress the same numbers otherwise: the answer is the same, to the precision of the dress."""
    original = outcome(promise, arguments, "its arguments")
    asked = 0
    for name in arrays(arguments, "fiu"):
        for kind in ("float32", "float16", "bool", "uint8", "int64"):
            _same_in_dress(promise, arguments, original, name, kind)
            asked += 1
    for name in (*single_numbers(arguments, float), *single_numbers(arguments, int)):
        asked += _same_number(promise, arguments, name)
    tried(promise, "dtype", asked)
    if promise.single:
        got = outcome(promise, arguments | _in_single(arguments), "everything in float32")
        for path, part in {} if isinstance(got, Refusal) else got.items():
            wrong = _is_float(part) and part.ndim and part.dtype not in (np.float32, np.complex64)
            broken(
                wrong,
                promise,
                "everything in float32",
                f"{path or 'the answer'} is {getattr(part, 'dtype', '')}",
            )


def _same_in_dress(promise, arguments, original, name, kind):
    what = f"{name} in {kind}"
    arguments = arguments | (promise.whole if kind in ("bool", "uint8", "int64") else {})
    dressed = {name: change(arguments[name], lambda a: _dress(a, kind), "fiu")}
    home = "float64" if arrays({name: arguments[name]}) else "int64"
    undressed = {name: change(dressed[name], lambda a: a.astype(home), "biuf")}
    got = outcome(promise, arguments | dressed, what)
    if isinstance(got, Refusal) and kind in promise.refuses.get(name, ""):
        return _must_name(promise, got, name, what)
    valid = kind == "float32" and not isinstance(original, Refusal)
    broken(valid and isinstance(got, Refusal), promise, what, f"refused: {_shown(got)}")
    want = outcome(promise, arguments | undressed, f"{what}, and back in {home}")
    rtol = ROUNDING.get(kind, ROUNDING["float32"]) if promise.single else None
    if isinstance(want, Refusal) and not isinstance(
        got, Refusal
    ):  # rounded, such as a sum that is not quite one
        rtol, want = ROUNDING.get(kind, 0), original if kind == "float32" else want
        if kind == "float16":
            return None
    if home == "int64" and kind in ("float32", "float16", "bool") and isinstance(got, Refusal):
        return None
    return agree(promise, got, want, what, rtol)


def _dress(a, kind):
    if a.dtype.kind == "f" and kind in ("uint8", "int64"):
        a = np.rint(a)
    if kind == "uint8":
        a = np.abs(a)
    return a > 0 if kind == "bool" else a.astype(kind)


def _same_number(promise, arguments, name):
    value = arguments[name]
    others = (
        {"int64": np.int64, "uint8": np.uint8}
        if type(value) is int
        else {
            "Fraction": Fraction,
            "Decimal": Decimal,
            "float64": np.float64,
            "float32": np.float32,
            "array": np.array,
        }
    )
    for kind, dress in others.items():
        if kind == "uint8" and not 0 <= value < 256:
            continue
        what, dressed = f"{name} as {kind}", dress(value)
        want = outcome(promise, arguments | {name: type(value)(dressed)}, f"{what}, and back")
        got = outcome(promise, arguments | {name: dressed}, what)
        if not isinstance(got, Refusal) or kind not in ("Fraction", "Decimal", "array"):
            agree(promise, got, want, what)
    return len(others)


def layout(promise, arguments):
    """Lay the same arrays out otherwise, and cut them to nothing, one row, one column."""
    want = outcome(promise, arguments, "its arguments")
    found = arrays(arguments, "biufc")
    tried(promise, "layout", found)
    for name in found:
        for word, other in LAYOUTS.items():
            changed = {name: change(arguments[name], other, "biufc")}
            agree(promise, outcome(promise, arguments | changed, f"{name} {word}"), want, f"{name} {word}")
    together = [] if isinstance(promise.order, str) else [[*parts_of(key)] for key in promise.order]
    for names in [*([name] for name in found), *together]:
        for word, cut in CUTS.items():
            changed = {name: change(arguments[name], cut, "biufc") for name in names}
            sane(promise, arguments | changed, f"{word} of {' and '.join(names)}")


def _read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def _spread(a):
    """Put every entry a place away from the next."""
    room = np.full((*a.shape, 2), a.flat[0] if a.size else 0, a.dtype)
    room[..., 0] = a
    return room[..., 0]


LAYOUTS = {
    "in Fortran order": np.asfortranarray,
    "with negative strides": lambda a: np.flip(np.flip(a).copy()),
    "spread out": _spread,
    "read-only": _read_only,
    "in the other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "as a list": lambda a: a.tolist(),
    "in a masked array without a mask": np.ma.asarray,
    "as a matrix": lambda a: a.view(np.matrix) if a.ndim == 2 else a,
}
CUTS = {
    "no row": lambda a: a[:0],
    "no column": lambda a: a[..., :0],
    "one row": lambda a: a[:1],
    "one column": lambda a: a[..., :1],
}


def content(promise, arguments):
    """Fill arguments with what users meet: nan, infinity, zeros, constants, duplicates, time stamps."""
    floats, numbers = arrays(arguments), single_numbers(arguments, float)
    counts = [*arrays(arguments, "iu"), *single_numbers(arguments, int)]
    tried(promise, "content", [*floats, *numbers, *counts])
    for name in (*floats, *numbers):
        for value in (np.nan, np.inf, -np.inf):
            _poked(promise, arguments, name, value)
    for name in floats:
        _signless_zero(promise, arguments, name)
        _filled(promise, arguments, [name])
    for key in dict.fromkeys([*floats, *promise.shift]):
        for offset in OFFSETS:
            _shifted(promise, arguments, key, offset)
    if len(floats) > 1:
        _filled(promise, arguments, floats)
    for name in floats:
        for word, strange in STRANGE.items():
            if word not in promise.takes.get(name, ""):
                _refused(promise, arguments | {name: change(arguments[name], strange)}, name, word)
    for name in numbers:
        for value in (0.0, -0.0, -1.0, 5e-324):
            sane(promise, arguments | {name: value}, f"{name} = {value}")
    for name in counts:
        for value in (0, -1):
            changed = change(arguments[name], lambda a, v=value: _with(a, v), "iu")
            changed = value if isinstance(changed, int) else changed
            sane(promise, arguments | {name: changed}, f"{name} with {value}")


def _filled(promise, arguments, names):
    for word, filled in FILLED.items():
        if not any(word in promise.takes.get(name, "") for name in names):
            changed = {name: change(arguments[name], filled) for name in names}
            overflows = word == LARGEST and promise.inf != REFUSED  # infinity may meet another
            sane(promise, arguments | changed, f"{' and '.join(names)} {word}", nan=overflows)


LARGEST = "near the largest float"
FILLED = {
    "all zero": np.zeros_like,
    "constant": lambda a: np.full_like(a, 0.07),  # whose mean is off by a rounding
    "of one row repeated": lambda a: np.repeat(a[:1], len(a), axis=0),
    "denormal": lambda a: a * 2.0**-1060,
    LARGEST: lambda a: np.copysign(1.7e308, a),
}
STRANGE = {
    "text": lambda a: a.astype(str),
    "complex": lambda a: a + 1j,
    "objects": lambda a: np.full(a.shape, None),
    "dates": lambda a: a.astype("datetime64[s]"),
    "masked": lambda a: np.ma.masked_array(a, np.arange(a.size).reshape(a.shape) == 0),
}


def _refused(promise, arguments, name, what):
    """Demand that an argument is refused by its name."""
    got = outcome(promise, arguments, f"{what} in {name}")
    broken(not isinstance(got, Refusal), promise, f"{what} in {name}", f"answered: {_shown(got)}")
    _must_name(promise, got, name, f"{what} in {name}")


def _with(a, value):
    a = a.copy()
    a.flat[a.size // 2] = value
    return a


def _must_name(promise, refusal, name, what):
    """Demand that a refusal names the argument that is at fault."""
    named = any(_names(refusal.message, word) for word in (name, *promise.names))
    broken(not named, promise, what, f"the refusal does not name {name}: {refusal.message}")


def _poked(promise, arguments, name, value):
    """Put nan or infinity into an argument."""
    what, rule = f"{value} in {name}", promise.nan if np.isnan(value) else promise.inf
    rule = rule.get(name, REFUSED) if isinstance(rule, dict) else rule
    one = isinstance(arguments[name], float)
    changed = value if one else change(arguments[name], lambda a: _with(a, value))
    got = sane(promise, arguments | {name: changed}, what, nan=rule in (THROUGH, ALLOWED))
    if isinstance(got, Refusal):
        _must_name(promise, got, name, what)
    elif rule == REFUSED:
        broken(True, promise, what, f"answered: {_shown(got)}")
    elif rule == THROUGH and np.isnan(value):
        lost = not any(_is_float(part) and np.isnan(part).any() for part in got.values())
        broken(lost, promise, what, "the answer does not show it")


def _signless_zero(promise, arguments, name):
    plus, minus = ({name: change(arguments[name], lambda a, z=z: _with(a, z))} for z in (0.0, -0.0))
    want = outcome(promise, arguments | plus, f"0.0 in {name}")
    agree(promise, outcome(promise, arguments | minus, f"-0.0 in {name}"), want, f"-0.0 in {name}")


def _shifted(promise, arguments, key, offset):
    """Add a large number; if the law is known, the answer moves with it."""
    what = f"{key} + {offset:g}"
    moved = {name: change(arguments[name], lambda a: a + offset) for name in parts_of(key)}
    got = sane(promise, arguments | moved, what)
    if key in promise.shift and not isinstance(got, Refusal):
        exact = {name: change(part, lambda a: a - offset) for name, part in moved.items()}  # digits are left
        want, degrees = outcome(promise, arguments | exact, "its arguments"), promise.shift[key]
        if isinstance(want, Refusal):
            return
        for path, part in want.items():
            degree = degrees.get(_field(path), 0) if isinstance(degrees, dict) else degrees
            if degree is not None and _is_float(part):
                scale = max(float(np.max(np.abs(part), initial=0)), 1e-300)
                error = float(np.max(np.abs(got[path] - degree * offset - part), initial=0))
                allowed = 1e-6 * scale + degree * 4e-16 * offset
                broken(
                    not error <= allowed, promise, what, f"{path} {_shown(got[path])}, before {_shown(part)}"
                )


def order(promise, arguments):
    """Permute rows: the answer is the same, or permuted alike."""
    want = outcome(promise, arguments, "its arguments")
    for key, becomes in promise.order.items():
        names = [*parts_of(key)]
        n = max(len(arguments[name]) for name in names)
        for word, p in (("reversed", np.arange(n)[::-1]), ("rotated", np.roll(np.arange(n), 1))):
            changed = {name: _permuted(arguments[name], p, name in promise.square) for name in names}
            what = f"rows of {' and '.join(names)} {word}"
            got = outcome(promise, arguments | changed, what)
            if not isinstance(want, Refusal):
                ready = {path: _reordered(part, path, becomes, p) for path, part in want.items()}
                kept = [path for path, part in ready.items() if part is not None]
                if not isinstance(got, Refusal):
                    got = {path: got.get(path) for path in kept}
                agree(promise, got, {path: ready[path] for path in kept}, what)
            else:
                agree(promise, got, want, what)


def _permuted(value, p, both):
    if isinstance(value, list | tuple):
        return type(value)(value[i] for i in p)
    return value[np.ix_(p, p)] if both else value[p]


def _reordered(part, path, becomes, p):
    how = becomes.get(_field(path), SAME) if isinstance(becomes, dict) else becomes
    if how == SAME or how is None:
        return part if how else None
    return {ROWS: lambda: part[p], BOTH: lambda: part[np.ix_(p, p)]}[how]()


NO_GENERATORS = {
    "None": None,
    "a seed": 0,
    "the module": np.random,
    "an old generator": np.random.RandomState(0),  # which has other methods
}


def seed(promise, arguments):
    """One seed gives one answer, nobody else's generator is touched, and nothing else is read as one."""
    generators = [name for name, value in arguments.items() if isinstance(value, Rng)]
    if not generators:
        return
    for name in generators:
        for word, other in NO_GENERATORS.items():
            if word not in promise.takes.get(name, ""):
                _refused(promise, arguments | {name: other}, name, word)
    before = repr(np.random.get_state())  # noqa: NPY002  # to see that nobody uses it
    first, second = (outcome(promise, arguments, "the same seed") for _ in range(2))
    agree(promise, second, first, "the same seed twice", rtol=1e-300)
    after = repr(np.random.get_state())  # noqa: NPY002
    broken(before != after, promise, "a generator", "it drew from the global one")


LAWS = {"units": units, "dtype": dtype, "layout": layout, "content": content, "order": order, "seed": seed}


def asked(promise):
    """Name the laws that are asked of a function."""
    silent = {"order"} if isinstance(promise.order, str) else set()
    return [law for law in LAWS if law not in silent and law not in promise.without]
