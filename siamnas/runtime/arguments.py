"""Arguments of the Python door: of the right kind, or refused by name."""

import math
import numbers
import operator
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siamnas.errors import InputError, literal, reason, shown

NUMBERS = "biufO"  # kinds of arrays that may hold numbers


def whole(name: str, given: Any, least: int) -> int:
    """An argument that must be an integer of at least `least`; those of numpy are, True is none.

    Raises:
        InputError: it is something else.
    """
    try:
        read = operator.index(given)
    except TypeError:
        read = least - 1
    if isinstance(given, bool | np.bool_) or read < least:
        raise InputError(f"{name}={literal(given)}: must be an integer of at least {least}")
    return read


def flag(name: str, given: Any) -> bool:
    """An argument that must be true or false.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(given, bool | np.bool_):
        raise InputError(f"{name}={literal(given)}: must be True or False")
    return bool(given)


def word(name: str, given: Any, allowed: Collection[str]) -> str:
    """An argument that is one of some words.

    Raises:
        InputError: names it, the value, and what is allowed.
    """
    if given not in allowed:
        raise InputError(f"{name}={shown(str(given))}: must be one of {', '.join(allowed)}")
    return str(given)


def number(name: str, given: Any, above: float = -math.inf) -> float:
    """An argument that must be a number above another.

    Raises:
        InputError: it is something else.
    """
    try:
        read = float(given) if isinstance(given, numbers.Real) and not isinstance(given, bool) else math.nan
    except OverflowError:
        read = math.inf
    if not above < read < math.inf:
        raise InputError(f"{name}={literal(given)}: must be a number{f' above {above:g}' * (above > -math.inf)}")
    return read


def array(wanted: str, given: Any) -> NDArray[np.float64]:
    """Numbers as an array of any shape, NaN where they are masked or missing; texts, dates and complex ones are none.

    Raises:
        InputError: it holds something else; begins with what is wanted.
    """
    try:
        found = np.ma.asarray(given.detach() if hasattr(given, "detach") else given)
        texts = found.dtype == "O" and any(isinstance(value, str | bytes) for value in found.flat)
        if found.dtype.kind not in NUMBERS or texts:
            raise InputError(f"{wanted}, not of type {found.dtype}")
        return np.ma.filled(found.astype(np.float64), np.nan)
    except (TypeError, ValueError, OverflowError) as error:
        raise error if isinstance(error, InputError) else InputError(f"{wanted} ({reason(error)})") from None


def words(name: str, given: Any) -> tuple[str, ...]:
    """An argument that must be a list of words; neither one that can be gone through but once, nor one without order.

    Raises:
        InputError: it is something else.
    """
    if not isinstance(given, list | tuple) or not all(isinstance(word, str) for word in given):
        raise InputError(f"{name}={literal(given)}: must be a list of words such as 'trainer=fast'")
    return tuple(map(str, given))
