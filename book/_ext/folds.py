"""What a first reader may skip is folded: proofs under their idea, and sections that go deeper.

A fold is a ``<details>``, so that it opens without a script. Its summary says what is in it: the idea of a
proof, which stands in italics at its beginning, or the title of the section and the idea after it.
"""

import copy

from bs4 import BeautifulSoup

DEEPER = "Deeper:"


def fold(app, pagename, templatename, context, doctree):
    """Fold the proofs and the deeper sections of a page."""
    if doctree is None or not context.get("body"):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for proof in soup.select("div.proof.admonition:not(.theorem)"):
        fold_proof(soup, proof)
    for section in soup.select("section:has(> h2)"):
        if section.h2.get_text().strip().startswith(DEEPER):
            fold_section(soup, section)
    context["body"] = str(soup)


def fold_proof(soup, proof):
    """Make a proof a fold whose summary is its idea; the word "Proof." begins its first paragraph."""
    paragraph = proof.find("p")
    word = next(iter(paragraph.children), None) if paragraph else None
    if not isinstance(word, str) or not word.strip().startswith("Proof"):
        return  # an example or a remark is read where it stands
    word.replace_with(word.strip().removeprefix("Proof").lstrip(".").lstrip())
    idea = first_emphasis(paragraph)
    proof.name = "details"
    summary = soup.new_tag("summary")
    summary.append("Proof")
    if idea is not None:
        summary.append(". ")
        summary.append(idea.extract())
    for link in summary.select("a"):
        link.unwrap()
    proof.insert(0, summary)


def fold_section(soup, section):
    """Make all of a section but its heading a fold; the heading and the idea are its summary."""
    box, summary = soup.new_tag("details", attrs={"class": "deeper"}), soup.new_tag("summary")
    heading = section.h2
    rest = list(heading.next_siblings)
    summary.append(heading.extract())
    paragraph = next((part for part in rest if getattr(part, "name", None) == "p"), None)
    idea = first_emphasis(paragraph)
    if idea is not None:
        summary.append(copy.copy(idea))
        idea.decompose()
    for link in summary.select("a.headerlink"):
        link.decompose()  # a summary is a control itself
    for link in summary.select("a"):
        link.unwrap()
    box.append(summary)
    for part in rest:
        box.append(part.extract())
    section.append(box)


def first_emphasis(paragraph):
    """The emphasised words with which a paragraph begins, if it does."""
    if paragraph is None:
        return None
    first = next((part for part in paragraph.children if str(part).strip()), None)
    return first if getattr(first, "name", None) == "em" else None


def setup(app):
    app.connect("html-page-context", fold, priority=920)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
