"""Judging classifiers: whether two differ, which classes are taken for which, and what a threshold trades."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_array, as_count, as_mask, as_vector
from mmlhelpers.probability.distributions import Binomial

_EXACT = 10_000  # throws up to which whole numbers are quick


class McNemar(NamedTuple):
    """How often the first alone was right, how often the second alone, and the two-sided p-value."""

    first_only: int
    second_only: int
    p_value: float


class ROC(NamedTuple):
    """What saying "one" from each threshold on gives: false and true positive rates (k,), and the area."""

    false_positive_rate: Array
    true_positive_rate: Array
    thresholds: Array
    area: float


def mcnemar(first_right: ArrayLike, second_right: ArrayLike) -> McNemar:
    """Test whether two classifiers, tried on the same samples, err equally often.

    Parameters
    ----------
    first_right : (n,) array_like of bool
        Where the first classifier is right.
    second_right : (n,) array_like of bool
        Where the second is right.

    Returns
    -------
    McNemar
        The two counts of disagreement, and the two-sided p-value.

    Raises
    ------
    ValueError
        If the lengths differ, or the entries are not True or False.

    Notes
    -----
    Samples on which both are right, or both wrong, say nothing about the difference. If the classifiers err
    equally often, each of the others falls to either with probability one half, so the p-value is twice a
    binomial tail, at most one. Exact: it is computed in whole numbers, and from ten thousand samples on as
    accurately as `Binomial.cdf`.

    References
    ----------
    McNemar (1947), doi:10.1007/BF02295996.

    Examples
    --------
    >>> mcnemar([True] * 6 + [False], [False] * 6 + [False])
    McNemar(first_only=6, second_only=0, p_value=0.03125)
    """
    first = as_mask(first_right, "first_right", as_array(first_right, "first_right").shape)
    second = as_mask(second_right, "second_right", first.shape)
    a, b = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    return McNemar(a, b, min(1.0, 2 * _half_tail(min(a, b), a + b)))


def _half_tail(k: int, n: int) -> float:
    """Return the probability of at most k heads in n throws of a fair coin."""
    if n > _EXACT:
        return float(Binomial(n, 0.5).cdf(k))
    term = total = 1
    for j in range(k):
        term = term * (n - j) // (j + 1)
        total += term
    return float(Fraction(total, 1 << n))


def confusion_matrix(y: ArrayLike, predicted: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Count which class is taken for which.

    Parameters
    ----------
    y : (n,) array_like of int
        True classes, 0 to `n_classes` - 1.
    predicted : (n,) array_like of int
        Predicted classes.
    n_classes : int
        Number of classes.

    Returns
    -------
    (n_classes, n_classes) ndarray of int
        Entry (i, j) counts the samples of class i that were taken for class j.

    Raises
    ------
    ValueError
        If the lengths differ, or an entry is no class.

    Notes
    -----
    Exact. Rows sum to the sizes of the classes, the diagonal counts what is right.

    Examples
    --------
    >>> confusion_matrix([0, 0, 0, 1], [0, 0, 1, 1], 2)
    array([[2, 1],
           [0, 1]])
    """
    n_classes = as_count(n_classes, "n_classes", 1)
    truth, guess = _classes(y, "y", n_classes), _classes(predicted, "predicted", n_classes)
    _same_length(truth, guess, "predicted")
    counts = np.bincount(truth * n_classes + guess, minlength=n_classes**2)
    return counts.reshape(n_classes, n_classes).astype(np.int64)


def roc_curve(y: ArrayLike, scores: ArrayLike) -> ROC:
    """Follow the rates of false and true positives while the threshold falls.

    Parameters
    ----------
    y : (n,) array_like of int
        True classes, 0 or 1, both of them present.
    scores : (n,) array_like
        The higher, the rather "one": probabilities, logits, anything that orders.

    Returns
    -------
    ROC
        The rates (k,), from 0 to 1, of calling "one" whatever scores at least the threshold (k,), which falls
        from infinity (never) through the different scores to the least (always); and the area.

    Raises
    ------
    ValueError
        If the lengths differ, an entry of `y` is neither 0 nor 1, or one of them is missing.

    Notes
    -----
    The area is the probability that a random one scores higher than a random zero, ties counted half. Exact
    up to rounding.

    References
    ----------
    Fawcett (2006), doi:10.1016/j.patrec.2005.10.010.

    Examples
    --------
    >>> roc = roc_curve([0, 1, 0, 1], [0.1, 0.4, 0.5, 0.9])
    >>> roc.true_positive_rate, roc.area
    (array([0. , 0.5, 0.5, 1. , 1. ]), 0.75)
    """
    truth, score = _classes(y, "y", 2), as_vector(scores, "scores")
    _same_length(truth, score, "scores")
    if len(np.unique(truth)) < 2:
        raise ValueError(f"y must hold zeros and ones, got only {truth[0]}: a rate needs both")
    thresholds, place = np.unique(-score, return_inverse=True)
    ones, zeros = (np.bincount(place[truth == c], minlength=len(thresholds)).cumsum() for c in (1, 0))
    true_rate = np.append(0.0, ones / ones[-1])
    false_rate = np.append(0.0, zeros / zeros[-1])
    area = float(np.trapezoid(true_rate, false_rate))
    return ROC(false_rate, true_rate, np.append(np.inf, -thresholds), area)


def _classes(value: ArrayLike, name: str, n_classes: int) -> NDArray[np.int64]:
    """Read a vector of classes."""
    vector = as_vector(value, name)
    wrong = (vector != np.floor(vector)) | (vector < 0) | (vector >= n_classes)
    if wrong.any():
        raise ValueError(
            f"{name} must hold whole numbers from 0 to {n_classes - 1}, got {vector[wrong][0]:.6g}"
        )
    return vector.astype(np.int64)


def _same_length(first: NDArray[np.int64], second: NDArray[np.generic], name: str) -> None:
    if len(first) != len(second):
        raise ValueError(f"{name} has length {len(second)} but y has {len(first)}")
