"""Data sets: the bundled ones take nothing, the drawn ones take a seed."""

import numpy as np

from mmlhelpers import datasets
from promises import Rng, exempt, method, numbers, promise, whole

DRAWN = "draws come in their order"

for load in (
    datasets.breast_cancer,
    datasets.diabetes,
    datasets.digits,
    datasets.iris,
    datasets.ratings,
    datasets.wine,
):
    exempt(load, "the same numbers at every call")
exempt(datasets.photo, "a name and two counts in, a bundled photograph out")
exempt(datasets.load_cats_dogs, "reads files by their place")
promise(
    datasets.moons,
    {"n": 6, "noise": 0.25, "rng": Rng()},
    units="the moons have a radius of one",
    order=DRAWN,
    without={"layout": "takes numbers, and no arrays"},
)
promise(
    datasets.draw_pets,
    {
        "n": 3,
        "rng": Rng(),
        "shortcut": 0.5,
        "ears": whole(3, high=2),
        "tilt": numbers(3, low=-0.25, high=0.25),
    },
    call=lambda **arguments: datasets.draw_pets(**arguments)[:2],
    units="shares, turns and brightness have scales of their own",
    order=DRAWN,
    refuses={"ears": "bool float32 float16", "tilt": "bool"},
    examples=1,
)


def pets():
    images = np.arange(4 * 2 * 2 * 3).reshape(4, 2, 2, 3) / np.float32(48)
    return datasets.Pets(images, np.array([0, 1, 1, 0]), {"ears": np.arange(4)})


promise(
    method(datasets.Pets, "take"),
    {"which": whole(3, high=3)},
    call=lambda which: pets().take(which),
    units="places have no unit",
    order={"which": "rows"},
    refuses={"which": "bool float32 float16"},
)
