"""Figures of the section on numerical linear algebra.

Every function returns a new Figure that nobody has shown yet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmlhelpers import linalg, plotting
from mmlhelpers._checks import Array

__all__ = ["blame", "distance_ratios", "errors_left", "plate", "qr_steps", "ritz_values", "toy_floats"]


def blame(sizes: Iterable[int]) -> Figure:
    """Draw forward and backward errors of solved Hilbert systems beside condition number times roundoff.

    Parameters
    ----------
    sizes : iterable of int
        Numbers of unknowns; each right-hand side is made for a solution of ones.

    Returns
    -------
    Figure
        Three curves against the number of unknowns, all in the norm of the largest entry; errors of zero are
        drawn as 1e-17.
    """
    sizes = list(sizes)
    curves = np.maximum([_hilbert_errors(n) for n in sizes], 1e-17).T
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    styles = (("o-", "model", "forward error"), ("s-", "data", "backward error"))
    for curve, (style, role, label) in zip(curves, styles, strict=False):
        ax.semilogy(sizes, curve, style, color=plotting.ROLE[role], label=label)
    ax.semilogy(sizes, curves[2], "--", color=plotting.MUTED, label="condition times roundoff")
    ax.set(xlabel="unknowns", ylabel="relative error", ylim=(3e-18, 30))
    ax.legend()
    return fig


def _hilbert_errors(n: int) -> tuple[float, float, float]:
    """Return forward error, backward error and condition times roundoff.

    Sums are exact and elimination works entry by entry, so the numbers are the same on every machine.
    """
    i = np.arange(1, n + 1)
    A = 1 / (i[:, None] + i - 1)
    b = np.array([math.fsum(row) for row in A])
    x = linalg.row_echelon(np.column_stack([A, b])).R[:, -1]
    residual = max(abs(math.fsum([*(row * x), -t])) for row, t in zip(A, b, strict=True))
    backward = residual / (b.max() * np.abs(x).max() + b.max())
    return float(np.abs(x - 1).max()), float(backward), float(b.max() * _inverse_norm(n) * 2.0**-53)


def _inverse_norm(n: int) -> int:
    """Return the largest sum of absolute values in a row of the inverse Hilbert matrix, which is whole."""

    def entry(i: int, j: int) -> int:
        inner = math.comb(i + j - 2, i - 1) ** 2
        return (i + j - 1) * math.comb(n + i - 1, n - j) * math.comb(n + j - 1, n - i) * inner

    return max(sum(entry(i, j) for j in range(1, n + 1)) for i in range(1, n + 1))


def qr_steps(A: ArrayLike, steps: Sequence[int]) -> Figure:
    """Show the sizes of a matrix's entries after given numbers of plain QR steps.

    Parameters
    ----------
    A : (n, n) array_like
        Square matrix.
    steps : sequence of int
        Numbers of steps, ascending, from 0.

    Returns
    -------
    Figure
        One square of grey cells for each number; black is the largest entry, white a millionth of it.
    """
    matrix, done = np.asarray(A, dtype=float), 0
    fig, axes = plt.subplots(1, len(steps), figsize=(6.4, 1.9))
    for ax, wanted in zip(np.atleast_1d(axes), steps, strict=True):
        for _ in range(wanted - done):
            Q, R = np.linalg.qr(matrix)
            matrix = R @ Q
        done = wanted
        size = np.log10(np.maximum(np.abs(matrix) / np.abs(matrix).max(), 1e-6))
        plotting.picture(ax, -size / 6, f"{wanted} steps")
    return fig


def ritz_values(
    multiply: Callable[[Array], Array], start: ArrayLike, true: ArrayLike, n_steps: int
) -> Figure:
    """Draw Lanczos' approximations after each number of products.

    Parameters
    ----------
    multiply : callable
        Product with a symmetric matrix.
    start : (n,) array_like
        First vector.
    true : (k,) array_like
        Its eigenvalues, descending; the first five are drawn as lines.
    n_steps : int
        Largest number of products.

    Returns
    -------
    Figure
        A column of dots for each number of products.
    """
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    for value in np.asarray(true)[:5]:
        ax.axhline(value, color=plotting.MUTED, linewidth=1)
    for k in range(1, n_steps + 1):
        values = linalg.lanczos(multiply, start, k).values
        ax.plot(np.full(k, k), values, ".", color=plotting.ROLE["model"])
    ax.set(xlabel="products", ylabel="approximate eigenvalues", ylim=(0, None))
    return fig


def errors_left(errors: Mapping[str, ArrayLike]) -> Figure:
    """Show vectors of errors on a square grid side by side, on one grey scale.

    Parameters
    ----------
    errors : mapping of str to (n,) array_like
        Titles, and values at the points of a square grid, row by row.

    Returns
    -------
    Figure
        One picture for each; white and black are twice the spread of the first.
    """
    grids = [np.reshape(e, (math.isqrt(np.size(e)), -1)) for e in errors.values()]
    limit = 2 * float(grids[0].std(ddof=0))
    fig, axes = plt.subplots(1, len(grids), figsize=(6.4, 2.4))
    for ax, title, grid in zip(np.atleast_1d(axes), errors, grids, strict=True):
        plotting.picture(ax, grid, title, limits=(-limit, limit))
    return fig


def distance_ratios(X: ArrayLike, most: int, rng: np.random.Generator, failure: float) -> Figure:
    """Draw how random projections change squared distances, beside what Johnson and Lindenstrauss promise.

    Parameters
    ----------
    X : (n, d) array_like
        Different points, one a row.
    most : int
        Largest number of dimensions to project to, more than ten.
    rng : Generator
        Source of the random matrix; fewer dimensions use its first rows.
    failure : float
        Probability with which the promise may fail.

    Returns
    -------
    Figure
        The band from the least to the largest ratio of all pairs against the number of dimensions, and dashed
        curves at one plus and minus the tolerance that this number allows.
    """
    X = np.asarray(X, dtype=float)
    i, j = np.triu_indices(len(X), 1)
    parts = X @ rng.normal(size=(X.shape[1], most))
    before = np.sum((X[i] - X[j]) ** 2, axis=1)
    sizes = np.unique(np.geomspace(10, most, 40).round().astype(int))
    sums = np.cumsum((parts[i] - parts[j]) ** 2, axis=1)[:, sizes - 1]
    ratios = sums / (before[:, None] * sizes)
    fig, ax = plt.subplots(figsize=(6.0, 3.2))
    ax.fill_between(sizes, ratios.min(axis=0), ratios.max(axis=0), color=plotting.ROLE["data"], alpha=0.4)
    tolerance = np.linspace(0.99, 0.1, 90)
    promised = (4 * math.log(len(X)) - 2 * math.log(failure)) / (tolerance**2 / 2 - tolerance**3 / 3)
    for sign in (1, -1):
        ax.plot(promised, 1 + sign * tolerance, "--", color=plotting.ROLE["model"])
    ax.set(xscale="log", xlim=(10, most), ylim=(0, None), xlabel="dimensions", ylabel="ratio of squares")
    return fig


def plate(temperature: ArrayLike, side: int) -> Figure:
    """Show a temperature, and the residuals of conjugate gradients on a smaller plate.

    Parameters
    ----------
    temperature : (m, m) array_like
        Temperature at the points of a grid.
    side : int
        Points a side of the smaller grid, one less than a power of two.

    Returns
    -------
    Figure
        A picture, and two curves against the number of steps.
    """
    u = np.asarray(temperature)[::4, ::4]  # every fourth point is enough for a picture
    b = np.zeros((side, side))
    b[side // 4, side // 3] = 1
    fig, (left, right) = plt.subplots(1, 2, figsize=(6.6, 2.9), width_ratios=(1, 1.3))
    limit = float(np.abs(u).max())
    plotting.picture(left, u, limits=(-limit, limit))
    for preconditioner, style, role in ((None, "--", "data"), (linalg.multigrid_cycle, "o-", "model")):
        solved = linalg.conjugate_gradients(linalg.poisson_multiply, b.ravel(), preconditioner=preconditioner)
        norms = solved.residual_norms / solved.residual_norms[0]
        right.semilogy(norms, style, color=plotting.ROLE[role], markersize=4)
    right.set(xlabel="steps", ylabel="relative residual")
    return fig


def toy_floats(fraction_bits: int) -> Figure:
    """Mark all floats from an eighth to eight of a format with a short fraction.

    Parameters
    ----------
    fraction_bits : int
        Binary digits of the fraction.

    Returns
    -------
    Figure
        Two number lines, plain and logarithmic.
    """
    steps = 1 + np.arange(2**fraction_bits) / 2**fraction_bits
    numbers = np.append(np.outer(2.0 ** np.arange(-3, 3), steps), 8.0)
    lines = (("linear", [0.0, 1, 2, 4, 8]), ("log", [0.125, 0.25, 0.5, 1, 2, 4, 8]))
    fig, axes = plt.subplots(2, 1, figsize=(6.0, 1.9))
    for ax, (scale, ticks) in zip(axes, lines, strict=True):
        ax.plot(numbers, np.zeros_like(numbers), "|", color=plotting.ROLE["data"], markersize=18)
        ax.set(xscale=scale, yticks=[], ylim=(-1, 1))
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.spines["left"].set_visible(False)
    return fig
