"""Least squares three ways and ridge paths: hand-worked cases, laws, SciPy and scikit-learn."""

import numpy as np
import oracles
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from mmlhelpers import linalg

METHODS = ["qr", "svd", "normal"]
few = settings(derandomize=True, database=None, deadline=None, max_examples=40)


def problem(seed, m=9, n=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(m, n)), rng.normal(size=m)


@pytest.mark.parametrize("method", METHODS)
def test_a_line_through_three_points_worked_by_hand(method):
    fit = linalg.least_squares([[1, 0], [1, 1], [1, 2]], [1, 2, 6], method)
    np.testing.assert_allclose(fit.x, [0.5, 2.5])
    np.testing.assert_allclose(fit.residual, [0.5, -1, 0.5])
    assert fit.rank == 2


@few
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(0, 6), st.sampled_from(METHODS))
def test_the_residual_is_orthogonal_to_every_column(seed, n, extra, method):
    A, b = problem(seed, n + extra, n)
    if linalg.condition_number(A) > 1e4:
        return
    fit = linalg.least_squares(A, b, method)
    np.testing.assert_allclose(A.T @ fit.residual, 0, atol=1e-6)
    np.testing.assert_allclose(fit.residual, b - A @ fit.x, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_all_three_agree_with_scipy(method, seed):
    A, b = problem(seed, 30, 6)
    fit = linalg.least_squares(A, b, method)
    np.testing.assert_allclose(fit.x, scipy.linalg.lstsq(A, b)[0], rtol=1e-11)
    np.testing.assert_allclose(fit.condition, np.linalg.cond(A), rtol=1e-11)


def test_normal_equations_lose_the_square_of_the_condition_number_and_reflections_do_not():
    rng = np.random.default_rng(0)
    U, V = np.linalg.qr(rng.normal(size=(20, 3)))[0], np.linalg.qr(rng.normal(size=(3, 3)))[0]
    A = U @ np.diag([1, 1e-3, 1e-6]) @ V
    error = {m: np.abs(linalg.least_squares(A, A @ np.ones(3), m).x - 1).max() for m in METHODS}
    assert max(error["qr"], error["svd"]) < 1e-8
    assert error["normal"] > 1e-6


def test_laeuchli_s_columns_are_told_apart_by_reflections_and_refused_by_normal_equations():
    A = np.array([[1, 1], [1e-9, 0], [0, 1e-9]])
    np.testing.assert_allclose(linalg.least_squares(A, A @ [1, 2]).x, [1, 2], rtol=1e-6)
    with pytest.raises(ValueError, match=r"A\.T @ A is singular in floating point"):
        linalg.least_squares(A, A @ [1, 2], "normal")


@pytest.mark.parametrize("shape", [(8, 4), (3, 5)])
def test_without_full_rank_the_shortest_solution_is_found(shape):
    rng = np.random.default_rng(3)
    A = rng.normal(size=(shape[0], 2)) @ rng.normal(size=(2, shape[1]))
    b = rng.normal(size=shape[0])
    fit = linalg.least_squares(A, b, "svd")
    np.testing.assert_allclose(fit.x, np.linalg.pinv(A) @ b, atol=1e-12)
    assert fit.rank == 2
    np.testing.assert_allclose(fit.condition, np.divide(*np.linalg.svd(A)[1][:2]))


def test_a_matrix_of_zeros_has_rank_zero_and_the_zero_solution():
    fit = linalg.least_squares(np.zeros((3, 2)), [1, 2, 3], "svd")
    np.testing.assert_array_equal(fit.x, [0, 0])
    assert (fit.rank, fit.condition) == (0, np.inf)


@few
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(0, 6))
def test_householder_factors_are_orthonormal_triangular_and_multiply_back(seed, n, extra):
    A, _ = problem(seed, n + extra, n)
    Q, R = linalg.qr_householder(A)
    np.testing.assert_allclose(Q.T @ Q, np.eye(n), atol=1e-13)
    np.testing.assert_array_equal(R, np.triu(R))
    np.testing.assert_allclose(Q @ R, A, atol=1e-12)
    np.testing.assert_allclose(np.abs(R), np.abs(np.linalg.qr(A)[1]), atol=1e-11)


