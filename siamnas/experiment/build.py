"""Configuration -> objects. The only place that instantiates the groups of a configuration."""

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.candidates import drawn
from siamnas.config.instantiate import TARGET, check_fields, find_class, make, takes
from siamnas.config.interfaces import declared, returned
from siamnas.errors import InputError, reason
from siamnas.experiment import sampled
from siamnas.experiment.fingerprint import of_domain
from siamnas.images.stamp import stamp
from siamnas.spaces.benchmark import Benchmark, DomainBenchmark
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    from torch import Tensor, nn

    from siamnas.benchmarks.metric import Metric
    from siamnas.images.dataset import Dataset
    from siamnas.loggers.base import Logger
    from siamnas.measure.measures.base import Measure
    from siamnas.oracle.base import Oracle, Prior
    from siamnas.oracle.training import Evaluators
    from siamnas.predictors.base import Predictor
    from siamnas.search.base import Search

Config = Mapping[str, Any]
"""A resolved configuration as a plain container, as `siamnas.experiment.configuration.load` returns it."""
NO_LIST = "has no list of its architectures, which this needs"
SAMPLE = "sample"  # argument of a search that ranks a whole space
LISTLESS = "siamnas.search.listless.Listless"  # stands for the searches that can do without a list
WITHOUT_LIST = {
    "siamnas.oracle.table.TableOracle": "siamnas.oracle.domain.SurrogateOracle",
    "siamnas.oracle.training.TrainingOracle": "siamnas.oracle.domain.DomainTraining",
}
"""Oracle of lists -> what answers in its place on a space without one."""


def benchmark(config: Config) -> Benchmark:
    """A search space with a list, with its tables.

    Raises:
        InputError: it has no list, or as for `any_benchmark`.
    """
    made = any_benchmark(config)
    if isinstance(made, DomainBenchmark):
        raise InputError(f"space={made.domain.name}: {NO_LIST}")
    return made


def any_benchmark(config: Config) -> Benchmark | DomainBenchmark:
    """The search space with its tables, or with its surrogate.

    Raises:
        InputError: a field is not allowed, or nothing has been measured of the space.
    """
    if config.get("what"):
        return _unmeasured(config)
    made = space_or_benchmark(config)
    if isinstance(made, Space | Domain):
        raise InputError(
            f"space={made.name}: has no accuracies to search by; oracle=train makes them where a network can be built, "
            "and siamnas.Search takes yours"
        )
    return made


def definition(fields: Mapping[str, Any]) -> dict[str, str]:
    """What a space without a list is made of, for the identity of its jobs; empty for one with a list.

    Args:
        fields: the group `space` of a configuration, whose target says by its return type what it makes.

    Raises:
        InputError: a field is not allowed.
    """
    target = find_class(fields)
    made = [target] if isinstance(target, type) else returned(target)
    if not any(isinstance(one, type) and issubclass(one, Domain | DomainBenchmark) for one in made):
        return {}
    return dict(_definition(json.dumps(fields, sort_keys=True)))


@functools.lru_cache(maxsize=64)
def _definition(text: str) -> tuple[tuple[str, str], ...]:
    """See `definition`; the jobs of a sweep share it."""
    found = make("space", json.loads(text))
    told = {}
    if isinstance(found, DomainBenchmark):
        if found.surrogate is not None:
            told = {"surrogate": found.surrogate.name}
        found = found.domain
    return tuple((told | (of_domain(found) if isinstance(found, Domain) else {})).items())


def space_or_benchmark(config: Config) -> Space | Domain | Benchmark | DomainBenchmark:
    """The search space, with its tables where something has been measured of it."""
    made: Space | Domain | Benchmark | DomainBenchmark = make("space", config["space"])
    return made


def space(config: Config) -> Space:
    """The search space alone.

    Raises:
        InputError: it has no list.
    """
    made = any_space(config)
    if isinstance(made, Domain):
        raise InputError(f"space={made.name}: {NO_LIST}")
    return made


def any_space(config: Config) -> Space | Domain:
    """The search space alone, with or without a list."""
    made = space_or_benchmark(config)
    if isinstance(made, DomainBenchmark):
        return made.domain
    return made.space if isinstance(made, Benchmark) else made


