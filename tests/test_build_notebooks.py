"""The way from a text to its notebook: what authors may write, what is refused, where a message points."""

import asyncio
import re

import build_notebooks
import nbformat
import notebook_kept
import notebook_markup
import notebook_memory
import notebook_rules
import notebook_run
import notebook_source
import notebook_text
import pytest
from notebook_boxes import MYST

READS = [
    "tools/*.py",
    "tests/nbval.ini",
    "book/data/quizzes/*",
    "_config.yml",
]  # their kernels read nothing else

ALT = "Two arrows from the origin: the long one points right, the short one up."
FIGURE = """from IPython.display import Image, display

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
display({"image/png": PNG, "text/plain": "one dot"}, raw=True)"""

MACROS = {
    "R": (r"\mathbb{R}", 0),
    "norm": (r"\left\lVert #1 \right\rVert", 1),
    "inner": (r"\left\langle #1, #2 \right\rangle", 2),
    "data": (r"{\color{##0072B2}{#1}}", 1),
    "model": (r"{\color{#98470B}{#1}}", 1),
}


def cell(source, *options):
    return "\n".join(["```{code-cell} ipython3", *options, *([""] if options else []), source, "```", ""])


@pytest.fixture
def text(tmp_path, monkeypatch):
    """A function that writes a text where the builder looks for texts, and returns its path."""
    monkeypatch.setattr(notebook_source, "TEXTS", tmp_path / "text")
    monkeypatch.setattr(notebook_memory, "MEMORY", tmp_path / "memory.json")
    (tmp_path / "text").mkdir()

    def write(*parts):
        path = tmp_path / "text" / "01_sample.md"
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def notebook(tmp_path):
    return tmp_path / "01_sample.ipynb"


# What an author writes


def test_two_builds_give_the_same_bytes_and_the_second_runs_nothing_unless_forced(text, notebook, capsys):
    text(
        "# A title\n",
        cell("import random\nx = 2"),
        cell("print('a')\nprint('b')\nx * 21"),
        cell(FIGURE, f":alt: {ALT}"),
    )
    assert build_notebooks.main([]) == 0
    first = notebook.read_bytes()
    assert build_notebooks.main(["--check"]) == 0
    capsys.readouterr()
    assert build_notebooks.main([]) == 0
    assert "notebooks written: 0" in capsys.readouterr().err
    assert build_notebooks.main(["--force"]) == 0
    assert notebook.read_bytes() == first


def test_notebook_carries_counts_ids_and_a_fixed_kernel_but_no_trace_of_the_machine(text, notebook):
    text(cell("1"), cell("1"))
    assert build_notebooks.main([]) == 0
    built = nbformat.read(notebook, as_version=4)
    nbformat.validate(built)
    assert [cell.execution_count for cell in built.cells] == [1, 2]
    assert [cell.id[-2:] for cell in built.cells] == ["-0", "-1"]
    assert built.metadata == {"kernelspec": notebook_text.KERNEL}
    assert all(set(cell.metadata) == set() for cell in built.cells)


def test_changed_text_is_noticed_by_its_line_and_run_again(text, notebook, capsys):
    text(cell("1"), cell("1 + 1"))
    assert build_notebooks.main([]) == 0
    text(cell("1"), cell("1 + 2"))
    assert build_notebooks.main(["--check"]) == 1
    assert "01_sample.md:6: here the notebook differs" in capsys.readouterr().out
    assert build_notebooks.main([]) == 0
    assert '"3"' in notebook.read_text()


def test_fresh_clone_runs_nothing_and_a_later_change_of_the_package_is_noticed(text, monkeypatch, capsys):
    text(cell("1 + 1"))
    assert build_notebooks.main([]) == 0
    notebook_memory.MEMORY.unlink()
    capsys.readouterr()
    assert build_notebooks.main([]) == 0
    assert "notebooks written: 0" in capsys.readouterr().err
    monkeypatch.setattr(notebook_memory, "made_from", lambda notebook, part: "another package")
    monkeypatch.setattr(notebook_kept, "shared", lambda: "another package")
    assert build_notebooks.main([]) == 0
    assert "notebooks written: 1" in capsys.readouterr().err


