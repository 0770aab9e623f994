"""LightGBM, XGBoost and CatBoost themselves (`.[regressors]`); `.ci/run --full` runs these."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from tests.predictors.test_regressor import find

pytestmark = pytest.mark.extras

QUIET = {
    "lightgbm.LGBMRegressor": {"n_estimators": 20, "min_child_samples": 2, "verbose": -1},
    "xgboost.XGBRegressor": {"n_estimators": 20},
    "catboost.CatBoostRegressor": {"iterations": 20, "verbose": False, "allow_writing_files": False},
}
WRONG = {
    "lightgbm.LGBMRegressor": ({"num_leaves": 1}, "num_leaves"),
    "xgboost.XGBRegressor": ({"tree_method": "nope"}, "nope"),
    "catboost.CatBoostRegressor": ({"depth": 99}, "depth"),
}


@pytest.mark.parametrize("target", QUIET)
def test_it_learns_what_it_learns_alone(target: str):
    predictor, training_sets, benchmark, _ = find({"_target_": target, **QUIET[target]}, range(3, 5))
    scores, label = predictor.score(np.arange(80)), benchmark.measured.label
    for model, archs, score in zip(predictor.models, training_sets, scores, strict=True):
        alone = type(model.regressor)(**model.regressor.get_params()).fit(predictor.x[archs], label[archs])
        np.testing.assert_array_equal(score, alone.predict(predictor.x))
        assert np.corrcoef(score[archs], label[archs])[0, 1] > 0.5


@pytest.mark.parametrize("target", WRONG)
def test_what_it_refuses_names_it(target: str):
    options, said = WRONG[target]
    with pytest.raises(InputError, match=rf"predictor.model: {target.rpartition('.')[2]}: .*{said}"):
        find({"_target_": target, **QUIET[target], **options}, range(2))


@pytest.mark.parametrize("target", QUIET)
def test_a_search_takes_it(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    found = [best(target), best(target)]
    assert found[0] == found[1]
    assert not list(tmp_path.iterdir())  # nothing is left beside the user's files


def best(target: str) -> Any:
    """What is found by a search that is told how many zeros an architecture has."""
    given = [f"+predictor.model.{key}={value}" for key, value in QUIET[target].items()]
    words = ["search=active", "~predictor.model", f"+predictor.model._target_={target}", *given]
    with siamnas.Search("tiny_nb201", "boosting", budget=14, overrides=words) as search:
        while archs := search.ask(2):
            search.tell(archs, [-float((search.space.types[arch] == 0).sum()) for arch in archs])
        return search.best()


def test_jobs_of_one_that_the_process_has_used_before(tmp_path: Path):
    """The threads of its OpenMP do not outlive a fork (https://github.com/microsoft/LightGBM/issues/1789)."""
    import lightgbm

    x = np.random.default_rng(0).random((500, 20))
    lightgbm.LGBMRegressor(n_estimators=20, verbose=-1, n_jobs=2).fit(x, x[:, 0])
    more = [f"++predictor.model.{key}={value}" for key, value in QUIET["lightgbm.LGBMRegressor"].items()]
    words = ["search.n=12", "search.k=4", "trainer.threads=2", "predictor.model._target_=lightgbm.LGBMRegressor", *more]
    result = siamnas.run("tiny_nb201", "forest", repeats=4, out=str(tmp_path), overrides=words)
    assert result.repeats == 4
