"""Classes of users: what they answer is checked, what they change stays theirs, and what they draw is repeatable."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.acquisition.rounds import EqualRounds
from siamnas.errors import InputError
from siamnas.predictors.base import Predictor
from siamnas.search.walks import Walks

RANKED = ("search.n=4", "search.k=2")
ACTIVE = ("search=active", "search.n=4", "search.initial_design.count=2")


class Answers(Predictor):
    """Answers what its name says."""

    spreads = True

    def __init__(self, space: Any, seeds: range, trainer: dict[str, Any], answer: str, spread: str = "zeros") -> None:
        if answer != "no init":
            super().__init__(space, seeds, trainer)
        self.answer, self.sure = answer, spread

    def fit(self, training_set: Any, labels: Any) -> None:
        if self.answer == "changes what it is given":
            training_set.archs[:], labels[:] = 0, 0

    def score(self, archs: Any) -> Any:
        return self._as(self.answer, np.tile(np.arange(np.shape(archs)[-1]) % 200.0, (len(self.seeds), 1)))

    def spread(self, archs: Any) -> Any:
        return self._as(self.sure, np.zeros((len(self.seeds), np.shape(archs)[-1])))

    def _as(self, kind: str, numbers: Any) -> Any:
        match kind:
            case "NaN":
                return numbers * np.nan
            case "one too few":
                return numbers[:, 1:]
            case "a line":
                return numbers[0]
            case "texts":
                return numbers.astype(str)
            case "nothing":
                return None
            case "negative":
                return numbers - 1
            case "small integers":
                return numbers.astype(np.uint8)
            case "drawn":
                return np.random.rand(*numbers.shape)  # noqa: NPY002
        return numbers


class Choice(EqualRounds):
    """Chooses what its name says."""

    def __init__(self, rounds: int, choice: str) -> None:
        super().__init__(rounds)
        self.choice = choice

    def choose(self, state: Any, count: int, index: int) -> Any:
        free = np.stack([np.flatnonzero(row)[:count] for row in state.free])
        kinds = {
            "free ones as a list": free.tolist(),
            "twice the same": free[:, [0] * count],
            "beyond the space": free + 10**6,
            "below zero": -1 - free,
            "fractions": free + 0.5,
            "nothing": None,
            "one repeat": free[:1],
            "lines of two lengths": [[1], [1, 2]],
        }
        return kinds[self.choice]


class Way(Walks):
    """Goes where its name says."""

    def __init__(self, space: Any, seeds: range, prior: Any, metric: Any, n: int, way: str) -> None:
        super().__init__(space, seeds, prior, metric, n)
        self.way = way

    def walk(self, memory: Any) -> Any:
        return iter([1, 2, 3]) if self.way == "no generator" else self._walk(memory)

    def _walk(self, memory: Any) -> Any:
        first = yield memory.at_random()
        while self.way != "ends":
            yield {"far": 10**6, "nothing": None, "a name": "abc", "half": 0.5, "back": first}[self.way]


def done(out: Path, *words: str, repeats: int = 2) -> Any:
    return siamnas.run("tiny_nb201", out=str(out), repeats=repeats, overrides=["trainer.threads=1", *words]).arrays


def predictor(answer: str, *more: str) -> list[str]:
    words = [f"+predictor._target_={__name__}.Answers", f"+predictor.answer='{answer}'"]
    return ["predictor=random", "~predictor", *words, *more]


@pytest.mark.parametrize("answer", ["NaN", "one too few", "a line", "texts", "nothing"])
def test_scores_that_rank_nothing(tmp_path: Path, answer: str):
    with pytest.raises(InputError, match=r"predictor: Answers\.score (answers|must answer)"):
        done(tmp_path, *predictor(answer), *RANKED)


@pytest.mark.parametrize("spread", ["NaN", "negative", "a line", "texts"])
def test_spreads_that_are_none(tmp_path: Path, spread: str):
    with pytest.raises(InputError, match=r"predictor: Answers\.spread (answers|must answer)"):
        done(tmp_path, *predictor("zeros", f"+predictor.spread='{spread}'"), *ACTIVE, "acquisition=ei")


def test_a_class_that_leaves_out_its_base(tmp_path: Path):
    with pytest.raises(InputError, match=r"predictor: Answers\.__init__ must call super"):
        done(tmp_path, *predictor("no init"), *RANKED)


@pytest.mark.parametrize("answer", ["small integers", "changes what it is given"])
def test_the_same_ranking_is_the_same_result(tmp_path: Path, answer: str):
    """Integers below zero do not exist for some types: the worst came first."""
    for words in (RANKED, (*ACTIVE, "acquisition=top")):
        usual = done(tmp_path / "usual", *predictor("numbers"), *words)
        np.testing.assert_array_equal(done(tmp_path / "other", *predictor(answer), *words)["best"], usual["best"])


def test_what_is_drawn_from_a_global_generator_is_repeatable_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    found = []
    for user in range(2):
        np.random.seed(user)  # noqa: NPY002
        found.append(done(tmp_path / str(user), *predictor("drawn"), *RANKED)["best"])
        assert np.random.rand() == np.random.RandomState(user).rand()  # noqa: NPY002
    np.testing.assert_array_equal(*found)
    assert "draws from the global generators" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        for own in ("predictor=forest", "predictor=gp", "search=local"):
            done(tmp_path / own, own, "search.n=4")
    assert "draws" not in caplog.text


@pytest.mark.parametrize("choice", ["twice the same", "beyond the space", "below zero", "fractions", "nothing"])
@pytest.mark.parametrize("search", [RANKED, (*ACTIVE, "search.batch=2")])
def test_choices_that_are_no_architectures(tmp_path: Path, choice: str, search: tuple[str, ...]):
    with pytest.raises(InputError, match=r"search: \w+ with Choice: "):
        done(tmp_path, "predictor=forest", *acquisition(choice), *search)


@pytest.mark.parametrize("choice", ["one repeat", "lines of two lengths"])
def test_choices_for_other_repeats(tmp_path: Path, choice: str):
    with pytest.raises(InputError, match=r"search: TopK with Choice: .*must be \(2, m\) numbers of architectures"):
        done(tmp_path, "predictor=forest", *acquisition(choice), *RANKED)


def test_a_list_is_as_good_as_an_array(tmp_path: Path):
    assert len(done(tmp_path, "predictor=forest", *acquisition("free ones as a list"), *RANKED)["best"]) == 2


def acquisition(choice: str) -> list[str]:
    words = [f"+acquisition._target_={__name__}.Choice", "+acquisition.rounds=2", f"+acquisition.choice='{choice}'"]
    return ["~acquisition", *words]


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("no generator", "Way.walk must yield architectures"),
        ("ends", "Way.walk has ended before its n=4 evaluations"),
        ("far", "asks for architecture 1000000; must be from 0"),
        ("nothing", "numbers of architectures"),
        ("a name", "numbers of architectures"),
        ("half", "numbers of architectures"),
        ("back", r"must evaluate n \+ depth = 4 different architectures, and has evaluated 1"),
    ],
)
def test_walks_that_go_nowhere(tmp_path: Path, way: str, said: str):
    words = ["search=local", "~search.start", f"search._target_={__name__}.Way", "search.n=4", f"+search.way='{way}'"]
    with pytest.raises(InputError, match=rf"search: .*{said}"):
        done(tmp_path, *words)


def test_a_group_without_an_option(tmp_path: Path):
    with pytest.raises(InputError, match=r"~search: .*set search\._target_"):
        done(tmp_path, "~search", f"+search._target_={__name__}.Way", "+search.n=4", "+search.way=far")
