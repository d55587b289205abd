"""Automatic differentiation: every rule to second order in both modes, the operators, the tape, errors."""

import json
import operator as op
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from notebook_source import TEXTS

from mmlhelpers import autodiff, calculus, functional
from mmlhelpers.autodiff import _traced

SHAPES = [(), (3,), (2, 3)]
TORCH = json.loads((Path(__file__).parent / "data" / "torch_gradients.json").read_text())["gradients"]


def points(function, shape, seed=0):
    """Arrays of positive numbers without ties, where every entrywise rule is smooth."""
    rng, low = np.random.default_rng(seed), {np.arccosh: 1.2}.get(function, 0.5)
    width = 0.4 if function in (np.arcsin, np.arccos, np.arctanh) else 1.0
    return tuple(low + width * rng.random(shape) for _ in range(function.nin))


def weighted(f, *args):
    """Make a number of any result, so that each entry counts differently."""
    out = f(*args)
    return np.sum(out * np.cos(np.arange(np.size(out)).reshape(np.shape(out))))


def assert_right_to_second_order(f, x, *, analytic=True):
    """Compare gradient, Hessian-vector product, forward and backward mode with differences."""
    slope = autodiff.grad(f)(x)
    scale = max(1.0, np.abs(slope).max())
    np.testing.assert_allclose(slope, calculus.numerical_jacobian(f, x), atol=1e-7 * scale)
    if analytic:
        for index in np.ndindex(np.shape(x)):
            one = np.zeros(np.shape(x))
            one[index] = 1
            exact = calculus.complex_step(lambda t, one=one: f(x + t * one), 0.0)
            np.testing.assert_allclose(slope[index], exact, atol=1e-12 * scale)
    v = np.sin(1 + np.arange(np.size(x), dtype=float)).reshape(np.shape(x))
    second = autodiff.hvp(f, x, v)
    measured = calculus.central_difference(lambda t: np.vdot(autodiff.grad(f)(x + t * v), v), 0.0, 1e-5)
    np.testing.assert_allclose(np.vdot(second, v), measured, atol=1e-7 * max(1.0, np.abs(second).max()))
    value, move = autodiff.jvp(f, x, v)
    np.testing.assert_allclose(value, f(x), rtol=1e-14)
    np.testing.assert_allclose(move, np.vdot(slope, v), rtol=1e-12, atol=1e-12)
    reverse_twice = autodiff.grad(lambda x: np.sum(autodiff.grad(f)(x) * v))(x)
    np.testing.assert_allclose(reverse_twice, second, rtol=1e-10, atol=1e-10)


# Every rule of the table

NOT_ANALYTIC = {np.absolute, np.maximum, np.minimum, np.logaddexp, np.cbrt, np.hypot, np.arctan2}


