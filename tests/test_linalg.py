"""Each function of linalg: a value worked by hand, a law, an independent truth, and its errors."""

import numpy as np
import oracles
import pytest
import scipy.linalg
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from problems import GOLDEN, SINGULAR, SYMMETRIC

from mmlhelpers import linalg

# Whole numbers: ranks are exact, and no singular value is tiny without being zero.
whole = st.integers(-9, 9).map(float)
shapes = array_shapes(min_dims=2, max_dims=2, max_side=5)
matrices = arrays(float, shapes, elements=whole)
squares = st.integers(1, 5).flatmap(lambda n: arrays(float, (n, n), elements=whole))
symmetric = squares.map(lambda A: A + A.T)
singular_problems = pytest.mark.parametrize("problem", SINGULAR.values(), ids=SINGULAR.keys())
symmetric_problems = pytest.mark.parametrize(("A", "values"), SYMMETRIC.values(), ids=SYMMETRIC.keys())


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def significant(A):
    """Count the singular values that SciPy finds above its own threshold."""
    sigma = scipy.linalg.svdvals(A)
    return int(np.sum(sigma > max(A.shape) * np.finfo(float).eps * sigma[0]))


# Products and elimination


def test_matmul_of_two_by_two_worked_by_hand():
    np.testing.assert_array_equal(linalg.matmul_loops([[1, 2], [3, 4]], [[5], [6]]), [[17], [39]])


@given(matrices)
def test_matmul_turns_around_under_transposition(A):
    B = random(A.shape[1], 3)
    np.testing.assert_allclose(linalg.matmul_loops(A, B).T, linalg.matmul_loops(B.T, A.T), atol=1e-12)


def test_matmul_agrees_with_numpy():
    A, B = random(3, 4), random(4, 2, seed=1)
    np.testing.assert_allclose(linalg.matmul_loops(A, B), A @ B, atol=1e-14)


def test_matmul_names_both_shapes_when_they_disagree():
    with pytest.raises(ValueError, match=r"A \(1, 2\) has 2 columns but B \(3, 1\) has 3 rows"):
        linalg.matmul_loops([[1, 2]], [[1], [2], [3]])


def test_row_echelon_worked_by_hand():
    R, pivots = linalg.row_echelon([[1, 2, 1], [2, 4, 3], [3, 6, 4]])
    np.testing.assert_allclose(R, [[1, 2, 0], [0, 0, 1], [0, 0, 0]], atol=1e-15)
    assert pivots == (0, 2)


@given(matrices)
def test_row_echelon_agrees_with_exact_fractions(A):
    R, pivots = linalg.row_echelon(A)
    exact, exact_pivots = oracles.row_echelon_by_fractions(A)
    assert pivots == exact_pivots
    np.testing.assert_allclose(R, exact, atol=1e-10, rtol=1e-10)


