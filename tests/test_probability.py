"""Each part of probability: a value worked by hand, a law, an independent truth, and its errors."""

import itertools
import math

import numpy as np
import oracles
import pytest
import scipy.special
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import GaussianMixture

from mmlhelpers import datasets
from mmlhelpers import probability as pr
from mmlhelpers.probability import _special

# A family, its peer, and where its values are.
PEERS = {
    "Normal": (pr.Normal(1.0, 2.0), scipy.stats.norm(1, 2)),
    "Bernoulli": (pr.Bernoulli(0.3), scipy.stats.bernoulli(0.3)),
    "Bernoulli, certain": (pr.Bernoulli(1.0), scipy.stats.bernoulli(1.0)),
    "Binomial": (pr.Binomial(20, 0.3), scipy.stats.binom(20, 0.3)),
    "Binomial, large": (pr.Binomial(1000, 0.01), scipy.stats.binom(1000, 0.01)),
    "Poisson": (pr.Poisson(7.5), scipy.stats.poisson(7.5)),
    "Poisson, large": (pr.Poisson(900.0), scipy.stats.poisson(900.0)),
    "Uniform": (pr.Uniform(-1.0, 3.0), scipy.stats.uniform(-1, 4)),
    "Gamma": (pr.Gamma(2.5, 3.0), scipy.stats.gamma(2.5, scale=1 / 3)),
    "Gamma, large": (pr.Gamma(300.0, 2.0), scipy.stats.gamma(300, scale=0.5)),
    "Beta": (pr.Beta(2.0, 0.7), scipy.stats.beta(2.0, 0.7)),
    "Beta, large": (pr.Beta(200.0, 700.0), scipy.stats.beta(200, 700)),
    "StudentT": (pr.StudentT(4.5), scipy.stats.t(4.5)),
    "StudentT, large": (pr.StudentT(200.0), scipy.stats.t(200)),
    "Cauchy": (pr.Cauchy(1.0, 2.0), scipy.stats.cauchy(1, 2)),
}
peers = pytest.mark.parametrize(("ours", "peer"), PEERS.values(), ids=PEERS.keys())
PROBABILITIES = np.array([1e-6, 1e-3, 0.1, 0.5, 0.77, 0.99, 0.9999])
values = arrays(float, st.integers(2, 12), elements=st.floats(-5, 5).map(lambda v: round(v, 3)))


def points(peer):
    """Quantiles, and places on both sides of any support."""
    return np.concatenate([np.unique(peer.ppf(PROBABILITIES)), [-7.0, 0.25, 2.0, 2e3]])


# Distributions


@peers
def test_log_density_is_that_of_the_peer(ours, peer):
    x = points(peer)
    wanted = peer.logpmf(x) if ours.counts else peer.logpdf(x)
    np.testing.assert_allclose(ours.log_density(x), wanted, rtol=1e-12, atol=3e-12)
    np.testing.assert_allclose(ours.density(x), np.exp(wanted), rtol=3e-12)


@peers
def test_cumulative_function_is_that_of_the_peer(ours, peer):
    x = points(peer)
    np.testing.assert_allclose(ours.cdf(x), peer.cdf(x), rtol=3e-12)


