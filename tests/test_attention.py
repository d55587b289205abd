"""Attention: values by hand, laws, the tape as oracle, errors."""

import numpy as np
import pytest
import scipy.spatial
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmlhelpers import attention, autodiff
from mmlhelpers.attention import Heads, causal_mask, multi_head, rotary, scaled_dot_product, streaming

small = st.floats(-3, 3, allow_nan=False)


def rows(*shape):
    return arrays(float, shape, elements=small)


def by_loops(Q, K, V, mask):
    """Exactly as the sums are written."""
    out = np.zeros((len(Q), V.shape[1]))
    for i in range(len(Q)):
        fits = [np.exp(Q[i] @ K[j] / np.sqrt(Q.shape[1])) if mask[i, j] else 0.0 for j in range(len(K))]
        for j in range(len(K)):
            out[i] += fits[j] / sum(fits) * V[j]
    return out


def random(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


# One head


def test_two_keys_with_scores_zero_and_log_three_share_one_to_three():
    Q, K = np.array([[np.sqrt(2), 0.0]]), np.array([[0.0, 5.0], [np.log(3), 0.0]])
    output, weights = scaled_dot_product(Q, K, [[0.0], [4.0]])
    np.testing.assert_allclose(weights, [[0.25, 0.75]], rtol=1e-14)
    np.testing.assert_allclose(output, [[3.0]], rtol=1e-14)


@given(rows(4, 3), rows(5, 3), rows(5, 2), arrays(bool, (4, 5)))
def test_attention_is_the_sum_as_it_is_written(Q, K, V, mask):
    mask[:, 0] = True
    np.testing.assert_allclose(
        scaled_dot_product(Q, K, V, mask).output, by_loops(Q, K, V, mask), rtol=1e-12, atol=1e-12
    )


@given(rows(4, 3), rows(5, 3), rows(5, 2))
def test_weights_are_shares_and_outputs_stay_between_the_values(Q, K, V):
    output, weights = scaled_dot_product(Q, K, V)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-13)
    assert weights.min() > 0
    assert np.all(output <= V.max(axis=0) + 1e-12)
    assert np.all(output >= V.min(axis=0) - 1e-12)


def test_outputs_lie_in_the_convex_hull_of_the_values():
    Q, K, V = random((40, 3), (8, 3), (8, 2))
    hull = scipy.spatial.Delaunay(V)
    assert np.all(hull.find_simplex(scaled_dot_product(Q, K, V).output) >= 0)


def test_scores_of_ten_thousand_do_not_overflow():
    output = scaled_dot_product([[1e4]], [[1.0], [-1.0]], [[2.0], [3.0]]).output
    np.testing.assert_array_equal(output, [[2.0]])


def test_masked_places_get_no_weight_and_the_future_no_say():
    Q, K, V = random((6, 4), (6, 4), (6, 3))
    before = scaled_dot_product(Q, K, V, causal_mask(6))
    assert np.all(np.triu(before.weights, 1) == 0)
    K[4:], V[4:] = 50.0, -50.0
    after = scaled_dot_product(Q, K, V, causal_mask(6))
    np.testing.assert_array_equal(after.output[:4], before.output[:4])


def test_filling_is_not_looked_at():
    mask = attention.padding_mask([2, 4], 4)
    X = random((2, 4, 3))[0]
    short = scaled_dot_product(X[0], X[0, :2], X[0, :2]).output
    np.testing.assert_allclose(scaled_dot_product(X, X, X, mask).output[0], short, rtol=1e-13)


@pytest.mark.parametrize("masked", [False, True])
def test_backward_agrees_with_the_tape(masked):
    Q, K, V, G = random((2, 3, 5, 4), (2, 3, 7, 4), (2, 3, 7, 3), (2, 3, 5, 3))
    mask = np.tri(5, 7, dtype=bool) if masked else None
    weights = scaled_dot_product(Q, K, V, mask, scale=0.7).weights
    ours = attention.scaled_dot_product_backward(G, Q, K, V, weights, scale=0.7)

    def loss(Q, K, V):
        return np.sum(G * scaled_dot_product(Q, K, V, mask, scale=0.7).output)

    for i, gradient in enumerate(ours):
        np.testing.assert_allclose(autodiff.grad(loss, i)(Q, K, V), gradient, rtol=0, atol=1e-12)