@given(matrices)
def test_row_echelon_a_second_time_changes_nothing(A):
    once = linalg.row_echelon(A)
    twice = linalg.row_echelon(once.R)
    assert twice.pivots == once.pivots
    np.testing.assert_allclose(twice.R, once.R, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_row_echelon_does_not_depend_on_the_unit(scale):
    A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    assert linalg.row_echelon(scale * A).pivots == (0, 1)


def test_row_echelon_chooses_the_largest_pivot():
    A = np.array([[1e-12, 0.3], [0.6, 0.1]])  # dividing by 1e-12 first would cost twelve digits
    b = np.array([0.7, 0.9])
    R = linalg.row_echelon(np.column_stack([A, b])).R
    np.testing.assert_allclose(R[:, 2], scipy.linalg.solve(A, b), rtol=1e-13)


def test_lu_exchanges_rows_worked_by_hand():
    order, L, U = linalg.lu([[0, 1], [2, 4]])
    np.testing.assert_array_equal(order, [1, 0])
    np.testing.assert_array_equal(L, np.eye(2))
    np.testing.assert_array_equal(U, [[2, 4], [0, 1]])


@given(squares)
def test_lu_has_triangular_factors_that_give_the_matrix_back(A):
    order, L, U = linalg.lu(A)
    np.testing.assert_array_equal(L, np.tril(L))
    np.testing.assert_array_equal(U, np.triu(U))
    np.testing.assert_array_equal(np.diag(L), 1)
    assert np.abs(L).max() <= 1
    np.testing.assert_allclose(L @ U, A[order], atol=1e-12)


def test_lu_agrees_with_scipy():
    A = random(6, 6)
    order, L, U = linalg.lu(A)
    packed, _ = scipy.linalg.lu_factor(A)  # L below the diagonal, U above
    np.testing.assert_allclose(L, np.tril(packed, -1) + np.eye(6), atol=1e-12)
    np.testing.assert_allclose(U, np.triu(packed), atol=1e-12)
    np.testing.assert_allclose(A[order], L @ U, atol=1e-14)


def test_solve_worked_by_hand_needs_an_exchange():
    np.testing.assert_allclose(linalg.solve([[0, 2], [3, 1]], [4, 5]), [1, 2], atol=1e-15)


@given(squares)
def test_solve_finds_what_was_multiplied(A):
    assume(significant(A) == len(A))
    x = np.arange(1.0, len(A) + 1)
    np.testing.assert_allclose(linalg.solve(A, A @ x), x, rtol=1e-7)  # condition numbers reach 1e6


def test_solve_and_inverse_agree_with_scipy():
    A, b = random(7, 7), random(7, seed=1)
    np.testing.assert_allclose(linalg.solve(A, b), scipy.linalg.solve(A, b), rtol=1e-10)
    np.testing.assert_allclose(linalg.inverse(A), scipy.linalg.inv(A), rtol=1e-10)


def test_solve_loses_no_more_digits_than_the_condition_number_allows():
    A = scipy.linalg.hilbert(8)
    error = np.abs(linalg.solve(A, A @ np.ones(8)) - 1).max()
    assert error < 10 * np.linalg.cond(A) * np.finfo(float).eps


@pytest.mark.parametrize("unusable", [linalg.inverse, lambda A: linalg.solve(A, [1.0, 1.0, 1.0])])
@pytest.mark.parametrize("A", [np.arange(1.0, 10.0).reshape(3, 3), 1e-9 * np.arange(9.0).reshape(3, 3)])
def test_singular_systems_are_refused_with_the_column_at_fault(unusable, A):
    with pytest.raises(ValueError, match=r"A \(3, 3\) is singular .* no pivot in column 2"):
        unusable(A)


def test_solve_names_the_sizes_that_disagree():
    with pytest.raises(ValueError, match=r"b has length 3 but A \(2, 2\) has 2 rows"):
        linalg.solve(np.eye(2), [1, 2, 3])


def test_inverse_worked_by_hand():
    np.testing.assert_allclose(linalg.inverse([[2, 1], [5, 3]]), [[3, -1], [-5, 2]], atol=1e-14)


@given(squares)
def test_inverse_undoes_from_either_side(A):
    assume(significant(A) == len(A) and np.linalg.cond(A) < 1e4)
    np.testing.assert_allclose(linalg.inverse(A) @ A, np.eye(len(A)), atol=1e-10)
    np.testing.assert_allclose(A @ linalg.inverse(A), np.eye(len(A)), atol=1e-10)


def test_determinant_worked_by_hand():
    assert linalg.determinant([[3]]) == 3
    assert linalg.determinant([[1, 2], [3, 4]]) == pytest.approx(-2, abs=1e-14)
    assert linalg.determinant([[0, 0, 1], [1, 0, 0], [0, 1, 0]]) == 1


@given(squares)
def test_determinant_agrees_with_the_sum_over_permutations(A):
    bound = np.prod(np.linalg.norm(A, axis=1))
    assert linalg.determinant(A) == pytest.approx(oracles.determinant_by_permutations(A), abs=1e-13 * bound)


@given(squares)
def test_determinant_changes_sign_with_an_exchange_of_rows(A):
    assume(len(A) > 1)
    bound = np.prod(np.linalg.norm(A, axis=1))
    swapped = A[[1, 0, *range(2, len(A))]]
    assert linalg.determinant(swapped) == pytest.approx(-linalg.determinant(A), abs=1e-13 * bound)


def test_determinant_near_zero_is_no_sign_of_a_singular_matrix():
    assert linalg.determinant(0.1 * np.eye(100)) == pytest.approx(1e-100)
    assert linalg.condition_number(0.1 * np.eye(100)) == pytest.approx(1)


# Rank, subspaces, projections


@singular_problems
def test_rank_counts_the_singular_values_known_on_paper(problem):
    assert linalg.rank(problem.A) == np.count_nonzero(problem.sigma)


@given(matrices)
def test_rank_agrees_with_exact_fractions_and_with_the_transpose(A):
    r = linalg.rank(A)
    assert r == len(oracles.row_echelon_by_fractions(A)[1])
    assert r == linalg.rank(A.T)


def test_rank_with_a_tolerance_ignores_noise():
    noisy = np.outer([1, 2, 3], [1, 1]) + 1e-3 * random(3, 2)
    assert linalg.rank(noisy) == 2
    assert linalg.rank(noisy, tolerance=0.01) == 1
    assert linalg.rank(np.eye(2), tolerance=0) == 2


def test_rank_refuses_a_negative_tolerance():
    with pytest.raises(ValueError, match="tolerance must not be negative"):
        linalg.rank(np.eye(2), tolerance=-1)


def test_null_space_of_a_plane_worked_by_hand():
    np.testing.assert_allclose(linalg.null_space([[1, 1, 0], [0, 1, 1]]), np.array([[1], [-1], [1]]) / 3**0.5)


@given(matrices)
def test_null_space_is_sent_to_zero_and_fills_up_the_dimension(A):
    N = linalg.null_space(A)
    assert N.shape == (A.shape[1], A.shape[1] - linalg.rank(A))
    np.testing.assert_allclose(A @ N, 0, atol=1e-12 * max(1, np.linalg.norm(A)))
    oracles.assert_orthonormal(N)


@singular_problems
def test_subspaces_agree_with_scipy(problem):
    found = linalg.four_subspaces(problem.A)
    oracles.assert_same_span(found.null, scipy.linalg.null_space(problem.A))
    oracles.assert_same_span(found.left_null, scipy.linalg.null_space(problem.A.T))
    oracles.assert_same_span(found.column, scipy.linalg.orth(problem.A))
    oracles.assert_same_span(found.row, scipy.linalg.orth(problem.A.T))


@given(matrices)
def test_subspaces_split_inputs_and_outputs_at_right_angles(A):
    found = linalg.four_subspaces(A)
    oracles.assert_orthonormal(np.hstack([found.column, found.left_null]))
    oracles.assert_orthonormal(np.hstack([found.row, found.null]))
    np.testing.assert_allclose(found.left_null.T @ A, 0, atol=1e-12 * max(1, np.linalg.norm(A)))


def test_subspaces_have_a_fixed_sign():
    found = linalg.four_subspaces([[-1.0, -2.0]])
    np.testing.assert_allclose(found.column, [[1.0]])
    np.testing.assert_allclose(found.row[:, 0], np.array([1, 2]) / 5**0.5)
    np.testing.assert_allclose(found.null[:, 0], np.array([2, -1]) / 5**0.5)


def test_gram_schmidt_worked_by_hand():
    Q = linalg.gram_schmidt([[3, 1], [4, 7]])
    np.testing.assert_allclose(Q, [[0.6, -0.8], [0.8, 0.6]], atol=1e-15)


@given(matrices)
def test_gram_schmidt_keeps_every_leading_span(A):
    assume(significant(A) == A.shape[1])
    Q = linalg.gram_schmidt(A)
    oracles.assert_orthonormal(Q)
    R = Q.T @ A
    np.testing.assert_allclose(R, np.triu(R), atol=1e-10)
    np.testing.assert_allclose(Q @ R, A, atol=1e-10)
    assert (np.diag(R) > 0).all()


def test_gram_schmidt_agrees_with_householder():
    A = random(6, 4)
    Q, R = scipy.linalg.qr(A, mode="economic")
    np.testing.assert_allclose(linalg.gram_schmidt(A), Q * np.sign(np.diag(R)), atol=1e-10)


def test_gram_schmidt_loses_orthogonality_only_with_the_condition_number():
    A = SINGULAR["lauchli"].A  # the classical form would leave an error of about 0.5
    Q = linalg.gram_schmidt(A)
    assert np.abs(Q.T @ Q - np.eye(3)).max() < 10 * np.linalg.cond(A) * np.finfo(float).eps


@pytest.mark.parametrize("function", [linalg.gram_schmidt, linalg.projection_matrix])
@pytest.mark.parametrize(
    "A", [np.ones((2, 2)), np.ones((1, 2)), np.zeros((2, 1)), np.outer([1, 2, 3], [0.1, 0.3])]
)
def test_bases_of_dependent_columns_are_refused(function, A):
    with pytest.raises(ValueError, match=r"\(\d, \d\) lacks full column rank: its columns span only [01]"):
        function(A)


def test_project_worked_by_hand():
    np.testing.assert_array_equal(linalg.project([3.0, 4.0], [[1.0], [0.0]]), [3.0, 0.0])
    np.testing.assert_allclose(linalg.project([3, 4], [[2], [1]]), [4, 2], atol=1e-15)


@given(arrays(float, 5, elements=whole), arrays(float, (5, 2), elements=whole))
def test_project_residual_is_orthogonal_and_second_time_changes_nothing(x, B):
    assume(significant(B) == 2)
    p = linalg.project(x, B)
    np.testing.assert_allclose(B.T @ (x - p), 0, atol=1e-10)
    np.testing.assert_allclose(linalg.project(p, B), p, atol=1e-10)
    assert x @ x == pytest.approx(p @ p + (x - p) @ (x - p), abs=1e-10)


def test_project_agrees_with_least_squares():
    x, B = random(6), random(6, 3, seed=1)
    np.testing.assert_allclose(linalg.project(x, B), B @ scipy.linalg.lstsq(B, x)[0], atol=1e-12)


def test_project_survives_a_basis_whose_gram_matrix_is_singular():
    B = SINGULAR["lauchli"].A * [1, 1, 1]
    x = B @ [1.0, 2.0, 3.0]
    np.testing.assert_allclose(linalg.project(x, B), x, rtol=1e-10)


def test_project_names_the_argument_at_fault():
    with pytest.raises(ValueError, match=r"B \(2, 2\) lacks full column rank"):
        linalg.project([1.0, 2.0], [[1.0, 2.0], [1.0, 2.0]])
    with pytest.raises(ValueError, match="x has length 3 but B has 2 rows"):
        linalg.project([1.0, 2.0, 3.0], [[1.0], [2.0]])


def test_projection_matrix_worked_by_hand():
    np.testing.assert_allclose(linalg.projection_matrix([[2], [1]]), [[0.8, 0.4], [0.4, 0.2]], atol=1e-15)


@given(matrices)
def test_projection_matrix_is_symmetric_idempotent_and_has_the_rank_as_trace(B):
    assume(significant(B) == B.shape[1])
    P = linalg.projection_matrix(B)
    np.testing.assert_allclose(P, P.T, atol=1e-14)
    np.testing.assert_allclose(P @ P, P, atol=1e-12)
    assert np.trace(P) == pytest.approx(B.shape[1], abs=1e-12)


def test_projection_matrix_agrees_with_the_normal_equations():
    B = random(5, 2)
    expected = B @ scipy.linalg.solve(B.T @ B, B.T)
    np.testing.assert_allclose(linalg.projection_matrix(B), expected, atol=1e-12)


# Eigenvalues and singular values


@pytest.mark.parametrize("method", [linalg.eigh, linalg.eigh_jacobi])
@symmetric_problems
def test_eigenvalues_are_those_known_on_paper(method, A, values):
    found = method(A)
    np.testing.assert_allclose(found.values, values, atol=1e-13 * max(1, np.abs(A).max()))
    np.testing.assert_allclose(A @ found.vectors, found.vectors * found.values, atol=1e-13 * max(1, A.max()))
    oracles.assert_orthonormal(found.vectors)


@pytest.mark.parametrize("method", [linalg.eigh, linalg.eigh_jacobi])
@given(A=symmetric)
def test_eigenvectors_rebuild_the_matrix_in_descending_order_with_fixed_signs(method, A):
    found = method(A)
    np.testing.assert_allclose((found.vectors * found.values) @ found.vectors.T, A, atol=1e-11)
    oracles.assert_orthonormal(found.vectors)
    assert (np.diff(found.values) <= 0).all()
    largest = found.vectors[np.abs(found.vectors).argmax(axis=0), np.arange(len(A))]
    tied = (np.abs(found.vectors) > np.abs(largest) * (1 - 2e-6)).sum(axis=0) > 1
    assert ((largest > 0) | tied).all()


def test_jacobi_agrees_with_lapack():
    A = random(12, 12)
    ours, lapack = linalg.eigh_jacobi(A + A.T), linalg.eigh(A + A.T)
    assert ours.converged
    np.testing.assert_allclose(ours.values, lapack.values, atol=1e-10)
    np.testing.assert_allclose(ours.vectors, lapack.vectors, atol=1e-10)


def test_jacobi_squares_its_error_from_sweep_to_sweep_at_the_end():
    A = np.diag([1.0, 2.0, 3.0, 4.0]) + 1e-2 * np.ones((4, 4))
    history = linalg.eigh_jacobi(A).history
    before, after = history[0], history[1]
    assert after < before**2 * 10


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_jacobi_methods_survive_entries_whose_squares_do_not_exist(scale):
    A = scale * np.array([[2.0, 1.0], [1.0, 2.0]])
    np.testing.assert_allclose(linalg.eigh_jacobi(A).values / scale, [3, 1], rtol=1e-14)
    np.testing.assert_allclose(linalg.svd_jacobi(A).sigma / scale, [3, 1], rtol=1e-14)


def test_jacobi_says_when_it_was_stopped_early():
    result = linalg.eigh_jacobi(SYMMETRIC["second differences"][0], max_sweeps=1)
    assert not result.converged
    assert len(result.history) == 2


def test_tied_entries_let_the_first_decide_the_sign_whatever_rounding_says():
    for noise in (1e-12, -1e-12):
        vector = linalg.eigh([[2.0, -1.0], [-1.0, 2.0 + noise]]).vectors[:, 0]
        np.testing.assert_allclose(vector, np.array([1, -1]) / 2**0.5, atol=1e-6)


@pytest.mark.parametrize("method", [linalg.eigh, linalg.eigh_jacobi])
def test_eigenvalues_of_what_is_not_symmetric_are_refused(method):
    with pytest.raises(
        ValueError, match=r"A \(2, 2\) must be symmetric, got A\[0, 1\] = 1 but A\[1, 0\] = 0"
    ):
        method([[1, 1], [0, 1]])


@singular_problems
def test_singular_values_are_those_known_on_paper(problem):
    atol = 1e-14 * max(1e-12, problem.sigma[0])
    np.testing.assert_allclose(linalg.svd(problem.A).sigma, problem.sigma, rtol=1e-10, atol=atol)


@singular_problems
def test_one_sided_jacobi_finds_the_singular_values_that_are_not_zero(problem):
    found = linalg.svd_jacobi(problem.A)
    assert found.converged
    wanted = [s for s in problem.sigma if s > 0]
    np.testing.assert_allclose(found.sigma, wanted, rtol=1e-10, atol=1e-14 * problem.sigma[0])


@pytest.mark.parametrize("method", [linalg.svd, linalg.svd_jacobi])
@given(A=matrices)
def test_svd_rebuilds_the_matrix_from_orthonormal_factors_with_fixed_signs(method, A):
    U, sigma, Vt, *_ = method(A)
    oracles.assert_orthonormal(U)
    oracles.assert_orthonormal(Vt.T)
    np.testing.assert_allclose((U * sigma) @ Vt, A, atol=1e-11)
    assert (np.diff(sigma) <= 0).all()
    assert (sigma >= 0).all()
    assert (Vt.max(axis=1, initial=0) >= (1 - 2e-6) * -Vt.min(axis=1, initial=0)).all()


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5)])
def test_one_sided_jacobi_agrees_with_lapack(shape):
    ours, lapack = linalg.svd_jacobi(random(*shape)), linalg.svd(random(*shape))
    for name in ("U", "sigma", "Vt"):
        np.testing.assert_allclose(getattr(ours, name), getattr(lapack, name), atol=1e-10)


