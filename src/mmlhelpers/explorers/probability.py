"""Interactive figures of the probability chapter."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from mmlhelpers import probability as pr
from mmlhelpers._checks import Array
from mmlhelpers.explorers import Choice, Control, Number, Scene, explorer
from mmlhelpers.explorers._canvas import WIDTH, canvas
from mmlhelpers.plotting import INK, MUTED, ROLE

__all__ = ["central_limit", "coverage", "prior_to_posterior", "screening"]


def _close(x: float, y: float) -> bool:
    return bool(np.isclose(x, y, rtol=1e-9, atol=1e-9))


# The screening test

_PREVALENCES = ("0.1", "0.5", "1", "2", "5", "10", "30", "50")


@explorer(
    Choice("prevalence", options=_PREVALENCES, start="1", label="ill, in %"),
    Control("sensitivity", start=99, low=51, high=99, step=8, label="sensitivity", unit="%"),
    Control("specificity", start=99, low=51, high=99, step=8, label="specificity", unit="%"),
    alt="A unit square cut into four: a very narrow strip for the ill, nearly all of it alarms, and a"
    " wide one for the healthy with a thin band of false alarms at the bottom. Below, a bar of "
    "all alarms, half of them true.",
    caption="The square holds everybody: the width of the left strip is the share of the ill, and the tinted "
    "areas are alarms, true ones with a solid edge and false ones dashed. The bar below collects the alarms "
    "alone: its solid part is the probability of being ill, given an alarm.",
)
def screening(prevalence: str, sensitivity: float, specificity: float) -> Scene:
    """Cut everybody into ill and healthy, alarmed and not, and collect the alarms."""
    ill, found, cleared = float(prevalence) / 100, sensitivity / 100, specificity / 100
    true_alarms, false_alarms = ill * found, (1 - ill) * (1 - cleared)
    after = pr.bayes([ill, 1 - ill], [found, 1 - cleared])[0]
    figure = canvas(5.0)
    square = figure.add_axes((0.14, 0.345, 0.8, 0.8 * WIDTH / 5.0 * 0.93))
    _block(square, 0, ill, found, "model", "-")
    _block(square, ill, 1 - ill, 1 - cleared, "data", "--")
    square.axvline(ill, color=INK, linewidth=1, linestyle="-")
    square.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), ylabel="share of the group")
    square.set_xlabel("everybody: ill on the left, healthy on the right")
    square.grid(False)
    bar = figure.add_axes((0.14, 0.12, 0.8, 0.08))
    for left, width, role, style in ((0, after, "model", "-"), (after, 1 - after, "data", "--")):
        bar.barh(0, width, left=left, color=ROLE[role], alpha=0.3, linewidth=0)
        bar.barh(0, width, left=left, color="none", edgecolor=ROLE[role], linestyle=style, linewidth=1.5)
    bar.set(
        xlim=(0, 1),
        yticks=[],
        xticks=(0, 0.25, 0.5, 0.75, 1),
        xlabel="alarms: true (solid edge), false (dashed)",
    )
    bar.grid(False)
    return Scene(
        figure,
        {
            "ill, given an alarm": Number(100 * after, "%"),
            "healthy, given no alarm": Number(100 * _cleared(ill, found, cleared), "%"),
            "odds before": Number(ill / (1 - ill), digits=3),
            "an alarm multiplies them by": Number(found / (1 - cleared), digits=3),
            "true alarms in 10,000": Number(1e4 * true_alarms, digits=3),
            "false alarms in 10,000": Number(1e4 * false_alarms, digits=3),
        },
    )


def _cleared(ill: float, found: float, cleared: float) -> float:
    return float(pr.bayes([1 - ill, ill], [cleared, 1 - found])[0])


def _block(ax: Axes, x: float, width: float, height: float, role: str, style: str) -> None:
    ax.bar(x, height, width, align="edge", color=ROLE[role], alpha=0.3, linewidth=0)
    ax.bar(x, height, width, align="edge", color="none", edgecolor=ROLE[role], linestyle=style, linewidth=1.5)


@screening.invariant
def the_share_of_true_alarms_is_the_posterior(_parameters: Any, n: Any) -> bool:
    """Count people: the share is what Bayes' theorem gives."""
    true, false = n["true alarms in 10,000"], n["false alarms in 10,000"]
    return _close(n["ill, given an alarm"], 100 * true / (true + false))


