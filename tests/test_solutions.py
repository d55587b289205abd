"""The exercises on their pages: a solution passes its checker, a stub is told what is missing.

Twice for each exercise. By what the page shows: nbval compares these outputs with a run of the whole
notebook, so a page that shows `correct` is one on which the solution passes. And by running set-up cell,
stub and solution alone, in this process, with no more than the solutions before it: a checker that changes
is held to the pages within seconds.
"""

import ast
import contextlib
import io
import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import nbformat
import pytest
from lesson_pages import with_outputs
from notebook_run import target
from notebook_source import texts
from notebook_text import read_page

from mmlhelpers import plotting
from mmlhelpers.exercises._registry import ANSWERS, FUNCTIONS

MARKS = re.compile(
    r"^`{3,}(?:\{exercise\}.*\n:label: (?P<exercise>\S+)"
    r"|\{solution-start\} (?P<solution>\S+)|(?P<end>\{solution-end\}|\{solution\} ))",
    re.MULTILINE,
)
BLIND = {"raises-exception", "nbval-ignore-output"}


class Exercise(NamedTuple):
    """The cells of an exercise: what comes before its solution, and the solution."""

    label: str
    stub: list[nbformat.NotebookNode]
    solution: list[nbformat.NotebookNode]


def exercises_of(notebook: nbformat.NotebookNode) -> list[Exercise]:
    """The exercises of a page in their order, each with its code cells."""
    found: dict[str, Exercise] = {}
    label, part = "", "stub"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for mark in MARKS.finditer(cell.source):
                label = "" if mark["end"] else mark["exercise"] or mark["solution"]
                part = "solution" if mark["solution"] else "stub"
                found.setdefault(label, Exercise(label, [], []))
        elif label:
            getattr(found[label], part).append(cell)
    return list(found.values())


def verdicts(cell: nbformat.NotebookNode) -> list[tuple[str, ast.Call]]:
    """The calls of a checker in a cell, with the name of the function or answer that is handed in."""
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    checks = [c for c in calls if ast.unparse(c.func) in ("exercises.check", "exercises.answer")]
    return [(getattr(c.args[0], "id", getattr(c.args[0], "value", "")), c) for c in checks]


def shown(cell: nbformat.NotebookNode) -> str:
    """What a cell shows as its value; what it prints does not count."""
    return "".join(o.data.get("text/plain", "") for o in cell.outputs if o.output_type == "execute_result")


def is_correct(line: str) -> bool:
    """Whether a value is the verdict `correct`, alone or before other results."""
    return line == "correct" or line.startswith("(correct, ")


def is_told(line: str) -> bool:
    """Whether a value is a verdict that says what is missing; a stub that fails by an error says nothing."""
    return line.startswith("not yet: ") and "your function raised" not in line


def named(cells: list[nbformat.NotebookNode]) -> list[str]:
    """The names that are handed in, in the cells of one part."""
    return [name for cell in cells for name, _ in verdicts(cell)]


def faults(exercise: Exercise) -> Iterator[str]:
    """What is wrong with an exercise as the page shows it."""
    stubs, solved = named(exercise.stub), named(exercise.solution)
    if set(stubs) != set(solved) or len(set(stubs)) < len(stubs):
        yield f"the stub hands in {stubs}, the solution {solved}"
    for part, wanted in (("stub", is_told), ("solution", is_correct)):
        for cell in getattr(exercise, part):
            if not verdicts(cell):
                continue
            if len(verdicts(cell)) > 1:
                yield f"a cell of its {part} hands in more than one answer"
            if BLIND & set(cell.metadata.get("tags", [])):
                yield f"the verdict on its {part} is not compared"
            if not wanted(shown(cell)):
                yield f"its {part} shows {shown(cell)!r}"


def run_alone(setup: str, cells: list[nbformat.NotebookNode]) -> Iterator[str]:
    """Run the set-up and the cells of one part up to each verdict, and yield what the checker says."""
    scope: dict[str, object] = {}
    exec(setup, scope)
    last = max((i for i, cell in enumerate(cells) if verdicts(cell)), default=-1)
    for cell in cells[: last + 1]:
        *before, end = ast.parse(cell.source).body
        calls = verdicts(cell)
        exec(compile(ast.Module([*before, *([] if calls else [end])], []), "<cell>", "exec"), scope)
        for _, call in calls:
            yield str(eval(compile(ast.Expression(call), "<verdict>", "eval"), scope))


@cache
def committed(slug: str) -> nbformat.NotebookNode:
    """The notebook of a text in the form that marks exercises, with the committed outputs."""
    text = next(path for path in texts() if path.stem == slug)
    return with_outputs(read_page(text), nbformat.read(target(text), as_version=4))


