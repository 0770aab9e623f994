"""The choices of rows as features."""

from collections.abc import Sequence

import numpy as np

from siamnas.graphs.arrays import FloatArray, IntArray
from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.described.encoding import OUT, Rows
from siamnas.spaces.described.lowered import Column


class ChoiceFeatures:
    """Every choice as a number from 0 to 1 where its options have an order, one-hot elsewhere.

    NaN where it plays no part. Of choices that are repeated, also how often each option is chosen. Choices of one
    family are one group, and so are the numbers of their options.

    Args:
        columns: of the rows.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        families: dict[str, list[int]] = {}
        for number, column in enumerate(columns):
            if len(column.options) > 1:
                families.setdefault(column.family, []).append(number)
        self._columns: list[int] = []  # of every feature
        self._options: list[float] = []  # that it is one-hot for, -1 for a number
        self._scales: list[float] = []
        self._counted: list[tuple[IntArray, int]] = []  # columns, and how many options these have
        self.names: list[str] = []
        self.groups: list[int] = []
        for family in families.values():
            self._alone(columns, family)
        for name, family in families.items():
            if len(family) > 1 and len({columns[number].options for number in family}) == 1:
                self._count(name, columns[family[0]], np.array(family))

    def _alone(self, columns: Sequence[Column], family: Sequence[int]) -> None:
        """Add the choices of a family."""
        group = self._group()
        for number in family:
            column = columns[number]
            options = [-1] if column.ordinal else list(range(len(column.options)))
            self._columns += [number] * len(options)
            self._options += options
            self._scales += [1 / (len(column.options) - 1)] * len(options)
            self.names += [column.name if one < 0 else f"{column.name} is {column.options[one]}" for one in options]
            self.groups += [group] * len(options)

    def _count(self, name: str, column: Column, family: IntArray) -> None:
        """Add how often each option is chosen."""
        group = self._group()
        self._counted.append((family, len(column.options)))
        self.names += [f"number of {name} {option}" for option in column.options]
        self.groups += [group] * len(column.options)

    def _group(self) -> int:
        """The next group."""
        return self.groups[-1] + 1 if self.groups else 0

    def of(self, rows: Rows) -> FeatureSet:
        """The features of rows (n, C)."""
        chosen = rows[:, self._columns]
        options = np.array(self._options, np.int64)
        values = np.where(options < 0, chosen * np.array(self._scales), chosen == options)
        values[chosen == OUT] = np.nan
        counts: list[FloatArray] = [
            np.stack([(rows[:, family] == option).sum(axis=1) for option in range(size)], axis=1)
            for family, size in self._counted
        ]
        together = np.concatenate([values, *counts], axis=1).astype(np.float64)
        return FeatureSet(together, tuple(self.names), np.array(self.groups, np.int64))
