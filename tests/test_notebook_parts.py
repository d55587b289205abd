"""Parts of a notebook, and the cells that a part needs: found by names, as a compiler would."""

import nbformat
import pytest
from notebook_flow import flow
from notebook_parts import parts
from notebook_source import texts
from notebook_text import read_page

CHAPTERS_OF_LESSONS = [path for path in texts() if path.is_dir()]


def notebook(*sources):
    """A notebook: what begins with # or ( is prose, the rest is code."""
    new = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    return nbformat.v4.new_notebook(cells=[new[source[0] not in "#("](source) for source in sources])


def needs(*sources):
    """The sources of the cells that the last part needs besides the set-up and its own."""
    page = notebook("# A", "import numpy as np", *sources)
    return [page.cells[index].source for index in parts(page)[-1].needs]


def test_a_part_reaches_from_heading_to_heading_and_the_set_up_stands_first():
    page = notebook("# A", "a = 1", "(sec-b)=\n## B", "a", "words", "## C d", "2", "### small", "3")
    found = parts(page)
    assert [part.name for part in found] == ["set-up", "sec-b", "c-d"]
    assert [part.cells for part in found] == [(1,), (3, 4), (6, 8)]
    assert found[2].slice == (1, 6, 8)


@pytest.mark.parametrize(
    ("cells", "needed"),
    [
        (["x = 1", "y = 2", "## B", "x"], ["x = 1"]),
        (["x = 1", "y = x", "## B", "y"], ["x = 1", "y = x"]),
        (["x = 1", "x = 2", "## B", "x"], ["x = 2"]),  # bound anew: the first does not matter
        (["x = 1", "x += 1", "## B", "x"], ["x = 1", "x += 1"]),
        (["x = [1]", "x.append(2)", "## B", "x"], ["x = [1]", "x.append(2)"]),
        (["x = {}", "x['a'] = 1", "## B", "x"], ["x = {}", "x['a'] = 1"]),
        (["x = []", "fill(x)", "## B", "x"], ["x = []", "fill(x)"]),
        (["x = 1", "print(x.real)", "## B", "x = 3"], []),
        (["def f():\n    return g()", "def g():\n    return 1", "## B", "f()"], None),
        (["x = 1", "## B", "[x for x in [1]]"], []),
        (["x = 1", "## B", "def f(x):\n    return x"], []),
        (["x = 1", "## B", "for x in [1]:\n    x"], []),
        (["x = 1", "## B", "(x := 2)"], []),
        (["x = 1", "if x:\n    x = 2", "## B", "x"], ["x = 1", "if x:\n    x = 2"]),
        (["np.zeros(1)", "np.ones(2)", "## B", "np.eye(3)"], []),
        # A function finds, when it is called, what the cells above it in its own part bound.
        (["x = []", "## B", "x = []", "def f():\n    x.append(1)", "f()"], []),
        (["x = []", "## B", "x = []\ndef f():\n    return x\nf()"], []),
        (["x = []", "## B", "def f():\n    return x", "x = [1]", "f()"], ["x = []"]),
        (["def f():\n    return 1", "## B", "def f(n):\n    return f(n - 1)", "f(1)"], []),
        # What a loop binds in its body before it uses it is its own; after it, it is not.
        (["x = 1", "## B", "for i in [1]:\n    x = i\n    print(x)"], []),
        (["x = 1", "## B", "for i in [1]:\n    print(x)\n    x = i"], ["x = 1"]),
        (["x = 1", "## B", "for i in [x]:\n    x = i"], ["x = 1"]),
        # What is local to a function is no name of the notebook.
        (["a = [1]", "## B", "def f(a):\n    a.append(2)\n    b = a\n    b[0] = 1"], []),
        (
            ["rng = np.random.default_rng(0)", "a = rng.random()", "b = 2", "## B", "rng.random()"],
            ["rng = np.random.default_rng(0)", "a = rng.random()"],
        ),
    ],
)
def test_part_needs_the_cells_that_made_or_changed_what_it_uses(cells, needed):
    assert needs("## A", *cells) == (cells[:2] if needed is None else needed)


def test_cell_that_cannot_be_parsed_uses_nothing():
    assert flow("x = (").reads == frozenset()


@pytest.mark.parametrize("chapter", CHAPTERS_OF_LESSONS, ids=lambda path: path.stem)
def test_lesson_needs_no_cell_of_another(chapter):
    page = read_page(chapter).notebook
    borrowed = {
        part.name: [page.cells[index].source for index in part.needs] for part in parts(page) if part.needs
    }
    assert borrowed == {}, "each lesson names and draws its own: the set-up and its own cells are enough"
