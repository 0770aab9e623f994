"""The search as a sampler of the real Optuna."""

import contextlib

import pytest

optuna = pytest.importorskip("optuna")
optuna.logging.set_verbosity(optuna.logging.WARNING)

from siamnas.errors import InputError  # noqa: E402
from siamnas.integrations.optuna import SiamnasSampler  # noqa: E402


def objective(trial):
    kernel = trial.suggest_categorical("kernel", [3, "5x5", None])
    width = trial.suggest_int("width", 8, 64, step=8)
    depth = trial.suggest_int("depth", 1, 12)
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)  # random
    if width == 8 and depth == 1:
        raise optuna.TrialPruned
    return {3: 0.1, "5x5": 0.3, None: 0.0}[kernel] - (width - 40) ** 2 / 1e4 - (depth - 7) ** 2 / 100 + 1e-9 * rate


def studied(sampler, trials=25, direction="maximize", sign=1):
    study = optuna.create_study(direction=direction, sampler=sampler)
    study.optimize(lambda trial: sign * objective(trial), trials)
    return study


def test_it_finds_more_than_random_search():
    own = [studied(SiamnasSampler(seed=seed)).best_value for seed in range(4)]
    other = [studied(optuna.samplers.RandomSampler(seed=seed)).best_value for seed in range(4)]
    assert sum(own) > sum(other) and min(own) > 0.25


def test_nothing_is_tried_twice_and_the_same_seed_goes_the_same_way():
    tried = [[(t.params["kernel"], t.params["width"], t.params["depth"]) for t in studied(s, 15).trials]
             for s in (SiamnasSampler(seed=1), SiamnasSampler(seed=1))]  # fmt: skip
    assert len(set(tried[0])) == 15 and tried[0] == tried[1]


def test_either_direction():
    up, down = studied(SiamnasSampler(seed=2), 15), studied(SiamnasSampler(seed=2), 15, "minimize", -1)
    assert [t.params for t in up.trials] == [t.params for t in down.trials]


def test_running_trials_are_taken_into_account():
    study = optuna.create_study(direction="maximize", sampler=SiamnasSampler())
    study.optimize(objective, 4)
    running = [study.ask() for _ in range(6)]
    found = []
    for trial in running:
        with contextlib.suppress(optuna.TrialPruned):
            objective(trial)
        found.append(tuple(trial.params[name] for name in ("kernel", "width", "depth")))
    assert len(set(found)) >= 5, "the first of them is chosen before any other has parameters"


def test_a_space_that_is_exhausted_goes_on_at_random():
    study = optuna.create_study(sampler=SiamnasSampler())
    study.optimize(lambda trial: trial.suggest_categorical("a", [1, 2]) + trial.suggest_int("b", 1, 2), 8)
    assert len(study.trials) == 8 and study.best_value == 2


def test_several_objectives_and_wrong_options_are_refused():
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=SiamnasSampler())
    with pytest.raises(InputError, match="must have one objective"):
        study.ask().suggest_int("a", 1, 3)
    with pytest.raises(InputError, match="nothing"):
        SiamnasSampler("nothing")