@screening.invariant
def an_alarm_multiplies_the_odds(_parameters: Any, n: Any) -> bool:
    """Posterior odds are prior odds times the likelihood ratio."""
    after = n["ill, given an alarm"] / 100
    return _close(after / (1 - after), n["odds before"] * n["an alarm multiplies them by"])


# Sums and the central limit theorem

_TERMS = ("1", "2", "3", "4", "6", "8", "12", "16", "24", "32", "48", "64", "100", "200")
_PARENTS = ("uniform", "exponential", "coin, p = 0.1", "two humps", "Cauchy")
_COIN = 0.1  # probability of heads
_HUMP, _BETWEEN = 0.5, 1.5  # deviation of a hump, half the distance of the two


class _Sum(NamedTuple):
    """Density (or mass) and cumulative function of an average on a grid of its own scale."""

    x: Array
    density: Array
    cdf: Array


@functools.cache
def _standard_sum(parent: str, n: int) -> _Sum:
    """Give the exact distribution of the standardised sum of n terms; for Cauchy, of the average itself."""
    z = np.linspace(-4, 4, 321)
    if parent == "exponential":
        total = pr.Gamma(float(n))
        x = n + np.sqrt(n) * z
        return _Sum(z, np.sqrt(n) * total.density(x), total.cdf(x))
    if parent == "Cauchy":
        return _Sum(z, pr.Cauchy().density(z), pr.Cauchy().cdf(z))
    if parent == "two humps":  # a sum has k terms of the right hump, binomially, and a normal rest
        k = np.arange(n + 1)[:, None]
        sd = np.sqrt(_HUMP**2 + _BETWEEN**2)
        shares, centre = pr.Binomial(n, 0.5).density(k), _BETWEEN * (2 * k - n) / (sd * np.sqrt(n))
        piece = pr.Normal(centre, _HUMP / sd)
        return _Sum(z, (shares * piece.density(z)).sum(axis=0), (shares * piece.cdf(z)).sum(axis=0))
    if parent == "uniform":
        return _uniform_sum(z, n)
    counts, heads = np.arange(n + 1.0), pr.Binomial(n, _COIN)
    return _Sum((counts - heads.mean) / heads.sd, heads.sd * heads.density(counts), heads.cdf(counts))


def _uniform_sum(z: Array, n: int) -> _Sum:
    """Invert the characteristic function of a sum of n standardised uniforms; one term is known without."""
    if n == 1:
        parent = pr.Uniform(-np.sqrt(3.0), np.sqrt(3.0))
        return _Sum(z, parent.density(z), parent.cdf(z))
    t = (np.arange(4000) + 0.5) * 0.02 * (1 + 2 * (n < 4))
    phi = np.sinc(t * np.sqrt(3 / n) / np.pi) ** n
    step = t[1] - t[0]
    density = (np.cos(np.outer(z, t)) @ phi) * step / np.pi
    return _Sum(z, np.maximum(density, 0), 0.5 + (np.sin(np.outer(z, t)) @ (phi / t)) * step / np.pi)


