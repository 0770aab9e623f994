"""Oracles of spaces without a list: each architecture gets a number when it is asked for."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from siamnas.benchmarks.surrogate import Surrogate
from siamnas.candidates.seen import Seen
from siamnas.config.validate import Few, Natural, Word
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Cost, Oracle
from siamnas.oracle.training import WHAT, Evaluators, Value, different
from siamnas.spaces.benchmark import DomainBenchmark


class Answer(NamedTuple):
    """The value of an architecture, NaN where the evaluation failed, and the seconds that it took."""

    value: float
    seconds: float


class DomainOracle(Oracle):
    """Answers by the numbers of `seen`; Estimation Codes are the free columns, which no oracle is asked for.

    Args:
        benchmark: the space, and what answers.
        repeats: R.

    Attributes:
        seen: the numbers of architectures.
    """

    def __init__(self, benchmark: DomainBenchmark, repeats: int) -> None:
        self.seen = Seen(benchmark.domain)
        self.code_length, self.code_name = 0, "none"
        self.coded = np.empty(0, dtype=np.bool_)
        self._answers: dict[int, Answer] = {}
        self._asked: list[IntArray] = [np.empty((repeats, 0), dtype=np.int64)]

    @abstractmethod
    def answers(self, numbers: list[int]) -> Mapping[int, Answer]:
        """What is found of architectures that were not asked for before, by their numbers."""

    def query(self, archs: IntArray) -> FloatArray:
        """See `Oracle`."""
        self._answers |= self.answers([number for number in different(archs) if number not in self._answers])
        self._asked.append(archs)
        return self.values(archs)

    def values(self, archs: IntArray) -> FloatArray:
        """The values of architectures that were asked for, of the same shape."""
        return self._told("value", archs)

    def seconds(self, archs: IntArray) -> FloatArray:
        """The training times of architectures that were asked for, of the same shape."""
        return self._told("seconds", archs)

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`; there are none."""
        return np.empty((*archs.shape, 0))

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`; nobody can measure all of a space without a list."""
        raise InputError(
            f"{', '.join(columns)}: can't be measured of all of {self.seen.domain.name}, which has no list"
        )

    def cost(self) -> Cost:
        """See `Oracle`; free columns cost nothing."""
        asked = np.concatenate(self._asked, axis=1)
        rows = [np.unique(row) for row in asked]
        nothing = np.zeros(len(rows))
        return Cost(
            queries=np.array([len(row) for row in rows]),
            query_seconds=np.array([self.seconds(row).sum() for row in rows]),
            codes=nothing.astype(np.int64),
            code_seconds=nothing,
            code_seconds_before=np.zeros(asked.shape),
        )

    def _told(self, what: str, archs: IntArray) -> FloatArray:
        """A part of the answers."""
        found = [getattr(self._answers[number], what) for number in archs.ravel().tolist()]
        return np.array(found, dtype=np.float64).reshape(archs.shape)


class SurrogateOracle(DomainOracle):
    """Answers what the surrogate of a benchmark predicts, which takes no time.

    Args:
        benchmark: see `DomainOracle`.
        repeats: R.
    """

    def __init__(self, benchmark: DomainBenchmark, repeats: int) -> None:
        super().__init__(benchmark, repeats)
        assert benchmark.surrogate is not None
        self._surrogate: Surrogate = benchmark.surrogate

    def answers(self, numbers: list[int]) -> dict[int, Answer]:
        """See `DomainOracle`; each alone, since sums round otherwise in other company."""
        labels = {number: self._surrogate.labels(self.seen.rows([number])) for number in numbers}
        return {number: Answer(float(label[0]), 0.0) for number, label in labels.items()}


class DomainTraining(DomainOracle):
    """Trains what is asked for, see `siamnas.oracle.training.TrainingOracle`.

    Args:
        benchmark: see `DomainOracle`.
        repeats: R.
        columns: what a training measures.
        evaluators: see `siamnas.oracle.training.Evaluators`; None to check a configuration only.
        metric: see `siamnas.oracle.training.Value`.
        seed: of all trainings.
        device: that trains.
        workers: architectures at once; None for one per core of a CPU, one on a GPU.
    """

    def __init__(
        self,
        benchmark: DomainBenchmark,
        repeats: int,
        columns: tuple[str, ...],
        evaluators: Evaluators | None,
        metric: Value,
        seed: Natural,
        device: Word,
        workers: Few | None,
    ) -> None:
        super().__init__(benchmark, repeats)
        self._column = columns.index(metric.column)
        self._evaluator = evaluators and evaluators(WHAT, seed, device, workers)

    def answers(self, numbers: list[int]) -> dict[int, Answer]:
        """See `DomainOracle`."""
        assert self._evaluator is not None
        texts = {self.seen.texts[number]: number for number in numbers}
        found = self._evaluator.measure(list(texts), self.report) if texts else {}
        return {
            texts[text]: Answer(one.values[self._column] if one.values else np.nan, one.seconds)
            for text, one in found.items()
        }
