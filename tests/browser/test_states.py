"""A lesson in the states that readers bring it into: scrolled, linked to, copied, printed, in an old browser.

It is loaded once for all that can be asked of one tab; what needs another browser is loaded beside it.
"""

import re

import pytest
from watching import Findings, Watched

pytestmark = pytest.mark.browser
LESSON = "notebooks/01_linear_algebra/matrices.html"
EXPLORER = "linear_algebra.plane_map"
LISTED = "[...document.querySelectorAll('.on-this-page li a')].map((link) => link.hash.slice(1))"
MARKED = "document.querySelector('.on-this-page [aria-current]')?.hash.slice(1) ?? ''"
# What the reader reads: the last section of the list that begins above 30 % of the window.
READ = f"""{LISTED}.filter((id) =>
    document.getElementById(id).getBoundingClientRect().top <= innerHeight * .3).at(-1) ?? ''"""
SETTLED = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))"""


@pytest.fixture(scope="module")
def tab(browser, site):
    """A wide tab with the lesson."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    context.set_default_timeout(10_000)
    watched = Watched(context.new_page())
    watched.open(site / LESSON)
    yield watched.page
    context.close()


def marked(page) -> str:
    page.evaluate(SETTLED)
    return page.evaluate(MARKED)


def test_mark_of_the_section_is_right_in_both_directions_and_after_jumps(tab, site):
    height = tab.evaluate("document.documentElement.scrollHeight - innerHeight")
    down = [share * height for share in (0, 0.2, 0.4, 0.6, 0.75)]
    seen = set()
    for top in [*down, *reversed(down), down[3], 0, down[2]]:
        tab.evaluate(f"scrollTo(0, {top})")
        assert marked(tab) == tab.evaluate(READ), f"at {top:.0f} px"
        seen.add(marked(tab))
    assert len(seen) >= 3
    for name in tab.evaluate(LISTED):
        tab.evaluate(f"location.hash = {name!r}")
        assert marked(tab) == name, "a section that was jumped to is marked, the last ones too"
    tab.reload()
    tab.locator("html:not([hidden])").wait_for(state="attached")
    assert marked(tab) == name, "after reloading"


def test_deep_links_land_under_the_bar_and_mark_their_section(tab, site):
    for place in tab.locator("main .headerlink").evaluate_all("all => all.map((a) => a.hash.slice(1))"):
        tab.evaluate("(place) => { scrollTo(0, 0); location.hash = ''; location.hash = place; }", place)
        tab.evaluate(SETTLED)
        top, bar, is_last = tab.evaluate(
            """(place) => [document.getElementById(place).getBoundingClientRect().top,
                document.querySelector('.bar').offsetHeight,
                scrollY + innerHeight > document.documentElement.scrollHeight - 2]""",
            place,
        )
        assert is_last or 0 <= top - bar <= 24, f"{place} lands {top - bar:.0f} px under the bar"
        section = tab.evaluate(
            f"""(place) => {LISTED}.filter((id) =>
                document.getElementById(id).contains(document.getElementById(place))).at(-1) ?? ''""",
            place,
        )
        assert not section or marked(tab) == section, place


def test_shared_position_of_an_explorer_comes_to_it(tab, site):
    address = f"{(site / LESSON).as_uri()}?{EXPLORER}.x=-2"
    for end in ("", f"#explorer-{EXPLORER}"):
        tab.goto("about:blank")
        tab.goto(address + end)
        tab.locator("html:not([hidden])").wait_for(state="attached")
        tab.wait_for_timeout(100)
        figure = tab.locator(f'[data-explorer="{EXPLORER}"]')
        assert figure.evaluate("f => f.getBoundingClientRect().top < innerHeight / 2 && scrollY > 500"), end
        assert figure.locator('[name="x"]').input_value() == "0", end


