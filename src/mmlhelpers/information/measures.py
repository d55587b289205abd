"""Entropy, cross-entropy, divergence and mutual information of discrete distributions and of normals."""

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_array, as_distribution, as_symmetric, as_vector
from mmlhelpers._scale import exponent, scaled
from mmlhelpers.information._arguments import as_joint, as_log_base, as_pair

__all__ = [
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "joint_distribution",
    "kl_divergence",
    "kl_normals",
    "mutual_information",
]


def entropy(p: ArrayLike, base: float = 2) -> float:
    r"""Average the surprise of a distribution.

    Parameters
    ----------
    p : array_like
        Probabilities of any shape that sum to one.
    base : float
        Base of the logarithm: 2 for bits, `np.e` for nats.

    Returns
    -------
    float
        :math:`H(p) = -\sum_i p_i \log p_i`, where :math:`0 \log 0 = 0`.

    Raises
    ------
    ValueError
        If `p` is no distribution or `base` is not above 1.

    Notes
    -----
    Error a few :math:`\varepsilon\,(1 + H(p))` nats: no term is negative, but beside the surprise of
    a probability near one its rounding shows.

    References
    ----------
    Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x; book, section "Information theory".

    Examples
    --------
    >>> entropy([0.5, 0.25, 0.25])
    1.5
    """
    p = as_distribution(p, "p")
    return _surprise(p, p) / as_log_base(base)


def cross_entropy(p: ArrayLike, q: ArrayLike, base: float = 2) -> float:
    r"""Average the surprise of someone who expects one distribution and meets another.

    Parameters
    ----------
    p : array_like
        What happens: probabilities of any shape that sum to one.
    q : array_like
        What is expected, same shape.
    base : float
        Base of the logarithm: 2 for bits, `np.e` for nats.

    Returns
    -------
    float
        :math:`H(p, q) = -\sum_i p_i \log q_i`; infinite if something happens that `q` rules out.

    Raises
    ------
    ValueError
        If `p` or `q` is no distribution, their shapes disagree, or `base` is not above 1.

    Notes
    -----
    Error a few :math:`\varepsilon\,(1 + H(p, q))` nats: no term is negative, but beside the surprise of
    a probability near one its rounding shows.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> cross_entropy([0.5, 0.5], [0.25, 0.75])
    1.20751874964
    """
    return _surprise(*as_pair(p, q)) / as_log_base(base)


def kl_divergence(p: ArrayLike, q: ArrayLike, base: float = 2) -> float:
    r"""Measure what it costs to expect one distribution and meet another (Kullback and Leibler).

    Parameters
    ----------
    p : array_like
        What happens: probabilities of any shape that sum to one.
    q : array_like
        What is expected, same shape.
    base : float
        Base of the logarithm: 2 for bits, `np.e` for nats.

    Returns
    -------
    float
        :math:`D(p \Vert q) = \sum_i p_i \log(p_i / q_i)`, never negative; infinite if something happens that
        `q` rules out.

    Raises
    ------
    ValueError
        If `p` or `q` is no distribution, their shapes disagree, or `base` is not above 1.

    Notes
    -----
    Summed as :math:`p_i \log(p_i/q_i) - p_i + q_i`: these terms are never negative, and what is added sums to
    zero. The absolute error is about :math:`\varepsilon \sum_i |p_i - q_i|`, so that near distributions keep
    digits which the plain sum would lose.

    References
    ----------
    Kullback and Leibler (1951), doi:10.1214/aoms/1177729694; book, section "Information theory".

    Examples
    --------
    >>> kl_divergence([0.5, 0.5], [0.25, 0.75])
    0.20751874964
    >>> kl_divergence([0.5, 0.5], [1.0, 0.0])
    inf
    """
    p, q = as_pair(p, q)
    with np.errstate(divide="ignore"):
        return _divergence(p, q, np.log(q)) / as_log_base(base)


def conditional_entropy(joint: ArrayLike, base: float = 2) -> float:
    r"""Average what remains uncertain about the second variable once the first is known.

    Parameters
    ----------
    joint : (m, k) array_like
        Probabilities of pairs: the first variable's value is the row, the second's the column.
    base : float
        Base of the logarithm: 2 for bits, `np.e` for nats.

    Returns
    -------
    float
        :math:`H(Y \mid X) = \sum_x p(x) H(Y \mid X = x)`.

    Raises
    ------
    ValueError
        If `joint` is no table of probabilities or `base` is not above 1.

    Notes
    -----
    Error a few :math:`\varepsilon\,(1 + H(Y \mid X))` nats: no term is negative, but beside the surprise of
    a probability near one its rounding shows.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> conditional_entropy([[0.5, 0.0], [0.25, 0.25]])
    0.5
    """
    p = as_joint(joint, "joint")
    rows = p.sum(axis=1, keepdims=True)
    return _surprise(p, np.divide(p, rows, out=np.ones_like(p), where=rows > 0)) / as_log_base(base)


def mutual_information(joint: ArrayLike, base: float = 2) -> float:
    r"""Measure how much two variables tell about each other.

    Parameters
    ----------
    joint : (m, k) array_like
        Probabilities of pairs: the first variable's value is the row, the second's the column.
    base : float
        Base of the logarithm: 2 for bits, `np.e` for nats.

    Returns
    -------
    float
        :math:`I(X; Y) = D(p(x, y) \Vert p(x)\,p(y))`, never negative.

    Raises
    ------
    ValueError
        If `joint` is no table of probabilities or `base` is not above 1.

    Notes
    -----
    Accuracy as that of `kl_divergence`. From counts it is too large on average, by about
    :math:`(m - 1)(k - 1)/2n` nats for :math:`n` samples.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> mutual_information([[0.5, 0.0], [0.0, 0.5]])
    1.0
    """
    p = as_joint(joint, "joint")
    first, second = p.sum(axis=1), p.sum(axis=0)
    with np.errstate(divide="ignore"):
        logs = np.log(first)[:, None] + np.log(second)  # the product itself may vanish
    return _divergence(p, np.outer(first, second), logs) / as_log_base(base)


