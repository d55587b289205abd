"""Floats, orthogonality, eigenvalue algorithms, Krylov methods, the Poisson problem, sketches and blocks."""

import math
import struct

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import linalg as scipy_linalg
from scipy.fft import dstn, idstn
from scipy.sparse.linalg import LinearOperator
from scipy.sparse.linalg import gmres as scipy_gmres

from mmlhelpers import linalg

small = st.floats(-10, 10, allow_nan=False)


def symmetric_with(values, seed=0):
    """Return a symmetric matrix with given eigenvalues, and its eigenvectors."""
    n = len(values)
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n))).Q
    A = Q * np.asarray(values) @ Q.T
    return (A + A.T) / 2, Q


def star_matrix(m):
    """Write the Poisson matrix out."""
    one = 2 * np.eye(m) - np.eye(m, k=1) - np.eye(m, k=-1)
    return np.kron(one, np.eye(m)) + np.kron(np.eye(m), one)


# Floats


def test_minus_six_and_a_half_in_half_precision():
    assert linalg.float_parts(-6.5, np.float16) == ("1", "10001", "1010000000", -6.5, 2, 2.0**-8)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_fields_are_those_of_struct_and_give_the_number_back(value):
    parts = linalg.float_parts(value)
    packed = "".join(f"{byte:08b}" for byte in struct.pack(">d", value))
    assert parts.sign + parts.exponent + parts.fraction == packed
    lead = 0 if int(parts.exponent, 2) == 0 else 1
    significand = lead + int(parts.fraction, 2) / 2**52
    assert math.copysign(math.ldexp(significand, parts.power), value) == value
    assert parts.spacing == math.ulp(value)


def test_float_parts_refuses_what_no_float_can_hold():
    with pytest.raises(ValueError, match="within the range of float16"):
        linalg.float_parts(70000, np.float16)
    with pytest.raises(ValueError, match="value must be finite, got nan"):
        linalg.float_parts(np.nan)
    with pytest.raises(ValueError, match="dtype must be float16, float32 or float64, got int64"):
        linalg.float_parts(1, np.int64)


def test_a_compensated_sum_keeps_what_plain_addition_loses():
    x = np.full(100_000, 0.1, dtype=np.float32)
    exact = 100_000 * float(np.float32(0.1))
    assert abs(float(linalg.compensated_sum(x)) - exact) <= 2.0**-23 * exact
    assert abs(float(np.cumsum(x)[-1]) - exact) > 1e-5 * exact


@given(arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e6, 1e6)))
def test_a_compensated_sum_meets_its_bound(x):
    error = abs(float(linalg.compensated_sum(x)) - math.fsum(x))
    assert error <= (2 * 2.0**-53 + 3000 * 2.0**-106) * math.fsum(np.abs(x)) + 1e-300


def test_compensated_sum_wants_floats():
    with pytest.raises(ValueError, match="x must hold floating-point numbers, got int64"):
        linalg.compensated_sum(np.arange(3))


@given(
    arrays(float, (3, 3), elements=small), arrays(float, 3, elements=small), arrays(float, 3, elements=small)
)
def test_the_backward_error_is_reached_by_a_change_of_the_problem(A, x, b):
    assume(np.linalg.norm(x) > 1e-3 and np.linalg.norm(A, 2) > 1e-3 and np.linalg.norm(b) > 1e-3)
    eta, r = linalg.backward_error(A, x, b), b - A @ x
    size_A, size_b, size_x = np.linalg.norm(A, 2), np.linalg.norm(b), np.linalg.norm(x)
    scale = size_A * size_x + size_b
    E, e = np.outer(r, x) / size_x**2 * size_A * size_x / scale, -r * size_b / scale
    np.testing.assert_allclose((A + E) @ x, b + e, atol=1e-9)
    assert np.linalg.norm(E, 2) <= eta * size_A * (1 + 1e-9) + 1e-12
    assert np.linalg.norm(e) <= eta * size_b * (1 + 1e-9) + 1e-12


