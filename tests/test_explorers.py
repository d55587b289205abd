"""Explorers without a browser: what authors declare, what is drawn and packed, what a notebook shows."""

import base64
import gzip
import importlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path

import build_explorers
import explorer_keys
import explorers as extension
import pytest
import svg_oracle
from matplotlib.figure import Figure

from mmlhelpers.explorers import (
    Choice,
    Control,
    Explorer,
    Handle,
    Number,
    Scene,
    explorer,
    format_number,
    show,
)
from mmlhelpers.explorers import _display as display
from mmlhelpers.explorers import _frames as frames
from mmlhelpers.explorers import _svg as svg

ROOT = Path(__file__).resolve().parents[1]
NAMES = list(explorer_keys.explorer_keys())
ALT = "A straight line whose slope is the number that the slider sets."
every_explorer = pytest.mark.parametrize("name", NAMES)


def load(name: str) -> Explorer:
    section, _, function = name.partition(".")
    return getattr(importlib.import_module(f"mmlhelpers.explorers.{section}"), function)


def corners(one: Explorer) -> list[dict]:
    ends = [(control.grid[0], control.grid[-1]) for control in one.controls]
    names = [control.name for control in one.controls]
    return [one.start, *(dict(zip(names, values, strict=True)) for values in itertools.product(*ends))]


def sample(**options) -> Explorer:
    """Make a small explorer: a line of a given slope, as a start or above it."""

    @explorer(
        Control("slope", start=0.5, low=0.0, high=1.0, step=0.25, unit="m"),
        Choice("kind", options=("line", "dots")),
        **{"alt": ALT, "caption": "The line turns.", **options},
    )
    def line(slope, kind):
        figure = Figure(figsize=(2, 2), layout="none")
        ax = figure.add_axes((0, 0, 1, 1))
        ax.plot([0, 1], [0, slope], "-" if kind == "line" else "o")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        return Scene(figure, {"slope": Number(slope, "m"), "kind": kind})

    return line


# What authors declare


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: Control("a", start=0, low=1, high=0, step=1), "wants low < high"),
        (lambda: Control("a", start=0, low=0, high=1, step=-1), "step > 0"),
        (lambda: Control("a", start=0, low=0, high=1, step=0.3), "does not divide 0 to 1 evenly"),
        (lambda: Control("a", start=0.1, low=0, high=1, step=0.5), "is not one of its values"),
        (lambda: Choice("a", options=("one",)), "at least two"),
        (lambda: Choice("a", options=("one", "two"), start="three"), "'three'.*is not one of its options"),
        (lambda: sample(alt="short"), "40 to 300 characters, but has 5"),
        (lambda: sample(caption=" "), "wants a caption"),
        (lambda: sample(play="kind"), r"moves 'kind', but its sliders are \['slope'\]"),
        (lambda: sample(handle=Handle(("angle",), lambda p: (0, 0))), "moves 'angle'"),
        (
            lambda: explorer(Control("n", start=0, low=0, high=400, step=1), alt=ALT, caption="c")(
                lambda n: None
            ),
            "has 401 frames, more than 400",
        ),
        (
            lambda: explorer(Control("n", start=0, low=0, high=4, step=1), alt=ALT, caption="c")(
                lambda m: None
            ),
            r"controls \('n',\), but its function takes \('m',\)",
        ),
    ],
)
def test_a_wrong_declaration_is_refused_in_words(declare, message):
    with pytest.raises(ValueError, match=message):
        declare()


def test_grid_values_are_round_and_the_last_control_runs_fastest():
    assert Control("a", start=0.3, low=0.1, high=0.3, step=0.1).grid == (0.1, 0.2, 0.3)
    assert Control("a", start=-1.0, low=-1.0, high=0.0, step=0.5).grid == (-1.0, -0.5, 0.0)
    points = list(sample().grid())
    assert len(points) == sample().size == 10
    assert points[:3] == [
        {"slope": 0.0, "kind": "line"},
        {"slope": 0.0, "kind": "dots"},
        {"slope": 0.25, "kind": "line"},
    ]


def test_a_whole_control_hands_whole_numbers_to_its_function():
    assert all(type(value) is int for value in Control("k", start=2, low=0, high=8, step=2).grid)