def test_one_sided_jacobi_says_when_it_was_stopped_early():
    result = linalg.svd_jacobi(random(6, 6), max_sweeps=1)
    assert not result.converged
    assert len(result.history) == 1


def test_one_sided_jacobi_does_not_square_the_condition_number():
    A = np.array([[1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]])  # 1 + 1e-18 rounds to 1 in the Gram matrix
    np.testing.assert_allclose(linalg.svd_jacobi(A).sigma, [2**0.5, 1e-9], rtol=1e-6)


def test_power_iteration_worked_by_hand():
    result = linalg.power_iteration([[2, 1], [1, 2]], start=[1, 0])
    assert result.converged
    assert result.value == pytest.approx(3, abs=1e-10)
    np.testing.assert_allclose(result.vector, np.array([1, 1]) / 2**0.5, atol=1e-9)
    np.testing.assert_allclose(result.history[:2], [[1, 0], np.array([2, 1]) / 5**0.5], atol=1e-15)


@given(symmetric)
def test_power_iteration_ends_near_an_eigenvalue_when_it_says_so(A):
    result = linalg.power_iteration(A)
    nearest = np.abs(np.linalg.eigvalsh(A) - result.value).min()
    assert not result.converged or nearest <= 1e-9 * max(1, np.linalg.norm(A))
    np.testing.assert_allclose(np.linalg.norm(result.history, axis=1), 1)


