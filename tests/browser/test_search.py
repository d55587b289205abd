"""The search as a reader uses it: by keyboard, on its page at every width, and where a result leads."""

import pytest
from watching import COLOURS, RULES, Findings

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 768, 1280)
# Results stand below one another, within the window, and nothing makes the page wider than it.
MISPLACED = """() => {
    const seen = document.querySelectorAll('.search-results li, .search-results button, .search-row > *');
    const boxes = [...seen].map((element) => [element, element.getBoundingClientRect()]);
    const items = boxes.filter(([element]) => element.matches('li'));
    return [
        ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
        ...boxes.filter(([, box]) => box.left < 0 || box.right > innerWidth || box.width < 40)
            .map(([element]) => `not in the window: ${element.textContent.slice(0, 50)}`),
        ...items.slice(1).filter(([, box], i) => box.top < items[i][1].bottom - 0.5)
            .map(([element]) => `beside another: ${element.textContent.slice(0, 50)}`),
        ...items.filter(([element]) => element.scrollWidth > element.clientWidth + 1)
            .map(([element]) => `runs out of its box: ${element.textContent.slice(0, 50)}`)]
}"""
LISTED = "count => document.querySelectorAll('.search-results li').length >= count"
IN_THE_WINDOW = """(element) => {
    const box = element.getBoundingClientRect();
    return box.height > 0 && box.top >= 0 && box.top < innerHeight;
}"""


def type_into(page, text: str) -> None:
    """Type into the field of the dialog, and wait until all texts are searched."""
    page.get_by_role("combobox", name="Search this book").fill(text)
    page.locator(".search-status", has_text="result").wait_for(timeout=20_000)


def arrive_at(page, address: str):
    """Wait for the page that a result leads to; return what is marked there."""
    page.wait_for_url(lambda url: address in url)
    page.locator("html:not([hidden])").wait_for(state="attached")
    place = page.locator(".found-place")
    place.wait_for()
    assert place.evaluate(IN_THE_WINDOW)
    return place


def test_search_by_keyboard_from_the_file_system(site, watched):
    visited = watched(site / "book" / "intro.html")
    page, findings = visited.page, Findings("search")
    late = ("places.js", "texts.js", "minisearch.js", "search_engine.js", "search.css")
    assert not [url for url in visited.requests if url.split("?")[0].endswith(late)]
    button = page.get_by_role("button", name="Search")
    button.focus()
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search this book")
    assert field.evaluate("field => field === document.activeElement")
    type_into(page, "eigenvlaue")
    options = page.locator(".search-dialog").get_by_role("option")
    assert "eigenvalue" in options.first.inner_text()
    assert options.first.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("ArrowUp")
    for theme, rules in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=theme)
        page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
        findings.add(f"the dialog, {theme}", visited.violations(rules))
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert button.evaluate("button => button === document.activeElement")
    page.keyboard.press("Control+k")
    page.keyboard.press("Enter")  # the words are still there, and so is what was found
    place = arrive_at(page, "eigenvectors.html#word-eigenvalue")
    assert "eigenvalue" in place.inner_text()
    page.locator("mark.found-word", has_text="eigenvalue").first.wait_for()
    page.keyboard.press("/")
    type_into(page, "Two thousand rivals")
    page.keyboard.press("Enter")
    place = arrive_at(page, "01_linear_algebra/low_rank.html#")
    assert place.evaluate("place => !place.closest('details:not([open])')")
    findings.add("the dialog", visited.faults)
    findings.add("the dialog", [f"asks another place: {url}" for url in visited.foreign(site)])
    findings.report()


def test_page_of_results_at_every_width(site, watched):
    visited = watched(site / "search.html", width=320)
    page, findings = visited.page, Findings("search.html")
    field = page.get_by_role("searchbox")
    for query, count in (("gradient", 30), ("mirsky", 1), ("zzzzqqq", 0)):
        field.fill(query)
        page.wait_for_function("query => location.search === `?q=${query}`", arg=query)
        page.locator(".search-status", has_text="result" if count else "Nothing found").wait_for(
            timeout=20_000
        )
        page.wait_for_function(LISTED, arg=count)
        assert page.locator(".search-results li mark").count() >= count
        for width in WIDTHS:
            for theme in ("light", "dark"):
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme)
                page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
                findings.add(f"{query}, {width} px, {theme}", page.evaluate(MISPLACED))
        for theme, rules in (("light", COLOURS), ("dark", RULES)) if count != 1 else ():
            page.emulate_media(color_scheme=theme)
            page.locator(f"html[data-theme={theme}]").wait_for(state="attached")
            findings.add(f"{query}, {theme}", visited.violations(rules))
    field.fill("gradient")
    more = page.get_by_role("button", name="Show")
    more.click()
    page.wait_for_function(LISTED, arg=31)
    assert (
        page.locator(".search-results li").nth(30).locator("a").evaluate("a => a === document.activeElement")
    )
    findings.add("the page of results", visited.faults)
    findings.add("the page of results", [f"asks another place: {url}" for url in visited.foreign(site)])
    findings.report()


def test_without_javascript_the_search_says_what_helps_instead(site, watched):
    page = watched(site / "book" / "intro.html", width=360, java_script_enabled=False).page
    page.get_by_role("link", name="Search").click()
    page.get_by_role("link", name="Words and statements").first.click()
    assert page.locator("main h1").inner_text().startswith("Words and statements")
