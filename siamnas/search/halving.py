"""Successive halving: hopeless trainings are stopped early, by what they have reported beside all others."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from siamnas.errors import InputError
from siamnas.runtime import arguments

if TYPE_CHECKING:
    from siamnas.search.story import Story

Reports = Mapping[int, float]
"""Epoch -> intermediate value."""


@dataclass(frozen=True)
class Halving:
    """Asynchronous successive halving, in its form that stops trainings (ASHA; Li et al. 2020, MLSys, section 3).

    At the epochs `first`, `first * eta`, `first * eta^2` and so on, the rungs, a training goes on if its value is among
    the best 1 / eta of all values that were reported there so far, and is stopped otherwise. It waits for nobody: the
    first `eta - 1` of a rung go on.

    Args:
        epochs: of a whole training; at the last one nobody is stopped.
        first: epoch of the first rung.
        eta: one of so many goes on.

    Raises:
        InputError: an argument is not allowed.
    """

    epochs: int
    first: int = 1
    eta: int = 3

    def __post_init__(self) -> None:
        for name, least in (("epochs", 2), ("first", 1), ("eta", 2)):
            object.__setattr__(self, name, arguments.whole(name, getattr(self, name), least))
        if self.first >= self.epochs:
            raise InputError(f"first={self.first}: must be below epochs={self.epochs}")

    @property
    def rungs(self) -> Iterator[int]:
        """The epochs at which it is decided."""
        rung = self.first
        while rung < self.epochs:
            yield rung
            rung *= self.eta

    def stops(self, own: Reports, every: Collection[Reports], epoch: int, maximise: bool) -> str:
        """Why a training is stopped that has just reported, such as `epoch 3 of 27`; empty where it goes on.

        Args:
            own: what it has reported, this included.
            every: what all trainings have reported, its own included.
            epoch: of its newest report.
            maximise: whether larger values are better.
        """
        reached = [rung for rung in self.rungs if rung <= epoch < self.epochs and _first(own, rung) == epoch]
        for rung in reached:
            there = [_worth(reports[at], maximise) for reports in every if (at := _first(reports, rung)) is not None]
            kept = len(there) // self.eta
            if kept and _worth(own[epoch], maximise) < sorted(there, reverse=True)[kept - 1]:
                return f"epoch {epoch} of {self.epochs}"
        return ""


def learnt(story: "Story") -> dict[int, float]:
    """Architecture -> value that a predictor learns from, in the order in which the values came.

    A training that was stopped is believed to gain, from its last epoch on, what those that went on have gained (the
    median): below what they reach, as it was below them when it was stopped.
    """
    stopped = [arch for arch, trial in story.trials.items() if trial.stopped]
    gains = {epoch: _gain(story, epoch) for epoch in {story.trials[arch].last for arch in stopped}}
    return story.values | {arch: story.values[arch] + gains[story.trials[arch].last] for arch in stopped}


def finished(story: "Story") -> dict[int, float]:
    """Architecture -> value, NaN where the training failed or was stopped, in the order in which the values came."""
    return {arch: math.nan if story.trials[arch].stopped else value for arch, value in story.values.items()}


def _gain(story: "Story", epoch: int) -> float:
    """The median of what the trainings that went on have gained since an epoch; 0 where there is none."""
    done = ((arch, value) for arch, value in finished(story).items() if not math.isnan(value))
    gains = [value - before for arch, value in done if (before := story.trials[arch].reports.get(epoch)) is not None]
    gains = [gain for gain in gains if not math.isnan(gain)]
    return float(np.median(gains)) if gains else 0.0


def _first(reports: Reports, rung: int) -> int | None:
    """The first epoch from a rung on at which a training has reported."""
    return min((epoch for epoch in reports if epoch >= rung), default=None)


def _worth(value: float, maximise: bool) -> float:
    """A value of which more is better; that of NaN is the least."""
    return -math.inf if math.isnan(value) else value if maximise else -value
