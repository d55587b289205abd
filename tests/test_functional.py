"""Squashing functions, softmax and log-sum-exp: by hand, laws, peers, fifty digits, stress and errors."""

import numpy as np
import oracles
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmlhelpers import functional

scores = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-700, 700))


def test_hand_worked_values():
    np.testing.assert_allclose(functional.sigmoid([0.0, np.log(3)]), [0.5, 0.75], rtol=1e-15)
    np.testing.assert_allclose(functional.softplus(0.0), np.log(2), rtol=1e-15)
    np.testing.assert_array_equal(functional.relu([-1.0, 0.0, 2.5]), [0, 0, 2.5])
    np.testing.assert_allclose(functional.softmax(np.log([1.0, 2.0, 5.0])), [0.125, 0.25, 0.625], rtol=1e-15)
    np.testing.assert_allclose(functional.log_sum_exp(np.log([1.0, 2.0, 5.0])), np.log(8), rtol=1e-15)


@given(scores)
def test_softmax_rows_are_positive_and_add_up_to_one(x):
    p = functional.softmax(x)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-14)


@given(scores, st.floats(-1e4, 1e4))
def test_a_constant_changes_softmax_not_and_log_sum_exp_by_itself(x, c):
    np.testing.assert_allclose(functional.softmax(x + c), functional.softmax(x), rtol=1e-8, atol=1e-300)
    np.testing.assert_allclose(
        functional.log_sum_exp(x + c), functional.log_sum_exp(x) + c, rtol=1e-12, atol=1e-10
    )


@given(scores)
def test_log_sum_exp_lies_between_the_maximum_and_the_maximum_plus_log_n(x):
    excess = functional.log_sum_exp(x) - x.max(axis=1)
    assert (excess >= -1e-12).all()
    assert (excess <= np.log(x.shape[1]) + 1e-12).all()


@given(scores)
def test_they_agree_with_scipy(x):
    eps = np.finfo(float).eps
    allowed = 4 * eps * (1 + np.abs(x))  # the stated relative error
    assert (np.abs(functional.sigmoid(x) - scipy.special.expit(x)) <= allowed * scipy.special.expit(x)).all()
    np.testing.assert_allclose(functional.softmax(x), scipy.special.softmax(x, axis=-1), rtol=1e-12)
    error = np.abs(functional.log_sum_exp(x) - scipy.special.logsumexp(x, axis=-1))
    assert (error <= 4 * eps * (1 + np.abs(x.max(axis=-1)))).all()


def test_other_axes_are_summed_when_asked():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(functional.softmax(x, axis=0).sum(axis=0), 1, rtol=1e-15)
    assert functional.log_sum_exp(x, axis=0).shape == (3,)


def test_huge_scores_neither_overflow_nor_lose_the_answer():
    np.testing.assert_array_equal(functional.softmax([1e4, -1e4]), [1, 0])
    np.testing.assert_allclose(functional.log_sum_exp([1e4, 1e4]), 1e4 + np.log(2), rtol=1e-15)
    np.testing.assert_array_equal(functional.sigmoid([-1e4, 1e4]), [0, 1])
    np.testing.assert_allclose(functional.sigmoid(-40.0), np.exp(-40.0), rtol=1e-14)


MP = oracles.MP
SMALLEST = 2.0**-1074  # the spacing of the floats next to zero
EXTREME = [-800.0, -745.0, -700.0, -40.0, -1.0, -1e-300, 0.0, 1e-10, 1.0, 37.0, 40.0, 700.0, 1e4, 1e300]


