"""Spaces of ConfigSpace: choices, conditions and forbidden combinations, from its files and from the package itself."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas import InputError
from siamnas.spaces.described import configspace, files
from siamnas.spaces.described.encoding import RowSpace
from siamnas.spaces.described.lowering import lower
from siamnas.spaces.described.space import Described
from siamnas.testing import DomainContract

FILE: dict[str, Any] = {  # as ConfigSpace 1.2.2 writes it
    "name": "net",
    "hyperparameters": [
        {"type": "ordinal", "name": "size", "sequence": ["small", "medium", "large"], "default_value": "small"},
        {"type": "uniform_int", "name": "depth", "lower": 1, "upper": 4, "default_value": 3, "log": False},
        {"type": "categorical", "name": "op", "choices": ["conv", "pool", "attn"], "weights": None},
        {"type": "constant", "name": "stem", "value": 3},
        {"type": "uniform_int", "name": "width", "lower": 8, "upper": 512, "default_value": 64, "log": True},
        {"type": "uniform_float", "name": "drop", "lower": 0.0, "upper": 0.5, "default_value": 0.25, "log": False},
        {"type": "ordinal", "name": "heads", "sequence": [2, 4, 8], "default_value": 2},
        {"type": "uniform_int", "name": "x", "lower": 1, "upper": 3, "default_value": 2, "log": False},
        {"type": "uniform_int", "name": "y", "lower": 1, "upper": 3, "default_value": 2, "log": False},
    ],
    "conditions": [
        {"type": "IN", "child": "drop", "parent": "op", "values": ["conv", "attn"]},
        {"type": "EQ", "child": "heads", "parent": "op", "value": "attn"},
        {
            "type": "OR",
            "child": "y",
            "conditions": [
                {"type": "LT", "child": "y", "parent": "depth", "value": 2},
                {"type": "GT", "child": "y", "parent": "size", "value": "small"},
            ],
        },
        {
            "type": "AND",
            "child": "x",
            "conditions": [
                {"type": "GT", "child": "x", "parent": "depth", "value": 2},
                {"type": "NEQ", "child": "x", "parent": "op", "value": "pool"},
            ],
        },
    ],
    "forbiddens": [
        {
            "type": "AND",
            "clauses": [
                {"type": "EQUALS", "name": "op", "value": "pool"},
                {"type": "IN", "name": "depth", "values": [3, 4]},
            ],
        },
        {"type": "RELATION_GT", "left": "x", "right": "y"},
    ],
    "format_version": 0.4,
}


def allowed(c: dict[str, Any]) -> bool:
    """What the file says, in Python."""
    sizes = ["small", "medium", "large"]
    active = {"size", "depth", "op", "stem", "width"}
    active |= {"drop"} if c["op"] in ("conv", "attn") else set()
    active |= {"heads"} if c["op"] == "attn" else set()
    active |= {"y"} if c["depth"] < 2 or sizes.index(c["size"]) > 0 else set()
    active |= {"x"} if c["depth"] > 2 and c["op"] != "pool" else set()
    crossed = "x" in c and "y" in c and c["x"] > c["y"]
    return set(c) == active and not (c["op"] == "pool" and c["depth"] in (3, 4)) and not crossed


def space() -> Described:
    return Described(configspace.conditional(FILE), "net")


def test_all_samples_are_as_the_file_says():
    made = space()
    rows = made.sample(np.random.default_rng(0), 1000)
    assert all(allowed(made.choices(row)) for row in rows)
    for row in rows[:50]:
        assert all(allowed(made.choices(one)) for one in made.neighbours(row, np.random.default_rng(1), 50))
    assert {made.choices(row)["size"] for row in rows} == {"small", "medium", "large"}
    widths = {made.choices(row)["width"] for row in rows}
    assert len(widths) == 16 and min(widths) == 8 and max(widths) == 512 and np.median(list(widths)) < 80


def test_the_size_is_that_of_all_combinations():
    few = {**FILE, "hyperparameters": [one for one in FILE["hyperparameters"] if one["name"] not in ("width", "drop")]}
    few["conditions"] = FILE["conditions"][1:]
    made = Described(configspace.conditional(few))
    rows = RowSpace(lower(made.description))
    every = np.array(list(product(*map(range, rows.sizes.tolist()))), np.int16)
    assert made.size == len(np.unique(rows.normalised(every), axis=0))


def test_a_file_is_read_and_its_definition_too(tmp_path: Path):
    path = tmp_path / "net.json"
    path.write_text(json.dumps(FILE))
    made = siamnas.Space.of_file(path)
    assert made.description == space().description == files.of_text(made.definition).description
    assert made.name == "net" and siamnas.Search(path, budget=2).ask()[0].choices["op"] in ("conv", "pool", "attn")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"hyperparameters": [{"type": "odd", "name": "a"}]}, "a: type odd is not known"),
        ({"hyperparameters": [{"name": "a"}]}, "no configuration space"),
        ({"hyperparameters": [{"type": "constant", "name": 1, "value": 2}]}, "name 1 must be a text"),
        ({"hyperparameters": [{"type": "constant", "name": "a", "value": 2}] * 2}, "a is there 2 times"),
        ({"hyperparameters": [], "conditions": [], "forbiddens": []}, "at least one choice"),
        ({"conditions": [{"type": "ODD", "child": "x", "parent": "op", "value": "pool"}]}, "type ODD is not known"),
        ({"conditions": [{"type": "EQ", "child": "x", "parent": "nothing", "value": 1}]}, "not its parent"),
        ({"conditions": [{"type": "EQ", "child": "x", "parent": "x", "value": 1}]}, "x: depends on itself"),
        ({"conditions": [{"type": "EQ", "child": "z", "parent": "x", "value": 1}]}, "z: there is no such choice"),
    ],
)
def test_what_is_not_known_is_named(tmp_path: Path, changes: dict[str, Any], why: str):
    path = tmp_path / "net.json"
    path.write_text(json.dumps({**FILE, **changes}))
    with pytest.raises(InputError, match=why):
        siamnas.Space.of_file(path)


def test_what_a_condition_names_is_an_option():
    """Of 100 values 16 are taken; what depends on another one was never there, without a word."""
    width = {"type": "uniform_int", "name": "width", "lower": 1, "upper": 100, "log": False}
    rate = {"type": "uniform_float", "name": "rate", "lower": 0.0, "upper": 1.0, "log": False}
    depends = [{"type": "categorical", "name": name, "choices": [1, 2]} for name in ("a", "b")]
    conditions = [
        {"type": "EQ", "child": "a", "parent": "width", "value": 50},
        {"type": "OR", "child": "b", "conditions": [
            {"type": "IN", "child": "b", "parent": "rate", "values": [0.37, 0.38]},
            {"type": "EQ", "child": "b", "parent": "width", "value": 51},
        ]},
    ]  # fmt: skip
    made = Described(configspace.conditional({"hyperparameters": [width, rate, *depends], "conditions": conditions}))
    assert {50, 51} < set(made.options["width"]) and {0.37, 0.38} < set(made.options["rate"])
    seen = [made.choices(row) for row in made.sample(np.random.default_rng(0), 2000)]
    assert {one["width"] for one in seen if "a" in one} == {50}
    assert {one["rate"] for one in seen if "b" in one and one["width"] != 51} == {0.37, 0.38}


class TestContract(DomainContract):
    def make(self):
        return space()


@pytest.mark.extras
def test_the_package_takes_all_that_is_sampled(tmp_path: Path):
    import ConfigSpace

    path = tmp_path / "net.json"
    path.write_text(json.dumps(FILE))
    theirs = ConfigSpace.ConfigurationSpace.from_json(path)
    made = siamnas.Space.of_configspace(theirs, constraints=[lambda c: c["depth"] < 4])
    assert dict(made.description.choices) == dict(space().description.choices) and made.name == "net"
    for row in made.sample(np.random.default_rng(0), 300):
        ConfigSpace.Configuration(theirs, values=made.choices(row)).check_valid_configuration()
    for one in theirs.sample_configuration(300):
        assert allowed({name: getattr(value, "item", lambda v=value: v)() for name, value in dict(one).items()})


UNEQUAL: dict[str, Any] = {  # a chain of conditions, the last on a choice that may play no part
    "name": "unequal",
    "hyperparameters": [
        {"type": "uniform_int", "name": "a", "lower": 0, "upper": 2, "default_value": 1, "log": False},
        {"type": "categorical", "name": "b", "choices": ["p", "q"], "default_value": "q"},
        {"type": "categorical", "name": "c", "choices": ["p", "q"], "default_value": "q"},
        {"type": "categorical", "name": "d", "choices": ["p", "q"], "default_value": "p"},
    ],
    "conditions": [
        {"type": "NEQ", "child": "d", "parent": "c", "value": "p"},
        {"type": "AND", "child": "c", "conditions": [
            {"type": "EQ", "child": "c", "parent": "b", "value": "q"},
            {"type": "GT", "child": "c", "parent": "a", "value": 0}]},
        {"type": "IN", "child": "b", "parent": "a", "values": [0, 1]},
    ],
    "forbiddens": [],
}  # fmt: skip


def all_of(space: Described) -> set[str]:
    """What is sampled of a small space."""
    return {json.dumps(space.choices(row), sort_keys=True) for row in space.sample(np.random.default_rng(0), 500)}


def unequal() -> Described:
    return Described(configspace.conditional(UNEQUAL), "unequal")


def test_what_plays_no_part_is_unequal_to_every_value():
    """As ConfigSpace has it, which refused what was asked for, and whose own samples were never asked for."""
    expected = set()
    for a, b, c, d in product((0, 1, 2), *(["p", "q"],) * 3):
        arch: dict[str, Any] = {"a": a}
        if a in (0, 1):
            arch["b"] = b
        if arch.get("b") == "q" and a > 0:
            arch["c"] = c
        if arch.get("c") != "p":
            arch["d"] = d
        expected.add(json.dumps(arch, sort_keys=True))
    assert all_of(unequal()) == expected


def test_conditions_in_a_circle_are_refused():
    circle = [{"type": "NEQ", "child": a, "parent": b, "value": "p"} for a, b in ("bc", "cb")]
    with pytest.raises(InputError):
        configspace.conditional({**UNEQUAL, "conditions": circle})


@pytest.mark.extras
def test_the_package_has_it_so(tmp_path: Path):
    import ConfigSpace

    path = tmp_path / "unequal.json"
    path.write_text(json.dumps(UNEQUAL))
    theirs = ConfigSpace.ConfigurationSpace.from_json(path)
    for arch in map(json.loads, all_of(unequal())):
        ConfigSpace.Configuration(theirs, values=arch).check_valid_configuration()
        if arch.pop("d", None):
            with pytest.raises(ConfigSpace.exceptions.ActiveHyperparameterNotSetError):
                ConfigSpace.Configuration(theirs, values=arch).check_valid_configuration()
