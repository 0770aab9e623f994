"""Searches of one's own with several measured objectives, and limits on what is measured."""

import json
import math
import pickle

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.search.journal import FILE
from siamnas.search.told import Told
from tests.search.ask_tell import graphs, value

SPACE = graphs()
BOTH = {"acc": "max", "ms": "min"}


def numbers(arch) -> dict[str, float]:
    """What a made-up training measures."""
    name = str(SPACE.archs[arch])
    return {"acc": value(arch, SPACE), "ms": 3.0 * name.count("conv3x3") + name.count("conv1x1") + 1}


def finished(search: siamnas.Search, count: int = 3) -> siamnas.Search:
    """The search, with its budget spent."""
    for arch in search.open:
        search.tell(arch, numbers(arch))
    while archs := search.ask(count):
        search.tell(archs, list(map(numbers, archs)))
    assert search.done
    return search


def dominated(own: dict[str, float], others: list[dict[str, float]]) -> bool:
    return any(one["acc"] >= own["acc"] and one["ms"] <= own["ms"] and one != own for one in others)


@pytest.fixture
def search():
    """A search with two objectives, and the first architecture that it has asked for."""
    made = siamnas.Search(SPACE, budget=20, objectives=BOTH)
    return made, made.ask(2)[0]


def test_the_front_is_what_nothing_told_dominates():
    search = finished(siamnas.Search(SPACE, budget=24, objectives=BOTH))
    told = [one.numbers for one in search.values.values()]
    front = search.front()
    assert front.columns.tolist() == ["architecture", "index", "acc", "ms"]
    for row in front.itertuples():
        assert not dominated({"acc": row.acc, "ms": row.ms}, told)
    kept = {(one["acc"], one["ms"]) for one in told if not dominated(one, told)}
    assert set(zip(front["acc"], front["ms"], strict=True)) == kept
    assert front["acc"].is_monotonic_decreasing
    assert search.best().value == {"acc": front["acc"][0], "ms": front["ms"][0]}


def test_it_finds_more_of_the_front_than_chance():
    every = [numbers(arch) for arch in range(len(SPACE))]
    truth = {(one["acc"], one["ms"]) for one in every if not dominated(one, every)}
    shares = []
    for overrides in ([], ["acquisition=random"]):
        search = finished(siamnas.Search(SPACE, budget=40, objectives=BOTH, overrides=overrides))
        front = search.front()
        shares.append(len(truth & set(zip(front["acc"], front["ms"], strict=True))) / len(truth))
    assert shares[0] > shares[1] + 0.2


def test_nothing_that_breaks_a_limit_is_the_best():
    search = finished(siamnas.Search(SPACE, budget=20, objectives=BOTH, constraints=["ms<=6"]))
    history = search.history()
    assert (history["feasible"] == (history["ms"] <= 6)).all()
    assert search.best().value["ms"] <= 6 and (search.front()["ms"] <= 6).all()
    chosen = history[history["why"].str.startswith("ehvi")]
    assert chosen["feasible"].mean() > 0.6, "36 % of the space keeps it"


def test_one_value_with_a_limit():
    search = siamnas.Search(SPACE, budget=16, constraints=["ms<=4"])
    while archs := search.ask(2):
        search.tell(archs, [{"value": numbers(arch)["acc"], "ms": numbers(arch)["ms"]} for arch in archs])
    allowed = sorted(numbers(arch)["acc"] for arch in range(len(SPACE)) if numbers(arch)["ms"] <= 4)
    assert search.best().value["ms"] <= 4 and search.best().value["value"] >= allowed[-3]
    assert search.hypervolume is None


def test_before_the_first_that_keeps_a_limit_there_is_no_best():
    search = siamnas.Search(SPACE, budget=10, constraints=["ms<=0"])
    for arch in search.ask(5):
        search.tell(arch, {"value": 1.0, "ms": numbers(arch)["ms"]})
    assert search.best() is None and search.front().empty
    (arch,) = search.ask()
    assert numbers(arch)["ms"] < 6, "the cheapest that can be thought of"


