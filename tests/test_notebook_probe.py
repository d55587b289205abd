"""The changes by which the comparison of notebooks is tried out: real, repeatable, and judged truly."""

import nbformat
import notebook_probe
import pytest
from check_notebooks import OTHER, main
from notebook_check import Check
from notebook_run import ENVIRONMENT
from verdicts import Verdicts

READS = [
    "tools/*.py",
    "tests/nbval.ini",
    "book/data/quizzes/*",
    "_config.yml",
]  # their kernels read nothing else


def notebook(*sources, shown="1", tags=()):
    output = nbformat.v4.new_output("execute_result", data={"text/plain": shown}, execution_count=1)
    cells = [
        nbformat.v4.new_code_cell(source, outputs=[output], execution_count=1, metadata={"tags": list(tags)})
        for source in sources
    ]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("1", ["2"]),
        ("x = 2.0", ["x = 2.02"]),
        ("λ = 0.0", ["λ = 0.01"]),
        ("f(1,\n  2)", ["f(2,\n  2)", "f(1,\n  3)"]),
        ("a = True, 'b1', None", []),
        ("x > y", ["x < y"]),
        ("x in y", []),
    ],
)
def test_every_number_and_comparison_of_a_cell_is_changed_once(source, changed):
    assert sorted(notebook_probe.changes(source)) == sorted(changed)


def test_mutants_come_in_the_same_order_every_time_and_only_from_cells_that_are_compared():
    page = notebook("1", "2 + 3")
    found = notebook_probe.mutants(page, (0, 1), drawing=False)
    assert found == notebook_probe.mutants(page, (0, 1), drawing=False)
    assert sorted(found) == [0, 1]
    assert notebook_probe.mutants(page, (0, 1), drawing=True) == {}
    assert notebook_probe.mutants(notebook("1", tags=["raises-exception"]), (0,), drawing=False) == {}


@pytest.fixture
def check(tmp_path, monkeypatch):
    """A function that writes a text and its notebook, and checks it; it returns code and what was said."""
    monkeypatch.setattr("check_notebooks.WORK", tmp_path / "check")
    monkeypatch.setattr("notebook_source.TEXTS", tmp_path / "text")
    monkeypatch.setattr("verdicts.STORE", tmp_path / "verdicts.json")
    monkeypatch.delenv("FRESH", raising=False)
    (tmp_path / "text").mkdir()

    def run(*cells, capsys, arguments=()):
        outputs = [
            [nbformat.v4.new_output("execute_result", data={"text/plain": shown}, execution_count=1)]
            for _, shown in cells
        ]
        made = [
            nbformat.v4.new_code_cell(source, outputs=out, execution_count=1)
            for (source, _), out in zip(cells, outputs, strict=True)
        ]
        headings = [nbformat.v4.new_markdown_cell(f"## Part {n}") for n in range(len(made))]
        both = [cell for pair in zip(headings, made, strict=True) for cell in pair]
        text = "\n".join(
            f"## Part {n}\n\n```{{code-cell}}\n{source}\n```\n" for n, (source, _) in enumerate(cells)
        )
        (tmp_path / "text" / "01_sample.md").write_text(text)
        nbformat.write(nbformat.v4.new_notebook(cells=both), tmp_path / "01_sample.ipynb")
        code = main(list(arguments))
        return int(code), capsys.readouterr().out

    return run


def test_right_notebook_passes_once_and_is_then_unchanged(check, capsys):
    cells = [("x = 2\nx * 21", "42"), ("x + 1", "3")]
    assert check(*cells, capsys=capsys)[0] == 0
    code, said = check(*cells, capsys=capsys)
    assert (code, said.splitlines()[-1]) == (0, "0 parts passed, 0 failed, 2 unchanged")
    code, said = check(cells[0], ("x + 2", "4"), capsys=capsys)
    assert (code, said.splitlines()[-1]) == (0, "1 parts passed, 0 failed, 1 unchanged")
    code, said = check(("x = 3\nx * 21", "63"), ("x + 2", "5"), capsys=capsys)
    assert (code, said.splitlines()[-1]) == (0, "2 parts passed, 0 failed, 0 unchanged")


def test_wrong_output_is_told_by_the_line_of_the_text_and_not_remembered(check, capsys):
    for _ in range(2):
        code, said = check(("6 * 7", "42"), ("6 * 7", "43"), capsys=capsys)
        assert code == 1
        assert "01_sample.md:10: cell 4: " in said
        assert "43" in said
    assert said.splitlines()[-1] == "0 parts passed, 1 failed, 1 unchanged"


def test_notebook_on_which_no_change_is_seen_fails_with_the_story(check, capsys):
    code, said = check(("_ = 5\n'a'", "'a'"), capsys=capsys)
    assert code == 1
    assert "`_ = 6`: missed" in said
    assert "no mutant was caught" in said


def test_error_proves_nothing_and_the_next_change_is_tried_without_a_trace(check, capsys):
    source = "x = [1, 2][1]\nx"
    code, said = check((source, "2"), ("x", "2"), capsys=capsys)
    assert code == 0
    assert "raised" in said or "caught" in said


def test_second_machine_differs_from_the_first_and_tries_no_mutants(check, capsys):
    assert OTHER
    assert not set(OTHER.items()) <= set(ENVIRONMENT.items())
    code, said = check(("_ = 5\n'a'", "'a'"), capsys=capsys, arguments=["--other"])
    assert (code, "mutant" in said) == (0, False)


def test_verdict_depends_on_cells_outputs_package_machine_and_tools(tmp_path, monkeypatch):
    text = tmp_path / "text" / "01_sample.md"
    text.parent.mkdir()
    text.write_text("## A\n\n```{code-cell}\nfrom mmlhelpers import discrete\n\ndiscrete\n```\n")
    page = notebook("from mmlhelpers import discrete\n\ndiscrete")
    store = Verdicts("nbval", tmp_path / "store.json")

    def key(shown="1", environment=ENVIRONMENT):
        page.cells[0].outputs[0]["data"]["text/plain"] = shown
        nbformat.write(page, tmp_path / "01_sample.ipynb")
        [found] = Check(text, store, environment, tmp_path).keys.values()
        return found

    first = key()
    assert key() == first
    assert key(shown="2") != first
    assert key(environment=ENVIRONMENT | OTHER) != first
    with monkeypatch.context() as patch:
        patch.setattr("verdicts.tools", lambda: "other versions")
        assert key() != first
    with monkeypatch.context() as patch:
        patch.setattr("notebook_keys.package", lambda written: {text})
        assert key() != first
