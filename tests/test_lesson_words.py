"""Words and their homes: the rules by example, and the book's lessons by the rules."""

import pytest
from lesson_words import BOLD, NO_PROSE, Lesson, Term, faults, glossary, lessons
from notebook_source import ROOT

FILE = ROOT / "notebooks" / "text" / "01_sample.md"


def lesson(name, prose, *, needs=(), core=True):
    return Lesson(f"c/{name}", core, tuple(f"c/{need}" for need in needs), prose, (FILE, 1))


def term(word, home, **more):
    return Term(word, f"c/{home}", "A sentence.", **more)


def test_words_at_home_and_in_lessons_that_build_on_it_are_right():
    found = [
        lesson("a", "An **arrow** is a list."),
        lesson("b", "Two arrows.", needs=["a"]),
        lesson("c", "Arrows again.", needs=["b"]),
    ]
    assert faults(found, [term("arrow", "a")]) == []


@pytest.mark.parametrize(
    ("found", "terms", "message"),
    [
        (
            [lesson("a", "x\nAn arrow."), lesson("b", "An **arrow** is.")],
            [term("arrow", "b")],
            ":2: uses 'arrow', which is defined later",
        ),
        (
            [lesson("a", "An **arrow** is."), lesson("b", "An arrow.")],
            [term("arrow", "a")],
            "does not need: c/a",
        ),
        ([lesson("a", "An **arrow** is.")], [], "is bold but has no entry"),
        ([lesson("a", "An arrow is.")], [term("arrow", "a")], "is not bold"),
        ([lesson("a", "An **arrow** is.")], [term("arrow", "a"), term("Arrow", "a")], "twice"),
        ([lesson("a", "", needs=["b"]), lesson("b", "")], [], "is no earlier lesson"),
        ([lesson("a", "", needs=["a"])], [], "is no earlier lesson"),
    ],
)
def test_fault_is_told(found, terms, message):
    [fault] = faults(found, terms)
    assert message in fault


def test_everyday_word_has_a_home_but_is_used_freely():
    found = [lesson("a", "A map of a town."), lesson("b", "A **map** is a function.")]
    assert faults(found, [term("map", "b", common=True)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "```{code-cell} ipython3\narrow\n```",
        "$arrow$",
        "`arrow`",
        "[arrow](#lesson-arrows)",
        "## An arrow",
        "$$\narrow\n$$",
        "{prf:ref}`arrow`",
    ],
)
def test_what_is_no_prose_is_no_use(text):
    assert "arrow" not in NO_PROSE.sub("", text)


def test_heading_option_and_fence_hide_their_own_line_only():
    text = "# Title\n\nAn arrow.\n\n```{prf:theorem} Name\n:label: a-label\nAn arrow.\n```\n"
    assert NO_PROSE.sub("", text).count("An arrow.") == 2


def test_bold_is_found_in_a_sentence():
    assert BOLD.findall("A **null space** is a **kernel**.") == ["null space", "kernel"]


def test_words_of_the_book_have_their_homes():
    assert faults(lessons(), glossary()) == []
