"""The command that runs the gates: it goes on after a failure, tells skipped from passed, counts truly."""

import check
import gates as book_gates
import pytest
import verdicts
from check import judge
from gates import Gate

PRINT = ["python", "-c"]


@pytest.fixture
def gates(tmp_path, monkeypatch):
    """A function that replaces the gates and runs the command; it returns the exit code."""
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(verdicts, "ROOT", tmp_path)
    monkeypatch.setattr(verdicts, "STORE", tmp_path / "verdicts.json")
    monkeypatch.delenv("FRESH", raising=False)

    def run(*replacements, only=()):
        monkeypatch.setattr(check, "GATES", list(replacements))
        monkeypatch.setattr("sys.argv", ["check.py", *only])
        return int(check.main())

    return run


def test_every_gate_runs_after_a_failure_and_the_last_line_counts_them(gates, capsys):
    code = gates(
        Gate("bad", [*PRINT, "print('the reason'); raise SystemExit(3)"]), Gate("good", [*PRINT, ""])
    )
    said = capsys.readouterr().out
    assert code == 1
    assert said.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"
    assert "    the reason" in said
    assert "the whole log: logs/bad.log" in said


def test_a_gate_is_skipped_when_what_it_needs_failed(gates, capsys):
    code = gates(Gate("site", [*PRINT, "raise SystemExit(1)"]), Gate("browser", [*PRINT, ""], needs="site"))
    said = capsys.readouterr().out
    assert code == 1
    assert "site did not pass" in said
    assert said.splitlines()[-1] == "0 passed, 1 failed, 1 skipped"


def test_all_passed_is_exit_code_zero(gates, capsys):
    assert gates(Gate("good", [*PRINT, ""])) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


def test_gates_are_chosen_by_a_part_of_their_name(gates, capsys):
    assert (
        gates(Gate("nbval", [*PRINT, ""]), Gate("types", [*PRINT, "raise SystemExit(1)"]), only=["nbv"]) == 0
    )
    with pytest.raises(SystemExit):
        gates(Gate("nbval", [*PRINT, ""]), only=["other"])
    assert "there are: nbval" in capsys.readouterr().err


def test_whole_name_means_one_gate(gates, capsys):
    other = Gate("nbval, other machine", [*PRINT, "raise SystemExit(1)"])
    assert gates(Gate("nbval", [*PRINT, ""]), other, only=["nbval"]) == 0
    assert gates(Gate("nbval", [*PRINT, ""]), other, only=["machine"]) == 1


def test_a_gate_whose_every_test_was_skipped_did_not_pass():
    output = "SKIPPED [9] tests/browser/conftest.py:42: no Chromium found\n===== 9 skipped in 0.1s ====="
    assert judge(0, 0.1, output) == check.Result("skipped", 0.1, "no Chromium found")
    assert judge(0, 0.1, "===== 3 passed, 9 skipped in 0.1s =====").outcome == "passed"
    assert judge(0, 0.1, "All checks passed!").outcome == "passed"
    assert judge(2, 0.1, output).outcome == "failed"


COUNTS = "open('runs', 'a').write('.')"


def runs(tmp_path):
    return len((tmp_path / "runs").read_text())


def test_gate_is_not_run_again_until_a_file_that_it_reads_changes(gates, tmp_path, capsys, monkeypatch):
    gate = Gate("types", [*PRINT, COUNTS], reads=("src/*.py",))
    (tmp_path / "src").mkdir()
    module = tmp_path / "src" / "a.py"
    module.write_text("1")
    (tmp_path / "readme").write_text("1")
    assert gates(gate) == 0
    (tmp_path / "readme").write_text("2")
    assert gates(gate) == 0
    assert runs(tmp_path) == 1
    assert "unchanged since" in capsys.readouterr().out
    module.write_text("2")
    assert gates(gate) == 0
    assert runs(tmp_path) == 2
    (tmp_path / "src" / "b.py").write_text("")
    assert gates(gate) == 0
    assert runs(tmp_path) == 3
    monkeypatch.setenv("FRESH", "1")
    assert gates(gate) == 0
    assert runs(tmp_path) == 4


def test_gate_is_run_again_when_its_command_or_a_tool_changes(gates, tmp_path, monkeypatch):
    assert gates(Gate("types", [*PRINT, COUNTS], reads=("*.py",))) == 0
    assert gates(Gate("types", [*PRINT, COUNTS + ";1"], reads=("*.py",))) == 0
    assert runs(tmp_path) == 2
    monkeypatch.setattr(verdicts, "tools", lambda: "another version")
    assert gates(Gate("types", [*PRINT, COUNTS + ";1"], reads=("*.py",))) == 0
    assert runs(tmp_path) == 3


def test_gate_of_the_site_is_run_again_when_a_page_changes(gates, tmp_path):
    gate = Gate("site tests", [*PRINT, COUNTS], reads=("tests/*",), site=True)
    page = tmp_path / "_build" / "html" / "a.html"
    page.parent.mkdir(parents=True)
    page.write_text("1")
    assert gates(gate) == 0
    assert gates(gate) == 0
    page.write_text("2")
    assert gates(gate) == 0
    assert runs(tmp_path) == 2


def test_failure_is_not_kept(gates, tmp_path):
    gate = Gate("types", [*PRINT, COUNTS + "; raise SystemExit(1)"], reads=("*.py",))
    assert gates(gate) == 1
    assert gates(gate) == 1
    assert runs(tmp_path) == 2


def test_what_a_gate_says_of_its_parts_stands_in_the_table(gates, capsys):
    assert gates(Gate("nbval", [*PRINT, "print('2 parts passed, 0 failed, 7 unchanged')"])) == 0
    assert "nbval  2 parts passed, 0 failed, 7 unchanged" in capsys.readouterr().out


def test_every_gate_of_the_book_says_what_it_reads_or_decides_itself():
    deciding = {"site build", "unit tests", "nbval", "nbval, other machine", "browser tests"}
    assert {gate.name for gate in book_gates.GATES if not gate.reads} == deciding
