"""The index of the search: all places of the book, in a script that a page loads when its reader searches.

While pages are written, the places of each are kept beside what Sphinx keeps of it. When all are written and
their formulas typeset, they are put together with the words of the glossary and other names into one file.
"""

import dataclasses
import json
import re
import unicodedata
from pathlib import Path

import search_places
import typeset
import vendor
import words
import yaml
from bs4 import BeautifulSoup, Tag
from formula_text import formula_text
from search_places import KINDS, TEX, Place
from sphinx.util import logging

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
OTHER_NAMES = ROOT / "book" / "data" / "other_names.yml"
SYMBOLS = "book/notation"
QUESTIONS = "book/faq"
GREEK = {
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "eta",
    "theta",
    "kappa",
    "lambda",
    "mu",
    "nabla",
    "rho",
    "sigma",
}
GREEK |= {"tau", "phi", "omega"}
#: Comments that describe the library to those who program with it, and the address of its map.
REMARKS = re.compile(r"^[ \t]*/\*\*[\s\S]*?\*/\n|^[ \t]*//.*(?:\n|\Z)", re.MULTILINE)


def note_places(app, pagename, templatename, context, doctree) -> None:
    """Give each defined word of a page an address, and keep the places of the page."""
    if doctree is None or not context.get("body"):
        return
    body = BeautifulSoup(context["body"], "html.parser")
    defined = name_words(app, pagename, body)
    kind = "Lesson" if pagename in app.lessons else "Chapter" if pagename in app.chapter_fronts else "Page"
    found = [*search_places.places(body, kind), *defined]
    if found and found[0].kind == "Lesson" and app.lessons[pagename].question:
        found[0].words = f"{app.lessons[pagename].question} {found[0].words}"
    if pagename == SYMBOLS:
        found += name_symbols(body)
    for place in found:
        if pagename == QUESTIONS and place.kind == "Section" and place.name.endswith("?"):
            place.kind = "Question"
    context["body"] = str(body)
    file = kept(app, pagename)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([dataclasses.asdict(place) for place in found]), encoding="utf-8")


def kept(app, pagename: str) -> Path:
    """Where the places of a page are kept; it goes when Sphinx forgets what it has read."""
    return Path(app.doctreedir) / "places" / f"{pagename}.json"


def name_words(app, pagename: str, body: BeautifulSoup) -> list[Place]:
    """Give an address to each word that the page defines; return those that are not in the glossary."""
    for term in words.known(app):
        if words.home(term) == pagename:
            bold = next(
                (bold for bold in body.select("strong") if term.pattern.fullmatch(plain_words(bold))), None
            )
            if bold is not None:
                bold["id"] = home_anchor(term)
    found = {}
    for bold in search_places.defined(body) if pagename.startswith("notebooks/") else ():
        text = plain_words(bold)
        if not any(term.pattern.fullmatch(text) for term in app.terms):
            anchor = "word-" + re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")
            if anchor not in found:
                bold["id"] = anchor
                found[anchor] = Place("Word", text, anchor, search_places.sentence_about(bold))
    return list(found.values())


def plain_words(bold: Tag) -> str:
    """The words of an element with single spaces."""
    return " ".join(bold.get_text().split())


def home_anchor(term) -> str:
    """The address of a term on the page that defines it."""
    return words.anchor(term).replace("term-", "word-", 1)


def name_symbols(body: BeautifulSoup) -> list[Place]:
    """Give an address to each row of the tables of symbols, which has to link to its lesson."""
    found, seen = [], set()
    for row in body.select("tbody > tr"):
        cells = row.select("td")
        if not cells[0].find(re.compile("^tex-")) or len(cells) != 4:
            continue
        if row.select_one("a[href]") is None:
            logger.warning(
                "book/notation.md: no link to a lesson in the row %s", row.get_text(" ", strip=True)
            )
        meaning = search_places.text_of(cells[1])
        slug = "symbol-" + re.sub(r"[^a-z0-9]+", "-", folded(TEX.sub("", meaning))).strip("-")[:40].strip("-")
        row["id"] = slug if slug not in seen else f"{slug}-{len(seen)}"
        seen.add(row["id"])
        symbol, code = search_places.text_of(cells[0]), [part.get_text() for part in cells[2].select("code")]
        found.append(
            Place("Symbol", f"{symbol}: {meaning}", row["id"], other=[symbol, *code, *letter_names(symbol)])
        )
    return found


