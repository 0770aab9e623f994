"""Configuration -> objects. The only place that instantiates the groups of a configuration."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from siamnas.errors import InputError
from siamnas.spaces.space import Space
from siamnas.targets import TARGET, check_fields, make

if TYPE_CHECKING:
    from torch import nn

    from siamnas.images.dataset import Dataset
    from siamnas.loggers.base import Logger
    from siamnas.measure.base import Measure
    from siamnas.metric import Metric
    from siamnas.oracle.base import Oracle, Prior
    from siamnas.predictors.base import Predictor
    from siamnas.search.base import Search
    from siamnas.spaces.benchmark import Benchmark

Config = Mapping[str, Any]
"""A resolved configuration as a plain container, as `siamnas.config.load` returns it."""


def benchmark(config: Config) -> "Benchmark":
    """The search space with its tables.

    Raises:
        InputError: a field is not allowed, or nothing has been measured of the space.
    """
    made = space_or_benchmark(config)
    if isinstance(made, Space):
        raise InputError(f"space={made.name}: has no accuracies to search by; siamnas measure makes them")
    return made


def space_or_benchmark(config: Config) -> "Space | Benchmark":
    """The search space, with its tables where something has been measured of it."""
    made: Space | Benchmark = make("space", config["space"])
    return made


def space(config: Config) -> Space:
    """The search space alone."""
    made = space_or_benchmark(config)
    return made if isinstance(made, Space) else made.space


def oracle(config: Config, benchmark: "Benchmark", repeats: int) -> "Oracle":
    """What answers the queries of some repeats."""
    return make("oracle", config["oracle"], {"benchmark": benchmark, "repeats": repeats})


def predictor(config: Config, space: Space, prior: "Prior", identities: range) -> "Predictor":
    """The predictor for some of the repeats; it gets what it takes of the space, the prior and the trainer."""
    given = {
        "space": space,
        "identities": identities,
        "trainer": config["trainer"],
        "code_length": prior.code_length,
        "priced": prior.priced,
    }
    return make("predictor", config["predictor"], given)


def search(config: Config, space: Space, prior: "Prior", metric: "Metric", identities: range) -> "Search":
    """The search for some of the repeats, with its predictor and its rule.

    Raises:
        InputError: the configuration does not fit the space.
    """
    given = {
        "predictor": predictor(config, space, prior, identities),
        "acquire": make("acquire", config["acquire"]),
        "prior": prior,
        "metric": metric,
    }
    # Every class takes of these what its arguments name.
    return make("search", config["search"], given)


def networks(config: Config, space: Space, classes: int) -> "Callable[[int], nn.Module]":
    """Architecture -> the network that is trained: new weights at every call, from torch's generator.

    The target of the group `network` takes what it wants of `space`, `arch` (a number) and `classes`.

    Raises:
        InputError: a field is not allowed; the function itself: there is no such architecture, or it can't be built.
    """
    fields = config["network"]
    check_fields(fields, "network")

    def network(arch: int) -> "nn.Module":
        if not 0 <= arch < len(space):
            raise InputError(f"arch={arch}: must be from 0 to {len(space) - 1}, the last of {space.name}")
        return make("network", fields, {"space": space, "arch": arch, "classes": classes})

    return network


def images(config: Config) -> "Dataset":
    """The images that architectures are trained on and tested with.

    Raises:
        InputError: a field is not allowed, or the images can't be used.
    """
    fields = config["images"]
    check_fields(fields, "images")
    return make("images", fields)


def measure(config: Config, images: "Dataset", device: str) -> "Measure":
    """What is measured of every architecture; it gets what it takes of the images and the device."""
    return make("what", config["what"], {"images": images, "device": device})


def logger(config: Config) -> "Logger | None":
    """The logger, or None for `logger=none`."""
    fields = config["logger"]
    return make("logger", fields) if fields.get(TARGET) else None
