"""What every page of the book's own theme needs: contents, icons, a security policy, and mended HTML."""

import json
import re
from functools import lru_cache
from pathlib import Path

import addresses
import vendor
from bs4 import BeautifulSoup
from docutils import nodes
from markupsafe import Markup
from PIL import Image

STATIC = Path(__file__).parents[1] / "_static"
COLUMNS = 4  # of a table that a phone shows row by row
MOST = 200  # letters of a description, if its first sentence is not longer
PIXELS_PER_INCH = 110  # of a figure, whatever its density
# Formulas carry inline styles, hence 'unsafe-inline' for styles; scripts come from the site alone.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; base-uri 'none'; form-action 'self'"
)


@lru_cache
def icon(name):
    """Return the named icon as inline SVG, hidden from screen readers: the words beside it speak."""
    svg = (vendor.MODULES / "bootstrap-icons" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    paths = "".join(re.findall(r"<path [^>]+>", svg))
    return Markup(
        f'<svg class="icon" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{paths}</svg>'
    )


FIRST_ADDRESS = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="refresh" content="0; url={address}">
<title>{title}</title>
<p>The book begins <a href="{address}">here</a>.</p>
</html>
"""


def prepare(app):
    """Bring the licences of fonts and icons into the site, and lead its first address to its first page."""
    if app.builder.format != "html":
        return
    (Path(app.outdir) / "index.html").write_text(
        FIRST_ADDRESS.format(
            policy=CONTENT_SECURITY_POLICY,
            address=app.builder.get_target_uri(app.config.root_doc),
            title=app.config.html_title,
        ),
        encoding="utf-8",
    )
    modules = vendor.ensure_installed()
    folder = Path(app.outdir) / "_static" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    for package in json.loads((vendor.FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        licence = next((modules / package).glob("LICENSE*"))
        (folder / f"{package.replace('/', '-')}-licence.txt").write_bytes(licence.read_bytes())


def fill_in(app, pagename, templatename, context, doctree):
    """Add to a page's context what the layout shows."""
    contents = context["toctree"](collapse=True, titles_only=True, includehidden=True)
    context["contents"] = Markup(mend_contents(contents or ""))
    context["local_contents"] = Markup(below_title(context.get("toc") or ""))
    context["icon"] = icon
    context["author"] = app.config.author
    context["content_security_policy"] = CONTENT_SECURITY_POLICY
    context["description"] = describe(first_paragraph(doctree)) if doctree else ""
    if context.get("body"):
        context["body"] = mend(context["body"], lambda source: image_size(app, source))
    add_scripts(app, context)


def add_scripts(app, context):
    """Keep the book's own scripts and styles; what extensions add besides is not used here."""
    for name in ("book.js", "place.js", "lessons.js", "cards.js", "search.js"):
        app.add_js_file(name, loading_method="defer")
    if re.search(r'class="[^"]*\bquiz\b', context.get("body", "")):
        app.add_js_file("quiz.js", loading_method="defer")
    if 'class="run-here"' in context.get("body", ""):
        app.add_js_file("run.js", loading_method="defer")
    for kind in ("css_files", "script_files"):
        context[kind] = [asset for asset in context[kind] if (STATIC / Path(asset.filename).name).exists()]


def first_paragraph(doctree):
    """Return the first paragraph of whole sentences without formulas, for search engines."""
    plain = (
        p
        for p in doctree.findall(nodes.paragraph)
        if len(p.astext()) > 40
        and p.astext().rstrip().endswith((".", "?", "!"))
        and not any(p.findall(nodes.math))
    )
    return next(plain, doctree[0]).astext()


def describe(text: str) -> str:
    """The first sentences of a text, whole ones."""
    described = ""
    for sentence in re.split(r"(?<=[.?!])\s+", " ".join(text.split())):
        if described and len(described) + len(sentence) >= MOST:
            break
        described += f" {sentence}"
    return described.strip()


def below_title(toc):
    """Return the list of a page's sections without the page's own title."""
    inner = BeautifulSoup(toc, "html.parser").select_one("li > ul")
    return str(inner) if inner else ""


def mend_contents(contents):
    """Make the captions of the parts plain labels: headings belong to the page's text."""
    soup = BeautifulSoup(contents, "html.parser")
    for caption in soup.select("p.caption"):
        del caption["role"]
    for link in soup.select("a.current.reference"):
        link["aria-current"] = "page"
    return str(soup)


def mend(body, size_of):
    """Make a page's HTML work without scripts, by keyboard, and without jumps.

    Parameters
    ----------
    body : str
        The page's text as Sphinx wrote it.
    size_of : callable
        From a picture's address to its width and height in CSS pixels, or None where unknown.
    """
    soup = BeautifulSoup(body, "html.parser")
    for box in soup.select("div.dropdown"):
        box.name, box.select_one(".admonition-title").name = "details", "summary"
        for link in box.select(":scope > summary a"):
            link.unwrap()
    for content in soup.select(".admonition > section[id$='-content']"):
        content.name = "div"  # it has no heading
    drop_repeated_names(soup)
    for summary in soup.select("details.hide > summary"):
        del summary["aria-label"]
        for label in summary.select("p"):
            label.name = "span"
    for table in soup.select("table"):
        name_cells(table)
        table.wrap(soup.new_tag("div", attrs={"class": "scroll"}))
    for printed in soup.select(".cell_output pre"):
        if printed.find_parent(class_="traceback") or "\n" not in printed.get_text().strip():
            printed["class"] = [*printed.get("class", []), "sentence"]
    for entry in soup.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"  # the other role is deprecated
    addresses.show(soup)
    for text in soup.find_all(string=re.compile(r"\d %")):
        if not text.find_parent(["pre", "code"]):
            text.replace_with(re.sub(r"(\d) %", "\\1\N{NO-BREAK SPACE}%", text))
    for picture in soup.select("img"):
        if size := size_of(picture.get("src", "")):
            del picture["style"]  # a fixed height would stretch the picture on a phone
            picture["width"], picture["height"] = size
        picture["loading"] = "lazy"  # not before the text
    return str(soup)


def name_cells(table):
    """Let a table of many columns be shown row by row on a phone, each cell with the name of its column."""
    names = [head.get_text(" ", strip=True) for head in table.select("thead th")]
    if len(names) < COLUMNS or table.find_parent(class_="cell_output"):
        return
    table["class"] = [*table.get("class", []), "rows"]
    table["role"] = "table"  # shown as blocks, its parts keep their meaning
    for row in table.select("tr"):
        row["role"] = "row"
        for name, cell in zip(names, row.find_all(["td", "th"]), strict=False):
            cell["role"] = "columnheader" if cell.name == "th" else "cell"
            if name and cell.name == "td":
                cell["data-column"] = name


def drop_repeated_names(soup):
    """Keep each id once: proofs without a label, for instance, are all called "proof"."""
    seen = set()
    for element in soup.select("[id]"):
        if element["id"] in seen:
            del element["id"]
        else:
            seen.add(element["id"])


def image_size(app, source):
    """Return width and height of a PNG of the book in CSS pixels, of which an inch of a figure has 110."""
    name = Path(source).name
    file = next(
        (Path(app.srcdir) / path for path, target in app.builder.images.items() if target == name), None
    )
    if file is None or file.suffix != ".png":
        return None
    with Image.open(file) as picture:
        inches = [dots / picture.info["dpi"][0] for dots in picture.size]
    return tuple(round(PIXELS_PER_INCH * inch) for inch in inches)


def setup(app):
    # Jupyter Book sets it always; its comments extension, which would know it, is not loaded.
    app.add_config_value("comments_config", {}, "")
    app.connect("builder-inited", prepare)
    # Late, so that the other extensions have added their scripts.
    app.connect("html-page-context", fill_in, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
