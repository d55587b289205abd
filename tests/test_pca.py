"""Principal components, kernel components, eigenvalues of noise: values by hand, laws, peers, errors."""

import numpy as np
import oracles
import pytest
import scipy.integrate
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.decomposition import PCA, KernelPCA

from mmlhelpers import datasets, linalg
from mmlhelpers.linalg import principal

METHODS = pytest.mark.parametrize("method", ["svd", "gram"])
small = st.integers(-9, 9).map(float)
tables = st.tuples(st.integers(2, 7), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, shape, elements=small)
)
angles = st.floats(0, 6.3)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def decaying(n, d, seed=0, power=0.8):
    """Samples whose standard deviations fall like a power, in directions that are no axes, far from zero."""
    turn = np.linalg.qr(random(d, d, seed=seed + 1)).Q
    return random(n, d, seed=seed) / np.arange(1, d + 1) ** power @ turn.T + 3 * random(d, seed=seed + 2)


# Principal components


@METHODS
def test_components_worked_by_hand(method):
    X = np.array([[3, 1], [-1, -3], [-2, -1], [0, 3]])  # mean 0, covariance [[14, 8], [8, 20]] / 4
    mean, V, variances, total = linalg.principal_components(X, 2, method)
    root = np.sqrt(9 + 64)
    np.testing.assert_allclose(mean, 0, atol=1e-15)
    np.testing.assert_allclose(variances, np.array([17 + root, 17 - root]) / 4, rtol=1e-14)
    np.testing.assert_allclose(V[0] / V[1], [8 / (3 + root), 8 / (3 - root)], rtol=1e-13)
    np.testing.assert_allclose(total, 34 / 4)
    assert (np.take_along_axis(V, np.abs(V).argmax(axis=0)[None], axis=0) > 0).all()


@METHODS
@given(X=tables)
def test_kept_and_lost_variance_add_up_to_the_total(method, X):
    k = 1 + (min(X.shape) - 1) // 2
    pca = linalg.principal_components(X, k, method)
    centred = X - X.mean(axis=0)
    lost = np.mean(np.sum((X - pca.rebuild(pca.scores(X))) ** 2, axis=1))
    np.testing.assert_allclose(pca.variances.sum() + lost, pca.total, atol=1e-10)
    np.testing.assert_allclose(pca.total, np.mean(np.sum(centred**2, axis=1)), atol=1e-10)
    oracles.assert_orthonormal(pca.directions)


