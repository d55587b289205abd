"""The timeline of the background page: dated events that open, and a choice of the area to show.

Pages write::

    ```{timeline} timeline.yml
    ```

with a file of `book/data` that lists events by year. Each becomes a disclosure, so it opens by mouse, by
keyboard and without scripts; the style sheet answers the radio buttons that choose an area.
"""

from itertools import pairwise
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

DATA = Path(__file__).parents[1] / "data"
AREAS = ("linear algebra", "calculus", "probability", "optimization", "models")


class timeline(nodes.General, nodes.Element):
    """All events, after the buttons that choose among them."""


class event(nodes.General, nodes.Element):
    """One event; its children are what came of it."""


class TimelineDirective(SphinxDirective):
    """Show the events of a file of `book/data`."""

    required_arguments = 1

    def run(self):
        """Read the events, whose texts are MyST like the rest of the page."""
        file = DATA / self.arguments[0]
        self.env.note_dependency(str(file))
        everything = timeline()
        for entry in in_order(yaml.safe_load(file.read_text(encoding="utf-8")), file.name):
            one = event(year=entry["year"], title=entry["title"], area=entry["area"])
            one += self.parse_text_to_nodes(entry["text"])
            everything += one
        return [everything]


def in_order(entries, name):
    """Refuse a file whose events are out of order or belong to no area."""
    years = [entry["year"] for entry in entries]
    if years != sorted(years):
        late = next(b for a, b in pairwise(years) if b < a)
        raise ValueError(f"{name} must go from early to late, but {late} stands after a later year")
    for entry in entries:
        if entry["area"] not in AREAS:
            raise ValueError(
                f"{name}, {entry['year']}: area must be one of {', '.join(AREAS)}, got {entry['area']!r}"
            )
    return entries


def slug(area):
    """Return an area as it stands in the names of classes."""
    return area.replace(" ", "-")


def visit_timeline(writer, node):
    """Write the buttons, then open the list."""
    buttons = "".join(
        f'<label><input type="radio" name="area" value="{slug(area)}"{checked}> {area}</label>'
        for area, checked in (("all", " checked"), *((area, "") for area in AREAS))
    )
    writer.body.append(
        f'<div class="timeline"><fieldset><legend>Show</legend>{buttons}</fieldset><ol role="list">'
    )


def depart_timeline(writer, node):
    writer.body.append("</ol></div>")


def visit_event(writer, node):
    """Open an event: year and title stand in the line that opens it."""
    title = writer.encode(node["title"])
    writer.body.append(
        f'<li class="{slug(node["area"])}"><details><summary><span class="year">{node["year"]}</span> '
        f'<span class="what">{title}</span> <span class="area">{node["area"]}</span></summary>'
    )


def depart_event(writer, node):
    writer.body.append("</details></li>")


def pass_through(writer, node):
    """Other formats than HTML print the texts alone."""


def setup(app):
    app.add_node(
        timeline,
        html=(visit_timeline, depart_timeline),
        text=(pass_through, pass_through),
        latex=(pass_through, pass_through),
    )
    app.add_node(
        event,
        html=(visit_event, depart_event),
        text=(pass_through, pass_through),
        latex=(pass_through, pass_through),
    )
    app.add_directive("timeline", TimelineDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
