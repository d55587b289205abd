"""Open JupyterLab on copies of the notebooks: what a reader changes never meets an update of the book.

The copies stand in `my_notebooks`. A copy that nobody changed follows the book; one that was changed stays as
it is, and the new notebook of the book is put beside it under another name.
"""

import hashlib
import itertools
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINE = ROOT / "my_notebooks"


def main() -> int:
    for line in bring(ROOT / "notebooks", MINE):
        print(line)
    print(f"You work on copies in {MINE.name}/; the notebooks of the book stay as they are.", flush=True)
    lab = Path(sys.executable).with_name("jupyter")
    return subprocess.run([lab, "lab", MINE, *sys.argv[1:]], check=False).returncode


def bring(book: Path, mine: Path) -> list[str]:
    """Copy what is new in the book; return a line for each notebook of which there are two now."""
    mine.mkdir(exist_ok=True)
    record = mine / ".from_the_book.json"
    given = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    lines = []
    for original in sorted(book.glob("*.ipynb")):
        new = code_and_words(original)
        copies = [original.name, *(name for name in given if name.startswith(f"{original.stem}_new"))]
        if any(given.get(name) == new and (mine / name).exists() for name in copies):
            continue
        copy = free_place(mine, original, given)
        shutil.copyfile(original, copy)
        given[copy.name] = new
        part = record.with_suffix(".part")
        part.write_text(json.dumps(given, indent=1), encoding="utf-8")
        part.replace(record)
        if copy.name != original.name:
            lines.append(f"You changed {original.name}: the book's new one is beside it, as {copy.name}.")
    return lines


def free_place(mine: Path, original: Path, given: dict[str, str]) -> Path:
    """The first name under which nothing stands that a reader wrote."""
    endings = itertools.chain(["", "_new"], (f"_new_{number}" for number in itertools.count(2)))
    places = (mine / f"{original.stem}{ending}.ipynb" for ending in endings)
    free = (
        place
        for place in places
        if not place.exists() or code_and_words(place) in {given.get(place.name), code_and_words(original)}
    )
    return next(free)


def code_and_words(notebook: Path) -> str:
    """A hash of what somebody wrote in a notebook; outputs and a front end's own data come and go."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    written = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
