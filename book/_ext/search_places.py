"""The places of a page that the search leads to: each with its kind, its name, its address and its words.

They are read from the page as it will stand, when its numbers, links and folds are known; formulas are still
TeX in their elements, and become text when all are typeset.
"""

import dataclasses
import re

from bs4 import BeautifulSoup, NavigableString, Tag

#: What is shown above a name; the order is that of `search_engine.js`.
KINDS = (
    "Word",
    "Statement",
    "Lesson",
    "Chapter",
    "Page",
    "Section",
    "Question",
    "Exercise",
    "Explorer",
    "Figure",
    "Symbol",
    "Source",
)
STATEMENTS = {"theorem", "lemma", "corollary", "proposition", "definition", "algorithm", "example", "remark"}
#: What a reader does not look for: code, answers before they are asked for, what leads about.
LEFT_OUT = {
    "headerlink",
    "quiz",
    "hint",
    "solution",
    "lesson-data",
    "lesson-map",
    "toctree-wrapper",
    "explorer-stage",
    "explorer-note",
    "glossary",
    "statements",
    "eqno",
    "label",
    "fn-bracket",
    "hide",
    "output",
}
LEFT_OUT_NAMES = {"pre", "script", "svg", "button", "fieldset"}
TEXTS = {"p", "li", "dd", "dt", "td", "th", "summary", "figcaption", "div"}
NOT_DEFINED_IN = "h1, h2, h3, h4, summary, table, figcaption, .admonition-title, .quiz, .hint, .solution"
TEX = re.compile(r"\ue000(inline|display)\ue001(.*?)\ue002", re.DOTALL)


@dataclasses.dataclass
class Place:
    """Where a result leads: the address is that within the page, empty for the page's top."""

    kind: str
    name: str
    at: str = ""
    words: str = ""
    other: list[str] = dataclasses.field(default_factory=list)


def places(body: BeautifulSoup, kind: str) -> list[Place]:
    """The places of a page, the page itself first.

    Parameters
    ----------
    body : BeautifulSoup
        The text of the page.
    kind : str
        The kind of the page itself: Lesson, Chapter or Page.
    """
    heading = body.select_one("h1")
    if heading is None:
        return []
    page = Place(kind, name_of(heading))
    found = [page]
    walk(body, page, found)
    return found


def walk(element: Tag, place: Place, found: list[Place]) -> None:
    """Go through an element in reading order; what is no place of its own belongs to the last one."""
    for part in element.children:
        if not isinstance(part, Tag) or is_left_out(part):
            continue
        own = begun(part)
        if own is not None:
            found.append(own)
            if own.kind == "Section":
                walk(part, own, found)
            elif own.kind != "Source":
                own.words = own.words or text_of(part, title=False)
        elif part.name in {"h1", "h2", "h3", "h4"} or (part.name == "summary" and part.find("h2")):
            continue
        elif part.name in {"p", "li", "dd", "dt", "summary", "tr", "tex-display"} and not part.select(
            "figure, section"
        ):
            place.words = f"{place.words} {text_of(part)}".strip()
        else:
            walk(part, place, found)


def is_left_out(part: Tag) -> bool:
    """Whether an element holds nothing that a reader looks for."""
    return part.name in LEFT_OUT_NAMES or not LEFT_OUT.isdisjoint(part.get("class", ()))


def begun(part: Tag) -> Place | None:
    """The place that an element is, if it is one."""
    classes = set(part.get("class", ()))
    if part.name == "section" and part.find(["h2", "h3", "h4"], recursive=False):
        return Place("Section", name_of(part.find(["h2", "h3", "h4"], recursive=False)), address(part))
    if part.name == "section" and part.select_one(":scope > details.deeper > summary > h2"):
        return Place("Section", name_of(part.select_one("h2")), address(part))
    if "mml-explorer" in classes and part.get("id"):
        caption = part.select_one("figcaption")
        return Place("Explorer", first_sentence(text_of(caption)), part["id"], text_of(caption))
    if part.name == "figure" and part.get("id") and part.select_one(".caption-text"):
        number, caption = part.select_one(".caption-number"), text_of(part.select_one(".caption-text"))
        name = " ".join(filter(None, [text_of(number) if number else "", first_sentence(caption)]))
        return Place("Figure", name, part["id"], caption)
    if "admonition" in classes and part.get("id") and classes & {"exercise", *STATEMENTS}:
        kind = "Exercise" if "exercise" in classes else "Statement"
        title = text_of(part.select_one(".admonition-title"))
        bare = re.sub(r"^[\w ]*?[\d.]+ \((.*)\)$", r"\1", title)
        return Place(kind, title, part["id"], other=[bare] if bare != title else [])
    if "citation" in classes and part.get("id"):
        return Place("Source", cut(text_of(part.select_one("p")), 160), part["id"])
    return None


