"""Automatic differentiation where it is easily wrong: corners, infinite slopes, singular matrices, changes
of arrays after recording, precisions, and everything that is refused by name."""

import itertools
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from test_gradients import OTHER, SMOOTH_BUT_NOT_ANALYTIC, A, X, Y

from mmlhelpers import autodiff, functional

grad = autodiff.grad
BIG = np.arange(2400.0).reshape(60, 40)  # larger than what is copied without asking


# Values, precisions, and who owns what


@pytest.mark.parametrize("name", [*OTHER, *SMOOTH_BUT_NOT_ANALYTIC])
def test_a_traced_run_gives_the_bits_of_the_plain_one(name):
    f, x = (OTHER | SMOOTH_BUT_NOT_ANALYTIC)[name]
    np.testing.assert_array_equal(autodiff.vjp(f, x)[0], f(x))
    np.testing.assert_array_equal(autodiff.jvp(f, x, x)[0], f(x))


@pytest.mark.parametrize("name", [*OTHER, *SMOOTH_BUT_NOT_ANALYTIC])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_type_of_the_input_and_may_be_written_to(name, dtype):
    f, x = (OTHER | SMOOTH_BUT_NOT_ANALYTIC)[name]
    x = x.astype(dtype)
    slope = grad(lambda x: np.sum(f(x)))(x)
    exact = grad(lambda x: np.sum(f(x)))(x.astype(float))
    assert slope.dtype == dtype
    np.testing.assert_allclose(slope, exact, rtol=0, atol=1e-4 * max(1.0, np.abs(exact).max()))
    slope += 1
    move = autodiff.jvp(f, x, x)[1]
    assert move.dtype == np.asarray(f(x)).dtype
    assert np.ndim(move) == 0 or move.flags.writeable


def test_half_precision_and_whole_numbers_are_read_as_meant():
    assert grad(lambda x: np.sum(x**2))(np.ones(3, np.float16)).dtype == np.float16
    for whole in (np.array([200, 3], np.uint8), np.array([True, False]), [200, 3]):
        np.testing.assert_array_equal(grad(lambda x: np.sum(-(x**2)))(whole), -2.0 * np.asarray(whole, float))
    np.testing.assert_array_equal(  # constants of small whole types do not wrap either
        grad(lambda x: np.sum(x ** np.array([0, 1, 2], np.uint8)))(np.full(3, 5.0)), [0, 1, 10]
    )
    for exact in (Fraction(1, 2), Decimal("0.5")):
        assert grad(lambda x, exact=exact: exact * x**2 + x * exact)(3.0) == 3.5
        assert autodiff.jvp(lambda x, exact=exact: x * exact, 3.0, 1.0) == (1.5, 0.5)
    assert repr(autodiff.Dual(3, 1) ** -1.0) == "Dual(0.333333, -0.111111)"


def test_no_two_gradients_share_memory():
    for pair in (grad(lambda p: np.sum(p[0] + p[1]))([np.ones(3), np.ones(3)]), autodiff.jvp(np.copy, X, X)):
        pair[0][0] = 7
        assert not np.any(pair[1] == 7)


# Changes after recording


def test_an_input_changed_after_recording_changes_no_gradient():
    for x in (np.ones(3), BIG.copy()):
        start = x.copy()
        value, pull = autodiff.vjp(lambda x: x**2, x)
        x *= 100
        value *= 100
        np.testing.assert_array_equal(pull(np.ones(np.shape(x))), 2 * start)


@pytest.mark.parametrize("constant", [np.arange(6.0).reshape(2, 3), BIG])
def test_a_constant_changed_after_recording_changes_no_gradient(constant):
    for multiply in (lambda x, c: x * c, lambda x, c: c * x, np.multiply, lambda x, c: np.exp(x) * c):
        c = constant.copy()
        _, pull = autodiff.vjp(lambda x, c=c, multiply=multiply: multiply(x, c), np.zeros(c.shape))
        c += 1
        np.testing.assert_array_equal(pull(np.ones(c.shape)), constant)


def test_a_buffer_used_again_while_recording_keeps_both_meanings():
    for shape in ((3,), BIG.shape):
        buffer = np.empty(shape)

        def f(x, buffer=buffer):
            buffer[...] = 2.0
            y = x * buffer
            buffer[...] = 5.0
            return np.sum(y * buffer)

        np.testing.assert_array_equal(grad(f)(np.ones(shape)), np.full(shape, 10.0))


