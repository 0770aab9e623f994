"""Searches of which nothing can be said, limits that nothing keeps, pictures of nothing: no traceback, nothing paid."""

import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from tests.search.ask_tell import graphs

SPACE = graphs()
NODES = [["input", one, two, "output"] for one in "abcd" for two in "abcdef"]
COSTS = [*map(float, range(22)), np.nan, np.nan]
PRICED = siamnas.Space.of_graphs(NODES, [[(0, 1), (1, 2), (2, 3)]] * 24, columns={"flops": COSTS})


def everything(search: siamnas.Search) -> list[int]:
    archs: list[int] = []
    while asked := search.ask(2):
        search.tell(asked, [COSTS[arch] for arch in asked])
        archs += map(int, asked)
    return archs


def test_what_breaks_a_free_limit_is_never_asked():
    """The initial design took no notice of it, and what is not known keeps no limit."""
    search = siamnas.Search(PRICED, "gp", 10, constraints=["flops<=11"])
    assert max(COSTS[arch] for arch in everything(search)) <= 11 and len(search.values) == 10
    few = siamnas.Search(PRICED, "gp", 10, constraints=["flops<4", "flops>0"])
    assert sorted(everything(few)) == [1, 2, 3] and few.done


def test_a_free_limit_that_nothing_keeps():
    with pytest.raises(InputError, match="constraints: no architecture keeps flops<=-1"):
        siamnas.Search(PRICED, "gp", 10, constraints=["flops<=-1"])


@pytest.mark.parametrize("name", ["best", "evaluations", "pending", "value"])
def test_an_objective_called_like_what_a_row_says(name: str):
    """In the rows of a logger the best so far stood in its place."""
    with pytest.raises(InputError, match=rf"objectives.{name}: is a column"):
        siamnas.Search(SPACE, "gp", 5, objectives={"ms": "min", name: "max"})


@pytest.mark.parametrize("values", [[], [0.5], [None] * 3, [0.5] * 4], ids=["none", "one", "failed", "equal"])
@pytest.mark.filterwarnings("ignore:One or more sample arguments is too small")
def test_a_picture_of_nothing(values: list[Any]):
    search = siamnas.Search(SPACE, "gp", 8)
    if values:
        search.tell(search.ask(len(values)), values)
    for kind in ("best", "predicted", "calibration"):
        search.plot(kind=kind).figure.canvas.draw()
    plt.close("all")


@pytest.mark.parametrize(("column", "ax", "said"), [(3, None, "column=3"), (None, 3, "ax=3"), (None, [1], "ax=")])
def test_arguments_of_a_picture(column: Any, ax: Any, said: str):
    search = siamnas.Search(SPACE, "random", 8)
    search.tell(search.ask(2), [0.1, 0.2])
    with pytest.raises(InputError, match=said):
        search.plot(column, ax)
    plt.close("all")


CONTRADICTIONS = [("gb<=1", "gb>=2"), ("gb>1", "gb<1"), ("gb<1", "gb>=1"), ("a<=9", "gb>3", "gb<=2", "a>=9")]


