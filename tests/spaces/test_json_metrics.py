"""A JSON folder may hold any metric, and not much else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError
from siamnas.predictors.random import Random
from siamnas.predictors.siamese import GraphPredictor
from tests.predictors.every import FIELDS, trainer
from tests.spaces.jsons import ARCH, SMALL, chains, folder_of, make, without
from tests.support import searched


def values(tmp_path: Path, key: str, *numbers: float) -> Path:
    bare = without("gt_accuracy", "flops", "est_code")
    return folder_of(tmp_path, **{f"a{i}": bare | {"id": i, key: number} for i, number in enumerate(numbers)})


def test_a_loss_is_better_when_it_is_smaller(tmp_path: Path) -> None:
    measured = make(values(tmp_path, "loss", 2.5, 0.7, 31.0), metric="loss", maximise=False).measured
    assert measured.metric == Metric("loss", False, "")
    assert measured.label.tolist() == [2.5, 0.7, 31.0] and measured.optimum == 0.7
    assert measured.label_name == measured.report_name == "loss"


def test_values_may_be_negative_or_zero(tmp_path: Path) -> None:
    measured = make(values(tmp_path, "score", -3.0, 0, -0.5), metric="score").measured
    assert measured.optimum == 0 and measured.metric == Metric("score", True, "")
    assert make(tmp_path, metric="score", maximise=False).measured.optimum == -3


@pytest.mark.parametrize(
    ("key", "numbers", "maximise", "unit"),
    [
        ("gt_accuracy", (0.91, 0.5, 1.0), True, "%"),
        ("val_acc", (0.0, 0.5, 0.9), True, "%"),
        ("gt_accuracy", (91.2, 50.0, 88.0), True, ""),
        ("top1", (0.91, 0.5, 0.7), True, ""),
        ("accuracy_gap", (0.1, 0.2, 0.3), False, ""),
        ("acc", (-0.1, 0.2, 0.3), True, ""),
    ],
)
def test_only_fractions_of_an_accuracy_are_shown_in_percent(
    tmp_path: Path, key: str, numbers: tuple[float, ...], maximise: bool, unit: str
) -> None:
    measured = make(values(tmp_path, key, *numbers), metric=key, maximise=maximise).measured
    assert measured.metric.unit == unit
    assert measured.label.tolist() == list(numbers), "kept as they are"


def test_flops_are_needed_for_a_limit_of_them_only(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=ARCH, b={key: value for key, value in SMALL.items() if key != "flops"})
    assert "flops" not in make(folder).space.columns
    with pytest.raises(
        InputError, match=r"space\.constraints=flops<=35: nothing is known of these architectures for free"
    ):
        make(folder, constraints=["flops<=35"])
    with pytest.raises(InputError, match=r"space\.code\.columns=log_flops: no column (log_)?flops"):
        make(folder, code={"kind": "columns"})


def test_a_missing_metric_is_named_with_its_file(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a=ARCH | {"loss": 3}, b=SMALL)
    with pytest.raises(InputError, match=r"b\.json: missing key loss, which a search of a table needs in every file"):
        make(folder, metric="loss")


@pytest.mark.parametrize("bad", ["high", None, True, [1.0], float("inf")])
def test_a_metric_that_is_no_number_is_named_with_its_file(tmp_path: Path, bad: Any) -> None:
    folder = folder_of(tmp_path, a=ARCH | {"loss": 3}, b=SMALL | {"loss": bad})
    with pytest.raises(InputError, match=r"b\.json: loss=.*: must be a finite number"):
        make(folder, metric="loss")


@pytest.mark.parametrize("changes", [{"metric": ""}, {"metric": 3}, {"maximise": "yes"}, {"maximise": None}])
def test_a_wrong_option_is_named(tmp_path: Path, changes: dict[str, Any]) -> None:
    ((key, value),) = changes.items()
    with pytest.raises(InputError, match=rf"space\.{key}="):
        make(folder_of(tmp_path, a=ARCH), **changes)


def test_a_search_finds_the_smallest_loss(tmp_path: Path) -> None:
    benchmark = make(chains(tmp_path, loss=lambda i: 5000 + 10.0 * (i - 17) ** 2), metric="loss", maximise=False)
    result = searched(Random(benchmark.space, range(3), {}), benchmark, n=30, k=10, depth=10)
    steps = benchmark.measured.label[result["evaluated"]]
    np.testing.assert_array_equal(result["best"], np.minimum.accumulate(steps, axis=1))
    assert (result["best"][:, -1] == np.array([row.min() for row in steps])).all()


def test_a_network_learns_a_metric_whatever_its_unit_and_direction(tmp_path: Path) -> None:
    """A loss in thousands, and the same as negative numbers to maximise, give the same search."""

    def worth(i: int) -> float:
        return 4000.0 + 300 * (i % 4) + 100 * (i // 4 % 4) + 20 * (i // 16)

    folder = chains(tmp_path, 64, loss=worth, score=lambda i: -worth(i))
    found = []
    for metric, maximise in (("loss", False), ("score", True)):
        benchmark = make(folder, metric=metric, maximise=maximise)
        predictor = GraphPredictor(benchmark.space, range(2), trainer(60), **FIELDS)
        found.append(searched(predictor, benchmark, n=33, k=5))
    for name in ("evaluated", "chosen"):
        np.testing.assert_array_equal(found[0][name], found[1][name])
    assert found[0]["spearman"].mean() > 0.5
