"""The numerics, figures, explorers and exercise checkers of the book *Mathematics for Machine Learning*.

Import one module at a time, for example ``from mmlhelpers import linalg, plotting``: nothing is loaded
before it is asked for. Only `show`, which prints results with their names, stands here.
"""

from importlib.metadata import version

from mmlhelpers._show import show

__all__ = ["show"]
__version__ = version("mmlhelpers")  # written once, in pyproject.toml
