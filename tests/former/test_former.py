"""Folders that the commit before has made, half of a sweep among them, go on and are read by today's code."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas import Search, Space
from siamnas.jobs.store import Result
from tests.former import build
from tests.support import Outcome, results

Siamnas = Callable[..., Outcome]
TODAY = [word.replace("gp", "gp_2026") for word in build.JOB]


def live(folder: Path) -> None:
    """Made now, by the code of that commit."""
    assert build.has_commit(), f"the history lacks {build.COMMIT}: fetch all of it"
    build.build(folder)


@pytest.fixture(scope="module", params=["committed", pytest.param("live", marks=pytest.mark.slow)])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`chains`, `outputs` and `journal`, see `tests.former.build`."""
    folder = tmp_path_factory.mktemp("former")
    {"committed": build.unpack, "live": live}[request.param](folder)
    return folder


@pytest.fixture
def former(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    shutil.copytree(made, tmp_path / "former", ignore=shutil.ignore_patterns("code"))
    return tmp_path / "former"


def own(folder: Path) -> list[str]:
    """Where things lie now."""
    return [f"space.path={folder / 'chains'}", f"out={folder / 'outputs'}"]


def test_the_second_half_of_a_sweep_goes_on_in_the_same_folder(siamnas: Siamnas, former: Path):
    before = {path: path.read_bytes() for path in results(former / "outputs" / "sweep")}
    assert len(before) == 2
    words = ["-m", *TODAY, "acquisition=top", "search.n=8,10", "name=sweep", *own(former)]
    shown = siamnas(*words)
    assert shown.code == 0, shown.err
    assert "4 jobs: 2 done, 2 skipped" in shown.out
    assert len(re.findall("taken over: 4 of 4 repeats by siamnas 0.1.0", shown.err)) == 2, "said of each"
    assert all(path.read_bytes() == content for path, content in before.items()), "and they stay as they were"
    assert len(results(former / "outputs" / "sweep")) == 4
    again = siamnas(*words)
    assert "4 jobs: 4 skipped" in again.out


def test_a_job_that_was_cut_off_goes_on_where_it_lies(siamnas: Siamnas, former: Path):
    (begun,) = (former / "outputs" / "sweep" / "json" / "gp").glob("n=9,*")
    (part,) = (begun / "parts").iterdir()
    first = Result.load(part)
    words = [word for word in build.JOB if not word.startswith(("predictor", "repeats"))]
    words += ["predictor=gp_2026", "search.n=9", "acquisition=top", "name=sweep", *build.CUT, *own(former)]
    shown = siamnas(*words)
    assert shown.code == 0, shown.err
    assert "1 of 2 repeats are already on disk" in shown.err
    assert "taken over: 1 of 2 repeats by an earlier siamnas (results versions: " in shown.out
    result = Result.load(begun / "result.npz")
    assert list((former / "outputs" / "sweep" / "json" / "gp").glob("n=9,*")) == [begun]
    for name, array in first.arrays.items():
        if name not in ("query_seconds", "spent_seconds"):
            np.testing.assert_array_equal(result.arrays[name][:1], array)
    assert len(result.meta["computed_by"]) == 2 and sum(result.meta["computed_by"].values()) == 2
    assert result.meta["results_versions"] == {"acquisition": 1, "predictor": 1, "search": 1}
    assert "done before" in siamnas(*words).out
    status = siamnas("status", str(former / "outputs" / "sweep"), "--all").out
    assert "3 jobs: 3 done" in status and "1 of 2 repeats by" in " ".join(status.split())


def test_every_result_is_computed_again_bit_for_bit(siamnas: Siamnas, made: Path):
    found = results(made / "outputs")
    assert len(found) == 7, "searches under their old names"
    assert sorted(Result.load(path).meta["choices"].get("predictor", "-") for path in found) == [
        "-", "bananas", "gcn", "gp_2026", "gp_2026", "gp_2026", "random",
    ]  # fmt: skip
    for path in found:
        place = [f"space.path={made / 'chains'}"] if "json" in path.parts else []
        shown = siamnas("rerun", str(path), *place)
        assert shown.code == 0, (path, shown.err)
        assert "agree bit for bit" in shown.out, path


def test_status_speaks_todays_words(siamnas: Siamnas, former: Path):
    shown = siamnas("status", str(former / "outputs"))
    assert "8 jobs: 7 done, 1 interrupted" in shown.out
    (line,) = siamnas("status", str(former / "outputs"), "--commands").out.splitlines()
    assert "acquisition=top" in line and "acquire" not in line
    assert "predictor=gp_2026" in line, "what gp was then"
    (old,) = (former / "outputs").rglob("sweeps/*.json")
    assert "acquire=top" in json.loads(old.read_text())["words"], "what was written stays as it was"


def test_a_report_reads_them(siamnas: Siamnas, former: Path, tmp_path: Path):
    shown = siamnas("report", str(former / "outputs" / "other"), "--out", str(tmp_path / "report"))
    assert shown.code == 0, shown.err
    table = (tmp_path / "report" / "table.csv").read_text()
    assert "topk" in table and "published" not in table
    for method in ("Gaussian process", "local search", "BANANAS", "GCN + BTS"):
        assert method in table


def test_a_measurement_goes_on_in_its_folder(siamnas: Siamnas, former: Path):
    (folder,) = (former / "outputs" / "default" / "nb201_c100").glob("flops-*")
    shown = siamnas("measure", "what=flops", "archs=4", "workers=1", "logger=none", f"out={former / 'outputs'}")
    assert shown.code == 0, shown.err
    assert list((former / "outputs" / "default" / "nb201_c100").glob("flops-*")) == [folder]
    assert re.search(r"by this command\s+1\s+1\s+0", shown.out), "three of the four were there"
    assert len((folder / "table.csv").read_text().splitlines()) == 1 + 4


def test_a_journal_goes_on(made: Path, former: Path):
    def search(folder: Path, **changes: object) -> Search:
        overrides = ["acquisition=ei", "search.initial_design.kind=random"]
        space = Space.of_folder(made / "chains")
        return Search(space, "gp_2026", 12, journal=folder, **{"overrides": overrides, **changes})  # type: ignore[arg-type]

    def go_on(search: Search) -> list[int]:
        with search:
            while archs := search.ask(2):
                search.tell(archs, [arch / 100 for arch in archs])
            assert search.done
            return list(search.values)

    followed = search(former / "journal")
    assert len(followed.values) == 4 and len(followed.open) == 1
    words = ["acquisition=ei", "search.initial_design.kind=random", "search.batch=1"]  # it knows no other way
    anew = search(former / "another", overrides=words)
    assert go_on(followed) == go_on(anew), "the same way as one that today's code has begun"
