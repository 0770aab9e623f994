"""Any file that describes a space, also one of ConfigSpace, is read and sampled, or refused by its name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.spaces.described import files
from tests.fuzz.support import cases, changed, flipped, fuzz, is_clear

BLOCK = {"kernel": [3, 5, 7], "expand": [3, 4]}
DESCRIPTIONS: list[dict[str, Any]] = [
    {
        "name": "mine",
        "space": {"width": [16, 24.5], "early": {"repeat": BLOCK, "times": [1, 3]}, "act": {"optional": ["relu"]}},
        "columns": {"params": "width * sum(b.kernel ** 2 * b.expand for b in early)", "depth": "len(early)"},
        "constraints": ["params<=2000", "depth>=1"],
        "roles": {"identity": ["relu"]},
    },
    {"space": {"cell": {"dag": ["conv", "pool", "skip"], "nodes": 2, "inputs": 2, "sources": 2}}},
    {"space": {"chain": ["stem", {"choice": {"c": BLOCK, "none": None}}, {"repeat": ["a", "b"], "times": [0, 2]}]}},
    {"space": {"a": {"dag": ["x", "y"], "edges": [[0, 1], [0, 2], [1, 2]]}}, "constraints": []},
]  # fmt: skip
CONFIGSPACE = {
    "name": "c",
    "hyperparameters": [
        {"type": "categorical", "name": "a", "choices": ["x", "y"], "weights": None, "default_value": "x"},
        {"type": "uniform_int", "name": "n", "lower": 1, "upper": 4, "log": False, "default_value": 2, "meta": None},
        {"type": "ordinal", "name": "o", "sequence": [1, 2, 8], "default_value": 1, "meta": None},
    ],
    "conditions": [{"type": "EQ", "child": "n", "parent": "a", "value": "y"}],
    "forbiddens": [{"type": "EQUALS", "name": "o", "value": 8}],
    "python_module_version": "1.2.2",
    "format_version": 0.4,
}  # fmt: skip


def as_text(given: Any) -> bytes:
    """YAML, or JSON where YAML has no form of it."""
    try:
        return yaml.safe_dump(given, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")
    except (yaml.YAMLError, RecursionError):
        return json.dumps(given).encode()


def described() -> st.SearchStrategy[tuple[str, bytes]]:
    """The name of a file, and its content with other values or other bytes."""
    one = st.sampled_from(DESCRIPTIONS)
    inside = one.flatmap(changed).map(as_text)
    own = inside | one.flatmap(lambda given: flipped(as_text(given))) | inside.flatmap(flipped)
    theirs = changed(CONFIGSPACE).map(lambda given: json.dumps(given).encode()) | flipped(
        json.dumps(CONFIGSPACE).encode()
    )
    return st.tuples(st.just("mine.yaml"), own) | st.tuples(st.just("theirs.json"), theirs)


@cases
def test_any_description_is_read_or_refused(tmp_path: Path, cases: int):
    def check(case: tuple[str, bytes]) -> None:
        name, content = case
        path = tmp_path / name
        path.write_bytes(content)
        try:
            space = files.read(path)
        except InputError as error:
            return is_clear(str(error), path)
        try:
            rows = space.sample(np.random.default_rng(0), 8)
        except InputError as error:
            return is_clear(str(error), space.name)
        assert np.array_equal(space.parse(space.describe(rows[0])), rows[0])
        assert len(space.key(rows)) == len(space.graphs(rows)) == 8
        assert isinstance(space.choices(rows[0]), dict)

    fuzz(cases, described(), check)
