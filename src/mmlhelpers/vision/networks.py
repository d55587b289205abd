"""The convolutional network of the case study, its trained weights, and what it says about pictures.

Throughout, `images` are (n, height, width, 3) from 0 to 1, `labels` (n,) are 0 for a cat and 1 for a dog, and
a `model` is a classifier with logits for both. Pictures of bytes, from 0 to 255, are refused: divide by 255.
"""

from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mmlhelpers import functional, nn, optim
from mmlhelpers._checks import Array, as_array, as_count, as_floats, as_generator, as_items, as_number
from mmlhelpers.convolution import output_size
from mmlhelpers.nn._layers import as_share
from mmlhelpers.nn._parameters import Numbers
from mmlhelpers.vision._layers import Convolution, Flatten, Images, Rectifier

_ROUNDING = 1e-6  # by which a brightness may miss its range
_MOST = 2**20  # channels of a layer, and pixels along a side
_AT_ONCE = 256  # pictures that a model looks at together


def convnet(
    rng: np.random.Generator,
    channels: Sequence[int] = (16, 32),
    size: int = 32,
    *,
    dropout: float = 0.0,
    batch_norm: bool = False,
    dtype: DTypeLike = np.float32,
) -> nn.Classifier:
    """Build a small convolutional network that tells two classes of colour pictures apart.

    Parameters
    ----------
    rng : Generator
        Source of the first weights.
    channels : sequence of int
        Number of kernels of each 3 by 3 convolution; each is followed by a 2 by 2 pooling, a bias and ReLU.
    size : int
        Height and width of the pictures.
    dropout : float
        Share of the features silenced in training, before the last layer.
    batch_norm : bool
        Whether to standardise every channel over the batch after the pooling; its shift is then the bias.
    dtype : dtype
        Precision: float32 for speed, float64 for checks.

    Returns
    -------
    Classifier
        A model for `nn.train`.

    Raises
    ------
    ValueError
        If the pictures are too small for so many poolings, or a parameter is out of range.

    Notes
    -----
    For the default 9,186 parameters, and 1.6 million multiplications a picture.

    References
    ----------
    Book, section "Image recognition".

    Examples
    --------
    >>> convnet(np.random.default_rng(0)).parameters.size
    9186
    """
    channels = [as_count(c, f"channels[{i}]", 1, _MOST) for i, c in enumerate(as_items(channels, "channels"))]
    if not channels:
        raise ValueError("channels must hold one number for each convolution, got none")
    dropout = as_share(dropout, "dropout")
    side = as_count(size, "size", 1, _MOST) // 2 ** len(channels)
    if side < 1:
        raise ValueError(
            f"size must be at least {2 ** len(channels)} for {len(channels)} poolings, got {size}"
        )
    layers: list[nn.Layer] = [Images()]
    for position, (c_in, c_out) in enumerate(zip((3, *channels), channels, strict=False)):
        layers += [Convolution(c_in, c_out, first=position == 0)]
        layers += [nn.BatchNorm(c_out, axis=0), nn.Activation("relu")] if batch_norm else [Rectifier(c_out)]
    layers += [Flatten(), *([nn.Dropout(dropout)] if dropout else [])]
    layers += [nn.Dense(channels[-1] * side**2, 2, nn.scaled_normal(1.0))]
    return nn.Classifier(nn.Sequential(layers, rng, dtype))


def pretrained() -> nn.Classifier:
    """Load the network that was trained on 8,000 drawn cats and dogs, as the page trains it.

    Returns
    -------
    Classifier
        ``convnet(rng, batch_norm=True)`` with trained weights.

    Notes
    -----
    A test trains it again from the seed and compares.

    References
    ----------
    Book, section "Image recognition".

    Examples
    --------
    >>> pretrained().parameters.size
    9234
    """
    model = convnet(np.random.default_rng(0), batch_norm=True)
    with resources.as_file(resources.files("mmlhelpers.vision") / "weights.npz") as path:
        model.network.weights.load(path)
    return model


