"""The timeline of the background page: its data, and the HTML that opens and filters without scripts."""

from pathlib import Path

import pytest
import timeline
import yaml

EVENTS = yaml.safe_load((timeline.DATA / "timeline.yml").read_text(encoding="utf-8"))
STYLE = (Path(timeline.__file__).parents[1] / "_static" / "book.css").read_text(encoding="utf-8")


def test_events_go_from_early_to_late_and_each_belongs_to_an_area():
    assert timeline.in_order(EVENTS, "timeline.yml") == EVENTS
    assert {entry["area"] for entry in EVENTS} == set(timeline.AREAS)


@pytest.mark.parametrize("entry", EVENTS, ids=lambda entry: str(entry["year"]))
def test_every_event_cites_a_source_and_has_a_title_and_a_text(entry):
    assert set(entry) == {"year", "title", "area", "text"}
    assert "{cite}`" in entry["text"]


@pytest.mark.parametrize("area", timeline.AREAS)
def test_the_style_sheet_answers_every_button(area):
    name = timeline.slug(area)
    assert f'.timeline:has([value="{name}"]:checked) li:not(.{name})' in STYLE


def test_an_event_out_of_order_is_refused_with_its_year():
    late = [{"year": 1958, "area": "models"}, {"year": 1805, "area": "optimization"}]
    with pytest.raises(ValueError, match=r"some\.yml must go from early to late, but 1805"):
        timeline.in_order(late, "some.yml")


def test_an_unknown_area_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"area must be one of linear algebra, .* got 'physics'"):
        timeline.in_order([{"year": 1905, "area": "physics"}], "some.yml")