@peers
def test_quantiles_are_those_of_the_peer(ours, peer):
    np.testing.assert_allclose(ours.quantile(PROBABILITIES), peer.ppf(PROBABILITIES), rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(ours.quantile([0, 1]), ours.support)


@peers
def test_moments_are_those_of_the_peer(ours, peer):
    np.testing.assert_allclose(
        [ours.mean, ours.variance, ours.sd], [*peer.stats("mv"), peer.std()], rtol=1e-12
    )


@peers
def test_samples_follow_the_cumulative_function(ours, peer):
    draws = ours.sample(np.random.default_rng(0), 4000)
    assert draws.shape == (4000,)
    x = np.unique(peer.ppf(np.linspace(0.05, 0.95, 19)))
    shares = (draws[:, None] <= x).mean(axis=0)
    assert np.abs(shares - peer.cdf(x)).max() < 4 * 0.5 / math.sqrt(4000)  # four deviations of a share


@pytest.mark.parametrize("df", [0.5, 1.0, 1.5, 2.0])
def test_student_has_no_moments_at_few_degrees_of_freedom(df):
    t, peer = pr.StudentT(df), scipy.stats.t(df)
    assert math.isnan(t.mean) == (df <= 1)
    assert math.isnan(t.variance) == (df <= 1)
    assert df <= 1 or math.isinf(t.variance)
    np.testing.assert_allclose(t.cdf([-1e3, -0.1, 0.0, 3.0]), peer.cdf([-1e3, -0.1, 0.0, 3.0]), rtol=1e-12)


# Cumulative functions with fifty digits, and where to ask; what underflows in double precision is left out

MP = oracles.MP
HALF = MP.mpf(1) / 2


def normal_below(x):
    return MP.erfc(-x / MP.sqrt(2)) / 2


def gamma_below(shape, rate=1.0):
    return lambda x: MP.gammainc(MP.mpf(shape), 0, rate * x, regularized=True)


def gamma_above(shape, x):
    return MP.gammainc(MP.mpf(shape), x, MP.inf, regularized=True)


def beta_below(a, b):
    return lambda x: MP.betainc(MP.mpf(a), MP.mpf(b), 0, x, regularized=True)


def student_below(df):
    def below(x):
        tail = MP.betainc(MP.mpf(df) / 2, HALF, 0, df / (df + x * x), regularized=True) / 2
        return tail if x < 0 else 1 - tail

    return below


FIFTY = {
    "Normal": (pr.Normal(), normal_below, [-37.0, -30.0, -10.0, -5.0, -1.0, 0.0, 1.0, 8.0]),
    **{
        f"StudentT({df})": (pr.StudentT(df), student_below(df), [-1e3, -50.0, -3.0, -1e-3, 0.7, 5.0])
        for df in (0.5, 1.0, 2.5, 30.0, 1000.0)
    },
    **{
        f"chi-square({k})": (
            pr.Gamma(k / 2, 0.5),
            gamma_below(k / 2, 0.5),
            [1e-4, 0.1 * k, 0.5 * k, 1.0 * k, 1.5 * k, k + 40.0],
        )
        for k in (1, 2, 7, 100, 2000)
    },
    **{
        f"Beta({a}, {b})": (pr.Beta(a, b), beta_below(a, b), [1e-6, 0.01, 0.3, 0.5, 0.9, 1 - 1e-6])
        for a, b in ((0.3, 0.2), (2.0, 0.7), (50.0, 3.0), (200.0, 700.0), (1000.0, 1000.0))
    },
}
fifty_digits = pytest.mark.parametrize(("ours", "below", "x"), FIFTY.values(), ids=FIFTY.keys())
STATED = 3e-12  # what the module says of its cumulative functions


@fifty_digits
def test_cumulative_functions_are_as_accurate_as_they_say(ours, below, x):
    asked = 0
    for point in x:
        if (wanted := below(MP.mpf(point))) > 1e-290:
            assert oracles.relative_error(ours.cdf(point), wanted) <= STATED
            asked += 1
    assert asked >= 4


@fifty_digits
def test_quantiles_are_as_accurate_as_the_cumulative_functions(ours, below, x):
    for q in (1e-16, 1e-6, 0.3, 0.5, 0.77, 0.99):
        point = float(ours.quantile(q))
        step = abs(ours.density(point) * np.spacing(point)) if point else 0.0  # one float more or less
        assert abs(below(MP.mpf(point)) - q) <= STATED * q + 2 * step


@pytest.mark.parametrize("shape", [0.1, 1.0, 3.5, 50.0, 1000.0])
def test_the_upper_tail_of_gamma_keeps_its_digits_too(shape):
    for x in (0.5 * shape, shape, 2 * shape, shape + 100, shape + 400):
        above = _special.gamma_tails(np.asarray(shape), np.asarray(x))[1]
        assert oracles.relative_error(above, gamma_above(shape, MP.mpf(x))) <= STATED


@pytest.mark.parametrize(("n", "p"), [(20, 0.3), (1000, 0.01), (1000, 0.5)])
def test_counts_are_summed_as_with_fifty_digits(n, p):
    chance = MP.mpf(p)
    masses = [MP.binomial(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(n + 1)]
    for k in (0, 3, int(n * p), int(1.2 * n * p)):
        assert oracles.relative_error(pr.Binomial(n, p).cdf(k), MP.fsum(masses[: k + 1])) <= STATED


@pytest.mark.parametrize("rate", [0.5, 7.5, 900.0])
def test_rare_events_are_summed_as_with_fifty_digits(rate):
    masses = [MP.exp(-MP.mpf(rate)) * MP.mpf(rate) ** k / MP.factorial(k) for k in range(1100)]
    for k in (int(0.7 * rate), int(rate), int(1.2 * rate)):
        assert oracles.relative_error(pr.Poisson(rate).cdf(k), MP.fsum(masses[: k + 1])) <= STATED


def test_student_keeps_its_digits_near_zero():
    below = 0.5 - np.arctan(1e-9) / np.pi  # one degree of freedom is Cauchy's distribution
    assert pr.StudentT(1.0).cdf(-1e-9) == pytest.approx(below, rel=1e-15)


def test_masses_worked_by_hand():
    np.testing.assert_allclose(pr.Binomial(3, 0.5).density([0, 1, 2, 3]), [1 / 8, 3 / 8, 3 / 8, 1 / 8])
    np.testing.assert_allclose(pr.Poisson(1.0).density([0, 1, 2]), np.exp(-1) * np.array([1, 1, 0.5]))
    assert pr.Bernoulli(0.25).cdf(0.5) == 0.75
    assert pr.Binomial(3, 0.5).density(1.5) == 0
    assert pr.Binomial(4, 0.5).quantile(0.5) == 2


def test_parameters_broadcast():
    grid = pr.Normal(np.array([[0.0], [1.0]]), 2.0).log_density(np.array([0.0, 1.0, 2.0]))
    np.testing.assert_allclose(grid, scipy.stats.norm([[0], [1]], 2).logpdf([0, 1, 2]))
    assert pr.Bernoulli([0.1, 0.9]).sample(np.random.default_rng(0), (5, 2)).shape == (5, 2)
    assert pr.Cauchy(np.zeros(3)).sample(np.random.default_rng(0)).shape == (3,)
    np.testing.assert_allclose(pr.StudentT([2.0, 5.0]).quantile(0.9), scipy.stats.t([2, 5]).ppf(0.9))


@given(st.floats(0.05, 50), st.floats(0.05, 50), st.floats(1e-6, 1 - 1e-6))
def test_cumulative_function_undoes_the_quantile(a, b, q):
    for distribution in (pr.Gamma(a, b), pr.Beta(a, b), pr.StudentT(a), pr.Cauchy(a - 3, b)):
        x = distribution.quantile(q)
        # where the density is enormous one float more or less moves the cumulative value
        slack = abs(distribution.density(x) * np.spacing(x)) if 0 < abs(x) < np.inf and x != 1 else 1
        np.testing.assert_allclose(distribution.cdf(x), q, rtol=1e-10, atol=4 * slack)


@given(st.integers(1, 200), st.floats(0, 1), st.floats(0.001, 0.999))
def test_a_count_s_quantile_is_the_first_value_that_reaches_q(n, p, q):
    for distribution in (pr.Binomial(n, p), pr.Poisson(n * p + 0.01)):
        k = distribution.quantile(q)
        assert distribution.cdf(k) >= q - 1e-12
        assert k == 0 or distribution.cdf(k - 1) < q + 1e-12


@pytest.mark.parametrize("n", [5000, 100_000])
def test_special_functions_settle_for_many_arguments_at_once(n):
    rng = np.random.default_rng(0)
    df, t = rng.uniform(1, 60, n), rng.normal(size=n) * 3
    np.testing.assert_allclose(pr.StudentT(df).cdf(t), scipy.special.stdtr(df, t), rtol=1e-11)
    below, above = _special.gamma_tails(df, np.abs(t) * 10)
    np.testing.assert_allclose(below, scipy.special.gammainc(df, np.abs(t) * 10), rtol=1e-11)
    np.testing.assert_allclose(above, scipy.special.gammaincc(df, np.abs(t) * 10), rtol=1e-11)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pr.Normal(0.0, 0.0), "sigma must be positive, got 0"),
        (lambda: pr.Normal(np.nan), "mu must be finite, got nan"),
        (lambda: pr.Normal("a"), "mu must hold real numbers"),
        (lambda: pr.Bernoulli(1.2), "p must lie between 0 and 1, got 1.2 to 1.2"),
        (lambda: pr.Normal([[0.0], [1.0, 2.0]]), "mu must be an array, got rows of unequal length"),
        (lambda: pr.Binomial(0, 0.5), "n must be a whole number from 1 to 9007199254740992, got 0"),
        (lambda: pr.Poisson(-1.0), "rate must be positive, got -1"),
        (lambda: pr.Uniform(2.0, 1.0), "low must be below high, got low = 2.0 and high = 1.0"),
        (lambda: pr.Gamma(0.0), "shape must be positive"),
        (lambda: pr.Beta(1.0, -2.0), "b must be positive, got -2"),
        (lambda: pr.StudentT(0), "df must be positive"),
        (lambda: pr.Cauchy(0.0, 0.0), "scale must be positive"),
        (lambda: pr.Multinomial(3, [0.5, 0.6]), "p must sum to one, got 1.1"),
        (lambda: pr.Multinomial(3, [0.5, 0.5]).density([1, 1, 1]), "for each of the 2 classes, got shape"),
        (
            lambda: pr.MultivariateNormal([0, 0], np.ones((2, 2))),
            "must be positive definite, but its smallest",
        ),
        (lambda: pr.MultivariateNormal([0, 0, 0], np.eye(2)), r"mean has length 3 but covariance \(2, 2\)"),
        (
            lambda: pr.MultivariateNormal([0, 0], np.eye(2)).log_density([1.0]),
            "points of dimension 2, got shape",
        ),
        (lambda: pr.Normal().quantile(1.5), "q must lie between 0 and 1"),
        (lambda: pr.Normal().log_density(np.inf), "x must be finite, got inf"),
    ],
)
def test_distributions_name_the_argument_at_fault(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_multinomial_agrees_with_the_peer_and_with_enumeration():
    ours, peer = pr.Multinomial(6, [0.2, 0.3, 0.5]), scipy.stats.multinomial(6, [0.2, 0.3, 0.5])
    all_counts = np.array([c for c in itertools.product(range(7), repeat=3) if sum(c) == 6])
    np.testing.assert_allclose(ours.density(all_counts), peer.pmf(all_counts), rtol=1e-12)
    for bound in ([2, 3, 4], [6, 6, 6], [0, 6, 6], [1, 1, 1], [2.7, 3, -1]):
        below = (all_counts <= bound).all(axis=1)
        np.testing.assert_allclose(ours.cdf(bound), peer.pmf(all_counts)[below].sum(), rtol=1e-12)
    np.testing.assert_allclose(ours.mean, peer.mean())
    np.testing.assert_allclose(ours.covariance, peer.cov())
    assert ours.density([2.5, 2.5, 1.0]) == ours.density([1, 1, 1]) == ours.density([7, -1, 0]) == 0


def test_multinomial_samples_have_the_mean_and_covariance():
    ours = pr.Multinomial(10, [0.5, 0.2, 0.3])
    draws = ours.sample(np.random.default_rng(0), 50_000)
    np.testing.assert_array_equal(draws.sum(axis=1), 10)
    np.testing.assert_allclose(draws.mean(axis=0), ours.mean, atol=4 * np.sqrt(2.5 / 50_000))
    np.testing.assert_allclose(np.cov(draws, rowvar=False, ddof=1), ours.covariance, atol=0.06)


def test_multivariate_normal_agrees_with_the_peer():
    mean, covariance = np.array([1.0, -2.0]), np.array([[2.0, 1.2], [1.2, 1.0]])
    ours, x = pr.MultivariateNormal(mean, covariance), np.random.default_rng(0).normal(size=(4, 3, 2))
    np.testing.assert_allclose(
        ours.log_density(x), scipy.stats.multivariate_normal(mean, covariance).logpdf(x)
    )
    draws = ours.sample(np.random.default_rng(1), 100_000)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=4 * np.sqrt(2 / 100_000))
    np.testing.assert_allclose(np.cov(draws, rowvar=False, ddof=1), covariance, atol=0.04)


