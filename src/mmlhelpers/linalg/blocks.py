r"""Tables too long for memory: what is needed of them is a sum over blocks of rows.

Throughout, `blocks` is either an iterable of tables (n_i, d), one under the other, or a Dask array whose
columns are in one chunk. Blocks are only multiplied, transposed, added and handed to ``np.linalg.qr``, which
Dask arrays know how to do lazily: the sums below then build a plan, and ``np.asarray`` carries it out, on
threads or on a cluster, whatever scheduler is active. A stream that can be read only once is fine where
the docstring speaks of one pass.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple, SupportsIndex

import numpy as np

from mmlhelpers._checks import Array, as_count, as_items, as_matrix
from mmlhelpers._scale import EPSILON, exponent, scaled, scaled_columns, unscaled
from mmlhelpers.linalg._common import column_signs

Blocks = Iterable[Any]

_ROOM = 300  # exponents of entries that may be squared and added as they are


class BlockSVD(NamedTuple):
    """The leading singular values (k,), descending, and right singular vectors (k, d), one a row."""

    sigma: Array
    Vt: Array


def block_covariance(blocks: Blocks) -> Array:
    r"""Compute the covariance of the columns of a long table in one pass.

    Parameters
    ----------
    blocks : iterable of (n_i, d) arrays, or Dask array (n, d)
        Rows of the table.

    Returns
    -------
    (d, d) ndarray
        The covariance with divisor n.

    Raises
    ------
    ValueError
        If there is no block, or the blocks disagree in their number of columns.

    Notes
    -----
    The first block's mean is subtracted from all rows, so that a large common offset does not cancel. The
    relative error is then about :math:`n\varepsilon` as long as the first block is typical of all.

    References
    ----------
    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance,
    doi:10.1080/00031305.1983.10483115.

    Examples
    --------
    >>> block_covariance([[[0.0, 0.0]], [[2.0, 4.0]]])
    array([[1., 2.],
           [2., 4.]])
    """
    count, origin, e = 0, None, 0
    total: Any = 0
    products: Any = 0
    for block in _pieces(blocks):
        if origin is None:
            e = _exponent(block)
            origin = _over(block, e).mean(axis=0)
        moved = _over(block, e) - origin
        count += len(block)
        total, products = total + moved.sum(axis=0), products + moved.T @ moved
    sums = _compute(np.concatenate([total[None], products])) / count  # one plan, so one pass
    return unscaled(_finite(sums[1:] - np.outer(sums[0], sums[0])), 2 * e, "the covariance of blocks")


def tsqr(blocks: Blocks) -> Array:
    r"""Find the triangle of a long table's QR factors from the triangles of its blocks.

    Parameters
    ----------
    blocks : iterable of (n_i, d) arrays, or Dask array (n, d)
        Rows of the table, at least d in all; one pass.

    Returns
    -------
    (d, d) ndarray
        `R` upper triangular with a diagonal that is not negative; ``R.T @ R`` equals the sum of
        ``block.T @ block``.

    Raises
    ------
    ValueError
        If there is no block, the blocks disagree in their columns, or there are fewer rows than columns.

    Notes
    -----
    Nothing is squared: the singular values of `R` are those of the table to a small multiple of
    :math:`\varepsilon\,\sigma_1`. Kept at one time: a block, and a triangle for each block.

    References
    ----------
    Demmel, Grigori, Hoemmen and Langou (2012), Communication-optimal parallel and sequential QR and LU
    factorizations, doi:10.1137/080731992.

    Examples
    --------
    >>> tsqr([[[3.0, 1.0]], [[4.0, 2.0]]])
    array([[5. , 2.2],
           [0. , 0.4]])
    """
    triangles = [np.linalg.qr(block)[1] for block in _pieces(blocks)]
    R = _compute(np.linalg.qr(np.concatenate(triangles))[1])
    if len(R) < R.shape[1]:
        raise ValueError(
            f"blocks have {len(R)} rows in all but {R.shape[1]} columns: give at least as many rows"
        )
    return np.where(np.diag(R) < 0, -1.0, 1.0)[:, None] * _finite(R)


def block_least_squares(blocks: Blocks) -> Array:
    r"""Fit a linear model to a long table, in one pass and without squaring its condition number.

    Parameters
    ----------
    blocks : iterable of (n_i, d + 1) arrays, or Dask array (n, d + 1)
        Rows of the design matrix with the target as last column.

    Returns
    -------
    (d,) ndarray
        The coefficients.

    Raises
    ------
    ValueError
        As for `tsqr`, or if the features are linearly dependent.

    Notes
    -----
    As accurate as Householder QR of the whole table. Cost :math:`2nd^2`.

    References
    ----------
    Demmel, Grigori, Hoemmen and Langou (2012), Communication-optimal parallel and sequential QR and LU
    factorizations, doi:10.1137/080731992.

    Examples
    --------
    >>> block_least_squares([[[1, 0, 1], [1, 1, 2]], [[1, 2, 6]]])
    array([0.5, 2.5])
    """
    R = tsqr(blocks)
    (triangle, e), (target, f) = scaled_columns(R[:-1, :-1]), scaled(R[:-1, -1])
    size = np.abs(np.diag(triangle))  # beside columns of length about one, whatever their unit
    if size.size == 0 or size.min() <= len(R) * EPSILON:
        raise ValueError("blocks hold linearly dependent features, or none: leave out what depends on others")
    return unscaled(np.linalg.solve(triangle, target), f - e, "the coefficients for blocks")


def block_svd(
    blocks: Blocks, k: SupportsIndex, rng: np.random.Generator, *, n_power: SupportsIndex = 2
) -> BlockSVD:
    r"""Find the leading singular values and right singular vectors of a long table by random combinations.

    Parameters
    ----------
    blocks : iterable of (n_i, d) arrays, or Dask array (n, d)
        Rows of the table; read `n_power` + 2 times, so a generator will not do.
    k : int
        Number of singular values, from 1 to d.
    rng : Generator
        Source of randomness.
    n_power : int
        How often the combinations are sharpened, from 0.

    Returns
    -------
    BlockSVD
        `sigma` (k,) and `Vt` (k, d), each row with its largest entry positive. The left vectors of a block
        are ``block @ Vt.T / sigma``.

    Raises
    ------
    ValueError
        If the blocks disagree, are a generator, or a number is out of range.

    Notes
    -----
    Ten more combinations than `k` are kept. The values are never too large, and too small by a factor that
    approaches 1 like :math:`(\sigma_{k+11}/\sigma_k)^{4q + 4}` with q the number of powers.

    References
    ----------
    Halko, Martinsson and Tropp (2011), Finding structure with randomness, section 4.5,
    doi:10.1137/090771806.

    Examples
    --------
    >>> A = np.outer([1.0, 2.0, 2.0], [3.0, 4.0])
    >>> block_svd([A[:2], A[2:]], 1, np.random.default_rng(0)).sigma
    array([15.])
    """
    if as_items(blocks, "blocks") is blocks:
        raise ValueError("blocks are read several times: pass a list or a Dask array, not a generator")
    pieces = list(_pieces(blocks))
    d = pieces[0].shape[1]
    k = as_count(k, "k", 1, d)
    W: Array = rng.normal(size=(d, min(k + 10, d)))
    e = _exponent(pieces[0])
    e = e if abs(e) > _ROOM else 0
    pieces = [_over(block, e) for block in pieces] if e else pieces
    for _ in range(as_count(n_power, "n_power", 0) + 1):
        W = np.linalg.qr(_compute(sum(block.T @ (block @ W) for block in pieces))).Q
    triangles = [np.linalg.qr(block @ W)[1] for block in pieces]
    _, sigma, Vt = np.linalg.svd(_compute(np.concatenate(triangles)), full_matrices=False)
    V = W @ Vt[:k].T
    return BlockSVD(
        unscaled(_finite(sigma[:k]), e, "the singular values of blocks"), (V * column_signs(V)).T + 0.0
    )


def _pieces(blocks: Any) -> Iterable[Any]:
    """Yield tables of equal width: plain arrays, checked, or the lazy blocks of a Dask array."""
    if hasattr(blocks, "numblocks"):  # a Dask array
        if blocks.ndim != 2 or blocks.numblocks[1] != 1:
            raise ValueError("a Dask array must be a table with all columns in one chunk: rechunk({1: -1})")
        yield from (blocks.blocks[i] for i in range(blocks.numblocks[0]))
        return
    width = 0
    for number, block in enumerate(as_items(blocks, "blocks")):
        table = as_matrix(block, f"blocks[{number}]")
        width = width or table.shape[1]
        if table.shape[1] != width:
            raise ValueError(f"blocks[{number}] has {table.shape[1]} columns but the first has {width}")
        yield table
    if not width:
        raise ValueError("blocks must hold at least one block: a generator is empty after one pass")


def _exponent(block: Any) -> int:
    """Return the exponent of a table's unit if the table is there, and 0 for a lazy one."""
    return exponent(block) if isinstance(block, np.ndarray) else 0


def _over(block: Any, e: int) -> Any:
    return np.ldexp(block, -e) if e else block


def _finite(result: Array) -> Array:
    if not np.isfinite(result).all():
        raise ValueError("blocks have entries of too different sizes, or too large ones: scale them down")
    return result


def _compute(result: Any) -> Array:
    """Carry out a lazy plan; an array that is there already is returned as it is."""
    return np.asarray(result, dtype=np.float64)
