r"""Discrete mathematics for learning: counted sorting, dynamic programming, graphs, sketches, labelings.

Throughout, `n` is the number of things given, `m` the number of places or bits, `k` the number of hash
functions; a graph is a mapping from each node to the nodes that it needs. Counts are exact whole numbers.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from itertools import combinations, product
from math import comb, isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import (
    Array,
    as_array,
    as_count,
    as_generator,
    as_items,
    as_matrix,
    as_text,
    as_tolerance,
    as_vector,
)
from mmlhelpers._scale import EPSILON, scaled, scaled_columns

__all__ = [
    "Alignment",
    "BloomFilter",
    "CountMinSketch",
    "Sorted",
    "count_dichotomies",
    "count_paths",
    "edit_distance",
    "edit_distance_by_trying",
    "halfspace_labelings",
    "insertion_sort",
    "lowest_seam",
    "merge_sort",
    "minhash",
    "topological_order",
    "universal_hashes",
]

Graph = Mapping[Hashable, Iterable[Hashable]]
_CHANGE, _DELETE, _INSERT = range(3)  # the last step of a cheapest path
Whole = NDArray[np.int64]

# A prime just below 2**31, so that the product of two residues fits into 64 bits.
_PRIME = 2**31 - 1

_DEEPEST = 400  # characters of a text at which a function that calls itself is near Python's limit
_MOST_WAYS = 30_000_000  # ways of turning one text into another that can be tried in a minute


class Sorted(NamedTuple):
    """The `values` (n,) in ascending order, and how many `comparisons` of two of them it took."""

    values: list[float]
    comparisons: int


class Alignment(NamedTuple):
    """The least cost, the `table` (len(a) + 1, len(b) + 1) of costs of beginnings, and one cheapest path.

    The `steps` are pairs of a symbol of `a` and one of `b`; an empty string stands for none.
    """

    distance: float
    table: Array
    steps: list[tuple[str, str]]


# Sorting, counted


def insertion_sort(values: ArrayLike) -> Sorted:
    """Sort by inserting each value into the sorted ones before it, and count the comparisons.

    Parameters
    ----------
    values : (n,) array_like
        Finite numbers.

    Returns
    -------
    Sorted
        Ascending values and the number of comparisons: from n - 1 to n (n - 1) / 2.

    References
    ----------
    Book, section "Discrete mathematics", part on growth.

    Examples
    --------
    >>> insertion_sort([3, 1, 2])
    Sorted(values=[1.0, 2.0, 3.0], comparisons=3)
    """
    x, comparisons = as_vector(values, "values").tolist(), 0
    for i in range(1, len(x)):
        j = i
        while j > 0:
            comparisons += 1
            if x[j - 1] <= x[j]:
                break
            x[j - 1], x[j] = x[j], x[j - 1]
            j -= 1
    return Sorted(x, comparisons)


def merge_sort(values: ArrayLike) -> Sorted:
    r"""Sort by sorting both halves and merging them, and count the comparisons.

    Parameters
    ----------
    values : (n,) array_like
        Finite numbers.

    Returns
    -------
    Sorted
        Ascending values and the number of comparisons, at most :math:`n \lceil \log_2 n \rceil`.

    References
    ----------
    Book, section "Discrete mathematics", part on growth.

    Examples
    --------
    >>> merge_sort([3, 1, 2])
    Sorted(values=[1.0, 2.0, 3.0], comparisons=3)
    """
    return _merge_sorted(as_vector(values, "values").tolist())


def _merge_sorted(x: list[float]) -> Sorted:
    if len(x) == 1:
        return Sorted(x, 0)
    left, right = _merge_sorted(x[: len(x) // 2]), _merge_sorted(x[len(x) // 2 :])
    a, b = left.values, right.values
    merged, i, j, comparisons = list[float](), 0, 0, left.comparisons + right.comparisons
    while i < len(a) and j < len(b):
        comparisons += 1
        if a[i] <= b[j]:
            merged.append(a[i])
            i += 1
        else:
            merged.append(b[j])
            j += 1
    return Sorted(merged + a[i:] + b[j:], comparisons)


# Dynamic programming


def edit_distance_by_trying(a: str, b: str) -> int:
    """Find the least number of insertions, deletions and changes by trying all of them.

    Parameters
    ----------
    a, b : str
        Short texts: the number of calls grows exponentially with their lengths.

    Returns
    -------
    int
        The distance; exact.

    Raises
    ------
    ValueError
        If `a` or `b` is no text, or trying all would take more than about a minute.

    References
    ----------
    Book, section "Discrete mathematics", part on dynamic programming.

    Examples
    --------
    >>> edit_distance_by_trying("cat", "cart")
    1
    """
    a, b = as_text(a, "a"), as_text(b, "b")
    shorter, longer = sorted((len(a), len(b)))
    if (
        longer > _DEEPEST
        or sum(comb(longer, k) * comb(shorter, k) << k for k in range(shorter + 1)) > _MOST_WAYS
    ):
        raise ValueError(
            f"a and b must be short, got {len(a)} and {len(b)} characters: trying all ways would take too "
            "long, use edit_distance"
        )
    return _try_all(a, b)


def _try_all(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    change = _try_all(a[1:], b[1:]) + (a[0] != b[0])
    return min(change, _try_all(a[1:], b) + 1, _try_all(a, b[1:]) + 1)


def edit_distance(a: str, b: str, insert: float = 1, delete: float = 1, change: float = 1) -> Alignment:
    r"""Find the cheapest way to turn one text into another, and the cost of every pair of beginnings.

    Parameters
    ----------
    a, b : str
        Texts of any length, empty ones included.
    insert, delete, change : float
        Costs, not negative.

    Returns
    -------
    Alignment
        The distance, the table, and the steps of one cheapest path.

    Raises
    ------
    ValueError
        If `a` or `b` is no text, or a cost is negative, not finite, or so large that a sum overflows.

    Notes
    -----
    Exact for whole costs, otherwise up to the rounding of the sums. Work and memory are :math:`(|a| + 1)(|b|
    + 1)`. Where several paths are cheapest, a change or a match goes before a deletion, a deletion before an
    insertion; costs that differ by no more than the rounding of a path count as equal.

    References
    ----------
    Wagner and Fischer (1974), The string-to-string correction problem, doi:10.1145/321796.321811.

    Examples
    --------
    >>> result = edit_distance("cat", "cart")
    >>> result.distance, result.steps
    (1.0, [('c', 'c'), ('a', 'a'), ('', 'r'), ('t', 't')])
    """
    a, b = as_text(a, "a"), as_text(b, "b")
    costs = {"insert": insert, "delete": delete, "change": change}
    insert, delete, change = (as_tolerance(cost, name) for name, cost in costs.items())
    if not isfinite(len(a) * delete + len(b) * insert + change):
        raise ValueError(f"insert, delete and change must have finite sums, got {costs}: choose another unit")
    D = np.zeros((len(a) + 1, len(b) + 1))
    D[:, 0], D[0, :] = np.arange(len(a) + 1) * delete, np.arange(len(b) + 1) * insert
    came_by = np.full(D.shape, _DELETE, dtype=np.int8)
    came_by[0, :] = _INSERT
    slack = 1 + EPSILON * (len(a) + len(b))
    for i, j in product(range(1, len(a) + 1), range(1, len(b) + 1)):
        ways = (  # in the order of _CHANGE, _DELETE, _INSERT
            D[i - 1, j - 1] + change * (a[i - 1] != b[j - 1]),
            D[i - 1, j] + delete,
            D[i, j - 1] + insert,
        )
        D[i, j] = least = min(ways)
        came_by[i, j] = next(way for way, cost in enumerate(ways) if cost / slack <= least)
    return Alignment(float(D[-1, -1]), D, _trace(came_by, a, b))


def _trace(came_by: NDArray[np.int8], a: str, b: str) -> list[tuple[str, str]]:
    """Walk back from the last corner of the table by the ways that were chosen when it was filled."""
    i, j, steps = len(a), len(b), []
    while i or j:
        way = came_by[i, j]
        i, j = i - (way != _INSERT), j - (way != _DELETE)
        steps.append(("" if way == _INSERT else a[i], "" if way == _DELETE else b[j]))
    return steps[::-1]


def lowest_seam(cost: ArrayLike) -> Whole:
    """Find the path from the first row to the last that moves at most one column a row and costs least.

    Parameters
    ----------
    cost : (m, n) array_like
        What it costs to pass through each entry.

    Returns
    -------
    (m,) ndarray of int
        The column in each row; of equally cheap ways the leftmost predecessor is taken.

    Notes
    -----
    One pass over the rows, each row at once; exact up to the rounding of the sums.

    References
    ----------
    Avidan and Shamir (2007), Seam carving for content-aware image resizing, doi:10.1145/1276377.1276390.

    Examples
    --------
    >>> lowest_seam([[1, 9, 9], [9, 1, 9], [1, 9, 9]])
    array([0, 1, 0])
    """
    C, _ = scaled(as_matrix(cost, "cost"))  # the way does not depend on the unit, and no sum overflows
    m, n = C.shape
    total, came_from = C[0].copy(), np.zeros((m, n), dtype=np.int64)
    for i in range(1, m):
        edge = np.concatenate([[np.inf], total, [np.inf]])
        choices = np.stack(
            [edge[:-2], edge[1:-1], edge[2:]]
        )  # (3, n), from the left, from above, from the right
        best = choices.argmin(axis=0)
        came_from[i] = np.arange(n) + best - 1
        total = C[i] + choices[best, np.arange(n)]
    seam = [int(total.argmin())]
    for i in range(m - 1, 0, -1):
        seam.append(int(came_from[i, seam[-1]]))
    return np.array(seam[::-1])


# Graphs of computation


def topological_order(needs: Graph) -> list[Hashable]:
    """Put the nodes of a graph into an order in which each comes after all that it needs.

    Parameters
    ----------
    needs : mapping
        From each node to the nodes that it needs; a node that needs nothing may be left out.

    Returns
    -------
    list
        Every node once. Among the orders that are possible, the one that follows the mapping.

    Raises
    ------
    ValueError
        If `needs` is no mapping to lists of nodes, or nodes need one another in a circle; the circle is
        named.

    Notes
    -----
    Depth first, on a stack of its own: each node and each edge is looked at once, and chains may be long.

    References
    ----------
    Book, section "Discrete mathematics", part on graphs of computation.

    Examples
    --------
    >>> topological_order({"loss": ["scores", "labels"], "scores": ["weights", "data"]})
    ['weights', 'data', 'scores', 'labels', 'loss']
    """
    return list(_finished(_as_graph(needs)))


def _as_graph(needs: Graph) -> dict[Hashable, list[Hashable]]:
    """Read a graph; what a node needs may be read only once, so it is kept as a list."""
    if not isinstance(needs, Mapping):
        raise ValueError(f"needs must be a mapping from nodes to what they need, got {needs!r:.80}")
    graph = dict[Hashable, list[Hashable]]()
    for node, others in needs.items():
        name = f"needs[{node!r}]"
        if isinstance(others, str | bytes):
            raise ValueError(f"{name} must be a list of nodes, got the text {others!r}: write [{others!r}]")
        graph[node] = list(as_items(others, name))
        for other in graph[node]:
            if not isinstance(other, Hashable):
                raise ValueError(f"{name} must hold nodes that can be looked up, got {other!r:.80}")
    return graph


def _finished(needs: dict[Hashable, list[Hashable]]) -> dict[Hashable, None]:
    """Collect the nodes, each after all that it needs."""
    done: dict[Hashable, None] = {}
    for start in needs:
        waiting = dict[Hashable, Iterator[Hashable]]()  # nodes, and what they still wait for
        if start not in done:
            waiting[start] = iter(needs[start])
        while waiting:
            node = next(reversed(waiting))
            other = next((other for other in waiting[node] if other not in done), None)
            if other is None:
                done[node] = None
                del waiting[node]
                continue
            if other in waiting:
                circle = [*list(waiting)[list(waiting).index(other) :], other]
                raise ValueError(
                    f"needs must have no circle, got {' -> '.join(map(str, circle))}: remove one of these "
                    "edges"
                )
            waiting[other] = iter(needs.get(other, ()))
    return done


def count_paths(needs: Graph, start: Hashable, end: Hashable) -> int:
    """Count the paths from one node to another in a graph without circles, without walking them.

    Parameters
    ----------
    needs : mapping
        From each node to the nodes that it needs.
    start, end : hashable
        Nodes of the graph: paths go from `start` to what needs it, and on to `end`.

    Returns
    -------
    int
        The number of paths, exact however large.

    Raises
    ------
    ValueError
        If a node does not occur in the graph or there is a circle.

    References
    ----------
    Book, section "Discrete mathematics", part on graphs of computation.

    Examples
    --------
    >>> count_paths({"a": ["x"], "b": ["x"], "y": ["a", "b"]}, "x", "y")
    2
    """
    graph = _as_graph(needs)
    paths = dict.fromkeys(_finished(graph), 0)
    for name, node in (("start", start), ("end", end)):
        if not isinstance(node, Hashable) or node not in paths:
            raise ValueError(f"{name} must be a node of the graph, got {node!r}; there are {list(paths)[:9]}")
    paths[start] = 1
    for node in paths:
        paths[node] += sum(paths[other] for other in graph.get(node, ()))
    return paths[end]


# Hashing and sketches


def universal_hashes(keys: ArrayLike, k: int, m: int, rng: np.random.Generator) -> Whole:
    r"""Hash whole numbers into `m` places by `k` functions drawn at random.

    Parameters
    ----------
    keys : (n,) array_like of int
        Whole numbers from 0 to :math:`2^{31} - 2`.
    k, m : int
        Number of functions and number of places.
    rng : Generator
        Draws the functions.

    Returns
    -------
    (k, n) ndarray of int
        Places from 0 to m - 1.

    Raises
    ------
    ValueError
        If a key is not a whole number in the range.

    Notes
    -----
    :math:`h(x) = ((ax + b) \bmod p) \bmod m` with the prime :math:`p = 2^{31} - 1`. Two different keys meet
    with probability at most :math:`1/m`, whatever the keys.

    References
    ----------
    Carter and Wegman (1979), Universal classes of hash functions, doi:10.1016/0022-0000(79)90044-8.

    Examples
    --------
    >>> universal_hashes([1, 2, 1], 2, 10, np.random.default_rng(0)).shape
    (2, 3)
    """
    return _Hasher(k, m, rng).places(keys)


def _as_keys(keys: ArrayLike) -> NDArray[np.uint64]:
    array = as_array(keys, "keys")
    if array.shape == (0,):
        return array.astype(np.uint64)
    if array.ndim != 1 or array.dtype.kind not in "iu" or (array < 0).any() or (array >= _PRIME).any():
        raise ValueError(
            f"keys must be whole numbers from 0 to {_PRIME - 1} of shape (n,), got {array.dtype} of shape "
            f"{array.shape}; turn texts into numbers with zlib.crc32(text.encode()) % {_PRIME}"
        )
    return array.astype(np.uint64)


class _Hasher:
    """`k` hash functions into `m` places that stay the same."""

    def __init__(self, k: int, m: int, rng: np.random.Generator) -> None:
        rng = as_generator(rng, "rng")
        self.k, self.m = as_count(k, "k", 1), as_count(m, "m", 1, _PRIME)
        self._a = rng.integers(1, _PRIME, size=(self.k, 1), dtype=np.uint64)
        self._b = rng.integers(0, _PRIME, size=(self.k, 1), dtype=np.uint64)

    def places(self, keys: ArrayLike) -> Whole:
        """Return the places (k, n) of the keys (n,)."""
        residues = (self._a * _as_keys(keys) + self._b) % np.uint64(_PRIME)
        return (residues % np.uint64(self.m)).astype(np.int64)


class BloomFilter:
    r"""A set that may say yes by mistake, never no, in `m` bits.

    Parameters
    ----------
    m : int
        Number of bits.
    k : int
        Number of hash functions.
    rng : Generator
        Draws the hash functions.

    Notes
    -----
    With `n` keys a wrong yes has probability about :math:`(1 - e^{-kn/m})^k`, least for
    :math:`k = (m/n) \ln 2`.

    References
    ----------
    Bloom (1970), Space/time trade-offs in hash coding with allowable errors, doi:10.1145/362686.362692.

    Examples
    --------
    >>> seen = BloomFilter(64, 3, np.random.default_rng(0))
    >>> seen.add([5, 7])
    >>> seen.contains([5, 7])
    array([ True,  True])
    """

    def __init__(self, m: int, k: int, rng: np.random.Generator) -> None:
        self._hasher = _Hasher(k, m, rng)
        self.bits = np.zeros(self._hasher.m, dtype=np.bool_)

    def add(self, keys: ArrayLike) -> None:
        """Put keys into the set.

        Parameters
        ----------
        keys : (n,) array_like of int
            Whole numbers from 0 to :math:`2^{31} - 2`.
        """
        self.bits[self._hasher.places(keys)] = True

    def contains(self, keys: ArrayLike) -> NDArray[np.bool_]:
        """Say for each key whether it may be in the set.

        Parameters
        ----------
        keys : (n,) array_like of int
            Whole numbers from 0 to :math:`2^{31} - 2`.

        Returns
        -------
        (n,) ndarray of bool
            False is certain, True may be a mistake.
        """
        return np.asarray(self.bits[self._hasher.places(keys)].all(axis=0))


class CountMinSketch:
    r"""Counts that may be too large, never too small, in `k` rows of `m` counters.

    Parameters
    ----------
    m : int
        Counters a row.
    k : int
        Number of rows, each with its own hash function.
    rng : Generator
        Draws the hash functions.

    Notes
    -----
    After `N` additions a count is too large by more than :math:`2N/m` with probability at most
    :math:`2^{-k}`: Markov's inequality in each row.

    References
    ----------
    Cormode and Muthukrishnan (2005), An improved data stream summary, doi:10.1016/j.jalgor.2003.12.001.

    Examples
    --------
    >>> sketch = CountMinSketch(100, 3, np.random.default_rng(0))
    >>> sketch.add([4, 4, 9])
    >>> sketch.count([4, 9])
    array([2, 1])
    """

    def __init__(self, m: int, k: int, rng: np.random.Generator) -> None:
        self._hasher = _Hasher(k, m, rng)
        self.counters = np.zeros((self._hasher.k, self._hasher.m), dtype=np.int64)

    def add(self, keys: ArrayLike) -> None:
        """Count keys, each once for every time it occurs.

        Parameters
        ----------
        keys : (n,) array_like of int
            Whole numbers from 0 to :math:`2^{31} - 2`.
        """
        for row, places in zip(self.counters, self._hasher.places(keys), strict=True):
            row += np.bincount(places, minlength=self._hasher.m)

    def count(self, keys: ArrayLike) -> Whole:
        """Bound how often each key was added.

        Parameters
        ----------
        keys : (n,) array_like of int
            Whole numbers from 0 to :math:`2^{31} - 2`.

        Returns
        -------
        (n,) ndarray of int
            Never too small.
        """
        places = self._hasher.places(keys)
        counts: Whole = np.take_along_axis(self.counters, places, axis=1).min(axis=0)
        return counts


def minhash(sets: Iterable[Iterable[Any]], k: int, rng: np.random.Generator) -> Whole:
    r"""Summarise sets so that the share of equal entries estimates how much two of them overlap.

    Parameters
    ----------
    sets : sequence of collections
        Sets of things of one kind that can be sorted, none empty: Python's sets, lists, or arrays (n_i,).
        Members that are equal in Python are one.
    k : int
        Number of random orders.
    rng : Generator
        Draws the orders.

    Returns
    -------
    (len(sets), k) ndarray of int
        For each set the rank of its first member in each order of all members.

    Raises
    ------
    ValueError
        If there is no set, one is empty or a text, or members cannot be compared with each other.

    Notes
    -----
    Two entries are equal with probability :math:`|A \cap B| / |A \cup B|`, so the share of equal entries has
    a standard error of at most :math:`1/(2\sqrt k)`. The orders are drawn outright; hash functions in their
    place save memory, but linear ones are not random enough for that: on whole numbers in a row they miss by
    several standard errors.

    References
    ----------
    Broder (1997), On the resemblance and containment of documents, doi:10.1109/SEQUEN.1997.666900.

    Examples
    --------
    >>> minhash([[1, 2, 3], [3, 2, 1]], 4, np.random.default_rng(0)).shape
    (2, 4)
    """
    rng = as_generator(rng, "rng")
    k = as_count(k, "k", 1)
    members = [_members(value, f"sets[{i}]") for i, value in enumerate(as_items(sets, "sets"))]
    if not members:
        raise ValueError("sets must hold at least one set, got none")
    try:
        everything = sorted(set().union(*members))
    except TypeError:
        kinds = sorted({type(member).__name__ for one in members for member in one})
        raise ValueError(
            f"sets must have members of one kind that can be sorted, got {', '.join(kinds)}: number them"
        ) from None
    ranks = rng.permuted(np.tile(np.arange(len(everything)), (k, 1)), axis=1)
    place = {member: i for i, member in enumerate(everything)}
    return np.array([ranks[:, [place[member] for member in one]].min(axis=1) for one in members])


def _members(value: Iterable[Any], name: str) -> set[Any]:
    """Read the members of one set."""
    if isinstance(value, str | bytes):
        raise ValueError(f"{name} must be a set, got the text {value!r:.40}: split it into its parts first")
    if isinstance(value, np.ndarray):
        if value.ndim != 1:
            raise ValueError(f"{name} must be a set or an array of shape (n,), got shape {value.shape}")
        value = value.tolist()
    try:
        members = set(as_items(value, name))
    except TypeError:
        raise ValueError(
            f"{name} must hold things that cannot change, such as numbers, texts or tuples, got {value!r:.80}"
        ) from None
    if not members:
        raise ValueError(f"sets must not be empty, got nothing in {name}: leave it out")
    for member in members:
        if member != member or isinstance(member, Set):  # nan, and what has no order
            raise ValueError(
                f"{name} must hold things that can be sorted, got {member!r:.40}: number them first"
            )
    return members


# What a class of models can tell apart


def halfspace_labelings(points: ArrayLike) -> NDArray[np.bool_]:
    r"""List all ways in which half-spaces can split points in general position.

    Parameters
    ----------
    points : (n, d) array_like
        Points of which no d + 1 lie on one hyperplane, and n is at least d.

    Returns
    -------
    (c, n) ndarray of bool
        Each row a labeling that some half-space realises, in ascending order; :math:`c` is
        ``count_dichotomies(n, d + 1)``.

    Raises
    ------
    ValueError
        If there are fewer points than dimensions or d + 1 of them lie on one hyperplane.

    Notes
    -----
    A separating hyperplane can be moved until it passes through d of the points, and then each of these can
    fall on either side. So all hyperplanes through d points are tried, :math:`\binom nd 2^d` labelings.
    Columns are moved and brought to one size first; then a point counts as on a plane if it is nearer than
    1e-9 of the largest distance.

    References
    ----------
    Cover (1965), Geometrical and statistical properties of systems of linear inequalities,
    doi:10.1109/PGEC.1965.264137.

    Examples
    --------
    >>> len(halfspace_labelings([[0, 0], [1, 0], [0, 1]]))
    8
    """
    X = as_matrix(points, "points")
    n, d = X.shape
    if n < d:
        raise ValueError(f"points must be at least as many as dimensions, got shape {X.shape}")
    X, _ = scaled_columns(X)
    X, _ = scaled_columns(X - X[0])  # neither offsets nor units change what a plane can separate
    found = set()
    for chosen in combinations(range(n), d):
        side = _side_of_plane_through(X, chosen)
        for bits in product((False, True), repeat=d):
            labels = side > 0
            labels[list(chosen)] = bits
            found |= {tuple(labels.tolist()), tuple((~labels).tolist())}
    return np.array(sorted(found))


def _side_of_plane_through(X: Array, chosen: tuple[int, ...]) -> Array:
    """Return on which side of the hyperplane through the chosen points each point lies."""
    corner = X[list(chosen)]
    normal = np.linalg.svd(corner[1:] - corner[0], full_matrices=True)[2][-1]
    side: Array = (X - corner[0]) @ normal
    others = np.delete(np.arange(len(X)), chosen)
    on_plane = others[np.abs(side[others]) <= 1e-9 * np.abs(X - corner[0]).max()]
    if on_plane.size:
        raise ValueError(
            f"points must be in general position, got {[*chosen, int(on_plane[0])]} on one hyperplane: "
            "move one of them a little"
        )
    return side


def count_dichotomies(n: int, d: int) -> int:
    r"""Count the labelings of `n` points in general position that hyperplanes through zero realise.

    Parameters
    ----------
    n : int
        Number of points.
    d : int
        Number of dimensions; with an intercept, one more than the points have.

    Returns
    -------
    int
        :math:`2 \sum_{k < d} \binom{n-1}{k}`, exact: all :math:`2^n` from d = n on.

    References
    ----------
    Cover (1965), Geometrical and statistical properties of systems of linear inequalities,
    doi:10.1109/PGEC.1965.264137.

    Examples
    --------
    >>> count_dichotomies(4, 3)
    14
    """
    n, d = as_count(n, "n", 1), as_count(d, "d", 1)
    if d >= n:
        return 1 << n
    term = total = 1
    for k in range(1, d):
        term = term * (n - k) // k
        total += term
    return 2 * total
