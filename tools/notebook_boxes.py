"""Boxes of a lesson: a question with choices, why it matters, a misconception and what is true.

An author writes them as fences of colons:

    :::{predict}                          :::{why}                :::{misconception} "All numbers are equal."
    Which is larger?                      Because ...             One is not two.
    - one                                 :::                     :::
    - two *

    Two is one more than one.
    :::

The choice with the star is right; what follows the choices is its reason. On the site one clicks a choice.
How a box is written depends on the form of the notebook: a `Writer` does it.
"""

import dataclasses
import re
from collections.abc import Callable

BOX = re.compile(r"^:::\{(predict|why|misconception)\}[ ]?(.*)\n((?:.*\n)*?):::$", re.MULTILINE)
CHOICE = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is said to a choice."""

    right: bool
    why: str

    @property
    def verdict(self) -> str:
        """The answer as a sentence of its own."""
        return f"**{'Right' if self.right else 'Not quite'}.** {self.why}"


@dataclasses.dataclass(frozen=True)
class Writer:
    """How a box is written, and a question; both begin with title and classes."""

    box: Callable[[str, str, str], str]
    question: Callable[[str, str, str, list[str], list[Answer]], str]


def expand_boxes(text: str, writer: Writer) -> str:
    """Write out every box of a text."""
    return BOX.sub(lambda match: BOXES[match[1]](writer, match[2].strip(), match[3].strip()), text)


def predict(writer: Writer, title: str, body: str) -> str:
    """A question: its choices as a list, and folded under it the answer with the reason."""
    choices = list(CHOICE.finditer(body))
    right = [choice for choice in choices if choice[1].endswith(" *")]
    if len(choices) < 2 or len(right) != 1:
        raise ValueError("a prediction needs two or more choices `- ...`, one of them ending with ` *`")
    lead, reason = body[: choices[0].start()].strip(), body[choices[-1].end() :].strip()
    if not reason:
        raise ValueError("a prediction needs the reason of its answer, after the choices")
    options = [choice[1].removesuffix(" *") for choice in choices]
    answers = [Answer(choice in right, reason) for choice in choices]
    return writer.question(title or "What do you expect?", "quiz predict", lead, options, answers)


def why(writer: Writer, title: str, body: str) -> str:
    """What an idea is for."""
    return writer.box(title or "Why it matters", "why", body)


def misconception(writer: Writer, title: str, body: str) -> str:
    """A false sentence, and what is true instead."""
    if not title:
        raise ValueError("a misconception needs the false sentence behind the braces")
    said = title.strip('"\u201c\u201d')
    return writer.box(f"Misconception: \u201c{said}\u201d", "misconception", f"**In fact:** {body}")


def box(title: str, classes: str, body: str, fence: str = "```") -> str:
    """An admonition; a title with code in it cannot stand behind backticks."""
    fence = fence.replace("`", "~") if "`" in title else fence
    return f"{fence}{{admonition}} {title}\n:class: {classes}\n\n{body}\n{fence}"


def question(title: str, classes: str, lead: str, options: list[str], answers: list[Answer]) -> str:
    """A question as an admonition: the options as a list, and under them a list that answers each."""
    said = numbered([answer.verdict for answer in answers])
    folded = f"```{{admonition}} Answers\n:class: quiz-answers dropdown\n\n{said}\n```"
    return box(title, classes, f"{lead}\n\n{numbered(options)}\n\n{folded}", "````")


def numbered(items: list[str]) -> str:
    """A numbered list; the lines after the first of an item are indented under it."""
    return "\n".join(f"{i}. " + str(item).strip().replace("\n", "\n   ") for i, item in enumerate(items, 1))


#: Admonitions that read well without JavaScript; the site enlivens them.
MYST = Writer(box, question)
BOXES = {"predict": predict, "why": why, "misconception": misconception}
