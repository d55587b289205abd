"""Discrete mathematics: counts, orders, cheapest paths, sketches, labelings: brute force, laws, networkx."""

from itertools import pairwise, product
from math import ceil, comb, log2

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.optimize import linprog
from scipy.stats import chisquare

from mmlhelpers import discrete

SORTS = [discrete.insertion_sort, discrete.merge_sort]
words = st.text("abc", max_size=6)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# Sorting


@pytest.mark.parametrize("sort", SORTS)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_sorting_agrees_with_python(sort, values):
    assert sort(values).values == sorted(values)


@pytest.mark.parametrize("n", [1, 2, 17, 64])
def test_insertion_sort_counts_every_pair_that_is_out_of_order(n):
    assert discrete.insertion_sort(np.arange(n)).comparisons == n - 1
    assert discrete.insertion_sort(np.arange(n)[::-1]).comparisons == comb(n, 2)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=60))
def test_merge_sort_never_compares_more_than_its_bound(values):
    n = len(values)
    assert n // 2 <= discrete.merge_sort(values).comparisons <= n * ceil(log2(n))


# Dynamic programming


def test_edit_distance_by_hand():
    result = discrete.edit_distance("kitten", "sitting")
    assert result.distance == 3
    np.testing.assert_array_equal(result.table[0], np.arange(8))
    assert result.steps[0] == ("k", "s")
    assert result.steps[-1] == ("", "g")


@given(words, words)
def test_edit_distance_agrees_with_trying_everything(a, b):
    assert discrete.edit_distance(a, b).distance == discrete.edit_distance_by_trying(a, b)


@given(words, words, words)
def test_edit_distance_is_a_metric(a, b, c):
    def distance(x, y):
        return discrete.edit_distance(x, y).distance

    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@given(words, words, st.tuples(*[st.integers(0, 4)] * 3))
def test_steps_turn_one_text_into_the_other_and_cost_the_distance(a, b, costs):
    insert, delete, change = costs
    result = discrete.edit_distance(a, b, insert, delete, change)
    assert "".join(old for old, _ in result.steps) == a
    assert "".join(new for _, new in result.steps) == b
    paid = sum(
        insert if not old else delete if not new else change * (old != new) for old, new in result.steps
    )
    assert paid == result.distance


@pytest.mark.parametrize("name", ["insert", "delete", "change"])
@pytest.mark.parametrize("cost", [-1, np.inf, np.nan])
def test_edit_distance_refuses_a_cost_that_makes_no_sense(name, cost):
    with pytest.raises(ValueError, match=f"{name} must (be finite|not be negative), got"):
        discrete.edit_distance("a", "b", **{name: cost})


@pytest.mark.parametrize("distance", [discrete.edit_distance, discrete.edit_distance_by_trying])
def test_distances_are_between_texts(distance):
    with pytest.raises(ValueError, match=r"a must be a text \(str\), got 3"):
        distance(3, "a")
    with pytest.raises(ValueError, match=r"b must be a text \(str\), got \['a'\]"):
        distance("a", ["a"])


@pytest.mark.parametrize("shape", [(1, 4), (4, 1), (5, 4)])
def test_lowest_seam_is_the_cheapest_of_all(rng, shape):
    cost = rng.integers(0, 9, size=shape)
    m, n = shape
    ways = [way for way in product(range(n), repeat=m) if all(abs(b - a) <= 1 for a, b in pairwise(way))]
    cheapest = min(cost[np.arange(m), way].sum() for way in ways)
    seam = discrete.lowest_seam(cost)
    assert np.abs(np.diff(seam)).max(initial=0) <= 1
    assert cost[np.arange(m), seam].sum() == cheapest


