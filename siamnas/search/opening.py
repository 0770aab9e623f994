"""How a search begins, or goes on: its arguments beside what its journal says."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import siamnas
from siamnas.benchmarks.codes import read_array
from siamnas.config.translate import FINGERPRINT, FORMER
from siamnas.errors import InputError, shown
from siamnas.experiment import identity
from siamnas.oracle.base import Prior
from siamnas.runtime import arguments, regular
from siamnas.search import kept, transfer_sources
from siamnas.search.catalog import catalog
from siamnas.search.codes import ComputedCodes, GivenCodes, named
from siamnas.search.journal import Journal
from siamnas.search.journal_lines import Entry, entries_of
from siamnas.search.notes import Notes
from siamnas.search.record import AGAIN, FORMAT, NEWEST, Record, compare, translated, version_for, version_of
from siamnas.search.setting import Setting, check_words, find_space, setting_of, shipped_name
from siamnas.spaces.described import files
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

USUAL: dict[str, Any] = {
    "predictor": "gp", "budget": 60, "maximise": True, "seed": 0, "overrides": (), "objectives": (), "constraints": (),
    "replicate": False,
}  # fmt: skip
CODE_LENGTH = 3
CODES = "codes.npy"
TRANSFER = "search=transfer"  # the word that sources stand for
Anything = Space | Domain | str | Path | None


class Opening:
    """A search that begins, or goes on.

    Args:
        journal: folder; None to keep nothing.
        given: arguments of the setting by name; None for what was not given.
        space: see `siamnas.Search`.
        codes: the same.
        code_length: the same.
        wait: the same.
        learn_from: the same.

    Attributes:
        is_new: whether there is nothing in the journal yet.
        setting: with the budget that is wanted.
        space: that is searched.
        catalog: of it.
        prior: where Estimation Codes come from.
        record: of the journal.

    Raises:
        InputError: an argument is not allowed, or is not that of the journal.
    """

    def __init__(
        self,
        journal: str | Path | None,
        given: Mapping[str, Any],
        space: Anything,
        codes: Any,
        code_length: int | None,
        wait: float,
        learn_from: Any = None,
    ) -> None:
        self._journal = _journal(journal, wait)
        self._header = header_of(self._journal)
        self.is_new = not self._header
        version = version_of(self._header, self._journal.path) if self._header else NEWEST
        before = None if self.is_new else setting_of(self._header, self._journal.path)
        if version == 1 and isinstance(given["predictor"], str):  # the same names stood for what has another name now
            given = {**given, "predictor": FORMER["predictor"].get(given["predictor"], given["predictor"])}
        if learn_from is not None:
            words = arguments.words("overrides", given["overrides"] or ())
            given = {**given, "overrides": words if TRANSFER in words else (*words, TRANSFER)}
        if self.is_new:
            check_words(given["overrides"])
        self.setting = _merged(given, before, self._journal.path)
        self._is_kept = self.setting == before
        self._place = "" if space is None else shipped_name(space)
        self.space, own = self._found(space)
        self.setting = self.setting.known(self.space.columns)
        if isinstance(self.space, Domain):
            self.setting = self.setting.without_list()
        if self.setting.several:
            self.setting.several.check_columns(list(self.space.columns))
        self._length = self._code_length(code_length)
        self._sources = self._found_sources(learn_from)
        self._fixed = None if callable(codes) else self._given_codes(codes, own)
        if isinstance(self.space, Space):
            self.setting.check_size(self.space.distinct())
        if not self.is_new:
            compare(self._header, self._first_line(), self._journal.path, self.space)
        self.catalog = catalog(self.space, self._place, self.setting.several)
        if self.is_new:
            self.setting.doubt_size(self.catalog.left([]))
        self.record = Record(self._journal, self.catalog, version)
        self.prior = self._fixed or ComputedCodes(codes, self._length, self.catalog.size, self.record)
        self.prior.sources = self._sources

    def begin(self) -> None:
        """Write the first line of a new journal; another process may have been faster with the same.

        Raises:
            InputError: it can't be written, or another process has begun another search.
        """
        if self.is_new and not self._journal.begin(self._first_line(), self._keep):
            compare(header_of(self._journal), self._first_line(), self._journal.path, self.space)

    def _found(self, space: Any) -> tuple[Space | Domain, Prior | None]:
        """The space that is given, or that of the journal, and the codes that come with it."""
        folder, place = self._journal.folder, self._header.get("place")
        if space is None and folder is not None and (folder / kept.FILE).exists():
            return kept.read(folder), None
        if space is None and isinstance(self._header.get("definition"), str):
            return files.of_text(self._header["definition"], str(self._journal.path)), None
        if space is None and isinstance(place, dict) and isinstance(place.get("space"), str):
            space = place["space"]
            self._place = shipped_name(space)
        if space is None and self.is_new:
            raise InputError("space: must be given: a siamnas.Space, the path of one, or the name of a shipped one")
        if space is None:
            raise InputError(f"space: the journal {folder} does not keep it: {self._why_not_kept()}; give it again")
        return find_space(space)

    def _why_not_kept(self) -> str:
        """Why a journal does not hold its space."""
        held, name = self._header.get(FINGERPRINT), shown(str(self._header.get("space")))
        if isinstance(held, dict) and "functions" in held:
            return f"{name} holds functions ({shown(str(held['functions']))})"
        return f"{name} is larger than 64 MB, or was searched in Python by an earlier version"

    def _found_sources(self, given: Any) -> list[list[transfer_sources.Evaluated]]:
        """The evaluations of other tasks: those that are given, or those of the journal."""
        if given is not None:
            return transfer_sources.given(
                given, self.space if isinstance(self.space, Space) else None, self.setting.maximise
            )
        folder = self._journal.folder
        return transfer_sources.kept(folder) if folder is not None and not self.is_new else []

    def _given_codes(self, codes: Any, own: Prior | None) -> Prior:
        """Estimation Codes from an array: the one that is given, that of the journal, or that of the space."""
        folder, size = self._journal.folder, len(self.space) if isinstance(self.space, Space) else 0
        if codes is None and not self.is_new and folder is not None:
            codes = self._kept_codes(folder)
        return own if codes is None and own is not None else GivenCodes(codes, size)

    def _kept_codes(self, folder: Path) -> Any:
        """Those that the journal keeps, or names; None where it has none."""
        place = self._header.get("place") or {}
        named_ = place.get("codes") if isinstance(place, dict) else None
        if not isinstance(named_, str | None):
            raise InputError(f"{self._journal.path}, line 1: is damaged (place.codes must be the path of a file)")
        path = folder / CODES if (folder / CODES).exists() else named_
        return None if path is None else read_array(str(path), f"--codes {path}")

    def _code_length(self, given: int | None) -> int:
        """L of what a function returns: what is given, or what the journal says."""
        if given is not None:
            return arguments.whole("code_length", given, 1)
        words = str(_codes_of(self._header)).rpartition(", ")[2].split()
        return int(words[0]) if len(words) == 3 and words[0].isdecimal() else CODE_LENGTH

    def _first_line(self) -> Entry:
        """The first line of a journal that would begin now."""
        codes = named(self._fixed, self._length)
        held = _codes_of(self._header)
        if str(held).startswith("a function") and not codes.startswith("a function"):
            raise InputError(f"codes: the search in {self._journal.path} has {held}; {AGAIN}")
        own = self.space.definition if isinstance(self.space, Domain) else None
        told = {"sources": transfer_sources.digest(self._sources)} if self._sources else {}
        return {
            "siamnas": siamnas.__version__,
            FORMAT: version_for(self.setting),
            **self.setting.header,
            "space": self.space.name,
            FINGERPRINT: {**kept.holds(self.space), "codes": codes, **told},
            **identity.stated(self._composed()),
            "place": {"space": self._place} if self._place else None,
            **({"definition": own} if own else {}),
        }

    def _composed(self) -> dict[str, Any]:
        """The configuration of the search.

        Raises:
            InputError: an option or an override is not allowed; names the journal where that alone says it.
        """
        try:
            return self.setting.compose()
        except InputError as error:
            if not self._is_kept:
                raise
            raise InputError(f"{self._journal.path}, line 1: {error}") from error

    def _keep(self) -> None:
        """Put the space, the codes and the sources beside a new journal."""
        folder = self._journal.folder
        if folder is not None and self._sources:
            transfer_sources.keep(folder, self._sources)
        if folder is None or not isinstance(self.space, Space):
            return
        if not self._place and kept.fits(self.space):
            kept.write(folder, self.space)
        codes = self._fixed
        if isinstance(codes, GivenCodes) and codes.code_length and codes.values.nbytes <= kept.MOST:
            np.save(folder / CODES, codes.values, allow_pickle=False)


def header_of(journal: Journal | Notes) -> Entry:
    """The first line of a journal, as later lines have changed it; empty where there is none.

    Raises:
        InputError: it can't be read.
    """
    entries = [] if journal.folder is None else entries_of(journal.folder)
    if not entries:
        return {}
    header = translated(entries[0])
    for entry in entries:
        if isinstance(entry.get("set"), dict):
            header = header | entry["set"]
    return header


def _journal(folder: str | Path | None, wait: Any) -> Journal | Notes:
    """Where a search is kept."""
    patience = arguments.number("wait", wait)
    if folder is None:
        return Notes()
    return Journal(regular.fixed("journal", folder, "folder"), patience)


def _codes_of(header: Entry) -> Any:
    """What the first line of a journal says of the Estimation Codes."""
    held = header.get(FINGERPRINT)
    return held.get("codes") if isinstance(held, dict) else None


def _merged(given: Mapping[str, Any], before: Setting | None, path: Any) -> Setting:
    """The setting that is wanted: what is given, and for the rest what the journal says.

    Raises:
        InputError: the journal says something else, or is of a larger budget.
    """
    told = {key: value for key, value in given.items() if value is not None}
    if told.get("objectives") and "maximise" in told:
        raise InputError(f"maximise={told['maximise']}: is said by the objectives; leave it out")
    if before is None:
        return Setting(**(USUAL | told))
    wanted = Setting(**({key: getattr(before, key) for key in USUAL} | told))
    wanted = wanted.known([limit.name for limit in before.several.limits if limit.free] if before.several else [])
    if wanted.without_list() == dataclasses.replace(before, budget=wanted.budget):
        wanted = wanted.without_list()
    # The first objective says whether larger is better: what nobody has given is not what differs.
    for key in ("objectives", "constraints", "predictor", "maximise", "seed", "overrides", "replicate"):
        now, then = getattr(wanted, key), getattr(before, key)
        if now != then:
            now, then = (dict(one) if key == "objectives" else one for one in (now, then))
            raise InputError(f"{key}={now}: the search in {path} has {key}={shown(str(then))}; {AGAIN}")
    if wanted.budget < before.budget:
        raise InputError(
            f"budget={wanted.budget}: the search in {path} has budget={before.budget}, which can only be extended"
        )
    return wanted
