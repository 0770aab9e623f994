"""Which accuracy a query of a shipped space returns, and which one results report."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.benchmarks.shipped import load
from siamnas.errors import InputError
from siamnas.spaces import nb201
from siamnas.spaces.benchmark import Benchmark
from tests.spaces.shipped import TABLES, make

TABLE = load("nb201.npz")  # a column is read when it is looked up
PREFIXES = {"nb201_c10": "c10.", "nb201_c100": "c100.", "nb201_img16": "in16.", "nb_macro": ""}


@pytest.mark.parametrize("name", PREFIXES)
def test_labels_are_the_column_of_the_table_as_fractions(shipped: dict[str, Benchmark], name: str) -> None:
    measured = shipped[name].measured
    table = load("nb_macro.npz") if name == "nb_macro" else TABLE
    np.testing.assert_array_equal(measured.label, table[PREFIXES[name] + measured.label_name] / 100)
    np.testing.assert_array_equal(measured.report, table[PREFIXES[name] + measured.report_name] / 100)


@pytest.mark.parametrize("name", TABLES)
def test_their_metric_is_an_accuracy(shipped: dict[str, Benchmark], name: str) -> None:
    metric = shipped[name].measured.metric
    assert (metric.maximise, metric.unit, metric.noun) == (True, "%", "accuracy")
    assert metric.name == shipped[name].measured.report_name


@pytest.mark.parametrize("run", [0, 1, 2])
def test_single_runs_wrap_around(run: int) -> None:
    measured = make("nb201_c10", label__run=run).measured
    runs = np.stack([TABLE[f"c10.test_200_run{i}"] for i in range(3)])
    for arch in range(0, len(measured.label), 501):
        there = [value for value in runs[:, arch] if not np.isnan(value)]
        assert measured.label[arch] == pytest.approx(there[run % len(there)] / 100)
    assert measured.label_name == f"test_200_run{run}" and measured.report_name == "test_200_mean"
    assert measured.optimum == pytest.approx(0.94373, abs=5e-6)
    assert not np.isnan(measured.label).any()


def test_mean_falls_back_to_run_0_where_unpublished() -> None:
    measured = make("nb201_c100", label__split="valid").measured
    assert measured.label[3989:4000] == pytest.approx(TABLE["c100.valid_200_run0"][3989:4000] / 100)
    assert np.isnan(TABLE["c100.valid_200_mean"]).sum() == 11 and not np.isnan(measured.label).any()


def test_short_training_costs_less(shipped: dict[str, Benchmark]) -> None:
    measured = make("nb201_c10", label={"split": "valid", "epochs": 12, "run": "mean"}).measured
    assert measured.label_name == "valid_12_mean"
    np.testing.assert_allclose(measured.train_seconds, shipped["nb201_c10"].measured.train_seconds * 0.06, rtol=1e-6)


def test_damaged_data_dir_stops_the_loader(tmp_path: Path) -> None:
    (tmp_path / nb201.FILE).write_bytes(b"x")
    with pytest.raises(InputError, match=r"nb201\.npz: truncated or altered"):
        make("nb201_c100", data_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("nb_macro", {"dataset": "cifar100"}, r"space\.dataset=cifar100: must be cifar10"),
        ("nb201_c100", {"dataset": "mnist"}, r"space\.dataset=mnist: must be one of cifar10, cifar100, imagenet16-120"),
        ("nb201_c100", {"label__split": "train"}, r"space\.label\.split=train: must be one of test, valid"),
        (
            "nb201_c100",
            {"label__epochs": 100},
            r"space\.label\.epochs=100: must be one of 200, 12 .* with split test\)",
        ),
        (
            "nb201_c100",
            {"label__run": 0},
            r"space\.label\.run=0: must be one of mean .* with split test, epochs 200\)",
        ),
        ("nb201_c100", {"report__run": 2}, r"space\.report\.run=2: must be one of mean"),
        ("nb201_c10", {"label__run": 3}, r"space\.label\.run=3: must be one of mean, 0, 1, 2"),
        ("nb201_c10", {"label__run": "best"}, r"space\.label\.run=best: must be mean or the number of a run"),
        ("nb201_c10", {"label__split": "valid"}, r"space\.label\.run=mean: must be one of 0"),
        ("nb_macro", {"label__split": "valid"}, r"space\.label\.split=valid: must be one of test"),
        ("nb_macro", {"label__epochs": 200}, r"space\.label\.epochs=200: must be one of 50"),
    ],
)
def test_bad_label_options(name: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(name, **changes)
