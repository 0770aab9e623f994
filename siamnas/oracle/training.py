"""The oracle that trains: an architecture becomes a network when a search asks for its value, or for its code."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from siamnas.benchmarks.measurements import CODE, Measured
from siamnas.benchmarks.metric import PERCENT, Metric
from siamnas.config.validate import Few, Natural, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Cost, Oracle
from siamnas.oracle.cost_tracker import CostTracker
from siamnas.runtime.progress import Report, part_of
from siamnas.spaces.benchmark import Benchmark
from siamnas.spaces.listed import Space

ACCURACY = "accuracy"
TRAINED = 0.8  # share of the time between two queries that the first one takes where codes may be asked for


class Found(NamedTuple):
    """What was measured of an architecture: a value per column, none where that failed; and the seconds it took."""

    values: tuple[float, ...]
    seconds: float


class Evaluator(Protocol):
    """Measures architectures, each once; its results outlive the process."""

    def measure(self, names: list[str], report: Report) -> Mapping[str, Found]:
        """What is found of these architectures, by their names; `report` gets the finished share of them."""


WHAT, CODE_KIND = "what", "code"  # groups of the configuration: the training, and the Estimation Code

Evaluators = Callable[[str, int, str, int | None], Evaluator]
"""(group of the configuration that says what is measured, seed, device, workers) -> the evaluator that does it."""


@dataclass
class Value:
    """The column of a training that a search optimises, and whether larger is better."""

    column: Word
    maximise: bool

    @property
    def metric(self) -> Metric:
        """It as a metric."""
        return Metric(self.column, self.maximise, PERCENT if self.column == ACCURACY else "")


def unmeasured(space: Space, metric: Metric, code_length: int) -> Benchmark:
    """A space of which nothing has been measured yet; a `TrainingOracle` writes down in it what it finds.

    Args:
        space: the architectures.
        metric: what is measured.
        code_length: L of the Estimation Codes; 0 for none.
    """
    size = len(space)
    values = np.full(size, np.nan)
    measured = Measured(
        metric=metric,
        label=values,
        label_name=metric.name,
        report=values,
        code=np.full((size, code_length), np.nan, np.float32),
        code_name="measured" if code_length else "none",
        code_seconds=np.full(size, np.nan),
        train_seconds=np.full(size, np.nan),
    )
    return Benchmark(space, measured)


class TrainingOracle(Oracle):
    """Trains what is asked for, as many architectures at once as the evaluator has workers.

    A query counts for every repeat that asks, whether or not another one has asked before. Nothing is trained
    twice.

    Args:
        benchmark: see `unmeasured`.
        repeats: R.
        columns: what a training measures.
        evaluators: see `Evaluators`; None to check a configuration only.
        metric: see `Value`.
        seed: of all trainings.
        device: that trains.
        workers: architectures at once; None for one per core of a CPU, one on a GPU.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        repeats: int,
        columns: tuple[str, ...],
        evaluators: Evaluators | None,
        metric: Value,
        seed: Natural,
        device: Word,
        workers: Few | None,
    ) -> None:
        self._measured, self._names = benchmark.measured, benchmark.space.archs
        self._column = columns.index(metric.column)
        self._evaluators = {kind: evaluators(kind, seed, device, workers) for kind in (WHAT, CODE_KIND) if evaluators}
        self._repeats = repeats
        self._share = TRAINED  # of what is done until the next query
        self._tracker = CostTracker(repeats, len(benchmark.space))
        self.code_length = self._measured.code.shape[1]
        self.code_name = self._measured.code_name
        # Which have none shows only when they are measured; until then none is left out.
        self.coded = np.ones(len(benchmark.space), dtype=bool)

    def query(self, archs: IntArray) -> FloatArray:
        """See `Oracle`."""
        self._share = TRAINED if self.code_length else 1.0
        report = part_of(self.report, 0.0, self._share)
        for arch, found in self._found(WHAT, archs, report):
            self._measured.label[arch] = found.values[self._column] if found.values else np.nan
            self._measured.train_seconds[arch] = found.seconds
        self._tracker.train(archs, self._measured.train_seconds)
        return self._measured.label[archs]

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`."""
        if self.code_length:
            begin, self._share = self._share, (self._share + 1) / 2  # they may be asked for several times
            report = part_of(self.report, begin, self._share)
            for arch, found in self._found(CODE_KIND, archs, report):
                self._measured.code[arch] = found.values or np.nan
                self._measured.code_seconds[arch] = found.seconds
            self._tracker.measure(CODE_KIND, archs, self._measured.code_seconds)
        return self._measured.code[archs]

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`.

        Raises:
            InputError: columns of a table are asked for: nothing is known of the whole space.
        """
        if columns != CODE:
            raise InputError(f"{', '.join(columns)}: no such column is measured when a search trains architectures")
        everything = np.arange(len(self.coded))
        return self.codes(np.broadcast_to(everything, (self._repeats, len(everything))))[0]

    def _found(self, kind: str, archs: IntArray, report: Report) -> Iterator[tuple[int, Found]]:
        """What is found of architectures, each once."""
        numbers = {str(self._names[arch]): arch for arch in different(archs)}
        for name, found in self._evaluators[kind].measure(list(numbers), report).items():
            yield numbers[name], found

    def cost(self) -> Cost:
        """See `Oracle`."""
        return self._tracker.cost()


def different(archs: IntArray) -> list[int]:
    """Each architecture once, in the order in which they are asked for."""
    return list(dict.fromkeys(archs.ravel().tolist()))