def test_passage_is_copied_with_its_formulas_as_tex(tab):
    got = tab.evaluate(
        """() => {
            const formula = document.querySelector('article p .formula');
            const passage = formula.closest('p');
            getSelection().selectAllChildren(passage);
            const copied = () => {
                const clipboardData = new DataTransfer();
                const event = { clipboardData, bubbles: true, cancelable: true };
                passage.dispatchEvent(new ClipboardEvent('copy', event));
                return clipboardData.getData('text/plain');
            };
            const all = copied();
            // From the middle of a formula: all of it.
            const inside = formula.querySelector('mjx-math');
            getSelection().setBaseAndExtent(inside, 0, passage, passage.childNodes.length);
            const rest = copied();
            getSelection().removeAllRanges();
            return [all, rest, formula.dataset.tex, passage.firstChild.textContent];
        }"""
    )
    passage, rest, tex, first = got
    assert passage.startswith(first.strip()[:20])
    assert f"${tex}$" in passage
    assert rest.startswith(f"${tex}$")


def test_every_numbered_place_shows_its_address_and_is_a_heading(tab):
    lacking = tab.evaluate(
        """() => [...document.querySelectorAll('.theorem.admonition, .exercise.admonition, figure[id]')]
            .filter((box) => !box.querySelector(`.headerlink[href="#${box.id}"]`)).map((box) => box.id)"""
    )
    assert lacking == []
    headings = tab.get_by_role("heading").all_text_contents()
    assert any(re.match(r"Exercise \d", text.strip()) for text in headings)


def test_lists_are_one_stop_each_and_a_lesson_has_few(tab):
    stops = tab.evaluate(
        """() => {
            const seen = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex]')]
                .filter((one) => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }));
            const groups = new Set(seen.filter((one) => one.type === 'radio').map((one) => one.name));
            return [seen.filter((one) => one.type !== 'radio').length + groups.size,
                seen.filter((one) => one.closest('.contents li')).length,
                seen.filter((one) => one.closest('.on-this-page li')).length];
        }"""
    )
    assert stops[1:] == [1, 1]
    assert stops[0] < 60
    tab.locator('.contents li a[tabindex="0"]').focus()
    here = tab.evaluate("document.activeElement.textContent")
    tab.keyboard.press("ArrowDown")
    assert tab.evaluate("document.activeElement.textContent") != here
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate("document.activeElement.textContent") == here


def test_contents_show_the_current_page(tab):
    assert tab.evaluate(
        """() => {
            const box = document.querySelector('.contents').getBoundingClientRect();
            const entry = document.querySelector('.contents [aria-current]').getBoundingClientRect();
            return entry.top >= box.top && entry.bottom <= innerHeight;
        }"""
    )


def test_paper_is_light_and_open_and_afterwards_all_is_as_before(tab):
    tab.emulate_media(color_scheme="dark", media="print")
    tab.locator("html[data-theme=dark]").wait_for(state="attached")
    before = tab.locator("article details[open]").count()
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper = tab.evaluate(
        """() => ({
            ink: getComputedStyle(document.body).color,
            paper: getComputedStyle(document.body).backgroundColor,
            filter: [...document.querySelectorAll('article img')].map((one) => getComputedStyle(one).filter),
            closed: document.querySelectorAll('article details:not([open])').length,
            answers: [...document.querySelectorAll('.quiz-answers ol')].filter((one) => !one.offsetHeight),
            controls: [...document.querySelectorAll('.quiz input, article button')]
                .filter((one) => one.offsetHeight),
        })"""
    )
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(color_scheme="light", media="screen")
    assert (paper["ink"], paper["paper"]) == ("rgb(29, 35, 42)", "rgb(255, 255, 255)")
    assert set(paper["filter"]) <= {"none"}
    assert (paper["closed"], paper["answers"], paper["controls"]) == (0, [], [])
    assert tab.locator("article details[open]").count() == before


def test_colours_of_the_system_keep_the_mark_of_the_page_and_the_pictures(tab):
    tab.emulate_media(forced_colors="active", color_scheme="dark")
    edges = tab.evaluate(
        """() => [...document.querySelectorAll('.contents li a')].map((link) =>
            [link.hasAttribute('aria-current'), getComputedStyle(link).borderLeftColor])"""
    )
    drawn = tab.evaluate(
        """() => [getComputedStyle(document.querySelector('.mml-explorer svg')).backgroundColor,
            ...[...document.querySelectorAll('article img')].map((one) => getComputedStyle(one).filter)]"""
    )
    tab.emulate_media(forced_colors="none", color_scheme="light")
    assert len({colour for is_here, colour in edges if not is_here}) == 1
    assert not {c for is_here, c in edges if is_here} & {c for is_here, c in edges if not is_here}
    assert drawn[0] == "rgb(20, 24, 29)"
    assert set(drawn[1:]) <= {"none"}