def parted(first, second="2"):
    """A text of two parts after a set-up; the second uses what the first made."""
    return [
        "(sec-x)=\n# A\n",
        cell("import random\n\nstart = 1"),
        "(sec-one)=\n## One\n",
        cell(f"x = {first}\nx"),
        "(sec-two)=\n## Two\n",
        cell(f"[random.__name__, x, {second}]"),
        "(sec-three)=\n## Three\n",
        cell("start"),
    ]


def test_change_of_one_part_runs_that_part_and_those_that_use_it(text, notebook, monkeypatch):
    ran = []
    run = build_notebooks.run
    monkeypatch.setattr(
        build_notebooks,
        "run",
        lambda page, stale, progress: ran.append([part.name for part in stale]) or run(page, stale, progress),
    )
    text(*parted(1))
    assert build_notebooks.main([]) == 0
    text(*parted(1, second="3"))
    assert build_notebooks.main([]) == 0
    text(*parted(2, second="3"))
    assert build_notebooks.main([]) == 0
    text(*parted(2, second="3"), "More words.\n")
    assert build_notebooks.main([]) == 0
    assert ran == [["set-up", "one", "two", "three"], ["two"], ["one", "two"], []]
    pieced = notebook.read_bytes()
    assert build_notebooks.main(["--force"]) == 0
    assert notebook.read_bytes() == pieced


def test_fresh_clone_runs_also_what_uses_a_changed_part(text, notebook):
    text(*parted(1))
    assert build_notebooks.main([]) == 0
    notebook_memory.MEMORY.unlink()
    text(*parted(2))
    assert build_notebooks.main([]) == 0
    assert "['random', 2, 2]" in notebook.read_text()


def test_traceback_quotes_the_number_that_its_cell_has_now(text, notebook):
    fails = cell("1 / 0", ":tags: [raises-exception]")
    text("# A\n", cell("1"), "## One\n", cell("2"), "## Two\n", fails)
    assert build_notebooks.main([]) == 0
    assert "In[3]" in re.sub(r"\\u001b\[[\d;]*m", "", notebook.read_text())
    text("# A\n", cell("1"), "## One\n", cell("2"), cell("3"), "## Two\n", fails)
    assert build_notebooks.main([]) == 0
    assert "In[4]" in re.sub(r"\\u001b\[[\d;]*m", "", notebook.read_text())


def test_options_become_the_metadata_that_front_ends_know(text):
    caption = r":caption: What to see: $\data{x}$ grows."
    page = notebook_text.read_page(
        text(cell("1", ":tags: [hide-input]", f":alt: {ALT}", caption, ":name: fig-a"))
    )
    assert page.rich.notebook.cells[0].metadata == {
        "tags": ["hide-input"],
        "mystnb": {
            "image": {"alt": ALT},
            "figure": {"caption": r"What to see: ${\color{#0072B2}{x}}$ grows.", "name": "fig-a"},
        },
    }
    code, below = page.notebook.cells
    assert code.metadata == {"tags": ["hide-input"], "alt": ALT}
    assert below.source == r"*Fig. 1. What to see: ${\color{#0072B2}{x}}$ grows.*"


def test_lines_of_cells_are_those_of_the_text(text):
    path = text("# A", "", cell("a = 1\na", ":tags: [hide-input]"), "B", "", cell("b = 2"))
    assert notebook_text.read_page(path).places == [(path, line) for line in (1, 6, 10, 13)]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"$\data{x_{1}}$", r"${\color{#0072B2}{x_{1}}}$"),
        (r"$\data{a \model{b}}$", r"${\color{#0072B2}{a {\color{#98470B}{b}}}}$"),
        (r"$\data{\{1\}}$", r"${\color{#0072B2}{\{1\}}}$"),
        (r"$\R^n$ and \Rightarrow", r"$\mathbb{R}^n$ and \Rightarrow"),
        (r"$\norm{x}y$", r"$\left\lVert x \right\rVert y$"),
        (r"$\inner{a}{b}$", r"$\left\langle a, b \right\rangle$"),
    ],
)
def test_macros_are_written_out_in_plain_tex(written, plain, monkeypatch):
    monkeypatch.setattr(notebook_markup, "macros", lambda: MACROS)
    assert notebook_markup.expand_macros(written) == plain


