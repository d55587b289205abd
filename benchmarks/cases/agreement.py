"""How results are compared; every difference is relative to the size of the peer's result."""

from typing import Any

import numpy as np


def largest_difference(ours: Any, peer: Any) -> float:
    """Largest difference of an entry, relative to the peer's largest entry."""
    ours, peer = np.asarray(ours), np.asarray(peer)
    if ours.shape != peer.shape:
        raise ValueError(f"ours has shape {ours.shape}, the peer's {peer.shape}: compare the same result")
    return float(np.abs(ours - peer).max() / np.abs(peer).max())
