"""Graphs: cases by hand, laws that hold for random graphs; SciPy, scikit-learn and networkx as oracles."""

from fractions import Fraction
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.sparse import csgraph
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import kneighbors_graph

from mmlhelpers import graphs

TRIANGLES = graphs.adjacency(6, [[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5], [2, 3]])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def weighted(rng, n=9):
    """Draw a connected graph with weights of all sizes."""
    W = np.triu(rng.random((n, n)) * (rng.random((n, n)) < 0.4), 1)
    W[np.arange(n - 1), np.arange(1, n)] += 0.1
    return W + W.T


def path(n):
    return graphs.adjacency(n, [[i, i + 1] for i in range(n - 1)])


def cycle(n):
    return graphs.adjacency(n, [[i, (i + 1) % n] for i in range(n)])


# Matrices of a graph


def test_edges_named_twice_count_twice():
    assert graphs.adjacency(2, [[0, 1], [1, 0]], [1, 3]).tolist() == [[0, 4], [4, 0]]


@pytest.mark.parametrize("kind", ["combinatorial", "symmetric"])
def test_laplacian_agrees_with_scipy(rng, kind):
    A = weighted(rng)
    wanted = csgraph.laplacian(A, normed=kind == "symmetric")
    np.testing.assert_allclose(graphs.laplacian(A, kind), wanted, atol=1e-14)


def test_the_laplacian_is_made_of_the_incidence_matrix(rng):
    A = weighted(rng)
    B = graphs.incidence(A)
    np.testing.assert_allclose(B.T @ B, graphs.laplacian(A), atol=1e-14)
    x = rng.normal(size=len(A))
    energy = sum(A[i, j] * (x[i] - x[j]) ** 2 for i, j in product(range(9), repeat=2)) / 2
    assert x @ graphs.laplacian(A) @ x == pytest.approx(energy)


def test_walk_and_symmetric_laplacian_share_their_eigenvalues(rng):
    A = weighted(rng)
    walk = np.sort(np.linalg.eigvals(graphs.laplacian(A, "walk")).real)
    symmetric = np.linalg.eigvalsh(graphs.laplacian(A, "symmetric"))
    np.testing.assert_allclose(walk, symmetric, atol=1e-12)
    assert symmetric.max() <= 2


@pytest.mark.parametrize("n", [3, 10, 17])
def test_spectra_of_paths_and_cycles_are_cosines(n):
    k = np.arange(n)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(graphs.laplacian(path(n))), 2 - 2 * np.cos(np.pi * k / n), atol=1e-13
    )
    np.testing.assert_allclose(
        np.linalg.eigvalsh(graphs.laplacian(cycle(n))), np.sort(2 - 2 * np.cos(2 * np.pi * k / n)), atol=1e-13
    )


@given(st.integers(2, 25), st.floats(0, 0.3), st.integers(0, 2**31))
def test_zero_is_an_eigenvalue_once_for_each_component(n, probability, seed):
    A = graphs.block_model([n], probability, 0, np.random.default_rng(seed))
    labels = graphs.components(A)
    count, oracle = csgraph.connected_components(A)
    assert count == labels.max() + 1 == adjusted_components(oracle, labels)
    assert np.sum(np.linalg.eigvalsh(graphs.laplacian(A)) < 1e-9) == count


def adjusted_components(a, b):
    """Count the components if two labelings agree up to names; -1 if they do not."""
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) if len(pairs) == len(set(a.tolist())) == len(set(b.tolist())) else -1


def test_nearest_neighbors_agree_with_scikit_learn(rng):
    X = rng.normal(size=(40, 3))
    one_way = kneighbors_graph(X, 5).toarray()
    np.testing.assert_array_equal(graphs.nearest_neighbors(X, 5), np.maximum(one_way, one_way.T))


def test_block_model_joins_as_often_as_asked(rng):
    A = graphs.block_model([200, 100], 0.3, 0.05, rng)
    assert A[:200, :200].sum() / (200 * 199) == pytest.approx(0.3, abs=0.02)
    assert A[:200, 200:].mean() == pytest.approx(0.05, abs=0.01)
    np.testing.assert_array_equal(A, A.T)


# Cuts


def test_the_bridge_between_two_triangles_is_the_best_cut():
    values, places = graphs.spectral_embedding(TRIANGLES, 2)
    cut = graphs.sweep_cut(TRIANGLES, places[:, 1])
    assert cut.conductance == pytest.approx(1 / 7)
    assert sorted([cut.inside[:3].sum(), cut.inside[3:].sum()]) == [0, 3]
    assert values[1] / 2 <= cut.conductance <= np.sqrt(2 * values[1])


