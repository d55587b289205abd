"""How an exercise is registered, tried and reported: whatever the reader hands over, one line comes back."""

import copy
import difflib
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from mmlhelpers.exercises._reading import CLOSE, NotYet, Unreadable, require_close
from mmlhelpers.exercises._watching import plain, require_unchanged
from mmlhelpers.exercises._writing import WIDTH, show, show_input

Judge = Callable[..., None]
Function = TypeVar("Function", bound=Callable[..., Any])


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


class Case(NamedTuple):
    """The inputs of one call, and the rule of the exercise that they try, in words."""

    arguments: tuple[Any, ...]
    rule: str = ""


class Exercise(NamedTuple):
    """The cases that a function is tried on, the judge of its results, and what it must not change."""

    parameters: tuple[str, ...]
    cases: tuple[Case, ...]
    judge: Judge
    kept: tuple[str, ...]


FUNCTIONS: dict[str, Exercise] = {}
ANSWERS: dict[str, Judge] = {}


# What the file of a section calls


def rule(text: str, *arguments: Any) -> Case:
    """Name the rule that a case tries: a refusal says that it is broken."""
    return Case(arguments, text)


def specification(
    *cases: tuple[Any, ...] | Case, kept: Iterable[str] = (), within: float = CLOSE
) -> Callable[[Function], Function]:
    """Register the slow truth of a function exercise, with the inputs on which the reader's must agree."""

    def register(truth: Function) -> Function:
        def judge(got: Any, *case: Any) -> None:
            require_close(got, truth(*case), within=within)

        _enter_function(truth.__name__, tuple(inspect.signature(truth).parameters), cases, judge, kept)
        return truth

    return register


def requirement(*cases: tuple[Any, ...] | Case, kept: Iterable[str] = ()) -> Callable[[Judge], Judge]:
    """Register the judge of an exercise with many right results: it is called with result and case."""

    def register(judge: Judge) -> Judge:
        _, *parameters = inspect.signature(judge).parameters
        _enter_function(judge.__name__, tuple(parameters), cases, judge, kept)
        return judge

    return register


def by_hand(judge: Judge) -> Judge:
    """Register the judge of an answer worked out by hand."""
    _enter(ANSWERS, judge.__name__, judge)
    return judge


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
    differ by at most 1e-8, relatively or in units of the largest one wanted; numbers of fewer digits, such
    as float32, by 16 roundings. Lists, tuples, arrays, fractions and whole numbers are all the same, and 0
    and 1 are truths.

    Examples
    --------
    >>> def cosine_similarity(x, y):
    ...     return x @ y
    >>> check(cosine_similarity)
    not yet: for x = [3, 4], y = [4, 3] wanted 0.96, got 24; this breaks: the inner product is divided by
    both lengths
    """
    name = getattr(function, "__name__", None)
    if not callable(function) or not isinstance(name, str):
        return Verdict(f"check wants the function itself, got an object of type {type(function).__name__}")
    if name not in FUNCTIONS:
        return Verdict(_unknown(name, FUNCTIONS))
    exercise = FUNCTIONS[name]
    for number, case in enumerate(exercise.cases):
        reason = _complaint(_judge_case, exercise, function, case, number)
        if reason is not None:
            pairs = zip(exercise.parameters, case.arguments, strict=True)
            given = ", ".join(f"{name} = {show_input(argument)}" for name, argument in pairs)
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
    not yet: wanted a vector orthogonal to (1, 1, 0), got [1, 1, 0], whose dot product with it is 2
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


def _enter_function(
    name: str,
    parameters: tuple[str, ...],
    cases: Iterable[tuple[Any, ...] | Case],
    judge: Judge,
    kept: Iterable[str],
) -> None:
    """Add a function exercise; a bare tuple of inputs is a case without a rule of its own."""
    named = tuple(case if isinstance(case, Case) else Case(case) for case in cases)
    _enter(FUNCTIONS, name, Exercise(parameters, named, judge, tuple(kept)))


def _result(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Call the reader's function."""
    try:
        return function(*given)
    except NotYet:  # an input that watches
        raise
    except (Exception, SystemExit) as error:
        message = " ".join(str(error).split())
        raise Unreadable(f"your function raised {type(error).__name__}: {message[:WIDTH]}") from None


def _judge_case(exercise: Exercise, function: Callable[..., Any], case: Case, number: int) -> None:
    """Judge what the reader's function returns for copies of the inputs; name the rule if it is broken."""
    given = copy.deepcopy(case.arguments)
    try:
        exercise.judge(_result(function, given), *plain(case.arguments))
        for name, left, was in zip(exercise.parameters, given, case.arguments, strict=True):
            if name in exercise.kept:
                require_unchanged(name, left, was)
    except NotYet as reason:
        # What fails at once by its kind, a stub or a slip of the pen, breaks no rule in particular.
        named = case.rule and not (number == 0 and isinstance(reason, Unreadable))
        raise NotYet(f"{reason}; this breaks: {case.rule}" if named else str(reason)) from None


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
