"""Networks: parameters, initialisers, layers, models, training."""

import numpy as np

from mmlhelpers import nn, optim
from promises import ALLOWED, ROWS, SAME, THROUGH, Rng, exempt, method, numbers, promise, whole

TAKEN = {"nan": THROUGH, "inf": THROUGH, "single": True}
EVALUATED = {"order": {"x": ROWS}} | TAKEN
W = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]

for Class in (nn.Dense, nn.Activation, nn.Dropout, nn.BatchNorm, nn.LayerNorm):
    for name in ("shapes", "statistics", "initialise"):
        exempt(method(Class, name), "sizes and first weights, which the constructor decides")

for make in (nn.scaled_normal, nn.glorot_uniform, nn.orthogonal):
    promise(
        make,
        {"gain": 1.5, "n_in": 3, "n_out": 2, "rng": Rng()},
        call=lambda gain, n_in, n_out, rng, make=make: make(gain)(n_in, n_out, rng),
        units={"gain": 1},
        order="draws come in their order",
        without={"layout": "takes numbers, and no arrays"},
    )

# Parameters

promise(
    method(nn.Parameters, "gradient_of"),
    {"W": numbers(2, 3)},
    call=lambda W: _kept(W, lambda p: p.gradient_of("W")),
    takes={"W": "text complex objects dates masked"},  # the array is written by NumPy
    units="zero before the first gradient",
    order="zero before the first gradient",
    nan=ALLOWED,
    inf=ALLOWED,
)


def _kept(W, look):
    """Put an array into parameters, and look at them."""
    W = np.asarray(W)
    p = nn.Parameters({"W": W.shape})
    p["W"][...] = W
    return look(p)


def _stored(W):
    """Write parameters to a file and read them again."""

    def there_and_back(p, path):
        p.save(path)
        again = nn.Parameters({"W": p["W"].shape})
        again.load(path)
        return again["W"]

    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return _kept(W, lambda p: there_and_back(p, Path(folder) / "model"))


for name in ("save", "load"):
    promise(
        method(nn.Parameters, name),
        {"W": numbers(2, 3)},
        call=_stored,
        takes={"W": "text complex objects dates masked"},  # the array is written by NumPy
        units={"W": 1},
        order={"W": ROWS},
        nan=THROUGH,
        inf=THROUGH,
        examples=1,
    )

# Layers. What `backward` needs is made by `forward` on the way.


def forward(layer, x, weights, rng=None):
    arrays = {name: np.asarray(value, x_type(x)) for name, value in weights.items()}
    return layer.forward(x, arrays, rng)[0]


def backward(layer, x, dy, weights, rng=None):
    """Return the gradients by the input and by the weights."""
    arrays = {name: np.asarray(value, x_type(x)) for name, value in weights.items()}
    gradients = {name: np.zeros_like(value) for name, value in arrays.items()}
    _, memory = layer.forward(x, arrays, rng)
    dx = layer.backward(dy, memory, arrays, gradients)
    return {"dx": dx} | {name: gradients[name] for name in layer.shapes()}


ROW_BY_ROW = {"x dy": {"dx": ROWS}}
DENSE = {"W": W, "b": [0.5, -0.25, 1.0]}
promise(
    method(nn.Dense, "forward"),
    {"x": numbers(4, 2)},
    call=lambda x: nn.Dense(2, 3).forward(x, {"W": np.array(W, x_type(x)), "b": np.zeros(3, x_type(x))})[0],
    units={"x": 1},
    **EVALUATED,
)


def x_type(x):
    """Return the precision that the weights of a model of these inputs have."""
    return np.float32 if getattr(x, "dtype", None) == np.float32 else np.float64


promise(
    method(nn.Dense, "backward"),
    {"x": numbers(4, 2), "dy": numbers(4, 3)},
    call=lambda x, dy: backward(nn.Dense(2, 3), x, dy, DENSE),
    units={"x": {"W": 1}, "dy": 1},
    order=ROW_BY_ROW,
    nan=THROUGH,
    inf=THROUGH,
)
for curve in ("identity", "relu", "tanh", "sigmoid", "softplus"):
    degree = {"identity": 1, "relu": 1}.get(curve)
    promise(
        method(nn.Activation, "forward"),
        {"name": curve, "x": numbers(4, 2)},
        case=curve,
        call=lambda name, x: nn.Activation(name).forward(x, {})[0],
        units={"x": degree},
        **EVALUATED,
    )
    promise(
        method(nn.Activation, "backward"),
        {"name": curve, "x": numbers(4, 2), "dy": numbers(4, 2)},
        case=curve,
        call=lambda name, x, dy: backward(nn.Activation(name), x, dy, {}),
        units={"dy": 1},
        order=ROW_BY_ROW,
        nan={"x": ALLOWED, "dy": THROUGH},
        inf=ALLOWED,
        single=True,
    )