def test_macros_come_from_the_configuration_of_the_site():
    assert notebook_markup.macros()["data"][1] == 1
    assert notebook_markup.expand_macros(r"$\data{x}$").startswith(r"${\color{#")


def test_quiz_becomes_questions_that_need_no_javascript_in_both_forms(text, tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_markup, "QUIZZES", tmp_path)
    (tmp_path / "01_sums.yml").write_text(
        "- ask: What is $1 + 1$?\n  options:\n    - {text: three, why: Count again.}\n"
        "    - {text: two, why: One and one., right: true}\n"
    )
    page = notebook_text.read_page(text("# A", "", "```{quiz} sums", "```"))
    assert page.notebook.cells[0].source.split("\n")[2:] == [
        "> **Question 1**",
        ">",
        "> What is $1 + 1$?",
        ">",
        "> 1. three",
        "> 2. two",
        "",
        "<details>",
        "<summary>Answer</summary>",
        "",
        "1. **Not quite.** Count again.",
        "2. **Right.** One and one.",
        "",
        "</details>",
    ]
    assert page.rich.notebook.cells[0].source.split("\n")[2:] == [
        "````{admonition} Question 1",
        ":class: quiz",
        "",
        "What is $1 + 1$?",
        "",
        "1. three",
        "2. two",
        "",
        "```{admonition} Answers",
        ":class: quiz-answers dropdown",
        "",
        "1. **Not quite.** Count again.",
        "2. **Right.** One and one.",
        "```",
        "````",
    ]


# What is refused, and where the message points


@pytest.mark.parametrize(
    ("source", "options", "line", "message"),
    [
        ("1", [":atl: a"], 4, "unknown option 'atl'"),
        ("1", [":alt: short"], 4, "alt text has 5 characters"),
        ("1", [f":alt: Plot of {ALT}"], 4, "begins with 'Plot'"),
        ("1", [f":alt: figures/arrows.png {ALT}"], 4, "looks like a file name"),
        ("1", [":tags: [a"], 3, "options cannot be read"),
        ("explorers.show(nothing.at_all)", [], 4, "no explorer nothing.at_all"),
    ],
)
def test_a_cell_that_cannot_be_compiled_is_named_by_file_and_line(text, source, options, line, message):
    path = text("# A", "", cell(source, *options))
    with pytest.raises(notebook_source.TextError, match=rf"01_sample\.md:{line}: .*{message}") as error:
        notebook_text.read_page(path)
    assert "\n" not in str(error.value) or "options" in message


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        (r"$\data x$", "a macro lacks its braces"),
        ("```{quiz} nowhere\n```", "no quiz 'nowhere'"),
        ("- item\n\n  ```{code-cell}\n  1\n  ```", "a code cell inside a list"),
    ],
)
def test_prose_that_cannot_be_compiled_is_refused(text, markdown, message):
    with pytest.raises(notebook_source.TextError, match=message):
        notebook_text.read_page(text(markdown))


