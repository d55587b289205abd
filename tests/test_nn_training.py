"""The training loop: what it does each step, and how it ends."""

import math

import numpy as np
import pytest

from mmlhelpers import nn, optim

F32 = np.float32


def rng(seed=0):
    return np.random.default_rng(seed)


def line(n=40):
    x = np.linspace(-1, 1, n)[:, None]
    return x, 2 * x[:, 0] - 1


def regressor(*layers, seed=0, dtype=np.float64):
    return nn.Regressor(nn.Sequential(layers or [nn.Dense(1, 1)], rng(seed), dtype))


class Parabola:
    """A model by hand, |p|^2 / 2, that notes what it is given; its loss can be made to misbehave."""

    def __init__(self, size=3, start=1.0):
        self.parameters, self.gradient = np.full(size, start), np.zeros(size)
        self.seen = []
        self.before = lambda step: None

    def loss_and_gradient(self, x, y, rng):
        self.seen.append((np.asarray(x).copy(), np.asarray(y).copy()))
        self.gradient[:] = self.parameters
        odd = self.before(len(self.seen))
        return self.loss(x, y) if odd is None else odd

    def loss(self, x, y):
        return float(self.parameters @ self.parameters / 2)


def run(model, **options):
    x, y = np.arange(10.0)[:, None], np.arange(10)
    settings = {"rule": optim.plain(), "learning_rate": 0.5, "rng": rng(), "batch": 2, "steps": 3}
    return nn.train(model, x, y, **settings | options)


# What a step does


def test_plain_steps_by_hand():
    model = Parabola()
    history = run(model)
    np.testing.assert_array_equal(model.parameters, 0.125)
    np.testing.assert_allclose(history.train_loss, [1.5, 1.5 / 4, 1.5 / 16])
    assert history.stopped == "finished"
    assert history.best_step == 3


def test_the_schedule_is_asked_for_steps_from_one():
    asked = []
    run(Parabola(), learning_rate=lambda t: asked.append(t) or 0.1)
    assert asked == [1, 2, 3]


@pytest.mark.parametrize(
    "rule", [optim.plain(), optim.momentum(), optim.nesterov_momentum(), optim.adam(), optim.adamw(0.1)]
)
def test_training_on_the_full_batch_is_gradient_descent_of_optim(rule):
    x, y = line()
    model = regressor()
    start = model.parameters.copy()
    nn.train(model, x, y, rule=rule, learning_rate=0.05, rng=rng(), steps=20, batch=40)
    A = np.column_stack([x, np.ones(40)])
    f = optim.Objective(lambda w: float(np.mean((A @ w - y) ** 2)), lambda w: 2 * A.T @ (A @ w - y) / 40)
    path = optim.gradient_descent(f, start, 0.05, rule, max_steps=20)
    np.testing.assert_allclose(model.parameters, path.x, rtol=1e-10)


def test_clipping_shortens_the_gradient_that_the_rule_sees():
    model = Parabola(4, start=10.0)
    run(model, clip=1.0, learning_rate=1.0, steps=1)
    np.testing.assert_allclose(model.parameters, 9.5)


def test_every_epoch_shows_every_example_once_in_a_new_order():
    model = Parabola()
    run(model, steps=None, epochs=2)
    epochs = [np.concatenate([y for _, y in model.seen[i : i + 5]]) for i in (0, 5)]
    for order in epochs:
        np.testing.assert_array_equal(np.sort(order), np.arange(10))
    assert not np.array_equal(*epochs)
    for x, y in model.seen:
        np.testing.assert_array_equal(x[:, 0], y)


def test_what_an_epoch_leaves_over_is_left_out():
    model = Parabola()
    run(model, batch=4, steps=None, epochs=3)
    assert [len(y) for _, y in model.seen] == [4] * 6


@pytest.mark.parametrize("dtype", [F32, np.float64])
def test_floats_come_in_the_precision_of_the_parameters_and_labels_stay_whole(dtype):
    model = Parabola()
    model.parameters, model.gradient = model.parameters.astype(dtype), model.gradient.astype(dtype)
    run(model)
    x, y = model.seen[0]
    assert x.dtype == dtype
    assert y.dtype == np.int64
    assert model.parameters.dtype == dtype


def test_single_precision_stays_single_with_adam_a_schedule_and_clipping():
    x, y = line()
    model = regressor(nn.Dense(1, 8), nn.Activation("relu"), nn.Dense(8, 1), dtype=F32)
    kept = []
    rule = optim.adam()

    def spy(x, g, memory, t):
        direction, memory = rule.direction(x, g, memory, t)
        kept[:] = [x.dtype, g.dtype, direction.dtype, *(m.dtype for m in memory)]
        return direction, memory

    options = {"rule": optim.Rule(2, spy), "learning_rate": optim.cosine(0.01, 50, 5), "clip": 1.0}
    nn.train(model, x, y, rng=rng(), steps=50, batch=10, **options)
    assert kept == [F32] * 5


