r"""Graphs as matrices: Laplacians, cuts, clusters, random surfers, diffusion and graph convolution.

Throughout, `A` is the adjacency matrix (n, n) of a graph with `n` nodes: ``A[i, j]`` is the weight of the
edge between i and j, 0 where there is none. Unless a function says *directed*, it is symmetric with a zero
diagonal. The degree of a node is the sum of its row, the volume of a set of nodes the sum of their degrees.
Weights are dimensionless.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import (
    Array,
    Mask,
    as_array,
    as_columns,
    as_count,
    as_generator,
    as_items,
    as_mask,
    as_matrix,
    as_number,
    as_square,
    as_symmetric,
    as_tolerance,
    as_vector,
)
from mmlhelpers._scale import EPSILON, exponent, scaled, squared_distances, unscaled

__all__ = [
    "Clusters",
    "Cut",
    "Ranking",
    "adjacency",
    "adjusted_rand",
    "block_model",
    "components",
    "conductance",
    "diffuse",
    "harmonic_labels",
    "incidence",
    "k_means",
    "laplacian",
    "nearest_neighbors",
    "pagerank",
    "smoothing_matrix",
    "spectral_clusters",
    "spectral_embedding",
    "sweep_cut",
]

Labels = NDArray[np.int64]
_TIE = 1e-12  # relative difference of squared distances that rounding can make
_SLOWEST = 1e-8  # how far rounding may turn a slow mode of diffusion before it is refused
Kind = Literal["combinatorial", "symmetric", "walk"]


class Cut(NamedTuple):
    """A set of nodes (n,), True inside, and its conductance."""

    inside: Mask
    conductance: float


class Clusters(NamedTuple):
    """The `labels` (n,) from 0 to k - 1, the `centers` (k, d), and the sum of squared distances to them."""

    labels: Labels
    centers: Array
    cost: float


class Ranking(NamedTuple):
    """The `scores` (n,), of sum one, the `changes` (n_steps,) in the 1-norm, and whether it converged."""

    scores: Array
    changes: Array
    converged: bool


# Graphs and their matrices


def adjacency(n: int, edges: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Write the adjacency matrix of an undirected graph from the list of its edges.

    Parameters
    ----------
    n : int
        Number of nodes.
    edges : (m, 2) array_like of int
        Pairs of different nodes, from 0 to n - 1; an edge that is named twice counts twice.
    weights : (m,) array_like, optional
        Weights, not negative; one for each edge by default.

    Returns
    -------
    (n, n) ndarray
        Symmetric matrix with a zero diagonal.

    Raises
    ------
    ValueError
        If a node is out of range or joined to itself, or a weight is negative.

    Examples
    --------
    >>> adjacency(3, [[0, 1], [1, 2]])
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    n = as_count(n, "n", 1)
    pairs = as_matrix(edges, "edges")
    if pairs.shape[1] != 2 or not np.isin(pairs, np.arange(n)).all() or (pairs[:, 0] == pairs[:, 1]).any():
        raise ValueError(
            f"edges must be pairs of different nodes from 0 to {n - 1}, got shape {pairs.shape} "
            f"beginning with {pairs[:3].tolist()}"
        )
    w = np.ones(len(pairs)) if weights is None else as_vector(weights, "weights")
    if len(w) != len(pairs) or (w < 0).any():
        raise ValueError(
            f"weights must be {len(pairs)} numbers of at least 0, got {w[:4]} of length {len(w)}"
        )
    i, j = pairs.astype(np.int64).T
    A = np.zeros((n, n))
    w, e = scaled(w)
    np.add.at(A, (i, j), w)
    return unscaled(A + A.T, e, "the sum of the weights of an edge")


def incidence(A: ArrayLike) -> Array:
    r"""Write one row for each edge, with the root of its weight at one end and minus that at the other.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.

    Returns
    -------
    (m, n) ndarray
        A matrix `B` with :math:`B^\top B = L`; edges in the order of their first node, then of their second.

    Examples
    --------
    >>> incidence([[0, 4], [4, 0]])
    array([[ 2., -2.]])
    """
    A = _as_adjacency(A)
    i, j = np.nonzero(np.triu(A))
    B = np.zeros((len(i), len(A)))
    rows = np.arange(len(i))
    B[rows, i], B[rows, j] = np.sqrt(A[i, j]), -np.sqrt(A[i, j])
    return B


def laplacian(A: ArrayLike, kind: Kind = "combinatorial") -> Array:
    r"""Write the matrix that measures how much a function differs along the edges.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.
    kind : {"combinatorial", "symmetric", "walk"}
        :math:`L = D - A`, :math:`D^{-1/2} L D^{-1/2}` or :math:`D^{-1} L`, with the degrees in `D`.

    Returns
    -------
    (n, n) ndarray
        The Laplacian; the second and third kind have the same eigenvalues, between 0 and 2.

    Raises
    ------
    ValueError
        If `kind` is unknown, a node without edges leaves its row undefined, or a degree overflows.

    Examples
    --------
    >>> laplacian([[0, 1], [1, 0]])
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    A, e = scaled(_as_adjacency(A))
    degrees = A.sum(axis=1)
    L: Array = np.diag(degrees) - A
    if kind == "combinatorial":
        return unscaled(L, e, "the Laplacian of A")
    if kind not in ("symmetric", "walk"):
        raise ValueError(f"kind must be 'combinatorial', 'symmetric' or 'walk', got {kind!r}")
    _refuse_lonely(degrees)
    if kind == "walk":
        return np.asarray(L / degrees[:, None])
    return _symmetrised(L, degrees)


