"""Which pages and explorers a browser is asked about again after a change."""

import check_browser
import pytest
import verdicts


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A function that changes a file of a site of two pages, and tells whose keys change with it."""
    monkeypatch.setattr(check_browser, "SITE", tmp_path)
    monkeypatch.setattr(check_browser, "browser", lambda: "Chromium 1")
    for name, text in {
        "a.html": '<figure data-explorer="s.e"></figure><img alt="" src="p.png">',
        "b.html": "text",
        "index.html": "",
        "p.png": "1",
        "_static/book.css": "1",
        "_static/explorers.js": "1",
        "_static/explorers/s.e.js": "1",
        "search/texts.js": "1",
        "lite/index.html": "1",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    def changed(name, text="22"):
        before = dict(check_browser.units())
        (tmp_path / name).write_text(text)
        after = dict(check_browser.units())
        assert set(before) == ALL
        return {unit for unit in before if before[unit] != after[unit]}

    return changed


ALL = {"test_page[a.html]", "test_page[b.html]", "test_explorer[s.e]", "rest", "lite"}


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("b.html", {"test_page[b.html]", "rest"}),
        ("p.png", {"test_page[a.html]", "rest"}),
        ("_static/explorers/s.e.js", {"test_page[a.html]", "test_explorer[s.e]", "rest"}),
        ("_static/book.css", ALL),
        ("_static/explorers.js", ALL),
        ("search/texts.js", {"rest"}),
        ("lite/index.html", {"lite"}),
    ],
)
def test_change_asks_again_what_it_may_have_broken(site, name, units):
    assert site(name) == units


def test_another_browser_or_tool_asks_everything_again(site, monkeypatch):
    before = dict(check_browser.units())
    monkeypatch.setattr(check_browser, "browser", lambda: "Chromium 2")
    assert all(before[unit] != key for unit, key in check_browser.units())
    monkeypatch.setattr(check_browser, "browser", lambda: "Chromium 1")
    monkeypatch.setattr(verdicts, "tools", lambda: "other versions")
    assert all(before[unit] != key for unit, key in check_browser.units())


def test_tests_themselves_count(site, monkeypatch):
    before = dict(check_browser.units())
    tree = verdicts.tree
    monkeypatch.setattr(
        verdicts, "tree", lambda *patterns: [path for path in tree(*patterns) if path.name != "watching.py"]
    )
    assert all(before[unit] != key for unit, key in check_browser.units())


def test_verdict_on_python_for_the_browser_is_its_own():
    assert check_browser.unit("tests.browser.test_lite", "test_kernel", ["rest", "lite"]) == "lite"
    assert check_browser.unit("tests.browser.test_site", "test_search", ["rest", "lite"]) == "rest"