def test_links_show_what_they_refer_to(tab, site):
    Watched.open(Watched(tab), site / "notebooks/01_linear_algebra/eigenvectors.html")
    card = tab.locator(".card")
    for link, words in [
        (tab.locator(".bibtex-citation a").first, "Brin, Sergey"),
        (tab.get_by_role("link", name="Theorem 1.5"), "these are equivalent"),
        (tab.locator(".lesson-data a").first, "Determinant"),
    ]:
        link.hover()
        card.wait_for()
        assert words in card.text_content()
        assert link.get_attribute("aria-describedby") == "card"
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280
        tab.keyboard.press("Escape")
        assert not card.is_visible()
    term = tab.locator("a.term").first
    tab.keyboard.press("Tab")
    term.focus()
    card.wait_for()
    assert card.text_content() == term.get_attribute("aria-description")
    tab.keyboard.press("Shift+Tab")
    tab.wait_for_function(
        "([card, said]) => !card.checkVisibility() || card.textContent !== said",
        arg=[card.element_handle(), term.get_attribute("aria-description")],
    )


def old_browser(browser, **options):
    """A phone of three years ago: a tab whose styles and scripts know no light-dark(), popover or :has()."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, offline=True, **options
    )

    def without(route):
        path = re.sub(r"^file://|[?#].*$", "", route.request.url)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if path.endswith(".css"):
            text = re.sub(r"light-dark|:popover-open|:has\b", r"\g<0>-unknown", text)
            route.fulfill(body=text, content_type="text/css")
        else:
            route.fulfill(body=re.sub(r" popover(?=[ >])", "", text), content_type="text/html")

    context.route(re.compile(r"(?<!fonts)(?<!formulas)\.(css|html)"), without)
    context.add_init_script("delete HTMLElement.prototype.popover; delete HTMLElement.prototype.hidePopover;")
    return context


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_browser_of_three_years_ago_shows_strokes_edges_bar_and_contents(browser, site, theme):
    context = old_browser(browser, color_scheme=theme)
    findings = Findings(f"old browser, {theme}")
    with findings.at("360 px"):
        page = context.new_page()
        page.goto((site / LESSON).as_uri())
        page.locator("html:not([hidden])").wait_for(state="attached")
        paper = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[theme]
        colours = page.evaluate(
            """() => {
                const style = (selector) => getComputedStyle(document.querySelector(selector));
                const drawn = document.querySelectorAll('.mml-explorer svg :is([style*=stroke], [stroke])');
                return {
                    bar: style('.bar').backgroundColor,
                    edge: style('.bar').borderBottomColor,
                    ink: style('body').color,
                    strokes: [...drawn].map((one) => getComputedStyle(one).stroke),
                };
            }"""
        )
        assert colours["bar"] == paper
        assert colours["edge"] not in (paper, colours["ink"])
        assert len(set(colours["strokes"])) > 2
        contents = page.get_by_role("navigation", name="Contents")
        assert not contents.is_visible()
        for name in ("Contents", "On this page"):
            drawer = page.get_by_role("navigation", name=name)
            page.get_by_role("button", name=name).click()
            assert drawer.is_visible()
            drawer.get_by_role("button", name="Close").click()
            assert not drawer.is_visible()
        marks = page.locator(".headerlink, .copy").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).opacity)"
        )
        assert set(marks) == {"1"}, "without a pointer that hovers, marks are always there"
    context.close()
    findings.report()


def test_sections_are_listed_on_a_phone_and_close_when_one_is_chosen(watched, site):
    page = watched(site / LESSON, width=360).page
    page.get_by_role("button", name="On this page").click()
    sections = page.get_by_role("navigation", name="On this page")
    sections.get_by_role("link").last.click()
    sections.wait_for(state="hidden")
    assert page.evaluate("scrollY") > 500
