"""How long a step of an explorer takes, from the input event to the paint, on a page with ten explorers.

    python benchmarks/latency.py [--steps 40] [NAME ...]

Opens the page in headless Chromium at 1280 px, moves a slider of each explorer by keyboard with pauses of a
random length, and prints for each the median and the 95th percentile of the time until the frame that shows
the step has been painted, and the processor time that a step costs the page. Up to 16.7 ms of it are the
wait for the next frame of the screen. Machines differ: compare before and after a change on one of them.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
for folder in ("tools", "tests/browser"):
    sys.path.insert(0, str(ROOT / folder))

import build_explorers  # noqa: E402  # after the path
from playwright.sync_api import CDPSession, Page, sync_playwright  # noqa: E402
from test_explorers import ready, write_page  # noqa: E402

from conftest import launch  # noqa: E402

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


def measure(page: Page, clock: CDPSession, name: str, steps: int) -> tuple[list[float], dict[str, float]]:
    """Move the longest slider of an explorer back and forth; return latencies and processor ms a step."""
    figure = ready(page, name)
    sliders = figure.locator("input[type=range]").all()
    longest = max(sliders, key=lambda slider: int(slider.get_attribute("max") or 0))
    last = int(longest.get_attribute("max") or 0)
    longest.focus()
    page.evaluate("window.steps = []")
    before = processor_times(clock)
    for step in range(steps):
        page.keyboard.press("ArrowRight" if (step // last) % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(60 + random.uniform(0, 17))
    after = processor_times(clock)
    return list(page.evaluate("window.steps")), {kind: (after[kind] - before[kind]) / steps for kind in KINDS}


def processor_times(clock: CDPSession) -> dict[str, float]:
    """What the page's main thread has computed so far, in ms; other programs do not distort it."""
    metrics = clock.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: 1000 * metric["value"] for metric in metrics}


def line(name: str, latencies: list[float], times: dict[str, float]) -> str:
    """Median and 95th percentile of an explorer's latencies, and what a step costs."""
    high = statistics.quantiles(latencies, n=20)[-1]
    costs = ", ".join(f"{word} {times[kind]:.2f}" for kind, word in KINDS.items())
    median = statistics.median(latencies)
    return f"{name:40} {len(latencies):4} steps: {median:5.1f} ms, p95 {high:5.1f} ms; processor ms: {costs}"


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", default=TEN, metavar="NAME")
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    if failures := build_explorers.build(arguments.names):
        sys.exit("\n".join(failures))
    latencies: list[float] = []
    costs: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as running:
        browser = launch(running)
        if browser is None:
            sys.exit("no Chromium found")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(write_page(Path(folder), arguments.names).as_uri())
        page.evaluate(WATCH)
        clock = page.context.new_cdp_session(page)
        clock.send("Performance.enable", {"timeDomain": "threadTicks"})
        for name in arguments.names:
            steps, times = measure(page, clock, name, arguments.steps)
            latencies += steps
            costs.append(times)
            print(line(name, steps, times), flush=True)
        browser.close()
    print(line("all", latencies, {kind: statistics.mean(times[kind] for times in costs) for kind in KINDS}))


if __name__ == "__main__":
    main()
