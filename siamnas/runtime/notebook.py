"""What a notebook shows of an object: small tables of HTML."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any


def table(rows: Iterable[Mapping[str, Any]], caption: str = "") -> str:
    """Rows with the same keys as a table of HTML; the keys are its head."""
    rows = list(rows)
    title = [f"<caption>{escape(caption)}</caption>"] if caption else []
    head = [_row("th", rows[0])] if rows else []
    return "\n".join(["<table>", *title, *head, *(_row("td", row.values()) for row in rows), "</table>"])


def _row(tag: str, cells: Iterable[Any]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(str(cell))}</{tag}>' for cell in cells)}</tr>"
