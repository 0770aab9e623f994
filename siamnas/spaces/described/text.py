"""Architectures as short stable texts: `embed=384 layers=10:2/8,3/12 bias=True`."""

import re
from urllib.parse import quote

import numpy as np

from siamnas.errors import InputError, shown
from siamnas.spaces.described.lowering import Column, Gate, Lowered
from siamnas.spaces.described.rows import OUT, Rows

SEPARATORS = re.compile(r"[ ,/:]+")


def describe(lowered: Lowered, row: Rows) -> str:
    """The options of all choices that play a part in a row (C,), in their order."""
    parts = [
        column.before + quote(str(column.options[number]), safe="+~()*")
        for column, number in zip(lowered.columns, row.tolist(), strict=True)
        if number >= 0
    ]
    return "".join(parts).lstrip(" ")


def parse(lowered: Lowered, text: str, name: str) -> Rows:
    """The row (C,) of a text.

    Raises:
        InputError: `describe` makes this text of no row; `name` is that of the space.
    """
    row = np.full(len(lowered.columns), OUT, np.int16)
    tokens = [token for token in SEPARATORS.split(text) if token]
    for number, column in enumerate(lowered.columns):
        if tokens and _plays(lowered, column, row, tokens[0]):
            row[number] = _option(column, tokens.pop(0), text, name)
    if tokens or describe(lowered, row) != text:
        raise InputError(f"{name}: no architecture {shown(text)!r}")
    return row


def holds(lowered: Lowered, gate: Gate, row: Rows) -> bool:
    """Whether all conditions of a gate hold in a row (C,)."""
    conditions = [lowered.conditions[number] for number in gate]
    return all(row[one.column] >= 0 and one.allowed[row[one.column]] for one in conditions)


def _plays(lowered: Lowered, column: Column, row: Rows, token: str) -> bool:
    """Whether the next token is that of a column; shared ones are named, since what they depend on may come later."""
    if column.shared:
        return token.startswith(column.before[1:])
    return any(holds(lowered, gate, row) for gate in column.when)


def _option(column: Column, token: str, text: str, name: str) -> int:
    """The number of the option of a token."""
    options = [quote(str(option), safe="+~()*") for option in column.options]
    value = token.rpartition("=")[2]
    if value not in options:
        allowed = shown(", ".join(options))
        raise InputError(f"{name}: no architecture {shown(text)!r}: {column.name} is {value}, must be one of {allowed}")
    return options.index(value)
