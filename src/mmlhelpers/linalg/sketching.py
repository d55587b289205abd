"""Answers about a large matrix from its products with a few random vectors."""

from typing import NamedTuple, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import as_count, as_generator
from mmlhelpers._scale import scaled, unscaled
from mmlhelpers.linalg._common import Operator, as_operator


class TraceEstimate(NamedTuple):
    """The mean over the probes, and its standard error from the spread of the probes."""

    value: float
    standard_error: float


def estimate_trace(
    operator: ArrayLike | Operator,
    n: SupportsIndex,
    rng: np.random.Generator,
    *,
    n_probes: SupportsIndex = 30,
) -> TraceEstimate:
    r"""Estimate the sum of the diagonal of a matrix that can only be multiplied with.

    Parameters
    ----------
    operator : (n, n) array_like or callable
        The matrix :math:`A`, or the function that multiplies a vector (n,) by it.
    n : int
        Number of rows.
    rng : Generator
        Source of randomness.
    n_probes : int
        Number of products, from 2.

    Returns
    -------
    TraceEstimate
        `value`, the mean of :math:`z^\top A z` over vectors :math:`z` of random signs, and its
        `standard_error`.

    Raises
    ------
    ValueError
        If the sizes disagree, a count is out of range, or a product is NaN or infinite.

    Notes
    -----
    Unbiased; for symmetric :math:`A` one probe has variance
    :math:`2(\lVert A \rVert_F^2 - \sum_i a_{ii}^2)`. Exact for diagonal matrices.

    References
    ----------
    Hutchinson (1990), A stochastic estimator of the trace of the influence matrix for Laplacian smoothing
    splines, doi:10.1080/03610919008812866.

    Examples
    --------
    >>> estimate_trace(np.diag([1.0, 2.0]), 2, np.random.default_rng(0))
    TraceEstimate(value=3.0, standard_error=0.0)
    """
    rng = as_generator(rng, "rng")
    n, n_probes = as_count(n, "n", 1), as_count(n_probes, "n_probes", 2)
    multiply, e = as_operator(operator, "operator", n, symmetric=False)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused by name
        answers = [z @ multiply(z) for z in rng.choice([-1.0, 1.0], size=(n_probes, n))]
    if not np.isfinite(answers).all():
        raise ValueError(f"operator must give finite products, got {np.array(answers)[:4]}")
    part, f = scaled(answers)
    spread = np.std(part, ddof=1) / np.sqrt(n_probes)
    value = unscaled(np.mean(part), e + f, "the trace of operator")
    error = float(unscaled(spread, e + f, "the spread of operator", may_vanish=True))
    return TraceEstimate(float(value), error)
