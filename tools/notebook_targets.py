"""What a text can refer to: statements, exercises, equations and figures by number, sections by title.

Numbers are those of the site: by chapter and kind, in reading order. They are found in the texts themselves,
so that a notebook can name what stands in another one.
"""

import dataclasses
import functools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import notebook_source
import yaml
from notebook_source import ROOT, files, read_source

KINDS = ("theorem", "lemma", "corollary", "proposition", "definition", "exercise")
NAMES = {"equation": "({})", "figure": "Fig. {}"}  # others by their kind: Theorem 1.5
FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}|:{3,})\{(?P<kind>[\w:-]+)\}(?P<title>.*)$")
LABEL = re.compile(r"^\((?P<label>[\w-]+)\)=$")
HEADING = re.compile(r"^#{1,6} (?P<title>.+)$")
EQUATION = re.compile(r"\$\$ \((?P<label>[\w-]+)\)$")
OPTION = re.compile(r"^:(?P<key>[\w-]+): (?P<value>.*)$")


@dataclasses.dataclass(frozen=True)
class Target:
    """Something that has a number or a title: how it is called, and the chapter and heading it stands under.

    On a page of the site that is no notebook, ``book/name``, the heading is a label.
    """

    name: str
    chapter: str
    heading: str


@dataclasses.dataclass(frozen=True)
class Numbered:
    """Something that has a number, as it is met in a text; the label may be missing."""

    kind: str
    label: str
    heading: str


def targets() -> dict[str, Target]:
    """All targets of all texts by their labels."""
    found = {label: Target(title, f"book/{page}", label) for page, label, title in pages()}
    unnumbered: Counter[str] = Counter()
    for path in notebook_source.texts():
        number = chapter_number(path.stem)
        sections, things = scanned(path, stamp(path))
        found |= {label: Target(title, path.stem, title) for label, title in sections}
        counts = Counter() if number else unnumbered
        order: Counter[str] = Counter()
        for thing in things:
            counts[thing.kind] += 1
            order[thing.kind] += 1
            name = named(thing.kind, f"{number}.{counts[thing.kind]}" if number else str(counts[thing.kind]))
            target = Target(name, path.stem, thing.heading)
            found[place(path.stem, thing.kind, order[thing.kind])] = target
            if thing.label:
                found[thing.label] = target
    return found


def place(chapter: str, kind: str, order: int) -> str:
    """What serves as label of the first, second, ... thing of a kind in a chapter."""
    return f"{chapter}: {kind} {order}"


@functools.cache
def pages() -> list[tuple[str, str, str]]:
    """The labelled sections of the pages that are no notebooks: (page, label, title)."""
    labelled = re.compile(rf"{LABEL.pattern}\n+{HEADING.pattern}", re.MULTILINE)
    return [
        (file.stem, match["label"], match["title"])
        for file in sorted((ROOT / "book").glob("*.md"))
        for match in labelled.finditer(file.read_text(encoding="utf-8"))
    ]


def named(kind: str, number: str) -> str:
    """How a thing with a number is called in a sentence."""
    return NAMES.get(kind, kind.capitalize() + " {}").format(number)


def stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of a text changes."""
    return tuple((file.name, (state := file.stat()).st_mtime_ns, state.st_size) for file in files(path))


@functools.lru_cache(maxsize=256)
def scanned(path: Path, _stamp: tuple) -> tuple[list[tuple[str, str]], list[Numbered]]:
    """The labelled sections of a text, (label, title), and what is numbered in it, in order."""
    sections: list[tuple[str, str]] = []
    things: list[Numbered] = []
    labels: list[str] = []
    heading = section = fence = ""
    lines = read_source(path).text.splitlines()
    seen = Counter(title["title"] for line in lines if (title := HEADING.match(line)))
    for number, line in enumerate(lines):
        if fence:  # code: nothing in it is a heading or a formula
            fence = "" if line == fence else fence
        elif opened := FENCE.match(line):
            options = dict(own_options(lines[number + 1 :]))
            kind = opened["kind"].removeprefix("prf:")
            if kind == "code-cell":
                fence = opened["fence"]
                kind = "figure" if "caption" in options else ""
            if kind in {*KINDS, "figure"}:
                things.append(Numbered(kind, options.get("label") or options.get("name", ""), heading))
        elif re.match(r"`{3,}\w+$", line):
            fence = line.rstrip("abcdefghijklmnopqrstuvwxyz")
        elif label := LABEL.match(line):
            labels.append(label["label"])
        elif title := HEADING.match(line):
            sections += [(name, title["title"]) for name in labels]
            section = title["title"] if line.startswith(("# ", "## ")) else section
            heading = title["title"] if seen[title["title"]] == 1 else section  # many are called "By hand"
            labels = []
        elif equation := EQUATION.search(line):
            things.append(Numbered("equation", equation["label"], heading))
    return sections, things


def own_options(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The options on the first lines of a fence."""
    for line in lines:
        option = OPTION.match(line)
        if not option:
            return
        yield option["key"], option["value"]


@functools.cache
def numbered_chapters() -> frozenset[str]:
    """The chapters that carry a number in the table of contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = (part for part in contents["parts"] if part.get("numbered"))
    return frozenset(Path(entry["file"]).name for part in parts for entry in part["chapters"])


def chapter_number(chapter: str) -> int:
    """The number of a chapter, or 0 where it has none."""
    return int(chapter[:2]) if chapter in numbered_chapters() else 0
