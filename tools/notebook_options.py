"""The options of a code cell: read, checked, and those of an explorer added."""

import importlib
import json
import re
from typing import Any

import nbformat
from notebook_markup import expand_macros

OPTIONS = {"tags", "alt", "classes", "caption", "name"}
EXPLORER = re.compile(r"^explorers\.show\(\s*(\w+)\.(\w+)", re.MULTILINE)
EXPLORER_MODULE = re.compile(r"^from mmlhelpers\.explorers import (\w+)(?: as (\w+))?$", re.MULTILINE)


def quote_options(text: str) -> str:
    """Quote options that are sentences, so that they may hold colons and backslashes; no line moves."""
    out, in_options = [], False
    for line in text.splitlines():
        option = re.match(r":(?!tags)(\w+): (?!\")(.+)$", line) if in_options else None
        out.append(f":{option[1]}: {json.dumps(option[2].strip(), ensure_ascii=False)}" if option else line)
        in_options = line.startswith("```{code-cell}") or (in_options and line.startswith(":"))
    return "\n".join(out) + "\n"


def explorer_modules(text: str) -> dict[str, str]:
    """Under which names a text knows the modules of explorers."""
    return {alias or name: name for name, alias in EXPLORER_MODULE.findall(text)}


def read_options(cell: nbformat.NotebookNode, modules: dict[str, str]) -> dict[str, Any]:
    """The options of a code cell; an explorer brings its own."""
    options = dict(cell.metadata)
    if unknown := sorted(set(options) - OPTIONS):
        raise ValueError(f"unknown option {unknown[0]!r}; a code cell takes {', '.join(sorted(OPTIONS))}")
    if found := EXPLORER.search(cell.source):
        options |= explorer_options(modules.get(found[1], found[1]), found[2])
    if "alt" in options and (fault := alt_fault(options["alt"])):
        raise ValueError(fault)
    return options | {key: expand_macros(options[key]) for key in ("caption", "name") if key in options}


def explorer_options(module: str, name: str) -> dict[str, str]:
    """What the site needs to put the moving figure in the place of its picture."""
    try:
        explorer = getattr(importlib.import_module(f"mmlhelpers.explorers.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"no explorer {module}.{name}: {error}") from error
    return {"alt": explorer.alt, "classes": f"mml-explorer {module}.{name}"}


def alt_fault(alt: str) -> str | None:
    """Why a text cannot stand in for a picture, or None if it can."""
    if not 40 <= len(alt) <= 300:
        return f"alt text has {len(alt)} characters; say in 40 to 300 what the figure shows"
    if re.match(r"(a |an |the )?(plot|figure|image|picture|graph|chart)\b", alt, re.IGNORECASE):
        return f"alt text begins with {alt.split()[0]!r} or the like; begin with what is to be seen"
    if re.search(r"\.(png|svg|jpe?g)\b|[/\\]\w+[/\\]", alt):
        return "alt text looks like a file name; say what the figure shows"
    return None
