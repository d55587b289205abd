"""Linear regression with its uncertainty: standard errors, leverage, intervals.

Throughout, `X` (n, d) holds one sample a row, with a column of ones where an intercept is wanted, and `y`
(n,) the targets.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_matrix, as_vector
from mmlhelpers._scale import EPSILON, norm, scaled, scaled_columns, unscaled
from mmlhelpers.probability._arguments import as_open_probability
from mmlhelpers.probability.distributions import StudentT

_ROUNDING = 8  # residuals up to so many roundings of the targets, for each coefficient, are none


class Prediction(NamedTuple):
    """Predicted values (k,), their standard errors (k,), and the ends (k,) of an interval around each."""

    value: Array
    standard_error: Array
    low: Array
    high: Array


class Regression(NamedTuple):
    """A linear model fitted by least squares, and what its residuals say about its accuracy.

    `coefficients` (d,) in units of `y` per unit of their column, and their estimated `covariance` (d, d);
    `residuals` (n,), targets minus fitted values; `leverage` (n,), the share of each target in its own fitted
    value, from 0 to 1; `noise`, the estimated standard deviation of the noise, with divisor n - d.
    """

    coefficients: Array
    covariance: Array
    residuals: Array
    leverage: Array
    noise: float

    @property
    def degrees_of_freedom(self) -> int:
        """Count the samples less the coefficients.

        Returns
        -------
        int
            Positive: n - d.
        """
        return len(self.residuals) - len(self.coefficients)

    @property
    def standard_errors(self) -> Array:
        """Give the estimated standard deviations of the coefficients.

        Returns
        -------
        (d,) ndarray
            In the units of the coefficients.
        """
        return np.sqrt(np.diag(self.covariance))

    @property
    def t_values(self) -> Array:
        """Measure the coefficients in their standard errors.

        Returns
        -------
        (d,) ndarray
            Dimensionless.

        Raises
        ------
        ValueError
            If the fit is exact, so that there is no noise.
        """
        if self.noise == 0:
            raise ValueError(
                "the fit is exact up to rounding: there are no residuals to measure the coefficients in"
            )
        return self.coefficients / self.standard_errors

    @property
    def p_values(self) -> Array:
        """Give the probability of a t value at least this far from zero if the coefficient were zero.

        Returns
        -------
        (d,) ndarray
            Two-sided, by Student's t distribution with n - d degrees of freedom.
        """
        p: Array = 2 * StudentT(self.degrees_of_freedom).cdf(-np.abs(self.t_values))
        return p

    @property
    def left_out_residuals(self) -> Array:
        """Subtract from each target the prediction of the model that was fitted without it.

        Returns
        -------
        (n,) ndarray
            In the units of `y`.
        """
        return self.residuals / (1 - self.leverage)

    @property
    def cook_distances(self) -> Array:
        """Measure how far the fit moves when a sample is left out.

        Returns
        -------
        (n,) ndarray
            Squared change of all fitted values, divided by d times the squared noise.

        Raises
        ------
        ValueError
            If the fit is exact, so that there is no noise.
        """
        if self.noise == 0:
            raise ValueError("the fit is exact up to rounding: no noise is left to measure a change in")
        moved = self.leverage * (self.left_out_residuals / self.noise) ** 2
        distances: Array = moved / len(self.coefficients)
        return distances

    def predict(self, X: ArrayLike, level: float = 0.95, *, noise: bool = True) -> Prediction:
        """Predict targets of new samples, with an interval for each.

        Parameters
        ----------
        X : (k, d) array_like
            New samples, with the same columns as those of the fit.
        level : float
            Confidence of the interval, between 0 and 1.
        noise : bool
            Whether the interval is for a new observation, noise included, or for its mean only.

        Returns
        -------
        Prediction
            `value`, `standard_error`, `low` and `high`, each (k,).

        Raises
        ------
        ValueError
            If the number of columns is another, `level` is not between 0 and 1, or a prediction overflows.

        Notes
        -----
        Exact for normal noise with constant variance; without normality the interval for the mean is right
        for large samples, the one for a new observation is not.

        Examples
        --------
        >>> fit = fit_linear([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 1, 2, 4])
        >>> ends = fit.predict([[1, 4]], 0.9)
        >>> print(f"{ends.low[0]:.2f} {ends.value[0]:.2f} {ends.high[0]:.2f}")
        3.21 5.00 6.79
        """
        X = as_matrix(X, "X")
        if X.shape[1] != len(self.coefficients):
            raise ValueError(f"X {X.shape} must have {len(self.coefficients)} columns, as in the fit")
        e = np.frexp(self.standard_errors)[1]  # in their units no product over- or underflows
        C = np.ldexp(self.covariance, -(e[:, None] + e))
        with np.errstate(over="ignore", invalid="ignore"):
            Z = np.ldexp(X, e)
            model = norm(Z, axis=1)
            Z = Z / np.where(model > 0, model, 1.0)[:, None]
            model = model * np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", Z, C, Z), 0.0))
            error, value = np.hypot(model, self.noise if noise else 0.0), X @ self.coefficients
            level = as_open_probability(level, "level")
            margin = StudentT(self.degrees_of_freedom).quantile((1 + level) / 2) * error
            low, high = value - margin, value + margin
        if not (np.isfinite(low) & np.isfinite(high)).all():
            raise ValueError("X has predictions that are larger than any float: scale it down, and the fit")
        return Prediction(value, error, low, high)


def fit_linear(X: ArrayLike, y: ArrayLike) -> Regression:
    r"""Fit a linear model by least squares and estimate how accurate it is.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows, full column rank, :math:`n > d`; put a column of ones for an intercept.
    y : (n,) array_like
        Targets.

    Returns
    -------
    Regression
        Coefficients, standard errors, t values, residuals, leverage, and `predict`.

    Raises
    ------
    ValueError
        If the sizes disagree, :math:`n \le d`, a column is a combination of the others, or a sample is fitted
        by a coefficient of its own (leverage 1).

    Notes
    -----
    With :math:`X = QR`: coefficients :math:`R^{-1}Q^\top y`, leverage :math:`\sum_j Q_{ij}^2`, covariance
    :math:`s^2 R^{-1}R^{-\top}` with :math:`s^2 = \lVert r \rVert^2/(n - d)`. Relative error about
    :math:`\kappa(X)\,\varepsilon`, with the columns of `X` brought to one length first, so that their units
    do not matter. Where the residuals are those of rounding, the noise is zero. The distributions are exact
    for independent normal noise of one variance.

    References
    ----------
    Seber and Lee (2003), Linear Regression Analysis, chapters 3 and 5, doi:10.1002/9780471722199.

    Examples
    --------
    >>> fit = fit_linear([[1, 0], [1, 1], [1, 2], [1, 3]], [0, 1, 2, 4])
    >>> fit.coefficients, fit.t_values.round(2)
    (array([-0.2,  1.3]), array([-0.62,  7.51]))
    """
    X, y = as_matrix(X, "X"), as_vector(y, "y")
    n, d = X.shape
    if len(y) != n:
        raise ValueError(f"y has length {len(y)} but X {X.shape} has {n} rows: make them agree")
    if n <= d:
        raise ValueError(
            f"X {X.shape} must have more rows than columns: nothing is left to estimate the noise from"
        )
    (X, e), (y, k) = scaled_columns(X), scaled(y)
    if np.linalg.matrix_rank(X) < d:
        raise ValueError(f"X {X.shape} has a column that is a combination of the others: leave it out")
    Q, R = np.linalg.qr(X)
    leverage = np.sum(Q**2, axis=1)
    if leverage.max() > 1 - 1e-10:
        row = int(leverage.argmax())
        raise ValueError(
            f"row {row} of X has a coefficient of its own (leverage 1): leave out the row or the column"
        )
    coefficients, inverse = np.linalg.solve(R, Q.T @ y), np.linalg.inv(R)
    residuals = y - X @ coefficients
    noise = norm(residuals) / np.sqrt(n - d)
    if norm(residuals) <= _ROUNDING * d * EPSILON * norm(y):
        noise = 0.0
    covariance = noise**2 * inverse @ inverse.T
    return Regression(
        unscaled(coefficients, k - e, "a coefficient of X for y"),
        unscaled(covariance, 2 * k - (e[:, None] + e), "a variance of a coefficient of X for y"),
        unscaled(residuals, k, "a residual of y") if noise else np.ldexp(residuals, k),
        leverage,
        float(unscaled(noise, k, "the noise of y")),
    )