@pytest.mark.parametrize("seed", range(4))
def test_the_lowest_seam_costs_as_much_as_networkx_s_shortest_path(seed):
    cost = np.random.default_rng(seed).normal(size=(12, 9))  # negative costs too: Bellman and Ford
    G = nx.DiGraph()
    for (i, j), price in np.ndenumerate(cost):
        before = [(i - 1, k) for k in (j - 1, j, j + 1) if 0 <= k < 9] if i else ["top"]
        G.add_weighted_edges_from((place, (i, j), price) for place in before)
    G.add_weighted_edges_from(((11, j), "bottom", 0.0) for j in range(9))
    wanted = nx.bellman_ford_path_length(G, "top", "bottom")
    assert cost[np.arange(12), discrete.lowest_seam(cost)].sum() == pytest.approx(wanted, rel=1e-13)


# Graphs of computation

LAYERS = {f"{i + 1}{b}": [f"{i}a", f"{i}b"] for i in range(40) for b in "ab"}


@given(st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4)))
def test_every_node_comes_after_what_it_needs(graph):
    graph = {node: [other for other in needs if other < node] for node, needs in graph.items()}
    order = discrete.topological_order(graph)
    assert sorted(order) == sorted({*graph, *(other for needs in graph.values() for other in needs)})
    assert all(order.index(other) < order.index(node) for node, needs in graph.items() for other in needs)


def test_a_circle_is_named():
    with pytest.raises(ValueError, match="a -> b -> a"):
        discrete.topological_order({"c": ["a"], "a": ["b"], "b": ["a"]})


def test_paths_double_with_each_layer_and_are_counted_without_being_walked():
    assert discrete.count_paths(LAYERS, "0a", "40a") == 2**39


def test_paths_agree_with_powers_of_the_adjacency_matrix(rng):
    A = np.triu(rng.integers(0, 2, size=(8, 8)), 1)
    graph = {j: [i for i in range(8) if A[i, j]] for j in range(8)}
    paths = sum(np.linalg.matrix_power(A, length) for length in range(1, 8))
    counted = [[discrete.count_paths(graph, i, j) for j in range(8)] for i in range(8)]
    np.testing.assert_array_equal(counted, paths + np.eye(8, dtype=int))


def drawn(seed, n=9, share=0.35):
    """Draw a graph without circles, its nodes named in a random order: what each needs, and networkx's."""
    rng = np.random.default_rng(seed)
    names = rng.permutation(n).tolist()
    needs = {names[j]: [names[i] for i in range(j) if rng.random() < share] for j in rng.permutation(n)}
    return needs, nx.DiGraph([(i, j) for j, before in needs.items() for i in before])


@pytest.mark.parametrize("seed", range(4))
def test_orders_are_among_those_that_networkx_lists(seed):
    needs, G = drawn(seed, 7)
    G.add_nodes_from(needs)
    assert discrete.topological_order(needs) in nx.all_topological_sorts(G)


@pytest.mark.parametrize("seed", range(4))
def test_paths_are_as_many_as_networkx_walks(seed):
    needs, G = drawn(seed)
    G.add_nodes_from(["alone"])  # no path leads there or away
    needs = needs | {"alone": []}
    for start, end in product(G, G):
        walked = sum(1 for _ in nx.all_simple_paths(G, start, end)) if start != end else 1
        assert discrete.count_paths(needs, start, end) == walked


@pytest.mark.parametrize("seed", range(12))
def test_a_circle_is_refused_exactly_where_networkx_finds_one(seed):
    A = np.random.default_rng(seed).random((7, 7)) < 0.06
    needs = {j: np.flatnonzero(A[:, j]).tolist() for j in range(7)}
    if nx.is_directed_acyclic_graph(nx.from_numpy_array(A, create_using=nx.DiGraph)):
        assert sorted(discrete.topological_order(needs)) == list(range(7))
    else:
        with pytest.raises(ValueError, match="needs must have no circle"):
            discrete.topological_order(needs)


def test_an_order_wants_a_mapping():
    with pytest.raises(ValueError, match=r"needs must be a mapping from nodes to what they need, got"):
        discrete.topological_order(["a"])


def test_counting_paths_refuses_a_node_that_is_not_there():
    with pytest.raises(ValueError, match="end must be a node of the graph, got 'z'"):
        discrete.count_paths({"y": ["x"]}, "x", "z")


# Hashing and sketches


