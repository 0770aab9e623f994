"""A search whose evaluations are the user's: ask for architectures, train them, tell what they are worth."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siamnas.benchmarks.metric import Metric
from siamnas.errors import InputError, shown
from siamnas.experiment import build, fingerprint, identity
from siamnas.graphs.arrays import FloatArray
from siamnas.oracle.base import Prior
from siamnas.runtime import notebook
from siamnas.search.base import Search as Strategy
from siamnas.search.codes import Compute, ComputedCodes, GivenCodes, named
from siamnas.search.recommendation import BestLabel, Recommendation
from siamnas.search.record import Record
from siamnas.search.setting import Setting, find_space
from siamnas.spaces.listed import Space


@dataclass(frozen=True)
class Best:
    """The best architecture so far.

    Attributes:
        index: in the space.
        name: its own notation.
        value: as it was told.
    """

    index: int
    name: str
    value: float


class Search:
    """One search on a space of your own, or on a shipped one.

        search = siamnas.Search(space, predictor="siams_nsam_bts", budget=60)
        while archs := search.ask(5):
            search.tell(archs, [train(arch) for arch in archs])
        print(search.best())

    The strategy works in batches: it needs all values of a batch before it can choose the next one. Within a batch,
    any number of workers may hold open asks, and tell them in any order; the order changes nothing. An evaluation
    that failed is told as NaN: it is paid for, never asked again, and not learnt from.

    Args:
        space: a `Space`, the folder of one (JSON files, accuracies are not needed), or the name of a shipped one.
        predictor: an option of the group `predictor`.
        budget: evaluations in all. Where the search ends with the top of a ranking (all but `search=active`) these are
            the last 30, or half of a budget below 60.
        maximise: whether larger values are better. Any metric may be told, in any unit.
        codes: Estimation Codes for a predictor that reads them: an array (M, L), or a function from a list of indices
            to their codes (m, L), which is called for the few that need one. None: those of the folder or of the
            shipped space.
        code_length: L of what a function returns.
        journal: folder of the search's memory. With the same arguments it goes on where it was cut off; what had been
            asked but not told is asked again first, by `ask` or, with `reissue=False`, only by `again`.
        seed: fixes everything random.
        overrides: further words of a command line, such as `trainer=fast` or `search.k=10`.
        reissue: see `journal`.
        place: what the journal notes about where the space lies.

    Raises:
        InputError: an argument is not allowed, does not fit the space, or is not that of the journal; another process
            holds the journal.
    """

    def __init__(
        self,
        space: Space | str | Path,
        predictor: str = "siams_nsam_bts",
        budget: int = 60,
        *,
        maximise: bool = True,
        codes: FloatArray | Compute | None = None,
        code_length: int = 3,
        journal: str | Path | None = None,
        seed: int = 0,
        overrides: Sequence[str] = (),
        reissue: bool = True,
        place: Mapping[str, Any] | None = None,
    ) -> None:
        self.setting = Setting(predictor, budget, maximise, seed, tuple(overrides))
        # The unit is not known: 0.7 may be an accuracy or a loss, so that ranks are learnt.
        self._metric = Metric("value", maximise, unit="")
        self._config = self.setting.compose()
        self.space, own = find_space(space)
        self.setting.check_size(self.space.distinct())
        given = own if codes is None else None if callable(codes) else GivenCodes(codes, len(self.space))
        holds = fingerprint.of_space(self.space) | {"codes": named(given, code_length)}
        self._record = Record(journal, self.setting, self.space, holds, identity.stated(self._config), place)
        self._turn = threading.RLock()  # workers may be threads
        self._again = list(self.open) if reissue else []
        self._strategy: Strategy | None = None
        try:
            self._prior = given or self._computed(codes, code_length)
            if not self._record.batches:
                self._start()  # what does not fit shows before anything is written
            self._record.begin()
        except BaseException:
            self.close()
            raise

    @property
    def open(self) -> list[int]:
        """Architectures that were asked but not told yet."""
        with self._turn:
            return [arch for arch in self._record.asked if arch not in self._record.values]

    @property
    def values(self) -> dict[int, float]:
        """All that was told, index -> value; NaN where the evaluation failed."""
        with self._turn:
            return dict(self._record.values)

    @property
    def done(self) -> bool:
        """Whether the budget is spent and everything has been told."""
        return len(self._record.asked) >= self.setting.budget and not self.open

    def ask(self, count: int = 1) -> list[int]:
        """Indices of at most `count` architectures to evaluate, no two ever the same.

        Fewer come, maybe none, where the strategy has to wait for values of open ones, and where the budget ends
        (`done`).
        """
        if count < 1:
            raise InputError(f"count={count}: must be at least 1")
        with self._turn:
            return self._ask(count)

    def _ask(self, count: int) -> list[int]:
        """See `ask`."""
        archs, self._again = self._again[:count], self._again[count:]
        while len(archs) < count and len(self._record.asked) < self.setting.budget:
            fresh = [arch for arch in self._record.batch if arch not in self._record.asked]
            # A batch is handed out in parts, over several asks; the next one needs all its values.
            if not fresh:
                if not self._advance():
                    break
                continue
            # The last batch may be larger than what is left of the budget.
            fresh = fresh[: min(count - len(archs), self.setting.budget - len(self._record.asked))]
            self._record.ask(fresh)
            archs += fresh
        return archs

    def again(self) -> list[int]:
        """All open architectures, to be evaluated by somebody else."""
        self._again = []
        return self.open

    def tell(self, archs: int | str | Sequence[int | str], values: float | None | Sequence[float | None]) -> None:
        """Say what architectures are worth.

        Args:
            archs: that were asked for, by index or name; one or several.
            values: of each; NaN, None or an infinite number where the evaluation failed.

        Raises:
            InputError: an architecture was not asked for, or has been told with another value; nothing is recorded.
        """
        with self._turn:
            self._tell_all(self._paired(archs, values))

    def _tell_all(self, told: dict[int, float]) -> None:
        """See `tell`."""
        for arch, value in told.items():
            if arch not in self._record.asked:
                raise InputError(f"tell: {self.space.archs[arch]} (index {arch}) was not asked for")
            before = self._record.values.get(arch, value)
            if before != value and not (math.isnan(before) and math.isnan(value)):
                raise InputError(f"tell: {self.space.archs[arch]} (index {arch}) was told as {before}, not {value}")
        self._record.tell({arch: value for arch, value in told.items() if arch not in self._record.values})
        self._again = [arch for arch in self._again if arch not in told]

    def best(self) -> Best | None:
        """What to take: the best architecture so far, the one asked earlier where two are equal.

        With `search.choose=posterior` it is the one that the predictor thinks best, which is fitted first on all
        batches that are complete. None before the first value.
        """
        with self._turn:
            return self._best_by(self._recommendation)

    def _best_by(self, recommendation: Callable[[], Recommendation]) -> Best | None:
        """See `best`; the recommendation is made only where there is something to recommend."""
        values = dict(self._record.values)
        told = [arch for arch in list(self._record.asked) if arch in values]
        labels = self._metric.sign * np.array([values[arch] for arch in told])
        if np.isnan(labels).all():
            return None
        arch = int(recommendation().after(np.array([told]), labels[None])[0, -1])
        return Best(arch, str(self.space.archs[arch]), values[arch])

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self._shown().items())
        return f"<{type(self).__name__} on {shown(self.space.name)!r}: {told}>"

    def _repr_html_(self) -> str:
        return notebook.table([self._shown()], self.space.name)

    def _shown(self) -> dict[str, str]:
        """How far the search is, without waiting for an ask that trains: the best is that of the best label."""
        asked, values = list(self._record.asked), dict(self._record.values)
        best = self._best_by(BestLabel)
        return {
            "predictor": self.setting.predictor,
            "budget": str(self.setting.budget),
            "told": str(len(values)),
            "open": str(sum(arch not in values for arch in asked)),
            "best": f"{shown(best.name)} ({best.value:.6g})" if best else "-",
        }

    def close(self) -> None:
        """Let another process have the journal."""
        self._record.close()

    def __enter__(self) -> "Search":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _computed(self, codes: Any, length: int) -> Prior:
        """The prior knowledge that a function of the user's computes."""
        return ComputedCodes(codes, length, len(self.space), self._record.codes, self._record.add_codes)

    def _paired(self, archs: Any, values: Any) -> dict[int, float]:
        """Index -> value, NaN for a failed evaluation."""
        if isinstance(archs, int | str | np.integer):
            archs, values = [archs], [values]
        if len(archs) != len(values):
            raise InputError(f"tell: {len(archs)} architectures, but {len(values)} values")
        failed = [value is None or not math.isfinite(value) for value in values]
        numbers = [math.nan if lost else float(value) for value, lost in zip(values, failed, strict=True)]
        return dict(zip(map(self._index, archs), numbers, strict=True))

    def _index(self, arch: int | str) -> int:
        """The index of an architecture."""
        if isinstance(arch, str):
            found = np.flatnonzero(self.space.archs == arch)
            if len(found) != 1:
                raise InputError(f"{arch}: is no architecture of {self.space.name}")
            return int(found[0])
        if not 0 <= arch < len(self.space):
            raise InputError(f"index {arch}: must be from 0 to {len(self.space) - 1}")
        return int(arch)

    def _recommendation(self) -> Recommendation:
        """What says which architecture to take, as far as all that was told has been learnt from."""
        if self._config["search"].get("recommend") != "posterior":
            return BestLabel()  # nothing has to be fitted for it
        self._advance()
        return (self._strategy or self._start()).recommendation

    def _start(self) -> Strategy:
        """The strategy, brought to where the record ends: everything that was told is told again."""
        seeds = range(self.setting.seed, self.setting.seed + 1)
        try:
            strategy = build.search(self._config, self.space, self._prior, self._metric, seeds)
        except InputError as error:
            raise InputError(f"budget={self.setting.budget}, predictor={self.setting.predictor}: {error}") from error
        # The same seed and values bring the same strategy to the same place; nothing else of it has to be kept.
        # Followed, not trusted to repeat itself: another processor may rank two close architectures otherwise.
        for batch in self._record.batches[:-1]:
            strategy.ask()
            self._tell(strategy, batch)
        if self._record.batches:
            strategy.ask()
        self._strategy = strategy
        return strategy

    def _advance(self) -> bool:
        """Go on to the next batch; False where values of open ones are missing, or the strategy has ended."""
        # The order in which values come must not matter, so none is used before all are there.
        if any(arch not in self._record.values for arch in self._record.batch):
            return False
        strategy = self._strategy or self._start()
        if self._record.batches:
            if strategy.ask() is None:
                return False
            self._tell(strategy, self._record.batches[-1])
        archs = strategy.ask()
        if archs is None:
            return False
        self._record.add_batch(archs[0].tolist())
        return True

    def _tell(self, strategy: Strategy, batch: list[int]) -> None:
        """Tell the strategy a whole batch."""
        values = [self._record.values[arch] for arch in batch]
        try:
            strategy.tell(np.array([batch]), np.array([values]))
        except ValueError as error:
            raise InputError(f"the journal does not belong to this search: {error}") from error
