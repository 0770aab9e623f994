"""Names and columns as somebody gives them in Python: read in full, or refused by name."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from siamnas.errors import InputError, literal
from siamnas.graphs.arrays import FloatArray
from siamnas.runtime.arguments import array

LONGEST = 1000  # characters of a name


def several(what: str, given: Any) -> list[Any]:
    """What is given for each of several things; no text, whose letters would be taken for them.

    Raises:
        InputError: it is no list.
    """
    if isinstance(given, str | bytes | Mapping | set | frozenset) or not isinstance(given, Iterable):
        raise InputError(f"{what}: must be a list, not {literal(given)}")
    _check_order(what, given)
    return list(given)


def _check_order(what: str, given: Any) -> None:
    """Check that a series of pandas lies as its numbers say; one that was sorted by something else does not.

    Raises:
        InputError: it does not.
    """
    labels = _labels(given)
    numbered = labels and all(isinstance(label, int | np.integer) for label in labels)
    if numbered and any(one > other for one, other in pairwise(labels)):
        raise InputError(f"{what}: its index is in another order than its rows: sort_index(), or to_list()")


def _labels(given: Any) -> list[Any]:
    """The labels of a series of pandas; none of anything else."""
    index = getattr(given, "index", None)
    return [] if index is None or callable(index) else list(index)


def text(what: str, given: Any) -> str:
    """A name that can be printed, and is the same wherever it is written and read.

    Raises:
        InputError: it is none.
    """
    if not isinstance(given, str) or not given.isprintable() or not 0 < len(given) <= LONGEST:
        raise InputError(f"{what}: {literal(given)}: must be a name of at most {LONGEST} printable characters")
    return str(given)


def columns(given: Any, names: Sequence[str]) -> dict[str, FloatArray]:
    """Free columns by name, (M,) each; NaN where a value is missing.

    Args:
        given: name -> a number for each architecture in their order, or these by name, as a dictionary or series.
        names: of the architectures.

    Raises:
        InputError: names the column, and what is wrong with it.
    """
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise InputError(f"columns: must be a dictionary of lists of numbers, not a {kind}; dict(frame) makes one")
    return {text("columns", key): _numbers(f"columns[{key!r}]", values, names) for key, values in given.items()}


def _numbers(what: str, given: Any, names: Sequence[str]) -> FloatArray:
    """(M,) one column."""
    ordered, wanted = _by_name(what, given, names), f"{what}: must be {len(names)} numbers, one per architecture"
    numbers = array(wanted, ordered)
    if numbers.shape != (len(names),):
        raise InputError(f"{wanted}, is {numbers.shape}")
    if np.isinf(numbers).any():
        raise InputError(f"{wanted}, and that of {names[int(np.isinf(numbers).argmax())]} is infinite; NaN is unknown")
    return numbers


def _by_name(what: str, given: Any, names: Sequence[str]) -> Any:
    """Values in the order of the architectures, where they are given by name."""
    labels = list(given) if isinstance(given, Mapping) else _labels(given)
    if not isinstance(given, Mapping) and not any(isinstance(label, str) for label in labels):
        if not hasattr(given, "dtype"):
            return several(what, given)
        _check_order(what, given)
        return given
    if len(set(labels)) < len(labels) or set(labels) != set(names):
        raise InputError(f"{what}: has one value for each of the names of the architectures, or for none by name")
    return np.array([given[name] for name in names], dtype=object)
