"""The committed notebooks: equal to their text, run once from top to bottom, and by the book's rules."""

from pathlib import Path

import nbformat
import notebook_rules
import pytest
from build_notebooks import difference
from lesson_pages import FENCED
from notebook_options import alt_fault
from notebook_run import target
from notebook_source import TEXTS, TextError, texts
from notebook_text import read_page

TEXT_FILES = texts()
each = pytest.mark.parametrize("text", TEXT_FILES, ids=lambda path: path.stem)


def committed(text: Path) -> nbformat.NotebookNode:
    return nbformat.read(target(text), as_version=4)


def code_cells(text: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in committed(text).cells if cell.cell_type == "code"]


def test_every_notebook_has_a_text_and_every_text_a_notebook():
    assert TEXT_FILES
    assert sorted(TEXTS.parent.glob("*.ipynb")) == [target(text) for text in TEXT_FILES]


@each
def test_notebook_is_the_built_form_of_its_text(text):
    assert difference(read_page(text)) is None, f"differs from that line on; run: make nb ONE={text.stem}"


@each
def test_notebook_was_run_once_from_top_to_bottom(text):
    assert [cell.execution_count for cell in code_cells(text)] == list(range(1, len(code_cells(text)) + 1))


@each
def test_notebook_is_valid_and_names_neither_machine_nor_version(text):
    notebook = committed(text)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec"}


@each
def test_notebook_keeps_the_rules_of_source_and_output(text):
    page = read_page(text)
    for faults, places in (
        (notebook_rules.source_faults(page.rich.notebook), page.rich.places),
        (notebook_rules.output_faults(committed(text)), page.places),
    ):
        assert [str(TextError(*places[index], message)) for index, message in faults] == []


@each
def test_every_figure_says_in_words_what_it_shows(text):
    alts = [
        output.metadata["image/png"]["alt"]
        for cell in code_cells(text)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert alts == [cell.metadata.alt for cell in code_cells(text) if "alt" in cell.metadata]
    assert [fault for alt in alts if (fault := alt_fault(alt))] == []
    assert len(set(alts)) == len(alts), "two figures have the same alternative text"


@each
def test_every_figure_carries_numbers_that_can_be_compared(text):
    pictures = [
        output.data
        for cell in code_cells(text)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert pictures
    assert [
        data for data in pictures if not data.get("text/plain", "").strip() or "<Figure" in data["text/plain"]
    ] == []


@each
def test_page_begins_with_a_label_and_one_title(text):
    notebook = read_page(text).rich.notebook
    first, *others = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    label, title, *_ = first.source.splitlines()
    assert label.startswith("(sec-")
    assert label.endswith(")=")
    assert title.startswith("# ")
    prose = [FENCED.sub("", cell.source) for cell in others]
    assert not any(line.startswith("# ") for text in prose for line in text.splitlines())


@each
def test_no_cell_is_a_wall_of_code(text):
    shown = [cell for cell in code_cells(text) if "hide-input" not in cell.metadata.get("tags", [])]
    assert max(len(cell.source.splitlines()) for cell in shown) <= 25
