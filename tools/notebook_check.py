"""One committed notebook under comparison: which parts to run, as which cells, and what came of it."""

import json
from pathlib import Path

import nbformat
import verdicts
from notebook_keys import made_from
from notebook_parts import Part, parts
from notebook_probe import mutants, shown
from notebook_run import target
from notebook_source import ROOT, TextError
from notebook_text import read_page

TOOLS = [ROOT / "tools" / f"{name}.py" for name in ("check_notebooks", "notebook_check", "notebook_probe")]
KINDS = {True: "a cell that draws", False: "a cell that shows a value"}


class Check:
    """The parts of a notebook whose verdict is not known, and how they are run."""

    def __init__(
        self, text: Path, store: verdicts.Verdicts, environment: dict[str, str], folder: Path, alone: str = ""
    ) -> None:
        self.page = read_page(text)
        self.notebook = nbformat.read(target(text), as_version=4)
        self.parts = [part for part in parts(self.notebook) if alone in {"", part.name}]
        self.keys = {self.unit(part): self.key(part, environment) for part in self.parts}
        self.stale = [part for part in self.parts if not self.known(part, store)]
        name = f"{text.stem}--{alone}" if alone else text.stem
        self.path = folder / f"{name}.ipynb"
        self.probes = folder / name
        self.order: list[int] = []  # index in the committed notebook of each cell that is run
        self.groups: dict[tuple[str, bool], int] = {}  # part and kind of its mutants: number of their story
        self.passed: dict[str, str] = {}

    def known(self, part: Part, store: verdicts.Verdicts) -> str | None:
        """Since when a part is known to be right, if it is."""
        return store.known(self.unit(part), self.keys[self.unit(part)])

    @property
    def size(self) -> int:
        """How much there is to run."""
        return len({index for part in self.stale for index in part.slice})

    def unit(self, part: Part) -> str:
        """The name under which the verdict of a part is kept."""
        return f"{self.page.path.stem}:{part.name}"

    def key(self, part: Part, environment: dict[str, str]) -> str:
        """All that the verdict of a part depends on."""
        compared = [(shown(self.notebook.cells[i].outputs), self.tags(i)) for i in part.slice]
        settings = [*TOOLS, ROOT / "tests" / "nbval.ini", sorted(environment.items()), verdicts.tools()]
        return verdicts.key(made_from(self.notebook, part), compared, *settings)

    def tags(self, index: int) -> list[str]:
        """The tags of a cell: some cells raise on purpose, some are not compared."""
        return list(self.notebook.cells[index].metadata.get("tags", []))

    def write(self, probes: bool) -> None:
        """Write the notebook that is run: the slices of the stale parts, and a probe before some cells."""
        places = self.places() if probes else {}
        cells = []
        for index in sorted({index for part in self.stale for index in part.slice}):
            for number in places.get(index, ()):
                cells.append(nbformat.v4.new_code_cell(self.probe(number)))
                self.order.append(-1)
            cells.append(self.notebook.cells[index])
            self.order.append(index)
        nbformat.write(nbformat.from_dict(self.notebook | {"cells": cells}), self.path)

    def probe(self, number: int) -> str:
        """The source of a probe."""
        return f"__import__('notebook_probe').probe({str(self.probes)!r}, {number})"

    def places(self) -> dict[int, list[int]]:
        """Choose mutants for each stale part, write them down, and say before which cells they are tried."""
        self.probes.mkdir()
        found: dict[int, list[int]] = {}
        number = 0
        for part in self.stale:
            for drawing in KINDS:
                chosen = mutants(self.notebook, part.cells, drawing)
                if chosen:
                    self.groups[part.name, drawing] = len(self.groups)
                for index, changed in chosen.items():
                    cell = self.notebook.cells[index]
                    place = {"group": f"group{self.groups[part.name, drawing]}", "cell": index}
                    place |= {"source": cell.source, "sources": changed, "wanted": shown(cell.outputs)}
                    (self.probes / f"{number}.json").write_text(json.dumps(place), encoding="utf-8")
                    found.setdefault(index, []).append(number)
                    number += 1
        return found

    def judge(self, results: dict[tuple, str]) -> list[str]:
        """Say what is wrong, with the line of the text; remember which parts are right."""
        wrong = {
            index: results.get((self.path.stem, f"Cell {place}"), "was not run")
            for place, index in enumerate(self.order)
            if index >= 0
        }
        wrong = {index: text.strip() for index, text in wrong.items() if text}
        said = [
            str(TextError(*self.page.places[index], f"cell {index + 1}: {text}"))
            for index, text in wrong.items()
        ]
        blind = self.blind()
        said += [f"{self.page.path.stem}, {name}: no mutant was caught" for name in sorted(blind)]
        for part in self.stale:
            if part.name not in blind and not set(part.slice) & set(wrong):
                self.passed[self.unit(part)] = self.keys[self.unit(part)]
        return said

    def blind(self) -> set[str]:
        """The parts in which nothing would be noticed: in numbers of each part, in figures of the whole."""
        caught = {group: self.caught(number) for group, number in self.groups.items()}
        blind = {name for (name, drawing), seen in caught.items() if not drawing and not seen}
        figures = [seen for (_, drawing), seen in caught.items() if drawing]
        if len(self.stale) == len(self.parts) and figures and not any(figures):
            blind |= {name for name, drawing in caught if drawing}
        return blind

    def story(self, number: int) -> list[list]:
        """What was tried for one part and kind."""
        path = self.probes / f"group{number}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def caught(self, number: int) -> bool:
        """Whether a mutant of one part and kind was noticed."""
        return any(outcome == "caught" for *_, outcome in self.story(number))

    def stories(self) -> list[str]:
        """What was tried, in words."""
        return [
            f"{self.page.path.stem}, {name}, {KINDS[drawing]}: "
            + "; ".join(f"cell {cell + 1}, `{line}`: {outcome}" for cell, line, outcome in self.story(number))
            for (name, drawing), number in self.groups.items()
        ]