def components(A: ArrayLike) -> Labels:
    """Label the nodes so that two have the same label exactly if a path joins them.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.

    Returns
    -------
    (n,) ndarray of int
        Labels 0, 1, ... in the order of the first node of each component.

    Examples
    --------
    >>> components([[0, 0, 1], [0, 0, 0], [1, 0, 0]])
    array([0, 1, 0])
    """
    joined = _as_adjacency(A) > 0
    labels = np.full(len(joined), -1)
    for start in range(len(joined)):
        if labels[start] >= 0:
            continue
        front = np.zeros(len(joined), dtype=np.bool_)
        front[start] = True
        label = labels.max() + 1
        while front.any():
            labels[front] = label
            front = joined[front].any(axis=0) & (labels < 0)
    return labels


def nearest_neighbors(X: ArrayLike, k: int) -> Array:
    r"""Join each sample to its `k` nearest ones, in both directions.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    k : int
        Number of neighbours, less than n.

    Returns
    -------
    (n, n) ndarray
        Symmetric matrix of zeros and ones; i and j are joined if either is among the nearest of the other.

    Notes
    -----
    All distances at once, in :math:`n^2` numbers, about a common center, so that neither an offset nor the
    unit matters. Samples that are equally far, to twelve digits, are taken in the order of their rows.

    Examples
    --------
    >>> nearest_neighbors([[0.0], [1.0], [5.0]], 1)
    array([[0., 1., 0.],
           [1., 0., 1.],
           [0., 1., 0.]])
    """
    X = as_matrix(X, "X")
    k = as_count(k, "k", 1, len(X) - 1)
    distances, _ = squared_distances(X, X)
    np.fill_diagonal(distances, np.inf)
    nearest = _ascending(distances)[:, :k]
    A = np.zeros(distances.shape)
    np.put_along_axis(A, nearest, 1.0, axis=1)
    return np.maximum(A, A.T)


def _ascending(distances: Array) -> NDArray[np.intp]:
    """Sort each row; what is equal to twelve digits stays in the order of the columns."""
    order = np.argsort(distances, axis=1, kind="stable")
    ordered = np.take_along_axis(distances, order, axis=1)
    step = ordered[:, 1:] > ordered[:, :-1] * (1 + _TIE)
    if (step == (ordered[:, 1:] > ordered[:, :-1])).all():
        return order
    group = np.concatenate([np.zeros((len(order), 1), dtype=np.intp), np.cumsum(step, axis=1)], axis=1)
    by_column = np.argsort(group * order.shape[1] + order, axis=1, kind="stable")
    return np.take_along_axis(order, by_column, axis=1)


