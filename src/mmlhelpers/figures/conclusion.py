"""The figure of the conclusion."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from mmlhelpers import plotting

__all__ = ["RATES", "along_the_gradient"]

RATES = np.geomspace(0.01, 100, 61)


def along_the_gradient(start: float, slope: float, losses: Sequence[float]) -> Figure:
    """Draw the loss along the negative gradient beside what the slope at the start promises.

    Parameters
    ----------
    start : float
        Loss before the step, in nats.
    slope : float
        Derivative of the loss by the learning rate at zero, minus the squared length of the gradient.
    losses : sequence of float
        Loss after a step with each of `RATES`, in nats.

    Returns
    -------
    Figure
        Loss against learning rate, the rates on a logarithmic axis.
    """
    gained = np.asarray(losses, dtype=float)
    best = int(np.argmin(gained))
    top = 2 * start
    fig, ax = plt.subplots(figsize=(6.0, 3.1))
    ax.axhline(start, color=plotting.MUTED, linewidth=1)
    ax.annotate(
        "before the step", (RATES[0], start), (0, 4), textcoords="offset points", color=plotting.MUTED
    )
    promised = start + slope * RATES
    ax.plot(
        RATES,
        np.where(promised > 0, promised, np.nan),
        "--",
        color=plotting.ROLE["gradient"],
        label="what the slope promised",
    )
    ax.plot(
        RATES,
        np.where(gained < top, gained, np.nan),
        color=plotting.ROLE["model"],
        label="what the step gave",
    )
    ax.plot(RATES[best], gained[best], "o", color=plotting.ROLE["model"])
    ax.set(xscale="log", xlabel="learning rate", ylabel="loss in nats", ylim=(0, top))
    ax.legend(loc="lower left")
    return fig
