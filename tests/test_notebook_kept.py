"""Compiled pages are kept, and compiled again as soon as anything that they are made from changed."""

import notebook_kept
import pytest


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A function that asks for a page and tells how often pages were compiled."""
    (tmp_path / "01_sample.md").write_text("one")
    monkeypatch.setattr(notebook_kept, "TEXTS", tmp_path)
    monkeypatch.setattr(notebook_kept, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(notebook_kept, "shared", lambda: "shared")
    monkeypatch.delenv("FRESH", raising=False)
    compiled = []

    def ask(refers_to="targets"):
        def compile_page(text):
            compiled.append(text)
            return text.read_text()

        assert (
            notebook_kept.kept(tmp_path / "01_sample.md", refers_to, compile_page)
            == (tmp_path / "01_sample.md").read_text()
        )
        return len(compiled)

    return ask


def test_page_is_compiled_once(page):
    assert (page(), page()) == (1, 1)


def test_another_text_target_or_tool_compiles_again(page, tmp_path, monkeypatch):
    page()
    (tmp_path / "01_sample.md").write_text("two")
    assert page() == 2
    assert page("other targets") == 3
    monkeypatch.setattr(notebook_kept, "shared", lambda: "another tool")
    assert page("other targets") == 4


def test_torn_file_and_a_fresh_run_compile_again(page, tmp_path, monkeypatch):
    page()
    file = tmp_path / "kept" / "01_sample.pickle"
    file.write_bytes(file.read_bytes()[:-3])
    assert page() == 2
    monkeypatch.setenv("FRESH", "1")
    assert page() == 3


def test_text_outside_the_book_is_never_kept(page, tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_kept, "TEXTS", tmp_path / "elsewhere")
    assert (page(), page()) == (1, 2)
    assert not (tmp_path / "kept").exists()


def test_what_all_pages_are_compiled_with_is_found():
    names = {path.name for path in notebook_kept.verdicts.tree(*notebook_kept.SHARED)}
    assert {
        "notebook_text.py",
        "_config.yml",
        "references.bib",
        "01_linear_algebra.yml",
        "__init__.py",
    } <= names
