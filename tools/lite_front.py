"""The front end of the browser's kernel: JupyterLite with the notebooks of a folder."""

import json
import re
import sys
from pathlib import Path

import lite_kernel

EXTENSIONS = ("@jupyterlite/pyodide-kernel-extension", "@jupyter-widgets/jupyterlab-manager")
# The front end compiles its settings' schemas, and the kernel's worker imports its core by address.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; manifest-src 'self'; frame-src 'self' blob:; "
    "connect-src 'self' data: blob: {address}; base-uri 'none'; form-action 'self'"
)


def write_settings(work: Path) -> None:
    """Tell the front end where its kernel is, to ask no package index, to follow the system in colours."""
    settings = {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Mathematics for Machine Learning",
            "exposeAppInBrowser": True,  # the tests ask it how the kernel is
            "litePluginSettings": {
                "@jupyterlite/pyodide-kernel-extension:kernel": {
                    "pyodideUrl": "./static/pyodide/pyodide.mjs",
                    "disablePyPIFallback": True,
                }
            },
        },
    }
    (work / "jupyter-lite.json").write_text(json.dumps(settings), encoding="utf-8")
    theme = {"@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}}  # light or dark as the system
    (work / "overrides.json").write_text(json.dumps(theme), encoding="utf-8")


def run_builder(work: Path, site: Path) -> None:
    """Let JupyterLite put its front end, the extensions and the notebooks together."""
    extensions = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    config = {
        "LiteBuildConfig": {
            "apps": ["notebooks", "tree"],
            "contents": ["files"],
            "federated_extensions": [
                str(extensions / name) for name in EXTENSIONS if (extensions / name).exists()
            ],
            "ignore_sys_prefix": True,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "no_libarchive": True,
            "source_date_epoch": 1_700_000_000,
        }
    }
    (work / "jupyter_lite_config.json").write_text(json.dumps(config), encoding="utf-8")
    options = ["--lite-dir", work, "--output-dir", site, "--config", work / "jupyter_lite_config.json"]
    lite_kernel.run(
        [sys.executable, "-m", "jupyterlite_core", "build", *options], work
    )  # it notes there what it did


def add_policy(page: Path) -> None:
    """Give a page of the front end a security policy of its own: itself, and the distribution's address."""
    allowed = POLICY.format(address=lite_kernel.address())
    policy = f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"(<head>)", rf"\1\n    {policy}", text, count=1), encoding="utf-8")
