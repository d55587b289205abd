"""Decision trees: at every node the question whose answer tells most about the class.

Throughout, samples are the rows of `X` (n, d), `y` (n,) their classes, whole numbers from 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmlhelpers._checks import Array, as_count, as_matrix, as_number
from mmlhelpers.information._arguments import Labels, as_labels

__all__ = ["Node", "Split", "best_split", "grow_tree", "leaves", "predict"]


_MOST_CLASSES = 100_000  # each of them is a column


class Split(NamedTuple):
    """Question whether the value in column `feature` is at most `threshold`, and its gain in bits."""

    feature: int
    threshold: float
    gain: float


class Node(NamedTuple):
    """Some samples: how many of each class (k,), and unless it is a leaf the question and both parts."""

    counts: Labels
    split: Split | None = None
    yes: Node | None = None
    no: Node | None = None


def best_split(X: ArrayLike, y: ArrayLike) -> Split | None:
    r"""Find the question about one feature that tells most about the class.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    y : (n,) array_like of int
        Classes from 0.

    Returns
    -------
    Split or None
        Feature, threshold half-way between two neighbouring values, and the gain
        :math:`H(Y) - H(Y \mid \text{answer})` in bits; None if no feature has two values. Of equal gains the
        first feature and the lowest threshold win.

    Raises
    ------
    ValueError
        If `X` and `y` do not fit.

    Notes
    -----
    All thresholds of a feature are tried at once, from cumulative counts: cost :math:`O(d n (k + \log n))`.
    Gains are accurate to a few :math:`\varepsilon`; gains closer than 1e-12 count as equal.

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984); Quinlan (1986), doi:10.1007/BF00116251; book, section
    "Information theory".

    Examples
    --------
    >>> best_split([[1.0], [2.0], [6.0]], [0, 0, 1])
    Split(feature=0, threshold=4.0, gain=0.918295834)
    """
    X, y = _samples(X, y)
    return _best_split(X, _one_hot(y))


def grow_tree(X: ArrayLike, y: ArrayLike, max_depth: int = 20, least_gain: float = 1e-9) -> Node:
    """Ask the most informative question, and go on with both answers.

    Parameters
    ----------
    X : (n, d) array_like
        Samples as rows.
    y : (n,) array_like of int
        Classes from 0.
    max_depth : int
        Largest number of questions in a row.
    least_gain : float
        A question that gains no more bits than this is not asked.

    Returns
    -------
    Node
        The root.

    Raises
    ------
    ValueError
        If `X` and `y` do not fit or `max_depth` is negative.

    Notes
    -----
    Greedy: exact at every node, but the whole tree need not be the best of its depth.

    References
    ----------
    Quinlan (1986), doi:10.1007/BF00116251; book, section "Information theory".

    Examples
    --------
    >>> tree = grow_tree([[1.0], [2.0], [6.0]], [0, 0, 1])
    >>> tree.split.threshold, tree.yes.counts, tree.no.counts
    (4.0, array([2, 0]), array([0, 1]))
    """
    X, y = _samples(X, y)
    max_depth, least_gain = as_count(max_depth, "max_depth", 0), as_number(least_gain, "least_gain")
    return _grow(X, _one_hot(y), max_depth, least_gain)


def predict(tree: Node, X: ArrayLike) -> Labels:
    """Answer the questions of a tree for each sample, and name the commonest class of the leaf reached.

    Parameters
    ----------
    tree : Node
        Root of a tree.
    X : (n, d) array_like
        Samples as rows, with the features the tree asks for.

    Returns
    -------
    (n,) ndarray of int
        Classes; of equally common ones the first.

    Raises
    ------
    ValueError
        If `X` has fewer columns than the tree asks for.

    Notes
    -----
    Exact.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> tree = grow_tree([[1.0], [2.0], [6.0]], [0, 0, 1])
    >>> predict(tree, [[0.0], [9.0]])
    array([0, 1])
    """
    X = as_matrix(X, "X")
    asked = max((node.split.feature for node in _nodes(tree) if node.split), default=0)
    if asked >= X.shape[1]:
        raise ValueError(f"X must have at least {asked + 1} columns for this tree, got shape {X.shape}")
    answer = np.empty(len(X), dtype=np.int64)
    _descend(tree, X, answer)
    return answer


def leaves(tree: Node) -> Labels:
    """Collect the class counts of all leaves.

    Parameters
    ----------
    tree : Node
        Root of a tree.

    Returns
    -------
    (m, k) ndarray of int
        A leaf a row, from the answer yes to the answer no; a class a column.

    Notes
    -----
    Exact. Divided by its sum it is the joint distribution of leaf and class.

    References
    ----------
    Book, section "Information theory".

    Examples
    --------
    >>> leaves(grow_tree([[1.0], [2.0], [6.0]], [0, 0, 1]))
    array([[2, 0],
           [0, 1]])
    """
    return np.array([node.counts for node in _nodes(tree) if node.split is None])


def _samples(X: ArrayLike, y: ArrayLike) -> tuple[Array, Labels]:
    """Read samples and their classes."""
    X, y = as_matrix(X, "X"), as_labels(y, "y")
    if len(X) != len(y):
        raise ValueError(f"y has length {len(y)} but X has {len(X)} rows: make them agree")
    return X, y


def _spread(counts: Array) -> Array:
    """Turn class counts (..., k) into n times the entropy in bits, (...)."""
    n = counts.sum(axis=-1, keepdims=True)
    shares = np.divide(counts, n, out=np.ones_like(counts), where=counts > 0)
    spread: Array = -np.sum(counts * np.log2(shares), axis=-1)
    return spread


def _best_split(X: Array, classes: Array) -> Split | None:
    """Find the best question; classes (n, k) are one-hot."""
    total = classes.sum(axis=0)
    best = None
    for feature, column in enumerate(X.T):
        order = np.argsort(column, kind="stable")
        value = column[order]
        places = np.flatnonzero(value[1:] > value[:-1])  # the last sample that answers yes
        if len(places) == 0:
            continue
        yes = np.cumsum(classes[order], axis=0)[places]
        gains = (_spread(total) - _spread(yes) - _spread(total - yes)) / len(X)
        i = int(np.flatnonzero(gains >= gains.max() - 1e-12)[0])
        if best is None or gains[i] > best.gain + 1e-12:
            best = Split(feature, _between(*value[[places[i], places[i] + 1]]), max(0.0, float(gains[i])))
    return best


def _between(low: float, high: float) -> float:
    """Find the middle, or the lower number where rounding would make the middle the upper one."""
    middle = float(low) / 2 + float(high) / 2
    return middle if middle < high else float(low)


def _grow(X: Array, classes: Array, depth: int, least_gain: float) -> Node:
    """Grow a tree for one-hot classes (n, k), from a list of parts that wait, so that it may be deep."""
    parts = [(np.arange(len(X)), depth)]  # parts in the order in which they were found
    asked = list[tuple[Split, int] | None]()  # for each its question, and where its answer yes stands
    for rows, left in parts:
        split = _best_split(X[rows], classes[rows]) if left else None
        if split is None or split.gain <= least_gain:
            asked.append(None)
            continue
        yes = X[rows, split.feature] <= split.threshold
        asked.append((split, len(parts)))
        parts += [(rows[yes], left - 1), (rows[~yes], left - 1)]
    nodes: list[Node] = [Node(np.empty(0, dtype=np.int64))] * len(parts)
    for i in range(len(parts) - 1, -1, -1):
        counts, question = classes[parts[i][0]].sum(axis=0).astype(np.int64), asked[i]
        if question is None:
            nodes[i] = Node(counts)
        else:
            split, place = question
            nodes[i] = Node(counts, split, nodes[place], nodes[place + 1])
    return nodes[0]


def _one_hot(y: Labels) -> Array:
    """Write a row of zeros with a one for each sample."""
    if y.max() >= _MOST_CLASSES:
        raise ValueError(f"y must hold classes below {_MOST_CLASSES}, got {y.max()}: number them from 0")
    return np.eye(int(y.max()) + 1)[y]


def _nodes(tree: Node) -> Iterator[Node]:
    """Yield a node and all below it, the answer yes first."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [half for half in (node.no, node.yes) if half is not None]


def _descend(tree: Node, X: Array, answer: Labels) -> None:
    """Write the answer for each row of X."""
    waiting = [(tree, np.arange(len(X)))]
    while waiting:
        node, rows = waiting.pop()
        if node.split is None or node.yes is None or node.no is None:
            answer[rows] = np.argmax(node.counts)
            continue
        yes = X[rows, node.split.feature] <= node.split.threshold
        waiting += [(node.yes, rows[yes]), (node.no, rows[~yes])]
