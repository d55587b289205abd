"""Small data sets drawn from a law that is known."""

import numpy as np

from mmlhelpers._checks import Array, as_count, as_generator, as_tolerance
from mmlhelpers.datasets.bundled import Table

_LARGEST = 1e300


def moons(n: int, noise: float, rng: np.random.Generator) -> Table:
    """Draw two half moons that reach into each other.

    Parameters
    ----------
    n : int
        Number of samples, half of them in each moon; the first has one more if `n` is odd.
    noise : float
        Standard deviation of the distance from the moons, whose radius is one.
    rng : Generator
        Draws the samples.

    Returns
    -------
    Table
        Places (n, 2), labels 0 and 1, and the names of the columns.

    Examples
    --------
    >>> table = moons(5, 0.1, np.random.default_rng(0))
    >>> table.X.shape, table.y
    ((5, 2), array([0, 0, 0, 1, 1]))
    """
    rng = as_generator(rng, "rng")
    n, noise = as_count(n, "n", 2), as_tolerance(noise, "noise")
    if noise > _LARGEST:
        raise ValueError(f"noise must be at most {_LARGEST:g}, got {noise:g}: places would overflow")
    label = (np.arange(n) >= (n + 1) // 2).astype(np.int64)
    angle = np.pi * (rng.uniform(size=n) + label)
    places: Array = np.column_stack([np.cos(angle) + label, np.sin(angle) + 0.5 * label])
    X = places + noise * rng.normal(size=(n, 2))
    return Table(X, label, ("x", "y"), ("upper", "lower"), "Two half moons, drawn from a uniform angle.")
