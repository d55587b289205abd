"""One file for each kind of work; every module here is found by itself."""

import importlib
import pkgutil


def load() -> None:
    """Import all modules of this folder, which registers their cases."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
