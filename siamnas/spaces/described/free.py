"""Free columns of architectures without a list, and what predictors see of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from siamnas.errors import InputError, reason, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.graphs.columns import HIDDEN
from siamnas.graphs.features.base import FeatureSet
from siamnas.spaces.described import views

MOST_KEPT = 1 << 16  # values of a function
REFERENCE = 256  # architectures that say how a column is shown to predictors

Known = Callable[[Any], FloatArray]
"""(n, ...) architectures -> (n,) a column."""
Choices = Mapping[str, Any]


class FreeColumns(Mapping[str, Known]):
    """What is known of architectures without training.

    Args:
        columns: by name.
        draw: (n, ...) architectures that are always the same.

    Raises:
        InputError: a name is that of what only a training tells.
    """

    def __init__(self, columns: Mapping[str, Known], draw: Callable[[int], Any]) -> None:
        self._columns, self._draw = columns_of(columns), draw
        for name in self._columns:
            if not isinstance(name, str) or HIDDEN.fullmatch(name):
                raise InputError(f"columns[{name!r}]: is no name of what is known without a training")

    def __getitem__(self, name: str) -> Known:
        return self._columns[name]

    def __iter__(self) -> Any:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def of(self, archs: Any) -> dict[str, FloatArray]:
        """The columns of architectures (n, ...); what is infinite is not known."""
        known = {name: known(archs) for name, known in self._columns.items()}
        return {name: np.where(np.isinf(column), np.nan, column) for name, column in known.items()}

    def check(self, archs: Any) -> None:
        """Check columns at some architectures (n, ...).

        Raises:
            InputError: one is infinite, or never a number, or not the same for an architecture.
        """
        for name, known in self._columns.items():
            column = known(archs)
            if np.isinf(column).any() or np.isnan(column).all():
                odd = column[~np.isfinite(column)][0]
                raise InputError(f"columns[{name!r}]: must be a finite number, is {odd} for some architectures")
            again = known.anew(archs[0]) if isinstance(known, OfFunction) else column[0]
            if not np.isclose(column[0], again, equal_nan=True):
                said = f"{column[0]:g} and then {again:g} for the same architecture"
                raise InputError(f"columns[{name!r}]: must be one number for each architecture, is {said}")

    @cached_property
    def logarithmic(self) -> frozenset[str]:
        """Columns that are above 0 in a sample that is always the same."""
        known = self.of(self._draw(REFERENCE))
        return frozenset(name for name, column in known.items() if (column > 0).all())

    def appended(self, features: FeatureSet, archs: Any) -> FeatureSet:
        """Features of architectures and these columns, each a group of its own; logarithms where they are above 0."""
        if not self._columns:
            return features
        names, values = [], []
        for name, column in self.of(archs).items():
            with np.errstate(invalid="ignore", divide="ignore"):
                logarithm = np.where(column > 0, np.log(column), np.nan)
            values.append(logarithm if name in self.logarithmic else column)
            names.append(f"log {name}" if name in self.logarithmic else name)
        first = int(features.groups[-1]) + 1 if len(features.groups) else 0
        return FeatureSet(
            np.concatenate([features.values, np.stack(values, axis=1)], axis=1),
            (*features.names, *names),
            np.concatenate([features.groups, first + np.arange(len(names))]),
        )


def columns_of(given: Any) -> dict[str, Any]:
    """Columns by name, as the user gives them.

    Raises:
        InputError: they are no mapping.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"columns={shown(repr(given))}: must be a mapping, name: expression or function")
    return dict(given)


class OfView(ABC):
    """A function of choices that reads the rows of many architectures themselves, where candidates must be cheap."""

    @abstractmethod
    def __call__(self, choices: Choices) -> float:
        """Its value for one architecture."""

    @abstractmethod
    def of(self, view: views.View) -> Known:
        """The column of rows, by the columns of choices that a view of them names."""


class OfFunction:
    """The column that a function makes of what it is told of one architecture.

    Args:
        function: of the user's.
        choices: what it is told.
        name: of the column.
        text: names an architecture; its value is kept, since candidates are looked at more than once.
    """

    def __init__(
        self, function: Callable[[Any], Any], choices: Callable[[Any], Any], name: str, text: Callable[[Any], Hashable]
    ) -> None:
        self.function, self.choices, self.name, self.text = function, choices, name, text
        self._kept: dict[Hashable, float] = {}

    def __call__(self, archs: Sequence[Any]) -> FloatArray:
        """(n,) the values of architectures.

        Raises:
            InputError: the function fails, or its value is no number.
        """
        return np.array([self._value(arch) for arch in archs], np.float64)

    def _value(self, arch: Any) -> float:
        if (text := self.text(arch)) not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[text] = self.anew(arch)
        return self._kept[text]

    def anew(self, arch: Any) -> float:
        """The value of an architecture, whether or not it is kept."""
        value = call(self.function, self.choices(arch), f"columns[{self.name!r}]")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"columns[{self.name!r}]: must be a number, not {value!r}") from None


def is_slow(column: Known) -> bool:
    """Whether a column is computed for one architecture at a time."""
    return isinstance(column, OfFunction)


def call(function: Callable[..., Any], told: Any, key: str) -> Any:
    """What a function of the user's says of an architecture.

    Raises:
        InputError: it has failed.
    """
    try:
        return function(told)
    except Exception as error:  # of the user's
        raise InputError(f"{key}: {named(function)} has failed for {told}: {reason(error)}") from error


def named(function: Callable[..., Any]) -> str:
    """The name of a function, for messages."""
    return getattr(function, "__name__", type(function).__name__)