# Several heads


def test_two_heads_are_two_attentions_side_by_side():
    X, *W = random((5, 6), (6, 6), (6, 6), (6, 6), (6, 6))
    halves = [scaled_dot_product(*(X @ w[:, part] for w in W[:3])).output for part in (slice(3), slice(3, 6))]
    np.testing.assert_allclose(multi_head(X, Heads(*W), 2).output, np.hstack(halves) @ W[3], rtol=1e-12)


@given(st.permutations(range(5)))
def test_without_positions_and_mask_order_is_invisible(order):
    X, *W = random((5, 4), (4, 4), (4, 4), (4, 4), (4, 4))
    shuffled = multi_head(X[order], Heads(*W), 2).output
    np.testing.assert_allclose(shuffled, multi_head(X, Heads(*W), 2).output[order], rtol=0, atol=1e-12)


def test_backward_of_heads_agrees_with_the_tape():
    X, G, *W = random((2, 5, 6), (2, 5, 6), (6, 6), (6, 6), (6, 6), (6, 6))
    mask = causal_mask(5)
    weights = multi_head(X, Heads(*W), 3, mask).weights
    dX, d_heads = attention.multi_head_backward(G, X, Heads(*W), weights)

    def loss(X, *W):
        return np.sum(G * multi_head(X, Heads(*W), 3, mask).output)

    for i, gradient in enumerate((dX, *d_heads)):
        np.testing.assert_allclose(autodiff.grad(loss, i)(X, *W), gradient, rtol=0, atol=1e-11)


# Streaming


@given(rows(6, 3), rows(6, 3), rows(6, 2), st.integers(1, 7), st.booleans())
def test_streaming_agrees_with_the_whole_matrix(Q, K, V, block, causal):
    mask = causal_mask(6) if causal else None
    whole = scaled_dot_product(Q, K, V, mask).output
    np.testing.assert_allclose(streaming(Q, K, V, causal, block), whole, rtol=0, atol=1e-12)


def test_streaming_survives_scores_that_grow_by_thousands():
    K = np.array([[0.0], [1e3], [1e4]])
    np.testing.assert_array_equal(streaming([[1.0]], K, [[1.0], [2.0], [3.0]], block=1), [[3.0]])


# Positions


def test_sinusoidal_code_by_hand():
    code = attention.sinusoidal(3, 4, base=100.0)
    wanted = [np.cos(2.0), np.sin(2.0), np.cos(0.2), np.sin(0.2)]
    np.testing.assert_allclose(code[2], wanted, rtol=1e-14)


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_shift_of_the_code_is_a_rotation_that_forgets_the_place(place, shift):
    code = attention.sinusoidal(101, 8)
    turned = rotary(code[[place]], [shift])
    np.testing.assert_allclose(turned[0], code[place + shift], rtol=0, atol=1e-12)


@given(rows(1, 6), rows(1, 6), st.integers(-40, 40), st.integers(-40, 40), st.integers(-40, 40))
def test_rotary_scores_depend_on_the_difference_of_places_only(q, k, s, t, shift):
    near = rotary(q, [s]) @ rotary(k, [t]).T
    far = rotary(q, [s + shift]) @ rotary(k, [t + shift]).T
    np.testing.assert_allclose(near, far, rtol=0, atol=1e-11)


@given(rows(2, 5, 4))
def test_turning_back_undoes_turning_and_lengths_stay(X):
    turned = rotary(X)
    np.testing.assert_allclose(rotary(turned, -np.arange(5)), X, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(X, axis=-1), atol=1e-13)


def test_float32_stays_float32():
    X = np.ones((3, 4), dtype=np.float32)
    assert rotary(X).dtype == scaled_dot_product(X, X, X).output.dtype == np.float32


# Errors

