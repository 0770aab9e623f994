"""What belongs together: benchmarks by what they hold, options of a subfolder, the same method under two options."""

import copy
from pathlib import Path
from typing import Any

import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.store import Result
from siamnas.report.compare import reference
from siamnas.report.draw import figures
from siamnas.report.draw.figure import stems
from siamnas.report.read import naming
from siamnas.report.read.collect import Benchmark, collect
from tests.report.support import path_of, variant

pytestmark = pytest.mark.usefixtures("blank")

NAME = "my cells"


def folder(path: str, digest: str) -> Any:
    """Makes a result that of a folder of files."""

    def change(meta: dict[str, Any]) -> None:
        meta["choices"] |= {"space": "mine/cells"}
        meta["science"]["space"] = {
            "_target_": "siamnas.spaces.json_folder.load",
            "name": NAME,
            "path": path,
            "code": {},
        }
        meta["science"]["contents"] = {"space.path": digest}

    return change


def test_other_accuracies_are_other_benchmarks(sweep: Path):
    def other(meta: dict[str, Any]) -> None:
        meta["metric"] = {"name": "valid_200_mean", "maximise": True, "unit": "%"}

    def limited(meta: dict[str, Any]) -> None:
        meta["science"]["space"]["constraints"] = ["flops<=100"]

    path = path_of(sweep, "random", 20)
    variant(path, "a", other)
    variant(path, "b", limited)
    found = collect([sweep])
    names = [benchmark.name for benchmark in found.benchmarks]
    assert len(names) == len(set(names)) == 3
    assert any("report=valid_200_mean" in name for name in names)
    assert [b.ks for b in found.benchmarks if b.light] == [(5, 10)]
    made = [figure.stem for figure in figures.draw(found, reference.choose(found, None))]
    curves = [stem for stem in made if not stem.endswith("-seconds")]
    assert len(curves) == len(set(curves)) == 2 * 4, "by the main and by the top-K only"
    assert len(made) == len(curves) + 1, "what it costs, where more than one method is known to cost anything"


def test_folders_are_known_by_what_they_hold(siamnas, sweep: Path):
    """One folder that was moved is one benchmark; two contents at one place are two."""
    path = path_of(sweep, "random", 20)
    variant(path, "a", folder("/here", "1" * 64))
    variant(path_of(sweep, "column", 20), "b", folder("/there", "1" * 64))
    variant(path, "c", folder("/here", "2" * 64))
    shown = siamnas("report", str(sweep))
    assert shown.code == 0, shown.err
    found = collect([sweep])
    assert [benchmark.name for benchmark in found.benchmarks] == [
        "NAS-Bench-201, CIFAR-100",
        "my cells (space.path=11111111)",
        "my cells (space.path=22222222)",
    ]
    methods = found.runs.groupby("benchmark")["method"].nunique().to_dict()
    assert methods["my cells (space.path=11111111)"] == 2 and methods["my cells (space.path=22222222)"] == 1
    files = {file.name for file in (sweep / "report").iterdir()}
    assert "my-cells-space.path=11111111-account-n=20.png" in files


def test_a_benchmark_that_is_alone_is_called_after_its_option(siamnas, sweep: Path):
    variant(path_of(sweep, "random", 20), "a", folder("/here", "1" * 64))
    assert siamnas("report", str(sweep)).code == 0
    assert (sweep / "report" / "mine-cells-account-n=20.svg").exists()


def test_stems_are_safe_and_different():
    spaces = ("mine/foo", "mine-foo", "Mine-Foo", "..", "a b:c")
    benchmarks = [Benchmark(name, name, Metric("x"), 1.0, 1, False, (1,)) for name in spaces]
    assert list(stems(benchmarks).values()) == ["mine-foo", "mine-foo-2", "Mine-Foo-3", "space", "a-b-c"]


def test_a_file_of_codes_belongs_to_the_method(sweep: Path):
    meta = copy.deepcopy(Result.load(path_of(sweep, "random", 20)).meta)
    before = naming.benchmark_fields(meta)
    meta["science"]["space"]["code"] |= {"kind": "file", "path": "/some/codes.npy"}
    meta["science"]["contents"] |= {"space.code.path": "3" * 64}
    assert naming.benchmark_fields(meta) == before
    assert naming.method_fields(meta, False)["space.code.path"] == "3" * 64


def test_one_method_under_two_options_is_one_method(sweep: Path):
    """`predictor=siams acquisition=bts` and `predictor=siams_bts` are the same; so is a copy in a folder of one's own."""

    def option(name: str, seeds: range) -> None:
        def change(meta: dict[str, Any]) -> None:
            meta["choices"] |= {"predictor": name}
            meta["science"]["predictor"] = {"_target_": "siamnas.predictors.siamese.SiamesePredictor", "nsam": False}
            meta["science"]["acquisition"] = {"_target_": "siamnas.acquisition.bts.BatchTopSampler", "rounds": 10}

        result = Result.load(path_of(sweep, "random", 20))
        rows = {key: values[: len(seeds)] for key, values in result.arrays.items()}
        variant(path_of(sweep, "random", 20), name.replace("/", "-"), change, rows | {"seed": list(seeds)})

    option("mine/siams", range(3))
    found = collect([sweep])
    assert list(found.runs["kind"])[-1] == "siams_bts"
    option("siams_bts", range(3, 6))
    found = collect([sweep])
    (row,) = found.runs[found.runs["method"] == "Siams + BTS"].to_dict("records")
    assert row["repeats"] == 6 and row["option"] == "siams_bts" and len(row["files"]) == 2
