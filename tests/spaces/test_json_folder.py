"""A folder with one JSON file per cell."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf

from siamnas.errors import InputError
from siamnas.spaces import json_folder
from siamnas.spaces.space import Space

CONF = Path(__file__).resolve().parents[2] / "conf" / "space" / "json.yaml"

CELL: dict[str, Any] = {
    "id": 1,
    "adj_matrix": [[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]],
    "operations": ["input", "conv1x1", "atten", "output"],
    "gt_accuracy": 0.9,
    "flops": 20.5,
    "est_code": [2.0, 1.5, 1.25],
    "confidence": 1,
}
SMALL = CELL | {
    "id": 2,
    "adj_matrix": [[0, 1], [0, 0]],
    "operations": ["input", "output"],
    "gt_accuracy": 0.8,
    "flops": 3,
}


def make(path: str | Path, code: dict[str, Any] | None = None, **changes: Any) -> Space:
    """The space of a folder, with some options of the shipped config changed."""
    config: Any = OmegaConf.to_container(OmegaConf.load(CONF))
    config = config | {"path": str(path), "code": config["code"] | (code or {})} | changes
    assert config.pop("_target_") == "siamnas.spaces.json_folder.load"
    return json_folder.load(**config)


def folder_of(tmp_path: Path, **files: Any) -> Path:
    """A folder with `<name>.json` for every keyword; a text is written as it is."""
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_json_folder(tmp_path: Path) -> None:
    third = CELL | {"id": "ten", "flops": 40, "gt_accuracy": 0.95}
    third.pop("est_code")
    folder = folder_of(tmp_path, c10=third, c2=SMALL, c1=CELL)
    (folder / "notes.txt").write_text("ignored")
    space = make(folder)
    assert space.archs.tolist() == ["1", "2", "ten"]  # c1, c2, c10
    assert len(space.node_types) == 11 and space.adjacency.shape == (3, 4, 4)
    assert [space.node_types[t] for t in space.types[1]] == ["input", "output", "none", "none"]
    np.testing.assert_array_equal(space.adjacency[0], np.array(CELL["adj_matrix"]) + np.eye(4))
    expected = np.eye(4)
    expected[0, 1] = 1
    np.testing.assert_array_equal(space.adjacency[1], expected)
    assert space.label.tolist() == [0.9, 0.8, 0.95] and space.optimum == 0.95 and space.label_name == "gt_accuracy"
    np.testing.assert_allclose(space.columns["gt_accuracy"], [90, 80, 95])
    assert space.columns["flops"].tolist() == [20.5, 3, 40]
    assert space.code.tolist()[:2] == [[2.0, 1.5, 1.25]] * 2 and space.coded.tolist() == [True, True, False]
    assert space.code_name == "est_code" and np.isnan(space.code_seconds).all() and np.isnan(space.train_seconds).all()
    light = make(folder, max_flops=35)
    assert light.archs.tolist() == ["1", "2"] and light.coded.all()
    assert make(folder, code={"length": 2}).code.shape == (3, 2)
    logs = make(folder, code={"kind": "columns"})
    np.testing.assert_allclose(logs.code[:, 0], np.log([20.5, 3, 40]), rtol=1e-6)


def test_json_cells_without_codes_and_one_graph(tmp_path: Path) -> None:
    bare = {key: value for key, value in CELL.items() if key != "est_code"}
    space = make(folder_of(tmp_path, a=bare, b=bare | {"id": 2, "est_code": None}))
    assert space.code.shape == (2, 0) and space.coded.all() and space.code_name == "none"
    assert space.adjacency.shape == (4, 4)


def test_json_order_is_natural_and_stable(tmp_path: Path) -> None:
    names = ["c10", "c9", "c1", "b2", "c01", "c"]
    space = make(folder_of(tmp_path, **{name: CELL | {"id": name} for name in names}))
    assert space.archs.tolist() == ["b2", "c", "c01", "c1", "c9", "c10"]


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in CELL.items() if name != key}


CYCLE = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "not valid JSON"),
        ("[1, 2]", "must hold an object"),
        (without("gt_accuracy"), "missing key gt_accuracy"),
        (without("operations"), "missing key operations"),
        (
            CELL | {"operations": ["input", "conv5x5", "atten", "output"]},
            "unknown operation 'conv5x5'.*dwconv3x3, conv1x1",
        ),
        (CELL | {"operations": ["input", ["atten"], "atten", "output"]}, "unknown operation"),
        (CELL | {"operations": "input"}, "operations must be a list"),
        (CELL | {"operations": []}, "operations must be a list"),
        (CELL | {"operations": ["input", "output"]}, "adj_matrix has 4 nodes, but operations has 2"),
        (CELL | {"adj_matrix": CYCLE}, r"cycle among nodes \[1, 2, 3\]"),
        (CELL | {"adj_matrix": np.eye(4).tolist()}, "self loop"),
        (CELL | {"adj_matrix": [[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1]]}, "must be square"),
        (CELL | {"adj_matrix": [[0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "must be square"),
        (CELL | {"adj_matrix": [0, 1]}, "list of lists"),
        (CELL | {"adj_matrix": [[0, 2, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "only 0 and 1"),
        (CELL | {"adj_matrix": [[0, "1", 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0] * 4]}, "only 0 and 1"),
        (CELL | {"gt_accuracy": float("nan")}, "gt_accuracy=nan: must be a finite number"),
        (CELL | {"gt_accuracy": None}, "gt_accuracy=None: must be a finite number"),
        (CELL | {"gt_accuracy": 91.2}, "gt_accuracy=91.2: must be a fraction"),
        (CELL | {"gt_accuracy": 0}, "gt_accuracy=0: must be above 0"),
        (CELL | {"flops": "20M"}, "flops=20M: must be a finite number"),
        (CELL | {"flops": -1}, "flops=-1: must not be negative"),
        (CELL | {"est_code": [1.0, float("nan"), 2.0]}, "est_code must be a list of finite numbers"),
        (CELL | {"est_code": 3}, "est_code must be a list of finite numbers"),
        (CELL | {"est_code": [1.0]}, r"est_code has 1 numbers, but a\.json has 3"),
        (CELL | {"id": 7}, r"id 7 is already that of a\.json"),
    ],
)
def test_bad_json_names_the_file(tmp_path: Path, bad: Any, message: str) -> None:
    folder = folder_of(tmp_path, a=CELL | {"id": 7}, b=bad)
    with pytest.raises(InputError, match=message) as error:
        make(folder)
    assert str(error.value).startswith(str(folder / "b.json"))


def test_bad_json_options(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"space\.path=.*nowhere: must be a folder"):
        make(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"space\.path=.*: must hold at least one \.json file"):
        make(tmp_path)
    folder = folder_of(tmp_path, a=CELL, b=SMALL)
    with pytest.raises(InputError, match=r"space\.code\.length=4: must be at most 3"):
        make(folder, code={"length": 4})
    with pytest.raises(InputError, match=r"space\.code\.kind=mote: must be one of est_code, columns, file, none"):
        make(folder, code={"kind": "mote"})
    with pytest.raises(InputError, match="gt_accuracy is an accuracy"):
        make(folder, code={"kind": "columns", "columns": ["gt_accuracy"]})
    with pytest.raises(InputError, match=r"space\.node_types=.*must include none"):
        make(folder, node_types=["input", "output", "conv1x1", "atten"])
    with pytest.raises(InputError, match=r"space\.node_types=a,a: must be 1 to 256 different names"):
        make(folder, node_types=["a", "a"])
