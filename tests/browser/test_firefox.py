"""A lesson in Firefox: an explorer moves, the search finds, the theme turns, a question is judged.

The other tests run in Chromium. This one asks the second family of browsers whether a reader can use the
book; with no Firefox on the machine it is skipped, unless REQUIRE_FIREFOX is 1.
"""

import os

import firefox
import pytest

pytestmark = pytest.mark.browser
LESSON = "notebooks/01_linear_algebra/matrices.html"
MISSING = "FIREFOX TEST NOT RUN: no Firefox found. Install one (Debian: apt install firefox-esr)"


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    path = firefox.found()
    if path is None and os.environ.get("REQUIRE_FIREFOX") == "1":
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    with firefox.running(path, tmp_path_factory.mktemp("firefox")) as opened:
        yield opened


def test_lesson_can_be_used_in_firefox(site, tab):
    tab.open((site / LESSON).as_uri())
    # An explorer: by keyboard to the end of its slider; picture, numbers and address follow.
    figure = "document.querySelector('.mml-explorer')"
    tab.evaluate(f"{figure}.scrollIntoView()")
    tab.wait(f"'ready' in {figure}.dataset")
    before = tab.evaluate(f"[{figure}.querySelector('.explorer-frame').innerHTML, {figure}.innerText]")
    tab.evaluate(f"{figure}.querySelector('input[type=range]').focus()")
    tab.press("End")
    tab.wait(f"location.hash === '#' + {figure}.id && location.search")
    after = tab.evaluate(f"[{figure}.querySelector('.explorer-frame').innerHTML, {figure}.innerText]")
    assert before[0] != after[0]
    assert before[1] != after[1]
    # A question: an arrow only chooses, Space asks.
    tab.evaluate("document.querySelector('.quiz input').focus()")
    tab.press("ArrowDown")
    said = "document.querySelector('.quiz .feedback').textContent"
    assert tab.evaluate(said) == "Space or Enter checks this choice."
    tab.press("Space")
    assert tab.evaluate(said).strip().startswith(("Right", "Not quite"))
    # The theme, the mark of the section, the place in the contents.
    paper = "getComputedStyle(document.body).backgroundColor"
    white = tab.evaluate(paper)
    tab.click(".theme-button")  # from the system's theme to the light one
    tab.click(".theme-button")
    assert (white, tab.evaluate(paper)) == ("rgb(255, 255, 255)", "rgb(20, 24, 29)")
    tab.evaluate("void (location.hash = document.querySelector('.on-this-page li:nth-child(3) a').hash)")
    tab.wait("document.querySelector('.on-this-page [aria-current]')?.hash === location.hash")
    # The search.
    tab.open((site / "search.html").as_uri() + "?q=eigenvector")
    tab.wait("document.querySelector('.search-results a')")
