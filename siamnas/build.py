"""Configuration -> objects. The only place that instantiates the groups of a configuration."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from siamnas.targets import TARGET, make

if TYPE_CHECKING:
    from siamnas.loggers.base import Logger
    from siamnas.metric import Metric
    from siamnas.oracle.base import Oracle, Prior
    from siamnas.predictors.base import Predictor
    from siamnas.search.base import Search
    from siamnas.spaces.benchmark import Benchmark
    from siamnas.spaces.space import Space

Config = Mapping[str, Any]
"""A resolved configuration as a plain container, as `siamnas.config.load` returns it."""


def benchmark(config: Config) -> "Benchmark":
    """The search space with its tables."""
    return make("space", config["space"])


def oracle(config: Config, benchmark: "Benchmark", repeats: int) -> "Oracle":
    """What answers the queries of some repeats."""
    return make("oracle", config["oracle"], {"benchmark": benchmark, "repeats": repeats})


def predictor(config: Config, space: "Space", prior: "Prior", identities: range) -> "Predictor":
    """The predictor for some of the repeats; it gets what it takes of the space, the prior and the trainer."""
    given = {
        "space": space,
        "identities": identities,
        "trainer": config["trainer"],
        "code_length": prior.code_length,
        "priced": prior.priced,
    }
    return make("predictor", config["predictor"], given)


def search(config: Config, space: "Space", prior: "Prior", metric: "Metric", identities: range) -> "Search":
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


def logger(config: Config) -> "Logger | None":
    """The logger, or None for `logger=none`."""
    fields = config["logger"]
    return make("logger", fields) if fields.get(TARGET) else None
