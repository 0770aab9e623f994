"""What has happened in a search of one's own, in memory and in its journal."""

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import siamnas
from siamnas.config import translate
from siamnas.config.translate import FINGERPRINT
from siamnas.errors import InputError, shown
from siamnas.experiment.identity import BACKEND, KERNELS, VERSIONS
from siamnas.search.journal import Entry, Journal
from siamnas.search.setting import Setting
from siamnas.spaces.listed import Space

WHAT = {
    "graphs": "the architectures of the space",
    "columns": "the free columns of the space",
    "roles": "the roles of the operations",
    "unique": "whether one of equal architectures stands for all",
    "codes": "the Estimation Codes",
}
"""Key of a fingerprint -> what it is of."""
AGAIN = "give the same, or another journal"


class Record:
    """Batches, asks, values and codes of a search.

    Args:
        journal: folder of the journal; None to keep nothing.
        setting: of the search.
        space: that is searched.
        holds: its fingerprint, and that of the Estimation Codes: name -> text.
        stated: results versions and backend, see `siamnas.experiment.identity.stated`.
        place: noted in a new journal: where the space lies.

    Attributes:
        batches: what the strategy has chosen, one list of indices after the other.
        asked: in their order, as the keys of a dict.
        values: index -> what was told; NaN where the evaluation failed.
        codes: index -> Estimation Code that was computed.

    Raises:
        InputError: the journal is that of another search, damaged, or held by another process.
    """

    def __init__(
        self,
        journal: str | Path | None,
        setting: Setting,
        space: Space,
        holds: Mapping[str, str],
        stated: Mapping[str, Any],
        place: Mapping[str, Any] | None = None,
    ) -> None:
        self.batches: list[list[int]] = []
        self.asked: dict[int, None] = {}
        self.values: dict[int, float] = {}
        self.codes: dict[int, list[float]] = {}
        self._journal = None if journal is None else Journal(Path(journal).expanduser())
        if self._journal is None:
            return
        try:
            self._header = {**setting.header, "space": space.name}
            self._decisive: dict[str, Any] = {FINGERPRINT: dict(holds), **stated}
            self._place = dict(place) if place else None
            self._follow(self._journal, space)
        except InputError:
            self.close()
            raise

    @property
    def batch(self) -> list[int]:
        """The last batch, empty before the first."""
        return self.batches[-1] if self.batches else []

    def add_batch(self, archs: list[int]) -> None:
        """The strategy has chosen."""
        self._write({"batch": archs})

    def ask(self, archs: list[int]) -> None:
        """Architectures were handed out."""
        self._write({"ask": archs})

    def tell(self, values: dict[int, float]) -> None:
        """Values have come."""
        if values:
            # JSON has no NaN.
            told = [None if math.isnan(value) else value for value in values.values()]
            self._write({"tell": list(values), "values": told})

    def add_codes(self, codes: dict[int, list[float]]) -> None:
        """Estimation Codes were computed."""
        rows = [[number if math.isfinite(number) else None for number in code] for code in codes.values()]
        self._write({"code": list(codes), "codes": rows})

    def close(self) -> None:
        """Let another process have the journal."""
        if self._journal is not None:
            self._journal.close()

    def _write(self, entry: Entry) -> None:
        """Into the journal first, then into memory."""
        # What is not on disk has not happened.
        if self._journal is not None:
            self._journal.append(entry)
        self._apply(entry)

    def begin(self) -> None:
        """Give a new journal its first line."""
        if self._journal is not None and not self._journal.entries:
            self._journal.append(
                {"siamnas": siamnas.__version__, **self._header, **self._decisive, "place": self._place}
            )

    def _follow(self, journal: Journal, space: Space) -> None:
        """Read what is there."""
        if not journal.entries:
            return
        first, *entries = journal.entries
        self._compare(translated(first), space, journal.path)
        for number, entry in enumerate(entries, start=2):
            try:
                self._check(entry, len(space))
                self._apply(entry)
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                raise InputError(f"{journal.path}, line {number}: is damaged ({error})") from error

    def _compare(self, first: Entry, space: Space, path: Path) -> None:
        """A search of other arguments, or another version, would read the same lines as another story."""
        for key, value in self._header.items():
            if first.get(key) != value:
                raise InputError(f"{key}={value}: the search in {path} has {key}={shown(str(first.get(key)))}; {AGAIN}")
        holds, held = self._decisive[FINGERPRINT], first.get(FINGERPRINT)
        if not isinstance(held, dict):  # of a version that looked at the graphs alone
            held = holds if first.get("digest") == digest(space) else {**holds, "graphs": None}
        for key, value in holds.items():
            if held.get(key) != value:
                raise InputError(f"{key}: differs from that of the search in {path} ({WHAT[key]}); {AGAIN}")
        for key, usual in ((VERSIONS, {}), (BACKEND, KERNELS)):
            now, then = self._decisive.get(key, usual), first.get(key, usual)
            if now != then:
                raise InputError(
                    f"the search in {path} was begun with other {key} ({shown(str(then or 'all 1'))}, here "
                    f"{now or 'all 1'}), so that it would go another way; begin another journal"
                )

    def _apply(self, entry: Entry) -> None:
        """Take one entry."""
        if "batch" in entry:
            self.batches.append(entry["batch"])
        elif "ask" in entry:
            self.asked |= dict.fromkeys(entry["ask"])
        elif "tell" in entry:
            values = [math.nan if value is None else float(value) for value in entry["values"]]
            self.values |= dict(zip(entry["tell"], values, strict=True))
        elif "code" in entry:
            rows = [[math.nan if number is None else float(number) for number in row] for row in entry["codes"]]
            self.codes |= dict(zip(entry["code"], rows, strict=True))
        else:
            raise ValueError(f"unknown entry {', '.join(entry)}")

    def _check(self, entry: Entry, size: int) -> None:
        """All indices of an entry must be those of architectures, each once, and follow what has happened."""
        for key in ("batch", "ask", "tell", "code"):
            archs = entry.get(key, [])
            for arch in archs:
                if type(arch) is not int or not 0 <= arch < size:
                    raise ValueError(f"{shown(str(arch))} is no architecture")
            if not isinstance(archs, list) or len(set(archs)) < len(archs):
                raise ValueError(f"{key} must be a list of different architectures")
        if not set(entry.get("ask", [])) <= set(self.batch) - self.asked.keys():
            raise ValueError("asks for architectures that were not chosen, or asked for before")
        if not set(entry.get("tell", [])) <= self.asked.keys() - self.values.keys():
            raise ValueError("tells of architectures that were not asked for, or told before")


