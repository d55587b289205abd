"""The exercises of the chapter on principal components: slow truths, judges and the inputs they are tried on.

Samples are the rows of X (n, d), an array of float64; variances have the divisor n.
"""

from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import CLOSE, HAND, NotYet, as_numbers, floats
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

CLOUD = floats([4, 1, 0], [-1, 2, 1], [0, -3, 2], [-2, 0, -4], [5, 4, 1])
FLAT = floats([1, 2], [3, 1], [2, 5], [0, 0], [4, 3], [1, 1])


def _eigen(X: Array) -> tuple[Array, Array]:
    """Eigenvalues of the covariance, largest first, and the eigenvectors as columns."""
    centred = X - X.mean(axis=0)
    values, V = np.linalg.eigh(centred.T @ centred / len(X))
    return values[::-1], V[:, ::-1]


# By hand


@by_hand
def component_by_hand(value: Any) -> None:
    """Find the first variance of the covariance [[5, 2], [2, 2]] and its share."""
    numbers = as_numbers(value, "two numbers, the first variance and its share", (2,))
    variance, share = numbers
    if not abs(variance - 6) <= HAND:
        raise NotYet(f"wanted the larger root of the characteristic polynomial first, got {show(variance)}")
    if not abs(share - 6 / 7) <= HAND:
        raise NotYet(f"wanted the share of the total variance, the trace, second, got {show(share)}")


@by_hand
def standardised_pair(value: Any) -> None:
    """Find the first share of two standardised columns with correlation 0.6."""
    share = as_numbers(value, "one number", ())
    if abs(share - 1.6) <= HAND:
        raise NotYet("wanted the share of the total, got the variance itself")
    if not abs(share - 0.8) <= HAND:
        raise NotYet(
            f"wanted the larger eigenvalue of the correlation matrix over its trace, got {show(value)}"
        )


@by_hand
def noise_by_hand(value: Any) -> None:
    """Find the edges of noise and the least visible strength for 900 samples of 100 features."""
    numbers = as_numbers(value, "three numbers, two edges and a strength", (3,))
    if not np.allclose(numbers[:2], [4 / 9, 16 / 9], atol=HAND):
        raise NotYet(f"wanted the squares of one minus and one plus a root as edges, got {show(numbers[:2])}")
    if not abs(numbers[2] - 4 / 3) <= HAND:
        raise NotYet(f"wanted the variance from which a direction is seen at all, got {show(numbers[2])}")


# Functions


@specification((CLOUD, 1), (CLOUD, 2), (FLAT, 2), (100 + CLOUD, 3))
def principal_directions(X: Array, k: int) -> Array:
    """Take eigenvectors of the covariance, and turn each so that its largest entry is positive."""
    _, V = _eigen(X)
    for j in range(k):
        if V[np.abs(V[:, j]).argmax(), j] < 0:
            V[:, j] = -V[:, j]
    return V[:, :k]


@specification(
    (FLAT, floats([2, 2], [9, 9]), floats([0.6], [0.8])),
    (FLAT, floats([[5, 0]]).reshape(1, 2), np.eye(2)),
    (CLOUD, CLOUD + 10, np.eye(3)[:, :2]),
)
def scores_of_new(X: Array, new: Array, V: Array) -> Array:
    """Take the mean of the old samples off each new one, and measure it along each direction."""
    mean = X.mean(axis=0)
    return np.array([[float(v @ (x - mean)) for v in V.T] for x in new])


@specification((CLOUD, 1), (CLOUD, 2), (CLOUD, 3), (FLAT, 1), (FLAT + 50, 1))
def left_out(X: Array, k: int) -> float:
    """Rebuild every sample from k components, and take the mean of the squared distances."""
    _, V = _eigen(X)
    mean = X.mean(axis=0)
    rebuilt = mean + (X - mean) @ V[:, :k] @ V[:, :k].T
    return float(np.mean(np.sum((X - rebuilt) ** 2, axis=1)))


@requirement((FLAT,), (CLOUD,), (7 + 3 * FLAT,))
def whiten(white: Any, X: Array) -> None:
    """Accept a linear map of the centred samples with the identity as covariance."""
    white = as_numbers(white, f"samples of shape {X.shape}", X.shape)
    S = white.T @ white / len(X)
    if not np.allclose(S, np.eye(X.shape[1]), atol=1e-6):
        raise NotYet(f"wanted the identity as covariance, got {show(S)}")
    centred = X - X.mean(axis=0)
    M = np.linalg.lstsq(centred, white, rcond=None)[0]
    if not np.allclose(centred @ M, white, atol=1e-6):
        raise NotYet("wanted a linear map of the centred samples, got something else with that covariance")


