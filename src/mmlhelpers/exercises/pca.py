"""The exercises of the chapter on principal components: slow truths, judges and the inputs they are tried on.

Samples are the rows of X (n, d), an array of float64; variances have the divisor n.
"""

from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    closeness,
    floats,
    require_close,
    require_three_decimals,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._writing import show

CLOUD = floats([4, 1, 0], [-1, 2, 1], [0, -3, 2], [-2, 0, -4], [5, 4, 1])
FLAT = floats([1, 2], [3, 1], [2, 5], [0, 0], [4, 3], [1, 1])
TALL = floats(
    [0.8, -0.5, -0.4, 1.5],
    [-2.4, 1.75, 1.0, 0.25],
    [1.6, -0.75, -1.25, -1],
    [0.5, -0.6, 0.3, 2],
    [3, -2, -1.5, 0],
)
TINY = 1e-3 * TALL[:, :3] + floats(2, 0.5, -1)


def _eigen(X: Array) -> tuple[Array, Array]:
    """Eigenvalues of the covariance, largest first, and the eigenvectors as columns."""
    centred = X - X.mean(axis=0)
    values, V = np.linalg.eigh(centred.T @ centred / len(X))
    return values[::-1], V[:, ::-1]


# By hand


@by_hand
def component_by_hand(value: Any) -> None:
    """Find the first variance of the covariance [[5, 2], [2, 2]] and its share."""
    variance, share = as_numbers(value, "two numbers, the first variance and its share", (2,))
    if not abs(variance - 6) <= HAND:
        raise NotYet(f"wanted the larger root of the characteristic polynomial first, got {show(variance)}")
    require_three_decimals(share, 6 / 7)
    if not abs(share - 6 / 7) <= HAND:
        raise NotYet(f"wanted the share of the total variance, the trace, second, got {show(share)}")


@by_hand
def standardised_pair(value: Any) -> None:
    """Find the first share of two standardised columns with correlation 0.6."""
    share = as_numbers(value, "one number", ())
    if abs(share - 1.6) <= HAND:
        raise NotYet(f"wanted the share of the total, got {show(value)}, the variance itself")
    require_three_decimals(share, 0.8)
    if not abs(share - 0.8) <= HAND:
        raise NotYet(
            f"wanted the larger eigenvalue of the correlation matrix over its trace, got {show(value)}"
        )


@by_hand
def noise_by_hand(value: Any) -> None:
    """Find the edges of noise and the least visible strength for 900 samples of 100 features."""
    numbers = as_numbers(value, "three numbers, two edges and a strength", (3,))
    for got, wanted in zip(numbers, (4 / 9, 16 / 9, 4 / 3), strict=True):
        require_three_decimals(got, wanted)
    if np.allclose(numbers[:2], [16 / 9, 4 / 9], rtol=0, atol=HAND):
        raise NotYet("wanted the lower edge first, then the upper")
    if not np.allclose(numbers[:2], [4 / 9, 16 / 9], rtol=0, atol=HAND):
        raise NotYet(f"wanted the squares of one minus and one plus a root as edges, got {show(numbers[:2])}")
    if not abs(numbers[2] - 4 / 3) <= HAND:
        raise NotYet(f"wanted the variance from which a direction is seen at all, got {show(numbers[2])}")


# Functions


@specification(
    rule("the samples are centred", 100 + CLOUD, 1),
    rule("directions are columns, the largest variance first", CLOUD, 2),
    rule("the entry of largest size is positive, whatever the others are", TALL, 1),
    rule(
        "the entry of largest size is positive, whatever the others are",
        CLOUD[:, [1, 0, 2]] * floats(-1, 1, 1),
        1,
    ),
    rule("all directions may be asked for", FLAT, 2),
    rule("samples may have any size", TINY, 2),
)
def principal_directions(X: Array, k: int) -> Array:
    """Take eigenvectors of the covariance, and turn each so that its largest entry is positive."""
    _, V = _eigen(X)
    for j in range(k):
        if V[np.abs(V[:, j]).argmax(), j] < 0:
            V[:, j] = -V[:, j]
    return V[:, :k]


