"""Drawn cats and dogs: small colour pictures painted from a seed, every factor of variation known.

A pet is painted from back to front: wall and ground, body, ears, head, markings, muzzle, eyes, and what
stands before it. A part is a shape given by its signed distance, negative inside; its edge is softened over
one pixel, and its colour is laid over what is there. All of it happens for a batch of pictures at once.

In the private functions, `f` holds the factors of a batch, each (n, 1) in float32; what depends on the pixel
is (n, 1024), a colour (3, n, 1) or three numbers.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import Array, as_array, as_count, as_generator, as_number
from mmlhelpers._progress import track

Pixels = NDArray[np.floating[Any]]  # float32 throughout, also after meeting a plain number
Batch = dict[str, Pixels]

SIZE = 32  # pixels along a side
BATCH = 64  # pictures painted at once, so that their arrays stay in the cache


class Pets(NamedTuple):
    """Pictures `images` (n, height, width, 3) from 0 to 1, `labels` (n,), 0 for a cat and 1 for a dog.

    `factors` has an array (n,) for everything else that is known of the pictures.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    factors: dict[str, NDArray[Any]]

    def take(self, which: ArrayLike) -> "Pets":
        """Pick some of the pictures, with their labels and factors.

        Parameters
        ----------
        which : array_like of int or bool
            The places of the pictures, or (n,) True for those that are picked.

        Returns
        -------
        Pets
            The pictures in the order of `which`.

        Raises
        ------
        ValueError
            If a place does not exist, or truths are not one for each picture.

        Notes
        -----
        Exact: values are copied.

        Examples
        --------
        >>> pets = draw_pets(6, np.random.default_rng(0), ground=[0, 1, 1, 0, 1, 0])
        >>> len(pets.take(pets.factors["ground"] == 1).labels)
        3
        """
        i = _as_places(which, len(self.labels))
        factors = {name: values[i] for name, values in self.factors.items()}
        return Pets(self.images[i], self.labels[i], factors)


class Factor(NamedTuple):
    """What a factor means, and how cats and dogs differ in it.

    `cat` and `dog` are the ends of the range from which a number is drawn uniformly; where there are
    `choices`, they are the probability of each, and the factor is the place of the choice in the list.
    """

    meaning: str
    cat: tuple[float, ...]
    dog: tuple[float, ...]
    choices: tuple[str, ...] = ()

    @property
    def ends(self) -> tuple[float, float]:
        """Return the least and the largest value that a drawn cat or dog has.

        Returns
        -------
        tuple of float
            Ends of the range, or 0 and the last place in the list of choices.
        """
        if self.choices:
            return 0, len(self.choices) - 1
        return min(self.cat[0], self.dog[0]), max(self.cat[1], self.dog[1])


def _shared(meaning: str, *law: float, choices: tuple[str, ...] = ()) -> Factor:
    """Make a factor that says nothing about the species."""
    return Factor(meaning, law, law, choices)


COATS = {
    "black": (0.13, 0.12, 0.14),
    "grey": (0.50, 0.51, 0.54),
    "white": (0.92, 0.90, 0.87),
    "cream": (0.85, 0.73, 0.55),
    "ginger": (0.80, 0.50, 0.24),
    "brown": (0.42, 0.28, 0.18),
}
EYES = {
    "green": (0.55, 0.75, 0.25),
    "amber": (0.90, 0.65, 0.15),
    "brown": (0.35, 0.20, 0.10),
    "blue": (0.45, 0.65, 0.90),
}
LAWN = (0.25, 0.55, 0.18)
DARK = (0.10, 0.07, 0.07)
PINK = (0.85, 0.58, 0.56)
RED = (0.90, 0.42, 0.45)
WHITE = (0.97, 0.97, 0.97)
EVEN = (1 / len(COATS),) * len(COATS)

