"""A search space together with what is known of its architectures."""

from dataclasses import dataclass

from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import Metric
from siamnas.benchmarks.surrogate import Surrogate
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class Benchmark:
    """A space, and the measurements that answer a search on it."""

    space: Space
    measured: Measured

    @property
    def metric(self) -> Metric:
        """What is reported."""
        return self.measured.metric


@dataclass(frozen=True)
class DomainBenchmark:
    """A space without a list, and what answers a search on it.

    Attributes:
        domain: the space.
        surrogate: the model that answers; None where architectures are trained when they are asked for.
        trained: what such a training measures.
    """

    domain: Domain
    surrogate: Surrogate | None
    trained: Metric | None = None

    @property
    def space(self) -> Domain:
        """The domain."""
        return self.domain

    @property
    def metric(self) -> Metric:
        """What is searched by, and reported."""
        metric = self.surrogate.metric if self.surrogate else self.trained
        assert metric is not None
        return metric
