"""Classical models as predictors, and a predictor of the user's own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor

from siamnas.acquisition.top import Top
from siamnas.config import instantiate
from siamnas.errors import InputError
from siamnas.graphs import features
from siamnas.predictors.regressor import Regressor, flat
from siamnas.report.read import naming
from siamnas.search.ask_tell import Search
from siamnas.seeding import streams
from tests.support import ROOT, draw, fit, own_edges, run, tiny_benchmark, tiny_search, without_codes

FOREST = {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 5}
RIDGE = {"_target_": "sklearn.linear_model.Ridge"}
EXAMPLES = ROOT / "examples"


def regressor(benchmark, seeds, model, code=False, features=("encoding",), columns=()):
    length = benchmark.measured.code.shape[1]
    return Regressor(benchmark.space, seeds, {}, length, list(features), list(columns), code, model)


def find(model, seeds, n=12, rounds=1, code=False):
    """A regressor after a search in rounds, its training set, the benchmark and the oracle."""
    benchmark = tiny_benchmark(80, uncoded=5)
    predictor = regressor(benchmark, seeds, model, code)
    search, oracle = tiny_search(predictor, benchmark, Top(rounds), n=n)
    return predictor, run(search, oracle).state.archs, benchmark, oracle


def test_it_is_the_model_of_the_library():
    predictor, training_sets, benchmark, _ = find(FOREST, range(3, 5))
    space, label = benchmark.space, benchmark.measured.label
    x = np.stack([[float(kind == f) for kind in arch for f in range(len(space.node_types))] for arch in space.types])
    for r, seed in enumerate(rng.integers(2**31) for rng in streams(range(3, 5), "model")):
        forest = RandomForestRegressor(5, random_state=int(seed)).fit(x[training_sets[r]], label[training_sets[r]])
        assert predictor.score(np.arange(80))[r] == pytest.approx(forest.predict(x))


@pytest.mark.parametrize(("n", "rounds"), [(12, 1), (12, 4), (13, 5), (3, 5)])
def test_the_pool_grows_by_what_the_model_ranks_best(n, rounds):
    _, training_sets, benchmark, oracle = find(RIDGE, range(2), n, rounds)
    measured = benchmark.measured
    assert training_sets.shape == (2, n)
    assert measured.coded[training_sets].all()
    bounds = sorted({max(n * i // rounds, 1) for i in range(1, rounds + 1)})
    for training_set in training_sets:
        for low, high in zip(bounds, bounds[1:], strict=False):
            known = regressor(benchmark, range(1), RIDGE)
            known.models[0].fit(flat(benchmark.space)[training_set[:low]], measured.label[training_set[:low]])
            score = known.score(np.arange(80))[0]
            others = [arch for arch in range(80) if measured.coded[arch] and arch not in training_set[:high]]
            assert score[training_set[low:high]].min() >= score[others].max() - 1e-9


@pytest.mark.parametrize("rounds", [1, 3])
def test_repeats_are_independent_of_their_neighbours(rounds):
    (many, training_sets, *_), (one, training_set, *_) = (
        find(FOREST, range(4), rounds=rounds),
        find(FOREST, range(2, 3), rounds=rounds),
    )
    assert (training_sets[2] == training_set[0]).all()
    assert (many.score(np.arange(80))[2] == one.score(np.arange(80))[0]).all()


def test_every_fit_starts_anew():
    benchmark = tiny_benchmark(80)
    once, twice = (regressor(benchmark, range(2), FOREST) for _ in range(2))
    first, second = draw(80, 9, 2), draw(80, 12, 2, seed=1)
    fit(once, benchmark, second)
    fit(twice, benchmark, first)
    fit(twice, benchmark, second)
    np.testing.assert_array_equal(once.score(np.arange(80)), twice.score(np.arange(80)))


def test_the_code_is_read_and_paid_for_by_every_architecture():
    predictor, _, benchmark, oracle = find(RIDGE, range(2), code=True)
    measured, (without, *_) = benchmark.measured, find(RIDGE, range(2))
    assert (oracle.cost().codes == measured.coded.sum()).all()
    np.testing.assert_allclose(oracle.cost().code_seconds, np.nansum(measured.code_seconds))
    assert predictor.x.shape[1] == without.x.shape[1] + 3
    read = predictor.x[:, -3:]
    assert read[measured.coded].mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert read[measured.coded].std(axis=0) == pytest.approx(1, abs=1e-5)
    assert (read[~measured.coded] == 0).all()
    for column in range(3):
        assert (np.argsort(read[measured.coded, column]) == np.argsort(measured.code[measured.coded, column])).all()


def test_any_features_may_be_chosen():
    benchmark = tiny_benchmark(80)
    predictor = regressor(benchmark, range(2), RIDGE, features=["graph", "columns"], columns=["flops"])
    found = features.build(benchmark.space, ["graph", "columns"], ["flops"])
    np.testing.assert_array_equal(predictor.x, found.values)
    fit(predictor, benchmark, draw(80, 12, 2))
    assert predictor.score(np.arange(80)).shape == (2, 80)
    with pytest.raises(InputError, match="predictor.features: no set grapf"):
        regressor(benchmark, range(2), RIDGE, features=["grapf"])


def test_without_codes_reading_them_is_refused():
    with pytest.raises(InputError, match=r"predictor.code=true: tiny has no Estimation Codes"):
        regressor(without_codes(tiny_benchmark(20)), range(1), RIDGE, code=True)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no fit", "y: no such thing"),
        ("raises", r"what is x\?"),
        ("a column", r"predicts an array of shape \(80, 1\) for 80 architectures"),
        ("NaN", "predicts NaN or an infinite number for 1 of 80 architectures"),
        ("infinite", "predicts NaN or an infinite number for 1 of 80 architectures"),
        ("too few", r"predicts an array of shape \(79,\) for 80 architectures"),
        ("words", "must predict numbers, not of type <U4"),
        ("nothing", r"predicts an array of shape \(\) for 80 architectures|NoneType"),
    ],
)
def test_what_a_model_answers_is_checked(what, message):
    with pytest.raises(InputError, match=f"predictor.model: Answers: .*({message})"):
        find({"_target_": f"{__name__}.Answers", "what": what}, range(2))


def test_a_model_of_another_library_derives_from_the_base_class_of_scikit_learn():
    predictor, training_sets, benchmark, _ = find({"_target_": f"{__name__}.Derived", "slope": 2.0}, range(2))
    mean = benchmark.measured.label[training_sets].mean(axis=1)
    np.testing.assert_allclose(predictor.score(np.arange(80)), mean[:, None] + 2 * predictor.x[:, 0])


@pytest.mark.parametrize("target", ["gaussian_process.GaussianProcessRegressor", "linear_model.BayesianRidge"])
@pytest.mark.parametrize("acquisition", ["ucb", "ei", "thompson"])
def test_a_model_that_knows_how_sure_it_is_says_so(target, acquisition):
    benchmark, archs = tiny_benchmark(80), draw(80, 12, 2)
    predictor = regressor(benchmark, range(2), {"_target_": f"sklearn.{target}"})
    assert predictor.spreads
    fit(predictor, benchmark, archs)
    some = np.array([3, 1, 79])
    for model, spread, score in zip(predictor.models, predictor.spread(some), predictor.score(some), strict=True):
        mean, deviation = model.regressor.predict(predictor.x[some], return_std=True)
        np.testing.assert_array_equal(spread, deviation)
        np.testing.assert_array_equal(score, mean)

    words = ["search=active", "~predictor.model", f"+predictor.model._target_=sklearn.{target}"]
    with Search("tiny_nb201", "forest", budget=8, overrides=[*words, f"acquisition={acquisition}"]) as search:
        while archs := search.ask():
            search.tell(archs, [float(arch % 7) for arch in archs])
        assert len(search.values) == 8


def test_a_model_that_does_not_know_is_refused_where_that_is_weighed():
    with pytest.raises(InputError, match="weighs how sure the predictor is"):
        Search("tiny_nb201", "boosting", budget=8, overrides=["search=active", "acquisition=ucb"])


def test_a_bag_may_read_a_part_of_the_features():
    bag = {"_target_": "sklearn.ensemble.BaggingRegressor", "max_features": 0.5}
    predictor, *_ = find(bag, range(2))
    bags = [model.regressor for model in predictor.models]
    trees = [
        [tree.predict(predictor.x[:, read]) for tree, read in zip(b.estimators_, b.estimators_features_, strict=True)]
        for b in bags
    ]
    np.testing.assert_allclose(predictor.spread(np.arange(80)), np.std(trees, axis=1))


@pytest.mark.parametrize("option", [FOREST, {"_target_": "sklearn.ensemble.GradientBoostingRegressor"}])
def test_a_part_of_the_space_is_asked_for_as_the_whole(option):
    predictor, *_ = find(option, range(2))
    every = predictor.score(np.arange(80))
    for some in (np.array([7]), np.array([70, 3, 3]), np.array([np.arange(79, -1, -1), np.arange(80)])):
        np.testing.assert_array_equal(predictor.score(some), np.take_along_axis(every, predictor.rows(some), axis=1))


def test_edges_are_part_of_the_encoding_where_architectures_differ_in_them():
    space = own_edges(tiny_benchmark(20).space)
    assert flat(space).shape == (20, 10 * len(space.node_types) + 100)
    assert (flat(space)[:, -100:] == space.adjacency.reshape(20, 100)).all()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"_target_": "sklearn.preprocessing.StandardScaler"}, "StandardScaler: must be a class with fit and predict"),
        ({"_target_": "sklearn.Forest"}, "predictor.model._target_=sklearn.Forest: "),
        (FOREST | {"max_dept": 3}, r"unknown key predictor.model.max_dept \(did you mean max_depth"),
        ({}, "missing key predictor.model._target_: must name a class"),
    ],
)
def test_a_wrong_model_is_named(model, message):
    with pytest.raises(InputError, match=message):
        regressor(tiny_benchmark(20), range(2), model)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predictor.model=3"], "predictor.model=3: must be a group of keys"),
        (["predictor.code=1"], "predictor.code=1: must be true or false"),
        (["acquisition=top", "acquisition.rounds=0"], "acquisition.rounds=0: must be an integer of at least 1"),
        (["+predictor.rounds=5"], "unknown key predictor.rounds"),
        (["+predictor.channels=3"], "unknown key predictor.channels"),
    ],
)
def test_bad_input_is_named_before_any_work(siamnas, tmp_path: Path, words: list[str], message: str):
    shown = siamnas("predictor=forest", *words, "logger=none", f"out={tmp_path}")
    assert shown.code == 2
    assert message in shown.err


@pytest.mark.parametrize(("option", "model"), [("forest", "random forest"), ("boosting", "gradient boosting")])
def test_the_report_names_the_model(make_job, option: str, model: str):
    def name(*words: str) -> str:
        job = make_job(f"predictor={option}", *words)
        return naming.method_name({"choices": job.choices, "identity": job.identity})

    assert name() == model
    assert name("predictor.model._target_=sklearn.ensemble.ExtraTreesRegressor") == "ExtraTreesRegressor"


def test_a_model_may_take_any_arguments():
    model = instantiate.make("predictor.model", {"_target_": f"{__name__}.Open", "depth": 3}, {"random_state": 1})
    assert model.arguments == {"depth": 3}


class Answers:
    """Answers what it is told to, and says whatever it likes of a training set; its base promises more than it keeps.

    Derived as the regressors of LightGBM and XGBoost are.
    """

    def __init__(self, what: str = "right") -> None:
        self.what = what

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        if self.what == "no fit":
            raise OwnError("y: no such thing")

    def predict(self, x: np.ndarray) -> Any:
        if self.what == "raises":
            raise OwnError("what is x?")
        right = np.arange(float(len(x)))
        return {
            "right": right,
            "a column": right[:, None],
            "NaN": np.where(right == 1, np.nan, right),
            "infinite": np.where(right == 1, np.inf, right),
            "too few": right[1:],
            "words": ["good"] * len(x),
            "nothing": None,
        }[self.what]


class OwnError(Exception):
    """As libraries have some."""


class Derived(BaseEstimator, RegressorMixin):
    """As the regressors of LightGBM and XGBoost: of scikit-learn's base class, without its declared parameters."""

    def __init__(self, slope: float = 1.0, random_state: int | None = None) -> None:
        self.slope = slope
        self.random_state = random_state

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Derived":
        self.mean_ = y.mean()
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.mean_ + self.slope * x[:, 0]


class Open:
    """Takes everything, as the regressors of LightGBM and XGBoost do."""

    def __init__(self, *, size: int = 1, **arguments: int) -> None:
        self.arguments = arguments

    def fit(self, x: np.ndarray, y: np.ndarray) -> None:
        """Nothing to learn."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.zeros(len(x))