def test_power_iteration_stops_at_the_first_vector_that_meets_the_tolerance():
    A = np.diag([1.0, 0.8])
    points = linalg.power_iteration(A, start=[1, 1], tolerance=1e-5).history.T
    residuals = np.linalg.norm(A @ points - np.sum(points * (A @ points), axis=0) * points, axis=0)
    meets = residuals <= 1e-5 * np.linalg.norm(A @ points, axis=0)
    assert meets[-1]
    assert not meets[:-1].any()


def test_power_iteration_gains_the_ratio_of_eigenvalues_a_step():
    A = np.diag([1.0, 0.8])
    points = linalg.power_iteration(A, start=[1, 1]).history
    slopes = points[:, 1] / points[:, 0]
    np.testing.assert_allclose(slopes[1:] / slopes[:-1], 0.8, rtol=1e-10)


@pytest.mark.parametrize("A", [SYMMETRIC["second differences"][0], random(6, 6) + 6 * np.ones((6, 6))])
def test_power_iteration_agrees_with_scipy_on_the_largest_eigenvalue(A):
    values = scipy.linalg.eigvals(A)
    result = linalg.power_iteration(A)
    assert result.value == pytest.approx(values[np.abs(values).argmax()].real, rel=1e-8)


@pytest.mark.parametrize("A", [[[0, -1], [1, 0]], [[1, 0], [0, -1]]])
def test_power_iteration_says_that_two_eigenvalues_of_one_size_keep_it_turning(A):
    result = linalg.power_iteration(A, max_steps=50)
    assert not result.converged
    assert result.history.shape == (51, 2)


