"""The browser of the tests, and a page under watch: what it asks for and what goes wrong in it."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "book" / "vendor" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the only rules of axe that look at colours
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


def found(*more: str) -> str | None:
    """The Chromium of this machine, or one of some more places; None where there is none."""
    candidates = [*map(shutil.which, NAMES), *MAC, *more]
    return next((path for path in candidates if path and Path(path).exists()), None)


def launch(running, **environment: str) -> "Browser | None":
    """Start the Chromium found on this machine; None where there is none."""
    path = found(running.chromium.executable_path)
    if path is None:
        return None
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    sandbox = ["--no-sandbox"] if is_root else []  # Chromium refuses its sandbox to root, as in a container
    return running.chromium.launch(
        executable_path=path, args=[*ARGUMENTS, *sandbox], env=os.environ | environment
    )


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

    def open(self, path: Path) -> None:
        """Go to a file, and wait until its fonts are unpacked; before that nothing is shown."""
        self.page.goto(path.as_uri(), wait_until="load")
        self.page.locator("html:not([hidden])").wait_for(state="attached")

    def revisit(self, path: Path) -> "Watched":
        """Open another file in the same tab, as if nothing had been before."""
        self.page.goto("about:blank")
        self.requests.clear()
        self.faults.clear()
        self.page.emulate_media(color_scheme="light")
        self.open(path)
        return self

    def foreign(self, home: Path) -> list[str]:
        """Return what was asked of other places than a folder."""
        return [url for url in self.requests if not url.startswith((home.as_uri(), "data:", "blob:"))]

    def violations(self, rules: Iterable[str] = RULES) -> list[str]:
        """Return what axe finds against WCAG 2.2 A and AA, or against some rules: rule, help and element."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        options = {"runOnly": list(rules), "resultTypes": ["violations"], "preload": False}
        found = self.page.evaluate(f"axe.run(document, {json.dumps(options)})")
        assert found["violations"] or found["passes"], "axe found nothing to judge"
        return [
            f"axe {rule['id']}: {rule['help']}: {node['html'][:150]}"
            for rule in found["violations"]
            for node in rule["nodes"][:5]
        ]


class Findings(list):
    """What is wrong with one page or figure: all is asked before the test fails, and all is told at once."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def add(self, where: str, found: Iterable) -> None:
        """Note each thing found, with the width, the theme and whatever else tells where."""
        self.extend(f"{self.name}, {where}: {one}" for one in dict.fromkeys(found))

    @contextlib.contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Note a failure inside, and go on with the next question."""
        from playwright.sync_api import Error

        try:
            yield
        except (AssertionError, Error) as error:
            self.add(where, [(str(error) or repr(error))[:600]])

    def report(self) -> None:
        """Fail if there is anything."""
        if self:
            pytest.fail("\n".join(self), pytrace=False)