def letter_names(symbol: str) -> list[str]:
    """The names of the Greek letters of a formula, as a reader types them."""
    names = {name.lower().removeprefix("var") for name in re.findall(r"\\([A-Za-z]+)", symbol)}
    return sorted(names & GREEK)


def folded(text: str) -> str:
    """The text in small letters without accents."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return plain.casefold()


def squashed(name: str) -> str:
    """A name as names are compared: letters and digits only."""
    return re.sub(r"[\W_]+", "", folded(name))


def write_index(app, failure) -> None:
    """Write the index and the library that searches it into the site."""
    if failure or app.builder.format != "html":
        return
    pages = {
        name: [Place(**place) for place in json.loads(kept(app, name).read_text(encoding="utf-8"))]
        for name in app.env.collect_relations()
        if kept(app, name).exists()
    }
    found = [(name, place) for name in pages for place in pages[name]]
    found = [*glossary_words(app, pages), *once(app, found)]
    add_other_names(app, found)
    number = {name: place for place, name in enumerate(pages)}
    formulas = formula_texts(app, found)
    index = {
        "kinds": KINDS,
        "pages": [[app.builder.get_target_uri(name), *titles(app, name)] for name in pages],
        "places": [entry(number[name], place, formulas) for name, place in found],
    }
    folder = Path(app.outdir) / "search"
    folder.mkdir(parents=True, exist_ok=True)
    write_script(folder / "places.js", "bookPlaces", index)
    write_script(folder / "texts.js", "bookTexts", [plain(place.words, formulas) for _, place in found])
    library = (vendor.MODULES / "minisearch" / "dist" / "umd" / "index.js").read_text(encoding="utf-8")
    (folder / "minisearch.js").write_text(REMARKS.sub("", library), encoding="utf-8")
    for leftover in ("_static/searchtools.js", "_static/language_data.js"):  # which the basic theme brings
        (Path(app.outdir) / leftover).unlink(missing_ok=True)


def glossary_words(app, pages: dict[str, list[Place]]) -> list[tuple[str, Place]]:
    """The words of the glossary, each at its home."""
    return [
        (words.home(term), Place("Word", term.term, home_anchor(term), term.says, [*term.other, *term.forms]))
        for term in words.known(app)
        if words.home(term) in pages
    ]


def once(app, found: list[tuple[str, Place]]) -> list[tuple[str, Place]]:
    """The places of all pages; a word that several pages set in bold stands where it comes first."""
    seen, kept = {squashed(term.term) for term in words.known(app)}, []
    for name, place in found:
        key = squashed(place.name).removesuffix("s")
        if place.kind != "Word" or key not in seen:
            kept.append((name, place))
        if place.kind == "Word":
            seen.add(key)
    return kept


def add_other_names(app, found: list[tuple[str, Place]]) -> None:
    """Give words and statements the names that the text does not use, and a place to the other names."""
    homes = {home_anchor(term) for term in words.known(app)}
    explained = {
        squashed(name) for _, place in found if place.at in homes for name in (place.name, *place.other)
    }
    for group in yaml.safe_load(OTHER_NAMES.read_text(encoding="utf-8")):
        names, label = group["names"], group.get("at")
        if label is None:
            known = named_so(found, {squashed(name) for name in names})
        else:
            names = [name for name in names if squashed(name) not in explained]  # the glossary knows better
            known = next(
                (place for _, place in found if place.kind == "Statement" and place.at == label), None
            )
        if known is not None:
            known.other += [name for name in names if name not in (known.name, *known.other)]
        elif label is None:
            logger.warning("%s: no word or statement is called %s; say where", OTHER_NAMES.name, names)
        elif (at := where(app, found, label)) is None:
            logger.warning("%s: nothing in the book has the label %s", OTHER_NAMES.name, label)
        else:
            drop_elsewhere(found, at[0], {squashed(name) for name in names}, homes)
            bold = {squashed(place.name) for page, place in found if page == at[0] and place.kind == "Word"}
            if names := [name for name in names if squashed(name) not in bold]:
                found.insert(0, (at[0], Place("Word", names[0], at[1], at[2], names[1:])))


def drop_elsewhere(found: list[tuple[str, Place]], page: str, keys: set[str], homes: set[str]) -> None:
    """Drop the words that other pages than their home set in bold; the glossary's words stay."""
    found[:] = [
        (name, place)
        for name, place in found
        if place.kind != "Word" or name == page or place.at in homes or squashed(place.name) not in keys
    ]


