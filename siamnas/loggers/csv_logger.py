"""`logger=csv`: the training curves, beside `curves.csv`, which every job writes."""

from siamnas.experiment.configuration import Job
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger

TRAINING = "training.csv"


class CsvLogger(Logger):
    """Writes `training.csv`, one row per epoch with means over the repeats, to the folder of the result."""

    def log(self, job: Job, result: Result) -> None:
        """Write the file, unless the predictor has no training curves."""
        if rows := summary.training_rows(result):
            summary.write_csv(job.folder / TRAINING, rows)
