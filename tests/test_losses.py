"""The losses of functional: values worked by hand, gradients, laws and peers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import log_softmax
from sklearn.metrics import hinge_loss, log_loss, mean_squared_error

from mmlhelpers import functional

scores = arrays(float, 6, elements=st.floats(-30, 30))
signs = arrays(float, 6, elements=st.sampled_from([-1.0, 1.0]))


def differences(loss, z, h=1e-5):
    """Central differences of the value, entry by entry."""
    slopes = np.zeros_like(z)
    for index in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[index] = h
        slopes[index] = (loss(z + step).value - loss(z - step).value) / (2 * h)
    return slopes


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_losses_worked_by_hand():
    assert functional.mean_squared_error([1, 2], [3, 2]).value == 2
    assert functional.hinge_loss([0.25, -2], [1, -1]).value == 0.375
    assert functional.logistic_loss([np.log(3)], [1]).value == pytest.approx(np.log(4 / 3))
    assert functional.cross_entropy([[0, 0, np.log(2)]], [2]).value == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("loss", "truth"),
    [
        (functional.mean_squared_error, random(5, seed=1)),
        (functional.logistic_loss, np.array([0, 1, 1, 0, 1])),
        (functional.hinge_loss, np.array([-1, 1, 1, -1, 1])),
    ],
)
def test_gradients_agree_with_central_differences(loss, truth):
    z = random(5)
    np.testing.assert_allclose(loss(z, truth).gradient, differences(lambda z: loss(z, truth), z), atol=1e-9)


def test_gradient_of_cross_entropy_agrees_with_central_differences():
    z, c = random(4, 3), np.array([0, 2, 1, 2])
    slopes = differences(lambda z: functional.cross_entropy(z, c), z)
    np.testing.assert_allclose(functional.cross_entropy(z, c).gradient, slopes, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_losses_agree_with_scikit_learn(seed):
    z, y = 3 * random(20, seed=seed), np.sign(random(20, seed=seed + 10))
    labels = (y + 1) / 2
    assert functional.mean_squared_error(z, y).value == pytest.approx(mean_squared_error(y, z))
    assert functional.hinge_loss(z, y).value == pytest.approx(hinge_loss(y, z, labels=[-1, 1]))
    p = functional.sigmoid(z)
    assert functional.logistic_loss(z, labels).value == pytest.approx(log_loss(labels, p, labels=[0, 1]))


@given(scores, st.floats(-1e3, 1e3))
def test_cross_entropy_does_not_change_when_all_logits_move_and_agrees_with_scipy(z, shift):
    loss, moved = functional.cross_entropy([z], [2]), functional.cross_entropy([z + shift], [2])
    assert loss.value == pytest.approx(-log_softmax(z)[2], abs=1e-12)
    assert moved.value == pytest.approx(loss.value, abs=1e-11)
    np.testing.assert_allclose(loss.gradient.sum(), 0, atol=1e-15)


@given(scores, signs)
def test_logistic_loss_is_the_cross_entropy_of_two_classes(z, y):
    two = functional.cross_entropy(np.column_stack([np.zeros(6), z]), (y + 1) / 2)
    assert functional.logistic_loss(z, (y + 1) / 2).value == pytest.approx(two.value, rel=1e-12)


def test_losses_survive_scores_of_ten_thousand():
    assert functional.logistic_loss([1e4, -1e4], [0, 1]).value == 1e4
    assert functional.logistic_loss([1e4, -1e4], [1, 0]).value == 0
    loss = functional.cross_entropy([[1e4, -1e4]], [1])
    assert loss.value == 2e4
    np.testing.assert_array_equal(loss.gradient, [[1, -1]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: functional.mean_squared_error([1, 2], [1]),
            "target has length 1 but prediction has length 2",
        ),
        (lambda: functional.logistic_loss([1, 2], [0, -1]), "label must be one of"),
        (lambda: functional.hinge_loss([1, 2], [0, 1]), "label must be one of"),
        (lambda: functional.cross_entropy([[1, 2]], [2]), "classes must be 1 whole numbers from 0 to 1"),
        (lambda: functional.cross_entropy([[1, 2]], [0, 1]), "classes must be 1 whole numbers"),
        (lambda: functional.hinge_loss([np.nan], [1]), "score must be finite"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
