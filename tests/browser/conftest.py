"""A browser for the tests: Chromium or Chrome of this machine, or the one that Playwright installed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Left alone, Chromium asks its maker's hosts for updates.
ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
MISSING = (
    "BROWSER TESTS NOT RUN: no Chromium found. Install one (Debian: apt install chromium; elsewhere Google "
    "Chrome, or: .venv/bin/playwright install chromium)"
)


def launch(running) -> "playwright.Browser | None":
    """Start the Chromium found on this machine; None where there is none."""
    candidates = [*map(shutil.which, NAMES), *MAC, running.chromium.executable_path]
    path = next((path for path in candidates if path and Path(path).exists()), None)
    if path is None:
        return None
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sandbox = ["--no-sandbox"] if is_root else []  # Chromium refuses its sandbox to root, as in a container
    return running.chromium.launch(executable_path=path, args=[*ARGUMENTS, *sandbox])


@pytest.fixture(scope="session")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as running:
        opened = launch(running)
        if opened is None and os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(MISSING)
        if opened is None:
            pytest.skip(MISSING)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site() -> Path:
    """Return the folder of the built site."""
    folder = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
    if not (folder / "index.html").exists():
        pytest.fail(f"no site in {folder}: run `make book` first")
    return folder


@pytest.fixture
def browser_context(browser):
    """Return a function that opens a fresh context, with the network off; all are closed after the test."""
    contexts = []

    def open_context(**options):
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "offline": True, **options}
        )
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()


class Watched:
    """A page, with all it asked for and all that went wrong in it."""

    def __init__(self, page) -> None:
        self.page, self.requests, self.faults = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("console", self._note)

    def _note(self, message) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"{message.type}: {message.text}")


@pytest.fixture
def watched(browser_context):
    """Return a function that opens a file of the site in a fresh context: ``watched(path, width=360)``."""

    def visit(path: Path, *, width: int = 1280, **options) -> Watched:
        context = browser_context(viewport={"width": width, "height": 900}, **options)
        visited = Watched(context.new_page())
        visited.page.goto(path.as_uri(), wait_until="load")
        return visited

    return visit
