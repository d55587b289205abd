"""The losses of training: those of `mmlhelpers.functional`, in any precision and without their checks."""

from typing import Any

import numpy as np

from mmlhelpers._checks import as_array, as_floats
from mmlhelpers.nn._parameters import Numbers

_quiet = np.errstate(over="ignore", invalid="ignore")


@_quiet
def softmax_cross_entropy(logits: Numbers, classes: Any) -> tuple[float, Numbers]:
    """Average the surprise of the classes, (...,), under logits (..., k); and the gradient by the logits."""
    classes = _as_classes(classes, logits)
    z, rows = logits.reshape(-1, logits.shape[-1]), np.arange(classes.size)
    at_class = rows, classes
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    loss = float(np.log(total).mean() - z[at_class].mean())
    p /= total * rows.size
    p[at_class] -= z.dtype.type(1 / rows.size)
    return loss, p.reshape(logits.shape)


def _as_classes(classes: Any, logits: Numbers) -> Numbers:
    """Read one whole number from 0 to k - 1 for every row of logits (..., k), and lay them in a line."""
    labels, k = as_array(classes, "classes"), logits.shape[-1]
    if labels.shape != logits.shape[:-1]:
        raise ValueError(
            f"classes must have shape {logits.shape[:-1]} to fit logits {logits.shape}, got {labels.shape}"
        )
    if not labels.size:
        raise ValueError(f"classes must hold one class at least, got shape {labels.shape}")
    if labels.dtype.kind not in "iu" or labels.astype(np.uintp).max() >= k:  # there -1 is a huge number
        got = f" from {labels.min()} to {labels.max()}" if labels.dtype.kind in "biuf" else ""
        raise ValueError(
            f"classes must be whole numbers from 0 to {k - 1} to fit {k} logits, got {labels.dtype}{got}"
        )
    return labels.reshape(-1)


@_quiet
def mean_squared_error(prediction: Numbers, target: Any) -> tuple[float, Numbers]:
    """Average the squares of the errors; and the gradient by the predictions."""
    target = as_floats(target, "target").astype(prediction.dtype, copy=False)
    if target.shape == prediction.shape[:-1] and prediction.shape[-1] == 1:
        target = target[..., None]
    if target.shape != prediction.shape:
        raise ValueError(f"target must have the shape {prediction.shape} of the outputs, got {target.shape}")
    if not target.size:
        raise ValueError(f"target must hold one number at least, got shape {target.shape}")
    error = prediction - target
    return float(np.mean(np.square(error, dtype=np.float64))), (2 / error.size) * error