@given(st.integers(0, 2**31))
def test_the_sweep_meets_both_of_cheegers_bounds_and_beats_no_cut_at_all(seed):
    A = weighted(np.random.default_rng(seed), 7)
    values, places = graphs.spectral_embedding(A, 2)
    by_degree = places[:, 1] / np.sqrt(A.sum(axis=1))
    cut = graphs.sweep_cut(A, by_degree)
    assert cut.conductance == pytest.approx(graphs.conductance(A, cut.inside))
    least = min(
        graphs.conductance(A, np.array(bits))
        for bits in product((False, True), repeat=7)
        if 0 < sum(bits) < 7
    )
    assert values[1] / 2 - 1e-12 <= least <= cut.conductance + 1e-12
    assert cut.conductance <= np.sqrt(2 * values[1]) + 1e-12


def test_equal_values_stay_on_one_side():
    cut = graphs.sweep_cut(path(4), [1, 1, 0, 0])
    assert cut.inside.tolist() == [True, True, False, False]


# Clusters


def test_k_means_finds_the_least_cost_of_all_clusterings(rng):
    X = rng.normal(size=(8, 2))
    found = graphs.k_means(X, 2, rng)
    costs = []
    for bits in product((False, True), repeat=8):
        one = np.array(bits)
        if one.any() and not one.all():
            costs.append(sum(((part - part.mean(axis=0)) ** 2).sum() for part in (X[one], X[~one])))
    assert found.cost == pytest.approx(min(costs))


def test_k_means_is_no_worse_than_scikit_learn(rng):
    X = rng.normal(size=(300, 5))
    theirs = KMeans(6, n_init=10, random_state=0).fit(X)
    assert graphs.k_means(X, 6, rng).cost <= theirs.inertia_ * 1.02


def test_k_means_keeps_every_cluster_though_samples_repeat(rng):
    found = graphs.k_means(np.repeat([[0.0], [1.0], [7.0]], 5, axis=0), 3, rng)
    assert found.cost == 0
    assert len(np.unique(found.labels)) == 3


def test_spectral_clusters_part_the_triangles(rng):
    assert graphs.adjusted_rand(graphs.spectral_clusters(TRIANGLES, 2, rng), [0, 0, 0, 1, 1, 1]) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_adjusted_rand_agrees_with_scikit_learn(pairs):
    a, b = zip(*pairs, strict=True)
    assert graphs.adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b), abs=1e-12)


# Walks and diffusion


def test_pagerank_solves_its_equation(rng):
    A = (rng.random((12, 12)) < 0.2).astype(float)
    A[3] = 0  # a page without links
    result = graphs.pagerank(A, 0.85, 1e-14)
    out = A.sum(axis=1)
    follow = np.array(
        [row / total if total else np.full(12, 1 / 12) for row, total in zip(A, out, strict=True)]
    )
    wanted = np.linalg.solve(np.eye(12) - 0.85 * follow.T, np.full(12, 0.15 / 12))
    np.testing.assert_allclose(result.scores, wanted, atol=1e-13)
    assert result.converged
    assert np.all(result.changes[1:] <= 0.85 * result.changes[:-1] + 1e-15)


def test_pagerank_says_when_it_did_not_arrive():
    A = np.array([[0.0, 1], [1, 0]]) + np.diag([0.0, 1])
    assert not graphs.pagerank(A, 0.99, 1e-12, max_steps=3).converged


def test_heat_spreads_as_the_matrix_exponential_says(rng):
    A, x = weighted(rng), rng.normal(size=(9, 2))
    np.testing.assert_allclose(graphs.diffuse(A, x, 0.7), expm(-0.7 * graphs.laplacian(A)) @ x, atol=1e-12)


def test_heat_is_kept_and_evens_out_as_fast_as_the_second_eigenvalue_says(rng):
    A, x = weighted(rng), rng.normal(size=9)
    second = np.linalg.eigvalsh(graphs.laplacian(A))[1]
    for time in (0.5, 3.0):
        y = graphs.diffuse(A, x, time)
        assert y.sum() == pytest.approx(x.sum())
        assert np.linalg.norm(y - y.mean()) <= np.exp(-second * time) * np.linalg.norm(x - x.mean()) + 1e-12


