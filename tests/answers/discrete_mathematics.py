"""Answers to the exercises of the chapter on discrete mathematics."""

import difflib
import functools
import graphlib
import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
from checkers import Answers, listed, spoiling, tupled
from scipy.optimize import brentq

from mmlhelpers import discrete


def swaps(place, steps=range, insert=False):
    """Shuffle by swaps of place i with `place(i, n, draws)`."""

    def shuffled(n, draws):
        order = list(range(n))
        for i in steps(n):
            j = place(i, n, draws)
            if insert:
                order.insert(i, order.pop(j))
            else:
                order[i], order[j] = order[j], order[i]
        return order

    return shuffled


def from_i(i, n, draws):
    return i + int(draws[i] * (n - i))


def swaps_in_arrays(n, draws):
    order = np.arange(n)
    places = np.arange(n) + np.floor(np.array(draws) * (n - np.arange(n))).astype(int)
    for i, j in enumerate(places):
        order[[i, j]] = order[[j, i]]
    return order


def swaps_remembered(n, draws):
    """Remember only what was moved, as for a few samples of very many."""
    moved, order = {}, []
    for i, draw in enumerate(draws):
        j = i + math.floor(draw * (n - i))
        order.append(moved.get(j, j))
        moved[j] = moved.get(i, i)
    return order


def table(a, b):
    C = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, j in itertools.product(range(len(a)), range(len(b))):
        C[i + 1, j + 1] = C[i, j] + 1 if a[i] == b[j] else max(C[i, j + 1], C[i + 1, j])
    return C[-1, -1]


def remembered(a, b):
    @functools.cache
    def rest(i, j):
        if i == len(a) or j == len(b):
            return 0
        if a[i] == b[j]:
            return 1 + rest(i + 1, j + 1)
        return max(rest(i + 1, j), rest(i, j + 1))

    return rest(0, 0)


def by_increasing(a, b):
    """Find the longest increasing sequence of the places where letters match."""
    ends = []
    for letter in a:
        for j in reversed([j for j, other in enumerate(b) if other == letter]):
            k = int(np.searchsorted(ends, j))
            ends[k : k + 1] = [j]
    return float(len(ends))


def by_edits(a, b):
    """Insertions and deletions alone leave what is common: use a change that never pays."""
    return (len(a) + len(b) - discrete.edit_distance(a, b, change=3).distance) / 2


def side_by_side(a, b):
    pieces = [j - i for i, j in itertools.combinations(range(len(a) + 1), 2) if a[i:j] in b]
    return max(pieces, default=0)


def greedy(a, b):
    start, found = 0, 0
    for letter in a:
        place = b.find(letter, start)
        if place >= 0:
            start, found = place + 1, found + 1
    return found


def blocks(a, b):
    return sum(
        block.size for block in difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    )


def depth_first(needs, output, turned=True, check=True):
    done = []

    def visit(node):
        if node not in done or not check:
            for other in needs.get(node, []):
                visit(other)
            done.append(node)

    visit(output)
    return done[::-1] if turned else done


def preorder(needs, output):
    order = []

    def visit(node):
        if node not in order:
            order.append(node)
            for other in needs.get(node, []):
                visit(other)

    visit(output)
    return order


def breadth_first(needs, output, again=False):
    order, waiting = [], [output]
    while waiting:
        node = waiting.pop(0)
        if node in order and again:
            order.remove(node)
            order.append(node)
        elif node not in order:
            order.append(node)
            waiting += needs.get(node, [])
    return order


def by_counts(needs, output):
    """List a node when all that need it are listed."""
    reached = breadth_first(needs, output)
    waits = Counter(other for node in reached for other in needs.get(node, []))
    order, ready = [], [output]
    while ready:
        order.append(node := ready.pop())
        for other in needs.get(node, []):
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return order


def by_height(needs, output):
    """Sort by the longest way to the end."""

    def height(node):
        return 1 + max(map(height, needs.get(node, [])), default=0)

    return sorted(breadth_first(needs, output), key=height, reverse=True)


def by_library(needs, output):
    reached = breadth_first(needs, output)
    return np.array(
        list(graphlib.TopologicalSorter({n: needs.get(n, []) for n in reached}).static_order())[::-1]
    )


def bloom(n, error):
    k = math.log2(1 / error)
    return math.ceil(n * k / math.log(2)), round(k)


def bloom_by_root(n, error):
    bits = brentq(lambda m: 2 ** (-m / n * math.log(2)) - error, n * 0.1, n * 100, xtol=1e-9 * n, rtol=1e-14)
    return math.ceil(bits), round(bits / n * math.log(2))


