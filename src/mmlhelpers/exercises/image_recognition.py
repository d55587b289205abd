"""The exercises of the chapter on image recognition: slow truths, judges and the inputs they are tried on.

Pictures are grey, (h, w) arrays of float64, unless a name says otherwise; windows are (a, b).
"""

from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import (
    CLOSE,
    HAND,
    NotYet,
    as_numbers,
    as_parts,
    as_wholes,
    floats,
    require_close,
)
from mmlhelpers.exercises._registry import by_hand, requirement, rule, specification
from mmlhelpers.exercises._watching import without
from mmlhelpers.exercises._writing import show

EDGE = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
PICTURE = np.array([[1.0, 2, 0, 4, 1], [0, 3, 1, 1, 2], [5, 1, 0, 2, 2], [1, 1, 3, 0, 1]])
SKEW = np.array([[1.0, 2], [3, -4]])
GREY = floats([0.5, 2.25, -1, 0.75], [1.5, 0.25, 3, -2], [-0.75, 1.25, 0, 2.5])
TALL = floats([0.5, -1.25], [2, 0.75], [-0.5, 1.5])  # a window with more rows than columns


# By hand


def _whole_numbers(value: Any, wanted: tuple[int, ...], names: tuple[str, ...]) -> None:
    """Compare whole numbers one after the other, and name the first that is wrong."""
    numbers = as_numbers(value, f"{len(wanted)} numbers", (len(wanted),))
    before = ""
    for got, right, name in zip(numbers, wanted, names, strict=True):
        if not abs(got - right) <= HAND:
            raise NotYet(f"wanted {name}, got {show(got)}{before}")
        before = "; what stands before it is right"


@by_hand
def stack_sizes(value: Any) -> None:
    """Find the sizes of 65 pixels after four layers, and the receptive field of the last."""
    names = tuple(f"the side after the {number} layer" for number in ("first", "second", "third", "fourth"))
    _whole_numbers(value, (65, 33, 16, 14, 19), (*names, "the receptive field"))


@by_hand
def weights_and_products(value: Any) -> None:
    """Count the parameters of a dense and of a convolution layer, and the products of the latter."""
    names = ("the parameters of the dense layer", "those of the convolution layer", "the number of products")
    _whole_numbers(value, (3072 * 256 + 256, 32 * 16 * 9 + 32, 32 * 16 * 9 * 16 * 16), names)


@by_hand
def fourier_pays(value: Any) -> None:
    """Find the smallest odd window for which the Fourier way takes fewer operations."""
    side = float(as_wholes(value, "one whole number", ()))
    if side % 2 != 1 or side < 1:
        raise NotYet(f"wanted an odd side, so that the window has a middle, got {show(side)}")
    cost = 3 * 4 * 18 + 6
    if side**2 <= cost:
        raise NotYet(
            f"wanted a window that takes more operations than Fourier, got {show(side)} that takes fewer"
        )
    if (side - 2) ** 2 > cost:
        raise NotYet(f"wanted the smallest odd side for which Fourier pays, got {show(side)}, a larger one")


# Functions