def translated(header: Entry) -> Entry:
    """The first line of a journal, its overrides in today's words, whichever version has written it."""
    words = header.get("overrides")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return header
    return header | {"overrides": translate.words(words)}


def digest(space: Space) -> str:
    """What identified a space in journals of the first version: its architectures, in their order."""
    content = hashlib.sha256(" ".join(space.node_types).encode())
    for array in (space.types, space.adjacency):
        content.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    content.update("\n".join(map(str, space.archs)).encode())
    return content.hexdigest()


def read_header(journal: str | Path) -> tuple[Setting, dict[str, Any]]:
    """What the first line of the journal in a folder says: the setting of its search, and where its space lies.

    Raises:
        InputError: there is none, it is damaged, or it names no space.
    """
    held = Journal(Path(journal).expanduser())
    held.close()
    if not held.entries:
        raise InputError(f"journal={journal}: holds no search yet")
    header = translated(held.entries[0])
    try:
        setting = Setting.of(header)
    except (KeyError, TypeError) as error:
        raise InputError(f"{held.path}, line 1: is damaged ({error})") from error
    place = header.get("place")
    if not isinstance(place, dict) or not isinstance(place.get("space"), str):
        raise InputError(f"journal={journal}: was begun in Python with a space that has no name; go on there")
    if not isinstance(place.get("codes"), str | None):
        raise InputError(f"{held.path}, line 1: is damaged (place.codes must be the path of a file)")
    return setting, place
