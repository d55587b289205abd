"""How soon a page can be read on a slow line and a slow processor.

    python benchmarks/pages.py [--heaviest 12 | --all] [--runs 3] [PAGE ...]

Serves the built site, compressed as hosts do, and opens pages in headless Chromium as a phone would with
empty caches: 360 px, 1.6 Mbit/s, 150 ms a round trip, a processor four times slower than this one. Prints for
each page the median over the runs. A PAGE is written as notebooks/01_linear_algebra/svd; without one the
heaviest lessons are opened.

First text and largest paint are seconds since the page was asked for, and are right on an idle machine only.
Blocking is what the tasks of the main thread take beyond 50 ms each, from the first one on, in processor time
of that thread, which other programs hardly distort.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "tests"))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402  # after the path
from watching import launch  # noqa: E402

LATENCY_MS = 150
BYTES_A_SECOND = 1_600_000 / 8
SLOWER = 4
LONG_MS = 50  # a task that is longer keeps a reader's touch waiting
SETTLED_MS = 3000  # how long a page is watched after it was loaded
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing"]
COMPRESSED = {".html", ".css", ".js", ".svg"}
WATCH = """
window.seen = { largest: 0, shift: 0 };
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.largest = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
ASK = """() => ({
    ...window.seen,
    first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .reduce((sum, entry) => sum + entry.transferSize, 0),
    elements: document.querySelectorAll("*").length,
})"""


class Load(NamedTuple):
    """One page as a reader waited for it."""

    first: float  # s until the first text
    largest: float  # s until the largest paint
    blocking: float  # ms
    longest: float  # ms of the longest task
    processor: float  # ms of the main thread
    shift: float
    kilobytes: float
    elements: float


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Serve text compressed, as every host does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with a file; what is text goes through gzip."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            super().do_GET()
            return
        body = compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def compressed(path: Path) -> bytes:
    """Compress a file once."""
    return gzip.compress(path.read_bytes(), compresslevel=6)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine only."""
    handler = functools.partial(Compressing, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def load(browser: Browser, address: str) -> Load:
    """Open a page with empty caches and watch it until it is quiet."""
    context = browser.new_context(viewport={"width": 360, "height": 780}, device_scale_factor=2)
    try:
        page = context.new_page()
        page.add_init_script(WATCH)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        line = {"offline": False, "latency": LATENCY_MS, "uploadThroughput": BYTES_A_SECOND}
        session.send("Network.emulateNetworkConditions", {**line, "downloadThroughput": BYTES_A_SECOND})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        browser.start_tracing(page=page, categories=CATEGORIES)
        page.goto(address, wait_until="load", timeout=120_000)
        page.wait_for_timeout(SETTLED_MS)
        trace = json.loads(browser.stop_tracing())["traceEvents"]
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        seen = page.evaluate(ASK)
    finally:
        context.close()
    tasks = tasks_of_the_page(trace)
    return Load(
        first=seen["first"] / 1000,
        largest=seen["largest"] / 1000,
        blocking=sum(max(0.0, ms - LONG_MS) for ms in tasks),
        longest=max(tasks),
        processor=sum(tasks),
        shift=seen["shift"],
        kilobytes=seen["bytes"] / 1000,
        elements=seen["elements"],
    )


def tasks_of_the_page(trace: list[dict[str, Any]]) -> list[float]:
    """Processor time in ms of each task of the page's main thread."""
    paint = next(event for event in trace if event["name"] == "firstContentfulPaint")
    return [
        event["tdur"] / 1000
        for event in trace
        if event["name"] == "RunTask"
        and "tdur" in event  # it ended while the page was watched
        and (event["pid"], event["tid"]) == (paint["pid"], paint["tid"])
    ]


def heaviest(number: int | None) -> list[str]:
    """Name the lessons whose pages are the largest, or all pages."""
    pages = sorted(
        HTML.rglob("*/*.html") if number is None else HTML.glob("notebooks/*/*.html"),
        key=lambda path: -path.stat().st_size,
    )
    return [str(path.relative_to(HTML).with_suffix("")) for path in pages[:number]]


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--heaviest", type=int, default=12, help="how many of the heaviest lessons")
    parser.add_argument("--all", action="store_true", help="every page")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    pages = arguments.pages or heaviest(None if arguments.all else arguments.heaviest)
    if not pages:
        sys.exit("There is no site yet: run `make book` first.")
    with served(HTML) as address, sync_playwright() as running:
        browser = launch(running)
        if browser is None:
            sys.exit("no Chromium found")
        print(
            f"{'page':52} {'first':>6} {'largest':>7} {'blocking':>8} {'longest':>7} {'processor':>9} "
            f"{'moved':>6} {'kB':>5} {'elements':>8}"
        )
        for page in pages:
            loads = [load(browser, f"{address}{page}.html") for _ in range(arguments.runs)]
            print(line(page, Load(*map(statistics.median, zip(*loads, strict=True)))), flush=True)
        browser.close()


def line(page: str, seen: Load) -> str:
    """One line of the table."""
    times = f"{seen.first:4.2f} s {seen.largest:5.2f} s {seen.blocking:5.0f} ms {seen.longest:4.0f} ms"
    rest = f"{seen.processor:6.0f} ms {seen.shift:6.4f} {seen.kilobytes:5.0f} {seen.elements:8.0f}"
    return f"{page.removeprefix('notebooks/'):52} {times} {rest}"


if __name__ == "__main__":
    main()