def test_a_small_network_learns_a_line_in_both_precisions():
    x, y = line()
    for dtype in (F32, np.float64):
        model = regressor(nn.Dense(1, 8), nn.Activation("tanh"), nn.Dense(8, 1), dtype=dtype)
        nn.train(model, x, y, rule=optim.adam(), learning_rate=0.02, rng=rng(), epochs=300, batch=10)
        assert model.loss(x, y) < 1e-3


def test_equal_seeds_give_equal_histories():
    x, y = line()
    losses = []
    for _ in range(2):
        model = regressor(nn.Dense(1, 8), nn.Dropout(0.2), nn.Dense(8, 1))
        history = nn.train(model, x, y, rule=optim.adam(), learning_rate=0.01, rng=rng(), steps=30, batch=8)
        losses.append(history.train_loss)
    np.testing.assert_array_equal(*losses)


# Batches of one's own


def test_batches_may_be_drawn_by_a_function_or_come_from_an_iterable():
    drawn, listed = Parabola(), Parabola()
    options = {"rule": optim.plain(), "learning_rate": 0.1, "rng": rng(1), "steps": 4}
    nn.train(drawn, batches=lambda rng: (rng.normal(size=2), 1), **options)
    nn.train(listed, batches=((np.full(2, i), 1) for i in range(9)), **options)
    assert len(drawn.seen) == len(listed.seen) == 4
    np.testing.assert_array_equal(drawn.seen[0][0], rng(1).normal(size=2))
    np.testing.assert_array_equal([x[0] for x, _ in listed.seen], range(4))


def test_an_iterable_that_runs_out_ends_the_training():
    history = nn.train(
        Parabola(), batches=[(0, 0)] * 3, steps=9, rule=optim.plain(), learning_rate=0.1, rng=rng()
    )
    assert len(history.train_loss) == 3
    assert history.stopped == "finished"


# How it ends


def climbing(model, values):
    """Let the validation losses of a model be these."""
    left = iter(values)
    model.loss = lambda x, y: next(left)


def test_early_stopping_waits_as_long_as_it_says_and_returns_to_the_best():
    model = Parabola()
    model.loss_and_gradient = lambda x, y, rng: model.gradient.fill(1.0) or 1.0
    climbing(model, [5, 3, 4, 2, 3, 3, 3, 1])
    history = run(model, steps=50, every=2, validation=(0, 0), patience=3, learning_rate=1.0)
    assert history.stopped == "early"
    np.testing.assert_array_equal(history.validation, [5, 3, 4, 2, 3, 3, 3])
    np.testing.assert_array_equal(history.checked, [2, 4, 6, 8, 10, 12, 14])
    assert history.best_step == 8
    np.testing.assert_array_equal(model.parameters, 1 - 8)


def test_without_patience_the_last_parameters_stay():
    model = Parabola()
    model.loss_and_gradient = lambda x, y, rng: model.gradient.fill(1.0) or 1.0
    climbing(model, [1, 2, 3])
    history = run(model, steps=6, every=2, validation=(0, 0), learning_rate=1.0)
    assert history.best_step == 6
    np.testing.assert_array_equal(model.parameters, 1 - 6)


def test_a_validation_that_is_no_number_is_never_the_best():
    model = Parabola()
    model.loss_and_gradient = lambda x, y, rng: model.gradient.fill(1.0) or 1.0
    climbing(model, [float("nan"), 3, 4])
    history = run(model, steps=6, every=2, validation=(0, 0), patience=5, learning_rate=1.0)
    assert history.best_step == 4


def test_early_stopping_returns_to_the_running_statistics_too():
    x, y = line()
    model = regressor(nn.BatchNorm(1), nn.Dense(1, 1))
    states = []
    history = nn.train(
        model,
        x,
        y,
        rule=optim.plain(),
        learning_rate=0.4,
        rng=rng(),
        epochs=30,
        batch=10,
        validation=(x, y),
        patience=2,
        sample=lambda m: states.append(m.state.copy()),
    )
    best = int(np.argmin(history.validation))
    np.testing.assert_array_equal(model.state, states[best + 1])
    assert model.loss(x, y) == history.validation.min()


def test_an_interrupt_returns_what_was_learned_so_far():
    model = Parabola()

    def interrupt(step):
        if step == 3:
            raise KeyboardInterrupt

    model.before = interrupt
    history = run(model, steps=10)
    assert history.stopped == "interrupted"
    assert len(history.train_loss) == 2
    np.testing.assert_array_equal(model.parameters, 0.25)