def block_model(sizes: Sequence[int], inside: float, between: float, rng: np.random.Generator) -> Array:
    """Draw a graph whose nodes belong to groups and are joined more often within them.

    Parameters
    ----------
    sizes : sequence of int
        Number of nodes in each of the k groups.
    inside, between : float
        Probabilities of an edge within a group and between two groups.
    rng : Generator
        Draws the edges.

    Returns
    -------
    (n, n) ndarray
        Adjacency matrix of zeros and ones, one group after another.

    Raises
    ------
    ValueError
        If a size is not a whole number from 1, or a probability not between 0 and 1.

    References
    ----------
    Holland, Laskey and Leinhardt (1983), Stochastic blockmodels, doi:10.1016/0378-8733(83)90021-7.

    Examples
    --------
    >>> block_model([2, 1], 1.0, 0.0, np.random.default_rng(0))
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 0.]])
    """
    rng = as_generator(rng, "rng")
    for name, probability in (("inside", inside), ("between", between)):
        if not 0 <= as_number(probability, name) <= 1:
            raise ValueError(f"{name} must be a probability from 0 to 1, got {probability!r}")
    numbers = [as_count(size, f"sizes[{i}]", 1) for i, size in enumerate(as_items(sizes, "sizes"))]
    group = np.repeat(np.arange(len(numbers)), numbers)
    probabilities = np.where(group[:, None] == group, inside, between)
    upper = np.triu(rng.random(probabilities.shape) < probabilities, 1)
    return (upper | upper.T).astype(np.float64)


# Cuts


def conductance(A: ArrayLike, inside: ArrayLike) -> float:
    r"""Measure how narrow the way out of a set of nodes is.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.
    inside : (n,) array_like of bool
        The set: neither empty nor everything, with edges inside and outside.

    Returns
    -------
    float
        Weight of the edges that leave the set, divided by the smaller of the volumes inside and outside.

    Raises
    ------
    ValueError
        If the set or its complement has volume zero.

    References
    ----------
    Chung (1997), Spectral Graph Theory, chapter 2.

    Examples
    --------
    >>> conductance([[0, 1, 0], [1, 0, 1], [0, 1, 0]], [True, False, False])
    1.0
    """
    A, _ = scaled(_as_adjacency(A))
    inside = as_mask(inside, "inside", (len(A),))
    volume, rest = A[inside].sum(), A[~inside].sum()
    if not (volume and rest):
        raise ValueError(
            f"inside must leave volume on both sides, got a share of {volume / max(volume + rest, 1):g}: add "
            "or remove nodes"
        )
    return float(A[inside][:, ~inside].sum() / min(volume, rest))


def sweep_cut(A: ArrayLike, x: ArrayLike) -> Cut:
    """Cut a graph where the conductance is least among all thresholds of a function on the nodes.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix without lonely nodes.
    x : (n,) array_like
        The function, for instance an eigenvector.

    Returns
    -------
    Cut
        The nodes above the best threshold, and the conductance.

    Raises
    ------
    ValueError
        If `x` does not fit `A` or is constant, or a node has no edges.

    Notes
    -----
    All thresholds cost about as much as one product with `A`. Only weights that are cut are added, none is
    subtracted, so that a thin cut between heavy clusters keeps its digits.

    References
    ----------
    Book, section "Graphs and spectral methods", theorem of Cheeger.

    Examples
    --------
    >>> sweep_cut(adjacency(4, [[0, 1], [1, 2], [2, 3]]), [3, 2, 1, 0])
    Cut(inside=array([ True,  True, False, False]), conductance=0.3333333333333333)
    """
    A, x = scaled(_as_adjacency(A))[0], as_vector(x, "x")
    if len(x) != len(A) or x.max() == x.min():
        raise ValueError(f"x must be {len(A)} numbers, not all equal, got length {len(x)} from {x.min():g}")
    degrees = A.sum(axis=1)
    _refuse_lonely(degrees)
    order = np.argsort(-x, kind="stable")
    moved = A[np.ix_(order, order)]
    beyond = np.cumsum(moved[:, ::-1], axis=1)[:, ::-1]  # [i, k]: weight from i to the nodes from k on
    cut = np.triu(beyond, 1).sum(axis=0)[1:]
    volume, rest = np.cumsum(degrees[order])[:-1], np.cumsum(degrees[order][::-1])[-2::-1]
    phi = cut / np.minimum(volume, rest)
    phi[x[order][1:] == x[order][:-1]] = np.inf  # no threshold separates equal values
    best = int(np.argmin(phi))
    inside = np.zeros(len(A), dtype=np.bool_)
    inside[order[: best + 1]] = True
    return Cut(inside, float(phi[best]))


