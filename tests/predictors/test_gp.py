"""The Gaussian process against slow, obvious references."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import approx_fprime

from siamnas.errors import InputError
from siamnas.predictors.gaussian import evidence, kernel, scores
from siamnas.predictors.gaussian.posterior import Posterior
from siamnas.predictors.gp import GaussianProcess
from siamnas.training.training_set import TrainingSet
from tests.support import draw, own_edges, tiny_benchmark, told

PRIOR = evidence.Prior(scale=[0.5, 1.0], variance=[0.0, 0.5], noise=[-4.0, 1.0])
GROUPS = np.array([0, 1, 1, 1, 2])
LOOSE = evidence.Prior((0.5, 1.0), (0.0, 0.5), (-4.0, 1.0))


def gp(space, seeds=range(3), **fields):
    given = {"features": ["graph", "onehot"], "columns": [], "targets": "normal", "refit": 5, "steps": 5}
    return GaussianProcess(space, seeds, {}, **{**given, "prior": PRIOR, **fields})


def matern(a, b, scales, variance):
    """k(a, b) as it is in the books: nu = 5/2, one length scale for a group, whose distance is a mean."""
    squared = sum(np.mean((a - b)[group == GROUPS] ** 2) / scales[group] ** 2 for group in range(3))
    distance = np.sqrt(5 * squared)
    return variance * (1 + distance + distance**2 / 3) * np.exp(-distance)


def covariance(x, z, scales, variance):
    return np.array([[matern(a, b, scales, variance) for b in z] for a in x])


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
@settings(max_examples=25)
def test_the_posterior_is_that_of_the_dense_formula(seed, n):
    rng = np.random.default_rng(seed)
    x, scales, variance, noise = rng.normal(size=(12, 5)), rng.uniform(0.3, 3, 3), 1.7, 0.05
    rows, y = rng.choice(12, n), rng.normal(size=n)  # one may be there twice
    posterior = Posterior(kernel.scaled(x, GROUPS, scales**-2.0), variance, noise)
    cuts = np.sort(rng.choice(n + 1, 2))
    for part in np.split(rows, cuts):  # in up to three steps, or at once
        if len(part):
            posterior.add(part)
    cross, own = covariance(x, x[rows], scales, variance), covariance(x[rows], x[rows], scales, variance)
    solved = np.linalg.solve(own + noise * np.eye(n), cross.T)
    np.testing.assert_allclose(posterior.mean(y), solved.T @ y, atol=1e-9)
    left = covariance(x, x, scales, variance) - cross @ solved
    np.testing.assert_allclose(posterior.variance(), np.maximum(left.diagonal(), 0), atol=1e-9)
    np.testing.assert_allclose(posterior.covariance(np.arange(12)), left, atol=1e-9)


def test_what_is_left_after_others_is_what_is_left_when_they_have_come():
    rng = np.random.default_rng(0)
    posterior, later = (Posterior(rng.spawn(1)[0].normal(size=(9, 2)), 1.0, 0.1) for _ in range(2))
    later = Posterior(posterior._z, 1.0, 0.1)
    posterior.add(np.array([0, 4]))
    later.add(np.array([0, 4, 7, 2]))
    np.testing.assert_allclose(posterior.variance(np.array([7, 2])), later.variance(), atol=1e-12)
    assert (posterior.variance() > later.variance()).any(), "and nothing has been added yet"


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_the_evidence_is_that_of_scipy_and_its_gradient_that_of_differences(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 7, 5)), rng.normal(size=(2, 7))
    known = np.ones((2, 7), dtype=bool)
    known[1, [2, 5]] = False
    distances = kernel.group_distances(x, GROUPS)
    parameters = rng.normal(size=(2, 5)) - 0.5
    values, gradients = evidence.density(parameters, distances, np.where(known, y, np.nan), known, LOOSE)
    mean, deviation = LOOSE.moments(3)

    def slow(r, row):
        own = x[r, known[r]]
        matrix = covariance(own, own, np.exp(-row[:3] / 2), np.exp(row[3])) + np.exp(row[4]) * np.eye(len(own))
        constant = len(own) / 2 * np.log(2 * np.pi)
        prior = (stats.norm.logpdf(row, mean, deviation) - stats.norm.logpdf(mean, mean, deviation)).sum()
        return stats.multivariate_normal(cov=matrix).logpdf(y[r, known[r]]) + constant + prior

    for r in range(2):
        assert values[r] == pytest.approx(slow(r, parameters[r]), abs=1e-8)
        expected = approx_fprime(parameters[r], lambda row, r=r: slow(r, row), 1e-6)
        np.testing.assert_allclose(gradients[r], expected, rtol=1e-3, atol=1e-4)


def test_fitting_goes_uphill_and_finds_what_matters():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1, 40, 5))
    y = np.sin(2 * x[:, :, 0])
    distances, known = kernel.group_distances(x, GROUPS), np.ones((1, 40), dtype=bool)
    first = evidence.start(1, 3, LOOSE)
    last = evidence.fit(first, distances, y, known, LOOSE, 60)
    before, after = (evidence.density(p, distances, y, known, LOOSE)[0][0] for p in (first, last))
    assert after > before + 5
    weights = evidence.scales(last).weights[0]
    assert weights[0] > 5 * max(weights[1:])


@pytest.mark.parametrize("known", [[True] * 5, [True, False, True, True, False], [False] * 5])
def test_targets_keep_the_order_and_forget_the_unit(known):
    labels = np.where(known, [[3.0, -1e9, 0.5, 7.0, 2.0]], np.nan)
    for made in scores.SCORES.values():
        found = made(labels)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(labels))
        told = found[0][known]
        np.testing.assert_array_equal(np.argsort(told), np.argsort(labels[0][known]))
        assert not len(told) or told.mean() == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(made(np.exp(labels / 1e9)), found)


@pytest.mark.parametrize("steps", [0, 5])
def test_a_pool_that_grows_gives_what_it_gives_at_once(steps):
    """As long as the hyperparameters stay, which they do not when they are fitted again."""
    benchmark = tiny_benchmark(90)
    archs, every = draw(90, 12, 3), np.arange(90)
    training_set, labels = told(benchmark, archs, coded=False)
    labels[1, 3] = labels[2, 11] = np.nan
    slowly, at_once = gp(benchmark.space, steps=0, refit=100), gp(benchmark.space, steps=0, refit=1)
    for n in (1, 2, 5, 6, 12):
        slowly.fit(TrainingSet(archs[:, :n], training_set.codes[:, :n]), labels[:, :n])
    at_once.fit(training_set, labels)
    for one, other in ((slowly.score, at_once.score), (slowly.spread, at_once.spread)):
        np.testing.assert_allclose(one(every), other(every), atol=1e-8)


@pytest.mark.parametrize("edges", ["shared", "own"])
def test_repeats_at_once_equal_each_repeat_alone_to_the_bit(edges):
    benchmark = tiny_benchmark(90)
    space = benchmark.space if edges == "shared" else own_edges(benchmark.space)
    archs, every = draw(90, 11, 5), np.arange(90)
    training_set, labels = told(benchmark, archs, coded=False)
    labels[2, 4] = np.nan
    many = gp(space, range(5))
    many.fit(training_set, labels)
    for r in range(5):
        one = gp(space, range(r, r + 1))
        one.fit(TrainingSet(archs[r : r + 1], training_set.codes[r : r + 1]), labels[r : r + 1])
        np.testing.assert_array_equal(one.score(every)[0], many.score(every)[r])
        np.testing.assert_array_equal(one.spread(every)[0], many.spread(every)[r])


def test_architectures_of_equal_features_are_one():
    benchmark = tiny_benchmark(200)
    predictor = gp(benchmark.space, features=["graph"])
    predictor.fit(*told(benchmark, draw(200, 8, 3), coded=False))
    kinds = np.unique(predictor.features, axis=0, return_inverse=True)[1].ravel()
    assert kinds.max() < 150
    score = predictor.score(np.arange(200))
    assert all(len(set(row[kinds == kind])) == 1 for row in score for kind in range(kinds.max() + 1))
    np.testing.assert_array_equal(predictor.score(draw(200, 5, 3)), np.take_along_axis(score, draw(200, 5, 3), axis=1))


def test_draws_are_those_of_the_posterior():
    benchmark = tiny_benchmark(60)
    archs = draw(60, 10, 1)
    predictor = gp(benchmark.space, range(1))
    predictor.fit(*told(benchmark, archs, coded=False))
    every, rng = np.arange(60), np.random.default_rng(0)
    drawn = np.stack([predictor.draw(every, [rng])[0] for _ in range(4000)])
    np.testing.assert_allclose(drawn.mean(axis=0), predictor.score(every)[0], atol=0.06)
    np.testing.assert_allclose(drawn.std(axis=0), predictor.spread(every)[0], atol=0.06)


def test_nothing_to_learn_from_is_no_error():
    benchmark = tiny_benchmark(40)
    predictor = gp(benchmark.space, range(2))
    training_set, labels = told(benchmark, draw(40, 3, 2), coded=False)
    labels[0] = np.nan
    predictor.fit(training_set, labels)
    score, spread = predictor.score(np.arange(40)), predictor.spread(np.arange(40))
    assert (score[0] == 0).all() and len(set(spread[0])) == 1 and spread[1].min() < 0.5


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("predictor.features=[grph]", "predictor.features: no set grph"),
        ("predictor.targets=raw", "predictor.targets=raw: must be normal or ranks"),
        ("predictor.prior.noise=[0]", "a mean and a standard deviation above 0"),
    ],
)
def test_a_wrong_value_is_named(make_job, word, message):
    with pytest.raises(InputError) as error:
        job = make_job("predictor=gp", word)
        fields = {key: value for key, value in job.config["predictor"].items() if key != "_target_"}
        GaussianProcess(tiny_benchmark(20).space, range(1), {}, **fields)
    assert message in str(error.value)


def test_it_comes_with_active_search_unless_another_is_named(make_job):
    job = make_job("predictor=gp")
    assert (job.choices["search"], job.choices["acquisition"]) == ("active", "ucb")
    assert job.config["search"]["initial_design"] == {"count": 3, "kind": "maximin", "column": None}
    job = make_job("predictor=gp", "search=topk", "acquisition=ei")
    assert (job.choices["search"], job.choices["acquisition"]) == ("topk", "ei")
