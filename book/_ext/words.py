"""The glossary: a page that lists all terms, and a link from the first use of a term on a page to its home.

The link shows the one line of the glossary when it is hovered or focused; without that it is a plain link.
"""

import re
import sys
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import lesson_words  # noqa: E402  # the tools know what a term is; Sphinx does not know the tools

# Where a word is no use of a term: links, headings, code, formulas, titles of boxes, its own definition.
NO_USE = {
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "code",
    "pre",
    "summary",
    "strong",
    "button",
    "figcaption",
    "svg",
    "label",
    "tex-inline",  # a formula, until it is typeset
    "tex-display",
}
NAMED = {"theorem", "lemma", "corollary", "proposition", "definition", "algorithm"}
STATEMENTS = '<div class="statements"></div>'
NO_USE_CLASSES = {"formula", "admonition-title", "lesson-data", "lesson-map", "toctree-wrapper"}


class Glossary(SphinxDirective):
    """List all terms with their meaning and their home."""

    def run(self):
        text = "".join(
            entry(self.env, term) for term in sorted(known(self.env.app), key=lambda t: t.term.lower())
        )
        return [nodes.raw("", f'<dl class="glossary">\n{text}</dl>', format="html")]


class Statements(SphinxDirective):
    """Mark the place of the list of statements, which is known when all pages are read."""

    def run(self):
        return [nodes.raw("", STATEMENTS, format="html")]


def known(app):
    """The terms whose home is a page of this site."""
    return [term for term in app.terms if home(term) in app.lessons]


def home(term):
    """The page of a term's home."""
    return f"notebooks/{term.home}"


def anchor(term):
    """The address of a term on the page of the glossary."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.term.lower()).strip("-")


def entry(env, term):
    """One term of the list."""
    address = env.app.builder.get_relative_uri(env.docname, home(term))
    others = f" Also: {escape(', '.join(term.other))}." if term.other else ""
    word = f'<dt id="{anchor(term)}"><a href="{address}">{escape(term.term)}</a></dt>'
    return f"{word}\n<dd>{escape(term.says)}{others}</dd>\n"


def link_terms(app, pagename, templatename, context, doctree):
    """Link the first use of each term on a chapter's pages to its home."""
    if doctree is None or not pagename.startswith("notebooks/"):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    left = [term for term in known(app) if not term.common and home(term) != pagename]
    for text in list(soup.find_all(string=True)):
        if left and type(text) is NavigableString and text.find_parent(["p", "li", "dd"]) and is_prose(text):
            left = link_first(
                soup, text, left, lambda term: app.builder.get_relative_uri(pagename, home(term))
            )
    context["body"] = str(soup)


def is_prose(text):
    """Whether a piece of text is a sentence of the author, not a link, a formula or a title."""
    return not any(
        parent.name in NO_USE or NO_USE_CLASSES & set(parent.get("class", ())) for parent in text.parents
    )


def link_first(soup, text, terms, address):
    """Link the terms that a piece of text uses; return those that are still to be found."""
    uses = sorted(
        ((match.start(), match.end(), term) for term in terms if (match := term.pattern.search(text))),
        key=lambda use: (use[0], -use[1]),
    )
    pieces, end, linked = [], 0, []
    for start, stop, term in uses:
        if start >= end:
            link = soup.new_tag(
                "a", attrs={"class": "term", "href": address(term), "aria-description": term.says}
            )
            link.string = text[start:stop]
            pieces += [NavigableString(text[end:start]), link]
            end = stop
            linked.append(term)
    if pieces:
        text.replace_with(*pieces, NavigableString(text[end:]))
    return [term for term in terms if term not in linked]


def note_statements(app, doctree):
    """Keep the names of a page's statements; Sphinx keeps them with the page."""
    found = [
        (node["label"], node["title"].strip().strip("()"))
        for node in doctree.findall(nodes.Element)
        if node.get("realtype") in NAMED and node.get("title")
    ]
    app.env.metadata[app.env.docname]["statements"] = found


def list_statements(app, pagename, templatename, context, doctree):
    """List the statements that have names, by name, each with a link."""
    if doctree is None or STATEMENTS not in (context["body"] or ""):
        return
    found = sorted(
        (name.lower(), name, f"{app.builder.get_relative_uri(pagename, docname)}#{label}")
        for docname, data in app.env.metadata.items()
        for label, name in data.get("statements", ())
    )
    items = "".join(f'<li><a href="{escape(link)}">{escape(plain(name))}</a></li>' for _, name, link in found)
    context["body"] = context["body"].replace(STATEMENTS, f'<ul class="statements">{items}</ul>')


def plain(name):
    """A name without the marks of formulas and emphasis."""
    return re.sub(r"[$*\\{}]", "", name)


def read_glossary(app):
    """Read the terms once."""
    app.terms = lesson_words.glossary()


def setup(app):
    app.add_directive("glossary-list", Glossary)
    app.add_directive("statement-list", Statements)
    app.connect("html-page-context", list_statements, priority=905)
    app.connect("builder-inited", read_glossary)
    app.connect("doctree-read", note_statements)
    app.connect("html-page-context", link_terms, priority=910)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
