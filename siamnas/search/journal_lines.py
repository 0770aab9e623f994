"""The lines of a journal: how they are read, what is torn, and whose file it is."""

import json
from pathlib import Path
from typing import Any

from siamnas.errors import InputError
from siamnas.runtime import regular, strict_json

FILE = "journal.jsonl"
FIRST_KEY = "siamnas"  # of the first line of every journal
BEGIN = f'{{"{FIRST_KEY}":'.encode()
CUT = 8  # bytes at the end of a torn line that may be a part of a number or a word
Entry = dict[str, Any]


def entries_of(folder: Path) -> list[Entry]:
    """All whole lines of a journal as it is now, read without a lock; none where there is no journal.

    Raises:
        InputError: it can't be read or understood.
    """
    path = folder / FILE
    try:
        content = regular.content(path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"journal={folder}: cannot be read: {error.strerror}") from error
    whole, torn = split(content)
    entries = parsed(whole, path, 1)
    check_first(entries, torn, path)
    return entries


def split(content: bytes) -> tuple[list[bytes], bytes]:
    """The whole lines of a journal, and a torn one at its end, which is the beginning of an object.

    Anything else that stands at the end, such as an object that lacks the end of its line alone, is a line, too.
    """
    *lines, rest = content.split(b"\n")
    return (lines, rest) if not rest or _is_torn(rest) else ([*lines, rest], b"")


def check_first(entries: list[Entry], torn: bytes, path: Path) -> None:
    """A file that does not begin as a journal does is somebody else's.

    Raises:
        InputError: it is.
    """
    if not (FIRST_KEY in entries[0] if entries else torn.startswith(BEGIN) or not torn):
        raise InputError(
            f"{path}, line 1: is damaged: it is not that of a journal of siamnas; the file is left as it is"
        )


def parsed(lines: list[bytes], path: Path, number: int) -> list[Entry]:
    """The entries of lines.

    Args:
        lines: without their ends.
        path: of the file.
        number: of the first of them.

    Raises:
        InputError: names the line that can't be understood.
    """
    entries = []
    for at, line in enumerate(lines, start=number):
        try:
            entry = strict_json.loads(line)
            if not isinstance(entry, dict):
                raise ValueError("not an object")
        except ValueError as error:
            raise InputError(f"{path}, line {at}: is damaged ({error})") from error
        entries.append(entry)
    return entries


def _is_torn(line: bytes) -> bool:
    """Whether a line is that of an object, but for its end."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        # What is missing shows at the end; a number or a word that is cut, where it begins.
        missing = error.msg.startswith(("Unterminated string", "Invalid \\")) or error.pos >= len(line) - CUT
        return line.startswith(b"{") and missing
    except (ValueError, RecursionError):
        pass
    return False


def line(entry: Entry) -> bytes:
    """An entry as a line, with its end."""
    return (json.dumps(entry, separators=(",", ":"), allow_nan=False) + "\n").encode()
