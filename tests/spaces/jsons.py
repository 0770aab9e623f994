"""Folders of JSON files, one per architecture."""

import json
from pathlib import Path
from typing import Any

from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import make as make_shipped

ARCH: dict[str, Any] = {
    "id": 1,
    "adj_matrix": [[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]],
    "operations": ["input", "conv1x1", "atten", "output"],
    "gt_accuracy": 0.9,
    "flops": 20.5,
    "est_code": [2.0, 1.5, 1.25],
    "confidence": 1,
}
SMALL = ARCH | {
    "id": 2,
    "adj_matrix": [[0, 1], [0, 0]],
    "operations": ["input", "output"],
    "gt_accuracy": 0.8,
    "flops": 3,
}


def without(*keys: str) -> dict[str, Any]:
    """`ARCH` without some keys."""
    return {name: value for name, value in ARCH.items() if name not in keys}


def make(path: str | Path, code: dict[str, Any] | None = None, **changes: Any) -> Benchmark:
    """The benchmark of a folder, with some options of the shipped config changed."""
    changes |= {f"code__{key}": value for key, value in (code or {}).items()}
    return make_shipped("json", path=str(path), **changes)


def folder_of(folder: Path, **files: Any) -> Path:
    """A folder with `<name>.json` for every keyword; a text is written as it is."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder


def chains(folder: Path, count: int = 40, **changes: Any) -> Path:
    """A folder of chains of different operations; a value of `changes` is a function of the number of the file."""
    names = ("conv1x1", "atten", "expand", "split")
    for i in range(count):
        middle = [names[i // 4**j % 4] for j in range(3)]
        matrix = [[int(b == a + 1) for b in range(5)] for a in range(5)]
        content = {"id": i, "adj_matrix": matrix, "operations": ["input", *middle, "output"]}
        folder_of(folder, **{f"c{i}": content | {key: value(i) for key, value in changes.items()}})
    return folder
