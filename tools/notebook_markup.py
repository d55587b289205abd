"""What the book's texts may write beyond MyST, written out so that every notebook front end understands it.

TeX macros become plain TeX, and a quiz becomes questions in the form that the notebook has.
"""

import functools
import re
from pathlib import Path

import yaml
from notebook_boxes import Answer, Writer

ROOT = Path(__file__).resolve().parents[1]
QUIZZES = ROOT / "book" / "data" / "quizzes"
QUIZ = re.compile(r"^```\{quiz\} (\w+)\n```$", re.MULTILINE)


@functools.cache
def macros() -> dict[str, tuple[str, int]]:
    """The book's TeX macros, name -> (body, number of arguments), from the one place that defines them."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    defined = config["sphinx"]["config"]["mathjax3_config"]["tex"]["macros"]
    pairs = {name: value if isinstance(value, list) else [value, 0] for name, value in defined.items()}
    return {name: (body, int(count)) for name, (body, count) in pairs.items()}


def expand_macros(text: str) -> str:
    r"""Write `\data{x}` and its like out in plain TeX: JupyterLab and Colab know no macros of ours."""
    names = re.compile(rf"\\({'|'.join(macros())})(?![A-Za-z])")
    start = 0
    while match := names.search(text, start):
        body, count = macros()[match[1]]
        arguments, start, end = {"##": "#"}, match.start(), match.end()  # in a macro's body ## is a plain #
        for i in range(1, count + 1):
            arguments[f"#{i}"], end = braced(text, end)
        places = re.compile("|".join(sorted(arguments)))
        plain = places.sub(functools.partial(fill, arguments), body)
        joint = " " if re.search(r"\\[A-Za-z]+$", plain) and text[end : end + 1].isalpha() else ""
        text = text[:start] + plain + joint + text[end:]
    return text


def fill(arguments: dict[str, str], place: re.Match[str]) -> str:
    """What stands in the place of #1, #2 ... or ## in the body of a macro."""
    return arguments[place[0]]


def braced(text: str, start: int) -> tuple[str, int]:
    """The contents of the braces that open at `start`, and the place behind them."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0) * (text[place - 1] != "\\")
        if depth == 0:
            break
    if depth or not text.startswith("{", start):
        raise ValueError(f"a macro lacks its braces: {text[max(0, start - 12) : start + 20]!r}")
    return text[start + 1 : place], place + 1


def expand_quizzes(text: str, writer: Writer) -> str:
    """Put the questions in the place of each fence ```{quiz} name."""
    return QUIZ.sub(lambda match: quiz(match[1], writer), text)


def quiz(name: str, writer: Writer) -> str:
    """Write out a quiz of book/data/quizzes."""
    files = sorted(QUIZZES.glob(f"??_{name}.yml"))
    if not files:
        raise ValueError(f"no quiz {name!r}: wanted a file {QUIZZES.name}/NN_{name}.yml")
    questions = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    asked = (question(number, item, files[0].name, writer) for number, item in enumerate(questions, 1))
    return "\n\n".join(asked)


def question(number: int, item: dict, file: str, writer: Writer) -> str:
    """One question: the options as a list, and under them what is said to each."""
    options = item.get("options", [])
    if "ask" not in item or len(options) < 2 or sum(option.get("right", False) for option in options) != 1:
        raise ValueError(
            f"{file}, question {number}: wanted `ask` and two or more `options`, one of them `right: true`"
        )
    if any(not option.get("text") or not option.get("why") for option in options):
        raise ValueError(f"{file}, question {number}: every option needs a `text` and a `why`")
    answers = [Answer(bool(option.get("right")), str(option["why"])) for option in options]
    texts = [str(option["text"]) for option in options]
    return writer.question(f"Question {number}", "quiz", item["ask"].strip(), texts, answers)
