"""Sorting, dynamic programmes, graphs of computation, sketches, labelings."""

import numpy as np
import truths

from mmlhelpers import discrete
from promises import Rng, exempt, method, numbers, positive, promise, whole

PLACES = "columns are neighbours of columns"
KEYS = "keys are names"

for sort in (discrete.insertion_sort, discrete.merge_sort):
    promise(
        sort,
        {"values": numbers(7)},
        units={"values": {"values": 1}},
        order={"values": {"comparisons": None}},
        oracle=truths.in_order,
    )
exempt(discrete.edit_distance_by_trying, "two texts in, one count out")
promise(
    discrete.edit_distance,
    {"a": "kitten", "b": "sitting", "insert": 0.75, "delete": 1.25, "change": 1.5},
    units={"insert delete change": {"distance": 1, "table": 1}},
    oracle=truths.edit_distance,
    order="costs have no order",
    without={"layout": "texts and single numbers have none"},
)
promise(discrete.lowest_seam, {"cost": positive(5, 4)}, units={"cost": 0}, order=PLACES)
exempt(discrete.topological_order, "names of nodes in, an order of them out")
exempt(discrete.count_paths, "names of nodes in, one count out")
promise(
    discrete.universal_hashes,
    {"keys": whole(5, high=99), "k": 3, "m": 7, "rng": Rng(0)},
    units=KEYS,
    order="places stand in columns",
    refuses={"keys": "bool float32 float16"},
)
promise(
    discrete.minhash,
    {"sets": [np.arange(5), np.arange(2, 9)], "k": 4, "rng": Rng(0)},
    units="members are names",
    order="a set is a row of its own",
)
for cls, fields in ((discrete.BloomFilter, ("add", "contains")), (discrete.CountMinSketch, ("add", "count"))):
    for name in fields:
        promise(
            method(cls, name),
            {"m": 16, "k": 2, "rng": Rng(0), "keys": whole(5, high=99)},
            units=KEYS,
            order="adding returns nothing" if name == "add" else {"keys": "rows"},
            refuses={"keys": "bool float32 float16"},
        )
promise(
    discrete.halfspace_labelings,
    {"points": numbers(5, 2)},
    units={"points": 0},
    order="labelings are sorted",
    shift={"points": 0},
    names=("general position",),
)
exempt(discrete.count_dichotomies, "two counts in, one count out")
