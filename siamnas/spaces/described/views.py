"""The choices of an architecture as a user reads them: dicts, lists and values in the shape of the description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siamnas.graphs.arrays import IntArray

Holds = Callable[[tuple[int, ...]], bool]
"""Whether the conditions of a gate hold."""


@dataclass(frozen=True)
class Text:
    """A layer that is always there."""

    name: str

    def read(self, row: IntArray, holds: Holds) -> Any:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class Value:
    """A choice of values."""

    column: int
    options: tuple[Any, ...]

    def read(self, row: IntArray, holds: Holds) -> Any:
        """The value."""
        return self.options[row[self.column]]


@dataclass(frozen=True)
class Named:
    """Properties of a layer, or parts with names."""

    parts: "dict[str, View]"

    def read(self, row: IntArray, holds: Holds) -> Any:
        """A dict."""
        return {name: part.read(row, holds) for name, part in self.parts.items()}


@dataclass(frozen=True)
class Row:
    """Parts one after another."""

    parts: "tuple[View, ...]"

    def read(self, row: IntArray, holds: Holds) -> Any:
        """A list."""
        return [part.read(row, holds) for part in self.parts]


@dataclass(frozen=True)
class Many:
    """A repeated block; `gates` say when each repetition is there."""

    parts: "tuple[View, ...]"
    gates: tuple[tuple[int, ...], ...]

    def read(self, row: IntArray, holds: Holds) -> Any:
        """A list of those that are there."""
        return [part.read(row, holds) for part, gate in zip(self.parts, self.gates, strict=True) if holds(gate)]


@dataclass(frozen=True)
class Maybe:
    """A block that may be left out."""

    part: "View"
    gate: tuple[int, ...]

    def read(self, row: IntArray, holds: Holds) -> Any:
        """None where it is left out."""
        return self.part.read(row, holds) if holds(self.gate) else None


@dataclass(frozen=True)
class OneOf:
    """A choice of parts."""

    column: int
    names: tuple[str, ...]
    parts: "tuple[View | None, ...]"

    def read(self, row: IntArray, holds: Holds) -> Any:
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

    def read(self, row: IntArray, holds: Holds) -> Any:
        """A dict `from->to`: operation."""
        found: dict[str, Any] = {}
        for target, ((column, parts), sets) in enumerate(zip(self.nodes, self.takes, strict=True), start=self.sources):
            begins = sets[0 if column is None else row[column]]
            found |= {f"{b}->{target}": part.read(row, holds) for b, part in zip(begins, parts, strict=True)}
        return found


def alike(parts: "Sequence[View]") -> "View | None":
    """Layers that differ in their columns alone as one, whose columns are arrays; None where they differ in more."""
    match parts:
        case [Value(options=options), *_] if all(isinstance(one, Value) and one.options == options for one in parts):
            return Value(np.array([one.column for one in parts]), options)  # type: ignore[union-attr, arg-type]
        case [Named(parts=first), *_] if all(
            isinstance(one, Named) and one.parts.keys() == first.keys() for one in parts
        ):
            found = {name: alike([one.parts[name] for one in parts]) for name in first}  # type: ignore[union-attr, index]
            return None if None in found.values() else Named(found)  # type: ignore[arg-type]
    return None


View = Text | Value | Named | Row | Many | Maybe | OneOf | Cell
