"""The tape: the list of all operations, and the walk back along it."""

import collections
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from mmlhelpers.autodiff._entrywise import unused
from mmlhelpers.autodiff._groups import as_input
from mmlhelpers.autodiff._shapes import summed_to
from mmlhelpers.autodiff._traced import ENTRYWISE, MOVING, RULES, Rule, Traced, call, name_of, plain

_NO_OPTIONS: dict[str, Any] = {}
LEVELS = itertools.count()  # a derivative begun later is inside those begun before
_SCALARS = {int, float, bool, np.float64, np.float32, np.int64, np.bool_}
_SMALL = 1024  # entries up to which an array is copied without asking whether it was before


class Node(NamedTuple):
    """One line of a tape: what was computed, from what, and which nodes that came from.

    `parents` holds pairs: the position of an argument and the number of its node. An input has no function.
    """

    function: Rule | None
    args: Sequence[Any]
    kwargs: dict[str, Any]
    out: Any
    parents: Sequence[tuple[int, int]]


def _operator(function: Rule) -> Any:
    """Make an operator of two numbers, and its mirror image for a plain number on the left."""

    def forward(x: Any, y: Any) -> Any:
        a = x.value
        if type(y) is Tensor and y.tape is x.tape:
            b = y.value
            return Tensor(function(a, b), x.tape, function, (a, b), ((0, x.index), (1, y.index)))
        if type(y) not in _SCALARS:
            return call(function, x, y)
        return Tensor(function(a, y), x.tape, function, (a, y), ((0, x.index),))

    def mirrored(x: Any, y: Any) -> Any:
        if type(y) not in _SCALARS:
            return call(function, y, x)
        return Tensor(function(y, x.value), x.tape, function, (y, x.value), ((1, x.index),))

    return forward, mirrored


class Tensor(Traced):
    """An array that stands on a tape; NumPy's functions on it write themselves down there.

    Parameters
    ----------
    value : ndarray
        The numbers.
    tape : Tape
        Where it is written down.
    function : callable or None
        What made it.
    args : sequence
        From what: arrays, and plain arguments.
    parents : sequence of (int, int)
        Which of the arguments stand on the tape, and on which line.
    kwargs : dict
        Options of the function.
    """

    __slots__ = ("index", "tape", "value")

    def __init__(
        self,
        value: Any,
        tape: "Tape",
        function: Rule | None,
        args: Sequence[Any],
        parents: Sequence[tuple[int, int]],
        kwargs: dict[str, Any] = _NO_OPTIONS,
    ) -> None:
        lines = tape.lines
        self.value, self.tape, self.index = value, tape, len(lines)
        lines.append((function, args, kwargs, value, parents))

    @property
    def level(self) -> int:  # type: ignore[override]
        """Which derivative it belongs to.

        Returns
        -------
        int
            Larger for a derivative that was begun later, and so is inside.
        """
        return self.tape.level

    def _apply(self, function: Rule, args: tuple[Any, ...], kwargs: dict[str, Any]) -> "Tensor":
        if len(args) == 1:
            value, index = self.value, self.index
            return Tensor(function(value, **kwargs), self.tape, function, (value,), ((0, index),), kwargs)
        tape, values, kept, parents = self.tape, list(args), list(args), []
        for i, x in enumerate(args):
            if type(x) is Tensor and x.tape is tape:
                values[i] = kept[i] = x.value
                parents.append((i, x.index))
            else:
                kept[i] = tape.hold(x)
        # What still remembers something older acts by itself.
        return Tensor(function(*values, **kwargs), tape, function, kept, parents, kwargs)

    # The mixin has all operators, by way of NumPy; for the frequent ones that way is too long.
    __add__, __radd__ = _operator(np.add)
    __sub__, __rsub__ = _operator(np.subtract)
    __mul__, __rmul__ = _operator(np.multiply)
    __truediv__, __rtruediv__ = _operator(np.divide)
    __pow__, __rpow__ = _operator(np.power)
    __matmul__, __rmatmul__ = _operator(np.matmul)


