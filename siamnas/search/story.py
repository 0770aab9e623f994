"""What has happened in a search of one's own, as its journal tells it."""

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from siamnas.benchmarks.objectives import objectives
from siamnas.errors import shown
from siamnas.search.journal_lines import Entry
from siamnas.search.told import Told

LATEST = 253_402_300_800  # seconds from 1970 to the year 10000, the first that no calendar of Python has
CHANGES = ("budget", "predictor", "overrides")  # what a search may change of its first line
Read = Callable[[Any], Any]
"""What names an architecture in a journal -> what names it in memory.

Raises:
    ValueError: it names none.
"""


@dataclass
class Trial:
    """An architecture that was asked for, or added.

    Attributes:
        paid: whether it counts against the budget: it was asked for.
        why: it was chosen.
        by: the token of the process that has it, see `siamnas.search.journal`; empty where unknown.
        asked: time, in seconds since 1970; None where unknown.
        told: the same, of the last value.
        seconds: that the evaluation took, where the worker has said it.
        worker: who evaluated it, where that was said.
        failed: why its evaluation failed, where that was said.
        stopped: where its evaluation was stopped before its end, such as `epoch 3 of 27`; empty where it was not.
        reports: epoch -> intermediate value.
        former: values that were replaced, the oldest first.
        values: of its evaluations, the oldest first; several where it was asked for again after it had been told.
    """

    paid: bool
    why: str = ""
    by: str = ""
    asked: float | None = None
    told: float | None = None
    seconds: float | None = None
    worker: str = ""
    failed: str = ""
    stopped: str = ""
    reports: dict[int, float] = field(default_factory=dict)
    former: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @property
    def value(self) -> float:
        """The mean over its evaluations, without those that failed; NaN where all have."""
        known = [value for value in self.values if not math.isnan(value)]
        return mean(known) if len(known) > 1 else (known or self.values)[-1]

    @property
    def last(self) -> int:
        """The last epoch that was reported; 0 before the first."""
        return max(self.reports, default=0)


