"""Classical models as predictors, and a predictor of the user's own."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from siamnas import build
from siamnas.errors import InputError
from siamnas.jobs import status
from siamnas.oracle.table import Oracle
from siamnas.predictors.regressor import Regressor, flat
from siamnas.progress import no_report
from siamnas.report import naming
from siamnas.seeding import streams
from tests.support import ROOT, Outcome, tiny_space

FOREST = {"_target_": "sklearn.ensemble.RandomForestRegressor", "n_estimators": 5}
RIDGE = {"_target_": "sklearn.linear_model.Ridge"}
EXAMPLES = ROOT / "examples"


def fit(model, identities, n=12, rounds=1, pool=None, space=None, code=False):
    space = space or tiny_space(cells=80, uncoded=5)
    predictor, oracle = Regressor(space, identities, {}, rounds, code, model), Oracle(space, len(identities))
    if pool is not None:
        oracle.query(pool)
    predictor.fit(oracle, n, no_report)
    return predictor, oracle


def test_it_is_the_model_of_the_library():
    predictor, oracle = fit(FOREST, range(3, 5))
    space = oracle.space
    x = np.stack([[float(kind == f) for kind in cell for f in range(len(space.node_types))] for cell in space.types])
    for r, seed in enumerate(rng.integers(2**31) for rng in streams(range(3, 5), "model")):
        forest = RandomForestRegressor(5, random_state=int(seed)).fit(x[oracle.pool[r]], space.label[oracle.pool[r]])
        assert predictor.score(np.arange(80))[r] == pytest.approx(forest.predict(x))


@pytest.mark.parametrize(("n", "rounds"), [(12, 1), (12, 4), (13, 5), (3, 5)])
def test_the_pool_grows_by_what_the_model_ranks_best(n, rounds):
    predictor, oracle = fit(RIDGE, range(2), n, rounds)
    space = oracle.space
    assert oracle.pool.shape == (2, n)
    assert (oracle.cost().queries == n).all()
    assert space.coded[oracle.pool].all()
    bounds = sorted({max(n * i // rounds, 1) for i in range(1, rounds + 1)})
    for pool in oracle.pool:
        for low, high in zip(bounds, bounds[1:], strict=False):
            known = Regressor(space, range(1), {}, 1, False, RIDGE)
            known.models[0].fit(flat(space)[pool[:low]], space.label[pool[:low]])
            score = known.score(np.arange(80))[0]
            others = [cell for cell in range(80) if space.coded[cell] and cell not in pool[:high]]
            assert score[pool[low:high]].min() >= score[others].max() - 1e-9
    assert (predictor.score(np.arange(80)).argmax(axis=1) >= 0).all()


@pytest.mark.parametrize("rounds", [1, 3])
def test_repeats_are_independent_of_their_neighbours(rounds):
    (many, all_pools), (one, pool) = fit(FOREST, range(4), rounds=rounds), fit(FOREST, range(2, 3), rounds=rounds)
    assert (all_pools.pool[2] == pool.pool[0]).all()
    assert (many.score(np.arange(80))[2] == one.score(np.arange(80))[0]).all()


def test_a_pool_that_exists_is_used():
    _, oracle = fit(RIDGE, range(2), 8, 4, np.array([[1, 2, 3], [4, 5, 6]]), tiny_space(cells=80))
    assert oracle.pool.shape == (2, 8)
    assert oracle.pool[:, :3].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_the_code_is_read_and_paid_for_by_every_cell():
    predictor, oracle = fit(RIDGE, range(2), code=True)
    space, (without, _) = oracle.space, fit(RIDGE, range(2))
    assert (oracle.cost().codes == space.coded.sum()).all()
    assert predictor.x.shape[1] == without.x.shape[1] + 3
    read = predictor.x[:, -3:]
    assert read[space.coded].mean(axis=0) == pytest.approx(0, abs=1e-5)
    assert read[space.coded].std(axis=0) == pytest.approx(1, abs=1e-5)
    assert (read[~space.coded] == 0).all()
    for column in range(3):
        assert (np.argsort(read[space.coded, column]) == np.argsort(space.code[space.coded, column])).all()
    uncoded = tiny_space(cells=20)
    object.__setattr__(uncoded, "code", np.empty((20, 0), dtype=np.float32))
    with pytest.raises(InputError, match=r"predictor.code=true: tiny has no Estimation Codes"):
        Regressor(uncoded, range(1), {}, 1, True, RIDGE)


def test_edges_are_part_of_the_encoding_where_cells_differ_in_them():
    space = tiny_space(cells=20)
    rng = np.random.default_rng(0)
    adjacency = (rng.random((20, 10, 10)) < 0.3).astype(np.float32)
    object.__setattr__(space, "adjacency", adjacency)
    assert flat(space).shape == (20, 10 * len(space.node_types) + 100)
    assert (flat(space)[:, -100:] == adjacency.reshape(20, 100)).all()


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
        Regressor(tiny_space(cells=20), range(2), {}, 1, False, model)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predictor.model=3"], "predictor.model=3: must be a group of keys"),
        (["predictor.code=1"], "predictor.code=1: must be true or false"),
        (["predictor.rounds=0"], "predictor.rounds=0: must be an integer of at least 1"),
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
        return naming.method_name({"choices": job.choices, "science": job.science})

    assert name() == model
    assert name("predictor.model._target_=sklearn.ensemble.ExtraTreesRegressor") == "ExtraTreesRegressor"


def test_a_model_may_take_any_arguments():
    model = build.make("predictor.model", {"_target_": f"{__name__}.Open", "depth": 3}, {"random_state": 1})
    assert model.arguments == {"depth": 3}


class Open:
    """Takes everything, as the regressors of LightGBM and XGBoost do."""

    def __init__(self, *, size: int = 1, **arguments: int) -> None:
        self.arguments = arguments


def own(*words: str) -> Outcome:
    """As the example says: in its folder, which Python then finds the module in."""
    done = subprocess.run(
        [sys.executable, "-m", "siamnas.run", *words, "logger=none"],
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_a_predictor_of_the_users_own(tmp_path: Path):
    words = ("--config-dir", "conf", "predictor=neighbours", "repeats=2", f"out={tmp_path}")
    shown = own("-m", *words, "search.n=20,30")
    assert shown.code == 0, shown.err
    (folder,) = tmp_path.glob("default/nb201_c100/neighbours/n=30,*")
    (folder / "result.npz").unlink()
    (folder / "job.json").unlink()
    cells, _ = status.find([tmp_path])
    assert [cell.state for cell in cells] == ["done", "missing"]
    (command,) = status.commands(cells)
    assert str(EXAMPLES / "conf") in command, "the command must find the config again"
    again = own(*shlex.split(command.removeprefix(f"{status.RUN} ")))
    assert again.code == 0, again.err
    assert (folder / "result.npz").exists()

    wrong = own(*words, "predictor.sharpnes=2")
    assert wrong.code == 2
    assert "unknown key predictor.sharpnes (did you mean predictor.sharpness" in wrong.err
