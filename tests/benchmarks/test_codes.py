"""Estimation Codes of the shipped spaces: measured losses, columns, a file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.benchmarks.shipped import load
from siamnas.errors import InputError
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import make


def test_codes_and_costs(shipped: dict[str, Benchmark]) -> None:
    measured = shipped["nb201_c100"].measured
    assert measured.code_name == "mote" and measured.code.shape == (15_625, 3)
    for i in range(3):
        np.testing.assert_array_equal(measured.code[:, i], measured.columns[f"proxy_loss_{i + 1}"].astype(np.float32))
    assert np.flatnonzero(~measured.coded).tolist() == list(range(3989, 4000))
    np.testing.assert_allclose(measured.code_seconds, measured.columns["proxy_seconds_50"] * 3 / 50)
    np.testing.assert_array_equal(measured.train_seconds, load("nb201.npz")["c100.train_seconds_200"])
    assert (~shipped["tiny_nb201"].measured.coded).sum() == 2


def test_code_length() -> None:
    assert make("nb201_c100", code__length=50).measured.code.shape == (15_625, 50)
    assert make("nb201_c100", code__length=None).measured.code.shape == (15_625, 50)
    assert make("nb201_c100", code__length=1).measured.code.shape == (15_625, 1)


def test_code_none_and_columns() -> None:
    bare = make("nb201_c100", code__kind="none").measured
    assert bare.code.shape == (15_625, 0) and bare.coded.all() and bare.code_name == "none"
    benchmark = make("nb201_c100", code__kind="columns", code__columns=["flops", "log_params", "log_latency"])
    space, measured = benchmark.space, benchmark.measured
    assert measured.code_name == "flops,log_params,log_latency" and (~measured.coded).sum() == 11
    np.testing.assert_allclose(measured.code[:, 0], space.columns["flops"], rtol=1e-6)
    np.testing.assert_allclose(measured.code[:, 1], np.log(space.columns["params"]), rtol=1e-6)
    assert np.isnan(measured.code_seconds).all()


def test_code_file(tmp_path: Path) -> None:
    path = tmp_path / "codes.npy"
    values = np.random.default_rng(0).normal(size=(4096, 2))
    values[7] = np.nan
    np.save(path, values)
    measured = make("tiny_nb201", code__kind="file", code__path=str(path)).measured
    np.testing.assert_array_equal(measured.code, values.astype(np.float32))
    assert measured.code_name == "file:codes.npy" and np.flatnonzero(~measured.coded).tolist() == [7]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (np.zeros((4095, 2)), r"shape must be \(4096, L\)"),
        (np.zeros(4096), r"shape must be \(4096, L\)"),
        (np.zeros((4096, 0)), r"shape must be \(4096, L\)"),
        (np.full((4096, 1), np.inf), "no infinities"),
        (np.full((4096, 1), 1e300), "numbers of 32 bits"),
        (np.full((4096, 1), "a"), "not an array of numbers"),
        (b"not an npy", "cannot be read as .npy"),
        (None, "cannot be read as .npy"),
    ],
)
def test_bad_code_file(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "codes.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)
    with pytest.raises(InputError, match=rf"space\.code\.path=.*codes\.npy.*{message}"):
        make("tiny_nb201", code__kind="file", code__path=str(path))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("nb201_c100", {"code__kind": "mota"}, r"space\.code\.kind=mota: must be one of mote, columns, file, none"),
        ("nb_macro", {"code__kind": "mote"}, r"space\.code\.kind=mote: must be one of columns, file, none"),
        ("nb201_c100", {"code__length": 51}, r"space\.code\.length=51: must be at most 50"),
        ("nb201_c100", {"code__length": 0}, r"space\.code\.length=0: must be an integer of at least 1"),
        ("nb201_c100", {"code__lenght": 3}, r"unknown key space\.code\.lenght .*did you mean length"),
        ("nb201_c100", {"code__kind": "file"}, r"space\.code\.path=null: must be an \.npy"),
        (
            "nb_macro",
            {"code__columns": ["log_flop"]},
            r"space\.code\.columns=log_flop: no column .*mean flops.*flops, params",
        ),
        ("nb_macro", {"code__columns": []}, r"space\.code\.columns=: must name at least one column"),
    ],
)
def test_bad_code_options(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(name, **changes)
