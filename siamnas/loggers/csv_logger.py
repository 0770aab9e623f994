"""`logger=csv`: the training curves beside the curves that are always written."""

from siamnas.experiment.configuration import Job
from siamnas.jobs import summary
from siamnas.jobs.store import Result
from siamnas.loggers.base import Logger

TRAINING = "training.csv"


class CsvLogger(Logger):
    """Writes `training.csv` (one row per epoch, means over the repeats) into the folder of the result."""

    def log(self, job: Job, result: Result) -> None:
        """Write the file; a predictor that does not train has none."""
        if rows := summary.training_rows(result):
            summary.write_csv(job.folder / TRAINING, rows)
