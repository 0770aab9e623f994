"""Rank by one column of the table: the free baseline that every method is shown beside."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from siamnas.errors import InputError
from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog, Predictor
from siamnas.progress import Report
from siamnas.spaces.space import FloatArray, IntArray, Space

ORDERS = ("descending", "ascending")


class Column(Predictor):
    """The order of a measured column; it pays for no label and no training.

    All repeats have the same order but for cells of equal value, which the search puts in random order: the FLOPs of
    NAS-Bench-201 have 28 different values for 15,625 cells.

    Args:
        space: the search space.
        identities: `seed + repeat` of each repeat.
        trainer: ignored.
        column: name of a column of the space, for example `flops`, `params` or `proxy_loss_3`.
        order: `descending` ranks the largest value first (FLOPs), `ascending` the smallest (losses). Cells without a
            value are ranked last either way.

    Raises:
        InputError: the space has no such column, or the order is none of the two.
    """

    parallel = False

    def __init__(self, space: Space, identities: range, trainer: dict[str, Any], column: str, order: str) -> None:
        super().__init__(space, identities, trainer)
        if column not in space.columns:
            allowed = ", ".join(abbreviated(space.columns))
            raise InputError(f"predictor.column={column}: {space.name} has no such column; choose one of {allowed}")
        if order not in ORDERS:
            raise InputError(f"predictor.order={order}: choose one of {', '.join(ORDERS)}")
        values = space.columns[column]
        self._score = values if order == "descending" else -values

    def fit(self, oracle: Oracle, n: int, report: Report) -> FitLog:
        """Nothing to learn: no query is made."""
        report(1.0)
        return FitLog()

    def score(self, cells: IntArray) -> FloatArray:
        """(R, m) values of the column, negated for an ascending order; NaN where there is none."""
        return np.tile(self._score[cells], (len(self.identities), 1))


def abbreviated(names: Iterable[str]) -> list[str]:
    """Names with every run of three or more consecutive numbers shortened: `proxy_loss_1..50`."""
    short: list[str] = []
    runs: dict[str, list[int]] = {}
    for name in names:
        numbered = re.fullmatch(r"(.*_)(\d+)", name)
        if not numbered:
            short.append(name)
            continue
        runs.setdefault(numbered[1], []).append(int(numbered[2]))
    for stem, numbers in runs.items():
        low, high = min(numbers), max(numbers)
        if len(numbers) > 2 and sorted(numbers) == list(range(low, high + 1)):
            short.append(f"{stem}{low}..{high}")
        else:
            short.extend(f"{stem}{number}" for number in numbers)
    return sorted(short)
