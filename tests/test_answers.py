"""Every exercise: each broken rule is named, right answers pass in any clothes, and nonsense never raises.

The answers are data, one file of `tests/answers` for each section; CONTRIBUTING.md says how they are chosen.
"""

import importlib
import re
from pathlib import Path

import checkers
import numpy as np
import pytest

from mmlhelpers import exercises
from mmlhelpers.exercises import _registry
from mmlhelpers.exercises._registry import ANSWERS, FUNCTIONS

HERE = Path(__file__).parent
SECTIONS = (
    "linear_algebra",
    "calculus",
    "probability",
    "optimization",
    "information_theory",
    "numerical_linear_algebra",
    "graphs_spectral",
    "measure_functional_analysis",
    "discrete_mathematics",
    "linear_regression",
    "pca",
    "neural_networks",
    "image_recognition",
    "language_models",
)
FEWEST = 3  # mutants of an exercise, and disguises
SAME_TWICE = re.compile(r"wanted (.+?),? got \1(?:$|[,;:])")  # a right value that seems to be refused

READERS = {name: importlib.import_module(f"answers.{name}").ANSWERS for name in SECTIONS}
EXERCISES = {name: answers for section in READERS.values() for name, answers in section.items()}
MUTANTS = [(name, *pair) for name, answers in EXERCISES.items() for pair in answers.mutants]
DISGUISES = [(name, right) for name, answers in EXERCISES.items() for right in answers.disguises]
NONSENSE = [
    None,
    "text",
    np.nan,
    1j,
    [],
    {},
    [[1, 2], [3]],
    [[np.nan, 1.0], [1.0, 1.0]],
    np.full((2, 2), np.inf),
    np.full(3, np.nan),
    np.ones((2, 3, 4)),
    np.array(["a"]),
    np.zeros((0, 2)),
    object(),
    len,
    ["->"] * 8,
    [None] * 3,
    10**400,
    np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], [[False, True], [False, False]]),
]


CLOTHES = {
    "list": lambda numbers: numbers.tolist(),
    "objects": lambda numbers: numbers.astype(object),
    "columns first": np.asfortranarray,
    "extended": lambda numbers: numbers.astype(np.longdouble),
    "in a list": lambda numbers: [numbers] if numbers.ndim == 0 else numbers,
}
WHOLE = {  # exercises whose results are whole numbers by nature, or no numbers
    "backward_order",
    "best_path",
    "birthday_people",
    "bloom_size",
    "byte_pair_step",
    "common",
    "copy_next",
    "einsum_strings",
    "fibonacci",
    "prefix_code",
    "products_backward",
    "shuffled",
    "split",
    "triangles_at",
}


NO_NUMBERS = {"backward_order", "byte_pair_step", "einsum_strings", "prefix_code", "split"}


def numbered(cases):
    """Name each case by its exercise and a number."""
    return [f"{name}-{i}" for i, (name, *_) in enumerate(cases)]


def exercises_of(section):
    """Return the names of what a section registers."""
    module = importlib.import_module(f"mmlhelpers.exercises.{section}")
    return {name for name in vars(module) if name in FUNCTIONS or name in ANSWERS}


@pytest.mark.parametrize(("name", "rule", "wrong"), MUTANTS, ids=numbered(MUTANTS))
def test_a_broken_rule_is_named(name, rule, wrong):
    line = checkers.verdict(name, wrong)
    assert line.startswith("not yet: ")
    assert rule in line
    assert not SAME_TWICE.search(line)


@pytest.mark.parametrize(("name", "right"), DISGUISES, ids=numbered(DISGUISES))
def test_a_right_answer_passes_in_any_clothes(name, right):
    assert checkers.verdict(name, right) == "correct"


def dressed(name, clothes):
    """Put clothes on the numbers of a right answer, or on each of its parts."""

    def dress(result):
        try:
            numbers = np.asarray(result)
        except ValueError:  # parts of different shapes
            return [dress(part) for part in result]
        return clothes(numbers) if numbers.dtype.kind in "iuf" else result

    return lambda *arguments: dress(EXERCISES[name].disguises[0](*arguments))


@pytest.mark.parametrize("name", [name for name in EXERCISES if name in FUNCTIONS])
def test_what_is_masked_or_two_per_cent_off_in_half_precision_is_refused(name):
    def hidden(numbers):
        return np.ma.masked_array(numbers, np.ones(numbers.shape, dtype=bool))

    def off(numbers):
        return (numbers * 1.013).astype(np.float16)

    plain = checkers.verdict(name, dressed(name, lambda numbers: numbers * 1.013))
    for clothes in (hidden, off):
        is_right = checkers.verdict(name, dressed(name, clothes)) == "correct"
        assert not is_right or (plain == "correct" and clothes is off) or name in NO_NUMBERS


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("name", [name for name in EXERCISES if name in FUNCTIONS])
def test_every_right_answer_may_wear_these_clothes(name, clothes):
    assert checkers.verdict(name, dressed(name, CLOTHES[clothes])) == "correct"


@pytest.mark.parametrize("name", [name for name in EXERCISES if name in FUNCTIONS])
def test_numbers_are_whole_only_where_they_must_be(name):
    is_right = checkers.verdict(name, dressed(name, np.round)) == "correct"
    assert is_right == (name in WHOLE)


@pytest.mark.parametrize("nonsense", NONSENSE, ids=lambda value: type(value).__name__)
def test_nonsense_is_one_line_and_never_raises(nonsense):
    for name in EXERCISES:
        line = checkers.verdict(name, (lambda *_: nonsense) if name in FUNCTIONS else nonsense)
        assert re.fullmatch(r"not yet: .{10,1000}", line)
        assert " at 0x" not in line


@pytest.mark.parametrize("name", [name for name in EXERCISES if name in ANSWERS])
def test_a_reason_does_not_give_the_answer_away(name):
    right = _registry.show(np.asarray(EXERCISES[name].disguises[0]))
    for _, wrong in EXERCISES[name].mutants:
        hint, _, _ = checkers.verdict(name, wrong).partition("got ")
        assert len(right) < 2 or right not in hint


@pytest.mark.parametrize("section", SECTIONS)
def test_each_exercise_of_a_section_has_enough_mutants_and_disguises(section):
    assert set(READERS[section]) == exercises_of(section)
    few = {
        name: (len(answers.mutants), len(answers.disguises))
        for name, answers in READERS[section].items()
        if min(len(answers.mutants), len(answers.disguises)) < FEWEST
    }
    assert not few


def test_no_section_is_left_out():
    names = {path.stem for path in Path(exercises.__path__[0]).glob("[a-z]*.py")}
    assert set(SECTIONS) == names == {path.stem for path in HERE.glob("answers/*.py")}


def test_the_counts():
    registered = [name for section in SECTIONS for name in exercises_of(section)]
    assert len(EXERCISES) == len(set(registered)) == len(registered)
    assert len(MUTANTS) >= FEWEST * len(EXERCISES)
    assert len(DISGUISES) >= FEWEST * len(EXERCISES)