def test_hashes_follow_their_formula():
    hashes = discrete.universal_hashes([0, 1, 2], 1, 1000, np.random.default_rng(5))[0]
    draw = np.random.default_rng(5)
    p = 2**31 - 1
    a, b = int(draw.integers(1, p, size=(1, 1))[0, 0]), int(draw.integers(0, p, size=(1, 1))[0, 0])
    assert hashes.tolist() == [(a * x + b) % p % 1000 for x in range(3)]


def test_two_keys_meet_as_rarely_as_promised(rng):
    hashes = discrete.universal_hashes([123, 45678], 20_000, 50, rng)
    share = (hashes[:, 0] == hashes[:, 1]).mean()
    assert share <= 1 / 50 + 5 * np.sqrt(1 / 50 / 20_000)


def test_hashes_of_one_key_are_spread_evenly(rng):
    places = discrete.universal_hashes([77], 20_000, 10, rng)[:, 0]
    assert chisquare(np.bincount(places, minlength=10)).pvalue > 1e-4


@pytest.mark.parametrize("keys", [[-1], [2**31 - 1], [0.5], [[1]], ["a"]])
def test_hashing_refuses_what_is_no_key(rng, keys):
    with pytest.raises(ValueError, match="keys must be whole numbers"):
        discrete.universal_hashes(keys, 1, 8, rng)


def test_a_bloom_filter_never_forgets_and_errs_as_often_as_predicted(rng):
    m, k, n = 2000, 5, 250
    keys = rng.choice(10**6, size=30_000, replace=False)
    seen = discrete.BloomFilter(m, k, rng)
    seen.add(keys[:n])
    assert seen.contains(keys[:n]).all()
    predicted = (1 - np.exp(-k * n / m)) ** k
    assert seen.contains(keys[n:]).mean() == pytest.approx(predicted, rel=0.5)


def test_a_count_min_sketch_never_counts_too_little_and_seldom_much_too_much(rng):
    keys = np.minimum(rng.zipf(1.5, size=5000), 10**6)
    sketch = discrete.CountMinSketch(100, 6, rng)
    for part in np.array_split(keys, 3):
        sketch.add(part)
    names, counts = np.unique(keys, return_counts=True)
    excess = sketch.count(names) - counts
    assert excess.min() == 0
    assert (excess > 2 * len(keys) / 100).mean() <= 2**-6 + 0.02


def test_minhash_estimates_the_overlap_of_two_sets(rng):
    a, b = np.arange(0, 60), np.arange(20, 80)
    signatures = discrete.minhash([a, b, a[::-1]], 4000, rng)
    assert (signatures[0] == signatures[2]).all()
    assert (signatures[0] == signatures[1]).mean() == pytest.approx(40 / 80, abs=4 / (2 * np.sqrt(4000)))


def test_minhash_refuses_an_empty_set(rng):
    with pytest.raises(ValueError, match=r"sets must not be empty, got nothing in sets\[1\]"):
        discrete.minhash([[1], []], 4, rng)


def test_minhash_refuses_no_sets_at_all(rng):
    with pytest.raises(ValueError, match="sets must hold at least one set"):
        discrete.minhash([], 4, rng)
    with pytest.raises(ValueError, match="sets must be a sequence, got 3"):
        discrete.minhash(3, 4, rng)


def test_minhash_takes_words_too(rng):
    a, b, c = discrete.minhash([["to", "be"], ["be", "to"], ["or", "not"]], 50, rng)
    assert (a == b).all()
    assert not (a == c).any()


# Labelings


def separable(points, labels):
    """Tell by a linear program whether a half-space has exactly the True points inside."""
    signs = np.where(labels, 1.0, -1.0)
    rows = -signs[:, None] * np.column_stack([points, np.ones(len(points))])
    return linprog(np.zeros(rows.shape[1]), rows, -np.ones(len(points)), bounds=(None, None)).status == 0