def test_an_unknown_parameter_is_named():
    with pytest.raises(ValueError, match=r"no control \['angle'\]; it has \['slope', 'kind'\]"):
        sample()(angle=3)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (2 / 3, "0.6667"),
        (-0.0, "0"),
        (-1e-17, "0"),
        (12345.678, "12350"),
        (9.9996, "10"),
        (1.8125, "1.813"),
        (1.8125 - 2e-15, "1.813"),
        (0.1 + 0.2, "0.3"),
        (-2.5e-7, "−2.5 · 10⁻⁷"),
        (1e6, "1 · 10⁶"),
        (float("nan"), "–"),
        (float("-inf"), "−∞"),
        (7, "7"),
        (1 - 2j, "1 − 2i"),
        ((0.5 + 0.75j, 0.5 - 0.75j), "0.5 ± 0.75i"),
        ((2 + 0j, -1 + 0j), "2, −1"),
        ("two", "two"),
        (Number(30, "°"), "30°"),
        (Number(24.5814, "dB", digits=3), "24.6\u00a0dB"),
    ],
)
def test_numbers_read_the_same_everywhere(number, text):
    assert format_number(number) == text


# The explorers of the book


def test_every_public_explorer_of_a_section_is_found_in_its_source():
    sections = {name.partition(".")[0] for name in NAMES}
    public = [
        f"{s}.{name}"
        for s in sections
        for name in importlib.import_module(f"mmlhelpers.explorers.{s}").__all__
    ]
    assert sorted(NAMES) == sorted(public)
    assert [load(name).name for name in NAMES] == NAMES


@every_explorer
def test_start_and_corners_draw_the_same_picture_and_numbers_twice_without_a_warning(name):
    one = load(name)
    for parameters in corners(one):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert frames.draw(one, parameters) == frames.draw(one, parameters)


def test_every_law_holds_at_every_grid_point():
    # The build draws every point and checks every law; what has not changed since it did is not drawn again.
    assert build_explorers.build() == []
    for name in NAMES:
        card = json.loads((build_explorers.CACHE / f"{name}.json").read_text(encoding="utf-8"))
        assert card["laws"] == sorted(load(name).invariants)
        assert len(card["laws"]) >= 2
        assert card["frames"] == load(name).size


@every_explorer
def test_every_law_notices_a_wrong_number(name):
    one = load(name)
    for law in one.invariants.values():
        assert any(
            not law(parameters, wrong)
            for parameters in corners(one)
            for wrong in spoiled(one(**parameters).values)
        )


def spoiled(numbers: dict):
    """Yield the numbers with one of them five per cent too large, and a little more."""
    for name, value in numbers.items():
        if isinstance(value, tuple):
            yield {**numbers, name: (1.05 * value[0] + 0.05, *value[1:])}
        elif not isinstance(value, str):
            yield {**numbers, name: 1.05 * value + 0.05}


@every_explorer
def test_asset_stays_small_and_says_what_was_drawn(name):
    assert build_explorers.build([name]) == []
    script = (build_explorers.CACHE / f"{name}.js").read_text(encoding="utf-8")
    assert len(script) < 600_000
    one, content = load(name), unpacked(script)
    for parameters in corners(one):
        number = list(one.grid()).index(parameters)
        frame = frames.draw(one, parameters)
        assert lines(content, number) == frame.lines
        assert content["readouts"][number] == list(frame.readouts.values())
        assert content["handles"] is None or tuple(content["handles"][number]) == frame.handle


def unpacked(script: str) -> dict:
    return json.loads(gzip.decompress(base64.b64decode(re.search(r'= "([^"]+)"', script)[1])))


def lines(content: dict, number: int) -> list[str]:
    """Read a frame as the page does."""
    steps = itertools.accumulate(content["frames"][number], lambda line, step: line + step + 1, initial=-1)
    return [content["lines"][line] for line in list(steps)[1:]]


