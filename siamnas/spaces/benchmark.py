"""A search space together with what was measured of it."""

from dataclasses import dataclass

from siamnas.benchmarks.measurements import Measured
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class Benchmark:
    """A space, and the measurements that answer a search on it."""

    space: Space
    measured: Measured
