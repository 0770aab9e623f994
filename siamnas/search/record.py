"""The story of a search and its journal, of which memory never knows more or less."""

import hashlib
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from yaml import YAMLError

import siamnas
from siamnas.config import translate
from siamnas.config.translate import FINGERPRINT
from siamnas.errors import InputError, shown
from siamnas.experiment.identity import BACKEND, KERNELS, VERSIONS
from siamnas.search.catalog import Catalog
from siamnas.search.journal import Journal
from siamnas.search.journal_lines import Entry
from siamnas.search.kept import ANSWERS
from siamnas.search.notes import Notes
from siamnas.search.setting import Setting
from siamnas.search.story import Story
from siamnas.search.told import Told
from siamnas.spaces.described.difference import difference
from siamnas.spaces.listed import Space

FORMAT, NEWEST = "journal", 2  # key of the first line, and the version that is written
SEVERAL = 3  # the version of a journal of which a value may be several numbers
REPEATED = 4  # of one in which an architecture may be evaluated several times
WHAT = {
    "graphs": "the architectures of the space",
    "columns": "the free columns of the space",
    "roles": "the roles of the operations",
    "unique": "whether one of equal architectures stands for all",
    "codes": "the Estimation Codes",
    "definition": "the description of the space",
    "functions": "the functions that the description of the space holds",
    ANSWERS: "what the functions of the description return",
}
"""Key of a fingerprint -> what it is of."""
AGAIN = "give the same, or another journal"
# Keys of the first line that nothing changes.
FIXED = ("maximise", "seed", "space", "objectives", "constraints", "replicate")


class Record:
    """What has happened in a search, in memory and in its journal.

    Args:
        journal: where it is kept.
        catalog: of the space.
        version: of the journal: the first one names architectures by their index, the second by their text.

    Attributes:
        story: all of it; as new as the last `session` or `look`.
        resets: how often it was read again from its beginning.
    """

    def __init__(self, journal: Journal | Notes, catalog: Catalog, version: int = NEWEST) -> None:
        self.journal = journal
        self.catalog = catalog
        self.version = version
        self.story = Story(self._read)
        self.resets = 0
        self._doubtful = False

    @property
    def codes(self) -> dict[int, list[float]]:
        """Index -> Estimation Code that was computed."""
        return self.story.codes

    @contextmanager
    def session(self) -> Iterator[Story]:
        """The story as it is on disk, while nobody else writes.

        Raises:
            InputError: see `Journal.locked`; or the journal makes no sense.
        """
        with self.journal.locked():
            self._catch_up()
            yield self.story

    def add_batch(self, archs: Sequence[int]) -> None:
        """A strategy has chosen."""
        self._write({"batch": self._named(archs)})

    def ask(self, archs: Sequence[int], why: Sequence[str] = (), again: bool = False) -> None:
        """Architectures are handed out, or handed out again."""
        if again and self.version == 1:
            return  # it has no word for it
        more: Entry = {"again": True} if again else {"why": list(why)} if any(why) else {}
        self._write({"ask": self._named(archs), **more, **self._signed()})

    def hand_out(self, chosen: Sequence[tuple[int, str]]) -> None:
        """Architectures are handed out, each for a reason; one that has a value, for a further evaluation."""
        fresh = [pair for pair in chosen if pair[0] not in self.story.values]
        repeats = [arch for arch, _ in chosen if arch in self.story.values]
        if fresh:
            self.ask([arch for arch, _ in fresh], [why for _, why in fresh])
        if repeats:
            self._write({"ask": self._named(repeats), "repeat": True, **self._signed()})

    def report(self, arch: int, epoch: int, value: float) -> None:
        """An evaluation that goes on has an intermediate value."""
        self._write({"report": self._named([arch]), "epoch": epoch, "values": _plain([value]), **self._signed()})

    def tell(self, values: Mapping[int, float], replace: bool, more: Mapping[str, Any]) -> None:
        """Values have come.

        Args:
            values: number -> value.
            replace: whether some of them replace others.
            more: `seconds`, `worker`, `failed` and `stopped` of the evaluation, see `siamnas.search.story.Trial`.
        """
        entry = {"tell": self._named(values), "values": _plain(values.values())}
        self._write(entry | ({"replace": True} if replace else {}) | dict(more) | self._signed())

    def add(self, values: Mapping[int, float]) -> None:
        """Values are known from elsewhere."""
        self._write({"add": self._named(values), "values": _plain(values.values()), **self._signed()})

    def add_codes(self, codes: dict[int, list[float]]) -> None:
        """Estimation Codes were computed."""
        self._write({"code": self._named(codes), "codes": [_plain(code) for code in codes.values()]})

    def change(self, changes: Mapping[str, Any]) -> None:
        """The setting of the search changes."""
        self._write({"set": dict(changes), **self._signed()})

    def look(self) -> Story:
        """The story as far as it can be read now, without waiting for anybody."""
        if self.journal.is_ours:
            self._catch_up(mend=False)
        return self.story

    def _catch_up(self, mend: bool = True) -> None:
        """Read what is new on disk.

        Args:
            mend: whether a torn last line is cut off.
        """
        if self._doubtful:
            # After an exception in the wrong moment only the disk knows.
            self.journal.rewind()
            self.catalog.forget()
            self.resets += 1
            self.story = Story(self._read)
        self._doubtful = True
        try:
            for entry in self.journal.news(mend):
                self.story.take(entry if self.story.lines else translated(entry))
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"{self.journal.path}, line {self.story.lines + 1}: is damaged ({error})") from error
        self._doubtful = False

    def _write(self, entry: Entry) -> None:
        """Into the journal first, then into memory: what is not on disk has not happened."""
        self._doubtful = True
        self.journal.append(entry)
        self.story.take(entry)
        self._doubtful = False

    def _named(self, archs: Any) -> list[Any]:
        """Architectures as they stand in the journal."""
        return [int(arch) if self.version == 1 else self.catalog.text(int(arch)) for arch in archs]

    def _read(self, arch: Any) -> int:
        """The number of what stands in the journal."""
        if self.version == 1:
            if type(arch) is not int or not 0 <= arch < self.catalog.size:
                raise ValueError(f"{shown(str(arch))} is no architecture")
            return arch
        number = self.catalog.number(arch, new=True) if isinstance(arch, str) else None
        if number is None:
            raise ValueError(f"{shown(str(arch))} is no architecture")
        return number

    def doubt(self) -> None:
        """Read all of it again before the next step: numbers were given to what the journal does not name."""
        self._doubtful = True

    def _signed(self) -> Entry:
        """When, and by whom."""
        return {} if self.version == 1 else {"by": self.journal.token, "at": round(time.time(), 3)}


