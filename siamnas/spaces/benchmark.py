"""A search space together with what is known of its architectures."""

from dataclasses import dataclass

from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class Benchmark:
    """A space, and the measurements that answer a search on it."""

    space: Space
    measured: Measured


@dataclass(frozen=True)
class DomainBenchmark:
    """A space without a list, and the model that answers a search on it."""

    domain: Domain
    surrogate: Surrogate
