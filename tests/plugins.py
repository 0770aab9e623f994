"""Predictors that misbehave, for the tests of the main job."""

import os
import signal
import time
from pathlib import Path

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.random import Random
from siamnas.training.training_set import TrainingSet


class Noted(Random):
    """Random, with a training curve and an N to learn from."""

    learns = True

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        super().fit(training_set, labels)
        self.curves = {"loss": [np.full(len(self.seeds), 1.0 / (epoch + 1)) for epoch in range(5)]}


class Dying(Noted):
    """Kills its process when the repeat DIE_AT is trained."""

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        if int(os.environ.get("DIE_AT", -1)) in self.seeds:
            os.kill(os.getpid(), signal.SIGKILL)
        super().fit(training_set, labels)


class Failing(Noted):
    """Raises at N = FAIL_AT."""

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        if self.stage.total == int(os.environ.get("FAIL_AT", -1)):
            raise RuntimeError("a deliberate failure")
        super().fit(training_set, labels)


class Waiting(Noted):
    """Says that it is fitting with a file in the current folder, and at N = 20 waits there for the file `go`."""

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        Path("fitting").touch()
        deadline = time.monotonic() + 300
        while self.waits() and not Path("go").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
            self.stage.report(0.1)
        super().fit(training_set, labels)

    def waits(self) -> bool:
        return self.stage.total == 20


class Halfway(Waiting):
    """Waits in the chunk of the second repeat, and only there."""

    def waits(self) -> bool:
        return super().waits() and 1 in self.seeds


class Greedy(Noted):
    """Takes more than a gigabyte of memory at N = 20, and waits for what comes of it."""

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        if self.stage.total == 20 and not Path("go").exists():
            hoard = np.ones(180_000_000)
            time.sleep(60)
            del hoard
        super().fit(training_set, labels)


class Hungry(Noted):
    """Needs more memory than there is at N = FAIL_AT: its worker is killed by the system, if SIGKILL is set."""

    parallel = True

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        if self.stage.total == int(os.environ.get("FAIL_AT", -1)):
            if "SIGKILL" in os.environ:
                os.kill(os.getpid(), signal.SIGKILL)
            raise MemoryError
        super().fit(training_set, labels)