def test_harmonic_labels_are_the_chances_of_the_gamblers_ruin():
    known, values = np.zeros(11, dtype=bool), np.zeros((11, 1))
    known[[0, 10]], values[10] = True, 1.0
    chances = graphs.harmonic_labels(path(11), known, values)[:, 0]
    np.testing.assert_allclose(chances, np.arange(11) / 10, atol=1e-14)


def test_what_stands_where_nothing_is_known_does_not_matter():
    known, values = np.array([True, False, True]), np.array([[0.0, 2.0], [np.nan, np.inf], [1.0, 4.0]])
    np.testing.assert_allclose(graphs.harmonic_labels(path(3), known, values)[1], [0.5, 3.0], rtol=1e-15)


def test_harmonic_labels_average_their_neighbours_and_have_the_least_energy(rng):
    A, known = weighted(rng), np.arange(9) < 3
    f = graphs.harmonic_labels(A, known, rng.normal(size=9))
    L = graphs.laplacian(A)
    np.testing.assert_allclose((L @ f)[3:], 0, atol=1e-13)
    other = f + np.where(known, 0, rng.normal(size=9))
    assert f @ L @ f < other @ L @ other
    assert f[:3].min() <= f.min()
    assert f.max() <= f[:3].max()


def test_smoothing_has_eigenvalues_above_minus_one_and_keeps_the_roots_of_degrees(rng):
    A = weighted(rng)
    S = graphs.smoothing_matrix(A)
    values = np.linalg.eigvalsh(S)
    assert values[0] > -1
    assert values[-1] == pytest.approx(1)
    root = np.sqrt(A.sum(axis=1) + 1)
    np.testing.assert_allclose(S @ root, root)


# What networkx says of the same graphs


def scattered():
    """Return a weighted graph in three parts: one of them a single node, one almost cut in two."""
    A = np.zeros((12, 12))
    A[:9, :9], A[9:11, 9:11] = weighted(np.random.default_rng(5)), [[0, 1e-3], [1e-3, 0]]
    return A


def disturbed(seed):
    """Draw a directed graph of 15 nodes with weights, nodes that lead nowhere and links to oneself."""
    draw = np.random.default_rng(seed)
    A = draw.random((15, 15)) * (draw.random((15, 15)) < 0.2)
    A[[3, 8]] = 0
    A[[0, 5], [0, 5]] = 2.0
    A[:, 11] = 0  # nobody leads there
    return A


GRAPHS = {f"seed {seed}": weighted(np.random.default_rng(seed), 12) for seed in range(4)}
EVERY = GRAPHS | {"in three parts": scattered(), "path": path(12), "triangles": TRIANGLES}
on_every_graph = pytest.mark.parametrize("A", EVERY.values(), ids=EVERY.keys())
on_connected_graphs = pytest.mark.parametrize("A", GRAPHS.values(), ids=GRAPHS.keys())


@on_every_graph
def test_laplacians_and_their_spectra_are_those_of_networkx(A):
    G = nx.from_numpy_array(A)
    np.testing.assert_allclose(graphs.laplacian(A), nx.laplacian_matrix(G).toarray(), atol=1e-14)
    spectrum = np.linalg.eigvalsh(graphs.laplacian(A))
    np.testing.assert_allclose(spectrum, np.sort(nx.laplacian_spectrum(G)), atol=1e-13)
    if A.sum(axis=1).all():
        wanted = np.sort(nx.normalized_laplacian_spectrum(G))
        np.testing.assert_allclose(graphs.spectral_embedding(A, len(A))[0], wanted, atol=1e-13)


