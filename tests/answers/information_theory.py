"""Answers to the exercises of the chapter on information theory."""

import itertools
import math
from fractions import Fraction

import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats
from checkers import Answers, fractions, single, spoiling, tupled

from mmlhelpers import information


def words_in_the_order_given(lengths):
    words, c = [], 0.0
    for length in lengths:
        words.append(f"{int(c * 2**length):0{length}b}")
        c += 2.0**-length
    return words


def words_by_recipe(lengths):
    words, c = [""] * len(lengths), 0.0
    for i in np.argsort(lengths, kind="stable"):
        words[i] = f"{int(c * 2 ** lengths[i]):0{lengths[i]}b}"
        c += 2.0 ** -lengths[i]
    return words


def words_by_trying(lengths):
    """Take the last free word of each length, the shortest length first."""
    words = {}
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        for letters in itertools.product("10", repeat=lengths[i]):
            word = "".join(letters)
            if not any(word.startswith(other) for other in words.values()):
                words[i] = word
                break
    return [words[i] for i in range(len(lengths))]


def divergence(p, q):
    happens = p > 0
    return np.sum(p[happens] * np.log(p[happens] / q[happens]))


def divergence_naive(p, q):
    return np.sum(p * np.log(p / q))


def divergence_of_what_is_finite(p, q):
    terms = p * np.log(p / q)
    return terms[np.isfinite(terms)].sum()


def plug_in(counts):
    return scipy.stats.entropy(counts, base=2)


def corrected(counts, seen=np.count_nonzero, bits=True):
    return plug_in(counts) + (seen(counts) - 1) / (2 * sum(counts)) / (np.log(2) if bits else 1)


def gain(x, y, t):
    return information.mutual_information(information.joint_distribution(x <= t, y))


def threshold(x, y):
    return max(x, key=lambda t: gain(x, y, t))


def threshold_between(x, y):
    below = threshold(x, y)
    return (below + x[x > below].min(initial=below + 1)) / 2


def threshold_by_gini(x, y):
    def impurity(t):
        parts = [y[part] for part in (x <= t, x > t) if part.any()]
        return sum(len(part) * (1 - sum(np.mean(part == c) ** 2 for c in set(y))) for part in parts)

    return min(x, key=impurity)


def threshold_in_the_order_given(x, y):
    """Split the list, not the values."""
    order = np.arange(len(x))
    return x[int(threshold(order, y))]


def threshold_inside_equal_values(x, y):
    order = np.argsort(x, kind="stable")
    best = max(range(len(x)), key=lambda i: gain(np.arange(len(x)), y[order], i))
    return x[order][best]


def bits(symbols, k, first=True, start=1.0, count_first=False, log=np.log2):
    counts, total = np.full((k, k), start), log(k) * first
    for last, symbol in itertools.pairwise(symbols):
        counts[last, symbol] += count_first
        total -= log(counts[last, symbol] / counts[last].sum())
        counts[last, symbol] += not count_first
    return total


def bits_by_occurrence(symbols, k):
    """Divide by how often the last symbol came, itself included."""
    total = math.log2(k)
    for t in range(1, len(symbols)):
        past = list(itertools.pairwise(symbols[:t]))
        came = list(symbols[:t]).count(symbols[t - 1])
        total -= math.log2((past.count((symbols[t - 1], symbols[t])) + 1) / (came + k))
    return total


def bits_of_the_seen(symbols, k):
    return (
        bits(np.unique(symbols, return_inverse=True)[1], len(set(symbols.tolist())))
        + np.log2(k)
        - np.log2(len(set(symbols.tolist())))
    )


def bits_of_single_symbols(symbols, k):
    counts, total = np.ones(k), 0.0
    for symbol in symbols:
        total -= np.log2(counts[symbol] / counts.sum())
        counts[symbol] += 1
    return total