def _unmeasured(config: Config) -> Benchmark | DomainBenchmark:
    """The space of a search that trains architectures, where nothing is known yet."""
    from siamnas.cells.cost import blank
    from siamnas.oracle.training import Value, unmeasured

    value, columns = Value(**config["oracle"]["metric"]), _columns(config, "what")
    if value.column not in columns:
        raise InputError(f"oracle.metric.column={value.column}: what measures {', '.join(columns)}")
    made = any_space(config)
    if isinstance(made, Domain):
        data = images(config)
        shown = blank(data.train.pixels.shape[1:])
        check_networks(networks(config, made, len(data.classes)), made, shown, f"images of {data.name}")
        return DomainBenchmark(made, None, value.metric)
    return unmeasured(made, value.metric, len(_columns(config, "code")))


def check_networks(networks: "Callable[[Any], nn.Module]", domain: Domain, inputs: "Tensor", said: str) -> None:
    """Build an architecture and show it inputs, so that no work begins with networks that can't be.

    Args:
        networks: choices -> network.
        domain: the space.
        inputs: a batch.
        said: what they are, in the message.

    Raises:
        InputError: neither of two random ones can be built, or takes such inputs.
    """
    import torch

    why: Exception | None = None
    for arch in domain.sample(np.random.default_rng(0), 2):
        try:
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                networks(domain.choices(arch))(inputs)
            return
        except Exception as error:  # whatever a network of the user's raises
            why = error
    hint = f"; its own is network={domain.network}" if domain.network else ""
    assert why is not None
    raise InputError(f"network: is none for {said} in {domain.name} ({reason(why)}){hint}") from why


def searched(config: Config, benchmark: Benchmark | DomainBenchmark) -> Benchmark | DomainBenchmark:
    """What a search looks at: the benchmark, or a list that stands for a domain where the search ranks a whole space.

    Raises:
        InputError: a list is to be sampled.
    """
    count = config["search"].get(SAMPLE)
    if isinstance(benchmark, DomainBenchmark) and takes(config["search"], SAMPLE):
        return sampled.benchmark(benchmark, count or sampled.SIZE, len(_columns(config, "code")))
    if isinstance(benchmark, Benchmark) and count is not None:
        raise InputError(f"search.{SAMPLE}={count}: has no effect on {benchmark.space.name}, which has a list")
    return benchmark


def is_without_list(benchmark: Benchmark | DomainBenchmark) -> bool:
    """Whether a benchmark is that of a domain, or of a sample of one."""
    return isinstance(benchmark, DomainBenchmark) or isinstance(benchmark.space, drawn.Sample)


def searched_once(config: Config) -> Benchmark | DomainBenchmark:
    """See `searched`; once in a process, for the chunks of a job."""
    groups = ("space", "oracle", "search", "what", "code", "images")
    return _searched(json.dumps({group: config[group] for group in groups}, sort_keys=True))


@functools.lru_cache(maxsize=1)
def _searched(text: str) -> Benchmark | DomainBenchmark:
    config = json.loads(text)
    return searched(config, any_benchmark(config))


def _columns(config: Config, group: str) -> tuple[str, ...]:
    """What a measure of the configuration measures."""
    return measure(config, images(config), "cpu", group).columns if config.get(group) else ()


def oracle(
    config: Config,
    benchmark: Benchmark | DomainBenchmark,
    repeats: int,
    evaluators: "Evaluators | None" = None,
    seeds: range | None = None,
) -> "Oracle":
    """What answers the queries of some repeats.

    Args:
        config: of the job.
        benchmark: see `benchmark`.
        repeats: R.
        evaluators: train architectures, where the oracle does not look them up; None to check a configuration only.
        seeds: `seed + repeat` of each repeat; None: from 0.

    Raises:
        InputError: a field is not allowed, or the oracle needs a list.
    """
    given: dict[str, Any] = {"benchmark": benchmark, "repeats": repeats, "evaluators": evaluators}
    given |= {"columns": _columns(config, "what"), "seeds": seeds or range(repeats)}
    fields = config["oracle"]
    if isinstance(benchmark, DomainBenchmark):
        if (target := WITHOUT_LIST.get(fields[TARGET])) is None:
            raise InputError(
                f"oracle.{TARGET}={fields[TARGET]}: answers for lists alone, and {benchmark.domain.name} has none"
            )
        fields = {**fields, TARGET: target}
    return make("oracle", fields, given)


