"""Pack what a reader takes along: the site, which opens from a file, and the notebooks with the package.

    python tools/make_zips.py [FOLDER]

writes mml-site.zip and mml-notebooks.zip into FOLDER, `_build/zips` if none is named.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
ONLINE = {"lite", "download"}  # a browser runs Python only in pages that a server sends
READ_ME = """The notebooks of the course book Mathematics for Machine Learning, and its package of helpers.

With Python 3.11 or newer, in this folder, on Linux or macOS:

    python3 -m venv .venv
    .venv/bin/python -m pip install --require-hashes -r requirements.txt
    .venv/bin/python -m pip install --no-deps {wheel}
    .venv/bin/jupyter lab notebooks

On Windows:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install --require-hashes -r requirements.txt
    .venv\\Scripts\\python -m pip install --no-deps {wheel}
    .venv\\Scripts\\jupyter lab notebooks
"""


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "zips"
    if not (HTML / "index.html").exists():
        sys.exit("There is no site yet: run `make book` first.")
    with tempfile.TemporaryDirectory() as place:
        wheel = build_wheel(Path(place))
        for name, entries in {"mml-site": site(), "mml-notebooks": notebooks(wheel)}.items():
            path = packed(folder / f"{name}.zip", name, entries)
            print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def site() -> Iterator[tuple[str, bytes]]:
    """The files of the built site; what needs a server is left out."""
    for path in sorted(HTML.rglob("*")):
        name = path.relative_to(HTML)
        if path.is_file() and name.parts[0] not in ONLINE:
            yield name.as_posix(), path.read_bytes()


def notebooks(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """The notebooks, the package, the lock of what both stand on, and how to begin."""
    yield "READ_ME.txt", READ_ME.format(wheel=wheel.name).encode()
    for path in [wheel, ROOT / "requirements.txt", ROOT / "LICENSE", ROOT / "LICENSE-TEXT"]:
        yield path.name, path.read_bytes()
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        yield f"notebooks/{path.name}", path.read_bytes()


def build_wheel(folder: Path) -> Path:
    """The package as a reader installs it."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-w", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


def packed(path: Path, top: str, entries: Iterator[tuple[str, bytes]]) -> Path:
    """Write a zip with one folder at the top; the same files always give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(f"{top}/{name}")
            entry.external_attr = 0o644 << 16  # what is unpacked may be read
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    part.replace(path)
    return path


if __name__ == "__main__":
    main()
