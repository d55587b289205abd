"""The list of references: surnames first, and where each entry is cited."""

import collections
import re
from html import escape

from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style
from pybtex.style.names.lastfirst import NameStyle
from pybtex.style.template import names, sentence

PAGE = "book/references"
ENTRY = re.compile(r'<div class="citation" id="([^"]+)".*?</p>', re.DOTALL)


class SurnameFirst(Style):
    """The plain style with surnames first, since the list is sorted by them."""

    default_name_style = NameStyle

    def format_names(self, role, as_sentence=True):
        """Separate names by semicolons: a comma stands within each."""
        listed = names(role, sep="; ", sep2=" and ", last_sep="; and ")
        return sentence[listed] if as_sentence else listed


def fill_in(app, pagename, templatename, context, doctree):
    """Say on the list of references where each of them is cited."""
    if pagename == PAGE and doctree is not None:
        domain = app.env.get_domain("cite")
        keys = {citation.citation_id: citation.key for citation in domain.citations}
        cited = places(domain)
        context["body"] = ENTRY.sub(lambda match: entry(app, match, cited[keys[match[1]]]), context["body"])


def places(domain):
    """The pages that cite each key."""
    found = collections.defaultdict(set)
    for reference in domain.citation_refs:
        for cited in reference.targets:
            found[cited.key].add(reference.docname)
    return found


def entry(app, match, pages):
    """An entry with the pages that cite it."""
    order = list(app.builder.relations)  # as the book is read
    links = ", ".join(
        f'<a class="reference internal" href="{escape(app.builder.get_relative_uri(PAGE, page))}">'
        f"{app.builder.render_partial(app.env.titles[page])['title']}</a>"
        for page in sorted(pages, key=order.index)
    )
    where = f' <span class="cited-in">Cited in {links}.</span>' if links else ""
    return f"{match[0].removesuffix('</p>')}{where}</p>"


def setup(app):
    """Register with Sphinx."""
    register_plugin("pybtex.style.formatting", "surname_first", SurnameFirst)
    app.connect("html-page-context", fill_in, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
