"""`siamnas.compare`: methods of all kinds at equal numbers of evaluations."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

import siamnas
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.jobs.store import Result
from siamnas.predictors.base import Predictor
from siamnas.report.comparison import Comparison
from siamnas.training.training_set import TrainingSet
from tests.support import results


class Newest(Predictor):
    """The larger its number, the better an architecture."""

    def __init__(self, space: Any, seeds: range, trainer: dict[str, Any], sign: int = 1) -> None:
        super().__init__(space, seeds, trainer)
        self.sign = sign

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        """Nothing has to be learnt."""

    def score(self, archs: IntArray) -> FloatArray:
        return self.sign * self.rows(archs).astype(np.float64)


@pytest.fixture(scope="module")
def found(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    methods = ["random", "evolution", Newest, Ridge(alpha=0.5), RandomForestRegressor(5)]
    return siamnas.compare(methods, cells, [10, 20], seeds=range(3, 6), out=tmp_path_factory.mktemp("compared") / "c")


def test_every_method_has_a_row_at_every_budget(found: Any):
    names = ["random search", "regularised evolution", "Ridge", "random forest", "Newest"]
    assert sorted(set(found.frame["method"])) == sorted(names)
    assert len(found.frame) == len(names) * 2 and set(found.frame["budget"]) == {10, 20}
    assert set(found.frame["repeats"]) == {3}
    newest = found.frame[found.frame["method"] == "Newest"]
    assert (newest["regret"] == 0).all() and newest["found"].eq(1).all()  # the last chain is the best


def test_jobs_are_those_of_the_command_line(found: Any):
    jobs = [Result.load(path).meta["config"] for path in results(found.folder)]
    assert {(job["seed"], job["repeats"]) for job in jobs} == {(3, 3)}
    spent = {job["search"]["n"] + job["search"].get("k", 0) for job in jobs}
    assert spent == {10, 20}
    models = [job["predictor"].get("model") for job in jobs if job["predictor"]]
    assert {"_target_": "sklearn.linear_model.Ridge", "alpha": 0.5} in models
    assert {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 5} in models
    assert len(jobs) == 4 * 2 + 1  # evolution can stop at any time


def test_each_is_tested_against_the_reference(found: Any):
    assert set(found.tests["pairs"]) == {3} and len(found.tests) == 4 * 2
    (reference,) = set(found.tests["reference"])
    other = Comparison(found.folder, (20,), reference="Ridge")
    assert reference != "Ridge" and set(other.tests["reference"]) == {"Ridge"} and set(other.tests["budget"]) == {20}
    with pytest.raises(siamnas.InputError, match="there is no method 'Rigde'"):
        _ = Comparison(found.folder, (20,), reference="Rigde").tests


def test_all_pairs_are_tested(found: Any):
    assert len(found.pairs) == 10 * 2 and set(found.pairs["pairs"]) == {3}
    ahead = found.pairs.merge(found.tests, on=["budget", "method", "reference"], suffixes=("", "_alone"))
    assert len(ahead) and (ahead["difference"] == ahead["difference_alone"]).all()
    assert (ahead["holm_p"] >= ahead["holm_p_alone"]).all()


def test_the_report_is_a_page(found: Any, tmp_path: Path, blank: None):
    page = found.report(tmp_path / "report")
    assert page == tmp_path / "report" / "index.html" and "Newest" in page.read_text(encoding="utf-8")
    assert (tmp_path / "report" / "budgets_paired.csv").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(siamnas.InputError, match="folder: cannot write to"):
        found.report(tmp_path / "file")


def test_the_same_call_goes_on(found: Any, cells: Path):
    before = {path: path.stat().st_mtime_ns for path in results(found.folder)}
    again = siamnas.compare(["random", Newest], cells, [10, 20], seeds=range(3, 6), out=found.folder)
    assert {path: path.stat().st_mtime_ns for path in results(found.folder)} == before
    assert again.frame.equals(found.frame)


def test_a_class_may_have_arguments_and_two_of_one_name_are_told_apart(cells: Path, tmp_path: Path):
    methods = [Newest, functools.partial(Newest, sign=-1)]
    found = siamnas.compare(methods, cells, 12, seeds=2, out=tmp_path)
    assert found.frame["method"].nunique() == 2
    assert sorted(found.frame["regret"])[0] == 0 < sorted(found.frame["regret"])[1]


def test_a_class_of_regressors_is_the_option(cells: Path, tmp_path: Path):
    siamnas.compare([RandomForestRegressor, "forest"], cells, 12, seeds=1, out=tmp_path)
    assert len(results(tmp_path)) == 1  # both are the same job


def test_without_a_folder_it_is_a_temporary_one(cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = siamnas.compare(["random"], cells, 12, seeds=1)
    assert found.folder.parent == tmp_path and len(found.frame) == 1 and found.tests.empty


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": ["random", "gpp"]}, r"did you mean gp\?"),
        ({"methods": []}, "at least one of each"),
        ({"methods": [3]}, "methods: 3: must be an option, a class derived from Predictor, or a regressor"),
        ({"methods": [dict]}, "must be an option"),
        ({"methods": [RandomForestRegressor(random_state=1)]}, "leave out random_state"),
        ({"methods": [RandomForestRegressor(max_depth=-3)]}, "max_depth"),
        ({"methods": [make_pipeline(Ridge())]}, "must be a number, a text, a list or a dictionary"),
        ({"methods": [type("Hidden", (Newest,), {})]}, "Hidden: can't be imported by this name"),
        ({"methods": [functools.partial(Newest, sihn=2)]}, r"unknown key predictor.sihn \(did you mean sign\?\)"),
        ({"spaces": ["cels"]}, "no option space=cels"),
        ({"budgets": [1, 20]}, "must be integers of at least 2"),
        ({"budgets": []}, "must be integers of at least 2"),
        ({"budgets": 400}, "must be at most"),
        ({"seeds": 0}, "seeds=0: must be a number of repeats"),
        ({"seeds": range(0, 10, 2)}, "a range of consecutive seeds"),
        ({"overrides": ["search.n=3"]}, "search.n=3: is decided by the arguments"),
    ],
)
def test_a_mistake_is_said_before_any_job(changes: dict[str, Any], message: str, cells: Path, tmp_path: Path):
    given = {"methods": ["random"], "spaces": cells, "budgets": 12, "seeds": 2, **changes}
    with pytest.raises(siamnas.InputError, match=message):
        siamnas.compare(**given, out=tmp_path / "out")
    assert not results(tmp_path)
