"""The plain form of notebooks: what becomes of MyST, and that no front end shows source instead."""

import re

import nbformat
import notebook_source
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from notebook_run import target
from notebook_source import texts
from notebook_text import read_page

# VS Code and GitHub read Markdown with the first of these or its like, nbviewer with the second.
MARKDOWN_IT = MarkdownIt("commonmark", {"html": True}).enable("table")
MARKDOWN_IT.use(dollarmath_plugin, allow_space=False, double_inline=True)
NO_PROSE = "pre, code, .math, .eqno, script, style"
BOOK = "https://mml-course-book.github.io/mathematics-for-machine-learning"
LEAKS = {
    r"\{[a-z]+(?::[a-z]+)*\}": "a role or a directive of MyST",
    r":::|```|~~~": "a fence",
    r"\([\w-]+\)=": "a label",
    r"</?(?:details|summary)": "a fold as text",
    r"\*\*|\]\(": "a mark that was not read",
    r"(?<!\\)\$": "a formula that was not read",
}


def by_markdown_it(notebook: nbformat.NotebookNode) -> str:
    """The prose as VS Code and GitHub read it."""
    prose = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return "\n".join(map(MARKDOWN_IT.render, prose))


def by_nbconvert(notebook: nbformat.NotebookNode) -> str:
    """The prose as nbviewer shows it; formulas are left for MathJax, so they are taken out here."""
    prose = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    page = "\n".join(map(markdown2html_mistune, prose))
    return re.sub(r"\$\$.*?\$\$|\$[^$]+\$", "", page, flags=re.DOTALL)


def leaks(page: str) -> list[str]:
    """What stands in a rendered page that only an author should see."""
    soup = BeautifulSoup(page, "html.parser")
    blocks = [f"{block.get('class')} {block.get_text()}" for block in soup.select("pre > code")]
    fences = [f"a fence as code: {block[:60]!r}" for block in blocks if re.search(r"\{[\w:-]+\}", block)]
    for element in soup.select(NO_PROSE):
        element.clear()
    words = soup.get_text()
    found = [(match, what) for leak, what in LEAKS.items() for match in re.finditer(leak, words)]
    said = [f"{what}: {words[max(0, m.start() - 30) : m.end() + 30]!r}" for m, what in found]
    return [*fences, *said, *unread_folds(soup)]


def unread_folds(soup: BeautifulSoup) -> list[str]:
    """Folds in which text stands without a paragraph: Markdown in them was not read."""
    return [
        f"a fold that was not read: {text.strip()[:60]!r}"
        for fold in soup.select("details")
        for text in fold.find_all(string=True, recursive=False)
        if text.strip()
    ]


@pytest.mark.parametrize("text", texts(), ids=lambda path: path.stem)
@pytest.mark.parametrize("render", [by_markdown_it, by_nbconvert])
def test_no_front_end_shows_source_in_place_of_the_book(text, render):
    assert leaks(render(nbformat.read(target(text), as_version=4))) == []


@pytest.mark.parametrize("render", [by_markdown_it, by_nbconvert])
@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("By {prf:ref}`svd`.", "a role"),
        ("Told by {cite:t}`strang2016`.", "a role"),
        ("(sec-svd)=\n## SVD", "a label"),
        (":::{why}\nBecause.\n:::", "a role or a directive"),
        ("<details>\n<summary>Proof</summary>\nWhy *this* holds.\n</details>", "a fold that was not read"),
        ("```{prf:theorem} A\n:label: a\nAll.\n```", "a fence as code"),
        ("~~~{admonition} A `b`\nc\n~~~", "a fence as code"),
        ("the **bold one", "a mark"),
    ],
)
def test_planted_source_is_found(planted, said, render):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(planted)])
    found = " ".join(leaks(render(notebook)))
    assert said in found


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """A function that writes the first chapter beside another one, and returns its plain cells."""
    monkeypatch.setattr(notebook_source, "TEXTS", tmp_path)
    (tmp_path / "02_calculus.md").write_text("# C\n\n(sec-slopes)=\n## Slopes & $x$\n")

    def write(text):
        path = tmp_path / "01_linear_algebra.md"
        path.write_text(text)
        return read_page(path).notebook.cells

    return write


