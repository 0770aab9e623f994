"""How many architectures a description has."""

from collections import Counter
from math import prod
from typing import Any

from siamnas.spaces.described import language
from siamnas.spaces.described.language import Part

MOST = 100_000

Counts = Counter[frozenset[tuple[str, int]]]
"""Ways to choose what is not shared, by the shared choices (name, options) that play a part."""


class _TooMany(Exception):
    """There are too many combinations to count."""


def size(description: Part) -> int | None:
    """Number of rows, exactly; those whose graphs are isomorphic are counted apart, as benchmarks do.

    None where there are more than `MOST` combinations of choices that decide whether others play a part.
    """
    try:
        counts = _count(description)
    except _TooMany:
        return None
    return sum(ways * prod(options for _, options in shared) for shared, ways in counts.items())


def _count(part: Part) -> Counts:
    """See `Counts`."""
    match part:
        case language.Fixed():
            return _one()
        case language.Choice(options, parts, name):
            if parts is not None:
                return sum((_one() if part is None else _count(part) for part in parts), Counter())
            return _one(len(options)) if name is None else Counter({frozenset([(name, len(options))]): 1})
        case language.Layer(properties):
            return _product(*(_count(choice) for _, choice in properties))
        case language.Chain(parts):
            return _product(*map(_count, parts))
        case language.Optional(block):
            return _one() + _count(block)
        case language.Repeat():
            return _repeated(part)
        case language.Conditional():
            return _one(_conditional(part))
        case language.Dag(operation, _, takes):
            slots = [_count(operation)] * sum(len(sets[0]) for sets in takes)
            return _product(_one(prod(map(len, takes))), *slots)


def _repeated(part: language.Repeat) -> Counts:
    """All depths together."""
    block, power = _count(part.block), _one()
    total: Counts = Counter()
    for depth in range(part.hi + 1):
        if depth >= part.lo:
            total += power
        if depth == 0 or not part.same:
            power = _product(power, block)
    return total


def _conditional(part: language.Conditional) -> int:
    """All combinations of the choices that decide, and for each of them the options of the others that play a part."""
    when = dict(part.when)
    deciding = {name for _, alternatives in part.when for one in alternatives for name, _ in one}
    states: list[tuple[dict[str, Any], int]] = [({}, 1)]
    for name, choice in part.choices:
        after: list[tuple[dict[str, Any], int]] = []
        for chosen, ways in states:
            gates = when.get(name, ((),))
            if not any(all(chosen.get(parent, _Out) in allowed for parent, allowed in gate) for gate in gates):
                after.append((chosen, ways))
            elif name in deciding:
                after += [({**chosen, name: option}, ways) for option in choice.options]
            else:
                after.append((chosen, ways * len(choice.options)))
        states = after
        if len(states) > MOST:
            raise _TooMany
    return sum(ways for _, ways in states)


class _Out:
    """What a choice has that plays no part."""


def _product(*counts: Counts) -> Counts:
    """Of choices that are independent but for what is shared."""
    found = _one()
    for other in counts:
        found = sum((Counter({a | b: m * n}) for a, m in found.items() for b, n in other.items()), Counter())
    return found


def _one(ways: int = 1) -> Counts:
    """So many ways, without a shared choice."""
    return Counter({frozenset(): ways})
