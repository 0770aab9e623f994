"""JSON files from anybody: each is read, or refused by its name."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siamnas.errors import InputError
from siamnas.spaces.json_file import MOST_NODES, read_file
from tests.spaces.jsons import ARCH, folder_of, make

HUGE = 10**400
DEEP = "[" * 100_000
TEXT = json.dumps(ARCH)
NASTY = [
    "", " ", "null", "3", '"x"', "[]", "{}", "\ufeff" + TEXT, TEXT[:-1], TEXT + "x", DEEP, '{"id":' + DEEP, "9" * 5000,
    TEXT.replace('"id": 1', '"id": ' + "9" * 5000), TEXT.replace('"flops"', '"id"'),
    TEXT.replace('"flops"', '"operations"'),
    *(ARCH | {"id": value} for value in (None, True, [], {}, 1.5, "", "a\x00b", "\x1b[2J", "\ud800", "x" * 2000)),
    *(ARCH | {"operations": value} for value in (None, 3, {}, [None] * 4, [""] * 4, ["a\n"] * 4, ["input"] * 3)),
    *(ARCH | {"adj_matrix": value} for value in (None, 3, {}, [], [[]] * 4, [[0] * 4] * 4, [[0, HUGE, 0, 0]] * 4)),
    ARCH | {"adj_matrix": [[0, [1], 0, 0]] * 4},
    ARCH | {"adj_matrix": [[0] * 2000] * 2000, "operations": ["input"] * 2000},
    *(ARCH | {"est_code": value} for value in ([1e39, 1, 1], [HUGE, 1, 1], [None], [[1]], "abc", {"a": 1}, True)),
    *(ARCH | {"gt_accuracy": value} for value in (HUGE, -HUGE, "0.9", [0.9], {}, float("inf"), False)),
    *(ARCH | {"flops": value} for value in (HUGE, -1, None, "20", [20], float("nan"))),
]  # fmt: skip


@pytest.mark.parametrize("content", NASTY, ids=range(len(NASTY)))
def test_a_nasty_file_is_refused_by_name(tmp_path: Path, content: Any):
    folder = folder_of(tmp_path, a=ARCH | {"id": "first"}, b=content)
    with pytest.raises(InputError) as error:
        make(folder)
    assert str(error.value).startswith(str(folder / "b.json")) and len(str(error.value)) < 1000
    assert len(NASTY) >= 50 and MOST_NODES < 2000


def test_what_is_no_file_is_refused(tmp_path: Path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(InputError, match=r"a\.json"):
        read_file(tmp_path / "a.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([0, 1, HUGE]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
FILES = st.dictionaries(st.sampled_from(["id", "adj_matrix", "operations", "flops", "est_code", "x"]), VALUES).map(
    lambda changes: json.dumps(ARCH | changes)
)


def reads_or_refuses(folder: Path, content: bytes) -> None:
    path = folder / "a.json"
    path.write_bytes(content)
    try:
        read_file(path)
    except InputError as error:
        assert str(path) in str(error)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=100, suppress_health_check=QUIET)
@given(FILES.map(str.encode) | st.binary(max_size=60))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes):
    reads_or_refuses(tmp_path, content)


@pytest.mark.slow
@settings(max_examples=10_000, suppress_health_check=QUIET)
@given(FILES.map(str.encode) | st.binary(max_size=60))
def test_any_of_many_files_is_read_or_refused(tmp_path: Path, content: bytes):
    reads_or_refuses(tmp_path, content)
