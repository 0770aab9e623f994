"""Results are written whole or not at all, and never over another configuration's."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from siamnas.errors import InputError
from siamnas.jobs import summary
from siamnas.jobs.lease import LEASE, Lease
from siamnas.jobs.store import RESULT, Result, Store, merge

IDENTITY = {"search": {"n": 30, "k": 2}}


def make(seeds: range) -> Result:
    rows = len(seeds)
    arrays = {"seed": np.array(seeds), "best": np.arange(rows * 3.0).reshape(rows, 3)}
    return Result(arrays, {"identity": IDENTITY, "config": IDENTITY, "note": "ä"})


def test_round_trip_without_pickle(tmp_path: Path):
    path = tmp_path / "a" / RESULT
    result = make(range(4))
    result.save(path)
    back = Result.load(path)
    assert back.meta == result.meta
    assert back.repeats == 4 and back.k == 2
    for name, array in result.arrays.items():
        np.testing.assert_array_equal(back.arrays[name], array)
    with np.load(path, allow_pickle=False) as file:
        assert json.loads(str(file["meta"])) == result.meta
    assert [p.name for p in path.parent.iterdir()] == [RESULT]


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"x" * 100])
def test_damaged_file_is_named(tmp_path: Path, damage):
    path = tmp_path / RESULT
    make(range(4)).save(path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=str(path)):
        Store(tmp_path, IDENTITY).finished()


def test_flipped_byte_is_noticed(tmp_path: Path):
    path = tmp_path / RESULT
    make(range(400)).save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a readable result file"):
        Result.load(path)


def test_npz_of_something_else(tmp_path: Path):
    np.savez(tmp_path / RESULT, a=np.zeros(3))
    with pytest.raises(InputError, match="not a readable result file"):
        Result.load(tmp_path / RESULT)


def test_result_of_another_configuration(tmp_path: Path):
    make(range(4)).save(tmp_path / RESULT)
    assert Store(tmp_path, IDENTITY).finished() is not None
    with pytest.raises(InputError, match="another configuration"):
        Store(tmp_path, {"search": {"n": 31, "k": 2}}).finished()


def test_nothing_there(tmp_path: Path):
    store = Store(tmp_path / "none", IDENTITY)
    assert store.finished() is None
    assert store.parts(range(3)) == []
    assert not store.folder.exists()


def test_parts_are_kept_until_the_result(tmp_path: Path):
    store = Store(tmp_path / "job", IDENTITY)
    store.prepare()
    parts = [make(range(0, 2)), make(range(2, 3))]
    for part, seeds in zip(parts, (range(0, 2), range(2, 3)), strict=True):
        store.save_part(seeds, part)
    assert [part.repeats for part in store.parts(range(0, 3))] == [2, 1]
    assert [part.repeats for part in store.parts(range(0, 2))] == [2], "repeats that are not asked for stay out"
    store.save_part(range(1, 3), make(range(1, 3)))
    assert sorted(i for part in store.parts(range(3)) for i in part.arrays["seed"]) == [0, 1, 2]
    whole = Result(merge(parts), parts[0].meta)
    np.testing.assert_array_equal(whole.arrays["seed"], [0, 1, 2])
    store.save(whole)
    assert [p.name for p in store.folder.iterdir()] == [RESULT]


def test_damaged_part_is_computed_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    store = Store(tmp_path, IDENTITY)
    store.save_part(range(2), make(range(2)))
    (path,) = (tmp_path / "parts").iterdir()
    path.write_bytes(b"cut short")
    assert store.parts(range(2)) == []
    assert str(path) in caplog.text


def test_part_of_another_configuration_is_ignored(tmp_path: Path):
    Store(tmp_path, IDENTITY).save_part(range(2), make(range(2)))
    assert Store(tmp_path, {}).parts(range(2)) == []


def test_a_full_disk_is_named_and_leaves_what_was_there(
    tmp_path: Path, full_disk: Callable[[], AbstractContextManager[None]]
):
    store, path = Store(tmp_path, IDENTITY), tmp_path / RESULT
    make(range(4)).save(path)
    store.save_part(range(2), make(range(2)))
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.npz")}
    with full_disk():
        with pytest.raises(InputError, match=f"{path}: cannot be written: "):
            store.save(make(range(400)))
        with pytest.raises(InputError, match=r"parts/2-3\.npz: cannot be written: "):
            store.save_part(range(2, 4), make(range(2, 4)))
        with pytest.raises(InputError, match=r"curves\.csv: cannot be written: "):
            summary.write_csv(tmp_path / "curves.csv", [{"a": 1.0}] * 1000)
        with pytest.raises(InputError, match=f"{LEASE}: cannot be written: "):
            Lease(tmp_path / LEASE, "a job").take()
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_unwritable_folder(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"out: cannot write to .*file/job"):
        Store(tmp_path / "file" / "job", IDENTITY).prepare()
