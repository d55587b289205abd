"""Rules of products of arrays of any rank: matrix products, dot, sums over indices."""

import string
from typing import Any

import numpy as np

from mmlhelpers.autodiff._shapes import put, summed_to
from mmlhelpers.autodiff._traced import RULES, WRITTEN, PerArgument, Rule, call


def _rows(x: Any) -> Any:
    return np.reshape(x, (1, -1)) if np.ndim(x) == 1 else x


def _columns(y: Any) -> Any:
    return np.reshape(y, (-1, 1)) if np.ndim(y) == 1 else y


def _product_gradient(g: Any, x: Any, y: Any) -> Any:
    """Give the gradient of a matrix product the two axes that vectors lack."""
    if np.ndim(x) == 1:
        g = np.expand_dims(g, -1 if np.ndim(y) == 1 else -2)
    return np.expand_dims(g, -1) if np.ndim(y) == 1 else g


def _matmul_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    full = _product_gradient(g, x, y) @ np.swapaxes(_columns(y), -1, -2)
    return np.reshape(summed_to(full, np.shape(_rows(x))), np.shape(x))


def _matmul_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    full = np.swapaxes(_rows(x), -1, -2) @ _product_gradient(g, x, y)
    return np.reshape(summed_to(full, np.shape(_columns(y))), np.shape(y))


# The product of NumPy's `dot`: the last axis of the first with the last but one of the second


def _flat_right(y: Any) -> Any:
    """Bring the axis that is summed to the front, and the others into one."""
    front = np.transpose(y, (_inner_axis(y), *_outer_axes(y)))
    return np.reshape(front, (np.shape(front)[0], -1))


def _inner_axis(y: Any) -> int:
    return max(np.ndim(y) - 2, 0)


def _outer_axes(y: Any) -> list[int]:
    return [i for i in range(np.ndim(y)) if i != _inner_axis(y)]


def _dot_left(g: Any, out: Any, x: Any, y: Any) -> Any:
    if not np.ndim(x) or not np.ndim(y):
        return summed_to(g * y, np.shape(x))
    right = _flat_right(y)
    return np.reshape(np.reshape(g, (-1, np.shape(right)[1])) @ right.T, np.shape(x))


def _dot_right(g: Any, out: Any, x: Any, y: Any) -> Any:
    if not np.ndim(x) or not np.ndim(y):
        return summed_to(g * x, np.shape(y))
    left = np.reshape(x, (-1, np.shape(x)[-1]))
    flat = left.T @ np.reshape(g, (np.shape(left)[0], -1))
    order = (_inner_axis(y), *_outer_axes(y))
    front = np.reshape(flat, tuple(np.shape(y)[i] for i in order))
    return np.transpose(front, np.argsort(order))


def _turned(y: Any) -> Any:
    """Make of the second factor of `inner` that of `dot`, and back."""
    return y if np.ndim(y) < 2 else np.swapaxes(y, -1, -2)


def _inner_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    return _dot_left(g, out, a, _turned(b))


def _inner_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    return _turned(_dot_right(g, out, a, _turned(b)))


# Sums over named indices


def _letters(subscripts: str, operands: tuple[Any, ...]) -> tuple[list[str], str]:
    """Write subscripts out: one letter for each axis, and those of the result."""
    before, arrow, after = subscripts.replace(" ", "").partition("->")
    terms = before.split(",")
    spare = "".join(letter for letter in string.ascii_letters if letter not in before)
    pairs = zip(operands, terms, strict=True)
    dots = [max(np.ndim(x) - len(term.replace("...", "")), 0) for x, term in pairs]
    most = max([n for n, term in zip(dots, terms, strict=True) if "..." in term], default=0)
    terms = [term.replace("...", spare[most - n : most]) for term, n in zip(terms, dots, strict=True)]
    if arrow:
        return terms, after.replace("...", spare[:most])
    joined = "".join(terms)
    once = sorted(letter for letter in set(joined) - set(spare[:most]) if joined.count(letter) == 1)
    return terms, spare[:most] + "".join(once)


def _term(position: int) -> Rule:
    """Make the rule of an operand: a sum over the result and the others."""

    def rule(g: Any, out: Any, subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
        return _einsum_back(g, position - 1, subscripts, operands)

    return rule


def _einsum_back(g: Any, i: int, subscripts: str, operands: tuple[Any, ...]) -> Any:
    """Sum the gradient with the other operands, then give back axes that were summed alone or met twice."""
    terms, result = _letters(subscripts, operands)
    x, own = operands[i], "".join(dict.fromkeys(terms[i]))
    terms_of_others = [result, *terms[:i], *terms[i + 1 :]]
    met = "".join(letter for letter in own if letter in "".join(terms_of_others))
    share = np.einsum(f"{','.join(terms_of_others)}->{met}", g, *operands[:i], *operands[i + 1 :])
    lengths = dict(zip(terms[i], np.shape(x), strict=True))
    here = tuple(np.shape(share)[met.index(c)] if c in met else 1 for c in own)
    wanted = tuple(lengths[letter] for letter in own)
    share = summed_to(np.reshape(share, here), tuple(map(min, here, wanted)))  # NumPy stretches lengths 1
    share = np.broadcast_to(share, wanted)
    if len(own) == len(terms[i]):
        return share
    grid = dict(zip(own, np.ix_(*(np.arange(n) for n in wanted)), strict=True))
    return put(share, tuple(grid[letter] for letter in terms[i]), np.shape(x))


def _einsum(subscripts: Any, *operands: Any, optimize: Any = False) -> Any:
    if not isinstance(subscripts, str):
        raise TypeError("autodiff wants the subscripts of np.einsum as a text in front, such as 'ij,jk->ik'")
    return call(np.einsum, subscripts, *operands, optimize=optimize)


RULES |= {
    np.matmul: (_matmul_left, _matmul_right),
    np.dot: (_dot_left, _dot_right),
    np.inner: (_inner_left, _inner_right),
    np.einsum: PerArgument(_term),
}


def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Bring the axes that are summed together, as NumPy does, and multiply."""
    if isinstance(axes, int):
        axes = range(-axes, 0), range(axes)
    left, right = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    left, right = [i % np.ndim(a) for i in left], [i % np.ndim(b) for i in right]
    free_a = [i for i in range(np.ndim(a)) if i not in left]
    free_b = [i for i in range(np.ndim(b)) if i not in right]
    summed = int(np.prod([np.shape(a)[i] for i in left]))
    product = np.dot(
        np.reshape(np.transpose(a, free_a + left), (-1, summed)),
        np.reshape(np.transpose(b, right + free_b), (summed, -1)),
    )
    shape = [np.shape(a)[i] for i in free_a] + [np.shape(b)[i] for i in free_b]
    return np.reshape(product, tuple(shape))


WRITTEN |= {
    np.einsum: _einsum,
    np.tensordot: _tensordot,
    np.vdot: lambda a, b: np.dot(np.reshape(a, -1), np.reshape(b, -1)),
    np.outer: lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
}