PET_FACTORS = {
    "species": _shared("what it is", 0.5, 0.5, choices=("cat", "dog")),
    "x": _shared("place of the head to the right, half pictures", -0.25, 0.25),
    "y": _shared("place of the head downwards, half pictures", -0.16, 0.16),
    "scale": _shared("size of the pet, half pictures", 0.9, 1.3),
    "tilt": _shared("turn of the head in the picture, radians clockwise", -0.35, 0.35),
    "turn": _shared("turn of the face to the right, dimensionless", -1.0, 1.0),
    "lean": _shared("place of the body to the right of the head, sizes of the pet", -0.25, 0.25),
    "ears": Factor(
        "how the ears are worn", (0.85, 0.15, 0), (0.4, 0.1, 0.5), ("upright", "folded", "hanging")
    ),
    "ear_size": _shared("length of the ears, dimensionless", 0.7, 1.2),
    "ear_tip": Factor("roundness of the tips of upright ears, dimensionless", (0.0, 0.5), (0.3, 1.0)),
    "head_width": Factor("width of the head, dimensionless", (0.95, 1.2), (0.8, 1.1)),
    "muzzle": Factor("size of the muzzle, dimensionless", (0.0, 0.45), (0.45, 1.0)),
    "nose": Factor("size of the nose, dimensionless", (0.0, 0.45), (0.4, 1.0)),
    "whiskers": Factor("strength of the whiskers, dimensionless", (0.3, 1.0), (0.0, 0.3)),
    "tongue": Factor("whether the tongue shows", (0.95, 0.05), (0.6, 0.4), ("in", "out")),
    "eye_size": Factor("size of the eyes, dimensionless", (0.8, 1.2), (0.65, 1.05)),
    "eyes": Factor("colour of the eyes", (0.35, 0.35, 0.2, 0.1), (0.05, 0.25, 0.6, 0.1), tuple(EYES)),
    "coat": _shared("colour of the coat", *EVEN, choices=tuple(COATS)),
    "second_coat": _shared("colour of the markings and the chest", *EVEN, choices=tuple(COATS)),
    "markings": Factor(
        "what the second colour draws on the head",
        (0.3, 0.2, 0.2, 0.3),
        (0.35, 0.25, 0.25, 0.15),
        ("none", "patch", "blaze", "stripes"),
    ),
    "wall_hue": _shared("hue of the wall, turns of the colour circle", 0.0, 1.0),
    "wall_light": _shared("lightness of the wall, from 0 to 1", 0.25, 0.85),
    "ground": _shared("what the pet sits on", 0.5, 0.5, choices=("carpet", "lawn")),
    "behind": _shared("what is on the wall", 0.4, 0.3, 0.3, choices=("nothing", "ball", "stripes")),
    "before": _shared("what hides a part of the pet", 0.6, 0.2, 0.2, choices=("nothing", "ball", "post")),
    "object_place": _shared("place of what stands before it to the right, half pictures", -0.9, 0.9),
    "object_light": _shared("lightness of what is behind and before, from 0 to 1", 0.1, 0.9),
    "light": _shared("strength of the light from one side, dimensionless", 0.0, 0.5),
    "light_angle": _shared("where the light comes from, radians clockwise from the right", 0.0, 2 * np.pi),
    "brightness": _shared("brightness added, from 0 to 1", -0.12, 0.12),
    "contrast": _shared("contrast, dimensionless", 0.65, 1.15),
    "noise": _shared("standard deviation of the noise of the camera, from 0 to 1", 0.01, 0.07),
}


