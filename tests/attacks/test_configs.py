"""Configs and words that would have no effect, or another one than meant: refused by name, nothing is computed."""

from pathlib import Path

import pytest

import siamnas as door
from siamnas.config import hydra_internals
from siamnas.config.hydra_internals import flags_last
from siamnas.config.overrides import search_path
from siamnas.errors import InputError
from tests.support import QUICK

GLOBAL = "# @package _global_\n"
NO_EFFECT = {
    "no package": ("name: a\n", "its file sets nothing; it must begin with # @package _global_"),
    "a text": ("hello\n", "its file sets nothing"),
    "a list": ("- a\n", "must hold keys and values, not a list"),
    "a byte order mark": (f"\ufeff{GLOBAL}name: a\n", "holds U+FEFF"),
    "a line end of YAML 1.1 alone": (f"{GLOBAL}name: a\u0085seed: 3\n", "holds U+0085"),
    "another one": (f"{GLOBAL}name: a\u2028seed: 3\n", "holds U+2028"),
    "names itself": (f"{GLOBAL}defaults:\n  - mine\n", "a config names itself in its defaults"),
    "a number in quotes": (f"{GLOBAL}seed: '3'\n", "seed='3': must be an integer"),
    "a long value": (f"{GLOBAL}name: {'a' * 100_000}\n", "must be a name"),
}


def experiment(folder: Path, content: str, name: str = "experiment/mine.yaml") -> Path:
    path = folder / "conf" / name
    path.parent.mkdir(parents=True)
    path.write_text(content)
    return folder / "conf"


