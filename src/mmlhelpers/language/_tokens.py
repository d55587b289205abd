"""The check on token sequences that all language models share."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers._checks import as_array


def as_tokens(value: ArrayLike, size: int, name: str, least: int = 1) -> NDArray[np.int64]:
    """Read a sequence of at least `least` whole numbers from 0 to size - 1."""
    tokens = as_array(value, name)
    if tokens.size == 0:
        tokens = tokens.astype(np.int64)
    if tokens.ndim != 1 or tokens.dtype.kind not in "iu" or len(tokens) < least:
        raise ValueError(
            f"{name} must be a sequence of at least {least} whole numbers, "
            f"got {tokens.dtype} of shape {tokens.shape}; a tokenizer's encode makes it of a text"
        )
    if len(tokens) and not 0 <= tokens.min() <= tokens.max() < size:
        wrong = tokens[(tokens < 0) | (tokens >= size)][0]
        raise ValueError(f"{name} must be from 0 to {size - 1}, got {wrong}: was it encoded otherwise?")
    return tokens.astype(np.int64, copy=False)
