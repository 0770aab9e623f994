"""Names, numbers and options of a description: as Python has them, or refused."""

import math
from typing import Any

import numpy as np

from siamnas.errors import InputError, shown


def _finite(value: Any) -> bool:
    """Whether a value is a text, or a number that a float can hold."""
    try:
        return isinstance(value, str) or math.isfinite(value)
    except OverflowError:
        return False


def integer(value: Any) -> Any:
    """An integer as Python's own, such as one of numpy; anything else as it is."""
    return int(value) if isinstance(value, np.integer) else value


def flag(key: str, value: Any) -> bool:
    """True or False, which a text such as `no` is not."""
    if not isinstance(value, bool):
        raise InputError(f"{key}={value!r}: must be true or false")
    return value


def text(given: str) -> str:
    """A text of a description."""
    if not given.isprintable():
        raise InputError(f"{given!r}: must have printable characters alone")
    return given


def value(value: Any) -> Any:
    """A value of a choice, as Python's own."""
    plain = value.item() if hasattr(value, "item") and np.size(value) == 1 else value
    if not isinstance(plain, str | int | float | bool) or plain == "" or not _finite(plain):
        raise InputError(f"choice: {shown(repr(value))}: an option must be a text or a number; name -> part for more")
    return text(plain) if isinstance(plain, str) else plain
