"""`siamnas.results`: a folder as one table, the same numbers as those of the report."""

from pathlib import Path

import pytest

import siamnas
from siamnas.cli import report

SMALL = ["search.n=8", "search.k=4", "search.depth=6"]


@pytest.fixture(scope="module")
def folder(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two methods and two budgets, one of them in two jobs, and a search without a final ranking."""
    out = tmp_path_factory.mktemp("results")
    for seed in (0, 2):
        siamnas.run(cells, "random", overrides=SMALL, repeats=2, seed=seed, out=out)
    siamnas.run(cells, "forest", overrides=["search.n=10", "search.k=6", "search.depth=6"], repeats=3, out=out)
    siamnas.run(cells, search="evolution", overrides=["search.n=9"], repeats=2, out=out)
    return out


def test_one_row_per_job_and_budget(folder: Path):
    frame = siamnas.results(folder)
    shown = {(row.option, row.n, row.k): (row.evaluations, row.repeats) for row in frame.itertuples()}
    assert shown[("random", 8, 4)] == (12, 4)  # the repeats of both jobs
    assert shown[("forest", 10, 6)] == (16, 3)
    assert shown[("evolution", 9, 0)] == (9, 2)
    assert set(frame["benchmark"]) == {"cells"} and set(frame["label"]) == {"gt_accuracy"}
    assert (frame["regret"] >= 0).all() and frame["best"].between(0.5, 1).all()


def test_they_are_those_of_the_result_and_of_the_report(folder: Path, cells: Path, tmp_path: Path, blank: None):
    result = siamnas.run(
        cells, "forest", overrides=["search.n=10", "search.k=6", "search.depth=6"], repeats=3, out=folder
    )
    frame = siamnas.results(folder)
    (row,) = frame[(frame["option"] == "forest") & (frame["k"] == 6)].itertuples()
    assert row.best == pytest.approx(result.arrays["best"][:, 15].mean())
    assert row.best_std == pytest.approx(result.arrays["best"][:, 15].std(ddof=1))
    report.main([str(folder), "--out", str(tmp_path), "--k", "4,6"])
    assert frame.to_csv(index=False, float_format="%.8g") == (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_one_file_is_enough(folder: Path):
    (file, *_) = sorted(folder.rglob("result.npz"))
    assert len(siamnas.results(str(file))) == 1


def test_what_cannot_be_read_is_a_warning(folder: Path, tmp_path: Path):
    (file, *_) = sorted(folder.rglob("result.npz"))
    for name, content in (("good", file.read_bytes()), ("bad", b"no result")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.npz").write_bytes(content)
    with pytest.warns(UserWarning, match="bad/result.npz: not a readable result file"):
        assert len(siamnas.results(tmp_path)) == 1


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(siamnas.InputError, match="no result file"):
        siamnas.results(tmp_path)
    with pytest.raises(siamnas.InputError, match="no such folder"):
        siamnas.results(tmp_path / "none")
