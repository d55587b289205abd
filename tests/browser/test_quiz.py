"""The questions at the end of a chapter: by keyboard, with feedback, and without JavaScript."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def chapter(site):
    pages = [
        path
        for path in sorted((site / "notebooks").rglob("*.html"))
        if 'class="quiz ' in path.read_text("utf-8") and ">Question 1<" in path.read_text("utf-8")
    ]
    assert pages, "no page of the site has a quiz"
    return pages[0]


def test_each_option_answers_at_once(watched, chapter):
    page = watched(chapter).page
    group = page.get_by_role("radiogroup").first
    verdicts = []
    for option in group.get_by_role("radio").all():
        option.focus()
        page.keyboard.press("Space")
        verdicts.append(page.locator(".quiz .feedback").first.inner_text().strip())
    assert sum(verdict.startswith("Right") for verdict in verdicts) == 1
    assert all(len(verdict) > len("Not quite.") for verdict in verdicts)
    assert len(set(verdicts)) == len(verdicts)


def test_arrow_keys_choose_without_a_verdict_and_the_count_follows_what_was_checked(watched, chapter):
    page = watched(chapter).page
    radios = page.get_by_role("radiogroup").first.get_by_role("radio")
    count, said = page.locator(".quiz-progress p"), page.locator(".quiz .feedback").first
    assert count.inner_text().startswith("0 of ")
    radios.first.focus()
    for key in ["Space", "Enter"] * radios.count():
        page.keyboard.press("ArrowDown")
        assert said.inner_text() == "Space or Enter checks this choice."
        assert count.inner_text().startswith("0 of ")
        page.keyboard.press(key)
        assert said.inner_text().startswith(("Right", "Not quite"))
        if said.inner_text().startswith("Right"):
            break
    assert count.inner_text().startswith("1 of ")
    page.get_by_role("button", name="Start again").click()
    assert count.inner_text().startswith("0 of ")
    assert page.locator(".quiz input:checked").count() == 0


def test_group_is_named_by_its_question(watched, chapter):
    page = watched(chapter).page
    group = page.get_by_role("radiogroup").first
    parts = [page.locator(f"#{part}").inner_text() for part in group.get_attribute("aria-labelledby").split()]
    assert parts[0] == "Question 1"
    assert len(" ".join(parts)) > 20


def test_every_question_is_enlivened(watched, chapter):
    page = watched(chapter).page
    assert page.get_by_role("radiogroup").count() == page.locator(".quiz").count() > 0


def test_without_javascript_the_answers_are_in_a_native_disclosure(watched, chapter):
    page = watched(chapter, java_script_enabled=False).page
    answers = page.locator(".quiz-answers").first
    assert page.locator(".quiz > ol > li").first.is_visible()
    assert not answers.locator("li").first.is_visible()
    answers.locator("summary").click()
    assert answers.locator("li").first.is_visible()