class Story:
    """All that the lines of a journal say, taken one after the other.

    Args:
        read: see `Read`.

    Attributes:
        header: the first line, as later lines have changed it.
        trials: architecture -> what is known of its evaluation, in the order in which they were asked for or added.
        values: architecture -> value, NaN where the evaluation failed, in the order in which they came; the mean of
            several evaluations.
        evaluations: architecture and number of its evaluation, from 0, in the order in which the values came.
        open: those asked for but not told, in the order of the asks, as the keys of a dict.
        chosen: what a strategy is told of, in this order; may be chosen and not asked for yet.
        codes: architecture -> Estimation Code that was computed.
        paid: number of evaluations that were asked for.
        added: number of architectures that are known from elsewhere, and were not asked for.
        revision: grows when anything changes that a strategy has been told before.
        lines: that were taken.
        named: all architectures that they name, as the keys of a dict.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self.header: Entry = {}
        self.trials: dict[Any, Trial] = {}
        self.values: dict[Any, float] = {}
        self.evaluations: list[tuple[Any, int]] = []
        self.open: dict[Any, None] = {}
        self.chosen: list[Any] = []
        self.codes: dict[Any, list[float]] = {}
        self.paid = self.added = 0
        self.revision = 0
        self.lines = 0
        self.named: dict[Any, None] = {}
        self._waiting: set[Hashable] = set()  # chosen, not asked for
        self._told: tuple[str, ...] = ()  # the names of several numbers that are told

    def take(self, entry: Entry) -> None:
        """Take the next line.

        Raises:
            ValueError, TypeError, KeyError, OverflowError: it makes no sense here.
        """
        if self.lines:
            known = [kind for kind in TAKES if kind in entry]
            if len(known) != 1:
                raise ValueError(f"unknown entry {', '.join(map(shown, entry))}")
            TAKES[known[0]](self, entry)
        else:
            self.header = dict(entry)
            several = objectives(entry.get("objectives") or {}, entry.get("constraints") or [])
            self._told = several.told if several else ()
        self.lines += 1

    def _archs(self, archs: Any, kind: str) -> list[Any]:
        """The architectures of a line, all different."""
        if not isinstance(archs, list):
            raise ValueError(f"{kind} must be a list of different architectures")
        read = [self._read(arch) for arch in archs]
        if len(set(read)) < len(read):
            raise ValueError(f"{kind} must be a list of different architectures")
        self.named |= dict.fromkeys(read)
        return read

    def _batch(self, entry: Entry) -> None:
        archs = self._archs(entry["batch"], "batch")
        self.chosen += archs
        self._waiting |= {arch for arch in archs if arch not in self.trials}

    def _ask(self, entry: Entry) -> None:
        archs = self._archs(entry["ask"], "ask")
        again, by, at = entry.get("again") is True, str(entry.get("by", "")), _number(entry.get("at"))
        repeat = entry.get("repeat") is True
        if not all(self._may_ask(arch, again, repeat) for arch in archs):
            raise ValueError("asks for architectures that were asked for before")
        for arch, why in _pairs(archs, entry.get("why", [""] * len(archs))):
            if again or repeat:
                self.trials[arch].by = by
                self.trials[arch].reports.clear()
                self.trials[arch].asked = at if repeat else self.trials[arch].asked
                self.paid += repeat
                self.open[arch] = None
            else:
                self._ask_first(arch, Trial(True, str(why), by, at))

    def _may_ask(self, arch: Any, again: bool, repeat: bool) -> bool:
        """Whether an architecture can be handed out again, be evaluated once more, or be evaluated at all."""
        if again or repeat:
            return (arch in self.open) if again else arch in self.values and arch not in self.open
        return arch not in self.trials or not self.trials[arch].paid

    def _ask_first(self, arch: Any, trial: Trial) -> None:
        if arch not in self._waiting and arch not in self.trials:
            self.chosen.append(arch)
        self._waiting.discard(arch)
        if arch in self.trials:  # it was added
            trial.values = self.trials[arch].values
            self.added -= 1
        self.trials[arch] = trial
        self.paid += 1
        if arch not in self.values:
            self.open[arch] = None

    def _tell(self, entry: Entry) -> None:
        archs, values = self._archs(entry["tell"], "tell"), list(map(self._value, entry["values"]))
        if not all(arch in self.trials for arch in archs):
            raise ValueError("tells of architectures that were not asked for")
        for arch, value in _pairs(archs, values):
            before = self.latest(arch)
            if before is not None and not same(before, value):
                if not (math.isnan(before) or entry.get("replace") is True):
                    raise ValueError("tells another value of an architecture that was told before")
                self.trials[arch].former.append(before)
                self.revision += 1
            self._take_value(arch, value, entry)

    def counts(self, arch: Any, number: int) -> bool:
        """Whether the evaluation of this number says something: the first one where all failed, or one that did not."""
        value = self.trials[arch].values[number]
        return not math.isnan(value) or (number == 0 and math.isnan(self.values[arch]))

    def latest(self, arch: Any) -> float | None:
        """The value of the last evaluation of an architecture, which may be corrected; None while it is open."""
        return None if arch in self.open or arch not in self.values else self.trials[arch].values[-1]

    def _report(self, entry: Entry) -> None:
        archs, values = self._archs(entry["report"], "report"), list(map(_value, entry["values"]))
        epoch = entry["epoch"]
        if type(epoch) is not int or epoch < 1 or not all(arch in self.open for arch in archs):
            raise ValueError("reports of what is not being evaluated")
        for arch, value in _pairs(archs, values):
            self.trials[arch].reports[epoch] = value

    def _add(self, entry: Entry) -> None:
        archs, values = self._archs(entry["add"], "add"), list(map(self._value, entry["values"]))
        if any(arch in self.trials for arch in archs):
            raise ValueError("adds architectures that are known")
        for arch, value in _pairs(archs, values):
            self.trials[arch] = Trial(False, "added")
            self.added += 1
            if arch not in self._waiting:
                self.chosen.append(arch)
            self._waiting.discard(arch)
            self._take_value(arch, value, entry)
        self.revision += 1

    def _value(self, given: Any) -> float:
        """What was told; several numbers by name, where these are told."""
        if given is None or not self._told:
            return _value(given)
        if not isinstance(given, dict) or given.keys() != set(self._told):
            raise ValueError(f"{shown(str(given))} is no value of {', '.join(self._told)}")
        told = {name: _value(given[name]) for name in self._told}
        if not all(map(math.isfinite, told.values())):
            raise ValueError(f"{shown(str(given))} is no value")
        return Told(told)

    def _take_value(self, arch: Any, value: float, entry: Entry) -> None:
        trial = self.trials[arch]
        if self.latest(arch) is None:
            self.evaluations.append((arch, len(trial.values)))
            trial.values.append(value)
        else:
            trial.values[-1] = value
        self.values[arch] = trial.value
        self.open.pop(arch, None)
        trial.told = _number(entry.get("at"))
        trial.seconds = _number(entry.get("seconds"))
        said = (str(entry.get(key, "")) for key in ("worker", "failed", "stopped"))
        trial.worker, trial.failed, trial.stopped = said

    def _code(self, entry: Entry) -> None:
        archs = self._archs(entry["code"], "code")
        rows = [[math.nan if number is None else float(number) for number in row] for row in entry["codes"]]
        self.codes |= dict(_pairs(archs, rows))

    def _set(self, entry: Entry) -> None:
        if not isinstance(entry["set"], dict) or not entry["set"].keys() <= set(CHANGES):
            raise ValueError(f"set must be an object of {', '.join(CHANGES)}")
        self.header |= entry["set"]
        self.revision += 1


TAKES: dict[str, Callable[[Story, Entry], None]] = {
    "batch": Story._batch,
    "ask": Story._ask,
    "report": Story._report,
    "tell": Story._tell,
    "add": Story._add,
    "code": Story._code,
    "set": Story._set,
}
"""Key of a line -> what is done with it."""


def mean(values: list[float]) -> float:
    """The mean of finite numbers, whose sum may be beyond all floats."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return math.fsum(value / len(values) for value in values)


def same(one: float, other: float) -> bool:
    """Whether two values are equal; a failed evaluation is equal to another."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _pairs(archs: list[Any], values: Any) -> Iterable[tuple[Any, Any]]:
    """Architectures, and what a line says of each."""
    if not isinstance(values, list) or len(values) != len(archs):
        raise ValueError(f"has not one value for each of its {len(archs)} architectures")
    return zip(archs, values, strict=True)


def _value(given: Any) -> float:
    """A value as it stands in a journal, where JSON has no NaN."""
    if given is None:
        return math.nan
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise ValueError(f"{shown(str(given))} is no value")
    return float(given)


def _number(given: Any) -> float | None:
    """A time or duration in seconds; None where there is none."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    if not 0 <= given < LATEST:
        raise ValueError(f"{shown(str(given))} is no time")
    return float(given)