def test_power_iteration_accepts_a_matrix_that_sends_the_start_to_zero():
    result = linalg.power_iteration([[0, 1], [0, 0]], start=[1, 0])
    assert result.converged
    assert result.value == 0


@pytest.mark.parametrize("start", [[0, 0], [1, 2, 3]])
def test_power_iteration_refuses_a_start_that_leads_nowhere(start):
    with pytest.raises(ValueError, match="start must be a nonzero vector of length 2"):
        linalg.power_iteration(np.eye(2), start=start)


# Low rank


def test_low_rank_worked_by_hand():
    np.testing.assert_allclose(linalg.low_rank([[2, 2], [1, 1]], 1), [[2, 2], [1, 1]], atol=1e-15)
    np.testing.assert_allclose(linalg.low_rank(np.diag([1, 3, 2]), 2), np.diag([0, 3, 2]), atol=1e-15)
    np.testing.assert_array_equal(linalg.low_rank([[1, 2]], 0), [[0, 0]])


@given(matrices, st.data())
def test_low_rank_error_is_what_eckart_and_young_say(A, data):
    k = data.draw(st.integers(0, min(A.shape)))
    rest = A - linalg.low_rank(A, k)
    left_out = scipy.linalg.svdvals(A)[k:]
    assert np.linalg.norm(rest) == pytest.approx(np.linalg.norm(left_out), abs=1e-11)
    assert np.linalg.norm(rest, 2) == pytest.approx(left_out.max(initial=0), abs=1e-11)
    assert linalg.rank(A - rest, tolerance=1e-10) <= k


