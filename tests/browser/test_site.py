"""Every page of the built site, opened from the file system in a real browser with the network off.

A page is loaded once, on a phone, and asked everything; then it is made wide and dark. To ask some pages
only, set ``MML_PAGES=book/intro.html,book/faq.html``.
"""

import os
import re
from pathlib import Path

import pytest
from notebook_source import texts
from watching import COLOURS, RULES, Findings, Watched

ROOT = Path(__file__).resolve().parents[2]
HTML = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
# index.html only sends the reader on to the first page, 404.html brings a few lines of style; lite holds
# the front end of notebooks.
ALONE = {"index.html", "404.html"}
ALL_PAGES = sorted(
    str(path.relative_to(HTML))
    for path in HTML.rglob("*.html")
    if path.name not in ALONE and HTML / "lite" not in path.parents
)
CHOSEN = [name for name in os.environ.get("MML_PAGES", "").split(",") if name]
PAGES = CHOSEN or ALL_PAGES or ["no page: run `make book` first"]
MOST_SHIFT = 0.01
LESSONS = tuple(f"notebooks/{path.stem}/" for path in texts() if path.is_dir())
MOST_SCREENS = 12
WATCH_SHIFT = """window.shift = 0;
window.shifted = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
    window.shift += entry.value;
    window.shifted.push(...entry.sources.map((source) => source.node?.textContent.trim().slice(0, 40)));
})).observe({ type: 'layout-shift', buffered: true });"""
# Nothing hides the overflow either: what is wide scrolls in a box of its own.
TOO_WIDE = """() => [
    ...(document.documentElement.scrollWidth > innerWidth
        ? [`the page is ${document.documentElement.scrollWidth} px wide`] : []),
    ...[...document.querySelectorAll('article *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > innerWidth + 1
            && !element.closest('pre, .formula, .scroll, .headerlink, .visually-hidden, svg');
    }).map((element) => `sticks out of the window: ${element.outerHTML.slice(0, 100)}`)]"""

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", PAGES)
def test_page(site, browser_context, watched_late, name):
    findings = Findings(name)
    visited = watched_late(site / name)
    page = visited.page
    with findings.at("360 px, light"):
        scroll_through(page)
        findings.add("360 px, light", moved_too_much(page))
        findings.add("360 px, light", still_explorers(page))
        findings.add("360 px, light", too_long(page, name))
    for is_open in (False, True):
        if is_open:
            page.evaluate(
                "document.querySelectorAll('article details').forEach((box) => { box.open = true; })"
            )
        for width in (320, 1280):  # 320 px are 1280 px, enlarged four times
            page.set_viewport_size({"width": width, "height": 900})
            state = "all opened" if is_open else "as loaded"
            findings.add(f"{width} px, {state}", page.evaluate(TOO_WIDE))
    if name.startswith("notebooks/"):
        leave_formulas_as_text(page)
    # Colours are asked in both themes and widths, the rest of axe, which looks at no colour, at both widths.
    for width, theme, rules in [
        (1280, "light", RULES),
        (1280, "dark", COLOURS),
        (360, "dark", RULES),
        (360, "light", COLOURS),
    ]:
        where = f"{width} px, {theme}"
        with findings.at(where):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(50)
            findings.add(where, visited.violations(rules))
    findings.add("any width, any theme", visited.faults)
    findings.add("any width, any theme", [f"asks another place: {url}" for url in visited.foreign(site)])
    with findings.at("without JavaScript"):
        plain = browser_context(java_script_enabled=False).new_page()
        plain.goto((site / name).as_uri(), wait_until="commit")
        plain.locator("main h1").first.wait_for()
    findings.report()


@pytest.fixture
def watched_late(browser_context):
    """Return a function that opens a page on a phone, whose fonts come only after the first paint."""

    def visit(path: Path) -> Watched:
        context = browser_context(viewport={"width": 360, "height": 900})
        context.set_default_timeout(20_000)
        visited = Watched(context.new_page())
        waiting: list = []
        visited.page.add_init_script(WATCH_SHIFT)
        context.route(
            re.compile(r"\.(woff2?|ttf|otf)\b"),
            lambda route: route.continue_() if waiting is None else waiting.append(route),
        )
        visited.page.goto(path.as_uri(), wait_until="domcontentloaded")
        visited.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))"
        )
        late, waiting = waiting, None
        for route in late:
            route.continue_()
        visited.page.wait_for_load_state("load")
        return visited

    return visit


def scroll_through(page):
    """Bring the whole page on the screen once, so that everything lazy is loaded."""
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            for (let top = 0; top < document.documentElement.scrollHeight; top += 800) {
                scrollTo(0, top);
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            }
            // What is folded away is not loaded before it is opened.
            const shown = [...document.images].filter((picture) => !picture.closest('details:not([open])'));
            const pictures = shown.filter((picture) => !picture.complete);
            await Promise.all(pictures.map((picture) => new Promise((done) => {
                picture.onload = picture.onerror = done;
            })));
            await new Promise((done) => setTimeout(done, 100));
        }"""
    )


def moved_too_much(page):
    """Return a sentence if what the reader sees jumped while the page was loaded and read."""
    shift, texts = page.evaluate("[shift, shifted]")
    return [f"jumped by {shift:.4f}, allowed {MOST_SHIFT}: {texts[:5]}"] if shift > MOST_SHIFT else []


def still_explorers(page):
    """Return the explorers of a page that do not begin to move when they come near."""
    still = "[...document.querySelectorAll('.mml-explorer:not([data-ready])')].map((e) => e.dataset.explorer)"
    if page.evaluate(still):
        page.wait_for_timeout(2000)
    return [f"explorer {name} stands still" for name in page.evaluate(still)]


def too_long(page, name):
    """Return a sentence if a lesson, its folds closed, takes too many screens of a phone (360 x 740)."""
    screens = page.evaluate("document.documentElement.scrollHeight / 740")
    long = name.startswith(LESSONS) and screens > MOST_SCREENS
    return [f"{screens:.1f} screens, allowed {MOST_SCREENS}: fold, split or shorten"] if long else []


def leave_formulas_as_text(page):
    """Thousands of boxes and of MathML elements make axe slow; the page on notation keeps its own."""
    page.evaluate(
        """() => {
            document.querySelectorAll('mjx-math').forEach((drawing) => drawing.replaceChildren());
            document.querySelectorAll('mjx-assistive-mml math').forEach((formula) => {
                formula.replaceChildren(formula.textContent);
            });
        }"""
    )


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
    assert names.index("Search/") < names.index("Theme: system") < names.index("Start")


def test_skip_link_moves_the_focus_to_the_text(site, watched):
    page = watched(site / "book" / "intro.html").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


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
    box = page.get_by_role("group", name="Formula, scrolls sideways")
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("box => box.scrollLeft > 0", arg=box.element_handle())
    assert box.evaluate("box => box.scrollLeft") > 0
