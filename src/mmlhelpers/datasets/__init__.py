"""The data sets of the book: bundled pictures and tables, small invented ones, drawn pets, real photographs.

Nothing here reads the network, unless the reader asks `load_cats_dogs` for a download. Every function returns
the same numbers on every call.
"""

from mmlhelpers.datasets.bundled import (
    Ratings,
    Table,
    breast_cancer,
    diabetes,
    digits,
    iris,
    photo,
    ratings,
    wine,
)
from mmlhelpers.datasets.cats_dogs import load_cats_dogs
from mmlhelpers.datasets.generated import moons
from mmlhelpers.datasets.pets import PET_FACTORS, Factor, Pets, draw_pets

__all__ = [
    "PET_FACTORS",
    "Factor",
    "Pets",
    "Ratings",
    "Table",
    "breast_cancer",
    "diabetes",
    "digits",
    "draw_pets",
    "iris",
    "load_cats_dogs",
    "moons",
    "photo",
    "ratings",
    "wine",
]
