r"""Functional analysis by numbers: integrals by levels, fixed points, kernels, Gaussian processes.

Throughout, `X` (n, d) and `Y` (m, d) are samples as rows, `K` (n, n) the kernel matrix of the training
samples, `K_new` (m, n) that between new samples and the training ones, `y` (n,) the targets. A kernel is
symmetric and makes positive semidefinite matrices. Widths and lengths have the unit of the samples.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import (
    Array,
    as_columns,
    as_count,
    as_function,
    as_matrix,
    as_number,
    as_numbers,
    as_symmetric,
    as_tolerance,
    as_vector,
    sum_tolerance,
)
from mmlhelpers._scale import exponent, scaled, squared_distances, unscaled

__all__ = [
    "FixedPoint",
    "Posterior",
    "fixed_point",
    "gaussian_kernel",
    "gaussian_process",
    "kernel_ridge",
    "layer_integral",
    "polynomial_kernel",
    "value_iteration",
]


_FAR = 200  # exponent from which on kernel matrices are scaled
_VANISHED = 2.0**500  # e to the minus this is zero
_IMPOSSIBLE = 1e-2  # share of a variance by which rounding does not make it negative
_WHOLE_MOVE = 1e-5  # how far from one the probabilities of a move may sum to


class FixedPoint(NamedTuple):
    """The last point `x`, the `distances` (n_steps,) between neighbouring iterates, and `converged`."""

    x: Array
    distances: Array
    converged: bool


class Posterior(NamedTuple):
    """Means (m,) and standard deviations (m,) of the function, and the log density of the targets in nats."""

    mean: Array
    deviation: Array
    log_likelihood: float


# Integrals


def layer_integral(values: ArrayLike, measure: ArrayLike, n_levels: int) -> float:
    r"""Integrate a function from below by its values rather than by its places, as Lebesgue does.

    Parameters
    ----------
    values : (n,) array_like
        Values of the function on `n` disjoint sets, not negative.
    measure : (n,) array_like
        Measures of the sets, not negative.
    n_levels : int
        Number of levels between 0 and the largest value.

    Returns
    -------
    float
        :math:`\sum_k h\,\mu\{f \ge kh\}` over the levels :math:`h, 2h, \dots`, :math:`h` the largest value
        divided by `n_levels`.

    Raises
    ------
    ValueError
        If a value or a measure is negative or the lengths disagree.

    Notes
    -----
    At most the integral, and at most `h` times the measure of the whole below it.

    References
    ----------
    Book, section "Measure theory and functional analysis", part on the integral.

    Examples
    --------
    >>> layer_integral([0.0, 1.0, 2.0], [1.0, 1.0, 1.0], 2)
    3.0
    """
    f, measured = as_vector(values, "values"), as_vector(measure, "measure")
    if len(f) != len(measured) or f.min() < 0 or measured.min() < 0:
        raise ValueError(
            "values and measure must have one length and nothing negative, got lengths "
            f"{len(f)} and {len(measured)}, least {f.min():g} and {measured.min():g}"
        )
    f, e = scaled(f)
    n_levels = as_count(n_levels, "n_levels", 1)
    h = f.max() / n_levels
    if f.max() == 0:
        return 0.0
    steps = np.minimum(np.floor(f / h * (1 + 1e-12)), n_levels)  # levels reached; 0.3 / 0.1 counts as three
    (heights, i), (shares, j) = np.frexp(h * steps), np.frexp(measured)
    parts, unit = heights * shares, i + j  # each in a unit of its own: a high value may lie on little
    top = int(unit[parts > 0].max()) if parts.any() else 0
    return float(unscaled(np.ldexp(parts, unit - top).sum(), top + e, "the integral of values by measure"))


# Fixed points


def fixed_point(
    f: Callable[[Array], Any], start: ArrayLike, tolerance: float = 1e-10, max_steps: int = 1000
) -> FixedPoint:
    r"""Apply a map again and again, as in Banach's theorem.

    Parameters
    ----------
    f : callable
        From an array to one of the same shape.
    start : array_like
        First point.
    tolerance : float
        Stop when a step moves no entry by more than this.
    max_steps : int
        Stop after so many steps in any case.

    Returns
    -------
    FixedPoint
        Last point, the largest move of each step, and whether it fell to the tolerance.

    Raises
    ------
    ValueError
        If the map changes the shape, or the iterates stop being finite real numbers.

    Notes
    -----
    The tolerance has the unit of `x`: where numbers are tiny or huge, choose it with them. If `f` shrinks
    distances in the maximum norm by :math:`q < 1`, the error of the last point is at most :math:`q/(1 - q)`
    times the last distance.

    References
    ----------
    Banach (1922), doi:10.4064/fm-3-1-133-181.

    Examples
    --------
    >>> result = fixed_point(np.cos, 1.0)
    >>> round(float(result.x), 6), result.converged
    (0.739085, True)
    """
    f = as_function(f, "f")
    x = as_numbers(start, "start").copy()
    tolerance, max_steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 1)
    distances = list[float]()
    while len(distances) < max_steps and not (distances and distances[-1] <= tolerance):
        new = np.array(f(x.copy()))  # a map may work in place, or return the same array each time
        if new.dtype.kind not in "biuf":
            raise ValueError(f"f must return real numbers, got entries of type {new.dtype}")
        new = new.astype(np.float64)
        if new.shape != x.shape or not np.isfinite(new).all():
            raise ValueError(
                f"f must keep the shape {x.shape} and finite numbers, got shape {new.shape} in step "
                f"{len(distances) + 1}: is it a contraction where you start?"
            )
        with np.errstate(over="ignore"):
            distances.append(float(np.abs(new - x).max()))
        x = new
    return FixedPoint(x, np.array(distances), distances[-1] <= tolerance)


def value_iteration(
    moves: ArrayLike, rewards: ArrayLike, discount: float, tolerance: float = 1e-10
) -> tuple[FixedPoint, Array]:
    r"""Find what each state is worth under the best actions.

    Parameters
    ----------
    moves : (a, n, n) array_like
        For each action the probabilities of the next state, rows that sum to one.
    rewards : (n, a) array_like
        Reward of each action in each state.
    discount : float
        What a reward is worth one step later, from 0 to less than 1.
    tolerance : float
        Stop when no value changes by more than this, in the unit of the rewards.

    Returns
    -------
    values : FixedPoint
        Values (n,), distances and whether it converged.
    policy : (n,) ndarray of int
        The best action of each state, the first of equals.

    Raises
    ------
    ValueError
        If the shapes disagree, rows do not sum to one, or `discount` is out of range.

    Notes
    -----
    Each step shrinks the error in the maximum norm at least by `discount`.

    References
    ----------
    Puterman (1994), Markov Decision Processes, section 6.3.

    Examples
    --------
    >>> stay, leave = [[1, 0], [0, 1]], [[0, 1], [1, 0]]
    >>> values, policy = value_iteration([stay, leave], [[0, 0], [1, 0]], 0.5)
    >>> values.x.round(6), policy
    (array([1., 2.]), array([1, 0]))
    """
    P, R = as_numbers(moves, "moves"), as_matrix(rewards, "rewards")
    n, a = R.shape
    if P.shape != (a, n, n) or P.min() < 0 or P.max() > 2:
        raise ValueError(
            f"moves must be probabilities of shape {(a, n, n)} to fit rewards {R.shape}, got shape {P.shape}"
        )
    sums = P.sum(axis=2, keepdims=True)
    if np.abs(sums - 1).max() > max(sum_tolerance(moves, axis=2), _WHOLE_MOVE):
        raise ValueError(
            f"moves must be probabilities with rows that sum to one, got {sums.min():.9g} to {sums.max():.9g}"
        )
    discount = as_number(discount, "discount")
    if not 0 <= discount < 1:
        raise ValueError(f"discount must be from 0 to less than 1, got {discount!r}")
    tolerance = as_tolerance(tolerance, "tolerance")
    R, e = scaled(R)
    with np.errstate(over="ignore"):
        tolerance = min(float(np.ldexp(tolerance, -e)), np.finfo(float).max)

    def worth(v: Array) -> Array:
        return R + discount * (P @ v).T  # (n, a)

    found = fixed_point(lambda v: worth(v).max(axis=1), np.zeros(n), tolerance, 100_000)
    x, distances = (unscaled(part, e, "the value of a state under these rewards") for part in found[:2])
    return FixedPoint(x, distances, found.converged), worth(found.x).argmax(axis=1)


# Kernels


def gaussian_kernel(X: ArrayLike, Y: ArrayLike, width: float) -> Array:
    r"""Compare samples by their distance.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    Y : (m, d) array_like
        Samples as rows.
    width : float
        Distance at which the kernel has fallen to :math:`e^{-1/2}`; positive.

    Returns
    -------
    (n, m) ndarray
        :math:`\exp(-\lVert x - y \rVert^2 / (2 w^2))`.

    Raises
    ------
    ValueError
        If the columns disagree or the width is not positive.

    Notes
    -----
    Neither an offset nor the unit matters: distances are relative to about :math:`10^{-15}`, and so is the
    logarithm of the result.

    Examples
    --------
    >>> gaussian_kernel([[0.0]], [[0.0], [1.0]], 1.0).round(4)
    array([[1.    , 0.6065]])
    """
    X, Y = _as_pair(X, Y)
    width = as_number(width, "width")
    if width <= 0:
        raise ValueError(f"width must be a positive number, got {width!r}")
    squares, e = squared_distances(X, Y)
    width, finer = np.frexp(width)
    exponents = np.minimum(squares / (2 * width**2), _VANISHED)
    with np.errstate(over="ignore"):  # farther than any float: the kernel is zero there
        return np.asarray(np.exp(-np.ldexp(exponents, 2 * (e - int(finer)))))


def polynomial_kernel(X: ArrayLike, Y: ArrayLike, degree: int, offset: float = 1.0) -> Array:
    r"""Compare samples by all products of up to `degree` features at once.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    Y : (m, d) array_like
        Samples as rows.
    degree : int
        At least 1.
    offset : float
        Weight of the lower degrees, not negative.

    Returns
    -------
    (n, m) ndarray
        :math:`(x^\top y + c)^p`.

    Raises
    ------
    ValueError
        If the columns disagree, degree or offset are out of range, or a power is larger than any float.

    Examples
    --------
    >>> polynomial_kernel([[1.0, 2.0]], [[3.0, 1.0]], 2)
    array([[36.]])
    """
    X, Y = _as_pair(X, Y)
    degree = as_count(degree, "degree", 1)
    offset = as_tolerance(offset, "offset")
    (X, e), (Y, k) = scaled(X), scaled(Y)
    with np.errstate(over="ignore"):
        kernel = np.asarray((np.ldexp(X @ Y.T, e + k) + offset) ** degree)
    if not np.isfinite(kernel).all():
        raise ValueError("X and Y have a power that is larger than any float: scale them down")
    return kernel


def kernel_ridge(K: ArrayLike, y: ArrayLike, weight: float) -> Array:
    r"""Find the function in the kernel's space that balances fit and norm.

    Parameters
    ----------
    K : (n, n) array_like
        Kernel matrix of the training samples.
    y : (n,) or (n, p) array_like
        Targets, one column for each of several functions.
    weight : float
        Price of the squared norm, positive.

    Returns
    -------
    (n,) or (n, p) ndarray
        Coefficients `a` of :math:`f = \sum_i a_i k(x_i, \cdot)`, which minimises
        :math:`\sum_i (y_i - f(x_i))^2 + \lambda \lVert f \rVert^2`; predictions are ``K_new @ a``, and
        :math:`\lVert f \rVert^2 = a^\top K a`.

    Raises
    ------
    ValueError
        If `K` is not symmetric, the lengths disagree, or `weight` is not positive.

    Notes
    -----
    Solves :math:`(K + \lambda I)\,a = y` by Cholesky; error about
    :math:`10^{-16} (\lVert K \rVert_2 / \lambda + 1)` times the solution.

    References
    ----------
    Book, section "Measure theory and functional analysis", representer theorem.

    Examples
    --------
    >>> kernel_ridge([[1.0, 0.0], [0.0, 1.0]], [2.0, 4.0], 1.0)
    array([1., 2.])
    """
    K, y = _as_training(K, y)
    (C, e), (y, k) = _factor(K, weight, "weight"), scaled(y)
    return unscaled(np.linalg.solve(C.T, np.linalg.solve(C, y)), k - 2 * e, "the solution for K and y")


def gaussian_process(
    K: ArrayLike, K_new: ArrayLike, k_new: ArrayLike, y: ArrayLike, noise: float
) -> Posterior:
    r"""Predict a random function, with its uncertainty, from noisy values at some samples.

    Parameters
    ----------
    K : (n, n) array_like
        Prior covariances of the function at the training samples.
    K_new : (m, n) array_like
        Prior covariances between new and training samples.
    k_new : (m,) array_like
        Prior variances at the new samples.
    y : (n,) array_like
        Noisy values; the prior mean is zero.
    noise : float
        Variance of the noise, positive.

    Returns
    -------
    Posterior
        Means and standard deviations of the function (without noise) at the new samples, and the logarithm of
        the density of `y`.

    Raises
    ------
    ValueError
        If shapes disagree, `K` is not symmetric, `noise` is not positive, or `K_new` is too large to be
        covariances with variances `k_new`.

    Notes
    -----
    By one Cholesky factor of :math:`K + \sigma^2 I`; the means equal kernel ridge regression with
    :math:`\lambda = \sigma^2`. Variances that rounding made negative are set to zero.

    References
    ----------
    Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, algorithm 2.1.

    Examples
    --------
    >>> result = gaussian_process([[1.0]], [[1.0], [0.0]], [1.0, 1.0], [2.0], 1.0)
    >>> result.mean, result.deviation.round(4)
    (array([1., 0.]), array([0.7071, 1.    ]))
    """
    K, y = _as_training(K, as_vector(y, "y"))
    K_new, k_new = as_matrix(K_new, "K_new"), as_vector(k_new, "k_new")
    if K_new.shape != (len(k_new), len(y)):
        raise ValueError(
            f"K_new must have shape {(len(k_new), len(y))} to fit k_new and y, got {K_new.shape}"
        )
    if k_new.min() < 0:
        raise ValueError(f"k_new must hold variances, not negative, got {k_new.min():.6g}")
    (C, e), (y, k) = _factor(K, noise, "noise"), scaled(y)
    try:
        K_new, k_new = (unscaled(part, -2 * e, name) for part, name in ((K_new, "K_new"), (k_new, "k_new")))
    except ValueError as error:
        raise ValueError(f"{error}; K, K_new and k_new must have one unit") from None
    white = np.linalg.solve(C, y)
    across = np.linalg.solve(C, K_new.T)  # (n, m)
    with np.errstate(over="ignore", invalid="ignore"):
        variance = k_new - (across**2).sum(axis=0)
    if not np.all(variance >= -_IMPOSSIBLE * k_new):
        raise ValueError(
            "K_new must hold covariances that fit K and k_new, got some that explain more than the variance "
            f"of new sample {int(np.argmin(variance))}"
        )
    mean = unscaled(across.T @ white, k, "the mean, for this K_new and y,")
    deviation = unscaled(np.sqrt(np.maximum(variance, 0)), e, "a deviation, the root of k_new,")
    with np.errstate(over="ignore"):
        log_likelihood = float(
            -np.ldexp(white @ white, 2 * (k - e)) / 2
            - (np.log(np.diag(C)).sum() + len(y) * e * np.log(2))
            - len(y) / 2 * np.log(2 * np.pi)
        )
    if not np.isfinite(log_likelihood):
        raise ValueError("y is too far from zero for K and noise: its log density is no float")
    return Posterior(mean, deviation, log_likelihood)


# Helpers


def _as_pair(X: ArrayLike, Y: ArrayLike) -> tuple[Array, Array]:
    X, Y = as_matrix(X, "X"), as_matrix(Y, "Y")
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"X and Y must have the same number of columns, got shapes {X.shape} and {Y.shape}")
    return X, Y


def _as_training(K: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    K = as_symmetric(K, "K")
    y = as_columns(y, "y")
    if len(K) != len(y):
        raise ValueError(f"y must have {len(K)} entries to fit K {K.shape}, got {len(y)}")
    return K, y


def _factor(K: Array, ridge: float, name: str) -> tuple[Array, int]:
    """Return ``(C, e)``: the kernel matrix with a positive number on its diagonal is ``C @ C.T * 4**e``.

    Scaled only where its numbers are far from one, so that logarithms keep their last digit.
    """
    ridge = as_number(ridge, name)
    if ridge <= 0:
        raise ValueError(f"{name} must be a positive number, got {ridge!r}")
    size = max(exponent(K) if K.any() else exponent(ridge), exponent(ridge))
    e = size // 2 if abs(size) > _FAR else 0
    K, ridge = np.ldexp(K, -2 * e), float(np.ldexp(ridge, -2 * e))
    try:
        return np.asarray(np.linalg.cholesky(K + ridge * np.eye(len(K))), dtype=np.float64), e
    except np.linalg.LinAlgError:
        with np.errstate(over="ignore"):
            least = np.ldexp(np.linalg.eigvalsh(K)[0], 2 * e)
        raise ValueError(
            f"K must be positive semidefinite, got least eigenvalue {least:.3g}: is it a "
            f"kernel? A larger {name} helps if the cause is rounding"
        ) from None