@every_explorer
def test_frame_is_plain_svg_that_a_strict_policy_and_both_themes_allow(name):
    source = "".join(frames.draw(load(name), load(name).start).lines)
    root = ET.fromstring(f"<svg>{source}</svg>")
    assert not re.search(r"\s(?:style|class|on\w+)=|<(?:style|script)", source)
    colours = {value for e in root.iter() for key, value in e.attrib.items() if key in ("fill", "stroke")}
    assert {colour for colour in colours if not re.fullmatch(r"none|var\(--[a-z-]+\)", colour)} <= {"#ffffff"}
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"#([\w-]+)", re.sub(r"data:[^\"]+", "", source))) - {"ffffff"} == set(ids)


@every_explorer
def test_recorded_frame_is_what_the_svg_backend_of_matplotlib_draws(name, monkeypatch):
    one = load(name)
    points = list(one.grid())
    for parameters in (one.start, points[len(points) // 3]):
        recorded = svg.elements(one(**parameters).figure, name, themed=True)
        with monkeypatch.context() as ordinary:
            ordinary.setattr("mmlhelpers.explorers._canvas.copy_ticks", lambda _axes: None)
            wanted = svg_oracle.elements(one(**parameters).figure, name, themed=True)
        assert_same_picture(recorded, wanted)


def test_pictures_and_letters_of_a_live_figure_are_those_of_the_svg_backend():
    figures = []
    for _ in range(2):
        figure = Figure(figsize=(3, 2), dpi=72)
        ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
        ax.imshow([[0, 1], [1, 0.5]], extent=(1, 90, 0, 1), aspect="auto", alpha=0.5)
        ax.set(xscale="log", xlabel="$x_1 < 2$", title="bold & turned")
        ax.text(10, 0.5, "two\nlines", rotation=30, rotation_mode="anchor", weight="bold", style="italic")
        ax.text(20, 0.5, "upwards", rotation=90, ha="right", alpha=0.5)
        ax.scatter([2, 3, 50], [0.2, 0.4, 2], c=["red", "black", "blue"], alpha=0.5, clip_on=False)
        ax.plot([1, 50], [0, 1], dashes=(3, 1), marker="s", solid_capstyle="projecting")
        figures.append(figure)
    recorded, wanted = (
        draw(f, "f", themed=False)
        for draw, f in zip((svg.elements, svg_oracle.elements), figures, strict=True)
    )
    assert_same_picture(recorded, wanted)


def test_a_hatch_is_refused():
    figure = Figure()
    figure.add_axes((0, 0, 1, 1)).bar([1], [1], hatch="/")
    with pytest.raises(NotImplementedError, match="frames have no hatches"):
        svg.elements(figure, "f", themed=True)


def assert_same_picture(recorded: list[str], wanted: list[str]) -> None:
    """Same elements in the same order, same words and colours; numbers differ by one in the last place."""
    recorded, wanted = comparable(recorded), comparable(wanted)
    assert [NUMBERS.split(line) for line in recorded] == [NUMBERS.split(line) for line in wanted]
    for one, other in zip(recorded, wanted, strict=True):
        pairs = zip(NUMBERS.findall(one), NUMBERS.findall(other), strict=True)
        assert all(abs(float(a) - float(b)) < 0.011 for a, b in pairs), (one, other)


NUMBERS = re.compile(r"(?<![\w#/+.])-?\d+\.?\d*|(?<=[MLCQ])-?\d+\.?\d*")


def comparable(lines: list[str]) -> list[str]:
    """Leave out what shows nothing, and put shapes in the place of the names that refer to them."""
    text = "\n".join(lines)
    text = re.sub(r"<path(?! d=| id=)[^>]*/>\n", "", text)  # nothing of it within the rim
    text = re.sub(r"<defs>\n(?:<path(?![^>]* id=)[^>]*/>\n)+</defs>\n", "", text)  # a marker without a place
    clips = dict(re.findall(r'<clipPath id="([^"]+)">\n<(.*)/>\n', text))
    text = re.sub(r"<defs>\n<clipPath.*</defs>", "", text, flags=re.DOTALL).strip()
    text = re.sub(r"url\(#([^)]+)\)", lambda found: clips[found[1]].replace('"', "'"), text)
    names = {name: f"shape {number}" for number, name in enumerate(re.findall(r' id="([^"]+)"', text))}
    return re.sub(r'(?:(?<= id=")|(?<=href="#))([^"]+)', lambda found: names[found[1]], text).split("\n")


@every_explorer
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_strokes_and_words_stand_out_from_the_paper(name, theme):
    css = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    found = re.findall(r"(--[\w-]+): var\(--light, (#\w{6})\) var\(--dark, (#\w{6})\)", css)
    palette = {f"var({variable})": both[theme] for variable, *both in found}
    paper = palette["var(--paper)"]
    for parameters in corners(load(name)):
        for line in frames.draw(load(name), parameters).lines:
            attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', line))
            painted = attributes.get("fill" if line.startswith("<text") else "stroke", "none")
            if painted in ("none", "var(--grid)", "var(--paper)"):
                continue  # the grid of units and the rim of a marker only decorate
            opacity = float(attributes.get("opacity", 1)) * float(attributes.get("stroke-opacity", 1))
            least = 4.5 if line.startswith("<text") else 3
            assert contrast(mix(palette[painted], paper, opacity), rgb(paper)) >= least, line


def rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def mix(colour: str, paper: str, opacity: float) -> list[float]:
    return [opacity * a + (1 - opacity) * b for a, b in zip(rgb(colour), rgb(paper), strict=True)]


def contrast(one: list[float], other: list[float]) -> float:
    """Contrast ratio as WCAG defines it."""

    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# The build


def test_a_broken_law_names_explorer_controls_and_law():
    one = sample()
    one.invariant(slope_is_below_one)
    with pytest.raises(
        ValueError, match=r"line at slope = 1\u00a0m, kind = line breaks its own law slope_is_below_one"
    ):
        frames.draw(one, {"slope": 1.0, "kind": "line"})


def slope_is_below_one(_parameters, numbers):
    return numbers["slope"] < 1


@explorer(Control("n", start=1, low=0, high=1, step=1), alt=ALT, caption="It fails at 0.")
def reciprocal(n):
    return Scene(Figure(), {"1/n": 1 / n})


def test_a_function_that_raises_is_named_with_its_controls():
    with pytest.raises(ValueError, match=r"reciprocal at n = 0 raised ZeroDivisionError: division by zero"):
        frames.draw(reciprocal, {"n": 0})


def test_readouts_that_come_and_go_are_refused():
    @explorer(Control("n", start=1, low=0, high=1, step=1), alt=ALT, caption="c")
    def moody(n):
        return Scene(Figure(), {"n": n} if n else {})

    with pytest.raises(ValueError, match=r"moody at n = 1 reads out \['n'\], but elsewhere \[\]"):
        frames.asset(moody, [frames.draw(moody, parameters) for parameters in moody.grid()])


def test_handle_is_where_the_picture_shows_its_point():
    one = sample(handle=Handle(moves=("slope",), at=lambda p: (1.0, p["slope"])))
    # Two inches are 144 points, and SVG counts from the top.
    assert frames.draw(one, {"slope": 0.25, "kind": "line"}).handle == (144.0, 108.0)


def test_what_has_not_changed_is_not_drawn_again(monkeypatch):
    assert build_explorers.build() == []
    for part in ("_draw_starts", "_draw_frames"):
        monkeypatch.setattr(build_explorers, part, lambda *_: pytest.fail("drawn again"))
    assert build_explorers.build() == []
    assert build_explorers.undrawn() == []


@pytest.fixture
def two(tmp_path, monkeypatch):
    """An empty cache, and two small explorers in the whole book."""
    names = {"numerical_linear_algebra.float_microscope", "numerical_linear_algebra.krylov_race"}
    keys = {name: key for name, key in explorer_keys.explorer_keys().items() if name in names}
    monkeypatch.setattr(build_explorers, "CACHE", tmp_path)
    monkeypatch.setattr(build_explorers, "explorer_keys", lambda: keys)
    return list(keys)


def test_an_interrupted_drawing_keeps_every_finished_explorer(two):
    def interrupt(_script):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_explorers.build(stored=interrupt)
    assert build_explorers.undrawn() == two[1:]
    stored = []
    assert build_explorers.build(stored=stored.append) == []
    assert [script.stem for script in stored] == two[1:]
    assert build_explorers.undrawn() == []


def test_starting_pictures_come_without_frames_and_the_site_says_so(two, tmp_path, monkeypatch):
    assert build_explorers.build(starts=True) == []
    assert build_explorers.undrawn() == two
    card = json.loads((tmp_path / f"{two[0]}.json").read_text(encoding="utf-8"))
    assert card["picture"] == frames.draw(load(two[0]), load(two[0]).start).lines
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.setattr(extension, "CARDS", tmp_path)
    extension.put_frames(two[0], site)
    assert (site / f"{two[0]}.js").read_text(encoding="utf-8").endswith(f'["{two[0]}"] = "later";\n')
    script = tmp_path / f"{two[0]}.js"
    script.write_text("// another key\n", encoding="utf-8")
    extension.put_frames(two[0], site)
    assert "later" in (site / script.name).read_text(encoding="utf-8")
    script.write_text(f"// {card['key']}\nframes", encoding="utf-8")
    extension.put_frames(two[0], site)
    assert (site / script.name).read_text(encoding="utf-8").endswith("frames")


def test_what_cannot_be_drawn_is_said_and_the_others_are_drawn(two, monkeypatch):
    def packed(name, _frames):
        if name == two[0]:
            raise OSError("no room")
        return "packed"

    monkeypatch.setattr(build_explorers, "asset", packed)
    assert build_explorers.build() == ["no room"]
    assert build_explorers.undrawn() == two[:1]


def test_an_unknown_name_is_answered_with_those_that_exist():
    [message] = build_explorers.build(["linear_algebra.plane_mop"])
    assert "no explorer 'linear_algebra.plane_mop'" in message
    assert NAMES[0] in message


@pytest.fixture
def edited_keys(tmp_path, monkeypatch):
    """Return a function that gives the keys of a copy of the sources after an edit of one file."""
    number = itertools.count()

    def keys(file: str = "__init__.py", old: str = "", new: str = "") -> dict[str, str]:
        source = tmp_path / str(next(number))
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        path = source / "mmlhelpers" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        monkeypatch.setattr(explorer_keys, "SOURCE", source)
        monkeypatch.setattr(explorer_keys, "SECTIONS", source / "mmlhelpers" / "explorers")
        return explorer_keys.explorer_keys()

    return keys


@pytest.mark.parametrize(
    ("file", "old", "changed"),
    [
        (
            "explorers/linear_algebra.py",
            "    b, a = np.array([x, y]), _polar(angle)\n",
            {"linear_algebra.projection"},
        ),
        ("explorers/linear_algebra.py", '    return _close(n["aᵀr"], 0)\n', {"linear_algebra.projection"}),
        (
            "explorers/linear_algebra.py",
            "_LETTER = (",
            {name for name in NAMES if name.startswith("linear_algebra")},
        ),
        ("explorers/_canvas.py", "WIDTH = 4.2", set(NAMES)),
        ("graphs.py", "def conductance(", {name for name in NAMES if name.startswith("graphs_spectral")}),
        ("plotting/book.mplstyle", "font.size", set(NAMES)),
        ("explorers/_svg.py", "def elements(", set(NAMES)),
        ("explorers/_display.py", "", set()),
        ("exercises/__init__.py", "", set()),
    ],
)
def test_an_edit_redraws_what_it_may_change_and_nothing_else(edited_keys, file, old, changed):
    before, after = edited_keys(), edited_keys(file, old, f"\n{old}")
    assert {name for name in NAMES if before[name] != after[name]} == changed


def test_finding_out_that_nothing_changed_imports_no_numpy():
    code = """import sys, build_explorers, mmlhelpers.explorers
print({'numpy', 'matplotlib', 'ipywidgets'} & set(sys.modules))"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "tools", capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


# The notebook


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed."""
    displays = []
    monkeypatch.setattr(
        "IPython.display.display", lambda *objects, **options: displays.append((objects, options))
    )
    return displays


@every_explorer
def test_static_notebook_has_one_display_with_picture_and_words(name, shown, monkeypatch):
    monkeypatch.setenv("MML_STATIC", "1")
    show(load(name))
    show(load(name))
    first, second = (objects[0] for objects, _ in shown)
    assert first == second
    assert set(first) == {"image/png", "text/plain"}
    assert first["text/plain"].startswith(f"Explorer {name} at ")
    for readout, text in load(name)().readouts.items():
        assert f"{readout} = {text}" in first["text/plain"]


@every_explorer
def test_live_widget_redraws_off_the_grid_and_goes_back(name):
    one = load(name)
    widget = display._widget(one)
    controls = {w.description: w for w in widget.children[0].children[1].children[: len(one.controls)]}
    picture, numbers = widget.children[0].children[0], widget.children[0].children[1].children[-1]
    start = picture.value, numbers.value
    assert all(text in numbers.value.replace("&#x27;", "'") for text in one().readouts.values())
    slider = next((control for control in one.controls if isinstance(control, Control)), None)
    if slider is None:  # menus have nothing between their options
        menu = one.controls[0]
        controls[menu.title].value = next(option for option in menu.options if option != menu.start)
    else:
        finer = slider.start + (1 if slider.whole else slider.step / 10)
        inside = finer <= slider.high
        controls[slider.title].value = finer if inside else slider.start - (finer - slider.start)
    assert picture.value != start[0]
    widget.children[0].children[1].children[-2].click()
    assert (picture.value, numbers.value) == start


def test_live_error_is_a_sentence_beside_the_last_picture():
    picture, words = display._live(reciprocal, {"n": 0}, "the last picture")
    assert picture == "the last picture"
    assert re.search(r"reciprocal cannot be drawn at n = 0: ZeroDivisionError: ", words)


def test_show_wants_an_explorer():
    with pytest.raises(TypeError, match="a function decorated with @explorer, but got 3"):
        show(3)


# The pages


@pytest.fixture
def pages(tmp_path):
    """Return a function that builds a page of directives and a plain one; gives the run and its folder."""

    def build(*lines: str, builder: str = "html") -> tuple[subprocess.CompletedProcess, Path]:
        source = tmp_path / "source"
        source.mkdir()
        head = "Page\n====\n\n.. toctree::\n\n   plain\n\n"
        (source / "index.rst").write_text(head + "\n\n".join(lines), encoding="utf-8")
        (source / "plain.rst").write_text("Plain\n=====\n", encoding="utf-8")
        options = ["extensions=explorers", f"html_static_path={ROOT / 'book' / '_static'}"]
        command = [sys.executable, "-m", "sphinx", "-W", "-q", "-C", "-b", builder]
        command += [part for option in options for part in ("-D", option)]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "book" / "_ext")}
        target = tmp_path / builder
        run = subprocess.run(
            [*command, source, target], env=environment, capture_output=True, text=True, check=False
        )
        return run, target

    return build


