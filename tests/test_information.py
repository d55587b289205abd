"""Information theory: hand-worked values, laws, SciPy and scikit-learn, and clear errors."""

import copy
import itertools
import math
from fractions import Fraction

import numpy as np
import oracles
import pytest
import scipy.optimize
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import mutual_info_score
from sklearn.tree import DecisionTreeClassifier

from mmlhelpers import datasets, information

counts = arrays(int, st.integers(1, 6), elements=st.integers(0, 20)).filter(lambda c: c.sum() > 0)
tables = arrays(int, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.integers(0, 9)).filter(
    lambda c: c.sum() > 0
)
messages = st.lists(st.integers(0, 3), max_size=60)
orders = st.integers(0, 3)


def shares(table):
    return table / table.sum()


def binary(e):
    return information.entropy([e, 1 - e])


def flipping(e):
    return [[1 - e, e], [e, 1 - e]]


# Entropy and its relatives


def test_entropies_worked_by_hand():
    assert information.entropy([0.5, 0.25, 0.125, 0.125]) == 1.75
    assert information.entropy([1.0, 0.0]) == 0
    assert information.entropy(np.full(8, 1 / 8), base=np.e) == pytest.approx(3 * math.log(2), rel=1e-15)
    assert information.cross_entropy([0.5, 0.5], [0.25, 0.75]) == pytest.approx(
        (2 + math.log2(4 / 3)) / 2, rel=1e-15
    )
    assert information.kl_divergence([1.0, 0.0], [0.25, 0.75]) == pytest.approx(2, rel=1e-15)


def test_what_was_ruled_out_costs_without_bound():
    assert information.cross_entropy([0.5, 0.5], [1.0, 0.0]) == np.inf
    assert information.kl_divergence([0.5, 0.5], [1.0, 0.0]) == np.inf
    assert information.kl_divergence([1.0, 0.0], [0.5, 0.5]) == 1


@given(counts, st.sampled_from([2, np.e, 10]))
def test_entropy_and_divergence_agree_with_scipy(c, base):
    p, q = shares(c), shares(c[::-1] + 1)
    assert information.entropy(p, base) == pytest.approx(scipy.stats.entropy(p, base=base), abs=1e-13)
    assert information.kl_divergence(p, q, base) == pytest.approx(
        scipy.stats.entropy(p, q, base=base), abs=1e-13
    )


@given(counts)
def test_cross_entropy_splits_and_pinsker_holds(c):
    p, q = shares(c), shares(np.roll(c, 1) + 1)
    divergence = information.kl_divergence(p, q, np.e)
    assert information.cross_entropy(p, q, np.e) == pytest.approx(
        information.entropy(p, np.e) + divergence, abs=1e-13
    )
    assert np.abs(p - q).sum() / 2 <= math.sqrt(divergence / 2) + 1e-12
    assert 0 <= information.entropy(p) <= math.log2(len(p)) + 1e-12


@pytest.mark.parametrize("delta", [1e-3, 1e-6, 1e-9])
def test_divergence_of_near_distributions_keeps_its_digits(delta):
    p, q = np.array([0.25, 0.75]), np.array([0.25 + delta, 0.75 - delta])
    wanted = np.sum((q - p) ** 2 / (2 * p))  # the next term of the series is smaller by a factor of delta
    assert information.kl_divergence(p, q, np.e) == pytest.approx(wanted, rel=10 * delta + 1e-6)


def test_divergence_survives_tiny_probabilities():
    assert information.kl_divergence([1e-320, 1.0], [0.5, 0.5]) == pytest.approx(1, rel=1e-12)
    assert information.kl_divergence([0.5, 0.5], [1e-320, 1.0], np.e) == pytest.approx(
        -math.log(2) - math.log(1e-320) / 2, rel=1e-12
    )


# The same sums with fifty digits

MP = oracles.MP


def normed(p):
    """Read probabilities with fifty digits and let them sum to one."""
    p = oracles.exact(p)
    total = sum(p)
    return [value / total for value in p]


def entropy_in_nats(p):
    return -sum(x * MP.log(x) for x in normed(p) if x)


def divergence_in_nats(p, q):
    return sum(x * MP.log(x / y) for x, y in zip(normed(p), normed(q), strict=True) if x)


