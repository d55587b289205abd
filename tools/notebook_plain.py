"""The plain form of prose: Markdown that every notebook front end renders, made from the book's MyST.

Statements, exercises and boxes become quotes with a bold head; proofs, hints, answers and solutions become
`<details>`; references and citations become words with links; an equation's number becomes its tag.
"""

import re
from collections.abc import Callable, Iterator

from notebook_citations import citation, site
from notebook_quotes import FORMULA, anchor, fold, quote
from notebook_targets import Target, place

FENCED = re.compile(
    r"^(?P<fence>`{3,}|~{3,})\{(?P<name>[\w:-]+)\}[ ]?(?P<title>.*)\n"
    r"(?P<options>(?::[\w-]+:.*\n)*)(?P<body>(?:.*\n)*?)(?P=fence)$",
    re.MULTILINE,
)
LABELS = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
EQUATION = re.compile(r"\$\$(?P<tex>(?:(?!\$\$).)*?)\$\$ \((?P<label>[\w-]+)\)$", re.MULTILINE | re.DOTALL)
# What may refer, or what cannot, which is passed over: code and formulas.
WORDS = re.compile(
    r"\{(?P<role>[\w:]+)\}`(?P<named>[^`]+)`|\]\(#(?P<label>[\w-]+)\)"
    r"|^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)$|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)|" + FORMULA.pattern,
    re.MULTILINE | re.DOTALL,
)
SOLUTION_GATE = re.compile(
    r"^(?P<fence>`{3,})\{solution-(?P<gate>start|end)\}(?P<label>.*)\n(?::.*\n)*(?P=fence)$", re.MULTILINE
)
DEEPER = re.compile(r"^(?P<level>#{2,}) Deeper: (?P<title>.+)$", re.MULTILINE)
STATEMENTS = {"prf:theorem", "prf:lemma", "prf:corollary", "prf:proposition", "prf:definition", "exercise"}


class Plainer:
    """Makes the prose of one notebook plain, cell by cell: a solution may reach over several cells."""

    def __init__(self, chapter: str, targets: dict[str, Target]) -> None:
        self.chapter = chapter
        self.targets = targets
        self.solved = ""  # the summary of the solution that is being read
        self.figures = 0

    def caption(self, text: str) -> str:
        """The caption of the next figure, with its number."""
        self.figures += 1
        number = self.target(place(self.chapter, "figure", self.figures)).name
        return self.prose(f"*{number}. {text}*")

    def prose(self, text: str) -> str:
        """The plain form of one cell of prose, quizzes and boxes already written plain."""
        pieces = "\n\n".join(filter(None, self.solutions(text)))
        return re.sub(r"\n{3,}", "\n\n", pieces).strip()

    def solutions(self, text: str) -> Iterator[str]:
        """The pieces of a cell, with what belongs to a solution folded."""
        start = 0
        summary = f"{self.solved}, continued"
        for gate in SOLUTION_GATE.finditer(text):
            yield self.piece(text[start : gate.start()], summary)
            opened = gate["gate"] == "start"
            self.solved = summary = self.solution_of(gate["label"].strip()) if opened else ""
            start = gate.end()
        yield self.piece(text[start:], summary)

    def solution_of(self, label: str) -> str:
        """The summary of a solution."""
        return f"Solution of {self.target(label).name}"

    def piece(self, text: str, summary: str) -> str:
        """Some prose, folded where it belongs to a solution."""
        written = self.written(text).strip()
        return fold(summary, written) if self.solved and written else written

    def written(self, text: str) -> str:
        """MyST written out: fences first, from within, then what stands in sentences."""
        text = EQUATION.sub(lambda match: self.equation(match), LABELS.sub("", text))
        return WORDS.sub(lambda match: self.words(match), self.fences(text))

    def fences(self, text: str) -> str:
        """Write out the fences that have a name."""
        return FENCED.sub(lambda match: self.fence(match), text)

    def fence(self, match: re.Match[str]) -> str:
        """One fence as a quote or a fold."""
        name, title, body = match["name"], match["title"].strip(), self.fences(match["body"])
        if name in STATEMENTS:
            return quote(f"**{self.head(name, title, match['options'])}**\n\n{body}")
        if name == "prf:proof":
            return fold("Proof", body)
        if name == "solution":
            return fold(self.solution_of(title), body)
        if name == "admonition" and "hint" in match["options"]:
            return fold(title, body)
        raise ValueError(f"{{{name}}} has no plain form; see {__name__}")

    def head(self, name: str, title: str, options: str) -> str:
        """Number and title of a statement or an exercise."""
        label = re.search(r"^:label: (\S+)$", options, re.MULTILINE)
        if not label:
            raise ValueError(f"{{{name}}} {title}: wanted a label, by which its number is known")
        number = self.target(label[1]).name
        return f"{number} ({title})" if title else number

    def equation(self, match: re.Match[str]) -> str:
        """A formula with a number, as TeX knows it."""
        number = self.target(match["label"]).name.strip("()")
        return f"$${match['tex'].rstrip()} \\tag{{{number}}}$$"

    def words(self, match: re.Match[str]) -> str:
        """A role or a link within the book; code and formulas stay."""
        if match["label"]:
            return f"]({self.address(self.target(match['label']))})"
        if not match["role"]:
            return match[0]
        role = ROLES.get(match["role"])
        if role is None:
            raise ValueError(f"{{{match['role']}}} has no plain form; see {__name__}")
        return role(self, match["named"])

    def reference(self, label: str) -> str:
        """A statement or an equation by its number."""
        target = self.target(label)
        return f"[{target.name}]({self.address(target)})"

    def target(self, label: str) -> Target:
        """What a label stands for."""
        try:
            return self.targets[label]
        except KeyError:
            raise ValueError(f"refers to {label!r}, which no text has") from None

    def address(self, target: Target) -> str:
        """Where something stands: under a heading of this notebook or of one beside it, or on the site."""
        if target.chapter.startswith("book/"):
            return f"{site()}/{target.chapter}.html#{target.heading}"
        file = "" if target.chapter == self.chapter else f"{target.chapter}.ipynb"
        return f"{file}#{anchor(target.heading)}"


ROLES: dict[str, Callable[[Plainer, str], str]] = {
    "prf:ref": Plainer.reference,
    "eq": Plainer.reference,
    "cite": lambda _, keys: citation(keys, textual=False),
    "cite:t": lambda _, keys: citation(keys, textual=True),
}