promise(
    method(nn.Dropout, "forward"),
    {"x": numbers(4, 2), "rate": 0.5, "rng": Rng()},
    call=lambda x, rate, rng: nn.Dropout(rate).forward(x, {}, rng)[0],
    units={"x": 1},
    order="every place has a draw of its own",
    takes={"rng": "None"},  # which evaluates
    nan={"x": ALLOWED},
    inf={"x": ALLOWED},
    single=True,
)
promise(
    method(nn.Dropout, "backward"),
    {"x": numbers(4, 2), "dy": numbers(4, 2), "rate": 0.5, "rng": Rng()},
    call=lambda x, dy, rate, rng: backward(nn.Dropout(rate), x, dy, {}, rng),
    units={"dy": 1, "x": 0},
    order="every place has a draw of its own",
    takes={"rng": "None"},  # which evaluates
    nan={"x": ALLOWED, "dy": ALLOWED},
    inf={"x": ALLOWED, "dy": ALLOWED},
    single=True,
)
LEARNT = {"gamma": [2.0, 0.5, -1.0], "beta": [1.0, 0.0, 0.25]}
NORMS = {
    nn.BatchNorm: LEARNT | {"mean": [0.0, 0.0, 0.0], "variance": [1.0, 1.0, 1.0]},
    nn.LayerNorm: LEARNT,
}
for Class, weights in NORMS.items():
    more = {"epsilon": 1e-5} | ({"rng": Rng()} if Class is nn.BatchNorm else {})
    rest = {"single": True, "rtol": 1e-7, "takes": {"rng": "None"} if "rng" in more else {}}
    promise(
        method(Class, "forward"),
        {"x": numbers(5, 3)} | more,
        call=lambda x, epsilon, rng=None, Class=Class, weights=weights: forward(
            Class(3, epsilon=epsilon), x, weights, rng
        ),
        units={"x epsilon^2": 0},
        order={"x": ROWS},
        shift={"x": 0} if Class is nn.BatchNorm else {},
        nan={"x": THROUGH},
        inf={"x": THROUGH},
        **rest,
    )
    promise(
        method(Class, "backward"),
        {"x": numbers(5, 3), "dy": numbers(5, 3)} | more,
        call=lambda x, dy, epsilon, rng=None, Class=Class, weights=weights: backward(
            Class(3, epsilon=epsilon), x, dy, weights, rng
        ),
        units={"dy": 1, "x epsilon^2": {"dx": -1}},
        order=ROW_BY_ROW,
        nan={"x": THROUGH, "dy": THROUGH},
        inf={"x": THROUGH, "dy": THROUGH},
        **rest,
    )
promise(
    method(nn.BatchNorm, "forward"),
    {"x": numbers(5, 3)},
    case="evaluated",
    call=lambda x: forward(nn.BatchNorm(3), x, NORMS[nn.BatchNorm]),
    units={"x": None},
    order={"x": ROWS},
    single=True,
    nan=THROUGH,
    inf=THROUGH,
)

# Models


def network(dtype=np.float64):
    return nn.Sequential(
        [nn.Dense(2, 3), nn.Activation("relu"), nn.Dense(3, 2)], np.random.default_rng(0), dtype
    )


promise(
    method(nn.Sequential, "predict"),
    {"x": numbers(4, 2)},
    call=lambda x: network().predict(x),
    units={"x": 1},  # biases are zero at first
    order={"x": ROWS},
    nan=THROUGH,
    inf=THROUGH,
)
promise(
    method(nn.Sequential, "forward"),
    {"x": numbers(4, 2)},
    call=lambda x: network(x_type(x)).forward(x)[0],
    units={"x": 1},
    **EVALUATED,
)


def gradients(x, dy):
    model = network()
    _, memory = model.forward(x)
    return {"dx": model.backward(dy, memory), "weights": model.gradient}


promise(
    method(nn.Sequential, "backward"),
    {"x": numbers(4, 2), "dy": numbers(4, 2)},
    call=gradients,
    units={"dy": 1},
    order={"x dy": {"dx": ROWS, "weights": SAME}},
    nan={"x": ALLOWED, "dy": THROUGH},
    inf=ALLOWED,
)
TASKS = {
    nn.Classifier: ({"x": numbers(4, 2), "y": whole(4, high=1)}, {"refuses": {"y": "bool float32 float16"}}),
    nn.Regressor: ({"x": numbers(4, 2), "y": numbers(4, 2)}, {}),
}


def loss_and_gradient(Task, x, y, rng):
    model = Task(network())
    return {"loss": model.loss_and_gradient(x, y, rng), "gradient": model.gradient}


for Task, (arguments, rest) in TASKS.items():
    words = {"names": ("classes", "target"), "nan": THROUGH, "inf": ALLOWED}
    scales = {"x y": {"loss": 2, "gradient": None}} if Task is nn.Regressor else {"x": None}
    promise(
        method(Task, "loss"),
        arguments,
        call=lambda x, y, Task=Task: {"loss": Task(network()).loss(x, y)},
        units=scales,
        order={"x y": SAME},
        **rest | words,
    )
    promise(
        method(Task, "loss_and_gradient"),
        arguments | {"rng": Rng()},
        call=lambda x, y, rng, Task=Task: loss_and_gradient(Task, x, y, rng),
        units=scales,
        order={"x y": SAME},
        **rest | words,
    )


def trained(x, y, learning_rate, rng, clip=None):
    model = nn.Regressor(nn.Sequential([nn.Dense(2, 1)], np.random.default_rng(1)))
    told = nn.train(
        model, x, y, rule=optim.plain(), learning_rate=learning_rate, rng=rng, steps=3, batch=2, clip=clip
    )
    return {"loss": told.train_loss, "parameters": model.parameters}


promise(
    nn.train,
    {"x": numbers(6, 2), "y": numbers(6), "learning_rate": 0.125, "rng": Rng(), "clip": 1.0},
    call=trained,
    units="first weights have a unit of their own",
    order="batches are drawn by place",
    names=("loss", "gradient", "target", "batch"),
    raises=(FloatingPointError,),
    inf={"clip": "refused"},
    examples=1,
)
