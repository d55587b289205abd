"""Checks on the arguments of information theory: distributions, labels, strings of bits."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_array, as_distribution, as_items, as_matrix, as_number

Labels = NDArray[np.int64]


def as_pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    """Read two distributions over the same values."""
    first, second = as_distribution(p, "p"), as_distribution(q, "q")
    if first.shape != second.shape:
        raise ValueError(f"q {second.shape} must be over the same values as p {first.shape}")
    return first, second


def as_joint(value: ArrayLike, name: str) -> Array:
    """Read a table of probabilities, (m, k), that sum to one."""
    as_matrix(value, name)
    return as_distribution(value, name)  # as it came, because its type says how exact it is


def as_channel(value: ArrayLike, name: str) -> Array:
    """Read a matrix (m, k) whose rows are distributions."""
    as_matrix(value, name)
    return np.stack([as_distribution(row, f"row {i} of {name}") for i, row in enumerate(np.asarray(value))])


def as_log_base(base: float) -> float:
    """Read the base of a logarithm and return its natural logarithm."""
    number = as_number(base, "base")
    if number <= 1:
        raise ValueError(f"base must be a number above 1, such as 2 for bits or np.e for nats, got {base!r}")
    return float(np.log(number))


def as_labels(value: ArrayLike, name: str, n_labels: int | None = None) -> Labels:
    """Read whole numbers (n,), from 0 and below `n_labels` if that is given."""
    labels = as_array(value, name)
    if labels.ndim != 1 or (labels.size and labels.dtype.kind not in "biu"):
        raise ValueError(
            f"{name} must be whole numbers of shape (n,), got {labels.dtype} of shape {labels.shape}"
        )
    if labels.size and labels.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must lie below 2**63, got {labels.max()}")
    labels = labels.astype(np.int64)
    if labels.size and labels.min() < 0:
        raise ValueError(f"{name} must not be negative, got {labels.min()}")
    if n_labels is not None and labels.size and labels.max() >= n_labels:
        raise ValueError(f"{name} must lie below {n_labels}, got {labels.max()}")
    return labels


def as_binary(value: str, name: str) -> str:
    """Read a string of the characters 0 and 1."""
    if not isinstance(value, str) or set(value) - {"0", "1"}:
        raise ValueError(f"{name} must be a string of 0 and 1, got {value!r:.80}")
    return value


def as_words(code: Sequence[str]) -> tuple[str, ...]:
    """Read the words of a prefix code: not empty, and none the beginning of another."""
    words: tuple[Any, ...] = tuple(as_items(code, "code"))
    if not words:
        raise ValueError("code must hold at least one word, got none")
    for word in words:
        if not as_binary(word, "every word of code"):
            raise ValueError("every word of code must have at least one bit, got an empty word")
    ordered = sorted(words)
    for word, following in itertools.pairwise(ordered):
        if following.startswith(word):
            raise ValueError(f"code must be a prefix code, but {word} is the beginning of {following}")
    return words
