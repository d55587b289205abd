"""Reading a batch of CIFAR-10 in its Python form, which is a pickle, without running it.

A pickle is a program for a small stack machine, and one of its instructions calls any function by its name:
`pickle.load` hands the computer over to whoever wrote the file. Here the program is only taken apart, by
`pickletools.genops`, which executes nothing, and followed by the machine below. It knows the instructions
that the published files are made of and refuses all others. It never looks a name up: what should be called
becomes a record of the name and the arguments. Of these records, only one that describes an array of bytes,
exactly as NumPy writes it, is understood; its bytes are then read as numbers. So whatever a file says,
nothing but lists, tuples, dictionaries, strings, numbers and such records can come into being, with no more
parts than the file has bytes.
"""

import pickletools
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
LITERALS = {"BININT", "BININT1", "BININT2", "SHORT_BINSTRING", "BINSTRING", "BINUNICODE"}
SHORT_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class _Name(NamedTuple):
    """A function that a pickle mentions; nobody looks it up."""

    path: str


def read_batch(data: bytes, width: int) -> tuple[NDArray[np.uint8], list[int]]:
    """Return the rows of bytes (n, width) and the labels (n,) of a batch, or raise a ValueError."""
    try:
        batch = _follow(data)
        rows, labels = _rows(batch["data"], width), batch["labels"]
        if len(labels) != len(rows) or not all(type(label) is int for label in labels):
            raise ValueError("there is no label for each picture")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no batch of CIFAR-10 in its published Python form: {error}") from None
    return rows, labels


def _follow(data: bytes) -> Any:
    """Do what the instructions of a pickle say, but record each call instead of making it."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[int, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        items = stack[start:]
        del stack[start:]
        return items

    argument: Any
    for opcode, argument, _ in pickletools.genops(data):
        match opcode.name:
            case "PROTO" | "STOP":
                pass
            case "MARK":
                marks.append(len(stack))
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case name if name in CONSTANTS:
                stack.append(CONSTANTS[name])
            case name if name in LITERALS:
                stack.append(argument)
            case name if name in SHORT_TUPLES:
                start = len(stack) - SHORT_TUPLES[name]
                stack[start:] = [tuple(stack[start:])]
            case "TUPLE":
                stack.append(tuple(since_mark()))
            case "APPENDS":
                items = since_mark()
                list.extend(stack[-1], items)
            case "SETITEMS":
                items = since_mark()
                dict.update(stack[-1], zip(items[::2], items[1::2], strict=True))
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL":
                stack.append(_Name(str(argument)))
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                stack.append(SimpleNamespace(function=function, arguments=arguments, state=None))
            case "BUILD":
                state = stack.pop()
                if not isinstance(stack[-1], SimpleNamespace):
                    raise ValueError("it gives a state to what has none")
                stack[-1].state = state
            case name:
                raise ValueError(f"it uses the instruction {name}, which such a file has no need of")
    return stack.pop()


def _rows(record: SimpleNamespace, width: int) -> NDArray[np.uint8]:
    """Read the rows of bytes from the record of an array."""
    if record.function != _Name("numpy.core.multiarray _reconstruct"):
        raise ValueError("its pictures are no array of NumPy")
    _, (n, columns), kind, by_columns, raw = record.state
    if kind.function != _Name("numpy dtype") or kind.arguments[0] != "u1" or by_columns:
        raise ValueError("its pictures are not rows of bytes")
    values = np.frombuffer(raw.encode("latin-1"), np.uint8)  # Python 2 wrote bytes as text
    if columns != width or values.size != n * width:
        raise ValueError(f"its pictures have {values.size} bytes, not {n} rows of {width}")
    return values.reshape(n, width)
