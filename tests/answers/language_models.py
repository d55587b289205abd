"""Answers to the exercises of the case study on language models."""

import itertools
import math
import re
from collections import Counter
from fractions import Fraction

import numpy as np
from checkers import Answers, fractions, listed, single, spoiling, tupled
from scipy.special import softmax

from mmlhelpers import attention, functional, language


def pairs_of(words):
    return Counter(pair for word in words for pair in itertools.pairwise(word))


def joined(word, best):
    new, i = [], 0
    while i < len(word):
        joins = tuple(word[i : i + 2]) == best
        new.append("".join(best) if joins else word[i])
        i += 1 + joins
    return new


def merged(words, key=lambda count, pair: (-count, pair), count=pairs_of, join=joined):
    counts = count(words)
    best = min(counts, key=lambda pair: key(counts[pair], pair))
    return [join(word, best) for word in words]


def joined_once(word, best):
    for i, pair in enumerate(itertools.pairwise(word)):
        if pair == best:
            return [*word[:i], "".join(best), *word[i + 2 :]]
    return word


def joined_from_the_right(word, best):
    turned = [token[::-1] for token in word[::-1]]
    new = joined(turned, (best[1][::-1], best[0][::-1]))
    return [token[::-1] for token in new[::-1]]


def joined_in_letters(word, best):
    return " ".join(word).replace(" ".join(best), "".join(best)).split()


def joined_by_pattern(word, best):
    a, b = map(re.escape, best)
    return re.sub(rf"(?<!\S){a} {b}(?!\S)", "".join(best), " ".join(word)).split(" ")


def joined_in_place(word, best):
    i = 0
    while i < len(word) - 1:
        if (word[i], word[i + 1]) == best:
            word[i : i + 2] = [word[i] + word[i + 1]]
        i += 1
    return word


def most_common(words):
    best = pairs_of(words).most_common(1)[0][0]
    return [joined(word, best) for word in words]


def counted_across(words):
    return Counter(itertools.pairwise(itertools.chain(*words)))


def counted_in_words(words):
    return Counter(pair for word in words for pair in set(itertools.pairwise(word)))


def kneser(counts, discount, axis=0, by=None, least=0.0, successors=True):
    seen = counts > 0
    shorter = seen.sum(axis=axis) if by is None else by(counts)
    total = counts.sum(axis=1, keepdims=True)
    weight = discount * (seen.sum(axis=1, keepdims=True) if successors else 1)
    return np.maximum(counts - discount, least) / total + weight / total * shorter / shorter.sum()


def by_package(Q, K, V):
    return attention.scaled_dot_product(Q, K, V, attention.causal_mask(len(Q))).output


def attended(Q, K, V, width=lambda Q, K, V: math.sqrt(Q.shape[1]), mask=np.tri, hidden=-np.inf, axis=1):
    S = Q @ K.T / width(Q, K, V)
    return softmax(np.where(mask(len(Q)) > 0, S, hidden), axis=axis) @ V


def attended_by_loops(Q, K, V):
    out = []
    for t, q in enumerate(Q):
        scores = [q @ k / math.sqrt(len(q)) for k in K[: t + 1]]
        weights = [math.exp(s - max(scores)) for s in scores]
        out.append(sum(w * v for w, v in zip(weights, V, strict=False)) / sum(weights))
    return out


def masked_and_divided(Q, K, V):
    A = np.tril(softmax(Q @ K.T / math.sqrt(Q.shape[1]), axis=1))
    return A / A.sum(axis=1, keepdims=True) @ V


def looked(Q, K, width=lambda Q, K: math.sqrt(Q.shape[1]), axis=1):
    return softmax(Q @ K.T / width(Q, K), axis=axis)


def looked_by_exponentials(Q, K):
    E = np.exp(Q @ K.T / math.sqrt(K.shape[1]))
    return E / E.sum(axis=1, keepdims=True)


def cosines(Q, K):
    S = Q @ K.T / np.linalg.norm(Q, axis=1)[:, None] / np.linalg.norm(K, axis=1)
    return softmax(S, axis=1)


def turned(x, place, speed, sign=1):
    c, s = np.cos(speed * place), sign * np.sin(speed * place)
    return np.array([c * x[0] - s * x[1], s * x[0] + c * x[1]])


def turned_in_place_too_early(x, place, speed):
    c, s = np.cos(speed * place), np.sin(speed * place)
    x[0] = c * x[0] - s * x[1]
    x[1] = s * x[0] + c * x[1]
    return x


