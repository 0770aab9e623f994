"""What belongs together: benchmarks by what they hold, options of a subfolder, the same method under two options."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siamnas.benchmarks.metric import Metric
from siamnas.jobs.store import Result
from siamnas.report.compare import pareto, regret
from siamnas.report.compare.paired import choose_references
from siamnas.report.draw.figure import stems
from siamnas.report.draw.figures import draw
from siamnas.report.read import naming
from siamnas.report.read.catalogue import BUDGETS
from siamnas.report.read.collect import Benchmark, collect
from tests.report.support import path_of, variant

pytestmark = pytest.mark.usefixtures("blank")

NAME = "my cells"


def folder(path: str, digest: str) -> Any:
    """Makes a result that of a folder of files."""

    def change(meta: dict[str, Any]) -> None:
        meta["choices"] |= {"space": "mine/cells"}
        meta["identity"]["space"] = {
            "_target_": "json",
            "name": NAME,
            "path": path,
            "code": {},
        }
        meta["identity"]["fingerprint"] = {"space.path": digest}
        meta["config"]["space"] = {"name": NAME, "path": path}

    return change


def test_other_accuracies_are_other_benchmarks(sweep: Path):
    def other(meta: dict[str, Any]) -> None:
        meta["metric"] = {"name": "valid_200_mean", "maximise": True, "unit": "%"}

    def limited(meta: dict[str, Any]) -> None:
        meta["identity"]["space"]["constraints"] = ["flops<=100"]

    path = path_of(sweep, "random", 20)
    variant(path, "a", other)
    variant(path, "b", limited)
    found = collect([sweep])
    names = [benchmark.name for benchmark in found.benchmarks]
    assert len(names) == len(set(names)) == 3
    assert any("report=valid_200_mean" in name for name in names)
    assert [b.ks for b in found.benchmarks if b.light] == [(5, 10)]
    equal, fronts = (
        regret.compare(found.by_benchmark, BUDGETS),
        pareto.compare(found.by_benchmark, BUDGETS, found.notes),
    )
    made = [figure.stem for figure in draw(found, equal, fronts, choose_references(found, None))]
    curves = [stem for stem in made if not stem.endswith("-seconds")]
    assert len(curves) == len(set(curves)) == 2 * 4, "by the main protocol and by the top-K only"
    assert len(made) == len(curves) + 1, "over the cost, where it is known of more than one method"


def test_folders_are_known_by_what_they_hold(siamnas, sweep: Path):
    """One folder that was moved is one benchmark; two contents are two, called after their places."""
    path = path_of(sweep, "random", 20)
    variant(path, "a", folder("/here/cells", "1" * 64))
    variant(path_of(sweep, "column", 20), "b", folder("/moved/cells", "1" * 64))
    variant(path, "c", folder("/there/cells", "2" * 64))
    shown = siamnas("report", str(sweep))
    assert shown.code == 0, shown.err
    found = collect([sweep])
    assert [benchmark.name for benchmark in found.benchmarks] == [
        "NAS-Bench-201, CIFAR-100",
        "my cells (path=moved/cells)",
        "my cells (path=there/cells)",
    ]
    methods = found.runs.groupby("benchmark")["method"].nunique().to_dict()
    assert methods["my cells (path=moved/cells)"] == 2 and methods["my cells (path=there/cells)"] == 1
    files = {file.name for file in (sweep / "report").iterdir()}
    assert "my-cells-path=moved-cells-evaluated-n=20.png" in files


def test_a_benchmark_that_is_alone_is_called_after_its_option(siamnas, sweep: Path):
    variant(path_of(sweep, "random", 20), "a", folder("/here", "1" * 64))
    assert siamnas("report", str(sweep)).code == 0
    assert (sweep / "report" / "mine-cells-evaluated-n=20.svg").exists()


def test_stems_are_safe_and_different():
    spaces = ("mine/foo", "mine-foo", "Mine-Foo", "..", "a b:c")
    benchmarks = [Benchmark(name, name, Metric("x"), 1.0, 1, False, (1,)) for name in spaces]
    assert list(stems(benchmarks).values()) == ["mine-foo", "mine-foo-2", "Mine-Foo-3", "space", "a-b-c"]


def test_a_file_of_codes_belongs_to_the_method(sweep: Path):
    meta = copy.deepcopy(Result.load(path_of(sweep, "random", 20)).meta)
    before = naming.benchmark_fields(meta)
    meta["identity"]["space"]["code"] |= {"kind": "file", "path": "/some/codes.npy"}
    meta["identity"]["fingerprint"] |= {"space.code.path": "3" * 64}
    assert naming.benchmark_fields(meta) == before
    assert naming.method_fields(meta, False)["space.code.path"] == "3" * 64


def test_one_method_under_two_options_is_one_method(sweep: Path):
    """So are `predictor=siams acquisition=bts` and `predictor=siams_bts`, and a copy in a folder of one's own."""

    def option(name: str, seeds: range) -> None:
        def change(meta: dict[str, Any]) -> None:
            meta["choices"] |= {"predictor": name}
            meta["identity"]["predictor"] = {"_target_": "siams", "nsam": False}
            meta["identity"]["acquisition"] = {"_target_": "bts", "rounds": 10}

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


def test_other_versions_of_a_part_are_other_methods(sweep: Path):
    """Their numbers differ, so their repeats do not mix; a new version of a space is a new benchmark."""

    def version(part: str) -> Callable[[dict[str, Any]], None]:
        return lambda meta: meta["identity"].update(versions={part: 2})

    path = path_of(sweep, "random", 20)
    variant(path, "a", version("predictor"))
    variant(path, "b", version("trainer"))  # that trains nothing here
    (benchmark,) = collect([sweep]).by_benchmark.values()
    names = ["random search (versions.predictor=1)", "random search (versions.predictor=2)", "FLOPs order"]
    assert list(dict.fromkeys(run.name for run in benchmark)) == names
    variant(path, "c", version("space"))
    assert len(collect([sweep]).benchmarks) == 2