def predictor(config: Config, space: Space, prior: "Prior", seeds: range) -> "Predictor":
    """The predictor for some of the repeats; it gets what it takes of the space, the prior and the trainer."""
    given = {
        "space": space,
        "seeds": seeds,
        "trainer": config["trainer"],
        "code_length": prior.code_length,
        "priced": prior.priced,
    }
    return make("predictor", config["predictor"], given)


def search(config: Config, space: Space | Domain, prior: "Prior", metric: "Metric", seeds: range) -> "Search":
    """The search for some of the repeats, with its predictor and its rule where it takes them.

    Raises:
        InputError: the configuration does not fit the space.
    """
    given: dict[str, Any] = {"space": space, "seeds": seeds, "prior": prior, "metric": metric}
    if isinstance(space, Domain):
        return make("search", {TARGET: LISTLESS, "config": config}, given)
    if config["predictor"]:
        given["predictor"] = predictor(config, space, prior, seeds)
    if config["acquisition"]:
        given["acquisition"] = make("acquisition", config["acquisition"])
    # Every class takes of these what its arguments name.
    return make("search", config["search"], given)


def networks(config: Config, space: Space | Domain | None, classes: int) -> "Callable[[Any], nn.Module]":
    """Architecture -> the network that is trained: new weights at every call, from torch's generator.

    The target of the group `network` takes what it wants of `space`, `arch` (a number of a list, else the choices of an
    architecture) and `classes`.

    Args:
        config: its group `network` is what counts.
        space: a list, whose architectures are given by number; a domain: by their text or as choices; None: as choices.
        classes: of the images.

    Raises:
        InputError: a field is not allowed, or the network needs a list and the space has none; the function itself:
            there is no such architecture, or it can't be built.
    """
    fields = config["network"]
    check_fields(fields, "network")
    if isinstance(space, Domain) and declared(find_class(fields), "space") is Space:
        raise _of_a_list(space)

    def network(arch: Any) -> "nn.Module":
        if isinstance(space, Domain) and isinstance(arch, str):
            arch = space.choices(space.parse(arch))
        if isinstance(space, Space) and not 0 <= arch < len(space):
            raise InputError(f"arch={arch}: must be from 0 to {len(space) - 1}, the last of {space.name}")
        try:
            return make("network", fields, {"space": space, "arch": arch, "classes": classes})
        except AttributeError as error:
            if not isinstance(space, Domain) or error.obj is not space:  # it is a mistake of the network's
                raise
            raise _of_a_list(space) from error

    return network


def _of_a_list(domain: Domain) -> InputError:
    """What is said of a network that reads a list, on a space without one."""
    hint = f"; its own is network={domain.network}" if domain.network else ""
    return InputError(f"network: is one of a list of architectures, and the space {domain.name} has none{hint}")


def images(config: Config) -> "Dataset":
    """The images that architectures are trained on and tested with.

    Raises:
        InputError: a field is not allowed, or the images can't be used.
    """
    path = Path(str(config["images"].get("path"))).expanduser()
    return _images(json.dumps(config["images"], sort_keys=True), stamp(path) if path.exists() else "")


@functools.lru_cache(maxsize=1)
def _images(text: str, changed: str) -> "Dataset":
    """They may be large, and a job needs them in several places; files that have changed are read again."""
    fields = json.loads(text)
    check_fields(fields, "images")
    return make("images", fields)


def measure(config: Config, images: "Dataset", device: str, group: str = "what") -> "Measure":
    """What is measured of every architecture; it gets what it takes of the images and the device."""
    return make(group, config[group], {"images": images, "device": device})


def logger(config: Config) -> "Logger | None":
    """The logger, or None for `logger=none`."""
    fields = config["logger"]
    return make("logger", fields) if fields.get(TARGET) else None
