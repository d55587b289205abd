"""Making the book: what did not change is not started."""

import make_book
import pytest
import verdicts


@pytest.fixture
def started(tmp_path, monkeypatch):
    """What was started, in order; the site is not built."""
    (tmp_path / "notebooks" / "text").mkdir(parents=True)
    (tmp_path / "notebooks" / "text" / "01_a.md").write_text("a")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "build_notebooks.py").write_text("")
    for module in (verdicts, make_book):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(verdicts, "STORE", tmp_path / "verdicts.json")
    monkeypatch.delenv("FRESH", raising=False)
    calls = []
    run = make_book.subprocess.run
    monkeypatch.setattr(
        make_book.subprocess, "run", lambda *arguments, **more: calls.append("run") or run(*arguments, **more)
    )
    monkeypatch.setattr(make_book.build_book, "main", lambda: calls.append("site"))
    return calls


def test_notebooks_are_looked_at_only_when_something_of_theirs_changed(started, tmp_path):
    assert make_book.main() == 0
    assert make_book.main() == 0
    assert started == ["run", "site", "site"]
    (tmp_path / "notebooks" / "text" / "01_a.md").write_text("b")
    assert make_book.main() == 0
    assert started == ["run", "site", "site", "run", "site"]


def test_no_site_is_built_from_notebooks_that_failed(started, tmp_path):
    (tmp_path / "tools" / "build_notebooks.py").write_text("raise SystemExit(3)")
    assert make_book.main() == 3
    assert make_book.main() == 3
    assert started == ["run", "run"]
