"""A metric that is no accuracy: in its own unit, and smaller is better everywhere."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.jobs import summary
from siamnas.jobs.store import RESULT, Result
from siamnas.report.compare import pareto, regret
from siamnas.report.compare.paired import choose_references
from siamnas.report.draw.figures import draw
from siamnas.report.read.catalogue import BUDGETS
from siamnas.report.read.collect import collect

OPTIMUM = 0.1234


@pytest.fixture
def losses(sweep: Path) -> Path:
    """The sweep as if it had searched for a loss: random search is the better one."""
    for path in sweep.rglob(RESULT):
        result = Result.load(path)
        metric = {"name": "val_loss", "maximise": False, "unit": ""}
        meta = result.meta | {"metric": metric, "optimum": OPTIMUM, "median": 0.3125}
        good = 0.2 if meta["choices"]["predictor"] == "random" else 0.3
        seed = result.arrays["seed"][:, None]
        curve = good + 0.001 * seed + 0.1 / np.arange(1, result.n + 61)
        Result(result.arrays | {"best": curve, "topk": curve[:, :60]}, meta).save(path)
    return sweep


@pytest.mark.usefixtures("blank")
def test_the_tables(siamnas, losses: Path):
    shown = siamnas("report", str(losses))
    assert shown.code == 0, shown.err
    assert "best val_loss after N + K evaluations, smaller is better, optimum 0.1234" in shown.out
    table = pd.read_csv(losses / "report" / "table.csv").set_index(["option", "n", "k"])
    mean = 0.2025 + 0.1 / 50
    assert table.loc[("random", 20, 30), "best"] == pytest.approx(mean)
    assert table.loc[("random", 20, 30), "regret"] == pytest.approx(mean - OPTIMUM)
    assert table.loc[("random", 20, 30), "topk"] == pytest.approx(0.2025 + 0.1 / 30)
    assert table.loc[("random", 20, 10), "below_median"] == 0
    assert table.loc[("column", 20, 10), "below_median"] == 3 / 6, "those of 0.310 to 0.315 above the median, 0.3125"
    markdown, latex = ((losses / "report" / f"table.{end}").read_text() for end in ("md", "tex"))
    assert f"**{mean:.4f} ± 0.0019**" in markdown and "**0.3" not in markdown
    assert rf"\textbf{{{mean:.4f} $\pm$ 0.0019}}" in latex
    assert r"best val\_loss after N + K evaluations, smaller is better, optimum" in latex


@pytest.mark.usefixtures("blank")
def test_the_page(siamnas, losses: Path):
    siamnas("report", str(losses))
    content = (losses / "report" / "index.html").read_text()
    assert "random search reaches 0.2045 (smaller is better). Against it, behind: FLOPs order +0.1000" in content
    assert "Reported: val_loss, smaller is better. 15,625 architectures, the best of them 0.1234." in content
    assert "Smaller is better: below 0, the method is the better one." in content
    assert "difference, points" not in content and "Accuracies in percent" not in content


def test_the_figures(losses: Path):
    found = collect([losses])
    equal, fronts = (
        regret.compare(found.by_benchmark, BUDGETS),
        pareto.compare(found.by_benchmark, BUDGETS, found.notes),
    )
    figure = next(draw(found, equal, fronts, choose_references(found, None)))
    assert (
        "Best val_loss of all evaluated architectures" in figure.caption
        and "Metric: val_loss, smaller" in figure.caption
    )
    assert "best val_loss, smaller is better" in figure.svg and "optimum 0.1234" in figure.svg
    order = [figure.svg.index(f">{method}<") for method in ("random search", "FLOPs order")]
    assert order == sorted(order), "the legend begins with the best"


def test_old_accuracies_and_losses_are_two_benchmarks(losses: Path, swept: Path):
    found = collect([losses, swept])
    assert len(found.benchmarks) == 2 and len({benchmark.name for benchmark in found.benchmarks}) == 2


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        (Metric("x"), 0.73513, "73.51"),
        (Metric("x", unit=""), 0.73513, "0.7351"),
        (Metric("x", unit=""), 12.0, "12.00"),
        (Metric("x", unit=""), 123456.7, "123457"),
        (Metric("x", unit=""), -0.012345, "-0.01235"),
        (Metric("x", unit=""), 0.0000012345, "1.234e-06"),
        (Metric("x", unit=""), 1234567890.0, "1.235e+09"),
        (Metric("x", unit=""), 0.0, "0"),
        (Metric("x"), -1e-9, "0.00"),
        (Metric("x", unit=""), float("nan"), "nan"),
    ],
)
def test_values_as_text(metric: Metric, value: float, text: str):
    assert metric.text(value) == text


@pytest.mark.parametrize(
    ("mean", "deviation", "text"),
    [
        (3.1e-5, 9.7e-7, "3.100e-05 ± 0.097e-05"),
        (3.1e-5, 4e-21, "3.100e-05 ± 0.000e-05"),
        (1.1006e9, 9.97e7, "1.101e+09 ± 0.100e+09"),
        (-5.2, 0.173, "-5.200 ± 0.173"),
        (0.0, 0.25, "0.0000 ± 0.2500"),
        (1e-5, 0.5, "0.0000 ± 0.5000"),
    ],
)
def test_a_deviation_has_the_decimals_and_the_power_of_its_mean(mean: float, deviation: float, text: str):
    assert Metric("x", unit="").spread(mean, deviation, repeats=3) == text


def ended(**changes: Any) -> Result:
    arrays = {name: np.ones(2) for name in ("seed", "spearman", "kendall", "codes", "code_seconds")}
    arrays |= {name: np.full((2, 35), 0.25) for name in ("best", "query_seconds")} | {"topk": np.full((2, 30), 0.3)}
    meta = {
        "config": {"search": {"n": 5, "k": 10}, "space": {"name": "my cells"}},
        "choices": {"predictor": "random", "space": "mine/json"},
        "optimum": 0.2,
        "median": 0.4,
        "seconds": 1.0,
        "report_name": "test_200_mean",
    }
    return Result(arrays, meta | changes)


def printed(result: Result) -> tuple[str, list[str], list[str]]:
    table = summary.table(result, 120)
    return str(table.title), [str(c.header) for c in table.columns], [str(next(iter(c.cells))) for c in table.columns]


def test_the_table_at_the_end_of_a_job():
    title, headers, cells = printed(ended())
    assert title == "random on my cells: 2 repeats, accuracy test_200_mean"
    assert headers[:7] == ["method", "space", "N", "K", "best acc. %", "optimum", "regret"]
    assert cells[1:7] == ["my cells", "5", "10", "25.00 ± 0.00", "20.00", "0.00"]
    title, headers, cells = printed(ended(metric={"name": "val_loss", "maximise": False, "unit": ""}))
    assert title == "random on my cells: 2 repeats, val_loss, smaller is better"
    assert headers[4] == "best" and cells[4:7] == ["0.2500 ± 0.0000", "0.2000", "0.0500"]
    own = ended(metric={"name": "mIoU", "maximise": True, "unit": "%"}, config={"search": {"n": 5, "k": 10}})
    title, headers, cells = printed(own)
    assert title == "random on mine/json: 2 repeats, mIoU" and headers[4] == "best %"


def test_the_regret_of_a_loss_in_the_curves():
    rows = list(summary.curve_rows(ended(metric={"name": "val_loss", "maximise": False, "unit": ""})))
    assert rows[0]["regret_mean"] == pytest.approx(0.05)
