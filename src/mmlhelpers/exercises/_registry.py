"""How an exercise is registered, tried and reported: whatever the reader hands over, one line comes back."""

import copy
import difflib
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from mmlhelpers._checks import Array

CLOSE = 1e-8  # how near a number must come to the wanted one, relatively or absolutely
HAND = 1e-3  # an answer by hand may be rounded to three decimals
WIDTH = 120  # longest value shown, in characters

Judge = Callable[..., None]
Function = TypeVar("Function", bound=Callable[..., Any])


class NotYet(Exception):
    """Raised by a judge; the message says what was wanted and what was got."""


class Verdict:
    """Whether an answer is correct, and one line that says so to the reader.

    Parameters
    ----------
    reason : str, optional
        What is not right yet; without one the answer is correct.
    """

    def __init__(self, reason: str | None = None) -> None:
        self.correct = reason is None
        self.line = "correct" if reason is None else f"not yet: {reason}"

    def __bool__(self) -> bool:
        """Tell whether the answer is correct."""
        return self.correct

    def __repr__(self) -> str:
        """Show the line."""
        return self.line


class Exercise(NamedTuple):
    """The inputs that a function is tried on, and the judge of what it returns for them."""

    parameters: tuple[str, ...]
    cases: tuple[tuple[Any, ...], ...]
    judge: Judge


FUNCTIONS: dict[str, Exercise] = {}
ANSWERS: dict[str, Judge] = {}


# What the file of a section calls


def specification(*cases: tuple[Any, ...]) -> Callable[[Function], Function]:
    """Register the slow truth of a function exercise, with the inputs on which the reader's must agree."""

    def register(truth: Function) -> Function:
        def judge(got: Any, *case: Any) -> None:
            require_close(got, truth(*case))

        _enter(FUNCTIONS, truth.__name__, Exercise(tuple(inspect.signature(truth).parameters), cases, judge))
        return truth

    return register


def requirement(*cases: tuple[Any, ...]) -> Callable[[Judge], Judge]:
    """Register the judge of an exercise with many right results: it is called with result and case."""

    def register(judge: Judge) -> Judge:
        _, *parameters = inspect.signature(judge).parameters
        _enter(FUNCTIONS, judge.__name__, Exercise(tuple(parameters), cases, judge))
        return judge

    return register


def by_hand(judge: Judge) -> Judge:
    """Register the judge of an answer worked out by hand."""
    _enter(ANSWERS, judge.__name__, judge)
    return judge


def require_close(got: Any, wanted: Any) -> None:
    """Refuse numbers of another shape than the wanted ones, or too far from them."""
    result, truth = as_numbers(got, show(wanted)), np.asarray(wanted)
    if result.shape != truth.shape:
        raise NotYet(f"wanted {show(wanted)}, got {show(got)} of shape {result.shape}, not {truth.shape}")
    if not np.allclose(result, truth, rtol=CLOSE, atol=CLOSE):
        same_digits = show(result) == show(truth)
        hint = f", off by {np.abs(result - truth).max():.0e}" if same_digits else ""
        raise NotYet(f"wanted {show(wanted)}, got {show(got)}{hint}")


def floats(*rows: Any) -> Array:
    """Write a vector as its entries, a matrix as its rows."""
    return np.array(rows, dtype=float)


def as_numbers(got: Any, wanted: str, shape: tuple[int, ...] | None = None) -> Array:
    """Read real numbers, if a shape is given finite ones of that shape; `wanted` says in words what it is."""
    try:
        array = np.asarray(got)
    except ValueError:  # rows of unequal length
        raise NotYet(f"wanted {wanted}, got {show(got)}") from None
    if array.dtype.kind not in "iuf":
        raise NotYet(f"wanted {wanted}, got {show(got)}")
    if shape is not None and not (array.shape == shape and np.isfinite(array).all()):
        of_shape = f" of shape {array.shape}" if array.ndim > 1 else ""
        raise NotYet(f"wanted {wanted}, got {show(got)}{of_shape}")
    return array.astype(np.float64)