def draw_pets(n: int, rng: np.random.Generator, *, shortcut: float = 0.0, **fixed: ArrayLike) -> Pets:
    r"""Draw cats and dogs, 32 by 32 pixels in colour.

    Parameters
    ----------
    n : int
        Number of pictures.
    rng : numpy.random.Generator
        Source of the random numbers. Two generators made from it are used: one for the factors, one for the
        noise.
    shortcut : float
        Correlation between being a dog and sitting on a lawn, from -1 to 1: at 0.9, 95 of 100 dogs sit on
        a lawn and 95 of 100 cats on a carpet. At 0 the ground says nothing.
    **fixed : (n,) array_like, number or str
        Values for some factors of `PET_FACTORS`: a number, the name of a choice, or one for each picture.

    Returns
    -------
    Pets
        `images` (n, 32, 32, 3) in float32, multiples of 1/255 from 0 to 1; `labels` (n,), 0 for a cat and
        1 for a dog; `factors`, an array (n,) for every name in `PET_FACTORS` but "species".

    Raises
    ------
    ValueError
        If `n` is not positive, `shortcut` is no correlation, or a fixed factor does not exist or has no such
        value. Numbers may lie outside the range of drawn pets by the width of that range.

    Notes
    -----
    The species is drawn first, then each factor on its own, given the species. Fixing a factor changes no
    other, and the first pictures of many are the few drawn with the same seed. Values are rounded to 8
    bits, as a camera does.

    References
    ----------
    Drawn for this book; its data card says what these pictures are, and what they are not.

    Examples
    --------
    >>> pets = draw_pets(5, np.random.default_rng(0), species="dog", ears="hanging")
    >>> pets.images.shape, pets.labels
    ((5, 32, 32, 3), array([1, 1, 1, 1, 1]))
    """
    rng = as_generator(rng, "rng")
    n = as_count(n, "n", 1)
    factor_rng, noise_rng = rng.spawn(2)
    factors = _draw_factors(n, factor_rng, shortcut, fixed)
    images = np.empty((n, SIZE, SIZE, 3), np.float32)
    for start in track(range(0, n, BATCH), "drawing pets"):
        some = slice(start, start + BATCH)
        f = {name: values[some, None].astype(np.float32) for name, values in factors.items()}
        clean = np.moveaxis(_paint(f).reshape(3, -1, SIZE, SIZE), 0, -1)
        noise = noise_rng.standard_normal(clean.shape, np.float32)
        seen = clean + f["noise"][..., None, None] * noise
        images[some] = np.rint(255 * seen.clip(0, 1)) / np.float32(255)
    labels = factors.pop("species")
    return Pets(images, labels, factors)


def _draw_factors(
    n: int, rng: np.random.Generator, shortcut: float, fixed: dict[str, ArrayLike]
) -> dict[str, NDArray[Any]]:
    """Draw every factor, or take it as given; `species` comes first and decides the laws of the others."""
    shortcut = as_number(shortcut, "shortcut")
    if not -1 <= shortcut <= 1:
        raise ValueError(f"shortcut must be a correlation, from -1 to 1, got {shortcut!r}")
    if unknown := set(fixed) - set(PET_FACTORS):
        raise ValueError(f"{min(unknown)} is no factor of a drawn pet; there are {', '.join(PET_FACTORS)}")
    often, rarely = (1 + shortcut) / 2, (1 - shortcut) / 2
    ground = PET_FACTORS["ground"]._replace(cat=(often, rarely), dog=(rarely, often))
    factors: dict[str, NDArray[Any]] = {"species": np.zeros(n, np.int64)}
    uniform = rng.random((n, len(PET_FACTORS))).T
    for (name, factor), u in zip((PET_FACTORS | {"ground": ground}).items(), uniform, strict=True):
        if name in fixed:
            factors[name] = _given(name, factor, fixed[name], n)
        else:
            law = np.array([factor.cat, factor.dog])[factors["species"]]  # (n, choices) or (n, 2)
            factors[name] = _choose(law, u) if factor.choices else law[:, 0] + np.diff(law)[:, 0] * u
    return factors