def test_a_column_that_nearly_is_an_axis_loses_no_digit():
    A = np.array([[1.0, 2.0], [1e-9, 1.0], [0.0, 3.0]])
    Q, R = linalg.qr_householder(A)
    np.testing.assert_allclose(Q @ R, A, rtol=0, atol=4e-15)


def test_householder_stays_orthonormal_on_the_hilbert_matrix_and_with_a_column_of_zeros():
    for A in (scipy.linalg.hilbert(12), np.array([[1.0, 0, 2], [1, 0, 1], [1, 0, 4]])):
        Q, R = linalg.qr_householder(A)
        np.testing.assert_allclose(Q.T @ Q, np.eye(A.shape[1]), atol=1e-14)
        np.testing.assert_allclose(Q @ R, A, atol=1e-14)


SOLVERS = {
    "elimination": linalg.solve,
    "qr": lambda A, b: linalg.least_squares(A, b, "qr").x,
    "svd": lambda A, b: linalg.least_squares(A, b, "svd").x,
}


@pytest.mark.parametrize("n", range(2, 11))
@pytest.mark.parametrize("method", SOLVERS)
def test_hilbert_systems_are_solved_as_exactly_as_their_condition_allows(method, n):
    A = scipy.linalg.hilbert(n)
    b = A @ np.random.default_rng(n).choice([-1.0, 1.0], size=n)
    exact_A = oracles.MP.matrix(np.reshape(oracles.exact(A), (n, n)).tolist())  # of the floats, not of 1/k
    wanted = oracles.MP.lu_solve(exact_A, oracles.MP.matrix(oracles.exact(b)))
    condition = float(oracles.MP.mnorm(exact_A, "inf") * oracles.MP.mnorm(exact_A**-1, "inf"))
    x = SOLVERS[method](A, b)
    error = max(abs(got - true) for got, true in zip(oracles.exact(x), wanted, strict=True))
    assert error <= condition * oracles.EPSILON * max(abs(true) for true in wanted)


@pytest.mark.parametrize("shape", [(12, 4), (4, 7)])
def test_ridge_paths_agree_with_scikit_learn_and_their_normal_equations(shape):
    A, b = problem(5, *shape)
    weights = np.array([0.01, 1.0, 30.0])
    path = linalg.ridge_path(A, b, weights)
    for weight, x, df in zip(weights, *path, strict=True):
        G = A.T @ A + weight * np.eye(shape[1])
        np.testing.assert_allclose(x, np.linalg.solve(G, A.T @ b), rtol=1e-9)
        np.testing.assert_allclose(df, np.trace(A @ np.linalg.solve(G, A.T)))
        np.testing.assert_allclose(x, Ridge(weight, fit_intercept=False).fit(A, b).coef_, rtol=1e-9)


def test_the_hand_worked_ridge():
    path = linalg.ridge_path([[1, 0], [0, 2]], [2, 4], [1, 4])
    np.testing.assert_allclose(path.coefficients, [[1, 1.6], [0.4, 1]])
    np.testing.assert_allclose(path.degrees_of_freedom, [1 / 2 + 4 / 5, 1 / 5 + 1 / 2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: linalg.least_squares(np.eye(2), [1, 2, 3]), r"b has length 3 but A \(2, 2\) has 2 rows"),
        (lambda: linalg.least_squares(np.eye(2), [1, 2], "magic"), "method must be one of qr, svd, normal"),
        (lambda: linalg.least_squares([[1, 1], [1, 1]], [1, 2]), r"has rank 1, so many .* method=\"svd\""),
        (lambda: linalg.least_squares(np.ones((1, 2)), [1], "normal"), "has rank 1"),
        (lambda: linalg.qr_householder(np.ones((1, 2))), r"A \(1, 2\) must have at least as many rows"),
        (lambda: linalg.ridge_path(np.eye(2), [1, 2], [0.0]), "weights must be above 0, got 0"),
        (lambda: linalg.ridge_path(np.eye(2), [1], [1.0]), "b has length 1"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