def fit(
    model: nn.Classifier,
    images: ArrayLike,
    labels: ArrayLike,
    rng: np.random.Generator,
    *,
    steps: int = 750,
    rule: optim.Rule | None = None,
    peak: float = 5e-3,
    **options: Any,
) -> nn.History:
    """Train a model on pictures with the recipe of the page: batches of 64, Adam, warm-up, half a cosine.

    Parameters
    ----------
    model : Classifier
        What is trained, in place.
    images : (n, height, width, 3) array_like
        Pictures, at least 64.
    labels : (n,) array_like
        Classes.
    rng : Generator
        Source of the batches.
    steps : int
        How many, at least 20; the first twentieth is the warm-up.
    rule : Rule, optional
        Another rule than `optim.adam()`.
    peak : float
        Largest learning rate.
    **options : object
        Passed on to `nn.train`; `batches` replaces the pictures.

    Returns
    -------
    History
        What `nn.train` returns.

    Raises
    ------
    ValueError
        If the arguments do not fit together.

    Notes
    -----
    Six passes over 8,000 drawings take about a quarter of a minute on one processor.

    Examples
    --------
    >>> from mmlhelpers import datasets
    >>> rng = np.random.default_rng(0)
    >>> pets = datasets.draw_pets(64, rng)
    >>> history = fit(convnet(rng), pets.images, pets.labels, rng, steps=20)
    >>> len(history.train_loss), history.stopped
    (20, 'finished')
    """
    steps, peak, data = as_count(steps, "steps", 1), as_number(peak, "peak"), dict[str, Any]()
    if "batches" not in options:
        pictures = _as_images(images, "images")
        data = {"x": pictures, "y": _as_classes(labels, len(pictures)), "batch": 64}
    return nn.train(
        model,
        rule=rule or optim.adam(),
        learning_rate=optim.cosine(peak, steps, warm_up=steps // 20),
        rng=rng,
        steps=steps,
        **data,
        **options,
    )


def probabilities(model: nn.Classifier, images: ArrayLike) -> Numbers:
    """Say how probable the model finds a dog.

    Parameters
    ----------
    model : Classifier
        Any model for pictures.
    images : (n, height, width, 3) array_like
        Pictures.

    Returns
    -------
    (n,) ndarray
        Probability of the label 1, in evaluation.

    Raises
    ------
    ValueError
        If `images` is one picture only, or grey.

    Notes
    -----
    In the precision of the model.

    Examples
    --------
    >>> from mmlhelpers import datasets
    >>> dogs = datasets.draw_pets(50, np.random.default_rng(1), species=1).images
    >>> bool(np.mean(probabilities(pretrained(), dogs) > 0.5) > 0.8)
    True
    """
    pictures = _as_images(images, "images")
    logits = [
        _look(model, pictures[start : start + _AT_ONCE], "images")[0]
        for start in range(0, len(pictures), _AT_ONCE)
    ]
    return functional.softmax(np.concatenate(logits))[:, 1]


def input_gradient(model: nn.Classifier, images: ArrayLike, labels: ArrayLike) -> Numbers:
    r"""Differentiate the loss of each picture by its own pixels.

    Parameters
    ----------
    model : Classifier
        A model for pictures.
    images : (n, height, width, 3) array_like
        Pictures.
    labels : (n,) array_like
        Classes.

    Returns
    -------
    (n, height, width, 3) ndarray
        :math:`\nabla_x \ell(x, y)`, in nats per unit of brightness.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    One forward and one backward pass; the gradient by the parameters, a by-product, is overwritten.

    References
    ----------
    Simonyan, Vedaldi and Zisserman (2014), Deep inside convolutional networks, doi:10.48550/arXiv.1312.6034.

    Examples
    --------
    >>> input_gradient(pretrained(), np.full((1, 32, 32, 3), 0.5), [0]).shape
    (1, 32, 32, 3)
    """
    pictures = _as_images(images, "images")
    classes = _as_classes(labels, len(pictures))
    logits, memory = _look(model, pictures, "images")
    slope, own = functional.softmax(logits), (np.arange(len(classes)), classes)
    slope[own] = 0
    slope[own] = -slope.sum(axis=1)  # p - 1, with all its digits where p is nearly 1
    gradient: Numbers = model.network.backward(slope, memory)
    return gradient


def adversarial_step(model: nn.Classifier, images: ArrayLike, labels: ArrayLike, epsilon: float) -> Numbers:
    r"""Change every pixel by at most epsilon so that the loss rises as steeply as it can.

    Parameters
    ----------
    model : Classifier
        A model for pictures.
    images : (n, height, width, 3) array_like
        Pictures.
    labels : (n,) array_like
        True classes.
    epsilon : float
        Largest change of brightness.

    Returns
    -------
    (n, height, width, 3) ndarray
        :math:`x + \epsilon \operatorname{sign} \nabla_x \ell`, kept between 0 and 1.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Notes
    -----
    The fast gradient sign method: exact for a loss that is linear in the pixels.

    References
    ----------
    Goodfellow, Shlens and Szegedy (2015), Explaining and harnessing adversarial examples,
    doi:10.48550/arXiv.1412.6572.

    Examples
    --------
    >>> grey = np.full((1, 32, 32, 3), 0.5)
    >>> float(np.abs(adversarial_step(pretrained(), grey, [0], 0.1) - grey).max())
    0.1
    """
    pictures = _as_images(images, "images")
    moved: Numbers = pictures + as_number(epsilon, "epsilon") * np.sign(
        input_gradient(model, pictures, labels)
    )
    return np.clip(moved, 0, 1)


def occlusion_map(
    model: nn.Classifier, image: ArrayLike, size: int = 8, stride: int = 4, grey: float = 0.5
) -> Array:
    """Cover one square of a picture after another, and see what becomes of the probability of a dog.

    Parameters
    ----------
    model : Classifier
        A model for pictures.
    image : (height, width, 3) array_like
        One picture.
    size, stride : int
        Side of the square and its step, in pixels.
    grey : float
        Brightness of the cover.

    Returns
    -------
    (h', w') ndarray
        By how much the logarithm of the odds of a dog falls under each cover: positive where the picture
        speaks for a dog, negative where it speaks for a cat.

    Raises
    ------
    ValueError
        If the square does not fit.

    Notes
    -----
    One forward pass of as many pictures as there are places.

    References
    ----------
    Zeiler and Fergus (2014), Visualizing and understanding convolutional networks,
    doi:10.1007/978-3-319-10590-1_53.

    Examples
    --------
    >>> occlusion_map(pretrained(), np.full((32, 32, 3), 0.5)).shape
    (7, 7)
    """
    picture, grey = _as_images(as_array(image, "image")[None], "image")[0], as_number(grey, "grey")
    size, stride = as_count(size, "size", 1, min(picture.shape[:2])), as_count(stride, "stride", 1)
    if not 0 <= grey <= 1:
        raise ValueError(f"grey must be a brightness from 0 to 1, got {grey:.6g}")
    shape = tuple(output_size(side, size, stride) for side in picture.shape[:2])
    covered = np.repeat(picture[None], shape[0] * shape[1], axis=0)
    for number, (i, j) in enumerate(np.ndindex(*shape)):
        covered[number, stride * i : stride * i + size, stride * j : stride * j + size] = grey
    before, after = _log_odds(model, picture[None]), _log_odds(model, covered)
    fall: Array = (before - after).reshape(shape).astype(float)
    return fall


def feature_maps(model: nn.Classifier, image: ArrayLike) -> list[Numbers]:
    """Show what every convolution of a network makes of a picture.

    Parameters
    ----------
    model : Classifier
        A network as `convnet` builds it.
    image : (height, width, 3) array_like
        One picture.

    Returns
    -------
    list of (channels, h, w) ndarray
        The channels behind each ReLU, first layer first: not negative.

    Raises
    ------
    ValueError
        If `image` is no picture.

    Notes
    -----
    One forward pass, in evaluation.

    Examples
    --------
    >>> [maps.shape for maps in feature_maps(pretrained(), np.zeros((32, 32, 3)))]
    [(16, 16, 16), (32, 8, 8)]
    """
    picture = _as_images(as_array(image, "image")[None], "image")
    _, memory = _look(model, picture, "image")
    maps = []
    for layer, kept in zip(model.network.layers, memory, strict=True):
        if isinstance(layer, Rectifier):
            maps.append(kept[..., 0])
        elif isinstance(layer, nn.Activation):
            maps.append(kept[1][..., 0])
    return maps


def flips_and_shifts(
    images: Numbers, labels: NDArray[np.int64], batch: int, reach: int = 2
) -> Callable[[np.random.Generator], tuple[Numbers, NDArray[np.int64]]]:
    """Make endless batches of pictures that are mirrored at random and moved by a few pixels.

    Parameters
    ----------
    images : (n, height, width, 3) ndarray
        Pictures for training.
    labels : (n,) ndarray
        Their classes, which the changes keep.
    batch : int
        Pictures a batch.
    reach : int
        Largest shift in each direction, in pixels; the edge is repeated.

    Returns
    -------
    callable
        From a Generator to a batch (images, labels): what `nn.train` takes as `batches`.

    Raises
    ------
    ValueError
        If images and labels do not fit together, or `batch` or `reach` is out of range.

    Notes
    -----
    Every batch is drawn afresh, without replacement within the batch.

    Examples
    --------
    >>> draw = flips_and_shifts(np.zeros((5, 8, 8, 3)), np.arange(5) % 2, batch=4)
    >>> draw(np.random.default_rng(0))[0].shape
    (4, 8, 8, 3)
    """
    images = _as_images(images, "images")
    labels = _as_classes(labels, len(images))
    batch, reach = as_count(batch, "batch", 1, len(images)), as_count(reach, "reach", 0)
    height, width = images.shape[1:3]
    framed = np.pad(images, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")

    def draw(rng: np.random.Generator) -> tuple[Numbers, NDArray[np.int64]]:
        rng = as_generator(rng, "rng")
        rows = rng.choice(len(images), size=batch, replace=False)
        tops, lefts = rng.integers(0, 2 * reach + 1, size=(2, batch))
        mirrored = rng.random(batch) < 0.5
        pictures = np.empty((batch, height, width, 3), images.dtype)
        for picture, row, top, left, mirror in zip(pictures, rows, tops, lefts, mirrored, strict=True):
            window = framed[row, top : top + height, left : left + width]
            picture[:] = window[:, ::-1] if mirror else window
        return pictures, labels[rows]

    return draw


def _look(model: nn.Classifier, pictures: Numbers, name: str) -> tuple[Numbers, list[Any]]:
    """Go forward in evaluation."""
    try:
        return model.network.forward(pictures)
    except ValueError as error:
        raise ValueError(f"{name} of shape {pictures.shape} do not fit the model: {error}") from None


def _log_odds(model: nn.Classifier, images: Numbers) -> Numbers:
    """Logit of a dog minus that of a cat."""
    logits = _look(model, images, "image")[0]
    difference: Numbers = logits[:, 1] - logits[:, 0]
    return difference


def _as_images(value: ArrayLike, name: str) -> Numbers:
    images: Numbers = as_floats(value, name)
    if images.ndim != 4 or images.shape[3] != 3 or not len(images):
        raise ValueError(f"{name} must be pictures (n, height, width, 3), got shape {images.shape}")
    if not np.isfinite(images).all():
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinity")
    low, high = images.min(initial=0), images.max(initial=0)
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise ValueError(f"{name} must be from 0 to 1, got {low:.6g} to {high:.6g}: divide bytes by 255")
    return images


def _as_classes(value: ArrayLike, n: int) -> NDArray[np.int64]:
    labels = as_array(value, "labels")
    if labels.shape != (n,):
        raise ValueError(f"labels must have the shape ({n},), got {labels.shape}")
    if labels.dtype.kind not in "biu" or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels must be 0 for a cat and 1 for a dog, got {labels[:9]!r:.80}")
    return labels.astype(np.int64)
