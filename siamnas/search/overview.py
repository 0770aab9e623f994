"""What a search says of itself: what was told, what is open, and what is the best of it."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, overload

from siamnas.errors import InputError, shown
from siamnas.runtime import notebook
from siamnas.runtime.packages import explained
from siamnas.search import halving, history
from siamnas.search.architecture import Architecture, Best
from siamnas.search.catalog import Catalog
from siamnas.search.pareto import Standing
from siamnas.search.record import Record
from siamnas.search.setting import Setting
from siamnas.search.told import text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siamnas.search.plotting import Kind
    from siamnas.spaces.domain import Domain
    from siamnas.spaces.listed import Space


class Opened:
    """`Search.open(journal)` opens a search; `search.open` are the architectures that were asked but not told yet."""

    @overload
    def __get__(self, search: None, owner: "type[Overview]") -> Callable[..., Any]: ...

    @overload
    def __get__(self, search: "Overview", owner: "type[Overview]") -> list[Architecture]: ...

    def __get__(self, search: "Overview | None", owner: "type[Overview]") -> Any:
        return owner.opened if search is None else search._opened()


class Overview:
    """A search, as far as it can be looked at; see `siamnas.Search`."""

    space: "Space | Domain"
    catalog: Catalog
    opened: Callable[..., Any]
    predictions: Callable[[], "pd.DataFrame"]
    _record: Record
    _wanted: Setting
    _turn: threading.RLock
    _columns: dict[tuple[int, int], Mapping[str, float]]

    open = Opened()

    @property
    def setting(self) -> Setting:
        """What was asked for, as it is now."""
        if header := self._record.story.header:
            now = Setting.of(header)
            # What it has composed is kept with it.
            self._wanted = self._wanted if self._wanted == now else now
        return self._wanted

    @property
    def _told(self) -> tuple[str, ...]:
        """The names of what an evaluation tells; none where it tells one number without a name."""
        return self.setting.several.told if self.setting.several else ()

    @property
    def values(self) -> dict[int, float]:
        """All that was told, index -> value, see `Told` for several numbers; NaN where the evaluation failed.

        Of several evaluations of an architecture it is the mean.
        """
        with self._turn:
            return dict(self._record.look().values)

    @property
    def learnt(self) -> dict[int, float]:
        """The same as another search learns them: what was stopped early with what it lacks, see `halving.learnt`."""
        with self._turn:
            return halving.learnt(self._record.look())

    @property
    def evaluated(self) -> int:
        """How many values were told, the further ones of an architecture and those that were added included."""
        with self._turn:
            return len(self._record.look().evaluations)

    @property
    def progress(self) -> float:
        """The share of the budget that was told."""
        with self._turn:
            story = self._record.look()
            return (story.paid - len(story.open)) / self.setting.budget

    def times(self, arch: Architecture) -> int:
        """How often an architecture was evaluated before."""
        with self._turn:
            trial = self._record.look().trials.get(int(arch))
            return len(trial.values) if trial else 0

    @property
    def incumbent(self) -> Best | None:
        """The architecture of the best value, whatever the predictor thinks of it; None before the first.

        Of several objectives it is the best in the first one; it keeps all limits.
        """
        with self._turn:
            story, standing = self._record.look(), self._standing
            arch = history.best_of(story, self.setting.maximise) if standing is None else standing.best
            if arch is None:
                return None
            return Best(arch, self.catalog.text(arch), self._record.story.values[arch], self.catalog.architecture(arch))

    @property
    def folder(self) -> Path | None:
        """Of the journal; None where nothing is kept."""
        return self._record.journal.folder

    def history(self) -> "pd.DataFrame":
        """All evaluations, see `siamnas.search.history.frame`."""
        with self._turn:
            return history.frame(self._record.look(), self.catalog.text, int, self._standing)

    @explained()
    def front(self) -> "pd.DataFrame":
        """What was told and is not dominated, the best in the first objective first: a row each, see `Standing.front`.

        Raises:
            InputError: the search has one objective.
        """
        with self._turn:
            if (standing := self._standing) is None:
                raise InputError("front: the search has one objective; see best()")
            return standing.front(self.catalog.text, int)

    @property
    def hypervolume(self) -> float | None:
        """The share of what can be dominated, see `growing_share`; None for one objective."""
        return None if (standing := self._standing) is None else standing.hypervolume

    @property
    def _standing(self) -> Standing | None:
        """How the evaluations compare, where there are several objectives, or limits."""
        several, resets, before = self.setting.several, self._record.resets, self._columns

        def free(arch: int) -> Mapping[str, float]:
            if (resets, arch) not in before:  # numbers of a domain are given anew with every reset
                before[resets, arch] = self.catalog.facts(arch).columns
            return before[resets, arch]

        return Standing(several, self._record.look(), free) if several else None

    @explained()
    def plot(self, column: str | None = None, ax: "Axes | None" = None, *, kind: "Kind" = "best") -> "Axes":
        """The evaluations, their way, or how well they are predicted, see `siamnas.search.plotting.plot`."""
        from siamnas.search import plotting

        return plotting.plot(self, column, ax, kind)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse to be pickled or copied: both would ask and tell by one journal without knowing of each other."""
        way = f"siamnas.Search.open({str(self.folder)!r})" if self.folder else "siamnas.Search(space, journal=...)"
        raise InputError(f"a search can't be pickled or copied; open its journal where it is needed: {way}")

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self._shown().items())
        return f"<{type(self).__name__} on {shown(self.catalog.title)!r}: {told}>"

    def _repr_html_(self) -> str:
        return notebook.table([self._shown()], self.catalog.title)

    def _shown(self) -> dict[str, str]:
        """How far the search is, without waiting for an ask that trains: the best is that of the best label."""
        story, best, standing = self._record.story, self.incumbent, self._standing
        return {
            "predictor": self.setting.predictor,
            "budget": str(self.setting.budget),
            "told": str(len(story.evaluations)),
            **({"added": str(story.added)} if story.added else {}),
            "open": str(len(story.open)),
            "best": f"{shown(best.name)} ({text(best.value)})" if best else "none yet",
            **({"front": standing.text} if standing else {}),
        }

    def _opened(self) -> list[Architecture]:
        """See `Opened`."""
        with self._turn:
            return list(map(self.catalog.architecture, self._record.look().open))

    def _said(self, arch: int) -> str:
        """An architecture in a message."""
        return f"{shown(self.catalog.text(arch))} (index {arch})"
