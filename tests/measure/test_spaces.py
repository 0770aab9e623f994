"""What was measured, in a space: columns, codes, their cost, the figure; and as JSON files."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.benchmarks.measurements import CODE
from siamnas.errors import InputError
from siamnas.experiment.fingerprint import fingerprint
from siamnas.jobs.store import Result
from siamnas.oracle.table import TableOracle
from siamnas.spaces.benchmark import Benchmark
from tests.measure.conftest import CONF, table
from tests.spaces.jsons import chains
from tests.spaces.shipped import make

QUICK = ("search.n=5", "search.k=5", "search.depth=10", "repeats=2", "logger=none", "predictor=column")


def write(path: Path, columns: dict[str, list[float]], archs: list[str], seconds: list[float]) -> str:
    """A table as `siamnas measure` writes it; the last architecture has failed."""
    rows = [["arch", *columns, "seconds", "failed"]]
    for i, arch in enumerate(archs):
        rows.append([arch, *(str(values[i]) for values in columns.values()), str(seconds[i]), ""])
    rows.append(["gone", *("" for _ in columns), "9", "no luck"])
    path.mkdir(parents=True)
    (path / "table.csv").write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., Benchmark]:
    """A shipped space with three tables: two losses, a score and an accuracy of its first three architectures."""

    def with_tables(name: str, **changes) -> Benchmark:
        archs = make(name).space.archs[:3].tolist()
        places = [
            write(tmp_path / "code", {"loss_1": [2, 3, 1], "loss_2": [1.5, 2.5, 0.5]}, archs, [10, 20, 30]),
            write(tmp_path / "score", {"naswot": [7, 8, 9]}, archs, [1, 2, 3]),
            write(tmp_path / "train", {"accuracy": [0.5, 0.6, 0.7]}, archs, [100, 200, 300]),
        ]
        return make(name, measured=places, **changes)

    return with_tables


@pytest.mark.parametrize("name", ["nb201_c100", "tiny_nb201", "nb_macro"])
def test_columns_codes_and_what_they_cost(measured: Callable[..., Benchmark], name: str):
    benchmark = measured(name, code__kind="measured", code__length=1)
    own, size = benchmark.measured, len(benchmark.space)
    np.testing.assert_array_equal(own.columns["naswot"][:3], [7, 8, 9])
    assert np.isnan(own.columns["naswot"][3:]).all() and len(own.columns["loss_2"]) == size
    assert "accuracy" not in own.columns and "accuracy" not in benchmark.space.columns, "not for free"
    assert own.code.shape == (size, 1) and own.code_name == "measured" and own.coded.sum() == 3
    np.testing.assert_allclose(own.code_seconds[:3], [5, 10, 15])  # one of two losses

    oracle = TableOracle(benchmark, 2)
    oracle.codes(np.array([[0, 1], [2, 4]]))
    oracle.survey(("naswot",))
    cost = oracle.cost()
    assert cost.codes.tolist() == [3, 3], "the three that have a score"
    np.testing.assert_allclose(cost.code_seconds, [15 + 6, 15 + 6])


def test_a_code_of_columns_of_two_tables_takes_the_time_of_both(measured: Callable[..., Benchmark]):
    benchmark = measured("nb_macro", code__kind="columns", code__columns=["loss_2", "log_naswot", "loss_1", "flops"])
    np.testing.assert_allclose(benchmark.measured.code_seconds[:3], [11, 22, 33])
    np.testing.assert_allclose(benchmark.measured.code[1, :3], [2.5, np.log(8), 3], rtol=1e-6)
    assert TableOracle(benchmark, 1).survey(CODE).shape == (6561, 4)


def test_an_accuracy_is_for_queries_only(measured: Callable[..., Benchmark]):
    with pytest.raises(InputError, match="accuracy is known only after a training, so only a query may see it"):
        measured("nb_macro", code__kind="columns", code__columns=["accuracy"])


def test_counted_columns_are_free(tmp_path: Path):
    chains(tmp_path / "cells", gt_accuracy=lambda i: 0.3 + 0.01 * i)
    place = write(tmp_path / "flops", {"flops": [5, 6], "params": [1, 2]}, ["1", "0"], [1, 1])
    options = {"path": str(tmp_path / "cells"), "measured": [place], "code__kind": "columns"}
    benchmark = make("json", **options, code__columns=["flops"])
    np.testing.assert_array_equal(benchmark.space.columns["flops"][:3], [6, 5, np.nan])
    assert not benchmark.measured.columns and not np.nan_to_num(benchmark.measured.code_seconds).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file"),
        ("", "must have the columns arch, what was measured, seconds and failed"),
        ("arch,a,a,seconds,failed\n", "must have the columns"),
        ("arch,seconds,failed\n0,1,\n", "must have the columns"),
        ("arch,a,seconds,failed\n0,1,2\n", "line 2: must have 4 columns, has 3"),
        (
            "arch,a,seconds,failed\n00000000,1,1,\n00000001,x,1,\n",
            "line 3: x, 1: must be numbers such as 1.5, or empty",
        ),
        ("arch,a,seconds,failed\nz,1,1,\ny,1,1,\n", "none of its 2 architectures is one of the space's"),
        ("arch,flops,seconds,failed\n00000000,1,1,\n", "its column flops is one of the space itself, too"),
        ("arch,\udcff,seconds,failed\n", "cannot be read as a table"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(tmp_path: Path, text: str | None, message: str):
    path = tmp_path / "t.csv"
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=rf"^space\.measured\[0\]={re.escape(str(path))}: .*{re.escape(message)}"):
        make("nb_macro", measured=[str(path)])


def test_two_tables_with_one_column_are_refused(tmp_path: Path):
    places = [write(tmp_path / name, {"a": [1]}, ["00000000"], [1]) for name in ("one", "two")]
    message = rf"space\.measured\[1\]={re.escape(places[1])}: its column a is one of {re.escape(places[0])}, too"
    with pytest.raises(InputError, match=message):
        make("nb_macro", measured=places)


def test_the_fingerprint_of_a_table_is_part_of_what_a_job_is(tmp_path: Path, make_job):
    place = Path(write(tmp_path / "one", {"a": [1]}, ["00000000"], [1]))
    job, plain = make_job("space=nb_macro", f"space.measured=[{place}]"), make_job("space=nb_macro")
    assert job.folder == make_job("space=nb_macro", f"space.measured=[{place}/table.csv]").folder != plain.folder
    assert plain.identity["fingerprint"].keys() == {"nb_macro.npz"} and "measured" not in plain.identity["space"]
    before = fingerprint({"measured": [str(place)]})
    (place / "table.csv").rename(tmp_path / "other.csv")
    assert fingerprint({"measured": [str(tmp_path / "other.csv")]}) == before
    (tmp_path / "other.csv").write_text("other")
    assert fingerprint({"measured": [str(tmp_path / "other.csv")]}) != before
    with pytest.raises(InputError, match=r"space\.measured\[0\]=.*gone: No such file"):
        fingerprint({"measured": [str(tmp_path / "gone")]})


def test_measured_searched_drawn_and_exported(siamnas, tmp_path: Path):
    """The whole way: a folder of cells, FLOPs, losses, then a search and a figure, and JSON files."""
    chains(tmp_path / "cells", 12)
    space = ("space=folder", f"space.path={tmp_path}/cells", f"out={tmp_path}/out", "logger=none", "workers=1")
    network = ("network=nano", "network.stem=4", "network.widths=[4]", "network.cells=1", "images=noise")
    for what in ("flops", "response"):
        assert siamnas("measure", "--config-dir", str(CONF), *space, *network, f"what={what}").code == 1, "splits"
    flops, losses = sorted((tmp_path / "out" / "default" / "folder").iterdir())
    known = table(losses)

    exported = siamnas("measure", "export", str(flops), str(losses), "--out", str(tmp_path / "json"))
    assert exported.code == 0, exported.err
    good = [arch for arch, row in known.items() if not row["failed"]]
    assert f"{len(good)} architectures: {tmp_path / 'json'}" in exported.out
    for file in (tmp_path / "json").iterdir():
        content = json.loads(file.read_text())
        row, before = known[content["id"]], json.loads((tmp_path / "cells" / f"c{content['id']}.json").read_text())
        assert content["operations"] == before["operations"] and content["adj_matrix"] == before["adj_matrix"]
        assert content["est_code"] == [float(row["loss_1"]), float(row["loss_2"])]
        assert content["flops"] == float(table(flops)[content["id"]]["flops"]) and content["mean"] == float(row["mean"])

    benchmark = make("json", path=str(tmp_path / "json"), metric="mean")
    assert benchmark.space.archs.tolist() == good
    np.testing.assert_allclose(
        benchmark.measured.code[:, 0], [float(known[arch]["loss_1"]) for arch in good], rtol=1e-6
    )

    job = ("space=json", f"space.path={tmp_path}/json", "space.metric=flops", f"out={tmp_path}/out", *QUICK)
    job += ("search.n=1", "search.k=2", "search.depth=3", "space.measured=[FOLDER]")
    refused = siamnas(*(word.replace("FOLDER", str(flops)) for word in job))
    assert refused.code == 2 and "its column flops is one of the space itself, too" in refused.err
    shown = siamnas(*(word.replace("FOLDER", str(losses)) for word in job), "predictor.column=loss_2")
    assert shown.code == 0, shown.err
    chains(tmp_path / "cells", 13)
    changed = siamnas("measure", "export", str(flops), "--out", str(tmp_path / "json2"))
    assert changed.code == 2 and f"its space, {tmp_path / 'cells'}, holds other architectures now" in changed.err
    (path,) = (tmp_path / "out").rglob("result.npz")
    arrays = Result.load(path).arrays
    best = max(good, key=lambda arch: float(known[arch]["loss_2"]))
    assert benchmark.space.archs[arrays["evaluated"][0, 0]] == best
    assert arrays["codes"].tolist() == [len(good)] * 2
    np.testing.assert_allclose(arrays["code_seconds"], sum(float(known[arch]["seconds"]) for arch in good))


def test_export_names_what_is_wrong(siamnas, tmp_path: Path):
    chains(tmp_path / "cells", 3)
    shown = siamnas("measure", "export", str(tmp_path / "cells"), "--out", str(tmp_path / "o"))
    assert shown.code == 2 and f"{tmp_path / 'cells' / 'measure.json'}: cannot be read (No such file" in shown.err


def test_figure_5_of_what_was_measured(siamnas, tmp_path: Path):
    archs = make("nb_macro", constraints=["flops<=30"]).space.archs.tolist()
    place = write(tmp_path / "score", {"naswot": list(np.arange(len(archs)) + 0.5)}, archs, [1.0] * len(archs))
    spaces = [f"~space@figure.spaces.nb201_{name}" for name in ("c10", "c100", "img16")]
    spaces += [f"~figure.codes.{name}" for name in ("loss_1", "loss_2", "loss_3", "mean_loss", "mote_score")]
    words = (*spaces, "figure.spaces.nb_macro.constraints=[flops<=30]", f"figure.spaces.nb_macro.measured=[{place}]")
    shown = siamnas("figure", "fig5", *words, f"out={tmp_path}", "+figure.codes.naswot=[naswot]")
    assert shown.code == 0, shown.err
    assert f"naswot,{len(archs)}," in (tmp_path / "fig5" / "fig5.csv").read_text()
