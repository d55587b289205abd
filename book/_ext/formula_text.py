"""A formula as a line of text, read from its MathML: what a result of the search shows in its place."""

import html
import re
import unicodedata
from xml.etree import ElementTree

INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\ufe00"))
DOUBLE_STRUCK = dict(zip("CENPQRZ", "ℂ𝔼ℕℙℚℝℤ", strict=True))
SUPERSCRIPTS = str.maketrans("0123456789+−-=()inT⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱⁿᵀᵀ")
SUBSCRIPTS = str.maketrans("0123456789+−-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
ACCENTS = {
    "^": "\u0302",
    "ˆ": "\u0302",
    "¯": "\u0304",
    "―": "\u0304",
    "~": "\u0303",
    "˜": "\u0303",
    "˙": "\u0307",
}
MARKS = {"′", "″", "*", "∗", "†", "⋆"}  # stand at the letter, not above it
MATHML = re.compile(r"<math\b.*?</math>", re.DOTALL)


def formula_text(typeset: str) -> str:
    """The text of a formula that MathJax has typeset, with the MathML it gives to screen readers.

    >>> formula_text("<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mn>1</mn></math>")
    'x² = 1'
    """
    root = ElementTree.fromstring(
        html.unescape(re.sub(r"&(lt|gt|amp);", r"&amp;\1;", MATHML.search(typeset)[0]))
    )
    text = unicodedata.normalize("NFC", written(root).translate(INVISIBLE))
    text = re.sub(r"([(\[⟨{]) | (?=[)\]⟩},;])", r"\1", re.sub(r"\s+", " ", text)).strip()
    return re.sub(r"(?:^|(?<=[=(\[{,;<>≤≥≈→+×⋅:]))( ?)− ", r"\1−", text)  # a sign, not a difference


def written(element: ElementTree.Element) -> str:
    """An element as text."""
    kind, parts = element.tag.rpartition("}")[2], list(element)
    if kind == "mo":
        return operator((element.text or "").strip())
    if kind in {"mi", "mn", "mtext", "ms"}:
        text = element.text or ""
        return (
            DOUBLE_STRUCK.get(text, text)
            if element.get("mathvariant") == "double-struck"
            else named(kind, text)
        )
    if kind in {"mphantom", "annotation"}:
        return ""
    if kind == "mspace":
        return " "
    if kind == "mfrac":
        return "/".join(grouped(written(part)) for part in parts)
    if kind in {"msqrt", "mroot"}:
        return "√" + grouped(written(parts[0]) if kind == "mroot" else "".join(map(written, parts)))
    if kind in {"msub", "munder"}:
        return written(parts[0]).rstrip() + low(written(parts[1]))
    if kind in {"msup", "mover"}:
        return above(kind, *map(written, parts))
    if kind in {"msubsup", "munderover"}:
        return written(parts[0]).rstrip() + low(written(parts[1])) + high(written(parts[2]))
    if kind == "mtable":
        return "; ".join(" ".join(map(written, row)).strip(" ,;") for row in parts)
    return "".join(map(written, parts))


def operator(sign: str) -> str:
    """An operator: with room about it where it compares or joins, without where it belongs to one side."""
    name = unicodedata.name(sign, "") if len(sign) == 1 else ""
    if sign in {"=", "<", ">", "+", "−", "±", "×", "⋅", "·", ":", ":="} or re.search(
        r"EQUAL|LESS|GREATER|ARROW|ELEMENT|SUBSET|SUPERSET|TILDE OPERATOR|PROPORTIONAL|UNION|INTERSECTION",
        name,
    ):
        return f" {sign} "
    return f"{sign} " if sign in {",", ";"} else sign


def named(kind: str, text: str) -> str:
    """A name of more than a letter, as of a function, with room behind it."""
    return f"{text} " if kind == "mi" and len(text) > 1 else text


def grouped(text: str) -> str:
    """A part of a fraction or of an exponent, in brackets if it has more than one part itself."""
    text = text.strip()
    return text if re.fullmatch(r"[\w.′\u0300-\u036f⁰-₟²³¹|∥]*|\(.*\)", text) else f"({text})"


def low(index: str) -> str:
    """An index: low letters where there are any."""
    index = index.strip().replace(" ", "")
    small = index.translate(SUBSCRIPTS)
    return small if all(letter not in small for letter in index) else f"_{whole(index)}"


def high(exponent: str) -> str:
    """An exponent: high letters where there are any."""
    exponent = exponent.strip().replace(" ", "")
    small = exponent.translate(SUPERSCRIPTS)
    if exponent in MARKS or all(letter not in small for letter in exponent):
        return small
    return f"^{whole(exponent)}"


def whole(text: str) -> str:
    """What follows a mark for high or low, in brackets if it has more than one letter or number."""
    is_one = len(text) == 1 or text.isdigit() or re.fullmatch(r"\([^()]*\)", text)
    return text if is_one else f"({text})"


def above(kind: str, base: str, sign: str) -> str:
    """What stands above or at the upper right: an accent on its letter, or an exponent."""
    if kind == "mover":
        accent = ACCENTS.get(sign.strip())
        return base.strip() + accent if accent and len(base.strip()) == 1 else base
    return base.rstrip() + high(sign)
