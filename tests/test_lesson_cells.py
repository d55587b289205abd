"""What of code cells the static pages show."""

import lesson_cells
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

SETUP = new_code_cell("import numpy as np", metadata={"tags": ["remove-cell"]})
PROSE = new_markdown_cell("Some text.")
CODE = new_code_cell("np.eye(2)")


def tags(cell):
    return cell.metadata.get("tags", [])


def test_call_of_an_explorer_is_left_out_with_its_comment_and_no_other_code():
    for source in ("explorers.show(explore.race)", "# Not compared.\nexplorers.show(explore.race)\n"):
        assert "remove-input" in tags(lesson_cells.on_page(new_code_cell(source)))
    for source in ("x = 1\nexplorers.show(explore.race)", "explorers.show(explore.race, mu=0.3)"):
        assert tags(lesson_cells.on_page(new_code_cell(source))) == []


def test_verdict_of_a_stub_is_left_out_and_other_outputs_stay_and_the_notebook_is_untouched():
    printed = new_output("stream", text="not yet: wanted 1, got 2")
    value = new_output("execute_result", data={"text/plain": "not yet: wanted 1, got 2"})
    solved = new_output("stream", text="well done")
    cell = new_code_cell("exercises.check(f)", outputs=[printed, value, solved])
    assert lesson_cells.on_page(cell).outputs == [solved]
    assert cell.outputs == [printed, value, solved]


def test_setup_stands_folded_before_the_first_code_that_is_read():
    figure = new_code_cell("figures.draw()", metadata={"tags": ["hide-input"]})
    page = lesson_cells.for_page([PROSE, figure, CODE, CODE], [SETUP])
    assert [cell.source for cell in page] == [
        PROSE.source,
        figure.source,
        SETUP.source,
        CODE.source,
        CODE.source,
    ]
    assert tags(page[2]) == ["hide-input"]
    assert page[2].metadata["mystnb"]["code_prompt_show"].startswith("Setup of this chapter")


def test_page_without_code_to_read_has_no_setup():
    assert lesson_cells.for_page([PROSE], [SETUP]) == [PROSE]


def test_only_cells_that_import_are_setup():
    assert lesson_cells.is_setup(SETUP)
    assert not lesson_cells.is_setup(CODE)
    assert not lesson_cells.is_setup(PROSE)
