"""What happens in a worker: one architecture is evaluated, says how it gets on, and may be stopped."""

import functools
import inspect
import math
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from siamnas.errors import InputError, literal, reason
from siamnas.runtime import arguments
from siamnas.search import evaluations
from siamnas.search.architecture import Architecture, Facts
from siamnas.search.drawing import draw_apart
from siamnas.search.told import Missing

Train = Callable[..., Any]
"""(architecture) -> its value; or (architecture, report), see `Report`."""

Say = Callable[[int, float], str]
"""(epoch, intermediate value) -> why the evaluation is stopped; empty where it goes on."""

Times = Callable[[Architecture], int]
"""How often an architecture was evaluated before."""

Hear = Callable[[Architecture, int, float], str]
"""The same, of an architecture: the ear of the search."""

LATE = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
"""What says of a function that it returns nothing at once."""

NOBODY = "a training that nobody waits for"
"""Why one is stopped whose search has ended, or that has outlived its lease."""


@dataclass(frozen=True)
class Outcome:
    """What has become of an evaluation.

    Attributes:
        value: NaN where it failed; the last that was reported where it was stopped.
        seconds: that it took.
        worker: who did it.
        failed: why it failed; empty where it did not, or nothing is known but that.
        stopped: where it was stopped; empty where it was not.
    """

    value: float
    seconds: float
    worker: str
    failed: str = ""
    stopped: str = ""


class Stopped(BaseException):
    """Ends a training that is hopeless. No `Exception`: what a training catches must not keep it going."""


class Report:
    """What a training calls after some of its epochs: `report(epoch, value)`.

    Args:
        say: who hears it.

    Attributes:
        value: the last one.
        stopped: see `Outcome`.

    Raises:
        Stopped: when it is called and there is no hope.
        InputError: epochs do not grow, or the value is no number.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._epoch = 0
        self.value = math.nan
        self.stopped = ""

    def __call__(self, epoch: int, value: Any) -> None:
        """Say what is reached after so many epochs, from 1 on."""
        self._epoch = arguments.whole("report: epoch", epoch, self._epoch + 1)
        self.value = evaluations.value(value, f"report: epoch {self._epoch}")
        self.stopped = self._say(self._epoch, self.value)
        if self.stopped:
            raise Stopped(self.stopped)


def reports(train: Train) -> bool:
    """Whether a function has an argument `report`."""
    try:
        return "report" in inspect.signature(train).parameters
    except (TypeError, ValueError):  # some of C have no signature
        return False


def evaluate(train: Train, arch: Architecture, say: Say, times: int = 0) -> Outcome:
    """Evaluate an architecture that was evaluated so many times; whatever goes wrong is said in the outcome."""
    began = time.monotonic()
    worker = f"{platform.node()}:{os.getpid()}"
    report = Report(say)

    def outcome(value: float, **why: str) -> Outcome:
        return Outcome(value, time.monotonic() - began, worker, **why)

    try:
        draw_apart(arch.name, times)
        value = evaluations.value(train(arch, report=report) if reports(train) else train(arch), "it returned")
    except Stopped:
        if math.isnan(report.value):
            return outcome(math.nan, failed=f"it reported no finite number, and was stopped at {report.stopped}")
        return outcome(report.value, stopped=report.stopped)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and _may_be_interrupted():
            raise
        name, said = type(error).__name__, reason(error)
        return outcome(math.nan, failed=name if said == name else f"{name}: {said}")
    why = value.why if isinstance(value, Missing) else "no finite number"
    return outcome(value, failed=f"it returned {why}" if math.isnan(value) else "")


def _may_be_interrupted() -> bool:
    """Whether Ctrl-C may have ended a training here, so that it has not raised `KeyboardInterrupt` of its own."""
    return threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGINT))


class Named:
    """A training that returns several numbers by name, which are checked in its worker.

    Args:
        train: see `Train`.
        told: the names.
    """

    def __init__(self, train: Train, told: Sequence[str]) -> None:
        functools.update_wrapper(self, train)
        self._train, self._told = train, tuple(told)

    def __call__(self, arch: Architecture, **more: Any) -> float:
        """See `Train`."""
        return evaluations.value(self._train(arch, **more), "it returned", self._told)


def check(train: Any) -> None:
    """`train` must be a function of an architecture, before any evaluation is paid for.

    Raises:
        InputError: it is none, takes other arguments, or returns something that is no value before it is awaited.
    """
    wanted = f"train={literal(train)}: must be a function of an architecture that returns its value"
    if not callable(train):
        raise InputError(wanted)
    if any(is_late(one) for one in (train, type(train).__call__) for is_late in LATE):
        raise InputError(f"{wanted}; this one returns a coroutine or a generator: call asyncio.run within a function")
    try:
        inspect.signature(train).bind(Architecture(0, Facts("")), **({"report": None} if reports(train) else {}))
    except TypeError as error:
        raise InputError(f"{wanted} ({error})") from None
    except ValueError:  # it has no signature
        pass