@explorer(
    Choice("parent", options=_PARENTS, start="exponential"),
    Control("index", start=2, low=0, high=len(_TERMS) - 1, step=1, label="step (1 to 200 terms)"),
    alt="The skewed exact density of a standardised sum of three exponential variables against the "
    "dashed normal bell; below, the difference of their cumulative functions, a low wave "
    "around zero.",
    caption="Solid: the exact distribution of a standardised sum. Dashed: the standard normal. Below: the"
    " difference of their cumulative functions. Add terms: every parent with a variance is drawn "
    "to the bell, the skewed ones late. For Cauchy the average is shown, and nothing ever "
    "changes.",
    play="index",
)
def central_limit(parent: str, index: int) -> Scene:
    """Compare the exact distribution of a sum with the normal one."""
    n = int(_TERMS[index])
    x, density, cdf = _standard_sum(parent, n)
    normal = pr.Normal()
    steps = parent.startswith("coin")
    gap = cdf - normal.cdf(x)
    before = np.concatenate([[0.0], cdf[:-1]]) if steps else cdf  # a step has two sides
    distance = max(np.abs(gap).max(), np.abs(before - normal.cdf(x)).max())
    figure = canvas(4.7)
    top = figure.add_axes((0.18, 0.46, 0.79, 0.51))
    z = np.linspace(-4, 4, 161)
    if steps:
        shown = np.abs(x) <= 4
        top.vlines(x[shown], 0, density[shown], color=ROLE["data"], linewidth=2)
        top.plot(x[shown], density[shown], "o", color=ROLE["data"], markersize=3)
    else:
        top.plot(x, density, color=ROLE["data"], linestyle="-")
    top.plot(z, normal.density(z), color=ROLE["model"], linestyle="--")
    top.set(xlim=(-4, 4), ylim=(0, 1.05 if parent == "exponential" and n == 1 else 0.75), ylabel="density")
    top.annotate(f"{n} term{'s' * (n > 1)}", (0.03, 0.9), xycoords="axes fraction", color=INK)
    low = figure.add_axes((0.18, 0.12, 0.79, 0.23))
    low.axhline(0, color=MUTED, linewidth=0.8, linestyle="-")
    low.plot(
        x,
        gap,
        color=ROLE["gradient"],
        linestyle="-",
        linewidth=1.5,
        drawstyle="steps-post" if steps else "default",
    )
    low.set(
        xlim=(-4, 4),
        ylim=(-0.28, 0.28),
        ylabel="difference",
        xlabel="average" if parent == "Cauchy" else "standardised sum",
    )
    return Scene(
        figure,
        {
            "terms": n,
            "largest difference": Number(distance, digits=3),
            "times √terms": Number(distance * np.sqrt(n), digits=3),
            "P(|Z| > 2)": Number(_tail(parent, n), digits=3),
            "normal": Number(2 * normal.cdf(-2.0), digits=3),
        },
    )


def _tail(parent: str, n: int) -> float:
    """Add the probabilities beyond -2 and 2."""
    x, density, cdf = _standard_sum(parent, n)
    if parent.startswith("coin"):
        return float(density[np.abs(x) > 2].sum() / pr.Binomial(n, _COIN).sd)
    below, above = np.interp([-2.0, 2.0], x, cdf)
    return float(below + 1 - above)


@central_limit.invariant
def the_error_falls_like_one_over_the_root_of_the_terms(parameters: Any, n: Any) -> bool:
    """Bound it as Berry and Esseen do, by the third absolute moment; Cauchy never improves."""
    if parameters["parent"] == "Cauchy":
        return _close(
            n["largest difference"], np.abs(pr.Cauchy().cdf(4 * _GRID) - pr.Normal().cdf(4 * _GRID)).max()
        )
    third = {"uniform": 1.2990, "exponential": 2.4146, "coin, p = 0.1": 2.7334, "two humps": 1.3416}
    return bool(n["times √terms"] <= 0.4748 * third[parameters["parent"]])


@central_limit.invariant
def the_normal_tail_is_that_of_the_error_function(_parameters: Any, n: Any) -> bool:
    """Compute the normal's own numbers another way."""
    scaled = n["largest difference"] * math.sqrt(n["terms"])
    return _close(n["normal"], math.erfc(math.sqrt(2.0))) and _close(n["times √terms"], scaled)


_GRID = np.linspace(-1, 1, 321)


# Coverage of intervals

_LEVELS = ("50", "80", "90", "95", "99")
_METHODS = ("Student's t", "normal quantile", "true σ known")
_SHOWN, _ALL = 50, 4000


