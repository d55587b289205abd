"""What an explorer is: controls, a drawing function, the numbers it reads out and the laws they obey."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Frames of one explorer: more would make its asset heavy and its build slow.
MAX_FRAMES = 400
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Smaller than this is rounding error of numbers of order one, whose digits differ between machines.
_ZERO = 1e-12

Parameters = Mapping[str, Any]
Value = float | complex | str | tuple[complex, ...]


@dataclass(frozen=True)
class Control:
    """A slider: a number that the reader moves.

    Parameters
    ----------
    name : str
        Parameter of the drawing function.
    start, low, high, step : float
        Starting value, ends and spacing of the grid drawn for the site, in the unit of `unit`. If all are of
        type int, the function receives ints, in the live notebook too; otherwise the live slider is ten times
        finer than the grid.
    label : str, optional
        Words beside the slider; the name without underscores if left out.
    unit : str
        Printed after the value.

    Raises
    ------
    ValueError
        If `low` is not below `high`, `step` does not divide the range, or `start` is off the grid.

    Notes
    -----
    Grid values are rounded to ten decimals, so that 0.1 + 0.2 is shown and passed on as 0.3.

    Examples
    --------
    >>> Control("angle", start=30, low=0, high=90, step=30, unit="°").grid
    (0, 30, 60, 90)
    """

    name: str
    start: float
    low: float
    high: float
    step: float
    label: str | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.low < self.high or self.step <= 0:
            raise ValueError(
                f"control {self.name!r} wants low < high and step > 0, "
                f"but has low={self.low}, high={self.high}, step={self.step}"
            )
        steps = (self.high - self.low) / self.step
        if abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"step {self.step} of control {self.name!r} does not divide {self.low} to {self.high} evenly"
            )
        if self.start not in self.grid:
            raise ValueError(
                f"start {self.start} of control {self.name!r} is not one of its values {self.grid}"
            )

    @property
    def whole(self) -> bool:
        """Whether the control counts in whole numbers."""
        return all(isinstance(v, int) for v in (self.start, self.low, self.high, self.step))

    @property
    def grid(self) -> tuple[float, ...]:
        """All values that are drawn for the site, in order."""
        n = round((self.high - self.low) / self.step)
        if self.whole:
            return tuple(self.low + i * self.step for i in range(n + 1))
        return tuple(round(self.low + i * self.step, 10) + 0.0 for i in range(n + 1))

    @property
    def title(self) -> str:
        """The words beside the slider."""
        return self.label or self.name.replace("_", " ")

    def text(self, value: float) -> str:
        """Write a value with its unit."""
        return format_number(Number(value, self.unit, digits=6))


@dataclass(frozen=True)
class Choice:
    """A menu: one of a few named options.

    Parameters
    ----------
    name : str
        Parameter of the drawing function.
    options : tuple of str
        What can be chosen, as the reader sees it and as the function receives it.
    start : str, optional
        The option chosen at first; the first one if left out.
    label : str, optional
        Words beside the menu; the name without underscores if left out.

    Raises
    ------
    ValueError
        If there are fewer than two options, or `start` is not one of them.

    Examples
    --------
    >>> Choice("photo", options=("china", "flower")).start
    'china'
    """

    name: str
    options: tuple[str, ...]
    start: str = ""
    label: str | None = None

    def __post_init__(self) -> None:
        if len(set(self.options)) < 2:
            raise ValueError(
                f"choice {self.name!r} wants at least two different options, but has {self.options}"
            )
        if not self.start:
            object.__setattr__(self, "start", self.options[0])
        if self.start not in self.options:
            raise ValueError(
                f"start {self.start!r} of choice {self.name!r} is not one of its options {self.options}"
            )

    @property
    def grid(self) -> tuple[str, ...]:
        """All options, in order."""
        return self.options

    @property
    def title(self) -> str:
        """The words beside the menu."""
        return self.label or self.name.replace("_", " ")

    def text(self, value: str) -> str:
        """Write an option: it is its own text."""
        return value


@dataclass(frozen=True)
class Handle:
    """A point of the picture that the reader drags.

    Parameters
    ----------
    moves : tuple of str
        Names of the controls that follow the pointer; among their positions the one whose handle is nearest
        wins.
    at : callable
        From the parameters (a mapping) to the handle's place, x and y in data coordinates.
    axes : int
        Number of the Axes in the figure, from 0.

    Examples
    --------
    >>> Handle(moves=("x", "y"), at=lambda p: (p["x"], p["y"])).axes
    0
    """

    moves: tuple[str, ...]
    at: Callable[[Parameters], tuple[float, float]]
    axes: int = 0


@dataclass(frozen=True)
class Number:
    """A number to read out, with its unit and precision.

    Parameters
    ----------
    value : float, complex, str or tuple of complex
        What was computed, dimension as in `unit`.
    unit : str
        Printed after the value.
    digits : int
        Significant digits.

    Examples
    --------
    >>> format_number(Number(31.41592, digits=3))
    '31.4'
    """

    value: Value
    unit: str = ""
    digits: int = 4


@dataclass(frozen=True)
class Scene:
    """What a drawing function returns: a picture and the numbers read off it.

    Parameters
    ----------
    figure : Figure
        A matplotlib Figure made without pyplot; every frame has the same size and its Axes in the same
        places.
    numbers : mapping of str to Number, float, complex, str or tuple
        Read-outs by name, the same names in the same order for all parameters.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> Scene(Figure(), {"det A": 2.0}).readouts
    {'det A': '2'}
    """

    figure: Figure
    numbers: Mapping[str, Any]

    @property
    def values(self) -> dict[str, Any]:
        """The numbers without units, as the invariants receive them."""
        return {name: n.value if isinstance(n, Number) else n for name, n in self.numbers.items()}

    @property
    def readouts(self) -> dict[str, str]:
        """The numbers as the reader sees them."""
        return {name: format_number(number) for name, number in self.numbers.items()}


Draw = Callable[..., Scene]
Invariant = Callable[[Parameters, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Explorer:
    """An interactive figure; made by the decorator `explorer`, drawn by calling it.

    Parameters
    ----------
    draw : callable
        The pure drawing function.
    controls : tuple of Control or Choice
        What the reader moves, in the order shown.
    alt, caption : str
        Alternative text of the starting picture; what to see.
    play : str, optional
        Name of the control that the Play button moves.
    handle : Handle, optional
        Point to drag.
    invariants : dict of str to callable
        Laws by name, each a function (parameters, numbers) -> bool.
    """

    draw: Draw
    controls: tuple[Control | Choice, ...]
    alt: str
    caption: str
    play: str | None = None
    handle: Handle | None = None
    invariants: dict[str, Invariant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = tuple(control.name for control in self.controls)
        wanted = tuple(inspect.signature(self.draw).parameters)
        if names != wanted:
            raise ValueError(f"explorer {self.name} has controls {names}, but its function takes {wanted}")
        if self.size > MAX_FRAMES:
            raise ValueError(
                f"explorer {self.name} has {self.size} frames, more than {MAX_FRAMES}: "
                "make a control coarser or leave one out"
            )
        if not 40 <= len(self.alt) <= 300:
            raise ValueError(
                f"alt of explorer {self.name} wants 40 to 300 characters, but has {len(self.alt)}"
            )
        if not self.caption.strip():
            raise ValueError(f"explorer {self.name} wants a caption that says what to see")
        sliders = {control.name for control in self.controls if isinstance(control, Control)}
        moved = (*(self.handle.moves if self.handle else ()), *([self.play] if self.play else []))
        for name in moved:
            if name not in sliders:
                raise ValueError(
                    f"explorer {self.name} moves {name!r}, but its sliders are {sorted(sliders)}"
                )

    @property
    def name(self) -> str:
        """Section and function, for instance ``linear_algebra.plane_map``."""
        return f"{self.draw.__module__.rpartition('.')[2]}.{self.draw.__name__}"

    @property
    def size(self) -> int:
        """Number of frames drawn for the site."""
        return math.prod(len(control.grid) for control in self.controls)

    @property
    def start(self) -> dict[str, Any]:
        """The parameters at first."""
        return {control.name: control.start for control in self.controls}

    def grid(self) -> Iterator[dict[str, Any]]:
        """Yield the parameters of every frame; the last control runs fastest."""
        names = [control.name for control in self.controls]
        for values in itertools.product(*(control.grid for control in self.controls)):
            yield dict(zip(names, values, strict=True))

    def describe(self, parameters: Parameters) -> str:
        """Write parameters as the reader sees them: ``angle = 30°, photo = china``."""
        return ", ".join(f"{c.title} = {c.text(parameters[c.name])}" for c in self.controls)

    def invariant(self, law: Invariant) -> Invariant:
        """Register a law, a function (parameters, numbers) -> bool, that holds at every grid point.

        Parameters
        ----------
        law : callable
            Its name is the name of the law.

        Returns
        -------
        callable
            The same function, so that this is a decorator.
        """
        self.invariants[law.__name__] = law
        return law

    def broken_laws(self, parameters: Parameters, scene: Scene) -> list[str]:
        """Names of the invariants that do not hold for a scene drawn with these parameters."""
        return [name for name, law in self.invariants.items() if not law(parameters, scene.values)]

    def __call__(self, **parameters: Any) -> Scene:
        """Draw in the book's style; a parameter left out stands at its start.

        Parameters
        ----------
        **parameters : float or str
            Values by name of control.

        Returns
        -------
        Scene
            The figure and its numbers.

        Raises
        ------
        ValueError
            If there is no control of that name.
        """
        from mmlhelpers.explorers._style import house_style

        unknown = parameters.keys() - self.start.keys()
        if unknown:
            raise ValueError(
                f"explorer {self.name} has no control {sorted(unknown)}; it has {list(self.start)}"
            )
        with house_style():
            return self.draw(**{**self.start, **parameters})


def explorer(
    *controls: Control | Choice, alt: str, caption: str, play: str | None = None, handle: Handle | None = None
) -> Callable[[Draw], Explorer]:
    """Turn a pure drawing function into an explorer.

    Parameters
    ----------
    *controls : Control or Choice
        In the order of the function's parameters.
    alt : str
        40 to 300 characters that say what the starting picture shows.
    caption : str
        What to see; plain text.
    play : str, optional
        Name of a Control that a Play button moves; only where motion teaches.
    handle : Handle, optional
        A point of the picture to drag.

    Returns
    -------
    callable
        Decorator that makes an `Explorer` of a function.

    Raises
    ------
    ValueError
        If the controls do not fit the function, the grid has more than 400 frames, `alt` is too short or too
        long, or `play` or `handle` names something that is not a slider.

    Notes
    -----
    The function may call everything in the numerics and in `plotting`; it must not read files, time or random
    state.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> @explorer(
    ...     Control("n", start=1, low=0, high=3, step=1),
    ...     alt="An empty picture that only shows how an explorer is declared.",
    ...     caption="Nothing moves here yet.",
    ... )
    ... def empty(n):
    ...     return Scene(Figure(), {"n squared": n**2})
    >>> empty(n=3).readouts
    {'n squared': '9'}
    """

    def decorate(draw: Draw) -> Explorer:
        return Explorer(draw, controls, alt, caption, play, handle)

    return decorate


def format_number(number: Number | Value) -> str:
    """Write a number for the reader, the same in every runtime.

    Parameters
    ----------
    number : Number, float, complex, str or tuple of complex
        Text is passed on as it is; of a tuple, a conjugate pair becomes ``a ± bi``.

    Returns
    -------
    str
        Four significant digits unless `Number` says otherwise, a real minus sign, powers of ten above a
        million and below 1e-4, ``–`` for what is undefined (nan); anything below 1e-12 is rounding error and
        shown as 0.

    Examples
    --------
    >>> format_number(-0.0), format_number(2 / 3), format_number(1.5e-7), format_number((1 + 2j, 1 - 2j))
    ('0', '0.6667', '1.5 · 10⁻⁷', '1 ± 2i')
    """
    if not isinstance(number, Number):
        number = Number(number)
    text = _text(number.value, number.digits)
    # Degrees and per cent stand close, other units after a no-break space.
    gap = "" if number.unit in ("", "°", "%") else "\N{NO-BREAK SPACE}"
    return f"{text}{gap}{number.unit}"


def _text(value: Value, digits: int) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        if len(value) == 2 and value[0].imag and value[0] == value[1].conjugate():
            return f"{_real(value[0].real, digits)} ± {_real(abs(value[0].imag), digits)}i"
        return ", ".join(_text(v, digits) for v in value)
    if isinstance(value, complex) and abs(value.imag) > _ZERO:
        sign = "+" if value.imag > 0 else "−"
        return f"{_real(value.real, digits)} {sign} {_real(abs(value.imag), digits)}i"
    return _real(float(value.real), digits)


def _real(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) < _ZERO:
        return "0"
    # Twelve digits first: two results that differ only by rounding error look the same.
    exact = Decimal(f"{value:.12g}")
    last = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    rounded = exact.quantize(last, ROUND_HALF_UP)
    exponent = rounded.adjusted()
    if -4 <= exponent < 6:
        text = f"{rounded.normalize():f}"
    else:
        text = f"{rounded.scaleb(-exponent).normalize():f} · 10{str(exponent).translate(_SUPERSCRIPTS)}"
    return text.replace("-", "−")