def named_so(found: list[tuple[str, Place]], keys: set[str]) -> Place | None:
    """The word, or else the statement, that has one of some names."""
    for kind in ("Word", "Statement"):
        for _, place in found:
            if place.kind == kind and keys & {squashed(name) for name in (place.name, *place.other)}:
                return place
    return None


def where(app, found: list[tuple[str, Place]], label: str) -> tuple[str, str, str] | None:
    """Page and address of what has a label, and the sentence that begins there."""
    if label not in app.env.domaindata["std"]["anonlabels"]:
        return None
    name = app.env.domaindata["std"]["anonlabels"][label][0]
    inner = next((place for page, place in found if page == name and place.at == label), None)
    top = next(place for page, place in found if page == name and place.kind in {"Lesson", "Chapter", "Page"})
    return name, label if inner else "", search_places.first_sentences((inner or top).words)


def formula_texts(app, found: list[tuple[str, Place]]) -> dict[tuple[str, str], str]:
    """The formulas of all places as text."""
    texts = "\n".join("\n".join((place.name, place.words, *place.other)) for _, place in found)
    wanted = set(TEX.findall(texts))
    typeset_ones = typeset.cached_formulas(app, wanted)["formulas"]
    return {
        key: formula_text(typeset_ones[typeset.name(key)]["html"])
        for key in wanted
        if "html" in typeset_ones[typeset.name(key)]
    }


def titles(app, name: str) -> tuple[str, str]:
    """The title of a page, and that of its chapter if it is a lesson, before the colon."""
    chapter = app.lessons[name].chapter if name in app.lessons else ""
    return app.env.titles[name].astext(), app.env.titles[chapter].astext().split(":")[0] if chapter else ""


def entry(page: int, place: Place, formulas: dict[tuple[str, str], str]) -> list:
    """A place as it stands in the index: kind, page, address, name, other names."""
    other = " | ".join(plain(one, formulas) for one in place.other)
    return [KINDS.index(place.kind), page, place.at, plain(place.name, formulas), *([other] if other else [])]


def plain(text: str, formulas: dict[tuple[str, str], str]) -> str:
    """A text with its formulas as text."""
    text = TEX.sub(lambda match: formulas.get(match.groups(), ""), text)
    return re.sub(r"\s+([,.;:)])", r"\1", text).strip()


def write_script(path: Path, name: str, value) -> None:
    """Write a value as a script that sets it: a page that is opened from a file may load nothing else."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"globalThis.{name} = {text};\n", encoding="utf-8")


def replace_sphinx(app) -> None:
    """Let Sphinx make no index of its own: it could not go on with one that is not published."""
    app.builder.search = False


def setup(app):
    app.connect("builder-inited", replace_sphinx)
    app.connect("html-page-context", note_places, priority=940)
    app.connect("build-finished", write_index, priority=600)  # when formulas are typeset
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