@pytest.mark.parametrize(
    ("distribution", "f", "wanted"),
    [
        (pr.Normal(1.0, 2.0), lambda x: x**4, 1 + 6 * 4 + 3 * 16),
        (pr.Normal(), np.exp, math.exp(0.5)),
        (pr.Poisson(3.0), lambda x: x * (x - 1), 9),
        (pr.Binomial(10, 0.3), lambda x: x**2, 2.1 + 9),
        (pr.Gamma(3.0, 2.0), lambda x: x**3, 3 * 4 * 5 / 8),
        (pr.Uniform(0.0, 1.0), lambda x: x**2, 1 / 3),
    ],
)
def test_expectations_known_in_closed_form(distribution, f, wanted):
    assert pr.expectation(distribution, f) == pytest.approx(wanted, rel=1e-10)


# Moments and Bayes


@given(values, values)
def test_merged_moments_are_those_of_all_samples(x, y):
    merged = pr.merge_moments(pr.moments(x[:, None]), pr.moments(y[:, None]))
    both = np.concatenate([x, y])
    np.testing.assert_allclose(merged.mean, both.mean(), atol=1e-12)
    for ddof in (0, 1):
        np.testing.assert_allclose(merged.variance(ddof), both.var(ddof=ddof), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1e8, -1e12])
