"""The training loop: batches, learning rates, clipping, early stopping, and a clean end come what may."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from mmlhelpers._checks import (
    Array,
    as_array,
    as_count,
    as_function,
    as_generator,
    as_items,
    as_made,
    as_number,
    as_tolerance,
)
from mmlhelpers._progress import track
from mmlhelpers.nn._parameters import Numbers
from mmlhelpers.optim import Rule, clip_norm
from mmlhelpers.optim.descent import RULES

Batch = tuple[Any, Any]
Schedule = Callable[[int], float]
Batches = Callable[[np.random.Generator], Batch] | Iterable[Batch]


class Model(Protocol):
    """What `train` needs to know of a model.

    A model that keeps numbers beside its parameters, such as running means, also has `state`: one flat buffer
    that holds both.
    """

    parameters: Numbers
    gradient: Numbers

    def loss_and_gradient(self, x: Any, y: Any, rng: np.random.Generator) -> float:
        """Go forward and backward on one batch, and fill `gradient`.

        Parameters
        ----------
        x, y : ndarray
            Inputs and targets of the batch.
        rng : Generator
            Source of what is random in the layers.

        Returns
        -------
        float
            Mean loss of the batch, in training.
        """

    def loss(self, x: Any, y: Any) -> float:
        """Compute the loss in evaluation.

        Parameters
        ----------
        x, y : ndarray
            Inputs and targets.

        Returns
        -------
        float
            Mean loss.
        """


class History(NamedTuple):
    """What happened in training.

    `train_loss` holds the loss of every step; `validation` the loss after the steps numbered `checked`;
    `stopped` is "finished", "early" or "interrupted"; the model has the parameters it had after step
    `best_step`; `samples` is what the caller asked to keep.
    """

    train_loss: Array
    validation: Array
    checked: NDArray[np.int64]
    stopped: str
    best_step: int
    samples: tuple[Any, ...]


def train(
    model: Model,
    x: Any = None,
    y: Any = None,
    *,
    rule: Rule,
    learning_rate: float | Schedule,
    rng: np.random.Generator,
    steps: int | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    batches: Batches | None = None,
    clip: float | None = None,
    validation: Batch | None = None,
    patience: int | None = None,
    every: int | None = None,
    sample: Callable[[Any], Any] | None = None,
    description: str = "training",
) -> History:
    r"""Train a model on random batches.

    Parameters
    ----------
    model : Model
        What is trained, in place.
    x, y : (n, ...) ndarray
        Inputs and targets, examples along the first axis; or `batches` in their place.
    rule : Rule
        How a gradient becomes a direction: one of `mmlhelpers.optim`, for instance `adam()`.
    learning_rate : float or callable
        Factor of the direction, or a schedule: a function of the number of the step, counted from 1.
    rng : Generator
        Source of the batches and of the randomness in the layers.
    steps, epochs : int
        How long: a number of steps, or of passes over the data; one of the two.
    batch : int
        Examples a step, needed with `x`; what an epoch leaves over is not used in it.
    batches : callable or iterable
        In place of `x` and `y`: a function of `rng` that gives the (x, y) of a step, or something to iterate
        over, which may end the training early.
    clip : float, optional
        Longest gradient that is used in full, see `mmlhelpers.optim.clip_norm`.
    validation : (x, y), optional
        Examples that are not trained on, whose loss is recorded.
    patience : int, optional
        Stop early after this many validations without a new best one, and return to the best parameters.
    every : int, optional
        Steps between two validations; one epoch by default, where there are epochs.
    sample : callable, optional
        A function of the model; what it returns before the first step and at each validation is kept.
    description : str
        Name of the progress bar.

    Returns
    -------
    History
        Losses, validations, and how it ended.

    Raises
    ------
    ValueError
        If the arguments do not fit together, or the parameters of the model are not finite to begin with.
    FloatingPointError
        If the loss or the gradient stops being finite; the model gets back the parameters of the last step at
        which both were finite.

    Notes
    -----
    Step t moves the parameters by -learning_rate(t) times the direction of the rule. An interrupt from the
    keyboard ends the training, and what was learned stays.

    References
    ----------
    Book, section "Neural networks and backpropagation".

    Examples
    --------
    >>> from mmlhelpers import nn, optim
    >>> rng = np.random.default_rng(0)
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> model = nn.Regressor(nn.Sequential([nn.Dense(1, 1)], rng))
    >>> history = train(model, x, 3 * x, rule=optim.plain(), learning_rate=0.1, rng=rng, epochs=60, batch=10)
    >>> history.stopped, model.network.weights["0.W"]
    ('finished', array([[3.]]))
    """
    rng = as_generator(rng, "rng")
    source, steps, every = _plan(x, y, steps, epochs, batch, batches, every, rng, model.parameters.dtype)
    if every is None and (validation is not None or sample is not None):
        raise ValueError(
            "every must say how many steps lie between two validations: with batches there are no epochs"
        )
    if patience is not None and validation is None:
        raise ValueError("patience must come with validation: there is nothing else to wait for")
    if validation is not None and len([*as_items(validation, "validation")]) != 2:
        raise ValueError("validation must be a pair (x, y) of examples that are not trained on")
    rule = as_made(rule, Rule, "rule", RULES)
    sample = None if sample is None else as_function(sample, "sample")
    if not callable(learning_rate):
        learning_rate = as_tolerance(learning_rate, "learning_rate")
    run = _Run(model, rule, learning_rate, clip, rng)
    check = _Check(model, validation, patience, sample)
    stopped = "finished"
    try:
        for t, (inputs, targets) in zip(track(range(1, steps + 1), description), source, strict=False):
            run.step(t, inputs, targets)
            if every is not None and t % every == 0 and check.says_stop(t):
                stopped = "early"
                break
    except KeyboardInterrupt:
        stopped = "interrupted"
    best_step = check.restore_best()
    return History(
        np.array(run.losses),
        np.array(check.losses),
        np.array(check.steps, dtype=np.int64),
        stopped,
        len(run.losses) if best_step is None else best_step,
        tuple(check.samples),
    )


class _Run:
    """The steps: gradient, direction, move."""

    def __init__(
        self,
        model: Model,
        rule: Rule,
        learning_rate: float | Schedule,
        clip: float | None,
        rng: np.random.Generator,
    ) -> None:
        self.model, self.rule, self.rng = model, rule, rng
        self.clip = None if clip is None else as_number(clip, "clip")
        if self.clip is not None and self.clip <= 0:
            raise ValueError(f"clip must be above 0, got {clip!r}")
        self.rate: Schedule = learning_rate if callable(learning_rate) else lambda t: learning_rate
        self.memory = tuple(np.zeros_like(model.parameters) for _ in range(rule.n_slots))
        self.state = _state(model)
        if not np.isfinite(self.state).all():
            raise ValueError(
                "model must have finite parameters, got NaN or infinity: build it again, or restore it"
            )
        self.last_good = self.state.copy()
        self.losses: list[float] = []

    def step(self, t: int, x: Any, y: Any) -> None:
        """Move the parameters once."""
        model = self.model
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            loss = model.loss_and_gradient(x, y, self.rng)
            gradient = model.gradient
            if not math.isfinite(loss):
                self._give_up(f"the loss is {loss} at step {t}", max(t - 1, 1))
            # The product is quicker, but too large for floats before the gradient is.
            if not math.isfinite(gradient @ gradient) and not np.isfinite(gradient).all():
                self._give_up(f"the gradient is not finite at step {t}", max(t - 1, 1))
        np.copyto(self.last_good, self.state)
        if self.clip is not None:
            gradient = clip_norm(gradient, self.clip)
        direction, self.memory = self.rule.direction(model.parameters, gradient, self.memory, t)
        with np.errstate(over="ignore", invalid="ignore"):
            model.parameters[...] -= self.rate(t) * direction
            if not np.isfinite(self.state).all():
                self._give_up(f"step {t} leads to parameters that are not finite", t)
        self.losses.append(loss)

    def _give_up(self, what: str, last_good: int) -> None:
        np.copyto(self.state, self.last_good)
        raise FloatingPointError(
            f"{what}; the model has its parameters of step {last_good} again. Try a smaller "
            "learning_rate or a warm-up, clip=1.0, smaller first weights, and look for NaN in the data"
        )


class _Check:
    """What is looked at between the steps: validation, samples, the best parameters so far."""

    def __init__(
        self,
        model: Model,
        validation: Batch | None,
        patience: int | None,
        sample: Callable[[Any], Any] | None,
    ) -> None:
        self.model, self.validation, self.sample = model, validation, sample
        self.patience = None if patience is None else as_count(patience, "patience", 1)
        self.losses: list[float] = []
        self.steps: list[int] = []
        self.best: Numbers | None = None
        self.best_step: int | None = None
        self.best_loss, self.waited = math.inf, 0
        self.samples = [] if sample is None else [sample(model)]

    def says_stop(self, t: int) -> bool:
        """Look at the model after step t; say whether patience has run out."""
        if self.sample is not None:
            self.samples.append(self.sample(self.model))
        if self.validation is None:
            return False
        self.losses.append(self.model.loss(*self.validation))
        self.steps.append(t)
        if self.patience is None:
            return False
        if self.losses[-1] < self.best_loss:
            self.best_loss, self.best_step, self.best = self.losses[-1], t, _state(self.model).copy()
            self.waited = 0
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore_best(self) -> int | None:
        """Give the model its best parameters again; return their step, None where there is none."""
        if self.best is not None:
            np.copyto(_state(self.model), self.best)
        return self.best_step


def _state(model: Model) -> Numbers:
    """All numbers of a model that change in training."""
    state: Numbers = getattr(model, "state", model.parameters)
    return state


def _plan(
    x: Any,
    y: Any,
    steps: int | None,
    epochs: int | None,
    batch: int | None,
    batches: Batches | None,
    every: int | None,
    rng: np.random.Generator,
    dtype: np.dtype[Any],
) -> tuple[Iterator[Batch], int, int | None]:
    """Work out where batches come from, how many there will be, and how often to look."""
    if (steps is None) == (epochs is None):
        raise ValueError("either steps or epochs must be given, and not both")
    if (batches is None) == (x is None):
        raise ValueError("either x and y or batches must be given, and not both")
    every = None if every is None else as_count(every, "every", 1)
    if batches is not None:
        if steps is None:
            raise ValueError("epochs needs x and y: with batches, say steps")
        draw = batches
        endless = iter(lambda: draw(rng), None) if callable(draw) else iter(draw)
        return endless, as_count(steps, "steps", 1), every
    x, y = _in_precision(x, "x", dtype), _in_precision(y, "y", dtype)
    n = len(x)
    if y.shape[:1] != (n,):
        raise ValueError(f"y must have one entry for each of the {n} rows of x, got shape {y.shape}")
    if batch is None:
        raise ValueError("batch must say how many examples make a step")
    batch = as_count(batch, "batch", 1, n)
    an_epoch = n // batch
    if steps is None:
        steps = as_count(epochs, "epochs", 1) * an_epoch  # type: ignore[arg-type]  # one of the two is given
    return _shuffled(x, y, batch, rng), as_count(steps, "steps", 1), every or an_epoch


def _in_precision(data: Any, name: str, dtype: np.dtype[Any]) -> Numbers:
    """Read data as an array; floats in the precision of the parameters, whole numbers as they are."""
    array = as_array(data, name)
    if not array.ndim or array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold examples of numbers as rows, got {array.dtype} {array.shape}")
    with np.errstate(over="ignore"):  # what becomes infinite stops the training
        return array.astype(dtype, copy=False) if array.dtype.kind == "f" else array


def _shuffled(x: Numbers, y: Numbers, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield batches for ever, every epoch in a new order."""
    n = len(x)
    while True:
        order = rng.permutation(n)
        for start in range(0, n - size + 1, size):
            rows = order[start : start + size]
            yield x.take(rows, axis=0), y.take(rows, axis=0)