@pytest.mark.parametrize("function", _traced.ENTRYWISE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("shape", SHAPES)
def test_entrywise_rule_to_second_order(function, shape):
    args = points(function, shape)
    for i in range(function.nin):

        def f(x, i=i):
            return weighted(function, *args[:i], x, *args[i + 1 :])

        assert_right_to_second_order(f, args[i], analytic=function not in NOT_ANALYTIC)


A, X, Y, V, W = (np.random.default_rng(1).normal(size=s) for s in [(3, 3), (2, 3), (3, 4), (3,), (4,)])
BATCH = np.random.default_rng(2).normal(size=(5, 2, 3))
OTHER = {
    "sum": (lambda x: np.sum(x), X),
    "sum over rows": (lambda x: np.sum(x**2, axis=0), X),
    "sum over the last axis, kept": (lambda x: np.sum(x**2, axis=-1, keepdims=True), X),
    "sum over two axes": (lambda x: np.sum(x**2, axis=(0, 2)), BATCH),
    "matmul, left": (lambda x: x @ Y, X),
    "matmul, right": (lambda y: X @ y, Y),
    "matmul with itself": (lambda x: x @ x.T @ x, X),
    "vector times vector": (lambda v: v @ v, V),
    "vector times matrix": (lambda v: v @ Y, V),
    "matrix after vector": (lambda y: V @ y, Y),
    "matrix times vector": (lambda v: X @ v, V),
    "matrix before vector": (lambda x: x @ V, X),
    "batch times matrix": (lambda y: BATCH @ y, Y),
    "batch before matrix": (lambda x: x @ Y, BATCH),
    "batch times vector": (lambda v: BATCH @ v, V),
    "vector times batch": (lambda v: v[:2] @ BATCH, V),
    "reshape": (lambda x: np.reshape(x, (3, 2)) ** 2, X),
    "transpose": (lambda x: np.transpose(x) ** 2, X),
    "transpose of a batch": (lambda x: np.transpose(x, (1, 2, 0)) ** 2, BATCH),
    "swapaxes": (lambda x: np.swapaxes(x, 0, 2) ** 2, BATCH),
    "expand_dims": (lambda x: np.expand_dims(x, 1) ** 2 * np.ones((2, 4, 3)), X),
    "squeeze": (lambda x: np.squeeze(np.sum(x**2, axis=0, keepdims=True)), X),
    "broadcast_to": (lambda x: np.broadcast_to(x, (5, 2, 3)) ** 2, X),
    "one entry": (lambda x: x[1, 2] ** 3, X),
    "slices": (lambda x: x[:, ::2] ** 3, X),
    "entries read twice": (lambda v: v[np.array([0, 2, 0])] ** 3, V),
    "where": (lambda x: np.where(x > 0, x**2, np.sin(x)), X),
    "inv": (lambda A: np.linalg.inv(A + 4 * np.eye(3)), A),
    "det": (lambda A: np.linalg.det(A), A),
    "det of a batch": (lambda x: np.linalg.det(x @ np.swapaxes(x, -1, -2)), BATCH),
    "mean": (lambda x: np.mean(x**2), X),
    "mean over columns": (lambda x: np.mean(x**3, axis=1), X),
    "dot": (lambda v: np.dot(v, v) ** 2, V),
    "outer": (lambda v: np.outer(v, v), V),
    "trace": (lambda A: np.trace(A @ A), A),
    "stack": (lambda v: np.stack([v[0] * v[1], v[2] ** 2]), V),
    "broadcasting in a sum": (lambda v: (X + v) ** 2 / (1 + v**2), V),
    "concatenate": (lambda x: np.concatenate([x, X**2, x[:1] ** 2]), X),
    "concatenate along the last axis": (lambda x: np.concatenate((x, x**2, [[1.0], [2.0]]), axis=-1), X),
    "concatenate flattened": (lambda x: np.concatenate([x**2, [3.0]], axis=None), X),
    "stack along the last axis": (lambda x: np.stack([x, x**2, X], axis=-1), X),
    "vstack": (lambda v: np.vstack([v, v**2, X]), V),
    "hstack": (lambda x: np.hstack([x, x[:, :1] ** 2]), X),
    "hstack of vectors": (lambda v: np.hstack([v**2, v[0]]), V),
    "column_stack": (lambda v: np.column_stack([v, v**2, X.T]), V),
    "append": (lambda v: np.append(v**2, v[0]), V),
    "block": (lambda x: np.block([[x, x**2], [np.ones((1, 3)), x[:1]]]), X),
    "sum of one number": (lambda x: np.sum(x, axis=0, keepdims=True), A[0, 0]),
    "product of one number": (lambda x: np.prod(x, axis=-1), A[0, 0]),
    "largest of one number": (lambda x: np.max(x, axis=0), A[0, 0]),
    "block of one row": (lambda x: np.block([x[0], x[1] ** 2]), X),
    "block of three levels": (lambda x: np.block([[[x], [x**2]], [[np.ones((2, 3))], [x]]]), X),
    "transpose with negative axes": (lambda x: np.transpose(x, (-1, 0, -2)) ** 2, BATCH),
    "swapaxes with negative axes": (lambda x: np.swapaxes(x, -1, 0) ** 2, BATCH),
    "moveaxis": (lambda x: np.moveaxis(x, -1, 0) ** 2, BATCH),
    "matrix_transpose": (lambda x: np.matrix_transpose(x) ** 2, BATCH),
    "reshape in Fortran order": (lambda x: np.reshape(x, (3, 2), order="F") ** 2, X),
    "ravel": (lambda x: np.ravel(x) ** 2, X),
    "flip, roll, rotate": (lambda x: np.flip(x, 1) * np.roll(x, 2, axis=1) * np.rot90(x, 2), X),
    "repeat and tile": (lambda x: np.repeat(x, 2, axis=1) ** 2 * np.tile(x, (1, 2)), X),
    "take": (lambda x: np.take(x, [0, 2, 0], axis=1) ** 2, X),
    "split": (lambda x: np.split(x, [1], axis=1)[1] ** 2, X),
    "diagonal and diag": (lambda A: np.diagonal(A) ** 2 + np.diag(A, 0), A),
    "diag of a vector": (lambda v: np.diag(v, -1) @ np.diag(v**2, -1).T, V),
    "tril and triu": (lambda A: np.tril(A) @ np.triu(A, 1), A),
    "pad": (lambda x: np.pad(x, ((0, 1), (2, 0))) ** 2, X),
    "pad by reflection": (lambda x: np.pad(x, 1, mode="reflect") ** 2, X),
    "sort": (lambda x: np.sort(x, axis=0) ** 2, X),
    "diff": (lambda x: np.diff(x, axis=0) ** 2, X),
    "diff twice": (lambda x: np.diff(x, 2) ** 2, X),
    "windows": (lambda v: np.lib.stride_tricks.sliding_window_view(v, 2) ** 2, V),
    "dot with a number": (lambda x: np.dot(x, 3.0) * np.dot(x[0, 0], x), X),
    "dot of matrices": (lambda x: np.dot(x, Y), X),
    "dot, batch before matrix": (lambda x: np.dot(x, Y) ** 2, BATCH),
    "dot, batch and batch": (lambda x: np.dot(x, BATCH[:3].transpose(0, 2, 1)) ** 2, BATCH[:2]),
    "dot, right of a batch": (lambda x: np.dot(BATCH[:2], x) ** 2, BATCH[:3].transpose(0, 2, 1)),
    "dot, batch and vector": (lambda v: np.dot(BATCH, v) ** 2, V),
    "inner": (lambda x: np.inner(x, BATCH) ** 2, X),
    "tensordot": (lambda x: np.tensordot(x, BATCH, axes=([0, 1], [-2, 2])) ** 2, X),
    "tensordot over two axes": (lambda x: np.tensordot(BATCH, x, 2) ** 2, X),
    "einsum, matrix product": (lambda x: np.einsum("ij,jk->ik", x, Y) ** 2, X),
    "einsum, right": (lambda y: np.einsum("ij,jk", X, y) ** 2, Y),
    "einsum, three operands": (lambda x: np.einsum("ij,ik,jk->k", x, x, A) ** 2, X),
    "einsum, trace": (lambda A: np.einsum("ii", A) ** 2, A),
    "einsum, diagonal": (lambda A: np.einsum("ii->i", A) ** 2, A),
    "einsum, an axis alone": (lambda x: np.einsum("ij,k->jk", x, W) ** 2, X),
    "einsum, dots": (lambda x: np.einsum("...ij,...j->...i", x, x[..., 0, :]) ** 2, BATCH),
    "einsum, dots in one": (lambda y: np.einsum("...i,ij", BATCH, y) ** 2, Y),
    "einsum, a length of one": (lambda x: np.einsum("ij,ij->i", x[:, :1], x) ** 2, X),
    "cumsum": (lambda x: np.cumsum(x, axis=-1) ** 2, X),
    "cumsum of all": (lambda x: np.cumsum(x) ** 2, X),
    "prod": (lambda x: np.prod(x), X),
    "prod over rows": (lambda x: np.prod(x, axis=0), np.arange(10.0).reshape(5, 2) - 3),
    "prod over two axes": (lambda x: np.prod(x, axis=(0, -1), keepdims=True), BATCH[:2]),
    "prod with zeros": (lambda v: np.prod(v), np.array([2.0, 0.0, 3.0, 0.0, 5.0])),
    "weighted average": (lambda x: np.average(x**2, axis=1, weights=[1.0, 2.0, 4.0]), X),
    "average with traced weights": (lambda v: np.average([1.0, 2.0, 4.0], weights=v**2), V),
    "solve": (lambda A: np.linalg.solve(A + 4 * np.eye(3), V), A),
    "solve, right-hand side": (lambda v: np.linalg.solve(A, v) ** 2, V),
    "solve for a matrix": (lambda A: np.linalg.solve(A + 4 * np.eye(3), A), A),
    "solve for many matrices": (lambda x: np.linalg.solve(x @ x.swapaxes(1, 2) + np.eye(2), x), BATCH),
    "solve many for one vector": (lambda v: np.linalg.solve(BATCH @ BATCH.swapaxes(1, 2), v[:2]) ** 2, V),
    "det of rank two": (np.linalg.det, np.arange(9.0).reshape(3, 3)),
    "det of rank one": (np.linalg.det, np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0])),
    "trace off the diagonal": (lambda x: np.trace(x**2, 1), X),
    "trace of a batch": (lambda x: np.trace(x**2, axis1=1, axis2=2), BATCH),
    "a constant minus and over": (lambda x: (1 - x) / (2 + x**2) + 3 / (4 + x), X),
}
SMOOTH_BUT_NOT_ANALYTIC = {
    "max": (lambda x: np.max(x**2), X),
    "max over rows": (lambda x: np.max(x**2, axis=0), X),
    "max, kept": (lambda x: np.max(x**3, axis=-1, keepdims=True), X),
    "min": (lambda x: np.min(x**2, axis=1), X),
    "norm": (np.linalg.norm, V),
    "vdot": (lambda x: np.vdot(x, x) ** 2, X),
    "var and std": (lambda x: np.var(x, axis=1) + np.std(x, axis=1, ddof=1) + x.std(), X),
    "norm of a matrix": (np.linalg.norm, X),
    "norm over rows": (lambda x: np.linalg.norm(x, axis=0), X),
    "norm over the last axis, kept": (lambda x: np.linalg.norm(x, 2, axis=-1, keepdims=True), BATCH),
    "norm of matrices": (lambda x: np.linalg.norm(x, axis=(1, 2)), BATCH),
    "norm of order one": (lambda x: np.linalg.norm(x, 1, axis=1), X),
    "norm of order infinity": (lambda x: np.linalg.norm(x, np.inf, axis=1) ** 2, X),
    "max under its other name": (lambda x: np.amax(x, axis=1) * np.ptp(x, axis=1), X),
    "clip": (lambda x: np.clip(x, -0.5, 0.5) ** 2, X),
    "log of the absolute determinant": (lambda A: np.linalg.slogdet(A)[1], A),
    "slogdet of a batch": (lambda x: np.linalg.slogdet(x @ np.swapaxes(x, -1, -2)).logabsdet, BATCH),
    "sigmoid": (functional.sigmoid, X),
    "softplus": (functional.softplus, X),
    "relu": (lambda x: functional.relu(x) ** 2, X),
    "softmax": (functional.softmax, X),
    "log_sum_exp over rows": (lambda x: functional.log_sum_exp(x, axis=0), X),
}