def address(section: Tag) -> str:
    """The label an author gave to a section, which stays, or else the address made from its title."""
    label = section.find("span", id=True, recursive=False)
    return label["id"] if label and not label.get_text() else section.get("id", "")


def name_of(heading: Tag) -> str:
    """The words of a heading without its number, its link, and the word that says it goes deeper."""
    return re.sub(r"^(?:[\d.]+ +)?(?:Deeper: +)?", "", text_of(heading))


def text_of(element: Tag, title: bool = True) -> str:
    """The text of an element, with TeX between marks; with or without the title of the box it is."""
    pieces = []
    for part in element.descendants:
        if isinstance(part, Tag) and part.name.startswith("tex-"):
            pieces.append(
                f" \ue000{part.name[4:]}\ue001{part.decode_contents()}\ue002 ".strip(
                    " " * (part.name == "tex-inline")
                )
            )
        elif type(part) is NavigableString and is_read(part, element, title):
            pieces.append(str(part))
        elif isinstance(part, Tag) and part.name in TEXTS:
            pieces.append(" ")
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def is_read(text: NavigableString, element: Tag, title: bool) -> bool:
    """Whether a piece of text within an element is read: no code, no formula, nothing left out."""
    for parent in text.parents:
        if parent.name.startswith("tex-") or is_left_out(parent):
            return False
        if not title and "admonition-title" in parent.get("class", ()):
            return False
        if parent is element:
            return True
    return True


def first_sentence(text: str) -> str:
    """The first sentence of a text, or what stands before its colon; cut between words where long."""
    end = re.search(r"[.?!;:](?= |$)", text)
    return cut(text[: end.end()] if end else text, 110).rstrip(".;: ")


def first_sentences(text: str) -> str:
    """The first sentences of a text, about two lines."""
    ends = [match.end() for match in re.finditer(r"[.?!](?= |$)", text) if match.end() < 240]
    return text[: ends[-1]] if ends else cut(text, 240)


def cut(text: str, most: int) -> str:
    """A text cut between words where it is long; no formula is cut."""
    if len(text) <= most:
        return text
    # No space within a formula is one between words, be the formula complete or not.
    hidden = re.sub(r"\ue000[^\ue002]*\ue002?", lambda match: "x" * len(match[0]), text[: most - 2])
    return text[: max(hidden.rfind(" "), 0)] + " …"


def defined(body: BeautifulSoup) -> list[Tag]:
    """The bold words of the text that are defined there: no labels, no whole sentences."""
    return [
        bold
        for bold in body.select("p strong, li strong, dd strong")
        if re.fullmatch(r"[\w’'´\-–/ ]{3,45}", bold.get_text().strip())
        and len(bold.get_text().split()) <= 5
        and bold.find_parent(lambda parent: parent.css.match(NOT_DEFINED_IN)) is None
        and not is_label(bold)
        and not bold.get_text().lower().startswith("predict")
    ]


def is_label(bold: Tag) -> bool:
    """Whether bold words are the label of a paragraph: they begin it, and are capital."""
    before = bold.previous_sibling
    first = before is None or (isinstance(before, NavigableString) and not before.strip())
    sentence = isinstance(before, NavigableString) and re.search(r"[.?!:]\s*$", str(before)) is not None
    return (first or sentence) and bold.get_text().strip()[0].isupper()


def sentence_about(bold: Tag) -> str:
    """The sentence in which a word stands in bold."""
    text = text_of(bold.find_parent(["p", "li", "dd"]))
    word = bold.get_text().strip()
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z\ue000])", text)
    return next((sentence for sentence in sentences if word in sentence), text)
