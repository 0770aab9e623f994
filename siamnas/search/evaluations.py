"""The door of a search: which architecture is meant, and what counts as its value; for Python and the command line."""

import math
import numbers
import operator
import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from decimal import Decimal
from typing import Any

import numpy as np

from siamnas.errors import InputError, literal, shown
from siamnas.search.architecture import Architecture
from siamnas.search.catalog import Catalog, unknown
from siamnas.search.told import Missing, Told

ALLOWED = "must be a number, or None or NaN for an evaluation that failed"
ZERO = re.compile(r"0.")
BY_KEY: Any = object()
"""Stands for the values of a dictionary from architectures to values."""


def paired(
    catalog: Catalog, archs: Any, values: Any, what: str = "tell", new: bool = False, told: Sequence[str] = ()
) -> dict[int, float]:
    """Number -> value of what was evaluated, NaN for a failed evaluation.

    Args:
        catalog: of the space.
        archs: one architecture or several, see `find`; or a mapping from architectures to values.
        values: of each, in the same order, or by the same keys; `BY_KEY` where `archs` is a mapping.
        what: for messages.
        new: see `find`.
        told: see `value`.

    Raises:
        InputError: an architecture is none, or is there twice; a value is no number; the numbers of both differ.
    """
    if values is BY_KEY and isinstance(archs, Mapping):
        archs, values = list(archs), list(archs.values())
    elif values is BY_KEY:
        raise InputError(f"{what}: needs architectures and values, or a dictionary of both")
    elif _is_one(archs):
        archs, values = [archs], values if _is_by_key(values, told) else [values]
    labels = _labels(archs), _labels(values)
    archs = _listed(what, archs, "architectures")
    found = [find(catalog, arch, new) for arch in archs]
    if len(set(found)) < len(found):
        twice = next(arch for arch in found if found.count(arch) > 1)
        raise InputError(f"{what}: {shown(catalog.text(twice))} (index {twice}) is there twice")
    values = _in_order(catalog, found, labels, values, what)
    if isinstance(values, Mapping):
        values = _by_key(catalog, found, values, what)
    given = _listed(what, values, "values")
    if len(found) != len(given):
        raise InputError(f"{what}: {len(found)} architectures, but {len(given)} values")
    said = (f"{what}: {shown(catalog.text(arch))} (index {arch})" for arch in found)
    return {arch: value(one, name, told) for arch, one, name in zip(found, given, said, strict=True)}


def by_reason(values: Mapping[int, float]) -> dict[str, dict[int, float]]:
    """Values by why they are missing; empty where they are not, or nothing is known but that."""
    found: dict[str, dict[int, float]] = {}
    for arch, one in values.items():
        found.setdefault(one.why if isinstance(one, Missing) else "", {})[arch] = one
    return found


def several(what: str, archs: Any) -> list[Any]:
    """One architecture or several as a list.

    Raises:
        InputError: it is no list of them.
    """
    return [archs] if _is_one(archs) else _listed(what, archs, "architectures")


def find(catalog: Catalog, arch: Any, new: bool = False) -> int:
    """The number of an architecture: a text is its name, an integer its index.

    Args:
        catalog: of the space.
        arch: a name, an index, or what `ask` has returned.
        new: whether an architecture of a domain may be one that the search has not seen.

    Raises:
        InputError: there is no such architecture.
    """
    if isinstance(arch, Architecture | str):
        # An architecture of another journal may have another number here; its name is the same.
        text = arch.name if isinstance(arch, Architecture) else str(arch)
        number = catalog.number(text, new)
        if number is None:
            raise unknown(catalog, text)
        return number
    try:
        number = operator.index(arch)
    except TypeError:
        number = None
    if number is None or isinstance(arch, bool | np.bool_):
        raise InputError(f"{literal(arch)}: must be the name of an architecture, or its index, an integer")
    if not 0 <= number < catalog.size:
        raise InputError(f"index {number}: must be from 0 to {catalog.size - 1}")
    return number


def either(catalog: Catalog, text: str) -> int:
    """The number of an architecture where a text may be a name or an index, as the keys of JSON are.

    Raises:
        InputError: there is no such architecture; or two, one of this name and one of this index.
    """
    named = catalog.number(text)
    # With zeros before it, it is how files are called, not an index.
    indexed = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and not ZERO.match(text) else None
    if indexed is not None and indexed >= catalog.size:
        indexed = None if named is not None else find(catalog, indexed)
    if named is not None and indexed is not None and named != indexed:
        raise InputError(
            f"{text}: may be the architecture of this name, whose index is {named}, or that of this index, whose name "
            f'is {shown(catalog.text(indexed))}; say {{"architecture": "{text}"}} or {{"index": {text}}}'
        )
    number = indexed if named is None else named
    if number is None:
        raise unknown(catalog, text)
    return number


def value(given: Any, name: str, told: Sequence[str] = ()) -> float:
    """What an architecture is worth; NaN where its evaluation failed.

    Args:
        given: a number, an array of one, or a missing or infinite value for a failed evaluation; where several numbers
            are told, a dictionary of them, which has failed where one is missing.
        name: of the architecture, for messages.
        told: the names of several numbers; none where it is one number without a name.

    Raises:
        InputError: it is no number, or the numbers have other names.
    """
    if isinstance(given, Told | Missing) or _is_missing(given):
        return given if isinstance(given, Told | Missing) else math.nan
    if told and (isinstance(given, Mapping) or len(told) > 1):
        return _by_name(given, name, told)
    number = _number(given, name)
    return Told({told[0]: number}) if told and math.isfinite(number) else number


