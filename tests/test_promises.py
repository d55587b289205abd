"""Every public function of the numerics keeps its promises; the entries are in `tests/promises`."""

import importlib
import inspect
from pathlib import Path

import laws
import promises
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from promises import EXEMPT
from test_api import numerical_functions

SRC = Path(__file__).parents[1] / "src"
PHASES = (Phase.generate, Phase.shrink)
ENTRIES = promises.entries()


def hold(promise, law):
    """Let Hypothesis look for arguments that break a law."""

    @settings(
        max_examples=promise.examples,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(promise.arguments)
    def holds(arguments):
        laws.LAWS[law](promise, arguments)

    try:
        holds()
    except AssertionError as error:  # the message says where, the frames of the laws would not
        message = "\n".join([str(error), *getattr(error, "__notes__", [])])
    else:
        return
    pytest.fail(message, pytrace=False)


CASES = [(law, name) for name, entry in sorted(ENTRIES.items()) for law in laws.asked(entry)]
REASONS = EXEMPT | {
    f"{entry.name}, {law}": reason for entry in ENTRIES.values() for law, reason in entry.left_out().items()
}


def entered_functions():
    return {*(entry.path for entry in ENTRIES.values()), *EXEMPT}


@pytest.mark.parametrize(("law", "name"), CASES, ids=[f"{name}-{law}" for law, name in CASES])
def test_function_keeps_the_law(law, name):
    hold(ENTRIES[name], law)


def test_every_public_function_of_the_numerics_has_promised():
    public, entered = numerical_functions(SRC), entered_functions()
    silent = sorted(public - entered)
    assert not silent, f"{len(silent)} of {len(public)} functions have no entry in tests/promises: {silent}"
    unknown = sorted(entered - public)
    assert not unknown, f"entries of functions that are not public: {unknown}"


def needs_generator(path):
    """Tell whether a function of the package takes a generator that it cannot do without."""
    module, _, name = path.rpartition(".")
    try:
        owner = importlib.import_module(f"mmlhelpers.{module}")
    except ModuleNotFoundError:  # a method
        module, _, owner = module.rpartition(".")
        owner = getattr(importlib.import_module(f"mmlhelpers.{module}"), owner)
    rng = inspect.signature(getattr(owner, name)).parameters.get("rng")
    return rng is not None and rng.default is rng.empty


def test_every_function_that_draws_is_asked_what_it_takes_as_a_generator():
    drawing = {entry.path for entry in ENTRIES.values() if needs_generator(entry.path)}
    asked = {entry.path for entry in ENTRIES.values() if entry.path in drawing and holds_generator(entry)}
    assert drawing, "no function draws?"
    assert asked == drawing, f"no Rng among the arguments of {sorted(drawing - asked)}"


def holds_generator(entry):
    return isinstance(find(entry.arguments, lambda _: True).get("rng"), promises.Rng)


def test_what_is_left_out_has_a_reason():
    short = {what: reason for what, reason in REASONS.items() if len(reason.split()) < 3}
    assert not short, f"say why in a sentence: {short}"
