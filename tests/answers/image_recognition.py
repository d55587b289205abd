"""Answers to the exercises of the chapter on image recognition."""

from fractions import Fraction

import numpy as np
import scipy.optimize
import scipy.signal
from checkers import Answers, fractions, listed, single, spoiling, tupled
from numpy.lib.stride_tricks import sliding_window_view

from mmlhelpers import convolution


def slid(image, kernel, stride=1):
    return np.einsum("ijuv,uv", sliding_window_view(image, kernel.shape), kernel)[::stride, ::stride]


def slid_by_scipy(image, kernel, stride):
    return scipy.signal.correlate2d(image, kernel, mode="valid")[::stride, ::stride]


def slid_by_loops(image, kernel, stride, kind=float):
    (h, w), (a, b) = image.shape, kernel.shape
    y = np.zeros(((h - a) // stride + 1, (w - b) // stride + 1), kind)
    for i, j in np.ndindex(*y.shape):
        top, left = stride * i, stride * j
        y[i, j] = np.sum(image[top : top + a, left : left + b] * kernel)
    return y


def whole(function):
    """Write the result into a table of whole numbers, as np.zeros_like of whole numbers would."""
    return lambda *arguments: np.asarray(function(*arguments)).astype(int)


def passes(image, column, row):
    along = convolution.correlate(image, np.asarray(row)[None])
    return convolution.correlate(along, np.asarray(column)[:, None])


def passes_by_numpy(image, column, row):
    along = np.apply_along_axis(np.correlate, 1, image, np.asarray(row), "valid")
    return np.apply_along_axis(np.correlate, 0, along, np.asarray(column), "valid")


def window(delta, image):
    return slid(image, delta)


def window_by_shifts(delta, image):
    (h, w), (H, W) = delta.shape, image.shape
    return [
        [float(np.sum(delta * image[u : u + h, v : v + w])) for v in range(W - w + 1)]
        for u in range(H - h + 1)
    ]


def spread(delta, kernel):
    (h, w), (a, b) = delta.shape, kernel.shape
    gradient = np.zeros((h + a - 1, w + b - 1))
    for u, v in np.ndindex(a, b):
        gradient[u : u + h, v : v + w] += kernel[u, v] * delta
    return gradient


def framed(delta, kernel):
    a, b = kernel.shape
    return np.pad(delta, ((a - 1, a - 1), (b - 1, b - 1)))


def wide(z):
    return np.repeat(np.repeat(z, 2, axis=0), 2, axis=1)


def unpooled(delta, image, best=np.max, of=lambda z: z):
    h, w = delta.shape
    largest = best(of(image).reshape(h, 2, w, 2), axis=(1, 3))
    return wide(delta) * (of(image) == wide(largest))


def unpooled_by_package(delta, image):
    x = image[None, :, :, None]
    pooled = convolution.max_pool(x)
    return convolution.max_pool_backward(delta[None, :, :, None], pooled, x.shape)[0, :, :, 0]


def unpooled_first(delta, image):
    gradient = np.zeros(image.shape)
    gradient[::2, ::2] = delta
    return gradient


def unpooled_across(delta, image):
    """Number the pixels of a square down instead of across."""
    gradient = np.zeros(image.shape)
    for i, j in np.ndindex(*delta.shape):
        place = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].argmax()
        gradient[2 * i + place % 2, 2 * j + place // 2] = delta[i, j]
    return gradient


def both(train, test, ddof=0, by=None):
    by = train if by is None else by
    mean, size = by.mean(axis=0), by.std(axis=0, ddof=ddof)
    return (train - mean) / size, (test - mean) / size


def cost(t, p, labels, false_dog, missed_dog):
    return false_dog * np.sum((p >= t) & (labels == 0)) + missed_dog * np.sum((p < t) & (labels == 1))


def cheapest(p, *rest, above=(np.inf,)):
    return min([*p, *above], key=lambda t: cost(t, p, *rest))


def cheapest_between(p, *rest):
    """Try thresholds between the probabilities and outside of them."""
    p_sorted = np.unique(p)
    tries = [-1.0, *(p_sorted[1:] + p_sorted[:-1]) / 2, 2.0]
    return min(tries, key=lambda t: cost(t, p, *rest))


def cheapest_by_sums(p, labels, false_dog, missed_dog):
    order = np.argsort(p)[::-1]
    change = np.where(labels[order] == 0, false_dog, -missed_dog)
    ends = np.append(np.diff(p[order]) != 0, True)
    totals = np.where(ends, np.cumsum(change), np.inf)
    return p[order][np.argmin(totals)] if totals.min() < 0 else np.inf


def cheapest_in_sorted_labels(p, labels, *costs):
    return cheapest(np.sort(p), labels, *costs)


def one_too_low(p, *rest):
    best = cheapest(p, *rest)
    lower = p[p < best]
    return lower.max() if lower.size else best


def epsilon(w, b, x):
    return abs(w @ x + b) / np.abs(w).sum()


def epsilon_by_program(w, b, x):
    """Minimise epsilon over the changes, as a linear program."""
    n = len(w)
    limits = np.block([[np.eye(n), -np.ones((n, 1))], [-np.eye(n), -np.ones((n, 1))]])
    size = np.abs(x).max()
    result = scipy.optimize.linprog(
        np.append(np.zeros(n), 1),
        A_ub=limits,
        b_ub=np.zeros(2 * n),
        A_eq=[np.append(w / np.abs(w).max(), 0)],
        b_eq=[-(w @ x + b) / np.abs(w).max() / size],
        bounds=[(None, None)] * n + [(0, None)],
    )
    return result.fun * size


def blurred(row):
    return ((np.roll(row, 1) + 2 * row + np.roll(row, -1)) / 4)[::2]


def blurred_in_place(row):
    row += (np.roll(row, 1) + np.roll(row, -1)) / 2
    row /= 2
    return row[::2]


def blurred_by_ends(row, mode):
    padded = np.pad(row, 1, mode=mode)
    return (padded[:-2] / 4 + padded[1:-1] / 2 + padded[2:] / 4)[::2]


SLIDES = "the window slides as it is, and the products are added up"
PRODUCT = "the window is the column times the row"
DELTA = "delta slides over the picture as it is"
ONE = "a single one in delta spreads the window"
WINNER = "the winner of each square has its gradient, alone"
ALONE = "mean and spread come from the training set alone"
LESS = "no other threshold costs less"
WEIGHT = "every pixel changes the sum by its weight times epsilon"
BLUR = "the row is blurred, then the even places are kept"

ANSWERS = {
    "stack_sizes": Answers(
        mutants=[
            ("wanted the side after the first layer, got 63", [63, 33, 16, 14, 19]),
            (
                "wanted the side after the second layer, got 32; what stands before it is right",
                [65, 32, 16, 14, 19],
            ),
            ("wanted the side after the third layer, got 17", [65, 33, 17, 15, 19]),
            ("wanted the side after the fourth layer, got 16", [65, 33, 16, 16, 19]),
            ("wanted the receptive field, got 11", [65, 33, 16, 14, 11]),
            ("wanted the receptive field, got 12", [65, 33, 16, 14, 12]),
            ("wanted the side after the first layer, got 65.4", [65.4, 33, 16, 14, 19]),
            ("wanted 5 numbers", [65, 33, 16, 14]),
        ],
        disguises=[
            [65, 33, 16, 14, 19],
            (65, 33, 16, 14, 19),
            np.array([65.0, 33, 16, 14, 19]),
            np.uint8([65, 33, 16, 14, 19]),
            [Fraction(65), 33.0, np.int64(16), 14, 19],
        ],
    ),
    "weights_and_products": Answers(
        mutants=[
            ("wanted the parameters of the dense layer, got 786432", [786_432, 4_640, 1_179_648]),
            ("wanted the parameters of the dense layer, got 262400", [262_400, 4_640, 1_179_648]),
            ("wanted those of the convolution layer, got 4608", [786_688, 4_608, 1_179_648]),
            ("wanted those of the convolution layer, got 320", [786_688, 32 * 9 + 32, 1_179_648]),
            ("wanted those of the convolution layer, got 4624", [786_688, 4_624, 1_179_648]),
            ("wanted the number of products, got 4608", [786_688, 4_640, 4_608]),
            ("wanted the number of products, got 903168", [786_688, 4_640, 4_608 * 14 * 14]),
            ("wanted the number of products, got 1187840", [786_688, 4_640, 4_640 * 256]),
        ],
        disguises=[
            [786_688, 4_640, 1_179_648],
            (786_688, 4_640, 1_179_648),
            np.float32([786_688, 4_640, 1_179_648]),
            np.array([786_688, 4_640, 1_179_648]),
            [786_688.0, Fraction(4_640), 1_179_648],
        ],
    ),
    "fourier_pays": Answers(
        mutants=[
            ("more operations than Fourier, got 13 that takes fewer", 13),
            ("more operations than Fourier, got 3 that takes fewer", 3),
            ("the smallest odd side for which Fourier pays, got 17, a larger one", 17),
            ("wanted an odd side, so that the window has a middle, got 16", 16),
            ("wanted an odd side, so that the window has a middle, got -15", -15),
            ("wanted one whole number, got 14.8997", 222**0.5),
            ("got 223, a larger one", 223),
        ],
        disguises=[15, 15.0, [15], np.int8(15), Fraction(15), np.float32(15)],
    ),
    "slide": Answers(
        mutants=[
            (SLIDES, lambda image, kernel, stride: image),
            (SLIDES, lambda image, kernel, stride: slid(image, kernel[::-1, ::-1], stride)),
            (SLIDES, lambda image, kernel, stride: slid(image, kernel.T, stride)),
            (SLIDES, lambda image, kernel, stride: slid(image, kernel, stride) / kernel.size),
            (SLIDES, lambda *case: np.abs(slid(*case))),
            (SLIDES, lambda image, kernel, stride: slid(framed(image, kernel), kernel, stride)),
            ("moves by the stride, down and across", lambda image, kernel, stride: slid(image, kernel)),
            ("down and across", lambda image, kernel, stride: slid(image, kernel)[::stride]),
            (
                "down and across",
                lambda image, kernel, stride: slid(image, kernel)[
                    : len(image) // stride, : len(image[0]) // stride
                ],
            ),
            ("this breaks: the picture is not framed", whole(slid)),
            ("numbers may have any size", lambda *case: np.round(slid(*case), 4)),
        ],
        disguises=[slid, slid_by_scipy, slid_by_loops, tupled(slid), single(slid), fractions(slid)],
    ),
    "two_passes": Answers(
        mutants=[
            (PRODUCT, lambda image, c, r: slid(image, np.asarray(r)[None])),
            (PRODUCT, lambda image, c, r: slid(image, np.asarray(c)[:, None])),
            (PRODUCT, lambda image, c, r: passes(image, r, c)),
            (PRODUCT, lambda image, c, r: passes(image, c[::-1], r[::-1])),
            (PRODUCT, lambda image, c, r: passes(image, c, r[::-1])),
            (PRODUCT, whole(passes)),
            (
                PRODUCT,
                lambda image, c, r: (
                    slid(image, np.asarray(c)[:, None])[:, : image.shape[1] - len(r) + 1]
                    + slid(image, np.asarray(r)[None])[: len(image) - len(c) + 1]
                ),
            ),
            ("the kernel is never formed", lambda image, c, r: slid(image, np.outer(c, r))),
        ],
        disguises=[
            passes,
            passes_by_numpy,
            lambda image, c, r: slid(slid(image, np.asarray(c)[:, None]), np.asarray(r)[None]),
            listed(passes),
            single(passes),
            spoiling(passes),
        ],
    ),
    "window_gradient": Answers(
        mutants=[
            (DELTA, lambda delta, image: delta),
            (DELTA, lambda delta, image: slid(image, delta[::-1, ::-1])),
            (DELTA, lambda delta, image: slid(image, delta)[::-1, ::-1]),
            (DELTA, lambda delta, image: slid(image, delta) / delta.size),
            (DELTA, lambda delta, image: scipy.signal.correlate2d(image, delta, mode="same")),
            (DELTA, lambda delta, image: slid(image, delta).sum()),
            (DELTA, whole(window)),
            ("a window need not be square", lambda delta, image: slid(image, delta)[:2, :2]),
        ],
        disguises=[
            window,
            window_by_shifts,
            lambda delta, image: scipy.signal.correlate2d(image, delta, mode="valid"),
            tupled(window),
            single(window),
            spoiling(window),
        ],
    ),
    "blame": Answers(
        mutants=[
            (ONE, lambda delta, kernel: slid(framed(delta, kernel), kernel)),
            (ONE, lambda delta, kernel: slid(framed(delta, kernel), kernel.T)),
            (ONE, lambda delta, kernel: slid(framed(delta, kernel), kernel[::-1])),
            (ONE, lambda delta, kernel: slid(framed(delta, kernel), kernel[:, ::-1])),
            (ONE, lambda delta, kernel: scipy.signal.convolve2d(delta, kernel, mode="same")),
            (ONE, lambda delta, kernel: spread(delta, kernel) / kernel.size),
            ("over what it saw", lambda delta, kernel: spread(np.maximum(delta, 0), kernel)),
            ("over what it saw", whole(spread)),
        ],
        disguises=[
            spread,
            scipy.signal.convolve2d,
            lambda delta, kernel: slid(framed(delta, kernel), kernel[::-1, ::-1]),
            listed(spread),
            single(spread),
            fractions(spread),
        ],
    ),
    "unpool": Answers(
        mutants=[
            (WINNER, lambda delta, image: wide(delta)),
            (WINNER, lambda delta, image: wide(delta) / 4),
            (WINNER, lambda delta, image: unpooled(delta, image, np.min)),
            (WINNER, lambda delta, image: wide(delta) * (image == image.max())),
            (WINNER, lambda delta, image: unpooled(delta, image) * image),
            (WINNER, lambda delta, image: unpooled(np.ones_like(delta), image)),
            (WINNER, unpooled_first),
            (WINNER, unpooled_across),
            (WINNER, whole(unpooled)),
            ("a winner may be negative", lambda delta, image: unpooled(delta, image) * (image > 0)),
            ("a winner may be negative", lambda delta, image: unpooled(delta, image, of=np.abs)),
        ],
        disguises=[
            unpooled,
            unpooled_by_package,
            lambda delta, image: np.where(
                image < wide(convolution.max_pool(image[None, :, :, None])[0][0, :, :, 0]), 0, wide(delta)
            ),
            tupled(unpooled),
            single(unpooled),
            spoiling(unpooled),
        ],
    ),
    "standardise_both": Answers(
        mutants=[
            (ALONE, lambda train, test: (both(train, train)[0], both(test, test)[0])),
            (ALONE, lambda train, test: both(train, test, by=np.vstack([train, test]))),
            (ALONE, lambda train, test: both(train, test, by=test)),
            (
                "wanted the spread with the divisor n, got the one with n - 1",
                lambda *case: both(*case, ddof=1),
            ),
            (ALONE, lambda train, test: (train - train.mean(axis=0), test - train.mean(axis=0))),
            (
                ALONE,
                lambda train, test: (
                    (train - train.mean()) / train.std(),
                    (test - train.mean()) / train.std(),
                ),
            ),
            (ALONE, lambda train, test: both(train, test)[::-1]),
            (ALONE, lambda train, test: (both(train, test)[0], test)),
            ("wanted a pair (training set, test set), got", lambda train, test: both(train, test)[0]),
        ],
        disguises=[
            both,
            lambda *case: [part.tolist() for part in both(*case)],
            lambda *case: tuple(map(np.float32, both(*case))),
            spoiling(both),
            lambda train, test: np.split(
                (np.vstack([train, test]) - train.mean(axis=0)) / np.sqrt(np.var(train, axis=0)), [len(train)]
            ),
        ],
    ),
    "cheapest_threshold": Answers(
        mutants=[
            (LESS, lambda p, labels, a, b: 0.5),
            (LESS, lambda p, labels, a, b: cost(cheapest(p, labels, a, b), p, labels, a, b) + 1),
            (LESS, lambda p, labels, a, b: cheapest(p, 1 - labels, a, b)),
            (LESS, one_too_low),
            (LESS, lambda p, labels, a, b: cheapest(p, labels, b, a)),
            ("a false dog may cost more", lambda p, labels, a, b: cheapest(p, labels, 1, 1.5)),
            ("a missed dog may cost more", cheapest_in_sorted_labels),
            ("nothing may be called a dog", lambda *case: cheapest(*case, above=())),
            ("nothing may be called a dog", lambda *case: cheapest(*case, above=(1.0,))),
            (LESS, lambda p, labels, a, b: a / (a + b) + 0.2),
            ("everything may be called a dog", lambda *case: max(cheapest(*case), 0.2)),
            ("wanted one number, got", lambda *case: np.nan),
        ],
        disguises=[
            cheapest,
            cheapest_between,
            cheapest_by_sums,
            lambda *case: cheapest(*case, above=(2.0,)),
            lambda *case: [cheapest(*case)],
            single(cheapest),
            lambda *case: np.array(cheapest(*case, above=(7,))),
        ],
    ),
    "least_epsilon": Answers(
        mutants=[
            (WEIGHT, lambda w, b, x: 0.0),
            (WEIGHT, lambda w, b, x: abs(w @ x + b) / np.linalg.norm(w)),
            (WEIGHT, lambda w, b, x: abs(w @ x + b) / np.abs(w).max()),
            (WEIGHT, lambda w, b, x: abs(w @ x + b) / abs(w.sum())),
            (WEIGHT, lambda w, b, x: abs(w @ x + b)),
            (WEIGHT, lambda w, b, x: abs(w @ x + b) / (w @ w)),
            ("a bias, and x may lie on either side", lambda w, b, x: (w @ x + b) / np.abs(w).sum()),
            ("a bias, and x may lie on either side", lambda w, b, x: abs(w @ x) / np.abs(w).sum()),
            ("a bias, and x may lie on either side", lambda w, b, x: abs(w @ x - b) / np.abs(w).sum()),
            (
                "pixels without weight do not count",
                lambda w, b, x: abs(w @ x + b) / np.maximum(np.abs(w), 0.1).sum(),
            ),
        ],
        disguises=[
            epsilon,
            lambda w, b, x: np.linalg.norm([np.dot(x, w) + b]) / np.linalg.norm(w, 1),
            lambda w, b, x: [max(w @ x + b, -(w @ x + b)) / sum(map(abs, w))],
            epsilon_by_program,
            single(epsilon),
            fractions(epsilon),
        ],
    ),
    "blur_pool": Answers(
        mutants=[
            (BLUR, lambda row: row[::2]),
            (BLUR, lambda row: (row[::2] + row[1::2]) / 2),
            (BLUR, lambda row: row.reshape(-1, 2).max(axis=1)),
            (BLUR, lambda row: 4 * blurred(row)),
            (BLUR, lambda row: ((np.roll(row, 1) + row + np.roll(row, -1)) / 3)[::2]),
            (BLUR, lambda row: np.roll(row / 2 + np.roll(row, 1) / 2, 1)[::2]),
            (BLUR, lambda row: blurred(np.repeat(row[::2], 2))),
            ("the ends are joined", lambda row: blurred_by_ends(row, "edge")),
            ("the ends are joined", lambda row: blurred_by_ends(row, "constant")),
            (BLUR, lambda row: blurred_by_ends(row, "reflect")),
            (BLUR, lambda row: blurred(np.roll(row, -1))),
        ],
        disguises=[
            blurred,
            blurred_in_place,
            lambda row: blurred_by_ends(row, "wrap"),
            lambda row: row[::2] / 2 + (row[1::2] + np.roll(row[1::2], 1)) / 4,
            listed(blurred),
            single(blurred),
            fractions(blurred),
        ],
    ),
}
