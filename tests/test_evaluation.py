"""Judging classifiers: counts worked by hand, what does not depend on order, scikit-learn and SciPy."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from mmlhelpers import probability as pr

masks = st.integers(1, 40).flatmap(lambda n: st.tuples(arrays(bool, n), arrays(bool, n)))
# Few different scores, so that there are ties.
scored = st.integers(2, 40).flatmap(
    lambda n: st.tuples(
        arrays(np.int64, n, elements=st.integers(0, 1)), arrays(float, n, elements=st.integers(0, 9))
    )
)


def test_six_to_nothing_happens_by_chance_twice_in_sixty_four():
    first = np.array([True] * 6 + [True, False])
    second = np.array([False] * 6 + [True, False])
    assert pr.mcnemar(first, second) == (6, 0, 2 / 64)


@given(masks)
def test_mcnemar_is_the_exact_binomial_test_of_the_disagreements(pair):
    first_only, second_only, p = pr.mcnemar(*pair)
    assume(first_only + second_only > 0)
    assert p == pytest.approx(scipy.stats.binomtest(first_only, first_only + second_only).pvalue, rel=1e-12)


@given(masks)
def test_mcnemar_treats_both_alike_and_ignores_agreement(pair):
    first, second = pair
    a, b, p = pr.mcnemar(first, second)
    assert pr.mcnemar(second, first) == (b, a, p)
    assert pr.mcnemar(np.append(first, [True, False]), np.append(second, [True, False])) == (a, b, p)


def test_mcnemar_of_equal_answers_is_sure_of_nothing():
    assert pr.mcnemar([True, False], [True, False]) == (0, 0, 1.0)


def test_mcnemar_stands_thousands_of_disagreements():
    first = np.arange(5000) < 2700
    assert pr.mcnemar(first, ~first).p_value == pytest.approx(
        scipy.stats.binomtest(2700, 5000).pvalue, rel=1e-12
    )


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ([True], r"second_right must be True or False in shape \(2,\), got bool in shape \(1,\)"),
        ([1, 0], r"second_right must be True or False in shape \(2,\), got int64"),
    ],
)
def test_mcnemar_names_the_argument_at_fault(second, message):
    with pytest.raises(ValueError, match=message):
        pr.mcnemar([True, False], second)


def test_confusion_matrix_has_the_truth_in_its_rows():
    matrix = pr.confusion_matrix([0, 0, 0, 1, 2], [0, 1, 1, 1, 0], 3)
    np.testing.assert_array_equal(matrix, [[1, 2, 0], [0, 1, 0], [1, 0, 0]])


@given(arrays(np.int64, (2, 30), elements=st.integers(0, 3)))
def test_confusion_matrix_agrees_with_scikit_learn(classes):
    expected = metrics.confusion_matrix(*classes, labels=range(4))
    np.testing.assert_array_equal(pr.confusion_matrix(*classes, 4), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0], 2), "predicted has length 1 but y has 2"),
        (([0, 2], [0, 1], 2), "y must hold whole numbers from 0 to 1, got 2"),
        (([0, 1], [0, -1], 2), "predicted must hold whole numbers from 0 to 1, got -1"),
        (([0, 1], [0, 0.5], 2), "predicted must hold whole numbers from 0 to 1, got 0.5"),
        (([0, 1], [0, 1], 0), "n_classes must be a whole number from 1, got 0"),
    ],
)
def test_confusion_matrix_names_the_argument_at_fault(arguments, message):
    with pytest.raises(ValueError, match=message):
        pr.confusion_matrix(*arguments)


def test_roc_curve_of_four_scores_by_hand():
    roc = pr.roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.9])
    np.testing.assert_array_equal(roc.thresholds, [math.inf, 0.9, 0.5, 0.4, 0.1])
    np.testing.assert_array_equal(roc.true_positive_rate, [0, 0.5, 0.5, 1, 1])
    np.testing.assert_array_equal(roc.false_positive_rate, [0, 0, 0.5, 0.5, 1])
    assert roc.area == 0.75


@given(scored)
def test_roc_curve_agrees_with_scikit_learn_ties_included(data):
    y, scores = data
    assume(0 < y.sum() < len(y))
    roc = pr.roc_curve(y, scores)
    false, true, thresholds = metrics.roc_curve(y, scores, drop_intermediate=False)
    np.testing.assert_allclose(roc.false_positive_rate, false, atol=1e-14)
    np.testing.assert_allclose(roc.true_positive_rate, true, atol=1e-14)
    np.testing.assert_array_equal(roc.thresholds, thresholds)
    assert roc.area == pytest.approx(metrics.roc_auc_score(y, scores), abs=1e-12)


@given(scored)
def test_roc_area_is_the_chance_that_a_one_scores_higher(data):
    y, scores = data
    assume(0 < y.sum() < len(y))
    differences = scores[y == 1][:, None] - scores[y == 0]
    assert pr.roc_curve(y, scores).area == pytest.approx(np.heaviside(differences, 0.5).mean())


@given(scored)
def test_roc_curve_depends_on_the_order_of_the_scores_alone(data):
    y, scores = data
    assume(0 < y.sum() < len(y))
    plain, stretched = pr.roc_curve(y, scores), pr.roc_curve(y, np.exp(scores))
    np.testing.assert_array_equal(plain.true_positive_rate, stretched.true_positive_rate)
    np.testing.assert_array_equal(plain.false_positive_rate, stretched.false_positive_rate)


@pytest.mark.parametrize(
    ("y", "scores", "message"),
    [
        ([1, 1], [0.2, 0.3], "y must hold zeros and ones, got only 1: a rate needs both"),
        ([0, 1], [0.2], "scores has length 1 but y has 2"),
        ([0, 2], [0.2, 0.3], "y must hold whole numbers from 0 to 1, got 2"),
        ([0, 1], [0.2, np.nan], "scores must be finite"),
    ],
)
def test_roc_curve_names_the_argument_at_fault(y, scores, message):
    with pytest.raises(ValueError, match=message):
        pr.roc_curve(y, scores)


def test_many_samples_are_compared_quickly_and_accurately():
    n, a = 9_000, 4_400
    exact = pr.mcnemar(np.arange(n) < a, np.arange(n) >= a).p_value
    assert exact == pytest.approx(2 * pr.Binomial(n, 0.5).cdf(a), rel=1e-11)
    assert pr.mcnemar(np.arange(10 * n) < 10 * a, np.arange(10 * n) >= 10 * a).p_value < exact


def test_unsigned_scores_and_truths_are_numbers():
    scores = np.array([3, 200, 7, 90], np.uint8)
    assert (
        pr.roc_curve([0, 1, 0, 1], scores).area == pr.roc_curve([0, 1, 0, 1], scores.astype(float)).area == 1
    )
    assert pr.roc_curve(np.array([False, True]), np.array([0, 255], np.uint8)).area == 1
