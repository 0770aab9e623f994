"""The table as single trainings would tell it: every repeat draws the labels of all architectures anew."""

from typing import Annotated, Literal

import numpy as np

from siamnas.benchmarks.measurements import Measured
from siamnas.benchmarks.metric import PERCENT
from siamnas.config.validate import Condition, Count
from siamnas.errors import InputError
from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.table import TableOracle
from siamnas.seeding import stream
from siamnas.spaces.benchmark import Benchmark

ROUNDED = 1e-6  # labels that differ by less are the same

Deviation = Annotated[float, Condition("above 0", lambda v: v > 0)]


class NoisyTable(TableOracle):
    """Answers with one draw of the label for each architecture and repeat, the same whenever it is asked.

    Repeats that see the same single run of every architecture are one experiment. So each draws its own, from the
    stream of its seed.

    Args:
        benchmark: as for `TableOracle`.
        repeats: R.
        seeds: `seed + repeat` of each repeat.
        noise: `runs`: one of the single runs of the table. `residuals`: a single run (`space.label`) is regressed on
            the reported value in blocks of architectures of similar value, and what it is off by is permuted in the
            block. `normal`: the reported value and a normal error.
        deviation: of the normal error, in the unit of the metric, so that .0055 are .55 points of accuracy.
        block: architectures of a block.

    Raises:
        InputError: the table has no single runs; a deviation is missing, or has no effect; nothing is drawn, because
            the label is the reported value itself.
    """

    reports_labels = False  # results report the value of the table

    def __init__(
        self,
        benchmark: Benchmark,
        repeats: int,
        seeds: range,
        noise: Literal["runs", "residuals", "normal"],
        deviation: Deviation | None,
        block: Count,
    ) -> None:
        super().__init__(benchmark, repeats)
        measured = benchmark.measured
        if (noise == "normal") != (deviation is not None):
            raise InputError(f"oracle.deviation={deviation}: belongs to noise=normal, which needs one")
        if noise == "runs" and (measured.runs is None or measured.runs.shape[1] < 2):
            raise InputError(f"oracle.noise=runs: the table has no single runs of {measured.label_name}")
        draw = {"runs": _runs, "residuals": _residuals, "normal": _normal}[noise]
        generators = [stream(seed, "label noise") for seed in seeds]
        self.labels = np.stack([draw(measured, rng, deviation or 0.0, block) for rng in generators])  # (R, M)
        if noise != "normal" and np.allclose(self.labels, measured.report, rtol=ROUNDED, atol=0):
            raise InputError(
                f"oracle.noise={noise}: space.label={measured.label_name} is what is reported, without any noise to "
                "draw; allowed: another space.label, or oracle.noise=normal with oracle.deviation"
            )

    def query(self, archs: IntArray) -> FloatArray:
        """See `Oracle`."""
        self._tracker.train(archs, self._measured.train_seconds)
        return np.take_along_axis(self.labels, archs, axis=1)


class SingleRun(NoisyTable):
    """One simulated training run of each architecture is all that is known of it, as in the paper's figures.

    Every repeat draws its own, with a normal error. They are the labels, and also what results report, so the luck of
    an architecture counts, and the optimum is another one in each repeat.

    Args:
        benchmark: as for `TableOracle`.
        repeats: R.
        seeds: `seed + repeat` of each repeat.
        deviation: of the error, a fraction as the accuracies are.

    Raises:
        InputError: the table has no accuracies.
    """

    reports_labels = True

    def __init__(self, benchmark: Benchmark, repeats: int, seeds: range, deviation: Deviation) -> None:
        metric = benchmark.measured.metric
        if metric.unit != PERCENT:
            raise InputError(
                f"oracle=single_run: needs accuracies, of which oracle.deviation={deviation} is a fraction; "
                f"{benchmark.space.name} has {metric.name}"
            )
        super().__init__(benchmark, repeats, seeds, "normal", deviation, block=1)


def _runs(measured: Measured, rng: np.random.Generator, deviation: float, block: int) -> FloatArray:
    """(M,) one of the runs of each architecture."""
    runs = measured.runs
    assert runs is not None
    chance = np.where(np.isnan(runs), -1.0, rng.random(runs.shape))
    return np.take_along_axis(runs, chance.argmax(axis=1)[:, None], axis=1)[:, 0]


def _normal(measured: Measured, rng: np.random.Generator, deviation: float, block: int) -> FloatArray:
    """(M,) reported values with normal errors."""
    return measured.report + deviation * rng.standard_normal(len(measured.report))


def _residuals(measured: Measured, rng: np.random.Generator, deviation: float, block: int) -> FloatArray:
    """(M,) what a label of the same distribution could have been."""
    drawn = np.array(measured.label, dtype=np.float64)
    order = np.argsort(measured.report, kind="stable")
    for part in np.array_split(order, max(len(order) // block, 1)):
        x, y = measured.report[part].astype(np.float64), drawn[part]
        off = x - x.mean()
        fitted = y.mean() + off * (off @ y) / max(float(off @ off), np.finfo(float).tiny)
        drawn[part] = fitted + rng.permutation(y - fitted)
    return drawn
