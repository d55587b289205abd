"""The source of a notebook: one text, or a folder of lessons that are read one after the other.

A lesson begins with its data between two lines of dashes (see `LessonData`), then its title. In the notebook
of a chapter the titles of its lessons are headings of the second level.
"""

import dataclasses
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "notebooks" / "text"
LEVELS = ("core", "deeper")
CELL_BREAK = "+++"


@dataclasses.dataclass(frozen=True)
class LessonData:
    """What a lesson says of itself: how it is read, what it builds on, the question that it answers."""

    level: str
    needs: tuple[str, ...]
    question: str


@dataclasses.dataclass(frozen=True)
class Source:
    """A text, where each of its lines stands, and the data of its lessons by name."""

    text: str
    places: list[tuple[Path, int]]
    lessons: dict[str, LessonData]

    def place(self, line: str) -> tuple[Path, int]:
        """The file in which a line of the text stands, and its number there."""
        return self.places[self.text.splitlines().index(line)]


class TextError(Exception):
    """A fault in a text, said so that an editor can jump to it."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        super().__init__(f"{place}:{line}: {message}")


def texts() -> list[Path]:
    """The sources of all notebooks, in reading order: files, and folders of lessons."""
    found = TEXTS.glob("[0-9][0-9]_*")
    return sorted(path for path in found if path.suffix == ".md" or (path / "00_chapter.md").exists())


def files(path: Path) -> list[Path]:
    """The files that a source consists of."""
    return sorted(path.glob("[0-9][0-9]_*.md")) if path.is_dir() else [path]


def read_source(path: Path) -> Source:
    """Read a file as it is, or put the lessons of a folder together."""
    lines: list[str] = []
    places: list[tuple[Path, int]] = []
    lessons = {}
    for file in files(path):
        own = file.read_text(encoding="utf-8").splitlines()
        start = 0
        if path.is_dir() and file.name != "00_chapter.md":
            name = file.stem[3:]
            lessons[name], start = read_data(file, own)
            lines += ["", CELL_BREAK, "", f"(lesson-{chapter_of(path, file)}{name.replace('_', '-')})="]
            places += [(file, 1)] * 4
            own = demoted(own)
        lines += own[start:]
        places += [(file, number) for number in range(start + 1, len(own) + 1)]
    return Source("\n".join(lines) + "\n", places, lessons)


def chapter_of(path: Path, file: Path) -> str:
    """What keeps the names of closing lessons apart, which every chapter has: 90 and above."""
    return f"{path.name[:2]}-" if file.name[:2] >= "90" else ""


def read_data(file: Path, lines: list[str]) -> tuple[LessonData, int]:
    """The data at the top of a lesson, and the number of lines that they take."""
    end = next((i for i, line in enumerate(lines[1:], 1) if line == "---"), 0)
    if lines[:1] != ["---"] or not end:
        raise TextError(file, 1, "a lesson begins with its data between two lines `---`")
    data = yaml.safe_load("\n".join(lines[1:end])) or {}
    if unknown := sorted(set(data) - {"level", "needs", "question"}):
        raise TextError(file, 1, f"unknown {unknown[0]!r}; a lesson has level, needs and question")
    if data.get("level") not in LEVELS:
        raise TextError(file, 1, f"level must be one of {', '.join(LEVELS)}, got {data.get('level')!r}")
    if not data.get("question"):
        raise TextError(file, 1, "a lesson needs the question that it answers")
    end += 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    return LessonData(data["level"], tuple(data.get("needs") or ()), str(data["question"])), end


def demoted(lines: list[str]) -> list[str]:
    """The lines with every heading one level lower; what stands in a fence is left alone."""
    out, fence = [], ""
    for line in lines:
        if not fence and (opened := re.match(r"`{3,}|~{3,}", line)):
            fence = opened[0]
        elif fence and line.strip() == fence:
            fence = ""
        out.append(f"#{line}" if not fence and re.match(r"#{1,5} ", line) else line)
    return out
