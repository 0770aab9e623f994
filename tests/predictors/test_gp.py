"""The Gaussian process against slow, obvious references."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import approx_fprime

from siamnas.errors import InputError
from siamnas.graphs import features
from siamnas.predictors.gaussian import evidence, kernel, scores
from siamnas.predictors.gaussian.posterior import Posterior
from siamnas.predictors.gp import GaussianProcess
from siamnas.training.training_set import TrainingSet
from tests.support import draw, own_edges, tiny_benchmark, told

PRIOR = evidence.Prior(scale=[0.5, 1.0], variance=[0.0, 0.5], noise=[-4.0, 1.0])
GROUPS = np.array([0, 1, 1, 1, 2])
LOOSE = evidence.Prior((0.5, 1.0), (0.0, 0.5), (-4.0, 1.0))
ALONE = kernel.Terms(linear=0, residual=0, scale=1)
TERMS = kernel.Terms(linear=0.5, residual=0.3, scale=0.6)


def gp(space, seeds=range(3), **fields):
    given = {"features": ["graph", "onehot"], "columns": [], "targets": "normal", "refit": 5, "steps": 5}
    return GaussianProcess(space, seeds, {}, **{**given, "prior": PRIOR, **fields})


def matern(squared):
    """The Matern 5/2 correlation of a squared distance, as it is in the books."""
    distance = np.sqrt(5 * squared)
    return (1 + distance + distance**2 / 3) * np.exp(-distance)


def smooth(a, b, scales, variance):
    """k(a, b): one length scale for a group, whose distance is a mean."""
    return variance * matern(sum(np.mean((a - b)[group == GROUPS] ** 2) / scales[group] ** 2 for group in range(3)))


def full(a, b, scales, variance, terms):
    """k(a, b) with all terms; the one-hot features are those of group 1."""
    linear = np.mean([np.mean((a * b)[group == GROUPS]) for group in range(3)])
    local = matern(np.mean((a - b)[GROUPS == 1] ** 2) / terms.scale**2)
    return smooth(a, b, scales, variance) + terms.linear * linear + terms.residual * local


def covariance(x, z, scales, variance, terms=ALONE):
    return np.array([[full(a, b, scales, variance, terms) for b in z] for a in x])


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.sampled_from([0, 0.5]), st.sampled_from([0, 0.3]))
@settings(max_examples=40)
def test_the_posterior_is_that_of_the_dense_formula(seed, n, linear, residual):
    rng = np.random.default_rng(seed)
    x, scales, variance, noise = rng.normal(size=(12, 5)), rng.uniform(0.3, 3, 3), 1.7, 0.05
    rows, y = rng.choice(12, n), rng.normal(size=n)  # one may be there twice
    terms = kernel.Terms(linear, residual, scale=0.6)
    smooth = kernel.Matern(kernel.scaled(x, GROUPS, scales**-2.0), variance)
    posterior = Posterior([smooth, *terms.over(x, GROUPS, GROUPS == 1)], noise)
    cuts = np.sort(rng.choice(n + 1, 2))
    for part in np.split(rows, cuts):  # in up to three steps, or at once
        if len(part):
            posterior.add(part)
    cross, own = covariance(x, x[rows], scales, variance, terms), covariance(x[rows], x[rows], scales, variance, terms)
    solved = np.linalg.solve(own + noise * np.eye(n), cross.T)
    np.testing.assert_allclose(posterior.mean(y), solved.T @ y, atol=1e-9)
    left = covariance(x, x, scales, variance, terms) - cross @ solved
    np.testing.assert_allclose(posterior.variance(), np.maximum(left.diagonal(), 0), atol=1e-9)
    np.testing.assert_allclose(posterior.covariance(np.arange(12)), left, atol=1e-9)


def test_what_is_left_after_others_is_what_is_left_when_they_have_come():
    rng = np.random.default_rng(0)
    terms = [kernel.Matern(rng.normal(size=(9, 2)), 1.0), kernel.Linear(rng.normal(size=(9, 3)), 0.5)]
    posterior, later = Posterior(terms, 0.1), Posterior(terms, 0.1)
    posterior.add(np.array([0, 4]))
    later.add(np.array([0, 4, 7, 2]))
    np.testing.assert_allclose(posterior.variance(np.array([7, 2])), later.variance(), atol=1e-12)
    assert (posterior.variance() > later.variance()).any(), "and nothing has been added yet"


@given(st.integers(0, 2**32 - 1), st.sampled_from([ALONE, TERMS]))
@settings(max_examples=10)
def test_the_evidence_is_that_of_scipy_and_its_gradient_that_of_differences(seed, terms):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 7, 5)), rng.normal(size=(2, 7))
    known = np.ones((2, 7), dtype=bool)
    known[1, [2, 5]] = False
    distances = kernel.group_distances(x, GROUPS)
    parameters = rng.normal(size=(2, 5)) - 0.5
    nothing = np.zeros((7, 7))
    every = [terms.over(own, GROUPS, GROUPS == 1) for own in x]
    fixed = np.array([sum((term.among(np.arange(7)) for term in own), nothing) for own in every])
    values, gradients = evidence.density(parameters, distances, np.where(known, y, np.nan), known, LOOSE, fixed)
    mean, deviation = LOOSE.moments(3)

    def slow(r, row):
        own = x[r, known[r]]
        matrix = covariance(own, own, np.exp(-row[:3] / 2), np.exp(row[3]), terms) + np.exp(row[4]) * np.eye(len(own))
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


@pytest.mark.parametrize("terms", [None, TERMS])
def test_a_pool_that_grows_gives_what_it_gives_at_once(terms):
    """As long as the hyperparameters stay, which they do not when they are fitted again."""
    benchmark = tiny_benchmark(90)
    archs, every = draw(90, 12, 3), np.arange(90)
    training_set, labels = told(benchmark, archs, coded=False)
    labels[1, 3] = labels[2, 11] = np.nan
    slowly, at_once = (gp(benchmark.space, steps=0, refit=refit, kernel=terms) for refit in (100, 1))
    for n in (1, 2, 5, 6, 12):
        slowly.fit(TrainingSet(archs[:, :n], training_set.codes[:, :n]), labels[:, :n])
    at_once.fit(training_set, labels)
    for one, other in ((slowly.score, at_once.score), (slowly.spread, at_once.spread)):
        np.testing.assert_allclose(one(every), other(every), atol=1e-8)


@pytest.mark.parametrize("terms", [None, TERMS])
@pytest.mark.parametrize("edges", ["shared", "own"])
def test_repeats_at_once_equal_each_repeat_alone_to_the_bit(edges, terms):
    benchmark = tiny_benchmark(90)
    space = benchmark.space if edges == "shared" else own_edges(benchmark.space)
    archs, every = draw(90, 11, 5), np.arange(90)
    training_set, labels = told(benchmark, archs, coded=False)
    labels[2, 4] = np.nan
    many = gp(space, range(5), kernel=terms)
    many.fit(training_set, labels)
    for r in range(5):
        one = gp(space, range(r, r + 1), kernel=terms)
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


@pytest.mark.parametrize("terms", [None, TERMS])
def test_draws_are_those_of_the_posterior(terms):
    benchmark = tiny_benchmark(60)
    archs = draw(60, 10, 1)
    predictor = gp(benchmark.space, range(1), kernel=terms)
    predictor.fit(*told(benchmark, archs, coded=False))
    every, rng = np.arange(60), np.random.default_rng(0)
    drawn = np.stack([predictor.draw(every, [rng])[0] for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), predictor.score(every)[0], atol=0.09)
    np.testing.assert_allclose(drawn.std(axis=0), predictor.spread(every)[0], atol=0.09)


def test_the_spread_is_calibrated_by_what_the_evaluations_are_off_by():
    benchmark = tiny_benchmark(60)
    archs, every = draw(60, 12, 2), np.arange(60)
    training_set, labels = told(benchmark, archs, coded=False)
    labels[1, 5] = np.nan  # a failed one says nothing

    predictor = gp(benchmark.space, range(2), steps=0, kernel=TERMS)
    predictor.fit(training_set, labels)
    for r in range(2):
        usable = np.flatnonzero(~np.isnan(labels[r]))
        y, off = scores.normal(labels[r : r + 1])[0], []
        for one in usable:
            rows = archs[r : r + 1, usable[usable != one]]
            others = Posterior(predictor._kernels()[r], np.exp(PRIOR.noise[0]))
            others.add(predictor._kind[rows[0]])
            at = predictor._kind[archs[r, one]]
            mean, variance = others.mean(y[usable[usable != one]])[at], others.variance()[at]
            off.append((y[one] - mean) / np.sqrt(variance + np.exp(PRIOR.noise[0])))
        factor = np.sqrt((5 + np.square(off).sum()) / (5 + len(off)))
        assert abs(factor - 1) > 0.05
        np.testing.assert_allclose(predictor.calibrated_spread(every)[r], factor * predictor.spread(every)[r])


def test_the_residual_is_of_the_one_hot_features_and_a_low_fidelity_has_a_weight_in_the_linear_term():
    space = tiny_benchmark(90).space
    archs, every = draw(90, 6, 1), np.arange(90)
    one_hot = features.build(space, ("onehot",)).values
    table = features.build(space, ("graph", "onehot"))
    kinds = np.unique(table.values, axis=0, return_inverse=True)[1].ravel()
    fidelity = np.random.default_rng(0).normal(size=(1, 90))[:, kinds]
    y = np.random.default_rng(1).normal(size=(1, 6))
    predictor = gp(space, range(1), steps=0, kernel=TERMS)
    predictor.add_fidelity(fidelity)
    predictor.fit(TrainingSet(archs, np.empty((1, 6, 0))), y)

    count = table.groups.max() + 2
    own = (fidelity[0] - fidelity.mean()) / fidelity.std() * np.sqrt((count - 1) / 4)
    parts = [table.values[:, table.groups == group] for group in range(count - 1)] + [own[:, None]]
    squared = [np.square(part[:, None] - part).mean(-1) for part in parts]
    noise, scale = np.exp(PRIOR.noise[0]), np.exp(PRIOR.scale[0])
    dense = matern(np.sum(squared, axis=0) / scale**2 / count)
    dense += TERMS.linear * np.mean([part @ part.T / part.shape[1] for part in parts], axis=0)
    dense += TERMS.residual * matern(np.square(one_hot[:, None] - one_hot).mean(-1) / TERMS.scale**2)
    rows = archs[0]
    solved = np.linalg.solve(dense[np.ix_(rows, rows)] + noise * np.eye(6), dense[rows])
    np.testing.assert_allclose(predictor.score(every)[0], scores.normal(y)[0] @ solved, atol=1e-9)
    left = dense.diagonal() - (dense[rows] * solved).sum(axis=0)
    np.testing.assert_allclose(predictor.spread(every)[0] ** 2, left, atol=1e-9)


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
        ("predictor.kernel.linear=-1", "predictor.kernel.linear=-1: must be a number of at least 0"),
        ("predictor.kernel.scale=0", "predictor.kernel.scale=0: must be a number above 0"),
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
    assert (job.choices["search"], job.choices["acquisition"]) == ("active", "ei")
    assert job.config["search"]["initial_design"] == {"count": 3, "kind": "maximin", "column": None}
    job = make_job("predictor=gp", "search=topk", "acquisition=ucb")
    assert (job.choices["search"], job.choices["acquisition"]) == ("topk", "ucb")


def test_the_recipe_of_2026_is_kept(make_job):
    """Its configuration is what results of that time hold; see `tests/former` for their numbers."""
    job = make_job("predictor=gp_2026")
    assert (job.choices["search"], job.choices["acquisition"]) == ("active", "ucb")
    assert job.config["predictor"] == {
        "_target_": "siamnas.predictors.gp.GaussianProcess",
        "features": ["graph", "paths", "onehot"],
        "columns": [],
        "targets": "normal",
        "refit": 5,
        "steps": 0,
        "prior": {"scale": [0.65, 0.25], "variance": [0.0, 0.25], "noise": [-4.0, 1.0]},
    }