THEOREM = """```{prf:theorem} Twice
:label: twice
All $x$:

$$x + x
= 2x$$ (eq-twice)
```

```{prf:proof}
*The idea: count.*
```

"""


def test_statement_is_a_quote_with_its_number_and_a_proof_is_a_fold(chapter):
    [cell] = chapter(f"# A\n\n{THEOREM}By {{prf:ref}}`twice` and {{eq}}`eq-twice`, `{{eq}}` stays.\n")
    assert cell.source.split("\n")[2:] == [
        "> **Theorem 1.1 (Twice)**",
        ">",
        "> All $x$:",
        ">",
        r"> $$x + x = 2x \tag{1.1}$$",
        "",
        "<details>",
        "<summary>Proof</summary>",
        "",
        "*The idea: count.*",
        "",
        "</details>",
        "",
        "By [Theorem 1.1](#A) and [(1.1)](#A), `{eq}` stays.",
    ]


def test_numbers_go_on_through_a_chapter_and_other_chapters_are_linked(chapter):
    [cell] = chapter(f"# A\n\n{THEOREM}{THEOREM.replace('twice', 'again')}See [slopes](#sec-slopes).\n")
    assert "**Theorem 1.2 (Twice)**" in cell.source
    assert cell.source.endswith("See [slopes](02_calculus.ipynb#Slopes-%26-%24x%24).")


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("{cite:t}`strang2016`", f"Strang ([2016]({BOOK}/book/references.html#cite-strang2016))"),
        (
            "{cite}`cybenko1989,leshno1993`",
            f"([Cybenko, 1989]({BOOK}/book/references.html#cite-cybenko1989); "
            f"[Leshno et al., 1993]({BOOK}/book/references.html#cite-leshno1993))",
        ),
    ],
)
def test_citation_names_author_and_year_and_leads_to_the_references(chapter, role, words):
    [cell] = chapter(f"# A\n\n{role}\n")
    assert cell.source == f"# A\n\n{words}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{prf:ref}`nothing`", "refers to 'nothing', which no text has"),
        ("[a](#nothing)", "refers to 'nothing'"),
        ("{cite}`nobody1900`", "cites 'nobody1900'"),
        ("{strange}`a`", r"\{strange\} has no plain form"),
        ("```{strange}\na\n```", r"\{strange\} has no plain form"),
        ("```{prf:theorem} A\nAll.\n```", "wanted a label"),
    ],
)
def test_what_has_no_plain_form_is_refused_by_file(chapter, text, message):
    with pytest.raises(notebook_source.TextError, match=rf"01_linear_algebra\.md:1: .*{message}"):
        chapter(text)


CODE = "```{code-cell}\n1\n```\n\n"


def test_deeper_prose_is_a_fold_and_a_deeper_section_with_code_folds_at_its_heading(chapter):
    cells = chapter(
        "# A\n\n## Deeper: words\n\nOne.\n\n### Small\n\n## B\n\ntwo\n\n"
        f"## Deeper: code\n\nthree\n\n{CODE}four\n\n## C\n"
    )
    assert [cell.source for cell in cells] == [
        "# A",
        "## Deeper: words\n\n<details>\n<summary>Read on</summary>\n\nOne.\n\n### Small\n\n</details>",
        "## B\n\ntwo",
        "## Deeper: code",
        "three",
        "1",
        "four",
        "## C",
    ]
    assert [index for index, cell in enumerate(cells) if cell.metadata] == [3]


def test_package_is_installed_where_it_is_missing_by_the_first_cell_alone(chapter):
    cells = chapter("# A\n\n" + CODE.replace("1", "import mmlhelpers") * 2)
    assert "git+https://github.com/" in cells[1].source
    assert cells[1].source.endswith("\n\nimport mmlhelpers")
    assert cells[2].source == "import mmlhelpers"