# Clusters


def k_means(
    X: ArrayLike, k: int, rng: np.random.Generator, n_starts: int = 10, max_steps: int = 300
) -> Clusters:
    """Find `k` centres, each the mean of the samples that are nearest to it.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    k : int
        Number of clusters, at most n.
    rng : Generator
        Draws the starts.
    n_starts : int
        The best of so many starts is returned.
    max_steps : int
        Stop a start after so many rounds in any case.

    Returns
    -------
    Clusters
        Labels, centres and the sum of squared distances, a local minimum.

    Raises
    ------
    ValueError
        If `k` is larger than n, or the cost is beyond the range of floats.

    Notes
    -----
    Lloyd's rounds from starts by k-means++. The cost never grows. A cluster that loses all its samples takes
    the sample that is farthest from its centre. Samples are moved to their median and scaled first, so that
    neither an offset, as of time stamps, nor the unit matters.

    References
    ----------
    Lloyd (1982), doi:10.1109/TIT.1982.1056489; Arthur and Vassilvitskii (2007), k-means++: the advantages of
    careful seeding.

    Examples
    --------
    >>> k_means([[0.0], [1.0], [10.0]], 2, np.random.default_rng(0)).cost
    0.5
    """
    rng = as_generator(rng, "rng")
    X = as_matrix(X, "X")
    k = as_count(k, "k", 1, len(X))
    starts = range(as_count(n_starts, "n_starts", 1))
    max_steps = as_count(max_steps, "max_steps", 1)
    X, unit = scaled(X)
    middle = np.median(X, axis=0)
    X, finer = scaled(X - middle)
    found = min(
        (_lloyd(X, _spread_centers(X, k, rng), max_steps) for _ in starts), key=lambda found: found.cost
    )
    centers = unscaled(middle + unscaled(found.centers, finer, "a center"), unit, "a center of X")
    cost = unscaled(found.cost, 2 * (unit + finer), "the sum of squared distances in X")
    return Clusters(found.labels, centers, float(cost))


def _spread_centers(X: Array, k: int, rng: np.random.Generator) -> Array:
    """Draw centres one by one, each sample with probability proportional to its squared distance."""
    chosen = [int(rng.integers(len(X)))]
    nearest = _squared_distances(X, X[chosen])[:, 0]
    for _ in range(k - 1):
        total = nearest.sum()
        weights = nearest / total if total > 0 else np.full(len(X), 1 / len(X))
        chosen.append(int(rng.choice(len(X), p=weights)))
        nearest = np.minimum(nearest, _squared_distances(X, X[chosen[-1:]])[:, 0])
    return X[chosen]


def _lloyd(X: Array, centers: Array, max_steps: int) -> Clusters:
    labels = np.full(len(X), -1)
    for _ in range(max_steps):
        distances = _squared_distances(X, centers)
        nearest = distances.argmin(axis=1)
        if np.array_equal(nearest, labels):
            break
        labels = nearest
        centers = _means(X, labels, distances)
    cost = float(_squared_distances(X, centers)[np.arange(len(X)), labels].sum())
    return Clusters(labels, centers, cost)


