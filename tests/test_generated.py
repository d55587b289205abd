"""Data drawn from a known law."""

import numpy as np
import pytest

from mmlhelpers import datasets


def test_moons_without_noise_are_two_half_circles():
    table = datasets.moons(201, 0, np.random.default_rng(0))
    upper, lower = table.X[table.y == 0], table.X[table.y == 1]
    assert (len(upper), len(lower)) == (101, 100)
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5


def test_noise_has_the_size_that_was_asked_for():
    table = datasets.moons(4000, 0.1, np.random.default_rng(0))
    distance = np.hypot(*table.X[table.y == 0].T) - 1
    assert distance.std(ddof=1) == pytest.approx(0.1, rel=0.1)


def test_negative_noise_is_refused():
    with pytest.raises(ValueError, match="noise must not be negative"):
        datasets.moons(4, -1, np.random.default_rng(0))