def test_low_rank_beats_random_matrices_of_the_same_rank():
    A, k = random(5, 4), 2
    best = np.linalg.norm(A - linalg.low_rank(A, k))
    for seed in range(50):
        B = random(5, k, seed=seed)
        fitted = B @ scipy.linalg.lstsq(B, A)[0]  # the best with this column space
        assert np.linalg.norm(A - fitted) > best


@pytest.mark.parametrize("k", [-1, 3, 1.5])
def test_low_rank_refuses_a_rank_out_of_range(k):
    with pytest.raises(ValueError, match="k must be a whole number from 0 to 2, got"):
        linalg.low_rank(np.ones((2, 3)), k)


def test_pseudoinverse_worked_by_hand():
    np.testing.assert_allclose(linalg.pseudoinverse([[1], [2]]), [[0.2, 0.4]], atol=1e-15)
    np.testing.assert_array_equal(linalg.pseudoinverse(np.zeros((2, 3))), np.zeros((3, 2)))


@given(matrices)
def test_pseudoinverse_meets_the_four_conditions_of_penrose(A):
    P = linalg.pseudoinverse(A)
    np.testing.assert_allclose(A @ P @ A, A, atol=1e-9)
    np.testing.assert_allclose(P @ A @ P, P, atol=1e-9 * max(1, np.abs(P).max()))
    np.testing.assert_allclose(A @ P, (A @ P).T, atol=1e-9)
    np.testing.assert_allclose(P @ A, (P @ A).T, atol=1e-9)


