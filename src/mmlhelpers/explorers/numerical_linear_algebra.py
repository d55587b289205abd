"""Interactive figures of the section on numerical linear algebra."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mmlhelpers import linalg
from mmlhelpers._checks import Array
from mmlhelpers.explorers._canvas import canvas
from mmlhelpers.explorers._core import Choice, Control, Number, Scene, explorer
from mmlhelpers.plotting import GRID, INK, MUTED, ROLE

__all__ = ["float_microscope", "krylov_race", "orthogonality_race", "qr_iteration"]

# Floats

_FORMATS = {"half (16 bits)": np.float16, "single (32 bits)": np.float32, "double (64 bits)": np.float64}
_VALUES = {
    "0.1": Fraction(1, 10),
    "0.5": Fraction(1, 2),
    "1/3": Fraction(1, 3),
    "1": Fraction(1),
    "−6.5": Fraction(-13, 2),
    "10⁻⁷": Fraction(1, 10**7),
    "2049": Fraction(2049),
}


@explorer(
    Choice("value", options=tuple(_VALUES)),
    Choice("kind", options=tuple(_FORMATS), start="half (16 bits)", label="format"),
    alt="Rows of small cells, filled for a one and empty for a zero: the sign, the exponent and the fraction "
    "of a number. Below, a piece of the number line with marks at the numbers that can be kept.",
    caption="The bits of a number (filled: one), and the numbers beside it that the format has (marks). The "
    "dot is what was asked for; the tall mark is what is kept. Which values are kept exactly?",
)
def float_microscope(value: str, kind: str) -> Scene:
    """Show the bit fields of a number and its neighbours in the format."""
    asked = _VALUES[value]
    parts = linalg.float_parts(float(asked), _FORMATS[kind])
    place = float((asked - Fraction(parts.value)) / Fraction(parts.spacing))
    figure = canvas(3.5)
    ax = figure.add_axes((0.02, 0.42, 0.96, 0.56))
    fields = (("sign", parts.sign), ("exponent", parts.exponent), ("fraction", parts.fraction))
    line = 0.0
    for name, bits in fields:
        ax.text(0, line, name, va="center", color=INK, fontsize=10.5)
        for i, bit in enumerate(bits):
            row, column = divmod(i, 18)
            filled = "full" if bit == "1" else "none"
            ax.plot(6 + column, line + row, "s", color=ROLE["data"], markersize=8, fillstyle=filled)
        line += 1 + (len(bits) - 1) // 18 + 0.4
    ax.set(xlim=(-0.3, 24), ylim=(5.3, -0.8))
    ax.axis("off")
    _number_line(figure, place, 1.0 if "1" in parts.fraction else 0.5)  # below a power of two gaps are half
    return Scene(
        figure,
        {
            "kept": f"{parts.value:.10g}",
            "asked minus kept, in gaps": Number(place, digits=2),
            "gap to the next number": f"{parts.spacing:.1e}",
            "kept exactly": "no" if place else "yes",
        },
    )


def _number_line(figure: Figure, place: float, below: float) -> None:
    """Draw the kept number, its neighbours (`below` apart on the left) and where the one asked for lies."""
    ax = figure.add_axes((0.06, 0.16, 0.88, 0.18))
    ax.axhline(0, color=MUTED, linewidth=1)
    ax.vlines([*np.arange(-2, 0, below), 1, 2], -0.35, 0.35, color=MUTED, linewidth=1.5)
    ax.vlines([0], -0.8, 0.8, color=ROLE["data"], linewidth=2.5)
    ax.plot(place, 0, "o", color=ROLE["model"], markersize=8)
    ax.set(xlim=(-2.4, 2.4), ylim=(-1, 1), yticks=[], xlabel="distance from what is kept, in gaps")
    ax.set_xticks(range(-2, 3))
    for side in ("left", "top", "right", "bottom"):
        ax.spines[side].set_visible(False)


@float_microscope.invariant
def rounding_errs_by_half_a_gap_at_most(_p: Any, n: Any) -> bool:
    """Keep a number within half a gap of what was asked for."""
    return bool(abs(n["asked minus kept, in gaps"]) <= 0.5)


@float_microscope.invariant
def exact_means_no_error(_p: Any, n: Any) -> bool:
    """Call a number exact only if nothing was rounded."""
    return bool(n["kept exactly"] == "no" or n["asked minus kept, in gaps"] == 0)


# Orthogonality

_STYLES = {
    "formula": ("s-", "model"),
    "one at a time": ("^--", "target"),
    "formula, twice": ("o:", "data"),
    "mirrors": ("d-.", "gradient"),
}


@explorer(
    Control("digits", start=5, low=1, high=13, step=1, label="log₁₀ of the condition number"),
    Control("columns", start=12, low=4, high=28, step=8, label="columns"),
    alt="Loss of orthogonality against the condition number, both logarithmic. The textbook formula climbs "
    "with slope two until all is lost, one direction at a time with slope one, the other two stay flat.",
    caption="How far QᵀQ is from the identity, for four ways to orthonormalise forty rows; the vertical line "
    "is the present condition number. Which line has slope 2, and where does it end?",
    play="digits",
)
def orthogonality_race(digits: int, columns: int) -> Scene:
    """Orthonormalise columns of a given condition number in four ways."""
    losses = np.array([_losses(k, columns) for k in range(1, 14)])
    figure = canvas(3.8)
    ax = figure.add_axes((0.18, 0.14, 0.79, 0.83))
    for (name, (style, role)), line in zip(_STYLES.items(), losses.T, strict=True):
        ax.plot(range(1, 14), line, style, color=ROLE[role], markersize=5, label=name)
    ax.axvline(digits, color=MUTED, linewidth=1)
    ax.set(yscale="log", ylim=(1e-17, 1e6), xlabel="log₁₀ condition number", ylabel="loss of orthogonality")
    ax.set_xticks([1, 4, 7, 10, 13])
    ax.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1], ["10⁻¹⁶", "10⁻¹²", "10⁻⁸", "10⁻⁴", "1"])
    ax.minorticks_off()
    ax.legend(loc="upper left", fontsize=9.5, ncols=2)
    now = dict(zip(_STYLES, losses[digits - 1], strict=True))
    return Scene(figure, {f"loss, {name}": Number(float(loss), digits=2) for name, loss in now.items()})


@functools.cache
def _losses(digits: int, columns: int) -> tuple[float, ...]:
    """Return the loss of orthogonality of each method, in the order of the styles."""
    rng = np.random.default_rng(columns)
    U = np.linalg.qr(rng.normal(size=(40, columns))).Q
    V = np.linalg.qr(rng.normal(size=(columns, columns))).Q
    A = U * np.geomspace(1, 10.0**-digits, columns) @ V.T
    factors = (
        linalg.classical_gram_schmidt(A),
        linalg.gram_schmidt(A),
        linalg.classical_gram_schmidt(A, passes=2),
        linalg.qr_householder(A).Q,
    )
    return tuple(float(np.linalg.norm(Q.T @ Q - np.eye(columns))) for Q in factors)


@orthogonality_race.invariant
def mirrors_and_repetition_lose_nothing(_p: Any, n: Any) -> bool:
    """Stay at rounding level, whatever the condition."""
    return bool(max(n["loss, mirrors"], n["loss, formula, twice"]) < 1e-13)


@orthogonality_race.invariant
def losses_obey_their_laws(p: Any, n: Any) -> bool:
    """Stay below a modest multiple of condition times roundoff, and of its square for the formula."""
    kappa, u = 10.0 ** p["digits"], 2.0**-53
    once = n["loss, one at a time"] <= 100 * kappa * u
    return bool(once and n["loss, formula"] <= 100 * kappa**2 * u + 1e-13)


# Eigenvalues

_SYMMETRIC, _GENERAL = "symmetric", "not symmetric"


@explorer(
    Control("step", start=3, low=0, high=18, step=1, label="QR steps"),
    Choice("matrix", options=(_SYMMETRIC, _GENERAL)),
    Choice("shifts", options=("none", "last entry"), label="shift"),
    alt="A square table of grey cells, the sizes of a matrix's entries on a logarithmic scale. With more "
    "steps the cells below the diagonal fade.",
    caption="Sizes of the entries after some QR steps: dark is large, white 10⁻⁹ of the largest. "
    "The shift is the last diagonal entry. Which entry fades first with it?",
    play="step",
)
def qr_iteration(step: int, matrix: str, shifts: str) -> Scene:
    """Show a matrix after some QR steps, with or without shifts."""
    A = _walk(matrix, shifts)[step]
    n = len(A)
    size = np.log10(np.maximum(np.abs(A) / np.abs(A).max(), 1e-9)) / 9 + 1
    figure = canvas(3.4)
    ax = figure.add_axes((0.13, 0.02, 0.74, 0.94))
    ax.imshow(size, cmap="Greys", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_color(GRID)
    below = np.abs(np.tril(A, -1))
    return Scene(
        figure,
        {
            "largest below the diagonal": Number(float(below.max()), digits=2),
            "last entry below it": Number(float(np.abs(A[-1, :-1]).max()), digits=2),
            "last diagonal entry": Number(float(A[n - 1, n - 1]), digits=6),
            "trace": Number(float(np.trace(A)), digits=6),
        },
    )


@functools.cache
def _walk(matrix: str, shifts: str) -> list[Array]:
    """Return the matrix after 0, 1, 2, ... steps."""
    rng = np.random.default_rng(3)
    Q = np.linalg.qr(rng.normal(size=(6, 6))).Q
    A = Q * np.array([8.0, 5, 3, 2, 1.2, 0.5]) @ Q.T
    if matrix == _GENERAL:
        A = A + np.triu(rng.normal(size=(6, 6)), 1)
    walk = [A]
    for _ in range(18):
        moved = (walk[-1][-1, -1] if shifts == "last entry" else 0.0) * np.eye(6)
        factors = np.linalg.qr(walk[-1] - moved)
        walk.append(factors.R @ factors.Q + moved)
    return walk


@qr_iteration.invariant
def the_trace_stays(p: Any, n: Any) -> bool:
    """Keep the sum of the eigenvalues."""
    return bool(abs(n["trace"] - np.trace(_walk(p["matrix"], p["shifts"])[0])) < 1e-10)


@qr_iteration.invariant
def a_small_last_row_holds_an_eigenvalue(p: Any, n: Any) -> bool:
    """Have an eigenvalue near the last diagonal entry, once the entries beside it are small."""
    if n["last entry below it"] > 1e-6:
        return True
    values = np.linalg.eigvals(_walk(p["matrix"], p["shifts"])[0])
    return bool(np.abs(values - n["last diagonal entry"]).min() < 1e-3)


# Conjugate gradients

_UNKNOWNS = 60


@explorer(
    Control("power", start=2, low=1, high=4, step=0.5, label="log₁₀ of the condition number"),
    Choice("eigenvalues", options=("spread evenly", "two", "three", "five", "one far out"), start="three"),
    alt="Error against the number of steps on a logarithmic scale: steepest descent falls slowly, conjugate "
    "gradients faster and below a dashed bound; with few different eigenvalues they drop to zero at once.",
    caption="Energy-norm errors, relative to the start: steepest descent (dash-dotted), conjugate gradients "
    "(solid) and Chebyshev's bound (dashed). How many steps do three different eigenvalues take?",
)
def krylov_race(power: float, eigenvalues: str) -> Scene:
    """Race conjugate gradients against steepest descent on a spectrum."""
    values = _spectrum(10.0**power, eigenvalues)
    kappa = values.max() / values.min()
    conjugate, steepest = _errors(tuple(values))
    rate = (math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)
    bound = np.minimum(2 * rate ** np.arange(len(conjugate)), 1)
    figure = canvas(3.8)
    ax = figure.add_axes((0.17, 0.29, 0.8, 0.68))
    ax.plot(steepest, "-.", color=ROLE["data"])
    ax.plot(bound, "--", color=MUTED)
    ax.plot(np.maximum(conjugate, 1e-12), "o-", color=ROLE["model"], markersize=3.5)
    ax.set(yscale="log", xlim=(-0.5, 40.5), ylim=(1e-9, 3), xlabel="steps", ylabel="relative error")
    ax.set_yticks([1e-8, 1e-4, 1], ["10⁻⁸", "10⁻⁴", "1"])
    ax.minorticks_off()
    marks = figure.add_axes((0.17, 0.05, 0.8, 0.06))
    marks.vlines(np.log10(values), 0, 1, color=INK, linewidth=1)
    marks.set(xlim=(-4.2, 0.2), ylim=(0, 1), xticks=[], yticks=[])
    figure.text(0.02, 0.08, "eigen-\nvalues", va="center", fontsize=9.5, color=INK)
    below = np.flatnonzero(conjugate < 1e-6)
    return Scene(
        figure,
        {
            "error of conjugate gradients, 10 steps": Number(float(conjugate[10]), digits=2),
            "bound, 10 steps": Number(float(bound[10]), digits=2),
            "error of steepest descent, 10 steps": Number(float(steepest[10]), digits=2),
            "steps to 10⁻⁶": int(below[0]) if len(below) else "more than 40",
            "different eigenvalues": len(np.unique(values)),
        },
    )


def _spectrum(kappa: float, kind: str) -> Array:
    """Return eigenvalues between 1/kappa and 1."""
    few = {"two": 2, "three": 3, "five": 5}
    if kind in few:
        return np.repeat(np.geomspace(1 / kappa, 1, few[kind]), _UNKNOWNS // few[kind])
    if kind == "one far out":
        return np.append(np.linspace(1 / kappa, min(4 / kappa, 0.9), _UNKNOWNS - 1), 1.0)
    return np.linspace(1 / kappa, 1, _UNKNOWNS)


@functools.cache
def _errors(values: tuple[float, ...]) -> tuple[Array, Array]:
    """Return the relative energy-norm errors of conjugate gradients and of steepest descent."""
    curvatures = np.array(values)
    truth = np.random.default_rng(1).normal(size=len(values)) / np.sqrt(curvatures)

    def norm(e: Array) -> float:
        return math.sqrt(e @ (curvatures * e))

    conjugate: list[float] = []
    linalg.conjugate_gradients(
        lambda v: curvatures * v,
        curvatures * truth,
        tolerance=1e-14,
        max_steps=40,
        watch=lambda x, _: conjugate.append(norm(truth - x)),
    )
    conjugate += [conjugate[-1]] * (41 - len(conjugate))
    steepest, e = [], truth
    for _ in range(41):
        steepest.append(norm(e))
        r = curvatures * e
        e = e - (r @ r) / (r @ (curvatures * r)) * r
    return np.array(conjugate) / conjugate[0], np.array(steepest) / steepest[0]


@krylov_race.invariant
def the_bound_is_never_violated(_p: Any, n: Any) -> bool:
    """Stay below Chebyshev's bound, and never behind steepest descent."""
    error = n["error of conjugate gradients, 10 steps"]
    slower = n["error of steepest descent, 10 steps"]
    return bool(error <= n["bound, 10 steps"] * (1 + 1e-9) + 1e-12 and error <= slower * (1 + 1e-9) + 1e-12)


@krylov_race.invariant
def few_eigenvalues_take_few_steps(_p: Any, n: Any) -> bool:
    """End after as many steps as there are different eigenvalues."""
    few = n["different eigenvalues"] <= 5
    return bool(not few or n["steps to 10⁻⁶"] <= n["different eigenvalues"])
