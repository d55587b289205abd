"""Python in the browser: the real kernel, served by this machine, with every other place refused.

NumPy and what stands on it are not on the package index for browsers, so they are no part of this test unless
somebody brings them: ``MML_BROWSER_WHEELS`` names a folder with the files that the kernel asks for,
``MML_BROWSER_NETWORK=1`` lets it ask the distribution's own address. Then the core lessons are run as well.
"""

import gzip
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lite_kernel
import pytest
import yaml
from notebook_source import read_source, texts

ROOT = Path(__file__).resolve().parents[2]
WHEELS = os.environ.get("MML_BROWSER_WHEELS", "")
NETWORK = os.environ.get("MML_BROWSER_NETWORK") == "1"
LESSON = "05_information_theory/surprise"
MOVES = "01_linear_algebra/eigenvectors"  # a lesson with an explorer and an exercise
EXERCISE = "notebooks/02_calculus/taylor.html"  # with one stub, which the checker refuses for c = 2
NEEDS = "'numpy', 'matplotlib', 'pillow', 'mmlhelpers'"
PATIENCE = 100_000  # milliseconds; a busy machine takes long to start the kernel
MOVED = """import ipywidgets
slider, told = ipywidgets.IntSlider(), ipywidgets.Label("still")
slider.observe(lambda change: setattr(told, "value", f"moved to {change.new}"), "value")
display(ipywidgets.VBox([slider, told]))"""
CONNECTED = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
    ?.connectionStatus === 'connected'"""
RUN_FIRST = """async (code) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = 0;
    if (code) content.activeCell.model.sharedModel.setSource(code);
    await window.jupyterapp.commands.execute('notebook:run-cell');
    return content.activeCell.model.toJSON().outputs.map(({ text, evalue }) => text ?? evalue ?? '').join('');
}"""
# What each cell came to: its number, and the names of the errors that it ended with.
OUTCOMES = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].map((cell) => {
    const told = cell.toJSON();
    const outputs = told.outputs ?? [];
    const errors = outputs.filter(({ output_type: kind }) => kind === 'error');
    return [told.source, errors.map(({ ename, evalue }) => `${ename}: ${evalue}`), told.metadata.tags ?? [],
        outputs.map(({ data }) => data?.['text/plain'] ?? '').join('\\n')];
})"""

pytestmark = pytest.mark.browser


def core_lessons():
    """The lessons of the core path, as the lessons or the list of them say."""
    listed = yaml.safe_load((ROOT / "book" / "data" / "core.yml").read_text(encoding="utf-8"))
    for text in texts():
        own = read_source(text).lessons
        names = [name for name, data in own.items() if data.level == "core"] or listed.get(text.stem, [])
        yield from (f"{text.stem}/{name}" for name in names)


needs_numpy = pytest.mark.skipif(
    not WHEELS and not NETWORK,
    reason="LESSONS NOT RUN IN THE BROWSER: NumPy comes from Pyodide's own address; "
    "name a folder of its files in MML_BROWSER_WHEELS, or allow the network with MML_BROWSER_NETWORK=1",
)


@pytest.fixture
def lite(site):
    """The folder of Python for the browser."""
    if os.environ.get("MML_LITE") == "0":
        pytest.skip("PYTHON IN THE BROWSER NOT TRIED: it was left out by MML_LITE=0")
    if not (site / "lite" / "facts.js").exists():
        pytest.fail("the site has no Python for the browser: run `make book`, and see what it says")
    return site / "lite"


@pytest.fixture
def visit(lite, address, browser_context):
    """Return a function that opens an address of the site; what is asked elsewhere is noted and refused."""

    def opened(place, *, alone=False):
        context = browser_context(offline=False)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.foreign, page.own, page.sizes = [], [], {}
        context.route(
            lambda url: not url.startswith((address, "data:", "blob:")),
            lambda route: answer(page, route, alone),
        )
        context.on(
            "requestfinished",
            lambda request: page.own.append(request.url) if request.url.startswith(address) else None,
        )
        page.goto(address + place, wait_until="domcontentloaded")
        return page

    return opened


