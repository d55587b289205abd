"""How long a step of an explorer takes, from the input event to the paint.

    python benchmarks/latency.py [--steps 40] [NAME ...]

Moves one control of each explorer by keyboard, with pauses of a random length, in headless Chromium at
1280 px: of ten explorers that stand together on one page, and of all of them, or of those named, in their
lessons as the built site has them. Prints for each the median and the 95th percentile of the time until the
frame that shows the step has been painted, and the processor time that a step costs the page. Up to 16.7 ms
of the first two are the wait for the next frame of the screen, and other programs lengthen them; the
processor time they hardly change.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
for folder in ("tools", "tests", "tests/browser"):
    sys.path.insert(0, str(ROOT / folder))

import build_explorers  # noqa: E402  # after the path
from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright  # noqa: E402
from test_explorers import ready, write_page  # noqa: E402
from watching import launch  # noqa: E402

TEN = (
    "linear_algebra.plane_map",
    "calculus.gradient_compass",
    "calculus.secant_to_tangent",
    "probability.screening",
    "probability.coverage",
    "optimization.step_size",
    "optimization.derby",
    "information_theory.noisy_channel",
    "linear_regression.line_and_points",
    "pca.rotate_axis",
)
# A message posted in the animation frame arrives after the frame has been laid out and painted.
WATCH = """() => {
    addEventListener("input", (event) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.steps.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(0);
    }), { capture: true });
}"""
KINDS = {
    "TaskDuration": "all",
    "ScriptDuration": "script",
    "RecalcStyleDuration": "style",
    "LayoutDuration": "layout",
}


class Steps(NamedTuple):
    """What the steps of an explorer took: ms until the paint, and processor ms a step by kind."""

    latencies: list[float]
    times: dict[str, float]


def measure(page: Page, clock: CDPSession, name: str, steps: int) -> Steps:
    """Move the longest slider of an explorer, or a menu where it has none, back and forth."""
    control, last, keys = longest(ready(page, name))
    control.press("Home")
    page.wait_for_timeout(300)  # what came into sight is painted
    page.evaluate("window.steps = []")
    before = processor_times(clock)
    for step in range(steps):
        page.keyboard.press(keys[(step // last) % 2])
        page.wait_for_timeout(60 + random.uniform(0, 17))
    after = processor_times(clock)
    times = {kind: (after[kind] - before[kind]) / steps for kind in KINDS}
    return Steps(list(page.evaluate("window.steps")), times)


def longest(figure: Locator) -> tuple[Locator, int, tuple[str, str]]:
    """Return the control with the most positions, the number of its last one, and keys: there and back."""
    kinds = (
        ("input[type=range]", "Number(e.max)", ("ArrowRight", "ArrowLeft")),
        ("select", "e.length - 1", ("ArrowDown", "ArrowUp")),
    )
    for selector, last, keys in kinds:
        controls = figure.locator(selector).all()
        if controls:
            sizes = [int(control.evaluate(f"e => {last}")) for control in controls]
            return controls[sizes.index(max(sizes))], max(sizes), keys
    raise ValueError("the explorer has no control")


def processor_times(clock: CDPSession) -> dict[str, float]:
    """What the page's main thread has computed so far, in ms; other programs do not distort it."""
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: 1000 * metric["value"] for metric in metrics}


def measure_page(browser: Browser, path: Path, names: Sequence[str], steps: int) -> list[Steps]:
    """Open a page and print a line for each of its explorers."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    page.evaluate(WATCH)
    clock = page.context.new_cdp_session(page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})
    seen = []
    for name in names:
        seen.append(measure(page, clock, name, steps))
        print(line(name, seen[-1]), flush=True)
    page.close()
    return seen


def together(seen: Sequence[Steps]) -> Steps:
    """Take the steps of several explorers as those of one."""
    times = {kind: statistics.mean(steps.times[kind] for steps in seen) for kind in KINDS}
    return Steps([latency for steps in seen for latency in steps.latencies], times)


def line(name: str, steps: Steps) -> str:
    """Median and 95th percentile of an explorer's latencies, and what a step costs."""
    if len(steps.latencies) < 2:
        return f"{name:44} did not move"
    high = statistics.quantiles(steps.latencies, n=20)[-1]
    costs = "".join(f"{steps.times[kind]:8.2f}" for kind in KINDS)
    return f"{name:44}{len(steps.latencies):6}{statistics.median(steps.latencies):8.1f}{high:8.1f}{costs}"


def lessons(names: Sequence[str]) -> dict[Path, list[str]]:
    """Find the pages of the built site on which explorers stand."""
    found = {
        path: re.findall(r'data-explorer="([^"]+)"', path.read_text(encoding="utf-8"))
        for path in sorted(HTML.glob("notebooks/*/*.html"))
    }
    return {
        path: kept for path, there in found.items() if (kept := [n for n in there if not names or n in names])
    }


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    if failures := build_explorers.build():
        sys.exit("\n".join(failures))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        browser = launch(running)
        if browser is None:
            sys.exit("no Chromium found")
        heads = "".join(f"{word:>8}" for word in ("median", "p95", *KINDS.values()))
        print(f"{'ms; the last four are processor ms a step':44}{'steps':>6}{heads}")
        if not arguments.names:
            print("ten on one page")
            seen = measure_page(browser, write_page(Path(folder) / "ten", TEN), TEN, arguments.steps)
            print(line("ten on one page, together", together(seen)))
        print("in their lessons")
        seen = []
        for path, names in lessons(arguments.names).items():
            seen += measure_page(browser, path, names, arguments.steps)
        if seen:
            print(line("in their lessons, together", together(seen)))
        browser.close()


if __name__ == "__main__":
    main()
