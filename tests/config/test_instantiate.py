"""`_target_`: found, checked by the schema beside it, called."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from omegaconf import OmegaConf

from siamnas.config import compose, instantiate, interfaces
from siamnas.config.validate import Count, Word
from siamnas.errors import InputError
from siamnas.runtime.interrupt import Terminated


@pytest.fixture(autouse=True)
def thing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that takes any class."""
    monkeypatch.setitem(interfaces.INTERFACES, "thing", interfaces.Interface(("builtins.object",)))
    monkeypatch.setitem(interfaces.INTERFACES, "thing.model", interfaces.Interface(("builtins.object",)))


@dataclass
class Fields:
    _target_: Word
    size: Count


@instantiate.checked_by(Fields)
class Sized:
    def __init__(self, space: str, size: int) -> None:
        self.space, self.size = space, size


class Deeper(Sized):
    def __init__(self, space: str, size: int, depth: int) -> None:
        super().__init__(space, size)
        self.depth = depth


class Loose:
    def __init__(self, size: int, depth: int = 2) -> None:
        self.size, self.depth = size, depth


class Open:
    def __init__(self, *, size: int = 1, **others: int) -> None:
        self.size, self.others = size, others


class Older:
    def __init__(self, space: str, identities: range) -> None:
        self.space, self.identities = space, identities


class OlderSearch:
    def __init__(self, acquire: str) -> None:
        self.acquire = acquire


class OlderOracle:
    def __init__(self, labs: str) -> None:
        self.labs = labs


class Between:
    """Works with siamnas before and after the change."""

    def __init__(self, seeds: range | None = None, identities: range | None = None) -> None:
        self.seeds = identities if seeds is None else seeds


class Broken:
    def __init__(self) -> None:
        raise InputError("size=7: what the class itself says")


def fields(kind: type, **values: Any) -> dict[str, Any]:
    return {"_target_": f"{__name__}.{kind.__name__}", **values}


def test_the_schema_stands_beside_the_class():
    assert instantiate.schema_of(fields(Sized)) is Fields
    assert instantiate.schema_of(fields(Loose)) is None
    assert instantiate.schema_of({"_target_": "no.such.Thing"}) is None
    assert instantiate.schema_of({"_target_": None}) is None
    assert instantiate.schema_of({}) is None


def test_a_class_of_ones_own_may_take_other_arguments_than_its_parent():
    group = fields(Deeper, size=1, depth=3)
    instantiate.check_fields(group, "thing")
    assert instantiate.make("thing", group, {"space": "tiny"}).depth == 3


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (fields(Sized, size=0), "thing.size=0: must be an integer of at least 1"),
        (fields(Sized, size=1, sise=2), "unknown key thing.sise (did you mean size?)"),
        (fields(Sized), "missing key thing.size: must be an integer of at least 1"),
        (fields(Sized, size=1, space="x"), "unknown key thing.space"),
        (3, "thing=3: must be a group of keys"),
        (None, "thing=None: must be a group of keys"),
    ],
)
def test_a_group_is_checked_by_the_schema_of_its_target(group: Any, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        instantiate.check_fields(group, "thing")


@pytest.mark.parametrize(
    ("line", "ends"), [("raise SystemExit(3)", InputError), ("raise Terminated(143)", Terminated)], ids=str
)
def test_only_a_signal_ends_the_process_while_a_module_is_imported(tmp_path, monkeypatch, line: str, ends: type):
    (tmp_path / "ending.py").write_text(f"from siamnas.runtime.interrupt import Terminated\n{line}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ends):
        instantiate.make("predictor", {"_target_": "ending.Thing"})


def test_what_has_no_schema_is_checked_where_it_is_made():
    instantiate.check_fields(fields(Loose, anything=1), "thing")
    with pytest.raises(InputError, match=r"unknown key thing\.anything; known here: size, depth"):
        instantiate.make("thing", fields(Loose, size=1, anything=1))
    with pytest.raises(InputError, match=r"missing key thing\.size: .*Loose needs it"):
        instantiate.make("thing", fields(Loose))


def test_it_gets_what_it_takes_of_what_is_given():
    made = instantiate.make("thing", fields(Sized, size=3), {"space": "tiny", "trainer": "unused"})
    assert (made.space, made.size) == ("tiny", 3)
    assert instantiate.make("thing", fields(Loose, size=3)).depth == 2


def test_one_that_takes_any_arguments_gets_them():
    made = instantiate.make("thing.model", fields(Open, depth=3), {"random_state": 1})
    assert (made.size, made.others) == (1, {"depth": 3})


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({}, "missing key thing._target_: must name a class"),
        ({"_target_": None}, "missing key thing._target_: must name a class"),
        ({"_target_": "no.such.Thing"}, "thing._target_=no.such.Thing: "),
        ({"_target_": f"{__name__}.Missing"}, f"thing._target_={__name__}.Missing: "),
        ({"_target_": f"{__name__}.Broken"}, "size=7: what the class itself says"),
    ],
)
def test_a_target_that_cannot_be_made_is_named(group: dict[str, Any], message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        instantiate.make("thing", group)


GROUPS = ["space", "oracle", "acquisition", "predictor", "search", "logger", "network", "images", "what"]


@pytest.mark.parametrize("group", GROUPS)
def test_every_shipped_class_has_its_schema(group: str):
    """A typo in any of them is found before anything is made."""
    files = sorted((compose.CONF_DIR / group).glob("*.yaml"))
    assert files
    for file in files:
        own: Any = OmegaConf.load(file)
        if own.get("_target_") and set(own) > {"_target_"}:
            assert instantiate.schema_of({"_target_": own["_target_"]}) is not None, file


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [(Older, "identities", "seeds"), (OlderSearch, "acquire", "acquisition"), (OlderOracle, "labs", "evaluators")],
)
def test_an_argument_with_its_old_name_is_told_the_new_one(kind: type, old: str, new: str):
    message = f"thing._target_={__name__}.{kind.__name__}: its argument {old} is called {new} now"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        instantiate.make("thing", fields(kind), {"space": "tiny", new: "anything"})


def test_an_old_name_may_be_a_field_or_stand_beside_the_new_one():
    given = {"space": "tiny", "seeds": range(3)}
    assert instantiate.make("thing", fields(Between), given).seeds == range(3)
    assert instantiate.make("thing", fields(Older, identities=7), given).identities == 7
    with pytest.raises(InputError, match="^missing key thing.identities"):
        instantiate.make("thing", fields(Older), {"space": "tiny"})
