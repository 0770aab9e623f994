"""A search whose evaluations are the user's: ask for architectures, train them, tell what they are worth."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siamnas.errors import InputError, shown
from siamnas.graphs.arrays import FloatArray
from siamnas.runtime import arguments, terminal
from siamnas.runtime.packages import explained
from siamnas.search import engines, evaluations, history, left_out
from siamnas.search.architecture import Architecture, Best
from siamnas.search.codes import Compute
from siamnas.search.engines import Engine, Synchronous
from siamnas.search.finish import left
from siamnas.search.handed import Handed
from siamnas.search.opening import Opening
from siamnas.search.setting import Setting
from siamnas.search.story import Story
from siamnas.search.telling import Telling
from siamnas.spaces.domain import Domain
from siamnas.spaces.listed import Space

if TYPE_CHECKING:
    import pandas as pd

    from siamnas.search.halving import Halving

log = logging.getLogger(__name__)


class Search(Telling):
    """One search on a space of your own, or on a shipped one.

        search = siamnas.Search(space, budget=60, journal="my_search")
        while archs := search.ask(5):
            search.tell(archs, [train(arch) for arch in archs])
        print(search.best())

    Any number of workers may have open asks, and tell them in any order: the next choice takes what is open into
    account. With `search.batch=5` among the overrides, and where a search ranks only once or goes by generations, the
    next choice waits for the values of all before it (`waiting`), and their order changes nothing. An evaluation that
    failed is told as NaN or None: it is paid for, and never asked again; what fails is learnt, and avoided.

    Several processes may have one journal open; they write one after the other. What a process had asked for when it
    ended is asked again by the others, or by the next.

    Args:
        space: a `Space`, the folder of one (JSON files, accuracies are not needed), or the name of a shipped one, maybe
            with words after it (`gpt space.scale=l`); None for that of the journal.
        predictor: an option of the group `predictor`; None: that of the journal, `gp` in a new one.
        budget: evaluations in all; None: that of the journal, 60 in a new one. A larger one than that of the journal
            extends it. Where the search ends with the top of a ranking these are the last 30, or half of one below 60.
        maximise: whether larger values are better; None: as in the journal, True in a new one. Any metric may be told,
            in any unit.
        objectives: where an evaluation tells several numbers, `{"ppl": "min", "ms": "min", "params": "min free"}`: name
            -> `min` or `max`, of what `tell` gets as a dictionary; ` free` of a free column of the space. The first one
            says what is `best`; see `front`.
        constraints: such as `["memory<=8"]`, on what is told, too, or on a free column. What breaks one is never the
            best; without `objectives` the value is told as `value` beside it.
        codes: Estimation Codes for a predictor that reads them: an array (M, L), or a function from a list of indices
            to their codes (m, L), which is called for the few that need one. None: those of the folder, of the shipped
            space, or of the journal.
        code_length: L of what a function returns; 3 if None.
        journal: folder of the search's memory. With the same arguments, or without them, it goes on where it was cut
            off; what had been asked but not told is asked again first, by `ask` or, with `reissue=False`, only by
            `again`.
        seed: fixes everything random; None: that of the journal, 0 in a new one.
        overrides: further words of a command line, such as `trainer=fast` or `search.k=10`; None: those of the journal.
        reissue: see `journal`.
        wait: seconds to wait for another process that is using the journal.
        replicate: whether an evaluation is noisy, so that architectures are asked for again: from the tenth on every
            third evaluation is a further one of an architecture whose value matters and is in doubt, paid for and told
            like any other; what an architecture is worth is the mean. None: as in the journal, False in a new one.
        learn_from: evaluations of other tasks on the same space, used as far as those of this one bear them out: a list
            of journals, searches, results of jobs, or mappings from architectures to values (as this search is told
            them: larger is better if `maximise`). None: those of the journal.

    Attributes:
        space: that is searched.
        catalog: of it: the index of each name.
        open: architectures that were asked but not told yet; of the class, see `opened`.

    Raises:
        InputError: an argument is not allowed, does not fit the space, or is not that of the journal.
    """

    def __init__(
        self,
        space: Space | Domain | str | Path | None = None,
        predictor: str | None = None,
        budget: int | None = None,
        *,
        maximise: bool | None = None,
        codes: FloatArray | Compute | None = None,
        code_length: int | None = None,
        journal: str | Path | None = None,
        seed: int | None = None,
        overrides: Sequence[str] | None = None,
        objectives: Mapping[str, str] | None = None,
        constraints: Sequence[str] | None = None,
        reissue: bool = True,
        wait: float = 30.0,
        learn_from: Sequence[Any] | None = None,
        replicate: bool | None = None,
    ) -> None:
        given: dict[str, Any] = {"predictor": predictor, "budget": budget, "maximise": maximise, "seed": seed}
        given |= {"overrides": overrides, "objectives": objectives, "constraints": constraints, "replicate": replicate}
        reissue = arguments.flag("reissue", reissue)
        opening = Opening(journal, given, space, codes, code_length, wait, learn_from)
        self.space, self.catalog, self._record = opening.space, opening.catalog, opening.record
        self._prior, self._wanted = opening.prior, opening.setting
        self._turn = threading.RLock()  # workers may be threads
        self._engine: Engine | None = None
        self._engine_of: tuple[Setting, int, int] | None = None
        self._handed, self._columns = Handed(self._record, reissue), {}
        try:
            if opening.is_new:
                self._chooser()  # what does not fit shows before anything is written
            opening.begin()
            with self._record.session() as story:
                self._handed.before = set(story.open)
                if (budget := opening.setting.budget) > story.header["budget"]:
                    self._record.change({"budget": budget})
        except BaseException:
            self.close()
            raise

    @classmethod
    def opened(
        cls,
        journal: str | Path,
        space: Space | Domain | str | Path | None = None,
        budget: int | None = None,
        *,
        predictor: str | None = None,
        overrides: Sequence[str] | None = None,
        **functions: Any,
    ) -> "Search":
        """The search of a journal, with what the journal says where nothing else is given: `siamnas.Search.open`.

            search = siamnas.Search.open("my_search", budget=100)

        Args:
            journal: its folder.
            space: where the journal does not keep it: a list above 64 MB, or a description that holds functions.
            budget: a larger one extends that of the journal.
            predictor: goes on with another one, see `change`.
            overrides: of the predictor, in the place of those of the journal.
            functions: what a journal can't keep: `codes`; and `reissue`, `wait`, see `Search`.

        Raises:
            InputError: there is no such journal, or what is given is not what it was begun with.
        """
        if not history.exists(journal):
            raise InputError(f"journal={journal}: holds no search yet")
        if unknown := functions.keys() - {"codes", "code_length", "reissue", "wait"}:
            raise InputError(f"{', '.join(sorted(unknown))}: unknown; must be one of codes, code_length, reissue, wait")
        search = cls(space, budget=budget, journal=journal, **functions)
        if predictor is not None or overrides is not None:
            try:
                search.change(predictor or search.setting.predictor, () if overrides is None else overrides)
            except BaseException:
                search.close()
                raise
        return search

    @property
    def done(self) -> bool:
        """Whether the budget is spent and everything has been told."""
        with self._turn:
            story = self._record.look()
            return not story.open and (self._left(story) <= 0 or (self._engine is not None and self._engine.ended))

    @property
    def waiting(self) -> str:
        """What `ask` waits for, such as `12 of 30 open before the ranking`; empty where it waits for nothing."""
        with self._turn:
            story = self._record.look()
            if self._left(story) <= 0:
                return f"{len(story.open)} of {story.paid} open before the end" if story.open else ""
            return self._engine.waiting if self._engine is not None else ""

    def ask(self, count: int = 1) -> list[Architecture]:
        """At most `count` architectures to evaluate, no two ever the same unless the search replicates.

        Fewer come, maybe none, where the strategy has to wait for values of open ones (`waiting`), and where the budget
        ends (`done`).
        """
        count = arguments.whole("count", count, 1)
        with self._changing() as story, terminal.late_bar(f"choosing on {shown(self.space.name)}"):
            archs = self._handed.stray[:count]
            if archs:
                self._record.ask(archs, again=True)
            while (left := min(count - len(archs), self._left(story))) > 0:
                chosen = self._chooser().more(left)
                if not chosen:
                    break
                self._record.hand_out(chosen)
                archs += [arch for arch, _ in chosen]
            handed = list(map(self.catalog.architecture, archs))
            self._handed.out.update(archs)
            return handed

    def again(self) -> list[Architecture]:
        """All open architectures, to be evaluated by somebody else."""
        with self._turn:
            self._handed.out.update(self._record.look().open)
            return self.open

    def give_back(self, archs: Sequence[int]) -> None:
        """Say that nobody evaluates some open architectures any more; `ask` hands them out again first."""
        with self._turn:
            self._handed.take_back(archs)

    def change(self, predictor: str, overrides: Sequence[str] = ()) -> None:
        """Go on with another predictor, which learns from all that is known.

        Args:
            predictor: an option of the group `predictor`.
            overrides: its further words.

        Raises:
            InputError: it is not allowed, or does not fit the search.
        """
        wanted = self.setting.changed(predictor, overrides, self.catalog.grows)
        with self._changing():
            self._engine = engines.make(self._record, self._prior, wanted)
            self._record.change({"predictor": wanted.predictor, "overrides": list(wanted.overrides)})
            self._engine_of = None

    def run(
        self,
        train: Callable[..., Any],
        executor: Any = None,
        workers: int | None = None,
        *,
        target: float | None = None,
        lease: float | None = None,
        stopping: "Halving | None" = None,
        logger: str | Sequence[str] | None = None,
    ) -> Best | None:
        """Evaluate until the budget is spent, see `siamnas.search.executor.run`."""
        from siamnas.search import executor as engine

        if self.setting.replicate and stopping is not None:
            raise InputError("stopping: a search that replicates evaluates architectures to the end")
        if several := self.setting.several:
            train = engine.several(several, train, target, stopping)
        return engine.run(self, train, executor, workers, target=target, lease=lease, stopping=stopping, logger=logger)

    def best(self) -> Best | None:
        """What to take: the best architecture so far, the one asked earlier where two are equal.

        With `search.recommend=posterior` it is the one that the predictor thinks best, which is fitted first on all
        that was told. None before the first value.
        """
        with self._turn:
            best = self.incumbent
            if best is None or self.setting.compose()["search"].get("recommend") != "posterior":
                return best  # nothing has to be fitted for it
            with self._changing() as story:
                arch = self._chooser().believed()
                return Best(arch, self.catalog.text(arch), story.values[arch], self.catalog.architecture(arch))

    @explained()
    def predict(self, archs: Any) -> "pd.DataFrame":
        """What the predictor thinks of architectures, evaluated or not, after all that was told.

        Args:
            archs: by index or name; one or several.

        Returns:
            A row for each: `architecture`, `index`, `score` (higher is better; in the unit of what is learnt, normal
            scores of the ranks for `gp`) and `spread`, its standard deviation. Where several numbers are told,
            `score.ppl`, `spread.ppl` and so on, of a constraint higher for what rather keeps it.

        Raises:
            InputError: an architecture is none, or the search does not learn from every evaluation.
        """
        import pandas as pd

        with self._changing():
            known = self.catalog.size
            wanted = [evaluations.find(self.catalog, arch, new=True) for arch in evaluations.several("predict", archs)]
            score, spread = self._chooser().predict(wanted)
            names = list(map(self.catalog.text, wanted))
            index = pd.array([arch if arch < known else None for arch in wanted], dtype="Int64")
            keys = [f".{name}" for name in self._told] or [""]
            columns = {f"score{key}": own for key, own in zip(keys, np.atleast_2d(score), strict=True)}
            columns |= {f"spread{key}": own for key, own in zip(keys, np.atleast_2d(spread), strict=True)}
            return pd.DataFrame({"architecture": names, "index": index, **columns})

    @explained()
    def predictions(self) -> "pd.DataFrame":
        """What was told, and what the predictor says of it when it has learnt from all others, see `left_out.frame`.

        Raises:
            InputError: the search does not learn from every evaluation, or its predictor has no spread.
        """
        with self._changing() as story:
            engine = self._chooser()
            return left_out.frame(engine.left_out(), engine.told[0].tolist(), story.values, self.catalog.text)

    def close(self) -> None:
        """Give back what other processes wait for."""
        self._record.journal.close()

    def __enter__(self) -> "Search":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _changing(self) -> Iterator[Story]:
        """The story as it is on disk; what has gone wrong half way is made anew the next time."""
        with self._turn, self._record.session() as story:
            try:
                yield story
            except BaseException as error:
                if not isinstance(error, InputError):
                    self._engine = None
                raise
            finally:
                if self.catalog.grows and self.catalog.size > len(story.named):
                    self._record.doubt()

    def _left(self, story: Story) -> int:
        """How many more can be asked for."""
        return left(self.setting, story, self.catalog, story.trials)

    def _chooser(self) -> Engine:
        """What chooses, as the record is now."""
        story, setting = self._record.story, self.setting
        wanted = (setting, self._record.resets, story.revision if isinstance(self._engine, Synchronous) else 0)
        if self._engine is None or self._engine_of != wanted:
            self._engine = None
            self._engine = engines.make(self._record, self._prior, setting)
            revision = story.revision if isinstance(self._engine, Synchronous) else 0
            self._engine_of = (setting, self._record.resets, revision)
        return self._engine