@pytest.mark.parametrize("kind", NO_EFFECT)
def test_a_config_that_would_have_no_effect(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    monkeypatch.chdir(tmp_path)
    content, said = NO_EFFECT[kind]
    experiment(tmp_path, content)
    shown = siamnas("--config-dir=conf", "experiment=mine", *QUICK)
    assert shown.code == 2 and "Traceback" not in shown.err and len(shown.err) < 1000
    assert said in shown.err.replace("\n", " "), shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["conf"]


@pytest.mark.parametrize("kind", ["no package", "names itself"])
def test_the_python_door_refuses_it_as_well(tmp_path: Path, kind: str):
    content, said = NO_EFFECT[kind]
    places = search_path([f"file://{experiment(tmp_path, content)}"]).partition("=")[2]
    with pytest.raises(InputError, match=said):
        door.run("nb201_c10", "random", overrides=[f"hydra.searchpath={places}", "experiment=mine"])


def test_a_config_of_ones_own_that_has_the_name_of_a_shipped_one(siamnas, tmp_path: Path):
    """Hydra would read the shipped one, and a change of the other would do nothing."""
    conf = experiment(tmp_path, "_target_: x.Y\n", "space/nb201_img16.yaml")
    shown = siamnas("--config-dir", str(conf), "space=nb201_img16", f"out={tmp_path}/out", *QUICK)
    assert shown.code == 2 and "siamnas has a config of this name; rename it" in shown.err.replace("\n", " ")
    shown = siamnas("--config-dir", str(conf), "space=nb201_c10", f"out={tmp_path}/out", *QUICK)
    assert shown.code == 0


@pytest.mark.parametrize("words", [["--config-dir=a", "--config-dir=b"], ["--config-dir="], ["-cd", "a", "-cd", "b"]])
def test_one_folder_of_configs(siamnas, words: list[str]):
    shown = siamnas(*words, *QUICK)
    assert shown.code == 2 and "--config-dir: must be one folder" in shown.err


@pytest.mark.parametrize(
    ("words", "ordered"),
    [
        (["a=1", "-m", "b=2"], ["a=1", "b=2", "-m"]),
        (["a=1", "--config-dir", "c", "b=2"], ["a=1", "b=2", "--config-dir", "c"]),
        (["a=1", "--config-d", "c", "b=2"], ["a=1", "b=2", "--config-d", "c"]),
        (["-cn", "x", "--cfg=job", "b=2"], ["b=2", "-cn", "x", "--cfg=job"]),
        (["--info", "config", "b=2"], ["b=2", "--info", "config"]),
        (["--info", "b=2"], ["b=2", "--info"]),
        (["~a", "+b=-1"], ["~a", "+b=-1"]),
    ],
)
def test_flags_may_stand_anywhere(words: list[str], ordered: list[str]):
    assert flags_last(words) == ordered
    flags = hydra_internals.flags_of(ordered)
    assert flags.overrides == [word for word in words if "=" in word and word[0] != "-" or word[0] == "~"]


@pytest.mark.parametrize(
    "word",
    ["seed=range(2,0)", "seed=range(0,1000000000)", "seed=range(0,1,0)", "seed=range(0,1,1e-9)", "predictor=glob(zz*)"],
)
def test_a_sweep_without_a_job_or_without_an_end(siamnas, word: str):
    shown = siamnas("-m", "logger=none", word)
    assert shown.code == 2
    assert "a range of 1 to 100,000 values" in shown.err or "a sweep without a job" in shown.err


def test_a_sweep_with_more_jobs_than_anybody_runs(siamnas):
    shown = siamnas("-m", *QUICK, "seed=range(0,1000)", "search.n=range(1,1000)")
    assert shown.code == 2 and "a sweep of 999,000 jobs: must be at most 100,000" in shown.err


@pytest.mark.parametrize("word", ["hydra.sweeper.params.seed='1,2'", "+hydra.sweeper.params.seed='1,2'"])
def test_jobs_that_nothing_would_check(siamnas, word: str):
    shown = siamnas("-m", *QUICK, word)
    assert shown.code == 2 and "jobs are made from words such as -m seed=1,2" in shown.err.replace("\n", " ")


def test_a_choice_that_no_file_can_be_named_after(siamnas):
    shown = siamnas(f"logger={'9' * 20}none{'9' * 400}")
    assert shown.code == 2 and "must be the name of an option" in shown.err.replace("\n", " ")


@pytest.mark.parametrize(
    "places", ["[/nowhere]", "[file:///nowhere]", "[pkg://nowhere.conf]", "[pkg://os]", "[s3://a]", "[3]", "/nowhere"]
)
def test_configs_that_are_looked_for_nowhere(siamnas, tmp_path: Path, places: str):
    """The job went on without them."""
    shown = siamnas(*QUICK, f"out={tmp_path}", f"hydra.searchpath={places}")
    assert shown.code == 2 and "must be a folder, or pkg:// and a package" in shown.err.replace("\n", " ")
    assert f"hydra.searchpath={places.strip('[]')}: " in shown.err and not list(tmp_path.iterdir())
    with pytest.raises(InputError, match=r"hydra\.searchpath="):
        door.run("nb201_c10", "random", overrides=[f"hydra.searchpath={places}"])


def test_a_second_list_of_places(siamnas, tmp_path: Path):
    """Hydra read the first alone."""
    shown = siamnas(*QUICK, f"out={tmp_path}", f"hydra.searchpath=[{tmp_path}]", "hydra.searchpath=[.]")
    assert shown.code == 2 and "hydra.searchpath: is there twice" in shown.err and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ["hydra.run.dir=x"],
        ["hydra.output_subdir=.hydra"],
        ["-m", "seed=0,1", "hydra.sweep.dir=x"],
        ["-m", "seed=0,1", "hydra.sweep.subdir=${hydra.job.num}"],
    ],
)
def test_folders_of_hydra(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]):
    """`siamnas status` found all jobs of such a sweep missing, as their results lay elsewhere."""
    monkeypatch.chdir(tmp_path)
    shown = siamnas(*QUICK, *words)
    assert shown.code == 2 and f"{words[-1]}: has no effect on results" in shown.err.replace("\n", " ")
    assert not list(tmp_path.iterdir())


def test_folders_of_hydra_in_a_file(siamnas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    experiment(tmp_path, f"{GLOBAL}hydra:\n  sweep:\n    dir: x\n")
    shown = siamnas("-m", "seed=0,1", "--config-dir=conf", "experiment=mine", *QUICK)
    assert shown.code == 2 and "hydra.sweep.dir=x: has no effect on results" in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["conf"]
