"""Arguments of the Python door that are of another kind: refused by name before any work, and nothing is written."""

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.runtime import terminal

SPACE = siamnas.Space.of_choices({"op": ["a", "b"], "width": [1, 2, 3]})
DOORS: dict[str, Callable[[Any], Any]] = {
    "Search.open": siamnas.Search.open,
    "Search": lambda path: siamnas.Search(SPACE, "gp", 5, journal=path) if path is not None else siamnas.results(path),
    "Space.of_file": siamnas.Space.of_file,
    "Space.of_table": siamnas.Space.of_table,
    "results": siamnas.results,
}
PATHS = [3, None, 1.5, b"x", "", "a\0b", "x" * 5000, "x" * 300, "y/" * 3000, ["a"], True]


@pytest.mark.parametrize("door", DOORS)
def test_a_path_that_is_none(door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for path in PATHS:
        with pytest.raises(InputError) as raised:
            DOORS[door](path)
        assert len(str(raised.value)) < 600 and ("path" in str(raised.value) or "/" in str(raised.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a\nb'\"$(x) é", "\udcff-"])
def test_a_path_may_have_any_name(name: str, tmp_path: Path):
    for _ in range(2):
        with siamnas.Search(SPACE, "gp", 5, journal=tmp_path / name) as search:
            search.tell(search.ask(1), [0.5])
    assert len(siamnas.Search.open(tmp_path / name).values) == 2


AIMS = [
    {"": "min"},
    {" ": "min"},
    {"\x1b[2J": "min"},
    {"x" * 5000: "min"},
    {1: "min"},
    {None: "min"},
    {"a": 1},
    {"a": "MIN"},
]


@pytest.mark.parametrize("aims", AIMS, ids=range(len(AIMS)))
def test_the_name_of_an_objective(aims: Any):
    with pytest.raises(InputError, match="objectives"):
        siamnas.Search(SPACE, "gp", 5, objectives=aims | {"loss": "min"})


@pytest.mark.parametrize("limit", ["nan", "inf", "1e400", "-1e999", "1_0", "٣", "1,5", "50%", "1<=2", "", "0x10"])
def test_a_limit_that_nothing_can_break(limit: str):
    for words in ({"constraints": [f"ms<={limit}"], "objectives": {"loss": "min", "ms": "min"}}, {}):
        with pytest.raises(InputError, match="constraints"):
            if words:
                siamnas.Search(SPACE, "gp", 5, **words)
            else:
                siamnas.Space.of_choices({"w": [1, 2]}, columns={"c": "w"}, constraints=[f"c<={limit}"])


MASKED = np.ma.masked_array([0.5], [True])


@pytest.mark.parametrize("value", [MASKED, np.ma.masked_array(0.5, True), MASKED[0], np.ma.masked_all(1)])
def test_what_is_masked_has_failed(value: Any):
    """It holds a number, which nobody has meant."""
    search = siamnas.Search(SPACE, "gp", 5)
    (arch,) = search.ask(1)
    search.tell(arch, value)
    assert np.isnan(search.values[arch])
    several = siamnas.Search(SPACE, "gp", 5, objectives={"loss": "min", "ms": "min"})
    (arch,) = several.ask(1)
    several.tell(arch, {"loss": 1.0, "ms": value})
    assert np.isnan(several.values[arch])


@pytest.mark.parametrize(
    "name", ["a/b", "<i>x</i>", "a:b,c=d e", "100%", "$\\frac{1}", "\\input{x}", "=1+1", "no", "é/"]
)
def test_names_of_choices_and_options_are_any_texts(name: str):
    """Also those that part choices in the text of an architecture; and a picture shows them as they are."""
    block = {name: [1, 2], "op": [name, "b"]}
    space = siamnas.Space.of_choices({name: [name, "other"], "blocks": siamnas.repeat(block, 1, 2)}, name=name)
    rows = space.sample(np.random.default_rng(0), 20)
    for row in rows:
        assert np.array_equal(space.parse(space.describe(row)), row)
    search = siamnas.Search(space, "gp", 4)
    search.tell(archs := search.ask(2), [0.1, 0.2])
    drawn = search.best().plot()
    (getattr(drawn, "figure", None) or drawn).canvas.draw()
    assert archs[0].choices.keys() == {name, "blocks"}


def test_a_network_of_a_list_for_a_space_without_one():
    with pytest.raises(InputError, match="network: is one of a list of architectures, and the space own has none"):
        siamnas.networks(SPACE, "nb201")


class Mute:
    """What can't be written."""

    def __repr__(self) -> str:
        raise RuntimeError

    __index__ = None


@pytest.mark.parametrize("key", ["budget", "seed", "maximise", "wait", "overrides", "predictor", "space", "reissue"])
def test_a_value_that_cannot_be_written_is_refused_all_the_same(key: str):
    given: dict[str, Any] = {"space": SPACE, "predictor": "gp", "budget": 5} | {key: Mute()}
    with pytest.raises(InputError, match=rf"{key}=a value of type Mute: must be"):
        siamnas.Search(**given)


@pytest.mark.parametrize("number", [10**400, Fraction(10) ** 400, np.longdouble("1e4000"), Decimal("1e400")])
def test_a_number_beyond_all_floats(number: Any):
    """It is no failed evaluation, which an infinite value stands for, nor a time to wait."""
    search = siamnas.Search(SPACE, "random", 5)
    archs = search.ask(1)
    with pytest.raises(InputError, match=r"must be a number, or None or NaN"):
        search.tell(archs, [number])
    assert not search.values
    with pytest.raises(InputError, match=r"wait="):
        siamnas.Search(SPACE, "random", 5, wait=number)


def test_a_search_is_neither_pickled_nor_copied(tmp_path: Path):
    """Two of one journal in one process would not know what the other has handed out."""
    with siamnas.Search(SPACE, "random", 5, journal=tmp_path / "mine") as search:
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(InputError, match=r"can't be pickled or copied; open its journal .*mine"):
                copied(search)


@pytest.mark.parametrize("given", [5, [5], "abc", None, [None], [[0]], 0.5, ["10012021"]], ids=repr)
def test_what_is_given_back_but_was_not_asked_for(given: Any):
    """It stayed open, and nobody said so."""
    search = siamnas.Search("nb_macro", budget=8)
    (arch,) = search.ask(1)
    with pytest.raises(InputError, match="give_back: .* was not asked for"):
        search.give_back(given)
    search.give_back(arch)
    assert search.ask(1) == [arch]
    search.tell(arch, 0.5)
    search.give_back([arch])
    assert search.ask(1) != [arch] and search.values == {int(arch): 0.5}, "told meanwhile"


def test_a_source_that_is_not_there():
    with pytest.raises(InputError) as said:
        siamnas.Search("nb_macro", budget=8, learn_from=["/nowhere"])
    assert str(said.value).count("must be a journal") == 1


@pytest.mark.parametrize("odd", ["\x1b[31m", "\u202e", "\u200b", "\r", "\x07", "\x00"], ids=ascii)
def test_what_moves_a_terminal_is_said_escaped(odd: str, capsys: pytest.CaptureFixture[str]):
    """In a message about what is given, or about what a stranger has written."""
    terminal.complain(f"label={odd}ab: must be a printable text\nand more")
    terminal.warn(f"{odd}ab")
    said = capsys.readouterr().err
    assert odd not in said and said.count(ascii(odd)[1:-1] + "ab") == 2 and "\nerror" not in said
    assert said.replace("\n", "").isprintable() and said.count("\n") == 3
