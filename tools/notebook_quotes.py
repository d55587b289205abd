"""Quotes and folds, by which the plain form of a notebook sets boxes, questions and answers apart."""

import re
from urllib.parse import quote as percent

from notebook_boxes import Answer, Writer, numbered

FORMULA = re.compile(r"\$\$.*?\$\$|(?<![\\$])\$(?:[^$\n]|\n(?!\n))+\$", re.DOTALL)


def quote(text: str) -> str:
    """A block quote. Formulas stand on one line: some front ends take them out before they read the quote."""
    joined = FORMULA.sub(lambda match: match[0].replace("\n", " "), text.strip())
    return "\n".join(f"> {line}".rstrip() for line in joined.splitlines())


def fold(summary: str, text: str) -> str:
    """A piece that opens at a click; the blank lines make front ends read Markdown inside."""
    return f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>"


def anchor(heading: str) -> str:
    """The address of a heading, as JupyterLab and nbconvert make it: its words, with dashes between."""
    return percent(re.sub(r"[`*]", "", heading).replace(" ", "-"), safe=":,!'")


def box(title: str, classes: str, body: str) -> str:
    """A box as a quote under its title."""
    return quote(f"**{title}**\n\n{body}")


def question(title: str, classes: str, lead: str, options: list[str], answers: list[Answer]) -> str:
    """A question with its choices, and its answers folded under it; one reason is said once."""
    right = next(number for number, answer in enumerate(answers, 1) if answer.right)
    if len({answer.why for answer in answers}) == 1:
        said = f"**Choice {right} is right.** {answers[0].why}"
    else:
        said = numbered([answer.verdict for answer in answers])
    asked = "\n\n".join(filter(None, (f"**{title}**", lead, numbered(options))))
    return f"{quote(asked)}\n\n{fold('Answer', said)}"


PLAIN = Writer(box, question)