@on_every_graph
def test_components_are_those_of_networkx(A):
    labels = graphs.components(A)
    ours = {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
    assert ours == {frozenset(part) for part in nx.connected_components(nx.from_numpy_array(A))}


@on_every_graph
def test_edges_and_their_ends_are_those_of_networkx(A):
    B = graphs.incidence((A > 0).astype(float))
    wanted = nx.incidence_matrix(nx.from_numpy_array(A), oriented=True).toarray().T
    np.testing.assert_array_equal(B, -wanted)  # networkx gives the first end the minus


@on_every_graph
def test_conductance_is_that_of_networkx(A, rng):
    G = nx.from_numpy_array(A)
    for size in (1, 3, 5):
        inside = rng.permutation(len(A)) < size
        if not 0 < A[inside].sum() < A.sum():
            continue
        wanted = nx.conductance(G, np.flatnonzero(inside).tolist(), weight="weight")
        assert graphs.conductance(A, inside) == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("damping", [0.5, 0.85])
@pytest.mark.parametrize("A", [*map(disturbed, range(3)), scattered()])
def test_pagerank_is_that_of_networkx(A, damping):
    G = nx.from_numpy_array(A, create_using=nx.DiGraph)
    wanted = nx.pagerank(G, alpha=damping, tol=1e-15, max_iter=1000)
    found = graphs.pagerank(A, damping, 1e-13)
    assert found.converged
    np.testing.assert_allclose(found.scores, [wanted[i] for i in range(len(A))], atol=1e-12)


@on_connected_graphs
def test_the_energy_between_two_poles_is_one_over_the_resistance_that_networkx_finds(A):
    ends, G = np.array([0, 7]), nx.from_numpy_array(A)
    known = np.isin(np.arange(len(A)), ends)
    f = graphs.harmonic_labels(A, known, np.arange(len(A)) == 7)
    resistance = nx.resistance_distance(G, 0, 7, weight="weight", invert_weight=False)
    assert f @ graphs.laplacian(A) @ f == pytest.approx(1 / resistance, rel=1e-10)


@pytest.mark.parametrize("degree", [3, 4])
def test_on_a_regular_graph_heat_is_the_communicability_of_networkx(degree):
    G = nx.random_regular_graph(degree, 10, seed=degree)
    A = nx.to_numpy_array(G, nodelist=range(10))
    heat = graphs.diffuse(A, np.eye(10), 1.0)
    among = nx.communicability_exp(G)  # of the exponential of A, and here L = degree I - A
    wanted = np.exp(-degree) * np.array([[among[i][j] for j in range(10)] for i in range(10)])
    np.testing.assert_allclose(heat, wanted, atol=1e-14)


@on_every_graph
def test_smoothing_is_networkx_s_normalised_laplacian_of_the_graph_with_loops(A):
    G = nx.from_numpy_array(A + np.eye(len(A)))
    wanted = np.eye(len(A)) - nx.normalized_laplacian_matrix(G).toarray()
    np.testing.assert_allclose(graphs.smoothing_matrix(A), wanted, atol=1e-15)


# Refusals

FAULTS = {
    "edges must be pairs of different nodes": lambda: graphs.adjacency(3, [[1, 1]]),
    "edges must be pairs of different nodes from 0 to 2": lambda: graphs.adjacency(3, [[0, 3]]),
    "weights must be 1 numbers of at least 0": lambda: graphs.adjacency(2, [[0, 1]], [-1]),
    "A .* must be symmetric": lambda: graphs.laplacian([[0, 1], [0, 0]]),
    "no weight negative": lambda: graphs.laplacian([[0, -1], [-1, 0]]),
    "1 nodes joined to themselves": lambda: graphs.components([[1, 1], [1, 0]]),
    "kind must be": lambda: graphs.laplacian([[0, 1], [1, 0]], "normed"),
    "no node without edges, got one at 2": lambda: graphs.laplacian(
        np.diag([1, 0], 1) + np.diag([1, 0], -1), "walk"
    ),
    "k must be a whole number from 1 to 2": lambda: graphs.nearest_neighbors(np.eye(3), 3),
    "between must be a probability": lambda: graphs.block_model([2], 0.5, 2, np.random.default_rng(0)),
    "inside must leave volume on both sides": lambda: graphs.conductance(path(3), [True] * 3),
    "x must be 3 numbers, not all equal": lambda: graphs.sweep_cut(path(3), [1, 1, 1]),
    "labels and truth must have the same length": lambda: graphs.adjusted_rand([0], [0, 1]),
    "damping must be from 0": lambda: graphs.pagerank(path(3), 1.0),
    "A must not be negative": lambda: graphs.pagerank(-path(3)),
    "x must have 3 rows": lambda: graphs.diffuse(path(3), [1, 2], 1.0),
    "time must not be negative": lambda: graphs.diffuse(path(3), [1, 2, 3], -1.0),
    "known must be True somewhere in every component, got none in that of node 2": lambda: (
        graphs.harmonic_labels(
            graphs.adjacency(4, [[0, 1], [2, 3]]), [True, False, False, False], np.zeros(4)
        )
    ),
    "time must be a single number": lambda: graphs.diffuse(path(3), [1, 2, 3], "long"),
    r"x must be finite, got nan at \[1\]": lambda: graphs.diffuse(path(3), [1, np.nan, 3], 1.0),
    "x must be columns": lambda: graphs.diffuse(path(3), ["a", "b", "c"], 1.0),
    "x must be an array, got rows of unequal length": lambda: graphs.diffuse(
        path(3), [[1], [1, 2], [3]], 1.0
    ),
    r"values must be finite, got nan at \[0\]": lambda: graphs.harmonic_labels(
        path(3), [True, False, True], [np.nan, 1, 2]
    ),
    "damping must be a single number": lambda: graphs.pagerank(path(3), "0.5"),
    "tolerance must not be negative": lambda: graphs.pagerank(path(3), 0.5, -1.0),
    r"sizes\[1\] must be a whole number from 1": lambda: graphs.block_model(
        [2, 1.5], 0.5, 0.1, np.random.default_rng(0)
    ),
    "inside must be a single number": lambda: graphs.block_model([2], "a", 0.1, np.random.default_rng(0)),
    "values must have 3 rows": lambda: graphs.harmonic_labels(path(3), [True] * 3, [1]),
}


@pytest.mark.parametrize("message", FAULTS)
def test_faults_are_named(message):
    with pytest.raises(ValueError, match=message):
        FAULTS[message]()


# Numbers at every scale

POWERS = [-1060, -500, -300, -30, 30, 300, 500, 1010]
RING = graphs.adjacency(6, [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 0], [0, 3]], [1, 2, 3, 4, 5, 6, 7])


