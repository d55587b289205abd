"""Language models: tokens, counting, the transformer, decoding, texts; by hand, by laws, by oracles."""

import itertools
import json
import math
from pathlib import Path

import make_corpus
import numpy as np
import pytest
import scipy.stats
import threadpoolctl
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import induction_seeds
from mmlhelpers import attention, autodiff, functional, language, nn, optim
from mmlhelpers.language import _layers as fast


def tiny(seed=0, **options):
    sizes = {"size": 7, "context": 6, "width": 8, "n_layers": 2, "n_heads": 2, "dtype": np.float64}
    return language.Transformer(**sizes | options, rng=np.random.default_rng(seed))


def texts(seed=0, n=6):
    return np.random.default_rng(seed).integers(7, size=(2, 3, n))


# Tokens


def test_three_merges_by_hand():
    code = language.byte_pairs("low lower lowest", 3)
    assert [code.decode([token]) for token in (256, 257, 258)] == ["lo", "low", " low"]
    assert code.pieces("low lowly") == ["low", " low", "l", "y"]


def test_a_pair_that_overlaps_itself_is_joined_from_the_left():
    assert language.byte_pairs("aaa aaa aaa", 1).pieces("aaaaa") == ["aa", "aa", "a"]


def test_merging_stops_when_no_pair_occurs_twice():
    assert language.byte_pairs("abc", 50).merges == []


@given(st.text(), st.integers(0, 40))
def test_byte_pairs_bring_every_unicode_text_back(text, n_merges):
    code = language.byte_pairs("the theory of the thing – das Ding für uns", n_merges)
    assert code.decode(code.encode(text)) == text


