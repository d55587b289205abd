"""Principal components of tall data."""

from typing import Any

import numpy as np

from benchmarks.harness import Contest, case
from mmlhelpers import linalg

N, D, K = 20_000, 784, 20


@case(
    title=f"First {K} principal components, exactly",
    n=f"{N:,} x {D}",
    dtype="float32",
    peer="scikit-learn, PCA with covariance_eigh",
    package="scikit-learn",
    goal=0.75,
    decides="Multiplying the data by themselves, which both must do; a symmetric product is half "
    "the work, and a few leading eigenvectors cost less than all. Ours takes the mean off first; the peer "
    "takes it off the product, which is cheaper and loses digits where the mean is far from zero.",
)
def pca() -> Contest:
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(D, D))).Q
    X = rng.normal(size=(N, D)) / np.arange(1, D + 1) @ directions + 0.1 * rng.normal(size=D)
    X = X.astype(np.float32)

    def ours() -> Any:
        return linalg.principal_components(X, K, method="gram").directions

    def peer() -> Any:
        return PCA(K, svd_solver="covariance_eigh").fit(X).components_.T

    flops = float(N) * D * D  # each of d (d + 1) / 2 inner products of length n
    return Contest(ours, peer, sine, 1e-2, "sine of the largest angle between the subspaces", flops=flops)


def sine(ours: Any, peer: Any) -> float:
    """Measure how far the first subspace leans out of the second, both given by orthonormal columns."""
    A, B = np.asarray(ours, dtype=float), np.asarray(peer, dtype=float)
    return float(np.linalg.norm(A - B @ (B.T @ A), 2))
