"""A key that is there twice: it is not clear which value is meant, so neither is taken."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import siamnas
from siamnas.errors import InputError
from siamnas.jobs.store import Result
from siamnas.measure.results_log import Entry
from siamnas.runtime import strict_json
from siamnas.search import json_in
from siamnas.search.catalog import Listed
from siamnas.search.journal_lines import FILE
from siamnas.spaces.json_file import read_file
from tests.search.ask_tell import graphs
from tests.spaces.jsons import ARCH

SPACE = graphs()


def an_architecture(folder: Path) -> None:
    path = folder / "a.json"
    path.write_text(json.dumps(ARCH)[:-1] + ', "operations": ["conv"]}')
    read_file(path)


def a_value(folder: Path) -> None:
    json_in.read('{"3": 0.7, "3": 0.8}', Listed(SPACE))


def a_line_of_a_journal(folder: Path) -> None:
    with siamnas.Search(SPACE, "random", 10, journal=folder) as search:
        search.ask(1)
    lines = (folder / FILE).read_text().splitlines()
    (folder / FILE).write_text("\n".join([*lines[:-1], lines[-1][:-1] + "," + lines[-1][1:]]) + "\n")
    siamnas.Search(SPACE, "random", 10, journal=folder)


def a_measured_row(folder: Path) -> None:
    try:
        Entry.of(b'{"arch": "a", "values": [1], "values": [2], "seconds": 1}')
    except ValueError as error:
        raise InputError(str(error.__cause__)) from error


def test_an_array_of_a_result(tmp_path: Path):
    """What unpacks archives takes the last one, what lists them the first."""
    path = tmp_path / "result.npz"
    np.savez(path, best=np.array([0.5]), meta=np.array("{}"))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        with archive.open("best.npy", "w") as file:
            np.save(file, np.array([0.9]))
    with pytest.raises(InputError, match=r"result\.npz: .*best\.npy is there twice"):
        Result.load(path)


@pytest.mark.parametrize("door", [an_architecture, a_value, a_line_of_a_journal, a_measured_row])
def test_it_is_refused_by_its_name(door: Callable[[Path], None], tmp_path: Path):
    with pytest.raises(InputError, match=r"key \S+ is there twice"):
        door(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "9" * 5000, '{"a": 1, "\\ud800": 1, "\\ud800": 2}'])
def test_whatever_is_wrong_is_one_kind_of_error(text: str):
    with pytest.raises(ValueError, match="."):
        strict_json.loads(text)