@singular_problems
def test_pseudoinverse_agrees_with_scipy(problem):
    ours, scipys = linalg.pseudoinverse(problem.A), scipy.linalg.pinv(problem.A)
    np.testing.assert_allclose(ours, scipys, atol=1e-10 * max(1e-12, np.abs(scipys).max()))


def test_pseudoinverse_with_a_tolerance_leaves_noise_out():
    A = np.diag([1.0, 1e-6])
    np.testing.assert_allclose(linalg.pseudoinverse(A, tolerance=1e-3), np.diag([1.0, 0.0]))
    np.testing.assert_allclose(linalg.pseudoinverse(A), np.diag([1.0, 1e6]))
    with pytest.raises(ValueError, match="tolerance must not be negative"):
        linalg.pseudoinverse(A, tolerance=-1)


def test_condition_number_worked_by_hand():
    assert linalg.condition_number([[1, 1], [0, 1]]) == pytest.approx(GOLDEN**2)
    assert linalg.condition_number([[3, 4]]) == 1
    assert linalg.condition_number(np.ones((2, 2))) == np.inf
    assert linalg.condition_number(np.zeros((2, 2))) == np.inf


@given(squares)
def test_condition_number_knows_no_unit_and_is_that_of_the_inverse(A):
    assume(significant(A) == len(A))
    kappa = linalg.condition_number(A)
    assert kappa >= 1
    assert linalg.condition_number(1000 * A) == pytest.approx(kappa, rel=1e-9)
    assert linalg.condition_number(linalg.inverse(A)) == pytest.approx(kappa, rel=1e-6)


def test_condition_number_agrees_with_numpy_until_no_digit_is_left():
    assert linalg.condition_number(scipy.linalg.hilbert(6)) == pytest.approx(
        np.linalg.cond(scipy.linalg.hilbert(6)), rel=1e-8
    )
    assert linalg.condition_number(scipy.linalg.hilbert(14)) == np.inf


def test_completion_of_rank_one_worked_by_hand():
    result = linalg.complete_low_rank([[1, 2], [2, np.nan]], [[True, True], [True, False]], 1, tolerance=1e-9)
    assert result.converged
    np.testing.assert_allclose(result.filled, [[1, 2], [2, 4]], atol=1e-6)


@pytest.mark.parametrize("k", [1, 2])
def test_completion_recovers_a_matrix_of_low_rank(k):
    truth = random(12, k) @ random(k, 10, seed=1)
    known = np.random.default_rng(2).random(truth.shape) < 0.8
    result = linalg.complete_low_rank(np.where(known, truth, np.nan), known, k, 5000, tolerance=1e-12)
    assert result.converged
    np.testing.assert_allclose(result.filled, truth, atol=1e-8)


