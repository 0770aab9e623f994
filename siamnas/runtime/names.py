"""Names that people tell apart."""

from collections import Counter
from collections.abc import Iterable
from unicodedata import normalize


def look(name: str) -> str:
    """What a reader sees of a name: no blanks around it, and one form of each letter."""
    return normalize("NFC", name.strip())


def alike(names: Iterable[str]) -> str | None:
    """What two names look like; None where all look different."""
    for seen, count in Counter(map(look, names)).most_common(1):
        return seen if count > 1 else None
    return None
