"""What makes two jobs the same: their configuration and the contents of their files, wherever these lie."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from siamnas.benchmarks import shipped
from siamnas.errors import InputError
from siamnas.experiment.configuration import Job
from siamnas.experiment.fingerprint import contents

Make = Callable[..., Job]


def write(folder: Path, scale: float = 1.0) -> Path:
    """Three architectures, whose accuracies are multiplied."""
    folder.mkdir(exist_ok=True)
    for i, accuracy in enumerate((0.5, 0.7, 0.9)):
        content = {"id": i, "adj_matrix": [[0, 1], [0, 0]], "operations": ["input", "output"], "flops": 3}
        (folder / f"{i}.json").write_text(json.dumps(content | {"gt_accuracy": scale * accuracy}), encoding="utf-8")
    return folder


def test_folder_is_the_identity(make_job: Make):
    base = make_job().folder
    same = ("trainer.accelerator=cpu", "trainer.threads=1", "trainer.chunk=7", "trainer.compile=true", "logger=none")
    assert all(make_job(override).folder == base for override in same)
    other = (
        "trainer.epochs=100",
        "predictor.mixup=0.5",
        "acquisition=random",
        "acquisition.rounds=3",
        "space.constraints=[flops<=100]",
        "search.rerank=0",
        "seed=1",
        "repeats=3",
    )
    folders = {make_job(override).folder for override in other}
    assert len(folders) == len(other)
    assert base not in folders
    assert re.fullmatch(r"nb201_c100/siams_nsam_bts/n=30,k=30,seed=0,repeats=100,[0-9a-f]{8}", make_job().path)


def test_split_seeds_are_the_same_repeats(make_job: Make):
    whole = make_job("repeats=100").seeds
    parts = [make_job("repeats=25", f"seed={seed}").seeds for seed in (0, 25, 50, 75)]
    assert list(whole) == [identity for part in parts for identity in part]


def test_other_accuracies_are_another_job(make_job: Make, tmp_path: Path):
    word = f"space.path={write(tmp_path / 'mine')}"
    before = make_job("space=json", word)
    assert make_job("space=json", word).folder == before.folder
    write(tmp_path / "mine", 0.5)
    after = make_job("space=json", word)
    assert after.science != before.science and after.folder != before.folder
    write(tmp_path / "mine")
    assert make_job("space=json", word).folder == before.folder, "it is the content that counts, not the time"


def test_the_same_folder_elsewhere_is_the_same_job(make_job: Make, tmp_path: Path):
    here = write(tmp_path / "here")
    shutil.copytree(here, tmp_path / "there")
    (tmp_path / "there" / "notes.txt").write_text("no architecture", encoding="utf-8")
    one, other = (make_job("space=json", f"space.path={tmp_path / place}") for place in ("here", "there"))
    assert one.contents == other.contents and list(one.contents) == ["path"]
    assert one.science == other.science and one.folder == other.folder
    assert str(tmp_path) not in json.dumps(one.science)


def renamed(folder: Path) -> None:
    (folder / "0.json").rename(folder / "5.json")


def removed(folder: Path) -> None:
    (folder / "0.json").unlink()


def swapped(folder: Path) -> None:
    first, second = ((folder / f"{i}.json").read_text() for i in range(2))
    (folder / "0.json").write_text(second)
    (folder / "1.json").write_text(first)


def moved_between_files(folder: Path) -> None:
    """All bytes one after the other stay the same."""
    first, second = ((folder / f"{i}.json").read_text() for i in range(2))
    (folder / "0.json").write_text(first + second[:5])
    (folder / "1.json").write_text(second[5:])


@pytest.mark.parametrize("change", [renamed, removed, swapped, moved_between_files])
def test_every_change_of_a_folder_counts(tmp_path: Path, change: Callable[[Path], None]):
    space = {"_target_": "siamnas.spaces.json_folder.load", "path": str(write(tmp_path / "mine"))}
    before = contents(space)
    change(tmp_path / "mine")
    assert contents(space) != before


def test_other_codes_of_a_file_are_another_job(make_job: Make, tmp_path: Path):
    jobs = []
    for name, value in (("a.npy", 1.0), ("b.npy", 1.0), ("a.npy", 2.0)):
        np.save(tmp_path / name, np.full((15_625, 1), value))
        jobs.append(make_job("space.code.kind=file", f"space.code.path={tmp_path / name}"))
        assert jobs[-1].contents["code.path"]
    first, elsewhere, changed = jobs
    assert first.folder == elsewhere.folder
    assert changed.folder != first.folder


def test_a_path_that_is_not_read_does_not_count(make_job: Make):
    job = make_job("space.code.path=/nowhere/codes.npy")
    assert list(job.contents) == ["nb201.npz"]
    assert job.folder == make_job().folder


@pytest.mark.parametrize(("space", "file"), [("nb201_c10", "nb201.npz"), ("nb_macro", "nb_macro.npz")])
def test_the_shipped_table_belongs_to_the_identity(
    make_job: Make, monkeypatch: pytest.MonkeyPatch, space: str, file: str
):
    before = make_job(f"space={space}")
    assert before.science["contents"] == {file: shipped.digests()[file]}
    elsewhere = make_job(f"space={space}", "space.data_dir=/somewhere")
    assert elsewhere.folder == before.folder, "a table elsewhere is the same one, or refused"
    monkeypatch.setattr(shipped, "digests", lambda: {file: "0" * 64})
    assert make_job(f"space={space}").folder != before.folder


@pytest.mark.parametrize(
    "words", [("space=json", "space.path={}/gone"), ("space.code.kind=file", "space.code.path={}/gone")]
)
def test_a_path_that_leads_nowhere_is_named(make_job: Make, tmp_path: Path, words: tuple[str, str]):
    key = words[1].partition("=")[0]
    with pytest.raises(InputError, match=rf"{key}={tmp_path}/gone: No such file"):
        _ = make_job(words[0], words[1].format(tmp_path)).folder
