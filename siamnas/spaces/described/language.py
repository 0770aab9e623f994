"""The words in which a space is described: `choice`, `chain`, `repeat`, `optional` and `dag`.

    block = {"kernel": choice([3, 5, 7]), "expand": choice([3, 4, 6])}
    network = chain("stem", repeat(block, 2, 4), "down", repeat(block, 2, 4))

A mapping is one layer with several properties; a list of values is a choice; a text is a layer that is always there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from siamnas.errors import InputError, shown
from siamnas.runtime.names import alike
from siamnas.spaces.described import values

WORDS = ("choice", "chain", "repeat", "optional", "dag")
RESERVED = (*WORDS, "configspace")
"""What no property or part can be called, since files tell them by these."""
VALUES = re.compile(  # texts by which other tools, and people, mean several values
    r"[-+]?[\d.]+ *(?:-|–|\.{2,3}|:|to) *[-+]?[\d.]+|\[.*\]|(?:\w+\.)*(?:\w*range|\w*uniform|randint|choice)\(.*\)"
)
MOST_OPTIONS = 10_000
MOST_LAYERS = 1_000
MOST_TYPES = 4_096  # different layers


@dataclass(frozen=True)
class Fixed:
    """A layer that is always there."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of several options.

    Attributes:
        options: their values, or, where `parts` are given, their names.
        parts: what stands in the place of the choice for each option; None where nothing does.
        name: choices of one name are one choice, wherever they stand.
        ordered: whether options that are no numbers have an order.
    """

    options: tuple[Any, ...]
    parts: "tuple[Part | None, ...] | None" = None
    name: str | None = None
    ordered: bool = False

    @property
    def ordinal(self) -> bool:
        """Whether the options have an order, as numbers do."""
        return self.ordered or all(isinstance(option, int | float) for option in self.options)


@dataclass(frozen=True)
class Layer:
    """One layer with several properties, each a choice of values."""

    properties: tuple[tuple[str, Choice], ...]


@dataclass(frozen=True)
class Chain:
    """Parts one after another, with names or without."""

    parts: "tuple[Part, ...]"
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Repeat:
    """A block `lo` to `hi` times, each with choices of its own, or all the `same`."""

    block: "Part"
    lo: int
    hi: int
    same: bool = False


@dataclass(frozen=True)
class Optional:
    """A block that may be left out."""

    block: "Part"


@dataclass(frozen=True)
class Dag:
    """Nodes that each sum up what an operation makes of nodes before them; see `dag`.

    Attributes:
        operation: stands on every edge.
        sources: how many nodes there are before the first one that sums up.
        takes: for every other node the sets of nodes that it can take.
        loose: whether the end takes only nodes that no other one takes; otherwise all that are no sources.
    """

    operation: "Part"
    sources: int
    takes: tuple[tuple[tuple[int, ...], ...], ...]
    loose: bool


Options = tuple[tuple[str, tuple[Any, ...]], ...]
"""Names of choices, and of each some of its options: all of them must be among these."""


@dataclass(frozen=True)
class Conditional:
    """Choices of which some play a part only if others have some options, as in ConfigSpace.

    Attributes:
        choices: by name; those that others depend on come first.
        when: (name, alternatives): the choice plays a part if one of them is fulfilled; others always do.
        forbidden: none of these may be fulfilled.
    """

    choices: tuple[tuple[str, Choice], ...]
    when: tuple[tuple[str, tuple[Options, ...]], ...]
    forbidden: tuple[Options, ...]


Part = Fixed | Choice | Layer | Chain | Repeat | Optional | Dag | Conditional


def choice(options: Sequence[Any] | Mapping[str, Any], name: str | None = None, ordered: bool = False) -> Choice:
    """One of several options.

    Args:
        options: values: numbers have an order, texts have none. Or name -> what stands there, None for nothing.
        name: choices of one name are one choice, such as the width of all layers.
        ordered: whether texts have an order, such as small, medium, large.

    Raises:
        InputError: there is no option, or two are equal or look alike.
    """
    if isinstance(options, Mapping):
        if name is not None:
            raise InputError(f"choice named {name}: can't be shared, since its options hold parts")
        return Choice(as_names(options), tuple(None if part is None else as_part(part) for part in options.values()))
    if name is not None and (not isinstance(name, str) or not name):
        raise InputError(f"choice: name={shown(repr(name))}: must be a text")
    made = tuple(map(values.value, options)) if not isinstance(options, str) else ()
    if not 1 <= len(made) <= MOST_OPTIONS:
        raise InputError(f"choice of {options!r}: must be a list of 1 to {MOST_OPTIONS:,} options")
    if min(len({str(value) for value in made}), len(set(made))) < len(made):
        raise InputError(f"choice of {list(made)}: two options are equal")
    if seen := alike(value for value in made if isinstance(value, str)):
        raise InputError(f"choice of {list(made)}: two options look like {shown(seen)}")
    return Choice(made, None, name, values.flag("choice: ordered", ordered))


def chain(*parts: Any, **named: Any) -> Chain:
    """Parts one after another; those with a name come last.

    Raises:
        InputError: there is no part, some have a name and others not, or one is no part.
    """
    if bool(parts) == bool(named):
        raise InputError("chain: must have at least one part, and names for all of its parts or for none")
    return Chain(tuple(map(as_part, parts or named.values())), _names(named) or None)


def repeat(block: Any, lo: int, hi: int, same: bool = False) -> Repeat:
    """A block `lo` to `hi` times in a row.

    Args:
        block: what is repeated; each time with choices of its own.
        lo: at least 0.
        hi: at least `lo`, at least 1.
        same: all of them are alike: the choices of the block are made once.

    Raises:
        InputError: there is no such number of times.
    """
    lo, hi = values.integer(lo), values.integer(hi)
    if type(lo) is not int or type(hi) is not int or not 0 <= lo <= hi or not 1 <= hi <= MOST_LAYERS:
        raise InputError(f"repeat({lo!r}, {hi!r}): must be two integers, 0 <= lo <= hi, and 1 <= hi <= {MOST_LAYERS:,}")
    return Repeat(as_part(block), lo, hi, values.flag("repeat: same", same))


def optional(block: Any) -> Optional:
    """A block that may be left out."""
    return Optional(as_part(block))


def dag(
    operation: Any,
    nodes: int | None = None,
    inputs: int = 2,
    sources: int = 1,
    output: str = "all",
    edges: Sequence[tuple[int, int]] | None = None,
) -> Dag:
    """A cell: nodes that sum up what operations make of nodes before them.

        dag(operation, nodes=4, inputs=2, sources=2)                 # as in DARTS: each node chooses two it takes
        dag(operation, edges=[(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)])   # as in NAS-Bench-201

    Args:
        operation: stands on every edge, each with choices of its own.
        nodes: that sum up; each chooses `inputs` different ones of those before it, or takes all if there are fewer.
        inputs: see `nodes`.
        sources: nodes that come before these, such as the outputs of the two cells before.
        output: takes `all` nodes that sum up, or only `loose` ones, which no other takes.
        edges: instead of the arguments before: pairs (from, to) of nodes, the output among them: 0 is the input, and
            the last one the output.

    Raises:
        InputError: an argument is not allowed.
    """
    part = as_part(operation)
    if edges is not None:
        return Dag(part, 1, _fixed(edges, nodes), True)
    nodes, inputs, sources = values.integer(nodes), values.integer(inputs), values.integer(sources)
    for name, value in (("nodes", nodes), ("inputs", inputs), ("sources", sources)):
        if type(value) is not int or not 1 <= value <= 100:
            raise InputError(f"dag: {name}={value!r}: must be an integer from 1 to 100")
    if output not in ("all", "loose"):
        raise InputError(f"dag: output={output!r}: must be all or loose")
    assert nodes is not None
    takes = []
    for node in range(sources, sources + nodes):
        takes.append(tuple(combinations(range(node), min(inputs, node))))
        if len(takes[-1]) > MOST_OPTIONS:
            raise InputError(f"dag: node {node} can choose its inputs in more than {MOST_OPTIONS:,} ways")
    return Dag(part, sources, tuple(takes), output == "loose")


def _fixed(edges: Sequence[tuple[int, int]], nodes: int | None) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """What each node takes by given edges."""
    if nodes is not None:
        raise InputError("dag: edges and nodes can't both be given")
    takes: dict[int, list[int]] = {}
    edges = [tuple(map(values.integer, pair)) for pair in edges]
    for pair in edges:
        if len(pair) != 2 or not all(type(node) is int for node in pair) or not 0 <= pair[0] < pair[1] <= 100:
            raise InputError(f"dag: edge {pair}: must be a pair of nodes 0 <= from < to <= 100")
        if pair[0] in takes.setdefault(pair[1], []):
            raise InputError(f"dag: edge {pair}: is there twice")
        takes[pair[1]].append(pair[0])
    last = max(takes, default=0)
    if lost := sorted(set(range(1, last + 1)) - takes.keys()) or ([] if last else [1]):
        raise InputError(f"dag: nothing leads to node {lost[0]}")
    given = {begin for begin, _ in edges}
    if lost := sorted(set(range(last)) - given):
        raise InputError(f"dag: nothing takes node {lost[0]}")
    return tuple((tuple(sorted(takes[node])),) for node in range(1, last + 1))


def conditional(
    choices: Sequence[tuple[str, Any]], when: Sequence[tuple[str, Any]], forbidden: Sequence[Options]
) -> Conditional:
    """Choices with conditions, see `Conditional`; in any order.

    Raises:
        InputError: one is no choice of values, or depends on one that there is not, or on itself.
    """
    given, depends = dict(choices), dict(when)
    for name, one in given.items():
        if not isinstance(one, Choice) or one.parts is not None or one.name is not None:
            raise InputError(f"{name}: must be a choice of values")
    parents = {name: {parent for one in depends.get(name, ()) for parent, _ in one} for name in given}
    unknown = (set().union(*parents.values(), depends, (name for one in forbidden for name, _ in one))) - given.keys()
    if unknown:
        raise InputError(f"{sorted(unknown)[0]}: there is no such choice")
    ordered: dict[str, Choice] = {}
    while len(ordered) < len(given):
        ready = [name for name in given if name not in ordered and parents[name] <= ordered.keys()]
        if not ready:
            raise InputError(f"{sorted(given.keys() - ordered.keys())[0]}: depends on itself")
        ordered[ready[0]] = given[ready[0]]
    return Conditional(tuple(ordered.items()), tuple(depends.items()), tuple(forbidden))


def as_part(value: Any) -> Part:
    """A part as it may be written: a word, a text, a list of values for a choice, or a mapping for a layer.

    A mapping is one layer where all its values are choices; otherwise it is a chain whose parts have names.

    Raises:
        InputError: it is none of these.
    """
    if isinstance(value, Part):
        return value
    if isinstance(value, str):
        if VALUES.fullmatch(value.strip()):
            raise InputError(
                f"{shown(repr(value))}: is a text, which is one layer that is always there; values are a list"
            )
        return Fixed(values.text(value))
    if isinstance(value, Mapping) and value:
        return _of_mapping(value)
    if isinstance(value, Sequence | np.ndarray):
        return choice(list(value))
    raise InputError(f"{value!r}: must be one of {', '.join(WORDS)}, a text, a list of values, or a mapping of these")


def _of_mapping(value: Mapping[str, Any]) -> Part:
    """See `as_part`."""
    _names(value)
    parts = {name: as_part(part) for name, part in value.items()}
    choices = tuple((name, part) for name, part in parts.items() if isinstance(part, Choice) and part.parts is None)
    return Layer(choices) if len(choices) == len(parts) else Chain(tuple(parts.values()), tuple(parts))


def as_names(given: Mapping[Any, Any]) -> tuple[str, ...]:
    """The keys of a mapping as texts; a number may be one.

    Raises:
        InputError: a key is something else, or two are the same text.
    """
    names = tuple(map(str, given))
    for key in given:
        if isinstance(key, bool) or not isinstance(key, str | int | float) or names.count(str(key)) > 1:
            raise InputError(f"{key!r}: must be a name, a text or a number, and be there once")
    return tuple(map(values.text, names))


def _names(named: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of properties or parts."""
    for name in map(values.text, as_names(named)):
        if not isinstance(name, str) or not name or name in RESERVED:
            raise InputError(
                f"{name!r}: must be the name of a property or a part, a text and none of {', '.join(RESERVED)}"
            )
    return tuple(named)
