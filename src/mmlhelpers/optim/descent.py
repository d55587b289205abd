r"""First-order methods: gradient descent with any update rule, its stochastic form, schedules, clipping.

Throughout, `x` is the point, `g` the gradient there, `t` the number of the step counted from 1, and a rule
turns `g` into a direction; the method then moves to `x - learning_rate * direction`.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmlhelpers import linalg
from mmlhelpers._checks import (
    Array,
    as_count,
    as_generator,
    as_made,
    as_number,
    as_symmetric,
    as_tolerance,
    as_vector,
)
from mmlhelpers._scale import TINIEST, scaled
from mmlhelpers.optim._paths import Objective, Path, Recorder, as_objective, as_positive, as_start, norm
from mmlhelpers.optim._search import Step, backtrack, slope_along
from mmlhelpers.optim.objectives import quadratic

Memory = tuple[Array, ...]
Schedule = Callable[[int], float]


RULES = "one of mmlhelpers.optim, called, such as optim.adam()"


class Rule(NamedTuple):
    """How a gradient becomes a direction.

    `direction(x, g, memory, t)` returns the direction and the new memory, a tuple of `n_slots` arrays of the
    shape of `x` that are zero before the first step.
    """

    n_slots: int
    direction: Callable[[Array, Array, Memory, int], tuple[Array, Memory]]


def plain() -> Rule:
    """Make the rule that follows the gradient itself.

    Returns
    -------
    Rule
        Direction `g`, no memory.

    Notes
    -----
    Exact.

    Examples
    --------
    >>> plain().n_slots
    0
    """
    return Rule(0, lambda x, g, memory, t: (g, memory))


def momentum(beta: float = 0.9) -> Rule:
    r"""Make Polyak's heavy ball: a velocity that forgets slowly.

    Parameters
    ----------
    beta : float
        Share of the velocity kept a step, from 0 to below 1.

    Returns
    -------
    Rule
        Direction :math:`v \leftarrow \beta v + g`.

    Raises
    ------
    ValueError
        If `beta` is out of range.

    Notes
    -----
    A constant gradient is followed :math:`1/(1-\beta)` times as fast as by `plain`. Exact up to rounding.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods,
    doi:10.1016/0041-5553(64)90137-5.

    Examples
    --------
    >>> momentum(0.5).direction(np.zeros(1), np.ones(1), (np.ones(1),), 2)[0]
    array([1.5])
    """
    beta = _share(beta, "beta")

    def direction(x: Array, g: Array, memory: Memory, t: int) -> tuple[Array, Memory]:
        velocity = beta * memory[0] + g
        return velocity, (velocity,)

    return Rule(1, direction)


def nesterov_momentum(beta: float = 0.9) -> Rule:
    r"""Make Nesterov's momentum in the form used for training: look one step of the velocity ahead.

    Parameters
    ----------
    beta : float
        Share of the velocity kept a step, from 0 to below 1.

    Returns
    -------
    Rule
        :math:`v \leftarrow \beta v + g`, direction :math:`g + \beta v`.

    Raises
    ------
    ValueError
        If `beta` is out of range.

    Notes
    -----
    The points are those at which Nesterov's method takes its gradients. For the method with its proved rate
    on convex functions see `nesterov`.

    Examples
    --------
    >>> nesterov_momentum(0.5).direction(np.zeros(1), np.ones(1), (np.ones(1),), 2)[0]
    array([1.75])
    """
    beta = _share(beta, "beta")

    def direction(x: Array, g: Array, memory: Memory, t: int) -> tuple[Array, Memory]:
        velocity = beta * memory[0] + g
        return g + beta * velocity, (velocity,)

    return Rule(1, direction)


def adagrad(epsilon: float = 1e-8) -> Rule:
    r"""Make AdaGrad: divide by the root of the sum of all squared gradients, entry by entry.

    Parameters
    ----------
    epsilon : float
        Added to the divisor, above 0.

    Returns
    -------
    Rule
        :math:`s \leftarrow s + g^2`, direction :math:`g / (\sqrt{s} + \epsilon)`.

    Raises
    ------
    ValueError
        If `epsilon` is not above 0.

    Notes
    -----
    The first step has size one in every entry with a gradient; steps shrink like :math:`1/\sqrt t`.

    References
    ----------
    Duchi, Hazan and Singer (2011), Adaptive subgradient methods for online learning and stochastic
    optimization, Journal of Machine Learning Research 12, 2121-2159.

    Examples
    --------
    >>> adagrad().direction(np.zeros(1), np.array([3.0]), (np.array([16.0]),), 2)[0]
    array([0.6])
    """
    epsilon = as_positive(epsilon, "epsilon")

    def direction(x: Array, g: Array, memory: Memory, t: int) -> tuple[Array, Memory]:
        with _squares_fit():
            squares = memory[0] + g**2
        return g / (np.sqrt(squares) + epsilon), (squares,)

    return Rule(1, direction)


def rmsprop(beta: float = 0.9, epsilon: float = 1e-8) -> Rule:
    r"""Make RMSProp: divide by the root of a running mean of squared gradients.

    Parameters
    ----------
    beta : float
        Share of the running mean kept a step, from 0 to below 1.
    epsilon : float
        Added to the divisor, above 0.

    Returns
    -------
    Rule
        :math:`s \leftarrow \beta s + (1 - \beta) g^2`, direction :math:`g / (\sqrt{s} + \epsilon)`.

    Raises
    ------
    ValueError
        If `beta` or `epsilon` is out of range.

    Notes
    -----
    The running mean starts at zero and is not corrected: the first step has size :math:`1/\sqrt{1-\beta}`.

    References
    ----------
    Tieleman and Hinton (2012), lecture 6.5 of Neural networks for machine learning.

    Examples
    --------
    >>> rmsprop(0.75).direction(np.zeros(1), np.array([3.0]), (np.zeros(1),), 1)[0]
    array([2.])
    """
    beta, epsilon = _share(beta, "beta"), as_positive(epsilon, "epsilon")

    def direction(x: Array, g: Array, memory: Memory, t: int) -> tuple[Array, Memory]:
        with _squares_fit():
            squares = _running_mean(memory[0], g * g, beta)
        return g / (np.sqrt(squares) + epsilon), (squares,)

    return Rule(1, direction)


def adam(beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Rule:
    r"""Make Adam: running means of the gradient and of its square, both corrected for their start at zero.

    Parameters
    ----------
    beta1, beta2 : float
        Shares of the two running means kept a step, from 0 to below 1.
    epsilon : float
        Added to the divisor, above 0.

    Returns
    -------
    Rule
        Direction :math:`\hat m / (\sqrt{\hat s} + \epsilon)` with :math:`\hat m = m / (1 - \beta_1^t)` and
        :math:`\hat s = s / (1 - \beta_2^t)`.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    The first step has size one in every entry with a gradient. There are convex problems on which Adam does
    not converge (Reddi, Kale and Kumar 2018).

    References
    ----------
    Kingma and Ba (2015), Adam: a method for stochastic optimization, doi:10.48550/arXiv.1412.6980.

    Examples
    --------
    >>> adam().direction(np.zeros(1), np.array([-5.0]), (np.zeros(1), np.zeros(1)), 1)[0]
    array([-1.])
    """
    return adamw(0.0, beta1, beta2, epsilon)


def adamw(decay: float = 0.01, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> Rule:
    r"""Make AdamW: Adam, and beside it a pull of every weight towards zero.

    Parameters
    ----------
    decay : float
        Strength of the pull: a step multiplies `x` by 1 - learning_rate * decay before Adam moves it.
    beta1, beta2 : float
        Shares of the two running means kept a step, from 0 to below 1.
    epsilon : float
        Added to the divisor, above 0.

    Returns
    -------
    Rule
        Adam's direction plus `decay * x`.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    A penalty inside the gradient would be divided by :math:`\sqrt{\hat s}` with the rest, and so would hardly
    depend on its weight; here it is decoupled.

    References
    ----------
    Loshchilov and Hutter (2019), Decoupled weight decay regularization, doi:10.48550/arXiv.1711.05101.

    Examples
    --------
    >>> zeros = (np.zeros(1), np.zeros(1))
    >>> adamw(decay=0.5).direction(np.array([4.0]), np.array([3.0]), zeros, 1)[0]
    array([3.])
    """
    decay, epsilon = as_tolerance(decay, "decay"), as_positive(epsilon, "epsilon")
    beta1, beta2 = _share(beta1, "beta1"), _share(beta2, "beta2")

    def direction(x: Array, g: Array, memory: Memory, t: int) -> tuple[Array, Memory]:
        with _squares_fit():
            mean, squares = _running_mean(memory[0], g, beta1), _running_mean(memory[1], g * g, beta2)
        root = math.sqrt(1 - beta2**t)  # corrections are numbers: they stay out of the passes over arrays
        step = np.sqrt(squares)
        step += epsilon * root
        np.divide(mean, step, out=step)
        step *= root / (1 - beta1**t)
        return step + decay * x if decay else step, (mean, squares)

    return Rule(2, direction)


# Schedules and clipping


def step_decay(start: float, factor: float, every: int) -> Schedule:
    """Make a learning rate that is multiplied by a factor every so many steps.

    Parameters
    ----------
    start : float
        Learning rate of the first steps, above 0.
    factor : float
        Multiplier, above 0.
    every : int
        Steps between two changes.

    Returns
    -------
    callable
        From the number of the step, counted from 1, to the learning rate.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    Exact up to rounding.

    Examples
    --------
    >>> [step_decay(0.8, 0.5, 2)(t) for t in (1, 2, 3, 5)]
    [0.8, 0.8, 0.4, 0.2]
    """
    start, factor, every = (
        as_positive(start, "start"),
        as_positive(factor, "factor"),
        as_count(every, "every", 1),
    )

    def rate(t: int) -> float:
        try:
            return start * factor ** ((t - 1) // every)
        except OverflowError:
            raise ValueError(
                f"factor must keep the rate finite, got {factor:.6g}, too large at step {t}"
            ) from None

    return rate


def inverse_time(start: float, half_life: float) -> Schedule:
    r"""Make a learning rate that falls like one over the number of steps.

    Parameters
    ----------
    start : float
        Learning rate at the beginning, above 0.
    half_life : float
        Steps after which the rate is halved, above 0.

    Returns
    -------
    callable
        From the number of the step `t`, counted from 1, to :math:`\text{start} / (1 + (t - 1) /
        \text{half\_life})`.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    The rates sum to infinity and their squares do not: the conditions of Robbins and Monro.

    References
    ----------
    Robbins and Monro (1951), A stochastic approximation method, doi:10.1214/aoms/1177729586.

    Examples
    --------
    >>> [inverse_time(1.0, 10)(t) for t in (1, 11, 31)]
    [1.0, 0.5, 0.25]
    """
    start, half_life = as_positive(start, "start"), as_positive(half_life, "half_life")
    return lambda t: start / (1 + (t - 1) / half_life)


def cosine(peak: float, n_steps: int, warm_up: int = 0) -> Schedule:
    """Make a learning rate that rises along a line and then falls along half a cosine.

    Parameters
    ----------
    peak : float
        Largest learning rate, above 0.
    n_steps : int
        Steps of the whole run; afterwards the rate stays at zero.
    warm_up : int
        Steps of the rise, fewer than `n_steps`.

    Returns
    -------
    callable
        From the number of the step, counted from 1, to the learning rate.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    Exact up to rounding.

    References
    ----------
    Loshchilov and Hutter (2017), SGDR: stochastic gradient descent with warm restarts,
    doi:10.48550/arXiv.1608.03983.

    Examples
    --------
    >>> [round(cosine(1.0, 10, warm_up=2)(t), 3) for t in (1, 2, 6, 10)]
    [0.5, 1.0, 0.5, 0.0]
    """
    peak, n_steps = as_positive(peak, "peak"), as_count(n_steps, "n_steps", 1)
    warm_up = as_count(warm_up, "warm_up", 0, n_steps - 1)

    def rate(t: int) -> float:
        if t <= warm_up:
            return peak * t / warm_up
        done = min((t - warm_up) / (n_steps - warm_up), 1.0)
        return float(peak * 0.5 * (1 + np.cos(np.pi * done)))

    return rate


def clip_norm(g: ArrayLike, limit: float) -> Array:
    """Shorten a gradient that is longer than a limit, and keep its direction.

    Parameters
    ----------
    g : (n,) array_like
        Gradient.
    limit : float
        Largest length allowed, above 0.

    Returns
    -------
    (n,) ndarray
        `g`, or `g` scaled to length `limit`; floats keep their precision.

    Raises
    ------
    ValueError
        If `limit` is not above 0.

    Notes
    -----
    The length is computed in float64. Relative error about the machine epsilon of the result.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks,
    doi:10.48550/arXiv.1211.5063.

    Examples
    --------
    >>> clip_norm([30.0, 40.0], 5.0)
    array([3., 4.])
    """
    exact, limit = as_vector(g, "g"), as_positive(limit, "limit")
    length = norm(exact)
    if limit / max(length, limit) < TINIEST:  # no factor that floats hold: shorten the direction
        exact, _ = scaled(exact)
        shortened = exact / norm(exact) * limit
    else:
        shortened = exact * min(1.0, limit / max(length, limit))
    dtype = np.asarray(g).dtype
    clipped: Array = shortened.astype(dtype, copy=False) if dtype.kind == "f" else shortened
    return clipped


# Methods


def gradient_descent(
    objective: Objective,
    start: ArrayLike,
    learning_rate: float | Schedule,
    rule: Rule | None = None,
    tolerance: float = 1e-8,
    max_steps: int = 10_000,
    clip: float | None = None,
) -> Path:
    r"""Walk downhill with the full gradient.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    start : (n,) array_like
        First point.
    learning_rate : float or callable
        Factor of the direction, above 0, or a schedule: a function of the number of the step.
    rule : Rule, optional
        How a gradient becomes a direction: `plain()` by default.
    tolerance : float
        Stop when :math:`\lVert \nabla f(x) \rVert` is at most this.
    max_steps : int
        Stop after this many steps in any case.
    clip : float, optional
        Longest gradient that is used in full, see `clip_norm`.

    Returns
    -------
    Path
        All points, values and gradient norms; `converged` says whether the tolerance was met.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the gradient has another shape than `start`.

    Notes
    -----
    A run that leaves the finite numbers stops there, not converged. Each step costs one gradient.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> path = gradient_descent(quadratic([[1, 0], [0, 4]]), [1, 1], learning_rate=0.25)
    >>> path.converged, path.points[1]
    (True, array([0.75, 0.  ]))
    """
    x, record, rule = as_start(start), Recorder(objective), _as_rule(rule)
    rate, tolerance = _as_schedule(learning_rate), as_tolerance(tolerance, "tolerance")
    memory = tuple(np.zeros_like(x) for _ in range(rule.n_slots))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, as_count(max_steps, "max_steps", 0) + 2):
            g = record.gradient(x)
            finite = record.keep(x, norm(g))
            if not finite or record.norms[-1] <= tolerance:
                return record.path(finite)
            direction, memory = rule.direction(x, g if clip is None else clip_norm(g, clip), memory, t)
            x = x - _rate_of(rate, t) * direction
    return record.path(False)


def backtracking(objective: Objective, x: ArrayLike, direction: ArrayLike, first: float = 1.0) -> Step:
    r"""Halve a step until the objective falls enough: the rule of Armijo.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    x : (n,) array_like
        Where to start.
    direction : (n,) array_like
        Where to go: a direction of descent.
    first : float
        Length tried first.

    Returns
    -------
    Step
        The first of `first`, `first` / 2, ... with
        :math:`f(x + td) \le f(x) + \tfrac{1}{10}\, t\, \nabla f(x)^\top d`, and the value there.

    Raises
    ------
    ValueError
        If `direction` does not point downhill, or no step of the sequence is short enough.

    Notes
    -----
    For a gradient with Lipschitz constant `L` the length is at least
    :math:`\min(\text{first},\; 0.9\,|\nabla f(x)^\top d| / (L \lVert d \rVert^2))`.

    References
    ----------
    Armijo (1966), Minimization of functions having Lipschitz continuous first partial derivatives,
    doi:10.2140/pjm.1966.16.1.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> backtracking(quadratic([[8.0]]), [1.0], [-8.0]).length
    0.125
    """
    x, direction = as_vector(x, "x"), as_vector(direction, "direction")
    if len(x) != len(direction):
        raise ValueError(f"direction has length {len(direction)} but x has {len(x)}: make them agree")
    record, first = Recorder(objective), as_positive(first, "first")
    value, g = record.value(x), record.gradient(x)
    if not (np.isfinite(value) and np.isfinite(g).all()):
        raise ValueError(f"objective must be finite at x, got the value {value:.6g}: start elsewhere")
    return backtrack(record, x, direction, slope_along(g, direction), value, first)


def steepest_descent(
    objective: Objective, start: ArrayLike, tolerance: float = 1e-6, max_steps: int = 10_000
) -> Path:
    r"""Walk downhill along the gradient, each step found by `backtracking`.

    Parameters
    ----------
    objective : Objective
        What to minimise.
    start : (n,) array_like
        First point.
    tolerance : float
        Stop when :math:`\lVert \nabla f(x) \rVert` is at most this.
    max_steps : int
        Stop after this many steps in any case.

    Returns
    -------
    Path
        All points; the values asked for by the searches are counted.

    Raises
    ------
    ValueError
        If a parameter is out of range.

    Notes
    -----
    Each search starts from twice the length of the last. No Lipschitz constant has to be known; the rates of
    gradient descent hold with `L` replaced by about `2 L`. Values are compared, so gradients below about
    :math:`\sqrt{\varepsilon L |f|}` cannot be told from zero.

    Examples
    --------
    >>> from mmlhelpers.optim import quadratic
    >>> steepest_descent(quadratic([[8.0]]), [1.0]).converged
    True
    """
    x, record, length = as_start(start), Recorder(objective), 1.0
    tolerance = as_tolerance(tolerance, "tolerance")
    value = record.value(x)
    for _ in range(as_count(max_steps, "max_steps", 0) + 1):
        g = record.gradient(x)
        if not record.keep(x, norm(g), value):
            return record.path(False)
        if record.norms[-1] <= tolerance:
            return record.path(True)
        length, value = backtrack(record, x, -g, slope_along(-g, g), value, 2 * length)
        x = x - length * g
    return record.path(False)


def stochastic_gradient_descent(
    objective: Objective,
    start: ArrayLike,
    learning_rate: float | Schedule,
    rng: np.random.Generator,
    rule: Rule | None = None,
    batch_size: int = 1,
    n_epochs: int = 1,
    tolerance: float = 0.0,
    record_every: int | None = None,
    clip: float | None = None,
) -> Path:
    r"""Walk downhill with gradients of random batches of samples.

    Parameters
    ----------
    objective : Objective
        A mean over samples; its functions take the rows as second argument.
    start : (n,) array_like
        First point.
    learning_rate : float or callable
        Factor of the direction, above 0, or a schedule: a function of the number of the step.
    rng : Generator
        Source of the order in which the samples are seen.
    rule : Rule, optional
        How a gradient becomes a direction: `plain()` by default.
    batch_size : int
        Samples a step; the last batch of an epoch may be smaller.
    n_epochs : int
        Passes over the data, each in a new random order.
    tolerance : float
        Stop when the gradient over all samples, at a recorded point, is at most this long.
    record_every : int, optional
        Steps between two recorded points; one epoch by default.
    clip : float, optional
        Longest gradient that is used in full, see `clip_norm`.

    Returns
    -------
    Path
        The recorded points with the value and the gradient norm over all samples. `n_gradients` counts
        batches.

    Raises
    ------
    ValueError
        If the objective has no samples, or a parameter is out of range.

    Notes
    -----
    Values and gradients over all samples are computed for the record only. With a constant learning rate the
    points do not settle: their spread is proportional to it.

    Examples
    --------
    >>> from mmlhelpers.optim import least_squares
    >>> f = least_squares([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0])
    >>> path = stochastic_gradient_descent(f, [0.0], 0.1, np.random.default_rng(0), n_epochs=30)
    >>> path.x
    array([2.])
    """
    objective, rng = as_objective(objective), as_generator(rng, "rng")
    if objective.n_samples is None:
        raise ValueError("objective.n_samples is missing: stochastic descent wants a mean over samples")
    x, record, rule = as_start(start), Recorder(objective), _as_rule(rule)
    rate, tolerance = _as_schedule(learning_rate), as_tolerance(tolerance, "tolerance")
    batch_size = as_count(batch_size, "batch_size", 1, objective.n_samples)
    epoch = -(-objective.n_samples // batch_size)
    every = epoch if record_every is None else as_count(record_every, "record_every", 1)
    memory = tuple(np.zeros_like(x) for _ in range(rule.n_slots))
    record.keep(x, norm(_full_gradient(objective, x)))
    with np.errstate(over="ignore", invalid="ignore"):
        for t, rows in enumerate(
            _batches(objective.n_samples, batch_size, as_count(n_epochs, "n_epochs", 1), rng), 1
        ):
            g = record.gradient(x, rows)
            if not np.isfinite(g).all():
                return record.path(False)
            direction, memory = rule.direction(x, g if clip is None else clip_norm(g, clip), memory, t)
            x = x - _rate_of(rate, t) * direction
            if t % every == 0:
                finite = record.keep(x, norm(_full_gradient(objective, x)))
                if not finite or record.norms[-1] <= tolerance:
                    return record.path(finite)
    return record.path(False)


def conjugate_gradients(
    H: ArrayLike,
    b: ArrayLike,
    start: ArrayLike | None = None,
    tolerance: float = 1e-8,
    max_steps: int | None = None,
) -> Path:
    r"""Minimise :math:`\tfrac12 x^\top H x - b^\top x` along directions that do not disturb each other.

    Parameters
    ----------
    H : (n, n) array_like
        Symmetric positive definite matrix.
    b : (n,) array_like
        Linear part; the minimiser solves `H x = b`.
    start : (n,) array_like, optional
        First point; zero by default.
    tolerance : float
        Stop when the gradient :math:`\lVert Hx - b \rVert`, computed anew, is at most this, or at most 64
        :math:`\varepsilon\lVert b \rVert`, which rounding leaves.
    max_steps : int, optional
        Stop after this many steps in any case; `2 n` by default.

    Returns
    -------
    Path
        All points; a gradient is one product with `H`.

    Raises
    ------
    ValueError
        If `H` is not symmetric, a direction shows that it is not positive definite, or the sizes disagree.

    Notes
    -----
    In exact arithmetic it ends after as many steps as `H` has different eigenvalues; the error in the energy
    norm shrinks at least by :math:`(\sqrt\kappa - 1)/(\sqrt\kappa + 1)` a step, up to a factor of two.

    References
    ----------
    Hestenes and Stiefel (1952), Methods of conjugate gradients for solving linear systems,
    doi:10.6028/jres.049.044.

    Examples
    --------
    >>> path = conjugate_gradients([[2, 0], [0, 8]], [2, 8])
    >>> path.n_steps, path.x
    (2, array([1., 1.]))
    """
    H = as_symmetric(H, "H")
    record = Recorder(quadratic(H, b))

    def watch(x: Array, residual_norm: float) -> None:
        if not record.keep(x.copy(), residual_norm):
            raise ValueError("b must leave the value of the quadratic finite: scale it down")

    try:
        solved = linalg.conjugate_gradients(
            lambda p: H @ p,
            b,
            start=start,
            tolerance=0.0,
            absolute_tolerance=as_tolerance(tolerance, "tolerance"),
            max_steps=2 * len(H) if max_steps is None else max_steps,
            watch=watch,
        )
    except ValueError as error:
        raise ValueError(str(error).replace("operator", "H")) from None
    record.n_gradients = solved.n_steps + 1
    return record.path(solved.converged)


def _full_gradient(objective: Objective, x: Array) -> Array:
    """Gradient over all samples, for the record; uncounted, and without a word where it overflows."""
    with np.errstate(all="ignore"):
        return np.array(objective.gradient(x), dtype=np.float64)


def _as_rule(rule: Rule | None) -> Rule:
    """Read a rule; without one it is plain descent."""
    return plain() if rule is None else as_made(rule, Rule, "rule", RULES)


def _as_schedule(learning_rate: float | Schedule) -> Schedule:
    """Read a learning rate, constant or not, as a function of the step."""
    if callable(learning_rate):
        return learning_rate
    constant = as_positive(learning_rate, "learning_rate")
    return lambda t: constant


def _rate_of(rate: Schedule, t: int) -> float:
    """Ask a schedule for the rate of a step."""
    now = float(rate(t))
    if not 0 <= now < math.inf:
        raise ValueError(f"learning_rate must be finite and not negative, got {now:.6g} at step {t}")
    return now


def _share(value: float, name: str) -> float:
    """Read a number from 0 to below 1."""
    number = as_number(value, name)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must be at least 0 and below 1, got {number:.6g}")
    return number


@contextlib.contextmanager
def _squares_fit() -> Iterator[None]:
    """Refuse gradients whose squares overflow: divided by infinity, they would stop every step."""
    try:
        with np.errstate(over="raise"):
            yield
    except FloatingPointError:
        raise ValueError(
            "g must have squares below the largest float: scale the objective, or clip"
        ) from None


def _running_mean(mean: Array, new: Array, share: float) -> Array:
    """Keep a share of the old mean and fill up with the new value, in a fresh array."""
    kept: Array = share * mean
    kept += (1 - share) * new
    return kept


def _batches(n: int, size: int, n_epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of every batch, each epoch in a new order."""
    for _ in range(n_epochs):
        order = rng.permutation(n)
        yield from (order[i : i + size] for i in range(0, n, size))