def sized(bits, functions, whole=math.ceil, near=round):
    return lambda n, error: (whole(bits(n, -math.log2(error))), near(functions(-math.log2(error))))


def usual(n, k):
    return n * k / math.log(2)


def same(k):
    return k


def viterbi(scores, moves, start=1.0, better=np.argmax, add=np.add):
    best, came_from = start * scores[0], []
    for score in scores[1:]:
        sums = add(best[:, None], moves)
        came_from.append(better(sums, axis=0))
        best = add(np.take_along_axis(sums, came_from[-1][None], axis=0)[0], score)
    path = [int(better(best))]
    for previous in reversed(came_from):
        path.append(int(previous[path[-1]]))
    return path[::-1]


def viterbi_backward(scores, moves):
    """Start at the end, and walk forward."""
    best, goes_to = scores[-1], []
    for score in scores[-2::-1]:
        sums = moves + best
        goes_to.append(sums.argmax(axis=1))
        best = score + sums.max(axis=1)
    path = [best.argmax()]
    for following in reversed(goes_to):
        path.append(following[path[-1]])
    return np.array(path)


def viterbi_with_paths(scores, moves):
    kept = [(score, (s,)) for s, score in enumerate(scores[0])]
    for score in scores[1:]:
        kept = [
            max((value + moves[path[-1], s] + score[s], (*path, s)) for value, path in kept)
            for s in range(len(score))
        ]
    return max(kept)[1]


def step_by_step(scores, moves):
    path = [int(scores[0].argmax())]
    for score in scores[1:]:
        path.append(int((moves[path[-1]] + score).argmax()))
    return path


def forgets_the_way(scores, moves):
    """Take the best end at each time instead of walking back."""
    best, path = scores[0], [int(scores[0].argmax())]
    for score in scores[1:]:
        best = (best[:, None] + moves).max(axis=0) + score
        path.append(int(best.argmax()))
    return path


def without_last_scores(scores, moves):
    scores = scores.copy()
    scores[-1] = 0
    return viterbi(scores, moves)