def turned_as_complex(x, place, speed):
    z = complex(*x) * np.exp(1j * (speed * place))
    return z.real, z.imag


def cached(Q, K, V, n_read, first=None):
    places = np.arange(n_read, len(Q)) if first is None else np.arange(first, first + len(Q) - n_read)
    mask = places[:, None] >= np.arange(len(K))
    return attention.scaled_dot_product(Q[n_read:], K, V, mask).output


def copied(tokens, size, back=1, scale=100.0, causal=True):
    names = np.eye(size)[tokens]
    noted = np.vstack([np.zeros((back, size)), names[:-back]]) if back else names
    S = scale * names @ noted.T
    S = np.where(np.tri(len(tokens)) > 0, S, -np.inf) if causal else S
    return (softmax(S, axis=1) @ names).argmax(axis=1)


def copied_by_search(tokens, size):
    out = []
    for t, token in enumerate(tokens):
        before = [s for s in range(t) if tokens[s] == token]
        out.append(tokens[before[-1] + 1] if before else -1)
    return out


def copied_by_period(tokens, size):
    period = int(np.argmax(tokens[1:] == tokens[0])) + 1
    guesses = np.full(len(tokens), np.nan)
    guesses[period - 1 :] = np.resize(tokens[:period], len(tokens) + 1)[period:]
    return guesses


def kept(p, share, slack=1e-12, order=None, more=0, divide=True):
    order = np.argsort(-p, kind="stable") if order is None else order(p)
    before = np.cumsum(p[order]) - p[order]
    number = max(1, int(np.sum(before < share - slack)) + more)
    out = np.zeros(len(p))
    out[order[:number]] = p[order[:number]] / (p[order[:number]].sum() if divide else 1)
    return out


def kept_by_loop(p, share):
    rest, chosen = list(range(len(p))), []
    while rest and not math.fsum(p[i] for i in chosen) > share - 1e-9:
        best = max(rest, key=lambda i: (p[i], -i))
        rest.remove(best)
        chosen.append(best)
    return [float(p[i] / sum(p[j] for j in chosen)) if i in chosen else 0 for i in range(len(p))]


def running(Q, K, V, feature=np.exp, divide=True, late=False):
    state, total, out = 0.0, 0.0, []
    for q, k, v in zip(feature(Q), feature(K), V, strict=True):
        old, older = state, total
        state, total = state + np.outer(k, v), total + k
        used, sums = (old, older) if late and len(out) else (state, total)
        out.append(q @ used / (q @ sums if divide else 1))
    return np.array(out)


def running_sums(Q, K, V):
    F, G = np.exp(Q), np.exp(K)
    states = np.cumsum(G[:, :, None] * V[:, None, :], axis=0)
    return np.einsum("tc,tcd->td", F, states) / np.sum(F * np.cumsum(G, axis=0), axis=1)[:, None]


def all_weights(Q, K, V, mask=np.tril):
    A = mask(np.exp(Q) @ np.exp(K).T)
    return A / A.sum(axis=1, keepdims=True) @ V


FREQUENT = "the most frequent pair is joined, of equally frequent ones the first in the alphabet"
SHARED = "what the discount takes off is shared by the number of contexts"
PAST = "a token averages over its past alone, with weights that add up to one"
ROOT = "scores are divided by the root of the width"
CLOCK = "the pair is turned against the clock"
LATER = "what comes later has no weight, however well it fits"
NEW = "new tokens look at all keys up to their own"
FOLLOWS = "a token follows as it did before"
FEWEST = "the fewest best tokens that reach the share are kept"
FIT = "the fit of a query and a key is a sum of products of exponentials"

