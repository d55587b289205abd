"""The machinery of the checkers: how answers are read, how lines are written, how rules are watched."""

import re
import sys
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from checkers import named
from notebook_source import read_source
from notebook_source import texts as sources

from mmlhelpers import exercises
from mmlhelpers.exercises import _registry
from mmlhelpers.exercises._reading import (
    NotYet,
    Unreadable,
    as_numbers,
    as_parts,
    as_texts,
    as_truths,
    closeness,
    require_close,
)
from mmlhelpers.exercises._registry import FUNCTIONS, requirement, rule, specification
from mmlhelpers.exercises._watching import SOLVERS, Counted, without
from mmlhelpers.exercises._writing import show, show_input

HERE = Path(__file__).parent


@pytest.fixture
def registry(monkeypatch):
    """Let a test register exercises of its own."""
    monkeypatch.setattr(_registry, "FUNCTIONS", dict(FUNCTIONS))


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("division by zero"), ValueError("two\nlines"), SystemExit(1)]
)
def test_error_in_the_function_is_reported_with_type_and_message(error):
    def fail(x, y):
        raise error

    line = str(exercises.check(named("cosine_similarity", fail)))
    assert line.endswith(f"your function raised {type(error).__name__}: {' '.join(str(error).split())}")


def test_wrong_number_of_parameters_is_reported():
    def cosine_similarity(x):
        return x

    assert "your function raised TypeError" in str(exercises.check(cosine_similarity))


def test_function_that_spoils_its_inputs_is_judged_on_what_it_returns_and_spoils_no_later_check():
    def project_onto_hyperplane(x, w, c):
        x -= (w @ x - c) / (w @ w) * w
        w[:] = np.nan
        return x

    assert exercises.check(project_onto_hyperplane)
    assert exercises.check(project_onto_hyperplane)


def test_warnings_of_the_function_do_not_reach_the_page():
    def cosine_similarity(x, y):
        warnings.warn("look here", stacklevel=1)
        return np.float64(1) / 0

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert "wanted 0.96, got inf" in str(exercises.check(cosine_similarity))
    assert not caught


def test_unknown_names_are_told_which_are_near():
    line = str(exercises.check(named("cosine", len)))
    assert line.startswith("not yet: there is no exercise called 'cosine'; did you mean cosine_similarity")
    assert "plane_normal" in str(exercises.answer("normal", 1))
    assert "take the name from the page" in str(exercises.answer("zzz", 1))
    assert "no exercise called" in str(exercises.answer(["plane_normal"], 1))


@pytest.mark.parametrize("value", [None, 3, "fibonacci", np.ones(2)])
def test_check_wants_the_function_itself(value):
    assert "check wants the function itself, got an object of type" in str(exercises.check(value))


def test_difference_that_four_digits_hide_is_told():
    wrong = named("cosine_similarity", lambda x, y: 0.96 + 2e-6)
    assert str(exercises.check(wrong)).partition(";")[0].endswith("wanted 0.96, got 0.960002")


@pytest.mark.parametrize(
    "third",
    [
        np.float32(1 / 3),
        np.float16(1 / 3),
        np.longdouble(1) / 3,
        Fraction(1, 3),
        Decimal(1) / 3,
        [1 / 3],
        ((1 / 3,),),
        np.array(1 / 3),
        1 / 3 + 0j,
    ],
    ids=repr,
)
def test_one_number_is_read_in_any_clothes(third):
    require_close(third, 1 / 3)
    assert abs(as_numbers(third, "a third", ()) - 1 / 3) < 1e-3


@pytest.mark.parametrize(
    "nonsense", [True, "0.3", None, 1j, [], {}, [1 / 3, 1 / 3], [None], [True, 0.5], 10**400]
)
def test_what_is_no_number_is_not_read_as_one(nonsense):
    with pytest.raises(NotYet, match="wanted"):
        require_close(nonsense, 1 / 3)


@pytest.mark.parametrize(
    ("got", "close"),
    [(0.5, 1e-8), ([1, 2], 1e-8), (np.float32(1), 1e-6), (np.float16(1), 9e-4), ("word", 1e-8)],
)
def test_an_answer_is_judged_by_the_digits_that_it_has(got, close):
    assert close <= closeness(got) < 2 * close