@pytest.mark.parametrize("zero", [0.0, 2.0**21, 2.0**30, 1.7e9])
def test_neighbors_and_clusters_do_not_depend_on_the_zero_of_the_clock(zero):
    events = np.r_[np.arange(10) * 0.5, 20 + np.arange(10) * 0.5][:, None]
    joined = graphs.nearest_neighbors(zero + np.array([[0.0], [1.0], [3.0], [3.5]]), 1)
    np.testing.assert_array_equal(joined, graphs.adjacency(4, [[0, 1], [2, 3]]))
    found = graphs.k_means(zero + events, 2, np.random.default_rng(0))
    assert graphs.adjusted_rand(found.labels, np.repeat([0, 1], 10)) == 1.0
    assert found.cost == pytest.approx(2 * 0.25 * 82.5, abs=1e-9)
    np.testing.assert_allclose(np.sort(found.centers.ravel()) - zero, [2.25, 22.25], atol=1e-6)


def test_equally_far_neighbors_come_in_the_order_of_their_rows():
    for scale in (1.0, 0.1, 0.7, 1e-300, 1e300):
        grid = scale * np.stack(np.meshgrid(range(4), range(4)), axis=-1).reshape(-1, 2)
        np.testing.assert_array_equal(
            graphs.nearest_neighbors(grid, 2), graphs.nearest_neighbors(np.round(grid / scale), 2)
        )


@pytest.mark.parametrize("power", POWERS)
def test_matrices_and_cuts_do_not_know_the_unit_of_the_weights(power, rng):
    A, x = np.ldexp(RING, power), np.arange(6.0)
    for kind in ("symmetric", "walk"):
        np.testing.assert_array_equal(graphs.laplacian(A, kind), graphs.laplacian(RING, kind))
    assert graphs.sweep_cut(A, x).conductance == graphs.sweep_cut(RING, x).conductance
    inside = np.array([1, 1, 0, 0, 1, 0], dtype=bool)
    assert graphs.conductance(A, inside) == graphs.conductance(RING, inside)
    np.testing.assert_array_equal(graphs.pagerank(A).scores, graphs.pagerank(RING).scores)
    known, values = x < 2, x * 2.0
    np.testing.assert_allclose(
        graphs.harmonic_labels(A, known, values), graphs.harmonic_labels(RING, known, values), rtol=1e-14
    )
    if abs(power) < 1000:  # so that the time is a float
        np.testing.assert_allclose(
            graphs.diffuse(A, x, np.ldexp(0.3, -power)), graphs.diffuse(RING, x, 0.3), rtol=1e-13
        )


def test_degrees_that_differ_beyond_half_the_range_of_floats():
    A = graphs.adjacency(3, [[0, 1], [1, 2]], [1e-300, 1e-320])
    want = [[1, -1, 0], [-1, 1, -1e-10], [0, -1e-10, 1]]
    np.testing.assert_allclose(graphs.laplacian(A, "symmetric"), want, rtol=1e-3)
    with pytest.raises(ValueError, match="the Laplacian of A is larger than any float"):
        graphs.laplacian(graphs.adjacency(3, [[0, 1], [1, 2]], [1.7e308, 1.7e308]))


