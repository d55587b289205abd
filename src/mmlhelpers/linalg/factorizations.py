"""Orthonormal columns as the formula says, once or twice: what the book compares better methods with."""

from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count
from mmlhelpers._scale import norm
from mmlhelpers.linalg.subspaces import _as_basis


def classical_gram_schmidt(A: ArrayLike, passes: SupportsIndex = 1) -> Array:
    r"""Orthonormalise columns by subtracting all earlier directions at once, as the formula is written.

    Parameters
    ----------
    A : (m, n) array_like
        Basis, one vector a column; full column rank.
    passes : int
        How often the earlier directions are subtracted, from 1.

    Returns
    -------
    (m, n) ndarray
        `Q`, whose columns would be orthonormal in exact arithmetic.

    Raises
    ------
    ValueError
        If `A` lacks full column rank or `passes` is out of range.

    Notes
    -----
    ``Q.T @ Q`` differs from the identity by a small multiple of :math:`\varepsilon` after two passes, as long
    as :math:`\kappa(A)\,\varepsilon` is small. After one pass the difference is often about
    :math:`\kappa(A)^2\varepsilon`, but nothing bounds it: that law needs the length of the remainder by
    Pythagoras, not by its norm, and without it blocks of columns that are ill-conditioned in themselves lose
    all orthogonality.

    References
    ----------
    Giraud, Langou, Rozložník and van den Eshof (2005), Rounding error analysis of the classical Gram-Schmidt
    orthogonalization process, doi:10.1007/s00211-005-0615-4. Smoktunowicz, Barlow and Langou (2006), A note
    on the error analysis of classical Gram-Schmidt, doi:10.1007/s00211-006-0042-1.

    Examples
    --------
    >>> classical_gram_schmidt([[2, 1], [0, 3]])
    array([[1., 0.],
           [0., 1.]])
    """
    A, passes = _as_basis(A, "A"), as_count(passes, "passes", 1)
    Q = np.empty_like(A)
    for j in range(A.shape[1]):
        v = A[:, j]
        for _ in range(passes):
            v = v - Q[:, :j] @ (Q[:, :j].T @ v)
        Q[:, j] = v / norm(v)
    return Q