def setup_of(notebook: nbformat.NotebookNode, label: str) -> str:
    """The imports of a page, and the functions of the solutions before this exercise, which it may call."""
    imports = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    before = itertools.takewhile(lambda exercise: exercise.label != label, exercises_of(notebook))
    cells = (cell for exercise in before for cell in exercise.solution)
    statements = (node for cell in cells for node in ast.parse(cell.source).body)
    functions = (ast.unparse(node) for node in statements if isinstance(node, ast.FunctionDef))
    return "\n\n".join([imports, *functions])


PAGES = [path.stem for path in texts()]
CHECKED = [
    pytest.param(page, exercise, id=exercise.label)
    for page in PAGES
    for exercise in exercises_of(committed(page))
    if named([*exercise.stub, *exercise.solution])
]
each = pytest.mark.parametrize(("page", "exercise"), CHECKED)


def outside(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells that hand something in although they belong to no exercise."""
    inside = [cell.id for exercise in exercises_of(notebook) for cell in (*exercise.stub, *exercise.solution)]
    return [c for c in notebook.cells if c.cell_type == "code" and c.id not in inside and verdicts(c)]


def test_every_checker_has_a_stub_and_a_solution_on_a_page_or_shows_how_it_is_done():
    demonstrated = [cell for page in PAGES for cell in outside(committed(page))]
    assert set(named(demonstrated)) <= {"cosine_similarity"}, "an exercise is not seen as one"
    names = [name for case in CHECKED for name in named(case.values[1].stub)]
    assert sorted([*names, *set(named(demonstrated))]) == sorted({*FUNCTIONS, *ANSWERS})
    told = {name: shown(cell) for cell in demonstrated for name in named([cell])}  # the last time it is shown
    assert {name: verdict for name, verdict in told.items() if verdict != "correct"} == {}


@each
def test_page_shows_a_stub_that_is_told_and_a_solution_that_is_correct(page, exercise):
    assert list(faults(exercise)) == []


@each
def test_alone_the_stub_is_told_and_the_solution_is_correct(page, exercise, monkeypatch):
    monkeypatch.setattr(plotting, "use_style", lambda: None)
    setup = setup_of(committed(page), exercise.label)
    with contextlib.redirect_stdout(io.StringIO()):
        stub, solution = run_alone(setup, exercise.stub), run_alone(setup, exercise.solution)
        assert [line for line in stub if not is_told(line)] == []
        assert [line for line in solution if line != "correct"] == []


def page_with(stub="not yet: wanted 2, got 1", solution="correct", tags=(), source="exercises.check(double)"):
    """A page with one exercise, whose cells show these values."""
    v4 = nbformat.v4

    def cell(source, value, tags=()):
        output = v4.new_output("execute_result", {"text/plain": value}, execution_count=1)
        return v4.new_code_cell(source, outputs=[output], metadata={"tags": list(tags)})

    cells = [
        v4.new_markdown_cell("```{exercise} Twice\n:label: ex-twice\nComplete `double(x)`.\n```"),
        cell("def double(x):\n    return x\n\n\nexercises.check(double)", stub),
        v4.new_markdown_cell("```{solution-start} ex-twice\n:class: dropdown\n```\n\nAdd."),
        cell(f"def double(x):\n    return x + x\n\n\n{source}", solution, tags),
        v4.new_markdown_cell("```{solution-end}\n```"),
    ]
    [exercise] = exercises_of(v4.new_notebook(cells=cells))[:1]
    return exercise


def test_sound_exercise_has_no_fault():
    assert list(faults(page_with())) == []
    assert list(faults(page_with(solution="(correct, 71)", source="exercises.check(double), 71"))) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (
            {"solution": "not yet: wanted one number, got inf"},
            "solution shows 'not yet: wanted one number",
        ),
        ({"solution": "True", "source": "exercises.check(double)\nTrue"}, "its solution shows 'True'"),
        ({"solution": "", "source": "verdict = exercises.check(double)"}, "its solution shows ''"),
        ({"source": "double(2)"}, r"the stub hands in \['double'\], the solution \[\]"),
        ({"source": 'exercises.answer("half", 1)'}, r"the solution \['half'\]"),
        (
            {
                "source": "exercises.check(double), exercises.check(double)",
                "solution": "(correct, not yet: ...)",
            },
            "more than one answer",
        ),
        ({"stub": "correct"}, "its stub shows 'correct'"),
        ({"stub": "not yet: your function raised NameError: y"}, "its stub shows 'not yet: your function"),
        ({"tags": ["nbval-ignore-output"]}, "the verdict on its solution is not compared"),
    ],
)
def test_fault_of_a_page_is_found(changed, fault):
    assert [line for line in faults(page_with(**changed)) if re.search(fault, line)]


def test_run_alone_judges_what_the_cell_says_and_not_what_it_shows():
    setup = "from mmlhelpers import exercises"
    wrong = page_with(source='exercises.answer("trace_of_commutator", 1)').solution
    right = page_with(source='exercises.answer("trace_of_commutator", 0), undefined').solution
    assert [line.startswith("not yet: ") for line in run_alone(setup, wrong)] == [True]
    assert list(run_alone(setup, right)) == ["correct"]