@specification(
    rule("the mean is that of the old samples", FLAT, floats([2, 2.5], [9, 9]), floats([0.6], [0.8])),
    rule("a single sample has scores too", FLAT, floats([5, 0.25]), np.eye(2)),
    rule("directions are the columns of V", TALL, 3 + TALL[1:3], np.linalg.qr(TALL[:4]).Q[:, :3]),
    rule("samples may have any size", TINY, TINY[:2] * floats(1.001, 0.999, 1), np.eye(3)[:, [2, 0]]),
)
def scores_of_new(X: Array, new: Array, V: Array) -> Array:
    """Take the mean of the old samples off each new one, and measure it along each direction."""
    mean = X.mean(axis=0)
    return np.array([[float(v @ (x - mean)) for v in V.T] for x in new])


@specification(
    rule("squared distances are averaged, with divisor n", CLOUD, 1),
    rule("the plane goes through the mean", FLAT + 50, 1),
    rule("all that is left out counts", TALL, 1),
    rule("k directions are kept", TALL, 2),
    rule("nothing is left out of all directions", CLOUD, 3),
    rule("samples may have any size", 1e4 * TALL, 2),
)
def left_out(X: Array, k: int) -> float:
    """Rebuild every sample from k components, and take the mean of the squared distances."""
    _, V = _eigen(X)
    mean = X.mean(axis=0)
    rebuilt = mean + (X - mean) @ V[:, :k] @ V[:, :k].T
    return float(np.mean(np.sum((X - rebuilt) ** 2, axis=1)))


@requirement(
    rule("the covariance, with divisor n, becomes the identity", FLAT),
    rule("three columns are whitened too", CLOUD),
    rule("the samples are centred", 7 + 3 * FLAT),
    rule("samples may have any units", TINY * floats(1e-2, 1e3, 1)),
)
def whiten(white: Any, X: Array) -> None:
    """Accept a linear map of the centred samples with the identity as covariance."""
    digits = max(1e-6, min(100 * closeness(white), HAND))  # inverse roots of small variances cost digits
    white = as_numbers(white, f"samples of shape {X.shape}", X.shape)
    mean, identity = white.mean(axis=0), np.eye(X.shape[1])
    require_close(mean, np.zeros(X.shape[1]), "mean", within=digits, because="centred samples")
    require_close(white.T @ white / len(X), identity, "covariance", within=digits, because="white samples")
    centred = (X - X.mean(axis=0)) / X.std(axis=0, ddof=0)
    M = np.linalg.lstsq(centred, white, rcond=None)[0]
    if not np.allclose(centred @ M, white, rtol=digits, atol=digits):
        raise NotYet("wanted a linear map of the centred samples, got something else with that covariance")


@specification(
    rule("only the distance from the plane counts", CLOUD, floats(1, 1, 1), 1),
    rule("the plane goes through the mean of X", FLAT + 20, floats(22, 28.5), 1),
    rule("the plane has k dimensions", TALL, floats(0, 5, -2, 0.5), 2),
    rule("what lies on the plane is at home", FLAT, floats(11 / 6, 2), 1),
    rule("samples may have any size", TINY, TINY[0] + 1e-3 * floats(1, -2.5, 0.5), 1),
)
def novelty(X: Array, x: Array, k: int) -> float:
    """Measure the sample along the directions that were left out."""
    _, V = _eigen(X)
    return float(sum((v @ (x - X.mean(axis=0))) ** 2 for v in V[:, k:].T))


