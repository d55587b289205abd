"""Exercises that are solved on the page: the editor, what it says, and the real kernel without a network."""

import json
import re

import pytest
from watching import RULES, Watched

pytestmark = pytest.mark.browser

PAGE = "notebooks/02_calculus/taylor.html"
# Plays Python: what it answers depends on what it is asked.
FAKE = """onmessage = async ({ data: { before, packages, code } }) => {
    const answers = {
        missing: { missing: ['numpy'] },
        broken: { broken: 'no memory' },
        error: { error: "line 2: NameError: name 'y' is not defined", printed: 'seen' },
        right: { shown: 'correct' },
    };
    if (code.includes('forever')) return;
    postMessage({ doing: 'NumPy and its like are coming.' });
    const known = Object.keys(answers).find((word) => code.includes(word));
    const told = before.includes('import numpy') ? 'not yet: for c = 2 got 2' : 'no set-up';
    postMessage({ done: true, ...(answers[known] ?? { shown: told }) });
};"""


@pytest.fixture
def exercise(site, address, browser_context):
    """Return a function that opens the page of an exercise over HTTP, with Python played or the real one."""
    facts = {"megabytes": {"exercise": 26, "notebook": 28, "data": 20}}

    def opened(width=1280, theme="light", fake=True):
        context = browser_context(offline=False, viewport={"width": width, "height": 900}, color_scheme=theme)
        context.set_default_timeout(100_000)
        visited = Watched(context.new_page())
        context.route(
            lambda url: not url.startswith((address, "data:", "blob:")), lambda route: route.abort()
        )
        if fake:
            context.route("**/try-worker.js", lambda route: script(route, FAKE))
            context.route("**/lite/facts.js", lambda route: script(route, f"mmlLite = {json.dumps(facts)}"))
        visited.page.goto(address + PAGE)
        return visited

    return opened


def script(route, text):
    route.fulfill(body=text, content_type="text/javascript")


def type_and_run(page, code):
    """Put code in the editor by keyboard, and run it as a reader does."""
    page.get_by_role("textbox", name=re.compile("Your answer to")).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("ControlOrMeta+Enter")


def test_answer_is_written_run_and_judged_on_the_page_by_keyboard_alone(exercise):
    visited = exercise()
    page, told = visited.page, visited.page.locator(".try-told")
    assert not [url for url in visited.requests if "/try/" in url or "/lite/" in url or "worker" in url]
    page.get_by_role("button", name=re.compile("Try it here: .*A root without a root")).focus()
    page.keyboard.press("Enter")
    editor = page.get_by_role("textbox", name=re.compile("Your answer to .*A root without a root"))
    assert "return c  # replace this line" in editor.inner_text()
    assert "about 26 MB" in told.inner_text()
    assert told.get_attribute("role") == "status"
    assert not [url for url in visited.requests if "worker" in url], "Python was started before it was asked"
    for code, sentence in [
        ("right", "correct"),
        ("wrong", "not yet: for c = 2 got 2"),
        ("error", "line 2: NameError: name 'y' is not defined"),
        ("missing", "numpy could not be fetched. They come from the network: go online, then run again."),
        ("broken", "Python in the browser failed: no memory."),
    ]:
        type_and_run(page, code)
        told.get_by_text(sentence).wait_for()
        assert page.get_by_role("button", name="Run", exact=True).is_visible()
    type_and_run(page, "error")
    told.get_by_text("seen").wait_for()
    type_and_run(page, "while True: forever")
    page.get_by_role("button", name="Stop").click()
    told.get_by_text("Stopped.").wait_for()
    type_and_run(page, "right")
    told.get_by_text("correct").wait_for()
    page.get_by_role("button", name="Stub again").click()
    assert "return c  # replace this line" in editor.inner_text()
    page.keyboard.press("Tab")
    assert editor.evaluate("editor => editor === document.activeElement"), "Tab indents"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not editor.evaluate("editor => editor === document.activeElement"), "Escape, then Tab leaves"
    assert visited.faults == []


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_open_editor_has_no_fault_of_accessibility_and_fits_a_phone(exercise, width, theme):
    visited = exercise(width=width, theme=theme)
    page = visited.page
    page.get_by_role("button", name=re.compile("Try it here")).first.click()
    type_and_run(page, 'def wrong(c):\n    """Text."""\n    return 2.5 * c if c else None  # ' + "wide " * 20)
    page.locator(".try-told").get_by_text("not yet").wait_for()
    page.evaluate("document.querySelectorAll('mjx-math').forEach((drawing) => drawing.replaceChildren())")
    assert visited.violations(RULES) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_page_from_a_file_and_site_without_python_say_what_to_do(site, watched, exercise):
    page = watched(site / PAGE).page
    page.get_by_role("button", name=re.compile("Try it here")).first.click()
    page.get_by_text("This page was opened from a file").wait_for()
    assert page.locator(".cell[data-before] .cell_input pre").first.is_visible()
    page = exercise().page
    page.context.route("**/lite/facts.js", lambda route: route.fulfill(status=404))
    page.get_by_role("button", name=re.compile("Try it here")).first.click()
    page.get_by_text("This copy of the site was made without Python for the browser.").wait_for()


def test_solutions_have_no_button_and_pages_without_javascript_no_trace(exercise, site, watched):
    assert exercise().page.locator(".solution .try-open").count() == 0
    page = watched(site / PAGE, java_script_enabled=False).page
    assert page.get_by_text("Try it here").count() == 0
    assert page.locator(".launch").get_by_role("link", name="Run in the browser").is_visible()
