"""Logistic regression by L-BFGS, from zero to the same length of the gradient."""

from typing import Any

import numpy as np

from benchmarks.harness import Contest, case
from mmlhelpers import optim

N, D = 20_000, 200
RIDGE, TOLERANCE = 1e-4, 1e-6


@case(
    title="Logistic regression by L-BFGS",
    n=f"{N:,} x {D}",
    dtype="float64",
    peer="SciPy, minimize with L-BFGS-B",
    package="scipy",
    goal=1.1,
    decides="Reading the data twice for each value and gradient: once for the scores and once for the "
    "gradient.",
)
def logistic_lbfgs() -> Contest:
    from scipy.optimize import minimize
    from scipy.special import expit

    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, D)) * np.geomspace(1, 0.1, D)
    y = (rng.random(N) < expit(X @ rng.normal(size=D))).astype(float)
    objective = optim.logistic_regression(X, y, RIDGE)

    def value_and_gradient(w: Any) -> Any:
        z = X @ w
        value = np.mean(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))) - y * z) + 0.5 * RIDGE * w @ w
        return value, (expit(z) - y) @ X / N + RIDGE * w

    def peer() -> Any:
        # Its rule watches the largest entry of the gradient; a fifth of our length is about the same point.
        options = {"gtol": TOLERANCE / 5, "ftol": 0.0, "maxcor": 10, "maxiter": 1000}
        return minimize(value_and_gradient, np.zeros(D), jac=True, method="L-BFGS-B", options=options).x

    def ours() -> Any:
        return optim.lbfgs(objective, np.zeros(D), tolerance=TOLERANCE).x

    def difference(ours: Any, peer: Any) -> float:
        """Take the worse of both, so that neither may stop early."""
        return max(float(np.linalg.norm(objective.gradient(w))) for w in (ours, peer))

    means = "the length of the gradient at the end, the worse of both"
    path = optim.lbfgs(objective, np.zeros(D), tolerance=TOLERANCE)
    passes = path.n_values + path.n_gradients
    return Contest(ours, peer, difference, 2 * TOLERANCE, means, bytes=passes * X.nbytes)
