"""Markov chains, their diagnostics, and variational inference."""

from mmlhelpers import sampling
from promises import Rng, numbers, promise

CHAINS = "chains share one source of randomness"
NAMES = {"names": ("target",)}


def normal(theta):
    return -(theta**2).sum(axis=1) / 2, -theta


promise(
    sampling.metropolis,
    {"start": numbers(3, 2), "step": 1.5, "n_steps": 4, "rng": Rng(0)},
    call=lambda start, step, n_steps, rng: sampling.metropolis(
        lambda t: normal(t)[0], start, step, n_steps, rng
    ),
    units="the density has a unit of its own",
    order=CHAINS,
    **NAMES,
)
promise(
    sampling.hamiltonian,
    {"start": numbers(3, 2), "step": 0.5, "n_leaps": 2, "n_steps": 3, "rng": Rng(0)},
    call=lambda start, step, n_leaps, n_steps, rng: sampling.hamiltonian(
        normal, start, step, n_leaps, n_steps, rng
    ),
    units="the density has a unit of its own",
    order=CHAINS,
    **NAMES,
)
for diagnose in (sampling.r_hat, sampling.effective_sample_size):
    promise(
        diagnose,
        {"draws": numbers(12, 3)},
        units={"draws": 0},
        order="steps follow each other",
        shift={"draws": 0},
    )
promise(
    sampling.mean_field,
    {"start": numbers(2), "rng": Rng(0), "rate": 0.5, "n_draws": 16, "tolerance": 1e-3},
    call=lambda start, rng, **rest: sampling.mean_field(normal, start, rng, **rest),
    units="the density has a unit of its own",
    order="coordinates are drawn one after another",
    examples=1,
    **NAMES,
)
