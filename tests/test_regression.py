"""Linear regression with its uncertainty, against a statistics package, laws and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmlhelpers import datasets, probability

RECORD = json.loads((Path(__file__).parent / "data" / "statsmodels_regression.json").read_text("utf-8"))
DIABETES = datasets.diabetes()
COLUMNS = {"bmi": [2], "all": list(range(10))}


def design(name):
    return np.column_stack([np.ones(442), DIABETES.X[:, COLUMNS[name]]])


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("part", ["coefficients", "standard_errors", "t_values", "p_values", "noise"])
def test_the_table_of_the_diabetes_data_is_that_of_the_statistics_package(name, part):
    fit = probability.fit_linear(design(name), DIABETES.y)
    # Its p values are far smaller than rounding errors of 1: they agree to nine digits all the same.
    np.testing.assert_allclose(getattr(fit, part), RECORD["tables"][name][part], rtol=1e-9)


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("part", ["leverage", "cook_distances", "left_out_residuals"])
def test_the_diagnostics_of_the_diabetes_data_are_those_of_the_statistics_package(name, part):
    fit = probability.fit_linear(design(name), DIABETES.y)
    np.testing.assert_allclose(getattr(fit, part)[RECORD["rows"]], RECORD["tables"][name][part], rtol=1e-9)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_intervals_of_the_diabetes_data_are_those_of_the_statistics_package(name):
    wanted, X = RECORD["tables"][name], design(name)
    fit = probability.fit_linear(X, DIABETES.y)
    mean, new = fit.predict(X[RECORD["rows"]], noise=False), fit.predict(X[RECORD["rows"]])
    for got, key in ((mean.low, "mean_low"), (mean.high, "mean_high"), (new.low, "low"), (new.high, "high")):
        np.testing.assert_allclose(got, wanted[key], rtol=1e-9)


def test_a_mean_is_the_regression_on_a_column_of_ones():
    x = np.array([2.0, 3.0, 7.0])
    fit = probability.fit_linear(np.ones((3, 1)), x)
    np.testing.assert_allclose(fit.coefficients, [4.0])
    np.testing.assert_allclose(fit.standard_errors, [np.sqrt(7 / 3)])  # s^2 = (4 + 1 + 9) / 2
    np.testing.assert_allclose(fit.leverage, 1 / 3)
    np.testing.assert_allclose(fit.left_out_residuals, [-3, -1.5, 4.5])
    ends = probability.mean_interval(x, 0.9)
    got = fit.predict([[1.0]], 0.9, noise=False)
    np.testing.assert_allclose([got.low[0], got.high[0]], [ends.low, ends.high])


@settings(derandomize=True, database=None, deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(2, 12))
def test_leverages_sum_to_the_number_of_columns_and_residuals_are_orthogonal(seed, d, extra):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(d + extra, d)), rng.normal(size=d + extra)
    fit = probability.fit_linear(X, y)
    np.testing.assert_allclose(fit.leverage.sum(), d, rtol=1e-12)
    np.testing.assert_allclose(X.T @ fit.residuals, 0, atol=1e-9)
    assert fit.degrees_of_freedom == extra


def test_left_out_residuals_and_cook_distances_are_those_of_fits_without_the_sample():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(9, 3)), rng.normal(size=9)
    fit = probability.fit_linear(X, y)
    for i in range(9):
        rest = np.delete(np.arange(9), i)
        without = np.linalg.lstsq(X[rest], y[rest], rcond=None)[0]
        np.testing.assert_allclose(fit.left_out_residuals[i], y[i] - X[i] @ without)
        moved = X @ (fit.coefficients - without)
        np.testing.assert_allclose(fit.cook_distances[i], moved @ moved / (3 * fit.noise**2))


def test_intervals_cover_as_often_as_they_say():
    rng, hits = np.random.default_rng(2), np.zeros(2)
    X, new, w = rng.normal(size=(8, 3)), np.array([[1.0, -1.0, 2.0]]), np.array([1.0, 2.0, -1.0])
    for _ in range(1000):
        fit = probability.fit_linear(X, X @ w + rng.normal(size=8))
        truths = (new @ w)[0], (new @ w)[0] + rng.normal()
        for k, truth in enumerate(truths):
            ends = fit.predict(new, 0.8, noise=bool(k))
            hits[k] += ends.low[0] <= truth <= ends.high[0]
    np.testing.assert_allclose(hits / 1000, 0.8, atol=4 * np.sqrt(0.16 / 1000))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: probability.fit_linear(np.ones((3, 1)), [1, 2]),
            r"y has length 2 but X \(3, 1\) has 3 rows",
        ),
        (lambda: probability.fit_linear(np.eye(2), [1, 2]), r"X \(2, 2\) must have more rows than columns"),
        (lambda: probability.fit_linear([[1, 2], [2, 4], [3, 6]], [1, 2, 3]), "a combination of the others"),
        (lambda: probability.fit_linear([[1, 0], [1, 0], [1, 1]], [1, 2, 3]), "row 2 of X has a coefficient"),
        (lambda: probability.fit_linear(np.ones((3, 1)), [1, 2, 4]).predict([[1, 2]]), "must have 1 columns"),
        (lambda: probability.fit_linear(np.ones((3, 1)), [1, 2, 4]).predict([[1]], 1.0), "level"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("power", [-400, -30, 30, 400])
def test_fits_do_not_depend_on_the_units_of_columns_and_targets(power):
    rng = np.random.default_rng(0)
    X, y = np.column_stack([np.ones(9), rng.normal(size=9)]), rng.normal(size=9)
    want, unit = probability.fit_linear(X, y), np.array([1.0, 2.0**power])
    got = probability.fit_linear(X * unit, y * 2.0**20)
    np.testing.assert_array_equal(got.coefficients * unit / 2.0**20, want.coefficients)
    np.testing.assert_allclose(got.t_values, want.t_values, rtol=1e-13)
    np.testing.assert_allclose(got.predict(X * unit).low / 2.0**20, want.predict(X).low, rtol=1e-12)


def test_a_polynomial_of_degree_ten_far_from_zero_is_fitted():
    x = np.linspace(3, 9, 82)
    X = x[:, None] ** np.arange(11)
    fit, y = probability.fit_linear(X, X.sum(axis=1)), X.sum(axis=1)
    np.testing.assert_allclose(fit.coefficients, 1, atol=0.1)  # the condition of X is 1e15
    np.testing.assert_allclose(fit.residuals / np.linalg.norm(y), 0, atol=1e-14)


def test_an_exact_fit_has_no_noise_to_measure_in():
    fit = probability.fit_linear([[1, 0.1], [1, 0.3], [1, 0.7], [1, 0.9]], [0.1, 0.3, 0.7, 0.9])
    assert fit.noise == 0
    for ask in (lambda: fit.t_values, lambda: fit.p_values, lambda: fit.cook_distances):
        with pytest.raises(ValueError, match="the fit is exact up to rounding"):
            ask()