def test_variance_survives_a_large_mean(shift):
    x = shift + np.array([[0.0], [1.0], [2.0], [3.0]])
    assert pr.moments(x).variance(ddof=0)[0] == pytest.approx(1.25, rel=1e-10)
    one_by_one = pr.moments(x[:1])
    for row in x[1:]:
        one_by_one = pr.merge_moments(one_by_one, pr.moments(row[None]))
    assert one_by_one.variance(ddof=0)[0] == pytest.approx(1.25, rel=1e-3)


def test_moments_name_what_is_wrong():
    with pytest.raises(ValueError, match="ddof must be 0 or 1 and less than n = 1, got 1"):
        pr.moments([[1.0]]).variance(ddof=1)
    with pytest.raises(ValueError, match=r"first has shape \(1,\) but second \(2,\)"):
        pr.merge_moments(pr.moments([[1.0]]), pr.moments([[1.0, 2.0]]))


def test_posterior_worked_by_counting():
    np.testing.assert_allclose(pr.bayes([0.01, 0.99], [0.99, 0.01]), [0.5, 0.5])


@given(
    arrays(float, 4, elements=st.floats(0.01, 1)),
    arrays(float, 4, elements=st.floats(0.01, 1)),
    arrays(float, 4, elements=st.floats(0.01, 1)),
)
def test_two_observations_may_come_in_any_order_or_at_once(prior, first, second):
    prior = prior / prior.sum()
    in_turn = pr.bayes(pr.bayes(prior, first), second)
    np.testing.assert_allclose(in_turn, pr.bayes(pr.bayes(prior, second), first), rtol=1e-12)
    np.testing.assert_allclose(in_turn, pr.bayes(prior, first * second), rtol=1e-12)


@pytest.mark.parametrize(
    ("prior", "likelihood", "message"),
    [
        ([0.5, 0.6], [1, 1], "prior must sum to one"),
        ([0.5, 0.5], [1, 1, 1], "prior has length 2 but likelihood 3"),
        ([0.5, 0.5], [1, -1], "likelihood must not be negative, got -1"),
        ([1.0, 0.0], [0, 1], "likelihood is zero for every hypothesis with positive prior"),
    ],
)
def test_bayes_names_the_argument_at_fault(prior, likelihood, message):
    with pytest.raises(ValueError, match=message):
        pr.bayes(prior, likelihood)


# Estimation


@pytest.mark.parametrize(
    ("family", "x", "low", "high", "value", "error"),
    [
        (pr.Bernoulli, [1, 1, 0, 1], 0.01, 0.99, 0.75, math.sqrt(0.75 * 0.25 / 4)),
        (pr.Poisson, [2, 0, 4, 6], 0.1, 20, 3.0, math.sqrt(3 / 4)),
        (lambda mu: pr.Normal(mu, 2.0), [1.0, 2.0, 6.0], -50, 50, 3.0, 2 / math.sqrt(3)),
        (lambda rate: pr.Gamma(1.0, rate), [1.0, 2.0, 3.0], 0.01, 9, 0.5, 0.5 / math.sqrt(3)),
    ],
)
def test_maximum_likelihood_finds_the_formulas(family, x, low, high, value, error):
    estimate = pr.maximum_likelihood(family, x, low, high)
    assert estimate.value == pytest.approx(value, rel=1e-6)
    assert estimate.standard_error == pytest.approx(error, rel=1e-3)
    assert estimate.log_likelihood == pytest.approx(family(value).log_density(x).sum(), rel=1e-12)


def test_maximum_likelihood_names_what_is_wrong():
    with pytest.raises(ValueError, match="low must be below high"):
        pr.maximum_likelihood(pr.Poisson, [1, 2], 3, 2)
    with pytest.raises(ValueError, match="peak at an end of 5 to 9: look in a wider range"):
        pr.maximum_likelihood(pr.Poisson, [1, 2], 5, 9)
    with pytest.raises(ValueError, match="x is impossible for the parameter"):
        pr.maximum_likelihood(pr.Poisson, [0.5], 1, 2)


@pytest.mark.parametrize(
    ("family", "theta", "wanted"),
    [
        (pr.Bernoulli, 0.3, 1 / 0.21),
        (pr.Poisson, 4.0, 0.25),
        (lambda mu: pr.Normal(mu, 3.0), 1.0, 1 / 9),
        (lambda sigma: pr.Normal(0.0, sigma), 2.0, 2 / 4),
        (lambda rate: pr.Gamma(3.0, rate), 2.0, 3 / 4),
    ],
)
def test_fisher_information_known_in_closed_form(family, theta, wanted):
    assert pr.fisher_information(family, theta) == pytest.approx(wanted, rel=1e-7)