def test_float32_hides_no_mistake_of_a_thousandth():
    with pytest.raises(NotYet, match=r"wanted \[0.5, 0.25\], got \[0.5, 0.2502\]"):
        require_close(np.float32([0.5, 0.2502]), [0.5, 0.25])


def test_small_numbers_are_held_to_their_own_size():
    require_close([3e-9, 0.0], [3e-9, 1e-20])
    with pytest.raises(NotYet, match=r"wanted 3e-09, got 3\.1e-09"):
        require_close(3.1e-9, 3e-9)
    require_close(1e-17, 0.0)
    with pytest.raises(NotYet, match=r"^wanted \[0, 0\], got \[1, 0\]$"):
        require_close([1, 0], [5e-14, -1e-15])


def test_a_large_array_is_told_by_its_worst_entry():
    wanted = np.arange(64.0).reshape(8, 8)
    got = wanted.copy()
    got[3, 5] = np.nan
    with pytest.raises(NotYet, match=r"^wanted 29 at \[3, 5\], got nan there$"):
        require_close(got, wanted)


@pytest.mark.parametrize(
    "truths",
    [
        [True, False],
        (np.True_, np.False_),
        np.array([True, False]),
        [1, 0],
        np.array([1.0, 0.0]),
        [True, 0],
        [np.True_, Fraction(0)],
    ],
    ids=repr,
)
def test_truths_are_read_in_any_clothes(truths):
    np.testing.assert_array_equal(as_truths(truths, "two truths", 2), [True, False])


@pytest.mark.parametrize("nonsense", [[True], [2, 0], ["True", "False"], None, [None, True], [[True, False]]])
def test_what_is_no_truth_is_not_read_as_one(nonsense):
    with pytest.raises(Unreadable, match="wanted two truths, got "):
        as_truths(nonsense, "two truths", 2)


def test_parts_and_texts_are_read_from_lists_tuples_and_arrays():
    for pair in ([1, 2], (1, 2), np.array([1, 2])):
        assert as_parts(pair, ("mean", "spread")) == [1, 2]
    for texts in (["0", "10"], ("0", "10"), np.array(["0", "10"])):
        assert as_texts(texts, "words") == ["0", "10"]
    with pytest.raises(Unreadable, match=r"wanted a pair \(mean, spread\), got 3"):
        as_parts(3, ("mean", "spread"))
    with pytest.raises(Unreadable, match="wanted words, got "):
        as_texts(["0", 10], "words")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (1e-6, "1e-06"),
        (np.array([1.0, 1e-9, 0.0]), "[1, 1e-09, 0]"),
        (np.array([1.0, 1e-17]), "[1, 0]"),
        (19170117.0, "19170117"),
        (0.0001234567, "0.000123"),
        (0.05444567891, "0.0544"),
        (1229.037812345, "1229.04"),
        (-10000.25, "-10000.25"),
        (0.749999, "0.749999"),
        (-0.0, "0"),
        (Fraction(1, 3), "1/3"),
        ([np.array(["0", "10"])], "[['0', '10']]"),
        (2**80, "1208925819614629174706176"),
    ],
)
def test_numbers_are_written_with_their_leading_digits(value, line):
    assert show(value) == line


def test_inputs_are_written_with_what_would_be_rounding_in_a_result():
    assert show_input(np.array([[1.0, 0.0], [0.0, -1e-17]])) == "[[1, 0], [0, -1e-17]]"
    assert show(np.array([[1.0, 0.0], [0.0, -1e-17]])) == "[[1, 0], [0, 0]]"


def test_numbers_may_be_wanted_because_of_a_rule():
    with pytest.raises(NotYet, match=r"^wanted unit length, N = \[1, 0\], got N = \[2, 0\]$"):
        require_close([2, 0], [1, 0], "N", because="unit length")


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (1 / 3, 1 / 3 + 1e-12),
        ([2, 12], [2, 12.00003]),
        (1.0, 1.0 + 1e-16 * 4),
        (1e-9, 1.1e-9),
        (0.1 + 0.2, 0.3),
    ],
)
def test_what_differs_is_written_with_enough_digits_to_differ(value, other):
    assert show(value, unlike=other) != show(other, unlike=value)


