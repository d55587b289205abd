"""Every page of the built site, opened from the file system in a real browser with the network off."""

import functools
import http.server
import json
import os
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "book" / "vendor" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HTML = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
# index.html only sends the reader on to the first page.
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.rglob("*.html") if path.name != "index.html")

every_page = pytest.mark.parametrize("name", PAGES or ["no page: run `make book` first"])
both_widths = pytest.mark.parametrize("width", [360, 1280])
pytestmark = pytest.mark.browser


@every_page
@both_widths
def test_page_asks_nothing_of_other_hosts_and_reports_no_error(site, watched, name, width):
    visited = watched(site / name, width=width)
    scroll_through(visited.page)
    assert [url for url in visited.requests if not url.startswith((site.as_uri(), "data:", "blob:"))] == []
    assert visited.faults == []


@every_page
@both_widths
def test_page_is_not_wider_than_the_window(site, watched, name, width):
    page = watched(site / name, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Nothing hides the overflow either: what is wide scrolls in a box of its own.
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll('article *')].filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && box.right > innerWidth + 1
                && !element.closest('pre, .formula, .scroll, .headerlink, .visually-hidden, svg');
        }).map((element) => element.outerHTML.slice(0, 100))"""
        )
        == []
    )


@every_page
@both_widths
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(site, watched, name, width, theme):
    page = watched(site / name, width=width, color_scheme=theme, bypass_csp=True).page
    page.evaluate(
        "document.querySelectorAll('article details').forEach((details) => { details.open = true; })"
    )
    if name.startswith("notebooks/"):
        # Thousands of boxes, hidden from screen readers, in the colours that the page on notation has too.
        page.evaluate("document.querySelectorAll('mjx-math').forEach((drawing) => drawing.replaceChildren())")
    assert violations(page) == []


@every_page
def test_page_reads_without_javascript(site, watched, name):
    page = watched(site / name, java_script_enabled=False).page
    assert page.locator("main h1").first.is_visible()
    for formula in page.locator("article .formula").all()[:20]:
        assert formula.locator("mjx-math").count() == 1
    for picture in page.locator("article img").all():
        assert len(picture.get_attribute("alt")) >= 20


@every_page
def test_nothing_jumps_while_the_page_loads(address, browser_context, name):
    page = browser_context(viewport={"width": 360, "height": 800}, offline=False).new_page()
    page.add_init_script(
        """window.shift = 0;
        const add = (list) => list.getEntries().forEach((entry) => { window.shift += entry.value; });
        new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });"""
    )
    page.goto(address + name, wait_until="load")
    scroll_through(page)
    assert page.evaluate("window.shift") <= 0.05


def test_first_address_leads_to_the_first_page(site, watched):
    page = watched(site / "index.html").page
    page.wait_for_url("**/book/intro.html")
    assert page.locator("main h1").is_visible()


def test_page_works_over_http_too(address, browser_context):
    page = browser_context(offline=False).new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address + "book/intro.html", wait_until="networkidle")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.evaluate("document.fonts.check('1rem \"Source Serif 4\"')")
    assert faults == []


def test_theme_can_be_changed_by_keyboard_and_is_remembered(site, watched):
    page = watched(site / "book" / "intro.html").page
    paper = "getComputedStyle(document.body).backgroundColor"
    white = page.evaluate(paper)
    page.locator(".theme-button").focus()
    page.keyboard.press("Enter")  # from the system's theme to the light one
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Theme: dark").is_visible()
    assert page.evaluate(paper) != white
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_dark_system_gets_the_dark_theme_even_without_javascript(site, watched):
    page = watched(site / "book" / "intro.html", color_scheme="dark", java_script_enabled=False).page
    assert (
        page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(20, 24, 29)"
    )


def test_contents_open_and_close_by_keyboard_on_a_phone(site, watched):
    page = watched(site / "book" / "intro.html", width=360).page
    contents = page.get_by_role("navigation", name="Contents")
    assert not contents.is_visible()
    page.get_by_role("button", name="Contents").focus()
    page.keyboard.press("Enter")
    assert contents.is_visible()
    page.keyboard.press("Escape")
    assert not contents.is_visible()


def test_contents_open_on_a_phone_without_javascript(site, watched):
    page = watched(site / "book" / "intro.html", width=360, java_script_enabled=False).page
    page.get_by_role("button", name="Contents").click()
    assert page.get_by_role("link", name="Notation", exact=True).is_visible()


def test_tab_reaches_skip_link_search_theme_and_contents_in_this_order(site, watched):
    page = watched(site / "book" / "intro.html").page
    names = []
    for _ in range(8):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("(document.activeElement.textContent || document.activeElement.id).trim()")
        )
    assert names[0] == "Skip to the text"
    assert names.index("search-words") < names.index("Theme: system") < names.index("Start")


def test_skip_link_moves_the_focus_to_the_text(site, watched):
    page = watched(site / "book" / "intro.html").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_search_finds_a_page_from_the_file_system(site, watched):
    visited = watched(site / "book" / "intro.html")
    visited.page.get_by_role("searchbox", name="Search this book").fill("matrix")
    visited.page.keyboard.press("Enter")
    visited.page.locator("#search-results li a").first.wait_for()
    assert visited.faults == []


def test_formula_that_is_too_wide_scrolls_by_keyboard(site, watched):
    page = watched(site / "book" / "intro.html", width=360).page
    page.evaluate(
        """() => {
            document.querySelector('article').insertAdjacentHTML('beforeend',
                `<div class="math"><span class="formula">
                <span style="display: inline-block; width: 60rem">x</span></span></div>`);
            dispatchEvent(new Event('resize'));
        }"""
    )
    box = page.get_by_role("region", name="Formula, scrolls sideways")
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    assert box.evaluate("box => box.scrollLeft") > 0


def scroll_through(page):
    """Bring the whole page on the screen once, so that everything lazy is loaded."""
    page.evaluate("document.fonts.ready")
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 700):
        page.evaluate(f"scrollTo(0, {top})")
        page.wait_for_timeout(20)
    page.wait_for_timeout(200)


def violations(page):
    """Return what axe finds against WCAG 2.2 A and AA: rule, help and the elements."""
    page.add_script_tag(path=AXE)
    page.wait_for_timeout(100)
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}, resultTypes: ['violations']}})")
    return [
        (rule["id"], rule["help"], [node["html"][:150] for node in rule["nodes"][:5]])
        for rule in found["violations"]
    ]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Serve the site on a free port of this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