def drawn_pair(seed, n, nearness):
    """Draw two distributions over n values; some are tiny, and the second is the first but for a share."""
    draw = np.random.default_rng(seed)
    p = draw.dirichlet(np.full(n, 0.2)) + 1e-290
    return p, (1 - nearness) * p + nearness * draw.dirichlet(np.ones(n))


pairs_of_all_kinds = pytest.mark.parametrize(
    ("p", "q"),
    [drawn_pair(*case) for case in itertools.product(range(2), [2, 10, 300], [1.0, 1e-3, 1e-8])],
)


@pairs_of_all_kinds
def test_entropies_are_as_accurate_as_they_say(p, q):
    own, crossed = entropy_in_nats(p), entropy_in_nats(p) + divergence_in_nats(p, q)
    for base in (np.e, 2):
        unit = MP.log(MP.mpf(base))
        error = abs(MP.mpf(information.entropy(p, base)) - own / unit)
        assert error <= 2 * oracles.EPSILON * (1 + own) / unit
        error = abs(MP.mpf(information.cross_entropy(p, q, base)) - crossed / unit)
        assert error <= 2 * oracles.EPSILON * (1 + crossed) / unit


@pairs_of_all_kinds
def test_divergences_are_as_accurate_as_they_say(p, q):
    error = abs(MP.mpf(information.kl_divergence(p, q, np.e)) - divergence_in_nats(p, q))
    assert error <= 4 * oracles.EPSILON * np.abs(p - q).sum()


@pytest.mark.parametrize("dependence", [1.0, 1e-3, 1e-8])
def test_mutual_information_is_as_accurate_as_it_says(dependence):
    draw = np.random.default_rng(3)
    product = np.outer(draw.dirichlet(np.ones(4)), draw.dirichlet(np.ones(5)))
    joint = (1 - dependence) * product + dependence * draw.dirichlet(np.ones(20)).reshape(4, 5)
    cells = MP.matrix(np.reshape(normed(joint), (4, 5)).tolist())
    rows = [sum(cells[i, j] for j in range(5)) for i in range(4)]
    columns = [sum(cells[i, j] for i in range(4)) for j in range(5)]
    places = list(itertools.product(range(4), range(5)))
    wanted = sum(cells[i, j] * MP.log(cells[i, j] / rows[i] / columns[j]) for i, j in places)
    distance = float(sum(abs(cells[i, j] - rows[i] * columns[j]) for i, j in places))
    error = abs(MP.mpf(information.mutual_information(joint, np.e)) - wanted)
    assert error <= 4 * oracles.EPSILON * distance


@given(tables)
def test_chain_rules_of_a_table(table):
    joint = shares(table)
    H_x, H_y = information.entropy(joint.sum(axis=1)), information.entropy(joint.sum(axis=0))
    rest, mutual = information.conditional_entropy(joint), information.mutual_information(joint)
    assert information.entropy(joint) == pytest.approx(H_x + rest, abs=1e-12)
    assert mutual == pytest.approx(H_y - rest, abs=1e-12)
    assert mutual == pytest.approx(information.mutual_information(joint.T), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=50))
def test_information_of_samples_agrees_with_scikit_learn(pairs):
    x, y = np.array(pairs).T
    joint = information.joint_distribution(x, y)
    assert information.mutual_information(joint, np.e) == pytest.approx(mutual_info_score(x, y), abs=1e-12)


@given(tables, st.data())
def test_processing_adds_no_information(table, data):
    joint = shares(table)
    merged = data.draw(arrays(int, len(joint), elements=st.integers(0, 1)))
    coarse = np.stack([joint[merged == group].sum(axis=0) for group in (0, 1)])
    assert information.mutual_information(coarse) <= information.mutual_information(joint) + 1e-12


def test_joint_distribution_counts_pairs_in_order():
    joint = information.joint_distribution(["b", "a", "b", "b"], [1, 0, 0, 1])
    np.testing.assert_array_equal(joint, [[0.25, 0], [0.25, 0.5]])


def test_divergence_of_normals_worked_by_hand():
    assert information.kl_normals([2.0], [[1.0]], [0.0], [[1.0]]) == pytest.approx(2, rel=1e-15)
    assert information.kl_normals([0.0], [[4.0]], [0.0], [[1.0]]) == pytest.approx(
        1.5 - math.log(2), rel=1e-14
    )


