"""What runs before an answer to an exercise: the set-up of its chapter, and cells that the answer uses."""

import dataclasses
import re

import nbformat
from notebook_flow import flow
from notebook_parts import needed, parts

#: Data that come with scikit-learn, which is imported only when a function is called.
REAL_DATA = re.compile(r"\bdatasets\.(photo|digits|wine|iris|breast_cancer|diabetes|ratings)\b|\bsklearn\b")
CHECKED = re.compile(r"^exercises\.(?:check|answer)\(", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Stub:
    """The code that must have run, and the packages that its functions import when they are called."""

    before: str
    packages: tuple[str, ...]


def stubs(notebook: nbformat.NotebookNode) -> dict[str, Stub]:
    """The stubs of a chapter by their source; solutions, which have the same form, are among them."""
    code = {index: cell.source for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    flows = {index: flow(source) for index, source in code.items()}
    setup = next((part.cells for part in parts(notebook) if part.name == "set-up"), ())
    found = {}
    for index, source in code.items():
        if CHECKED.search(source):
            earlier = {number: flows[number] for number in flows if number <= index}
            cells = sorted({*setup, *needed([index], setup, earlier)})
            before = "\n\n".join(code[number] for number in cells)
            data = REAL_DATA.search(f"{before}\n{source}") is not None
            found[source.strip()] = Stub(before, ("scikit-learn",) if data else ())
    return found
