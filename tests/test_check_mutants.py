"""The changes by which the comparison of notebooks is tried out: real, repeatable, and judged truly."""

import check_mutants
import nbformat
import pytest


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
    ],
)
def test_every_number_of_a_cell_is_changed_once(source, changed):
    assert sorted(new for _, new in check_mutants.mutants(notebook(source), drawing=False)) == sorted(changed)


def test_mutants_come_in_the_same_order_every_time_and_only_from_cells_that_are_compared():
    page = notebook("1", "2 + 3")
    assert check_mutants.mutants(page, drawing=False) == check_mutants.mutants(page, drawing=False)
    assert check_mutants.mutants(page, drawing=True) == []
    assert check_mutants.mutants(notebook("1", tags=["raises-exception"]), drawing=False) == []


@pytest.mark.parametrize(
    ("source", "verdict"), [("2", "caught"), ("1 + 0", "missed"), ("1 / 0", "raised"), ("'1", "raised")]
)
def test_verdict_tells_a_difference_from_an_error(source, verdict):
    assert check_mutants.verdict(notebook("1"), 0, source) == verdict


def test_notebook_that_differs_without_any_change_proves_nothing():
    page = notebook("2", "1")
    assert "even without the change" in check_mutants.verdict(page, 1, "3")


def test_notebook_on_which_no_change_is_seen_fails_with_the_story(tmp_path):
    path = tmp_path / "blind.ipynb"
    nbformat.write(notebook("_ = 5\n'a'", shown="'a'"), path)
    caught, story = check_mutants.check(path, drawing=False)
    assert not caught
    assert "`_ = 6`: missed" in story
