"""Numbers in the cells of tables, which may come from anybody."""

import math
from typing import Any

EMPTY = ("", "NA", "N/A", "n/a", "null", "NULL", "None", "<NA>")  # what tables write where nothing was measured


def number(value: Any) -> float:
    """A number of a cell, NaN where nothing was measured; as spreadsheets write it, not as other languages do.

    Raises:
        TypeError: it is none, such as a truth or a list.
        ValueError: it is none, such as `0,93`, `1_000` or digits of another alphabet.
        OverflowError: it is an integer that is too large.
    """
    if value is None or (isinstance(value, str) and value in EMPTY):
        return math.nan
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, bytes):
        return number(value.decode())
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise ValueError
    return float(value)
