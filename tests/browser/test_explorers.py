"""Explorers in a real browser: each on a page of its own, opened from a file with the network off.

Tabs are opened once and shared: one wide, one like a phone, one without JavaScript.
"""

import contextlib
import datetime
import functools
import importlib
import importlib.util
import shutil
from pathlib import Path

import build_explorers
import pytest
from explorer_keys import explorer_keys
from playwright.sync_api import TimeoutError
from watching import Findings, Watched

from mmlhelpers.explorers import _frames as frames

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"
# Stricter than the site's own policy: not even style attributes are allowed.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
NAMES = sorted(explorer_keys())
MAP = "linear_algebra.plane_map"
RACE = "linear_algebra.power_race"
SOME = [MAP, RACE, *NAMES[-6:]]
TABS = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 900}, "has_touch": True},
    "no scripts": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}
pytestmark = pytest.mark.browser


def load(name):
    section, _, function = name.partition(".")
    return getattr(importlib.import_module(f"mmlhelpers.explorers.{section}"), function)


@functools.cache
def draw(name: str, values: tuple) -> frames.Frame:
    """Draw a frame once, however often it is asked for."""
    one = load(name)
    return frames.draw(one, dict(zip((control.name for control in one.controls), values, strict=True)))


def frame_of(one, wanted: dict) -> frames.Frame:
    return draw(one.name, tuple(wanted[control.name] for control in one.controls))


