"""One odd file never ends a report: what is wrong with it is said, and the others are shown."""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from siamnas.jobs import states, store
from siamnas.jobs.store import PER_EVALUATION, Result
from siamnas.report.read.collect import collect
from tests.report.support import path_of, variant

pytestmark = pytest.mark.usefixtures("blank")


@pytest.mark.parametrize("damage", ["cut", "other", "old"])
def test_a_damaged_file_does_not_stop_the_others(siamnas, sweep: Path, damage: str):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "other":
        np.savez(path, a=np.zeros(3))
    else:
        Result({k: v for k, v in result.arrays.items() if k != "topk"}, result.meta).save(path)
    shown = siamnas("report", str(sweep))
    assert shown.code == 0
    assert f"warning: {path}" in shown.err.replace("\n", "")
    assert ("of an older version: run its command again" in " ".join(shown.err.split())) == (damage == "old")
    assert len(pd.read_csv(sweep / "report" / "table.csv")) == 9
    alone = siamnas("report", str(path))
    assert alone.code == 2 and str(path) in alone.err.replace("\n", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.arrays.update(best=r.arrays["best"][:, 0]), "best has the shape"),
        (lambda r: r.arrays.update(topk=r.arrays["topk"][:, 1:]), "(6, 80), which is not (6, 79)"),
        (lambda r: r.arrays.pop("spearman"), "it has no 'spearman'"),
        (lambda r: r.arrays.update(seed=np.zeros(6, dtype=int)), "some repeats occur twice"),
        (lambda r: r.arrays.update({name: a[:0] for name, a in r.arrays.items()}), "that of 0 repeats"),
        (lambda r: r.arrays.update(spearman=np.full(6, "x")), "spearman does not hold numbers"),
        (lambda r: r.meta.pop("choices"), "it has no 'choices'"),
        (lambda r: r.meta.update(optimum="high"), "ValueError"),
        (lambda r: r.meta.update(identity=[]), "not the result of a search"),
        (lambda r: r.meta["identity"]["search"].pop("_target_"), "it has no '_target_'"),
        (lambda r: r.meta.update(metric={"nmae": "x"}), "TypeError"),
        (lambda r: r.arrays["best"].__setitem__((2, 3), np.nan), "best holds values that are not finite numbers"),
        (lambda r: r.arrays["topk"].__setitem__((2, 3), np.inf), "topk holds values that are not finite"),
        (lambda r: r.arrays["spearman"].__setitem__(0, 1e308), "spearman holds values that are not finite"),
        (lambda r: r.meta["choices"].update(space=["a"]), "not the result of a search (TypeError"),
        (lambda r: r.meta["choices"].update(space=5), "space is no text"),
        (lambda r: r.meta["metric"].update(name={"a": 1}), "metric.name is no text"),
        (lambda r: r.meta.update(optimum=float("inf")), "optimum is not finite"),
    ],
)
def test_odd_contents_are_named(siamnas, sweep: Path, change, message: str):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    change(result)
    result.save(path)
    shown = siamnas("report", str(sweep))
    assert shown.code == 0
    assert f"warning: {path}" in shown.err.replace("\n", "") and message in " ".join(shown.err.split())
    assert len(pd.read_csv(sweep / "report" / "table.csv")) == 9


def test_a_file_that_is_no_dictionary(sweep: Path):
    path = path_of(sweep, "random", 20)
    np.savez(path, meta=np.array(json.dumps([1, 2])))
    assert "not a readable result file (meta is no dictionary)" in collect([sweep]).notes[0]


def bomb(path: Path) -> None:
    """A small file that unpacks to more than the memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("meta.npy", b"")
        with packed.open("best.npy", "w", force_zip64=True) as entry:
            for _ in range(store.LARGEST >> 24):
                entry.write(bytes(1 << 24))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def says_too_much(path: Path) -> None:
    """The header of an array says that it has more numbers than any memory holds."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 50,)})
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("best.npy", header.getvalue())


