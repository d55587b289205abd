r"""Tables too long for memory: what is needed of them is made from small parts, one for each block of rows.

Throughout, `blocks` is either an iterable of tables (n_i, d), one under the other, or a Dask array whose
columns are in one chunk. Of every block a part is kept that does not grow with its rows, and the parts are
merged in groups, then the groups: of an iterable one block after the other, of a Dask array by Dask's own
trees of reduction, on threads or on a cluster, whatever scheduler is active. Blocks of any type of real
number are read as float64, one at a time. The chunks of a Dask array may have unknown or no rows.

The shape of the tree is fixed by the number of blocks, so that neither the number of workers, nor their
order, nor the death of one changes a digit. A stream that can be read only once is fine where the docstring
speaks of one pass. In a script, what starts a cluster of processes must stand behind
``if __name__ == "__main__":``, since its workers import the script.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, SupportsIndex

import numpy as np

from mmlhelpers._checks import Array, as_count, as_generator, as_items, as_matrix
from mmlhelpers._scale import EPSILON, centered, scaled, scaled_columns, unscaled
from mmlhelpers.linalg._common import column_signs, within_range

Blocks = Iterable[Any]

_ROOM = 300  # exponents of entries that may be squared and added as they are
_GROUP = 16  # parts that are merged at one time


@dataclass(frozen=True)
class _Part:
    """What is kept of some blocks: a table in units of ``2**e``. No tuple: Dask would take one apart."""

    table: Array
    e: int = 0


@dataclass(frozen=True)
class _Spread:
    """The number of rows, their mean in units of ``2**e``, and the products of deviations, of ``4**e``."""

    n: int
    mean: Array
    products: Array
    e: int


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
    Each block is measured from its own mean, so that a large common offset does not cancel; the means of
    the blocks enter when they are merged. The relative error is about :math:`n\varepsilon`.

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
    spread = _reduce(blocks, _spread, _merged_spread)
    return unscaled(_finite(spread.products / spread.n), 2 * spread.e, "the covariance of blocks")


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
    :math:`\varepsilon\,\sigma_1`. Kept at one time: a block, and at most sixteen triangles.

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
    R = _reduce(blocks, _triangle, _merged_triangle).table
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
    rng = as_generator(rng, "rng")
    if not _is_lazy(blocks) and as_items(blocks, "blocks") is blocks:
        raise ValueError("blocks are read several times: pass a list or a Dask array, not a generator")
    d = _width(blocks)
    k = as_count(k, "k", 1, d)
    W: Array = rng.normal(size=(d, min(k + 10, d)))
    for _ in range(as_count(n_power, "n_power", 0) + 1):
        W = np.linalg.qr(_reduce(blocks, _sketch, _sum, W).table).Q
    triangle = _reduce(blocks, _triangle_of_product, _merged_triangle, W)
    _, sigma, Vt = np.linalg.svd(triangle.table, full_matrices=False)
    V = W @ Vt[:k].T
    return BlockSVD(
        unscaled(_finite(sigma[:k]), triangle.e, "the singular values of blocks"),
        (V * column_signs(V)).T + 0.0,
    )


# Parts of blocks, and how they are merged


def _spread(block: Array) -> _Spread:
    block, e = within_range(block, _ROOM)
    moved, mean = centered(block)
    return _Spread(len(block), mean, moved.T @ moved, e)


def _merged_spread(parts: list[_Spread]) -> _Spread:
    """Add the products about the means of the parts, and those of the means about the common one."""
    e = max((part.e for part in parts if part.mean.any() or part.products.any()), default=0)
    sizes = np.array([[part.n] for part in parts])
    means = np.concatenate([np.ldexp(part.mean, part.e - e) for part in parts])
    means, origin = means - means[0], means[:1]  # an offset of all costs no digits
    middle = (sizes / sizes.sum() * means).sum(axis=0, keepdims=True)
    apart = means - middle
    within = sum(np.ldexp(part.products, 2 * (part.e - e)) for part in parts)
    return _Spread(int(sizes.sum()), origin + middle, within + (sizes * apart).T @ apart, e)


def _triangle(block: Array) -> _Part:
    return _Part(np.linalg.qr(block).R)


def _sketch(block: Array, W: Array) -> _Part:
    block, e = within_range(block, _ROOM)
    return _Part(block.T @ (block @ W), 2 * e)


def _triangle_of_product(block: Array, W: Array) -> _Part:
    block, e = within_range(block, _ROOM)
    return _Part(np.linalg.qr(block @ W).R, e)


def _sum(parts: list[_Part]) -> _Part:
    tables, e = _in_one_unit(parts)
    return _Part(np.asarray(sum(tables)), e)


def _merged_triangle(parts: list[_Part]) -> _Part:
    tables, e = _in_one_unit(parts)
    return _Part(np.linalg.qr(np.concatenate(tables)).R, e)


def _in_one_unit(parts: list[_Part]) -> tuple[list[Array], int]:
    e = max((part.e for part in parts if part.table.any()), default=0)
    return [np.ldexp(part.table, part.e - e) if part.e != e else part.table for part in parts], e


# The way over the blocks


def _reduce(blocks: Any, part: Callable[..., Any], merge: Callable[..., Any], *shared: Array) -> Any:
    """Make a part of every block, and merge the parts until one is left."""
    if _is_lazy(blocks):
        return _reduce_lazily(blocks, part, merge, shared)
    parts: list[Any] = []
    for table in _tables(blocks):
        parts.append(part(table, *shared))
        if len(parts) == _GROUP:
            parts = [merge(parts)]
    return merge(parts)


def _is_lazy(blocks: Any) -> bool:
    """Tell Dask arrays from everything else, without importing Dask."""
    return hasattr(blocks, "numblocks")


def _width(blocks: Any) -> int:
    """Return the number of columns of a table that can be read several times."""
    width = _with_whole_rows(blocks).shape[1] if _is_lazy(blocks) else next(iter(_tables(blocks))).shape[1]
    if np.isnan(width):
        raise ValueError("blocks do not know how many columns they have: call blocks.compute_chunk_sizes()")
    return int(width)


def _with_whole_rows(blocks: Any) -> Any:
    if blocks.ndim != 2 or blocks.numblocks[1] != 1:
        raise ValueError("blocks must be a table with all columns in one chunk: blocks.rechunk({1: -1})")
    return blocks


def _reduce_lazily(X: Any, part: Callable[..., Any], merge: Callable[..., Any], shared: Any) -> Any:
    """Let Dask do it: one graph, linear in the number of blocks, in which the shared arrays stand once."""
    import dask.array as da
    from dask.delayed import delayed

    meta = np.empty((0, 0))
    once = [delayed(array) for array in shared]
    parts = _with_whole_rows(X).map_blocks(partial(_read, part), *once, dtype=np.float64, meta=meta)
    merged = partial(_merge_present, merge)
    options = {"axis": 0, "concatenate": False, "split_every": _GROUP, "dtype": np.float64, "meta": meta}
    reduction: Any = da.reduction
    whole = reduction(parts, _as_it_is, merged, **options).compute()
    if whole is None:
        raise ValueError("blocks must hold at least one row, got chunks without any")
    return whole


def _read(part: Callable[..., Any], block: Any, *shared: Array) -> Any:
    """Make a part of one chunk, which may have lost all its rows to a filter."""
    return part(as_matrix(block, "blocks"), *shared) if len(block) else None


def _as_it_is(part: Any, axis: Any = None, keepdims: Any = None) -> Any:
    return part


def _merge_present(merge: Callable[..., Any], parts: Any, axis: Any = None, keepdims: Any = None) -> Any:
    present = [part for part in (parts if isinstance(parts, list) else [parts]) if part is not None]
    return merge(present) if present else None


def _tables(blocks: Any) -> Iterable[Array]:
    """Yield tables of equal width, checked."""
    width = 0
    for number, block in enumerate(as_items(blocks, "blocks")):
        table = as_matrix(block, f"blocks[{number}]")
        width = width or table.shape[1]
        if table.shape[1] != width:
            raise ValueError(f"blocks[{number}] has {table.shape[1]} columns but the first has {width}")
        yield table
    if not width:
        raise ValueError("blocks must hold at least one block: a generator is empty after one pass")


def _finite(result: Array) -> Array:
    if not np.isfinite(result).all():
        raise ValueError("blocks have entries of too different sizes, or too large ones: scale them down")
    return result
