"""Put explorers on pages: starting picture, controls, numbers and caption, and the scripts that move them.

An image of a notebook with the class ``mml-explorer`` becomes its explorer, and prose pages write::

    ```{explorer} linear_algebra.plane_map
    ```
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

ROOT = Path(__file__).resolve().parents[2]
CARDS = ROOT / "_build" / "explorers"
LOGGER = logging.getLogger(__name__)
NOTE = "With JavaScript this figure moves here on the page; in the notebook it moves at any value."


class explorer(nodes.General, nodes.Element):
    """An explorer on a page; its child, a picture or a text, stands in for it in other formats than HTML."""


class ExplorerDirective(SphinxDirective):
    """Show an explorer by its name, ``section.function``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the node; an unknown name is a warning, which fails the build."""
        name = self.arguments[0]
        if not _known(name, self.get_location()):
            return []
        self.env.note_dependency(str(_card_file(name)))
        return [explorer("", nodes.paragraph(text=_card(name)["alt"]), name=name)]


def _card_file(name: str) -> Path:
    return CARDS / f"{name}.json"


@functools.cache
def _card(name: str) -> dict:
    return json.loads(_card_file(name).read_text(encoding="utf-8"))


def _known(name: str, location: object) -> bool:
    if _card_file(name).exists():
        return True
    names = ", ".join(sorted(path.stem for path in CARDS.glob("*.json")))
    LOGGER.warning("there is no explorer %r; there are: %s", name, names, location=location)
    return False


def _name_among(classes: list[str]) -> str:
    """Return the explorer that a picture's classes name; docutils writes dots and underscores as dashes."""
    names = {nodes.make_id(path.stem): path.stem for path in CARDS.glob("*.json")}
    return next((names[word] for word in classes if word in names), " ".join(classes))


# Building and finding


def build_assets(app) -> None:
    """Draw what changed since the last build; with MML_FRAMES=later only the starting pictures."""
    _card.cache_clear()
    starts = ["--starts"] if os.environ.get("MML_FRAMES") == "later" else []
    command = [sys.executable, ROOT / "tools" / "build_explorers.py", *starts]
    if subprocess.run(command, check=False).returncode:
        raise ExtensionError(
            "explorers could not be drawn; the lines above name them and the values of their controls"
        )


def replace_pictures(app, doctree: nodes.document) -> None:
    """Turn marked pictures into explorers; refuse one twice on a page, where its ids would clash."""
    for picture in list(doctree.findall(nodes.image)):
        if "mml-explorer" not in picture["classes"]:
            continue
        name = _name_among(picture["classes"])
        if _known(name, picture):
            app.env.note_dependency(str(_card_file(name)))
            picture.replace_self(explorer("", picture.deepcopy(), name=name))
    names = [node["name"] for node in doctree.findall(explorer)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        LOGGER.warning("explorer %r stands twice on one page", name, location=doctree)


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    """Load the script and style only where they serve."""
    if doctree and next(doctree.findall(explorer), None):
        app.add_js_file("explorers.js", loading_method="defer")
        app.add_css_file("explorers.css")


def copy_assets(app, exception) -> None:
    """Put the packed frames beside the pages, and a word in the place of those that are not drawn yet."""
    if exception is None and app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "explorers"
        folder.mkdir(parents=True, exist_ok=True)
        for path in CARDS.glob("*.json"):
            put_frames(path.stem, folder)


def put_frames(name: str, folder: Path) -> None:
    """Put the frames of one explorer into a folder of the site."""
    script = CARDS / f"{name}.js"
    key = json.loads(_card_file(name).read_text(encoding="utf-8"))["key"]
    if script.exists() and script.read_text(encoding="utf-8").startswith(f"// {key}\n"):
        shutil.copy2(script, folder)
    else:
        later = f'(window.mmlExplorers ??= {{}})["{name}"] = "later";\n'
        (folder / script.name).write_text(later, encoding="utf-8")


# Markup


def visit_explorer_html(translator, node: explorer) -> None:
    """Write the figure and leave out the stand-in."""
    card = _card(node["name"])
    asset = relative_uri(
        translator.builder.get_target_uri(translator.builder.current_docname),
        f"_static/explorers/{card['name']}.js",
    )
    translator.body.append(figure(card, f"{asset}?{card['key'][:8]}"))
    raise nodes.SkipNode


def figure(card: dict, asset: str) -> str:
    """Write an explorer as HTML that is complete without its script."""
    moves = f' data-moves="{" ".join(card["handle"])}"' if card["handle"] else ""
    controls = "".join(_control(card["name"], control) for control in card["controls"])
    numbers = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in card["readouts"].items()
    )
    play = (
        f'<button type="button" class="explorer-play" data-moves="{card["play"]}">Play</button>'
        if card["play"]
        else ""
    )
    return f"""
<figure class="mml-explorer" id="explorer-{card["name"]}" data-explorer="{card["name"]}"
 data-asset="{escape(asset)}"{moves}>
<div class="explorer-stage">
<div class="explorer-picture"><svg viewBox="{card["view_box"]}" role="img" aria-label="{escape(card["alt"])}">
<g class="explorer-frame">{"".join(card["picture"])}</g></svg></div>
<div>
<div class="explorer-controls">{controls}
<div class="explorer-buttons">{play}<button type="button" class="explorer-reset">Reset</button></div></div>
<dl class="explorer-numbers">{numbers}</dl>
<p class="explorer-status visually-hidden" aria-live="polite"></p>
</div>
</div>
<p class="explorer-note">{NOTE}</p>
<figcaption>{escape(card["caption"])}</figcaption>
</figure>
"""


def _control(explorer_name: str, control: dict) -> str:
    number, texts, start = f"{explorer_name}.{control['name']}", control["texts"], control["start"]
    common = (
        f'id="{number}" name="{control["name"]}" data-start="{start}" autocomplete="off"'
        f' data-values="{_list(control["grid"])}"'
    )
    label = f'<label for="{number}">{escape(control["label"])}</label>'
    if control["kind"] == "choice":
        options = "".join(
            f"<option{' selected' if i == start else ''}>{escape(text)}</option>"
            for i, text in enumerate(texts)
        )
        return f'<div class="explorer-control">{label}<select {common}>{options}</select></div>'
    text = escape(texts[start])
    return (
        f'<div class="explorer-control">{label}<output for="{number}" aria-live="off">{text}</output>'
        f'<input type="range" {common} min="0" max="{len(texts) - 1}" step="1" value="{start}"'
        f' data-texts="{_list(texts)}" aria-valuetext="{text}"></div>'
    )


def _list(items: list) -> str:
    return escape(json.dumps(items, ensure_ascii=False, separators=(",", ":")))


def _pass(translator, node: explorer) -> None:
    """Other formats show what stands in the node."""


def setup(app) -> dict:
    """Register with Sphinx."""
    app.add_node(
        explorer,
        html=(visit_explorer_html, None),
        latex=(_pass, _pass),
        text=(_pass, _pass),
        singlehtml=(visit_explorer_html, None),
    )
    app.add_directive("explorer", ExplorerDirective)
    app.connect("builder-inited", build_assets)
    app.connect("doctree-read", replace_pictures)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", copy_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
