"""Least squares three ways and ridge paths: hand-worked cases, laws, SciPy and scikit-learn."""

from decimal import Decimal
from fractions import Fraction

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


# Problems with exact answers: those of the certified data sets of public statistics archives.

# Longley (1967), An appraisal of least squares programs for the electronic computer from the point of view of
# the user, doi:10.1080/01621459.1967.10500896: prices, gross national product, unemployed, armed forces,
# population, year; employed.
LONGLEY = """
83.0 234289 2356 1590 107608 1947 60323
88.5 259426 2325 1456 108632 1948 61122
88.2 258054 3682 1616 109773 1949 60171
89.5 284599 3351 1650 110929 1950 61187
96.2 328975 2099 3099 112075 1951 63221
98.1 346999 1932 3594 113270 1952 63639
99.0 365385 1870 3547 115094 1953 64989
100.0 363112 3578 3350 116219 1954 63761
101.2 397469 2904 3048 117388 1955 66019
104.6 419180 2822 2857 118734 1956 67857
108.4 442769 2936 2798 120445 1957 68169
110.8 444546 4681 2637 121950 1958 66513
112.6 482704 3813 2552 123366 1959 68655
114.2 502601 3931 2514 125368 1960 69564
115.7 518173 4806 2572 127852 1961 69331
116.9 554894 4007 2827 130081 1962 70551
"""


def longley():
    table = [[Fraction(Decimal(v)) for v in line.split()] for line in LONGLEY.split("\n") if line]
    return [[Fraction(1), *row[:-1]] for row in table], [row[-1] for row in table]


def wampler(kind):
    """Wampler (1970), doi:10.1080/01621459.1970.10481134: a polynomial of degree five, and what was added."""
    x = [Fraction(i) for i in range(21)]
    A = [[v**k for k in range(6)] for v in x]
    weight = Fraction(1, 10) if kind == "falling" else Fraction(1)
    y = [sum(v * weight**k for k, v in enumerate(row)) for row in A]
    noise = {"rough": 1, "rougher": 100}.get(kind, 0)
    return A, [v + noise * ((-1) ** i * (759 + 37 * i)) for i, v in enumerate(y)]


def far_from_zero():
    """Powers up to ten on an interval that does not hold zero: cosines between columns nearly one."""
    x = np.linspace(-9, -3, 82)
    A = np.vander(x, 11, increasing=True)
    y = 0.8 + 0.05 * np.sin(3 * x)
    return [[Fraction(v) for v in row] for row in A.tolist()], [Fraction(v) for v in y.tolist()]


def exact_solution(A, b):
    """Solve the normal equations in fractions."""
    columns = list(zip(*A, strict=True))
    gram = [[oracles.dot(p, q) for q in columns] for p in columns]
    return np.array(oracles.solve_by_fractions(gram, [oracles.dot(p, b) for p in columns]), dtype=float)


@pytest.mark.parametrize(
    ("problem", "digits"),
    [
        (longley(), 10),
        (wampler("exact"), 9),
        (wampler("falling"), 12),
        (wampler("rough"), 8),
        (wampler("rougher"), 6),
        (far_from_zero(), 6.5),
    ],
    ids=["Longley", "Wampler 1", "Wampler 2", "rough", "rougher", "far from zero"],
)
@pytest.mark.parametrize("method", ["qr", "svd"])
def test_certified_problems_are_solved_to_the_digits_that_double_precision_can_reach(problem, digits, method):
    A, b = problem
    fit = linalg.least_squares(np.array(A, dtype=float), np.array(b, dtype=float), method)
    assert fit.rank == len(A[0])
    np.testing.assert_allclose(fit.x, exact_solution(A, b), rtol=10**-digits)


def test_the_exact_solution_of_longley_s_problem_is_the_published_one():
    published = [
        -3482258.63459582,
        15.0618722713733,
        -0.0358191792925910,
        -2.02022980381683,
        -1.03322686717359,
    ]
    np.testing.assert_allclose(exact_solution(*longley())[:5], published, rtol=1e-14)


@pytest.mark.parametrize("method", ["qr", "svd"])
@pytest.mark.parametrize("powers", [(0, 0, 0), (30, -30, 0), (-300, 500, 0), (600, -400, 100)])
def test_units_of_the_columns_do_not_matter(method, powers):
    A, b = problem(4, 8, 3)
    units = 2.0 ** np.array(powers)
    fit, scaled = linalg.least_squares(A, b, method), linalg.least_squares(A * units, b, method)
    np.testing.assert_allclose(scaled.x * units, fit.x, rtol=1e-13)
    np.testing.assert_allclose(scaled.residual, fit.residual, rtol=1e-13)
    assert scaled.rank == 3
    R = linalg.qr_householder(A * units).R
    np.testing.assert_array_equal(R, linalg.qr_householder(A).R * units)


@pytest.mark.parametrize("unit", [1.0, 2.0**-530, 2.0**-700, 2.0**700])
def test_the_unit_of_a_problem_does_not_matter(unit):
    A, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]), np.array([1.0, 2.0, 3.0])
    Q, R = linalg.qr_householder(unit * A)
    np.testing.assert_allclose(Q @ (R / unit), A, rtol=1e-14)
    for method in METHODS:
        x = linalg.least_squares(unit * A, unit * b, method).x
        np.testing.assert_allclose(x, scipy.linalg.lstsq(A, b)[0], atol=1e-12)
        np.testing.assert_array_equal(x, linalg.least_squares(A, b, method).x)


def test_the_shortest_solution_is_that_of_the_caller_s_units():
    rng = np.random.default_rng(5)
    for powers in ((0, 33, 2), (0, 600, -300), (-500, 0, 500)):
        A = rng.integers(-8, 9, size=(2, 3)) * 2.0 ** np.array(powers)
        rows, b = [[Fraction(v) for v in row] for row in A.tolist()], [Fraction(1), Fraction(-2)]
        weights = oracles.solve_by_fractions([[oracles.dot(p, q) for q in rows] for p in rows], b)
        shortest = [float(oracles.dot(weights, column)) for column in zip(*rows, strict=True)]
        fit = linalg.least_squares(A, [1, -2], "svd")
        np.testing.assert_allclose(A @ fit.x, [1, -2], rtol=1e-13)
        np.testing.assert_allclose(fit.x, shortest, rtol=1e-12, atol=1e-14 * np.abs(shortest).max())


def test_a_penalty_far_larger_or_smaller_than_the_data_leaves_the_answer_right():
    path = linalg.ridge_path([[1, 0], [0, 2]], [2, 4], [1e-320, 1e300])
    np.testing.assert_allclose(path.coefficients, [[2, 2], [2e-300, 8e-300]], rtol=1e-14)
    small = linalg.ridge_path(2.0**-600 * np.eye(2), [2, 4], [1.0])
    np.testing.assert_array_equal(small.coefficients, [[2.0**-599, 2.0**-598]])
    np.testing.assert_array_equal(linalg.ridge_path(np.zeros((2, 2)), [1, 1], [1.0]).coefficients, 0)
