"""Rules of square matrices: determinant, inverse, linear systems, trace."""

from typing import Any

import numpy as np

from mmlhelpers.autodiff._reductions import products_of_others
from mmlhelpers.autodiff._traced import FORWARD, INSTEAD, RULES, STEPS, WRITTEN, Traced, call, plain


def _transposed(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _cofactors(x: Any) -> Any:
    r"""Gradient of the determinant, :math:`\det(x)\,x^{-\top}`, which exists where the inverse does not."""
    if isinstance(x, Traced):
        return call(_cofactors, x)
    U, s, Vt = np.linalg.svd(x)
    sign = np.sign(np.linalg.det(U) * np.linalg.det(Vt))
    return sign[..., None, None] * ((U * products_of_others(s)[..., None, :]) @ Vt)


def _cofactors_moved(t: Any, out: Any, x: Any) -> Any:
    """Move the cofactors with the matrix; the map is its own transpose, a Hessian."""
    if isinstance(x, Traced):  # a third derivative: where there is an inverse
        inverse = _transposed(np.linalg.inv(x))
        turned = inverse @ _transposed(t) @ inverse
        return np.reshape(np.linalg.det(x), (*np.shape(x)[:-2], 1, 1)) * (
            np.sum(inverse * t, axis=(-2, -1), keepdims=True) * inverse - turned
        )
    U, s, Vt = np.linalg.svd(x)
    sign, n = np.sign(np.linalg.det(U) * np.linalg.det(Vt)), s.shape[-1]
    without = np.where(np.eye(n, dtype=bool), 1.0, s[..., None, :])  # row i: all singular values but the i-th
    pairs = products_of_others(without) * ~np.eye(n, dtype=bool)
    inside = _transposed(U) @ t @ _transposed(Vt)
    diagonal = np.sum(pairs * np.diagonal(inside, 0, -2, -1)[..., None, :], axis=-1)
    moved = np.eye(n) * diagonal[..., None, :] - pairs * _transposed(inside)
    return sign[..., None, None] * (U @ moved @ Vt)


def _per_matrix(g: Any) -> Any:
    """Give one number a matrix the two axes of the matrix."""
    return np.reshape(g, (*np.shape(g), 1, 1))


def _log_abs_det(x: Any) -> Any:
    if isinstance(x, Traced):
        return call(_log_abs_det, x)
    return np.linalg.slogdet(x)[1]


def _inverse_of_regular(x: Any) -> Any:
    """Invert a matrix whose log-determinant is to be differentiated."""
    try:
        return _transposed(np.linalg.inv(x))
    except np.linalg.LinAlgError:
        raise ValueError(
            "x must be invertible where slogdet is differentiated, got a singular matrix: use np.linalg.det"
        ) from None


def _slogdet(a: Any) -> Any:
    return np.linalg.slogdet(plain(a))._replace(logabsdet=_log_abs_det(a))


def _solved(a: Any, b: Any, v: Any) -> Any:
    """Solve for vectors if the right-hand side is one, also when there are many matrices."""
    return np.linalg.solve(a, v) if np.ndim(b) > 1 else np.linalg.solve(a, v[..., None])[..., 0]


def _solution_back(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Solve with the transposed matrix; the gradient by the matrix is an outer product."""
    share = _solved(_transposed(a), b, g)
    if np.ndim(b) == 1:
        return -np.expand_dims(share, -1) * np.expand_dims(out, -2)
    return -share @ _transposed(out)


def _solution_forward(t: Any, out: Any, a: Any, b: Any) -> Any:
    moved = t @ out if np.ndim(b) > 1 else (t @ out[..., None])[..., 0]
    return -_solved(a, b, moved)


RULES |= {
    np.linalg.inv: (lambda g, out, a: -_transposed(out) @ g @ _transposed(out),),
    np.linalg.det: (lambda g, out, a: _per_matrix(g) * _cofactors(a),),
    _cofactors: (_cofactors_moved,),
    _log_abs_det: (lambda g, out, x: _per_matrix(g) * _inverse_of_regular(x),),
    np.linalg.solve: (_solution_back, lambda g, out, a, b: _solved(_transposed(a), b, g)),
}
FORWARD |= {
    np.linalg.inv: (lambda t, out, a: -out @ t @ out,),
    np.linalg.det: (lambda t, out, a: np.sum(_cofactors(a) * t, axis=(-2, -1)),),
    _cofactors: (_cofactors_moved,),
    _log_abs_det: (lambda t, out, x: np.sum(_inverse_of_regular(x) * t, axis=(-2, -1)),),
    np.linalg.solve: (
        _solution_forward,
        lambda t, out, a, b: _solved(a, b, t),
    ),
}


def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


WRITTEN |= {
    np.linalg.slogdet: _slogdet,
    np.trace: _trace,
}
STEPS.add(np.linalg.matrix_rank)

_FACTORS = "write the quantity with np.linalg.solve, inv, det or slogdet, or go through the steps by hand"
_STAIRS = "its derivative is zero or does not exist; apply it to plain numbers before"
INSTEAD |= {
    **dict.fromkeys(("eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals", "qr", "cholesky"), _FACTORS),
    **dict.fromkeys(("pinv", "lstsq", "cond"), _FACTORS),
    **dict.fromkeys(("floor", "ceil", "round", "rint", "trunc", "fix", "floor_divide", "remainder"), _STAIRS),
    **dict.fromkeys(("median", "percentile", "quantile"), "sort with np.sort and read an entry"),
    **dict.fromkeys(("cross", "kron", "convolve", "correlate"), "write it with np.einsum or with slices"),
    **dict.fromkeys(("nansum", "nanmean", "nanmax", "nanmin"), "choose with np.where first, then sum"),
    **dict.fromkeys(
        ("vecdot", "vecmat", "matvec", "multi_dot", "matrix_power"), "write it with @ or np.einsum"
    ),
    **dict.fromkeys(("vector_norm", "matrix_norm"), "use np.linalg.norm with axis"),
    "cumprod": "use np.prod, or np.exp(np.cumsum(np.log(x))) where x is positive",
    "fmax": "use np.maximum",
    "fmin": "use np.minimum",
    "float_power": "use np.power",
    "fabs": "use np.abs",
    "trapezoid": "use np.sum of weighted values",
    "interp": "choose the piece with plain numbers, then write the line",
    "gradient": "use np.diff or slices",
}
