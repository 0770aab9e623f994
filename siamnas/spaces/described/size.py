"""How many architectures a description has."""

from collections import Counter
from math import prod

from siamnas.spaces.described import language
from siamnas.spaces.described.language import Part

Counts = Counter[frozenset[tuple[str, int]]]
"""Ways to choose what is not shared, by the shared choices (name, options) that play a part."""


def size(description: Part) -> int:
    """Number of rows, exactly; those whose graphs are isomorphic are counted apart, as benchmarks do."""
    return sum(ways * prod(options for _, options in shared) for shared, ways in _count(description).items())


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


def _product(*counts: Counts) -> Counts:
    """Of choices that are independent but for what is shared."""
    found = _one()
    for other in counts:
        found = sum((Counter({a | b: m * n}) for a, m in found.items() for b, n in other.items()), Counter())
    return found


def _one(ways: int = 1) -> Counts:
    """So many ways, without a shared choice."""
    return Counter({frozenset(): ways})