def tumours(columns):
    table = datasets.breast_cancer()
    Z = (table.X[:, columns] - table.X[:, columns].mean(axis=0)) / table.X[:, columns].std(axis=0, ddof=0)
    return np.column_stack([np.ones(len(Z)), Z]), 1.0 - table.y


@pytest.mark.parametrize("precision", [0.0, 0.5])
def test_logistic_fit_agrees_with_scikit_learn(precision):
    X, y = tumours([0, 1, 4])
    ours = pr.fit_logistic(X, y, prior_precision=precision)
    C = 1 / precision if precision else np.inf
    peer = LogisticRegression(C=C, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.w, peer.coef_[0], rtol=1e-5)
    assert ours.converged
    assert np.all(np.diff(ours.history) <= 1e-9)


def test_logistic_covariance_is_the_inverse_of_the_measured_curvature():
    X, y = tumours([0, 1])
    fit = pr.fit_logistic(X, y, prior_precision=0.3)

    def objective(w):
        return pr.logistic_loss(w, X, y) + 0.15 * w @ w

    h, E = 1e-3, np.eye(3)
    H = [
        [
            sum(s * t * objective(fit.w + h * (s * a + t * b)) for s in (-1, 1) for t in (-1, 1)) / (4 * h**2)
            for a in E
        ]
        for b in E
    ]
    np.testing.assert_allclose(np.linalg.inv(H), fit.covariance, rtol=1e-4)


@given(arrays(float, (6, 2), elements=st.floats(-3, 3)), arrays(float, 2, elements=st.floats(-2, 2)))
def test_logistic_loss_is_minus_the_log_of_the_product_of_probabilities(X, w):
    y = np.array([0, 1, 0, 1, 1, 0])
    p = 1 / (1 + np.exp(-X @ w))
    product = np.prod(np.where(y == 1, p, 1 - p))
    assert pr.logistic_loss(w, X, y) == pytest.approx(-np.log(product), rel=1e-10)


def test_logistic_loss_is_stable_for_large_scores():
    assert pr.logistic_loss([1e4], [[1.0], [-1.0]], [1, 0]) == 0
    assert pr.logistic_loss([1e4], [[1.0], [-1.0]], [0, 1]) == 2e4


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([[1.0, -1], [1, 1]], [0, 1], "separated by a hyperplane.*pass a prior_precision above zero"),
        ([[1.0], [1.0]], [0, 2], "y must hold labels 0 and 1, got 2"),
        ([[1.0], [1.0]], [0, 1, 1], "y has length 3 but X has 2 samples"),
    ],
)
def test_fit_logistic_names_what_is_wrong(X, y, message):
    with pytest.raises(ValueError, match=message):
        pr.fit_logistic(X, y)


def test_fit_logistic_says_when_it_stopped_early():
    X, y = tumours([0, 1])
    assert not pr.fit_logistic(X, y, max_steps=2).converged


def test_logistic_loss_names_weights_of_another_length():
    with pytest.raises(ValueError, match=r"w has length 1 but X \(1, 2\) has 2 columns"):
        pr.logistic_loss([1.0], [[1.0, 2.0]], [1])


def test_mixture_agrees_with_scikit_learn_from_the_same_start():
    X = datasets.iris().X
    means = X[[0, 60, 110]]
    ours = pr.fit_mixture(X, means, tolerance=1e-10)
    precision = np.linalg.inv(np.cov(X, rowvar=False, ddof=0) + 1e-6 * np.eye(4))
    peer = GaussianMixture(
        3,
        tol=1e-10,
        max_iter=2000,
        means_init=means,
        weights_init=np.full(3, 1 / 3),
        precisions_init=np.tile(precision, (3, 1, 1)),
    ).fit(X)
    assert ours.converged
    assert ours.history[-1] == pytest.approx(peer.score(X), abs=1e-6)
    np.testing.assert_allclose(ours.means, peer.means_, atol=1e-4)
    np.testing.assert_allclose(ours.weights, peer.weights_, atol=1e-5)
    np.testing.assert_array_equal(ours.responsibilities.argmax(axis=1), peer.predict(X))


@given(arrays(float, (12, 2), elements=st.integers(-9, 9).map(float)))
def test_expectation_maximisation_never_steps_down(X):
    fit = pr.fit_mixture(
        X + 0.1 * np.random.default_rng(0).normal(size=X.shape),
        [X[0], X[1] + 1.0],
        max_steps=25,
    )
    assert np.all(np.diff(fit.history) > -1e-4)  # the floor on the variances may cost that little
    np.testing.assert_allclose(fit.responsibilities.sum(axis=1), 1)
    assert fit.weights.sum() == pytest.approx(1)


def test_mixture_of_one_is_the_normal_fit():
    X = np.random.default_rng(0).normal(size=(50, 3)) @ np.diag([1.0, 2.0, 0.5])
    fit = pr.fit_mixture(X, X[:1], floor=0.0)
    np.testing.assert_allclose(fit.means[0], X.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(fit.covariances[0], np.cov(X, rowvar=False, ddof=0), atol=1e-12)


def test_mixture_names_means_of_another_dimension():
    with pytest.raises(ValueError, match=r"means \(1, 3\) must have as many columns as X \(2, 2\)"):
        pr.fit_mixture(np.eye(2), np.ones((1, 3)))


def test_calibration_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    y = (rng.random(500) < p**2).astype(int)
    ours, (observed, predicted) = pr.calibration_curve(p, y, n_bins=7), calibration_curve(y, p, n_bins=7)
    np.testing.assert_allclose(ours.predicted, predicted)
    np.testing.assert_allclose(ours.observed, observed)
    assert ours.counts.sum() == 500


def test_calibration_names_what_is_wrong():
    with pytest.raises(ValueError, match="p must lie between 0 and 1"):
        pr.calibration_curve([0.5, 1.5], [0, 1])
    with pytest.raises(ValueError, match="y has length 1 but p has 2 samples"):
        pr.calibration_curve([0.5, 0.7], [0])


# Inference


def test_mean_interval_worked_by_hand():
    low, high = pr.mean_interval([1.0, 2.0, 3.0])  # t = 4.302653 for two degrees of freedom
    np.testing.assert_allclose([low, high], 2 + np.array([-1, 1]) * 4.30265273 / math.sqrt(3), rtol=1e-8)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999])
