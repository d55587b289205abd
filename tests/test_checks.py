"""The checks: what fits passes unchanged, what does not is named."""

from decimal import Decimal
from fractions import Fraction

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
        (
            _checks.as_generator,
            None,
            r"x must be a random generator, got None: pass np.random.default_rng\(0\)",
        ),
        (_checks.as_generator, 0, "x must be a random generator, got 0: pass"),
        (_checks.as_generator, np.random, "x must be a random generator, got <module 'numpy.random'"),
        (
            _checks.as_function,
            2.0,
            "x must be a function, got 2.0: pass the function itself, not one of its values",
        ),
        (_checks.as_array, {1, 2}, "x must be an array, got a set: pass a list, in an order"),
        (_checks.as_vector, iter([1, 2]), "x must be an array, got a list_iterator: pass a list"),
        (_checks.as_matrix, {"a": [1]}, "x must be an array, got a dict"),
        (_checks.as_vector, np.ma.masked_less([1.0, 2.0], 1.5), "without masked entries: fill them"),
        (_checks.as_vector, [Fraction(1, 3)], r"type object \(Fraction\): pass np.array\(x, dtype=float\)"),
        (_checks.as_vector, [10**30, 1], r"type object \(int\): pass np.array\(x, dtype=float\)"),
        (_checks.as_vector, np.array(["2026-01-01"], "M8[D]"), "got entries of type datetime64"),
        (_checks.as_vector, [np.finfo(np.longdouble).max], r"x must be finite, got inf at \[0\]"),
        (_checks.as_number, 10**400, "x must be a single number, got one beyond the largest float"),
        (_checks.as_number, Decimal("NaN"), "x must be finite, got nan"),
        (
            _checks.as_number,
            1j,
            "x must be a single number with real numbers, got entries of type complex128",
        ),
        (
            _checks.as_distribution,
            [0.5, 0.50000002],
            "x must sum to one, got 1.00000002, off by more than 1e-08: divide",
        ),
        (
            _checks.as_distribution,
            np.float32([0.5, 0.501]),
            "must sum to one, got 1.00099998.*, off by more than 2.4e-07",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name_and_what_was_got(check, value, message):
    with pytest.raises(ValueError, match=message):
        check(value, "x")


def test_numbers_in_any_shape_and_parts_of_anything_pass():
    assert _checks.as_number(np.float32(-1.5), "x") == -1.5
    assert _checks.as_number(Fraction(1, 3), "x") == 1 / 3
    assert _checks.as_number(Decimal("0.1"), "x") == 0.1
    assert _checks.as_number(10**30, "x") == 1e30
    assert _checks.as_columns([[1, 2]], "x").shape == (1, 2)
    assert _checks.as_numbers(np.ones((1,) * 64), "x").ndim == 64
    assert _checks.as_array([["a"]], "x").shape == (1, 1)
    assert _checks.as_text("", "x") == ""
    assert list(_checks.as_items({1: 2}, "x")) == [1]


def test_generators_functions_and_objects_of_a_class_pass():
    rng = np.random.default_rng(0)
    assert _checks.as_generator(rng, "rng") is rng
    assert _checks.as_function(len, "f") is len
    assert _checks.as_made(Fraction(1, 2), Fraction, "x", "a Fraction") == Fraction(1, 2)
    with pytest.raises(ValueError, match=r"x must be a Fraction, got 0\.5"):
        _checks.as_made(0.5, Fraction, "x", "a Fraction")


def test_symmetry_allows_for_rounding_and_removes_it():
    A = np.array([[1.0, 2.0 + 1e-12], [2.0, 1.0]])
    B = _checks.as_symmetric(A, "A")
    np.testing.assert_array_equal(B, B.T)
    with pytest.raises(ValueError, match="must be symmetric"):
        _checks.as_symmetric(A + np.triu(A) * 1e-8, "A")


def test_symmetry_holds_for_the_largest_and_the_smallest_floats():
    for unit in (5e-324, 2.0**-1022, 2.0**1022):
        A = unit * np.array([[1.0, 3.0], [3.0, 2.0]])
        np.testing.assert_array_equal(_checks.as_symmetric(A, "A"), A)
        with pytest.raises(ValueError, match="must be symmetric"):
            _checks.as_symmetric(A - np.diag([unit], 1), "A")
    largest = np.finfo(float).max
    with pytest.raises(ValueError, match="must be symmetric"):
        _checks.as_symmetric([[0.0, largest], [-largest, 0.0]], "A")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("n", [2, 10, 1000])
def test_probabilities_of_every_precision_sum_to_one(dtype, n):
    p = np.random.default_rng(0).dirichlet(np.ones(n), size=20).astype(dtype)
    for row in p:
        exact = row.astype(float)
        np.testing.assert_array_equal(_checks.as_distribution(row, "p"), exact / exact.sum())
        with pytest.raises(ValueError, match="p must sum to one"):
            _checks.as_distribution(row * dtype(1.02), "p")


def test_whole_numbers_and_truths_become_floats_before_they_can_wrap_around():
    for dtype in (np.uint8, np.int8, np.bool_, np.uint64):
        x = _checks.as_vector(np.array([0, 1], dtype), "x")
        np.testing.assert_array_equal(x[:1] - x[1:], [-1.0])


@pytest.mark.parametrize("value", [-1, 4, 1.5, "2", None, True])
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


@pytest.mark.parametrize("kind", [np.float32, np.float64, ">f4", np.float16, np.uint8, bool, np.int64])
def test_floats_keep_their_precision_and_all_else_becomes_double(kind):
    got = _checks.as_floats(np.ones((2, 0, 3)).astype(kind), "x")
    assert got.dtype == (np.float32 if np.dtype(kind).itemsize == 4 else np.float64)
    assert got.dtype.isnative
    assert np.isnan(_checks.as_floats([np.nan], "x")).all()
    with pytest.raises(ValueError, match="x must be an array with real numbers, got entries of type"):
        _checks.as_floats(["one"], "x")


def test_floats_keep_the_class_of_a_readers_own_array_but_not_that_of_a_matrix():
    class Own(np.ndarray):
        pass

    assert type(_checks.as_floats(np.ones(2).view(Own), "x")) is Own
    assert type(_checks.as_floats(np.ones(2, dtype=int).view(Own), "x")) is Own
    assert type(_checks.as_floats(np.ones((2, 2)).view(np.matrix), "x")) is np.ndarray
