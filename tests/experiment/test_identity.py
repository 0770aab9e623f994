"""What makes two jobs the same: options, versions and the contents of their files, wherever these lie."""

import copy
import inspect
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from siamnas.benchmarks import shipped
from siamnas.config.compose import CONF_DIR, compose, options, plain
from siamnas.config.instantiate import find_class
from siamnas.errors import InputError
from siamnas.experiment import identity
from siamnas.experiment.configuration import Job
from siamnas.experiment.fingerprint import fingerprint
from siamnas.nn.fused import plain_pytorch
from tests.images.files import noise, pictures

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
    assert after.identity != before.identity and after.folder != before.folder
    write(tmp_path / "mine")
    assert make_job("space=json", word).folder == before.folder, "it is the content that counts, not the time"


def test_the_same_folder_elsewhere_is_the_same_job(make_job: Make, tmp_path: Path):
    here = write(tmp_path / "here")
    shutil.copytree(here, tmp_path / "there")
    (tmp_path / "there" / "notes.txt").write_text("no architecture", encoding="utf-8")
    one, other = (make_job("space=json", f"space.path={tmp_path / place}") for place in ("here", "there"))
    assert one.fingerprint == other.fingerprint and list(one.fingerprint) == ["path"]
    assert one.identity == other.identity and one.folder == other.folder
    assert str(tmp_path) not in json.dumps(one.identity)


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
    before = fingerprint(space)
    change(tmp_path / "mine")
    assert fingerprint(space) != before


def test_other_codes_of_a_file_are_another_job(make_job: Make, tmp_path: Path):
    jobs = []
    for name, value in (("a.npy", 1.0), ("b.npy", 1.0), ("a.npy", 2.0)):
        np.save(tmp_path / name, np.full((15_625, 1), value))
        jobs.append(make_job("space.code.kind=file", f"space.code.path={tmp_path / name}"))
        assert jobs[-1].fingerprint["code.path"]
    first, elsewhere, changed = jobs
    assert first.folder == elsewhere.folder
    assert changed.folder != first.folder


def test_a_path_that_is_not_read_does_not_count(make_job: Make):
    job = make_job("space.code.path=/nowhere/codes.npy")
    assert list(job.fingerprint) == ["nb201.npz"]
    assert job.folder == make_job().folder


@pytest.mark.parametrize(("space", "file"), [("nb201_c10", "nb201.npz"), ("nb_macro", "nb_macro.npz")])
def test_the_shipped_table_belongs_to_the_identity(
    make_job: Make, monkeypatch: pytest.MonkeyPatch, space: str, file: str
):
    before = make_job(f"space={space}")
    assert before.identity["fingerprint"] == {file: shipped.digests()[file]}
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


# What may be changed without another identity: speed, the place of things, and what only shows a result.
SPEED = {"trainer.chunk", "trainer.threads", "trainer.compile", "oracle.workers"}
DEVICE = {"trainer.accelerator"}  # see the tests of the backend
PLACES = {"space.path", "space.data_dir", "space.measured", "space.code.path", "images.path", "search.sources"}
GROUPS = ("space", "oracle", "acquisition", "predictor", "trainer", "search", "network", "images", "what", "code")
TRAINING = ("oracle=train", "predictor=gcn", "acquisition=top")
OPTIONS = [
    *(("space", option) for option in options("space")),
    *(("predictor", option) for option in options("predictor")),
    *(("acquisition", option) for option in options("acquisition")),
    *(("search", option) for option in options("search")),
    *(("trainer", option) for option in options("trainer")),
    *((group, option) for group in ("network", "images", "what") for option in options(group)),
    ("oracle", "train"),
]


