"""What a description is made of: columns of choices, conditions, and a graph whose nodes depend on them."""

from dataclasses import dataclass, field, replace
from typing import Any

from siamnas.spaces.described import views

ABSENT, SUM, INPUT, OUTPUT, START = "absent", "sum", "input", "output", "start"
"""Node types of our own: what is not there, a node of a cell, the ends, and the begin of a repetition."""

Gate = tuple[int, ...]
"""Numbers of conditions that must all hold."""


@dataclass(frozen=True)
class Condition:
    """A column must have one of some options.

    Attributes:
        column: its number.
        allowed: of each option.
    """

    column: int
    allowed: tuple[bool, ...]


@dataclass
class Column:
    """One choice of the description: a column of the rows of small integers.

    Attributes:
        name: where it stands, such as `layers[3].heads`.
        family: the same without the numbers: choices of one family are repetitions of one choice.
        options: their values.
        ordinal: whether these have an order.
        before: what stands before the option in the text of an architecture.
        when: the choice plays a part where all conditions of one of these gates hold.
        shared: whether it stands in several places by its name.
    """

    name: str
    family: str
    options: tuple[Any, ...]
    ordinal: bool
    before: str
    when: list[Gate]
    shared: bool = False


@dataclass(frozen=True)
class Place:
    """Where in a description a part stands; see `Column` for names."""

    path: str = ""
    family: str = ""
    gate: Gate = ()
    label: str = ""  # of the option whose part it is
    repeated: bool = False

    def at(self, name: str, number: str = "") -> "Place":
        """A part with a name, or with a number that is no part of the family."""
        dot = "." if self.path and name else ""
        return replace(self, path=f"{self.path}{dot}{name}{number}", family=f"{self.family}{dot}{name}")

    def under(self, condition: int) -> "Place":
        """The same, under one more condition."""
        return replace(self, gate=(*self.gate, condition))


@dataclass(frozen=True)
class Node:
    """A node of the graph.

    Attributes:
        columns: that its type depends on.
        types: of every combination of their options, the last one fastest.
        gate: it is absent where a condition does not hold.
    """

    columns: tuple[int, ...]
    types: tuple[str, ...]
    gate: Gate


@dataclass(frozen=True)
class Arrow:
    """An edge that begins at a node; it is there where the gate holds, or, if `unless`, where it does not."""

    begin: int
    gate: Gate = ()
    unless: bool = False


@dataclass
class Lowered:
    """What a description is made of; see `Column`, `Node`, `Arrow`.

    Attributes:
        columns: in the order of the rows.
        conditions: that gates name.
        nodes: of the graph; the first is the input, the last the output.
        arrows: (end, arrow).
        forbidden: gates that must not be met.
        starts: nodes with which a repetition begins: however alike the layers before are, they are told apart. Where
            there may be none, a node of its own says so.
        texts: node types whose name is the user's, so that it may say what they do.
        view: of the whole, see `siamnas.spaces.described.views`.
    """

    columns: list[Column] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    arrows: list[tuple[int, Arrow]] = field(default_factory=list)
    forbidden: list[Gate] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    view: views.View = field(default_factory=lambda: views.Named({}))

    @property
    def types(self) -> tuple[str, ...]:
        """Names of node types, each once."""
        return tuple(dict.fromkeys([ABSENT, SUM, *(name for node in self.nodes for name in node.types)]))