def bits_with_a_dictionary(symbols, k):
    pairs, lasts, total = {}, {}, math.log2(k)
    for pair in itertools.pairwise(map(int, symbols)):
        total += math.log2((lasts.get(pair[0], 0) + k) / (pairs.get(pair, 0) + 1))
        pairs[pair] = pairs.get(pair, 0) + 1
        lasts[pair[0]] = lasts.get(pair[0], 0) + 1
    return total


def most_entropy(values, mean, tilt=lambda theta, values: theta * values):
    def spare(theta):
        return scipy.special.softmax(tilt(theta, values)) @ values - mean

    theta = scipy.optimize.brentq(spare, -50, 50, xtol=1e-14)
    return scipy.special.softmax(tilt(theta, values))


def most_entropy_by_newton(values, mean):
    theta = 0.0
    for _ in range(200):
        p = scipy.special.softmax(theta * values)
        theta -= np.clip((p @ values - mean) / max(p @ (values - p @ values) ** 2, 1e-9), -0.5, 0.5)
    return p


def most_entropy_roughly(values, mean):
    low, high = -100.0, 100.0
    for _ in range(18):
        theta = (low + high) / 2
        p = scipy.special.softmax(theta * values)
        low, high = (low, theta) if p @ values > mean else (theta, high)
    return p


def two_point(values, mean):
    p = np.zeros(len(values))
    p[-1] = (mean - values[0]) / (values[-1] - values[0])
    p[0] = 1 - p[-1]
    return p


def linear_tilt(values, mean):
    away = values - values.mean()
    return 1 / len(values) + (mean - values.mean()) * away / (away @ away)


