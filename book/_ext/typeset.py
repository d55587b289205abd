"""Formulas, typeset while the book is built: the reader's browser runs no MathJax and nothing jumps.

Sphinx writes each formula's TeX into a ``<tex-inline>`` or ``<tex-display>`` element; once all pages stand,
one Node process typesets those not in the cache, and the elements are replaced. MathML for screen readers
comes with each.
"""

import collections
import hashlib
import html
import json
import re
from pathlib import Path

import fonts
import tinycss2
import vendor
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
FORMULA = re.compile(r"<tex-(inline|display)>(.*?)</tex-\1>", re.DOTALL)
SCRIPT = Path(__file__).with_suffix(".mjs")
#: What brings its own lines: a second table about it would be read as a table of one cell.
ENVIRONMENT = re.compile(r"\\begin\{(\w+)\}.*\\end\{\1\}", re.DOTALL)
#: Stands for the version of the style sheet in a page, until all formulas are known.
LATER = "formulas.css?v=later"
#: A formula wider than this many em scrolls in its own box on a phone.
PHONE_WIDTH = 17
#: One wider than this may not fit a list or a box where the page is enlarged four times.
ENLARGED_WIDTH = 11
#: Brackets and bars of any height are put together from these.
STRETCHED = ["MJXTEX-S1", "MJXTEX-S4", "MJXTEX", "MJXTEX-A"]
#: A formula with what must stay on its line: the comma behind it, or the end of its word.
WHOLE = re.compile(r"(<tex-inline>(?:(?!</tex-inline>).)*</tex-inline>)([.,;:)!?]+|-\w+)", re.DOTALL)


def visit_inline(self, element):
    self.body.append(f"<tex-inline>{self.encode(element.astext())}</tex-inline>")
    raise nodes.SkipNode


def visit_display(self, element):
    tex = element.astext()
    if r"\\" in ENVIRONMENT.sub("", tex) and not element["nowrap"]:
        tex = rf"\begin{{split}}{tex}\end{{split}}"
    self.body.append(self.starttag(element, "div", CLASS="math"))
    self.body.append(f"<tex-display>{self.encode(tex)}</tex-display>")
    if element["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, element)})')
        self.add_permalink_ref(element, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def mark_page(app, pagename, templatename, context, doctree):
    context["has_formulas"] = any(FORMULA.search(context.get(part) or "") for part in ("body", "contents"))


def typeset_pages(app, failure):
    """Replace the TeX in all pages of the site by formulas, and write the style sheet and fonts they need."""
    if failure or app.builder.format != "html":
        return
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    wanted = {key for text in pages.values() for key in FORMULA.findall(text)}
    typeset = cached_formulas(app, wanted)
    for path, text in pages.items():
        report_mistakes(path.relative_to(app.outdir), set(FORMULA.findall(text)), typeset["formulas"])
    finished = {
        path: FORMULA.sub(
            lambda match: formula(match.groups(), typeset["formulas"], roles(app)),
            WHOLE.sub(r'<span class="whole">\1\2</span>', text),
        )
        for path, text in pages.items()
    }
    folder = Path(app.outdir) / "_static" / "formulas"
    stamp = write_style(folder, typeset["css"], "".join(finished.values()), fonts.cache_of(app))
    for path, text in finished.items():
        if text != pages[path]:
            path.write_text(text.replace(LATER, f"formulas.css?v={stamp}"), encoding="utf-8")


def report_mistakes(page, keys, formulas):
    """Warn of TeX that MathJax could not read; the build takes warnings for errors."""
    for key in sorted(keys):
        if "error" in formulas[name(key)]:
            logger.warning(
                "%s: %s in the formula %s", page, formulas[name(key)]["error"], html.unescape(key[1])
            )


def name(key):
    """Name a formula in the cache."""
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:20]


def cached_formulas(app, wanted):
    """Return the style sheet and all known formulas, after typesetting the wanted ones not seen before."""
    macros = app.config.mathjax3_config["tex"]["macros"]
    lock = (vendor.FOLDER / "package-lock.json").read_bytes()
    version = hashlib.sha256(json.dumps(macros).encode() + SCRIPT.read_bytes() + lock).hexdigest()[:12]
    file = Path(app.srcdir) / "_build" / "formulas" / f"{version}.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"css": "", "formulas": {}}
    missing = sorted(key for key in wanted if name(key) not in known["formulas"])
    if missing:
        answer = run_mathjax(macros, missing)
        known["css"] = answer["css"]
        known["formulas"] |= dict(zip(map(name, missing), answer["formulas"], strict=True))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(known), encoding="utf-8")
    return known


