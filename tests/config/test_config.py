"""Every option composes; every wrong value is named together with what is allowed."""

import re
from pathlib import Path
from typing import Any

import pytest

from siamnas.config import compose, places
from siamnas.errors import InputError
from siamnas.experiment import build, configuration
from tests.support import tiny_benchmark

OPTIONS = [
    (folder.name, path.stem)
    for folder in sorted(compose.CONF_DIR.iterdir())
    if folder.is_dir() and folder.name not in ("figure", "images", "network", "what")  # of other commands
    for path in sorted(folder.glob("*.yaml"))
]

FILES = ("described", "folder", "json", "table", "tiny_nanobench")  # spaces that need one


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(make_job, tmp_path: Path, group: str, option: str):
    (described := tmp_path / "described.yaml").write_text("space: {width: [1, 2]}\n")
    path = described if option == "described" else tmp_path
    extra = [f"space.path={path}"] if group == "space" and option in FILES else []
    extra += ["objective=flops"] if option in ("ehvi", "nsga2") else []
    job = make_job(f"{group}={option}", *extra)
    if group != "experiment":
        assert job.choices[group] == option
    assert job.folder.is_absolute()


def test_the_wheel_carries_the_configuration():
    pyproject = (places.PACKAGE.parent / "pyproject.toml").read_text()
    assert '[tool.hatch.build.targets.wheel.force-include]\nconf = "siamnas/conf"' in pyproject


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("search.n=0", "search.n=0: must be an integer of at least 1"),
        ("search.n=30.5", "search.n=30.5: must be an integer of at least 1"),
        ("search.n=true", "search.n=true: must be an integer"),
        ("search.n=null", "search.n=null: must be an integer"),
        ("search.k=0", "search.k=0: must be an integer of at least 1"),
        ("search.rerank=-1", "search.rerank=-1: must be an integer of at least 0"),
        ("repeats=-5", "repeats=-5: must be an integer of at least 1"),
        ("repeats=0", "repeats=0: must be"),
        ("seed=-1", "seed=-1: must be"),
        ("name=a/b", "name=a/b: must be a name without"),
        ("trainer.batch_size=0", "trainer.batch_size=0: must be"),
        ("trainer.epochs=many", "trainer.epochs=many: must be an integer"),
        ("trainer.phases=[{share:0.5,lr:1e-3}]", "must be a list of phases whose shares sum to 1"),
        ("trainer.phases=[{share:1,lr:0}]", "trainer.phases[0].lr=0: must be a number above 0"),
        ("trainer.phases=[{share:1}]", "missing key trainer.phases[0].lr"),
        ("trainer.ranked_share=1.5", "trainer.ranked_share=1.5: must be a number above 0 and at most 1"),
        ("trainer.accelerator=tpu", "trainer.accelerator=tpu: must be auto or cpu or gpu"),
        ("trainer.threads=0", "trainer.threads=0: must be an integer of at least 1, at most 1,000 or null"),
        ("predictor.pooling=max", "predictor.pooling=max: must be channels or nodes"),
        ("predictor.nsam=1", "predictor.nsam=1: must be true or false"),
        ("predictor.mixup=2", "predictor.mixup=2: must be a number from 0 to 1"),
        ("acquisition.order=odd", "acquisition.order=odd: must be published or even"),
        ("acquisition.window=[0.8,0.2]", "must be two shares of the training, the lower one first"),
        ("acquisition.start=0", "acquisition.start=0: must be a number above 0 and at most 1"),
        ("+acquisition.strat=0.3", "unknown key acquisition.strat (did you mean start?)"),
        ("+predictor.sampler=null", "unknown key predictor.sampler"),
        ("+serach.n=3", "unknown key serach (did you mean search?)"),
        ("logger.mode=of", "logger.mode=of: must be auto or online or offline"),
        ("space=json", "missing value: give space.path=..."),
        (
            "space=tiny_nanobench",
            "space.path=null: must be the folder of the benchmark, which is not public as a table",
        ),
    ],
)
def test_a_wrong_value_is_named(make_job, override: str, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        make_job(override)


@pytest.mark.parametrize(
    ("predictor", "acquisition"),
    [("siams_nsam_bts", "bts"), ("siams_bts", "bts"), ("brp", "half"), ("siams", "random"), ("forest", "random")],
)
def test_a_predictor_comes_with_its_own_acquisition_unless_another_is_named(make_job, predictor: str, acquisition: str):
    job = make_job(f"predictor={predictor}")
    assert job.choices["acquisition"] == acquisition
    classes = {"bts": "BatchTopSampler", "half": "HalfAndHalf", "random": "Random"}
    assert job.config["acquisition"]["_target_"].endswith(f".{classes[acquisition]}")
    assert make_job(f"predictor={predictor}", "acquisition=top").config["acquisition"]["_target_"].endswith(".Top")


def test_little_is_enough_for_a_predictor_that_does_not_train(make_job):
    job = make_job("predictor=column", "search.n=1")
    build.search(job.config, *searched(job), range(1))


@pytest.mark.parametrize(("n", "k", "key"), [(101, 1, "search.n"), (71, 30, "search.k"), (3, 1, "search.n")])
def test_a_budget_beyond_the_space_or_the_predictor_is_named(make_job, n: int, k: int, key: str):
    job = make_job(f"search.n={n}", f"search.k={k}", "trainer.accelerator=cpu")
    with pytest.raises(InputError, match=rf"{key}={n if key == 'search.n' else k}: .*must be at (most 100|least 4)"):
        build.search(job.config, *searched(job), range(1))


def test_a_key_of_an_oracle_that_takes_none_is_named(make_job):
    with pytest.raises(InputError, match=r"unknown key oracle\.seconds"):
        make_job("+oracle.seconds=3")


def test_a_budget_that_just_fits(make_job):
    job = make_job("search.n=70", "search.k=30", "trainer.accelerator=cpu")
    build.search(job.config, *searched(job), range(1))


def searched(job: configuration.Job) -> tuple[Any, ...]:
    """A space of 100, its oracle and its metric."""
    benchmark = tiny_benchmark(100)
    return benchmark.space, build.oracle(job.config, benchmark, 1), benchmark.measured.metric


@pytest.mark.parametrize("override", ["serach.n=3", "search.m=3"])
def test_a_misspelt_key_does_not_compose(make_job, override: str):
    with pytest.raises(InputError, match=override.partition("=")[0]):
        make_job(override)