def _means(X: Array, labels: Labels, distances: Array) -> Array:
    """Return the mean of each cluster; an empty one gets the sample farthest from its centre."""
    k = distances.shape[1]
    member = np.zeros((len(X), k))
    member[np.arange(len(X)), labels] = 1
    sizes = member.sum(axis=0)
    centers: Array = member.T @ X / np.maximum(sizes, 1)[:, None]
    farthest = np.argsort(-distances[np.arange(len(X)), labels], kind="stable")
    empty = np.flatnonzero(sizes == 0)
    centers[empty] = X[farthest[: len(empty)]]
    return centers


def spectral_embedding(A: ArrayLike, k: int) -> tuple[Array, Array]:
    r"""Place the nodes by the eigenvectors of the symmetric normalised Laplacian with the least eigenvalues.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix without lonely nodes.
    k : int
        Number of eigenvectors, the constant one included.

    Returns
    -------
    values : (k,) ndarray
        Eigenvalues in ascending order, between 0 and 2.
    places : (n, k) ndarray
        Eigenvectors as columns, each with its largest entry positive.

    Notes
    -----
    All eigenvectors by ``np.linalg.eigh``; eigenvalues to about :math:`10^{-15}`. Eigenvectors of equal
    eigenvalues are not unique.

    References
    ----------
    Von Luxburg (2007), A tutorial on spectral clustering, doi:10.1007/s11222-007-9033-z.

    Examples
    --------
    >>> values, places = spectral_embedding(adjacency(4, [[0, 1], [1, 2], [2, 3]]), 2)
    >>> values.round(4), places[:, 1].round(4)
    (array([0. , 0.5]), array([ 0.5774,  0.4082, -0.4082, -0.5774]))
    """
    L = laplacian(A, "symmetric")
    k = as_count(k, "k", 1, len(L))
    values, vectors = np.linalg.eigh(L)
    places = vectors[:, :k]
    size = np.abs(places)
    first = np.argmax(size >= (1 - 1e-6) * size.max(axis=0), axis=0)
    signs = np.where(places[first, np.arange(k)] < 0, -1.0, 1.0)
    return np.maximum(values[:k], 0.0), places * signs


def spectral_clusters(A: ArrayLike, k: int, rng: np.random.Generator) -> Labels:
    """Cluster the nodes of a graph by k-means on the spectral embedding.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix without lonely nodes.
    k : int
        Number of clusters.
    rng : Generator
        Draws the starts of k-means.

    Returns
    -------
    (n,) ndarray of int
        Labels from 0 to k - 1.

    Notes
    -----
    Each node's row of the embedding is scaled to length one before k-means.

    References
    ----------
    Ng, Jordan and Weiss (2002), On spectral clustering: analysis and an algorithm.

    Examples
    --------
    >>> A = adjacency(6, [[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5], [2, 3]])
    >>> labels = spectral_clusters(A, 2, np.random.default_rng(0))
    >>> labels[0] == labels[1] == labels[2] != labels[3] == labels[4] == labels[5]
    np.True_
    """
    rng = as_generator(rng, "rng")
    _, places = spectral_embedding(A, k)
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return k_means(places / np.maximum(lengths, 1e-12), k, rng).labels


