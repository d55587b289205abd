"""A browser for the tests, with the poorest fonts and the network off."""

import functools
import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from watching import MISSING, Watched, launch

playwright = pytest.importorskip("playwright.sync_api")

ROOT = Path(__file__).resolve().parents[2]
# The poorest fonts that a system can have, on every machine the same: matplotlib brings DejaVu along.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{folder}</dir>
<cachedir>{cache}</cachedir>
<alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
<alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


def pytest_collection_modifyitems(config, items):
    """Keep the units that are asked for: pages and explorers by their test, everything else as the rest."""
    if wanted := os.environ.get("MML_UNITS"):
        units = set(json.loads(wanted))
        kept = [item for item in items if unit(item) in units]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def unit(item) -> str:
    """The unit that a test belongs to."""
    if item.path.name == "test_lite.py":
        return "lite"
    by_itself = getattr(item, "originalname", "") in {"test_page", "test_explorer"}
    return item.name if by_itself else "rest"


@pytest.fixture(scope="session")
def poor_fonts(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("fonts")
    ttf = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    (folder / "fonts.conf").write_text(FONTS.format(folder=ttf, cache=folder / "cache"), encoding="utf-8")
    return folder / "fonts.conf"


@pytest.fixture(scope="session")
def browser(poor_fonts) -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as running:
        opened = launch(running, FONTCONFIG_FILE=str(poor_fonts))
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


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture(scope="session")
def address(site) -> Iterator[str]:
    """Serve the site on a free port of this machine; return its address."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


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


@pytest.fixture
def watched(browser_context):
    """Return a function that opens a file of the site in a fresh context: ``watched(path, width=360)``."""

    def visit(path: Path, *, width: int = 1280, **options) -> Watched:
        context = browser_context(viewport={"width": width, "height": 900}, **options)
        visited = Watched(context.new_page())
        visited.open(path)
        return visited

    return visit