def test_divergence_of_normals_agrees_with_an_average_over_quadrature():
    rng = np.random.default_rng(1)
    A, B = rng.normal(size=(2, 2, 2))
    S, T, m, n = A @ A.T + np.eye(2), B @ B.T + np.eye(2), rng.normal(size=2), rng.normal(size=2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(6)  # exact for polynomials of degree 11
    z = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    x = m + z @ np.linalg.cholesky(S).T
    ratio = scipy.stats.multivariate_normal(m, S).logpdf(x) - scipy.stats.multivariate_normal(n, T).logpdf(x)
    wanted = np.outer(weights, weights).ravel() @ ratio / weights.sum() ** 2
    assert information.kl_normals(m, S, n, T) == pytest.approx(wanted, rel=1e-11)
    assert information.kl_normals(m, S, m, S) == pytest.approx(0, abs=1e-14)


# Codes


def test_canonical_words_worked_by_hand():
    assert information.canonical_code([3, 1, 3, 2]) == ("110", "0", "111", "10")
    assert information.kraft_sum([1, 2, 2]) == 1
    assert information.kraft_sum([1, 2, 3]) == 0.875


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_a_prefix_code_exists_exactly_if_the_kraft_sum_is_at_most_one(lengths):
    if sum(Fraction(1, 2**length) for length in lengths) > 1:
        with pytest.raises(ValueError, match="Kraft sum"):
            information.canonical_code(lengths)
    else:
        words = information.canonical_code(lengths)
        assert [len(word) for word in words] == lengths
        assert not any(b.startswith(a) for a, b in itertools.permutations(words, 2))


def shortest_mean(p):
    """Try all lengths up to k - 1 that fit."""
    choices = itertools.product(range(1, len(p)), repeat=len(p)) if len(p) > 2 else [(1, 1)]
    fitting = (np.array(c) for c in choices if sum(2.0 ** -np.array(c)) <= 1)
    return min(p @ lengths for lengths in fitting)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_huffman_is_as_short_as_the_best_of_all_codes(k, seed):
    p = np.random.default_rng(seed).dirichlet(np.full(k, 0.6))
    mean = p @ [len(word) for word in information.huffman_code(p)]
    assert mean == pytest.approx(shortest_mean(p), rel=1e-12)


@given(arrays(int, st.integers(2, 40), elements=st.integers(1, 1000)))
def test_huffman_keeps_the_promise_and_wastes_no_room(weights):
    lengths = [len(word) for word in information.huffman_code(weights)]
    p = shares(weights)
    assert information.entropy(p) - 1e-9 <= p @ lengths < information.entropy(p) + 1
    assert information.kraft_sum(lengths) == 1.0


def test_huffman_gives_words_to_symbols_that_never_occur():
    assert information.huffman_code([0, 1, 0]) == ("10", "0", "11")


@given(st.lists(st.integers(0, 4), max_size=40))
def test_what_is_encoded_is_decoded(symbols):
    code = information.huffman_code([5, 1, 1, 2, 9])
    bits = information.encode(symbols, code)
    assert len(bits) == sum(len(code[symbol]) for symbol in symbols)
    assert information.decode(bits, code).tolist() == symbols


# Arithmetic coding


def test_context_model_worked_by_hand():
    model = information.ContextModel(2, order=1, trust=2.0)
    np.testing.assert_array_equal(model.probabilities(), [0.5, 0.5])
    for symbol in (0, 1, 0):
        model.update(symbol)
    # Order 0 has seen 0 twice and 1 once: (3/5, 2/5). After a 0 came 1 once: (0 + 6/5) / 3 and (1 + 4/5) / 3.
    np.testing.assert_allclose(model.probabilities(), [0.4, 0.6], rtol=1e-15)


@given(messages, orders)
def test_probabilities_are_a_distribution_without_zeros(symbols, order):
    model = information.ContextModel(4, order)
    for symbol in symbols:
        model.update(symbol)
    p = model.probabilities()
    assert p.min() > 0
    assert p.sum() == pytest.approx(1, abs=1e-12)


@given(messages, orders)
def test_arithmetic_coding_reads_back_and_needs_at_most_two_bits_more(symbols, order):
    model = information.ContextModel(4, order)
    bits = information.arithmetic_encode(symbols, model)
    assert information.arithmetic_decode(bits, len(symbols), model).tolist() == symbols
    assert len(bits) <= information.code_length(symbols, model).sum() + 2 + 1e-6


class Sure:
    """A model that is almost sure of symbol 0, and learns nothing."""

    def __init__(self, doubt):
        self.doubt = doubt

    def probabilities(self):
        return [1 - self.doubt, self.doubt / 2, self.doubt / 2]

    def update(self, symbol):
        pass


@pytest.mark.parametrize("doubt", [0.5, 1e-3, 1e-9])
@pytest.mark.parametrize("symbols", [[0] * 300, [0, 1] * 20, [2] * 30, [0] * 150 + [2, 1] + [0] * 150, []])
def test_arithmetic_coding_with_extreme_models(doubt, symbols):
    model = Sure(doubt)
    bits = information.arithmetic_encode(symbols, model)
    assert information.arithmetic_decode(bits, len(symbols), model).tolist() == symbols
    surprise = information.code_length(symbols, model).sum()
    assert surprise - 1e-3 <= len(bits) <= surprise + 2.001


def test_what_is_rarer_than_the_resolution_still_gets_a_share():
    symbols, model = [0, 1, 2, 0, 0, 2], Sure(1e-30)
    bits = information.arithmetic_encode(symbols, model)
    assert information.arithmetic_decode(bits, len(symbols), model).tolist() == symbols
    assert len(bits) <= 3 * 48 + 2


@pytest.mark.parametrize("name", ["iris", "wine", "digits", "breast_cancer", "diabetes"])
def test_arithmetic_coding_restores_real_text(name):
    text = getattr(datasets, name)().description
    alphabet, letters = np.unique(list(text), return_inverse=True)
    model = information.ContextModel(len(alphabet), 2)
    bits = information.arithmetic_encode(letters, model)
    back = information.arithmetic_decode(bits, len(letters), model)
    assert "".join(alphabet[back]) == text
    assert len(bits) <= 1.001 * information.code_length(letters, model).sum() + 2


def test_code_length_of_an_adaptive_model_is_a_probability_of_the_whole_message():
    # With k = 2 and trust 2 the first model is Laplace's: n + 1 counts are equally likely, so are orders.
    surprise = information.code_length([0, 1, 1, 0, 1], information.ContextModel(2)).sum()
    assert surprise == pytest.approx(math.log2(6 * math.comb(5, 3)), rel=1e-14)


def test_models_stay_as_they_were():
    model = information.ContextModel(3, 1)
    model.update(2)
    before = model.probabilities()
    information.arithmetic_encode([0, 1, 1], model)
    twin = copy.deepcopy(model)
    twin.update(1)
    np.testing.assert_array_equal(model.probabilities(), before)
    assert not np.array_equal(twin.probabilities(), before)


# Channels


@pytest.mark.parametrize("e", [0.0, 0.05, 0.11, 0.5, 0.9])
def test_capacity_of_flips_and_losses(e):
    assert information.channel_capacity(flipping(e)).bits == pytest.approx(1 - binary(e), abs=1e-9)
    losses = [[1 - e, e, 0], [0, e, 1 - e]]
    assert information.channel_capacity(losses).bits == pytest.approx(1 - e, abs=1e-9)


@pytest.mark.parametrize("e", [0.1, 0.5, 0.8])
def test_capacity_of_the_z_channel_has_a_closed_form(e):
    found = information.channel_capacity([[1, 0], [e, 1 - e]])
    assert found.converged
    assert found.bits == pytest.approx(math.log2(1 + (1 - e) * e ** (e / (1 - e))), abs=2e-9)


def test_capacity_agrees_with_a_general_optimiser():
    W = np.random.default_rng(0).dirichlet(np.full(4, 0.5), size=3)

    def minus_information(z):
        return -information.mutual_information(scipy.special.softmax(z)[:, None] * W)

    best = scipy.optimize.minimize(minus_information, np.zeros(3), tol=1e-12)
    found = information.channel_capacity(W)
    assert found.bits == pytest.approx(-best.fun, abs=1e-6)
    assert found.bits <= information.mutual_information(found.p[:, None] * W) + 1e-12
    assert found.bits + found.gap >= -best.fun - 1e-9


@given(arrays(float, (3, 3), elements=st.floats(0.01, 1)))
def test_capacity_bounds_hold_from_the_first_step_and_tighten(raw):
    W = raw / raw.sum(axis=1, keepdims=True)
    truth = information.channel_capacity(W, 1e-7, 5000)
    for n_steps in (1, 3, 10):
        rough = information.channel_capacity(W, 0.0, n_steps)
        assert rough.bits <= truth.bits + truth.gap + 1e-9
        assert rough.bits + rough.gap >= truth.bits - 1e-9
        assert truth.bits + truth.gap - rough.bits <= math.log2(3) / n_steps + truth.gap + 1e-9


def test_capacity_says_when_it_did_not_converge():
    found = information.channel_capacity([[0.9, 0.1], [0.3, 0.7]], 1e-12, 2)
    assert not found.converged
    assert found.gap > 1e-12


def test_hamming_repairs_every_single_error_and_no_double_one():
    data = np.array(list(itertools.product((0, 1), repeat=4)))
    words = information.hamming_encode(data)
    distances = (words[:, None] != words).sum(axis=-1)
    assert distances[~np.eye(16, dtype=bool)].min() == 3
    np.testing.assert_array_equal(information.hamming_decode(words), data)
    for place in range(7):
        np.testing.assert_array_equal(information.hamming_decode(words ^ np.eye(7, dtype=int)[place]), data)
    for pair in itertools.combinations(range(7), 2):
        wrong = information.hamming_decode(words ^ np.isin(np.arange(7), pair))
        assert (wrong != data).any(axis=1).all()


def test_hamming_decodes_to_the_nearest_word():
    data = np.array(list(itertools.product((0, 1), repeat=4)))
    words = information.hamming_encode(data)
    received = np.array(list(itertools.product((0, 1), repeat=7)))
    nearest = data[(received[:, None] != words).sum(axis=-1).argmin(axis=1)]
    np.testing.assert_array_equal(information.hamming_decode(received), nearest)


# Trees


def test_best_split_worked_by_hand():
    split = information.best_split([[0, 1.0], [0, 2.0], [1, 8.0], [1, 9.0]], [0, 0, 0, 1])
    assert split == (1, 8.5, pytest.approx(binary(0.25), rel=1e-14))
    assert information.best_split([[3.0], [3.0]], [0, 1]) is None


@given(
    arrays(float, (12, 2), elements=st.integers(0, 5).map(float)), arrays(int, 12, elements=st.integers(0, 2))
)
def test_no_question_gains_more_than_the_best_split(X, y):
    gains = [
        information.mutual_information(information.joint_distribution(x <= t, y))
        for x in X.T
        for t in np.unique(x)[:-1]
    ]
    split = information.best_split(X, y)
    assert (split is None) == (not gains)
    if split:
        assert split.gain == pytest.approx(max(gains), abs=1e-12)


@pytest.mark.parametrize("load", [datasets.iris, datasets.wine])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_tree_predicts_like_scikit_learn(load, depth):
    table = load()
    ours = information.grow_tree(table.X, table.y, depth)
    theirs = DecisionTreeClassifier(criterion="entropy", max_depth=depth, random_state=0).fit(
        table.X, table.y
    )
    np.testing.assert_array_equal(information.predict(ours, table.X), theirs.predict(table.X))
    assert information.leaves(ours).sum() == len(table.y)
    assert ours.split.gain == pytest.approx(
        theirs.tree_.impurity[0]
        - sum(
            theirs.tree_.n_node_samples[i] / len(table.y) * theirs.tree_.impurity[i]
            for i in (theirs.tree_.children_left[0], theirs.tree_.children_right[0])
        ),
        abs=1e-12,
    )


def inner_nodes(node):
    if node.split:
        yield node
        yield from inner_nodes(node.yes)
        yield from inner_nodes(node.no)


def test_gains_add_up_to_what_the_leaves_tell():
    cancer = datasets.breast_cancer()
    tree = information.grow_tree(cancer.X, cancer.y, 4)
    gains = sum(node.counts.sum() * node.split.gain for node in inner_nodes(tree)) / len(cancer.y)
    joint = shares(information.leaves(tree))
    assert gains == pytest.approx(information.mutual_information(joint), rel=1e-10)


def test_a_deep_tree_learns_distinct_samples_by_heart_and_exclusive_or_defeats_it():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), rng.integers(0, 3, 60)
    np.testing.assert_array_equal(information.predict(information.grow_tree(X, y), X), y)
    tree = information.grow_tree([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    assert tree.split is None


def test_a_value_on_the_threshold_answers_yes():
    tree = information.grow_tree([[1.0], [2.0], [6.0]], [0, 0, 1])
    assert information.predict(tree, [[4.0], [np.nextafter(4.0, 5.0)]]).tolist() == [0, 1]


@pytest.mark.parametrize("low", [1.0, np.nextafter(1.0, 2.0), -1e308])
def test_neighbouring_numbers_can_be_told_apart(low):
    X = [[low], [np.nextafter(low, np.inf)]]
    assert information.leaves(information.grow_tree(X, [0, 1])).tolist() == [[1, 0], [0, 1]]


# Errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: information.entropy([0.5, 0.6]), "p must sum to one, got 1.1"),
        (lambda: information.entropy([1.5, -0.5]), "p must hold probabilities, got -0.5"),
        (lambda: information.entropy([np.nan, 1]), "p must hold finite probabilities"),
        (lambda: information.entropy(["a"]), "p must hold finite probabilities"),
        (lambda: information.entropy([1.0], base=1), "base must be a number above 1"),
        (lambda: information.kl_divergence([1.0], [0.5, 0.5]), r"q \(2,\) must be over the same values"),
        (lambda: information.mutual_information([0.5, 0.5]), "joint must be a matrix"),
        (lambda: information.joint_distribution([1, 2], [1]), "x and y must be of one shape"),
        (
            lambda: information.kl_normals([0.0], [[0.0]], [0.0], [[1.0]]),
            "covariance must be positive definite",
        ),
        (lambda: information.kl_normals([0.0], [[1.0]], [0, 0], np.eye(2)), "mean_q has length 2"),
        (lambda: information.kl_normals([0.0], np.eye(2), [0.0], [[1.0]]), "covariance .* must fit mean"),
        (lambda: information.kraft_sum([]), "lengths must hold at least one length"),
        (lambda: information.kraft_sum([0]), r"lengths\[0\] must be a whole number from 1"),
        (lambda: information.canonical_code([1, 1, 1]), "Kraft sum of at most 1, got 1.5"),
        (lambda: information.huffman_code([1.0]), "weights must be at least two numbers"),
        (lambda: information.huffman_code([1.0, -1.0]), "none negative"),
        (lambda: information.encode([2], ["0", "1"]), "symbols must lie below 2"),
        (lambda: information.encode([0], ["0", "01"]), "0 is the beginning of 01"),
        (lambda: information.encode([0], ["", "1"]), "at least one bit"),
        (lambda: information.decode("0", ["00", "01"]), "0 is left over"),
        (lambda: information.decode("0a", ["0", "1"]), "bits must be a string of 0 and 1"),
        (lambda: information.ContextModel(0), "n_symbols must be a whole number from 1"),
        (lambda: information.ContextModel(2, -1), "order must be a whole number from 0"),
        (lambda: information.ContextModel(2, trust=0), "trust must be a positive number"),
        (lambda: information.arithmetic_encode([2], information.ContextModel(2)), "must be possible under"),
        (lambda: information.arithmetic_encode([-1], information.ContextModel(2)), "must not be negative"),
        (lambda: information.arithmetic_encode([0.5], information.ContextModel(2)), "must be whole numbers"),
        (lambda: information.arithmetic_encode([0], Sure(1.0)), "must be possible under"),
        (lambda: information.arithmetic_decode("0", -1, Sure(0.5)), "n must be a whole number from 0"),
        (lambda: information.channel_capacity([[0.5, 0.6]]), "row 0 of W must sum to one"),
        (lambda: information.channel_capacity([[1.0]], max_steps=0), "max_steps"),
        (lambda: information.hamming_encode([[0, 1]]), r"data must be bits of shape \(n, 4\)"),
        (lambda: information.hamming_decode([[2] * 7]), "words must hold only 0 and 1"),
        (lambda: information.best_split([[1.0]], [0, 1]), "y has length 2 but X has 1 rows"),
        (lambda: information.grow_tree([[1.0]], [0], -1), "max_depth must be a whole number from 0"),
        (lambda: information.grow_tree([[1.0]], [0.5]), "y must be whole numbers"),
        (lambda: information.grow_tree([[1.0]], [0], 3, "some"), "least_gain must be a single number"),
        (lambda: information.entropy([1.0], base="bits"), "base must be a single number"),
        (lambda: information.entropy([1.0], base=np.inf), "base must be finite, got inf"),
        (
            lambda: information.entropy([[0.5], [0.25, 0.25]]),
            "p must be an array, got rows of",
        ),
        (lambda: information.kraft_sum(3), "lengths must be a sequence, got 3"),
        (lambda: information.encode([0], None), "code must be a sequence, got None"),
        (lambda: information.decode("0", []), "code must hold at least one word"),
        (lambda: information.joint_distribution([[1], [1, 2]], [1]), "x must be an array, got rows of"),
        (lambda: information.hamming_encode([[1], [1, 2]]), "data must be an array, got rows of"),
        (lambda: information.ContextModel(2, trust="much"), "trust must be a single number"),
        (lambda: information.ContextModel(2).update(2), "symbol must be a whole number from 0 to 1, got 2"),
        (lambda: information.ContextModel(2).update(-1), "symbol must be a whole number from 0 to 1, got -1"),
    ],
)
def test_errors_name_the_argument_and_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_tree_refuses_samples_with_too_few_columns():
    tree = information.grow_tree([[0, 1.0], [0, 2.0]], [0, 1])
    with pytest.raises(ValueError, match=r"at least 2 columns for this tree, got shape \(1, 1\)"):
        information.predict(tree, [[1.0]])


