"""Build the site into ``_build/next`` and, only if that succeeds, put it in the place of ``_build/html``."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path


def build(root: Path) -> Path:
    """Return the folder of the freshly built site; on a failure, end and leave the last good site alone."""
    following = root / "_build" / "next"
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [
        str(jupyter_book),
        "build",
        str(root),
        "-W",
        "-n",
        "--keep-going",
        "--path-output",
        str(following),
    ]
    print("Building the site ...", flush=True)
    if subprocess.run(command, check=False).returncode != 0:
        # Sphinx would not read the faulty pages again, and so not warn again.
        shutil.rmtree(following / "_build" / ".doctrees", ignore_errors=True)
        kept = " The last good site stays in _build/html." if (root / "_build" / "html").exists() else ""
        sys.exit(f"The site was not built: see the warnings above, each names its file and line.{kept}")
    return following / "_build" / "html"


def publish(built: Path, html: Path) -> None:
    """Put a copy of the built site in place; the original stays, so that the next build has less to do."""
    fresh, old = html.with_name("html.fresh"), html.with_name("html.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(built, fresh)
    if html.exists():
        html.rename(old)
    fresh.rename(html)
    shutil.rmtree(old, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=Path(__file__).resolve().parents[1], help="folder of _config.yml"
    )
    root = parser.parse_args().root.resolve()
    html = root / "_build" / "html"
    publish(build(root), html)
    print(f"\nThe book is ready. Open {html / 'index.html'} in a browser, or run: make serve")


if __name__ == "__main__":
    main()
