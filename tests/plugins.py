"""Predictors that misbehave, for the tests of the main job."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from siamnas.oracle.table import Oracle
from siamnas.predictors.base import FitLog
from siamnas.predictors.random import Random


class Noted(Random):
    """Random, with a training curve."""

    def fit(self, oracle: Oracle, n: int, report: Callable[[float], None]) -> FitLog:
        super().fit(oracle, n, report)
        repeats = len(self.identities)
        return FitLog({"loss": [[1.0 / (epoch + 1)] * repeats for epoch in range(5)]})


class Dying(Noted):
    """Kills its process when the repeat DIE_AT is trained."""

    def fit(self, oracle: Oracle, n: int, report: Callable[[float], None]) -> FitLog:
        if int(os.environ.get("DIE_AT", -1)) in self.identities:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(oracle, n, report)


class Failing(Noted):
    """Raises at N = FAIL_AT."""

    def fit(self, oracle: Oracle, n: int, report: Callable[[float], None]) -> FitLog:
        if n == int(os.environ.get("FAIL_AT", -1)):
            raise RuntimeError("a deliberate failure")
        return super().fit(oracle, n, report)


class Waiting(Noted):
    """Says that it is fitting with a file in the current folder, and at N = 20 waits there for the file `go`."""

    def fit(self, oracle: Oracle, n: int, report: Callable[[float], None]) -> FitLog:
        Path("fitting").touch()
        deadline = time.monotonic() + 60
        while n == 20 and not Path("go").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
            report(0.1)
        return super().fit(oracle, n, report)
