"""The anytime curve: the best so far against its cost."""

from pathlib import Path

import numpy as np
import pytest

from siamnas.jobs.store import Result
from siamnas.report.read.collect import collect
from tests.report.support import path_of


def test_the_curve_over_seconds_equals_a_slow_reference(sweep: Path):
    path = path_of(sweep, "random", 20)
    found = collect([sweep]).anytime
    own = found[(found["option"] == "random") & (found["n"] == 20)]
    arrays = Result.load(path).arrays
    spent, best = arrays["spent_seconds"], arrays["best"]
    assert own["seconds"].iloc[0] == pytest.approx(spent[:, 0].max())
    assert own["seconds"].iloc[-1] == pytest.approx(spent[:, -1].min())
    for _, row in own.iloc[1:-1:20].iterrows():
        incumbents = []
        for seconds, values in zip(spent, best, strict=True):
            incumbents.append(
                [value for second, value in zip(seconds, values, strict=True) if second <= row["seconds"]][-1]
            )
        assert row["best_mean"] == pytest.approx(np.mean(incumbents))
        assert row["best_std"] == pytest.approx(np.std(incumbents, ddof=1))


def test_a_result_of_before_counts_its_codes_from_the_start(sweep: Path):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    del result.arrays["spent_seconds"]
    result.arrays["code_seconds"] = np.full(6, 1000.0)
    result.save(path)
    found = collect([sweep]).anytime
    own = found[(found["option"] == "random") & (found["n"] == 20)]
    assert own["seconds"].iloc[0] == pytest.approx(result.arrays["query_seconds"][:, 0].max() + 1000)


@pytest.mark.usefixtures("blank")
def test_without_times_there_is_no_figure(siamnas, sweep: Path):
    for option in ("random", "column"):
        for n in (20, 30):
            path = path_of(sweep, option, n)
            result = Result.load(path)
            nothing = {f"{name}_seconds": 0 * result.arrays["query_seconds"] for name in ("query", "spent")}
            Result(result.arrays | nothing, result.meta).save(path)
    assert siamnas("report", str(sweep)).code == 0
    assert not list((sweep / "report").glob("*-seconds.*"))
