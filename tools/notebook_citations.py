"""Citations in full: author and year, with a link to the references of the site."""

import functools

import yaml
from notebook_source import ROOT
from pybtex.database import Entry, Person, parse_file
from pybtex.richtext import Text

REFERENCES = ROOT / "book" / "references.bib"


def citation(keys: str, textual: bool) -> str:
    """Works as Markdown: `Strang (2016)` as a part of the sentence, or `(Strang, 2016; Gage, 1994)`."""
    works = [key.strip() for key in keys.split(",")]
    if textual:
        return ", ".join(f"{authors(entry(key))} ([{year(entry(key))}]({address(key)}))" for key in works)
    return (
        "(" + "; ".join(f"[{authors(entry(key))}, {year(entry(key))}]({address(key)})" for key in works) + ")"
    )


@functools.cache
def bibliography() -> dict[str, Entry]:
    """All works by their keys."""
    return dict(parse_file(str(REFERENCES)).entries)


def entry(key: str) -> Entry:
    """One work."""
    try:
        return bibliography()[key]
    except KeyError:
        raise ValueError(f"cites {key!r}, which {REFERENCES.name} does not have") from None


def year(work: Entry) -> str:
    """When a work appeared."""
    return plain(Text.from_latex(work.fields["year"]))


def authors(work: Entry) -> str:
    """Who wrote a work: one or two last names, the first one and "et al.", or else the title."""
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [last_name(person) for person in people]
    if not names:
        return plain(Text.from_latex(work.fields["title"]))
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."


def last_name(person: Person) -> str:
    """The last name with what comes before it, such as van."""
    return " ".join(plain(part) for part in (*person.rich_prelast_names, *person.rich_last_names))


def plain(text: Text) -> str:
    """A rich text without its marks."""
    return str(text).replace("\N{NO-BREAK SPACE}", " ")


def address(key: str) -> str:
    """Where a work stands in the references of the site."""
    return f"{site()}/book/references.html#cite-{key}"


def site() -> str:
    """The address of the published site."""
    return config()["html"]["baseurl"].rstrip("/")


def repository() -> str:
    """The address of the repository."""
    return config()["repository"]["url"].rstrip("/")


@functools.cache
def config() -> dict:
    """The configuration of the book, the one place that names addresses."""
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