@pytest.mark.parametrize("name", [*OTHER, *SMOOTH_BUT_NOT_ANALYTIC])
def test_rule_to_second_order(name):
    f, x = (OTHER | SMOOTH_BUT_NOT_ANALYTIC)[name]
    assert_right_to_second_order(lambda x: weighted(f, x), x, analytic=name in OTHER and name != "where")


def test_every_rule_of_the_table_was_used_by_these_tests(monkeypatch):
    used = set()
    plain = autodiff.Tensor._apply

    def noting(self, function, args, kwargs):
        used.add(function)
        return plain(self, function, args, kwargs)

    monkeypatch.setattr(autodiff.Tensor, "_apply", noting)
    for f, x in (OTHER | SMOOTH_BUT_NOT_ANALYTIC).values():
        slope = autodiff.grad(lambda x, f=f: weighted(f, x))
        autodiff.grad(lambda x, slope=slope: np.sum(slope(x)))(x)
    assert used | set(_traced.ENTRYWISE) == set(autodiff.RULES)


# Hand-worked values and peers


def test_the_neuron_by_hand():
    # z = 2 * 0.5 - 0.5 = 0.5, t = tanh(z), loss = (t - 1)^2, dloss/dz = 2 (t - 1) (1 - t^2)
    t = np.tanh(0.5)
    dz = 2 * (t - 1) * (1 - t**2)
    slopes = autodiff.grad(lambda p: neuron(p[0], 0.5, p[1]))((2.0, -0.5))
    np.testing.assert_allclose(slopes, (0.5 * dz, dz), rtol=1e-14)


