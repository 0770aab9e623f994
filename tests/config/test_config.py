"""Every option composes; every wrong value is named together with what is allowed."""

import re
from pathlib import Path

import pytest
from omegaconf.errors import OmegaConfBaseException

from siamnas import compose, config
from siamnas.errors import InputError

OPTIONS = [
    (folder.name, path.stem)
    for folder in sorted(compose.CONF_DIR.iterdir())
    if folder.is_dir() and folder.name != "figure"  # of a command of its own
    for path in sorted(folder.glob("*.yaml"))
]


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes(make_job, tmp_path: Path, group: str, option: str):
    extra = [f"space.path={tmp_path}"] if option == "json" else []
    job = make_job(f"{group}={option}", *extra)
    if group != "experiment":
        assert job.choices[group] == option
    assert job.folder.is_absolute()


def test_the_wheel_carries_the_configuration():
    pyproject = (compose.PACKAGE.parent / "pyproject.toml").read_text()
    assert '[tool.hatch.build.targets.wheel.force-include]\nconf = "siamnas/conf"' in pyproject


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("search.n=3", "search.n=3: must be more than 3, because trainer.closing_epochs=3"),
        ("search.n=30.5", "search.n=30.5: must be an integer of at least 1"),
        ("search.n=true", "search.n=true: must be an integer"),
        ("search.n=null", "search.n=null: must be an integer"),
        ("search.k=0", "search.k=0: must be an integer of at least 1"),
        ("search.pool=drop", "search.pool=drop: must be keep or exclude or start"),
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
        ("trainer.threads=0", "trainer.threads=0: must be an integer of at least 1 or null"),
        ("predictor.pooling=max", "predictor.pooling=max: must be channels or nodes"),
        ("predictor.mixup=2", "predictor.mixup=2: must be a number from 0 to 1"),
        ("predictor.nsam=1", "predictor.nsam=1: must be true or false"),
        ("predictor.sampler=30", "predictor.sampler=30: must be a group of keys or null"),
        ("predictor.sampler.order=odd", "predictor.sampler.order=odd: must be published or even"),
        ("predictor.sampler.window=[0.8,0.2]", "must be two shares of the epochs"),
        ("+predictor.sampler.strat=0.3", "unknown key predictor.sampler.strat (did you mean start?)"),
        ("+serach.n=3", "unknown key serach (did you mean search?)"),
        ("logger.mode=of", "logger.mode=of: must be auto or online or offline"),
        ("space=json", "missing value: give space.path=..."),
    ],
)
def test_a_wrong_value_is_named(make_job, override: str, message: str):
    with pytest.raises(InputError, match=re.escape(message)):
        make_job(override)


def test_few_cells_are_enough_for_a_predictor_that_does_not_train(make_job):
    assert make_job("predictor=column", "search.n=1").config["search"]["n"] == 1


@pytest.mark.parametrize(("n", "k", "key"), [(101, 1, "search.n"), (71, 30, "search.k")])
def test_budget_beyond_the_space(make_job, n: int, k: int, key: str):
    job = make_job(f"search.n={n}", f"search.k={k}")
    with pytest.raises(InputError, match=rf"{key}=.* must be at most 100"):
        config.check_budget(job.config, 100)


def test_budget_that_just_fits(make_job):
    config.check_budget(make_job("search.n=70", "search.k=30").config, 100)


@pytest.mark.parametrize("override", ["serach.n=3", "search.m=3"])
def test_a_misspelt_key_does_not_compose(make_job, override: str):
    from hydra.errors import ConfigCompositionException

    with pytest.raises((ConfigCompositionException, OmegaConfBaseException)):
        make_job(override)


def test_folder_is_the_identity(make_job):
    base = make_job().folder
    same = ("trainer.accelerator=cpu", "trainer.threads=1", "trainer.chunk=7", "trainer.compile=true", "logger=none")
    assert all(make_job(override).folder == base for override in same)
    other = (
        "trainer.epochs=100",
        "predictor.mixup=0.5",
        "space.max_flops=100",
        "search.rerank=0",
        "seed=1",
        "repeats=3",
    )
    folders = {make_job(override).folder for override in other}
    assert len(folders) == len(other)
    assert base not in folders
    assert re.fullmatch(r"nb201_c100/siams_nsam_bts/n=30,k=30,seed=0,repeats=100,[0-9a-f]{8}", make_job().path)


def test_split_seeds_are_the_same_repeats(make_job):
    whole = make_job("repeats=100").identities
    parts = [make_job("repeats=25", f"seed={seed}").identities for seed in (0, 25, 50, 75)]
    assert list(whole) == [identity for part in parts for identity in part]
