"""The numerics, figures, explorers and exercise checkers of the book *Mathematics for Machine Learning*.

Import one module at a time, for example ``from mmlhelpers import linalg, plotting``: nothing is loaded
before it is asked for.
"""

from importlib.metadata import version

__version__ = version("mmlhelpers")  # written once, in pyproject.toml
