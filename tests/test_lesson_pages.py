"""Chapters as lessons: read from a folder, cut into pages, timed; boxes that an author writes."""

from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from lesson_minutes import minutes
from lesson_pages import pages, with_outputs
from lessons import cut_chapters
from notebook_boxes import MYST, expand_boxes
from notebook_source import TextError, read_source, texts
from notebook_text import Form, Page, read_page
from sphinx.errors import ConfigError

DATA = "---\nlevel: core\nneeds: [one]\nquestion: Why?\n---\n"


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A folder of two lessons."""
    folder = tmp_path / "text" / "01_sample"
    folder.mkdir(parents=True)
    monkeypatch.setattr("notebook_source.TEXTS", tmp_path / "text")
    (folder / "00_chapter.md").write_text("(sec-a)=\n# A\n\n```{code-cell}\nx = 1\n```\n")
    (folder / "01_one.md").write_text(
        DATA + "# One\n\n## Deeper: more\n\n```{code-cell}\n# no heading\nx\n```\n"
    )
    (folder / "02_two_words.md").write_text(DATA + "(sec-b)=\n# Two\n\ntext\n")
    return folder


def test_folder_is_read_as_one_notebook_with_titles_one_level_lower(chapter):
    assert texts() == [chapter]
    page = read_page(chapter)
    prose = "\n".join(cell.source for cell in page.notebook.cells if cell.cell_type == "markdown")
    assert [line for line in prose.splitlines() if line.startswith("#")] == [
        "# A",
        "## One",
        "### Deeper: more",
        "## Two",
    ]
    assert page.rich.notebook.cells[3].source == "# no heading\nx"
    assert page.rich.places[3] == (chapter / "01_one.md", 11)
    assert read_source(chapter).lessons["two_words"].needs == ("one",)


def test_notebook_is_cut_at_its_lessons_and_every_label_has_its_page(chapter):
    front, lessons = pages(read_page(chapter).rich.notebook)
    assert [cell.source for cell in front] == ["(sec-a)=\n# A", "x = 1"]
    assert [(lesson.name, lesson.labels) for lesson in lessons] == [
        ("one", ("lesson-one",)),
        ("two_words", ("lesson-two-words", "sec-b")),
    ]
    assert lessons[0].cells[0].source == "(lesson-one)=\n# One\n\n## Deeper: more"


def test_headings_in_code_are_left_alone():
    cell = nbformat.v4.new_markdown_cell("## One\n\n```text\n## not a lesson\n```\n\n## Two")
    _, lessons = pages(nbformat.v4.new_notebook(cells=[cell]))
    assert [lesson.title for lesson in lessons] == ["One", "Two"]
    assert "## not a lesson" in lessons[0].cells[0].source


def test_outputs_are_taken_where_the_code_is_the_same():
    output = nbformat.v4.new_output("stream", text="1\n")

    def notebook(*sources, outputs=()):
        cells = [nbformat.v4.new_code_cell(source, outputs=list(outputs)) for source in sources]
        return nbformat.v4.new_notebook(cells=cells)

    ran = notebook("# solution\na", "b", outputs=[output])
    rich = notebook("a", "c")
    page = Page(Path("a.md"), notebook("# solution\na", "c"), [], Form(rich, []))
    assert [len(cell.outputs) for cell in with_outputs(page, ran).cells] == [1, 0]
    assert rich.cells[0].source == "a"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("# One\n", "begins with its data"),
        ("---\nlevel: easy\nquestion: a\n---\n", "level must be one of core, deeper"),
        ("---\nlevel: core\n---\n", "needs the question"),
        ("---\nlevel: core\nquestion: a\nneed: [b]\n---\n", "unknown 'need'"),
    ],
)
def test_lesson_without_its_data_is_refused_by_file(chapter, data, message):
    (chapter / "01_one.md").write_text(data)
    with pytest.raises(TextError, match=rf"01_one\.md:1: .*{message}"):
        read_source(chapter)


def test_site_is_refused_where_a_lesson_builds_on_an_unknown_one(chapter):
    two = chapter / "02_two_words.md"
    two.write_text(two.read_text().replace("[one]", "[ones]"))
    with pytest.raises(ConfigError, match=r"02_two_words\.md:1: builds on '01_sample/ones'.*by file name"):
        cut_chapters(SimpleNamespace(), None)


def test_minutes_count_words_formulas_and_cells_but_not_what_is_folded():
    words = nbformat.v4.new_markdown_cell("word " * 300)
    assert minutes([words]) == 2
    assert minutes([words, nbformat.v4.new_code_cell("1")]) == 3
    deeper = nbformat.v4.new_markdown_cell("## Deeper: more\n\n" + "word " * 300)
    assert minutes([words, deeper, nbformat.v4.new_code_cell("1")]) == 2
    proof = nbformat.v4.new_markdown_cell("```{prf:proof}\n" + "word " * 300 + "\n```")
    assert minutes([words, proof]) == 2
    assert minutes([nbformat.v4.new_markdown_cell("$$x$$" * 6)]) == 2


def test_prediction_becomes_a_question_with_its_reason_for_every_choice():
    text = expand_boxes(":::{predict}\nWhich?\n- one\n- two *\n\nTwo is more.\n:::\n", MYST)
    assert ":class: quiz predict" in text
    assert "1. one\n2. two\n" in text
    assert "1. **Not quite.** Two is more.\n2. **Right.** Two is more." in text


def test_title_of_a_box_may_hold_code():
    text = expand_boxes(":::{predict} What is `x`?\n- one\n- two *\n\nTwo.\n:::\n", MYST)
    assert text.startswith("~~~~{admonition} What is `x`?\n")
    assert text.rstrip().endswith("\n~~~~")
    assert expand_boxes(":::{misconception} `x` is one.\nNo.\n:::\n", MYST).startswith("~~~{admonition}")


def test_boxes_say_what_they_are():
    assert "Why it matters" in expand_boxes(":::{why}\nBecause.\n:::\n", MYST)
    assert "**In fact:** No." in expand_boxes(':::{misconception} "All is one."\nNo.\n:::\n', MYST)


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (":::{predict}\n- one\n- two\n\nWhy.\n:::\n", "one of them ending with"),
        (":::{predict}\n- one *\n- two\n:::\n", "needs the reason"),
        (":::{misconception}\nNo.\n:::\n", "needs the false sentence"),
    ],
)
def test_incomplete_box_is_refused(box, message):
    with pytest.raises(ValueError, match=message):
        expand_boxes(box, MYST)
