"""What is composed from parts that are kept is what Hydra composes from all words at once."""

import hydra
import pytest
from hydra import initialize_config_dir
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from siamnas.config import compose, hydra_internals
from siamnas.errors import InputError

GOOD = [
    (),
    ("seed=3", "space=tiny_nb201", "+predictor.more=[1,{a: 2}]", "predictor=gp", "seed=4"),
    ("experiment=fig6a", "search.n=7", "~logger", "out='a b'"),
    ("++search.n=9", "~trainer.epochs", "acquisition=ei", "name=${seed}"),
    ("hydra.verbose=true", "seed=1"),
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


def at_once(words: tuple[str, ...]) -> DictConfig:
    """As Hydra does it."""
    with (
        hydra_internals.set_aside(),
        hydra_internals.checked_files(),
        initialize_config_dir(str(compose.CONF_DIR), version_base="1.3"),
    ):
        return hydra.compose("config", list(words), return_hydra_config=True)


@pytest.mark.parametrize("words", GOOD)
def test_it_is_what_hydra_composes(words: tuple[str, ...]):
    whole = at_once(words)
    for _ in range(2):  # the second time from what is kept
        config, choices = compose.compose(words)
        assert choices == dict(whole.hydra.runtime.choices)
        expected = {key: value for key, value in OmegaConf.to_container(whole).items() if key != "hydra"}
        assert OmegaConf.to_container(config) == expected and list(config) == list(expected)
        assert OmegaConf.is_struct(config)
        with open_dict(config):
            config.seed = config.other = 99  # of the caller alone


@pytest.mark.parametrize("words", BAD)
def test_it_refuses_what_hydra_refuses(words: tuple[str, ...]):
    with pytest.raises((HydraException, OmegaConfBaseException)) as refused:
        at_once(words)
    with pytest.raises(InputError) as error:
        compose.compose(words)
    assert str(error.value) == compose.said(refused.value)
