"""Trainings that report, and are stopped where they are hopeless: in processes, threads and other executors."""

import concurrent.futures as futures
import dataclasses
import json
import math
import random

import matplotlib
import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search import halving
from siamnas.search.desk import Desk
from siamnas.search.evaluating import NOBODY, Outcome
from tests.search.ask_tell import graphs, value

SPACE = graphs()
EPOCHS = 9


def searching(budget=20, **more):
    return siamnas.Search(SPACE, budget=budget, **more)


def curve(arch, epoch):
    """A learning curve, which ends at the value of the architecture."""
    return value(arch, SPACE) * (1 - 0.5 ** (epoch / 3)) / (1 - 0.5 ** (EPOCHS / 3))


def train(arch, report):
    for epoch in range(1, EPOCHS + 1):
        report(epoch, curve(arch, epoch))
    return curve(arch, EPOCHS)


def slow_reference(values, own, eta):
    """The rule as it is told: among the best 1 / eta of those so far, once there are eta of them."""
    if len(values) < eta:
        return False
    better = sum(one > own for one in values)
    return better >= len(values) // eta


@pytest.mark.parametrize("maximise", [True, False])
def test_the_rule(maximise):
    """Against the slow reference, over trainings that report at the same time, some at every second epoch."""
    draw = random.Random(3)
    rule = siamnas.Halving(epochs=27, first=2, eta=3)
    assert list(rule.rungs) == [2, 6, 18]
    every, seen = [], {2: [], 6: [], 18: []}
    for _ in range(40):
        own, every = {}, [*every, {}]
        every[-1] = own
        last = 0
        for epoch in range(draw.choice([1, 2]), 28, 2):
            own[epoch] = round(draw.random(), 1)
            rungs = [rung for rung in seen if last < rung <= epoch < 27]
            for rung in rungs:
                seen[rung].append(own[epoch] if maximise else -own[epoch])
            expected = any(slow_reference(seen[rung], own[epoch] if maximise else -own[epoch], 3) for rung in rungs)
            said = rule.stops(own, every, epoch, maximise)
            assert said == (f"epoch {epoch} of 27" if expected else "")
            last = epoch
            if said:
                break
    assert len(seen[18]) < len(seen[6]) < len(seen[2]) == 40


def check(search):
    """What holds of every search some of whose trainings were stopped."""
    told = search.history().set_index("index")
    stopped = told[told["stopped"] != ""]
    assert search.done and len(told) == 20 and 0 < len(stopped) < 18
    for arch, row in stopped.iterrows():
        assert row["stopped"] in ("epoch 1 of 9", "epoch 3 of 9") and not row["failed"]
        last = max(row["reports"])
        assert row["stopped"] == f"epoch {last} of 9" and row["value"] == row["reports"][last] == curve(arch, last)
    whole = told[told["stopped"] == ""]
    assert search.best().value == whole["value"].max() and all(len(one) == EPOCHS for one in whole["reports"])


