"""Results of evaluations as JSON."""

import json
from collections.abc import Callable
from typing import Any

from siamnas.errors import InputError, shown
from siamnas.runtime import strict_json
from siamnas.search import evaluations
from siamnas.search.catalog import Catalog

FORM = """[{"index": 3, "value": 0.71}, {"architecture": "...", "value": null}, ...] or {"3": 0.71, ...}"""
KEYS = {"index", "architecture", "value"}


def read(text: str, catalog: Catalog, new: bool = False) -> tuple[list[int | str], list[Any]]:
    """Architectures, and what each is worth.

    Args:
        text: see `FORM`.
        catalog: of the space.
        new: whether one may have no number yet; it stays a text then.

    Raises:
        InputError: it is something else, a key is there twice, or it is not clear which architecture is meant.
    """
    try:
        given = strict_json.loads(text)
    except ValueError as error:
        raise InputError(f"tell: not valid JSON ({error})") from error
    if isinstance(given, dict) and not _is_row(given):
        return [_named(key, catalog, new, evaluations.either) for key in given], list(given.values())
    rows = given if isinstance(given, list) else [given]
    return [_arch(row, catalog, new) for row in rows], [row["value"] for row in rows]


def _is_row(given: dict[str, Any]) -> bool:
    """Whether an object is one result, not several by architecture."""
    return "value" in given and ("index" in given or "architecture" in given)


def _named(text: str, catalog: Catalog, new: bool, find: Callable[[Catalog, str], int]) -> int | str:
    """The architecture of a text; the text itself where it has no number, and need have none."""
    if new and catalog.grows and not text.isdecimal() and catalog.number(text) is None:
        return text
    return find(catalog, text)


def _arch(row: Any, catalog: Catalog, new: bool) -> int | str:
    """The architecture of a row."""
    if not isinstance(row, dict) or not _is_row(row) or row.keys() > KEYS or not row.keys() <= KEYS:
        raise InputError(
            f"tell: {shown(json.dumps(row))}: must have an index or an architecture, and a number as value, and no "
            "other key"
        )
    index, name = row.get("index"), row.get("architecture")
    if not isinstance(index, int | None) or isinstance(index, bool) or not isinstance(name, str | None):
        raise InputError(f"tell: {shown(json.dumps(row))}: an index is an integer, an architecture is a text")
    found: list[int | str] = [] if index is None else [evaluations.find(catalog, index)]
    found += [] if name is None else [_named(name, catalog, new, evaluations.find)]
    if len(set(found)) != 1:
        raise InputError(f"tell: {shown(json.dumps(row))}: the index and the architecture must be the same")
    return found[0]