def test_a_free_column_is_an_objective_without_being_told():
    size = np.array([str(name).count("conv3x3") for name in SPACE.archs], dtype=float)
    space = siamnas.Space.of_graphs(
        [SPACE.operations(arch) for arch in range(len(SPACE))],
        [SPACE.edges(arch) for arch in range(len(SPACE))],
        SPACE.archs.tolist(),
        columns={"size": size},
    )
    objectives = {"acc": "max", "ms": "min", "size": "min free"}
    search = siamnas.Search(space, budget=12, objectives=objectives, constraints=["size<=2"])
    while archs := search.ask():
        search.tell(archs, [numbers(arch) for arch in archs])
    front = search.front()
    assert (front["size"] == size[front["index"]]).all()
    assert (search.history().query("why.str.startswith('ehvi')")["size"] <= 2).all(), "known before it is asked"
    with pytest.raises(InputError, match=r"objectives.sizes: no column sizes"):
        siamnas.Search(space, objectives={"acc": "max", "sizes": "min free"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"acc": 0.5}, "ms is missing; must be a dictionary of acc, ms"),
        ({"acc": 0.5, "ms": 1, "mb": 2}, "'mb' is none of its objectives"),
        ({"acc": "0.5", "ms": 1}, "acc: '0.5' must be a number"),
        (0.5, "0.5 must be a dictionary of acc, ms"),
        ({}, "acc, ms is missing"),
        ([0.5, 1.0], "must be a dictionary of acc, ms"),
    ],
)
def test_what_is_no_value_is_refused_by_name_and_nothing_is_recorded(search, given, message):
    made, arch = search
    with pytest.raises(InputError, match=message):
        made.tell(arch, given)
    assert made.values == {}


@pytest.mark.parametrize("given", [None, math.nan, {"acc": 0.5, "ms": None}, {"acc": math.inf, "ms": math.nan}])
def test_a_failed_evaluation_fails_whole_and_a_late_value_counts(search, given):
    made, arch = search
    made.tell(arch, given)
    assert math.isnan(made.values[arch]) and made.front().empty
    failed = made.history()["failed"][0]
    assert failed == (
        "" if not isinstance(given, dict) else f"no finite number for {'ms' if given['acc'] == 0.5 else 'acc, ms'}"
    )
    made.tell(arch, {"acc": 0.5, "ms": 3})
    assert made.values[arch] == {"acc": 0.5, "ms": 3.0} and len(made.front()) == 1


def test_values_stand_until_they_are_replaced_and_known_ones_are_added(search):
    made, arch = search
    made.tell({arch: {"acc": 0.5, "ms": 3}})
    made.tell([arch], [{"ms": 3, "acc": 0.5}])
    with pytest.raises(InputError, match=r"was told as acc 0.5, ms 3, not acc 0.5, ms 4; replace=True"):
        made.tell(arch, {"acc": 0.5, "ms": 4})
    made.tell(arch, {"acc": 0.5, "ms": 4}, replace=True)
    assert made.history()["former"][0] == [{"acc": 0.5, "ms": 3.0}]
    other = next(one for one in range(len(SPACE)) if one not in made.open and one != arch)
    made.add({other: {"acc": 0.9, "ms": 1}})
    assert made.best().index == other


def test_a_journal_goes_on_and_is_that_of_its_objectives(tmp_path):
    journal = tmp_path / "journal"
    whole = finished(siamnas.Search(SPACE, budget=14, objectives=BOTH), 1)
    with siamnas.Search(SPACE, budget=14, objectives=BOTH, journal=journal) as search:
        for _ in range(7):
            (arch,) = search.ask()
            search.tell(arch, numbers(arch))
    for other in ({"objectives": {"acc": "max", "ms": "max"}}, {"objectives": BOTH, "constraints": ["ms<=3"]}):
        with pytest.raises(InputError, match=r"objectives=|constraints="):
            siamnas.Search(SPACE, journal=journal, **other)
    with siamnas.Search.open(journal) as search:
        assert finished(search, 1).values == whole.values
        assert search.hypervolume == whole.hypervolume
    first = json.loads((journal / FILE).read_text().splitlines()[0])
    assert first["journal"] == 3 and first["objectives"] == BOTH, "an older siamnas refuses it by its version"


