"""How far a loop is: bars where one can draw over a line, plain lines in a log, silence on built pages."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from mmlhelpers import _progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the test moves; the loop is one that a reader started."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setenv("MML_STATIC", "0")
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now.seconds)
    return now


def slow(clock, count: int, seconds: float):
    for number in range(count):
        clock.seconds += seconds
        yield number


def test_nothing_is_said_where_pages_are_built(monkeypatch, capsys):
    monkeypatch.setenv("MML_STATIC", "1")
    numbers = [1, 2, 3]
    assert _progress.track(numbers, "counting") is numbers
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_a_plain_line_every_few_seconds(clock, capsys):
    assert list(_progress.track(slow(clock, 30, 1.0), "training", total=30)) == list(range(30))
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "training: 5 of 30 after 5 s, about 25 s left"
    assert len(lines) == 6
    assert not re.search(r"[\r\x1b\x08]", err)


def test_a_short_loop_leaves_no_line_in_a_log(clock, capsys):
    assert list(_progress.track(slow(clock, 4, 1.0), "training", total=4)) == [0, 1, 2, 3]
    assert capsys.readouterr() == ("", "")


def test_a_loop_of_unknown_length_says_how_many_are_done(clock, capsys):
    assert len(list(_progress.track(slow(clock, 12, 10.0), "reading"))) == 12
    assert capsys.readouterr().err.splitlines()[-1] == "reading: 12 after 2 min"


def test_what_is_being_done_stands_in_the_line(clock, capsys):
    with _progress.Progress("frames", 400) as progress:
        clock.seconds += 100
        progress.step(100, doing="pca.one_unit")
    assert capsys.readouterr().err == "frames: 100 of 400 after 2 min, about 5 min left (pca.one_unit)\n"


def test_a_terminal_gets_a_bar(clock, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with _progress.Progress("frames", 4) as progress:
        assert type(progress._bar).__module__.startswith("tqdm")
        progress.step(3, doing="pca.one_unit")
        assert progress._bar.n == 3
    assert list(_progress.track("abc", "spelling")) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""


def test_a_notebook_gets_a_bar(monkeypatch):
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert _progress._shows_bars()
    del shell.kernel
    assert not _progress._shows_bars()


def test_lines_stand_in_where_tqdm_is_missing(clock, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert list(_progress.track(slow(clock, 6, 1.0), "counting", total=6)) == list(range(6))
    assert capsys.readouterr().err == "counting: 5 of 6 after 5 s, about 1 s left\n"


def test_a_script_whose_errors_go_to_a_file_writes_no_control_characters():
    code = """import time
from mmlhelpers import _progress
_progress.PAUSE = 0.01
for _ in _progress.track(range(3), "waiting"): time.sleep(0.02)"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | {"MML_STATIC": "0"}
    )
    assert run.stderr.count(b"\n") >= 1
    assert b"\r" not in run.stderr
    assert b"\x1b" not in run.stderr