@pytest.mark.parametrize("x", EXTREME)
def test_softplus_and_sigmoid_keep_their_digits_at_both_ends(x):
    ramp, share = MP.log1p(MP.exp(MP.mpf(x))), 1 / (1 + MP.exp(-MP.mpf(x)))
    assert abs(float(functional.softplus(x)) - ramp) <= 2 * oracles.EPSILON * ramp + SMALLEST
    allowed = oracles.EPSILON * (1 + abs(x)) * share if abs(x) < 1e15 else 0
    assert abs(float(functional.sigmoid(x)) - share) <= allowed + SMALLEST


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e2, 1e4, 1e8, 1e300])
def test_log_sum_exp_and_softmax_agree_with_fifty_digits(seed, scale):
    x = scale * np.random.default_rng(seed).normal(size=7)
    top = x.max()
    exponentials = [MP.exp(value - MP.mpf(top)) for value in oracles.exact(x)]
    total = sum(exponentials)
    allowed = oracles.EPSILON * (1 + abs(top) + np.log2(len(x)))
    assert abs(float(functional.log_sum_exp(x)) - (MP.mpf(top) + MP.log(total))) <= allowed
    for below, share, exponential in zip(top - x, functional.softmax(x), exponentials, strict=True):
        wanted = exponential / total
        assert abs(float(share) - wanted) <= 2 * oracles.EPSILON * (1 + below) * wanted + SMALLEST


def test_an_entry_of_minus_infinity_is_absent():
    np.testing.assert_allclose(functional.softmax([0.0, -np.inf, 0.0]), [0.5, 0, 0.5], rtol=1e-15)


@pytest.mark.parametrize("f", [functional.sigmoid, functional.softplus, functional.relu, functional.softmax])
def test_float32_stays_float32(f):
    assert f(np.array([1.0, -2.0], dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize("f", [functional.softmax, functional.log_sum_exp])
@pytest.mark.parametrize("bad", [[np.nan, 1.0], [np.inf, 1.0], [-np.inf, -np.inf]])
def test_scores_without_a_finite_maximum_are_refused(f, bad):
    with pytest.raises(ValueError, match="x must hold no NaN"):
        f(bad)


def test_whole_numbers_are_scores_and_do_not_wrap():
    x = np.array([0, 1, 3], dtype=np.uint8)
    for function in (functional.sigmoid, functional.softplus, functional.relu, functional.softmax):
        np.testing.assert_array_equal(function(x), function(x.astype(float)))
    np.testing.assert_array_equal(functional.sigmoid(np.array([True, False])), functional.sigmoid([1.0, 0.0]))
    with pytest.raises(ValueError, match="x must hold numbers, got entries of type <U1"):
        functional.sigmoid(np.array(["a"]))
    with pytest.raises(ValueError, match=r"x must have entries along axis 1, got shape \(2,\)"):
        functional.softmax([1.0, 2.0], axis=1)


def test_sums_over_many_rows_of_single_precision_keep_its_digits():
    x = np.zeros((200_001, 2), dtype=np.float32)
    x[0] = 12.0
    shares = functional.softmax(x, axis=0)
    assert shares.dtype == np.float32
    exact = functional.softmax(x.astype(float), axis=0)
    np.testing.assert_allclose(shares, exact, rtol=1e-6)
    np.testing.assert_allclose(shares.sum(axis=0, dtype=float), 1, rtol=1e-6)
    np.testing.assert_allclose(
        functional.log_sum_exp(x, axis=0), functional.log_sum_exp(x.astype(float), axis=0), rtol=1e-6
    )
    assert functional.softmax(np.zeros(70_000, np.float16))[0] == np.float16(
        1 / 70_000
    )  # more than it can count


@pytest.mark.parametrize("unit", [0, 30, -30, 300, -300, 500, -500])
def test_the_mean_squared_error_is_scaled_with_its_data(unit):
    p, y = np.array([1.0, 2.0, -3.0]), np.array([0.5, 4.0, 1.0])
    plain = functional.mean_squared_error(p, y)
    scaled = functional.mean_squared_error(np.ldexp(p, unit), np.ldexp(y, unit))
    assert scaled.value == np.ldexp(plain.value, 2 * unit)
    np.testing.assert_array_equal(scaled.gradient, np.ldexp(plain.gradient, unit))


def test_a_mean_of_squares_may_fit_where_their_sum_does_not():
    loss = functional.mean_squared_error(np.full(8, 1e154), np.zeros(8))
    assert loss.value == pytest.approx(1e308)