@given(tables)
def test_scores_are_uncorrelated_with_the_stated_variances_and_mean_zero(X):
    pca = linalg.principal_components(X, min(X.shape))
    Y = pca.scores(X)
    np.testing.assert_allclose(Y.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(Y.T @ Y / len(X), np.diag(pca.variances), atol=1e-11)


@given(tables, angles, st.floats(0.1, 10))
def test_a_turn_and_a_shift_change_no_variance_and_a_scale_squares(X, angle, scale):
    assume(X.shape[1] > 1)
    Q = np.eye(X.shape[1])
    Q[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    before = linalg.principal_components(X, min(X.shape)).variances
    after = linalg.principal_components(scale * X @ Q.T + 5, min(X.shape)).variances
    np.testing.assert_allclose(after, scale**2 * before, atol=1e-9)


@given(tables)
def test_no_random_plane_keeps_more(X):
    k = 1 + (min(X.shape) - 1) // 2
    W = np.linalg.qr(random(X.shape[1], k)).Q
    kept = np.mean(np.sum(((X - X.mean(axis=0)) @ W) ** 2, axis=1))
    assert kept <= linalg.principal_components(X, k).variances.sum() + 1e-10


@METHODS
@pytest.mark.parametrize("shape", [(40, 6), (6, 40), (300, 250)])
def test_components_agree_with_scikit_learn(method, shape):
    X, k = decaying(*shape), 4
    ours, theirs = linalg.principal_components(X, k, method), PCA(k, svd_solver="full").fit(X)
    n = len(X)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_ * (n - 1) / n, rtol=1e-10)
    np.testing.assert_allclose(ours.shares, theirs.explained_variance_ratio_, rtol=1e-10)
    oracles.assert_same_span(ours.directions, theirs.components_.T, atol=1e-9)
    np.testing.assert_allclose(np.abs(ours.scores(X)), np.abs(theirs.transform(X)), atol=1e-8)


def test_digits_keep_the_shares_that_scikit_learn_finds():
    X = datasets.digits().X
    np.testing.assert_allclose(
        linalg.principal_components(X, 20, "gram").shares,
        PCA(20, svd_solver="full").fit(X).explained_variance_ratio_,
        rtol=1e-10,
    )


def test_gram_finds_the_leading_plane_of_a_wide_enough_table_in_a_krylov_space():
    X = decaying(900, 400)
    centred = X - X.mean(axis=0)
    assert principal._krylov_eigen(centred.T @ centred, 10, 20) is not None
    fast, exact = linalg.principal_components(X, 10, "gram"), linalg.principal_components(X, 10)
    np.testing.assert_allclose(fast.variances, exact.variances, rtol=1e-11)
    np.testing.assert_allclose(fast.directions, exact.directions, atol=1e-9)


def test_gram_falls_back_to_the_full_decomposition_where_nothing_stands_out():
    X = random(500, 400)
    assert principal._krylov_eigen(X.T @ X, 10, 20) is None
    fast, exact = linalg.principal_components(X, 10, "gram"), linalg.principal_components(X, 10)
    np.testing.assert_allclose(fast.variances, exact.variances, rtol=1e-12)


@pytest.mark.parametrize("rank", [1, 5, 15])
def test_gram_keeps_orthonormal_directions_when_the_rank_is_smaller_than_k(rank):
    X = random(600, rank) @ random(rank, 400, seed=1)
    pca = linalg.principal_components(X, 12, "gram")
    oracles.assert_orthonormal(pca.directions, atol=1e-9)
    true = linalg.principal_components(X, 12).variances
    np.testing.assert_allclose(pca.variances, true, atol=1e-9 * true[0])


def test_single_precision_is_multiplied_as_it_is_and_nearly_as_good():
    X = decaying(900, 400).astype(np.float32)
    single = linalg.principal_components(X, 10, "gram")
    double = linalg.principal_components(X.astype(float), 10)
    assert principal._moved_and_scaled(X)[0].dtype == np.float32
    assert {part.dtype for part in single[:3]} == {np.dtype(float)}
    np.testing.assert_allclose(single.variances, double.variances, rtol=1e-4)
    oracles.assert_same_span(single.directions, double.directions, atol=1e-2)


def test_svd_finds_a_direction_that_the_covariance_has_lost():
    t = 1e-9
    X = [[1, 1], [-1, -1], [t, -t], [-t, t]]
    np.testing.assert_allclose(linalg.principal_components(X, 2).variances, [1, t**2], rtol=1e-6)
    assert linalg.principal_components(X, 2, "gram").variances[1] < 0.5 * t**2 + 1e-16


def test_new_samples_are_centred_by_the_old_mean():
    pca = linalg.principal_components([[0, 0], [2, 0], [4, 0]], 1)
    np.testing.assert_allclose(pca.scores([[7, 3]]), [[5]])
    np.testing.assert_allclose(pca.rebuild([[5]]), [[7, 0]])


@given(tables)
def test_whitened_samples_have_covariance_one(X):
    pca = linalg.principal_components(X, min(X.shape))
    assume(pca.variances[-1] > 1e-6 * pca.variances[0])
    white = pca.whiten(X)
    np.testing.assert_allclose(white.T @ white / len(X), np.eye(min(X.shape)), atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: linalg.principal_components([[1, 2], [3, 4]], 3),
            "k must be a whole number from 1 to 2, got 3",
        ),
        (lambda: linalg.principal_components([[1, 2]], 0), "k must be a whole number from 1 to 1, got 0"),
        (lambda: linalg.principal_components([[1.0, np.nan]], 1), "X must be finite"),
        (lambda: linalg.principal_components(np.array([[np.inf]], np.float32), 1), "X must be finite"),
        (
            lambda: linalg.principal_components(np.array([[np.inf], [-np.inf]], np.float32), 1),
            "X must be fin",
        ),
        (lambda: linalg.principal_components([1.0, 2.0], 1), r"X must be a matrix of shape \(m, n\)"),
        (lambda: linalg.principal_components([[1, 2]], 1, "qr"), "method must be one of svd, gram, got 'qr'"),
        (lambda: linalg.principal_components([[0, 0], [1, 2]], 1).scores([[1]]), "must have 2 columns"),
        (lambda: linalg.principal_components([[0, 0], [1, 2]], 1).rebuild([[1, 2]]), "must have 1 columns"),
        (
            lambda: linalg.principal_components([[0, 1], [1, 2]], 2).whiten([[1, 2]]),
            "keep at most 1 directions",
        ),
        (
            lambda: linalg.principal_components([[3, 3], [3, 3]], 1).whiten([[1, 2]]),
            "keep at most 0 directions",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Kernel components


def test_kernel_components_worked_by_hand():
    found = linalg.kernel_components([[9, 0], [0, 1]], 2)  # two orthogonal vectors of lengths 3 and 1
    np.testing.assert_allclose(np.abs(found.scores[:, 0]), np.sqrt(10) / 2, rtol=1e-14)
    np.testing.assert_allclose(found.variances, [2.5, 0], atol=1e-15)
    np.testing.assert_allclose(found.total, 2.5)


@given(tables)
def test_inner_products_give_the_scores_of_the_samples_up_to_signs(X):
    k = min(X.shape)
    plain, kernel = linalg.principal_components(X, k), linalg.kernel_components(X @ X.T, k)
    np.testing.assert_allclose(kernel.variances, plain.variances, atol=1e-11)
    Y, Z = plain.scores(X), kernel.scores
    np.testing.assert_allclose(Z @ Z.T, Y @ Y.T, atol=1e-9)  # free of signs, and of turns among equals
    np.testing.assert_allclose(kernel.total, plain.total, atol=1e-11)


@given(tables)
def test_a_centred_kernel_has_no_mean_and_forgets_a_shift(X):
    K = linalg.center_kernel(X @ X.T)
    np.testing.assert_allclose(K.sum(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(linalg.center_kernel((X + 3) @ (X + 3).T), K, atol=1e-10)
    np.testing.assert_allclose(linalg.center_kernel(K), K, atol=1e-10)


def test_gaussian_kernel_components_agree_with_scikit_learn():
    X = random(50, 3)
    K = np.exp(-np.sum((X[:, None] - X) ** 2, axis=-1) / 2)
    theirs = KernelPCA(4, kernel="rbf", gamma=0.5, eigen_solver="dense").fit_transform(X)
    np.testing.assert_allclose(np.abs(linalg.kernel_components(K, 4).scores), np.abs(theirs), atol=1e-10)


@pytest.mark.parametrize(
    ("K", "message"),
    [
        ([[1, 2], [0, 1]], "K .* must be symmetric"),
        ([[0, 1], [1, 0]], "K .* must have no negative eigenvalue"),
        ([[-1, 0], [0, -1]], "is it a kernel"),
    ],
)
def test_what_is_no_kernel_is_refused(K, message):
    with pytest.raises(ValueError, match=message):
        linalg.kernel_components(K, 1)


# Noise


@pytest.mark.parametrize("ratio", [0.05, 0.25, 1.0, 4.0])
@pytest.mark.parametrize("variance", [1.0, 3.0])
def test_the_density_of_noise_has_the_right_moments(ratio, variance):
    low, high = linalg.marchenko_pastur_edges(ratio, variance)
    moments = [
        scipy.integrate.quad(
            lambda x, p=p: x**p * linalg.marchenko_pastur_density(x, ratio, variance), low, high, limit=200
        )[0]
        for p in range(3)
    ]
    expected = [min(1, 1 / ratio), variance, variance**2 * (1 + ratio)]  # zeros add to no moment but the 0th
    np.testing.assert_allclose(moments, expected, rtol=1e-6)


def test_eigenvalues_of_a_large_noise_table_follow_the_density():
    values = np.linalg.eigvalsh(np.cov(random(3000, 300), rowvar=False, ddof=0))
    low, high = linalg.marchenko_pastur_edges(0.1)
    np.testing.assert_allclose(values[[0, -1]], [low, high], atol=5 * 3000 ** (-2 / 3))  # the order stated
    x = np.linspace(low, high, 20_001)
    shares = np.cumsum(linalg.marchenko_pastur_density(x, 0.1)) * (x[1] - x[0])
    measured = np.searchsorted(values, x) / 300
    assert np.abs(measured - shares).max() < 0.02


def test_edges_density_and_spikes_worked_by_hand():
    assert linalg.marchenko_pastur_edges(4.0, 2.0) == (2.0, 18.0)
    np.testing.assert_allclose(linalg.marchenko_pastur_density([0.5, 1, 5], 1.0)[1], np.sqrt(3) / (2 * np.pi))
    np.testing.assert_array_equal(linalg.marchenko_pastur_density([-1, 0, 4, 5], 1.0), 0)
    assert linalg.spike_limit(3.0, 1.0) == (4.5, 0.5)
    assert linalg.spike_limit(1.2, 0.25) == (2.25, 0.0)


@given(st.floats(0.01, 4))
def test_a_spike_leaves_the_edge_without_a_jump_and_grows_from_there(ratio):
    edge = linalg.marchenko_pastur_edges(ratio).high
    threshold = 1 + ratio**0.5
    just_above = linalg.spike_limit(threshold + 1e-6, ratio)
    np.testing.assert_allclose(just_above.eigenvalue, edge, rtol=1e-6)
    assert 0 <= just_above.overlap < 1e-3
    far = linalg.spike_limit(threshold + 100, ratio)
    assert far.overlap > 0.9
    assert far.eigenvalue > threshold + 100


@pytest.mark.parametrize(("strength", "ratio"), [(3.0, 0.25), (2.0, 0.1), (5.0, 1.0)])
def test_spikes_of_large_samples_are_near_their_limit(strength, ratio):
    d = 200
    n = round(d / ratio)
    found = []
    for seed in range(6):
        X = random(n, d, seed=seed)
        X[:, 0] *= np.sqrt(strength)
        pca = linalg.principal_components(X, 1, "gram")
        found.append([pca.variances[0], pca.directions[0, 0] ** 2])
    np.testing.assert_allclose(np.mean(found, axis=0), linalg.spike_limit(strength, ratio), rtol=0.07)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linalg.marchenko_pastur_edges(0), "ratio must be a finite number above 0, got 0"),
        (lambda: linalg.marchenko_pastur_edges(1, -1), "variance must be a finite number above 0, got -1"),
        (lambda: linalg.marchenko_pastur_density(1, np.inf), "ratio must be finite, got inf"),
        (lambda: linalg.spike_limit(0.9, 1), "strength must be at least 1"),
        (lambda: linalg.spike_limit("2", 1), "strength must be a single number"),
        (lambda: linalg.marchenko_pastur_density([np.nan], 1), "x must be finite"),
        (lambda: linalg.spike_limit(np.nan, 1), "strength must be"),
    ],
)
def test_impossible_noise_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
