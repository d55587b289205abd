"""What a reference refers to, for a card that is shown when it is hovered or focused.

Statements, exercises, equations, sections, captions and references of a page are written into a script beside
the pages, which a browser loads with the first card that is asked for; so cards work from the file system.
"""

import json
from pathlib import Path

from bs4 import BeautifulSoup

FOLDER = Path("_static") / "cards"
BREAK = "\n<!-- card -->\n"
#: Of an exercise or a section no more than this many pieces of text are shown.
MOST = 2


def collect(app, pagename, templatename, context, doctree):
    """Keep the cards of a page with their formulas still to be typeset."""
    if doctree is None or app.builder.format != "html":
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    pieces = [f"{name}\n{plain(content)}" for name, content in places(soup)]
    path = Path(app.outdir) / FOLDER / f"{pagename}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BREAK.join(pieces), encoding="utf-8")


def places(soup):
    """The places of a page that can be referred to, each with the elements that its card shows."""
    for box in soup.select("div.admonition[id]"):
        content = box.find_all(["div", "section"], recursive=False)
        blocks = [block for part in content for block in part.find_all(True, recursive=False)]
        yield box["id"], [box.select_one(".admonition-title"), *blocks[: MOST + 1]]
    for equation in soup.select("div.math[id]"):
        yield equation["id"], equation.select("tex-display")
    for figure in soup.select("figure[id]"):
        yield figure["id"], figure.select("figcaption p") or [figure.figcaption]
    for entry in soup.select(".citation[id]"):
        yield entry["id"], entry.select("p")
    for section in soup.select("section[id]"):
        heading = section.find(["h1", "h2", "h3", "h4"])
        if heading is None:
            continue
        texts = heading.find_next_siblings(lambda part: part.name == "p" and not part.get("class"))
        labels = [label["id"] for label in section.find_all("span", id=True, recursive=False)]
        names = [section["id"], *labels, *([""] if heading.name == "h1" else [])]
        for name in dict.fromkeys(names):
            yield name, [heading, *texts[:1]]


def plain(parts):
    """The HTML of some elements without names, links and controls: a card is read, not used."""
    soup = BeautifulSoup("".join(str(part) for part in parts if part is not None), "html.parser")
    for mark in soup.select(".headerlink, .cited-in, details, button"):
        mark.decompose()
    for link in soup.select("a"):
        link.unwrap()
    for title in soup.select("h1, h2, h3, h4, .admonition-title"):
        title.name, title.attrs = "p", {"class": "card-title"}
    for element in soup.find_all(True):
        for name in ("id", "tabindex"):
            del element[name]
    return str(soup)


def pack(app, failure):
    """Turn the cards, now typeset, into scripts."""
    if failure or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    for path in folder.rglob("*.html"):
        name = path.relative_to(folder).as_posix()
        cards = dict(piece.split("\n", 1) for piece in path.read_text(encoding="utf-8").split(BREAK) if piece)
        text = json.dumps(cards, ensure_ascii=False, separators=(",", ":"))
        script = f"(window.mmlCards ??= {{}})[{json.dumps(name)}] = {text};\n"
        path.with_suffix(".js").write_text(script, encoding="utf-8")
        path.unlink()


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", collect, priority=930)  # when words are linked and folds are made
    app.connect("build-finished", pack, priority=600)  # when formulas are typeset
    return {"parallel_read_safe": True, "parallel_write_safe": True}
