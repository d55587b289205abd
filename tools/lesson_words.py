"""Words and their homes: each term is defined once, and no lesson uses it before.

The glossary (`book/data/glossary/NN_slug.yml`) names for each term its home, the lesson that defines it. A
use is a word of the prose; what stands in code, formulas, headings or the text of a link is none.
"""

import dataclasses
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from notebook_source import ROOT, Source, TextError, read_source, texts

GLOSSARY = ROOT / "book" / "data" / "glossary"
CURE = "`needs` lists earlier lessons by file name, as in [vectors, 00_numpy/arrays]"
KEYS = {"term", "home", "says", "other", "forms", "common"}
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
NO_PROSE = re.compile(
    r"^(?P<fence>`{3,})\{code-cell\}.*?^(?P=fence)$|^---$.*?^---$|\$\$.*?\$\$|\$[^$]*\$|`[^`\n]*`"
    r"|\[[^\]]*\]\([^)]*\)|\{[\w:]+\}`[^`]*`|^#[^\n]*$|^:\w+:[^\n]*$|^\([\w-]+\)=$"
    r"|^(?:`{3,}|:{3,})\{[^\n]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclasses.dataclass(frozen=True)
class Term:
    """An entry of the glossary."""

    term: str
    home: str
    says: str
    other: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    common: bool = False

    @functools.cached_property
    def pattern(self) -> re.Pattern[str]:
        """Where the term occurs in prose: the word, its plural, and its other forms."""
        words = sorted({self.term, *self.forms}, key=len, reverse=True)
        found = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words)
        return re.compile(rf"(?<![\w-])(?:{found})(?:e?s)?(?![\w-])", re.IGNORECASE)


def glossary() -> list[Term]:
    """All terms, in the order of the chapters."""
    found = []
    for file in sorted(GLOSSARY.glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            if not {"term", "home", "says"} <= set(entry) <= KEYS:
                raise ValueError(f"{file.name}: an entry has term, home and says, got {entry!r:.120}")
            lists = {key: tuple(entry.get(key, ())) for key in ("other", "forms")}
            found.append(Term(**(entry | lists)))
    return found


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A lesson as its words are checked: its name with the chapter, level, needs, prose and file."""

    name: str
    core: bool
    needs: tuple[str, ...]
    prose: str
    place: tuple[Path, int]


def lessons() -> list[Lesson]:
    """The lessons of all chapters that are written as lessons, in reading order."""
    return [lesson for path in texts() if path.is_dir() for lesson in of_chapter(path, read_source(path))]


def of_chapter(path: Path, source: Source) -> Iterator[Lesson]:
    """The lessons of one chapter."""
    for name, data in source.lessons.items():
        [file] = path.glob(f"[0-9][0-9]_{name}.md")
        needs = tuple(need if "/" in need else f"{path.name}/{need}" for need in data.needs)
        text = file.read_text(encoding="utf-8")
        prose = NO_PROSE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        yield Lesson(f"{path.name}/{name}", data.level == "core", needs, prose, (file, 1))


def faults(found: list[Lesson], terms: list[Term]) -> list[str]:
    """Everything that is wrong with words, homes and what lessons build on."""
    return [*wrong_needs(found), *wrong_homes(found, terms), *wrong_uses(found, terms)]


def wrong_needs(found: list[Lesson]) -> Iterator[str]:
    """Needs that no lesson answers, or that come later: so there is no circle either."""
    seen: set[str] = set()
    for lesson in found:
        for need in lesson.needs:
            if need not in seen:
                yield str(TextError(*lesson.place, f"builds on {need!r}, which is no earlier lesson; {CURE}"))
        seen.add(lesson.name)


def wrong_homes(found: list[Lesson], terms: list[Term]) -> Iterator[str]:
    """Bold words without an entry, entries without their bold word, and terms with two homes."""
    names = [term.term.lower() for term in terms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the glossary has {name!r} twice"
    for lesson in found:
        bold = [(match.start(), match[1]) for match in BOLD.finditer(lesson.prose)]
        own = [term for term in terms if term.home == lesson.name]
        for start, words in bold:
            if not any(term.pattern.fullmatch(words.strip()) for term in own):
                yield at(lesson, start, f"**{words}** is bold but has no entry at home in {lesson.name}")
        for term in own:
            if not any(term.pattern.fullmatch(words.strip()) for _, words in bold):
                yield at(
                    lesson, 0, f"the glossary says that {term.term!r} is defined here, but it is not bold"
                )


def wrong_uses(found: list[Lesson], terms: list[Term]) -> Iterator[str]:
    """Uses of a term before its home, or where a lesson does not say that it builds on the home."""
    order = {lesson.name: number for number, lesson in enumerate(found)}
    needs = {lesson.name: lesson.needs for lesson in found}
    for lesson in found:
        known = built_on(lesson.name, needs)
        for term in terms:
            if term.common or term.home not in order or term.home in known:
                continue
            if match := term.pattern.search(lesson.prose):
                early = order[term.home] > order[lesson.name]
                why = (
                    "is defined later, in" if early else "is defined in a lesson that this one does not need:"
                )
                yield at(lesson, match.start(), f"uses {match[0]!r}, which {why} {term.home}")


def built_on(name: str, needs: dict[str, tuple[str, ...]]) -> set[str]:
    """A lesson and all that it builds on, directly or not."""
    known, waiting = set(), [name]
    while waiting:
        here = waiting.pop()
        if here not in known:
            known.add(here)
            waiting += needs.get(here, ())
    return known


def at(lesson: Lesson, start: int, message: str) -> str:
    """A fault with its line."""
    return str(TextError(lesson.place[0], 1 + lesson.prose.count("\n", 0, start), message))