@specification(
    rule("the window slides as it is, and the products are added up", PICTURE, SKEW, 1),
    rule("the picture is not framed", PICTURE, EDGE / 4, 1),
    rule("the window moves by the stride, down and across", PICTURE / 2, SKEW, 2),
    rule("a window need not be square", GREY, TALL, 1),
    rule("a window that fits once gives one number", np.ones((2, 2)), SKEW / 8, 3),
    rule("what does not fit at the end is left out", np.vstack([PICTURE, GREY[:, [0, 1, 2, 3, 0]]]), TALL, 3),
    rule("numbers may have any size", 1e-4 * GREY, 1e3 * TALL[:2], 2),
)
def slide(image: Array, kernel: Array, stride: int) -> Array:
    """Add the products up, one place after the other."""
    (h, w), (a, b) = image.shape, kernel.shape
    answers = np.zeros(((h - a) // stride + 1, (w - b) // stride + 1))
    for i, j in np.ndindex(*answers.shape):
        for u, v in np.ndindex(a, b):
            answers[i, j] += kernel[u, v] * image[stride * i + u, stride * j + v]
    return answers


@specification(
    rule("the window is the column times the row", PICTURE, floats(1, 2.5), floats(-1, 0, 1)),
    rule("the window is the column times the row", PICTURE, floats(1, 0, -1.5), floats(2, 1)),
    rule("a column of one number scales", PICTURE, floats(3), floats(0.25, 1, 0.5)),
    rule("numbers may have any size", 1e-4 * GREY, 1e3 * floats(0.5, -1), floats(0.2, 3)),
    rule(
        "the kernel is never formed",
        GREY,
        without(floats(0.5, 2), np.outer),
        without(floats(1, -3), np.outer),
    ),
)
def two_passes(image: Array, column: Array, row: Array) -> Array:
    """Slide the outer product."""
    return slide(image, np.outer(column, row), 1)


@specification(
    rule("delta slides over the picture as it is", floats([1, -1, 2], [0, 3, 1.5]), PICTURE[:3, :4]),
    rule("the gradient has the shape of the window", floats([1, 2.5]), PICTURE[:2, :3]),
    rule("a window need not be square", floats([0.5, -1], [2, 0.75]), GREY[:, [0, 1, 2, 3, 1]]),
    rule("one answer says the whole picture", floats([2.25]), PICTURE[:2, :2]),
    rule("numbers may have any size", 1e4 * TALL[:2], 1e-2 * GREY),
)
def window_gradient(delta: Array, image: Array) -> Array:
    """Ask for each weight what every place says."""
    a, b = image.shape[0] - delta.shape[0] + 1, image.shape[1] - delta.shape[1] + 1
    gradient = np.zeros((a, b))
    for u, v in np.ndindex(a, b):
        for i, j in np.ndindex(*delta.shape):
            gradient[u, v] += delta[i, j] * image[i + u, j + v]
    return gradient


@specification(
    rule("a single one in delta spreads the window", floats([1, 0], [0, 0]), SKEW),
    rule("every output spreads the window over what it saw", floats([1, -1, 2.5], [0, 3, 1]), SKEW),
    rule("a window need not be square", floats([2, 1], [-0.5, 3]), TALL),
    rule("numbers may have any size", 1e-3 * floats([2, 1.5]), 1e4 * EDGE + 1),
)
def blame(delta: Array, kernel: Array) -> Array:
    """Let every output spread its blame over the pixels that it saw."""
    (h, w), (a, b) = delta.shape, kernel.shape
    gradient = np.zeros((h + a - 1, w + b - 1))
    for i, j in np.ndindex(h, w):
        gradient[i : i + a, j : j + b] += delta[i, j] * kernel
    return gradient


@specification(
    rule(
        "the winner of each square has its gradient, alone",
        floats([10, 20.5]),
        floats([1, 5, 2, 0], [7, 3, 9, 1]),
    ),
    rule("the picture may be tall", floats([1.25], [-2]), floats([4, 1], [2, 3], [0, 1], [2, 9])),
    rule("a winner may be negative", floats([3.5]), floats([-4, -2], [-3, -1])),
    rule(
        "a winner need be the largest of its square only",
        floats([0.5, -1], [2, 0.25]),
        np.vstack([GREY, GREY[1:2] / 4]),
    ),
    rule(
        "the place counts, not the size",
        floats([0.3, 0]),
        1e-4 * floats([0.5, 2.5, 1, 1.25], [0.5, -1, 1, -9]),
    ),
)
def unpool(delta: Array, image: Array) -> Array:
    """Give each square's gradient to its largest pixel."""
    gradient = np.zeros(image.shape)
    for i, j in np.ndindex(*delta.shape):
        square = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        u, v = np.unravel_index(square.argmax(), (2, 2))
        gradient[2 * i + u, 2 * j + v] = delta[i, j]
    return gradient


@requirement(
    rule(
        "mean and spread come from the training set alone",
        floats([0, 10], [2, 30], [4, 20.5]),
        floats([2, 20], [10, 20]),
    ),
    rule("single pictures may arrive later", floats([1, 0], [3, 1], [2, 5], [6, 2.5]), floats([1, 1])),
    rule("every feature has a mean and a spread", TALL * floats(1e-3, 1e3), TALL[:2] * floats(2e-3, 1e3)),
)
def standardise_both(result: Any, train: Array, test: Array) -> None:
    """Want both sets centred and scaled by the numbers of the training set."""
    parts = as_parts(result, ("training set", "test set"))
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=0)
    first, other = as_numbers(parts[0], "a training set"), (train - mean) / train.std(axis=0, ddof=1)
    if first.shape == train.shape and np.allclose(first, other):
        raise NotYet("wanted the spread with the divisor n, got the one with n - 1")
    for got, data, name in zip(parts, (train, test), ("training set", "test set"), strict=True):
        require_close(got, (data - mean) / spread, name)


_P, _LABELS = floats(0.1, 0.4, 0.6, 0.9), np.array([0, 1, 0, 1])


@requirement(
    rule("no other threshold costs less", _P, _LABELS, 1.0, 1.5),
    rule("a false dog may cost more", _P, _LABELS, 10.0, 1.0),
    rule("a missed dog may cost more", _P[::-1], _LABELS[::-1], 1.0, 10.0),
    rule(
        "pictures may stand in any order",
        floats(0.7, 0.2, 0.95, 0.3, 0.8),
        np.array([0, 1, 0, 0, 1]),
        1.0,
        1.5,
    ),
    rule(
        "nothing may be called a dog, not even where p is one",
        floats(1, 0.35, 1, 0.75),
        np.array([0, 1, 0, 0]),
        3.5,
        1.25,
    ),
    rule("everything may be called a dog", floats(0.15, 0.05, 0.3), np.array([0, 1, 1]), 0.5, 0.75),
    rule(
        "pictures with the same p are called the same",
        floats(0.5, 0.5, 0.5, 0.25, 0.8),
        np.array([1, 0, 1, 0, 0]),
        2.5,
        2.0,
    ),
    rule("costs may have any size", floats(0.3, 0.6, 0.45, 0.2), np.array([0, 1, 1, 1]), 2e-9, 3e-9),
)
def cheapest_threshold(threshold: Any, p: Array, labels: Array, false_dog: float, missed_dog: float) -> None:
    """Accept any threshold, infinity among them, at which no other is cheaper."""
    cut = as_numbers(threshold, "one number")
    if cut.size != 1 or np.isnan(cut).any():
        raise NotYet(f"wanted one number, got {show(threshold)}")
    kind = np.asarray(threshold).dtype
    seen = p.astype(kind) if kind.kind == "f" else p  # few digits of p are p

    def cost(t: float) -> float:
        dog = seen >= t
        return float(false_dog * np.sum(dog & (labels == 0)) + missed_dog * np.sum(~dog & (labels == 1)))

    paid, least = cost(float(cut.item())), min(cost(t) for t in (*seen, np.inf))
    if paid > least * (1 + CLOSE):
        raise NotYet(
            f"wanted a threshold that costs {show(least, unlike=paid)}, "
            f"got {show(threshold)} that costs {show(paid, unlike=least)}"
        )


@specification(
    rule("every pixel changes the sum by its weight times epsilon", floats(1, -2), 0.0, floats(3, 1)),
    rule(
        "the classifier has a bias, and x may lie on either side", floats(0.5, 0.5, -1), 1.0, floats(0, 2, 5)
    ),
    rule("the classifier has a bias, and x may lie on either side", floats(3, 4), -2.5, floats(1, 1)),
    rule("pixels without weight do not count", floats(0, -0.75, 0), -3.0, floats(2, 0.5, 40)),
    rule("on the boundary nothing need change", floats(2, -1), 0.5, floats(0.25, 1)),
    rule("numbers may have any size", 1e-4 * floats(1.5, -2, 0.25), 30.0, 1e2 * floats(0.5, 3, -1)),
)
def least_epsilon(w: Array, b: float, x: Array) -> float:
    """Bisect for the size at which the steepest step in the box reaches the boundary."""
    side = np.sign(w @ x + b)
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        stays = side * (w @ (x - side * middle * np.sign(w)) + b) > 0
        low, high = (middle, high) if stays else (low, middle)
    return high


@specification(
    rule("the row is blurred, then the even places are kept", floats(0, 8, 0, 0, 0, 8, 0, 0)),
    rule("the ends are joined", floats(1, 2.5, 3, 4)),
    rule("what is constant stays", floats(4.5, 4.5, 4.5, 4.5, 4.5, 4.5)),
    rule("two numbers are each other's neighbours on both sides", floats(0.25, -3)),
    rule("numbers may have any size", 1e-3 * floats(2.5, -1, 40, 0.75, 3, -7)),
)
def blur_pool(row: Array) -> Array:
    """Write the sum out with neighbours counted around the ends."""
    n = len(row)
    return np.array([(row[i - 1] + 2 * row[i] + row[(i + 1) % n]) / 4 for i in range(0, n, 2)])