@pytest.mark.parametrize(("n", "d"), [(2, 1), (5, 1), (2, 2), (3, 2), (5, 2), (6, 2), (4, 3), (6, 3)])
def test_labelings_by_half_spaces_agree_with_linear_programs_and_with_cover(rng, n, d):
    points = rng.normal(size=(n, d))
    found = {tuple(row) for row in discrete.halfspace_labelings(points).tolist()}
    tried = {bits for bits in product((False, True), repeat=n) if separable(points, np.array(bits))}
    assert found == tried
    assert len(found) == discrete.count_dichotomies(n, d + 1)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_dichotomies_are_all_up_to_the_dimension_and_half_at_twice_it(d):
    assert discrete.count_dichotomies(d, d) == 2**d
    assert discrete.count_dichotomies(d + 1, d) == 2 ** (d + 1) - 2
    assert discrete.count_dichotomies(2 * d, d) == 2 ** (2 * d) / 2


def test_points_on_one_line_are_refused():
    with pytest.raises(ValueError, match=r"general position, got \[0, 1, 2\]"):
        discrete.halfspace_labelings([[0, 0], [1, 1], [2, 2]])


def test_fewer_points_than_dimensions_are_refused():
    with pytest.raises(ValueError, match="at least as many as dimensions"):
        discrete.halfspace_labelings([[0.0, 1.0]])


# Numbers at every scale, and things read as they are meant


@pytest.mark.parametrize(
    ("a", "b", "costs"),
    [
        ("aaaaaa", "", {"delete": 0.1}),
        ("aaaaaaaaaaab", "b", {"delete": 0.1}),
        ("kitten sitting", "sitting kitten", {"insert": 0.3, "delete": 0.1, "change": 0.7}),
        ("", "bbbbbbb", {"insert": 0.7}),
    ],
)
def test_the_steps_spell_both_texts_and_cost_what_the_distance_says(a, b, costs):
    price = {"insert": 1.0, "delete": 1.0, "change": 1.0} | costs
    for unit in (2.0**-1000, 2.0**-30, 1.0, 2.0**1000):
        found = discrete.edit_distance(a, b, **{name: cost * unit for name, cost in price.items()})
        assert ("".join(x for x, _ in found.steps), "".join(y for _, y in found.steps)) == (a, b)
        paid = sum(
            price["insert"] if not x else price["delete"] if not y else price["change"] * (x != y)
            for x, y in found.steps
        )
        assert found.distance / unit == pytest.approx(paid, rel=1e-14)
        assert found.steps == discrete.edit_distance(a, b, **price).steps


def test_a_change_goes_first_among_ways_that_differ_by_rounding_only():
    # 0.1 + 0.2 is a little more than 0.3 in floats, but not in the reader's eyes.
    assert discrete.edit_distance("a", "b", insert=0.1, delete=0.2, change=0.3).steps == [("a", "b")]
    assert discrete.edit_distance("a", "b", insert=0.1, delete=0.1, change=0.3).steps == [
        ("", "b"),
        ("a", ""),
    ]


def test_costs_that_overflow_are_refused():
    with pytest.raises(ValueError, match="insert, delete and change must have finite sums"):
        discrete.edit_distance("aa", "b", delete=1.7e308)


def test_trying_all_ways_refuses_what_would_take_for_ever():
    for a, b in (("a" * 30, "b" * 30), ("a" * 2000, "b"), ("", "b" * 2000)):
        with pytest.raises(ValueError, match="a and b must be short"):
            discrete.edit_distance_by_trying(a, b)
    assert discrete.edit_distance_by_trying("a" * 300, "b") == 300


@given(
    npst.arrays(np.int64, (5, 4), elements=st.integers(0, 9)),
    st.sampled_from([-1070, -300, -30, 30, 300, 1019]),
)
def test_the_lowest_seam_does_not_depend_on_the_unit(cost, power):
    np.testing.assert_array_equal(
        discrete.lowest_seam(np.ldexp(cost * 1.0, power)), discrete.lowest_seam(cost)
    )


def test_long_chains_are_put_in_order_and_counted():
    n = 20_000
    chain = {i: [i + 1] for i in range(n)}
    assert discrete.topological_order(chain) == list(range(n, -1, -1))
    assert discrete.count_paths(chain, n, 0) == 1
    with pytest.raises(ValueError, match="needs must have no circle"):
        discrete.topological_order(chain | {n: [0]})


