"""What was measured of the architectures of a space."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siamnas.benchmarks.metric import Metric
from siamnas.graphs.arrays import FloatArray

CODE = ("code",)  # stands for the Estimation Code where measured columns are named


@dataclass(frozen=True)
class Fidelity:
    """A measurement that predicts the accuracy of an architecture at a small part of the cost of its training.

    Attributes:
        values: (M,) what it finds, NaN where it was not made.
        seconds: (M,) what it costs; NaN where that is unknown, 0 where there is nothing to measure.
    """

    values: FloatArray
    seconds: FloatArray


@dataclass(frozen=True)
class Measured:
    """Measurements of the M architectures of a space, which only an oracle may hand out.

    Attributes:
        metric: of `report`.
        label: (M,) the value that queries return and searches select by, a fraction where it is an accuracy.
        label_name: the column behind `label`, for example `test_200_mean`.
        report: (M,) the value that results report for a selected architecture.
        code: (M, L) float32 Estimation Codes; NaN rows for architectures without one; L = 0 where the space has none.
        code_name: what the code is made of, for example `mote` or `flops,params`.
        code_seconds: (M,) cost of computing one code, NaN where unknown.
        train_seconds: (M,) cost of one query (training the architecture), NaN where unknown.
        columns: name -> (M,), what was measured by less than a training, such as proxy losses; NaN where not measured.
        column_seconds: name -> (M,) cost of measuring a column, where it is known.
        early: name -> accuracies of shorter trainings, and what these cost.
        runs: (M, S) the single runs that `label` is a mean of, NaN where there was none; None where they are not known.
    """

    metric: Metric
    label: FloatArray
    label_name: str
    report: FloatArray
    code: NDArray[np.float32]
    code_name: str
    code_seconds: FloatArray
    train_seconds: FloatArray
    columns: Mapping[str, FloatArray] = field(default_factory=dict)
    column_seconds: Mapping[str, FloatArray] = field(default_factory=dict)
    early: Mapping[str, Fidelity] = field(default_factory=dict)
    runs: FloatArray | None = None

    @cached_property
    def fidelities(self) -> dict[str, Fidelity]:
        """Name -> what can be measured of a few architectures alone, at a known price: `early`, and columns."""
        priced = {name: self.columns[name] for name in self.column_seconds if name in self.columns}
        return dict(self.early) | {
            name: Fidelity(values, np.where(np.isnan(values), 0, self.column_seconds[name]))
            for name, values in priced.items()
        }

    @property
    def report_name(self) -> str:
        """The column behind `report`."""
        return self.metric.name

    @property
    def optimum(self) -> float:
        """Best reported value of the space; NaN where not all is known."""
        return float(self.report.max() if self.metric.maximise else self.report.min())

    @property
    def median(self) -> float:
        """Median reported value of the space, the bar for runs below the median; NaN as `optimum`."""
        return float(np.median(self.report))

    @property
    def coded(self) -> NDArray[np.bool_]:
        """(M,) True where the architecture has an Estimation Code (all True where the space has no codes at all)."""
        return np.logical_not(np.isnan(self.code).any(axis=1))