@pytest.mark.parametrize("pool", ["own", "threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_hopeless_trainings_are_stopped(pool, tmp_path):
    search, rule = searching(journal=tmp_path), siamnas.Halving(epochs=EPOCHS)
    if pool == "own":
        search.run(train, workers=3, stopping=rule)
    else:
        with (futures.ThreadPoolExecutor if pool == "threads" else futures.ProcessPoolExecutor)(3) as executor:
            search.run(train, executor, stopping=rule)
    check(search)
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert sum("report" in line for line in lines) == search.history()["reports"].map(len).sum()
    before = search.history()
    search.close()
    with siamnas.Search.open(tmp_path) as search:
        assert search.history().equals(before) and search.best().value == before["value"].max()


@pytest.mark.extras
def test_dask():
    import distributed

    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            search = searching()
            search.run(train, client.get_executor(), stopping=siamnas.Halving(epochs=EPOCHS))
            check(search)


@pytest.mark.slow
def test_submitit(tmp_path):
    import submitit

    executor = submitit.AutoExecutor(tmp_path, cluster="local")
    executor.update_parameters(timeout_min=5)
    search = searching(6)
    search.run(train, executor, workers=2, stopping=siamnas.Halving(epochs=EPOCHS))
    told = search.history()
    assert (told["stopped"] != "").any() and search.done


@pytest.mark.parametrize("near", [True, False])
def test_a_desk_that_is_closed_keeps_nobody(caplog, near):
    """On another machine who does not reach it trains to its end, and who is not believed there; here it ends."""
    heard = []
    desk = Desk(lambda arch, epoch, value: heard.append((arch, epoch, value)) or "enough", near)
    (arch,) = searching().ask(1)
    line = desk.line(arch)
    assert line(2, 0.5) == "enough" and heard == [(arch, 2, 0.5)]
    assert dataclasses.replace(line, key="guessed")(2, 0.5) == "" and len(heard) == 1
    desk.close()
    assert line(3, 0.6) == (NOBODY if near else "") and len(heard) == 1
    assert ("does not answer" in caplog.text) != near


def test_what_is_reported_is_kept_without_stopping():
    search = searching(3)
    search.run(train, workers=1)
    assert search.history()["reports"].map(len).tolist() == [EPOCHS] * 3 and not search.history()["stopped"].any()


def test_it_goes_on_alike_when_it_is_opened_again(tmp_path):
    """The rungs of the search before count: one that would have gone on alone is stopped."""
    with searching(4, journal=tmp_path) as search:
        search.run(train, workers=1)
    rule = siamnas.Halving(epochs=EPOCHS)
    with siamnas.Search.open(tmp_path, budget=5) as search:
        search.run(lambda arch, report: report(1, 0.0), workers=1, stopping=rule)
        assert search.history()["stopped"].tolist() == [""] * 4 + ["epoch 1 of 9"]


def test_a_stopped_one_is_never_the_best_and_learnt_as_worse():
    search = searching(12)

    def deceiving(arch, report):
        """Whoever comes late is ahead at first, and stopped behind the lucky."""
        for epoch in (1, 3):
            report(epoch, 10.0 if len(search.values) < 3 else 9.0)
        return 0.5

    with futures.ThreadPoolExecutor(1) as executor:
        found = search.run(deceiving, executor, stopping=siamnas.Halving(epochs=9), target=5)
    told = search.history()
    stopped = told["stopped"] != ""
    assert stopped.sum() == 9 and search.done, "the target is not reached by what was stopped"
    assert found.value == 0.5 and told["value"][stopped].eq(9.0).all()
    learnt = halving.learnt(search._record.story)
    assert {learnt[arch] for arch in told["index"][stopped]} == {9.0 + 0.5 - 10.0}


def test_what_a_training_catches_does_not_keep_it_going():
    def stubborn(arch, report):
        try:
            report(1, 1.0 if arch == first else 0.0)
        except Exception:
            return 5.0
        return 1.0

    search = searching(5)
    first = searching(5).ask(1)[0]
    search.run(stubborn, workers=1, stopping=siamnas.Halving(epochs=9, eta=2))
    assert (search.history()["stopped"] != "").any() and search.best().value == 1.0


def twice(report):
    report(1, 0.1)
    report(1, 0.2)


SAID = {
    "not growing": ("report: epoch=1: must be an integer of at least 2", twice),
    "no epoch": ("report: epoch='1': must be an integer of at least 1", lambda report: report("1", 0.1)),
    "no number": ("report: epoch 2: 'x' must be a number", lambda report: report(2, "x")),
}


@pytest.mark.parametrize("kind", SAID)
def test_bad_reports_cost_one_evaluation_by_name(kind):
    said, wrong = SAID[kind]

    def wrongly(arch, report):
        wrong(report)
        return 0.5

    search = searching(2)
    search.run(wrongly, workers=1)
    assert search.history()["failed"].str.contains(said, regex=False).all()


def test_one_that_is_not_a_number_is_hopeless():
    search = searching(5)

    def diverging(arch, report):
        report(1, math.nan if len(search.values) == 4 else 0.5)
        return 0.5

    with futures.ThreadPoolExecutor(1) as executor:
        search.run(diverging, executor, stopping=siamnas.Halving(epochs=9))
    last = search.history().iloc[-1]
    assert np.isnan(last["value"]) and "no finite number, and was stopped at epoch 1 of 9" in last["failed"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"stopping": "halving"}, "stopping='halving': must be a siamnas.Halving"),
        ({"stopping": siamnas.Halving(9), "train": lambda arch: 0.5}, "stopping: needs a training that reports"),
        ({"logger": "wandbb"}, "wandbb"),
        ({"logger": 3}, "logger=3: must be the name of an option"),
        ({"logger": ["csv", "seed=3"]}, "logger: seed=3: must begin with logger."),
    ],
)
def test_bad_arguments_are_refused(more, said):
    search = searching()
    with pytest.raises(InputError) as error:
        search.run(**{"train": train, **more})
    assert said in str(error.value) and not search.open


@pytest.mark.parametrize("given", [{"epochs": 1}, {"epochs": 9, "eta": 1}, {"epochs": 9, "first": 9}, {"epochs": 9.0}])
def test_bad_rules_are_refused(given):
    with pytest.raises(InputError, match="must be"):
        siamnas.Halving(**given)


@pytest.fixture
def axes(monkeypatch):
    """Axes that no window shows."""
    matplotlib.use("Agg")
    made = []
    yield lambda search, *more: made.append(search.plot(*more)) or made[-1]
    for ax in made:
        matplotlib.pyplot.close(ax.figure)


@pytest.mark.parametrize("maximise", [True, False])
def test_a_picture(axes, maximise):
    search = searching(maximise=maximise)
    assert search.plot().get_lines(), "before the first evaluation, too"
    told = search.ask(6)
    search.tell(told, [0.4, 0.5, None, 0.3, 0.6, 0.2])
    search.take(search.ask(1)[0], Outcome(0.9 if maximise else 0.1, 1.0, "me", stopped="epoch 1 of 9"))
    search.ask(2)
    lines = {line.get_label(): line for line in axes(search).get_lines()}
    found = {label: (line.get_xdata().tolist(), line.get_ydata().tolist()) for label, line in lines.items()}
    assert found["evaluated"] == ([1, 2, 4, 5, 6], [0.4, 0.5, 0.3, 0.6, 0.2])
    best = [0.4, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6] if maximise else [0.4, 0.4, 0.4, 0.3, 0.3] + [0.2] * 4
    assert found["best so far"] == (list(range(1, 10)), best)
    assert found["failed"][0] == [3] and found["stopped"][0] == [7] and found["pending"][0] == [8, 9]


def test_a_picture_in_the_colours_of_a_column(axes):
    search = siamnas.Search("tiny_nb201", budget=6)
    told = search.ask(4)
    search.tell(told, [0.1, 0.2, 0.3, 0.4])
    ax = axes(search, "flops")
    (dots,) = ax.collections
    assert dots.get_array().tolist() == [arch.columns["flops"] for arch in told]
    assert axes(search, None, ax) is ax
    with pytest.raises(InputError, match="column='weight': must be one of the free columns of the space: flops"):
        search.plot("weight")