ANSWERS = {
    "xor_information": Answers(
        mutants=[
            ("wanted in the second place what X tells about Y once Z is known, got 0", [0, 0]),
            ("wanted in the first place what one bit tells about the other alone, got 1", [1, 1]),
            ("in the first place", [1, 0]),
            ("in the second place", [0, math.log(2)]),
            ("in the second place", [0, 0.5]),
            ("wanted two numbers", 1),
        ],
        disguises=[[0, 1], (0.0, 1.0), np.float32([0, 1]), [Fraction(0), Fraction(1)], [-1e-17, 1 - 1e-16]],
    ),
    "huffman_by_hand": Answers(
        mutants=[
            ("wanted the shortest mean, got [2, 2, 2, 2] with mean 2", [2, 2, 2, 2]),
            ("sum of at most 1, got [1, 2, 2, 3], sum 1.125", [1, 2, 2, 3]),
            ("sum of at most 1", [1, 1, 2, 2]),
            ("wanted four whole numbers from 1, got [0, 1, 2, 3]", [0, 1, 2, 3]),
            ("wanted four whole numbers from 1", [1.32, 1.74, 2.32, 3.32]),
            ("wanted the shortest mean", [3, 3, 2, 1]),
            ("wanted four whole numbers from 1", 1.9),
        ],
        disguises=[
            [1, 2, 3, 3],
            (1.0, 2.0, 3.0, 3.0),
            np.array([1, 2, 3, 3]),
            np.uint8([1, 2, 3, 3]),
            [Fraction(1), 2, 3, 3],
        ],
    ),
    "bits_and_choices": Answers(
        mutants=[
            ("bits a letter in the first place, got 2", [2, 2]),
            ("a token is shared by four letters", [2.885, 7.389]),
            ("a nat is 1/log 2 bits", [0.5, 7.389]),
            ("a nat is 1/log 2 bits", [0.3466, 7.389]),
            ("wanted the perplexity of a token in the second place, got 4", [0.7213, 4]),
            ("wanted the perplexity of a token", [0.7213, math.exp(0.5)]),
            ("wanted three decimals, got 0.72", [0.72, 7.389]),
            ("wanted two numbers", 7.389),
        ],
        disguises=[
            [0.7213, 7.389],
            (0.721, 7.39),
            [2 / math.log(2) / 4, math.exp(2)],
            np.float32([0.7213, 7.389]),
            [Fraction(7213, 10000), 2 ** (2 / math.log(2))],
        ],
    ),
    "prefix_code": Answers(
        mutants=[
            ("wanted no word to be the beginning of another", words_in_the_order_given),
            (
                "wanted no word to be the beginning of another, got '0' and '01'",
                lambda lengths: [f"{i:0{n}b}" for i, n in enumerate(lengths)],
            ),
            ("wanted no word to be the beginning of another", lambda lengths: ["0" * n for n in lengths]),
            ("wanted words of 0 and 1 only", lambda lengths: ["2" * n for n in lengths]),
            (
                "the words have the order of the lengths",
                lambda lengths: sorted(words_by_recipe(lengths), key=len),
            ),
            (
                "wanted words of lengths [1, 2, 3, 3]",
                lambda lengths: [word[1:] for word in words_by_recipe(lengths)],
            ),
            (
                "wanted words of lengths",
                lambda lengths: [bin(int(word, 2))[2:] for word in words_by_recipe(lengths)],
            ),
            (
                "wanted no word to be the beginning",
                lambda lengths: [word[::-1] for word in words_by_recipe(lengths)],
            ),
            ("wanted a list of strings", lambda lengths: [int(word, 2) for word in words_by_recipe(lengths)]),
            (
                "the Kraft sum may be less than one",
                lambda lengths: (
                    words_by_recipe(lengths)
                    if sum(2.0**-n for n in lengths) == 1
                    else words_by_recipe(lengths)[1:]
                ),
            ),
        ],
        disguises=[
            information.canonical_code,
            words_by_recipe,
            words_by_trying,
            lambda lengths: np.array(words_by_recipe(lengths)),
            lambda lengths: tuple(map(np.str_, words_by_trying(lengths))),
        ],
    ),
    "divergence": Answers(
        mutants=[
            ("over what happens, p, in nats", lambda p, q: scipy.stats.entropy(q, p)),
            ("over what happens, p, in nats", lambda p, q: np.abs(p - q).sum()),
            ("over what happens, p, in nats", lambda p, q: scipy.stats.entropy(p, q, base=2)),
            ("over what happens, p, in nats", lambda p, q: -np.sum(p * np.log(np.maximum(q, 1e-300)))),
            ("wanted 0.6931, got nan; this breaks: what never happens counts nothing", divergence_naive),
            ("costs infinity", divergence_of_what_is_finite),
            ("costs infinity", lambda p, q: np.sum(p * np.log(np.maximum(p, 1e-300) / np.maximum(q, 1e-12)))),
            ("what happens rarely counts too", lambda p, q: divergence(np.where(p > 1e-4, p, 0), q)),
            (
                "what was expected rarely costs much",
                lambda p, q: divergence(p, np.where(q > 0, np.maximum(q, 1e-12), 0)),
            ),
        ],
        disguises=[
            divergence,
            scipy.stats.entropy,
            lambda p, q: np.nansum(p * np.log(p / q)),
            lambda p, q: [scipy.special.rel_entr(p, q).sum()],
            single(divergence),
        ],
    ),
    "miller_madow": Answers(
        mutants=[
            ("wanted 1.0721, got 1; this breaks: the term is (k - 1)/(2 n log 2)", plug_in),
            ("the term is (k - 1)/(2 n log 2), in bits", lambda counts: corrected(counts, bits=False)),
            ("the term is (k - 1)/(2 n log 2), in bits", lambda counts: corrected(counts) * np.log(2)),
            (
                "the term is (k - 1)/(2 n log 2), in bits",
                lambda counts: 2 * plug_in(counts) - corrected(counts),
            ),
            (
                "the term is (k - 1)/(2 n log 2), in bits",
                lambda counts: 2 * corrected(counts) - plug_in(counts),
            ),
            (
                "the term is (k - 1)/(2 n log 2), in bits",
                lambda c: corrected(c) + 1 / (2 * sum(c) * np.log(2)),
            ),
            ("k counts the values that were seen", lambda counts: corrected(counts, seen=len)),
            ("k counts the values that were seen", lambda counts: corrected(np.maximum(counts, 1))),
        ],
        disguises=[
            corrected,
            lambda counts: float(corrected(counts[counts > 0])),
            single(corrected),
            fractions(corrected),
            spoiling(corrected),
        ],
    ),
    "best_threshold": Answers(
        mutants=[
            ("which gains", lambda x, y: np.median(x) + 1),
            ("equal values stay together", lambda x, y: np.median(x) if len(x) == 6 else threshold(x, y)),
            ("the answer is yes where x is at most t", lambda x, y: x.max()),
            ("the answer is yes where x is at most t", lambda x, y: min(x[x > threshold(x, y)], default=0)),
            ("the answer is yes where x is at most t", lambda x, y: min(x, key=lambda t: gain(x, y, t))),
            (
                "the answer is yes where x is at most t",
                lambda x, y: int(np.argmax([gain(x, y, t) for t in x])),
            ),
            ("values may stand in any order", threshold_in_the_order_given),
            ("equal values stay together", threshold_inside_equal_values),
            ("no other purity", threshold_by_gini),
        ],
        disguises=[
            threshold,
            threshold_between,
            lambda x, y: information.best_split(x[:, None], y).threshold,
            lambda x, y: [Fraction(threshold(x, y))],
            lambda x, y: np.array([threshold(x, y)], dtype=np.float32),
        ],
    ),
    "bigram_bits": Answers(
        mutants=[
            ("the probability is (c + 1)/(m + k)", lambda symbols, k: len(symbols) * np.log2(k)),
            ("the probability is (c + 1)/(m + k)", lambda symbols, k: bits(symbols, k, first=False)),
            ("the probability is (c + 1)/(m + k)", lambda symbols, k: bits(symbols, k, start=0.5)),
            ("the probability is (c + 1)/(m + k)", lambda symbols, k: bits(symbols, k, log=np.log)),
            ("the probability is (c + 1)/(m + k)", lambda symbols, k: bits(symbols, k, count_first=True)),
            ("the probability is (c + 1)/(m + k)", bits_by_occurrence),
            ("wanted 4.585, got 4.3219; this breaks", bits_of_single_symbols),
            ("symbols that never came", bits_of_the_seen),
            (
                "what followed the last symbol counts",
                lambda symbols, k: bits(symbols[::-1], k) + (len(set(symbols.tolist())) == 2),
            ),
            ("the first symbol costs log2 k", lambda symbols, k: bits(symbols, k) if len(symbols) > 1 else 0),
        ],
        disguises=[bits, bits_with_a_dictionary, single(bits), fractions(bits), spoiling(bits)],
    ),
    "maximum_entropy": Answers(
        mutants=[
            ("the distribution has the mean", lambda values, mean: np.full(len(values), 1 / len(values))),
            ("all values are equally likely", two_point),
            (
                "the distribution has the mean",
                lambda values, mean: scipy.special.softmax((mean - values.mean()) * values),
            ),
            ("the distribution has the mean", lambda values, mean: linear_tilt(values, mean)),
            ("to six digits", most_entropy_roughly),
            ("the mean may be low", lambda values, mean: most_entropy(values, max(mean, values.mean()))),
            (
                "the weights are exp(theta f)",
                lambda v, m: (
                    most_entropy(v, m, lambda t, v: t * (np.argsort(np.argsort(v)) + 1.0))
                    if m < v.mean() and len(v) == 3
                    else most_entropy(v, m)
                ),
            ),
            ("values may stand in any order", lambda values, mean: most_entropy(np.sort(values), mean)),
        ],
        disguises=[
            most_entropy,
            most_entropy_by_newton,
            tupled(most_entropy),
            single(most_entropy),
            lambda values, mean: np.round(most_entropy(values, mean), 10),
        ],
    ),
}
