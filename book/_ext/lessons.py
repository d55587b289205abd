"""The site's pages are lessons: each chapter's notebook is cut into a page of its own and one a lesson.

The pages are written beside the notebooks, in ``notebooks/NN_slug/``, from the text that an author wrote and
the outputs that are committed. The table of contents gets them as children of their chapter, so that
``_toc.yml`` names chapters only.
"""

import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat
import yaml
from bs4 import BeautifulSoup
from markupsafe import Markup
from sphinx.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import lesson_cells  # noqa: E402  # the tools know what a lesson is; Sphinx does not know the tools
import lesson_minutes  # noqa: E402
import lesson_pages  # noqa: E402
import lesson_words  # noqa: E402
import notebook_source  # noqa: E402
import notebook_stubs  # noqa: E402
from notebook_run import target  # noqa: E402
from notebook_text import read_page  # noqa: E402

CORE = ROOT / "book" / "data" / "core.yml"
TOC = ROOT / "_build" / "toc.yml"


@dataclass(frozen=True)
class Lesson:
    """What the site says of a lesson."""

    docname: str
    chapter: str
    labels: tuple[str, ...]
    minutes: int
    core: bool
    needs: tuple[str, ...]
    question: str
    text: str  # the file that one edits, and the line in it
    line: int


def cut_chapters(app, config) -> None:
    """Write the pages of all chapters, and the contents that list them."""
    check_needs()
    app.stubs = {}
    app.lessons, app.chapter_fronts, app.chapter_texts = {}, {}, {}
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    core = yaml.safe_load(CORE.read_text(encoding="utf-8"))
    chapters = {path.stem: path for path in notebook_source.texts()}
    for part in contents["parts"]:
        part["numbered"] = 2 if part.get("numbered") else False
        for entry in part["chapters"]:
            name = entry["file"].removeprefix("notebooks/")
            if name in chapters:
                lessons = cut(app, name, chapters[name], set(core.get(name, ())))
                entry["sections"] = [{"file": lesson.docname} for lesson in lessons]
    write_if_changed(TOC, yaml.safe_dump(contents, sort_keys=False))
    config.external_toc_path = str(TOC)


def check_needs() -> None:
    """End with a sentence for every lesson that builds on one that does not come before it."""
    if faults := list(lesson_words.wrong_needs(lesson_words.lessons())):
        raise ConfigError("\n".join(faults))


def cut(app, name: str, text: Path, core: set[str]) -> list[Lesson]:
    """Write the pages of one chapter, and keep what comes before its first lesson."""
    source = notebook_source.read_source(text)
    run = nbformat.read(target(text), as_version=nbformat.NO_CONVERT)
    whole = lesson_pages.with_outputs(read_page(text), run)
    app.stubs[f"notebooks/{name}"] = notebook_stubs.stubs(whole)
    front, pages = lesson_pages.pages(whole)
    setup = [cell for cell in front if lesson_cells.is_setup(cell)]
    front = [lesson_cells.folded(cell) if cell in setup else lesson_cells.on_page(cell) for cell in front]
    app.chapter_fronts[f"notebooks/{name}"] = written(whole, front)
    app.chapter_texts[f"notebooks/{name}"] = notebook_source.files(text)[0].relative_to(ROOT).as_posix()
    folder = ROOT / "notebooks" / name
    folder.mkdir(exist_ok=True)
    lessons = []
    for page in pages:
        write_if_changed(
            folder / f"{page.name}.ipynb", written(whole, lesson_cells.for_page(page.cells, setup))
        )
        own = source.lessons.get(page.name)
        file, line = source.place(f"## {page.title}")
        lessons.append(
            Lesson(
                docname=f"notebooks/{name}/{page.name}",
                chapter=f"notebooks/{name}",
                labels=labels(page),
                minutes=lesson_minutes.minutes(page.cells),
                core=own.level == "core" if own else page.name in core,
                needs=tuple(where(name, need) for need in own.needs) if own else (),
                question=own.question if own else "",
                text=file.relative_to(ROOT).as_posix(),
                line=line,
            )
        )
    for stale in set(folder.glob("*.ipynb")) - {folder / f"{page.name}.ipynb" for page in pages}:
        stale.unlink()
    app.lessons |= {lesson.docname: lesson for lesson in lessons}
    return lessons


def where(chapter: str, need: str) -> str:
    """The page of a lesson that another one names: of its own chapter, or with the chapter before a slash."""
    return f"notebooks/{need if '/' in need else f'{chapter}/{need}'}"


def labels(page: lesson_pages.LessonPage) -> tuple[str, ...]:
    """All that has an address within a lesson, so that old addresses find it."""
    text = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    found = re.findall(r"^\(([\w-]+)\)=$|^:label: (\S+)$|\((eq-[\w-]+)\)$", text, re.MULTILINE)
    names = [cell.metadata.get("mystnb", {}).get("figure", {}).get("name") for cell in page.cells]
    return (*(next(filter(None, groups)) for groups in found), *filter(None, names))


