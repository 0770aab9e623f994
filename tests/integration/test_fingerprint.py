"""A job is known by the contents of its files: what was changed is done again, what was moved is not."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.jobs.store import Result
from tests.spaces.jsons import chains
from tests.support import Outcome

Siamnas = Callable[..., Outcome]
QUICK = ("predictor=random", "search.n=5", "search.k=5", "search.depth=10", "repeats=2", "logger=none")


def accuracy(i: int) -> float:
    return 0.3 + 0.01 * i


def results(folder: Path) -> list[Path]:
    return sorted(folder.rglob("result.npz"))


def test_a_table_whose_accuracies_have_changed_is_searched_again(siamnas: Siamnas, tmp_path: Path):
    job = ("space=json", f"space.path={chains(tmp_path / 'mine', gt_accuracy=accuracy)}", *QUICK, f"out={tmp_path}/o")
    first = siamnas(*job)
    assert first.code == 0, first.err
    assert "done before" in siamnas(*job).out
    chains(tmp_path / "mine", gt_accuracy=lambda i: accuracy(i) / 2)
    again = siamnas(*job)
    assert again.code == 0 and "done before" not in again.out
    one, other = (Result.load(path) for path in sorted(results(tmp_path / "o"), key=lambda path: path.stat().st_mtime))
    np.testing.assert_allclose(other.arrays["best"], one.arrays["best"] / 2)
    assert (one.meta["optimum"], other.meta["optimum"]) == (pytest.approx(0.69), pytest.approx(0.345))


def test_a_job_that_was_cut_off_does_not_mix_two_tables(
    siamnas: Siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    job = ("space=json", f"space.path={chains(tmp_path / 'mine', gt_accuracy=accuracy)}", *QUICK, f"out={tmp_path}/o")
    with monkeypatch.context() as patch:
        patch.setattr("siamnas.jobs.store.Store.save", lambda *_: sys.exit(9))
        assert siamnas(*job).code == 9
    assert list((tmp_path / "o").rglob("parts/*.npz"))
    chains(tmp_path / "mine", gt_accuracy=lambda i: accuracy(i) / 2)
    shown = siamnas(*job)
    assert shown.code == 0 and "already on disk" not in shown.err
    (path,) = results(tmp_path / "o")
    assert Result.load(path).arrays["best"].max() <= 0.345


def test_other_codes_in_the_same_file_are_searched_again(siamnas: Siamnas, tmp_path: Path):
    folder, codes = chains(tmp_path / "mine", gt_accuracy=accuracy), tmp_path / "codes.npy"
    words = (
        "predictor=forest",
        "predictor.code=true",
        "predictor.model.n_estimators=3",
        *QUICK[1:],
        f"out={tmp_path}/o",
    )
    job = ("space=json", f"space.path={folder}", "space.code.kind=file", f"space.code.path={codes}", *words)
    for scale in (1, -1):
        np.save(codes, scale * np.arange(40.0)[:, None])
        shown = siamnas(*job)
        assert shown.code == 0, shown.err
        assert "done before" not in shown.out
    assert len(results(tmp_path / "o")) == 2
    assert "done before" in siamnas(*job).out


def test_a_table_that_was_moved_is_the_same_table(siamnas: Siamnas, tmp_path: Path):
    chains(tmp_path / "mine", gt_accuracy=accuracy)
    assert siamnas("space=json", f"space.path={tmp_path}/mine", *QUICK, f"out={tmp_path}/o").code == 0
    shutil.move(tmp_path / "mine", tmp_path / "elsewhere")
    moved = siamnas("space=json", f"space.path={tmp_path}/elsewhere", *QUICK, f"out={tmp_path}/o")
    assert moved.code == 0 and "done before" in moved.out


def test_the_end_table_names_the_space_and_the_metric(siamnas: Siamnas, tmp_path: Path):
    folder = chains(tmp_path / "folder", loss=lambda i: 2.0 + i)
    words = ("space=json", "space.name=mine", f"space.path={folder}", "space.metric=loss", "space.maximise=false")
    shown = siamnas(*words, *QUICK, f"out={tmp_path}/o")
    assert shown.code == 0, shown.err
    table = shown.out.partition("result:")[0]
    assert re.search(r"\bmine\b", table) and re.search(r"\bloss\b", table)
    assert "json" not in table and "acc" not in table and "0.1 %" not in table
    (path,) = results(tmp_path / "o")
    meta = Result.load(path).meta
    assert meta["metric"] == {"name": "loss", "maximise": False, "unit": ""} and meta["optimum"] == 2.0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["predictor=column", "predictor.column=gt_accuracy"],
            "predictor.column=gt_accuracy: gt_accuracy is known only",
        ),
        (["space.code.kind=columns", "space.code.columns=[gt_accuracy]"], "space.code.columns=gt_accuracy: "),
        (["space.metric=los"], "missing key los, which a search of a table needs in every file"),
        (
            ["space.constraints=[flops<=3]"],
            "space.constraints=flops<=3: nothing is known of these architectures for free",
        ),
        (["predictor=gcn", "search.n=3"], "search.n=3: must be at least 4 for this predictor (3 of the N queries"),
        (["search.n=41"], "search.n=41: must be at most 40"),
    ],
)
def test_what_does_not_fit_is_named_before_anything_is_written(
    siamnas: Siamnas, tmp_path: Path, words: list[str], message: str
):
    folder = chains(tmp_path / "mine", gt_accuracy=accuracy)
    shown = siamnas("space=json", f"space.path={folder}", *QUICK, f"out={tmp_path}/o", *words)
    assert shown.code == 2
    assert message in " ".join(shown.err.split())
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("column", ["test_200_mean", "train_seconds_200", "valid_12_mean"])
def test_ranking_a_shipped_space_by_the_answer_is_refused(siamnas: Siamnas, tmp_path: Path, column: str):
    shown = siamnas("predictor=column", f"predictor.column={column}", "repeats=1", "logger=none", f"out={tmp_path}/o")
    assert shown.code == 2
    assert f"predictor.column={column}: {column} is known only after a training" in " ".join(shown.err.split())
