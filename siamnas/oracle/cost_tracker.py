"""What R repeats have spent."""

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.oracle.base import Cost


class CostTracker:
    """Counts every architecture once for each repeat and kind of measurement, however often it is asked for.

    Args:
        repeats: R.
        size: M.
    """

    def __init__(self, repeats: int, size: int) -> None:
        self._rows = np.arange(repeats)[:, None]
        self._trained, self._measured = np.zeros((repeats, size), dtype=bool), np.zeros((repeats, size), dtype=bool)
        self._spent: dict[str, FloatArray] = {}  # kind -> (R, M) seconds
        self._train_seconds, self._cheap_seconds = np.zeros(repeats), np.zeros(repeats)
        self._before: list[FloatArray] = [np.empty((repeats, 0))]

    def train(self, archs: IntArray, seconds: FloatArray) -> None:
        """Add the evaluation of architectures (R, m), all different in a row.

        Args:
            archs: what is evaluated.
            seconds: (M,) what each takes; NaN where it is not known, which counts 0.
        """
        self._before.append(np.broadcast_to(self._cheap_seconds[:, None], archs.shape))
        again = self._trained[self._rows, archs]
        self._trained[self._rows, archs] = True
        self._train_seconds = self._train_seconds + np.where(again, 0, np.nan_to_num(seconds)[archs]).sum(axis=1)

    def measure(self, kind: str, archs: IntArray, seconds: FloatArray) -> None:
        """Add a cheaper measurement; one that takes no time is not counted.

        Args:
            kind: of the measurement. One that goes further than an earlier one of its kind costs the difference.
            archs: (R, m), all different in a row.
            seconds: as for `train`; 0 also where there is nothing to measure.
        """
        spent = self._spent.setdefault(kind, np.zeros(self._measured.shape))
        price, before = np.nan_to_num(seconds)[archs], spent[self._rows, archs]
        spent[self._rows, archs] = np.maximum(before, price)
        self._measured[self._rows, archs] |= seconds[archs] != 0
        self._cheap_seconds = self._cheap_seconds + np.maximum(price - before, 0).sum(axis=1)

    def cost(self) -> Cost:
        """See `Oracle`."""
        return Cost(
            queries=self._trained.sum(axis=1),
            query_seconds=self._train_seconds,
            codes=self._measured.sum(axis=1),
            code_seconds=self._cheap_seconds,
            code_seconds_before=np.concatenate(self._before, axis=1),
        )