ANSWERS = {
    "perplexity_of_four": Answers(
        mutants=[
            ("wanted the perplexity, got 2, the mean surprise in bits", 2),
            ("one over the geometric mean of the four probabilities, got 256", 256),
            ("one over the geometric mean of the four probabilities, got 3.5556", 4 / 1.125),
            ("one over the geometric mean of the four probabilities, got 7.3891", np.exp(2)),
            ("one over the geometric mean of the four probabilities, got 0.25", 0.25),
            ("one over the geometric mean of the four probabilities, got 4.5", 4.5),
            ("wanted one number, got [1, 3, 2, 2]", [1, 3, 2, 2]),
        ],
        disguises=[4, 4.0, [4], Fraction(4), 2 ** np.mean([1, 3, 2, 2]), np.float16(4)],
    ),
    "score_gradient": Answers(
        mutants=[
            ("with respect to the scores, got [0, 4], that of the weights", [0, 4]),
            ("wanted two numbers that add up to 0, got [0, 2]", [0, 2]),
            ("wanted two numbers that add up to 0, got [1, 1]", [1, 1]),
            ("each weight times what its gradient has above the mean, got [1, -1]", [1, -1]),
            ("each weight times what its gradient has above the mean, got [-2, 2]", [-2, 2]),
            ("each weight times what its gradient has above the mean, got [0, 0]", [0, 0]),
            ("wanted two numbers, got 1", 1),
        ],
        disguises=[
            [-1, 1],
            (-1.0, 1.0),
            np.float32([-1, 1]),
            [Fraction(-1), 1],
            np.array([0.5, 0.5]) * [-2, 2],
        ],
    ),
    "millions_of_parameters": Answers(
        mutants=[
            ("wanted embeddings and positions too, got the layers alone: 84.9", 84.9),
            ("wanted positions too, got layers and embedding: 123.53", 123.53),
            ("wanted the tied embedding counted once, got it twice: 162.9", 162.9),
            ("wanted a number without offsets, got one with them: 124.44", 124.44),
            ("wanted a number without offsets, got one with them: 124.4", 124.4),
            ("wanted millions, got single parameters: 124318464", 124_318_464),
            ("wanted 12 L d² for the layers", 46.5),
            ("wanted 12 L d² for the layers", 124.2),
            ("got 67.7 million", 67.7),
        ],
        disguises=[
            124.318464,
            124,
            124.3,
            [124.32],
            np.float32(124.318464),
            Fraction(124_318_464, 10**6),
            language.cost(size=50_257, context=1024, width=768, n_layers=12).parameters / 1e6,
        ],
    ),
    "byte_pair_step": Answers(
        mutants=[
            (FREQUENT, lambda words: words),
            (FREQUENT, lambda words: merged(words, key=lambda count, pair: (count, pair))),
            (FREQUENT, lambda words: merged(words, key=lambda count, pair: pair)),
            ("words of tokens, got 'lo'", lambda words: merged(words)[0]),
            ("the first in the alphabet is joined", most_common),
            (
                FREQUENT,
                lambda words: [
                    joined(word, max(pairs_of(words), key=lambda pair: (pairs_of(words)[pair], pair)))
                    for word in words
                ],
            ),
            ("a pair is joined from the left", lambda words: merged(words, join=joined_from_the_right)),
            ("a pair is joined from the left", lambda words: merged(words, join=joined_once)),
            ("a pair is counted each time", lambda words: merged(words, count=counted_in_words)),
            ("pairs do not reach across words", lambda words: merged(words, count=counted_across)),
            ("tokens are joined, not letters", lambda words: merged(words, join=joined_in_letters)),
        ],
        disguises=[
            merged,
            lambda words: merged(words, join=joined_by_pattern),
            lambda words: merged(words, join=joined_in_place),
            lambda words: tuple(map(tuple, merged(words))),
            lambda words: [np.array(word) for word in merged(words)],
            spoiling(merged),
        ],
    ),
    "kneser_ney_pairs": Answers(
        mutants=[
            (SHARED, lambda c, d: c / c.sum(axis=1, keepdims=True)),
            (SHARED, lambda c, d: kneser(c, d, by=lambda c: c.sum(axis=0))),
            (SHARED, lambda c, d: kneser(c, d, by=lambda c: np.ones(len(c)))),
            (SHARED, lambda c, d: kneser(c, d, axis=1)),
            (SHARED, lambda c, d: kneser(c, d, least=-np.inf)),
            (SHARED, lambda c, d: kneser(c, d, successors=False)),
            (SHARED, lambda c, d: (c + d) / (c + d).sum(axis=1, keepdims=True)),
            (SHARED, lambda c, d: np.maximum(c - d, 0) / c.sum(axis=1, keepdims=True)),
            ("the discount may be any", lambda c, d: kneser(c, 0.5)),
        ],
        disguises=[
            kneser,
            lambda c, d: (
                np.where(c > 0, c - d, 0) / c.sum(axis=1)[:, None]
                + np.outer(
                    d * np.count_nonzero(c, axis=1) / c.sum(axis=1),
                    np.count_nonzero(c, axis=0) / np.count_nonzero(c),
                )
            ),
            listed(kneser),
            single(kneser),
            fractions(kneser),
            spoiling(kneser),
        ],
    ),
    "causal_attention": Answers(
        mutants=[
            (PAST, lambda Q, K, V: np.tril(looked(Q, K)) @ V),
            (PAST, lambda Q, K, V: looked(Q, K) @ V),
            (PAST, lambda Q, K, V: attended(Q, K, V, mask=lambda n: np.tri(n).T)),
            (PAST, lambda Q, K, V: attended(Q, K, V, hidden=0.0)),
            (PAST, lambda Q, K, V: attended(Q, K, V, axis=0)),
            (PAST, lambda Q, K, V: attended(Q, K, V, mask=lambda n: np.tri(n, k=-1) + (np.arange(n) == 0))),
            (PAST, lambda Q, K, V: attended(Q, K, V, mask=lambda n: np.tri(n, k=1))),
            (PAST, lambda Q, K, V: attended(Q, K, V, width=lambda *parts: 1)),
            (
                "the root of the width of the keys",
                lambda Q, K, V: attended(Q, K, V, width=lambda Q, K, V: math.sqrt(V.shape[1])),
            ),
            (PAST, lambda Q, K, V: attended(Q, K, V, width=lambda Q, K, V: Q.shape[1])),
            (LATER, lambda Q, K, V: attended(Q, K, V, hidden=-30.0)),
        ],
        disguises=[
            by_package,
            attended,
            attended_by_loops,
            masked_and_divided,
            lambda Q, K, V: attended(Q, K, V, hidden=-1e9),
            single(attended),
            spoiling(attended),
        ],
    ),
    "look_weights": Answers(
        mutants=[
            (ROOT, lambda Q, K: looked(Q, K, width=lambda Q, K: 1)),
            (ROOT, lambda Q, K: looked(Q, K, width=lambda Q, K: Q.shape[1])),
            (ROOT, lambda Q, K: looked(Q, K, width=lambda Q, K: math.sqrt(len(K)))),
            (ROOT, lambda Q, K: looked(Q, K, width=lambda Q, K: 1 / math.sqrt(Q.shape[1]))),
            (ROOT, lambda Q, K: looked(Q, K, axis=0)),
            (ROOT, lambda Q, K: looked(Q, K) / math.sqrt(Q.shape[1])),
            (ROOT, cosines),
            ("the divisor grows with the width", lambda Q, K: looked(Q, K, width=lambda Q, K: 2)),
        ],
        disguises=[
            looked,
            looked_by_exponentials,
            lambda Q, K: functional.softmax(Q / math.sqrt(Q.shape[1]) @ K.T),
            tupled(looked),
            single(looked),
            fractions(looked),
        ],
    ),
    "turn_pair": Answers(
        mutants=[
            (CLOCK, lambda x, place, speed: x),
            (CLOCK, lambda x, place, speed: turned(x, place, speed, sign=-1)),
            (CLOCK, lambda x, place, speed: turned(x, place, 1)),
            (CLOCK, lambda x, place, speed: turned(x, place + speed, 1)),
            (CLOCK, lambda x, place, speed: turned(x, place, np.radians(speed))),
            (CLOCK, lambda x, place, speed: turned(x[::-1], place, speed)),
            (CLOCK, turned_in_place_too_early),
            ("the angle is place times speed", lambda x, place, speed: turned(x, 1, speed)),
            (
                "the angle is place times speed",
                lambda x, place, speed: turned(x / np.linalg.norm(x), place, speed),
            ),
            ("a negative place turns back", lambda x, place, speed: turned(x, abs(place), speed)),
        ],
        disguises=[
            turned,
            turned_as_complex,
            lambda x, place, speed: attention.rotary(x[None], [place * speed])[0],
            listed(turned),
            single(turned),
            spoiling(turned),
        ],
    ),
    "cached_attention": Answers(
        mutants=[
            (NEW, lambda Q, K, V, n: V[n:]),
            (NEW, lambda Q, K, V, n: by_package(Q[n:], K[n:], V[n:])),
            (NEW, lambda Q, K, V, n: cached(Q, K, V, n, first=0)),
            (NEW, lambda Q, K, V, n: by_package(Q, K, V)),
            (NEW, lambda Q, K, V, n: by_package(Q, K, V)[:n]),
            (NEW, lambda Q, K, V, n: cached(Q, K, V, n, first=n - 1)),
            ("token t looks at keys up to t", lambda Q, K, V, n: cached(Q, K, V, n, first=n + 1)),
            (
                "token t looks at keys up to t",
                lambda Q, K, V, n: attention.scaled_dot_product(Q[n:], K, V).output,
            ),
            (NEW, lambda Q, K, V, n: cached(Q * math.sqrt(Q.shape[1]), K, V, n)),
            (LATER, lambda Q, K, V, n: attended(Q, K, V, hidden=-30.0)[n:]),
        ],
        disguises=[
            cached,
            lambda Q, K, V, n: attended(Q, K, V)[n:],
            lambda Q, K, V, n: [looked(Q[t : t + 1], K[: t + 1])[0] @ V[: t + 1] for t in range(n, len(Q))],
            tupled(cached),
            single(cached),
            spoiling(cached),
        ],
    ),
    "copy_next": Answers(
        mutants=[
            (FOLLOWS, lambda tokens, size: tokens),
            (FOLLOWS, lambda tokens, size: np.full(len(tokens), np.bincount(tokens).argmax())),
            (FOLLOWS, lambda tokens, size: np.roll(tokens, 1)),
            (FOLLOWS, lambda tokens, size: np.roll(tokens, -1)),
            (FOLLOWS, lambda tokens, size: copied(tokens, size, back=0)),
            (FOLLOWS, lambda tokens, size: copied(tokens, size, back=2)),
            (FOLLOWS, lambda tokens, size: copied(tokens, size, scale=0.1)),
            ("wanted one token for each of the 7 places", lambda tokens, size: copied(tokens, size)[1:]),
            (FOLLOWS, lambda tokens, size: copied(tokens, size) + 0.4),
            (
                "patterns have any length",
                lambda tokens, size: copied_by_search(tokens, size) if size < 8 else np.zeros(len(tokens)),
            ),
        ],
        disguises=[
            copied,
            copied_by_search,
            copied_by_period,
            lambda tokens, size: copied(tokens, size, causal=True, scale=1e4).astype(float),
            listed(copied),
            single(copied),
            spoiling(copied),
        ],
    ),
    "nucleus": Answers(
        mutants=[
            (FEWEST, lambda p, share: p),
            (FEWEST, lambda p, share: np.where(p >= share, p, 0)),
            (FEWEST, lambda p, share: kept(p, share, more=-1)),
            (FEWEST, lambda p, share: kept(p, share, more=1)),
            (FEWEST, lambda p, share: kept(p, share, divide=False)),
            (FEWEST, lambda p, share: kept(p, share, order=lambda p: np.argsort(p, kind="stable"))),
            ("tokens stay at their places", lambda p, share: kept(np.sort(p)[::-1], share)),
            (
                "tokens stay at their places",
                lambda p, share: kept(p, share, order=lambda p: np.arange(len(p))),
            ),
            ("rounding must not keep a token too many", lambda p, share: kept(p, share, slack=0)),
            ("must be no more than rounding", lambda p, share: kept(p, share, slack=1e-5)),
            (
                "of equal probabilities the first comes first",
                lambda p, share: kept(p, share, order=lambda p: np.argsort(p, kind="stable")[::-1]),
            ),
            (
                "of equal probabilities the first comes first",
                lambda p, share: (
                    np.where(kept(p, share) > 0, p, p * np.isin(p, p[kept(p, share) > 0]))
                    / np.sum(p[np.isin(p, p[kept(p, share) > 0])])
                ),
            ),
        ],
        disguises=[
            kept,
            kept_by_loop,
            lambda p, share: language.shape(np.log(p), top_p=share),
            tupled(kept),
            single(kept),
            spoiling(kept),
        ],
    ),
    "linear_attention": Answers(
        mutants=[
            (FIT, by_package),
            (FIT, lambda Q, K, V: all_weights(Q, K, V, mask=np.asarray)),
            (FIT, lambda Q, K, V: all_weights(Q, K, V, mask=np.triu)),
            (FIT, lambda Q, K, V: running(Q, K, V, divide=False)),
            (FIT, lambda Q, K, V: running(Q, K, V, late=True)),
            (FIT, lambda Q, K, V: running(Q, K, V, feature=lambda z: z)),
            (FIT, lambda Q, K, V: running(Q, K, V, feature=lambda z: softmax(z, axis=1))),
            (FIT, lambda Q, K, V: running(Q / 2**0.5, K, V)),
            ("texts may be long", lambda Q, K, V: np.vstack([running(Q[:8], K[:8], V[:8]), V[8:]])),
        ],
        disguises=[
            running,
            running_sums,
            all_weights,
            tupled(running),
            single(running),
            spoiling(running),
        ],
    ),
}