@pytest.mark.parametrize("limits", CONTRADICTIONS)
def test_limits_of_which_no_number_keeps_both(limits: tuple[str, ...], tmp_path: Path):
    """All evaluations were paid for, and none was the best."""
    described = {"description": {"gb": [1, 2, 3], "a": [9]}, "columns": {"gb": "gb", "a": "a"}}
    doors = {
        "told": lambda: siamnas.Search("nb_macro", constraints=limits, journal=tmp_path / "j"),
        "free": lambda: siamnas.Search("nb_macro", constraints=[f"{one} free" for one in limits]),
        "measured": lambda: siamnas.Search("nb_macro", objectives={"gb": "max", "a": "min"}, constraints=limits),
        "described": lambda: siamnas.Space.of_choices(**described, constraints=limits),
        "listed": lambda: siamnas.Space.of_nano(constraints=limits),
    }
    for name, made in doors.items():
        with pytest.raises(InputError, match=r"constraints: no number keeps both gb>=?\d and gb<=?\d"):
            made()
            raise AssertionError(name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limits", [("gb>=1", "gb<=1"), ("gb<=1", "gb<=2"), ("gb<=1", "gb<=1"), ("gb>=1", "a<=0")])
def test_limits_that_a_number_keeps(limits: tuple[str, ...]):
    with siamnas.Search("nb_macro", constraints=limits) as search:
        assert search.ask(1)


def test_a_mean_whose_sum_is_beyond_all_floats(tmp_path: Path):
    """The line was in the journal before it could be understood, so that no search could open it any more."""
    with siamnas.Search(SPACE, budget=14, replicate=True, journal=tmp_path) as search:
        while archs := search.ask():
            search.tell(archs, [1.7e308] * len(archs))
    with siamnas.Search.open(tmp_path) as again:
        assert max(map(len, again.history()["values"])) == 2 and set(again.values.values()) == {1.7e308}


@pytest.mark.filterwarnings("error")
def test_a_front_between_numbers_whose_difference_is_beyond_all_floats():
    search = siamnas.Search(SPACE, budget=4, objectives={"acc": "max", "ms": "min"})
    search.tell(search.ask(2), [{"acc": -1e308, "ms": 1e308}, {"acc": 1e308, "ms": -1e308}])
    assert search.hypervolume == 1.0


def test_what_differs_is_what_was_given(tmp_path: Path):
    siamnas.Search(SPACE, budget=4, objectives={"acc": "max", "ms": "min"}, journal=tmp_path).close()
    with pytest.raises(
        InputError, match=r"^objectives=\{'ms': 'min', 'acc': 'max'\}: the search in .* has objectives="
    ):
        siamnas.Search(SPACE, objectives={"ms": "min", "acc": "max"}, journal=tmp_path)


@pytest.mark.parametrize("source", [{0: 1.0, str(SPACE.archs[0]): 2.0}, {True: 1.0}])
def test_a_source_that_says_two_things_of_one_architecture(source: Any):
    with pytest.raises(InputError, match=r"learn_from\[0\]: .* is there twice, as|True is no architecture"):
        siamnas.Search(SPACE, budget=4, learn_from=[source])


def test_a_predictor_is_chosen_in_one_place(tmp_path: Path):
    """The word was followed, and everything said `gp`."""
    message = "overrides: predictor=forest: is decided by the argument predictor"
    with pytest.raises(InputError, match=message):
        siamnas.Search(SPACE, budget=4, overrides=["predictor=forest"], journal=tmp_path / "none")
    with siamnas.Search(SPACE, budget=4, journal=tmp_path / "one") as search:
        with pytest.raises(InputError, match=message):
            search.change("gp", ["predictor=forest"])
        assert search.setting.predictor == "gp" and len(search.ask(4)) == 4


def test_functions_of_one_name_that_say_something_else(tmp_path: Path):
    """All lambdas have one name, so that a journal went on with another cost."""

    def made(column: Any, limit: Any) -> siamnas.Space:
        return siamnas.Space.of_choices({"a": [1, 2, 3], "b": [1, 2, 3]}, columns={"cost": column}, constraints=[limit])

    own = made(lambda one: one["a"], lambda one: one["a"] <= one["b"])
    siamnas.Search(own, budget=4, journal=tmp_path).close()
    siamnas.Search(made(lambda one: 1.0 * one["a"], lambda one: one["b"] >= one["a"]), journal=tmp_path).close()
    for other in (
        made(lambda one: -one["a"], lambda one: one["a"] <= one["b"]),
        made(lambda one: one["a"], lambda one: one["a"] < one["b"]),
    ):
        with pytest.raises(InputError, match=r"answers: differs .*what the functions of the description return"):
            siamnas.Search.open(tmp_path, other)
    first, *rest = (tmp_path / "journal.jsonl").read_text().splitlines(keepends=True)
    header = json.loads(first)
    del header["fingerprint"]["answers"]  # of an earlier version
    (tmp_path / "journal.jsonl").write_text("".join([json.dumps(header) + "\n", *rest]))
    siamnas.Search.open(tmp_path, own).close()
