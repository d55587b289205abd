"""Copies of the notebooks for the kernel in the browser."""

import copy
import re

import nbformat
from notebook_stubs import REAL_DATA

BESIDE = re.compile(
    r"\]\((?:\.\./)+notebooks/(\d\d_\w+)\.ipynb[^)\s]*"
)  # a link to the notebook of a chapter
KERNEL = {"display_name": "Python in the browser", "language": "python", "name": "python"}
INSTALLS = 'find_spec("mmlhelpers")'
FIRST = """# This runs in your browser. The first run fetches
# {packages}: about {megabytes:.0f} MB.
try:
    import {modules}
except ImportError:
    raise ImportError(
        "NumPy and its like could not be fetched. "
        "They come from the network: "
        "go online, then run this cell again."
    ) from None"""


def notebook_for_the_browser(
    notebook: nbformat.NotebookNode, megabytes: dict[str, float], site: str
) -> nbformat.NotebookNode:
    """A notebook for the kernel in the browser, with a first cell that fetches what is not served here.

    The kernel looks for imports in what is run. It does not see those inside the package, such as the one
    that the real data need, so they are named. Links to chapters lead to the site.
    """
    made = copy.deepcopy(notebook)
    made.metadata["kernelspec"] = KERNEL
    code = "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")
    with_data = REAL_DATA.search(code) is not None
    first = nbformat.v4.new_code_cell(
        FIRST.format(
            packages="NumPy, matplotlib and scikit-learn" if with_data else "NumPy and matplotlib",
            modules="matplotlib, mmlhelpers, numpy" + (", sklearn" if with_data else ""),
            megabytes=megabytes["data" if with_data else "base"],
        ),
        id="in-the-browser",
    )
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = BESIDE.sub(rf"]({site.rstrip('/')}/notebooks/\1.html", cell.source)
    # The package is here, so nothing installs it.
    made.cells = [first, *(cell for cell in made.cells if INSTALLS not in cell.source)]
    return made
