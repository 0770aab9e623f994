"""Names of node types, for people: `k3e6`."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from siamnas.spaces.described.language import Choice


def layer_name(properties: Sequence[tuple[str, Choice]], label: str = "", alone: bool = False) -> tuple[str, ...]:
    """The name of a layer for every combination of its properties, the last one fastest.

    Args:
        properties: names, and the choices of values.
        label: what all names begin with.
        alone: whether a choice is the whole layer: then a text is the name of its operation.
    """
    rows = list(product(*(choice.options for _, choice in properties)))
    if alone and not properties[0][1].ordinal:
        return tuple(f"{label}{value}" for (value,) in rows)
    short = all(len(name) == 1 for name, _ in properties)
    made = [("" if short else "-").join(_one(*pair, short) for pair in _named(properties, row)) for row in rows]
    if len(set(made)) < len(made):  # texts that hold a dash, or are the same for two properties
        made = [",".join(f"{name}={value}" for name, value in _named(properties, row)) for row in rows]
    return tuple(label + name for name in made)


def _named(properties: Sequence[tuple[str, Choice]], row: Sequence[Any]) -> list[tuple[str, Any]]:
    """(name, value) of each property."""
    return [(name, value) for (name, _), value in zip(properties, row, strict=True)]


def _one(name: str, value: Any, short: bool) -> str:
    """A property and its value."""
    if isinstance(value, bool):
        value = int(value)
    return str(value) if isinstance(value, str) and not short else f"{name}{value}"
