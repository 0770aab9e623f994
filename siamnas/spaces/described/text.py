"""Architectures as short stable texts: `embed=384 layers=10:2/8,3/12 bias=True`."""

import re
from collections.abc import Sequence
from urllib.parse import quote

import numpy as np

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import IntArray
from siamnas.spaces.described.encoding import OUT, Rows
from siamnas.spaces.described.lowered import Column, Gate, Lowered

SEPARATORS = re.compile(r"[ ,/:]+")


class Texts:
    """The options of all choices that play a part in a row, in their order, as a text.

    Args:
        lowered: the description.
        name: of the space, for messages.
    """

    def __init__(self, lowered: Lowered, name: str) -> None:
        self.lowered, self.name = lowered, name
        self._options = [[quote(str(one), safe="+~()*") for one in column.options] for column in lowered.columns]
        self._before = [column.before for column in lowered.columns]

    def describe(self, row: Rows) -> str:
        """The text of a row (C,)."""
        chosen = zip(self._before, self._options, row.tolist(), strict=True)
        return "".join([before + options[one] for before, options, one in chosen if one >= 0]).lstrip(" ")

    def parse(self, text: str) -> Rows:
        """The row (C,) of a text.

        Raises:
            InputError: `describe` makes this text of no row.
        """
        row = np.full(len(self._before), OUT, np.int16)
        tokens = [token for token in SEPARATORS.split(text) if token]
        for number, column in enumerate(self.lowered.columns):
            if tokens and self._plays(column, row, tokens[0]):
                row[number] = self._option(number, tokens.pop(0), text)
        complete = all(
            (number >= 0) == any(self.holds(gate, row) for gate in column.when)
            for column, number in zip(self.lowered.columns, row, strict=True)
        )
        if tokens or not complete or self.describe(row) != text:
            raise InputError(f"{self.name}: no architecture {shown(text)!r}")
        return row

    def holds(self, gate: Gate, row: Sequence[int] | IntArray) -> bool:
        """Whether all conditions of a gate hold in a row (C,)."""
        for number in gate:
            condition = self.lowered.conditions[number]
            option = row[condition.column]
            if option < 0 or not condition.allowed[option]:
                return False
        return True

    def _plays(self, column: Column, row: Rows, token: str) -> bool:
        """Whether the next token is that of a column; shared ones are named, as what they depend on may come later."""
        if column.shared:
            return token.startswith(column.before[1:])
        return any(self.holds(gate, row) for gate in column.when)

    def _option(self, number: int, token: str, text: str) -> int:
        """The number of the option of a token."""
        options, value = self._options[number], token.rpartition("=")[2]
        if value in options:
            return options.index(value)
        what = f"{self.lowered.columns[number].name} is {value}, must be one of {shown(', '.join(options))}"
        raise InputError(f"{self.name}: no architecture {shown(text)!r}: {what}")
