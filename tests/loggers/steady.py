"""A predictor whose training takes its time, for the tests of what is shown meanwhile."""

import os

import numpy as np

from siamnas.graphs.arrays import FloatArray
from siamnas.predictors.random import Random
from siamnas.training.training_set import TrainingSet

EPOCHS = 10


class Steady(Random):
    """Random, with a loss that falls from epoch to epoch; at epoch STOP_AT of repeat 1 something goes wrong."""

    learns = True

    def fit(self, training_set: TrainingSet, labels: FloatArray) -> None:
        super().fit(training_set, labels)
        self.curves = {"loss": []}
        for epoch in range(EPOCHS):
            if 1 in self.seeds and str(epoch) == os.environ.get("STOP_AT"):
                raise {"failed": RuntimeError, "killed": KeyboardInterrupt}[os.environ["STOP_BY"]]("on purpose")
            self.curves["loss"].append(np.full(len(self.seeds), 1.0 / (epoch + 1)))
            self.stage.report((epoch + 1) / EPOCHS)
