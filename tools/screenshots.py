"""Photograph every page of the built site at three widths in both themes, into ``_build/screenshots``.

    python tools/screenshots.py [--readme] [NAME ...]

NAME is part of a page's address, such as ``intro``. With --readme only the picture of the README is made.
"""

import argparse
import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from watching import MISSING, launch  # noqa: E402  (the path must be set first)

HTML = Path(os.environ.get("MML_SITE", ROOT / "_build" / "html"))
WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")


def photograph(
    browser: Browser, page: Path, target: Path, *, width: int, theme: str, whole: bool = True
) -> None:
    """Write a PNG of a page: all of it, or its first screen."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, device_scale_factor=1 if whole else 2
    )
    tab = context.new_page()
    tab.goto(page.as_uri(), wait_until="load")
    tab.evaluate(
        "document.querySelectorAll('img[loading=lazy]').forEach((picture) => { picture.loading = 'eager'; })"
    )
    tab.wait_for_function("[...document.images].every((picture) => picture.complete)")
    tab.wait_for_timeout(300)
    target.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=target, full_page=whole)
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--readme", action="store_true")
    arguments = parser.parse_args()
    pages = [path for path in sorted(HTML.rglob("*.html")) if path.name != "index.html"]
    pages = [path for path in pages if any(name in str(path) for name in arguments.names or [""])]
    if not pages:
        sys.exit(f"No such page in {HTML}: run `make book`, or give another name.")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            sys.exit(MISSING)
        if arguments.readme:
            target = ROOT / ".github" / "page.png"
            photograph(browser, HTML / "book" / "intro.html", target, width=1280, theme="light", whole=False)
            return
        for page in tqdm(pages, desc="pages", unit="page"):
            for width in WIDTHS:
                for theme in THEMES:
                    name = page.relative_to(HTML).with_suffix("").as_posix().replace("/", "-")
                    target = ROOT / "_build" / "screenshots" / f"{name}-{width}-{theme}.png"
                    photograph(browser, page, target, width=width, theme=theme)


if __name__ == "__main__":
    main()
