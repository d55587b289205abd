"""How the site is built: nothing where nothing changed, pages before frames, and never without a site."""

import sys

import build_book
import pytest
import verdicts


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return a function that builds a book of one page; it gives what was started."""
    started = []

    def pages(root):
        started.append("pages")
        built = root / "_build" / "next" / "html"
        (built / "_static" / "explorers").mkdir(parents=True, exist_ok=True)
        (built / "index.html").write_text((tmp_path / "book.md").read_text())
        return built

    def run(text="first", frames=lambda html: started.append("frames")):
        started.clear()
        (tmp_path / "book.md").write_text(text)
        monkeypatch.setattr(build_book, "draw_frames", frames)
        build_book.main()
        return list(started)

    monkeypatch.delenv("FRESH", raising=False)
    monkeypatch.setattr(sys, "argv", ["build_book.py", "--root", str(tmp_path)])
    monkeypatch.setattr(verdicts, "STORE", tmp_path / "_build" / "verdicts.json")
    monkeypatch.setattr(build_book, "build", pages)
    monkeypatch.setattr(build_book, "tree", lambda *_: [tmp_path / "book.md"])
    return run


def test_where_nothing_changed_nothing_is_started(build, capsys):
    assert build() == ["pages", "frames"]
    assert build() == []
    assert "Nothing changed since the site was built" in capsys.readouterr().out
    assert build("second") == ["pages", "frames"]


def test_a_fresh_build_and_a_site_that_is_gone_are_built(build, tmp_path, monkeypatch):
    build()
    (tmp_path / "_build" / "html" / "index.html").unlink()
    assert build() == ["pages", "frames"]
    monkeypatch.setenv("FRESH", "1")
    assert build() == ["pages", "frames"]


def test_another_address_of_the_repository_is_a_change(build, monkeypatch):
    build()
    monkeypatch.setenv("MML_REPOSITORY_URL", "https://example.org/fork")
    assert build() == ["pages", "frames"]


def test_an_interrupted_drawing_goes_on_without_building_the_pages_again(build):
    def interrupt(_html):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(frames=interrupt)
    assert build() == ["frames"]
    assert build() == []


def test_the_last_site_comes_back_if_it_was_being_replaced(tmp_path):
    html, old = tmp_path / "html", tmp_path / "html.old"
    old.mkdir()
    build_book.restore(html)
    assert html.exists()
    assert not old.exists()


def test_the_site_is_made_from_texts_code_styles_and_measurements():
    names = {verdicts.name(path) for path in build_book.tree(*build_book.SOURCES)}
    assert {
        "_config.yml",
        "_toc.yml",
        "book/intro.md",
        "book/_static/explorers.js",
        "book/_ext/typeset.mjs",
        "book/data/timeline.yml",
        "book/vendor/package-lock.json",
        "benchmarks/results.json",
        "notebooks/01_linear_algebra.ipynb",
        "src/mmlhelpers/explorers/calculus.py",
        "src/mmlhelpers/plotting/book.mplstyle",
        "tools/explorer_keys.py",
    } <= names
    assert not any(name.startswith(("tests/", "_build/")) for name in names)


def test_frames_are_put_into_the_site_as_they_come(tmp_path, monkeypatch, capsys):
    cache, folder = tmp_path / "cache", tmp_path / "html" / "_static" / "explorers"
    cache.mkdir()
    folder.mkdir(parents=True)
    for name in ("a.js", "b.js"):
        (folder / name).write_text("later")
    (cache / "b.js").write_text("frames of b")  # drawn before, and not put there

    def draw(stored):
        (cache / "a.js").write_text("frames of a")
        stored(cache / "a.js")
        assert (folder / "a.js").read_text() == "frames of a"
        return []

    monkeypatch.setattr(build_book.build_explorers, "CACHE", cache)
    monkeypatch.setattr(build_book.build_explorers, "undrawn", lambda: ["a"])
    monkeypatch.setattr(build_book.build_explorers, "build", draw)
    build_book.draw_frames(tmp_path / "html")
    assert (folder / "b.js").read_text() == "frames of b"
    assert sorted(path.name for path in folder.iterdir()) == ["a.js", "b.js"]
    assert "The pages can be read now" in capsys.readouterr().out


def test_frames_that_cannot_be_drawn_end_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr(build_book.build_explorers, "undrawn", list)
    monkeypatch.setattr(build_book.build_explorers, "build", lambda stored: ["a breaks its own law"])
    with pytest.raises(SystemExit, match="error: a breaks its own law"):
        build_book.draw_frames(tmp_path)