def show(value: Any) -> str:
    """Write a value in one short line that is the same on every machine."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "b":
        return show(value.tolist())
    if value is None or isinstance(value, bool | int | str):
        text = repr(value)
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(show(item) for item in value)}]"
    elif isinstance(value, dict):
        text = f"{{{', '.join(f'{show(key)}: {show(item)}' for key, item in value.items())}}}"
    elif isinstance(value, float | np.ndarray | np.generic) and np.asarray(value).dtype.kind in "iufc":
        text = _write_array(np.asarray(value))
    elif callable(value) and hasattr(value, "__name__"):
        text = f"the function {value.__name__}"
    else:
        text = f"an object of type {type(value).__name__}"
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


# What the reader calls


def check(function: Callable[..., Any]) -> Verdict:
    """Try the reader's function, known by its name, and say in one line whether it is right.

    Parameters
    ----------
    function : callable
        The function that an exercise asks for, under the name that the exercise gives it.

    Returns
    -------
    Verdict
        Shown as ``correct``, or as ``not yet:`` with an input, what was wanted and what was got; true or
        false in a condition.

    Notes
    -----
    Nothing is ever raised: an error inside the function is reported in the line. Numbers agree when they
    differ by at most 1e-8, relatively or absolutely.

    Examples
    --------
    >>> def cosine_similarity(x, y):
    ...     return x @ y
    >>> check(cosine_similarity)
    not yet: for x = [3, 4], y = [4, 3] wanted 0.96, got 24
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or not isinstance(name, str):
        return Verdict(f"check wants the function itself, got an object of type {type(function).__name__}")
    if name not in FUNCTIONS:
        return Verdict(_unknown(name, FUNCTIONS))
    exercise = FUNCTIONS[name]
    for case in exercise.cases:
        reason = _complaint(_judge_case, exercise, function, case)
        if reason is not None:
            given = ", ".join(f"{p} = {show(a)}" for p, a in zip(exercise.parameters, case, strict=True))
            return Verdict(f"for {given} {reason}" if given else reason)
    return Verdict()


def answer(name: str, value: Any) -> Verdict:
    """Say in one line whether an answer worked out by hand is right.

    Parameters
    ----------
    name : str
        Name of the question, as the exercise gives it.
    value : object
        The reader's answer: a number, or a list of numbers.

    Returns
    -------
    Verdict
        Shown as ``correct``, or as ``not yet:`` with a reason that does not give the answer away; true or
        false in a condition.

    Notes
    -----
    Nothing is ever raised. Three correct decimals are enough.

    Examples
    --------
    >>> answer("plane_normal", [1, 1, 0])
    not yet: wanted a vector orthogonal to (1, 1, 0), got [1, 1, 0], whose inner product with it is 2
    """
    if not isinstance(name, str) or name not in ANSWERS:
        return Verdict(_unknown(name, ANSWERS))
    return Verdict(_complaint(ANSWERS[name], value))


# Helpers


def _enter(registry: dict[str, Any], name: str, entry: Any) -> None:
    """Add an exercise, whose name must be new in the whole book."""
    if name in registry:
        raise ValueError(f"there is already an exercise called {name}: choose another name")
    registry[name] = entry


def _unknown(name: Any, registry: Mapping[str, Any]) -> str:
    """Say that there is no such exercise, and which have nearly this name."""
    begin_alike = [known for known in sorted(registry) if str(name) and known.startswith(str(name))]
    similar = difflib.get_close_matches(str(name), sorted(registry), n=3, cutoff=0.4)
    near = list(dict.fromkeys(begin_alike + similar))[:3]
    hint = f"did you mean {' or '.join(near)}?" if near else "take the name from the page"
    return f"there is no exercise called {show(name)}; {hint}"


def _result(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    """Call the reader's function on copies of the inputs."""
    try:
        return function(*copy.deepcopy(case))
    except (Exception, SystemExit) as error:
        message = " ".join(str(error).split())
        raise NotYet(f"your function raised {type(error).__name__}: {message[:WIDTH]}") from None


def _judge_case(exercise: Exercise, function: Callable[..., Any], case: tuple[Any, ...]) -> None:
    """Judge what the reader's function returns for one case."""
    exercise.judge(_result(function, case), *copy.deepcopy(case))


def _complaint(judge: Judge, *arguments: Any) -> str | None:
    """Return what a judge complains about, or None; nothing the reader hands over may break the page."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one line for the reader, not a warning and a line
            judge(*arguments)
    except NotYet as reason:
        return str(reason)
    except Exception as error:  # values so strange that judging them fails
        return f"your result could not be judged ({type(error).__name__}); return plain numbers or arrays"
    return None


def _write_array(array: np.ndarray[Any, Any]) -> str:
    """Write numbers rounded to four digits after the point, independent of NumPy's print options."""
    if array.size == 0:
        return f"an empty array of shape {array.shape}"
    text = np.array2string(
        np.round(array, 4) + 0.0,  # + 0.0 turns -0.0 into 0.0
        separator=", ",
        threshold=24,
        formatter={"all": lambda number: f"{number:.6g}"},
    )
    return " ".join(text.split())
