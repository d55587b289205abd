"""The data sets: the numbers the pages rely on, the same on every call, and honest about their origin."""

import sys

import numpy as np
import pytest
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_sample_image,
    load_wine,
)

from mmlhelpers import datasets, linalg


def test_photo_is_the_bundled_picture_between_black_and_white():
    color = datasets.photo("flower", gray=False)
    np.testing.assert_array_equal(np.round(255 * color), load_sample_image("flower.jpg"))
    assert color.shape == (427, 640, 3)


def test_gray_photo_weighs_the_colors_as_the_eye_does():
    red, green, blue = load_sample_image("china.jpg")[100, 200] / 255
    gray = datasets.photo()
    assert gray[100, 200] == pytest.approx(0.299 * red + 0.587 * green + 0.114 * blue)
    assert gray.min() >= 0
    assert gray.max() <= 1


def test_small_photo_averages_whole_boxes():
    gray = datasets.photo()
    small = datasets.photo(shape=(1, 64))
    np.testing.assert_allclose(small[0], gray.mean(axis=0).reshape(64, 10).mean(axis=1), atol=1e-12)


def test_small_photo_shares_a_pixel_between_two_boxes():
    gray = datasets.photo()
    upper = (gray[:213].sum(axis=0) + gray[213] / 2) / 213.5  # 427 rows into 2 boxes
    np.testing.assert_allclose(datasets.photo(shape=(2, 640))[0], upper, atol=1e-12)


@pytest.mark.parametrize("shape", [(64, 96), (1, 1), (100, 639), (427, 640)])
@pytest.mark.parametrize("gray", [True, False])
def test_small_photo_has_the_wanted_shape_and_keeps_the_mean(shape, gray):
    small, full = datasets.photo("china", shape, gray), datasets.photo("china", gray=gray)
    assert small.shape[:2] == shape
    np.testing.assert_allclose(small.mean(axis=(0, 1)), full.mean(axis=(0, 1)), atol=1e-12)


def test_photo_at_its_own_size_is_unchanged():
    np.testing.assert_allclose(datasets.photo(shape=(427, 640)), datasets.photo(), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "cat"}, "name must be one of china, flower, got 'cat'"),
        ({"shape": 64}, r"shape must be a pair \(height, width\), got 64"),
        ({"shape": (0, 5)}, r"shape\[0\] must be a whole number from 1 to 427, got 0"),
        ({"shape": (5, 641)}, r"shape\[1\] must be a whole number from 1 to 640, got 641"),
        ({"shape": (5.5, 6)}, r"shape\[0\] must be a whole number from 1 to 427, got 5.5"),
    ],
)
def test_photo_names_the_argument_at_fault(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.photo(**arguments)


@pytest.mark.parametrize(
    ("load", "peer"),
    [
        (datasets.digits, load_digits),
        (datasets.wine, load_wine),
        (datasets.iris, load_iris),
        (datasets.breast_cancer, load_breast_cancer),
    ],
)
def test_tables_are_those_of_scikit_learn(load, peer):
    table, original = load(), peer()
    np.testing.assert_array_equal(table.X, original.data)
    np.testing.assert_array_equal(table.y, original.target)
    assert len(table.feature_names) == table.X.shape[1]
    assert len(table.target_names) == len(np.unique(table.y))
    assert all(isinstance(name, str) for name in (*table.feature_names, *table.target_names))
    assert table.description == original.DESCR


def test_diabetes_is_that_of_scikit_learn_with_scores_instead_of_classes():
    table, original = datasets.diabetes(), load_diabetes()
    np.testing.assert_array_equal(table.X, original.data)
    np.testing.assert_array_equal(table.y, original.target)
    assert table.feature_names == tuple(original.feature_names)
    assert table.target_names == ()


def test_diabetes_columns_have_mean_zero_and_sum_of_squares_one():
    X = datasets.diabetes().X
    np.testing.assert_allclose(X.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((X**2).sum(axis=0), 1, atol=1e-12)


def test_digits_have_rank_61_because_three_pixels_are_always_paper():
    X = datasets.digits().X
    assert np.sum((X == 0).all(axis=0)) == 3
    assert linalg.rank(X) == 61


def test_ratings_are_half_stars_from_a_taste_model_of_rank_two():
    R, known, truth, readers, titles = datasets.ratings()
    assert R.shape == known.shape == truth.shape == (len(readers), len(titles)) == (8, 8)
    assert linalg.rank(truth) == 2
    assert set(R[known]) <= set(np.arange(2, 11) / 2)
    assert not R[~known].any()
    assert np.abs(R - truth)[known].max() <= 0.25


def test_ratings_leave_enough_known_in_every_row_and_column():
    known = datasets.ratings().known
    assert known.sum(axis=0).min() >= 4
    np.testing.assert_array_equal(known.sum(axis=1), 6)


def test_rank_two_completes_the_ratings_better_than_column_means_and_than_rank_three():
    R, known, truth, *_ = datasets.ratings()

    def hidden_error(filled):
        return np.sqrt(np.mean((filled - truth)[~known] ** 2))

    means = np.broadcast_to(R.sum(axis=0) / known.sum(axis=0), R.shape)
    by_rank = {k: hidden_error(linalg.complete_low_rank(R, known, k).filled) for k in (1, 2, 3)}
    assert by_rank[2] < 0.25 < min(by_rank[1], by_rank[3], hidden_error(means))


@pytest.mark.parametrize(
    "load",
    [datasets.photo, datasets.digits, datasets.wine, datasets.iris, datasets.ratings],
)
def test_two_calls_give_equal_numbers_that_may_be_changed_freely(load):
    first = load()
    X = first if isinstance(first, np.ndarray) else first[0]
    X[:] = -1
    assert (np.asarray(load() if isinstance(first, np.ndarray) else load()[0]) >= 0).all()


def test_missing_scikit_learn_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match="comes with scikit-learn, which is not installed: run pip install"):
        datasets.wine()


def test_invented_data_need_nothing_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert datasets.ratings().R.shape == (8, 8)
