"""What runs before the stub of an exercise."""

import nbformat
from notebook_stubs import Stub, stubs

code, prose = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def stub_of(*cells):
    """The stub of a chapter whose last cell is one."""
    notebook = nbformat.v4.new_notebook(
        cells=[code("import numpy as np\nfrom mmlhelpers import exercises"), prose("## Part"), *cells]
    )
    return stubs(notebook)[cells[-1].source]


def test_set_up_and_what_the_answer_uses_run_before_it():
    asked = code("def f(x):\n    return g(x)\n\n\nexercises.check(f)")
    found = stub_of(code("def g(x):\n    return 2 * x"), code("h = 3"), asked)
    setup = "import numpy as np\nfrom mmlhelpers import exercises"
    assert found == Stub(f"{setup}\n\ndef g(x):\n    return 2 * x", ())


def test_real_data_bring_the_package_that_holds_them():
    found = stub_of(code("X = datasets.digits().X"), code('exercises.answer("a", X)'))
    assert found.packages == ("scikit-learn",)


def test_what_checks_nothing_is_no_stub():
    assert stubs(nbformat.v4.new_notebook(cells=[code("x = 1"), prose("exercises.check(f)")])) == {}