def run_mathjax(macros, keys):
    formulas = [{"tex": html.unescape(tex), "display": kind == "display"} for kind, tex in keys]
    # Within a macro's body, TeX writes a # that is no argument as ##.
    macros = json.loads(re.sub(r"#(?=\w{6}\})", "##", json.dumps(macros)))
    question = {"mathjax": str(vendor.ensure_installed() / "mathjax"), "macros": macros, "formulas": formulas}
    failure = "MathJax stopped while typesetting formulas; its message stands above."
    return vendor.answer_of(SCRIPT, question, failure)


def roles(app):
    """Return the colour of each role, from the macros that use it."""
    macros = app.config.mathjax3_config["tex"]["macros"]
    found = {role: re.search(r"\\color\{(#\w{6})\}", str(macro)) for role, macro in macros.items()}
    return {match.group(1): role for role, match in found.items() if match}


def formula(key, formulas, roles):
    """Return a formula's HTML; a role's colour becomes a variable, so that the dark theme can change it."""
    entry = formulas[name(key)]
    if "error" in entry:
        return f"<code>{key[1]}</code>"
    text = entry["html"]
    for colour, role in roles.items():
        text = re.sub(f"color: {colour}", f"color: var(--role-{role})", text, flags=re.IGNORECASE)
    wide = " wide" if entry["width"] > PHONE_WIDTH else " long" if entry["width"] > ENLARGED_WIDTH else ""
    tex = html.escape(html.unescape(key[1]))  # for readers who copy the passage
    return f'<span class="formula{wide}" data-tex="{tex}">{text}</span>'


def write_style(folder, css, pages, cache):
    """Write the rules of MathJax's style sheet that the pages use, and their fonts; return its version."""
    used = elements(pages)
    # A parser, because a rule may draw a brace: content: "{".
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    kept = [rule for rule in rules if rule.type == "qualified-rule" and is_used(rule, used)]
    families = set(re.findall(r"MJX[\w-]+", tinycss2.serialize(kept)))
    faces = [
        rule
        for rule in rules
        if rule.type == "at-rule" and families & set(re.findall(r"MJX[\w-]+", rule.serialize()))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    # The fonts come with the sheet: no formula moves when its own font comes after another.
    text = with_fonts(tinycss2.serialize(faces), letters(kept), cache) + tinycss2.serialize(kept)
    file = folder / "formulas.css"
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_fonts(faces, drawn, cache):
    """Put fonts, each cut to the letters that are drawn with it, in the place of their addresses."""
    folder = vendor.MODULES / "mathjax" / "es5" / "output" / "chtml" / "fonts" / "woff-v2"
    found = re.findall(r'font-family: ([\w-]+);\s*src: (url\("?\./([^")]+)"?\) format\("woff"\))', faces)
    cuts = [fonts.Cut(folder / file, "".join(sorted(drawn.get(family, "")))) for family, _, file in found]
    for (_, address, _), source in zip(found, fonts.sources(cuts, cache), strict=True):
        faces = faces.replace(address, source)
    return faces


def elements(pages):
    """Return the different elements of formulas, each as the set of its tag and its classes."""
    found = set(re.findall(r'<(mjx-[\w-]+)(?:[^>]*? class="([^"]*)")?', pages))
    return {frozenset([tag, *classes.split()]) for tag, classes in found}


def is_used(rule, used):
    """Tell whether a page may have what one of the rule's selectors asks for."""
    selectors = tinycss2.serialize(rule.prelude).split(",")
    return any(
        all(any(part <= element for element in used) for part in compounds(selector))
        for selector in selectors
    )


def compounds(selector):
    """Return the tags and classes that a selector asks of one element each, the outermost first."""
    plain = re.sub(r"\[[^\]]*\]|::?[\w-]+(\([^)]*\))?|\*", "", selector)
    return [frozenset(re.findall(r"[\w-]+", part)) for part in re.split(r"[\s>+~]+", plain.strip())]


def letters(rules):
    """Return the characters that some rules draw, by family of font."""
    drawn = collections.defaultdict(set)
    for rule in rules:
        text = "".join(token.value for token in rule.content if token.type == "string")
        for family in families_of(tinycss2.serialize(rule.prelude)):
            drawn[family].update(text)
    return drawn


def families_of(selector):
    """Return the families in which MathJax draws what a selector asks for."""
    if "mjx-stretchy" in selector:
        return STRETCHED
    own = re.search(r"\.(TEX-\w+)", selector)
    return [f"MJX{own[1]}" if own else "MJXTEX"]


def setup(app):
    app.add_html_math_renderer("typeset", (visit_inline, None), (visit_display, None))
    app.connect("html-page-context", mark_page, priority=950)
    app.connect("build-finished", typeset_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
