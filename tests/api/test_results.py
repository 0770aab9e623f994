"""`siamnas.results`: a folder as one table, a row per job and budget, the same numbers as those of the report."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import siamnas
from siamnas.cli import report
from siamnas.jobs.store import Result

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
    budgets = {option: list(own["evaluations"]) for option, own in frame.groupby("option")}
    assert budgets["random"] == list(range(1, 13)) and budgets["evolution"] == list(range(1, 10))
    assert budgets["forest"] == [16], "with fewer evaluations it would have ranked earlier"
    assert frame.groupby("option")["repeats"].unique().map(list).to_dict() == {
        "random": [4],  # of both jobs
        "forest": [3],
        "evolution": [2],
    }
    assert (frame["k"] == (frame["evaluations"] - frame["n"]).clip(lower=0)).all()
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
    report.main([str(folder), "--out", str(tmp_path), "--k", "4"])
    table = pd.read_csv(tmp_path / "table.csv")
    assert list(frame) == list(table)
    keys = ["method", "n", "k", "evaluations"]
    both = table[table["option"] != "forest"].merge(frame, on=keys, suffixes=("", "_own"))
    assert set(both["option"]) == {"random", "evolution"}
    for column in ("best", "best_std", "regret", "topk", "below_median", "spearman", "codes", "seconds"):
        np.testing.assert_allclose(both[column], both[f"{column}_own"], rtol=1e-7, err_msg=column)


def test_every_budget_is_a_slow_reference(folder: Path):
    (path,) = folder.rglob("evolution/*/result.npz")
    result, frame = Result.load(path), siamnas.results(folder).set_index(["option", "evaluations"])
    for budget in range(1, 10):
        row, best = frame.loc["evolution", budget], result.arrays["best"][:, budget - 1]
        assert row["best"] == pytest.approx(best.mean()) and row["best_median"] == pytest.approx(np.median(best))
        assert row["regret"] == pytest.approx(result.meta["optimum"] - best.mean(), abs=1e-12)
        assert row[["topk", "below_median"]].isna().all()


def test_one_file_is_enough(folder: Path):
    (file,) = folder.rglob("forest/*/result.npz")
    assert len(siamnas.results(str(file))) == 1


def test_what_cannot_be_read_is_a_warning(folder: Path, tmp_path: Path):
    (file,) = folder.rglob("forest/*/result.npz")
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