def test_what_nodes_need_is_read_once_and_as_it_is_meant():
    assert discrete.count_paths({"y": iter(["a", "b"]), "a": iter(["x"]), "b": ["x"]}, "x", "y") == 2
    with pytest.raises(ValueError, match=r"needs\['loss'\] must be a list of nodes, got the text 'scores'"):
        discrete.topological_order({"loss": "scores"})
    with pytest.raises(ValueError, match=r"needs\['a'\] must be a sequence, got 3"):
        discrete.topological_order({"a": 3})
    with pytest.raises(ValueError, match=r"needs\['a'\] must hold nodes that can be looked up"):
        discrete.topological_order({"a": [["b"]]})
    with pytest.raises(ValueError, match="start must be a node of the graph"):
        discrete.count_paths({"a": ["b"]}, ["b"], "a")


def agreement(a, b, rng):
    first, second = discrete.minhash([a, b], 2000, rng)
    return np.mean(first == second)


@pytest.mark.parametrize("kind", [set, frozenset, list, np.array, tuple])
def test_minhash_reads_sets_of_every_kind(kind, rng):
    assert agreement(kind(range(100)), kind(range(50, 150)), rng) == pytest.approx(1 / 3, abs=0.05)


def test_minhash_keeps_different_members_apart(rng):
    assert agreement([(0, 1), (2, 3)], [(1, 0), (3, 2)], rng) == 0
    assert agreement([2**53], [2**53 + 1], rng) == 0
    assert agreement({"a", "b"}, ["b", "a", "a"], rng) == 1


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["abc", "bcd"], r"sets\[0\] must be a set, got the text 'abc'"),
        ([[1], ["1"]], "sets must have members of one kind that can be sorted, got int, str"),
        ([np.eye(2)], r"sets\[0\] must be a set or an array of shape \(n,\), got shape \(2, 2\)"),
        ([[[1], [2]]], r"sets\[0\] must hold things that cannot change"),
        ([[1.0, np.nan]], r"sets\[0\] must hold things that can be sorted, got nan"),
        ([[frozenset([1])]], r"sets\[0\] must hold things that can be sorted"),
        ([3], r"sets\[0\] must be"),
    ],
)
def test_minhash_refuses_what_is_no_set(sets, message, rng):
    with pytest.raises(ValueError, match=message):
        discrete.minhash(sets, 3, rng)


def test_sketches_refuse_sets_and_take_nothing(rng):
    sketch, seen = discrete.CountMinSketch(8, 2, rng), discrete.BloomFilter(8, 2, rng)
    for add in (sketch.add, seen.add):
        add([])
        for keys in ({1, 2}, [-1], [True], [2**31], [1.0], "12"):
            with pytest.raises(ValueError, match="keys must be"):
                add(keys)
    assert not sketch.counters.any()
    assert not seen.bits.any()
    with pytest.raises(ValueError, match="m must be a whole number from 1 to 2147483647"):
        discrete.universal_hashes([1], 1, 2**31, rng)


def test_labelings_do_not_depend_on_units_or_offsets(rng):
    points = rng.integers(-50, 50, size=(6, 2)) + rng.integers(0, 8, size=(6, 2)) / 8
    want = discrete.halfspace_labelings(points)
    for unit in (2.0**-1060, 2.0**-500, 2.0**30, 2.0**1015, [2.0**-300, 1.0], [1.0, 2.0**60]):
        np.testing.assert_array_equal(discrete.halfspace_labelings(points * unit), want)
    np.testing.assert_array_equal(discrete.halfspace_labelings(points + 2.0**30), want)


def test_dichotomies_of_many_points_in_many_dimensions():
    assert discrete.count_dichotomies(20, 10**12) == 2**20
    assert discrete.count_dichotomies(1001, 501) == 2**1000 + comb(1000, 500)
    assert discrete.count_dichotomies(3000, 1500) == 2**2999
