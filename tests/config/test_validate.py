"""Plain containers against dataclasses."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import pytest

from siamnas.config.validate import Condition, Count, Natural, Positive, Probability, Share, Word, check, near
from siamnas.errors import InputError


@dataclass
class Inner:
    size: Count


@dataclass
class Outer:
    TABLE: ClassVar[str] = "a constant of the class, not a key"

    _target_: Word
    inner: Inner
    kind: Literal["a", "b"]
    items: list[Inner]
    rate: Positive | None
    free: Any
    flag: bool
    many: dict


GOOD: dict[str, Any] = {
    "_target_": "x.Y",
    "inner": {"size": 1},
    "kind": "a",
    "items": [{"size": 2}, {"size": 3}],
    "rate": None,
    "free": object(),
    "flag": False,
    "many": {"anything": 1},
}


def test_what_fits_passes():
    check(Outer, GOOD)
    check(Outer, GOOD | {"rate": 3, "items": []})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 3}, "unknown key space.colour; known here: inner, kind, items, rate, free, flag, many"),
        ({"kinds": 3}, "unknown key space.kinds (did you mean kind?)"),
        ({"TABLE": "x"}, "unknown key space.TABLE"),
        ({"inner": {"size": 0}}, "space.inner.size=0: must be an integer of at least 1"),
        ({"inner": {"size": True}}, "space.inner.size=true: must be an integer"),
        ({"inner": {}}, "missing key space.inner.size: must be an integer of at least 1"),
        ({"inner": {"size": 1, "sise": 2}}, "unknown key space.inner.sise (did you mean size?)"),
        ({"inner": 3}, "space.inner=3: must be a group of keys"),
        ({"inner": None}, "space.inner=null: must be a group of keys"),
        ({"kind": "c"}, "space.kind=c: must be a or b"),
        ({"items": {"size": 1}}, "must be a list"),
        ({"items": [{"size": 1}, {"size": 2.5}]}, "space.items[1].size=2.5: must be an integer"),
        ({"rate": 0}, "space.rate=0: must be a number above 0 or null"),
        ({"rate": float("inf")}, "space.rate=inf: must be a number above 0"),
        ({"rate": float("nan")}, "space.rate=nan: must be a number above 0"),
        ({"rate": "3"}, "space.rate='3': must be a number above 0"),
        ({"flag": 1}, "space.flag=1: must be true or false"),
        ({"flag": None}, "space.flag=null: must be true or false"),
        ({"_target_": ""}, "space._target_=: must be a text that is not empty"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        check(Outer, GOOD | change, "space")


@pytest.mark.parametrize("missing", GOOD)
def test_every_field_is_needed(missing: str):
    with pytest.raises(InputError, match=f"missing key {missing}"):
        check(Outer, {key: value for key, value in GOOD.items() if key != missing})


def test_what_is_no_group_is_refused():
    with pytest.raises(InputError, match="space=3: must be a group of keys"):
        check(Outer, 3, "space")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Count, [1, 9], [0, -1, 1.0, True, "1", None]),
        (Natural, [0, 1], [-1, 0.5, False]),
        (Positive, [1, 0.1], [0, -1, float("inf"), True]),
        (Share, [0.1, 1, 1.0], [0, 1.1]),
        (Probability, [0, 1, 0.5], [-0.1, 1.1, None]),
        (Word, ["a"], ["", 3, None]),
        (Annotated[int, Condition("even", lambda v: v % 2 == 0)], [2], [3]),
    ],
)
def test_the_kinds_of_numbers_and_texts(kind: Any, good: list[Any], bad: list[Any]):
    schema = dataclass(type("One", (), {"__annotations__": {"value": kind}}))
    for value in good:
        check(schema, {"value": value})
    for value in bad:
        with pytest.raises(InputError, match="value="):
            check(schema, {"value": value})


def test_inherited_fields_belong_to_it():
    @dataclass
    class More(Inner):
        name: Word

    check(More, {"size": 1, "name": "a"})
    with pytest.raises(InputError, match="missing key size"):
        check(More, {"name": "a"})


def test_a_hint_is_given_only_where_there_is_a_near_word():
    assert near("serach", ["search", "space"]) == " (did you mean search?)"
    assert near("zzz", ["search", "space"]) == ""
