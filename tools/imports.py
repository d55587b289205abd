"""Which files of the repository a piece of Python stands on, found without importing anything of theirs."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACES = (ROOT / "src", ROOT / "tests", ROOT / "tools", ROOT / "book" / "_ext", ROOT)
DATA = ("npz", "txt", "json", "mplstyle")


@functools.cache
def closure(path: Path) -> frozenset[Path]:
    """All files of the repository that a file imports, directly or not, and itself."""
    found, waiting = set(), {path}
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= imports(file) - found
    return frozenset(found)


def closure_of(modules: Iterable[str]) -> frozenset[Path]:
    """All files that these modules are, or import."""
    return frozenset(file for module in modules for found in files(module) for file in closure(found))


def data_beside(used: Iterable[Path]) -> set[Path]:
    """What is shipped with the packages that are used: trained weights, texts, the house style."""
    package = ROOT / "src" / "mmlhelpers"
    folders = {file.parent for file in used if package in file.parents} - {package}
    return {file for folder in folders for ending in DATA for file in folder.rglob(f"*.{ending}")}


@functools.cache
def imports(path: Path) -> frozenset[Path]:
    """The files that a file imports, wherever in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(file for module in modules(tree) for file in files(module))


def modules(tree: ast.AST) -> Iterator[str]:
    """Every module that a tree may import; of `from a import b` it cannot be seen whether b is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def used_modules(source: str) -> set[str]:
    """The modules whose imported names a source really uses; an import alone is no use."""
    tree = ast.parse(source)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if (a.asname or a.name.partition(".")[0]) in used}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [alias.name for alias in node.names if (alias.asname or alias.name) in used]
            found |= {f"{node.module}.{name}" for name in names} | ({node.module} if names else set())
    return found


@functools.cache
def files(module: str) -> tuple[Path, ...]:
    """The files that a dotted name stands for: the module, and the packages around it, which run first."""
    parts = module.split(".")
    found = []
    for place in PLACES:
        for length in range(1, len(parts) + 1):
            stem = place.joinpath(*parts[:length])
            found += [file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()]
    return tuple(found)
