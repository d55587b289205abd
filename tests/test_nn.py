"""Parameters, layers, losses and initialisers: hand-worked values, laws, autodiff and central differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmlhelpers import autodiff, calculus, functional, nn
from mmlhelpers.nn._losses import mean_squared_error, softmax_cross_entropy

F32, F64 = np.float32, np.float64


def rng(seed=0):
    return np.random.default_rng(seed)


def alone(layer, seed=0, dtype=F64):
    """Weights of a layer, moved away from where they start, and room for their gradients."""
    p = nn.Parameters(layer.shapes(), dtype, layer.statistics())
    weights = dict(p)
    layer.initialise(weights, rng(seed))
    p.flat += 0.3 * rng(seed + 1).normal(size=p.flat.size)
    return weights, {name: p.gradient_of(name) for name in layer.shapes()}, p


# Every layer on shapes whose sizes all differ; the name, the layer, the shape of its input, training or not.
CASES = [
    ("dense", nn.Dense(4, 3), (5, 4), False),
    ("dense on sequences", nn.Dense(4, 3), (2, 5, 4), False),
    *[(name, nn.Activation(name), (5, 4), False) for name in nn._layers.ACTIVATIONS],
    ("dropout", nn.Dropout(0.4), (6, 5), True),
    ("dropout of whole channels", nn.Dropout(0.4, shared=(1, 2)), (6, 2, 3, 5), True),
    ("dropout in evaluation", nn.Dropout(0.4), (6, 5), False),
    ("batch norm", nn.BatchNorm(4), (6, 4), True),
    ("batch norm of channels", nn.BatchNorm(3, axis=1), (2, 3, 4, 5), True),
    ("batch norm of channels first", nn.BatchNorm(3, axis=0), (3, 4, 2), True),
    ("batch norm in evaluation", nn.BatchNorm(4), (6, 4), False),
    ("layer norm", nn.LayerNorm(4), (6, 4), False),
    ("layer norm on sequences", nn.LayerNorm(4), (2, 3, 4), False),
]


@pytest.mark.parametrize(("layer", "shape", "training"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_backward_agrees_with_central_differences(layer, shape, training):
    weights, gradients, p = alone(layer)
    x = rng(2).normal(size=shape)
    mask = lambda: rng(3) if training else None  # noqa: E731 - the same randomness in every call
    y, memory = layer.forward(x, weights, mask())
    dy = rng(4).normal(size=y.shape)
    statistics = p.state[p.flat.size :].copy()

    def loss():
        p.state[p.flat.size :] = statistics  # training moves them, and they are no function of x
        return np.sum(layer.forward(x, weights, mask())[0] * dy)

    dx = layer.backward(dy, memory, weights, gradients)
    assert_slopes(loss, x, dx)
    for name, gradient in gradients.items():
        assert_slopes(loss, weights[name], gradient)


def assert_slopes(loss, array, claimed, h=1e-5):
    """Move every entry of an array and compare the slope of the loss with what is claimed."""
    assert claimed.shape == array.shape
    for index in np.ndindex(array.shape):
        kept, values = array[index], []
        for sign in (1, -1):
            array[index] = kept + sign * h
            values.append(loss())
        array[index] = kept
        assert claimed[index] == pytest.approx((values[0] - values[1]) / (2 * h), abs=1e-7)


def written_out(name, x, w, memory):
    """The layers once more as plain formulas, for the tape; of what they remember only the mask is used."""
    if name == "dropout":
        return x * memory
    if name == "dense":
        return x @ w["W"] + w["b"]
    if name in ("batch norm", "layer norm"):
        axis = 0 if name == "batch norm" else -1
        centred = x - np.mean(x, axis=axis, keepdims=True)
        scale = np.sqrt(np.mean(centred**2, axis=axis, keepdims=True) + 1e-5)
        return w["gamma"] * centred / scale + w["beta"]
    curves = {
        "relu": functional.relu,
        "tanh": np.tanh,
        "sigmoid": functional.sigmoid,
        "softplus": functional.softplus,
        "identity": lambda z: z,
    }
    return curves[name](x)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("dense", nn.Dense(4, 3)),
        ("batch norm", nn.BatchNorm(4)),
        ("layer norm", nn.LayerNorm(4)),
        ("dropout", nn.Dropout(0.4)),
        *[(name, nn.Activation(name)) for name in nn._layers.ACTIVATIONS],
    ],
)
def test_forward_and_backward_agree_with_autodiff(name, layer):
    weights, gradients, _ = alone(layer)
    x = rng(5).normal(size=(6, 4))
    y, memory = layer.forward(x, weights, rng())
    dy = rng(6).normal(size=y.shape)
    dx = layer.backward(dy, memory, weights, gradients)
    point = {name: weights[name].copy() for name in gradients} | {"x": x}
    loss = lambda p: np.sum(written_out(name, p["x"], p, memory) * dy)  # noqa: E731 - a formula
    value, truth = autodiff.value_and_grad(loss)(point)
    np.testing.assert_allclose(np.sum(y * dy), value, rtol=1e-12)
    for key, gradient in (gradients | {"x": dx}).items():
        np.testing.assert_allclose(gradient, truth[key], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("layer", [case[1] for case in CASES if len(case[2]) == 2])
def test_single_precision_stays_single_and_agrees(layer):
    weights, gradients, _ = alone(layer)
    single = {name: array.astype(F32) for name, array in weights.items()}
    rough = {name: array.astype(F32) for name, array in gradients.items()}
    x = rng(7).normal(size=(8, 4)).astype(F32)
    y, memory = layer.forward(x, single, rng(8))
    dx = layer.backward(np.ones_like(y), memory, single, rough)
    exact, kept = layer.forward(x.astype(F64), weights, rng(8))
    dx_exact = layer.backward(np.ones_like(exact), kept, weights, gradients)
    assert y.dtype == dx.dtype == F32
    np.testing.assert_allclose(y, exact, atol=2e-5)
    np.testing.assert_allclose(dx, dx_exact, atol=2e-5)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(rough[name], gradient, atol=2e-5)


# Layers by hand and by law


def test_a_dense_layer_by_hand():
    weights = {"W": np.array([[1.0, 2], [3, 4], [5, 6]]), "b": np.array([10.0, 20])}
    gradients = {"W": np.empty((3, 2)), "b": np.empty(2)}
    y, memory = nn.Dense(3, 2).forward(np.array([[1.0, 0, -1]]), weights)
    np.testing.assert_array_equal(y, [[6, 16]])
    dx = nn.Dense(3, 2).backward(np.array([[1.0, -1]]), memory, weights, gradients)
    np.testing.assert_array_equal(dx, [[-1, -1, -1]])
    np.testing.assert_array_equal(gradients["W"], [[1, -1], [0, 0], [-1, 1]])
    np.testing.assert_array_equal(gradients["b"], [1, -1])


def test_gradients_are_written_and_not_added_up():
    layer = nn.Dense(2, 2)
    weights, gradients, _ = alone(layer)
    _, memory = layer.forward(np.ones((3, 2)), weights)
    for _ in range(2):
        layer.backward(np.ones((3, 2)), memory, weights, gradients)
        np.testing.assert_array_equal(gradients["W"], np.full((2, 2), 3.0))


@given(st.integers(0, 2**32 - 1))
def test_batch_norm_forgets_scale_and_shift_of_its_input_and_its_gradient_is_level_along_them(seed):
    layer = nn.BatchNorm(3, epsilon=1e-12)
    weights, gradients, _ = alone(layer)
    x, dy = rng(seed).normal(size=(2, 7, 3))
    y, memory = layer.forward(x, weights, rng())
    moved = layer.forward(5 * x - 2, weights, rng())[0]
    np.testing.assert_allclose(moved, y, atol=1e-9)
    dx = layer.backward(dy, memory, weights, gradients)
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.sum(dx * x, axis=0), 0, atol=1e-9)


def test_batch_norm_remembers_a_running_mean_and_an_unbiased_running_variance():
    layer = nn.BatchNorm(1, memory=0.75)
    weights, _, _ = alone(layer)
    layer.forward(np.array([[1.0], [5.0]]), weights, rng())
    np.testing.assert_allclose(weights["mean"], [0.25 * 3])
    np.testing.assert_allclose(weights["variance"], [0.75 * 1 + 0.25 * 8])


def test_batch_norm_in_evaluation_treats_every_example_alone():
    layer = nn.BatchNorm(3)
    weights, _, _ = alone(layer)
    weights["mean"][:] = [1, 2, 3]
    x = rng(1).normal(size=(4, 3))
    together = layer.forward(x, weights)[0]
    np.testing.assert_allclose(layer.forward(x[:1], weights)[0], together[:1], rtol=1e-14)
    expected = weights["gamma"] * (x - weights["mean"]) / np.sqrt(weights["variance"] + 1e-5)
    np.testing.assert_allclose(together, expected + weights["beta"], rtol=1e-12)


def test_normalisation_survives_a_large_common_offset():
    x = 1e8 + np.array([[0.0], [1], [2], [3]])
    weights = {"gamma": np.ones(1), "beta": np.zeros(1), "mean": np.zeros(1), "variance": np.ones(1)}
    y = nn.BatchNorm(1).forward(x, weights, rng())[0]
    np.testing.assert_allclose(y, (x - 1e8 - 1.5) / np.sqrt(1.25 + 1e-5), rtol=1e-12)


def test_dropout_keeps_the_mean_and_drops_the_share_it_says():
    y, mask = nn.Dropout(0.25).forward(np.ones((400, 500)), {}, rng())
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.005)  # standard error 0.001
    assert y.mean() == pytest.approx(1, abs=0.007)
    assert set(np.unique(mask)) == {0, 1 / 0.75}


def test_dropout_shares_one_decision_over_the_axes_named():
    y = nn.Dropout(0.5, shared=(1, 2)).forward(np.ones((5, 4, 3, 6)), {}, rng())[0]
    np.testing.assert_array_equal(y, np.broadcast_to(y[:, :1, :1], y.shape))
    assert 0 < np.mean(y == 0) < 1


def test_layer_norm_by_hand():
    weights = {"gamma": np.array([1.0, 1, 2]), "beta": np.array([0.0, 0, 1])}
    y = nn.LayerNorm(3, epsilon=1e-15).forward(np.array([[1.0, 2, 3]]), weights)[0]
    np.testing.assert_allclose(y, [[-np.sqrt(1.5), 0, 2 * np.sqrt(1.5) + 1]], atol=1e-12)


# Initialisers


@pytest.mark.parametrize(
    ("make", "variance"),
    [(nn.scaled_normal, lambda m, n: 4 / m), (nn.glorot_uniform, lambda m, n: 8 / (m + n))],
)
def test_initialisers_have_the_variance_they_promise(make, variance):
    W = make(2.0)(300, 500, rng())
    assert W.shape == (300, 500)
    assert W.var(ddof=0) == pytest.approx(variance(300, 500), rel=0.02)  # standard error 0.4 %
    assert abs(W.mean()) < 4 * W.std(ddof=0) / np.sqrt(W.size)


@pytest.mark.parametrize("shape", [(3, 7), (7, 3), (5, 5)])
def test_orthogonal_weights_have_all_singular_values_equal_to_the_gain(shape):
    W = nn.orthogonal(1.5)(*shape, rng())
    assert W.shape == shape
    np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), 1.5, rtol=1e-13)


def test_orthogonal_weights_are_as_often_reflections_as_rotations():
    signs = [np.linalg.det(nn.orthogonal()(3, 3, rng(seed))) for seed in range(400)]
    assert abs(np.mean(np.sign(signs))) < 0.2  # four standard errors


# Losses


def test_losses_agree_with_the_checked_ones_of_functional():
    z, c = rng().normal(size=(7, 4)), rng(1).integers(0, 4, 7)
    slow = functional.cross_entropy(z, c)
    loss, gradient = softmax_cross_entropy(z, c)
    assert loss == pytest.approx(slow.value, rel=1e-13)
    np.testing.assert_allclose(gradient, slow.gradient, rtol=1e-12, atol=1e-15)
    slow = functional.mean_squared_error(z[:, 0], z[:, 1])
    loss, gradient = mean_squared_error(z[:, :1], z[:, 1])
    assert loss == pytest.approx(slow.value, rel=1e-13)
    np.testing.assert_allclose(gradient[:, 0], slow.gradient, rtol=1e-13)


def test_losses_of_sequences_are_those_of_all_their_entries():
    z, c = rng().normal(size=(2, 3, 4)), rng(1).integers(0, 4, (2, 3))
    loss, gradient = softmax_cross_entropy(z, c)
    flat_loss, flat_gradient = softmax_cross_entropy(z.reshape(6, 4), c.ravel())
    assert loss == flat_loss
    np.testing.assert_array_equal(gradient.reshape(6, 4), flat_gradient)


def test_gradient_of_the_squared_error_of_several_outputs():
    y, target = rng().normal(size=(2, 5, 3))
    _, gradient = mean_squared_error(y, target)
    slope = calculus.numerical_jacobian(lambda y: np.mean((y - target) ** 2), y)
    np.testing.assert_allclose(gradient, slope.reshape(y.shape), atol=1e-8)


@pytest.mark.parametrize("dtype", [F32, F64])
def test_cross_entropy_stays_finite_for_logits_of_any_size(dtype):
    z = np.array([[1e4, 0, -1e4], [-1e4, 0, 1e4]], dtype)
    loss, gradient = softmax_cross_entropy(z, [0, 0])
    assert loss == pytest.approx(1e4)
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, [[0, 0, 0], [-0.5, 0, 0.5]])


def test_losses_name_both_shapes_when_they_disagree():
    with pytest.raises(ValueError, match=r"shape \(5,\) to fit logits \(5, 3\), got \(4,\)"):
        softmax_cross_entropy(np.zeros((5, 3)), np.zeros(4, int))
    with pytest.raises(ValueError, match=r"shape \(5, 2\) of the outputs, got \(5,\)"):
        mean_squared_error(np.zeros((5, 2)), np.zeros(5))


@pytest.mark.parametrize(
    ("labels", "got"),
    [([-1, 1], "from -1 to 1"), ([1, 3], "from 1 to 3"), ([0.0, 1.0], "float64"), ([True, False], "bool")],
)
def test_labels_that_are_no_classes_are_refused(labels, got):
    with pytest.raises(ValueError, match=rf"whole numbers from 0 to 2 to fit 3 logits, got .*{got}"):
        softmax_cross_entropy(np.zeros((2, 3)), labels)


# Parameters and networks


def test_views_and_flat_buffer_are_the_same_numbers():
    p = nn.Parameters({"W": (2, 3), "b": (3,)}, F32, {"mean": (4,)})
    p["b"][:] = 7
    np.testing.assert_array_equal(p.flat, [0] * 6 + [7] * 3)
    p.gradient_of("W")[1] = 5
    np.testing.assert_array_equal(p.gradient, [0] * 3 + [5] * 3 + [0] * 3)
    p["mean"][:] = 2
    assert p.state.size == 13
    assert p.flat.size == 9
    assert p.state.sum() == 29
    assert list(p) == ["W", "b", "mean"]


def test_saved_parameters_come_back(tmp_path):
    shapes, statistics = {"W": (2, 3), "b": (3,)}, {"mean": (4,)}
    p, again = nn.Parameters(shapes, F64, statistics), nn.Parameters(shapes, F64, statistics)
    p.state[:] = rng().normal(size=13)
    p.save(tmp_path / "full.npz")
    again.load(tmp_path / "full.npz")
    np.testing.assert_array_equal(again.state, p.state)
    p.save(tmp_path / "half.npz", np.float16)
    again.load(tmp_path / "half.npz")
    np.testing.assert_array_equal(again.state, p.state.astype(np.float16))


@pytest.mark.parametrize("shapes", [{"W": (2, 3)}, {"W": (3, 2), "b": (3,)}, {"W": (2, 3), "c": (3,)}])
def test_parameters_of_another_model_are_refused_and_nothing_changes(tmp_path, shapes):
    nn.Parameters(shapes).save(tmp_path / "other.npz")
    p = nn.Parameters({"W": (2, 3), "b": (3,)})
    p.flat[:] = 1
    with pytest.raises(ValueError, match=r"must hold the parameters of this model, got shape"):
        p.load(tmp_path / "other.npz")
    np.testing.assert_array_equal(p.flat, 1)


def test_pickles_are_refused(tmp_path):
    np.savez(tmp_path / "evil.npz", W=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        nn.Parameters({"W": (1,)}).load(tmp_path / "evil.npz")


def make(dtype=F64, seed=0):
    layers = [
        nn.Dense(4, 6, nn.glorot_uniform()),
        nn.BatchNorm(6),
        nn.Activation("tanh"),
        nn.Dropout(0.3),
        nn.Dense(6, 5, nn.orthogonal()),
        nn.LayerNorm(5),
        nn.Activation("softplus"),
        nn.Dense(5, 3),
    ]
    return nn.Classifier(nn.Sequential(layers, rng(seed), dtype))


def test_the_gradient_of_a_whole_network_agrees_with_central_differences():
    model = make()
    x, y = rng(1).normal(size=(7, 4)), rng(2).integers(0, 3, 7)
    model.loss_and_gradient(x, y, rng(3))
    gradient = model.gradient.copy()
    start = model.state.copy()

    def loss(p):
        model.state[:] = start
        model.parameters[:] = p
        return model.loss_and_gradient(x, y, rng(3))

    measured = calculus.numerical_jacobian(loss, model.parameters.copy(), h=1e-5)
    np.testing.assert_allclose(gradient, np.ravel(measured), atol=1e-7)


def test_the_gradient_by_the_input_of_a_network_agrees_with_central_differences():
    network = make().network
    x = rng(1).normal(size=(2, 4))
    _, memory = network.forward(x)
    dx = network.backward(np.ones((2, 3)), memory)
    assert_slopes(lambda: network.forward(x)[0].sum(), x, dx)


def test_single_precision_gradient_is_near_the_double_one():
    models = [make(dtype) for dtype in (F32, F64)]
    models[0].state[:] = models[1].state
    x, y = rng(1).normal(size=(20, 4)), rng(2).integers(0, 3, 20)
    losses = [m.loss_and_gradient(x.astype(m.parameters.dtype), y, rng(3)) for m in models]
    assert models[0].gradient.dtype == F32
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    np.testing.assert_allclose(models[0].gradient, models[1].gradient, atol=1e-5)


def test_parameters_of_a_network_are_named_after_place_and_role():
    network = make().network
    assert list(network.weights)[:4] == ["0.W", "0.b", "1.gamma", "1.beta"]
    assert list(network.weights)[-2:] == ["1.mean", "1.variance"]
    assert network.parameters.size == 4 * 6 + 6 + 12 + 6 * 5 + 5 + 10 + 5 * 3 + 3
    network.weights["0.W"][...] = 0
    assert not network.parameters[:24].any()


def test_prediction_has_no_randomness_and_the_precision_of_the_parameters():
    network = make(F32).network
    x = rng(1).normal(size=(5, 4))
    np.testing.assert_array_equal(network.predict(x), network.predict(x))
    assert network.predict(x).dtype == F32


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Dense(0, 3), r"n_in must be a whole number from 1, got 0"),
        (lambda: nn.Activation("gauss"), r"name must be one of identity, relu, .*, got 'gauss'"),
        (lambda: nn.Dropout(1.0), r"rate must be at least 0 and below 1, got 1.0"),
        (lambda: nn.BatchNorm(3, memory=1), r"memory must be at least 0 and below 1"),
        (lambda: nn.BatchNorm(3, epsilon=0), r"epsilon must be above 0, got 0"),
        (lambda: nn.LayerNorm(3, epsilon=-1), r"epsilon must be above 0, got -1"),
        (lambda: nn.scaled_normal(-1), r"gain must not be negative"),
        (lambda: nn.Sequential([], rng()), r"layers must hold at least one layer"),
        (lambda: nn.Parameters({}, np.float16), r"dtype must be float32 or float64, got float16"),
        (lambda: nn.Parameters({"a": (1,)}, F64, {"a": (1,)}), r"got 'a' in both"),
    ],
)
def test_wrong_arguments_are_named(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize("layer", [nn.Dense(3, 2), nn.LayerNorm(3), nn.LayerNorm(1)])
def test_layers_refuse_an_input_that_was_made_for_another(layer):
    with pytest.raises(ValueError, match=r"x must have [13] features along axis -1, got shape \(5, 4\)"):
        nn.Sequential([layer], rng()).predict(np.zeros((5, 4)))


def test_batch_norm_names_wrong_features_and_refuses_to_train_on_one_example():
    layer = nn.BatchNorm(3)
    weights, _, _ = alone(layer)
    with pytest.raises(ValueError, match=r"3 features along axis -1, got shape \(5, 4\)"):
        layer.forward(np.zeros((5, 4)), weights)
    with pytest.raises(ValueError, match="at least two examples to train batch normalisation"):
        layer.forward(np.zeros((1, 3)), weights, rng())


def test_a_file_has_the_name_that_is_given(tmp_path):
    p = nn.Parameters({"W": (2,)})
    p.flat[:] = [1, 2]
    p.save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    again = nn.Parameters({"W": (2,)})
    again.load(tmp_path / "model")
    np.testing.assert_array_equal(again.flat, [1, 2])


def test_a_precision_too_small_for_the_weights_is_refused(tmp_path):
    p = nn.Parameters({"W": (2,)})
    p.flat[:] = 1e6
    with pytest.raises(ValueError, match="dtype float16 is too small for the numbers of 'W'"):
        p.save(tmp_path / "half", np.float16)
    with pytest.raises(ValueError, match="dtype must be a precision of floats"):
        p.save(tmp_path / "half", np.int64)
    assert not list(tmp_path.iterdir())


def test_many_rows_in_single_precision_are_averaged_to_its_last_digits():
    x = (1000 + np.random.default_rng(0).normal(size=(200_000, 1))).astype(F32)
    layer = nn.BatchNorm(1, memory=0.0)
    weights, _, _ = alone(layer, dtype=F32)
    layer.forward(x, weights, rng())
    exact = x.astype(np.float64)
    np.testing.assert_allclose(weights["mean"], exact.mean(), rtol=1e-7)
    np.testing.assert_allclose(weights["variance"], exact.var(ddof=1), rtol=1e-5)
    dense = nn.Dense(1, 1)
    weights, gradients, _ = alone(dense, dtype=F32)
    dense.backward(x, x, weights, gradients)
    np.testing.assert_allclose(gradients["b"], exact.sum(), rtol=1e-6)


@pytest.mark.parametrize("x", [np.array([[0, 255]], np.uint8), np.array([[False, True]]), [[0, 255]]])
def test_whole_numbers_become_floats(x):
    network = nn.Sequential([nn.Activation("softplus"), nn.Dense(2, 1)], rng(), F32)
    want = network.predict(np.asarray(x, float))
    np.testing.assert_array_equal(network.predict(x), want)
    assert network.forward(x)[0].dtype == F32


def test_layers_must_be_layers():
    with pytest.raises(ValueError, match=r"layers\[1\] must be a layer of mmlhelpers.nn"):
        nn.Sequential([nn.Dense(1, 1), nn.Dense], rng())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Parameters({}, "junk"), "dtype must be a precision of NumPy"),
        (lambda: nn.Dropout(0.5, ("a",)), "shared must be axes"),
        (lambda: nn.Activation(["relu"]), "name must be one of"),
    ],
)
def test_what_is_no_precision_no_axis_and_no_curve_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