def write_page(folder: Path, names) -> Path:
    """Write a page with explorers and nothing else, so that a test of one needs no chapter and no site."""
    specification = importlib.util.spec_from_file_location(
        "explorers_extension", ROOT / "book" / "_ext" / "explorers.py"
    )
    extension = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(extension)
    static = folder / "_static"
    (static / "explorers").mkdir(parents=True)
    for file in ("book.css", "explorers.css", "explorers.js"):
        shutil.copy(STATIC / file, static)
    for name in names:
        shutil.copy(build_explorers.CACHE / f"{name}.js", static / "explorers")
    figures = "".join(
        extension.figure(extension._card(name), f"_static/explorers/{name}.js") for name in names
    )
    page = folder / "page.html"
    page.write_text(
        f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Explorers</title>
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="_static/book.css"><link rel="stylesheet" href="_static/explorers.css">
<script defer src="_static/explorers.js"></script></head>
<body><main><h1>Explorers</h1><article>{figures}</article>
<p><a href="#">What comes behind</a></p></main></body></html>""",
        encoding="utf-8",
    )
    return page


@pytest.fixture(scope="module")
def drawn() -> None:
    assert build_explorers.build() == []


@pytest.fixture(scope="module")
def sheet(drawn, tmp_path_factory) -> Path:
    return write_page(tmp_path_factory.mktemp("explorers"), SOME)


@pytest.fixture(scope="module")
def tabs(browser) -> dict[str, Watched]:
    contexts = {kind: browser.new_context(offline=True, **options) for kind, options in TABS.items()}
    for context in contexts.values():
        context.set_default_timeout(10_000)
    yield {kind: Watched(context.new_page()) for kind, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture
def opened(watched, sheet):
    """Return a function that opens the page and waits until an explorer can move."""

    def visit(name: str, **options):
        visited = watched(sheet, **options)
        return visited, ready(visited.page, name)

    return visit


def ready(page, name):
    figure = page.locator(f'[data-explorer="{name}"]')
    figure.scroll_into_view_if_needed()
    page.wait_for_selector(f'[data-explorer="{name}"][data-ready]')
    return figure


def readouts(figure) -> dict[str, str]:
    names, numbers = (figure.locator(f".explorer-numbers {tag}").all_text_contents() for tag in ("dt", "dd"))
    return dict(zip(names, numbers, strict=True))


def positions(figure) -> list[int]:
    return figure.locator("[data-values]").evaluate_all(
        "all => all.map((e) => e.selectedIndex ?? Number(e.value))"
    )


def parameters(name, figure) -> dict:
    """Read from the page where its controls stand."""
    controls = load(name).controls
    return {c.name: c.grid[i] for c, i in zip(controls, positions(figure), strict=True)}


def assert_shows(name, figure, wanted: dict) -> None:
    """The page shows the picture and the numbers that Python makes of these parameters."""
    one = load(name)
    frame, where = frame_of(one, wanted), f"at {one.describe(wanted)}"
    with contextlib.suppress(TimeoutError):  # the lines below say what stands there instead
        figure.page.wait_for_function(
            """([name, numbers]) => numbers.every((text, i) => document
                .querySelectorAll(`[data-explorer="${name}"] dd`)[i].textContent === text)""",
            arg=[name, list(frame.readouts.values())],
            timeout=5000,
        )
    assert readouts(figure) == frame.readouts, where
    assert parameters(name, figure) == wanted, where
    assert_sliders_say(one, figure, wanted)
    is_drawn = figure.locator(".explorer-frame").evaluate(
        """(shown, source) => {
            const wanted = shown.cloneNode();
            wanted.innerHTML = source;
            return wanted.isEqualNode(shown);
        }""",
        "".join(frame.lines),
    )
    assert is_drawn, f"{where}: the picture is not the one that Python draws"


def assert_sliders_say(one, figure, wanted: dict) -> None:
    """Each slider says its value with unit, to the eye and to the ear."""
    for control in one.controls:
        element = figure.get_by_label(control.title, exact=True)
        if element.get_attribute("type") == "range":
            text = control.text(wanted[control.name])
            assert element.get_attribute("aria-valuetext") == text
            assert figure.locator(f'output[for="{element.get_attribute("id")}"]').text_content() == text


# Every explorer


@pytest.mark.parametrize("name", NAMES)
def test_explorer(drawn, tabs, tmp_path, name):
    path = write_page(tmp_path / "page", [name])
    findings = Findings(name)
    one = load(name)
    wide, phone, plain = (tabs[kind].revisit(path) for kind in TABS)
    with findings.at("1280 px, light, at the start"):
        figure = ready(wide.page, name)
        assert_sliders_say(one, figure, one.start)
    with findings.at("1280 px, by keyboard"):
        assert_keys_move_each_control_to_what_python_computed(one, figure)
    with findings.at("1280 px, by Tab"):
        assert_tab_reaches_every_control_in_order_and_reset_goes_back(one, figure)
    with findings.at("360 px"):
        figure = ready(phone.page, name)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert_words_are_readable(figure.locator("svg"))
    for means, tab in (("mouse", wide), ("touch", phone)) if one.handle else ():
        with findings.at(f"{tab.page.viewport_size['width']} px, by {means}"):
            assert_handle_follows_the_pointer(one, ready(tab.page, name), means)
    with findings.at("without JavaScript"):
        assert_still_picture_is_complete(one, plain.page.locator(".mml-explorer"))
    for theme in ("dark", "light"):
        with findings.at(f"1280 px, {theme}, moved"):
            wide.page.emulate_media(color_scheme=theme)
            findings.add(f"1280 px, {theme}", wide.violations())
    for kind in TABS:
        findings.add(kind, tabs[kind].faults)
        findings.add(kind, [f"asks another place: {url}" for url in tabs[kind].foreign(path.parent)])
    findings.report()


def assert_keys_move_each_control_to_what_python_computed(one, figure):
    wanted = one.start
    for control in one.controls:
        figure.get_by_label(control.title, exact=True).focus()
        index = control.grid.index(control.start)
        key, step = ("ArrowRight", 1) if index + 1 < len(control.grid) else ("ArrowLeft", -1)
        moves = ((key, control.grid[index + step]), ("End", control.grid[-1]), ("Home", control.grid[0]))
        for key, value in moves:
            figure.page.keyboard.press(key)
            wanted = {**wanted, control.name: value}
            assert_shows(one.name, figure, wanted)


def assert_tab_reaches_every_control_in_order_and_reset_goes_back(one, figure):
    keyboard = figure.page.keyboard
    figure.get_by_label(one.controls[0].title, exact=True).focus()
    keyboard.press("End")
    focused = "document.activeElement.name || document.activeElement.textContent"
    order = []
    for _ in range(len(one.controls) + (2 if one.play else 1)):
        order.append(figure.page.evaluate(focused))
        keyboard.press("Tab")
    assert order == [*(c.name for c in one.controls), *(["Play"] if one.play else []), "Reset"]
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    assert_shows(one.name, figure, one.start)


def assert_words_are_readable(svg):
    sizes = svg.evaluate(
        """svg => [...svg.querySelectorAll('text')].map((text) =>
            parseFloat(getComputedStyle(text).fontSize) * svg.clientWidth / svg.viewBox.baseVal.width)"""
    )
    assert min(sizes, default=10) >= 10  # a picture may have no words
    assert svg.evaluate("svg => svg.getBoundingClientRect().right <= innerWidth")


def assert_still_picture_is_complete(one, figure):
    assert figure.get_by_role("img", name=one.alt).is_visible()
    assert figure.locator("figcaption").text_content() == one.caption
    assert readouts(figure) == one().readouts
    assert figure.get_by_text("With JavaScript this figure moves").is_visible()
    assert not any(control.is_visible() for control in figure.locator("input, select, button").all())


def assert_handle_follows_the_pointer(one, figure, means):
    goal = {**one.start, **{move: load_grid(one, move)[1] for move in one.handle.moves}}
    x, y = frame_of(one, goal).handle
    figure.locator("svg").scroll_into_view_if_needed()
    start = figure.locator(".explorer-ring").bounding_box()
    box = figure.locator("svg").bounding_box()
    scale = box["width"] / figure.locator("svg").evaluate("svg => svg.viewBox.baseVal.width")
    path = [
        (start["x"] + start["width"] / 2, start["y"] + start["height"] / 2),
        (box["x"] + x * scale + 2, box["y"] + y * scale - 2),
    ]
    drag(figure.page, path, means)
    assert_shows(one.name, figure, goal)


def load_grid(one, name):
    return next(control.grid for control in one.controls if control.name == name)


def drag(page, path, means):
    (x, y), (to_x, to_y) = path
    if means == "mouse":
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
        page.mouse.move(to_x, to_y)
        page.mouse.up()
        page.mouse.move(x, y)  # after letting go the pointer moves nothing
        return
    # The compositor learns a frame later where a finger drags; a swipe before that leads back in history.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    session = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [(x, y)]), ("touchMove", [(to_x, to_y)]), ("touchEnd", [])):
        touches = [{"x": a, "y": b} for a, b in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_only_the_handle_keeps_a_finger_from_scrolling(opened):
    _, figure = opened(MAP, width=360)
    action = "e => getComputedStyle(e).touchAction"
    assert figure.locator(".explorer-handle").evaluate(action) == "none"
    assert figure.locator("svg").evaluate(action) == "auto"


# Play, words, address


def at_a_halt(watched, sheet, name):
    """Open the page with a clock that only the test moves."""
    visited = watched(sheet)
    visited.page.clock.install()
    visited.page.reload()
    figure = ready(visited.page, name)
    visited.page.clock.pause_at(datetime.datetime.now() + datetime.timedelta(minutes=1))
    return visited, figure


def test_play_steps_to_the_end_and_stops_and_never_starts_by_itself(watched, sheet):
    visited, figure = at_a_halt(watched, sheet, RACE)
    visited.page.clock.run_for(5000)
    assert parameters(RACE, figure) == load(RACE).start
    figure.get_by_role("button", name="Play").click()
    visited.page.clock.run_for(900)
    assert parameters(RACE, figure)["steps"] == load(RACE).start["steps"] + 2
    visited.page.clock.run_for(10_000)
    assert_shows(RACE, figure, {**load(RACE).start, "steps": 10})
    figure.get_by_role("button", name="Play").click()
    figure.get_by_role("button", name="Pause").click()
    assert parameters(RACE, figure)["steps"] == 0


def test_play_is_not_offered_where_motion_is_unwanted(opened):
    _, figure = opened(RACE, reduced_motion="reduce")
    assert not figure.get_by_role("button", name="Play").is_visible()


def test_numbers_are_spoken_once_the_reader_pauses(watched, sheet):
    visited, figure = at_a_halt(watched, sheet, MAP)
    words = figure.locator("[aria-live=polite]")
    figure.get_by_label("Ae₁, first entry").focus()
    visited.page.keyboard.press("Home")
    visited.page.clock.run_for(300)
    visited.page.keyboard.press("ArrowRight")
    visited.page.clock.run_for(400)
    assert words.text_content() == ""
    visited.page.clock.run_for(400)
    wanted = load(MAP)(x=-1.5).readouts
    assert words.text_content() == ", ".join(f"{name}: {text}" for name, text in wanted.items())
    visited.page.keyboard.press("ArrowRight")
    visited.page.clock.run_for(800)
    then = load(MAP)(x=-1.0).readouts
    assert words.text_content() == ", ".join(
        f"{name}: {text}" for name, text in then.items() if text != wanted[name]
    )


def test_address_leads_back_to_the_figure_in_its_position_and_keeps_the_rest(opened, sheet):
    visited, figure = opened(MAP)
    page = visited.page
    page.goto(f"{sheet.as_uri()}?other=1#here")
    figure = ready(page, MAP)
    figure.get_by_label("Ae₁, first entry").focus()
    page.keyboard.press("Home")
    figure.get_by_label("Ae₂", exact=True).select_option("half of Ae₁")
    page.wait_for_url(lambda url: f"{MAP}.second=half" in url)
    assert page.url.endswith(f"?other=1&{MAP}.x=-2&{MAP}.second=half+of+Ae%E2%82%81#explorer-{MAP}")
    page.reload()
    assert_shows(MAP, ready(page, MAP), {"x": -2.0, "y": 0.5, "second": "half of Ae₁"})
    ready(page, MAP).get_by_role("button", name="Reset").click()
    page.wait_for_url(lambda url: url.endswith("?other=1"))


def test_an_address_with_values_that_do_not_exist_shows_the_start(watched, sheet):
    visited = watched(sheet)
    visited.page.goto(f"{sheet.as_uri()}?{MAP}.x=7&{MAP}.second=%3Cscript%3E")
    assert_shows(MAP, ready(visited.page, MAP), load(MAP).start)
    # Leaving the first address broke off what was still loading there.
    assert [fault for fault in visited.faults if not fault.startswith("failed")] == []


# On paper, on slow lines, in old browsers


def test_paper_gets_the_picture_without_controls(opened):
    visited, figure = opened(MAP)
    visited.page.emulate_media(media="print")
    assert figure.locator("svg").is_visible()
    assert figure.locator("figcaption").is_visible()
    for gone in (".explorer-controls", ".explorer-handle"):
        assert not figure.locator(gone).is_visible()


def test_frames_are_loaded_only_when_the_figure_comes_near(watched, sheet):
    visited = watched(sheet, width=360)
    last = f"/{SOME[-1]}.js"
    visited.page.wait_for_selector(f'[data-explorer="{SOME[0]}"][data-ready]')
    assert not any(url.endswith(last) for url in visited.requests)
    ready(visited.page, SOME[-1])
    assert any(url.endswith(last) for url in visited.requests)


def test_what_is_moved_before_it_is_loaded_says_the_value_and_that_it_is_loading(watched, sheet, tmp_path):
    page = write_page(tmp_path / "page", [MAP])
    visited = watched(page)
    held = []
    visited.page.route("**/explorers/*.js", lambda route: held.append(route))
    visited.page.reload(wait_until="load")
    figure = visited.page.locator(".mml-explorer")
    picture = figure.locator(".explorer-picture")
    assert picture.get_attribute("aria-busy") is None
    figure.get_by_label("Ae₁, first entry", exact=True).press("End")
    visited.page.locator(".explorer-picture[aria-busy]").wait_for()
    assert_sliders_say(load(MAP), figure, {**load(MAP).start, "x": 2.0})
    assert figure.locator(".explorer-status").text_content() == "The picture is loading."
    held[0].continue_()
    visited.page.locator(".explorer-picture:not([aria-busy])").wait_for()
    assert_shows(MAP, figure, {**load(MAP).start, "x": 2.0})


def test_a_missing_asset_leaves_the_start_and_says_why(watched, sheet, tmp_path):
    page = write_page(tmp_path / "page", [MAP])
    (page.parent / "_static" / "explorers" / f"{MAP}.js").unlink()
    figure = watched(page).page.locator(".mml-explorer")
    assert_still(figure, "because its file of frames could not be loaded")


def test_frames_that_are_not_drawn_yet_are_asked_for_again_at_each_move(watched, sheet, tmp_path):
    page = write_page(tmp_path / "page", [MAP])
    script = page.parent / "_static" / "explorers" / f"{MAP}.js"
    script.write_text(f'(window.mmlExplorers ??= {{}})["{MAP}"] = "later";', encoding="utf-8")
    visited = watched(page)
    figure = visited.page.locator(".mml-explorer")
    note = figure.locator(".explorer-note")
    slider = figure.get_by_label("Ae₁, first entry", exact=True)
    slider.focus()
    assert not note.is_visible()
    visited.page.keyboard.press("End")
    note.wait_for()
    assert note.text_content().startswith("This figure cannot move yet: its frames are still to be drawn.")
    assert parameters(MAP, figure) == load(MAP).start
    shutil.copy(build_explorers.CACHE / script.name, script)
    visited.page.keyboard.press("End")
    assert_shows(MAP, figure, {**load(MAP).start, "x": 2.0})
    assert not note.is_visible()
    assert visited.faults == []


def test_a_step_touches_only_what_differs(opened):
    _, figure = opened(RACE)
    frame = figure.locator(".explorer-frame")
    frame.evaluate("frame => { window.first = [...frame.querySelectorAll('*')]; }")
    figure.get_by_label("steps", exact=True).press("ArrowRight")
    assert_shows(RACE, figure, {**load(RACE).start, "steps": load(RACE).start["steps"] + 1})
    kept = frame.evaluate(
        "frame => window.first.filter((node) => frame.contains(node)).length / window.first.length"
    )
    assert kept > 0.8


def test_an_old_browser_is_told_so(browser_context, sheet):
    page = browser_context().new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(sheet.as_uri())
    figure = page.locator(f'[data-explorer="{SOME[0]}"]')
    assert_still(figure, "because this browser is too old to unpack its frames")


def assert_still(figure, reason):
    note = figure.get_by_text(f"This figure stands still at its start, {reason}.")
    note.wait_for()
    assert figure.locator("svg").is_visible()
    assert not figure.locator(".explorer-controls").is_visible()


# On the built site


def test_pages_without_explorers_do_not_load_their_scripts(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert ("_static/explorers.js" in text) == ("data-explorer=" in text), path