def compare(first: Entry, now: Entry, path: Any, space: Any) -> None:
    """A search of other arguments, or of another version, would read the same lines as another story.

    Args:
        first: line of the journal, in today's words.
        now: what it would be today.
        path: of the journal.
        space: that is searched.

    Raises:
        InputError: names what differs.
    """
    for key in FIXED:
        if first.get(key) != now.get(key):
            raise InputError(
                f"{key}={now.get(key)}: the search in {path} has {key}={shown(str(first.get(key)))}; {AGAIN}"
            )
    holds, held = now[FINGERPRINT], first.get(FINGERPRINT)
    if not isinstance(held, dict):  # of a version that looked at the graphs alone
        held = holds if first.get("digest") == digest(space) else {**holds, "graphs": None}
    for key, value in holds.items():
        if key == ANSWERS and key not in held:  # of a version that looked at names alone
            continue
        if held.get(key) != value and (what := _different(key, first, now)):
            raise InputError(f"{key}: differs from that of the search in {path} ({what}); {AGAIN}")
    for key, usual in ((VERSIONS, {}), (BACKEND, KERNELS)):
        there, then = now.get(key, usual), first.get(key, usual)
        if there != then:
            raise InputError(
                f"the search in {path} was begun with other {key} ({shown(str(then or 'all 1'))}, here "
                f"{there or 'all 1'}), so that it would go another way; begin another journal"
            )


def _different(key: str, first: Entry, now: Entry) -> str:
    """What differs, where a fingerprint does; empty where two descriptions of a space say the same."""
    texts = [now.get("definition"), first.get("definition")]
    if key != "definition" or not all(isinstance(text, str) for text in texts):
        return WHAT.get(key, key)
    try:
        found = difference(*map(str, texts))
    except (ValueError, SyntaxError, TypeError, AttributeError, YAMLError):  # somebody has changed the first line
        return WHAT[key]
    return f"{WHAT[key]}: {found}" if found else ""


def translated(header: Entry) -> Entry:
    """The first line of a journal in today's words, whichever version has written it."""
    words, predictor = header.get("overrides"), header.get("predictor")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return header
    if FORMAT not in header and isinstance(predictor, str):
        predictor = translate.FORMER["predictor"].get(predictor, predictor)
    return header | {"predictor": predictor, "overrides": translate.words(words)}


def version_for(setting: Setting) -> int:
    """The version of a journal that begins now: the oldest that has words for its search."""
    return REPEATED if setting.replicate else SEVERAL if setting.several else NEWEST


def version_of(header: Entry, path: Any) -> int:
    """The version of a journal.

    Raises:
        InputError: it is newer than this siamnas.
    """
    version = header.get(FORMAT, 1)
    if version not in (1, NEWEST, SEVERAL, REPEATED):
        raise InputError(
            f"{path}: has version {shown(str(version))}, of siamnas {shown(str(header.get('siamnas')))}; this one "
            f"({siamnas.__version__}) reads up to {REPEATED}"
        )
    return int(version)


def digest(space: Space) -> str:
    """What identified a space in journals of the first version: its architectures, in their order."""
    content = hashlib.sha256(" ".join(space.node_types).encode())
    for array in (space.types, space.adjacency):
        content.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    content.update("\n".join(map(str, space.archs)).encode())
    return content.hexdigest()


def _plain(values: Any) -> list[Any]:
    """Values as JSON has them, which has no NaN."""
    return [value.numbers if isinstance(value, Told) else value if math.isfinite(value) else None for value in values]
