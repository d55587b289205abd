"""Norms, means, distances and tests at every scale: the plain answer wherever that is right, to the bit."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from mmlhelpers import _scale


@pytest.fixture
def rng():
    return np.random.default_rng(0)


UNITS = [2.0**p for p in (-1000, -520, -300, -30, 0, 30, 300, 520, 1000)]


@pytest.mark.parametrize("unit", UNITS)
def test_scaling_is_exact_and_unscaling_brings_it_back(rng, unit):
    x = unit * rng.normal(size=(3, 4))
    part, e = _scale.scaled(x)
    assert 1 <= np.abs(part).max() < 2
    np.testing.assert_array_equal(_scale.unscaled(part, e, "x"), x)


def test_scaling_serves_zeros_and_the_smallest_and_largest_floats():
    for x, e in (([0.0, 0.0], 0), ([5e-324, 0.0], -1074), ([np.finfo(float).max, 1.0], 1023), ([], 0)):
        part, found = _scale.scaled(x)
        assert found == e
        np.testing.assert_array_equal(np.ldexp(part, e)[:1], x[:1])


def test_columns_come_to_one_size(rng):
    A = rng.normal(size=(5, 4)) * [2.0**-900, 1.0, 0.0, 2.0**900]
    part, e = _scale.scaled_columns(A)
    sizes = np.linalg.norm(part, axis=0)
    assert ((sizes[[0, 1, 3]] >= 1) & (sizes[[0, 1, 3]] < 2)).all()
    assert sizes[2] == e[2] == 0
    np.testing.assert_array_equal(np.ldexp(part, e), A)


def test_what_no_float_holds_is_refused_by_name():
    with pytest.raises(ValueError, match="det A is larger than any float"):
        _scale.unscaled([1.0, 4.0], 1023, "det A")
    with pytest.raises(ValueError, match="det A is smaller than any float"):
        _scale.unscaled(1.0, -1080, "det A")
    assert _scale.unscaled([1.0, 1e-300], -60, "x")[1] == 1e-300 / 2.0**60
    assert _scale.unscaled(0.0, -5000, "x") == 0.0
    assert _scale.unscaled(1.0, -5000, "x", may_vanish=True) == 0.0


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_norm_scales_with_the_unit(rng, unit, axis):
    x = rng.normal(size=(6, 3))
    np.testing.assert_allclose(_scale.norm(unit * x, axis) / unit, np.linalg.norm(x, axis=axis), rtol=1e-15)


@given(npst.arrays(np.float64, (4, 3), elements=st.floats(-1e100, 1e100, allow_subnormal=False)))
def test_norm_is_the_plain_one_to_the_bit_where_that_is_right(x):
    for axis in (None, 0, 1):
        plain = np.linalg.norm(x, axis=axis)
        right = np.asarray(plain) > 1e-150
        np.testing.assert_array_equal(
            np.asarray(_scale.norm(x, axis))[right],
            np.asarray(np.linalg.norm(x.ravel()) if axis is None else plain)[right],
        )


@given(npst.arrays(np.float64, 3, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_norm_is_right_for_any_floats(x):
    exact = sum(Fraction(float(v)) ** 2 for v in x)
    got = _scale.norm(x)
    if math.isinf(got):
        assert exact >= Fraction(np.finfo(float).max) ** 2
    else:
        slack = Fraction(got) * Fraction(1, 2**50) + Fraction(1, 2**1073)
        assert max(Fraction(got) - slack, 0) ** 2 <= exact <= (Fraction(got) + slack) ** 2


def test_norms_of_other_types_sum_in_double_precision():
    assert _scale.norm(np.full(10**6, 0.1, np.float32)) == pytest.approx(np.float32(0.1) * 1e3, rel=1e-12)
    assert _scale.norm(np.array([255, 255], np.uint8)) == pytest.approx(255 * math.sqrt(2))
    assert _scale.norm(np.array([3e200j, 4e200])) == pytest.approx(5e200)
    assert _scale.norm([]) == 0.0
    assert _scale.norm([np.inf, 1.0]) == np.inf
    assert np.isnan(_scale.norm([np.nan, 1.0]))


def test_means_neither_drift_nor_overflow():
    assert _scale.mean(np.full(10**6, 0.1, np.float32)) == pytest.approx(np.float32(0.1), rel=1e-12)
    assert _scale.mean([1.5e308, 1.7e308]) == pytest.approx(1.6e308)
    np.testing.assert_array_equal(_scale.mean(np.array([[255, 1], [255, 3]], np.uint8), axis=0), [255, 2])
    assert np.isnan(_scale.mean([np.nan, 1.0]))


def test_centering_survives_a_huge_offset(rng):
    exact = rng.integers(-8, 9, size=(999, 2)) / 8
    exact[-1] = -exact[:-1].sum(axis=0)
    moved, center = _scale.centered(exact + 2.0**30)
    np.testing.assert_allclose(moved, exact, atol=1e-15)
    assert center.shape == (1, 2)
    np.testing.assert_array_equal(_scale.centered(np.full((1001, 1), 0.1))[0], 0.0)


def test_no_spread_asks_the_range():
    assert _scale.has_no_spread(np.full(10, 0.07))
    assert _scale.has_no_spread([0.1 + 0.2, 0.3])
    assert not _scale.has_no_spread([0.1, 0.1 + 1e-14])
    assert not _scale.has_no_spread([0.0, 5e-324])
    assert not _scale.has_no_spread([2**60, 2**60 + 1])
    assert not _scale.has_no_spread([-1.7e308, 1.7e308])
    assert _scale.has_no_spread(np.array([0.1, np.nextafter(np.float32(0.1), np.float32(1))], np.float32))
    np.testing.assert_array_equal(_scale.has_no_spread([[1.0, 2.0], [1.0, 3.0]], axis=0), [True, False])


@pytest.mark.parametrize(
    ("residual", "tolerance", "size", "answer"),
    [
        (1.0, 1e-8, 1e8, True),
        (1.1, 1e-8, 1e8, False),
        (np.inf, 1.0, np.inf, False),
        (0.0, 0.1, np.inf, False),
        (np.nan, 1.0, 1.0, False),
        (1.0, 1.0, np.nan, False),
        (0.0, 0.0, 0.0, True),
        (5e-324, 0.5, 0.0, False),
        (5e-324, 0.0, 1e300, False),
        (1e-320, 1e-8, 1e-310, True),
        (1e-315, 1e-8, 1e-310, False),
        (1e300, 1e10, 1e300, True),
        (1e300, 1e-300, 1e-300, False),
    ],
)
def test_convergence_is_claimed_by_finite_numbers_only(residual, tolerance, size, answer):
    assert _scale.has_converged(residual, tolerance, size) is answer


@pytest.mark.parametrize("unit", UNITS[:-1])
@pytest.mark.parametrize("offset", [0.0, 2.0**20, 2.0**40])
def test_distances_do_not_know_the_offset_or_the_unit(rng, unit, offset):
    X, Y = rng.integers(0, 64, size=(7, 2)) / 64, rng.integers(0, 64, size=(5, 2)) / 64
    want = np.sqrt(((X[:, None] - Y) ** 2).sum(axis=2))
    D, e = _scale.squared_distances(unit * (X + offset), unit * (Y + offset))
    np.testing.assert_allclose(np.sqrt(D), want * 2.0 ** (round(math.log2(unit)) - e), rtol=1e-14)


def test_close_pairs_far_apart_keep_their_digits(monkeypatch):
    monkeypatch.setattr(_scale, "_AT_ONCE", 2)
    X = np.array([[0.0], [1e-200], [1.0], [1.0 + 2.0**-40]])
    X[1] = 1e-140  # the square of which is a float
    D, e = _scale.squared_distances(X, X)
    wanted = np.square([1e-140, 0.0, 2.0**-40, 1.0 + 2.0**-40])
    np.testing.assert_allclose(D[[0, 1, 2, 3], [1, 1, 3, 0]] * 4.0**e, wanted, rtol=1e-15)
    np.testing.assert_array_equal(_scale.squared_distances([[0.0]], [[0.0]])[0], [[0.0]])