def test_mean_intervals_of_many_samples_agree_with_the_peer(level):
    x = np.random.default_rng(0).normal(size=(4, 3, 7))
    ours = pr.mean_interval(x, level)
    peer = scipy.stats.t.interval(level, 6, x.mean(axis=-1), scipy.stats.sem(x, axis=-1))
    np.testing.assert_allclose(ours, peer, rtol=1e-10)


@pytest.mark.parametrize("successes", [0, 1, 7, 20])
def test_wilson_interval_agrees_with_the_peer(successes):
    peer = scipy.stats.binomtest(successes, 20).proportion_ci(0.9, method="wilson")
    np.testing.assert_allclose(pr.wilson_interval(successes, 20, 0.9), peer, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: pr.mean_interval([1.0]),
            r"x must hold at least 2 values along its last axis, got shape \(1,\)",
        ),
        (
            lambda: pr.mean_interval([1.0, 2.0], 1.0),
            "level must be one number strictly between 0 and 1, got 1.0",
        ),
        (lambda: pr.wilson_interval(5, 4), "successes / n must lie between 0 and 1"),
        (lambda: pr.welch_test([1.0, 1.0], [2.0, 2.0]), "x and y are both constant"),
        (lambda: pr.holm([0.5, 1.5]), "p_values must lie between 0 and 1"),
        (lambda: pr.bootstrap([1.0], np.mean, np.random.default_rng(0)), "at least two samples, one a row"),
        (
            lambda: pr.bootstrap([1.0, 2.0], np.mean, np.random.default_rng(0), 10),
            r"statistic must return one value for each set, shape \(1,\), got \(\)|shape \(10,\), got \(\)",
        ),
        (
            lambda: pr.bootstrap([2.0, 2.0], lambda x: x.mean(axis=1), np.random.default_rng(0)).bca(),
            "no sample changes it: nothing can be corrected",
        ),
    ],
)
def test_inference_names_the_argument_at_fault(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@given(values, values)
def test_welch_test_agrees_with_the_peer(x, y):
    assume(np.ptp(x) > 0 and np.ptp(y) > 0)  # the peer warns of a constant sample
    ours, peer = pr.welch_test(x, y), scipy.stats.ttest_ind(x, y, equal_var=False)
    np.testing.assert_allclose(ours.statistic, peer.statistic, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.df, peer.df, rtol=1e-9)
    np.testing.assert_allclose(ours.p_value, peer.pvalue, rtol=1e-9, atol=1e-14)


def test_permutation_test_approaches_the_exact_share_of_splits():
    x, y = np.array([1.0, 5.0, 9.0, 2.0]), np.array([8.0, 7.0, 12.0])
    result = pr.permutation_test(x, y, np.random.default_rng(0), 40_000)
    pooled = np.concatenate([x, y])
    splits = [np.isin(np.arange(7), c) for c in itertools.combinations(range(7), 4)]
    exact = np.mean(
        [abs(pooled[s].mean() - pooled[~s].mean()) >= abs(x.mean() - y.mean()) - 1e-12 for s in splits]
    )
    assert result.difference == pytest.approx(x.mean() - y.mean())
    assert result.p_value == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 40_000))


def test_permutation_p_value_counts_the_data_themselves():
    result = pr.permutation_test(np.zeros(30), np.ones(30), np.random.default_rng(0), 99)
    assert result.p_value == 1 / 100
    assert pr.permutation_test([1, 1], [1, 1], np.random.default_rng(0), 99).p_value == 1


def test_permutation_test_is_valid_for_few_shuffles():
    rng = np.random.default_rng(0)
    p = [pr.permutation_test(rng.normal(size=6), rng.normal(size=5), rng, 19).p_value for _ in range(2000)]
    assert np.mean(np.array(p) <= 0.05) < 0.05 + 4 * math.sqrt(0.05 * 0.95 / 2000)
    assert np.mean(np.array(p) <= 0.05) > 0.05 - 4 * math.sqrt(0.05 * 0.95 / 2000)


def variance(sets):
    return sets.var(axis=-1, ddof=1)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_bootstrap_intervals_are_those_of_scipy_for_the_same_replicates(method):
    x = np.random.default_rng(0).exponential(size=30)
    ours = pr.bootstrap(x, variance, np.random.default_rng(1), 3000)
    peer = scipy.stats.bootstrap(
        (x,),
        lambda sample, axis: sample.var(axis=axis, ddof=1),
        n_resamples=0,
        bootstrap_result=scipy.stats._resampling.BootstrapResult(None, ours.replicates, 0.0),
        method=method,
        vectorized=True,
    )
    np.testing.assert_allclose(getattr(ours, method)(0.95), tuple(peer.confidence_interval), rtol=1e-9)