@functools.cache
def _experiments(parent: str, n: int) -> tuple[Array, Array]:
    """Means and sample deviations of repeated samples whose true mean is 0 and true deviation 1."""
    rng = np.random.default_rng(7)
    x = pr.Normal().sample(rng, (_ALL, n)) if parent == "normal" else pr.Gamma(1.0).sample(rng, (_ALL, n)) - 1
    return x.mean(axis=1), x.std(axis=1, ddof=1)


@functools.cache
def _factor(method: str, n: int, level: str) -> float:
    q = 0.5 + float(level) / 200
    return float(pr.StudentT(n - 1).quantile(q) if method == _METHODS[0] else pr.Normal().quantile(q))


@explorer(
    Choice("parent", options=("normal", "exponential"), label="data"),
    Control("size", start=4, low=4, high=40, step=4, label="sample size"),
    Choice("level", options=_LEVELS, start="95", label="promised level, in %"),
    Choice("method", options=_METHODS, label="half width from"),
    alt="Fifty horizontal intervals around a vertical line at the true mean. All but one cross it; "
    "that one, dashed and with a cross in its middle, misses it. Lengths vary from sample to "
    "sample.",
    caption="Fifty experiments, one interval each; those that miss the true mean are dashed, with a cross in "
    "the middle. The numbers count all 4,000. With a small sample, take the normal quantile although the "
    "spread is estimated: the promise is broken. Then make the data exponential.",
)
def coverage(parent: str, size: int, level: str, method: str) -> Scene:
    """Draw confidence intervals of repeated experiments and count those that miss."""
    mean, sd = _experiments(parent, size)
    spread = np.ones(_ALL) if method == _METHODS[2] else sd
    reach = _factor(method, size, level) * spread / np.sqrt(size)
    missed = np.abs(mean) > reach
    figure = canvas(4.6)
    ax = figure.add_axes((0.06, 0.115, 0.9, 0.865))
    rows, limit = np.arange(_SHOWN), 7 / np.sqrt(size)
    low, high = np.clip(mean - reach, -limit, limit)[:_SHOWN], np.clip(mean + reach, -limit, limit)[:_SHOWN]
    for group, role, style in ((~missed[:_SHOWN], "data", "-"), (missed[:_SHOWN], "model", "--")):
        ends = np.stack([np.stack([low, rows], axis=1), np.stack([high, rows], axis=1)], axis=1)[group]
        ax.add_collection(LineCollection(list(ends), colors=ROLE[role], linewidths=1.6, linestyles=style))
    ax.plot(mean[:_SHOWN][~missed[:_SHOWN]], rows[~missed[:_SHOWN]], ".", color=ROLE["data"], markersize=4)
    ax.plot(mean[:_SHOWN][missed[:_SHOWN]], rows[missed[:_SHOWN]], "x", color=ROLE["model"], markersize=6)
    ax.axvline(0, color=INK, linewidth=1, linestyle="-")
    ax.set(
        xlim=(-limit, limit), ylim=(-1, _SHOWN), yticks=[], xlabel="distance from the true mean (deviations)"
    )
    ax.grid(False)
    return Scene(
        figure,
        {
            "promised": Number(float(level), "%"),
            "kept, of 4,000": Number(100 * np.mean(~missed), "%", digits=3),
            "missed, of the 50 drawn": int(missed[:_SHOWN].sum()),
            "too low": Number(100 * np.mean(mean + reach < 0), "%", digits=3),
            "too high": Number(100 * np.mean(mean - reach > 0), "%", digits=3),
            "mean half width": Number(float(reach.mean()), digits=3),
        },
    )


@coverage.invariant
def exact_recipes_keep_their_promise(parameters: Any, n: Any) -> bool:
    """For normal data Student's and the known spread are exact: within five standard errors of the count."""
    if parameters["parent"] != "normal" or parameters["method"] == _METHODS[1]:
        return True
    level = n["promised"] / 100
    return bool(abs(n["kept, of 4,000"] / 100 - level) <= 5 * np.sqrt(level * (1 - level) / _ALL))