def _choose(probabilities: Array, u: Array) -> NDArray[np.int64]:
    """Turn a uniform number for each row of probabilities (n, k) into the place of a choice."""
    chosen: NDArray[np.int64] = (u[:, None] >= probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return chosen


def _given(name: str, factor: Factor, value: ArrayLike, n: int) -> NDArray[Any]:
    """Read the values (n,) that a caller wants for a factor."""
    low, high = factor.ends
    if factor.choices:
        wanted = f"one of {', '.join(factor.choices)}, or its place from 0 to {high}"
        places = {choice: place for place, choice in enumerate(factor.choices)}
        array = as_array(value, name)
        if array.dtype.kind == "U":
            array = np.array([places.get(choice, -1) for choice in array.ravel()]).reshape(array.shape)
    else:
        # As far outside the range as the range is wide, but not below zero where no pet is.
        low, high = max(2 * low - high, 0.0) if low >= 0 else 2 * low - high, 2 * high - low
        wanted = f"a number from {low:.4g} to {high:.4g}"
        array = as_array(value, name)
    if array.shape not in {(), (n,)}:
        raise ValueError(f"{name} must be one value or {n}, one for each picture, got shape {array.shape}")
    kinds = "iu" if factor.choices else "iuf"
    if array.dtype.kind not in kinds or not np.all((array >= low) & (array <= high)):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")
    return np.broadcast_to(array, n).astype(np.int64 if factor.choices else np.float64)


class _Frame(NamedTuple):
    """Coordinates of every pixel, `u` to the right and `v` down, and how wide a pixel is in them."""

    u: Pixels
    v: Pixels
    pixel: Any

    def moved(self, u: Any, v: Any) -> "_Frame":
        """Put the origin somewhere else."""
        return _Frame(self.u - u, self.v - v, self.pixel)

    def mirrored(self) -> "_Frame":
        """Let the left half be as the right one: what is drawn in it is drawn twice."""
        return _Frame(np.abs(self.u), self.v, self.pixel)

    def cover(self, distance: Any) -> Pixels:
        """Return the share of each pixel that lies inside of a shape, from its signed distance."""
        share: Pixels = np.clip(0.5 - distance / self.pixel, 0, 1)
        return share

    def ellipse(self, u: Any, v: Any, a: Any, b: Any) -> Pixels:
        """Cover an ellipse with centre (u, v) and radii a and b; the distance is exact for a circle."""
        reach = np.sqrt(((self.u - u) / a) ** 2 + ((self.v - v) / b) ** 2)
        return self.cover((reach - 1) * np.minimum(a, b))

    def limb(self, start: tuple[Any, Any], end: tuple[Any, Any], radius: Any, end_radius: Any) -> Pixels:
        """Cover what lies around a segment; the radius changes from one end to the other."""
        (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
        u, v = self.u - x, self.v - y
        along = np.clip((u * dx + v * dy) / (dx**2 + dy**2), 0, 1)
        away = np.sqrt((u - along * dx) ** 2 + (v - along * dy) ** 2)
        return self.cover(away - (radius + along * (end_radius - radius)))


def _lay(picture: Pixels, cover: Pixels, colour: Any) -> None:
    """Lay a colour over the picture (3, n, 1024) as far as it covers each pixel, in place."""
    for channel, value in zip(picture, colour, strict=True):
        channel += cover * (value - channel)


def _colour(palette: dict[str, tuple[float, float, float]], place: Pixels) -> Pixels:
    """Look up the colours (3, n, 1) of a palette."""
    colours: Pixels = np.array(list(palette.values()), np.float32).T[:, place.astype(np.int64)]
    return colours


def _either(condition: NDArray[np.bool_], yes: Any, no: Any) -> Pixels:
    """Choose for each picture, (n, 1), in single precision."""
    chosen: Pixels = np.where(condition, yes, no).astype(np.float32)
    return chosen


def _hue(turn: Pixels, light: Pixels) -> Pixels:
    """Return pale colours (3, n, 1) from around the colour circle."""
    shift = np.arange(3, dtype=np.float32)[:, None, None] / 3
    colours: Pixels = light * (1 + 0.25 * np.cos(2 * np.pi * (turn - shift)))
    return colours


def _paint(f: Batch) -> Pixels:
    """Paint a batch of pictures (3, n, 1024), without noise."""
    centres = (np.arange(SIZE, dtype=np.float32) + 0.5) * (2 / SIZE) - 1
    across, down = np.tile(centres, SIZE), np.repeat(centres, SIZE)
    room = _Frame(across, down, np.float32(2 / SIZE))
    objects = _hue(f["wall_hue"] + 0.4, f["object_light"])
    picture = _hue(f["wall_hue"], f["wall_light"]) * (1.1 - 0.2 * down)
    _paint_room(picture, room, objects, f)

    x, y = (across - f["x"]) / f["scale"], (down - f["y"]) / f["scale"]
    cos, sin = np.cos(f["tilt"]), np.sin(f["tilt"])
    pet = _Frame(x, y, room.pixel / f["scale"])
    head = _Frame(cos * x + sin * y, cos * y - sin * x, pet.pixel)
    coat, second = _colour(COATS, f["coat"]), _colour(COATS, f["second_coat"])
    _paint_body(picture, pet.moved(f["lean"], 0), coat, second)
    _paint_head(picture, head, coat, second, f)
    face = head.moved(0.08 * f["turn"], 0)
    _paint_muzzle(picture, face, coat, f)
    _paint_eyes(picture, face.mirrored(), f)

    ball = room.ellipse(f["object_place"], 0.72, 0.38, 0.38)
    post = room.cover(np.abs(across - f["object_place"] + 0.2 * down) - 0.11)
    _lay(picture, ball * (f["before"] == 1) + post * (f["before"] == 2), objects)
    lit = 1 + f["light"] * (np.cos(f["light_angle"]) * across + np.sin(f["light_angle"]) * down)
    seen: Pixels = f["contrast"] * (picture * lit - 0.5) + 0.5 + f["brightness"]
    return seen


def _paint_room(picture: Pixels, room: _Frame, objects: Pixels, f: Batch) -> None:
    """Paint what is on the wall, then the ground."""
    ball = room.ellipse(-f["object_place"], -0.35, 0.4, 0.4)
    stripes = np.clip(0.5 + 2 * np.cos(9 * (room.u + 0.5 * f["object_place"] * room.v)), 0, 1)
    _lay(picture, ball * (f["behind"] == 1) + stripes * (f["behind"] == 2), objects)
    ground = room.cover(0.45 - room.v + 0.1 * np.sin(3 * room.u + 6 * f["x"]))
    carpet = _hue(f["wall_hue"] + 0.5, np.full_like(f["x"], 0.45))
    colour = np.where(f["ground"] == 1, np.array(LAWN, np.float32)[:, None, None], carpet)
    tufts = 1 + 0.25 * np.sin(23 * room.u + 5 * room.v) * np.sin(31 * room.v)
    _lay(picture, ground, colour * tufts)


def _paint_body(picture: Pixels, body: _Frame, coat: Pixels, second: Pixels) -> None:
    """Paint the body, darker towards the sides, and a chest in the second colour."""
    trunk = body.ellipse(0, 1.0, 0.55, 0.7)
    _lay(picture, trunk, 0.85 * coat * (1 - 0.25 * np.minimum(1.5 * np.abs(body.u), 1)))
    _lay(picture, trunk * body.ellipse(0, 0.85, 0.25, 0.4), 0.9 * second)


def _paint_head(picture: Pixels, head: _Frame, coat: Pixels, second: Pixels, f: Batch) -> None:
    """Paint upright ears, the head with its markings, and over it ears that hang."""
    width, height = 0.52 * f["head_width"], 0.47
    upright = f["ears"] == 0
    drop = _either(f["ears"] == 1, 0.1, 0.45) * f["ear_size"]
    base = width * _either(upright, 0.62, 0.9), _either(upright, -0.3, -0.22)
    tip = width * _either(upright, 0.85, 1.15), _either(upright, -0.32 - 0.5 * f["ear_size"], drop - 0.2)
    sides = head.moved(0.04 * f["turn"], 0).mirrored()
    radius, tip_radius = _either(upright, 0.19, 0.13), _either(upright, 0.02 + 0.08 * f["ear_tip"], 0.14)
    ears = sides.limb(base, tip, radius, tip_radius)
    _lay(picture, ears * upright, 0.9 * coat)
    _lay(picture, sides.limb(base, tip, radius - 0.08, tip_radius - 0.08) * upright, PINK)

    shade = 1.05 - 0.3 * (head.u**2 + head.v**2)
    skull = head.ellipse(0, 0, width, height)
    _lay(picture, skull, coat * shade)
    _lay(picture, skull * _markings(head.moved(0.08 * f["turn"], 0), f["markings"]), second * shade)
    _lay(picture, ears * ~upright, 0.75 * coat)


def _markings(face: _Frame, kind: Pixels) -> Pixels:
    """Cover what has the second colour: a patch around one eye, a blaze, or stripes on the forehead."""
    patch = face.ellipse(0.26, -0.1, 0.2, 0.24)
    blaze = face.ellipse(0, -0.1, 0.1, 0.42)
    waves = np.clip(3 * np.cos(26 * (np.abs(face.u) + 0.15 * face.v)) - 1.5, 0, 1)
    stripes = waves * np.clip(-4 * face.v - 0.4, 0, 1)
    marked: Pixels = patch * (kind == 1) + blaze * (kind == 2) + stripes * (kind == 3)
    return marked


def _paint_muzzle(picture: Pixels, face: _Frame, coat: Pixels, f: Batch) -> None:
    """Paint the muzzle, what is on it, and the whiskers; a large one stands out and turns further."""
    size, nose = f["muzzle"], f["nose"]
    muzzle = face.moved((0.2 + 1.2 * size) * 0.08 * f["turn"], 0.2 + 0.08 * size)
    sides = muzzle.mirrored()
    _lay(picture, muzzle.ellipse(0, -0.04 * size, 0.17 + 0.12 * size, 0.12 + 0.18 * size), 0.7 * coat + 0.27)
    _lay(picture, muzzle.ellipse(0, 0.2 + 0.12 * size, 0.08, 0.13) * (f["tongue"] == 1), RED)
    corner = 0.1 + 0.06 * size, 0.08 + 0.05 * size
    _lay(picture, 0.8 * sides.limb((0, 0.12 + 0.08 * size), corner, 0.012, 0.012), DARK)
    rosy = np.clip(1 - 2.5 * nose, 0, 1)
    dark, pink = (np.array(colour, np.float32)[:, None, None] for colour in (DARK, PINK))
    nose_cover = muzzle.ellipse(0, -0.06 - 0.04 * size, 0.055 + 0.08 * nose, 0.04 + 0.06 * nose)
    _lay(picture, nose_cover, dark + rosy * (pink - dark))
    for start, end in ((0.0, -0.1), (0.05, 0.12)):
        _lay(picture, f["whiskers"] * sides.limb((0.14, start), (0.62, end), 0.012, 0.012), WHITE)


def _paint_eyes(picture: Pixels, sides: _Frame, f: Batch) -> None:
    """Paint two eyes with their pupils."""
    place, size = 0.23 * f["head_width"], 0.105 * f["eye_size"]
    _lay(picture, sides.ellipse(place, -0.08, size, size), _colour(EYES, f["eyes"]))
    _lay(picture, sides.ellipse(place, -0.08, 0.55 * size, 0.8 * size), DARK)


def _as_places(which: ArrayLike, n: int) -> NDArray[Any]:
    """Read the places of some of n pictures, or a truth for each."""
    places = as_array(which, "which")
    if not places.size:
        places = places.astype(np.int64)
    if places.dtype.kind == "b" and places.shape == (n,):
        return places
    if places.dtype.kind not in "iu" or places.min(initial=0) < 0 or places.max(initial=0) >= n:
        raise ValueError(
            f"which must be places from 0 to {n - 1} or {n} truths, got {places.dtype} of shape "
            f"{places.shape}"
        )
    return places
