"""What linear algebra calls converged is so in exact arithmetic; and no unit of the data spoils an answer."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import dot, exact

from mmlhelpers import linalg

few = settings(derandomize=True, database=None, deadline=None, max_examples=40)
UNITS = [2.0**p for p in (-1000, -700, -500, -300, -30, 0, 30, 300, 500, 700, 1000)]
EPSILON = float(np.finfo(float).eps)


def fractions(table):
    table = np.asarray(table, dtype=float)
    return [fractions(row) for row in table] if table.ndim > 1 else [Fraction(v) for v in table.tolist()]


def residual(A, x, b):
    """Subtract the product from `b` without rounding."""
    x = fractions(x)
    return [v - dot(row, x) for row, v in zip(fractions(A), fractions(b), strict=True)]


def square(v):
    return dot(v, v)


def spread_out(rng, n, condition):
    """Make a symmetric matrix with eigenvalues from 1 to the condition."""
    Q = np.linalg.qr(rng.normal(size=(n, n))).Q
    A = Q @ np.diag(np.geomspace(1, condition, n)) @ Q.T
    return (A + A.T) / 2


# What is called converged


seeds = st.integers(0, 10**6)
exponents = st.sampled_from([-1000, -600, -300, -30, 0, 30, 300, 600, 990])
tolerances = st.sampled_from([1e-3, 1e-8, 1e-12])


@pytest.mark.proves("linalg.iterative.conjugate_gradients")
@few
@given(seeds, exponents, st.sampled_from([1e1, 1e6, 1e12]), tolerances)
def test_conjugate_gradients_converged_where_the_exact_residual_is_small(seed, e, condition, tolerance):
    rng = np.random.default_rng(seed)
    A, b = spread_out(rng, 6, condition), 2.0**e * rng.normal(size=6)
    solved = linalg.conjugate_gradients(A, b, tolerance=tolerance)
    limit = Fraction(tolerance) * (1 + Fraction(1, 10**4))
    is_small = square(residual(A, solved.x, b)) <= limit**2 * square(fractions(b))
    assert is_small or not solved.converged
    assert solved.converged or condition * EPSILON > tolerance / 1e3


@pytest.mark.proves("linalg.krylov.gmres")
@few
@given(seeds, exponents, st.sampled_from([1e1, 1e6, 1e12]), tolerances)
def test_gmres_converged_where_the_exact_residual_is_small(seed, e, condition, tolerance):
    rng = np.random.default_rng(seed)
    A = spread_out(rng, 6, condition) @ np.linalg.qr(rng.normal(size=(6, 6))).Q
    b = 2.0**e * rng.normal(size=6)
    solved = linalg.gmres(A, b, tolerance=tolerance)
    limit = Fraction(tolerance) * (1 + Fraction(1, 10**3))
    is_small = square(residual(A, solved.x, b)) <= limit**2 * square(fractions(b))
    assert is_small or not solved.converged
    assert solved.converged or condition * EPSILON > tolerance / 1e3


def test_a_residual_that_only_the_recurrence_thinks_small_is_no_convergence():
    hilbert = 1 / (np.arange(12)[:, None] + np.arange(12) + 1)
    for solve in (linalg.conjugate_gradients, linalg.gmres):
        solved = solve(hilbert, np.ones(12), tolerance=1e-13)
        far = square(residual(hilbert, solved.x, np.ones(12))) > Fraction(1, 10**24)
        assert far
        assert not solved.converged
        assert solved.residual_norms[-1] > 1e-13


@pytest.mark.proves("linalg.spectral.power_iteration")
@few
@given(seeds, exponents, tolerances)
def test_power_iteration_converged_where_the_exact_residual_is_small(seed, e, tolerance):
    A = np.random.default_rng(seed).normal(size=(4, 4)) + np.diag([8.0, 3.0, 0.0, 0.0])
    found = linalg.power_iteration(2.0**e * A, tolerance=tolerance)
    assert_eigenpair(found, A, e, Fraction(tolerance) ** 2 * square(image(A, found.vector)))


@pytest.mark.proves("linalg.eigen_algorithms.rayleigh_iteration")
@few
@given(seeds, exponents, tolerances)
def test_rayleigh_iteration_converged_where_the_exact_residual_is_small(seed, e, tolerance):
    rng = np.random.default_rng(seed)
    A = spread_out(rng, 5, 100.0)
    found = linalg.rayleigh_iteration(2.0**e * A, rng.normal(size=5) * 2.0**-e, tolerance=tolerance)
    assert_eigenpair(found, A, e, Fraction(tolerance) ** 2 * square(fractions(A.ravel())))


def image(A, v):
    v = fractions(v)
    return [dot(row, v) for row in fractions(A)]


def assert_eigenpair(found, A, e, limit):
    """Hold the residual of a pair that was called converged against a limit, with room for rounding."""
    v, value = fractions(found.vector), Fraction(math.ldexp(found.value, -e))
    rest = [w - value * u for w, u in zip(image(A, found.vector), v, strict=True)]
    assert found.converged
    assert square(rest) <= limit * (1 + Fraction(1, 10**3)) + Fraction(1, 10**30) * square(
        fractions(A.ravel())
    )
    assert abs(square(v) - 1) < 1e-15 * 4


@pytest.mark.proves("linalg.spectral.eigh_jacobi", "linalg.spectral.svd_jacobi")
@few
@given(seeds, st.integers(1, 6), exponents)
def test_jacobi_s_methods_converged_where_the_exact_criteria_hold(seed, n, e):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    S = A + A.T
    turned = linalg.eigh_jacobi(2.0**e * S)
    V, S = fractions(turned.vectors.T), fractions(S)
    rows = [[dot(row, v) for row in S] for v in V]
    off = sum(dot(rows[i], V[j]) ** 2 for i in range(n) for j in range(n) if i != j)
    assert turned.converged
    assert off <= Fraction(1e-14 + 16 * n * EPSILON) ** 2 * sum(square(row) for row in S)
    found = linalg.svd_jacobi(2.0**e * A)
    U = fractions(found.U.T)
    cosines = [abs(dot(U[i], U[j])) for i in range(n) for j in range(i)]
    assert found.converged
    assert max(cosines, default=0) <= 1e-14 + 8 * n * EPSILON


@pytest.mark.proves("linalg.low_rank.complete_low_rank")
@few
@given(seeds, exponents)
def test_a_completion_converged_where_the_last_step_was_small(seed, e):
    rng = np.random.default_rng(seed)
    R = np.outer(rng.uniform(1, 2, 5), rng.uniform(1, 2, 4)) + 0.1 * rng.normal(size=(5, 4))
    known = rng.random((5, 4)) < 0.7
    known[np.arange(5), np.arange(5) % 4] = known[:, 0] = True
    found = linalg.complete_low_rank(2.0**e * R, known, 1, n_steps=500)
    if not found.converged:
        return
    steps = len(found.history)
    before = linalg.complete_low_rank(2.0**e * R, known, 1, n_steps=max(steps - 1, 1))
    change = np.ldexp(found.filled, -e) - np.ldexp(before.filled, -e)
    size = square(fractions(np.ldexp(found.filled, -e).ravel()))
    assert square(fractions(change.ravel())) <= Fraction(1e-6) ** 2 * size or steps == 1
    np.testing.assert_array_equal(found.filled[known], 2.0**e * R[known])


def test_infinity_and_nothing_are_no_convergence():
    with pytest.raises(ValueError, match="operator must"):
        linalg.conjugate_gradients(lambda v: np.where(v, np.inf, 0.0), np.ones(2))
    with pytest.raises(ValueError, match="operator must give finite products"):
        linalg.gmres(lambda v: np.where(v, np.inf, 0.0), np.ones(2))
    far = linalg.conjugate_gradients(np.eye(3), np.full(3, 2.0**-700), start=[1, 2, 3])
    assert not far.converged


# Units


@pytest.mark.parametrize("unit", UNITS)
def test_answers_scale_with_the_unit(unit):
    b = np.array([-5.0, 5.0, 3.0])
    solved = linalg.conjugate_gradients(2 * np.eye(3), unit * b)
    np.testing.assert_array_equal(solved.x / unit, [-2.5, 2.5, 1.5])
    assert linalg.power_iteration(unit * np.array([[2.0, 1.0], [1.0, 2.0]])).value / unit == pytest.approx(3)
    values = linalg.qr_algorithm(unit * np.array([[1.0, 2.0], [-2.0, 1.0]])).values
    np.testing.assert_allclose(values / unit, [1 + 2j, 1 - 2j], rtol=1e-14)


@pytest.mark.parametrize("e", [-1000, -600, 600, 1000])
def test_a_function_may_have_any_unit_too(e):
    d = np.array([1.0, 2.0, 3.0])
    solved = linalg.conjugate_gradients(lambda v: np.ldexp(d * v, e), np.ones(3))
    np.testing.assert_allclose(np.ldexp(solved.x, e), 1 / d, rtol=1e-14)
    solved = linalg.gmres(lambda v: np.ldexp(d * v, e), np.ones(3))
    np.testing.assert_allclose(np.ldexp(solved.x, e), 1 / d, rtol=1e-14)
    found = linalg.lanczos(lambda v: np.ldexp(d * v, e), np.ones(3), 3)
    np.testing.assert_allclose(np.ldexp(found.values, -e), [3, 2, 1], rtol=1e-14)


def test_watched_points_and_norms_have_the_unit_of_the_caller():
    seen = []
    b = np.array([2.0**700, 2.0**701])
    solved = linalg.conjugate_gradients(
        np.diag([2.0**-300, 2.0**-299]), b, watch=lambda *now: seen.append(now)
    )
    np.testing.assert_array_equal(seen[-1][0], solved.x)
    np.testing.assert_array_equal([size for _, size in seen], solved.residual_norms)
    np.testing.assert_allclose(solved.x, [2.0**1000, 2.0**1000], rtol=1e-14)


def test_unknowns_and_equations_may_have_units_of_their_own():
    far = np.diag([2.0**600, 2.0**-600])
    np.testing.assert_array_equal(linalg.solve(far, [1, 1]), [2.0**-600, 2.0**600])
    np.testing.assert_array_equal(linalg.inverse(far), np.diag([2.0**-600, 2.0**600]))
    np.testing.assert_array_equal(linalg.lu(far).U, far)
    np.testing.assert_allclose(linalg.solve([[1, 1], [1e-20, -1e-20]], [2, 0]), [1, 1], rtol=1e-15)
    rows = np.array([[2.0**600, 2.0**600], [2.0**-600, -(2.0**-600)]])
    np.testing.assert_array_equal(linalg.solve(rows, [2.0**601, 0]), [1, 1])
    np.testing.assert_array_equal(linalg.solve(rows, [0, 2.0**-599]), [1, -1])
    np.testing.assert_array_equal(linalg.inverse(rows) @ rows, np.eye(2))
    with pytest.raises(ValueError, match="singular to working precision"):
        linalg.solve([[1, 2], [2e-20, 4e-20]], [2, 0])
    B = np.array([[1.0, 1e-300], [0.0, 1e-300], [0.0, 0.0]])
    np.testing.assert_array_equal(linalg.gram_schmidt(B), np.eye(3, 2))
    np.testing.assert_array_equal(linalg.classical_gram_schmidt(B), np.eye(3, 2))
    np.testing.assert_allclose(linalg.project([1, 2, 3], B), [1, 2, 0], atol=1e-15)


def test_a_determinant_may_pass_through_what_no_float_holds():
    assert linalg.determinant(np.diag([1e200, 1e200, 1e-200, 1e-200])) == pytest.approx(1, rel=1e-15)
    assert linalg.determinant(np.diag([1e-200, 1e-120, 1e300, 1e20, 3.0])) == pytest.approx(3, rel=1e-15)
    assert linalg.determinant([[2.0**600, 2.0**601], [2.0**-600, 2.0**-598]]) == 2.0
    with pytest.raises(ValueError, match="the determinant of A is larger than any float"):
        linalg.determinant(np.diag([1e200, 1e200]))
    with pytest.raises(ValueError, match="the determinant of A is smaller than any float"):
        linalg.determinant(np.diag([1e-200, 1e-200]))


def test_products_keep_small_entries_beside_large_ones():
    np.testing.assert_allclose(
        linalg.matmul_loops([[1e100], [1e-200]], [[1e100, 1e-100]]),
        [[1e200, 1], [1e-100, 1e-300]],
        rtol=1e-15,
    )
    with pytest.raises(ValueError, match="the product of A and B is larger than any float"):
        linalg.matmul_loops([[1e200]], [[1e200]])


def test_what_is_only_multiplied_may_have_entries_of_any_size():
    A = np.array([[2.0**1000, 0.0], [2.0**-600, 2.0**-700]])
    np.testing.assert_array_equal(linalg.matmul_loops(A, np.diag([1.0, 2.0**800])), A * [1.0, 2.0**800])
    np.testing.assert_array_equal(linalg.lu(A).U, np.diag([2.0**1000, 2.0**-700]))
    largest = np.finfo(float).max
    np.testing.assert_array_equal(
        linalg.matmul_loops([[largest, largest, -largest]], np.ones((3, 1))), largest
    )
    with pytest.raises(ValueError, match="the factor U of A is larger than any float"):
        linalg.lu([[largest, largest], [-largest, largest]])


def test_a_small_block_beside_a_large_one_still_splits():
    A = np.array([[1.0, 0, 0], [0, 0, 1e-200], [0, 1e-200, 0]])
    np.testing.assert_allclose(linalg.qr_algorithm(A).values, [1, 0, 0], atol=1e-15)
    np.testing.assert_array_equal(linalg.qr_algorithm(np.triu(np.ones((4, 4)), 1)).values, 0)


def test_backward_errors_compare_what_overflows():
    assert linalg.backward_error([[1e300]], [1e300], [1e-300]) == 1.0
    assert linalg.backward_error([[1e-300]], [1e-300], [0.0]) == 1.0
    A, x, b = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([0.8, 1.4]), np.array([3.0, 5.0])
    want = linalg.backward_error(A, x, b)
    assert linalg.backward_error(2.0**600 * A, 2.0**-500 * x, 2.0**100 * b) == want


def test_edges_near_one_and_far_from_it():
    ratio = 1 + 2.0**-30
    root = exact([ratio])[0] ** 0.5
    assert linalg.marchenko_pastur_edges(ratio).low == pytest.approx(float((1 - root) ** 2), rel=1e-14)
    low, high = linalg.marchenko_pastur_edges(2.0**1000, 2.0**-1000)
    assert (low, high) == (pytest.approx(1), pytest.approx(1))
    middle = linalg.marchenko_pastur_density([2.0**580], 2.0**80, 2.0**500)
    np.testing.assert_allclose(middle * 2.0**620, 1 / np.pi, rtol=1e-6)
    for ratio, variance in ((1e308, 1e10), (1.0, 1.7e308)):
        with pytest.raises(ValueError, match="ratio and variance is larger than any float"):
            linalg.marchenko_pastur_edges(ratio, variance)
    assert linalg.spike_limit(1e200, 0.25) == (1e200, 1.0)
    with pytest.raises(ValueError, match="strength and ratio is larger"):
        linalg.spike_limit(1.7e308, 1.7e308)


def test_a_single_number_may_be_a_fraction_but_not_a_text():
    assert linalg.marchenko_pastur_edges(Fraction(1, 4)) == (0.25, 2.25)
    assert linalg.float_parts(Fraction(1, 3)).value == 1 / 3
    with pytest.raises(ValueError, match="value must be a single number with real numbers"):
        linalg.float_parts("1.5")


def test_a_compensated_sum_that_overflows_on_its_way_is_refused():
    with pytest.raises(ValueError, match="a partial sum of x is larger than any float16"):
        linalg.compensated_sum(np.full(1000, 100, np.float16))


# Samples


def test_single_precision_samples_far_from_zero_are_centred_in_double():
    X = (10_000 + np.random.default_rng(0).normal(size=(50_000, 2)) * [3.0, 1.0]).astype(np.float32)
    exactly = X.astype(float)
    want = np.linalg.eigvalsh(np.cov(exactly, rowvar=False, ddof=0))[::-1]
    for method in ("gram", "svd"):
        found = linalg.principal_components(X, 2, method)
        np.testing.assert_allclose(found.mean, exactly.mean(axis=0), rtol=1e-14)
        np.testing.assert_allclose(found.variances, want, rtol=1e-5)


def test_single_precision_samples_may_have_squares_beyond_it():
    X = np.array([[3e38, 0], [-3e38, 1], [1, 1]], dtype=np.float32)
    for method in ("gram", "svd"):
        assert linalg.principal_components(X, 1, method).variances == pytest.approx([6e76], rel=1e-6)


def test_a_huge_offset_changes_no_variance_and_no_score():
    X = np.random.default_rng(1).integers(-512, 513, size=(40, 3)) / 64 * [4, 2, 1]
    near, far = (linalg.principal_components(X + offset, 2) for offset in (0.0, 2.0**34))
    np.testing.assert_allclose(far.variances, near.variances, rtol=1e-12)
    np.testing.assert_allclose(far.scores(X + 2.0**34), near.scores(X), atol=1e-5)


def test_samples_that_do_not_vary_have_no_variance_and_no_shares():
    for X in (np.full((10, 3), 0.1), np.full((10, 3), 0.1, dtype=np.float32), np.full((7, 3), 1e9 / 3)):
        for method in ("svd", "gram"):
            found = linalg.principal_components(X, 2, method)
            np.testing.assert_array_equal(found.variances, 0)
            with pytest.raises(ValueError, match="do not vary have no variance to be shared"):
                found.shares  # noqa: B018 - the property is what raises


def test_a_constant_kernel_is_a_kernel():
    found = linalg.kernel_components(np.full((5, 5), 1 / 3), 2)
    np.testing.assert_allclose(found.variances, 0, atol=1e-16)
    assert found.total == pytest.approx(0, abs=1e-16)


@pytest.mark.parametrize("powers", [(0, 0, 0), (500, 0, 400), (-500, 30, 0)])
def test_features_of_blocks_may_have_units_of_their_own(powers):
    rng = np.random.default_rng(2)
    table, x = rng.normal(size=(20, 3)), np.array([1.0, -2.0])
    table[:, 2] = table[:, :2] @ x
    units = 2.0 ** np.array(powers)
    got = linalg.block_least_squares(np.split(table * units, 4))
    np.testing.assert_allclose(got * units[:2] / units[2], x, rtol=1e-13)


# To the last bit


def answers(A, S, b):
    """Ask many functions, and state the power of the unit in each part of their answers."""
    D = S @ S.T
    return {
        "svd": (linalg.svd(A), (0, 1, 0)),
        "eigh": (linalg.eigh(D), (2, 0)),
        "hessenberg": (linalg.hessenberg(S), (0, 1)),
        "qr_algorithm": ((linalg.qr_algorithm(S).values,), (1,)),
        "solve": ((linalg.solve(S, b[:4]), linalg.inverse(S)), (0, -1)),
        "determinant": ((linalg.determinant(S), linalg.lu(S).U), (4, 1)),
        "qr": (linalg.qr_householder(A), (0, 1)),
        "least_squares": (linalg.least_squares(A, b)[:2], (0, 1)),
        "by svd": (linalg.least_squares(A, b, "svd")[:2], (0, 1)),
        "gmres": (linalg.gmres(S, b[:4])[:2], (0, 1)),
        "conjugate_gradients": (linalg.conjugate_gradients(D, b[:4])[:2], (-1, 1)),
        "lanczos": (linalg.lanczos(D, b[:4], 3), (2, 0, 2)),
        "power_iteration": (linalg.power_iteration(D)[:3], (2, 0, 0)),
        "principal_components": (linalg.principal_components(A, 2), (1, 0, 2, 2)),
        "gram": (linalg.principal_components(A, 2, "gram"), (1, 0, 2, 2)),
        "pseudoinverse": ((linalg.pseudoinverse(A), linalg.low_rank(A, 2)), (-1, 1)),
        "randomized_svd": (linalg.randomized_svd(A, 2, np.random.default_rng(0))[:4], (0, 1, 0, 1)),
        "blocks": ((linalg.block_covariance([A[:5], A[5:]]), linalg.tsqr([A, A])), (2, 1)),
    }


@pytest.mark.parametrize("e", [-230, -30, -1, 1, 30, 230])
def test_the_unit_changes_no_digit(e):
    rng = np.random.default_rng(7)
    A, S, b = rng.normal(size=(9, 4)), rng.normal(size=(4, 4)), rng.normal(size=9)
    plain, scaled = answers(A, S, b), answers(2.0**e * A, 2.0**e * S, 2.0**e * b)
    for name, (parts, powers) in plain.items():
        for got, want, power in zip(scaled[name][0], parts, powers, strict=True):
            np.testing.assert_array_equal(got, want * 2.0 ** (e * power), err_msg=name)


def test_what_was_found_by_filling_in_extremes():
    far = np.array([[1e-300, 1e-300, 0], [1.0, 2.0, 1e-5], [1e10, -1e10, 1e300]])
    np.testing.assert_allclose(linalg.inverse(far) @ far, np.eye(3), atol=1e-12)
    np.testing.assert_array_equal(linalg.marchenko_pastur_density([1.0, 5e-324], 1e-40), 0)
    with pytest.raises(ValueError, match="the upper edge for this ratio and variance is larger"):
        linalg.marchenko_pastur_density([1.0], 1.7e308, 1.9)
    with pytest.raises(ValueError, match=r"A\.T @ A is singular in floating point"):
        linalg.least_squares(np.diag([1.0, 1e-200]), [1, 1], "normal")
    loose = linalg.conjugate_gradients(np.eye(2), [1e-300, 0], absolute_tolerance=1e300)
    assert (loose.n_steps, loose.converged) == (0, True)
    with pytest.raises(ValueError, match="the norm of b is larger than any float"):
        linalg.conjugate_gradients(np.eye(4), np.full(4, 1.7e308))


@few
@given(seeds, st.integers(1, 4), st.lists(st.integers(-300, 300), min_size=5, max_size=5))
def test_columns_that_depend_on_others_in_any_unit_leave_the_fit_alone(seed, n, powers):
    rng = np.random.default_rng(seed)
    B, y = rng.normal(size=(n + 3, n)), rng.normal(size=n + 3)
    if np.linalg.cond(B) > 1e3:
        return
    units = 2.0 ** np.array(powers[: n + 1])
    fit = linalg.least_squares(np.column_stack([B, B @ rng.integers(-2, 3, size=n)]) * units, y, "svd")
    assert fit.rank == n
    np.testing.assert_allclose(fit.residual, linalg.least_squares(B, y).residual, atol=1e-11)