def adjusted_rand(labels: ArrayLike, truth: ArrayLike) -> float:
    """Measure how well two clusterings agree, beyond chance.

    Parameters
    ----------
    labels, truth : (n,) array_like
        A label for each sample, numbers or texts; names of labels do not matter.

    Returns
    -------
    float
        1 for equal clusterings, about 0 for independent ones; can be negative.

    Raises
    ------
    ValueError
        If the lengths differ, or there is no label.

    References
    ----------
    Hubert and Arabie (1985), Comparing partitions, doi:10.1007/BF01908075.

    Examples
    --------
    >>> adjusted_rand([0, 0, 1, 1], [5, 5, 3, 3])
    1.0
    """
    a, b = _as_names(labels, "labels"), _as_names(truth, "truth")
    if len(a) != len(b):
        raise ValueError(f"labels and truth must have the same length, got {len(a)} and {len(b)}")
    pairs = a * (b.max() + 1) + b  # both are below n
    together, in_a, in_b = (
        float((counts * (counts - 1) // 2).sum())
        for counts in (np.unique(values, return_counts=True)[1] for values in (pairs, a, b))
    )
    all_pairs = float(len(a) * (len(a) - 1) // 2)
    if in_a == in_b == all_pairs or in_a == in_b == 0:
        return 1.0
    by_chance = in_a * in_b / all_pairs
    return (together - by_chance) / ((in_a + in_b) / 2 - by_chance)


# Random walks and diffusion


def pagerank(A: ArrayLike, damping: float = 0.85, tolerance: float = 1e-10, max_steps: int = 1000) -> Ranking:
    r"""Rank the nodes of a directed graph by how often a random surfer visits them.

    Parameters
    ----------
    A : (n, n) array_like
        Weights of the links, ``A[i, j]`` of that from i to j, not negative; need not be symmetric.
    damping : float
        Probability of following a link rather than jumping to any node, from 0 to less than 1.
    tolerance : float
        Stop when a step changes the scores by at most this in the 1-norm.
    max_steps : int
        Stop after so many steps in any case.

    Returns
    -------
    Ranking
        Scores, changes and whether they fell below the tolerance.

    Raises
    ------
    ValueError
        If a weight or the tolerance is negative or `damping` is out of range.

    Notes
    -----
    Power iteration from equal scores. From a node without links the surfer jumps to any node. Each step
    shrinks the error in the 1-norm at least by `damping`, so it is at most
    ``change * damping / (1 - damping)``. A tolerance that rounding may hide, about 1e-15, is never reached.

    References
    ----------
    Brin and Page (1998), doi:10.1016/S0169-7552(98)00110-X.

    Examples
    --------
    >>> pagerank([[0, 1, 0], [0, 0, 1], [1, 0, 0]]).scores
    array([0.33333333, 0.33333333, 0.33333333])
    """
    A = as_square(A, "A")
    if (A < 0).any():
        raise ValueError(f"A must not be negative, got {A.min():g}")
    damping = as_number(damping, "damping")
    if not 0 <= damping < 1:
        raise ValueError(f"damping must be from 0 to less than 1, got {damping!r}")
    tolerance, max_steps = as_tolerance(tolerance, "tolerance"), as_count(max_steps, "max_steps", 1)
    n = len(A)
    links = np.ldexp(A, 1 - np.frexp(A.max(axis=1, keepdims=True))[1])  # rows in a unit of their own
    out = links.sum(axis=1)
    follow = np.divide(links, out[:, None], out=np.zeros_like(links), where=out[:, None] > 0)
    scores, changes = np.full(n, 1 / n), list[float]()
    rounding = 8 * EPSILON  # of the sum of the changes, all numbers below one
    while len(changes) < max_steps and not (changes and changes[-1] + rounding <= tolerance):
        stuck = scores[out == 0].sum()
        new = damping * (scores @ follow + stuck / n) + (1 - damping) / n
        changes.append(float(np.abs(new - scores).sum()))
        scores = new
    return Ranking(scores, np.array(changes), changes[-1] + rounding <= tolerance)


def diffuse(A: ArrayLike, x: ArrayLike, time: float) -> Array:
    r"""Let heat spread along the edges for a while.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.
    x : (n,) or (n, p) array_like
        Heat of each node at the start, one or several columns.
    time : float
        How long, not negative.

    Returns
    -------
    (n,) or (n, p) ndarray
        :math:`e^{-tL} x`.

    Raises
    ------
    ValueError
        If `time` is negative, `x` does not fit, or weights differ so much that rounding decides how much heat
        has passed the lightest edges after so long a time.

    Notes
    -----
    By the eigenvectors of the Laplacian, without the constant one of each component, which is exact: after
    any time each component keeps its mean. To about :math:`10^{-14} \lVert x \rVert`.

    References
    ----------
    Book, section "Graphs and spectral methods", theorem on heat.

    Examples
    --------
    >>> diffuse([[0, 1], [1, 0]], [2, 0], 100.0)
    array([1., 1.])
    """
    A, e = scaled(_as_adjacency(A))
    x, time = as_columns(x, "x"), as_tolerance(time, "time")
    _refuse_other_length(x, "x", A)
    heat, unit = scaled(x)
    spread, labels = np.empty_like(heat), components(A)
    with np.errstate(over="ignore"):
        time = float(np.ldexp(time, e))  # in the unit of the scaled weights
    for label in range(labels.max() + 1):
        part = np.flatnonzero(labels == label)
        spread[part] = _diffuse_within(laplacian(A[np.ix_(part, part)]), heat[part], time)
    return unscaled(spread, unit, "x")


def _diffuse_within(L: Array, x: Array, time: float) -> Array:
    """Let heat spread in a graph of one piece, whose mean stays."""
    mean = x.mean(axis=0)
    if len(L) == 1 or time == 0:
        return x
    size = np.diag(L).max()
    values, vectors = np.linalg.eigh(
        L + size / len(L)
    )  # the constant goes from rate 0 to `size`, and is gone
    noise = 4 * EPSILON * max(values[-1], size)
    lasting = (values - noise) * time < -np.log(EPSILON)
    if noise * time > _SLOWEST and lasting.any():
        raise ValueError(
            f"A has weights too different for so long a time: the slowest heat passes at a rate of about "
            f"{values[0]:.3g}, which rounding changes by {noise:.3g}; choose a shorter time"
        )
    kept = np.exp(-np.minimum(time * np.maximum(values, 0), 1e3))
    return np.asarray(mean + (vectors * kept) @ (vectors.T @ (x - mean)))


def harmonic_labels(A: ArrayLike, known: ArrayLike, values: ArrayLike) -> Array:
    r"""Extend values from some nodes to all so that each other node has the average of its neighbours.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix in which every component has a known node.
    known : (n,) array_like of bool
        Where the values are known; somewhere.
    values : (n,) or (n, p) array_like
        Values of all nodes; those that are not known are ignored, NaN too.

    Returns
    -------
    (n,) or (n, p) ndarray
        The values with the least Dirichlet energy :math:`f^\top L f`; known ones unchanged.

    Raises
    ------
    ValueError
        If a component has no known node, or the shapes disagree.

    Notes
    -----
    One solve with the Laplacian of the unknown nodes, which is positive definite. Where weights differ so
    much that rounding makes it singular, the unknown nodes are eliminated one by one instead, by sums of
    positive numbers only.

    References
    ----------
    Zhu, Ghahramani and Lafferty (2003), Semi-supervised learning using Gaussian fields and harmonic
    functions.

    Examples
    --------
    >>> harmonic_labels(adjacency(3, [[0, 1], [1, 2]]), [True, False, True], [0, 9, 1])
    array([0. , 0.5, 1. ])
    """
    A, _ = scaled(_as_adjacency(A))
    known = as_mask(known, "known", (len(A),))
    f = np.array(as_array(values, "values"))
    _refuse_other_length(f, "values", A)
    f[~known] = 0  # whatever stands there, NaN perhaps, is not used
    f = as_columns(f, "values").copy()
    labels = components(A)
    missing = np.setdiff1d(labels, labels[known])
    if missing.size:
        raise ValueError(
            f"known must be True somewhere in every component, got none in that of node "
            f"{int(np.argmax(labels == missing[0]))}: give it a value or leave it out"
        )
    if not known.all():
        part, e = scaled(f[known])
        f[~known] = unscaled(_harmonic(A, known, part), e, "values")
    return f


def _harmonic(A: Array, known: Mask, f: Array) -> Array:
    """Return the values of the unknown nodes; as a check, a constant is extended too, and must stay one."""
    L = laplacian(A)
    columns = np.column_stack([f, np.ones(len(f))])
    try:
        found = np.linalg.solve(L[np.ix_(~known, ~known)], A[np.ix_(~known, known)] @ columns)
    except np.linalg.LinAlgError:
        found = np.zeros((int((~known).sum()), columns.shape[1]))
    if np.abs(found[:, -1] - 1).max() > 1e-10:
        found = _harmonic_one_by_one(A, known, columns)
    return np.asarray(found[:, :-1].reshape(-1, *f.shape[1:]))


def _harmonic_one_by_one(A: Array, known: Mask, columns: Array) -> Array:
    """Take out the unknown nodes one by one, and join their neighbours in proportion to their weights."""
    order = np.concatenate([np.flatnonzero(known), np.flatnonzero(~known)])
    W, n_known = A[np.ix_(order, order)], len(columns)
    shares = list[Array]()
    for i in range(len(W) - 1, n_known - 1, -1):
        shares.append(W[i, :i] / W[i, :i].sum())
        W[:i, :i] += np.outer(W[:i, i], shares[-1])
        np.fill_diagonal(W, 0.0)
    found = columns
    for share in shares[::-1]:
        found = np.vstack([found, share @ found])
    return found[n_known:]


def smoothing_matrix(A: ArrayLike) -> Array:
    r"""Write the matrix by which a graph convolution averages each node with its neighbours.

    Parameters
    ----------
    A : (n, n) array_like
        Adjacency matrix.

    Returns
    -------
    (n, n) ndarray
        :math:`\tilde D^{-1/2} (A + I) \tilde D^{-1/2}` with :math:`\tilde D` the degrees of :math:`A + I`;
        symmetric, eigenvalues above -1 and up to 1.

    References
    ----------
    Kipf and Welling (2017), Semi-supervised classification with graph convolutional networks.

    Examples
    --------
    >>> smoothing_matrix([[0, 1], [1, 0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    weights = _as_adjacency(A)
    unit = np.ldexp(1.0, -max(0, exponent(weights)))  # large weights overflow in sums
    weights = weights * unit + unit * np.eye(len(weights))
    return _symmetrised(weights, weights.sum(axis=1))


# Helpers


def _as_names(value: ArrayLike, name: str) -> Labels:
    """Read labels of any kind, and number them."""
    labels = as_array(value, name)
    if labels.ndim != 1 or labels.size == 0 or labels.dtype.kind not in "biufUS":
        raise ValueError(
            f"{name} must be numbers or texts of shape (n,), not empty, got {labels.dtype} of shape "
            f"{labels.shape}"
        )
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise ValueError(f"{name} must be finite, got {labels[~np.isfinite(labels)][0]}: remove such entries")
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)


def _as_adjacency(A: ArrayLike) -> Array:
    A = as_symmetric(A, "A")
    if (A < 0).any() or np.diag(A).any():
        raise ValueError(
            "A must be an adjacency matrix, no weight negative and zeros on the diagonal, got least weight "
            f"{A.min():g} and {np.count_nonzero(np.diag(A))} nodes joined to themselves"
        )
    return A


def _refuse_other_length(x: NDArray[Any], name: str, L: Array) -> None:
    if x.shape[:1] != L.shape[:1]:
        raise ValueError(f"{name} must have {len(L)} rows to fit A {L.shape}, got shape {x.shape}")


def _refuse_lonely(degrees: Array) -> None:
    if not degrees.all():
        raise ValueError(
            f"A must have no node without edges, got one at {int(np.argmin(degrees != 0))}: leave it out"
        )


def _squared_distances(X: Array, Y: Array) -> Array:
    """Return the squared distances (n, m) between rows whose entries are at most about one."""
    D, e = squared_distances(X, Y)
    return np.ldexp(D, 2 * e)


def _symmetrised(A: Array, degrees: Array) -> Array:
    """Divide each entry by the roots of both degrees, whose product no float may hold."""
    root, e = np.frexp(np.sqrt(degrees))
    return np.asarray(np.ldexp(A / np.outer(root, root), -(e[:, None] + e)))