def test_an_interrupt_with_patience_returns_to_the_best_so_far():
    model = Parabola()

    def interrupt(step):
        if step == 4:
            raise KeyboardInterrupt

    model.before = interrupt
    real, losses = model.loss, iter([1.0, 9.0, 9.0])
    model.loss = lambda x, y: next(losses) if isinstance(x, str) else real(x, y)
    history = run(model, steps=10, every=1, validation=("held", "out"), patience=9)
    assert history.stopped == "interrupted"
    assert history.best_step == 1
    np.testing.assert_array_equal(model.parameters, 0.5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_with_the_step_and_what_to_try(bad):
    model = Parabola()
    model.before = lambda step: bad if step == 4 else None
    with pytest.raises(FloatingPointError, match=rf"the loss is {bad} at step 4; .* step 3 .*clip=1.0"):
        run(model, steps=10)
    np.testing.assert_array_equal(model.parameters, 0.25)  # where the loss of step 3 was computed


def test_a_gradient_that_is_not_finite_stops_too():
    model = Parabola()
    model.before = lambda step: model.gradient.fill(np.nan) if step == 2 else None
    with pytest.raises(FloatingPointError, match="the gradient is not finite at step 2"):
        run(model, steps=10)
    np.testing.assert_array_equal(model.parameters, 1.0)


def test_a_last_step_that_leads_nowhere_is_noticed_and_taken_back():
    model = Parabola()
    with pytest.raises(FloatingPointError, match=r"step 1 leads to parameters .* of step 1 again"):
        run(model, steps=1, learning_rate=lambda t: math.inf)
    np.testing.assert_array_equal(model.parameters, 1.0)


def test_a_diverging_network_keeps_finite_parameters_and_statistics_and_gives_no_warning():
    x, y = line()
    model = regressor(nn.BatchNorm(1), nn.Dense(1, 8), nn.Activation("relu"), nn.Dense(8, 1))
    with pytest.raises(FloatingPointError):
        nn.train(model, x, y, rule=optim.plain(), learning_rate=1e9, rng=rng(), steps=500, batch=10)
    assert np.isfinite(model.state).all()


def test_samples_are_kept_before_the_first_step_and_at_every_look():
    model = Parabola()
    history = run(model, steps=6, every=2, sample=lambda m: float(m.parameters[0]))
    assert history.samples == (1.0, 0.25, 0.0625, 0.015625)


def test_the_loop_is_silent_in_a_build_and_shows_a_bar_otherwise(monkeypatch):
    shown = []

    def fake(iterable, description, total=None):
        shown.append(description)
        return iterable

    monkeypatch.setattr("mmlhelpers.nn.training.track", fake)
    run(Parabola(), description="learning a bowl")
    assert shown == ["learning a bowl"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 2}, "either steps or epochs"),
        ({"steps": None}, "either steps or epochs"),
        ({"batches": []}, "either x and y or batches"),
        ({"batch": None}, "batch must say how many examples"),
        ({"batch": 11}, "batch must be a whole number from 1 to 10, got 11"),
        ({"steps": 0}, "steps must be a whole number from 1, got 0"),
        ({"every": 0}, "every must be a whole number from 1, got 0"),
        ({"learning_rate": -0.1}, "learning_rate must not be negative, got -0.1"),
        ({"rule": optim.adam}, r"rule must be .* such as optim.adam\(\), got <function adam"),
        ({"patience": 2}, "patience must come with validation"),
        ({"patience": 0, "validation": (0, 0)}, "patience must be a whole number from 1, got 0"),
    ],
)
def test_arguments_that_do_not_fit_together_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        run(Parabola(), **options)


def test_targets_of_another_length_and_batches_without_a_rhythm_are_named():
    options = {"rule": optim.plain(), "learning_rate": 0.1, "rng": rng(), "batch": 2}
    with pytest.raises(ValueError, match=r"each of the 10 rows of x, got shape \(9,\)"):
        nn.train(Parabola(), np.zeros((10, 1)), np.zeros(9), steps=2, **options)
    options.pop("batch")
    with pytest.raises(ValueError, match="every must say how many steps"):
        nn.train(Parabola(), batches=[(0, 0)], steps=1, validation=(0, 0), **options)
    with pytest.raises(ValueError, match="epochs needs x and y"):
        nn.train(Parabola(), batches=[(0, 0)], epochs=1, **options)


def test_a_model_that_is_broken_already_is_refused():
    model = Parabola()
    model.parameters[1] = np.nan
    with pytest.raises(ValueError, match="model must have finite parameters"):
        run(model)


def test_clip_is_a_length():
    with pytest.raises(ValueError, match="clip must be above 0, got 0"):
        run(Parabola(), clip=0)


def test_a_gradient_whose_square_overflows_is_clipped_and_used():
    model = Parabola(start=0.0)
    model.loss_and_gradient = lambda x, y, rng: model.gradient.fill(1e200) or 1.0
    run(model, steps=1, clip=1.0, learning_rate=1.0)
    np.testing.assert_allclose(model.parameters, -(3**-0.5))


def test_validation_is_a_pair():
    with pytest.raises(ValueError, match="validation must be a pair"):
        run(Parabola(), validation=(0, 0, 0), every=1)


def test_data_beyond_single_precision_stop_the_training():
    with pytest.raises(FloatingPointError, match="the loss is inf at step 1"):
        nn.train(
            regressor(dtype=np.float32),
            np.full((4, 1), 1e300),
            np.zeros(4),
            rule=optim.plain(),
            learning_rate=0.1,
            rng=rng(),
            steps=1,
            batch=2,
        )
