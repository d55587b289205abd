"""What a reader takes along: copies to work on, notebooks of single lessons, zips of site and notebooks."""

import ast
import json
import types
import zipfile

import cut_lessons
import file_lock
import make_zips
import nbformat
import open_lab
import pytest
from lesson_pages import pages
from notebook_parts import parts
from notebook_source import ROOT, texts
from notebook_text import read_page


def put(path, *cells):
    """A notebook whose cells have these sources."""
    new = nbformat.v4.new_code_cell
    path.parent.mkdir(exist_ok=True)
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[new(cell) for cell in cells])))


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


def test_copies_follow_the_book_until_the_reader_changes_them(tmp_path):
    book, mine = tmp_path / "book", tmp_path / "mine"
    put(book / "a.ipynb", "1")
    assert open_lab.bring(book, mine) == []
    assert sources(mine / "a.ipynb") == ["1"]
    put(book / "a.ipynb", "2")
    assert open_lab.bring(book, mine) == []
    assert sources(mine / "a.ipynb") == ["2"]
    put(mine / "a.ipynb", "mine")
    assert open_lab.bring(book, mine) == []  # the book has nothing new


def test_what_a_reader_wrote_is_never_overwritten(tmp_path):
    book, mine = tmp_path / "book", tmp_path / "mine"
    put(book / "a.ipynb", "1")
    open_lab.bring(book, mine)
    put(mine / "a.ipynb", "mine")
    put(book / "a.ipynb", "2")
    assert open_lab.bring(book, mine) == [
        "You changed a.ipynb: the book's new one is beside it, as a_new.ipynb."
    ]
    assert open_lab.bring(book, mine) == []
    put(mine / "a_new.ipynb", "mine too")
    put(book / "a.ipynb", "3")
    open_lab.bring(book, mine)
    found = {path.name: sources(path) for path in mine.glob("*.ipynb")}
    assert found == {"a.ipynb": ["mine"], "a_new.ipynb": ["mine too"], "a_new_2.ipynb": ["3"]}


def test_outputs_and_data_of_a_front_end_are_no_change(tmp_path):
    book, mine = tmp_path / "book", tmp_path / "mine"
    put(book / "a.ipynb", "1")
    open_lab.bring(book, mine)
    saved = json.loads((mine / "a.ipynb").read_text())
    saved["metadata"]["language_info"] = {"name": "python"}
    saved["cells"][0]["execution_count"] = 7
    (mine / "a.ipynb").write_text(json.dumps(saved))
    put(book / "a.ipynb", "2")
    assert open_lab.bring(book, mine) == []
    assert sources(mine / "a.ipynb") == ["2"]


@pytest.mark.parametrize("text", [texts()[1], texts()[3]], ids=lambda text: text.stem)
def test_lessons_have_the_names_of_their_pages(text):
    assert list(cut_lessons.cut(text)) == [page.name for page in pages(read_page(text).rich.notebook)[1]]


def test_lesson_brings_the_set_up_and_the_cells_that_it_needs():
    text = next(text for text in texts() if text.stem.startswith("03_"))
    whole = nbformat.read(ROOT / "notebooks" / f"{text.stem}.ipynb", as_version=nbformat.NO_CONVERT)
    part = next(part for part in parts(whole) if part.needs)
    wanted = [whole.cells[index].source for index in (*part.setup, *part.needs, *part.cells)]
    lessons = cut_lessons.cut(text).values()
    assert wanted in [
        [cell.source for cell in lesson.cells if cell.cell_type == "code"] for lesson in lessons
    ]


def test_links_to_other_chapters_lead_out_of_the_folder_of_lessons():
    cells = [nbformat.v4.new_markdown_cell("[a](02_calculus.ipynb) and [b](../x.md)")]
    notebook = cut_lessons.numbered(nbformat.v4.new_notebook(cells=cells))
    assert notebook.cells[0].source == "[a](../../notebooks/02_calculus.ipynb) and [b](../x.md)"


def test_zip_of_the_notebooks_holds_all_that_the_commands_in_it_name(tmp_path):
    wheel = make_zips.build_wheel(tmp_path)
    path = make_zips.packed(tmp_path / "mml-notebooks.zip", "mml", make_zips.notebooks(wheel))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    names = {entry.name for entry in (tmp_path / "mml").iterdir()}
    read_me = (tmp_path / "mml" / "READ_ME.txt").read_text()
    assert {wheel.name, "requirements.txt", "notebooks"} <= names
    assert f"--no-deps {wheel.name}" in read_me
    committed = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "mml" / "notebooks").iterdir()} == committed
    inside = zipfile.ZipFile(wheel).namelist()
    assert "mmlhelpers/__init__.py" in inside


def test_zip_of_the_site_opens_from_a_file_and_leaves_out_what_needs_a_server(tmp_path, monkeypatch):
    for name in ("index.html", "_static/book.css", "lite/lab.html", "download/mml-site.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(make_zips, "HTML", tmp_path)
    assert [name for name, _ in make_zips.site()] == ["_static/book.css", "index.html"]


def test_lock_waits_where_only_windows_has_one(tmp_path, monkeypatch):
    asked = []

    def locking(descriptor, mode, size):
        asked.append((mode, size))
        if len(asked) == 1:
            raise OSError("somebody else has it")

    monkeypatch.setattr(file_lock, "fcntl", None)
    monkeypatch.setattr(file_lock, "msvcrt", types.SimpleNamespace(locking=locking, LK_LOCK=1), raising=False)
    with file_lock.alone(tmp_path / "lock"):
        assert asked == [(1, 1), (1, 1)]


@pytest.mark.parametrize("path", sorted((ROOT / "tools").glob("*.py")), ids=lambda path: path.stem)
def test_tools_import_no_module_that_windows_lacks(path):
    nodes = ast.walk(ast.parse(path.read_text()))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    lacking = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
    assert names & lacking == ({"fcntl"} if path.stem == "file_lock" else set())
