"""The checkers of the case study on language models: references pass, mistakes and garbage are told so."""

import itertools
from collections import Counter

import checkers
import numpy as np

from mmlhelpers import attention, functional, language


def step_by_counter(words, sign=-1):
    counts = Counter(pair for word in words for pair in itertools.pairwise(word))
    best = min(counts, key=lambda pair: (sign * counts[pair], pair))
    out = []
    for word in words:
        new, i = [], 0
        while i < len(word):
            joins = tuple(word[i : i + 2]) == best
            new.append("".join(best) if joins else word[i])
            i += 1 + joins
        out.append(new)
    return out


def pairs_by_arrays(counts, discount, continuation=True):
    shorter = (counts > 0).sum(axis=0) if continuation else counts.sum(axis=0)
    total = counts.sum(axis=1, keepdims=True)
    different = (counts > 0).sum(axis=1, keepdims=True)
    return np.maximum(counts - discount, 0) / total + discount * different / total * shorter / shorter.sum()


def by_package(Q, K, V):
    return attention.scaled_dot_product(Q, K, V, attention.causal_mask(len(Q))).output


def mask_after_softmax(Q, K, V):
    A = attention.scaled_dot_product(Q, K, V).weights
    return np.tril(A) @ V


def with_cache(Q, K, V, n_read):
    return by_package(Q, K, V)[n_read:]


def copier(tokens, size):
    names, n = np.eye(size)[tokens], len(tokens)
    noted = np.vstack([np.zeros(size), names[:-1]])
    mask = attention.causal_mask(n)
    return attention.scaled_dot_product(names, noted, names, mask, scale=100.0).output.argmax(axis=1)


def bag(tokens, size):
    return np.full(len(tokens), np.bincount(tokens).argmax())


def running(Q, K, V):
    out, state, total = [], np.zeros((K.shape[1], V.shape[1])), np.zeros(K.shape[1])
    for q, k, v in zip(np.exp(Q), np.exp(K), V, strict=True):
        state, total = state + np.outer(k, v), total + k
        out.append(q @ state / (q @ total))
    return np.array(out)


def not_causal(Q, K, V):
    fits = np.exp(Q) @ np.exp(K).T
    return fits @ V / fits.sum(axis=1, keepdims=True)


FUNCTION_ANSWERS = {
    "byte_pair_step": (step_by_counter, [lambda words: words, lambda w: step_by_counter(w, sign=1)]),
    "kneser_ney_pairs": (
        pairs_by_arrays,
        [
            lambda c, d: c / c.sum(axis=1, keepdims=True),
            lambda c, d: pairs_by_arrays(c, d, continuation=False),
        ],
    ),
    "causal_attention": (by_package, [mask_after_softmax, lambda Q, K, V: np.zeros((len(Q), V.shape[1]))]),
    "look_weights": (
        lambda Q, K: functional.softmax(Q @ K.T / np.sqrt(Q.shape[1])),
        [lambda Q, K: functional.softmax(Q @ K.T), lambda Q, K: functional.softmax(Q @ K.T / Q.shape[1])],
    ),
    "turn_pair": (
        lambda x, place, speed: attention.rotary(x[None], [place * speed])[0],
        [lambda x, place, speed: x, lambda x, place, speed: attention.rotary(x[None], [-place * speed])[0]],
    ),
    "cached_attention": (
        with_cache,
        [
            lambda Q, K, V, n: by_package(Q[n:], K[n:], V[n:]),
            lambda Q, K, V, n: attention.scaled_dot_product(Q[n:], K, V).output,
        ],
    ),
    "copy_next": (copier, [bag, lambda tokens, size: tokens]),
    "nucleus": (
        lambda p, share: language.shape(np.log(p), top_p=share),
        [lambda p, share: p, lambda p, share: np.where(p >= share, p, 0)],
    ),
    "linear_attention": (running, [not_causal, by_package]),
}
HAND_ANSWERS = {
    "perplexity_of_four": (4, [0, 2, 16, [1, 2], "four"]),
    "score_gradient": ([-1, 1], [[0, 0], [0, 4], [1, -1], [1, 1], 3]),
    "millions_of_parameters": (124.3, [0, 84.9, 162.9, 1500, [1], "many"]),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)