def other(value: Any) -> Any:
    """Another value of the same kind, which need not be allowed: an identity checks nothing."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value}x"
    return [*value, "x"] if isinstance(value, list) else "x"


def leaves(fields: Any, prefix: str) -> Iterator[str]:
    """Dotted keys of all values."""
    if isinstance(fields, dict) and fields:
        for key, value in fields.items():
            yield from leaves(value, f"{prefix}.{key}")
    else:
        yield prefix


def changed(config: dict[str, Any], key: str) -> dict[str, Any]:
    """A configuration with another value of a dotted key."""
    config = copy.deepcopy(config)
    *groups, last = key.split(".")
    fields = config
    for group in groups:
        fields = fields[group]
    fields[last] = other(fields[last])
    return config


def known(config: dict[str, Any], choices: dict[str, str]) -> Job:
    """A job whose files are not looked at."""
    job = Job(config, choices)
    vars(job)["fingerprint"] = {}
    return job


def composed(group: str, option: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The configuration of an option; where it needs a value it gets one."""
    needed = {"space.path": "x", "images.path": "x", "predictor.column": "flops"}
    words = [f"{key}={value}" for key, value in needed.items() if key.startswith(f"{group}.")]
    training = TRAINING if group in ("network", "images", "what", "oracle") else ()
    chosen = [f"{group}={option}"] if (group, option) != ("oracle", "train") else []
    for attempt in ([*training, *chosen, *words], [*training, *chosen]):
        try:
            cfg, choices = compose(["objective=flops", *attempt])
            break
        except InputError:  # the option has no such key
            continue
    return plain(cfg), {group: str(option) for group, option in choices.items() if option}


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_input_belongs_to_the_identity(group: str, option: str):
    config, choices = composed(group, option)
    config = dict.fromkeys(("network", "images", "what", "code")) | config
    base = known(config, choices).identity
    made = find_class(config[group])
    parameters = inspect.signature(made).parameters if made else {}
    # What came later has a default that changes nothing, so that identities of before are those of today.
    arguments = {name for name, one in parameters.items() if one.default is one.empty}
    keys = set(leaves(config[group], group))
    given = {"space", "seeds", "prior", "metric", "predictor", "acquisition", "trainer", "code_length", "priced"}
    given |= {"benchmark", "repeats", "evaluators", "columns", "arch", "classes", "images", "device", "fields"}
    written = {key.split(".")[1] for key in keys}
    assert arguments - given <= written, "every argument is a key of the config"
    for key in keys - SPEED - PLACES - DEVICE:
        assert known(changed(config, key), choices).identity != base, key
    for key in keys & (SPEED | PLACES):
        assert known(changed(config, key), choices).identity == base, key


def test_what_is_no_group_belongs_to_the_identity(make_job: Make):
    base = make_job("objective=flops")
    for word in ("seed=1", "repeats=7", "objective=params"):
        assert make_job("objective=flops", word).identity != base.identity


def test_images_belong_to_the_identity_of_a_search_that_trains(make_job: Make, tmp_path: Path):
    def job() -> Job:
        return make_job("oracle=train", "predictor=random", "images=folder", f"images.path={tmp_path / 'images'}")

    found = []
    for seed in (0, 1, 0):
        pictures(tmp_path / "images", noise(0, 0, 1, 1, 0, 1, size=8, seed=seed), ["ant", "bee"])
        found.append(job())
        _ = found[-1].identity  # looked at while they are there
        shutil.rmtree(tmp_path / "images")
    first, others, again = found
    assert first.identity["fingerprint"]["images"] != others.identity["fingerprint"]["images"]
    assert first.folder != others.folder and first.folder == again.folder


def test_no_class_of_ours_is_named_by_its_path(make_job: Make):
    for words in (["predictor=bananas"], ["predictor=siams_nsam_bts"], ["oracle=train", "predictor=random"]):
        assert "siamnas." not in json.dumps(make_job(*words).identity)


def test_every_class_of_a_shipped_config_has_a_name():
    named = set(identity.NAMES)
    found = set()
    for group in GROUPS:
        for path in (CONF_DIR / group).glob("*.yaml"):
            found |= set(re.findall(r"_target_: (siamnas\.[\w.]+)", path.read_text()))
    assert found == named
    for path in named:
        assert find_class({"_target_": path}) is not None, path
    rooms = Counter((path.split(".")[1], name) for path, name in identity.NAMES.items())
    assert max(rooms.values()) == 1, "names are unique in a group"


@pytest.mark.parametrize(
    ("words", "kind", "part"),
    [
        (["predictor=gp"], "siamnas.predictors.gp.GaussianProcess", "predictor"),
        (["predictor=gp_2026"], "siamnas.acquisition.ucb.UpperConfidenceBound", "acquisition"),
        (["predictor=gp"], "siamnas.search.active.Active", "search"),
        (["predictor=bananas"], "siamnas.predictors.regressor.Regressor", "predictor.member"),
        (["oracle=train", "predictor=random"], "siamnas.measure.measures.training.Train", "what"),
    ],
)
def test_a_results_version_is_another_job(
    make_job: Make, monkeypatch: pytest.MonkeyPatch, words: list[str], kind: str, part: str
):
    before = make_job(*words)
    assert "versions" not in before.identity, "absent means 1"
    monkeypatch.setattr(f"{kind}.results_version", 2)
    after = make_job(*words)
    assert after.identity["versions"] == {part: 2} and after.folder != before.folder


def test_the_trainers_version_counts_for_networks_alone(make_job: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(identity, "TRAINER_VERSION", 3)
    assert make_job("predictor=gcn").identity["versions"] == {"trainer": 3}
    assert make_job("predictor=ensemble").identity["versions"] == {"trainer": 3}
    assert "versions" not in make_job("predictor=gp").identity


def test_without_a_compiler_the_bits_of_a_network_are_others(make_job: Make):
    with plain_pytorch():
        network, process = make_job("predictor=gcn"), make_job("predictor=gp").identity
        assert network.identity["backend"] == "torch"
    assert network.folder != make_job("predictor=gcn").folder
    assert process == make_job("predictor=gp").identity
    assert "backend" not in make_job("predictor=gcn").identity
    assert make_job("predictor=brp", "trainer.accelerator=gpu").identity["backend"] == "cuda"
