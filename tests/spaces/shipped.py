"""The spaces with shipped tables, as their configurations make them."""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from siamnas.config import instantiate
from siamnas.spaces.benchmark import Benchmark

CONF = Path(__file__).resolve().parents[2] / "conf" / "space"
NB201 = ("nb201_c10", "nb201_c100", "nb201_img16", "tiny_nb201")
TABLES = (*NB201, "nb_macro")


def options(name: str, **changes: Any) -> dict[str, Any]:
    """A shipped config as a plain container; `label__run=1` changes `label.run`."""
    config: Any = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"), resolve=True)
    for base in config.pop("defaults", []):
        config = {**options(base), **config}
    for key, value in changes.items():
        group, _, leaf = key.partition("__")
        if leaf:
            config[group][leaf] = value
        else:
            config[group] = value
    return config


def make(name: str, **changes: Any) -> Benchmark:
    """The benchmark of a shipped config with some options changed."""
    config = options(name, **changes)
    instantiate.check_fields(config, "space")
    made: Benchmark = instantiate.make("space", config)
    return made
