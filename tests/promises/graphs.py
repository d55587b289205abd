"""Graphs: Laplacians, cuts, clusters, random surfers, diffusion."""

import numpy as np

from mmlhelpers import graphs
from promises import BOTH, ROWS, SAME, Rng, exempt, numbers, positive, promise, whole

LABELS = "labels are names"
SEEDED = "the seed picks other samples when the rows are permuted"


def ring(n, *chords):
    """Draw weights of a ring with chords: connected, no lonely node."""
    pairs = [(i, (i + 1) % n) for i in range(n)] + list(chords)

    def fill(weights):
        A = np.zeros((n, n))
        for (i, j), w in zip(pairs, weights, strict=True):
            A[i, j] = A[j, i] = w
        return A

    return positive(len(pairs)).map(fill)


GRAPH = ring(5, (0, 2), (1, 4))
ADJACENCY = {"square": ("A",), "names": ("graph",)}

promise(
    graphs.adjacency,
    {"n": 4, "edges": [[0, 1], [1, 2], [3, 1], [1, 0]], "weights": positive(4)},
    units={"weights": 1},
    order={"edges weights": SAME},
    refuses={"edges": "bool float32 float16"},
)
promise(
    graphs.incidence,
    {"A": GRAPH},
    units={"A^2": 1},
    order="rows are edges in the order of the nodes",
    **ADJACENCY,
)
promise(graphs.laplacian, {"A": GRAPH}, units={"A": 1}, order={"A": BOTH}, **ADJACENCY)
for kind in ("symmetric", "walk"):
    promise(
        graphs.laplacian,
        {"A": GRAPH, "kind": kind},
        case=kind,
        units={"A": 0},
        order={"A": BOTH},
        **ADJACENCY,
    )
promise(graphs.components, {"A": ring(5)}, units={"A": 0}, order=LABELS, **ADJACENCY)
promise(
    graphs.nearest_neighbors,
    {"X": numbers(6, 2), "k": 2},
    units={"X": 0},
    order="of equally far samples the first rows are taken",
    shift={"X": 0},
)
exempt(graphs.block_model, "sizes and two probabilities in, a random graph out")
promise(
    graphs.conductance,
    {"A": GRAPH, "inside": [True, True, False, False, True]},
    units={"A": 0},
    order="a set of nodes goes with the order of the nodes",
    refuses={"inside": "uint8 int64 float32 float16"},
    **ADJACENCY,
)
promise(
    graphs.sweep_cut,
    {"A": GRAPH, "x": numbers(5)},
    units={"A": 0, "x": 0},
    order={"A x": {"inside": ROWS}},
    **ADJACENCY,
)
promise(
    graphs.k_means,
    {"X": numbers(6, 2), "k": 2, "rng": Rng(0)},
    units={"X": {"centers": 1, "cost": 2}},
    order=SEEDED,
    shift={"X": {"centers": 1}},
)
promise(
    graphs.spectral_embedding,
    {"A": GRAPH, "k": 2},
    units={"A": 0},
    order="eigenvectors of equal eigenvalues are not unique",
    **ADJACENCY,
)
promise(
    graphs.spectral_clusters, {"A": GRAPH, "k": 2, "rng": Rng(0)}, units={"A": 0}, order=SEEDED, **ADJACENCY
)
promise(
    graphs.adjusted_rand,
    {"labels": whole(7, high=3), "truth": whole(7, high=2)},
    units=LABELS,
    order={"labels truth": SAME},
)
promise(
    graphs.pagerank,
    {"A": positive(4, 4), "damping": 0.5},
    units={"A": 0},
    order={"A": {"scores": ROWS}},
    square=("A",),
    loose=("changes",),
)
promise(
    graphs.diffuse,
    {"A": GRAPH, "x": numbers(5), "time": 0.5},
    units={"A time^-1": 0, "x": 1},
    order={"A x": ROWS},
    shift={"x": 1},
    **ADJACENCY,
)
promise(
    graphs.harmonic_labels,
    {"A": GRAPH, "known": [True, False, True, False, False], "values": numbers(5)},
    units={"A": 0, "values": 1},
    order="a mask of nodes goes with the order of the nodes",
    shift={"values": 1},
    nan={"A": "refused", "values": "allowed"},
    inf={"A": "refused", "values": "allowed"},
    refuses={"known": "uint8 int64 float32 float16"},
    **ADJACENCY,
)
promise(
    graphs.smoothing_matrix,
    {"A": GRAPH},
    units="a node is joined to itself with weight one",
    order={"A": BOTH},
    **ADJACENCY,
)