@pytest.mark.parametrize("told", ['{"acc":0.5}', '{"acc":0.5,"ms":null}', "0.5", '{"acc":0.5,"ms":1,"mb":2}', "{}"])
def test_a_journal_that_tells_something_else_is_damaged(tmp_path, told):
    with siamnas.Search(SPACE, budget=14, objectives=BOTH, journal=tmp_path) as search:
        (arch,) = search.ask()
    line = f'{{"tell":[{json.dumps(arch.name)}],"values":[{told}]}}\n'
    with (tmp_path / FILE).open("a") as file:
        file.write(line)
    with pytest.raises(InputError, match=r"line 3: is damaged .*is no value"):
        siamnas.Search.open(tmp_path)


def test_another_predictor_goes_on_and_predictions_are_by_name(search):
    made, _ = search
    finished(made)
    made.change("forest", ["search=active"])
    found = made.predict([3, 4])
    assert found.columns.tolist() == ["architecture", "index", "score.acc", "score.ms", "spread.acc", "spread.ms"]
    assert np.isfinite(found[["score.acc", "score.ms"]].to_numpy()).all()


def test_run_takes_dictionaries_and_names_what_a_training_lacks():
    search = siamnas.Search(SPACE, budget=6, objectives=BOTH)
    lacking = []

    def train(arch):
        lacking.append(arch)
        return numbers(arch) if len(lacking) > 1 else {"acc": 0.5}

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        search.run(train, pool)
    failed = search.history()["failed"]
    assert search.done and "it returned: ms is missing" in failed[0] and (failed[1:] == "").all()
    for key in ("target", "stopping"):
        with pytest.raises(InputError, match=key):
            search.run(numbers, **{key: 1.0})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"maximise": True}, "maximise=True: is said by the objectives"),
        ({"overrides": ["acquisition=ucb"]}, "acquisition=ucb: with objectives or constraints it is ehvi"),
        ({"overrides": ["search.batch=4"]}, "objectives: need a search that learns from every evaluation"),
        ({"predictor": "random", "overrides": ["search=local"]}, "objectives: need a search"),
        ({"objectives": ["acc"]}, "must be a dictionary"),
        ({"constraints": "ms<=3"}, "must be a list of texts"),
        ({"overrides": ["search.recommend=posterior"]}, "search.recommend=posterior"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(tmp_path, more, message):
    with pytest.raises(InputError, match=message):
        siamnas.Search(SPACE, **{"budget": 10, "objectives": BOTH, "journal": tmp_path / "j"} | more)
    assert not (tmp_path / "j").exists()


def test_the_names_of_a_history_are_not_those_of_objectives(search):
    made, arch = search
    made.tell(arch, numbers(arch))
    others = [name for name in made.history() if name not in (*BOTH, "value")]
    for name in others:
        with pytest.raises(InputError, match=f"objectives.{name}: is a column of the history"):
            siamnas.Search(SPACE, objectives={name: "min"})


def test_values_by_architecture_and_both_sides_of_a_limit():
    search = siamnas.Search(SPACE, budget=8, maximise=False, constraints=["ms<=9", "ms>=4"])
    one, two, three = search.ask(3)
    search.tell(one, {one: {"value": 2.0, "ms": 5}})
    search.tell([two, three], {three: {"value": 1.0, "ms": 3}, two.name: {"value": 3.0, "ms": 9}})
    assert search.best().index == one and search.history()["feasible"].tolist() == [True, True, False]


def test_spaces_without_a_list():
    domain = siamnas.Space.of_choices({f"c{i}": ["a", "b", "c"] for i in range(8)}, name="eight")
    search = siamnas.Search(domain, budget=10, objectives={"acc": "max", "ms": "min"}, constraints=["ms<=12"])
    while archs := search.ask(2):
        words = [list(arch.choices.values()) for arch in archs]
        search.tell(archs, [{"acc": own.count("a") + own[0:2].count("b"), "ms": 8 + own.count("a")} for own in words])
    assert search.hypervolume > 0 and (search.front()["ms"] <= 12).all()
    assert search.history()["why"].str.startswith("ehvi").sum() == 7


def test_from_the_shell(siamnas, tmp_path):
    cells, journal = tmp_path / "cells", str(tmp_path / "journal")
    cells.mkdir()
    for i in range(12):
        content = {"id": f"net{i}", "adj_matrix": [[0, 1], [0, 0]], "operations": ["input", f"op{i}"]}
        (cells / f"{i}.json").write_text(json.dumps(content))

    def call(*words):
        shown = siamnas("search", *map(str, words))
        assert shown.code == 0, shown.err
        return json.loads(shown.out)

    words = ("--objective", "ppl=min", "--objective", "ms=min", "--constraint", "ms<=10", "--budget", 6)
    call("start", journal, "--space", cells, *words)
    archs = [row["architecture"] for row in call("ask", journal, "-n", 3)["asked"]]
    values = [{"ppl": 9, "ms": 5}, {"ppl": 8, "ms": 7}, None]
    call("tell", journal, json.dumps(dict(zip(archs, values, strict=True))))
    status = call("status", journal)
    assert len(status["front"]) == 2 and 0 < status["hypervolume"] <= 1 and len(status["failed"]) == 1
    best = call("best", journal)
    assert best["value"] == {"ppl": 8, "ms": 7} and [row["ppl"] for row in best["front"]] == [8, 9]
    rows = call("history", journal)
    assert [row["front"] for row in rows] == [True, True, False]
    assert rows[1]["hypervolume"] == pytest.approx(status["hypervolume"], abs=1e-6)
    wrong = siamnas("search", "start", f"{journal}-2", "--space", str(cells), "--objective", "ppl=smaller")
    assert wrong.code == 2 and "objectives.ppl='smaller': must be one of min, max" in wrong.err


def test_told_is_its_first_number_and_all_of_them():
    told = Told({"ppl": 21.3, "ms": 8.1})
    again = pickle.loads(pickle.dumps(told))
    assert again == told == {"ppl": 21.3, "ms": 8.1} and again == 21.3 and again["ms"] == 8.1
    assert f"{told:.1f}" == "21.3" and str(told) == "ppl 21.3, ms 8.1" and told != Told({"ppl": 21.3, "ms": 8.2})


def of_a_sampler():
    """The same as `wide`, by functions."""

    def mutate(arch, rng):
        seat = rng.integers(8)
        return (*arch[:seat], int(rng.integers(8)), *arch[seat + 1 :])

    return siamnas.Space.of_sampler(
        sample=lambda rng: tuple(rng.integers(8, size=8).tolist()),
        mutate=mutate,
        graph=lambda arch: ([f"w{one}" for one in arch], [(i, i + 1) for i in range(7)]),
        columns={"cost": sum},
    )


def wide():
    """Eight choices of 0 to 7, which cost what they are."""
    choices = {f"c{i}": list(range(8)) for i in range(8)}
    return siamnas.Space.of_choices(choices, columns={"cost": "+".join(choices)})


@pytest.mark.parametrize("space", [wide, of_a_sampler])
@pytest.mark.parametrize("predictor", ["gp", "random"])
def test_a_limit_on_a_free_column_holds_for_all_that_is_asked_for(space, predictor):
    """One in 10,000 architectures keeps it; an evaluation tells one number."""
    with siamnas.Search(space(), predictor, budget=14, constraints=["cost<=8"], objectives={"acc": "max"}) as search:
        while archs := search.ask(2):
            assert all(arch.columns["cost"] <= 8 for arch in archs), archs
            search.tell(archs, [{"acc": arch.columns["cost"] % 3} for arch in archs])
        assert search.best().value == 2


def test_a_limit_that_nothing_keeps_is_refused_before_anything_is_asked_for(tmp_path):
    with pytest.raises(InputError, match="cost is 0, must be < 0"):
        siamnas.Search(wide(), budget=9, constraints=["cost<0"], objectives={"acc": "max"}, journal=tmp_path / "new")
    assert not (tmp_path / "new").exists()