def test_a_thin_cut_between_heavy_clusters_keeps_its_digits():
    A = graphs.adjacency(4, [[0, 1], [1, 2], [2, 3]], [0.7, 1e-30, 0.7])
    cut = graphs.sweep_cut(A, [4, 3, 2, 1])
    assert cut.conductance == pytest.approx(1e-30 / 1.4, rel=1e-14)
    np.testing.assert_array_equal(cut.inside, [True, True, False, False])
    assert graphs.conductance(A, cut.inside) == pytest.approx(cut.conductance, rel=1e-14)


def test_heat_keeps_the_mean_of_a_component_for_ever():
    A = graphs.adjacency(5, [[0, 1], [1, 2], [3, 4]], [0.1, 0.7, 0.3])
    for time in (1e3, 1e18, 1e300):
        np.testing.assert_allclose(graphs.diffuse(A, [3, 0, 0, 1, 0], time), [1, 1, 1, 0.5, 0.5], rtol=1e-14)
    bridge = graphs.adjacency(4, [[0, 1], [1, 2], [2, 3]], [1.0, 1e-20, 1.0])
    np.testing.assert_allclose(graphs.diffuse(bridge, [2, 0, 0, 0], 50.0), [1, 1, 0, 0], atol=1e-14)
    with pytest.raises(ValueError, match="A has weights too different for so long a time"):
        graphs.diffuse(bridge, [2, 0, 0, 0], 1e20)


def test_nodes_that_hang_on_a_thread_take_the_value_at_its_end():
    A = graphs.adjacency(4, [[0, 1], [1, 2], [2, 3]], [1e-30, 1.0, 0.3])
    known = np.array([True, False, False, False])
    np.testing.assert_allclose(graphs.harmonic_labels(A, known, [5, 0, 0, 0]), [5, 5, 5, 5], rtol=1e-14)
    both = np.array([True, False, False, True])
    B = graphs.adjacency(4, [[0, 1], [1, 2], [2, 3]], [1e-30, 1.0, 1e-30])
    np.testing.assert_allclose(
        graphs.harmonic_labels(B, both, [[0, 1]] * 3 + [[1, 3]])[1], [0.5, 2.0], rtol=1e-12
    )


def test_labels_are_names_whatever_their_kind():
    big = [2**53, 2**53 + 1, 2**53, 2**53 + 1]
    assert graphs.adjusted_rand(big, ["a", "b", "a", "b"]) == 1.0
    assert graphs.adjusted_rand(np.array([0, 255], np.uint8), [1.0, 1.0]) == 0.0
    assert graphs.adjusted_rand(np.arange(20_000), np.arange(20_000)) == 1.0
    with pytest.raises(ValueError, match="labels must be finite, got nan"):
        graphs.adjusted_rand([np.nan, 1.0], [1, 2])


@pytest.mark.proves("graphs.pagerank")
@pytest.mark.parametrize("tolerance", [1e-3, 1e-10, 1e-14, 0.0])
def test_pagerank_has_converged_where_it_says_so(tolerance):
    A = np.array([[0, 1, 3, 0], [0, 0, 1, 7], [1, 1, 0, 0], [0, 0, 0, 0]])
    found = graphs.pagerank(A, tolerance=tolerance, max_steps=300)
    assert found.converged == (tolerance > 0)
    x, damping = [Fraction(v) for v in found.scores.tolist()], Fraction(0.85)
    follow = [[Fraction(int(w), int(row.sum())) if row.any() else Fraction(1, 4) for w in row] for row in A]
    step = [damping * sum(x[i] * follow[i][j] for i in range(4)) + (1 - damping) / 4 for j in range(4)]
    moved = sum(abs(a - b) for a, b in zip(x, step, strict=True))
    assert not found.converged or moved <= Fraction(tolerance)


def test_costs_that_no_float_holds_are_refused():
    with pytest.raises(ValueError, match="the sum of squared distances in X is larger"):
        graphs.k_means([[0.0], [1e200], [3e200]], 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="the sum of the weights of an edge is larger"):
        graphs.adjacency(2, [[0, 1], [1, 0]], [1.7e308, 1.7e308])
