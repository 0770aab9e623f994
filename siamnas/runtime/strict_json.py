"""JSON that may come from anybody: whatever is wrong with it is one kind of error."""

import json
import math
from typing import Any

from siamnas.errors import shown


def loads(text: str | bytes) -> Any:
    """A value of JSON whose objects have each key once: of two equal ones it would not be clear which is meant.

    Raises:
        ValueError: it is none; `json.JSONDecodeError`, which says where, if that is in its syntax.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _finite(text: str) -> float:
    """A number, which JSON writes with any exponent."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{shown(text)} is beyond all floats")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"key {shown(next(key for key in keys if keys.count(key) > 1))} is there twice")
    return found
