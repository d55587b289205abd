"""Which tests run again after a change: those that import or read what changed, and no others."""

import json

import check_tests
import pytest
import verdicts
from verdicts import ROOT

SRC = ROOT / "src" / "mmlhelpers"
DISCRETE = ROOT / "tests" / "test_discrete.py"


@pytest.fixture
def change(monkeypatch):
    """A function that makes files look as if they had another content."""
    contents = verdicts.contents
    changed = set()
    monkeypatch.setattr(verdicts, "contents", lambda path: b"other" if path in changed else contents(path))

    def change(*paths):
        assert all(path.exists() for path in paths)
        changed.clear()
        changed.update(paths)

    return change


@pytest.mark.parametrize(
    ("place", "reads"),
    [
        ("tests/test_discrete.py", []),  # the test itself
        ("src/mmlhelpers/discrete.py", []),  # what it imports
        ("src/mmlhelpers/_checks.py", []),  # what that imports
        ("src/mmlhelpers/__init__.py", []),  # what runs before
        ("conftest.py", []),
        ("notebooks/text/09_discrete_mathematics.md", ["notebooks/text/09_discrete_mathematics.md"]),
        ("notebooks/text", ["notebooks/text"]),  # a file more or less in a folder that it listed
        ("book/_static/book.css", ["book/_static/book.css"]),
        ("book/_static/explorers.js", ["."]),  # it starts programs and does not say what they read
        ("requirements-dev.txt", ["."]),
    ],
)
def test_file_runs_again_when_what_it_uses_changes(place, reads, change):
    before = check_tests.key(DISCRETE, reads)
    change(ROOT / place)
    assert check_tests.key(DISCRETE, reads) != before


@pytest.mark.parametrize(
    "place", ["src/mmlhelpers/graphs.py", "tests/test_graphs.py", "book/_static/book.css"]
)
def test_file_does_not_run_again_for_what_it_does_not_use(place, change):
    before = check_tests.key(DISCRETE, ["notebooks/text/09_discrete_mathematics.md"])
    change(ROOT / place)
    assert check_tests.key(DISCRETE, ["notebooks/text/09_discrete_mathematics.md"]) == before


def test_every_file_runs_again_when_a_locked_version_changes(monkeypatch):
    before = check_tests.key(DISCRETE, [])
    monkeypatch.setattr(verdicts, "tools", lambda: "numpy==0")
    assert check_tests.key(DISCRETE, []) != before


def test_data_shipped_with_a_package_counts_for_who_imports_it(change):
    language = SRC / "language"
    [data, *_] = sorted(file for file in language.rglob("*") if file.suffix in {".npz", ".txt"})
    tests = ROOT / "tests" / "test_language.py"
    before = check_tests.key(tests, []), check_tests.key(DISCRETE, [])
    change(data)
    assert check_tests.key(tests, []) != before[0]
    assert check_tests.key(DISCRETE, []) == before[1]


def test_file_may_state_what_its_programs_read(tmp_path, change):
    stating, silent = tmp_path / "test_a.py", tmp_path / "test_b.py"
    stating.write_text('READS = ["tools/*.py"]\n')
    silent.write_text("")
    before = [check_tests.key(path, ["."]) for path in (stating, silent)]
    change(ROOT / "notebooks" / "01_linear_algebra.ipynb")
    after = [check_tests.key(path, ["."]) for path in (stating, silent)]
    assert [new == old for new, old in zip(after, before, strict=True)] == [True, False]


def test_run_keeps_what_was_read_and_who_passed(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(check_tests, "READS", tmp_path / "reads.json")
    monkeypatch.setattr(verdicts, "STORE", tmp_path / "verdicts.json")
    monkeypatch.setattr(check_tests, "WORK", tmp_path / "work")
    monkeypatch.delenv("FRESH", raising=False)
    reader, failing = tmp_path / "test_reader.py", tmp_path / "test_failing.py"
    timeline = ROOT / "book" / "data" / "timeline.yml"
    reader.write_text(
        f"from pathlib import Path\n\n\ndef test_a():\n    assert Path({str(timeline)!r}).read_text()\n"
    )
    failing.write_text("import subprocess\n\n\ndef test_b():\n    assert not subprocess.run(['true'])\n")
    arguments = [str(reader), str(failing)]
    assert check_tests.main(arguments)
    assert capfd.readouterr().out.splitlines()[-1] == "1 files passed, 1 failed, 0 unchanged"
    reads = json.loads((tmp_path / "reads.json").read_text())
    assert "book/data/timeline.yml" in reads[verdicts.name(reader)]
    assert "." in reads[verdicts.name(failing)]
    assert check_tests.main(arguments)
    assert capfd.readouterr().out.splitlines()[-1] == "0 files passed, 1 failed, 1 unchanged"