def neuron(w, x, b):
    return (np.tanh(w * x + b) - 1.0) ** 2


def two_layers(params):
    hidden = np.tanh(params["W1"] @ np.array([1.0, 2.0, -1.0]) + params["b1"])
    return 0.5 * (params["w2"] @ hidden + params["b2"] - 1.0) ** 2


def test_a_neuron_agrees_with_pytorch():
    for i, name in enumerate("wxb"):
        got = autodiff.grad(neuron, argnum=i)(2.0, 0.5, -0.5)
        np.testing.assert_allclose(got, TORCH["single_neuron"][name], rtol=1e-13)


def test_a_network_agrees_with_pytorch():
    params = {
        "W1": np.array([[0.5, -1.0, 0.25], [1.0, 0.5, -0.5]]),
        "b1": np.array([0.1, -0.2]),
        "w2": np.array([1.5, -2.0]),
        "b2": np.array(0.3),
    }
    got = autodiff.grad(two_layers)(params)
    for name, wanted in TORCH["two_layers"].items():
        np.testing.assert_allclose(got[name], wanted, rtol=1e-12, err_msg=name)


def test_log_sum_exp_and_log_det_agree_with_pytorch():
    z = [2.0, 1.0, -1.0]
    np.testing.assert_allclose(
        autodiff.grad(functional.log_sum_exp)(z), TORCH["log_sum_exp"]["z"], rtol=1e-13
    )
    np.testing.assert_allclose(
        autodiff.hessian(functional.log_sum_exp)(z), TORCH["log_sum_exp"]["hessian"], atol=1e-14
    )
    M = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 0.0, 2.0]])
    got = autodiff.grad(lambda X: np.log(np.linalg.det(X)))(M)
    np.testing.assert_allclose(got, TORCH["log_det"]["X"], atol=1e-14)


