"""What a notebook must not contain: the rules that the build and the tests share.

`source_faults` looks at what an author wrote, `output_faults` at what came of it.
"""

import ast
import io
import re
import statistics
import tokenize
from collections.abc import Iterator

import nbformat

TAGS = {"remove-cell", "hide-input", "raises-exception", "nbval-ignore-output"}
# A notebook reads no file, no environment and no network: data come through mmlhelpers.datasets.
MODULES = {"os", "pathlib", "pickle", "requests", "shutil", "socket", "subprocess", "sys", "urllib"}
CALLS = {"open", "exec", "eval", "load", "loadtxt", "genfromtxt", "read_csv", "urlopen"}
SPREAD = {"var", "std", "cov"}
FORBIDDEN = {
    r"(?<![\w/.:])/(home|Users|root|tmp|private|var|work|opt|usr)/": "a path of this machine",
    r"[A-Z]:\\\\?Users": "a path of this machine",
    r"\bat 0x[0-9a-f]{6,}": "the address of an object, different in every run",
    r"<script|<iframe|javascript:|<\w[^>]*\son\w+\s*=": "a script",
    r"(?<![\w.])-0\.?0*(?![\d.])": "a negative zero; add 0.0 after rounding",
}


Fault = tuple[int, str]  # the index of a cell, and what is wrong with it


def source_faults(notebook: nbformat.NotebookNode) -> Iterator[Fault]:
    """Yield what is wrong with the cells as they are written."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield from ((index, fault) for fault in prose_faults(cell.source))
            continue
        tags = set(cell.metadata.get("tags", []))
        if unknown := tags - TAGS:
            yield index, f"has the tag {unknown.pop()!r}; the book uses {', '.join(sorted(TAGS))}"
        if "nbval-ignore-output" in tags and not re.match(r"# \w.{10,}", cell.source):
            yield index, "is not compared (nbval-ignore-output): say why in a comment on its first line"
        if "raises-exception" not in tags:  # such a cell may show a syntax error
            yield from ((index, fault) for fault in code_faults(cell.source))
    yield from exercise_faults(notebook)


def prose_faults(source: str) -> Iterator[str]:
    """HTML and emoji, looked for outside formulas and code."""
    prose = re.sub(r"```.*?```|\$\$.*?\$\$|`[^`\n]*`|\$[^$]*\$", "", source, flags=re.DOTALL)
    if found := re.search(r"</?[a-zA-Z]+[^>\n]*>|[\U0001F300-\U0001FAFF]", prose):
        yield f"has HTML or an emoji: {found[0]!r}; MyST says it in plain text"


def code_faults(source: str) -> Iterator[str]:
    """What makes a cell depend on its machine, or blinds the comparison of its outputs."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return  # running the cell says it better; magics are refused there too
    semicolons = (
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.string == ";"
    )
    if any(token.type == tokenize.OP for token in semicolons):
        yield "has a semicolon: it hides nothing when outputs are compared; write `_ = ...`"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            sources = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            if outside := {source.partition(".")[0] for source in sources} & MODULES:
                yield f"imports {outside.pop()}: no files, no network; use mmlhelpers.datasets"
            if "*" in names:
                yield "imports *: name what is used"
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CALLS:
                yield f"calls {name}: a notebook reads no file and runs no text; use mmlhelpers.datasets"
            if name in SPREAD and "ddof" not in {keyword.arg for keyword in node.keywords}:
                yield f"calls {name} without ddof: say whether the divisor is n (ddof=0) or n - 1 (ddof=1)"


def exercise_faults(notebook: nbformat.NotebookNode) -> Iterator[Fault]:
    """Every exercise has a label and a solution; a solution of several cells begins and ends."""
    whole = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    solved = set(re.findall(r"^`{3,}\{solution(?:-start)?\} (\S+)$", whole, re.MULTILINE))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for block in re.findall(r"^`{3,}\{exercise\}.*?^`{3,}$", cell.source, re.MULTILINE | re.DOTALL):
                label = re.search(r"^:label: (\S+)$", block, re.MULTILINE)
                if not label or label[1] not in solved:
                    yield index, f"has an exercise without a label or a solution: {block.splitlines()[0]}"
    begun, ended = whole.count("{solution-start}"), whole.count("{solution-end}")
    if begun != ended:
        yield len(notebook.cells) - 1, f"ends a page with {begun} solution-start but {ended} solution-end"


def output_faults(notebook: nbformat.NotebookNode) -> Iterator[Fault]:
    """Yield what is wrong with the outputs of a notebook that was run."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        raises = "raises-exception" in cell.metadata.get("tags", [])
        for output in cell.outputs:
            text = output_text(output)
            if output.output_type == "error" and not raises:
                yield index, f"raised {output.ename}: {output.evalue}"
            if output.get("name") == "stderr":
                yield index, f"wrote to stderr (a warning?): {text.strip()[:200]}"
            if "image/png" in output.get("data", {}) and not has_alt(output):
                yield (
                    index,
                    "shows a figure without alternative text; add a line `:alt: ...` at the top of the cell",
                )
            yield from ((index, f"prints {reason}: {found[0]!r}") for found, reason in forbidden(text))


def output_text(output: nbformat.NotebookNode) -> str:
    """Every text a reader or a browser meets in an output, pictures left out."""
    data = output.get("data", {})
    traceback = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.get("traceback", [])))
    shown = "".join(str(value) for kind, value in data.items() if kind != "image/png")
    return output.get("text", "") + traceback + shown


def has_alt(output: nbformat.NotebookNode) -> bool:
    """Whether a picture can be read aloud."""
    return bool(output.metadata.get("image/png", {}).get("alt"))


def forbidden(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """The forbidden patterns that occur in a text, with the reason of each."""
    for pattern, reason in FORBIDDEN.items():
        if found := re.search(pattern, text):
            yield found, reason


def measures(notebook: nbformat.NotebookNode) -> str:
    """The sizes that a reviewer judges by the guides of the conventions, in one line."""
    lines = [len(cell.source.splitlines()) for cell in notebook.cells if cell.cell_type == "code"]
    words = [len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown"]
    runs = "".join("c" if cell.cell_type == "code" else " " for cell in notebook.cells).split()
    return (
        f"{len(words)} cells of prose, median {statistics.median(words or [0]):g} words; "
        f"{len(lines)} of code, median {statistics.median(lines or [0]):g} lines, at most "
        f"{max(lines, default=0)}, at most {max(map(len, runs), default=0)} in a row"
    )
