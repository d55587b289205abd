"""What others ask of a published book: search engines, sites that show a link to it, readers of a dead link.

That is a list of all pages, a page for addresses that lead nowhere, icons for where no SVG will do, and a
picture. All of it is made from what is in the book.
"""

import hashlib
import os
import re
import xml.etree.ElementTree as ElementTree
from html import escape
from pathlib import Path
from urllib.parse import urlparse

from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyBboxPatch
from page import CONTENT_SECURITY_POLICY, describe

STATIC = Path(__file__).parents[1] / "_static"
SVG = "{http://www.w3.org/2000/svg}"
NIGHT, PALE = "#14181D", "#E6E9EC"  # the paper and the ink of the dark theme

LOST = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page · {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 36rem; margin: 12vh auto; padding: 0 1.25rem; font: 1.1rem/1.6 sans-serif; }}
input, button {{ height: 2.5rem; padding: 0 .7rem; font: inherit; }}
</style>
</head>
<body>
<main>
<h1>There is no page at this address</h1>
<p>It may have moved when a chapter was cut into lessons. Search for what you wanted, or begin at the
<a href="{site}{start}">first page</a>, whose contents list every chapter.</p>
<form role="search" action="{site}search.html" method="get">
<label for="words">Search this book</label><br>
<input id="words" type="search" name="q" autocomplete="off"> <button type="submit">Search</button>
</form>
</main>
</body>
</html>
"""


def site_of(repository: str) -> str | None:
    """Where a repository's pages are published by its host, if that is GitHub."""
    parts = urlparse(repository)
    owner, _, name = parts.path.strip("/").partition("/")
    return f"https://{owner.lower()}.github.io/{name}/" if parts.netloc == "github.com" and name else None


def resolve(app, config):
    """Publish a fork under its own address."""
    if fork := os.environ.get("MML_REPOSITORY_URL"):
        config.html_baseurl = site_of(fork) or config.html_baseurl


def fill_in(app, pagename, templatename, context, doctree):
    """Give the layout the addresses of what every page names, each with the hash of what it holds."""
    context["asset"] = lambda name: f"{context['pathto'](f'_static/{name}', 1)}?v={stamp(app, name)}"
    context["site_url"] = app.config.html_baseurl
    lesson = context.get("lesson")
    if lesson is not None and lesson.question:
        context["description"] = describe(lesson.question)


def stamp(app, name: str) -> str:
    """A hash of a file of the site."""
    file = next(path for path in (STATIC / name, Path(app.outdir) / "_static" / name) if path.exists())
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def draw(app):
    """Draw the icons and the picture that stands for the book."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    for name, size in (("icon-32.png", 32), ("apple-touch-icon.png", 180)):
        icon(size).savefig(folder / name, transparent=True)
    picture(app.config.html_title).savefig(folder / "book.png", facecolor=NIGHT)


def icon(size: int) -> Figure:
    """The book's icon, a square of some pixels."""
    figure = Figure(figsize=(size / 100, size / 100), dpi=100)
    put_logo(figure, (0, 0, 1, 1))
    return figure


def picture(title: str) -> Figure:
    """The book's name beside its icon, in the shape in which sites show a link."""
    figure = Figure(figsize=(12, 6.3), dpi=100)
    put_logo(figure, (0.06, 0.22, 0.56 * 6.3 / 12, 0.56))
    words = title.rsplit(" ", 2)
    figure.text(
        0.4, 0.56, "\n".join([words[0], " ".join(words[1:])]), color=PALE, size=42, va="center", weight="bold"
    )
    figure.text(
        0.4, 0.3, "lessons, proofs, code, and figures that move", color="#A3ADB8", size=21, va="center"
    )
    return figure


def put_logo(figure: Figure, place: tuple[float, float, float, float]) -> None:
    """Draw what stands in the SVG of the icon, which is the one source of its shapes."""
    axes = figure.add_axes(place)
    axes.set(xlim=(0, 32), ylim=(32, 0), aspect="equal")
    axes.axis("off")
    points = figure.get_figwidth() * place[2] * 72 / 32  # of a unit of the SVG
    root = ElementTree.parse(STATIC / "favicon.svg").getroot()
    ground, group = root.find(f"{SVG}rect"), root.find(f"{SVG}g")
    radius = float(ground.get("rx"))
    axes.add_patch(
        FancyBboxPatch(
            (radius, radius),
            32 - 2 * radius,
            32 - 2 * radius,
            boxstyle=f"round,pad={radius}",
            facecolor=ground.get("fill"),
            edgecolor="none",
        )
    )
    width = float(group.get("stroke-width")) * points
    for shape in group:
        style = {"color": shape.get("stroke"), "linewidth": width, "capstyle": "round"}
        if shape.tag == f"{SVG}ellipse":
            cx, cy, rx, ry = (float(shape.get(name)) for name in ("cx", "cy", "rx", "ry"))
            angle = float(re.search(r"rotate\((-?[\d.]+)", shape.get("transform"))[1])
            axes.add_patch(Ellipse((cx, cy), 2 * rx, 2 * ry, angle=angle, fill=False, **style))
        else:
            numbers = [float(number) for number in re.findall(r"-?[\d.]+", shape.get("d"))]
            axes.plot(
                numbers[::2], numbers[1::2], color=style["color"], linewidth=width, solid_capstyle="round"
            )


def write(app, failure):
    """Write the list of pages and the page for dead addresses; drop pictures that no page shows."""
    if failure or app.builder.format != "html":
        return
    folder, site = Path(app.outdir), app.config.html_baseurl
    addresses = [f"{site}{app.builder.get_target_uri(name)}" for name in sorted(app.env.found_docs)]
    listed = "\n".join(f"<url><loc>{escape(address)}</loc></url>" for address in addresses)
    (folder / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}\n</urlset>\n',
        encoding="utf-8",
    )
    start = app.builder.get_target_uri(app.config.root_doc)
    (folder / "404.html").write_text(
        LOST.format(
            title=escape(app.config.html_title), site=site, start=start, policy=CONTENT_SECURITY_POLICY
        ),
        encoding="utf-8",
    )
    drop_unseen(folder)


def drop_unseen(folder: Path) -> None:
    """Remove pictures that no page shows: those that stand in notebooks where a page has a moving figure."""
    seen = set()
    for page in folder.rglob("*.html"):
        seen.update(re.findall(r"_images/([\w.-]+)", page.read_text(encoding="utf-8")))
    for file in (folder / "_images").glob("*"):
        if file.name not in seen:
            file.unlink()


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", resolve)
    app.connect("builder-inited", draw)
    app.connect("html-page-context", fill_in, priority=940)  # when it is known which page is a lesson
    app.connect("build-finished", write, priority=700)  # when all pages stand
    return {"parallel_read_safe": True, "parallel_write_safe": True}
