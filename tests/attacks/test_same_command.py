"""What lies behind the words of a command was replaced: it is another job, or it is said, never "done before"."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from siamnas.experiment import build
from siamnas.experiment.configuration import Job
from siamnas.jobs import provenance
from siamnas.jobs.store import Result
from tests.images.files import noise, pictures
from tests.support import QUICK, results

Make = Callable[..., Job]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images in folders of classes."""
    return pictures(tmp_path / "images", noise(0, 0, 1, 1, 0, 1, size=8, seed=0), ["ant", "bee"])


def other_pixels(folder: Path) -> None:
    """The same names, sizes and times."""
    one, other = sorted((folder / "ant").iterdir())[:2]
    pictures(folder.parent / "others", noise(0, 0, size=8, seed=7), ["ant"])
    for path, new in zip((one, other), sorted((folder.parent / "others" / "ant").iterdir()), strict=False):
        before = path.stat()
        path.write_bytes(new.read_bytes())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def swapped_names(folder: Path) -> None:
    (folder / "ant").rename(folder / "x")
    (folder / "bee").rename(folder / "ant")
    (folder / "x").rename(folder / "bee")


def one_less(folder: Path) -> None:
    sorted((folder / "bee").iterdir())[0].unlink()


def moved_to_another_class(folder: Path) -> None:
    shutil.move(sorted((folder / "bee").iterdir())[0], folder / "ant" / "zz.png")


@pytest.mark.parametrize("change", [other_pixels, swapped_names, one_less, moved_to_another_class])
def test_images_that_were_replaced(make_job: Make, folder: Path, tmp_path: Path, change: Callable[[Path], None]):
    """By one process, as in a notebook, which has read them before."""

    def job() -> Job:
        return make_job("oracle=train", "predictor=random", "images=folder", f"images.path={folder}", f"out={tmp_path}")

    before = job()
    _ = before.identity
    assert job().folder == before.folder
    change(folder)
    assert job().folder != before.folder


def test_images_are_read_once_as_long_as_they_are_the_same(make_job: Make, folder: Path):
    config = make_job("oracle=train", "predictor=random", "images=folder", f"images.path={folder}").config
    assert build.images(config) is build.images(config)


OWN = "from siamnas.predictors.random import Random\n\nclass Mine(Random):\n    pass\n"


def test_the_code_of_ones_own_class(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "changing_predictor.py"
    path.write_text(OWN)
    words = (*QUICK, "space=tiny_nb201", "search.n=10", "search.k=2", f"out={tmp_path / 'o'}")
    words += ("predictor._target_=changing_predictor.Mine",)
    try:
        assert "changed" not in siamnas(*words).out
        assert "changed" not in siamnas(*words).out
        path.write_text(OWN + "\n# another model\n")
        shown = siamnas(*words)
        assert shown.code == 0 and "done before" in shown.out
        assert "its code has changed since: changing_predictor.Mine" in shown.out
    finally:
        sys.modules.pop("changing_predictor", None)
    (found,) = results(tmp_path)
    assert list(Result.load(found).meta["own_code"]) == ["changing_predictor.Mine"]


def test_a_result_of_a_stranger_imports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "stranger.py").write_text("raise SystemExit('it was imported')")
    meta = {"own_code": {"stranger.Mine": "0"}, "config": {"predictor": {"_target_": "stranger.Mine"}}}
    assert "changed" not in provenance.taken_over(meta) and "stranger" not in sys.modules
    assert "changed" not in provenance.taken_over(meta | {"own_code": ["x"]})


def test_a_result_of_another_version_or_commit_is_said(siamnas, tmp_path: Path):
    words = (*QUICK, "space=tiny_nb201", "search.n=10", "search.k=2", f"out={tmp_path}")
    assert siamnas(*words).code == 0
    (path,) = results(tmp_path)
    result = Result.load(path)
    for change in ({"versions": {"siamnas": "0.1.0"}}, {"commit": "0" * 40}):
        meta = json.loads(json.dumps(result.meta)) | change
        del meta["computed_by"]
        Result(result.arrays, meta).save(path)
        shown = siamnas(*words)
        assert shown.code == 0 and "taken over: 3 of 3 repeats by siamnas" in shown.out


def test_parts_of_different_code_are_not_taken_for_one():
    assert provenance.of_parts([{"a": "1"}, {"a": "1"}]) == {"a": "1"}
    assert provenance.of_parts([{"a": "1"}, {"a": "2"}]) == {"a": ""}
    assert provenance.of_parts([{}, {"a": "2"}]) == {"a": ""}
    assert provenance.of_parts([{}, {}]) == {}
