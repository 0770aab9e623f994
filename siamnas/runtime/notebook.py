"""What a notebook shows of an object: small tables of HTML."""

from collections.abc import Iterable, Mapping
from typing import Any

from siamnas.runtime.table import Column, Table


def table(rows: Iterable[Mapping[str, Any]], caption: str = "") -> str:
    """Rows with the same keys as a table of HTML; the keys are its head."""
    rows = list(rows)
    return Table([Column(name) for name in (rows[0] if rows else ())], [list(row.values()) for row in rows]).html(
        caption
    )
