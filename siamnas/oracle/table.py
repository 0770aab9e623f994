"""The oracle that looks everything up in a table."""

import numpy as np

from siamnas.benchmarks.measurements import CODE
from siamnas.config.validate import near
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.columns import abbreviated
from siamnas.oracle.base import Cost, Oracle
from siamnas.oracle.cost_tracker import CostTracker
from siamnas.spaces.benchmark import Benchmark

CODES, COLUMNS = "codes", "columns"  # kinds of measurements; all columns come from one, which may stop early


class TableOracle(Oracle):
    """Answers from the measurements of a benchmark, as if they were being made.

    Args:
        benchmark: the space with its measurements.
        repeats: R.
    """

    def __init__(self, benchmark: Benchmark, repeats: int) -> None:
        self.space = benchmark.space
        self._measured = benchmark.measured
        self._tracker = CostTracker(repeats, len(self.space))
        self._every = np.broadcast_to(np.arange(len(self.space)), (repeats, len(self.space)))
        self.code_length = self._measured.code.shape[1]
        self.code_name = self._measured.code_name
        self.coded = self._measured.coded
        self.priced = tuple(self._measured.columns)
        self.fidelities = tuple(self._measured.fidelities)
        # A code that does not exist, or is made of free columns such as FLOPs, costs nothing.
        self._code_seconds = np.where(self.coded & (self.code_length > 0), self._measured.code_seconds, 0)

    def query(self, archs: IntArray) -> FloatArray:
        """See `Oracle`; the architectures of a row must differ."""
        # Every architecture is counted before it is answered, once per repeat: asking again is free.
        self._tracker.train(archs, self._measured.train_seconds)
        return self._measured.label[archs]

    def codes(self, archs: IntArray) -> FloatArray:
        """See `Prior`."""
        self._tracker.measure(CODES, archs, self._code_seconds)
        return self._measured.code[archs]

    def fidelity(self, name: str, archs: IntArray) -> FloatArray:
        """See `Prior`.

        Raises:
            InputError: the space has no such low fidelity.
        """
        fidelities = self._measured.fidelities
        if name not in fidelities:
            known = ", ".join(abbreviated(fidelities)) or "none: nothing cheaper than a training with a known time"
            raise InputError(
                f"{name}: is no low fidelity of {self.space.name}{near(name, list(fidelities))}; it has {known}"
            )
        self._tracker.measure(name if name in self._measured.early else COLUMNS, archs, fidelities[name].seconds)
        return fidelities[name].values[archs]

    def survey(self, columns: tuple[str, ...]) -> FloatArray:
        """See `Prior`.

        Raises:
            InputError: a column was not measured, or is one that only a query may see.
        """
        if columns == CODE:
            self._tracker.measure(CODES, self._every, self._code_seconds)
            return self._measured.code
        for name in columns:
            if name not in self.priced:
                raise InputError(f"{name}: {self.space.name} has no such measured column")
        values = np.stack([self._measured.columns[name] for name in columns], axis=1)
        unknown = np.full(len(values), np.nan)
        # Columns that are asked for together come from one measurement, which takes as long as the longest.
        seconds = np.max([self._measured.column_seconds.get(name, unknown) for name in columns], axis=0)
        # Where there is no value nothing was measured.
        self._tracker.measure(COLUMNS, self._every, np.where(np.isnan(values).all(axis=1), 0, seconds))
        return values

    def cost(self) -> Cost:
        """See `Oracle`."""
        return self._tracker.cost()
