"""Finding one's way among lessons: old addresses, marks, the core path, where to go on, in one tab."""

import pytest
from watching import Watched

pytestmark = pytest.mark.browser
CHAPTER = "notebooks/01_linear_algebra.html"
LESSON = "notebooks/01_linear_algebra/vectors.html"
SHOWN = "all => all.filter((one) => one.offsetParent).map((one) => one.dataset.lesson.split('/').pop())"


@pytest.fixture(scope="module")
def tab(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    context.set_default_timeout(10_000)
    yield Watched(context.new_page())
    context.close()


@pytest.mark.parametrize("name", ["sec-vectors", "cauchy-schwarz"])
def test_address_from_before_the_chapters_were_cut_leads_to_its_lesson(tab, site, name):
    tab.page.goto(f"{(site / CHAPTER).as_uri()}#{name}")
    tab.page.wait_for_url(f"**/01_linear_algebra/*.html#{name}")
    assert tab.page.locator(f"#{name}").count() == 1


def test_lesson_marked_as_read_stays_so_until_the_reader_turns_memory_off(tab, site):
    page = tab.page
    tab.open(site / LESSON)
    page.get_by_role("button", name="Mark as read").click()
    entry = page.locator(".contents [data-lesson$='/vectors']")
    assert "finished" in entry.get_attribute("class")
    page.reload()
    assert page.locator(".lesson-done button").get_attribute("aria-pressed") == "true"
    tab.open(site / CHAPTER)
    finished = page.locator(".lesson-map .finished").evaluate_all(
        "all => all.map((one) => one.dataset.lesson)"
    )
    assert finished == ["notebooks/01_linear_algebra/vectors"]
    tab.open(site / "book/intro.html")
    page.locator(".lesson-continue a").click()
    page.wait_for_url("**/vectors.html")
    tab.open(site / "book/how_to_use.html")
    page.get_by_role("checkbox", name="Remember in this browser").uncheck()
    tab.open(site / LESSON)
    assert page.locator(".finished").count() == 0
    tab.open(site / "book/intro.html")
    assert not page.locator(".lesson-continue").is_visible()


def test_core_path_shows_only_core_lessons_and_leads_from_one_to_the_next(tab, site):
    page = tab.page
    tab.open(site / LESSON)
    everything = page.locator(".contents [data-lesson]").evaluate_all(SHOWN)
    page.get_by_role("button", name="Core lessons only").click()
    core = page.locator(".contents [data-lesson]").evaluate_all(SHOWN)
    deeper = set(everything) - set(core)
    assert core
    assert deeper
    assert page.locator(".contents .core").count() == len(core)
    visited = ["vectors"]
    while (name := next_lesson(page)) in everything:
        visited.append(name)
    assert visited == core
    page.get_by_role("button", name="Core lessons only").click()
    assert page.evaluate("document.documentElement.dataset.path") == "all"


def next_lesson(page) -> str:
    """Follow the link to the next lesson; its name."""
    before = page.url
    page.locator(".neighbours .next").click()
    page.wait_for_url(lambda url: url != before)
    page.locator("html:not([hidden])").wait_for(state="attached")
    return page.url.rpartition("/")[2].removesuffix(".html")