def test_page_with_an_explorer_gets_all_it_needs_and_other_pages_do_not(pages):
    run, html = pages(f".. explorer:: {NAMES[0]}")
    assert run.returncode == 0, run.stderr
    page, plain = ((html / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "plain"))
    assert f'data-explorer="{NAMES[0]}"' in page
    assert load(NAMES[0]).caption in page
    assert (html / "_static" / "explorers" / f"{NAMES[0]}.js").exists()
    assert "explorers.js" in page
    assert "explorers.js" not in plain


def test_unknown_explorer_fails_the_build_with_the_names_that_exist(pages):
    run, _ = pages(".. explorer:: linear_algebra.plane_mop")
    assert run.returncode != 0
    assert "there is no explorer 'linear_algebra.plane_mop'; there are: " in run.stderr


def test_same_explorer_twice_on_a_page_fails_the_build(pages):
    run, _ = pages(f".. explorer:: {NAMES[0]}", f".. explorer:: {NAMES[0]}")
    assert run.returncode != 0
    assert f"explorer '{NAMES[0]}' stands twice on one page" in run.stderr


def test_other_formats_get_the_words(pages):
    run, folder = pages(f".. explorer:: {NAMES[0]}", builder="text")
    assert run.returncode == 0, run.stderr
    assert load(NAMES[0]).alt in " ".join((folder / "index.txt").read_text(encoding="utf-8").split())