def test_lists_and_indices_changed_after_recording_change_no_gradient():
    weights, rows = [1.0, 2.0], [0, 1]
    index = np.array([0, 0])
    _, pull = autodiff.vjp(lambda x: np.sum(x[index] * weights) + np.sum(x[rows] ** 2), np.ones(2))
    weights[0], rows[0], index[0] = 50.0, 1, 1
    np.testing.assert_array_equal(pull(1.0), [3 + 2, 2])


def test_nothing_that_is_handed_over_is_changed():
    x, c = X.copy(), Y.copy()
    grad(lambda x: np.sum(np.sort(x @ c, axis=1) ** 2))(x)
    autodiff.hvp(lambda x: np.sum((x @ c) ** 3), x, x)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(c, Y)


def test_a_read_only_input_and_a_view_are_as_good_as_any():
    fixed = np.broadcast_to(2.0, (2, 3))
    for x in (fixed, np.asfortranarray(X), X[::-1, ::-2], np.ones((0, 3)), np.ones((1, 1))):
        slope = grad(lambda x: np.sum(x**3))(x)
        np.testing.assert_allclose(slope, 3 * np.asarray(x) ** 2, rtol=1e-14)
        slope[...] = 0


# Rules against values written down


def test_transposes_go_back_however_the_axes_are_counted():
    w = np.random.default_rng(0).normal(size=(3, 3, 3))
    for axes in itertools.permutations(range(3)):
        for counted in itertools.product(*((i, i - 3) for i in axes)):
            slope = grad(lambda x, a=counted: np.sum(np.transpose(x, a) * w))(np.zeros((3, 3, 3)))
            np.testing.assert_array_equal(slope, np.transpose(w, np.argsort(axes)))
            method = grad(lambda x, a=counted: np.sum(x.transpose(a) * w))(np.zeros((3, 3, 3)))
            np.testing.assert_array_equal(method, slope)


def test_products_sums_and_sorted_entries_by_hand():
    np.testing.assert_array_equal(grad(np.prod)([2.0, 3.0, 5.0]), [15, 10, 6])
    np.testing.assert_array_equal(grad(np.prod)([2.0, 0.0, 5.0]), [0, 10, 0])
    np.testing.assert_array_equal(grad(np.prod)([2.0, 0.0, 0.0]), [0, 0, 0])
    second = [[0, 0, 0], [0, 0, 2], [0, 2, 0]]
    np.testing.assert_array_equal(autodiff.hessian(np.prod)([2.0, 0.0, 0.0]), second)
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.cumsum(x)))([1.0, 1.0, 1.0]), [3, 2, 1])
    np.testing.assert_array_equal(grad(lambda x: np.sort(x)[0])([3.0, 1.0, 2.0]), [0, 1, 0])
    np.testing.assert_array_equal(grad(lambda x: np.einsum("ii", x))(np.ones((2, 2))), np.eye(2))


def test_the_determinant_has_its_cofactors_at_singular_matrices():
    for M in ([[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [3.0, 4.0]]):
        (a, b), (c, d) = M
        np.testing.assert_allclose(grad(np.linalg.det)(M), [[d, -c], [-b, a]], atol=1e-14)
        H = np.zeros((2, 2, 2, 2))  # of a d - b c
        H[0, 0, 1, 1] = H[1, 1, 0, 0] = 1
        H[0, 1, 1, 0] = H[1, 0, 0, 1] = -1
        np.testing.assert_allclose(autodiff.hessian(np.linalg.det)(M), H, atol=1e-14)
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 + 2.0**-40]])
    np.testing.assert_allclose(grad(np.linalg.det)(nearly), [[nearly[1, 1], -1], [-1, 1]], rtol=1e-15)
    third = autodiff.jvp(lambda M: autodiff.hvp(np.linalg.det, M, A), A, A)[1]
    np.testing.assert_allclose(np.vdot(third, A), 6 * np.linalg.det(A), rtol=1e-12)  # of degree three


