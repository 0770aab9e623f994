"""A description -> columns of choices, and a graph whose nodes depend on them; repetition becomes repeated nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any
from urllib.parse import quote

from siamnas.errors import InputError
from siamnas.spaces.described import language, views
from siamnas.spaces.described.language import Part
from siamnas.spaces.described.lowered import (
    INPUT,
    OUTPUT,
    START,
    SUM,
    Arrow,
    Column,
    Condition,
    Gate,
    Lowered,
    Node,
    Place,
)
from siamnas.spaces.described.names import layer_name

MOST_NODES = 2_000
SHARES = ((256, 256), (32, 256), (1, language.MOST_TYPES))
"""Combinations of the properties of a layer up to which it is one node, and most node types; the first that will do."""


def lower(description: Part) -> Lowered:
    """Lower a description; layers with more combinations of properties become several nodes, if there are too many.

    Raises:
        InputError: there are too many node types or nodes.
    """
    for share, most in SHARES:
        lowered = _Lowering(share).whole(description)
        if not lowered.columns:
            raise InputError("description: must have at least one choice")
        if len(lowered.types) <= most:
            return lowered
    raise InputError(f"description: has {len(lowered.types):,} different layers, must be at most {most:,}")


class _Lowering:
    """See `lower`.

    Args:
        most: combinations of the properties of a layer that is one node.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.out = Lowered()
        self.conditions: dict[tuple[int, tuple[bool, ...]], int] = {}
        self.names: set[str] = set()  # of columns
        self.numbers: dict[tuple[str, str], int] = {}  # of columns by kind and place
        self.before = " "  # the next column, see `Column.before`
        self.parts: dict[str, Part] = {}  # of the whole, by name

    def whole(self, description: Part) -> Lowered:
        """The description between an input and an output."""
        self._node((), (INPUT,), (), ())
        if isinstance(description, language.Chain):
            self.parts = dict(zip(description.names or (), description.parts, strict=False))
            last, self.out.view = self._chain(description, Place(), (Arrow(0),), whole=True)
        else:
            word = type(description).__name__.lower()
            last, view = self._part(description, Place(), (Arrow(0),))
            self.out.view = view if isinstance(view, views.Named) else views.Named({word: view})
        end = self.out.nodes[last]
        if end.types == (SUM,) and last == len(self.out.nodes) - 1:
            self.out.nodes[last] = replace(end, types=(OUTPUT,))
        else:
            self._node((), (OUTPUT,), (), (Arrow(last),))
        return self.out

    def _part(self, part: Part, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """Append the nodes of a part after some arrows; the number of its last node, and its view."""
        match part:
            case language.Fixed(name):
                self.out.texts.add(name)
                return self._node((), (name,), place.gate, arrows), views.Text(name)
            case language.Choice():
                return self._choice(part, place, arrows)
            case language.Layer(properties):
                return self._layer(properties, place, arrows)
            case language.Chain():
                return self._chain(part, place, arrows)
            case language.Repeat():
                return self._repeat(part, place, arrows)
            case language.Optional(block):
                return self._optional(block, place, arrows)
            case language.Dag():
                return self._dag(part, place, arrows)
            case language.Conditional():
                return self._conditional(part, place, arrows)

    def _choice(self, part: language.Choice, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """A node, or the parts of all options in a row, of which all but one are absent."""
        if part.parts is None:
            return self._layer(((place.family.rpartition(".")[2], part),), place, arrows, alone=True)
        number = self._column("option", place, part.options, ordinal=False)
        inner: list[views.View | None] = []
        last = -1
        for option, block in enumerate(part.parts):
            name, view = part.options[option], None
            if block is not None:
                here = place.at(name).under(self._condition(number, [i == option for i in range(len(part.parts))]))
                last, view = self._part(block, replace(here, label=f"{place.label}{name}:"), arrows)
                arrows = (Arrow(last),)
            inner.append(view)
        if last < 0:
            raise InputError(f"choice of {', '.join(part.options)}: one of them must be more than nothing")
        return last, views.OneOf(number, part.options, tuple(inner))

    def _layer(
        self,
        properties: Sequence[tuple[str, language.Choice]],
        place: Place,
        arrows: Sequence[Arrow],
        alone: bool = False,
    ) -> tuple[int, views.View]:
        """One node for all properties, or one for each where there are too many combinations."""
        numbers = [self._shared(choice, place if alone else place.at(name)) for name, choice in properties]
        seen: dict[str, views.View] = {
            name: views.Value(column, choice.options)
            for (name, choice), column in zip(properties, numbers, strict=True)
        }
        each, last = range(len(properties)), -1
        together = prod(len(choice.options) for _, choice in properties) <= self.most
        for group in [list(each)] if together else [[i] for i in each]:
            names = layer_name([properties[i] for i in group], place.label, alone)
            if alone and not properties[0][1].ordinal:
                self.out.texts.update(names)
            last = self._node(tuple(numbers[i] for i in group), names, place.gate, arrows)
            arrows = (Arrow(last),)
        return last, seen[properties[0][0]] if alone else views.Named(seen)

    def _chain(
        self, part: language.Chain, place: Place, arrows: Sequence[Arrow], whole: bool = False
    ) -> tuple[int, views.View]:
        """Parts one after another."""
        inner: list[views.View] = []
        last = -1
        for number, block in enumerate(part.parts):
            name = part.names[number] if part.names else ""
            here = place.at(name) if name else place.at("" if place.path else "part", f"[{number}]")
            if whole:
                self.before = f" {quote(name, safe='')}=" if name else " "
            last, view = self._part(block, here, arrows)
            arrows = (Arrow(last),)
            inner.append(view)
        if part.names:
            return last, views.Named(dict(zip(part.names, inner, strict=True)))
        row = views.Row(tuple(inner))
        return last, views.Named({"chain": row}) if whole else row

    def _repeat(self, part: language.Repeat, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """The block as often as there may be; those that are not there are absent."""
        depths = tuple(range(part.lo, part.hi + 1))
        number = self._column("depth of", place, depths, ordinal=True) if part.lo < part.hi else None
        inner, gates = [], []
        last = -1
        marked = part.lo > 0 and not place.gate and _always(part.block)
        for time in range(part.hi):
            here = replace(_inside(place, part.block) if part.same else place.at("", f"[{time}]"), repeated=True)
            if number is not None and time >= part.lo:
                here = here.under(self._condition(number, [depth > time for depth in depths]))
            if not self.before:
                self.before = "," if time else ":"
            if time == 0 and marked:
                self.out.starts.append(len(self.out.nodes))
            elif time == 0:
                arrows = (Arrow(self._node((), (START,), here.gate, arrows)),)
            last, view = self._part(part.block, here, arrows)
            arrows = (Arrow(last),)
            inner.append(view)
            gates.append(here.gate)
        return last, views.Many(tuple(inner), tuple(gates))

    def _optional(self, block: Part, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """The block, which may be absent."""
        number = self._column("there is", place, (False, True), ordinal=True)
        here = _inside(place, block).under(self._condition(number, [False, True]))
        last, view = self._part(block, here, arrows)
        return last, views.Maybe(view, here.gate)

    def _dag(self, part: language.Dag, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """An operation on every edge, a sum on every node; where it is absent, an edge from its entry to its end."""
        nodes, entry = self._sources(part, place, arrows)
        chosen: list[tuple[int | None, tuple[tuple[int, ...], ...]]] = []
        inner: list[tuple[int | None, tuple[views.View, ...]]] = []
        for target, sets in enumerate(part.takes, start=part.sources):
            number = None
            if len(sets) > 1:
                texts = tuple("+".join(map(str, some)) for some in sets)
                number = self._column("inputs of", place.at("", f"[{target}]"), texts, ordinal=False)
            ends, seen = [], []
            for slot in range(len(sets[0])):
                where = f"[{sets[0][slot]}->{target}]" if number is None else f"[{target}].{slot}"
                last, view = self._part(part.operation, place.at("", where), self._taken(number, sets, slot, nodes))
                ends.append(last)
                seen.append(view)
            nodes.append(self._node((), (SUM,), place.gate, [Arrow(last) for last in ends]))
            chosen.append((number, sets))
            inner.append((number, tuple(seen)))
        arrows = list(self._ends(part, chosen, nodes, place.gate))
        view = views.Cell(tuple(inner), part.takes, part.sources)
        if len(arrows) == 1 and not arrows[0].gate:
            return arrows[0].begin, view
        bypass = [Arrow(entry, place.gate, unless=True)] if place.gate else []
        return self._node((), (SUM,), (), arrows + bypass), view

    def _conditional(self, part: language.Conditional, place: Place, arrows: Sequence[Arrow]) -> tuple[int, views.View]:
        """A node for every choice, absent where the choice plays no part."""
        numbers: dict[str, int] = {}
        choices, when = dict(part.choices), dict(part.when)

        def gate(options: language.Options) -> Gate:
            return tuple(
                self._condition(numbers[name], [one in allowed for one in choices[name].options])
                for name, allowed in options
            )

        last = -1
        for name, choice in part.choices:
            here = place.at(name)
            for alternative in when.get(name, ((),)):
                self.before = f" {quote(name, safe='')}="
                there = replace(here, gate=(*place.gate, *gate(alternative)))
                numbers[name] = self._column("", there, choice.options, choice.ordinal)
            plays = self._condition(numbers[name], [True] * len(choice.options))
            types = [f"{place.label}{name}={option}" for option in choice.options]
            last = self._node((numbers[name],), types, (plays,), arrows)
            arrows = (Arrow(last),)
        self.out.forbidden += [gate(options) for options in part.forbidden]
        inner: dict[str, views.View] = {
            name: views.Value(numbers[name], choice.options) for name, choice in part.choices
        }
        return last, views.Settings(inner)

    def _sources(self, part: language.Dag, place: Place, arrows: Sequence[Arrow]) -> tuple[list[int], int]:
        """The sources of a cell, and its entry: the input of the whole graph if the cell comes first."""
        first = list(arrows) == [Arrow(0)] and not place.gate and not place.repeated
        entry = 0 if first else self._node((), (SUM,), (), arrows)
        if part.sources == 1:
            return [entry], entry
        names = [f"source_{number}" for number in range(part.sources)]
        return [self._node((), (name,), place.gate, (Arrow(entry),)) for name in names], entry

    def _taken(
        self, number: int | None, sets: tuple[tuple[int, ...], ...], slot: int, nodes: Sequence[int]
    ) -> list[Arrow]:
        """The arrows to one of the operations whose results a node sums up."""
        if number is None:
            return [Arrow(nodes[sets[0][slot]])]
        found = []
        for begin in sorted({some[slot] for some in sets}):
            condition = self._condition(number, [some[slot] == begin for some in sets])
            found.append(Arrow(nodes[begin], (condition,)))
        return found

    def _ends(
        self,
        part: language.Dag,
        chosen: Sequence[tuple[int | None, tuple[tuple[int, ...], ...]]],
        nodes: Sequence[int],
        gate: Gate,
    ) -> Iterator[Arrow]:
        """The arrows to the end of a cell."""
        for node in range(part.sources, len(nodes)):
            needed = list(gate)
            for number, sets in chosen[node - part.sources + 1 :] if part.loose else []:
                free = [node not in some for some in sets]
                if not any(free):
                    break
                if not all(free):
                    assert number is not None
                    needed.append(self._condition(number, free))
            else:
                yield Arrow(nodes[node], tuple(needed))

    def _shared(self, choice: language.Choice, place: Place) -> int:
        """The column of a choice of values, which others may share by its name."""
        if choice.name is None:
            return self._column("", place, choice.options, choice.ordinal)
        if self.parts.get(choice.name, choice) != choice:
            raise InputError(f"choice {choice.name}: a part has this name, too; give one of them another")
        here = replace(place, path=choice.name, family=choice.name)
        return self._column("shared", here, choice.options, choice.ordinal)

    def _column(self, kind: str, place: Place, options: tuple[Any, ...], ordinal: bool) -> int:
        """The number of the column of what is chosen in a place: a new one, if none of its kind is known there."""
        shared = kind == "shared"
        number = self.numbers.setdefault((kind, place.path), len(self.out.columns))
        if number == len(self.out.columns):
            prefix = "" if shared or kind == "option" else kind
            name, family = (f"{prefix} {path or 'it'}".strip() for path in (place.path, place.family))
            before = f" {quote(name, safe='')}=" if shared else self.before or "/"
            self.before = self.before if shared else ""
            self.out.columns.append(Column(name, family, options, ordinal, before, [], shared))
            if name in self.names:
                raise InputError(f"choice {name}: two choices have this name; give one of them another")
            self.names.add(name)
        column = self.out.columns[number]
        if column.options != options:
            raise InputError(f"choice {column.name}: is shared, but has different options")
        if place.gate not in column.when:
            column.when.append(place.gate)
        return number

    def _condition(self, column: int, allowed: Sequence[bool]) -> int:
        """The number of a condition."""
        number = self.conditions.setdefault((column, tuple(allowed)), len(self.out.conditions))
        if number == len(self.out.conditions):
            self.out.conditions.append(Condition(column, tuple(allowed)))
        return number

    def _node(self, columns: tuple[int, ...], types: Sequence[str], gate: Gate, arrows: Sequence[Arrow]) -> int:
        """Append a node."""
        self.out.nodes.append(Node(columns, tuple(types), gate))
        number = len(self.out.nodes) - 1
        if number >= MOST_NODES:
            raise InputError(f"description: its graph has more than {MOST_NODES:,} nodes")
        self.out.arrows += [(number, arrow) for arrow in arrows]
        return number


def _inside(place: Place, block: Part) -> Place:
    """Where a block stands that may be left out, or is always the same: a choice of such a block has the same name."""
    return place.at("block") if isinstance(block, language.Optional | language.Repeat) else place


def _always(part: Part) -> bool:
    """Whether a part begins with a layer that is there whenever the part is."""
    match part:
        case language.Chain(parts):
            return _always(parts[0])
        case language.Choice(parts=parts):
            return parts is None
    return isinstance(part, language.Fixed | language.Layer)
