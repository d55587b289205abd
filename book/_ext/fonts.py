"""Fonts: what a reader has to wait for is cut down to the letters and weights that the pages use.

No browser paints before it has the style sheets, so these hold the fonts themselves: the first thing a reader
sees is set in them, over a slow line too, and no line breaks anew when fonts arrive, whatever stood in for
them. Every kilobyte of them delays the first text.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import vendor

SCRIPT = Path(__file__).with_name("cut_fonts.mjs")
WEIGHTS = (400, 700)
TEXT_FONTS = [  # family, style and file
    ("Source Serif 4", "normal", "source-serif-4/files/source-serif-4-latin-wght-normal.woff2"),
    ("Source Serif 4", "italic", "source-serif-4/files/source-serif-4-latin-wght-italic.woff2"),
    ("Source Sans 3", "normal", "source-sans-3/files/source-sans-3-latin-wght-normal.woff2"),
    ("Source Code Pro", "normal", "source-code-pro/files/source-code-pro-latin-wght-normal.woff2"),
]
FACE = """@font-face {{
  font-family: "{family}";
  font-style: {style};
  font-weight: {weights[0]} {weights[1]};
  font-display: block;
  src: {source};
}}
"""
#: The style sheet as a page names it, with its version.
ADDRESS = re.compile(r"fonts\.css\?v=\w+")
#: What readers may type, and figures may write while they move.
ASCII = "".join(map(chr, range(0x20, 0x7F)))


class Cut(NamedTuple):
    """A font, and what is kept of it: some letters, or without any named all of it."""

    file: Path
    letters: str
    weights: tuple[int, int] | None = None


def sources(cuts: list[Cut], cache: Path) -> list[str]:
    """Return the sources for a style sheet that hold fonts, cut; what was cut before comes from a folder."""
    kept = [cache / f"{name(cut)}.woff2" for cut in cuts]
    missing = {file: cut for file, cut in zip(kept, cuts, strict=True) if not file.exists()}
    cache.mkdir(parents=True, exist_ok=True)
    for file, font in zip(missing, run_cutter(missing.values()), strict=True):
        file.write_bytes(base64.b64decode(font))
    return [
        f'url("data:font/woff2;base64,{base64.b64encode(file.read_bytes()).decode()}") format("woff2")'
        for file in kept
    ]


def name(cut: Cut) -> str:
    """Name a cut font in the cache."""
    about = (cut.letters, cut.weights, (vendor.FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    parts = (cut.file.read_bytes(), repr(about).encode(), SCRIPT.read_bytes())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:20]


def run_cutter(cuts: Iterable[Cut]) -> list[str]:
    """Cut fonts in a Node process."""
    fonts = [{**cut._asdict(), "file": str(cut.file)} for cut in cuts]
    if not fonts:
        return []
    question = {"library": str(vendor.ensure_installed()), "fonts": fonts}
    failure = "The fonts could not be cut; the message of Node stands above."
    return list(vendor.answer_of(SCRIPT, question, failure))


def write_text_fonts(app, failure) -> None:
    """Write the style sheet that holds the fonts of the text, and its version into all pages."""
    if failure or app.builder.format != "html":
        return
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    letters = "".join(sorted(set(ASCII).union(*map(html.unescape, pages.values()))))
    style = text_style(letters, cache_of(app))
    file = Path(app.outdir) / "_static" / "fonts" / "fonts.css"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(style, encoding="utf-8")
    address = f"fonts.css?v={hashlib.sha256(style.encode()).hexdigest()[:8]}"
    for path, page in pages.items():
        if (current := ADDRESS.sub(address, page)) != page:
            path.write_text(current, encoding="utf-8")


def text_style(letters: str, cache: Path) -> str:
    """Return the style sheet that holds the fonts of the text, cut to some letters."""
    folder = vendor.ensure_installed() / "@fontsource-variable"
    cuts = [Cut(folder / path, letters, WEIGHTS) for _, _, path in TEXT_FONTS]
    return "".join(
        FACE.format(family=family, style=style, weights=WEIGHTS, source=source)
        for (family, style, _), source in zip(TEXT_FONTS, sources(cuts, cache), strict=True)
    )


def cache_of(app) -> Path:
    """Where fonts that were cut are kept."""
    return Path(app.srcdir) / "_build" / "fonts"


def setup(app) -> dict:
    # After the formulas are set, whose letters have fonts of their own.
    app.connect("build-finished", write_text_fonts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
