"""Conjugate gradients: a hand-worked case, laws of exact arithmetic, SciPy, and what is refused."""

import tracemalloc

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from mmlhelpers import linalg

few = settings(derandomize=True, database=None, deadline=None, max_examples=30)


def spd(seed, values):
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))[0]
    return (Q * values) @ Q.T


def iterates(A, b, **options):
    points = []
    solved = linalg.conjugate_gradients(A, b, watch=lambda x, norm: points.append(x.copy()), **options)
    return solved, np.array(points)


def test_two_steps_worked_by_hand():
    solved, points = iterates([[2, 0], [0, 8]], [2, 8])
    # The first step goes along b = (2, 8) by (4 + 64) / (8 + 512).
    np.testing.assert_allclose(points, [[0, 0], [34 / 130, 136 / 130], [1, 1]], atol=1e-14)
    np.testing.assert_allclose(
        solved.residual_norms[:2], [np.sqrt(68), np.hypot(2 - 68 / 130, 8 - 1088 / 130)]
    )
    assert solved.converged
    assert solved.n_steps == 2


@few
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_it_solves_what_a_direct_method_solves(seed, n):
    A, b = spd(seed, np.linspace(1, 9, n)), np.random.default_rng(seed).normal(size=n)
    solved = linalg.conjugate_gradients(A, b, tolerance=1e-12)
    np.testing.assert_allclose(solved.x, np.linalg.solve(A, b), atol=1e-10)
    assert solved.n_steps <= n + 1


def test_as_many_steps_as_different_eigenvalues():
    solved = linalg.conjugate_gradients(spd(0, np.repeat([1.0, 5.0, 20.0], 4)), np.ones(12), tolerance=1e-10)
    assert solved.n_steps == 3


def test_every_point_is_the_best_of_its_krylov_space():
    A, b = spd(1, np.array([1.0, 3.0, 7.0, 20.0, 50.0])), np.arange(1.0, 6.0)
    _, points = iterates(A, b)
    for k in range(1, 5):
        basis = np.column_stack([np.linalg.matrix_power(A, i) @ b for i in range(k)])
        best = basis @ np.linalg.solve(basis.T @ A @ basis, basis.T @ b)
        np.testing.assert_allclose(points[k], best, rtol=1e-8)


def test_the_error_obeys_the_bound_of_the_condition_number():
    values = np.linspace(1, 100, 40)
    A, b = spd(2, values), np.ones(40)
    exact, (_, points) = np.linalg.solve(A, b), iterates(A, b)
    energies = np.sqrt(np.einsum("ki,ij,kj->k", points - exact, A, points - exact))
    bounds = 2 * (9 / 11) ** np.arange(len(points)) * energies[0]
    assert np.all(energies <= bounds * (1 + 1e-9) + 1e-9)


@pytest.mark.parametrize("preconditioned", [False, True])
def test_points_are_those_of_scipy(preconditioned):
    A, b = spd(3, np.geomspace(1, 1000, 12)), np.ones(12)
    M = np.diag(1 / np.diag(A)) if preconditioned else None
    _, points = iterates(A, b, preconditioner=M, max_steps=6)
    theirs = []
    scipy.sparse.linalg.cg(A, b, M=M, maxiter=6, callback=lambda x: theirs.append(x.copy()))
    np.testing.assert_allclose(points[1:], theirs, rtol=1e-9)


def test_a_function_a_matrix_and_one_buffer_for_all_products_agree():
    A, b = spd(4, np.linspace(1, 30, 9)), np.arange(9.0)
    buffer = np.empty(9)
    by_matrix = linalg.conjugate_gradients(A, b)
    by_function = linalg.conjugate_gradients(lambda v: np.matmul(A, v, out=buffer), b)
    np.testing.assert_allclose(by_function.x, by_matrix.x, rtol=1e-12)


def test_the_exact_inverse_as_preconditioner_needs_one_step():
    A, b = spd(5, np.geomspace(1, 1e4, 10)), np.ones(10)
    factor = scipy.linalg.cho_factor(A)
    solved = linalg.conjugate_gradients(A, b, preconditioner=lambda r: scipy.linalg.cho_solve(factor, r))
    assert solved.n_steps == 1