def _by_name(given: Any, name: str, told: Sequence[str]) -> float:
    """See `value`; several numbers by name."""
    needed = f"must be a dictionary of {', '.join(told)}, or None for an evaluation that failed"
    if not isinstance(given, Mapping):
        if isinstance(given, numbers.Real) and not isinstance(given, bool) and math.isnan(given):
            return math.nan
        raise InputError(f"{name}: {literal(given)} {needed}")
    if unknown := [key for key in given if key not in told]:
        raise InputError(f"{name}: {literal(unknown[0])} is none of its objectives; {needed}")
    if lacking := [key for key in told if key not in given]:
        raise InputError(f"{name}: {', '.join(lacking)} is missing; {needed}")
    found = {key: _number(given[key], f"{name}: {key}") for key in told}
    missing = tuple(key for key, number in found.items() if math.isnan(number))
    return Missing(missing) if missing else Told(found)


def _number(given: Any, name: str) -> float:
    """See `value`; one number."""
    if _is_missing(given):
        return math.nan
    number = _alone(given)
    if _is_missing(number):
        return math.nan
    if isinstance(number, bool | np.bool_) or not isinstance(number, numbers.Real | Decimal):
        raise InputError(f"{name}: {literal(given)} {ALLOWED}")
    try:
        read = float(number)
    except (OverflowError, ValueError) as error:
        raise InputError(f"{name}: {literal(given)} {ALLOWED} ({error})") from None
    if math.isinf(read) and number != read:
        raise InputError(f"{name}: {literal(given)} {ALLOWED} (it is beyond all floats)")
    return read if math.isfinite(read) else math.nan


def _alone(given: Any) -> Any:
    """The element of an array, tensor or series that holds one; anything else as it is."""
    shape = getattr(given, "shape", None)
    if not isinstance(shape, tuple) or not hasattr(given, "item") or any(length != 1 for length in shape):
        return given
    if np.ma.is_masked(given):
        return None
    try:
        return given.item()
    except Exception:  # a tensor without values, for example
        return given


def _is_missing(given: Any) -> bool:
    """Whether a value is one of those that say that there is none."""
    # pandas says it of its own kinds without being imported for it.
    return given is None or given is np.ma.masked or type(given).__name__ in ("NAType", "NaTType")


def _is_by_key(values: Any, told: Sequence[str]) -> bool:
    """Whether the value of one architecture is given by architecture, and is not a dictionary of its numbers."""
    if not isinstance(values, Mapping) or not told:
        return isinstance(values, Mapping)
    return any(isinstance(one, Mapping) for one in values.values()) or not all(isinstance(key, str) for key in values)


def _is_one(archs: Any) -> bool:
    """Whether this is one architecture, not several."""
    return isinstance(archs, str | numbers.Number) or getattr(archs, "shape", None) == ()


def _listed(what: str, given: Any, name: str) -> list[Any]:
    """Several architectures or values as a list, in an order that is theirs.

    Raises:
        InputError: what is given is no list of them.
    """
    shape = getattr(given, "shape", None)
    ordered = isinstance(given, Sized) and isinstance(given, Iterable) and hasattr(given, "__getitem__")
    if not ordered or isinstance(given, str | bytes | Mapping) or (shape is not None and len(shape) != 1):
        kind = type(given).__name__ + (f" of shape {tuple(shape)}" if shape is not None else "")
        raise InputError(f"{what}: the {name} must be a list, or an array of one dimension, not a {kind}")
    return list(given)


def _labels(given: Any) -> list[Any] | None:
    """The labels of a series of pandas; None for anything else."""
    index = getattr(given, "index", None)
    return None if index is None or callable(index) or getattr(given, "ndim", 0) != 1 else list(index)


def _is_numbered(values: Any) -> bool:
    """Whether the labels of a series are those that pandas gives to lines without any."""
    return type(values.index).__name__ == "RangeIndex"


def _in_order(
    catalog: Catalog, archs: list[int], labels: tuple[list[Any] | None, list[Any] | None], values: Any, what: str
) -> Any:
    """The values of a series by architecture, where these are its labels, in whatever order; else as they are.

    Raises:
        InputError: both are series, of other labels, so that it is not clear what belongs together.
    """
    those, these = labels
    if these == sorted(archs) != archs and these == list(range(len(archs))) and not _is_numbered(values):
        raise InputError(f"{what}: the labels of the values may be lines or architectures; give a list or a dictionary")
    if these is None or these == list(range(len(archs))) or those == these:
        return values
    if those is not None:
        raise InputError(f"{what}: the architectures and the values are series with other labels; give lists of both")
    try:
        named = [find(catalog, label) for label in these]
    except InputError:
        return values  # it has lines of some table
    return dict(zip(named, list(values), strict=True)) if sorted(named) == sorted(archs) else values


def _by_key(catalog: Catalog, archs: list[int], values: Mapping[Any, Any], what: str) -> list[Any]:
    """The values of some architectures, which are given by architecture."""
    by_number = dict(zip([find(catalog, key) for key in values], values.values(), strict=True))
    if len(by_number) < len(values) or by_number.keys() != set(archs):
        raise InputError(f"{what}: the values are of other architectures ({literal(list(values))})")
    return [by_number[arch] for arch in archs]
