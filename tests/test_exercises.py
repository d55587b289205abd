"""The checkers: a reference passes, the stub and a typical mistake are told so, and garbage never raises."""

import math
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from checkers import named
from scipy.spatial.transform import Rotation

from mmlhelpers import exercises
from mmlhelpers.exercises import _registry

HERE = Path(__file__).parent


def rotation_by_angle(X, Y):
    """In the plane by one angle, in space by SciPy."""
    if X.shape[1] == 3:
        return Rotation.align_vectors(Y, X)[0].as_matrix()
    angle = np.arctan2(np.sum(X[:, 0] * Y[:, 1] - X[:, 1] * Y[:, 0]), np.sum(X * Y))
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def rotation_without_determinant(X, Y):
    U, _, Vt = np.linalg.svd(Y.T @ X)
    return U @ Vt


def root_by_eigenvectors(A):
    values, vectors = scipy.linalg.eigh(A)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def root_by_singular_vectors(A):
    _, sigma, Vt = scipy.linalg.svd(A)
    return (Vt.T * np.sqrt(sigma)) @ Vt


def fibonacci_by_power(n):
    return int(np.linalg.matrix_power(np.array([[1, 1], [1, 0]], dtype=object), n)[0, 1])


def null_space_by_svd(A):
    return np.linalg.svd(A)[2][np.linalg.matrix_rank(A) :].T


EINSUM = ["ij,j->i", "ii->", "ik,kj->ij", "ij->ji", "i,j->ij", "ij,ij->", "nij,njk->nik", "i,ij,j->"]

