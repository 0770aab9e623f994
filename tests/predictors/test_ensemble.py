"""Ensembles: members are repeats of one predictor, and what they disagree about is the spread."""

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.oracle.table import TableOracle
from siamnas.predictors.ensemble import Ensemble
from siamnas.predictors.regressor import Regressor
from siamnas.training.training_set import TrainingSet
from tests.predictors.every import EFM, FIELDS, FOREST, REGRESSOR, RIDGE, SIAMS, siamese, trainer
from tests.support import draw, fit, tiny_benchmark, told

EVERY = np.arange(50)


def ensemble(space, seeds=range(3), members=4, share=1.0, model=None):
    return Ensemble(space, seeds, trainer(), 3, (), members, share, model or {**REGRESSOR, "model": FOREST})


def test_the_members_of_a_repeat_are_repeats_of_the_predictor():
    benchmark, archs = tiny_benchmark(50), draw(50, 9, 3)
    together = ensemble(benchmark.space, range(5, 8))
    fit(together, benchmark, archs)
    scores = np.stack(
        [alone_score(benchmark, archs[r : r + 1].repeat(4, axis=0), range(4 * (5 + r), 4 * (6 + r))) for r in range(3)]
    )
    np.testing.assert_array_equal(together.score(EVERY), scores.mean(axis=1))
    np.testing.assert_array_equal(together.spread(EVERY), scores.std(axis=1))
    drawn = together.draw(EVERY, [np.random.default_rng(r) for r in range(3)])
    assert all(any((row == member).all() for member in own) for row, own in zip(drawn, scores, strict=True))
    own = draw(50, 6, 3, seed=1)
    np.testing.assert_array_equal(together.score(own), np.take_along_axis(together.score(EVERY), own, axis=1))


def alone_score(benchmark, archs, seeds):
    predictor = Regressor(benchmark.space, seeds, {}, 3, ["encoding"], [], False, FOREST)
    fit(predictor, benchmark, archs)
    return predictor.score(EVERY)


def test_a_share_is_what_each_member_learns_from_and_stays_while_the_pool_grows():
    benchmark, archs = tiny_benchmark(50), draw(50, 20, 2)
    seen = []

    class Watched(Ensemble):
        def fit(self, training_set, labels):
            before = self.inner.fit
            self.inner.fit = lambda training_set, labels: (seen.append(~np.isnan(labels)), before(training_set, labels))
            super().fit(training_set, labels)
            self.inner.fit = before

    together = Watched(benchmark.space, range(2), {}, 3, (), 6, 0.5, {**REGRESSOR, "model": RIDGE})
    training_set, labels = told(benchmark, archs, coded=False)
    for n in (1, 8, 20):
        together.fit(TrainingSet(archs[:, :n], training_set.codes[:, :n]), labels[:, :n])
    first, second, third = seen
    assert first.all(), "one that would learn from nothing learns from all"
    some = ~second.all(axis=1)  # the others had too few of their own
    np.testing.assert_array_equal(third[some, :8], second[some])
    assert 0.3 < third.mean() < 0.7 and len({tuple(row) for row in third.tolist()}) == 12
    assert (together.spread(EVERY) > 0).all()


def test_networks_are_ensembles_too_and_read_codes():
    benchmark, archs = tiny_benchmark(50), draw(50, 9, 2)
    together = ensemble(benchmark.space, range(2), 3, 1.0, {**SIAMS, **FIELDS, **EFM})
    fit(together, benchmark, archs)
    assert together.coded and together.closing == 3 and len(together.curves["loss"][0]) == 2
    alone = siamese(benchmark.space, range(6))
    fit(alone, benchmark, archs.repeat(3, axis=0))
    np.testing.assert_allclose(together.score(EVERY), alone.score(EVERY).reshape(2, 3, 50).mean(axis=1), rtol=1e-6)
    head = archs[:, :4]
    refined = alone.refine(head.repeat(3, axis=0), benchmark.measured.code[head].repeat(3, axis=0))
    found = together.refine(head, benchmark.measured.code[head])
    np.testing.assert_allclose(found, refined.reshape(2, 3, 4).mean(axis=1), rtol=1e-6)


def test_the_spread_of_a_forest_is_that_of_its_trees():
    benchmark, archs = tiny_benchmark(50), draw(50, 9, 2)
    predictor = Regressor(benchmark.space, range(2), {}, 3, ["encoding"], [], False, FOREST)
    fit(predictor, benchmark, archs)
    assert predictor.spreads and not Regressor(benchmark.space, range(2), {}, 3, ["encoding"], [], False, RIDGE).spreads
    for model, row in zip(predictor.models, archs, strict=True):
        model.regressor.fit(predictor.x[row], benchmark.measured.label[row])
    forests = [model.regressor.estimators_ for model in predictor.models]
    trees = np.array([[tree.predict(predictor.x) for tree in forest] for forest in forests])
    np.testing.assert_allclose(predictor.spread(EVERY), trees.std(axis=1))
    np.testing.assert_allclose(predictor.score(EVERY), trees.mean(axis=1))


def test_what_is_left_of_any_spread_is_less_near_what_is_chosen():
    benchmark, archs = tiny_benchmark(50), draw(50, 9, 2)
    predictor = Regressor(benchmark.space, range(2), {}, 3, ["encoding"], [], False, FOREST)
    fit(predictor, benchmark, archs)
    spread, left = predictor.spread(EVERY), predictor.spread_after(EVERY, archs[:, :2])
    assert (left <= spread).all() and (left < spread).any()
    assert (np.take_along_axis(left, archs[:, :2], axis=1) == 0).all()

    x = predictor.features
    near = [np.exp(-2 * np.square(x - x[arch]).mean(axis=1)) for arch in archs[0, :2]]
    np.testing.assert_allclose(left[0], spread[0] * np.sqrt((1 - near[0] ** 2) * (1 - near[1] ** 2)), atol=1e-12)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({**REGRESSOR, "code": 3, "model": RIDGE}, "predictor.member.code=3: must be true or false"),
        ({"_target_": "siamnas.predictors.regressor.Nothing"}, "predictor.member._target_"),
    ],
)
def test_a_wrong_member_is_named(model, message):
    with pytest.raises(InputError) as error:
        ensemble(tiny_benchmark(20).space, model=model)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("option", "words"), [("ensemble", ["predictor@predictor.member=siams"]), ("boosting_ensemble", [])]
)
def test_options_come_with_active_search(make_job, option, words):
    job = make_job(f"predictor={option}", *words)
    assert (job.choices["search"], job.choices["acquisition"]) == ("active", "ucb")
    benchmark = tiny_benchmark(20)
    predictor = make(job, benchmark)
    assert predictor.spreads and len(predictor.inner.seeds) == 5


def make(job, benchmark):
    from siamnas.experiment import build

    return build.predictor(job.config, benchmark.space, TableOracle(benchmark, 1), range(1))
