"""What a reader hands over for want of knowing better is answered rightly, or refused by name.

The laws ask the same of every function with inputs of their own; here are those that only one function meets.
"""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from mmlhelpers import (
    attention,
    autodiff,
    calculus,
    convolution,
    functional,
    information,
    kernels,
    language,
    linalg,
    nn,
    optim,
    sampling,
    vision,
)
from mmlhelpers import probability as pr

LARGE = 1e308


def rng():
    return np.random.default_rng(0)


def steep(x):
    return 1e3 * (x - 3)


def crossed():
    """Make a network that adds what is large, and takes it away again."""
    model = nn.Classifier(nn.Sequential([nn.Dense(2, 2), nn.Dense(2, 2)], rng()))
    model.parameters[:] = [1, 1, 1, 1, 0, 0, 1, -1, -1, 1, 0, 0]
    return model


ANSWERS = {
    "many more events than expected": (lambda: pr.Poisson(2.0).cdf(LARGE), 1.0),
    "an impossible number of events": (lambda: pr.Poisson(2.0).log_density(LARGE), -np.inf),
    "the median of a rate near the largest float": (lambda: pr.Poisson(LARGE).quantile(0.5), LARGE),
    "a peak there": (lambda: pr.Poisson(LARGE).log_density(LARGE), -(np.log(LARGE) + np.log(2 * np.pi)) / 2),
    "far from a peak there": (lambda: pr.Poisson(LARGE).log_density(1.1 * LARGE) < -1e300, True),
    "a rate near the largest float": (lambda: pr.Gamma(2.0, LARGE).cdf(3.0), 1.0),
    "a quantile below the smallest float": (lambda: pr.Gamma(1e-5).quantile(0.3) < 1e-322, True),
    "a tail that hardly falls": (lambda: pr.StudentT(1e-100).cdf(-1e300), 0.5),
    "a log-density without end": (
        lambda: pr.StudentT(1e-100).log_density(1e300),
        -np.log(2.0) - 100 * np.log(10.0) - 300 * np.log(10.0),
    ),
    "no probability below zero": (lambda: pr.Beta(2.5, 2.0**-300).cdf(1 - 2.0**-53) >= 0, True),
    "nearly all at one end": (lambda: pr.Beta(2.0**300, 1.5).quantile(0.5), 1.0),
    "counts whose sum overflows": (lambda: pr.Multinomial(3, [0.5, 0.5]).density([LARGE, LARGE]), 0.0),
    "a negative count with the right sum": (lambda: pr.Multinomial(3, [0.5, 0.5]).density([4, -1]), 0.0),
    "high values on small sets": (lambda: kernels.layer_integral([1e300, 1e-300], [1e-300, 1e300], 4), 1.0),
    "small values on small sets": (
        lambda: kernels.layer_integral([2e-150, 1e-150], [1e-150, 1e-150], 2),
        3e-300,
    ),
    "a field that returns a list": (lambda: calculus.euler(lambda t, y: [1], [0.0], [0, 1])[1, 0], 1.0),
    "a function with fractions": (lambda: calculus.bisection(lambda x: Fraction(x) - 3, 0, 9).x, 3.0),
    "a function with decimals": (
        lambda: calculus.trapezoid(lambda x: [Decimal(1) for _ in x], 0.0, 2.0, 4),
        2.0,
    ),
    "a function that is constant": (lambda: calculus.gauss_legendre(lambda x: 2, 0.0, 3.0, 2), 6.0),
    "margins whose sum overflows": (lambda: functional.hinge_loss([-LARGE] * 4, [1] * 4).value, LARGE),
    "scores whose sum overflows": (lambda: functional.logistic_loss([LARGE] * 4, [0] * 4).value, LARGE),
    "a complex step through the sigmoid": (lambda: functional.sigmoid(1e-20j).imag * 1e20, 0.25),
    "a complex step far to the right": (lambda: functional.softplus(800 + 1e-20j).imag * 1e20, 1.0),
    "terms that cancel": (lambda: convolution.convolve([[LARGE, LARGE]], [[1.0, -1.0]])[0, 1], 0.0),
    "terms that cancel in waves": (
        lambda: convolution.fft_convolve([[LARGE, LARGE]], [[1.0, -1.0]])[0, 0] / LARGE,
        1.0,
    ),
    "a damping that makes no step unique": (
        lambda: (
            optim.levenberg_marquardt(
                lambda x: np.array([(x[0] + x[1]) ** 2]),
                lambda x: 2 * (x[0] + x[1]) * np.ones((1, 2)),
                [1.0, 2.0],
            ).converged
        ),
        True,
    ),
    "a first step out of the floats": (
        lambda: optim.backtracking(optim.quadratic([[8.0]]), [1.0], [-8.0], 0.25).length,
        0.125,
    ),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_unusual_input_has_the_right_answer(what):
    ask, want = ANSWERS[what]
    assert ask() == pytest.approx(want, rel=1e-12, abs=1e-320)


def test_one_far_row_leaves_the_others_as_they_are():
    layer = nn.LayerNorm(4)
    weights = {name: np.ones(shape) for name, shape in layer.shapes().items()}
    x = np.array([[1.0, 2.0, 4.0, 3.0], [1e200, 0.0, 0.0, 2e200]])
    together, alone = layer.forward(x, weights)[0], layer.forward(x[:1], weights)[0]
    np.testing.assert_array_equal(together[:1], alone)
    np.testing.assert_allclose(together[1], layer.forward(x[1:] / 1e200, weights)[0][0], rtol=1e-4)


REFUSED = {
    "weights must be of heads that divide the width 4 of X, got 3": lambda: attention.multi_head_backward(
        np.ones((3, 4)), np.ones((3, 4)), attention.Heads(*4 * [np.eye(4)]), np.full((3, 3, 3), 1 / 3)
    ),
    "shape / rate": lambda: pr.Gamma(2.0, 1e-320),
    "a draw of this scale is larger than any float": lambda: pr.Cauchy(0.0, LARGE).sample(rng(), 9),
    "x must be one list of 2 bounds, got shape (1, 2)": lambda: pr.Multinomial(3, [0.5, 0.5]).cdf([[1, 2]]),
    "sigma must be a single number, got one beyond": lambda: pr.Normal(0.0, Fraction(10**400)),
    "p must hold probabilities, got 1e+308 to 1e+308": lambda: information.entropy([LARGE, LARGE]),
    "the quantile of q is larger than any float": lambda: pr.StudentT(1e-9).quantile(0.1),
    "x and y must have a spread that counts beside": lambda: pr.welch_test([LARGE] * 3, [1.0, 2.0, 3.0]),
    "floor must be larger for this X": lambda: pr.fit_mixture(
        [[1.0, 2.0], [3.0, 2.0], [4.0, 2.0]], [[1.0, 2.0], [4.0, 2.0]], floor=0.0
    ),
    "x is impossible for the parameter": lambda: pr.maximum_likelihood(pr.Uniform, [0.5, 2.0], -1.0, 0.9),
    "the log-likelihood of x is too flat around": lambda: pr.maximum_likelihood(
        lambda m: pr.Normal(m, 1e5), [0.0, 1.0], -9.0, 10.0
    ),
    "theta = 1e-300 must be farther than": lambda: pr.fisher_information(lambda t: pr.Normal(0.0, t), 1e-300),
    "statistic must be finite for every set, got inf": lambda: pr.bootstrap(
        [LARGE, LARGE], lambda x: x.sum(axis=1), rng(), 9
    ),
    "f must return real numbers, got": lambda: calculus.trapezoid(lambda x: x + 1j, 0.0, 1.0, 4),
    "f must return real numbers": lambda: calculus.newton(lambda x: "x", lambda x: 1.0, 2.0),
    "f must return one number for each point, got shape (2,)": lambda: calculus.bisection(
        lambda x: [x, x], -1.0, 1.0
    ),
    "f must return one number for each point, (5,), got shape (7, 3)": lambda: calculus.simpson(
        lambda x: np.ones((7, 3)), 0.0, 1.0, 4
    ),
    "field must return shape (2,), the shape of y, got (3,)": lambda: calculus.heun(
        lambda t, y: np.ones(3), [1.0, 2.0], [0.0, 1.0]
    ),
    "axis 1 is out of bounds": lambda: autodiff.record(lambda x: np.diff(x, axis=1), [1.0, 2.0]),
    "np.diag wants a vector or a matrix": lambda: autodiff.record(np.diag, np.ones((2, 2, 2))),
    "np.block wants lists of one depth": lambda: autodiff.record(lambda x: np.block([[x], x]), [1.0, 2.0]),
    "np.block wants no empty list": lambda: autodiff.record(lambda x: np.block([[x], []]), [1.0, 2.0]),
    "direction has length 2 but x has 1": lambda: optim.backtracking(
        optim.quadratic([[8.0]]), [1.0], [-8.0, 1.0]
    ),
    "residual must take a start of shape (1,), but fails": lambda: optim.levenberg_marquardt(
        lambda x: "r", lambda x: np.eye(1), [1.0]
    ),
    "jacobian must take a start of shape (1,), but fails": lambda: optim.levenberg_marquardt(
        lambda x: x, lambda x: "J", [1.0]
    ),
    "residual(x) must be a vector": lambda: optim.levenberg_marquardt(
        lambda x: 1.0, lambda x: np.eye(1), [1.0]
    ),
    "lengths[0] must be a whole number from 1 to 100000": lambda: information.kraft_sum([2**63, 1]),
    "x and y must hold labels that can be sorted": lambda: information.joint_distribution([None, 1], [0, 1]),
    "classes must be whole numbers from 0 to 1 to fit 2 logits, got <U1": lambda: nn.Classifier(
        nn.Sequential([nn.Dense(2, 2)], rng())
    ).loss(np.eye(2), ["a", "b"]),
    "labels must be 0 for a cat and 1 for a dog": lambda: vision.flips_and_shifts(
        np.zeros((2, 4, 4, 3)), np.array([None, 1]), 2
    ),
    "larger than any float": lambda: convolution.convolve([[LARGE, LARGE]], [[1.0, 1.0]]),
    "g must be an array, got rows of unequal length": lambda: autodiff.vjp(np.sin, [1.0, 2.0])[1](
        [[1], [1, 2]]
    ),
    "x must be an array, got rows of unequal length": lambda: autodiff.hessian(np.sum)([[1.0], [1.0, 2.0]]),
    "f must be a function, got 3.0": lambda: calculus.central_difference(3.0, 1.0),
    "slope must be a function, got 2.0": lambda: calculus.newton(np.sin, 2.0, 1.0),
    "field must be a function, got array([1.])": lambda: calculus.runge_kutta(np.ones(1), [1.0], [0.0, 1.0]),
    "f must be a function, got array": lambda: autodiff.grad(np.sin(np.ones(2))),
    "argnum = 1 must count one of the arguments without a name, got 1": lambda: autodiff.grad(np.sin, 1)(2.0),
    "argnum must be a whole number from 0, got -1": lambda: autodiff.grad(np.sin, -1),
    "f must be a function, got None": lambda: autodiff.hessian(None),
    "f must be a function, got 'sin'": lambda: autodiff.check_gradient("sin", [1.0]),
    "log_density must be a function, got -0.5": lambda: sampling.metropolis(-0.5, [[0.0]], 1.0, 3, rng()),
    "target must be a function, got (0.0, 0.0)": lambda: sampling.mean_field((0.0, 0.0), [0.0], rng()),
    "statistic must be a function, got 'mean'": lambda: pr.bootstrap([1.0, 2.0], "mean", rng()),
    "family must be a function, got Poisson": lambda: pr.fisher_information(pr.Poisson(2.0), 1.0),
    "residual must be a function, got [1.0]": lambda: optim.levenberg_marquardt(
        [1.0], lambda x: np.eye(1), [1.0]
    ),
    "objective must be an Objective(value, gradient), got <ufunc 'sin'>": lambda: optim.bfgs(np.sin, [1.0]),
    "objective.gradient must be a function, got 2.0": lambda: optim.gradient_descent(
        optim.Objective(np.sum, 2.0), [1.0], 0.1
    ),
    "penalty must be a Penalty(value, prox), got 0.1": lambda: optim.proximal_gradient(
        optim.quadratic([[1.0]]), 0.1, [1.0], 0.5
    ),
    "rule must be one of mmlhelpers.optim, called, such as optim.adam(), got <function": lambda: (
        optim.gradient_descent(optim.quadratic([[1.0]]), [1.0], 0.1, rule=optim.adam)
    ),
    "watch must be a function, got True": lambda: linalg.conjugate_gradients([[1.0]], [1.0], watch=True),
    "rng must be a random generator, got 3: pass np.random.default_rng(0)": lambda: nn.Sequential(
        [nn.Dense(2, 2)], 3
    ),
    "rng must be a random generator, got None": lambda: vision.convnet(None),
    "rng must be a random generator, got True": lambda: nn.Dropout(0.5).forward(np.ones(2), {}, True),
    "rng must be a random generator, got 0:": lambda: language.Transformer(3, 4, rng=0),
    "rng must be a random generator, got 1:": lambda: nn.Sequential([nn.Dense(2, 2)], rng()).forward(
        np.eye(2), 1
    ),
    "channels[1] must be a whole number from 1 to 1048576, got 18446744073709551616": lambda: vision.convnet(
        rng(), channels=(8, 2**64)
    ),
    "shapes must hold at most 1152921504606846975 numbers": lambda: nn.Parameters({"W": (2**32, 2**32)}),
    "x must be small enough for its sums to be floats, got 1.7e+308": lambda: nn.LayerNorm(3).forward(
        np.full((1, 3), 1.7e308), {"gamma": np.ones(3), "beta": np.zeros(3)}
    ),
    "x must be small enough for its sums to be floats, got -1.7e+308": lambda: nn.Sequential(
        [nn.BatchNorm(1)], rng()
    ).forward([[-1.7e308], [1.7e308], [1.7e308]], rng()),
    "x must hold numbers up to 1.3e+154 for this network": lambda: crossed().loss(
        [[LARGE, 1.5 * LARGE]], [0]
    ),
    "for this network, whose sums overflow, got 1.5e+308": lambda: crossed().loss_and_gradient(
        [[LARGE, 1.5 * LARGE]], [0], rng()
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_an_unusual_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=re.escape(message)):
        REFUSED[message]()