def test_the_rule_of_a_case_is_named_unless_a_stub_fails_at_once(registry):
    @specification(rule("a half is one over two", 2), rule("zero has no reciprocal: return 0", 0))
    def reciprocal(x):
        return 1 / x if x else 0

    lines = [
        str(exercises.check(named("reciprocal", f))) for f in (lambda x: x, lambda x: 1 / x, lambda x: None)
    ]
    assert lines[0] == "not yet: for x = 2 wanted 0.5, got 2; this breaks: a half is one over two"
    assert "ZeroDivisionError: division by zero; this breaks: zero has no reciprocal" in lines[1]
    assert lines[2] == "not yet: for x = 2 wanted 0.5, got None"


def test_calls_are_counted_and_the_judge_gets_a_function_that_counts_nothing(registry):
    def gradient(x):
        return 2 * x

    @specification(rule("two calls are enough", Counted(gradient, 2), 1.0))
    def slope(f, x):
        return sum(f(x) for _ in range(5)) / 5

    assert exercises.check(named("slope", lambda f, x: f(x) + 0 * f(x)))
    line = str(exercises.check(named("slope", lambda f, x: f(x) + 0 * f(x) + 0 * f(x))))
    assert line == (
        "not yet: for f = the function gradient, x = 1 wanted at most 2 calls of gradient, got one more; "
        "this breaks: two calls are enough"
    )


@pytest.mark.parametrize("function", SOLVERS)
def test_forbidden_functions_are_seen_on_what_is_computed_too(function):
    A = without(np.array([[2.0, 1.0], [0.0, 3.0]]), *SOLVERS)
    others = (A[0],) if function.__name__ in ("solve", "lstsq") else ()
    for watched in (A, (A @ A + 1)[:, ::-1], np.vstack([A[1], A[0]])):
        with pytest.raises(NotYet, match=f"without np.linalg.{function.__name__}, got a call of it"):
            function(watched, *others)
    assert np.outer(A[0], A[1]).shape == (2, 2)


def test_arguments_to_be_left_alone_are_looked_at(registry):
    @requirement((np.array([1.0, 2.0]),), kept=["x"])
    def largest(got, x):
        require_close(got, x.max())

    def sorts(x):
        x[::-1].sort()
        return x[0]

    assert exercises.check(named("largest", np.max))
    line = str(exercises.check(named("largest", sorts)))
    assert line == "not yet: for x = [1, 2] wanted x left as it was, got x = [2, 1]"


@pytest.mark.parametrize(
    ("truths", "line"),
    [
        (np.array([True, False]), "[True, False]"),
        (np.array([[True], [False]]), "[[True], [False]]"),
        ([np.array(True), np.bool_(False)], "[True, False]"),
        (np.ones(40, bool), f"[{'True, ' * 19}Tr..."),
    ],
)
def test_truth_values_are_shown_as_such(truths, line):
    assert show(truths) == line


def test_shape_that_differs_is_told():
    line = str(exercises.check(named("project_onto_hyperplane", lambda x, w, c: x[:, None])))
    assert "got [[3], [4]] of shape (2, 1), not (2,); this breaks: " in line


def test_lines_do_not_depend_on_the_print_options():
    wrong = named("project_onto_hyperplane", lambda x, w, c: x / 3)
    plain = str(exercises.check(wrong))
    with np.printoptions(precision=2, suppress=True, legacy="1.25"):
        assert str(exercises.check(wrong)) == plain
    assert "got [1, 1.3333];" in plain


@pytest.mark.parametrize("name", sorted({*_registry.FUNCTIONS, *_registry.ANSWERS}))
def test_every_exercise_is_tested_and_stands_on_a_page(name):
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("answers/*.py"))
    pages = "".join(read_source(path).text for path in sources())
    assert re.search(rf"\b{name}\b", tests)
    assert re.search(rf"exercises\.(check\({name}\)|answer\(\s*\"{name}\")", pages)


def test_a_name_can_be_registered_only_once():
    with pytest.raises(ValueError, match="already an exercise called fibonacci"):
        _registry.specification((1,))(named("fibonacci", lambda n: n))


def test_a_new_section_is_found_by_its_file_alone(tmp_path, monkeypatch):
    section = (
        "from mmlhelpers.exercises._registry import by_hand\n\n\n@by_hand\ndef made_up(value):\n    pass\n"
    )
    (tmp_path / "new_section.py").write_text(section)
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(tmp_path)])
    monkeypatch.setattr(_registry, "ANSWERS", {})
    exercises._register_sections()
    monkeypatch.delitem(sys.modules, "mmlhelpers.exercises.new_section")
    assert list(_registry.ANSWERS) == ["made_up"]
