"""The checkers of image recognition: references pass; stubs, typical mistakes and garbage are told so."""

import numpy as np
import pytest
import scipy.signal
from checkers import named

from mmlhelpers import convolution, exercises
from mmlhelpers.exercises import image_recognition
from mmlhelpers.exercises._registry import FUNCTIONS


def slide_by_scipy(image, kernel, stride):
    return scipy.signal.correlate2d(image, kernel, mode="valid")[::stride, ::stride]


def unpool_by_package(delta, image):
    x = image[None, :, :, None]
    return convolution.max_pool_backward(delta[None, :, :, None], convolution.max_pool(x), x.shape)[
        0, :, :, 0
    ]


def standardised(train, test):
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=0)
    return (train - mean) / spread, (test - mean) / spread


def cheapest(p, labels, false_dog, missed_dog):
    def cost(t):
        return false_dog * np.sum((p >= t) & (labels == 0)) + missed_dog * np.sum((p < t) & (labels == 1))

    return min([*p, 2.0], key=cost)


REFERENCES = {
    "slide": slide_by_scipy,
    "two_passes": lambda image, c, r: scipy.signal.convolve2d(image, np.outer(c, r)[::-1, ::-1], "valid"),
    "window_gradient": lambda delta, image: scipy.signal.correlate2d(image, delta, mode="valid"),
    "blame": scipy.signal.convolve2d,
    "unpool": unpool_by_package,
    "standardise_both": standardised,
    "cheapest_threshold": cheapest,
    "least_epsilon": lambda w, b, x: abs(w @ x + b) / np.abs(w).sum(),
    "blur_pool": lambda row: ((np.roll(row, 1) + 2 * row + np.roll(row, -1)) / 4)[::2],
}

MISTAKES = {
    "slide": [
        lambda image, kernel, stride: scipy.signal.correlate2d(image, kernel, mode="valid"),  # no stride
        lambda image, kernel, stride: slide_by_scipy(image, kernel[::-1, ::-1], stride),  # turned
        lambda image, kernel, stride: image,
    ],
    "two_passes": [
        lambda image, c, r: slide_by_scipy(image, np.outer(r, c), 1),  # exchanged
        lambda image, c, r: slide_by_scipy(image, c[:, None], 1),  # one pass only
    ],
    "window_gradient": [
        lambda delta, image: scipy.signal.convolve2d(image, delta, mode="valid"),  # turned
        lambda delta, image: scipy.signal.correlate2d(image, delta, mode="valid") / delta.size,  # mean
    ],
    "blame": [
        lambda delta, kernel: scipy.signal.correlate2d(delta, kernel),  # not turned
        lambda delta, kernel: scipy.signal.convolve2d(delta, kernel, mode="same"),  # too small
    ],
    "unpool": [
        lambda delta, image: np.repeat(np.repeat(delta, 2, 0), 2, 1),  # to all four
        lambda delta, image: np.repeat(np.repeat(delta, 2, 0), 2, 1) / 4,  # shared out
    ],
    "standardise_both": [
        lambda train, test: (standardised(train, train)[0], standardised(test, test)[0]),  # by its own
        lambda train, test: standardised(np.vstack([train, test]), test),  # together
        lambda train, test: train,
    ],
    "cheapest_threshold": [
        lambda p, labels, a, b: 0.5,
        lambda p, labels, a, b: b / (a + b),  # exchanged costs
    ],
    "least_epsilon": [
        lambda w, b, x: abs(w @ x + b) / np.linalg.norm(w),  # the other norm
        lambda w, b, x: (w @ x + b) / np.abs(w).sum(),  # signed
        lambda w, b, x: abs(w @ x) / np.abs(w).sum(),  # without the bias
    ],
    "blur_pool": [lambda row: row[::2], lambda row: row.reshape(-1, 2).max(axis=1)],
}
GARBAGE = [None, "words", [], [[1], [1, 2]], np.nan, {"a": 1}, 1j, np.zeros((0, 3)), object()]


def test_every_function_exercise_has_a_reference_and_a_mistake():
    here = {name for name in vars(image_recognition) if name in FUNCTIONS}
    assert here == set(REFERENCES) == set(MISTAKES)


@pytest.mark.parametrize("name", REFERENCES)
def test_reference_is_correct(name):
    verdict = exercises.check(named(name, REFERENCES[name]))
    assert verdict, verdict


@pytest.mark.parametrize(
    ("name", "mistake"), [(name, mistake) for name, some in MISTAKES.items() for mistake in some]
)
def test_mistake_is_told_so(name, mistake):
    verdict = exercises.check(named(name, mistake))
    assert not verdict
    assert str(verdict).startswith("not yet: ")


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_garbage_is_told_so_and_never_raises(name, garbage):
    verdict = exercises.check(named(name, lambda *arguments: garbage))
    assert not verdict
    assert "\n" not in str(verdict)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("stack_sizes", [65, 33, 16, 14, 19], [65, 33, 17, 15, 19]),
        ("stack_sizes", (65, 33, 16, 14, 19), [65, 33, 16, 14, 11]),
        ("weights_and_products", [786_688, 4_640, 1_179_648], [786_432, 4_608, 1_179_648]),
        ("weights_and_products", [786_688, 4_640, 1_179_648], [786_688, 4_640, 4_608]),
        ("stack_sizes", [65, 33, 16, 14, 19], [np.nan] * 5),
        ("fourier_pays", 15, 13),
        ("fourier_pays", 15, 17),
        ("fourier_pays", 15, 16),
    ],
)
def test_answers_by_hand(name, right, wrong):
    assert exercises.answer(name, right)
    verdict = exercises.answer(name, wrong)
    assert not verdict
    assert str(verdict).startswith("not yet: ")


@pytest.mark.parametrize("name", ["stack_sizes", "weights_and_products", "fourier_pays"])
@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda value: type(value).__name__)
def test_garbage_by_hand_is_told_so(name, garbage):
    assert not exercises.answer(name, garbage)


def test_fourier_costs_are_those_of_the_exercise():
    operations = 3 * 4 * np.log2(512 * 512) + 6
    assert 13**2 <= operations < 15**2