def test_backward_error_by_hand_and_its_complaints():
    assert linalg.backward_error([[3.0, 0], [0, 1]], [1, 0], [4, 0]) == pytest.approx(1 / 7)
    with pytest.raises(ValueError, match="do not fit together"):
        linalg.backward_error(np.eye(2), [1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="must not both be zero"):
        linalg.backward_error(np.eye(2), [0, 0], [0, 0])


# Orthogonality


@given(arrays(float, (6, 3), elements=small), st.integers(1, 2))
def test_classical_gram_schmidt_makes_the_factors_of_qr(A, passes):
    assume(np.linalg.cond(A) < 1e4)
    Q = linalg.classical_gram_schmidt(A, passes)
    np.testing.assert_allclose(Q.T @ Q, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(Q, linalg.gram_schmidt(A), atol=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 2e-229, 1e200, 1e307])
def test_orthonormal_columns_do_not_depend_on_the_unit_of_the_entries(scale):
    A = np.random.default_rng(0).normal(size=(6, 3))
    for method in (linalg.gram_schmidt, linalg.classical_gram_schmidt):
        np.testing.assert_allclose(method(scale * A), method(A), atol=1e-14)


def test_one_pass_loses_the_square_of_the_condition_and_two_nothing():
    n = 10
    U = np.linalg.qr(np.random.default_rng(1).normal(size=(20, n))).Q
    V = np.linalg.qr(np.random.default_rng(2).normal(size=(n, n))).Q
    A = U * np.geomspace(1, 1e-6, n) @ V.T
    loss = [np.linalg.norm(np.eye(n) - (Q := linalg.classical_gram_schmidt(A, k)).T @ Q) for k in (1, 2)]
    assert 1e-7 < loss[0] < 1e-2
    assert loss[1] < 1e-14


def test_classical_gram_schmidt_refuses_dependent_columns():
    with pytest.raises(ValueError, match="lacks full column rank"):
        linalg.classical_gram_schmidt(np.ones((3, 2)))
    with pytest.raises(ValueError, match="passes must be a whole number from 1"):
        linalg.classical_gram_schmidt(np.eye(2), 0)


# Eigenvalues


@given(arrays(float, (5, 5), elements=small))
def test_hessenberg_factors_give_the_matrix_back(A):
    Q, H = linalg.hessenberg(A)
    np.testing.assert_allclose(Q @ H @ Q.T, A, atol=1e-12)
    np.testing.assert_allclose(Q.T @ Q, np.eye(5), atol=1e-13)
    assert not np.tril(H, -2).any()


def test_hessenberg_form_of_a_symmetric_matrix_is_tridiagonal():
    A, _ = symmetric_with(np.arange(1.0, 9))
    np.testing.assert_allclose(np.triu(linalg.hessenberg(A).H, 2), 0, atol=1e-13)


def sorted_values(values):
    values = np.asarray(values, dtype=complex)
    return values[np.lexsort((-values.imag.round(6), -values.real.round(6)))]


@pytest.mark.parametrize("n", [1, 2, 3, 8, 30])
def test_the_qr_algorithm_agrees_with_lapack(n):
    A = np.random.default_rng(n).normal(size=(n, n))
    got = linalg.qr_algorithm(A)
    np.testing.assert_allclose(sorted_values(got.values), sorted_values(np.linalg.eigvals(A)), atol=1e-10)
    assert got.n_steps <= 5 * n


@pytest.mark.parametrize(
    ("A", "values"),
    [
        ([[0, 1], [-1, 0]], [1j, -1j]),
        (np.roll(np.eye(4), 1, axis=0), [1, 1j, -1j, -1]),  # stalls without shifts
        (np.zeros((3, 3)), [0, 0, 0]),
        (np.diag([3.0, 1, 2]), [3, 2, 1]),
        ([[2, 5, 7], [0, 2, 9], [0, 0, 1]], [2, 2, 1]),
    ],
)
def test_the_qr_algorithm_on_matrices_with_known_eigenvalues(A, values):
    np.testing.assert_allclose(sorted_values(linalg.qr_algorithm(A).values), values, atol=1e-12)


def test_the_qr_algorithm_says_when_its_steps_are_used_up():
    A = np.random.default_rng(0).normal(size=(6, 6))
    with pytest.raises(ValueError, match="within max_steps = 1 steps"):
        linalg.qr_algorithm(A, max_steps=1)


def test_rayleigh_iteration_triples_its_digits():
    A, Q = symmetric_with([1.0, 2, 3, 5, 8, 13])
    start = Q[:, 3] + 0.3 * Q[:, 1] + 0.2 * Q[:, 5]
    found = linalg.rayleigh_iteration(A, start)
    assert found.converged
    assert found.value == pytest.approx(5, abs=1e-12)
    sines = [np.linalg.norm(v - Q[:, 3] * (Q[:, 3] @ v)) for v in found.history]
    assert sines[2] < 20 * sines[1] ** 3 + 1e-14
    assert len(found.history) <= 6


@given(arrays(float, (4, 4), elements=small), st.integers(0, 3))
def test_rayleigh_iteration_ends_at_an_eigenvalue(A, place):
    A = A + A.T
    assume(np.abs(A).max() > 1e-3)
    found = linalg.rayleigh_iteration(A, np.eye(4)[place] + 0.1)
    assert not found.converged or np.abs(np.linalg.eigvalsh(A) - found.value).min() < 1e-10 * np.linalg.norm(
        A
    )


def test_rayleigh_iteration_wants_a_direction():
    with pytest.raises(ValueError, match="start must be a nonzero vector of length 2"):
        linalg.rayleigh_iteration(np.eye(2), [0, 0])


# Krylov methods


def test_arnoldi_factors_satisfy_their_relation():
    A, b = np.random.default_rng(3).normal(size=(12, 12)), np.arange(1.0, 13)
    Q, H = linalg.arnoldi(A, b, 7)
    np.testing.assert_allclose(A @ Q[:, :7], Q @ H, atol=1e-12)
    np.testing.assert_allclose(Q.T @ Q, np.eye(8), atol=1e-13)
    assert not np.tril(H, -2).any()


def test_arnoldi_stays_orthonormal_where_the_powers_are_nearly_dependent():
    Q, _ = linalg.arnoldi(np.diag(np.geomspace(1, 1e-8, 60)), np.ones(60), 25)
    np.testing.assert_allclose(Q.T @ Q, np.eye(26), atol=1e-13)


def test_arnoldi_stops_in_an_invariant_space():
    Q, H = linalg.arnoldi(np.diag([1.0, 1, 2, 3]), [1, 1, 1, 0], 4)
    assert Q.shape == (4, 2)
    assert H.shape == (2, 2)


def test_gmres_has_the_least_residual_of_the_krylov_space():
    rng = np.random.default_rng(4)
    A, b = rng.normal(size=(8, 8)) + 4 * np.eye(8), rng.normal(size=8)
    powers = np.column_stack([np.linalg.matrix_power(A, k) @ b for k in range(8)])
    norms = linalg.gmres(A, b, tolerance=0).residual_norms
    for k in range(1, 8):
        span = A @ powers[:, :k]
        best = np.linalg.norm(b - span @ np.linalg.lstsq(span, b)[0])
        assert norms[k] == pytest.approx(best, rel=1e-7, abs=1e-10)


def test_gmres_takes_as_many_steps_as_scipy():
    rng = np.random.default_rng(5)
    A, b, norms = np.eye(60) + rng.normal(size=(60, 60)) / 14, rng.normal(size=60), []
    ours = linalg.gmres(lambda v: A @ v, b, tolerance=1e-8)
    operator = LinearOperator((60, 60), matvec=lambda v: A @ v)
    theirs, info = scipy_gmres(
        operator, b, rtol=1e-8, restart=60, callback=norms.append, callback_type="pr_norm"
    )
    assert info == 0
    assert abs(ours.n_steps - len(norms)) <= 1
    np.testing.assert_allclose(ours.x, theirs, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(b - A @ ours.x), ours.residual_norms[-1], rtol=1e-4)


def test_gmres_waits_for_the_last_step_of_a_rotation_through_all_coordinates():
    solved = linalg.gmres(np.roll(np.eye(6), 1, axis=0), np.eye(6)[0])
    np.testing.assert_allclose(solved.residual_norms[:-1], 1)
    assert solved.n_steps == 6
    assert solved.converged


def test_gmres_admits_that_a_singular_system_has_no_solution():
    solved = linalg.gmres(np.diag([1.0, 0.0]), [1, 1])
    assert not solved.converged
    assert linalg.gmres(np.eye(3), [1, 2, 3], max_steps=0).n_steps == 0


@given(arrays(float, 6, elements=small, unique=True), st.integers(0, 5))
def test_lanczos_with_all_steps_finds_all_eigenvalues(values, seed):
    values = np.sort(values)[::-1]
    assume(np.diff(values).max() < -0.1)
    A, _ = symmetric_with(values, seed)
    np.testing.assert_allclose(linalg.lanczos(A, np.ones(6) + np.arange(6) ** 2, 6).values, values, atol=1e-6)


def test_lanczos_residuals_are_true_and_hold_an_eigenvalue():
    A, _ = symmetric_with(np.arange(40.0) ** 2)
    values, vectors, residuals = linalg.lanczos(A, np.ones(40), 12)
    true = np.linalg.norm(A @ vectors - vectors * values, axis=0)
    np.testing.assert_allclose(residuals, true, atol=1e-9)
    distance = np.abs(values[:, None] - np.arange(40.0) ** 2).min(axis=1)
    assert np.all(distance <= residuals + 1e-9)


def test_krylov_methods_name_the_argument_at_fault():
    with pytest.raises(ValueError, match="b must not be zero"):
        linalg.gmres(np.eye(2), [0, 0])
    with pytest.raises(ValueError, match=r"operator \(3, 3\) does not fit a vector of length 2"):
        linalg.arnoldi(np.eye(3), [1, 0], 1)
    with pytest.raises(ValueError, match=r"operator .* must be symmetric"):
        linalg.lanczos([[1, 2], [0, 1]], [1, 0], 1)
    with pytest.raises(ValueError, match="n_steps must be a whole number from 1 to 2"):
        linalg.lanczos(np.eye(2), [1, 0], 3)
    with pytest.raises(ValueError, match=r"operator must turn a vector of shape \(2,\)"):
        linalg.gmres(lambda v: v[:1], [1, 0])
    with pytest.raises(ValueError, match="what operator gives must be an array with real numbers"):
        linalg.gmres(lambda v: None, [1, 0])


# The Poisson problem


@pytest.mark.parametrize("m", [1, 2, 5])
def test_the_star_is_the_poisson_matrix(m):
    product = np.column_stack([linalg.poisson_multiply(e) for e in np.eye(m * m)])
    np.testing.assert_array_equal(product, star_matrix(m))


@pytest.mark.parametrize("m", [1, 4, 7, 31])
def test_sines_solve_the_poisson_problem(m):
    b = np.random.default_rng(m).normal(size=m * m)
    x = linalg.poisson_by_sines(b)
    np.testing.assert_allclose(linalg.poisson_multiply(x), b, atol=1e-11)
    one = 2 - 2 * np.cos(np.pi * np.arange(1, m + 1) / (m + 1))
    peer = idstn(dstn(b.reshape(m, m), type=1) / (one[:, None] + one), type=1)
    np.testing.assert_allclose(x, peer.ravel(), atol=1e-11)


def test_a_multigrid_cycle_is_symmetric_positive_and_nearly_the_inverse():
    M = np.column_stack([linalg.multigrid_cycle(e) for e in np.eye(49)])
    np.testing.assert_allclose(M, M.T, atol=1e-14)
    values = scipy_linalg.eigvals(M @ star_matrix(7)).real
    assert values.min() > 0.5
    assert values.max() < 1.001


@pytest.mark.parametrize("m", [31, 127])
def test_preconditioned_steps_do_not_grow_with_the_grid(m):
    b = np.ones(m * m)
    solved = linalg.conjugate_gradients(
        linalg.poisson_multiply, b, preconditioner=linalg.multigrid_cycle, tolerance=1e-8
    )
    assert solved.n_steps <= 12
    np.testing.assert_allclose(solved.x, linalg.poisson_by_sines(b), rtol=1e-6)


def test_poisson_functions_want_grids():
    with pytest.raises(ValueError, match="v must hold the values of a square grid, got 3"):
        linalg.poisson_multiply([1, 2, 3])
    with pytest.raises(ValueError, match="one less than a power of two, got 2"):
        linalg.multigrid_cycle(np.ones(4))


# Sketches


def test_the_trace_estimate_is_unbiased_and_has_the_stated_variance():
    A, _ = symmetric_with(np.arange(1.0, 21))
    draws = [
        linalg.estimate_trace(A, 20, np.random.default_rng(seed), n_probes=2).value for seed in range(4000)
    ]
    variance = 2 * (np.sum(A**2) - np.sum(np.diag(A) ** 2)) / 2
    assert abs(np.mean(draws) - 210) < 5 * math.sqrt(variance / 4000)
    assert np.var(draws, ddof=1) == pytest.approx(variance, rel=0.15)


def test_the_standard_error_of_a_trace_is_honest():
    A, _ = symmetric_with(np.arange(1.0, 21))
    estimates = [linalg.estimate_trace(A, 20, np.random.default_rng(s)) for s in range(300)]
    covered = [abs(e.value - 210) < 2 * e.standard_error for e in estimates]
    assert 0.88 < np.mean(covered) < 0.99


def test_trace_of_a_diagonal_matrix_is_exact_and_one_probe_is_too_few():
    assert linalg.estimate_trace(lambda v: 3 * v, 5, np.random.default_rng(0)) == (15.0, 0.0)
    with pytest.raises(ValueError, match="n_probes must be a whole number from 2"):
        linalg.estimate_trace(np.eye(2), 2, np.random.default_rng(0), n_probes=1)


def lost(v):
    """Multiply by zero, but by NaN where there is something to multiply."""
    return np.where(v == 0, v, np.nan)


def test_products_that_are_no_numbers_are_named():
    for operator in (lost, lambda v: np.nan * v):
        with pytest.raises(ValueError, match=r"operator (must give|gives must be) finite"):
            linalg.estimate_trace(operator, 2, np.random.default_rng(0))
        for method in (
            linalg.gmres,
            lambda f, b: linalg.arnoldi(f, b, 1),
            lambda f, b: linalg.lanczos(f, b, 1),
        ):
            with pytest.raises(ValueError, match=r"operator (must give|gives must be) finite"):
                method(operator, np.ones(2))


# Blocks

TABLE = np.random.default_rng(6).normal(size=(200, 6)) * np.geomspace(1, 1e-3, 6)
splits = st.lists(st.integers(1, 199), unique=True, max_size=6).map(sorted)


@given(splits)
def test_blocks_give_the_same_however_the_table_is_cut(cuts):
    blocks = np.split(TABLE, cuts)
    np.testing.assert_allclose(linalg.block_covariance(iter(blocks)), np.cov(TABLE.T, ddof=0), atol=1e-15)
    R = linalg.tsqr(iter(blocks))
    np.testing.assert_allclose(R.T @ R, TABLE.T @ TABLE, atol=1e-12)
    assert not np.tril(R, -1).any()
    assert np.all(np.diag(R) > 0)
    x = np.linalg.lstsq(TABLE[:, :5], TABLE[:, 5])[0]
    np.testing.assert_allclose(linalg.block_least_squares(iter(blocks)), x, atol=1e-12)


def test_block_covariance_bears_a_large_offset():
    x = 1e9 + np.array([[4.0], [7], [13], [16]])
    np.testing.assert_array_equal(linalg.block_covariance([x[:1], x[1:]]), [[22.5]])


def test_block_least_squares_does_not_square_the_condition():
    t = np.arange(2001.0, 2021.0)
    X = t[:, None] ** np.arange(3)
    table = np.column_stack([X, X @ [3.0, -2.0, 1.0]])
    found = linalg.block_least_squares([table[:10], table[10:]])
    assert np.linalg.norm(found - [3, -2, 1]) < 0.01


@pytest.mark.parametrize(("n_power", "least"), [(0, 0.9), (2, 0.9999)])
def test_block_svd_finds_the_leading_values(n_power, least):
    A = np.random.default_rng(7).normal(size=(300, 60)) * 0.8 ** np.arange(60)
    found = linalg.block_svd(np.split(A, 5), 8, np.random.default_rng(8), n_power=n_power)
    true = np.linalg.svd(A)
    ratio = found.sigma / true.S[:8]
    assert least < ratio.min()
    assert ratio.max() < 1 + 1e-12
    np.testing.assert_allclose(found.Vt @ found.Vt.T, np.eye(8), atol=1e-12)
    cosines = np.abs(np.sum(found.Vt * true.Vh[:8], axis=1))
    assert n_power == 0 or cosines.min() > 0.999


def test_blocks_are_refused_with_a_reason():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"blocks\[1\] has 3 columns but the first has 2"):
        linalg.tsqr([np.ones((2, 2)), np.ones((2, 3))])
    with pytest.raises(ValueError, match="blocks have 3 rows in all but 5 columns"):
        linalg.tsqr([np.ones((3, 5))])
    with pytest.raises(ValueError, match="at least one block"):
        linalg.block_covariance([])
    with pytest.raises(ValueError, match="linearly dependent features"):
        linalg.block_least_squares([np.ones((9, 3))])
    with pytest.raises(ValueError, match="not a generator"):
        linalg.block_svd(iter([TABLE]), 2, rng)
    with pytest.raises(ValueError, match="k must be a whole number from 1 to 6"):
        linalg.block_svd([TABLE], 7, rng)