@pytest.mark.parametrize(
    "item",
    [
        {"options": [{"text": "a", "why": "b", "right": True}, {"text": "c", "why": "d"}]},
        {"ask": "a", "options": [{"text": "a", "why": "b"}, {"text": "c", "why": "d"}]},
        {"ask": "a", "options": [{"text": "a", "why": "b", "right": True}]},
        {"ask": "a", "options": [{"text": "a", "why": "b", "right": True}, {"text": "c"}]},
    ],
)
def test_incomplete_question_is_refused_by_file_and_number(item):
    with pytest.raises(ValueError, match=r"01_a\.yml, question 3"):
        notebook_markup.question(3, item, "01_a.yml", MYST)


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (
            "def f(x):\n    return 1 / x\n\n\nf(0)",
            4,
            "cell 2 raised ZeroDivisionError: division by zero\n    return 1 / x",
        ),
        ("x = 1\n(", 4, r"cell 2 raised SyntaxError"),
        ("from signal import SIGKILL, raise_signal\nraise_signal(SIGKILL)", 3, "ended its kernel"),
        (FIGURE, 3, "cell 2 shows a figure without alternative text"),
        ("import warnings\nwarnings.warn('old')", 3, "cell 2 wrote to stderr"),
        ("object()", 3, "cell 2 prints the address of an object"),
    ],
)
def test_a_cell_that_fails_is_named_and_the_last_good_notebook_stays(
    text, notebook, capsys, source, line, message
):
    notebook.write_text("the last good one")
    text("# A", "```{code-cell}", source, "```")
    assert build_notebooks.main([]) == 1
    said = capsys.readouterr().err
    assert f"01_sample.md:{line}: " in said
    assert message in said
    assert notebook.read_text() == "the last good one"
    assert [path.name for path in notebook.parent.glob("*.part")] == []


def test_error_in_a_function_of_an_earlier_cell_points_to_that_line(text, capsys):
    text(cell("def f(x):\n    return 1 / x"), cell("f(0)"))
    assert build_notebooks.main([]) == 1
    assert "01_sample.md:3: cell 2 raised ZeroDivisionError" in capsys.readouterr().err


def test_one_bad_notebook_does_not_hold_up_the_others(text, notebook):
    (notebook.parent / "text" / "02_bad.md").write_text(cell("1 / 0"))
    text(cell("1"))
    assert build_notebooks.main([]) == 1
    assert notebook.exists()
    assert not (notebook.parent / "02_bad.ipynb").exists()


def faults_of_output(text):
    output = nbformat.v4.new_output("stream", name="stdout", text=text)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print()", outputs=[output])])
    return list(notebook_rules.output_faults(notebook))


def faults_of_code(source, *tags):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})]
    )
    return list(notebook_rules.source_faults(notebook))


def faults_of_prose(*sources):
    cells = [nbformat.v4.new_markdown_cell(source) for source in sources]
    return list(notebook_rules.source_faults(nbformat.v4.new_notebook(cells=cells)))


@pytest.mark.parametrize(
    "text",
    [
        "in /home/ada/book",
        "<script>",
        '<a onclick="f()">',
        "<object at 0x7f00aa11bb>",
        "-0.0",
        "[-0. 1.]",
        "C:\\Users\\ada",
    ],
)
def test_output_that_differs_elsewhere_or_runs_code_is_refused(text):
    assert len(faults_of_output(text)) == 1


@pytest.mark.parametrize(
    "text", ["-0.5", "1e-05", "a/home", "2-0", "at 0x1", "https://example.org/home/", "one=1"]
)
def test_ordinary_output_is_let_through(text):
    assert faults_of_output(text) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1; y = 2", "semicolon"),
        ("import os.path", "imports os"),
        ("from urllib.request import urlopen", "imports urllib"),
        ("from numpy import *", r"imports \*"),
        ("open('a.txt')", "calls open"),
        ("np.load('a.npy')", "calls load"),
        ("np.cov(X)", "cov without ddof"),
        ("X.std(axis=0)", "std without ddof"),
    ],
)
def test_code_that_depends_on_its_machine_or_hides_a_choice_is_refused(source, message):
    [(_, fault)] = faults_of_code(source)
    assert re.search(message, fault)


@pytest.mark.parametrize("source", ["print('a; b')", "X.std(axis=0, ddof=1)", "x.load", "import numpy as np"])
def test_ordinary_code_is_let_through(source):
    assert faults_of_code(source) == []


