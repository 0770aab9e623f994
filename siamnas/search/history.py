"""A search seen from outside: what its journal says now, read without a lock and without its space."""

import datetime
import functools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siamnas.errors import InputError, shown
from siamnas.runtime import regular
from siamnas.runtime.packages import explained
from siamnas.search import halving, kept
from siamnas.search.catalog import Catalog, catalog
from siamnas.search.finish import left
from siamnas.search.journal_lines import FILE, entries_of
from siamnas.search.pareto import Standing
from siamnas.search.record import translated, version_of
from siamnas.search.setting import Setting, find_space, setting_of
from siamnas.search.story import Story
from siamnas.spaces.described import files

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "architecture", "index", "value", "seconds", "worker", "why", "asked", "told", "failed", "former", "stopped",
    "reports",
)  # fmt: skip


class Past:
    """What a journal says.

    Args:
        journal: its folder.

    Attributes:
        story: in which architectures stand by their text; in a journal of the first version by their index.
        setting: of the search.

    Raises:
        InputError: there is no journal, or it can't be understood.
    """

    def __init__(self, journal: str | Path) -> None:
        folder = self.folder = regular.fixed("journal", journal, "folder")
        entries = entries_of(folder)
        if not entries:
            raise InputError(f"journal={journal}: holds no search yet")
        self.version = version_of(entries[0], folder / FILE)
        self.story = Story(self._read)
        for number, entry in enumerate(entries, start=1):
            try:
                self.story.take(entry if self.story.lines else translated(entry))
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                raise InputError(f"{folder / FILE}, line {number}: is damaged ({error})") from error
        self.setting: Setting = setting_of(self.story.header, folder / FILE)

    @property
    def space(self) -> str:
        """The name of the space."""
        return str(self.story.header.get("space"))

    @property
    def best(self) -> Any:
        """The architecture of the best value, as it stands in the journal; of equal ones that asked for first."""
        return best_of(self.story, self.setting.maximise) if self.standing is None else self.standing.best

    @functools.cached_property
    def standing(self) -> Standing | None:
        """How the evaluations compare, where the search has several objectives, or limits."""
        return Standing(self.setting.several, self.story, self._free) if self.setting.several else None

    def _free(self, arch: Any) -> Mapping[str, float]:
        """The free columns of an architecture; none where they are not known without the space."""
        number = None if self.catalog is None else self.catalog.number(self.name(arch) or "", new=True)
        return {} if number is None or self.catalog is None else self.catalog.facts(number).columns

    @property
    def failed(self) -> list[Any]:
        """Those whose evaluation failed."""
        return [arch for arch, value in self.story.values.items() if math.isnan(value)]

    @functools.cached_property
    def catalog(self) -> Catalog | None:
        """That of the space, where the journal keeps or names it; None where it has to be given."""
        place = self.story.header.get("place")
        try:
            if (self.folder / kept.FILE).exists():
                return catalog(kept.read(self.folder), several=self.setting.several)
            if isinstance(text := self.story.header.get("definition"), str):
                return catalog(files.of_text(text, str(self.folder)))
            if not isinstance(place, dict):
                return None
            return catalog(find_space(place["space"])[0], several=self.setting.several)
        except (InputError, KeyError):
            return None

    @property
    def told(self) -> int:
        """How many evaluations of the budget were told."""
        return self.story.paid - len(self.story.open)

    @property
    def done(self) -> bool:
        """Whether the budget is spent and everything has been told."""
        if self.story.open:
            return False
        # Without what is added or limited there are as many architectures as the budget wants.
        catalog = self.catalog if self.story.added or self.setting.constraints else None
        archs = [number for arch in self.story.trials if (number := self.index(arch)) is not None] if catalog else []
        return left(self.setting, self.story, catalog, archs) <= 0

    @property
    def recommend(self) -> str:
        """What the search takes in the end, see `search.recommend`.

        Raises:
            InputError: the words of the journal can't be composed.
        """
        try:
            return str(self.setting.compose()["search"].get("recommend"))
        except InputError as error:
            raise InputError(f"{self.folder / FILE}, line 1: {error}") from error

    def name(self, arch: Any) -> str | None:
        """The text of an architecture; None where it is not known without the space."""
        if isinstance(arch, str):
            return arch
        return self.catalog.text(arch) if self.catalog is not None and arch < self.catalog.size else None

    def index(self, arch: Any) -> int | None:
        """The index of an architecture; None where it is not known without the space."""
        if isinstance(arch, int):
            return arch
        return None if self.catalog is None else self.catalog.number(arch)

    def frame(self) -> "pd.DataFrame":
        """All evaluations, see `frame`."""
        return frame(self.story, self.name, self.index, self.standing)

    def _read(self, arch: Any) -> Any:
        if type(arch) is not (int if self.version == 1 else str):
            raise ValueError(f"{shown(str(arch))} is no architecture")
        return arch


def exists(journal: str | Path) -> bool:
    """Whether a folder holds a journal."""
    return bool(entries_of(regular.fixed("journal", journal, "folder")))


def best_of(story: Story, maximise: bool) -> Any:
    """The architecture of the best value, of equal ones the one that was asked for first; None before the first.

    One whose evaluation was stopped is never it.
    """
    sign = 1 if maximise else -1
    values = halving.finished(story)
    told = {arch: values[arch] for arch in story.trials if not math.isnan(values.get(arch, math.nan))}
    return max(told, key=lambda arch: sign * told[arch]) if told else None


@explained()
def frame(
    story: Story,
    name: Callable[[Any], str | None],
    index: Callable[[Any], int | None],
    standing: Standing | None = None,
) -> "pd.DataFrame":
    """One row per architecture that was asked for or added, in this order.

    `architecture`, `index`, `value` (NaN: failed or open), `seconds` (as the worker has said, else from ask to tell),
    `worker`, `why` it was chosen, `asked` and `told` (UTC), why it `failed`,
    `former` values that were replaced, where it was `stopped`, and its `reports` (epoch -> intermediate value).
    Where architectures are evaluated again, `value` is the mean of the `values`, and the rest is of the last of them.

    Args:
        story: of the search.
        name: architecture of the story -> its text.
        index: architecture of the story -> its index.
        standing: of several objectives, of which `value` is the first that is told, and whose columns follow.
    """
    import pandas as pd

    rows = []
    for arch, trial in story.trials.items():
        lasted = trial.told - trial.asked if trial.told and trial.asked else -1.0
        # A clock that was set back between ask and tell, or that of another machine, says nothing of a duration.
        seconds = (lasted if lasted >= 0 else None) if trial.seconds is None else trial.seconds
        value = story.values.get(arch, math.nan)
        times = (_time(trial.asked), _time(trial.told))
        said = (trial.failed, list(trial.former), trial.stopped, dict(trial.reports))
        rows.append((name(arch), index(arch), value, seconds, trial.worker, trial.why, *times, *said))
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    if story.header.get("replicate"):
        made["values"] = [list(trial.values) for trial in story.trials.values()]
    made = made.astype(
        {"value": float, "seconds": float, "asked": "datetime64[us, UTC]", "told": "datetime64[us, UTC]"}
    )
    return made if standing is None else made.assign(**standing.columns(list(story.trials)))


def _time(seconds: float | None) -> datetime.datetime | None:
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC)
