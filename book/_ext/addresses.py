"""Every place that a reader may cite has an address that is seen: sections, statements, exercises, figures.

Where an author gave a place a label, the address is that label, which outlives a new wording of the title.
"""

import re

BOXES = "div.admonition > p.admonition-title"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def show(soup):
    """Give places their addresses, and the titles of boxes their rank among the headings."""
    for link in soup.select("a.headerlink"):
        link["aria-label"] = link["title"]
    for heading in soup.select("section > :is(h1, h2, h3, h4)"):
        prefer_label(heading)
    for figure in soup.select("figure[id]"):
        name_by_number(figure)
    for title in soup.select(BOXES):
        rank(title)
        if title.parent.get("id") and title.select_one(".caption-number"):
            title.append(permalink(soup, title.parent["id"], said(title)))
    for figure in soup.select("figure.mml-explorer"):
        figure.figcaption.append(permalink(soup, figure["id"], "this figure"))


def permalink(soup, name, what):
    """The mark that shows the address of a place."""
    words = f"Link to {what}"
    link = soup.new_tag(
        "a", attrs={"class": "headerlink", "href": f"#{name}", "title": words, "aria-label": words}
    )
    link.string = "#"
    return link


def said(title):
    """The kind and number of a box, such as Theorem 1.4."""
    return title.select_one(".caption-number").get_text().strip()


def prefer_label(heading):
    """Let the mark of a section lead to the last label that its author gave it.

    By keyboard the same address is found in the list of sections, so that it needs no stop of its own.
    """
    link, before = heading.select_one("a.headerlink"), heading.find_previous_sibling("span")
    if link is None:
        return
    link["tabindex"] = "-1"
    if before is not None and before.get("id") and not before.get_text(strip=True):
        link["href"] = f"#{before['id']}"


def name_by_number(figure):
    """Name a figure by its number where it has no label: what Sphinx calls it counts the names of a page."""
    number, link = figure.select_one(".caption-number"), figure.select_one("a.headerlink")
    if number is not None and re.fullmatch(r"id\d+", figure["id"]):
        figure["id"] = "-".join(re.findall(r"[a-z]+|\d+", number.get_text().lower()))
        if link is not None:
            link["href"] = f"#{figure['id']}"


def rank(title):
    """Make the title of a box a heading below the one before it: some readers go from heading to heading."""
    before = title.find_previous(HEADINGS)
    title["role"] = "heading"
    title["aria-level"] = str(min(int(before.name[1]) + 1 if before is not None else 2, 6))
    if not title.select_one(".caption-number"):
        title["class"] = [*title["class"], "unnumbered"]
