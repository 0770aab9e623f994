"""The choices of an architecture as a user reads them: dicts, lists and values in the shape of the description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Holds = Callable[[tuple[int, ...]], bool]
"""Whether the conditions of a gate hold."""
HoldEach = Callable[[tuple[int, ...]], NDArray[np.bool_]]
"""(n,) for which of some rows the conditions of a gate hold."""


@dataclass(frozen=True)
class Text:
    """A layer that is always there."""

    name: str

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class Value:
    """A choice of values."""

    column: int
    options: tuple[Any, ...]

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """The value."""
        return self.options[row[self.column]]

    def of(self, rows: NDArray[Any]) -> NDArray[Any]:
        """(n, ...) the values of rows (n, C); NaN, or an empty text, where the choice plays no part."""
        return self._table[rows[:, self.column]]

    @cached_property
    def _table(self) -> NDArray[Any]:
        """The values of the options, then what stands for none."""
        numeric = all(isinstance(option, int | float) for option in self.options)
        return np.array([*self.options, np.nan]) if numeric else np.array([*map(str, self.options), ""])


@dataclass(frozen=True)
class Named:
    """Properties of a layer, or parts with names."""

    parts: "dict[str, View]"

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A dict."""
        return {name: part.read(row, holds) for name, part in self.parts.items()}


@dataclass(frozen=True)
class Settings(Named):
    """Choices of which some may play no part."""

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A dict of those that do."""
        return {
            name: part.read(row, holds)
            for name, part in self.parts.items()
            if not isinstance(part, Value) or row[part.column] >= 0
        }


@dataclass(frozen=True)
class Row:
    """Parts one after another."""

    parts: "tuple[View, ...]"

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A list."""
        return [part.read(row, holds) for part in self.parts]


@dataclass(frozen=True)
class Many:
    """A repeated block; `gates` say when each repetition is there."""

    parts: "tuple[View, ...]"
    gates: tuple[tuple[int, ...], ...]

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A list of those that are there."""
        return [part.read(row, holds) for part, gate in zip(self.parts, self.gates, strict=True) if holds(gate)]


@dataclass(frozen=True)
class Maybe:
    """A block that may be left out."""

    part: "View"
    gate: tuple[int, ...]

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """None where it is left out."""
        return self.part.read(row, holds) if holds(self.gate) else None


@dataclass(frozen=True)
class OneOf:
    """A choice of parts."""

    column: int
    names: tuple[str, ...]
    parts: "tuple[View | None, ...]"

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A dict of the name of the option and what was chosen there."""
        option = row[self.column]
        part = self.parts[option]
        return {self.names[option]: None if part is None else part.read(row, holds)}


@dataclass(frozen=True)
class Cell:
    """A cell; for every node the column of its inputs, and what stands on them."""

    nodes: "tuple[tuple[int | None, tuple[View, ...]], ...]"
    takes: tuple[tuple[tuple[int, ...], ...], ...]
    sources: int

    def read(self, row: Sequence[int], holds: Holds) -> Any:
        """A dict `from->to`: operation."""
        found: dict[str, Any] = {}
        for target, ((column, parts), sets) in enumerate(zip(self.nodes, self.takes, strict=True), start=self.sources):
            begins = sets[0 if column is None else row[column]]
            found |= {f"{b}->{target}": part.read(row, holds) for b, part in zip(begins, parts, strict=True)}
        return found


def alike(parts: "Sequence[View]") -> "View | None":
    """Layers that differ in their columns alone as one, whose columns are arrays; None where they differ in more."""
    first = parts[0] if parts else None
    if isinstance(first, Value):
        same = [one for one in parts if isinstance(one, Value) and one.options == first.options]
        columns = np.array([one.column for one in same])
        return Value(columns, first.options) if len(same) == len(parts) else None  # type: ignore[arg-type]
    if isinstance(first, Named):
        layers = [one for one in parts if isinstance(one, Named) and one.parts.keys() == first.parts.keys()]
        found = {name: alike([layer.parts[name] for layer in layers]) for name in first.parts}
        if len(layers) == len(parts):
            known = {name: part for name, part in found.items() if part is not None}
            return Named(known) if len(known) == len(found) else None
    return None


def arrays(view: "View", rows: NDArray[Any], holds: HoldEach) -> Any:
    """The choices of rows (n, C) in the shape of the description, each an array (n,), or (n, repetitions)."""
    match view:
        case Text(name=name):
            return name
        case Value():
            return view.of(rows)
        case Named(parts=parts):
            return {name: arrays(part, rows, holds) for name, part in parts.items()}
        case OneOf():
            named = zip(view.names, view.parts, strict=True)
            inner = {name: arrays(part, rows, holds) for name, part in named if part is not None}
            return {"chosen": Value(view.column, view.names).of(rows), **inner}
        case Maybe(part=part):
            return arrays(part, rows, holds)
        case Many(parts=several, gates=gates):
            one = alike(several)
            found = [arrays(part, rows, holds) for part in several] if one is None else arrays(one, rows, holds)
            shared = len(several) > 1 and several[0] == several[1]  # whose columns play a part for one of them
            return there(found, np.stack([holds(gate) for gate in gates], axis=1)) if shared else found
        case Row(parts=several):
            return [arrays(part, rows, holds) for part in several]
        case Cell(nodes=nodes):
            return [[arrays(part, rows, holds) for part in operations] for _, operations in nodes]


def there(found: Any, mask: NDArray[np.bool_]) -> Any:
    """What `arrays` has found of repetitions, with NaN or an empty text for those that are not there.

    Args:
        found: of all.
        mask: (n, repetitions), or (n,) of one of them.
    """
    if isinstance(found, dict):
        return {name: there(part, mask) for name, part in found.items()}
    if isinstance(found, list):
        return [there(part, mask[:, i] if mask.ndim == 2 else mask) for i, part in enumerate(found)]
    if isinstance(found, str):
        return np.where(mask, found, "")
    wide = mask.reshape(*mask.shape, *[1] * (found.ndim - mask.ndim))
    return np.where(wide, found, "" if found.dtype.kind == "U" else np.nan)


View = Text | Value | Named | Row | Many | Maybe | OneOf | Cell
