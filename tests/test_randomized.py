"""The randomised decomposition: exact where it must be, near the optimum elsewhere, honest about errors."""

import numpy as np
import oracles
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.extmath import randomized_svd as peer

from mmlhelpers import linalg


def rng(seed=0):
    return np.random.default_rng(seed)


def with_spectrum(m, n, sigma, seed=0):
    """A matrix with given singular values and random vectors."""
    U = np.linalg.qr(rng(seed).normal(size=(m, len(sigma)))).Q
    V = np.linalg.qr(rng(seed + 1).normal(size=(n, len(sigma)))).Q
    return U * sigma @ V.T


def left_over(A, found):
    return np.linalg.norm(A - (found.U * found.sigma) @ found.Vt, 2)


def test_a_matrix_of_rank_one_worked_by_hand():
    found = linalg.randomized_svd([[3, 0, 4], [6, 0, 8]], 1, rng())
    np.testing.assert_allclose(found.sigma, [5 * np.sqrt(5)], rtol=1e-14)
    np.testing.assert_allclose(found.Vt, [[0.6, 0, 0.8]], atol=1e-14)
    np.testing.assert_allclose(found.U, np.array([[1], [2]]) / np.sqrt(5), atol=1e-14)
    assert found.error_bound < 1e-13


@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 100))
def test_a_matrix_of_rank_k_is_found_exactly(k, n_power, seed):
    A = rng(seed).normal(size=(12, k)) @ rng(seed + 1).normal(size=(k, 9))
    found = linalg.randomized_svd(A, k, rng(seed), n_power=n_power, oversampling=3)
    np.testing.assert_allclose((found.U * found.sigma) @ found.Vt, A, atol=1e-9)
    oracles.assert_orthonormal(found.U)
    oracles.assert_orthonormal(found.Vt.T)


@pytest.mark.parametrize("shape", [(80, 50), (50, 80)])
def test_leading_terms_agree_with_the_exact_decomposition(shape):
    A = with_spectrum(*shape, 0.6 ** np.arange(40))
    found, exact = linalg.randomized_svd(A, 5, rng(), n_power=6), linalg.svd(A)
    np.testing.assert_allclose(found.sigma, exact.sigma[:5], rtol=1e-12)
    np.testing.assert_allclose(found.Vt, exact.Vt[:5], atol=1e-9)
    np.testing.assert_allclose(found.U, exact.U[:, :5], atol=1e-9)


def test_a_full_sketch_is_exact():
    A = rng().normal(size=(7, 5))
    found = linalg.randomized_svd(A, 5, rng(), n_power=0)
    np.testing.assert_allclose(found.sigma, linalg.svd(A).sigma, rtol=1e-12)


def test_it_is_as_accurate_as_the_peer_on_a_slow_spectrum():
    A = with_spectrum(300, 200, 1 / np.sqrt(np.arange(1, 201)))
    ours = linalg.randomized_svd(A, 10, rng(), n_power=2).sigma
    theirs = peer(A, 10, n_iter=2, random_state=0, power_iteration_normalizer="QR")[1]
    exact = linalg.svd(A).sigma[:10]
    assert np.abs(ours / exact - 1).max() < 1.5 * np.abs(theirs / exact - 1).max()
    assert (ours <= exact * (1 + 1e-12)).all()


def test_every_power_brings_the_error_nearer_to_the_least_possible():
    A = with_spectrum(200, 150, 1 / np.sqrt(np.arange(1, 151)))
    errors = [left_over(A, linalg.randomized_svd(A, 10, rng(1), n_power=q)) for q in (0, 1, 2, 4)]
    least = 1 / np.sqrt(11)
    assert errors == sorted(errors, reverse=True)
    assert least <= errors[-1] < 1.02 * least < 1.2 * least < errors[0]


def test_powers_do_not_lose_small_singular_values():
    sigma = 10.0 ** -np.arange(0, 12, 2)
    A = with_spectrum(40, 30, sigma)
    found = linalg.randomized_svd(A, 6, rng(), n_power=5, oversampling=4)
    np.testing.assert_allclose(found.sigma, sigma, rtol=1e-4)  # the last is 1e-10, rounding 1e-16


@given(st.integers(0, 1000))
def test_the_error_bound_holds(seed):
    A = rng(seed).normal(size=(20, 30)) ** 3
    found = linalg.randomized_svd(A, 3, rng(seed), n_power=seed % 3)
    error = left_over(A, found)
    assert linalg.svd(A).sigma[3] <= error * (1 + 1e-12) <= found.error_bound
    assert found.failure == pytest.approx(1e-10)


def test_the_bound_is_ten_times_the_longest_probe():
    # Of a matrix of rank one, the probes are |g| times its size; the median of the largest of ten is known.
    A = np.outer(np.eye(30)[0], np.eye(40)[0]) + 1e3 * np.outer(np.eye(30)[1], np.eye(40)[1])
    bounds = [linalg.randomized_svd(A, 1, rng(s), n_power=3, oversampling=0).error_bound for s in range(400)]
    median = 10 * np.sqrt(2 / np.pi) * scipy.stats.halfnorm.ppf(0.5**0.1)
    assert np.median(bounds) == pytest.approx(median, rel=0.06)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([[1, 2]], 2), {}, "k must be a whole number from 1 to 1, got 2"),
        (([[1, 2]], 1), {"n_power": -1}, "n_power must be a whole number from 0, got -1"),
        (([[1, 2]], 1), {"oversampling": 0.5}, "oversampling must be a whole number from 0"),
        (([1, 2], 1), {}, "A must be a matrix"),
    ],
)
def test_wrong_arguments_are_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        linalg.randomized_svd(*arguments, rng(), **options)