# Numbers at every scale


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_probabilities_of_every_precision_are_taken(dtype):
    for seed in range(20):
        p = np.random.default_rng(seed).dirichlet(np.ones(10)).astype(dtype)
        exact = p.astype(float) / p.astype(float).sum()
        for measure in (
            information.entropy,
            lambda p: information.kl_divergence(p, p[::-1]),
            lambda p: information.mutual_information(p.reshape(2, 5)),
            lambda p: information.conditional_entropy(p.reshape(5, 2)),
            lambda p: information.channel_capacity([p, p[::-1]]).bits,
        ):
            assert measure(p) == pytest.approx(measure(exact), abs=1e-9)


def test_rare_pairs_do_not_make_information_infinite():
    joint = np.array([[1.0, 0.0], [0.0, 1e-200]])
    assert information.mutual_information(joint) == pytest.approx(
        1e-200 * (200 * np.log2(10) + 1 / np.log(2)), rel=1e-2
    )


@pytest.mark.parametrize("power", [-500, -300, 300, 500])
def test_divergences_of_normals_know_no_unit(power):
    S, T = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.25], [0.25, 3.0]])
    m, unit = np.array([1.0, -2.0]), 2.0**power
    got = information.kl_normals(m * unit, S * unit**2, -m * unit, T * unit**2)
    assert got == pytest.approx(information.kl_normals(m, S, -m, T), rel=1e-13)


def test_deep_trees_grow_and_answer():
    X, y = np.arange(3000.0)[:, None], np.arange(3000) % 2
    tree = information.grow_tree(X[:1200], y[:1200], max_depth=2000)
    np.testing.assert_array_equal(information.predict(tree, X[:1200]), y[:1200])
    with pytest.raises(ValueError, match="y must hold classes below 100000"):
        information.grow_tree([[1.0], [2.0]], [0, 10**9])


def test_code_words_of_the_largest_weights():
    assert information.huffman_code([1.7e308, 1.7e308, 1.0]) == information.huffman_code([2.0, 2.0, 1.0])


def test_a_capacity_that_rounding_may_hide_is_not_called_reached():
    assert not information.channel_capacity([[0.75, 0.25], [0.25, 0.75]], 0.0, 50).converged