def joint_distribution(x: ArrayLike, y: ArrayLike) -> Array:
    """Count how often two variables take each pair of values.

    Parameters
    ----------
    x, y : (n,) array_like
        Values of any kind that can be sorted: numbers or strings.

    Returns
    -------
    (m, k) ndarray
        Shares of the pairs: a row for each value of `x`, a column for each value of `y`, both in order.

    Raises
    ------
    ValueError
        If `x` and `y` are not of one length, or empty.

    Notes
    -----
    Exact counts, divided by n.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> joint_distribution(["a", "b", "a", "a"], [0, 1, 0, 1])
    array([[0.5 , 0.25],
           [0.  , 0.25]])
    """
    first, second = as_array(x, "x"), as_array(y, "y")
    if first.ndim != 1 or first.shape != second.shape or first.size == 0:
        raise ValueError(
            f"x and y must be of one shape (n,), not empty, got shapes {first.shape} and {second.shape}"
        )
    try:
        (rows, row), (columns, column) = (np.unique(part, return_inverse=True) for part in (first, second))
    except TypeError:
        raise ValueError("x and y must hold labels that can be sorted: leave out None") from None
    counts = np.bincount(row * len(columns) + column, minlength=len(rows) * len(columns))
    shares: Array = counts.reshape(len(rows), len(columns)) / first.size
    return shares


def kl_normals(mean: ArrayLike, covariance: ArrayLike, mean_q: ArrayLike, covariance_q: ArrayLike) -> float:
    r"""Measure the divergence of one normal distribution from another.

    Parameters
    ----------
    mean, covariance : (d,) and (d, d) array_like
        What happens; the covariance is symmetric positive definite.
    mean_q, covariance_q : (d,) and (d, d) array_like
        What is expected.

    Returns
    -------
    float
        :math:`D(N(m, S) \Vert N(m', S'))` in nats, never negative.

    Raises
    ------
    ValueError
        If the shapes disagree, a covariance is not symmetric positive definite, or the result overflows.

    Notes
    -----
    With Cholesky factors :math:`S = LL^\top` and :math:`S' = KK^\top` it is :math:`\tfrac12 \lVert K^{-1}L
    \rVert_F^2 + \tfrac12 \lVert K^{-1}(m - m') \rVert^2 - \tfrac d2 + \sum_i \log(K_{ii}/L_{ii})`. The error
    is about :math:`\varepsilon\,(d + \kappa(S'))` times the largest term.

    References
    ----------
    Book, section "Information theory", equation (eq-kl-normals).

    Examples
    --------
    >>> kl_normals([1.0], [[1.0]], [0.0], [[1.0]])
    0.5
    """
    m, L = _normal(mean, covariance, "")
    m_q, K = _normal(mean_q, covariance_q, "_q")
    if len(m) != len(m_q):
        raise ValueError(f"mean_q has length {len(m_q)} but mean has length {len(m)}: make them agree")
    unit = exponent(K)  # a common unit does not matter
    K, L = np.ldexp(K, -unit), np.ldexp(L, -unit)
    with np.errstate(over="ignore", invalid="ignore"):
        ratio = np.linalg.solve(K, L)
        shift = np.linalg.solve(K, np.ldexp(m / 2 - m_q / 2, 1 - unit))
        logs = (np.log(np.diag(K)) - np.log(np.diag(L))).sum()
        nats = float((np.sum(ratio**2) + shift @ shift - len(m)) / 2 + logs)
    if not np.isfinite(nats):
        raise ValueError("mean and covariance are so far from mean_q and covariance_q that no float holds it")
    return max(0.0, nats)


def _divergence(p: Array, q: Array, log_q: Array) -> float:
    """Sum p log(p/q) - p + q in nats, by the form of a term that keeps its digits."""
    happens = p > 0
    p, q, log_q, never = p[happens], q[happens], log_q[happens], q[~happens].sum()
    with np.errstate(over="ignore"):
        change = (q - p) / p
    near = np.abs(change) < 0.5
    change = np.where(near, change, 0.0)
    small = p * (change - np.log1p(change))
    large = p * (np.log(p) - log_q) - p + q
    return float(np.sum(np.where(near, small, large)) + never)


def _surprise(p: Array, q: Array) -> float:
    """Average -log q under p, in nats; what never happens surprises nobody."""
    happens = p > 0
    with np.errstate(divide="ignore"):
        return float(-(p[happens] @ np.log(q[happens])) + 0.0)  # + 0.0 turns -0.0 into 0.0


def _normal(mean: ArrayLike, covariance: ArrayLike, suffix: str) -> tuple[Array, Array]:
    """Read the mean of a normal distribution, and its covariance as a Cholesky factor."""
    m, S = as_vector(mean, f"mean{suffix}"), as_symmetric(covariance, f"covariance{suffix}")
    if len(m) != len(S):
        raise ValueError(f"covariance{suffix} {S.shape} must fit mean{suffix} of length {len(m)}")
    S, e = scaled(S)
    if e % 2:
        S, e = S * 2, e - 1
    try:
        L = np.ldexp(np.linalg.cholesky(S), e // 2).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"covariance{suffix} must be positive definite, "
            f"got a smallest eigenvalue of {np.ldexp(np.linalg.eigvalsh(S)[0], e):.6g}"
        ) from None
    return m, L