@specification(
    rule("rows and columns lose their means, and the mean of everything comes back", floats([4, 0], [0, 1])),
    rule("rows and columns lose their means, and the mean of everything comes back", CLOUD @ CLOUD.T + 3),
    rule("the diagonal may be ones", floats([1, 0.5, 0.1], [0.5, 1, 0.2], [0.1, 0.2, 1])),
    rule("inner products may have any size", 1e5 * FLAT @ FLAT.T),
    rule("one sample is its own mean", floats([2.5])),
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


@requirement(
    rule("the distances of the points squared are D", _squared_distances(FLAT), 2),
    rule("points may have three dimensions", _squared_distances(CLOUD), 3),
    rule("points may lie on a line", floats([0, 9.5], [9.5, 0]), 1),
    rule("distances may have any size", _squared_distances(1e-3 * TALL[:4, :2]), 2),
    rule("distances may have any size", _squared_distances(1e3 * TALL[:, 1:3]), 2),
)
def map_from_distances(points: Any, D: Array, k: int) -> None:
    """Accept points with the wanted distances; shift, turn and mirror image are free."""
    digits = max(1e-6, min(100 * closeness(points), HAND))  # differences of points have fewer digits
    points = as_numbers(points, f"points of shape {(len(D), k)}", (len(D), k))
    require_close(_squared_distances(points), D, "squared distances", within=digits, size=float(D.max()))


@specification(
    rule("w moves by rate times y (x - y w)", floats([0.5, 2]), floats(0.6, -1.5), 0.1, 1),
    rule(
        "the score is computed anew for each sample",
        floats([1, 0], [0.25, 1], [-1.25, -1]),
        floats(0.6, 0.8),
        0.1,
        1,
    ),
    rule(
        "all samples are passed over n_passes times", floats([2, 1], [-1, 1], [-1, -2]), floats(1, 0), 0.05, 3
    ),
    rule("nobody normalises", TALL - TALL.mean(axis=0), floats(0, 1, 0, 2.5), 0.01, 2),
    rule("without a pass w stays", floats([2, 1.5], [-2, -1.5]), floats(0.3, 0.7), 0.2, 0),
    rule(
        "samples and rate may have any size", 1e2 * (CLOUD - CLOUD.mean(axis=0)), floats(0.1, 1, 0.2), 1e-6, 2
    ),
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
SLOW = TURN.T * 1.25 ** -np.arange(8) @ TURN  # singular values that hardly fall


@requirement(
    rule("nothing is lost to rounding between the powers", STEEP, PROBES, 4),
    rule("without a power A is multiplied once", STEEP, PROBES, 0),
    rule("one power makes the range better", SLOW, PROBES[:, :2], 1),
    rule("n_power powers are taken", SLOW, PROBES[:, :2], 3),
    rule("A need not be square", STEEP.T[:, :5], PROBES[:5], 6),
    rule("A may have any size", 1e-5 * STEEP[:6], 1e3 * PROBES[:, :3], 3),
)
def power_range(Q: Any, A: Array, probes: Array, n_power: int) -> None:
    """Accept orthonormal columns that miss little more of A than careful powers do."""
    digits = closeness(Q)
    Q = as_numbers(Q, f"a matrix of shape {(len(A), probes.shape[1])}", (len(A), probes.shape[1]))
    require_close(Q.T @ Q, np.eye(Q.shape[1]), "Q^T Q", within=digits, because="orthonormal columns")
    careful = np.linalg.qr(A @ probes).Q
    for _ in range(n_power):
        careful = np.linalg.qr(A @ np.linalg.qr(A.T @ careful).Q).Q
    least = float(np.linalg.norm(A - careful @ (careful.T @ A), 2))
    blur = 10 * digits * float(np.linalg.norm(A, 2)) * (digits > CLOSE)  # of an answer in few digits
    error = float(np.linalg.norm(A - Q @ (Q.T @ A), 2))
    if not error <= 1.01 * least + blur:
        # How large it is exactly, rounding decides: the line must be the same on every machine.
        larger = "more than ten times as large" if error > 10 * least else "a larger one"
        raise NotYet(f"wanted an error of about {least:.0e}, got {larger}")
    moved = float(np.linalg.norm((Q @ Q.T - careful @ careful.T) @ A, 2))
    if not moved <= 1e-3 * least + blur:
        raise NotYet(f"wanted the range after {n_power} powers, got the range after others")


@specification(
    rule("both tables are whitened", FLAT, floats([1, 0], [2, 2], [0, 1], [1, 1], [3, 0], [0, 2])),
    rule("the tables are centred", 30 + FLAT, floats([1.5, 0], [2, 2], [0, 1], [1, 1], [3, 0.5], [0, 2]) - 7),
    rule(
        "there are as many as the smaller number of columns", CLOUD[:, :2], floats([1], [0], [2], [-1], [4])
    ),
    rule("there are as many as the smaller number of columns", TALL[:, :1], CLOUD[:, :2]),
    rule("what depends linearly has the correlation one", FLAT, 5 - 2 * FLAT),
    rule("a linear map of X changes nothing", TINY * floats(10, 1e3, 1e-2), TALL[:, 3:]),
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