class Tape:
    """The list of all operations in order of creation, so that every line comes after what it needs.

    Examples
    --------
    >>> from mmlhelpers.autodiff import record
    >>> tape, y = record(lambda w, x: np.tanh(w * x), 2.0, 0.25)
    >>> print(tape)
    line  operation  of    value
       0  w                    2
       1  x                 0.25
       2  multiply   0, 1    0.5
       3  tanh       2    0.4621
    """

    def __init__(self) -> None:
        self.level = next(LEVELS)
        self.lines: list[tuple[Any, ...]] = []  # nodes as plain tuples, which are made faster
        self.names: list[str] = []
        self._inputs: list[int] = []
        self._held: dict[int, tuple[Any, Any]] = {}

    @property
    def nodes(self) -> list[Node]:
        """All lines, with names for what stands in them.

        Returns
        -------
        list of Node
            In order of creation.

        Examples
        --------
        >>> from mmlhelpers.autodiff import record
        >>> record(lambda w: w * 3.0, 2.0)[0].nodes[1].parents
        ((0, 0),)
        """
        return [Node(*line) for line in self.lines]

    def input(self, value: Any, name: str = "input") -> Tensor:
        """Write down a number that the derivative is asked for.

        Parameters
        ----------
        value : array_like
            The numbers; integers are read as floats.
        name : str
            What the printed tape calls it.

        Returns
        -------
        Tensor
            The same numbers, standing on the tape.
        """
        self.names.append(name)
        value = as_input(value, name)
        self._inputs.append(len(self.lines))
        return Tensor(value, self, None, (), ())

    def hold(self, x: Any) -> Any:
        """Copy what the caller may change later; a large array once as long as it does not change.

        Parameters
        ----------
        x : object
            A plain argument of an operation.

        Returns
        -------
        object
            The same, safe from changes.
        """
        if type(x) in _SCALARS:
            return x
        if isinstance(x, list):
            return np.array(x)
        if isinstance(x, tuple):
            return tuple(map(self.hold, x))
        if not isinstance(x, np.ndarray):
            return x
        if x.size <= _SMALL:
            return x.copy()
        known = self._held.get(id(x))
        if known is None or known[0] is not x or not np.array_equal(known[1], x):
            known = self._held[id(x)] = (x, x.copy())
        return known[1]

    def backward(self, output: Tensor, g: Any = 1.0, keep: bool = True) -> Iterator[tuple[int, list[Any]]]:
        """Walk the tape backward, one line a step, and hand every gradient on to the parents.

        Parameters
        ----------
        output : Tensor
            Where to begin.
        g : array_like
            The gradient there, in the shape of `output`.
        keep : bool
            Whether lines already passed keep their gradients, to be shown.

        Yields
        ------
        (int, list)
            The line just passed, and the gradients known so far, one a line, None where still unknown.

        Examples
        --------
        >>> from mmlhelpers.autodiff import record
        >>> tape, y = record(lambda w, x: np.tanh(w * x), 2.0, 0.25)
        >>> [line for line, gradients in tape.backward(y)]
        [3, 2, 1, 0]
        """
        gradients: list[Any] = [None] * (output.index + 1)
        gradients[-1] = g if isinstance(g, Traced) else np.asarray(g, dtype=plain(output).dtype)
        for line in range(output.index, -1, -1):
            g, (function, args, kwargs, out, parents) = gradients[line], self.lines[line]
            if g is not None and function is not None:
                rules = RULES[function]
                for position, parent in parents:
                    rule, known = rules[position], gradients[parent]
                    share = rule(g, out, *args, **kwargs) if kwargs else rule(g, out, *args)  # faster
                    if share.shape != args[position].shape:
                        share = summed_to(share, args[position].shape)
                    gradients[parent] = share if known is None else known + share
                if not keep:
                    gradients[line] = None
            yield line, gradients

    def gradients(self, output: Tensor, g: Any = 1.0) -> list[Any]:
        """Walk back to the inputs; where infinity met zero, again with care.

        Parameters
        ----------
        output : Tensor
            Where to begin.
        g : array_like
            The gradient there.

        Returns
        -------
        list
            One gradient a line, kept for the inputs only; None where nothing arrived.

        Raises
        ------
        ValueError
            If an infinite slope meets a zero in an entry that counts, so that there is no derivative to read.

        Notes
        -----
        What a choice (`np.where`, `np.maximum`, an index) leaves out counts nothing, be it infinite or not.
        """
        with np.errstate(all="ignore"):
            _, known = collections.deque(self.backward(output, g, keep=False), maxlen=1)[0]
            inputs = (known[line] for line in self._inputs if line < len(known))
            if all(_is_finite(one) for one in inputs if one is not None):
                return known
            return self._with_care(output, g)

    def _with_care(self, output: Tensor, g: Any) -> list[Any]:
        """Walk back, and carry along which entries are asked for at all."""
        known: list[Any] = [None] * (output.index + 1)
        asked: list[Any] = [False] * (output.index + 1)
        known[-1] = g if isinstance(g, Traced) else np.asarray(g, dtype=plain(output).dtype)
        asked[-1] = plain(known[-1]) != 0
        suspect = "the last operation"
        for line in range(output.index, -1, -1):
            g, (function, args, kwargs, out, parents) = known[line], self.lines[line]
            if g is None or function is None:
                continue
            for position, parent in parents:
                share = RULES[function][position](g, out, *args, **kwargs)
                mask = _asked(function, position, asked[line], args, kwargs, [i for i, _ in parents])
                share = np.where(np.broadcast_to(mask, np.shape(share)), share, 0.0)
                if np.isnan(plain(share)).any() and not np.isnan(plain(g)).any():
                    suspect = f"np.{name_of(function)} on line {line} of the tape"
                shape = np.shape(args[position])
                share, mask = summed_to(share, shape), summed_to(mask * 1.0, shape) != 0
                known[parent] = share if known[parent] is None else known[parent] + share
                asked[parent] = asked[parent] | mask
            known[line] = None
        bad = any(one is not None and np.isnan(plain(one)).any() for one in known)
        if bad and np.isfinite(plain(output)).all():
            raise ValueError(
                f"the derivative at x is not determined: an infinite slope meets a zero in {suspect}; "
                "move x, or choose the branch with np.where on the inputs (for lengths, use np.linalg.norm)"
            )
        return known

    def table(self, gradients: list[Any] | None = None) -> str:
        """Write the tape as a table, with the gradients known so far.

        Parameters
        ----------
        gradients : list, optional
            One a line, as `backward` yields them.

        Returns
        -------
        str
            One line of text for every line of the tape.
        """
        names = iter(self.names)
        rows = [["line", "operation", "of", "value"] + ["gradient"] * (gradients is not None)]
        for line, node in enumerate(self.nodes):
            operation = next(names) if node.function is None else name_of(node.function)
            parents = ", ".join(str(parent) for _, parent in node.parents)
            rows.append([str(line), operation, parents, _brief(node.out)])
            if gradients is not None:
                rows[-1].append(_brief(gradients[line]) if line < len(gradients) else "")
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        left = (False, True, True, False, False)
        return "\n".join(
            "  ".join(f"{c:<{w}}" if at else f"{c:>{w}}" for c, w, at in zip(row, widths, left, strict=False))
            for row in rows
        )

    def __str__(self) -> str:
        """Write the tape without gradients."""
        return self.table()


def _is_finite(x: Any) -> bool:
    """Tell whether a gradient, and what it carries along, is finite."""
    while isinstance(x, Traced):
        if hasattr(x, "tangent") and not _is_finite(x.tangent):
            return False
        x = x.value
    row = x.ravel()
    return math.isfinite(row.dot(row))  # the fastest pass; very large entries are looked at with care too


def _asked(function: Rule, position: int, asked: Any, args: Any, kwargs: Any, parents: list[int]) -> Any:
    """Hand the mask of entries that are asked for from a result to one of its arguments."""
    if function in ENTRYWISE or function is np.where:
        return unused(function, position, asked, args, lambda i: i not in parents)
    if function in MOVING or function is np.max:
        args = [plain(x) for x in args]
        out = function(*args, **kwargs)
        return RULES[function][position](np.asarray(asked, dtype=float), out, *args, **kwargs) != 0
    return np.full(np.shape(args[position]), bool(np.any(asked)))


def _brief(value: Any) -> str:
    """Write a number, or the shape of an array."""
    value = plain(value)
    if value is None:
        return ""
    return f"{float(value) + 0.0:.4g}" if np.ndim(value) == 0 else f"{np.shape(value)}"