# name: reference, another right form, [(mistake, what the line must say)]
FUNCTIONS = {
    "cosine_similarity": (
        lambda x, y: x @ y / np.linalg.norm(x) / np.linalg.norm(y),
        lambda x, y: np.array(1 - scipy.spatial.distance.cosine(x, y)),
        [
            (lambda x, y: x @ y, r"for x = \[3, 4\], y = \[4, 3\] wanted 0.96, got 24"),
            (lambda x, y: x @ y / (x @ x) / (y @ y), "wanted 0.96, got 0.0384"),
            (lambda x, y: np.arccos(x @ y / np.linalg.norm(x) / np.linalg.norm(y)), "got 0.2838"),
            (lambda x, y: abs(x @ y) / np.linalg.norm(x) / np.linalg.norm(y), "wanted -1, got 1"),
        ],
    ),
    "project_onto_hyperplane": (
        lambda x, w, c: x - (w @ x - c) / (w @ w) * w,
        lambda x, w, c: (x - (w @ x - c) / (w @ w) * w).tolist(),
        [
            (lambda x, w, c: x - (w @ x - c) * w, r"wanted \[3, 1\], got \[3, -8\]"),
            (lambda x, w, c: x - (w @ x) / (w @ w) * w, r"wanted \[3, 1\], got \[3, 0\]"),
            (lambda x, w, c: x, r"c = 2 wanted \[3, 1\], got \[3, 4\]"),
        ],
    ),
    "null_space_basis": (
        null_space_by_svd,
        scipy.linalg.null_space,
        [
            (lambda A: np.linalg.svd(A)[2].T, r"wanted a basis of shape \(3, 2\), got .* of shape \(3, 3\)"),
            (lambda A: np.linalg.svd(A)[2][: -np.linalg.matrix_rank(A)].T, r"wanted A @ N = 0, got A @ N = "),
            (lambda A: 2 * null_space_by_svd(A), r"N.T @ N = I, got N.T @ N = \[\[4, 0\], \[0, 4\]\]"),
        ],
    ),
    "einsum_strings": (
        lambda: EINSUM,
        lambda: ("ij,j", "ii", "ij,jk", "ji", "i,j", "ij,ij->", "bij,bjk->bik", "a,ab,b->"),
        [
            (lambda: EINSUM[:7], "wanted a list of 8 strings, got"),
            (lambda: ["ij,j->j", *EINSUM[1:]], "formula 1, A_ij x_j, 'ij,j->j' does not compute it: wanted"),
            (
                lambda: [*EINSUM[:3], "ij->ij", *EINSUM[4:]],
                "for formula 4, A_ji, 'ij->ij' does not compute it",
            ),
            (lambda: [*EINSUM[:6], "nij,njk->", EINSUM[7]], "formula 7, .* does not compute it"),
            (lambda: [*EINSUM[:7], "i,ij,j->ijk"], "formula 8, x_i A_ij x_j, einsum refuses"),
            (lambda: [None] * 8, "formula 1, A_ij x_j, wanted a string, got None"),
        ],
    ),
    "symmetric_square_root": (
        root_by_eigenvectors,
        root_by_singular_vectors,
        [
            (
                np.sqrt,
                r"for A = \[\[2, 1\], \[1, 2\]\] wanted S @ S = A, got S @ S = \[\[3, 2.8284\],",
            ),
            (lambda A: -root_by_eigenvectors(A), "wanted no negative eigenvalue, got .* with eigenvalue -3"),
            (lambda A: np.linalg.cholesky(A + 1e-12 * np.eye(len(A))), "wanted S @ S = A"),
            (lambda A: root_by_eigenvectors(A) @ np.eye(len(A))[::-1], "wanted S @ S = A"),
        ],
    ),
    "inverse_after_update": (
        lambda A_inv, u, v: A_inv - np.outer(A_inv @ u, v @ A_inv) / (1 + v @ A_inv @ u),
        lambda A_inv, u, v: scipy.linalg.inv(scipy.linalg.inv(A_inv) + np.outer(u, v)),
        [
            (
                lambda A_inv, u, v: A_inv - np.outer(A_inv @ u, A_inv @ v) / (1 + v @ A_inv @ u),
                "wanted .* got",
            ),
            (lambda A_inv, u, v: A_inv - np.outer(A_inv @ u, v @ A_inv), "wanted .* got"),
            (lambda A_inv, u, v: A_inv, r"wanted \[\[1, -1\], \[0, 1\]\], got \[\[1, 0\], \[0, 1\]\]"),
        ],
    ),
    "fibonacci": (
        fibonacci_by_power,
        lambda n: sum(math.comb(n - 1 - k, k) for k in range((n + 1) // 2)),
        [
            (lambda n: fibonacci_by_power(n + 1), "for n = 0 wanted the Python int 0, got 1"),
            (lambda n: float(fibonacci_by_power(n)), "wanted the Python int 0, got 0 of type float"),
            (
                lambda n: round(((1 + 5**0.5) / 2) ** n / 5**0.5),
                "for n = 71 wanted the Python int 308061521170129, got 308061521170130",
            ),
            (lambda n: int(np.linalg.matrix_power([[1, 1], [1, 0]], n)[0, 1]), "for n = 93 wanted .*, got -"),
        ],
    ),
    "best_rotation": (
        rotation_by_angle,
        lambda X, Y: rotation_by_angle(X, Y).tolist(),
        [
            (
                lambda X, Y: rotation_by_angle(Y, X),
                r"wanted \[\[0, -1\], \[1, 0\]\], got \[\[0, 1\], \[-1, 0\]\]",
            ),
            (rotation_without_determinant, r"Y = \[\[1, 0\], \[0, -2\]\] wanted"),
            (lambda X, Y: np.linalg.lstsq(X, Y)[0].T, "wanted .* got"),
        ],
    ),
    "norm_bound": (
        lambda A: np.sqrt(np.linalg.norm(A, 1) * np.linalg.norm(A, np.inf)),
        lambda A: float(np.sqrt(np.linalg.norm(A.T, 1) * np.linalg.norm(A.T, np.inf))),
        [
            (lambda A: np.abs(A).sum(), "wanted 4, got 7"),
            (lambda A: np.linalg.norm(A, 1) * np.linalg.norm(A, np.inf), "wanted 4, got 16"),
            (lambda A: np.linalg.norm(A, 2), "wanted .* got"),
        ],
    ),
}


# name: right answers, [(mistake, what the line must say)]
BY_HAND = {
    "plane_normal": (
        [[1, -1, 1], (-2, 2, -2), np.array([0.577, -0.577, 0.577])],
        [
            ([1, 1, 0], r"orthogonal to \(1, 1, 0\), got \[1, 1, 0\], whose inner product with it is 2"),
            ([1, -1, -1], r"orthogonal to \(0, 1, 1\)"),
            ([0, 0, 0], "wanted a direction, got the zero vector"),
            ([1, -1], "wanted a vector of three numbers"),
        ],
    ),
    "trace_of_commutator": (
        [0, 0.0, np.float64(0)],
        [(1, "sum of the diagonals of AB and of -BA, got 1"), ([0, 0], "wanted one number")],
    ),
    "eigenvalues_rank_one": (
        [[1, 1, 6], (6, 1, 1), np.array([1.0, 6.0, 1.0])],
        [
            ([1, 6], "wanted three eigenvalues, repeated ones as often as they occur"),
            ([0, 0, 5], "add up to the trace, got .* with sum 5"),
            ([2, 3, 3], "the sum fits, but they are others"),
        ],
    ),
}

GARBAGE = [
    None,
    "text",
    np.nan,
    np.inf,
    1j,
    [],
    {},
    [[1, 2], [3]],
    [[np.nan, 1.0], [1.0, 1.0]],
    np.full((2, 2), np.inf),
    np.full((3, 3), np.nan),
    np.ones((2, 3, 4)),
    np.array(["a"]),
    np.zeros((0, 2)),
    object(),
    len,
    ["->"] * 8,
    [None] * 3,
    10**400,
    True,
]

cases = [(name, mistake, line) for name, (_, _, wrong) in FUNCTIONS.items() for mistake, line in wrong]
hand_cases = [(name, value, line) for name, (_, wrong) in BY_HAND.items() for value, line in wrong]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_reference_is_correct(name):
    for reference in FUNCTIONS[name][:2]:
        verdict = exercises.check(named(name, reference))
        assert str(verdict) == "correct"
        assert verdict


@pytest.mark.parametrize("name", FUNCTIONS)
def test_stub_that_returns_nothing_is_not_yet_correct(name):
    verdict = exercises.check(named(name, lambda *arguments: None))
    assert not verdict
    assert re.fullmatch(r"not yet: .*wanted .+, got None.*", str(verdict))


@pytest.mark.parametrize(("name", "mistake", "line"), cases)
def test_typical_mistake_is_told(name, mistake, line):
    verdict = exercises.check(named(name, mistake))
    assert not verdict
    assert str(verdict).startswith("not yet: ")
    assert re.search(line, str(verdict))


@pytest.mark.parametrize("name", BY_HAND)
def test_right_answer_by_hand_is_correct_in_any_form(name):
    for value in BY_HAND[name][0]:
        assert str(exercises.answer(name, value)) == "correct"


@pytest.mark.parametrize(("name", "value", "line"), hand_cases)
def test_wrong_answer_by_hand_is_told(name, value, line):
    verdict = exercises.answer(name, value)
    assert not verdict
    assert re.search(line, str(verdict))


@pytest.mark.parametrize("name", BY_HAND)
def test_reason_never_gives_the_answer_away(name):
    (right, *_), wrong = BY_HAND[name]
    for value, _ in wrong:
        assert _registry.show(np.asarray(right)) not in str(exercises.answer(name, value)).split(", got")[0]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_garbage_is_one_line_and_never_raises(garbage):
    verdicts = [exercises.check(named(name, lambda *arguments: garbage)) for name in FUNCTIONS]
    verdicts += [exercises.answer(name, garbage) for name in BY_HAND]
    for verdict in verdicts:
        assert not verdict
        assert re.fullmatch(r"not yet: .{10,600}", str(verdict))
        assert " at 0x" not in str(verdict)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "error", [ZeroDivisionError("division by zero"), ValueError("two\nlines"), SystemExit(1)]
)
def test_error_in_the_function_is_reported_with_type_and_message(name, error):
    def fail(*arguments):
        raise error

    line = str(exercises.check(named(name, fail)))
    assert f"your function raised {type(error).__name__}: {' '.join(str(error).split())}" in line
    assert "\n" not in line


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
    assert str(exercises.check(wrong)).endswith("wanted 0.96, got 0.96, off by 2e-06")


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
    assert _registry.show(truths) == line


def test_shape_that_differs_is_told():
    line = str(exercises.check(named("project_onto_hyperplane", lambda x, w, c: x[:, None])))
    assert line.endswith("got [[3], [4]] of shape (2, 1), not (2,)")


def test_lines_do_not_depend_on_the_print_options():
    wrong = named("project_onto_hyperplane", lambda x, w, c: x / 3)
    plain = str(exercises.check(wrong))
    with np.printoptions(precision=2, suppress=True, legacy="1.25"):
        assert str(exercises.check(wrong)) == plain
    assert plain.endswith("got [1, 1.3333]")


@pytest.mark.parametrize("name", sorted({*_registry.FUNCTIONS, *_registry.ANSWERS}))
def test_every_exercise_is_tested_and_stands_on_a_page(name):
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_exercises*.py"))
    pages = "".join(path.read_text(encoding="utf-8") for path in HERE.parent.glob("notebooks/text/*.md"))
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
