"""What a search is told: values of what it has asked for, and of what is known from elsewhere."""

import logging
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from siamnas.errors import InputError, shown
from siamnas.runtime import arguments
from siamnas.search import evaluations, told
from siamnas.search.architecture import Architecture
from siamnas.search.evaluating import NOBODY, Outcome
from siamnas.search.overview import Overview
from siamnas.search.story import Story, same

if TYPE_CHECKING:
    from siamnas.search.halving import Halving

log = logging.getLogger(__name__)


class Telling(Overview):
    """A search, as far as it is told; see `siamnas.Search`."""

    def _changing(self) -> AbstractContextManager[Story]:
        """The story as it is on disk, while nobody else writes."""
        raise NotImplementedError

    def tell(self, archs: Any, values: Any = evaluations.BY_KEY, *, replace: bool = False) -> None:
        """Say what architectures are worth.

        A value that comes after its evaluation was told as failed counts; any other value that was told before stands,
        unless it is replaced. The journal keeps both. A value of an architecture that was asked for again is a further
        one, and does not replace the others.

        Args:
            archs: that were asked for, by index or name; one or several, or a dictionary from them to their values.
            values: of each, in the same order or as a dictionary; NaN, None or an infinite number where the evaluation
                failed. With several objectives a dictionary of numbers, `{"ppl": 21.3, "ms": 8.1}`, in which all are
                there; where one of them is NaN or None the whole evaluation has failed.
            replace: whether values that were told before are wrong.

        Raises:
            InputError: an architecture was not asked for, or has been told with another value; nothing is recorded.
        """
        self._tell(archs, values, replace)

    def take(self, arch: Architecture, outcome: Outcome) -> None:
        """Take the outcome of an evaluation that `run` has begun; one that failed is named in a message.

        What somebody else has told of it meanwhile stands.
        """
        with self._changing() as story:
            before = story.latest(evaluations.find(self.catalog, arch))
        if before is not None and (outcome.stopped == NOBODY or not math.isnan(before)):
            if not same(before, outcome.value):
                ends = outcome.failed or outcome.stopped or f"it returned {told.text(outcome.value)}"
                name = f"{shown(arch.name)} (index {arch})"
                log.warning("%s was told as %s while it was trained, which stands: %s", name, told.text(before), ends)
            return
        if outcome.failed:
            log.warning("%s (index %d): the evaluation failed: %s", shown(arch.name), arch, outcome.failed)
        said = {"seconds": round(outcome.seconds, 3), "worker": outcome.worker}
        said |= {"failed": outcome.failed, "stopped": outcome.stopped}
        self._tell(arch, outcome.value, False, {key: value for key, value in said.items() if value})

    def hear(self, arch: Architecture, epoch: int, value: float, stopping: "Halving | None") -> str:
        """Take what a training of `run` has reached after so many epochs; why it is stopped, empty where it goes on."""
        with self._changing() as story:
            number = evaluations.find(self.catalog, arch)
            if number not in story.open:
                return NOBODY  # it has outlived its lease
            self._record.report(number, epoch, value)
            every, own = [trial.reports for trial in story.trials.values()], story.trials[number].reports
            return stopping.stops(own, every, epoch, self.setting.maximise) if stopping else ""

    def _tell(self, archs: Any, values: Any, replace: bool, more: Mapping[str, Any] = MappingProxyType({})) -> None:
        """See `tell`; with more that the journal notes."""
        replace = arguments.flag("replace", replace)
        with self._changing() as story:
            given = evaluations.paired(self.catalog, archs, values, told=self._told)
            for arch, value in given.items():
                if arch not in story.trials:
                    known = "; `add` takes what is known from elsewhere"
                    raise InputError(f"tell: {self._said(arch)} was not asked for{known}")
                if not replace:
                    self._check_same(story, "tell", arch, value)
            fresh = {arch: value for arch, value in given.items() if not _is_known(story, arch, value, replace)}
            for failed, own in evaluations.by_reason(fresh).items():
                said = {"failed": failed} if failed else {}
                corrects = replace and any(story.latest(arch) is not None for arch in own)
                self._record.tell(own, corrects, said | dict(more))

    def add(self, archs: Any, values: Any = evaluations.BY_KEY) -> None:
        """Add evaluations that are known from elsewhere; they are learnt from, never asked for, and not paid for.

        Args:
            archs: by index or name, as `tell` takes them.
            values: the same.

        Raises:
            InputError: one of them is open, or was told with another value; nothing is recorded.
        """
        with self._changing() as story:
            known = evaluations.paired(self.catalog, archs, values, "add", new=True, told=self._told)
            for arch, value in known.items():
                if arch in story.open:
                    raise InputError(f"add: {self._said(arch)} is open: tell it")
                self._check_same(story, "add", arch, value, late=False)
            fresh = {arch: value for arch, value in known.items() if arch not in story.trials}
            if fresh:
                self._record.add(fresh)

    def _check_same(self, story: Story, what: str, arch: int, value: float, late: bool = True) -> None:
        """A value that was told stands; that of a failed evaluation may come late."""
        before = story.latest(arch)
        if before is None:
            return
        if not same(before, value) and not (late and math.isnan(before)):
            right = "; replace=True corrects it" if what == "tell" else ""
            raise InputError(f"{what}: {self._said(arch)} was told as {before}, not {value}{right}")


def _is_known(story: Story, arch: int, value: float, replace: bool) -> bool:
    """Whether an evaluation was told, with the same value; that of a stopped one is replaced by an equal final one."""
    before = story.latest(arch)
    return before is not None and same(before, value) and not (replace and story.trials[arch].stopped)
