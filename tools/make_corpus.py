"""Write the corpus of the chapter on language models: the prose of the finished chapters, markup taken out.

    python tools/make_corpus.py

The corpus is frozen: chapters go on changing, the file and the numbers on the page do not. Run this only for
a new version, under a new name, and rebuild the chapter.
"""

import re
import sys
import unicodedata
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ("01_linear_algebra", "02_calculus", "03_probability_statistics", "04_optimization")
TARGET = ROOT / "src" / "mmlhelpers" / "language" / "data" / "book_1.txt"

FENCE = re.compile(r"^`{3,}.*$", re.MULTILINE)
CODE = re.compile(r"^(`{3,})\{?(?:code-cell|quiz|math|text|python)\b.*?^\1$", re.MULTILINE | re.DOTALL)
CAPTION = re.compile(r"^:(?:caption|alt): (.*)$", re.MULTILINE)
DISPLAY = re.compile(r"\$\$.*?\$\$(?: \([\w-]+\))?", re.DOTALL)
# What a reader would say aloud; any other formula and code leaves a #.
SPOKEN = (
    (re.compile(r"\{prf:ref\}`[^`]*`"), "the theorem"),
    (re.compile(r"\{eq\}`[^`]*`"), "the formula"),
    (re.compile(r"\s*\{cite\}`[^`]*`"), ""),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\$\s*(-?[A-Za-z0-9.]{1,6})\s*\$"), r"\1"),
    (re.compile(r"\$[^$]+\$|`[^`]+`"), "#"),
    (re.compile(r"[*_]+"), ""),
)
PLAIN = re.compile(r"[A-Za-z0-9 .,;:!?'\"()#\-]+")
SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z\"(])")


def paragraphs(text: str) -> list[str]:
    """The prose of a MyST text: what is left without code, options, headings and directives."""
    captions = [*dict.fromkeys(CAPTION.findall(text))]
    for rubbish in (CODE, FENCE, DISPLAY):
        text = rubbish.sub("\n", text)
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return [block for block in blocks if block and block[0] not in "#:(|-"] + captions


def spoken(paragraph: str, seen: set[str]) -> str:
    """A paragraph in plain characters, without sentences that need more and those that were seen before."""
    for pattern, words in SPOKEN:
        paragraph = pattern.sub(words, paragraph)
    paragraph = paragraph.translate(str.maketrans("–—−’‘“”", "---''\"\""))
    paragraph = unicodedata.normalize("NFKD", paragraph).encode("ascii", "ignore").decode()
    kept = []
    for sentence in SENTENCE.split(paragraph):
        if PLAIN.fullmatch(sentence) and len(sentence.split()) > 2 and sentence not in seen:
            seen.add(sentence)
            kept.append(sentence)
    return " ".join(kept)


def prose(markdown: str, quiz: str, seen: set[str]) -> str:
    """The prose of a chapter and of its questions, a paragraph a line; `seen` grows by its sentences."""
    blocks = paragraphs(markdown)
    for question in yaml.safe_load(quiz) or []:
        blocks.append(" ".join([question["ask"], *(f"{o['text']} {o['why']}" for o in question["options"])]))
    lines = (spoken(block, seen) for block in blocks)
    return "".join(f"{line}\n" for line in lines if line)


def main() -> None:
    if TARGET.exists():
        sys.exit(f"{TARGET.name} is frozen; give a new version a new name (TARGET in this script)")
    seen: set[str] = set()
    chapters = [
        prose(
            (ROOT / "notebooks" / "text" / f"{slug}.md").read_text("utf-8"),
            (ROOT / "book" / "data" / "quizzes" / f"{slug}.yml").read_text("utf-8"),
            seen,
        )
        for slug in CHAPTERS
    ]
    TARGET.write_text("".join(chapters), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} characters")


if __name__ == "__main__":
    main()