ANSWERS = {
    "models_compared": Answers(
        mutants=[
            ("for 10,000 samples, got 75: too many", [75, 222_152]),
            ("for 20,000 samples, got 148: too few", [74, 148]),
            ("for 10,000 samples, got 149: too many", [149, 444_305]),
            ("for 20,000 samples, got 222153: too many", [74, 222_153]),
            ("for 10,000 samples, got 74.5239: too many", [0.025 * math.exp(8), 0.025 * math.exp(16)]),
            ("for 10,000 samples, got 0: too few", [0, 0]),
            ("for 10,000 samples, got 222152: too many", [222_152, 74]),
            ("for 10,000 samples, got 1: too few", [1, 74]),
            ("wanted two numbers, for 10,000 and for 20,000 samples, got 74", 74),
        ],
        disguises=[
            [74, 222_152],
            (74.0, 222_152.0),
            np.array([74, 222_152]),
            np.float32([74, 222_152]),
            [Fraction(74), np.int64(222_152)],
            [int(0.025 * np.exp(2 * n * 0.02**2)) for n in (10_000, 20_000)],
        ],
    ),
    "shuffled": Answers(
        mutants=[
            ("from i on", swaps(lambda i, n, draws: int(draws[i] * n))),
            (
                "wanted [0, 1, 2], got [1, 2, 0]",
                swaps(lambda i, n, draws: min(i + 1 + int(draws[i] * (n - i - 1)), n - 1)),
            ),
            ("equally likely", swaps(lambda i, n, draws: i + int(draws[i] * (n - i - 1)))),
            ("equally likely", swaps(lambda i, n, draws: min(i + round(draws[i] * (n - i)), n - 1))),
            ("equally likely", swaps(lambda i, n, draws: min(i + int(draws[i] * n), n - 1))),
            ("one of the places from i on", swaps(lambda i, n, draws: int(draws[i] * (i + 1)))),
            (
                "one of the places from i on",
                lambda n, draws: swaps(lambda i, n, d: int(d[i] * (i + 1)), lambda n: range(n - 1, 0, -1))(
                    n, draws
                ),
            ),
            ("the two places are swapped", swaps(from_i, insert=True)),
            (
                "draws[i] belongs to step i",
                swaps(lambda i, n, draws: i + int(draws[i if n < 8 else -i] * (n - i))),
            ),
            (
                "draws[i] belongs to step i",
                lambda n, draws: swaps(from_i)(n, draws if n < 8 else draws[::-1]),
            ),
            (
                "n may be large",
                swaps(
                    lambda i, n, draws: (
                        i + int(round(draws[i], 1) * (n - i)) if n > 9 else from_i(i, n, draws)
                    )
                ),
            ),
            ("equally likely", lambda n, draws: sorted(range(n), key=lambda i: draws[i])),
            ("wanted [0], got [1]", lambda n, draws: [i + 1 for i in swaps(from_i)(n, draws)]),
        ],
        disguises=[
            swaps(from_i),
            swaps_in_arrays,
            swaps_remembered,
            lambda n, draws: swaps(from_i, lambda n: range(n - 1))(n, draws),
            lambda n, draws: np.float32(swaps_in_arrays(n, draws)),
            tupled(swaps_in_arrays),
            listed(swaps_remembered),
            lambda n, draws: [Fraction(i) for i in swaps(from_i)(n, draws)],
            spoiling(swaps_in_arrays),
        ],
    ),
    "common": Answers(
        mutants=[
            (
                "wanted 2, got 1; this breaks: a letter may occur more than once",
                lambda a, b: len(set(a) & set(b)),
            ),
            ("wanted 5, got 4; this breaks: letters count in the order", side_by_side),
            ("letters count in the order", lambda a, b: sum(x == y for x, y in zip(a, b, strict=False))),
            ("wanted 5, got 6", lambda a, b: min(len(a), len(b))),
            (
                "letters count in the order",
                lambda a, b: (
                    sum((Counter(a) & Counter(b)).values())
                    if len(a) < 7 or len(b) < 6 or "z" in a
                    else table(a, b)
                ),
            ),
            (
                "letters count in the order",
                lambda a, b: (
                    sum((Counter(a) & Counter(b)).values()) - ("n" in a and "i" in a) if a != "abcbdab" else 4
                ),
            ),
            ("the longest sequence counts", greedy),
            ("the longest sequence counts", lambda a, b: max(greedy(a, b), side_by_side(a, b))),
            ("the longest sequence counts", blocks),
            ("a word may be empty", lambda a, b: table(a, b) if a else len(b)),
            ("your function raised IndexError", lambda a, b: table(a, b) + 0 * len(a[0]) if b else b[0]),
            (
                "letters need not stand side by side",
                lambda a, b: (
                    min(table(a, b), 1 + side_by_side(a, b))
                    if len(a) == 7 and a[0] == "a" and a[1] == "x"
                    else table(a, b)
                ),
            ),
            ("words may have nothing in common", lambda a, b: max(table(a, b), bool(a) and bool(b))),
            ("wanted 5, got 'grade'", lambda a, b: "grade"),
        ],
        disguises=[
            table,
            remembered,
            by_increasing,
            by_edits,
            lambda a, b: remembered(b, a),
            lambda a, b: [remembered(a, b)],
            lambda a, b: np.float32(table(a, b)),
            lambda a, b: Fraction(int(table(a, b))),
        ],
    ),
    "backward_order": Answers(
        mutants=[
            ("a connection may skip a layer", breadth_first),
            (
                "wanted h before x, which it needs, got ['loss', 'x', 'h']",
                lambda needs, output: breadth_first({k: v[::-1] for k, v in needs.items()}, output),
            ),
            ("wanted loss before h", lambda *case: depth_first(*case, turned=False)),
            (
                "exactly once, got ['loss', 'h']",
                lambda needs, output: [n for n in depth_first(needs, output) if n in needs],
            ),
            ("exactly once, got ['h', 'x']", lambda *case: depth_first(*case)[1:]),
            ("exactly once, got ['loss', 'h', 'x', 'x']", lambda *case: depth_first(*case, check=False)),
            ("connections may skip many layers", lambda *case: breadth_first(*case, again=True)),
            ("a connection may skip a layer", preorder),
            (
                "only what the output depends on",
                lambda needs, output: discrete.topological_order(
                    {**{o: [] for others in needs.values() for o in others}, **needs}
                )[::-1],
            ),
            (
                "the output may need nothing",
                lambda needs, output: depth_first(needs, output) if output in needs else [],
            ),
            (
                "a node may be needed twice",
                lambda needs, output: depth_first(needs, output) + ["h"] * (output == "square"),
            ),
            (
                "a node waits for all that need it",
                lambda needs, output: (
                    preorder(needs, output)
                    if output == "e" and (needs := {k: v[::-1] for k, v in needs.items()})
                    else depth_first(needs, output)
                ),
            ),
            (
                "wanted a list of the names of nodes, got [0, 1, 2]",
                lambda *case: list(range(len(depth_first(*case)))),
            ),
            ("wanted a list of the names of nodes", lambda *case: " ".join(depth_first(*case))),
        ],
        disguises=[
            depth_first,
            by_counts,
            by_height,
            by_library,
            lambda *case: tuple(depth_first(*case)),
            lambda needs, output: discrete.topological_order(
                {node: needs.get(node, []) for node in breadth_first(needs, output)}
            )[::-1],
            spoiling(by_counts),
        ],
    ),
    "bloom_size": Answers(
        mutants=[
            ("wanted [10099, 7], got [1000, 1]; this breaks: m = n k / ln 2", lambda n, error: (n, 1)),
            ("comes first, then k", lambda *case: bloom(*case)[::-1]),
            ("m = n k / ln 2", sized(lambda n, k: n * k, same)),
            ("m = n k / ln 2", sized(lambda n, k: n * k * math.log(2), same)),
            ("wanted [10099, 7], got [10099, 5]", sized(usual, lambda k: k * math.log(2))),
            ("wanted [10099, 7], got [10098, 7]", sized(usual, same, whole=math.floor)),
            ("wanted [10099, 7], got [10098.9, 7]", sized(usual, same, whole=float)),
            ("m is rounded up", sized(usual, same, whole=round)),
            ("k is rounded to the nearest whole number", sized(usual, same, near=math.floor)),
            ("k is rounded to the nearest whole number", sized(usual, same, near=math.ceil)),
            ("k is rounded to the nearest whole number", sized(usual, same, near=float)),
            ("not before m is computed", sized(lambda n, k: usual(n, round(k)), same)),
            ("m is rounded up", sized(usual, same, whole=lambda m: math.ceil(m - 0.1))),
            ("n may be large", lambda n, error: bloom(min(n, 10**5), error)),
            ("the error may be tiny", lambda n, error: bloom(n, max(error, 1e-6))),
            ("wanted [10099, 7], got 10099 of shape ()", lambda *case: bloom(*case)[0]),
        ],
        disguises=[
            bloom,
            bloom_by_root,
            lambda n, error: (math.ceil(-n * math.log(error) / math.log(2) ** 2), round(-math.log2(error))),
            lambda n, error: [Fraction(value) for value in bloom(n, error)],
            lambda n, error: np.float32(bloom(n, error)),
            listed(bloom),
        ],
    ),
    "best_path": Answers(
        mutants=[
            (
                "wanted [0, 0, 0], got [0, 1, 0]; this breaks: moves count",
                lambda scores, moves: scores.argmax(axis=1),
            ),
            ("moves[a, b] is for b after a", lambda scores, moves: viterbi(scores, moves.T)),
            ("the path with the largest sum", step_by_step),
            ("the path with the largest sum", forgets_the_way),
            ("the path with the largest sum", without_last_scores),
            ("wanted [0], got [1]", lambda *case: viterbi(*case, better=np.argmin)),
            ("the path with the largest sum", lambda *case: viterbi(*case, add=np.multiply)),
            ("the path with the largest sum", lambda *case: viterbi(*case, start=0)),
            ("the path with the largest sum", lambda *case: viterbi(*case)[::-1]),
            ("the path with the largest sum", lambda scores, moves: viterbi(scores, 0.5 * moves)),
            ("wanted [0], got [1]", lambda *case: [s + 1 for s in viterbi(*case)]),
            ("wanted [0], got 1", lambda scores, moves: scores.max(axis=1).sum()),
            ("so scores may be negative", lambda scores, moves: viterbi(np.maximum(scores, -1.5), moves)),
            (
                "a move may be forbidden",
                lambda scores, moves: viterbi(scores, np.nan_to_num(moves, neginf=0)),
            ),
            ("there may be one sound", lambda *case: viterbi(*case) if case[1].size > 1 else [0]),
            ("may have any size", lambda scores, moves: viterbi(np.round(scores, 5), np.round(moves, 5))),
            ("may have any size", lambda scores, moves: viterbi(np.minimum(scores, 1e5), moves)),
        ],
        disguises=[
            viterbi,
            viterbi_backward,
            viterbi_with_paths,
            lambda *case: np.float32(viterbi(*case)),
            tupled(viterbi),
            lambda *case: [Fraction(s) for s in viterbi(*case)],
            spoiling(viterbi),
        ],
    ),
}
