"""What is composed from parts that are kept is what Hydra composes from all words at once."""

from contextlib import nullcontext
from pathlib import Path

import hydra
import pytest
from hydra import initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from siamnas.config import compose, hydra_internals, loaders
from siamnas.errors import InputError

GOOD = [
    (),
    ("seed=3", "space=tiny_nb201", "+predictor.more=[1,{a: 2}]", "predictor=gp", "seed=4"),
    ("experiment=fig6a", "search.n=7", "~logger", "out='a b'"),
    ("++search.n=9", "~trainer.epochs", "acquisition=ei", "name=${seed}"),
    ("hydra.verbose=true", "seed=1"),
    ("trainer.epochs=3", "trainer={epochs: 4}"),
    ("trainer={epochs: 4}", "trainer.epochs=3"),
]
BAD = [
    ("search.m=3",),
    ("+seed=3",),
    ("~seeds",),
    ("seed=1,2",),
    ("search.n.x=3", "predictor=none"),
    ("space@x=nb201",),
    ("seed={a:1}", "experiment=no"),
    ("trainer.phases=[1", "seed=1"),
]


def composed(words: tuple[str, ...], ours: bool = False) -> DictConfig:
    """As Hydra does it with its own loader, or with ours."""
    with (
        hydra_internals.set_aside(),
        hydra_internals.checked_files(),
        loaders.asked_once() if ours else nullcontext(),
        initialize_config_dir(str(compose.CONF_DIR), version_base="1.3"),
    ):
        return hydra.compose("config", list(words), return_hydra_config=True)


@pytest.mark.parametrize("words", GOOD)
def test_it_is_what_hydra_composes(words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    composed(("seed=77", *words), ours=True)
    monkeypatch.chdir(tmp_path)  # it is not taken from what is kept
    theirs = composed(words)
    for _ in range(2):
        kept = composed(words, ours=True)
        assert OmegaConf.to_yaml(kept) == OmegaConf.to_yaml(theirs) and kept == theirs and OmegaConf.is_struct(kept)
        with open_dict(kept):
            kept.seed = kept.other = 99  # of the caller alone


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loaders, "PARTS", 2)
    monkeypatch.setattr(loaders.Loader, "_parts", {})
    for predictor in ("gp", "forest", "random"):
        composed((f"predictor={predictor}",), ours=True)
    assert len(loaders.Loader._parts) == 2


def test_configs_of_the_user_are_read_again(tmp_path: Path):
    (tmp_path / "predictor").mkdir()
    for seed in (1, 2):
        (tmp_path / "predictor" / "mine.yaml").write_text(f"# @package _global_\ndefaults: [random]\nseed: {seed}\n")
        words = ("predictor=mine", "repeats=2", f"hydra.searchpath=[file://{tmp_path}]")
        assert compose.compose(words)[0].seed == seed


@pytest.mark.parametrize("words", BAD)
def test_it_refuses_what_hydra_refuses(words: tuple[str, ...]):
    with pytest.raises((HydraException, OmegaConfBaseException)) as refused:
        composed(words)
    with pytest.raises(InputError) as error:
        compose.compose(words)
    assert str(error.value) == compose.said(refused.value)
