"""What can't be described is refused with a sentence that names it, in Python and in files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import siamnas
from siamnas import InputError, chain, choice, dag, optional, repeat
from siamnas.config.compose import compose
from siamnas.experiment import build, configuration
from siamnas.spaces import from_graphs
from siamnas.spaces.described import files

BLOCK = {"k": [3, 5]}


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: choice([]), "must be a list of 1 to 10,000 options"),
        (lambda: choice("conv"), "must be a list"),
        (lambda: choice([3, 3]), "two options are equal"),
        (lambda: choice([3, "3"]), "two options are equal"),
        (lambda: choice([None, 1]), "an option must be a text or a number"),
        (lambda: choice({"a": BLOCK}, name="shared"), "can't be shared"),
        (lambda: chain(), "at least one part"),
        (lambda: chain("a", b="c"), "names for all of its parts or for none"),
        (lambda: chain(3), "must be one of choice, chain"),
        (lambda: repeat(BLOCK, 3, 2), r"repeat\(3, 2\)"),
        (lambda: repeat(BLOCK, 0, 0), r"repeat\(0, 0\)"),
        (lambda: repeat(BLOCK, 1, 10_000), "1,000"),
        (lambda: dag(["a"], nodes=0), "nodes=0"),
        (lambda: dag(["a"], nodes=2, output="some"), "must be all or loose"),
        (lambda: dag(["a"]), "nodes=None"),
        (lambda: dag(["a"], edges=[(1, 0)]), r"edge \(1, 0\)"),
        (lambda: dag(["a"], edges=[(0, 2)]), "nothing leads to node 1"),
        (lambda: dag(["a"], edges=[(0, 1), (0, 2)]), "nothing takes node 1"),
        (lambda: dag(["a"], edges=[(0, 1), (0, 1)]), "is there twice"),
        (lambda: dag(["a"], nodes=2, edges=[(0, 1)]), "can't both be given"),
        (lambda: dag(["a"], nodes=60, inputs=5), "in more than 10,000 ways"),
        (lambda: siamnas.Space.of_choices({"choice": [1, 2]}), "'choice': must be the name of"),
        (lambda: siamnas.Space.of_choices("conv"), "at least one choice"),
        (
            lambda: siamnas.Space.of_choices({"a": list(range(5000))}),
            "has 5,004 different layers, must be at most 4,096",
        ),
        (lambda: siamnas.Space.of_choices({"a": repeat(repeat(BLOCK, 1, 100), 1, 100)}), "more than 2,000 nodes"),
        (lambda: siamnas.Space.of_choices({"a": choice([1], "w"), "b": choice([2], "w")}), "different options"),
        (lambda: siamnas.Space.of_choices({"a": [1, 2], "b": optional(choice([3], "a"))}), "a part has this name, too"),
        (lambda: siamnas.Space.of_choices({"a": [1, 2]}, roles={"identiy": ["a"]}), "identiy"),
    ],
)
def test_what_can_not_be_is_named(make, why):
    with pytest.raises(InputError, match=why):
        make()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("space: {a: [1, 2], b: {repeat: {k: [1]}, time: [1, 2]}}", r"space.b.time: unknown key .*did you mean times"),
        ("space: {a: {repeat: {k: [1]}, times: 3}}", "space.a.times=3: must be two numbers"),
        ("space: {a: [x, [y, z]]}", "space.a: a list is a choice of values"),
        ("space: {a: {b: {c: {choice: []}}}}", "space.a.b.c: choice of"),
        ("space: {a: null}", "space.a: None"),
        ("space: {a: [1]}\ncolums: {}", r"unknown key colums \(did you mean columns\?\)"),
        ("a: [1, 2]", "must have the key space"),
        ("space: {a: [1]}\ncolumns: {b: a * c}", "columns.b=a \\* c: no choice c"),
        ("space: {a: [1]}\nconstraints: b<=1", "must be a list of texts"),
        ("space: {a: [1]}\nname: [3]", "must be a text"),
        ("- a", "must have the key space"),
        ("space: {a: [1", "is no "),
        ("space: " + "{a: " * 100 + "[1]" + "}" * 100, "at most 50 parts deep"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str, why: str):
    path = tmp_path / "space.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=f"(?s){path}.*{why}"):
        siamnas.Space.of_file(path)


def test_a_configuration_names_a_file(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text("space: {a: [1, 2, 3]}\ncolumns: {b: 2*a}\nconstraints: [b>=4]\n")
    words = ["space=described", f"space.path={path}", "space.constraints=[b<=4]"]
    job = configuration.load(*compose(words))
    space = build.space_or_benchmark(job.config)
    assert space.name == "mine" and space.constraints == ("b>=4", "b<=4")
    assert [space.choices(arch) for arch in space.sample(np.random.default_rng(0), 3)] == [{"a": 2}] * 3
    with pytest.raises(InputError, match="space=mine: has no accuracies.* oracle=train .* siamnas.Search"):
        build.benchmark(job.config)
    with pytest.raises(InputError, match="no column c"):
        build.space_or_benchmark(configuration.load(*compose([*words[:2], "space.constraints=[c<=4]"])).config)


def test_a_file_must_be_there(tmp_path: Path):
    with pytest.raises(InputError, match="none.yaml: cannot be read"):
        siamnas.Space.of_file(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="must be a file that describes a space"):
        siamnas.Space.of_file(tmp_path / "space.txt")


@pytest.mark.parametrize("text", ["k", "a=1", "a=1 b=z", "a=1 b=x c", "b=x a=1", "a=1  b=x", " a=1 b=x"])
def test_texts_must_be_exact(text: str):
    space = siamnas.Space.of_choices({"a": [1, 2], "b": ["x", "y"]}, "two")
    with pytest.raises(InputError, match="two: no architecture"):
        space.parse(text)


def test_names_and_options_may_be_any_text():
    options = ["nor_conv_3x3~0", "a b", "c,d", "e/f", "ü=1", "100%", "x:y"]
    space = siamnas.Space.of_choices({"my part": options, "β": repeat({"k=": options}, 1, 2)})
    for arch in space.sample(np.random.default_rng(0), 50):
        text = space.describe(arch)
        assert text.isascii() and (space.parse(text) == arch).all()


def test_shared_choices_are_one():
    width = choice([16, 32, 64], name="width")
    block = {"k": [3, 5], "w": width}
    space = siamnas.Space.of_choices({"width": width, "layers": repeat(block, 2, 3), "more": optional(block)})
    assert space.size == 3 * (2**2 + 2**3) * 3
    for arch in space.sample(np.random.default_rng(0), 50):
        c = space.choices(arch)
        assert {layer["w"] for layer in c["layers"]} == {c["width"]}
    assert any(name == "k3-w16" or name == "k3w16" for name in space.node_types)


def test_a_block_that_is_the_same_is_chosen_once():
    space = siamnas.Space.of_choices({"stage": repeat({"k": [3, 5], "e": [1, 4, 6]}, 1, 3, same=True)})
    assert space.size == 3 * 6
    for arch in space.sample(np.random.default_rng(0), 20):
        layers = space.choices(arch)["stage"]
        assert all(layer == layers[0] for layer in layers)


def test_a_column_may_be_a_function_of_arrays():
    def cost(c):
        return c["width"] * np.nansum(c["layers"]["k"] ** 2, axis=1)

    cost.vectorised = True
    description = {"width": [16, 32], "layers": repeat({"k": [3, 5]}, 1, 3)}
    space = siamnas.Space.of_choices(description, columns={"cost": cost}, constraints=["cost<=1200"])
    archs = space.sample(np.random.default_rng(0), 100)
    expected = [c["width"] * sum(b["k"] ** 2 for b in c["layers"]) for c in map(space.choices, archs)]
    assert (space.graphs(archs).columns["cost"] == expected).all() and max(expected) <= 1200
    assert space.definition is None
    wrong = lambda c: c["width"].sum()  # noqa: E731
    wrong.vectorised = True
    with pytest.raises(InputError, match="one for each architecture"):
        siamnas.Space.of_choices(description, columns={"cost": wrong})


def test_the_user_says_what_layers_do():
    operations = ["conv", "pass", "cut"]
    plain = siamnas.Space.of_choices({"a": operations, "b": operations})
    told = siamnas.Space.of_choices({"a": operations, "b": operations}, roles={"identity": ["pass"], "zero": ["cut"]})
    archs = np.array([[i, j] for i in range(3) for j in range(3)], np.int16)
    assert len(set(plain.key(archs))) == 9
    assert len(set(told.key(archs))) == 4  # nothing, one conv, two of them, cut
    assert files.of_text(told.definition).key(archs) == told.key(archs)


def test_ordered_texts_are_numbers_to_a_search():
    space = siamnas.Space.of_choices({"size": choice(["small", "medium", "large"], ordered=True), "op": ["a", "b"]})
    features = space.features(np.array([[0, 0], [1, 0], [2, 1]], np.int16))
    assert features.names == ("size", "op is a", "op is b")
    assert features.values.tolist() == [[0, 1, 0], [0.5, 1, 0], [1, 0, 1]]
    assert files.of_text(space.definition).description == space.description


def test_features_of_what_is_repeated_are_also_counted():
    space = siamnas.Space.of_choices({"layers": repeat({"k": [3, 5, 7]}, 1, 3)}, columns={"cost": "len(layers)"})
    features = space.features(np.stack([space.parse("layers=2:3,7"), space.parse("layers=3:7,7,5")]))
    named = dict(zip(features.names, features.values.T.tolist(), strict=True))
    assert named["depth of layers"] == [0.5, 1] and named["layers[1].k"] == [1, 1]
    assert np.isnan(named["layers[2].k"][0]) and named["layers[2].k"][1] == 0.5
    assert [named[f"number of layers.k {k}"] for k in (3, 5, 7)] == [[1, 0], [0, 1], [1, 2]]
    assert named["log cost"] == [np.log(2), np.log(3)]


def test_a_list_that_is_too_large_is_told_of_descriptions(monkeypatch):
    monkeypatch.setattr(from_graphs, "LARGEST", 1000)
    with pytest.raises(InputError, match="GiB, must be at most .*; siamnas.Space.of_choices describes"):
        siamnas.Space.of_graphs([["a", "b"]] * 100, [[(0, 1)]] * 100)


def test_layers_that_are_not_there_are_not_counted_in_arrays():
    """With choices of their own and with shared ones, and with several parts in a block."""

    def slow(choices: dict[str, Any]) -> float:
        own, alike = choices["own"], choices["alike"]
        many = sum(layer["body"]["k"] for layer in choices["many"])
        return sum(layer["k"] for layer in own) + 10 * sum(layer["k"] * layer["e"] for layer in alike) + 100 * many

    def fast(arrays: dict[str, Any]) -> Any:
        own, alike, many = arrays["own"]["k"], arrays["alike"], arrays["many"]
        third = np.nansum(many["body"]["k"], 1)
        return np.nansum(own, 1) + 10 * np.nansum(alike["k"] * alike["e"], 1) + 100 * third

    fast.vectorised = True  # type: ignore[attr-defined]
    block = {"k": [3, 5, 7], "e": [1, 6]}
    description = {
        "own": repeat({"k": [3, 5, 7]}, 1, 3),
        "alike": repeat(block, 1, 4, same=True),
        "many": repeat({"body": {"k": [1, 2]}, "more": [0, 1]}, 2, 3, same=True),
    }
    space = siamnas.Space.of_choices(description, columns={"slow": slow, "fast": fast})
    rows = space.sample(np.random.default_rng(0), 200)
    columns = space.graphs(rows).columns
    np.testing.assert_allclose(columns["fast"], columns["slow"])
    assert len(set(columns["slow"].tolist())) > 20
