"""The exercises of the chapter on image recognition: slow truths, judges and the inputs they are tried on.

Pictures are grey, (h, w) arrays of float64, unless a name says otherwise; windows are (a, b).
"""

from typing import Any

import numpy as np

from mmlhelpers._checks import Array
from mmlhelpers.exercises._reading import CLOSE, NotYet, as_numbers
from mmlhelpers.exercises._registry import by_hand, requirement, specification
from mmlhelpers.exercises._writing import show

EDGE = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
PICTURE = np.array([[1.0, 2, 0, 4, 1], [0, 3, 1, 1, 2], [5, 1, 0, 2, 2], [1, 1, 3, 0, 1]])
SKEW = np.array([[1.0, 2], [3, -4]])


# By hand


def _whole_numbers(value: Any, wanted: tuple[int, ...], names: tuple[str, ...]) -> None:
    """Compare whole numbers one after the other, and name the first that is wrong."""
    numbers = as_numbers(value, f"{len(wanted)} numbers", (len(wanted),))
    for got, right, name in zip(numbers, wanted, names, strict=True):
        if not abs(got - right) <= 0.5:
            raise NotYet(f"{name} is not {show(got)}; what stands before it is right")


@by_hand
def stack_sizes(value: Any) -> None:
    """Find the sizes of 65 pixels after four layers, and the receptive field of the last."""
    names = ("the size after the first layer", "after the second", "after the third", "after the fourth")
    _whole_numbers(value, (65, 33, 16, 14, 19), (*names, "the receptive field"))


@by_hand
def weights_and_products(value: Any) -> None:
    """Count the parameters of a dense and of a convolution layer, and the products of the latter."""
    names = ("the dense layer", "the convolution layer", "the number of products")
    _whole_numbers(value, (3072 * 256 + 256, 32 * 16 * 9 + 32, 32 * 16 * 9 * 16 * 16), names)


@by_hand
def fourier_pays(value: Any) -> None:
    """Find the smallest odd window for which the Fourier way takes fewer operations."""
    side = as_numbers(value, "one number", ())
    if side % 2 != 1:
        raise NotYet("wanted an odd side, so that the window has a middle")
    cost = 3 * 4 * 18 + 6
    if side**2 <= cost:
        raise NotYet(f"a window of {side:.0f} takes {side**2:.0f} products a pixel, the Fourier way {cost}")
    if (side - 2) ** 2 > cost:
        raise NotYet(f"the Fourier way pays for {side:.0f}, and for a smaller odd window too")


# Functions


@specification(
    (PICTURE, SKEW, 1),
    (PICTURE, EDGE, 1),
    (PICTURE, SKEW, 2),
    (np.ones((2, 2)), SKEW, 3),
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
    (PICTURE, np.array([1.0, 2]), np.array([-1.0, 0, 1])),
    (PICTURE, np.array([1.0, 0, -1]), np.array([2.0, 1])),
    (PICTURE, np.array([3.0]), np.array([1.0, 1, 1])),
)
def two_passes(image: Array, column: Array, row: Array) -> Array:
    """Slide the outer product."""
    return slide(image, np.outer(column, row), 1)


@specification(
    (np.array([[1.0, -1, 2], [0, 3, 1]]), PICTURE[:3, :4]),
    (np.array([[1.0, 2]]), PICTURE[:2, :3]),
    (np.array([[2.0]]), PICTURE[:2, :2]),
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
    (np.array([[1.0, 0], [0, 0]]), SKEW),
    (np.array([[1.0, -1, 2], [0, 3, 1]]), SKEW),
    (np.array([[2.0, 1]]), EDGE),
)
def blame(delta: Array, kernel: Array) -> Array:
    """Let every output spread its blame over the pixels that it saw."""
    (h, w), (a, b) = delta.shape, kernel.shape
    gradient = np.zeros((h + a - 1, w + b - 1))
    for i, j in np.ndindex(h, w):
        gradient[i : i + a, j : j + b] += delta[i, j] * kernel
    return gradient


@specification(
    (np.array([[10.0, 20]]), np.array([[1.0, 5, 2, 0], [7, 3, 9, 1]])),
    (np.array([[1.0], [-2]]), np.array([[4.0, 1], [2, 3], [0, 1], [2, 9]])),
    (np.array([[3.0]]), np.array([[-1.0, -2], [-3, -4]])),
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
    (np.array([[0.0, 10], [2, 30], [4, 20]]), np.array([[2.0, 20], [10, 20]])),
    (np.array([[1.0, 0], [3, 1], [2, 5], [6, 2]]), np.array([[1.0, 1]])),
)
def standardise_both(result: Any, train: Array, test: Array) -> None:
    """Want both sets centred and scaled by the numbers of the training set."""
    if not isinstance(result, list | tuple) or len(result) != 2:
        raise NotYet(f"wanted a pair, training and test set, got {show(result)}")
    mean, spread = train.mean(axis=0), train.std(axis=0, ddof=0)
    for got, data, name in zip(result, (train, test), ("training", "test"), strict=True):
        numbers = as_numbers(got, f"a {name} set of shape {data.shape}", data.shape)
        if not np.allclose(numbers, (data - mean) / spread, rtol=CLOSE, atol=CLOSE):
            raise NotYet(
                f"the {name} set is wrong: mean and spread must come from the training set alone, "
                f"got {show(numbers)}"
            )


@requirement(
    (np.array([0.1, 0.4, 0.6, 0.9]), np.array([0, 1, 0, 1]), 1.0, 1.0),
    (np.array([0.1, 0.4, 0.6, 0.9]), np.array([0, 1, 0, 1]), 10.0, 1.0),
    (np.array([0.1, 0.4, 0.6, 0.9]), np.array([0, 1, 0, 1]), 1.0, 10.0),
    (np.array([0.2, 0.3, 0.7, 0.8, 0.95]), np.array([1, 0, 0, 1, 0]), 2.0, 1.0),
)
def cheapest_threshold(threshold: Any, p: Array, labels: Array, false_dog: float, missed_dog: float) -> None:
    """Accept any threshold at which no other is cheaper."""
    cut = as_numbers(threshold, "one number", ())

    def cost(t: float) -> float:
        dog = p >= t
        return float(false_dog * np.sum(dog & (labels == 0)) + missed_dog * np.sum(~dog & (labels == 1)))

    least = min(cost(t) for t in (*p, np.inf))
    if cost(float(cut)) > least + CLOSE:
        raise NotYet(f"your threshold {show(threshold)} costs {cost(float(cut)):g}, another {least:g}")


@specification(
    (np.array([1.0, -2]), 0.0, np.array([3.0, 1])),
    (np.array([0.5, 0.5, -1]), 1.0, np.array([0.0, 2, 5])),
    (np.array([3.0, 4]), -2.0, np.array([1.0, 1])),
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
    (np.array([0.0, 8, 0, 0, 0, 8, 0, 0]),),
    (np.array([1.0, 2, 3, 4]),),
    (np.array([4.0, 4, 4, 4, 4, 4]),),
)
def blur_pool(row: Array) -> Array:
    """Write the sum out with neighbours counted around the ends."""
    n = len(row)
    return np.array([(row[i - 1] + 2 * row[i] + row[(i + 1) % n]) / 4 for i in range(0, n, 2)])