def test_tags_are_those_of_the_book_and_an_output_is_ignored_only_with_a_reason():
    assert "hide-output" in faults_of_code("1", "hide-output")[0][1]
    assert "say why" in faults_of_code("# why?\n1", "nbval-ignore-output")[0][1]
    assert faults_of_code("# the time it takes differs from run to run\n1", "nbval-ignore-output") == []
    assert faults_of_code("x = (", "raises-exception") == []


def test_prose_has_no_html_but_may_compare_numbers():
    assert len(faults_of_prose("a <b>bold</b> word")) == 1
    assert len(faults_of_prose("well done \U0001f389")) == 1
    assert faults_of_prose("if $a<b>c$ or `<b>`, then 1 < 2 > 0", "```text\n<b>\n```") == []


def test_every_exercise_has_a_solution():
    exercise = "```{exercise} A\n:label: ex-a\nTry.\n```"
    assert "without a label or a solution" in faults_of_prose(exercise)[0][1]
    assert faults_of_prose(exercise, "```{solution-start} ex-a\n```", "```{solution-end}\n```") == []
    assert faults_of_prose(exercise, "````{solution} ex-a\nBecause.\n````") == []
    assert "solution-end" in faults_of_prose(exercise, "```{solution-start} ex-a\n```")[0][1]


def test_choosing_a_notebook_that_does_not_exist_says_so(text):
    text(cell("1"))
    with pytest.raises(SystemExit, match="is called other"):
        build_notebooks.main(["--one", "other"])


def test_no_event_loop_is_left_behind(text):
    text(cell("1"))
    build_notebooks.main([])
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


def test_code_of_a_solution_is_folded_and_what_follows_is_not(text):
    path = text(
        "```{exercise}\n:label: ex-one\nTry.\n```\n",
        cell("'stub'"),
        "```{solution-start} ex-one\n:class: dropdown\n```\n\nBecause.\n",
        cell("'solution'"),
        "```{solution-end}\n```\n\n```{exercise}\n:label: ex-two\nAgain.\n```\n",
        cell("'next stub'"),
    )
    code = [c for c in notebook_text.read_page(path).notebook.cells if c.cell_type == "code"]
    assert [c.metadata.get("jupyter", {}).get("source_hidden", False) for c in code] == [False, True, False]
    assert [c.source for c in code] == ["'stub'", "# solution\n'solution'", "'next stub'"]
    prose = [c.source for c in notebook_text.read_page(path).notebook.cells if c.cell_type == "markdown"]
    assert prose[1] == "<details>\n<summary>Solution of Exercise 1</summary>\n\nBecause.\n\n</details>"


def test_a_traceback_keeps_the_cell_and_the_message_and_no_file_of_this_machine():
    frames = [
        "\x1b[31mValueError\x1b[39m  Traceback (most recent call last)",
        "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[1]\x1b[39m\x1b[32m, line 1\x1b[39m",
        "\x1b[36mFile \x1b[39m\x1b[32m/usr/book/linalg.py:132\x1b[39m, in \x1b[36msolve\x1b[39m",
        "\x1b[31mValueError\x1b[39m: A is singular",
    ]
    error = nbformat.v4.new_output(
        "error", ename="ValueError", evalue="A is singular", traceback=list(frames)
    )
    cell = nbformat.v4.new_code_cell("solve()", metadata={"tags": ["raises-exception"]}, outputs=[error])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert list(notebook_rules.output_faults(notebook)) == [(0, "prints a path of this machine: '/usr/'")]
    notebook_run.keep_own_frames(notebook)
    assert notebook.cells[0].outputs[0].traceback == [*frames[:2], frames[3]]
    assert list(notebook_rules.output_faults(notebook)) == []


def test_every_heading_of_a_lesson_is_lowered_but_nothing_in_a_fence():
    text = "# Title\n```{solution-end}\n```\n## Deeper\n````{admonition} A\n```\n# code\n```\n````\n## Last"
    lowered = text.replace("# Title", "## Title").replace("## Deeper", "### Deeper")
    assert notebook_source.demoted(text.split("\n")) == lowered.replace("## Last", "### Last").split("\n")