def test_bootstrap_of_a_mean_has_the_known_spread_and_jackknife():
    x = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    result = pr.bootstrap(x, lambda s: s.mean(axis=1), np.random.default_rng(0), 40_000)
    assert result.estimate == x.mean()
    assert result.replicates.std(ddof=1) == pytest.approx(x.std(ddof=0) / math.sqrt(5), rel=0.02)
    np.testing.assert_allclose(result.jackknife, [(x.sum() - v) / 4 for v in x])


def test_bootstrap_keeps_rows_together():
    rows = np.column_stack([np.arange(8.0), 10 * np.arange(8.0)])
    seen = []
    pr.bootstrap(rows, lambda s: seen.append(s) or s[:, 0, 0], np.random.default_rng(0), 50)
    assert all((s[..., 1] == 10 * s[..., 0]).all() for s in seen)


def test_bootstrap_in_chunks_has_all_replicates():
    x = np.random.default_rng(0).normal(size=3000)
    assert pr.bootstrap(x, lambda s: s.mean(axis=1), np.random.default_rng(0), 801).replicates.shape == (801,)


def test_holm_worked_by_hand():
    np.testing.assert_allclose(pr.holm([0.04, 0.01, 0.03, 0.5]), [0.09, 0.04, 0.09, 0.5])


@given(arrays(float, st.integers(1, 8), elements=st.floats(0, 1)))
def test_holm_rejects_what_the_sequential_rule_rejects(p):
    alpha, rejected = 0.05, set()
    for i, index in enumerate(np.argsort(p, kind="stable")):
        if p[index] * (len(p) - i) > alpha:
            break
        rejected.add(int(index))
    assert set(np.flatnonzero(pr.holm(p) <= alpha)) == rejected


# Numbers at every scale


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def tail_by_quadrature(log_density, start, width):
    """Integrate a density from a point on, over many of its widths."""
    ends = [k * width for k in (*range(8), *range(8, 32, 2), 32, 40, 50, 64, 90, 128, 256, 512)]
    return MP.quad(lambda u: MP.exp(log_density(start + u)), ends, method="gauss-legendre")


@pytest.mark.parametrize("df", [64, 1e3, 1e6, 1e10])
@pytest.mark.parametrize("t", [0.5, 3.0, 20.0])
def test_student_s_tail_for_huge_degrees_of_freedom(df, t):
    n = MP.mpf(df)
    front = MP.loggamma((n + 1) / 2) - MP.loggamma(n / 2) - MP.log(n * MP.pi) / 2
    wanted = tail_by_quadrature(lambda x: front - (n + 1) / 2 * MP.log1p(x * x / n), MP.mpf(t), 1 / MP.mpf(t))
    assert oracles.relative_error(pr.StudentT(df).cdf(-t), wanted) <= STATED


@pytest.mark.parametrize("shape", [2e5, 1e7, 1e12])
@pytest.mark.parametrize("z", [-6, -0.5, 0.5, 6])
def test_gamma_s_tails_for_huge_shapes(shape, z):
    a, x = MP.mpf(shape), MP.mpf(shape + z * math.sqrt(shape))
    side = 1 if z > 0 else -1
    front = -MP.loggamma(a)
    wanted = tail_by_quadrature(
        lambda u: front + (a - 1) * MP.log(x + side * u) - (x + side * u), 0, MP.sqrt(a) / max(1, abs(z)) / 6
    )
    below, above = pr.Gamma(shape).cdf(float(x)), pr.Poisson(float(x)).cdf(shape - 1)
    assert oracles.relative_error(below if z < 0 else above, wanted) <= 1e-10