def test_the_lesson_quotes_pytorch():
    (path,) = (TEXTS / "02_calculus").glob("*_pytorch.md")
    lesson = path.read_text(encoding="utf-8")
    printed = "\n".join(re.findall(r"^```python\n(.*?)^```", lesson, flags=re.DOTALL | re.MULTILINE))
    for name, number in TORCH["single_neuron"].items():
        assert f"{name}.grad    # tensor({number:.4f})" in printed
    assert f"w.grad    # tensor({2 * TORCH['single_neuron']['w']:.4f})" in printed  # not set to zero
    rows = re.findall(r"\[([^\[\]]*)\][\],]", printed[printed.index("W1.grad") :])
    shown = [[float(number) for number in row.split(",")] for row in rows]
    np.testing.assert_allclose(shown, TORCH["two_layers"]["W1"], rtol=0, atol=5e-5)


# Laws


def curved(x):
    return np.stack([x[0] * np.sin(x[1]), np.exp(x[0] - x[2]), np.sum(x**3), x[1] / (2 + x[2] ** 2)])


@given(*[arrays(float, n, elements=st.floats(-2, 2)) for n in (3, 3, 4)])
def test_forward_and_backward_are_each_others_transpose(x, v, g):
    forward = autodiff.jvp(curved, x, v)[1]
    backward = autodiff.vjp(curved, x)[1](g)
    np.testing.assert_allclose(g @ forward, backward @ v, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(autodiff.jacobian(curved)(x) @ v, forward, rtol=1e-10, atol=1e-10)


@given(arrays(float, 3, elements=st.floats(-2, 2)))
def test_hessians_are_symmetric_and_agree_with_the_jacobian_of_the_gradient(x):
    def f(x):
        return np.sum(curved(x) ** 2)

    H = autodiff.hessian(f)(x)
    np.testing.assert_allclose(H, H.T, rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(H, autodiff.jacobian(autodiff.grad(f))(x), rtol=1e-10, atol=1e-8)


def test_derivatives_nest_to_any_order_without_mixing_levels():
    derivative = np.sin
    for _ in range(4):
        derivative = autodiff.grad(derivative)
    np.testing.assert_allclose(derivative(0.7), np.sin(0.7), rtol=1e-13)
    # d/dx [x * d/dy (x + y)] = 1: a classic trap for forward mode
    inner = autodiff.jvp(lambda x: x * autodiff.jvp(lambda y: x + y, 1.0, 1.0)[1], 1.0, 1.0)[1]
    assert inner == 1.0
    assert autodiff.grad(lambda x: x * autodiff.grad(lambda y: x + y)(1.0))(1.0) == 1.0


OPERATORS = {
    op.add: np.add,
    op.sub: np.subtract,
    op.mul: np.multiply,
    op.truediv: np.divide,
    op.pow: np.power,
    op.matmul: np.matmul,
}


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("operator", "function"), OPERATORS.items(), ids=lambda f: f.__name__)
def test_operators_agree_with_their_functions_among_plain_older_and_newer_numbers(
    operator, function, swapped
):
    x, y = np.array([[1.5, 2.0], [0.5, 3.0]]), np.array([[2.0, 1.25], [1.75, 0.5]])

    def total(f, x, y):
        return np.sum(f(y, x) if swapped else f(x, y))

    def once(f):
        return autodiff.grad(lambda x: total(f, x, y))(x)

    def twice(f):
        return autodiff.grad(lambda x: np.sum(autodiff.grad(lambda y: total(f, x, y))(y)))(x)

    np.testing.assert_array_equal(once(operator), once(function))
    np.testing.assert_array_equal(twice(operator), twice(function))


def test_a_tape_says_which_argument_came_from_which_line():
    tape, _ = autodiff.record(lambda x, y: 3.0 - y * x, 1.0, 2.0)
    assert [tuple(node.parents) for node in tape.nodes] == [(), (), ((0, 1), (1, 0)), ((1, 2),)]


def test_float32_stays_float32_in_both_directions():
    x = np.ones(3, dtype=np.float32)
    for f in (
        lambda x: np.sum(functional.softmax(x) ** 2),
        lambda x: np.mean(np.maximum(x, 0.5) * 3 - x**3 / 2),
        lambda x: np.max(x),
    ):
        assert autodiff.grad(f)(x).dtype == np.float32
        assert autodiff.jvp(f, x, x)[1].dtype == np.float32


# Corners


def test_at_a_corner_the_middle_of_both_slopes_is_taken():
    assert autodiff.grad(lambda x: functional.relu(x))(0.0) == 0.5
    np.testing.assert_array_equal(autodiff.grad(np.max)([1.0, 3.0, 3.0]), [0, 0.5, 0.5])
    assert autodiff.grad(np.abs)(0.0) == 0.0


def test_powers_at_zero_have_the_slopes_of_algebra():
    np.testing.assert_array_equal([autodiff.grad(lambda x, k=k: x**k)(0.0) for k in range(4)], [0, 1, 0, 0])
    np.testing.assert_array_equal(
        autodiff.grad(lambda x: np.sum(x ** np.arange(3.0)))(np.zeros(3)), [0, 1, 0]
    )


def test_what_does_not_depend_on_the_input_has_derivative_zero():
    np.testing.assert_array_equal(autodiff.grad(lambda x: 7.0)(np.ones((2, 3))), np.zeros((2, 3)))
    unused = autodiff.grad(lambda p: p["a"] ** 2)({"a": 3.0, "b": np.ones(2)})
    assert unused["a"] == 6
    np.testing.assert_array_equal(unused["b"], [0, 0])
    assert autodiff.jvp(lambda x: 7.0, 1.0, 1.0) == (7.0, 0.0)
    np.testing.assert_array_equal(autodiff.hvp(lambda x: np.sum(3 * x), np.ones(2), np.ones(2)), [0, 0])


def test_groups_keep_their_structure():
    p = [(np.ones((2, 2)), np.zeros(2)), {"b": np.array(2.0)}]
    slope = autodiff.grad(lambda p: np.sum(p[0][0] @ p[0][1]) + np.sum(p[0][1]) * p[1]["b"])(p)
    assert isinstance(slope[0], tuple)
    np.testing.assert_array_equal(slope[0][1], [4, 4])


# The tape


def test_a_tape_shows_and_steps_through_what_was_computed():
    tape, y = autodiff.record(lambda x, w: np.tanh(w * x) + x, 0.25, 2.0)
    assert tape.table().splitlines()[3].split() == ["2", "multiply", "1,", "0", "0.5"]
    gradients = [list(known) for _, known in tape.backward(y)]
    t = 1 - np.tanh(0.5) ** 2
    assert gradients[0] == [1, None, None, 1, 1]  # the sum hands on what it got
    np.testing.assert_allclose(gradients[-1], [1 + 2 * t, 0.25 * t, t, 1, 1], rtol=1e-15)
    assert "0.1966" in tape.table(gradients[-1])


def test_a_result_off_the_tape_is_refused():
    with pytest.raises(TypeError, match="f must return a result that depends on its arguments, got 3"):
        autodiff.record(lambda x: 3, 1.0)


def test_dual_numbers_by_hand():
    x = autodiff.Dual(3.0, 1.0)
    y = x * x + np.sin(x) / 2
    np.testing.assert_allclose([y.value, y.tangent], [9 + np.sin(3) / 2, 6 + np.cos(3) / 2], rtol=1e-15)
    assert x.shape == ()
    assert repr(x) == "Dual(3, 1)"


# The checker and the errors


def test_check_gradient_says_where_and_by_how_much():
    x = np.arange(1.0, 7.0).reshape(2, 3)

    def wrong(x):
        return 2 * x - 3.0 * (np.arange(6).reshape(2, 3) == 4)

    verdict = autodiff.check_gradient(lambda x: np.sum(x**2), x, wrong)
    assert not verdict.correct
    assert verdict.where == (1, 1)
    np.testing.assert_allclose(verdict[3:], [7, 10], rtol=1e-9)
    assert verdict.error == pytest.approx(3 / 12)
    assert repr(verdict).startswith("wrong in entry [1, 1]: the gradient says 7")
    assert repr(autodiff.check_gradient(lambda x: np.sum(x**2), x)) == "correct"
    assert repr(autodiff.check_gradient(np.square, 2.0, lambda x: 3.0)).startswith(
        "wrong: the gradient says 3"
    )


def test_check_gradient_wants_the_shape_of_the_point():
    with pytest.raises(ValueError, match=r"gradient must have the shape \(2,\) of x, got \(\)"):
        autodiff.check_gradient(np.sum, [1.0, 2.0], lambda x: 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: autodiff.grad(np.square)([1.0, 2.0]), r"f must return a single number, got shape \(2,\)"),
        (lambda: autodiff.grad(np.sum)([1.0, np.nan]), "x must be finite"),
        (lambda: autodiff.grad(np.sum)(["a"]), "x must be an array of real numbers"),
        (lambda: autodiff.jvp(np.sum, [1.0, 2.0], [1.0]), r"v must have the shape \(2,\) of x, got \(1,\)"),
        (lambda: autodiff.hvp(np.sum, [1.0, 2.0], 1.0), r"v must have the shape \(2,\) of x, got \(\)"),
        (
            lambda: autodiff.vjp(np.square, [1.0])[1](1.0),
            r"g must have the shape \(1,\) of the value, got \(\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_function_without_a_rule_is_named_with_those_that_have_one():
    with pytest.raises(TypeError, match=r"no rule for unwrap; it has rules for absolute, add"):
        autodiff.grad(lambda x: np.sum(np.unwrap(x)))([1.0])
    with pytest.raises(TypeError, match=r"no rule for floor"):
        autodiff.grad(lambda x: np.floor(x))(1.0)
    with pytest.raises(TypeError, match=r"use NumPy functions on it \(np.stack, not np.array\)"):
        autodiff.grad(lambda x: np.sum(np.array([x, x])))(1.0)
    with pytest.raises(TypeError, match=r"np\.add only as a plain call"):
        autodiff.grad(lambda x: np.add.reduce(x))([1.0])
