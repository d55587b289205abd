"""A renderer that writes what matplotlib draws as lines of SVG, straight from the draw calls.

The lines are those that matplotlib's own SVG backend would give, rounded to hundredths of a point and without
what shows nothing; a test compares the two. Writing them here spares a document and a parser a frame.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import _path, font_manager
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.mathtext import MathTextParser
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D
from PIL import Image

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties
    from matplotlib.text import Text
    from matplotlib.transforms import Transform

Attributes = dict[str, str]
#: RGB or RGBA, between 0 and 1.
Colour = Any
_CODES = [b"M", b"L", b"Q", b"C", b"z"]
_ANCHOR = {"left": "start", "center": "middle", "right": "end"}
_NEGATIVE_ZERO = re.compile(r"(?<![\d.])-0(?![\d.])")
_PARSER = MathTextParser("path")


class Recorder(RendererBase):
    """Collects what is drawn on it in `lines`, one SVG element or tag each.

    Parameters
    ----------
    width, height : float
        Size of the figure in points.
    salt : str
        Keeps the ids of different figures on one page apart.
    colours : mapping of str to str
        What to write for a colour given as ``#rrggbb``; others are written as they are.
    kind : str
        Format of pictures, ``png`` or ``webp``.
    """

    def __init__(
        self, width: float, height: float, salt: str, colours: Mapping[str, str], kind: str = "png"
    ) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.lines: list[str] = []
        self._salt, self._colours, self._kind = salt, colours, kind
        self._clips: dict[Any, tuple[str, str]] = {}
        self._defined: set[str] = set()
        self._flip = Affine2D().scale(1, -1).translate(0, height).get_matrix()

    def finish(self) -> list[str]:
        """Return all lines, those of the clips last."""
        clips = [
            line
            for name, shape in self._clips.values()
            for line in (f'<clipPath id="{name}">', shape, "</clipPath>")
        ]
        return [*self.lines, "<defs>", *clips, "</defs>"] if clips else self.lines

    # What matplotlib asks of a renderer

    def flipy(self) -> bool:
        return True

    def option_scale_image(self) -> bool:
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        return _text_size(s, prop, ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, ...]:
        """Answer from memory what matplotlib 3.11 would read from the font's tables for each text anew."""
        return _font_heights(hash(prop), prop)

    def draw_path(
        self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Colour = None
    ) -> None:
        look = self._look(gc, rgbFace)
        if look.get("fill") == "none" and "stroke" not in look:
            return
        # A line may be cut at the rim and thinned out; what is filled may not.
        clip = rgbFace is None
        data = self._data(path, transform, clip=clip, simplify=bool(path.should_simplify and clip), gc=gc)
        if data:  # not beyond the rim
            self._write("path", {"d": data, **self._clip(gc), **look})

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Colour = None,
    ) -> None:
        look = self._look(gc, rgbFace)
        shape = _text_of(marker_path, _mirrored(marker_trans))
        stroke = {name: value for name, value in look.items() if name.startswith("stroke")}
        rim = (0, 0, self.width * 72, self.height * 72)
        flipped = Affine2D(self._flipped(trans))
        places = [
            {"x": _round(vertices[-2]), "y": _round(vertices[-1])}
            for vertices, _ in path.iter_segments(flipped, clip=rim, simplify=False)
            if len(vertices)
        ]
        if not places:
            return
        href = self._define("m", {"d": shape, **stroke}, repr(look))
        clip = self._clip(gc)
        self._open(clip)
        for place in places:
            self._write("use", {**place, **look, **href})
        self._close(clip)

    def draw_path_collection(
        self,
        gc: GraphicsContextBase,
        master_transform: Transform,
        paths: Any,
        all_transforms: Any,
        offsets: Any,
        offset_trans: Transform,
        facecolors: Any,
        edgecolors: Any,
        *rest: Any,
        **options: Any,
    ) -> None:
        looks = (offsets, offset_trans, facecolors, edgecolors, *rest)
        uses = self._iter_collection_uses_per_path(  # type: ignore[attr-defined]  # renderers are meant to use it
            paths, all_transforms, offsets, facecolors, edgecolors
        )
        length = len(paths[0].vertices) if len(paths) else 0
        if length + 9 * uses + 3 >= (length + 5) * uses:  # written out, they are shorter
            super().draw_path_collection(gc, master_transform, paths, all_transforms, *looks, **options)
            return
        shapes = [
            self._define("c", {"d": _text_of(path, _mirrored(transform))})
            for path, transform in self._iter_collection_raw_paths(  # type: ignore[attr-defined]  # as above
                master_transform, paths, all_transforms
            )
        ]
        for x, y, href, one, face in self._iter_collection(  # type: ignore[attr-defined]  # as above
            gc, shapes, *looks, **options
        ):
            clip = self._clip(one)
            self._open(clip)
            place = {"x": _round(x), "y": _round(self.height - y)}
            self._write("use", {**place, **self._look(one, face), **href})
            self._close(clip)

    def draw_image(self, gc: GraphicsContextBase, x: float, y: float, im: Any, transform: Any = None) -> None:
        height, width = im.shape[:2]
        if not width or not height:
            return
        clip = self._clip(gc)
        self._open(clip)
        size = {"width": _round(width), "height": _round(height)}
        href = {"href": _picture(im, self._kind)}
        if transform is None:
            place = {"x": _round(x), "y": _round(y + height - self.height)}
            turn = {"transform": f"scale(1 -1) translate(0 {_round(-height, 5)})"}
            self._write("image", {**turn, **place, **size, **href})
        else:
            opacity = {} if gc.get_alpha() == 1 else {"opacity": _round(gc.get_alpha(), 6)}
            moved = Affine2D().scale(1 / width, 1 / height) + transform + Affine2D().translate(x, y)
            numbers = (self._flip @ moved.get_matrix())[:2].T.ravel()
            turn = {"transform": f"matrix({' '.join(_round(n, 5) for n in numbers)})"}
            self._write("image", {**opacity, **size, **turn, "image-rendering": "pixelated", **href})
        self._close(clip)

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Text | None = None,
    ) -> None:
        colour = _hex(tuple(gc.get_rgb()))
        ink = {} if colour == "#000000" else {"fill": self._colours.get(colour, colour)}
        alpha = gc.get_alpha() if gc.get_forced_alpha() else gc.get_rgb()[3]
        if alpha != 1:
            ink["opacity"] = _round(alpha, 6)
        turned = f" rotate({_round(-angle, 5)})" if angle else ""
        moved = {"transform": f"translate({_round(x, 5)} {_round(y, 5)}){turned}"}
        clip = self._clip(gc)
        self._open(clip)
        if ismath:
            letters, rules = _formula(s, prop)
            self._open({**moved, **ink})
            self.lines.append("<text>")
            for text, attributes in letters:
                self._write("tspan", {**attributes, **ink}, text)
            self.lines.append("</text>")
            for attributes in rules:
                self._write("rect", attributes)
            self._close(moved)
        elif text := s.strip():
            anchored = mtext and (angle == 0 or mtext.get_rotation_mode() == "anchor")
            place = self._anchor(x, y, angle, mtext) if anchored and mtext else moved
            anchor = {"text-anchor": _ANCHOR[mtext.get_horizontalalignment()]} if anchored and mtext else {}
            self._write("text", {**place, **_font(prop), **anchor, **ink}, text)
        self._close(clip)

    # Pieces of SVG

    def _write(self, tag: str, attributes: Attributes, text: str = "") -> None:
        end = f">{escape(text)}</{tag}>" if text else "/>"
        self.lines.append(f"<{tag}{_written(attributes)}{end}")

    def _open(self, attributes: Attributes) -> None:
        """Begin a group, unless it would do nothing."""
        if attributes:
            self.lines.append(f"<g{_written(attributes)}>")

    def _close(self, attributes: Attributes) -> None:
        if not attributes:
            return
        if self.lines[-1].startswith("<g"):
            self.lines.pop()  # nothing was drawn in it
        else:
            self.lines.append("</g>")

    def _define(self, letter: str, attributes: Attributes, look: str = "") -> Attributes:
        """Define a shape once, and return how it is referred to."""
        name = self._id(letter, look + _written(attributes))
        if name not in self._defined:
            self._defined.add(name)
            self.lines.append("<defs>")
            self._write("path", {**attributes, "id": name})
            self.lines.append("</defs>")
        return {"href": f"#{name}"}

    def _id(self, letter: str, content: str) -> str:
        return letter + hashlib.sha256(f"{self._salt}{content}".encode()).hexdigest()[:10]

    def _look(self, gc: GraphicsContextBase, face: Colour) -> Attributes:
        """How a shape is filled and stroked; what SVG takes for granted is left out."""
        if gc.get_hatch() is not None:
            raise NotImplementedError("frames have no hatches: tell areas apart by colour and words instead")
        look: Attributes = {}
        forced = gc.get_forced_alpha()
        if face is None:
            look["fill"] = "none"
        else:
            colour = _hex(tuple(face))
            if colour != "#000000":
                look["fill"] = self._colours.get(colour, colour)
            if len(face) == 4 and face[3] != 1 and not forced:
                look["fill-opacity"] = _round(face[3], 6)
        if forced and gc.get_alpha() != 1:
            look["opacity"] = _round(gc.get_alpha(), 6)
        dashes: Any = gc.get_dashes()[1]
        if dashes is not None:
            look["stroke-dasharray"] = ",".join(_round(length, 6) for length in dashes)
        if width := gc.get_linewidth():
            look |= self._stroke(gc, width)
        return look

    def _stroke(self, gc: GraphicsContextBase, width: float) -> Attributes:
        colour = _hex(tuple(gc.get_rgb()))
        stroke = {"stroke": self._colours.get(colour, colour)}
        if not gc.get_forced_alpha() and gc.get_rgb()[3] != 1:
            stroke["stroke-opacity"] = _round(gc.get_rgb()[3], 6)
        if width != 1:
            stroke["stroke-width"] = _round(width, 6)
        if gc.get_joinstyle() != "round":
            stroke["stroke-linejoin"] = gc.get_joinstyle()
        if gc.get_capstyle() != "butt":
            stroke["stroke-linecap"] = gc.get_capstyle().replace("projecting", "square")
        return stroke

    def _clip(self, gc: GraphicsContextBase) -> Attributes:
        path, transform = gc.get_clip_path()
        rectangle = gc.get_clip_rectangle()
        if path is not None:
            shape = f'<path d="{_text_of(path, self._flipped(transform))}"/>'
        elif rectangle is not None:
            x, y, w, h = np.asarray(rectangle.bounds)
            box = {"x": x, "y": self.height - y - h, "width": w, "height": h}
            shape = f"<rect{_written({name: _round(length) for name, length in box.items()})}/>"
        else:
            return {}
        if shape not in self._clips:
            self._clips[shape] = self._id("p", shape), shape
        return {"clip-path": f"url(#{self._clips[shape][0]})"}

    def _data(
        self, path: Path, transform: Transform, *, clip: bool, simplify: bool, gc: GraphicsContextBase
    ) -> str:
        rim = (0.0, 0.0, self.width, self.height) if clip else None
        return _text_of(path, self._flipped(transform), rim, simplify, gc.get_sketch_params())

    def _flipped(self, transform: Any) -> np.ndarray:
        """SVG counts from the top."""
        return np.asarray(self._flip @ transform.get_matrix())

    def _anchor(self, x: float, y: float, angle: float, mtext: Text) -> Attributes:
        """Where a text is held, which stands fast when a browser's letters are wider than ours."""
        left, up = np.asarray(mtext.get_transform().transform(mtext.get_unitless_position()))
        across = np.array([left, self.height - up])
        down = np.array([np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
        across += down @ (np.array([x, y]) - across) * down
        place = {"x": _round(across[0]), "y": _round(across[1])}
        if angle:
            place["transform"] = f"rotate({' '.join(_round(n, 5) for n in (-angle, *across))})"
        return place


def _written(attributes: Attributes) -> str:
    return "".join([f' {name}="{value}"' for name, value in attributes.items()])


def _round(number: float, decimals: int = 2) -> str:
    """Write a number without zeros that say nothing."""
    text = f"{number:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _mirrored(transform: Transform) -> np.ndarray:
    return np.asarray(np.diag([1.0, -1.0, 1.0]) @ transform.get_matrix())


def _text_of(
    path: Any, matrix: np.ndarray, rim: Any = None, simplify: bool = False, sketch: Any = None
) -> str:
    """Write a path as the data of an SVG path."""
    text: str = _path.convert_to_string(  # type: ignore[attr-defined]  # missing in the stubs
        path, Affine2D(matrix), rim, simplify, sketch, 2, _CODES, False
    ).decode("ascii")
    text = text.replace(" \n", "").replace("\n", "")
    for letter in "MLCQ":
        text = text.replace(f"{letter} ", letter)
    return _NEGATIVE_ZERO.sub("0", text) if "-0" in text else text


def _font(prop: FontProperties) -> Attributes:
    """How letters look; the family is the page's."""
    font: Attributes = {}
    if prop.get_style() != "normal":
        font["font-style"] = prop.get_style()
    if prop.get_variant() != "normal":
        font["font-variant"] = prop.get_variant()
    weight = prop.get_weight()
    weight = font_manager.weight_dict.get(weight, weight)  # type: ignore[arg-type]  # a name or a number
    if weight != 400:
        font["font-weight"] = f"{weight}"
    return font | {"font-size": _round(prop.get_size_in_points(), 6)}


# What frames share: letters are measured, formulas set and pictures packed once


#: Size by text and font; a font is a key by its hash, for it can be changed in place.
_SIZES: dict[tuple[str, int, Any], tuple[float, float, float]] = {}


def _text_size(text: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
    key = (text, hash(prop), ismath)
    if key not in _SIZES:
        if len(_SIZES) > 50_000:
            _SIZES.clear()
        _SIZES[key] = text_to_path.get_text_width_height_descent(text, prop, ismath)
    return _SIZES[key]


#: Ascent, descent and gap between lines by the hash of a font.
_HEIGHTS: dict[int, tuple[float | None, ...]] = {}


def _font_heights(key: int, prop: FontProperties) -> tuple[float | None, ...]:
    if key not in _HEIGHTS:
        font = font_manager.get_font(font_manager.findfont(prop))
        table = font.get_sfnt_table("OS/2")
        scale = prop.get_size_in_points() / font.units_per_EM
        _HEIGHTS[key] = (
            (
                table["sTypoAscender"] * scale,
                -table["sTypoDescender"] * scale,
                table["sTypoLineGap"] * scale,
            )
            if table
            else (None, None, None)
        )
    return _HEIGHTS[key]


def _formula(text: str, prop: FontProperties) -> tuple[list[tuple[str, Attributes]], Iterable[Attributes]]:
    """Set a formula: its letters, left to right in each font, and its rules."""
    *_, glyphs, rules = _PARSER.parse(text, 72, prop)
    fonts: dict[str, tuple[Attributes, list[tuple[float, float, int]]]] = {}
    for glyph in glyphs:
        file, size, code, x, y = *glyph[:3], *glyph[-2:]
        entry = font_manager.ttfFontProperty(file)
        weight = {} if entry.weight == 400 else {"font-weight": f"{entry.weight}"}
        style = {} if entry.style == "normal" else {"font-style": entry.style}
        look = {**style, **weight, "font-size": _round(size, 6)}
        fonts.setdefault(f"{entry.name} {look}", (look, []))[1].append((x, -y, 0xA0 if code == 32 else code))
    letters = [
        (chr(code), {"x": _round(x), "y": _round(y), **look})
        for look, places in fonts.values()
        for x, y, code in sorted(places)
    ]
    return letters, [
        {"x": _round(x), "y": _round(-y - 1), "width": _round(w), "height": _round(h)} for x, y, w, h in rules
    ]


def _picture(pixels: np.ndarray, kind: str) -> str:
    """Pack a picture without loss; WebP takes a quarter less room than PNG."""
    return _packed(pixels.tobytes(), pixels.shape, kind)


@functools.lru_cache(maxsize=256)
def _packed(pixels: bytes, shape: tuple[int, ...], kind: str) -> str:
    buffer = io.BytesIO()
    picture = Image.fromarray(np.frombuffer(pixels, dtype=np.uint8).reshape(shape))
    if kind == "webp":
        picture.convert("RGB").save(buffer, format="WEBP", lossless=True, quality=100, method=6)
    else:
        picture.save(buffer, format="PNG")
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@functools.lru_cache(maxsize=1024)
def _hex(colour: Any) -> str:
    return to_hex(colour)
