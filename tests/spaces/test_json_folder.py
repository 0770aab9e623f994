"""A folder with one JSON file per architecture."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.spaces.public import Space
from tests.spaces.jsons import ARCH, SMALL, folder_of, make, without


def test_a_folder(tmp_path: Path) -> None:
    third = without("est_code") | {"id": "ten", "flops": 40, "gt_accuracy": 0.95}
    folder = folder_of(tmp_path, c10=third, c2=SMALL, c1=ARCH)
    (folder / "notes.txt").write_text("ignored")
    benchmark = make(folder)
    space, measured = benchmark.space, benchmark.measured
    assert space.archs.tolist() == ["1", "2", "ten"]  # c1, c2, c10
    assert len(space.node_types) == 11 and space.adjacency.shape == (3, 4, 4)
    assert [space.node_types[t] for t in space.types[1]] == ["input", "output", "none", "none"]
    np.testing.assert_array_equal(space.adjacency[0], np.array(ARCH["adj_matrix"]) + np.eye(4))
    expected = np.eye(4)
    expected[0, 1] = 1
    np.testing.assert_array_equal(space.adjacency[1], expected)
    assert measured.label.tolist() == measured.report.tolist() == [0.9, 0.8, 0.95]
    assert measured.optimum == 0.95 and measured.label_name == "gt_accuracy"
    assert {name: values.tolist() for name, values in space.columns.items()} == {"flops": [20.5, 3, 40]}
    assert measured.code.tolist()[:2] == [[2.0, 1.5, 1.25]] * 2 and measured.coded.tolist() == [True, True, False]
    assert measured.code_name == "est_code"
    assert np.isnan(measured.code_seconds).all() and np.isnan(measured.train_seconds).all()
    assert space.card == {"folder": str(tmp_path.resolve()), "architectures": "3 of 3"}


def test_a_limit_of_flops_and_other_codes(tmp_path: Path) -> None:
    third = without("est_code") | {"id": "ten", "flops": 40, "gt_accuracy": 0.95}
    folder = folder_of(tmp_path, c10=third, c2=SMALL, c1=ARCH)
    light = make(folder, constraints=["flops<=35"])
    assert light.space.archs.tolist() == ["1", "2"] and light.measured.coded.all()
    assert light.measured.label.tolist() == [0.9, 0.8] and light.space.card["architectures"] == "2 of 3"
    assert make(folder, code={"length": 2}).measured.code.shape == (3, 2)
    logs = make(folder, code={"kind": "columns"}).measured
    np.testing.assert_allclose(logs.code[:, 0], np.log([20.5, 3, 40]), rtol=1e-6)
    np.save(tmp_path / "codes.npy", np.arange(6).reshape(3, 2))
    codes = make(folder, code={"kind": "file", "path": str(tmp_path / "codes.npy")}).measured
    assert codes.code.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_without_codes_and_with_one_graph(tmp_path: Path) -> None:
    bare = without("est_code")
    benchmark = make(folder_of(tmp_path, a=bare, b=bare | {"id": 2, "est_code": None}))
    measured = benchmark.measured
    assert measured.code.shape == (2, 0) and measured.coded.all() and measured.code_name == "none"
    assert benchmark.space.adjacency.shape == (4, 4)


def test_the_order_is_natural_and_stable(tmp_path: Path) -> None:
    names = ["c10", "c9", "c1", "b2", "c01", "c"]
    space = make(folder_of(tmp_path, **{name: ARCH | {"id": name} for name in names})).space
    assert space.archs.tolist() == ["b2", "c", "c01", "c1", "c9", "c10"]


def test_the_space_alone_needs_no_accuracies(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", a=without("gt_accuracy"), b=SMALL | {"gt_accuracy": "not yet"})
    space = Space.of_folder(folder)
    assert (space.name, space.archs.tolist(), list(space.columns)) == ("mine", ["1", "2"], ["flops"])
    assert Space.of_folder(str(folder), name="yours").name == "yours"
    assert set(space.node_types) == {"input", "conv1x1", "atten", "output", "none"}


CYCLE = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not valid JSON"),
        ("[1, 2]", "must hold an object"),
        (without("gt_accuracy"), "missing key gt_accuracy"),
        (without("operations"), "missing key operations"),
        (
            ARCH | {"operations": ["input", "conv5x5", "atten", "output"]},
            "unknown operation 'conv5x5'.*dwconv3x3, conv1x1",
        ),
        (ARCH | {"operations": ["input", ["atten"], "atten", "output"]}, "operations must be a list of names"),
        (ARCH | {"operations": "input"}, "operations must be a list"),
        (ARCH | {"operations": []}, "operations must be a list"),
        (ARCH | {"operations": ["input", "output"]}, "adj_matrix has 4 nodes, but operations has 2"),
        (ARCH | {"adj_matrix": CYCLE}, r"cycle among nodes \[1, 2, 3\]"),
        (ARCH | {"adj_matrix": np.eye(4).tolist()}, "self loop"),
        (ARCH | {"adj_matrix": [[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]]}, "must be square"),
        (ARCH | {"adj_matrix": [[0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "must be square"),
        (ARCH | {"adj_matrix": [0, 1]}, "list of lists"),
        (ARCH | {"adj_matrix": [[0, 2, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "only 0 and 1"),
        (ARCH | {"adj_matrix": [[0, "1", 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "only 0 and 1"),
        (ARCH | {"gt_accuracy": float("nan")}, "gt_accuracy=nan: must be a finite number"),
        (ARCH | {"gt_accuracy": None}, "gt_accuracy=None: must be a finite number"),
        (ARCH | {"gt_accuracy": True}, "gt_accuracy=True: must be a finite number"),
        (ARCH | {"gt_accuracy": 0}, "gt_accuracy=0: such an architecture has not been trained"),
        (ARCH | {"flops": "20M"}, "flops=20M: must be a finite number"),
        (ARCH | {"flops": -1}, "flops=-1: must not be negative"),
        (ARCH | {"est_code": [1.0, float("nan"), 2.0]}, "est_code must be a list of finite numbers"),
        (ARCH | {"est_code": 3}, "est_code must be a list of finite numbers"),
        (ARCH | {"est_code": [1.0]}, r"est_code has 1 numbers, but a\.json has 3"),
        (ARCH | {"id": 7}, r"id 7 is already that of a\.json"),
    ],
)
def test_bad_json_names_the_file(tmp_path: Path, bad: Any, message: str) -> None:
    folder = folder_of(tmp_path, a=ARCH | {"id": 7}, b=bad)
    with pytest.raises(InputError, match=message) as error:
        make(folder)
    assert str(error.value).startswith(str(folder / "b.json"))


def test_bad_json_options(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"space\.path=.*nowhere: must be a folder"):
        make(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"space\.path=.*: must hold at least one \.json file"):
        make(tmp_path)
    folder = folder_of(tmp_path, a=ARCH, b=SMALL)
    with pytest.raises(InputError, match=r"space\.code\.length=4: must be at most 3"):
        make(folder, code={"length": 4})
    with pytest.raises(InputError, match=r"space\.code\.kind=mote: must be one of est_code, columns, file, none"):
        make(folder, code={"kind": "mote"})
    with pytest.raises(InputError, match="space.code.columns=gt_accuracy: gt_accuracy is known only after a training"):
        make(folder, code={"kind": "columns", "columns": ["gt_accuracy"]})
    with pytest.raises(InputError, match=r"space\.node_types=.*must include none"):
        make(folder, node_types=["input", "output", "conv1x1", "atten"])
    with pytest.raises(InputError, match=r"space\.node_types=.*,none: must be 1 to 256 different names"):
        make(folder, node_types=["input", "output", "conv1x1", "atten", "none", "none"])