@coverage.invariant
def misses_are_low_or_high(_parameters: Any, n: Any) -> bool:
    """Count what is not kept: it lies on one side or the other."""
    return _close(n["kept, of 4,000"] + n["too low"] + n["too high"], 100)


# Prior to posterior


@explorer(
    Choice("prior", options=("Beta(1, 1)", "Beta(2, 2)", "Beta(20, 20)", "Beta(2, 8)"), start="Beta(20, 20)"),
    Control("heads", start=7, low=0, high=20, step=1),
    Control("tails", start=3, low=0, high=9, step=3),
    alt="Three curves over the probability of heads: a dotted prior around one half, a dashed "
    "likelihood with its peak at 0.7 and the solid posterior between them, with its middle 95 per"
    " cent shaded.",
    caption="Dotted: the prior. Dashed: the likelihood, scaled to area one. Solid: the posterior, their "
    "product; the shaded part holds 95 %. Play adds heads. How many does a strong belief in "
    "fairness need before one half leaves the shaded part?",
    play="heads",
)
def prior_to_posterior(prior: str, heads: int, tails: int) -> Scene:
    """Multiply a beta prior by the likelihood of coin flips."""
    a, b = (float(v) for v in prior[5:-1].split(","))
    posterior, believed = pr.Beta(a + heads, b + tails), pr.Beta(a, b)
    likelihood = pr.Beta(1.0 + heads, 1.0 + tails)
    low, high = posterior.quantile([0.025, 0.975])
    x = np.linspace(0, 1, 201)
    figure = canvas(3.9)
    ax = figure.add_axes((0.12, 0.14, 0.85, 0.73))
    inside = (x >= low) & (x <= high)
    ax.fill_between(x[inside], posterior.density(x[inside]), color=ROLE["model"], alpha=0.22, linewidth=0)
    ax.plot(x, believed.density(x), color=MUTED, linestyle=":", label="prior")
    ax.plot(x, likelihood.density(x), color=ROLE["data"], linestyle="--", label="likelihood")
    ax.plot(x, posterior.density(x), color=ROLE["model"], linestyle="-", label="posterior")
    ax.axvline(0.5, color=INK, linewidth=0.8, linestyle="-")
    ax.set(xlim=(0, 1), ylim=(0, 9), xlabel="probability of heads", ylabel="density")
    figure.legend(*ax.get_legend_handles_labels(), loc="upper center", ncols=3, fontsize=10, borderpad=0.2)
    return Scene(
        figure,
        {
            "posterior": f"Beta({a + heads:g}, {b + tails:g})",
            "posterior mean": posterior.mean,
            "95 % from": Number(low, digits=3),
            "to": Number(high, digits=3),
            "P(p > ½)": Number(1 - posterior.cdf(0.5), digits=3),
            "prior mean": believed.mean,
            "share of heads": heads / (heads + tails) if heads + tails else np.nan,
        },
    )


@prior_to_posterior.invariant
def the_mean_lies_between_the_prior_s_and_the_share_of_heads(_parameters: Any, n: Any) -> bool:
    """Average what was believed and what was seen, with weights."""
    seen = n["share of heads"]
    if np.isnan(seen):
        return _close(n["posterior mean"], n["prior mean"])
    low, high = sorted((n["prior mean"], seen))
    return bool(low - 1e-9 <= n["posterior mean"] <= high + 1e-9)


@prior_to_posterior.invariant
def the_shaded_part_holds_95_per_cent(_parameters: Any, n: Any) -> bool:
    """Read the posterior from its name, and find its mean and the mass between the two ends."""
    a, b = (float(v) for v in n["posterior"][5:-1].split(","))
    inside = pr.Beta(a, b).cdf(n["to"]) - pr.Beta(a, b).cdf(n["95 % from"])
    return _close(inside, 0.95) and _close(n["posterior mean"], a / (a + b))
