"""The slow way to a frame, as an oracle: matplotlib's own SVG backend, its text parsed and made compact.

What explorers record straight from the draw calls must look the same.
"""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET
from html import escape
from typing import TYPE_CHECKING

import matplotlib.style
from PIL import Image

from mmlhelpers.explorers._svg import _VARIABLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_XLINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+")
#: Decimals kept, in points; a transformation multiplies lengths and keeps more.
_DECIMALS = {"d": 2, "x": 2, "y": 2, "width": 2, "height": 2, "transform": 5}
_NOTHING = {"font-family", "stroke-dashoffset", "id", _XLINK, "style"}


def elements(figure: Figure, salt: str, *, themed: bool) -> list[str]:
    """Draw a figure as the elements inside an SVG document, one a line, on transparent paper.

    The salt keeps the ids of different figures on one page apart. With `themed`, house colours become the
    site's CSS variables, and pictures WebP.
    """
    buffer = io.StringIO()
    figure.set_dpi(72)  # one unit of the SVG, so that places asked for after drawing are in its coordinates
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.style.context(["mmlhelpers.plotting.book", {"svg.hashsalt": salt}]):
        figure.savefig(buffer, format="svg", dpi=72, transparent=True, metadata=nothing)
    text = buffer.getvalue()
    referred = set(re.findall(r'(?:url\(|href=")#([^")]+)', text))
    lines: list[str] = []
    for child in ET.fromstring(text):
        _write(child, referred, lines)
    return [_themed(line) for line in lines] if themed else lines


def _themed(line: str) -> str:
    line = re.sub(r'"(#[0-9a-f]{6})"', lambda match: f'"{_VARIABLE.get(match[1], match[1])}"', line)
    return re.sub(r'data:image/png;base64,([^"]+)', lambda match: _webp(match[1]), line)


def _write(element: ET.Element, referred: set[str], lines: list[str]) -> None:
    """Append an element and what is in it, leaving out groups that do nothing and paths that show nothing."""
    tag = element.tag.rpartition("}")[2]
    attributes = _attributes(element, referred)
    if tag == "style" or (tag == "path" and attributes.get("fill") == "none" and "stroke" not in attributes):
        return
    opening = f"<{tag}" + "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    if len(element) == 0:
        text = escape(element.text.strip()) if element.text else ""
        if text or tag not in ("g", "defs"):
            lines.append(f"{opening}>{text}</{tag}>" if text else f"{opening}/>")
        return
    inner: list[str] = []
    for child in element:
        _write(child, referred, inner)
    idle = tag == "g" and not attributes
    if inner:
        lines += inner if idle else [f"{opening}>", *inner, f"</{tag}>"]


def _attributes(element: ET.Element, referred: set[str]) -> dict[str, str]:
    style = dict(part.split(":", 1) for part in element.get("style", "").split(";") if part.strip())
    pairs = {**element.attrib, **{name.strip(): value.strip() for name, value in style.items()}}
    kept = {name: _short(name, value) for name, value in pairs.items() if name not in _NOTHING}
    if kept.get("transform", "").startswith("rotate(-0 "):
        del kept["transform"]
    if element.get("id") in referred:
        kept["id"] = element.attrib["id"]
    if _XLINK in element.attrib:
        kept["href"] = "".join(element.attrib[_XLINK].split())
    return kept


def _short(name: str, value: str) -> str:
    if name == "d":
        value = re.sub(r"\s*([A-Za-z])\s*", r"\1", value).strip()
    if name == "font-size":
        return value.removesuffix("px")
    if name not in _DECIMALS:
        return value
    return _NUMBER.sub(
        lambda m: f"{round(float(m[0]), _DECIMALS[name]) + 0.0:.{_DECIMALS[name]}f}".rstrip("0").rstrip("."),
        value,
    )


def _webp(png: str) -> str:
    """Pack a picture without loss in a quarter less room."""
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    picture.save(buffer, format="WEBP", lossless=True, quality=100, method=6)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