UNKNOWN = np.array([[1.0, np.nan], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scaled_dot_product(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), r"Q and K must have"),
        (
            lambda: scaled_dot_product(np.ones((2, 3)), np.ones((2, 3)), np.ones((3, 3))),
            "K and V one",
        ),
        (lambda: scaled_dot_product([1.0], [[1.0]], [[1.0]]), r"Q must have shape .* got shape \(1,\)"),
        (lambda: scaled_dot_product(*[np.ones((2, 2))] * 3, mask=np.tri(2)), "mask must be True or False"),
        (lambda: scaled_dot_product(*[np.ones((2, 2))] * 3, mask=np.ones((3, 3), bool)), "make them agree"),
        (
            lambda: scaled_dot_product(*[np.ones((2, 2))] * 3, mask=np.zeros((2, 2), bool)),
            "no key to look",
        ),
        (lambda: multi_head(np.ones((2, 4)), Heads(*[np.eye(4)] * 4), 3), "n_heads must divide the width 4"),
        (lambda: attention.padding_mask([0, 2], 3), "lengths must be whole numbers from 1 to n = 3"),
        (lambda: attention.sinusoidal(3, 5), "d must be even"),
        (lambda: streaming(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), "Q, K and V must be matrices"),
        (lambda: streaming(*[np.ones((1, 2, 2))] * 3), "Q, K and V must be matrices"),
        (lambda: streaming(*[np.ones((2, 2))] * 3, block=0), "block must be"),
        (lambda: streaming(UNKNOWN, np.ones((2, 2)), np.ones((2, 2))), "Q must be finite"),
        (lambda: scaled_dot_product(UNKNOWN, np.ones((2, 2)), np.ones((2, 2))), "Q must be finite"),
        (lambda: scaled_dot_product(np.ones((2, 2)), UNKNOWN, np.ones((2, 2))), "K must be finite"),
        (lambda: scaled_dot_product(np.ones((2, 2)), np.ones((2, 2)), UNKNOWN), "V must be finite"),
        (lambda: scaled_dot_product("text", np.eye(2), np.eye(2)), "Q must be an array with real numbers"),
        (lambda: scaled_dot_product([[1.0], [1.0, 2.0]], np.eye(2), np.eye(2)), "Q must be an array"),
        (lambda: scaled_dot_product(*[np.eye(2)] * 3, scale="big"), "scale must be a single number"),
        (lambda: scaled_dot_product(*[np.eye(2)] * 3, scale=np.nan), "scale must be finite"),
        (
            lambda: attention.scaled_dot_product_backward(np.eye(3), *[np.eye(2)] * 4),
            r"d_output must be \(..., n, v\).* got d_output \(3, 3\)",
        ),
        (
            lambda: attention.scaled_dot_product_backward(UNKNOWN, *[np.eye(2)] * 4),
            "d_output must be finite",
        ),
        (lambda: multi_head(UNKNOWN, Heads(*[np.eye(2)] * 4), 1), "X must be finite"),
        (lambda: multi_head(np.ones((2, 3)), Heads(*[np.eye(4)] * 4), 2), "X must have rows of the width 4"),
        (lambda: multi_head(np.ones((2, 4)), [np.eye(4)] * 3, 2), "heads must be four square matrices"),
        (lambda: multi_head(np.ones((2, 4)), None, 2), "heads must be a sequence, got None"),
        (lambda: multi_head(np.ones((2, 4)), Heads(*[np.eye(4)] * 4), 0), "n_heads must be a whole number"),
        (
            lambda: attention.multi_head_backward(
                np.ones((2, 4)), np.ones((2, 4)), Heads(*[np.eye(4)] * 4), np.ones((2, 3, 3))
            ),
            r"weights \(..., h, n, n\), got .* weights \(2, 3, 3\)",
        ),
        (lambda: rotary(UNKNOWN), "X must be finite"),
        (lambda: rotary(np.ones((3, 2)), [0, 1]), r"positions must be 3, one for each row of X \(3, 2\)"),
        (lambda: rotary(np.ones((3, 2)), base=0), "base must be positive"),
        (lambda: attention.sinusoidal(3, 4, base=-1.0), "base must not be negative"),
        (lambda: attention.padding_mask([[1], [1, 2]], 3), "lengths must be an array"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
