"""A space written as a folder of JSON files is read back as it was."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.spaces import json_folder
from siamnas.spaces.json_writer import write_folder
from siamnas.spaces.listed import Space as BaseSpace
from siamnas.spaces.public import Space
from tests.spaces.jsons import make

NAMES = ("conv", "pool", "none", "input", "output")


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Random DAGs of 2 to 4 nodes in any order, with `none` anywhere, at least one not padded."""
    operations, edges = [], []
    for arch in range(draw(st.integers(1, 12))):
        size = draw(st.integers(2, 3)) if arch else 4
        names = draw(st.lists(st.sampled_from(NAMES), min_size=size, max_size=size))
        order = draw(st.permutations(range(size)))
        pairs = [(order[a], order[b]) for a in range(size) for b in range(a + 1, size) if draw(st.booleans())]
        pairs = pairs or [(order[0], order[1])]  # a graph without edges is no architecture
        operations.append(names if arch else [*names[:-1], "output"])
        edges.append(pairs)
    text = st.text(min_size=1).filter(str.isprintable)
    archs = draw(st.lists(text, min_size=len(edges), max_size=len(edges), unique=True))
    if draw(st.booleans()):
        numbers = st.floats(0, 1e9)
        columns = {"flops": draw(st.lists(numbers, min_size=len(edges), max_size=len(edges)))}
    else:
        columns = {}
    return Space.of_graphs(operations, edges, archs, {key: np.array(values) for key, values in columns.items()})


def same(found: BaseSpace, space: BaseSpace) -> None:
    """Everything but the card."""
    assert (found.name, found.node_types) == (space.name, space.node_types)
    assert found.archs.tolist() == space.archs.tolist()
    np.testing.assert_array_equal(found.types, space.types)
    np.testing.assert_array_equal(found.adjacency, space.adjacency)
    np.testing.assert_array_equal(found.columns.get("flops"), space.columns.get("flops"))


@given(spaces())
def test_what_is_written_is_read_back(space: Space):
    with tempfile.TemporaryDirectory() as folder:
        space.to_folder(folder)
        same(json_folder.free(json_folder.read(Path(folder)), space.name, space.node_types), space)


def test_the_nano_space_and_what_was_measured_of_it(tmp_path: Path):
    space = Space.of_nano(["flops<=22"])
    accuracy = np.linspace(0.5, 0.9, len(space))
    codes = np.arange(3.0 * len(space)).reshape(-1, 3)
    codes[7, 1] = np.nan
    write_folder(space, tmp_path / "a" / "b", {"gt_accuracy": accuracy, "est_code": codes})
    found = make(tmp_path / "a" / "b")
    same(replace(found.space, name="nano"), space)
    assert found.measured.label.tolist() == accuracy.tolist()
    assert found.measured.coded.tolist() == [arch != 7 for arch in range(len(space))]
    np.testing.assert_array_equal(found.measured.code[8], codes[8])
    first = json.loads((tmp_path / "a" / "b" / "0.json").read_text())
    assert (first["id"], first["operations"]) == ("output~0", ["input", "output"]), "no padding"


def test_unknown_flops_are_left_out(tmp_path: Path):
    space = Space.of_graphs([["a"], ["b"]], [[], []], columns={"flops": np.array([1.5, np.nan])})
    space.to_folder(tmp_path)
    assert [json.loads((tmp_path / f"{i}.json").read_text()).get("flops") for i in range(2)] == [1.5, None]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": [1, 2]}, r"values\['id'\]: must be another key than id, adj_matrix, operations, flops"),
        ({"gt_accuracy": [0.5]}, r"values\['gt_accuracy'\]: must have 2 entries, has shape \(1,\)"),
        ({"gt_accuracy": 0.5}, r"values\['gt_accuracy'\]: must have 2 entries, has shape \(\)"),
    ],
)
def test_wrong_values_are_named_and_nothing_is_written(tmp_path: Path, values: dict[str, Any], message: str):
    space = Space.of_graphs([["a"], ["b"]], [[], []])
    with pytest.raises(InputError, match=message):
        space.to_folder(tmp_path / "new", values)
    assert not (tmp_path / "new").exists()


def test_nothing_is_mixed_or_overwritten(tmp_path: Path):
    space = Space.of_graphs([["a"], ["b"]], [[], []])
    space.to_folder(tmp_path)
    with pytest.raises(InputError, match=r"must hold no \.json files yet"):
        space.to_folder(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: File exists"):
        space.to_folder(tmp_path / "file")