def test_systems_and_inverses_near_singular_matrices():
    e = 2.0**-20  # the inverse of [[1, 1], [1, 1 + e]] is [[1 + e, -1], [-1, 1]] / e
    M = np.array([[1.0, 1.0], [1.0, 1.0 + e]])
    inverse = np.array([[1.0 + e, -1.0], [-1.0, 1.0]]) / e
    slope = grad(lambda M: np.linalg.inv(M)[0, 0])(M)
    np.testing.assert_allclose(slope, -np.outer(inverse[0], inverse[:, 0]), rtol=1e-9)
    slope = grad(lambda M: np.linalg.solve(M, [1.0, 0.0])[0])(M)
    np.testing.assert_allclose(slope, -np.outer(inverse[0], inverse[:, 0]), rtol=1e-9)
    with pytest.raises(ValueError, match="x must be invertible where slogdet is differentiated"):
        grad(lambda M: np.linalg.slogdet(M)[1])(np.zeros((2, 2)))
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda M: np.sum(np.linalg.inv(M)))(np.zeros((2, 2)))


@pytest.mark.parametrize("unit", [0, 30, -30, 300, -300, 500, -500])
def test_lengths_have_unit_gradients_at_every_scale_and_zero_at_zero(unit):
    x = np.ldexp([3.0, 0.0, -4.0], unit)
    np.testing.assert_allclose(grad(np.linalg.norm)(x), [0.6, 0, -0.8], rtol=1e-15)
    rows = np.ldexp([[3.0, 4.0], [0.0, 0.0]], unit)
    slope = grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(rows)
    np.testing.assert_allclose(slope, [[0.6, 0.8], [0, 0]], rtol=1e-15)
    np.testing.assert_array_equal(grad(np.linalg.norm)(np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_array_equal(autodiff.jvp(np.linalg.norm, [0.0, 0.0], [1.0, 1.0]), [0, 0])


# Infinite slopes


UNUSED = {
    "root": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 4.0], [0, 0.25]),
    "power": (lambda x: np.where(x > 0, x**0.5, x), [0.0, 4.0], [1, 0.25]),
    "logarithm": (lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 0.0)), 0.0), [0.0, 2.0], [0, 0.5]),
    "entropy": (lambda x: np.where(x > 0, x * np.log(x), 0.0), [0.0, 1.0], [0, 1]),
    "quotient": (lambda x: np.where(x != 0, np.sin(x) / x, 1.0), [0.0, np.pi], [0, -1 / np.pi]),
    "overflow": (lambda x: np.where(x < 700, np.exp(x), 0.0), [1e4, 0.0], [0, 1]),
    "mask as factor": (lambda x: np.sqrt(x) * (x > 0), [0.0, 4.0], [0, 0.25]),
    "maximum": (lambda x: np.maximum(np.sqrt(x), 1.0), [0.0, 4.0], [0, 0.25]),
    "entries not read": (lambda x: np.sqrt(x)[1:], [0.0, 4.0], [0, 0.25]),
    "largest": (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
    "lists": (lambda x: np.concatenate([np.sqrt(x), x])[1:], [0.0, 4.0], [1, 1.25]),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_a_choice_leaves_out_counts_nothing(name):
    f, x, wanted = UNUSED[name]
    with np.errstate(all="ignore"):  # the plain run computes both branches
        slope = grad(lambda x: np.sum(f(x)))(x)
        np.testing.assert_allclose(slope, wanted, rtol=1e-15)
        second = autodiff.hvp(lambda x: np.sum(f(x)), x, [0.0, 1.0])
        step = 2.0**-20
        after = grad(lambda x: np.sum(f(x)))([x[0], x[1] + step])
    assert np.isfinite(second).all()
    np.testing.assert_allclose(second[1], (after[1] - slope[1]) / step, atol=1e-5)


def test_an_infinite_slope_that_counts_is_infinite_or_refused_by_name():
    assert grad(np.sqrt)(0.0) == np.inf
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.sqrt(x)))([0.0, 1.0]), [np.inf, 0.5])
    with pytest.raises(ValueError, match=r"an infinite slope meets a zero in np\.power on line 1"):
        grad(lambda x: np.cbrt(x**3))(0.0)  # x itself: the chain rule cannot know
    with pytest.raises(ValueError, match=r"np\.square.*use np\.linalg\.norm"):
        grad(lambda x: np.sqrt(np.sum(np.square(x))))([0.0, 0.0])
    with pytest.raises(ValueError, match="infinite slope meets a direction in which nothing moves"):
        autodiff.jvp(np.sqrt, [0.0, 1.0], [0.0, 1.0])