def test_it_starts_where_it_is_told_and_leaves_the_start_alone():
    A, b, start = spd(6, np.linspace(1, 5, 6)), np.ones(6), np.full(6, 2.0)
    solved, points = iterates(A, b, start=start)
    np.testing.assert_array_equal(points[0], start)
    np.testing.assert_array_equal(start, 2.0)
    np.testing.assert_allclose(solved.residual_norms[0], np.linalg.norm(b - A @ start))
    np.testing.assert_allclose(solved.x, np.linalg.solve(A, b), rtol=1e-7)
    assert linalg.conjugate_gradients(A, b, start=solved.x, tolerance=1e-6).n_steps == 0


def test_it_stops_by_each_of_its_rules():
    A, b = spd(7, np.geomspace(1, 1e6, 40)), np.full(40, 100.0)
    loose = linalg.conjugate_gradients(A, b, tolerance=0.1)
    assert loose.residual_norms[-1] <= 0.1 * np.linalg.norm(b) < loose.residual_norms[-2]
    absolute = linalg.conjugate_gradients(A, b, tolerance=0, absolute_tolerance=5)
    assert absolute.residual_norms[-1] <= 5 < absolute.residual_norms[-2]
    short = linalg.conjugate_gradients(A, b, max_steps=3)
    assert (short.n_steps, short.converged) == (3, False)


def test_a_right_side_of_zero_is_solved_at_once():
    solved = linalg.conjugate_gradients(np.eye(3), np.zeros(3))
    assert (solved.n_steps, solved.converged) == (0, True)
    np.testing.assert_array_equal(solved.x, 0)


def test_it_ends_quietly_where_nothing_is_left_to_gain():
    A, b = spd(8, np.geomspace(1, 100, 6)), np.ones(6)
    for M in (None, np.eye(6) * 1e-9):
        solved = linalg.conjugate_gradients(A, b, preconditioner=M, tolerance=0, max_steps=500)
        np.testing.assert_allclose(solved.x, np.linalg.solve(A, b), rtol=1e-12)
        assert solved.converged


def test_a_step_makes_no_array():
    n = 200_000
    scale, buffer = np.linspace(1, 50, n), np.empty(n)
    multiply = lambda v: np.multiply(scale, v, out=buffer)  # noqa: E731 - a formula

    def peak(steps):
        tracemalloc.start()
        linalg.conjugate_gradients(multiply, np.ones(n), max_steps=steps, tolerance=0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20) - peak(0) < 8 * n


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: linalg.conjugate_gradients(np.diag([1.0, -1.0]), [0, 1]),
            "operator must be positive definite",
        ),
        (lambda: linalg.conjugate_gradients(lambda v: v * np.nan, [0, 1]), "operator gives must be finite"),
        (
            lambda: linalg.conjugate_gradients(lambda v: np.where(v == 0, v, np.nan), [0, 1]),
            "operator must be .* = nan",
        ),
        (lambda: linalg.conjugate_gradients([[1, 2], [0, 1]], [0, 1]), "operator .* must be symmetric"),
        (
            lambda: linalg.conjugate_gradients(np.eye(3), [0, 1]),
            r"operator \(3, 3\) does not fit a vector of length 2",
        ),
        (lambda: linalg.conjugate_gradients(lambda v: v[:1], [0, 1]), "operator must turn a vector of shape"),
        (
            lambda: linalg.conjugate_gradients(np.eye(2), [0, 1], preconditioner=-np.eye(2)),
            "preconditioner must be positive definite",
        ),
        (lambda: linalg.conjugate_gradients(np.eye(2), [0, 1], start=[1]), "start has length 1 but b has 2"),
        (
            lambda: linalg.conjugate_gradients(np.eye(2), [0, 1], tolerance=-1),
            "tolerance must not be negative",
        ),
        (lambda: linalg.conjugate_gradients(np.eye(2), [0, 1], max_steps=-1), "max_steps must be a whole"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