def answer(page, route, alone):
    """Note what is asked of another place; refuse it, or answer it from the folder, or let it through."""
    page.foreign.append(route.request.url)
    file = Path(WHEELS) / Path(unquote(urlsplit(route.request.url).path)).name
    if alone:
        route.abort()
    elif WHEELS and file.exists():
        page.sizes[route.request.url] = file.stat().st_size
        route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*"})
    elif NETWORK:
        reply = route.fetch()
        page.sizes[route.request.url] = len(reply.body())
        route.fulfill(response=reply)
    else:
        route.abort()


def open_notebook(visit, lesson, **options):
    """Open the notebook of a lesson, and wait until its kernel listens."""
    page = visit(f"lite/notebooks/index.html?path={lesson}.ipynb", **options)
    page.wait_for_function(CONNECTED)
    return page


def run_first(page, code):
    """Put code, if there is any, in the first cell; run it; return what it printed in the end."""
    return page.evaluate(RUN_FIRST, code)


def test_kernel_starts_without_a_network_and_says_what_is_missing(lite, visit):
    page = open_notebook(visit, LESSON, alone=True)
    assert page.foreign == [], "asked another place before anything was run"
    assert "They come from the network: go online, then run this cell again." in run_first(page, "")
    assert page.foreign, "the refusal must come from what was tried"
    pinned = pinned_files(lite)
    assert [url for url in page.foreign if url not in pinned] == []
    assert "0.1.0 42" in run_first(page, "import mmlhelpers\nprint(mmlhelpers.__version__, 6 * 7)")
    run_first(page, MOVED)
    page.locator(".widget-slider [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("moved to 1").wait_for()
    assert told_megabytes(lite)["notebook"] == pytest.approx(megabytes(lite, page.own), rel=0.25)


def test_exercise_on_a_page_starts_the_same_kernel(site, lite, visit):
    page = visit("book/intro.html", alone=True)
    worker = (site / "_static" / "try-worker.js").read_text(encoding="utf-8")
    assert NEEDS in worker
    page.context.route(
        "**/try-worker.js",  # the page's own list is asked for package by package below
        lambda route: route.fulfill(
            body=worker.replace(NEEDS, "'mmlhelpers'"), content_type="text/javascript"
        ),
    )
    page.goto(f"{page.url.partition('book/')[0]}{EXERCISE}")
    page.get_by_role("button", name=re.compile("Try it here")).first.click()
    page.get_by_text(f"The first run fetches about {told_megabytes(lite)['exercise']} MB").wait_for()
    assert page.foreign == []
    for before, packages, code, told in [
        ("", ["numpy"], "1", "numpy could not be fetched. They come from the network: go online"),
        ("x = 20", [], "print('seen')\nx = x + 1\nx * 2", "42"),
        ("x = 20", [], "x", "20"),
        ("import mmlhelpers", [], "mmlhelpers.__name__", "'mmlhelpers'"),
        ("", [], "def f():\n    return y\nf()", "line 2: NameError: name 'y' is not defined"),
        ("", [], "x = 1\nif x\n", "line 2: SyntaxError: expected ':'"),
        ("1 / 0", [], "1", "Python in the browser failed: ZeroDivisionError: division by zero."),
    ]:
        page.evaluate(
            "told => Object.assign(document.querySelector('.cell[data-before]').dataset, told)",
            {"before": before, "packages": json.dumps(packages)},
        )
        page.locator(".try-editor .cm-content").focus()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(code)
        page.keyboard.press("ControlOrMeta+Enter")
        page.locator(".try-told p").get_by_text(told, exact=len(told) < 20).wait_for()
        assert ("seen" in page.locator(".try-told").inner_text()) == ("seen" in code)
    assert set(page.foreign) <= pinned_files(lite)


@needs_numpy
def test_checker_judges_on_the_page(visit):
    page = visit(EXERCISE)
    page.get_by_role("button", name=re.compile("Try it here")).first.click()
    page.locator(".try-editor .cm-content").focus()
    page.keyboard.press("ControlOrMeta+Enter")
    page.locator(".try-told").get_by_text("not yet: for c = 2").wait_for()


def pinned_files(lite):
    """The addresses in the kernel's lock, each with the hash that a file must have."""
    lock = json.loads((lite / "static" / "pyodide" / "pyodide-lock.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch("[0-9a-f]{64}", package["sha256"]) for package in lock["packages"].values())
    return {package["file_name"] for package in lock["packages"].values()}


def told_megabytes(lite):
    """What the pages tell a reader."""
    told = re.search(r"= (.+);", (lite / "facts.js").read_text(encoding="utf-8"))[1]
    return json.loads(told)["megabytes"]


def megabytes(lite, urls):
    """What a first visit weighs: the files that came from the site, packed, and the estimate of all else."""
    paths = {lite.parent / unquote(urlsplit(url).path).lstrip("/") for url in urls}
    own = sum(
        path.stat().st_size if path.suffix in {".whl", ".zip"} else len(gzip.compress(path.read_bytes(), 6))
        for path in paths
        if path.is_file()
    )
    return own / 1e6 + lite_kernel.fetched_megabytes()["base"]


def test_page_leads_to_the_notebook_and_says_how_much_comes(lite, visit):
    page = visit(f"book/run_in_the_browser.html?lesson={LESSON}")
    link = page.get_by_role("link", name=f"Run in the browser (about {told_megabytes(lite)['notebook']} MB)")
    link.wait_for()
    assert f"path={LESSON.replace('/', '%2F')}.ipynb" in link.get_attribute("href")
    assert (lite / "files" / f"{LESSON}.ipynb").exists()
    page.context.set_offline(True)
    page.get_by_text("Your browser is offline.").wait_for()
    assert not link.is_visible()
    assert page.foreign == []


def test_page_opened_from_a_file_says_what_to_do(site, watched):
    visited = watched(site / "book" / "run_in_the_browser.html")
    visited.page.get_by_text("This page was opened from a file").wait_for()
    assert visited.faults == []


def test_every_lesson_has_a_notebook_for_the_browser(site, lite):
    for page in sorted((site / "notebooks").glob("*/*.html")):
        assert (lite / "files" / page.parent.name / f"{page.stem}.ipynb").exists(), page


def test_front_end_has_a_policy_that_names_one_other_place(lite):
    pages = sorted(lite.rglob("*.html"))
    assert pages
    for page in pages:
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page.read_text(encoding="utf-8"))[1]
        assert "default-src 'none'" in policy, page
        assert re.findall(r"https?://[^ ;]+", policy) == [
            re.search(r'"address": "([^"]+)"', (lite / "facts.js").read_text(encoding="utf-8"))[1]
        ]


@needs_numpy
@pytest.mark.parametrize("lesson", list(core_lessons()))
def test_core_lesson_runs(lite, visit, lesson):
    page = run_all(visit, lesson)
    failed = [
        (source, errors)
        for source, errors, tags, _ in page.evaluate(OUTCOMES)
        if errors and "raises-exception" not in tags
    ]
    assert failed == []
    assert set(page.foreign) <= pinned_files(lite)
    assert sum(page.sizes.values()) / 1e6 == pytest.approx(estimate(page.sizes), rel=0.25), page.sizes


@needs_numpy
def test_explorer_moves_and_exercise_is_checked(visit):
    page = run_all(visit, MOVES)
    printed = [text for source, _, _, text in page.evaluate(OUTCOMES) if "exercises." in source]
    assert any("not yet:" in text for text in printed)  # the stub
    assert any("correct" in text for text in printed)  # the solution
    picture = page.locator(
        ".jp-OutputArea :is(img, svg).mml-figure, .widget-html-content :is(img, svg)"
    ).first
    before = picture.evaluate("picture => picture.outerHTML")
    page.locator(".widget-slider [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.widget-html-content :is(img, svg)').outerHTML !== before",
        arg=before,
    )


def run_all(visit, lesson):
    """Open the notebook of a lesson, run all its cells, and wait until the kernel has nothing to do."""
    page = open_notebook(visit, lesson)
    page.context.set_default_timeout(600_000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    return page


def estimate(sizes):
    """What tools/lite_kernel.py says of the files that came, in MB."""
    names = {Path(urlsplit(url).path).name.split("-")[0].lower().replace("_", "-") for url in sizes}
    return sum(size for name, size in lite_kernel.FETCHED.items() if name in names)
