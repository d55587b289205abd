"""Compare two ways of doing the same work, in short blocks in random order.

Other programs on the machine disturb both ways alike, so what counts is the ratio of two neighbouring blocks,
its median and its quartiles. Time is processor time, on one thread.
"""

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

BLOCK = 0.02  # seconds that a block lasts at least, so that the clock's ticks do not matter
LEAST_PAIRS, MOST_PAIRS = 7, 301


class Contest(NamedTuple):
    """Two ways of doing the same work, and how far their results may differ.

    `ours` and `peer` take nothing and return what they computed; `difference` takes both results and returns
    a number, `means` says in words what it is. `flops` or `bytes` is what one call of ours cannot do
    without: floating-point operations, or bytes read and written.
    """

    ours: Callable[[], Any]
    peer: Callable[[], Any]
    difference: Callable[[Any, Any], float]
    tolerance: float
    means: str
    flops: float = 0.0
    bytes: float = 0.0


class Case(NamedTuple):
    """A comparison that can be run by its name; `prepare` imports the peer and makes the data."""

    name: str
    title: str
    n: str
    dtype: str
    peer: str
    package: str
    goal: float
    decides: str
    prepare: Callable[[], Contest]


class Disagreement(ValueError):
    """The two ways did not do the same work, so their times say nothing."""


CASES: dict[str, Case] = {}


def case(
    *, title: str, n: str, dtype: str, peer: str, package: str, goal: float, decides: str
) -> Callable[[Callable[[], Contest]], Callable[[], Contest]]:
    """Register a function that prepares a contest, under its own name.

    `title` says what is computed, `n` its size, `peer` who else computes it, and `package` the distribution
    whose version matters. `goal` is the largest ratio of the times, ours to the peer's, that we want;
    `decides` says in one sentence where the time goes.
    """

    def register(prepare: Callable[[], Contest]) -> Callable[[], Contest]:
        name = prepare.__name__
        if name in CASES:
            raise ValueError(f"there are two cases called {name!r}: give one of them another name")
        CASES[name] = Case(name, title, n, dtype, peer, package, goal, decides, prepare)
        return prepare

    return register


def agreed_difference(contest: Contest) -> float:
    """Run both ways once and refuse results that differ by more than the tolerance."""
    difference = float(contest.difference(contest.ours(), contest.peer()))
    if not difference <= contest.tolerance:
        raise Disagreement(
            f"{contest.means} is {difference:.3g}, more than {contest.tolerance:.3g}: "
            "the two ways did not do the same work"
        )
    return difference


def paired_times(
    ways: tuple[Callable[[], Any], Callable[[], Any]],
    seconds: float,
    rng: np.random.Generator,
    clock: Callable[[], float] = time.process_time,
    description: str = "",
) -> np.ndarray:
    """Time both ways in pairs of blocks, the order within a pair drawn anew; seconds a call, (pairs, 2)."""
    calls = [_calls_in_a_block(way, clock) for way in ways]
    times: list[tuple[float, float]] = []
    end = clock() + seconds
    with tqdm(total=round(seconds), desc=description, unit="s", leave=False) as bar:
        while len(times) < LEAST_PAIRS or (clock() < end and len(times) < MOST_PAIRS):
            pair = [0.0, 0.0]
            for side in rng.permutation(2):
                pair[side] = _block(ways[side], calls[side], clock)
            times.append((pair[0], pair[1]))
            bar.update(max(0, min(round(seconds), round(seconds + clock() - end)) - bar.n))
    return np.array(times)


def quartiles(ratios: np.ndarray) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def one_thread() -> AbstractContextManager[Any]:
    """Hold both sides to one thread, while the returned context lasts."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    return threadpool_limits(1)


def measure(one: Case, seconds: float) -> dict[str, Any]:
    """Run a case and return what was found, without the machine and the versions."""
    contest = one.prepare()
    with one_thread():
        difference = agreed_difference(contest)
        ways = (contest.ours, contest.peer)
        times = paired_times(ways, seconds, np.random.default_rng(0), description=one.name)
    low, ratio, high = quartiles(times[:, 0] / times[:, 1])
    ours, peer = np.median(times, axis=0)
    return {
        "name": one.name,
        "title": one.title,
        "n": one.n,
        "dtype": one.dtype,
        "threads": 1,
        "ours_s": _short(ours),
        "peer": one.peer,
        "peer_s": _short(peer),
        "ratio": _short(ratio),
        "spread": [_short(low), _short(high)],
        "pairs": len(times),
        "goal": one.goal,
        "accuracy": {
            "difference": _short(difference),
            "tolerance": contest.tolerance,
            "means": contest.means,
        },
        "work": {"flops": float(contest.flops), "bytes": float(contest.bytes)},
        "decides": one.decides,
    }


def _calls_in_a_block(way: Callable[[], Any], clock: Callable[[], float]) -> int:
    calls = 1
    while _block(way, calls, clock) * calls < BLOCK:
        calls *= 2
    return calls


def _block(way: Callable[[], Any], calls: int, clock: Callable[[], float]) -> float:
    """Seconds a call, averaged over a block."""
    start = clock()
    for _ in range(calls):
        way()
    return (clock() - start) / calls


def _short(number: float) -> float:
    """Keep the digits that mean something."""
    return float(f"{number:.4g}")
