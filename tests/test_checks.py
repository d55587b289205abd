"""The checks: what fits passes unchanged, what does not is named."""

import numpy as np
import pytest

from mmlhelpers import _checks


def test_what_fits_comes_back_as_float64():
    np.testing.assert_array_equal(_checks.as_vector((1, 2), "x"), [1.0, 2.0])
    np.testing.assert_array_equal(_checks.as_matrix([[True, False]], "A"), [[1.0, 0.0]])
    assert _checks.as_matrix([[1, 2]], "A").dtype == np.float64
    assert _checks.as_square(np.float32([[1]]), "A").dtype == np.float64


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (_checks.as_vector, 3.0, r"x must be a vector of shape \(n,\), not empty, got shape \(\)"),
        (_checks.as_vector, [], r"not empty, got shape \(0,\)"),
        (_checks.as_vector, [[1.0]], r"got shape \(1, 1\)"),
        (_checks.as_matrix, [1.0], r"x must be a matrix of shape \(m, n\), not empty, got shape \(1,\)"),
        (_checks.as_matrix, np.ones((0, 3)), r"not empty, got shape \(0, 3\)"),
        (_checks.as_matrix, [[1, 2], [3]], "got rows of unequal length"),
        (_checks.as_matrix, [["1"]], "with real numbers, got entries of type <U1"),
        (_checks.as_matrix, [[1j]], "got entries of type complex128"),
        (_checks.as_matrix, [[None]], "got entries of type object"),
        (_checks.as_matrix, [[1.0, np.nan]], r"x must be finite, got nan at \[0, 1\]: remove or replace"),
        (_checks.as_vector, [0.0, -np.inf], r"got -inf at \[1\]"),
        (_checks.as_square, [[1.0, 2.0]], r"a square matrix of shape \(n, n\), got shape \(1, 2\)"),
        (_checks.as_symmetric, [[1.0, 2.0], [3.0, 4.0]], r"got x\[0, 1\] = 2 but x\[1, 0\] = 3"),
        (_checks.as_tolerance, -1.0, "x must not be negative, got -1"),
        (_checks.as_tolerance, np.nan, "x must be finite"),
        (_checks.as_tolerance, [1.0], "x must be a single number"),
        (_checks.as_number, "1", "x must be a single number with real numbers, got entries of type <U1"),
        (_checks.as_number, np.inf, "x must be finite, got inf$"),
        (
            _checks.as_columns,
            1.0,
            r"x must be columns of shape \(n,\) or \(n, p\), not empty, got shape \(\)",
        ),
        (_checks.as_numbers, [[[np.nan]]], r"x must be finite, got nan at \[0, 0, 0\]"),
        (_checks.as_numbers, np.ones((2, 0, 3)), r"x must be an array, not empty, got shape \(2, 0, 3\)"),
        (_checks.as_array, [[1], [1, 2]], "x must be an array, got rows of unequal length"),
        (_checks.as_distribution, [[1], [1, 2]], "x must be an array, got rows of unequal length"),
        (_checks.as_text, b"a", r"x must be a text \(str\), got b'a'"),
        (_checks.as_items, 3, "x must be a sequence, got 3"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name_and_what_was_got(check, value, message):
    with pytest.raises(ValueError, match=message):
        check(value, "x")


def test_numbers_in_any_shape_and_parts_of_anything_pass():
    assert _checks.as_number(np.float32(-1.5), "x") == -1.5
    assert _checks.as_columns([[1, 2]], "x").shape == (1, 2)
    assert _checks.as_numbers(np.ones((1,) * 64), "x").ndim == 64
    assert _checks.as_array([["a"]], "x").shape == (1, 1)
    assert _checks.as_text("", "x") == ""
    assert list(_checks.as_items({1: 2}, "x")) == [1]


def test_symmetry_allows_for_rounding_and_removes_it():
    A = np.array([[1.0, 2.0 + 1e-12], [2.0, 1.0]])
    B = _checks.as_symmetric(A, "A")
    np.testing.assert_array_equal(B, B.T)
    with pytest.raises(ValueError, match="must be symmetric"):
        _checks.as_symmetric(A + np.triu(A) * 1e-8, "A")


@pytest.mark.parametrize("value", [-1, 4, 1.5, "2", None])
def test_count_is_a_whole_number_between_its_bounds(value):
    with pytest.raises(ValueError, match="k must be a whole number from 0 to 3, got"):
        _checks.as_count(value, "k", 0, 3)


def test_count_without_upper_bound_takes_any_integer_type():
    assert _checks.as_count(np.int64(10**6), "n", 1) == 10**6
    with pytest.raises(ValueError, match="n must be a whole number from 1, got 0"):
        _checks.as_count(0, "n", 1)


@pytest.mark.parametrize("value", [[[1, 0]], [True, False], [[True], [False]], None])
def test_mask_is_true_or_false_in_the_wanted_shape(value):
    with pytest.raises(ValueError, match=r"known must be True or False in shape \(1, 2\), got"):
        _checks.as_mask(value, "known", (1, 2))


def test_checks_leave_the_argument_alone():
    A = np.array([[2.0, 1.0], [1.0, 2.0]])
    before = A.copy()
    _checks.as_symmetric(A, "A")
    np.testing.assert_array_equal(A, before)
