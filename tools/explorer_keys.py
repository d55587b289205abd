"""Find out which explorers there are, and whether one changed, without importing anything of theirs.

An explorer's key is the hash of all that can change its frames: its own function and laws, the rest of its
module, every module of mmlhelpers below it, the house style, and the versions of the libraries that compute
and draw.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterator, Set
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
SECTIONS = SOURCE / "mmlhelpers" / "explorers"
LIBRARIES = ("numpy", "matplotlib", "pillow", "scikit-learn")


def explorer_keys() -> dict[str, str]:
    """Name and key of every explorer, in the order of the sources."""
    return {
        f"{path.stem}.{owner}": _key(path, owner)
        for path in sorted(SECTIONS.glob("[a-z]*.py"))
        for function, owner in _owned(path)
        if owner == function.name
    }


def _key(path: Path, name: str) -> str:
    """Hash an explorer's own source, everything of mmlhelpers below it, and the versions of the libraries."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for function, owner in reversed(_owned(path)):
        if owner != name:
            del lines[function.decorator_list[0].lineno - 1 : function.end_lineno]
    # How a notebook shows an explorer changes no frame.
    used = (_closure(path) | _closure(SECTIONS / "_frames.py")) - {path, SECTIONS / "_display.py"}
    digest = hashlib.sha256("".join(lines).encode() + _versions())
    for file in sorted(
        used | _data_beside(used) | set((SOURCE / "mmlhelpers" / "plotting").glob("*.mplstyle"))
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _data_beside(used: Set[Path]) -> set[Path]:
    """Find what is shipped with the packages that are used: trained weights and texts."""
    packages = {file.parent for file in used} - {SOURCE / "mmlhelpers"}
    return {
        file for package in packages for ending in ("npz", "txt") for file in package.rglob(f"*.{ending}")
    }


@functools.cache
def _versions() -> bytes:
    return " ".join(f"{library} {importlib.metadata.version(library)}" for library in LIBRARIES).encode()


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _owned(path: Path) -> list[tuple[ast.FunctionDef, str]]:
    """Top-level functions under ``@explorer(...)`` or ``@name.invariant``, with the explorer they serve."""
    owned = []
    for node in _tree(path).body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            match decorator:
                case ast.Call(func=ast.Name(id="explorer")):
                    owned.append((node, node.name))
                case ast.Attribute(value=ast.Name(id=owner), attr="invariant"):
                    owned.append((node, owner))
    return owned


@functools.cache
def _closure(path: Path) -> frozenset[Path]:
    """All files of mmlhelpers that a file imports, directly or not, and itself."""
    found, waiting = set(), {path}
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= set(_imports(file)) - found
    return frozenset(found)


@functools.cache
def _imports(path: Path) -> frozenset[Path]:
    return frozenset(file for module in _modules(path) for file in _files(module))


def _modules(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def _files(module: str) -> Iterator[Path]:
    if module.split(".")[0] == "mmlhelpers":
        place = SOURCE.joinpath(*module.split("."))
        yield from (file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists())