def written(whole: nbformat.NotebookNode, cells: list[nbformat.NotebookNode]) -> str:
    """A notebook of some of the cells, as text."""
    return nbformat.writes(nbformat.from_dict(whole | {"cells": cells})) + "\n"


def write_if_changed(path: Path, text: str) -> None:
    """Leave a file alone that would not change: Sphinx reads again what is newer."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read_front(app, docname, source) -> None:
    """Give Sphinx the chapter's own page in the place of the whole notebook."""
    if docname in app.chapter_fronts:
        source[0] = app.chapter_fronts[docname]


def fill_in(app, pagename, templatename, context, doctree) -> None:
    """Say on a lesson's page what it is, and show on a chapter's page the map of its lessons."""
    if lesson := app.lessons.get(pagename):
        context["lesson"] = lesson
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{head(app, pagename, lesson)}", 1)
    elif pagename in app.chapter_fronts:
        lessons = [lesson for lesson in app.lessons.values() if lesson.chapter == pagename]
        context["body"] += lesson_map(app, pagename, lessons)
    if pagename in app.env.found_docs:
        following = app.builder.relations.get(pagename, (None, None, None))[2]
        context["next_question"] = app.lessons[following].question if following in app.lessons else ""
        context["next_core"] = next_core(app, pagename, following)
        context["contents"] = Markup(mark_contents(app, pagename, context["contents"]))


def next_core(app, pagename: str, following: str | None) -> dict | None:
    """The next core lesson, where the next page is a lesson that is not."""
    while following in app.lessons and not app.lessons[following].core:
        following = app.builder.relations[following][2]
    if following is None:
        return None
    question = app.lessons[following].question if following in app.lessons else ""
    address = app.builder.get_relative_uri(pagename, following)
    return {"link": address, "title": title(app, following), "question": question}


def mark_contents(app, pagename: str, contents: str) -> str:
    """Say in the contents which lessons are core and which go deeper."""
    soup = BeautifulSoup(contents, "html.parser")
    pages = {app.builder.get_relative_uri(pagename, name): lesson for name, lesson in app.lessons.items()}
    here = app.lessons.get(pagename)
    for item in soup.select("li.toctree-l2"):
        lesson = here if "current" in item["class"] else pages.get(item.a["href"])
        if lesson:
            item["class"].append("core" if lesson.core else "deeper")
            item["data-lesson"] = lesson.docname
    return str(soup)


def title(app, docname: str) -> str:
    """The title of a page as HTML."""
    return app.builder.render_partial(app.env.titles[docname])["title"]


def link(app, pagename: str, docname: str) -> str:
    """A link to a page, with its title."""
    address = escape(app.builder.get_relative_uri(pagename, docname))
    return f'<a class="reference internal" href="{address}">{title(app, docname)}</a>'


def head(app, pagename: str, lesson: Lesson) -> str:
    """The line under a lesson's title: how long, how needed, and what it builds on."""
    facts = [f"{lesson.minutes} minutes" if lesson.minutes > 1 else "1 minute"]
    facts.append("core" if lesson.core else "deeper")
    if lesson.needs:
        facts.append("builds on " + ", ".join(link(app, pagename, need) for need in lesson.needs))
    return f'<p class="lesson-data">{" · ".join(facts)}</p>\n'


def lesson_map(app, pagename: str, lessons: list[Lesson]) -> str:
    """The lessons of a chapter in order, with what decides whether one reads them now."""
    items = "".join(
        f'<li class="{"core" if lesson.core else "deeper"}" id="{lesson.labels[0] if lesson.labels else ""}" '
        f'data-labels="{escape(" ".join(lesson.labels))}" data-lesson="{lesson.docname}">'
        f"{link(app, pagename, lesson.docname)} "
        f'<span class="lesson-data">{lesson.minutes} min · {"core" if lesson.core else "deeper"}</span>'
        + (f'<span class="question">{escape(lesson.question)}</span>' if lesson.question else "")
        + "</li>\n"
        for lesson in lessons
    )
    heading = '<h2 id="lessons-head">Lessons</h2>'
    listed = f'<ol class="lesson-map">\n{items}</ol>'
    return f'<section aria-labelledby="lessons-head">\n{heading}\n{listed}\n</section>\n'


def drop_orphans(app, exception) -> None:
    """Remove the pages of lessons that have another name now; Sphinx would leave them in the site."""
    if exception is None and app.builder.format == "html":
        for page in (Path(app.outdir) / "notebooks").rglob("*.html"):
            if page.relative_to(app.outdir).with_suffix("").as_posix() not in app.env.found_docs:
                page.unlink()


def setup(app):
    app.connect("config-inited", cut_chapters, priority=100)  # before the contents are read, at 900
    app.connect("source-read", read_front, priority=100)
    app.connect("build-finished", drop_orphans, priority=100)  # before formulas are typeset
    app.connect("html-page-context", fill_in, priority=900)  # when the body is mended
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
