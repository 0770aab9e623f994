"""Results on disk: one line of JSON per architecture, appended when it is measured, in a file per process."""

import json
import logging
import math
import os
import platform
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siamnas.errors import InputError, shown
from siamnas.runtime import regular, strict_json

log = logging.getLogger(__name__)
FOLDER = "rows"  # on disk as in earlier versions, so that commands of both see each other's results


@dataclass(frozen=True)
class Entry:
    """What was measured of one architecture.

    Attributes:
        arch: its name.
        values: one per column, NaN where there is none; empty where it failed.
        seconds: what it took.
        failed: why it has no values; empty where it has.
        trace: of an error that nobody expected.
    """

    arch: str
    values: tuple[float, ...] = ()
    seconds: float = 0.0
    failed: str = ""
    trace: str = ""

    def line(self) -> str:
        """The entry as a line of text."""
        content: dict[str, Any] = {"arch": self.arch, "seconds": self.seconds}
        if self.values:
            content["values"] = [value if math.isfinite(value) else None for value in self.values]
        content |= {key: text for key, text in (("failed", self.failed), ("trace", self.trace)) if text}
        return json.dumps(content) + "\n"

    @classmethod
    def of(cls, line: bytes) -> "Entry":
        """The entry of a line.

        Raises:
            ValueError: it is none, or holds what can't be; the message says why.
        """
        try:
            content = strict_json.loads(line)
            values = tuple(math.nan if value is None else float(value) for value in content.get("values", []))
            texts = (str(content.get(key, "")) for key in ("failed", "trace"))
            entry = cls(str(content["arch"]), values, float(content["seconds"]), *texts)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError("is no result") from error
        if not (entry.values or entry.failed):
            raise ValueError(f"{shown(entry.arch)} has neither values nor a reason why it failed")
        if not 0 <= entry.seconds < math.inf or any(map(math.isinf, entry.values)):
            raise ValueError(f"{shown(entry.arch)} has values or seconds that can't be")
        return entry


@dataclass
class ResultsLog:
    """All results in a folder, read as they come.

    Attributes:
        folder: of the files; made when an entry is written.
        width: how many values a result has; 0 where it is not known.
        token: begins the names of the files of this command, whose processes write one each.
        entries: architecture -> what was measured; a value is not replaced.
        own: those of this command, as they were read.
    """

    folder: Path
    width: int = 0
    token: str = field(default_factory=lambda: f"{platform.node()}.{uuid.uuid4().hex[:12]}")
    entries: dict[str, Entry] = field(default_factory=dict)
    own: list[Entry] = field(default_factory=list)
    _read: dict[str, int] = field(default_factory=dict)  # name of a file -> how many of its bytes were read

    def __contains__(self, arch: str) -> bool:
        return arch in self.entries

    def refresh(self) -> None:
        """Read what has been added, by any process."""
        for path in sorted(self.folder.glob("*.jsonl")):
            for entry in self._new(path):
                if entry.arch not in self.entries or self.entries[entry.arch].failed:
                    self.entries[entry.arch] = entry
                if path.name.startswith(self.token):
                    self.own.append(entry)

    def append(self, entry: Entry) -> None:
        """Add the entry of an architecture that has none; others see it whole or not at all.

        Raises:
            InputError: it can't be written.
        """
        path = self.folder / f"{self.token}.{os.getpid()}.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Closed after each, so that another machine of a shared file system sees it when the lease is given back.
            with path.open("a", encoding="utf-8") as file:
                file.write(entry.line())
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror}") from error
        self.entries[entry.arch] = entry

    def forget_failures(self) -> None:
        """Treat what has failed so far as not measured."""
        self.entries = {arch: entry for arch, entry in self.entries.items() if not entry.failed}

    def _new(self, path: Path) -> Iterator[Entry]:
        """The entries of a file that were not read before; the last line counts when its end is there."""
        begin = self._read.get(path.name, 0)
        try:
            if path.stat().st_size <= begin:
                return
            with regular.opened(path) as file:
                file.seek(begin)
                whole, newline, _ = file.read().rpartition(b"\n")
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}") from error
        self._read[path.name] = begin + len(whole) + len(newline)
        for line in filter(None, whole.split(b"\n")):
            try:
                entry = Entry.of(line)
                if self.width and len(entry.values) not in (self.width, 0 if entry.failed else self.width):
                    raise ValueError(f"{shown(entry.arch)} has {len(entry.values)} values and must have {self.width}")
            except ValueError as error:
                log.warning("%s: a line is left out: %s", path, error)
                continue
            yield entry