def test_powers_of_zero_by_both_arguments():
    assert grad(lambda y: np.power(0.0, y))(2.0) == 0
    assert grad(lambda y: 0.0**y)(0.5) == 0
    np.testing.assert_allclose(grad(lambda p: p[0] ** p[1])((0.0, 1.0)), (1, 0))
    np.testing.assert_array_equal(
        grad(lambda x: np.sum(x ** np.array([0, 1, 2, 3])))(np.zeros(4)), [0, 1, 0, 0]
    )
    np.testing.assert_array_equal(grad(lambda x: x ** np.int64(2))(0.0), 0)


def test_subgradients_are_those_that_the_notes_state():
    assert grad(np.abs)(0.0) == 0
    assert grad(lambda x: np.maximum(x, 0.0))(0.0) == 0.5
    assert grad(lambda x: np.clip(x, 0.0, 1.0))(1.0) == 0.5
    np.testing.assert_array_equal(grad(np.min)([1.0, 1.0, 2.0]), [0.5, 0.5, 0])
    assert grad(lambda x: np.hypot(x, 0.0))(0.0) == 0


# What is refused, by name and with what to use


def wrong(f, x=(1.0, 2.0)):
    return lambda: grad(lambda x: np.sum(f(x)))(list(x))


REFUSED = {
    "an option": (
        wrong(lambda x: np.sum(x, where=[True, False])),
        "option where of np.sum, only axis, keepdims",
    ),
    "an option of a mean": (
        wrong(lambda x: np.mean(x, dtype=float)),
        "option dtype of np.mean, only axis, keep",
    ),
    "options by position": (wrong(lambda x: np.sum(x, 0, None)), "np.sum got 3 arguments by position: name"),
    "an option of a ufunc": (
        wrong(lambda x: np.add(x, 1, where=False)),
        "np.add only as a plain call without",
    ),
    "a reduction of a ufunc": (
        wrong(np.maximum.reduce),
        "not np.maximum.reduce: use np.sum, np.prod, np.max",
    ),
    "an array to write to": (wrong(lambda x: np.add(x, 1, out=np.ones(2))), r"write x = x \+ y for x \+= y"),
    "an array changed": (wrong(lambda x: np.ones(2).__iadd__(x)), r"write x = x \+ y for x \+= y"),
    "a traced array changed": (wrong(lambda x: x.__iadd__(1.0)), r"x \+= y changes an array in place"),
    "an entry set": (
        wrong(lambda x: x.__setitem__(0, 1.0)),
        "cannot be changed in place: make a new one with",
    ),
    "entries of a plain array set": (
        wrong(lambda x: np.zeros(2).__setitem__(slice(2), x)),
        "use NumPy functions on",
    ),
    "float": (wrong(lambda x: float(x[0])), r"use NumPy's functions, such as np\.exp and not math\.exp"),
    "a list as array": (wrong(lambda x: np.sum([x, x])), r"np\.stack, not np\.array"),
    "an index": (wrong(lambda x: X[0][x]), "no plain array"),
    "an index of a traced array": (wrong(lambda x: x[x]), "an index must be plain numbers"),
    "keywords": (wrong(lambda x: np.cumsum(a=x)), r"wants arrays by position: np\.cumsum\(x, \.\.\.\)"),
    "stairs": (wrong(np.floor), "no rule for floor: its derivative is zero or does not exist"),
    "factors": (
        wrong(lambda x: np.linalg.eigh(x * np.eye(2))[0]),
        "no rule for eigh: write the quantity with",
    ),
    "a median": (wrong(np.median), r"no rule for median: sort with np\.sort and read an entry"),
    "running products": (wrong(np.cumprod), r"no rule for cumprod: use np\.prod"),
    "a matrix norm": (
        wrong(lambda x: np.linalg.norm(x * np.eye(2), 2)),
        "norm of order 2 of matrices: it has",
    ),
    "subscripts apart": (wrong(lambda x: np.einsum(x, [0])), "subscripts of np.einsum as a text in front"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_autodiff_does_not_cover_is_refused_by_name(name):
    call, message = REFUSED[name]
    with pytest.raises(TypeError, match=message):
        call()


def test_an_entry_of_a_plain_array_cannot_be_traced():
    with pytest.raises(ValueError, match="array element") as refusal:
        grad(lambda x: np.zeros(2).__setitem__(0, x[0]))([1.0, 2.0])
    assert "forgets where a Tensor came from" in str(refusal.value.__cause__)


def test_numbers_may_be_added_up_in_place_and_arrays_not():
    def loop(x):
        total = np.sum(x)
        for i in range(2):
            total += x[i] ** 2
        total -= x[0]
        total *= 2.0
        total /= 4.0
        return total

    np.testing.assert_allclose(grad(loop)([3.0, 5.0]), [3, 5.5])


@pytest.mark.parametrize("unit", [0, 30, -30, 300, -300, 500, -500])
def test_the_checker_finds_a_wrong_gradient_in_any_unit(unit):
    def f(x):
        return np.ldexp(1.0, -unit) * np.sum(np.sin(x * np.ldexp(1.0, unit)))

    x = np.ldexp([0.3, 2.0, -1.0], -unit)
    assert autodiff.check_gradient(f, x).correct
    for wrong in (lambda x: 1.001 * grad(f)(x), lambda x: np.zeros(3), lambda x: -grad(f)(x)):
        assert not autodiff.check_gradient(f, x, wrong).correct
    small = np.ldexp(1.0, unit)
    assert autodiff.check_gradient(lambda x: small * np.sum(x**2), [1.0, 2.0]).correct
    assert not autodiff.check_gradient(lambda x: small * np.sum(x**2), [1.0, 2.0], lambda x: x * 0).correct


def test_the_checker_allows_for_rounding_where_the_slope_is_zero():
    assert autodiff.check_gradient(lambda x: np.sum((x - 1) ** 2), [1.0, 1.0]).correct
    assert autodiff.check_gradient(lambda x: 1e6 + np.sum((x - 1) ** 2), [1.0, 1.0]).correct
    with pytest.raises(ValueError, match="f must be finite around x, got inf"):
        autodiff.check_gradient(lambda x: np.exp(x), 709.79, lambda x: x)
    with pytest.raises(ValueError, match="gradient must be finite"):
        autodiff.check_gradient(np.square, 1.0, lambda x: np.nan)


def test_a_seed_that_is_not_finite_and_points_without_entries():
    with pytest.raises(ValueError, match="g must be finite"):
        autodiff.vjp(np.sin, [1.0])[1]([np.nan])
    assert autodiff.jacobian(np.sin)(np.ones(0)).shape == (0, 0)
    assert autodiff.hessian(np.sum)(np.ones((0, 2))).shape == (0, 2, 0, 2)
    assert grad(np.linalg.norm)(np.ones(0)).shape == (0,)


def test_lists_of_traced_arrays_work():
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.multiply([x[0], x[1], x[2]], x)))(x), 2 * x)
    np.testing.assert_array_equal(grad(lambda x: np.sum(x * [x[0], x[1], x[2]]))(x), 2 * x)
    np.testing.assert_array_equal(grad(lambda x: sum([x[0], x[1] ** 2]))(x), [1, 4, 0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.stack(list(x))))(x), [1, 1, 1])
    np.testing.assert_array_equal(grad(lambda x: functional.softmax(np.stack([x[0], x[1]]))[0])(x)[2], 0)


def test_methods_of_arrays_are_numpys_functions():
    for call in (
        *(lambda x: x.min(), lambda x: x.max(0), lambda x: x.mean(1), lambda x: x.var(axis=0)),
        *(lambda x: x.std(), lambda x: x.prod(axis=1), lambda x: x.cumsum(), lambda x: x.dot(Y)),
        *(lambda x: x.T, lambda x: x.transpose(1, 0), lambda x: x.transpose(), lambda x: x.reshape(3, 2)),
        *(lambda x: x.ravel(), lambda x: x.flatten(), lambda x: x.swapaxes(0, 1), lambda x: x.clip(-1, 1)),
        *(lambda x: x.copy(), lambda x: x[:1].squeeze(), lambda x: x.diagonal(), lambda x: x.take([0, 4])),
        *(lambda x: x.trace(), lambda x: x.repeat(2)),
    ):
        _, out = autodiff.record(call, X)
        np.testing.assert_array_equal(out.value, call(X))
        assert (out.size, out.dtype) == (np.size(call(X)), np.float64)