@given(st.text(min_size=1), st.text())
def test_a_code_learnt_from_anything_brings_anything_back(learnt, text):
    code = language.byte_pairs(learnt, 10)
    tokens = code.encode(text)
    assert code.decode(tokens) == text
    assert len(tokens) <= len(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("text", ["\ud800", "😀\u200d👩", "\x00\r\n\t", "e\u0301é"])
def test_odd_signs_come_back(text):
    code = language.byte_pairs(language.corpus()[:2000], 50)
    assert code.decode(code.encode(text)) == text


def test_half_a_sign_is_shown_as_a_replacement():
    assert language.BytePairs([]).decode([0xE2, 0x82]) == "\N{REPLACEMENT CHARACTER}"


@given(st.text(alphabet="abc xyz", min_size=1))
def test_characters_come_back(text):
    code = language.characters(text)
    assert code.decode(code.encode(text)) == text


# Counting


def test_counts_of_a_small_text_by_hand():
    model = language.additive([0, 1, 0, 1, 0, 2], size=3, order=2, alpha=0.5)
    np.testing.assert_allclose(model.probabilities([0]), np.array([0.5, 2.5, 1.5]) / 4.5)
    np.testing.assert_allclose(model.probabilities([1]), np.array([2.5, 0.5, 0.5]) / 3.5)
    np.testing.assert_allclose(model.probabilities([2]), [1 / 3] * 3)


def test_kneser_ney_of_a_small_text_by_hand():
    # Pairs: 01 twice, 10 twice, 02 once, 20 once; so n1 = n2 = 2 and D = 2 / (2 + 4).
    model = language.kneser_ney([0, 1, 0, 1, 0, 2, 0], size=3, order=2)
    # Token 0 follows two different tokens, 1 and 2 one each: n1 = 2, n2 = 1 and D = 2 / (2 + 2).
    shorter = (np.array([2, 1, 1]) - 0.5) / 4 + 0.5 * 3 / 4 / 3
    wanted = np.array([0, 2 - 1 / 3, 1 - 1 / 3]) / 3 + (1 / 3) * 2 / 3 * shorter
    np.testing.assert_allclose(model.probabilities([0]), wanted)


def brute_kneser_ney(text, size, order, context):
    """Recompute everything from the text for one context."""
    if order == 0:
        return np.full(size, 1 / size)

    def count(gram, length):
        if length == order_of_text:
            return sum(tuple(text[i : i + length]) == gram for i in range(len(text) - length + 1))
        return sum(count((left, *gram), length + 1) > 0 for left in range(size))

    order_of_text = order if not hasattr(brute_kneser_ney, "top") else brute_kneser_ney.top
    every = [count(gram, order) for gram in itertools.product(range(size), repeat=order)]
    once, twice = every.count(1), every.count(2)
    discount = once / (once + 2 * twice) if once and twice else 0.5
    shorter = brute_kneser_ney(text, size, order - 1, context[1:])
    counts = np.array([count((*context, w), order) for w in range(size)], dtype=float)
    if counts.sum() == 0:
        return shorter
    kept = np.maximum(counts - discount, 0)
    return (kept + discount * np.count_nonzero(counts) * shorter) / counts.sum()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_kneser_ney_agrees_with_counting_from_scratch(order):
    text = np.random.default_rng(order).choice(3, p=[0.6, 0.3, 0.1], size=40)
    model = language.kneser_ney(text, 3, order)
    brute_kneser_ney.top = order
    for context in itertools.product(range(3), repeat=order - 1):
        wanted = brute_kneser_ney(text, 3, order, context)
        np.testing.assert_allclose(model.probabilities(np.array(context, int)), wanted, rtol=1e-12)


@given(
    st.lists(st.integers(0, 4), min_size=4, max_size=40),
    st.integers(1, 4),
    st.lists(st.integers(0, 4), max_size=6),
)
def test_probabilities_add_up_to_one_and_smoothing_leaves_none_out(text, order, context):
    for model in (language.kneser_ney(text, 5, order), language.additive(text, 5, order, alpha=0.1)):
        p = model.probabilities(np.array(context, dtype=int))
        assert p.sum() == pytest.approx(1, rel=1e-12)
        assert p.min() > 0


def test_relative_frequencies_have_the_least_loss_on_their_text():
    text = np.random.default_rng(0).integers(3, size=200)
    best = language.additive(text, 3, 2, alpha=0).text_loss(text)
    assert all(best < language.additive(text, 3, 2, alpha).text_loss(text) for alpha in (0.01, 0.1, 1))


def test_loss_is_the_mean_surprise_of_all_tokens_but_the_first():
    model = language.additive([0, 1, 0, 1, 0, 0], 2, 2)
    wanted = -np.mean(np.log([0.6, 0.75, 0.6]))  # 1 after 0, 0 after 1, 1 after 0
    assert model.text_loss([0, 1, 0, 1]) == pytest.approx(wanted)


def test_an_impossible_token_costs_infinitely_much():
    assert language.additive([0, 0, 1, 0], 3, 1, alpha=0).text_loss([0, 2]) == math.inf


# Sources


def test_entropy_rate_of_a_two_state_chain_by_hand():
    source = language.markov(2, 1, np.random.default_rng(3))
    (a, _), (b, _) = source.shares[0, ::-1], source.shares[1]
    often = np.array([b, a]) / (a + b)  # the share of time in each state
    wanted = often @ [scipy.stats.entropy(row) for row in source.shares]
    assert source.entropy_rate == pytest.approx(wanted, rel=1e-10)


def test_a_source_that_is_nearly_certain_has_an_entropy_rate_of_nearly_zero():
    assert 0 <= language.markov(4, 1, np.random.default_rng(0), sharpness=1e4).entropy_rate < 1e-3


def test_a_markov_text_has_the_entropy_of_its_source():
    source = language.markov(3, 2, np.random.default_rng(0))
    text = source.draw(40_000, np.random.default_rng(1))
    surprise = -np.log(source.shares[text[:-2], text[1:-1], text[2:]])
    assert abs(surprise.mean() - source.entropy_rate) < 5 * surprise.std(ddof=0) / math.sqrt(len(surprise))
    assert language.kneser_ney(text, 3, 3).text_loss(text) == pytest.approx(surprise.mean(), abs=2e-3)


def test_induction_targets_are_what_followed_the_token_before():
    x, y = language.induction(200, np.random.default_rng(0))
    assert x.shape == y.shape == (200, 31)
    for tokens, targets in zip(x, y, strict=True):
        for t in np.flatnonzero(targets >= 0):
            before = np.flatnonzero(tokens[:t] == tokens[t])
            assert len(before)
            assert tokens[before[0] + 1] == targets[t]
            if t + 1 < len(tokens):
                assert tokens[t + 1] == targets[t]
    assert 0.4 < np.mean(y >= 0) < 0.7


def test_the_corpus_is_frozen():
    text = language.corpus()
    assert len(text) == 134_573
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?'\"()#-\n")


def test_a_text_of_the_readers_own_is_read_in_the_same_call(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffGrüße, 数学".encode())
    assert language.corpus(path) == "Grüße, 数学"
    path.write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(ValueError, match=r"UTF-8, but .*mine\.txt has another encoding at byte 2"):
        language.corpus(path)
    path.write_text(" \n")
    with pytest.raises(ValueError, match=r"not empty, but .*mine\.txt"):
        language.corpus(path)
    with pytest.raises(FileNotFoundError):
        language.corpus(tmp_path / "nothing.txt")


def test_the_script_keeps_prose_and_drops_the_rest():
    markdown = (
        "# Title\n\nA **bold** claim holds for $n$ and $x^2$, by `np.sum` – see {cite}`key2020`.\n\n"
        "```{code-cell} ipython3\n:caption: The caption of a figure is prose.\nx = 1\n```\n\n"
        "```{prf:theorem} Name\n:label: l\nEvery claim has {prf:ref}`a`. Unusual § signs are left out.\n```\n"
        "\n$$x = 1$$ (eq-a)\n\nEvery claim has {prf:ref}`a`.\n"
    )
    quiz = '- ask: "Is it so?"\n  options: [{text: "It is so.", why: "Because we say so."}]\n'
    assert make_corpus.prose(markdown, quiz, set()).splitlines() == [
        "A bold claim holds for n and #, by # - see.",
        "Every claim has the theorem.",
        "The caption of a figure is prose.",
        "Is it so? It is so. Because we say so.",
    ]


# The transformer


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary", "none"])
@pytest.mark.parametrize("hidden", [0, 5])
def test_gradient_agrees_with_central_differences(positions, hidden):
    model = tiny(positions=positions, hidden=hidden, n_layers=1, width=4, n_heads=1)
    x, y = texts(n=5)
    y[0, 1] = -1
    model.loss_and_gradient(x, y)
    gradient, h, measured = model.gradient.copy(), 1e-5, []
    for i in range(gradient.size):
        ends = []
        for step in (h, -2 * h, h):
            model.parameters[i] += step
            ends.append(model.loss(x, y))
        measured.append((ends[0] - ends[1]) / (2 * h))
    np.testing.assert_allclose(gradient, measured, rtol=0, atol=1e-7)


def by_the_tape(model, x, y):
    """The model in NumPy functions that the tape knows, from its weights to its loss."""

    def norm(X, gain):
        centred = X - np.mean(X, axis=-1, keepdims=True)
        return centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + fast.EPSILON) * gain

    def loss(w):
        X = np.eye(model.size)[x] @ w["embedding"] + w["positions"][: x.shape[1]]
        d = model.width
        for i in range(model.n_layers):
            qkv = w[f"{i}.qkv"]
            heads = attention.Heads(*(qkv[:, j * d : (j + 1) * d] for j in range(3)), w[f"{i}.mix"])
            mask = attention.causal_mask(x.shape[1])
            X = X + attention.multi_head(norm(X, w[f"{i}.gain_1"]), heads, model.n_heads, mask).output
            X = X + np.maximum(norm(X, w[f"{i}.gain_2"]) @ w[f"{i}.up"], 0) @ w[f"{i}.down"]
        logits = norm(X, w["gain"]) @ w["embedding"].T
        chosen = np.sum(logits * np.eye(model.size)[y], axis=-1)
        return np.mean(functional.log_sum_exp(logits) - chosen)

    return autodiff.value_and_grad(loss)({name: array.copy() for name, array in model.weights.items()})


def test_loss_and_gradient_agree_with_the_tape():
    model = tiny()
    x, y = texts()
    value, gradients = by_the_tape(model, x, y)
    assert model.loss_and_gradient(x, y) == pytest.approx(value, rel=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(
            model.weights.gradient_of(name), gradient, rtol=0, atol=1e-12, err_msg=name
        )


def test_a_context_of_several_blocks_agrees_with_the_tape():
    model = tiny(context=2 * fast.BLOCK + 5)
    x, y = texts(n=2 * fast.BLOCK + 5)
    value, gradients = by_the_tape(model, x, y)
    assert model.loss_and_gradient(x, y) == pytest.approx(value, rel=1e-12)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(
            model.weights.gradient_of(name), gradient, rtol=0, atol=1e-12, err_msg=name
        )
    np.testing.assert_allclose(model.attention_weights(x).sum(axis=-1), 1, rtol=1e-12)


def test_scores_beyond_the_safe_bound_take_the_exact_way():
    model = tiny()
    model.weights["0.qkv"][...] *= 60
    x, y = texts()
    value, gradients = by_the_tape(model, x, y)
    assert model.loss_and_gradient(x, y) == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(model.weights.gradient_of("0.qkv"), gradients["0.qkv"], rtol=0, atol=1e-10)


def test_dropout_gradient_agrees_with_differences_for_the_same_draws():
    model = tiny(dropout=0.3, n_layers=1)
    x, y = texts()
    model.loss_and_gradient(x, y, np.random.default_rng(5))
    gradient, h = model.gradient.copy(), 1e-5
    for i in range(0, gradient.size, 11):
        ends = []
        for step in (h, -2 * h, h):
            model.parameters[i] += step
            ends.append(model.loss_and_gradient(x, y, np.random.default_rng(5)))
        assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(gradient[i], abs=1e-7)


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_no_future_token_changes_a_past_logit(positions):
    model = tiny(positions=positions)
    x = texts()[0]
    before = model.logits(x)
    for cut in range(1, 6):
        changed = x.copy()
        changed[:, cut:] = (changed[:, cut:] + 1) % 7
        np.testing.assert_array_equal(model.logits(changed)[:, :cut], before[:, :cut])


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary", "none"])
@pytest.mark.parametrize("hidden", [0, None])
def test_cached_logits_are_those_of_a_full_pass(positions, hidden):
    model = tiny(positions=positions, hidden=hidden)
    x = texts()[0, 0]
    whole, read = model.logits(x[None])[0], model.reader()
    np.testing.assert_allclose(read(x[:2]), whole[1], rtol=0, atol=1e-10)
    for t in range(2, 6):
        np.testing.assert_allclose(read(x[t : t + 1]), whole[t], rtol=0, atol=1e-10)


def test_a_full_cache_goes_on_from_its_last_half():
    model, x = tiny(), np.array([1, 2, 3, 4, 5, 6, 0])
    read = model.reader()
    for token in x:
        last = read([token])
    np.testing.assert_allclose(last, model.logits(x[None, -3:])[0, -1], rtol=0, atol=1e-10)


def test_attention_weights_are_shares_of_the_past():
    weights = tiny().attention_weights(texts()[0])
    assert weights.shape == (2, 3, 2, 6, 6)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-12)
    assert np.all(np.triu(weights, 1) == 0)


def test_text_loss_scores_every_token_once_with_at_least_half_a_context():
    model, text = tiny(), np.random.default_rng(0).integers(7, size=20)
    surprises = []
    for t in range(1, 20):
        # Windows of six tokens begin at 0, 3, 6, 9, 12 and 13; the first that reaches the token scores it.
        start = next(s for s in (0, 3, 6, 9, 12, 13) if s + 6 >= t)
        p = functional.softmax(model.logits(text[None, start:t])[0, -1])
        surprises.append(-np.log(p[text[t]]))
    assert model.text_loss(text) == pytest.approx(np.mean(surprises), rel=1e-12)


def test_a_model_that_knows_nothing_has_the_perplexity_of_its_vocabulary():
    model = tiny()
    model.weights["embedding"][...] = 0
    assert model.text_loss(texts()[0, 0]) == pytest.approx(np.log(7))


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_a_saved_model_comes_back(tmp_path, positions):
    model, x = tiny(positions=positions), texts()[0]
    model.save(tmp_path / "model.npz")
    again = language.restore(tmp_path / "model.npz", dtype=np.float64)
    np.testing.assert_array_equal(again.logits(x), model.logits(x))
    model.save(tmp_path / "half.npz", dtype=np.float16)
    half = language.restore(tmp_path / "half.npz", dtype=np.float64)
    np.testing.assert_allclose(half.logits(x), model.logits(x), atol=0.02)


def test_restore_refuses_pickles_and_strangers(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(ValueError, match=r"a file that Transformer\.save wrote"):
        language.restore(tmp_path / "other.npz")
    np.savez(tmp_path / "evil.npz", sizes=np.array([print], dtype=object), kind="x")
    with pytest.raises(ValueError, match="allow_pickle"):
        language.restore(tmp_path / "evil.npz")


def test_a_small_transformer_learns_a_source_nearly_to_its_entropy():
    source = language.markov(3, 1, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    text, new = source.draw(4000, rng), source.draw(2000, rng)
    model = language.Transformer(3, 8, width=16, n_layers=1, n_heads=2, rng=rng)

    def pieces(rng):
        piece = text[rng.integers(len(text) - 9, size=(32, 1)) + np.arange(9)]
        return piece[:, :-1], piece[:, 1:]

    nn.train(model, batches=pieces, steps=200, rule=optim.adamw(), learning_rate=0.01, clip=1.0, rng=rng)
    own = -np.mean(np.log(source.shares[new[:-1], new[1:]]))
    assert 0 < model.text_loss(new) - own < 0.03


def test_five_seeds_agree_that_copying_takes_two_layers():
    stored = json.loads((Path(__file__).parent / "data" / "induction_seeds.json").read_text("utf-8"))
    one, two = (stored["accuracy_by_layers"][n] for n in ("1", "2"))
    assert len(one) == len(two) == 5
    assert max(one) < 0.6
    assert sorted(two)[1] >= 0.99  # at least four of five


def test_a_stored_seed_trains_to_the_stored_accuracy_again():
    stored = json.loads((Path(__file__).parent / "data" / "induction_seeds.json").read_text("utf-8"))
    assert stored["steps"] == induction_seeds.STEPS
    with threadpoolctl.threadpool_limits(1):  # products this small only wait for one another on several
        accuracy = induction_seeds.accuracy(2, 0)
    # Another processor rounds otherwise, and single precision lets that grow; the seeds differ by 0.0053.
    assert accuracy == pytest.approx(stored["accuracy_by_layers"]["2"][0], abs=0.005)


def test_the_shipped_models_do_what_the_page_says():
    x, y = language.induction(300, np.random.default_rng(1))
    right = [np.mean((language.shipped(f"induction_{n}").logits(x).argmax(-1) == y)[y >= 0]) for n in (1, 2)]
    assert right[0] < 0.6
    assert right[1] >= 0.99
    code = language.characters(language.corpus())
    tokens = code.encode(language.corpus())
    test = tokens[int(0.9 * len(tokens)) :]
    assert language.shipped("characters").size == code.size
    assert language.shipped("characters").text_loss(test[:3000]) / np.log(2) < 2.2


# Costs


@pytest.mark.parametrize("hidden", [None, 0, 12])
def test_parameters_are_counted_exactly(hidden):
    sizes = {"size": 11, "context": 9, "width": 8, "n_layers": 3, "hidden": hidden}
    model = language.Transformer(**sizes, n_heads=2, rng=np.random.default_rng(0))
    assert language.cost(**sizes).parameters == model.parameters.size


def test_operations_are_those_of_the_matrix_products():
    counted = []

    class Counting(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            plain = [np.asarray(value) for value in inputs]
            if ufunc is np.matmul and plain[1].ndim > 1:
                counted.append(2 * np.broadcast_shapes(plain[0].shape[:-2], plain[1].shape[:-2], (1,))[0] * 1)
                counted[-1] = 2 * (plain[0] @ plain[1]).size * plain[0].shape[-1]
            out = getattr(ufunc, method)(*plain, **options)
            return out.view(Counting) if isinstance(out, np.ndarray) else out

    n, d, V = 5, 8, 11
    X, W = np.ones((n, d)).view(Counting), np.ones((d, d))
    for _ in range(2):
        X = X + attention.multi_head(X, attention.Heads(W, W, W, W), 2).output
        X = X + (X @ np.ones((d, 4 * d))) @ np.ones((4 * d, d))
    _ = X @ np.ones((d, V))
    assert sum(counted) == n * language.cost(V, n, d, 2).flops


def test_the_numbers_of_gpt2():
    cost = language.cost(size=50257, context=1024, width=768, n_layers=12)
    assert round(cost.parameters / 1e6, 1) == 124.3
    assert cost.cache == 2 * 12 * 768


# Decoding


def test_temperature_top_k_and_top_p_by_hand():
    z = np.log([0.1, 0.5, 0.4])
    np.testing.assert_allclose(language.shape(z, temperature=0.5), np.array([0.01, 0.25, 0.16]) / 0.42)
    np.testing.assert_allclose(language.shape(z, top_k=2), [0, 5 / 9, 4 / 9])
    np.testing.assert_allclose(language.shape(z, top_p=0.5), [0, 1, 0])
    np.testing.assert_allclose(language.shape(z, top_p=0.51), [0, 5 / 9, 4 / 9])
    np.testing.assert_array_equal(language.shape(z, temperature=0), [0, 1, 0])
    np.testing.assert_allclose(language.shape(z, temperature=1e6), [1 / 3] * 3, atol=1e-5)


logit_lists = st.lists(st.floats(-8, 8), min_size=2, max_size=9)


@given(logit_lists, st.floats(0.01, 1))
def test_top_p_keeps_the_fewest_tokens_that_reach_the_share(z, share):
    p, kept = functional.softmax(np.array(z)), language.shape(z, top_p=share)
    assert kept.sum() == pytest.approx(1)
    chosen = p[kept > 0]
    assert chosen.sum() >= share - 1e-9
    assert chosen.sum() - chosen.min() < share
    assert p[kept == 0].max(initial=0) <= chosen.min()


@given(logit_lists, st.floats(0.05, 5))
def test_temperature_keeps_the_order(z, temperature):
    p = language.shape(z, temperature)
    order = np.argsort(z, kind="stable")
    assert np.all(np.diff(p[order]) >= -1e-15)


class Fixed:
    """A model that says the same at every place."""

    def __init__(self, logits):
        self.logits, self.size = np.asarray(logits), len(logits)

    def reader(self):
        return lambda tokens: self.logits


@pytest.mark.parametrize("options", [{}, {"temperature": 0.7}, {"top_k": 3}, {"top_p": 0.8}])
def test_drawn_tokens_have_the_probabilities_they_should(options):
    logits = np.array([1.0, 0.2, -0.5, 0.7, -1.5])
    drawn = language.generate(Fixed(logits), [0], 20_000, np.random.default_rng(0), **options)[1:]
    p = language.shape(logits, **options)
    counts = np.bincount(drawn, minlength=5)
    assert counts[p == 0].sum() == 0
    assert scipy.stats.chisquare(counts[p > 0], 20_000 * p[p > 0]).pvalue > 1e-4


def test_greedy_writing_takes_the_best_and_keeps_the_prompt():
    model = tiny()
    written = language.generate(model, [1, 2], 4, np.random.default_rng(0), temperature=0)
    for t in range(2, 6):
        assert written[t] == model.logits(written[None, :t])[0, -1].argmax()
    assert list(written[:2]) == [1, 2]


def test_a_counting_model_writes_what_it_read():
    model = language.additive([0, 1, 2, 0, 1, 2, 0], size=3, order=3, alpha=0)
    written = language.generate(model, [0, 1], 5, np.random.default_rng(0))
    assert list(written) == [0, 1, 2, 0, 1, 2, 0]


# Errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: language.characters(""), "text must not be empty"),
        (lambda: language.characters("ab").encode("abc"), "alphabet 'ab', got 'c'.*byte_pairs"),
        (lambda: language.characters("ab").decode([2]), "tokens must be from 0 to 1, got 2"),
        (lambda: language.byte_pairs("ab", -1), "n_merges must be"),
        (lambda: language.additive([0, 1], 2, 3), "tokens must be a sequence of at least 3"),
        (lambda: language.additive([0, 1], 2, 0), "order must be"),
        (lambda: language.additive([0, 5], 2, 1), "tokens must be from 0 to 1, got 5"),
        (lambda: language.additive([0, 1], 2, 1, alpha=-1), "alpha must not be negative"),
        (lambda: language.kneser_ney("text", 2, 1), "a tokenizer's encode makes it of a text"),
        (lambda: language.markov(1, 1, np.random.default_rng(0)), "size must be"),
        (lambda: language.induction(1, np.random.default_rng(0), periods=(5, 4)), "periods must be"),
        (lambda: language.shipped("gpt"), "name must be one of characters, induction_1"),
        (lambda: tiny(n_heads=3), "n_heads must divide width = 8"),
        (lambda: tiny(positions="rotary", n_heads=8), "even width if positions are rotary"),
        (lambda: tiny(positions="first"), "positions must be one of learned"),
        (lambda: tiny(dropout=1), "dropout must be"),
        (lambda: tiny().logits([0, 1]), r"x must be texts \(B, n\)"),
        (lambda: tiny().logits(np.zeros((1, 7), int)), "of 1 to context = 6 tokens"),
        (lambda: tiny().logits([[7]]), "x must be from 0 to 6, got 7"),
        (lambda: tiny().text_loss([1]), "at least 2"),
        (lambda: language.shape([]), r"logits must be numbers of shape \(V,\), not empty"),
        (lambda: language.shape([0.0, np.nan]), "logits must hold no NaN and no plus infinity"),
        (
            lambda: language.shape([0.0, np.inf], temperature=0),
            "logits must hold no NaN and no plus infinity",
        ),
        (lambda: language.shape([-np.inf, -np.inf]), "logits must hold .* a finite number"),
        (lambda: language.shape(["a"]), r"logits must be numbers of shape \(V,\)"),
        (lambda: language.shape([0.0, 1.0], top_p="all"), "top_p must be a single number"),
        (lambda: language.shape([0.0, 1.0], temperature=-1), "temperature must not be negative"),
        (lambda: language.shape([0.0, 1.0], top_k=0), "top_k must be"),
        (lambda: language.shape([0.0, 1.0], top_p=0), "top_p must be above 0"),
        (
            lambda: language.generate(tiny(), [], 3, np.random.default_rng(0)),
            "prompt must be a sequence of at",
        ),
        (
            lambda: language.generate(tiny(), "To", 3, np.random.default_rng(0)),
            "prompt must be a sequence of",
        ),
        (
            lambda: language.generate(tiny(), [7], 3, np.random.default_rng(0)),
            "prompt must be from 0 to 6, got 7",
        ),
        (
            lambda: language.markov(2, 1, np.random.default_rng(0), "sharp"),
            "sharpness must be a single number",
        ),
        (lambda: language.characters(3), r"text must be a text \(str\), got 3"),
        (lambda: language.byte_pairs(None, 3), r"text must be a text \(str\), got None"),
        (lambda: language.characters("abc").encode(["a", "b"]), r"text must be a text \(str\)"),
        (
            lambda: language.additive([[0], [0, 1]], 2, 1),
            "tokens must be an array, got rows of unequal length",
        ),
        (lambda: language.cost(0, 1, 1, 1), "size must be"),
    ],
)
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_model_has_the_name_that_is_given(tmp_path):
    model = language.Transformer(5, 8, width=4, n_heads=2, rng=np.random.default_rng(0))
    model.save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    np.testing.assert_array_equal(language.restore(tmp_path / "model").parameters, model.parameters)


def test_a_file_with_a_part_missing_is_refused(tmp_path):
    model = language.Transformer(5, 8, width=4, n_heads=2, rng=np.random.default_rng(0))
    model.save(tmp_path / "model")
    with np.load(tmp_path / "model") as stored:
        parts = {name: stored[name] for name in stored.files if name != "gain"}
    with open(tmp_path / "part", "wb") as file:
        np.savez(file, **parts)
    with pytest.raises(ValueError, match=r"path must be a file that Transformer.save wrote, with 'gain'"):
        language.restore(tmp_path / "part")


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[0, -1]], [[0, 1]], "x must be from 0 to 4, got -1"),
        ([[0, 1]], [[0, 5]], "y must be from 0 to 4"),
        ([[0, 1]], [[-1, -1]], "and count somewhere"),
        ([[0, 1]], [[0.0, 1.0]], "y must be whole numbers in the shape"),
        ([[0, 1]], [0, 1], "y must be whole numbers in the shape"),
    ],
)
def test_what_is_no_token_is_not_trained_on(x, y, message):
    model = language.Transformer(5, 8, width=4, n_heads=2, rng=np.random.default_rng(0))
    for call in (model.loss, model.loss_and_gradient):
        with pytest.raises(ValueError, match=message):
            call(np.array(x), np.array(y))


def test_any_number_below_zero_marks_a_target_that_does_not_count():
    model = language.Transformer(5, 8, width=4, n_heads=2, rng=np.random.default_rng(0), dtype=np.float64)
    x = np.array([[0, 1, 2]])
    assert model.loss(x, [[1, -1, 3]]) == model.loss(x, [[1, -100, 3]])


def test_a_source_draws_as_many_tokens_as_asked():
    source = language.markov(3, 1, np.random.default_rng(0))
    with pytest.raises(ValueError, match="n must be a whole number from 1, got 0"):
        source.draw(0, np.random.default_rng(0))


def test_a_code_is_made_of_tokens_that_are_there():
    with pytest.raises(ValueError, match="each token in merges must be a whole number from 0 to 255"):
        language.BytePairs([(97, 256)])


def test_a_huge_count_added_to_all_makes_them_equal():
    model = language.additive([0, 1, 0], size=2, order=1, alpha=1e308)
    np.testing.assert_allclose(model.probabilities([]), 0.5)