@pytest.mark.parametrize("spoil", [bomb, pipe, endless, folder, says_too_much])
def test_what_is_no_file_of_ours_is_left_out_at_once(
    siamnas, sweep: Path, spoil: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "LARGEST", 1 << 25)
    path = path_of(sweep, "random", 20)
    spoil(path)
    began = time.monotonic()
    (note,) = collect([sweep]).notes
    assert note.startswith(f"{path}: not a readable result file")
    (state,) = [job for job in states.find([sweep])[0] if job.state != "done"]
    assert state.state == "failed" and "result.npz is damaged" in state.detail
    alone = siamnas("report", str(path))
    assert alone.code == 2 and str(path) in alone.err.replace("\n", "")
    assert time.monotonic() - began < 20


def test_a_short_curve_is_shown_as_far_as_it_goes(siamnas, sweep: Path):
    """Of a method of its own, and of one that has longer curves elsewhere."""
    path = path_of(sweep, "column", 20)
    arrays = Result.load(path).arrays
    short = {name: arrays[name][:, :32] for name in PER_EVALUATION}
    short |= {"topk": arrays["topk"][:, :12]}
    variant(path, "short", lambda meta: meta["identity"]["predictor"].update(column="params"), short)
    assert siamnas("report", str(sweep)).code == 0
    (row,) = [line for line in (sweep / "report" / "table.md").read_text().splitlines() if "parameters order" in line]
    cells = [cell.strip() for cell in row.split("|")]
    assert "±" in cells[3] and cells[4:8] == ["–", "–", "–", "–"], "K = 20, 30, difference and regret at K = 30"
    assert "±" in cells[8] and cells[9:14] == ["–", "–", "0 [0, 39]", "–", "–"]
    short |= {"seed": np.arange(6, 12)}
    variant(path_of(sweep, "random", 20), "short", lambda meta: meta["config"].update(seed=6), short)
    (note,) = collect([sweep]).notes
    assert note.startswith("random search on nb201_c100, N = 20: ") and note.endswith("cut to K = 12, the shortest")


def test_a_search_without_a_ranking_has_no_top_k(siamnas, sweep: Path):
    """A search may evaluate its last ranking by chance only: here its top 10, and in one repeat not even that."""
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    result.arrays["topk"][:, 10:] = np.nan
    result.arrays["topk"][0] = np.nan
    result.save(path)
    assert siamnas("report", str(sweep)).code == 0
    table = pd.read_csv(sweep / "report" / "table.csv").set_index(["option", "n", "k"]).sort_index()
    assert table.loc[("random", 20), ["topk", "topk_std", "below_median"]].isna().all(axis=None)
    assert table.loc[("random", 20), "best"].notna().all() and table.loc[("column", 20), "topk"].notna().all()
    tests = pd.read_csv(sweep / "report" / "paired.csv")
    assert set(tests.loc[tests["n"] == 20, "protocol"]) == {"main"}
    (row,) = [line for line in (sweep / "report" / "table.md").read_text().splitlines() if "| 20 | random" in line]
    assert row.count("–") == 3 + 3 + 1  # of the top K, the shares below the median, and no predictor ranks


@pytest.mark.usefixtures("blank")
def test_a_result_without_an_optimum_is_another_benchmark(siamnas, sweep: Path):
    path = path_of(sweep, "random", 20)
    result = Result.load(path)
    result.meta.update(optimum=float("nan"), median=float("nan"))
    result.save(path)
    shown = siamnas("report", str(sweep))
    assert shown.code == 0 and not shown.err
    table = pd.read_csv(sweep / "report" / "table.csv")
    unknown = table["benchmark"] == "NAS-Bench-201, CIFAR-100 (optimum=unknown)"
    assert unknown.sum() == 3 and table[["regret", "below_median"]].isna().all(axis=1).equals(unknown)