@specification(
    (CLOUD, floats(1, 1, 1), 1),
    (CLOUD, floats(0, 5, -2), 2),
    (FLAT, floats(2, 8), 1),
    (FLAT, floats(11 / 6, 2), 1),
)
def novelty(X: Array, x: Array, k: int) -> float:
    """Measure the sample along the directions that were left out."""
    _, V = _eigen(X)
    return float(sum((v @ (x - X.mean(axis=0))) ** 2 for v in V[:, k:].T))


@specification(
    (floats([4, 0], [0, 0]),),
    (CLOUD @ CLOUD.T,),
    (floats([1, 0.5, 0.1], [0.5, 1, 0.2], [0.1, 0.2, 1]),),
)
def centred_kernel(K: Array) -> Array:
    """Multiply by the matrix that takes the mean off, from both sides."""
    n = len(K)
    H = np.eye(n) - np.ones((n, n)) / n
    result: Array = H @ K @ H
    return result


def _squared_distances(X: Array) -> Array:
    distances: Array = np.sum((X[:, None] - X) ** 2, axis=-1)
    return distances


@requirement((_squared_distances(FLAT), 2), (_squared_distances(CLOUD), 3), (floats([0, 9], [9, 0]), 1))
def map_from_distances(points: Any, D: Array, k: int) -> None:
    """Accept points with the wanted distances; shift, turn and mirror image are free."""
    points = as_numbers(points, f"points of shape {(len(D), k)}", (len(D), k))
    got = _squared_distances(points)
    if not np.allclose(got, D, rtol=1e-6, atol=1e-6):
        raise NotYet(f"wanted the squared distances {show(D)}, got {show(got)}")


@specification(
    (floats([1, 0], [0, 1]), floats(0.6, 0.8), 0.1, 1),
    (floats([2, 1], [-1, 1], [-1, -2]), floats(1, 0), 0.05, 3),
    (CLOUD - CLOUD.mean(axis=0), floats(0, 1, 0), 0.01, 2),
)
def oja(X: Array, w: Array, rate: float, n_passes: int) -> Array:
    """Write the rule out entry by entry."""
    w = w.astype(float)
    for x in list(X) * n_passes:
        score = sum(a * b for a, b in zip(w, x, strict=True))
        w = np.array([a + rate * score * (b - score * a) for a, b in zip(w, x, strict=True)])
    return w


PROBES = np.random.default_rng(0).normal(size=(8, 4))
TURN = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8))).Q
STEEP = TURN * 10.0 ** -np.arange(8) @ TURN  # singular values 1, 0.1, 0.01, ...


@requirement((STEEP, PROBES, 4), (STEEP, PROBES, 0), (STEEP.T[:, :5], PROBES[:5], 6))
def power_range(Q: Any, A: Array, probes: Array, n_power: int) -> None:
    """Accept orthonormal columns that miss little more of A than careful powers do."""
    Q = as_numbers(Q, f"a matrix of shape {(len(A), probes.shape[1])}", (len(A), probes.shape[1]))
    if not np.allclose(Q.T @ Q, np.eye(Q.shape[1]), atol=CLOSE):
        raise NotYet("wanted orthonormal columns, got others")
    careful = np.linalg.qr(A @ probes).Q
    for _ in range(n_power):
        careful = np.linalg.qr(A @ np.linalg.qr(A.T @ careful).Q).Q
    error, least = (np.linalg.norm(A - R @ (R.T @ A), 2) for R in (Q, careful))
    if not error <= 1.01 * least:
        # How large it is exactly, rounding decides: the line must be the same on every machine.
        larger = "more than ten times as large" if error > 10 * least else "a larger one"
        raise NotYet(f"wanted an error of about {least:.0e}, got {larger}")


@specification(
    (FLAT, floats([1, 0], [2, 2], [0, 1], [1, 1], [3, 0], [0, 2])),
    (CLOUD[:, :2], floats([1], [0], [2], [-1], [4])),
    (FLAT, 5 - 2 * FLAT),
)
def canonical_correlations(X: Array, Y: Array) -> Array:
    """Take roots of the eigenvalues of the product of four blocks of the joint covariance."""
    n, d = X.shape
    both = np.hstack([X - X.mean(axis=0), Y - Y.mean(axis=0)])
    S = both.T @ both / n
    Sx, Sxy, Sy = S[:d, :d], S[:d, d:], S[d:, d:]
    squares = np.linalg.eigvals(np.linalg.solve(Sx, Sxy) @ np.linalg.solve(Sy, Sxy.T)).real
    count = min(d, Y.shape[1])
    correlations: Array = np.sqrt(np.clip(np.sort(squares)[::-1][:count], 0, 1))
    return correlations
