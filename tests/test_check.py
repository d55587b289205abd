"""The command that runs the gates: it goes on after a failure, tells skipped from passed, counts truly."""

import check
import pytest
from check import Gate, judge

PRINT = ["python", "-c"]


@pytest.fixture
def gates(tmp_path, monkeypatch):
    """A function that replaces the gates and runs the command; it returns the exit code."""
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "LOGS", tmp_path / "logs")

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


def test_all_passed_is_exit_code_zero_and_a_gate_sees_its_environment(gates, capsys):
    asks = "import os; raise SystemExit(os.environ['MML_X'] != '1')"
    assert gates(Gate("asks", [*PRINT, asks], environment={"MML_X": "1"})) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 0 failed, 0 skipped"


def test_gates_are_chosen_by_a_part_of_their_name(gates, capsys):
    assert (
        gates(Gate("nbval", [*PRINT, ""]), Gate("types", [*PRINT, "raise SystemExit(1)"]), only=["nbv"]) == 0
    )
    with pytest.raises(SystemExit):
        gates(Gate("nbval", [*PRINT, ""]), only=["other"])
    assert "there are: nbval" in capsys.readouterr().err


def test_a_gate_whose_every_test_was_skipped_did_not_pass():
    output = "SKIPPED [9] tests/browser/conftest.py:42: no Chromium found\n===== 9 skipped in 0.1s ====="
    assert judge(0, 0.1, output) == check.Result("skipped", 0.1, "no Chromium found")
    assert judge(0, 0.1, "===== 3 passed, 9 skipped in 0.1s =====").outcome == "passed"
    assert judge(0, 0.1, "All checks passed!").outcome == "passed"
    assert judge(2, 0.1, output).outcome == "failed"


def test_second_machine_differs_from_the_first():
    first, second = (
        gate.environment for gate in check.GATES if gate.name.startswith("nbval") and gate.environment
    )
    assert first != second