@pytest.mark.parametrize("n", [100, 10**6, 10**12])
def test_masses_of_many_trials(n):
    for k in (n // 3, n // 2, n // 2 + int(3 * math.sqrt(n) / 2)):
        wanted = MP.loggamma(n + 1) - MP.loggamma(k + 1) - MP.loggamma(n - k + 1) - n * MP.log(2)
        assert oracles.relative_error(pr.Binomial(n, 0.5).log_density(k), wanted) <= 1e-12
        wanted = k * MP.log(n / 2) - MP.mpf(n) / 2 - MP.loggamma(k + 1)
        assert oracles.relative_error(pr.Poisson(n / 2).log_density(k), wanted) <= 1e-12


def test_tails_far_out_keep_their_power():
    assert pr.StudentT(1.0).cdf(-1e200) == pytest.approx(1 / (math.pi * 1e200), rel=1e-13)
    assert pr.Cauchy().cdf(-1e200) == pytest.approx(1 / (math.pi * 1e200), rel=1e-13)
    assert pr.StudentT(3.0).cdf(-1e80) == pytest.approx(pr.StudentT(3.0).cdf(-1e70) * 1e-30, rel=1e-12)
    assert pr.StudentT(1e300).cdf(-2.0) == pytest.approx(pr.Normal().cdf(-2.0), rel=1e-12)
    assert pr.Normal().log_density(1e200) == -np.inf


@pytest.mark.parametrize("power", [-700, -500, -300, -30, 30, 300, 500, 900])
def test_families_with_a_unit_are_answered_in_it(power):
    unit = 2.0**power
    for plain, placed in (
        (pr.Normal(0.5, 1.5), pr.Normal(0.5 * unit, 1.5 * unit)),
        (pr.Cauchy(0.5, 1.5), pr.Cauchy(0.5 * unit, 1.5 * unit)),
        (pr.Uniform(-1.0, 3.0), pr.Uniform(-unit, 3 * unit)),
        (pr.Gamma(2.5, 0.5), pr.Gamma(2.5, 0.5 / unit)),
    ):
        q = np.array([1e-30, 0.125, 0.875])
        np.testing.assert_array_equal(placed.quantile(q) / unit, plain.quantile(q))
        assert placed.cdf(0.75 * unit) == plain.cdf(0.75)
        np.testing.assert_allclose(placed.sd / unit, plain.sd)
        assert placed.log_density(unit) == pytest.approx(plain.log_density(1.0) - power * math.log(2))


@pytest.mark.parametrize(
    ("value", "n", "m"), [(0.07, 10, 20), (0.01, 10, 20), (2.3e-9, 700, 140), (1e6 / 3, 12, 5)]
)
def test_samples_of_one_constant_are_not_told_apart(value, n, m):
    with pytest.raises(ValueError, match="x and y are both constant"):
        pr.welch_test([value] * n, [value] * m)
    low, high = pr.mean_interval([value] * n)
    assert low == high == value


@pytest.mark.parametrize("power", [-1000, -500, -300, -30, 30, 300, 500, 1010])
def test_tests_and_intervals_know_neither_unit_nor_offset(power, rng):
    x, y = rng.integers(-20, 20, size=9) / 4, rng.integers(-15, 30, size=7) / 4
    unit = 2.0**power
    want = pr.welch_test(x, y)
    assert pr.welch_test(x * unit, y * unit) == want
    np.testing.assert_allclose(pr.welch_test(x + 2.0**30, y + 2.0**30), want, rtol=1e-12)
    np.testing.assert_allclose(np.array(pr.mean_interval(x * unit)) / unit, pr.mean_interval(x), rtol=1e-14)
    shuffled = pr.permutation_test(x, y, np.random.default_rng(0), 99)
    for moved in ((x * unit, y * unit), (x + 2.0**30, y + 2.0**30)):
        assert pr.permutation_test(*moved, np.random.default_rng(0), 99).p_value == shuffled.p_value


def test_wilson_s_interval_for_many_trials_and_few_successes():
    low, high = pr.wilson_interval([0, 1, 10**12], 10**12)
    assert low[0] == 0
    assert high[2] == 1
    assert low[1] == pytest.approx(1.765e-13, rel=1e-3)
    with pytest.raises(ValueError, match=r"successes must be whole numbers, got 0\.5"):
        pr.wilson_interval(0.5, 10)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_probabilities_of_every_precision_are_taken(dtype, rng):
    p = rng.dirichlet(np.ones(10)).astype(dtype)
    assert pr.Multinomial(10, p).sample(rng).sum() == 10
    np.testing.assert_allclose(pr.bayes(p, np.ones(10)), p.astype(float) / p.astype(float).sum())


def test_bayes_with_products_beyond_all_floats():
    np.testing.assert_allclose(pr.bayes([1e-200, 1 - 1e-200], [1e-200, 1e-300]), [1e-100, 1.0], rtol=1e-14)
    np.testing.assert_allclose(pr.bayes([1e-200, 1.0], [1e-200, 0.0]), [1.0, 0.0])


def test_summaries_know_no_unit():
    X = np.array([[1.0, 0.07], [2.0, 0.07], [6.0, 0.07]])
    for power in (-500, 500):
        found = pr.moments(np.ldexp(X, power))
        np.testing.assert_array_equal(np.ldexp(found.squares, -2 * power), [14.0, 0.0])
        np.testing.assert_array_equal(np.ldexp(found.mean, -power), [3.0, 0.07])
    with pytest.raises(ValueError, match="the sum of squared distances in X is larger"):
        pr.moments([[1e200], [2e200]])


def test_logistic_fits_without_a_maximum_are_refused():
    quasi = [[1.0, -1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    with pytest.raises(ValueError, match="separated by a hyperplane"):
        pr.fit_logistic(quasi, [0, 0, 1, 1])
    with pytest.raises(ValueError, match="has a column that is a combination of the others"):
        pr.fit_logistic([[1.0, 2.0], [1.0, 2.0], [2.0, 4.0]], [0, 1, 1])
    with pytest.raises(ValueError, match="means must each be near some samples, but component 1 lost all"):
        pr.fit_mixture([[0.0], [1.0]], [[0.5], [1e9]])


@pytest.mark.proves("probability.estimation.fit_logistic")
@pytest.mark.parametrize("power", [-300, -30, 30, 300])
def test_logistic_fits_have_converged_in_every_unit(power, rng):
    X, y = rng.normal(size=(30, 1)), np.arange(30) % 2
    want, got = pr.fit_logistic(X, y), pr.fit_logistic(np.ldexp(X, power), y)
    assert got.converged
    np.testing.assert_allclose(np.ldexp(got.w, power), want.w, rtol=1e-6)
    # The criterion with fifty digits: no component of the gradient is above the tolerance times n.
    w = MP.mpf(float(want.w[0]))
    gradient = MP.fsum(
        x * (1 / (1 + MP.exp(-x * w)) - int(c)) for x, c in zip(oracles.exact(X), y, strict=True)
    )
    assert abs(gradient) <= 1e-8 * 30


def test_a_mixture_far_from_zero_is_that_near_it(rng):
    X = np.r_[rng.normal(size=(40, 1)), 9 + rng.normal(size=(40, 1))]
    want = pr.fit_mixture(X, [[0.0], [9.0]])
    for offset in (1e8, 1.7e9):
        got = pr.fit_mixture(X + offset, [[offset], [9.0 + offset]])
        np.testing.assert_allclose(got.covariances, want.covariances, rtol=1e-5)
        np.testing.assert_allclose(got.means - offset, want.means, atol=1e-5)
    for power in (-400, 400):
        unit = 2.0**power
        got = pr.fit_mixture(X * unit, [[0.0], [9.0 * unit]], floor=1e-6 * unit**2)
        np.testing.assert_allclose(got.means / unit, want.means, rtol=1e-9)
        np.testing.assert_allclose(got.history, want.history - power * np.log(2), rtol=1e-9)
