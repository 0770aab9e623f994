"""`_target_`: found, its fields checked against its arguments, called."""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from omegaconf import OmegaConf

from siamnas.config import compose, instantiate, interfaces, validate
from siamnas.config.validate import Count
from siamnas.errors import InputError
from siamnas.runtime.interrupt import Terminated


@pytest.fixture(autouse=True)
def thing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that takes any class."""
    anything = interfaces.Interface(("builtins.object",), given=("space", "seeds", "trainer"))
    monkeypatch.setitem(interfaces.INTERFACES, "thing", anything)
    monkeypatch.setitem(interfaces.INTERFACES, "thing.model", interfaces.Interface(("builtins.object",)))


class Sized:
    def __init__(self, space: str, size: Count) -> None:
        self.space, self.size = space, size


class Deeper(Sized):
    def __init__(self, space: str, size: int, depth: int) -> None:
        super().__init__(space, size)
        self.depth = depth


class Loose:
    def __init__(self, size, depth=2) -> None:
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
        (fields(Sized, size=1, space="x"), "thing.space=x: is decided by siamnas; leave it out"),
        (3, "thing=3: must be a group of keys"),
        (None, "thing=None: must be a group of keys"),
    ],
)
def test_a_group_is_checked_by_the_arguments_of_its_target(group: Any, message: str):
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


def test_a_key_is_checked_again_where_it_is_used():
    with pytest.raises(InputError, match=r"unknown key thing\.anything; known here: size, depth"):
        instantiate.make("thing", fields(Loose, size=1, anything=1))
    with pytest.raises(InputError, match=r"missing key thing\.size: .*Loose needs it"):
        instantiate.make("thing", fields(Loose))


def test_an_argument_without_a_type_takes_anything():
    for value in (1, "a", None, [{"b": 2}]):
        instantiate.check_fields(fields(Loose, size=value), "thing")
        assert instantiate.make("thing", fields(Loose, size=value)).size == value


@dataclass
class Shape:
    width: Count
    depths: list[Count]
    name: str = "plain"


class Own:
    """As somebody writes it who has never heard of `validate`."""

    def __init__(
        self,
        space: "NotImportedHere",  # noqa: F821
        sharpness: float,
        names: Sequence[str] = (),
        mode: Literal["fast", "slow"] = "fast",
        seed: int | str | None = None,
        later: "bool" = False,
        path: Path | None = None,
        where: "numpy.ndarray" = None,  # noqa: F821
        shape: Shape | None = None,
        shapes: list[Shape] = [],  # noqa: B006
        rate: float = None,
        table: Mapping[str, int] | None = None,
    ) -> None:
        self.shape, self.shapes, self.table = shape, shapes, table


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sharpness": "x"}, "thing.sharpness=x: must be a number"),
        ({"sharpness": True}, "thing.sharpness=true: must be a number"),
        ({"sharpness": None}, "thing.sharpness=null: must be a number"),
        ({"names": "a"}, "thing.names=a: must be a list, each a text"),
        ({"names": ["a", 3]}, "thing.names[1]=3: must be a text"),
        ({"mode": "quick"}, "thing.mode=quick: must be fast or slow"),
        ({"seed": 1.5}, "thing.seed=1.5: must be an integer or a text or null"),
        ({"later": 1}, "thing.later=1: must be true or false"),
        ({"rate": "much"}, "thing.rate=much: must be a number"),
        ({"table": 3}, "thing.table=3: must be a group of keys or null"),
        ({"shape": 3}, "thing.shape=3: must be a group of keys or null"),
        ({"shape": {"width": 0, "depths": []}}, "thing.shape.width=0: must be an integer of at least 1"),
        ({"shape": {"width": 1, "depths": [0]}}, "thing.shape.depths[0]=0: must be an integer of at least 1"),
        ({"shape": {"width": 1}}, "missing key thing.shape.depths: must be a list, each an integer of at least 1"),
        ({"shape": {"width": 1, "depths": [], "high": 1}}, "unknown key thing.shape.high; known here: width, depths"),
        ({"shapes": [{"width": 1, "depths": "x"}]}, "thing.shapes[0].depths=x: must be a list"),
        ({"sharpnes": 1}, "unknown key thing.sharpnes (did you mean sharpness"),
        ({"space": "x"}, "thing.space=x: is decided by siamnas; leave it out"),
    ],
)
def test_a_class_with_plain_annotations_gets_the_checks_without_a_line(changed: dict[str, Any], message: str):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        instantiate.check_fields(fields(Own, **{"sharpness": 1, **changed}), "thing")
    with pytest.raises(InputError, match=r"^missing key thing\.sharpness: must be a number \(.*\.Own needs it\)$"):
        instantiate.check_fields(fields(Own), "thing")


def test_what_fits_plain_annotations_passes_and_records_are_made():
    record = {"width": 2, "depths": [1, 3]}
    group = fields(
        Own, sharpness=1, names=["a"], mode="slow", seed="x", path="y", where=[1], rate=None, shape=record,
        shapes=[record, record | {"name": "other"}], table={"a": 1},
    )  # fmt: skip
    instantiate.check_fields(group, "thing")
    made = instantiate.make("thing", group, {"space": "tiny"})
    assert made.shape == Shape(2, [1, 3]) and made.shape.depths is not record["depths"]
    assert made.shapes == [Shape(2, [1, 3]), Shape(2, [1, 3], "other")]
    assert made.table == {"a": 1} and made.table is not group["table"]


def test_a_function_that_takes_any_key_gets_it():
    instantiate.check_fields(fields(Open, size=3, depth=3), "thing")
    with pytest.raises(InputError, match=r"^thing\.size=x: must be an integer$"):
        instantiate.check_fields(fields(Open, size="x", depth=3), "thing")


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


def test_an_old_name_is_told_before_anything_is_made():
    message = f"thing._target_={__name__}.Older: its argument identities is called seeds now"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        instantiate.check_fields(fields(Older), "thing")


GROUPS = ["space", "oracle", "acquisition", "predictor", "search", "logger", "network", "images", "what"]


@pytest.mark.parametrize("group", GROUPS)
def test_every_option_of_a_shipped_class_has_its_type(group: str):
    """A slip in any of them is found before anything is made."""
    files = sorted((compose.CONF_DIR / group).glob("*.yaml"))
    assert files
    for file in files:
        own: Any = OmegaConf.load(file)
        if target := instantiate.find_class(own):
            given = interfaces.INTERFACES[group].given
            values = dict.fromkeys(inspect.signature(target).parameters.keys() - set(given), "given")
            found = validate.hints(target, values, group, given)
            assert all(hint not in (Any, int, str, float) for hint in found.values()), (file, found)


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