@given(st.integers(0, 1000))
def test_completion_keeps_what_is_known_and_its_error_never_grows(seed):
    R, known = random(5, 4, seed=seed), np.eye(5, 4) + random(5, 4, seed=seed + 1) > 0
    assume(known.any(axis=0).all() and known.any(axis=1).all())
    result = linalg.complete_low_rank(R, known, 1, n_steps=40)
    np.testing.assert_array_equal(result.filled[known], R[known])
    assert (np.diff(result.history) <= 1e-12).all()
    assert len(result.history) <= 40


def test_completion_stops_at_the_first_step_that_meets_the_tolerance():
    R, known = random(6, 5), np.random.default_rng(1).random((6, 5)) < 0.7
    n_steps = len(linalg.complete_low_rank(R, known, 1, tolerance=1e-4).history)
    last, before, earlier = (
        linalg.complete_low_rank(R, known, 1, n_steps - back, tolerance=0).filled for back in (0, 1, 2)
    )
    assert np.linalg.norm(last - before) <= 1e-4 * np.linalg.norm(last)
    assert np.linalg.norm(before - earlier) > 1e-4 * np.linalg.norm(before)


def test_completion_of_a_fully_known_matrix_is_the_best_approximation_in_one_step():
    A = random(4, 3)
    result = linalg.complete_low_rank(A, np.ones((4, 3), dtype=bool), 1)
    assert result.converged
    np.testing.assert_array_equal(result.filled, A)
    expected = np.linalg.norm(A - linalg.low_rank(A, 1)) / np.sqrt(12)
    np.testing.assert_allclose(result.history, [expected])


@pytest.mark.parametrize(
    ("R", "known", "k", "message"),
    [
        (np.ones((2, 2)), [[1, 1], [1, 0]], 1, r"known must be True or False in shape \(2, 2\), got int64"),
        (np.ones((2, 2)), [[True, True]], 1, r"got bool in shape \(1, 2\)"),
        (np.ones((2, 2)), [[True, True], [False, False]], 1, "got none in row 1"),
        (np.ones((2, 2)), [[True, False], [True, False]], 1, "got none in column 1"),
        (np.full((2, 2), np.nan), np.ones((2, 2), dtype=bool), 1, "R must be finite"),
        (np.ones((2, 2)), np.ones((2, 2), dtype=bool), 0, "k must be a whole number from 1 to 2"),
    ],
)
def test_completion_names_the_argument_at_fault(R, known, k, message):
    with pytest.raises(ValueError, match=message):
        linalg.complete_low_rank(R, known, k)


# All of them


@pytest.mark.parametrize(
    "function",
    [
        lambda A: linalg.matmul_loops(A, A),
        linalg.row_echelon,
        linalg.lu,
        lambda A: linalg.solve(A, [1.0, 2.0]),
        linalg.inverse,
        linalg.determinant,
        linalg.rank,
        linalg.null_space,
        linalg.four_subspaces,
        linalg.gram_schmidt,
        linalg.projection_matrix,
        linalg.eigh,
        linalg.svd,
        linalg.power_iteration,
        linalg.eigh_jacobi,
        linalg.svd_jacobi,
        lambda A: linalg.low_rank(A, 1),
        linalg.pseudoinverse,
        linalg.condition_number,
    ],
)
@pytest.mark.parametrize(
    "bad", [[1.0, 2.0], np.ones((0, 2)), [[np.nan, 0], [0, 1]], [[np.inf, 0], [0, 1]], [["a"]]]
)
def test_bad_input_is_refused_by_name_everywhere(function, bad):
    with pytest.raises(ValueError, match=r"^[AB] must be"):
        function(bad)


def test_arguments_are_never_changed():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    before, known = A.copy(), np.array([[True, True], [True, False]])
    for function in (
        linalg.row_echelon,
        linalg.lu,
        linalg.gram_schmidt,
        linalg.eigh_jacobi,
        linalg.svd_jacobi,
    ):
        function(A)
    linalg.complete_low_rank(A, known, 1)
    linalg.power_iteration(A, start=A[0])
    np.testing.assert_array_equal(A, before)
