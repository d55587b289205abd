"""The checkers of information theory: references pass; stubs, typical mistakes and garbage are told so."""

import itertools

import checkers
import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats

from mmlhelpers import information


def words_in_the_order_given(lengths):
    words, c = [], 0.0
    for length in lengths:
        words.append(f"{int(c * 2**length):0{length}b}")
        c += 2.0**-length
    return words


def threshold_by_package(x, y):
    return information.best_split(x[:, None], y).threshold


def bigram_by_table(symbols, k, first=True, start=1.0):
    counts, bits = np.full((k, k), start), np.log2(k) * first
    for last, symbol in itertools.pairwise(symbols):
        bits -= np.log2(counts[last, symbol] / counts[last].sum())
        counts[last, symbol] += 1
    return bits


def bigram_counting_first(symbols, k):
    counts, bits = np.ones((k, k)), np.log2(k)
    for last, symbol in itertools.pairwise(symbols):
        counts[last, symbol] += 1
        bits -= np.log2(counts[last, symbol] / counts[last].sum())
    return bits


def entropy_by_root(values, mean):
    tilt = lambda theta: scipy.special.softmax(theta * values)  # noqa: E731 - a formula
    theta = scipy.optimize.brentq(lambda theta: tilt(theta) @ values - mean, -50, 50, xtol=1e-14)
    return tilt(theta)


def two_point(values, mean):
    p = np.zeros(len(values))
    p[-1] = (mean - values[0]) / (values[-1] - values[0])
    p[0] = 1 - p[-1]
    return p


def plug_in(counts):
    return scipy.stats.entropy(counts, base=2)


def swapped(p, q):
    return scipy.stats.entropy(q, p)


def naive(p, q):
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(p / q))


FUNCTION_ANSWERS = {
    "prefix_code": (
        information.canonical_code,
        [
            words_in_the_order_given,
            lambda lengths: [f"{i:0{n}b}" for i, n in enumerate(lengths)],
            lambda lengths: ["0" * n for n in lengths],
            lambda lengths: ["2" * n for n in lengths],
        ],
    ),
    "divergence": (
        lambda p, q: scipy.stats.entropy(p, q),
        [swapped, naive, lambda p, q: np.abs(p - q).sum()],
    ),
    "miller_madow": (
        lambda counts: plug_in(counts) + (np.count_nonzero(counts) - 1) / (2 * sum(counts)) / np.log(2),
        [
            plug_in,
            lambda counts: plug_in(counts) + (np.count_nonzero(counts) - 1) / (2 * sum(counts)),
            lambda counts: plug_in(counts) + (len(counts) - 1) / (2 * sum(counts)) / np.log(2),
        ],
    ),
    "best_threshold": (threshold_by_package, [lambda x, y: np.median(x), lambda x, y: x.max()]),
    "bigram_bits": (
        bigram_by_table,
        [
            lambda symbols, k: len(symbols) * np.log2(k),
            bigram_counting_first,
            lambda symbols, k: bigram_by_table(symbols, k, first=False),
            lambda symbols, k: bigram_by_table(symbols, k, start=0.5),
        ],
    ),
    "maximum_entropy": (
        entropy_by_root,
        [lambda values, mean: np.full(len(values), 1 / len(values)), two_point],
    ),
}
HAND_ANSWERS = {
    "xor_information": ([0, 1], [[0, 0], [1, 1], [1, 0], 1, "none", None]),
    "huffman_by_hand": ([1, 2, 3, 3], [[2, 2, 2, 2], [1, 2, 2, 3], [1, 1, 2, 2], [0, 1, 2, 3], 1.9]),
    "bits_and_choices": ([0.7213, 7.389], [[2, 2], [2.885, 7.389], [0.7213, 4], 7.389, "many"]),
}


(
    test_reference_passes_and_mistakes_are_told,
    test_right_answer_passes_and_others_are_told_without_the_answer,
    test_garbage_never_raises,
) = checkers.tests_of(FUNCTION_ANSWERS, HAND_ANSWERS)
